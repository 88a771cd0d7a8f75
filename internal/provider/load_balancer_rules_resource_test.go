// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/terraform-clb/terraform-provider-clb/internal/fakeaws"
)

// keysOf are the keys of a map attribute, sorted; nil when it is unknown.
func keysOf(t testing.TB, state tftypes.Value, attribute string) []string {
	t.Helper()
	value := attributesOf(t, state)[attribute]
	if !value.IsKnown() {
		return nil
	}
	return slices.Sorted(maps.Keys(attributesOf(t, value)))
}

// elementOf is an attribute of an element of a map.
func elementOf(t *testing.T, state tftypes.Value, attribute, key, name string) tftypes.Value {
	t.Helper()
	element, there := attributesOf(t, attributesOf(t, state)[attribute])[key]
	if !there {
		t.Fatalf("%s has no %q", attribute, key)
	}
	return attributesOf(t, element)[name]
}

// changed is a load balancer value of the live world with changes.
func (w *liveWorld) changed(changes blockValues) blockValues {
	return webValue(with(blockValues{"security_groups": []any{w.LoadBalancerGroup}}, changes))
}

// TestSameFactsKeepTheValue: another spelling of the same load balancers is no
// change, so imports and letter case lead to empty plans.
func TestSameFactsKeepTheValue(t *testing.T) {
	other := blockValues{"name": "other", "internal": false, "listener": listeners([2]any{9000, 9000})}
	for _, resource := range []string{lbRules, instanceRules, aclEntries} {
		t.Run(resource, func(t *testing.T) {
			w := startLiveWorld(t, nil)
			two := []any{w.changed(nil), w.changed(other)}
			state := w.server.create(resource, w.config(resource, blockValues{"load_balancers": two}))
			for name, values := range map[string][]any{
				"letter case of the target": {w.changed(checkedBy("http:8081/healthz")), w.changed(other)},
				"null for internet-facing":  {w.changed(blockValues{"internal": nil}), w.changed(other)},
				"another name":              {w.changed(blockValues{"name": "renamed"}), w.changed(other)},
				"no name":                   {w.changed(blockValues{"name": nil}), w.changed(other)},
				"order":                     {w.changed(other), w.changed(nil)},
				"empty clients":             {w.changed(blockValues{"clients": []any{}}), w.changed(other)},
				"listeners in other order":  {w.changed(blockValues{"listener": listeners([2]any{443, 8443}, [2]any{80, 8080})}), w.changed(other)},
			} {
				w.nextRun()
				planned := w.server.plan(resource, state, w.server.value(resource, w.config(resource, blockValues{"load_balancers": values})))
				wantNothingSaid(t, planned.diags)
				if !planned.state.Equal(state) {
					t.Errorf("%s: the plan changes something", name)
				}
				if calls := w.Calls(); len(calls) > 0 {
					t.Errorf("%s: called %s", name, calls[0].Action)
				}
			}
			w.nextRun()
			// A fact that changes is shown.
			fresh := []any{w.changed(blockValues{"listener": listeners([2]any{80, 8080}, [2]any{443, 8443}, [2]any{8000, 8000})}), w.changed(other)}
			config := w.server.value(resource, w.config(resource, blockValues{"load_balancers": fresh}))
			planned := w.server.plan(resource, state, config)
			wantNothingSaid(t, planned.diags)
			if got := attributesOf(t, planned.state)["load_balancers"]; !got.Equal(attributesOf(t, config)["load_balancers"]) {
				t.Error("the plan keeps the old value")
			}
			if slices.Equal(keysOf(t, planned.state, "ingress"), keysOf(t, state, "ingress")) {
				t.Error("the plan keeps the old rules")
			}
		})
	}
}

// TestLoadBalancerRulesPlan: rules that stay keep their ids, new ones have none yet.
func TestLoadBalancerRulesPlan(t *testing.T) {
	w := startLiveWorld(t, nil)
	state := w.server.create(lbRules, w.config(lbRules, nil))
	w.nextRun()
	more := w.config(lbRules, blockValues{"load_balancers": []any{w.changed(blockValues{"listener": listeners([2]any{80, 8080}, [2]any{8000, 9000})})}})
	planned := w.server.plan(lbRules, state, w.server.value(lbRules, more))
	wantNothingSaid(t, planned.diags)
	if got, want := keysOf(t, planned.state, "ingress"), []string{"tcp 80 from 0.0.0.0/0", "tcp 8000 from 0.0.0.0/0"}; !slices.Equal(got, want) {
		t.Errorf("ingress %q", got)
	}
	if got, want := keysOf(t, planned.state, "egress"), []string{"tcp 8080 to " + w.InstanceGroup, "tcp 8081 to " + w.InstanceGroup, "tcp 9000 to " + w.InstanceGroup}; !slices.Equal(got, want) {
		t.Errorf("egress %q", got)
	}
	if elementOf(t, planned.state, "ingress", "tcp 8000 from 0.0.0.0/0", "security_group_rule_id").IsKnown() {
		t.Error("the id of a new rule is known")
	}
	const stays = "tcp 80 from 0.0.0.0/0"
	if id := elementOf(t, planned.state, "ingress", stays, "security_group_rule_id"); !id.Equal(elementOf(t, state, "ingress", stays, "security_group_rule_id")) || !id.IsFullyKnown() {
		t.Error("the id of a rule that stays is not")
	}
	if len(planned.replace) > 0 {
		t.Errorf("replaced because of %s", planned.replace)
	}
}

