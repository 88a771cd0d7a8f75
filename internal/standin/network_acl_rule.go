// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package standin

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/boolplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// aclRuleResource is aws_network_acl_rule.
type aclRuleResource struct {
	configured
}

type aclRuleModel struct {
	ID           types.String `tfsdk:"id"`
	NetworkACLID types.String `tfsdk:"network_acl_id"`
	RuleNumber   types.Int64  `tfsdk:"rule_number"`
	Egress       types.Bool   `tfsdk:"egress"`
	Protocol     types.String `tfsdk:"protocol"`
	RuleAction   types.String `tfsdk:"rule_action"`
	CIDRBlock    types.String `tfsdk:"cidr_block"`
	FromPort     types.Int64  `tfsdk:"from_port"`
	ToPort       types.Int64  `tfsdk:"to_port"`
}

func (r *aclRuleResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_network_acl_rule"
}

func (r *aclRuleResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{Attributes: map[string]schema.Attribute{
		"id": computedID(), "network_acl_id": fixed(true), "rule_number": fixedPort(), "protocol": fixed(true), "rule_action": fixed(true),
		"egress":     schema.BoolAttribute{Optional: true, Computed: true, Default: booldefault.StaticBool(false), PlanModifiers: []planmodifier.Bool{boolplanmodifier.RequiresReplace()}},
		"cidr_block": fixed(false), "from_port": fixedPort(), "to_port": fixedPort(),
	}}
}

func (r *aclRuleResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan aclRuleModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	protocol, named := protocolNumbers()[plan.Protocol.ValueString()]
	if !named {
		protocol = plan.Protocol.ValueString()
	}
	_, err := r.ec2.CreateNetworkAclEntry(ctx, &ec2.CreateNetworkAclEntryInput{
		NetworkAclId: ptr(plan.NetworkACLID), RuleNumber: aws.Int32(int32(plan.RuleNumber.ValueInt64())), Egress: aws.Bool(plan.Egress.ValueBool()), Protocol: &protocol,
		RuleAction: ec2types.RuleAction(plan.RuleAction.ValueString()), CidrBlock: ptr(plan.CIDRBlock),
		PortRange: &ec2types.PortRange{From: aws.Int32(int32(plan.FromPort.ValueInt64())), To: aws.Int32(int32(plan.ToPort.ValueInt64()))},
	})
	if failed(&resp.Diagnostics, "creating a network ACL entry", err) {
		return
	}
	plan.ID = types.StringValue(fmt.Sprintf("%s:%d:%s:%t", plan.NetworkACLID.ValueString(), plan.RuleNumber.ValueInt64(), plan.Protocol.ValueString(), plan.Egress.ValueBool()))
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
}

func protocolNumbers() map[string]string {
	return map[string]string{"tcp": "6", "udp": "17", "icmp": "1"}
}

func (r *aclRuleResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state aclRuleModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	out, err := r.ec2.DescribeNetworkAcls(ctx, &ec2.DescribeNetworkAclsInput{NetworkAclIds: []string{state.NetworkACLID.ValueString()}})
	if isGone(err) {
		resp.State.RemoveResource(ctx)
		return
	}
	if failed(&resp.Diagnostics, "reading a network ACL entry", err) {
		return
	}
	for _, entry := range out.NetworkAcls[0].Entries {
		if int64(aws.ToInt32(entry.RuleNumber)) != state.RuleNumber.ValueInt64() || aws.ToBool(entry.Egress) != state.Egress.ValueBool() {
			continue
		}
		state.RuleAction, state.CIDRBlock = types.StringValue(string(entry.RuleAction)), types.StringPointerValue(entry.CidrBlock)
		if entry.PortRange != nil {
			state.FromPort, state.ToPort = types.Int64Value(int64(aws.ToInt32(entry.PortRange.From))), types.Int64Value(int64(aws.ToInt32(entry.PortRange.To)))
		}
		resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
		return
	}
	resp.State.RemoveResource(ctx)
}

// ImportState takes "acl-…:100:tcp:false".
func (r *aclRuleResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	parts := strings.Split(req.ID, ":")
	if len(parts) != 4 {
		resp.Diagnostics.AddError("importing a network ACL entry", "the id is NETWORK_ACL:RULE_NUMBER:PROTOCOL:EGRESS")
		return
	}
	number, err := strconv.ParseInt(parts[1], 10, 64)
	failed(&resp.Diagnostics, "importing a network ACL entry", err)
	resp.Diagnostics.Append(resp.State.Set(ctx, &aclRuleModel{
		ID: types.StringValue(req.ID), NetworkACLID: types.StringValue(parts[0]), RuleNumber: types.Int64Value(number), Protocol: types.StringValue(parts[2]), Egress: types.BoolValue(parts[3] == "true"),
	})...)
}

// Update is never called: every change replaces the resource.
func (r *aclRuleResource) Update(context.Context, resource.UpdateRequest, *resource.UpdateResponse) {}

func (r *aclRuleResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state aclRuleModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	_, err := r.ec2.DeleteNetworkAclEntry(ctx, &ec2.DeleteNetworkAclEntryInput{NetworkAclId: ptr(state.NetworkACLID), RuleNumber: aws.Int32(int32(state.RuleNumber.ValueInt64())), Egress: aws.Bool(state.Egress.ValueBool())})
	if !isGone(err) {
		failed(&resp.Diagnostics, "deleting a network ACL entry", err)
	}
}
