// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package cloud_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing/types"

	"github.com/terraform-clb/terraform-provider-clb/internal/cloud"
	"github.com/terraform-clb/terraform-provider-clb/internal/fakeaws"
)

func TestReadNetwork(t *testing.T) {
	t.Parallel()
	d := start(t, 1, fakeaws.Config{})
	ctx := t.Context()
	vpc := d.vpc("10.0.0.0/16")
	var gone *string
	for _, cidr := range []string{"10.3.0.0/16", "10.1.0.0/16", "10.2.0.0/16"} {
		gone = must(d.ec2.AssociateVpcCidrBlock(ctx, &ec2.AssociateVpcCidrBlockInput{VpcId: &vpc, CidrBlock: &cidr}))(t).CidrBlockAssociation.AssociationId
	}
	must(d.ec2.DisassociateVpcCidrBlock(ctx, &ec2.DisassociateVpcCidrBlockInput{AssociationId: gone}))(t)
	got := must(d.VPC(ctx, vpc))(t)
	compare(t, got.CIDRBlocks, []string{"10.0.0.0/16", "10.1.0.0/16", "10.3.0.0/16"})
	if got.ID != vpc || got.Default {
		t.Errorf("got %+v", got)
	}
	for _, id := range []string{"vpc-00000000000000000", ""} {
		_, err := d.VPC(ctx, id)
		if !cloud.IsNotFound(err) {
			t.Errorf("got %v, want a NotFoundError", err)
		}
		wantError(t, err, "VPC \""+id+"\" does not exist in this account and region")
	}
	a, b := d.subnet(vpc, "10.0.1.0/24", testRegion+"a"), d.subnet(vpc, "10.1.1.0/24", testRegion+"b")
	subnets := must(d.Subnets(ctx, []string{a, b, "subnet-00000000000000000"}))(t)
	if len(subnets) != 2 || subnets[b] != (cloud.Subnet{ID: b, VPCID: vpc, CIDRBlock: "10.1.1.0/24", AvailabilityZone: testRegion + "b"}) {
		t.Errorf("got %+v", subnets)
	}
}

func TestReadInstances(t *testing.T) {
	t.Parallel()
	d := start(t, 1, fakeaws.Config{})
	ctx := t.Context()
	vpc := d.vpc("10.0.0.0/16")
	subnet, group, second := d.subnet(vpc, "10.0.1.0/24", testRegion+"a"), d.group(vpc, "app"), d.group(vpc, "app2")
	var ids []string
	for range 2 {
		out := must(d.ec2.RunInstances(ctx, &ec2.RunInstancesInput{
			ImageId: aws.String("ami-12345678"), MinCount: aws.Int32(1), MaxCount: aws.Int32(1), SubnetId: &subnet, SecurityGroupIds: []string{second, group},
		}))(t)
		ids = append(ids, *out.Instances[0].InstanceId)
	}
	must(d.ec2.TerminateInstances(ctx, &ec2.TerminateInstancesInput{InstanceIds: ids[1:]}))(t)
	// An instance goes from pending to running, and from shutting-down to
	// terminated, while one looks.
	var found map[string]cloud.Instance
	for range 3 {
		found = must(d.Instances(ctx, append(ids, "i-00000000000000000")))(t)
	}
	got, there := found[ids[0]]
	if len(found) != 1 || !there || got.SubnetID != subnet || got.VPCID != vpc || got.PrivateIP == "" || got.State != "running" {
		t.Fatalf("got %+v", found)
	}
	compare(t, got.SecurityGroups, []string{min(group, second), max(group, second)})
}

// TestInstancePrimaryInterface: the load balancer sends to the first interface
// alone, whatever the order of the list.
func TestInstancePrimaryInterface(t *testing.T) {
	t.Parallel()
	nic := func(device, card int32, subnet, ip, group string) types.InstanceNetworkInterface {
		return types.InstanceNetworkInterface{
			Attachment: &types.InstanceNetworkInterfaceAttachment{DeviceIndex: &device, NetworkCardIndex: &card},
			SubnetId:   &subnet, PrivateIpAddress: &ip, Groups: []types.GroupIdentifier{{GroupId: &group}},
		}
	}
	stub := &emptyEC2{instances: []types.Instance{
		{InstanceId: aws.String("i-1"), NetworkInterfaces: []types.InstanceNetworkInterface{
			nic(1, 0, "subnet-2", "10.0.2.4", "sg-2"), {}, nic(0, 0, "subnet-1", "10.0.1.4", "sg-1"), nic(0, 1, "subnet-3", "10.0.3.4", "sg-3"), nic(2, 0, "subnet-4", "10.0.4.4", "sg-4"),
		}},
		// Some endpoints tell of the instance alone.
		{InstanceId: aws.String("i-2"), SubnetId: aws.String("subnet-9"), PrivateIpAddress: aws.String("10.0.9.4"), SecurityGroups: []types.GroupIdentifier{{GroupId: aws.String("sg-9")}}},
	}}
	found := must(cloud.NewRegion(stub, nil).Instances(t.Context(), []string{"i-1", "i-2"}))(t)
	for id, want := range map[string][]string{"i-1": {"subnet-1", "10.0.1.4", "sg-1"}, "i-2": {"subnet-9", "10.0.9.4", "sg-9"}} {
		compare(t, append([]string{found[id].SubnetID, found[id].PrivateIP}, found[id].SecurityGroups...), want)
	}
}

