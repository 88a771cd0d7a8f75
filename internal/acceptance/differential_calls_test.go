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
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing/types"
)

// trial is one call of the differential test. Its answer is text without ids.
type trial struct {
	name string
	call func(ctx context.Context, f *fixture) (answer string, err error)
}

const (
	missingGroup = "sg-0123456789abcdef0"
	missingACL   = "acl-0123456789abcdef0"
	missingRule  = "sgr-0123456789abcdef0"
)

func tcp(from, to int32, cidrs ...string) types.IpPermission {
	p := types.IpPermission{IpProtocol: aws.String("tcp"), FromPort: &from, ToPort: &to}
	for _, cidr := range cidrs {
		p.IpRanges = append(p.IpRanges, types.IpRange{CidrIp: &cidr})
	}
	return p
}

func fromGroup(port int32, group string) types.IpPermission {
	return types.IpPermission{IpProtocol: aws.String("tcp"), FromPort: &port, ToPort: &port, UserIdGroupPairs: []types.UserIdGroupPair{
		{GroupId: &group, Description: aws.String("described")},
	}}
}

// authorizing answers with the rules that AWS says it has made.
func authorizing(group func(*fixture) string, permissions func(*fixture) []types.IpPermission) func(context.Context, *fixture) (string, error) {
	return func(ctx context.Context, f *fixture) (string, error) {
		out, err := f.ec2().AuthorizeSecurityGroupIngress(ctx, &ec2.AuthorizeSecurityGroupIngressInput{
			GroupId: aws.String(group(f)), IpPermissions: permissions(f),
			TagSpecifications: []types.TagSpecification{{ResourceType: types.ResourceTypeSecurityGroupRule, Tags: []types.Tag{{Key: aws.String("Name"), Value: aws.String("tagged")}}}},
		})
		if err != nil {
			return "", err
		}
		return f.ruleTexts(out.SecurityGroupRules), nil
	}
}

// ruleTexts shows rules with their descriptions and tags, sorted.
func (f *fixture) ruleTexts(rules []types.SecurityGroupRule) string {
	var texts []string
	for _, rule := range rules {
		text := f.row(rule) + fmt.Sprintf(" %q", aws.ToString(rule.Description))
		for _, tag := range rule.Tags {
			text += " " + *tag.Key + "=" + *tag.Value
		}
		texts = append(texts, text)
	}
	slices.Sort(texts)
	return strings.Join(texts, "; ")
}

func lbGroup(f *fixture) string       { return f.LoadBalancerGroup }
func instanceGroup(f *fixture) string { return f.InstanceGroup }

func these(permissions ...types.IpPermission) func(*fixture) []types.IpPermission {
	return func(*fixture) []types.IpPermission { return permissions }
}

