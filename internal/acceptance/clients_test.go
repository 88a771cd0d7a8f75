// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package acceptance

import (
	"testing"

	"github.com/terraform-clb/terraform-provider-clb/internal/acceptance/world"
)

// TestClientsOfEveryKind declares clients on the resource, on a load balancer
// and for single listeners; a network ACL keeps its source for those that it
// cannot name.
func TestClientsOfEveryKind(t *testing.T) {
	t.Parallel()
	f := newFixture(t, world.Plan{HealthCheckTarget: "TCP:8080", Listeners: [][2]int32{{80, 8080}, {443, 8080}, {8443, 8080}}, InternalListeners: [][2]int32{{80, 8080}}})
	f.group("client_group")
	f.prefixList("offices", "198.51.100.0/24")
	const config = `
		locals {
		  web_clients = [
		    { lb_ports = [443], cidr_blocks = ["203.0.113.0/24", "192.0.2.0/24"], security_group_ids = null, prefix_list_ids = null },
		    { lb_ports = [443, 8443], cidr_blocks = null, security_group_ids = [local.client_group], prefix_list_ids = [local.offices] },
		  ]
		}
		resource "clb_load_balancer_rules" "web" {
		  security_group_id           = local.lb_group
		  load_balancers              = [merge(local.web, { clients = local.web_clients }), local.internal]
		  clients                     = [{ cidr_blocks = ["10.7.0.0/16"] }]
		  instance_security_group_ids = [local.instance_group]
		  respond_to_ping             = true
		}
		resource "clb_network_acl_entries" "lb" {
		  network_acl_id  = local.lb_acl
		  load_balancers  = [merge(local.web, { clients = local.web_clients }), local.internal]
		  clients         = [{ cidr_blocks = ["10.7.0.0/16"] }]
		  subnet_roles    = ["load_balancer"]
		  vpc_cidr_blocks = local.vpc
		}`
	f.run(
		step{
			config: config,
			world: `
				lb_group in  tcp 80   from 0.0.0.0/0
				lb_group in  tcp 80   from 10.7.0.0/16
				lb_group in  tcp 443  from 203.0.113.0/24
				lb_group in  tcp 443  from 192.0.2.0/24
				lb_group in  tcp 443  from client_group
				lb_group in  tcp 443  from offices
				lb_group in  tcp 8443 from client_group
				lb_group in  tcp 8443 from offices
				lb_group in  icmp 8/-1 from 0.0.0.0/0
				lb_group in  icmp 8/-1 from 10.7.0.0/16
				lb_group in  icmp 8/-1 from 203.0.113.0/24
				lb_group in  icmp 8/-1 from 192.0.2.0/24
				lb_group in  icmp 8/-1 from client_group
				lb_group in  icmp 8/-1 from offices
				lb_group out tcp 8080 to instance_group

				lb_acl in  100 allow tcp 80         from 0.0.0.0/0
				lb_acl in  110 allow tcp 443        from 0.0.0.0/0
				lb_acl in  120 allow tcp 8443       from 0.0.0.0/0
				lb_acl in  130 allow tcp 1024-65535 from 10.0.0.0/16
				lb_acl in  140 allow tcp 80         from 10.7.0.0/16
				lb_acl out 100 allow tcp 8080       to 10.0.0.0/16
				lb_acl out 110 allow tcp 1024-65535 to 0.0.0.0/0
				lb_acl out 120 allow tcp 1024-65535 to 10.7.0.0/16`,
		},
		step{
			// A named network instead of the group and the list: the entries narrow.
			config: with(config, "security_group_ids = [local.client_group], prefix_list_ids = [local.offices]", "security_group_ids = null, prefix_list_ids = null",
				"cidr_blocks = null", `cidr_blocks = ["198.51.100.0/24"]`),
			world: `
				lb_group in  tcp 80   from 0.0.0.0/0
				lb_group in  tcp 80   from 10.7.0.0/16
				lb_group in  tcp 443  from 203.0.113.0/24
				lb_group in  tcp 443  from 192.0.2.0/24
				lb_group in  tcp 443  from 198.51.100.0/24
				lb_group in  tcp 8443 from 198.51.100.0/24
				lb_group in  icmp 8/-1 from 0.0.0.0/0
				lb_group in  icmp 8/-1 from 10.7.0.0/16
				lb_group in  icmp 8/-1 from 203.0.113.0/24
				lb_group in  icmp 8/-1 from 192.0.2.0/24
				lb_group in  icmp 8/-1 from 198.51.100.0/24
				lb_group out tcp 8080 to instance_group

				lb_acl in  100 allow tcp 80         from 0.0.0.0/0
				lb_acl in  130 allow tcp 1024-65535 from 10.0.0.0/16
				lb_acl in  140 allow tcp 80         from 10.7.0.0/16
				lb_acl in  150 allow tcp 443        from 192.0.2.0/24
				lb_acl in  160 allow tcp 443        from 203.0.113.0/24
				lb_acl in  170 allow tcp 443        from 198.51.100.0/24
				lb_acl in  180 allow tcp 8443       from 198.51.100.0/24
				lb_acl out 100 allow tcp 8080       to 10.0.0.0/16
				lb_acl out 110 allow tcp 1024-65535 to 0.0.0.0/0
				lb_acl out 120 allow tcp 1024-65535 to 10.7.0.0/16
				lb_acl out 130 allow tcp 1024-65535 to 192.0.2.0/24
				lb_acl out 140 allow tcp 1024-65535 to 203.0.113.0/24
				lb_acl out 150 allow tcp 1024-65535 to 198.51.100.0/24`,
		},
	)
}

