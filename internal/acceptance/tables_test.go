// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package acceptance

import (
	"testing"

	"github.com/terraform-clb/terraform-provider-clb/internal/acceptance/world"
)

// The rows of the AWS tables for the load balancers of twoSchemes. The pages are
// https://docs.aws.amazon.com/elasticloadbalancing/latest/classic/elb-vpc-security-groups.html,
// elb-instances-security-groups.html, elb-vpc-network-acls.html and elb-instances-network-acls.html.

// TestTablesOfBothSchemes makes all recommended rules for an internet-facing and
// an internal load balancer over a VPC with two networks.
func TestTablesOfBothSchemes(t *testing.T) {
	t.Parallel()
	f := newFixture(t, world.Plan{
		CIDRBlocks: []string{"10.1.0.0/16"},
		Listeners:  [][2]int32{{80, 8080}, {443, 8443}}, InternalListeners: [][2]int32{{9000, 9090}},
	})
	f.run(step{
		config: `
			resource "clb_load_balancer_rules" "web" {
			  security_group_id           = local.lb_group
			  load_balancers              = [local.web]
			  instance_security_group_ids = [local.instance_group]
			}
			resource "clb_load_balancer_rules" "internal" {
			  security_group_id           = local.internal_group
			  load_balancers              = [local.internal]
			  instance_security_group_ids = [local.instance_group]
			  vpc_cidr_blocks             = local.vpc
			}
			resource "clb_instance_ingress_rules" "instances" {
			  security_group_id = local.instance_group
			  load_balancers    = [local.web, local.internal]
			}
			resource "clb_network_acl_entries" "lb" {
			  network_acl_id  = local.lb_acl
			  load_balancers  = [local.web, local.internal]
			  subnet_roles    = ["load_balancer"]
			  vpc_cidr_blocks = local.vpc
			}
			resource "clb_network_acl_entries" "instances" {
			  network_acl_id  = local.instance_acl
			  load_balancers  = [local.web, local.internal]
			  subnet_roles    = ["private_instance"]
			  vpc_cidr_blocks = local.vpc
			}`,
		plan: `
			create clb_load_balancer_rules.web
			create clb_load_balancer_rules.internal
			create clb_instance_ingress_rules.instances
			create clb_network_acl_entries.lb
			create clb_network_acl_entries.instances`,
		world: `
			lb_group in  tcp 80   from 0.0.0.0/0
			lb_group in  tcp 443  from 0.0.0.0/0
			lb_group out tcp 8080 to instance_group
			lb_group out tcp 8443 to instance_group
			lb_group out tcp 8081 to instance_group

			internal_group in  tcp 9000 from 10.0.0.0/16
			internal_group in  tcp 9000 from 10.1.0.0/16
			internal_group out tcp 9090 to instance_group
			internal_group out tcp 8081 to instance_group

			instance_group in tcp  8080 from lb_group
			instance_group in tcp  8443 from lb_group
			instance_group in tcp  8081 from lb_group
			instance_group in icmp 3/4  from lb_group
			instance_group in tcp  9090 from internal_group
			instance_group in tcp  8081 from internal_group
			instance_group in icmp 3/4  from internal_group

			lb_acl in  100 allow tcp 80         from 0.0.0.0/0
			lb_acl in  110 allow tcp 443        from 0.0.0.0/0
			lb_acl in  120 allow tcp 1024-65535 from 10.0.0.0/16
			lb_acl in  130 allow tcp 1024-65535 from 10.1.0.0/16
			lb_acl in  140 allow tcp 9000       from 10.0.0.0/16
			lb_acl in  150 allow tcp 9000       from 10.1.0.0/16
			lb_acl out 100 allow tcp 8080       to 10.0.0.0/16
			lb_acl out 110 allow tcp 8080       to 10.1.0.0/16
			lb_acl out 120 allow tcp 8443       to 10.0.0.0/16
			lb_acl out 130 allow tcp 8443       to 10.1.0.0/16
			lb_acl out 140 allow tcp 8081       to 10.0.0.0/16
			lb_acl out 150 allow tcp 8081       to 10.1.0.0/16
			lb_acl out 160 allow tcp 1024-65535 to 0.0.0.0/0
			lb_acl out 170 allow tcp 9090       to 10.0.0.0/16
			lb_acl out 180 allow tcp 9090       to 10.1.0.0/16
			lb_acl out 190 allow tcp 1024-65535 to 10.0.0.0/16
			lb_acl out 200 allow tcp 1024-65535 to 10.1.0.0/16

			instance_acl in  1000 allow tcp 8080       from 10.0.0.0/16
			instance_acl in  1010 allow tcp 8080       from 10.1.0.0/16
			instance_acl in  1020 allow tcp 8443       from 10.0.0.0/16
			instance_acl in  1030 allow tcp 8443       from 10.1.0.0/16
			instance_acl in  1040 allow tcp 8081       from 10.0.0.0/16
			instance_acl in  1050 allow tcp 8081       from 10.1.0.0/16
			instance_acl in  1060 allow tcp 9090       from 10.0.0.0/16
			instance_acl in  1070 allow tcp 9090       from 10.1.0.0/16
			instance_acl out 1000 allow tcp 1024-65535 to 10.0.0.0/16
			instance_acl out 1010 allow tcp 1024-65535 to 10.1.0.0/16`,
	})
}

