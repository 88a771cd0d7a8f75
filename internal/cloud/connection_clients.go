// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing"
)

// ec2Calls and elbCalls hand on the calls of a client, one by one. They hold
// the client's methods, not the client: the linker keeps all methods of a type
// that can be reached from an interface value, as this program also calls
// methods by name (net/rpc, which go-plugin serves with, does so in its debug
// page). With the client itself in a field, 20 MB of EC2 operations that nobody
// calls would be in the program.
type ec2Calls struct {
	describeSecurityGroups        call[ec2.DescribeSecurityGroupsInput, ec2.Options, ec2.DescribeSecurityGroupsOutput]
	describeSecurityGroupRules    call[ec2.DescribeSecurityGroupRulesInput, ec2.Options, ec2.DescribeSecurityGroupRulesOutput]
	describeNetworkACLs           call[ec2.DescribeNetworkAclsInput, ec2.Options, ec2.DescribeNetworkAclsOutput]
	describeInstances             call[ec2.DescribeInstancesInput, ec2.Options, ec2.DescribeInstancesOutput]
	describeSubnets               call[ec2.DescribeSubnetsInput, ec2.Options, ec2.DescribeSubnetsOutput]
	describeVPCs                  call[ec2.DescribeVpcsInput, ec2.Options, ec2.DescribeVpcsOutput]
	describeManagedPrefixLists    call[ec2.DescribeManagedPrefixListsInput, ec2.Options, ec2.DescribeManagedPrefixListsOutput]
	getManagedPrefixListEntries   call[ec2.GetManagedPrefixListEntriesInput, ec2.Options, ec2.GetManagedPrefixListEntriesOutput]
	authorizeSecurityGroupIngress call[ec2.AuthorizeSecurityGroupIngressInput, ec2.Options, ec2.AuthorizeSecurityGroupIngressOutput]
	authorizeSecurityGroupEgress  call[ec2.AuthorizeSecurityGroupEgressInput, ec2.Options, ec2.AuthorizeSecurityGroupEgressOutput]
	revokeSecurityGroupIngress    call[ec2.RevokeSecurityGroupIngressInput, ec2.Options, ec2.RevokeSecurityGroupIngressOutput]
	revokeSecurityGroupEgress     call[ec2.RevokeSecurityGroupEgressInput, ec2.Options, ec2.RevokeSecurityGroupEgressOutput]
	modifySecurityGroupRules      call[ec2.ModifySecurityGroupRulesInput, ec2.Options, ec2.ModifySecurityGroupRulesOutput]
	updateRuleDescriptionsIngress call[ec2.UpdateSecurityGroupRuleDescriptionsIngressInput, ec2.Options, ec2.UpdateSecurityGroupRuleDescriptionsIngressOutput]
	createTags                    call[ec2.CreateTagsInput, ec2.Options, ec2.CreateTagsOutput]
	deleteTags                    call[ec2.DeleteTagsInput, ec2.Options, ec2.DeleteTagsOutput]
	createNetworkACLEntry         call[ec2.CreateNetworkAclEntryInput, ec2.Options, ec2.CreateNetworkAclEntryOutput]
	replaceNetworkACLEntry        call[ec2.ReplaceNetworkAclEntryInput, ec2.Options, ec2.ReplaceNetworkAclEntryOutput]
	deleteNetworkACLEntry         call[ec2.DeleteNetworkAclEntryInput, ec2.Options, ec2.DeleteNetworkAclEntryOutput]
}

type elbCalls struct {
	describeLoadBalancers             call[elb.DescribeLoadBalancersInput, elb.Options, elb.DescribeLoadBalancersOutput]
	describeTags                      call[elb.DescribeTagsInput, elb.Options, elb.DescribeTagsOutput]
	describeLoadBalancerAttributes    call[elb.DescribeLoadBalancerAttributesInput, elb.Options, elb.DescribeLoadBalancerAttributesOutput]
	applySecurityGroupsToLoadBalancer call[elb.ApplySecurityGroupsToLoadBalancerInput, elb.Options, elb.ApplySecurityGroupsToLoadBalancerOutput]
}

// call is the shape of every method of a client.
type call[Input, Options, Output any] func(context.Context, *Input, ...func(*Options)) (*Output, error)

var (
	_ EC2API = (*ec2Calls)(nil)
	_ ELBAPI = (*elbCalls)(nil)
)