// TestGroupForEachListener splits the rules of one load balancer over two groups.
func TestGroupForEachListener(t *testing.T) {
	t.Parallel()
	f := newFixture(t, world.Plan{Listeners: [][2]int32{{80, 8080}, {443, 8443}}})
	f.run(step{
		config: `
			resource "clb_load_balancer_rules" "http" {
			  security_group_id           = local.lb_group
			  load_balancers              = [local.web]
			  lb_ports                    = [80]
			  instance_security_group_ids = [local.instance_group]
			}
			resource "clb_load_balancer_rules" "https" {
			  security_group_id           = local.internal_group
			  load_balancers              = [local.web]
			  lb_ports                    = [443]
			  clients                     = [{ lb_ports = [443], cidr_blocks = ["203.0.113.0/24"] }]
			  instance_security_group_ids = [local.instance_group]
			}`,
		world: `
			lb_group       in  tcp 80   from 0.0.0.0/0
			lb_group       out tcp 8080 to instance_group
			lb_group       out tcp 8081 to instance_group
			internal_group in  tcp 443  from 203.0.113.0/24
			internal_group out tcp 8443 to instance_group
			internal_group out tcp 8081 to instance_group`,
	})
}

// TestPeersWithTheirAccount names groups as account/sg-…, as hashicorp/aws does.
func TestPeersWithTheirAccount(t *testing.T) {
	t.Parallel()
	f := newFixture(t, world.Plan{HealthCheckTarget: "TCP:8080", Listeners: [][2]int32{{80, 8080}}})
	config := with(`
		resource "clb_load_balancer_rules" "web" {
		  security_group_id           = local.lb_group
		  load_balancers              = [local.web]
		  clients                     = [{ security_group_ids = ["OWN/${local.internal_group}"] }]
		  instance_security_group_ids = ["OWN/${local.instance_group}"]
		}
		resource "clb_instance_ingress_rules" "web" {
		  security_group_id  = local.instance_group
		  load_balancers     = [merge(local.web, { security_groups = ["OWN/${local.lb_group}"] })]
		  path_mtu_discovery = false
		}`, "OWN", f.account)
	const rows = `
		lb_group       in  tcp 80   from internal_group
		lb_group       out tcp 8080 to instance_group
		instance_group in  tcp 8080 from lb_group`
	f.run(
		step{config: config, world: rows},
		step{
			// The arguments change, and no rule does.
			config: with(config, f.account+"/", ""),
			plan:   "update clb_load_balancer_rules.web\nupdate clb_instance_ingress_rules.web",
			writes: nothing, world: rows,
		},
	)
}
