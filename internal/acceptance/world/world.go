// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

// Package world makes small AWS networks with Classic Load Balancers for the
// acceptance tests and the demonstration. It speaks the ordinary SDK, so it
// makes the same world in the test double, in another emulator and in AWS.
package world

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing/types"
)

// World is a VPC with load balancers and instances. Its network ACLs are custom
// and empty, and its security groups have no rules: nothing passes yet.
type World struct {
	EC2 *ec2.Client
	ELB *elb.Client

	VPC        string
	CIDRBlocks []string

	// One subnet in each of two zones.
	LoadBalancerSubnets, InstanceSubnets []string
	LoadBalancerACL, InstanceACL         string
	LoadBalancerGroup, InternalGroup     string
	InstanceGroup                        string
	Instances                            []string
	// LoadBalancer is the name of the internet-facing load balancer,
	// InternalLoadBalancer of the internal one.
	LoadBalancer, InternalLoadBalancer string
	// ClassicGroup is the id of the group in EC2-Classic.
	ClassicGroup string

	undo []func(context.Context) error
}

// Plan says what a world is to look like.
type Plan struct {
	// Name starts the name of everything that has one.
	Name string
	// CIDRBlocks are the networks of the VPC; the subnets are in the first, which is a /16.
	CIDRBlocks []string
	// Image is the machine image of the instances; none are made without it.
	Image string
	// HealthCheckTarget is the target of both load balancers.
	HealthCheckTarget string
	// Listeners and InternalListeners are pairs of load balancer port and
	// instance port. A load balancer without listeners is not made.
	Listeners, InternalListeners [][2]int32
	// ClassicGroup is the name of the instances' security group in EC2-Classic. With
	// it, the load balancer with Listeners and the instances are made there too.
	ClassicGroup string
}

// Make builds a world. On an error it takes down what it made.
func Make(ctx context.Context, ec2Client *ec2.Client, elbClient *elb.Client, plan Plan) (*World, error) {
	w := &World{EC2: ec2Client, ELB: elbClient, CIDRBlocks: plan.CIDRBlocks}
	for _, step := range []func(context.Context, Plan) error{w.makeVPC, w.makeSubnets, w.makeACLs, w.makeGroups, w.makeInstances, w.makeLoadBalancers} {
		if err := step(ctx, plan); err != nil {
			return nil, errors.Join(err, w.Destroy(context.WithoutCancel(ctx)))
		}
	}
	return w, nil
}

// Destroy takes the world down, the newest thing first.
func (w *World) Destroy(ctx context.Context) error {
	var failures []error
	for len(w.undo) > 0 {
		last := w.undo[len(w.undo)-1]
		w.undo = w.undo[:len(w.undo)-1]
		failures = append(failures, last(ctx))
	}
	return errors.Join(failures...)
}

func (w *World) later(undo func(context.Context) error) { w.undo = append(w.undo, undo) }

