// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-clb/terraform-provider-clb/internal/cloud"
	"github.com/terraform-clb/terraform-provider-clb/internal/verify"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// unmanagedRulesAttributes are the schema of unmanaged_rules and revoked_rules.
func unmanagedRulesAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"unmanaged_rules": unmanagedAttribute("What becomes of the rules of the group that no resource of this provider owns. " +
			"`keep` (the default) leaves them. `revoke_broader` revokes the less restrictive rules that the recommended ones make needless: TCP rules for nothing but this load balancer's ports, whose network strictly contains the recommended source or destination; " +
			"wider port ranges and rules for all protocols stay, because they carry other traffic too. `revoke` revokes every other rule in the directions that this resource manages. " +
			"The plan shows what goes in `revoked_rules`, and the rules of this resource are authorized first. Revoked rules do not come back when the resource is destroyed. " +
			"Refused for a group that a Kubernetes controller owns; in a default group, `revoke` also takes the rule by which its members reach each other. " +
			"If other resources of this provider have rules in the group, name them in `depends_on`, so that these are known and stay."),
		"revoked_rules": revokedAttribute("The rules that `unmanaged_rules` has revoked last, or in a plan those that it revokes: what they admit, for example `inbound tcp 8080 from 0.0.0.0/0`, by their `security_group_rule_id`; in EC2-Classic, where rules have no ids, by what they admit."),
	}
}

func (m *groupRulesModel) unmanaged() unmanagedArguments {
	return unmanagedArguments{m.UnmanagedRules, m.RevokedRules}
}

func (m *groupRulesModel) setUnmanaged(a unmanagedArguments) {
	m.UnmanagedRules, m.RevokedRules = a.mode, a.revoked
}

func ruleUnmanagedWords(group string) unmanagedWords {
	return unmanagedWords{
		attribute: "unmanaged_rules", root: "security_group_id", what: "rules", where: "security group " + group,
	}
}

// revokedWords say what a rule is in revoked_rules.
func revokedWords(rule wiring.Rule) string { return inOut(rule.Direction) + " " + rule.Key() }

// blank is a model of the same resource.
func (m *loadBalancerRulesModel) blank() groupModel    { return &loadBalancerRulesModel{} }
func (m *instanceIngressRulesModel) blank() groupModel { return &instanceIngressRulesModel{} }

// peersInVPC tells whether the groups that recommended rules name are certainly in
// the VPC of the group: those of clients may be in another one.
func (m *loadBalancerRulesModel) peersInVPC(d wiring.Direction) bool { return d == wiring.Egress }
func (m *instanceIngressRulesModel) peersInVPC(wiring.Direction) bool {
	return m.SecurityGroupName.IsNull()
}

// revocation is what the plan of unmanaged_rules follows from.
type revocation struct {
	derived derivedRules
	in      wiringInputs
	// want are the planned rules, owned those of the prior state, recommended those
	// that were recommended by it.
	want, owned, recommended cloud.GroupRules
	peersInVPC               func(wiring.Direction) bool
}

