// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package verify

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"testing"

	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// TestRecommendedIsNeverBroader builds random load balancers and the rules of the
// tables for them, by nobody here managed, with their declared clients: none of it
// is ever called broader.
func TestRecommendedIsNeverBroader(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	for i := range 400 {
		var lbs []wiring.LoadBalancer
		for n := range 1 + random.IntN(3) {
			lbs = append(lbs, randomLoadBalancer(random, n))
		}
		vpc := networksOf("10.0.0.0/16", "100.64.0.0/16", "172.16.0.0/20")[:1+random.IntN(3)]
		if problem := broaderThanRecommended(lbs, vpc); problem != "" {
			t.Fatalf("%d: %s\n%+v in %v", i, problem, lbs, vpc)
		}
	}
}

func broaderThanRecommended(lbs []wiring.LoadBalancer, vpc []netip.Prefix) string {
	group, instances := Group{ID: "sg-lb"}, Group{ID: "sg-app"}
	var lbSubnet, private, public []wiring.Rule
	for _, lb := range lbs {
		rows := wiring.InternetFacingLoadBalancerGroup(lb)
		acl := wiring.InternetFacingLoadBalancerSubnet(lb, vpc)
		if lb.Internal {
			rows, acl = wiring.InternalLoadBalancerGroup(lb, vpc), wiring.InternalLoadBalancerSubnet(lb, vpc)
		}
		for _, row := range append(rows, wiring.RespondToPing(lb, vpc)...) {
			group.Rules = append(group.Rules, GroupRule{Rule: row})
		}
		for _, row := range append(wiring.InstanceGroup(lb, lb.SecurityGroups), wiring.InstancePathMTUDiscovery(wiring.CIDRPeers(vpc))...) {
			instances.Rules = append(instances.Rules, GroupRule{Rule: row})
		}
		lbSubnet = append(append(lbSubnet, acl...), wiring.LoadBalancerSubnetPathMTUDiscovery(lb, vpc)...)
		private = append(private, wiring.PrivateInstanceSubnet(lb, vpc)...)
		public = append(public, wiring.PublicInstanceSubnet(lb)...)
	}
	questions := []asked{
		LoadBalancerGroup{LoadBalancers: lbs, LBPorts: lbs[0].LBPorts()[:1], VPC: vpc, Group: group, Directions: bothDirections()},
		LoadBalancerGroup{LoadBalancers: lbs, Group: group, Directions: bothDirections()},
		InstanceGroup{LoadBalancers: lbs, VPC: vpc, Group: instances},
		InstanceGroup{LoadBalancers: lbs, Group: instances},
	}
	for _, vpc := range [][]netip.Prefix{vpc, nil} {
		questions = append(questions,
			SubnetACL{LoadBalancers: lbs, VPC: vpc, Roles: []SubnetRole{LoadBalancerSubnet}, ACL: aclWith(lbSubnet), Directions: bothDirections()},
			SubnetACL{LoadBalancers: lbs, VPC: vpc, Roles: []SubnetRole{PrivateInstanceSubnet}, ACL: aclWith(private), Directions: bothDirections()},
			SubnetACL{LoadBalancers: lbs, VPC: vpc, Roles: []SubnetRole{PublicInstanceSubnet}, ACL: aclWith(public), Directions: bothDirections()},
			SubnetACL{
				LoadBalancers: lbs, VPC: vpc, Roles: []SubnetRole{PrivateInstanceSubnet, LoadBalancerSubnet},
				ACL: aclWith(append(lbSubnet, private...)), Directions: bothDirections(),
			},
		)
	}
	for _, q := range questions {
		findings, err := q.broader(newAcceptances(Options{}))
		if err != nil {
			return err.Error()
		}
		if len(findings) > 0 {
			return fmt.Sprintf("%T: %+v", q, findings)
		}
	}
	return ""
}

func aclWith(rows []wiring.Rule) ACL {
	acl := ACL{ID: "acl-1"}
	for i, row := range wiring.Collapse(rows) {
		acl.Entries = append(acl.Entries, ACLEntry{Entry: wiring.Entry{Rule: row, Number: 100 + i}})
	}
	return acl
}

func randomLoadBalancer(random *rand.Rand, n int) wiring.LoadBalancer {
	ports := []int{22, 80, 443, 1024, 8080, 8443, 32768, 65535}
	pick := func() int { return ports[random.IntN(len(ports))] }
	lb := wiring.LoadBalancer{
		Name: fmt.Sprint("lb-", n), Internal: random.IntN(2) == 0,
		SecurityGroups: []string{"sg-lb"}, InstanceSecurityGroups: []string{"sg-app", fmt.Sprint("sg-", n)},
	}
	if random.IntN(4) == 0 {
		lb.SecurityGroups, lb.InstanceSecurityGroups = []string{"sg-lb", "sg-app"}, []string{"sg-lb", "sg-app"}
	}
	for range 1 + random.IntN(3) {
		if port := pick(); !lb.HasListener(port) {
			lb.Listeners = append(lb.Listeners, wiring.Listener{LBPort: port, InstancePort: pick()})
		}
	}
	if random.IntN(4) > 0 {
		lb.HealthCheck = &wiring.HealthCheckTarget{Protocol: "TCP", Port: pick()}
	}
	for _, l := range lb.Listeners {
		if random.IntN(2) == 0 {
			continue
		}
		clients := wiring.Clients{LBPorts: []int{l.LBPort}}
		switch random.IntN(4) {
		case 0:
			clients.CIDRBlocks = networksOf("0.0.0.0/0")
		case 1:
			clients.CIDRBlocks = networksOf("203.0.113.0/24", "10.0.0.0/8")
		case 2:
			clients.SecurityGroups = []string{"sg-clients", "123456789012/sg-theirs"}
		default:
			clients.PrefixLists, clients.CIDRBlocks = []string{"pl-office"}, networksOf("198.51.100.7/32")
		}
		lb.Clients = append(lb.Clients, clients)
	}
	return lb
}
