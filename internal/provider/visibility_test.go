// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/terraform-clb/terraform-provider-clb/internal/fakeaws"
)

// TestCreatedAMomentAgo: the group, network ACL or load balancer was created a
// moment ago, by another resource of the same run, and for seconds AWS says that
// it does not exist: first to whoever looks, then to whoever writes.
func TestCreatedAMomentAgo(t *testing.T) {
	for _, tt := range []struct {
		resource string
		// refused are writes that AWS refuses twice with a code.
		refused []string
		code    string
	}{
		{lbRules, []string{"AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress"}, "InvalidGroup.NotFound"},
		{instanceRules, []string{"AuthorizeSecurityGroupIngress"}, "InvalidGroup.NotFound"},
		{aclEntries, []string{"CreateNetworkAclEntry"}, "InvalidNetworkAclID.NotFound"},
		{lbGroups, []string{"ApplySecurityGroupsToLoadBalancer"}, "InvalidSecurityGroup"},
	} {
		t.Run(tt.resource, func(t *testing.T) {
			const lag = 2
			d := startDataSourceDouble(t, fakeaws.Config{VisibilityLag: lag})
			w := &liveWorld{dataSourceDouble: d, World: d.furnish()}
			w.nextRun()
			// The load balancers and what a double can say of them are not hidden by a lag.
			times := func(action, code string, times int) {
				w.Inject(fakeaws.Fault{Match: func(c fakeaws.Call) bool { return c.Action == action }, Times: times, Kind: fakeaws.Fail, Code: code})
			}
			times("DescribeLoadBalancers", "LoadBalancerNotFound", lag)
			for _, action := range tt.refused {
				times(action, tt.code, lag)
			}
			changes := blockValues{}
			if tt.resource == lbGroups {
				extra := made(w.MakeGroup(t.Context(), "extra"))(t)
				changes["security_groups"] = []any{w.LoadBalancerGroup, extra}
			}
			config := w.server.value(tt.resource, w.config(tt.resource, changes))
			plan := w.server.plan(tt.resource, tftypes.Value{}, config)
			wantNothingSaid(t, plan.diags)
			done := w.server.apply(tt.resource, tftypes.Value{}, config, plan.state)
			wantNothingSaid(t, done.diags)
			var refused []string
			for _, call := range w.Calls() {
				if call.ErrorCode == tt.code {
					refused = append(refused, call.Action)
				}
			}
			for _, action := range tt.refused {
				if n := len(slices.DeleteFunc(slices.Clone(refused), func(a string) bool { return a != action })); n != lag {
					t.Errorf("%s was refused %d times, want %d", action, n, lag)
				}
			}
		})
	}
}
