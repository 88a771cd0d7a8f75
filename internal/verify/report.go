// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package verify

import (
	"fmt"
	"regexp"
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
	explains := func(f Finding) bool {
		return a.Verdict() == packet.Undecided && f.ID.undecided() && f.Nature != PathMTU
	}
	findings := slices.DeleteFunc(slices.Clone(a.Findings), func(f Finding) bool { return !explains(f) })
	if r.findings("Undecided", findings, a.Findings); len(findings) > 0 && len(a.Flows) > 0 {
		r.line("### Flows")
	}
	r.flows(a.Flows)
	for _, section := range []struct {
		title    string
		severity Severity
	}{{"Errors", Error}, {"Warnings", Warning}, {"For the record", ReportOnly}} {
		findings := slices.DeleteFunc(slices.Clone(a.Findings), func(f Finding) bool {
			return f.Nature.Severity(e, true) != section.severity || explains(f)
		})
		r.findings(section.title, findings, a.Findings)
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
	if count[packet.Proved] == needed && needed == 1 {
		return fmt.Sprintf("The one flow that %s needs gets through, with every packet.", thisLoadBalancer(p.LoadBalancer.Internal))
	}
	var parts []string
	for _, v := range []struct {
		verdict        packet.Verdict
		one, many, all string
	}{
		{packet.Proved, "1 gets through with every packet", "%d get through with every packet", "all get through, with every packet"},
		{packet.Refuted, "1 does not", "%d do not", "none gets through with every packet"},
		{packet.Undecided, "1 cannot be decided", "%d cannot be decided", "none can be decided"},
	} {
		switch n := count[v.verdict]; n {
		case 0:
		case needed:
			parts = append(parts, v.all)
		case 1:
			parts = append(parts, v.one)
		default:
			parts = append(parts, fmt.Sprintf(v.many, n))
		}
	}
	if count[packet.Proved] == 0 && len(parts) > 1 {
		parts[0] += " get through with every packet"
	}
	return fmt.Sprintf("Of the %s that %s needs, %s.", counted(needed, "flow"), thisLoadBalancer(p.LoadBalancer.Internal), and(parts))
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
	refused := slices.ContainsFunc(flows, func(f FlowVerdict) bool { return witnessOf(f) != "" })
	if refused {
		head += " Refused packet |"
		rule += "---|"
	}
	r.line("%s\n%s", head, rule)
	for _, flow := range flows {
		fmt.Fprintf(r, "| %s | %s |", markdown(flow.Flow.short()), strong(flow.Verdict))
		for _, place := range places() {
			fmt.Fprintf(r, " %s |", cell(flow.Hops, place.hops))
		}
		if refused {
			fmt.Fprintf(r, " %s |", code(witnessOf(flow)))
		}
		r.WriteString("\n")
	}
}

func strong(v packet.Verdict) string {
	if v == packet.Proved {
		return string(v)
	}
	return "**" + string(v) + "**"
}

// cell says what the filters of a place do with a flow, and which rules refuse it.
func cell(hops []HopVerdict, at []Hop) string {
	verdict := packet.Verdict("–")
	var filters []string
	rules := map[string][]string{}
	for _, wanted := range []packet.Verdict{packet.Proved, packet.Undecided, packet.Refuted} {
		for _, h := range hops {
			if !slices.Contains(at, h.Hop) || h.Verdict != wanted {
				continue
			}
			if verdict != wanted {
				verdict, filters = wanted, nil
			}
			if wanted != packet.Proved && h.Filter != "" {
				filters = withAll(filters, []string{h.Filter})
				rules[h.Filter] = withAll(rules[h.Filter], h.briefly)
			}
		}
	}
	switch {
	case verdict == "–":
		return string(verdict)
	case len(filters) == 0:
		return strong(verdict)
	case verdict == packet.Undecided:
		return strong(verdict) + ": " + markdown(and(filters))
	}
	for i, filter := range filters {
		filters[i] = filter + " " + and(rules[filter])
	}
	return strong(verdict) + " by " + markdown(and(filters))
}

func witnessOf(flow FlowVerdict) string {
	for _, h := range flow.Hops {
		if h.Witness != "" {
			return h.Witness
		}
	}
	return ""
}

// findings are a section of findings out of all.
func (r *report) findings(title string, findings, all []Finding) {
	if len(findings) > 0 {
		r.line("### %s", title)
	}
	for _, f := range findings {
		r.finding(f, slices.ContainsFunc(all, func(o Finding) bool { return o.ID == f.ID && o.About != f.About }))
	}
}

// finding is a finding with what decides it and what to do. One of several of its
// kind is told from the others by what it is about.
func (r *report) finding(f Finding, several bool) {
	heading := f.ID.Summary()
	if several && f.About != "" {
		heading = fmt.Sprintf("%s: %s (%s)", f.ID.Entry().Title, f.About, f.ID)
	}
	r.line("#### %s", markdown(heading))
	r.line("%s", markdown(capital(f.Sentence)))
	if len(f.parts()) > 0 {
		r.WriteString("\n")
	}
	for _, p := range f.parts() {
		text := p.title + ": " + strings.Join(p.items, "; ")
		if p.title == fixTitle {
			r.WriteString("- " + withCode(text) + "\n")
		} else {
			r.WriteString("- " + markdown(text) + "\n")
		}
	}
}

// withCode writes what is to be copied into a configuration as code, and the rest
// as plain text.
func withCode(text string) string {
	snippet := regexp.MustCompile(`[a-z_]+ = (\[\{.*?\}\]|true)`)
	var b strings.Builder
	for {
		at := snippet.FindStringIndex(text)
		if at == nil {
			return b.String() + markdown(text)
		}
		before := text[:at[0]]
		b.WriteString(markdown(before))
		if strings.HasSuffix(before, " ") {
			b.WriteString(" ")
		}
		b.WriteString(code(text[at[0]:at[1]]))
		text = text[at[1]:]
		if strings.HasPrefix(text, " ") {
			b.WriteString(" ")
		}
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
