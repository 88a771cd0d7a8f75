// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
)

// walk looks n things up, in bursts, and counts the calls by id and the pages.
func (s *things) walk(t *testing.T, n, burst int) (byID, pages int) {
	t.Helper()
	for from := 0; from < n; from += burst {
		ids := numbered(from, min(n, from+burst))
		if found := s.mustLook(t, ids...); len(found) != len(ids) {
			t.Fatalf("found %v of %v", found, ids)
		}
	}
	for _, call := range s.made() {
		if strings.HasPrefix(call, "page") {
			pages++
		} else {
			byID++
		}
	}
	return byID, pages
}

// TestFleetIsListed: calls do not grow with the fleet, and where little is asked for,
// or the account is much larger than that, it is not listings.
func TestFleetIsListed(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name                         string
		account, perPage             int
		asked, burst, byID, listings int
	}{
		{"one of many", 10_000, 1000, 1, 1, 1, 0},
		{"two of many, one at a time", 10_000, 1000, 2, 1, 2, 0},
		{"ten load balancers", 10_000, 1000, 20, 10, 2, 0},
		{"a hundred", 100, 1000, 100, 10, 2, 1},
		{"a hundred, one at a time", 100, 1000, 100, 1, 20, 1},
		{"five hundred load balancers", 500, 400, 500, 10, 2, 2},
		{"their rules", 1000, 250, 1000, 10, 4, 4},
		{"their rules, fifty at a time", 1000, 250, 1000, 50, 2, 4},
		{"a hundred in an account of three hundred pages", 30_000, 100, 100, 10, 10, 8},
		{"a thousand in it", 30_000, 100, 1000, 10, 100, 40},
		{"everything in it", 30_000, 100, 30_000, 100, 74, 300},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newThings(test.account)
			s.perPage = test.perPage
			byID, pages := s.walk(t, test.asked, test.burst)
			if byID != test.byID || pages != test.listings {
				t.Errorf("made %d calls by id and read %d pages, want %d and %d", byID, pages, test.byID, test.listings)
			}
		})
	}
}

// listings is a fleet of 100 things, all of which a listing knows.
func listings(t *testing.T) *things {
	t.Helper()
	s := newThings(100)
	if byID, pages := s.walk(t, 100, 10); byID != 2 || pages != 1 {
		t.Fatalf("made %d calls by id and read %d pages", byID, pages)
	}
	s.mustLook(t, thing(0))
	wantCalls(t, s.made())
	return s
}

// TestListingEndsWithTheFirstWrite: a process that writes does not answer from what it
// has listings before, and does not list any more.
func TestListingEndsWithTheFirstWrite(t *testing.T) {
	t.Parallel()
	s := listings(t)
	s.write(thing(7), 2)
	// Somebody else, in the same run, has changed another one.
	s.values[thing(8)] = 2
	for _, id := range numbered(7, 9) {
		if found := s.mustLook(t, id); found[id] != 2 {
			t.Errorf("%s: got %v", id, found)
		}
	}
	wantCalls(t, s.made(), thing(7), thing(8))
	for range 3 {
		for from := 0; from < 100; from += 10 {
			s.mustLook(t, numbered(from, from+10)...)
		}
	}
	if calls := s.made(); len(calls) != 30 || slices.ContainsFunc(calls, func(call string) bool { return strings.HasPrefix(call, "page") }) {
		t.Errorf("made %d calls: %v", len(calls), calls)
	}
}

// TestListingWhileWriting: what was listings while a write was under way is not served.
func TestListingWhileWriting(t *testing.T) {
	t.Parallel()
	s := newThings(100)
	s.walk(t, 20, 10)
	s.gate = make(chan struct{})
	var during answers
	s.ask(t.Context(), &during, numbered(20, 30)...)
	s.underWay(t, 1)
	end := s.writes.begin()
	s.gate <- struct{}{}
	// The page does not answer, so they are asked for by id.
	s.underWay(t, 2)
	s.gate <- struct{}{}
	during.work.Wait()
	end()
	s.gate = nil
	s.values[thing(25)] = 2
	if found := s.mustLook(t, thing(25)); found[thing(25)] != 2 {
		t.Errorf("got %v", found)
	}
	wantCalls(t, s.made(), "page 0", strings.Join(numbered(20, 30), " "), thing(25))
}

