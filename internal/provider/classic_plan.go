// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/terraform-clb/terraform-provider-clb/internal/cloud"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// planClassic tells a resource in EC2-Classic that AWS has retired it, and finds
// out whether its group or a load balancer is in a VPC after all.
func (d *providerData) planClassic(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	var config, plan, state instanceIngressRulesModel
	if req.Plan.Raw.IsNull() {
		return
	}
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if !req.State.Raw.IsNull() {
		resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	}
	if config.SecurityGroupName.IsNull() || resp.Diagnostics.HasError() {
		return
	}
	if !req.State.Raw.IsNull() && !state.SecurityGroupName.Equal(config.SecurityGroupName) {
		// Terraform plans the replacement once more, without the prior state.
		return
	}
	open := ""
	if config.SourceSecurityGroup.IsNull() {
		open = fmt.Sprintf(" While it lasts: without source_security_group these rules admit all IP addresses (0.0.0.0/0); source_security_group = { owner_alias = %q, group_name = %q } admits the load balancers alone.",
			wiring.ClassicOwnerAlias, wiring.ClassicGroupName)
	}
	resp.Diagnostics.AddAttributeWarning(path.Root("security_group_name"), "EC2-Classic is retired",
		"security_group_name addresses a security group in EC2-Classic, and AWS retired EC2-Classic on 2022-08-15. "+
			"Move the instances and the load balancer to a VPC. There, set security_group_id instead of security_group_name, and remove source_security_group: "+
			"the security groups of the load balancer (security_groups in its value, or load_balancer_security_group_ids) are the source of the rules."+open)
	region := d.planRegion(config.Region)
	if d == nil || region.IsUnknown() || config.SecurityGroupName.IsUnknown() || !req.State.Raw.IsNull() && req.Plan.Raw.Equal(req.State.Raw) {
		return
	}
	d.checkRegion(region, &resp.Diagnostics)
	in, bad := config.decode(ctx, "")
	if resp.Diagnostics.HasError() || bad.HasError() {
		// What is wrong is told with the rest of the plan.
		return
	}
	resp.Diagnostics.Append(checkClassicGroup(ctx, d.connection.In(region.ValueString()), region.ValueString(), config.SecurityGroupName.ValueString())...)
	resp.Diagnostics.Append(d.checkClassicLoadBalancers(ctx, region.ValueString(), in.plain())...)
}

// checkClassicGroup finds out whether there is a group of the name outside of any
// VPC. Names are used again in every VPC.
func checkClassicGroup(ctx context.Context, aws *cloud.Region, region, name string) diag.Diagnostics {
	var diags diag.Diagnostics
	named, err := aws.SecurityGroupsNamed(ctx, name)
	if err != nil {
		addLiveReadWarning(&diags, "security_group_name", fmt.Sprintf("security group %q", name), err)
		return diags
	}
	var inVPC *cloud.SecurityGroup
	for i, group := range named {
		if group.VPCID == "" {
			return diags
		}
		if inVPC == nil {
			inVPC = &named[i]
		}
	}
	if inVPC != nil {
		diags.AddAttributeError(path.Root("security_group_name"), "Security group is in a VPC",
			fmt.Sprintf("security_group_name addresses groups in EC2-Classic, and the security group %q is in VPC %s. Set security_group_id = %q instead, and remove source_security_group: "+
				"in a VPC the source is the load balancer's own security groups, security_groups in its value or load_balancer_security_group_ids.", name, inVPC.VPCID, inVPC.ID))
		return diags
	}
	diags.AddAttributeError(path.Root("security_group_name"), "Security group not found",
		fmt.Sprintf("There is no security group %q outside of a VPC in region %s, in the account of the provider's credentials. Check the name and the region; a group in a VPC is addressed by security_group_id.", name, region))
	return diags
}

// checkClassicLoadBalancers finds load balancers that are in a VPC. One that
// does not exist is nobody's fault yet, and one that cannot be read is told of
// where it is compared with what is declared.
func (d *providerData) checkClassicLoadBalancers(ctx context.Context, region string, lbs []wiring.LoadBalancer) diag.Diagnostics {
	var diags diag.Diagnostics
	for _, lb := range lbs {
		if lb.Name == "" {
			continue
		}
		live, known, _ := d.liveLoadBalancer(ctx, region, lb.Name, true)
		if known && live.VPCID != "" {
			diags.AddAttributeError(path.Root("load_balancers"), "Load balancer is in a VPC",
				fmt.Sprintf("Load balancer %q is in VPC %s, and security_group_name addresses a group in EC2-Classic. Set security_group_id instead of security_group_name and source_security_group, and "+
					"name its security groups as the source: load_balancer_security_group_ids = [%s], or security_groups in its value.", lb.Name, live.VPCID, quotedList(live.SecurityGroups)))
		}
	}
	return diags
}

// quotedList are texts as a configuration lists them.
func quotedList(texts []string) string { return `"` + strings.Join(texts, `", "`) + `"` }

// aboutName makes diagnostics that are about security_group_id be about
// security_group_name, which addresses the group in EC2-Classic.
func aboutName(diags diag.Diagnostics) diag.Diagnostics {
	out := make(diag.Diagnostics, 0, len(diags))
	for _, one := range diags {
		if with, has := one.(diag.DiagnosticWithPath); has && with.Path().Equal(path.Root("security_group_id")) {
			one = diag.WithPath(path.Root("security_group_name"), bare(with))
		}
		out = append(out, one)
	}
	return out
}

// bare is a diagnostic without its path.
func bare(one diag.Diagnostic) diag.Diagnostic {
	if one.Severity() == diag.SeverityError {
		return diag.NewErrorDiagnostic(one.Summary(), one.Detail())
	}
	return diag.NewWarningDiagnostic(one.Summary(), one.Detail())
}

// addClassicQuota reports that a group in EC2-Classic would have too many rules,
// a number that AWS raises for nobody. Source: "Amazon EC2 security groups",
// Amazon EC2 user guide of 2022.
func addClassicQuota(diags *diag.Diagnostics, name string, there, added int) {
	const most = 100
	if there+added > most {
		diags.AddAttributeError(path.Root("security_group_name"), "Quota exceeded",
			fmt.Sprintf("Security group %q would have %d rules (%d there now, %d new), and a group in EC2-Classic takes %d. Remove rules that are not needed any more, or set all_protocols, which needs three.", name, there+added, there, added, most))
	}
}
