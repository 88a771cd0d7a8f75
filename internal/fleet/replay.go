// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/terraform-clb/terraform-provider-clb/internal/fakeaws"
	"github.com/terraform-clb/terraform-provider-clb/internal/scaled"
)

// The replay makes the calls that hashicorp/aws makes for the same rules and entries,
// one aws_vpc_security_group_ingress_rule, …_egress_rule or aws_network_acl_rule each:
//
//	                    create                      read                        update             delete
//	rule                Authorize…                  DescribeSecurityGroupRules  Modify…            Revoke…
//	network ACL entry   Create…, DescribeNetworkAcls  DescribeNetworkAcls         delete and create  Delete…
//
// It takes none of that provider's own time, and leaves out what it reads of load
// balancers, groups and network ACLs, which no rule is.

// action is what becomes of a resource.
type action func(context.Context, *replayer) error

// replayer makes the calls, with the retries of that provider.
type replayer struct{ ec2 *ec2.Client }

// replay creates, reads, changes and deletes the rules and entries that stood after the
// provider had created and changed them.
func (f *fleet) replay(ctx context.Context, created, changed []wires) ([]phase, error) {
	speed := f.speed()
	r := &replayer{ec2.New(f.EC2.Options(), func(o *ec2.Options) {
		o.Retryer = retry.NewStandard(func(o *retry.StandardOptions) {
			o.MaxAttempts = 25
			o.Backoff = retry.BackoffDelayerFunc(scaled.NewClock(speed).Backoff())
			o.RateLimiter = unlimited{}
		})
	})}
	var phases []phase
	do := func(name string, actions ...[]action) error {
		p := phase{Name: name, Speed: speed}
		f.Server.ResetCalls()
		f.clock.run(speed)
		begun := time.Now()
		var err error
		for _, step := range actions {
			if err == nil {
				err = f.inParallel(len(step), func(i int) error { return step[i](ctx, r) })
			}
		}
		p.Seconds = time.Since(begun).Seconds() * speed
		p.count(f.Server.Calls())
		phases = append(phases, p)
		fmt.Printf("%4d load balancers, replay, %s: %d calls, %d throttled, %.1f s (clock x %.0f)\n", f.n, name, p.total(), p.Throttled, p.Seconds, speed)
		return err
	}
	if err := do(create, creations(created)); err != nil {
		return phases, err
	}
	if err := do(noChange, reads(f.standing())); err != nil {
		return phases, err
	}
	updated, err := updates(f.standing(), changed)
	if err != nil {
		return phases, err
	}
	if err := do(change, reads(f.standing()), updated); err != nil {
		return phases, err
	}
	err = do(destroy, reads(f.standing()), deletions(f.standing()))
	return phases, err
}

// unlimited is how hashicorp/aws retries: without a quota of its own.
type unlimited struct{}

func (unlimited) GetToken(context.Context, uint) (func() error, error) {
	return func() error { return nil }, nil
}

func (unlimited) AddTokens(uint) error { return nil }

func creations(all []wires) []action {
	var actions []action
	for _, w := range all {
		for _, rule := range w.rules {
			actions = append(actions, func(ctx context.Context, r *replayer) error { return r.authorize(ctx, rule) })
		}
		for _, entry := range w.entries {
			actions = append(actions, func(ctx context.Context, r *replayer) error { return r.createEntry(ctx, w.member.acl, entry) })
		}
	}
	return actions
}

func reads(all []wires) []action {
	var actions []action
	for _, w := range all {
		for _, rule := range w.rules {
			actions = append(actions, func(ctx context.Context, r *replayer) error {
				_, err := r.ec2.DescribeSecurityGroupRules(ctx, &ec2.DescribeSecurityGroupRulesInput{SecurityGroupRuleIds: []string{rule.ID}})
				return err
			})
		}
		for range w.entries {
			actions = append(actions, func(ctx context.Context, r *replayer) error { return r.readACL(ctx, w.member.acl) })
		}
	}
	return actions
}

// updates turn what stands into what is wanted: what is to go and what is to come are
// as many of each kind, because a port has changed.
func updates(standing, wanted []wires) ([]action, error) {
	var actions []action
	for i, w := range standing {
		want := wanted[i]
		oldRules, newRules := differences(w.rules, want.rules, contentOf)
		oldEntries, newEntries := differences(w.entries, want.entries, func(e fakeaws.Entry) fakeaws.Entry { return e })
		if len(oldRules) != len(newRules) || len(oldEntries) != len(newEntries) {
			return nil, fmt.Errorf("%s: %d rules and %d entries are to become %d and %d", w.member.name, len(oldRules), len(oldEntries), len(newRules), len(newEntries))
		}
		for j, rule := range oldRules {
			actions = append(actions, func(ctx context.Context, r *replayer) error { return r.modify(ctx, rule, newRules[j]) })
		}
		for j, entry := range oldEntries {
			actions = append(actions, func(ctx context.Context, r *replayer) error {
				if err := r.deleteEntry(ctx, w.member.acl, entry); err != nil {
					return err
				}
				return r.createEntry(ctx, w.member.acl, newEntries[j])
			})
		}
	}
	return actions, nil
}

