// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package wiring

import (
	"slices"
	"testing"
)

const (
	clientGroup = "sg-0c000000000000001"
	clientList  = "pl-0c000000000000001"
)

// TestClients: declared clients stand in the client rows in place of the table's
// source, each at its own listeners, and leave all other rows alone.
func TestClients(t *testing.T) {
	t.Parallel()
	vpc := cidrs("10.0.0.0/16")
	perListener := []Clients{
		{LBPorts: []int{80}, CIDRBlocks: cidrs("192.0.2.0/24")},
		{LBPorts: []int{443}, SecurityGroups: []string{clientGroup}, PrefixLists: []string{clientList}},
	}
	tests := []struct {
		name                   string
		internal               bool
		clients                []Clients
		group, subnet, ping    []string
		withoutAddress         []string
		declaresEveryListeners bool
	}{
		{
			name:    "networks at all listeners",
			clients: []Clients{{CIDRBlocks: cidrs("192.0.2.0/24", "198.51.100.0/24")}},
			group: []string{
				"ingress tcp 80 from 192.0.2.0/24 | " + declaredClient,
				"ingress tcp 80 from 198.51.100.0/24 | " + declaredClient,
				"ingress tcp 443 from 192.0.2.0/24 | " + declaredClient,
				"ingress tcp 443 from 198.51.100.0/24 | " + declaredClient,
			},
			subnet: []string{
				"ingress tcp 80 from 192.0.2.0/24 | " + declaredClient,
				"ingress tcp 80 from 198.51.100.0/24 | " + declaredClient,
				"ingress tcp 443 from 192.0.2.0/24 | " + declaredClient,
				"ingress tcp 443 from 198.51.100.0/24 | " + declaredClient,
				"ingress tcp 1024-65535 from 10.0.0.0/16 | " + ephemeralIn,
				"egress tcp 8080 to 10.0.0.0/16 | " + toInstances,
				"egress tcp 8443 to 10.0.0.0/16 | " + toInstances,
				"egress tcp 8081 to 10.0.0.0/16 | " + toHealthCheck,
				"egress tcp 1024-65535 to 192.0.2.0/24 | " + ephemeralOut,
				"egress tcp 1024-65535 to 198.51.100.0/24 | " + ephemeralOut,
			},
			ping: []string{
				"ingress icmp 8/-1 from 192.0.2.0/24 | " + pingLoadBalancer,
				"ingress icmp 8/-1 from 198.51.100.0/24 | " + pingLoadBalancer,
			},
			declaresEveryListeners: true,
		},
		{
			name:    "networks at one listener",
			clients: []Clients{{LBPorts: []int{80}, CIDRBlocks: cidrs("192.0.2.0/24")}},
			group: []string{
				"ingress tcp 80 from 192.0.2.0/24 | " + declaredClient,
				"ingress tcp 443 from 0.0.0.0/0 | " + allOnListener,
			},
			subnet: []string{
				"ingress tcp 80 from 192.0.2.0/24 | " + declaredClient,
				"ingress tcp 443 from 0.0.0.0/0 | " + allOnListener,
				"ingress tcp 1024-65535 from 10.0.0.0/16 | " + ephemeralIn,
				"egress tcp 8080 to 10.0.0.0/16 | " + toInstances,
				"egress tcp 8443 to 10.0.0.0/16 | " + toInstances,
				"egress tcp 8081 to 10.0.0.0/16 | " + toHealthCheck,
				"egress tcp 1024-65535 to 192.0.2.0/24 | " + ephemeralOut,
				"egress tcp 1024-65535 to 0.0.0.0/0 | " + ephemeralOut,
			},
			ping: []string{
				"ingress icmp 8/-1 from 192.0.2.0/24 | " + pingLoadBalancer,
				"ingress icmp 8/-1 from 0.0.0.0/0 | " + pingLoadBalancer,
			},
		},
		{
			name:    "another kind at each listener of an internet-facing load balancer",
			clients: perListener,
			group: []string{
				"ingress tcp 80 from 192.0.2.0/24 | " + declaredClient,
				"ingress tcp 443 from " + clientGroup + " | " + declaredClient,
				"ingress tcp 443 from " + clientList + " | " + declaredClient,
			},
			// A network ACL cannot name a group or a list: 443 keeps the table's source.
			subnet: []string{
				"ingress tcp 80 from 192.0.2.0/24 | " + declaredClient,
				"ingress tcp 443 from 0.0.0.0/0 | " + allOnListener,
				"ingress tcp 1024-65535 from 10.0.0.0/16 | " + ephemeralIn,
				"egress tcp 8080 to 10.0.0.0/16 | " + toInstances,
				"egress tcp 8443 to 10.0.0.0/16 | " + toInstances,
				"egress tcp 8081 to 10.0.0.0/16 | " + toHealthCheck,
				"egress tcp 1024-65535 to 192.0.2.0/24 | " + ephemeralOut,
				"egress tcp 1024-65535 to 0.0.0.0/0 | " + ephemeralOut,
			},
			ping: []string{
				"ingress icmp 8/-1 from 192.0.2.0/24 | " + pingLoadBalancer,
				"ingress icmp 8/-1 from " + clientGroup + " | " + pingLoadBalancer,
				"ingress icmp 8/-1 from " + clientList + " | " + pingLoadBalancer,
			},
			withoutAddress:         []string{clientGroup, clientList},
			declaresEveryListeners: true,
		},
		{
			name:     "another kind at each listener of an internal load balancer",
			internal: true,
			clients:  perListener,
			group: []string{
				"ingress tcp 80 from 192.0.2.0/24 | " + declaredClient,
				"ingress tcp 443 from " + clientGroup + " | " + declaredClient,
				"ingress tcp 443 from " + clientList + " | " + declaredClient,
			},
			subnet: []string{
				"ingress tcp 80 from 192.0.2.0/24 | " + declaredClient,
				"ingress tcp 443 from 10.0.0.0/16 | " + vpcOnListener,
				"ingress tcp 1024-65535 from 10.0.0.0/16 | " + ephemeralIn,
				"egress tcp 8080 to 10.0.0.0/16 | " + toInstances,
				"egress tcp 8443 to 10.0.0.0/16 | " + toInstances,
				"egress tcp 8081 to 10.0.0.0/16 | " + toHealthCheck,
				"egress tcp 1024-65535 to 192.0.2.0/24 | " + ephemeralOut,
				"egress tcp 1024-65535 to 10.0.0.0/16 | " + ephemeralOut,
			},
			ping: []string{
				"ingress icmp 8/-1 from 192.0.2.0/24 | " + pingLoadBalancer,
				"ingress icmp 8/-1 from " + clientGroup + " | " + pingLoadBalancer,
				"ingress icmp 8/-1 from " + clientList + " | " + pingLoadBalancer,
			},
			withoutAddress:         []string{clientGroup, clientList},
			declaresEveryListeners: true,
		},
		{
			name:     "networks inside and outside the VPC beside a group",
			internal: true,
			clients:  []Clients{{CIDRBlocks: cidrs("10.0.5.0/24", "172.16.0.0/12"), SecurityGroups: []string{clientGroup}}},
			group: []string{
				"ingress tcp 80 from 10.0.5.0/24 | " + declaredClient,
				"ingress tcp 80 from 172.16.0.0/12 | " + declaredClient,
				"ingress tcp 80 from " + clientGroup + " | " + declaredClient,
				"ingress tcp 443 from 10.0.5.0/24 | " + declaredClient,
				"ingress tcp 443 from 172.16.0.0/12 | " + declaredClient,
				"ingress tcp 443 from " + clientGroup + " | " + declaredClient,
			},
			// The network inside the VPC lies in the source that the group keeps.
			subnet: []string{
				"ingress tcp 80 from 10.0.0.0/16 | " + vpcOnListener,
				"ingress tcp 80 from 172.16.0.0/12 | " + vpcOnListener,
				"ingress tcp 443 from 10.0.0.0/16 | " + vpcOnListener,
				"ingress tcp 443 from 172.16.0.0/12 | " + vpcOnListener,
				"ingress tcp 1024-65535 from 10.0.0.0/16 | " + ephemeralIn,
				"egress tcp 8080 to 10.0.0.0/16 | " + toInstances,
				"egress tcp 8443 to 10.0.0.0/16 | " + toInstances,
				"egress tcp 8081 to 10.0.0.0/16 | " + toHealthCheck,
				"egress tcp 1024-65535 to 10.0.0.0/16 | " + ephemeralOut,
				"egress tcp 1024-65535 to 172.16.0.0/12 | " + ephemeralOut,
			},
			ping: []string{
				"ingress icmp 8/-1 from 10.0.5.0/24 | " + pingLoadBalancer,
				"ingress icmp 8/-1 from 172.16.0.0/12 | " + pingLoadBalancer,
				"ingress icmp 8/-1 from " + clientGroup + " | " + pingLoadBalancer,
			},
			withoutAddress:         []string{clientGroup},
			declaresEveryListeners: true,
		},
		{
			name: "the same network twice",
			clients: []Clients{
				{LBPorts: []int{80}, CIDRBlocks: cidrs("192.0.2.0/24")},
				{CIDRBlocks: cidrs("192.0.2.0/24")},
			},
			group: []string{
				"ingress tcp 80 from 192.0.2.0/24 | " + declaredClient,
				"ingress tcp 443 from 192.0.2.0/24 | " + declaredClient,
			},
			subnet: []string{
				"ingress tcp 80 from 192.0.2.0/24 | " + declaredClient,
				"ingress tcp 443 from 192.0.2.0/24 | " + declaredClient,
				"ingress tcp 1024-65535 from 10.0.0.0/16 | " + ephemeralIn,
				"egress tcp 8080 to 10.0.0.0/16 | " + toInstances,
				"egress tcp 8443 to 10.0.0.0/16 | " + toInstances,
				"egress tcp 8081 to 10.0.0.0/16 | " + toHealthCheck,
				"egress tcp 1024-65535 to 192.0.2.0/24 | " + ephemeralOut,
			},
			ping:                   []string{"ingress icmp 8/-1 from 192.0.2.0/24 | " + pingLoadBalancer},
			declaresEveryListeners: true,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			lb := threePorts()
			lb.Clients = test.clients
			group, subnet := InternetFacingLoadBalancerGroup(lb), InternetFacingLoadBalancerSubnet(lb, vpc)
			if test.internal {
				lb.Internal = true
				group, subnet = InternalLoadBalancerGroup(lb, vpc), InternalLoadBalancerSubnet(lb, vpc)
			}
			compare(t, lines(InDirection(group, Ingress)), test.group)
			compare(t, lines(subnet), test.subnet)
			compare(t, lines(RespondToPing(lb, vpc)), test.ping)
			// What lies between the load balancer and its instances does not know of clients.
			compare(t, keys(InDirection(group, Egress)), []string{
				"egress tcp 8080 to " + app,
				"egress tcp 8443 to " + app,
				"egress tcp 8081 to " + app,
			})
			compare(t, keys(InstanceGroup(lb, []string{web})), keys(InstanceGroup(threePorts(), []string{web})))
			compare(t, keys(PrivateInstanceSubnet(lb, vpc)), keys(PrivateInstanceSubnet(threePorts(), vpc)))
			if got := lb.ClientsWithoutAddress(); !slices.Equal(got, test.withoutAddress) {
				t.Errorf("clients without an address: got %q, want %q", got, test.withoutAddress)
			}
			if got := lb.DeclaresEveryClient(); got != test.declaresEveryListeners {
				t.Errorf("every client is declared: got %t, want %t", got, test.declaresEveryListeners)
			}
		})
	}
}

// TestClientsPathMTUDiscovery: routers of the whole internet, or of the VPC and
// the declared networks, may say that a packet is too big.
func TestClientsPathMTUDiscovery(t *testing.T) {
	t.Parallel()
	vpc := cidrs("10.0.0.0/16")
	lb := threePorts()
	lb.Clients = []Clients{{CIDRBlocks: cidrs("192.0.2.0/24")}}
	compare(t, keys(LoadBalancerSubnetPathMTUDiscovery(lb, vpc)), []string{
		"ingress icmp 3/4 from 0.0.0.0/0",
		"egress icmp 3/4 to 0.0.0.0/0",
	})
	compare(t, keys(LoadBalancerSubnetPathMTUDiscovery(internal(lb), vpc)), []string{
		"ingress icmp 3/4 from 10.0.0.0/16",
		"ingress icmp 3/4 from 192.0.2.0/24",
		"egress icmp 3/4 to 10.0.0.0/16",
		"egress icmp 3/4 to 192.0.2.0/24",
	})
}