// planRevokedRules plans revoked_rules. going are the rules that go, by id, and
// asked tells whether the group has to be looked at because of them.
func (d *providerData) planRevokedRules(ctx context.Context, req resource.ModifyPlanRequest, plan groupModel, account string, r revocation, replaced bool) (going map[string]wiring.Rule, asked bool, diags diag.Diagnostics) {
	common, before, fresh := plan.common(), noUnmanaged(), req.State.Raw.IsNull()
	if !fresh {
		diags.Append(req.State.GetAttribute(ctx, path.Root("unmanaged_rules"), &before.mode)...)
		diags.Append(req.State.GetAttribute(ctx, path.Root("revoked_rules"), &before.revoked)...)
		before = before.completed()
	}
	common.RevokedRules = before.revoked
	mode, words := common.UnmanagedRules.ValueString(), ruleUnmanagedWords(plan.group().ValueString())
	if common.UnmanagedRules.IsUnknown() {
		words.addUnknownMode(&diags)
	}
	if d == nil || replaced || diags.HasError() || mode == unmanagedKeep || plan.group().IsUnknown() || common.Region.IsUnknown() {
		return nil, false, diags
	}
	standing := map[string]wiring.Rule{}
	if fresh {
		live, err := d.connection.In(common.Region.ValueString()).SecurityGroupRules(ctx, plan.group().ValueString())
		if err != nil {
			words.addUnseen(&diags, mode, "the rules of the group cannot be read. "+strings.TrimSuffix(asSentence(err), "."))
			return nil, false, diags
		}
		for _, rule := range live {
			standing[rule.ID] = rule.Rule
		}
		if undecided := r.undecided(mode, standing); undecided != "" {
			words.addUnseen(&diags, mode, fmt.Sprintf("what this resource recommends is not all known yet, and the rule %q stands in the group and may be one that goes", undecided))
			return nil, false, diags
		}
	} else {
		var note unmanagedNote[wiring.Rule]
		var bad diag.Diagnostics
		note, bad = notedUnmanaged[wiring.Rule](ctx, req.Private)
		standing, diags = note.mine(), append(diags, bad...)
		prior := plan.blank()
		diags.Append(req.State.Get(ctx, prior)...)
		// What was wrong with the prior arguments was told when they were planned.
		r.recommended, _ = prior.want(ctx, nil, account)
	}
	going = r.going(mode, standing)
	if len(going) > 0 {
		shown := make(map[string]string, len(going))
		for id, rule := range going {
			shown[id] = revokedWords(rule)
		}
		common.RevokedRules = revokedValue(shown)
	}
	return going, len(going) > 0 || !before.mode.Equal(common.UnmanagedRules), diags
}

// going are those of the standing rules that go.
func (r revocation) going(mode string, standing map[string]wiring.Rule) map[string]wiring.Rule {
	going := map[string]wiring.Rule{}
	for _, direction := range wiring.Directions() {
		if _, manages := r.derived.written[direction]; !manages {
			continue
		}
		rows, vpc, inPlace := r.rows(direction)
		for id, rule := range standing {
			if rule.Direction != direction || r.wants(rule) {
				continue
			}
			if mode == unmanagedRevoke || inPlace && verify.LessRestrictive(rule, rows, vpc) {
				going[id] = rule
			}
		}
	}
	return going
}

// broaderRemoval is what to write so that a rule goes that nobody owns; empty if it
// stays, or if the configuration says already what becomes of it.
func (r revocation) broaderRemoval(model groupModel) func(wiring.Rule) string {
	words := ruleUnmanagedWords(model.group().ValueString())
	if model.common().UnmanagedRules.ValueString() != unmanagedKeep {
		return nil
	}
	return func(rule wiring.Rule) string {
		if !r.known(rule.Direction) || len(r.going(unmanagedRevokeBroader, map[string]wiring.Rule{"": rule})) == 0 {
			return ""
		}
		return words.broaderRemoval()
	}
}

// wants tells whether a standing rule is planned: then it is adopted.
func (r revocation) wants(rule wiring.Rule) bool {
	if !r.derived.known(rule.Direction) {
		return false
	}
	for _, want := range r.want.In(rule.Direction) {
		if want.Is(rule) {
			return true
		}
	}
	return false
}

// rows are the recommended rules of a direction, those of the prior state while the
// new ones are not known, and whether all of them are planned, or stand.
func (r revocation) rows(direction wiring.Direction) (rows []wiring.Rule, vpc []netip.Prefix, inPlace bool) {
	standing := r.owned.In(direction)
	if r.known(direction) {
		rows, standing = wiring.InDirection(r.derived.scoped(), direction), r.want.In(direction)
	} else {
		rows = plainRules(r.recommended.In(direction))
	}
	if r.peersInVPC(direction) && !r.in.unknownVPC {
		vpc = r.in.vpc
	}
	return rows, vpc, verify.Covers(plainRules(standing), rows)
}

func (r revocation) known(direction wiring.Direction) bool {
	return r.derived.recommendedKnown(direction) && r.derived.known(direction) && (!r.peersInVPC(direction) || !r.in.unknownVPC)
}