func (w *World) makeVPC(ctx context.Context, plan Plan) error {
	made, err := w.EC2.CreateVpc(ctx, &ec2.CreateVpcInput{CidrBlock: &plan.CIDRBlocks[0], TagSpecifications: named(types.ResourceTypeVpc, plan.Name)})
	if err != nil {
		return fmt.Errorf("VPC: %w", err)
	}
	w.VPC = *made.Vpc.VpcId
	w.later(func(ctx context.Context) error {
		_, err := w.EC2.DeleteVpc(ctx, &ec2.DeleteVpcInput{VpcId: &w.VPC})
		return err
	})
	gateway, err := w.EC2.CreateInternetGateway(ctx, &ec2.CreateInternetGatewayInput{})
	if err != nil {
		return fmt.Errorf("internet gateway: %w", err)
	}
	w.later(func(ctx context.Context) error {
		_, err := w.EC2.DeleteInternetGateway(ctx, &ec2.DeleteInternetGatewayInput{InternetGatewayId: gateway.InternetGateway.InternetGatewayId})
		return err
	})
	if _, err := w.EC2.AttachInternetGateway(ctx, &ec2.AttachInternetGatewayInput{VpcId: &w.VPC, InternetGatewayId: gateway.InternetGateway.InternetGatewayId}); err != nil {
		return fmt.Errorf("internet gateway: %w", err)
	}
	w.later(func(ctx context.Context) error {
		_, err := w.EC2.DetachInternetGateway(ctx, &ec2.DetachInternetGatewayInput{VpcId: &w.VPC, InternetGatewayId: gateway.InternetGateway.InternetGatewayId})
		return err
	})
	for _, cidr := range plan.CIDRBlocks[1:] {
		if _, err := w.EC2.AssociateVpcCidrBlock(ctx, &ec2.AssociateVpcCidrBlockInput{VpcId: &w.VPC, CidrBlock: &cidr}); err != nil {
			return fmt.Errorf("CIDR block %s: %w", cidr, err)
		}
	}
	return nil
}

func (w *World) makeSubnets(ctx context.Context, plan Plan) error {
	zones, err := w.EC2.DescribeAvailabilityZones(ctx, &ec2.DescribeAvailabilityZonesInput{})
	if err != nil {
		return fmt.Errorf("availability zones: %w", err)
	}
	var a, b, c, d int
	if _, err := fmt.Sscanf(plan.CIDRBlocks[0], "%d.%d.%d.%d/16", &a, &b, &c, &d); err != nil {
		return fmt.Errorf("CIDR block %s is not a /16", plan.CIDRBlocks[0])
	}
	for i := range 4 {
		cidr := fmt.Sprintf("%d.%d.%d.0/24", a, b, i+1)
		made, err := w.EC2.CreateSubnet(ctx, &ec2.CreateSubnetInput{VpcId: &w.VPC, CidrBlock: &cidr, AvailabilityZone: zones.AvailabilityZones[i%2].ZoneName})
		if err != nil {
			return fmt.Errorf("subnet %s: %w", cidr, err)
		}
		id := *made.Subnet.SubnetId
		w.later(func(ctx context.Context) error {
			_, err := w.EC2.DeleteSubnet(ctx, &ec2.DeleteSubnetInput{SubnetId: &id})
			return err
		})
		if i < 2 {
			w.LoadBalancerSubnets = append(w.LoadBalancerSubnets, id)
		} else {
			w.InstanceSubnets = append(w.InstanceSubnets, id)
		}
	}
	return nil
}

func (w *World) makeACLs(ctx context.Context, plan Plan) error {
	var err error
	if w.LoadBalancerACL, err = w.MakeACL(ctx, plan.Name+"-lb", w.LoadBalancerSubnets); err != nil {
		return err
	}
	w.InstanceACL, err = w.MakeACL(ctx, plan.Name+"-instances", w.InstanceSubnets)
	return err
}

// MakeACL makes a custom network ACL, which denies everything, and gives it to subnets.
func (w *World) MakeACL(ctx context.Context, name string, subnets []string) (string, error) {
	made, err := w.EC2.CreateNetworkAcl(ctx, &ec2.CreateNetworkAclInput{VpcId: &w.VPC, TagSpecifications: named(types.ResourceTypeNetworkAcl, name)})
	if err != nil {
		return "", fmt.Errorf("network ACL: %w", err)
	}
	id := *made.NetworkAcl.NetworkAclId
	w.later(func(ctx context.Context) error {
		_, err := w.EC2.DeleteNetworkAcl(ctx, &ec2.DeleteNetworkAclInput{NetworkAclId: &id})
		return err
	})
	for _, subnet := range subnets {
		if err := w.associate(ctx, subnet, id); err != nil {
			return "", err
		}
	}
	return id, nil
}