// groupTrials are the calls about security groups, in their order.
func groupTrials() []trial {
	return []trial{
		{"authorize one rule", authorizing(lbGroup, these(tcp(80, 80, "0.0.0.0/0")))},
		{"authorize several networks", authorizing(lbGroup, these(tcp(443, 443, "10.0.0.0/8", "192.0.2.0/24")))},
		{"authorize several permissions", authorizing(lbGroup, these(tcp(8080, 8080, "10.0.0.0/8"), tcp(8081, 8081, "10.0.0.0/8")))},
		{"authorize a group", authorizing(instanceGroup, func(f *fixture) []types.IpPermission {
			return []types.IpPermission{fromGroup(8080, f.LoadBalancerGroup)}
		})},
		{"authorize ICMP", authorizing(instanceGroup, these(types.IpPermission{IpProtocol: aws.String("1"), FromPort: aws.Int32(3), ToPort: aws.Int32(4), IpRanges: []types.IpRange{{CidrIp: aws.String("10.0.0.0/8")}}}))},
		{"authorize a rule that exists", authorizing(lbGroup, these(tcp(80, 80, "0.0.0.0/0")))},
		{"authorize one that exists and one that does not", authorizing(lbGroup, these(tcp(9000, 9000, "0.0.0.0/0"), tcp(80, 80, "0.0.0.0/0")))},
		{"authorize a rule twice in one call", authorizing(lbGroup, these(tcp(9001, 9001, "0.0.0.0/0"), tcp(9001, 9001, "0.0.0.0/0")))},
		{"authorize a network with host bits", authorizing(lbGroup, these(tcp(9002, 9002, "10.1.2.3/16")))},
		{"authorize what is no network", authorizing(lbGroup, these(tcp(9003, 9003, "10.1.2.3.4/16")))},
		{"authorize ports in the wrong order", authorizing(lbGroup, these(tcp(9005, 9004, "10.0.0.0/8")))},
		{"authorize port 70000", authorizing(lbGroup, these(tcp(70000, 70000, "10.0.0.0/8")))},
		{"authorize without a source", authorizing(lbGroup, these(tcp(9006, 9006)))},
		{"authorize in a group that does not exist", authorizing(func(*fixture) string { return missingGroup }, these(tcp(80, 80, "0.0.0.0/0")))},
		{"authorize a group that does not exist", authorizing(lbGroup, these(fromGroup(80, missingGroup)))},
		{"describe rules", func(_ context.Context, f *fixture) (string, error) {
			return f.ruleTexts(f.rules(f.InstanceGroup)), nil
		}},
		{"describe rules of a group that does not exist", func(_ context.Context, f *fixture) (string, error) {
			return f.ruleTexts(f.rules(missingGroup)), nil
		}},
		{"describe rules with a token that AWS never gave", func(ctx context.Context, f *fixture) (string, error) {
			_, err := f.ec2().DescribeSecurityGroupRules(ctx, &ec2.DescribeSecurityGroupRulesInput{NextToken: aws.String("bogus"), MaxResults: aws.Int32(5)})
			return "", err
		}},
		{"describe rules by pages", func(ctx context.Context, f *fixture) (string, error) {
			out, err := f.ec2().DescribeSecurityGroupRules(ctx, &ec2.DescribeSecurityGroupRulesInput{MaxResults: aws.Int32(5)})
			if err != nil {
				return "", err
			}
			return fmt.Sprintf("full page %t, more %t", len(out.SecurityGroupRules) == 5, out.NextToken != nil), nil
		}},
		{"describe a group that does not exist", func(ctx context.Context, f *fixture) (string, error) {
			_, err := f.ec2().DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{GroupIds: []string{missingGroup}})
			return "", err
		}},
		{"describe a malformed group", func(ctx context.Context, f *fixture) (string, error) {
			_, err := f.ec2().DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{GroupIds: []string{"sg-xyz"}})
			return "", err
		}},
		{"modify the ports and the network of a rule", func(_ context.Context, f *fixture) (string, error) {
			f.modify("lb_group in tcp 80 from 0.0.0.0/0", 81, 82, "10.0.0.0/8")
			return "", nil
		}},
		{"tag a rule", func(_ context.Context, f *fixture) (string, error) {
			f.tag("lb_group in tcp 81-82 from 10.0.0.0/8", "Team", "edge")
			return f.tags("lb_group in tcp 81-82 from 10.0.0.0/8"), nil
		}},
		{"revoke by id", func(_ context.Context, f *fixture) (string, error) {
			f.revoke("lb_group in tcp 81-82 from 10.0.0.0/8")
			return "", nil
		}},
		{"revoke an id that does not exist", func(ctx context.Context, f *fixture) (string, error) {
			_, err := f.ec2().RevokeSecurityGroupIngress(ctx, &ec2.RevokeSecurityGroupIngressInput{GroupId: &f.LoadBalancerGroup, SecurityGroupRuleIds: []string{missingRule}})
			return "", err
		}},
		{"revoke a permission that does not exist", func(ctx context.Context, f *fixture) (string, error) {
			_, err := f.ec2().RevokeSecurityGroupIngress(ctx, &ec2.RevokeSecurityGroupIngressInput{GroupId: &f.LoadBalancerGroup, IpPermissions: []types.IpPermission{tcp(1, 1, "0.0.0.0/0")}})
			return "", err
		}},
		{"delete a group that another one names", func(ctx context.Context, f *fixture) (string, error) {
			_, err := f.ec2().AuthorizeSecurityGroupIngress(ctx, &ec2.AuthorizeSecurityGroupIngressInput{GroupId: &f.InstanceGroup, IpPermissions: []types.IpPermission{fromGroup(9, f.id("spare_group"))}})
			if err != nil {
				return "", err
			}
			_, err = f.ec2().DeleteSecurityGroup(ctx, &ec2.DeleteSecurityGroupInput{GroupId: aws.String(f.id("spare_group"))})
			return "", err
		}},
	}
}

// entry makes a call that writes an entry.
func entry(write string, acl func(*fixture) string, text string, icmp ...int32) func(context.Context, *fixture) (string, error) {
	return func(ctx context.Context, f *fixture) (string, error) {
		in, err := parseEntry(text)
		f.must(err)
		in.NetworkAclId = aws.String(acl(f))
		if len(icmp) > 0 {
			in.Protocol, in.PortRange = aws.String("1"), nil
			in.IcmpTypeCode = &types.IcmpTypeCode{Type: &icmp[0], Code: &icmp[1]}
		}
		if write == "create" {
			_, err = f.ec2().CreateNetworkAclEntry(ctx, &in)
		} else {
			_, err = f.ec2().ReplaceNetworkAclEntry(ctx, &ec2.ReplaceNetworkAclEntryInput{
				NetworkAclId: in.NetworkAclId, Egress: in.Egress, RuleNumber: in.RuleNumber, RuleAction: in.RuleAction,
				Protocol: in.Protocol, PortRange: in.PortRange, IcmpTypeCode: in.IcmpTypeCode, CidrBlock: in.CidrBlock,
			})
		}
		return "", err
	}
}

