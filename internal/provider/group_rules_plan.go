// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-clb/terraform-provider-clb/internal/cloud"
	"github.com/terraform-clb/terraform-provider-clb/internal/verify"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// derivedRules are the rules that follow from a configuration, as far as it is
// known: a direction with an unknown fact is unknown as a whole.
type derivedRules struct {
	// rules are the recommended ones, whether or not others are written instead.
	rules                     []wiring.Rule
	ingressKnown, egressKnown bool
	// written are the rules that the user has written out.
	written map[wiring.Direction]writtenRules
	// asks is the question whether the rules are right, nil while it cannot be
	// asked, and carried are all groups that the load balancers carry.
	asks    groupQuestion
	carried []string
	// byPort are the recommended rules port by port where rules stands for every
	// port; otherwise nil.
	byPort []wiring.Rule
}

// recommendedKnown tells whether the recommended rules of a direction are known.
func (d derivedRules) recommendedKnown(direction wiring.Direction) bool {
	if direction == wiring.Egress {
		return d.egressKnown
	}
	return d.ingressKnown
}

// known tells whether the rules of a direction can be planned. Single written
// ones may still have unknown fields.
func (d derivedRules) known(direction wiring.Direction) bool {
	written := d.written[direction]
	return !written.unlisted && (written.instead || d.recommendedKnown(direction))
}

// clashes reports additional rules that are recommended anyway.
func (d derivedRules) clashes() diag.Diagnostics {
	var diags diag.Diagnostics
	for _, direction := range wiring.Directions() {
		if written := d.written[direction]; d.recommendedKnown(direction) {
			report(&diags, written.attribute, ruleTwice, written.clashes(d.rules, direction))
		}
	}
	return diags
}

// want are all rules that are wholly known, none of them created yet: the
// recommended ones, or those written instead, and the additional ones.
func (d derivedRules) want() cloud.GroupRules {
	want := cloud.RulesOf(d.rules)
	for _, direction := range wiring.Directions() {
		written := d.written[direction]
		if written.instead {
			clear(want.In(direction))
		}
		maps.Copy(want.In(direction), written.owned())
	}
	return want
}

// plan lays the derived and written rules over those owned so far and shows both
// directions. Rules of an unknown direction are not in want, and neither are
// written rules that are not wholly known.
func (d derivedRules) plan(owned cloud.GroupRules) (want cloud.GroupRules, ingress, egress types.Map, diags diag.Diagnostics) {
	want = d.want()
	show := func(direction wiring.Direction) types.Map {
		if !d.known(direction) {
			clear(want.In(direction))
			return types.MapUnknown(ruleType())
		}
		kept := want.In(direction).Keep(owned.In(direction))
		maps.Copy(want.In(direction), kept)
		value, bad := rulesValue(kept, types.MapNull(ruleType()))
		diags.Append(bad...)
		elements := value.Elements()
		for key, rule := range d.written[direction].rules {
			id := types.StringUnknown()
			if have := kept[key].ID; have != "" {
				id = types.StringValue(have)
			}
			elements[key] = withRuleID(rule.value, id)
		}
		return types.MapValueMust(ruleType(), elements)
	}
	return want, show(wiring.Ingress), show(wiring.Egress), diags
}

// groupCheck is what is held against the live security group at plan. Its rules
// are keyed by what they admit.
type groupCheck struct {
	region, group string
	// configuration identifies the resource in this run.
	configuration configurationSum
	// fresh tells whether there is no prior state.
	fresh       bool
	owned, want cloud.GroupRules
	// planned is want by the keys of the configuration.
	planned cloud.GroupRules
	// keepsAdopted tells whether adopted rules are left as they are.
	keepsAdopted bool
	// enforcement is how strictly what is found stops the plan.
	enforcement verify.Enforcement
	// going are rules that nobody owns and that the plan revokes, by id.
	going map[string]wiring.Rule
	// removedBy is what to write so that a rule goes that nobody owns. It may be nil.
	removedBy func(wiring.Rule) string
}

// mark is what a predecessor on the same group is to leave.
func (c groupCheck) mark() handoverMark {
	mark := handoverMark{Region: c.region, ID: c.group}
	for _, direction := range wiring.Directions() {
		for _, key := range slices.Sorted(maps.Keys(c.want.In(direction))) {
			mark.Keep = append(mark.Keep, string(direction)+" "+key)
		}
	}
	return mark
}

// checkGroup finds at plan what would stop the apply: the group does not exist,
// a rule belongs to another resource, a quota is exceeded. It warns of rules that
// are adopted.
// It also finds quotas that are nearly used up.
func (d *providerData) checkGroup(ctx context.Context, check groupCheck) (live cloud.SecurityGroup, seen bool, nearly []verify.Finding, diags diag.Diagnostics) {
	aws := d.connection.In(check.region)
	err := aws.UntilVisible(ctx, func(aws *cloud.Region) (err error) { live, err = aws.SecurityGroup(ctx, check.group); return err })
	if err != nil && !cloud.IsNotFound(err) {
		addLiveReadWarning(&diags, "security_group_id", "security group "+check.group, err)
		return live, false, nil, diags
	}
	if err != nil {
		diags.AddAttributeError(path.Root("security_group_id"), "Security group not found",
			fmt.Sprintf("Security group %s does not exist in region %s. Check the id and the region: groups are looked up in the account of the provider's credentials.", check.group, check.region))
		return live, false, nil, diags
	}
	var adopted []wiring.Rule
	for _, direction := range wiring.Directions() {
		near, take, bad := d.checkDirection(ctx, check, live, direction)
		nearly, adopted = append(nearly, near...), append(adopted, take...)
		diags.Append(bad...)
	}
	d.addAdoptedRules(ctx, &diags, check, adopted)
	return live, true, nearly, diags
}

