// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// anyValue is a value of Terraform as it is written: texts, numbers, flags,
// tuples ([]any) and objects.
func anyValue(v any) tftypes.Value {
	switch v := v.(type) {
	case nil:
		return tftypes.NewValue(tftypes.DynamicPseudoType, nil)
	case unknownValue:
		return tftypes.NewValue(tftypes.String, tftypes.UnknownValue)
	case string:
		return tftypes.NewValue(tftypes.String, v)
	case int:
		return tftypes.NewValue(tftypes.Number, v)
	case bool:
		return tftypes.NewValue(tftypes.Bool, v)
	case []any:
		typ, elements := tftypes.Tuple{ElementTypes: []tftypes.Type{}}, []tftypes.Value{}
		for _, element := range v {
			value := anyValue(element)
			typ.ElementTypes, elements = append(typ.ElementTypes, value.Type()), append(elements, value)
		}
		return tftypes.NewValue(typ, elements)
	case object:
		typ, attributes := tftypes.Object{AttributeTypes: map[string]tftypes.Type{}}, map[string]tftypes.Value{}
		for name, attribute := range v {
			attributes[name] = anyValue(attribute)
			typ.AttributeTypes[name] = attributes[name].Type()
		}
		return tftypes.NewValue(typ, attributes)
	default:
		panic(fmt.Sprintf("%T", v))
	}
}

// plannedValue is planned_rules with some members.
func plannedValue(t *testing.T, members object) types.Object {
	t.Helper()
	values := map[string]attr.Value{}
	for name := range plannedRulesType().AttrTypes {
		raw := tftypes.NewValue(tftypes.DynamicPseudoType, nil)
		if member, there := members[name]; there {
			raw = anyValue(member)
		}
		values[name] = made(types.DynamicType.ValueFromTerraform(t.Context(), raw))(t)
	}
	return types.ObjectValueMust(plannedRulesType().AttrTypes, values)
}

// shown are planned rules, one a line.
func (p plannedRules) shown() []string {
	var lines []string
	for _, group := range slices.Sorted(maps.Keys(p.groups)) {
		for _, rule := range p.groups[group] {
			lines = append(lines, strings.TrimSpace(fmt.Sprintf("%s %s %s %s", group, rule.Direction, rule.Key(), rule.ID)))
		}
	}
	for _, acl := range slices.Sorted(maps.Keys(p.acls)) {
		for _, entry := range p.acls[acl] {
			action := "allow"
			if entry.Deny {
				action = "deny"
			}
			lines = append(lines, fmt.Sprintf("%s %s %d %s %s", acl, entry.Direction, entry.Number, action, entry.Key()))
		}
	}
	return lines
}

const (
	groupA, groupB = "sg-0123456789abcdef0", "sg-0fedcba9876543210"
	aclA           = "acl-0123456789abcdef0"
)

