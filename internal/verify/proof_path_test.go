// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package verify_test

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"testing"

	"github.com/terraform-clb/terraform-provider-clb/internal/packet"
	"github.com/terraform-clb/terraform-provider-clb/internal/verify"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// path makes a live load balancer with recommended rules everywhere: nodes and
// instances in one to three subnets each, of which one may be shared; network
// ACLs that several subnets may have; rows spread over all groups that the load
// balancer carries.
func (g generator) path(t testing.TB) verify.Path {
	t.Helper()
	lb := g.loadBalancer("web")
	p := verify.Path{
		LoadBalancer: lb, ClientsDeclared: len(lb.Clients) > 0, VPCID: "vpc-1", CrossZone: g.oneIn(2),
		VPC:             slices.Concat(cidrs("10.0.0.0/16"), some(g, 2, cidrs("10.1.0.0/16", "172.16.0.0/12")...)),
		InstanceSubnets: map[string]verify.Subnet{}, Groups: map[string]verify.Group{}, ACLs: map[string]verify.ACL{},
	}
	zones := some(g, 3, "a", "b", "c")
	roles := map[string][]verify.SubnetRole{}
	for i, zone := range zones {
		subnet := verify.Subnet{ID: "subnet-lb" + zone, CIDR: netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 0, byte(i), 0}), 24), Zone: zone, ACL: some(g, 1, "acl-1", "acl-2")[0]}
		p.Subnets = append(p.Subnets, subnet)
		roles[subnet.ACL] = append(roles[subnet.ACL], verify.LoadBalancerSubnet)
	}
	for i := range 1 + g.IntN(3) {
		zone := zones[g.IntN(len(zones))]
		subnet := verify.Subnet{ID: fmt.Sprint("subnet-i", i), CIDR: netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 0, byte(100 + i), 0}), 25), Zone: zone, ACL: some(g, 1, "acl-1", "acl-3", "acl-4")[0]}
		role := verify.PrivateInstanceSubnet
		switch g.IntN(4) {
		case 0:
			subnet = p.Subnets[slices.Index(zones, zone)]
		case 1:
			role = verify.PublicInstanceSubnet
			p.PublicInstanceSubnets = append(p.PublicInstanceSubnets, subnet.ID)
		}
		roles[subnet.ACL] = append(roles[subnet.ACL], role)
		p.InstanceSubnets[subnet.ID] = subnet
		p.Instances = append(p.Instances, verify.Instance{ID: fmt.Sprint("i-", i), Subnet: subnet.ID, Groups: some(g, 2, "sg-i1", "sg-i2", "sg-i3")})
	}
	g.groups(&p)
	lb = p.LoadBalancer
	for _, id := range slices.Sorted(maps.Keys(roles)) {
		var rows []wiring.Rule
		for _, role := range roles[id] {
			rows = append(rows, subnetTable(lb, role, p.VPC, true)...)
		}
		p.ACLs[id] = verify.ACL{ID: id, VPCID: p.VPCID, Entries: g.entries(t, rows)}
	}
	return p
}

// groups makes the security groups of both sides.
func (g generator) groups(p *verify.Path) {
	lb := &p.LoadBalancer
	lb.InstanceSecurityGroups = nil
	for _, instance := range p.Instances {
		lb.InstanceSecurityGroups = append(lb.InstanceSecurityGroups, instance.Groups...)
	}
	slices.Sort(lb.InstanceSecurityGroups)
	lb.InstanceSecurityGroups = slices.Compact(lb.InstanceSecurityGroups)
	for _, id := range lb.SecurityGroups {
		p.Groups[id] = verify.Group{ID: id, VPCID: p.VPCID}
	}
	for _, rule := range g.groupRules(groupTable(*lb, p.VPC)) {
		if rule.Peer.PrefixList != "" {
			rule.Networks = cidrs("10.0.9.0/24", "10.0.64.0/18")
		}
		group := p.Groups[lb.SecurityGroups[g.IntN(len(lb.SecurityGroups))]]
		group.Rules = append(group.Rules, rule)
		p.Groups[group.ID] = group
	}
	for _, id := range lb.InstanceSecurityGroups {
		rows := slices.Concat(wiring.InstanceGroup(*lb, lb.SecurityGroups), wiring.InstancePathMTUDiscovery(wiring.GroupPeers(lb.SecurityGroups)))
		p.Groups[id] = verify.Group{ID: id, VPCID: p.VPCID, Rules: g.groupRules(rows)}
	}
}

