// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package verify

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

func needsText(needs []Need) string {
	var lines []string
	for _, need := range needs {
		var region []string
		for _, box := range need.Region {
			region = append(region, boxWords(box, need.Hop.Direction()))
		}
		line := fmt.Sprintf("%s | %s | %s", need.Flow, need.Hop, strings.Join(region, " + "))
		if need.PeersUnknown != "" {
			line += " | misses " + need.PeersUnknown
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

func TestNeedsOfTheThreeQuestions(t *testing.T) {
	t.Parallel()
	twoNetworks := networksOf("10.0.0.0/16", "10.9.0.0/16")
	clients := internalWeb()
	clients.Listeners = append(clients.Listeners, wiring.Listener{LBPort: 443, InstancePort: 8080})
	clients.InstanceSecurityGroups = []string{"sg-app", "123456789012/sg-more"}
	clients.SecurityGroups = []string{"sg-lb", "sg-lb2"}
	clients.Clients = []wiring.Clients{
		{LBPorts: []int{80}, CIDRBlocks: networksOf("192.168.0.0/24")},
		{LBPorts: []int{443}, SecurityGroups: []string{"sg-client"}, PrefixLists: []string{"pl-1"}},
	}
	acl := func(lb wiring.LoadBalancer, roles ...SubnetRole) SubnetACL {
		return SubnetACL{LoadBalancers: []wiring.LoadBalancer{lb}, VPC: twoNetworks, Roles: roles, PathMTU: true}
	}
	for name, test := range map[string]struct {
		needs []Need
		want  string
	}{
		"group of an internet-facing load balancer": {
			LoadBalancerGroup{LoadBalancers: []wiring.LoadBalancer{web()}, VPC: twoNetworks}.Needs(), `
client to listener on tcp 80 of load balancer "web" | load balancer security group, inbound | tcp 80 from 0.0.0.0/0
load balancer to instance port on tcp 8080 of load balancer "web" | load balancer security group, outbound | tcp 8080 to members of sg-app in 10.0.0.0/16 + tcp 8080 to members of sg-app in 10.9.0.0/16
health check on tcp 8081 of load balancer "web" | load balancer security group, outbound | tcp 8081 to members of sg-app in 10.0.0.0/16 + tcp 8081 to members of sg-app in 10.9.0.0/16`,
		},
		"group of an internal load balancer": {
			LoadBalancerGroup{LoadBalancers: []wiring.LoadBalancer{internalWeb()}, VPC: twoNetworks}.Needs()[:1], `
client to listener on tcp 80 of load balancer "web" | load balancer security group, inbound | tcp 80 from 10.0.0.0/16 + tcp 80 from 10.9.0.0/16`,
		},
		"group of an internal load balancer, VPC unknown": {
			LoadBalancerGroup{LoadBalancers: []wiring.LoadBalancer{internalWeb()}}.Needs(), `
client to listener on tcp 80 of load balancer "web" | load balancer security group, inbound | tcp 80 from 0.0.0.0/0 | misses vpc_cidr_blocks
load balancer to instance port on tcp 8080 of load balancer "web" | load balancer security group, outbound | tcp 8080 to members of sg-app | misses vpc_cidr_blocks
health check on tcp 8081 of load balancer "web" | load balancer security group, outbound | tcp 8081 to members of sg-app | misses vpc_cidr_blocks`,
		},
		"declared clients by listener, two instance groups": {
			LoadBalancerGroup{LoadBalancers: []wiring.LoadBalancer{clients}, VPC: twoNetworks[:1]}.Needs(), `
client to listener on tcp 80 of load balancer "web" | load balancer security group, inbound | tcp 80 from 192.168.0.0/24
client to listener on tcp 443 of load balancer "web" | load balancer security group, inbound | tcp 443 from members of sg-client + tcp 443 from members of pl-1
load balancer to instance port on tcp 8080 of load balancer "web" | load balancer security group, outbound | tcp 8080 to members of sg-app in 10.0.0.0/16 + tcp 8080 to members of sg-more in 10.0.0.0/16
health check on tcp 8081 of load balancer "web" | load balancer security group, outbound | tcp 8081 to members of sg-app in 10.0.0.0/16 + tcp 8081 to members of sg-more in 10.0.0.0/16`,
		},
		"one listener of two": {
			LoadBalancerGroup{LoadBalancers: []wiring.LoadBalancer{clients}, VPC: twoNetworks[:1], LBPorts: []int{443}}.Needs()[:1], `
client to listener on tcp 443 of load balancer "web" | load balancer security group, inbound | tcp 443 from members of sg-client + tcp 443 from members of pl-1`,
		},
		"group of instances": {
			InstanceGroup{LoadBalancers: []wiring.LoadBalancer{clients}, VPC: twoNetworks[:1], PathMTUSources: []wiring.Peer{wiring.GroupPeer("sg-lb"), wiring.CIDRPeer(networksOf("10.0.0.0/8")[0])}}.Needs(), `
load balancer to instance port on tcp 8080 of load balancer "web" | instance security group, inbound | tcp 8080 from members of sg-lb and sg-lb2 in 10.0.0.0/16
health check on tcp 8081 of load balancer "web" | instance security group, inbound | tcp 8081 from members of sg-lb and sg-lb2 in 10.0.0.0/16
Path MTU Discovery of load balancer "web" | instance security group, inbound | icmp 3/4 from members of sg-lb + icmp 3/4 from 10.0.0.0/8`,
		},
		"group of instances, VPC unknown": {
			InstanceGroup{LoadBalancers: []wiring.LoadBalancer{web()}}.Needs()[:1], `
load balancer to instance port on tcp 8080 of load balancer "web" | instance security group, inbound | tcp 8080 from members of sg-lb | misses vpc_cidr_blocks`,
		},
		"ACL of an internet-facing load balancer's subnets": {
			acl(web(), LoadBalancerSubnet).Needs(), `
client to listener on tcp 80 of load balancer "web" | network ACL of the load balancer's subnet, inbound | tcp 80 from 0.0.0.0/0
reply to clients of load balancer "web" | network ACL of the load balancer's subnet, outbound | tcp 1024-65535 to 0.0.0.0/0
load balancer to instance port on tcp 8080 of load balancer "web" | network ACL of the load balancer's subnet, outbound | tcp 8080 to 10.0.0.0/16 + tcp 8080 to 10.9.0.0/16
health check on tcp 8081 of load balancer "web" | network ACL of the load balancer's subnet, outbound | tcp 8081 to 10.0.0.0/16 + tcp 8081 to 10.9.0.0/16
reply of instances of load balancer "web" | network ACL of the load balancer's subnet, inbound | tcp 1024-65535 from 10.0.0.0/16 + tcp 1024-65535 from 10.9.0.0/16
Path MTU Discovery of load balancer "web" | network ACL of the load balancer's subnet, inbound | icmp 3/4 from 0.0.0.0/0
Path MTU Discovery of load balancer "web" | network ACL of the load balancer's subnet, outbound | icmp 3/4 to 0.0.0.0/0`,
		},
		"ACL of an internal load balancer's subnets: what an ACL cannot name may be anywhere in the VPC": {
			acl(clients, LoadBalancerSubnet).Needs()[:3], `
client to listener on tcp 80 of load balancer "web" | network ACL of the load balancer's subnet, inbound | tcp 80 from 192.168.0.0/24
client to listener on tcp 443 of load balancer "web" | network ACL of the load balancer's subnet, inbound | tcp 443 from 10.0.0.0/16 + tcp 443 from 10.9.0.0/16
reply to clients of load balancer "web" | network ACL of the load balancer's subnet, outbound | tcp 1024-65535 to 10.0.0.0/16 + tcp 1024-65535 to 10.9.0.0/16 + tcp 1024-65535 to 192.168.0.0/24`,
		},
		"Path MTU Discovery of an internal load balancer with clients outside the VPC": {
			acl(clients, LoadBalancerSubnet).Needs()[6:], `
Path MTU Discovery of load balancer "web" | network ACL of the load balancer's subnet, inbound | icmp 3/4 from 10.0.0.0/16 + icmp 3/4 from 10.9.0.0/16 + icmp 3/4 from 10.0.0.0/16 + icmp 3/4 from 10.9.0.0/16 + icmp 3/4 from 192.168.0.0/24
Path MTU Discovery of load balancer "web" | network ACL of the load balancer's subnet, outbound | icmp 3/4 to 10.0.0.0/16 + icmp 3/4 to 10.9.0.0/16 + icmp 3/4 to 10.0.0.0/16 + icmp 3/4 to 10.9.0.0/16 + icmp 3/4 to 192.168.0.0/24`,
		},
		"ACL of private instance subnets": {
			acl(internalWeb(), PrivateInstanceSubnet).Needs(), `
load balancer to instance port on tcp 8080 of load balancer "web" | network ACL of the instances' subnet, inbound | tcp 8080 from 10.0.0.0/16 + tcp 8080 from 10.9.0.0/16
health check on tcp 8081 of load balancer "web" | network ACL of the instances' subnet, inbound | tcp 8081 from 10.0.0.0/16 + tcp 8081 from 10.9.0.0/16
reply of instances of load balancer "web" | network ACL of the instances' subnet, outbound | tcp 1024-65535 to 10.0.0.0/16 + tcp 1024-65535 to 10.9.0.0/16
Path MTU Discovery of load balancer "web" | network ACL of the instances' subnet, inbound | icmp 3/4 from 10.0.0.0/16 + icmp 3/4 from 10.9.0.0/16
Path MTU Discovery of load balancer "web" | network ACL of the instances' subnet, outbound | icmp 3/4 to 10.0.0.0/16 + icmp 3/4 to 10.9.0.0/16`,
		},
		"ACL of public instance subnets, VPC unknown": {
			SubnetACL{LoadBalancers: []wiring.LoadBalancer{web()}, Roles: []SubnetRole{PublicInstanceSubnet}}.Needs()[:1], `
load balancer to instance port on tcp 8080 of load balancer "web" | network ACL of the instances' subnet, inbound | tcp 8080 from 0.0.0.0/0 | misses vpc_cidr_blocks`,
		},
		"a load balancer without anything": {
			acl(wiring.LoadBalancer{}, LoadBalancerSubnet, PrivateInstanceSubnet).Needs(), `
`,
		},
	} {
		if got := "\n" + needsText(test.needs); got != test.want {
			t.Errorf("%s: got %s\nwant %s", name, got, test.want)
		}
	}
}

// Every row of the AWS table is recommended for a need, and says so.
func TestNeedsNameTheRowOfTheTable(t *testing.T) {
	t.Parallel()
	q := SubnetACL{
		LoadBalancers: []wiring.LoadBalancer{internalWeb()}, VPC: networksOf("10.0.0.0/16"),
		Roles: []SubnetRole{LoadBalancerSubnet, PrivateInstanceSubnet, PublicInstanceSubnet},
	}
	var rows []string
	for _, need := range q.Needs() {
		rows = append(rows, need.Row)
	}
	want := []string{
		"network ACL of the subnets of an internal load balancer: inbound from the VPC CIDR on the listener port",
		"network ACL of the subnets of an internal load balancer: outbound to the VPC CIDR on the ephemeral ports 1024-65535",
		"network ACL of the subnets of an internal load balancer: outbound to the VPC CIDR on the instance listener port",
		"network ACL of the subnets of an internal load balancer: outbound to the VPC CIDR on the health check port",
		"network ACL of the subnets of an internal load balancer: inbound from the VPC CIDR on the ephemeral ports 1024-65535",
		"network ACL of the instances' private subnets: inbound from the VPC CIDR on the instance listener port",
		"network ACL of the instances' private subnets: inbound from the VPC CIDR on the health check port",
		"network ACL of the instances' private subnets: outbound to the VPC CIDR on the ephemeral ports 1024-65535",
	}
	if !slices.Equal(rows, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(rows, "\n"), strings.Join(want, "\n"))
	}
}
