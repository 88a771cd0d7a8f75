// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package fakeaws_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/terraform-clb/terraform-provider-clb/internal/fakeaws"
)

func by(name string, values ...string) []ec2types.Filter {
	return []ec2types.Filter{{Name: &name, Values: values}}
}

// describe is one page of any paginated operation: the identifiers and the token.
type describe func(filters []ec2types.Filter, size *int32, token *string) ([]string, *string, error)

func ids[T any](items []T, id func(T) *string) []string {
	var out []string
	for _, item := range items {
		out = append(out, *id(item))
	}
	return out
}

// describes are the paginated EC2 operations with their page limits.
func (a *account) describes() map[string]struct {
	call     describe
	min, max int32
} {
	ctx := a.t.Context()
	type operation = struct {
		call     describe
		min, max int32
	}
	return map[string]operation{
		"DescribeVpcs": {func(f []ec2types.Filter, n *int32, token *string) ([]string, *string, error) {
			out, err := a.ec2.DescribeVpcs(ctx, &ec2.DescribeVpcsInput{Filters: f, MaxResults: n, NextToken: token})
			if err != nil {
				return nil, nil, err
			}
			return ids(out.Vpcs, func(v ec2types.Vpc) *string { return v.VpcId }), out.NextToken, nil
		}, 5, 1000},
		"DescribeSubnets": {func(f []ec2types.Filter, n *int32, token *string) ([]string, *string, error) {
			out, err := a.ec2.DescribeSubnets(ctx, &ec2.DescribeSubnetsInput{Filters: f, MaxResults: n, NextToken: token})
			if err != nil {
				return nil, nil, err
			}
			return ids(out.Subnets, func(v ec2types.Subnet) *string { return v.SubnetId }), out.NextToken, nil
		}, 5, 1000},
		"DescribeSecurityGroups": {func(f []ec2types.Filter, n *int32, token *string) ([]string, *string, error) {
			out, err := a.ec2.DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{Filters: f, MaxResults: n, NextToken: token})
			if err != nil {
				return nil, nil, err
			}
			return ids(out.SecurityGroups, func(v ec2types.SecurityGroup) *string { return v.GroupId }), out.NextToken, nil
		}, 5, 1000},
		"DescribeSecurityGroupRules": {func(f []ec2types.Filter, n *int32, token *string) ([]string, *string, error) {
			out, err := a.ec2.DescribeSecurityGroupRules(ctx, &ec2.DescribeSecurityGroupRulesInput{Filters: f, MaxResults: n, NextToken: token})
			if err != nil {
				return nil, nil, err
			}
			return ids(out.SecurityGroupRules, func(v ec2types.SecurityGroupRule) *string { return v.SecurityGroupRuleId }), out.NextToken, nil
		}, 5, 1000},
		"DescribeNetworkAcls": {func(f []ec2types.Filter, n *int32, token *string) ([]string, *string, error) {
			out, err := a.ec2.DescribeNetworkAcls(ctx, &ec2.DescribeNetworkAclsInput{Filters: f, MaxResults: n, NextToken: token})
			if err != nil {
				return nil, nil, err
			}
			return ids(out.NetworkAcls, func(v ec2types.NetworkAcl) *string { return v.NetworkAclId }), out.NextToken, nil
		}, 5, 1000},
		"DescribeNetworkInterfaces": {func(f []ec2types.Filter, n *int32, token *string) ([]string, *string, error) {
			out, err := a.ec2.DescribeNetworkInterfaces(ctx, &ec2.DescribeNetworkInterfacesInput{Filters: f, MaxResults: n, NextToken: token})
			if err != nil {
				return nil, nil, err
			}
			return ids(out.NetworkInterfaces, func(v ec2types.NetworkInterface) *string { return v.NetworkInterfaceId }), out.NextToken, nil
		}, 5, 1000},
		"DescribeInstances": {func(f []ec2types.Filter, n *int32, token *string) ([]string, *string, error) {
			out, err := a.ec2.DescribeInstances(ctx, &ec2.DescribeInstancesInput{Filters: f, MaxResults: n, NextToken: token})
			if err != nil {
				return nil, nil, err
			}
			return ids(out.Reservations, func(v ec2types.Reservation) *string { return v.Instances[0].InstanceId }), out.NextToken, nil
		}, 5, 1000},
		"DescribeRouteTables": {func(f []ec2types.Filter, n *int32, token *string) ([]string, *string, error) {
			out, err := a.ec2.DescribeRouteTables(ctx, &ec2.DescribeRouteTablesInput{Filters: f, MaxResults: n, NextToken: token})
			if err != nil {
				return nil, nil, err
			}
			return ids(out.RouteTables, func(v ec2types.RouteTable) *string { return v.RouteTableId }), out.NextToken, nil
		}, 5, 100},
		"DescribeManagedPrefixLists": {func(f []ec2types.Filter, n *int32, token *string) ([]string, *string, error) {
			out, err := a.ec2.DescribeManagedPrefixLists(ctx, &ec2.DescribeManagedPrefixListsInput{Filters: f, MaxResults: n, NextToken: token})
			if err != nil {
				return nil, nil, err
			}
			return ids(out.PrefixLists, func(v ec2types.ManagedPrefixList) *string { return v.PrefixListId }), out.NextToken, nil
		}, 1, 100},
	}
}

