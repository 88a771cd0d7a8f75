// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-clb/terraform-provider-clb/internal/cloud"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// rulesAttribute is the map of security group rules of one direction. Its
// objects have the attributes of aws_vpc_security_group_ingress_rule.
func rulesAttribute(d wiring.Direction) schema.MapNestedAttribute {
	attributes := writtenRuleAttributes(d)
	attributes["security_group_rule_id"] = schema.StringAttribute{Computed: true, MarkdownDescription: "The id of the rule in AWS, `sgr-…`."}
	return schema.MapNestedAttribute{
		Optional: true,
		Computed: true,
		MarkdownDescription: fmt.Sprintf("The %[1]s rules. Left out: the recommended rules, derived from the load balancers, each keyed by what it admits, for example "+
			"`\"tcp 8080 %[2]s sg-0123456789abcdef0\"`. Written: exactly these rules, under keys of your choice, instead of the recommended ones; `{}` is no rule at all. "+
			"Removing a written value returns to the recommended rules, and a rule that only gets another key is not touched in AWS.", inOut(d), preposition(d)),
		NestedObject: schema.NestedAttributeObject{Attributes: attributes},
	}
}

// additionalRulesAttribute is the map of rules besides the recommended ones.
func additionalRulesAttribute(d wiring.Direction) schema.MapNestedAttribute {
	return schema.MapNestedAttribute{
		Optional: true,
		MarkdownDescription: fmt.Sprintf("Further %[1]s rules besides the recommended ones, under keys of your choice. They appear in `%[2]s` under the same keys. "+
			"Cannot be used together with `%[2]s`: a written `%[2]s` takes all rules.", inOut(d), string(d)),
		NestedObject: schema.NestedAttributeObject{Attributes: writtenRuleAttributes(d)},
	}
}

// writtenRuleAttributes are what a user can write about a rule.
func writtenRuleAttributes(d wiring.Direction) map[string]schema.Attribute {
	peer := "source"
	if d == wiring.Egress {
		peer = "destination"
	}
	text := func(text string) schema.StringAttribute {
		return schema.StringAttribute{Optional: true, MarkdownDescription: text}
	}
	number := func(text string) schema.Int64Attribute {
		return schema.Int64Attribute{Optional: true, MarkdownDescription: text}
	}
	const one = " Exactly one of `cidr_ipv4`, `cidr_ipv6`, `prefix_list_id` and `referenced_security_group_id` is needed."
	return map[string]schema.Attribute{
		"cidr_ipv4":                    text("The IPv4 network that is the " + peer + " of the rule." + one),
		"cidr_ipv6":                    text("The IPv6 network that is the " + peer + " of the rule. A Classic Load Balancer in a VPC carries IPv4 only, so such a rule never helps its traffic." + one),
		"prefix_list_id":               text("The managed prefix list that is the " + peer + " of the rule." + one),
		"referenced_security_group_id": text("The security group that is the " + peer + " of the rule, `account/sg-…` for a group of another account." + one),
		"ip_protocol":                  text("The protocol: `tcp`, `udp`, `icmp`, `icmpv6`, the number of another protocol, or `-1` for all protocols. Needed."),
		"from_port":                    number("The first port of `tcp` and `udp`, or the ICMP type; `-1` is every type. Left out for protocols without ports and for `-1`."),
		"to_port":                      number("The last port of `tcp` and `udp`, or the ICMP code; `-1` is every code. Left out for protocols without ports and for `-1`."),
		"description": text("The description of the rule, at most 255 of the characters `a-zA-Z0-9 ._-:/()#,@[]+=;{}!$*`. A change is made in place. " +
			"Left out: whatever description the rule has stays; recommended rules are created with the comment of the AWS table."),
	}
}

// preposition stands between the ports and the peer of a rule.
func preposition(d wiring.Direction) string {
	if d == wiring.Egress {
		return "to"
	}
	return "from"
}

func ruleType() types.ObjectType {
	with := writtenRuleType()
	with.AttrTypes["security_group_rule_id"] = types.StringType
	return with
}

func writtenRuleType() types.ObjectType {
	return types.ObjectType{AttrTypes: map[string]attr.Type{
		"cidr_ipv4":                    types.StringType,
		"cidr_ipv6":                    types.StringType,
		"prefix_list_id":               types.StringType,
		"referenced_security_group_id": types.StringType,
		"ip_protocol":                  types.StringType,
		"from_port":                    types.Int64Type,
		"to_port":                      types.Int64Type,
		"description":                  types.StringType,
	}}
}

// writtenRuleModel is an element of additional_ingress or additional_egress.
type writtenRuleModel struct {
	CIDRIPv4, CIDRIPv6, PrefixListID, ReferencedSecurityGroupID types.String
	IPProtocol                                                  types.String
	FromPort, ToPort                                            types.Int64
	Description                                                 types.String
}