func lbACL(f *fixture) string { return f.LoadBalancerACL }

// entryTrials are the calls about network ACLs, in their order.
func entryTrials() []trial {
	return []trial{
		{"create an entry", entry("create", lbACL, "in 100 allow 80-80 0.0.0.0/0")},
		{"create the same number in the other direction", entry("create", lbACL, "out 100 allow 80-80 0.0.0.0/0")},
		{"create an identical entry", entry("create", lbACL, "in 100 allow 80-80 0.0.0.0/0")},
		{"create another entry with a number that is taken", entry("create", lbACL, "in 100 deny 22-22 0.0.0.0/0")},
		{"create an ICMP entry", entry("create", lbACL, "in 110 allow 0-0 0.0.0.0/0", 3, 4)},
		{"create an entry with host bits", entry("create", lbACL, "in 120 allow 80-80 10.1.2.3/16")},
		{"create an entry with number 0", entry("create", lbACL, "in 0 allow 80-80 10.0.0.0/16")},
		{"create an entry with number 32767", entry("create", lbACL, "in 32767 allow 80-80 10.0.0.0/16")},
		{"create an entry with ports in the wrong order", entry("create", lbACL, "in 130 allow 81-80 10.0.0.0/16")},
		{"create an entry in a network ACL that does not exist", entry("create", func(*fixture) string { return missingACL }, "in 100 allow 80-80 0.0.0.0/0")},
		{"replace an entry", entry("replace", lbACL, "in 100 allow 443-443 10.0.0.0/8")},
		{"replace an entry that does not exist", entry("replace", lbACL, "in 999 allow 443-443 10.0.0.0/8")},
		{"delete an entry", func(_ context.Context, f *fixture) (string, error) {
			f.deleteEntry(f.LoadBalancerACL, "in 100")
			return "", nil
		}},
		{"delete an entry that does not exist", func(ctx context.Context, f *fixture) (string, error) {
			_, err := f.ec2().DeleteNetworkAclEntry(ctx, &ec2.DeleteNetworkAclEntryInput{NetworkAclId: &f.LoadBalancerACL, Egress: aws.Bool(false), RuleNumber: aws.Int32(999)})
			return "", err
		}},
		{"describe a network ACL that does not exist", func(ctx context.Context, f *fixture) (string, error) {
			_, err := f.ec2().DescribeNetworkAcls(ctx, &ec2.DescribeNetworkAclsInput{NetworkAclIds: []string{missingACL}})
			return "", err
		}},
		{"describe the deny entries that AWS keeps", func(ctx context.Context, f *fixture) (string, error) {
			out, err := f.ec2().DescribeNetworkAcls(ctx, &ec2.DescribeNetworkAclsInput{NetworkAclIds: []string{f.InstanceACL}})
			if err != nil {
				return "", err
			}
			return fmt.Sprintf("%d entries", len(out.NetworkAcls[0].Entries)), nil
		}},
		{"create more entries than the quota", func(ctx context.Context, f *fixture) (string, error) {
			acl := func(f *fixture) string { return f.InstanceACL }
			for i := range 21 {
				if _, err := entry("create", acl, fmt.Sprintf("in %d allow 80-80 10.0.0.0/16", 100+i))(ctx, f); err != nil {
					f.baseline = f.rows()
					return fmt.Sprintf("%d fit", i), err
				}
			}
			f.baseline = f.rows()
			return "21 fit", nil
		}},
		{"delete a network ACL that has subnets", func(ctx context.Context, f *fixture) (string, error) {
			_, err := f.ec2().DeleteNetworkAcl(ctx, &ec2.DeleteNetworkAclInput{NetworkAclId: &f.InstanceACL})
			return "", err
		}},
	}
}

// carrying makes a load balancer carry groups.
func carrying(name func(*fixture) string, groups ...func(*fixture) string) func(context.Context, *fixture) (string, error) {
	return func(ctx context.Context, f *fixture) (string, error) {
		in := &elb.ApplySecurityGroupsToLoadBalancerInput{LoadBalancerName: aws.String(name(f)), SecurityGroups: []string{}}
		for _, group := range groups {
			in.SecurityGroups = append(in.SecurityGroups, group(f))
		}
		out, err := f.elb().ApplySecurityGroupsToLoadBalancer(ctx, in)
		if err != nil {
			return "", err
		}
		slices.Sort(out.SecurityGroups)
		return fmt.Sprintf("%d groups", len(out.SecurityGroups)), nil
	}
}

