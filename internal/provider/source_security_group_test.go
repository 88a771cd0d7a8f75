// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/terraform-clb/terraform-provider-clb/internal/fakeaws"
)

// classicBlock is a sound configuration for EC2-Classic, with changes.
func classicBlock(changes blockValues) blockValues {
	return with(blockValues{
		"security_group_id": nil, "security_group_name": "my-security-group",
		"source_security_group": blockValues{"owner_alias": "amazon-elb", "group_name": "amazon-elb-sg"},
		"load_balancers":        []any{webValue(blockValues{"security_groups": []any{}})},
	}, changes)
}

func TestClassicArgumentMistakes(t *testing.T) {
	t.Parallel()
	const invalidSource, conflict = "Invalid source security group", "Conflicting arguments"
	pair := func(owner, name any) blockValues {
		return blockValues{"source_security_group": blockValues{"owner_alias": owner, "group_name": name}}
	}
	tests := []inputTest{
		{name: "source group", config: classicBlock(nil)},
		{name: "all protocols", config: classicBlock(blockValues{"all_protocols": true})},
		{name: "all IP addresses", config: classicBlock(blockValues{"source_security_group": nil})},
		{name: "source unknown", config: classicBlock(blockValues{"source_security_group": unknownValue{}, "all_protocols": true})},
		{name: "owner unknown", config: classicBlock(pair(unknownValue{}, "amazon-elb-sg"))},
		{name: "name unknown", config: classicBlock(blockValues{"security_group_name": unknownValue{}})},
		{name: "name and id, of which one may be null in the end", config: classicBlock(blockValues{"security_group_name": unknownValue{}, "security_group_id": unknownValue{}})},
		{name: "no group", config: classicBlock(blockValues{"security_group_name": nil, "source_security_group": nil}), want: oneError(
			"security_group_id", "Missing security group", "set security_group_id, for example security_group_id = aws_security_group.instances.id")},
		{name: "two groups", config: classicBlock(blockValues{"security_group_id": "sg-0a000000000000001", "source_security_group": nil}), want: oneError(
			"security_group_name", conflict, `security_group_id (sg-0a000000000000001) and security_group_name ("my-security-group")`, "Remove security_group_name")},
		{name: "id as name", onlyValidated: true, config: classicBlock(blockValues{"security_group_name": "sg-0a000000000000001"}), want: oneError(
			"security_group_name", "Invalid security group name", `security_group_name: "sg-0a000000000000001" is the id of a security group`, "set it as security_group_id")},
		{name: "source in a VPC", config: classicBlock(blockValues{"security_group_id": "sg-0a000000000000001", "security_group_name": nil}), want: oneError(
			"source_security_group", "EC2-Classic source in a VPC", "amazon-elb/amazon-elb-sg, which does not exist in a VPC", "Remove source_security_group", "security_groups in its value", "load_balancer_security_group_ids = data.clb_load_balancer.web.security_groups")},
		{name: "source in a VPC, id unknown", config: classicBlock(blockValues{"security_group_id": unknownValue{}, "security_group_name": nil}), want: oneError(
			"source_security_group", "EC2-Classic source in a VPC")},
		{name: "source group of a load balancer in a VPC", config: classicBlock(pair("123456789012", "my-elb-sg")), want: oneError(
			"source_security_group", invalidSource, `source_security_group: owner_alias "123456789012" is an account, so the load balancer is in a VPC`, "load_balancer_security_group_ids")},
		{name: "no owner", config: classicBlock(pair(nil, "amazon-elb-sg")), want: oneError("source_security_group", invalidSource, `owner_alias is missing: it is "amazon-elb"`)},
		{name: "no name", config: classicBlock(pair("amazon-elb", nil)), want: oneError("source_security_group", invalidSource, `group_name is missing: it is "amazon-elb-sg"`)},
		{name: "all protocols of everyone", config: classicBlock(blockValues{"source_security_group": nil, "all_protocols": true}), want: oneError(
			"all_protocols", "Missing source security group", "for all IP addresses", `Set source_security_group = { owner_alias = "amazon-elb", group_name = "amazon-elb-sg" }`)},
		{name: "all protocols in a VPC", config: blockValues{"all_protocols": true}, want: oneError("all_protocols", conflict, "in a VPC. Remove all_protocols")},
		{name: "groups of a VPC as sources", config: classicBlock(blockValues{"load_balancer_security_group_ids": []any{"sg-0a000000000000001"}}), want: oneError(
			"load_balancer_security_group_ids", conflict, "carry no security groups", "set security_group_id instead of security_group_name")},
		{name: "load balancer with groups", config: classicBlock(blockValues{"load_balancers": []any{webValue(blockValues{"security_groups": []any{"sg-0a000000000000001"}})}}), want: oneError(
			"load_balancers", "Load balancer is in a VPC", `Load balancer "web" carries security groups (sg-0a000000000000001)`, "Set security_group_id instead of security_group_name")},
		{name: "tags", config: classicBlock(blockValues{"tags": blockValues{"team": "web"}}), want: oneError("tags", "Invalid tag", "takes no tags for the rules of security groups in EC2-Classic", "Remove tags")},
		{name: "written out as a peer", config: classicBlock(blockValues{"additional_ingress": blockValues{"lb": blockValues{"ip_protocol": "tcp", "from_port": 1, "to_port": 2, "referenced_security_group_id": "amazon-elb/amazon-elb-sg"}}}), want: oneError(
			"additional_ingress", invalidRule, `"amazon-elb/amazon-elb-sg" is the group of load balancers in EC2-Classic: set source_security_group`)},
	}
	for _, test := range tests {
		config := soundConfig(instanceRules, test.config)
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := startServer(t)
			value := s.value(instanceRules, config)
			wantSaid(t, s.validate(instanceRules, value), test.want...)
			if test.onlyValidated {
				return
			}
			wantSaid(t, errorsIn(s.plan(instanceRules, tftypes.Value{}, value).diags), test.want...)
		})
	}
}

