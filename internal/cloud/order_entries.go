// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"cmp"
	"maps"
	"slices"

	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// entryWrite is one step of a change: it creates, replaces or deletes the entry
// with a direction and number.
type entryWrite struct {
	direction wiring.Direction
	number    int
	// key and entry are what stands there then.
	key               string
	entry             NetworkACLEntry
	replaces, deletes bool
}

func (w entryWrite) creates() bool { return !w.replaces && !w.deletes }

// needsRoom tells whether there is one entry more after the write.
func (w entryWrite) needsRoom(entries map[int]NetworkACLEntry) bool {
	_, there := entries[w.number]
	return w.creates() && !there
}

// writesOf are the steps that make the entries of a direction the wanted ones.
// New numbers come first, because they overwrite nothing, and deletions last;
// each kind is ordered by number.
func writesOf(d wiring.Direction, held heldEntries, want OwnedEntries) []entryWrite {
	var writes []entryWrite
	wanted := map[int]bool{}
	for _, key := range want.byNumber() {
		entry := want[key]
		wanted[entry.Number] = true
		have, ours := held[place{d, entry.Number}]
		if !ours || !have.entry.Same(entry) {
			writes = append(writes, entryWrite{direction: d, number: entry.Number, key: key, entry: entry, replaces: ours})
		}
	}
	for p := range held {
		if p.direction == d && !wanted[p.number] {
			writes = append(writes, entryWrite{direction: d, number: p.number, deletes: true})
		}
	}
	sortWrites(writes, func(w entryWrite) int {
		switch {
		case w.deletes:
			return 2
		case w.replaces:
			return 1
		default:
			return 0
		}
	})
	return writes
}

func sortWrites(writes []entryWrite, kind func(entryWrite) int) {
	slices.SortFunc(writes, func(a, b entryWrite) int {
		return cmp.Or(cmp.Compare(kind(a), kind(b)), cmp.Compare(a.number, b.number))
	})
}

// applied are the entries after the write.
func (w entryWrite) applied(entries map[int]NetworkACLEntry) map[int]NetworkACLEntry {
	after := maps.Clone(entries)
	if w.deletes {
		delete(after, w.number)
	} else {
		after[w.number] = w.entry
	}
	return after
}

// entryChange is a change of one direction of a network ACL.
type entryChange struct {
	direction wiring.Direction
	// entries are all that stand there now, those of others too.
	entries map[int]NetworkACLEntry
	// keys are the keys of the owned ones by number, as far as the state knows the
	// number.
	keys map[int]string
	// writes lead from what is owned to what is wanted.
	writes []entryWrite
	// limit is how many entries the direction may have, 0 if that is unknown.
	limit int
}

// changeOf is the change of a direction from what is held to what is wanted.
func (acl NetworkACL) changeOf(d wiring.Direction, held heldEntries, want OwnedEntries, limit int) entryChange {
	c := entryChange{direction: d, entries: acl.entriesAmong(d, held), keys: map[int]string{}, writes: writesOf(d, held, want), limit: limit}
	for p, h := range held {
		if p.direction == d && !h.fresh {
			c.keys[p.number] = h.key
		}
	}
	return c
}

// after are the entries when all is written.
func (c entryChange) after() map[int]NetworkACLEntry {
	after := c.entries
	for _, w := range c.writes {
		after = w.applied(after)
	}
	return after
}

// entryOrder is an order of the writes of a change.
type entryOrder struct {
	writes []entryWrite
	// closed is what does not pass after each write although it passes before and
	// after the change.
	closed []closedRegion
}

// interrupts counts the writes after which something is closed.
func (o entryOrder) interrupts() (writes int, packets float64) {
	for _, closed := range o.closed {
		if len(closed) > 0 {
			writes, packets = writes+1, packets+closed.size()
		}
	}
	return writes, packets
}

// order puts the writes in an order in which every packet that passes before and
// after passes all the time, and, as far as that allows, none passes in between
// that passes neither before nor after: a deny entry is written before the allow
// entry that it cuts, and deleted after it. Each step is tried on the entries as
// they will stand then, exactly.
//
// Where the writes alone have no such order, as when two entries trade their
// numbers, one entry stands at a second number for a while. A number is taken
// for that which the state knows, so that whatever a killed run leaves there is
// put right by the next one; if there is none, one of [spareNumbers].
//
// Where that is not possible either, for want of room or of numbers, the order
// is the one that closes the least.
func (c entryChange) order() entryOrder {
	best := entryOrder{writes: c.writes}
	if len(c.writes) < 2 {
		return best
	}
	first := true
	for _, limit := range c.limits() {
		c.limit = limit
		t := newTrial(c)
		if !t.sound {
			return best
		}
		for _, way := range c.ways() {
			o := t.run(way)
			writes, packets := o.interrupts()
			if writes == 0 {
				return o
			}
			if bestWrites, bestPackets := best.interrupts(); first || writes < bestWrites || writes == bestWrites && packets < bestPackets {
				best, first = o, false
			}
		}
	}
	return best
}

// entriesForAll is how many entries a direction may have in every account: the
// quota of 20, in which, by the strictest edition of the VPC guide, the final
// entry counts.
const entriesForAll = 19

// limits are the numbers of entries to try to get by with: that which is known, or
// else the least first, because AWS may refuse what is more.
func (c entryChange) limits() []int {
	if c.limit > 0 {
		return []int{c.limit}
	}
	least := max(len(c.entries), len(c.after()), entriesForAll)
	return []int{least, least + 1, least + 2, 0}
}

// way is how an order is looked for.
type way struct {
	// moves puts entries at a second number for a while: one that is owned, or with
	// spare also one that is not.
	moves, spare bool
	// makesRoom deletes as early as possible, for the entries that are to come.
	makesRoom bool
}

// ways are the ways to look for an order, the simplest first.
func (c entryChange) ways() []way {
	all := []way{{}, {moves: true}, {moves: true, spare: true}}
	if c.limit == 0 {
		return all
	}
	for _, w := range slices.Clone(all) {
		w.makesRoom = true
		all = append(all, w)
	}
	return all
}