func (m *writtenRuleModel) fields() fields {
	return fields{
		"cidr_ipv4": &m.CIDRIPv4, "cidr_ipv6": &m.CIDRIPv6, "prefix_list_id": &m.PrefixListID, "referenced_security_group_id": &m.ReferencedSecurityGroupID,
		"ip_protocol": &m.IPProtocol, "from_port": &m.FromPort, "to_port": &m.ToPort, "description": &m.Description,
	}
}

// ruleModel is an element of ingress or egress.
type ruleModel struct {
	writtenRuleModel
	SecurityGroupRuleID types.String
}

func (m *ruleModel) fields() fields {
	all := m.writtenRuleModel.fields()
	all["security_group_rule_id"] = &m.SecurityGroupRuleID
	return all
}

// written is the rule as it is written.
func (m writtenRuleModel) written() wiring.WrittenRule {
	text := func(s types.String) wiring.WrittenText {
		return wiring.WrittenText{Text: s.ValueString(), Stated: !s.IsNull() && !s.IsUnknown(), Unknown: s.IsUnknown()}
	}
	number := func(n types.Int64) wiring.WrittenNumber {
		return wiring.WrittenNumber{Number: int(n.ValueInt64()), Stated: !n.IsNull() && !n.IsUnknown(), Unknown: n.IsUnknown()}
	}
	return wiring.WrittenRule{
		CIDRIPv4: text(m.CIDRIPv4), CIDRIPv6: text(m.CIDRIPv6), PrefixListID: text(m.PrefixListID),
		ReferencedSecurityGroupID: text(m.ReferencedSecurityGroupID), IPProtocol: text(m.IPProtocol),
		FromPort: number(m.FromPort), ToPort: number(m.ToPort), Description: text(m.Description),
	}
}

// owned is the rule that AWS has for what is shown; a group of the own account
// has no account in front.
func (m ruleModel) owned(d wiring.Direction, account string) cloud.OwnedRule {
	rule := m.written().Rule(d)
	rule.Peer.SecurityGroup = wiring.WithoutAccount(rule.Peer.SecurityGroup, account)
	return cloud.OwnedRule{Rule: rule, ID: m.SecurityGroupRuleID.ValueString(), Described: !m.Description.IsNull()}
}

// rulesValue shows owned rules; the id of one that is still to be created is
// unknown. A rule that was shown before is spelled as it was: "6" stays "6".
func rulesValue(rules cloud.OwnedRules, before types.Map) (types.Map, diag.Diagnostics) {
	typ, spelled := ruleType(), before.Elements()
	objects := make(map[string]attr.Value, len(rules))
	for key, rule := range rules {
		model := newRuleModel(rule)
		if shown, there := shownRule(spelled[key]); there && rule.Is(shown.owned(rule.Direction, "").Rule) {
			shown.SecurityGroupRuleID, shown.Description = model.SecurityGroupRuleID, model.Description
			model = shown
		}
		objects[key] = model.fields().object(typ)
	}
	return types.MapValue(typ, objects)
}

// shownRule is an element of ingress or egress.
func shownRule(element attr.Value) (model ruleModel, there bool) {
	object, is := element.(types.Object)
	if !is || object.IsNull() || object.IsUnknown() {
		return model, false
	}
	model.fields().read(object)
	return model, true
}

func newRuleModel(rule cloud.OwnedRule) ruleModel {
	model := ruleModel{SecurityGroupRuleID: types.StringUnknown(), writtenRuleModel: writtenRuleModel{
		IPProtocol: types.StringValue(string(rule.Protocol)),
		FromPort:   types.Int64Value(int64(rule.From)),
		ToPort:     types.Int64Value(int64(rule.To)),
	}}
	if rule.ID != "" {
		model.SecurityGroupRuleID = types.StringValue(rule.ID)
	}
	if rule.Described {
		model.Description = types.StringValue(rule.Comment)
	}
	switch peer := types.StringValue(rule.Peer.String()); {
	case rule.Peer.SecurityGroup != "":
		model.ReferencedSecurityGroupID = peer
	case rule.Peer.PrefixList != "":
		model.PrefixListID = peer
	case rule.Peer.CIDR.Addr().Is4():
		model.CIDRIPv4 = peer
	default:
		model.CIDRIPv6 = peer
	}
	return model
}

// ownedRules reads the rules of a state back.
func ownedRules(value types.Map, d wiring.Direction, account string) cloud.OwnedRules {
	rules := cloud.OwnedRules{}
	for key, element := range value.Elements() {
		if model, known := shownRule(element); known {
			rules[key] = model.owned(d, account)
		}
	}
	return rules
}

// withRuleID puts the id into what is written about a rule.
func withRuleID(written types.Object, id types.String) types.Object {
	if written.IsUnknown() {
		return types.ObjectUnknown(ruleType().AttrTypes)
	}
	attributes := maps.Clone(written.Attributes())
	attributes["security_group_rule_id"] = id
	return types.ObjectValueMust(ruleType().AttrTypes, attributes)
}
