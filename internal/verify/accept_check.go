// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package verify

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// Check finds what is wrong with an acceptance. Each problem is a sentence that
// names the attribute, its value and the fix.
func (a Acceptance) Check() []string {
	var problems []string
	report := func(format string, args ...any) {
		problems = append(problems, a.name()+": "+fmt.Sprintf(format, args...))
	}
	id, known := ParseID(string(a.Finding))
	switch {
	case !known:
		report("finding %q is no kind of finding: %s", a.Finding, near(string(a.Finding)))
	case !id.acceptable():
		report("finding %s (%s) cannot be accepted: it says that something is not known, or is about acceptances themselves, and opens nothing", id, id.Entry().Slug)
	}
	if strings.TrimSpace(a.Reason) == "" {
		report("reason is empty: say why this is acceptable, for whoever reads the configuration later")
	}
	if bad := strings.Trim(a.LoadBalancer, namePattern); bad != "" {
		report("the load balancer name pattern %q has characters that no name has: write letters, digits, hyphens, * for any characters and ? for one", a.LoadBalancer)
	}
	if known && !id.aboutTraffic() && (a.CIDR.IsValid() || a.PrefixList != "" || a.Protocol != "" || a.Ports) {
		report("%s (%s) is not about single packets: remove cidr, prefix_list_id, protocol, from_port and to_port, it is accepted as a whole", id, id.Entry().Slug)
	}
	problems = append(problems, a.checkTraffic()...)
	return append(problems, a.checkPeers()...)
}

const namePattern = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-*?"

func (a Acceptance) checkTraffic() []string {
	problem := func(format string, args ...any) []string {
		return []string{a.name() + ": " + fmt.Sprintf(format, args...)}
	}
	switch {
	case a.Ports && a.Protocol == "":
		return problem("from_port %d and to_port %d need a protocol: set protocol to tcp, udp, icmp or icmpv6", a.FromPort, a.ToPort)
	case a.Ports && !a.hasPorts() && a.protocolKnown():
		return problem("from_port %d and to_port %d do not go with protocol %q, which has no ports: remove them, or set protocol to tcp or udp", a.FromPort, a.ToPort, a.Protocol)
	case a.Ports && !a.isICMP() && a.FromPort > a.ToPort:
		return problem("from_port %d is above to_port %d: write the lower one first", a.FromPort, a.ToPort)
	}
	if _, err := a.traffic(); err != nil {
		if a.isICMP() {
			return problem("%s; of icmp, from_port is the type and to_port the code", err)
		}
		return problem("%s", err)
	}
	return nil
}

func (a Acceptance) protocolKnown() bool {
	a.Ports = false
	_, err := a.traffic()
	return err == nil
}

func (a Acceptance) checkPeers() []string {
	var problems, set []string
	report := func(attribute, problem string) {
		problems = append(problems, fmt.Sprintf("%s: %s %s", a.name(), attribute, problem))
	}
	if a.CIDR != (netip.Prefix{}) {
		set = append(set, "cidr")
		switch {
		case !a.CIDR.IsValid():
			report("cidr", "is no network: write it like 10.0.0.0/16")
		case a.CIDR != a.CIDR.Masked():
			report("cidr", fmt.Sprintf("%s has host bits: write %s", a.CIDR, a.CIDR.Masked()))
		}
	}
	if a.SecurityGroup != "" {
		set = append(set, "security_group_id")
		if err := wiring.CheckGroupPeer(a.SecurityGroup); err != nil {
			report("security_group_id", err.Error())
		}
	}
	if a.PrefixList != "" {
		set = append(set, "prefix_list_id")
		if err := wiring.CheckPrefixListID(a.PrefixList); err != nil {
			report("prefix_list_id", err.Error())
		}
	}
	if len(set) > 1 {
		report(strings.Join(set, ", "), "are set together: an acceptance is about one of them, write one acceptance for each")
	}
	return problems
}

// acceptable: what is not known cannot be accepted, nor what is said about
// acceptances.
func (id ID) acceptable() bool {
	return !id.undecided() && !strings.HasPrefix(string(id), "CLB9")
}

// aboutTraffic tells whether findings of this kind are about packets, so that a
// part of them can be accepted.
func (id ID) aboutTraffic() bool {
	return id.refuted() || id.broader()
}

// foundElsewhere tells whether findings of this kind come from elsewhere than
// the questions of this package.
func (id ID) foundElsewhere() bool {
	return slices.Contains([]ID{QuotaNear, SecondOwner, NumberTaken, LoadBalancerDiffers, VPCCIDRMissing}, id)
}

// near says which kinds of findings the user may have meant.
func near(text string) string {
	text = strings.ToLower(strings.TrimSpace(text))
	var meant []string
	for _, entry := range Catalogue() {
		id := strings.ToLower(string(entry.ID))
		if !entry.ID.acceptable() {
			continue
		}
		if distance(text, id) <= 1 || distance(text, entry.Slug) <= 3 ||
			len(text) > 3 && (strings.Contains(entry.Slug, text) || strings.Contains(strings.ToLower(entry.Title), text)) {
			meant = append(meant, fmt.Sprintf("%s (%s)", entry.ID, entry.Slug))
		}
	}
	const few = 6
	if len(meant) == 0 || len(meant) > few {
		return "write an id such as CLB201 or its name such as load-balancer-group-ingress, as the finding itself shows it"
	}
	return "did you mean " + strings.Join(meant, ", ") + "?"
}

// distance is how many characters must be changed, added or removed.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(diagonal+cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
