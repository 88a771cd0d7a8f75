// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package acceptance

import (
	"testing"

	"github.com/terraform-clb/terraform-provider-clb/internal/acceptance/world"
)

// TestDriftIsShownAndRepaired deletes and changes single rules and entries: the
// plan shows exactly these, and the apply touches nothing else.
func TestDriftIsShownAndRepaired(t *testing.T) {
	t.Parallel()
	f := newFixture(t, world.Plan{Listeners: [][2]int32{{80, 8080}}})
	config := with(allResources, "VALUE", "local.web")
	f.run(
		step{config: config, world: rowsOfHTTP},
		step{
			before: func() {
				f.revoke("lb_group in tcp 80 from 0.0.0.0/0", "instance_group in tcp 8081 from lb_group")
				f.deleteEntry(f.LoadBalancerACL, "out 110")
			},
			config: config,
			plan: `
				update clb_load_balancer_rules.web
				+ ingress tcp 80 from 0.0.0.0/0
				update clb_instance_ingress_rules.web
				+ ingress tcp 8081 from lb_group
				update clb_network_acl_entries.lb
				+ egress tcp 8081 to 10.0.0.0/16`,
			writes: `
				AuthorizeSecurityGroupIngress 1
				AuthorizeSecurityGroupIngress 1
				CreateNetworkAclEntry out 110`,
			world: rowsOfHTTP,
		},
		step{
			before: func() {
				f.modify("lb_group in tcp 80 from 0.0.0.0/0", 80, 81, "10.0.0.0/8")
				f.replaceEntry(f.LoadBalancerACL, "in 100 allow 8000-8000 0.0.0.0/0")
				f.replaceEntry(f.InstanceACL, "in 1010 deny 8081-8081 10.0.0.0/16")
			},
			config: config,
			plan: `
				update clb_load_balancer_rules.web
				~ ingress tcp 80 from 0.0.0.0/0
				update clb_network_acl_entries.lb
				~ ingress tcp 80 from 0.0.0.0/0
				update clb_network_acl_entries.instances
				~ ingress tcp 8081 from 10.0.0.0/16`,
			writes: `
				AuthorizeSecurityGroupIngress 1
				RevokeSecurityGroupIngress 1
				ReplaceNetworkAclEntry in 100
				ReplaceNetworkAclEntry in 1010`,
			world: rowsOfHTTP,
		},
		step{
			// One rule becomes what another one is to be, and that one is gone.
			before: func() {
				f.revoke("lb_group out tcp 8080 to instance_group")
				f.deleteEntry(f.LoadBalancerACL, "in 100")
				f.replaceEntry(f.LoadBalancerACL, "in 110 allow 80-80 0.0.0.0/0")
			},
			config: config,
			plan: `
				update clb_load_balancer_rules.web
				+ egress tcp 8080 to instance_group
				update clb_network_acl_entries.lb
				+ ingress tcp 80 from 0.0.0.0/0
				~ ingress tcp 1024-65535 from 10.0.0.0/16`,
			world: rowsOfHTTP,
		},
		step{
			// What others add is none of our business.
			before: func() {
				f.meanwhile(func() {
					f.authorize(f.LoadBalancerGroup, "in tcp 22-22 10.0.0.0/8")
					f.putEntry(f.LoadBalancerACL, "in 1 deny 22-22 0.0.0.0/0")
				})
			},
			config: config, plan: nothing, writes: nothing, world: rowsOfHTTP,
		},
	)
}

// TestDriftOfSwappedRules has rules admit what other rules are to admit.
func TestDriftOfSwappedRules(t *testing.T) {
	t.Parallel()
	f := newFixture(t, world.Plan{HealthCheckTarget: "TCP:8080", Listeners: [][2]int32{{80, 8080}, {443, 8080}}})
	const config = `
		resource "clb_load_balancer_rules" "web" {
		  security_group_id           = local.lb_group
		  load_balancers              = [local.web]
		  instance_security_group_ids = [local.instance_group]
		}`
	const rows = `
		lb_group in  tcp 80   from 0.0.0.0/0
		lb_group in  tcp 443  from 0.0.0.0/0
		lb_group out tcp 8080 to instance_group`
	f.run(
		step{config: config, world: rows},
		step{
			// Each of the two rules now admits what the other one is to admit.
			before: func() {
				f.modify("lb_group in tcp 80 from 0.0.0.0/0", 81, 81, "0.0.0.0/0")
				f.modify("lb_group in tcp 443 from 0.0.0.0/0", 80, 80, "0.0.0.0/0")
				f.modify("lb_group in tcp 81 from 0.0.0.0/0", 443, 443, "0.0.0.0/0")
			},
			config: config,
			world:  rows,
		},
		step{
			// One rule admits what the other one is to admit, and that one is gone.
			before: func() {
				f.revoke("lb_group in tcp 443 from 0.0.0.0/0")
				f.modify("lb_group in tcp 80 from 0.0.0.0/0", 443, 443, "0.0.0.0/0")
			},
			config: config,
			plan: `
				update clb_load_balancer_rules.web
				~ ingress tcp 80 from 0.0.0.0/0
				+ ingress tcp 443 from 0.0.0.0/0`,
			world: rows,
		},
	)
}

