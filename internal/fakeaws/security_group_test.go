// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package fakeaws_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/terraform-clb/terraform-provider-clb/internal/fakeaws"
)

func TestCreateSecurityGroupRefusals(t *testing.T) {
	t.Parallel()
	a := start(t, fakeaws.Config{Quotas: fakeaws.Quotas{GroupsPerRegion: 3}})
	vpcID := a.vpc("10.0.0.0/16")
	a.group(vpcID, "Web")
	for name, test := range map[string]struct {
		group, description, vpc string
		code                    string
	}{
		"taken":               {"web", "d", vpcID, "InvalidGroup.Duplicate"},
		"taken, with a space": {"Web ", "d", vpcID, "InvalidGroup.Duplicate"},
		"reserved":            {"default", "d", vpcID, "InvalidGroup.Reserved"},
		"like an id":          {"sg-web", "d", vpcID, "InvalidParameterValue"},
		"charset":             {"wéb", "d", vpcID, "InvalidParameterValue"},
		"too long":            {strings.Repeat("x", 256), "d", vpcID, "InvalidParameterValue"},
		"description charset": {"new", "für", vpcID, "InvalidParameterValue"},
		"no description":      {"new", "", vpcID, "MissingParameter"},
		"unknown VPC":         {"new", "d", "vpc-00000000000000000", "InvalidVpcID.NotFound"},
		"malformed VPC":       {"new", "d", "vpc", "InvalidVpcId.Malformed"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := a.ec2.CreateSecurityGroup(t.Context(), &ec2.CreateSecurityGroupInput{GroupName: &test.group, Description: &test.description, VpcId: &test.vpc})
			refused(t, err, test.code)
		})
	}
	_, err := a.ec2.CreateSecurityGroup(t.Context(), &ec2.CreateSecurityGroupInput{GroupName: aws.String("new"), Description: aws.String("d")})
	refused(t, err, "VPCIdNotSpecified")
	a.group(vpcID, "third")
	_, err = a.ec2.CreateSecurityGroup(t.Context(), &ec2.CreateSecurityGroupInput{GroupName: aws.String("new"), Description: aws.String("d"), VpcId: &vpcID})
	refused(t, err, "SecurityGroupLimitExceeded")
}

func TestDeleteSecurityGroup(t *testing.T) {
	t.Parallel()
	a := start(t, fakeaws.Config{})
	ctx := t.Context()
	vpcID := a.vpc("10.0.0.0/16")
	used, user := a.group(vpcID, "used"), a.group(vpcID, "user")
	must(a.authorize(user, fromGroup(80, used)))(t)
	must(a.authorize(user, fromGroup(80, user)))(t)
	remove := func(id string) error {
		_, err := a.ec2.DeleteSecurityGroup(ctx, &ec2.DeleteSecurityGroupInput{GroupId: &id})
		return err
	}
	refused(t, remove(used), "DependencyViolation")
	for _, g := range a.server.SecurityGroups(region) {
		if g.Name == "default" {
			refused(t, remove(g.ID), "CannotDelete")
			rules := a.server.SecurityGroupRules(region, g.ID)
			if len(rules) != 2 || rules[0].ReferencedGroupID != g.ID || rules[1].CIDRIPv4 != "0.0.0.0/0" || !rules[1].Egress {
				t.Errorf("rules of the default group: %+v", rules)
			}
		}
	}
	instance := a.instance(a.subnet(vpcID, "10.0.0.0/24", "us-east-1a"), user)
	refused(t, remove(user), "DependencyViolation")
	must(a.ec2.TerminateInstances(ctx, &ec2.TerminateInstancesInput{InstanceIds: []string{instance}}))(t)
	if err := remove(user); err != nil {
		t.Errorf("a group that only refers to itself: %v", err)
	}
	if err := remove(used); err != nil {
		t.Error(err)
	}
	refused(t, remove(used), "InvalidGroup.NotFound")
	if a.server.SecurityGroupRules(region, used) != nil {
		t.Error("a deleted group has rules")
	}
	_, err := a.ec2.DeleteSecurityGroup(ctx, &ec2.DeleteSecurityGroupInput{})
	refused(t, err, "MissingParameter")
}

