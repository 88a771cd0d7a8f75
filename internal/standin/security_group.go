// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package standin

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/setplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// description is what hashicorp/aws writes unless the user says otherwise.
func description() schema.StringAttribute {
	return schema.StringAttribute{Optional: true, Computed: true, Default: stringdefault.StaticString("Managed by Terraform"), PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()}}
}

// securityGroupResource is aws_security_group with inline inbound rules. The
// rules are optional and computed as there: written out, they are all rules that
// the group has, and left out, they stay as they are.
type securityGroupResource struct {
	configured
}

type securityGroupModel struct {
	ID          types.String `tfsdk:"id"`
	Name        types.String `tfsdk:"name"`
	Description types.String `tfsdk:"description"`
	VPCID       types.String `tfsdk:"vpc_id"`
	Ingress     types.Set    `tfsdk:"ingress"`
}

type inlineRuleModel struct {
	Protocol       types.String `tfsdk:"protocol"`
	FromPort       types.Int64  `tfsdk:"from_port"`
	ToPort         types.Int64  `tfsdk:"to_port"`
	CIDRBlocks     types.List   `tfsdk:"cidr_blocks"`
	SecurityGroups types.List   `tfsdk:"security_groups"`
}

func (r *securityGroupResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_security_group"
}

func inlineRule() schema.NestedAttributeObject {
	return schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
		"protocol": schema.StringAttribute{Required: true}, "from_port": schema.Int64Attribute{Required: true}, "to_port": schema.Int64Attribute{Required: true},
		"cidr_blocks": schema.ListAttribute{ElementType: types.StringType, Optional: true}, "security_groups": schema.ListAttribute{ElementType: types.StringType, Optional: true},
	}}
}

func (r *securityGroupResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{Attributes: map[string]schema.Attribute{
		"id": computedID(), "name": fixed(true), "description": description(), "vpc_id": fixed(true),
		"ingress": schema.SetNestedAttribute{Optional: true, Computed: true, NestedObject: inlineRule(), PlanModifiers: []planmodifier.Set{setplanmodifier.UseStateForUnknown()}},
	}}
}

func (m securityGroupModel) permissions(ctx context.Context) (all []ec2types.IpPermission) {
	var rules []inlineRuleModel
	m.Ingress.ElementsAs(ctx, &rules, true)
	for _, rule := range rules {
		p := ec2types.IpPermission{IpProtocol: ptr(rule.Protocol), FromPort: aws.Int32(int32(rule.FromPort.ValueInt64())), ToPort: aws.Int32(int32(rule.ToPort.ValueInt64()))}
		for _, cidr := range texts(ctx, rule.CIDRBlocks) {
			p.IpRanges = append(p.IpRanges, ec2types.IpRange{CidrIp: aws.String(cidr)})
		}
		for _, group := range texts(ctx, rule.SecurityGroups) {
			p.UserIdGroupPairs = append(p.UserIdGroupPairs, ec2types.UserIdGroupPair{GroupId: aws.String(group)})
		}
		all = append(all, p)
	}
	return all
}

func (r *securityGroupResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan securityGroupModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	made, err := r.ec2.CreateSecurityGroup(ctx, &ec2.CreateSecurityGroupInput{GroupName: ptr(plan.Name), Description: ptr(plan.Description), VpcId: ptr(plan.VPCID)})
	if failed(&resp.Diagnostics, "creating the security group", err) {
		return
	}
	plan.ID = types.StringValue(*made.GroupId)
	failed(&resp.Diagnostics, "revoking the default outbound rule", r.revoke(ctx, *made.GroupId, true, ec2types.IpPermission{
		IpProtocol: aws.String("-1"), IpRanges: []ec2types.IpRange{{CidrIp: aws.String("0.0.0.0/0")}},
	}))
	if permissions := plan.permissions(ctx); len(permissions) > 0 {
		_, err = r.authorize(ctx, plan.ID.ValueString(), false, permissions...)
		failed(&resp.Diagnostics, "creating the inline rules", err)
	}
	if plan.Ingress.IsUnknown() {
		plan.Ingress = types.SetValueMust(inlineRule().Type(), nil)
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
}

// Read finds all inbound rules of the group, whoever made them.
func (r *securityGroupResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state securityGroupModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	out, err := r.ec2.DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{GroupIds: []string{state.ID.ValueString()}})
	if isGone(err) {
		resp.State.RemoveResource(ctx)
		return
	}
	if failed(&resp.Diagnostics, "reading the security group", err) {
		return
	}
	group := out.SecurityGroups[0]
	state.Name, state.Description, state.VPCID = types.StringPointerValue(group.GroupName), types.StringPointerValue(group.Description), types.StringPointerValue(group.VpcId)
	rules := []inlineRuleModel{}
	for _, p := range group.IpPermissions {
		rule := inlineRuleModel{
			Protocol: types.StringPointerValue(p.IpProtocol), FromPort: types.Int64Value(int64(aws.ToInt32(p.FromPort))), ToPort: types.Int64Value(int64(aws.ToInt32(p.ToPort))),
			CIDRBlocks: types.ListNull(types.StringType), SecurityGroups: types.ListNull(types.StringType),
		}
		var cidrs, groups []string
		for _, network := range p.IpRanges {
			cidrs = append(cidrs, *network.CidrIp)
		}
		for _, pair := range p.UserIdGroupPairs {
			groups = append(groups, *pair.GroupId)
		}
		if slices.Sort(cidrs); len(cidrs) > 0 {
			rule.CIDRBlocks, _ = types.ListValueFrom(ctx, types.StringType, cidrs)
		}
		if slices.Sort(groups); len(groups) > 0 {
			rule.SecurityGroups, _ = types.ListValueFrom(ctx, types.StringType, groups)
		}
		rules = append(rules, rule)
	}
	state.Ingress, _ = types.SetValueFrom(ctx, inlineRule().Type(), rules)
	resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
}

// Update makes the inline rules all that the group has: it revokes first, as
// hashicorp/aws does.
func (r *securityGroupResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state securityGroupModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if before := state.permissions(ctx); len(before) > 0 {
		failed(&resp.Diagnostics, "revoking the inline rules", r.revoke(ctx, plan.ID.ValueString(), false, before...))
	}
	if after := plan.permissions(ctx); len(after) > 0 {
		_, err := r.authorize(ctx, plan.ID.ValueString(), false, after...)
		failed(&resp.Diagnostics, "creating the inline rules", err)
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
}

func (r *securityGroupResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state securityGroupModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	_, err := r.ec2.DeleteSecurityGroup(ctx, &ec2.DeleteSecurityGroupInput{GroupId: ptr(state.ID)})
	failed(&resp.Diagnostics, "deleting the security group", err)
}

// ImportState takes the id of a group.
func (r *securityGroupResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	resource.ImportStatePassthroughID(ctx, path.Root("id"), req, resp)
}