func TestDecodePlannedRules(t *testing.T) {
	t.Parallel()
	// As hashicorp/aws has them, with attributes that do not matter.
	ingress := object{
		"arn": "arn:aws:ec2:us-east-1:123456789012:security-group-rule/sgr-1", "cidr_ipv4": "10.0.0.0/8", "cidr_ipv6": nil, "description": "x", "from_port": 80, "id": "sgr-1", "ip_protocol": "tcp",
		"prefix_list_id": nil, "referenced_security_group_id": nil, "region": "us-east-1", "security_group_id": groupA, "security_group_rule_id": "sgr-1", "tags": nil, "tags_all": object{}, "to_port": 80,
	}
	changed := func(o object, changes object) object {
		copied := maps.Clone(o)
		maps.Copy(copied, changes)
		return copied
	}
	classic := object{
		"type": "ingress", "security_group_id": groupA, "protocol": "-1", "from_port": 0, "to_port": 0,
		"cidr_blocks": []any{"10.0.0.0/8", "192.0.2.0/24"}, "ipv6_cidr_blocks": []any{"2001:db8::/32"}, "prefix_list_ids": nil, "self": true, "source_security_group_id": nil,
	}
	entry := object{
		"network_acl_id": aclA, "rule_number": 100, "egress": true, "protocol": "6", "rule_action": "deny", "cidr_block": "10.0.0.0/8", "ipv6_cidr_block": nil,
		"from_port": 8081, "to_port": 8081, "icmp_type": nil, "icmp_code": nil, "id": "nacl-1",
	}
	ours := object{
		"security_group_id": groupA, "load_balancers": []any{object{"name": "web"}}, "tags": nil,
		"ingress": object{"tcp 80 from 0.0.0.0/0": object{"cidr_ipv4": "0.0.0.0/0", "from_port": 80, "to_port": 80, "ip_protocol": "tcp", "security_group_rule_id": unknownValue{}}},
		"egress":  object{"health": object{"referenced_security_group_id": "123456789012/" + groupB, "from_port": 8081, "to_port": 8081, "ip_protocol": "tcp"}},
	}
	oursACL := object{
		"network_acl_id": aclA, "ingress": object{"in": object{"rule_number": 110, "rule_action": "allow", "protocol": "icmp", "cidr_block": "10.0.0.0/16", "icmp_type": 3, "icmp_code": 4, "from_port": nil}}, "egress": nil,
	}
	const inA = groupA + " ingress tcp 80 from 10.0.0.0/8 sgr-1"
	tests := []struct {
		name     string
		members  object
		want     []string
		problems []string
	}{
		{name: "nothing", members: object{}},
		{name: "one rule", members: object{"vpc_security_group_ingress_rules": ingress}, want: []string{inA}},
		{name: "a tuple", members: object{"vpc_security_group_ingress_rules": []any{ingress, changed(ingress, object{"from_port": 81, "to_port": 81})}}, want: []string{inA, groupA + " ingress tcp 81 from 10.0.0.0/8 sgr-1"}},
		{name: "for_each", members: object{"vpc_security_group_ingress_rules": object{"b": ingress}}, want: []string{inA}},
		{name: "nested", members: object{"vpc_security_group_ingress_rules": []any{object{"b": ingress}, []any{}, object{}, nil}}, want: []string{inA}},
		{name: "egress", members: object{"vpc_security_group_egress_rules": []any{ingress}}, want: []string{groupA + " egress tcp 80 to 10.0.0.0/8 sgr-1"}},
		{name: "all traffic", members: object{"vpc_security_group_ingress_rules": []any{changed(ingress, object{"ip_protocol": "-1", "from_port": nil, "to_port": nil})}}, want: []string{groupA + " ingress all traffic from 10.0.0.0/8 sgr-1"}},
		{name: "numbers as texts", members: object{"vpc_security_group_ingress_rules": []any{changed(ingress, object{"from_port": "80", "ip_protocol": "6"})}}, want: []string{inA}},
		{
			name: "a prefix list, IPv6 and host bits",
			members: object{"vpc_security_group_ingress_rules": []any{
				changed(ingress, object{"cidr_ipv4": nil, "prefix_list_id": "pl-1"}), changed(ingress, object{"cidr_ipv4": nil, "cidr_ipv6": "2001:db8::1/32"}), changed(ingress, object{"cidr_ipv4": "10.1.2.3/8"}),
			}},
			want: []string{groupA + " ingress tcp 80 from pl-1 sgr-1", groupA + " ingress tcp 80 from 2001:db8::/32 sgr-1", inA},
		},
		{
			name: "aws_security_group_rule", members: object{"security_group_rules": classic},
			want: []string{groupA + " ingress all traffic from 10.0.0.0/8", groupA + " ingress all traffic from 192.0.2.0/24", groupA + " ingress all traffic from 2001:db8::/32", groupA + " ingress all traffic from " + groupA},
		},
		{name: "aws_network_acl_rule", members: object{"network_acl_rules": []any{entry}}, want: []string{aclA + " egress 100 deny tcp 8081 to 10.0.0.0/8"}},
		{name: "an ICMP entry", members: object{"network_acl_rules": []any{changed(entry, object{"protocol": "icmp", "icmp_type": 3, "icmp_code": 4, "egress": nil, "rule_action": "allow"})}}, want: []string{aclA + " ingress 100 allow icmp 3/4 from 10.0.0.0/8"}},
		{
			name: "ours", members: object{"resources": []any{ours, oursACL}},
			want: []string{groupA + " ingress tcp 80 from 0.0.0.0/0", groupA + " egress tcp 8081 to " + groupB, aclA + " ingress 110 allow icmp 3/4 from 10.0.0.0/16"},
		},
		{name: "unknown", members: object{"resources": []any{changed(ours, object{"ingress": unknownValue{}, "egress": nil})}, "vpc_security_group_ingress_rules": []any{changed(ingress, object{"from_port": unknownValue{}})}, "network_acl_rules": unknownValue{}}},

		{name: "a text", members: object{"network_acl_rules": []any{"acl-1"}}, problems: []string{`planned_rules.network_acl_rules[0] is "acl-1": write an object shaped like aws_network_acl_rule`}},
		{name: "an object without its group", members: object{"vpc_security_group_egress_rules": []any{object{"cidr_ipv4": "10.0.0.0/8"}}}, problems: []string{"planned_rules.vpc_security_group_egress_rules[0] has no security_group_id: write an object shaped like aws_vpc_security_group_egress_rule"}},
		{name: "a resource without rules", members: object{"resources": object{"web": object{"security_group_id": groupA}}}, problems: []string{`planned_rules.resources["web"] has neither ingress nor egress`}},
		{name: "rules that are no map", members: object{"resources": object{"security_group_id": groupA, "ingress": "x"}}, problems: []string{`planned_rules.resources.ingress is "x", and a map of rules is needed`}},
		{name: "no protocol", members: object{"vpc_security_group_ingress_rules": changed(ingress, object{"ip_protocol": nil})}, problems: []string{"planned_rules.vpc_security_group_ingress_rules: it has no ip_protocol"}},
		{name: "another protocol", members: object{"vpc_security_group_ingress_rules": changed(ingress, object{"ip_protocol": "tpc"})}, problems: []string{`did you mean "tcp"?`}},
		{name: "one port", members: object{"vpc_security_group_ingress_rules": changed(ingress, object{"to_port": nil})}, problems: []string{"only one of from_port and to_port"}},
		{name: "ports upside down", members: object{"vpc_security_group_ingress_rules": changed(ingress, object{"from_port": 81})}, problems: []string{"81"}},
		{name: "a port that is none", members: object{"vpc_security_group_ingress_rules": changed(ingress, object{"from_port": "http"})}, problems: []string{`planned_rules.vpc_security_group_ingress_rules.from_port is "http", and a whole number is needed`}},
		{name: "no peer", members: object{"vpc_security_group_ingress_rules": changed(ingress, object{"cidr_ipv4": nil})}, problems: []string{"neither a network nor a security group nor a prefix list"}},
		{name: "two peers", members: object{"vpc_security_group_ingress_rules": changed(ingress, object{"prefix_list_id": "pl-1"})}, problems: []string{"a rule has one"}},
		{name: "no network", members: object{"vpc_security_group_ingress_rules": changed(ingress, object{"cidr_ipv4": "10.0.0.0"})}, problems: []string{`"10.0.0.0" is not a CIDR block`}},
		{name: "no type", members: object{"security_group_rules": changed(classic, object{"type": "in"})}, problems: []string{`type is "in"`}},
		{name: "number 0", members: object{"network_acl_rules": changed(entry, object{"rule_number": 0})}, problems: []string{"rule_number 0"}},
		{name: "no action", members: object{"network_acl_rules": changed(entry, object{"rule_action": "drop"})}, problems: []string{`rule_action is "drop"`}},
		{name: "an entry without a network", members: object{"network_acl_rules": changed(entry, object{"cidr_block": nil})}, problems: []string{"neither cidr_block nor ipv6_cidr_block"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			planned, problems := decodePlannedRules(t.Context(), plannedValue(t, tt.members), "123456789012")
			if got := planned.shown(); !slices.Equal(got, tt.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
			}
			if len(problems) != len(tt.problems) {
				t.Fatalf("problems %q, want those with %q", problems, tt.problems)
			}
			for i, words := range tt.problems {
				if !strings.Contains(problems[i], words) {
					t.Errorf("problem %q, want one with %q", problems[i], words)
				}
			}
		})
	}
	for _, value := range []types.Object{types.ObjectNull(plannedRulesType().AttrTypes), types.ObjectUnknown(plannedRulesType().AttrTypes)} {
		if planned, problems := decodePlannedRules(t.Context(), value, ""); len(planned.shown())+len(problems) > 0 {
			t.Errorf("%s: %v, %q", value, planned, problems)
		}
	}
}

