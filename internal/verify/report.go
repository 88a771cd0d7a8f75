// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package verify

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/terraform-clb/terraform-provider-clb/internal/packet"
)

// Report is the answer in Markdown, for a pull request: the verdict, the flows
// with what decides them, the findings by what becomes of them, and notes. It has
// no HTML, and no text of the user's has a meaning in it.
func (p Path) Report(a Answer, e Enforcement) string {
	var r report
	r.line("## %s: %s", markdown(capital(p.LoadBalancer.Label())), a.Verdict())
	r.line("%s", markdown(p.summary(a)))
	r.flows(a.Flows)
	for _, section := range []struct {
		title    string
		severity Severity
	}{{"Errors", Error}, {"Warnings", Warning}, {"For the record", ReportOnly}} {
		findings := slices.DeleteFunc(slices.Clone(a.Findings), func(f Finding) bool {
			return f.Nature.Severity(e, true) != section.severity
		})
		if len(findings) > 0 {
			r.line("### %s", section.title)
		}
		for _, f := range findings {
			r.finding(f)
		}
	}
	if len(a.Accepted) > 0 {
		r.line("### Accepted")
		var items []string
		for _, one := range a.Accepted {
			items = append(items, acceptedWords(one))
		}
		r.list(items)
	}
	if notes := p.notes(a); len(notes) > 0 {
		r.line("### Notes")
		r.list(notes)
	}
	return r.String()
}

func acceptedWords(a Acceptance) string {
	words := fmt.Sprintf("%s (%s)", a.Finding.Entry().Title, a.Finding)
	if !a.Expires.IsZero() {
		words += ", until " + a.Expires.Format(time.DateOnly)
	}
	return words + ": " + a.Reason
}

// summary is the verdict in a sentence or two.
func (p Path) summary(a Answer) string {
	count := map[packet.Verdict]int{}
	needed := 0
	for _, flow := range a.Flows {
		if flow.Flow.Kind != PathMTUDiscovery {
			count[flow.Verdict]++
			needed++
		}
	}
	if needed == 0 {
		return "The load balancer has no listener and no health check, so it needs nothing."
	}
	words := fmt.Sprintf("Of the %s that %s needs, ", counted(needed, "flow"), thisLoadBalancer(p.LoadBalancer.Internal))
	if count[packet.Proved] == needed {
		if needed == 1 {
			return fmt.Sprintf("The one flow that %s needs gets through, with every packet.", thisLoadBalancer(p.LoadBalancer.Internal))
		}
		return words + "all get through, with every packet."
	}
	var parts []string
	for _, v := range []struct {
		verdict   packet.Verdict
		one, many string
	}{
		{packet.Refuted, "1 is refused (at least in part)", "%d are refused (at least in part)"},
		{packet.Undecided, "1 cannot be decided", "%d cannot be decided"},
		{packet.Proved, "1 gets through", "%d get through"},
	} {
		switch n := count[v.verdict]; n {
		case 0:
		case 1:
			parts = append(parts, v.one)
		default:
			parts = append(parts, fmt.Sprintf(v.many, n))
		}
	}
	return words + and(parts) + "."
}

