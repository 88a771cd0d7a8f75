// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-clb/terraform-provider-clb/internal/cloud"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

var (
	_ resource.ResourceWithConfigure      = (*loadBalancerSecurityGroupsResource)(nil)
	_ resource.ResourceWithValidateConfig = (*loadBalancerSecurityGroupsResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*loadBalancerSecurityGroupsResource)(nil)
	_ resource.ResourceWithImportState    = (*loadBalancerSecurityGroupsResource)(nil)
)

// loadBalancerSecurityGroupsResource manages which security groups a load
// balancer carries.
type loadBalancerSecurityGroupsResource struct {
	data *providerData
}

func newLoadBalancerSecurityGroupsResource() resource.Resource {
	return &loadBalancerSecurityGroupsResource{}
}

type loadBalancerSecurityGroupsModel struct {
	Region                 types.String `tfsdk:"region"`
	LoadBalancerName       types.String `tfsdk:"load_balancer_name"`
	SecurityGroups         types.Set    `tfsdk:"security_groups"`
	OnDestroy              types.String `tfsdk:"on_destroy"`
	PreviousSecurityGroups types.Set    `tfsdk:"previous_security_groups"`
}

// What on_destroy can say.
const (
	onDestroyKeep    = "keep"
	onDestroyRestore = "restore"
)

func (r *loadBalancerSecurityGroupsResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_load_balancer_security_groups"
}

func (r *loadBalancerSecurityGroupsResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "The security groups that a Classic Load Balancer in a VPC carries. They replace all groups that it carried before, as the API operation [ApplySecurityGroupsToLoadBalancer]" +
			"(https://docs.aws.amazon.com/elasticloadbalancing/2012-06-01/APIReference/API_ApplySecurityGroupsToLoadBalancer.html) does.\n\n" +
			"Use it for load balancers that another tool creates. With `aws_elb` in the same configuration, leave `security_groups` out of it, or set the groups there and leave this resource out.",
		Attributes: map[string]schema.Attribute{
			"region": regionAttribute(),
			"load_balancer_name": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "The name of the load balancer. Changing it replaces the resource.",
				PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
				Validators:          []validator.String{textValidator{"a load balancer name", wiring.CheckLoadBalancerName}},
			},
			"security_groups": schema.SetAttribute{
				ElementType:         types.StringType,
				Required:            true,
				MarkdownDescription: "The ids of the security groups, all of the VPC of the load balancer: at least one and at most five, unless the account has a higher quota (`limits.security_groups_per_interface` of the provider).",
			},
			"on_destroy": schema.StringAttribute{
				Optional:            true,
				Computed:            true,
				Default:             stringdefault.StaticString(onDestroyKeep),
				MarkdownDescription: "What destroying the resource does to the load balancer: `keep` (default) leaves its groups as they are; `restore` brings back those `previous_security_groups` that still exist, and leaves the groups as they are if none does.",
				Validators:          []validator.String{textValidator{"a value of on_destroy", oneOf(onDestroyKeep, onDestroyRestore)}},
			},
			"previous_security_groups": schema.SetAttribute{
				ElementType:         types.StringType,
				Computed:            true,
				MarkdownDescription: "The groups that the load balancer carried before this resource was created or imported. If the run that creates it is killed after it has written, and before Terraform has saved the state, the next run takes those that it finds for them, which are the new ones: `on_destroy = \"restore\"` then brings nothing back.",
			},
		},
	}
}

func (r *loadBalancerSecurityGroupsResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.data = configuredData(req.ProviderData, &resp.Diagnostics)
}

// groups reads the attribute security_groups.
func (m loadBalancerSecurityGroupsModel) groups() (groups []string, known bool, diags diag.Diagnostics) {
	groups, known, problems := decodeStrings(m.SecurityGroups, "security_groups", func(text string) (string, error) {
		return text, wiring.CheckSecurityGroupID(text)
	})
	if known && len(problems) == 0 && len(groups) == 0 {
		problems = append(problems, "security_groups is empty: a load balancer in a VPC carries at least one security group, name it here")
	}
	report(&diags, "security_groups", "Invalid security groups", problems)
	slices.Sort(groups)
	return groups, known, diags
}

func (r *loadBalancerSecurityGroupsResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config loadBalancerSecurityGroupsModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	_, _, diags := config.groups()
	resp.Diagnostics.Append(diags...)
}

func (r *loadBalancerSecurityGroupsResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() {
		return
	}
	var config, plan, before loadBalancerSecurityGroupsModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	groups, known, diags := config.groups()
	resp.Diagnostics.Append(diags...)
	plan.Region = r.data.planRegion(config.Region)
	r.data.checkRegion(plan.Region, &resp.Diagnostics)
	if !req.State.Raw.IsNull() {
		resp.Diagnostics.Append(req.State.Get(ctx, &before)...)
		plan.PreviousSecurityGroups = before.PreviousSecurityGroups
		if replacedRegion(before.Region, plan.Region) {
			resp.RequiresReplace.Append(path.Root("region"))
		}
	}
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, &plan)...)
	if r.data == nil || plan.Region.IsUnknown() || plan.LoadBalancerName.IsUnknown() {
		return
	}
	if known {
		r.checkCount(&resp.Diagnostics, plan, groups)
	}
	if !before.SecurityGroups.Equal(plan.SecurityGroups) && !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(r.checkLive(ctx, plan, groups)...)
	}
}

func (r *loadBalancerSecurityGroupsResource) checkCount(diags *diag.Diagnostics, plan loadBalancerSecurityGroupsModel, groups []string) {
	if limit := r.data.limits.securityGroupsPerInterface; len(groups) > limit.value {
		diags.AddAttributeError(path.Root("security_groups"), "Too many security groups",
			fmt.Sprintf("Load balancer %q would carry %d security groups, and the quota is %d. Name fewer groups; if the account has more, set limits.security_groups_per_interface of the provider.",
				plan.LoadBalancerName.ValueString(), len(groups), limit.value))
	}
}

// checkLive finds at plan what AWS would refuse at apply: a load balancer or
// group that does not exist, and a group of another VPC.
func (r *loadBalancerSecurityGroupsResource) checkLive(ctx context.Context, plan loadBalancerSecurityGroupsModel, groups []string) diag.Diagnostics {
	var diags diag.Diagnostics
	name, region := plan.LoadBalancerName.ValueString(), plan.Region.ValueString()
	aws := r.data.connection.In(region)
	var lb cloud.LoadBalancer
	err := aws.UntilVisible(ctx, func(aws *cloud.Region) (err error) {
		lb, err = r.data.seen.loadBalancers.read(region, name, func() (cloud.LoadBalancer, error) { return aws.LoadBalancer(ctx, name) })
		return err
	})
	switch {
	case cloud.IsNotFound(err):
		diags.AddAttributeError(path.Root("load_balancer_name"), "Load balancer not found",
			fmt.Sprintf("Load balancer %q does not exist in region %s. Check the name and the region: load balancers are looked up in the account of the provider's credentials.", name, region))
		return diags
	case err != nil:
		addLiveReadWarning(&diags, "load_balancer_name", fmt.Sprintf("load balancer %q", name), err)
		return diags
	case lb.VPCID == "":
		diags.AddAttributeError(path.Root("load_balancer_name"), "Load balancer without a VPC",
			fmt.Sprintf("Load balancer %q is not in a VPC. Only load balancers in a VPC carry security groups.", name))
		return diags
	case len(groups) == 0:
		return diags
	}
	var live map[string]cloud.SecurityGroup
	err = aws.UntilVisible(ctx, func(aws *cloud.Region) (err error) {
		live, err = aws.SecurityGroups(ctx, groups)
		for _, id := range groups {
			if _, there := live[id]; err == nil && !there {
				err = &cloud.NotFoundError{Kind: "security group", ID: id}
			}
		}
		return err
	})
	if err != nil && !cloud.IsNotFound(err) {
		addLiveReadWarning(&diags, "security_groups", "security groups "+strings.Join(groups, ", "), err)
		return diags
	}
	for _, id := range groups {
		group, there := live[id]
		switch {
		case !there:
			diags.AddAttributeError(path.Root("security_groups"), "Security group not found",
				fmt.Sprintf("Security group %s does not exist in region %s. Check the id and the region.", id, region))
		case group.VPCID != lb.VPCID:
			diags.AddAttributeError(path.Root("security_groups"), "Security group of another VPC",
				fmt.Sprintf("Security group %s belongs to VPC %s, and load balancer %q is in VPC %s. A load balancer carries groups of its own VPC only: name a group of %s.", id, group.VPCID, name, lb.VPCID, lb.VPCID))
		}
	}
	return diags
}

func (r *loadBalancerSecurityGroupsResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan loadBalancerSecurityGroupsModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	groups, _, diags := plan.groups()
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	const failed = "Unable to apply the security groups to the load balancer"
	name, aws := plan.LoadBalancerName.ValueString(), r.data.connection.In(plan.Region.ValueString()).Fresh()
	var before cloud.LoadBalancer
	err := aws.UntilVisible(ctx, func(aws *cloud.Region) (err error) { before, err = aws.LoadBalancer(ctx, name); return err })
	if err != nil {
		resp.Diagnostics.AddError(failed, asSentence(err))
		return
	}
	plan.PreviousSecurityGroups, diags = types.SetValueFrom(ctx, types.StringType, before.SecurityGroups)
	resp.Diagnostics.Append(diags...)
	if err := aws.ApplySecurityGroups(ctx, name, groups); err != nil {
		resp.Diagnostics.AddError(failed, asSentence(err))
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	resp.Diagnostics.Append(loadBalancerIdentity().copyFrom(ctx, resp.Identity, resp.State)...)
}

func (r *loadBalancerSecurityGroupsResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	// Also what has gone has an identity.
	resp.Diagnostics.Append(loadBalancerIdentity().copyFrom(ctx, resp.Identity, req.State)...)
	var state loadBalancerSecurityGroupsModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	lb, err := r.data.connection.In(state.Region.ValueString()).LoadBalancer(ctx, state.LoadBalancerName.ValueString())
	if cloud.IsNotFound(err) {
		resp.State.RemoveResource(ctx)
		return
	}
	if err != nil {
		resp.Diagnostics.AddError("Unable to read the load balancer's security groups", asSentence(err))
		return
	}
	groups, diags := types.SetValueFrom(ctx, types.StringType, lb.SecurityGroups)
	resp.Diagnostics.Append(diags...)
	state.SecurityGroups = groups
	resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
}

func (r *loadBalancerSecurityGroupsResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state loadBalancerSecurityGroupsModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	groups, _, diags := plan.groups()
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	if !plan.SecurityGroups.Equal(state.SecurityGroups) {
		aws := r.data.connection.In(plan.Region.ValueString())
		if err := aws.ApplySecurityGroups(ctx, plan.LoadBalancerName.ValueString(), groups); err != nil {
			resp.Diagnostics.AddError("Unable to apply the security groups to the load balancer", asSentence(err))
			return
		}
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	resp.Diagnostics.Append(loadBalancerIdentity().copyFrom(ctx, resp.Identity, resp.State)...)
}

func (r *loadBalancerSecurityGroupsResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state loadBalancerSecurityGroupsModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() || state.OnDestroy.ValueString() != onDestroyRestore {
		return
	}
	var previous []string
	resp.Diagnostics.Append(state.PreviousSecurityGroups.ElementsAs(ctx, &previous, false)...)
	if resp.Diagnostics.HasError() || len(previous) == 0 {
		return
	}
	const failed = "Unable to restore the load balancer's previous security groups"
	aws := r.data.connection.In(state.Region.ValueString()).Fresh()
	live, err := aws.SecurityGroups(ctx, previous)
	if err != nil {
		resp.Diagnostics.AddError(failed, asSentence(err))
		return
	}
	existing := slices.DeleteFunc(slices.Sorted(slices.Values(previous)), func(id string) bool { _, there := live[id]; return !there })
	if len(existing) == 0 {
		resp.Diagnostics.AddWarning("Security groups not restored",
			fmt.Sprintf("None of the previous security groups of load balancer %q exists any more (%s), so it keeps the groups that it has.",
				state.LoadBalancerName.ValueString(), strings.Join(previous, ", ")))
		return
	}
	if err := aws.ApplySecurityGroups(ctx, state.LoadBalancerName.ValueString(), existing); err != nil && !cloud.IsNotFound(err) {
		resp.Diagnostics.AddError(failed, asSentence(err))
	}
}

func (r *loadBalancerSecurityGroupsResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	id := req.ID
	if importsByIdentity(req) {
		stated, diags := loadBalancerIdentity().stated(ctx, r.data, req.Identity)
		resp.Diagnostics.Append(diags...)
		if resp.Diagnostics.HasError() {
			return
		}
		id = stated.owner + "@" + stated.region
	}
	name, region, err := r.data.splitRegion(id)
	if err != nil {
		resp.Diagnostics.AddError("Unable to import the load balancer's security groups", asSentence(err))
		return
	}
	lb, err := r.data.connection.In(region).LoadBalancer(ctx, name)
	if err != nil {
		resp.Diagnostics.AddError("Unable to import the load balancer's security groups",
			fmt.Sprintf("The import id is the name of the load balancer, %q. %s", name, asSentence(err)))
		return
	}
	state, diags := importedSecurityGroups(ctx, region, lb)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
	resp.Diagnostics.Append(loadBalancerIdentity().copyFrom(ctx, resp.Identity, resp.State)...)
}

// importedSecurityGroups are the groups that a load balancer carries, as the
// arguments that would have stated them.
func importedSecurityGroups(ctx context.Context, region string, lb cloud.LoadBalancer) (loadBalancerSecurityGroupsModel, diag.Diagnostics) {
	groups, diags := types.SetValueFrom(ctx, types.StringType, lb.SecurityGroups)
	return loadBalancerSecurityGroupsModel{
		Region:                 types.StringValue(region),
		LoadBalancerName:       types.StringValue(lb.Name),
		SecurityGroups:         groups,
		OnDestroy:              types.StringValue(onDestroyKeep),
		PreviousSecurityGroups: groups,
	}, diags
}
