// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package packet

import (
	"cmp"
	"fmt"
	"slices"
)

// NetworkACL is the entries of one direction of a network ACL.
type NetworkACL struct {
	// The matchers are in the order of the entries' numbers, one for each.
	filter
}

// NewNetworkACL puts entries in the order of their numbers. The final "*" need
// not be given. The error says which entry EC2 could not have.
func NewNetworkACL(entries []Entry) (*NetworkACL, error) {
	order := make([]int, len(entries))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(entries[a].Number, entries[b].Number) })
	acl := &NetworkACL{}
	for k, i := range order {
		entry := entries[i]
		if k > 0 && entries[order[k-1]].Number == entry.Number {
			return nil, fmt.Errorf("entry %d: the rule number is there twice", entry.Number)
		}
		unknownAction := entry.Unknown&ActionField != 0
		if !unknownAction && entry.Action != Allow && entry.Action != Deny {
			return nil, fmt.Errorf("entry %d: the action is %q: it must be allow or deny", entry.Number, entry.Action)
		}
		if entry.Unknown&GroupField != 0 || entry.Unknown&PeerField == 0 && !entry.Peer.CIDR.IsValid() {
			return nil, fmt.Errorf("entry %d: a network ACL entry has a CIDR", entry.Number)
		}
		matchers, err := entry.withoutIdle().matchers(i, !unknownAction && entry.Action == Deny)
		if err != nil {
			return nil, fmt.Errorf("entry %d: %w", entry.Number, err)
		}
		acl.matchers = append(acl.matchers, matchers...)
	}
	return acl, nil
}

// Judge tells whether every packet of a region passes, and if not, which do not
// and by which entry. A region without packets is proved; a box without addresses
// or ports is an unknown one.
func (a *NetworkACL) Judge(region Region) Judgment { return a.judge(region) }

// Permits is what the network ACL lets pass within a region, besides what lies in
// another region, by the entry that decides. A piece has Unknowns if it may turn
// out that the entry does not match, does not allow, or that an earlier one
// decides.
func (a *NetworkACL) Permits(within, besides Region) []Piece {
	var pieces []Piece
	for i := range a.matchers {
		m := &a.matchers[i]
		if m.deny {
			continue
		}
		for _, box := range m.within(within) {
			for _, own := range remainder(box, besides) {
				pieces = append(pieces, a.reached(i, own)...)
			}
		}
	}
	return mergePieces(pieces)
}

// reached is what of a box, which an entry may match, gets past the entries
// before it.
func (a *NetworkACL) reached(entry int, box Box) []Piece {
	m := &a.matchers[entry]
	// Whatever the earlier entries do, what they match does not get here.
	before := filter{matchers: make([]matcher, 0, entry)}
	for _, earlier := range a.matchers[:entry] {
		if earlier.overlaps(box.shape()) {
			earlier.deny = false
			earlier.unknown &^= ActionField
			before.matchers = append(before.matchers, earlier)
		}
	}
	pieces := before.decide(box)
	for i := range pieces {
		p := &pieces[i]
		p.Rule = m.rule
		if m.unknown != 0 {
			p.Unknowns = append(slices.Clone(p.Unknowns), Unknown{Rule: m.rule, Field: m.unknown})
			slices.SortFunc(p.Unknowns, compareUnknowns)
		}
	}
	return pieces
}

// Shadowed tells whether an entry, by its place in the list that the network ACL
// was made from, can never match because earlier entries match all that it does
// or may, and names such earlier entries by their places, in the order of their
// numbers: none of them can be left out. It prefers a single one.
func (a *NetworkACL) Shadowed(entry int) (by []int, shadowed bool) {
	at := slices.IndexFunc(a.matchers, func(m matcher) bool { return m.rule == entry })
	if at < 0 {
		return nil, false
	}
	m := a.matchers[at]
	box := Box{Traffic: m.Traffic, Addresses: m.Addresses}
	var culprits filter
	for _, earlier := range a.matchers[:at] {
		if !earlier.certain() || !earlier.overlaps(m.shape) {
			continue
		}
		if earlier.contains(m.shape) {
			return []int{earlier.rule}, true
		}
		earlier.deny, earlier.unknown = false, 0
		culprits.matchers = append(culprits.matchers, earlier)
	}
	if len(culprits.decide(box)) > 0 {
		return nil, false
	}
	// The later of two that could both go is the likelier newcomer: keep the earlier.
	for i := len(culprits.matchers) - 1; i >= 0; i-- {
		fewer := filter{matchers: slices.Delete(slices.Clone(culprits.matchers), i, i+1)}
		if len(fewer.decide(box)) == 0 {
			culprits = fewer
		}
	}
	for _, c := range culprits.matchers {
		by = append(by, c.rule)
	}
	return by, true
}
