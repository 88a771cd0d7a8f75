// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package acceptance

import (
	"testing"

	"github.com/terraform-clb/terraform-provider-clb/internal/acceptance/world"
)

// verifiedACL is the network ACL of the instances' subnets.
const verifiedACL = `
	resource "clb_network_acl_entries" "instances" {
	  network_acl_id  = local.instance_acl
	  load_balancers  = [local.web]
	  subnet_roles    = ["private_instance"]
	  vpc_cidr_blocks = local.vpc
	  ARGUMENTS
	}`

// otherDeny is a network ACL resource that closes the health check port, and
// something else that the same configuration manages.
const otherDeny = `
	resource "clb_network_acl_entries" "other" {
	  network_acl_id  = local.instance_acl
	  load_balancers  = []
	  subnet_roles    = ["private_instance"]
	  vpc_cidr_blocks = local.vpc
	  egress          = {}
	  ingress = {
	    closed = { rule_number = 90, rule_action = "deny", protocol = "tcp", from_port = 8081, to_port = 8081, cidr_block = "10.0.0.0/8" }
	  }
	}`

const somethingElse = `
	resource "terraform_data" "other" { input = "VALUE" }`

const verifiedRows = `
	instance_acl in  1000 allow tcp 8080       from 10.0.0.0/16
	instance_acl in  1010 allow tcp 8081       from 10.0.0.0/16
	instance_acl out 1000 allow tcp 1024-65535 to   10.0.0.0/16`

// refusedHealthCheck is the error of a plan while rule 90 closes the port.
const refusedHealthCheck = `Health check cannot reach the instances (CLB103) … health check tcp/8081 … is refused by network ACL {instance_acl} inbound
	rule 90 (deny tcp 8081 from 10.0.0.0/8): e.g. 10.0.0.4 -> an instance, tcp 8081. … Fix: Remove or narrow … CLB_ENFORCEMENT=advisory`

// TestRefutedByTheLiveWorld: a deny that somebody else has written in front of
// our entries stops what would change the network ACL, and nothing else.
func TestRefutedByTheLiveWorld(t *testing.T) {
	t.Parallel()
	f := newFixture(t, world.Plan{Listeners: [][2]int32{{80, 8080}}})
	config := func(arguments, value string) string {
		return with(verifiedACL, "ARGUMENTS", arguments) + with(somethingElse, "VALUE", value)
	}
	deny := func() { f.meanwhile(func() { f.putEntry(f.InstanceACL, "in 90 deny 8081-8081 10.0.0.0/8") }) }
	f.run(
		step{
			// A plan that creates is refused, and nothing is written.
			before: deny,
			config: config("", "one"),
			fails:  refusedHealthCheck,
			world:  nothing,
		},
		step{
			// What is accepted for a reason is not refused.
			config: config(`accept = [{ finding = "CLB103", reason = "the check is off", cidr = "10.0.0.0/8", protocol = "tcp", from_port = 8081, to_port = 8081 }]`, "one"),
			plan:   "create clb_network_acl_entries.instances",
			world:  verifiedRows,
		},
		step{
			// A plan for something else gets through.
			config: config("", "two"),
			writes: nothing,
			world:  verifiedRows,
		},
		step{
			// A plan that changes the entries does not.
			config: config("path_mtu_discovery = true", "two"),
			fails:  refusedHealthCheck,
			world:  verifiedRows,
		},
		step{
			// Nor does any plan, where everything that is found is to stop it.
			config: config(`enforcement = "strict"`, "two"),
			fails:  refusedHealthCheck,
			world:  verifiedRows,
		},
		step{
			// The way past it.
			config: config(`path_mtu_discovery = true
				enforcement = "advisory"`, "two"),
			writes: "CreateNetworkAclEntry in 1020\nCreateNetworkAclEntry out 1010",
		},
		// Everything is destroyed while the flow is refused.
	)
	f.deleteEntry(f.InstanceACL, "in 90")
}

// TestDenyOfTheSameConfiguration: the resource that refuses a flow can be removed
// by the plan that warns of it.
func TestDenyOfTheSameConfiguration(t *testing.T) {
	t.Parallel()
	f := newFixture(t, world.Plan{Listeners: [][2]int32{{80, 8080}}})
	mine := with(verifiedACL, "ARGUMENTS", "")
	f.run(
		step{config: mine, world: verifiedRows},
		step{
			config: mine + otherDeny,
			plan:   "create clb_network_acl_entries.other",
			world:  verifiedRows + "\ninstance_acl in 90 deny tcp 8081 from 10.0.0.0/8",
		},
		step{
			config: mine,
			plan:   "delete clb_network_acl_entries.other",
			world:  verifiedRows,
		},
	)
}

// TestRefutedAtApply: what is not known at plan is judged at apply, before
// anything is written.
func TestRefutedAtApply(t *testing.T) {
	t.Parallel()
	f := newFixture(t, world.Plan{Listeners: [][2]int32{{80, 8080}}})
	config := with(`
		resource "terraform_data" "acl" { input = local.instance_acl }`+verifiedACL, "ARGUMENTS", "")
	config = with(config, "= local.instance_acl\n", "= terraform_data.acl.output\n")
	deny := func() { f.meanwhile(func() { f.putEntry(f.InstanceACL, "in 90 deny 8081-8081 10.0.0.0/8") }) }
	f.run(
		step{before: deny, config: config, fails: refusedHealthCheck, world: nothing},
		step{before: func() { f.meanwhile(func() { f.deleteEntry(f.InstanceACL, "in 90") }) }, config: config, world: verifiedRows},
	)
}

// TestSharedGroupIsJudgedForEach: two load balancers share a group; what the one
// needs is no excess of the other, and a rule that both lack is refuted for both.
func TestSharedGroupIsJudgedForEach(t *testing.T) {
	t.Parallel()
	f := newFixture(t, world.Plan{Listeners: [][2]int32{{80, 8080}}, InternalListeners: [][2]int32{{8443, 9443}}})
	config := func(ingress string) string {
		return with(`
			resource "clb_instance_ingress_rules" "shared" {
			  security_group_id = local.instance_group
			  load_balancers    = [local.web, local.internal]
			  INGRESS
			}`, "INGRESS", ingress)
	}
	rule := func(name string, port, group string) string {
		return name + ` = { ip_protocol = "tcp", from_port = ` + port + `, to_port = ` + port + `, referenced_security_group_id = local.` + group + ` }
`
	}
	web := rule("web", "8080", "lb_group") + rule("web_health", "8081", "lb_group") +
		`mtu = { ip_protocol = "icmp", from_port = 3, to_port = 4, referenced_security_group_id = local.lb_group }
		mtu_internal = { ip_protocol = "icmp", from_port = 3, to_port = 4, referenced_security_group_id = local.internal_group }
`
	f.run(
		step{
			config: config("ingress = {\n" + web + "}"),
			fails:  `Load balancer cannot reach an instance port (CLB102) … traffic tcp/9443 from "` + f.InternalLoadBalancer + `" … {internal_group}`,
			world:  nothing,
		},
		step{
			config: config("ingress = {\n" + web + rule("internal", "9443", "internal_group") + rule("internal_health", "8081", "internal_group") + "}"),
			plan:   "create clb_instance_ingress_rules.shared",
		},
	)
}
