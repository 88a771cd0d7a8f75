// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/terraform-clb/terraform-provider-clb/internal/acceptance/world"
)

// lockDown is the line of the example that revokes what is less restrictive.
const lockDown = "  unmanaged_rules   = \"revoke_broader\"\n"

// adoptionChapter shows how a running load balancer is taken over and locked down.
func adoptionChapter() chapter {
	return chapter{
		name:    "adoption",
		title:   "a running load balancer is adopted and locked down",
		example: "running-load-balancer",
		world: world.Plan{
			Name: "my-loadbalancer", CIDRBlocks: []string{"10.0.0.0/16"}, Image: "ami-0123456789abcdef0",
			HealthCheckTarget: "HTTP:8081/healthz", Listeners: [][2]int32{{80, 8080}, {443, 8443}},
		},
		play: playAdoption,
	}
}

func playAdoption(ctx context.Context, s *scene) error {
	if err := s.edit("sg-0123456789abcdef0", s.LoadBalancerGroup, "sg-0fedcba9876543210", s.InstanceGroup, lockDown, ""); err != nil {
		return err
	}
	if err := makeByHand(ctx, s); err != nil {
		return err
	}
	s.say(`
A load balancer has been running for years. Its rules were made in the console; so that it works, two ports of
the instances are open to everybody, and so is SSH to the company network:

     my-loadbalancer  internet-facing  80 -> 8080, 443 -> 8443  health check HTTP:8081/healthz
`)
	if err := s.wantStanding(rulesMadeByHand()); err != nil {
		return err
	}
	for _, rule := range rulesMadeByHand() {
		s.say("     %s", rule)
	}
	s.say("\nThe configuration is examples/running-load-balancer, at first without unmanaged_rules.")
	for _, step := range []func(context.Context, *scene) error{adopt, planStillOpen, closeOpenPorts, planAgain} {
		if err := step(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// makeByHand makes the rules that the chapter begins with, and gives names to the
// ids of those that are to go.
func makeByHand(ctx context.Context, s *scene) error {
	permission := func(port int32, cidr, group string) types.IpPermission {
		p := types.IpPermission{IpProtocol: aws.String("tcp"), FromPort: &port, ToPort: &port}
		if group != "" {
			p.UserIdGroupPairs = []types.UserIdGroupPair{{GroupId: &group}}
		} else {
			p.IpRanges = []types.IpRange{{CidrIp: &cidr}}
		}
		return p
	}
	in, err := s.EC2.AuthorizeSecurityGroupIngress(ctx, &ec2.AuthorizeSecurityGroupIngressInput{GroupId: &s.LoadBalancerGroup, IpPermissions: []types.IpPermission{
		permission(80, everybody, ""), permission(443, everybody, ""),
	}})
	if err != nil {
		return fmt.Errorf("admitting clients: %w", err)
	}
	out, err := s.EC2.AuthorizeSecurityGroupEgress(ctx, &ec2.AuthorizeSecurityGroupEgressInput{GroupId: &s.LoadBalancerGroup, IpPermissions: []types.IpPermission{
		permission(8080, "", s.InstanceGroup), permission(8081, "", s.InstanceGroup), permission(8443, "", s.InstanceGroup),
	}})
	if err != nil {
		return fmt.Errorf("letting the load balancer send: %w", err)
	}
	instances, err := s.EC2.AuthorizeSecurityGroupIngress(ctx, &ec2.AuthorizeSecurityGroupIngressInput{GroupId: &s.InstanceGroup, IpPermissions: []types.IpPermission{
		permission(22, "10.0.0.0/8", ""), permission(8080, "", s.LoadBalancerGroup), permission(8081, everybody, ""), permission(8443, everybody, ""),
	}})
	if err != nil {
		return fmt.Errorf("opening the instances: %w", err)
	}
	for where, rules := range map[string][]types.SecurityGroupRule{"lb-in": in.SecurityGroupRules, "lb-out": out.SecurityGroupRules, "instance": instances.SecurityGroupRules} {
		for _, rule := range rules {
			s.name(aws.ToString(rule.SecurityGroupRuleId), fmt.Sprintf("sgr-%s-%d", where, aws.ToInt32(rule.FromPort)))
		}
	}
	s.Server.ResetCalls()
	return nil
}

func adopt(ctx context.Context, s *scene) error {
	s.heading("terraform plan")
	err := s.planWarned(ctx, adoptionWarnings(),
		"create clb_load_balancer_rules.web (2 inbound, 3 outbound)",
		"create clb_instance_ingress_rules.web (4 inbound)",
	)
	if err != nil {
		return err
	}
	s.heading("terraform apply")
	if err := s.apply(ctx); err != nil {
		return err
	}
	s.say("   What stood there stands there still, and nothing was created a second time.")
	return s.wantRules(rulesMadeByHand(), rulesMissing()...)
}

func planStillOpen(ctx context.Context, s *scene) error {
	s.heading("terraform plan, again")
	return s.planWarned(ctx, stillOpenWarnings())
}

func closeOpenPorts(ctx context.Context, s *scene) error {
	s.heading("terraform plan, with  unmanaged_rules = \"revoke_broader\"  for the instances")
	const last = "resource \"clb_instance_ingress_rules\" \"web\" {\n"
	if err := s.edit(last, last+lockDown); err != nil {
		return err
	}
	if err := s.planWarned(ctx, lockDownWarnings(), lockDownChanges()...); err != nil {
		return err
	}
	s.heading("terraform apply")
	if err := s.apply(ctx); err != nil {
		return err
	}
	return s.wantRules(rulesLockedDown())
}