func TestPages(t *testing.T) {
	t.Parallel()
	a := start(t, fakeaws.Config{})
	for i := range 12 {
		vpcID := a.vpc(fmt.Sprintf("10.%d.0.0/16", i))
		a.instance(a.subnet(vpcID, fmt.Sprintf("10.%d.0.0/24", i), "us-east-1a"))
		a.prefixList("list"+itoa(i), "IPv4", 1)
	}
	for name, op := range a.describes() {
		t.Run(name, func(t *testing.T) {
			owner := by("owner-id", "123456789012")
			if name == "DescribeSecurityGroupRules" {
				owner = by("group-id", "sg-*")
			}
			all, token, err := op.call(owner, nil, nil)
			if err != nil || token != nil || len(all) < 12 || !slices.IsSorted(all) {
				t.Fatalf("without MaxResults: %d, token %v, error %v", len(all), token, err)
			}
			var paged []string
			for {
				var page []string
				page, token, err = op.call(owner, aws.Int32(5), token)
				if err != nil {
					t.Fatal(err)
				}
				if token != nil && len(page) != 5 {
					t.Errorf("a page of %d, want 5", len(page))
				}
				paged = append(paged, page...)
				if token == nil {
					break
				}
			}
			if !slices.Equal(paged, all) {
				t.Errorf("pages gave %v, want %v", paged, all)
			}
			for _, size := range []int32{op.min - 1, op.max + 1} {
				_, _, err := op.call(nil, &size, nil)
				refusedText(t, err, "InvalidParameterValue", "for parameter maxResults is invalid")
			}
			_, token, err = op.call(owner, aws.Int32(5), nil)
			if err != nil || token == nil {
				t.Fatal(err)
			}
			_, _, err = op.call(nil, aws.Int32(5), token)
			refused(t, err, "InvalidNextToken")
			_, _, err = op.call(nil, nil, aws.String("bogus"))
			refused(t, err, "InvalidNextToken")
			if _, _, err := op.call(owner, aws.Int32(6), token); err != nil {
				t.Errorf("a later page of another size: %v", err)
			}
		})
	}
	t.Run("GetManagedPrefixListEntries", func(t *testing.T) {
		var cidrs []string
		for i := range 7 {
			cidrs = append(cidrs, fmt.Sprintf("192.0.2.%d/32", i))
		}
		list := a.prefixList("long", "IPv4", 7, cidrs...)
		get := func(size *int32, token *string) (*ec2.GetManagedPrefixListEntriesOutput, error) {
			return a.ec2.GetManagedPrefixListEntries(t.Context(), &ec2.GetManagedPrefixListEntriesInput{PrefixListId: &list, MaxResults: size, NextToken: token})
		}
		first := must(get(aws.Int32(5), nil))(t)
		rest := must(get(nil, first.NextToken))(t)
		if len(first.Entries) != 5 || len(rest.Entries) != 2 || rest.NextToken != nil {
			t.Errorf("pages of %d and %d", len(first.Entries), len(rest.Entries))
		}
		_, err := get(aws.Int32(101), nil)
		refused(t, err, "InvalidParameterValue")
	})
	t.Run("ids beside MaxResults", func(t *testing.T) {
		instances, _, _ := a.describes()["DescribeInstances"].call(nil, nil, nil)
		_, err := a.ec2.DescribeInstances(t.Context(), &ec2.DescribeInstancesInput{InstanceIds: instances[:1], MaxResults: aws.Int32(5)})
		refused(t, err, "InvalidParameterCombination")
		interfaces, _, _ := a.describes()["DescribeNetworkInterfaces"].call(nil, nil, nil)
		_, err = a.ec2.DescribeNetworkInterfaces(t.Context(), &ec2.DescribeNetworkInterfacesInput{NetworkInterfaceIds: interfaces[:1], MaxResults: aws.Int32(5)})
		refused(t, err, "InvalidParameterCombination")
	})
}

