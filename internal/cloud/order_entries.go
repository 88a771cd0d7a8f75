// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"cmp"
	"maps"
	"slices"

	"github.com/terraform-clb/terraform-provider-clb/internal/packet"
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
	kind := func(w entryWrite) int {
		switch {
		case w.deletes:
			return 2
		case w.replaces:
			return 1
		default:
			return 0
		}
	}
	slices.SortFunc(writes, func(a, b entryWrite) int {
		return cmp.Or(cmp.Compare(kind(a), kind(b)), cmp.Compare(a.number, b.number))
	})
	return writes
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

// orderWrites puts the writes to one direction of a network ACL in an order in
// which every packet that passes before and after passes all the time, and, as
// far as that allows, none passes in between that passes neither before nor
// after: a deny entry is written before the allow entry that it cuts, and deleted
// after it. Each step is tried on the entries as they will stand then, exactly.
//
// Where no next step keeps everything open, the first one is taken: when two
// allow entries trade their numbers, one is closed for one write.
func orderWrites(writes []entryWrite, entries map[int]NetworkACLEntry) []entryWrite {
	after := entries
	for _, w := range writes {
		after = w.applied(after)
	}
	openBefore, soundBefore := openOf(entries)
	openAfter, soundAfter := openOf(after)
	if len(writes) < 2 || !soundBefore || !soundAfter {
		return writes
	}
	stayOpen := openBefore.Without(openBefore.Without(openAfter))
	stayClosed := everyPacket().Without(openBefore).Without(openAfter)
	pending, ordered := slices.Clone(writes), make([]entryWrite, 0, len(writes))
	for len(pending) > 0 {
		next := 0
		for i, best := 0, 0; i < len(pending) && best < 2; i++ {
			acl, err := filterOf(pending[i].applied(entries))
			if err != nil || acl.Judge(stayOpen).Verdict != packet.Proved {
				continue
			}
			quality := 1
			if len(acl.Permits(stayClosed, nil)) == 0 {
				quality = 2
			}
			if quality > best {
				next, best = i, quality
			}
		}
		entries = pending[next].applied(entries)
		ordered = append(ordered, pending[next])
		pending = slices.Delete(pending, next, next+1)
	}
	return ordered
}

func everyPacket() packet.Region {
	return packet.Region{{Traffic: packet.AllTraffic(), Addresses: packet.Anywhere()}}
}

// openOf is what entries of one direction let pass; it is not sound if there is
// one that AWS could not have.
func openOf(entries map[int]NetworkACLEntry) (open packet.Region, sound bool) {
	acl, err := filterOf(entries)
	if err != nil {
		return nil, false
	}
	return packet.Boxes(acl.Permits(everyPacket(), nil)), true
}

func filterOf(entries map[int]NetworkACLEntry) (*packet.NetworkACL, error) {
	var list []packet.Entry
	for _, number := range slices.Sorted(maps.Keys(entries)) {
		entry := entries[number]
		action := packet.Allow
		if entry.Deny {
			action = packet.Deny
		}
		list = append(list, packet.Entry{Number: number, Action: action, Rule: packet.Rule{
			Protocol: string(entry.Protocol), From: entry.From, To: entry.To, Peer: packet.Peer{CIDR: entry.Peer.CIDR},
		}})
	}
	return packet.NewNetworkACL(list)
}
