// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package acceptance

import (
	"testing"

	"github.com/terraform-clb/terraform-provider-clb/internal/acceptance/world"
)

const rowsOfClients = `
	lb_group in  tcp 80   from client_group
	lb_group in  tcp 443  from 203.0.113.0/24
	lb_group in  icmp 8/-1 from client_group
	lb_group in  icmp 8/-1 from 203.0.113.0/24
	lb_group out tcp 8080 to instance_group
	instance_group in tcp  8080 from lb_group
	instance_group in icmp 3/4  from 10.0.0.0/8
	lb_acl in  100 allow tcp 80         from 0.0.0.0/0
	lb_acl in  110 allow tcp 443        from 203.0.113.0/24
	lb_acl in  120 allow tcp 1024-65535 from 10.0.0.0/16
	lb_acl out 100 allow tcp 8080       to 10.0.0.0/16
	lb_acl out 110 allow tcp 1024-65535 to 0.0.0.0/0
	lb_acl out 120 allow tcp 1024-65535 to 203.0.113.0/24`

const importOfClients = `
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
	}
	locals {
	  clients = [
	    { lb_ports = [80], security_group_ids = [local.client_group], cidr_blocks = null, prefix_list_ids = null },
	    { lb_ports = [443], security_group_ids = null, cidr_blocks = ["203.0.113.0/24"], prefix_list_ids = null },
	  ]
	}
	resource "clb_load_balancer_rules" "web" {
	  security_group_id           = local.lb_group
	  load_balancers              = [local.web]
	  instance_security_group_ids = [local.instance_group]
	  respond_to_ping             = true
	  clients                     = local.clients
	}
	resource "clb_instance_ingress_rules" "web" {
	  security_group_id              = local.instance_group
	  load_balancers                 = [local.web]
	  path_mtu_discovery_cidr_blocks = ["10.0.0.0/8"]
	}
	resource "clb_network_acl_entries" "lb" {
	  network_acl_id  = local.lb_acl
	  load_balancers  = [local.web]
	  subnet_roles    = ["load_balancer"]
	  vpc_cidr_blocks = local.vpc
	  clients         = local.clients
	}`

const importsOfClients = `
	import clb_load_balancer_rules.web
	import clb_instance_ingress_rules.web
	import clb_network_acl_entries.lb`

// TestImportDeclaredClients imports where the live rules admit declared clients,
// pings and Path MTU Discovery from a network: the configuration that declares
// them, on the resources or in the values, has an empty plan, and the rules are
// owned.
func TestImportDeclaredClients(t *testing.T) {
	t.Parallel()
	for name, config := range map[string]string{
		"on the resources": importOfClients,
		"in the values": with(importOfClients, "clients                     = local.clients", "", "clients         = local.clients", "",
			"load_balancers              = [local.web]", "load_balancers = [merge(local.web, { clients = local.clients })]",
			"load_balancers  = [local.web]", "load_balancers = [merge(local.web, { clients = local.clients })]"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, world.Plan{Image: "any", HealthCheckTarget: "TCP:8080", Listeners: [][2]int32{{80, 8080}, {443, 8080}}})
			f.group("client_group")
			f.run(
				step{before: func() { f.make(rowsOfClients) }, config: config, plan: importsOfClients, writes: nothing, world: rowsOfClients},
				step{config: config, plan: nothing},
			)
		})
	}
}

// TestImportWithOtherClients imports where the live rules admit others than the
// configuration declares: the plan shows the difference, and first adds, then removes.
func TestImportWithOtherClients(t *testing.T) {
	t.Parallel()
	f := newFixture(t, world.Plan{Image: "any", HealthCheckTarget: "TCP:8080", Listeners: [][2]int32{{80, 8080}}})
	config := `
		import {
		  to = clb_load_balancer_rules.web
		  id = "${local.lb_group}/${local.web_name}"
		}
		resource "clb_load_balancer_rules" "web" {
		  security_group_id           = local.lb_group
		  load_balancers              = [local.web]
		  instance_security_group_ids = [local.instance_group]
		}`
	f.run(step{
		before: func() {
			f.make(`
				lb_group in  tcp 80   from 203.0.113.0/24
				lb_group out tcp 8080 to instance_group`)
		},
		config: config,
		plan: `
			import and update clb_load_balancer_rules.web
			+ ingress tcp 80 from 0.0.0.0/0
			- ingress tcp 80 from 203.0.113.0/24`,
		world: `
			lb_group in  tcp 80   from 0.0.0.0/0
			lb_group out tcp 8080 to instance_group`,
	})
}

// TestImportPathMTUDiscovery finds out whether a network ACL has the entries of
// Path MTU Discovery.
func TestImportPathMTUDiscovery(t *testing.T) {
	t.Parallel()
	f := newFixture(t, world.Plan{Image: "any", HealthCheckTarget: "TCP:8080", Listeners: [][2]int32{{80, 8080}}})
	const config = `
		resource "clb_network_acl_entries" "lb" {
		  network_acl_id     = local.lb_acl
		  load_balancers     = [local.web]
		  subnet_roles       = ["load_balancer"]
		  vpc_cidr_blocks    = local.vpc
		  path_mtu_discovery = true
		}`
	imported := importing("clb_network_acl_entries.lb", f.LoadBalancerACL+"/load_balancer/"+f.LoadBalancer, "network_acl_id")
	f.run(
		step{config: config},
		step{config: config, adjust: imported},
		step{config: with(config, "path_mtu_discovery = true", "")},
		step{config: with(config, "path_mtu_discovery = true", ""), adjust: imported},
	)
}