func (d *providerData) checkDirection(ctx context.Context, check groupCheck, live cloud.SecurityGroup, direction wiring.Direction) (nearly []verify.Finding, adopted []wiring.Rule, diags diag.Diagnostics) {
	want, owned := check.want.In(direction), check.owned.In(direction)
	var elsewhere, givenUp []string
	for _, key := range slices.Sorted(maps.Keys(want)) {
		rule := want[key]
		exists := slices.ContainsFunc(live.Rules, func(l cloud.SecurityGroupRule) bool { return l.Same(rule.Rule) })
		if rule.ID != "" || !exists || owned.Holds(rule.Rule) {
			continue
		}
		place := rulePlace(check, direction, key)
		switch name := fmt.Sprintf("%s %q", inOut(direction), key); {
		case check.fresh && (d.claims.succeed(place) || d.handovers.isLeft(place)):
		case d.claims.isGivenUp(place):
			givenUp = append(givenUp, name)
		case d.claims.isOwned(place):
			elsewhere = append(elsewhere, name)
		default:
			adopted = append(adopted, rule.Rule)
		}
	}
	addOwnedElsewhere(&diags, "security_group_id", verify.SecondOwner, "security group "+check.group, elsewhere, false)
	addOwnedElsewhere(&diags, "security_group_id", verify.SecondOwner, "security group "+check.group, givenUp, true)
	// IPv6 rules have a quota of their own.
	check.want = check.want.Clone()
	maps.DeleteFunc(check.want.In(direction), func(_ string, rule cloud.OwnedRule) bool { return !countsAsIPv4(rule.Rule) })
	nearly, bad := d.checkGroupQuota(ctx, check, live, direction)
	return nearly, adopted, append(diags, bad...)
}

// claimRules claims the planned rules for this resource in this run and reports
// those that another resource has planned too.
func (d *providerData) claimRules(check groupCheck) diag.Diagnostics {
	diags := d.settleRules(check)
	var twice []string
	for _, direction := range wiring.Directions() {
		for _, key := range slices.Sorted(maps.Keys(check.want.In(direction))) {
			if d.claims.take(rulePlace(check, direction, key), check.configuration, check.fresh, check.want.In(direction)[key].ID == "") {
				twice = append(twice, fmt.Sprintf("%s %q", inOut(direction), key))
			}
		}
	}
	if len(twice) > 0 {
		diags.AddAttributeError(path.Root("security_group_id"), verify.SecondOwner.Summary(),
			fmt.Sprintf("Two resources plan the same rules of security group %s: %s. One rule has one owner: put the load balancers of both into the load_balancers of one resource, or give them different groups or lb_ports.",
				check.group, strings.Join(twice, ", ")))
	}
	return diags
}

// settleRules notes which of the owned rules this resource goes on to plan and
// which it gives up, and reports those that another resource takes over: AWS
// would refuse the new rule while the old one is there.
func (d *providerData) settleRules(check groupCheck) diag.Diagnostics {
	var diags diag.Diagnostics
	for _, direction := range wiring.Directions() {
		for _, key := range slices.Sorted(maps.Keys(check.owned.In(direction))) {
			place := rulePlace(check, direction, key)
			if _, stays := check.want.In(direction)[key]; stays {
				d.claims.own(place)
			} else if d.claims.giveUp(place) && !d.handovers.isHeld(place) {
				diags.AddAttributeError(path.Root("security_group_id"), verify.SecondOwner.Summary(),
					fmt.Sprintf("This resource gives up the %s rule %q of security group %s, and another resource plans it. "+
						"Apply one after the other; if the resource was renamed, a moved block keeps its rules.", inOut(direction), key, check.group))
			}
		}
	}
	return diags
}

func rulePlace(check groupCheck, direction wiring.Direction, what string) claim {
	return claim{region: check.region, owner: check.group, direction: string(direction), what: what}
}

// inOut is the word of the AWS tables for a direction.
func inOut(direction wiring.Direction) string {
	if direction == wiring.Egress {
		return "outbound"
	}
	return "inbound"
}

// addLiveReadWarning says that something could not be looked at while
// planning. It does not fail the plan: the apply checks again before it writes.
func addLiveReadWarning(diags *diag.Diagnostics, attribute, what string, err error) {
	var denied *cloud.DeniedError
	if errors.As(err, &denied) {
		diags.AddAttributeWarning(path.Root(attribute), "Unable to check against AWS",
			fmt.Sprintf("The plan was not checked against the live %s. %s", what, err))
		return
	}
	diags.AddAttributeError(path.Root(attribute), "Unable to read from AWS", fmt.Sprintf("The plan cannot be checked against the live %s. %s", what, err))
}
