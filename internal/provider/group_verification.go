// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"maps"
	"net/netip"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/terraform-clb/terraform-provider-clb/internal/cloud"
	"github.com/terraform-clb/terraform-provider-clb/internal/packet"
	"github.com/terraform-clb/terraform-provider-clb/internal/verify"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// question is a question that package verify answers.
type question interface {
	Judge(verify.Options) (verify.Answer, error)
}

// groupQuestion asks about a security group as it will stand. others are the
// other groups that the load balancers carry, facts what AWS says about the load
// balancers, both as far as they were read.
type groupQuestion func(group verify.Group, others map[string]verify.Group, facts liveFacts) question

// judgeGroup decides the flows that a security group has to let pass, and finds
// what is open beyond them: the live group with the plan of the resource laid
// over it. Most plans are settled by the group alone; only where something is to
// be told is more read, so that a message names ids and no rule is overlooked.
func (d *providerData) judgeGroup(ctx context.Context, check groupCheck, live cloud.SecurityGroup, derived derivedRules, facts liveFacts, v verification) diag.Diagnostics {
	var diags diag.Diagnostics
	if derived.asks == nil {
		return diags
	}
	group := d.groupAsPlanned(check, live, derived.planned(check.planned))
	answer, err := derived.asks(group, nil, facts).Judge(v.options)
	if err == nil && (v.told(answer) || answer.Verdict() != packet.Proved) {
		others := d.lookCloser(ctx, check, &group, derived.carried)
		answer, err = derived.asks(group, others, facts).Judge(v.options)
	}
	if err != nil {
		addVerificationBug(&diags, "security_group_id", "Security group "+check.group, err)
		return diags
	}
	return v.say(answer.Findings)
}

// groupAsPlanned is a live security group with the plan of a resource laid over
// it: without the rules that the resource owns, with those that it plans.
func (d *providerData) groupAsPlanned(check groupCheck, live cloud.SecurityGroup, planned []verify.GroupRule) verify.Group {
	group := verify.Group{ID: check.group, Name: live.Name, VPCID: live.VPCID, Controller: controllerOf(live.Tags)}
	if group.Controller == "" {
		group.RemovedBy = check.removedBy
	}
	for _, rule := range planned {
		group.Rules = append(group.Rules, withoutNetworks(rule))
	}
	for _, rule := range live.Rules {
		wanted := slices.ContainsFunc(planned, func(p verify.GroupRule) bool { return p.Unknown == 0 && p.Same(rule.Rule) })
		if wanted || check.owned.In(rule.Direction).Holds(rule.Rule) || check.goes(rule.Rule) {
			continue
		}
		one := verify.GroupRule{Rule: rule.Rule, ID: rule.ID}
		if d.claims.isOwned(rulePlace(check, rule.Direction, rule.Key())) {
			one.Origin = verify.Managed
		}
		group.Rules = append(group.Rules, withoutNetworks(one))
	}
	return group
}

// withoutNetworks marks the networks of a prefix list as not known.
func withoutNetworks(rule verify.GroupRule) verify.GroupRule {
	if rule.Peer.PrefixList != "" {
		rule.Unknown |= packet.NetworksField
	}
	return rule
}

