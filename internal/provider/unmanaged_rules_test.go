// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"maps"
	"slices"
	"strings"
	"testing"

	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/terraform-clb/terraform-provider-clb/internal/verify"
)

// refresh is a state as Read returns it, and the private data.
func (s *testServer) refresh(resource string, state tftypes.Value, private []byte) (tftypes.Value, []byte) {
	s.t.Helper()
	resp := made(s.ReadResource(s.t.Context(), &tfprotov6.ReadResourceRequest{TypeName: resource, CurrentState: s.dynamic(state), Private: private}))(s.t)
	wantNothingSaid(s.t, resp.Diagnostics)
	return made(resp.NewState.Unmarshal(s.typeOf(resource)))(s.t), resp.Private
}

// removed are the words of revoked_rules or revoked_entries, sorted.
func removed(t *testing.T, state tftypes.Value, attribute string) []string {
	t.Helper()
	var words []string
	for _, value := range attributesOf(t, attributesOf(t, state)[attribute]) {
		var text string
		made(0, value.As(&text))(t)
		words = append(words, text)
	}
	slices.Sort(words)
	return words
}

func wantRemoved(t *testing.T, state tftypes.Value, attribute string, want ...string) {
	t.Helper()
	if got := removed(t, state, attribute); !slices.Equal(got, want) {
		t.Errorf("%s is %q, want %q", attribute, got, want)
	}
}

// goingRules is the warning that rules go.
func goingRules(detail ...string) said {
	return said{warning: true, at: "unmanaged_rules", summary: "Unmanaged rules are removed", detail: detail}
}

// TestRevokedRuleIsNoFinding: what goes is told once, and what stays is still found,
// with the setting that would let it go.
func TestRevokedRuleIsNoFinding(t *testing.T) {
	w := startLiveWorld(t, nil)
	w.admit(t, w.InstanceGroup, 8080)
	w.nextRun()
	before := w.planNew(t, instanceRules, w.config(instanceRules, nil))
	wantAmong(t, before.diags, said{warning: true, at: "security_group_id", summary: verify.BroadInstanceGroup.Summary(), detail: []string{
		"tcp 8080 from 0.0.0.0/0", `If nobody else manages it, unmanaged_rules = "revoke_broader" removes it.`,
	}})
	wantRemoved(t, before.state, "revoked_rules")

	w.nextRun()
	p := w.planNew(t, instanceRules, w.config(instanceRules, blockValues{"unmanaged_rules": "revoke_broader"}))
	wantSaid(t, p.diags, goingRules(`unmanaged_rules is "revoke_broader"`, w.InstanceGroup, `inbound "tcp 8080 from 0.0.0.0/0" (sgr-`,
		"do not come back", "additional_ingress", `unmanaged_rules = "keep"`, "plan again"))
	wantRemoved(t, p.state, "revoked_rules", "inbound tcp 8080 from 0.0.0.0/0")
}

// TestFindingNamesWhatRemovesAnEntry: where unmanaged_entries would delete what is
// found, and is not written yet, the fix says so.
func TestFindingNamesWhatRemovesAnEntry(t *testing.T) {
	w := startLiveWorld(t, nil)
	w.enter(t, w.InstanceACL, 500, 8080, "10.0.0.0/8", ec2types.RuleActionAllow)
	instances := blockValues{"network_acl_id": w.InstanceACL, "subnet_roles": []any{"private_instance"}}
	w.nextRun()
	p := w.planNew(t, aclEntries, w.config(aclEntries, instances))
	wantAmong(t, p.diags, said{warning: true, at: "network_acl_id", summary: verify.BroadACLIn.Summary(), detail: []string{
		"tcp 8080 from 10.0.0.0/8", `If nobody else manages it, unmanaged_entries = "revoke_broader" removes it.`,
	}})
}

// TestUnmanagedRulesOfAnOlderState: a state without the arguments plans no change.
func TestUnmanagedRulesOfAnOlderState(t *testing.T) {
	for _, resource := range []string{lbRules, instanceRules, aclEntries} {
		t.Run(resource, func(t *testing.T) {
			w := startLiveWorld(t, nil)
			config := w.config(resource, nil)
			attributes := attributesOf(t, w.server.create(resource, config))
			for _, name := range []string{"unmanaged_rules", "revoked_rules", "unmanaged_entries", "revoked_entries"} {
				if value, has := attributes[name]; has {
					attributes[name] = tftypes.NewValue(value.Type(), nil)
				}
			}
			w.nextRun()
			state, private := w.server.refresh(resource, tftypes.NewValue(w.server.typeOf(resource), attributes), nil)
			p := w.server.planFrom(resource, state, w.server.value(resource, config), private)
			wantNothingSaid(t, p.diags)
			if !p.state.Equal(state) {
				t.Error("the plan changes something")
			}
		})
	}
}

