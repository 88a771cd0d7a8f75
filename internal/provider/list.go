// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	listschema "github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-clb/terraform-provider-clb/internal/cloud"
)

var (
	_ list.ListResourceWithConfigure = (*loadBalancerSecurityGroupsResource)(nil)
	_ list.ListResourceWithConfigure = (*loadBalancerRulesResource)(nil)
	_ list.ListResourceWithConfigure = (*instanceIngressRulesResource)(nil)
	_ list.ListResourceWithConfigure = (*networkACLEntriesResource)(nil)
)

// listModel selects the load balancers whose resources `terraform query` lists.
type listModel struct {
	Region      types.String `tfsdk:"region"`
	VPCID       types.String `tfsdk:"vpc_id"`
	NamePattern types.String `tfsdk:"name_pattern"`
}

func listSchema(what string) listschema.Schema {
	return listschema.Schema{
		MarkdownDescription: what + " For `terraform query` of Terraform 1.14 and later: with `-generate-config-out=FILE` it writes an import block and the configuration of each.",
		Attributes: map[string]listschema.Attribute{
			"region": listschema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "The AWS region. Defaults to the region of the provider.",
			},
			"vpc_id": listschema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Only what belongs to a load balancer in this VPC.",
				Validators:          []validator.String{textValidator{"a VPC id", checkVPCID}},
			},
			"name_pattern": listschema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Only what belongs to a load balancer whose name matches: `*` stands for any number of characters and `?` for one. " +
					"Other load balancers on the same group or network ACL are listed with it.",
				Validators: []validator.String{textValidator{"a name pattern", checkNamePattern}},
			},
		},
	}
}

// listing is what a list resource lists: resources of one type, from the load
// balancers of a region.
type listing struct {
	identity identity
	find     findUses
	// configured is the model of the resource as a configuration states it: as an
	// import does, but without rules. Terraform writes into the generated
	// configuration what is listed, and rules that are written there take the place
	// of the recommended ones, so that those which are missing would stay missing.
	configured func(ctx context.Context, u use, lbs importedLoadBalancers) (any, diag.Diagnostics)
}

// stream lists as many resources as are asked for.
func (l listing) stream(ctx context.Context, d *providerData, req list.ListRequest, to *list.ListResultsStream) {
	var selected listModel
	diags := req.Config.Get(ctx, &selected)
	region := selected.Region.ValueString()
	if region == "" {
		region = d.connection.Region()
	}
	if err := d.connection.CheckRegion(region); err != nil {
		addConnectError(&diags, err)
	}
	if diags.HasError() {
		to.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	to.Results = func(push func(list.ListResult) bool) {
		uses, err := l.uses(ctx, d.connection.In(region), selected)
		if err != nil {
			diags.AddError("Unable to list the load balancers", fmt.Sprintf("The load balancers of region %s cannot be read. %s", region, asSentence(err)))
			push(list.ListResult{Diagnostics: diags})
			return
		}
		for i, u := range uses {
			if req.Limit > 0 && int64(i) >= req.Limit || !push(l.result(ctx, req, region, u)) {
				return
			}
		}
	}
}

// uses are what belongs to the selected load balancers.
func (l listing) uses(ctx context.Context, aws *cloud.Region, selected listModel) ([]use, error) {
	uses, err := l.find.in(ctx, aws)
	filter := loadBalancersArguments{VPCID: selected.VPCID, NamePattern: selected.NamePattern}
	return slices.DeleteFunc(uses, func(u use) bool {
		return !slices.ContainsFunc(u.lbs, func(lb liveLoadBalancer) bool { return filter.admits(lb.LoadBalancer) })
	}), err
}

// result is one resource. Its state is looked up only if it is asked for.
func (l listing) result(ctx context.Context, req list.ListRequest, region string, u use) list.ListResult {
	result := req.NewListResult(ctx)
	result.DisplayName = u.title()
	result.Diagnostics.Append(result.Identity.SetAttribute(ctx, path.Root("region"), region)...)
	result.Diagnostics.Append(result.Identity.SetAttribute(ctx, path.Root(l.identity.attributeOf(u.owner)), u.owner)...)
	if !req.IncludeResource {
		return result
	}
	lbs, err := importedFrom(ctx, region, u.lbs)
	if err != nil {
		result.Diagnostics.AddError("Unable to state "+u.title(), asSentence(err))
		return result
	}
	lbs.live = u.live
	model, diags := l.configured(ctx, u, lbs)
	result.Diagnostics.Append(diags...)
	if !result.Diagnostics.HasError() {
		result.Diagnostics.Append(result.Resource.Set(ctx, model)...)
	}
	return result
}

// stateListed completes what is listed of a group: without rules, and with the tags
// that all those rules have which an import takes over. The first plan would remove
// them otherwise.
func (d *providerData) stateListed(ctx context.Context, state groupModel) diag.Diagnostics {
	want, diags := state.want(ctx, nil, "")
	if diags.HasError() {
		return diags
	}
	live, err := d.connection.In(state.common().Region.ValueString()).SecurityGroupRules(ctx, state.group().ValueString())
	if err != nil {
		diags.AddError("Unable to read the security group rules", asSentence(err))
		return diags
	}
	state.showPlan(types.MapNull(ruleType()), types.MapNull(ruleType()))
	tags := d.ownTags(d.commonTags(want.MatchedBy(live), live), types.MapNull(types.StringType))
	if len(tags) == 0 {
		return diags
	}
	value, bad := types.MapValueFrom(ctx, types.StringType, tags)
	state.common().Tags = value
	return append(diags, bad...)
}

// ListResourceConfigSchema is asked for by Terraform 1.14 and later.
func (r *loadBalancerSecurityGroupsResource) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = listSchema("The Classic Load Balancers in a VPC, each with the security groups that it carries.")
}

