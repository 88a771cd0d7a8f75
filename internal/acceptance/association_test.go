// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package acceptance

import (
	"testing"

	"github.com/terraform-clb/terraform-provider-clb/internal/acceptance/world"
)

const association = `
	resource "clb_load_balancer_security_groups" "web" {
	  load_balancer_name = local.web_name
	  security_groups    = GROUPS
	  on_destroy         = DESTROY
	}`

// TestAssociationFollowsAndRestores applies groups, repairs drift, and brings the
// previous groups back at the end.
func TestAssociationFollowsAndRestores(t *testing.T) {
	t.Parallel()
	f := newFixture(t, world.Plan{Listeners: [][2]int32{{80, 8080}}})
	f.group("extra_group")
	const both = "- web carries lb_group\nweb carries extra_group\nweb carries internal_group"
	restore := with(association, "DESTROY", `"restore"`)
	f.run(
		step{
			config: with(restore, "GROUPS", "[local.extra_group, local.internal_group]"),
			plan:   "create clb_load_balancer_security_groups.web",
			writes: "ApplySecurityGroupsToLoadBalancer",
			world:  both,
		},
		step{
			before: func() { f.carry(f.LoadBalancer, f.LoadBalancerGroup, f.id("extra_group")) },
			config: with(restore, "GROUPS", "[local.internal_group, local.extra_group]"),
			plan:   "update clb_load_balancer_security_groups.web\n~ security_groups",
			writes: "ApplySecurityGroupsToLoadBalancer",
			world:  both,
		},
		step{
			config: with(restore, "GROUPS", "[local.extra_group]"),
			plan:   "update clb_load_balancer_security_groups.web\n~ security_groups",
			world:  "- web carries lb_group\nweb carries extra_group",
		},
		step{
			// What the destroy does is no call.
			config: with(association, "DESTROY", `"keep"`, "GROUPS", "[local.extra_group]"),
			plan:   "update clb_load_balancer_security_groups.web",
			writes: nothing,
		},
		step{config: with(restore, "GROUPS", "[local.extra_group]"), writes: nothing},
		step{config: "# nothing", writes: "ApplySecurityGroupsToLoadBalancer", world: nothing},
	)
}

// TestAssociationIsKept leaves the groups as they are, which is the default.
func TestAssociationIsKept(t *testing.T) {
	t.Parallel()
	f := newFixture(t, world.Plan{Listeners: [][2]int32{{80, 8080}}})
	f.run(
		step{config: with(association, "DESTROY", "null", "GROUPS", "[local.lb_group, local.internal_group]"), world: "web carries internal_group"},
		step{config: "# nothing", writes: nothing, world: "web carries internal_group", check: func() error {
			f.carry(f.LoadBalancer, f.LoadBalancerGroup)
			return nil
		}},
	)
}

// TestAssociationRestoresWhatIsLeft has one of two previous groups deleted
// meanwhile, and then the other one too.
func TestAssociationRestoresWhatIsLeft(t *testing.T) {
	t.Parallel()
	f := newFixture(t, world.Plan{Listeners: [][2]int32{{80, 8080}}})
	first, second := f.group("first_group"), f.group("second_group")
	f.carry(f.LoadBalancer, first, second)
	f.settle()
	config := with(association, "DESTROY", `"restore"`, "GROUPS", "[local.lb_group]")
	f.run(
		step{config: config, world: "- web carries first_group\n- web carries second_group\nweb carries lb_group"},
		step{
			before: func() { f.meanwhile(func() { f.deleteGroup(first) }) },
			config: "# nothing",
			writes: "ApplySecurityGroupsToLoadBalancer",
			world:  "- web carries first_group",
		},
		step{config: config},
		step{
			before: func() { f.meanwhile(func() { f.deleteGroup(second) }) },
			config: "# nothing",
			writes: nothing,
			world:  "- web carries first_group\n- web carries second_group\nweb carries lb_group",
			check: func() error {
				// The end is not the beginning here, and is as it should be.
				f.settle()
				return nil
			},
		},
	)
}

// TestAssociationErrors refuses at plan what AWS would refuse at apply.
func TestAssociationErrors(t *testing.T) {
	t.Parallel()
	f := newFixture(t, world.Plan{Listeners: [][2]int32{{80, 8080}}})
	other := newFixtureWith(t, world.Plan{}, f.backend)
	f.names[other.LoadBalancerGroup] = "foreign_group"
	f.settle()
	config := with(association, "DESTROY", "null")
	f.run(
		step{
			config: with(config, "GROUPS", "[local.foreign_group]"),
			fails:  `Security group {foreign_group} belongs to VPC ` + other.VPC + `, and load balancer "` + f.LoadBalancer + `" is in VPC ` + f.VPC,
			world:  nothing,
		},
		step{
			config: with(config, "GROUPS", `["sg-0123456789abcdef0"]`),
			fails:  `Security group sg-0123456789abcdef0 does not exist in region`,
			world:  nothing,
		},
		step{
			config: with(config, "GROUPS", "[]"),
			fails:  `security_groups is empty`,
			world:  nothing,
		},
		step{
			config: with(config, "local.web_name", `"no-such-load-balancer"`, "GROUPS", "[local.lb_group]"),
			fails:  `Load balancer "no-such-load-balancer" does not exist in region`,
			world:  nothing,
		},
		step{config: with(config, "GROUPS", "[local.lb_group]"), world: nothing},
	)
}

// TestLoadBalancerDisappears deletes the load balancer: the association is
// planned anew and says that it is missing, destroying it succeeds, and the
// rules, which follow from a value, stay.
func TestLoadBalancerDisappears(t *testing.T) {
	t.Parallel()
	f := newFixture(t, world.Plan{Listeners: [][2]int32{{80, 8080}}})
	config := with(association, "DESTROY", `"restore"`, "GROUPS", "[local.internal_group]") + with(loadBalancerRules, "VALUE", "local.web")
	f.run(
		step{config: config},
		step{
			before: func() {
				f.carry(f.LoadBalancer, f.LoadBalancerGroup)
				f.meanwhile(func() { f.deleteLoadBalancer(f.LoadBalancer) })
			},
			config: config,
			fails:  `Load balancer "` + f.LoadBalancer + `" does not exist in region`,
			world:  groupRowsOfHTTP,
		},
		step{config: with(loadBalancerRules, "VALUE", "local.web"), plan: nothing, world: groupRowsOfHTTP},
	)
}

// TestRestoreOfALoadBalancerThatIsGone destroys the association after its load
// balancer has vanished between the refresh and the destroy.
func TestRestoreOfALoadBalancerThatIsGone(t *testing.T) {
	t.Parallel()
	f := newFixture(t, world.Plan{Listeners: [][2]int32{{80, 8080}}})
	f.run(
		step{config: with(association, "DESTROY", `"restore"`, "GROUPS", "[local.internal_group]")},
		step{
			config: "# nothing",
			adjust: afterPlan(func() error {
				f.carry(f.LoadBalancer, f.LoadBalancerGroup)
				f.meanwhile(func() { f.deleteLoadBalancer(f.LoadBalancer) })
				return nil
			}),
			world: nothing,
		},
	)
}
