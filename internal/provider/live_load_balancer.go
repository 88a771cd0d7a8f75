// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-clb/terraform-provider-clb/internal/cloud"
)

// liveLoadBalancer is a live load balancer with the facts that its rules need
// and that its own description does not tell.
type liveLoadBalancer struct {
	cloud.LoadBalancer
	// vpcCIDRBlocks is nil for a load balancer that is not in a VPC.
	vpcCIDRBlocks []string
	// instances are those of the registered instances that exist, by id.
	instances map[string]cloud.Instance
}

// withSurroundings reads the VPCs and the instances of all load balancers
// together, so that the number of calls depends on how many VPCs and instances
// there are, not on how many load balancers.
func withSurroundings(ctx context.Context, aws *cloud.Region, lbs []cloud.LoadBalancer) ([]liveLoadBalancer, error) {
	var vpcIDs, instanceIDs []string
	for _, lb := range lbs {
		vpcIDs = append(vpcIDs, lb.VPCID)
		instanceIDs = append(instanceIDs, lb.Instances...)
	}
	vpcs, err := aws.VPCs(ctx, vpcIDs)
	if err != nil {
		return nil, err
	}
	instances, err := aws.Instances(ctx, instanceIDs)
	if err != nil {
		return nil, err
	}
	var all []liveLoadBalancer
	for _, lb := range lbs {
		live := liveLoadBalancer{LoadBalancer: lb, instances: map[string]cloud.Instance{}}
		if lb.VPCID != "" {
			vpc, there := vpcs[lb.VPCID]
			if !there {
				return nil, fmt.Errorf("ec2:DescribeVpcs does not show VPC %s, to which load balancer %q belongs. "+
					"If it was deleted at this moment, run Terraform again", lb.VPCID, lb.Name)
			}
			live.vpcCIDRBlocks = vpc.CIDRBlocks
		}
		for _, id := range lb.Instances {
			if instance, there := instances[id]; there {
				live.instances[id] = instance
			}
		}
		all = append(all, live)
	}
	return all, nil
}

// securityGroupsOf are the security groups of the primary interfaces of
// instances, sorted and never nil.
func securityGroupsOf(instances map[string]cloud.Instance) []string {
	groups := []string{}
	for _, instance := range instances {
		groups = append(groups, instance.SecurityGroups...)
	}
	slices.Sort(groups)
	return slices.Compact(groups)
}

// subnetsOf are the subnets of the primary interfaces of instances, sorted and
// never nil.
func subnetsOf(instances map[string]cloud.Instance) []string {
	subnets := []string{}
	for _, instance := range instances {
		if instance.SubnetID != "" {
			subnets = append(subnets, instance.SubnetID)
		}
	}
	slices.Sort(subnets)
	return slices.Compact(subnets)
}

// healthChecksOf is the health check of a live load balancer as its value has it.
func healthChecksOf(live cloud.LoadBalancer) []healthCheckModel {
	healthChecks := []healthCheckModel{}
	if live.HealthCheckTarget != "" {
		healthChecks = append(healthChecks, healthCheckModel{Target: types.StringValue(live.HealthCheckTarget)})
	}
	return healthChecks
}

// liveLoadBalancerModel is what both data sources show of a load balancer: the
// value that load_balancers of the resources takes, and where it lives. Nil
// slices and maps are null.
type liveLoadBalancerModel struct {
	Name                     string              `tfsdk:"name"`
	Internal                 bool                `tfsdk:"internal"`
	Listener                 []liveListenerModel `tfsdk:"listener"`
	HealthCheck              []healthCheckModel  `tfsdk:"health_check"`
	SecurityGroups           []string            `tfsdk:"security_groups"`
	InstanceSecurityGroupIDs []string            `tfsdk:"instance_security_group_ids"`
	DNSName                  string              `tfsdk:"dns_name"`
	VPCID                    types.String        `tfsdk:"vpc_id"`
	VPCCIDRBlocks            []string            `tfsdk:"vpc_cidr_blocks"`
	Subnets                  []string            `tfsdk:"subnets"`
	Instances                []string            `tfsdk:"instances"`
	InstanceSubnetIDs        []string            `tfsdk:"instance_subnet_ids"`
	Tags                     map[string]string   `tfsdk:"tags"`
}

type liveListenerModel struct {
	LBPort           int64  `tfsdk:"lb_port"`
	LBProtocol       string `tfsdk:"lb_protocol"`
	InstancePort     int64  `tfsdk:"instance_port"`
	InstanceProtocol string `tfsdk:"instance_protocol"`
}

