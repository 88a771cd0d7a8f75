// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package cloud_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/terraform-clb/terraform-provider-clb/internal/cloud"
	"github.com/terraform-clb/terraform-provider-clb/internal/fakeaws"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// TestAuthorizeEveryKindOfRule writes rules of every kind, in one call a
// direction, and reads them back in both ways that EC2 tells them.
func TestAuthorizeEveryKindOfRule(t *testing.T) {
	t.Parallel()
	d := start(t, 1, fakeaws.Config{})
	ctx := t.Context()
	vpc := d.vpc("10.0.0.0/16")
	web, app := d.bareGroup(vpc, "web"), d.bareGroup(vpc, "app")
	list := *must(d.ec2.CreateManagedPrefixList(ctx, &ec2.CreateManagedPrefixListInput{
		PrefixListName: aws.String("offices"), AddressFamily: aws.String("IPv4"), MaxEntries: aws.Int32(2),
	}))(t).PrefixList.PrefixListId
	inbound := []wiring.Rule{
		tcp(wiring.Ingress, 443, network("0.0.0.0/0"), "everyone"),
		tcp(wiring.Ingress, 80, network("10.0.0.0/16"), ""),
		tcp(wiring.Ingress, 443, network("::/0"), "IPv6"),
		tcp(wiring.Ingress, 80, wiring.GroupPeer(app), "another group"),
		tcp(wiring.Ingress, 80, wiring.GroupPeer(web), "itself"),
		tcp(wiring.Ingress, 443, wiring.PrefixListPeer(list), "offices"),
		{Direction: wiring.Ingress, Protocol: wiring.TCP, From: 1024, To: 65535, Peer: network("10.0.0.0/16")},
		{Direction: wiring.Ingress, Protocol: wiring.ICMP, From: 3, To: 4, Peer: network("0.0.0.0/0"), Comment: "too big"},
		{Direction: wiring.Ingress, Protocol: wiring.ICMP, From: 8, To: -1, Peer: network("0.0.0.0/0"), Comment: "ping"},
		{Direction: wiring.Ingress, Protocol: "udp", From: 53, To: 53, Peer: network("10.0.0.2/32")},
	}
	outbound := []wiring.Rule{
		{Direction: wiring.Egress, Protocol: "-1", From: -1, To: -1, Peer: network("10.0.0.0/16")},
		tcp(wiring.Egress, 8080, wiring.GroupPeer(app), "to instances"),
	}
	d.calls()
	tags := map[string]string{"Team": "edge", "Env": "prod"}
	created := must(d.Authorize(ctx, web, wiring.Ingress, inbound, tags))(t)
	created = append(created, must(d.Authorize(ctx, web, wiring.Egress, outbound, nil))(t)...)
	compare(t, d.calls(), []string{"AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress"})

	if len(created) != len(inbound)+len(outbound) {
		t.Fatalf("got %d rules, want %d", len(created), len(inbound)+len(outbound))
	}
	ids := map[string]bool{}
	for i, rule := range created {
		want := append(inbound[:len(inbound):len(inbound)], outbound...)[i]
		if rule.Rule != want {
			t.Errorf("rule %d is %+v, want %+v", i, rule.Rule, want)
		}
		if !strings.HasPrefix(rule.ID, "sgr-") || ids[rule.ID] {
			t.Errorf("rule %d has the id %q", i, rule.ID)
		}
		ids[rule.ID] = true
	}

	want := []string{
		"ingress icmp 3/4 from 0.0.0.0/0 | too big",
		"ingress icmp 8/-1 from 0.0.0.0/0 | ping",
		"ingress tcp 1024-65535 from 10.0.0.0/16 | ",
		"ingress tcp 443 from 0.0.0.0/0 | everyone",
		"ingress tcp 443 from ::/0 | IPv6",
		"ingress tcp 443 from " + list + " | offices",
		"ingress tcp 80 from 10.0.0.0/16 | ",
		"ingress tcp 80 from " + web + " | itself",
		"ingress tcp 80 from " + app + " | another group",
		"ingress udp 53 from 10.0.0.2/32 | ",
		"egress all traffic to 10.0.0.0/16 | ",
		"egress tcp 8080 to " + app + " | to instances",
	}
	if app < web {
		want[7], want[8] = want[8], want[7]
	}
	live := must(d.SecurityGroupRules(ctx, web))(t)
	compare(t, rules(live), want)
	for _, rule := range live {
		if inboundRule := rule.Direction == wiring.Ingress; !ids[rule.ID] || (rule.Tags["Team"] == "edge" && rule.Tags["Env"] == "prod" && len(rule.Tags) == 2) != inboundRule {
			t.Errorf("%s: id %q, tags %v", rule.Key(), rule.ID, rule.Tags)
		}
	}
	group := must(d.SecurityGroups(ctx, []string{web}))(t)[web]
	compare(t, rules(group.Rules), want)
	if group.Name != "web" || group.VPCID != vpc || group.OwnerID != testAccount {
		t.Errorf("got %+v", group)
	}
}