// andBack makes the load balancer carry its first group again after a call.
func andBack(call func(context.Context, *fixture) (string, error)) func(context.Context, *fixture) (string, error) {
	return func(ctx context.Context, f *fixture) (string, error) {
		answer, err := call(ctx, f)
		f.carry(f.LoadBalancer, f.LoadBalancerGroup)
		return answer, err
	}
}

func web(f *fixture) string { return f.LoadBalancer }

func listening(lbPort, instancePort int32) func(context.Context, *fixture) (string, error) {
	return func(ctx context.Context, f *fixture) (string, error) {
		_, err := f.elb().CreateLoadBalancerListeners(ctx, &elb.CreateLoadBalancerListenersInput{LoadBalancerName: &f.LoadBalancer, Listeners: []elbtypes.Listener{
			{Protocol: aws.String("TCP"), InstanceProtocol: aws.String("TCP"), LoadBalancerPort: lbPort, InstancePort: &instancePort},
		}})
		return "", err
	}
}

func checking(target string) func(context.Context, *fixture) (string, error) {
	return func(ctx context.Context, f *fixture) (string, error) {
		out, err := f.elb().ConfigureHealthCheck(ctx, &elb.ConfigureHealthCheckInput{LoadBalancerName: &f.LoadBalancer, HealthCheck: &elbtypes.HealthCheck{
			Target: &target, Interval: aws.Int32(30), Timeout: aws.Int32(5), HealthyThreshold: aws.Int32(2), UnhealthyThreshold: aws.Int32(2),
		}})
		if err != nil {
			return "", err
		}
		return *out.HealthCheck.Target, nil
	}
}

// loadBalancerTrials are the calls about load balancers, in their order.
func loadBalancerTrials() []trial {
	other := func(name string) func(*fixture) string { return func(f *fixture) string { return f.id(name) } }
	return []trial{
		{"describe a load balancer", func(ctx context.Context, f *fixture) (string, error) {
			out, err := f.elb().DescribeLoadBalancers(ctx, &elb.DescribeLoadBalancersInput{LoadBalancerNames: []string{f.LoadBalancer}})
			if err != nil {
				return "", err
			}
			lb := out.LoadBalancerDescriptions[0]
			slices.Sort(lb.Subnets)
			slices.Sort(f.LoadBalancerSubnets)
			return fmt.Sprintf("%s %s %t %v %s %s %d-%d", *lb.Scheme, f.named(strings.Join(lb.SecurityGroups, " ")), *lb.VPCId == f.VPC,
				slices.Equal(lb.Subnets, f.LoadBalancerSubnets), *lb.HealthCheck.Target, *lb.ListenerDescriptions[0].Listener.Protocol,
				lb.ListenerDescriptions[0].Listener.LoadBalancerPort, *lb.ListenerDescriptions[0].Listener.InstancePort), nil
		}},
		{"describe a load balancer that does not exist", func(ctx context.Context, f *fixture) (string, error) {
			_, err := f.elb().DescribeLoadBalancers(ctx, &elb.DescribeLoadBalancersInput{LoadBalancerNames: []string{"no-such-load-balancer"}})
			return "", err
		}},
		{"carry two groups", carrying(web, lbGroup, instanceGroup)},
		{"carry a group that does not exist", carrying(web, func(*fixture) string { return missingGroup })},
		{"carry one group again", carrying(web, lbGroup)},
		{"carry a group of another VPC", andBack(carrying(web, other("foreign_group")))},
		{"carry no group", andBack(carrying(web))},
		{"carry groups on a load balancer that does not exist", carrying(func(*fixture) string { return "no-such-load-balancer" }, lbGroup)},
		{"add a listener", listening(443, 8443)},
		{"add an identical listener", listening(443, 8443)},
		{"add another listener on the same port", listening(443, 9443)},
		{"check with TCP", checking("TCP:8080")},
		{"check with HTTP without a path", checking("HTTP:8080")},
		{"delete a load balancer", func(_ context.Context, f *fixture) (string, error) {
			f.deleteLoadBalancer(f.LoadBalancer)
			return "", nil
		}},
		{"delete a load balancer that is gone", func(_ context.Context, f *fixture) (string, error) {
			f.deleteLoadBalancer(f.LoadBalancer)
			return "", nil
		}},
	}
}