// model shows the load balancer, but for its tags.
func (l liveLoadBalancer) model() liveLoadBalancerModel {
	m := liveLoadBalancerModel{
		Name:                     l.Name,
		Internal:                 l.Internal,
		Listener:                 []liveListenerModel{},
		HealthCheck:              healthChecksOf(l.LoadBalancer),
		SecurityGroups:           orEmpty(l.SecurityGroups),
		InstanceSecurityGroupIDs: securityGroupsOf(l.instances),
		DNSName:                  l.DNSName,
		VPCID:                    textOrNull(l.VPCID),
		VPCCIDRBlocks:            l.vpcCIDRBlocks,
		Subnets:                  orEmpty(l.Subnets),
		Instances:                orEmpty(l.Instances),
		InstanceSubnetIDs:        subnetsOf(l.instances),
	}
	for _, listener := range l.Listeners {
		m.Listener = append(m.Listener, liveListenerModel{
			LBPort:           int64(listener.LBPort),
			LBProtocol:       strings.ToLower(listener.Protocol),
			InstancePort:     int64(listener.InstancePort),
			InstanceProtocol: strings.ToLower(listener.InstanceProtocol),
		})
	}
	return m
}

// orEmpty is a list that is empty, and not null, when there is nothing in it.
func orEmpty(values []string) []string {
	if values == nil {
		return []string{}
	}
	return values
}

func textOrNull(text string) types.String {
	if text == "" {
		return types.StringNull()
	}
	return types.StringValue(text)
}

// liveLoadBalancerAttributes are the schema of liveLoadBalancerModel.
func liveLoadBalancerAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"name": schema.StringAttribute{
			Computed:            true,
			MarkdownDescription: "The name of the load balancer.",
		},
		"internal": schema.BoolAttribute{
			Computed:            true,
			MarkdownDescription: "`true` for an internal load balancer, `false` for an internet-facing one.",
		},
		"listener": schema.SetNestedAttribute{
			Computed:            true,
			MarkdownDescription: "The listeners.",
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"lb_port": schema.Int64Attribute{
					Computed:            true,
					MarkdownDescription: "The port on which the load balancer listens.",
				},
				"lb_protocol": schema.StringAttribute{
					Computed:            true,
					MarkdownDescription: "The protocol between client and load balancer: `http`, `https`, `tcp` or `ssl`, in lower case as in `aws_elb`.",
				},
				"instance_port": schema.Int64Attribute{
					Computed:            true,
					MarkdownDescription: "The port on the instances to which the listener forwards.",
				},
				"instance_protocol": schema.StringAttribute{
					Computed:            true,
					MarkdownDescription: "The protocol between load balancer and instances, in lower case.",
				},
			}},
		},
		"health_check": schema.ListNestedAttribute{
			Computed:            true,
			MarkdownDescription: "The health check: a list of one element.",
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"target": schema.StringAttribute{
					Computed:            true,
					MarkdownDescription: "The health check target, such as `HTTP:8080/ping` or `TCP:22`.",
				},
			}},
		},
		"security_groups": schema.SetAttribute{
			ElementType:         types.StringType,
			Computed:            true,
			MarkdownDescription: "The ids of the security groups that the load balancer carries.",
		},
		"instance_security_group_ids": schema.SetAttribute{
			ElementType: types.StringType,
			Computed:    true,
			MarkdownDescription: "The ids of the security groups of the registered instances, all instances taken together. Only the primary network interface of an instance counts: it alone receives the load balancer's traffic. " +
				"Empty without instances; then `instance_security_group_ids` of the resource stands.",
		},
		"dns_name": schema.StringAttribute{
			Computed:            true,
			MarkdownDescription: "The DNS name of the load balancer.",
		},
		"vpc_id": schema.StringAttribute{
			Computed:            true,
			MarkdownDescription: "The id of the VPC. Null for a load balancer in EC2-Classic.",
		},
		"vpc_cidr_blocks": schema.ListAttribute{
			ElementType:         types.StringType,
			Computed:            true,
			MarkdownDescription: "All IPv4 CIDR blocks that are associated with the VPC, the primary one first: what `vpc_cidr_blocks` of the resources asks for. Null for a load balancer in EC2-Classic.",
		},
		"subnets": schema.SetAttribute{
			ElementType:         types.StringType,
			Computed:            true,
			MarkdownDescription: "The ids of the subnets in which the load balancer has nodes.",
		},
		"instances": schema.SetAttribute{
			ElementType:         types.StringType,
			Computed:            true,
			MarkdownDescription: "The ids of the registered instances. An instance stays registered after it is terminated.",
		},
		"instance_subnet_ids": schema.SetAttribute{
			ElementType:         types.StringType,
			Computed:            true,
			MarkdownDescription: "The ids of the subnets in which the registered instances have their primary network interface.",
		},
	}
}

// dataSourceRegionAttribute is the region argument that every data source has.
func dataSourceRegionAttribute() schema.StringAttribute {
	return schema.StringAttribute{
		Optional:            true,
		Computed:            true,
		MarkdownDescription: "The AWS region to read from. Defaults to the region of the provider.",
	}
}

// dataSourceRegion is the region that a data source reads from.
func (d *providerData) dataSourceRegion(ctx context.Context, config tfsdk.Config, diags *diag.Diagnostics) string {
	var region types.String
	diags.Append(config.GetAttribute(ctx, path.Root("region"), &region)...)
	if region.IsNull() {
		return d.connection.Region()
	}
	if err := d.connection.CheckRegion(region.ValueString()); err != nil {
		addConnectError(diags, err)
	}
	return region.ValueString()
}