func TestAuthorizeDuplicate(t *testing.T) {
	t.Parallel()
	d := start(t, 3, fakeaws.Config{})
	ctx := t.Context()
	group := d.bareGroup(d.vpc("10.0.0.0/16"), "web")
	http := tcp(wiring.Ingress, 80, network("0.0.0.0/0"), "ours")
	other := must(d.Authorize(ctx, group, wiring.Ingress, []wiring.Rule{http}, nil))(t)
	got, err := d.Authorize(ctx, group, wiring.Ingress, []wiring.Rule{tcp(wiring.Ingress, 443, network("0.0.0.0/0"), ""), http}, nil)
	var duplicate *cloud.DuplicateRuleError
	if !errors.As(err, &duplicate) || len(got) > 0 {
		t.Fatalf("got %v and %v, want a duplicate", got, err)
	}
	if duplicate.Group != group || duplicate.Rule.ID != other[0].ID {
		t.Errorf("got %+v, want rule %s", duplicate, other[0].ID)
	}
	wantError(t, err, "security group "+group+" already has the ingress rule \"tcp 80 from 0.0.0.0/0\": it is "+other[0].ID+". No rule was created: import that rule, or remove it where it is managed now")
	compare(t, rules(must(d.SecurityGroupRules(ctx, group))(t)), []string{"ingress tcp 80 from 0.0.0.0/0 | ours"})
}

// TestAuthorizeLostAnswer: the first attempt has worked and its answer is lost.
func TestAuthorizeLostAnswer(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		attempts int
		fault    fakeaws.Fault
	}{
		"the SDK repeats a call without an answer": {3, fakeaws.Fault{Kind: fakeaws.CutAfter}},
		"the SDK repeats a call after a fault":     {3, fakeaws.Fault{Kind: fakeaws.FailAfter, Code: "InternalError", Status: 500}},
		"the SDK gives up":                         {1, fakeaws.Fault{Kind: fakeaws.CutAfter}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := start(t, test.attempts, fakeaws.Config{})
			ctx := t.Context()
			group := d.bareGroup(d.vpc("10.0.0.0/16"), "web")
			wanted := []wiring.Rule{tcp(wiring.Egress, 443, network("10.0.0.0/16"), "b"), tcp(wiring.Egress, 80, wiring.GroupPeer(testAccount+"/"+group), "a")}
			d.fault("AuthorizeSecurityGroupEgress", 1, test.fault)
			created, err := d.Authorize(ctx, group, wiring.Egress, wanted, map[string]string{"Team": "edge"})
			if err != nil {
				t.Fatal(err)
			}
			live := must(d.SecurityGroupRules(ctx, group))(t)
			if len(created) != 2 || created[0].ID != live[0].ID || created[1].ID != live[1].ID || len(live) != 2 {
				t.Errorf("got %+v, AWS has %+v", created, live)
			}
			// An own account in front is spelled as it was asked for.
			compare(t, rules(created), []string{"egress tcp 443 to 10.0.0.0/16 | b", "egress tcp 80 to " + testAccount + "/" + group + " | a"})
			compare(t, rules(live), []string{"egress tcp 443 to 10.0.0.0/16 | b", "egress tcp 80 to " + group + " | a"})
		})
	}
}

