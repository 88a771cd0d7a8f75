// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"fmt"
	"maps"
	"slices"

	"github.com/terraform-clb/terraform-provider-clb/internal/packet"
)

// trial is the search for an order of the writes of a change.
type trial struct {
	entryChange
	way
	// sound tells whether all entries are ones that AWS could have.
	sound                bool
	stayOpen, stayClosed packet.Region
	// pending are the writes that are still to be put in order.
	pending []entryWrite
	found   entryOrder
	// moved counts the entries that were put at a second number.
	moved int
}

func newTrial(c entryChange) trial {
	after := c.after()
	if c.limit > 0 && len(after) > c.limit {
		// AWS will refuse it in the end: let it do so before anything is deleted.
		c.limit = 0
	}
	openBefore, soundBefore := openOf(c.entries)
	openAfter, soundAfter := openOf(after)
	return trial{
		entryChange: c, sound: soundBefore && soundAfter,
		stayOpen:   openBefore.Without(openBefore.Without(openAfter)),
		stayClosed: everyPacket().Without(openBefore).Without(openAfter),
	}
}

// run puts all writes in order.
func (t trial) run(w way) entryOrder {
	t.way, t.pending = w, slices.Clone(t.writes)
	if w.makesRoom {
		t.deleteEarly()
	}
	for len(t.pending) > 0 {
		i, s := t.best()
		closes, waits := len(s.closed) > 0, t.canWait(t.pending[i])
		if t.moves && (closes || waits) && t.move(t.owned(), false) {
			continue
		}
		if t.spare && (closes || waits && t.makesRoom) && t.move(t.unused(), true) {
			continue
		}
		t.take(i, s.closed)
	}
	return t.found
}

// canWait tells whether a write takes away what others may need that are still to
// come: an entry that goes is a second place for one that moves, and where room is
// scarce, so is the room for a new entry.
func (t *trial) canWait(w entryWrite) bool {
	if t.makesRoom {
		return w.creates() && slices.ContainsFunc(t.pending, func(p entryWrite) bool { return p.replaces })
	}
	return w.deletes && slices.ContainsFunc(t.pending, func(p entryWrite) bool { return !p.deletes })
}

// deleteEarly brings what makes room to the front: deletions, and then the new
// entries after which an old one can go.
func (t *trial) deleteEarly() {
	goes := func(w entryWrite) bool {
		return slices.ContainsFunc(t.pending, func(p entryWrite) bool {
			old, there := t.entries[p.number]
			return p.deletes && there && old.Deny == w.entry.Deny && old.Rule.Same(w.entry.Rule)
		})
	}
	order := map[int]int{}
	for _, w := range t.pending {
		switch {
		case w.deletes:
			order[w.number] = 0
		case w.replaces:
			order[w.number] = 1
		case goes(w):
			order[w.number] = 2
		default:
			order[w.number] = 3
		}
	}
	sortWrites(t.pending, func(w entryWrite) int { return order[w.number] })
}

// step is what a write does.
type step struct {
	// closed is what does not pass then although it should, and opens tells whether
	// something passes that should not.
	closed closedRegion
	opens  bool
}

// best is the next of the pending writes: one that closes nothing and opens
// nothing, else one that closes nothing, else the one that closes the least.
func (t *trial) best() (next int, best step) {
	next = -1
	better := func(s step) bool {
		if size, least := s.closed.size(), best.closed.size(); size != least {
			return size < least
		}
		return best.opens && !s.opens
	}
	for i, w := range t.pending {
		if !t.fits(w) {
			continue
		}
		s := t.try(w.applied(t.entries))
		if next < 0 || better(s) {
			next, best = i, s
		}
		if len(best.closed) == 0 && !best.opens {
			break
		}
	}
	if next < 0 {
		// Only AWS can tell whether there is room after all.
		next, best = 0, t.try(t.pending[0].applied(t.entries))
	}
	return next, best
}

// fits tells whether there is room for what a write creates.
func (t *trial) fits(w entryWrite) bool {
	return !w.needsRoom(t.entries) || t.limit == 0 || len(t.entries) < t.limit
}

