// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"cmp"
	"slices"
	"strings"

	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// spareNumbers are the rule numbers at which an entry stands for a while when
// it trades its number with another one and no owned number can take it. They
// are always the same ones, and such as nobody would choose, so that what a
// killed run has left there is known again. They are spread over all numbers,
// because an entry behind one that denies its packets would be of no use.
func spareNumbers() []int {
	var numbers []int
	for number := 32749; number > 1000; number -= 1020 {
		numbers = append(numbers, number)
	}
	return append(numbers, 997, 499, 251, 127, 61, 31, 13, 7, 3)
}

// SparePlaces are the places, see [PlaceName], at which an entry stands for a while
// when it trades its number with another one and no owned number can take it.
func SparePlaces() []string {
	var places []string
	for _, d := range wiring.Directions() {
		for _, number := range spareNumbers() {
			places = append(places, PlaceName(d, number))
		}
	}
	return places
}

func usableNumber(number int) bool { return wiring.CheckRuleNumber(number) == nil }

// AtSparePlaces are the places among [SparePlaces] at which an entry stands that is
// not an owned one.
func (acl NetworkACL) AtSparePlaces(owned ACLEntries) map[string]bool {
	places := map[string]bool{}
	for _, entry := range acl.Entries {
		if slices.Contains(spareNumbers(), entry.Number) && !owned.In(entry.Direction).At(entry.Number) {
			places[PlaceName(entry.Direction, entry.Number)] = true
		}
	}
	return places
}

// LeftBehind are the entries that an update of the owned entries deletes because a
// run which was killed has left them at spare numbers: in a change that moves
// entries, those that say exactly what an entry says that is owned or wanted, and
// that do not stand where somebody else is known to have one. To delete one closes
// nothing. An entry that somebody else has put there since is not told from them:
// entries carry no mark, so a plan has to show these.
func (acl NetworkACL) LeftBehind(owned, want ACLEntries) []NetworkACLEntry {
	var all []NetworkACLEntry
	for _, h := range acl.leftBehind(holdings(owned), owned.Others, want) {
		all = append(all, h.entry)
	}
	slices.SortFunc(all, func(a, b NetworkACLEntry) int {
		return cmp.Or(strings.Compare(string(b.Direction), string(a.Direction)), a.Number-b.Number)
	})
	return all
}

// leftBehind are these entries under keys of their own.
func (acl NetworkACL) leftBehind(held heldEntries, others map[string]bool, want ACLEntries) heldEntries {
	left := heldEntries{}
	for _, d := range wiring.Directions() {
		if !held.moves(d, want.In(d)) {
			continue
		}
		for _, live := range acl.Entries {
			_, ours := held[place{d, live.Number}]
			if live.Direction != d || live.Deny || ours || others[PlaceName(d, live.Number)] || want.In(d).At(live.Number) || !slices.Contains(spareNumbers(), live.Number) {
				continue
			}
			if key, known := held.keyOf(live, want.In(d)); known {
				left[place{d, live.Number}] = holding{key: atNumber(key, live.Number), entry: live}
			}
		}
	}
	return left
}

// moves tells whether an owned number of a direction is to have another entry,
// or an owned key another number.
func (held heldEntries) moves(d wiring.Direction, want OwnedEntries) bool {
	for p, h := range held {
		if p.direction != d {
			continue
		}
		if wanted, stays := want[h.key]; stays && wanted.Number != p.number {
			return true
		}
		for _, wanted := range want {
			if wanted.Number == p.number && !h.entry.Same(wanted) {
				return true
			}
		}
	}
	return false
}

// keyOf is the key of an owned or wanted entry that says what another one says.
func (held heldEntries) keyOf(entry NetworkACLEntry, want OwnedEntries) (key string, known bool) {
	for _, key := range want.byNumber() {
		if same := want[key]; !same.Deny && same.Rule.Same(entry.Rule) {
			return key, true
		}
	}
	for p, h := range held {
		if p.direction == entry.Direction && !h.entry.Deny && h.entry.Rule.Same(entry.Rule) {
			return h.key, true
		}
	}
	return "", false
}
