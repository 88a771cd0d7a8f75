// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package examples_test

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing/types"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	basetypes "github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// awsProvider stands in for hashicorp/aws, which is not downloaded for tests: it
// has those of its resources that the guides put beside ours, with the attributes
// that the guides set or read, as they are at plan: what AWS makes up is unknown.
// It makes them in the double.
type awsProvider struct{}

const awsSource = "hashicorp/aws"

func newAWSProvider() provider.Provider { return awsProvider{} }

func (awsProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "aws"
}
func (awsProvider) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse) {}

func (awsProvider) Configure(ctx context.Context, _ provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	sdk, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		resp.Diagnostics.AddError("SDK", err.Error())
	}
	resp.ResourceData = awsAccount{ec2.NewFromConfig(sdk), elb.NewFromConfig(sdk)}
}

func (awsProvider) DataSources(context.Context) []func() datasource.DataSource { return nil }

func (awsProvider) Resources(context.Context) []func() resource.Resource {
	var all []func() resource.Resource
	for _, r := range []awsResource{awsSecurityGroup(), awsNetworkACL(), awsELB(), awsIngressRule(), awsNetworkACLRule()} {
		all = append(all, func() resource.Resource { return &r })
	}
	return all
}

type awsAccount struct {
	ec2 *ec2.Client
	elb *elb.Client
}

// arguments are what a resource has in the plan.
type arguments func(name string, target any)

func (get arguments) text(name string) string {
	var value *string
	get(name, &value)
	return aws.ToString(value)
}

// awsResource is a resource of hashicorp/aws: what it has, how it comes and goes.
type awsResource struct {
	name       string
	attributes map[string]schema.Attribute
	blocks     map[string]schema.Block
	create     func(context.Context, awsAccount, arguments) (id string, err error)
	remove     func(ctx context.Context, account awsAccount, id string) error

	account awsAccount
}

func (r *awsResource) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "aws_" + r.name
}

func (r *awsResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{Attributes: r.attributes, Blocks: r.blocks}
	resp.Schema.Attributes["id"] = schema.StringAttribute{Computed: true}
}

func (r *awsResource) Configure(_ context.Context, req resource.ConfigureRequest, _ *resource.ConfigureResponse) {
	r.account, _ = req.ProviderData.(awsAccount)
}

func (r *awsResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	get := func(name string, target any) {
		resp.Diagnostics.Append(req.Plan.GetAttribute(ctx, path.Root(name), target)...)
	}
	id, err := r.create(ctx, r.account, get)
	if err != nil {
		resp.Diagnostics.AddError(r.name, err.Error())
		return
	}
	raw, err := tftypes.Transform(req.Plan.Raw, func(_ *tftypes.AttributePath, value tftypes.Value) (tftypes.Value, error) {
		if !value.IsKnown() {
			return tftypes.NewValue(value.Type(), nil), nil
		}
		return value, nil
	})
	if err != nil {
		resp.Diagnostics.AddError(r.name, err.Error())
		return
	}
	resp.State.Raw = raw
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), id)...)
}

func (r *awsResource) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {}

func (r *awsResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var id string
	resp.Diagnostics.Append(req.State.GetAttribute(ctx, path.Root("id"), &id)...)
	resp.State.Raw = req.Plan.Raw
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), id)...)
}

func (r *awsResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var id string
	resp.Diagnostics.Append(req.State.GetAttribute(ctx, path.Root("id"), &id)...)
	if err := r.remove(ctx, r.account, id); err != nil {
		resp.Diagnostics.AddError(r.name, err.Error())
	}
}

func (r *awsResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	resource.ImportStatePassthroughID(ctx, path.Root("id"), req, resp)
}

func required() schema.StringAttribute { return schema.StringAttribute{Required: true} }
func optional() schema.StringAttribute { return schema.StringAttribute{Optional: true} }
func number() schema.Int64Attribute    { return schema.Int64Attribute{Optional: true} }