// List lists the load balancers in a VPC.
func (r *loadBalancerSecurityGroupsResource) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	listing{identity: loadBalancerIdentity(), find: usesOfLoadBalancers, configured: func(ctx context.Context, u use, lbs importedLoadBalancers) (any, diag.Diagnostics) {
		state, diags := importedSecurityGroups(ctx, lbs.region, u.lbs[0].LoadBalancer)
		return &state, diags
	}}.stream(ctx, r.data, req, stream)
}

// ListResourceConfigSchema is asked for by Terraform 1.14 and later.
func (r *loadBalancerRulesResource) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = listSchema("The security groups that Classic Load Balancers carry, each with all load balancers that carry it.")
}

// List lists the security groups that load balancers carry.
func (r *loadBalancerRulesResource) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	listing{identity: loadBalancerGroupIdentity(), find: usesOfGroups, configured: func(ctx context.Context, u use, lbs importedLoadBalancers) (any, diag.Diagnostics) {
		state, diags := importedLoadBalancerRules(ctx, u.owner, lbs)
		return state, append(diags, r.data.stateListed(ctx, state)...)
	}}.stream(ctx, r.data, req, stream)
}

// ListResourceConfigSchema is asked for by Terraform 1.14 and later.
func (r *instanceIngressRulesResource) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = listSchema("The security groups of the instances behind Classic Load Balancers, each with all load balancers that send to it. " +
		"Of several groups on an instance, those are listed that have a rule for a port of the load balancer; all, if none has.")
}

// List lists the security groups of the registered instances.
func (r *instanceIngressRulesResource) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	listing{identity: instanceGroupIdentity(), find: usesOfInstanceGroups, configured: func(ctx context.Context, u use, lbs importedLoadBalancers) (any, diag.Diagnostics) {
		state := importedInstanceIngressRules(u.owner, lbs)
		return state, r.data.stateListed(ctx, state)
	}}.stream(ctx, r.data, req, stream)
}

// ListResourceConfigSchema is asked for by Terraform 1.14 and later.
func (r *networkACLEntriesResource) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = listSchema("The custom network ACLs of the subnets in which Classic Load Balancers have nodes or instances, each with the load balancers that use it. " +
		"A subnet of instances is taken for one with public instances if all entries that AWS recommends for it are there, else for one with private instances.")
}

// List lists the network ACLs of the load balancers' and the instances' subnets.
func (r *networkACLEntriesResource) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	listing{identity: networkACLIdentity(), find: usesOfNetworkACLs, configured: func(ctx context.Context, u use, lbs importedLoadBalancers) (any, diag.Diagnostics) {
		state := newImportedACL(u.owner, u.roles)
		diags := importedACL(ctx, &state, lbs, u.acl)
		state.Ingress, state.Egress = types.MapNull(entryType()), types.MapNull(entryType())
		return &state, diags
	}}.stream(ctx, r.data, req, stream)
}
