// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"maps"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/terraform-clb/terraform-provider-clb/internal/fakeaws"
)

// numberedEntries are written entries for one port each.
func numberedEntries(entries ...[2]int) blockValues {
	all := blockValues{}
	for _, e := range entries {
		all["tcp "+string(rune('a'+e[1]-22))] = sshEntry(blockValues{"rule_number": e[0], "from_port": e[1], "to_port": e[1]})
	}
	return all
}

// TestInterruptedEntries: what cannot be kept open is said at plan, with the
// reason and the way out, and nothing is said where an order closes nothing.
func TestInterruptedEntries(t *testing.T) {
	three := numberedEntries([2]int{90, 22}, [2]int{91, 23}, [2]int{92, 24})
	behind := blockValues{
		"denied": sshEntry(blockValues{"rule_number": 3, "rule_action": "deny", "from_port": 0, "to_port": 1000, "cidr_block": "0.0.0.0/0"}),
		"rest":   sshEntry(blockValues{"rule_number": 4, "from_port": 0, "to_port": 65535, "cidr_block": "0.0.0.0/0"}),
	}
	room := func(entries int) blockValues {
		return blockValues{"limits": blockValues{"entries_per_network_acl": entries}}
	}
	const closed = "While the inbound entries of network ACL "
	for _, test := range []struct {
		name          string
		provider      blockValues
		before, after blockValues
		// want are words of the warning, none if there is none.
		want []string
	}{
		{
			"swapped without room", room(3), three, numberedEntries([2]int{91, 22}, [2]int{90, 23}, [2]int{92, 24}), []string{
				closed, "are changed, packets that pass before and after do not pass in between: rule 90 (allow tcp 22 from 10.0.0.0/8) for 1 write.",
				"no room for one more entry meanwhile: the quota is 3 for each direction, as stated in limits.entries_per_network_acl", "raised (AWS allows up to 40)", "compact = true",
			},
		},
		{"swapped with room", room(4), three, numberedEntries([2]int{91, 22}, [2]int{90, 23}, [2]int{92, 24}), nil},
		{"swapped", nil, three, numberedEntries([2]int{91, 22}, [2]int{90, 23}, [2]int{92, 24}), nil},
		{"swapped, one goes", room(3), three, numberedEntries([2]int{91, 22}, [2]int{90, 23}), nil},
		{
			"moved without room", room(3), three, numberedEntries([2]int{190, 22}, [2]int{191, 23}, [2]int{192, 24}), []string{
				"rule 90 (allow tcp 22 from 10.0.0.0/8) for 1 write, rule 91 (allow tcp 23 from 10.0.0.0/8) for 1 write, rule 92 (allow tcp 24 from 10.0.0.0/8) for 1 write.",
			},
		},
		{"moved with room", room(4), three, numberedEntries([2]int{190, 22}, [2]int{191, 23}, [2]int{192, 24}), nil},
		{
			"no number in front of a deny entry", nil, with(behind, numberedEntries([2]int{1, 22}, [2]int{2, 23})), with(behind, numberedEntries([2]int{2, 22}, [2]int{1, 23})), []string{
				"rule 1 (allow tcp 22 from 10.0.0.0/8) for 1 write.", "No rule number is free at which a copy of the entry", "first_rule_number, rule_number_step or rule_number",
			},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := startLiveWorld(t, test.provider)
			config := func(ingress blockValues) blockValues {
				return w.config(aclEntries, advisory(blockValues{"ingress": ingress, "egress": blockValues{}}))
			}
			state := w.createAdvised(t, config(test.before))
			w.nextRun()
			planned := w.server.plan(aclEntries, state, w.server.value(aclEntries, config(test.after)))
			wantNoError(t, planned.diags)
			if test.want == nil {
				if said := saidBy(planned.diags); strings.Contains(said, entriesInterrupted) {
					t.Error(said)
				}
				return
			}
			wantAmong(t, planned.diags, said{warning: true, at: "network_acl_id", summary: entriesInterrupted, detail: test.want})
			for _, d := range planned.diags {
				if d.Summary == entriesInterrupted {
					wantReadable(t, d)
				}
			}
		})
	}
}