func awsSecurityGroup() awsResource {
	return awsResource{
		name: "security_group", attributes: map[string]schema.Attribute{"name": required(), "vpc_id": required()},
		create: func(ctx context.Context, account awsAccount, get arguments) (string, error) {
			made, err := account.ec2.CreateSecurityGroup(ctx, &ec2.CreateSecurityGroupInput{
				GroupName: aws.String(get.text("name")), VpcId: aws.String(get.text("vpc_id")), Description: aws.String("Managed by Terraform"),
			})
			if err != nil {
				return "", err
			}
			// As hashicorp/aws does.
			_, err = account.ec2.RevokeSecurityGroupEgress(ctx, &ec2.RevokeSecurityGroupEgressInput{GroupId: made.GroupId, IpPermissions: []types.IpPermission{
				{IpProtocol: aws.String("-1"), IpRanges: []types.IpRange{{CidrIp: aws.String("0.0.0.0/0")}}},
			}})
			return *made.GroupId, err
		},
		remove: func(ctx context.Context, account awsAccount, id string) error {
			_, err := account.ec2.DeleteSecurityGroup(ctx, &ec2.DeleteSecurityGroupInput{GroupId: &id})
			return err
		},
	}
}

// awsNetworkACL leaves its subnets where they are: the guides are about entries.
func awsNetworkACL() awsResource {
	return awsResource{
		name: "network_acl", attributes: map[string]schema.Attribute{"vpc_id": required(), "subnet_ids": schema.SetAttribute{Optional: true, ElementType: basetypes.StringType}},
		create: func(ctx context.Context, account awsAccount, get arguments) (string, error) {
			made, err := account.ec2.CreateNetworkAcl(ctx, &ec2.CreateNetworkAclInput{VpcId: aws.String(get.text("vpc_id"))})
			if err != nil {
				return "", err
			}
			return *made.NetworkAcl.NetworkAclId, nil
		},
		remove: func(ctx context.Context, account awsAccount, id string) error {
			_, err := account.ec2.DeleteNetworkAcl(ctx, &ec2.DeleteNetworkAclInput{NetworkAclId: &id})
			return err
		},
	}
}

func awsELB() awsResource {
	type listener struct {
		LBPort           int32   `tfsdk:"lb_port"`
		LBProtocol       string  `tfsdk:"lb_protocol"`
		InstancePort     int32   `tfsdk:"instance_port"`
		InstanceProtocol string  `tfsdk:"instance_protocol"`
		CertificateID    *string `tfsdk:"ssl_certificate_id"`
	}
	type healthCheck struct {
		Target             string `tfsdk:"target"`
		Interval           int32  `tfsdk:"interval"`
		Timeout            int32  `tfsdk:"timeout"`
		HealthyThreshold   int32  `tfsdk:"healthy_threshold"`
		UnhealthyThreshold int32  `tfsdk:"unhealthy_threshold"`
	}
	strings := schema.SetAttribute{Optional: true, Computed: true, ElementType: basetypes.StringType}
	return awsResource{
		name: "elb",
		attributes: map[string]schema.Attribute{
			"name": schema.StringAttribute{Optional: true, Computed: true}, "internal": schema.BoolAttribute{Optional: true, Computed: true},
			"subnets": strings, "security_groups": strings, "instances": strings, "availability_zones": strings,
			"arn": schema.StringAttribute{Computed: true}, "dns_name": schema.StringAttribute{Computed: true}, "source_security_group_id": schema.StringAttribute{Computed: true},
			"cross_zone_load_balancing": schema.BoolAttribute{Optional: true, Computed: true}, "tags_all": schema.MapAttribute{Optional: true, Computed: true, ElementType: basetypes.StringType},
		},
		blocks: map[string]schema.Block{
			"listener": schema.SetNestedBlock{NestedObject: schema.NestedBlockObject{Attributes: map[string]schema.Attribute{
				"lb_port": schema.Int32Attribute{Required: true}, "lb_protocol": required(), "instance_port": schema.Int32Attribute{Required: true}, "instance_protocol": required(),
				"ssl_certificate_id": optional(),
			}}},
			"health_check": schema.ListNestedBlock{NestedObject: schema.NestedBlockObject{Attributes: map[string]schema.Attribute{
				"target": required(), "interval": schema.Int32Attribute{Required: true}, "timeout": schema.Int32Attribute{Required: true},
				"healthy_threshold": schema.Int32Attribute{Required: true}, "unhealthy_threshold": schema.Int32Attribute{Required: true},
			}}},
		},
		create: func(ctx context.Context, account awsAccount, get arguments) (string, error) {
			in := &elb.CreateLoadBalancerInput{LoadBalancerName: aws.String(get.text("name"))}
			get("subnets", &in.Subnets)
			get("security_groups", &in.SecurityGroups)
			var internal *bool
			if get("internal", &internal); aws.ToBool(internal) {
				in.Scheme = aws.String("internal")
			}
			var listeners []listener
			get("listener", &listeners)
			for _, l := range listeners {
				in.Listeners = append(in.Listeners, elbtypes.Listener{LoadBalancerPort: l.LBPort, Protocol: &l.LBProtocol, InstancePort: &l.InstancePort, InstanceProtocol: &l.InstanceProtocol})
			}
			if _, err := account.elb.CreateLoadBalancer(ctx, in); err != nil {
				return "", err
			}
			var checks []healthCheck
			get("health_check", &checks)
			for _, c := range checks {
				if _, err := account.elb.ConfigureHealthCheck(ctx, &elb.ConfigureHealthCheckInput{LoadBalancerName: in.LoadBalancerName, HealthCheck: &elbtypes.HealthCheck{
					Target: &c.Target, Interval: &c.Interval, Timeout: &c.Timeout, HealthyThreshold: &c.HealthyThreshold, UnhealthyThreshold: &c.UnhealthyThreshold,
				}}); err != nil {
					return "", err
				}
			}
			return *in.LoadBalancerName, nil
		},
		remove: func(ctx context.Context, account awsAccount, id string) error {
			_, err := account.elb.DeleteLoadBalancer(ctx, &elb.DeleteLoadBalancerInput{LoadBalancerName: &id})
			return err
		},
	}
}