// pathNeed is a need with the filter that decides it.
type pathNeed struct {
	flowNeed
	by scanner
}

func groupsOf(p verify.Path, ids []string) []verify.Group {
	var groups []verify.Group
	for _, id := range ids {
		groups = append(groups, p.Groups[id])
	}
	return groups
}

// needsOfPath are what the flows between the nodes and the instances need.
func needsOfPath(p verify.Path) []pathNeed {
	var needs []pathNeed
	lb := p.LoadBalancer
	in, out := map[string]scanner{}, map[string]scanner{}
	for id, acl := range p.ACLs {
		in[id], out[id] = aclScan(wiring.Ingress, acl), aclScan(wiring.Egress, acl)
	}
	lbOut := groupScan(wiring.Egress, groupsOf(p, lb.SecurityGroups)...)
	for _, node := range p.Subnets {
		for _, instance := range p.Instances {
			there := p.InstanceSubnets[instance.Subnet]
			if !p.CrossZone && node.Zone != there.Zone {
				continue
			}
			add := func(flow verify.Flow, hop verify.Hop, by scanner, network netip.Prefix, memberOf []string) {
				need := flowNeed{flow, hop, peers{networks: []netip.Prefix{network}, memberOf: memberOf}, flow.Port, flow.Port, flow.Kind == verify.PathMTUDiscovery}
				if flow.Kind == verify.ReplyToLB {
					need.first, need.last = 1024, 65535
				}
				needs = append(needs, pathNeed{need, by})
			}
			inGroup := groupScan(wiring.Ingress, groupsOf(p, instance.Groups)...)
			icmp := verify.Flow{Kind: verify.PathMTUDiscovery, LoadBalancer: lb.Label()}
			for _, flow := range append(toInstances(lb), icmp) {
				if flow != icmp {
					add(flow, verify.LoadBalancerGroupOut, lbOut, there.CIDR, instance.Groups)
				}
				add(flow, verify.InstanceGroupIn, inGroup, node.CIDR, lb.SecurityGroups)
				if node.ID != there.ID {
					add(flow, verify.LoadBalancerSubnetOut, out[node.ACL], there.CIDR, nil)
					add(flow, verify.InstanceSubnetIn, in[there.ACL], node.CIDR, nil)
				}
			}
			if node.ID != there.ID {
				for _, flow := range []verify.Flow{{Kind: verify.ReplyToLB, LoadBalancer: lb.Label()}, icmp} {
					add(flow, verify.InstanceSubnetOut, out[there.ACL], node.CIDR, nil)
					add(flow, verify.LoadBalancerSubnetIn, in[node.ACL], there.CIDR, nil)
				}
			}
		}
	}
	return append(needs, clientNeedsOfPath(p)...)
}

