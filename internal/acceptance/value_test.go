// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package acceptance

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/terraform-clb/terraform-provider-clb/internal/acceptance/world"
)

// awsELB is an object of the shape of aws_elb, with its further attributes, as
// another resource shows it at its first plan: what AWS makes up is unknown, the
// certificate of a listener too, so that an element of the set of listeners is
// known in part. terraform_data stands in for the resource, and its ids are
// known after apply only.
const awsELB = `
	resource "terraform_data" "made" {}
	locals {
	  elb = {
	    arn                         = terraform_data.made.id
	    availability_zones          = toset(["us-east-1a"])
	    connection_draining         = false
	    cross_zone_load_balancing   = true
	    dns_name                    = terraform_data.made.id
	    health_check                = [{ healthy_threshold = 2, interval = 30, target = "HTTP:8081/healthz", timeout = 3, unhealthy_threshold = 2 }]
	    id                          = terraform_data.made.id
	    idle_timeout                = 60
	    instances                   = toset([terraform_data.made.id])
	    internal                    = false
	    listener = toset([
	      { instance_port = 8080, instance_protocol = "http", lb_port = 80, lb_protocol = "http", ssl_certificate_id = "" },
	      { instance_port = 8443, instance_protocol = "http", lb_port = 443, lb_protocol = "https", ssl_certificate_id = terraform_data.made.id },
	    ])
	    name                        = terraform_data.made.id
	    name_prefix                 = null
	    security_groups             = toset([local.lb_group])
	    source_security_group       = terraform_data.made.id
	    subnets                     = toset([terraform_data.made.id])
	    tags                        = { Name = "web" }
	    zone_id                     = terraform_data.made.id
	  }
	}`

// TestValueOfAWSELB plans known rules from a value of the shape of aws_elb, both
// through a local and through the output of another resource.
func TestValueOfAWSELB(t *testing.T) {
	t.Parallel()
	f := newFixture(t, world.Plan{Listeners: [][2]int32{{80, 8080}}})
	config := awsELB + with(allResources, "VALUE", "local.elb")
	key := func(address, attribute, key string) plancheck.PlanCheck {
		return plancheck.ExpectKnownValue(address, tfjsonpath.New(attribute).AtMapKey(key).AtMapKey("ip_protocol"), knownvalue.StringExact("tcp"))
	}
	const rows = rowsOfHTTP + `
		lb_group in  tcp 443  from 0.0.0.0/0
		lb_group out tcp 8443 to instance_group
		instance_group in tcp 8443 from lb_group`
	f.run(
		step{
			config: config,
			// No line says that a map is unknown.
			plan: `
				create clb_load_balancer_rules.web
				create clb_instance_ingress_rules.web
				create clb_network_acl_entries.lb
				create clb_network_acl_entries.instances`,
			adjust: func(s *resource.TestStep) {
				s.ConfigPlanChecks.PreApply = append(s.ConfigPlanChecks.PreApply,
					key("clb_load_balancer_rules.web", "ingress", "tcp 443 from 0.0.0.0/0"),
					key("clb_load_balancer_rules.web", "egress", "tcp 8443 to "+f.InstanceGroup),
					key("clb_instance_ingress_rules.web", "ingress", "tcp 8443 from "+f.LoadBalancerGroup),
					plancheck.ExpectKnownValue("clb_network_acl_entries.lb", tfjsonpath.New("ingress").AtMapKey("tcp 443 from 0.0.0.0/0").AtMapKey("rule_number"), knownvalue.Int64Exact(110)),
				)
			},
			world: with(rows, "lb_acl in  110", "lb_acl in  120", "lb_acl out 110", "lb_acl out 120", "lb_acl out 120", "lb_acl out 130", "instance_acl in  1010", "instance_acl in  1020") + `
				lb_acl in  110 allow tcp 443  from 0.0.0.0/0
				lb_acl out 110 allow tcp 8443 to 10.0.0.0/16
				instance_acl in 1010 allow tcp 8443 from 10.0.0.0/16`,
		},
		step{config: config, plan: nothing, writes: nothing},
	)
}

