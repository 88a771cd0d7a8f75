// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// OwnedEntries are the entries of one direction of a network ACL that a resource
// owns, by their key in the configuration.
type OwnedEntries map[string]NetworkACLEntry

// ACLEntries are the entries of a network ACL that a resource owns.
type ACLEntries struct {
	Ingress, Egress OwnedEntries
	// Adopted are the places, see [PlaceName], of those that stood in the network
	// ACL before the resource wanted them.
	Adopted map[string]bool
	// Left tells whether adopted entries are neither changed nor deleted.
	Left bool
	// Others are the places among [SparePlaces] at which somebody else has an entry.
	// What it says does not matter: it is never taken for one that a run which was
	// killed has left.
	Others map[string]bool `json:",omitempty"`
}

// PlaceName names the place of an entry, which is its identity to AWS: "ingress/100".
func PlaceName(d wiring.Direction, number int) string { return fmt.Sprintf("%s/%d", d, number) }

// In are the entries of one direction.
func (a ACLEntries) In(d wiring.Direction) OwnedEntries {
	if d == wiring.Egress {
		return a.Egress
	}
	return a.Ingress
}

// NewACLEntries is an empty set of entries.
func NewACLEntries() ACLEntries {
	return ACLEntries{Ingress: OwnedEntries{}, Egress: OwnedEntries{}, Adopted: map[string]bool{}}
}

// Clone is a copy that can be changed without changing the original.
func (a ACLEntries) Clone() ACLEntries {
	clone := NewACLEntries()
	maps.Copy(clone.Ingress, a.Ingress)
	maps.Copy(clone.Egress, a.Egress)
	maps.Copy(clone.Adopted, a.Adopted)
	clone.Left, clone.Others = a.Left, a.Others
	return clone
}

// Says tells whether one of the entries admits what another one admits.
func (a ACLEntries) Says(entry NetworkACLEntry) bool {
	for _, have := range a.In(entry.Direction) {
		if !have.Deny && !entry.Deny && have.Rule.Same(entry.Rule) {
			return true
		}
	}
	return false
}

// Empty tells whether no entry is owned.
func (a ACLEntries) Empty() bool { return len(a.Ingress)+len(a.Egress) == 0 }

// Numbers are the rule numbers by key.
func (o OwnedEntries) Numbers() map[string]int {
	numbers := make(map[string]int, len(o))
	for key, entry := range o {
		numbers[key] = entry.Number
	}
	return numbers
}

// entryAt is the entry that has the number.
func (o OwnedEntries) entryAt(number int) (NetworkACLEntry, bool) {
	for _, entry := range o {
		if entry.Number == number {
			return entry, true
		}
	}
	return NetworkACLEntry{}, false
}

// At tells whether one of the entries has the number.
func (o OwnedEntries) At(number int) bool {
	_, there := o.entryAt(number)
	return there
}

// byNumber are the keys in the order of their rule numbers.
func (o OwnedEntries) byNumber() []string {
	return slices.SortedFunc(maps.Keys(o), func(a, b string) int { return o[a].Number - o[b].Number })
}

// Same tells whether two entries are one entry to AWS.
func (e NetworkACLEntry) Same(other NetworkACLEntry) bool {
	return e.Number == other.Number && e.Deny == other.Deny && e.Rule.Same(other.Rule)
}

// Describe says what the entry does: "allow tcp 80 from 0.0.0.0/0".
func (e NetworkACLEntry) Describe() string {
	if e.Deny {
		return "deny " + e.Key()
	}
	return "allow " + e.Key()
}

// EntryAt finds the live entry of a direction and number.
func (acl NetworkACL) EntryAt(d wiring.Direction, number int) (NetworkACLEntry, bool) {
	for _, entry := range acl.Entries {
		if entry.Direction == d && entry.Number == number {
			return entry, true
		}
	}
	return NetworkACLEntry{}, false
}