// clientNeedsOfPath are what the declared clients need. Members of a security group
// are somewhere in the VPC, so that it is enough if the VPC gets through. A
// listener whose clients nobody declares needs that somebody gets through, which
// anybodyGetsThrough tells.
func clientNeedsOfPath(p verify.Path) []pathNeed {
	var needs []pathNeed
	lb := p.LoadBalancer
	in := groupScan(wiring.Ingress, groupsOf(p, lb.SecurityGroups)...)
	lists := networksOf(p, "pl-c1")
	for _, l := range lb.Listeners {
		if !declares(lb, l.LBPort) {
			continue
		}
		flow := verify.Flow{Kind: verify.ClientToListener, LoadBalancer: lb.Label(), Port: l.LBPort}
		for _, client := range clientPeers(lb, l.LBPort, p.VPC) {
			add := func(flow verify.Flow, hop verify.Hop, by scanner, first, last int) {
				one := pathNeed{flowNeed{flow, hop, client, first, last, false}, by}
				within := one.flowNeed
				within.peers = peers{networks: p.VPC, memberOf: client.memberOf}
				if verdict, _ := within.decide(by); client.anywhere && !slices.Contains(client.memberOf, "pl-c1") && verdict == packet.Proved {
					one.flowNeed = within
				}
				needs = append(needs, one)
			}
			if lists != nil && slices.Contains(client.memberOf, "pl-c1") {
				client.networks, client.anywhere = lists, false
			}
			add(flow, verify.LoadBalancerGroupIn, in, l.LBPort, l.LBPort)
			for _, node := range p.Subnets {
				add(flow, verify.LoadBalancerSubnetIn, aclScan(wiring.Ingress, p.ACLs[node.ACL]), l.LBPort, l.LBPort)
				add(verify.Flow{Kind: verify.ReplyToClient, LoadBalancer: lb.Label()}, verify.LoadBalancerSubnetOut, aclScan(wiring.Egress, p.ACLs[node.ACL]), 1024, 65535)
			}
		}
	}
	return needs
}

func declares(lb wiring.LoadBalancer, port int) bool {
	return slices.ContainsFunc(lb.Clients, func(c wiring.Clients) bool { return len(c.LBPorts) == 0 || slices.Contains(c.LBPorts, port) })
}

func networksOf(p verify.Path, list string) []netip.Prefix {
	for _, group := range p.Groups {
		for _, rule := range group.Rules {
			if rule.Peer.PrefixList == list {
				return rule.Networks
			}
		}
	}
	return nil
}

// anybodyGetsThrough tells of listeners whose clients nobody declares whether at
// each node somebody gets through, and whether those get replies.
func anybodyGetsThrough(p verify.Path) (listeners map[int]bool, replies bool) {
	lb := p.LoadBalancer
	groups := groupScan(wiring.Ingress, groupsOf(p, lb.SecurityGroups)...)
	listeners, replies = map[int]bool{}, true
	for _, l := range lb.Listeners {
		if declares(lb, l.LBPort) {
			continue
		}
		listeners[l.LBPort] = true
		for _, node := range p.Subnets {
			in, out := aclScan(wiring.Ingress, p.ACLs[node.ACL]), aclScan(wiring.Egress, p.ACLs[node.ACL])
			e := edges{addresses: slices.Concat(groups.edges.addresses, in.edges.addresses, out.edges.addresses, []netip.Addr{netip.IPv4Unspecified()})}
			anybody := false
			for _, address := range e.addresses {
				if p := (packet.Packet{Peer: address, Protocol: 6, Port: l.LBPort}); !groups.pass(p) || !in.pass(p) {
					continue
				}
				anybody = true
				for _, port := range append(slices.Clone(out.edges.ports), 1024) {
					if port >= 1024 && port <= 65535 && out.stop(packet.Packet{Peer: address, Protocol: 6, Port: port}) {
						replies = false
					}
				}
			}
			listeners[l.LBPort] = listeners[l.LBPort] && anybody
		}
	}
	return listeners, replies
}

