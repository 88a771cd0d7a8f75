// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package acceptance

import (
	"testing"

	"github.com/terraform-clb/terraform-provider-clb/internal/acceptance/world"
)

const loadBalancerRules = `
	resource "clb_load_balancer_rules" "web" {
	  security_group_id           = local.lb_group
	  load_balancers              = [VALUE]
	  instance_security_group_ids = [local.instance_group]
	}`

const loadBalancerEntries = `
	resource "clb_network_acl_entries" "lb" {
	  network_acl_id  = local.lb_acl
	  load_balancers  = [VALUE]
	  subnet_roles    = ["load_balancer"]
	  vpc_cidr_blocks = local.vpc
	}`

const (
	groupRowsOfHTTP = `
		lb_group in  tcp 80   from 0.0.0.0/0
		lb_group out tcp 8080 to instance_group
		lb_group out tcp 8081 to instance_group`
	aclRowsOfHTTP = `
		lb_acl in  100 allow tcp 80         from 0.0.0.0/0
		lb_acl in  110 allow tcp 1024-65535 from 10.0.0.0/16
		lb_acl out 100 allow tcp 8080       to 10.0.0.0/16
		lb_acl out 110 allow tcp 8081       to 10.0.0.0/16
		lb_acl out 120 allow tcp 1024-65535 to 0.0.0.0/0`
)

// TestCreateThatFailsRollsBack has AWS refuse a later call of a create: what was
// written before is taken back, and there is no state.
func TestCreateThatFailsRollsBack(t *testing.T) {
	t.Parallel()
	f := newFixture(t, world.Plan{Listeners: [][2]int32{{80, 8080}}})
	config := with(loadBalancerRules+loadBalancerEntries, "VALUE", "local.web")
	var stopGroup, stopACL func()
	f.run(
		step{
			before: func() {
				stopGroup = f.refuse("AuthorizeSecurityGroupEgress", 1, 0)
				stopACL = f.refuse("CreateNetworkAclEntry", 5, 0)
			},
			config: config,
			fails:  "Unable to create the network ACL entries … ec2:CreateNetworkAclEntry",
			world:  nothing,
		},
		step{
			before: func() { stopACL() },
			config: config,
			plan:   "create clb_load_balancer_rules.web\ncreate clb_network_acl_entries.lb",
			fails:  "Unable to create the security group rules … ec2:AuthorizeSecurityGroupEgress",
			world:  aclRowsOfHTTP,
		},
		step{
			before: func() { stopGroup() },
			config: config,
			plan:   "create clb_load_balancer_rules.web",
			world:  groupRowsOfHTTP + aclRowsOfHTTP,
		},
	)
}

// TestRollBackThatFails leaves in the state exactly what stands in AWS, and says
// what that is. The next apply goes on from there.
func TestRollBackThatFails(t *testing.T) {
	t.Parallel()
	f := newFixture(t, world.Plan{Listeners: [][2]int32{{80, 8080}}})
	const group, acl = "clb_load_balancer_rules.web", "clb_network_acl_entries.lb"
	config := with(loadBalancerRules+loadBalancerEntries, "VALUE", "local.web")
	stop := func() {}
	refuse := func(operation string, nth, times int) {
		before, now := stop, f.refuse(operation, nth, times)
		stop = func() { before(); now() }
	}
	f.run(
		step{
			before: func() {
				refuse("AuthorizeSecurityGroupEgress", 1, 0)
				refuse("RevokeSecurityGroupIngress", 1, 0)
				refuse("CreateNetworkAclEntry", 4, 0)
				refuse("DeleteNetworkAclEntry", 2, 0)
			},
			config: config,
			fails:  `Unable to create the … could not be taken back … They are still in … and stay in the state, so that the next apply can replace them:`,
			world: `
				lb_group in tcp 80 from 0.0.0.0/0
				lb_acl in  110 allow tcp 1024-65535 from 10.0.0.0/16
				lb_acl out 100 allow tcp 8080       to 10.0.0.0/16`,
		},
		step{
			// A resource whose create has failed is replaced, and hands over what stands.
			before: func() { stop() },
			config: config,
			plan:   "replace " + group + "\nreplace " + acl,
			writes: `
				AuthorizeSecurityGroupEgress 2
				CreateNetworkAclEntry in 100
				CreateNetworkAclEntry out 110
				CreateNetworkAclEntry out 120`,
			world: groupRowsOfHTTP + aclRowsOfHTTP,
		},
	)
}

