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

	"github.com/terraform-clb/terraform-provider-clb/internal/fakeaws"
)

// permission is a permission for an IPv4 block with free choice of the rest.
func permission(protocol string, from, to *int32, cidr string) ec2types.IpPermission {
	return ec2types.IpPermission{IpProtocol: &protocol, FromPort: from, ToPort: to, IpRanges: []ec2types.IpRange{{CidrIp: &cidr}}}
}

func described(p ec2types.IpPermission, description string) ec2types.IpPermission {
	for i := range p.IpRanges {
		p.IpRanges[i].Description = &description
	}
	for i := range p.UserIdGroupPairs {
		p.UserIdGroupPairs[i].Description = &description
	}
	for i := range p.PrefixListIds {
		p.PrefixListIds[i].Description = &description
	}
	return p
}

func TestAuthorizeRefusals(t *testing.T) {
	t.Parallel()
	a := start(t, fakeaws.Config{})
	vpcID, otherVPC := a.vpc("10.0.0.0/16"), a.vpc("10.1.0.0/16")
	group, foreign := a.group(vpcID, "web"), a.group(otherVPC, "web")
	big := a.prefixList("big", "IPv4", 61)
	must(a.authorize(group, fromCIDR(1, "10.0.0.0/8")))(t)
	p := func(n int32) *int32 { return &n }
	const v4 = "10.0.0.0/8"
	for name, test := range map[string]struct {
		permissions []ec2types.IpPermission
		code, text  string
	}{
		"port above 65535":      {[]ec2types.IpPermission{permission("tcp", p(70000), p(70000), v4)}, "InvalidPermission.Malformed", "TCP/UDP port (70000) out of range"},
		"negative port":         {[]ec2types.IpPermission{permission("tcp", p(-1), p(-1), v4)}, "InvalidPermission.Malformed", "TCP/UDP port (-1) out of range"},
		"from above to":         {[]ec2types.IpPermission{permission("udp", p(443), p(80), v4)}, "InvalidParameterValue", "Invalid TCP/UDP port range (443:80)"},
		"TCP without ports":     {[]ec2types.IpPermission{permission("tcp", nil, nil, v4)}, "InvalidParameterValue", "Must specify both from and to ports with TCP/UDP."},
		"TCP without to":        {[]ec2types.IpPermission{permission("6", p(80), nil, v4)}, "InvalidParameterValue", "Must specify both from and to ports with TCP/UDP."},
		"ICMP without type":     {[]ec2types.IpPermission{permission("icmp", nil, nil, v4)}, "InvalidParameterValue", "Must specify both from and to ports with ICMP."},
		"ICMPv6 with half":      {[]ec2types.IpPermission{permission("icmpv6", p(2), nil, v4)}, "InvalidParameterValue", "Must specify both from and to ports with ICMP."},
		"ICMP type 256":         {[]ec2types.IpPermission{permission("icmp", p(256), p(0), v4)}, "InvalidPermission.Malformed", "ICMP type (256)"},
		"ICMP all types, code":  {[]ec2types.IpPermission{permission("icmp", p(-1), p(4), v4)}, "InvalidPermission.Malformed", "ICMP code (4)"},
		"unknown protocol":      {[]ec2types.IpPermission{permission("foo", p(1), p(1), v4)}, "InvalidParameterValue", "Invalid value 'foo' for IP protocol. Unknown protocol."},
		"protocol 256":          {[]ec2types.IpPermission{permission("256", nil, nil, v4)}, "InvalidParameterValue", "Unknown protocol"},
		"no protocol":           {[]ec2types.IpPermission{{FromPort: p(1), ToPort: p(1), IpRanges: []ec2types.IpRange{{CidrIp: aws.String(v4)}}}}, "MissingParameter", "ipProtocol"},
		"no peer":               {[]ec2types.IpPermission{{IpProtocol: aws.String("tcp"), FromPort: p(1), ToPort: p(1)}}, "MissingParameter", "Missing source specification"},
		"no permissions":        {nil, "MissingParameter", "ipPermissions"},
		"not a CIDR":            {[]ec2types.IpPermission{fromCIDR(80, "10.0.0.5")}, "InvalidParameterValue", "CIDR block 10.0.0.5 is malformed"},
		"IPv6 as IPv4":          {[]ec2types.IpPermission{fromCIDR(80, "2001:db8::/32")}, "InvalidParameterValue", "is malformed"},
		"unknown group":         {[]ec2types.IpPermission{fromGroup(80, "sg-00000000000000000")}, "InvalidGroup.NotFound", "The security group 'sg-00000000000000000' does not exist"},
		"malformed group":       {[]ec2types.IpPermission{fromGroup(80, "web")}, "InvalidGroupId.Malformed", ""},
		"group of another VPC":  {[]ec2types.IpPermission{fromGroup(80, foreign)}, "InvalidGroup.NotFound", "different networks"},
		"group by name":         {[]ec2types.IpPermission{{IpProtocol: aws.String("-1"), UserIdGroupPairs: []ec2types.UserIdGroupPair{{GroupName: aws.String("web")}}}}, "InvalidParameterValue", "You may not reference Amazon VPC security groups by name"},
		"group of wrong owner":  {[]ec2types.IpPermission{{IpProtocol: aws.String("-1"), UserIdGroupPairs: []ec2types.UserIdGroupPair{{GroupId: &group, UserId: aws.String("999999999999")}}}}, "InvalidGroup.NotFound", ""},
		"empty group pair":      {[]ec2types.IpPermission{{IpProtocol: aws.String("-1"), UserIdGroupPairs: []ec2types.UserIdGroupPair{{UserId: aws.String("999999999999")}}}}, "MissingParameter", "Source group ID missing."},
		"unknown prefix list":   {[]ec2types.IpPermission{fromPrefixList(80, "pl-00000000000000000")}, "InvalidPrefixListID.NotFound", ""},
		"malformed prefix list": {[]ec2types.IpPermission{fromPrefixList(80, "pl-1")}, "InvalidPrefixListId.Malformed", ""},
		"prefix list too big":   {[]ec2types.IpPermission{fromPrefixList(80, big)}, "RulesPerSecurityGroupLimitExceeded", "The maximum number of rules per security group has been reached."},
		"long description":      {[]ec2types.IpPermission{described(fromCIDR(80, v4), strings.Repeat("x", 256))}, "InvalidParameterValue", "Invalid rule description"},
		"description with %":    {[]ec2types.IpPermission{described(fromCIDR(80, v4), "100%")}, "InvalidParameterValue", "Invalid rule description"},
		"description not ASCII": {[]ec2types.IpPermission{described(fromCIDR(80, v4), "für")}, "InvalidParameterValue", "Invalid rule description"},
		"& on a group":          {[]ec2types.IpPermission{described(fromGroup(80, group), "a & b")}, "InvalidParameterValue", "Invalid rule description"},
		"same in the call":      {[]ec2types.IpPermission{fromCIDR(80, v4), described(fromCIDR(80, "10.1.2.3/8"), "other")}, "InvalidParameterValue", "The same permission must not appear multiple times"},
		"exists":                {[]ec2types.IpPermission{fromCIDR(80, v4), fromCIDR(1, "10.9.9.9/8")}, "InvalidPermission.Duplicate", `the specified rule "peer: 10.0.0.0/8, TCP, from port: 1, to port: 1, ALLOW" already exists`},
		"group already there":   {[]ec2types.IpPermission{fromGroup(80, group), fromGroup(80, group)}, "InvalidParameterValue", "multiple times"},
	} {
		t.Run(name, func(t *testing.T) {
			before := a.server.Snapshot()
			_, err := a.authorize(group, test.permissions...)
			refusedText(t, err, test.code, test.text)
			if after := a.server.Snapshot(); after != before {
				t.Errorf("the refused call changed the world:\n%s", after)
			}
		})
	}
	t.Run("unknown group", func(t *testing.T) {
		_, err := a.authorize("sg-00000000000000000", fromCIDR(80, v4))
		refused(t, err, "InvalidGroup.NotFound")
	})
	t.Run("wrong tag type", func(t *testing.T) {
		_, err := a.ec2.AuthorizeSecurityGroupIngress(t.Context(), &ec2.AuthorizeSecurityGroupIngressInput{
			GroupId: &group, IpPermissions: []ec2types.IpPermission{fromCIDR(80, v4)},
			TagSpecifications: []ec2types.TagSpecification{{ResourceType: "instance", Tags: []ec2types.Tag{{Key: aws.String("a"), Value: aws.String("b")}}}},
		})
		refusedText(t, err, "InvalidParameterValue", "'instance' is not a valid taggable resource type for this operation.")
	})
	t.Run("flat egress", func(t *testing.T) {
		_, err := a.ec2.AuthorizeSecurityGroupEgress(t.Context(), &ec2.AuthorizeSecurityGroupEgressInput{GroupId: &group, CidrIp: aws.String(v4), IpProtocol: aws.String("-1")})
		refused(t, err, "InvalidParameterCombination")
	})
	t.Run("EC2-Classic source group", func(t *testing.T) {
		_, err := a.ec2.AuthorizeSecurityGroupIngress(t.Context(), &ec2.AuthorizeSecurityGroupIngressInput{
			GroupId: &group, SourceSecurityGroupName: aws.String("amazon-elb-sg"), SourceSecurityGroupOwnerId: aws.String("amazon-elb"),
		})
		refusedText(t, err, "InvalidGroup.NotFound", "Unable to find group 'amazon-elb-sg'")
	})
}

