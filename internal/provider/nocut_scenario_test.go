// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
)

// nocutFleet is what a configuration says, and what the load balancer is to be.
type nocutFleet struct {
	internal bool
	// listeners are instance ports by load balancer port.
	listeners map[int]int
	health    int
	// clients are the declared ones, nil for the table's.
	clients []string
	vpc     []string
	// first and step number the derived entries of each network ACL.
	first, step map[string]int
	// written tells whether the entries of the load balancer's network ACL are
	// written out, and then at which number each stands.
	written bool
	numbers map[string]int
	// compact derives the fewest entries.
	compact bool
	// shared tells whether the subnets of the instances hold load balancers too.
	shared bool
	// office is a rule and an entry that the user adds.
	office int
	// rulesFirst changes the rules before the load balancer.
	rulesFirst bool
}

func newNocutFleet(internal, written bool) nocutFleet {
	return nocutFleet{
		internal: internal, written: written, listeners: map[int]int{80: 8080, 443: 8443}, health: 8081, vpc: []string{"10.0.0.0/16", "10.7.0.0/16"},
		first: map[string]int{"lb": 100, "instances": 1000}, step: map[string]int{"lb": 10, "instances": 10}, numbers: map[string]int{},
	}
}

func (f nocutFleet) clone() nocutFleet {
	f.listeners, f.first, f.step, f.numbers = maps.Clone(f.listeners), maps.Clone(f.first), maps.Clone(f.step), maps.Clone(f.numbers)
	f.clients, f.vpc = slices.Clone(f.clients), slices.Clone(f.vpc)
	return f
}

// pick is a random element of a list.
func pick[T any](random *rand.Rand, from ...T) T { return from[random.IntN(len(from))] }

// change is what one update changes: its kinds, and the fleet afterwards.
func (f nocutFleet) change(random *rand.Rand) (after nocutFleet, kinds []string) {
	after = f.clone()
	after.rulesFirst = random.IntN(2) == 0
	for range 1 + random.IntN(3) {
		if kind := after.mutate(random); !slices.Contains(kinds, kind) {
			kinds = append(kinds, kind)
		}
	}
	return after, kinds
}

func (f *nocutFleet) mutate(random *rand.Rand) (kind string) {
	lbPorts, backends := []int{80, 443, 8000, 22, 9000}, []int{80, 8080, 8443, 9000, 22, 1023}
	some := pick(random, slices.Sorted(maps.Keys(f.listeners))...)
	switch random.IntN(15) {
	case 0:
		if len(f.listeners) < 3 {
			f.listeners[pick(random, lbPorts...)] = pick(random, backends...)
		}
		return "listener added"
	case 1:
		if len(f.listeners) > 1 {
			delete(f.listeners, some)
		}
		return "listener removed"
	case 2:
		backend := f.listeners[some]
		delete(f.listeners, some)
		f.listeners[pick(random, lbPorts...)] = backend
		return "listener moved"
	case 3:
		f.listeners[some] = pick(random, backends...)
		return "back-end port moved"
	case 4:
		f.health = pick(random, 8081, 8082, 80, 8080, 1023)
		return "health check port moved"
	case 5:
		f.clients = pick(random, nil, []string{"0.0.0.0/0"}, []string{"10.0.0.0/8"}, []string{"198.51.100.0/24", "10.0.0.0/16"}, []string{"198.51.100.0/25"})
		return "clients narrowed or widened"
	case 6:
		f.vpc = pick(random, []string{"10.0.0.0/16", "10.7.0.0/16"}, []string{"10.0.0.0/16"}, []string{"10.8.0.0/16", "10.0.0.0/16", "10.7.0.0/16"})
		return "VPC CIDRs added or removed"
	case 7:
		acl := pick(random, "lb", "instances")
		f.first[acl] = pick(random, 100, 110, 120, 90, 200, 130)
		return "numbers start elsewhere"
	case 8:
		acl := pick(random, "lb", "instances")
		f.step[acl] = pick(random, 10, 5, 20, 1)
		return "another step of numbers"
	case 9:
		f.office = pick(random, 0, 22, 3389, 80)
		return "rule of the user"
	case 10, 11:
		f.compact = !f.compact
		return "fewest entries, or one for each row"
	case 12:
		f.shared = !f.shared
		return "another role"
	default:
		if !f.written {
			// Derived entries stand in the order of their making: a new start sorts them.
			f.first["lb"], f.first["instances"] = f.first["lb"]^10, f.first["instances"]^10
			return "all numbers move"
		}
		direction := pick(random, "ingress", "egress")
		keys := slices.DeleteFunc(slices.Sorted(maps.Keys(f.numbers)), func(key string) bool { return !strings.HasPrefix(key, direction) })
		random.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
		if len(keys) > 1 {
			keys = keys[:2+random.IntN(len(keys)-1)]
			first := f.numbers[keys[0]]
			for i := range keys[1:] {
				f.numbers[keys[i]] = f.numbers[keys[i+1]]
			}
			f.numbers[keys[len(keys)-1]] = first
		}
		return "written numbers traded"
	}
}