// TestPartialKnowledge: a direction is known as soon as its own facts are.
func TestPartialKnowledge(t *testing.T) {
	t.Parallel()
	unknown := unknownValue{}
	office := []any{blockValues{"cidr_blocks": []any{"203.0.113.0/24"}}}
	oneUnknownListener := append(listeners([2]any{80, 8080}), blockValues{"lb_port": 443, "instance_port": unknown})
	tests := []struct {
		name, resource  string
		value, config   blockValues
		ingress, egress bool
	}{
		{"all known", lbRules, nil, nil, true, true},
		{"scheme", lbRules, blockValues{"internal": unknown}, nil, false, true},
		{"scheme with declared clients", lbRules, blockValues{"internal": unknown, "clients": office}, nil, true, true},
		{"scheme with clients of the resource", lbRules, blockValues{"internal": unknown}, blockValues{"clients": office}, true, true},
		{"health check", lbRules, blockValues{"health_check": unknown}, nil, true, false},
		{"health check target", lbRules, checkedBy(unknown), nil, true, false},
		{"health check element", lbRules, blockValues{"health_check": []any{unknown}}, nil, true, false},
		{"listeners", lbRules, blockValues{"listener": unknown}, nil, false, false},
		{"one listener", lbRules, blockValues{"listener": oneUnknownListener}, nil, false, false},
		{"listener element", lbRules, blockValues{"listener": []any{unknown}}, nil, false, false},
		{"name", lbRules, blockValues{"name": unknown}, nil, true, true},
		{"groups", lbRules, blockValues{"security_groups": unknown}, nil, true, true},
		{"instance groups", lbRules, nil, blockValues{"instance_security_group_ids": unknown}, true, false},
		{"one instance group", lbRules, nil, blockValues{"instance_security_group_ids": []any{instanceID, unknown}}, true, false},
		{"instance groups of the value", lbRules, blockValues{"instance_security_group_ids": []any{unknown}}, nil, true, false},
		{"clients", lbRules, nil, blockValues{"clients": unknown}, false, true},
		{"clients of the value", lbRules, blockValues{"clients": []any{unknown}}, nil, false, true},
		{"client network", lbRules, nil, blockValues{"clients": []any{blockValues{"cidr_blocks": []any{unknown}}}}, false, true},
		{"client ports", lbRules, nil, blockValues{"clients": []any{blockValues{"lb_ports": unknown, "cidr_blocks": []any{"10.0.0.0/8"}}}}, false, true},
		{"lb_ports", lbRules, nil, blockValues{"lb_ports": []any{80, unknown}}, false, false},
		{"VPC, internet-facing", lbRules, nil, blockValues{"vpc_cidr_blocks": unknown}, true, true},
		{"VPC, internal", lbRules, blockValues{"internal": true}, blockValues{"vpc_cidr_blocks": unknown}, false, true},
		{"ping", lbRules, nil, blockValues{"respond_to_ping": unknown}, false, true},
		{"load balancers", lbRules, nil, blockValues{"load_balancers": unknown}, false, false},
		{"a load balancer", lbRules, nil, blockValues{"load_balancers": []any{unknown}}, false, false},
		{"own group", lbRules, nil, blockValues{"security_group_id": unknown}, true, true},
		{"tags", lbRules, nil, blockValues{"tags": blockValues{"Run": unknown}}, true, true},

		{"all known", instanceRules, nil, nil, true, true},
		{"scheme", instanceRules, blockValues{"internal": unknown, "clients": unknown}, nil, true, true},
		{"health check", instanceRules, blockValues{"health_check": unknown}, nil, false, true},
		{"groups", instanceRules, blockValues{"security_groups": unknown}, nil, false, true},
		{"one group", instanceRules, blockValues{"security_groups": []any{lbGroupID, unknown}}, nil, false, true},
		{"chosen groups", instanceRules, nil, blockValues{"load_balancer_security_group_ids": []any{unknown}}, false, true},
		{"path MTU discovery", instanceRules, nil, blockValues{"path_mtu_discovery": unknown}, false, true},
		{"path MTU discovery networks", instanceRules, nil, blockValues{"path_mtu_discovery_cidr_blocks": []any{unknown}}, false, true},

		{"all known", aclEntries, nil, nil, true, true},
		{"scheme", aclEntries, blockValues{"internal": unknown}, nil, false, false},
		{"scheme, instances alone", aclEntries, blockValues{"internal": unknown}, blockValues{"subnet_roles": []any{"private_instance"}}, true, true},
		{"VPC, public instances", aclEntries, nil, blockValues{"subnet_roles": []any{"public_instance"}, "vpc_cidr_blocks": unknown}, true, true},
		{"VPC", aclEntries, nil, blockValues{"vpc_cidr_blocks": []any{"10.0.0.0/16", unknown}}, false, false},
		{"roles", aclEntries, nil, blockValues{"subnet_roles": []any{"load_balancer", unknown}}, false, false},
		{"first number", aclEntries, nil, blockValues{"first_rule_number": unknown}, false, false},
		{"groups", aclEntries, blockValues{"security_groups": unknown, "instance_security_group_ids": unknown}, nil, true, true},
		{"network ACL", aclEntries, nil, blockValues{"network_acl_id": unknown}, true, true},
	}
	for _, test := range tests {
		t.Run(test.resource+" "+test.name, func(t *testing.T) {
			t.Parallel()
			config := soundConfig(test.resource, blockValues{"load_balancers": []any{webValue(test.value)}})
			// The provider is not configured: all rules are planned nevertheless.
			s := startServer(t)
			value := s.value(test.resource, with(config, test.config))
			wantNothingSaid(t, s.validate(test.resource, value))
			planned := s.plan(test.resource, tftypes.Value{}, value)
			wantNothingSaid(t, planned.diags)
			got := attributesOf(t, planned.state)
			egress, there := got["egress"]
			if got["ingress"].IsKnown() != test.ingress || there && egress.IsKnown() != test.egress {
				t.Errorf("ingress is known: %t, egress: %t", got["ingress"].IsKnown(), egress.IsKnown())
			}
			if got["region"].IsKnown() {
				t.Error("the region is known without a provider")
			}
		})
	}
}