// TestAuthorizeIsAtomic is about what stays when the last of several
// permissions is refused: nothing.
func TestAuthorizeIsAtomic(t *testing.T) {
	t.Parallel()
	a := start(t, fakeaws.Config{})
	group := a.group(a.vpc("10.0.0.0/16"), "web")
	_, err := a.authorize(group, fromCIDR(80, "10.0.0.0/8"), fromCIDR(443, "10.0.0.0/8"), fromCIDR(70000, "10.0.0.0/8"))
	refused(t, err, "InvalidPermission.Malformed")
	if rules := a.ingress(group); len(rules) != 0 {
		t.Errorf("the refused call left %v", rules)
	}
}

func TestRuleQuota(t *testing.T) {
	t.Parallel()
	ranges := func(v6 bool, n int) ec2types.IpPermission {
		p := ec2types.IpPermission{IpProtocol: aws.String("-1")}
		for i := range n {
			if v6 {
				p.Ipv6Ranges = append(p.Ipv6Ranges, ec2types.Ipv6Range{CidrIpv6: aws.String(fmt.Sprintf("2001:db8:%x::/48", i))})
			} else {
				p.IpRanges = append(p.IpRanges, ec2types.IpRange{CidrIp: aws.String(fmt.Sprintf("10.%d.0.0/16", i))})
			}
		}
		return p
	}
	a := start(t, fakeaws.Config{})
	vpcID := a.vpc("10.0.0.0/16")
	ten := a.prefixList("ten", "IPv4", 10, "192.0.2.0/24")
	six := a.prefixList("six", "IPv6", 10, "2001:db8::/32")
	managed := must(a.ec2.DescribeManagedPrefixLists(t.Context(), &ec2.DescribeManagedPrefixListsInput{
		Filters: []ec2types.Filter{{Name: aws.String("prefix-list-name"), Values: []string{"com.amazonaws.global.cloudfront*"}}},
	}))(t).PrefixLists[0]
	if *managed.OwnerId != "AWS" || managed.MaxEntries != nil {
		t.Errorf("a list of AWS: %+v", managed)
	}
	for name, test := range map[string]struct {
		first, second []ec2types.IpPermission
		ok            bool
	}{
		"60 and no more":               {[]ec2types.IpPermission{ranges(false, 60)}, []ec2types.IpPermission{fromCIDR(80, "0.0.0.0/0")}, false},
		"61 at once":                   {nil, []ec2types.IpPermission{ranges(false, 61)}, false},
		"families apart":               {[]ec2types.IpPermission{ranges(false, 60)}, []ec2types.IpPermission{ranges(true, 60)}, true},
		"a list counts its maximum":    {[]ec2types.IpPermission{ranges(false, 51)}, []ec2types.IpPermission{fromPrefixList(80, ten)}, false},
		"a list that just fits":        {[]ec2types.IpPermission{ranges(false, 50)}, []ec2types.IpPermission{fromPrefixList(80, ten)}, true},
		"a list of the other family":   {[]ec2types.IpPermission{ranges(false, 60)}, []ec2types.IpPermission{fromPrefixList(80, six)}, true},
		"a group counts in IPv4":       {[]ec2types.IpPermission{ranges(false, 60)}, []ec2types.IpPermission{fromGroup(80, "self")}, false},
		"a group counts in IPv6":       {[]ec2types.IpPermission{ranges(true, 60)}, []ec2types.IpPermission{fromGroup(80, "self")}, false},
		"a list of AWS weighs 55":      {[]ec2types.IpPermission{ranges(false, 6)}, []ec2types.IpPermission{fromPrefixList(443, *managed.PrefixListId)}, false},
		"a list of AWS that just fits": {[]ec2types.IpPermission{ranges(false, 5)}, []ec2types.IpPermission{fromPrefixList(443, *managed.PrefixListId)}, true},
	} {
		t.Run(name, func(t *testing.T) {
			group := a.group(vpcID, name)
			if len(test.second[0].UserIdGroupPairs) > 0 {
				test.second[0] = fromGroup(80, group)
			}
			if test.first != nil {
				must(a.authorize(group, test.first...))(t)
			}
			_, err := a.authorize(group, test.second...)
			if test.ok && err != nil {
				t.Error(err)
			}
			if !test.ok {
				refused(t, err, "RulesPerSecurityGroupLimitExceeded")
			}
			// The other direction has a quota of its own.
			must(a.ec2.AuthorizeSecurityGroupEgress(t.Context(), &ec2.AuthorizeSecurityGroupEgressInput{GroupId: &group, IpPermissions: []ec2types.IpPermission{fromCIDR(80, "0.0.0.0/0")}}))(t)
		})
	}
}

