// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package cloud_test

import (
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/terraform-clb/terraform-provider-clb/internal/cloud"
	"github.com/terraform-clb/terraform-provider-clb/internal/fakeaws"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

const goneACL = "acl-00000000000000000"

func entry(number int, rule wiring.Rule) cloud.NetworkACLEntry {
	return cloud.NetworkACLEntry{Entry: wiring.Entry{Rule: rule, Number: number}}
}

func denying(e cloud.NetworkACLEntry) cloud.NetworkACLEntry {
	e.Deny = true
	return e
}

func TestEntriesOfEveryKind(t *testing.T) {
	t.Parallel()
	d := start(t, 1, fakeaws.Config{})
	acl := d.acl(d.vpc("10.0.0.0/16"))
	d.calls()
	for _, e := range []cloud.NetworkACLEntry{
		entry(130, tcp(wiring.Ingress, 443, network("::/0"), "")),
		entry(100, tcp(wiring.Ingress, 80, network("0.0.0.0/0"), "ignored")),
		entry(110, wiring.Rule{Direction: wiring.Ingress, Protocol: wiring.TCP, From: 1024, To: 65535, Peer: network("10.0.0.0/16")}),
		entry(120, wiring.Rule{Direction: wiring.Ingress, Protocol: wiring.ICMP, From: 3, To: 4, Peer: network("0.0.0.0/0")}),
		entry(32766, wiring.Rule{Direction: wiring.Ingress, Protocol: "udp", From: 53, To: 53, Peer: network("10.0.0.2/32")}),
		entry(100, wiring.Rule{Direction: wiring.Egress, Protocol: "-1", From: -1, To: -1, Peer: network("10.0.0.0/16")}),
		entry(110, wiring.Rule{Direction: wiring.Egress, Protocol: "icmpv6", From: 2, To: 0, Peer: network("::/0")}),
		entry(120, wiring.Rule{Direction: wiring.Egress, Protocol: "50", From: -1, To: -1, Peer: network("10.0.0.0/16")}),
		denying(entry(80, wiring.Rule{Direction: wiring.Egress, Protocol: "-1", From: -1, To: -1, Peer: network("::/0")})),
		denying(entry(70, wiring.Rule{Direction: wiring.Egress, Protocol: "icmp", From: -1, To: -1, Peer: network("0.0.0.0/0")})),
		denying(entry(60, wiring.Rule{Direction: wiring.Egress, Protocol: "udp", From: 0, To: 65535, Peer: network("2001:db8::/32")})),
	} {
		if err := d.CreateEntry(t.Context(), acl, e); err != nil {
			t.Fatal(err)
		}
	}
	if calls := d.calls(); len(calls) != 11 {
		t.Errorf("called %q", calls)
	}
	must(d.ec2.CreateNetworkAclEntry(t.Context(), &ec2.CreateNetworkAclEntryInput{
		NetworkAclId: &acl, Egress: aws.Bool(true), RuleNumber: aws.Int32(90), RuleAction: types.RuleActionDeny, Protocol: aws.String("6"),
		PortRange: &types.PortRange{From: aws.Int32(22), To: aws.Int32(22)}, CidrBlock: aws.String("0.0.0.0/0"),
	}))(t)
	live := must(d.NetworkACL(t.Context(), acl))(t)
	compare(t, entries(live), []string{
		"ingress 100 allow tcp 80 from 0.0.0.0/0",
		"ingress 110 allow tcp 1024-65535 from 10.0.0.0/16",
		"ingress 120 allow icmp 3/4 from 0.0.0.0/0",
		"ingress 130 allow tcp 443 from ::/0",
		"ingress 32766 allow udp 53 from 10.0.0.2/32",
		"egress 60 deny udp 0-65535 to 2001:db8::/32",
		"egress 70 deny icmp -1/-1 to 0.0.0.0/0",
		"egress 80 deny all traffic to ::/0",
		"egress 90 deny tcp 22 to 0.0.0.0/0",
		"egress 100 allow all traffic to 10.0.0.0/16",
		"egress 110 allow icmpv6 2/0 to ::/0",
		"egress 120 allow protocol 50 to 10.0.0.0/16",
	})
}

func TestReadNetworkACL(t *testing.T) {
	t.Parallel()
	d := start(t, 1, fakeaws.Config{})
	ctx := t.Context()
	vpc := d.vpc("10.0.0.0/16")
	acl := d.acl(vpc)
	subnetA, subnetB, subnetC := d.subnet(vpc, "10.0.1.0/24", testRegion+"a"), d.subnet(vpc, "10.0.2.0/24", testRegion+"b"), d.subnet(vpc, "10.0.3.0/24", testRegion+"c")
	// A new subnet has the default network ACL.
	before := must(d.NetworkACLsOfSubnets(ctx, []string{subnetA, subnetB, subnetC, "subnet-00000000000000000", ""}))(t)
	if len(before) != 3 || !before[subnetA].Default || before[subnetA].ID == acl || before[subnetA].VPCID != vpc {
		t.Fatalf("got %+v", before)
	}
	compare(t, entries(before[subnetA]), []string{"ingress 100 allow all traffic from 0.0.0.0/0", "egress 100 allow all traffic to 0.0.0.0/0"})
	for _, association := range must(d.ec2.DescribeNetworkAcls(ctx, &ec2.DescribeNetworkAclsInput{NetworkAclIds: []string{before[subnetA].ID}}))(t).NetworkAcls[0].Associations {
		if id := aws.ToString(association.SubnetId); id == subnetA || id == subnetB {
			must(d.ec2.ReplaceNetworkAclAssociation(ctx, &ec2.ReplaceNetworkAclAssociationInput{AssociationId: association.NetworkAclAssociationId, NetworkAclId: &acl}))(t)
		}
	}
	after := must(d.NetworkACLsOfSubnets(ctx, []string{subnetA, subnetC}))(t)
	if len(after) != 2 || after[subnetA].ID != acl || after[subnetA].Default || after[subnetC].ID != before[subnetC].ID {
		t.Errorf("got %+v", after)
	}
	got := must(d.NetworkACL(ctx, acl))(t)
	want := []string{min(subnetA, subnetB), max(subnetA, subnetB)}
	compare(t, got.Subnets, want)
	if got.ID != acl || got.VPCID != vpc || len(got.Entries) > 0 {
		t.Errorf("got %+v", got)
	}
	d.calls()
	for _, id := range []string{goneACL, ""} {
		_, err := d.NetworkACL(ctx, id)
		if !cloud.IsNotFound(err) {
			t.Errorf("%q: got %v, want a NotFoundError", id, err)
		}
		wantError(t, err, "network ACL \""+id+"\" does not exist in this account and region")
	}
	if none := must(d.NetworkACLsOfSubnets(ctx, nil))(t); len(none) > 0 {
		t.Errorf("no subnets: got %+v", none)
	}
	compare(t, d.calls(), []string{"DescribeNetworkAcls"})
}

// TestCreateEntry: AWS takes an identical entry without a word and refuses
// another one at the number.
func TestCreateEntry(t *testing.T) {
	t.Parallel()
	d := start(t, 1, fakeaws.Config{})
	acl := d.acl(d.vpc("10.0.0.0/16"))
	http := entry(100, tcp(wiring.Ingress, 80, network("0.0.0.0/0"), ""))
	for range 2 {
		if err := d.CreateEntry(t.Context(), acl, http); err != nil {
			t.Fatal(err)
		}
	}
	err := d.CreateEntry(t.Context(), acl, entry(100, tcp(wiring.Ingress, 443, network("0.0.0.0/0"), "")))
	var taken *cloud.EntryTakenError
	if !errors.As(err, &taken) || taken.ACL != acl || taken.Entry.Number != 100 || taken.Entry.Key() != "tcp 80 from 0.0.0.0/0" {
		t.Fatalf("got %v", err)
	}
	wantError(t, err, "ingress rule number 100 of network ACL "+acl+" is taken by the entry \"allow tcp 80 from 0.0.0.0/0\": choose another number, import that entry, or remove it where it is managed now")
	// The numbers of the other direction are other numbers.
	if err := d.CreateEntry(t.Context(), acl, entry(100, tcp(wiring.Egress, 443, network("0.0.0.0/0"), ""))); err != nil {
		t.Error(err)
	}
	if len(d.waits) > 0 {
		t.Errorf("waited %d", d.waits)
	}
	err = d.CreateEntry(t.Context(), goneACL, http)
	if !cloud.IsNotFound(err) || len(d.waits) != 5 {
		t.Errorf("got %v after waiting %d", err, d.waits)
	}
}

func TestCreateEntryRefusesLocally(t *testing.T) {
	t.Parallel()
	region := cloud.NewRegion(noEC2{}, nil)
	wantError(t, region.CreateEntry(t.Context(), goneACL, entry(32767, tcp(wiring.Ingress, 80, network("0.0.0.0/0"), ""))),
		"the entry \"tcp 80 from 0.0.0.0/0\" cannot have rule number 32767: the rule number of a network ACL entry goes from 1 to 32766 (AWS keeps 32767 and above for itself)")
	wantError(t, region.ReplaceEntry(t.Context(), goneACL, entry(100, tcp(wiring.Ingress, 80, wiring.GroupPeer("sg-1a2b3c4d"), ""))),
		"the entry \"tcp 80\" at rule number 100 names no network: a network ACL knows neither security groups nor prefix lists")
}

func TestCreateEntryQuota(t *testing.T) {
	t.Parallel()
	d := start(t, 1, fakeaws.Config{Quotas: fakeaws.Quotas{EntriesPerACL: 2}})
	acl := d.acl(d.vpc("10.0.0.0/16"))
	if err := d.CreateEntry(t.Context(), acl, entry(100, tcp(wiring.Ingress, 80, network("0.0.0.0/0"), ""))); err != nil {
		t.Fatal(err)
	}
	err := d.CreateEntry(t.Context(), acl, entry(110, tcp(wiring.Ingress, 81, network("0.0.0.0/0"), "")))
	var call *cloud.CallError
	if !errors.As(err, &call) || call.Code != "NetworkAclEntryLimitExceeded" || call.On != "ingress rule number 110 of network ACL "+acl {
		t.Errorf("got %v", err)
	}
}

// TestEntryLostAnswer: the first attempt has worked and its answer is lost.
func TestEntryLostAnswer(t *testing.T) {
	t.Parallel()
	http := entry(100, tcp(wiring.Ingress, 80, network("0.0.0.0/0"), ""))
	https := entry(100, tcp(wiring.Ingress, 443, network("0.0.0.0/0"), ""))
	for name, test := range map[string]struct {
		action string
		write  func(d *double, acl string) error
		want   []string
	}{
		"create": {"CreateNetworkAclEntry", func(d *double, acl string) error { return d.CreateEntry(d.t.Context(), acl, entry(110, http.Rule)) }, []string{
			"ingress 100 allow tcp 80 from 0.0.0.0/0", "ingress 110 allow tcp 80 from 0.0.0.0/0"}},
		"replace": {"ReplaceNetworkAclEntry", func(d *double, acl string) error { return d.ReplaceEntry(d.t.Context(), acl, https) }, []string{
			"ingress 100 allow tcp 443 from 0.0.0.0/0"}},
		"delete": {"DeleteNetworkAclEntry", func(d *double, acl string) error { return d.DeleteEntry(d.t.Context(), acl, wiring.Ingress, 100) }, nil},
	} {
		for _, attempts := range []int{1, 3} {
			d := start(t, attempts, fakeaws.Config{})
			acl := d.acl(d.vpc("10.0.0.0/16"))
			if err := d.CreateEntry(t.Context(), acl, http); err != nil {
				t.Fatal(err)
			}
			d.fault(test.action, 1, fakeaws.Fault{Kind: fakeaws.CutAfter})
			if err := test.write(d, acl); err != nil {
				t.Errorf("%s, sent %d times: %v", name, attempts, err)
			}
			compare(t, entries(must(d.NetworkACL(t.Context(), acl))(t)), test.want)
			// Without an effect, the call has failed all the same.
			d.fault(test.action, 3, fakeaws.Fault{Kind: fakeaws.CutBefore})
			var err error
			switch name {
			case "create":
				err = d.CreateEntry(t.Context(), acl, entry(120, https.Rule))
			case "replace":
				err = d.ReplaceEntry(t.Context(), acl, http)
			case "delete":
				// Nothing is left to delete, which the list tells.
				if err = d.DeleteEntry(t.Context(), acl, wiring.Ingress, 100); err != nil {
					t.Errorf("%s, sent %d times: %v", name, attempts, err)
				}
				continue
			}
			var call *cloud.CallError
			if !errors.As(err, &call) {
				t.Errorf("%s, sent %d times: got %v", name, attempts, err)
			}
			compare(t, entries(must(d.NetworkACL(t.Context(), acl))(t)), test.want)
		}
	}
}

// TestCreateEntryTakenOnRetry: the number is taken by another entry although the
// call was repeated; and by an equal one on endpoints that refuse that too.
func TestCreateEntryTakenOnRetry(t *testing.T) {
	t.Parallel()
	d := start(t, 3, fakeaws.Config{})
	acl := d.acl(d.vpc("10.0.0.0/16"))
	http := entry(100, tcp(wiring.Ingress, 80, network("0.0.0.0/0"), ""))
	if err := d.CreateEntry(t.Context(), acl, http); err != nil {
		t.Fatal(err)
	}
	d.fault("CreateNetworkAclEntry", 1, fakeaws.Fault{Kind: fakeaws.CutBefore})
	err := d.CreateEntry(t.Context(), acl, entry(100, tcp(wiring.Ingress, 443, network("0.0.0.0/0"), "")))
	var taken *cloud.EntryTakenError
	if !errors.As(err, &taken) {
		t.Errorf("got %v", err)
	}
	// The first attempt works and its answer is lost, the second is refused.
	sent := 0
	d.server.Inject(fakeaws.Fault{Kind: fakeaws.CutAfter, Match: func(c fakeaws.Call) bool {
		if c.Action == "CreateNetworkAclEntry" {
			sent++
		}
		return sent == 1
	}})
	d.server.Inject(fakeaws.Fault{Kind: fakeaws.Fail, Code: "NetworkAclEntryAlreadyExists", Match: func(c fakeaws.Call) bool {
		return c.Action == "CreateNetworkAclEntry" && sent == 2
	}})
	if err := d.CreateEntry(t.Context(), acl, entry(110, http.Rule)); err != nil {
		t.Error(err)
	}
	if sent != 2 {
		t.Errorf("sent %d times, want 2", sent)
	}
	compare(t, entries(must(d.NetworkACL(t.Context(), acl))(t)), []string{
		"ingress 100 allow tcp 80 from 0.0.0.0/0", "ingress 110 allow tcp 80 from 0.0.0.0/0",
	})
}

func TestReplaceEntry(t *testing.T) {
	t.Parallel()
	d := start(t, 1, fakeaws.Config{})
	acl := d.acl(d.vpc("10.0.0.0/16"))
	http := entry(100, tcp(wiring.Egress, 80, network("0.0.0.0/0"), ""))
	d.calls()
	// There is none yet: it is created.
	if err := d.ReplaceEntry(t.Context(), acl, http); err != nil {
		t.Fatal(err)
	}
	compare(t, d.calls(), []string{"ReplaceNetworkAclEntry", "CreateNetworkAclEntry"})
	if err := d.ReplaceEntry(t.Context(), acl, entry(100, wiring.Rule{Direction: wiring.Egress, Protocol: wiring.ICMP, From: 3, To: 4, Peer: network("10.0.0.0/16")})); err != nil {
		t.Fatal(err)
	}
	compare(t, d.calls(), []string{"ReplaceNetworkAclEntry"})
	compare(t, entries(must(d.NetworkACL(t.Context(), acl))(t)), []string{"egress 100 allow icmp 3/4 to 10.0.0.0/16"})
	if err := d.ReplaceEntry(t.Context(), goneACL, http); !cloud.IsNotFound(err) {
		t.Errorf("got %v, want a NotFoundError", err)
	}
}

func TestDeleteEntry(t *testing.T) {
	t.Parallel()
	d := start(t, 1, fakeaws.Config{})
	acl := d.acl(d.vpc("10.0.0.0/16"))
	for _, direction := range []wiring.Direction{wiring.Ingress, wiring.Egress} {
		if err := d.CreateEntry(t.Context(), acl, entry(100, tcp(direction, 80, network("0.0.0.0/0"), ""))); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		if err := d.DeleteEntry(t.Context(), acl, wiring.Ingress, 100); err != nil {
			t.Error(err)
		}
	}
	if err := d.DeleteEntry(t.Context(), goneACL, wiring.Ingress, 100); err != nil {
		t.Error(err)
	}
	compare(t, entries(must(d.NetworkACL(t.Context(), acl))(t)), []string{"egress 100 allow tcp 80 to 0.0.0.0/0"})
	// Nothing has arrived: the entry is still there, and that is told.
	d.fault("DeleteNetworkAclEntry", 1, fakeaws.Fault{Kind: fakeaws.CutBefore})
	var call *cloud.CallError
	if err := d.DeleteEntry(t.Context(), acl, wiring.Egress, 100); !errors.As(err, &call) {
		t.Errorf("got %v", err)
	}
	d.fault("DeleteNetworkAclEntry", 1, fakeaws.Fault{Kind: fakeaws.Fail, Code: "UnauthorizedOperation", Status: 403, Message: "No."})
	err := d.DeleteEntry(t.Context(), acl, wiring.Egress, 100)
	var denied *cloud.DeniedError
	if !errors.As(err, &denied) || denied.Operation != "ec2:DeleteNetworkAclEntry" {
		t.Errorf("got %v", err)
	}
}
