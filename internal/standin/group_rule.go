// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package standin

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// groupRuleResource is aws_vpc_security_group_ingress_rule and
// aws_vpc_security_group_egress_rule: one rule, known by its id.
type groupRuleResource struct {
	configured
	name   string
	egress bool
}

type groupRuleModel struct {
	ID                        types.String `tfsdk:"id"`
	SecurityGroupID           types.String `tfsdk:"security_group_id"`
	CIDRIPv4                  types.String `tfsdk:"cidr_ipv4"`
	PrefixListID              types.String `tfsdk:"prefix_list_id"`
	ReferencedSecurityGroupID types.String `tfsdk:"referenced_security_group_id"`
	IPProtocol                types.String `tfsdk:"ip_protocol"`
	FromPort                  types.Int64  `tfsdk:"from_port"`
	ToPort                    types.Int64  `tfsdk:"to_port"`
	Description               types.String `tfsdk:"description"`
}

func (r *groupRuleResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + r.name
}

func fixedPort() schema.Int64Attribute {
	return schema.Int64Attribute{Optional: true, PlanModifiers: []planmodifier.Int64{int64planmodifier.RequiresReplace()}}
}

func (r *groupRuleResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{Attributes: map[string]schema.Attribute{
		"id": computedID(), "security_group_id": fixed(true), "cidr_ipv4": fixed(false), "prefix_list_id": fixed(false), "referenced_security_group_id": fixed(false),
		"ip_protocol": fixed(true), "from_port": fixedPort(), "to_port": fixedPort(), "description": fixed(false),
	}}
}

// permission is the rule as the Authorize calls take it.
func (m groupRuleModel) permission() ec2types.IpPermission {
	p := ec2types.IpPermission{IpProtocol: ptr(m.IPProtocol), FromPort: aws.Int32(int32(m.FromPort.ValueInt64())), ToPort: aws.Int32(int32(m.ToPort.ValueInt64()))}
	switch {
	case !m.ReferencedSecurityGroupID.IsNull():
		p.UserIdGroupPairs = []ec2types.UserIdGroupPair{{GroupId: ptr(m.ReferencedSecurityGroupID), Description: ptr(m.Description)}}
	case !m.PrefixListID.IsNull():
		p.PrefixListIds = []ec2types.PrefixListId{{PrefixListId: ptr(m.PrefixListID), Description: ptr(m.Description)}}
	default:
		p.IpRanges = []ec2types.IpRange{{CidrIp: ptr(m.CIDRIPv4), Description: ptr(m.Description)}}
	}
	return p
}

// authorize adds permissions to a group and returns the ids of their rules.
func (c *clients) authorize(ctx context.Context, group string, egress bool, permissions ...ec2types.IpPermission) (ids []string, err error) {
	var rules []ec2types.SecurityGroupRule
	if egress {
		out, err := c.ec2.AuthorizeSecurityGroupEgress(ctx, &ec2.AuthorizeSecurityGroupEgressInput{GroupId: &group, IpPermissions: permissions})
		if err != nil {
			return nil, err
		}
		rules = out.SecurityGroupRules
	} else {
		out, err := c.ec2.AuthorizeSecurityGroupIngress(ctx, &ec2.AuthorizeSecurityGroupIngressInput{GroupId: &group, IpPermissions: permissions})
		if err != nil {
			return nil, err
		}
		rules = out.SecurityGroupRules
	}
	for _, rule := range rules {
		ids = append(ids, aws.ToString(rule.SecurityGroupRuleId))
	}
	return ids, nil
}

// revoke takes permissions from a group. What is not there any more is no error.
func (c *clients) revoke(ctx context.Context, group string, egress bool, permissions ...ec2types.IpPermission) error {
	var err error
	if egress {
		_, err = c.ec2.RevokeSecurityGroupEgress(ctx, &ec2.RevokeSecurityGroupEgressInput{GroupId: &group, IpPermissions: permissions})
	} else {
		_, err = c.ec2.RevokeSecurityGroupIngress(ctx, &ec2.RevokeSecurityGroupIngressInput{GroupId: &group, IpPermissions: permissions})
	}
	if isGone(err) {
		return nil
	}
	return err
}

func (r *groupRuleResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan groupRuleModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	ids, err := r.authorize(ctx, plan.SecurityGroupID.ValueString(), r.egress, plan.permission())
	if failed(&resp.Diagnostics, "creating a security group rule", err) {
		return
	}
	plan.ID = types.StringValue(ids[0])
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
}

func (r *groupRuleResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state groupRuleModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	out, err := r.ec2.DescribeSecurityGroupRules(ctx, &ec2.DescribeSecurityGroupRulesInput{SecurityGroupRuleIds: []string{state.ID.ValueString()}})
	if isGone(err) {
		resp.State.RemoveResource(ctx)
		return
	}
	if failed(&resp.Diagnostics, "reading a security group rule", err) {
		return
	}
	rule := out.SecurityGroupRules[0]
	state = groupRuleModel{
		ID: state.ID, SecurityGroupID: types.StringPointerValue(rule.GroupId), CIDRIPv4: types.StringPointerValue(rule.CidrIpv4), PrefixListID: types.StringPointerValue(rule.PrefixListId),
		IPProtocol: types.StringPointerValue(rule.IpProtocol), FromPort: types.Int64Value(int64(aws.ToInt32(rule.FromPort))), ToPort: types.Int64Value(int64(aws.ToInt32(rule.ToPort))),
	}
	if text := aws.ToString(rule.Description); text != "" {
		state.Description = types.StringValue(text)
	}
	if rule.ReferencedGroupInfo != nil {
		state.ReferencedSecurityGroupID = types.StringPointerValue(rule.ReferencedGroupInfo.GroupId)
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
}

// ImportState takes the id of a rule.
func (r *groupRuleResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	resource.ImportStatePassthroughID(ctx, path.Root("id"), req, resp)
}

func (r *groupRuleResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan groupRuleModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
}

func (r *groupRuleResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state groupRuleModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	failed(&resp.Diagnostics, "deleting a security group rule", r.revoke(ctx, state.SecurityGroupID.ValueString(), r.egress, state.permission()))
}
