// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
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
	return schema.MapNestedAttribute{
		Optional: true,
		Computed: true,
		MarkdownDescription: "All " + string(d) + " entries of this resource. Left out: the recommended ones, derived from the load balancers and the subnet roles and keyed by what they admit, for example " +
			"`\"tcp 1024-65535 " + map[wiring.Direction]string{wiring.Ingress: "from", wiring.Egress: "to"}[d] + " 10.0.0.0/16\"`, together with those of `additional_" + string(d) + "`. " +
			"Written out, under keys of your own: used as they are. `{}` is no entry at all. Renaming a key changes nothing in AWS.",
		NestedObject: schema.NestedAttributeObject{Attributes: entryAttributes(peer, true)},
	}
}

// additionalEntriesAttribute is the map of entries beside the recommended ones.
func additionalEntriesAttribute(d wiring.Direction, peer string) schema.MapNestedAttribute {
	return schema.MapNestedAttribute{
		Optional: true,
		MarkdownDescription: "Entries of your own beside the recommended " + string(d) + " ones, under keys of your own. They are shown in `" + string(d) + "` too. " +
			"Not together with `" + string(d) + "` itself.",
		NestedObject: schema.NestedAttributeObject{Attributes: entryAttributes(peer, false)},
	}
}

// entryAttributes are the attributes of an entry. All of them are optional and
// what must be set is required by our own checks: an element that is wholly
// unknown would otherwise count as one without them.
func entryAttributes(peer string, shown bool) map[string]schema.Attribute {
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{Optional: true, Computed: shown, MarkdownDescription: description}
	}
	number := func(description string) schema.Int64Attribute {
		return schema.Int64Attribute{Optional: true, Computed: shown, MarkdownDescription: description}
	}
	ruleNumber := "The rule number, 1-32766: of the entries that match a packet, the one with the lowest number decides. Must be set in a written entry; a derived one keeps its number as long as it exists."
	if !shown {
		ruleNumber = "The rule number, 1-32766. Left out: the next free number of the block. A `deny` entry works only with a lower number than the entries that it cuts."
	}
	return map[string]schema.Attribute{
		"rule_number":     number(ruleNumber),
		"rule_action":     text("`allow` (default) or `deny`."),
		"protocol":        text("The protocol: `tcp`, `udp`, `icmp`, `icmpv6`, another name of the IANA list, a number, or `-1` for all. Must be set in a written entry."),
		"cidr_block":      text("The IPv4 network that is the " + peer + " of the entry. A written entry has this or `ipv6_cidr_block`."),
		"ipv6_cidr_block": text("The IPv6 network that is the " + peer + " of the entry. No recommended entry has one."),
		"from_port":       number("The first port of a TCP or UDP entry."),
		"to_port":         number("The last port of a TCP or UDP entry."),
		"icmp_type":       number("The ICMP type of an ICMP entry, `-1` for all."),
		"icmp_code":       number("The ICMP code of an ICMP entry, `-1` for all."),
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
	RuleNumber                           types.Int64
	RuleAction, Protocol                 types.String
	CIDRBlock, IPv6CIDRBlock             types.String
	FromPort, ToPort, ICMPType, ICMPCode types.Int64
}

func (m *entryModel) fields() fields {
	return fields{
		"rule_number": &m.RuleNumber, "rule_action": &m.RuleAction, "protocol": &m.Protocol, "cidr_block": &m.CIDRBlock, "ipv6_cidr_block": &m.IPv6CIDRBlock,
		"from_port": &m.FromPort, "to_port": &m.ToPort, "icmp_type": &m.ICMPType, "icmp_code": &m.ICMPCode,
	}
}

// value is the entry as ingress and egress show it.
func (m entryModel) value() types.Object { return m.fields().object(entryType()) }

const (
	actionAllow = "allow"
	actionDeny  = "deny"
)

// entriesValue shows owned entries. One that is spelled in one of the given maps,
// with the same meaning, keeps its spelling: protocol "6" stays "6".
func entriesValue(entries cloud.OwnedEntries, d wiring.Direction, spelled ...types.Map) (types.Map, diag.Diagnostics) {
	values := make(map[string]attr.Value, len(entries))
	for _, spelling := range spelled {
		for key, element := range spelling.Elements() {
			object, _ := element.(types.Object)
			entry, there := entries[key]
			if model, known := decodeEntry(object); there && known && values[key] == nil && model.owned(d).Same(entry) {
				values[key] = object
			}
		}
	}
	for key, entry := range entries {
		if values[key] == nil {
			values[key] = newEntryModel(entry).value()
		}
	}
	return types.MapValue(entryType(), values)
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
	switch {
	case isICMP(entry.Protocol):
		model.ICMPType, model.ICMPCode = from, to
	case entry.Protocol == wiring.TCP || entry.Protocol == wiring.UDP:
		model.FromPort, model.ToPort = from, to
	}
	return model
}

func isICMP(protocol wiring.Protocol) bool {
	return protocol == wiring.ICMP || protocol == wiring.ICMPv6
}

// ownedEntries reads the entries of a state or plan back, as far as they are known.
func ownedEntries(value types.Map, d wiring.Direction) cloud.OwnedEntries {
	entries := cloud.OwnedEntries{}
	for key, element := range value.Elements() {
		object, _ := element.(types.Object)
		if model, known := decodeEntry(object); known {
			entries[key] = model.owned(d)
		}
	}
	return entries
}

// decodeEntry reads an element of ingress or egress if it is known.
func decodeEntry(object types.Object) (model entryModel, known bool) {
	if object.IsNull() || object.IsUnknown() {
		return entryModel{}, false
	}
	model.fields().read(object)
	written := model.written(wiring.Ingress)
	return model, written.ContentKnown() && !written.RuleNumber.Unknown
}

// written is the entry attribute by attribute.
func (m entryModel) written(d wiring.Direction) wiring.WrittenEntry {
	text := func(s types.String) wiring.WrittenText {
		return wiring.WrittenText{Text: s.ValueString(), Stated: !s.IsNull() && !s.IsUnknown(), Unknown: s.IsUnknown()}
	}
	number := func(n types.Int64) wiring.WrittenNumber {
		return wiring.WrittenNumber{Number: int(n.ValueInt64()), Stated: !n.IsNull() && !n.IsUnknown(), Unknown: n.IsUnknown()}
	}
	return wiring.WrittenEntry{
		Direction: d, RuleNumber: number(m.RuleNumber), RuleAction: text(m.RuleAction), Protocol: text(m.Protocol),
		CIDRBlock: text(m.CIDRBlock), IPv6CIDRBlock: text(m.IPv6CIDRBlock), FromPort: number(m.FromPort), ToPort: number(m.ToPort),
		ICMPType: number(m.ICMPType), ICMPCode: number(m.ICMPCode),
	}
}

// owned is the entry as the cloud has it.
func (m entryModel) owned(d wiring.Direction) cloud.NetworkACLEntry {
	entry, deny := m.written(d).Entry()
	return cloud.NetworkACLEntry{Entry: entry, Deny: deny}
}