// wantedOfPath are the verdicts by the scan.
func wantedOfPath(p verify.Path) map[verify.Flow]packet.Verdict {
	label := p.LoadBalancer.Label()
	want := map[verify.Flow]packet.Verdict{
		{Kind: verify.ReplyToClient, LoadBalancer: label}: packet.Proved, {Kind: verify.ReplyToLB, LoadBalancer: label}: packet.Proved,
		{Kind: verify.PathMTUDiscovery, LoadBalancer: label}: packet.Proved,
	}
	note := func(flow verify.Flow, verdict packet.Verdict) {
		if before, known := want[flow]; !known || before == packet.Proved || verdict == packet.Refuted {
			want[flow] = verdict
		}
	}
	for _, need := range needsOfPath(p) {
		verdict, _ := need.decide(need.by)
		note(need.flow, verdict)
	}
	listeners, replies := anybodyGetsThrough(p)
	for port, anybody := range listeners {
		flow := verify.Flow{Kind: verify.ClientToListener, LoadBalancer: label, Port: port}
		if want[flow] = packet.Proved; !anybody {
			want[flow] = packet.Refuted
		}
	}
	if !replies {
		note(verify.Flow{Kind: verify.ReplyToClient, LoadBalancer: label}, packet.Refuted)
	}
	return want
}

func TestRecommendedPathsProve(t *testing.T) {
	t.Parallel()
	paths := 0
	for seed := range uint64(100) {
		p := newGenerator(seed<<32 + 2).path(t)
		answer := judged(t, p)
		onlyNoHealthCheck(t, "path", p, answer)
		got, want := verdicts(answer), wantedOfPath(p)
		if answer.Verdict() != packet.Proved || !maps.Equal(got, want) {
			t.Fatalf("the flows are\n%v, by the scan\n%v\nof %+v", got, want, p)
		}
		paths++
	}
	t.Logf("%d paths are proved without a finding", paths)
}

func TestDeletingARecommendedRowOfAPath(t *testing.T) {
	t.Parallel()
	rows, covered, refuted := 0, 0, 0
	wanted := func(p verify.Path, gone string) {
		rows++
		answer := judged(t, p)
		got, want := verdicts(answer), wantedOfPath(p)
		if !maps.Equal(got, want) {
			t.Fatalf("without %s the flows are\n%v, by the scan\n%v\nof %+v\n%s", gone, got, want, p, sentences(answer))
		}
		before := refuted
		for flow, verdict := range want {
			if verdict != packet.Refuted {
				continue
			}
			refuted++
			if !slices.ContainsFunc(answer.Findings, func(f verify.Finding) bool { return refusal(f) && f.ID == refusedID(flow.Kind) }) {
				t.Fatalf("without %s: nothing says that %s is refused\n%s", gone, flow, sentences(answer))
			}
		}
		if refuted == before {
			covered++
		}
	}
	for seed := range uint64(6) {
		p := newGenerator(seed<<32 + 2).path(t)
		for _, id := range slices.Sorted(maps.Keys(p.Groups)) {
			for row, gone := range p.Groups[id].Rules {
				less, group := p, p.Groups[id]
				group.Rules = slices.Delete(slices.Clone(group.Rules), row, row+1)
				less.Groups = maps.Clone(p.Groups)
				less.Groups[id] = group
				wanted(less, id+" "+gone.Describe())
			}
		}
		for _, id := range slices.Sorted(maps.Keys(p.ACLs)) {
			for row, gone := range p.ACLs[id].Entries {
				less, acl := p, p.ACLs[id]
				acl.Entries = slices.Delete(slices.Clone(acl.Entries), row, row+1)
				less.ACLs = maps.Clone(p.ACLs)
				less.ACLs[id] = acl
				wanted(less, id+" "+gone.Describe())
			}
		}
	}
	t.Logf("%d rows deleted: %d flows refuted, %d rows refute nothing", rows, refuted, covered)
	if covered < rows/50 || refuted < rows/10 {
		t.Errorf("%d rows, %d refuted flows, %d rows that refute nothing: the test sees only one of the cases", rows, refuted, covered)
	}
}

func refusal(f verify.Finding) bool {
	return f.ID >= verify.ClientListener && f.ID <= verify.PathMTURefused
}
