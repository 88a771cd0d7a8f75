// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package acceptance

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/terraform-clb/terraform-provider-clb/internal/acceptance/world"
	"github.com/terraform-clb/terraform-provider-clb/internal/fakeaws"
)

// TestWhatExistsAlready plans entries under numbers that others use for something
// else: the error names them, and nothing changes, not even what could be adopted.
func TestWhatExistsAlready(t *testing.T) {
	t.Parallel()
	f := newFixture(t, world.Plan{Listeners: [][2]int32{{80, 8080}}})
	f.make(`
		lb_acl in  110 allow tcp 1024-65535 from 10.0.0.0/16
		lb_acl out 110 allow tcp 22         to 0.0.0.0/0`)
	f.settle()
	f.run(
		step{
			config: with(loadBalancerEntries, "VALUE", "local.web"),
			fails:  `would get rule number 110, and that number is taken by another entry: allow tcp 22 to 0.0.0.0/0. Set first_rule_number`,
			world:  nothing,
		},
		step{config: "# nothing", world: nothing},
	)
}

// TestWhatAppearsBeforeTheApply has somebody else make a rule and an entry
// between the plan and the apply: the error names them, nothing of ours remains,
// and theirs stay.
func TestWhatAppearsBeforeTheApply(t *testing.T) {
	t.Parallel()
	f := newFixture(t, world.Plan{Listeners: [][2]int32{{80, 8080}}})
	meanwhile := func(row string) func(*resource.TestStep) {
		return afterPlan(func() error { f.meanwhile(func() { f.make(row) }); return nil })
	}
	f.run(
		step{
			// An identical rule is adopted.
			config: with(loadBalancerRules, "VALUE", "local.web"),
			adjust: meanwhile("lb_group out tcp 8081 to instance_group"),
			world: `
				lb_group in  tcp 80   from 0.0.0.0/0
				lb_group out tcp 8080 to instance_group`,
		},
		step{
			config: with(loadBalancerEntries, "VALUE", "local.web"),
			adjust: meanwhile("lb_acl out 120 allow tcp 22 to 0.0.0.0/0"),
			fails:  `rule number 120, and that number is taken by another entry: allow tcp 22 to 0.0.0.0/0`,
		},
		step{config: "# nothing", world: nothing},
	)
}

// TestTwoOwners plans one rule and one rule number in two resources.
func TestTwoOwners(t *testing.T) {
	t.Parallel()
	f := newFixture(t, world.Plan{Listeners: [][2]int32{{80, 8080}}})
	f.run(
		step{
			config: with(loadBalancerRules, "VALUE", "local.web") + with(loadBalancerRules, "VALUE", `merge(local.web, { listener = [{ lb_port = 80, instance_port = 9080 }], health_check = [] })`, `"web"`, `"second"`),
			fails:  `Two resources plan the same rules of security group {lb_group}: inbound "tcp 80 from 0.0.0.0/0".`,
			world:  nothing,
		},
		step{
			config: with(loadBalancerEntries, "VALUE", "local.web") + with(loadBalancerEntries, "VALUE", "local.web", `"lb"`, `"second"`, `["load_balancer"]`, `["private_instance"]
				first_rule_number = 120`),
			fails: `Two resources plan entries with the same rule numbers in network ACL {lb_acl}: … outbound 120.`,
			world: nothing,
		},
		step{
			// Side by side they fit.
			config: with(loadBalancerEntries, "VALUE", "local.web") + with(loadBalancerEntries, "VALUE", "local.web", `"lb"`, `"second"`, `["load_balancer"]`, `["private_instance"]`),
			world: aclRowsOfHTTP + `
				lb_acl in  1000 allow tcp 8080       from 10.0.0.0/16
				lb_acl in  1010 allow tcp 8081       from 10.0.0.0/16
				lb_acl out 1000 allow tcp 1024-65535 to 10.0.0.0/16`,
		},
	)
}

// TestRuleChangesHands renames a resource without a moved block, and moves a rule
// from one resource to another: AWS would refuse the new rule while the old one
// is there, so the plan says so and nothing is closed.
func TestRuleChangesHands(t *testing.T) {
	t.Parallel()
	f := newFixture(t, world.Plan{Listeners: [][2]int32{{80, 8080}}})
	config := with(loadBalancerRules+loadBalancerEntries, "VALUE", "local.web")
	rows := groupRowsOfHTTP + aclRowsOfHTTP
	f.run(
		step{config: config},
		step{
			// Terraform plans the two in either order.
			config: with(config, `rules" "web"`, `rules" "renamed"`),
			fails:  `inbound … "tcp 80 from 0.0.0.0/0"`,
			world:  rows,
		},
		step{
			config: with(config, `entries" "lb"`, `entries" "renamed"`),
			fails:  `rule`,
			world:  rows,
		},
		step{
			config: with(config, "[local.web]", "[]") + with(loadBalancerRules, "VALUE", "local.web", `rules" "web"`, `rules" "second"`),
			fails:  `inbound … "tcp 80 from 0.0.0.0/0"`,
			world:  rows,
		},
		step{config: config, plan: nothing},
	)
}

// TestReplace replaces each resource where it stands.
func TestReplace(t *testing.T) {
	t.Parallel()
	f := newFixture(t, world.Plan{Listeners: [][2]int32{{80, 8080}}})
	config := with(allResources, "VALUE", "local.web") + `
		resource "clb_load_balancer_security_groups" "web" {
		  load_balancer_name = local.web_name
		  security_groups    = [local.lb_group]
		}`
	f.run(
		step{config: config, world: rowsOfHTTP},
		step{
			config: config,
			adjust: func(s *resource.TestStep) {
				s.Taint = []string{
					"clb_load_balancer_rules.web", "clb_instance_ingress_rules.web", "clb_network_acl_entries.lb",
					"clb_network_acl_entries.instances", "clb_load_balancer_security_groups.web",
				}
			},
			plan: `
				replace clb_load_balancer_rules.web
				replace clb_instance_ingress_rules.web
				replace clb_network_acl_entries.lb
				replace clb_network_acl_entries.instances
				replace clb_load_balancer_security_groups.web`,
			world: rowsOfHTTP,
		},
	)
}

// TestQuotaWarningDoesNotStop plans more entries than AWS's default quota: a
// warning while the quota is not stated, an error when it is.
func TestQuotaWarningDoesNotStop(t *testing.T) {
	t.Parallel()
	f := newFixtureWith(t, world.Plan{}, newBackend(t, fakeaws.Quotas{EntriesPerACL: 40}))
	config := with(loadBalancerEntries, "VALUE", `{ listener = [for i in range(25) : { lb_port = 8000 + i, instance_port = 80 }] }`)
	f.run(
		step{
			config: config, provider: "limits {\n entries_per_network_acl = 20\n}",
			fails: `Network ACL {lb_acl} would have 26 inbound entries (0 that stay, 26 new), and the quota is 20 for each direction. … limits.entries_per_network_acl`,
			world: nothing,
		},
		step{config: config},
	)
}