// try judges the entries as they would stand.
func (t *trial) try(entries map[int]NetworkACLEntry) step {
	acl, err := filterOf(entries)
	if err != nil {
		return step{closed: closedRegion(t.stayOpen), opens: true}
	}
	return step{closed: closedRegion(packet.Boxes(acl.Judge(t.stayOpen).Refused)), opens: len(acl.Permits(t.stayClosed, nil)) > 0}
}

// take puts a pending write next.
func (t *trial) take(i int, closed closedRegion) {
	w := t.pending[i]
	t.pending = slices.Delete(t.pending, i, i+1)
	t.write(w, closed)
}

func (t *trial) write(w entryWrite, closed closedRegion) {
	t.entries = w.applied(t.entries)
	t.found.writes = append(t.found.writes, w)
	t.found.closed = append(t.found.closed, closed)
}

// owned are the numbers of the owned entries that are not needed where they stand,
// those that go first.
func (t *trial) owned() []int {
	var going, others []int
	for _, number := range slices.Sorted(maps.Keys(t.keys)) {
		_, there := t.entries[number]
		without := entryWrite{number: number, deletes: true}
		switch {
		case !there || len(t.try(without.applied(t.entries)).closed) > 0:
		case slices.ContainsFunc(t.pending, func(w entryWrite) bool { return w.deletes && w.number == number }):
			going = append(going, number)
		default:
			others = append(others, number)
		}
	}
	return append(going, others...)
}

// unused are the numbers that are neither taken nor wanted: the spare ones first,
// and behind each other entry the next one.
func (t *trial) unused() []int {
	if t.limit > 0 && len(t.entries) >= t.limit {
		return nil
	}
	numbers := spareNumbers()
	for _, number := range slices.Sorted(maps.Keys(t.entries)) {
		numbers = append(numbers, number-1, number+1)
	}
	return slices.DeleteFunc(numbers, func(number int) bool {
		_, taken := t.entries[number]
		wanted := slices.ContainsFunc(t.writes, func(w entryWrite) bool { return w.number == number })
		return taken || wanted || !usableNumber(number)
	})
}

// move makes way for a pending write that would close the entry whose number it
// takes: the entry is copied to one of the numbers first. Both steps close and
// open nothing. It tells whether there is such a write.
func (t *trial) move(numbers []int, fresh bool) bool {
	if len(numbers) == 0 || t.moved > 2*len(t.writes) {
		// What is moved comes back: do not go in circles.
		return false
	}
	for i, w := range t.pending {
		entry, there := t.entries[w.number]
		if !there || entry.Deny || w.deletes && (fresh || !t.makesRoom) || len(t.try(w.applied(t.entries)).closed) == 0 {
			continue
		}
		for _, number := range numbers {
			if number == w.number {
				continue
			}
			copied := entryWrite{direction: t.direction, number: number, key: t.keys[number], entry: entry, replaces: !fresh}
			copied.entry.Number = number
			if fresh {
				copied.key = atNumber(t.keys[w.number], number)
			}
			between := copied.applied(t.entries)
			if s := t.try(between); len(s.closed) > 0 || s.opens || len(t.try(w.applied(between)).closed) > 0 {
				continue
			}
			t.moveAside(copied, i)
			return true
		}
	}
	return false
}

// moveAside puts the copy of an entry next, and the pending write that it makes
// way for. What stood at the number of the copy comes back later.
func (t *trial) moveAside(copied entryWrite, i int) {
	w := t.pending[i]
	t.pending = slices.Delete(t.pending, i, i+1)
	before, there := t.entries[copied.number]
	switch {
	case !there:
		t.pending = append(t.pending, entryWrite{direction: t.direction, number: copied.number, deletes: true})
		t.keys = maps.Clone(t.keys)
		t.keys[copied.number] = copied.key
	case !slices.ContainsFunc(t.pending, func(p entryWrite) bool { return p.number == copied.number }):
		t.pending = append(t.pending, entryWrite{direction: t.direction, number: copied.number, key: copied.key, entry: before, replaces: true})
	}
	t.moved++
	t.write(copied, nil)
	t.write(w, nil)
}

// atNumber is the key of an entry that stands at a number which is not that of
// its key.
func atNumber(key string, number int) string {
	return fmt.Sprintf("%s at rule number %d", key, number)
}
