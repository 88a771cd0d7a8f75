// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-clb/terraform-provider-clb/internal/cloud"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// retiringText says of retiring_rules or retiring_entries when a rule retires. what
// is a rule, many are several, owner is where they are.
func retiringText(what, many, owner, key string) string {
	return fmt.Sprintf("The %[2]s that are not wanted any more and stay until the live load balancer has moved, keyed by %[4]s. "+
		"An update removes no %[1]s without which a flow would close that a live load balancer of `load_balancers` still needs: its listeners, its health check and its security groups count as AWS has them at that moment, as far as the configuration does not declare them too. "+
		"`needed_by` says what still needs the %[1]s; as long as something does, plans warn and change nothing. Once the load balancer has moved, the next plan removes the %[1]s. "+
		"A load balancer that is taken out of `load_balancers` counts for one more apply. One whose value has no `name`, or that does not exist, holds nothing; one that cannot be read holds everything. "+
		"Destroying the resource removes these %[2]s too, and so does replacing it, for another %[3]s, with `-replace` or after `terraform taint`.", what, many, owner, key)
}

func neededByAttribute() schema.StringAttribute {
	return schema.StringAttribute{Computed: true, MarkdownDescription: "The flows of the live load balancer that would be closed, such as `health check on tcp 8081 of load balancer \"web\"`. Null once nothing needs it any more: the next apply removes it."}
}

func retiringRulesAttribute() schema.MapNestedAttribute {
	text := func(text string) schema.StringAttribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: text}
	}
	number := func(text string) schema.Int64Attribute {
		return schema.Int64Attribute{Computed: true, MarkdownDescription: text}
	}
	return schema.MapNestedAttribute{
		Computed:            true,
		MarkdownDescription: retiringText("rule", "rules", "security group", "direction and by what they admit, for example `\"ingress tcp 8080 from sg-0123456789abcdef0\"`"),
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"security_group_rule_id":       text("The id of the rule in AWS, `sgr-…`."),
			"cidr_ipv4":                    text("The IPv4 network that is the peer of the rule."),
			"cidr_ipv6":                    text("The IPv6 network that is the peer of the rule."),
			"prefix_list_id":               text("The managed prefix list that is the peer of the rule."),
			"referenced_security_group_id": text("The security group that is the peer of the rule."),
			"ip_protocol":                  text("The protocol."),
			"from_port":                    number("The first port, or the ICMP type."),
			"to_port":                      number("The last port, or the ICMP code."),
			"description":                  text("The description of the rule, where the configuration gave it one."),
			"needed_by":                    neededByAttribute(),
		}},
	}
}

func retiringEntriesAttribute() schema.MapNestedAttribute {
	attributes := map[string]schema.Attribute{"needed_by": neededByAttribute()}
	for name, attribute := range entryAttributes("peer", true) {
		switch a := attribute.(type) {
		case schema.StringAttribute:
			a.Optional = false
			attributes[name] = a
		case schema.Int64Attribute:
			a.Optional = false
			attributes[name] = a
		}
	}
	attributes["rule_number"] = schema.Int64Attribute{Computed: true, MarkdownDescription: "The rule number: that which the entry had, or, where another entry has taken it, one that nobody uses."}
	attributes["protocol"] = schema.StringAttribute{Computed: true, MarkdownDescription: "The protocol."}
	attributes["cidr_block"] = schema.StringAttribute{Computed: true, MarkdownDescription: "The IPv4 network that is the peer of the entry."}
	attributes["ipv6_cidr_block"] = schema.StringAttribute{Computed: true, MarkdownDescription: "The IPv6 network that is the peer of the entry."}
	return schema.MapNestedAttribute{
		Computed:            true,
		MarkdownDescription: retiringText("entry", "entries", "network ACL", "their places, such as `ingress/100`"),
		NestedObject:        schema.NestedAttributeObject{Attributes: attributes},
	}
}

func withNeededBy(object types.ObjectType) types.ObjectType {
	attributes := maps.Clone(object.AttrTypes)
	attributes["needed_by"] = types.StringType
	return types.ObjectType{AttrTypes: attributes}
}

func retiringRuleType() types.ObjectType  { return withNeededBy(ruleType()) }
func retiringEntryType() types.ObjectType { return withNeededBy(entryType()) }

