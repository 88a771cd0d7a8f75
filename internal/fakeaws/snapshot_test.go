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

// TestSnapshotSeesEveryChange makes one change of every kind, wants it to show,
// takes it back and wants the first snapshot again.
func TestSnapshotSeesEveryChange(t *testing.T) {
	t.Parallel()
	s := newSite(t, fakeaws.Config{})
	ctx := t.Context()
	aclID := s.acl(s.vpcID)
	list := s.prefixList("list", "IPv4", 2, "192.0.2.0/24")
	second := s.subnet(s.vpcID, "10.0.1.0/24", "us-east-1b")
	spare := s.group(s.vpcID, "spare")
	s.loadBalancer("web", "", []string{s.front}, []string{s.lbGroup}, listener(80, 8080))
	instance := s.instance(s.front, s.lbGroup)
	name := aws.String("web")
	association := func(subnetID string) *string {
		acls := must(s.ec2.DescribeNetworkAcls(ctx, &ec2.DescribeNetworkAclsInput{Filters: by("association.subnet-id", subnetID)}))(t).NetworkAcls
		for _, a := range acls[0].Associations {
			if *a.SubnetId == subnetID {
				return a.NetworkAclAssociationId
			}
		}
		return nil
	}
	var standard string
	for _, acl := range s.server.NetworkACLs(region) {
		if acl.Default {
			standard = acl.ID
		}
	}
	rule := fromCIDR(80, "0.0.0.0/0")
	revoke := func() {
		must(s.ec2.RevokeSecurityGroupIngress(ctx, &ec2.RevokeSecurityGroupIngressInput{GroupId: &s.lbGroup, IpPermissions: []ec2types.IpPermission{rule}}))(t)
	}
	deleteEntry := func() {
		must(s.ec2.DeleteNetworkAclEntry(ctx, &ec2.DeleteNetworkAclEntryInput{NetworkAclId: &aclID, RuleNumber: aws.Int32(100), Egress: aws.Bool(false)}))(t)
	}
	check := func(target string) {
		must(s.elb.ConfigureHealthCheck(ctx, &elasticloadbalancing.ConfigureHealthCheckInput{LoadBalancerName: name, HealthCheck: &elbtypes.HealthCheck{
			Target: &target, Interval: aws.Int32(30), Timeout: aws.Int32(5), UnhealthyThreshold: aws.Int32(2), HealthyThreshold: aws.Int32(10),
		}}))(t)
	}
	apply := func(groups ...string) {
		must(s.elb.ApplySecurityGroupsToLoadBalancer(ctx, &elasticloadbalancing.ApplySecurityGroupsToLoadBalancerInput{LoadBalancerName: name, SecurityGroups: groups}))(t)
	}
	crossZone := func(on bool) {
		must(s.elb.ModifyLoadBalancerAttributes(ctx, &elasticloadbalancing.ModifyLoadBalancerAttributesInput{
			LoadBalancerName: name, LoadBalancerAttributes: &elbtypes.LoadBalancerAttributes{CrossZoneLoadBalancing: &elbtypes.CrossZoneLoadBalancing{Enabled: on}},
		}))(t)
	}
	groups := func(ids ...string) {
		must(s.ec2.ModifyInstanceAttribute(ctx, &ec2.ModifyInstanceAttributeInput{InstanceId: &instance, Groups: ids}))(t)
	}
	members := []elbtypes.Instance{{InstanceId: &instance}}
	tagged := []ec2types.Tag{{Key: aws.String("Name"), Value: aws.String("x")}}
	for _, test := range []struct {
		name     string
		do, undo func()
		want     string
	}{
		{"rule", func() { must(s.authorize(s.lbGroup, rule))(t) }, revoke,
			"security-group " + s.lbGroup + ` ingress tcp 80-80 from 0.0.0.0/0 description=""`},
		{"description", func() { must(s.authorize(s.lbGroup, described(rule, "web")))(t) }, revoke, `from 0.0.0.0/0 description="web"`},
		{"rule tag", func() {
			must(s.ec2.AuthorizeSecurityGroupIngress(ctx, &ec2.AuthorizeSecurityGroupIngressInput{
				GroupId: &s.lbGroup, IpPermissions: []ec2types.IpPermission{rule},
				TagSpecifications: []ec2types.TagSpecification{{ResourceType: "security-group-rule", Tags: tagged}},
			}))(t)
		}, revoke, `ingress tcp 80-80 from 0.0.0.0/0 tag "Name" = "x"`},
		{"entry", func() { must(s.ec2.CreateNetworkAclEntry(ctx, entry(aclID, 100)))(t) }, deleteEntry,
			"network-acl " + aclID + " ingress 00100 allow protocol 6 10.0.0.0/16 ports 80-80"},
		{"association", func() {
			must(s.ec2.ReplaceNetworkAclAssociation(ctx, &ec2.ReplaceNetworkAclAssociationInput{AssociationId: association(second), NetworkAclId: &aclID}))(t)
		}, func() {
			must(s.ec2.ReplaceNetworkAclAssociation(ctx, &ec2.ReplaceNetworkAclAssociationInput{AssociationId: association(second), NetworkAclId: &standard}))(t)
		}, "network-acl " + aclID + " subnet " + second},
		{"listener", func() {
			must(s.elb.CreateLoadBalancerListeners(ctx, &elasticloadbalancing.CreateLoadBalancerListenersInput{LoadBalancerName: name, Listeners: []elbtypes.Listener{listener(81, 8081)}}))(t)
		}, func() {
			must(s.elb.DeleteLoadBalancerListeners(ctx, &elasticloadbalancing.DeleteLoadBalancerListenersInput{LoadBalancerName: name, LoadBalancerPorts: []int32{81}}))(t)
		}, "load-balancer web listener 81 HTTP to 8081 HTTP"},
		{"health check", func() { check("TCP:81") }, func() { check("TCP:80") }, `health check "TCP:81"`},
		{"groups", func() { apply(spare, s.lbGroup) }, func() { apply(s.lbGroup) }, "load-balancer web security group " + spare},
		{"attributes", func() { crossZone(true) }, func() { crossZone(false) }, "cross-zone=true"},
		{"registration", func() {
			must(s.elb.RegisterInstancesWithLoadBalancer(ctx, &elasticloadbalancing.RegisterInstancesWithLoadBalancerInput{LoadBalancerName: name, Instances: members}))(t)
		}, func() {
			must(s.elb.DeregisterInstancesFromLoadBalancer(ctx, &elasticloadbalancing.DeregisterInstancesFromLoadBalancerInput{LoadBalancerName: name, Instances: members}))(t)
		}, "load-balancer web instance " + instance},
		{"node", func() {
			must(s.elb.AttachLoadBalancerToSubnets(ctx, &elasticloadbalancing.AttachLoadBalancerToSubnetsInput{LoadBalancerName: name, Subnets: []string{second}}))(t)
		}, func() {
			must(s.elb.DetachLoadBalancerFromSubnets(ctx, &elasticloadbalancing.DetachLoadBalancerFromSubnetsInput{LoadBalancerName: name, Subnets: []string{second}}))(t)
		}, "load-balancer web subnet " + second},
		{"load balancer tag", func() {
			must(s.elb.AddTags(ctx, &elasticloadbalancing.AddTagsInput{LoadBalancerNames: []string{"web"}, Tags: []elbtypes.Tag{{Key: aws.String("a"), Value: aws.String("b")}}}))(t)
		}, func() {
			must(s.elb.RemoveTags(ctx, &elasticloadbalancing.RemoveTagsInput{LoadBalancerNames: []string{"web"}, Tags: []elbtypes.TagKeyOnly{{Key: aws.String("a")}}}))(t)
		}, `load-balancer web tag "a" = "b"`},
		{"instance groups", func() { groups(spare) }, func() { groups(s.lbGroup) }, "instance " + instance + " interface 0 group " + spare},
		{"tag", func() {
			must(s.ec2.CreateTags(ctx, &ec2.CreateTagsInput{Resources: []string{s.vpcID}, Tags: tagged}))(t)
		}, func() {
			must(s.ec2.DeleteTags(ctx, &ec2.DeleteTagsInput{Resources: []string{s.vpcID}, Tags: tagged}))(t)
		}, "vpc " + s.vpcID + ` tag "Name" = "x"`},
		{"prefix list", func() {
			must(s.ec2.ModifyManagedPrefixList(ctx, &ec2.ModifyManagedPrefixListInput{PrefixListId: &list, CurrentVersion: aws.Int64(1), AddEntries: []ec2types.AddPrefixListEntry{{Cidr: aws.String("198.51.100.0/24")}}}))(t)
		}, func() {
			must(s.ec2.ModifyManagedPrefixList(ctx, &ec2.ModifyManagedPrefixListInput{PrefixListId: &list, CurrentVersion: aws.Int64(2), RemoveEntries: []ec2types.RemovePrefixListEntry{{Cidr: aws.String("198.51.100.0/24")}}}))(t)
		}, "prefix-list " + list + " entry 198.51.100.0/24"},
	} {
		t.Run(test.name, func(t *testing.T) {
			before := s.server.Snapshot()
			test.do()
			after := s.server.Snapshot()
			if strings.Contains(before, test.want) || !strings.Contains(after, test.want) {
				t.Errorf("the change does not show as %q in\n%s", test.want, after)
			}
			test.undo()
			if again := s.server.Snapshot(); again != before {
				t.Errorf("taking it back left\n%s\nwant\n%s", again, before)
			}
		})
	}
}

