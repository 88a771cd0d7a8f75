// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package verify

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/terraform-clb/terraform-provider-clb/internal/packet"
)

const publicEstate = "govuk-aws.txt"

// judgeEstate asks about each load balancer of the estate.
func judgeEstate(t *testing.T, w *publicWorld) map[string]Answer {
	t.Helper()
	answers := map[string]Answer{}
	for _, lb := range w.lbs {
		answer, err := w.path(t, lb.Name).Judge(Options{Today: publicToday})
		if err != nil {
			t.Fatal(err)
		}
		answers[lb.Name] = answer
	}
	return answers
}

// estateRules are the rules of the findings of some kinds, each once, however
// many load balancers carry the group.
func estateRules(answers map[string]Answer, ids ...ID) []string {
	var rules []string
	for _, answer := range answers {
		for _, f := range answer.Findings {
			if slices.Contains(ids, f.ID) {
				for _, rule := range f.Blockers {
					rules = append(rules, publicRuleID.ReplaceAllString(rule, ""))
				}
			}
		}
	}
	slices.Sort(rules)
	return slices.Compact(rules)
}

// TestPublicEstateDeclared: a whole estate with its clients declared ends in what
// is truly wrong with it, 17 rules that no load balancer needs and one path that is
// refused, and in one line a group beside it: every load balancer's group lets
// everything out to everyone, where AWS recommends the instances' group.
func TestPublicEstateDeclared(t *testing.T) {
	t.Parallel()
	w := readPublicWorld(t, publicEstate)
	if len(w.lbs) != 47 {
		t.Fatalf("%d load balancers, the source has 47", len(w.lbs))
	}
	w.declareAdmitted()
	for _, lb := range w.lbs {
		if len(lb.Clients) != len(lb.LBPorts()) {
			t.Errorf("%s: clients of %d listeners are declared, it has %d", lb.Name, len(lb.Clients), len(lb.LBPorts()))
		}
	}
	answers := judgeEstate(t, w)

	var stale []string
	for i := range 8 {
		group := fmt.Sprintf("security group sg-ci-agent-%d_elb inbound", i+1)
		// 22 was meant, and there is no listener on 443.
		stale = append(stale, group+" (tcp 0-22 from sg-ci-master)", group+" (tcp 443 from sg-management)")
	}
	stale = append(stale, "security group sg-rabbitmq_elb inbound (tcp 6163 from sg-management)")
	publicSame(t, "rules that admit to a load balancer what it does not need", estateRules(answers, BroadGroupIn), stale)
	publicSame(t, "rules that open instances or network ACLs", estateRules(answers, BroadInstanceGroup, BroadACLIn, BroadACLOut), nil)

	for _, name := range slices.Sorted(maps.Keys(answers)) {
		// The load balancer of app-data-science and its instances carry one group,
		// which admits the offices and not itself.
		verdict, refused := packet.Proved, []string(nil)
		if name == "blue-data-science" {
			verdict, refused = packet.Refuted, []string{
				"load balancer to instance port 22: 10.1.1.4 (a member of sg-data-science) -> 10.1.1.4:22: security group sg-data-science, which has no inbound rule that admits it",
				"health check 22: 10.1.1.4 (a member of sg-data-science) -> 10.1.1.4:22: security group sg-data-science, which has no inbound rule that admits it",
			}
		}
		if got := answers[name].Verdict(); got != verdict {
			t.Errorf("%s: %s, want %s", name, got, verdict)
		}
		publicSame(t, name+" refused", publicRefused(answers[name]), refused)
	}

	// What is left, above what only a report tells.
	others := map[string][]string{}
	groups, count := 0, 0
	for _, answer := range answers {
		for _, f := range answer.Findings {
			switch {
			case f.Nature.Severity(Recommended, false) == ReportOnly:
			case f.ID == BroadGroupIn:
				groups++
			case f.ID != InstancePort && f.ID != HealthCheckRefused:
				others[f.About] = append(others[f.About], string(f.ID)+" "+f.Sentence)
			}
		}
	}
	for group, lines := range others {
		slices.Sort(lines)
		lines = slices.Compact(lines)
		if len(lines) > 2 {
			t.Errorf("%s gets %d lines beside what is truly wrong:\n%s", group, len(lines), strings.Join(lines, "\n"))
		}
		count += len(lines)
	}
	if groups != 9 {
		t.Errorf("%d findings about broader rules, want one for each of 9 groups", groups)
	}
	t.Logf("%d load balancers, %d groups: %d broader rules in %d groups, 1 refused path; %d further lines", len(answers), len(w.groups), len(stale), groups, count)
}

