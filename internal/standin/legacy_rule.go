// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package standin

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/listplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// legacyRuleResource is aws_security_group_rule: one resource for as many rules
// of AWS as it names CIDR blocks.
type legacyRuleResource struct {
	configured
}

type legacyRuleModel struct {
	ID                    types.String `tfsdk:"id"`
	Type                  types.String `tfsdk:"type"`
	SecurityGroupID       types.String `tfsdk:"security_group_id"`
	Protocol              types.String `tfsdk:"protocol"`
	FromPort              types.Int64  `tfsdk:"from_port"`
	ToPort                types.Int64  `tfsdk:"to_port"`
	CIDRBlocks            types.List   `tfsdk:"cidr_blocks"`
	SourceSecurityGroupID types.String `tfsdk:"source_security_group_id"`
}

func (r *legacyRuleResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_security_group_rule"
}

func (r *legacyRuleResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{Attributes: map[string]schema.Attribute{
		"id": computedID(), "type": fixed(true), "security_group_id": fixed(true), "protocol": fixed(true), "from_port": fixedPort(), "to_port": fixedPort(),
		"cidr_blocks":              schema.ListAttribute{ElementType: types.StringType, Optional: true, PlanModifiers: []planmodifier.List{listplanmodifier.RequiresReplace()}},
		"source_security_group_id": fixed(false),
	}}
}

func (m legacyRuleModel) permission(ctx context.Context) ec2types.IpPermission {
	p := ec2types.IpPermission{IpProtocol: ptr(m.Protocol), FromPort: aws.Int32(int32(m.FromPort.ValueInt64())), ToPort: aws.Int32(int32(m.ToPort.ValueInt64()))}
	for _, cidr := range texts(ctx, m.CIDRBlocks) {
		p.IpRanges = append(p.IpRanges, ec2types.IpRange{CidrIp: aws.String(cidr)})
	}
	if group := ptr(m.SourceSecurityGroupID); group != nil {
		p.UserIdGroupPairs = []ec2types.UserIdGroupPair{{GroupId: group}}
	}
	return p
}

func (m legacyRuleModel) egress() bool { return m.Type.ValueString() == "egress" }

func (r *legacyRuleResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan legacyRuleModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	ids, err := r.authorize(ctx, plan.SecurityGroupID.ValueString(), plan.egress(), plan.permission(ctx))
	if failed(&resp.Diagnostics, "creating security group rules", err) {
		return
	}
	plan.ID = types.StringValue("sgrule-" + strings.Join(ids, "-"))
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
}

// Read leaves the state as it is: what the guides show does not depend on drift.
func (r *legacyRuleResource) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {}

// Update is never called: every change replaces the resource.
func (r *legacyRuleResource) Update(context.Context, resource.UpdateRequest, *resource.UpdateResponse) {
}

func (r *legacyRuleResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state legacyRuleModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	failed(&resp.Diagnostics, "deleting security group rules", r.revoke(ctx, state.SecurityGroupID.ValueString(), state.egress(), state.permission(ctx)))
}
