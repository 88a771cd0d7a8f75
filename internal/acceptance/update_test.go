// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package acceptance

import (
	"fmt"
	"testing"

	"github.com/terraform-clb/terraform-provider-clb/internal/acceptance/world"
)

// allResources are the three rule resources for one value, which is the whole
// of an internet-facing load balancer and its private instances.
const allResources = `
	resource "clb_load_balancer_rules" "web" {
	  security_group_id           = local.lb_group
	  load_balancers              = [VALUE]
	  instance_security_group_ids = [local.instance_group]
	}
	resource "clb_instance_ingress_rules" "web" {
	  security_group_id = local.instance_group
	  load_balancers    = [VALUE]
	}
	resource "clb_network_acl_entries" "lb" {
	  network_acl_id  = local.lb_acl
	  load_balancers  = [VALUE]
	  subnet_roles    = ["load_balancer"]
	  vpc_cidr_blocks = local.vpc
	}
	resource "clb_network_acl_entries" "instances" {
	  network_acl_id  = local.instance_acl
	  load_balancers  = [VALUE]
	  subnet_roles    = ["private_instance"]
	  vpc_cidr_blocks = local.vpc
	}`

// rowsOfHTTP are the rows of allResources for a listener 80 to 8080 with the
// health check on 8081.
const rowsOfHTTP = `
	lb_group in  tcp 80   from 0.0.0.0/0
	lb_group out tcp 8080 to instance_group
	lb_group out tcp 8081 to instance_group
	instance_group in tcp  8080 from lb_group
	instance_group in tcp  8081 from lb_group
	instance_group in icmp 3/4  from lb_group
	lb_acl in  100 allow tcp 80         from 0.0.0.0/0
	lb_acl in  110 allow tcp 1024-65535 from 10.0.0.0/16
	lb_acl out 100 allow tcp 8080       to 10.0.0.0/16
	lb_acl out 110 allow tcp 8081       to 10.0.0.0/16
	lb_acl out 120 allow tcp 1024-65535 to 0.0.0.0/0
	instance_acl in  1000 allow tcp 8080       from 10.0.0.0/16
	instance_acl in  1010 allow tcp 8081       from 10.0.0.0/16
	instance_acl out 1000 allow tcp 1024-65535 to 10.0.0.0/16`