// CreateEntries writes entries into a network ACL, and adopts those that stand
// under their number already. When one fails, those written before are deleted again; if that fails too, the entries that remain
// are returned with the error.
//
// live is the network ACL as it was read just before, nil to have it read.
func (r *Region) CreateEntries(ctx context.Context, aclID string, live *NetworkACL, want ACLEntries) (ACLEntries, error) {
	if want.Empty() {
		return NewACLEntries(), nil
	}
	if live == nil {
		acl, err := r.Fresh().NetworkACL(ctx, aclID)
		if err != nil {
			return NewACLEntries(), err
		}
		live = &acl
	}
	created, err := r.updateEntries(ctx, aclID, live, NewACLEntries(), want)
	if err == nil {
		created.Others = live.AtSparePlaces(created)
		return created, nil
	}
	created.Left = true
	remain, undoErr := r.deleteEntries(context.WithoutCancel(ctx), aclID, created)
	if undoErr != nil {
		return remain, fmt.Errorf("%w\n\nThe entries that were written before could not be taken back: %w\n\nThey are still in network ACL %s and stay in the state, so that the next apply can replace them: %s",
			err, undoErr, aclID, remain.list())
	}
	return remain, takenBack(err, "network ACL "+aclID)
}

// UpdateEntries makes the owned entries the wanted ones: an entry whose number
// stays is replaced in place, new numbers are created, and numbers that are no
// longer wanted are deleted, in an order that keeps open what is open before and
// after, see [Interruptions]. An entry that stands under a wanted number already is
// adopted if it is the wanted one, and an adopted one that is to be left goes without
// being deleted. What a run that was killed has left of such an order
// goes too. The entries owned afterwards are returned also with an error.
func (r *Region) UpdateEntries(ctx context.Context, aclID string, owned, want ACLEntries) (ACLEntries, error) {
	now, err := r.updateEntries(ctx, aclID, nil, owned, want)
	return now, unfinishedEntries(err, aclID, now, want)
}

func (r *Region) updateEntries(ctx context.Context, aclID string, live *NetworkACL, owned, want ACLEntries) (ACLEntries, error) {
	held := holdings(owned)
	if err := held.release(aclID, want); err != nil {
		return owned.Clone(), err
	}
	acl := NetworkACL{ID: aclID}
	if live != nil {
		acl = *live
	} else if needsLook(held, want) {
		var err error
		if acl, err = r.Fresh().NetworkACL(ctx, aclID); err != nil {
			return owned.Clone(), err
		}
	}
	// AWS takes a new entry that is there already without a word: only the look
	// tells what is not ours.
	for _, d := range wiring.Directions() {
		for _, key := range want.In(d).byNumber() {
			number := want.In(d)[key].Number
			if _, ours := held[place{d, number}]; ours {
				continue
			}
			live, taken := acl.EntryAt(d, number)
			switch {
			case taken && live.Same(want.In(d)[key]):
				held[place{d, number}] = holding{key: key, entry: want.In(d)[key], adopted: true}
			case taken:
				return owned.Clone(), &EntryTakenError{ACL: aclID, Entry: live}
			}
		}
	}
	maps.Copy(held, acl.leftBehind(held, owned.Others, want))
	// A key may have another entry by now, and an entry that stays another key.
	for _, d := range wiring.Directions() {
		for key, entry := range want.In(d) {
			if have, ours := held[place{d, entry.Number}]; ours && have.entry.Same(entry) {
				have.key, have.entry = key, entry
				held[place{d, entry.Number}] = have
			}
		}
	}
	err := r.writeEntries(ctx, acl, held, want)
	now := held.entries(want)
	now.Others = owned.Others
	return now, err
}

// writeEntries carries a change out and notes what is held then. How many
// entries the network ACL may have is known when AWS refuses one: the writes that
// are left are put in an order anew, for that number.
func (r *Region) writeEntries(ctx context.Context, acl NetworkACL, held heldEntries, want ACLEntries) error {
	limits := map[wiring.Direction]int{}
	for {
		refused, err := r.writeInOrder(ctx, acl, held, want, limits)
		if !hasCode(err, "NetworkAclEntryLimitExceeded") || !refused.creates() {
			return err
		}
		live, readErr := r.NetworkACL(ctx, acl.ID)
		if readErr != nil {
			return err
		}
		change := live.changeOf(refused.direction, held, want.In(refused.direction), 0)
		limit := len(change.entries)
		if known := limits[refused.direction]; len(change.after()) > limit || known > 0 && known <= limit {
			return err
		}
		acl, limits[refused.direction] = live, limit
	}
}

