// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package acceptance

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/terraform-clb/terraform-provider-clb/internal/acceptance/world"
)

// TestImportOfAWholeWorld imports all four resources where everything stands
// already: the plan imports and changes nothing, and the resources own the rules
// then. Rule numbers stay as they are found.
func TestImportOfAWholeWorld(t *testing.T) {
	t.Parallel()
	f := newFixture(t, world.Plan{Image: "any", CIDRBlocks: []string{"10.1.0.0/16"}, Listeners: [][2]int32{{80, 8080}}, InternalListeners: [][2]int32{{9000, 8080}}})
	config := fmt.Sprintf(`
		import {
		  to = clb_load_balancer_rules.web
		  id = "${local.lb_group}/${local.web_name}"
		}
		import {
		  to = clb_load_balancer_rules.internal
		  id = "${local.internal_group}/${local.internal_name}@%[1]s"
		}
		import {
		  to = clb_instance_ingress_rules.instances
		  id = "${local.instance_group}/${local.web_name},${local.internal_name}"
		}
		import {
		  to = clb_network_acl_entries.shared
		  id = "${local.lb_acl}/load_balancer,private_instance/${local.web_name}@%[1]s"
		}
		import {
		  to = clb_load_balancer_security_groups.web
		  id = local.web_name
		}
		import {
		  to = clb_load_balancer_security_groups.internal
		  id = "${local.internal_name}@%[1]s"
		}
		resource "clb_load_balancer_security_groups" "web" {
		  load_balancer_name = local.web_name
		  security_groups    = [local.lb_group]
		}
		resource "clb_load_balancer_security_groups" "internal" {
		  load_balancer_name = local.internal_name
		  security_groups    = [local.internal_group]
		}
		resource "clb_load_balancer_rules" "web" {
		  security_group_id           = local.lb_group
		  load_balancers              = [local.web]
		  instance_security_group_ids = [local.instance_group]
		}
		resource "clb_load_balancer_rules" "internal" {
		  security_group_id = local.internal_group
		  load_balancers    = [merge(local.internal, { instance_security_group_ids = [local.instance_group] })]
		  vpc_cidr_blocks   = local.vpc
		}
		resource "clb_instance_ingress_rules" "instances" {
		  security_group_id = local.instance_group
		  load_balancers    = [local.web, local.internal]
		}
		resource "clb_network_acl_entries" "shared" {
		  network_acl_id  = local.lb_acl
		  load_balancers  = [local.web]
		  subnet_roles    = ["load_balancer", "private_instance"]
		  vpc_cidr_blocks = local.vpc
		}`, f.sdk.Region)
	const rows = `
		lb_group in  tcp 80   from 0.0.0.0/0
		lb_group out tcp 8080 to instance_group
		lb_group out tcp 8081 to instance_group
		internal_group in  tcp 9000 from 10.0.0.0/16
		internal_group in  tcp 9000 from 10.1.0.0/16
		internal_group out tcp 8080 to instance_group
		internal_group out tcp 8081 to instance_group
		instance_group in tcp  8080 from lb_group
		instance_group in tcp  8081 from lb_group
		instance_group in icmp 3/4  from lb_group
		instance_group in tcp  8080 from internal_group
		instance_group in tcp  8081 from internal_group
		instance_group in icmp 3/4  from internal_group
		lb_acl in  7  allow tcp 80         from 0.0.0.0/0
		lb_acl in  9  allow tcp 1024-65535 from 10.0.0.0/16
		lb_acl in  11 allow tcp 1024-65535 from 10.1.0.0/16
		lb_acl in  13 allow tcp 8080       from 10.0.0.0/16
		lb_acl in  15 allow tcp 8080       from 10.1.0.0/16
		lb_acl in  17 allow tcp 8081       from 10.0.0.0/16
		lb_acl in  19 allow tcp 8081       from 10.1.0.0/16
		lb_acl out 3  allow tcp 8080       to 10.0.0.0/16
		lb_acl out 4  allow tcp 8080       to 10.1.0.0/16
		lb_acl out 5  allow tcp 8081       to 10.0.0.0/16
		lb_acl out 6  allow tcp 8081       to 10.1.0.0/16
		lb_acl out 1  allow tcp 1024-65535 to 0.0.0.0/0
		lb_acl out 2  allow tcp 1024-65535 to 10.0.0.0/16
		lb_acl out 8  allow tcp 1024-65535 to 10.1.0.0/16`
	f.run(
		step{
			before: func() { f.make(rows) },
			config: config,
			plan: `
				import clb_load_balancer_security_groups.web
				import clb_load_balancer_security_groups.internal
				import clb_load_balancer_rules.web
				import clb_load_balancer_rules.internal
				import clb_instance_ingress_rules.instances
				import clb_network_acl_entries.shared`,
			writes: nothing,
			world:  rows,
		},
		step{
			// The command terraform import finds the same.
			config: config,
			adjust: importing("clb_load_balancer_rules.web", f.LoadBalancerGroup+"/"+f.LoadBalancer, "security_group_id", "vpc_cidr_blocks"),
		},
		step{
			config: config,
			adjust: importing("clb_load_balancer_security_groups.web", f.LoadBalancer, "load_balancer_name"),
		},
		step{
			config: config,
			adjust: importing("clb_instance_ingress_rules.instances", f.InstanceGroup+"/"+f.LoadBalancer+","+f.InternalLoadBalancer, "security_group_id", "vpc_cidr_blocks"),
		},
		step{
			config: config,
			adjust: importing("clb_network_acl_entries.shared", f.LoadBalancerACL+"/private_instance,load_balancer/"+f.LoadBalancer+"@"+f.sdk.Region, "network_acl_id"),
		},
	)
}