// TestRevokedRulesFollowFromTheState: the plan of an update follows from what Read
// has seen, whatever has happened since, and comes out the same at apply.
func TestRevokedRulesFollowFromTheState(t *testing.T) {
	w := startLiveWorld(t, nil)
	plain := w.config(instanceRules, nil)
	state := w.server.create(instanceRules, plain)
	w.admit(t, w.InstanceGroup, 8080, 22)
	w.nextRun()
	state, private := w.server.refresh(instanceRules, state, nil)
	w.admit(t, w.InstanceGroup, 8081)
	for mode, want := range map[string][]string{
		"keep":           nil,
		"revoke_broader": {"inbound tcp 8080 from 0.0.0.0/0"},
		"revoke":         {"inbound tcp 22 from 0.0.0.0/0", "inbound tcp 8080 from 0.0.0.0/0"},
	} {
		config := w.server.value(instanceRules, with(plain, blockValues{"unmanaged_rules": mode}))
		p := w.server.planFrom(instanceRules, state, config, private)
		wantRemoved(t, p.state, "revoked_rules", want...)
		w.nextRun()
		again := w.server.planFrom(instanceRules, state, config, private)
		if !again.state.Equal(p.state) {
			t.Errorf("%s: at apply the plan is another one", mode)
		}
		w.nextRun()
		// Without a look, nothing is known that could go.
		wantRemoved(t, w.server.planFrom(instanceRules, state, config, nil).state, "revoked_rules")
	}
	// While the ports are not known, those of the prior state count.
	unknown := with(plain, blockValues{"unmanaged_rules": "revoke_broader", "load_balancers": []any{w.changed(blockValues{"listener": unknownValue{}})}})
	w.nextRun()
	p := w.server.planFrom(instanceRules, state, w.server.value(instanceRules, unknown), private)
	wantRemoved(t, p.state, "revoked_rules", "inbound tcp 8080 from 0.0.0.0/0")
}

// TestRevokedRulesNeedTheRecommendedOnes: as long as the recommended rules are not
// all wanted, none is needless.
func TestRevokedRulesNeedTheRecommendedOnes(t *testing.T) {
	w := startLiveWorld(t, adviseOnly())
	w.admit(t, w.InstanceGroup, 8080)
	w.nextRun()
	one := blockValues{"ip_protocol": "tcp", "from_port": 8080, "to_port": 8080, "referenced_security_group_id": w.LoadBalancerGroup}
	p := w.planNew(t, instanceRules, w.config(instanceRules, blockValues{"unmanaged_rules": "revoke_broader", "ingress": blockValues{"only": one}}))
	wantNoError(t, p.diags)
	wantRemoved(t, p.state, "revoked_rules")
}