// TestStandardPage shows that a client which never follows tokens is caught.
func TestStandardPage(t *testing.T) {
	t.Parallel()
	a := start(t, fakeaws.Config{})
	for i := range 101 {
		a.prefixList("list"+itoa(i), "IPv4", 1)
	}
	out := must(a.ec2.DescribeManagedPrefixLists(t.Context(), &ec2.DescribeManagedPrefixListsInput{}))(t)
	if len(out.PrefixLists) != 100 || out.NextToken == nil {
		t.Errorf("%d lists, token %v", len(out.PrefixLists), out.NextToken)
	}
}

func TestFilters(t *testing.T) {
	t.Parallel()
	a := start(t, fakeaws.Config{})
	ctx := t.Context()
	vpcID := a.vpc("10.0.0.0/16")
	web := a.group(vpcID, "web")
	db := a.group(vpcID, "db")
	list := a.prefixList("list", "IPv4", 1)
	must(a.authorize(web, fromCIDR(80, "192.0.2.0/24"), fromGroup(81, db), fromPrefixList(82, list)))(t)
	must(a.ec2.AuthorizeSecurityGroupEgress(ctx, &ec2.AuthorizeSecurityGroupEgressInput{GroupId: &db, IpPermissions: []ec2types.IpPermission{fromCIDR(5432, "198.51.100.0/24")}}))(t)
	must(a.ec2.CreateTags(ctx, &ec2.CreateTagsInput{Resources: []string{web}, Tags: []ec2types.Tag{{Key: aws.String("Env"), Value: aws.String("")}, {Key: aws.String("Owner"), Value: aws.String("a*b")}}}))(t)
	for _, test := range []struct {
		filters []ec2types.Filter
		want    string
	}{
		{by("group-name", "web", "none"), "web"},
		{by("group-name", "?eb"), "web"},
		{by("group-name", "WEB"), ""},
		{by("description", "group *b"), "db web"},
		{by("ip-permission.cidr", "192.0.2.0/24"), "web"},
		{by("egress.ip-permission.cidr", "198.51.100.0/24"), "db"},
		{by("ip-permission.cidr", "198.51.100.0/24"), ""},
		{by("ip-permission.from-port", "80"), "web"},
		{by("ip-permission.group-id", db), "web"},
		{by("ip-permission.group-name", "db"), "web"},
		{by("ip-permission.prefix-list-id", list), "web"},
		{by("ip-permission.protocol", "6"), "web"},
		{by("ip-permission.user-id", "123456789012"), "default web"},
		// Two rule filters may be met by two rules.
		{append(by("ip-permission.cidr", "192.0.2.0/24"), by("ip-permission.from-port", "81")...), "web"},
		{append(by("group-name", "web"), by("vpc-id", "vpc-00000000000000000")...), ""},
		{by("tag-key", "Env"), "web"},
		{by("tag:Env", ""), "web"},
		{by("tag:Env", "x"), ""},
		{by("tag:Owner", `a\*b`), "web"},
		{by("tag:Owner", `a\*c`), ""},
		{by("group-name", "w\\?b"), ""},
	} {
		found := must(a.ec2.DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{Filters: test.filters}))(t).SecurityGroups
		names := ids(found, func(g ec2types.SecurityGroup) *string { return g.GroupName })
		slices.Sort(names)
		if got := fmt.Sprintf("%v", names); got != "["+test.want+"]" {
			t.Errorf("%s=%q: got %s, want [%s]", *test.filters[0].Name, test.filters[0].Values, got, test.want)
		}
	}
	for name, op := range a.describes() {
		_, _, err := op.call(by("no-such-filter", "x"), nil, nil)
		refusedText(t, err, "InvalidParameterValue", "The filter 'no-such-filter' is invalid")
		_, _, err = op.call(by("vpc-id"), nil, nil)
		refused(t, err, "InvalidParameterValue")
		_, _, err = op.call([]ec2types.Filter{{Values: []string{"x"}}}, nil, nil)
		refused(t, err, "InvalidParameterValue")
		if name == "DescribeSecurityGroupRules" {
			_, _, err = op.call(by("tag-key", "x"), nil, nil)
			refused(t, err, "InvalidParameterValue")
		}
	}
	values := func(n int) []string { return slices.Repeat([]string{"x"}, n) }
	_, err := a.ec2.DescribeVpcs(ctx, &ec2.DescribeVpcsInput{Filters: by("vpc-id", values(201)...)})
	refused(t, err, "FilterLimitExceeded")
	must(a.ec2.DescribeVpcs(ctx, &ec2.DescribeVpcsInput{Filters: by("vpc-id", values(200)...)}))(t)
	_, err = a.ec2.DescribeVpcs(ctx, &ec2.DescribeVpcsInput{Filters: by("vpc-id", string(make([]byte, 256)))})
	refused(t, err, "InvalidParameterValue")
}

