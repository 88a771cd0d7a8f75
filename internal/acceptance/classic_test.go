// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package acceptance

import (
	"context"
	"fmt"
	"maps"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/terraform-clb/terraform-provider-clb/internal/acceptance/world"
	"github.com/terraform-clb/terraform-provider-clb/internal/fakeaws"
)

const classicName = "my-security-group"

// newClassicFixture makes a world whose load balancer "web" and instance are in
// EC2-Classic: listener 80 to 8080, health check on 8081.
func newClassicFixture(t *testing.T) *fixture {
	t.Helper()
	skip(t)
	f := newFixtureWith(t, world.Plan{Image: "any", Listeners: [][2]int32{{80, 8080}}, ClassicGroup: classicName}, newDoubleWith(t, fakeaws.Config{Classic: true}))
	f.names[f.ClassicGroup] = "classic_group"
	f.settle()
	return f
}

// classicRows are the rules of the group in EC2-Classic, which have no ids. The
// group of Elastic Load Balancing goes by its name.
func (f *fixture) classicRows() []string {
	f.Helper()
	if f.ClassicGroup == "" {
		return nil
	}
	found, err := f.ec2().DescribeSecurityGroups(context.Background(), &ec2.DescribeSecurityGroupsInput{GroupIds: []string{f.ClassicGroup}})
	f.must(err)
	var rows []string
	for _, p := range found.SecurityGroups[0].IpPermissions {
		words := fmt.Sprintf("classic_group in %s %s from ", *p.IpProtocol, ports(*p.IpProtocol, *p.FromPort, *p.ToPort))
		for _, r := range p.IpRanges {
			rows = append(rows, words+*r.CidrIp)
		}
		for _, g := range p.UserIdGroupPairs {
			rows = append(rows, words+*g.UserId+"/"+*g.GroupName)
		}
	}
	return rows
}

// lockedDown is the resource with further arguments.
func lockedDown(arguments string) string {
	return `
		data "clb_load_balancer" "web" {
		  name = local.web_name
		}
		resource "clb_instance_ingress_rules" "instances" {
		  security_group_name = "` + classicName + `"
		  load_balancers      = [data.clb_load_balancer.web]
		  ` + arguments + `
		}`
}

const (
	fromLoadBalancer = "source_security_group = data.clb_load_balancer.web.source_security_group\n"
	portsOfSource    = `
		classic_group in tcp 8080 from amazon-elb/amazon-elb-sg
		classic_group in tcp 8081 from amazon-elb/amazon-elb-sg`
	wholeSource = `
		classic_group in icmp -1/-1   from amazon-elb/amazon-elb-sg
		classic_group in tcp  1-65535 from amazon-elb/amazon-elb-sg
		classic_group in udp  1-65535 from amazon-elb/amazon-elb-sg`
)

// sent compares the parameters of the only call of an operation.
func (f *fixture) sent(action string, want map[string]string) error {
	var got []map[string]string
	for _, call := range f.calls {
		if call.Action != action {
			continue
		}
		params := map[string]string{}
		for name := range call.Params {
			if name != "Action" && name != "Version" {
				params[name] = call.Params.Get(name)
			}
		}
		got = append(got, params)
	}
	if len(got) != 1 || !maps.Equal(got[0], want) {
		return fmt.Errorf("%s was sent with\n%v\nwant\n%v", action, got, want)
	}
	return nil
}

// TestClassicLockDown takes the steps of the AWS page for the AWS CLI: the call
// is that of the page, and its rules stand in the group.
func TestClassicLockDown(t *testing.T) {
	t.Parallel()
	f := newClassicFixture(t)
	f.run(step{
		config: lockedDown(fromLoadBalancer + "all_protocols = true"),
		plan:   "create clb_instance_ingress_rules.instances",
		writes: "AuthorizeSecurityGroupIngress amazon-elb/amazon-elb-sg",
		world:  wholeSource,
		check: func() error {
			return f.sent("AuthorizeSecurityGroupIngress", map[string]string{
				"GroupName": classicName, "SourceSecurityGroupName": "amazon-elb-sg", "SourceSecurityGroupOwnerId": "amazon-elb",
			})
		},
		adjust: func(s *resource.TestStep) {
			s.Check = resource.ComposeTestCheckFunc(s.Check,
				resource.TestCheckNoResourceAttr("clb_instance_ingress_rules.instances", "security_group_id"),
				resource.TestCheckNoResourceAttr("clb_instance_ingress_rules.instances", "ingress.udp 1-65535 from amazon-elb/amazon-elb-sg.security_group_rule_id"),
				resource.TestCheckResourceAttr("clb_instance_ingress_rules.instances", "ingress.udp 1-65535 from amazon-elb/amazon-elb-sg.referenced_security_group_id", "amazon-elb/amazon-elb-sg"),
				resource.TestCheckResourceAttr("clb_instance_ingress_rules.instances", "tags_all.%", "0"))
		},
	})
}

