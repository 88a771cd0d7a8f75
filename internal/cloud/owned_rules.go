// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// OwnedRule is a security group rule that a resource owns.
type OwnedRule struct {
	wiring.Rule
	// ID is "sgr-…"; empty for a rule that is still to be created.
	ID string
	// Described tells whether the Comment is the description that the rule is to
	// have; otherwise any description will do.
	Described bool
	// Name is what the configuration calls a written rule, such as
	// ingress["office"]; empty for a recommended one.
	Name string
	// Adopted tells whether the rule stood in the group before the resource wanted
	// it. Such a rule gets no tags.
	Adopted bool
	// Left tells whether the rule, because it is adopted, is neither changed nor
	// revoked.
	Left bool
}

// Is tells whether the owned rule is this rule to AWS. Group ids are unique
// across accounts, so the account in front of one does not count.
func (o OwnedRule) Is(rule wiring.Rule) bool { return sameRule(o.Rule, rule) }

// redescribes tells whether a rule that is owned already has to get another
// description.
func (o OwnedRule) redescribes(owned OwnedRule) bool {
	return o.Described && !owned.Left && (!owned.Described || owned.Comment != o.Comment)
}

// OwnedRules are the rules of one direction that a resource owns, by their key
// in the configuration: what a recommended rule admits, or what the user has
// called a written one.
type OwnedRules map[string]OwnedRule

// GroupRules are the rules of a security group that a resource owns.
type GroupRules struct {
	Ingress, Egress OwnedRules
}

// RulesOf puts recommended rules under their keys, none of them created yet; of
// none it is the empty set.
func RulesOf(rules []wiring.Rule) GroupRules {
	owned := GroupRules{Ingress: OwnedRules{}, Egress: OwnedRules{}}
	for _, rule := range rules {
		owned.In(rule.Direction)[rule.Key()] = OwnedRule{Rule: rule}
	}
	return owned
}

// In are the rules of one direction.
func (g GroupRules) In(d wiring.Direction) OwnedRules {
	if d == wiring.Egress {
		return g.Egress
	}
	return g.Ingress
}

// Clone is a copy that can be changed without changing the original.
func (g GroupRules) Clone() GroupRules {
	clone := RulesOf(nil)
	maps.Copy(clone.Ingress, g.Ingress)
	maps.Copy(clone.Egress, g.Egress)
	return clone
}

// ByContent puts the rules under what they admit, whatever the configuration
// calls them.
func (g GroupRules) ByContent() GroupRules {
	out := RulesOf(nil)
	for _, d := range wiring.Directions() {
		for _, rule := range g.In(d) {
			out.In(d)[rule.Key()] = rule
		}
	}
	return out
}

// Empty tells whether no rule is owned.
func (g GroupRules) Empty() bool { return len(g.Ingress)+len(g.Egress) == 0 }

// Keep lays the wanted rules over those owned so far: a wanted rule that is
// owned keeps its id, under whatever key it was owned, because a rule that was
// changed behind our back may have become one that is wanted; all others are to
// be created.
func (o OwnedRules) Keep(owned OwnedRules) OwnedRules {
	kept := make(OwnedRules, len(o))
	for key, want := range o {
		for _, have := range owned {
			if have.Is(want.Rule) {
				want.ID, want.Adopted, want.Left = have.ID, have.Adopted, have.Left
			}
		}
		kept[key] = want
	}
	return kept
}

// HasID tells whether one of the rules has the id.
func (o OwnedRules) HasID(id string) bool {
	_, has := o.withID(id)
	return has
}

// Holds tells whether a rule is among the owned ones, under whatever key.
func (o OwnedRules) Holds(rule wiring.Rule) bool {
	for _, owned := range o {
		if owned.ID != "" && owned.Is(rule) {
			return true
		}
	}
	return false
}

// missing are the rules that are still to be created, in the order of their keys.
func (o OwnedRules) missing() []string {
	var keys []string
	for _, key := range slices.Sorted(maps.Keys(o)) {
		if o[key].ID == "" {
			keys = append(keys, key)
		}
	}
	return keys
}

// withID is the rule that has the id.
func (o OwnedRules) withID(id string) (OwnedRule, bool) {
	for _, rule := range o {
		if rule.ID == id {
			return rule, true
		}
	}
	return OwnedRule{}, false
}

// Settled tells whether the wanted rules, laid over the owned ones by
// [OwnedRules.Keep], are exactly those, so that there is nothing to change.
func (g GroupRules) Settled(owned GroupRules) bool {
	for _, d := range wiring.Directions() {
		if len(g.In(d)) != len(owned.In(d)) || len(g.In(d).missing()) > 0 {
			return false
		}
		if len(g.In(d).redescribed(owned.In(d))) > 0 {
			return false
		}
	}
	return true
}

