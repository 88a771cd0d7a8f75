// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing/types"

	"github.com/terraform-clb/terraform-provider-clb/internal/acceptance/world"
	"github.com/terraform-clb/terraform-provider-clb/internal/demo/stage"
	"github.com/terraform-clb/terraform-provider-clb/internal/fakeaws"
)

// configuration is all four resources of every load balancer there is.
const configuration = `terraform {
  required_providers {
    clb = { source = "terraform-clb/clb" }
  }
}
variable "network_acls" {
  type = map(string)
}
data "clb_load_balancers" "fleet" {}
resource "clb_load_balancer_security_groups" "fleet" {
  for_each           = data.clb_load_balancers.fleet.load_balancers
  load_balancer_name = each.key
  security_groups    = each.value.security_groups
}
resource "clb_load_balancer_rules" "fleet" {
  for_each          = data.clb_load_balancers.fleet.load_balancers
  security_group_id = one(each.value.security_groups)
  load_balancers    = [each.value]
}
resource "clb_instance_ingress_rules" "fleet" {
  for_each          = data.clb_load_balancers.fleet.load_balancers
  security_group_id = one(each.value.instance_security_group_ids)
  load_balancers    = [each.value]
}
resource "clb_network_acl_entries" "fleet" {
  for_each        = data.clb_load_balancers.fleet.load_balancers
  network_acl_id  = var.network_acls[each.key]
  load_balancers  = [each.value]
  subnet_roles    = ["load_balancer"]
  vpc_cidr_blocks = each.value.vpc_cidr_blocks
}
`

const healthCheck = "HTTP:8081/healthz"

// fleet is load balancers on a stage, each with an instance, a security group on
// either side and a network ACL of its own.
type fleet struct {
	*stage.Stage
	options
	n     int
	clock *clock
	// instant takes the latency away.
	instant func()

	members []member
	notes   string
}

// member is a load balancer with what its rules are written to.
type member struct{ name, group, instances, acl string }

// open makes a fleet in an existing empty directory.
func open(ctx context.Context, dir string, n int, o options) (*fleet, error) {
	f := &fleet{options: o, n: n, clock: newClock(), notes: filepath.Join(dir, "usage")}
	providers := filepath.Join(dir, "provider")
	if err := os.Mkdir(providers, 0o700); err != nil {
		return nil, err
	}
	var err error
	f.Stage, err = stage.Open(ctx, stage.Config{
		Terraform: o.terraform, ProviderDir: providers, Dir: dir, World: world.Plan{Name: "fleet", CIDRBlocks: []string{"10.0.0.0/16"}},
		AWS: fakeaws.Config{
			Throttle: &fakeaws.Throttle{Now: f.clock.now},
			Quotas:   fakeaws.Quotas{LoadBalancers: n, ACLsPerVPC: n + 10, GroupsPerRegion: 2*n + 10},
		},
	})
	if err != nil {
		return nil, err
	}
	f.instant = f.Server.Inject(fakeaws.Fault{Kind: fakeaws.Delay, Hook: f.clock.answerLate})
	if err := f.prepare(ctx, dir); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

func (f *fleet) prepare(ctx context.Context, dir string) error {
	if err := f.makeRoom(ctx); err != nil {
		return err
	}
	acls := map[string]string{}
	for i := range f.n {
		m, err := f.makeMember(ctx, fmt.Sprintf("fleet-%03d", i))
		if err != nil {
			return err
		}
		f.members = append(f.members, m)
		acls[m.name] = m.acl
	}
	variables, err := json.Marshal(map[string]any{"network_acls": acls})
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "terraform.tfvars.json"), variables, 0o600); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "main.tf"), []byte(configuration), 0o600)
}

// makeRoom puts load balancers and instances into subnets that are large enough.
func (f *fleet) makeRoom(ctx context.Context) error {
	zones, err := f.EC2.DescribeAvailabilityZones(ctx, &ec2.DescribeAvailabilityZonesInput{})
	if err != nil {
		return err
	}
	var subnets []string
	for i, cidr := range []string{"10.0.64.0/18", "10.0.128.0/18", "10.0.192.0/18"} {
		made, err := f.EC2.CreateSubnet(ctx, &ec2.CreateSubnetInput{VpcId: &f.VPC, CidrBlock: &cidr, AvailabilityZone: zones.AvailabilityZones[i%2].ZoneName})
		if err != nil {
			return err
		}
		subnets = append(subnets, *made.Subnet.SubnetId)
	}
	f.LoadBalancerSubnets, f.InstanceSubnets = subnets[:2], subnets[2:]
	return nil
}

func (f *fleet) makeMember(ctx context.Context, name string) (m member, err error) {
	m.name = name
	if m.group, err = f.MakeGroup(ctx, name+"-lb"); err != nil {
		return m, err
	}
	if m.instances, err = f.MakeGroup(ctx, name+"-instances"); err != nil {
		return m, err
	}
	if m.acl, err = f.MakeACL(ctx, name, nil); err != nil {
		return m, err
	}
	made, err := f.EC2.RunInstances(ctx, &ec2.RunInstancesInput{
		ImageId: aws.String("ami-12345678"), InstanceType: types.InstanceTypeT3Micro, MinCount: aws.Int32(1), MaxCount: aws.Int32(1),
		SubnetId: &f.InstanceSubnets[0], SecurityGroupIds: []string{m.instances},
	})
	if err != nil {
		return m, err
	}
	f.Instances = []string{*made.Instances[0].InstanceId}
	return m, f.MakeLoadBalancer(ctx, name, "internet-facing", m.group, healthCheck, [][2]int32{{80, 8080}})
}

// changeListeners gives every load balancer another instance port, behind
// Terraform's back.
func (f *fleet) changeListeners(ctx context.Context) error {
	f.clock.run(0)
	for _, m := range f.members {
		if _, err := f.ELB.DeleteLoadBalancerListeners(ctx, &elb.DeleteLoadBalancerListenersInput{LoadBalancerName: &m.name, LoadBalancerPorts: []int32{80}}); err != nil {
			return err
		}
		if _, err := f.ELB.CreateLoadBalancerListeners(ctx, &elb.CreateLoadBalancerListenersInput{LoadBalancerName: &m.name, Listeners: []elbtypes.Listener{world.Listener([2]int32{80, 8090})}}); err != nil {
			return err
		}
	}
	return nil
}

// wires are the rules and entries of one load balancer as they stand in AWS.
type wires struct {
	member  member
	rules   []fakeaws.Rule
	entries []fakeaws.Entry
}

// standing are the rules and entries of the fleet, without the last ones of the
// network ACLs, which deny everything.
func (f *fleet) standing() []wires {
	var all []wires
	for _, m := range f.members {
		w := wires{member: m, rules: slices.Concat(f.Server.SecurityGroupRules(stage.Region, m.group), f.Server.SecurityGroupRules(stage.Region, m.instances))}
		for _, entry := range f.Server.NetworkACLEntries(stage.Region, m.acl) {
			if entry.RuleNumber <= 32766 {
				w.entries = append(w.entries, entry)
			}
		}
		all = append(all, w)
	}
	return all
}

// inParallel does some work for numbers below n, as many at a time as Terraform does,
// and returns the first error.
func (f *fleet) inParallel(n int, work func(i int) error) error {
	var workers sync.WaitGroup
	todo, failures := make(chan int), make(chan error, n)
	for range f.parallelism {
		workers.Go(func() {
			for i := range todo {
				if err := work(i); err != nil {
					failures <- err
				}
			}
		})
	}
	for i := range n {
		todo <- i
	}
	close(todo)
	workers.Wait()
	close(failures)
	return <-failures
}
