// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package standin

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/setplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// aclResource is aws_network_acl with inline inbound entries, which are optional
// and computed as there: written out, they are all entries that the network ACL
// has, and left out, they stay as they are. It leaves its subnets where they are:
// the guides are about entries.
type aclResource struct {
	configured
}

type aclModel struct {
	ID        types.String `tfsdk:"id"`
	VPCID     types.String `tfsdk:"vpc_id"`
	SubnetIDs types.Set    `tfsdk:"subnet_ids"`
	Ingress   types.Set    `tfsdk:"ingress"`
}

// inlineEntryModel has zero values, not null ones, in what an entry does not use,
// as it is there.
type inlineEntryModel struct {
	RuleNumber    int64  `tfsdk:"rule_no"`
	Action        string `tfsdk:"action"`
	Protocol      string `tfsdk:"protocol"`
	CIDRBlock     string `tfsdk:"cidr_block"`
	IPv6CIDRBlock string `tfsdk:"ipv6_cidr_block"`
	FromPort      int64  `tfsdk:"from_port"`
	ToPort        int64  `tfsdk:"to_port"`
	ICMPType      int64  `tfsdk:"icmp_type"`
	ICMPCode      int64  `tfsdk:"icmp_code"`
}

func (r *aclResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_network_acl"
}

// inlineEntry is an object, and no nested attribute, so that plans print it as they
// do there.
func inlineEntry() types.ObjectType {
	return types.ObjectType{AttrTypes: map[string]attr.Type{
		"rule_no": types.Int64Type, "action": types.StringType, "protocol": types.StringType, "cidr_block": types.StringType, "ipv6_cidr_block": types.StringType,
		"from_port": types.Int64Type, "to_port": types.Int64Type, "icmp_type": types.Int64Type, "icmp_code": types.Int64Type,
	}}
}

func (r *aclResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{Attributes: map[string]schema.Attribute{
		"id": computedID(), "vpc_id": fixed(true), "subnet_ids": schema.SetAttribute{Optional: true, ElementType: types.StringType},
		"ingress": schema.SetAttribute{Optional: true, Computed: true, ElementType: inlineEntry(), PlanModifiers: []planmodifier.Set{setplanmodifier.UseStateForUnknown()}},
	}}
}

func (m aclModel) entries(ctx context.Context) (all []inlineEntryModel) {
	m.Ingress.ElementsAs(ctx, &all, true)
	return all
}

func (r *aclResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan aclModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	made, err := r.ec2.CreateNetworkAcl(ctx, &ec2.CreateNetworkAclInput{VpcId: ptr(plan.VPCID)})
	if failed(&resp.Diagnostics, "creating the network ACL", err) {
		return
	}
	plan.ID = types.StringPointerValue(made.NetworkAcl.NetworkAclId)
	if plan.Ingress.IsUnknown() {
		plan.Ingress = types.SetValueMust(inlineEntry(), nil)
	}
	r.change(ctx, plan, nil, &resp.Diagnostics)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
}

// change deletes and creates entries until the planned ones stand.
func (r *aclResource) change(ctx context.Context, plan aclModel, before []inlineEntryModel, diags *diag.Diagnostics) {
	after := plan.entries(ctx)
	for _, entry := range before {
		if slices.Contains(after, entry) {
			continue
		}
		_, err := r.ec2.DeleteNetworkAclEntry(ctx, &ec2.DeleteNetworkAclEntryInput{NetworkAclId: ptr(plan.ID), RuleNumber: aws.Int32(int32(entry.RuleNumber)), Egress: aws.Bool(false)})
		failed(diags, "deleting an inline entry", err)
	}
	for _, entry := range after {
		if slices.Contains(before, entry) {
			continue
		}
		_, err := r.ec2.CreateNetworkAclEntry(ctx, &ec2.CreateNetworkAclEntryInput{
			NetworkAclId: ptr(plan.ID), RuleNumber: aws.Int32(int32(entry.RuleNumber)), Egress: aws.Bool(false), Protocol: &entry.Protocol,
			RuleAction: ec2types.RuleAction(entry.Action), CidrBlock: &entry.CIDRBlock,
			PortRange: &ec2types.PortRange{From: aws.Int32(int32(entry.FromPort)), To: aws.Int32(int32(entry.ToPort))},
		})
		failed(diags, "creating an inline entry", err)
	}
}

// Read finds all numbered inbound entries, whoever made them.
func (r *aclResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state aclModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	out, err := r.ec2.DescribeNetworkAcls(ctx, &ec2.DescribeNetworkAclsInput{NetworkAclIds: []string{state.ID.ValueString()}})
	if failed(&resp.Diagnostics, "reading the network ACL", err) {
		return
	}
	entries := []inlineEntryModel{}
	for _, entry := range out.NetworkAcls[0].Entries {
		number := int64(aws.ToInt32(entry.RuleNumber))
		if aws.ToBool(entry.Egress) || number > 32766 {
			continue
		}
		inline := inlineEntryModel{RuleNumber: number, Action: string(entry.RuleAction), Protocol: aws.ToString(entry.Protocol), CIDRBlock: aws.ToString(entry.CidrBlock), IPv6CIDRBlock: aws.ToString(entry.Ipv6CidrBlock)}
		if ports := entry.PortRange; ports != nil {
			inline.FromPort, inline.ToPort = int64(aws.ToInt32(ports.From)), int64(aws.ToInt32(ports.To))
		}
		if icmp := entry.IcmpTypeCode; icmp != nil {
			inline.ICMPType, inline.ICMPCode = int64(aws.ToInt32(icmp.Type)), int64(aws.ToInt32(icmp.Code))
		}
		entries = append(entries, inline)
	}
	var diags diag.Diagnostics
	state.Ingress, diags = types.SetValueFrom(ctx, inlineEntry(), entries)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
}

func (r *aclResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state aclModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	r.change(ctx, plan, state.entries(ctx), &resp.Diagnostics)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
}

func (r *aclResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state aclModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	_, err := r.ec2.DeleteNetworkAcl(ctx, &ec2.DeleteNetworkAclInput{NetworkAclId: ptr(state.ID)})
	failed(&resp.Diagnostics, "deleting the network ACL", err)
}