func newEC2Calls(c *ec2.Client) *ec2Calls {
	return &ec2Calls{
		describeSecurityGroups:        c.DescribeSecurityGroups,
		describeSecurityGroupRules:    c.DescribeSecurityGroupRules,
		describeNetworkACLs:           c.DescribeNetworkAcls,
		describeInstances:             c.DescribeInstances,
		describeSubnets:               c.DescribeSubnets,
		describeVPCs:                  c.DescribeVpcs,
		describeManagedPrefixLists:    c.DescribeManagedPrefixLists,
		getManagedPrefixListEntries:   c.GetManagedPrefixListEntries,
		authorizeSecurityGroupIngress: c.AuthorizeSecurityGroupIngress,
		authorizeSecurityGroupEgress:  c.AuthorizeSecurityGroupEgress,
		revokeSecurityGroupIngress:    c.RevokeSecurityGroupIngress,
		revokeSecurityGroupEgress:     c.RevokeSecurityGroupEgress,
		modifySecurityGroupRules:      c.ModifySecurityGroupRules,
		updateRuleDescriptionsIngress: c.UpdateSecurityGroupRuleDescriptionsIngress,
		createTags:                    c.CreateTags,
		deleteTags:                    c.DeleteTags,
		createNetworkACLEntry:         c.CreateNetworkAclEntry,
		replaceNetworkACLEntry:        c.ReplaceNetworkAclEntry,
		deleteNetworkACLEntry:         c.DeleteNetworkAclEntry,
	}
}

func newELBCalls(c *elb.Client) *elbCalls {
	return &elbCalls{
		describeLoadBalancers:             c.DescribeLoadBalancers,
		describeTags:                      c.DescribeTags,
		describeLoadBalancerAttributes:    c.DescribeLoadBalancerAttributes,
		applySecurityGroupsToLoadBalancer: c.ApplySecurityGroupsToLoadBalancer,
	}
}

func (c *ec2Calls) DescribeSecurityGroups(ctx context.Context, in *ec2.DescribeSecurityGroupsInput, options ...func(*ec2.Options)) (*ec2.DescribeSecurityGroupsOutput, error) {
	return c.describeSecurityGroups(ctx, in, options...)
}

func (c *ec2Calls) DescribeSecurityGroupRules(ctx context.Context, in *ec2.DescribeSecurityGroupRulesInput, options ...func(*ec2.Options)) (*ec2.DescribeSecurityGroupRulesOutput, error) {
	return c.describeSecurityGroupRules(ctx, in, options...)
}

func (c *ec2Calls) DescribeNetworkAcls(ctx context.Context, in *ec2.DescribeNetworkAclsInput, options ...func(*ec2.Options)) (*ec2.DescribeNetworkAclsOutput, error) {
	return c.describeNetworkACLs(ctx, in, options...)
}

func (c *ec2Calls) DescribeInstances(ctx context.Context, in *ec2.DescribeInstancesInput, options ...func(*ec2.Options)) (*ec2.DescribeInstancesOutput, error) {
	return c.describeInstances(ctx, in, options...)
}

func (c *ec2Calls) DescribeSubnets(ctx context.Context, in *ec2.DescribeSubnetsInput, options ...func(*ec2.Options)) (*ec2.DescribeSubnetsOutput, error) {
	return c.describeSubnets(ctx, in, options...)
}

func (c *ec2Calls) DescribeVpcs(ctx context.Context, in *ec2.DescribeVpcsInput, options ...func(*ec2.Options)) (*ec2.DescribeVpcsOutput, error) {
	return c.describeVPCs(ctx, in, options...)
}

func (c *ec2Calls) DescribeManagedPrefixLists(ctx context.Context, in *ec2.DescribeManagedPrefixListsInput, options ...func(*ec2.Options)) (*ec2.DescribeManagedPrefixListsOutput, error) {
	return c.describeManagedPrefixLists(ctx, in, options...)
}

func (c *ec2Calls) GetManagedPrefixListEntries(ctx context.Context, in *ec2.GetManagedPrefixListEntriesInput, options ...func(*ec2.Options)) (*ec2.GetManagedPrefixListEntriesOutput, error) {
	return c.getManagedPrefixListEntries(ctx, in, options...)
}

func (c *ec2Calls) AuthorizeSecurityGroupIngress(ctx context.Context, in *ec2.AuthorizeSecurityGroupIngressInput, options ...func(*ec2.Options)) (*ec2.AuthorizeSecurityGroupIngressOutput, error) {
	return c.authorizeSecurityGroupIngress(ctx, in, options...)
}

