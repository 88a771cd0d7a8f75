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
}

// In are the entries of one direction.
func (a ACLEntries) In(d wiring.Direction) OwnedEntries {
	if d == wiring.Egress {
		return a.Egress
	}
	return a.Ingress
}

// NewACLEntries is an empty set of entries.
func NewACLEntries() ACLEntries {
	return ACLEntries{Ingress: OwnedEntries{}, Egress: OwnedEntries{}}
}

// Clone is a copy that can be changed without changing the original.
func (a ACLEntries) Clone() ACLEntries {
	clone := NewACLEntries()
	maps.Copy(clone.Ingress, a.Ingress)
	maps.Copy(clone.Egress, a.Egress)
	return clone
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

// CreateEntries writes entries into a network ACL. When one fails, those
// written before are deleted again; if that fails too, the entries that remain
// are returned with the error.
func (r *Region) CreateEntries(ctx context.Context, aclID string, want ACLEntries) (ACLEntries, error) {
	created, err := r.writeEntries(ctx, aclID, NewACLEntries(), want)
	if err == nil {
		return created, nil
	}
	remain, undoErr := r.DeleteEntries(context.WithoutCancel(ctx), aclID, created)
	if undoErr != nil {
		return remain, fmt.Errorf("%w\n\nThe entries that were written before could not be taken back: %w\n\nThey are still in network ACL %s and stay in the state, so that the next apply can replace them: %s",
			err, undoErr, aclID, remain.list())
	}
	return remain, err
}

// UpdateEntries makes the owned entries the wanted ones. An entry whose number
// stays is replaced in place, new numbers are created, and only then are the
// numbers deleted that are no longer wanted. The entries owned afterwards are
// returned also with an error.
func (r *Region) UpdateEntries(ctx context.Context, aclID string, owned, want ACLEntries) (ACLEntries, error) {
	now, err := r.writeEntries(ctx, aclID, owned, want)
	if err != nil {
		return now, err
	}
	stale := NewACLEntries()
	for _, d := range wiring.Directions() {
		for key, entry := range now.In(d) {
			if wanted, ok := want.In(d)[key]; !ok || wanted.Number != entry.Number {
				stale.In(d)[key] = entry
			}
		}
	}
	remain, err := r.DeleteEntries(ctx, aclID, stale)
	for _, d := range wiring.Directions() {
		for key := range stale.In(d) {
			if _, still := remain.In(d)[key]; !still {
				delete(now.In(d), key)
			}
		}
	}
	return now, err
}

// writeEntries creates and replaces until every wanted entry stands, and
// deletes nothing. It returns all entries owned then, wanted or not, also with
// an error.
func (r *Region) writeEntries(ctx context.Context, aclID string, owned, want ACLEntries) (ACLEntries, error) {
	// The identity of an entry is its direction and number: keys may change hands.
	type place struct {
		direction wiring.Direction
		number    int
	}
	type holding struct {
		key   string
		entry NetworkACLEntry
	}
	held := map[place]holding{}
	var fresh []place
	for _, d := range wiring.Directions() {
		for key, entry := range owned.In(d) {
			held[place{d, entry.Number}] = holding{key, entry}
		}
		for _, entry := range want.In(d) {
			if _, ours := held[place{d, entry.Number}]; !ours {
				fresh = append(fresh, place{d, entry.Number})
			}
		}
	}
	// AWS takes a new entry that is there already without a word: only a look at
	// the live network ACL tells what is not ours.
	if len(fresh) > 0 {
		acl, err := r.NetworkACL(ctx, aclID)
		if err != nil {
			return owned.Clone(), err
		}
		for _, p := range fresh {
			if live, taken := acl.EntryAt(p.direction, p.number); taken {
				return owned.Clone(), &EntryTakenError{ACL: aclID, Entry: live}
			}
		}
	}
	write := func(d wiring.Direction, key string) error {
		entry := want.In(d)[key]
		have, ours := held[place{d, entry.Number}]
		var err error
		switch {
		case !ours:
			err = r.CreateEntry(ctx, aclID, entry.Entry)
		case !have.entry.Same(entry):
			err = r.ReplaceEntry(ctx, aclID, entry.Entry)
		}
		if err == nil {
			held[place{d, entry.Number}] = holding{key, entry}
		}
		return err
	}
	// A write must not overwrite the only place of what is still wanted: what is
	// open before and after has to stay open in between. So nothing overwrites an
	// entry as long as a wanted one that shares packets with it stands nowhere.
	stands := func(entry NetworkACLEntry, but place) bool {
		for p, h := range held {
			if p != but && !h.entry.Deny && h.entry.Rule.Same(entry.Rule) {
				return true
			}
		}
		return false
	}
	closes := func(d wiring.Direction, key string, pending []string) bool {
		target := place{d, want.In(d)[key].Number}
		have, ours := held[target]
		return ours && !have.entry.Deny && slices.ContainsFunc(pending, func(other string) bool {
			wanted := want.In(d)[other]
			return other != key && overlap(wanted.Rule, have.entry.Rule) && !stands(wanted, target)
		})
	}
	var failure error
	for _, d := range wiring.Directions() {
		// New numbers come first: they overwrite nothing.
		pending := want.In(d).byNumber()
		slices.SortStableFunc(pending, func(a, b string) int {
			_, oursA := held[place{d, want.In(d)[a].Number}]
			_, oursB := held[place{d, want.In(d)[b].Number}]
			return compareBools(oursA, oursB)
		})
		for len(pending) > 0 && failure == nil {
			next := max(0, slices.IndexFunc(pending, func(key string) bool { return !closes(d, key, pending) }))
			failure = write(d, pending[next])
			pending = slices.Delete(pending, next, next+1)
		}
	}
	now := NewACLEntries()
	for p, h := range held {
		if wanted, ok := want.In(p.direction)[h.key]; ok && wanted.Number != p.number {
			// The key has moved to another number: until it is deleted, the old entry
			// is known by its number.
			h.key = fmt.Sprintf("%s at rule number %d", h.key, p.number)
		}
		now.In(p.direction)[h.key] = h.entry
	}
	return now, failure
}

// overlap tells whether some packet may match both rules.
func overlap(a, b wiring.Rule) bool {
	switch {
	case !a.Peer.CIDR.Overlaps(b.Peer.CIDR):
		return false
	case a.Protocol != b.Protocol:
		return a.Protocol == wiring.AllProtocols || b.Protocol == wiring.AllProtocols
	default:
		return !hasPorts(a.Protocol) || a.From <= b.To && b.From <= a.To
	}
}

// compareBools puts false before true.
func compareBools(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	default:
		return 1
	}
}

