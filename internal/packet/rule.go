// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package packet

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
)

// Field is a set of fields of a rule.
type Field uint8

// The fields of a rule that may be unknown.
const (
	// ProtocolField is the protocol; the ports or types are then unknown as well.
	ProtocolField Field = 1 << iota
	// PortsField is the ports, or the ICMP type and code.
	PortsField
	// PeerField is the peer, of which nothing is known.
	PeerField
	// GroupField is the id of the peer, of which it is known that it is a security group.
	GroupField
	// NetworksField is the networks of the prefix list that is the peer.
	NetworksField
	// ActionField is the action of a network ACL entry.
	ActionField
)

// String lists the fields: "ports and peer".
func (f Field) String() string {
	var names []string
	for _, field := range []struct {
		field Field
		name  string
	}{
		{ProtocolField, "protocol"},
		{PortsField, "ports"},
		{PeerField, "peer"},
		{GroupField, "peer security group"},
		{NetworksField, "networks of the prefix list"},
		{ActionField, "action"},
	} {
		if f&field.field != 0 {
			names = append(names, field.name)
		}
	}
	return strings.Join(names, " and ")
}

// Peer is the other side of a rule: the source of an inbound rule, the
// destination of an outbound one. Exactly one of CIDR, SecurityGroup and
// PrefixList is set, or none when the rule's Unknown has PeerField or GroupField.
type Peer struct {
	// CIDR is an IPv4 or IPv6 network. Host bits are ignored, as EC2 does.
	CIDR netip.Prefix
	// SecurityGroup is a security group id. It is compared as text and stands for
	// the members of the group, whatever their addresses.
	SecurityGroup string
	// PrefixList is a prefix list id, and stands for Networks and for the peers
	// that a region calls members of the list.
	PrefixList string
	// Networks are the networks of PrefixList, unless the rule's Unknown has
	// NetworksField.
	Networks []netip.Prefix
}

// Rule is a security group rule of one direction. It allows. The fields are
// those of the EC2 API, see [ParseTraffic].
type Rule struct {
	Protocol string
	From, To int
	Peer     Peer
	// Unknown is the fields whose values are not known yet; what they hold is not
	// looked at.
	Unknown Field
}

// Action is what a network ACL entry does with the packets that it matches.
type Action string

// The actions, as in the EC2 API.
const (
	Allow Action = "allow"
	Deny  Action = "deny"
)

// Entry is a network ACL entry of one direction.
type Entry struct {
	// Number orders the entries, the lowest first. The final "*" is no entry.
	Number int
	Action Action
	// Rule says what the entry matches. Its peer is a CIDR.
	Rule
}

// matcher is a shape of packets that a rule matches.
type matcher struct {
	shape
	// member is what the peer must be a member of, empty if nothing.
	member string
	// anyMember tells whether the peer must be a member of something.
	anyMember bool
	// rule is the place of the rule in the list that the filter was made from.
	rule int
	deny bool
	// unknown is the rule's unknown fields. What is unknown makes the match
	// uncertain, except for ActionField, which makes the action so.
	unknown Field
}

// certain tells whether the packets of the shape match whatever the unknown
// fields turn out to be.
func (m *matcher) certain() bool { return m.unknown&^ActionField == 0 }

// seesMembers tells whether a rule can match peers with this membership.
func (m *matcher) seesMembers(memberOf []string) bool {
	switch {
	case m.anyMember:
		return len(memberOf) > 0
	case m.member == "":
		return true
	}
	for _, name := range memberOf {
		if name == m.member {
			return true
		}
	}
	return false
}

// matchers are the shapes that a rule matches, or may match.
func (r Rule) matchers(rule int, deny bool) ([]matcher, error) {
	traffic, err := r.traffic()
	if err != nil {
		return nil, err
	}
	if err := r.checkPeer(); err != nil {
		return nil, err
	}
	m := matcher{shape: shape{traffic, Anywhere()}, rule: rule, deny: deny, unknown: r.Unknown}
	if r.Unknown&GroupField != 0 {
		m.anyMember = true
		return []matcher{m}, nil
	}
	switch {
	case r.Unknown&PeerField != 0:
		return []matcher{m.anywhere()}, nil
	case r.Peer.SecurityGroup != "":
		m.member = r.Peer.SecurityGroup
		return []matcher{m}, nil
	case r.Peer.PrefixList == "":
		return []matcher{m.at(r.Peer.CIDR)}, nil
	}
	member := m
	member.member = r.Peer.PrefixList
	member.unknown &^= NetworksField
	if r.Unknown&NetworksField != 0 {
		return []matcher{member, m.anywhere()}, nil
	}
	all := []matcher{member}
	for _, network := range r.Peer.Networks {
		all = append(all, m.at(network))
	}
	return all, nil
}

// at is the matcher for the addresses of a network. An ICMPv6 rule with an IPv4
// network is about all types and codes. Source: CreateNetworkAclEntry, Amazon
// EC2 API reference.
func (m matcher) at(network netip.Prefix) matcher {
	if network.Addr().Is4() {
		m = m.anywhere()
		if m.FirstProtocol == icmpv6 {
			m.unknown &^= PortsField
		}
	}
	m.Addresses = CIDR(network)
	return m
}

// anywhere is the matcher for networks that are not known, or IPv4.
func (m matcher) anywhere() matcher {
	if m.FirstProtocol == icmpv6 && m.LastProtocol == icmpv6 {
		m.Traffic = allPorts(icmpv6)
	}
	return m
}

// traffic is all that the rule may match, by protocol and port.
func (r Rule) traffic() (Traffic, error) {
	if r.Unknown&ProtocolField != 0 {
		return AllTraffic(), nil
	}
	if r.Unknown&PortsField == 0 {
		return ParseTraffic(r.Protocol, r.From, r.To)
	}
	number, err := protocolNumber(r.Protocol)
	if err != nil {
		return Traffic{}, err
	}
	if number == -1 {
		return AllTraffic(), nil
	}
	return allPorts(uint8(number)), nil
}

// hasPorts tells whether the ports of the rule matter.
func (r Rule) hasPorts() bool {
	number, err := protocolNumber(r.Protocol)
	if err != nil || number == -1 {
		return false
	}
	switch uint8(number) {
	case tcp, udp, icmp, icmpv6:
		return true
	}
	return false
}

func (r Rule) checkPeer() error {
	if r.Unknown&(PeerField|GroupField) != 0 {
		return nil
	}
	p := r.Peer
	given := 0
	for _, set := range []bool{p.CIDR.IsValid(), p.SecurityGroup != "", p.PrefixList != ""} {
		if set {
			given++
		}
	}
	if given != 1 {
		return errors.New("a rule has exactly one peer: a CIDR, a security group or a prefix list")
	}
	for _, network := range p.Networks {
		if !network.IsValid() {
			return fmt.Errorf("prefix list %s has a network that is none", p.PrefixList)
		}
	}
	return nil
}

// withoutIdle drops unknown fields that cannot matter.
func (r Rule) withoutIdle() Rule {
	if r.Unknown&ProtocolField == 0 && !r.hasPorts() {
		r.Unknown &^= PortsField
	}
	if r.Peer.PrefixList == "" || r.Unknown&(PeerField|GroupField) != 0 {
		r.Unknown &^= NetworksField
	}
	return r
}
