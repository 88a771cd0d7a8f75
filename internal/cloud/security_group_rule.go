// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// SecurityGroupRules reads the rules of a security group, inbound before
// outbound and then by key. A group that does not exist has none. A group in
// EC2-Classic is asked for by its name.
func (r *Region) SecurityGroupRules(ctx context.Context, groupID string) ([]SecurityGroupRule, error) {
	if wiring.IsGroupName(groupID) {
		return r.classicRules(ctx, groupID)
	}
	live, err := r.reads.rules.look(ctx, []string{groupID}, r.fresh)
	if err != nil {
		return nil, explain("ec2:DescribeSecurityGroupRules", "security group "+groupID, err)
	}
	found, owner := live[groupID], ""
	if slices.ContainsFunc(found, ownerUnknown) {
		// Some endpoints tell the owner with the group alone.
		groups, err := r.SecurityGroups(ctx, []string{groupID})
		if err != nil {
			return nil, err
		}
		owner = groups[groupID].OwnerID
	}
	rules := make([]SecurityGroupRule, 0, len(found))
	for _, rule := range found {
		rules = append(rules, securityGroupRuleOf(rule, owner))
	}
	sortRules(rules)
	return rules, nil
}

func rulePages(api EC2API) pageOf[[]types.SecurityGroupRule] {
	return func(ctx context.Context, ids []string, next *string, found map[string][]types.SecurityGroupRule) (*string, error) {
		page, err := api.DescribeSecurityGroupRules(ctx, &ec2.DescribeSecurityGroupRulesInput{Filters: filter("group-id", ids), MaxResults: aws.Int32(pageSize), NextToken: next})
		if err != nil {
			return nil, err
		}
		for _, rule := range page.SecurityGroupRules {
			group := idOf(rule.GroupId, ids)
			found[group] = append(found[group], rule)
		}
		return token(page.NextToken), nil
	}
}

// ownerUnknown tells whether a rule names a peer group with its account but not
// the account that it is to be compared with.
func ownerUnknown(rule types.SecurityGroupRule) bool {
	return rule.GroupOwnerId == nil && rule.ReferencedGroupInfo != nil && rule.ReferencedGroupInfo.UserId != nil
}

// securityGroupRuleOf reads a rule. The owner of its group is taken where the
// rule does not tell it.
func securityGroupRuleOf(rule types.SecurityGroupRule, owner string) SecurityGroupRule {
	if rule.GroupOwnerId != nil {
		owner = *rule.GroupOwnerId
	}
	protocol := protocolNamed(aws.ToString(rule.IpProtocol))
	from, to := portsOf(protocol, rule.FromPort, rule.ToPort)
	live := SecurityGroupRule{
		Rule: wiring.Rule{
			Direction: wiring.Ingress, Protocol: protocol, From: from, To: to,
			Comment: aws.ToString(rule.Description),
		},
		ID:   aws.ToString(rule.SecurityGroupRuleId),
		Tags: tagMap(rule.Tags),
	}
	if aws.ToBool(rule.IsEgress) {
		live.Direction = wiring.Egress
	}
	switch {
	case rule.CidrIpv4 != nil:
		live.Peer = wiring.CIDRPeer(parseCIDR(*rule.CidrIpv4))
	case rule.CidrIpv6 != nil:
		live.Peer = wiring.CIDRPeer(parseCIDR(*rule.CidrIpv6))
	case rule.PrefixListId != nil:
		live.Peer = wiring.PrefixListPeer(*rule.PrefixListId)
	case rule.ReferencedGroupInfo != nil:
		info := rule.ReferencedGroupInfo
		live.Peer = wiring.GroupPeer(groupPeer(aws.ToString(info.UserId), aws.ToString(info.GroupId), owner))
	}
	return live
}

// sortRules puts inbound before outbound and then orders by key.
func sortRules(rules []SecurityGroupRule) {
	slices.SortStableFunc(rules, func(a, b SecurityGroupRule) int {
		return cmp.Or(compareDirections(a.Direction, b.Direction), cmp.Compare(a.Key(), b.Key()), cmp.Compare(a.ID, b.ID))
	})
}

// compareDirections puts inbound before outbound.
func compareDirections(a, b wiring.Direction) int {
	rank := map[wiring.Direction]int{wiring.Egress: 1}
	return cmp.Compare(rank[a], rank[b])
}

