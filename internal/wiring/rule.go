// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package wiring

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// Direction is the way a packet crosses a security group or network ACL.
type Direction string

// The two directions of a rule, seen from the interface or subnet that it guards.
const (
	Ingress Direction = "ingress"
	Egress  Direction = "egress"
)

// Directions are both directions, inbound first.
func Directions() [2]Direction { return [2]Direction{Ingress, Egress} }

// Protocol is the name of an IP protocol as the EC2 security group API spells it.
type Protocol string

// The protocols of the recommended rules: all four listener protocols ride on
// TCP. The others appear in rules that somebody else made.
const (
	TCP          Protocol = "tcp"
	UDP          Protocol = "udp"
	ICMP         Protocol = "icmp"
	ICMPv6       Protocol = "icmpv6"
	AllProtocols Protocol = "-1"
)

// Peer is the other side of a rule: the source of an inbound rule, the
// destination of an outbound one. Exactly one field is set.
type Peer struct {
	// CIDR is a network without host bits. Recommended rules have IPv4 networks only.
	CIDR netip.Prefix
	// SecurityGroup is "sg-…", "account/sg-…" for a group of another account, or
	// "owner/name" for the source group of EC2-Classic, see [SourceGroup].
	SecurityGroup string
	// PrefixList is "pl-…".
	PrefixList string
}

// CIDRPeer is the peer that stands for every address of a network.
func CIDRPeer(cidr netip.Prefix) Peer { return Peer{CIDR: cidr} }

// GroupPeer is the peer that stands for every interface carrying a security group.
func GroupPeer(group string) Peer { return Peer{SecurityGroup: group} }

// PrefixListPeer is the peer that stands for every network of a managed prefix list.
func PrefixListPeer(list string) Peer { return Peer{PrefixList: list} }

// String is the peer as the AWS console writes it: a CIDR or an id.
func (p Peer) String() string {
	switch {
	case p.SecurityGroup != "":
		return p.SecurityGroup
	case p.PrefixList != "":
		return p.PrefixList
	default:
		return p.CIDR.String()
	}
}

// Rule admits packets: it is a security group rule, or an allow entry of a
// network ACL before it has a number. It has no order and no deny.
type Rule struct {
	Direction Direction
	Protocol  Protocol
	// From and To are the first and last destination port of a TCP or UDP rule,
	// the type and code of an ICMP rule (-1 is any), as in the EC2 API, and -1
	// for every other protocol. An ICMP pair is not a range.
	From, To int
	Peer     Peer
	// Comment is the description of the security group rule: the comment of the
	// AWS table row, or what the user has written. It is no part of what makes a
	// rule the same rule.
	Comment string
}

// Ports says which ports (or which ICMP type and code) the rule admits: "80",
// "1024-65535", "3/4". It is empty for a protocol that has none.
func (r Rule) Ports() string {
	switch {
	case r.Protocol == ICMP || r.Protocol == ICMPv6:
		return fmt.Sprintf("%d/%d", r.From, r.To)
	case r.From < 0:
		return ""
	case r.From == r.To:
		return strconv.Itoa(r.From)
	default:
		return fmt.Sprintf("%d-%d", r.From, r.To)
	}
}

// Key says what the rule admits, and is the same for two rules of one
// direction exactly when they admit the same packets by the same fields:
// "tcp 80 from 0.0.0.0/0". The comment is not part of it.
func (r Rule) Key() string {
	words := []string{string(r.Protocol)}
	switch {
	case r.Protocol == AllProtocols:
		words[0] = "all traffic"
	case strings.Trim(words[0], "0123456789") == "":
		words[0] = "protocol " + words[0]
	}
	if ports := r.Ports(); ports != "" {
		words = append(words, ports)
	}
	if r.Direction == Egress {
		words = append(words, "to")
	} else {
		words = append(words, "from")
	}
	return strings.Join(append(words, r.Peer.String()), " ")
}

// Same tells whether two rules are one rule to AWS: all fields but the comment agree.
func (r Rule) Same(other Rule) bool {
	r.Comment, other.Comment = "", ""
	return r == other
}

// Collapse merges rows that coincide, which EC2 would refuse as "The same
// permission must not appear multiple times", keeps the order of their first
// appearance, and joins the comments of merged rows.
func Collapse(rows []Rule) []Rule {
	at := make(map[Rule]int, len(rows))
	out := make([]Rule, 0, len(rows))
	for _, row := range rows {
		content := row
		content.Comment = ""
		i, seen := at[content]
		if !seen {
			at[content] = len(out)
			out = append(out, row)
			continue
		}
		out[i].Comment = joinComments(out[i].Comment, row.Comment)
	}
	return out
}

// InDirection keeps the rows of one direction.
func InDirection(rows []Rule, d Direction) []Rule {
	var out []Rule
	for _, row := range rows {
		if row.Direction == d {
			out = append(out, row)
		}
	}
	return out
}
