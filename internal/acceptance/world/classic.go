// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package world

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing"
)

// makeClassicInstance makes a security group without rules outside of any VPC,
// and an instance that carries it.
func (w *World) makeClassicInstance(ctx context.Context, plan Plan) error {
	made, err := w.EC2.CreateSecurityGroup(ctx, &ec2.CreateSecurityGroupInput{GroupName: &plan.ClassicGroup, Description: &plan.ClassicGroup})
	if err != nil {
		return fmt.Errorf("security group %s in EC2-Classic: %w", plan.ClassicGroup, err)
	}
	w.ClassicGroup = *made.GroupId
	w.later(func(ctx context.Context) error {
		_, err := w.EC2.DeleteSecurityGroup(ctx, &ec2.DeleteSecurityGroupInput{GroupId: made.GroupId})
		return err
	})
	if plan.Image == "" {
		return nil
	}
	launched, err := w.EC2.RunInstances(ctx, &ec2.RunInstancesInput{
		ImageId: &plan.Image, InstanceType: types.InstanceTypeM1Small, MinCount: aws.Int32(1), MaxCount: aws.Int32(1), SecurityGroups: []string{plan.ClassicGroup},
	})
	if err != nil {
		return fmt.Errorf("instance in EC2-Classic: %w", err)
	}
	id := *launched.Instances[0].InstanceId
	w.Instances = append(w.Instances, id)
	w.later(func(ctx context.Context) error {
		_, err := w.EC2.TerminateInstances(ctx, &ec2.TerminateInstancesInput{InstanceIds: []string{id}})
		return err
	})
	return nil
}

// makeClassicLoadBalancer makes a load balancer outside of any VPC. It carries no
// security group.
func (w *World) makeClassicLoadBalancer(ctx context.Context, plan Plan) error {
	zones, err := w.EC2.DescribeAvailabilityZones(ctx, &ec2.DescribeAvailabilityZonesInput{})
	if err != nil {
		return fmt.Errorf("availability zones: %w", err)
	}
	w.LoadBalancer = plan.Name
	in := &elb.CreateLoadBalancerInput{LoadBalancerName: &w.LoadBalancer, AvailabilityZones: []string{*zones.AvailabilityZones[0].ZoneName}}
	return w.makeLoadBalancer(ctx, in, plan.HealthCheckTarget, plan.Listeners)
}
