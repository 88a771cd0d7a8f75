// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package fakeaws_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing"
	"github.com/aws/smithy-go"

	"github.com/terraform-clb/terraform-provider-clb/internal/fakeaws"
)

func writes(c fakeaws.Call) bool { return c.Write() }

// noAnswer asserts that the connection broke: no error code, no answer.
func noAnswer(t *testing.T, err error) {
	t.Helper()
	var api smithy.APIError
	if err == nil || errors.As(err, &api) {
		t.Errorf("got %v, want a broken connection", err)
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	type outcome int
	const (
		succeeds outcome = iota
		fails
		breaks
	)
	for name, test := range map[string]struct {
		kind   fakeaws.FaultKind
		want   outcome
		effect bool
		hooks  int
	}{
		"Fail":       {fakeaws.Fail, fails, false, 0},
		"FailAfter":  {fakeaws.FailAfter, fails, true, 0},
		"CutBefore":  {fakeaws.CutBefore, breaks, false, 0},
		"CutAfter":   {fakeaws.CutAfter, breaks, true, 0},
		"StopBefore": {fakeaws.StopBefore, breaks, false, 1},
		"StopAfter":  {fakeaws.StopAfter, breaks, true, 1},
		"Delay":      {fakeaws.Delay, succeeds, true, 1},
		"DelayAfter": {fakeaws.DelayAfter, succeeds, true, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := start(t, fakeaws.Config{})
			group := a.group(a.vpc("10.0.0.0/16"), "web")
			atHook := make(chan int, 2)
			a.server.Inject(fakeaws.Fault{
				Match: writes, Times: 1, Kind: test.kind, Code: "RequestLimitExceeded", Message: "slow down",
				Hook: func(c fakeaws.Call) {
					atHook <- len(a.ingress(group))
					if c.Action != "AuthorizeSecurityGroupIngress" {
						t.Errorf("hook of %+v", c)
					}
				},
			})
			must(a.ec2.DescribeVpcs(t.Context(), &ec2.DescribeVpcsInput{}))(t)
			_, err := a.authorize(group, fromCIDR(80, "10.0.0.0/8"))
			switch test.want {
			case succeeds:
				if err != nil {
					t.Error(err)
				}
			case fails:
				refused(t, err, "RequestLimitExceeded", 503)
				if !strings.Contains(err.Error(), "slow down") {
					t.Errorf("message %q", err)
				}
			case breaks:
				noAnswer(t, err)
			}
			if got := len(a.ingress(group)) == 1; got != test.effect {
				t.Errorf("effect %t, want %t", got, test.effect)
			}
			if len(atHook) != test.hooks {
				t.Fatalf("%d hooks ran, want %d", len(atHook), test.hooks)
			}
			if test.hooks > 0 {
				rules := <-atHook
				if (rules == 1) != (test.kind == fakeaws.StopAfter || test.kind == fakeaws.DelayAfter) {
					t.Errorf("the hook saw %d rules", rules)
				}
			}
			calls := a.server.Calls()
			last := calls[len(calls)-1]
			wantStatus := map[outcome]int{succeeds: 200, fails: 503, breaks: 0}[test.want]
			if last.Action != "AuthorizeSecurityGroupIngress" || last.Status != wantStatus {
				t.Errorf("recorded %+v, want status %d", last, wantStatus)
			}
			// The fault is used up.
			must(a.authorize(group, fromCIDR(81, "10.0.0.0/8")))(t)
		})
	}
}

func TestFaultErrors(t *testing.T) {
	t.Parallel()
	a := start(t, fakeaws.Config{})
	ctx := t.Context()
	remove := a.server.Inject(fakeaws.Fault{Kind: fakeaws.Fail})
	for range 3 {
		_, err := a.ec2.DescribeVpcs(ctx, &ec2.DescribeVpcsInput{})
		refused(t, err, "InternalError", 500)
	}
	_, err := a.elb.DescribeLoadBalancers(ctx, &elasticloadbalancing.DescribeLoadBalancersInput{})
	refused(t, err, "InternalFailure", 500)
	remove()
	remove()
	must(a.ec2.DescribeVpcs(ctx, &ec2.DescribeVpcsInput{}))(t)
	a.server.Inject(fakeaws.Fault{Kind: fakeaws.Fail, Times: 1, Code: "AccessDenied", Status: 418})
	_, err = a.ec2.DescribeVpcs(ctx, &ec2.DescribeVpcsInput{})
	refused(t, err, "AccessDenied", 418)

	// A second fault is not used up behind one that ends the call.
	a.server.Inject(fakeaws.Fault{Kind: fakeaws.Fail, Times: 1, Code: "First"})
	a.server.Inject(fakeaws.Fault{Kind: fakeaws.Fail, Times: 1, Code: "Second"})
	for _, code := range []string{"First", "Second"} {
		_, err = a.ec2.DescribeVpcs(ctx, &ec2.DescribeVpcsInput{})
		refused(t, err, code)
	}
	must(a.ec2.DescribeVpcs(ctx, &ec2.DescribeVpcsInput{}))(t)
}