// Revoke removes rules of one direction of a security group by their ids. Rules
// that are gone already, and those of a group that is gone, count as removed.
func (r *Region) Revoke(ctx context.Context, groupID string, d wiring.Direction, ruleIDs []string) error {
	ids := distinct(ruleIDs)
	if wiring.IsGroupName(groupID) {
		return r.revokeClassic(ctx, groupID, ids)
	}
	for attempt := 1; len(ids) > 0; attempt++ {
		var call attempts
		unmatched, err := r.revoke(ctx, &call, groupID, d, ids)
		switch {
		case err == nil && !unmatched, isGroupNotFound(err):
			return nil
		case err != nil && !isRuleNotFound(err) && !call.lost:
			return explain(revokeOperation(d), "security group "+groupID, err)
		case ctx.Err() != nil && !call.lost:
			return explain(revokeOperation(d), "security group "+groupID, ctx.Err())
		}
		// One rule that is gone, or that the first of two attempts has removed,
		// leaves all others of the call in place.
		live, readErr := r.rulesAfter(ctx, groupID)
		if readErr != nil && ctx.Err() == nil {
			return readErr
		}
		left := slices.DeleteFunc(slices.Clone(ids), func(id string) bool {
			return !slices.ContainsFunc(live, func(rule SecurityGroupRule) bool { return rule.ID == id })
		})
		switch {
		case readErr == nil && len(left) == 0:
			return nil
		case ctx.Err() != nil:
			return explain(revokeOperation(d), "security group "+groupID, ctx.Err())
		}
		if err != nil && !isRuleNotFound(err) || attempt == visibleAttempts {
			return explainLeft(revokeOperation(d), groupID, left, err)
		}
		if len(left) == len(ids) {
			// AWS says that one is gone and lists all: the list lags behind.
			if err := r.wait(ctx, attempt); err != nil {
				return explain(revokeOperation(d), "security group "+groupID, err)
			}
		}
		ids = left
	}
	return nil
}

// rulesAfter reads the rules of a group to find out what became of a call.
func (r *Region) rulesAfter(ctx context.Context, groupID string) ([]SecurityGroupRule, error) {
	ctx, end := aftermath(ctx)
	defer end()
	return r.SecurityGroupRules(ctx, groupID)
}

// revoke sends one call. unmatched tells whether AWS did not know some of the
// ids, which in a default VPC is no error.
func (r *Region) revoke(ctx context.Context, call *attempts, groupID string, d wiring.Direction, ids []string) (unmatched bool, err error) {
	if d == wiring.Egress {
		out, err := r.ec2.RevokeSecurityGroupEgress(ctx, &ec2.RevokeSecurityGroupEgressInput{
			GroupId: aws.String(groupID), SecurityGroupRuleIds: ids,
		}, call.ec2)
		return err == nil && len(out.UnknownIpPermissions) > 0, err
	}
	out, err := r.ec2.RevokeSecurityGroupIngress(ctx, &ec2.RevokeSecurityGroupIngressInput{
		GroupId: aws.String(groupID), SecurityGroupRuleIds: ids,
	}, call.ec2)
	return err == nil && len(out.UnknownIpPermissions) > 0, err
}

func revokeOperation(d wiring.Direction) string {
	if d == wiring.Egress {
		return "ec2:RevokeSecurityGroupEgress"
	}
	return "ec2:RevokeSecurityGroupIngress"
}

// Describe sets the descriptions of rules of a security group to their comments,
// in one call and nothing else about them. AWS wants the whole rule: what is left
// out would be cleared.
func (r *Region) Describe(ctx context.Context, groupID string, rules []SecurityGroupRule) error {
	if len(rules) == 0 {
		return nil
	}
	if wiring.IsGroupName(groupID) {
		return r.describeClassic(ctx, groupID, rules)
	}
	var updates []types.SecurityGroupRuleUpdate
	for _, rule := range rules {
		updates = append(updates, types.SecurityGroupRuleUpdate{SecurityGroupRuleId: aws.String(rule.ID), SecurityGroupRule: ruleRequest(rule.Rule)})
	}
	var call attempts
	_, err := r.ec2.ModifySecurityGroupRules(ctx, &ec2.ModifySecurityGroupRulesInput{GroupId: aws.String(groupID), SecurityGroupRules: updates}, call.ec2)
	if err == nil || call.lost && r.described(ctx, groupID, rules) {
		return nil
	}
	return explain("ec2:ModifySecurityGroupRules", "security group "+groupID, err)
}

