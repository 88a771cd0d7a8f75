// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"maps"
	"slices"

	"github.com/terraform-clb/terraform-provider-clb/internal/packet"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// RetainedEntry is an owned entry that an update leaves in its network ACL
// although it is not wanted any more. Where another entry is wanted under its
// number, it stands under another one.
type RetainedEntry struct {
	NetworkACLEntry
	// NeededBy is what would be closed without it, in words.
	NeededBy []string
}

// GoingEntries are the owned allow entries that an update would delete or put
// another entry in the place of, by number.
func GoingEntries(owned, want ACLEntries) []NetworkACLEntry {
	var going []NetworkACLEntry
	for _, d := range wiring.Directions() {
		for _, key := range owned.In(d).byNumber() {
			entry := owned.In(d)[key]
			wanted, stays := want.In(d).entryAt(entry.Number)
			if entry.Deny || stays && wanted.Same(entry) || owned.Left && owned.Adopted[PlaceName(d, entry.Number)] {
				continue
			}
			going = append(going, entry)
		}
	}
	return going
}

// RetainedEntries are those of the going entries without which a needed packet
// would be refused that passes the network ACL now: as few as that takes. lost is
// what none of them can keep open, because a wanted entry denies it or no rule number
// is free where it would help.
func (acl NetworkACL) RetainedEntries(owned, want ACLEntries, needs []Need) (retained []RetainedEntry, lost []string) {
	for _, d := range wiring.Directions() {
		more, shut := acl.retainedIn(d, owned, want, needs)
		retained, lost = append(retained, more...), append(lost, shut...)
	}
	return retained, lost
}

func (acl NetworkACL) retainedIn(d wiring.Direction, owned, want ACLEntries, needs []Need) (retained []RetainedEntry, lost []string) {
	now := acl.numbered(d)
	var going []NetworkACLEntry
	for _, entry := range GoingEntries(owned, want) {
		if live, stands := now[entry.Number]; entry.Direction == d && stands && live.Same(entry) {
			going = append(going, entry)
		}
	}
	open := openNeeds(needs, d, aclOf(now))
	if len(open) == 0 || len(going) == 0 {
		return nil, nil
	}
	after := maps.Clone(now)
	for _, entry := range going {
		delete(after, entry.Number)
	}
	left := acl.leftBehind(holdings(owned), owned.Others, want)
	for p := range left {
		if p.direction == d {
			delete(after, p.number)
		}
	}
	for _, entry := range owned.In(d) {
		if entry.Deny {
			delete(after, entry.Number)
		}
	}
	for _, entry := range want.In(d) {
		after[entry.Number] = entry
	}
	spare := retreat{now: now, after: after, left: left}
	var stay []NetworkACLEntry
	for _, entry := range going {
		if placed, found := spare.place(entry, open); found {
			stay = append(stay, placed)
			spare.after = maps.Clone(spare.after)
			spare.after[placed.Number] = placed
		}
	}
	neededBy, lost := fewest(len(stay), open, func(stays []bool) judge {
		entries := maps.Clone(after)
		for i, entry := range stay {
			if stays[i] {
				entries[entry.Number] = entry
			}
		}
		return aclOf(entries)
	})
	for i, entry := range stay {
		if len(neededBy[i]) > 0 {
			retained = append(retained, RetainedEntry{entry, neededBy[i]})
		}
	}
	return retained, lost
}

// retreat is where entries may stand that others take the number of.
type retreat struct {
	// now are the entries of a direction as they stand, after as they will stand.
	now, after map[int]NetworkACLEntry
	// left are those that a run which was killed has left at spare numbers.
	left heldEntries
}

