// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"sync"
	"time"

	"github.com/terraform-clb/terraform-provider-clb/internal/fakeaws"
)

// latency is how long AWS takes to answer a call.
const latency = 20 * time.Millisecond

// clock is the clock of the double: of its token buckets and of its latency. It runs
// faster than the one on the wall, so that what AWS takes a quarter of an hour for can
// be measured in a minute.
type clock struct {
	mu sync.Mutex
	at time.Time
	// set is when at was that, on the wall.
	set time.Time
	// speed is how many seconds pass in a second; 0 stands for an AWS without limits.
	speed float64
}

func newClock() *clock { return &clock{at: time.Date(2026, time.March, 2, 12, 0, 0, 0, time.UTC)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.read()
}

func (c *clock) read() time.Time {
	if c.speed == 0 {
		// Between two calls all buckets are filled.
		c.at = c.at.Add(time.Hour)
		return c.at
	}
	return c.at.Add(time.Duration(float64(time.Since(c.set)) * c.speed))
}

// run goes on at a speed, with full buckets.
func (c *clock) run(speed float64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.read().Add(time.Hour)
	c.set, c.speed = time.Now(), speed
}

// answerLate lets the latency pass.
func (c *clock) answerLate(fakeaws.Call) {
	c.mu.Lock()
	speed := c.speed
	c.mu.Unlock()
	if speed > 0 {
		time.Sleep(time.Duration(float64(latency) / speed))
	}
}