// TestSnapshotIgnoresArtefacts builds one world in two ways.
func TestSnapshotIgnoresArtefacts(t *testing.T) {
	t.Parallel()
	build := func(detour bool) string {
		a := start(t, fakeaws.Config{})
		vpcID := a.vpc("10.0.0.0/16")
		group := a.group(vpcID, "web")
		instance := a.instance(a.subnet(vpcID, "10.0.0.0/24", "us-east-1a"), group)
		first, second := fromCIDR(80, "10.0.0.0/8"), fromCIDR(443, "10.0.0.0/8")
		if detour {
			first, second = second, first
			must(a.authorize(group, first))(t)
			must(a.ec2.RevokeSecurityGroupIngress(t.Context(), &ec2.RevokeSecurityGroupIngressInput{GroupId: &group, IpPermissions: []ec2types.IpPermission{first}}))(t)
			must(a.ec2.DescribeInstances(t.Context(), &ec2.DescribeInstancesInput{InstanceIds: []string{instance}}))(t)
			must(a.in("eu-west-1").ec2.DescribeVpcs(t.Context(), &ec2.DescribeVpcsInput{}))(t)
		}
		must(a.authorize(group, first))(t)
		must(a.authorize(group, second))(t)
		return a.server.Snapshot()
	}
	straight, detour := build(false), build(true)
	if straight != detour {
		t.Errorf("straight:\n%s\nwith a detour:\n%s", straight, detour)
	}
	for _, line := range strings.Split(strings.TrimSuffix(straight, "\n"), "\n") {
		if !strings.HasPrefix(line, "123456789012 us-east-1 ") || strings.Contains(line, "sgr-") || strings.Contains(line, "aclassoc-") {
			t.Errorf("line %q", line)
		}
	}
	if fakeaws.New(fakeaws.Config{}).Snapshot() != "" {
		t.Error("an empty world has facts")
	}
}