// TestReadsNothing: without ids there is no call, because an empty filter would
// select everything.
func TestReadsNothing(t *testing.T) {
	t.Parallel()
	region := cloud.NewRegion(noEC2{}, nil)
	for _, none := range [][]string{nil, {}, {""}} {
		groups, err := region.SecurityGroups(t.Context(), none)
		if len(groups) > 0 || err != nil {
			t.Errorf("got %v, %v", groups, err)
		}
		instances, err := region.Instances(t.Context(), none)
		if len(instances) > 0 || err != nil {
			t.Errorf("got %v, %v", instances, err)
		}
		subnets, err := region.Subnets(t.Context(), none)
		if len(subnets) > 0 || err != nil {
			t.Errorf("got %v, %v", subnets, err)
		}
	}
	if found, err := region.SecurityGroupRules(t.Context(), ""); len(found) > 0 || err != nil {
		t.Errorf("got %v, %v", found, err)
	}
}

// TestReadsManyIDs: AWS takes 200 values in a filter.
func TestReadsManyIDs(t *testing.T) {
	t.Parallel()
	d := start(t, 1, fakeaws.Config{})
	vpc := d.vpc("10.0.0.0/16")
	existing := []string{d.group(vpc, "first"), d.group(vpc, "last")}
	id := func(prefix string, i int) string { return fmt.Sprintf("%s-%017x", prefix, i) }
	many := func(prefix string) []string {
		var ids []string
		for i := range 449 {
			ids = append(ids, id(prefix, i))
		}
		return ids
	}
	d.calls()
	groups := must(d.SecurityGroups(t.Context(), slices.Concat(existing[:1], many("sg"), existing, existing)))(t)
	if len(groups) != 2 || groups[existing[0]].Name != "first" || groups[existing[1]].Name != "last" {
		t.Errorf("got %+v", groups)
	}
	must(d.Subnets(t.Context(), many("subnet")))(t)
	must(d.Instances(t.Context(), many("i")))(t)
	must(d.NetworkACLsOfSubnets(t.Context(), many("subnet")))(t)
	for _, call := range d.server.Calls() {
		if call.Params.Get("MaxResults") != "1000" || call.Params.Has("Filter.1.Value.201") || !call.Params.Has("Filter.1.Value.1") {
			t.Errorf("%s was called with %v", call.Action, call.Params)
		}
	}
	var want []string
	for _, action := range []string{"DescribeSecurityGroups", "DescribeSubnets", "DescribeInstances", "DescribeNetworkAcls"} {
		want = append(want, action, action, action)
	}
	compare(t, d.calls(), want)
}

// TestReadsAllPages: each read follows NextToken to the end.
func TestReadsAllPages(t *testing.T) {
	t.Parallel()
	stub := &pagedEC2{}
	region := cloud.NewRegion(stub, nil)
	ctx := t.Context()
	ids := []string{"a", "b", "c"}
	for name, read := range map[string]func() (int, error){
		"groups":    func() (int, error) { all, err := region.SecurityGroups(ctx, ids); return len(all), err },
		"rules":     func() (int, error) { all, err := region.SecurityGroupRules(ctx, "sg-1"); return len(all), err },
		"ACLs":      func() (int, error) { all, err := region.NetworkACLsOfSubnets(ctx, ids); return len(all), err },
		"instances": func() (int, error) { all, err := region.Instances(ctx, ids); return len(all), err },
		"subnets":   func() (int, error) { all, err := region.Subnets(ctx, ids); return len(all), err },
	} {
		if n, err := read(); n != 3 || err != nil {
			t.Errorf("%s: got %d and %v, want 3", name, n, err)
		}
	}
	if vpc, err := region.VPC(ctx, "c"); vpc.ID != "c" || err != nil {
		t.Errorf("VPC: got %+v and %v", vpc, err)
	}
}

// pagedEC2 has three of everything, a, b and c, one on a page.
type pagedEC2 struct{ cloud.EC2API }