// TestAuthorizeRetriedDuplicate: a call was repeated, and the rule was there
// before all the same.
func TestAuthorizeRetriedDuplicate(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault fakeaws.Fault
		tags  map[string]string
	}{
		"nothing arrived, the tags are not ours":       {fakeaws.Fault{Kind: fakeaws.CutBefore}, map[string]string{"Team": "edge"}},
		"throttled, which is known to have no effect":  {fakeaws.Fault{Kind: fakeaws.Fail, Code: "RequestLimitExceeded", Status: 503}, nil},
		"throttled, and another rule is there already": {fakeaws.Fault{Kind: fakeaws.Fail, Code: "Throttling", Status: 400}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := start(t, 3, fakeaws.Config{})
			ctx := t.Context()
			group := d.bareGroup(d.vpc("10.0.0.0/16"), "web")
			http := []wiring.Rule{tcp(wiring.Ingress, 80, network("0.0.0.0/0"), "")}
			other := must(d.Authorize(ctx, group, wiring.Ingress, http, nil))(t)
			d.fault("AuthorizeSecurityGroupIngress", 1, test.fault)
			d.calls()
			_, err := d.Authorize(ctx, group, wiring.Ingress, http, test.tags)
			var duplicate *cloud.DuplicateRuleError
			if !errors.As(err, &duplicate) || duplicate.Rule.ID != other[0].ID {
				t.Errorf("got %v, want the duplicate %s", err, other[0].ID)
			}
			compare(t, d.calls(), []string{"AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupIngress", "DescribeSecurityGroupRules"})
		})
	}
}

// TestAuthorizeIsAtomic: one rule that AWS refuses refuses all, and the quota
// tells what to do.
func TestAuthorizeIsAtomic(t *testing.T) {
	t.Parallel()
	d := start(t, 1, fakeaws.Config{Quotas: fakeaws.Quotas{RulesPerGroup: 2}})
	ctx := t.Context()
	group := d.bareGroup(d.vpc("10.0.0.0/16"), "web")
	var three []wiring.Rule
	for _, port := range []int{80, 81, 82} {
		three = append(three, tcp(wiring.Ingress, port, network("0.0.0.0/0"), ""))
	}
	_, err := d.Authorize(ctx, group, wiring.Ingress, three, nil)
	var call *cloud.CallError
	if !errors.As(err, &call) || call.Code != "RulesPerSecurityGroupLimitExceeded" || call.Operation != "ec2:AuthorizeSecurityGroupIngress" {
		t.Errorf("got %v, want the quota", err)
	}
	if live := must(d.SecurityGroupRules(ctx, group))(t); len(live) > 0 {
		t.Errorf("AWS has %q", rules(live))
	}
}

func TestAuthorizeMissingGroup(t *testing.T) {
	t.Parallel()
	d := start(t, 1, fakeaws.Config{})
	ctx := t.Context()
	vpc := d.vpc("10.0.0.0/16")
	group, stranger := d.bareGroup(vpc, "web"), d.group(d.vpc("172.16.0.0/16"), "elsewhere")
	http := tcp(wiring.Ingress, 80, network("0.0.0.0/0"), "")
	const gone = "sg-00000000000000000"

	_, err := d.Authorize(ctx, gone, wiring.Ingress, []wiring.Rule{http}, nil)
	if !cloud.IsNotFound(err) {
		t.Errorf("got %v, want a NotFoundError", err)
	}
	wantError(t, err, "security group \""+gone+"\" does not exist in this account and region")
	if len(d.waits) != 5 {
		t.Errorf("waited after the attempts %d, want 1 to 5", d.waits)
	}

	for _, peer := range []string{gone, stranger} {
		_, err = d.Authorize(ctx, group, wiring.Ingress, []wiring.Rule{http, tcp(wiring.Ingress, 80, wiring.GroupPeer(peer), "")}, nil)
		if cloud.IsNotFound(err) || err == nil || !strings.HasSuffix(err.Error(), "A security group that the rules name as their peer does not exist, or is in a VPC that is not connected with this one: check "+peer+".") {
			t.Errorf("got %v, want the peer %s", err, peer)
		}
	}
}