// TestRevokedRulesOfOthers: in whichever order two resources are planned, none
// removes what the other one owns or plans.
func TestRevokedRulesOfOthers(t *testing.T) {
	const belong, removes = "Unmanaged rules belong to another resource", "Another resource removes what this one manages"
	office := blockValues{"office": blockValues{"ip_protocol": "tcp", "from_port": 9100, "to_port": 9100, "cidr_ipv4": "0.0.0.0/0"}}
	w := startLiveWorld(t, nil)
	other := func(port int) blockValues {
		return w.config(instanceRules, blockValues{
			"load_balancers": []any{w.changed(blockValues{"name": nil, "listener": listeners([2]any{port, port}), "health_check": []any{blockValues{"target": "TCP:9999"}}})}, "path_mtu_discovery": false,
		})
	}
	exclusive := w.config(instanceRules, blockValues{"unmanaged_rules": "revoke"})
	owner := with(other(9000), blockValues{"additional_ingress": office})
	state := w.server.create(instanceRules, owner)
	plain := w.server.create(instanceRules, w.config(instanceRules, nil))
	value := func(config blockValues) tftypes.Value { return w.server.value(instanceRules, config) }

	t.Run("the owner is read first", func(t *testing.T) {
		w.nextRun()
		w.server.refresh(instanceRules, state, nil)
		prior, private := w.server.refresh(instanceRules, plain, nil)
		p := w.server.planFrom(instanceRules, prior, value(exclusive), private)
		wantNothingSaid(t, p.diags)
		wantRemoved(t, p.state, "revoked_rules")
		w.nextRun()
		// At apply, an owner that does not change is not read.
		wantRemoved(t, w.server.planFrom(instanceRules, prior, value(exclusive), private).state, "revoked_rules")
	})
	t.Run("the owner is read last", func(t *testing.T) {
		w.nextRun()
		prior, private := w.server.refresh(instanceRules, plain, nil)
		wantAmong(t, w.server.planFrom(instanceRules, prior, value(exclusive), private).diags, goingRules(`inbound "tcp 9100 from 0.0.0.0/0"`))
		owned, ownPrivate := w.server.refresh(instanceRules, state, nil)
		p := w.server.planFrom(instanceRules, owned, value(owner), ownPrivate)
		wantSaid(t, p.diags, said{at: "security_group_id", summary: removes, detail: []string{w.InstanceGroup, `inbound "tcp 9100 from 0.0.0.0/0"`, "depends_on"}})
	})
	t.Run("read between read and plan", func(t *testing.T) {
		w.nextRun()
		prior, private := w.server.refresh(instanceRules, plain, nil)
		w.server.refresh(instanceRules, state, nil)
		p := w.server.planFrom(instanceRules, prior, value(exclusive), private)
		wantSaid(t, errorsIn(p.diags), said{at: "unmanaged_rules", summary: belong, detail: []string{`inbound "tcp 9100 from 0.0.0.0/0"`, "depends_on"}})
	})
	t.Run("a creation, which cannot tell at apply", func(t *testing.T) {
		w.nextRun()
		w.server.refresh(instanceRules, state, nil)
		fresh := with(other(7000), blockValues{"unmanaged_rules": "revoke"})
		p := w.server.plan(instanceRules, tftypes.Value{}, value(fresh))
		wantAmong(t, p.diags, said{at: "unmanaged_rules", summary: belong, detail: []string{`inbound "tcp 9100 from 0.0.0.0/0"`, `Create this resource with unmanaged_rules = "keep"`, "this very resource that is replaced", "terraform untaint"}})
	})
}

// TestUnmanagedNote: what Read has noted is kept, belongs to others or not, and what
// cannot be read counts as nothing.
func TestUnmanagedNote(t *testing.T) {
	t.Parallel()
	ctx, private := t.Context(), privateMap{}
	leave := func(note unmanagedNote[string]) {
		t.Helper()
		if diags := note.leave(ctx, private); diags.HasError() {
			t.Fatal(diags)
		}
	}
	mine := func() map[string]string {
		t.Helper()
		note, diags := notedUnmanaged[string](ctx, private)
		if diags.HasError() {
			t.Fatal(diags)
		}
		return note.mine()
	}
	if leave(unmanagedNote[string]{}); len(private) > 0 {
		t.Errorf("nothing stands there, and noted is %s", private)
	}
	leave(unmanagedNote[string]{Standing: map[string]string{"a": "A", "b": "B"}, Others: []string{"b"}})
	if got := mine(); !maps.Equal(got, map[string]string{"a": "A"}) {
		t.Errorf("noted is %v", got)
	}
	if leave(unmanagedNote[string]{}); len(mine()) > 0 {
		t.Errorf("forgotten, and noted is %v", mine())
	}
	private[unmanagedKey] = []byte("[1]")
	if got := mine(); len(got) > 0 {
		t.Errorf("what cannot be read counts: %v", got)
	}
}

// TestDoomed: an apply removes what its plan shows and the prior state has not.
func TestDoomed(t *testing.T) {
	t.Parallel()
	words := func(ids string) map[string]string {
		all := map[string]string{}
		for _, id := range strings.Fields(ids) {
			all[id] = "inbound " + id
		}
		return all
	}
	for name, test := range map[string]struct{ planned, before, want string }{
		"nothing":          {"", "", ""},
		"the first":        {"a b", "", "a b"},
		"kept":             {"a", "a", ""},
		"others":           {"b", "a", "b"},
		"one that is kept": {"a b", "a", "b"},
	} {
		arguments := unmanagedArguments{revoked: revokedValue(words(test.planned))}
		got, diags := arguments.doomed(t.Context(), revokedValue(words(test.before)))
		if diags.HasError() || !maps.Equal(got, words(test.want)) {
			t.Errorf("%s: %v %v", name, got, diags)
		}
	}
}