// TestClassicRevokeBroader takes the last step of the AWS page: the less restrictive
// rule goes after the source group is admitted. SSH stays, although the source group
// is admitted on every port.
func TestClassicRevokeBroader(t *testing.T) {
	t.Parallel()
	f := newClassicFixture(t)
	open := func(port int32) {
		everyone := "0.0.0.0/0"
		_, err := f.ec2().AuthorizeSecurityGroupIngress(context.Background(), &ec2.AuthorizeSecurityGroupIngressInput{GroupId: &f.ClassicGroup, IpPermissions: []types.IpPermission{
			{IpProtocol: aws.String("tcp"), FromPort: &port, ToPort: &port, IpRanges: []types.IpRange{{CidrIp: &everyone}}},
		}})
		f.must(err)
	}
	open(22)
	open(8080)
	f.settle()
	const address, gone = "clb_instance_ingress_rules.instances", "\n- classic_group in tcp 8080 from 0.0.0.0/0"
	removes := func(key string) func(*resource.TestStep) {
		return f.removes(address, "revoked_rules", func() map[string]string { return map[string]string{key: "inbound " + key} })
	}
	f.run(
		step{
			config: lockedDown(fromLoadBalancer + "all_protocols = true\nunmanaged_rules = \"revoke_broader\""),
			adjust: removes("tcp 8080 from 0.0.0.0/0"),
			writes: "AuthorizeSecurityGroupIngress amazon-elb/amazon-elb-sg\nRevokeSecurityGroupIngress 1",
			world:  wholeSource + gone,
			check: func() error {
				if err := f.inOrder("AuthorizeSecurityGroupIngress", "RevokeSecurityGroupIngress")(); err != nil {
					return err
				}
				return f.sent("RevokeSecurityGroupIngress", map[string]string{
					"GroupName": classicName, "IpPermissions.1.IpProtocol": "tcp", "IpPermissions.1.FromPort": "8080", "IpPermissions.1.ToPort": "8080",
					"IpPermissions.1.IpRanges.1.CidrIp": "0.0.0.0/0",
				})
			},
		},
		step{
			// In EC2-Classic, a rule that is made again looks the same.
			before: func() { open(8080) },
			config: lockedDown(fromLoadBalancer + "unmanaged_rules = \"revoke_broader\""),
			adjust: removes("tcp 8080 from 0.0.0.0/0"),
			writes: "AuthorizeSecurityGroupIngress 2\nRevokeSecurityGroupIngress 3\nRevokeSecurityGroupIngress 1",
			world:  portsOfSource + gone,
		},
		step{config: "# nothing", world: gone},
		step{before: func() { open(8080) }, config: "# still nothing", world: nothing},
	)
}

