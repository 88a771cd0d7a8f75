// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package standin

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing/types"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/boolplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/setplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// elbResource is aws_elb, with the attributes that the guides set or read.
type elbResource struct {
	configured
}

type elbModel struct {
	ID             types.String           `tfsdk:"id"`
	Name           types.String           `tfsdk:"name"`
	Internal       types.Bool             `tfsdk:"internal"`
	Subnets        types.Set              `tfsdk:"subnets"`
	SecurityGroups types.Set              `tfsdk:"security_groups"`
	ARN            types.String           `tfsdk:"arn"`
	DNSName        types.String           `tfsdk:"dns_name"`
	Listeners      []elbListenerModel     `tfsdk:"listener"`
	HealthCheck    []elbHealthChecksModel `tfsdk:"health_check"`
}

type elbListenerModel struct {
	LBPort           types.Int64  `tfsdk:"lb_port"`
	LBProtocol       types.String `tfsdk:"lb_protocol"`
	InstancePort     types.Int64  `tfsdk:"instance_port"`
	InstanceProtocol types.String `tfsdk:"instance_protocol"`
	SSLCertificateID types.String `tfsdk:"ssl_certificate_id"`
}

type elbHealthChecksModel struct {
	Target             types.String `tfsdk:"target"`
	Interval           types.Int64  `tfsdk:"interval"`
	Timeout            types.Int64  `tfsdk:"timeout"`
	HealthyThreshold   types.Int64  `tfsdk:"healthy_threshold"`
	UnhealthyThreshold types.Int64  `tfsdk:"unhealthy_threshold"`
}

func (r *elbResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_elb"
}

func (r *elbResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	number := schema.Int64Attribute{Required: true}
	texts := schema.SetAttribute{ElementType: types.StringType, Optional: true, Computed: true, PlanModifiers: []planmodifier.Set{setplanmodifier.UseStateForUnknown()}}
	resp.Schema = schema.Schema{
		Attributes: map[string]schema.Attribute{
			"id": computedID(), "name": fixed(true), "internal": schema.BoolAttribute{Optional: true, Computed: true, PlanModifiers: []planmodifier.Bool{boolplanmodifier.UseStateForUnknown()}},
			"subnets": texts, "security_groups": texts, "arn": computedID(), "dns_name": computedID(),
		},
		Blocks: map[string]schema.Block{
			"listener": schema.SetNestedBlock{NestedObject: schema.NestedBlockObject{Attributes: map[string]schema.Attribute{
				"lb_port": number, "lb_protocol": schema.StringAttribute{Required: true}, "instance_port": number, "instance_protocol": schema.StringAttribute{Required: true},
				"ssl_certificate_id": schema.StringAttribute{Optional: true},
			}}},
			"health_check": schema.ListNestedBlock{NestedObject: schema.NestedBlockObject{Attributes: map[string]schema.Attribute{
				"target": schema.StringAttribute{Required: true}, "interval": number, "timeout": number, "healthy_threshold": number, "unhealthy_threshold": number,
			}}},
		},
	}
}

func (r *elbResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan elbModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	in := &elb.CreateLoadBalancerInput{LoadBalancerName: ptr(plan.Name)}
	plan.Subnets.ElementsAs(ctx, &in.Subnets, true)
	plan.SecurityGroups.ElementsAs(ctx, &in.SecurityGroups, true)
	if plan.Internal.ValueBool() {
		in.Scheme = aws.String("internal")
	}
	for _, l := range plan.Listeners {
		in.Listeners = append(in.Listeners, l.listener())
	}
	made, err := r.elb.CreateLoadBalancer(ctx, in)
	if failed(&resp.Diagnostics, "creating the load balancer", err) {
		return
	}
	r.check(ctx, plan, &resp.Diagnostics)
	plan.ID, plan.DNSName, plan.Internal = plan.Name, types.StringPointerValue(made.DNSName), types.BoolValue(plan.Internal.ValueBool())
	plan.ARN = arn(plan.Name)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
}

func arn(name types.String) types.String {
	return types.StringValue("arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/" + name.ValueString())
}

// listener is a listener as the calls take it.
func (l elbListenerModel) listener() elbtypes.Listener {
	return elbtypes.Listener{
		LoadBalancerPort: int32(l.LBPort.ValueInt64()), Protocol: ptr(l.LBProtocol), InstancePort: aws.Int32(int32(l.InstancePort.ValueInt64())), InstanceProtocol: ptr(l.InstanceProtocol),
	}
}

