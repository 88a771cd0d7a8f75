// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package packet

import (
	"net/netip"
	"slices"
	"testing"
)

func TestWitness(t *testing.T) {
	t.Parallel()
	documentation := []netip.Addr{netip.MustParseAddr("203.0.113.10"), netip.MustParseAddr("10.0.1.4")}
	piece := func(traffic Traffic, cidr string, memberOf ...string) Piece {
		return Piece{Box: box(traffic, cidr, memberOf...), Rule: NoRule}
	}
	for name, test := range map[string]struct {
		pieces []Piece
		want   string
	}{
		"a documentation address, its lowest port": {
			[]Piece{piece(TCP(80, 80), "10.0.0.0/16"), piece(TCP(5000, 6000), "128.0.0.0/1"), piece(TCP(443, 444), "128.0.0.0/1")},
			"tcp 443 of 203.0.113.10",
		},
		"the next preferred address": {[]Piece{piece(TCP(80, 80), "10.0.0.0/16", "sg-a")}, "tcp 80 of 10.0.1.4, a member of sg-a"},
		"the first host of a subnet": {[]Piece{piece(TCP(80, 80), "10.7.2.0/24")}, "tcp 80 of 10.7.2.4"},
		"one address":                {[]Piece{piece(TCP(80, 80), "10.7.2.8/32")}, "tcp 80 of 10.7.2.8"},
		"few addresses":              {[]Piece{piece(TCP(80, 80), "10.7.2.8/29")}, "tcp 80 of 10.7.2.8"},
		"not in 0.0.0.0/8":           {[]Piece{piece(TCP(80, 80), "0.0.0.0/5")}, "tcp 80 of 1.0.0.4"},
		"nothing but 0.0.0.0/8":      {[]Piece{piece(TCP(80, 80), "0.0.0.0/9")}, "tcp 80 of 0.0.0.4"},
		"the last address of all":    {[]Piece{piece(TCP(80, 80), "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128")}, "tcp 80 of ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
		"tcp rather than icmp":       {[]Piece{piece(ICMP(3, 4), "10.0.1.0/24"), piece(TCP(5000, 5000), "10.0.1.0/24")}, "tcp 5000 of 10.0.1.4"},
		"tcp of all protocols":       {[]Piece{piece(AllTraffic(), "10.0.1.0/24")}, "tcp 0 of 10.0.1.4"},
		"icmp":                       {[]Piece{piece(ICMP(3, 4), "10.0.1.0/24")}, "icmp 3/4 of 10.0.1.4"},
		"udp":                        {[]Piece{piece(UDP(53, 60), "10.0.1.0/24")}, "udp 53 of 10.0.1.4"},
		"other protocols":            {[]Piece{piece(Traffic{FirstProtocol: 47, LastProtocol: 50, Last: 65535}, "10.0.1.0/24")}, "protocol 47 of 10.0.1.4"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			packet, from, found := Witness(test.pieces, documentation)
			if !found || packet.String() != test.want {
				t.Errorf("got %v (found %v), want %s", packet, found, test.want)
			}
			if !slices.ContainsFunc(test.pieces, func(p Piece) bool { return p.Box.String() == from.Box.String() }) || !from.Box.Addresses.Contains(packet.Peer) {
				t.Errorf("packet %v is not of a piece: %v", packet, from.Box)
			}
		})
	}
	if packet, _, found := Witness(nil, documentation); found {
		t.Errorf("found %v in nothing", packet)
	}
}