// TestWrongAtApply: a value that turns out wrong at apply stops the apply
// before anything is written.
func TestWrongAtApply(t *testing.T) {
	for resource, want := range map[string]said{
		lbRules:       {at: "load_balancers", summary: "Invalid load balancer", detail: []string{"lb_port is 70000"}},
		instanceRules: {at: "load_balancers", summary: "Invalid load balancer", detail: []string{"lb_port is 70000"}},
		lbGroups:      {at: "security_groups", summary: "Invalid security groups", detail: []string{"is not a security group id"}},
	} {
		w := startLiveWorld(t, nil)
		sound := w.server.value(resource, w.config(resource, nil))
		plan := attributesOf(t, w.planNew(t, resource, w.config(resource, nil)).state)
		wrong := w.server.value(resource, w.config(resource, blockValues{"load_balancers": []any{w.changed(blockValues{"listener": listeners([2]any{70000, 80})})}}.without(resource, lbGroups)))
		if resource == lbGroups {
			wrong = w.server.value(resource, w.config(resource, blockValues{"security_groups": []any{"default"}}))
		}
		for _, attribute := range []string{"load_balancers", "security_groups"} {
			if value, there := attributesOf(t, wrong)[attribute]; there {
				plan[attribute] = value
			}
		}
		done := w.server.apply(resource, tftypes.Value{}, sound, tftypes.NewValue(sound.Type(), plan))
		wantSaid(t, done.diags, want)
		wantNoWrite(t, w.Calls())
		if !done.state.IsNull() {
			t.Errorf("%s: there is a state", resource)
		}
	}
}

// without drops all values for one resource.
func (b blockValues) without(resource, other string) blockValues {
	if resource == other {
		return nil
	}
	return b
}

// writing are the faults of calls that write.
func writing(action string) func(fakeaws.Call) bool {
	return func(c fakeaws.Call) bool { return c.Action == action }
}

