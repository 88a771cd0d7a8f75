// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-clb/terraform-provider-clb/internal/cloud"
)

// A rule that is not wanted any more while the live load balancer needs it retires:
// it stays owned, and is listed in retiring_rules with what needs it. Update decides
// that, by a fresh look at the load balancer before it revokes anything; Read looks
// whether it is still so; and a plan changes something only once a rule can go.

const (
	rulesStay    = "Rules stay until their load balancer has moved"
	entriesStay  = "Network ACL entries stay until their load balancer has moved"
	flowsClosed  = "Flows of a live load balancer are closed"
	retiringKey  = "retiring "
	neededUnread = "load balancer %q, which could not be read"
)

// withRetiring are the owned rules with those that retire.
func (m *groupRulesModel) withRetiring(owned cloud.GroupRules, account string) cloud.GroupRules {
	for _, rule := range decodeRetiringRules(m.RetiringRules, account).rules {
		owned.In(rule.Direction)[retiringKey+rule.Key()] = rule
	}
	return owned
}

// planRetiring plans retiring_rules: not known if a rule goes, because only the
// apply can tell whether it may. settled are the owned rules without those that
// stay as they are for now.
func (m *groupRulesModel) planRetiring(ctx context.Context, prior *tfsdk.State, owned, want cloud.GroupRules, planned ...types.Map) (settled cloud.GroupRules, diags diag.Diagnostics) {
	m.RetiringRules = noRetiring(retiringRuleType())
	if prior == nil {
		return owned, nil
	}
	diags = prior.GetAttribute(ctx, path.Root("retiring_rules"), &m.RetiringRules)
	before := decodeRetiringRules(m.RetiringRules, "")
	settled, held, changes := owned.Clone(), 0, false
	for _, rules := range planned {
		changes = changes || rules.IsUnknown()
	}
	for _, rule := range cloud.GoingRules(owned, want) {
		if before.neededBy[rule.ID].ValueString() == "" {
			changes = true
			continue
		}
		held++
		delete(settled.In(rule.Direction), retiringKey+rule.Key())
	}
	if changes || held < len(before.rules) {
		m.RetiringRules = types.MapUnknown(retiringRuleType())
	} else {
		addStay(&diags, "security_group_id", rulesStay, before.words())
	}
	return settled, diags
}

// words name the rules that stay and what needs them.
func (r retiringRules) words() []string {
	var words []string
	for _, rule := range r.rules {
		if needed := r.neededBy[rule.ID].ValueString(); needed != "" {
			words = append(words, fmt.Sprintf("%s %q, for the %s", inOut(rule.Direction), rule.Key(), needed))
		}
	}
	return words
}

// addStay says what stays, and why.
func addStay(diags *diag.Diagnostics, attribute, summary string, words []string) {
	if len(words) == 0 {
		return
	}
	diags.AddAttributeWarning(path.Root(attribute), summary, fmt.Sprintf(
		"Not wanted any more, and kept because the live load balancer still needs them: %s. Change the load balancer; the next plan after that removes them. To replace this resource (-replace, terraform taint) or to destroy it removes them at once.", strings.Join(words, "; ")))
}

// ruleRetirement is what an update has to know to tell what stays.
type ruleRetirement struct {
	prior, planned hop
	before         retiringRules
	// look is whether the update has to tell it anew.
	look bool
}

func retirementOf(ctx context.Context, plan, state groupModel, account string) *ruleRetirement {
	before := decodeRetiringRules(state.common().RetiringRules, account)
	r := &ruleRetirement{prior: state.hop(ctx, account), planned: plan.hop(ctx, account), before: before, look: plan.common().RetiringRules.IsUnknown()}
	if r.look {
		plan.common().RetiringRules = state.common().RetiringRules
	}
	return r
}