// scoped are the recommended rules port by port, also where they are planned for
// every port of a source.
func (d derivedRules) scoped() []wiring.Rule {
	if d.byPort != nil {
		return d.byPort
	}
	return d.rules
}

func plainRules(owned cloud.OwnedRules) []wiring.Rule {
	var rules []wiring.Rule
	for _, key := range slices.Sorted(maps.Keys(owned)) {
		rules = append(rules, owned[key].Rule)
	}
	return rules
}

// undecided is a standing rule that may go once everything is known; empty if
// there is none.
func (r revocation) undecided(mode string, standing map[string]wiring.Rule) string {
	ports := portsOf(r.in)
	for _, id := range slices.Sorted(maps.Keys(standing)) {
		rule := standing[id]
		known := r.known(rule.Direction)
		if mode == unmanagedRevoke {
			known = r.derived.known(rule.Direction)
		}
		if _, manages := r.derived.written[rule.Direction]; !manages || known {
			continue
		}
		if mode == unmanagedRevoke || mayBeLessRestrictive(rule, ports, r.in.instanceRowsKnown()) {
			return rule.Key()
		}
	}
	return ""
}

// portsOf are all ports of the load balancers, as far as they are known.
func portsOf(in wiringInputs) []int {
	var ports []int
	for _, lb := range in.plain() {
		ports = slices.Concat(ports, lb.LBPorts(), lb.InstancePorts())
		if lb.HealthCheck != nil {
			ports = append(ports, lb.HealthCheck.Port)
		}
	}
	return ports
}

// mayBeLessRestrictive tells whether a rule may turn out to be less restrictive,
// with the ports of the load balancers as far as they are known.
func mayBeLessRestrictive(rule wiring.Rule, ports []int, known bool) bool {
	if rule.Protocol != wiring.TCP || !rule.Peer.CIDR.IsValid() || !rule.Peer.CIDR.Addr().Is4() {
		return false
	}
	return !known || slices.Contains(ports, rule.From) && slices.Contains(ports, rule.To)
}

// checkRevokedRules refuses to revoke what must stay, and warns of what goes.
func (d *providerData) checkRevokedRules(check groupCheck, live cloud.SecurityGroup, seen bool, mode string) diag.Diagnostics {
	var diags diag.Diagnostics
	words := ruleUnmanagedWords(check.group)
	if mode == unmanagedKeep {
		return diags
	}
	if !seen && len(check.going) > 0 {
		words.addRefused(&diags, mode, "Unable to show what is removed", "the group cannot be read, so that nobody can tell whether a Kubernetes controller owns it")
		return diags
	}
	if cluster := controllerOf(live.Tags); cluster != "" {
		words.addRefused(&diags, mode, "Security group is owned by a controller",
			fmt.Sprintf("%s is owned by the controller of the Kubernetes cluster %q, which adds and removes its rules as it sees fit: what goes would come back, or be missed", words.where, cluster))
		return diags
	}
	var names, elsewhere []string
	for _, id := range slices.Sorted(maps.Keys(check.going)) {
		rule := check.going[id]
		name := fmt.Sprintf("%s %q", inOut(rule.Direction), rule.Key())
		if id != rule.Key() {
			name += " (" + id + ")"
		}
		if place := rulePlace(check, rule.Direction, rule.Key()); d.claims.isOthers(place, check.configuration) {
			elsewhere = append(elsewhere, name)
		} else {
			d.claims.doom(place, check.configuration)
			names = append(names, name)
		}
	}
	words.addElsewhere(&diags, mode, elsewhere, check.fresh)
	words.addRevoked(&diags, mode, names, check.fresh)
	return diags
}

// goes tells whether the plan revokes a rule that nobody owns.
func (c groupCheck) goes(rule wiring.Rule) bool {
	for _, going := range c.going {
		if going.Same(rule) {
			return true
		}
	}
	return false
}