func TestRevoke(t *testing.T) {
	t.Parallel()
	a := start(t, fakeaws.Config{})
	ctx := t.Context()
	group := a.group(a.vpc("10.0.0.0/16"), "web")
	defaultVPC := *must(a.ec2.CreateDefaultVpc(ctx, &ec2.CreateDefaultVpcInput{}))(t).Vpc.VpcId
	inDefault := a.group(defaultVPC, "web")
	revoke := func(group string, in ec2.RevokeSecurityGroupIngressInput) (*ec2.RevokeSecurityGroupIngressOutput, error) {
		in.GroupId = &group
		return a.ec2.RevokeSecurityGroupIngress(ctx, &in)
	}
	ids := map[string][]string{}
	for _, g := range []string{group, inDefault} {
		for _, r := range must(a.authorize(g, fromCIDR(80, "10.0.0.0/8"), fromCIDR(81, "10.0.0.0/8"), fromCIDR(82, "10.0.0.0/8")))(t).SecurityGroupRules {
			ids[g] = append(ids[g], *r.SecurityGroupRuleId)
		}
	}

	_, err := revoke(group, ec2.RevokeSecurityGroupIngressInput{IpPermissions: []ec2types.IpPermission{fromCIDR(80, "10.0.0.0/8"), fromCIDR(99, "10.0.0.0/8")}})
	refusedText(t, err, "InvalidPermission.NotFound", "The specified rule does not exist in this security group.")
	_, err = revoke(group, ec2.RevokeSecurityGroupIngressInput{SecurityGroupRuleIds: []string{ids[group][0], "sgr-00000000000000000"}})
	refused(t, err, "InvalidSecurityGroupRuleId.NotFound")
	_, err = revoke(group, ec2.RevokeSecurityGroupIngressInput{SecurityGroupRuleIds: []string{ids[inDefault][0]}})
	refused(t, err, "InvalidSecurityGroupRuleId.NotFound")
	_, err = revoke(group, ec2.RevokeSecurityGroupIngressInput{SecurityGroupRuleIds: []string{"rule"}})
	refused(t, err, "InvalidSecurityGroupRuleId.Malformed")
	_, err = revoke(group, ec2.RevokeSecurityGroupIngressInput{SecurityGroupRuleIds: ids[group][:1], IpPermissions: []ec2types.IpPermission{fromCIDR(80, "10.0.0.0/8")}})
	refused(t, err, "InvalidParameterCombination")
	_, err = a.ec2.RevokeSecurityGroupEgress(ctx, &ec2.RevokeSecurityGroupEgressInput{GroupId: &group, SecurityGroupRuleIds: ids[group][:1]})
	refused(t, err, "InvalidSecurityGroupRuleId.NotFound")
	_, err = a.ec2.RevokeSecurityGroupEgress(ctx, &ec2.RevokeSecurityGroupEgressInput{GroupId: &group, IpPermissions: []ec2types.IpPermission{fromCIDR(99, "10.0.0.0/8")}})
	refused(t, err, "InvalidPermission.NotFound")
	if left := a.ingress(group); len(left) != 3 {
		t.Fatalf("refused calls left %d rules, want 3", len(left))
	}

	out := must(revoke(group, ec2.RevokeSecurityGroupIngressInput{SecurityGroupRuleIds: ids[group][:2]}))(t)
	if len(out.RevokedSecurityGroupRules) != 2 || !*out.Return {
		t.Errorf("revoked: %+v", out.RevokedSecurityGroupRules)
	}
	// Neither the description nor the host bits matter.
	must(revoke(group, ec2.RevokeSecurityGroupIngressInput{IpPermissions: []ec2types.IpPermission{described(fromCIDR(82, "10.7.7.7/8"), "other")}}))(t)
	if left := a.ingress(group); len(left) != 0 {
		t.Errorf("left: %v", left)
	}

	// In the default VPC a mismatch is no error.
	out = must(revoke(inDefault, ec2.RevokeSecurityGroupIngressInput{IpPermissions: []ec2types.IpPermission{fromCIDR(80, "10.0.0.0/8"), fromCIDR(99, "10.0.0.0/8")}}))(t)
	if len(out.RevokedSecurityGroupRules) != 1 || len(out.UnknownIpPermissions) != 1 || *out.UnknownIpPermissions[0].FromPort != 99 {
		t.Errorf("default VPC: %+v, unknown %+v", out.RevokedSecurityGroupRules, out.UnknownIpPermissions)
	}
	if left := a.ingress(inDefault); len(left) != 2 {
		t.Errorf("default VPC: %d rules left, want 2", len(left))
	}
}