func TestVisibilityLag(t *testing.T) {
	t.Parallel()
	a := start(t, fakeaws.Config{VisibilityLag: 2})
	ctx := t.Context()
	vpcID := a.vpc("10.0.0.0/16")
	group, aclID := a.group(vpcID, "web"), a.acl(vpcID)
	// Other questions do not bring the group into sight.
	for range 3 {
		must(a.ec2.DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{Filters: by("group-name", "other")}))(t)
	}
	for range 2 {
		_, err := a.ec2.DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{GroupIds: []string{group}})
		refused(t, err, "InvalidGroup.NotFound")
	}
	must(a.ec2.DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{GroupIds: []string{group}}))(t)

	acls := func() []ec2types.NetworkAcl {
		return must(a.ec2.DescribeNetworkAcls(ctx, &ec2.DescribeNetworkAclsInput{Filters: by("network-acl-id", aclID)}))(t).NetworkAcls
	}
	if first, second, third := len(acls()), len(acls()), len(acls()); first != 0 || second != 0 || third != 1 {
		t.Errorf("the ACL was seen %d, %d, %d times, want 0, 0, 1", first, second, third)
	}
	must(a.ec2.CreateNetworkAclEntry(ctx, entry(aclID, 100)))(t)
	if first, second, third := len(acls()[0].Entries), len(acls()[0].Entries), len(acls()[0].Entries); first != 2 || second != 2 || third != 3 {
		t.Errorf("entries: %d, %d, %d, want 2, 2, 3", first, second, third)
	}

	// What Authorize returns is known at once; reading it takes its time.
	rule := *must(a.authorize(group, fromCIDR(80, "10.0.0.0/8")))(t).SecurityGroupRules[0].SecurityGroupRuleId
	_, err := a.ec2.DescribeSecurityGroupRules(ctx, &ec2.DescribeSecurityGroupRulesInput{SecurityGroupRuleIds: []string{rule}})
	refused(t, err, "InvalidSecurityGroupRuleId.NotFound")
	described := must(a.ec2.DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{GroupIds: []string{group}}))(t)
	if len(described.SecurityGroups[0].IpPermissions) != 0 {
		t.Error("the new rule was visible too early")
	}
	rules := must(a.ec2.DescribeSecurityGroupRules(ctx, &ec2.DescribeSecurityGroupRulesInput{Filters: by("group-id", group)}))(t).SecurityGroupRules
	if len(rules) != 2 {
		t.Errorf("%d rules at the third look, want 2", len(rules))
	}
	if !strings.Contains(a.server.Snapshot(), "ingress tcp 80-80") {
		t.Error("the snapshot does not see the rule")
	}
}