// writeInOrder sends the writes of both directions, and returns the one that fails.
func (r *Region) writeInOrder(ctx context.Context, acl NetworkACL, held heldEntries, want ACLEntries, limits map[wiring.Direction]int) (entryWrite, error) {
	var writes, deletions []entryWrite
	for _, d := range wiring.Directions() {
		ordered := acl.changeOf(d, held, want.In(d), limits[d]).order().writes
		// What only deletes in the end waits until both directions are written.
		end := len(ordered)
		for end > 0 && ordered[end-1].deletes {
			end--
		}
		writes, deletions = append(writes, ordered[:end]...), append(deletions, ordered[end:]...)
	}
	for _, write := range append(writes, deletions...) {
		if err := r.carryOut(ctx, acl.ID, write, held); err != nil {
			return write, err
		}
	}
	return entryWrite{}, nil
}

// DeleteEntries deletes owned entries; one that is gone already counts as
// deleted. The entries that remain are returned with an error.
func (r *Region) DeleteEntries(ctx context.Context, aclID string, owned ACLEntries) (ACLEntries, error) {
	remain, err := r.deleteEntries(ctx, aclID, owned)
	return remain, unfinishedEntries(err, aclID, remain, NewACLEntries())
}

func (r *Region) deleteEntries(ctx context.Context, aclID string, owned ACLEntries) (ACLEntries, error) {
	remain, err := r.updateEntries(ctx, aclID, nil, owned, NewACLEntries())
	if IsNotFound(err) {
		// The network ACL has gone, and its entries with it.
		return NewACLEntries(), nil
	}
	return remain, err
}

// place is where an entry stands, which is its identity to AWS.
type place struct {
	direction wiring.Direction
	number    int
}

// holding is an owned entry and its key.
type holding struct {
	key   string
	entry NetworkACLEntry
	// fresh tells whether this run has created it, so that the state, if it is not
	// saved, does not know it.
	fresh bool
	// adopted tells whether it stood there before, left whether it is therefore
	// neither changed nor deleted.
	adopted, left bool
}

// heldEntries are the owned entries by their place: keys may change hands.
type heldEntries map[place]holding

func holdings(owned ACLEntries) heldEntries {
	held := heldEntries{}
	for _, d := range wiring.Directions() {
		for key, entry := range owned.In(d) {
			adopted := owned.Adopted[PlaceName(d, entry.Number)]
			held[place{d, entry.Number}] = holding{key: key, entry: entry, adopted: adopted, left: adopted && owned.Left}
		}
	}
	return held
}

// release lets entries go that are to be left and no longer wanted. The error is
// an [AdoptedEntryError] when one is wanted otherwise.
func (held heldEntries) release(aclID string, want ACLEntries) error {
	for p, h := range held {
		if !h.left {
			continue
		}
		wanted, stays := want.In(p.direction).entryAt(p.number)
		switch {
		case !stays:
			delete(held, p)
		case !wanted.Same(h.entry):
			return &AdoptedEntryError{ACL: aclID, Entry: h.entry, Wanted: wanted}
		}
	}
	return nil
}

// entries are the owned entries by key. A key that is wanted at another number
// than that of its old entry goes to the new one; until it is deleted, the old
// one is known by its number.
func (held heldEntries) entries(want ACLEntries) ACLEntries {
	now := NewACLEntries()
	for p, h := range held {
		if wanted, ok := want.In(p.direction)[h.key]; ok && wanted.Number != p.number {
			h.key = atNumber(h.key, p.number)
		}
		now.In(p.direction)[h.key] = h.entry
		if h.adopted {
			now.Adopted[PlaceName(p.direction, p.number)] = true
		}
	}
	return now
}

