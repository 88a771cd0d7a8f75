// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package verify

import (
	"fmt"

	"github.com/terraform-clb/terraform-provider-clb/internal/packet"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// The ways in which a rule misses a packet, the nearest first.
const (
	missesOrder = iota
	missesDirection
	missesPeer
	missesPorts
	missesProtocol
	missesPeerOfMany
	missesMore
)

// nearest is the rule that almost admits the witness, with what it lacks. It is
// empty if no rule comes near.
func (r refutal) nearest() string {
	best, distance, text := missesMore, 0, ""
	consider := func(s source, opposite bool) {
		how, by := r.miss(s, opposite)
		if how < best || how == best && how != missesMore && by < distance {
			best, distance, text = how, by, s.words()+" "+r.lacks(s, how)
		}
	}
	for _, s := range r.filter.sources {
		consider(s, false)
	}
	// Rules that EC2 could not have are not near to anything.
	if reverse, err := r.filter.reverse(); err == nil {
		for _, s := range reverse.sources {
			consider(s, true)
		}
	}
	return text
}

// miss tells how an allow rule misses the witness, and by how many ports.
func (r refutal) miss(s source, opposite bool) (how, by int) {
	rule := s.entry.Rule
	if s.entry.Action != packet.Allow || rule.Unknown != 0 {
		return missesMore, 0
	}
	anyPeer, anyPort, asTCP := rule, rule, rule
	anyPeer.Peer = packet.Peer{CIDR: wiring.Everyone()}
	anyPort.From, anyPort.To = 0, lastPort
	asTCP.Protocol = string(wiring.TCP)
	// A rule about much more than the flow is near to it by chance.
	const few = 100
	narrow := isTCP(rule.Protocol) && rule.To-rule.From < r.width()+few || isICMP(rule.Protocol) && rule.From >= 0
	switch {
	case opposite && narrow && r.width() == 0 && admits(rule, r.witness):
		// Rules about ephemeral ports are in both directions for good reasons.
		return missesDirection, 0
	case opposite:
		return missesMore, 0
	case admits(rule, r.witness):
		// It is a network ACL, and what refuses goes before it.
		return missesOrder, s.entry.Number
	case admits(anyPeer, r.witness) && narrow:
		return missesPeer, 0
	case isTCP(rule.Protocol) && admits(anyPort, r.witness):
		return missesPorts, r.portsAway(rule)
	case rule.Protocol == "udp" && admits(asTCP, r.witness):
		return missesProtocol, 0
	case admits(anyPeer, r.witness):
		return missesPeerOfMany, 0
	}
	return missesMore, 0
}

// lacks says what a rule lacks to admit the witness.
func (r refutal) lacks(s source, how int) string {
	side := "source"
	if r.filter.direction == wiring.Egress {
		side = "destination"
	}
	switch how {
	case missesOrder:
		return fmt.Sprintf("would admit it, but rule %d goes before it.", r.filter.sources[r.decider.Rule].entry.Number)
	case missesDirection:
		return fmt.Sprintf("has the port and the peer, but it is no %s rule.", InOut(r.filter.direction))
	case missesPorts:
		return fmt.Sprintf("has the %s, but not port %d.", side, r.witness.Port)
	case missesProtocol:
		return fmt.Sprintf("has the port and the %s, but is about %s, not tcp.", side, s.entry.Protocol)
	}
	if s.entry.Peer.CIDR.IsValid() && s.entry.Peer.CIDR.Addr().Is6() {
		return fmt.Sprintf("has the port, but its %s is IPv6: a Classic Load Balancer in a VPC speaks IPv4 only.", side)
	}
	peer := r.witness.Peer.String()
	if len(r.witness.MemberOf) > 0 && (!s.entry.Peer.CIDR.IsValid() || r.decider.Box.Addresses == onlyIPv4()) {
		peer = "a member of " + and(r.witness.MemberOf)
	}
	return fmt.Sprintf("has the port, but %s is not in its %s.", peer, side)
}

// portsAway is how far the ports of a rule are from the witness. A rule that has
// other ports of the flow is nearer than one that has none.
func (r refutal) portsAway(rule packet.Rule) int {
	away := max(rule.From-r.witness.Port, r.witness.Port-rule.To)
	for _, box := range r.need.Region {
		if rule.From <= int(box.Traffic.Last) && int(box.Traffic.First) <= rule.To {
			return away
		}
	}
	return away + lastPort
}

// width is how many ports the flow has besides one.
func (r refutal) width() int {
	widest := 0
	for _, box := range r.need.Region {
		widest = max(widest, int(box.Traffic.Last)-int(box.Traffic.First))
	}
	return widest
}

func isTCP(protocol string) bool { return protocol == string(wiring.TCP) || protocol == "6" }

func isICMP(protocol string) bool { return protocol == string(wiring.ICMP) || protocol == "1" }

func admits(rule packet.Rule, p packet.Packet) bool {
	verdict, _ := packet.ScanGroup([]packet.Rule{rule}, p)
	return verdict == packet.Proved
}
