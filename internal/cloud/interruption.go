// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"maps"
	"slices"

	"github.com/terraform-clb/terraform-provider-clb/internal/packet"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// Interruption is an entry of a network ACL some of whose packets pass before
// and after a change of owned entries, and not in between.
type Interruption struct {
	// Entry is the entry that lets them pass before the change.
	Entry NetworkACLEntry
	// Writes is after how many writes some of them do not pass.
	Writes int
	// NoRoom tells whether the limit is the reason; otherwise no rule number is free
	// at which a copy of the entry would let them pass.
	NoRoom bool
}

// Interruptions foretells what [Region.UpdateEntries] cannot keep open while it
// makes the owned entries of one direction the wanted ones, by number, if AWS
// refuses what is more than a limit of entries in that direction; 0 is no limit.
func (acl NetworkACL) Interruptions(d wiring.Direction, owned, want ACLEntries, limit int) []Interruption {
	held := holdings(owned)
	maps.Copy(held, acl.leftBehind(held, owned.Others, want))
	change := acl.changeOf(d, held, want.In(d), 0)
	writes := map[int]int{}
	for _, closed := range change.closedBy(acl, held, want, limit) {
		for _, number := range decidedBy(change.entries, packet.Region(closed)) {
			writes[number]++
		}
	}
	if len(writes) == 0 {
		return nil
	}
	unlimited, _ := change.order().interrupts()
	var all []Interruption
	for _, number := range slices.Sorted(maps.Keys(writes)) {
		all = append(all, Interruption{Entry: change.entries[number], Writes: writes[number], NoRoom: unlimited == 0})
	}
	return all
}

// closedBy is what is closed after each write that will be sent, until all is
// done, or AWS refuses an entry for good.
func (c entryChange) closedBy(acl NetworkACL, held heldEntries, want ACLEntries, limit int) (closed []closedRegion) {
	judge := newTrial(c)
	if !judge.sound {
		return nil
	}
	for {
		refused := false
		for _, w := range c.order().writes {
			if refused = w.needsRoom(c.entries) && limit > 0 && len(c.entries) >= limit; refused {
				break
			}
			c.entries = w.applied(c.entries)
			held.note(w)
			closed = append(closed, judge.try(c.entries).closed)
		}
		if !refused || c.limit > 0 || len(c.after()) > limit {
			return closed
		}
		acl = NetworkACL{ID: acl.ID, Entries: slices.Collect(maps.Values(c.entries))}
		c = acl.changeOf(c.direction, held, want.In(c.direction), limit)
	}
}

// decidedBy are the numbers of the entries that let packets of a region pass.
func decidedBy(entries map[int]NetworkACLEntry, region packet.Region) []int {
	acl, err := filterOf(entries)
	if err != nil {
		return nil
	}
	ordered, numbers := slices.Sorted(maps.Keys(entries)), map[int]bool{}
	for _, piece := range acl.Permits(region, nil) {
		numbers[ordered[piece.Rule]] = true
	}
	return slices.Sorted(maps.Keys(numbers))
}
