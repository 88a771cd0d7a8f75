// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// SecurityGroups reads security groups by their ids. What does not exist is not
// in the result.
func (r *Region) SecurityGroups(ctx context.Context, ids []string) (map[string]SecurityGroup, error) {
	live, err := r.reads.groups.look(ctx, ids, r.fresh)
	if err != nil {
		return nil, explain("ec2:DescribeSecurityGroups", "", err)
	}
	found := make(map[string]SecurityGroup, len(live))
	for id, g := range live {
		found[id] = securityGroupOf(g)
	}
	return found, nil
}

func groupPages(api EC2API) pageOf[types.SecurityGroup] {
	return func(ctx context.Context, ids []string, next *string, found map[string]types.SecurityGroup) (*string, error) {
		page, err := api.DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{Filters: filter("group-id", ids), MaxResults: aws.Int32(pageSize), NextToken: next})
		if err != nil {
			return nil, err
		}
		for _, group := range page.SecurityGroups {
			found[idOf(group.GroupId, ids)] = group
		}
		return token(page.NextToken), nil
	}
}

func securityGroupOf(g types.SecurityGroup) SecurityGroup {
	group := SecurityGroup{
		ID:      aws.ToString(g.GroupId),
		Name:    aws.ToString(g.GroupName),
		VPCID:   aws.ToString(g.VpcId),
		OwnerID: aws.ToString(g.OwnerId),
		Tags:    tagMap(g.Tags),
	}
	for _, permission := range g.IpPermissions {
		group.Rules = append(group.Rules, permissionRules(permission, wiring.Ingress, group.OwnerID)...)
	}
	for _, permission := range g.IpPermissionsEgress {
		group.Rules = append(group.Rules, permissionRules(permission, wiring.Egress, group.OwnerID)...)
	}
	sortRules(group.Rules)
	return group
}

// permissionRules takes a permission apart into rules with one peer each.
func permissionRules(p types.IpPermission, d wiring.Direction, owner string) []SecurityGroupRule {
	protocol := protocolNamed(aws.ToString(p.IpProtocol))
	from, to := portsOf(protocol, p.FromPort, p.ToPort)
	var rules []SecurityGroupRule
	add := func(peer wiring.Peer, description *string) {
		rules = append(rules, SecurityGroupRule{Rule: wiring.Rule{
			Direction: d, Protocol: protocol, From: from, To: to, Peer: peer, Comment: aws.ToString(description),
		}})
	}
	for _, r := range p.IpRanges {
		add(wiring.CIDRPeer(parseCIDR(aws.ToString(r.CidrIp))), r.Description)
	}
	for _, r := range p.Ipv6Ranges {
		add(wiring.CIDRPeer(parseCIDR(aws.ToString(r.CidrIpv6))), r.Description)
	}
	for _, g := range p.UserIdGroupPairs {
		group := aws.ToString(g.GroupId)
		if group == "" {
			group = aws.ToString(g.GroupName)
		}
		if aws.ToString(g.UserId) == wiring.ClassicOwnerAlias {
			// Rules name the group of Elastic Load Balancing, its id is nobody's concern.
			add(wiring.SourceGroup{OwnerAlias: wiring.ClassicOwnerAlias, GroupName: aws.ToString(g.GroupName)}.Peer(), g.Description)
			continue
		}
		add(wiring.GroupPeer(groupPeer(aws.ToString(g.UserId), group, owner)), g.Description)
	}
	for _, l := range p.PrefixListIds {
		add(wiring.PrefixListPeer(aws.ToString(l.PrefixListId)), l.Description)
	}
	return rules
}

// groupPeer spells a peer group: with its account in front unless that is the
// owner of the group that has the rule.
func groupPeer(account, group, owner string) string {
	if account == "" || account == owner {
		return group
	}
	return account + "/" + group
}
