// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"context"
	"time"
)

// listing is all things of a kind, as far as their pages were read. A fleet asks
// for a few things at a time, as many as Terraform works on at once, and that
// hundreds of times: then it is cheaper to list all, once, and to answer from that
// for the rest of the walk.
type listing[V any] struct {
	// begun and before are the time and the number of writes before the first page.
	begun  time.Time
	before uint64
	// token is that of the page to read next.
	token *string
	found map[string]V
	// complete tells whether all pages were read: a thing may be on several.
	complete bool
}

const (
	// listedAge is how long a listing answers: for the walk of Terraform through 2,000
	// resources, which takes a minute or two. A plan is as old as that anyway when somebody
	// reads it; of what an apply decides on, nothing comes from a listing.
	listedAge = 2 * time.Minute
	// manyAsked is from how many ids on it may pay to list.
	manyAsked = 20
	// firstPages is how many pages may be read of an account of unknown size, and
	// askedPerPage how many ids have to be asked for, for each page more. In an account
	// that is much larger than what is asked for, listing ends there.
	firstPages   = 8
	askedPerPage = 25
)

// take moves the ids that the listing knows to found and returns the others. What is
// not in it may have been made since. The lookups are locked.
func (l *lookups[V]) take(ids []string, found map[string]V) []string {
	if l.listing == nil || !l.listing.complete || l.outdated() {
		return ids
	}
	var rest []string
	for _, id := range ids {
		if value, there := l.listing.found[id]; there {
			found[id] = value
		} else {
			rest = append(rest, id)
		}
	}
	return rest
}

// outdated tells whether this process has written since the listing began, or it is
// too old.
func (l *lookups[V]) outdated() bool {
	return l.listing.before != l.writes.count.Load() || l.now().Sub(l.listing.begun) > listedAge
}

// extendListing reads as many pages as there is reason for. One that fails is no
// error: what it would have answered is asked for by id.
func (l *lookups[V]) extendListing(ctx context.Context) {
	for listed := l.worthListing(); listed != nil; listed = l.worthListing() {
		next, err := l.page(ctx, nil, listed.token, listed.found)
		l.mu.Lock()
		l.pages++
		listed.token, listed.complete = next, err == nil && next == nil
		l.lists = l.lists && err == nil
		l.mu.Unlock()
	}
}

// worthListing is the listing of which another page is to be read, nil if there is
// none. A process that writes reads what it is about to change, or has changed, and
// never from a listing.
func (l *lookups[V]) worthListing() *listing[V] {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.lists || l.writes.count.Load() > 0 || l.batches < 2 || l.asked <= manyAsked {
		return nil
	}
	if l.listing != nil && l.outdated() {
		l.listing = nil
	}
	// Pages are never more than the calls made without them, until there is much to gain.
	if l.listing != nil && l.listing.complete || l.pages >= max(min(l.batches, firstPages), l.asked/askedPerPage) {
		return nil
	}
	if l.listing == nil {
		l.listing = &listing[V]{begun: l.now(), found: map[string]V{}}
	}
	return l.listing
}

// all lists everything of the kind, and keeps it as a listing.
func (l *lookups[V]) all(ctx context.Context) (map[string]V, error) {
	listed := &listing[V]{begun: l.now(), before: l.writes.count.Load(), found: map[string]V{}, complete: true}
	if err := l.page.each(ctx, nil, listed.found); err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.listing == nil || !l.listing.complete || !l.listing.begun.After(listed.begun) {
		l.listing = listed
	}
	return listed.found, nil
}
