// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-clb/terraform-provider-clb/internal/cloud"
	"github.com/terraform-clb/terraform-provider-clb/internal/verify"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// groupRulesModel is what both resources of security group rules have in common.
type groupRulesModel struct {
	wiringModel
	SecurityGroupID types.String `tfsdk:"security_group_id"`
	Ingress         types.Map    `tfsdk:"ingress"`
	// AdditionalIngress are the rules that the user adds to the recommended ones.
	AdditionalIngress types.Map    `tfsdk:"additional_ingress"`
	AdoptedRuleIDs    types.Set    `tfsdk:"adopted_rule_ids"`
	RetiringRules     types.Map    `tfsdk:"retiring_rules"`
	Tags              types.Map    `tfsdk:"tags"`
	TagsAll           types.Map    `tfsdk:"tags_all"`
	UnmanagedRules    types.String `tfsdk:"unmanaged_rules"`
	RevokedRules      types.Map    `tfsdk:"revoked_rules"`
}

// groupModel is the model of a resource of security group rules: how it reads
// its arguments and shows its rules. Planning and changing them is the same for
// all of them.
type groupModel interface {
	common() *groupRulesModel
	// group is what the security group is addressed by: its id, or in EC2-Classic
	// its name.
	group() types.String
	// allTags are the tags of the rules.
	allTags(ctx context.Context, d *providerData) (types.Map, diag.Diagnostics)
	// reconcile completes a plan from the configuration and the prior state and
	// derives the rules.
	reconcile(ctx context.Context, config tfsdk.Config, prior *tfsdk.State, account string) (derivedRules, wiringInputs, diag.Diagnostics)
	// want are the rules that a fully known plan asks for. The configuration tells
	// which of them are written out; without one, none is.
	want(ctx context.Context, config *tfsdk.Config, account string) (cloud.GroupRules, diag.Diagnostics)
	// owned are the rules of a state.
	owned(account string) cloud.GroupRules
	// hop is the group as the flows of the load balancers meet it.
	hop(ctx context.Context, account string) hop
	// show puts owned rules into the model, in the spelling in which the model has
	// them already.
	show(rules cloud.GroupRules) diag.Diagnostics
	// showPlan puts planned rules, which may be unknown, into the model.
	showPlan(ingress, egress types.Map)
	// blank is a model of the same resource without values.
	blank() groupModel
	// peersInVPC tells whether the groups that the recommended rules of a direction
	// name are certainly in the VPC of the group.
	peersInVPC(d wiring.Direction) bool
}

func (m *groupRulesModel) common() *groupRulesModel { return m }

func (m *groupRulesModel) group() types.String { return m.SecurityGroupID }

func (m *groupRulesModel) allTags(ctx context.Context, d *providerData) (types.Map, diag.Diagnostics) {
	return d.allTags(ctx, m.Tags)
}

func newGroupRulesModel(group string, arguments wiringModel) groupRulesModel {
	arguments.Adopt = types.StringValue(adoptKeep)
	unmanaged := noUnmanaged()
	return groupRulesModel{
		wiringModel:       arguments,
		SecurityGroupID:   types.StringValue(group),
		AdditionalIngress: types.MapNull(writtenRuleType()),
		AdoptedRuleIDs:    types.SetNull(types.StringType),
		RetiringRules:     noRetiring(retiringRuleType()),
		Tags:              types.MapNull(types.StringType),
		TagsAll:           types.MapNull(types.StringType),
		UnmanagedRules:    unmanaged.mode,
		RevokedRules:      unmanaged.revoked,
	}
}

// groupRulesAttributes are the schema of groupRulesModel.
func groupRulesAttributes(use, group string) map[string]schema.Attribute {
	attributes := wiringAttributes(use)
	attributes["security_group_id"] = schema.StringAttribute{
		Required:            true,
		MarkdownDescription: group + " Changing it replaces the resource.",
		PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
		Validators:          []validator.String{textValidator{"a security group id", wiring.CheckSecurityGroupID}},
	}
	attributes["ingress"] = rulesAttribute(wiring.Ingress)
	attributes["additional_ingress"] = additionalRulesAttribute(wiring.Ingress)
	attributes["adopted_rule_ids"] = adoptedRuleIDsAttribute()
	attributes["retiring_rules"] = retiringRulesAttribute()
	attributes["tags"] = tagsAttribute()
	attributes["tags_all"] = tagsAllAttribute()
	maps.Copy(attributes, unmanagedRulesAttributes())
	return attributes
}

