// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"net/netip"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-clb/terraform-provider-clb/internal/cloud"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// rulesAttribute is the map of security group rules of one direction. Its
// objects have the attributes of aws_vpc_security_group_ingress_rule.
func rulesAttribute(d wiring.Direction, peer string) schema.MapNestedAttribute {
	computedString := func(text string) schema.StringAttribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: text}
	}
	computedNumber := func(text string) schema.Int64Attribute {
		return schema.Int64Attribute{Computed: true, MarkdownDescription: text}
	}
	return schema.MapNestedAttribute{
		Computed: true,
		MarkdownDescription: "The recommended " + string(d) + " rules, derived from the load balancers. Each is keyed by what it admits, for example " +
			"`\"tcp 8080 " + map[wiring.Direction]string{wiring.Ingress: "from", wiring.Egress: "to"}[d] + " sg-0123456789abcdef0\"`.",
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"security_group_rule_id":       computedString("The id of the rule in AWS, `sgr-…`."),
			"cidr_ipv4":                    computedString("The IPv4 network that is the " + peer + " of the rule."),
			"cidr_ipv6":                    computedString("The IPv6 network that is the " + peer + " of the rule. No recommended rule has one; it shows that the rule was changed outside of Terraform."),
			"prefix_list_id":               computedString("The managed prefix list that is the " + peer + " of the rule."),
			"referenced_security_group_id": computedString("The security group that is the " + peer + " of the rule, `account/sg-…` for a group of another account."),
			"ip_protocol":                  computedString("The protocol: `tcp` or `icmp`."),
			"from_port":                    computedNumber("The first port, or the ICMP type."),
			"to_port":                      computedNumber("The last port, or the ICMP code; `-1` is any code."),
		}},
	}
}

func ruleType() types.ObjectType {
	return types.ObjectType{AttrTypes: map[string]attr.Type{
		"security_group_rule_id":       types.StringType,
		"cidr_ipv4":                    types.StringType,
		"cidr_ipv6":                    types.StringType,
		"prefix_list_id":               types.StringType,
		"referenced_security_group_id": types.StringType,
		"ip_protocol":                  types.StringType,
		"from_port":                    types.Int64Type,
		"to_port":                      types.Int64Type,
	}}
}

// ruleModel is an element of ingress or egress.
type ruleModel struct {
	SecurityGroupRuleID       types.String `tfsdk:"security_group_rule_id"`
	CIDRIPv4                  types.String `tfsdk:"cidr_ipv4"`
	CIDRIPv6                  types.String `tfsdk:"cidr_ipv6"`
	PrefixListID              types.String `tfsdk:"prefix_list_id"`
	ReferencedSecurityGroupID types.String `tfsdk:"referenced_security_group_id"`
	IPProtocol                types.String `tfsdk:"ip_protocol"`
	FromPort                  types.Int64  `tfsdk:"from_port"`
	ToPort                    types.Int64  `tfsdk:"to_port"`
}

// rulesValue shows owned rules; the id of one that is still to be created is unknown.
func rulesValue(ctx context.Context, rules cloud.OwnedRules) (types.Map, diag.Diagnostics) {
	models := make(map[string]ruleModel, len(rules))
	for key, rule := range rules {
		models[key] = newRuleModel(rule)
	}
	return types.MapValueFrom(ctx, ruleType(), models)
}

func newRuleModel(rule cloud.OwnedRule) ruleModel {
	model := ruleModel{
		SecurityGroupRuleID: types.StringUnknown(),
		IPProtocol:          types.StringValue(string(rule.Protocol)),
		FromPort:            types.Int64Value(int64(rule.From)),
		ToPort:              types.Int64Value(int64(rule.To)),
	}
	if rule.ID != "" {
		model.SecurityGroupRuleID = types.StringValue(rule.ID)
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

// ownedRules reads the rules of a state or plan back.
func ownedRules(ctx context.Context, value types.Map, d wiring.Direction) (cloud.OwnedRules, diag.Diagnostics) {
	rules := cloud.OwnedRules{}
	if value.IsNull() || value.IsUnknown() {
		return rules, nil
	}
	var models map[string]ruleModel
	diags := value.ElementsAs(ctx, &models, false)
	for key, model := range models {
		rules[key] = model.owned(d)
	}
	return rules, diags
}

func (m ruleModel) owned(d wiring.Direction) cloud.OwnedRule {
	rule := cloud.OwnedRule{ID: m.SecurityGroupRuleID.ValueString(), Rule: wiring.Rule{
		Direction: d,
		Protocol:  wiring.Protocol(m.IPProtocol.ValueString()),
		From:      int(m.FromPort.ValueInt64()),
		To:        int(m.ToPort.ValueInt64()),
		Peer: wiring.Peer{
			SecurityGroup: m.ReferencedSecurityGroupID.ValueString(),
			PrefixList:    m.PrefixListID.ValueString(),
		},
	}}
	for _, text := range []types.String{m.CIDRIPv4, m.CIDRIPv6} {
		if cidr, err := netip.ParsePrefix(text.ValueString()); err == nil {
			rule.Peer.CIDR = cidr
		}
	}
	return rule
}
