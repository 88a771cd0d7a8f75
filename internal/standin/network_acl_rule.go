// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package standin

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
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
		"egress":     schema.BoolAttribute{Optional: true, PlanModifiers: []planmodifier.Bool{boolplanmodifier.RequiresReplace()}},
		"cidr_block": fixed(false), "from_port": fixedPort(), "to_port": fixedPort(),
	}}
}

func (r *aclRuleResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan aclRuleModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	protocols := map[string]string{"tcp": "6", "udp": "17", "icmp": "1"}
	protocol, named := protocols[plan.Protocol.ValueString()]
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
	plan.ID = types.StringValue(join("nacl-", plan.NetworkACLID.ValueString(), plan.RuleNumber.ValueInt64(), plan.Egress.ValueBool()))
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
}

// Read leaves the state as it is: what the guides show does not depend on drift.
func (r *aclRuleResource) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {}

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