// TestWiringPlannedRules lays planned rules over the live ones.
func TestWiringPlannedRules(t *testing.T) {
	d, w := startWiring(t)
	planned := func(member string, rules ...any) blockValues {
		members := blockValues{}
		members[member] = anyValue(rules)
		return blockValues{"planned_rules": members}
	}
	deny := object{"network_acl_id": w.InstanceACL, "rule_number": 90, "egress": false, "protocol": "tcp", "rule_action": "deny", "cidr_block": "10.0.0.0/8", "from_port": 8081, "to_port": 8081}
	got := d.judged(planned("network_acl_rules", deny))
	finding := listOf(t, got["findings"])[0]
	if got["verdict"] != "refuted" || finding["id"] != "CLB103" || !strings.Contains(fmt.Sprint(finding["blockers"]), "planned_rules.network_acl_rules[0]") {
		t.Errorf("a planned deny: %v", finding)
	}
	// It replaces the entry of its number, which admits the first instance port.
	deny["rule_number"], deny["from_port"], deny["to_port"] = 100, 9, 9
	if got := d.judged(planned("network_acl_rules", deny)); got["verdict"] != "refuted" || listOf(t, got["findings"])[0]["id"] != "CLB102" {
		t.Errorf("a planned entry in the place of a live one: %v", got["report"])
	}

	var live object
	for _, rule := range made(d.region().SecurityGroupRules(t.Context(), w.LoadBalancerGroup))(t) {
		if rule.Direction == wiring.Ingress && rule.From == 443 {
			live = object{"security_group_id": w.LoadBalancerGroup, "security_group_rule_id": rule.ID, "ip_protocol": "tcp", "from_port": 443, "to_port": 443, "cidr_ipv4": "0.0.0.0/0"}
		}
	}
	wantVerdict(t, d.judged(planned("vpc_security_group_ingress_rules", live)), "proved")
	live["from_port"], live["to_port"] = 444, 444
	if got := d.judged(planned("vpc_security_group_ingress_rules", live)); got["verdict"] != "refuted" {
		t.Errorf("a planned rule in the place of a live one: %v", got["report"])
	}
	delete(live, "security_group_rule_id")
	wantVerdict(t, d.judged(planned("vpc_security_group_ingress_rules", live)), "proved", "CLB201 error")

	// What is missing is mended by a planned rule of ours, whose id is still to come.
	d.revoke(w.InstanceGroup, 8081)
	if got := d.judged(nil); got["verdict"] != "refuted" {
		t.Fatalf("without the rule: %v", got["report"])
	}
	mend := object{"security_group_id": w.InstanceGroup, "egress": nil, "ingress": object{
		"health": object{"security_group_rule_id": nil, "referenced_security_group_id": w.LoadBalancerGroup, "ip_protocol": "tcp", "from_port": 8081, "to_port": 8081},
	}}
	wantVerdict(t, d.judged(planned("resources", mend)), "proved")
	// Rules of groups that are not on the path do not matter.
	mend["security_group_id"] = w.InternalGroup
	if got := d.judged(planned("resources", mend)); got["verdict"] != "refuted" {
		t.Errorf("in another group: %v", got["report"])
	}
}

