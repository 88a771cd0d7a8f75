// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package cloud_test

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/smithy-go"

	"github.com/terraform-clb/terraform-provider-clb/internal/cloud"
	"github.com/terraform-clb/terraform-provider-clb/internal/fakeaws"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// threeRules makes a group with three inbound rules and returns their ids.
func threeRules(t *testing.T, d *double) (group string, ids []string) {
	t.Helper()
	group = d.bareGroup(d.vpc("10.0.0.0/16"), "web")
	var wanted []wiring.Rule
	for _, port := range []int{80, 81, 82} {
		wanted = append(wanted, tcp(wiring.Ingress, port, network("0.0.0.0/0"), ""))
	}
	for _, rule := range must(d.Authorize(t.Context(), group, wiring.Ingress, wanted, map[string]string{"Team": "edge", "Env": "prod"}))(t) {
		ids = append(ids, rule.ID)
	}
	d.calls()
	return group, ids
}

func TestRevoke(t *testing.T) {
	t.Parallel()
	const revoke, read = "RevokeSecurityGroupIngress", "DescribeSecurityGroupRules"
	tests := []struct {
		name  string
		gone  int // how many of the rules somebody else has revoked before
		fault *fakeaws.Fault
		sdk   int // how often the SDK sends a call
		want  []string
	}{
		{"all there", 0, nil, 1, []string{revoke}},
		{"one gone", 1, nil, 1, []string{revoke, read, revoke}},
		{"all gone", 3, nil, 1, []string{revoke, read}},
		{"answer lost, repeated", 0, &fakeaws.Fault{Kind: fakeaws.CutAfter}, 3, []string{revoke, revoke, read}},
		{"answer lost, given up", 0, &fakeaws.Fault{Kind: fakeaws.CutAfter}, 1, []string{revoke, read}},
		{"answer lost, one gone", 1, &fakeaws.Fault{Kind: fakeaws.CutBefore}, 3, []string{revoke, revoke, read, revoke}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			d := start(t, test.sdk, fakeaws.Config{})
			group, ids := threeRules(t, d)
			if test.gone > 0 {
				must(d.ec2.RevokeSecurityGroupIngress(t.Context(), &ec2.RevokeSecurityGroupIngressInput{GroupId: &group, SecurityGroupRuleIds: ids[:test.gone]}))(t)
			}
			if test.fault != nil {
				d.fault(revoke, 1, *test.fault)
			}
			d.calls()
			if err := d.Revoke(t.Context(), group, wiring.Ingress, ids); err != nil {
				t.Fatal(err)
			}
			compare(t, d.calls(), test.want)
			if live := must(d.SecurityGroupRules(t.Context(), group))(t); len(live) > 0 {
				t.Errorf("AWS still has %q", rules(live))
			}
		})
	}
}

// TestRevokeOnlyTheGiven: other rules stay, of the same and the other direction.
func TestRevokeOnlyTheGiven(t *testing.T) {
	t.Parallel()
	d := start(t, 1, fakeaws.Config{})
	group, ids := threeRules(t, d)
	out := must(d.Authorize(t.Context(), group, wiring.Egress, []wiring.Rule{tcp(wiring.Egress, 80, network("0.0.0.0/0"), ""), tcp(wiring.Egress, 81, network("0.0.0.0/0"), "")}, nil))(t)
	for _, err := range []error{
		d.Revoke(t.Context(), group, wiring.Ingress, ids[:1]),
		d.Revoke(t.Context(), group, wiring.Egress, []string{out[1].ID, out[1].ID, ""}),
		d.Revoke(t.Context(), group, wiring.Ingress, nil),
		d.Revoke(t.Context(), "sg-00000000000000000", wiring.Ingress, ids), // the group is gone: done
	} {
		if err != nil {
			t.Error(err)
		}
	}
	compare(t, rules(must(d.SecurityGroupRules(t.Context(), group))(t)), []string{
		"ingress tcp 81 from 0.0.0.0/0 | ", "ingress tcp 82 from 0.0.0.0/0 | ", "egress tcp 80 to 0.0.0.0/0 | ",
	})
}

