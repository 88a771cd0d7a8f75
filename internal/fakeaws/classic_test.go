// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package fakeaws_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing/types"

	"github.com/terraform-clb/terraform-provider-clb/internal/fakeaws"
)

// classicAccount is an account with EC2-Classic and a group "web" in it.
func classicAccount(t *testing.T, config fakeaws.Config) (a *account, group string) {
	t.Helper()
	config.Classic = true
	a = start(t, config)
	group = a.classicGroup("web")
	return a, group
}

func (a *account) classicGroup(name string) string {
	a.t.Helper()
	made, err := a.ec2.CreateSecurityGroup(a.t.Context(), &ec2.CreateSecurityGroupInput{GroupName: &name, Description: &name})
	if err != nil {
		a.t.Fatal(err)
	}
	return *made.GroupId
}

// fromSource is a permission of the group of Elastic Load Balancing.
func fromSource(protocol string, from, to int32) ec2types.IpPermission {
	return ec2types.IpPermission{IpProtocol: &protocol, FromPort: &from, ToPort: &to, UserIdGroupPairs: []ec2types.UserIdGroupPair{
		{UserId: aws.String("amazon-elb"), GroupName: aws.String("amazon-elb-sg")},
	}}
}

func authorizeNamed(a *account, name string, permissions ...ec2types.IpPermission) error {
	_, err := a.ec2.AuthorizeSecurityGroupIngress(a.t.Context(), &ec2.AuthorizeSecurityGroupIngressInput{GroupName: &name, IpPermissions: permissions})
	return err
}

// TestLockDown follows the steps of "Security groups for instances in
// EC2-Classic" in the user guide.
func TestLockDown(t *testing.T) {
	t.Parallel()
	a, _ := classicAccount(t, fakeaws.Config{})
	if err := authorizeNamed(a, "web", fromCIDR(80, "0.0.0.0/0")); err != nil {
		t.Fatal(err)
	}
	whole := &ec2.AuthorizeSecurityGroupIngressInput{
		GroupName: aws.String("web"), SourceSecurityGroupName: aws.String("amazon-elb-sg"), SourceSecurityGroupOwnerId: aws.String("amazon-elb"),
	}
	out, err := a.ec2.AuthorizeSecurityGroupIngress(t.Context(), whole)
	if err != nil || len(out.SecurityGroupRules) != 0 {
		t.Fatalf("rules of EC2-Classic have no ids to answer with: %v, %v", out, err)
	}
	_, err = a.ec2.AuthorizeSecurityGroupIngress(t.Context(), whole)
	refused(t, err, "InvalidPermission.Duplicate")

	if _, err := a.ec2.RevokeSecurityGroupIngress(t.Context(), &ec2.RevokeSecurityGroupIngressInput{
		GroupName: aws.String("web"), IpProtocol: aws.String("tcp"), FromPort: aws.Int32(80), ToPort: aws.Int32(80), CidrIp: aws.String("0.0.0.0/0"),
	}); err != nil {
		t.Fatal(err)
	}
	found, err := a.ec2.DescribeSecurityGroups(t.Context(), &ec2.DescribeSecurityGroupsInput{GroupNames: []string{"web"}})
	if err != nil {
		t.Fatal(err)
	}
	group := found.SecurityGroups[0]
	if group.VpcId != nil || len(group.IpPermissionsEgress) != 0 {
		t.Errorf("a group of EC2-Classic has neither VPC nor outbound rules: %+v", group)
	}
	var got []string
	for _, p := range group.IpPermissions {
		pair := p.UserIdGroupPairs[0]
		got = append(got, fmt.Sprintf("%s %d-%d %s %s %s", *p.IpProtocol, *p.FromPort, *p.ToPort, *pair.UserId, *pair.GroupName, *pair.GroupId))
	}
	want := "icmp -1--1 amazon-elb amazon-elb-sg sg-5a9c116a\ntcp 1-65535 amazon-elb amazon-elb-sg sg-5a9c116a\nudp 1-65535 amazon-elb amazon-elb-sg sg-5a9c116a"
	if strings.Join(got, "\n") != want {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), want)
	}
}

