// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package verify

import (
	"testing"

	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

func TestInstanceGroupAdmitsMore(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		rules []string
		vpc   []string
		want  []wantFinding
	}{
		"recommended":                     {rules: []string{"in tcp 8080 from sg-lb", "in tcp 8081 from sg-lb"}},
		"other ports":                     {rules: []string{"in tcp 22 from 0.0.0.0/0", "in tcp 9100 from 10.0.0.0/8", "in udp 8080 from 0.0.0.0/0"}},
		"other groups":                    {rules: []string{"in tcp 8080 from sg-monitoring", "in all from sg-app"}},
		"a part of the VPC":               {rules: []string{"in tcp 8080 from 10.0.0.0/17", "in tcp 8080 from 192.168.0.0/16"}},
		"IPv6":                            {rules: []string{"in tcp 8080 from ::/0"}},
		"out":                             {rules: []string{"out all to 0.0.0.0/0"}},
		"one of two networks":             {rules: []string{"in tcp 8080 from 10.0.0.0/8"}, vpc: []string{"10.0.0.0/16", "100.64.0.0/16"}},
		"some network, VPC not known":     {rules: []string{"in tcp 8080 from 10.0.0.0/8", "in tcp 8080 from 0.0.0.0/1"}, vpc: []string{}},
		"halves of everyone on two ports": {rules: []string{"in tcp 8080 from 0.0.0.0/1", "in tcp 8081 from 128.0.0.0/1"}, vpc: []string{}},
		"everyone": {rules: []string{"in tcp 8080 from sg-lb", "in tcp 8080 from 0.0.0.0/0"}, want: []wantFinding{{
			id:       BroadInstanceGroup,
			sentence: "Security group sg-app admits tcp 8080 from 0.0.0.0/0, although only the load balancer's security group has to reach the instances there.",
			regions:  []string{"tcp 8080 from 0.0.0.0/0"},
			blockers: []string{"security group sg-app inbound rule sgr-2 (tcp 8080 from 0.0.0.0/0)"},
			fix: `Narrow rule sgr-2 to tcp 8080 from sg-lb. ` +
				`To live with it, say why: accept = [{ finding = "CLB203", reason = "…" }].`,
		}}},
		"the VPC itself": {rules: []string{"in tcp 8081 from 10.0.0.0/16"}, want: []wantFinding{{
			id: BroadInstanceGroup, regions: []string{"tcp 8081 from 10.0.0.0/16"},
		}}},
		"the VPC in two halves": {rules: []string{"in tcp 8081 from 10.0.0.0/17", "in tcp 8081 from 172.16.0.0/12", "in tcp 8081 from 10.0.128.0/17"}, want: []wantFinding{{
			id: BroadInstanceGroup, regions: []string{"tcp 8081 from 10.0.0.0/16"},
			blockers: []string{"security group sg-app inbound rule sgr-1 (tcp 8081 from 10.0.0.0/17)", "security group sg-app inbound rule sgr-3 (tcp 8081 from 10.0.128.0/17)"},
		}}},
		"everyone in two halves, VPC not known": {rules: []string{"in tcp 8080 from 0.0.0.0/1", "in tcp 8080-8090 from 128.0.0.0/1", "in tcp 8080 from 10.0.0.0/8"}, vpc: []string{}, want: []wantFinding{{
			id: BroadInstanceGroup, regions: []string{"tcp 8080 from 0.0.0.0/0"},
			sentence: "Security group sg-app admits tcp 8080 from 0.0.0.0/1, although only the load balancer's security group has to reach the instances there. " +
				"One more of its rules is broader than recommended.",
		}}},
		"all traffic: the ports of the load balancer alone": {rules: []string{"in all from 10.0.0.0/8"}, want: []wantFinding{{
			id: BroadInstanceGroup, regions: []string{"tcp 8080-8081 from 10.0.0.0/8"},
			sentence: "Security group sg-app admits all protocols from 10.0.0.0/8, although only the load balancer's security group has to reach the instances there.",
		}}},
		"both networks at once": {rules: []string{"in tcp 8080 from 0.0.0.0/0"}, vpc: []string{"10.0.0.0/16", "100.64.0.0/16"}, want: []wantFinding{{id: BroadInstanceGroup}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q := instanceGroup(t, test.rules...)
			if test.vpc != nil {
				q.VPC = networksOf(test.vpc...)
			}
			wantFindings(t, broaderOf(t, q), test.want...)
		})
	}
}

func TestInstanceGroupOfSomeListeners(t *testing.T) {
	t.Parallel()
	q := instanceGroup(t, "in tcp 9443 from 0.0.0.0/0")
	lb := web()
	lb.Listeners = append(lb.Listeners, wiring.Listener{LBPort: 443, InstancePort: 9443})
	q.LoadBalancers = []wiring.LoadBalancer{lb}
	wantFindings(t, broaderOf(t, q), wantFinding{id: BroadInstanceGroup})
	q.LBPorts = []int{80}
	wantFindings(t, broaderOf(t, q))
}

func TestInstanceGroupByPrefixList(t *testing.T) {
	t.Parallel()
	q := instanceGroup(t, "in tcp 8080 from pl-all")
	q.Group.Rules[0].Networks = networksOf("10.0.0.0/17", "10.0.128.0/17")
	wantFindings(t, broaderOf(t, q), wantFinding{id: BroadInstanceGroup})
	q.Group.Rules[0].Networks = networksOf("10.0.0.0/17")
	wantFindings(t, broaderOf(t, q))
	wantFindings(t, broaderOf(t, q, Acceptance{Finding: BroadInstanceGroup}))
}
