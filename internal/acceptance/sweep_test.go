// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package acceptance

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/terraform-clb/terraform-provider-clb/internal/acceptance/world"
	"github.com/terraform-clb/terraform-provider-clb/internal/fakeaws"
)

// addSweepers registers what `go test -sweep=REGION` runs to remove what
// interrupted tests left behind. All of it is in VPCs with the test prefix; a
// sweeper runs after those that it depends on.
func addSweepers() {
	for _, s := range []struct {
		name  string
		after []string
		sweep sweeper
	}{
		{"load_balancers", nil, sweepLoadBalancers},
		{"instances", []string{"load_balancers"}, sweepInstances},
		{"subnets", []string{"instances"}, sweepSubnets},
		{"network_acls", []string{"subnets"}, sweepNetworkACLs},
		{"security_groups", []string{"instances"}, sweepSecurityGroups},
		{"vpcs", []string{"subnets", "network_acls", "security_groups"}, sweepVPCs},
	} {
		resource.AddTestSweepers(s.name, &resource.Sweeper{Name: s.name, Dependencies: s.after, F: func(region string) error {
			sdk, err := loadAWS(context.Background(), region)
			if err != nil {
				return err
			}
			return sweepEach(context.Background(), sdk, s.sweep)
		}})
	}
}

// sweeper removes one kind of thing from a VPC.
type sweeper func(ctx context.Context, sdk aws.Config, vpc string) error

// sweepEach sweeps every VPC that a test has made.
func sweepEach(ctx context.Context, sdk aws.Config, sweep sweeper) error {
	found, err := ec2.NewFromConfig(sdk).DescribeVpcs(ctx, &ec2.DescribeVpcsInput{
		Filters: []types.Filter{{Name: aws.String("tag:Name"), Values: []string{namePrefix + "*"}}},
	})
	if err != nil {
		return err
	}
	var failures []error
	for _, vpc := range found.Vpcs {
		failures = append(failures, sweep(ctx, sdk, *vpc.VpcId))
	}
	return errors.Join(failures...)
}

func sweepLoadBalancers(ctx context.Context, sdk aws.Config, vpc string) error {
	client := elb.NewFromConfig(sdk)
	found, err := client.DescribeLoadBalancers(ctx, &elb.DescribeLoadBalancersInput{})
	if err != nil {
		return err
	}
	var failures []error
	for _, lb := range found.LoadBalancerDescriptions {
		if aws.ToString(lb.VPCId) == vpc && strings.HasPrefix(*lb.LoadBalancerName, namePrefix) {
			_, err := client.DeleteLoadBalancer(ctx, &elb.DeleteLoadBalancerInput{LoadBalancerName: lb.LoadBalancerName})
			failures = append(failures, err)
		}
	}
	return errors.Join(failures...)
}