// TestFilterFields asks every noun by the filters that a reader of wiring uses.
func TestFilterFields(t *testing.T) {
	t.Parallel()
	a := start(t, fakeaws.Config{})
	ctx := t.Context()
	vpcID := a.vpc("10.0.0.0/16")
	other := a.vpc("10.9.0.0/16")
	a.instance(a.subnet(other, "10.9.0.0/24", "us-east-1b"))
	must(a.ec2.AssociateVpcCidrBlock(ctx, &ec2.AssociateVpcCidrBlockInput{VpcId: &vpcID, CidrBlock: aws.String("10.1.0.0/16")}))(t)
	subnetID := a.subnet(vpcID, "10.0.0.0/24", "us-east-1a")
	group := a.group(vpcID, "web")
	instance := a.instance(subnetID, group)
	aclID := a.acl(vpcID)
	must(a.ec2.CreateNetworkAclEntry(ctx, entry(aclID, 70, func(in *ec2.CreateNetworkAclEntryInput) { in.CidrBlock = aws.String("192.0.2.0/24") })))(t)
	for _, test := range []struct {
		operation string
		filters   []ec2types.Filter
		want      string
	}{
		{"DescribeVpcs", by("cidr", "10.0.0.0/16"), vpcID},
		{"DescribeVpcs", by("cidr-block-association.cidr-block", "10.1.0.0/16"), vpcID},
		{"DescribeSubnets", by("availability-zone", "us-east-1a"), subnetID},
		{"DescribeSubnets", by("availability-zone-id", "use1-az1"), subnetID},
		{"DescribeSubnets", by("cidr-block", "10.0.0.0/24"), subnetID},
		{"DescribeSubnets", by("vpc-id", vpcID), subnetID},
		{"DescribeInstances", by("instance.group-id", group), instance},
		{"DescribeInstances", by("network-interface.group-id", group), instance},
		{"DescribeInstances", append(by("instance-state-name", "running"), by("vpc-id", vpcID)...), instance},
		{"DescribeInstances", by("subnet-id", subnetID), instance},
		{"DescribeNetworkAcls", by("entry.rule-number", "70"), aclID},
		{"DescribeNetworkAcls", by("entry.cidr", "192.0.2.*"), aclID},
		{"DescribeNetworkAcls", by("entry.port-range.from", "80"), aclID},
		{"DescribeNetworkAcls", by("entry.protocol", "tcp"), aclID},
		{"DescribeNetworkAcls", append(by("vpc-id", vpcID), by("default", "false")...), aclID},
	} {
		got, _, err := a.describes()[test.operation].call(test.filters, nil, nil)
		if err != nil || len(got) != 1 || got[0] != test.want {
			t.Errorf("%s by %s: got %v, %v, want %s", test.operation, *test.filters[0].Name, got, err, test.want)
		}
	}
	found, _, err := a.describes()["DescribeNetworkInterfaces"].call(by("attachment.instance-id", instance), nil, nil)
	if err != nil || len(found) != 1 {
		t.Errorf("interfaces of the instance: %v, %v", found, err)
	}
	tables, _, err := a.describes()["DescribeRouteTables"].call(append(by("association.main", "true"), by("vpc-id", vpcID)...), nil, nil)
	if err != nil || len(tables) != 1 {
		t.Errorf("main route table: %v, %v", tables, err)
	}
	zones := must(a.ec2.DescribeAvailabilityZones(ctx, &ec2.DescribeAvailabilityZonesInput{Filters: by("zone-name", "us-east-1?")}))(t).AvailabilityZones
	if len(zones) != 4 || *zones[0].ZoneId != "use1-az1" {
		t.Errorf("zones: %+v", zones)
	}
}

