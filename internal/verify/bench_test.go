// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package verify

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/terraform-clb/terraform-provider-clb/internal/packet"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// fleet are n load balancers, each with groups and network ACLs of its own: two
// subnets in two zones on both sides, five instances, groups of 60 rules (those of
// the load balancer for 29 clients on two ports) and network ACLs of 40 entries in
// each direction.
func fleet(n int) []Path {
	paths := make([]Path, n)
	for i := range paths {
		paths[i] = fleetMember(i)
	}
	return paths
}

func fleetMember(i int) Path {
	id := func(kind string) string { return fmt.Sprintf("%s-%08x", kind, i) }
	network := netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(i), 0, 0}), 16)
	subnet := func(k byte, zone, acl string) Subnet {
		return Subnet{
			ID: fmt.Sprintf("subnet-%08x", i<<8|int(k)), Zone: zone, ACL: acl,
			CIDR: netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(i), k, 0}), 24),
		}
	}
	p := Path{
		LoadBalancer: wiring.LoadBalancer{
			Name:           id("web"),
			Listeners:      []wiring.Listener{{LBPort: 80, InstancePort: 8080}, {LBPort: 443, InstancePort: 8443}},
			HealthCheck:    &wiring.HealthCheckTarget{Protocol: "HTTP", Port: 8081, Path: "/"},
			SecurityGroups: []string{id("sg-lb")},
		},
		VPCID: "vpc-1", VPC: []netip.Prefix{network}, CrossZone: true,
		Subnets:         []Subnet{subnet(1, "a", id("acl-lb")), subnet(2, "b", id("acl-lb"))},
		InstanceSubnets: map[string]Subnet{},
		Groups:          map[string]Group{},
		ACLs:            map[string]ACL{},
	}
	for k, zone := range []string{"a", "b"} {
		s := subnet(byte(11+k), zone, id("acl-app"))
		p.InstanceSubnets[s.ID] = s
		for range 2 + k {
			p.Instances = append(p.Instances, Instance{ID: fmt.Sprintf("i-%08x", i<<8|len(p.Instances)), Groups: []string{id("sg-app"), id("sg-base")}, Subnet: s.ID})
		}
	}
	tcp := func(d wiring.Direction, from, to int, peer wiring.Peer) wiring.Rule {
		return wiring.Rule{Direction: d, Protocol: wiring.TCP, From: from, To: to, Peer: peer}
	}
	group := func(id string, rules ...wiring.Rule) {
		g := Group{ID: id, VPCID: "vpc-1"}
		for k := range 60 - len(rules) {
			port := 9000 + k
			if id == p.LoadBalancer.SecurityGroups[0] {
				port = []int{80, 443}[k%2]
			}
			office := netip.PrefixFrom(netip.AddrFrom4([4]byte{198, 18, byte(k / 2), 0}), 24)
			rules = append(rules, tcp(wiring.Ingress, port, port, wiring.CIDRPeer(office)))
		}
		for k, rule := range rules {
			g.Rules = append(g.Rules, GroupRule{Rule: rule, ID: fmt.Sprintf("sgr-%08x%02x", i, k)})
		}
		p.Groups[id] = g
	}
	everyone, lb, app := wiring.CIDRPeer(wiring.Everyone()), wiring.GroupPeer(id("sg-lb")), wiring.GroupPeer(id("sg-app"))
	group(id("sg-lb"), tcp(wiring.Egress, 8080, 8081, app), tcp(wiring.Egress, 8443, 8443, app))
	group(id("sg-app"), tcp(wiring.Ingress, 8080, 8081, lb), tcp(wiring.Ingress, 8443, 8443, lb),
		wiring.Rule{Direction: wiring.Ingress, Protocol: wiring.ICMP, From: 3, To: 4, Peer: lb})
	group(id("sg-base"), tcp(wiring.Ingress, 22, 22, wiring.CIDRPeer(network)))
	acl := func(id string) {
		a := ACL{ID: id, VPCID: "vpc-1"}
		for _, d := range wiring.Directions() {
			for k := range 37 {
				a.Entries = append(a.Entries, ACLEntry{
					Deny: true,
					Entry: wiring.Entry{Number: 10 + k, Rule: tcp(d, 111+k, 161+k,
						wiring.CIDRPeer(netip.PrefixFrom(netip.AddrFrom4([4]byte{198, 51, byte(k), 0}), 24)))},
				})
			}
			a.Entries = append(a.Entries,
				ACLEntry{Entry: wiring.Entry{Number: 100, Rule: tcp(d, 80, 443, everyone)}},
				ACLEntry{Entry: wiring.Entry{Number: 110, Rule: tcp(d, 1024, 65535, everyone)}},
				ACLEntry{Entry: wiring.Entry{Number: 120, Rule: wiring.Rule{Direction: d, Protocol: wiring.ICMP, From: 3, To: 4, Peer: everyone}}})
		}
		p.ACLs[id] = a
	}
	acl(id("acl-lb"))
	acl(id("acl-app"))
	return p
}

// BenchmarkFleet judges the whole paths of 1,000 load balancers, one after the other.
func BenchmarkFleet(b *testing.B) {
	paths := fleet(1000)
	b.ReportAllocs()
	for b.Loop() {
		for _, p := range paths {
			answer, err := p.Judge(Options{Today: time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)})
			if err != nil {
				b.Fatal(err)
			}
			if answer.Verdict() == packet.Undecided || len(answer.Flows) != 8 {
				b.Fatal(answer)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(paths)), "ns/load-balancer")
}
