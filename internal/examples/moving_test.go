// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package examples_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/terraform-clb/terraform-provider-clb/internal/fakeaws"
)

// importELB takes the load balancer into the state of hashicorp/aws.
const importELB = `
import {
  to = aws_elb.web
  id = "my-loadbalancer"
}
`

// writes are the names of the calls that write.
func writes(calls []fakeaws.Call) []string {
	var actions []string
	for _, call := range calls {
		if call.Write() {
			actions = append(actions, call.Action)
		}
	}
	return actions
}

// wantOrder wants a call, and another one after it.
func wantOrder(t *testing.T, actions []string, first, second string) {
	t.Helper()
	if a, b := slices.Index(actions, first), slices.Index(actions, second); a < 0 || b < a {
		t.Errorf("%s does not come before %s: %q", first, second, actions)
	}
}

// TestMovingAPort follows the guide "Moving a health check or back-end port": the
// new port is opened, then the load balancer moves, and the old port is closed by
// the next apply.
func TestMovingAPort(t *testing.T) {
	t.Parallel()
	s := open(t)
	config := readFile(t, filepath.Join(root, "moving-a-port", "main.tf.example"))
	write(t, s, map[string]string{"main.tf": config + importELB})
	plan(t, s)
	if err := s.Apply(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantChanges(t, s)

	const was, is = "HTTP:8081/healthz", "HTTP:8082/healthz"
	if strings.Count(config, was) != 1 {
		t.Fatal("the example no longer states its health check once")
	}
	write(t, s, map[string]string{"main.tf": strings.Replace(config, was, is, 1)})
	wantOutput(t, s, plan(t, s), "moving-a-port/first-plan.txt")
	s.Server.ResetCalls()
	if err := s.Apply(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantOrder(t, writes(s.Server.Calls()), "AuthorizeSecurityGroupEgress", "ConfigureHealthCheck")
	wantOrder(t, writes(s.Server.Calls()), "AuthorizeSecurityGroupIngress", "ConfigureHealthCheck")

	wantOutput(t, s, plan(t, s), "moving-a-port/second-plan.txt")
	s.Server.ResetCalls()
	if err := s.Apply(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, want := slices.Sorted(slices.Values(writes(s.Server.Calls()))), []string{"RevokeSecurityGroupEgress", "RevokeSecurityGroupIngress"}; !slices.Equal(got, want) {
		t.Errorf("the second apply calls %q, want %q", got, want)
	}
	wantChanges(t, s)
}

// TestMovingAPortByReference follows the same guide where the rules refer to
// aws_elb, which then changes first: a second value holds the new port open.
func TestMovingAPortByReference(t *testing.T) {
	t.Parallel()
	s := open(t)
	both := readFile(t, filepath.Join(root, "moving-a-port", "references.tf.example"))
	const value, was, is = ", local.next]", "HTTP:8081/healthz", "HTTP:8082/healthz"
	if strings.Count(both, value) != 2 || strings.Count(both, was) != 1 {
		t.Fatal("the example no longer has two uses of local.next and one health check")
	}
	step := func(config string) []string {
		write(t, s, map[string]string{"main.tf": config})
		plan(t, s)
		s.Server.ResetCalls()
		if err := s.Apply(t.Context()); err != nil {
			t.Fatal(err)
		}
		wantChanges(t, s)
		return writes(s.Server.Calls())
	}
	one := strings.ReplaceAll(both, value, "]")
	step(one + importELB)

	if opened := step(both); !slices.Equal(slices.Sorted(slices.Values(opened)), []string{"AuthorizeSecurityGroupEgress", "AuthorizeSecurityGroupIngress"}) {
		t.Errorf("holding both ports open calls %q", opened)
	}
	moved := step(strings.Replace(both, was, is, 1))
	wantOrder(t, moved, "ConfigureHealthCheck", "RevokeSecurityGroupEgress")
	wantOrder(t, moved, "ConfigureHealthCheck", "RevokeSecurityGroupIngress")
	if left := step(strings.Replace(one, was, is, 1)); len(left) > 0 {
		t.Errorf("taking the second value away calls %q", left)
	}
}
