// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package acceptance

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	tfjson "github.com/hashicorp/terraform-json"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/terraform-clb/terraform-provider-clb/internal/acceptance/world"
)

// wiringRules are the recommended rules of the load balancer "web".
const wiringRules = `
	resource "clb_load_balancer_rules" "web" {
	  security_group_id           = local.lb_group
	  load_balancers              = [local.web]
	  instance_security_group_ids = [local.instance_group]
	}
	resource "clb_instance_ingress_rules" "web" {
	  security_group_id = local.instance_group
	  load_balancers    = [local.web]
	}
	resource "clb_network_acl_entries" "lb" {
	  network_acl_id  = local.lb_acl
	  load_balancers  = [local.web]
	  subnet_roles    = ["load_balancer"]
	  vpc_cidr_blocks = local.vpc
	}
	resource "clb_network_acl_entries" "instances" {
	  network_acl_id  = local.instance_acl
	  load_balancers  = [local.web]
	  subnet_roles    = ["private_instance"]
	  vpc_cidr_blocks = local.vpc
	}
`

// afterwards reads the wiring when all rules stand.
const afterwards = `
	data "clb_wiring" "web" {
	  load_balancer_name = local.web_name
	  MORE
	  depends_on = [clb_load_balancer_rules.web, clb_instance_ingress_rules.web, clb_network_acl_entries.lb, clb_network_acl_entries.instances]
	}
`

// wantWiring adds to a step what the data source says.
func wantWiring(checks ...resource.TestCheckFunc) func(*resource.TestStep) {
	return func(s *resource.TestStep) {
		s.Check = resource.ComposeAggregateTestCheckFunc(append(checks, s.Check)...)
	}
}

func wiringAttribute(name, value string) resource.TestCheckFunc {
	return resource.TestCheckResourceAttr("data.clb_wiring.web", name, value)
}

func wiringHas(name string, words ...string) resource.TestCheckFunc {
	return resource.TestCheckResourceAttrWith("data.clb_wiring.web", name, func(value string) error {
		for _, word := range words {
			if !strings.Contains(value, word) {
				return fmt.Errorf("no word of %q in %s", word, value)
			}
		}
		return nil
	})
}

func newWiringFixture(t *testing.T) *fixture {
	t.Helper()
	return newFixture(t, world.Plan{Image: "any", Listeners: [][2]int32{{80, 8080}, {443, 8443}}})
}

// denyHealthCheck writes, besides Terraform, an entry that shadows a recommended one.
func (f *fixture) denyHealthCheck() {
	f.Helper()
	_, err := f.ec2().CreateNetworkAclEntry(context.Background(), &ec2.CreateNetworkAclEntryInput{
		NetworkAclId: &f.InstanceACL, Egress: aws.Bool(false), RuleNumber: aws.Int32(90), RuleAction: types.RuleActionDeny, Protocol: aws.String("6"),
		PortRange: &types.PortRange{From: aws.Int32(8081), To: aws.Int32(8081)}, CidrBlock: aws.String("10.0.0.0/8"),
	})
	f.must(err)
}

func (f *fixture) allowHealthCheck() {
	f.Helper()
	_, err := f.ec2().DeleteNetworkAclEntry(context.Background(), &ec2.DeleteNetworkAclEntryInput{NetworkAclId: &f.InstanceACL, Egress: aws.Bool(false), RuleNumber: aws.Int32(90)})
	f.must(err)
}

// TestWiring proves what the resources write, and refutes it when somebody else
// closes the health check port.
func TestWiring(t *testing.T) {
	t.Parallel()
	f := newWiringFixture(t)
	f.run(
		step{
			config: wiringRules + with(afterwards, "MORE", ""),
			adjust: wantWiring(
				wiringAttribute("verdict", "proved"), wiringAttribute("flows.0.verdict", "proved"),
				wiringHas("report", "proved", "health check on tcp 8081"), wiringHas("diagram", "flowchart", f.LoadBalancerACL),
			),
		},
		step{
			before: func() { f.meanwhile(f.denyHealthCheck) },
			config: wiringRules + with(afterwards, "MORE", ""),
			// Judging writes nothing.
			writes: nothing,
			adjust: wantWiring(
				wiringAttribute("verdict", "refuted"), wiringAttribute("findings.0.id", "CLB103"), wiringAttribute("findings.0.severity", "error"),
				// Which pair of subnets it names depends on their ids.
				wiringHas("findings.0.sentence", ".4:8081"), wiringHas("findings.0.blockers.0", f.InstanceACL, "rule 90"),
			),
		},
		step{
			config: wiringRules + with(afterwards, "MORE", `fail_on = "error"`),
			fails:  "Health check cannot reach the instances (CLB103) … {instance_acl} … rule 90 … .4:8081 … CLB_ENFORCEMENT=advisory",
		},
		step{
			config: wiringRules + with(afterwards, "MORE", `fail_on = "error"
				accept = [{ finding = "CLB103", reason = "checked by hand", cidr = "10.0.0.0/8" }]`),
			adjust: wantWiring(wiringAttribute("fail_on", "error")),
		},
		step{
			before: func() { f.meanwhile(f.allowHealthCheck) },
			config: wiringRules + with(afterwards, "MORE", `fail_on = "error"`),
			adjust: wantWiring(wiringAttribute("verdict", "proved")),
		},
	)
}

