// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// importACL reads an import id "acl-…/role,role/name,name" and looks the load
// balancers and the live entries up. It declares those clients that the live
// entries admit to the load balancers' subnets, Path MTU Discovery if all its
// entries are there, and compact if only the compact entries are.
func (d *providerData) importACL(ctx context.Context, id string) (networkACLEntriesModel, diag.Diagnostics, error) {
	state, region, names, err := d.parseACLImport(id)
	if err != nil {
		return state, nil, err
	}
	lbs, err := d.importLoadBalancers(ctx, region, names)
	if err != nil {
		return state, nil, err
	}
	acl, err := d.connection.In(region).NetworkACL(ctx, state.NetworkACLID.ValueString())
	if err != nil {
		return state, nil, err
	}
	for _, entry := range acl.Entries {
		if !entry.Deny {
			lbs.live = append(lbs.live, entry.Rule)
		}
	}
	state.wiringModel, state.PathMTUDiscovery, state.Compact = lbs.model, types.BoolValue(true), types.BoolValue(false)
	state.RetiringEntries = noRetiring(retiringEntryType())
	state.AdditionalIngress, state.AdditionalEgress = types.MapNull(entryType()), types.MapNull(entryType())
	in, diags := state.decode(ctx, "")
	if diags.HasError() {
		return state, diags, nil
	}
	for _, role := range in.roles {
		if role == roleLoadBalancer {
			diags.Append(lbs.declareClients(ctx)...)
		}
	}
	state.wiringModel = lbs.model
	state.Adopt = types.StringValue(adoptKeep)
	in, bad := state.decode(ctx, "")
	diags.Append(bad...)
	var pathMTU []wiring.Rule
	for _, row := range in.derive() {
		if row.Protocol == wiring.ICMP {
			pathMTU = append(pathMTU, row)
		}
	}
	in.pathMTU = lbs.stands(pathMTU) || lbs.stands(wiring.Compact(pathMTU))
	state.PathMTUDiscovery = types.BoolValue(in.pathMTU)
	state.Compact = types.BoolValue(!lbs.stands(in.tables()) && lbs.stands(wiring.Compact(in.tables())))
	return state, diags, nil
}

// parseACLImport takes an import id apart.
func (d *providerData) parseACLImport(id string) (state networkACLEntriesModel, region string, names []string, err error) {
	rest, region, err := d.splitRegion(id)
	if err != nil {
		return state, "", nil, err
	}
	parts := strings.Split(rest, "/")
	if len(parts) != 3 || parts[1] == "" || parts[2] == "" {
		return state, "", nil, fmt.Errorf("the import id %q does not have the form \"acl-0123456789abcdef0/load_balancer/my-loadbalancer\": "+
			"write the id of the network ACL, the subnet roles joined by commas, and the names of the load balancers joined by commas", id)
	}
	if err := wiring.CheckNetworkACLID(parts[0]); err != nil {
		return state, "", nil, err
	}
	roles := strings.Split(parts[1], ",")
	for _, role := range roles {
		if _, err := parseSubnetRole(role); err != nil {
			return state, "", nil, err
		}
	}
	var values []attr.Value
	slices.Sort(roles)
	for _, role := range slices.Compact(roles) {
		values = append(values, types.StringValue(role))
	}
	state.NetworkACLID = types.StringValue(parts[0])
	state.SubnetRoles = types.SetValueMust(types.StringType, values)
	return state, region, strings.Split(parts[2], ","), nil
}