// importing turns a step into a terraform import whose state must be that of the
// resource. attribute identifies the resource; others are not compared.
func importing(address, id, attribute string, ignored ...string) func(*resource.TestStep) {
	return func(s *resource.TestStep) {
		*s = resource.TestStep{
			ResourceName: address, ImportState: true, ImportStateId: id, PreConfig: s.PreConfig, Config: s.Config,
			ImportStateVerify: true, ImportStateVerifyIdentifierAttribute: attribute, ImportStateVerifyIgnore: ignored,
		}
	}
}

// TestImportShowsWhatIsMissing imports where one rule and one entry are missing.
func TestImportShowsWhatIsMissing(t *testing.T) {
	t.Parallel()
	f := newFixture(t, world.Plan{Image: "any", Listeners: [][2]int32{{80, 8080}}})
	config := with(allResources, "VALUE", "local.web") + `
		import {
		  to = clb_load_balancer_rules.web
		  id = "${local.lb_group}/${local.web_name}"
		}
		import {
		  to = clb_instance_ingress_rules.web
		  id = "${local.instance_group}/${local.web_name}"
		}
		import {
		  to = clb_network_acl_entries.lb
		  id = "${local.lb_acl}/load_balancer/${local.web_name}"
		}`
	f.run(
		step{
			before: func() {
				f.make(rowsOfHTTP)
				f.revoke("lb_group out tcp 8081 to instance_group", "instance_group in tcp 8080 from lb_group")
				f.deleteEntry(f.LoadBalancerACL, "in 110", "out 120")
				f.deleteEntry(f.InstanceACL, "in 1000", "in 1010", "out 1000")
				f.meanwhile(func() {
					f.authorize(f.LoadBalancerGroup, "in tcp 22-22 10.0.0.0/8")
					f.putEntry(f.LoadBalancerACL, "out 1 allow 1024-65535 10.0.0.0/16")
				})
			},
			config: config,
			plan: `
				import and update clb_load_balancer_rules.web
				+ egress tcp 8081 to instance_group
				import and update clb_instance_ingress_rules.web
				+ ingress tcp 8080 from lb_group
				import and update clb_network_acl_entries.lb
				+ ingress tcp 1024-65535 from 10.0.0.0/16
				+ egress tcp 1024-65535 to 0.0.0.0/0
				create clb_network_acl_entries.instances`,
			world: rowsOfHTTP,
		},
		step{config: config, plan: nothing},
	)
}

// TestImportOfAnEmptyGroup imports a group without rules: all are missing.
func TestImportOfAnEmptyGroup(t *testing.T) {
	t.Parallel()
	f := newFixture(t, world.Plan{Image: "any", Listeners: [][2]int32{{80, 8080}}})
	f.run(step{
		config: `
			import {
			  to = clb_load_balancer_rules.web
			  id = "${local.lb_group}/${local.web_name}"
			}
			resource "clb_load_balancer_rules" "web" {
			  security_group_id           = local.lb_group
			  load_balancers              = [local.web]
			  instance_security_group_ids = [local.instance_group]
			}`,
		plan: `
			import and update clb_load_balancer_rules.web
			+ ingress tcp 80 from 0.0.0.0/0
			+ egress tcp 8080 to instance_group
			+ egress tcp 8081 to instance_group`,
	})
}

// TestImportIDs gives an error that names the form for every id that cannot be read.
func TestImportIDs(t *testing.T) {
	t.Parallel()
	f := newFixture(t, world.Plan{Listeners: [][2]int32{{80, 8080}}})
	config := with(allResources, "VALUE", "local.web") + `
		resource "clb_load_balancer_security_groups" "web" {
		  load_balancer_name = local.web_name
		  security_groups    = [local.lb_group]
		}`
	failing := func(address, id, message string) step {
		return step{config: config, fails: message, adjust: func(s *resource.TestStep) {
			*s = resource.TestStep{ResourceName: address, ImportState: true, ImportStateId: id, PreConfig: s.PreConfig, Config: s.Config, ExpectError: s.ExpectError}
		}}
	}
	f.run(
		failing("clb_load_balancer_rules.web", f.LoadBalancerGroup, `does not have the form "sg-0123456789abcdef0/my-loadbalancer"`),
		failing("clb_load_balancer_rules.web", "lb_group/"+f.LoadBalancer, `"lb_group" is not a security group id`),
		failing("clb_load_balancer_rules.web", f.LoadBalancerGroup+"/no-such-lb", `no-such-lb … does not exist`),
		failing("clb_load_balancer_rules.web", "sg-0123456789abcdef0/"+f.LoadBalancer, `sg-0123456789abcdef0 … does not exist`),
		failing("clb_instance_ingress_rules.web", f.InstanceGroup+"/", `does not have the form "sg-0123456789abcdef0/my-loadbalancer"`),
		failing("clb_network_acl_entries.lb", f.LoadBalancerACL+"/"+f.LoadBalancer, `does not have the form "acl-0123456789abcdef0/load_balancer/my-loadbalancer"`),
		failing("clb_network_acl_entries.lb", f.LoadBalancerACL+"/private/"+f.LoadBalancer, `"private" is not a role of a subnet: write load_balancer, private_instance or public_instance`),
		failing("clb_network_acl_entries.lb", "acl-1/load_balancer/"+f.LoadBalancer, `"acl-1" is not a network ACL id`),
		failing("clb_network_acl_entries.lb", "acl-0123456789abcdef0/load_balancer/"+f.LoadBalancer, `acl-0123456789abcdef0 … does not exist`),
		failing("clb_load_balancer_security_groups.web", "no-such-lb", `no-such-lb … does not exist`),
	)
}
