// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/terraform-clb/terraform-provider-clb/internal/fakeaws"
)

// planDestroy plans in a new run that a resource goes.
func (w *liveWorld) planDestroy(resource string, state tftypes.Value) []*tfprotov6.Diagnostic {
	w.t.Helper()
	w.nextRun()
	w.server.refreshed(resource, state)
	planned := w.server.plan(resource, state, tftypes.NewValue(state.Type(), nil))
	wantNoWrite(w.t, w.Calls())
	return planned.diags
}

// TestDestroyTellsWhatCloses: the plan of a destroy names the flows of the live load
// balancer that pass now and will not without what goes.
func TestDestroyTellsWhatCloses(t *testing.T) {
	w := startLiveWorld(t, nil)
	const of = ` of load balancer "web"`
	closes := func(at string, flows ...string) said {
		return said{warning: true, at: at, summary: flowsClosed, detail: append(flows, "if it goes too, nothing is to be done")}
	}
	web := closes("security_group_id", "security group "+w.LoadBalancerGroup, "client to listener on tcp 80"+of, "client to listener on tcp 443"+of,
		"load balancer to instance port on tcp 8080"+of, "load balancer to instance port on tcp 8443"+of, "health check on tcp 8081"+of)
	instances := closes("security_group_id", "security group "+w.InstanceGroup, "load balancer to instance port on tcp 8080"+of, "load balancer to instance port on tcp 8443"+of, "health check on tcp 8081"+of)
	acl := closes("network_acl_id", "network ACL "+w.LoadBalancerACL, "client to listener on tcp 80"+of, "client to listener on tcp 443"+of, "reply of instances"+of,
		"reply to clients"+of, "load balancer to instance port on tcp 8080"+of, "health check on tcp 8081"+of)
	for resource, whole := range map[string]said{lbRules: web, instanceRules: instances, aclEntries: acl} {
		w.nextRun()
		state := w.server.create(resource, w.config(resource, nil))
		wantSaid(t, w.planDestroy(resource, state), whole)
		if calls := w.counts(); calls["DescribeLoadBalancers"] != 1 {
			t.Errorf("%s: the plan calls %v", resource, calls)
		}
		stop := w.Inject(fakeaws.Fault{Kind: fakeaws.Fail, Code: "AccessDenied", Message: "No.", Match: writing("DescribeLoadBalancers")})
		wantSaid(t, w.planDestroy(resource, state), said{warning: true, at: "load_balancers", summary: "Unable to check against AWS", detail: []string{"does not tell which flows close", `load balancer "web"`}})
		stop()
		// Another group, another network ACL: Terraform plans the end of this one with it.
		elsewhere := w.config(resource, map[string]blockValues{
			lbRules: {"security_group_id": w.InternalGroup}, instanceRules: {"security_group_id": w.InternalGroup}, aclEntries: {"network_acl_id": w.InstanceACL},
		}[resource])
		wantSaid(t, w.server.plan(resource, state, w.server.value(resource, elsewhere)).diags, whole)
		gone := tftypes.NewValue(state.Type(), nil)
		wantNothingSaid(t, w.server.apply(resource, state, gone, gone).diags)
	}
}

// TestDestroyThatClosesNothing: what others admit too, what is adopted and stays,
// and what no live load balancer needs is no news.
func TestDestroyThatClosesNothing(t *testing.T) {
	w := startLiveWorld(t, nil)
	w.admit(t, w.LoadBalancerGroup, 80)
	adopting := w.server.value(lbRules, w.config(lbRules, nil))
	planned := w.server.plan(lbRules, tftypes.Value{}, adopting)
	state := w.server.apply(lbRules, tftypes.Value{}, adopting, planned.state).state
	diags := w.planDestroy(lbRules, state)
	wantSaid(t, diags, said{warning: true, at: "security_group_id", summary: flowsClosed, detail: []string{"client to listener on tcp 443"}})
	if slices.ContainsFunc(diags, func(d *tfprotov6.Diagnostic) bool {
		return said{warning: true, at: "security_group_id", summary: flowsClosed, detail: []string{"tcp 80 "}}.matches(d)
	}) {
		t.Error("the adopted rule stays, and is said to close a flow")
	}
	for _, changes := range []blockValues{
		{"name": nil}, {"name": "gone"},
		// This one carries another group.
		{"name": "web-internal"},
	} {
		gone := tftypes.NewValue(state.Type(), nil)
		wantNothingSaid(t, w.server.apply(lbRules, state, gone, gone).diags)
		w.nextRun()
		value := w.server.value(lbRules, w.config(lbRules, blockValues{"load_balancers": []any{w.changed(changes)}}))
		state = w.server.apply(lbRules, tftypes.Value{}, value, w.server.plan(lbRules, tftypes.Value{}, value).state).state
		wantNothingSaid(t, w.planDestroy(lbRules, state))
	}
}
