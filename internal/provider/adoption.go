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
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-clb/terraform-provider-clb/internal/cloud"
	"github.com/terraform-clb/terraform-provider-clb/internal/verify"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// What becomes of a rule that stood in AWS before a resource wanted it.
const (
	adoptKeep = "keep"
	adoptOwn  = "own"
)

func adoptAttribute() schema.StringAttribute {
	return schema.StringAttribute{
		Optional: true,
		Computed: true,
		Default:  stringdefault.StaticString(adoptKeep),
		MarkdownDescription: "What becomes of adopted rules, those that stood in AWS before this resource wanted them, when they are no longer wanted or the resource is destroyed. " +
			"`keep` (the default) leaves them, neither changed nor removed. `own` treats them as if this resource had created them. " +
			"Either way they are adopted and not created a second time, and the plan warns of it.",
		Validators: []validator.String{textValidator{"a way to adopt", oneOf(adoptKeep, adoptOwn)}},
	}
}

func adoptedRuleIDsAttribute() schema.SetAttribute {
	return schema.SetAttribute{
		ElementType:         types.StringType,
		Computed:            true,
		MarkdownDescription: "The ids of those rules in `ingress` and `egress` that stood in the group before this resource wanted them. They get no tags; `adopt` says what becomes of them.",
	}
}

// keepsAdopted tells whether adopted rules are left as they are.
func (m wiringModel) keepsAdopted() bool { return m.Adopt.ValueString() != adoptOwn }

// withAdopted marks rules as the model of a state has them: those that were
// adopted, and whether they are to be left.
func (m *groupRulesModel) withAdopted(ctx context.Context, owned cloud.GroupRules) (cloud.GroupRules, diag.Diagnostics) {
	var ids []string
	if m.AdoptedRuleIDs.IsNull() || m.AdoptedRuleIDs.IsUnknown() {
		return owned, nil
	}
	diags := m.AdoptedRuleIDs.ElementsAs(ctx, &ids, false)
	return owned.WithAdopted(ids, m.keepsAdopted()), diags
}

// showAdopted puts the ids of the adopted rules into the model.
func (m *groupRulesModel) showAdopted(ctx context.Context, rules cloud.GroupRules) diag.Diagnostics {
	var diags diag.Diagnostics
	m.AdoptedRuleIDs, diags = types.SetValueFrom(ctx, types.StringType, orEmpty(rules.AdoptedIDs()))
	return diags
}

// planAdopted plans the ids of the adopted rules: not known as long as a rule is
// to be created, because it may turn out to stand there already.
func (m *groupRulesModel) planAdopted(ctx context.Context, want cloud.GroupRules, planned ...types.Map) diag.Diagnostics {
	for _, rules := range planned {
		if rules.IsUnknown() || slices.ContainsFunc(objectsOf(rules), isToBeCreated) {
			m.AdoptedRuleIDs = types.SetUnknown(types.StringType)
			return nil
		}
	}
	return m.showAdopted(ctx, want)
}

func objectsOf(rules types.Map) []types.Object {
	var objects []types.Object
	for _, element := range rules.Elements() {
		if object, is := element.(types.Object); is {
			objects = append(objects, object)
		}
	}
	return objects
}

// isToBeCreated tells whether a planned rule has no id yet.
func isToBeCreated(rule types.Object) bool {
	return rule.IsUnknown() || rule.Attributes()["security_group_rule_id"].IsUnknown()
}

// standing are the rules of a group as this run has seen them last.
func (d *providerData) standing(region, group string) []cloud.SecurityGroupRule {
	live, _ := d.seen.groups.known(region, group)
	return live.Rules
}

// addAdoptedRules warns that rules exist already and will be adopted.
func (d *providerData) addAdoptedRules(ctx context.Context, diags *diag.Diagnostics, check groupCheck, rules []wiring.Rule) {
	if len(rules) == 0 {
		return
	}
	live, err := d.connection.In(check.region).SecurityGroupRules(ctx, check.group)
	if err != nil {
		live = nil
	}
	var names []string
	for _, rule := range rules {
		name := fmt.Sprintf("%s %q", inOut(rule.Direction), rule.Key())
		if i := slices.IndexFunc(live, func(l cloud.SecurityGroupRule) bool { return l.Same(rule) }); i >= 0 {
			name += " (" + live[i].ID + ")"
		}
		names = append(names, name)
	}
	addAdopted(diags, "security_group_id", "Security group "+check.group, "rules", names, check.keepsAdopted,
		"aws_vpc_security_group_ingress_rule, aws_vpc_security_group_egress_rule, aws_security_group_rule or an inline rule of aws_security_group")
}

// addAdopted says what is adopted, what becomes of it, and what would take it away
// again.
func addAdopted(diags *diag.Diagnostics, attribute, where, what string, names []string, keep bool, others string) {
	then := `adopt is "own", so they are changed and removed like those that this resource creates.`
	if keep {
		then = `adopt is "keep", so they stay when they are no longer wanted or this resource is destroyed.`
	}
	diags.AddAttributeWarning(path.Root(attribute), "Existing "+what+" are adopted", fmt.Sprintf(
		"%s has already, and this resource adopts: %s. %s If the same plan destroys another resource that manages one of them (%s), it will be gone afterwards: "+
			"take that resource out of the state instead, with removed { from = ADDRESS, lifecycle { destroy = false } }.",
		where, strings.Join(names, ", "), then, others))
}

// addOwnedElsewhere reports that another resource of this run has what is planned.
func addOwnedElsewhere(diags *diag.Diagnostics, attribute string, id verify.ID, where string, names []string, givesUp bool) {
	if len(names) == 0 {
		return
	}
	how := "Another resource of this configuration has in its state what this one plans"
	fix := "One rule has one owner: put the load balancers of both into the load_balancers of one resource, or give them different groups or lb_ports."
	if givesUp {
		how = "Another resource gives up in this run what this one plans, and would remove it after it was adopted"
		fix = "Apply one after the other; if the resource was renamed, a moved block keeps its rules."
	}
	diags.AddAttributeError(path.Root(attribute), id.Summary(), fmt.Sprintf("%s, in %s: %s. %s", how, where, strings.Join(names, ", "), fix))
}
