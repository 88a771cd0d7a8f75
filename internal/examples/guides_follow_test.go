// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package examples_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/terraform-clb/terraform-provider-clb/internal/demo/stage"
)

func followGettingStarted(t *testing.T, r *reading) {
	r.configure(t, "getting-started/look.tf")
	wantWords(t, r.terraform(t, "apply", "-auto-approve"), []string{`verdict = "refuted"`})
	r.terraform(t, "output", "-raw", "report")
	r.configure(t, "getting-started/look.tf", "getting-started/rules.tf")
	r.terraform(t, "plan")
	r.terraform(t, "apply", "-auto-approve")
	wantWords(t, r.terraform(t, "apply", "-auto-approve"), []string{`verdict = "proved"`})
}

// followEnforcing: one root writes the rules, and another one judges.
func followEnforcing(t *testing.T, r *reading) {
	rules := r.beside(t)
	rules.configure(t, "getting-started/rules.tf")
	r.configure(t, "enforcing-in-ci/main.tf")
	wantWords(t, r.refused(t, "plan"), []string{"CLB101", "CLB105"})
	rules.terraform(t, "apply", "-auto-approve")
	r.terraform(t, "plan")
	denyHealthCheck(t, r.Stage)
	wantWords(t, r.refused(t, "plan"), []string{"CLB103"})
	wantWords(t, rules.terraform(t, "plan", "-detailed-exitcode"), []string{"Warning: Health check cannot reach the instances (CLB103)"})
	rules.environment = []string{"CLB_ENFORCEMENT=strict"}
	wantWords(t, rules.refused(t, "plan"), []string{"Error: Health check cannot reach the instances (CLB103)"})
}

func followClients(t *testing.T, r *reading) {
	list, err := r.EC2.CreateManagedPrefixList(t.Context(), &ec2.CreateManagedPrefixListInput{
		PrefixListName: aws.String("partners"), AddressFamily: aws.String("IPv4"), MaxEntries: aws.Int32(5),
		Entries: []types.AddPrefixListEntry{{Cidr: aws.String("192.0.2.0/24")}},
	})
	if err != nil {
		t.Fatal(err)
	}
	r.documented = append(r.documented, "pl-0123456789abcdef0", *list.PrefixList.PrefixListId)
	r.configure(t, "declaring-clients/main.tf")
	r.terraform(t, "apply", "-auto-approve")
	revoke := r.authorize(t, "0.0.0.0/0")
	wantWords(t, r.terraform(t, "plan", "-detailed-exitcode"), []string{"CLB201"})
	revoke()
	r.authorize(t, "192.0.2.0/24")
	accepted := r.example(t, "declaring-clients/accepted.tf")
	without, _, _ := strings.Cut(accepted, "  accept =")
	without += "}\n"
	for text, finds := range map[string]bool{accepted: false, without: true} {
		r.write(t, map[string]string{"main.tf": text})
		if said := r.terraform(t, "plan"); strings.Contains(said, "CLB201") != finds {
			t.Errorf("the plan speaks of CLB201: %v\n%s", !finds, said)
		}
	}
}

// authorize opens port 443 of the load balancer's group besides Terraform, and
// returns what closes it.
func (r *reading) authorize(t *testing.T, cidr string) (revoke func()) {
	t.Helper()
	https := []types.IpPermission{{IpProtocol: aws.String("tcp"), FromPort: aws.Int32(443), ToPort: aws.Int32(443), IpRanges: []types.IpRange{{CidrIp: &cidr}}}}
	if _, err := r.EC2.AuthorizeSecurityGroupIngress(t.Context(), &ec2.AuthorizeSecurityGroupIngressInput{GroupId: &r.LoadBalancerGroup, IpPermissions: https}); err != nil {
		t.Fatal(err)
	}
	return func() { r.revoke(t, r.LoadBalancerGroup, https) }
}

func (r *reading) revoke(t *testing.T, group string, permissions []types.IpPermission) {
	t.Helper()
	if _, err := r.EC2.RevokeSecurityGroupIngress(t.Context(), &ec2.RevokeSecurityGroupIngressInput{GroupId: &group, IpPermissions: permissions}); err != nil {
		t.Fatal(err)
	}
}

func followSharedGroups(t *testing.T, r *reading) {
	r.configure(t, "shared-groups/main.tf")
	if err := os.Mkdir(filepath.Join(r.Dir, "service"), 0o700); err != nil {
		t.Fatal(err)
	}
	writeFile(t, r.Stage, "service/main.tf", r.example(t, "shared-groups/service/main.tf"))
	r.terraform(t, "get")
	r.terraform(t, "apply", "-auto-approve")
}

func followNumbering(t *testing.T, r *reading) {
	r.configure(t, "network-acl-entries/numbers.tf")
	r.terraform(t, "plan")
	r.configure(t, "network-acl-entries/compact.tf")
	r.terraform(t, "plan")
	moved := r.example(t, "network-acl-entries/moved.tf")
	r.write(t, map[string]string{"moved.tf": strings.Replace(moved, "  first_rule_number = 200\n", "", 1)})
	r.terraform(t, "apply", "-auto-approve")
	r.write(t, map[string]string{"moved.tf": moved})
	r.terraform(t, "plan")
}

