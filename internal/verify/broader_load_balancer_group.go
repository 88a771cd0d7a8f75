// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package verify

import (
	"net/netip"
	"slices"

	"github.com/terraform-clb/terraform-provider-clb/internal/packet"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// broader finds what the group opens and no load balancer that carries it needs:
// nothing but a load balancer's traffic has to pass its group.
func (q LoadBalancerGroup) broader(acc *acceptances) ([]Finding, error) {
	var findings []Finding
	for _, d := range wiring.Directions() {
		if !slices.Contains(q.Directions, d) || len(q.LoadBalancers) == 0 {
			continue
		}
		f, err := newGroupFilter(d, []Group{q.Group})
		if err != nil {
			return nil, err
		}
		rows := q.rows(d)
		needed := append(rowRegion(rows), q.harmless(f)...)
		pieces := surelyOpen(f.permits(packet.Region{everything()}, needed), needed)
		e := excess{
			id: BroadGroupIn, f: f, lbs: q.LoadBalancers, rows: rows, clientPorts: listenerPorts(q.LoadBalancers),
			pieces: q.besidesOpen(f, d, pieces),
			why:    "which no load balancer that carries it needs", row: q.rowWords(d),
			openPeers: "the networks of the VPC", removedBy: q.Group.RemovedBy,
		}
		if d == wiring.Egress {
			e.id, e.clientPorts, e.openPeers = BroadGroupOut, nil, "the security group of the instances"
		}
		for port, unknown := range q.openPorts(d) {
			if unknown {
				e.open = append(e.open, port)
			}
		}
		slices.Sort(e.open)
		findings = append(findings, e.findings(acc)...)
	}
	return findings, nil
}

// rows are what the load balancers need of one direction, all their listeners
// counted.
func (q LoadBalancerGroup) rows(d wiring.Direction) []wiring.Rule {
	var rows []wiring.Rule
	for _, lb := range q.LoadBalancers {
		if lb.Internal {
			rows = append(rows, wiring.InternalLoadBalancerGroup(lb, q.VPC)...)
		} else {
			rows = append(rows, wiring.InternetFacingLoadBalancerGroup(lb)...)
		}
		if slices.Contains(lb.InstanceSecurityGroups, q.Group.ID) {
			// Its instances wear it as well.
			rows = append(rows, wiring.InstanceGroup(lb, lb.SecurityGroups)...)
		}
	}
	return wiring.InDirection(wiring.Collapse(rows), d)
}

// harmless is what never counts: pings, "fragmentation needed", and the networks
// of a prefix list whose members are clients. Where no health check is declared,
// AWS checks TCP 80. Source: "Configure health checks for your Classic Load
// Balancer", Elastic Load Balancing user guide.
func (q LoadBalancerGroup) harmless(f *filter) packet.Region {
	const echoRequest, unreachable, fragmentationNeeded, allCodes = 8, 3, 4, 255
	echo := packet.ICMP(echoRequest, 0)
	echo.Last += allCodes
	region := packet.Region{
		{Traffic: echo, Addresses: packet.Anywhere()},
		{Traffic: packet.ICMP(unreachable, fragmentationNeeded), Addresses: packet.Anywhere()},
	}
	var rows []wiring.Rule
	if slices.ContainsFunc(f.sources, func(s source) bool { return s.entry.Peer.PrefixList != "" }) {
		rows = q.rows(f.direction)
	}
	for _, row := range rows {
		if row.Peer.PrefixList == "" {
			continue
		}
		for i := range f.sources {
			if peer := f.sources[i].entry.Peer; peer.PrefixList == row.Peer.PrefixList {
				for _, network := range f.networks(i) {
					region = append(region, packet.Box{Traffic: tcpPort(row.From), Addresses: packet.CIDR(network)})
				}
			}
		}
	}
	if f.direction == wiring.Egress {
		for _, lb := range q.LoadBalancers {
			for _, group := range lb.InstanceSecurityGroups {
				if lb.HealthCheck == nil {
					region = append(region, packet.Box{Traffic: tcpPort(defaultHealthCheckPort), Addresses: packet.Anywhere(), MemberOf: []string{wiring.GroupID(group)}})
				}
			}
		}
	}
	return region
}

const defaultHealthCheckPort = 80

// besidesOpen leaves out what may turn out to be needed: on a port whose
// recommended peers are the networks of a VPC, members of a group are within
// them; and where those networks, or the groups of the instances, are not known,
// only a rule for everyone is certainly broader.
func (q LoadBalancerGroup) besidesOpen(f *filter, d wiring.Direction, pieces []packet.Piece) []packet.Piece {
	ports := q.openPorts(d)
	if len(ports) == 0 || len(pieces) == 0 {
		return pieces
	}
	everyone := map[int][]int{}
	for port, unknown := range ports {
		if unknown {
			everyone[port] = f.everyone(port)
		}
	}
	var kept []packet.Piece
	for _, piece := range pieces {
		var open packet.Region
		for port, unknown := range ports {
			group := f.sources[piece.Rule].entry.Peer.SecurityGroup
			if group != "" || unknown && !slices.Contains(everyone[port], piece.Rule) {
				open = append(open, packet.Box{Traffic: tcpPort(port), Addresses: packet.Anywhere()})
			}
		}
		for _, box := range (packet.Region{piece.Box}).Without(open) {
			kept = append(kept, packet.Piece{Box: box, Rule: piece.Rule})
		}
	}
	return kept
}

// openPorts are the ports whose recommended peers are not named in full, with
// whether they are unknown altogether.
func (q LoadBalancerGroup) openPorts(d wiring.Direction) map[int]bool {
	ports := map[int]bool{}
	for _, lb := range q.LoadBalancers {
		switch {
		case d == wiring.Egress && len(lb.InstanceSecurityGroups) == 0:
			for _, port := range backEndPorts(lb) {
				ports[port] = true
			}
			if lb.HealthCheck == nil {
				ports[defaultHealthCheckPort] = true
			}
		case d == wiring.Ingress && lb.Internal:
			for _, port := range lb.LBPorts() {
				if !lb.Only([]int{port}).DeclaresEveryClient() {
					ports[port] = ports[port] || len(q.VPC) == 0
				}
			}
		}
	}
	return ports
}

// everyone are the rules that open a port to everyone, alone or together.
func (f *filter) everyone(port int) []int {
	within := packet.Region{{Traffic: tcpPort(port), Addresses: onlyIPv4()}}
	return containing([]netip.Prefix{wiring.Everyone()}, rulesOf(surelyOpen(f.permits(within, nil), within)), f.networks)
}

func everything() packet.Box {
	return packet.Box{Traffic: packet.AllTraffic(), Addresses: packet.Anywhere()}
}

// backEndPorts are the ports on which a load balancer reaches its instances.
func backEndPorts(lb wiring.LoadBalancer) []int {
	ports := lb.InstancePorts()
	if lb.HealthCheck != nil && !slices.Contains(ports, lb.HealthCheck.Port) {
		ports = append(ports, lb.HealthCheck.Port)
	}
	slices.Sort(ports)
	return ports
}

func listenerPorts(lbs []wiring.LoadBalancer) []int {
	var ports []int
	for _, lb := range lbs {
		ports = append(ports, lb.LBPorts()...)
	}
	return ports
}

func (q LoadBalancerGroup) rowWords(d wiring.Direction) string {
	if d == wiring.Egress {
		return "security group of a load balancer: outbound to the instance security group on the instance listener and health check ports, and nothing else"
	}
	if q.LoadBalancers[0].Internal {
		return "security group of an internal load balancer: inbound from the VPC CIDR on the listener ports, and nothing else"
	}
	return "security group of an internet-facing load balancer: inbound from 0.0.0.0/0 on the listener ports, and nothing else"
}