// TestAuthorizeNewGroup: a group that was created a moment ago may not be
// visible to the first attempts.
func TestAuthorizeNewGroup(t *testing.T) {
	t.Parallel()
	d := start(t, 1, fakeaws.Config{})
	group := d.bareGroup(d.vpc("10.0.0.0/16"), "web")
	d.fault("AuthorizeSecurityGroupIngress", 2, fakeaws.Fault{Kind: fakeaws.Fail, Code: "InvalidGroup.NotFound"})
	created := must(d.Authorize(t.Context(), group, wiring.Ingress, []wiring.Rule{tcp(wiring.Ingress, 80, network("0.0.0.0/0"), "")}, nil))(t)
	if len(created) != 1 || len(d.waits) != 2 {
		t.Errorf("got %+v after waiting %d", created, d.waits)
	}
}

// TestAuthorizeWaitEnds: an interrupted pause ends the attempts.
func TestAuthorizeWaitEnds(t *testing.T) {
	t.Parallel()
	d := start(t, 1, fakeaws.Config{})
	ctx, cancel := context.WithCancel(t.Context())
	region := cloud.NewRegion(d.ec2, d.elb, cloud.WithWait(func(ctx context.Context, _ int) error {
		cancel()
		return ctx.Err()
	}))
	_, err := region.Authorize(ctx, "sg-00000000000000000", wiring.Ingress, []wiring.Rule{tcp(wiring.Ingress, 80, network("0.0.0.0/0"), "")}, nil)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	wantError(t, err, "ec2:AuthorizeSecurityGroupIngress on security group sg-00000000000000000 failed. It was interrupted before AWS answered. Run Terraform again to continue.")
	compare(t, d.calls(), []string{"AuthorizeSecurityGroupIngress"})
}

// TestAuthorizePartOfTheAnswer: an endpoint that answers with a part of the new
// rules is asked for the rest.
func TestAuthorizePartOfTheAnswer(t *testing.T) {
	t.Parallel()
	d := start(t, 1, fakeaws.Config{})
	group := d.bareGroup(d.vpc("10.0.0.0/16"), "web")
	wanted := []wiring.Rule{
		tcp(wiring.Ingress, 80, network("0.0.0.0/0"), "a"), tcp(wiring.Ingress, 81, wiring.GroupPeer(group), "b"), tcp(wiring.Ingress, 82, network("0.0.0.0/0"), "c"),
	}
	region := cloud.NewRegion(lastRuleOnly{d.ec2}, d.elb)
	created := must(region.Authorize(t.Context(), group, wiring.Ingress, wanted, nil))(t)
	compare(t, rules(created), []string{"ingress tcp 80 from 0.0.0.0/0 | a", "ingress tcp 81 from " + group + " | b", "ingress tcp 82 from 0.0.0.0/0 | c"})
	for _, rule := range created {
		if rule.ID == "" {
			t.Errorf("%s has no id", rule.Key())
		}
	}
}

// lastRuleOnly answers with the last rule alone.
type lastRuleOnly struct{ cloud.EC2API }

func (l lastRuleOnly) AuthorizeSecurityGroupIngress(ctx context.Context, in *ec2.AuthorizeSecurityGroupIngressInput, opts ...func(*ec2.Options)) (*ec2.AuthorizeSecurityGroupIngressOutput, error) {
	out, err := l.EC2API.AuthorizeSecurityGroupIngress(ctx, in, opts...)
	if err == nil {
		out.SecurityGroupRules = out.SecurityGroupRules[len(out.SecurityGroupRules)-1:]
	}
	return out, err
}

// TestAuthorizeRefusesLocally: what cannot be a rule is not sent.
func TestAuthorizeRefusesLocally(t *testing.T) {
	t.Parallel()
	region := cloud.NewRegion(noEC2{}, nil)
	created, err := region.Authorize(t.Context(), "sg-1a2b3c4d", wiring.Ingress, nil, nil)
	if created != nil || err != nil {
		t.Errorf("no rules: got %v, %v", created, err)
	}
	_, err = region.Authorize(t.Context(), "sg-1a2b3c4d", wiring.Egress, []wiring.Rule{tcp(wiring.Ingress, 80, network("0.0.0.0/0"), "")}, nil)
	wantError(t, err, "the rule \"tcp 80 from 0.0.0.0/0\" is an ingress rule and cannot be written as an egress rule")
	_, err = region.Authorize(t.Context(), "sg-1a2b3c4d", wiring.Ingress, []wiring.Rule{tcp(wiring.Ingress, 80, wiring.Peer{}, "")}, nil)
	wantError(t, err, "the ingress rule \"tcp 80\" names no peer: it needs a network, a security group or a prefix list")
}

