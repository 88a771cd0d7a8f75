// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package fakeaws_test

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/terraform-clb/terraform-provider-clb/internal/fakeaws"
)

// entry is an inbound TCP entry; change adjusts it.
func entry(aclID string, number int32, change ...func(*ec2.CreateNetworkAclEntryInput)) *ec2.CreateNetworkAclEntryInput {
	in := &ec2.CreateNetworkAclEntryInput{
		NetworkAclId: &aclID, RuleNumber: &number, Egress: aws.Bool(false), Protocol: aws.String("6"), RuleAction: "allow",
		CidrBlock: aws.String("10.0.0.0/16"), PortRange: &ec2types.PortRange{From: aws.Int32(80), To: aws.Int32(80)},
	}
	for _, f := range change {
		f(in)
	}
	return in
}

func replacement(in *ec2.CreateNetworkAclEntryInput) *ec2.ReplaceNetworkAclEntryInput {
	return &ec2.ReplaceNetworkAclEntryInput{
		NetworkAclId: in.NetworkAclId, RuleNumber: in.RuleNumber, Egress: in.Egress, Protocol: in.Protocol, RuleAction: in.RuleAction,
		CidrBlock: in.CidrBlock, Ipv6CidrBlock: in.Ipv6CidrBlock, PortRange: in.PortRange, IcmpTypeCode: in.IcmpTypeCode,
	}
}