func onPage(token *string) (id, next *string) {
	switch aws.ToString(token) {
	case "":
		return aws.String("a"), aws.String("b")
	case "b":
		return token, aws.String("c")
	default:
		return token, nil
	}
}

func (*pagedEC2) DescribeSecurityGroups(_ context.Context, in *ec2.DescribeSecurityGroupsInput, _ ...func(*ec2.Options)) (*ec2.DescribeSecurityGroupsOutput, error) {
	id, next := onPage(in.NextToken)
	return &ec2.DescribeSecurityGroupsOutput{SecurityGroups: []types.SecurityGroup{{GroupId: id}}, NextToken: next}, nil
}

func (*pagedEC2) DescribeSecurityGroupRules(_ context.Context, in *ec2.DescribeSecurityGroupRulesInput, _ ...func(*ec2.Options)) (*ec2.DescribeSecurityGroupRulesOutput, error) {
	id, next := onPage(in.NextToken)
	return &ec2.DescribeSecurityGroupRulesOutput{SecurityGroupRules: []types.SecurityGroupRule{{SecurityGroupRuleId: id}}, NextToken: next}, nil
}

func (*pagedEC2) DescribeNetworkAcls(_ context.Context, in *ec2.DescribeNetworkAclsInput, _ ...func(*ec2.Options)) (*ec2.DescribeNetworkAclsOutput, error) {
	id, next := onPage(in.NextToken)
	return &ec2.DescribeNetworkAclsOutput{NetworkAcls: []types.NetworkAcl{{Associations: []types.NetworkAclAssociation{{SubnetId: id}}}}, NextToken: next}, nil
}

func (*pagedEC2) DescribeInstances(_ context.Context, in *ec2.DescribeInstancesInput, _ ...func(*ec2.Options)) (*ec2.DescribeInstancesOutput, error) {
	id, next := onPage(in.NextToken)
	return &ec2.DescribeInstancesOutput{Reservations: []types.Reservation{{Instances: []types.Instance{{InstanceId: id}}}}, NextToken: next}, nil
}

func (*pagedEC2) DescribeSubnets(_ context.Context, in *ec2.DescribeSubnetsInput, _ ...func(*ec2.Options)) (*ec2.DescribeSubnetsOutput, error) {
	id, next := onPage(in.NextToken)
	return &ec2.DescribeSubnetsOutput{Subnets: []types.Subnet{{SubnetId: id}}, NextToken: next}, nil
}

func (*pagedEC2) DescribeVpcs(_ context.Context, in *ec2.DescribeVpcsInput, _ ...func(*ec2.Options)) (*ec2.DescribeVpcsOutput, error) {
	id, next := onPage(in.NextToken)
	return &ec2.DescribeVpcsOutput{Vpcs: []types.Vpc{{VpcId: id}}, NextToken: next}, nil
}

// TestReadsWhatIsLeftOut: endpoints leave out fields; none of them is needed
// where one thing is asked for.
func TestReadsWhatIsLeftOut(t *testing.T) {
	t.Parallel()
	region := cloud.NewRegion(&emptyEC2{instances: []types.Instance{{}}}, emptyELB{})
	ctx := t.Context()
	group := must(region.SecurityGroups(ctx, []string{"sg-1"}))(t)["sg-1"]
	compare(t, rules(group.Rules), []string{
		"ingress all traffic from invalid Prefix | ", "ingress all traffic from invalid Prefix | ", "ingress all traffic from invalid Prefix | ", "ingress all traffic from invalid Prefix | ",
	})
	compare(t, rules(must(region.SecurityGroupRules(ctx, "sg-1"))(t)), []string{
		"ingress all traffic from invalid Prefix | ",
		"ingress icmp -1/-1 from 0.0.0.0/0 | ",
		"ingress tcp 0-65535 from 10.0.0.0/16 | ",
		"egress all traffic to 2001:db8::/64 | ",
		"egress icmpv6 128/-1 to ::/0 | ",
	})
	compare(t, entries(must(region.NetworkACL(ctx, "acl-1"))(t)), []string{
		"ingress 0 allow all traffic from invalid Prefix",
		"ingress 1 deny tcp 0-65535 from 10.0.0.0/16",
		"ingress 2 allow icmp -1/-1 from ::/0",
	})
	if found := must(region.Instances(ctx, []string{"i-1"}))(t); len(found) != 1 {
		t.Errorf("got %+v", found)
	}
	compare(t, must(region.VPC(ctx, "vpc-1"))(t).CIDRBlocks, []string{"10.0.0.0/16"})
	lb := must(region.LoadBalancer(ctx, "web"))(t)
	if len(lb.Listeners) != 1 || lb.Internal || lb.HealthCheckTarget != "" || len(lb.Instances) > 0 {
		t.Errorf("got %+v", lb)
	}
	if on := must(region.CrossZone(ctx, "web"))(t); on {
		t.Error("cross-zone load balancing is on")
	}
}