// TestClassicPlan: every plan says once that EC2-Classic is retired, and what
// the live group has is held against it.
func TestClassicPlan(t *testing.T) {
	d := startDataSourceDouble(t, fakeaws.Config{Classic: true})
	name := "my-security-group"
	group := *made(d.ec2.CreateSecurityGroup(t.Context(), &ec2.CreateSecurityGroupInput{GroupName: &name, Description: &name}))(t).GroupId
	retired := said{warning: true, at: "security_group_name", summary: "EC2-Classic is retired", detail: []string{
		"AWS retired EC2-Classic on 2022-08-15", "Move the instances and the load balancer to a VPC", "set security_group_id instead of security_group_name", "load_balancer_security_group_ids",
	}}
	open := retired
	open.detail = append(open.detail, "these rules admit all IP addresses (0.0.0.0/0)", `source_security_group = { owner_alias = "amazon-elb", group_name = "amazon-elb-sg" }`)
	plan := func(changes blockValues) planned {
		server := startServer(t).configure(d.block(nil))
		return server.plan(instanceRules, tftypes.Value{}, server.value(instanceRules, classicBlock(changes)))
	}
	wantSaid(t, plan(nil).diags, retired)
	// All IP addresses are as good as the source group to AWS, so they are not broader.
	wantSaid(t, plan(blockValues{"source_security_group": nil}).diags, open)
	// What the group has beyond the source group is broader.
	admit := func(permission ec2types.IpPermission) {
		made(d.ec2.AuthorizeSecurityGroupIngress(t.Context(), &ec2.AuthorizeSecurityGroupIngressInput{GroupId: &group, IpPermissions: []ec2types.IpPermission{permission}}))(t)
	}
	admit(ec2types.IpPermission{IpProtocol: aws.String("tcp"), FromPort: aws.Int32(8080), ToPort: aws.Int32(8090), IpRanges: []ec2types.IpRange{{CidrIp: aws.String("0.0.0.0/0")}}})
	admit(ec2types.IpPermission{IpProtocol: aws.String("udp"), FromPort: aws.Int32(1), ToPort: aws.Int32(65535), UserIdGroupPairs: []ec2types.UserIdGroupPair{{UserId: aws.String("amazon-elb"), GroupName: aws.String("amazon-elb-sg")}}})
	broader := said{warning: true, at: "security_group_name", summary: "Instance group admits more than recommended (CLB203)", detail: []string{
		"Security group my-security-group admits tcp 8080-8090 from 0.0.0.0/0", "Opened by: security group my-security-group inbound rule (tcp 8080-8090 from 0.0.0.0/0)",
		"to tcp 8080 from amazon-elb/amazon-elb-sg", "inbound from the source security group",
	}}
	wantSaid(t, plan(nil).diags, retired, broader)
	// Written rules that leave a listener out are refuted, and a network that the
	// load balancer may be in or not proves nothing.
	refuted := said{at: "security_group_name", summary: "Load balancer cannot reach an instance port (CLB102)", detail: []string{
		"a member of amazon-elb/amazon-elb-sg -> an instance, tcp 8443", "Add to security group my-security-group the inbound rule tcp 8443 from amazon-elb/amazon-elb-sg",
	}}
	wantSaid(t, plan(blockValues{"ingress": blockValues{"web": httpFrom("192.0.2.0/24", blockValues{"from_port": 8080, "to_port": 8080})}}).diags, retired, broader, refuted)
	undecided := said{warning: true, at: "security_group_name", summary: "Undecided until a value is known (CLB401)", detail: []string{
		"the addresses of the members of amazon-elb/amazon-elb-sg", "Admit amazon-elb/amazon-elb-sg by name in a rule of security group my-security-group",
	}}
	wantSaid(t, plan(blockValues{"enforcement": "strict", "accept": []any{blockValues{"finding": "CLB203", "reason": "test"}}, "ingress": blockValues{"web": httpFrom("192.0.2.0/24", blockValues{"from_port": 8443, "to_port": 8443})}}).diags, retired, undecided)
}

// TestClassicQuota: AWS has never raised it.
func TestClassicQuota(t *testing.T) {
	d := startDataSourceDouble(t, fakeaws.Config{Classic: true})
	name := "my-security-group"
	made(d.ec2.CreateSecurityGroup(t.Context(), &ec2.CreateSecurityGroupInput{GroupName: &name, Description: &name}))(t)
	many := blockValues{}
	for _, port := range upTo(1, 98) {
		many[string(rune('a'+port%26))+string(rune('a'+port/26))] = httpFrom("192.0.2.0/24", blockValues{"from_port": port, "to_port": port})
	}
	server := startServer(t).configure(d.block(nil))
	p := server.plan(instanceRules, tftypes.Value{}, server.value(instanceRules, classicBlock(blockValues{"additional_ingress": many})))
	wantSaid(t, errorsIn(p.diags), said{at: "security_group_name", summary: "Quota exceeded", detail: []string{`Security group "my-security-group" would have 10`, "(0 there now,", "takes 100"}})
}
