// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"context"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// Region is AWS in one region as the provider reads and changes it. Look-ups that
// come together share calls, and those of a fleet are answered from a listing that is
// at most two minutes old, until the first write. It is safe for concurrent use.
// Every error it returns is a sentence for the user.
type Region struct {
	ec2   EC2API
	elb   ELBAPI
	reads *reads
	// fresh keeps out what was listed before, see [Region.Fresh].
	fresh bool
	wait  func(ctx context.Context, attempt int) error
	now   func() time.Time
}

// Option changes how a [Region] works.
type Option func(*Region)

// WithWait replaces the pause before something is tried again because AWS does
// not show yet what was created a moment ago. The attempt that has failed is
// counted from 1. An error ends the attempts.
func WithWait(wait func(ctx context.Context, attempt int) error) Option {
	return func(r *Region) { r.wait = wait }
}

// WithClock replaces the clock that tells how old a listing is.
func WithClock(now func() time.Time) Option {
	return func(r *Region) { r.now = now }
}

// NewRegion is the region that the two clients talk to.
func NewRegion(ec2 EC2API, elb ELBAPI, opts ...Option) *Region {
	w := &writes{}
	r := &Region{ec2: countedEC2{ec2, w}, elb: countedELB{elb, w}, wait: pauseOn(wallClock{}), now: time.Now}
	for _, opt := range opts {
		opt(r)
	}
	r.reads = newReads(ec2, elb, w, r.now)
	return r
}

// In is a region as the connection reaches it. The same region gives the same
// [Region], so that all its look-ups share calls.
func (c *Connection) In(region string) *Region { return c.in(region).region }

// Fresh is the region with reads that begin after they are asked for: for what a
// change is decided on.
func (r *Region) Fresh() *Region {
	fresh := *r
	fresh.fresh = true
	return &fresh
}

// visibleAttempts bounds how often something is tried while what was created a
// moment ago may not be visible yet: with [pauseOn] some 23 seconds. Source:
// "Eventual consistency in the Amazon EC2 API", Amazon EC2 developer guide.
const visibleAttempts = 6

// lookAttempts bounds how often a plan looks for what another resource may have
// created a moment ago: some seven seconds, which an id that is mistyped takes too.
const lookAttempts = 4

// pauseOn pauses on a clock: it doubles from one second up to eight.
func pauseOn(clock Clock) func(ctx context.Context, attempt int) error {
	return func(ctx context.Context, attempt int) error {
		return clock.Sleep(ctx, time.Second<<min(attempt-1, 3))
	}
}

// untilVisible repeats a write that AWS refuses because something does not
// exist: for a moment after its creation that may be wrong. It returns the last
// answer.
func (r *Region) untilVisible(ctx context.Context, missing func(error) bool, write func() error) error {
	for attempt := 1; ; attempt++ {
		err := write()
		if err == nil || attempt == visibleAttempts || !missing(err) {
			return err
		}
		if waitErr := r.wait(ctx, attempt); waitErr != nil {
			return waitErr
		}
	}
}

// UntilVisible looks again for something that AWS says does not exist ([IsNotFound]),
// as that may be wrong for a moment after its creation: at first as the region looks
// up anything, then with [Region.Fresh]. It returns the last answer.
func (r *Region) UntilVisible(ctx context.Context, look func(*Region) error) error {
	at := r
	for attempt := 1; ; attempt++ {
		err := look(at)
		at = r.Fresh()
		if !IsNotFound(err) || attempt == lookAttempts || r.wait(ctx, attempt) != nil {
			return err
		}
	}
}

// filterValues is how many values AWS takes in one filter, and pageSize how many
// results it gives in one page. Source: "Describe*" actions, Amazon EC2 API reference.
const (
	filterValues = 200
	pageSize     = 1000
)

// distinct sorts ids and drops the empty ones and the repeated ones.
func distinct(ids []string) []string {
	ids = slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return id == "" })
	slices.Sort(ids)
	return slices.Compact(ids)
}

func tagMap(tags []types.Tag) map[string]string {
	out := make(map[string]string, len(tags))
	for _, tag := range tags {
		out[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	return out
}