func TestNetworkACLEntryRefusals(t *testing.T) {
	t.Parallel()
	a := start(t, fakeaws.Config{})
	ctx := t.Context()
	aclID := a.acl(a.vpc("10.0.0.0/16"))
	must(a.ec2.CreateNetworkAclEntry(ctx, entry(aclID, 100)))(t)
	type input = ec2.CreateNetworkAclEntryInput
	icmp := func(kind, code *int32) func(*input) {
		return func(in *input) {
			in.Protocol, in.PortRange = aws.String("1"), nil
			in.IcmpTypeCode = &ec2types.IcmpTypeCode{Type: kind, Code: code}
		}
	}
	for name, test := range map[string]struct {
		in   *input
		code string
	}{
		"number 0":             {entry(aclID, 0), "InvalidParameterValue"},
		"number 32767":         {entry(aclID, 32767), "InvalidParameterValue"},
		"negative number":      {entry(aclID, -5), "InvalidParameterValue"},
		"unknown ACL":          {entry("acl-00000000000000000", 1), "InvalidNetworkAclID.NotFound"},
		"malformed ACL":        {entry("acl-x", 1), "InvalidNetworkAclId.Malformed"},
		"protocol by name":     {entry(aclID, 1, func(in *input) { in.Protocol = aws.String("tcp") }), "InvalidParameterValue"},
		"protocol 256":         {entry(aclID, 1, func(in *input) { in.Protocol = aws.String("256") }), "InvalidParameterValue"},
		"action":               {entry(aclID, 1, func(in *input) { in.RuleAction = "maybe" }), "InvalidParameterValue"},
		"TCP without ports":    {entry(aclID, 1, func(in *input) { in.PortRange = nil }), "MissingParameter"},
		"from above to":        {entry(aclID, 1, func(in *input) { in.PortRange.From = aws.Int32(81) }), "InvalidParameterValue"},
		"port 65536":           {entry(aclID, 1, func(in *input) { in.PortRange.To = aws.Int32(65536) }), "InvalidParameterValue"},
		"no CIDR":              {entry(aclID, 1, func(in *input) { in.CidrBlock = nil }), "MissingParameter"},
		"two CIDRs":            {entry(aclID, 1, func(in *input) { in.Ipv6CidrBlock = aws.String("::/0") }), "InvalidParameterCombination"},
		"not a CIDR":           {entry(aclID, 1, func(in *input) { in.CidrBlock = aws.String("10.0.0.0") }), "InvalidParameterValue"},
		"IPv6 as IPv4":         {entry(aclID, 1, func(in *input) { in.CidrBlock = aws.String("::/0") }), "InvalidParameterValue"},
		"ICMP without type":    {entry(aclID, 1, icmp(nil, aws.Int32(4))), "MissingParameter"},
		"ICMP without code":    {entry(aclID, 1, icmp(aws.Int32(3), nil)), "MissingParameter"},
		"ICMP type 300":        {entry(aclID, 1, icmp(aws.Int32(300), aws.Int32(0))), "InvalidParameterValue"},
		"ICMP all with a code": {entry(aclID, 1, icmp(aws.Int32(-1), aws.Int32(4))), "InvalidParameterValue"},
		"no protocol":          {entry(aclID, 1, func(in *input) { in.Protocol = aws.String("") }), "MissingParameter"},
	} {
		t.Run(name, func(t *testing.T) {
			before := a.server.Snapshot()
			_, err := a.ec2.CreateNetworkAclEntry(ctx, test.in)
			refused(t, err, test.code)
			_, err = a.ec2.ReplaceNetworkAclEntry(ctx, replacement(test.in))
			refused(t, err, test.code)
			if a.server.Snapshot() != before {
				t.Error("the refused call changed the world")
			}
		})
	}
	t.Run("number taken", func(t *testing.T) {
		must(a.ec2.CreateNetworkAclEntry(ctx, entry(aclID, 100, func(in *input) { in.CidrBlock = aws.String("10.0.9.9/16") })))(t)
		_, err := a.ec2.CreateNetworkAclEntry(ctx, entry(aclID, 100, func(in *input) { in.RuleAction = "deny" }))
		refusedText(t, err, "NetworkAclEntryAlreadyExists", "The network acl entry identified by 100 already exists.")
		must(a.ec2.CreateNetworkAclEntry(ctx, entry(aclID, 100, func(in *input) { in.Egress = aws.Bool(true) })))(t)
	})
	t.Run("missing", func(t *testing.T) {
		_, err := a.ec2.ReplaceNetworkAclEntry(ctx, replacement(entry(aclID, 200)))
		refusedText(t, err, "InvalidNetworkAclEntry.NotFound", "no ingress entry with number 200")
		_, err = a.ec2.DeleteNetworkAclEntry(ctx, &ec2.DeleteNetworkAclEntryInput{NetworkAclId: &aclID, RuleNumber: aws.Int32(200), Egress: aws.Bool(true)})
		refusedText(t, err, "InvalidNetworkAclEntry.NotFound", "no egress entry with number 200")
		_, err = a.ec2.DeleteNetworkAclEntry(ctx, &ec2.DeleteNetworkAclEntryInput{NetworkAclId: &aclID, RuleNumber: aws.Int32(32767), Egress: aws.Bool(true)})
		refused(t, err, "InvalidParameterValue")
	})
}

