// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package examples_test

import (
	"bytes"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	tfjson "github.com/hashicorp/terraform-json"

	"github.com/terraform-clb/terraform-provider-clb/internal/demo/stage"
)

// denyHealthCheck is what somebody does besides Terraform: an entry that goes
// before the recommended one.
func denyHealthCheck(t *testing.T, s *stage.Stage) {
	t.Helper()
	_, err := s.EC2.CreateNetworkAclEntry(t.Context(), &ec2.CreateNetworkAclEntryInput{
		NetworkAclId: &s.InstanceACL, Egress: aws.Bool(false), RuleNumber: aws.Int32(90), RuleAction: types.RuleActionDeny, Protocol: aws.String("6"),
		PortRange: &types.PortRange{From: aws.Int32(8081), To: aws.Int32(8081)}, CidrBlock: aws.String("10.0.0.0/8"),
	})
	if err != nil {
		t.Fatal(err)
	}
}

// report are words that the report of that has.
func report(s *stage.Stage) []string {
	return []string{"refuted", "CLB103", "rule 90", s.InstanceACL, "10.0.3.4:8081"}
}

func wantWords(t *testing.T, text string, words []string) {
	t.Helper()
	// Terraform breaks lines and draws a bar before each.
	plain := strings.Join(strings.Fields(strings.ReplaceAll(text, "│", " ")), " ")
	for _, word := range words {
		if !strings.Contains(plain, word) {
			t.Errorf("no word of %q in:\n%s", word, text)
		}
	}
}

// TestWiringExample: the planned deny of the example is refuted, and the report
// is what the output shows.
func TestWiringExample(t *testing.T) {
	t.Parallel()
	s := open(t)
	write(t, s, exampleFiles(t, filepath.Join(root, "data-sources", "clb_wiring")))
	apply(t, s, 0)
	outputs, err := s.Terraform.Output(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got := string(outputs["verdict"].Value); got != `"refuted"` {
		t.Errorf("verdict %s", got)
	}
	wantWords(t, string(outputs["report"].Value), []string{"refuted", "CLB101", "CLB103"})
}

// TestCheckExample: a deny of somebody else makes the check fail in a plan that
// goes through.
func TestCheckExample(t *testing.T) {
	t.Parallel()
	s := open(t)
	write(t, s, exampleFiles(t, filepath.Join(root, "checks")))
	apply(t, s, 4)
	if status, _ := checked(t, s); status != tfjson.CheckStatusPass {
		t.Errorf("the check is %q when all stands", status)
	}
	denyHealthCheck(t, s)
	status, said := checked(t, s)
	if status != tfjson.CheckStatusFail {
		t.Errorf("the check is %q with the deny", status)
	}
	wantWords(t, said, report(s))
}

// checked is what the check of a plan without changes says.
func checked(t *testing.T, s *stage.Stage) (status tfjson.CheckStatus, said string) {
	t.Helper()
	plan, err := s.Plan(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if lines := stage.Changes(plan); len(lines) > 0 {
		t.Errorf("the plan has the changes %q", lines)
	}
	i := slices.IndexFunc(plan.Checks, func(c tfjson.CheckResultStatic) bool { return c.Address.ToDisplay == "check.web_is_reached" })
	if i < 0 {
		t.Fatalf("the plan has no such check: %+v", plan.Checks)
	}
	for _, instance := range plan.Checks[i].Instances {
		for _, problem := range instance.Problems {
			said += fmt.Sprintln(problem.Message)
		}
	}
	return plan.Checks[i].Status, said
}

// TestPostconditionExample: the plan fails with the report, and the change that
// mends it gets through.
func TestPostconditionExample(t *testing.T) {
	t.Parallel()
	s := open(t)
	files := exampleFiles(t, filepath.Join(root, "postcondition"))
	write(t, s, files)
	apply(t, s, 4)
	denyHealthCheck(t, s)
	_, err := s.Plan(t.Context())
	if err == nil {
		t.Fatal("the plan went through")
	}
	wantWords(t, err.Error(), report(s))
}

// TestTerraformTestExample runs the tests of the example, and sees them fail
// when somebody else closes the health check.
func TestTerraformTestExample(t *testing.T) {
	t.Parallel()
	s := open(t)
	baseline := s.Server.Snapshot()
	write(t, s, exampleFiles(t, filepath.Join(root, "terraform-test")))
	var said bytes.Buffer
	if err := s.Terraform.Test(t.Context(), &said); err != nil {
		t.Fatalf("%v:\n%s", err, said.String())
	}
	if now := s.Server.Snapshot(); now != baseline {
		t.Errorf("after the tests the world differs from before:\n%s", difference(baseline, now))
	}
	denyHealthCheck(t, s)
	said.Reset()
	if err := s.Terraform.Test(t.Context(), &said); err == nil {
		t.Errorf("the tests pass with the deny:\n%s", said.String())
	}
	wantWords(t, said.String(), []string{"CLB103", "everything_gets_through"})
}