// TestTableOfPublicSubnets makes the rules of instances in public subnets.
func TestTableOfPublicSubnets(t *testing.T) {
	t.Parallel()
	f := newFixture(t, world.Plan{Listeners: [][2]int32{{80, 8080}, {443, 8443}}})
	f.run(step{
		config: `
			resource "clb_network_acl_entries" "instances" {
			  network_acl_id = local.instance_acl
			  load_balancers = [local.web]
			  subnet_roles   = ["public_instance"]
			}`,
		writes: `
			CreateNetworkAclEntry in 2000
			CreateNetworkAclEntry in 2010
			CreateNetworkAclEntry in 2020
			CreateNetworkAclEntry out 2000`,
		world: `
			instance_acl in  2000 allow tcp 8080       from 0.0.0.0/0
			instance_acl in  2010 allow tcp 8443       from 0.0.0.0/0
			instance_acl in  2020 allow tcp 8081       from 0.0.0.0/0
			instance_acl out 2000 allow tcp 1024-65535 to 0.0.0.0/0`,
	})
}

// TestTablesOfSharedSubnets makes the union of the tables of a network ACL that
// serves the load balancer and private and public instances.
func TestTablesOfSharedSubnets(t *testing.T) {
	t.Parallel()
	f := newFixture(t, world.Plan{Listeners: [][2]int32{{80, 8080}}})
	f.run(step{
		config: `
			resource "clb_network_acl_entries" "shared" {
			  network_acl_id    = local.lb_acl
			  load_balancers    = [local.web]
			  subnet_roles      = ["public_instance", "load_balancer", "private_instance"]
			  vpc_cidr_blocks   = local.vpc
			  first_rule_number = 500
			  rule_number_step  = 1
			}`,
		world: `
			lb_acl in  500 allow tcp 80         from 0.0.0.0/0
			lb_acl in  501 allow tcp 1024-65535 from 10.0.0.0/16
			lb_acl in  502 allow tcp 8080       from 10.0.0.0/16
			lb_acl in  503 allow tcp 8081       from 10.0.0.0/16
			lb_acl in  504 allow tcp 8080       from 0.0.0.0/0
			lb_acl in  505 allow tcp 8081       from 0.0.0.0/0
			lb_acl out 500 allow tcp 8080       to 10.0.0.0/16
			lb_acl out 501 allow tcp 8081       to 10.0.0.0/16
			lb_acl out 502 allow tcp 1024-65535 to 0.0.0.0/0
			lb_acl out 503 allow tcp 1024-65535 to 10.0.0.0/16`,
	})
}