// described tells whether rules have the descriptions that a call was to give
// them of which nobody knows what became.
func (r *Region) described(ctx context.Context, groupID string, rules []SecurityGroupRule) bool {
	live, err := r.rulesAfter(ctx, groupID)
	return err == nil && !slices.ContainsFunc(rules, func(want SecurityGroupRule) bool {
		return !slices.ContainsFunc(live, func(rule SecurityGroupRule) bool { return rule.ID == want.ID && rule.Comment == want.Comment })
	})
}

// ruleRequest is a whole rule as EC2 takes it for a change. A peer group has no
// account there.
func ruleRequest(rule wiring.Rule) *types.SecurityGroupRuleRequest {
	request := &types.SecurityGroupRuleRequest{IpProtocol: aws.String(string(rule.Protocol)), Description: aws.String(rule.Comment)}
	if hasPorts(rule.Protocol) || hasTypes(rule.Protocol) {
		request.FromPort, request.ToPort = aws.Int32(int32(rule.From)), aws.Int32(int32(rule.To))
	}
	switch peer := rule.Peer; {
	case peer.SecurityGroup != "":
		request.ReferencedGroupId = aws.String(wiring.GroupID(peer.SecurityGroup))
	case peer.PrefixList != "":
		request.PrefixListId = aws.String(peer.PrefixList)
	case peer.CIDR.Addr().Is4():
		request.CidrIpv4 = aws.String(peer.CIDR.String())
	default:
		request.CidrIpv6 = aws.String(peer.CIDR.String())
	}
	return request
}

// tagResources is how many resources AWS takes in one call of CreateTags or
// DeleteTags. Source: CreateTags, Amazon EC2 API reference.
const tagResources = 1000

// TagRules gives rules of a security group, which have the tags of before, those
// of after instead. The tags that they have then are returned also with an error.
func (r *Region) TagRules(ctx context.Context, groupID string, ruleIDs []string, before, after map[string]string) (map[string]string, error) {
	now := maps.Clone(before)
	var obsolete []types.Tag
	for _, key := range slices.Sorted(maps.Keys(before)) {
		if _, stays := after[key]; !stays {
			obsolete = append(obsolete, types.Tag{Key: aws.String(key)})
			delete(now, key)
		}
	}
	// No tags at all would mean every tag.
	if len(obsolete) > 0 {
		err := r.tagged(ctx, groupID, ruleIDs, now, before, "ec2:DeleteTags", func(ids []string, call *attempts) error {
			_, err := r.ec2.DeleteTags(ctx, &ec2.DeleteTagsInput{Resources: ids, Tags: obsolete}, call.ec2)
			return err
		})
		if err != nil {
			return before, err
		}
	}
	if len(after) > 0 {
		err := r.tagged(ctx, groupID, ruleIDs, after, nil, "ec2:CreateTags", func(ids []string, call *attempts) error {
			_, err := r.ec2.CreateTags(ctx, &ec2.CreateTagsInput{Resources: ids, Tags: tagList(after)}, call.ec2)
			return err
		})
		if err != nil {
			return now, err
		}
	}
	return after, nil
}

// tagged sends calls that give rules the tags of with, and take from them all others
// of of. What became of a call whose answer was lost the rules themselves tell.
func (r *Region) tagged(ctx context.Context, groupID string, ruleIDs []string, with, of map[string]string, operation string, send func(ids []string, call *attempts) error) error {
	for ids := range slices.Chunk(distinct(ruleIDs), tagResources) {
		var call attempts
		err := send(ids, &call)
		if err == nil {
			continue
		}
		if call.lost {
			live, readErr := r.rulesAfter(ctx, groupID)
			done := func(rule SecurityGroupRule) bool {
				for key, value := range with {
					if have, there := rule.Tags[key]; !there || have != value {
						return false
					}
				}
				for key := range of {
					_, stays := with[key]
					if _, there := rule.Tags[key]; there && !stays {
						return false
					}
				}
				return true
			}
			if readErr == nil && !slices.ContainsFunc(live, func(rule SecurityGroupRule) bool { return slices.Contains(ids, rule.ID) && !done(rule) }) {
				continue
			}
		}
		return explainTags(operation, ids, err)
	}
	return nil
}