// redescribed are the keys of the rules that are owned already and have to get
// another description, in their order.
func (o OwnedRules) redescribed(owned OwnedRules) []string {
	var keys []string
	for _, key := range slices.Sorted(maps.Keys(o)) {
		if have, there := owned.withID(o[key].ID); there && o[key].ID != "" && o[key].redescribes(have) {
			keys = append(keys, key)
		}
	}
	return keys
}

// CreateRules authorizes the rules of a group that nobody depends on yet, one
// call a direction, and adopts those that stand there already. When a direction
// fails, what was written is revoked again; if that fails too, the rules that
// remain are returned with the error. standing are the rules of the group as they
// were seen last, see [Region.UpdateRules].
func (r *Region) CreateRules(ctx context.Context, group string, want GroupRules, standing []SecurityGroupRule, tags map[string]string) (GroupRules, error) {
	created, err := r.authorizeMissing(ctx, group, want, RulesOf(nil), standing, tags)
	if err == nil {
		return created, nil
	}
	remain, undoErr := r.deleteRules(context.WithoutCancel(ctx), group, created.without(OwnedRule.isAdopted))
	if undoErr != nil {
		return remain, fmt.Errorf("%w\n\nThe rules that were written before could not be taken back: %w\n\nThey are still in security group %s and stay in the state, so that the next apply can replace them: %s",
			err, undoErr, group, remain.list())
	}
	return remain, takenBack(err, "security group "+group)
}

// UpdateRules makes the owned rules the wanted ones: it first authorizes what is
// missing, one call a direction, then revokes by id what is no longer wanted, so
// that nothing that stays wanted is ever closed, and last gives rules that stay
// their new descriptions. A missing rule that stands in the group already is
// adopted, and an owned one that is to be left goes without being revoked. The
// rules owned afterwards are returned also with an error.
//
// standing are the rules of the group as they were seen last, with or without
// ids: where none of the missing ones is among them, they are not looked up before
// they are authorized.
func (r *Region) UpdateRules(ctx context.Context, group string, owned, want GroupRules, standing []SecurityGroupRule, tags map[string]string) (GroupRules, error) {
	want = GroupRules{Ingress: want.Ingress.Keep(owned.Ingress), Egress: want.Egress.Keep(owned.Egress)}
	stale := RulesOf(nil)
	now := RulesOf(nil)
	for _, d := range wiring.Directions() {
		for key, rule := range want.In(d) {
			if rule.ID != "" {
				now.In(d)[key] = rule
			}
		}
		for _, key := range want.In(d).redescribed(owned.In(d)) {
			before, _ := owned.In(d).withID(want.In(d)[key].ID)
			now.In(d)[key] = before
		}
		for _, have := range owned.In(d) {
			if !want.In(d).HasID(have.ID) && !have.Left {
				// A rule that was changed behind our back may stand under the key of
				// the rule that replaces it: until it is revoked it is known by what it
				// admits now, or by its id where that is the name of another rule.
				key := have.Key()
				if named, taken := want.In(d)[key]; taken && !have.Is(named.Rule) {
					key = have.ID
				}
				stale.In(d)[key] = have
				now.In(d)[key] = have
			}
		}
	}
	now, err := r.authorizeMissing(ctx, group, want, now, standing, tags)
	if err != nil {
		return now, unfinishedRules(err, group, now, want)
	}
	remain, err := r.deleteRules(ctx, group, stale)
	for _, d := range wiring.Directions() {
		for key := range stale.In(d) {
			if _, there := remain.In(d)[key]; !there && now.In(d)[key].ID == stale.In(d)[key].ID {
				delete(now.In(d), key)
			}
		}
	}
	if err == nil {
		now, err = r.describeRules(ctx, group, want, owned, now)
	}
	return now, unfinishedRules(err, group, now, want)
}

// describeRules gives rules that are owned already their new descriptions, all
// in one call, and returns the rules owned then.
func (r *Region) describeRules(ctx context.Context, group string, want, owned, now GroupRules) (GroupRules, error) {
	var changed []SecurityGroupRule
	for _, d := range wiring.Directions() {
		for _, key := range want.In(d).redescribed(owned.In(d)) {
			changed = append(changed, SecurityGroupRule{Rule: want.In(d)[key].Rule, ID: want.In(d)[key].ID})
		}
	}
	if err := r.Describe(ctx, group, changed); err != nil {
		return now, err
	}
	for _, d := range wiring.Directions() {
		for _, key := range want.In(d).redescribed(owned.In(d)) {
			now.In(d)[key] = want.In(d)[key]
		}
	}
	return now, nil
}

