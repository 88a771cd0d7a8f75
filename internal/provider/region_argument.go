// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// regionAttribute is the region argument that every resource has, as in
// hashicorp/aws 6.
func regionAttribute() schema.StringAttribute {
	return schema.StringAttribute{
		Optional:            true,
		Computed:            true,
		MarkdownDescription: "The AWS region of the resource. Defaults to the region of the provider. Changing it replaces the resource.",
	}
}

// planRegion is the region of a resource: its argument, or the provider's.
// It is unknown while the provider is not configured.
func (d *providerData) planRegion(argument types.String) types.String {
	if !argument.IsNull() {
		return argument
	}
	if d == nil {
		return types.StringUnknown()
	}
	return types.StringValue(d.connection.Region())
}

// checkRegion reports a region of a resource that is none, before a call goes to
// an endpoint that does not exist.
func (d *providerData) checkRegion(region types.String, diags *diag.Diagnostics) {
	if d == nil || region.IsUnknown() {
		return
	}
	if err := d.connection.CheckRegion(region.ValueString()); err != nil {
		addConnectError(diags, err)
	}
}

// replacedRegion tells whether a resource moves to another region.
func replacedRegion(before, after types.String) bool {
	return !before.IsNull() && !after.IsUnknown() && !before.Equal(after)
}
