// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package packet

import (
	"fmt"
	"slices"
)

// SecurityGroup is the rules of one direction of all the security groups that a
// network interface carries.
type SecurityGroup struct {
	filter
	// extents are what each rule admits, for the question what that is; unlike
	// the matchers they name each packet once.
	extents []matcher
}

// NewSecurityGroup puts rules together, in any order. The error says which rule,
// counted from 0, EC2 could not have.
func NewSecurityGroup(rules []Rule) (*SecurityGroup, error) {
	g := &SecurityGroup{extents: make([]matcher, 0, len(rules))}
	g.matchers = make([]matcher, 0, len(rules))
	for i, rule := range rules {
		if rule.Unknown&ActionField != 0 {
			return nil, fmt.Errorf("rule %d: a security group rule has no action", i)
		}
		rule = rule.withoutIdle()
		matchers, err := rule.matchers(i, false)
		if err != nil {
			return nil, fmt.Errorf("rule %d: %w", i, err)
		}
		g.matchers = append(g.matchers, matchers...)
		g.extents = append(g.extents, rule.extents(matchers)...)
	}
	return g, nil
}

// extents are what a rule admits: a prefix list by its networks, and by its name
// alone if they are not known.
func (r Rule) extents(matchers []matcher) []matcher {
	if r.Peer.PrefixList == "" || r.Unknown&(PeerField|GroupField) != 0 {
		return matchers
	}
	if r.Unknown&NetworksField != 0 {
		named := matchers[0]
		named.unknown |= NetworksField
		return []matcher{named}
	}
	extents := make([]matcher, 0, len(matchers)-1)
	for _, m := range matchers[1:] {
		m.member = r.Peer.PrefixList
		extents = append(extents, m)
	}
	return extents
}

// Judge tells whether every packet of a region passes, and if not, which do not.
// A region without packets is proved; a box without addresses or ports is an
// unknown one.
func (g *SecurityGroup) Judge(region Region) Judgment {
	if len(region)*len(g.matchers) > manyPairs {
		region = g.notToTheLetter(region)
	}
	return g.judge(region)
}

// manyPairs is from how many pairs of box and rule on it pays to look for rules that
// admit a box to the letter, as recommended ones do, instead of comparing each pair.
const manyPairs = 1000

// notToTheLetter is a region without the boxes that one rule admits exactly: what a
// group admits is the union of its rules, so nothing else can refuse them.
func (g *SecurityGroup) notToTheLetter(region Region) Region {
	admitted := make(map[shape][]string, len(g.matchers))
	for _, m := range g.matchers {
		if m.unknown == 0 && !m.anyMember {
			admitted[m.shape] = append(admitted[m.shape], m.member)
		}
	}
	rest := make(Region, 0, len(region))
	for _, box := range region {
		exact := box.valid() && slices.ContainsFunc(admitted[box.shape()], func(member string) bool {
			return member == "" || slices.Contains(box.MemberOf, member)
		})
		if !exact {
			rest = append(rest, box)
		}
	}
	return rest
}

// Permits is what the group lets pass within a region, besides what lies in
// another region, rule by rule: a packet that several rules admit is in a piece
// of each, since all of them would have to go. A piece has Unknowns if the rule
// may turn out to admit less or, of its unknown peer or ports, other packets.
//
// Peers in a piece are members of what the rule names, and of what the box of
// within names: to ask within a box is not to say that its peers are members of
// nothing else. Besides takes such a piece away by its addresses, or by a box of
// members of the same.
func (g *SecurityGroup) Permits(within, besides Region) []Piece {
	var pieces []Piece
	exact := exactly(besides)
	for i := range g.extents {
		e := &g.extents[i]
		for _, box := range e.within(within) {
			if exact.cover(box) {
				continue
			}
			for _, rest := range remainder(box, besides) {
				pieces = append(pieces, e.piece(rest))
			}
		}
	}
	return mergePieces(pieces)
}

// within is what of a region a rule matches.
func (m *matcher) within(region Region) []Box {
	var boxes []Box
	for _, box := range region {
		if !box.valid() || !m.overlaps(box.shape()) {
			continue
		}
		s := m.intersect(box.shape())
		memberOf := box.MemberOf
		if m.member != "" && !containsAll(memberOf, []string{m.member}) {
			memberOf = append([]string{m.member}, memberOf...)
		}
		boxes = append(boxes, Box{Traffic: s.Traffic, Addresses: s.Addresses, MemberOf: memberOf})
	}
	return boxes
}

// piece is a box that a rule lets pass.
func (m *matcher) piece(box Box) Piece {
	p := Piece{Box: box, Rule: m.rule}
	if m.unknown != 0 {
		p.Unknowns = []Unknown{{Rule: m.rule, Field: m.unknown}}
	}
	return p
}