// TestClassicSteps goes from one way to open the group to the next, beside a
// rule of somebody else.
func TestClassicSteps(t *testing.T) {
	t.Parallel()
	f := newClassicFixture(t)
	classic := func(port int32, cidr string) []types.IpPermission {
		return []types.IpPermission{{IpProtocol: aws.String("tcp"), FromPort: &port, ToPort: &port, IpRanges: []types.IpRange{{CidrIp: &cidr}}}}
	}
	_, err := f.ec2().AuthorizeSecurityGroupIngress(context.Background(), &ec2.AuthorizeSecurityGroupIngressInput{GroupId: &f.ClassicGroup, IpPermissions: classic(22, "203.0.113.0/24")})
	f.must(err)
	f.settle()
	const everyone = `
		classic_group in tcp 8080 from 0.0.0.0/0
		classic_group in tcp 8081 from 0.0.0.0/0`
	f.run(
		step{
			config: lockedDown(""), provider: "default_tags {\n tags = { team = \"web\" }\n}",
			plan: "create clb_instance_ingress_rules.instances", writes: "AuthorizeSecurityGroupIngress 2", world: everyone,
		},
		step{
			config: lockedDown(fromLoadBalancer),
			plan: `
				update clb_instance_ingress_rules.instances
				+ ingress tcp 8080 from amazon-elb/amazon-elb-sg
				+ ingress tcp 8081 from amazon-elb/amazon-elb-sg
				- ingress tcp 8080 from 0.0.0.0/0
				- ingress tcp 8081 from 0.0.0.0/0`,
			writes: "AuthorizeSecurityGroupIngress 2\nRevokeSecurityGroupIngress 2", world: portsOfSource,
			check: func() error {
				return f.sent("AuthorizeSecurityGroupIngress", map[string]string{
					"GroupName":                  classicName,
					"IpPermissions.1.IpProtocol": "tcp", "IpPermissions.1.FromPort": "8080", "IpPermissions.1.ToPort": "8080",
					"IpPermissions.1.Groups.1.UserId": "amazon-elb", "IpPermissions.1.Groups.1.GroupName": "amazon-elb-sg",
					"IpPermissions.1.Groups.1.Description": "Allow traffic from the load balancer on the instance listener port",
					"IpPermissions.2.IpProtocol":           "tcp", "IpPermissions.2.FromPort": "8081", "IpPermissions.2.ToPort": "8081",
					"IpPermissions.2.Groups.1.UserId": "amazon-elb", "IpPermissions.2.Groups.1.GroupName": "amazon-elb-sg",
					"IpPermissions.2.Groups.1.Description": "Allow traffic from the load balancer on the health check port",
				})
			},
		},
		// Behind Terraform's back.
		step{
			before: func() {
				_, err := f.ec2().RevokeSecurityGroupIngress(context.Background(), &ec2.RevokeSecurityGroupIngressInput{GroupName: aws.String(classicName), IpPermissions: []types.IpPermission{{
					IpProtocol: aws.String("tcp"), FromPort: aws.Int32(8081), ToPort: aws.Int32(8081), UserIdGroupPairs: []types.UserIdGroupPair{{UserId: aws.String("amazon-elb"), GroupName: aws.String("amazon-elb-sg")}},
				}}})
				f.must(err)
			},
			config: lockedDown(fromLoadBalancer),
			plan:   "update clb_instance_ingress_rules.instances\n+ ingress tcp 8081 from amazon-elb/amazon-elb-sg",
			writes: "AuthorizeSecurityGroupIngress 1", world: portsOfSource,
		},
		step{
			config: lockedDown(fromLoadBalancer + `all_protocols = true
				additional_ingress = { monitoring = { cidr_ipv4 = "192.0.2.0/24", ip_protocol = "tcp", from_port = 9100, to_port = 9100, description = "monitoring" } }`),
			writes: "AuthorizeSecurityGroupIngress amazon-elb/amazon-elb-sg\nAuthorizeSecurityGroupIngress 1\nRevokeSecurityGroupIngress 2",
			world:  wholeSource + "\nclassic_group in tcp 9100 from 192.0.2.0/24",
		},
		step{
			config: lockedDown(fromLoadBalancer + `all_protocols = true
				additional_ingress = { monitoring = { cidr_ipv4 = "192.0.2.0/24", ip_protocol = "tcp", from_port = 9100, to_port = 9100, description = "scraped" } }`),
			plan:   "update clb_instance_ingress_rules.instances\n~ ingress monitoring",
			writes: "UpdateSecurityGroupRuleDescriptionsIngress", world: wholeSource + "\nclassic_group in tcp 9100 from 192.0.2.0/24",
		},
		step{
			config: lockedDown(fromLoadBalancer + "path_mtu_discovery_cidr_blocks = [\"192.0.2.0/24\"]"),
			writes: "AuthorizeSecurityGroupIngress 3\nRevokeSecurityGroupIngress 4", world: portsOfSource + "\nclassic_group in icmp 3/4 from 192.0.2.0/24",
		},
		// The group is gone, and another has its name.
		step{
			before: func() {
				f.meanwhile(func() {
					ctx := context.Background()
					_, err := f.ec2().TerminateInstances(ctx, &ec2.TerminateInstancesInput{InstanceIds: f.Instances})
					f.must(err)
					_, err = f.ec2().DeleteSecurityGroup(ctx, &ec2.DeleteSecurityGroupInput{GroupName: aws.String(classicName)})
					f.must(err)
					made, err := f.ec2().CreateSecurityGroup(ctx, &ec2.CreateSecurityGroupInput{GroupName: aws.String(classicName), Description: aws.String(classicName)})
					f.must(err)
					f.ClassicGroup = *made.GroupId
				})
				f.settle()
			},
			config: lockedDown(fromLoadBalancer), writes: "AuthorizeSecurityGroupIngress 2", world: portsOfSource,
		},
	)
}