// TestRollBackMessageNamesWhatRemains reads the messages of both kinds of resource.
func TestRollBackMessageNamesWhatRemains(t *testing.T) {
	t.Parallel()
	f := newFixture(t, world.Plan{Listeners: [][2]int32{{80, 8080}}})
	f.run(
		step{
			before: func() {
				f.refuse("AuthorizeSecurityGroupEgress", 1, 1)
				f.refuse("RevokeSecurityGroupIngress", 1, 1)
			},
			config: with(loadBalancerRules, "VALUE", "local.web"),
			fails:  `They are still in security group {lb_group} and stay in the state, so that the next apply can replace them: ingress "tcp 80 from 0.0.0.0/0" (sgr-`,
			world:  "lb_group in tcp 80 from 0.0.0.0/0",
		},
		step{
			before: func() {
				f.refuse("CreateNetworkAclEntry", 3, 1)
				f.refuse("DeleteNetworkAclEntry", 2, 1)
			},
			config: with(loadBalancerRules+loadBalancerEntries, "VALUE", "local.web"),
			fails:  `They are still in network ACL {lb_acl} and stay in the state, so that the next apply can replace them: ingress rule 110 (tcp 1024-65535 from 10.0.0.0/16)`,
			world:  groupRowsOfHTTP + "\nlb_acl in 110 allow tcp 1024-65535 from 10.0.0.0/16",
		},
		step{config: with(loadBalancerRules+loadBalancerEntries, "VALUE", "local.web"), world: groupRowsOfHTTP + aclRowsOfHTTP},
	)
}

// TestUpdateThatFails keeps what was done in the state: the next plan shows the
// rest, and its apply finishes.
func TestUpdateThatFails(t *testing.T) {
	t.Parallel()
	f := newFixture(t, world.Plan{Listeners: [][2]int32{{80, 8080}}})
	before := with(loadBalancerRules+loadBalancerEntries, "VALUE", "local.web")
	after := with(loadBalancerRules+loadBalancerEntries, "VALUE", "merge(local.web, { listener = [{ lb_port = 443, instance_port = 8443 }] })")
	var stop []func()
	refuse := func(operation string, nth int) { stop = append(stop, f.refuse(operation, nth, 0)) }
	allow := func() {
		for _, one := range stop {
			one()
		}
	}
	f.run(
		step{config: before, world: groupRowsOfHTTP + aclRowsOfHTTP},
		step{
			before: func() {
				f.relisten(80, [2]int32{443, 8443})
				refuse("AuthorizeSecurityGroupEgress", 1)
				refuse("CreateNetworkAclEntry", 2)
			},
			config: after,
			fails:  "Unable to update the … ec2:",
			// Nothing is closed while what takes its place is not open.
			world: groupRowsOfHTTP + aclRowsOfHTTP + `
				lb_group in  tcp 443  from 0.0.0.0/0
				lb_acl in  120 allow tcp 443 from 0.0.0.0/0`,
		},
		step{
			before: func() {
				allow()
				refuse("RevokeSecurityGroupEgress", 1)
				refuse("DeleteNetworkAclEntry", 2)
			},
			config: after,
			plan: `
				update clb_load_balancer_rules.web
				- ingress tcp 80 from 0.0.0.0/0
				- egress tcp 8080 to instance_group
				+ egress tcp 8443 to instance_group
				update clb_network_acl_entries.lb
				- ingress tcp 80 from 0.0.0.0/0
				- egress tcp 8080 to 10.0.0.0/16
				+ egress tcp 8443 to 10.0.0.0/16`,
			fails: "Unable to update the … ec2:",
			world: `
				lb_group in  tcp 443  from 0.0.0.0/0
				lb_group out tcp 8080 to instance_group
				lb_group out tcp 8081 to instance_group
				lb_group out tcp 8443 to instance_group
				lb_acl in  110 allow tcp 1024-65535 from 10.0.0.0/16
				lb_acl in  120 allow tcp 443        from 0.0.0.0/0
				lb_acl out 100 allow tcp 8080       to 10.0.0.0/16
				lb_acl out 110 allow tcp 8081       to 10.0.0.0/16
				lb_acl out 120 allow tcp 1024-65535 to 0.0.0.0/0
				lb_acl out 130 allow tcp 8443       to 10.0.0.0/16`,
		},
		step{
			before: allow,
			config: after,
			plan: `
				update clb_load_balancer_rules.web
				- egress tcp 8080 to instance_group
				update clb_network_acl_entries.lb
				- egress tcp 8080 to 10.0.0.0/16`,
			writes: `
				RevokeSecurityGroupEgress 1
				DeleteNetworkAclEntry out 100`,
		},
	)
}