// check configures the health check.
func (r *elbResource) check(ctx context.Context, plan elbModel, diags *diag.Diagnostics) {
	for _, check := range plan.HealthCheck {
		_, err := r.elb.ConfigureHealthCheck(ctx, &elb.ConfigureHealthCheckInput{LoadBalancerName: ptr(plan.Name), HealthCheck: &elbtypes.HealthCheck{
			Target: ptr(check.Target), Interval: aws.Int32(int32(check.Interval.ValueInt64())), Timeout: aws.Int32(int32(check.Timeout.ValueInt64())),
			HealthyThreshold: aws.Int32(int32(check.HealthyThreshold.ValueInt64())), UnhealthyThreshold: aws.Int32(int32(check.UnhealthyThreshold.ValueInt64())),
		}})
		failed(diags, "configuring the health check", err)
	}
}

func (r *elbResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state elbModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	out, err := r.elb.DescribeLoadBalancers(ctx, &elb.DescribeLoadBalancersInput{LoadBalancerNames: []string{state.ID.ValueString()}})
	if failed(&resp.Diagnostics, "reading the load balancer", err) {
		return
	}
	lb := out.LoadBalancerDescriptions[0]
	state.Name, state.Internal = state.ID, types.BoolValue(aws.ToString(lb.Scheme) == "internal")
	state.Subnets, _ = types.SetValueFrom(ctx, types.StringType, lb.Subnets)
	state.SecurityGroups, _ = types.SetValueFrom(ctx, types.StringType, lb.SecurityGroups)
	state.ARN, state.DNSName = arn(state.Name), types.StringPointerValue(lb.DNSName)
	state.Listeners = nil
	for _, described := range lb.ListenerDescriptions {
		l := described.Listener
		state.Listeners = append(state.Listeners, elbListenerModel{
			LBPort: types.Int64Value(int64(l.LoadBalancerPort)), LBProtocol: types.StringValue(strings.ToLower(aws.ToString(l.Protocol))),
			InstancePort: types.Int64Value(int64(aws.ToInt32(l.InstancePort))), InstanceProtocol: types.StringValue(strings.ToLower(aws.ToString(l.InstanceProtocol))),
		})
	}
	check := lb.HealthCheck
	state.HealthCheck = []elbHealthChecksModel{{
		Target: types.StringPointerValue(check.Target), Interval: types.Int64Value(int64(aws.ToInt32(check.Interval))), Timeout: types.Int64Value(int64(aws.ToInt32(check.Timeout))),
		HealthyThreshold: types.Int64Value(int64(aws.ToInt32(check.HealthyThreshold))), UnhealthyThreshold: types.Int64Value(int64(aws.ToInt32(check.UnhealthyThreshold))),
	}}
	resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
}

// Update deletes listeners and then creates them, as hashicorp/aws does.
func (r *elbResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state elbModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	var gone []int32
	for _, l := range state.Listeners {
		if !slices.Contains(plan.Listeners, l) {
			gone = append(gone, int32(l.LBPort.ValueInt64()))
		}
	}
	if len(gone) > 0 {
		_, err := r.elb.DeleteLoadBalancerListeners(ctx, &elb.DeleteLoadBalancerListenersInput{LoadBalancerName: ptr(plan.ID), LoadBalancerPorts: gone})
		failed(&resp.Diagnostics, "deleting listeners", err)
	}
	var fresh []elbtypes.Listener
	for _, l := range plan.Listeners {
		if !slices.Contains(state.Listeners, l) {
			fresh = append(fresh, l.listener())
		}
	}
	if len(fresh) > 0 {
		_, err := r.elb.CreateLoadBalancerListeners(ctx, &elb.CreateLoadBalancerListenersInput{LoadBalancerName: ptr(plan.ID), Listeners: fresh})
		failed(&resp.Diagnostics, "creating listeners", err)
	}
	if !plan.SecurityGroups.Equal(state.SecurityGroups) {
		in := &elb.ApplySecurityGroupsToLoadBalancerInput{LoadBalancerName: ptr(plan.ID)}
		plan.SecurityGroups.ElementsAs(ctx, &in.SecurityGroups, true)
		_, err := r.elb.ApplySecurityGroupsToLoadBalancer(ctx, in)
		failed(&resp.Diagnostics, "setting the security groups", err)
	}
	r.check(ctx, plan, &resp.Diagnostics)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
}

func (r *elbResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state elbModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	_, err := r.elb.DeleteLoadBalancer(ctx, &elb.DeleteLoadBalancerInput{LoadBalancerName: ptr(state.ID)})
	failed(&resp.Diagnostics, "deleting the load balancer", err)
}

// ImportState takes the name of a load balancer.
func (r *elbResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	resource.ImportStatePassthroughID(ctx, path.Root("id"), req, resp)
}