// TestDescribeSecurityGroupsWholly is about calls by identifier that fail as a
// whole when one of them is missing, and calls by filter that do not.
func TestDescribeSecurityGroupsWholly(t *testing.T) {
	t.Parallel()
	a := start(t, fakeaws.Config{})
	ctx := t.Context()
	group := a.group(a.vpc("10.0.0.0/16"), "web")
	const gone = "sg-00000000000000000"
	_, err := a.ec2.DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{GroupIds: []string{group, gone}})
	refused(t, err, "InvalidGroup.NotFound")
	_, err = a.ec2.DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{GroupIds: []string{group, "sg-xyz"}})
	refused(t, err, "InvalidGroupId.Malformed")
	_, err = a.ec2.DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{GroupNames: []string{"web"}})
	refused(t, err, "VPCIdNotSpecified")
	found := must(a.ec2.DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{
		Filters: []ec2types.Filter{{Name: aws.String("group-id"), Values: []string{group, gone}}},
	}))(t).SecurityGroups
	if len(found) != 1 {
		t.Errorf("by filter: %d groups, want 1", len(found))
	}
	rules := must(a.ec2.DescribeSecurityGroupRules(ctx, &ec2.DescribeSecurityGroupRulesInput{
		Filters: []ec2types.Filter{{Name: aws.String("group-id"), Values: []string{gone}}},
	}))(t).SecurityGroupRules
	if len(rules) != 0 {
		t.Errorf("rules of a missing group: %v", rules)
	}
	_, err = a.ec2.DescribeSecurityGroupRules(ctx, &ec2.DescribeSecurityGroupRulesInput{
		Filters: []ec2types.Filter{{Name: aws.String("group-id"), Values: []string{"web"}}},
	})
	refused(t, err, "InvalidGroupId.Malformed")
	_, err = a.ec2.DescribeSecurityGroupRules(ctx, &ec2.DescribeSecurityGroupRulesInput{SecurityGroupRuleIds: []string{"sgr-00000000000000000"}})
	refused(t, err, "InvalidSecurityGroupRuleId.NotFound")
}

func TestTags(t *testing.T) {
	t.Parallel()
	a := start(t, fakeaws.Config{})
	ctx := t.Context()
	vpcID := a.vpc("10.0.0.0/16")
	group := a.group(vpcID, "web")
	rule := *must(a.authorize(group, fromCIDR(80, "0.0.0.0/0")))(t).SecurityGroupRules[0].SecurityGroupRuleId
	tag := func(key, value string) ec2types.Tag { return ec2types.Tag{Key: &key, Value: &value} }
	create := func(id string, tags ...ec2types.Tag) error {
		_, err := a.ec2.CreateTags(ctx, &ec2.CreateTagsInput{Resources: []string{id}, Tags: tags})
		return err
	}
	many := func(n int) []ec2types.Tag {
		var out []ec2types.Tag
		for i := range n {
			out = append(out, tag("k"+itoa(i), "v"))
		}
		return out
	}
	refused(t, create("sgr-00000000000000000", tag("a", "b")), "InvalidSecurityGroupRuleId.NotFound")
	refused(t, create("sg-00000000000000000", tag("a", "b")), "InvalidGroup.NotFound")
	refused(t, create("x-1", tag("a", "b")), "InvalidID")
	refused(t, create(rule, tag("aws:a", "b")), "InvalidParameterValue")
	refused(t, create(rule, tag("", "b")), "InvalidParameterValue")
	refused(t, create(rule, tag("a", "b"), tag("a", "c")), "InvalidParameterValue")
	refused(t, create(rule, tag(strings.Repeat("k", 129), "b")), "InvalidParameterValue")
	refused(t, create(rule, tag("a", strings.Repeat("v", 257))), "InvalidParameterValue")
	refused(t, create(rule, []ec2types.Tag{}...), "MissingParameter")
	refused(t, create(rule, many(51)...), "TagLimitExceeded")
	if err := create(rule, many(50)...); err != nil {
		t.Fatal(err)
	}
	refused(t, create(rule, tag("more", "")), "TagLimitExceeded")
	_, err := a.ec2.CreateTags(ctx, &ec2.CreateTagsInput{Resources: []string{rule, "sg-00000000000000000"}, Tags: []ec2types.Tag{tag("k0", "new")}})
	refused(t, err, "InvalidGroup.NotFound")
	if got := a.ingress(group)[0].Tags["k0"]; got != "v" {
		t.Errorf("a refused call changed a tag to %q", got)
	}
	remove := func(tags ...ec2types.Tag) {
		must(a.ec2.DeleteTags(ctx, &ec2.DeleteTagsInput{Resources: []string{rule}, Tags: tags}))(t)
	}
	remove(tag("k0", "other"), tag("gone", ""), ec2types.Tag{Key: aws.String("k1")}, tag("k2", "v"))
	left := a.ingress(group)[0].Tags
	if _, ok := left["k0"]; !ok || len(left) != 48 {
		t.Errorf("%d tags left", len(left))
	}
	remove()
	if left := a.ingress(group)[0].Tags; len(left) != 0 {
		t.Errorf("left: %v", left)
	}
}
