// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package verify

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/terraform-clb/terraform-provider-clb/internal/packet"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// expiresSoon is how many days before the end of an acceptance its user is told.
const expiresSoon = 14

// acceptances are what the user has decided to live with, on one day, and which
// of it has turned out to be needed by one question.
type acceptances struct {
	today time.Time
	all   []*accepted
}

type accepted struct {
	Acceptance
	region packet.Region
	// used: it has narrowed something, or would have if it had not expired.
	used bool
}

// newAcceptances leaves out what Check refuses: it accepts nothing.
func newAcceptances(o Options) *acceptances {
	a := &acceptances{today: o.Today}
	for _, acceptance := range o.Accept {
		if len(acceptance.Check()) > 0 {
			continue
		}
		acceptance.Finding, _ = ParseID(string(acceptance.Finding))
		a.all = append(a.all, &accepted{Acceptance: acceptance, region: acceptance.region()})
	}
	return a
}

// region is the traffic that an acceptance is about.
func (a Acceptance) region() packet.Region {
	traffic, err := a.traffic()
	if err != nil {
		return nil
	}
	box := packet.Box{Traffic: traffic, Addresses: packet.Anywhere()}
	switch {
	case a.CIDR.IsValid():
		box.Addresses = packet.CIDR(a.CIDR)
	case a.SecurityGroup != "":
		box.MemberOf = []string{wiring.GroupID(a.SecurityGroup)}
	case a.PrefixList != "":
		box.MemberOf = []string{a.PrefixList}
	}
	return packet.Region{box}
}

func (a Acceptance) traffic() (packet.Traffic, error) {
	from, to := a.FromPort, a.ToPort
	if !a.Ports {
		from, to = 0, 65535
		if a.isICMP() {
			from, to = -1, -1
		}
	}
	if a.Protocol == "" {
		return packet.AllTraffic(), nil
	}
	return packet.ParseTraffic(a.Protocol, from, to)
}

func (a Acceptance) isICMP() bool {
	return slices.Contains([]string{"icmp", "icmpv6", "1", "58"}, a.Protocol)
}

// hasPorts tells whether the protocol has ports, or types and codes.
func (a Acceptance) hasPorts() bool {
	return a.isICMP() || slices.Contains([]string{"tcp", "udp", "6", "17"}, a.Protocol)
}

// region is what is accepted of a kind of finding for a load balancer, given by
// its label. What has expired is left out.
func (a *acceptances) region(id ID, lb string) packet.Region {
	var region packet.Region
	for _, one := range a.all {
		if one.about(id, lb) && !one.expired(a.today) {
			region = append(region, one.region...)
		}
	}
	return region
}

// used notes that acceptances of this kind have narrowed, or would have if they
// had not expired, what was found.
func (a *acceptances) used(id ID, lb string, found packet.Region) {
	for _, one := range a.all {
		if one.about(id, lb) && overlap(found, one.region) {
			one.used = true
		}
	}
}

// narrow is what is left of what was found about load balancers that share a
// resource. What is accepted for one of them alone stays: it is open for the
// others as well.
func (a *acceptances) narrow(id ID, lbs []string, found packet.Region) packet.Region {
	if len(lbs) == 0 {
		lbs = []string{""}
	}
	if len(found) == 0 || len(a.all) == 0 {
		return found
	}
	var left packet.Region
	for _, lb := range lbs {
		left = append(left, found.Without(a.region(id, lb))...)
		a.used(id, lb, found)
	}
	return left.Without(nil)
}

// keep leaves out the findings that are accepted as they are. They are those
// that are not about traffic; of the others nothing but what is not accepted has
// become a finding.
func (a *acceptances) keep(findings []Finding, lbs []string) []Finding {
	return slices.DeleteFunc(slices.Clone(findings), func(f Finding) bool {
		return !f.ID.aboutTraffic() && a.accepts(f, lbs)
	})
}

func (a *acceptances) accepts(f Finding, lbs []string) bool {
	if len(lbs) == 0 {
		lbs = []string{""}
	}
	all := true
	for _, lb := range lbs {
		forThis := false
		for _, one := range a.all {
			if !one.about(f.ID, lb) || one.SecurityGroup != "" && wiring.GroupID(one.SecurityGroup) != f.About {
				continue
			}
			one.used = true
			forThis = forThis || !one.expired(a.today)
		}
		all = all && forThis
	}
	return all
}