// TestMoveThatFails gives entries other rule numbers, which fails half-way: the
// next apply moves the rest.
func TestMoveThatFails(t *testing.T) {
	t.Parallel()
	f := newFixture(t, world.Plan{Listeners: [][2]int32{{80, 8080}}})
	at := func(first string) string {
		return with(loadBalancerEntries, "VALUE", "local.web", `subnet_roles `, "first_rule_number = "+first+"\nsubnet_roles ")
	}
	var allow func()
	f.run(
		step{config: at("100"), world: aclRowsOfHTTP},
		step{
			before: func() { allow = f.refuse("CreateNetworkAclEntry", 3, 0) },
			config: at("500"),
			fails:  "Unable to update the network ACL entries … ec2:CreateNetworkAclEntry",
			world: aclRowsOfHTTP + `
				lb_acl in  500 allow tcp 80         from 0.0.0.0/0
				lb_acl in  510 allow tcp 1024-65535 from 10.0.0.0/16`,
		},
		step{
			before: func() { allow() },
			config: at("500"),
			world: `
				lb_acl in  500 allow tcp 80         from 0.0.0.0/0
				lb_acl in  510 allow tcp 1024-65535 from 10.0.0.0/16
				lb_acl out 500 allow tcp 8080       to 10.0.0.0/16
				lb_acl out 510 allow tcp 8081       to 10.0.0.0/16
				lb_acl out 520 allow tcp 1024-65535 to 0.0.0.0/0`,
		},
	)
}

// TestDeleteThatFails keeps what remains in the state.
func TestDeleteThatFails(t *testing.T) {
	t.Parallel()
	f := newFixture(t, world.Plan{Listeners: [][2]int32{{80, 8080}}})
	f.run(
		step{config: with(loadBalancerRules+loadBalancerEntries, "VALUE", "local.web")},
		step{
			before: func() {
				f.refuse("RevokeSecurityGroupIngress", 1, 1)
				f.refuse("DeleteNetworkAclEntry", 4, 1)
			},
			config: "# nothing",
			fails:  "Unable to delete the … ec2:",
			world: `
				lb_group in tcp 80 from 0.0.0.0/0
				lb_acl out 110 allow tcp 8081       to 10.0.0.0/16
				lb_acl out 120 allow tcp 1024-65535 to 0.0.0.0/0`,
		},
		step{
			config: "# nothing",
			plan:   "delete clb_load_balancer_rules.web\ndelete clb_network_acl_entries.lb",
			writes: `
				RevokeSecurityGroupIngress 1
				DeleteNetworkAclEntry out 110
				DeleteNetworkAclEntry out 120`,
			world: nothing,
		},
	)
}

// TestAnswersThatAreLost drops the connection after the effect of each kind of
// write: the SDK repeats the call, AWS refuses the repetition, and nothing of it
// reaches the user.
func TestAnswersThatAreLost(t *testing.T) {
	t.Parallel()
	f := newFixture(t, world.Plan{Listeners: [][2]int32{{80, 8080}}})
	lose := func() {
		for _, operation := range []string{
			"AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress", "RevokeSecurityGroupIngress", "RevokeSecurityGroupEgress",
			"CreateNetworkAclEntry", "DeleteNetworkAclEntry", "ReplaceNetworkAclEntry",
		} {
			f.loseAnswer(operation)
		}
	}
	config := loadBalancerRules + loadBalancerEntries
	f.run(
		step{before: lose, config: with(config, "VALUE", "local.web"), world: groupRowsOfHTTP + aclRowsOfHTTP},
		step{
			before: func() {
				f.relisten(80, [2]int32{80, 9080})
				lose()
			},
			config: with(config, "VALUE", "merge(local.web, { listener = [{ lb_port = 80, instance_port = 9080 }] })"),
			world: `
				lb_group in  tcp 80   from 0.0.0.0/0
				lb_group out tcp 9080 to instance_group
				lb_group out tcp 8081 to instance_group
				lb_acl in  100 allow tcp 80         from 0.0.0.0/0
				lb_acl in  110 allow tcp 1024-65535 from 10.0.0.0/16
				lb_acl out 110 allow tcp 8081       to 10.0.0.0/16
				lb_acl out 120 allow tcp 1024-65535 to 0.0.0.0/0
				lb_acl out 130 allow tcp 9080       to 10.0.0.0/16`,
		},
		step{before: lose, config: "# nothing", world: nothing},
	)
}
