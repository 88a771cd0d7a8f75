// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package verify

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// Needs are all needs of the question, load balancer by load balancer.
func (q SubnetACL) Needs() []Need {
	var needs []Need
	for _, lb := range q.LoadBalancers {
		needs = append(needs, q.needsOf(lb)...)
	}
	return needs
}

// needsOf are what the flows of one load balancer need of the network ACL, by
// the roles of its subnets.
func (q SubnetACL) needsOf(lb wiring.LoadBalancer) []Need {
	lb = lb.Only(q.LBPorts)
	var needs []Need
	if slices.Contains(q.Roles, LoadBalancerSubnet) {
		needs = append(needs, q.loadBalancerSubnet(lb)...)
	}
	// Nodes reach instances by private addresses, in public subnets too: the needs
	// of both roles are the same, only what AWS recommends differs.
	switch {
	case slices.Contains(q.Roles, PrivateInstanceSubnet):
		needs = append(needs, q.instanceSubnet(lb, PrivateInstanceSubnet)...)
	case slices.Contains(q.Roles, PublicInstanceSubnet):
		needs = append(needs, q.instanceSubnet(lb, PublicInstanceSubnet)...)
	}
	return needs
}

// loadBalancerSubnet are the needs where the nodes are.
func (q SubnetACL) loadBalancerSubnet(lb wiring.LoadBalancer) []Need {
	table := fmt.Sprintf("network ACL of the subnets of %s: ", scheme(lb))
	vpc := addressesOfVPC(q.VPC)
	var needs []Need
	for _, port := range lb.LBPorts() {
		flow := Flow{Kind: ClientToListener, LoadBalancer: lb.Label(), Port: port}
		row := fmt.Sprintf("%sinbound from %s on the listener port", table, aclClientWords(lb, []int{port}, q.VPC))
		needs = append(needs, clientAddresses(lb, []int{port}, q.VPC).need(flow, LoadBalancerSubnetIn, flow.onPort(), row))
	}
	if ports := lb.LBPorts(); len(ports) > 0 {
		row := fmt.Sprintf("%soutbound to %s on the ephemeral ports 1024-65535", table, aclClientWords(lb, ports, q.VPC))
		needs = append(needs, clientAddresses(lb, ports, q.VPC).need(
			Flow{Kind: ReplyToClient, LoadBalancer: lb.Label()}, LoadBalancerSubnetOut, ephemeral(), row))
	}
	toInstances := flowsToInstances(lb)
	for _, flow := range toInstances {
		row := fmt.Sprintf("%soutbound to the VPC CIDR on %s", table, flow.portWords())
		needs = append(needs, vpc.need(flow, LoadBalancerSubnetOut, flow.onPort(), row))
	}
	if len(toInstances) > 0 {
		needs = append(needs, vpc.need(Flow{Kind: ReplyToLB, LoadBalancer: lb.Label()}, LoadBalancerSubnetIn, ephemeral(),
			table+"inbound from the VPC CIDR on the ephemeral ports 1024-65535"))
	}
	if q.PathMTU && len(needs) > 0 {
		// Any router between the internet and a node may send the message.
		peers := undeclaredClients(lb, q.VPC)
		if lb.Internal {
			peers = peers.and(clientAddresses(lb, lb.LBPorts(), q.VPC))
		}
		needs = append(needs, pathMTUNeeds(lb, peers, LoadBalancerSubnetIn, LoadBalancerSubnetOut)...)
	}
	return needs
}

// instanceSubnet are the needs where the instances are.
func (q SubnetACL) instanceSubnet(lb wiring.LoadBalancer, role SubnetRole) []Need {
	table, peer := "network ACL of the instances' private subnets: ", "the VPC CIDR"
	if role == PublicInstanceSubnet {
		table, peer = "network ACL of the instances' public subnets: ", "0.0.0.0/0"
	}
	vpc := addressesOfVPC(q.VPC)
	var needs []Need
	for _, flow := range flowsToInstances(lb) {
		row := fmt.Sprintf("%sinbound from %s on %s", table, peer, flow.portWords())
		needs = append(needs, vpc.need(flow, InstanceSubnetIn, flow.onPort(), row))
	}
	if len(needs) > 0 {
		needs = append(needs, vpc.need(Flow{Kind: ReplyToLB, LoadBalancer: lb.Label()}, InstanceSubnetOut, ephemeral(),
			fmt.Sprintf("%soutbound to %s on the ephemeral ports 1024-65535", table, peer)))
		if q.PathMTU {
			needs = append(needs, pathMTUNeeds(lb, vpc, InstanceSubnetIn, InstanceSubnetOut)...)
		}
	}
	return needs
}

// pathMTUNeeds are "fragmentation needed" in both directions.
func pathMTUNeeds(lb wiring.LoadBalancer, peers side, hops ...Hop) []Need {
	var needs []Need
	for _, hop := range hops {
		row := fmt.Sprintf("network ACLs: %s ICMP type 3 code 4, for Path MTU Discovery", InOut(hop.Direction()))
		needs = append(needs, peers.need(Flow{Kind: PathMTUDiscovery, LoadBalancer: lb.Label()}, hop, fragmentationNeeded(), row))
	}
	return needs
}

// aclClientWords is the source of a client row as a network ACL can have it.
func aclClientWords(lb wiring.LoadBalancer, ports []int, vpc []netip.Prefix) string {
	for _, port := range ports {
		peers, declared := lb.ClientsOf(port, vpc)
		if !declared || slices.ContainsFunc(peers, func(p wiring.Peer) bool { return !p.CIDR.IsValid() }) {
			return tableSource(lb)
		}
	}
	return "the declared clients"
}
