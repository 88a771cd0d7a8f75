// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package verify

import (
	"net/netip"
	"slices"

	"github.com/terraform-clb/terraform-provider-clb/internal/packet"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// broader finds the rules that open a port of the load balancers to whole
// networks which contain the load balancers among others. What else the instances
// are for, such as SSH or monitoring, is not judged.
func (q InstanceGroup) broader(acc *acceptances) ([]Finding, error) {
	return q.broaderBeside(q.LoadBalancers, acc)
}

// broaderBeside leaves out what any of the load balancers needs that wear the
// group as well.
func (q InstanceGroup) broaderBeside(wear []wiring.LoadBalancer, acc *acceptances) ([]Finding, error) {
	f, err := newGroupFilter(wiring.Ingress, []Group{q.Group})
	if err != nil {
		return nil, err
	}
	e := excess{
		id: BroadInstanceGroup, f: f, lbs: q.LoadBalancers, rows: q.rows(), removedBy: q.Group.RemovedBy,
		why: "although only the load balancer's security group has to reach the instances there",
		row: "security group of the instances: inbound from the load balancer security group on the instance listener and health check ports",
	}
	if q.Classic {
		e.why = "although it is the source security group of Elastic Load Balancing alone that has to reach the instances there"
		e.row = "security group of the instances in EC2-Classic: inbound from the source security group"
	}
	needed := append(rowRegion(e.rows), q.clients(wear)...)
	for _, port := range q.ports() {
		within := packet.Region{{Traffic: tcpPort(port), Addresses: onlyIPv4()}}
		pieces := surelyOpen(f.permits(within, needed), within)
		culprits := containing(q.around(), rulesOf(pieces), f.networks)
		e.pieces = append(e.pieces, slices.DeleteFunc(pieces, func(p packet.Piece) bool { return !slices.Contains(culprits, p.Rule) })...)
	}
	return e.findings(acc), nil
}

func (q InstanceGroup) ports() []int {
	var ports []int
	for _, lb := range q.LoadBalancers {
		ports = append(ports, backEndPorts(lb.Only(q.LBPorts))...)
	}
	slices.Sort(ports)
	return slices.Compact(ports)
}

// around is where the load balancers are: anywhere, if the VPC is not known.
func (q InstanceGroup) around() []netip.Prefix {
	if len(q.VPC) == 0 {
		return []netip.Prefix{wiring.Everyone()}
	}
	return q.VPC
}

func (q InstanceGroup) rows() []wiring.Rule {
	var rows []wiring.Rule
	for _, lb := range q.LoadBalancers {
		rows = append(rows, wiring.InstanceGroup(lb, lb.SecurityGroups)...)
		if q.Everyone {
			rows = append(rows, wiring.ClassicInstanceGroup(lb, wiring.CIDRPeer(wiring.Everyone()))...)
		}
	}
	return wiring.Collapse(rows)
}

// clients is what the clients of those load balancers need that wear the group as
// well.
func (q InstanceGroup) clients(lbs []wiring.LoadBalancer) packet.Region {
	both := LoadBalancerGroup{VPC: q.VPC, Group: q.Group}
	for _, lb := range lbs {
		if slices.Contains(lb.SecurityGroups, q.Group.ID) {
			both.LoadBalancers = append(both.LoadBalancers, lb)
		}
	}
	return rowRegion(both.rows(wiring.Ingress))
}