// TestRevokeFails: what AWS refuses for another reason is told, once.
func TestRevokeFails(t *testing.T) {
	t.Parallel()
	d := start(t, 1, fakeaws.Config{})
	group, ids := threeRules(t, d)
	d.fault("RevokeSecurityGroupIngress", 1, fakeaws.Fault{Kind: fakeaws.Fail, Code: "UnauthorizedOperation", Status: 403, Message: "You are not authorized to perform this operation."})
	err := d.Revoke(t.Context(), group, wiring.Ingress, ids)
	wantError(t, err, "ec2:RevokeSecurityGroupIngress on security group "+group+" was denied. AWS answered UnauthorizedOperation: You are not authorized to perform this operation. Allow the action ec2:RevokeSecurityGroupIngress in the policies of the identity that the provider uses, or use another identity.")
	compare(t, d.calls(), []string{"RevokeSecurityGroupIngress"})
}

// TestRevokeListLagsBehind: AWS says that a rule is gone and goes on listing it.
func TestRevokeListLagsBehind(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		stub  *revokeStub
		want  string
		sent  int
		waits int
	}{
		"until it does not":         {&revokeStub{refuse: 2}, "", 3, 2},
		"an unmatched rule is told": {&revokeStub{unmatched: 1}, "", 2, 1},
		"for ever": {&revokeStub{refuse: 100},
			"ec2:RevokeSecurityGroupIngress on rules sgr-1a2b3c4d of security group sg-1a2b3c4d failed. AWS answered InvalidSecurityGroupRuleId.NotFound: The security group rule ID 'sgr-1a2b3c4d' does not exist.", 6, 5},
		"for ever without an error": {&revokeStub{unmatched: 100},
			"ec2:RevokeSecurityGroupIngress on rules sgr-1a2b3c4d of security group sg-1a2b3c4d failed. AWS took the call and the rules are still there. Run Terraform again.", 6, 5},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			waits := 0
			region := cloud.NewRegion(test.stub, nil, cloud.WithWait(func(context.Context, int) error { waits++; return nil }))
			err := region.Revoke(t.Context(), "sg-1a2b3c4d", wiring.Ingress, []string{"sgr-1a2b3c4d"})
			if test.want == "" && err != nil {
				t.Error(err)
			}
			if test.want != "" {
				wantError(t, err, test.want)
			}
			if test.stub.sent != test.sent || waits != test.waits {
				t.Errorf("%d calls and %d pauses, want %d and %d", test.stub.sent, waits, test.sent, test.waits)
			}
		})
	}
}

// revokeStub has one rule, which the first calls do not find.
type revokeStub struct {
	cloud.EC2API
	refuse, unmatched, sent int
}

func (s *revokeStub) RevokeSecurityGroupIngress(context.Context, *ec2.RevokeSecurityGroupIngressInput, ...func(*ec2.Options)) (*ec2.RevokeSecurityGroupIngressOutput, error) {
	s.sent++
	if s.sent <= s.refuse {
		return nil, &smithy.GenericAPIError{Code: "InvalidSecurityGroupRuleId.NotFound", Message: "The security group rule ID 'sgr-1a2b3c4d' does not exist"}
	}
	if s.sent <= s.unmatched {
		return &ec2.RevokeSecurityGroupIngressOutput{UnknownIpPermissions: []types.IpPermission{{}}}, nil
	}
	return &ec2.RevokeSecurityGroupIngressOutput{}, nil
}

func (s *revokeStub) DescribeSecurityGroupRules(context.Context, *ec2.DescribeSecurityGroupRulesInput, ...func(*ec2.Options)) (*ec2.DescribeSecurityGroupRulesOutput, error) {
	return &ec2.DescribeSecurityGroupRulesOutput{SecurityGroupRules: []types.SecurityGroupRule{{SecurityGroupRuleId: aws.String("sgr-1a2b3c4d")}}}, nil
}