// Unaccepted leaves out the findings that are accepted for load balancers, given
// by their labels. It is for findings that no question has found.
func (o Options) Unaccepted(findings []Finding, lbs ...string) []Finding {
	return newAcceptances(o).keep(findings, lbs)
}

// findings are those about the acceptances themselves, one of each kind. Decided
// tells whether all that the question asked has been decided: only then can it be
// said that nothing uses an acceptance.
func (a *acceptances) findings(decided bool) []Finding {
	var soon, over, unused []string
	for _, one := range a.all {
		what := fmt.Sprintf("%s (%s, %q)", one.name(), one.Finding, one.Reason)
		switch days := one.days(a.today); {
		case one.Shared && !one.used:
		case one.expired(a.today):
			over = append(over, fmt.Sprintf("%s expired on %s.", what, one.Expires.Format(time.DateOnly)))
		case !one.used && decided && !one.Finding.foundElsewhere():
			unused = append(unused, what+" accepts nothing that is found.")
		case !one.Expires.IsZero() && days <= expiresSoon:
			soon = append(soon, fmt.Sprintf("%s expires %s, on %s.", what, inDays(days), one.Expires.Format(time.DateOnly)))
		}
	}
	var findings []Finding
	for _, kind := range []struct {
		id        ID
		sentences []string
		then, fix string
	}{
		{AcceptanceExpiring, soon, " On the day after, what is accepted now is reported again.",
			"Mend what is accepted before that day, or decide anew and set expires to a later day."},
		{AcceptanceExpired, over, " What was accepted is reported again.",
			"Mend what was accepted and remove the acceptance, or decide anew and set expires to a later day."},
		{AcceptanceUnused, unused, " Whoever reads the configuration believes that something is open.",
			"Remove the acceptance. If it was meant for something that is still reported, its scope is too narrow: compare cidr, protocol, from_port and to_port with that finding."},
	} {
		if len(kind.sentences) > 0 {
			findings = append(findings, Finding{
				ID: kind.id, Nature: AcceptanceNotice, Sentence: strings.Join(kind.sentences, " ") + kind.then, Fix: kind.fix,
			})
		}
	}
	return findings
}

// about tells whether an acceptance is about a kind of finding of a load balancer.
func (a Acceptance) about(id ID, lb string) bool {
	return a.Finding == id && (a.LoadBalancer == "" || matchName(a.LoadBalancer, nameOf(lb)))
}

// days is how many days are left; 0 on the last day.
func (a Acceptance) days(today time.Time) int {
	return int(day(a.Expires).Sub(day(today)).Hours() / 24)
}

func (a Acceptance) expired(today time.Time) bool {
	return !a.Expires.IsZero() && a.days(today) < 0
}

func (a Acceptance) name() string {
	if a.Name == "" {
		return "An acceptance"
	}
	return a.Name
}

// day is the calendar day of a time, wherever that is.
func day(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
}

func inDays(days int) string {
	switch days {
	case 0:
		return "today"
	case 1:
		return "tomorrow"
	default:
		return fmt.Sprintf("in %d days", days)
	}
}

// overlap tells whether some packet is in both regions.
func overlap(a, b packet.Region) bool {
	return slices.ContainsFunc(a, func(box packet.Box) bool {
		one := packet.Region{box}
		return len(one.Without(one.Without(b))) > 0
	})
}

// nameOf is the name in the label of a load balancer, see wiring.LoadBalancer.Label.
func nameOf(label string) string {
	quoted, labelled := strings.CutPrefix(label, "load balancer ")
	if !labelled {
		return ""
	}
	name, err := strconv.Unquote(quoted)
	if err != nil {
		return ""
	}
	return name
}

// matchName tells whether a name is of a pattern in which * stands for any
// characters, also none, and ? for exactly one.
func matchName(pattern, name string) bool {
	// Where the last * stands, and what of the name it has not swallowed yet: it
	// alone may have to swallow more.
	star, rest := -1, 0
	p, n := 0, 0
	for n < len(name) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, rest = p, n
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == name[n]):
			p++
			n++
		case star >= 0:
			rest++
			p, n = star+1, rest
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}

func labels(lbs []wiring.LoadBalancer) []string {
	names := make([]string, 0, len(lbs))
	for _, lb := range lbs {
		names = append(names, lb.Label())
	}
	return names
}

// onlyIPv4 is the addresses that a Classic Load Balancer can speak with. Source:
// "Classic Load Balancers in a VPC", Elastic Load Balancing user guide.
func onlyIPv4() packet.Addresses { return packet.CIDR(netip.PrefixFrom(netip.IPv4Unspecified(), 0)) }