// planGroup plans a resource of security group rules. What it plans depends on
// the configuration and the prior state alone; the look at AWS only leads to
// diagnostics, because a planned value taken from the live world would no
// longer be true at apply.
func (d *providerData) planGroup(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse, plan groupModel) {
	if req.Plan.Raw.IsNull() {
		resp.Diagnostics.Append(d.planGroupDestroy(ctx, req.State, plan)...)
		return
	}
	resp.Diagnostics.Append(req.Plan.Get(ctx, plan)...)
	account := d.ownAccount(ctx, req.Config, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	keepsAdopted := plan.common().keepsAdopted()
	common, priorRegion, priorGroup := plan.common(), types.StringNull(), types.StringNull()
	owned, prior, before := cloud.RulesOf(nil), (*tfsdk.State)(nil), hop{}
	if !req.State.Raw.IsNull() {
		prior = &req.State
		var diags diag.Diagnostics
		state := plan.blank()
		owned, diags = d.stateRules(ctx, req.State, state, account)
		priorRegion, priorGroup, before = state.common().Region, state.group(), state.hop(ctx, account)
		resp.Diagnostics.Append(diags...)
		owned = owned.WithAdopted(owned.AdoptedIDs(), keepsAdopted)
	}
	var region types.String
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("region"), &region)...)
	common.Region = d.planRegion(region)
	d.checkRegion(common.Region, &resp.Diagnostics)
	if replacedRegion(priorRegion, common.Region) {
		resp.RequiresReplace.Append(path.Root("region"))
	}
	derived, in, diags := plan.reconcile(ctx, req.Config, prior, account)
	resp.Diagnostics.Append(diags...)
	want, ingress, egress, diags := derived.plan(owned)
	resp.Diagnostics.Append(diags...)
	plan.showPlan(ingress, egress)
	resp.Diagnostics.Append(common.planAdopted(ctx, want, ingress, egress)...)
	settled, diags := common.planRetiring(ctx, prior, owned, want, ingress, egress)
	resp.Diagnostics.Append(diags...)
	common.TagsAll, diags = plan.allTags(ctx, d)
	resp.Diagnostics.Append(diags...)
	replaced := prior != nil && (replacedRegion(priorRegion, common.Region) || !priorGroup.Equal(plan.group()))
	unmanaged := revocation{derived: derived, in: in, want: want, owned: owned, peersInVPC: plan.peersInVPC}
	going, revokes, diags := d.planRevokedRules(ctx, req, plan, account, unmanaged, replaced)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
	if d == nil || plan.group().IsUnknown() || common.Region.IsUnknown() {
		return
	}
	if replaced {
		// Terraform plans the replacement once more, without the prior state.
		gone := groupCheck{region: priorRegion.ValueString(), group: priorGroup.ValueString(), owned: owned.ByContent()}
		resp.Diagnostics.Append(d.settleRules(gone)...)
		resp.Diagnostics.Append(d.foretellClosedByRules(ctx, gone, before)...)
		return
	}
	check := groupCheck{
		region: common.Region.ValueString(), group: plan.group().ValueString(),
		configuration: sumOf(req.Config),
		fresh:         prior == nil, owned: owned.ByContent(), want: want.ByContent(), planned: want, keepsAdopted: keepsAdopted, going: going,
		removedBy: unmanaged.broaderRemoval(plan),
	}
	if check.fresh {
		resp.Diagnostics.Append(check.mark().leave(ctx, resp.Private)...)
	}
	resp.Diagnostics.Append(d.claimRules(check)...)
	resp.Diagnostics.Append(d.checkDoomed(check)...)
	changes := !want.Settled(settled) || prior == nil || revokes
	v := d.verification(common.wiringModel, "security_group_id", changes)
	check.enforcement = v.enforcement
	live, known := d.seen.groups.known(check.region, check.group)
	if changes {
		var nearly []verify.Finding
		live, known, nearly, diags = d.checkGroup(ctx, check)
		if known {
			d.seen.groups.note(check.region, check.group, live)
		}
		resp.Diagnostics.Append(diags...)
		resp.Diagnostics.Append(d.checkRevokedRules(check, live, known, common.UnmanagedRules.ValueString())...)
		resp.Diagnostics.Append(v.say(v.options.Unaccepted(nearly, in.labels()...))...)
	}
	if known && !resp.Diagnostics.HasError() {
		facts, diags := d.factsFor(ctx, check.region, in, live.VPCID, occasionOf(changes, prior == nil), v.options)
		resp.Diagnostics.Append(diags...)
		resp.Diagnostics.Append(v.say(facts.differences)...)
		resp.Diagnostics.Append(d.judgeGroup(ctx, check, live, derived, facts, v)...)
	}
}

