// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

const interruptedDeleted = "Network ACL entries of an interrupted run are deleted"

// TestEntriesOfOthersAtSpareNumbers: what others had at a number that entries stand
// at while they trade theirs stays, whatever it says. What has come since and says
// what an entry of the resource says goes with such a change, and the plan says so.
func TestEntriesOfOthersAtSpareNumbers(t *testing.T) {
	const spare = 32749
	twoEntries := func(ssh, telnet int) blockValues { return numberedEntries([2]int{ssh, 22}, [2]int{telnet, 23}) }
	for _, test := range []struct {
		name string
		// early and late are the ports that somebody else admits there before and
		// after the creation, 0 for none; again is how often Terraform reads then.
		early, late, again int
		// killed: a run was killed, so that nothing is noted.
		killed bool
		goes   bool
	}{
		{name: "before the creation", early: 22, again: 1},
		{name: "before the creation, read often", early: 22, again: 3},
		{name: "another port", early: 25, again: 1},
		{name: "later, another port", late: 25, again: 1},
		{name: "later, the same", late: 22, again: 1, goes: true},
		{name: "later, the same, read often", late: 22, again: 3, goes: true},
		{name: "after a run was killed", late: 22, again: 1, killed: true, goes: true},
		{name: "after a run was killed, another port", late: 25, again: 2, killed: true},
		{name: "not read since the creation", early: 22},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := startLiveWorld(t, nil)
			put := func(port int) {
				if port != 0 {
					w.makeEntry(t, w.LoadBalancerACL, spare, port, "10.0.0.0/8")
				}
			}
			value := func(ingress blockValues) tftypes.Value {
				return w.server.value(aclEntries, w.config(aclEntries, advisory(blockValues{"ingress": ingress, "egress": blockValues{}})))
			}
			put(test.early)
			w.nextRun()
			before := value(twoEntries(90, 91))
			planned := w.server.planFrom(aclEntries, tftypes.Value{}, before, nil)
			wantNoError(t, planned.diags)
			done := w.server.carryOut(aclEntries, tftypes.Value{}, before, planned)
			wantNoError(t, done.diags)
			put(test.late)
			if test.killed {
				done.private = nil
			}
			for range test.again {
				w.nextRun()
				done.state, done.private = w.server.refresh(aclEntries, done.state, done.private)
			}
			w.nextRun()
			after := value(twoEntries(91, 90))
			planned = w.server.planFrom(aclEntries, done.state, after, done.private)
			wantNoError(t, planned.diags)
			if warned := strings.Contains(saidBy(planned.diags), interruptedDeleted); warned != test.goes {
				t.Errorf("the plan says %s", saidBy(planned.diags))
			}
			if test.goes {
				wantAmong(t, planned.diags, said{warning: true, at: "network_acl_id", summary: interruptedDeleted, detail: []string{
					"This change deletes inbound rule 32749 (allow tcp 22 from 10.0.0.0/8) of network ACL " + w.LoadBalancerACL, "give it another number before you apply",
				}})
			}
			done = w.server.carryOut(aclEntries, done.state, after, planned)
			wantNoError(t, done.diags)
			var numbers []int
			for _, entry := range w.NetworkACLEntries("us-east-1", w.LoadBalancerACL) {
				if !entry.Egress && entry.RuleNumber <= 32766 {
					numbers = append(numbers, entry.RuleNumber)
				}
			}
			want := []int{90, 91, spare}
			if test.goes {
				want = want[:2]
			}
			if slices.Sort(numbers); !slices.Equal(numbers, want) {
				t.Errorf("there are the rules %v, want %v", numbers, want)
			}
			if got, want := entriesSaid(t, done.state, "ingress"), entriesSaid(t, planned.state, "ingress"); !maps.Equal(got, want) {
				t.Errorf("the entries are %v, want %v", got, want)
			}
		})
	}
}