func TestNetworkACLEntryForms(t *testing.T) {
	t.Parallel()
	a := start(t, fakeaws.Config{})
	ctx := t.Context()
	aclID := a.acl(a.vpc("10.0.0.0/16"))
	type input = ec2.CreateNetworkAclEntryInput
	for number, change := range map[int32]func(*input){
		1: func(in *input) { in.Protocol = aws.String("-1") },
		2: func(in *input) { in.Protocol, in.PortRange = aws.String("50"), nil },
		3: func(in *input) { in.Protocol, in.PortRange = aws.String("58"), nil },
		4: func(in *input) {
			in.Protocol, in.PortRange, in.CidrBlock, in.Ipv6CidrBlock = aws.String("58"), nil, nil, aws.String("2001:DB8::1/32")
			in.IcmpTypeCode = &ec2types.IcmpTypeCode{Type: aws.Int32(2), Code: aws.Int32(0)}
		},
		5: func(in *input) { in.Protocol, in.RuleAction = aws.String("17"), "deny" },
	} {
		must(a.ec2.CreateNetworkAclEntry(ctx, entry(aclID, number, change)))(t)
	}
	must(a.ec2.ReplaceNetworkAclEntry(ctx, replacement(entry(aclID, 5))))(t)
	want := []fakeaws.Entry{
		{RuleNumber: 32767, Egress: true, Protocol: "-1", Action: "deny", CIDRBlock: "0.0.0.0/0"},
		{RuleNumber: 1, Protocol: "-1", Action: "allow", CIDRBlock: "10.0.0.0/16"},
		{RuleNumber: 2, Protocol: "50", Action: "allow", CIDRBlock: "10.0.0.0/16"},
		{RuleNumber: 3, Protocol: "58", Action: "allow", CIDRBlock: "10.0.0.0/16"},
		{RuleNumber: 4, Protocol: "58", Action: "allow", IPv6CIDRBlock: "2001:db8::/32", ICMPType: 2},
		{RuleNumber: 5, Protocol: "6", Action: "allow", CIDRBlock: "10.0.0.0/16", FromPort: 80, ToPort: 80},
		{RuleNumber: 32767, Protocol: "-1", Action: "deny", CIDRBlock: "0.0.0.0/0"},
	}
	got := a.server.NetworkACLEntries(region, aclID)
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("entries:\n%v\nwant:\n%v", got, want)
	}
}

// TestNetworkACLQuota counts the default deny entry: 19 entries of 20 are free.
func TestNetworkACLQuota(t *testing.T) {
	t.Parallel()
	a := start(t, fakeaws.Config{})
	ctx := t.Context()
	aclID := a.acl(a.vpc("10.0.0.0/16"))
	for number := int32(1); number <= 19; number++ {
		must(a.ec2.CreateNetworkAclEntry(ctx, entry(aclID, number)))(t)
	}
	_, err := a.ec2.CreateNetworkAclEntry(ctx, entry(aclID, 20))
	refused(t, err, "NetworkAclEntryLimitExceeded")
	// What is there already may be repeated and replaced.
	must(a.ec2.CreateNetworkAclEntry(ctx, entry(aclID, 19)))(t)
	must(a.ec2.ReplaceNetworkAclEntry(ctx, replacement(entry(aclID, 19, func(in *ec2.CreateNetworkAclEntryInput) { in.RuleAction = "deny" }))))(t)
	// The other direction and the other family have their own room.
	must(a.ec2.CreateNetworkAclEntry(ctx, entry(aclID, 20, func(in *ec2.CreateNetworkAclEntryInput) { in.Egress = aws.Bool(true) })))(t)
	six := entry(aclID, 20, func(in *ec2.CreateNetworkAclEntryInput) { in.CidrBlock, in.Ipv6CidrBlock = nil, aws.String("::/0") })
	must(a.ec2.CreateNetworkAclEntry(ctx, six))(t)
	_, err = a.ec2.ReplaceNetworkAclEntry(ctx, replacement(entry(aclID, 20)))
	refused(t, err, "NetworkAclEntryLimitExceeded")

	raised := start(t, fakeaws.Config{Quotas: fakeaws.Quotas{EntriesPerACL: 40, ACLsPerVPC: 2}})
	vpcID := raised.vpc("10.0.0.0/16")
	aclID = raised.acl(vpcID)
	for number := int32(1); number <= 39; number++ {
		must(raised.ec2.CreateNetworkAclEntry(ctx, entry(aclID, number)))(t)
	}
	_, err = raised.ec2.CreateNetworkAclEntry(ctx, entry(aclID, 40))
	refused(t, err, "NetworkAclEntryLimitExceeded")
	_, err = raised.ec2.CreateNetworkAcl(ctx, &ec2.CreateNetworkAclInput{VpcId: &vpcID})
	refused(t, err, "NetworkAclLimitExceeded")
}

