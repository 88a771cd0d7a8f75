// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/terraform-clb/terraform-provider-clb/internal/acceptance/world"
	"github.com/terraform-clb/terraform-provider-clb/internal/fakeaws"
)

// next is what a further run of Terraform does with a resource.
type next struct {
	// planned tells whether there is a change, and known whether the plan knows what
	// retires.
	planned, known bool
	state          tftypes.Value
	// plan and apply are what is said.
	plan, apply []*tfprotov6.Diagnostic
}

// next reads, plans and applies a resource in a new run.
func (w *liveWorld) next(resource string, state tftypes.Value, config blockValues) next {
	w.t.Helper()
	w.nextRun()
	read := made(w.server.ReadResource(w.t.Context(), &tfprotov6.ReadResourceRequest{TypeName: resource, CurrentState: w.server.dynamic(state)}))(w.t)
	state = made(read.NewState.Unmarshal(w.server.typeOf(resource)))(w.t)
	value := w.server.value(resource, config)
	plan := w.server.plan(resource, state, value)
	wantNoError(w.t, plan.diags)
	n := next{planned: !plan.state.Equal(state), known: attributesOf(w.t, plan.state)[retiringOf(resource)].IsKnown(), state: state, plan: slices.Concat(read.Diagnostics, plan.diags)}
	if n.planned {
		done := w.server.apply(resource, state, value, plan.state)
		wantNoError(w.t, done.diags)
		n.state, n.apply = done.state, done.diags
		if !n.state.IsFullyKnown() {
			w.t.Errorf("not known after the apply: %s", n.state)
		}
	}
	return n
}

// retires compares what retires and what needs it, and says whether an apply was planned.
func (n next) retires(t *testing.T, resource string, planned bool, want map[string]string) {
	t.Helper()
	got := map[string]string{}
	for _, key := range keysOf(t, n.state, retiringOf(resource)) {
		var flows string
		if value := elementOf(t, n.state, retiringOf(resource), key, "needed_by"); !value.IsNull() {
			made(0, value.As(&flows))(t)
		}
		got[key] = flows
	}
	if n.planned != planned || len(got) != len(want) {
		t.Fatalf("planned %t, want %t; %v retires, want %v", n.planned, planned, got, want)
	}
	for key, flows := range want {
		if have, there := got[key]; !there || have != flows {
			t.Errorf("%q retires (%t) because of %q, want %q", key, there, have, flows)
		}
	}
}

// relisten makes the listener 443 forward to another instance port.
func (w *liveWorld) relisten(instancePort int32) {
	w.t.Helper()
	made(w.ELB.DeleteLoadBalancerListeners(w.t.Context(), &elb.DeleteLoadBalancerListenersInput{LoadBalancerName: aws.String("web"), LoadBalancerPorts: []int32{443}}))(w.t)
	made(w.ELB.CreateLoadBalancerListeners(w.t.Context(), &elb.CreateLoadBalancerListenersInput{
		LoadBalancerName: aws.String("web"), Listeners: []elbtypes.Listener{world.Listener([2]int32{443, instancePort})},
	}))(w.t)
}

// moved is a configuration whose listener 443 forwards to 9443 instead of 8443.
func (w *liveWorld) moved(changes blockValues) blockValues {
	return blockValues{"load_balancers": []any{w.changed(with(blockValues{"listener": listeners([2]any{80, 8080}, [2]any{443, 9443})}, changes))}}
}

// atInstances are the arguments with which entries are for the instances' subnets:
// those of the load balancer's let replies to clients pass on all ports from 1024 on,
// so that there no instance port closes.
func (w *liveWorld) atInstances(resource string) blockValues {
	if resource != aclEntries {
		return blockValues{}
	}
	return blockValues{"network_acl_id": w.InstanceACL, "subnet_roles": []any{"private_instance"}}
}

const portStays = `load balancer to instance port on tcp 8443 of load balancer "web"`

