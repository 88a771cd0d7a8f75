// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package acceptance

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing"
)

// What people do to AWS behind Terraform's back.

// authorize makes a rule such as "in tcp 80-80 10.0.0.0/8", "out tcp 80-80 sg-…"
// or "in icmp 3-4 0.0.0.0/0".
func (f *fixture) authorize(group, rule string) {
	f.Helper()
	var direction, protocol, peer string
	var from, to int32
	_, err := fmt.Sscanf(rule, "%s %s %d-%d %s", &direction, &protocol, &from, &to, &peer)
	f.must(err)
	permission := types.IpPermission{IpProtocol: &protocol, FromPort: &from, ToPort: &to}
	switch {
	case strings.HasPrefix(peer, "sg-"):
		permission.UserIdGroupPairs = []types.UserIdGroupPair{{GroupId: &peer}}
	case strings.HasPrefix(peer, "pl-"):
		permission.PrefixListIds = []types.PrefixListId{{PrefixListId: &peer}}
	default:
		permission.IpRanges = []types.IpRange{{CidrIp: &peer}}
	}
	permissions := []types.IpPermission{permission}
	if direction == "out" {
		_, err = f.ec2().AuthorizeSecurityGroupEgress(context.Background(), &ec2.AuthorizeSecurityGroupEgressInput{GroupId: &group, IpPermissions: permissions})
	} else {
		_, err = f.ec2().AuthorizeSecurityGroupIngress(context.Background(), &ec2.AuthorizeSecurityGroupIngressInput{GroupId: &group, IpPermissions: permissions})
	}
	f.must(err)
}

// rule finds the rule of a row, such as "lb_group in tcp 80 from 0.0.0.0/0".
func (f *fixture) rule(row string) types.SecurityGroupRule {
	f.Helper()
	group, _, _ := strings.Cut(row, " ")
	rules := f.rules(f.id(group))
	i := slices.IndexFunc(rules, func(rule types.SecurityGroupRule) bool { return f.row(rule) == row })
	if i < 0 {
		f.Fatalf("there is no rule %q", row)
	}
	return rules[i]
}

// revoke deletes the rules of rows.
func (f *fixture) revoke(rows ...string) {
	f.Helper()
	for _, row := range rows {
		rule := f.rule(row)
		ids := []string{*rule.SecurityGroupRuleId}
		var err error
		if aws.ToBool(rule.IsEgress) {
			_, err = f.ec2().RevokeSecurityGroupEgress(context.Background(), &ec2.RevokeSecurityGroupEgressInput{GroupId: rule.GroupId, SecurityGroupRuleIds: ids})
		} else {
			_, err = f.ec2().RevokeSecurityGroupIngress(context.Background(), &ec2.RevokeSecurityGroupIngressInput{GroupId: rule.GroupId, SecurityGroupRuleIds: ids})
		}
		f.must(err)
	}
}

// modify gives the rule of a row other ports and another network.
func (f *fixture) modify(row string, from, to int32, cidr string) {
	f.Helper()
	rule := f.rule(row)
	_, err := f.ec2().ModifySecurityGroupRules(context.Background(), &ec2.ModifySecurityGroupRulesInput{GroupId: rule.GroupId, SecurityGroupRules: []types.SecurityGroupRuleUpdate{{
		SecurityGroupRuleId: rule.SecurityGroupRuleId,
		SecurityGroupRule:   &types.SecurityGroupRuleRequest{IpProtocol: rule.IpProtocol, FromPort: &from, ToPort: &to, CidrIpv4: &cidr},
	}}})
	f.must(err)
}

// tags are the tags of the rule of a row, as "key=value", sorted.
func (f *fixture) tags(row string) string {
	f.Helper()
	var tags []string
	for _, tag := range f.rule(row).Tags {
		tags = append(tags, *tag.Key+"="+*tag.Value)
	}
	slices.Sort(tags)
	return strings.Join(tags, " ")
}

// entry is "in 100 allow 80-80 0.0.0.0/0".
func parseEntry(text string) (in ec2.CreateNetworkAclEntryInput, err error) {
	var direction, action, cidr string
	var number, from, to int32
	_, err = fmt.Sscanf(text, "%s %d %s %d-%d %s", &direction, &number, &action, &from, &to, &cidr)
	return ec2.CreateNetworkAclEntryInput{
		Egress: aws.Bool(direction == "out"), RuleNumber: &number, RuleAction: types.RuleAction(action), Protocol: aws.String("6"),
		PortRange: &types.PortRange{From: &from, To: &to}, CidrBlock: &cidr,
	}, err
}

