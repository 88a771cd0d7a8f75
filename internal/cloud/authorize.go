// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// Authorize creates rules of one direction of a security group in one call, with
// their comments as descriptions and with the tags. AWS creates all or none. The
// rules are returned with their ids, in the order and the spelling of those that
// were asked for; with an error, those that are known to be there because of
// this call.
//
// The error is a [DuplicateRuleError] when one of the rules exists already, and
// a [NotFoundError] when the group does not.
func (r *Region) Authorize(ctx context.Context, groupID string, d wiring.Direction, rules []wiring.Rule, tags map[string]string) ([]SecurityGroupRule, error) {
	if len(rules) == 0 {
		return nil, nil
	}
	if whole, others := wholeSource(rules); len(whole) > 0 && len(others) > 0 && wiring.IsGroupName(groupID) {
		return r.authorizeBoth(ctx, groupID, whole, others)
	}
	permissions, err := ipPermissions(rules, d)
	if err != nil {
		return nil, err
	}
	operation, on := authorizeOperation(d), "security group "+groupID
	var call attempts
	var answer []types.SecurityGroupRule
	err = r.untilVisible(ctx, isGroupNotFound, func() (err error) {
		if wiring.IsGroupName(groupID) {
			return r.authorizeClassic(ctx, &call, groupID, rules, permissions)
		}
		answer, err = r.authorize(ctx, &call, groupID, d, permissions, tags)
		return err
	})
	switch {
	case err == nil:
		var live []SecurityGroupRule
		for _, rule := range answer {
			live = append(live, securityGroupRuleOf(rule, ""))
		}
		// Some endpoints answer with a part of the new rules.
		created, readErr := r.readCreated(ctx, groupID, rules, live)
		if readErr != nil && wiring.IsGroupName(groupID) {
			created = keyedRules(rules)
		}
		return created, readErr
	case isDuplicate(err) || call.lost:
		return r.settleAuthorize(ctx, &call, groupID, d, rules, tags, err)
	case ctx.Err() != nil:
		return nil, explain(operation, on, err)
	case isGroupNotFound(err):
		return nil, r.explainMissingGroup(ctx, operation, groupID, rules, err)
	default:
		return nil, explain(operation, on, err)
	}
}

func (r *Region) authorize(ctx context.Context, call *attempts, groupID string, d wiring.Direction, permissions []types.IpPermission, tags map[string]string) ([]types.SecurityGroupRule, error) {
	var specifications []types.TagSpecification
	if len(tags) > 0 {
		specifications = []types.TagSpecification{{ResourceType: types.ResourceTypeSecurityGroupRule, Tags: tagList(tags)}}
	}
	if d == wiring.Egress {
		out, err := r.ec2.AuthorizeSecurityGroupEgress(ctx, &ec2.AuthorizeSecurityGroupEgressInput{
			GroupId: aws.String(groupID), IpPermissions: permissions, TagSpecifications: specifications,
		}, call.ec2)
		if err != nil {
			return nil, err
		}
		return out.SecurityGroupRules, nil
	}
	out, err := r.ec2.AuthorizeSecurityGroupIngress(ctx, &ec2.AuthorizeSecurityGroupIngressInput{
		GroupId: aws.String(groupID), IpPermissions: permissions, TagSpecifications: specifications,
	}, call.ec2)
	if err != nil {
		return nil, err
	}
	return out.SecurityGroupRules, nil
}

// readCreated finds the rules that were created: in the answer of the call, and
// the rest in the group.
func (r *Region) readCreated(ctx context.Context, groupID string, rules []wiring.Rule, answer []SecurityGroupRule) ([]SecurityGroupRule, error) {
	created, missing := matchRules(rules, answer, nil)
	for attempt := 1; len(missing) > 0; attempt++ {
		live, err := r.SecurityGroupRules(ctx, groupID)
		if err != nil {
			return created, err
		}
		created, missing = matchRules(rules, append(answer, live...), nil)
		if len(missing) == 0 {
			break
		}
		if attempt == visibleAttempts {
			return created, fmt.Errorf("AWS has taken the rules of security group %s but does not list all of them, missing are %s: run Terraform again, and import what it then finds to exist already", groupID, quoteKeys(missing))
		}
		if err := r.wait(ctx, attempt); err != nil {
			return created, explain("ec2:DescribeSecurityGroupRules", "security group "+groupID, err)
		}
	}
	return created, nil
}

// settleAuthorize finds out what became of a call that was refused as a
// duplicate, or whose answer was lost.
func (r *Region) settleAuthorize(ctx context.Context, call *attempts, groupID string, d wiring.Direction, rules []wiring.Rule, tags map[string]string, err error) ([]SecurityGroupRule, error) {
	failure := explain(authorizeOperation(d), "security group "+groupID, err)
	live, readErr := r.rulesAfter(ctx, groupID)
	if readErr != nil {
		return nil, failure
	}
	if call.lost {
		// AWS creates all or none: when an answer was lost and all rules are there
		// now, tags included, they are those of the attempt without an answer.
		if created, missing := matchRules(rules, live, tags); len(missing) == 0 {
			return created, nil
		}
	}
	if isDuplicate(err) {
		for _, rule := range rules {
			if i := slices.IndexFunc(live, func(l SecurityGroupRule) bool { return sameRule(rule, l.Rule) }); i >= 0 {
				return nil, &DuplicateRuleError{Group: groupID, Rule: live[i]}
			}
		}
	}
	return nil, failure
}