func TestClassicRules(t *testing.T) {
	t.Parallel()
	a, id := classicAccount(t, fakeaws.Config{})
	s := a.vpc("10.0.0.0/16")
	inVPC := a.group(s, "vpc")
	other := a.classicGroup("other")
	port := func(pair ec2types.UserIdGroupPair) ec2types.IpPermission {
		return ec2types.IpPermission{IpProtocol: aws.String("tcp"), FromPort: aws.Int32(8080), ToPort: aws.Int32(8080), UserIdGroupPairs: []ec2types.UserIdGroupPair{pair}}
	}
	for name, test := range map[string]struct {
		permission ec2types.IpPermission
		code       string
	}{
		"port of the source group":      {fromSource("tcp", 80, 80), ""},
		"own group by name":             {port(ec2types.UserIdGroupPair{GroupName: aws.String("other")}), ""},
		"own group by id":               {port(ec2types.UserIdGroupPair{GroupId: &id}), ""},
		"source group under other name": {port(ec2types.UserIdGroupPair{UserId: aws.String("amazon-elb"), GroupName: aws.String("web")}), "InvalidGroup.NotFound"},
		"source group of the account":   {port(ec2types.UserIdGroupPair{GroupName: aws.String("amazon-elb-sg")}), "InvalidGroup.NotFound"},
		"unknown account":               {port(ec2types.UserIdGroupPair{UserId: aws.String("210987654321"), GroupName: aws.String("web")}), "InvalidGroup.NotFound"},
		"group in a VPC":                {port(ec2types.UserIdGroupPair{GroupId: &inVPC}), "InvalidGroup.NotFound"},
		"id and name":                   {port(ec2types.UserIdGroupPair{GroupId: &other, GroupName: aws.String("other")}), "InvalidParameterCombination"},
		"all protocols":                 {fromSource("-1", -1, -1), "InvalidPermission.Malformed"},
		"another protocol":              {fromSource("50", -1, -1), "InvalidPermission.Malformed"},
		"IPv6":                          {ec2types.IpPermission{IpProtocol: aws.String("tcp"), FromPort: aws.Int32(1), ToPort: aws.Int32(1), Ipv6Ranges: []ec2types.Ipv6Range{{CidrIpv6: aws.String("::/0")}}}, "InvalidParameterValue"},
		"prefix list":                   {ec2types.IpPermission{IpProtocol: aws.String("tcp"), FromPort: aws.Int32(1), ToPort: aws.Int32(1), PrefixListIds: []ec2types.PrefixListId{{PrefixListId: aws.String("pl-0123456789abcdef0")}}}, "InvalidParameterValue"},
	} {
		err := authorizeNamed(a, "web", test.permission)
		if test.code == "" {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		t.Run(name, func(t *testing.T) { refused(t, err, test.code) })
	}
	refused(t, authorizeNamed(a, "vpc", fromCIDR(80, "0.0.0.0/0")), "InvalidGroup.NotFound")
	refused(t, authorizeNamed(a, "sg-5a9c116a", fromCIDR(80, "0.0.0.0/0")), "InvalidGroup.NotFound")

	ctx := t.Context()
	_, err := a.ec2.AuthorizeSecurityGroupEgress(ctx, &ec2.AuthorizeSecurityGroupEgressInput{GroupId: &id, IpPermissions: []ec2types.IpPermission{fromCIDR(80, "0.0.0.0/0")}})
	refused(t, err, "InvalidParameterValue")
	_, err = a.ec2.AuthorizeSecurityGroupIngress(ctx, &ec2.AuthorizeSecurityGroupIngressInput{GroupId: &id, IpPermissions: []ec2types.IpPermission{fromCIDR(81, "0.0.0.0/0")},
		TagSpecifications: []ec2types.TagSpecification{{ResourceType: ec2types.ResourceTypeSecurityGroupRule, Tags: []ec2types.Tag{{Key: aws.String("a"), Value: aws.String("b")}}}}})
	refused(t, err, "InvalidParameterValue")
	_, err = a.ec2.RevokeSecurityGroupIngress(ctx, &ec2.RevokeSecurityGroupIngressInput{GroupId: &id, SecurityGroupRuleIds: []string{a.server.SecurityGroupRules(region, id)[0].ID}})
	refused(t, err, "InvalidParameterValue")
	_, err = a.ec2.AuthorizeSecurityGroupIngress(ctx, &ec2.AuthorizeSecurityGroupIngressInput{GroupId: aws.String("sg-5a9c116a"), IpPermissions: []ec2types.IpPermission{fromCIDR(81, "0.0.0.0/0")}})
	refused(t, err, "InvalidGroup.NotFound")

	out, err := a.ec2.RevokeSecurityGroupIngress(ctx, &ec2.RevokeSecurityGroupIngressInput{GroupName: aws.String("web"), IpPermissions: []ec2types.IpPermission{fromSource("tcp", 99, 99)}})
	if err != nil || len(out.UnknownIpPermissions) != 1 {
		t.Errorf("a permission that is not there is told, not refused: %+v, %v", out, err)
	}
	rules, err := a.ec2.DescribeSecurityGroupRules(ctx, &ec2.DescribeSecurityGroupRulesInput{Filters: []ec2types.Filter{{Name: aws.String("group-id"), Values: []string{id}}}})
	if err != nil || len(rules.SecurityGroupRules) != 0 {
		t.Errorf("rules of EC2-Classic have no ids to be listed with: %v, %v", rules, err)
	}
	_, err = a.ec2.DeleteSecurityGroup(ctx, &ec2.DeleteSecurityGroupInput{GroupName: aws.String("other")})
	refused(t, err, "InvalidGroup.InUse")
	_, err = a.ec2.CreateSecurityGroup(ctx, &ec2.CreateSecurityGroupInput{GroupName: aws.String("WEB"), Description: aws.String("again")})
	refused(t, err, "InvalidGroup.Duplicate")
	_, err = a.ec2.CreateDefaultVpc(ctx, &ec2.CreateDefaultVpcInput{})
	refused(t, err, "OperationNotPermitted")
}

func TestClassicRuleQuota(t *testing.T) {
	t.Parallel()
	a, _ := classicAccount(t, fakeaws.Config{})
	var permissions []ec2types.IpPermission
	for port := range int32(100) {
		permissions = append(permissions, fromCIDR(port+1, "0.0.0.0/0"))
	}
	if err := authorizeNamed(a, "web", permissions...); err != nil {
		t.Fatal(err)
	}
	refused(t, authorizeNamed(a, "web", fromSource("tcp", 80, 80)), "RulesPerSecurityGroupLimitExceeded")
}

// TestSourceGroupInVPC uses the group of EC2-Classic where it does not exist.
func TestSourceGroupInVPC(t *testing.T) {
	t.Parallel()
	a := start(t, fakeaws.Config{Classic: true})
	group := a.group(a.vpc("10.0.0.0/16"), "vpc")
	for _, in := range []ec2.AuthorizeSecurityGroupIngressInput{
		{IpPermissions: []ec2types.IpPermission{fromSource("tcp", 80, 80)}},
		{IpPermissions: []ec2types.IpPermission{{IpProtocol: aws.String("tcp"), FromPort: aws.Int32(80), ToPort: aws.Int32(80), UserIdGroupPairs: []ec2types.UserIdGroupPair{
			{UserId: aws.String("amazon-elb"), GroupId: aws.String("amazon-elb-sg")},
		}}}},
		{SourceSecurityGroupName: aws.String("amazon-elb-sg"), SourceSecurityGroupOwnerId: aws.String("amazon-elb")},
	} {
		in.GroupId = &group
		_, err := a.ec2.AuthorizeSecurityGroupIngress(t.Context(), &in)
		refused(t, err, "InvalidGroup.NotFound")
	}
	// Without EC2-Classic, a group has a VPC.
	_, err := start(t, fakeaws.Config{}).ec2.CreateSecurityGroup(t.Context(), &ec2.CreateSecurityGroupInput{GroupName: aws.String("web"), Description: aws.String("web")})
	refused(t, err, "VPCIdNotSpecified")
}

func TestClassicLoadBalancer(t *testing.T) {
	t.Parallel()
	a, group := classicAccount(t, fakeaws.Config{})
	ctx := t.Context()
	create := func(change func(*elb.CreateLoadBalancerInput)) error {
		in := &elb.CreateLoadBalancerInput{LoadBalancerName: aws.String("web"), AvailabilityZones: []string{"us-east-1a"}, Listeners: []elbtypes.Listener{
			{Protocol: aws.String("TCP"), LoadBalancerPort: 80, InstancePort: aws.Int32(8080)},
		}}
		change(in)
		_, err := a.elb.CreateLoadBalancer(ctx, in)
		return err
	}
	refused(t, create(func(in *elb.CreateLoadBalancerInput) { in.SecurityGroups = []string{group} }), "InvalidConfigurationRequest", 409)
	refused(t, create(func(in *elb.CreateLoadBalancerInput) { in.Scheme = aws.String("internal") }), "InvalidScheme")
	refused(t, create(func(in *elb.CreateLoadBalancerInput) { in.Listeners[0].LoadBalancerPort = 81 }), "InvalidConfigurationRequest", 409)
	refused(t, create(func(in *elb.CreateLoadBalancerInput) { in.AvailabilityZones = []string{"mars-1a"} }), "ValidationError")
	for range 2 {
		if err := create(func(*elb.CreateLoadBalancerInput) {}); err != nil {
			t.Fatal(err)
		}
	}
	refused(t, create(func(in *elb.CreateLoadBalancerInput) { in.AvailabilityZones = []string{"us-east-1b"} }), "DuplicateLoadBalancerName")

	launched, err := a.ec2.RunInstances(ctx, &ec2.RunInstancesInput{ImageId: aws.String("ami-12345678"), MinCount: aws.Int32(1), MaxCount: aws.Int32(1), SecurityGroups: []string{"web"}})
	if err != nil {
		t.Fatal(err)
	}
	instance := launched.Instances[0].InstanceId
	if _, err := a.elb.RegisterInstancesWithLoadBalancer(ctx, &elb.RegisterInstancesWithLoadBalancerInput{
		LoadBalancerName: aws.String("web"), Instances: []elbtypes.Instance{{InstanceId: instance}},
	}); err != nil {
		t.Fatal(err)
	}
	health, err := a.elb.DescribeInstanceHealth(ctx, &elb.DescribeInstanceHealthInput{LoadBalancerName: aws.String("web")})
	if err != nil || *health.InstanceStates[0].State != "InService" {
		t.Errorf("health: %+v, %v", health, err)
	}
	found, err := a.elb.DescribeLoadBalancers(ctx, &elb.DescribeLoadBalancersInput{})
	if err != nil {
		t.Fatal(err)
	}
	lb := found.LoadBalancerDescriptions[0]
	if lb.VPCId != nil || lb.Scheme != nil || len(lb.SecurityGroups)+len(lb.Subnets) != 0 || *lb.SourceSecurityGroup.OwnerAlias != "amazon-elb" || *lb.SourceSecurityGroup.GroupName != "amazon-elb-sg" {
		t.Errorf("load balancer in EC2-Classic: %+v", lb)
	}
	_, err = a.elb.ApplySecurityGroupsToLoadBalancer(ctx, &elb.ApplySecurityGroupsToLoadBalancerInput{LoadBalancerName: aws.String("web"), SecurityGroups: []string{a.group(a.vpc("10.0.0.0/16"), "vpc")}})
	refused(t, err, "InvalidConfigurationRequest", 409)
	if !strings.Contains(err.Error(), "Security groups can be applied to only ELBs in VPC.") {
		t.Errorf("got %v", err)
	}
	instances, err := a.ec2.DescribeInstances(ctx, &ec2.DescribeInstancesInput{InstanceIds: []string{*instance}})
	if err != nil {
		t.Fatal(err)
	}
	if i := instances.Reservations[0].Instances[0]; aws.ToString(i.VpcId) != "" || *i.SecurityGroups[0].GroupName != "web" || *i.SecurityGroups[0].GroupId != group {
		t.Errorf("instance in EC2-Classic: %+v", i)
	}
	_, err = a.ec2.DeleteSecurityGroup(ctx, &ec2.DeleteSecurityGroupInput{GroupName: aws.String("web")})
	refused(t, err, "InvalidGroup.InUse")
}