// DeleteRules revokes owned rules by their ids, one call a direction, but for those
// that are to be left. The rules that remain are returned with an error.
func (r *Region) DeleteRules(ctx context.Context, group string, owned GroupRules) (GroupRules, error) {
	remain, err := r.deleteRules(ctx, group, owned)
	return remain, unfinishedRules(err, group, remain, RulesOf(nil))
}

func (r *Region) deleteRules(ctx context.Context, group string, owned GroupRules) (GroupRules, error) {
	owned = owned.without(OwnedRule.isLeft)
	remain := owned.Clone()
	var failures []error
	for _, d := range wiring.Directions() {
		var ids []string
		for _, key := range slices.Sorted(maps.Keys(owned.In(d))) {
			if id := owned.In(d)[key].ID; id != "" {
				ids = append(ids, id)
			}
		}
		if len(ids) > 0 {
			if err := r.Revoke(ctx, group, d, ids); err != nil {
				failures = append(failures, err)
				continue
			}
		}
		clear(remain.In(d))
	}
	return remain, errors.Join(failures...)
}

// ReadRules looks up the owned rules by their ids. A rule that was changed
// behind our back is returned as it stands now, one that is gone is left out.
// The live rules are returned too. The error is a [NotFoundError] when the group
// is gone.
func (r *Region) ReadRules(ctx context.Context, group string, owned GroupRules) (GroupRules, []SecurityGroupRule, error) {
	live, err := r.ExistingRules(ctx, group)
	if err != nil {
		return GroupRules{}, nil, err
	}
	byID := make(map[string]SecurityGroupRule, len(live))
	for _, rule := range live {
		byID[rule.ID] = rule
	}
	now := owned.Clone()
	for _, d := range wiring.Directions() {
		for key, have := range owned.In(d) {
			found, there := byID[have.ID]
			if !there {
				delete(now.In(d), key)
				continue
			}
			if !have.Is(found.Rule) || have.Described && !have.Left && have.Comment != found.Comment {
				have.Rule = found.Rule
			}
			now.In(d)[key] = have
		}
	}
	return now, live, nil
}

// MatchRules finds those of the wanted rules that stand in the group already.
// The error is a [NotFoundError] when the group does not exist.
func (r *Region) MatchRules(ctx context.Context, group string, want GroupRules) (GroupRules, error) {
	live, err := r.ExistingRules(ctx, group)
	if err != nil {
		return GroupRules{}, err
	}
	return want.MatchedBy(live), nil
}

// MatchedBy are the rules that stand already, with their ids.
func (g GroupRules) MatchedBy(live []SecurityGroupRule) GroupRules {
	matched := RulesOf(nil)
	for _, d := range wiring.Directions() {
		for key, rule := range g.In(d) {
			for _, found := range live {
				if rule.Is(found.Rule) {
					matched.In(d)[key] = OwnedRule{Rule: rule.Rule, ID: found.ID}
				}
			}
		}
	}
	return matched
}

// ExistingRules reads the rules of a group. The error is a [NotFoundError] when
// the group does not exist.
func (r *Region) ExistingRules(ctx context.Context, group string) ([]SecurityGroupRule, error) {
	live, err := r.SecurityGroupRules(ctx, group)
	if err != nil || len(live) > 0 {
		return live, err
	}
	// An unknown group has no rules either: only the group itself can tell.
	_, err = r.SecurityGroup(ctx, group)
	return nil, err
}

// without leaves out rules.
func (g GroupRules) without(leave func(OwnedRule) bool) GroupRules {
	rest := g.Clone()
	for _, d := range wiring.Directions() {
		maps.DeleteFunc(rest.In(d), func(_ string, rule OwnedRule) bool { return leave(rule) })
	}
	return rest
}

// isAdopted and isLeft are fields as functions.
func (o OwnedRule) isAdopted() bool { return o.Adopted }
func (o OwnedRule) isLeft() bool    { return o.Left }

// list names the owned rules for a message.
func (g GroupRules) list() string {
	var names []string
	for _, d := range wiring.Directions() {
		for _, key := range slices.Sorted(maps.Keys(g.In(d))) {
			names = append(names, fmt.Sprintf("%s %q (%s)", d, key, g.In(d)[key].ID))
		}
	}
	return strings.Join(names, ", ")
}
