// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package acceptance

import (
	"testing"

	"github.com/terraform-clb/terraform-provider-clb/internal/acceptance/world"
)

// TestAnotherRegion manages a world of another region than the provider's, and
// then names the provider's own region aloud.
func TestAnotherRegion(t *testing.T) {
	t.Parallel()
	f := newFixture(t, world.Plan{Listeners: [][2]int32{{80, 8080}}})
	far := newFixtureWith(t, world.Plan{Listeners: [][2]int32{{80, 8080}}}, f.in(otherRegion))
	f.settle()
	config := with(allResources+association, "VALUE", "local.web", "DESTROY", `"restore"`, "GROUPS", "[local.internal_group]",
		"  load_balancers  ", "  region = \""+otherRegion+"\"\n  load_balancers  ", "  load_balancer_name", "  region = \""+otherRegion+"\"\n  load_balancer_name")
	far.run(step{config: config, world: rowsOfHTTP + "\n- web carries lb_group\nweb carries internal_group"})

	const region = "  region            = "
	inRegion := func(line string) string {
		return with(loadBalancerRules, "VALUE", "local.web", "  security_group_id ", line+"\n  security_group_id ")
	}
	f.run(
		step{config: inRegion(""), world: groupRowsOfHTTP},
		step{config: inRegion(region + `"` + testRegion + `"`), plan: nothing, writes: nothing},
		step{
			// There is no such group in the other region.
			config: inRegion(region + `"` + otherRegion + `"`),
			fails:  "Security group {lb_group} does not exist in region " + otherRegion,
			world:  groupRowsOfHTTP,
		},
		step{config: inRegion(""), plan: nothing},
	)
}

// TestMovedResources renames resources with moved blocks.
func TestMovedResources(t *testing.T) {
	t.Parallel()
	f := newFixture(t, world.Plan{Listeners: [][2]int32{{80, 8080}}})
	config := with(loadBalancerRules+loadBalancerEntries, "VALUE", "local.web")
	f.run(
		step{config: config},
		step{
			config: with(config, `"web" {`, `"renamed" {`, `"lb" {`, `"entries" {`) + `
				moved {
				  from = clb_load_balancer_rules.web
				  to   = clb_load_balancer_rules.renamed
				}
				moved {
				  from = clb_network_acl_entries.lb
				  to   = clb_network_acl_entries.entries
				}`,
			plan: `
				move clb_load_balancer_rules.renamed
				move clb_network_acl_entries.entries`,
			writes: nothing,
			world:  groupRowsOfHTTP + aclRowsOfHTTP,
		},
	)
}
