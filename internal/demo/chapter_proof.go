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

// The entry of somebody else: its number, and whom it is to deny.
const denyNumber, everybody, peeredNetwork = 90, "0.0.0.0/0", "172.16.0.0/16"

// proofChapter shows what becomes of a plan when somebody else closes a port.
func proofChapter() chapter {
	return chapter{
		name:    "proof",
		title:   "somebody else closes a port",
		example: "provider",
		world: world.Plan{
			Name: "my-loadbalancer", CIDRBlocks: []string{"10.0.0.0/16"}, Image: "ami-0123456789abcdef0",
			HealthCheckTarget: "HTTP:8081/healthz", Listeners: [][2]int32{{80, 8080}, {443, 8443}},
		},
		play: playProof,
	}
}

func playProof(ctx context.Context, s *scene) error {
	if err := nameThings(s); err != nil {
		return err
	}
	s.say(`
A load balancer stands in a VPC (10.0.0.0/16) and sends to instances in other subnets:

     my-loadbalancer  internet-facing  80 -> 8080, 443 -> 8443  health check HTTP:8081/healthz

The configuration is examples/provider, the one in README.md. In what is shown, names stand for the ids of AWS.`)
	for _, step := range []func(context.Context, *scene) error{
		applyExample, closeHealthCheck, planNothing, planChange, reportRefuted, reopenHealthCheck, applyChange, planProved,
	} {
		if err := step(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// nameThings puts the ids of the stage in the place of those of the example.
func nameThings(s *scene) error {
	return s.edit(
		"sg-0123456789abcdef0", s.LoadBalancerGroup,
		"sg-0fedcba9876543210", s.InstanceGroup,
		"acl-0123456789abcdef0", s.LoadBalancerACL,
		"acl-0fedcba9876543210", s.InstanceACL,
	)
}

func applyExample(ctx context.Context, s *scene) error {
	s.heading("terraform plan, terraform apply")
	err := s.plan(ctx,
		"create clb_load_balancer_rules.web (2 inbound, 3 outbound)",
		"create clb_instance_ingress_rules.web (4 inbound)",
		"create clb_network_acl_entries.load_balancer_subnets (3 inbound, 4 outbound)",
		"create clb_network_acl_entries.instance_subnets (3 inbound, 1 outbound)",
	)
	if err != nil {
		return err
	}
	return s.apply(ctx)
}

func closeHealthCheck(ctx context.Context, s *scene) error {
	s.heading("Somebody else denies port 8081 in the network ACL of the instances' subnets")
	_, err := s.EC2.CreateNetworkAclEntry(ctx, &ec2.CreateNetworkAclEntryInput{
		NetworkAclId: &s.InstanceACL, Egress: aws.Bool(false), RuleNumber: aws.Int32(denyNumber), RuleAction: types.RuleActionDeny,
		Protocol: aws.String("6"), PortRange: &types.PortRange{From: aws.Int32(8081), To: aws.Int32(8081)}, CidrBlock: aws.String(everybody),
	})
	if err != nil {
		return fmt.Errorf("denying port 8081: %w", err)
	}
	s.Server.ResetCalls()
	s.say(`   A peered network (172.16.0.0/16) was to be kept out, but everybody is. The lowest number decides, so no health
   check arrives any more:

     %s
     %s    (the health check; Terraform made it)`, denyEverybody, allowHealthCheck)
	return s.wantStanding(proofRules(denyEverybody))
}

func planNothing(ctx context.Context, s *scene) error {
	s.heading("terraform plan, while the configuration stays as it is")
	return s.planWarned(ctx, refutedWarnings())
}

func planChange(ctx context.Context, s *scene) error {
	s.heading("terraform plan, after a change of the configuration")
	const last = "  vpc_cidr_blocks = data.clb_load_balancer.web.vpc_cidr_blocks\n"
	if err := s.edit(last, last+"\n  path_mtu_discovery = true\n"); err != nil {
		return err
	}
	s.say(`   path_mtu_discovery = true, in both network ACLs, has nothing to do with port 8081. But one of them refuses the
   health check. As the plan changes that one, it fails:`)
	return s.planRefused(ctx, refusal)
}

func reportRefuted(ctx context.Context, s *scene) error {
	s.heading("The report, for a pull request")
	s.say("   Another configuration only reads. It asks about the whole path, whoever manages the rules:")
	s.quote(reportConfiguration)
	s.say("\n   What terraform output -raw report prints, without the sections \"For the record\" and \"Notes\":")
	return s.report(ctx, refutedReport, "For the record", "Notes")
}

func reopenHealthCheck(ctx context.Context, s *scene) error {
	s.heading("The fix: rule %d is narrowed to the peered network. terraform plan", denyNumber)
	_, err := s.EC2.ReplaceNetworkAclEntry(ctx, &ec2.ReplaceNetworkAclEntryInput{
		NetworkAclId: &s.InstanceACL, Egress: aws.Bool(false), RuleNumber: aws.Int32(denyNumber), RuleAction: types.RuleActionDeny,
		Protocol: aws.String("6"), PortRange: &types.PortRange{From: aws.Int32(8081), To: aws.Int32(8081)}, CidrBlock: aws.String(peeredNetwork),
	})
	if err != nil {
		return fmt.Errorf("narrowing the deny: %w", err)
	}
	s.Server.ResetCalls()
	s.say("\n     %s\n\n   The plan that failed gets through:", denyPeeredNetwork)
	return s.plan(ctx, pathMTUChanges()...)
}

func applyChange(ctx context.Context, s *scene) error {
	s.heading("terraform apply")
	if err := s.apply(ctx); err != nil {
		return err
	}
	return s.wantRules(proofRules(denyPeeredNetwork), pathMTURules()...)
}

func planProved(ctx context.Context, s *scene) error {
	if err := planAgain(ctx, s); err != nil {
		return err
	}
	s.heading("The report, again")
	s.say("   Without the section \"Notes\":")
	return s.report(ctx, provedReport, "Notes")
}
