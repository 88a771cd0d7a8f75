// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package verify

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/terraform-clb/terraform-provider-clb/internal/packet"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// pick chooses the packet to show, and lets the independent evaluator confirm
// that it is refused, and by which rule.
func (r refutal) pick() (packet.Packet, packet.Piece, error) {
	// A reader pictures an address sooner than a member of a group.
	pieces := slices.SortedStableFunc(slices.Values(r.pieces), func(a, b packet.Piece) int {
		return cmp.Compare(min(1, len(a.Box.MemberOf)), min(1, len(b.Box.MemberOf)))
	})
	witness, piece, found := packet.Witness(pieces, r.need.Peers)
	verdict, rule := packet.Proved, packet.NoRule
	if found {
		verdict, rule = r.filter.scan(witness)
	}
	if !found || verdict != packet.Refuted || rule != piece.Rule || !r.need.has(witness) {
		return packet.Packet{}, packet.Piece{}, fmt.Errorf(
			"%s was judged as refused by %s, but the check of the packet %s says otherwise (%s): "+
				"this is a bug of the provider, please report it with the rules of %s",
			r.need.Flow, r.filter.describe(piece.Rule), witness, verdict, r.filter.name())
	}
	return witness, piece, nil
}

// has tells whether a packet belongs to what the flow needs.
func (n Need) has(p packet.Packet) bool {
	port := p.Port
	if p.Protocol == protocolICMP {
		port = p.Type<<8 | p.Code
	}
	return slices.ContainsFunc(n.Region, func(box packet.Box) bool {
		t := box.Traffic
		return int(t.FirstProtocol) <= p.Protocol && p.Protocol <= int(t.LastProtocol) &&
			int(t.First) <= port && port <= int(t.Last) &&
			box.Addresses.Contains(p.Peer) && slices.Equal(box.MemberOf, p.MemberOf)
	})
}

const (
	protocolICMP = 1
	protocolTCP  = 6
)

// packetWords is a packet from one side to the other: "10.0.1.4 -> 10.0.11.4:8081",
// "a member of sg-1 -> an instance, tcp 8081". The box is the part of the region
// that it was taken from.
func (n Need) packetWords(p packet.Packet, box packet.Box) string {
	here := n.hereWords()
	peer, members := p.Peer.String(), ""
	if len(p.MemberOf) > 0 {
		members = "a member of " + and(p.MemberOf)
		if !n.addressMatters(p.Peer, box) {
			peer, members = members, ""
		}
	}
	if n.Hop.Direction() == wiring.Egress {
		return here + " -> " + destination(peer, p) + inBrackets(members)
	}
	return peer + inBrackets(members) + " -> " + destination(here, p)
}

// addressMatters tells whether the address of a member says something.
func (n Need) addressMatters(address netip.Addr, box packet.Box) bool {
	if slices.Contains(n.Peers, address) {
		return true
	}
	return !slices.ContainsFunc(n.Region, func(whole packet.Box) bool {
		return whole.Addresses == box.Addresses && slices.Equal(whole.MemberOf, box.MemberOf)
	})
}

func inBrackets(words string) string {
	if words == "" {
		return ""
	}
	return " (" + words + ")"
}

// hereWords is this side of the hop.
func (n Need) hereWords() string {
	if n.Here.IsValid() {
		return n.Here.String()
	}
	switch n.Hop {
	case InstanceGroupIn, InstanceSubnetIn, InstanceSubnetOut:
		return "an instance"
	default:
		return n.Flow.LoadBalancer
	}
}

func destination(host string, p packet.Packet) string {
	if p.Protocol != protocolTCP {
		return fmt.Sprintf("%s, icmp %d/%d", host, p.Type, p.Code)
	}
	if address, err := netip.ParseAddr(host); err == nil {
		return netip.AddrPortFrom(address, uint16(p.Port)).String()
	}
	return fmt.Sprintf("%s, tcp %d", host, p.Port)
}

// subject says what of a flow is refused, and which verb goes with it.
func (f Flow) subject(refused []packet.Piece) (text, are string) {
	// The label is `load balancer "web"`, or "the load balancer" without a name.
	lb := strings.TrimPrefix(f.LoadBalancer, "load balancer ")
	switch f.Kind {
	case ClientToListener:
		return fmt.Sprintf("client traffic tcp/%d to %s", f.Port, lb), "is"
	case ToInstance:
		return fmt.Sprintf("traffic tcp/%d from %s to its instances", f.Port, lb), "is"
	case HealthCheck:
		return fmt.Sprintf("health check tcp/%d from %s", f.Port, lb), "is"
	case ReplyToClient:
		return fmt.Sprintf("replies tcp/%s from %s to its clients", portsWords(refused), lb), "are"
	case ReplyToLB:
		return fmt.Sprintf("replies tcp/%s from the instances to %s", portsWords(refused), lb), "are"
	default:
		return fmt.Sprintf("Path MTU Discovery (icmp 3/4) of %s", lb), "is"
	}
}

// portsWords are all ports of pieces: "1024-32767", "1024, 8080-65535".
func portsWords(pieces []packet.Piece) string {
	type ports struct{ first, last int }
	var all []ports
	for _, piece := range pieces {
		all = append(all, ports{int(piece.Box.Traffic.First), int(piece.Box.Traffic.Last)})
	}
	slices.SortFunc(all, func(a, b ports) int { return cmp.Compare(a.first, b.first) })
	var merged []ports
	for _, p := range all {
		if last := len(merged) - 1; last >= 0 && p.first <= merged[last].last+1 {
			merged[last].last = max(merged[last].last, p.last)
			continue
		}
		merged = append(merged, p)
	}
	var words []string
	for _, p := range merged {
		if p.first == p.last {
			words = append(words, strconv.Itoa(p.first))
		} else {
			words = append(words, fmt.Sprintf("%d-%d", p.first, p.last))
		}
	}
	return strings.Join(words, ", ")
}

// boxWords is a box in the words of a rule: "tcp 80 from 10.0.0.0/8", "tcp 8080 to
// members of sg-1 in 10.0.0.0/16".
func boxWords(box packet.Box, d wiring.Direction) string {
	words := box.Traffic.String() + " " + toFrom(d) + " "
	switch {
	case len(box.MemberOf) == 0:
		return words + box.Addresses.String()
	case box.Addresses == onlyIPv4() || box.Addresses == packet.Anywhere():
		return words + "members of " + and(box.MemberOf)
	default:
		return words + "members of " + and(box.MemberOf) + " in " + box.Addresses.String()
	}
}

func toFrom(d wiring.Direction) string {
	if d == wiring.Egress {
		return "to"
	}
	return "from"
}
