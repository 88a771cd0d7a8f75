// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"context"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// lookups answers look-ups of one kind of thing, many at a time, with few calls.
// The first one goes out at once, alone: what comes while it is under way goes out
// together after it. Whoever asks for what is under way already shares the answer.
// From some number on everything of the kind is listed, see [listing].
//
// Nobody gets what was read before a write of this process has ended, if he asks
// after it.
type lookups[V any] struct {
	page pageOf[V]
	// most is how many ids go into one call.
	most int
	// lists tells whether all things of the kind may be listed.
	lists  bool
	writes *writes
	now    func() time.Time

	mu      sync.Mutex
	running bool
	// flying is what AWS is being asked for, next what comes after it; each may be nil.
	flying, next *batch[V]
	// asked counts ids, batches those that were not answered by a listing alone, and
	// pages those of all listings.
	asked, batches, pages int
	listing               *listing[V]
}

// pageOf makes one call for things with these ids, or for all when ids is nil, adds
// what it finds, and returns the token of the page after it, nil if there is none.
type pageOf[V any] func(ctx context.Context, ids []string, token *string, found map[string]V) (next *string, err error)

// writes counts the writes of this process to a region: each twice, when it begins
// and when it ends.
type writes struct{ count atomic.Uint64 }

// begin counts a write; the result ends it.
func (w *writes) begin() (end func()) {
	w.count.Add(1)
	return func() { w.count.Add(1) }
}

// batch is one round of look-ups that go out together.
type batch[V any] struct {
	// ctx ends when nobody waits any more.
	ctx     context.Context
	cancel  context.CancelFunc
	ids     map[string]bool
	waiting int
	// fresh keeps the batch from being answered by a listing.
	fresh bool
	// before is how many writes there were before the first call.
	before uint64

	// found and err are there once done is closed.
	done  chan struct{}
	found map[string]V
	err   error
}

// look returns the things with these ids; what does not exist is not in the result.
// A fresh look is answered by a call that begins after it.
func (l *lookups[V]) look(ctx context.Context, ids []string, fresh bool) (map[string]V, error) {
	ids = distinct(ids)
	found := make(map[string]V, len(ids))
	b := l.join(ctx, ids, fresh, found)
	if b == nil {
		return found, nil
	}
	select {
	case <-b.done:
	case <-ctx.Done():
		l.leave(b)
		return nil, ctx.Err()
	}
	if b.err != nil {
		return nil, b.err
	}
	for _, id := range ids {
		if value, there := b.found[id]; there {
			found[id] = value
		}
	}
	return found, nil
}

// join takes what a listing knows, and returns the batch in which the rest is asked
// for, nil if there is no rest.
func (l *lookups[V]) join(ctx context.Context, ids []string, fresh bool, found map[string]V) *batch[V] {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !fresh {
		l.asked += len(ids)
		ids = l.take(ids, found)
	}
	if len(ids) == 0 {
		return nil
	}
	b := l.flying
	if b == nil || fresh || b.before != l.writes.count.Load() || !b.asksFor(ids) {
		if l.next == nil {
			l.next = newBatch[V](ctx)
		}
		b = l.next
		b.fresh = b.fresh || fresh
		for _, id := range ids {
			b.ids[id] = true
		}
	}
	b.waiting++
	if !l.running {
		l.running = true
		go l.run()
	}
	return b
}

// newBatch lives as long as somebody waits for it, whatever becomes of who was first.
func newBatch[V any](ctx context.Context) *batch[V] {
	b := &batch[V]{ids: map[string]bool{}, found: map[string]V{}, done: make(chan struct{})}
	b.ctx, b.cancel = context.WithCancel(context.WithoutCancel(ctx))
	return b
}

func (b *batch[V]) asksFor(ids []string) bool {
	return !slices.ContainsFunc(ids, func(id string) bool { return !b.ids[id] })
}

// leave ends the wait of one; the last one ends the batch.
func (l *lookups[V]) leave(b *batch[V]) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if b.waiting--; b.waiting > 0 {
		return
	}
	b.cancel()
	if l.next == b {
		l.next = nil
	}
	if l.flying == b {
		// Nobody shall share an answer that does not come.
		l.flying = nil
	}
}

// run sends one batch after the other until there is none.
func (l *lookups[V]) run() {
	for {
		b := l.begin()
		if b == nil {
			return
		}
		b.err = l.answer(b)
		l.mu.Lock()
		l.flying = nil
		l.mu.Unlock()
		close(b.done)
		b.cancel()
	}
}

func (l *lookups[V]) begin() *batch[V] {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.next
	l.next, l.flying, l.running = nil, b, b != nil
	if b != nil {
		b.before = l.writes.count.Load()
	}
	return b
}

// answer asks AWS for a batch.
func (l *lookups[V]) answer(b *batch[V]) error {
	ids := slices.Sorted(maps.Keys(b.ids))
	if !b.fresh {
		l.extendListing(b.ctx)
		l.mu.Lock()
		ids = l.take(ids, b.found)
		l.mu.Unlock()
	}
	if len(ids) == 0 {
		return nil
	}
	l.mu.Lock()
	l.batches++
	l.mu.Unlock()
	for chunk := range slices.Chunk(ids, l.most) {
		if err := l.page.each(b.ctx, chunk, b.found); err != nil {
			return err
		}
	}
	return nil
}

// each makes the calls for all pages.
func (p pageOf[V]) each(ctx context.Context, ids []string, found map[string]V) error {
	var token *string
	for {
		var err error
		if token, err = p(ctx, ids, token, found); err != nil || token == nil {
			return err
		}
	}
}