func TestNetworkACLAssociations(t *testing.T) {
	t.Parallel()
	a := start(t, fakeaws.Config{})
	ctx := t.Context()
	vpcID := a.vpc("10.0.0.0/16")
	subnetID := a.subnet(vpcID, "10.0.0.0/24", "us-east-1a")
	aclID, foreign := a.acl(vpcID), a.acl(a.vpc("10.1.0.0/16"))
	of := func() ec2types.NetworkAclAssociation {
		acls := must(a.ec2.DescribeNetworkAcls(ctx, &ec2.DescribeNetworkAclsInput{
			Filters: []ec2types.Filter{{Name: aws.String("association.subnet-id"), Values: []string{subnetID}}},
		}))(t).NetworkAcls
		return acls[0].Associations[0]
	}
	replace := func(association, aclID string) (*ec2.ReplaceNetworkAclAssociationOutput, error) {
		return a.ec2.ReplaceNetworkAclAssociation(ctx, &ec2.ReplaceNetworkAclAssociationInput{AssociationId: &association, NetworkAclId: &aclID})
	}
	first := of()
	_, err := replace("aclassoc-00000000000000000", aclID)
	refused(t, err, "InvalidAssociationID.NotFound")
	_, err = replace(*first.NetworkAclAssociationId, "acl-00000000000000000")
	refused(t, err, "InvalidNetworkAclID.NotFound")
	_, err = replace(*first.NetworkAclAssociationId, foreign)
	refused(t, err, "InvalidParameterValue")
	if *of().NetworkAclAssociationId != *first.NetworkAclAssociationId {
		t.Error("a refused call changed the association")
	}
	next := must(replace(*first.NetworkAclAssociationId, aclID))(t)
	if got := of(); *got.NetworkAclId != aclID || *got.NetworkAclAssociationId != *next.NewAssociationId {
		t.Errorf("association: %+v", got)
	}
	_, err = replace(*first.NetworkAclAssociationId, aclID)
	refused(t, err, "InvalidAssociationID.NotFound")
	_, err = a.ec2.DeleteNetworkAcl(ctx, &ec2.DeleteNetworkAclInput{NetworkAclId: &aclID})
	refused(t, err, "DependencyViolation")
	_, err = a.ec2.DeleteNetworkAcl(ctx, &ec2.DeleteNetworkAclInput{NetworkAclId: first.NetworkAclId})
	refused(t, err, "InvalidParameterValue")
	must(replace(*next.NewAssociationId, *first.NetworkAclId))(t)
	must(a.ec2.DeleteNetworkAcl(ctx, &ec2.DeleteNetworkAclInput{NetworkAclId: &aclID}))(t)
}

// TestNetworkACLDefaults is about the entries that nobody made.
func TestNetworkACLDefaults(t *testing.T) {
	t.Parallel()
	a := start(t, fakeaws.Config{})
	ctx := t.Context()
	numbers := func(aclID string) map[int]int {
		out := map[int]int{}
		for _, e := range a.server.NetworkACLEntries(region, aclID) {
			out[e.RuleNumber]++
		}
		return out
	}
	vpcID := a.vpc("10.0.0.0/16")
	custom := a.acl(vpcID)
	var standard string
	for _, acl := range a.server.NetworkACLs(region) {
		if acl.Default {
			standard = acl.ID
		}
	}
	if got := fmt.Sprint(numbers(standard), numbers(custom)); got != "map[100:2 32767:2] map[32767:2]" {
		t.Errorf("IPv4: %s", got)
	}
	must(a.ec2.AssociateVpcCidrBlock(ctx, &ec2.AssociateVpcCidrBlockInput{VpcId: &vpcID, AmazonProvidedIpv6CidrBlock: aws.Bool(true)}))(t)
	if got := fmt.Sprint(numbers(standard), numbers(custom)); got != "map[100:2 101:2 32767:2 32768:2] map[32767:2 32768:2]" {
		t.Errorf("IPv6: %s", got)
	}
	_, err := a.ec2.CreateNetworkAclEntry(ctx, entry(custom, 32768))
	refused(t, err, "InvalidParameterValue")
}
