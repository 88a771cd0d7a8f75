// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

// Package standin has those resource types of hashicorp/aws that users keep load
// balancers and their rules in, with the arguments that the guides name and the
// behaviour that matters beside this provider. The tests run it in the place of
// hashicorp/aws, which would have to be downloaded.
package standin

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// Source is the address of the provider that this package stands in for.
const Source = "hashicorp/aws"

// New makes the provider. It takes endpoint, region and credentials from the
// environment.
func New() provider.Provider { return standIn{} }

type standIn struct{}

// clients are what the resources talk to AWS with.
type clients struct {
	ec2 *ec2.Client
	elb *elb.Client
}

func (standIn) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "aws"
}

func (standIn) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse) {}

func (standIn) Configure(ctx context.Context, _ provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	settings, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		resp.Diagnostics.AddError("Unable to configure", err.Error())
		return
	}
	resp.ResourceData = &clients{ec2: ec2.NewFromConfig(settings), elb: elb.NewFromConfig(settings)}
}

func (standIn) DataSources(context.Context) []func() datasource.DataSource { return nil }

func (standIn) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{
		func() resource.Resource { return &elbResource{} },
		func() resource.Resource { return &securityGroupResource{} },
		func() resource.Resource { return &groupRuleResource{name: "_vpc_security_group_ingress_rule"} },
		func() resource.Resource {
			return &groupRuleResource{name: "_vpc_security_group_egress_rule", egress: true}
		},
		func() resource.Resource { return &legacyRuleResource{} },
		func() resource.Resource { return &aclResource{} },
		func() resource.Resource { return &aclRuleResource{} },
	}
}

// configured is what every resource starts from.
type configured struct {
	*clients
}

// Configure takes the clients of the provider.
func (c *configured) Configure(_ context.Context, req resource.ConfigureRequest, _ *resource.ConfigureResponse) {
	c.clients, _ = req.ProviderData.(*clients)
}

// computedID is the attribute id.
func computedID() schema.StringAttribute {
	return schema.StringAttribute{Computed: true, PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()}}
}

// fixed is an argument whose change replaces the resource.
func fixed(required bool) schema.StringAttribute {
	return schema.StringAttribute{Required: required, Optional: !required, PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()}}
}

// failed reports an error of AWS, if there is one.
func failed(diags *diag.Diagnostics, doing string, err error) bool {
	if err != nil {
		diags.AddError(doing, err.Error())
	}
	return err != nil
}

func isGone(err error) bool {
	return err != nil && strings.Contains(err.Error(), "NotFound")
}

func texts(ctx context.Context, values types.List) (all []string) {
	values.ElementsAs(ctx, &all, true)
	return all
}

func ptr(value types.String) *string {
	if value.ValueString() == "" {
		return nil
	}
	return aws.String(value.ValueString())
}