func (c *ec2Calls) AuthorizeSecurityGroupEgress(ctx context.Context, in *ec2.AuthorizeSecurityGroupEgressInput, options ...func(*ec2.Options)) (*ec2.AuthorizeSecurityGroupEgressOutput, error) {
	return c.authorizeSecurityGroupEgress(ctx, in, options...)
}

func (c *ec2Calls) RevokeSecurityGroupIngress(ctx context.Context, in *ec2.RevokeSecurityGroupIngressInput, options ...func(*ec2.Options)) (*ec2.RevokeSecurityGroupIngressOutput, error) {
	return c.revokeSecurityGroupIngress(ctx, in, options...)
}

func (c *ec2Calls) RevokeSecurityGroupEgress(ctx context.Context, in *ec2.RevokeSecurityGroupEgressInput, options ...func(*ec2.Options)) (*ec2.RevokeSecurityGroupEgressOutput, error) {
	return c.revokeSecurityGroupEgress(ctx, in, options...)
}

func (c *ec2Calls) ModifySecurityGroupRules(ctx context.Context, in *ec2.ModifySecurityGroupRulesInput, options ...func(*ec2.Options)) (*ec2.ModifySecurityGroupRulesOutput, error) {
	return c.modifySecurityGroupRules(ctx, in, options...)
}

func (c *ec2Calls) UpdateSecurityGroupRuleDescriptionsIngress(ctx context.Context, in *ec2.UpdateSecurityGroupRuleDescriptionsIngressInput, options ...func(*ec2.Options)) (*ec2.UpdateSecurityGroupRuleDescriptionsIngressOutput, error) {
	return c.updateRuleDescriptionsIngress(ctx, in, options...)
}

func (c *ec2Calls) CreateTags(ctx context.Context, in *ec2.CreateTagsInput, options ...func(*ec2.Options)) (*ec2.CreateTagsOutput, error) {
	return c.createTags(ctx, in, options...)
}

func (c *ec2Calls) DeleteTags(ctx context.Context, in *ec2.DeleteTagsInput, options ...func(*ec2.Options)) (*ec2.DeleteTagsOutput, error) {
	return c.deleteTags(ctx, in, options...)
}

func (c *ec2Calls) CreateNetworkAclEntry(ctx context.Context, in *ec2.CreateNetworkAclEntryInput, options ...func(*ec2.Options)) (*ec2.CreateNetworkAclEntryOutput, error) {
	return c.createNetworkACLEntry(ctx, in, options...)
}

func (c *ec2Calls) ReplaceNetworkAclEntry(ctx context.Context, in *ec2.ReplaceNetworkAclEntryInput, options ...func(*ec2.Options)) (*ec2.ReplaceNetworkAclEntryOutput, error) {
	return c.replaceNetworkACLEntry(ctx, in, options...)
}

func (c *ec2Calls) DeleteNetworkAclEntry(ctx context.Context, in *ec2.DeleteNetworkAclEntryInput, options ...func(*ec2.Options)) (*ec2.DeleteNetworkAclEntryOutput, error) {
	return c.deleteNetworkACLEntry(ctx, in, options...)
}

func (c *elbCalls) DescribeLoadBalancers(ctx context.Context, in *elb.DescribeLoadBalancersInput, options ...func(*elb.Options)) (*elb.DescribeLoadBalancersOutput, error) {
	return c.describeLoadBalancers(ctx, in, options...)
}

func (c *elbCalls) DescribeTags(ctx context.Context, in *elb.DescribeTagsInput, options ...func(*elb.Options)) (*elb.DescribeTagsOutput, error) {
	return c.describeTags(ctx, in, options...)
}

func (c *elbCalls) DescribeLoadBalancerAttributes(ctx context.Context, in *elb.DescribeLoadBalancerAttributesInput, options ...func(*elb.Options)) (*elb.DescribeLoadBalancerAttributesOutput, error) {
	return c.describeLoadBalancerAttributes(ctx, in, options...)
}

func (c *elbCalls) ApplySecurityGroupsToLoadBalancer(ctx context.Context, in *elb.ApplySecurityGroupsToLoadBalancerInput, options ...func(*elb.Options)) (*elb.ApplySecurityGroupsToLoadBalancerOutput, error) {
	return c.applySecurityGroupsToLoadBalancer(ctx, in, options...)
}