// TestRowsThatCoincideCollapse has a health check on an instance port, and two
// listeners with one instance port.
func TestRowsThatCoincideCollapse(t *testing.T) {
	t.Parallel()
	f := newFixture(t, world.Plan{HealthCheckTarget: "TCP:8080", Listeners: [][2]int32{{80, 8080}, {443, 8080}}})
	f.run(step{
		config: `
			resource "clb_load_balancer_rules" "web" {
			  security_group_id           = local.lb_group
			  load_balancers              = [local.web]
			  instance_security_group_ids = [local.instance_group]
			}
			resource "clb_instance_ingress_rules" "web" {
			  security_group_id  = local.instance_group
			  load_balancers     = [local.web]
			  path_mtu_discovery = false
			}
			resource "clb_network_acl_entries" "lb" {
			  network_acl_id  = local.lb_acl
			  load_balancers  = [local.web]
			  subnet_roles    = ["load_balancer"]
			  vpc_cidr_blocks = local.vpc
			}`,
		world: `
			lb_group in  tcp 80   from 0.0.0.0/0
			lb_group in  tcp 443  from 0.0.0.0/0
			lb_group out tcp 8080 to instance_group
			instance_group in tcp 8080 from lb_group
			lb_acl in  100 allow tcp 80         from 0.0.0.0/0
			lb_acl in  110 allow tcp 443        from 0.0.0.0/0
			lb_acl in  120 allow tcp 1024-65535 from 10.0.0.0/16
			lb_acl out 100 allow tcp 8080       to 10.0.0.0/16
			lb_acl out 110 allow tcp 1024-65535 to 0.0.0.0/0`,
	})
}

// TestSeveralLoadBalancersInOneResource pairs each load balancer with its own
// instances and its own groups, and goes down to none. They have no names, so that
// no live load balancer holds their rules.
func TestSeveralLoadBalancersInOneResource(t *testing.T) {
	t.Parallel()
	f := newFixture(t, world.Plan{Listeners: [][2]int32{{80, 8080}}, InternalListeners: [][2]int32{{9000, 9090}}})
	f.group("app_group")
	// The load balancers share one group, and the internal one carries one more.
	const config = `
		locals {
		  both = [
		    merge(local.web, { name = null, instance_security_group_ids = [local.instance_group] }),
		    merge(local.internal, {
		      name                        = null
		      health_check                = []
		      security_groups             = [local.lb_group, local.internal_group]
		      instance_security_group_ids = [local.app_group, local.instance_group]
		    }),
		  ]
		}
		resource "clb_load_balancer_rules" "both" {
		  security_group_id = local.lb_group
		  load_balancers    = VALUES
		  vpc_cidr_blocks   = local.vpc
		}
		resource "clb_instance_ingress_rules" "instances" {
		  security_group_id  = local.instance_group
		  load_balancers     = VALUES
		  path_mtu_discovery = false
		}
		resource "clb_instance_ingress_rules" "app" {
		  security_group_id                = local.app_group
		  load_balancers                   = VALUES
		  load_balancer_security_group_ids = [local.lb_group]
		  path_mtu_discovery               = false
		}`
	f.run(
		step{
			config: with(config, "VALUES", "local.both"),
			world: `
				lb_group in  tcp 80   from 0.0.0.0/0
				lb_group in  tcp 9000 from 10.0.0.0/16
				lb_group out tcp 8080 to instance_group
				lb_group out tcp 8081 to instance_group
				lb_group out tcp 9090 to instance_group
				lb_group out tcp 9090 to app_group
				instance_group in tcp 8080 from lb_group
				instance_group in tcp 8081 from lb_group
				instance_group in tcp 9090 from lb_group
				instance_group in tcp 9090 from internal_group
				app_group in tcp 8080 from lb_group
				app_group in tcp 8081 from lb_group
				app_group in tcp 9090 from lb_group`,
		},
		step{
			config: with(config, "VALUES", "[]"),
			plan: `
				update clb_load_balancer_rules.both
				- ingress tcp 80 from 0.0.0.0/0
				- ingress tcp 9000 from 10.0.0.0/16
				- egress tcp 8080 to instance_group
				- egress tcp 8081 to instance_group
				- egress tcp 9090 to instance_group
				- egress tcp 9090 to app_group
				update clb_instance_ingress_rules.instances
				- ingress tcp 8080 from lb_group
				- ingress tcp 8081 from lb_group
				- ingress tcp 9090 from lb_group
				- ingress tcp 9090 from internal_group
				update clb_instance_ingress_rules.app
				- ingress tcp 8080 from lb_group
				- ingress tcp 8081 from lb_group
				- ingress tcp 9090 from lb_group`,
			writes: `
				RevokeSecurityGroupIngress 2
				RevokeSecurityGroupEgress 4
				RevokeSecurityGroupIngress 4
				RevokeSecurityGroupIngress 3`,
			world: nothing,
		},
	)
}

