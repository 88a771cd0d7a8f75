// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// clientsAttribute is the attribute that declares the clients of listeners.
func clientsAttribute(use string) schema.ListNestedAttribute {
	return schema.ListNestedAttribute{
		Optional: true,
		MarkdownDescription: use + " Declared clients replace the source that AWS recommends (`0.0.0.0/0`, or the VPC CIDRs of an internal load balancer) in the rules that admit clients to a listener, and nowhere else. " +
			"Listeners for which no client is declared keep the recommended source.",
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"lb_ports": schema.SetAttribute{
				ElementType:         types.Int64Type,
				Optional:            true,
				MarkdownDescription: "The `lb_port`s of the listeners that these clients use. Left out or empty: all listeners.",
			},
			"cidr_blocks": schema.SetAttribute{
				ElementType:         types.StringType,
				Optional:            true,
				MarkdownDescription: "The IPv4 networks of the clients.",
			},
			"security_group_ids": schema.SetAttribute{
				ElementType:         types.StringType,
				Optional:            true,
				MarkdownDescription: "The security groups of the clients, `account/sg-…` for a group of another account.",
			},
			"prefix_list_ids": schema.SetAttribute{
				ElementType:         types.StringType,
				Optional:            true,
				MarkdownDescription: "The managed prefix lists of the clients.",
			},
		}},
	}
}

// clientsModel is an element of clients.
type clientsModel struct{ LBPorts, CIDRBlocks, SecurityGroupIDs, PrefixListIDs types.Set }

func (m *clientsModel) fields() fields {
	return fields{"lb_ports": &m.LBPorts, "cidr_blocks": &m.CIDRBlocks, "security_group_ids": &m.SecurityGroupIDs, "prefix_list_ids": &m.PrefixListIDs}
}

func clientsType() types.ObjectType {
	return types.ObjectType{AttrTypes: map[string]attr.Type{
		"lb_ports":           types.SetType{ElemType: types.Int64Type},
		"cidr_blocks":        types.SetType{ElemType: types.StringType},
		"security_group_ids": types.SetType{ElemType: types.StringType},
		"prefix_list_ids":    types.SetType{ElemType: types.StringType},
	}}
}

// clientsValue shows declared clients; null when there are none.
func clientsValue(ctx context.Context, clients []wiring.Clients) (types.List, diag.Diagnostics) {
	if len(clients) == 0 {
		return types.ListNull(clientsType()), nil
	}
	var diags diag.Diagnostics
	texts := func(values []string) types.Set {
		if len(values) == 0 {
			return types.SetNull(types.StringType)
		}
		set, bad := types.SetValueFrom(ctx, types.StringType, values)
		diags.Append(bad...)
		return set
	}
	var objects []attr.Value
	for _, c := range clients {
		ports, bad := types.SetValueFrom(ctx, types.Int64Type, c.LBPorts)
		diags.Append(bad...)
		var cidrs []string
		for _, cidr := range c.CIDRBlocks {
			cidrs = append(cidrs, cidr.String())
		}
		model := clientsModel{LBPorts: ports, CIDRBlocks: texts(cidrs), SecurityGroupIDs: texts(c.SecurityGroups), PrefixListIDs: texts(c.PrefixLists)}
		objects = append(objects, model.fields().object(clientsType()))
	}
	list, bad := types.ListValue(clientsType(), objects)
	return list, append(diags, bad...)
}

// keptClients are the clients to plan when the prior ones say the same as the
// configuration, be it on the resource or in the values of the load balancers.
func keptClients(stated, prior types.List) types.List {
	if prior.IsNull() {
		return stated
	}
	return prior
}

// decodeClients reads the attribute clients. known is false when a client is unknown.
func decodeClients(list types.List, ownAccount string) (clients []wiring.Clients, known bool, problems []string) {
	if list.IsUnknown() {
		return nil, false, nil
	}
	known = true
	for i, element := range list.Elements() {
		object, isObject := element.(types.Object)
		if !isObject || object.IsUnknown() {
			known = false
			continue
		}
		if object.IsNull() {
			problems = append(problems, fmt.Sprintf("clients[%d] is null: leave it out", i))
			continue
		}
		var model clientsModel
		model.fields().read(object)
		one, oneKnown, bad := model.decode(fmt.Sprintf("clients[%d].", i), ownAccount)
		problems = append(problems, bad...)
		if known = known && oneKnown; oneKnown && len(bad) == 0 {
			clients = append(clients, one)
		}
	}
	return clients, known, problems
}

func (m clientsModel) decode(where, ownAccount string) (clients wiring.Clients, known bool, problems []string) {
	ports, knownPorts, badPorts := decodePorts(m.LBPorts, where+"lb_ports")
	cidrs, knownCIDRs, badCIDRs := decodeStrings(m.CIDRBlocks, where+"cidr_blocks", wiring.ParseCIDR)
	groups, knownGroups, badGroups := decodeGroups(m.SecurityGroupIDs, where+"security_group_ids", ownAccount)
	lists, knownLists, badLists := decodeStrings(m.PrefixListIDs, where+"prefix_list_ids", func(text string) (string, error) {
		return text, wiring.CheckPrefixListID(text)
	})
	for _, bad := range [][]string{badPorts, badCIDRs, badGroups, badLists} {
		problems = append(problems, bad...)
	}
	return wiring.Clients{LBPorts: ports, CIDRBlocks: cidrs, SecurityGroups: groups, PrefixLists: lists},
		knownPorts && knownCIDRs && knownGroups && knownLists, problems
}

// decodePorts reads a set of ports.
func decodePorts(set types.Set, name string) (ports []int, known bool, problems []string) {
	if set.IsUnknown() {
		return nil, false, nil
	}
	known = true
	for _, element := range set.Elements() {
		port, isNumber := element.(types.Int64)
		switch {
		case !isNumber || port.IsNull():
			problems = append(problems, name+" has an element that is null: leave it out")
		case port.IsUnknown():
			known = false
		default:
			if err := wiring.CheckPort(int(port.ValueInt64())); err != nil {
				problems = append(problems, fmt.Sprintf("%s has port %s", name, err))
				continue
			}
			ports = append(ports, int(port.ValueInt64()))
		}
	}
	return ports, known, problems
}