func (w *World) associate(ctx context.Context, subnet, acl string) error {
	found, err := w.EC2.DescribeNetworkAcls(ctx, &ec2.DescribeNetworkAclsInput{Filters: []types.Filter{{Name: aws.String("association.subnet-id"), Values: []string{subnet}}}})
	if err != nil {
		return fmt.Errorf("network ACL of subnet %s: %w", subnet, err)
	}
	for _, old := range found.NetworkAcls {
		for _, association := range old.Associations {
			if aws.ToString(association.SubnetId) != subnet {
				continue
			}
			swapped, err := w.EC2.ReplaceNetworkAclAssociation(ctx, &ec2.ReplaceNetworkAclAssociationInput{AssociationId: association.NetworkAclAssociationId, NetworkAclId: &acl})
			if err != nil {
				return fmt.Errorf("network ACL of subnet %s: %w", subnet, err)
			}
			w.later(func(ctx context.Context) error {
				_, err := w.EC2.ReplaceNetworkAclAssociation(ctx, &ec2.ReplaceNetworkAclAssociationInput{AssociationId: swapped.NewAssociationId, NetworkAclId: old.NetworkAclId})
				return err
			})
			return nil
		}
	}
	return fmt.Errorf("subnet %s has no network ACL", subnet)
}

func (w *World) makeGroups(ctx context.Context, plan Plan) error {
	for _, group := range []struct {
		suffix string
		id     *string
	}{{"-lb", &w.LoadBalancerGroup}, {"-internal", &w.InternalGroup}, {"-instances", &w.InstanceGroup}} {
		made, err := w.MakeGroup(ctx, plan.Name+group.suffix)
		if err != nil {
			return err
		}
		*group.id = made
	}
	return nil
}

// MakeGroup makes a security group without rules.
func (w *World) MakeGroup(ctx context.Context, name string) (string, error) {
	made, err := w.EC2.CreateSecurityGroup(ctx, &ec2.CreateSecurityGroupInput{VpcId: &w.VPC, GroupName: &name, Description: &name})
	if err != nil {
		return "", fmt.Errorf("security group %s: %w", name, err)
	}
	w.later(func(ctx context.Context) error {
		_, err := w.EC2.DeleteSecurityGroup(ctx, &ec2.DeleteSecurityGroupInput{GroupId: made.GroupId})
		return err
	})
	// A new group admits everything outbound.
	_, err = w.EC2.RevokeSecurityGroupEgress(ctx, &ec2.RevokeSecurityGroupEgressInput{GroupId: made.GroupId, IpPermissions: []types.IpPermission{
		{IpProtocol: aws.String("-1"), IpRanges: []types.IpRange{{CidrIp: aws.String("0.0.0.0/0")}}},
	}})
	if err != nil {
		return "", fmt.Errorf("security group %s: %w", name, err)
	}
	return *made.GroupId, nil
}

func (w *World) makeInstances(ctx context.Context, plan Plan) error {
	if plan.ClassicGroup != "" {
		return w.makeClassicInstance(ctx, plan)
	}
	if plan.Image == "" {
		return nil
	}
	for _, subnet := range w.InstanceSubnets {
		made, err := w.EC2.RunInstances(ctx, &ec2.RunInstancesInput{
			ImageId: &plan.Image, InstanceType: types.InstanceTypeT3Micro, MinCount: aws.Int32(1), MaxCount: aws.Int32(1),
			SubnetId: &subnet, SecurityGroupIds: []string{w.InstanceGroup},
		})
		if err != nil {
			return fmt.Errorf("instance: %w", err)
		}
		id := *made.Instances[0].InstanceId
		w.Instances = append(w.Instances, id)
		w.later(func(ctx context.Context) error {
			if _, err := w.EC2.TerminateInstances(ctx, &ec2.TerminateInstancesInput{InstanceIds: []string{id}}); err != nil {
				return err
			}
			// Until then it holds on to its subnet and security groups.
			return ec2.NewInstanceTerminatedWaiter(w.EC2).Wait(ctx, &ec2.DescribeInstancesInput{InstanceIds: []string{id}}, 10*time.Minute)
		})
	}
	return nil
}

