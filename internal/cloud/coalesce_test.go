// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing/types"
	"github.com/aws/smithy-go"
)

// things are a kind of thing in AWS, with the calls that ask for them.
type things struct {
	*lookups[int]

	mu     sync.Mutex
	values map[string]int
	// calls are the ids of each call, or "page" and its token.
	calls []string
	// perPage is how many things a page of the listing has.
	perPage int
	// gate, when it is there, holds every call until something is sent to it.
	gate chan struct{}
	// fails is what the next calls answer.
	fails []error
	now   time.Time
}

func newThings(n int) *things {
	s := &things{values: map[string]int{}, perPage: 1000, now: time.Date(2026, time.March, 2, 12, 0, 0, 0, time.UTC)}
	for i := range n {
		s.values[thing(i)] = 1
	}
	s.lookups = newLookups(&writes{}, func() time.Time { return s.now }, s.page, 200, true)
	return s
}

func thing(i int) string { return fmt.Sprintf("id-%05d", i) }

func numbered(from, to int) []string {
	var ids []string
	for i := from; i < to; i++ {
		ids = append(ids, thing(i))
	}
	return ids
}

func (s *things) page(ctx context.Context, ids []string, token *string, found map[string]int) (*string, error) {
	s.mu.Lock()
	call := strings.Join(ids, " ")
	from := 0
	if ids == nil {
		if token != nil {
			from, _ = strconv.Atoi(*token)
		}
		call = fmt.Sprint("page ", from)
	}
	s.calls = append(s.calls, call)
	s.mu.Unlock()
	if s.gate != nil {
		select {
		case <-s.gate:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.fails) > 0 {
		err := s.fails[0]
		s.fails = s.fails[1:]
		if err != nil {
			return nil, err
		}
	}
	for _, id := range ids {
		if value, there := s.values[id]; there {
			found[id] = value
		}
	}
	if ids != nil {
		return nil, nil
	}
	to := min(from+s.perPage, len(s.values))
	for i := from; i < to; i++ {
		found[thing(i)] = s.values[thing(i)]
	}
	if to == len(s.values) {
		return nil, nil
	}
	next := strconv.Itoa(to)
	return &next, nil
}

// write changes a thing as a call of this process does.
func (s *things) write(id string, value int) {
	defer s.writes.begin()()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.values[id] = value
}

// made are the calls since the last time.
func (s *things) made() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	calls := s.calls
	s.calls = nil
	return calls
}

// until waits for something that other goroutines do.
func until(t *testing.T, what string, happened func() bool) {
	t.Helper()
	for begun := time.Now(); !happened(); runtime.Gosched() {
		if time.Since(begun) > time.Minute {
			t.Fatalf("in vain: %s", what)
		}
	}
}

// underWay waits until so many calls were made since the last look at them.
func (s *things) underWay(t *testing.T, calls int) {
	t.Helper()
	until(t, fmt.Sprintf("%d calls", calls), func() bool { s.mu.Lock(); defer s.mu.Unlock(); return len(s.calls) >= calls })
}

// waiting waits until so many look-ups wait for the next batch.
func (s *things) waitingForNext(t *testing.T, n int) {
	t.Helper()
	until(t, fmt.Sprintf("%d look-ups wait", n), func() bool {
		s.lookups.mu.Lock()
		defer s.lookups.mu.Unlock()
		return n == 0 && s.next == nil || s.next != nil && s.next.waiting == n
	})
}

// answers collects what look-ups in goroutines get.
type answers struct {
	work sync.WaitGroup
	mu   sync.Mutex
	got  map[string]int
	errs []error
}

func (s *things) ask(ctx context.Context, a *answers, ids ...string) {
	a.work.Go(func() {
		found, err := s.look(ctx, ids, false)
		a.mu.Lock()
		defer a.mu.Unlock()
		if err != nil {
			a.errs = append(a.errs, err)
		}
		for id, value := range found {
			if a.got == nil {
				a.got = map[string]int{}
			}
			a.got[id] = value
		}
	})
}