func TestFlatPermissions(t *testing.T) {
	t.Parallel()
	a := start(t, fakeaws.Config{})
	ctx := t.Context()
	vpcID := *must(a.ec2.CreateDefaultVpc(ctx, &ec2.CreateDefaultVpcInput{}))(t).Vpc.VpcId
	web := a.group(vpcID, "web")
	a.group(vpcID, "peer")
	must(a.ec2.AuthorizeSecurityGroupIngress(ctx, &ec2.AuthorizeSecurityGroupIngressInput{
		GroupName: aws.String("web"), SourceSecurityGroupName: aws.String("peer"),
	}))(t)
	if rules := a.ingress(web); len(rules) != 3 {
		t.Errorf("a named source group gives %d rules, want TCP, UDP and ICMP", len(rules))
	}
	must(a.ec2.AuthorizeSecurityGroupIngress(ctx, &ec2.AuthorizeSecurityGroupIngressInput{
		GroupId: &web, IpProtocol: aws.String("tcp"), FromPort: aws.Int32(80), ToPort: aws.Int32(80), CidrIp: aws.String("0.0.0.0/0"),
	}))(t)
	must(a.ec2.RevokeSecurityGroupIngress(ctx, &ec2.RevokeSecurityGroupIngressInput{
		GroupId: &web, IpProtocol: aws.String("tcp"), FromPort: aws.Int32(80), ToPort: aws.Int32(80), CidrIp: aws.String("0.0.0.0/0"),
	}))(t)
	if rules := a.ingress(web); len(rules) != 3 {
		t.Errorf("%d rules left, want 3", len(rules))
	}
}