// TestEveryFilter names all filters of the double: each must be known, and each
// must match an item that shows a value to it.
func TestEveryFilter(t *testing.T) {
	t.Parallel()
	s := newSite(t, fakeaws.Config{})
	ctx := t.Context()
	must(s.ec2.AssociateVpcCidrBlock(ctx, &ec2.AssociateVpcCidrBlockInput{VpcId: &s.vpcID, AmazonProvidedIpv6CidrBlock: aws.Bool(true)}))(t)
	group := s.group(s.vpcID, "six")
	p := ec2types.IpPermission{
		IpProtocol: aws.String("tcp"), FromPort: aws.Int32(1), ToPort: aws.Int32(2),
		IpRanges:         []ec2types.IpRange{{CidrIp: aws.String("10.0.0.0/8")}},
		Ipv6Ranges:       []ec2types.Ipv6Range{{CidrIpv6: aws.String("2001:db8::/32")}},
		PrefixListIds:    []ec2types.PrefixListId{{PrefixListId: aws.String(s.prefixList("list", "IPv4", 1))}},
		UserIdGroupPairs: []ec2types.UserIdGroupPair{{GroupId: &group}},
	}
	must(s.authorize(group, p))(t)
	must(s.ec2.AuthorizeSecurityGroupEgress(ctx, &ec2.AuthorizeSecurityGroupEgressInput{GroupId: &group, IpPermissions: []ec2types.IpPermission{p}}))(t)
	aclID := s.acl(s.vpcID)
	must(s.ec2.CreateNetworkAclEntry(ctx, entry(aclID, 1)))(t)
	must(s.ec2.CreateNetworkAclEntry(ctx, entry(aclID, 2, func(in *ec2.CreateNetworkAclEntryInput) {
		in.Protocol, in.PortRange = aws.String("1"), nil
		in.IcmpTypeCode = &ec2types.IcmpTypeCode{Type: aws.Int32(3), Code: aws.Int32(4)}
	})))(t)
	s.instance(s.front, group)
	s.loadBalancer("web", "", []string{s.front}, []string{group}, listener(80, 8080))
	permissions := "cidr ipv6-cidr prefix-list-id group-id group-name user-id protocol from-port to-port"
	interfaces := `addresses.private-ip-address private-ip-address attachment.attachment-id attachment.device-index attachment.instance-id
		attachment.instance-owner-id attachment.status description group-id group-name mac-address network-interface-id owner-id requester-id
		requester-managed status subnet-id vpc-id`
	prefixed := func(prefix, names string) string {
		return prefix + strings.Join(strings.Fields(names), " "+prefix)
	}
	for operation, names := range map[string]string{
		"DescribeVpcs": `cidr cidr-block-association.cidr-block cidr-block-association.association-id cidr-block-association.state
			ipv6-cidr-block-association.ipv6-cidr-block ipv6-cidr-block-association.association-id ipv6-cidr-block-association.state
			dhcp-options-id is-default isDefault owner-id state vpc-id`,
		"DescribeSubnets": `availability-zone availabilityZone availability-zone-id availabilityZoneId available-ip-address-count cidr-block cidr
			cidrBlock default-for-az defaultForAz map-public-ip-on-launch owner-id state subnet-arn subnet-id vpc-id`,
		"DescribeSecurityGroups": "description group-id group-name owner-id vpc-id " +
			prefixed("ip-permission.", permissions) + " " + prefixed("egress.ip-permission.", permissions),
		"DescribeSecurityGroupRules": "group-id security-group-rule-id",
		"DescribeNetworkAcls": `association.association-id association.network-acl-id association.subnet-id default entry.cidr entry.ipv6-cidr
			entry.icmp.code entry.icmp.type entry.port-range.from entry.port-range.to entry.protocol entry.rule-action entry.egress
			entry.rule-number network-acl-id owner-id vpc-id`,
		"DescribeNetworkInterfaces": "availability-zone interface-type " + interfaces,
		"DescribeInstances": `availability-zone image-id instance-id instance-state-code instance-state-name instance-type owner-id private-ip-address
			reservation-id subnet-id vpc-id instance.group-id instance.group-name ` + prefixed("network-interface.", interfaces),
		"DescribeRouteTables": `association.main association.route-table-association-id association.route-table-id association.subnet-id owner-id
			route-table-id route.destination-cidr-block route.gateway-id route.state vpc-id`,
		"DescribeManagedPrefixLists": "owner-id prefix-list-id prefix-list-name",
	} {
		for _, name := range strings.Fields(names) {
			found, _, err := s.describes()[operation].call(by(name, "*"), nil, nil)
			if err != nil || len(found) == 0 {
				t.Errorf("%s by %s=*: %d found, error %v", operation, name, len(found), err)
			}
		}
	}
	zones := must(s.ec2.DescribeAvailabilityZones(ctx, &ec2.DescribeAvailabilityZonesInput{ZoneIds: []string{"use1-az2"}, Filters: by("state", "available")}))(t).AvailabilityZones
	if len(zones) != 1 || *zones[0].ZoneName != "us-east-1b" {
		t.Errorf("zones: %+v", zones)
	}
	gateways := must(s.ec2.DescribeInternetGateways(ctx, &ec2.DescribeInternetGatewaysInput{Filters: by("attachment.vpc-id", s.vpcID)}))(t).InternetGateways
	if len(gateways) != 1 {
		t.Fatalf("gateways: %+v", gateways)
	}
	// The nodes of an internet-facing load balancer hold its public addresses.
	_, err := s.ec2.DetachInternetGateway(ctx, &ec2.DetachInternetGatewayInput{InternetGatewayId: gateways[0].InternetGatewayId, VpcId: &s.vpcID})
	refused(t, err, "DependencyViolation")
}
