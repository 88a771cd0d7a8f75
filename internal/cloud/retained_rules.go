// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"maps"
	"slices"

	"github.com/terraform-clb/terraform-provider-clb/internal/packet"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// RetainedRule is an owned rule that an update leaves in its group although it is
// not wanted any more.
type RetainedRule struct {
	OwnedRule
	// NeededBy is what would be closed without it, in words.
	NeededBy []string
}

// GoingRules are the owned rules that an update would revoke, in the order of
// their keys.
func GoingRules(owned, want GroupRules) []OwnedRule {
	var going []OwnedRule
	for _, d := range wiring.Directions() {
		kept := want.In(d).Keep(owned.In(d))
		for _, key := range slices.Sorted(maps.Keys(owned.In(d))) {
			if rule := owned.In(d)[key]; rule.ID != "" && !rule.Left && !kept.HasID(rule.ID) {
				going = append(going, rule)
			}
		}
	}
	return going
}

// RetainedRules are those of the going rules without which a needed packet would
// be refused that passes the group now: as few as that takes. live are the rules of
// the group as they stand.
func RetainedRules(live []SecurityGroupRule, owned, want GroupRules, needs []Need) []RetainedRule {
	var retained []RetainedRule
	for _, d := range wiring.Directions() {
		var going []OwnedRule
		for _, rule := range GoingRules(owned, want) {
			if rule.Direction == d {
				going = append(going, rule)
			}
		}
		open := openNeeds(needs, d, groupOf(rulesIn(live, d)))
		if len(open) == 0 || len(going) == 0 {
			continue
		}
		rest := without(rulesIn(live, d), going)
		for _, rule := range want.In(d) {
			rest = append(rest, rule.Rule)
		}
		neededBy, _ := fewest(len(going), open, func(stays []bool) judge {
			rules := slices.Clone(rest)
			for i, rule := range going {
				if stays[i] {
					rules = append(rules, rule.Rule)
				}
			}
			return groupOf(rules)
		})
		for i, rule := range going {
			if len(neededBy[i]) > 0 {
				retained = append(retained, RetainedRule{rule, neededBy[i]})
			}
		}
	}
	return retained
}

// ClosedByRevoking says which needs have packets that pass the group now and would
// not without the owned rules, but for those that are to be left.
func ClosedByRevoking(live []SecurityGroupRule, owned GroupRules, needs []Need) []string {
	var closed []string
	for _, d := range wiring.Directions() {
		rules := rulesIn(live, d)
		var going []OwnedRule
		for _, rule := range GoingRules(owned, RulesOf(nil)) {
			if rule.Direction == d {
				going = append(going, rule)
			}
		}
		closed = append(closed, closedOf(needs, d, groupOf(rules), groupOf(without(rules, going)))...)
	}
	return closed
}

func rulesIn(live []SecurityGroupRule, d wiring.Direction) []wiring.Rule {
	var rules []wiring.Rule
	for _, rule := range live {
		if rule.Direction == d {
			rules = append(rules, rule.Rule)
		}
	}
	return rules
}

func without(rules []wiring.Rule, going []OwnedRule) []wiring.Rule {
	return slices.DeleteFunc(slices.Clone(rules), func(rule wiring.Rule) bool {
		return slices.ContainsFunc(going, func(gone OwnedRule) bool { return gone.Is(rule) })
	})
}

// groupOf is what packets meet that meet the rules. The networks of a prefix list
// count as not known, and a rule that EC2 could not have admits nothing.
func groupOf(rules []wiring.Rule) judge {
	var sound []packet.Rule
	for _, rule := range rules {
		one := packet.Rule{Protocol: string(rule.Protocol), From: rule.From, To: rule.To, Peer: packet.Peer{
			CIDR: rule.Peer.CIDR, SecurityGroup: wiring.GroupID(rule.Peer.SecurityGroup), PrefixList: rule.Peer.PrefixList,
		}}
		if rule.Peer.PrefixList != "" {
			one.Unknown = packet.NetworksField
		}
		if _, err := packet.NewSecurityGroup([]packet.Rule{one}); err == nil {
			sound = append(sound, one)
		}
	}
	group, _ := packet.NewSecurityGroup(sound)
	return group
}