// TestGroupOnBothSides has one group on the load balancer and on its instances.
func TestGroupOnBothSides(t *testing.T) {
	t.Parallel()
	f := newFixture(t, world.Plan{HealthCheckTarget: "TCP:8080", Listeners: [][2]int32{{80, 8080}}})
	f.run(step{
		config: `
			resource "clb_load_balancer_rules" "shared" {
			  security_group_id           = local.lb_group
			  load_balancers              = [local.web]
			  instance_security_group_ids = [local.lb_group]
			}
			resource "clb_instance_ingress_rules" "shared" {
			  security_group_id = local.lb_group
			  load_balancers    = [local.web]
			}`,
		world: `
			lb_group in  tcp  80   from 0.0.0.0/0
			lb_group out tcp  8080 to lb_group
			lb_group in  tcp  8080 from lb_group
			lb_group in  icmp 3/4  from lb_group`,
	})
}

// TestPingAndPathMTUDiscovery follows the arguments for ping and for the sources of Path MTU Discovery.
func TestPingAndPathMTUDiscovery(t *testing.T) {
	t.Parallel()
	f := newFixture(t, world.Plan{Listeners: [][2]int32{{80, 8080}}})
	const config = `
		locals {
		  bare = merge(local.web, { health_check = [] })
		}
		resource "clb_load_balancer_rules" "web" {
		  security_group_id           = local.lb_group
		  load_balancers              = [local.bare]
		  instance_security_group_ids = [local.instance_group]
		  respond_to_ping             = PING
		}
		resource "clb_instance_ingress_rules" "web" {
		  security_group_id = local.instance_group
		  load_balancers    = [local.bare]
		  path_mtu_discovery = MTU
		}`
	const always = `
		lb_group in  tcp 80   from 0.0.0.0/0
		lb_group out tcp 8080 to instance_group
		instance_group in tcp 8080 from lb_group`
	f.run(
		step{
			config: with(config, "PING", "true", "MTU", "true"),
			world:  always + "\nlb_group in icmp 8/-1 from 0.0.0.0/0\ninstance_group in icmp 3/4 from lb_group",
		},
		step{
			config: with(config, "PING", "false", "MTU", `true
				path_mtu_discovery_cidr_blocks = ["10.0.0.0/16", "192.0.2.0/24"]`),
			plan: `
				update clb_load_balancer_rules.web
				- ingress icmp 8/-1 from 0.0.0.0/0
				update clb_instance_ingress_rules.web
				+ ingress icmp 3/4 from 10.0.0.0/16
				+ ingress icmp 3/4 from 192.0.2.0/24
				- ingress icmp 3/4 from lb_group`,
			world: always + "\ninstance_group in icmp 3/4 from 10.0.0.0/16\ninstance_group in icmp 3/4 from 192.0.2.0/24",
		},
		step{config: with(config, "PING", "null", "MTU", "false"), world: always},
	)
}