// TestListenersChange adds a listener, moves a back-end port and removes the
// first listener: only the difference is planned and sent, rule numbers stay,
// and what others have written survives all of it, the destroy included.
func TestListenersChange(t *testing.T) {
	t.Parallel()
	f := newFixture(t, world.Plan{Listeners: [][2]int32{{80, 8080}}})
	f.authorize(f.LoadBalancerGroup, "in tcp 22-22 10.0.0.0/8")
	f.authorize(f.LoadBalancerGroup, "out tcp 0-65535 10.0.0.0/8")
	f.authorize(f.InstanceGroup, "in tcp 8000-9000 10.0.0.0/8")
	f.putEntry(f.LoadBalancerACL, "in 50 deny 22-22 0.0.0.0/0")
	f.putEntry(f.LoadBalancerACL, "out 130 allow 53-53 0.0.0.0/0")
	f.putEntry(f.InstanceACL, "in 1 allow 8080-8080 10.0.0.0/16")
	f.settle()
	value := func(listeners string) string {
		return with(allResources, "VALUE", fmt.Sprintf("merge(local.web, { listener = [%s] })", listeners))
	}
	const (
		http  = "{ lb_port = 80, instance_port = 8080 }"
		https = "{ lb_port = 443, instance_port = 8443 }"
		moved = "{ lb_port = 443, instance_port = 9443 }"
	)
	// 130 is taken by another entry out of lb_acl: new entries step aside from
	// what is owned only, so this test gives the numbers from 200 on.
	from200 := func(config string) string {
		return with(config, `subnet_roles    = ["load_balancer"]`, `subnet_roles    = ["load_balancer"]
			first_rule_number = 200`)
	}
	f.run(
		step{
			config: from200(value(http)),
			writes: `
				AuthorizeSecurityGroupIngress 1
				AuthorizeSecurityGroupEgress 2
				AuthorizeSecurityGroupIngress 3
				CreateNetworkAclEntry in 200
				CreateNetworkAclEntry in 210
				CreateNetworkAclEntry out 200
				CreateNetworkAclEntry out 210
				CreateNetworkAclEntry out 220
				CreateNetworkAclEntry in 1000
				CreateNetworkAclEntry in 1010
				CreateNetworkAclEntry out 1000`,
			world: from200Rows(rowsOfHTTP),
		},
		step{
			config: from200(value(http + "," + https)),
			plan: `
				update clb_load_balancer_rules.web
				+ ingress tcp 443 from 0.0.0.0/0
				+ egress tcp 8443 to instance_group
				update clb_instance_ingress_rules.web
				+ ingress tcp 8443 from lb_group
				update clb_network_acl_entries.lb
				+ ingress tcp 443 from 0.0.0.0/0
				+ egress tcp 8443 to 10.0.0.0/16
				update clb_network_acl_entries.instances
				+ ingress tcp 8443 from 10.0.0.0/16`,
			writes: `
				AuthorizeSecurityGroupIngress 1
				AuthorizeSecurityGroupEgress 1
				AuthorizeSecurityGroupIngress 1
				CreateNetworkAclEntry in 220
				CreateNetworkAclEntry out 230
				CreateNetworkAclEntry in 1020`,
			world: from200Rows(rowsOfHTTP) + `
				lb_group in  tcp 443  from 0.0.0.0/0
				lb_group out tcp 8443 to instance_group
				instance_group in tcp  8443 from lb_group
				lb_acl in  220 allow tcp 443  from 0.0.0.0/0
				lb_acl out 230 allow tcp 8443 to 10.0.0.0/16
				instance_acl in 1020 allow tcp 8443 from 10.0.0.0/16`,
		},
		step{
			config: from200(value(http + "," + moved)),
			plan: `
				update clb_load_balancer_rules.web
				- egress tcp 8443 to instance_group
				+ egress tcp 9443 to instance_group
				update clb_instance_ingress_rules.web
				- ingress tcp 8443 from lb_group
				+ ingress tcp 9443 from lb_group
				update clb_network_acl_entries.lb
				- egress tcp 8443 to 10.0.0.0/16
				+ egress tcp 9443 to 10.0.0.0/16
				update clb_network_acl_entries.instances
				- ingress tcp 8443 from 10.0.0.0/16
				+ ingress tcp 9443 from 10.0.0.0/16`,
			writes: `
				AuthorizeSecurityGroupEgress 1
				RevokeSecurityGroupEgress 1
				AuthorizeSecurityGroupIngress 1
				RevokeSecurityGroupIngress 1
				CreateNetworkAclEntry out 240
				DeleteNetworkAclEntry out 230
				CreateNetworkAclEntry in 1030
				DeleteNetworkAclEntry in 1020`,
		},
		step{
			// The load balancer goes first, or else what it needs would stay.
			before: func() { f.relisten(80, [2]int32{443, 9443}) },
			config: from200(value(moved)),
			writes: `
				RevokeSecurityGroupIngress 1
				RevokeSecurityGroupEgress 1
				RevokeSecurityGroupIngress 1
				DeleteNetworkAclEntry in 200
				DeleteNetworkAclEntry out 200
				DeleteNetworkAclEntry in 1000`,
			world: `
				lb_group in  tcp 443  from 0.0.0.0/0
				lb_group out tcp 9443 to instance_group
				lb_group out tcp 8081 to instance_group
				instance_group in tcp  9443 from lb_group
				instance_group in tcp  8081 from lb_group
				instance_group in icmp 3/4  from lb_group
				lb_acl in  220 allow tcp 443        from 0.0.0.0/0
				lb_acl in  210 allow tcp 1024-65535 from 10.0.0.0/16
				lb_acl out 240 allow tcp 9443       to 10.0.0.0/16
				lb_acl out 210 allow tcp 8081       to 10.0.0.0/16
				lb_acl out 220 allow tcp 1024-65535 to 0.0.0.0/0
				instance_acl in  1030 allow tcp 9443       from 10.0.0.0/16
				instance_acl in  1010 allow tcp 8081       from 10.0.0.0/16
				instance_acl out 1000 allow tcp 1024-65535 to 10.0.0.0/16`,
		},
		step{
			// The listener comes back and gets the free number again.
			config: from200(value(http + "," + moved)),
			writes: `
				AuthorizeSecurityGroupIngress 1
				AuthorizeSecurityGroupEgress 1
				AuthorizeSecurityGroupIngress 1
				CreateNetworkAclEntry in 200
				CreateNetworkAclEntry out 200
				CreateNetworkAclEntry in 1000`,
		},
	)
}