// DeleteEntries deletes owned entries; one that is gone already counts as
// deleted. The entries that remain are returned with an error.
func (r *Region) DeleteEntries(ctx context.Context, aclID string, owned ACLEntries) (ACLEntries, error) {
	remain := owned.Clone()
	for _, d := range wiring.Directions() {
		for _, key := range owned.In(d).byNumber() {
			if err := r.DeleteEntry(ctx, aclID, d, owned.In(d)[key].Number); err != nil {
				return remain, err
			}
			delete(remain.In(d), key)
		}
	}
	return remain, nil
}

// ReadEntries looks up the owned entries by direction and number. An entry that
// was changed behind our back is returned as it stands now, one that is gone is
// left out. The error is a [NotFoundError] when the network ACL is gone.
func (r *Region) ReadEntries(ctx context.Context, aclID string, owned ACLEntries) (ACLEntries, error) {
	acl, err := r.NetworkACL(ctx, aclID)
	if err != nil {
		return NewACLEntries(), err
	}
	now := NewACLEntries()
	for _, d := range wiring.Directions() {
		for key, have := range owned.In(d) {
			if live, there := acl.EntryAt(d, have.Number); there {
				now.In(d)[key] = live
			}
		}
	}
	return now, nil
}

// MatchEntries finds the live entries that admit exactly what wanted rows do,
// each under the number that it has. The error is a [NotFoundError] when the
// network ACL does not exist.
func (r *Region) MatchEntries(ctx context.Context, aclID string, rows []wiring.Rule) (ACLEntries, error) {
	acl, err := r.NetworkACL(ctx, aclID)
	if err != nil {
		return NewACLEntries(), err
	}
	matched := NewACLEntries()
	for _, row := range rows {
		for _, live := range acl.Entries {
			if _, done := matched.In(row.Direction)[row.Key()]; !done && !live.Deny && live.Rule.Same(row) {
				matched.In(row.Direction)[row.Key()] = live
			}
		}
	}
	return matched, nil
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