func wantCalls(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("made the calls\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

func (s *things) mustLook(t *testing.T, ids ...string) map[string]int {
	t.Helper()
	found, err := s.look(t.Context(), ids, false)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// TestLookUpsShareCalls: the first look-up goes out alone and at once, and what
// comes meanwhile goes out in one call, whatever does not exist.
func TestLookUpsShareCalls(t *testing.T) {
	t.Parallel()
	s := newThings(60)
	s.gate = make(chan struct{})
	var a answers
	s.ask(t.Context(), &a, thing(0))
	s.underWay(t, 1)
	for i := 1; i < 51; i++ {
		s.ask(t.Context(), &a, thing(i))
	}
	s.ask(t.Context(), &a, "missing")
	s.waitingForNext(t, 51)
	s.gate <- struct{}{}
	s.gate <- struct{}{}
	a.work.Wait()
	wantCalls(t, s.made(), thing(0), strings.Join(append(numbered(1, 51), "missing"), " "))
	if len(a.got) != 51 || len(a.errs) > 0 {
		t.Errorf("found %d and got %v", len(a.got), a.errs)
	}
}

// TestLookUpsOfOneThing: who asks for what is under way shares the answer, unless
// this process has written since it began.
func TestLookUpsOfOneThing(t *testing.T) {
	t.Parallel()
	s := newThings(1)
	s.gate = make(chan struct{})
	var early, late answers
	s.ask(t.Context(), &early, thing(0))
	s.underWay(t, 1)
	s.ask(t.Context(), &early, thing(0))
	until(t, "both wait", func() bool { s.lookups.mu.Lock(); defer s.lookups.mu.Unlock(); return s.flying.waiting == 2 })
	// AWS has answered, and the answer is still on its way.
	s.lookups.mu.Lock()
	under := s.flying
	s.lookups.mu.Unlock()
	s.write(thing(0), 2)
	s.ask(t.Context(), &late, thing(0))
	s.waitingForNext(t, 1)
	s.mu.Lock()
	s.values[thing(0)] = 1
	s.mu.Unlock()
	s.gate <- struct{}{}
	early.work.Wait()
	if under.waiting != 2 || early.got[thing(0)] != 1 {
		t.Errorf("%d share the first call, and got %v", under.waiting, early.got)
	}
	s.mu.Lock()
	s.values[thing(0)] = 2
	s.mu.Unlock()
	s.gate <- struct{}{}
	late.work.Wait()
	if late.got[thing(0)] != 2 {
		t.Errorf("after a write a look-up got %v", late.got)
	}
	wantCalls(t, s.made(), thing(0), thing(0))
}

// TestManyIDs: no call has more ids than AWS takes, and none has no id at all.
func TestManyIDs(t *testing.T) {
	t.Parallel()
	s := newThings(1000)
	if found := s.mustLook(t, numbered(0, 450)...); len(found) != 450 {
		t.Errorf("found %d", len(found))
	}
	if found := s.mustLook(t); len(found) != 0 {
		t.Errorf("found %d", len(found))
	}
	s.mustLook(t, "")
	wantCalls(t, s.made(), strings.Join(numbered(0, 200), " "), strings.Join(numbered(200, 400), " "), strings.Join(numbered(400, 450), " "))
}

// TestLookUpCancelled: who gives up does not take the others with him; the last one
// ends the call.
func TestLookUpCancelled(t *testing.T) {
	t.Parallel()
	s := newThings(3)
	s.gate = make(chan struct{})
	impatient, giveUp := context.WithCancel(t.Context())
	var first, others answers
	s.ask(impatient, &first, thing(0))
	s.underWay(t, 1)
	s.ask(t.Context(), &others, thing(0))
	s.ask(t.Context(), &others, thing(1))
	s.ask(impatient, &first, thing(2))
	until(t, "two wait for each", func() bool {
		s.lookups.mu.Lock()
		defer s.lookups.mu.Unlock()
		return s.flying.waiting == 2 && s.next != nil && s.next.waiting == 2
	})
	giveUp()
	first.work.Wait()
	if len(first.errs) != 2 || !errors.Is(first.errs[0], context.Canceled) {
		t.Errorf("those who gave up got %v", first.errs)
	}
	s.gate <- struct{}{}
	s.gate <- struct{}{}
	others.work.Wait()
	if len(others.errs) > 0 || others.got[thing(0)] != 1 || others.got[thing(1)] != 1 {
		t.Errorf("the others got %v, %v", others.got, others.errs)
	}

	s.made()
	alone, giveUp := context.WithCancel(t.Context())
	behind, giveUpBehind := context.WithCancel(t.Context())
	var last, second answers
	s.ask(alone, &last, thing(0))
	s.underWay(t, 1)
	s.ask(behind, &second, thing(1))
	s.waitingForNext(t, 1)
	giveUpBehind()
	second.work.Wait()
	giveUp()
	last.work.Wait()
	// Nobody opens the gate: the call has to end by itself, and the other is not made.
	until(t, "nothing is under way", func() bool { s.lookups.mu.Lock(); defer s.lookups.mu.Unlock(); return !s.running })
	wantCalls(t, s.made(), thing(0))
}

// TestLookUpFails: an error reaches everybody who has asked, and nobody who asks later.
func TestLookUpFails(t *testing.T) {
	t.Parallel()
	s := newThings(5)
	s.gate = make(chan struct{})
	denied := errors.New("denied")
	s.fails = []error{nil, denied}
	var first, failed answers
	s.ask(t.Context(), &first, thing(0))
	s.underWay(t, 1)
	s.ask(t.Context(), &failed, thing(1))
	s.ask(t.Context(), &failed, thing(2))
	s.waitingForNext(t, 2)
	s.gate <- struct{}{}
	s.gate <- struct{}{}
	first.work.Wait()
	failed.work.Wait()
	if len(first.errs) > 0 || len(failed.errs) != 2 || !errors.Is(failed.errs[0], denied) || !errors.Is(failed.errs[1], denied) {
		t.Errorf("got %v and %v", first.errs, failed.errs)
	}
	s.gate = nil
	if found := s.mustLook(t, thing(1)); found[thing(1)] != 1 {
		t.Errorf("later, got %v", found)
	}
}

// TestLookUpsAndWrites: whoever has written sees it, however many look at the same time.
func TestLookUpsAndWrites(t *testing.T) {
	t.Parallel()
	for _, parallel := range []int{1, 10, 50} {
		s := newThings(parallel)
		var work sync.WaitGroup
		for i := range parallel {
			work.Go(func() {
				for value := 2; value < 40; value++ {
					s.write(thing(i), value)
					found, err := s.look(t.Context(), []string{thing(i), thing((i + value) % parallel)}, value%5 == 0)
					if err != nil || found[thing(i)] != value {
						t.Errorf("%d at a time: wrote %d, and read %v, %v", parallel, value, found, err)
						return
					}
				}
			})
		}
		work.Wait()
		if calls := len(s.made()); parallel == 1 && calls != 38 || calls > 38*parallel {
			t.Errorf("%d at a time: %d calls", parallel, calls)
		}
	}
}

// namesOnly is strict with names: one that does not exist fails the call.
type namesOnly struct {
	ELBAPI
	exist []string
	calls int
	fails error
}

func (n *namesOnly) DescribeLoadBalancers(_ context.Context, in *elb.DescribeLoadBalancersInput, _ ...func(*elb.Options)) (*elb.DescribeLoadBalancersOutput, error) {
	n.calls++
	if n.fails != nil {
		return nil, n.fails
	}
	out := &elb.DescribeLoadBalancersOutput{}
	for _, name := range in.LoadBalancerNames {
		switch {
		case strings.Contains(name, " "):
			return nil, &smithy.GenericAPIError{Code: "ValidationError", Message: "No name."}
		case !slices.Contains(n.exist, name):
			return nil, &elbtypes.AccessPointNotFoundException{}
		}
		out.LoadBalancerDescriptions = append(out.LoadBalancerDescriptions, elbtypes.LoadBalancerDescription{LoadBalancerName: &name})
	}
	return out, nil
}

// TestMissingLoadBalancer: a name that does not exist, or is none, costs some calls
// and takes none of its neighbours with it. Any other error is told.
func TestMissingLoadBalancer(t *testing.T) {
	t.Parallel()
	api := &namesOnly{exist: numbered(0, 20)}
	for _, test := range []struct {
		names       []string
		found, most int
	}{
		{numbered(0, 20), 20, 1},
		{append(numbered(0, 19), "missing"), 19, 11},
		{[]string{"missing"}, 0, 1},
		{[]string{thing(0), "missing", thing(1), "no name"}, 2, 7},
	} {
		api.calls = 0
		found := map[string]elbtypes.LoadBalancerDescription{}
		if err := loadBalancerPages(api).each(t.Context(), test.names, found); err != nil {
			t.Errorf("%v: got %v", test.names, err)
		}
		if len(found) != test.found || api.calls > test.most {
			t.Errorf("%v: found %d with %d calls, want %d with at most %d", test.names, len(found), api.calls, test.found, test.most)
		}
	}
	api.fails = &smithy.GenericAPIError{Code: "AccessDenied", Message: "No."}
	api.calls = 0
	if err := loadBalancerPages(api).each(t.Context(), numbered(0, 20), nil); !hasCode(err, "AccessDenied") || api.calls != 1 {
		t.Errorf("got %v with %d calls", err, api.calls)
	}
}