// retiringRuleModel is an element of retiring_rules.
type retiringRuleModel struct {
	ruleModel
	NeededBy types.String
}

func (m *retiringRuleModel) fields() fields {
	all := m.ruleModel.fields()
	all["needed_by"] = &m.NeededBy
	return all
}

// retiringEntryModel is an element of retiring_entries.
type retiringEntryModel struct {
	entryModel
	NeededBy types.String
}

func (m *retiringEntryModel) fields() fields {
	all := m.entryModel.fields()
	all["needed_by"] = &m.NeededBy
	return all
}

// neededByValue is how the flows are shown that need a rule.
func neededByValue(flows []string) types.String {
	if len(flows) == 0 {
		return types.StringNull()
	}
	return types.StringValue(strings.Join(flows, ", "))
}

// retiringRuleKey is the key of a rule in retiring_rules.
func retiringRuleKey(rule wiring.Rule) string { return string(rule.Direction) + " " + rule.Key() }

// retiringRules are rules that retire, and for each what needs it, by its id.
type retiringRules struct {
	rules    []cloud.OwnedRule
	neededBy map[string]types.String
}

// decodeRetiringRules reads retiring_rules of a state.
func decodeRetiringRules(value types.Map, account string) retiringRules {
	retiring := retiringRules{neededBy: map[string]types.String{}}
	elements := value.Elements()
	for _, key := range slices.Sorted(maps.Keys(elements)) {
		object, is := elements[key].(types.Object)
		if !is || object.IsNull() || object.IsUnknown() {
			continue
		}
		var model retiringRuleModel
		model.fields().read(object)
		direction, _, _ := strings.Cut(key, " ")
		rule := model.owned(wiring.Direction(direction), account)
		if rule.ID == "" {
			// In EC2-Classic rules have no ids.
			rule.ID = rule.Key()
		}
		retiring.rules = append(retiring.rules, rule)
		retiring.neededBy[rule.ID] = model.NeededBy
	}
	return retiring
}

// value shows the rules that retire.
func (r retiringRules) value() (types.Map, diag.Diagnostics) {
	typ, objects := retiringRuleType(), map[string]attr.Value{}
	for _, rule := range r.rules {
		model := retiringRuleModel{ruleModel: newRuleModel(rule), NeededBy: r.neededBy[rule.ID]}
		if rule.ID == rule.Key() {
			model.SecurityGroupRuleID = types.StringNull()
		}
		objects[retiringRuleKey(rule.Rule)] = model.fields().object(typ)
	}
	return types.MapValue(typ, objects)
}

// retiringEntries are entries that retire, and for each what needs it, by its place.
type retiringEntries struct {
	entries  []cloud.NetworkACLEntry
	neededBy map[string]types.String
}

func placeOf(entry cloud.NetworkACLEntry) string {
	return cloud.PlaceName(entry.Direction, entry.Number)
}

// decodeRetiringEntries reads retiring_entries of a state.
func decodeRetiringEntries(value types.Map) retiringEntries {
	retiring := retiringEntries{neededBy: map[string]types.String{}}
	elements := value.Elements()
	for _, place := range slices.Sorted(maps.Keys(elements)) {
		object, is := elements[place].(types.Object)
		if !is || object.IsNull() || object.IsUnknown() {
			continue
		}
		var model retiringEntryModel
		model.fields().read(object)
		direction, _, _ := strings.Cut(place, "/")
		retiring.entries = append(retiring.entries, model.owned(wiring.Direction(direction)))
		retiring.neededBy[place] = model.NeededBy
	}
	return retiring
}

// value shows the entries that retire.
func (r retiringEntries) value() (types.Map, diag.Diagnostics) {
	typ, objects := retiringEntryType(), map[string]attr.Value{}
	for _, entry := range r.entries {
		place := placeOf(entry)
		model := retiringEntryModel{entryModel: newEntryModel(entry), NeededBy: r.neededBy[place]}
		objects[place] = model.fields().object(typ)
	}
	return types.MapValue(typ, objects)
}

func noRetiring(of types.ObjectType) types.Map {
	return types.MapValueMust(of, map[string]attr.Value{})
}