// TestRulesRetire follows rules that a live load balancer needs from the update
// that does not want them any more to their end.
func TestRulesRetire(t *testing.T) {
	w := startLiveWorld(t, nil)
	for _, test := range []struct {
		resource, at, summary string
		retiring              map[string]string
		// words are how one of them is named.
		words  string
		writes []string
	}{
		{
			lbRules, "security_group_id", rulesStay, map[string]string{"egress tcp 8443 to " + w.InstanceGroup: portStays},
			`outbound "tcp 8443 to ` + w.InstanceGroup + `", for the ` + portStays, []string{"RevokeSecurityGroupEgress"},
		},
		{
			instanceRules, "security_group_id", rulesStay, map[string]string{"ingress tcp 8443 from " + w.LoadBalancerGroup: portStays},
			`inbound "tcp 8443 from ` + w.LoadBalancerGroup + `", for the ` + portStays, []string{"RevokeSecurityGroupIngress"},
		},
		{
			aclEntries, "network_acl_id", entriesStay, map[string]string{"ingress/1020": portStays, "ingress/1030": portStays},
			"inbound rule 1030 (allow tcp 8443 from 10.7.0.0/16), for the " + portStays, []string{"DeleteNetworkAclEntry", "DeleteNetworkAclEntry"},
		},
	} {
		t.Run(test.resource, func(t *testing.T) {
			w.relisten(8443)
			w.nextRun()
			where := w.atInstances(test.resource)
			state := w.server.create(test.resource, w.config(test.resource, where))
			moved := w.config(test.resource, with(where, w.moved(nil)))
			differs := said{warning: true, at: test.at, summary: "Live load balancer differs (CLB308)"}
			stay := said{warning: true, at: test.at, summary: test.summary, detail: []string{test.words, "the next plan after that removes them"}}

			n := w.next(test.resource, state, moved)
			n.retires(t, test.resource, true, test.retiring)
			if n.known {
				t.Error("the plan knows what stays")
			}
			wantSaid(t, n.apply, stay)

			// As long as nothing moves, nothing is planned, and why is said.
			n = w.next(test.resource, n.state, moved)
			n.retires(t, test.resource, false, test.retiring)
			wantSaid(t, n.plan, stay, differs)
			wantNoWrite(t, w.Calls())

			// What is said is no more than what was read before.
			w.Inject(fakeaws.Fault{Kind: fakeaws.Fail, Code: "AccessDenied", Message: "No.", Match: writing("DescribeLoadBalancers"), Times: 1})
			n = w.next(test.resource, n.state, moved)
			n.retires(t, test.resource, false, test.retiring)
			wantSaid(t, n.plan, stay, said{warning: true, at: "load_balancers", summary: "Unable to check against AWS", detail: []string{`load balancer "web"`}})

			// It is wanted again: it comes back as it is.
			back := w.next(test.resource, n.state, w.config(test.resource, where))
			back.retires(t, test.resource, true, nil)
			if got := w.writesOf(); slices.ContainsFunc(got, func(action string) bool {
				return strings.HasPrefix(action, "Authorize") || strings.HasPrefix(action, "Create")
			}) {
				t.Errorf("written: %q", got)
			}
			n = w.next(test.resource, back.state, moved)
			n.retires(t, test.resource, true, test.retiring)

			w.relisten(9443)
			n = w.next(test.resource, n.state, moved)
			n.retires(t, test.resource, true, nil)
			wantNothingSaid(t, n.apply)
			if got := w.writesOf(); !slices.Equal(got, test.writes) {
				t.Errorf("written: %q, want %q", got, test.writes)
			}
			n = w.next(test.resource, n.state, moved)
			n.retires(t, test.resource, false, nil)
			wantNothingSaid(t, n.plan)
		})
	}
}

