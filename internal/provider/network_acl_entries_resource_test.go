// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"maps"
	"math/big"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/terraform-clb/terraform-provider-clb/internal/fakeaws"
)

// numbersOf are the rule numbers of planned inbound entries by key.
func numbersOf(t *testing.T, state tftypes.Value) map[string]int64 {
	t.Helper()
	numbers := map[string]int64{}
	for _, key := range keysOf(t, state, "ingress") {
		var number big.Float
		made(0, elementOf(t, state, "ingress", key, "rule_number").As(&number))(t)
		numbers[key], _ = number.Int64()
	}
	return numbers
}

// TestRuleNumbersStay: an entry keeps its number as long as it exists, and a new
// one takes none that is held, so that it can be written before the old one goes.
func TestRuleNumbersStay(t *testing.T) {
	w := startLiveWorld(t, nil)
	vpc := blockValues{
		"vpc_cidr_blocks": []any{"10.0.0.0/16"},
		"accept":          []any{blockValues{"finding": "CLB312", "reason": "nothing is in the second network"}},
	}
	state := w.server.create(aclEntries, w.config(aclEntries, vpc))
	const web, tls, late, replies = "tcp 80 from 0.0.0.0/0", "tcp 443 from 0.0.0.0/0", "tcp 8000 from 0.0.0.0/0", "tcp 1024-65535 from 10.0.0.0/16"
	if got := numbersOf(t, state); !maps.Equal(got, map[string]int64{web: 100, tls: 110, replies: 120}) {
		t.Fatalf("created %v", got)
	}
	swapped := blockValues{"load_balancers": []any{w.changed(blockValues{"listener": listeners([2]any{8000, 8080}, [2]any{80, 8443})})}}
	for _, test := range []struct {
		name    string
		changes blockValues
		want    map[string]int64
	}{
		{"another listener", swapped, map[string]int64{web: 100, replies: 120, late: 130}},
		{"another first number", blockValues{"first_rule_number": 200}, map[string]int64{web: 200, tls: 210, replies: 220}},
		{"another step", blockValues{"rule_number_step": 5}, map[string]int64{web: 100, tls: 105, replies: 110}},
		{"the default written out", blockValues{"first_rule_number": 100, "rule_number_step": 10}, map[string]int64{web: 100, tls: 110, replies: 120}},
	} {
		w.nextRun()
		planned := w.server.plan(aclEntries, state, w.server.value(aclEntries, w.config(aclEntries, with(vpc, test.changes))))
		wantNothingSaid(t, planned.diags)
		if got := numbersOf(t, planned.state); !maps.Equal(got, test.want) {
			t.Errorf("%s: planned %v, want %v", test.name, got, test.want)
		}
		if len(planned.replace) > 0 {
			t.Errorf("%s: replaced because of %s", test.name, planned.replace)
		}
	}
}

// TestNetworkACLEntriesThatFail: what the user reads and what the state is when
// AWS refuses a write.
func TestNetworkACLEntriesThatFail(t *testing.T) {
	denied := func(action string) fakeaws.Fault {
		return fakeaws.Fault{Kind: fakeaws.Fail, Code: "UnauthorizedOperation", Message: "You are not authorized to perform this operation.", Match: writing(action)}
	}
	t.Run("the number is taken after the plan", func(t *testing.T) {
		w := startLiveWorld(t, nil)
		config := w.config(aclEntries, nil)
		plan := w.planNew(t, aclEntries, config).state
		w.nextRun()
		w.enter(t, w.LoadBalancerACL, 110, 22, "10.0.0.0/8", "deny")
		w.ResetCalls()
		done := w.server.apply(aclEntries, tftypes.Value{}, w.server.value(aclEntries, config), plan)
		wantSaid(t, done.diags, said{summary: "Unable to create the network ACL entries", detail: []string{
			"rule number 110 of network ACL " + w.LoadBalancerACL + " is taken", "deny tcp 22 from 10.0.0.0/8", "choose another number",
		}})
		wantNoWrite(t, w.Calls())
		if !done.state.IsNull() {
			t.Error("there is a state")
		}
	})
	t.Run("no room", func(t *testing.T) {
		w := startLiveWorld(t, nil)
		config := w.config(aclEntries, blockValues{"load_balancers": []any{w.changed(blockValues{"listener": manyListeners(20)})}})
		planned := w.planNew(t, aclEntries, config)
		done := w.server.apply(aclEntries, tftypes.Value{}, w.server.value(aclEntries, config), planned.state)
		wantSaid(t, done.diags, said{summary: "Unable to create the network ACL entries", detail: []string{
			"NetworkAclEntryLimitExceeded", "The network ACL has no room for this entry", `"Rules per network ACL"`,
		}})
		if !done.state.IsNull() {
			t.Error("there is a state")
		}
	})
	t.Run("create without a way back", func(t *testing.T) {
		w := startLiveWorld(t, nil)
		config := w.config(aclEntries, nil)
		plan := w.planNew(t, aclEntries, config).state
		creates := 0
		w.Inject(fakeaws.Fault{Kind: fakeaws.Fail, Code: "InvalidParameterValue", Message: "No.", Match: func(c fakeaws.Call) bool {
			if c.Action == "CreateNetworkAclEntry" {
				creates++
			}
			return c.Action == "CreateNetworkAclEntry" && creates == 3
		}})
		w.Inject(denied("DeleteNetworkAclEntry"))
		done := w.server.apply(aclEntries, tftypes.Value{}, w.server.value(aclEntries, config), plan)
		wantSaid(t, done.diags, said{summary: "Unable to create the network ACL entries", detail: []string{
			"InvalidParameterValue", "could not be taken back", "DeleteNetworkAclEntry", "still in network ACL " + w.LoadBalancerACL, "ingress rule 100 (tcp 80 from 0.0.0.0/0), ingress rule 110 (",
		}})
		if got := keysOf(t, done.state, "ingress"); len(got) != 2 || !done.state.IsFullyKnown() {
			t.Errorf("the state has %q", got)
		}
	})
	t.Run("delete", func(t *testing.T) {
		w := startLiveWorld(t, nil)
		state := w.server.create(aclEntries, w.config(aclEntries, nil))
		w.nextRun()
		w.Inject(denied("DeleteNetworkAclEntry"))
		gone := tftypes.NewValue(state.Type(), nil)
		done := w.server.apply(aclEntries, state, gone, gone)
		wantSaid(t, done.diags, said{summary: "Unable to delete the network ACL entries", detail: []string{"ec2:DeleteNetworkAclEntry on ", "rule number 100 of network ACL " + w.LoadBalancerACL, "was denied"}})
		if !done.state.Equal(state) {
			t.Error("the state has changed")
		}
	})
}