func sweepInstances(ctx context.Context, sdk aws.Config, vpc string) error {
	client := ec2.NewFromConfig(sdk)
	found, err := client.DescribeInstances(ctx, &ec2.DescribeInstancesInput{Filters: inVPC(vpc)})
	if err != nil {
		return err
	}
	var ids []string
	for _, reservation := range found.Reservations {
		for _, instance := range reservation.Instances {
			ids = append(ids, *instance.InstanceId)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	if _, err := client.TerminateInstances(ctx, &ec2.TerminateInstancesInput{InstanceIds: ids}); err != nil {
		return err
	}
	return ec2.NewInstanceTerminatedWaiter(client).Wait(ctx, &ec2.DescribeInstancesInput{InstanceIds: ids}, 10*time.Minute)
}

func sweepSubnets(ctx context.Context, sdk aws.Config, vpc string) error {
	client := ec2.NewFromConfig(sdk)
	found, err := client.DescribeSubnets(ctx, &ec2.DescribeSubnetsInput{Filters: inVPC(vpc)})
	if err != nil {
		return err
	}
	var failures []error
	for _, subnet := range found.Subnets {
		_, err := client.DeleteSubnet(ctx, &ec2.DeleteSubnetInput{SubnetId: subnet.SubnetId})
		failures = append(failures, err)
	}
	return errors.Join(failures...)
}

func sweepNetworkACLs(ctx context.Context, sdk aws.Config, vpc string) error {
	client := ec2.NewFromConfig(sdk)
	found, err := client.DescribeNetworkAcls(ctx, &ec2.DescribeNetworkAclsInput{Filters: inVPC(vpc)})
	if err != nil {
		return err
	}
	var failures []error
	for _, acl := range found.NetworkAcls {
		if !aws.ToBool(acl.IsDefault) {
			_, err := client.DeleteNetworkAcl(ctx, &ec2.DeleteNetworkAclInput{NetworkAclId: acl.NetworkAclId})
			failures = append(failures, err)
		}
	}
	return errors.Join(failures...)
}

// sweepSecurityGroups first takes the rules out of all groups, because a group
// that another one names cannot be deleted.
func sweepSecurityGroups(ctx context.Context, sdk aws.Config, vpc string) error {
	client := ec2.NewFromConfig(sdk)
	found, err := client.DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{Filters: inVPC(vpc)})
	if err != nil {
		return err
	}
	var failures []error
	for _, group := range found.SecurityGroups {
		if len(group.IpPermissions) > 0 {
			_, err := client.RevokeSecurityGroupIngress(ctx, &ec2.RevokeSecurityGroupIngressInput{GroupId: group.GroupId, IpPermissions: group.IpPermissions})
			failures = append(failures, err)
		}
		if len(group.IpPermissionsEgress) > 0 {
			_, err := client.RevokeSecurityGroupEgress(ctx, &ec2.RevokeSecurityGroupEgressInput{GroupId: group.GroupId, IpPermissions: group.IpPermissionsEgress})
			failures = append(failures, err)
		}
	}
	for _, group := range found.SecurityGroups {
		if aws.ToString(group.GroupName) != "default" {
			_, err := client.DeleteSecurityGroup(ctx, &ec2.DeleteSecurityGroupInput{GroupId: group.GroupId})
			failures = append(failures, err)
		}
	}
	return errors.Join(failures...)
}

func sweepVPCs(ctx context.Context, sdk aws.Config, vpc string) error {
	client := ec2.NewFromConfig(sdk)
	found, err := client.DescribeInternetGateways(ctx, &ec2.DescribeInternetGatewaysInput{
		Filters: []types.Filter{{Name: aws.String("attachment.vpc-id"), Values: []string{vpc}}},
	})
	if err != nil {
		return err
	}
	for _, gateway := range found.InternetGateways {
		if _, err := client.DetachInternetGateway(ctx, &ec2.DetachInternetGatewayInput{VpcId: &vpc, InternetGatewayId: gateway.InternetGatewayId}); err != nil {
			return err
		}
		if _, err := client.DeleteInternetGateway(ctx, &ec2.DeleteInternetGatewayInput{InternetGatewayId: gateway.InternetGatewayId}); err != nil {
			return err
		}
	}
	_, err = client.DeleteVpc(ctx, &ec2.DeleteVpcInput{VpcId: &vpc})
	return err
}

func inVPC(vpc string) []types.Filter {
	return []types.Filter{{Name: aws.String("vpc-id"), Values: []string{vpc}}}
}

// TestSweepersLeaveNothing sweeps the world of an interrupted test beside one
// that is none of ours.
func TestSweepersLeaveNothing(t *testing.T) {
	t.Parallel()
	b := newBackend(t, fakeaws.Quotas{})
	ctx := context.Background()
	plan := world.Plan{Name: "not-ours", CIDRBlocks: []string{"10.9.0.0/16"}, Image: "ami-12345678", HealthCheckTarget: "TCP:80", Listeners: [][2]int32{{80, 80}}}
	if _, err := world.Make(ctx, b.ec2(), b.elb(), plan); err != nil {
		t.Fatal(err)
	}
	others := b.double.Snapshot()
	f := newFixtureWith(t, world.Plan{Image: "any", Listeners: [][2]int32{{80, 8080}}, InternalListeners: [][2]int32{{80, 8080}}}, b)
	// Groups that name each other, and an entry.
	f.authorize(f.LoadBalancerGroup, "out tcp 80-80 "+f.InstanceGroup)
	f.authorize(f.InstanceGroup, "in tcp 80-80 "+f.LoadBalancerGroup)
	f.putEntry(f.LoadBalancerACL, "in 100 allow 80-80 0.0.0.0/0")
	for _, sweep := range []sweeper{sweepLoadBalancers, sweepInstances, sweepSubnets, sweepNetworkACLs, sweepSecurityGroups, sweepVPCs} {
		if err := sweepEach(ctx, b.sdk, sweep); err != nil {
			t.Fatal(err)
		}
	}
	left := minus(facts(b.double.Snapshot()), facts(others))
	for _, fact := range left {
		// AWS lists a terminated instance for about an hour.
		if !strings.Contains(fact, "state=terminated") {
			t.Errorf("left behind: %s", fact)
		}
	}
	if lost := minus(facts(others), facts(b.double.Snapshot())); len(lost) > 0 {
		t.Errorf("swept what is not ours:\n%s", strings.Join(lost, "\n"))
	}
}