func TestModifySecurityGroupRules(t *testing.T) {
	t.Parallel()
	a := start(t, fakeaws.Config{})
	vpcID := a.vpc("10.0.0.0/16")
	group := a.group(vpcID, "web")
	list := a.prefixList("list", "IPv4", 59)
	added := must(a.authorize(group, described(fromCIDR(80, "10.0.0.0/8"), "old"), fromCIDR(81, "10.0.0.0/8")))(t).SecurityGroupRules
	first, second := *added[0].SecurityGroupRuleId, *added[1].SecurityGroupRuleId
	onList := *must(a.authorize(group, fromPrefixList(80, a.prefixList("one", "IPv4", 1))))(t).SecurityGroupRules[0].SecurityGroupRuleId
	request := func(port int32, cidr string) ec2types.SecurityGroupRuleRequest {
		return ec2types.SecurityGroupRuleRequest{IpProtocol: aws.String("tcp"), FromPort: &port, ToPort: &port, CidrIpv4: &cidr}
	}
	modify := func(updates ...ec2types.SecurityGroupRuleUpdate) error {
		_, err := a.ec2.ModifySecurityGroupRules(t.Context(), &ec2.ModifySecurityGroupRulesInput{GroupId: &group, SecurityGroupRules: updates})
		return err
	}
	update := func(id string, r ec2types.SecurityGroupRuleRequest) ec2types.SecurityGroupRuleUpdate {
		return ec2types.SecurityGroupRuleUpdate{SecurityGroupRuleId: &id, SecurityGroupRule: &r}
	}
	good := update(first, request(8080, "10.0.0.0/8"))
	withPeer := func(change func(*ec2types.SecurityGroupRuleRequest)) ec2types.SecurityGroupRuleRequest {
		r := request(82, "10.0.0.0/8")
		change(&r)
		return r
	}
	for name, test := range map[string]struct {
		bad        ec2types.SecurityGroupRuleUpdate
		code, text string
	}{
		"unknown rule":    {update("sgr-00000000000000000", request(1, "10.0.0.0/8")), "InvalidSecurityGroupRuleId.NotFound", ""},
		"same rule twice": {good, "InvalidParameterValue", "multiple times"},
		"duplicate":       {update(second, request(8080, "10.0.0.0/8")), "InvalidPermission.Duplicate", "already exists"},
		"host bits":       {update(second, request(82, "10.1.0.0/8")), "InvalidParameterValue", "expecting 10.0.0.0/8"},
		"no peer":         {update(second, withPeer(func(r *ec2types.SecurityGroupRuleRequest) { r.CidrIpv4 = nil })), "MissingParameter", ""},
		"two peers":       {update(second, withPeer(func(r *ec2types.SecurityGroupRuleRequest) { r.ReferencedGroupId = &group })), "InvalidParameterCombination", ""},
		"other kind":      {update(second, withPeer(func(r *ec2types.SecurityGroupRuleRequest) { r.CidrIpv4, r.ReferencedGroupId = nil, &group })), "InvalidParameterValue", "source or destination type"},
		"no ports":        {update(second, withPeer(func(r *ec2types.SecurityGroupRuleRequest) { r.FromPort = nil })), "InvalidParameterValue", "Must specify both"},
		"bad description": {update(second, withPeer(func(r *ec2types.SecurityGroupRuleRequest) { r.Description = aws.String("%") })), "InvalidParameterValue", "Invalid rule description"},
		"quota":           {update(onList, withPeer(func(r *ec2types.SecurityGroupRuleRequest) { r.CidrIpv4, r.PrefixListId = nil, &list })), "RulesPerSecurityGroupLimitExceeded", ""},
		"unknown list": {update(onList, withPeer(func(r *ec2types.SecurityGroupRuleRequest) {
			r.CidrIpv4, r.PrefixListId = nil, aws.String("pl-00000000000000000")
		})), "InvalidPrefixListID.NotFound", ""},
		"without the rule": {ec2types.SecurityGroupRuleUpdate{SecurityGroupRuleId: &second}, "MissingParameter", ""},
	} {
		t.Run(name, func(t *testing.T) {
			before := a.server.Snapshot()
			refusedText(t, modify(good, test.bad), test.code, test.text)
			if a.server.Snapshot() != before {
				t.Error("the refused call changed the world")
			}
		})
	}
	// The same rules may change places, and a description that is left out goes.
	if err := modify(update(first, request(81, "10.0.0.0/8")), update(second, request(80, "10.0.0.0/8"))); err != nil {
		t.Fatal(err)
	}
	for _, r := range a.ingress(group) {
		if r.ID == first && (r.FromPort != 81 || r.Description != "") || r.ID == second && r.FromPort != 80 {
			t.Errorf("after the change: %+v", r)
		}
	}
}