func from200Rows(rows string) string {
	return with(rows, "lb_acl in  1", "lb_acl in  2", "lb_acl out 1", "lb_acl out 2")
}

// TestRuleNumbersMove changes first_rule_number and rule_number_step: all
// entries get new numbers, and no entry is ever missing.
func TestRuleNumbersMove(t *testing.T) {
	t.Parallel()
	f := newFixture(t, world.Plan{HealthCheckTarget: "TCP:8080", Listeners: [][2]int32{{80, 8080}, {443, 8080}}})
	const config = `
		resource "clb_network_acl_entries" "lb" {
		  network_acl_id    = local.lb_acl
		  load_balancers    = [local.web]
		  subnet_roles      = ["load_balancer"]
		  vpc_cidr_blocks   = local.vpc
		  first_rule_number = FIRST
		  rule_number_step  = STEP
		}`
	const rows = `
		lb_acl in  %d allow tcp 80         from 0.0.0.0/0
		lb_acl in  %d allow tcp 443        from 0.0.0.0/0
		lb_acl in  %d allow tcp 1024-65535 from 10.0.0.0/16
		lb_acl out %d allow tcp 8080       to 10.0.0.0/16
		lb_acl out %d allow tcp 1024-65535 to 0.0.0.0/0`
	f.run(
		step{config: with(config, "FIRST", "null", "STEP", "null"), world: fmt.Sprintf(rows, 100, 110, 120, 100, 110)},
		step{
			// Into the numbers of the others: 110 and 120 are replaced in place.
			config: with(config, "FIRST", "110", "STEP", "null"),
			plan: `
				update clb_network_acl_entries.lb
				~ ingress tcp 80 from 0.0.0.0/0
				~ ingress tcp 443 from 0.0.0.0/0
				~ ingress tcp 1024-65535 from 10.0.0.0/16
				~ egress tcp 8080 to 10.0.0.0/16
				~ egress tcp 1024-65535 to 0.0.0.0/0`,
			writes: `
				CreateNetworkAclEntry in 130
				ReplaceNetworkAclEntry in 120
				ReplaceNetworkAclEntry in 110
				DeleteNetworkAclEntry in 100
				CreateNetworkAclEntry out 120
				ReplaceNetworkAclEntry out 110
				DeleteNetworkAclEntry out 100`,
			world: fmt.Sprintf(rows, 110, 120, 130, 110, 120),
		},
		step{config: with(config, "FIRST", "110", "STEP", "1"), world: fmt.Sprintf(rows, 110, 111, 112, 110, 111)},
		step{
			// Saying the defaults aloud changes nothing but the words.
			config: with(config, "FIRST", "100", "STEP", "10"), world: fmt.Sprintf(rows, 100, 110, 120, 100, 110),
		},
		step{config: with(config, "FIRST", "null", "STEP", "null"), plan: "update clb_network_acl_entries.lb", writes: nothing},
	)
}

// TestOtherWordsForTheSameFacts changes how the value is written and nothing else.
func TestOtherWordsForTheSameFacts(t *testing.T) {
	t.Parallel()
	f := newFixture(t, world.Plan{Listeners: [][2]int32{{80, 8080}, {443, 8443}}})
	f.run(
		step{config: with(allResources, "VALUE", "local.web")},
		step{
			config: with(allResources, "VALUE", `merge(local.web, {
				name         = "another-name"
				internal     = null
				listener     = reverse(local.web.listener)
				health_check = [{ target = "http:8081/healthz", interval = 5 }]
				dns_name     = "ignored.example.com"
			})`),
			plan: nothing, writes: nothing,
		},
	)
}

// TestReplacementMovesToAnotherGroup changes what the rules are about.
func TestReplacementMovesToAnotherGroup(t *testing.T) {
	t.Parallel()
	f := newFixture(t, world.Plan{Listeners: [][2]int32{{80, 8080}}})
	config := with(allResources, "VALUE", "local.web")
	swapped := with(config, "= local.lb_group", "= local.internal_group", "= local.lb_acl", "= local.instance_acl", "= local.instance_acl", "= local.lb_acl")
	f.run(
		step{config: config, world: rowsOfHTTP},
		step{
			config: swapped,
			plan: `
				replace clb_load_balancer_rules.web
				replace clb_network_acl_entries.lb
				replace clb_network_acl_entries.instances`,
			world: with(rowsOfHTTP, "lb_group in ", "internal_group in ", "lb_group out", "internal_group out",
				"lb_acl", "instance_acl", "instance_acl", "lb_acl"),
		},
	)
}