// TestWiringPlannedRules judges rules that are not written yet: ours, which are
// unknown at first, and literal objects as hashicorp/aws has them.
func TestWiringPlannedRules(t *testing.T) {
	t.Parallel()
	f := newWiringFixture(t)
	const planned = `
		data "clb_wiring" "web" {
		  load_balancer_name = local.web_name
		  planned_rules      = {
		    resources = [clb_load_balancer_rules.web, clb_instance_ingress_rules.web, clb_network_acl_entries.lb, clb_network_acl_entries.instances]
		    MORE
		  }
		}`
	// deferred checks that the verdict is put off until the apply.
	deferred := func(want bool) func(*resource.TestStep) {
		return func(s *resource.TestStep) {
			s.ConfigPlanChecks.PreApply = append(s.ConfigPlanChecks.PreApply, planCheck(func(plan *tfjson.Plan) error {
				for _, change := range plan.ResourceChanges {
					if change.Address == "data.clb_wiring.web" {
						if !want {
							return fmt.Errorf("the verdict is put off until the apply")
						}
						return nil
					}
				}
				if want {
					return fmt.Errorf("the verdict is not put off until the apply")
				}
				return nil
			}))
		}
	}
	both := func(adjust ...func(*resource.TestStep)) func(*resource.TestStep) {
		return func(s *resource.TestStep) {
			for _, one := range adjust {
				one(s)
			}
		}
	}
	f.run(
		step{
			config: wiringRules + with(planned, "MORE", ""),
			adjust: both(deferred(true), wantWiring(wiringAttribute("verdict", "proved"))),
		},
		step{
			config: wiringRules + with(planned, "MORE", `
				network_acl_rules = [{ network_acl_id = local.instance_acl, rule_number = 90, egress = false, protocol = "tcp", rule_action = "deny", cidr_block = "10.0.0.0/8", from_port = 8081, to_port = 8081, icmp_type = null }]
				vpc_security_group_ingress_rules = { ssh = { security_group_id = local.lb_group, cidr_ipv4 = "0.0.0.0/0", ip_protocol = "tcp", from_port = 22, to_port = 22, tags = null } }
				vpc_security_group_egress_rules = []
				security_group_rules = [for port in [25] : { type = "egress", security_group_id = local.lb_group, protocol = "tcp", from_port = port, to_port = port, cidr_blocks = ["0.0.0.0/0"], self = false }]
			`),
			writes: nothing,
			adjust: both(deferred(false), wantWiring(
				wiringAttribute("verdict", "refuted"),
				wiringAttribute("findings.0.id", "CLB103"), wiringHas("findings.0.blockers.0", "planned_rules.network_acl_rules[0]"),
				wiringHas("report", "CLB201", `planned_rules.vpc_security_group_ingress_rules`, "CLB202", "tcp 25"),
			)),
		},
		step{
			config: wiringRules + with(planned, "MORE", `network_acl_rules = ["acl-1"]`),
			fails:  `Invalid planned rules … planned_rules.network_acl_rules[0] is "acl-1": write an object shaped like aws_network_acl_rule`,
		},
		step{config: wiringRules},
	)
}

// TestWiringReadsDenied: what cannot be seen is undecided and stops nothing.
func TestWiringReadsDenied(t *testing.T) {
	t.Parallel()
	f := newWiringFixture(t)
	stop := func() {}
	f.run(
		step{config: wiringRules},
		step{
			before: func() { stop = f.refuse("DescribeInstances", 1, 0) },
			config: wiringRules + with(afterwards, "MORE", `fail_on = "error"`),
			adjust: wantWiring(
				wiringAttribute("verdict", "undecided"), wiringHas("report", "CLB402"),
				func(*terraform.State) error { stop(); return nil },
			),
		},
		step{config: wiringRules + with(afterwards, "MORE", ""), adjust: wantWiring(wiringAttribute("verdict", "proved"))},
	)
}
