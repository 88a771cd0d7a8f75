// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package chaos_test

import (
	"slices"
	"strings"
)

// scenario is a change of one resource that is to be disturbed.
type scenario struct {
	resource, operation string
	// before and after are the configurations; an empty one has no resource.
	before, after string
	// owns: what the resource adopts goes with it.
	owns bool
}

func (s scenario) name() string {
	if s.owns {
		return s.resource + " " + s.operation + ", adopted rules owned"
	}
	return s.resource + " " + s.operation
}

const carriesGroups = "clb_load_balancer_security_groups"

const (
	opCreate              = "create"
	opDelete              = "delete"
	opReplace             = "replaced"
	opCreateBeforeDestroy = "replaced, created before destroyed"
)

// The resources, with words in capitals in place of what changes.
const (
	groupsResource = `
resource "clb_load_balancer_security_groups" "web" {
  load_balancer_name = "my-loadbalancer"
  security_groups    = GROUPS
  on_destroy         = "restore"
}
`
	rulesResource = `
resource "clb_load_balancer_rules" "web" {
  security_group_id           = GROUP
  load_balancers              = [VALUE]
  instance_security_group_ids = ["instance_group"]
  tags                        = TAGS
  MORE
}
`
	instanceResource = `
resource "clb_instance_ingress_rules" "web" {
  security_group_id = GROUP
  load_balancers    = [VALUE]
  tags              = TAGS
  MORE
}
`
	entriesResource = `
resource "clb_network_acl_entries" "web" {
  network_acl_id  = ACL
  load_balancers  = [VALUE]
  subnet_roles    = ["load_balancer"]
  vpc_cidr_blocks = ["10.0.0.0/16"]
  MORE
}
`
)

// The load balancer as it is: in every scenario its value after the change.
const (
	listener80  = `{ lb_port = 80, instance_port = 8080 }`
	listener443 = `{ lb_port = 443, instance_port = 8443 }`
	webCheck    = `HTTP:8081/healthz`
)

func value(check string, listeners ...string) string {
	return `{
    name            = "my-loadbalancer"
    internal        = false
    listener        = [` + strings.Join(listeners, ", ") + `]
    health_check    = [{ target = "` + check + `" }]
    security_groups = ["lb_group"]
  }`
}

// with puts words in, and the usual ones for the rest.
func with(text string, words ...string) string {
	words = append(words, "VALUE", value(webCheck, listener80), "TAGS", "{}", "GROUP", `"lb_group"`, "ACL", `"lb_acl"`, "MORE", "")
	for pair := range slices.Chunk(words, 2) {
		text = strings.ReplaceAll(text, pair[0], pair[1])
	}
	return text
}

// owning lets a resource own what it adopts. By default that stays when the
// resource is destroyed.
func owning(text string) string {
	return strings.ReplaceAll(text, "load_balancers ", "adopt = \"own\"\n  load_balancers ")
}

const (
	createBeforeDestroy = `lifecycle { create_before_destroy = true }`
	office              = `clients = [{ cidr_blocks = ["192.0.2.0/24", "203.0.113.0/24"] }]`
	offices             = `clients = [{ cidr_blocks = ["198.51.100.0/24", "203.0.113.0/24"] }]`
)

// scenarios are the changes of the matrix.
func scenarios() []scenario {
	var list []scenario
	add := func(resource, operation, before, after string) {
		list = append(list, scenario{resource: resource, operation: operation, before: before, after: after})
		if resource != carriesGroups && after != "" {
			list = append(list, scenario{resource, operation, owning(before), owning(after), true})
		}
	}
	groups := func(groups string) string { return strings.ReplaceAll(groupsResource, "GROUPS", groups) }
	add(carriesGroups, opCreate, "", groups(`["lb_group", "extra_group"]`))
	add(carriesGroups, "groups changed", groups(`["lb_group", "extra_group"]`), groups(`["lb_group", "internal_group"]`))
	add(carriesGroups, opDelete, groups(`["internal_group", "extra_group"]`), "")

	both, moved := value(webCheck, listener80, listener443), value("HTTP:9090/healthz", listener80)
	for _, resource := range []struct{ name, text, place, other string }{
		{"clb_load_balancer_rules", rulesResource, "GROUP", `"extra_group"`},
		{"clb_instance_ingress_rules", strings.ReplaceAll(instanceResource, "GROUP", `"instance_group"`), "", ""},
		{"clb_network_acl_entries", entriesResource, "ACL", `"instance_acl"`},
	} {
		usual := with(resource.text)
		add(resource.name, opCreate, "", usual)
		add(resource.name, "listener added", usual, with(resource.text, "VALUE", both))
		add(resource.name, "listener removed", with(resource.text, "VALUE", both), usual)
		add(resource.name, "health check moved", with(resource.text, "VALUE", moved), usual)
		if resource.other != "" {
			add(resource.name, "clients changed", with(resource.text, "MORE", office), with(resource.text, "MORE", offices))
			add(resource.name, opReplace, usual, with(resource.text, resource.place, resource.other))
			add(resource.name, opCreateBeforeDestroy, with(resource.text, "MORE", createBeforeDestroy), with(resource.text, "MORE", createBeforeDestroy, resource.place, resource.other))
		}
		if strings.Contains(resource.text, "TAGS") {
			add(resource.name, "tags changed", with(resource.text, "TAGS", `{ team = "web", stage = "trial" }`), with(resource.text, "TAGS", `{ team = "shop", owner = "ops" }`))
		}
		add(resource.name, opDelete, usual, "")
	}
	const described = `ingress = { office = { ip_protocol = "tcp", from_port = 80, to_port = 80, cidr_ipv4 = "0.0.0.0/0", description = "WORDS" } }`
	add("clb_load_balancer_rules", "description changed",
		with(rulesResource, "MORE", strings.ReplaceAll(described, "WORDS", "everybody")), with(rulesResource, "MORE", strings.ReplaceAll(described, "WORDS", "the world")))
	add("clb_network_acl_entries", "numbers moved", with(entriesResource), with(entriesResource, "MORE", "first_rule_number = 500"))
	return list
}
