// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/terraform-clb/terraform-provider-clb/internal/fakeaws"
)

func (w *liveWorld) carried() []string {
	lb, _ := w.LoadBalancerOf("web")
	return lb.SecurityGroups
}

// LoadBalancerOf is a load balancer as it stands in the double.
func (w *liveWorld) LoadBalancerOf(name string) (fakeaws.LoadBalancer, bool) {
	return w.Server.LoadBalancer("us-east-1", name)
}

// TestLoadBalancerSecurityGroupsPlan: the previous groups are known after the
// creation and stay.
func TestLoadBalancerSecurityGroupsPlan(t *testing.T) {
	w := startLiveWorld(t, nil)
	planned := w.planNew(t, lbGroups, w.config(lbGroups, blockValues{"security_groups": []any{w.InternalGroup}}))
	wantNothingSaid(t, planned.diags)
	if attributesOf(t, planned.state)["previous_security_groups"].IsKnown() {
		t.Error("the previous groups are known before the load balancer is looked at by the apply")
	}
	state := w.server.create(lbGroups, w.config(lbGroups, blockValues{"security_groups": []any{w.InternalGroup, w.InstanceGroup}}))
	w.nextRun()
	reordered := w.server.plan(lbGroups, state, w.server.value(lbGroups, w.config(lbGroups, blockValues{"security_groups": []any{w.InstanceGroup, w.InternalGroup}})))
	wantNothingSaid(t, reordered.diags)
	if !reordered.state.Equal(state) || len(w.Calls()) > 0 {
		t.Error("another order is a change")
	}
	other := w.server.plan(lbGroups, state, w.server.value(lbGroups, w.config(lbGroups, blockValues{"on_destroy": "restore"})))
	wantNothingSaid(t, other.diags)
	if got := attributesOf(t, other.state)["previous_security_groups"]; !got.Equal(attributesOf(t, state)["previous_security_groups"]) {
		t.Errorf("the previous groups become %s", got)
	}
	renamed := w.server.plan(lbGroups, state, w.server.value(lbGroups, w.config(lbGroups, blockValues{"load_balancer_name": "web-internal"})))
	if !slices.Contains(renamed.replace, `AttributeName("load_balancer_name")`) {
		t.Errorf("replaced because of %s", renamed.replace)
	}
}

// TestLoadBalancerSecurityGroupsThatFail: what the user reads when AWS refuses.
func TestLoadBalancerSecurityGroupsThatFail(t *testing.T) {
	t.Run("six groups where AWS takes five", func(t *testing.T) {
		w := startLiveWorld(t, blockValues{"limits": blockValues{"security_groups_per_interface": 10}})
		before := w.carried()
		config := w.config(lbGroups, blockValues{"security_groups": w.groups(6)})
		planned := w.planNewAfterSetup(t, lbGroups, config)
		done := w.server.apply(lbGroups, tftypes.Value{}, w.server.value(lbGroups, config), planned.state)
		wantSaid(t, done.diags, said{summary: "Unable to apply the security groups to the load balancer", detail: []string{"elasticloadbalancing:ApplySecurityGroupsToLoadBalancer", `load balancer "web"`}})
		if !done.state.IsNull() || !slices.Equal(w.carried(), before) {
			t.Error("something has changed")
		}
	})
	t.Run("denied", func(t *testing.T) {
		w := startLiveWorld(t, nil)
		config := w.config(lbGroups, blockValues{"security_groups": []any{w.InternalGroup}})
		plan := w.planNew(t, lbGroups, config).state
		w.Inject(fakeaws.Fault{Kind: fakeaws.Fail, Code: "AccessDenied", Message: "User is not authorized.", Match: writing("ApplySecurityGroupsToLoadBalancer")})
		done := w.server.apply(lbGroups, tftypes.Value{}, w.server.value(lbGroups, config), plan)
		wantSaid(t, done.diags, said{summary: "Unable to apply the security groups to the load balancer", detail: []string{
			"elasticloadbalancing:ApplySecurityGroupsToLoadBalancer", "was denied", "Allow the action elasticloadbalancing:ApplySecurityGroupsToLoadBalancer",
		}})
	})
	t.Run("no previous group exists any more", func(t *testing.T) {
		w := startLiveWorld(t, nil)
		old := made(w.MakeGroup(t.Context(), "old"))(t)
		if made(w.ELB.ApplySecurityGroupsToLoadBalancer(t.Context(), applyInput("web", old)))(t) == nil {
			t.Fatal("no answer")
		}
		state := w.server.create(lbGroups, w.config(lbGroups, blockValues{"security_groups": []any{w.InternalGroup}, "on_destroy": "restore"}))
		made(w.EC2.DeleteSecurityGroup(t.Context(), &ec2.DeleteSecurityGroupInput{GroupId: &old}))(t)
		gone := tftypes.NewValue(state.Type(), nil)
		done := w.server.apply(lbGroups, state, gone, gone)
		wantSaid(t, done.diags, said{warning: true, summary: "Security groups not restored", detail: []string{`load balancer "web"`, old, "keeps the groups that it has"}})
		if !slices.Equal(w.carried(), []string{w.InternalGroup}) {
			t.Errorf("carries %s", w.carried())
		}
	})
}

// planNewAfterSetup plans a new resource and forgets the calls that made its world.
func (w *liveWorld) planNewAfterSetup(t *testing.T, resource string, config blockValues) planned {
	t.Helper()
	w.ResetCalls()
	return w.planNew(t, resource, config)
}
