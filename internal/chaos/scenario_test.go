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
	surroundings
}

func (s scenario) name() string {
	if s.owns {
		return s.resource + " " + s.operation + ", adopted rules owned"
	}
	return s.resource + " " + s.operation
}

// replaces tells whether one object takes the place of another one.
func (s scenario) replaces() bool {
	return s.operation == opReplace || s.operation == opCreateBeforeDestroy
}

func (s scenario) creates() bool { return s.before == "" }
func (s scenario) deletes() bool { return s.after == "" }

const carriesGroups = "clb_load_balancer_security_groups"

const (
	opCreate              = "create"
	opDelete              = "delete"
	opReplace             = "replaced"
	opCreateBeforeDestroy = "replaced, created before destroyed"
	opMoved               = "back-end port moved"
	opRulesFirst          = "rules moved before the load balancer"
	opLoadBalancerMoved   = "load balancer moved after the rules"
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
	classicResource = `
resource "clb_instance_ingress_rules" "web" {
  security_group_name = "` + classicName + `"
  load_balancers      = [CLASSIC]
  MORE
}
`
)

// The load balancer as it is, and where it moves to in some scenarios. The health
// is checked on the instance port: an entry more of a network ACL would be a write
// more in every scenario, and show nothing new.
const (
	listener80  = `{ lb_port = 80, instance_port = 8080 }`
	listener443 = `{ lb_port = 443, instance_port = 8443 }`
	webCheck    = `HTTP:8080/healthz`
	movedCheck  = `HTTP:8443/healthz`
)

// movedValue is the value of a load balancer that moves.
func movedValue() string { return value(movedCheck, listener443) }

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
	words = append(words, "CLASSIC", strings.ReplaceAll(value(webCheck, listener80), `security_groups = ["lb_group"]`, ""), "VALUE", value(webCheck, listener80), "TAGS", "{}", "GROUP", `"lb_group"`, "ACL", `"lb_acl"`, "MORE", "")
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
	sourceGroup         = `source_security_group = { owner_alias = "amazon-elb", group_name = "amazon-elb-sg" }`
	offices             = `clients = [{ cidr_blocks = ["198.51.100.0/24", "203.0.113.0/24"] }]`
)

// scenarios are the changes of the matrix.
func scenarios() []scenario {
	var list []scenario
	around := func(around surroundings, resource, operation, before, after string) {
		list = append(list, scenario{resource, operation, before, after, false, around})
	}
	// What a change creates, a killed run leaves behind for the next one to adopt.
	adopting := func(around surroundings, resource, operation, before, after string) {
		list = append(list, scenario{resource, operation, before, after, false, around}, scenario{resource, operation, owning(before), owning(after), true, around})
	}
	usually := surroundings{}
	groups := func(groups string) string { return strings.ReplaceAll(groupsResource, "GROUPS", groups) }
	around(usually, carriesGroups, opCreate, "", groups(`["lb_group", "extra_group"]`))
	around(usually, carriesGroups, "groups changed", groups(`["lb_group", "extra_group"]`), groups(`["lb_group", "internal_group"]`))
	around(usually, carriesGroups, opDelete, groups(`["internal_group", "extra_group"]`), "")

	moved := value("HTTP:9090/healthz", `{ lb_port = 80, instance_port = 9090 }`)
	for _, resource := range []struct {
		name, text, place, other, unmanaged string
		// How many rules of others go.
		broader, all int
	}{
		{"clb_load_balancer_rules", rulesResource, "GROUP", `"extra_group"`, "unmanaged_rules", 2, 8},
		{"clb_instance_ingress_rules", strings.ReplaceAll(instanceResource, "GROUP", `"instance_group"`), "", "", "unmanaged_rules", 1, 3},
		{"clb_network_acl_entries", entriesResource, "ACL", `"instance_acl"`, "unmanaged_entries", 1, 4},
	} {
		usual := with(resource.text)
		adopting(usually, resource.name, opCreate, "", usual)
		adopting(usually, resource.name, opMoved, with(resource.text, "VALUE", moved), usual)
		if resource.other != "" {
			adopting(usually, resource.name, "clients changed", with(resource.text, "MORE", office), with(resource.text, "MORE", offices))
			adopting(usually, resource.name, opReplace, usual, with(resource.text, resource.place, resource.other))
			adopting(usually, resource.name, opCreateBeforeDestroy, with(resource.text, "MORE", createBeforeDestroy), with(resource.text, "MORE", createBeforeDestroy, resource.place, resource.other))
		}
		if strings.Contains(resource.text, "TAGS") {
			around(usually, resource.name, "tags changed", with(resource.text, "TAGS", `{ team = "web", stage = "trial" }`), with(resource.text, "TAGS", `{ team = "shop", owner = "ops" }`))
		}
		around(usually, resource.name, opDelete, usual, "")

		after := with(resource.text, "VALUE", movedValue())
		adopting(usually, resource.name, opRulesFirst, usual, after)
		around(surroundings{moves: true}, resource.name, opLoadBalancerMoved, usual, after)

		narrow := ""
		if resource.other != "" {
			narrow = office
		}
		revoking := func(mode string) string {
			return with(resource.text, "MORE", narrow+"\n  "+resource.unmanaged+" = \""+mode+"\"")
		}
		adopting(surroundings{goes: resource.broader}, resource.name, opCreate+", revoke_broader", "", revoking("revoke_broader"))
		around(surroundings{goes: resource.all}, resource.name, "keep becomes revoke", revoking("keep"), revoking("revoke"))
		if resource.other == "" {
			around(surroundings{goes: resource.all}, resource.name, opCreate+", revoke", "", revoking("revoke"))
			around(surroundings{goes: resource.broader}, resource.name, "keep becomes revoke_broader", revoking("keep"), revoking("revoke_broader"))
		}
	}
	const described = `ingress = { office = { ip_protocol = "tcp", from_port = 80, to_port = 80, cidr_ipv4 = "0.0.0.0/0", description = "WORDS" } }`
	around(usually, "clb_load_balancer_rules", "description changed",
		with(rulesResource, "MORE", strings.ReplaceAll(described, "WORDS", "everybody")), with(rulesResource, "MORE", strings.ReplaceAll(described, "WORDS", "the world")))
	adopting(usually, "clb_network_acl_entries", "numbers moved", with(entriesResource), with(entriesResource, "MORE", "first_rule_number = 500"))

	classic := surroundings{classic: true}
	lockedDown := with(classicResource, "MORE", sourceGroup+"\n  unmanaged_rules = \"revoke_broader\"")
	adopting(surroundings{classic: true, goes: 1}, "clb_instance_ingress_rules", "created in EC2-Classic, revoke_broader", "", lockedDown)
	adopting(classic, "clb_instance_ingress_rules", "source group in EC2-Classic", with(classicResource), with(classicResource, "MORE", sourceGroup+"\n  all_protocols = true"))
	around(classic, "clb_instance_ingress_rules", "deleted in EC2-Classic", with(classicResource, "MORE", sourceGroup), "")
	return list
}