// target is the health check's.
func (f nocutFleet) target() string { return fmt.Sprintf("TCP:%d", f.health) }

// pairs are the listeners as the load balancer's value has them.
func (f nocutFleet) pairs() [][2]any {
	var pairs [][2]any
	for _, port := range slices.Sorted(maps.Keys(f.listeners)) {
		pairs = append(pairs, [2]any{port, f.listeners[port]})
	}
	return pairs
}

// rows are the entries of the load balancer's network ACL as a user writes them
// from the tables of the AWS guide, by direction and key.
func (f nocutFleet) rows() map[string]blockValues {
	rows := map[string]blockValues{"ingress": {}, "egress": {}}
	add := func(direction, cidr string, from, to int) {
		rows[direction][fmt.Sprintf("%s %d-%d %s", direction, from, to, cidr)] = blockValues{"protocol": "tcp", "cidr_block": cidr, "from_port": from, "to_port": to}
	}
	clients := f.clients
	switch {
	case clients == nil && f.internal:
		clients = f.vpc
	case clients == nil:
		clients = []string{"0.0.0.0/0"}
	}
	for _, client := range clients {
		for port := range f.listeners {
			add("ingress", client, port, port)
		}
		add("egress", client, 1024, 65535)
	}
	for _, cidr := range f.vpc {
		add("ingress", cidr, 1024, 65535)
		for _, port := range append(slices.Collect(maps.Values(f.listeners)), f.health) {
			add("egress", cidr, port, port)
		}
	}
	if f.office > 0 {
		rows["ingress"]["ingress denied"] = blockValues{"protocol": "tcp", "cidr_block": "198.51.100.128/25", "from_port": 0, "to_port": f.office, "rule_action": "deny"}
	}
	return rows
}

// number gives the written entries their numbers: those that stay keep them.
func (f *nocutFleet) number(random *rand.Rand) {
	rows := f.rows()
	for _, direction := range []string{"ingress", "egress"} {
		taken := map[int]bool{}
		for key, number := range f.numbers {
			if rows["ingress"][key] == nil && rows["egress"][key] == nil {
				delete(f.numbers, key)
			} else if rows[direction][key] != nil {
				taken[number] = true
			}
		}
		for _, key := range slices.Sorted(maps.Keys(rows[direction])) {
			if _, keeps := f.numbers[key]; keeps {
				continue
			}
			number := 90 + random.IntN(30)
			for taken[number] {
				number++
			}
			taken[number], f.numbers[key] = true, number
		}
	}
}

// config is the configuration of one resource.
func (f nocutFleet) config(w *liveWorld, group, name, resource, acl string) blockValues {
	value := blockValues{"name": name, "internal": f.internal, "listener": listeners(f.pairs()...), "security_groups": []any{group}, "health_check": []any{blockValues{"target": f.target()}}}
	config := blockValues{"load_balancers": []any{value}, "vpc_cidr_blocks": anyList(f.vpc), "enforcement": "advisory"}
	if f.clients != nil {
		config["clients"] = []any{blockValues{"cidr_blocks": anyList(f.clients)}}
	}
	switch {
	case resource == lbRules:
		config = with(config, blockValues{"security_group_id": group, "instance_security_group_ids": []any{w.InstanceGroup}})
		if f.office > 0 {
			config["additional_ingress"] = blockValues{"office": blockValues{"ip_protocol": "tcp", "from_port": f.office, "to_port": f.office, "cidr_ipv4": "203.0.113.0/24"}}
		}
	case resource == instanceRules:
		config["security_group_id"] = w.InstanceGroup
	case acl == "instances":
		roles := []any{"private_instance"}
		if f.shared {
			roles = append(roles, "load_balancer")
		}
		config = with(config, blockValues{"network_acl_id": w.InstanceACL, "subnet_roles": roles, "compact": f.compact, "first_rule_number": f.first[acl], "rule_number_step": f.step[acl]})
	default:
		config = with(config, blockValues{"network_acl_id": w.LoadBalancerACL, "subnet_roles": []any{"load_balancer"}})
		if !f.written {
			return with(config, blockValues{"compact": f.compact, "first_rule_number": f.first[acl], "rule_number_step": f.step[acl]})
		}
		for direction, rows := range f.rows() {
			entries := blockValues{}
			for key, row := range rows {
				values, _ := row.(blockValues)
				entries[key] = with(values, blockValues{"rule_number": f.numbers[key]})
			}
			config[direction] = entries
		}
	}
	return config
}

func anyList(texts []string) (all []any) {
	for _, text := range texts {
		all = append(all, text)
	}
	return all
}