// TestLoadBalancerRulesThatFail: what the user reads and what the state is when
// AWS refuses a write.
func TestLoadBalancerRulesThatFail(t *testing.T) {
	denied := func(action string) fakeaws.Fault {
		return fakeaws.Fault{Kind: fakeaws.Fail, Code: "UnauthorizedOperation", Message: "You are not authorized to perform this operation.", Match: writing(action)}
	}
	t.Run("create", func(t *testing.T) {
		w := startLiveWorld(t, nil)
		w.Inject(denied("AuthorizeSecurityGroupEgress"))
		config := w.config(lbRules, nil)
		done := w.server.apply(lbRules, tftypes.Value{}, w.server.value(lbRules, config), w.planNew(t, lbRules, config).state)
		wantSaid(t, done.diags, said{summary: "Unable to create the security group rules", detail: []string{
			"ec2:AuthorizeSecurityGroupEgress on security group " + w.LoadBalancerGroup + " was denied", "Allow the action ec2:AuthorizeSecurityGroupEgress",
		}})
		if !done.state.IsNull() || len(w.SecurityGroupRules("us-east-1", w.LoadBalancerGroup)) > 0 {
			t.Error("something is left")
		}
	})
	t.Run("create without a way back", func(t *testing.T) {
		w := startLiveWorld(t, nil)
		w.Inject(denied("AuthorizeSecurityGroupEgress"))
		w.Inject(denied("RevokeSecurityGroupIngress"))
		config := w.config(lbRules, nil)
		done := w.server.apply(lbRules, tftypes.Value{}, w.server.value(lbRules, config), w.planNew(t, lbRules, config).state)
		wantSaid(t, done.diags, said{summary: "Unable to create the security group rules", detail: []string{
			"was denied", "could not be taken back", "RevokeSecurityGroupIngress", "still in security group " + w.LoadBalancerGroup, `ingress "tcp 443 from 0.0.0.0/0" (sgr-`,
		}})
		if len(keysOf(t, done.state, "ingress")) != 2 || len(keysOf(t, done.state, "egress")) != 0 || !done.state.IsFullyKnown() {
			t.Errorf("the state is %s", done.state)
		}
	})
	t.Run("a rule appears after the plan", func(t *testing.T) {
		w := startLiveWorld(t, nil)
		config := w.config(lbRules, nil)
		plan := w.planNew(t, lbRules, config).state
		w.admit(t, w.LoadBalancerGroup, 80)
		done := w.server.apply(lbRules, tftypes.Value{}, w.server.value(lbRules, config), plan)
		wantNothingSaid(t, done.diags)
		var adopted []tftypes.Value
		made(0, attributesOf(t, done.state)["adopted_rule_ids"].As(&adopted))(t)
		if len(adopted) != 1 || len(keysOf(t, done.state, "ingress")) != 2 {
			t.Errorf("the state is %s", done.state)
		}
	})
	t.Run("update", func(t *testing.T) {
		w := startLiveWorld(t, nil)
		// Nothing has to stay for a load balancer without a name.
		state := w.server.create(lbRules, w.config(lbRules, blockValues{"load_balancers": []any{w.changed(blockValues{"name": nil})}}))
		w.nextRun()
		w.Inject(denied("RevokeSecurityGroupIngress"))
		config := w.server.value(lbRules, w.config(lbRules, blockValues{"load_balancers": []any{w.changed(blockValues{"name": nil, "listener": listeners([2]any{80, 8080}, [2]any{8000, 8443})})}}))
		plan := w.server.plan(lbRules, state, config)
		wantNothingSaid(t, plan.diags)
		done := w.server.apply(lbRules, state, config, plan.state)
		wantSaid(t, done.diags, said{summary: "Unable to update the security group rules", detail: []string{"ec2:RevokeSecurityGroupIngress", "was denied"}})
		if got := keysOf(t, done.state, "ingress"); len(got) != 3 || !done.state.IsFullyKnown() {
			t.Errorf("the state has %q", got)
		}
	})
	t.Run("delete", func(t *testing.T) {
		w := startLiveWorld(t, nil)
		state := w.server.create(lbRules, w.config(lbRules, nil))
		w.nextRun()
		w.Inject(denied("RevokeSecurityGroupEgress"))
		gone := tftypes.NewValue(state.Type(), nil)
		done := w.server.apply(lbRules, state, gone, gone)
		wantSaid(t, done.diags, said{summary: "Unable to delete the security group rules", detail: []string{"ec2:RevokeSecurityGroupEgress", "was denied"}})
		if len(keysOf(t, done.state, "ingress")) != 0 || len(keysOf(t, done.state, "egress")) != 3 {
			t.Errorf("the state is %s", done.state)
		}
	})
	t.Run("no raw message of the SDK", func(t *testing.T) {
		w := startLiveWorld(t, nil)
		config := w.config(lbRules, nil)
		plan := w.planNew(t, lbRules, config).state
		w.Inject(fakeaws.Fault{Kind: fakeaws.CutBefore})
		done := w.server.apply(lbRules, tftypes.Value{}, w.server.value(lbRules, config), plan)
		wantSaid(t, done.diags, said{summary: "Unable to create the security group rules", detail: []string{"There was no answer from 127.0.0.1:", "Check the endpoints"}})
		if strings.Contains(saidBy(done.diags), "AKIA") {
			t.Error("a credential is told")
		}
	})
}