// TestRulesThatDoNotRetire: what nobody can be asked about, or what the
// configuration itself closes, goes at once.
func TestRulesThatDoNotRetire(t *testing.T) {
	w := startLiveWorld(t, adviseOnly())
	narrow := blockValues{"clients": []any{blockValues{"cidr_blocks": []any{"198.51.100.0/24"}}}}
	for _, test := range []struct {
		name          string
		before, after blockValues
		// asked tells whether the load balancer is looked up.
		asked bool
	}{
		{"no name", blockValues{"load_balancers": []any{w.changed(blockValues{"name": nil})}}, w.moved(blockValues{"name": nil}), false},
		{"no such load balancer", blockValues{"load_balancers": []any{w.changed(blockValues{"name": "gone"})}}, w.moved(blockValues{"name": "gone"}), true},
		{"fewer clients", nil, narrow, true},
		{"another listener alone", nil, blockValues{"lb_ports": []any{80}}, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			w.nextRun()
			value := w.server.value(lbRules, w.config(lbRules, test.before))
			planned := w.server.plan(lbRules, tftypes.Value{}, value)
			state := w.server.apply(lbRules, tftypes.Value{}, value, planned.state).state
			n := w.next(lbRules, state, w.config(lbRules, test.after))
			n.retires(t, lbRules, true, nil)
			if !slices.ContainsFunc(w.writesOf(), func(action string) bool {
				return action == "RevokeSecurityGroupEgress" || action == "RevokeSecurityGroupIngress"
			}) {
				t.Errorf("written: %q", w.writesOf())
			}
			if asked := w.counts()["DescribeLoadBalancers"] > 0; asked != test.asked {
				t.Errorf("the load balancer is looked up: %t", asked)
			}
			gone := tftypes.NewValue(state.Type(), nil)
			wantNothingSaid(t, w.server.apply(lbRules, n.state, gone, gone).diags)
		})
	}
}

// TestLoadBalancerThatIsTakenOut: a load balancer that is in load_balancers no more
// holds its rules for one apply.
func TestLoadBalancerThatIsTakenOut(t *testing.T) {
	w := startLiveWorld(t, nil)
	state := w.server.create(instanceRules, w.config(instanceRules, nil))
	none := w.config(instanceRules, blockValues{"load_balancers": []any{}})
	n := w.next(instanceRules, state, none)
	n.retires(t, instanceRules, true, map[string]string{
		"ingress tcp 8080 from " + w.LoadBalancerGroup: `load balancer to instance port on tcp 8080 of load balancer "web"`,
		"ingress tcp 8443 from " + w.LoadBalancerGroup: portStays,
		"ingress tcp 8081 from " + w.LoadBalancerGroup: `health check on tcp 8081 of load balancer "web"`,
	})
	n = w.next(instanceRules, n.state, none)
	n.retires(t, instanceRules, true, nil)
	if left := w.SecurityGroupRules("us-east-1", w.InstanceGroup); len(left) != 0 {
		t.Errorf("left are %v", left)
	}
}

// TestGroupOfALoadBalancerRetires: instances admit the groups that the live load
// balancer carries until it carries another one.
func TestGroupOfALoadBalancerRetires(t *testing.T) {
	w := startLiveWorld(t, nil)
	state := w.server.create(instanceRules, w.config(instanceRules, nil))
	other := w.config(instanceRules, blockValues{"load_balancers": []any{w.changed(blockValues{"security_groups": []any{w.InternalGroup}})}})
	n := w.next(instanceRules, state, other)
	if got := keysOf(t, n.state, "retiring_rules"); len(got) != 3 {
		t.Errorf("%q retires", got)
	}
	made(w.ELB.ApplySecurityGroupsToLoadBalancer(t.Context(), &elb.ApplySecurityGroupsToLoadBalancerInput{LoadBalancerName: aws.String("web"), SecurityGroups: []string{w.InternalGroup}}))(t)
	n = w.next(instanceRules, n.state, other)
	n.retires(t, instanceRules, true, nil)
}