// followBeside plans before anything is there, and then leaves in, one after the
// other, what the guide says to leave out.
func followBeside(t *testing.T, r *reading) {
	r.configure(t, "beside-hashicorp-aws/main.tf")
	r.variables(t, map[string]any{"vpc_id": r.VPC, "vpc_cidr_blocks": r.CIDRBlocks, "subnet_ids": r.LoadBalancerSubnets})
	baseline := r.Server.Snapshot()
	r.terraform(t, "apply", "-auto-approve")
	wantWords(t, r.terraform(t, "plan", "-detailed-exitcode"), []string{"No changes."})
	for _, made := range r.Server.SecurityGroups(stage.Region) {
		if made.Name == "web-instances" {
			r.documented = append(r.documented, "sg-0fedcba9876543210", made.ID)
		}
	}
	config := r.example(t, "beside-hashicorp-aws/main.tf")
	const group = "  name   = \"web-load-balancer\"\n"
	const acl = "resource \"aws_network_acl\" \"load_balancer\" {\n"
	const carried = "  security_groups = [aws_security_group.load_balancer.id]\n"
	const carries = `
resource "clb_load_balancer_security_groups" "web" {
  load_balancer_name = aws_elb.web.name
  security_groups    = [aws_security_group.load_balancer.id, aws_security_group.instances.id]
}
`
	for _, left := range []struct{ after, in, more string }{
		{after: group, in: `  ingress = [{ protocol = "tcp", from_port = 22, to_port = 22, cidr_blocks = ["10.0.200.0/24"] }]`},
		{after: acl, in: `  ingress = [{ rule_no = 50, action = "deny", protocol = "6", from_port = 22, to_port = 22, cidr_block = "0.0.0.0/0", ipv6_cidr_block = "", icmp_type = 0, icmp_code = 0 }]`},
		{after: carried, more: carries},
	} {
		if strings.Count(config, left.after) != 1 {
			t.Fatalf("the example no longer has\n%s", left.after)
		}
		r.write(t, map[string]string{"main.tf": strings.Replace(config, left.after, left.after+left.in+"\n", 1) + left.more})
		if left.more != "" {
			r.terraform(t, "apply", "-auto-approve")
		}
		wantWords(t, r.terraform(t, "plan"), []string{"1 to change"})
		r.terraform(t, "apply", "-auto-approve")
		r.terraform(t, "plan")
		r.write(t, map[string]string{"main.tf": strings.Replace(config, carried, "", 1) + left.more})
		r.terraform(t, "apply", "-auto-approve")
		// aws_elb sees at its next refresh which groups the load balancer has got.
		r.terraform(t, "apply", "-auto-approve")
		wantWords(t, r.terraform(t, "plan", "-detailed-exitcode"), []string{"No changes."})
	}
	r.write(t, map[string]string{"main.tf": config})
	r.terraform(t, "apply", "-auto-approve")
	r.terraform(t, "destroy", "-auto-approve")
	if now := r.Server.Snapshot(); now != baseline {
		t.Errorf("after the destroy the world differs from before:\n%s", difference(baseline, now))
	}
}

// variables gives values to the configuration.
func (r *reading) variables(t *testing.T, values map[string]any) {
	t.Helper()
	text, err := json.Marshal(values)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, r.Stage, "terraform.tfvars.json", string(text))
}

// followLeaving hands the rules over to hashicorp/aws: what it imports stands.
func followLeaving(t *testing.T, r *reading) {
	r.configure(t, "getting-started/rules.tf", "leaving/save.tf")
	r.terraform(t, "apply", "-auto-approve")
	stands := r.Server.Snapshot()
	saved, err := r.Command(t.Context(), "output", "-json", "saved").Output()
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, r.Stage, "saved.json", string(saved))
	r.configure(t, "leaving/forget.tf", "leaving/aws.tf")
	r.terraform(t, "apply", "-auto-approve")
	if now := r.Server.Snapshot(); now != stands {
		t.Errorf("leaving changes the world:\n%s", difference(stands, now))
	}
	state, err := r.Terraform.Show(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var got, want []string
	for _, resource := range state.Values.RootModule.Resources {
		if !strings.HasPrefix(resource.Type, "aws_") {
			t.Errorf("%s has stayed", resource.Address)
			continue
		}
		got = append(got, fmt.Sprint(resource.AttributeValues["id"]))
	}
	for _, rule := range r.Server.SecurityGroupRules(stage.Region, r.LoadBalancerGroup) {
		if !rule.Egress {
			want = append(want, rule.ID)
		}
	}
	for _, entry := range r.Server.NetworkACLEntries(stage.Region, r.LoadBalancerACL) {
		if entry.RuleNumber < 32767 {
			want = append(want, fmt.Sprintf("%s:%d:tcp:%v", r.LoadBalancerACL, entry.RuleNumber, entry.Egress))
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("imported is %q, and there is %q", got, want)
	}
}

func followFromClassic(t *testing.T, r *reading) {
	r.configure(t, "from-ec2-classic/main.tf")
	r.terraform(t, "apply", "-auto-approve")
}
