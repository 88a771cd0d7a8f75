// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package verify

import (
	"net/netip"
	"testing"

	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

func tcpFrom(from, to int, peer wiring.Peer) wiring.Rule {
	return wiring.Rule{Direction: wiring.Ingress, Protocol: wiring.TCP, From: from, To: to, Peer: peer}
}

func TestLessRestrictive(t *testing.T) {
	t.Parallel()
	cidr := func(text string) wiring.Peer { return wiring.CIDRPeer(networksOf(text)[0]) }
	vpc := networksOf("10.0.0.0/16", "10.9.0.0/16")
	instance := []wiring.Rule{tcpFrom(8080, 8080, wiring.GroupPeer("sg-lb")), tcpFrom(8081, 8081, wiring.GroupPeer("sg-lb"))}
	clients := []wiring.Rule{tcpFrom(80, 80, cidr("203.0.113.0/24")), tcpFrom(443, 443, wiring.PrefixListPeer("pl-1"))}
	egress := tcpFrom(8080, 8080, cidr("0.0.0.0/0"))
	egress.Direction = wiring.Egress
	udp, every, icmp := tcpFrom(8080, 8080, cidr("0.0.0.0/0")), tcpFrom(-1, -1, cidr("0.0.0.0/0")), tcpFrom(3, 4, cidr("0.0.0.0/0"))
	udp.Protocol, every.Protocol, icmp.Protocol = wiring.UDP, wiring.AllProtocols, wiring.ICMP
	pathMTU := tcpFrom(3, 4, wiring.GroupPeer("sg-lb"))
	pathMTU.Protocol = wiring.ICMP
	for name, test := range map[string]struct {
		rule wiring.Rule
		rows []wiring.Rule
		vpc  []netip.Prefix
		want bool
	}{
		"everyone instead of the load balancer":            {tcpFrom(8080, 8080, cidr("0.0.0.0/0")), instance, nil, true},
		"everyone on a range that is the load balancer's":  {tcpFrom(8080, 8081, cidr("0.0.0.0/0")), instance, nil, true},
		"one port more than the load balancer's":           {tcpFrom(8080, 8082, cidr("0.0.0.0/0")), instance, nil, false},
		"every port":                                       {tcpFrom(0, 65535, cidr("0.0.0.0/0")), instance, nil, false},
		"every protocol":                                   {every, instance, nil, false},
		"another protocol":                                 {udp, instance, nil, false},
		"Path MTU Discovery for everyone":                  {icmp, append(instance, pathMTU), nil, false},
		"SSH":                                              {tcpFrom(22, 22, cidr("0.0.0.0/0")), instance, vpc, false},
		"the other direction":                              {egress, instance, nil, false},
		"the whole VPC, unknown":                           {tcpFrom(8080, 8080, cidr("10.0.0.0/8")), instance, nil, false},
		"the whole VPC":                                    {tcpFrom(8080, 8080, cidr("10.0.0.0/8")), instance, vpc, true},
		"one network of the VPC":                           {tcpFrom(8080, 8080, cidr("10.0.0.0/16")), instance, vpc, false},
		"a group of another account may be in another VPC": {tcpFrom(8080, 8080, cidr("10.0.0.0/8")), []wiring.Rule{tcpFrom(8080, 8080, wiring.GroupPeer("123456789012/sg-lb"))}, vpc, false},
		"another group":                                    {tcpFrom(8080, 8080, wiring.GroupPeer("sg-jump")), instance, vpc, false},
		"a prefix list":                                    {tcpFrom(8080, 8080, wiring.PrefixListPeer("pl-1")), instance, vpc, false},
		"everyone in IPv6":                                 {tcpFrom(8080, 8080, cidr("::/0")), instance, vpc, false},
		"more clients than are declared":                   {tcpFrom(80, 80, cidr("203.0.112.0/23")), clients, nil, true},
		"the declared clients":                             {tcpFrom(80, 80, cidr("203.0.113.0/24")), clients, nil, false},
		"some of the declared clients":                     {tcpFrom(80, 80, cidr("203.0.113.0/25")), clients, nil, false},
		"others than the declared clients":                 {tcpFrom(80, 80, cidr("198.51.100.0/24")), clients, nil, false},
		"everyone instead of a prefix list":                {tcpFrom(443, 443, cidr("0.0.0.0/0")), clients, nil, true},
		"some network instead of a prefix list":            {tcpFrom(443, 443, cidr("10.0.0.0/8")), clients, vpc, false},
		"wider than one row, within another": {
			tcpFrom(8080, 8080, cidr("10.0.0.0/8")), []wiring.Rule{tcpFrom(8080, 8080, cidr("10.0.0.0/16")), tcpFrom(8080, 8080, cidr("0.0.0.0/0"))}, nil, false,
		},
		"within the row for replies": {
			tcpFrom(8080, 8080, cidr("0.0.0.0/0")), []wiring.Rule{tcpFrom(8080, 8080, cidr("10.0.0.0/16")), tcpFrom(1024, 65535, cidr("0.0.0.0/0"))}, nil, false,
		},
		"the replies for everyone": {
			tcpFrom(1024, 65535, cidr("0.0.0.0/0")), []wiring.Rule{tcpFrom(1024, 65535, cidr("10.0.0.0/16"))}, vpc, false,
		},
		"no rows": {tcpFrom(80, 80, cidr("0.0.0.0/0")), nil, nil, false},
	} {
		if got := LessRestrictive(test.rule, test.rows, test.vpc); got != test.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

// peerPacket is a packet as a small universe knows it: its peer is at an address,
// and may be a member of the load balancer's group or of a prefix list.
type peerPacket struct {
	protocol wiring.Protocol
	port     int
	address  netip.Addr
	member   string
}

func (p peerPacket) admittedBy(rule wiring.Rule) bool {
	if rule.Protocol != wiring.AllProtocols && (rule.Protocol != p.protocol || p.port < rule.From || p.port > rule.To) {
		return false
	}
	if rule.Peer.CIDR.IsValid() {
		return rule.Peer.CIDR.Contains(p.address)
	}
	return p.member == rule.Peer.String()
}

// TestLessRestrictiveIsBounded tries all rules of a small universe beside all pairs
// of rows, packet by packet: whatever is found less restrictive admits no packet on
// a port or protocol that no row names alone, and on each of its ports all that some
// row does, and more.
func TestLessRestrictiveIsBounded(t *testing.T) {
	t.Parallel()
	var peers []wiring.Peer
	for _, network := range networksOf("0.0.0.0/0", "0.0.0.0/1", "10.0.0.0/8", "10.0.0.0/9", "10.128.0.0/9", "192.0.2.0/24") {
		peers = append(peers, wiring.CIDRPeer(network))
	}
	peers = append(peers, wiring.GroupPeer("sg-lb"), wiring.PrefixListPeer("pl-1"))
	var rows, rules []wiring.Rule
	for _, peer := range peers {
		rows = append(rows, tcpFrom(1, 1, peer), tcpFrom(2, 2, peer), tcpFrom(2, 4, peer))
		for from := range 4 {
			for to := from; to < 4; to++ {
				udp := tcpFrom(from, to, peer)
				udp.Protocol = wiring.UDP
				rules = append(rules, tcpFrom(from, to, peer), udp)
			}
		}
		rules = append(rules, wiring.Rule{Direction: wiring.Ingress, Protocol: wiring.AllProtocols, From: -1, To: -1, Peer: peer})
	}
	var packets []peerPacket
	for _, text := range []string{"0.0.0.1", "10.0.0.1", "10.128.0.1", "128.0.0.1", "192.0.2.1", "192.0.3.1"} {
		for port := range 5 {
			for _, protocol := range []wiring.Protocol{wiring.TCP, wiring.UDP} {
				for _, member := range []string{"", "sg-lb", "pl-1"} {
					if member != "sg-lb" || text == "10.0.0.1" { // The VPC is 10.0.0.0/9.
						packets = append(packets, peerPacket{protocol, port, netip.MustParseAddr(text), member})
					}
				}
			}
		}
	}
	// wider tells whether a rule admits all that a row does, and more on its port.
	wider := func(rule, row wiring.Rule) bool {
		more := false
		for _, p := range packets {
			there, recommended := p.admittedBy(rule), p.admittedBy(row)
			if recommended && !there {
				return false
			}
			more = more || there && !recommended && p.port == row.From && p.protocol == row.Protocol
		}
		return more
	}
	found := 0
	for _, a := range rows {
		for _, b := range rows {
			for _, rule := range rules {
				if !LessRestrictive(rule, []wiring.Rule{a, b}, networksOf("10.0.0.0/9")) {
					continue
				}
				found++
				for _, p := range packets {
					if !p.admittedBy(rule) {
						continue
					}
					named := func(row wiring.Rule) bool {
						return row.From == p.port && row.To == p.port && row.Protocol == p.protocol && wider(rule, row)
					}
					if !named(a) && !named(b) {
						t.Fatalf("%s beside %s and %s: %+v", rule.Key(), a.Key(), b.Key(), p)
					}
				}
			}
		}
	}
	if found < 100 {
		t.Fatalf("only %d are less restrictive", found)
	}
}

func TestCovers(t *testing.T) {
	t.Parallel()
	everyone, network := wiring.CIDRPeer(wiring.Everyone()), wiring.CIDRPeer(networksOf("10.0.0.0/8")[0])
	group := wiring.GroupPeer("sg-lb")
	for name, test := range map[string]struct {
		rules, rows []wiring.Rule
		want        bool
	}{
		"itself":                       {[]wiring.Rule{tcpFrom(80, 80, group)}, []wiring.Rule{tcpFrom(80, 80, group)}, true},
		"every port of the same group": {[]wiring.Rule{tcpFrom(1, 65535, group)}, []wiring.Rule{tcpFrom(80, 80, group)}, true},
		"another group":                {[]wiring.Rule{tcpFrom(80, 80, wiring.GroupPeer("sg-2"))}, []wiring.Rule{tcpFrom(80, 80, group)}, false},
		"one of two":                   {[]wiring.Rule{tcpFrom(80, 80, network)}, []wiring.Rule{tcpFrom(80, 80, network), tcpFrom(81, 81, network)}, false},
		"a wider network":              {[]wiring.Rule{tcpFrom(80, 81, everyone)}, []wiring.Rule{tcpFrom(80, 80, network), tcpFrom(81, 81, network)}, true},
		"nothing":                      {nil, []wiring.Rule{tcpFrom(80, 80, network)}, false},
	} {
		if got := Covers(test.rules, test.rows); got != test.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}
