// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// identity is what tells a resource apart from others of its type: the region,
// and what its rules belong to. Nothing in it changes with the load balancers, so
// that it stays the same as long as the resource does.
type identity struct {
	// owner is the attribute that names what the rules belong to, described for
	// the user.
	owner, description string
	check              func(string) error
	// orName is an attribute that may stand in the place of owner.
	orName, nameDescription string
}

func loadBalancerIdentity() identity {
	return identity{owner: "load_balancer_name", description: "The name of the load balancer.", check: wiring.CheckLoadBalancerName}
}

func loadBalancerGroupIdentity() identity {
	return identity{owner: "security_group_id", description: "The id of the load balancers' security group. `load_balancers` become all that carry it.", check: wiring.CheckSecurityGroupID}
}

func instanceGroupIdentity() identity {
	return identity{
		owner: "security_group_id", description: "The id of the instances' security group, required unless `security_group_name` is given. `load_balancers` become all that have a registered instance in it.", check: wiring.CheckSecurityGroupID,
		orName: "security_group_name", nameDescription: "In EC2-Classic, the name of the instances' security group.",
	}
}

func networkACLIdentity() identity {
	return identity{owner: "network_acl_id", description: "The id of the network ACL. `load_balancers` become all that have nodes or registered instances in its subnets, and `subnet_roles` follow from that.", check: wiring.CheckNetworkACLID}
}

func (i identity) schema() identityschema.Schema {
	attributes := map[string]identityschema.Attribute{
		"account_id": identityschema.StringAttribute{
			OptionalForImport: true,
			Description:       "The AWS account. An import fails if it is not the account of the provider's credentials. Left out, nobody is asked for it.",
		},
		"region": identityschema.StringAttribute{
			OptionalForImport: true,
			Description:       "The AWS region. Defaults to the region of the provider.",
		},
		i.owner: identityschema.StringAttribute{RequiredForImport: i.orName == "", OptionalForImport: i.orName != "", Description: i.description},
	}
	if i.orName != "" {
		attributes[i.orName] = identityschema.StringAttribute{OptionalForImport: true, Description: i.nameDescription}
	}
	return identityschema.Schema{Attributes: attributes}
}

// copyFrom makes the identity that of a state. What an identity says already
// stays: the account of an import is not in the state.
func (i identity) copyFrom(ctx context.Context, to *tfsdk.ResourceIdentity, state tfsdk.State) diag.Diagnostics {
	if to == nil || state.Raw.IsNull() {
		return nil
	}
	var diags diag.Diagnostics
	for _, name := range i.names() {
		var stated, value types.String
		diags.Append(to.GetAttribute(ctx, path.Root(name), &stated)...)
		diags.Append(state.GetAttribute(ctx, path.Root(name), &value)...)
		if stated.IsNull() && !value.IsNull() && !value.IsUnknown() {
			diags.Append(to.SetAttribute(ctx, path.Root(name), value)...)
		}
	}
	return diags
}

// names are the attributes that the identity and the state have in common.
func (i identity) names() []string {
	names := []string{"region", i.owner}
	if i.orName != "" {
		names = append(names, i.orName)
	}
	return names
}

// attributeOf is the attribute that names an owner.
func (i identity) attributeOf(owner string) string {
	if i.orName != "" && wiring.IsGroupName(owner) {
		return i.orName
	}
	return i.owner
}

// statedIdentity is an identity that a user has written.
type statedIdentity struct {
	region string
	// owner is an id, or in EC2-Classic a name.
	owner string
}

// importsByIdentity tells whether an import names an identity in the place of an id.
func importsByIdentity(req resource.ImportStateRequest) bool {
	return req.ID == "" && req.Identity != nil && !req.Identity.Raw.IsFullyNull()
}

// stated reads the identity of an import.
func (i identity) stated(ctx context.Context, d *providerData, from *tfsdk.ResourceIdentity) (stated statedIdentity, diags diag.Diagnostics) {
	text := func(name string) string {
		var value types.String
		diags.Append(from.GetAttribute(ctx, path.Root(name), &value)...)
		return value.ValueString()
	}
	stated = statedIdentity{region: text("region"), owner: text(i.owner)}
	account, owner := text("account_id"), i.owner
	if i.orName != "" {
		name := text(i.orName)
		if (name == "") == (stated.owner == "") {
			diags.AddError("Invalid import identity", fmt.Sprintf("The identity has to name either %s or, in EC2-Classic, %s: write one of them.", i.owner, i.orName))
			return stated, diags
		}
		if name != "" {
			stated.owner, owner, i.check = name, i.orName, wiring.CheckSecurityGroupName
		}
	}
	if err := i.check(stated.owner); err != nil {
		diags.AddError("Invalid import identity", fmt.Sprintf("%s of the identity: %s", owner, asSentence(err)))
	}
	if stated.region == "" {
		stated.region = d.connection.Region()
	}
	if err := d.connection.CheckRegion(stated.region); err != nil {
		addConnectError(&diags, err)
	}
	if diags.HasError() || account == "" {
		return stated, diags
	}
	own, err := d.connection.AccountID(ctx)
	switch {
	case err != nil:
		diags.AddError("Unable to determine the account", "The identity names an account_id, and the id of the own account is needed to tell whether it is that one. "+err.Error())
	case own != account:
		diags.AddError("Import from another account",
			fmt.Sprintf("The identity names account %q, and the provider's credentials belong to account %s. Import with a provider for that account, or correct account_id.", account, own))
	}
	return stated, diags
}

// IdentitySchema is asked for by Terraform 1.12 and later.
func (r *loadBalancerSecurityGroupsResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = loadBalancerIdentity().schema()
}

// IdentitySchema is asked for by Terraform 1.12 and later.
func (r *loadBalancerRulesResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = loadBalancerGroupIdentity().schema()
}

// IdentitySchema is asked for by Terraform 1.12 and later.
func (r *instanceIngressRulesResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = instanceGroupIdentity().schema()
}

// IdentitySchema is asked for by Terraform 1.12 and later.
func (r *networkACLEntriesResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = networkACLIdentity().schema()
}
