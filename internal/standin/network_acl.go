// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package standin

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// aclResource is aws_network_acl without inline entries. It leaves its subnets
// where they are: the guides are about entries.
type aclResource struct {
	configured
}

type aclModel struct {
	ID        types.String `tfsdk:"id"`
	VPCID     types.String `tfsdk:"vpc_id"`
	SubnetIDs types.Set    `tfsdk:"subnet_ids"`
}

func (r *aclResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_network_acl"
}

func (r *aclResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{Attributes: map[string]schema.Attribute{
		"id": computedID(), "vpc_id": fixed(true), "subnet_ids": schema.SetAttribute{Optional: true, ElementType: types.StringType},
	}}
}

func (r *aclResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan aclModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	made, err := r.ec2.CreateNetworkAcl(ctx, &ec2.CreateNetworkAclInput{VpcId: ptr(plan.VPCID)})
	if failed(&resp.Diagnostics, "creating the network ACL", err) {
		return
	}
	plan.ID = types.StringPointerValue(made.NetworkAcl.NetworkAclId)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
}

// Read leaves the state as it is: what the guides show does not depend on drift.
func (r *aclResource) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {}

func (r *aclResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan aclModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
}

func (r *aclResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state aclModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	_, err := r.ec2.DeleteNetworkAcl(ctx, &ec2.DeleteNetworkAclInput{NetworkAclId: ptr(state.ID)})
	failed(&resp.Diagnostics, "deleting the network ACL", err)
}