// TestUnreadLoadBalancerKeepsRules: where nobody can tell what a load balancer
// needs, nothing is removed that it may need.
func TestUnreadLoadBalancerKeepsRules(t *testing.T) {
	w := startLiveWorld(t, nil)
	for _, resource := range []string{lbRules, instanceRules, aclEntries} {
		w.nextRun()
		where := w.atInstances(resource)
		state, moved := w.server.create(resource, w.config(resource, where)), w.config(resource, with(where, w.moved(nil)))
		stop := w.Inject(fakeaws.Fault{Kind: fakeaws.Fail, Code: "AccessDenied", Message: "No.", Match: writing("DescribeLoadBalancers")})
		n := w.next(resource, state, moved)
		if len(keysOf(t, n.state, retiringOf(resource))) == 0 {
			t.Errorf("%s: nothing stays", resource)
		}
		wantSaid(t, n.apply, said{warning: true, at: "load_balancers", summary: "Unable to check against AWS", detail: []string{
			`Load balancer "web" could not be read`, "stay", "elasticloadbalancing:DescribeLoadBalancers",
		}})
		stop()
		w.relisten(9443)
		w.next(resource, n.state, moved).retires(t, resource, true, nil)
		w.relisten(8443)
	}
}

// TestStatesWithoutRetiring: a state of an earlier version says nothing of what
// retires, and that is no change.
func TestStatesWithoutRetiring(t *testing.T) {
	w := startLiveWorld(t, nil)
	for _, resource := range []string{lbRules, instanceRules, aclEntries} {
		w.nextRun()
		attributes := attributesOf(t, w.server.create(resource, w.config(resource, nil)))
		attributes[retiringOf(resource)] = tftypes.NewValue(attributes[retiringOf(resource)].Type(), nil)
		state := tftypes.NewValue(w.server.typeOf(resource), attributes)
		n := w.next(resource, state, w.config(resource, nil))
		if n.planned || !n.state.Equal(state) {
			t.Errorf("%s: there is a change", resource)
		}
		wantNothingSaid(t, n.plan)
		w.next(resource, state, w.config(resource, w.moved(nil)))
	}
}

// written is a configuration of the instances' network ACL whose entry for the
// listener 443 is written out.
func (w *liveWorld) written(port int) blockValues {
	w.t.Helper()
	return w.config(aclEntries, with(with(w.atInstances(aclEntries), w.moved(blockValues{"listener": listeners([2]any{443, port})})), blockValues{"ingress": blockValues{
		"app": blockValues{"rule_number": 100, "protocol": "tcp", "cidr_block": "10.0.0.0/8", "from_port": port, "to_port": port},
	}}))
}

// TestWrittenEntryRetires: an entry that is written anew under its number stands at
// another number while the live load balancer needs what it said before.
func TestWrittenEntryRetires(t *testing.T) {
	w := startLiveWorld(t, adviseOnly())
	state := w.createAdvised(t, w.written(8443))
	n := w.next(aclEntries, state, w.written(9443))
	n.retires(t, aclEntries, true, map[string]string{"ingress/32749": portStays})
	if got := w.writesOf(); !slices.Equal(got, []string{"CreateNetworkAclEntry", "ReplaceNetworkAclEntry"}) {
		t.Errorf("written: %q", got)
	}
	// A run that is killed before its state is saved leaves the copy to the next one.
	n = w.next(aclEntries, state, w.written(9443))
	n.retires(t, aclEntries, true, map[string]string{"ingress/32749": portStays})
	wantNoWrite(t, w.Calls())
	w.relisten(9443)
	n = w.next(aclEntries, n.state, w.written(9443))
	n.retires(t, aclEntries, true, nil)
	if got := w.writesOf(); !slices.Equal(got, []string{"DeleteNetworkAclEntry"}) {
		t.Errorf("written: %q", got)
	}
}

// TestNoRoomForWhatRetires: in a full network ACL what is wanted goes before what
// would stay, and that is said.
func TestNoRoomForWhatRetires(t *testing.T) {
	w := startLiveWorld(t, adviseOnly())
	state := w.createAdvised(t, w.written(8443))
	for number := range 18 {
		w.deny(w.InstanceACL, false, int32(200+number), 1, "192.0.2.0/24")
	}
	n := w.next(aclEntries, state, w.written(9443))
	n.retires(t, aclEntries, true, nil)
	wantAmong(t, n.apply, said{warning: true, at: "network_acl_id", summary: flowsClosed, detail: []string{w.InstanceACL, portStays, "no room"}})
}