func awsIngressRule() awsResource {
	return awsResource{
		name: "vpc_security_group_ingress_rule",
		attributes: map[string]schema.Attribute{
			"security_group_id": required(), "ip_protocol": required(), "cidr_ipv4": optional(), "prefix_list_id": optional(),
			"referenced_security_group_id": optional(), "description": optional(), "from_port": number(), "to_port": number(),
		},
		create: func(ctx context.Context, account awsAccount, get arguments) (string, error) {
			var from, to *int32
			get("from_port", &from)
			get("to_port", &to)
			made, err := account.ec2.AuthorizeSecurityGroupIngress(ctx, &ec2.AuthorizeSecurityGroupIngressInput{
				GroupId: aws.String(get.text("security_group_id")), IpPermissions: []types.IpPermission{
					{IpProtocol: aws.String(get.text("ip_protocol")), FromPort: from, ToPort: to, IpRanges: []types.IpRange{{CidrIp: aws.String(get.text("cidr_ipv4"))}}},
				},
			})
			if err != nil {
				return "", err
			}
			return *made.SecurityGroupRules[0].SecurityGroupRuleId, nil
		},
		remove: func(ctx context.Context, account awsAccount, id string) error {
			found, err := account.ec2.DescribeSecurityGroupRules(ctx, &ec2.DescribeSecurityGroupRulesInput{SecurityGroupRuleIds: []string{id}})
			if err != nil {
				return err
			}
			_, err = account.ec2.RevokeSecurityGroupIngress(ctx, &ec2.RevokeSecurityGroupIngressInput{GroupId: found.SecurityGroupRules[0].GroupId, SecurityGroupRuleIds: []string{id}})
			return err
		},
	}
}

// awsNetworkACLRule is only imported.
func awsNetworkACLRule() awsResource {
	return awsResource{
		name: "network_acl_rule",
		attributes: map[string]schema.Attribute{
			"network_acl_id": required(), "rule_number": number(), "egress": schema.BoolAttribute{Optional: true}, "rule_action": required(), "protocol": required(),
			"cidr_block": optional(), "from_port": number(), "to_port": number(),
		},
		create: func(context.Context, awsAccount, arguments) (string, error) {
			return "", fmt.Errorf("an entry that should have been imported is created")
		},
		remove: func(context.Context, awsAccount, string) error { return nil },
	}
}
