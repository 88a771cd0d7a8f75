// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package packet

import (
	"fmt"
	"net/netip"
	"strings"
)

// Packet is one packet as a filter of one direction sees it.
type Packet struct {
	// Peer is the source of an inbound packet, the destination of an outbound one.
	Peer netip.Addr
	// MemberOf names the security groups and prefix lists that the peer is a
	// member of.
	MemberOf []string
	// Protocol is the IP protocol number.
	Protocol int
	// Port is the destination port of TCP and UDP.
	Port int
	// Type and Code are those of ICMP and ICMPv6.
	Type, Code int
}

// String is "tcp 80 of 203.0.113.10" or "icmp 3/4 of 10.0.1.4, a member of sg-1".
func (p Packet) String() string {
	text := protocolName(uint8(p.Protocol))
	switch uint8(p.Protocol) {
	case tcp, udp:
		text = fmt.Sprintf("%s %d", text, p.Port)
	case icmp, icmpv6:
		text = fmt.Sprintf("%s %d/%d", text, p.Type, p.Code)
	}
	text += " of " + p.Peer.String()
	if len(p.MemberOf) > 0 {
		text += ", a member of " + strings.Join(p.MemberOf, ", ")
	}
	return text
}

// Witness picks one packet of the pieces that a reader can picture, and the piece
// that it is from. It takes the first of the preferred addresses that is in any
// piece, and there the lowest port; TCP goes before other protocols. If no piece
// has a preferred address, it takes the lowest port and there the first address
// that a host may have. There is none if there is no piece.
func Witness(pieces []Piece, preferred []netip.Addr) (packet Packet, from Piece, found bool) {
	for _, address := range preferred {
		for _, piece := range pieces {
			if !piece.Box.valid() || !piece.Box.Addresses.Contains(address) {
				continue
			}
			if !found || easier(piece, from) {
				packet, from, found = piece.packet(address), piece, true
			}
		}
		if found {
			return packet, from, true
		}
	}
	for _, piece := range pieces {
		if piece.Box.valid() && (!found || easier(piece, from)) {
			packet, from, found = piece.packet(firstHost(piece.Box.Addresses)), piece, true
		}
	}
	return packet, from, found
}

// easier tells whether a reader would sooner think of a packet of a than of b.
func easier(a, b Piece) bool {
	s, t := a.Box.Traffic, b.Box.Traffic
	if aTCP, bTCP := s.hasTCP(), t.hasTCP(); aTCP != bTCP {
		return aTCP
	}
	if s.hasTCP() || s.FirstProtocol == t.FirstProtocol {
		return s.First < t.First
	}
	return s.FirstProtocol < t.FirstProtocol
}

func (t Traffic) hasTCP() bool { return t.FirstProtocol <= tcp && tcp <= t.LastProtocol }

// packet is the packet of the piece with an address and the lowest port.
func (p Piece) packet(address netip.Addr) Packet {
	t := p.Box.Traffic
	packet := Packet{Peer: address, MemberOf: p.Box.MemberOf, Protocol: int(t.FirstProtocol)}
	if t.hasTCP() {
		packet.Protocol = int(tcp)
	}
	switch uint8(packet.Protocol) {
	case tcp, udp:
		packet.Port = int(t.First)
	case icmp, icmpv6:
		packet.Type, packet.Code = int(t.First>>8), int(t.First&lastCode)
	}
	return packet
}

// firstHost is the first address that a host may have: not in 0.0.0.0/8, and
// where the interval is a network, past the addresses that a subnet keeps for
// itself. Source: "Subnet CIDR reservations", "Subnet sizing", Amazon VPC user
// guide.
func firstHost(a Addresses) netip.Addr {
	first := a.First
	if routed := netip.AddrFrom4([4]byte{1}); first.Is4() && first.Less(routed) && a.Contains(routed) {
		first = routed
	}
	host := first
	const reserved = 4
	for range reserved {
		host = next(host)
		if !host.IsValid() || !a.Contains(host) {
			return first
		}
	}
	if network, err := first.Prefix(first.BitLen() - 4); err != nil || network.Addr() != first {
		return first
	}
	return host
}
