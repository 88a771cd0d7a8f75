// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package acceptance

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing/types"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/terraform-clb/terraform-provider-clb/internal/acceptance/world"
)

// relisten gives the live load balancer other listeners in the place of the one on
// a port, as hashicorp/aws does.
func (f *fixture) relisten(lbPort int32, listeners ...[2]int32) {
	f.Helper()
	ctx := context.Background()
	f.meanwhile(func() {
		_, err := f.ELB.DeleteLoadBalancerListeners(ctx, &elb.DeleteLoadBalancerListenersInput{LoadBalancerName: &f.LoadBalancer, LoadBalancerPorts: []int32{lbPort}})
		f.must(err)
		for _, listener := range listeners {
			_, err = f.ELB.CreateLoadBalancerListeners(ctx, &elb.CreateLoadBalancerListenersInput{LoadBalancerName: &f.LoadBalancer, Listeners: []elbtypes.Listener{world.Listener(listener)}})
			f.must(err)
		}
	})
}

// checkHealthOn makes the live load balancer check the health on another port.
func (f *fixture) checkHealthOn(port int) {
	f.Helper()
	f.meanwhile(func() {
		_, err := f.ELB.ConfigureHealthCheck(context.Background(), &elb.ConfigureHealthCheckInput{
			LoadBalancerName: &f.LoadBalancer, HealthCheck: &elbtypes.HealthCheck{
				Target: aws.String(fmt.Sprintf("TCP:%d", port)), Interval: aws.Int32(30), Timeout: aws.Int32(5), HealthyThreshold: aws.Int32(10), UnhealthyThreshold: aws.Int32(2),
			},
		})
		f.must(err)
	})
}

// TestBackEndPortMovesRulesFirst moves a back-end port and the health check port,
// the rules before the load balancer: the old ports stay open, the plan after that
// is empty as long as the load balancer has not moved, and the next one removes
// them.
func TestBackEndPortMovesRulesFirst(t *testing.T) {
	t.Parallel()
	f := newFixture(t, world.Plan{HealthCheckTarget: "TCP:8081", Listeners: [][2]int32{{80, 8080}}})
	value := func(port, health int) string {
		return with(allResources, "VALUE", fmt.Sprintf(`merge(local.web, { listener = [{ lb_port = 80, instance_port = %d }], health_check = [{ target = "TCP:%d" }] })`, port, health)) + `
			output "stays" {
			  value = join(" ", concat([for r in clb_instance_ingress_rules.web.retiring_rules : "${r.to_port}:${coalesce(r.needed_by, "nothing")}"], keys(clb_network_acl_entries.instances.retiring_entries)))
			}`
	}
	// To the network ACL of the load balancer the replies to clients go on all ports
	// from 1024 on, so that nothing closes there.
	both := with(rowsOfHTTP, "lb_acl out 100 allow tcp 8080       to 10.0.0.0/16\n", "", "lb_acl out 110 allow tcp 8081       to 10.0.0.0/16\n", "") + `
		lb_group out tcp 9080 to instance_group
		lb_group out tcp 9081 to instance_group
		instance_group in tcp 9080 from lb_group
		instance_group in tcp 9081 from lb_group
		lb_acl out 130 allow tcp 9080 to 10.0.0.0/16
		lb_acl out 140 allow tcp 9081 to 10.0.0.0/16
		instance_acl in 1020 allow tcp 9080 from 10.0.0.0/16
		instance_acl in 1030 allow tcp 9081 from 10.0.0.0/16`
	stays := func(pattern string) func(*resource.TestStep) {
		return func(s *resource.TestStep) {
			check := s.Check
			s.Check = resource.ComposeTestCheckFunc(check, resource.TestMatchOutput("stays", regexp.MustCompile(strings.ReplaceAll(pattern, "WEB", f.LoadBalancer))))
		}
	}
	f.run(
		step{config: value(8080, 8081), world: rowsOfHTTP, adjust: stays("^$")},
		step{
			config: value(9080, 9081),
			writes: `
				AuthorizeSecurityGroupEgress 2
				AuthorizeSecurityGroupIngress 2
				CreateNetworkAclEntry out 130
				CreateNetworkAclEntry out 140
				DeleteNetworkAclEntry out 100
				DeleteNetworkAclEntry out 110
				CreateNetworkAclEntry in 1020
				CreateNetworkAclEntry in 1030`,
			world: both,
			adjust: stays(`^8080:load balancer to instance port on tcp 8080 of load balancer "WEB"` +
				` 8081:health check on tcp 8081 of load balancer "WEB" ingress/1000 ingress/1010$`),
		},
		step{
			// Half of it has moved.
			before: func() { f.checkHealthOn(9081) },
			config: value(9080, 9081),
			plan: `
				update clb_load_balancer_rules.web
				update clb_instance_ingress_rules.web
				update clb_network_acl_entries.instances`,
			writes: `
				RevokeSecurityGroupEgress 1
				RevokeSecurityGroupIngress 1
				DeleteNetworkAclEntry in 1010`,
			adjust: stays(`^8080:load balancer to instance port on tcp 8080 of load balancer "WEB" ingress/1000$`),
		},
		step{
			before: func() { f.relisten(80, [2]int32{80, 9080}) },
			config: value(9080, 9081),
			writes: `
				RevokeSecurityGroupEgress 1
				RevokeSecurityGroupIngress 1
				DeleteNetworkAclEntry in 1000`,
			world: `
				lb_group in  tcp 80   from 0.0.0.0/0
				lb_group out tcp 9080 to instance_group
				lb_group out tcp 9081 to instance_group
				instance_group in tcp  9080 from lb_group
				instance_group in tcp  9081 from lb_group
				instance_group in icmp 3/4  from lb_group
				lb_acl in  100 allow tcp 80         from 0.0.0.0/0
				lb_acl in  110 allow tcp 1024-65535 from 10.0.0.0/16
				lb_acl out 130 allow tcp 9080       to 10.0.0.0/16
				lb_acl out 140 allow tcp 9081       to 10.0.0.0/16
				lb_acl out 120 allow tcp 1024-65535 to 0.0.0.0/0
				instance_acl in  1020 allow tcp 9080       from 10.0.0.0/16
				instance_acl in  1030 allow tcp 9081       from 10.0.0.0/16
				instance_acl out 1000 allow tcp 1024-65535 to 10.0.0.0/16`,
			adjust: stays("^$"),
		},
		step{config: value(9080, 9081), plan: nothing, writes: nothing},
	)
}
