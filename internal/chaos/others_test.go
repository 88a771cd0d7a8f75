// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package chaos_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing/types"

	"github.com/terraform-clb/terraform-provider-clb/internal/acceptance/world"
	"github.com/terraform-clb/terraform-provider-clb/internal/demo/stage"
	"github.com/terraform-clb/terraform-provider-clb/internal/fakeaws"
)

// surroundings are what others have or do beyond the usual.
type surroundings struct {
	// goes is how many rules or entries of others the change removes. Only then are
	// there some that let more in than the load balancer needs.
	goes int
	// moves: the change was applied before, when the live load balancer still needed
	// what it drops, and then the load balancer has moved.
	moves bool
	// classic: the load balancer and its instances are in EC2-Classic.
	classic bool
}

const (
	// classicName is the name of the instances' group in EC2-Classic.
	classicName = "my-security-group"
	everybody   = "0.0.0.0/0"
)

// makeStrangers makes the rules and entries of others.
func (s *stand) makeStrangers(extra string, around surroundings) {
	s.t.Helper()
	for _, group := range []string{s.LoadBalancerGroup, extra, s.InstanceGroup} {
		s.strangeRule(group, 22, "10.0.0.0/8")
		s.strangeRule(group, 9100, "10.0.9.0/24")
	}
	for _, acl := range []string{s.LoadBalancerACL, s.InstanceACL} {
		s.strangeEntry(acl, 50, "10.0.9.0/24", 22, types.RuleActionAllow)
		s.strangeEntry(acl, 32000, "192.0.2.0/24", 22, types.RuleActionDeny)
	}
	if around.classic {
		s.strangeClassicRule(22, "203.0.113.0/24")
	}
	switch {
	case around.goes == 0:
	case around.classic:
		s.strangeClassicRule(8080, everybody)
	default:
		s.strangeRule(s.LoadBalancerGroup, 80, everybody)
		s.strangeRule(s.LoadBalancerGroup, 8080, everybody)
		s.strangeRule(s.InstanceGroup, 8080, everybody)
		s.strangeEntry(s.LoadBalancerACL, 31000, everybody, 8080, types.RuleActionAllow)
	}
}

// strangeRule makes rules of somebody else in both directions.
func (s *stand) strangeRule(group string, port int32, cidr string) {
	s.t.Helper()
	permissions := []types.IpPermission{{IpProtocol: aws.String("tcp"), FromPort: &port, ToPort: &port,
		IpRanges: []types.IpRange{{CidrIp: &cidr, Description: aws.String("of others")}}}}
	tags := []types.TagSpecification{{ResourceType: types.ResourceTypeSecurityGroupRule, Tags: []types.Tag{{Key: aws.String("owner"), Value: aws.String("others")}}}}
	_, err := s.EC2.AuthorizeSecurityGroupIngress(s.t.Context(), &ec2.AuthorizeSecurityGroupIngressInput{GroupId: &group, IpPermissions: permissions, TagSpecifications: tags})
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := s.EC2.AuthorizeSecurityGroupEgress(s.t.Context(), &ec2.AuthorizeSecurityGroupEgressInput{GroupId: &group, IpPermissions: permissions}); err != nil {
		s.t.Fatal(err)
	}
}

// strangeEntry makes entries of somebody else in both directions.
func (s *stand) strangeEntry(acl string, number int32, cidr string, port int32, action types.RuleAction) {
	s.t.Helper()
	for _, egress := range []bool{false, true} {
		_, err := s.EC2.CreateNetworkAclEntry(s.t.Context(), &ec2.CreateNetworkAclEntryInput{
			NetworkAclId: &acl, RuleNumber: &number, Egress: &egress, Protocol: aws.String("6"), RuleAction: action, CidrBlock: &cidr,
			PortRange: &types.PortRange{From: &port, To: &port},
		})
		if err != nil {
			s.t.Fatal(err)
		}
	}
}

// strangeClassicRule makes an inbound rule of somebody else in EC2-Classic, where
// there are no others.
func (s *stand) strangeClassicRule(port int32, cidr string) {
	s.t.Helper()
	_, err := s.EC2.AuthorizeSecurityGroupIngress(s.t.Context(), &ec2.AuthorizeSecurityGroupIngressInput{GroupId: &s.ClassicGroup, IpPermissions: classicPermission(port, cidr)})
	if err != nil {
		s.t.Fatal(err)
	}
}

func classicPermission(port int32, cidr string) []types.IpPermission {
	return []types.IpPermission{{IpProtocol: aws.String("tcp"), FromPort: &port, ToPort: &port, IpRanges: []types.IpRange{{CidrIp: &cidr}}}}
}

