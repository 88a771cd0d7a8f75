// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

// Package stage sets up a small AWS on loopback with load balancers in it, and
// a Terraform that sees nothing else: what the demonstration and the tests of
// the examples run on.
package stage

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing"
	"github.com/hashicorp/terraform-exec/tfexec"

	"github.com/terraform-clb/terraform-provider-clb/internal/acceptance/world"
	"github.com/terraform-clb/terraform-provider-clb/internal/fakeaws"
)

// Region is where everything on the stage is.
const Region = "us-east-1"

// The keys are no secret: the double takes any.
const accessKey, secretKey = "AKIAIOSFODNN7EXAMPLE", "example"

// Config says what to put on a stage.
type Config struct {
	// Terraform is the path of terraform or tofu.
	Terraform string
	// ProviderDir holds the provider, as terraform-provider-clb.
	ProviderDir string
	// Sources are further providers in ProviderDir, such as hashicorp/aws, which is
	// terraform-provider-aws.
	Sources []string
	// Dir is an existing empty directory in which Terraform works.
	Dir string
	// World is what AWS has at the beginning.
	World world.Plan
	// AWS sets the double up.
	AWS fakeaws.Config
}

// Stage is a double of AWS with load balancers, and a Terraform that talks to it.
type Stage struct {
	*world.World
	Server    *fakeaws.Server
	Terraform *tfexec.Terraform
	// Dir is Terraform's working directory.
	Dir string
	// Messages are the errors and warnings of the last plan, the errors first.
	Messages []Message

	config      Config
	endpoint    string
	environment map[string]string
}

// Open sets a stage up. Close takes it down.
func Open(ctx context.Context, config Config) (*Stage, error) {
	if config.World.ClassicGroup != "" {
		config.AWS.Classic = true
	}
	s := &Stage{Server: fakeaws.New(config.AWS), Dir: config.Dir, config: config}
	var err error
	if s.endpoint, err = s.Server.Start(); err != nil {
		return nil, err
	}
	account := aws.Config{Region: Region, BaseEndpoint: &s.endpoint, HTTPClient: fakeaws.HTTPClient(), Credentials: credentials.NewStaticCredentialsProvider(accessKey, secretKey, "")}
	if s.World, err = world.Make(ctx, ec2.NewFromConfig(account), elb.NewFromConfig(account), config.World); err != nil {
		s.Close()
		return nil, fmt.Errorf("making the load balancers: %w", err)
	}
	if err := s.prepare(); err != nil {
		s.Close()
		return nil, err
	}
	s.Server.ResetCalls()
	return s, nil
}

// Beside is the same stage with a Terraform that works in another existing empty
// directory. It needs no Close of its own.
func (s *Stage) Beside(dir string) (*Stage, error) {
	beside := &Stage{World: s.World, Server: s.Server, Dir: dir, config: s.config, endpoint: s.endpoint}
	beside.config.Dir = dir
	err := beside.prepare()
	return beside, err
}

// Close stops the double.
func (s *Stage) Close() { s.Server.Close() }

// CarryDefaultGroup gives load balancers the default security group of their
// VPC, which they carry when they are made without naming a group.
func (s *Stage) CarryDefaultGroup(ctx context.Context, loadBalancers ...string) error {
	found, err := s.EC2.DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{Filters: []types.Filter{
		{Name: aws.String("vpc-id"), Values: []string{s.VPC}}, {Name: aws.String("group-name"), Values: []string{"default"}},
	}})
	if err != nil {
		return fmt.Errorf("default security group: %w", err)
	}
	if len(found.SecurityGroups) != 1 {
		return fmt.Errorf("VPC %s has %d default security groups", s.VPC, len(found.SecurityGroups))
	}
	for _, name := range loadBalancers {
		_, err := s.ELB.ApplySecurityGroupsToLoadBalancer(ctx, &elb.ApplySecurityGroupsToLoadBalancerInput{
			LoadBalancerName: &name, SecurityGroups: []string{*found.SecurityGroups[0].GroupId},
		})
		if err != nil {
			return fmt.Errorf("default security group of %s: %w", name, err)
		}
	}
	s.Server.ResetCalls()
	return nil
}