func TestRuleDescriptions(t *testing.T) {
	t.Parallel()
	a := start(t, fakeaws.Config{})
	ctx := t.Context()
	vpcID := a.vpc("10.0.0.0/16")
	group := a.group(vpcID, "web")
	list := a.prefixList("list", "IPv4", 1)
	added := must(a.authorize(group, fromCIDR(80, "10.0.0.0/8"), fromGroup(80, group), fromPrefixList(80, list)))(t).SecurityGroupRules
	set := func(in ec2.UpdateSecurityGroupRuleDescriptionsIngressInput) error {
		in.GroupId = &group
		_, err := a.ec2.UpdateSecurityGroupRuleDescriptionsIngress(ctx, &in)
		return err
	}
	if err := set(ec2.UpdateSecurityGroupRuleDescriptionsIngressInput{IpPermissions: []ec2types.IpPermission{
		described(fromCIDR(80, "10.0.0.0/8"), "one"), described(fromGroup(80, group), "one"), described(fromPrefixList(80, list), "one"),
	}}); err != nil {
		t.Fatal(err)
	}
	for _, r := range a.ingress(group) {
		if r.Description != "one" {
			t.Errorf("by permission: %+v", r)
		}
	}
	if err := set(ec2.UpdateSecurityGroupRuleDescriptionsIngressInput{SecurityGroupRuleDescriptions: []ec2types.SecurityGroupRuleDescription{
		{SecurityGroupRuleId: added[0].SecurityGroupRuleId},
	}}); err != nil {
		t.Fatal(err)
	}
	for _, r := range a.ingress(group) {
		if r.ID == *added[0].SecurityGroupRuleId && r.Description != "" {
			t.Errorf("not cleared: %+v", r)
		}
	}
	refused(t, set(ec2.UpdateSecurityGroupRuleDescriptionsIngressInput{}), "MissingParameter")
	refused(t, set(ec2.UpdateSecurityGroupRuleDescriptionsIngressInput{IpPermissions: []ec2types.IpPermission{fromCIDR(9, "10.0.0.0/8")}}), "InvalidPermission.NotFound")
	refused(t, set(ec2.UpdateSecurityGroupRuleDescriptionsIngressInput{IpPermissions: []ec2types.IpPermission{described(fromCIDR(80, "10.0.0.0/8"), "%")}}), "InvalidParameterValue")
	_, err := a.ec2.UpdateSecurityGroupRuleDescriptionsEgress(ctx, &ec2.UpdateSecurityGroupRuleDescriptionsEgressInput{
		GroupId: &group, SecurityGroupRuleDescriptions: []ec2types.SecurityGroupRuleDescription{{SecurityGroupRuleId: added[0].SecurityGroupRuleId}},
	})
	refused(t, err, "InvalidSecurityGroupRuleId.NotFound")
}

