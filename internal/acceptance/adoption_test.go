// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package acceptance

import (
	"fmt"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/terraform-clb/terraform-provider-clb/internal/acceptance/world"
)

// adoptingRules are the rules of the load balancer's group with more arguments.
const adoptingRules = `
	resource "clb_load_balancer_rules" "web" {
	  security_group_id           = local.lb_group
	  load_balancers              = [VALUE]
	  instance_security_group_ids = [local.instance_group]
	  tags                        = { Team = "edge" }
	  ARGUMENTS
	}`

// adopts wants a set of a resource's state to hold exactly these.
func adopts(address, attribute string, want ...string) func(*resource.TestStep) {
	return func(s *resource.TestStep) {
		before := s.Check
		s.Check = func(state *terraform.State) error {
			attributes := state.RootModule().Resources[address].Primary.Attributes
			var got []string
			for i := 0; attributes[fmt.Sprintf("%s.%d", attribute, i)] != ""; i++ {
				got = append(got, attributes[fmt.Sprintf("%s.%d", attribute, i)])
			}
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) || attributes[attribute+".#"] != fmt.Sprint(len(want)) {
				return fmt.Errorf("%s of %s is %q, want %q", attribute, address, got, want)
			}
			return before(state)
		}
	}
}

// TestAdoptRules: rules that stand in the group already are adopted, on create and
// on update, and the difference is created. By default they stay, untouched, when
// they are no longer wanted and when the resource is destroyed.
func TestAdoptRules(t *testing.T) {
	t.Parallel()
	f := newFixture(t, world.Plan{Listeners: [][2]int32{{80, 8080}}})
	f.make(`
		lb_group in  tcp 80   from 0.0.0.0/0
		lb_group out tcp 8080 to instance_group
		lb_group out tcp 9090 to instance_group`)
	f.settle()
	id := func(row string) string { return *f.rule(row).SecurityGroupRuleId }
	in, out, other := id("lb_group in tcp 80 from 0.0.0.0/0"), id("lb_group out tcp 8080 to instance_group"), id("lb_group out tcp 9090 to instance_group")
	untagged := func() error {
		for _, row := range []string{"lb_group in tcp 80 from 0.0.0.0/0", "lb_group out tcp 8080 to instance_group"} {
			if tags := f.tags(row); tags != "" {
				return fmt.Errorf("the adopted rule %q has tags: %s", row, tags)
			}
		}
		return nil
	}
	config := func(value, arguments string) string {
		return with(adoptingRules, "VALUE", value, "ARGUMENTS", arguments)
	}
	const moved = "merge(local.web, { listener = [{ lb_port = 80, instance_port = 9090 }] })"
	f.run(
		step{
			config: config("local.web", ""),
			plan:   "create clb_load_balancer_rules.web",
			writes: "AuthorizeSecurityGroupEgress 1",
			world:  "lb_group out tcp 8081 to instance_group",
			check:  untagged,
			adjust: adopts("clb_load_balancer_rules.web", "adopted_rule_ids", in, out),
		},
		step{
			// What is no longer wanted stays, what is wanted now is adopted.
			config: config(moved, ""),
			writes: nothing,
			world:  "lb_group out tcp 8081 to instance_group",
			adjust: adopts("clb_load_balancer_rules.web", "adopted_rule_ids", in, other),
		},
		step{
			config: config("local.web", `clients = [{ cidr_blocks = ["203.0.113.0/24"] }]`),
			writes: "AuthorizeSecurityGroupIngress 1",
			world: `
				lb_group in  tcp 80   from 203.0.113.0/24
				lb_group out tcp 8081 to instance_group`,
			adjust: adopts("clb_load_balancer_rules.web", "adopted_rule_ids", out),
		},
		step{
			// The destruction of the resource leaves them too.
			config: "# nothing", world: nothing,
		},
	)
}

// TestAdoptRulesAsOwn: with adopt = "own" they go like those that were created.
func TestAdoptRulesAsOwn(t *testing.T) {
	t.Parallel()
	f := newFixture(t, world.Plan{Listeners: [][2]int32{{80, 8080}}})
	const row = "lb_group out tcp 8080 to instance_group"
	f.make(row)
	f.settle()
	f.run(
		step{
			config: with(adoptingRules, "VALUE", "local.web", "ARGUMENTS", `adopt = "own"`),
			writes: "AuthorizeSecurityGroupIngress 1\nAuthorizeSecurityGroupEgress 1",
			adjust: adopts("clb_load_balancer_rules.web", "adopted_rule_ids", *f.rule(row).SecurityGroupRuleId),
		},
		step{config: "# nothing", world: "- " + row},
		step{before: func() { f.make(row) }, config: "# still nothing", world: nothing},
	)
}