// needsLook tells whether the order of the writes, or whether they may be sent,
// depends on what else stands in the network ACL. It does not when nothing
// changes or when allow entries only go away.
func needsLook(held heldEntries, want ACLEntries) bool {
	for _, h := range held {
		if h.entry.Deny {
			return true
		}
	}
	for _, d := range wiring.Directions() {
		if held.moves(d, want.In(d)) {
			return true
		}
		for _, entry := range want.In(d) {
			if have, ours := held[place{d, entry.Number}]; !ours || !have.entry.Same(entry) {
				return true
			}
		}
	}
	return false
}

// entriesAmong are the entries of a direction as the owner takes them to be: its
// own as it holds them, all others as they stand.
func (acl NetworkACL) entriesAmong(d wiring.Direction, held heldEntries) map[int]NetworkACLEntry {
	all := map[int]NetworkACLEntry{}
	for _, entry := range acl.Entries {
		if entry.Direction == d {
			all[entry.Number] = entry
		}
	}
	for p, h := range held {
		if p.direction == d {
			all[p.number] = h.entry
		}
	}
	return all
}

// carryOut sends a write and notes what is held then.
func (r *Region) carryOut(ctx context.Context, aclID string, w entryWrite, held heldEntries) error {
	var err error
	switch {
	case w.deletes:
		err = r.DeleteEntry(ctx, aclID, w.direction, w.number)
	case w.replaces:
		err = r.ReplaceEntry(ctx, aclID, w.entry)
	default:
		err = r.CreateEntry(ctx, aclID, w.entry)
	}
	if err == nil {
		held.note(w)
	}
	return err
}

// note notes what is held after a write.
func (held heldEntries) note(w entryWrite) {
	p := place{w.direction, w.number}
	if w.deletes {
		delete(held, p)
		return
	}
	held[p] = holding{key: w.key, entry: w.entry, fresh: w.creates() || held[p].fresh, adopted: held[p].adopted}
}

// ReadEntries looks up the owned entries by direction and number, see
// [NetworkACL.Owned]. The error is a [NotFoundError] when the network ACL is gone.
func (r *Region) ReadEntries(ctx context.Context, aclID string, owned ACLEntries) (ACLEntries, error) {
	acl, err := r.NetworkACL(ctx, aclID)
	if err != nil {
		return NewACLEntries(), err
	}
	return acl.Owned(owned), nil
}

// Owned are the owned entries as they stand, by direction and number. An entry
// that was changed behind our back is returned as it stands now, one that is
// gone is left out.
func (acl NetworkACL) Owned(owned ACLEntries) ACLEntries {
	now := NewACLEntries()
	for _, d := range wiring.Directions() {
		for key, have := range owned.In(d) {
			live, there := acl.EntryAt(d, have.Number)
			adopted := owned.Adopted[PlaceName(d, have.Number)]
			if !there || adopted && owned.Left && !live.Same(have) {
				// An adopted entry that somebody else has changed is theirs again.
				continue
			}
			now.In(d)[key] = live
			if adopted {
				now.Adopted[PlaceName(d, have.Number)] = true
			}
		}
	}
	return now
}

// Match finds the entries that admit exactly what wanted rows do, each under the
// number that it has.
func (acl NetworkACL) Match(rows []wiring.Rule) ACLEntries {
	matched := NewACLEntries()
	for _, row := range rows {
		for _, live := range acl.Entries {
			if _, done := matched.In(row.Direction)[row.Key()]; !done && !live.Deny && live.Rule.Same(row) {
				matched.In(row.Direction)[row.Key()] = live
			}
		}
	}
	return matched
}

// list names the entries for a message.
func (a ACLEntries) list() string {
	var names []string
	for _, d := range wiring.Directions() {
		for _, key := range a.In(d).byNumber() {
			names = append(names, fmt.Sprintf("%s rule %d (%s)", d, a.In(d)[key].Number, key))
		}
	}
	return strings.Join(names, ", ")
}