// TestEverythingDisappears deletes what the rules are about: refreshing drops
// the resources, the plan creates them anew or says what is missing, and
// deleting what is gone succeeds.
func TestEverythingDisappears(t *testing.T) {
	t.Parallel()
	f := newFixture(t, world.Plan{Listeners: [][2]int32{{80, 8080}}})
	group, acl := f.group("spare_group"), f.acl("spare_acl")
	config := with(allResources, "VALUE", "local.web", "= local.lb_group", "= local.spare_group", "= local.lb_acl", "= local.spare_acl")
	rows := with(rowsOfHTTP, "lb_group in ", "spare_group in ", "lb_group out", "spare_group out", "lb_acl", "spare_acl")
	f.run(
		step{config: config, world: rows},
		step{
			// All rules, but not the group and the network ACL.
			before: func() {
				f.revoke("spare_group in tcp 80 from 0.0.0.0/0", "spare_group out tcp 8080 to instance_group", "spare_group out tcp 8081 to instance_group")
				f.deleteEntry(acl, "in 100", "in 110", "out 100", "out 110", "out 120")
			},
			config: config,
			plan: `
				update clb_load_balancer_rules.web
				+ ingress tcp 80 from 0.0.0.0/0
				+ egress tcp 8080 to instance_group
				+ egress tcp 8081 to instance_group
				update clb_network_acl_entries.lb
				+ ingress tcp 80 from 0.0.0.0/0
				+ ingress tcp 1024-65535 from 10.0.0.0/16
				+ egress tcp 8080 to 10.0.0.0/16
				+ egress tcp 8081 to 10.0.0.0/16
				+ egress tcp 1024-65535 to 0.0.0.0/0`,
			world: rows,
		},
		step{
			before: func() { f.meanwhile(func() { f.deleteGroup(group); f.deleteACL(acl) }) },
			config: config,
			fails:  "Security group not found … Security group {spare_group} does not exist",
		},
		step{
			config: with(config, "security_group_id           = local.spare_group", "security_group_id           = local.lb_group"),
			fails:  "Network ACL not found … Network ACL {spare_acl} does not exist",
		},
		step{
			config: with(allResources, "VALUE", "local.web"),
			plan: `
				create clb_load_balancer_rules.web
				create clb_network_acl_entries.lb`,
			world: rowsOfHTTP,
		},
	)
}

// TestDestroyOfWhatIsGone destroys resources whose rules, group and network ACL
// vanish after the refresh.
func TestDestroyOfWhatIsGone(t *testing.T) {
	t.Parallel()
	f := newFixture(t, world.Plan{Listeners: [][2]int32{{80, 8080}}})
	group, acl := f.group("spare_group"), f.acl("spare_acl")
	config := with(allResources, "VALUE", "local.web", "= local.lb_group", "= local.spare_group", "= local.lb_acl", "= local.spare_acl")
	f.run(
		step{config: config},
		step{
			config: "# nothing is left of the configuration",
			plan: `
				delete clb_load_balancer_rules.web
				delete clb_instance_ingress_rules.web
				delete clb_network_acl_entries.lb
				delete clb_network_acl_entries.instances`,
			adjust: afterPlan(func() error {
				f.revoke("instance_group in tcp 8080 from lb_group")
				f.deleteEntry(f.InstanceACL, "in 1000")
				f.meanwhile(func() { f.deleteGroup(group); f.deleteACL(acl) })
				return nil
			}),
			world: nothing,
		},
	)
}