func TestWiringArguments(t *testing.T) {
	d, _ := startWiring(t)
	tests := []struct {
		name   string
		config blockValues
		want   said
	}{
		{"no name", blockValues{"load_balancer_name": ""}, said{at: "load_balancer_name", summary: "Invalid load balancer name", detail: []string{"1 to 32 letters"}}},
		{"fail_on", blockValues{"fail_on": "errors"}, said{at: "fail_on", summary: "Invalid value of fail_on", detail: []string{`"errors"`, "never, error or warning"}}},
		{"enforcement", blockValues{"enforcement": "lax"}, said{at: "enforcement", summary: "Invalid degree of enforcement", detail: []string{`"lax"`}}},
		{"clients", blockValues{"clients": []any{blockValues{}}}, said{at: "clients", summary: "Invalid clients", detail: []string{"clients[0] names no client"}}},
		{"a client", blockValues{"clients": []any{blockValues{"cidr_blocks": []any{"10.0.0.1/8"}}}}, said{at: "clients", summary: "Invalid clients", detail: []string{"clients[0].cidr_blocks", "host bits"}}},
		{"accept", blockValues{"accept": []any{blockValues{"finding": "CLB201"}}}, said{at: "accept", summary: "Invalid acceptance", detail: []string{"accept[0]", "reason is empty"}}},
		{"instance groups", blockValues{"instance_security_group_ids": []any{"web"}}, said{at: "instance_security_group_ids", summary: "Invalid security group id", detail: []string{`"web"`}}},
		{"instance subnets", blockValues{"instance_subnet_ids": []any{""}}, said{at: "instance_subnet_ids", summary: "Invalid subnet id", detail: []string{"empty"}}},
		{"planned rules", blockValues{"planned_rules": blockValues{"network_acl_rules": anyValue([]any{"x"})}}, said{at: "planned_rules", summary: "Invalid planned rules", detail: []string{"planned_rules.network_acl_rules[0]"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, diags := d.read("clb_wiring", d.block(nil), with(blockValues{"load_balancer_name": "web"}, tt.config))
			wantSaid(t, diags, tt.want)
			if len(d.Calls()) > 0 {
				t.Errorf("calls of AWS: %v", d.counts())
			}
		})
	}
}