// retain tells which of the rules that are not wanted any more stay.
func (r *ruleRetirement) retain(ctx context.Context, d *providerData, u groupUpdate) (retiringRules, diag.Diagnostics) {
	going := cloud.GoingRules(u.owned, u.want)
	stay := retiringRules{neededBy: map[string]types.String{}}
	if !r.look || len(going) == 0 {
		for _, rule := range going {
			stay.keep(rule, r.before.neededBy[rule.ID])
		}
		return stay, nil
	}
	var diags diag.Diagnostics
	needs, unread, why := r.prior.liveNeeds(r.planned, d.lookAgain(ctx, u.region))
	if len(unread) > 0 {
		addKeptUnread(&diags, "rules", unread, why)
		for _, rule := range going {
			stay.keep(rule, types.StringValue(fmt.Sprintf(neededUnread, unread[0])))
		}
		return stay, diags
	}
	if len(needs) == 0 {
		return stay, diags
	}
	live := d.standing(u.region, u.group)
	if len(live) == 0 {
		var err error
		if live, err = d.connection.In(u.region).SecurityGroupRules(ctx, u.group); err != nil {
			diags.AddError("Unable to update the security group rules", asSentence(err))
			return stay, diags
		}
	}
	for _, rule := range cloud.RetainedRules(live, u.owned, u.want, needs) {
		stay.keep(rule.OwnedRule, neededByValue(rule.NeededBy))
	}
	addStay(&diags, "security_group_id", rulesStay, stay.words())
	return stay, diags
}

func (r *retiringRules) keep(rule cloud.OwnedRule, neededBy types.String) {
	r.rules = append(r.rules, rule)
	r.neededBy[rule.ID] = neededBy
}

// addKeptUnread says that what goes stays, because nobody can tell whether it is
// needed.
func addKeptUnread(diags *diag.Diagnostics, what string, unread []string, why error) {
	diags.AddAttributeWarning(path.Root("load_balancers"), "Unable to check against AWS", fmt.Sprintf(
		"Load balancer %q could not be read, so the %s that are not wanted any more stay: it may still need them. They go with an apply that can read it. %s", unread[0], what, asSentence(why)))
}

// with are wanted rules with those that stay.
func (r retiringRules) with(want cloud.GroupRules) cloud.GroupRules {
	all := want.Clone()
	for _, rule := range r.rules {
		all.In(rule.Direction)[retiringKey+rule.Key()] = rule
	}
	return all
}

// shown puts into the model which rules retire after an update: those that stay,
// and those of before that it has failed to remove.
func (r *ruleRetirement) shown(m *groupRulesModel, stay retiringRules, u groupUpdate) diag.Diagnostics {
	if !r.look {
		return nil
	}
	for _, rule := range cloud.GoingRules(u.owned, u.want) {
		_, before := r.before.neededBy[rule.ID]
		if _, stays := stay.neededBy[rule.ID]; before && !stays {
			stay.keep(rule, types.StringNull())
		}
	}
	var diags diag.Diagnostics
	m.RetiringRules, diags = stay.value()
	return diags
}

// showRetiring leaves in the model those of the retiring rules that are still
// owned, and returns the others that are.
func (m *groupRulesModel) showRetiring(owned cloud.GroupRules) (cloud.GroupRules, diag.Diagnostics) {
	retiring := decodeRetiringRules(m.RetiringRules, "")
	if len(retiring.rules) == 0 {
		return owned, nil
	}
	rest, now := cloud.RulesOf(nil), retiringRules{neededBy: retiring.neededBy}
	for _, d := range []cloud.OwnedRules{owned.Ingress, owned.Egress} {
		for key, rule := range d {
			if _, retires := retiring.neededBy[rule.ID]; retires {
				now.rules = append(now.rules, rule)
			} else {
				rest.In(rule.Direction)[key] = rule
			}
		}
	}
	var diags diag.Diagnostics
	m.RetiringRules, diags = now.value()
	return rest, diags
}

// refreshRetiringRules looks whether the load balancers still need the rules that retire.
func (d *providerData) refreshRetiringRules(ctx context.Context, state groupModel, owned cloud.GroupRules, live []cloud.SecurityGroupRule) diag.Diagnostics {
	m := state.common()
	var diags diag.Diagnostics
	retiring := decodeRetiringRules(m.RetiringRules, "")
	if len(retiring.rules) == 0 {
		return diags
	}
	h := state.hop(ctx, "")
	needs, unread, why := h.liveNeeds(h, d.lookOnce(ctx, m.Region.ValueString()))
	if len(unread) > 0 {
		addFactUnread(&diags, "load_balancers", fmt.Sprintf("load balancer %q", unread[0]), why)
		return diags
	}
	want := owned.Clone()
	for _, rule := range retiring.rules {
		delete(want.In(rule.Direction), retiringKey+rule.Key())
		retiring.neededBy[rule.ID] = types.StringNull()
	}
	for _, rule := range cloud.RetainedRules(live, owned, want, needs) {
		retiring.neededBy[rule.ID] = neededByValue(rule.NeededBy)
	}
	var bad diag.Diagnostics
	m.RetiringRules, bad = retiring.value()
	return append(diags, bad...)
}