// place finds the number of an entry that stays: its own, or if another entry is
// to have that, the spare number at which it keeps most open and opens nothing that
// is closed before and after.
func (r retreat) place(entry NetworkACLEntry, open []Need) (placed NetworkACLEntry, found bool) {
	if _, taken := r.after[entry.Number]; !taken {
		return entry, true
	}
	closed := everyPacket()
	for _, entries := range []map[int]NetworkACLEntry{r.now, r.after} {
		passes, _ := openOf(entries)
		closed = closed.Without(passes)
	}
	most := 0.0
	shutSize := func(entries map[int]NetworkACLEntry) (size float64) {
		for _, need := range open {
			size += closedRegion(shutBy(aclOf(entries), need).surely).size()
		}
		return size
	}
	before := shutSize(r.after)
	for _, number := range spareNumbers() {
		if !r.free(entry, number) {
			continue
		}
		moved, entries := entry, maps.Clone(r.after)
		moved.Number = number
		entries[number] = moved
		if filter, err := filterOf(entries); err != nil || len(filter.Permits(closed, nil)) > 0 {
			continue
		}
		if kept := before - shutSize(entries); kept > most {
			placed, found, most = moved, true, kept
		}
	}
	return placed, found
}

// free tells whether an entry can stand at a number: nothing stands there, or what
// a run which was killed has put there.
func (r retreat) free(entry NetworkACLEntry, number int) bool {
	if _, wanted := r.after[number]; wanted {
		return false
	}
	live, taken := r.now[number]
	_, left := r.left[place{entry.Direction, number}]
	return !taken || left && live.Rule.Same(entry.Rule)
}

// ClosedByDeleting says which needs have packets that pass the network ACL now and
// would not without the owned entries, but for those that are to be left.
func (acl NetworkACL) ClosedByDeleting(owned ACLEntries, needs []Need) []string {
	var closed []string
	for _, d := range wiring.Directions() {
		now := acl.numbered(d)
		then := maps.Clone(now)
		for _, entry := range owned.In(d) {
			if !owned.Left || !owned.Adopted[PlaceName(d, entry.Number)] {
				delete(then, entry.Number)
			}
		}
		closed = append(closed, closedOf(needs, d, aclOf(now), aclOf(then))...)
	}
	return closed
}

// LeftCopies are the copies that a run which was killed has made of owned entries
// at spare numbers, before it put other entries in their places: allow entries
// that say exactly what an entry said that is owned and does not stand any more.
func (acl NetworkACL) LeftCopies(owned ACLEntries) []NetworkACLEntry {
	var copies []NetworkACLEntry
	for _, d := range wiring.Directions() {
		now := acl.numbered(d)
		for _, key := range owned.In(d).byNumber() {
			entry := owned.In(d)[key]
			if live, stands := now[entry.Number]; entry.Deny || stands && live.Same(entry) {
				continue
			}
			number := slices.IndexFunc(spareNumbers(), func(number int) bool {
				live, there := now[number]
				return there && !live.Deny && live.Rule.Same(entry.Rule) && !owned.In(d).At(number) && !owned.Others[PlaceName(d, number)]
			})
			if number >= 0 {
				copies = append(copies, now[spareNumbers()[number]])
			}
		}
	}
	return copies
}

// Everything is that all packets have to pass a network ACL, in both directions.
func Everything(what string) []Need {
	var needs []Need
	for _, d := range wiring.Directions() {
		needs = append(needs, Need{Direction: d, Region: everyPacket(), What: what})
	}
	return needs
}

// IsEntryLimit tells whether AWS has refused an entry because the network ACL has
// no room for it.
func IsEntryLimit(err error) bool {
	return err != nil && hasCode(err, "NetworkAclEntryLimitExceeded")
}

func (acl NetworkACL) numbered(d wiring.Direction) map[int]NetworkACLEntry {
	entries := map[int]NetworkACLEntry{}
	for _, entry := range acl.Entries {
		if entry.Direction == d {
			entries[entry.Number] = entry
		}
	}
	return entries
}

// aclOf is what packets meet that meet the entries. Entries that EC2 could not
// have refuse everything.
func aclOf(entries map[int]NetworkACLEntry) judge {
	acl, err := filterOf(entries)
	if err != nil {
		return &packet.NetworkACL{}
	}
	return acl
}