func TestTagRules(t *testing.T) {
	t.Parallel()
	d := start(t, 1, fakeaws.Config{})
	group, ids := threeRules(t, d)
	before, after := map[string]string{"Team": "edge", "Env": "prod", "Never": ""}, map[string]string{"Team": "core", "Owner": "me"}
	if now := must(d.TagRules(t.Context(), group, ids[:2], before, after))(t); !maps.Equal(now, after) {
		t.Errorf("they are to have %v, want %v", now, after)
	}
	compare(t, d.calls(), []string{"DeleteTags", "CreateTags"})
	// Neither call is made for nothing: without tags, DeleteTags would remove all.
	must(d.TagRules(t.Context(), group, ids, nil, nil))(t)
	must(d.TagRules(t.Context(), group, nil, before, after))(t)
	if calls := d.calls(); len(calls) > 0 {
		t.Errorf("called %q", calls)
	}
	for _, rule := range must(d.SecurityGroupRules(t.Context(), group))(t) {
		want := map[string]string{"Team": "edge", "Env": "prod"}
		if slices.Contains(ids[:2], rule.ID) {
			want = after
		}
		if !maps.Equal(rule.Tags, want) {
			t.Errorf("%s has tags %v, want %v", rule.Key(), rule.Tags, want)
		}
	}
	_, err := d.TagRules(t.Context(), group, []string{"sgr-00000000000000000"}, nil, map[string]string{"a": "b"})
	if !cloud.IsNotFound(err) {
		t.Errorf("got %v, want a NotFoundError", err)
	}
}

// TestTagRulesThatFail: whatever stops a change of tags, before a call takes
// effect or after it has, the tags are known that the rules have then.
func TestTagRulesThatFail(t *testing.T) {
	t.Parallel()
	before, after := map[string]string{"Team": "edge", "Env": "prod"}, map[string]string{"Team": "core", "Owner": "me"}
	for _, tt := range []struct {
		kind fakeaws.FaultKind
		call int
		want map[string]string
	}{
		{fakeaws.Fail, 0, before},
		{fakeaws.StopBefore, 0, before},
		{fakeaws.StopAfter, 0, map[string]string{"Team": "edge"}},
		{fakeaws.Fail, 1, map[string]string{"Team": "edge"}},
		{fakeaws.StopBefore, 1, map[string]string{"Team": "edge"}},
		{fakeaws.StopAfter, 1, after},
	} {
		d := start(t, 1, fakeaws.Config{})
		group, ids := threeRules(t, d)
		ctx, cancel := context.WithCancel(t.Context())
		d.failWrite(tt.call, fakeaws.Fault{Kind: tt.kind, Code: "RequestExpired", Hook: func(fakeaws.Call) { cancel() }})
		now, err := d.TagRules(ctx, group, ids, before, after)
		cancel()
		if done := maps.Equal(tt.want, after); (err == nil) != done || !maps.Equal(now, tt.want) {
			t.Errorf("fault %d of call %d: they are to have %v, want %v, and %v", tt.kind, tt.call, now, tt.want, err)
		}
		for _, rule := range must(d.SecurityGroupRules(t.Context(), group))(t) {
			if !maps.Equal(rule.Tags, tt.want) {
				t.Errorf("fault %d of call %d: %s has %v, want %v", tt.kind, tt.call, rule.Key(), rule.Tags, tt.want)
			}
		}
	}
}

// TestDescribeInterrupted: nobody knows what became of a change of descriptions
// that was interrupted, but AWS does.
func TestDescribeInterrupted(t *testing.T) {
	t.Parallel()
	for _, kind := range interruptions() {
		d := startGroup(t, 1, fakeaws.Config{})
		written := func(comment string) cloud.GroupRules {
			rule := in(80, "0.0.0.0/0")
			rule.Comment = comment
			return cloud.GroupRules{Ingress: cloud.OwnedRules{"everybody": {Rule: rule, Described: true}}}
		}
		owned := must(d.CreateRules(t.Context(), d.group, written("before"), nil, nil))(t)
		ctx, cancel := context.WithCancel(t.Context())
		d.failWrite(0, fakeaws.Fault{Kind: kind, Hook: func(fakeaws.Call) { cancel() }})
		now, err := d.UpdateRules(ctx, d.group, owned, written("after"), nil, nil)
		id := now.Ingress["everybody"].ID
		want := "before"
		if kind == fakeaws.StopAfter {
			want = "after"
		}
		if (err == nil) != (want == "after") || err != nil && !strings.Contains(err.Error(), "interrupted") {
			t.Errorf("%s: %v", want, err)
		}
		if got := now.Ingress["everybody"].Comment; got != want {
			t.Errorf("it is to be %q and is taken for %q", want, got)
		}
		for _, rule := range d.server.SecurityGroupRules(testRegion, d.group) {
			if rule.ID == id && rule.Description != want {
				t.Errorf("AWS has %q, want %q", rule.Description, want)
			}
		}
	}
}