// TestSwapThatIsKilled: whatever a run that is killed has left of a swap, the next
// one finishes it from the state of before, and nothing stays behind.
func TestSwapThatIsKilled(t *testing.T) {
	swapped := numberedEntries([2]int{91, 22}, [2]int{90, 23}, [2]int{92, 24})
	for k := range 5 {
		w := startLiveWorld(t, nil)
		config := func(ingress blockValues) blockValues {
			return w.config(aclEntries, advisory(blockValues{"ingress": ingress, "egress": blockValues{}}))
		}
		state := w.createAdvised(t, config(numberedEntries([2]int{90, 22}, [2]int{91, 23}, [2]int{92, 24})))
		value := w.server.value(aclEntries, config(swapped))
		w.nextRun()
		writes := 0
		revive := w.Inject(fakeaws.Fault{Kind: fakeaws.CutBefore, Match: func(c fakeaws.Call) bool {
			if c.Write() {
				writes++
			}
			return writes > k
		}})
		w.server.apply(aclEntries, state, value, w.server.plan(aclEntries, state, value).state)
		revive()
		w.nextRun()
		state = w.server.refreshed(aclEntries, state)
		planned := w.server.plan(aclEntries, state, value)
		wantNoError(t, planned.diags)
		done := w.server.apply(aclEntries, state, value, planned.state)
		wantNoError(t, done.diags)
		if got := entriesSaid(t, w.server.refreshed(aclEntries, done.state), "ingress"); !maps.Equal(got, entriesSaid(t, planned.state, "ingress")) {
			t.Errorf("killed before write %d: %v", k, got)
		}
		// The final entries of both directions stand beside them.
		if all := w.NetworkACLEntries("us-east-1", w.LoadBalancerACL); len(all) != 3+2 {
			t.Errorf("killed before write %d, there are %+v", k, all)
		}
		w.nextRun()
		if again := w.server.plan(aclEntries, done.state, value); !again.state.Equal(done.state) {
			t.Errorf("killed before write %d, the next plan is not empty", k)
		}
	}
}

// TestQuotaOfGroupWhileItChanges: new rules need room beside the old ones, and
// the plan says that it is only for the change.
func TestQuotaOfGroupWhileItChanges(t *testing.T) {
	plan := func(limit int, ports ...[2]any) []*tfprotov6.Diagnostic {
		w := startLiveWorld(t, nil)
		state := w.server.create(lbRules, w.config(lbRules, nil))
		w.provider = blockValues{"limits": blockValues{"rules_per_security_group": limit}}
		w.nextRun()
		config := w.config(lbRules, advisory(blockValues{"load_balancers": []any{w.changed(blockValues{"listener": listeners(ports...)})}}))
		return w.server.plan(lbRules, state, w.server.value(lbRules, config)).diags
	}
	moved := [][2]any{{8000, 8080}, {8001, 8443}}
	wantAmong(t, plan(3, moved...), said{warning: true, at: "security_group_id", summary: "Quota exceeded", detail: []string{
		"would have 4 inbound rules (2 there now, 2 new), and the quota is 3", "Only while the change is made: the new rules are authorized before those that go are revoked, so that nothing closes in between, and then there are 2.",
		"Make the change in several applies with fewer new rules each",
	}})
	wantNoError(t, plan(4, moved...))
	wantAmong(t, plan(3, [2]any{80, 8080}, [2]any{443, 8443}, [2]any{8000, 8080}, [2]any{8001, 8443}), said{warning: true, at: "security_group_id", summary: "Quota exceeded", detail: []string{
		"would have 4 inbound rules (2 there now, 2 new), and the quota is 3", "Split the rules over several groups",
	}})
}