// lookCloser reads what makes an answer exact and its words useful: the ids of
// the rules, the networks of prefix lists, and the other groups that the load
// balancers carry. What cannot be read stays as it is: verify says then that it
// is undecided.
func (d *providerData) lookCloser(ctx context.Context, check groupCheck, group *verify.Group, carried []string) map[string]verify.Group {
	region := d.connection.In(check.region)
	if slices.ContainsFunc(group.Rules, func(r verify.GroupRule) bool { return r.ID == "" && r.Origin == verify.Unmanaged }) {
		if live, err := region.SecurityGroupRules(ctx, check.group); err == nil {
			group.Rules = withIDs(group.Rules, live)
		}
	}
	others := map[string]verify.Group{}
	ids := slices.DeleteFunc(slices.Clone(carried), func(id string) bool { return id == check.group })
	if len(ids) > 0 {
		if found, err := region.SecurityGroups(ctx, ids); err == nil {
			for id, live := range found {
				others[id] = d.groupAsPlanned(groupCheck{region: check.region, group: id}, live, nil)
			}
		}
	}
	networks := map[string][]verify.GroupRule{}
	for _, one := range append(slices.Collect(maps.Values(others)), *group) {
		for _, rule := range one.Rules {
			if rule.Peer.PrefixList != "" {
				networks[rule.Peer.PrefixList] = nil
			}
		}
	}
	for list := range networks {
		cidrs, err := region.PrefixListNetworks(ctx, list)
		if err != nil {
			continue
		}
		for _, one := range append(slices.Collect(maps.Values(others)), *group) {
			for i := range one.Rules {
				if one.Rules[i].Peer.PrefixList == list {
					one.Rules[i].Networks = cidrs
					one.Rules[i].Unknown &^= packet.NetworksField
				}
			}
		}
	}
	return others
}

// judgedVPC are the networks of the VPC as package verify takes them: the stated
// ones, or those that AWS has; none if they are not known.
func (in wiringInputs) judgedVPC(facts liveFacts) []netip.Prefix {
	switch {
	case in.unknownVPC:
		return nil
	case len(in.vpc) == 0:
		return facts.networks
	default:
		return in.vpc
	}
}

// asks is the question about the group, nil while no direction can be judged.
func (in loadBalancerRulesInputs) asks(derived derivedRules) groupQuestion {
	var known []wiring.Direction
	for _, direction := range wiring.Directions() {
		if derived.recommendedKnown(direction) && derived.known(direction) {
			known = append(known, direction)
		}
	}
	if len(known) == 0 || len(in.loadBalancers) == 0 {
		return nil
	}
	return func(group verify.Group, others map[string]verify.Group, facts liveFacts) question {
		return verify.LoadBalancerGroup{
			LoadBalancers: in.plain(), LBPorts: in.lbPorts, VPCID: facts.vpcID, VPC: in.judgedVPC(facts), RespondToPing: in.respondToPing,
			Group: group, Others: others, Directions: known,
		}
	}
}

// carried are all groups that the load balancers carry, as far as it is known.
func (in wiringInputs) carried() []string {
	var groups []string
	for _, lb := range in.loadBalancers {
		groups = append(groups, lb.SecurityGroups...)
	}
	slices.Sort(groups)
	return slices.Compact(groups)
}

// asks is the question about the group, nil while its rules are not known.
func (in instanceIngressRulesInputs) asks(derived derivedRules) groupQuestion {
	if !derived.recommendedKnown(wiring.Ingress) || !derived.known(wiring.Ingress) || len(in.loadBalancers) == 0 {
		return nil
	}
	return func(group verify.Group, _ map[string]verify.Group, facts liveFacts) question {
		q := verify.InstanceGroup{LBPorts: in.lbPorts, VPCID: facts.vpcID, VPC: in.judgedVPC(facts), Group: group}
		if in.classic.named {
			q.VPCID, q.VPC, q.Classic, q.Everyone = "", nil, true, in.classic.source == nil
		}
		for _, lb := range in.loadBalancers {
			one := lb.LoadBalancer
			one.SecurityGroups = lb.carried
			q.LoadBalancers = append(q.LoadBalancers, one)
			if in.pathMTU && len(in.pathMTUSources) == 0 && !in.classic.named {
				q.PathMTUSources = append(q.PathMTUSources, wiring.GroupPeers(lb.SecurityGroups)...)
			}
		}
		if in.pathMTU {
			q.PathMTUSources = append(q.PathMTUSources, wiring.CIDRPeers(in.pathMTUSources)...)
		}
		return q
	}
}