// TestListingGetsOld: two minutes, and no longer.
func TestListingGetsOld(t *testing.T) {
	t.Parallel()
	s := listings(t)
	s.values[thing(7)] = 2
	s.now = s.now.Add(2 * time.Minute)
	if found := s.mustLook(t, thing(7)); found[thing(7)] != 1 {
		t.Errorf("after two minutes the listing does not answer any more: got %v", found)
	}
	s.now = s.now.Add(time.Second)
	if found := s.mustLook(t, thing(7)); found[thing(7)] != 2 {
		t.Errorf("after more than two minutes it does: got %v", found)
	}
	wantCalls(t, s.made(), "page 0")
}

// TestListingDoesNotKnowWhatIsNew: what is not in a listing is asked for.
func TestListingDoesNotKnowWhatIsNew(t *testing.T) {
	t.Parallel()
	s := listings(t)
	s.values["id-99999"] = 3
	if found := s.mustLook(t, thing(1), "id-99999", "missing"); found[thing(1)] != 1 || found["id-99999"] != 3 || len(found) != 2 {
		t.Errorf("got %v", found)
	}
	wantCalls(t, s.made(), "id-99999 missing")
}

// TestFreshLookUps are answered by a call that begins after them.
func TestFreshLookUps(t *testing.T) {
	t.Parallel()
	s := listings(t)
	s.values[thing(7)] = 2
	if found, err := s.look(t.Context(), []string{thing(7)}, true); err != nil || found[thing(7)] != 2 {
		t.Errorf("got %v, %v", found, err)
	}
	s.gate = make(chan struct{})
	var waiting answers
	s.ask(t.Context(), &waiting, "missing")
	s.underWay(t, 2)
	for range 2 {
		waiting.work.Go(func() {
			if found, err := s.look(t.Context(), []string{"missing", thing(8)}, true); err != nil || len(found) != 2 {
				t.Errorf("got %v, %v", found, err)
			}
		})
	}
	s.waitingForNext(t, 2)
	s.gate <- struct{}{}
	s.underWay(t, 3)
	s.mu.Lock()
	s.values["missing"] = 1
	s.mu.Unlock()
	s.gate <- struct{}{}
	waiting.work.Wait()
	wantCalls(t, s.made(), thing(7), "missing", thing(8)+" missing")
}

// TestListingFails: nobody notices, and it is not tried again.
func TestListingFails(t *testing.T) {
	t.Parallel()
	s := newThings(100)
	s.walk(t, 20, 10)
	s.fails = []error{errors.New("throttled")}
	if byID, pages := s.walk(t, 100, 10); byID != 10 || pages != 1 {
		t.Errorf("made %d calls by id and read %d pages", byID, pages)
	}
}

// TestListAll: who lists everything gets what there is now, and spares the look-ups
// that follow.
func TestListAll(t *testing.T) {
	t.Parallel()
	s := newThings(100)
	for value := range 2 {
		s.values[thing(7)] = value
		if all, err := s.all(t.Context()); err != nil || len(all) != 100 || all[thing(7)] != value {
			t.Errorf("got %d things with %d, %v", len(all), all[thing(7)], err)
		}
	}
	if found := s.mustLook(t, thing(7)); found[thing(7)] != 1 {
		t.Errorf("got %v", found)
	}
	wantCalls(t, s.made(), "page 0", "page 0")
	s.fails = []error{errors.New("denied")}
	if _, err := s.all(t.Context()); err == nil {
		t.Error("a failure is not told")
	}
}