// TestDelay holds one call while another one passes.
func TestDelay(t *testing.T) {
	t.Parallel()
	a := start(t, fakeaws.Config{})
	group := a.group(a.vpc("10.0.0.0/16"), "web")
	release, held := make(chan struct{}), make(chan struct{}, 1)
	hold := fakeaws.Fault{
		Match: writes, Times: 1, Kind: fakeaws.Delay, Wait: release,
		Hook: func(fakeaws.Call) { held <- struct{}{} },
	}
	a.server.Inject(hold)
	done := make(chan error, 1)
	go func() {
		_, err := a.authorize(group, fromCIDR(80, "10.0.0.0/8"))
		done <- err
	}()
	<-held
	must(a.authorize(group, fromCIDR(81, "10.0.0.0/8")))(t)
	if rules := a.ingress(group); len(rules) != 1 {
		t.Errorf("%d rules while the call is held, want 1", len(rules))
	}
	close(release)
	if err := <-done; err != nil {
		t.Error(err)
	}
	if rules := a.ingress(group); len(rules) != 2 {
		t.Errorf("%d rules after the release, want 2", len(rules))
	}
}

// TestDelayOfADeadClient is about a held call whose client gives up: it must
// have no effect, neither then nor later. If only the answer was held, it has.
func TestDelayOfADeadClient(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		kind   fakeaws.FaultKind
		effect bool
	}{
		"Delay":      {fakeaws.Delay, false},
		"DelayAfter": {fakeaws.DelayAfter, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := fakeaws.New(fakeaws.Config{})
			server.Inject(fakeaws.Fault{Kind: test.kind, Wait: make(chan struct{})})
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			defer func() {
				if err, _ := recover().(error); !errors.Is(err, http.ErrAbortHandler) {
					t.Errorf("the handler ended with %v, want an aborted connection", err)
				}
				if got := strings.Contains(server.Snapshot(), "cidr 10.0.0.0/16"); got != test.effect {
					t.Errorf("effect %t, want %t:\n%s", got, test.effect, server.Snapshot())
				}
			}()
			server.ServeHTTP(httptest.NewRecorder(), request(ctx, "us-east-1/ec2", "Action=CreateVpc&Version=2016-11-15&CidrBlock=10.0.0.0/16"))
		})
	}
}

// TestConcurrentCalls is for the race detector; every call has to count.
func TestConcurrentCalls(t *testing.T) {
	t.Parallel()
	a := start(t, fakeaws.Config{})
	vpcID := a.vpc("10.0.0.0/16")
	group, shared := a.group(vpcID, "web"), a.group(vpcID, "shared")
	aclID := a.acl(vpcID)
	const clients = 16
	var wait sync.WaitGroup
	won := make(chan struct{}, clients)
	for i := range int32(clients) {
		wait.Go(func() {
			if _, err := a.authorize(group, fromCIDR(i+1, "10.0.0.0/8")); err != nil {
				t.Error(err)
			}
			if _, err := a.authorize(shared, fromCIDR(80, "10.0.0.0/8")); err == nil {
				won <- struct{}{}
			}
			if _, err := a.ec2.CreateNetworkAclEntry(t.Context(), entry(aclID, i+1)); err != nil {
				t.Error(err)
			}
			if _, err := a.ec2.DescribeSecurityGroups(t.Context(), &ec2.DescribeSecurityGroupsInput{MaxResults: aws.Int32(5)}); err != nil {
				t.Error(err)
			}
			_ = a.server.Snapshot()
			_ = a.server.Calls()
			a.server.Inject(fakeaws.Fault{Match: func(fakeaws.Call) bool { return false }})()
		})
	}
	wait.Wait()
	if rules := a.ingress(group); len(rules) != clients {
		t.Errorf("%d rules, want %d", len(rules), clients)
	}
	if len(won) != 1 {
		t.Errorf("%d clients added the same rule, want 1", len(won))
	}
	if entries := a.server.NetworkACLEntries(region, aclID); len(entries) != clients+2 {
		t.Errorf("%d entries, want %d", len(entries), clients+2)
	}
	for i, c := range a.server.Calls() {
		if c.Index != i || c.Status == 0 {
			t.Errorf("record %d: %+v", i, c)
		}
	}
}
