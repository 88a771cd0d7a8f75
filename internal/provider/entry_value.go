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

// entriesAttribute is the map of network ACL entries of one direction. Its
// objects have the attributes of aws_network_acl_rule.
func entriesAttribute(d wiring.Direction, peer string) schema.MapNestedAttribute {
	computedString := func(text string) schema.StringAttribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: text}
	}
	computedNumber := func(text string) schema.Int64Attribute {
		return schema.Int64Attribute{Computed: true, MarkdownDescription: text}
	}
	return schema.MapNestedAttribute{
		Computed: true,
		MarkdownDescription: "The recommended " + string(d) + " entries, derived from the load balancers and the subnet roles. Each is keyed by what it admits, for example " +
			"`\"tcp 1024-65535 " + map[wiring.Direction]string{wiring.Ingress: "from", wiring.Egress: "to"}[d] + " 10.0.0.0/16\"`.",
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"rule_number":     computedNumber("The rule number. An entry keeps its number as long as it exists."),
			"rule_action":     computedString("`allow`. Another value shows that the entry was changed outside of Terraform."),
			"protocol":        computedString("The protocol: `tcp` or `icmp`."),
			"cidr_block":      computedString("The IPv4 network that is the " + peer + " of the entry."),
			"ipv6_cidr_block": computedString("The IPv6 network that is the " + peer + " of the entry. No recommended entry has one; it shows that the entry was changed outside of Terraform."),
			"from_port":       computedNumber("The first port of a TCP entry."),
			"to_port":         computedNumber("The last port of a TCP entry."),
			"icmp_type":       computedNumber("The ICMP type of an ICMP entry."),
			"icmp_code":       computedNumber("The ICMP code of an ICMP entry."),
		}},
	}
}

func entryType() types.ObjectType {
	return types.ObjectType{AttrTypes: map[string]attr.Type{
		"rule_number":     types.Int64Type,
		"rule_action":     types.StringType,
		"protocol":        types.StringType,
		"cidr_block":      types.StringType,
		"ipv6_cidr_block": types.StringType,
		"from_port":       types.Int64Type,
		"to_port":         types.Int64Type,
		"icmp_type":       types.Int64Type,
		"icmp_code":       types.Int64Type,
	}}
}

// entryModel is an element of ingress or egress.
type entryModel struct {
	RuleNumber    types.Int64  `tfsdk:"rule_number"`
	RuleAction    types.String `tfsdk:"rule_action"`
	Protocol      types.String `tfsdk:"protocol"`
	CIDRBlock     types.String `tfsdk:"cidr_block"`
	IPv6CIDRBlock types.String `tfsdk:"ipv6_cidr_block"`
	FromPort      types.Int64  `tfsdk:"from_port"`
	ToPort        types.Int64  `tfsdk:"to_port"`
	ICMPType      types.Int64  `tfsdk:"icmp_type"`
	ICMPCode      types.Int64  `tfsdk:"icmp_code"`
}

const (
	actionAllow = "allow"
	actionDeny  = "deny"
)

// entriesValue shows owned entries.
func entriesValue(ctx context.Context, entries cloud.OwnedEntries) (types.Map, diag.Diagnostics) {
	models := make(map[string]entryModel, len(entries))
	for key, entry := range entries {
		models[key] = newEntryModel(entry)
	}
	return types.MapValueFrom(ctx, entryType(), models)
}

func newEntryModel(entry cloud.NetworkACLEntry) entryModel {
	model := entryModel{
		RuleNumber: types.Int64Value(int64(entry.Number)),
		RuleAction: types.StringValue(actionAllow),
		Protocol:   types.StringValue(string(entry.Protocol)),
	}
	if entry.Deny {
		model.RuleAction = types.StringValue(actionDeny)
	}
	if entry.Peer.CIDR.Addr().Is4() {
		model.CIDRBlock = types.StringValue(entry.Peer.CIDR.String())
	} else {
		model.IPv6CIDRBlock = types.StringValue(entry.Peer.CIDR.String())
	}
	from, to := types.Int64Value(int64(entry.From)), types.Int64Value(int64(entry.To))
	if isICMP(entry.Protocol) {
		model.ICMPType, model.ICMPCode = from, to
	} else {
		model.FromPort, model.ToPort = from, to
	}
	return model
}

func isICMP(protocol wiring.Protocol) bool {
	return protocol == wiring.ICMP || protocol == wiring.ICMPv6
}

// ownedEntries reads the entries of a state or plan back.
func ownedEntries(ctx context.Context, value types.Map, d wiring.Direction) (cloud.OwnedEntries, diag.Diagnostics) {
	entries := cloud.OwnedEntries{}
	if value.IsNull() || value.IsUnknown() {
		return entries, nil
	}
	var models map[string]entryModel
	diags := value.ElementsAs(ctx, &models, false)
	for key, model := range models {
		entries[key] = model.owned(d)
	}
	return entries, diags
}

func (m entryModel) owned(d wiring.Direction) cloud.NetworkACLEntry {
	from, to := m.FromPort, m.ToPort
	if protocol := wiring.Protocol(m.Protocol.ValueString()); isICMP(protocol) {
		from, to = m.ICMPType, m.ICMPCode
	}
	entry := cloud.NetworkACLEntry{
		Deny: m.RuleAction.ValueString() == actionDeny,
		Entry: wiring.Entry{Number: int(m.RuleNumber.ValueInt64()), Rule: wiring.Rule{
			Direction: d,
			Protocol:  wiring.Protocol(m.Protocol.ValueString()),
			From:      int(from.ValueInt64()),
			To:        int(to.ValueInt64()),
		}},
	}
	for _, text := range []types.String{m.CIDRBlock, m.IPv6CIDRBlock} {
		if cidr, err := netip.ParsePrefix(text.ValueString()); err == nil {
			entry.Peer.CIDR = cidr
		}
	}
	return entry
}
