// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"fmt"

	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing/types"

	"github.com/terraform-clb/terraform-provider-clb/internal/acceptance/world"
)

// The listener that comes to the internet-facing load balancer in the course of the chapter.
const newLBPort, newInstancePort = 8088, 8090

// wiringChapter shows the life of the recommended rules of two load balancers.
func wiringChapter() chapter {
	return chapter{
		name:    "wiring",
		title:   "the rules follow the load balancers",
		example: "complete",
		world: world.Plan{
			Name: "my-loadbalancer", CIDRBlocks: []string{"10.0.0.0/16", "10.1.0.0/16"}, Image: "ami-0123456789abcdef0",
			HealthCheckTarget: "HTTP:8081/healthz", Listeners: [][2]int32{{80, 8080}, {443, 8443}}, InternalListeners: [][2]int32{{3000, 3000}},
		},
		play: playWiring,
	}
}

func playWiring(ctx context.Context, s *scene) error {
	if err := s.CarryDefaultGroup(ctx, s.LoadBalancer, s.InternalLoadBalancer); err != nil {
		return err
	}
	err := s.variables(map[string]string{
		"load_balancer_name":                       s.LoadBalancer,
		"internal_load_balancer_name":              s.InternalLoadBalancer,
		"load_balancer_security_group_id":          s.LoadBalancerGroup,
		"internal_load_balancer_security_group_id": s.InternalGroup,
		"instance_security_group_id":               s.InstanceGroup,
		"load_balancer_network_acl_id":             s.LoadBalancerACL,
		"instance_network_acl_id":                  s.InstanceACL,
	})
	if err != nil {
		return err
	}
	s.say(`
Two load balancers stand in a VPC (10.0.0.0/16 and 10.1.0.0/16) of a double of AWS on this machine:

     my-loadbalancer           internet-facing  80 -> 8080, 443 -> 8443  health check HTTP:8081/healthz
     my-loadbalancer-internal  internal         3000 -> 3000             health check HTTP:8081/healthz

They carry the default security group of the VPC. Their own groups (lb-group, internal-lb-group) and that of
their instances (instance-group) have no rules, and the network ACLs of their subnets (lb-subnets-acl) and of
the instances' subnets (instance-subnets-acl) admit nothing. examples/complete is to change that.`)
	baseline := s.Server.Snapshot()
	for _, step := range []func(context.Context, *scene) error{createRules, planAgain, addListener, followListener, planAgain, destroyRules} {
		if err := step(ctx, s); err != nil {
			return err
		}
	}
	if err := removeListener(ctx, s); err != nil {
		return err
	}
	if err := s.wantBaseline(baseline); err != nil {
		return err
	}
	s.say("   Without the listener that was added in between, AWS is exactly as it was before.")
	return nil
}

func createRules(ctx context.Context, s *scene) error {
	s.heading("terraform plan")
	err := s.plan(ctx,
		"create clb_load_balancer_rules.web (2 inbound, 3 outbound)",
		"create clb_load_balancer_rules.internal (2 inbound, 2 outbound)",
		"create clb_instance_ingress_rules.instances (7 inbound)",
		"create clb_network_acl_entries.load_balancer_subnets (6 inbound, 11 outbound)",
		"create clb_network_acl_entries.instance_subnets (8 inbound, 2 outbound)",
		"create clb_load_balancer_security_groups.web",
		"create clb_load_balancer_security_groups.internal",
		"output network_acl_entries",
		"output security_group_rules",
	)
	if err != nil {
		return err
	}
	s.heading("terraform apply")
	if err := s.apply(ctx); err != nil {
		return err
	}
	if err := s.wantGroups(s.LoadBalancerGroup, s.InternalGroup); err != nil {
		return err
	}
	s.say("   The load balancers carry their own groups.")
	return s.wantRules(recommendedRules())
}

func planAgain(ctx context.Context, s *scene) error {
	s.heading("terraform plan, again")
	return s.plan(ctx)
}

func addListener(ctx context.Context, s *scene) error {
	s.heading("Somebody adds a listener to my-loadbalancer: %d -> %d", newLBPort, newInstancePort)
	if err := addNewListener(ctx, s); err != nil {
		return err
	}
	s.Server.ResetCalls()
	s.say("   The example reads its listeners from AWS. The plan shows the rules of the new port, and nothing else:")
	return s.plan(ctx, newListenerChanges()...)
}

func addNewListener(ctx context.Context, s *scene) error {
	_, err := s.ELB.CreateLoadBalancerListeners(ctx, &elb.CreateLoadBalancerListenersInput{
		LoadBalancerName: &s.LoadBalancer, Listeners: []elbtypes.Listener{world.Listener([2]int32{newLBPort, newInstancePort})},
	})
	if err != nil {
		return fmt.Errorf("adding a listener: %w", err)
	}
	return nil
}

func followListener(ctx context.Context, s *scene) error {
	s.heading("terraform apply")
	if err := s.apply(ctx); err != nil {
		return err
	}
	return s.wantRules(recommendedRules(), newListenerRules()...)
}

func destroyRules(ctx context.Context, s *scene) error {
	s.heading("terraform destroy")
	return s.destroy(ctx)
}

func removeListener(ctx context.Context, s *scene) error {
	_, err := s.ELB.DeleteLoadBalancerListeners(ctx, &elb.DeleteLoadBalancerListenersInput{LoadBalancerName: &s.LoadBalancer, LoadBalancerPorts: []int32{newLBPort}})
	if err != nil {
		return fmt.Errorf("removing the listener: %w", err)
	}
	return nil
}
