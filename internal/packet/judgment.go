// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package packet

import (
	"cmp"
	"fmt"
	"slices"
)

// Verdict is the answer to "does every packet of this region pass?".
type Verdict string

// The verdicts.
const (
	// Proved is: every packet passes, whatever is unknown.
	Proved Verdict = "proved"
	// Refuted is: some packet is refused, the same one whatever is unknown.
	Refuted Verdict = "refuted"
	// Undecided is: it depends on what is unknown.
	Undecided Verdict = "undecided"
)

// NoRule is in the place of a rule where none decides: the final entry "*" of a
// network ACL, or the end of a security group's rules.
const NoRule = -1

// Unknown is what an answer depends on.
type Unknown struct {
	// Rule is the place of the rule in the list that the filter was made from, or
	// NoRule if the region itself is not known.
	Rule int
	// Field is the fields of the rule that are unknown, or of the region:
	// PeerField for a box without addresses, PortsField for one without ports.
	Field Field
}

// Piece is a part of a region with what decides it.
type Piece struct {
	Box Box
	// Rule is the place of the deciding rule in the list that the filter was made
	// from, or NoRule.
	Rule int
	// Unknowns are what the answer for the piece depends on. None if it is certain.
	Unknowns []Unknown
}

// Judgment is a filter's answer for a region. Its pieces do not overlap, are
// merged into few boxes, and are ordered by protocol, port and address.
type Judgment struct {
	Verdict Verdict
	// Refused is the whole region that is refused whatever is unknown, by the rule
	// that refuses it.
	Refused []Piece
	// Undecided is the whole region that may pass or not.
	Undecided []Piece
	// Unknowns are all that the undecided pieces depend on.
	Unknowns []Unknown
}

// filter is a list of matchers in the order in which they decide. What none
// matches is refused.
type filter struct {
	matchers []matcher
}

// judge answers for a region.
func (f filter) judge(region Region) Judgment {
	var j Judgment
	var pieces []Piece
	for _, box := range region {
		if field := box.unknown(); field != 0 {
			j.Undecided = append(j.Undecided, Piece{Box: box, Rule: NoRule, Unknowns: []Unknown{{Rule: NoRule, Field: field}}})
			continue
		}
		pieces = append(pieces, f.decide(box)...)
	}
	for _, p := range mergePieces(pieces) {
		if len(p.Unknowns) == 0 {
			j.Refused = append(j.Refused, p)
		} else {
			j.Undecided = append(j.Undecided, p)
		}
	}
	for _, p := range j.Undecided {
		j.Unknowns = append(j.Unknowns, p.Unknowns...)
	}
	slices.SortFunc(j.Unknowns, compareUnknowns)
	j.Unknowns = slices.Compact(j.Unknowns)
	switch {
	case len(j.Refused) > 0:
		j.Verdict = Refuted
	case len(j.Undecided) > 0:
		j.Verdict = Undecided
	default:
		j.Verdict = Proved
	}
	return j
}

// unknown is the fields of a box that say nothing.
func (b Box) unknown() Field {
	var field Field
	if !b.Traffic.valid() {
		field |= PortsField
	}
	if !b.Addresses.valid() {
		field |= PeerField
	}
	return field
}

// decide is what of a box does not certainly pass. The box is not empty.
func (f filter) decide(box Box) []Piece {
	frame := box.shape()
	var hits []*matcher
	for i := range f.matchers {
		m := &f.matchers[i]
		if !m.overlaps(frame) || !m.seesMembers(box.MemberOf) {
			continue
		}
		hits = append(hits, m)
		if m.certain() && m.contains(frame) {
			// Nothing gets past it.
			break
		}
	}
	var outcomes []Piece
	class := func(over []int32) int32 {
		o, passes := outcome(hits, over)
		if passes {
			return 0
		}
		at := slices.IndexFunc(outcomes, func(p Piece) bool { return p.Rule == o.Rule && slices.Equal(p.Unknowns, o.Unknowns) })
		if at < 0 {
			at = len(outcomes)
			outcomes = append(outcomes, o)
		}
		return int32(at + 1)
	}
	if len(hits) == 0 || len(hits) == 1 && hits[0].contains(frame) {
		only := []int32{0}
		if class(only[:len(hits)]) == 0 {
			return nil
		}
		outcomes[0].Box = box
		return outcomes
	}
	shapes := make([]shape, len(hits))
	for i, m := range hits {
		shapes[i] = m.intersect(frame)
	}
	g := newGrid(frame, shapes)
	cells := make([]cell, len(hits))
	for i, s := range shapes {
		cells[i] = g.cell(s)
	}
	orders, _ := bands(cells)
	s := sweep{cells: cells, order: orders[0], frame: g.cell(frame), class: class}
	parts := s.run()
	pieces := make([]Piece, 0, len(parts))
	for _, c := range parts {
		p := outcomes[c.class-1]
		s := g.shape(c)
		p.Box = Box{Traffic: s.Traffic, Addresses: s.Addresses, MemberOf: box.MemberOf}
		pieces = append(pieces, p)
	}
	return pieces
}

// outcome is what happens to a packet that these matchers match, in their order.
// What is unknown counts only if it can turn the end.
func outcome(hits []*matcher, over []int32) (p Piece, passes bool) {
	end := &matcher{rule: NoRule, deny: true}
	before := len(over)
	for i, h := range over {
		if m := hits[h]; m.certain() {
			end, before = m, i
			break
		}
	}
	p.Rule = end.rule
	open := end.unknown&ActionField != 0
	for _, h := range over[:before] {
		if m := hits[h]; open || m.deny != end.deny || m.unknown&ActionField != 0 {
			p.Unknowns = append(p.Unknowns, Unknown{Rule: m.rule, Field: m.unknown})
		}
	}
	if open {
		p.Unknowns = append(p.Unknowns, Unknown{Rule: end.rule, Field: ActionField})
	}
	slices.SortFunc(p.Unknowns, compareUnknowns)
	p.Unknowns = slices.Compact(p.Unknowns)
	if len(p.Unknowns) > 0 {
		p.Rule = NoRule
	}
	return p, len(p.Unknowns) == 0 && !end.deny
}

func compareUnknowns(a, b Unknown) int {
	return cmp.Or(cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Field, b.Field))
}

func unknownsKey(unknowns []Unknown) string {
	if len(unknowns) == 0 {
		return ""
	}
	return fmt.Sprint(unknowns)
}
