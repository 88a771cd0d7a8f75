// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package verify_test

import (
	"fmt"
	"net/netip"
	"testing"

	"github.com/terraform-clb/terraform-provider-clb/internal/packet"
	"github.com/terraform-clb/terraform-provider-clb/internal/verify"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// The targets: a network ACL of 40 entries in 25 µs, a security group of 1,000
// rules in 5 ms, on one core.

// benchmarkJudge asks over and over and reports what a rule costs.
func benchmarkJudge(b *testing.B, q question, rules int, want packet.Verdict) {
	b.Helper()
	b.ReportAllocs()
	for b.Loop() {
		answer, err := q.Judge(verify.Options{})
		if err != nil || answer.Verdict() != want {
			b.Fatalf("%s: %v", answer.Verdict(), err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(rules), "ns/rule")
}

// partnered is an internet-facing load balancer whose clients are n partners with
// a network each, and a group that admits them one by one. Without the last one,
// one flow is refuted.
func partnered(n int, all bool) verify.LoadBalancerGroup {
	lb := wiring.LoadBalancer{
		Name: "web", Listeners: []wiring.Listener{{LBPort: 443, InstancePort: 8443}}, HealthCheck: &wiring.HealthCheckTarget{Protocol: "HTTP", Port: 8081, Path: "/"},
		SecurityGroups: []string{"sg-lb1"}, InstanceSecurityGroups: []string{"sg-i1"}, Clients: make([]wiring.Clients, 1),
	}
	for i := range n - 2 {
		lb.Clients[0].CIDRBlocks = append(lb.Clients[0].CIDRBlocks, netip.PrefixFrom(netip.AddrFrom4([4]byte{20, byte(i >> 7), byte(i << 1), 0}), 24))
	}
	q := verify.LoadBalancerGroup{LoadBalancers: []wiring.LoadBalancer{lb}, VPC: cidrs("10.0.0.0/16"), Group: verify.Group{ID: "sg-lb1"}, Directions: both()}
	for _, row := range wiring.InternetFacingLoadBalancerGroup(lb) {
		q.Group.Rules = append(q.Group.Rules, verify.GroupRule{Rule: row})
	}
	if !all {
		q.Group.Rules[n-3].Peer.CIDR = netip.MustParsePrefix("192.0.2.0/24")
	}
	return q
}

func BenchmarkLoadBalancerGroup(b *testing.B) {
	for _, verdict := range []packet.Verdict{packet.Proved, packet.Refuted} {
		for _, n := range []int{20, 60, 200, 1000, 5000} {
			q := partnered(n, verdict == packet.Proved)
			b.Run(fmt.Sprintf("verdict=%s/rules=%d", verdict, n), func(b *testing.B) { benchmarkJudge(b, q, n, verdict) })
		}
	}
}

func BenchmarkInstanceGroup(b *testing.B) {
	lb := partnered(3, true).LoadBalancers[0]
	for _, n := range []int{20, 60, 200, 1000, 5000} {
		q := verify.InstanceGroup{LoadBalancers: []wiring.LoadBalancer{lb}, VPC: cidrs("10.0.0.0/16"), Group: verify.Group{ID: "sg-i1"}}
		for i := range n - 2 {
			rule := wiring.Rule{Direction: wiring.Ingress, Protocol: wiring.TCP, From: 3000 + i, To: 3000 + i, Peer: wiring.CIDRPeer(netip.PrefixFrom(netip.AddrFrom4([4]byte{20, byte(i >> 8), byte(i), 0}), 24))}
			q.Group.Rules = append(q.Group.Rules, verify.GroupRule{Rule: rule})
		}
		for _, row := range wiring.InstanceGroup(lb, lb.SecurityGroups) {
			q.Group.Rules = append(q.Group.Rules, verify.GroupRule{Rule: row})
		}
		b.Run(fmt.Sprintf("rules=%d", n), func(b *testing.B) { benchmarkJudge(b, q, n, packet.Proved) })
	}
}

// BenchmarkSubnetACL judges a network ACL with the recommended entries behind
// denies of single hosts elsewhere; refuted by one of them.
func BenchmarkSubnetACL(b *testing.B) {
	lb := partnered(3, true).LoadBalancers[0]
	lb.Clients = nil
	for _, verdict := range []packet.Verdict{packet.Proved, packet.Refuted} {
		for _, n := range []int{20, 40, 200, 1000} {
			q := verify.SubnetACL{
				LoadBalancers: []wiring.LoadBalancer{lb}, VPC: cidrs("10.0.0.0/16"), ACL: verify.ACL{ID: "acl-1"}, Directions: both(),
				Roles: []verify.SubnetRole{verify.LoadBalancerSubnet},
			}
			for i, row := range wiring.InternetFacingLoadBalancerSubnet(lb, q.VPC) {
				q.ACL.Entries = append(q.ACL.Entries, verify.ACLEntry{Entry: wiring.Entry{Rule: row, Number: 20000 + i}, Origin: verify.Derived})
			}
			for i := range n - len(q.ACL.Entries) {
				deny := wiring.Rule{Direction: wiring.Directions()[i%2], Protocol: wiring.TCP, From: 5000 + i, To: 5000 + i, Peer: wiring.CIDRPeer(netip.PrefixFrom(netip.AddrFrom4([4]byte{172, 16, byte(i >> 8), byte(i)}), 32))}
				if i == 0 && verdict == packet.Refuted {
					deny.From, deny.To, deny.Peer = 443, 443, wiring.CIDRPeer(netip.MustParsePrefix("198.51.100.0/24"))
				}
				if deny.Direction == wiring.Egress || verdict == packet.Proved {
					deny.From, deny.To = 23, 23
				}
				q.ACL.Entries = append(q.ACL.Entries, verify.ACLEntry{Entry: wiring.Entry{Rule: deny, Number: 1 + i}, Deny: true})
			}
			b.Run(fmt.Sprintf("verdict=%s/entries=%d", verdict, n), func(b *testing.B) { benchmarkJudge(b, q, n, verdict) })
		}
	}
}
