// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package examples_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/terraform-clb/terraform-provider-clb/internal/demo/stage"
)

var update = flag.Bool("update", false, "write the outputs that guides show instead of comparing with them")

// importGroup takes the security group of the internal load balancer into the
// state of hashicorp/aws.
const importGroup = `
import {
  to = aws_security_group.internal
  id = "sg-0aaaabbbbccccdddd"
}
`

// TestAdopting follows the guide "Adopting a running fleet": rules that stand in
// hashicorp/aws in every way that it has, and one of the console. The plan says
// what is adopted, nothing that stands is written or removed, what is missing is
// created, and the next plan is empty.
func TestAdopting(t *testing.T) {
	t.Parallel()
	s := open(t)
	step := func(name string) string {
		text, err := os.ReadFile(filepath.Join(root, "adopting", name+".tf.example"))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	write(t, s, map[string]string{"main.tf": step("before") + importGroup})
	plan(t, s)
	if err := s.Apply(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, err := s.EC2.AuthorizeSecurityGroupIngress(t.Context(), &ec2.AuthorizeSecurityGroupIngressInput{GroupId: &s.InstanceGroup, IpPermissions: []types.IpPermission{{
		IpProtocol: aws.String("tcp"), FromPort: aws.Int32(8443), ToPort: aws.Int32(8443), UserIdGroupPairs: []types.UserIdGroupPair{{GroupId: &s.LoadBalancerGroup}},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	standing := strings.Split(s.Server.Snapshot(), "\n")

	write(t, s, map[string]string{"main.tf": step("after")})
	wantOutput(t, s, plan(t, s), "adopting/plan.txt")
	s.Server.ResetCalls()
	if err := s.Apply(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, line := range standing {
		if now := strings.Split(s.Server.Snapshot(), "\n"); !slices.Contains(now, line) {
			t.Errorf("the world no longer has: %s", line)
		}
	}
	for _, call := range s.Server.Calls() {
		if strings.HasPrefix(call.Action, "Revoke") || strings.HasPrefix(call.Action, "Delete") || strings.HasPrefix(call.Action, "Replace") {
			t.Errorf("adopting called %s", call.Action)
		}
	}
	wantChanges(t, s)

	// The last step replaces one resource by what locks it down.
	const tooOpen = "ingress tcp 8081-8081 from 0.0.0.0/0"
	before := strings.Split(s.Server.Snapshot(), "\n")
	const resource = `resource "clb_instance_ingress_rules" "instances" {`
	head, rest, found := strings.Cut(step("after"), resource)
	_, rest, closed := strings.Cut(rest, "\n}\n")
	if !found || !closed {
		t.Fatal("after.tf.example no longer has the resource that lock-down.tf.example replaces")
	}
	write(t, s, map[string]string{"main.tf": head + step("lock-down") + rest})
	wantOutput(t, s, plan(t, s), "adopting/lock-down.txt")
	if err := s.Apply(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantChanges(t, s)
	after := strings.Split(s.Server.Snapshot(), "\n")
	for _, line := range before {
		if !slices.Contains(after, line) && !strings.Contains(line, tooOpen) {
			t.Errorf("the lock-down has removed: %s", line)
		}
	}
	if !strings.Contains(strings.Join(before, "\n"), tooOpen) || strings.Contains(strings.Join(after, "\n"), tooOpen) {
		t.Errorf("the lock-down does not remove %s", tooOpen)
	}
}

// plan makes a plan and says what it does.
func plan(t *testing.T, s *stage.Stage) []string {
	t.Helper()
	planned, err := s.Plan(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return stage.Changes(planned)
}

// wantOutput compares what a plan does and says with a file that a guide shows.
func wantOutput(t *testing.T, s *stage.Stage, lines []string, file string) {
	t.Helper()
	for _, message := range s.Messages {
		// Terraform's own warning lists what is forgotten in any order, OpenTofu has one
		// for each.
		own := strings.HasPrefix(string(message), "Warning: Some objects will no longer be managed") || strings.HasPrefix(string(message), "Warning: Resource will be removed from the state")
		if !own {
			lines = append(lines, "\n"+string(message))
		}
	}
	ids := strings.NewReplacer(
		s.VPC, "vpc-0123456789abcdef0", s.LoadBalancerGroup, "sg-0123456789abcdef0", s.InstanceGroup, "sg-0fedcba9876543210",
		s.InternalGroup, "sg-0aaaabbbbccccdddd", s.LoadBalancerACL, "acl-0123456789abcdef0", s.InstanceACL, "acl-0fedcba9876543210",
	)
	rules := map[string]string{}
	got := regexp.MustCompile(`sgr-[0-9a-f]{17}`).ReplaceAllStringFunc(ids.Replace(strings.Join(lines, "\n")+"\n"), func(id string) string {
		if rules[id] == "" {
			rules[id] = fmt.Sprintf("sgr-0123456789abcde%02x", 0xf0+len(rules))
		}
		return rules[id]
	})
	path := filepath.Join(root, file)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("Terraform says\n%s\nand %s says\n%s\nIf the change is meant: go test ./internal/examples -update", got, path, want)
	}
}
