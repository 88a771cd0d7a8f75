// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package verify

import (
	"maps"
	"slices"

	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// hygiene finds what breaks nothing today.
func (q LoadBalancerGroup) hygiene(acc *acceptances) []Finding {
	groups := []Group{q.Group}
	for _, id := range slices.Sorted(maps.Keys(q.Others)) {
		carried := slices.ContainsFunc(q.LoadBalancers, func(lb wiring.LoadBalancer) bool {
			return slices.Contains(groupIDs(lb.SecurityGroups), id)
		})
		if carried && id != q.Group.ID {
			groups = append(groups, q.Others[id])
		}
	}
	var findings []Finding
	if len(q.LoadBalancers) > 0 {
		findings = append(findings, defaultGroups(groups)...)
		findings = append(findings, otherVPC(groups, q.VPCID, loadBalancersWords(q.LoadBalancers))...)
	}
	findings = append(findings, controllerGroups([]Group{q.Group})...)
	findings = append(findings, noHealthCheck(q.LoadBalancers)...)
	return acc.keep(findings, labels(q.LoadBalancers))
}

func (q InstanceGroup) hygiene(acc *acceptances) []Finding {
	findings := controllerGroups([]Group{q.Group})
	if q.VPCID != "" {
		findings = append(findings, otherVPC([]Group{q.Group}, q.VPCID, loadBalancersWords(q.LoadBalancers))...)
	}
	findings = append(findings, noHealthCheck(q.LoadBalancers)...)
	return acc.keep(findings, labels(q.LoadBalancers))
}

func (q SubnetACL) hygiene(acc *acceptances) []Finding {
	findings := noHealthCheck(q.LoadBalancers)
	for _, d := range wiring.Directions() {
		if slices.Contains(q.Directions, d) {
			findings = append(findings, entryFindings(d, q.ACL)...)
		}
	}
	return acc.keep(oneOfEach(findings), labels(q.LoadBalancers))
}

func (p Path) hygiene(acc *acceptances) []Finding {
	lb := p.wired()
	carried := p.seen(lb.SecurityGroups)
	findings := defaultGroups(carried)
	findings = append(findings, otherVPC(carried, p.VPCID, lb.Label())...)
	findings = append(findings, controllerGroups(p.seen(groupIDs(slices.Concat(lb.SecurityGroups, lb.InstanceSecurityGroups))))...)
	roles := p.roles()
	for _, id := range slices.Sorted(maps.Keys(roles)) {
		var entries []Finding
		for _, d := range wiring.Directions() {
			entries = append(entries, entryFindings(d, p.ACLs[id])...)
		}
		findings = append(findings, oneOfEach(entries)...)
	}
	findings = append(findings, p.zonesWithoutSubnet()...)
	return acc.keep(findings, []string{lb.Label()})
}

// seen are the groups of these ids that could be read.
func (p Path) seen(ids []string) []Group {
	var groups []Group
	for _, id := range groupIDs(ids) {
		if group, seen := p.Groups[id]; seen {
			groups = append(groups, group)
		}
	}
	return groups
}

// oneOfEach joins the findings of a kind about one thing.
func oneOfEach(findings []Finding) []Finding {
	var joined []Finding
	for _, f := range findings {
		at := slices.IndexFunc(joined, func(o Finding) bool { return o.ID == f.ID && o.About == f.About })
		if at < 0 {
			joined = append(joined, f)
			continue
		}
		joined[at].Sentence += " " + f.Sentence
		for _, blocker := range f.Blockers {
			if !slices.Contains(joined[at].Blockers, blocker) {
				joined[at].Blockers = append(joined[at].Blockers, blocker)
			}
		}
	}
	return joined
}