// planGroupDestroy gives all rules of a resource up.
func (d *providerData) planGroupDestroy(ctx context.Context, state tfsdk.State, model groupModel) diag.Diagnostics {
	if d == nil {
		return nil
	}
	owned, diags := d.stateRules(ctx, state, model, "")
	if diags.HasError() {
		return diags
	}
	common := model.common()
	gone := groupCheck{region: common.Region.ValueString(), group: model.group().ValueString(), owned: owned.ByContent()}
	diags.Append(d.settleRules(gone)...)
	return append(diags, d.foretellClosedByRules(ctx, gone, model.hop(ctx, ""))...)
}

// stateRules are the rules of a prior state; model is only used to read it.
func (d *providerData) stateRules(ctx context.Context, state tfsdk.State, model groupModel, account string) (cloud.GroupRules, diag.Diagnostics) {
	diags := state.Get(ctx, model)
	owned := model.common().withRetiring(model.owned(account), account)
	owned, bad := model.common().withAdopted(ctx, owned)
	return owned, append(diags, bad...)
}

func (d *providerData) createGroup(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse, plan groupModel) {
	resp.Diagnostics.Append(req.Plan.Get(ctx, plan)...)
	account := d.ownAccount(ctx, req.Config, &resp.Diagnostics)
	want, diags := plan.want(ctx, &req.Config, account)
	resp.Diagnostics.Append(diags...)
	tags, diags := stringMap(ctx, plan.common().TagsAll)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	region, group := plan.common().Region.ValueString(), plan.group().ValueString()
	defer d.locks.hold(region, group)()
	standing := d.standing(region, group)
	d.seen.groups.forget(region, group)
	created, err := d.connection.In(region).CreateRules(ctx, group, want, standing, tags)
	if err != nil {
		resp.Diagnostics.AddError("Unable to create the security group rules", asSentence(err))
		if created.Empty() {
			return
		}
	}
	if err == nil {
		created, diags = d.revokeAfterCreation(ctx, plan.common(), group, created)
		if resp.Diagnostics.Append(diags...); created.Empty() && diags.HasError() {
			return
		}
	} else {
		plan.common().RevokedRules = revokedValue(nil)
	}
	created = d.succeedRules(region, group, created)
	resp.Diagnostics.Append(showGroup(ctx, plan, created)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
}

func (d *providerData) readGroup(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse, state groupModel) {
	owned, diags := d.stateRules(ctx, req.State, state, "")
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	common := state.common()
	now, live, err := d.connection.In(common.Region.ValueString()).ReadRules(ctx, state.group().ValueString(), owned)
	if cloud.IsNotFound(err) {
		resp.State.RemoveResource(ctx)
		return
	}
	if err != nil {
		resp.Diagnostics.AddError("Unable to read the security group rules", asSentence(err))
		return
	}
	d.seen.noteGroup(common.Region.ValueString(), state.group().ValueString(), live)
	for _, rule := range live {
		if now.In(rule.Direction).HasID(rule.ID) {
			d.claims.own(rulePlace(groupCheck{region: common.Region.ValueString(), group: state.group().ValueString()}, rule.Direction, rule.Key()))
		}
	}
	resp.Diagnostics.Append(showGroup(ctx, state, now)...)
	resp.Diagnostics.Append(d.refreshRetiringRules(ctx, state, now, live)...)
	resp.Diagnostics.Append(d.readTags(ctx, now, live, &common.Tags, &common.TagsAll)...)
	resp.Diagnostics.Append(d.noteUnmanagedRules(ctx, resp.Private, common, state.group().ValueString(), now, live)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
}

func (d *providerData) updateGroup(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse, plan, state groupModel) {
	resp.Diagnostics.Append(req.Plan.Get(ctx, plan)...)
	account := d.ownAccount(ctx, req.Config, &resp.Diagnostics)
	owned, diags := d.stateRules(ctx, req.State, state, account)
	owned = owned.WithAdopted(owned.AdoptedIDs(), plan.common().keepsAdopted())
	resp.Diagnostics.Append(diags...)
	want, diags := plan.want(ctx, &req.Config, account)
	resp.Diagnostics.Append(diags...)
	retirement := retirementOf(ctx, plan, state, account)
	if resp.Diagnostics.HasError() {
		return
	}
	after, before := plan.common(), state.common()
	now, tags, diags := d.changeRules(ctx, groupUpdate{
		region: after.Region.ValueString(), group: plan.group().ValueString(),
		owned: owned, want: want, standing: d.standing(after.Region.ValueString(), plan.group().ValueString()), tagsBefore: before.TagsAll, tags: after.TagsAll,
		retirement: retirement, shows: after,
	})
	resp.Diagnostics.Append(diags...)
	if planned, bad := stringMap(ctx, after.TagsAll); diags.HasError() && !maps.Equal(tags, planned) {
		resp.Diagnostics.Append(bad...)
		after.Tags, after.TagsAll = before.Tags, before.TagsAll
		resp.Diagnostics.Append(d.showTags(ctx, tags, &after.Tags, &after.TagsAll)...)
	}
	if diags.HasError() {
		after.RevokedRules = before.RevokedRules
	} else {
		resp.Diagnostics.Append(d.revokeAfterUpdate(ctx, resp.Private, after, plan.group().ValueString(), before.RevokedRules, now)...)
	}
	resp.Diagnostics.Append(showGroup(ctx, plan, now)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
}

// showGroup puts owned rules into a model, and which of them were adopted.
func showGroup(ctx context.Context, model groupModel, rules cloud.GroupRules) diag.Diagnostics {
	rules, diags := model.common().showRetiring(rules)
	return append(append(diags, model.show(rules)...), model.common().showAdopted(ctx, rules)...)
}

// succeedRules notes what a creation holds. What a predecessor has left is no
// adoption, unless it had adopted it.
func (d *providerData) succeedRules(region, group string, created cloud.GroupRules) cloud.GroupRules {
	created = created.Clone()
	for _, direction := range wiring.Directions() {
		for key, rule := range created.In(direction) {
			place := rulePlace(groupCheck{region: region, group: group}, direction, rule.Key())
			if left, adopted := d.handovers.take(place); left {
				rule.Adopted = adopted
				created.In(direction)[key] = rule
			}
			d.handovers.hold(place)
		}
	}
	return created
}

// leaveToSuccessor marks the rules that a deletion leaves, because a successor on
// the same group keeps them.
func (d *providerData) leaveToSuccessor(ctx context.Context, private privateState, region, group string, owned cloud.GroupRules) (cloud.GroupRules, diag.Diagnostics) {
	keep, diags := markedFor(ctx, private, region, group)
	owned = owned.Clone()
	for _, direction := range wiring.Directions() {
		for key, rule := range owned.In(direction) {
			place := rulePlace(groupCheck{region: region, group: group}, direction, rule.Key())
			marked := keep[string(direction)+" "+rule.Key()]
			if !marked && !d.handovers.isHeld(place) {
				continue
			}
			if marked {
				d.handovers.leave(place, rule.Adopted)
			}
			rule.Left = true
			owned.In(direction)[key] = rule
		}
	}
	return owned, diags
}

func (d *providerData) deleteGroup(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse, state groupModel) {
	owned, diags := d.stateRules(ctx, req.State, state, "")
	resp.Diagnostics.Append(diags...)
	region, group := state.common().Region.ValueString(), state.group().ValueString()
	owned, diags = d.leaveToSuccessor(ctx, req.Private, region, group, owned)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	defer d.locks.hold(region, group)()
	d.seen.groups.forget(region, group)
	remain, err := d.connection.In(region).DeleteRules(ctx, group, owned)
	if err != nil {
		resp.Diagnostics.AddError("Unable to delete the security group rules", asSentence(err))
		resp.Diagnostics.Append(showGroup(ctx, state, remain)...)
		resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
	}
}

func (d *providerData) importGroup(ctx context.Context, resp *resource.ImportStateResponse, state groupModel) {
	resp.Diagnostics.Append(d.matchGroup(ctx, state)...)
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
	}
}

// matchGroup owns those live rules of the group that the load balancers of an
// import need.
func (d *providerData) matchGroup(ctx context.Context, state groupModel) diag.Diagnostics {
	want, diags := state.want(ctx, nil, "")
	if diags.HasError() {
		return diags
	}
	matched, err := d.connection.In(state.common().Region.ValueString()).MatchRules(ctx, state.group().ValueString(), want)
	if err != nil {
		diags.AddError("Unable to import the security group rules", asSentence(err))
		return diags
	}
	return append(diags, showGroup(ctx, state, matched)...)
}

// groupUpdate is a change of the owned rules of a security group.
type groupUpdate struct {
	region, group    string
	owned, want      cloud.GroupRules
	standing         []cloud.SecurityGroupRule
	tagsBefore, tags types.Map
	// retirement tells which rules stay, and shows is where they are shown.
	retirement *ruleRetirement
	shows      *groupRulesModel
}

// changeRules carries out a change and returns the rules that are owned then,
// and the tags that those have that were owned before, also with an error. Tags
// change first: they show whether they have while all rules that stay have the same.
func (d *providerData) changeRules(ctx context.Context, u groupUpdate) (cloud.GroupRules, map[string]string, diag.Diagnostics) {
	before, diags := stringMap(ctx, u.tagsBefore)
	tags, bad := stringMap(ctx, u.tags)
	diags.Append(bad...)
	if diags.HasError() {
		return u.owned, before, diags
	}
	defer d.locks.hold(u.region, u.group)()
	stay, bad := u.retirement.retain(ctx, d, u)
	if diags.Append(bad...); bad.HasError() {
		return u.owned, before, diags
	}
	diags.Append(u.retirement.shown(u.shows, stay, u)...)
	d.seen.groups.forget(u.region, u.group)
	region := d.connection.In(u.region)
	want := stay.with(u.want)
	if !maps.Equal(before, tags) {
		kept := cloud.GroupRules{Ingress: want.Ingress.Keep(u.owned.Ingress), Egress: want.Egress.Keep(u.owned.Egress)}
		now, err := region.TagRules(ctx, u.group, keptIDs(u.owned, kept), before, tags)
		if err != nil {
			diags.AddError("Unable to tag the security group rules", asSentence(err))
			return u.owned, now, diags
		}
	}
	now, err := region.UpdateRules(ctx, u.group, u.owned, want, u.standing, tags)
	if err != nil {
		diags.AddError("Unable to update the security group rules", asSentence(err))
	}
	return now, tags, diags
}

// keptIDs are the ids of the rules that were owned before and still are, but for
// adopted ones.
func keptIDs(before, now cloud.GroupRules) []string {
	var ids []string
	for _, direction := range wiring.Directions() {
		for _, key := range slices.Sorted(maps.Keys(now.In(direction))) {
			if rule := now.In(direction)[key]; !rule.Adopted && before.In(direction).HasID(rule.ID) {
				ids = append(ids, rule.ID)
			}
		}
	}
	return ids
}

// readTags brings tags and tags_all up to the tags of the owned rules.
func (d *providerData) readTags(ctx context.Context, owned cloud.GroupRules, live []cloud.SecurityGroupRule, tags, tagsAll *types.Map) diag.Diagnostics {
	state, diags := stringMap(ctx, *tagsAll)
	return append(diags, d.showTags(ctx, d.seenTags(owned, live, state), tags, tagsAll)...)
}

// showTags puts the tags that the rules have into tags and tags_all.
func (d *providerData) showTags(ctx context.Context, seen map[string]string, tags, tagsAll *types.Map) diag.Diagnostics {
	state, diags := stringMap(ctx, *tagsAll)
	if maps.Equal(seen, state) && !tagsAll.IsNull() {
		return diags
	}
	var bad diag.Diagnostics
	own := d.ownTags(seen, *tags)
	*tagsAll, bad = types.MapValueFrom(ctx, types.StringType, seen)
	diags.Append(bad...)
	if len(own) == 0 && tags.IsNull() {
		return diags
	}
	*tags, bad = types.MapValueFrom(ctx, types.StringType, own)
	diags.Append(bad...)
	return diags
}