// checkDoomed reports planned rules that another resource would revoke.
func (d *providerData) checkDoomed(check groupCheck) diag.Diagnostics {
	var diags diag.Diagnostics
	var names []string
	for _, direction := range wiring.Directions() {
		for _, key := range slices.Sorted(maps.Keys(check.want.In(direction))) {
			if d.claims.isDoomed(rulePlace(check, direction, key), check.configuration) {
				names = append(names, fmt.Sprintf("%s %q", inOut(direction), key))
			}
		}
	}
	ruleUnmanagedWords(check.group).addDoomed(&diags, names)
	return diags
}

// noteUnmanagedRules notes the rules of a group that the resource does not own.
func (d *providerData) noteUnmanagedRules(ctx context.Context, private privateState, state *groupRulesModel, group string, owned cloud.GroupRules, live []cloud.SecurityGroupRule) diag.Diagnostics {
	note := unmanagedNote[wiring.Rule]{Standing: map[string]wiring.Rule{}}
	for _, rule := range live {
		if owned.In(rule.Direction).HasID(rule.ID) {
			continue
		}
		plain := rule.Rule
		plain.Comment = ""
		note.Standing[rule.ID] = plain
		if d.claims.isElsewhere(rulePlace(groupCheck{region: state.Region.ValueString(), group: group}, rule.Direction, rule.Key())) {
			note.Others = append(note.Others, rule.ID)
		}
	}
	arguments, diags := state.unmanaged().completed().without(ctx, func(id string) bool { _, stands := note.Standing[id]; return stands })
	state.setUnmanaged(arguments)
	return append(diags, note.leave(ctx, private)...)
}

// revokeUnmanaged revokes what the plan has shown, after the rules of the resource
// are in place. What it did not show stays, and so does what is owned by now. The
// group is held already.
func (d *providerData) revokeUnmanaged(ctx context.Context, model *groupRulesModel, group string, before types.Map, owned cloud.GroupRules) (removal, diag.Diagnostics) {
	doomed, diags := model.unmanaged().doomed(ctx, before)
	maps.DeleteFunc(doomed, func(id, _ string) bool { return owned.Ingress.HasID(id) || owned.Egress.HasID(id) })
	r := removal{doomed: doomed}
	if len(doomed) == 0 {
		return r, diags
	}
	r.Removal, r.err = d.connection.In(model.Region.ValueString()).RevokeUnmanaged(ctx, group, slices.Sorted(maps.Keys(doomed)), func(rule cloud.SecurityGroupRule) bool {
		return revokedWords(rule.Rule) == doomed[rule.ID]
	})
	ruleUnmanagedWords(group).addChanged(&diags, r)
	model.RevokedRules = r.shown(model.RevokedRules, before)
	return r, diags
}

// revokeAfterCreation revokes what goes with a creation. If that fails before
// anything has gone, the creation is taken back, because nobody depends on it yet.
// The result are the rules that remain.
func (d *providerData) revokeAfterCreation(ctx context.Context, model *groupRulesModel, group string, created cloud.GroupRules) (cloud.GroupRules, diag.Diagnostics) {
	r, diags := d.revokeUnmanaged(ctx, model, group, revokedValue(nil), created)
	if r.err == nil {
		return created, diags
	}
	own := "are in place and in the state"
	if len(r.Removed) == 0 {
		remain, err := d.connection.In(model.Region.ValueString()).DeleteRules(context.WithoutCancel(ctx), group, created.WithAdopted(created.AdoptedIDs(), true))
		if created, own = remain, "were taken back"; err != nil {
			own = "could not all be taken back, and those that are left are in the state"
		}
	}
	ruleUnmanagedWords(group).addFailed(&diags, r, own)
	return created, diags
}

// revokeAfterUpdate revokes what goes with an update.
func (d *providerData) revokeAfterUpdate(ctx context.Context, private privateState, model *groupRulesModel, group string, before types.Map, owned cloud.GroupRules) diag.Diagnostics {
	defer d.locks.hold(model.Region.ValueString(), group)()
	r, diags := d.revokeUnmanaged(ctx, model, group, before, owned)
	if r.err != nil {
		ruleUnmanagedWords(group).addFailed(&diags, r, "are in place")
	}
	return append(diags, unmanagedNote[wiring.Rule]{}.leave(ctx, private)...)
}