// differences are what only one of two lists has, by what its elements say.
func differences[T any, K comparable](a, b []T, content func(T) K) (onlyA, onlyB []T) {
	without := func(list, other []T) []T {
		return slices.DeleteFunc(slices.Clone(list), func(one T) bool {
			return slices.ContainsFunc(other, func(o T) bool { return content(o) == content(one) })
		})
	}
	return without(a, b), without(b, a)
}

// content is what a rule admits.
type content struct {
	group    string
	egress   bool
	protocol string
	from, to int
	peer     string
}

func contentOf(r fakeaws.Rule) content {
	return content{r.GroupID, r.Egress, r.Protocol, r.FromPort, r.ToPort, r.CIDRIPv4 + r.ReferencedGroupID}
}

func deletions(all []wires) []action {
	var actions []action
	for _, w := range all {
		for _, rule := range w.rules {
			actions = append(actions, func(ctx context.Context, r *replayer) error { return r.revoke(ctx, rule) })
		}
		for _, entry := range w.entries {
			actions = append(actions, func(ctx context.Context, r *replayer) error { return r.deleteEntry(ctx, w.member.acl, entry) })
		}
	}
	return actions
}

func (r *replayer) authorize(ctx context.Context, rule fakeaws.Rule) error {
	p := types.IpPermission{IpProtocol: &rule.Protocol, FromPort: aws.Int32(int32(rule.FromPort)), ToPort: aws.Int32(int32(rule.ToPort))}
	if rule.CIDRIPv4 != "" {
		p.IpRanges = []types.IpRange{{CidrIp: &rule.CIDRIPv4}}
	} else {
		p.UserIdGroupPairs = []types.UserIdGroupPair{{GroupId: &rule.ReferencedGroupID}}
	}
	if rule.Egress {
		_, err := r.ec2.AuthorizeSecurityGroupEgress(ctx, &ec2.AuthorizeSecurityGroupEgressInput{GroupId: &rule.GroupID, IpPermissions: []types.IpPermission{p}})
		return err
	}
	_, err := r.ec2.AuthorizeSecurityGroupIngress(ctx, &ec2.AuthorizeSecurityGroupIngressInput{GroupId: &rule.GroupID, IpPermissions: []types.IpPermission{p}})
	return err
}

func (r *replayer) modify(ctx context.Context, rule, to fakeaws.Rule) error {
	request := &types.SecurityGroupRuleRequest{IpProtocol: &to.Protocol, FromPort: aws.Int32(int32(to.FromPort)), ToPort: aws.Int32(int32(to.ToPort))}
	if rule.CIDRIPv4 != "" {
		request.CidrIpv4 = &rule.CIDRIPv4
	} else {
		request.ReferencedGroupId = &rule.ReferencedGroupID
	}
	_, err := r.ec2.ModifySecurityGroupRules(ctx, &ec2.ModifySecurityGroupRulesInput{GroupId: &rule.GroupID,
		SecurityGroupRules: []types.SecurityGroupRuleUpdate{{SecurityGroupRuleId: &rule.ID, SecurityGroupRule: request}}})
	return err
}

func (r *replayer) revoke(ctx context.Context, rule fakeaws.Rule) error {
	if rule.Egress {
		_, err := r.ec2.RevokeSecurityGroupEgress(ctx, &ec2.RevokeSecurityGroupEgressInput{GroupId: &rule.GroupID, SecurityGroupRuleIds: []string{rule.ID}})
		return err
	}
	_, err := r.ec2.RevokeSecurityGroupIngress(ctx, &ec2.RevokeSecurityGroupIngressInput{GroupId: &rule.GroupID, SecurityGroupRuleIds: []string{rule.ID}})
	return err
}

func (r *replayer) readACL(ctx context.Context, acl string) error {
	_, err := r.ec2.DescribeNetworkAcls(ctx, &ec2.DescribeNetworkAclsInput{NetworkAclIds: []string{acl}})
	return err
}

func (r *replayer) createEntry(ctx context.Context, acl string, e fakeaws.Entry) error {
	in := &ec2.CreateNetworkAclEntryInput{NetworkAclId: &acl, Egress: &e.Egress, RuleNumber: aws.Int32(int32(e.RuleNumber)),
		Protocol: &e.Protocol, RuleAction: types.RuleAction(e.Action), CidrBlock: &e.CIDRBlock}
	if e.Protocol == "6" {
		in.PortRange = &types.PortRange{From: aws.Int32(int32(e.FromPort)), To: aws.Int32(int32(e.ToPort))}
	}
	if _, err := r.ec2.CreateNetworkAclEntry(ctx, in); err != nil {
		return err
	}
	return r.readACL(ctx, acl)
}

func (r *replayer) deleteEntry(ctx context.Context, acl string, e fakeaws.Entry) error {
	_, err := r.ec2.DeleteNetworkAclEntry(ctx, &ec2.DeleteNetworkAclEntryInput{NetworkAclId: &acl, Egress: &e.Egress, RuleNumber: aws.Int32(int32(e.RuleNumber))})
	return err
}