// noEC2 must not be called.
type noEC2 struct{ cloud.EC2API }

// TestAuthorizeForeignGroup: the account in front of a peer group is sent, and
// the own one is not told back.
func TestAuthorizeForeignGroup(t *testing.T) {
	t.Parallel()
	stub := &groupStub{}
	region := cloud.NewRegion(stub, nil)
	wanted := []wiring.Rule{tcp(wiring.Ingress, 80, wiring.GroupPeer("210987654321/sg-1a2b3c4d"), ""), tcp(wiring.Ingress, 80, wiring.GroupPeer("sg-11111111"), "")}
	created := must(region.Authorize(t.Context(), "sg-22222222", wiring.Ingress, wanted, nil))(t)
	if pair := stub.permissions[0].UserIdGroupPairs[0]; aws.ToString(pair.UserId) != "210987654321" || aws.ToString(pair.GroupId) != "sg-1a2b3c4d" {
		t.Errorf("sent %+v", pair)
	}
	if pair := stub.permissions[1].UserIdGroupPairs[0]; pair.UserId != nil || aws.ToString(pair.GroupId) != "sg-11111111" {
		t.Errorf("sent %+v", pair)
	}
	compare(t, rules(created), []string{"ingress tcp 80 from 210987654321/sg-1a2b3c4d | ", "ingress tcp 80 from sg-11111111 | "})
	// The rules do not tell the owner of their group: it is read with the group.
	compare(t, rules(must(region.SecurityGroupRules(t.Context(), "sg-22222222"))(t)), []string{
		"ingress tcp 80 from 210987654321/sg-1a2b3c4d | ", "ingress tcp 80 from sg-11111111 | ",
	})
}

// groupStub answers as endpoints do that leave out the owner of a rule's group.
type groupStub struct {
	cloud.EC2API
	permissions []types.IpPermission
}

func (s *groupStub) rules() []types.SecurityGroupRule {
	var out []types.SecurityGroupRule
	for i, p := range s.permissions {
		owner := aws.String(testAccount)
		if p.UserIdGroupPairs[0].UserId != nil {
			owner = p.UserIdGroupPairs[0].UserId
		}
		out = append(out, types.SecurityGroupRule{
			SecurityGroupRuleId: aws.String("sgr-" + string(rune('a'+i))), IpProtocol: p.IpProtocol, FromPort: p.FromPort, ToPort: p.ToPort,
			ReferencedGroupInfo: &types.ReferencedSecurityGroup{GroupId: p.UserIdGroupPairs[0].GroupId, UserId: owner},
		})
	}
	return out
}

func (s *groupStub) AuthorizeSecurityGroupIngress(_ context.Context, in *ec2.AuthorizeSecurityGroupIngressInput, _ ...func(*ec2.Options)) (*ec2.AuthorizeSecurityGroupIngressOutput, error) {
	s.permissions = in.IpPermissions
	return &ec2.AuthorizeSecurityGroupIngressOutput{SecurityGroupRules: s.rules()}, nil
}

func (s *groupStub) DescribeSecurityGroupRules(context.Context, *ec2.DescribeSecurityGroupRulesInput, ...func(*ec2.Options)) (*ec2.DescribeSecurityGroupRulesOutput, error) {
	return &ec2.DescribeSecurityGroupRulesOutput{SecurityGroupRules: s.rules()}, nil
}

func (s *groupStub) DescribeSecurityGroups(_ context.Context, in *ec2.DescribeSecurityGroupsInput, _ ...func(*ec2.Options)) (*ec2.DescribeSecurityGroupsOutput, error) {
	return &ec2.DescribeSecurityGroupsOutput{SecurityGroups: []types.SecurityGroup{{GroupId: &in.Filters[0].Values[0], OwnerId: aws.String(testAccount)}}}, nil
}
