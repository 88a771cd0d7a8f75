// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package verify_test

import (
	"net/netip"
	"slices"

	"github.com/terraform-clb/terraform-provider-clb/internal/packet"
	"github.com/terraform-clb/terraform-provider-clb/internal/verify"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// What a load balancer needs, stated once more and decided packet by packet: the
// tests hold package verify against it. Nothing here cuts regions. All edges of
// the rules and of the needs are collected, and between two edges all packets are
// alike, so that one packet of each such cell decides for all.

// scanner lets a single packet pass or not.
type scanner struct {
	edges edges
	pass  func(packet.Packet) bool
}

func (s scanner) stop(p packet.Packet) bool { return !s.pass(p) }

// edges are the first addresses and ports of cells.
type edges struct {
	addresses []netip.Addr
	ports     []int
}

func (e *edges) network(network netip.Prefix) {
	if !network.IsValid() || !network.Addr().Is4() {
		return
	}
	first := network.Masked().Addr()
	bytes := first.As4()
	number := uint64(bytes[0])<<24 | uint64(bytes[1])<<16 | uint64(bytes[2])<<8 | uint64(bytes[3])
	if number += 1 << (32 - network.Bits()); number < 1<<32 {
		e.addresses = append(e.addresses, netip.AddrFrom4([4]byte{byte(number >> 24), byte(number >> 16), byte(number >> 8), byte(number)}))
	}
	e.addresses = append(e.addresses, first)
}

func (e *edges) portRange(first, last int) { e.ports = append(e.ports, first, last+1) }

func groupScan(d wiring.Direction, groups ...verify.Group) scanner {
	var rules []packet.Rule
	var s scanner
	for _, group := range groups {
		for _, rule := range group.Rules {
			if rule.Direction == d {
				one := plainRule(rule.Rule)
				one.Peer.Networks = rule.Networks
				rules = append(rules, one)
			}
		}
	}
	for _, rule := range rules {
		s.edges.rule(rule)
	}
	s.pass = func(p packet.Packet) bool { verdict, _ := packet.ScanGroup(rules, p); return verdict == packet.Proved }
	return s
}

func aclScan(d wiring.Direction, acl verify.ACL) scanner {
	var entries []packet.Entry
	var s scanner
	for _, entry := range acl.Entries {
		if entry.Direction == d {
			one := packet.Entry{Number: entry.Number, Action: packet.Allow, Rule: plainRule(entry.Rule)}
			if entry.Deny {
				one.Action = packet.Deny
			}
			entries = append(entries, one)
			s.edges.rule(one.Rule)
		}
	}
	s.pass = func(p packet.Packet) bool { verdict, _ := packet.ScanACL(entries, p); return verdict == packet.Proved }
	return s
}

func plainRule(r wiring.Rule) packet.Rule {
	return packet.Rule{
		Protocol: string(r.Protocol), From: r.From, To: r.To,
		Peer: packet.Peer{CIDR: r.Peer.CIDR, SecurityGroup: wiring.GroupID(r.Peer.SecurityGroup), PrefixList: r.Peer.PrefixList},
	}
}

func (e *edges) rule(rule packet.Rule) {
	e.network(rule.Peer.CIDR)
	for _, network := range rule.Peer.Networks {
		e.network(network)
	}
	if rule.Protocol == "tcp" {
		e.portRange(rule.From, rule.To)
	}
}

// peers are the other side of a need: networks, all of whose addresses belong to
// it, and what each peer is a member of. Of members whose addresses nobody knows,
// a packet counts as refused only if it is refused from everywhere.
type peers struct {
	networks []netip.Prefix
	memberOf []string
	anywhere bool
}

// flowNeed is what a flow needs of a hop: TCP from some peers to a range of ports,
// or "fragmentation needed".
type flowNeed struct {
	flow        verify.Flow
	hop         verify.Hop
	peers       peers
	first, last int
	icmp        bool
}

// decide judges a need by one packet of each cell and gives a refused one.
func (n flowNeed) decide(s scanner) (packet.Verdict, []packet.Packet) {
	e := edges{addresses: slices.Clone(s.edges.addresses), ports: slices.Clone(s.edges.ports)}
	for _, network := range n.peers.networks {
		e.network(network)
	}
	e.portRange(n.first, n.last)
	slices.SortFunc(e.addresses, netip.Addr.Compare)
	slices.Sort(e.ports)
	var refused []packet.Packet
	verdict := packet.Proved
	for _, port := range slices.Compact(e.ports) {
		if port < n.first || port > n.last {
			continue
		}
		total, bad := 0, 0
		for _, address := range slices.Compact(e.addresses) {
			if !slices.ContainsFunc(n.peers.networks, func(network netip.Prefix) bool { return network.Contains(address) }) {
				continue
			}
			p := packet.Packet{Peer: address, MemberOf: n.peers.memberOf, Protocol: 6, Port: port}
			if n.icmp {
				p = packet.Packet{Peer: address, MemberOf: n.peers.memberOf, Protocol: 1, Type: 3, Code: 4}
			}
			total++
			if !s.pass(p) {
				bad++
				refused = append(refused, p)
			}
		}
		switch {
		case bad == 0:
		case bad == total || !n.peers.anywhere:
			verdict = packet.Refuted
		case verdict == packet.Proved:
			verdict = packet.Undecided
		}
	}
	return verdict, refused
}

// decide judges all flows, and gives the refused packets of each.
func (a asked) decide() (map[verify.Flow]packet.Verdict, map[verify.Flow][]packet.Packet) {
	all, refused := map[verify.Flow]packet.Verdict{}, map[verify.Flow][]packet.Packet{}
	for _, need := range a.needs {
		verdict, packets := need.decide(a.filters[need.hop])
		if before, known := all[need.flow]; !known || before == packet.Proved || verdict == packet.Refuted {
			all[need.flow] = verdict
		}
		refused[need.flow] = append(refused[need.flow], packets...)
	}
	return all, refused
}

func everyone() []netip.Prefix { return []netip.Prefix{wiring.Everyone()} }

// clientPeers are the clients of a listener: the declared ones, or those of the table.
func clientPeers(lb wiring.LoadBalancer, port int, vpc []netip.Prefix) []peers {
	var all []peers
	declared := false
	for _, c := range lb.Clients {
		if len(c.LBPorts) > 0 && !slices.Contains(c.LBPorts, port) {
			continue
		}
		declared = true
		for _, network := range c.CIDRBlocks {
			all = append(all, peers{networks: []netip.Prefix{network}})
		}
		for _, id := range slices.Concat(c.SecurityGroups, c.PrefixLists) {
			all = append(all, peers{networks: everyone(), memberOf: []string{wiring.GroupID(id)}, anywhere: true})
		}
	}
	if !declared {
		all = []peers{{networks: clientNetworks(lb, vpc)}}
	}
	return all
}

func clientNetworks(lb wiring.LoadBalancer, vpc []netip.Prefix) []netip.Prefix {
	if lb.Internal {
		return vpc
	}
	return everyone()
}

// clientAddresses are the clients of a listener to a network ACL, to which members
// are everyone of the table.
func clientAddresses(lb wiring.LoadBalancer, port int, vpc []netip.Prefix) []netip.Prefix {
	var networks []netip.Prefix
	for _, p := range clientPeers(lb, port, vpc) {
		if len(p.memberOf) > 0 {
			p.networks = clientNetworks(lb, vpc)
		}
		networks = append(networks, p.networks...)
	}
	return networks
}

// toInstances are the flows to the instances, with their port.
func toInstances(lb wiring.LoadBalancer) []verify.Flow {
	var flows []verify.Flow
	for _, l := range lb.Listeners {
		flow := verify.Flow{Kind: verify.ToInstance, LoadBalancer: lb.Label(), Port: l.InstancePort}
		if !slices.Contains(flows, flow) {
			flows = append(flows, flow)
		}
	}
	if lb.HealthCheck != nil {
		flows = append(flows, verify.Flow{Kind: verify.HealthCheck, LoadBalancer: lb.Label(), Port: lb.HealthCheck.Port})
	}
	return flows
}

func loadBalancerGroupNeeds(lbs []wiring.LoadBalancer, vpc []netip.Prefix) []flowNeed {
	var needs []flowNeed
	for _, lb := range lbs {
		for _, l := range lb.Listeners {
			for _, p := range clientPeers(lb, l.LBPort, vpc) {
				needs = append(needs, flowNeed{verify.Flow{Kind: verify.ClientToListener, LoadBalancer: lb.Label(), Port: l.LBPort}, verify.LoadBalancerGroupIn, p, l.LBPort, l.LBPort, false})
			}
		}
		for _, flow := range toInstances(lb) {
			for _, id := range lb.InstanceSecurityGroups {
				needs = append(needs, flowNeed{flow, verify.LoadBalancerGroupOut, peers{networks: vpc, memberOf: []string{wiring.GroupID(id)}}, flow.Port, flow.Port, false})
			}
		}
	}
	return needs
}

func instanceGroupNeeds(lbs []wiring.LoadBalancer, vpc []netip.Prefix, pathMTU []wiring.Peer) []flowNeed {
	var needs []flowNeed
	for _, lb := range lbs {
		for _, flow := range toInstances(lb) {
			needs = append(needs, flowNeed{flow, verify.InstanceGroupIn, peers{networks: vpc, memberOf: lb.SecurityGroups}, flow.Port, flow.Port, false})
		}
		for _, source := range pathMTU {
			p := peers{networks: []netip.Prefix{source.CIDR}}
			if source.SecurityGroup != "" {
				p = peers{networks: everyone(), memberOf: []string{source.SecurityGroup}, anywhere: true}
			}
			needs = append(needs, flowNeed{verify.Flow{Kind: verify.PathMTUDiscovery, LoadBalancer: lb.Label()}, verify.InstanceGroupIn, p, 0, 0, true})
		}
	}
	return needs
}

func subnetACLNeeds(lbs []wiring.LoadBalancer, vpc []netip.Prefix, roles []verify.SubnetRole, pathMTU bool) []flowNeed {
	const firstEphemeral, lastEphemeral = 1024, 65535
	var needs []flowNeed
	for _, lb := range lbs {
		flowOf := func(kind verify.Kind, port int) verify.Flow {
			return verify.Flow{Kind: kind, LoadBalancer: lb.Label(), Port: port}
		}
		add := func(flow verify.Flow, hop verify.Hop, networks []netip.Prefix, first, last int) {
			needs = append(needs, flowNeed{flow, hop, peers{networks: networks}, first, last, flow.Kind == verify.PathMTUDiscovery})
		}
		if slices.Contains(roles, verify.LoadBalancerSubnet) {
			routers := clientNetworks(lb, vpc)
			for _, l := range lb.Listeners {
				clients := clientAddresses(lb, l.LBPort, vpc)
				add(flowOf(verify.ClientToListener, l.LBPort), verify.LoadBalancerSubnetIn, clients, l.LBPort, l.LBPort)
				add(flowOf(verify.ReplyToClient, 0), verify.LoadBalancerSubnetOut, clients, firstEphemeral, lastEphemeral)
				routers = slices.Concat(routers, clients)
			}
			for _, flow := range toInstances(lb) {
				add(flow, verify.LoadBalancerSubnetOut, vpc, flow.Port, flow.Port)
			}
			add(flowOf(verify.ReplyToLB, 0), verify.LoadBalancerSubnetIn, vpc, firstEphemeral, lastEphemeral)
			if pathMTU {
				if !lb.Internal {
					routers = everyone()
				}
				add(flowOf(verify.PathMTUDiscovery, 0), verify.LoadBalancerSubnetIn, routers, 0, 0)
				add(flowOf(verify.PathMTUDiscovery, 0), verify.LoadBalancerSubnetOut, routers, 0, 0)
			}
		}
		if slices.Contains(roles, verify.PrivateInstanceSubnet) || slices.Contains(roles, verify.PublicInstanceSubnet) {
			for _, flow := range toInstances(lb) {
				add(flow, verify.InstanceSubnetIn, vpc, flow.Port, flow.Port)
			}
			add(flowOf(verify.ReplyToLB, 0), verify.InstanceSubnetOut, vpc, firstEphemeral, lastEphemeral)
			if pathMTU {
				add(flowOf(verify.PathMTUDiscovery, 0), verify.InstanceSubnetIn, vpc, 0, 0)
				add(flowOf(verify.PathMTUDiscovery, 0), verify.InstanceSubnetOut, vpc, 0, 0)
			}
		}
	}
	return needs
}