// emptyEC2 answers with as little as it can, and in unusual spellings.
type emptyEC2 struct {
	cloud.EC2API
	instances []types.Instance
}

func (*emptyEC2) DescribeSecurityGroups(context.Context, *ec2.DescribeSecurityGroupsInput, ...func(*ec2.Options)) (*ec2.DescribeSecurityGroupsOutput, error) {
	return &ec2.DescribeSecurityGroupsOutput{SecurityGroups: []types.SecurityGroup{{IpPermissions: []types.IpPermission{
		{IpRanges: []types.IpRange{{}}, Ipv6Ranges: []types.Ipv6Range{{CidrIpv6: aws.String("nonsense")}}, UserIdGroupPairs: []types.UserIdGroupPair{{}}, PrefixListIds: []types.PrefixListId{{}}},
	}}}}, nil
}

func (*emptyEC2) DescribeSecurityGroupRules(context.Context, *ec2.DescribeSecurityGroupRulesInput, ...func(*ec2.Options)) (*ec2.DescribeSecurityGroupRulesOutput, error) {
	return &ec2.DescribeSecurityGroupRulesOutput{SecurityGroupRules: []types.SecurityGroupRule{
		{},
		{IpProtocol: aws.String("6"), CidrIpv4: aws.String("10.0.1.2/16")},
		{IpProtocol: aws.String("1"), CidrIpv4: aws.String("0.0.0.0/0")},
		{IpProtocol: aws.String("58"), FromPort: aws.Int32(128), IsEgress: aws.Bool(true), CidrIpv6: aws.String("0:0:0:0:0:0:0:0/0")},
		{IpProtocol: aws.String("-1"), FromPort: aws.Int32(0), ToPort: aws.Int32(65535), IsEgress: aws.Bool(true), CidrIpv6: aws.String("2001:DB8:0:0::/64")},
	}}, nil
}

func (*emptyEC2) DescribeNetworkAcls(context.Context, *ec2.DescribeNetworkAclsInput, ...func(*ec2.Options)) (*ec2.DescribeNetworkAclsOutput, error) {
	return &ec2.DescribeNetworkAclsOutput{NetworkAcls: []types.NetworkAcl{{}, {NetworkAclId: aws.String("acl-1"), Associations: []types.NetworkAclAssociation{{}}, Entries: []types.NetworkAclEntry{
		{RuleNumber: aws.Int32(2), Protocol: aws.String("icmp"), Ipv6CidrBlock: aws.String("::/0")},
		{RuleNumber: aws.Int32(1), Protocol: aws.String("tcp"), CidrBlock: aws.String("10.0.1.2/16"), RuleAction: types.RuleActionDeny},
		{RuleNumber: aws.Int32(32767)}, {RuleNumber: aws.Int32(32768)}, {},
	}}}}, nil
}

func (s *emptyEC2) DescribeInstances(context.Context, *ec2.DescribeInstancesInput, ...func(*ec2.Options)) (*ec2.DescribeInstancesOutput, error) {
	return &ec2.DescribeInstancesOutput{Reservations: []types.Reservation{{}, {Instances: s.instances}}}, nil
}

func (*emptyEC2) DescribeVpcs(context.Context, *ec2.DescribeVpcsInput, ...func(*ec2.Options)) (*ec2.DescribeVpcsOutput, error) {
	return &ec2.DescribeVpcsOutput{Vpcs: []types.Vpc{{}, {VpcId: aws.String("vpc-1"), CidrBlock: aws.String("10.0.1.2/16"), CidrBlockAssociationSet: []types.VpcCidrBlockAssociation{{}}}}}, nil
}

type emptyELB struct{ cloud.ELBAPI }

func (emptyELB) DescribeLoadBalancers(context.Context, *elb.DescribeLoadBalancersInput, ...func(*elb.Options)) (*elb.DescribeLoadBalancersOutput, error) {
	return &elb.DescribeLoadBalancersOutput{LoadBalancerDescriptions: []elbtypes.LoadBalancerDescription{{
		ListenerDescriptions: []elbtypes.ListenerDescription{{}, {Listener: &elbtypes.Listener{}}}, Instances: []elbtypes.Instance{{}},
	}}}, nil
}

func (emptyELB) DescribeLoadBalancerAttributes(context.Context, *elb.DescribeLoadBalancerAttributesInput, ...func(*elb.Options)) (*elb.DescribeLoadBalancerAttributesOutput, error) {
	return &elb.DescribeLoadBalancerAttributesOutput{}, nil
}