// TestUnknownFacts leaves single facts unknown at plan: what follows from them is
// unknown, the rest is not, and the apply makes the rules of the final values.
func TestUnknownFacts(t *testing.T) {
	t.Parallel()
	f := newFixture(t, world.Plan{Listeners: [][2]int32{{80, 8080}}})
	const known = `
		create clb_load_balancer_rules.web
		create clb_instance_ingress_rules.web
		create clb_network_acl_entries.lb
		create clb_network_acl_entries.instances
		`
	// Each pair of steps makes the resources and takes them away again.
	trial := func(value, unknown string) []step {
		return []step{
			{
				config: `
					resource "terraform_data" "facts" {
					  input = merge(local.web, { vpc = local.vpc, count = 1, instances = local.instance_group })
					}` + with(allResources, "VALUE", value),
				plan: known + unknown, world: rowsOfHTTP,
			},
			{config: "# nothing", world: nothing},
		}
	}
	var steps []step
	// An unknown scheme: the rows of the clients.
	steps = append(steps, trial("merge(local.web, { internal = terraform_data.facts.output.internal })", `
		? ingress
		? ingress
		? egress`)...)
	// An unknown health check: all rows between load balancer and instances.
	steps = append(steps, trial("merge(local.web, { health_check = terraform_data.facts.output.health_check })", `
		? egress
		? ingress
		? ingress
		? egress
		? ingress
		? egress`)...)
	// Unknown groups of the load balancer: the sources of the instances' rules.
	steps = append(steps, trial("merge(local.web, { security_groups = terraform_data.facts.output.security_groups })", `
		? ingress`)...)
	// Unknown listeners: everything.
	steps = append(steps, trial("merge(local.web, { listener = terraform_data.facts.output.listener })", `
		? ingress
		? egress
		? ingress
		? ingress
		? egress
		? ingress
		? egress`)...)
	// An unknown group of the instances: the outbound rules.
	for _, s := range trial("local.web", `
		? egress`) {
		s.config = with(s.config, "instance_security_group_ids = [local.instance_group]", "instance_security_group_ids = [terraform_data.facts.output.instances]")
		steps = append(steps, s)
	}
	f.run(steps...)
}

// TestUnknownOwners leaves the group and the network ACL themselves unknown: the
// rules do not follow from them and are known.
func TestUnknownOwners(t *testing.T) {
	t.Parallel()
	f := newFixture(t, world.Plan{Listeners: [][2]int32{{80, 8080}}})
	f.run(step{
		config: `
			resource "terraform_data" "made" {
			  input = { group = local.lb_group, acl = local.lb_acl, instances = local.instance_acl }
			}` + with(allResources, "VALUE", "local.web", "= local.lb_group", "= terraform_data.made.output.group",
			"= local.lb_acl", "= terraform_data.made.output.acl", "= local.instance_acl", "= terraform_data.made.output.instances"),
		plan: `
			create clb_load_balancer_rules.web
			create clb_instance_ingress_rules.web
			create clb_network_acl_entries.lb
			create clb_network_acl_entries.instances`,
		world: rowsOfHTTP,
	})
}

// TestCountedLoadBalancer goes from a load balancer that exists by count to none
// and back. It has no name, so that no live load balancer holds its rules.
func TestCountedLoadBalancer(t *testing.T) {
	t.Parallel()
	f := newFixture(t, world.Plan{Listeners: [][2]int32{{80, 8080}}})
	config := `
		resource "terraform_data" "elb" {
		  count = COUNT
		  input = merge(local.web, { name = null })
		}` + with(allResources, "[VALUE]", "terraform_data.elb[*].input")
	f.run(
		step{config: with(config, "COUNT", "0"), writes: nothing, world: nothing},
		step{config: with(config, "COUNT", "1"), world: rowsOfHTTP},
		step{config: with(config, "COUNT", "0"), world: nothing},
	)
}