// TestPeeredGroups references a group of another account through a peering.
func TestPeeredGroups(t *testing.T) {
	t.Parallel()
	a := start(t, fakeaws.Config{})
	other := a.assume("arn:aws:iam::222222222222:role/other")
	vpcID, foreignVPC := a.vpc("10.0.0.0/16"), other.vpc("10.1.0.0/16")
	group, foreign := a.group(vpcID, "web"), other.group(foreignVPC, "clients")
	pair := func(owner *string) ec2types.IpPermission {
		p := fromGroup(80, foreign)
		p.UserIdGroupPairs[0].UserId = owner
		return p
	}
	_, err := a.authorize(group, pair(aws.String("222222222222")))
	refusedText(t, err, "InvalidGroup.NotFound", "different networks")
	connection := a.server.PeerVPCs(vpcID, foreignVPC)
	_, err = a.authorize(group, pair(nil))
	refused(t, err, "InvalidGroup.NotFound")
	added := must(a.authorize(group, pair(aws.String("222222222222"))))(t).SecurityGroupRules[0]
	info := added.ReferencedGroupInfo
	if *info.UserId != "222222222222" || *info.VpcId != foreignVPC || *info.VpcPeeringConnectionId != connection || *info.PeeringStatus != "active" {
		t.Errorf("referenced group: %+v", info)
	}
	// A peer cannot hold the group: the reference goes stale.
	must(other.ec2.DeleteSecurityGroup(t.Context(), &ec2.DeleteSecurityGroupInput{GroupId: &foreign}))(t)
	if rules := a.ingress(group); len(rules) != 1 || rules[0].ReferencedGroupID != foreign {
		t.Errorf("rules: %+v", rules)
	}
}
