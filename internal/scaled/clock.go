// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

// Package scaled has a clock that runs faster or slower than the one on the wall,
// for a provider that waits for a double of AWS: what takes AWS a quarter of an hour
// can be measured in a minute.
package scaled

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	smithytime "github.com/aws/smithy-go/time"
)

// Clock is the clock on the wall, run at a speed. At speed 0, for an AWS without
// limits, nothing waits.
type Clock struct {
	begun time.Time
	speed float64
}

// NewClock is a clock on which speed seconds pass in a second.
func NewClock(speed float64) Clock { return Clock{time.Now(), speed} }

// Now is the time; at speed 0 it is that on the wall.
func (c Clock) Now() time.Time {
	if c.speed == 0 {
		return time.Now()
	}
	return c.begun.Add(time.Duration(float64(time.Since(c.begun)) * c.speed))
}

// Sleep waits for a time on the clock. The error is that of a context that ends
// before.
func (c Clock) Sleep(ctx context.Context, d time.Duration) error {
	if c.speed == 0 {
		return ctx.Err()
	}
	return smithytime.SleepWithContext(ctx, time.Duration(float64(d)/c.speed))
}

// Backoff pauses between retries as the SDK does, on the clock.
func (c Clock) Backoff() func(attempt int, err error) (time.Duration, error) {
	pauses := retry.NewExponentialJitterBackoff(20 * time.Second)
	return func(attempt int, err error) (time.Duration, error) {
		pause, err := pauses.BackoffDelay(attempt, err)
		return time.Duration(float64(pause) / c.speed), err
	}
}
