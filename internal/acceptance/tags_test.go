// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package acceptance

import (
	"fmt"
	"testing"

	"github.com/terraform-clb/terraform-provider-clb/internal/acceptance/world"
)

// TestTags sends tags with the rules, changes nothing but tags when nothing but
// tags changes, lays them over default_tags, and repairs them.
func TestTags(t *testing.T) {
	t.Parallel()
	f := newFixture(t, world.Plan{HealthCheckTarget: "TCP:8080", Listeners: [][2]int32{{80, 8080}}})
	config := func(tags string) string {
		return with(`
			resource "clb_load_balancer_rules" "web" {
			  security_group_id           = local.lb_group
			  load_balancers              = [local.web]
			  instance_security_group_ids = [local.instance_group]
			  tags                        = TAGS
			}
			resource "clb_instance_ingress_rules" "web" {
			  security_group_id  = local.instance_group
			  load_balancers     = [local.web]
			  path_mtu_discovery = false
			}`, "TAGS", tags)
	}
	const ingress, egress, instance = "lb_group in tcp 80 from 0.0.0.0/0", "lb_group out tcp 8080 to instance_group", "instance_group in tcp 8080 from lb_group"
	tagged := func(lb, instances string) func() error {
		return func() error {
			for row, want := range map[string]string{ingress: lb, egress: lb, instance: instances} {
				if got := f.tags(row); got != want {
					return fmt.Errorf("the tags of %q are %q, want %q", row, got, want)
				}
			}
			return nil
		}
	}
	const team = `default_tags {
		tags = { Team = "edge", Stage = "test" }
	}`
	f.run(
		step{
			config: config(`{ Name = "web" }`),
			writes: "AuthorizeSecurityGroupIngress 1\nAuthorizeSecurityGroupEgress 1\nAuthorizeSecurityGroupIngress 1",
			check:  tagged("Name=web", ""),
		},
		step{
			config: config(`{ Name = "www", Stage = "prod" }`),
			plan:   "update clb_load_balancer_rules.web\n~ tags\n~ tags_all",
			writes: "CreateTags 2",
			check:  tagged("Name=www Stage=prod", ""),
		},
		step{
			config: config(`{ Name = "www", Stage = "prod" }`), provider: team,
			plan: `
				update clb_load_balancer_rules.web
				~ tags_all
				update clb_instance_ingress_rules.web
				~ tags_all`,
			writes: "CreateTags 2\nCreateTags 1",
			check:  tagged("Name=www Stage=prod Team=edge", "Stage=test Team=edge"),
		},
		step{
			before: func() {
				f.tag(ingress, "Team", "other")
				f.untag(instance, "Stage")
			},
			config: config(`{ Name = "www", Stage = "prod" }`), provider: team,
			plan: `
				update clb_load_balancer_rules.web
				~ tags
				~ tags_all
				update clb_instance_ingress_rules.web
				~ tags_all`,
			check: tagged("Name=www Stage=prod Team=edge", "Stage=test Team=edge"),
		},
		step{
			// A tag that something else puts there, and one that is not ours to see.
			before: func() { f.tag(egress, "kubernetes.io/cluster", "owned") },
			config: config(`{ Name = "www", Stage = "prod" }`), provider: team + "\nignore_tags {\n  key_prefixes = [\"kubernetes.io/\"]\n}",
			plan: nothing, writes: nothing,
			check: func() error {
				f.untag(egress, "kubernetes.io/cluster")
				return nil
			},
		},
		step{
			config: config("null"),
			plan: `
				update clb_load_balancer_rules.web
				~ tags
				~ tags_all
				update clb_instance_ingress_rules.web
				~ tags_all`,
			writes: "DeleteTags 2\nDeleteTags 1",
			check:  tagged("", ""),
		},
	)
}

// TestNewRulesGetAllTags adds a listener to a tagged resource.
func TestNewRulesGetAllTags(t *testing.T) {
	t.Parallel()
	f := newFixture(t, world.Plan{HealthCheckTarget: "TCP:8080", Listeners: [][2]int32{{80, 8080}}})
	const config = `
		resource "clb_load_balancer_rules" "web" {
		  security_group_id           = local.lb_group
		  load_balancers              = [VALUE]
		  instance_security_group_ids = [local.instance_group]
		  tags                        = { Name = "NAME" }
		}`
	f.run(
		step{config: with(config, "VALUE", "local.web", "NAME", "before")},
		step{
			config: with(config, "VALUE", "merge(local.web, { listener = [{ lb_port = 80, instance_port = 8080 }, { lb_port = 443, instance_port = 8080 }] })", "NAME", "after"),
			writes: "AuthorizeSecurityGroupIngress 1\nCreateTags 2",
			check: func() error {
				for _, row := range []string{"lb_group in tcp 80 from 0.0.0.0/0", "lb_group in tcp 443 from 0.0.0.0/0", "lb_group out tcp 8080 to instance_group"} {
					if got := f.tags(row); got != "Name=after" {
						return fmt.Errorf("the tags of %q are %q", row, got)
					}
				}
				return nil
			},
		},
	)
}

// TestTagsThatCannotBeSet reports a tag call that AWS refuses and goes on from
// there.
func TestTagsThatCannotBeSet(t *testing.T) {
	t.Parallel()
	f := newFixture(t, world.Plan{HealthCheckTarget: "TCP:8080", Listeners: [][2]int32{{80, 8080}}})
	const config = `
		resource "clb_load_balancer_rules" "web" {
		  security_group_id           = local.lb_group
		  load_balancers              = [local.web]
		  instance_security_group_ids = [local.instance_group]
		  tags                        = { Name = "NAME" }
		}`
	f.run(
		step{config: with(config, "NAME", "before")},
		step{
			before: func() { f.refuse("CreateTags", 1, 1) },
			config: with(config, "NAME", "after"),
			fails:  "Unable to tag the security group rules … ec2:CreateTags",
		},
		step{config: with(config, "NAME", "after"), plan: "update clb_load_balancer_rules.web\n~ tags\n~ tags_all", writes: "CreateTags 2"},
	)
}
