// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package verify

import (
	"fmt"

	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// Needs are all needs of the question, load balancer by load balancer.
func (q LoadBalancerGroup) Needs() []Need {
	var needs []Need
	for _, lb := range q.LoadBalancers {
		needs = append(needs, q.needsOf(lb)...)
	}
	return needs
}

// needsOf are what the flows of one load balancer need of its security groups:
// its listeners must let their clients in, and it must be let out to its instances.
func (q LoadBalancerGroup) needsOf(lb wiring.LoadBalancer) []Need {
	lb = lb.Only(q.LBPorts)
	var needs []Need
	for _, port := range lb.LBPorts() {
		flow := Flow{Kind: ClientToListener, LoadBalancer: lb.Label(), Port: port}
		clients, declared := clientsSide(lb, port, q.VPC)
		row := fmt.Sprintf("security group of %s: inbound from %s on the listener port", scheme(lb), clientWords(lb, declared))
		needs = append(needs, clients.need(flow, LoadBalancerGroupIn, flow.onPort(), row))
	}
	instances := q.instances(lb)
	for _, flow := range flowsToInstances(lb) {
		row := fmt.Sprintf("security group of %s: outbound to the instance security group on %s", scheme(lb), flow.portWords())
		needs = append(needs, instances.need(flow, LoadBalancerGroupOut, flow.onPort(), row))
	}
	return needs
}

// instances are the instances of a load balancer. Each of their groups must be
// reached, as an instance may carry only one of them.
func (q LoadBalancerGroup) instances(lb wiring.LoadBalancer) side {
	vpc := addressesOfVPC(q.VPC)
	ids := groupIDs(lb.InstanceSecurityGroups)
	if len(ids) == 0 {
		return vpc.membersOf(missesInstanceGroups)
	}
	instances := side{}
	for _, id := range ids {
		instances = instances.and(vpc.membersOf(missesInstanceGroups, id))
	}
	return instances
}

// Needs are all needs of the question, load balancer by load balancer.
func (q InstanceGroup) Needs() []Need {
	var needs []Need
	for _, lb := range q.LoadBalancers {
		needs = append(needs, q.needsOf(lb)...)
	}
	return needs
}

// needsOf are what the flows of one load balancer need of the security group of
// its instances. A node carries all groups of the load balancer at once.
func (q InstanceGroup) needsOf(lb wiring.LoadBalancer) []Need {
	lb = lb.Only(q.LBPorts)
	var needs []Need
	nodes := addressesOfVPC(q.VPC).membersOf(missesLBGroups, lb.SecurityGroups...)
	source := "the load balancer security group"
	if q.Classic {
		// There are no networks whose addresses could be stated.
		nodes.misses = ""
		source = "the source security group"
	}
	for _, flow := range flowsToInstances(lb) {
		row := fmt.Sprintf("security group of the instances: inbound from %s on %s", source, flow.portWords())
		needs = append(needs, nodes.need(flow, InstanceGroupIn, flow.onPort(), row))
	}
	if len(needs) > 0 && len(q.PathMTUSources) > 0 {
		flow := Flow{Kind: PathMTUDiscovery, LoadBalancer: lb.Label()}
		needs = append(needs, peersSide(q.PathMTUSources).need(flow, InstanceGroupIn, fragmentationNeeded(),
			"security group of the instances: inbound ICMP type 3 code 4, for Path MTU Discovery"))
	}
	return needs
}
