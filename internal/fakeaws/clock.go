// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package fakeaws

import (
	"context"
	"time"
)

// clock is the wall clock, run faster or slower.
type clock struct {
	start time.Time
	speed float64
}

func newClock(speed float64) clock {
	if speed == 0 {
		speed = 1
	}
	return clock{time.Now(), speed}
}

func (c clock) now() time.Time {
	return c.start.Add(time.Duration(float64(time.Since(c.start)) * c.speed))
}

// wait lets a time of this clock pass; left tells that the client has gone in
// the meantime.
func (c clock) wait(ctx context.Context, d time.Duration) (left bool) {
	if d <= 0 {
		return false
	}
	timer := time.NewTimer(time.Duration(float64(d) / c.speed))
	defer timer.Stop()
	select {
	case <-timer.C:
		return false
	case <-ctx.Done():
		return true
	}
}
