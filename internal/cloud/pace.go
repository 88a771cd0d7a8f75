// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/smithy-go/middleware"
	smithytime "github.com/aws/smithy-go/time"
)

// Clock tells the time and waits.
type Clock interface {
	Now() time.Time
	// Sleep waits for a time. The error is that of a context that ends before.
	Sleep(context.Context, time.Duration) error
}

// wallClock is the clock on the wall.
type wallClock struct{}

func (wallClock) Now() time.Time { return time.Now() }

func (wallClock) Sleep(ctx context.Context, d time.Duration) error {
	return smithytime.SleepWithContext(ctx, d)
}

// pace sends the calls of a region at the rates at which AWS takes them. AWS
// counts calls with token buckets, for each account, region and kind of call; a
// call without a token is refused, and repeating it takes longer than to wait for
// the token. The first calls, as many as a bucket holds, never wait.
type pace struct {
	clock   Clock
	mu      sync.Mutex
	buckets map[string]*bucket
}

func newPace(clock Clock) *pace { return &pace{clock: clock, buckets: map[string]*bucket{}} }

// rate is a token bucket as AWS documents it.
type rate struct {
	name string
	// size is how many tokens it holds, refill how many come back in a second.
	size, refill float64
}

// bucket is what is left of a rate. Tokens below zero are promised to calls that
// wait for them, in their order.
type bucket struct {
	tokens float64
	at     time.Time
}

// spare is how many tokens of a full bucket stay there: calls that were sent
// apart may arrive closer together.
const spare = 2

// ratesOf are the buckets that a call takes a token from:
// https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html and
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/elb-api-throttling.html
func ratesOf(service, operation string) []rate {
	reads := strings.HasPrefix(operation, "Describe") || strings.HasPrefix(operation, "Get")
	switch {
	case service != ec2.ServiceID && reads:
		return []rate{{"load balancers", 40, 10}, {"load balancers, read", 40, 10}}
	case service != ec2.ServiceID:
		return []rate{{"load balancers", 40, 10}, {"load balancers, changed", 20, 3}}
	case operation == "CreateTags" || operation == "DeleteTags":
		return []rate{{operation, 100, 10}}
	case operation == "DescribeInstances" || operation == "DescribeNetworkInterfaces" || operation == "DescribeSecurityGroups":
		// The bucket of calls that neither filter nor page: AWS does not say whether
		// naming ids is filtering.
		return []rate{{operation, 50, 10}}
	case reads:
		return []rate{{operation, 100, 20}}
	default:
		return []rate{{operation, 50, 5}}
	}
}

// watch puts the pace in front of every single attempt, before it is signed.
func (p *pace) watch(stack *middleware.Stack) error {
	return stack.Finalize.Insert(middleware.FinalizeMiddlewareFunc("Pace",
		func(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (middleware.FinalizeOutput, middleware.Metadata, error) {
			rates := ratesOf(awsmiddleware.GetServiceID(ctx), awsmiddleware.GetOperationName(ctx))
			if err := p.wait(ctx, rates); err != nil {
				return middleware.FinalizeOutput{}, middleware.Metadata{}, &aws.RequestCanceledError{Err: err}
			}
			out, metadata, err := next.HandleFinalize(ctx, in)
			if api, answered := apiError(err); answered && throttled(api.ErrorCode()) {
				p.drain(rates)
			}
			return out, metadata, err
		}), "Retry", middleware.After)
}

// wait takes a token from each bucket, and waits until all of them are there.
func (p *pace) wait(ctx context.Context, rates []rate) error {
	p.mu.Lock()
	var until time.Duration
	for _, r := range rates {
		b := p.bucket(r)
		b.tokens--
		if b.tokens < 0 {
			until = max(until, time.Duration(-b.tokens/r.refill*float64(time.Second)))
		}
	}
	p.mu.Unlock()
	if until == 0 {
		return nil
	}
	err := p.clock.Sleep(ctx, until)
	if err != nil {
		p.mu.Lock()
		defer p.mu.Unlock()
		for _, r := range rates {
			p.bucket(r).tokens++
		}
	}
	return err
}

// drain empties buckets: AWS has refused a call, so that others, with whom the
// account is shared, have taken its tokens.
func (p *pace) drain(rates []rate) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, r := range rates {
		b := p.bucket(r)
		b.tokens = min(b.tokens, 0)
	}
}

// bucket is what is left of a rate now. The pace is locked.
func (p *pace) bucket(r rate) *bucket {
	now := p.clock.Now()
	b := p.buckets[r.name]
	if b == nil {
		b = &bucket{tokens: r.size - spare, at: now}
		p.buckets[r.name] = b
	}
	b.tokens = min(r.size-spare, b.tokens+now.Sub(b.at).Seconds()*r.refill)
	b.at = now
	return b
}