// classicRuleName is how the provider calls a rule that has no id.
func classicRuleName(rule fakeaws.Rule) string {
	ports, peer := fmt.Sprint(rule.FromPort), rule.CIDRIPv4
	if rule.ToPort != rule.FromPort {
		ports = fmt.Sprintf("%d-%d", rule.FromPort, rule.ToPort)
	}
	if rule.ReferencedUserID == "amazon-elb" {
		peer = "amazon-elb/amazon-elb-sg"
	}
	if rule.Protocol == "icmp" {
		ports = fmt.Sprintf("%d/%d", rule.FromPort, rule.ToPort)
	}
	return fmt.Sprintf("%s %s from %s", rule.Protocol, ports, peer)
}

// remove takes away what somebody else has, by its name.
func (s *stand) remove(name string) {
	s.t.Helper()
	var errs []error
	for _, group := range s.Server.SecurityGroups(stage.Region) {
		for _, rule := range s.Server.SecurityGroupRules(stage.Region, group.ID) {
			switch {
			case group.VPCID == "" && classicRuleName(rule) == name:
				_, err := s.EC2.RevokeSecurityGroupIngress(s.t.Context(), &ec2.RevokeSecurityGroupIngressInput{GroupId: &group.ID, IpPermissions: classicPermission(int32(rule.FromPort), rule.CIDRIPv4)})
				errs = append(errs, err)
			case rule.ID == name && rule.Egress:
				_, err := s.EC2.RevokeSecurityGroupEgress(s.t.Context(), &ec2.RevokeSecurityGroupEgressInput{GroupId: &group.ID, SecurityGroupRuleIds: []string{name}})
				errs = append(errs, err)
			case rule.ID == name:
				_, err := s.EC2.RevokeSecurityGroupIngress(s.t.Context(), &ec2.RevokeSecurityGroupIngressInput{GroupId: &group.ID, SecurityGroupRuleIds: []string{name}})
				errs = append(errs, err)
			}
		}
	}
	for _, acl := range s.Server.NetworkACLs(stage.Region) {
		for _, entry := range s.Server.NetworkACLEntries(stage.Region, acl.ID) {
			if entryName(acl.ID, entry.Egress, entry.RuleNumber) == name {
				_, err := s.EC2.DeleteNetworkAclEntry(s.t.Context(), &ec2.DeleteNetworkAclEntryInput{NetworkAclId: &acl.ID, Egress: &entry.Egress, RuleNumber: aws.Int32(int32(entry.RuleNumber))})
				errs = append(errs, err)
			}
		}
	}
	if len(errs) != 1 || errs[0] != nil {
		s.t.Fatalf("to remove %q: %v", name, errs)
	}
}

// moveLoadBalancer gives the live load balancer the listener and the health check
// of [movedValue].
func (s *stand) moveLoadBalancer() {
	s.t.Helper()
	name, target := "my-loadbalancer", movedCheck
	if _, err := s.ELB.DeleteLoadBalancerListeners(s.t.Context(), &elb.DeleteLoadBalancerListenersInput{LoadBalancerName: &name, LoadBalancerPorts: []int32{80}}); err != nil {
		s.t.Fatal(err)
	}
	if _, err := s.ELB.CreateLoadBalancerListeners(s.t.Context(), &elb.CreateLoadBalancerListenersInput{
		LoadBalancerName: &name, Listeners: []elbtypes.Listener{world.Listener([2]int32{443, 8443})},
	}); err != nil {
		s.t.Fatal(err)
	}
	if _, err := s.ELB.ConfigureHealthCheck(s.t.Context(), &elb.ConfigureHealthCheckInput{LoadBalancerName: &name, HealthCheck: &elbtypes.HealthCheck{
		Target: &target, Interval: aws.Int32(30), Timeout: aws.Int32(5), HealthyThreshold: aws.Int32(10), UnhealthyThreshold: aws.Int32(2),
	}}); err != nil {
		s.t.Fatal(err)
	}
}

// planned are the names of what others have and the plan in the directory removes.
func (s *stand) planned() []string {
	s.t.Helper()
	shown := s.terraform("show", "-json", planFile)
	var plan struct {
		Changes []struct {
			Change struct {
				After struct {
					ACL     string            `json:"network_acl_id"`
					Rules   map[string]string `json:"revoked_rules"`
					Entries map[string]string `json:"revoked_entries"`
				} `json:"after"`
			} `json:"change"`
		} `json:"resource_changes"`
	}
	// Before it there are warnings.
	text := shown.output[max(0, strings.Index(shown.output, `{"format_version"`)):]
	if err := json.Unmarshal([]byte(text), &plan); err != nil {
		s.t.Fatalf("the plan cannot be read: %v\n%s", err, shown)
	}
	var names []string
	for _, one := range plan.Changes {
		after := one.Change.After
		for name := range after.Rules {
			names = append(names, name)
		}
		for place := range after.Entries {
			names = append(names, placeName(after.ACL, place))
		}
	}
	slices.Sort(names)
	return names
}
