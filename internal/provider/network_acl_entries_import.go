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

	"github.com/terraform-clb/terraform-provider-clb/internal/cloud"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// importACL reads an import id "acl-…/role,role/name,name", looks the load
// balancers and the live entries up, and owns the entries that are recommended.
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
	diags := importedACL(ctx, &state, lbs, acl)
	return state, diags, nil
}

// admitted are the live entries that admit something.
func admitted(acl cloud.NetworkACL) []wiring.Rule {
	var rules []wiring.Rule
	for _, entry := range acl.Entries {
		if !entry.Deny {
			rules = append(rules, entry.Rule)
		}
	}
	return rules
}

// importedACL completes the arguments with which a resource would have made the
// entries that stand in a network ACL, and owns them. It declares those clients
// that the live entries admit to the load balancers' subnets, Path MTU Discovery
// if all its entries are there, and compact if only the compact entries are.
func importedACL(ctx context.Context, state *networkACLEntriesModel, lbs importedLoadBalancers, acl cloud.NetworkACL) diag.Diagnostics {
	lbs.live = admitted(acl)
	state.wiringModel, state.PathMTUDiscovery, state.Compact = lbs.model, types.BoolValue(true), types.BoolValue(false)
	state.RetiringEntries = noRetiring(retiringEntryType())
	state.AdditionalIngress, state.AdditionalEgress = types.MapNull(entryType()), types.MapNull(entryType())
	in, diags := state.decode("")
	if diags.HasError() {
		return diags
	}
	for _, role := range in.roles {
		if role == roleLoadBalancer {
			diags.Append(lbs.declareClients(ctx)...)
		}
	}
	state.wiringModel = lbs.model
	state.Adopt = types.StringValue(adoptKeep)
	state.setUnmanaged(noUnmanaged())
	in, bad := state.decode("")
	diags.Append(bad...)
	var pathMTU []wiring.Rule
	for _, row := range in.derive() {
		if row.Protocol == wiring.ICMP {
			pathMTU = append(pathMTU, row)
		}
	}
	in.pathMTU = lbs.stands(pathMTU) || lbs.stands(wiring.Compact(pathMTU))
	state.PathMTUDiscovery = types.BoolValue(in.pathMTU)
	in.compact = !lbs.stands(in.tables()) && lbs.stands(wiring.Compact(in.tables()))
	state.Compact = types.BoolValue(in.compact)
	return append(diags, state.show(ctx, acl.Match(in.derive()))...)
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
	return newImportedACL(parts[0], roles), region, strings.Split(parts[2], ","), nil
}

// newImportedACL names a network ACL and what its subnets hold.
func newImportedACL[Role ~string](id string, roles []Role) networkACLEntriesModel {
	var values []attr.Value
	roles = slices.Sorted(slices.Values(roles))
	for _, role := range slices.Compact(roles) {
		values = append(values, types.StringValue(string(role)))
	}
	return networkACLEntriesModel{NetworkACLID: types.StringValue(id), SubnetRoles: types.SetValueMust(types.StringType, values)}
}