// putEntry makes a TCP entry such as "in 100 allow 80-80 0.0.0.0/0".
func (f *fixture) putEntry(acl, entry string) {
	f.Helper()
	in, err := parseEntry(entry)
	f.must(err)
	in.NetworkAclId = &acl
	_, err = f.ec2().CreateNetworkAclEntry(context.Background(), &in)
	f.must(err)
}

// replaceEntry puts a TCP entry in the place of the one with its number.
func (f *fixture) replaceEntry(acl, entry string) {
	f.Helper()
	in, err := parseEntry(entry)
	f.must(err)
	_, err = f.ec2().ReplaceNetworkAclEntry(context.Background(), &ec2.ReplaceNetworkAclEntryInput{
		NetworkAclId: &acl, Egress: in.Egress, RuleNumber: in.RuleNumber, RuleAction: in.RuleAction, Protocol: in.Protocol, PortRange: in.PortRange, CidrBlock: in.CidrBlock,
	})
	f.must(err)
}

// deleteEntry deletes entries such as "in 100".
func (f *fixture) deleteEntry(acl string, places ...string) {
	f.Helper()
	for _, place := range places {
		var direction string
		var number int32
		_, err := fmt.Sscanf(place, "%s %d", &direction, &number)
		f.must(err)
		_, err = f.ec2().DeleteNetworkAclEntry(context.Background(), &ec2.DeleteNetworkAclEntryInput{NetworkAclId: &acl, Egress: aws.Bool(direction == "out"), RuleNumber: &number})
		f.must(err)
	}
}

// carry makes a load balancer carry other groups.
func (f *fixture) carry(loadBalancer string, groups ...string) {
	f.Helper()
	_, err := f.elb().ApplySecurityGroupsToLoadBalancer(context.Background(), &elb.ApplySecurityGroupsToLoadBalancerInput{LoadBalancerName: &loadBalancer, SecurityGroups: groups})
	f.must(err)
}

func (f *fixture) deleteGroup(id string) {
	f.Helper()
	_, err := f.ec2().DeleteSecurityGroup(context.Background(), &ec2.DeleteSecurityGroupInput{GroupId: &id})
	f.must(err)
}

func (f *fixture) deleteACL(id string) {
	f.Helper()
	_, err := f.ec2().DeleteNetworkAcl(context.Background(), &ec2.DeleteNetworkAclInput{NetworkAclId: &id})
	f.must(err)
}

func (f *fixture) deleteLoadBalancer(name string) {
	f.Helper()
	_, err := f.elb().DeleteLoadBalancer(context.Background(), &elb.DeleteLoadBalancerInput{LoadBalancerName: &name})
	f.must(err)
}

// make makes all rules and entries of rows, as rows shows them.
func (f *fixture) make(rows string) {
	f.Helper()
	for _, row := range lines(rows) {
		fields := strings.Fields(row)
		owner, direction := fields[0], fields[1]
		if strings.HasSuffix(owner, "_acl") {
			f.putEntry(f.id(owner), strings.Join([]string{direction, fields[2], fields[3], span(fields[5]), fields[7]}, " "))
			continue
		}
		peer := fields[5]
		if !strings.Contains(peer, "/") {
			peer = f.id(peer)
		}
		f.authorize(f.id(owner), strings.Join([]string{direction, fields[2], span(fields[3]), peer}, " "))
	}
}

// span writes "80" and "3/4" as "80-80" and "3-4".
func span(ports string) string {
	if strings.ContainsAny(ports, "-/") {
		return strings.Replace(ports, "/", "-", 1)
	}
	return ports + "-" + ports
}

func (f *fixture) tag(row, key, value string) {
	f.Helper()
	_, err := f.ec2().CreateTags(context.Background(), &ec2.CreateTagsInput{
		Resources: []string{*f.rule(row).SecurityGroupRuleId}, Tags: []types.Tag{{Key: &key, Value: &value}},
	})
	f.must(err)
}

func (f *fixture) untag(row, key string) {
	f.Helper()
	_, err := f.ec2().DeleteTags(context.Background(), &ec2.DeleteTagsInput{
		Resources: []string{*f.rule(row).SecurityGroupRuleId}, Tags: []types.Tag{{Key: &key}},
	})
	f.must(err)
}