// TestPublicEstateUndeclared: without declared clients no listener is called
// refuted, whoever it admits, and nothing more is found than with them: that
// fewer clients are admitted than AWS recommends is told in the report alone.
func TestPublicEstateUndeclared(t *testing.T) {
	t.Parallel()
	w := readPublicWorld(t, publicEstate)
	answers := judgeEstate(t, w)
	listeners, fewer := 0, 0
	for _, name := range slices.Sorted(maps.Keys(answers)) {
		for _, flow := range answers[name].Flows {
			if flow.Flow.Kind == ClientToListener {
				listeners++
			}
			if (flow.Flow.Kind == ClientToListener || flow.Flow.Kind == ReplyToClient) && flow.Verdict != packet.Proved {
				t.Errorf("%s: %s", flow.Flow, flow.Verdict)
			}
		}
		for _, f := range answers[name].Findings {
			if f.ID == FewerClientsAdmitted {
				fewer++
				if f.Nature.Severity(Recommended, true) != ReportOnly {
					t.Errorf("%s: a %s", f.Sentence, f.Nature.Severity(Recommended, true))
				}
			}
		}
	}
	want := 0
	for _, lb := range w.lbs {
		want += len(lb.Listeners)
	}
	if listeners != want {
		t.Errorf("%d listeners judged, there are %d", listeners, want)
	}
	w.declareAdmitted()
	declared := judgeEstate(t, w)
	kinds := []ID{BroadGroupIn, BroadGroupOut, BroadInstanceGroup, BroadACLIn, BroadACLOut}
	publicSame(t, "broader rules", estateRules(answers, kinds...), estateRules(declared, kinds...))
	t.Logf("%d listeners, none refuted; %d findings that fewer are admitted than AWS recommends", listeners, fewer)
}

// TestPublicEstateBroken: the estate's silence is no blindness. One rule less, and
// exactly what needs it is refused.
func TestPublicEstateBroken(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ lb, group, rule, refused string }{
		"to the instances": {"blue-search", "sg-search", "tcp 80 from sg-search_elb", "load balancer to instance port 80: "},
		"health check":     {"blue-monitoring", "sg-monitoring", "tcp 5667 from sg-monitoring_internal_elb", "health check 5667: "},
		"clients":          {"blue-mapit-internal", "sg-mapit_elb", "tcp 443 from sg-management", "client to listener 443: "},
		"outbound":         {"blue-rabbitmq-internal", "sg-rabbitmq_elb", "all traffic to 0.0.0.0/0", "load balancer to instance port 5672: "},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := readPublicWorld(t, publicEstate)
			w.declareAdmitted()
			group := w.groups[test.group]
			before := len(group.Rules)
			group.Rules = slices.DeleteFunc(slices.Clone(group.Rules), func(r GroupRule) bool { return r.Key() == test.rule })
			if len(group.Rules) != before-1 {
				t.Fatalf("%s has no rule %s", test.group, test.rule)
			}
			w.groups[test.group] = group
			for other, answer := range judgeEstate(t, w) {
				refuted := answer.Verdict() == packet.Refuted
				if want := other == test.lb || other == "blue-data-science"; refuted != want {
					t.Errorf("%s: %s", other, answer.Verdict())
				}
				if refused := publicRefused(answer); other == test.lb && !slices.ContainsFunc(refused, func(line string) bool {
					return strings.HasPrefix(line, test.refused)
				}) {
					t.Errorf("refused %q, want %s", refused, test.refused)
				}
			}
		})
	}
}