// TestClassicImport takes over what stands in a group, whichever way it was
// opened.
func TestClassicImport(t *testing.T) {
	t.Parallel()
	f := newClassicFixture(t)
	imported := func(config string) step {
		return step{
			config: `
				removed {
				  from = clb_instance_ingress_rules.instances
				  lifecycle {
				    destroy = false
				  }
				}
				import {
				  to = clb_instance_ingress_rules.again
				  id = "` + classicName + `/${local.web_name}@us-east-1"
				}` + with(config, `"instances"`, `"again"`),
			plan: "import clb_instance_ingress_rules.again\nforget clb_instance_ingress_rules.instances", writes: nothing,
		}
	}
	moved := func(config string) step {
		return step{config: "moved {\n from = clb_instance_ingress_rules.again\n to = clb_instance_ingress_rules.instances\n}\n" + config, writes: nothing}
	}
	var steps []step
	for _, arguments := range []string{fromLoadBalancer, fromLoadBalancer + "all_protocols = true", ""} {
		config := lockedDown(arguments)
		steps = append(steps, step{config: config}, imported(config), moved(config))
	}
	steps = append(steps,
		step{config: with(lockedDown(""), `"`+classicName+`"`, `"default"`) + `
			import {
			  to = clb_instance_ingress_rules.other
			  id = "none/${local.web_name}"
			}
			resource "clb_instance_ingress_rules" "other" {
			  security_group_name = "none"
			  load_balancers      = [data.clb_load_balancer.web]
			}`, fails: `There is no security group "none" outside of a VPC in region us-east-1. An import id has the form "sg-0123456789abcdef0/my-loadbalancer"`},
	)
	f.run(steps...)
}

// TestClassicCreateThatFails: what was written is taken back.
func TestClassicCreateThatFails(t *testing.T) {
	t.Parallel()
	f := newClassicFixture(t)
	var stop func()
	config := lockedDown(fromLoadBalancer + `all_protocols = true
		additional_ingress = { ssh = { cidr_ipv4 = "192.0.2.0/24", ip_protocol = "tcp", from_port = 22, to_port = 22 } }`)
	f.run(
		step{
			before: func() { stop = f.refuse("AuthorizeSecurityGroupIngress", 2, 0) }, config: config, world: nothing,
			fails: "Unable to create the security group rules … ec2:AuthorizeSecurityGroupIngress on security group " + classicName + " was denied",
		},
		step{before: func() { stop() }, config: config, world: wholeSource + "\nclassic_group in tcp 22 from 192.0.2.0/24"},
	)
}

// TestClassicInAVPC uses what there is in EC2-Classic alone for a group, or a load
// balancer, in a VPC.
func TestClassicInAVPC(t *testing.T) {
	t.Parallel()
	skip(t)
	f := newFixtureWith(t, world.Plan{Listeners: [][2]int32{{80, 8080}}}, newDoubleWith(t, fakeaws.Config{Classic: true}))
	_, err := f.ec2().CreateSecurityGroup(context.Background(), &ec2.CreateSecurityGroupInput{GroupName: aws.String(classicName), Description: aws.String(classicName)})
	f.must(err)
	f.settle()
	config := lockedDown("")
	f.run(
		step{
			config: with(config, "security_group_name", "security_group_id", `"`+classicName+`"`, "local.instance_group\n"+fromLoadBalancer),
			fails:  `EC2-Classic source in a VPC … amazon-elb/amazon-elb-sg, which does not exist in a VPC`,
		},
		step{
			config: with(config, "security_group_name", "security_group_id", `"`+classicName+`"`, "local.instance_group\nsource_security_group = { owner_alias = \"amazon-elb\", group_name = \"amazon-elb-sg\" }"),
			fails:  `EC2-Classic source in a VPC … security_groups in its value, as aws_elb and data.clb_load_balancer have them, or load_balancer_security_group_ids = data.clb_load_balancer.web.security_groups.`,
		},
		step{config: config, fails: `Load balancer is in a VPC … carries security groups ({lb_group}) … Set security_group_id instead of security_group_name`},
		step{
			config: with(config, "[data.clb_load_balancer.web]", "[{ name = local.web_name, listener = [{ lb_port = 80, instance_port = 8080 }] }]"),
			fails:  `Load balancer is in a VPC … is in VPC ` + f.VPC + `, … load_balancer_security_group_ids = ["{lb_group}"]`,
		},
		step{
			config: with(config, "[data.clb_load_balancer.web]", "[{ listener = [{ lb_port = 80, instance_port = 8080 }] }]", classicName, f.LoadBalancer+"-instances"),
			fails:  `Security group is in a VPC … Set security_group_id = "{instance_group}" instead`,
		},
		step{
			config: with(config, "[data.clb_load_balancer.web]", "[{ listener = [{ lb_port = 80, instance_port = 8080 }] }]", classicName, "none"),
			fails:  `Security group not found … There is no security group "none" outside of a VPC in region us-east-1`, world: nothing,
		},
		step{config: "locals {}", world: nothing},
	)
}
