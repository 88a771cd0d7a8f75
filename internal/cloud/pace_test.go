// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing"
)

// handClock is a clock that goes on when somebody waits.
type handClock struct {
	mu    sync.Mutex
	at    time.Time
	slept []time.Duration
	// asleep is called when somebody waits, if it is there.
	asleep func()
}

func (c *handClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *handClock) Sleep(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at, c.slept = c.at.Add(d), append(c.slept, d)
	if c.asleep != nil {
		c.asleep()
	}
	return ctx.Err()
}

// TestPaceOfCalls: so many calls take so long, however many ask at once.
func TestPaceOfCalls(t *testing.T) {
	for _, tt := range []struct {
		service, operation string
		calls              int
		want               time.Duration
	}{
		{ec2.ServiceID, "CreateNetworkAclEntry", 48, 0},
		{ec2.ServiceID, "CreateNetworkAclEntry", 148, 20 * time.Second},
		{ec2.ServiceID, "AuthorizeSecurityGroupIngress", 49, 200 * time.Millisecond},
		{ec2.ServiceID, "RevokeSecurityGroupEgress", 53, time.Second},
		{ec2.ServiceID, "CreateTags", 98, 0},
		{ec2.ServiceID, "CreateTags", 108, time.Second},
		{ec2.ServiceID, "DescribeNetworkAcls", 98, 0},
		{ec2.ServiceID, "DescribeNetworkAcls", 118, time.Second},
		{ec2.ServiceID, "GetManagedPrefixListEntries", 118, time.Second},
		{ec2.ServiceID, "DescribeSecurityGroups", 58, time.Second},
		{elb.ServiceID, "DescribeLoadBalancers", 38, 0},
		{elb.ServiceID, "DescribeLoadBalancers", 48, time.Second},
		{elb.ServiceID, "ApplySecurityGroupsToLoadBalancer", 18, 0},
		{elb.ServiceID, "ApplySecurityGroupsToLoadBalancer", 48, 10 * time.Second},
	} {
		t.Run(tt.operation, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p, begun := newPace(wallClock{}), time.Now()
				var work sync.WaitGroup
				for range tt.calls {
					work.Go(func() {
						if err := p.wait(t.Context(), ratesOf(tt.service, tt.operation)); err != nil {
							t.Error(err)
						}
					})
				}
				work.Wait()
				if took := time.Since(begun).Round(time.Millisecond); took != tt.want {
					t.Errorf("%d calls took %v, want %v", tt.calls, took, tt.want)
				}
			})
		})
	}
}

// TestPaceOfBuckets: calls of one kind do not wait for those of another, but all
// those of Elastic Load Balancing share a bucket.
func TestPaceOfBuckets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPace(wallClock{})
		timed := func(service, operation string, calls int) time.Duration {
			begun := time.Now()
			for range calls {
				if err := p.wait(t.Context(), ratesOf(service, operation)); err != nil {
					t.Error(err)
				}
			}
			return time.Since(begun).Round(time.Millisecond)
		}
		for _, tt := range []struct {
			service, operation string
			calls              int
			want               time.Duration
		}{
			{ec2.ServiceID, "CreateNetworkAclEntry", 48, 0},
			{ec2.ServiceID, "DeleteNetworkAclEntry", 48, 0},
			{ec2.ServiceID, "AuthorizeSecurityGroupIngress", 48, 0},
			{elb.ServiceID, "DescribeTags", 38, 0},
			{elb.ServiceID, "ApplySecurityGroupsToLoadBalancer", 1, 100 * time.Millisecond},
		} {
			if took := timed(tt.service, tt.operation, tt.calls); took != tt.want {
				t.Errorf("%d calls of %s took %v, want %v", tt.calls, tt.operation, took, tt.want)
			}
		}
		time.Sleep(time.Hour) //nolint:forbidigo // The clock of a synctest bubble: nobody waits.
		if took := timed(ec2.ServiceID, "CreateNetworkAclEntry", 49); took != 200*time.Millisecond {
			t.Errorf("after an hour 49 calls took %v: a bucket holds no more than it can", took)
		}
	})
}

// TestPaceEndsWithItsContext: whoever is interrupted does not wait, and leaves
// the token to others.
func TestPaceEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, rates := newPace(wallClock{}), ratesOf(ec2.ServiceID, "CreateNetworkAclEntry")
		for range 48 {
			if err := p.wait(t.Context(), rates); err != nil {
				t.Error(err)
			}
		}
		begun := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		if err := p.wait(ctx, rates); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v, want that of the context", err)
		}
		if took := time.Since(begun); took != 50*time.Millisecond {
			t.Errorf("it waited %v", took)
		}
		if err := p.wait(t.Context(), rates); err != nil {
			t.Error(err)
		}
		if took := time.Since(begun).Round(time.Millisecond); took != 200*time.Millisecond {
			t.Errorf("the next call went after %v, want 200ms", took)
		}
	})
}

// TestPaceThroughAConnection: every attempt takes a token, and one that AWS
// refuses shows that there are no more.
func TestPaceThroughAConnection(t *testing.T) {
	hermetic(t)
	stub := newStub(t)
	clock := &handClock{at: time.Date(2026, time.March, 2, 12, 0, 0, 0, time.UTC)}
	s := testSettings()
	s.Endpoints, s.Clock = Endpoints{EC2: stub.URL, ELB: stub.URL}, clock
	c := connect(t, s)
	describe := func() {
		t.Helper()
		if err := describeGroups(t.Context(), c, ""); err != nil {
			t.Fatal(err)
		}
	}
	for range 48 {
		describe()
	}
	if len(clock.slept) > 0 {
		t.Fatalf("the first calls waited %v", clock.slept)
	}
	describe()
	if len(clock.slept) != 1 || clock.slept[0] != 100*time.Millisecond {
		t.Errorf("the 49th call waited %v, want 100ms", clock.slept)
	}
	// Another region has buckets of its own, and so have load balancers.
	if err := errors.Join(describeGroups(t.Context(), c, "eu-west-1"), describeLoadBalancers(t.Context(), c, "")); err != nil {
		t.Fatal(err)
	}
	if len(clock.slept) != 1 {
		t.Errorf("calls of other buckets waited %v", clock.slept[1:])
	}

	clock.at, clock.slept = clock.at.Add(time.Hour), nil
	refused := 0
	stub.fail = func(stubCall) (int, string, string) {
		if refused++; refused > 1 {
			return 0, "", ""
		}
		return http.StatusServiceUnavailable, "RequestLimitExceeded", "Request limit exceeded."
	}
	describe()
	if len(clock.slept) != 1 || clock.slept[0] != 100*time.Millisecond {
		t.Errorf("after a call that was refused the next waited %v, want 100ms", clock.slept)
	}

	ctx, cancel := context.WithCancel(t.Context())
	clock.asleep = cancel
	sent := len(stub.actions())
	err := describeGroups(ctx, c, "")
	var canceled *aws.RequestCanceledError
	if !errors.As(err, &canceled) || !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want one that says that the call was canceled", err)
	}
	if reason := explain("ec2:DescribeSecurityGroups", "", err).Error(); !strings.Contains(reason, "It was interrupted before AWS answered.") {
		t.Errorf("it is explained as %q", reason)
	}
	if len(stub.actions()) != sent {
		t.Error("a call was sent that nobody waits for")
	}
}
