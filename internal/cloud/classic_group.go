// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// Security groups in EC2-Classic are addressed by their names. Their rules have
// neither ids nor tags, so what a rule admits stands for its id, and it is
// revoked by that.

// SecurityGroup reads a security group by its id or, in EC2-Classic, by its name.
// The error is a [NotFoundError] when it does not exist.
func (r *Region) SecurityGroup(ctx context.Context, group string) (SecurityGroup, error) {
	if !wiring.IsGroupName(group) {
		found, err := r.SecurityGroups(ctx, []string{group})
		if err != nil {
			return SecurityGroup{}, err
		}
		if live, there := found[group]; there {
			return live, nil
		}
		return SecurityGroup{}, &NotFoundError{Kind: "security group", ID: group}
	}
	named, err := r.SecurityGroupsNamed(ctx, group)
	if err != nil {
		return SecurityGroup{}, err
	}
	for _, live := range named {
		if live.VPCID == "" {
			return live, nil
		}
	}
	return SecurityGroup{}, &NotFoundError{Kind: "security group", ID: group}
}

// SecurityGroupsNamed reads all security groups of a name: one in each VPC, and
// one in EC2-Classic, may have it.
func (r *Region) SecurityGroupsNamed(ctx context.Context, name string) ([]SecurityGroup, error) {
	// In a filter, * and ? stand for any characters.
	literal := strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`).Replace(name)
	var named []SecurityGroup
	pages := ec2.NewDescribeSecurityGroupsPaginator(r.ec2, &ec2.DescribeSecurityGroupsInput{
		Filters: []types.Filter{{Name: aws.String("group-name"), Values: []string{literal}}}, MaxResults: aws.Int32(pageSize),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, explain("ec2:DescribeSecurityGroups", "security group "+name, err)
		}
		for _, g := range page.SecurityGroups {
			if group := securityGroupOf(g); group.Name == name {
				named = append(named, group)
			}
		}
	}
	return named, nil
}

// classicRules are the rules of a group in EC2-Classic, with their keys as ids.
func (r *Region) classicRules(ctx context.Context, name string) ([]SecurityGroupRule, error) {
	group, err := r.SecurityGroup(ctx, name)
	if IsNotFound(err) {
		return nil, nil
	}
	for i := range group.Rules {
		group.Rules[i].ID = group.Rules[i].Key()
	}
	return group.Rules, err
}

// keyedRules are rules that AWS has taken, when the group cannot be read: they are
// there, and are known without that.
func keyedRules(rules []wiring.Rule) []SecurityGroupRule {
	keyed := make([]SecurityGroupRule, 0, len(rules))
	for _, rule := range rules {
		keyed = append(keyed, SecurityGroupRule{Rule: rule, ID: rule.Key()})
	}
	return keyed
}

// WithKeysAsIDs are the rules of a group in EC2-Classic as they are owned.
func (o OwnedRules) WithKeysAsIDs() OwnedRules {
	out := make(OwnedRules, len(o))
	for key, rule := range o {
		rule.ID = rule.Key()
		out[key] = rule
	}
	return out
}

// wholeSource parts the rules with which AWS admits a source group by its name
// alone, full ICMP, TCP and UDP access, from all others.
func wholeSource(rules []wiring.Rule) (whole, others []wiring.Rule) {
	for _, rule := range rules {
		whole = wiring.ClassicAllProtocols(rule.Peer)
		if _, _, named := wiring.NamedGroup(rule.Peer.SecurityGroup); named && !slices.ContainsFunc(whole, func(w wiring.Rule) bool { return !slices.ContainsFunc(rules, w.Same) }) {
			others = slices.DeleteFunc(slices.Clone(rules), func(o wiring.Rule) bool { return slices.ContainsFunc(whole, o.Same) })
			return whole, others
		}
	}
	return nil, rules
}

// authorizeBoth makes the call that admits a source group as a whole, and then
// the one for all other rules.
func (r *Region) authorizeBoth(ctx context.Context, name string, whole, others []wiring.Rule) ([]SecurityGroupRule, error) {
	created, err := r.Authorize(ctx, name, wiring.Ingress, whole, nil)
	if err != nil {
		return created, err
	}
	more, err := r.Authorize(ctx, name, wiring.Ingress, others, nil)
	return append(created, more...), err
}

// authorizeClassic sends one call, which AWS answers without the rules. A source
// group is admitted as a whole in the words of the AWS CLI,
// --source-security-group-name and --source-security-group-owner-id.
func (r *Region) authorizeClassic(ctx context.Context, call *attempts, name string, rules []wiring.Rule, permissions []types.IpPermission) error {
	in := &ec2.AuthorizeSecurityGroupIngressInput{GroupName: aws.String(name), IpPermissions: permissions}
	if whole, _ := wholeSource(rules); len(whole) > 0 {
		owner, source, _ := wiring.NamedGroup(whole[0].Peer.SecurityGroup)
		in.IpPermissions, in.SourceSecurityGroupName, in.SourceSecurityGroupOwnerId = nil, aws.String(source), aws.String(owner)
	}
	_, err := r.ec2.AuthorizeSecurityGroupIngress(ctx, in, call.ec2)
	return err
}

// revokeClassic removes rules by what they admit. Those that are gone already, and
// those of a group that is gone, count as removed.
func (r *Region) revokeClassic(ctx context.Context, name string, keys []string) error {
	const operation = "ec2:RevokeSecurityGroupIngress"
	var failure error
	for attempt := 1; ; attempt++ {
		live, err := r.classicRules(ctx, name)
		if err != nil {
			return err
		}
		var doomed []wiring.Rule
		var left []string
		for _, rule := range live {
			if slices.Contains(keys, rule.ID) {
				rule.Comment = ""
				doomed, left = append(doomed, rule.Rule), append(left, rule.ID)
			}
		}
		switch {
		case len(doomed) == 0:
			return nil
		case failure != nil || attempt > visibleAttempts:
			return explainLeft(operation, name, left, failure)
		case attempt > 1:
			// AWS does not know one that it lists: the list lags behind.
			if err := r.wait(ctx, attempt-1); err != nil {
				return explain(operation, "security group "+name, err)
			}
		}
		permissions, err := ipPermissions(doomed, wiring.Ingress)
		if err != nil {
			return err
		}
		var call attempts
		out, err := r.ec2.RevokeSecurityGroupIngress(ctx, &ec2.RevokeSecurityGroupIngressInput{GroupName: aws.String(name), IpPermissions: permissions}, call.ec2)
		switch {
		case err == nil && len(out.UnknownIpPermissions) == 0, isGroupNotFound(err):
			return nil
		case err != nil && !isRuleNotFound(err) && !call.lost:
			return explain(operation, "security group "+name, err)
		case err != nil && ctx.Err() != nil:
			// The run was cancelled while AWS may have done it.
			now, readErr := r.rulesAfter(ctx, name)
			if readErr == nil && !slices.ContainsFunc(now, func(rule SecurityGroupRule) bool { return slices.Contains(keys, rule.ID) }) {
				return nil
			}
			return explain(operation, "security group "+name, err)
		case err != nil && !isRuleNotFound(err):
			// The answer was lost: whether AWS has done it shows in the group.
			failure = err
		}
	}
}

// describeClassic sets the descriptions of rules to their comments, in one call.
func (r *Region) describeClassic(ctx context.Context, name string, rules []SecurityGroupRule) error {
	plain := make([]wiring.Rule, 0, len(rules))
	for _, rule := range rules {
		plain = append(plain, rule.Rule)
	}
	permissions, err := ipPermissions(plain, wiring.Ingress)
	if err != nil {
		return err
	}
	_, err = r.ec2.UpdateSecurityGroupRuleDescriptionsIngress(ctx, &ec2.UpdateSecurityGroupRuleDescriptionsIngressInput{GroupName: aws.String(name), IpPermissions: permissions})
	if err != nil {
		return explain("ec2:UpdateSecurityGroupRuleDescriptionsIngress", "security group "+name, err)
	}
	return nil
}