// TestPathMTUDiscoveryEntries makes the ICMP entries of every subnet role.
func TestPathMTUDiscoveryEntries(t *testing.T) {
	t.Parallel()
	f := newFixture(t, world.Plan{HealthCheckTarget: "TCP:8080", Listeners: [][2]int32{{80, 8080}}, InternalListeners: [][2]int32{{80, 8080}}})
	f.acl("public_acl")
	const config = `
		resource "clb_network_acl_entries" "lb" {
		  network_acl_id     = local.lb_acl
		  load_balancers     = [VALUE]
		  subnet_roles       = ["load_balancer"]
		  vpc_cidr_blocks    = local.vpc
		  path_mtu_discovery = true
		}
		resource "clb_network_acl_entries" "private" {
		  network_acl_id     = local.instance_acl
		  load_balancers     = [VALUE]
		  subnet_roles       = ["private_instance"]
		  vpc_cidr_blocks    = local.vpc
		  path_mtu_discovery = true
		}
		resource "clb_network_acl_entries" "public" {
		  network_acl_id     = local.public_acl
		  load_balancers     = [VALUE]
		  subnet_roles       = ["public_instance"]
		  path_mtu_discovery = true
		}`
	const instances = `
		instance_acl in  1000 allow tcp  8080       from 10.0.0.0/16
		instance_acl in  1010 allow icmp 3/4        from 10.0.0.0/16
		instance_acl out 1000 allow tcp  1024-65535 to 10.0.0.0/16
		instance_acl out 1010 allow icmp 3/4        to 10.0.0.0/16
		public_acl   in  2000 allow tcp  8080       from 0.0.0.0/0
		public_acl   in  2010 allow icmp 3/4        from 0.0.0.0/0
		public_acl   out 2000 allow tcp  1024-65535 to 0.0.0.0/0
		public_acl   out 2010 allow icmp 3/4        to 0.0.0.0/0`
	f.run(
		step{
			// Without its name no live load balancer holds the entries.
			config: with(config, "VALUE", "merge(local.web, { name = null })"),
			world: instances + `
				lb_acl in  100 allow tcp  80         from 0.0.0.0/0
				lb_acl in  110 allow tcp  1024-65535 from 10.0.0.0/16
				lb_acl in  120 allow icmp 3/4        from 0.0.0.0/0
				lb_acl out 100 allow tcp  8080       to 10.0.0.0/16
				lb_acl out 110 allow tcp  1024-65535 to 0.0.0.0/0
				lb_acl out 120 allow icmp 3/4        to 0.0.0.0/0`,
		},
		step{
			// The scheme changes: what stays keeps its number, and new numbers are those
			// that nothing has at that moment.
			config: with(config, "VALUE", "local.internal"),
			plan: `
				update clb_network_acl_entries.lb
				- ingress tcp 80 from 0.0.0.0/0
				- ingress icmp 3/4 from 0.0.0.0/0
				- egress tcp 1024-65535 to 0.0.0.0/0
				- egress icmp 3/4 to 0.0.0.0/0
				+ ingress tcp 80 from 10.0.0.0/16
				+ ingress icmp 3/4 from 10.0.0.0/16
				+ egress tcp 1024-65535 to 10.0.0.0/16
				+ egress icmp 3/4 to 10.0.0.0/16
				update clb_network_acl_entries.private
				update clb_network_acl_entries.public`,
			world: instances + `
				lb_acl in  110 allow tcp  1024-65535 from 10.0.0.0/16
				lb_acl in  130 allow tcp  80         from 10.0.0.0/16
				lb_acl in  140 allow icmp 3/4        from 10.0.0.0/16
				lb_acl out 100 allow tcp  8080       to 10.0.0.0/16
				lb_acl out 130 allow tcp  1024-65535 to 10.0.0.0/16
				lb_acl out 140 allow icmp 3/4        to 10.0.0.0/16`,
		},
	)
}
