// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package examples_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/hashicorp/go-version"

	"github.com/terraform-clb/terraform-provider-clb/internal/demo/stage"
)

// followWholeAccount imports everything that the queries of the guide find, in an
// account in which somebody has written almost all recommended rules. What stands
// there stays, what is missing is created, and the next plan is empty.
func followWholeAccount(t *testing.T, r *reading) {
	writeFleet(t, r)
	healthCheck := []types.IpPermission{{IpProtocol: aws.String("tcp"), FromPort: aws.Int32(8081), ToPort: aws.Int32(8081), UserIdGroupPairs: []types.UserIdGroupPair{{GroupId: &r.LoadBalancerGroup}}}}
	r.revoke(t, r.InstanceGroup, healthCheck)
	stands := strings.Split(r.Server.Snapshot(), "\n")

	q := newQuery(t, r.Stage)
	queries, setup := r.example(t, "whole-account/fleet.tfquery.hcl"), r.example(t, "whole-account/provider.tf")
	for _, q.byIdentity = range []bool{true, importsByIdentity(t, r.Stage)} {
		// The version of the example is that of the command, which the test stands in for.
		r.write(t, map[string]string{"provider.tf": strings.Replace(setup, ">= 1.14", ">= 1.8", 1), "fleet.tf": q.generate(t, queries)})
		r.terraform(t, "fmt", "fleet.tf")
		r.printed.WriteString(r.asDocumented(readFile(t, filepath.Join(r.Dir, "fleet.tf"))))
	}
	wantWords(t, r.terraform(t, "plan"), []string{"Plan: 7 to import, 0 to add, 1 to change, 0 to destroy."})
	r.terraform(t, "apply", "-auto-approve")
	wantWords(t, r.terraform(t, "plan", "-detailed-exitcode"), []string{"No changes."})
	now := strings.Split(r.Server.Snapshot(), "\n")
	for _, line := range stands {
		if !slices.Contains(now, line) {
			t.Errorf("the world no longer has: %s", line)
		}
	}
	created := slices.DeleteFunc(now, func(line string) bool { return slices.Contains(stands, line) })
	for _, line := range created {
		if !strings.Contains(line, "ingress tcp 8081-8081 from ") || !strings.Contains(line, r.LoadBalancerGroup) {
			t.Errorf("created was %q", line)
		}
	}
	// The rule, and the tag that the other rules have.
	if len(created) != 2 || !strings.HasSuffix(created[1], `tag "ManagedBy" = "terraform"`) {
		t.Errorf("created were %q", created)
	}
}

// writeFleet writes the recommended rules of both load balancers and forgets them:
// they stand as if somebody else had written them.
func writeFleet(t *testing.T, r *reading) {
	t.Helper()
	files := exampleFiles(t, filepath.Join(root, "complete"))
	ids := map[string]any{
		"load_balancer_name": r.LoadBalancer, "internal_load_balancer_name": r.InternalLoadBalancer,
		"load_balancer_security_group_id": r.LoadBalancerGroup, "internal_load_balancer_security_group_id": r.InternalGroup,
		"instance_security_group_id": r.InstanceGroup, "load_balancer_network_acl_id": r.LoadBalancerACL, "instance_network_acl_id": r.InstanceACL,
	}
	r.write(t, files)
	r.variables(t, ids)
	if _, err := r.Plan(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := r.Apply(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"terraform.tfstate", "terraform.tfvars.json"} {
		if err := os.Remove(filepath.Join(r.Dir, file)); err != nil {
			t.Fatal(err)
		}
	}
}

// importsByIdentity tells whether the CLI does: Terraform 1.12 and later.
func importsByIdentity(t *testing.T, s *stage.Stage) bool {
	t.Helper()
	cli, _, err := s.Terraform.Version(t.Context(), true)
	if err != nil {
		t.Fatal(err)
	}
	if cli.LessThan(version.Must(version.NewVersion("1.12.0"))) || strings.HasSuffix(s.Terraform.ExecPath(), "tofu") {
		t.Logf("version %s of %s imports nothing by identity", cli, s.Terraform.ExecPath())
		return false
	}
	return true
}
