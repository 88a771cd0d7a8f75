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
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/boolplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/setplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// elbResource is aws_elb, of a load balancer that exists already: it is imported,
// and its listeners and its health check are changed.
type elbResource struct {
	configured
}

type elbModel struct {
	ID             types.String           `tfsdk:"id"`
	Name           types.String           `tfsdk:"name"`
	Internal       types.Bool             `tfsdk:"internal"`
	SecurityGroups types.Set              `tfsdk:"security_groups"`
	Listeners      []elbListenerModel     `tfsdk:"listener"`
	HealthCheck    []elbHealthChecksModel `tfsdk:"health_check"`
}

type elbListenerModel struct {
	LBPort           types.Int64  `tfsdk:"lb_port"`
	LBProtocol       types.String `tfsdk:"lb_protocol"`
	InstancePort     types.Int64  `tfsdk:"instance_port"`
	InstanceProtocol types.String `tfsdk:"instance_protocol"`
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
	resp.Schema = schema.Schema{
		Attributes: map[string]schema.Attribute{
			"id": computedID(), "name": fixed(true), "internal": schema.BoolAttribute{Optional: true, Computed: true, PlanModifiers: []planmodifier.Bool{boolplanmodifier.UseStateForUnknown()}},
			"security_groups": schema.SetAttribute{ElementType: types.StringType, Optional: true, Computed: true, PlanModifiers: []planmodifier.Set{setplanmodifier.UseStateForUnknown()}},
		},
		Blocks: map[string]schema.Block{
			"listener": schema.SetNestedBlock{NestedObject: schema.NestedBlockObject{Attributes: map[string]schema.Attribute{
				"lb_port": number, "lb_protocol": schema.StringAttribute{Required: true}, "instance_port": number, "instance_protocol": schema.StringAttribute{Required: true},
			}}},
			"health_check": schema.ListNestedBlock{NestedObject: schema.NestedBlockObject{Attributes: map[string]schema.Attribute{
				"target": schema.StringAttribute{Required: true}, "interval": number, "timeout": number, "healthy_threshold": number, "unhealthy_threshold": number,
			}}},
		},
	}
}

// Create is never called: the world makes the load balancers.
func (r *elbResource) Create(_ context.Context, _ resource.CreateRequest, resp *resource.CreateResponse) {
	resp.Diagnostics.AddError("Unable to create", "This stand-in only imports load balancers.")
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
	state.SecurityGroups, _ = types.SetValueFrom(ctx, types.StringType, lb.SecurityGroups)
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
			fresh = append(fresh, elbtypes.Listener{
				LoadBalancerPort: int32(l.LBPort.ValueInt64()), Protocol: ptr(l.LBProtocol), InstancePort: aws.Int32(int32(l.InstancePort.ValueInt64())), InstanceProtocol: ptr(l.InstanceProtocol),
			})
		}
	}
	if len(fresh) > 0 {
		_, err := r.elb.CreateLoadBalancerListeners(ctx, &elb.CreateLoadBalancerListenersInput{LoadBalancerName: ptr(plan.ID), Listeners: fresh})
		failed(&resp.Diagnostics, "creating listeners", err)
	}
	for _, check := range plan.HealthCheck {
		_, err := r.elb.ConfigureHealthCheck(ctx, &elb.ConfigureHealthCheckInput{LoadBalancerName: ptr(plan.ID), HealthCheck: &elbtypes.HealthCheck{
			Target: ptr(check.Target), Interval: aws.Int32(int32(check.Interval.ValueInt64())), Timeout: aws.Int32(int32(check.Timeout.ValueInt64())),
			HealthyThreshold: aws.Int32(int32(check.HealthyThreshold.ValueInt64())), UnhealthyThreshold: aws.Int32(int32(check.UnhealthyThreshold.ValueInt64())),
		}})
		failed(&resp.Diagnostics, "configuring the health check", err)
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
}

// Delete forgets the load balancer, which the world takes down.
func (r *elbResource) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}

// ImportState takes the name of a load balancer.
func (r *elbResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	resource.ImportStatePassthroughID(ctx, path.Root("id"), req, resp)
}