func thisLoadBalancer(internal bool) string {
	if internal {
		return "this internal load balancer"
	}
	return "this internet-facing load balancer"
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// notes are what a reader should know beside the verdicts.
func (p Path) notes(a Answer) []string {
	var notes []string
	if slices.ContainsFunc(p.LoadBalancer.LBPorts(), func(port int) bool { _, declared := p.declared(port); return !declared }) {
		notes = append(notes, "Listeners without declared clients: such a listener counts as reached if it admits anybody, and replies are judged for those whom it admits. Declare clients to have it judged exactly.")
	}
	if both := p.sharedSubnets(); len(both) > 0 {
		notes = append(notes, fmt.Sprintf("Load balancer and instances share %s. Within a subnet network ACLs do not apply (Amazon VPC user guide), so they were not asked there. AWS Reachability Analyzer, however, has the code ELB_ACL_RESTRICTION, which says that a Classic Load Balancer applies its outbound network ACL even then%s.", and(both), p.restriction(both)))
	}
	if p.CrossZoneUnseen != "" && len(p.Subnets) > 1 {
		notes = append(notes, "Every node was paired with the instances of every availability zone. What is refused only between zones is undecided, as it is not known whether cross-zone load balancing is on.")
	}
	if slices.ContainsFunc(a.Flows, func(f FlowVerdict) bool { return f.Flow.Kind == PathMTUDiscovery && f.Verdict != packet.Proved }) {
		notes = append(notes, "Path MTU Discovery is advisory: it does not count for the verdict.")
	}
	return append(notes, "Security groups keep track of connections, so replies meet network ACLs only.")
}

// sharedSubnets are the subnets with both a node and an instance.
func (p Path) sharedSubnets() []string {
	var ids []string
	for _, subnet := range p.Subnets {
		if slices.ContainsFunc(p.Instances, func(i Instance) bool { return subnet.ID != "" && i.Subnet == subnet.ID }) {
			ids = withAll(ids, []string{subnet.ID})
		}
	}
	return ids
}

// restriction says what outbound network ACLs would refuse within shared subnets.
func (p Path) restriction(shared []string) string {
	var words []string
	for _, subnet := range p.Subnets {
		acl, seen := p.ACLs[subnet.ACL]
		if !slices.Contains(shared, subnet.ID) || !seen || acl.Unseen != "" || !subnet.CIDR.IsValid() {
			continue
		}
		f, err := newACLFilter(LoadBalancerSubnetOut.Direction(), acl)
		if err != nil {
			continue
		}
		for _, flow := range flowsToInstances(p.LoadBalancer) {
			region := packet.Region{{Traffic: flow.onPort(), Addresses: packet.CIDR(subnet.CIDR)}}
			if f.judge(region).Verdict == packet.Refuted {
				words = withAll(words, []string{fmt.Sprintf("%s to %s", flow.onPort(), subnet.ID)})
			}
		}
	}
	if len(words) == 0 {
		return ""
	}
	return "; it would refuse " + and(words)
}

// report is Markdown in the making.
type report struct{ strings.Builder }

// line is a paragraph.
func (r *report) line(format string, args ...any) {
	if r.Len() > 0 {
		r.WriteString("\n")
	}
	fmt.Fprintf(r, format+"\n", args...)
}

// list is a list of plain texts.
func (r *report) list(items []string) {
	r.WriteString("\n")
	for _, item := range items {
		r.WriteString("- " + markdown(item) + "\n")
	}
}

// place is a column of the table.
type place struct {
	title string
	hops  []Hop
}

// places are the columns in the order of the way from the clients to the instances.
func places() []place {
	return []place{
		{"Load balancer group", []Hop{LoadBalancerGroupIn, LoadBalancerGroupOut}},
		{"ACL of its subnets", []Hop{LoadBalancerSubnetIn, LoadBalancerSubnetOut}},
		{"ACL of the instances' subnets", []Hop{InstanceSubnetIn, InstanceSubnetOut}},
		{"Instance group", []Hop{InstanceGroupIn}},
	}
}

// flows is the table of the flows.
func (r *report) flows(flows []FlowVerdict) {
	if len(flows) == 0 {
		return
	}
	head, rule := "| Flow | Verdict |", "|---|---|"
	for _, place := range places() {
		head += " " + place.title + " |"
		rule += "---|"
	}
	r.line("%s Refused packet |\n%s---|", head, rule)
	for _, flow := range flows {
		fmt.Fprintf(r, "| %s | %s |", markdown(flow.Flow.short()), strong(flow.Verdict))
		for _, place := range places() {
			fmt.Fprintf(r, " %s |", cell(flow.Hops, place.hops))
		}
		fmt.Fprintf(r, " %s |\n", code(witnessOf(flow)))
	}
}

func strong(v packet.Verdict) string {
	if v == packet.Proved {
		return string(v)
	}
	return "**" + string(v) + "**"
}

// cell says what the filters of a place do with a flow.
func cell(hops []HopVerdict, at []Hop) string {
	verdict := packet.Verdict("–")
	var not []string
	for _, wanted := range []packet.Verdict{packet.Proved, packet.Undecided, packet.Refuted} {
		for _, h := range hops {
			if !slices.Contains(at, h.Hop) || h.Verdict != wanted {
				continue
			}
			if verdict != wanted {
				verdict, not = wanted, nil
			}
			if wanted != packet.Proved && h.Filter != "" {
				not = withAll(not, []string{h.Filter})
			}
		}
	}
	switch {
	case verdict == "–":
		return string(verdict)
	case len(not) == 0:
		return strong(verdict)
	case verdict == packet.Refuted:
		return strong(verdict) + " by " + markdown(and(not))
	default:
		return strong(verdict) + ": " + markdown(and(not))
	}
}

func witnessOf(flow FlowVerdict) string {
	for _, h := range flow.Hops {
		if h.Witness != "" {
			return h.Witness
		}
	}
	return ""
}

// finding is a finding with what decides it and what to do.
func (r *report) finding(f Finding) {
	r.line("#### %s", markdown(f.ID.Summary()))
	r.line("%s", markdown(capital(f.Sentence)))
	var items []string
	add := func(title string, texts []string) {
		if len(texts) > 0 {
			items = append(items, title+": "+strings.Join(texts, "; "))
		}
	}
	add("Decided by", f.Blockers)
	if f.ID.broader() {
		add("Open beyond what is recommended", f.Regions)
	} else {
		add("All that is refused", f.Regions)
	}
	if f.Nearest != "" {
		add("Nearest rule", []string{f.Nearest})
	}
	if f.Fix != "" {
		add("Fix", []string{f.Fix})
	}
	if f.Row != "" {
		add("AWS recommends", []string{f.Row})
	}
	if len(items) > 0 {
		r.list(items)
	}
}

// markdown writes plain text so that Markdown shows it as it is, on one line.
func markdown(text string) string {
	var b strings.Builder
	runes := []rune(strings.Join(strings.Fields(text), " "))
	word := func(i int) bool {
		return i >= 0 && i < len(runes) && (unicode.IsLetter(runes[i]) || unicode.IsDigit(runes[i]))
	}
	for i, c := range runes {
		switch {
		case strings.ContainsRune("\\`*[]<|~&#!", c), c == '_' && (!word(i-1) || !word(i+1)), c == '@' && word(i+1),
			c == ':' && i+2 < len(runes) && runes[i+1] == '/' && runes[i+2] == '/',
			i == 0 && strings.ContainsRune("+->=", c):
			b.WriteRune('\\')
		case i > 0 && (c == '.' || c == ')') && number(runes[:i]) && (i+1 == len(runes) || runes[i+1] == ' '):
			// "1. " would begin a list.
			b.WriteRune('\\')
		case unicode.IsControl(c):
			c = unicode.ReplacementChar
		}
		b.WriteRune(c)
	}
	return b.String()
}

func number(runes []rune) bool {
	return !slices.ContainsFunc(runes, func(c rune) bool { return c < '0' || c > '9' })
}

// code is text in a code span of a table's cell.
func code(text string) string {
	if text == "" {
		return ""
	}
	return "`" + strings.NewReplacer("`", "'", "|", "/", "\n", " ").Replace(text) + "`"
}
