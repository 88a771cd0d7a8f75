// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// authorizeMissing creates the wanted rules that have no id, one call a direction,
// and returns them with those owned already. Rules that stand in the group are
// adopted instead: AWS would refuse the whole call because of one of them.
func (r *Region) authorizeMissing(ctx context.Context, group string, want, owned GroupRules, standing []SecurityGroupRule, tags map[string]string) (GroupRules, error) {
	owned = owned.Clone()
	var live []SecurityGroupRule
	if want.anyMissingIn(standing) {
		var err error
		if live, err = r.Fresh().SecurityGroupRules(ctx, group); err != nil {
			return owned, err
		}
	}
	for _, d := range wiring.Directions() {
		missing := want.In(d).missing()
		missing = owned.In(d).adopt(want.In(d), missing, live)
		for len(missing) > 0 {
			created, err := r.Authorize(ctx, group, d, want.In(d).rules(missing), tags)
			owned.In(d).take(want.In(d), missing, created, false)
			var duplicate *DuplicateRuleError
			if !errors.As(err, &duplicate) {
				if err != nil {
					return owned, err
				}
				break
			}
			// Somebody has made one of them since the last look.
			now, readErr := r.SecurityGroupRules(ctx, group)
			if readErr != nil {
				return owned, readErr
			}
			rest := owned.In(d).adopt(want.In(d), missing, now)
			if len(rest) == len(missing) {
				return owned, err
			}
			missing = rest
		}
	}
	return owned, nil
}

// anyMissingIn tells whether a rule that is still to be created is among others.
func (g GroupRules) anyMissingIn(rules []SecurityGroupRule) bool {
	return slices.ContainsFunc(rules, func(live SecurityGroupRule) bool {
		wanted := g.In(live.Direction)
		return slices.ContainsFunc(wanted.missing(), func(key string) bool { return wanted[key].Is(live.Rule) })
	})
}

// adopt takes those of the missing rules that stand in the group, and returns the
// keys of the others.
func (o OwnedRules) adopt(want OwnedRules, missing []string, live []SecurityGroupRule) []string {
	o.take(want, missing, live, true)
	return slices.DeleteFunc(slices.Clone(missing), func(key string) bool { return o[key].ID != "" && o[key].Is(want[key].Rule) })
}

// take notes live rules under the keys of the missing ones that they are.
func (o OwnedRules) take(want OwnedRules, missing []string, live []SecurityGroupRule, adopted bool) {
	for _, one := range live {
		for _, key := range missing {
			if rule := want[key]; one.ID != "" && one.Direction == rule.Direction && rule.Is(one.Rule) {
				rule.ID, rule.Adopted = one.ID, adopted
				o[key] = rule
			}
		}
	}
}

// rules are the rules of some keys.
func (o OwnedRules) rules(keys []string) []wiring.Rule {
	rules := make([]wiring.Rule, 0, len(keys))
	for _, key := range keys {
		rules = append(rules, o[key].Rule)
	}
	return rules
}

// AdoptedIDs are the ids of the rules that stood in the group before, sorted.
func (g GroupRules) AdoptedIDs() []string {
	var ids []string
	for _, d := range wiring.Directions() {
		for rule := range maps.Values(g.In(d)) {
			if rule.Adopted {
				ids = append(ids, rule.ID)
			}
		}
	}
	slices.Sort(ids)
	return ids
}

// WithAdopted marks the rules with these ids as adopted. Left tells whether they
// are to be left when they are no longer wanted.
func (g GroupRules) WithAdopted(ids []string, left bool) GroupRules {
	marked := g.Clone()
	for _, d := range wiring.Directions() {
		for key, rule := range marked.In(d) {
			if rule.ID != "" && slices.Contains(ids, rule.ID) {
				rule.Adopted, rule.Left = true, left
				marked.In(d)[key] = rule
			}
		}
	}
	return marked
}