func (w *World) makeLoadBalancers(ctx context.Context, plan Plan) error {
	if plan.ClassicGroup != "" {
		return w.makeClassicLoadBalancer(ctx, plan)
	}
	if len(plan.Listeners) > 0 {
		w.LoadBalancer = plan.Name
		if err := w.MakeLoadBalancer(ctx, w.LoadBalancer, "internet-facing", w.LoadBalancerGroup, plan.HealthCheckTarget, plan.Listeners); err != nil {
			return err
		}
	}
	if len(plan.InternalListeners) > 0 {
		w.InternalLoadBalancer = plan.Name + "-internal"
		if err := w.MakeLoadBalancer(ctx, w.InternalLoadBalancer, "internal", w.InternalGroup, plan.HealthCheckTarget, plan.InternalListeners); err != nil {
			return err
		}
	}
	return nil
}

// MakeLoadBalancer makes a load balancer in the load balancer subnets and
// registers the instances. The scheme is "internet-facing" or "internal".
func (w *World) MakeLoadBalancer(ctx context.Context, name, scheme, group, target string, listeners [][2]int32) error {
	in := &elb.CreateLoadBalancerInput{LoadBalancerName: &name, Subnets: w.LoadBalancerSubnets, SecurityGroups: []string{group}}
	if scheme == "internal" {
		in.Scheme = &scheme
	}
	return w.makeLoadBalancer(ctx, in, target, listeners)
}

// makeLoadBalancer adds to what is asked for, and registers the instances.
func (w *World) makeLoadBalancer(ctx context.Context, in *elb.CreateLoadBalancerInput, target string, listeners [][2]int32) error {
	name := *in.LoadBalancerName
	for _, ports := range listeners {
		in.Listeners = append(in.Listeners, Listener(ports))
	}
	if _, err := w.ELB.CreateLoadBalancer(ctx, in); err != nil {
		return fmt.Errorf("load balancer %s: %w", name, err)
	}
	w.later(func(ctx context.Context) error {
		_, err := w.ELB.DeleteLoadBalancer(ctx, &elb.DeleteLoadBalancerInput{LoadBalancerName: &name})
		return err
	})
	if _, err := w.ELB.ConfigureHealthCheck(ctx, &elb.ConfigureHealthCheckInput{LoadBalancerName: &name, HealthCheck: &elbtypes.HealthCheck{
		Target: &target, Interval: aws.Int32(30), Timeout: aws.Int32(5), HealthyThreshold: aws.Int32(10), UnhealthyThreshold: aws.Int32(2),
	}}); err != nil {
		return fmt.Errorf("health check of %s: %w", name, err)
	}
	if len(w.Instances) == 0 {
		return nil
	}
	var instances []elbtypes.Instance
	for _, id := range w.Instances {
		instances = append(instances, elbtypes.Instance{InstanceId: &id})
	}
	if _, err := w.ELB.RegisterInstancesWithLoadBalancer(ctx, &elb.RegisterInstancesWithLoadBalancerInput{LoadBalancerName: &name, Instances: instances}); err != nil {
		return fmt.Errorf("instances of %s: %w", name, err)
	}
	return nil
}

// Listener is a TCP listener with the given load balancer port and instance port.
func Listener(ports [2]int32) elbtypes.Listener {
	return elbtypes.Listener{Protocol: aws.String("TCP"), InstanceProtocol: aws.String("TCP"), LoadBalancerPort: ports[0], InstancePort: &ports[1]}
}

func named(kind types.ResourceType, name string) []types.TagSpecification {
	return []types.TagSpecification{{ResourceType: kind, Tags: []types.Tag{{Key: aws.String("Name"), Value: &name}}}}
}
