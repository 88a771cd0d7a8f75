// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package fakeaws_test

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing"

	"github.com/terraform-clb/terraform-provider-clb/internal/fakeaws"
)

// clock is a clock that moves when it is told to.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

func TestThrottle(t *testing.T) {
	t.Parallel()
	filtered := &ec2.DescribeSecurityGroupsInput{MaxResults: aws.Int32(5)}
	for name, test := range map[string]struct {
		call     func(a *account) error
		capacity int
		second   int // tokens after one second
		code     string
		status   int
	}{
		"describe": {func(a *account) error {
			_, err := a.ec2.DescribeSecurityGroups(t.Context(), filtered)
			return err
		}, 100, 20, "RequestLimitExceeded", 503},
		"unfiltered describe": {func(a *account) error {
			_, err := a.ec2.DescribeSecurityGroups(t.Context(), &ec2.DescribeSecurityGroupsInput{})
			return err
		}, 50, 10, "RequestLimitExceeded", 503},
		"mutating": {func(a *account) error {
			_, err := a.ec2.DeleteNetworkAclEntry(t.Context(), &ec2.DeleteNetworkAclEntryInput{NetworkAclId: aws.String("acl-00000000"), RuleNumber: aws.Int32(1), Egress: aws.Bool(true)})
			return passed(err, "InvalidNetworkAclID.NotFound")
		}, 50, 5, "RequestLimitExceeded", 503},
		"authorize ingress": {func(a *account) error {
			_, err := a.authorize("sg-00000000", fromCIDR(80, "0.0.0.0/0"))
			return passed(err, "InvalidGroup.NotFound")
		}, 50, 5, "RequestLimitExceeded", 503},
		"ELB describe": {func(a *account) error {
			_, err := a.elb.DescribeLoadBalancers(t.Context(), &elasticloadbalancing.DescribeLoadBalancersInput{})
			return err
		}, 40, 10, "Throttling", 400},
		"ELB mutating": {func(a *account) error {
			_, err := a.elb.ApplySecurityGroupsToLoadBalancer(t.Context(), &elasticloadbalancing.ApplySecurityGroupsToLoadBalancerInput{LoadBalancerName: aws.String("x"), SecurityGroups: []string{"sg"}})
			return passed(err, "LoadBalancerNotFound")
		}, 20, 3, "Throttling", 400},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := &clock{at: time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)}
			a := start(t, fakeaws.Config{Throttle: &fakeaws.Throttle{Now: c.now}})
			drain := func(want int) {
				t.Helper()
				for i := range want {
					if err := test.call(a); err != nil {
						t.Fatalf("call %d of %d: %v", i+1, want, err)
					}
				}
				refused(t, test.call(a), test.code, test.status)
			}
			drain(test.capacity)
			if err := test.call(a.in("eu-west-1")); err != nil {
				t.Errorf("another region: %v", err)
			}
			c.advance(time.Second)
			drain(test.second)
			c.advance(time.Hour)
			drain(test.capacity)
		})
	}
}

// passed turns the error that a call is expected to reach into success.
func passed(err error, code string) error {
	if err != nil && strings.Contains(err.Error(), code) {
		return nil
	}
	return err
}

// TestSpeed lets many seconds of the double pass in a short time: its latency and
// the refill of its buckets follow.
func TestSpeed(t *testing.T) {
	t.Parallel()
	const speed = 100_000
	a := start(t, fakeaws.Config{Throttle: &fakeaws.Throttle{}, Latency: 10 * time.Second, Speed: speed})
	before := time.Now()
	const calls = 300
	for i := range calls {
		if _, err := a.ec2.DescribeSecurityGroups(t.Context(), &ec2.DescribeSecurityGroupsInput{}); err != nil {
			t.Fatalf("call %d: %v", i+1, err)
		}
	}
	if took := time.Since(before) * speed; took < calls*10*time.Second {
		t.Errorf("%d calls took %s of the double, which is less than their latency", calls, took)
	}
}

func TestLeastTime(t *testing.T) {
	t.Parallel()
	list := func(n int, call fakeaws.Call) []fakeaws.Call { return slices.Repeat([]fakeaws.Call{call}, n) }
	create := fakeaws.Call{Service: fakeaws.ServiceEC2, Action: "CreateNetworkAclEntry"}
	refused := fakeaws.Call{Service: fakeaws.ServiceEC2, Action: "CreateNetworkAclEntry", ErrorCode: "RequestLimitExceeded"}
	describe := fakeaws.Call{Service: fakeaws.ServiceELB, Action: "DescribeLoadBalancers"}
	apply := fakeaws.Call{Service: fakeaws.ServiceELB, Action: "ApplySecurityGroupsToLoadBalancer"}
	for name, test := range map[string]struct {
		calls []fakeaws.Call
		want  time.Duration
	}{
		"nothing":         {nil, 0},
		"a full bucket":   {list(50, create), 0},
		"refused":         {append(list(60, create), list(100, refused)...), 2 * time.Second},
		"the slowest":     {append(list(60, create), list(26, apply)...), 2 * time.Second},
		"all actions":     {append(list(40, describe), list(20, apply)...), 2 * time.Second},
		"STS has no rate": {list(1000, fakeaws.Call{Service: fakeaws.ServiceSTS, Action: "GetCallerIdentity"}), 0},
	} {
		if got := fakeaws.LeastTime(test.calls); got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
}
