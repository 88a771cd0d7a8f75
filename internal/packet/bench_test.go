// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package packet

import (
	"fmt"
	"net/netip"
	"testing"
)

// partners are n rules like those of a group that many partners may reach: two
// ports from each of n/2 networks.
func partners(n int) []Rule {
	rules := make([]Rule, n)
	for i := range rules {
		k := i / 2
		network := netip.PrefixFrom(netip.AddrFrom4([4]byte{byte(20 + k>>12), byte(k >> 4), byte(k << 4), 0}), 21)
		port := []int{80, 443}[i%2]
		rules[i] = tcpRule(port, port, Peer{CIDR: network.Masked()})
	}
	return rules
}

// ladder is n rules none of which covers another: port ranges that overlap, from
// networks that do not. It is hard on purpose.
func ladder(n int) []Rule {
	rules := partners(n)
	for i := range rules {
		rules[i].From, rules[i].To = 1024+i*10, 1024+i*10+400
		rules[i].Peer.CIDR = netip.PrefixFrom(netip.AddrFrom4([4]byte{20, byte(i >> 8), byte(i), 0}), 24)
	}
	return rules
}

// aclOf is a network ACL of n entries: denies of single networks, then the rows
// that AWS recommends for a load balancer's subnet, over and over.
func aclOf(n int) []Entry {
	entries := make([]Entry, n)
	for i := range entries {
		number := 10 * (i + 1)
		switch i % 4 {
		case 0:
			entries[i] = deny(number, everything(from(fmt.Sprintf("10.%d.0.0/24", i%256))))
		case 1:
			entries[i] = allow(number, tcpRule(80+i, 80+i, from("0.0.0.0/0")))
		case 2:
			entries[i] = deny(number, tcpRule(3000+50*i, 3025+50*i, from(fmt.Sprintf("10.%d.0.0/16", i%256))))
		default:
			entries[i] = allow(number, tcpRule(1024, 1024+i*1000%64000, from(fmt.Sprintf("10.%d.0.0/16", i%256))))
		}
	}
	return append(entries[:n-1], allow(10*n, tcpRule(1024, 65535, from("0.0.0.0/0"))))
}

var sizes = []int{20, 60, 200, 1000, 5000}

func perRule(b *testing.B, n int) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/rule")
}

// BenchmarkSecurityGroupJudge asks whether everybody reaches a port.
func BenchmarkSecurityGroupJudge(b *testing.B) {
	for name, rules := range map[string]func(int) []Rule{"partners": partners, "ladder": ladder} {
		region := Region{box(TCP(80, 80), "0.0.0.0/0")}
		if name == "ladder" {
			region = Region{box(TCP(1024, 65535), "0.0.0.0/0")}
		}
		for _, n := range sizes {
			b.Run(fmt.Sprintf("%s/rules=%d", name, n), func(b *testing.B) {
				g := mustGroup(b, rules(n)...)
				b.ReportAllocs()
				for b.Loop() {
					if g.Judge(region).Verdict != Refuted {
						b.Fatal("not refuted")
					}
				}
				perRule(b, n)
			})
		}
	}
}

// BenchmarkNewSecurityGroup reads the rules.
func BenchmarkNewSecurityGroup(b *testing.B) {
	for _, n := range sizes {
		b.Run(fmt.Sprintf("rules=%d", n), func(b *testing.B) {
			rules := partners(n)
			b.ReportAllocs()
			for b.Loop() {
				mustGroup(b, rules...)
			}
			perRule(b, n)
		})
	}
}

// BenchmarkSecurityGroupPermits asks what is permitted besides two ports.
func BenchmarkSecurityGroupPermits(b *testing.B) {
	within := Region{{Traffic: AllTraffic(), Addresses: Anywhere()}}
	besides := Region{box(TCP(80, 80), "0.0.0.0/0"), box(TCP(443, 443), "16.0.0.0/6")}
	for _, n := range sizes {
		b.Run(fmt.Sprintf("rules=%d", n), func(b *testing.B) {
			g := mustGroup(b, partners(n)...)
			b.ReportAllocs()
			for b.Loop() {
				if len(g.Permits(within, besides)) == 0 {
					b.Fatal("nothing is permitted")
				}
			}
			perRule(b, n)
		})
	}
}

// BenchmarkNetworkACLJudge asks for flows of a load balancer's subnet: a
// listener from everybody, the ephemeral ports from the VPC.
func BenchmarkNetworkACLJudge(b *testing.B) {
	for _, flow := range []struct {
		name    string
		region  Region
		verdict Verdict
	}{
		{"listener", Region{box(TCP(81, 81), "0.0.0.0/0")}, Refuted},
		{"ephemeral", Region{box(TCP(1024, 65535), "10.0.0.0/16")}, Refuted},
		{"everything", Region{box(TCP(0, 65535), "0.0.0.0/0")}, Refuted},
		{"proved", Region{box(TCP(1024, 65535), "172.31.0.0/16")}, Proved},
	} {
		for _, n := range []int{20, 40, 200, 1000} {
			b.Run(fmt.Sprintf("%s/entries=%d", flow.name, n), func(b *testing.B) {
				acl := mustACL(b, aclOf(n)...)
				b.ReportAllocs()
				for b.Loop() {
					if j := acl.Judge(flow.region); j.Verdict != flow.verdict {
						b.Fatal(describe(j))
					}
				}
				perRule(b, n)
			})
		}
	}
}

// BenchmarkNetworkACLShadowed asks it of each entry.
func BenchmarkNetworkACLShadowed(b *testing.B) {
	acl := mustACL(b, aclOf(40)...)
	b.ReportAllocs()
	for b.Loop() {
		for i := range 40 {
			acl.Shadowed(i)
		}
	}
}
