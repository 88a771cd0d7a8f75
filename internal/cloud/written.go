// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing"
)

// countedEC2 and countedELB count the writes, so that no read has to know who may
// have written what it has read.
type countedEC2 struct {
	EC2API
	writes *writes
}

type countedELB struct {
	ELBAPI
	writes *writes
}

func (c countedEC2) AuthorizeSecurityGroupIngress(ctx context.Context, in *ec2.AuthorizeSecurityGroupIngressInput, options ...func(*ec2.Options)) (*ec2.AuthorizeSecurityGroupIngressOutput, error) {
	defer c.writes.begin()()
	return c.EC2API.AuthorizeSecurityGroupIngress(ctx, in, options...)
}

func (c countedEC2) AuthorizeSecurityGroupEgress(ctx context.Context, in *ec2.AuthorizeSecurityGroupEgressInput, options ...func(*ec2.Options)) (*ec2.AuthorizeSecurityGroupEgressOutput, error) {
	defer c.writes.begin()()
	return c.EC2API.AuthorizeSecurityGroupEgress(ctx, in, options...)
}

func (c countedEC2) RevokeSecurityGroupIngress(ctx context.Context, in *ec2.RevokeSecurityGroupIngressInput, options ...func(*ec2.Options)) (*ec2.RevokeSecurityGroupIngressOutput, error) {
	defer c.writes.begin()()
	return c.EC2API.RevokeSecurityGroupIngress(ctx, in, options...)
}

func (c countedEC2) RevokeSecurityGroupEgress(ctx context.Context, in *ec2.RevokeSecurityGroupEgressInput, options ...func(*ec2.Options)) (*ec2.RevokeSecurityGroupEgressOutput, error) {
	defer c.writes.begin()()
	return c.EC2API.RevokeSecurityGroupEgress(ctx, in, options...)
}

func (c countedEC2) UpdateSecurityGroupRuleDescriptionsIngress(ctx context.Context, in *ec2.UpdateSecurityGroupRuleDescriptionsIngressInput, options ...func(*ec2.Options)) (*ec2.UpdateSecurityGroupRuleDescriptionsIngressOutput, error) {
	defer c.writes.begin()()
	return c.EC2API.UpdateSecurityGroupRuleDescriptionsIngress(ctx, in, options...)
}

func (c countedEC2) ModifySecurityGroupRules(ctx context.Context, in *ec2.ModifySecurityGroupRulesInput, options ...func(*ec2.Options)) (*ec2.ModifySecurityGroupRulesOutput, error) {
	defer c.writes.begin()()
	return c.EC2API.ModifySecurityGroupRules(ctx, in, options...)
}

func (c countedEC2) CreateTags(ctx context.Context, in *ec2.CreateTagsInput, options ...func(*ec2.Options)) (*ec2.CreateTagsOutput, error) {
	defer c.writes.begin()()
	return c.EC2API.CreateTags(ctx, in, options...)
}

func (c countedEC2) DeleteTags(ctx context.Context, in *ec2.DeleteTagsInput, options ...func(*ec2.Options)) (*ec2.DeleteTagsOutput, error) {
	defer c.writes.begin()()
	return c.EC2API.DeleteTags(ctx, in, options...)
}

func (c countedEC2) CreateNetworkAclEntry(ctx context.Context, in *ec2.CreateNetworkAclEntryInput, options ...func(*ec2.Options)) (*ec2.CreateNetworkAclEntryOutput, error) {
	defer c.writes.begin()()
	return c.EC2API.CreateNetworkAclEntry(ctx, in, options...)
}

func (c countedEC2) ReplaceNetworkAclEntry(ctx context.Context, in *ec2.ReplaceNetworkAclEntryInput, options ...func(*ec2.Options)) (*ec2.ReplaceNetworkAclEntryOutput, error) {
	defer c.writes.begin()()
	return c.EC2API.ReplaceNetworkAclEntry(ctx, in, options...)
}

func (c countedEC2) DeleteNetworkAclEntry(ctx context.Context, in *ec2.DeleteNetworkAclEntryInput, options ...func(*ec2.Options)) (*ec2.DeleteNetworkAclEntryOutput, error) {
	defer c.writes.begin()()
	return c.EC2API.DeleteNetworkAclEntry(ctx, in, options...)
}

func (c countedELB) ApplySecurityGroupsToLoadBalancer(ctx context.Context, in *elb.ApplySecurityGroupsToLoadBalancerInput, options ...func(*elb.Options)) (*elb.ApplySecurityGroupsToLoadBalancerOutput, error) {
	defer c.writes.begin()()
	return c.ELBAPI.ApplySecurityGroupsToLoadBalancer(ctx, in, options...)
}