// TestReplaceClosesNothing: a resource that is replaced on its group hands its
// rules over to its successor, without a single write, and still removes them in
// the end, as rules of its own.
func TestReplaceClosesNothing(t *testing.T) {
	t.Parallel()
	f := newFixture(t, world.Plan{Listeners: [][2]int32{{80, 8080}}})
	config := with(adoptingRules+loadBalancerEntries, "VALUE", "local.web", "ARGUMENTS", "")
	f.run(
		step{config: config, world: groupRowsOfHTTP + aclRowsOfHTTP},
		step{
			config: config,
			adjust: func(s *resource.TestStep) {
				s.Taint = []string{"clb_load_balancer_rules.web", "clb_network_acl_entries.lb"}
				adopts("clb_load_balancer_rules.web", "adopted_rule_ids")(s)
				adopts("clb_network_acl_entries.lb", "adopted_entries")(s)
			},
			plan: `
				replace clb_load_balancer_rules.web
				replace clb_network_acl_entries.lb`,
			writes: nothing,
			world:  groupRowsOfHTTP + aclRowsOfHTTP,
		},
		step{config: "# nothing", world: nothing},
	)
}

// TestAdoptEntries: an identical entry under the planned number is adopted, on
// create and on update. By default it stays when it is no longer wanted and when the
// resource is destroyed.
func TestAdoptEntries(t *testing.T) {
	t.Parallel()
	f := newFixture(t, world.Plan{Listeners: [][2]int32{{80, 8080}}})
	f.make(`
		lb_acl in  100 allow tcp 80   from 0.0.0.0/0
		lb_acl out 130 allow tcp 9090 to 10.0.0.0/16`)
	f.settle()
	const address, attribute = "clb_network_acl_entries.lb", "adopted_entries"
	f.run(
		step{
			config: with(loadBalancerEntries, "VALUE", "local.web"),
			writes: "CreateNetworkAclEntry in 110\nCreateNetworkAclEntry out 100\nCreateNetworkAclEntry out 110\nCreateNetworkAclEntry out 120",
			world: `
				lb_acl in  110 allow tcp 1024-65535 from 10.0.0.0/16
				lb_acl out 100 allow tcp 8080       to 10.0.0.0/16
				lb_acl out 110 allow tcp 8081       to 10.0.0.0/16
				lb_acl out 120 allow tcp 1024-65535 to 0.0.0.0/0`,
			adjust: adopts(address, attribute, "ingress/100"),
		},
		step{
			// Another back-end port takes the next number, where its entry stands.
			config: with(loadBalancerEntries, "VALUE", "merge(local.web, { listener = [{ lb_port = 80, instance_port = 9090 }] })"),
			writes: "DeleteNetworkAclEntry out 100",
			adjust: adopts(address, attribute, "egress/130", "ingress/100"),
		},
		step{
			// The entry of another listener port takes another number, and the adopted one stays.
			config: with(loadBalancerEntries, "VALUE", "merge(local.web, { listener = [{ lb_port = 443, instance_port = 9090 }] })"),
			writes: "CreateNetworkAclEntry in 120",
			adjust: adopts(address, attribute, "egress/130"),
		},
		step{config: "# nothing", world: nothing},
	)
}

// TestReplaceCreatingFirst: with create_before_destroy the successor takes what
// stands, and the old object leaves it. It counts as adopted then.
func TestReplaceCreatingFirst(t *testing.T) {
	t.Parallel()
	f := newFixture(t, world.Plan{Listeners: [][2]int32{{80, 8080}}})
	config := with(adoptingRules, "VALUE", "local.web", "ARGUMENTS", `adopt = "own"
	  lifecycle { create_before_destroy = true }`)
	f.run(
		step{config: config, world: groupRowsOfHTTP, adjust: adopts("clb_load_balancer_rules.web", "adopted_rule_ids")},
		step{
			config: config,
			adjust: func(s *resource.TestStep) { s.Taint = []string{"clb_load_balancer_rules.web"} },
			plan:   "replace clb_load_balancer_rules.web",
			writes: nothing,
			world:  groupRowsOfHTTP,
		},
		step{config: "# nothing", world: nothing},
	)
}
