// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package fakeaws_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing/types"

	"github.com/terraform-clb/terraform-provider-clb/internal/fakeaws"
)

// TestWorld builds a load balancer with everything round it and reads all of it
// back through the SDK.
func TestWorld(t *testing.T) {
	t.Parallel()
	a := start(t, fakeaws.Config{})
	ctx := t.Context()
	vpcID := a.vpc("10.0.0.0/16")
	a.open(vpcID)
	must(a.ec2.AssociateVpcCidrBlock(ctx, &ec2.AssociateVpcCidrBlockInput{VpcId: &vpcID, CidrBlock: aws.String("10.1.0.0/16")}))(t)
	front := a.subnet(vpcID, "10.0.0.0/24", "us-east-1a")
	back := a.subnet(vpcID, "10.1.0.0/24", "us-east-1a")
	lbGroup, instanceGroup := a.group(vpcID, "lb"), a.group(vpcID, "instances")
	list := a.prefixList("clients", "IPv4", 3, "192.0.2.0/24")

	added := must(a.ec2.AuthorizeSecurityGroupIngress(ctx, &ec2.AuthorizeSecurityGroupIngressInput{
		GroupId: &lbGroup,
		IpPermissions: []ec2types.IpPermission{
			{
				IpProtocol: aws.String("6"), FromPort: aws.Int32(80), ToPort: aws.Int32(80),
				IpRanges: []ec2types.IpRange{{CidrIp: aws.String("203.0.113.77/24"), Description: aws.String("a & b")}},
			},
			{
				IpProtocol: aws.String("tcp"), FromPort: aws.Int32(80), ToPort: aws.Int32(80),
				UserIdGroupPairs: []ec2types.UserIdGroupPair{{GroupId: &instanceGroup, Description: aws.String("group")}},
				PrefixListIds:    []ec2types.PrefixListId{{PrefixListId: &list, Description: aws.String("list")}},
				Ipv6Ranges:       []ec2types.Ipv6Range{{CidrIpv6: aws.String("2001:DB8::1/32")}},
			},
			{
				IpProtocol: aws.String("1"), FromPort: aws.Int32(3), ToPort: aws.Int32(4),
				IpRanges: []ec2types.IpRange{{CidrIp: aws.String("0.0.0.0/0")}},
			},
			{
				IpProtocol: aws.String("50"), FromPort: aws.Int32(7), ToPort: aws.Int32(9),
				IpRanges: []ec2types.IpRange{{CidrIp: aws.String("0.0.0.0/0")}},
			},
		},
		TagSpecifications: []ec2types.TagSpecification{{
			ResourceType: ec2types.ResourceTypeSecurityGroupRule,
			Tags:         []ec2types.Tag{{Key: aws.String("Owner"), Value: aws.String("team")}},
		}},
	}))(t)
	if len(added.SecurityGroupRules) != 6 {
		t.Fatalf("Authorize returned %d rules, want 6", len(added.SecurityGroupRules))
	}
	want := []string{
		"50 -1 -1 0.0.0.0/0", "icmp 3 4 0.0.0.0/0", "tcp 80 80 123456789012/" + instanceGroup,
		"tcp 80 80 2001:db8::/32", "tcp 80 80 203.0.113.0/24", "tcp 80 80 " + list,
	}
	var got []string
	for _, r := range a.ingress(lbGroup) {
		peer := r.CIDRIPv4 + r.CIDRIPv6 + r.PrefixListID
		if r.ReferencedGroupID != "" {
			peer = r.ReferencedUserID + "/" + r.ReferencedGroupID
		}
		got = append(got, strings.Join([]string{r.Protocol, itoa(r.FromPort), itoa(r.ToPort), peer}, " "))
		if r.Tags["Owner"] != "team" {
			t.Errorf("rule %v lost its tag", r)
		}
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("stored rules:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}

	described := must(a.ec2.DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{GroupIds: []string{lbGroup}}))(t).SecurityGroups[0]
	if *described.VpcId != vpcID || *described.GroupName != "lb" || *described.OwnerId != "123456789012" {
		t.Errorf("described group: %+v", described)
	}
	if len(described.IpPermissions) != 3 || len(described.IpPermissionsEgress) != 1 {
		t.Fatalf("permissions: %d in, %d out, want 3 and 1", len(described.IpPermissions), len(described.IpPermissionsEgress))
	}
	web := described.IpPermissions[0]
	if *web.IpRanges[0].CidrIp != "203.0.113.0/24" || *web.IpRanges[0].Description != "a & b" || *web.UserIdGroupPairs[0].GroupId != instanceGroup ||
		*web.UserIdGroupPairs[0].Description != "group" || *web.PrefixListIds[0].PrefixListId != list || *web.Ipv6Ranges[0].CidrIpv6 != "2001:db8::/32" {
		t.Errorf("permission for port 80: %+v", web)
	}
	if described.IpPermissionsEgress[0].FromPort != nil {
		t.Error("a permission for all protocols has no ports")
	}
	rules := must(a.ec2.DescribeSecurityGroupRules(ctx, &ec2.DescribeSecurityGroupRulesInput{
		Filters: []ec2types.Filter{{Name: aws.String("group-id"), Values: []string{lbGroup}}, {Name: aws.String("tag:Owner"), Values: []string{"te?m"}}},
	}))(t).SecurityGroupRules
	if len(rules) != 6 {
		t.Errorf("DescribeSecurityGroupRules gave %d rules, want 6", len(rules))
	}
	for _, r := range rules {
		if r.ReferencedGroupInfo != nil && (*r.ReferencedGroupInfo.GroupId != instanceGroup || *r.ReferencedGroupInfo.UserId != "123456789012") {
			t.Errorf("referenced group: %+v", *r.ReferencedGroupInfo)
		}
	}

	aclID := a.acl(vpcID)
	icmp := &ec2.CreateNetworkAclEntryInput{
		NetworkAclId: &aclID, RuleNumber: aws.Int32(90), Egress: aws.Bool(true), Protocol: aws.String("1"), RuleAction: "allow",
		CidrBlock: aws.String("10.0.3.4/16"), IcmpTypeCode: &ec2types.IcmpTypeCode{Type: aws.Int32(3), Code: aws.Int32(4)},
	}
	must(a.ec2.CreateNetworkAclEntry(ctx, icmp))(t)
	must(a.ec2.CreateNetworkAclEntry(ctx, icmp))(t)
	acl := must(a.ec2.DescribeNetworkAcls(ctx, &ec2.DescribeNetworkAclsInput{NetworkAclIds: []string{aclID}}))(t).NetworkAcls[0]
	if len(acl.Entries) != 3 || *acl.Entries[0].IcmpTypeCode.Type != 3 || *acl.Entries[0].IcmpTypeCode.Code != 4 || *acl.Entries[0].CidrBlock != "10.0.0.0/16" {
		t.Errorf("entries: %+v", acl.Entries)
	}
	before := must(a.ec2.DescribeNetworkAcls(ctx, &ec2.DescribeNetworkAclsInput{
		Filters: []ec2types.Filter{{Name: aws.String("association.subnet-id"), Values: []string{front}}},
	}))(t).NetworkAcls[0]
	if !*before.IsDefault || len(before.Associations) != 2 {
		t.Fatalf("network ACL of a new subnet: %+v", before)
	}
	for _, association := range before.Associations {
		if *association.SubnetId == front {
			must(a.ec2.ReplaceNetworkAclAssociation(ctx, &ec2.ReplaceNetworkAclAssociationInput{
				AssociationId: association.NetworkAclAssociationId, NetworkAclId: &aclID,
			}))(t)
		}
	}

	a.loadBalancer("web", "", []string{front}, []string{lbGroup}, listener(80, 8080),
		elbtypes.Listener{
			Protocol: aws.String("https"), LoadBalancerPort: 443, InstancePort: aws.Int32(8443), InstanceProtocol: aws.String("https"),
			SSLCertificateId: aws.String("arn:aws:iam::123456789012:server-certificate/web"),
		})
	instance := a.instance(back, instanceGroup)
	must(a.elb.RegisterInstancesWithLoadBalancer(ctx, &elasticloadbalancing.RegisterInstancesWithLoadBalancerInput{
		LoadBalancerName: aws.String("web"), Instances: []elbtypes.Instance{{InstanceId: &instance}},
	}))(t)
	must(a.elb.ConfigureHealthCheck(ctx, &elasticloadbalancing.ConfigureHealthCheckInput{
		LoadBalancerName: aws.String("web"),
		HealthCheck: &elbtypes.HealthCheck{
			Target: aws.String("http:8081/healthz"), Interval: aws.Int32(10), Timeout: aws.Int32(5), UnhealthyThreshold: aws.Int32(2), HealthyThreshold: aws.Int32(3),
		},
	}))(t)
	lb := must(a.elb.DescribeLoadBalancers(ctx, &elasticloadbalancing.DescribeLoadBalancersInput{LoadBalancerNames: []string{"web"}}))(t).LoadBalancerDescriptions[0]
	if *lb.VPCId != vpcID || *lb.Scheme != "internet-facing" || lb.Subnets[0] != front || lb.AvailabilityZones[0] != "us-east-1a" ||
		lb.SecurityGroups[0] != lbGroup || *lb.SourceSecurityGroup.GroupName != "lb" || *lb.SourceSecurityGroup.OwnerAlias != "123456789012" ||
		*lb.Instances[0].InstanceId != instance || *lb.HealthCheck.Target != "HTTP:8081/healthz" || *lb.HealthCheck.HealthyThreshold != 3 {
		t.Errorf("load balancer: %+v", lb)
	}
	if l := lb.ListenerDescriptions; len(l) != 2 || *l[0].Listener.Protocol != "HTTP" || *l[0].Listener.InstanceProtocol != "HTTP" ||
		*l[1].Listener.InstanceProtocol != "HTTPS" || l[1].Listener.LoadBalancerPort != 443 || *l[1].Listener.InstancePort != 8443 {
		t.Errorf("listeners: %+v", l)
	}
	nodes := must(a.ec2.DescribeNetworkInterfaces(ctx, &ec2.DescribeNetworkInterfacesInput{
		Filters: []ec2types.Filter{{Name: aws.String("description"), Values: []string{"ELB web"}}},
	}))(t).NetworkInterfaces
	if len(nodes) != 1 || *nodes[0].SubnetId != front || *nodes[0].RequesterId != "amazon-elb" || *nodes[0].Groups[0].GroupId != lbGroup {
		t.Errorf("nodes: %+v", nodes)
	}
	found := must(a.ec2.DescribeInstances(ctx, &ec2.DescribeInstancesInput{InstanceIds: []string{instance}}))(t).Reservations[0].Instances[0]
	if found.State.Name != "running" || *found.NetworkInterfaces[0].Attachment.DeviceIndex != 0 || *found.NetworkInterfaces[0].Groups[0].GroupId != instanceGroup {
		t.Errorf("instance: %+v", found)
	}
	vpcs := must(a.ec2.DescribeVpcs(ctx, &ec2.DescribeVpcsInput{VpcIds: []string{vpcID}}))(t).Vpcs
	if blocks := vpcs[0].CidrBlockAssociationSet; len(blocks) != 2 || *blocks[1].CidrBlock != "10.1.0.0/16" || blocks[1].CidrBlockState.State != "associated" {
		t.Errorf("CIDR blocks: %+v", blocks)
	}
	lists := must(a.ec2.DescribeManagedPrefixLists(ctx, &ec2.DescribeManagedPrefixListsInput{PrefixListIds: []string{list}}))(t).PrefixLists
	if *lists[0].MaxEntries != 3 || *lists[0].Version != 1 {
		t.Errorf("prefix list: %+v", lists[0])
	}
}