// explainMissingGroup says which group does not exist: the one that gets the
// rules, or else a peer. AWS's code is the same for both.
func (r *Region) explainMissingGroup(ctx context.Context, operation, groupID string, rules []wiring.Rule, err error) error {
	failure := explain(operation, "security group "+groupID, err)
	if _, readErr := r.SecurityGroup(ctx, groupID); IsNotFound(readErr) {
		return readErr
	} else if readErr != nil {
		return failure
	}
	var peers []string
	for _, rule := range rules {
		peers = append(peers, rule.Peer.SecurityGroup)
	}
	return advise(failure, "A security group that the rules name as their peer does not exist, or is in a VPC that is not connected with this one: check %s.",
		strings.Join(distinct(peers), ", "))
}

// matchRules finds for each wanted rule the live one that admits the same and
// has the tags. The found rules are spelled as they were wanted.
func matchRules(wanted []wiring.Rule, live []SecurityGroupRule, tags map[string]string) (found []SecurityGroupRule, missing []wiring.Rule) {
	for _, want := range wanted {
		i := slices.IndexFunc(live, func(l SecurityGroupRule) bool {
			return l.ID != "" && sameRule(want, l.Rule) && hasTags(l.Tags, tags)
		})
		if i < 0 {
			missing = append(missing, want)
			continue
		}
		found = append(found, SecurityGroupRule{Rule: want, ID: live[i].ID, Tags: live[i].Tags})
	}
	return found, missing
}

// sameRule tells whether two rules are one to AWS. Group ids are unique across
// accounts, so the account in front of one does not count.
func sameRule(a, b wiring.Rule) bool {
	a.Peer.SecurityGroup = wiring.GroupID(a.Peer.SecurityGroup)
	b.Peer.SecurityGroup = wiring.GroupID(b.Peer.SecurityGroup)
	return a.Same(b)
}

func hasTags(tags, wanted map[string]string) bool {
	for key, value := range wanted {
		if have, ok := tags[key]; !ok || have != value {
			return false
		}
	}
	return true
}

// ipPermissions are the rules as EC2 takes them.
func ipPermissions(rules []wiring.Rule, d wiring.Direction) ([]types.IpPermission, error) {
	permissions := make([]types.IpPermission, 0, len(rules))
	for _, rule := range rules {
		if err := checkDirection(rule, d); err != nil {
			return nil, err
		}
		p := types.IpPermission{IpProtocol: aws.String(string(rule.Protocol))}
		if hasPorts(rule.Protocol) || hasTypes(rule.Protocol) {
			p.FromPort, p.ToPort = aws.Int32(int32(rule.From)), aws.Int32(int32(rule.To))
		}
		var description *string
		if rule.Comment != "" {
			description = aws.String(rule.Comment)
		}
		switch peer := rule.Peer; {
		case peer.SecurityGroup != "":
			pair := types.UserIdGroupPair{GroupId: aws.String(wiring.GroupID(peer.SecurityGroup)), Description: description}
			if account, _, foreign := strings.Cut(peer.SecurityGroup, "/"); foreign {
				pair.UserId = aws.String(account)
			}
			if _, name, named := wiring.NamedGroup(peer.SecurityGroup); named {
				pair.GroupId, pair.GroupName = nil, aws.String(name)
			}
			p.UserIdGroupPairs = []types.UserIdGroupPair{pair}
		case peer.PrefixList != "":
			p.PrefixListIds = []types.PrefixListId{{PrefixListId: aws.String(peer.PrefixList), Description: description}}
		case peer.CIDR.Addr().Is4():
			p.IpRanges = []types.IpRange{{CidrIp: aws.String(peer.CIDR.String()), Description: description}}
		case peer.CIDR.Addr().Is6():
			p.Ipv6Ranges = []types.Ipv6Range{{CidrIpv6: aws.String(peer.CIDR.String()), Description: description}}
		default:
			return nil, fmt.Errorf("the %s rule \"%s %s\" names no peer: it needs a network, a security group or a prefix list", rule.Direction, rule.Protocol, rule.Ports())
		}
		permissions = append(permissions, p)
	}
	return permissions, nil
}

func authorizeOperation(d wiring.Direction) string {
	if d == wiring.Egress {
		return "ec2:AuthorizeSecurityGroupEgress"
	}
	return "ec2:AuthorizeSecurityGroupIngress"
}

func isDuplicate(err error) bool { return hasCode(err, "InvalidPermission.Duplicate") }

// tagList are tags in the order of their keys.
func tagList(tags map[string]string) []types.Tag {
	list := make([]types.Tag, 0, len(tags))
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		list = append(list, types.Tag{Key: aws.String(key), Value: aws.String(tags[key])})
	}
	return list
}

func quoteKeys(rules []wiring.Rule) string {
	var keys []string
	for _, rule := range rules {
		keys = append(keys, fmt.Sprintf("%q", rule.Key()))
	}
	return strings.Join(keys, ", ")
}
