// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"slices"

	"github.com/terraform-clb/terraform-provider-clb/internal/cloud"
	"github.com/terraform-clb/terraform-provider-clb/internal/verify"
)

// overGroup lays planned rules over those of a group. One that stands already
// counts once, and one with the id of a live rule replaces it.
func overGroup(live, planned []verify.GroupRule) []verify.GroupRule {
	rules := slices.Clone(live)
	for _, p := range planned {
		at := slices.IndexFunc(rules, func(r verify.GroupRule) bool { return p.ID != "" && r.ID == p.ID })
		if at < 0 {
			at = slices.IndexFunc(rules, func(r verify.GroupRule) bool { return r.Same(p.Rule) })
		}
		if at < 0 {
			rules = append(rules, p)
			continue
		}
		if p.ID == "" {
			p.ID = rules[at].ID
		}
		rules[at] = p
	}
	return rules
}

// overACL lays planned entries over those of a network ACL: one takes the place
// of the entry with its direction and number.
func overACL(live, planned []verify.ACLEntry) []verify.ACLEntry {
	entries := slices.Clone(live)
	for _, p := range planned {
		at := slices.IndexFunc(entries, func(e verify.ACLEntry) bool { return e.Direction == p.Direction && e.Number == p.Number })
		if at < 0 {
			entries = append(entries, p)
			continue
		}
		entries[at] = p
	}
	slices.SortStableFunc(entries, func(a, b verify.ACLEntry) int { return a.Number - b.Number })
	return entries
}

// withIDs gives the rules of a group the ids that they have in AWS.
func withIDs(rules []verify.GroupRule, live []cloud.SecurityGroupRule) []verify.GroupRule {
	named := slices.Clone(rules)
	for i, rule := range named {
		at := slices.IndexFunc(live, func(l cloud.SecurityGroupRule) bool { return l.Same(rule.Rule) })
		if rule.ID == "" && at >= 0 {
			named[i].ID = live[at].ID
		}
	}
	return named
}
