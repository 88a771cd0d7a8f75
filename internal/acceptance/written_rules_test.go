// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package acceptance

import (
	"context"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/terraform-clb/terraform-provider-clb/internal/acceptance/world"
)

// writtenLB is the resource of the load balancer's group with further arguments.
func writtenLB(arguments string) string {
	return with(`
		resource "clb_load_balancer_rules" "web" {
		  security_group_id           = local.lb_group
		  load_balancers              = [local.web]
		  instance_security_group_ids = [local.instance_group]
		  enforcement                 = "advisory"
		  ARGUMENTS
		}`, "ARGUMENTS", arguments)
}

// recommendedRows are the rows of the group that nobody has written.
const recommendedRows = `
	lb_group in  tcp 80   from 0.0.0.0/0
	lb_group out tcp 8080 to instance_group
	lb_group out tcp 8081 to instance_group`

// TestWrittenRules writes both directions out, changes one rule, one key and one
// description, and goes back to the recommended rules. Nothing is ever written to
// AWS but the difference.
func TestWrittenRules(t *testing.T) {
	t.Parallel()
	f := newFixture(t, world.Plan{Listeners: [][2]int32{{80, 8080}}})
	f.authorize(f.LoadBalancerGroup, "in tcp 22-22 10.0.0.0/8")
	f.settle()
	egress := `
		egress = {
		  app    = { ip_protocol = "tcp", from_port = 8080, to_port = 8080, referenced_security_group_id = local.instance_group }
		  health = { ip_protocol = "tcp", from_port = 8081, to_port = 8081, referenced_security_group_id = local.instance_group, description = "health check" }
		}`
	ingress := func(rules string) string { return writtenLB(egress + "\n ingress = {\n" + rules + "\n}") }
	const (
		office  = `office = { ip_protocol = "tcp", from_port = 80, to_port = 80, cidr_ipv4 = "203.0.113.0/24" }`
		vpn     = `vpn = { ip_protocol = "tcp", from_port = 80, to_port = 80, cidr_ipv4 = "198.51.100.0/24", description = "VPN" }`
		wider   = `office = { ip_protocol = "tcp", from_port = 80, to_port = 81, cidr_ipv4 = "203.0.113.0/24" }`
		renamed = `head-office = { ip_protocol = "tcp", from_port = 80, to_port = 81, cidr_ipv4 = "203.0.113.0/24" }`
		told    = `vpn = { ip_protocol = "tcp", from_port = 80, to_port = 80, cidr_ipv4 = "198.51.100.0/24", description = "VPN of (all) sites" }`
		untold  = `vpn = { ip_protocol = "tcp", from_port = 80, to_port = 80, cidr_ipv4 = "198.51.100.0/24" }`
	)
	out := `
		lb_group out tcp 8080 to instance_group
		lb_group out tcp 8081 to instance_group`
	f.run(
		step{
			config: ingress(office + "\n" + vpn),
			writes: "AuthorizeSecurityGroupIngress 2\nAuthorizeSecurityGroupEgress 2",
			world: out + `
				lb_group in tcp 80 from 203.0.113.0/24
				lb_group in tcp 80 from 198.51.100.0/24`,
			check: func() error { return f.describedAs("198.51.100.0/24", "VPN") },
		},
		step{
			config: ingress(wider + "\n" + vpn),
			plan:   "update clb_load_balancer_rules.web\n~ ingress office",
			writes: "AuthorizeSecurityGroupIngress 1\nRevokeSecurityGroupIngress 1",
			world: out + `
				lb_group in tcp 80-81 from 203.0.113.0/24
				lb_group in tcp 80 from 198.51.100.0/24`,
		},
		step{
			config: ingress(renamed + "\n" + vpn),
			plan:   "update clb_load_balancer_rules.web\n- ingress office\n+ ingress head-office",
			writes: nothing,
		},
		step{
			config: ingress(renamed + "\n" + told),
			plan:   "update clb_load_balancer_rules.web\n~ ingress vpn",
			writes: "ModifySecurityGroupRules",
			check:  func() error { return f.describedAs("198.51.100.0/24", "VPN of (all) sites") },
		},
		step{
			// Somebody changes the description: it is put right in place.
			before: func() { f.describe("198.51.100.0/24", "mine") },
			config: ingress(renamed + "\n" + told),
			plan:   "update clb_load_balancer_rules.web\n~ ingress vpn",
			writes: "ModifySecurityGroupRules",
			check:  func() error { return f.describedAs("198.51.100.0/24", "VPN of (all) sites") },
		},
		step{
			// Without a description any will do.
			config: ingress(renamed + "\n" + untold),
			plan:   "update clb_load_balancer_rules.web\n~ ingress vpn",
			writes: nothing,
			check:  func() error { return f.describedAs("198.51.100.0/24", "VPN of (all) sites") },
		},
		step{
			before: func() { f.describe("198.51.100.0/24", "mine") },
			config: ingress(renamed + "\n" + untold),
			plan:   nothing, writes: nothing,
		},
		step{
			// A description for a rule that has another one already.
			config: ingress(renamed + "\n" + vpn),
			writes: "ModifySecurityGroupRules",
			check:  func() error { return f.describedAs("198.51.100.0/24", "VPN") },
		},
		step{config: writtenLB(egress + "\n ingress = {}"), writes: "RevokeSecurityGroupIngress 2", world: out},
		step{
			config: writtenLB(egress),
			plan:   "update clb_load_balancer_rules.web\n+ ingress tcp 80 from 0.0.0.0/0",
			writes: "AuthorizeSecurityGroupIngress 1",
			world:  recommendedRows,
		},
		step{
			// The written rules are the recommended ones: their keys alone change.
			config: writtenLB(""),
			plan: `
				update clb_load_balancer_rules.web
				- egress app
				- egress health
				+ egress tcp 8080 to instance_group
				+ egress tcp 8081 to instance_group`,
			writes: nothing,
			world:  recommendedRows,
		},
	)
}

// describedAs compares the description of the inbound rule for HTTP from a network.
func (f *fixture) describedAs(cidr, want string) error {
	f.Helper()
	if got := aws.ToString(f.rule("lb_group in tcp 80 from " + cidr).Description); got != want {
		return fmt.Errorf("the rule for %s is described as %q, not %q", cidr, got, want)
	}
	return nil
}

// describe changes that description behind Terraform's back.
func (f *fixture) describe(cidr, description string) {
	f.Helper()
	_, err := f.ec2().UpdateSecurityGroupRuleDescriptionsIngress(context.Background(), &ec2.UpdateSecurityGroupRuleDescriptionsIngressInput{
		GroupId: &f.LoadBalancerGroup, SecurityGroupRuleDescriptions: []types.SecurityGroupRuleDescription{{SecurityGroupRuleId: f.rule("lb_group in tcp 80 from " + cidr).SecurityGroupRuleId, Description: &description}},
	})
	f.must(err)
}

// TestWrittenRulesOfEveryKind writes protocols, spellings and peers that no
// recommended rule has. Each stays as it is written.
func TestWrittenRulesOfEveryKind(t *testing.T) {
	t.Parallel()
	f := newFixture(t, world.Plan{Listeners: [][2]int32{{80, 8080}}})
	f.prefixList("sites", "203.0.113.0/24")
	config := writtenLB(fmt.Sprintf(`
		ingress = {
		  number  = { ip_protocol = "6", from_port = 80, to_port = 80, cidr_ipv4 = "203.0.113.0/24" }
		  letters = { ip_protocol = "UDP", from_port = 0, to_port = 65535, cidr_ipv4 = "203.0.113.0/24", description = "all UDP" }
		  all     = { ip_protocol = "-1", prefix_list_id = local.sites, description = "everything" }
		  minus   = { ip_protocol = "-1", from_port = -1, to_port = -1, cidr_ipv6 = "2001:db8::/32" }
		  esp     = { ip_protocol = "50", cidr_ipv4 = "203.0.113.0/24" }
		  pings   = { ip_protocol = "icmp", from_port = 8, to_port = -1, cidr_ipv4 = "203.0.113.0/24" }
		  six     = { ip_protocol = "icmpv6", cidr_ipv6 = "2001:db8::/32", description = "ICMP for IPv6" }
		  too_big = { ip_protocol = "58", from_port = 2, to_port = 0, cidr_ipv6 = "::/0" }
		  group   = { ip_protocol = "tcp", from_port = 443, to_port = 443, referenced_security_group_id = "%s/${local.instance_group}", description = "own account" }
		}`, f.account))
	const rows = `
		lb_group in tcp 80 from 203.0.113.0/24
		lb_group in udp 0-65535 from 203.0.113.0/24
		lb_group in -1 -1 from sites
		lb_group in -1 -1 from 2001:db8::/32
		lb_group in 50 -1 from 203.0.113.0/24
		lb_group in icmp 8/-1 from 203.0.113.0/24
		lb_group in icmpv6 -1 from 2001:db8::/32
		lb_group in icmpv6 2-0 from ::/0
		lb_group in tcp 443 from instance_group
		lb_group out tcp 8080 to instance_group
		lb_group out tcp 8081 to instance_group`
	f.run(
		step{config: config, writes: "AuthorizeSecurityGroupIngress 9\nAuthorizeSecurityGroupEgress 2", world: rows},
		step{
			// The descriptions of all kinds in one call.
			config: with(config, `"all UDP"`, `"a"`, `"everything"`, `"b"`, `"ICMP for IPv6"`, `"c"`, `"own account"`, `"d"`),
			plan:   "update clb_load_balancer_rules.web\n~ ingress all\n~ ingress group\n~ ingress letters\n~ ingress six",
			writes: "ModifySecurityGroupRules", world: rows,
		},
		step{
			// Other words for the same rules are no writes.
			config: with(config, `"all UDP"`, `"a"`, `"everything"`, `"b"`, `"ICMP for IPv6"`, `"c"`, `"own account"`, `"d"`,
				`"6"`, `"tcp"`, `"UDP"`, `"17"`, `"58"`, `"icmpv6"`, f.account+"/", ""),
			writes: nothing, world: rows,
		},
	)
}

// TestAdditionalRules adds rules to the recommended ones of both resources.
func TestAdditionalRules(t *testing.T) {
	t.Parallel()
	f := newFixture(t, world.Plan{Listeners: [][2]int32{{80, 8080}}})
	config := func(lb, instances string) string {
		return writtenLB(lb) + with(`
			resource "clb_instance_ingress_rules" "web" {
			  security_group_id = local.instance_group
			  load_balancers    = [local.web]
			  enforcement       = "advisory"
			  ARGUMENTS
			}`, "ARGUMENTS", instances)
	}
	const (
		monitoring = `additional_ingress = { monitoring = { ip_protocol = "tcp", from_port = 9100, to_port = 9100, cidr_ipv4 = "10.0.9.0/24", description = "metrics" } }`
		moved      = `additional_ingress = { monitoring = { ip_protocol = "tcp", from_port = 9200, to_port = 9200, cidr_ipv4 = "10.0.9.0/24", description = "metrics" } }`
		dns        = `additional_egress = { dns = { ip_protocol = "udp", from_port = 53, to_port = 53, cidr_ipv4 = "10.0.0.0/16" } }`
		again      = `additional_egress = { app = { ip_protocol = "TCP", from_port = 8080, to_port = 8080, referenced_security_group_id = local.instance_group } }`
		rows       = recommendedRows + `
			instance_group in tcp  8080 from lb_group
			instance_group in tcp  8081 from lb_group
			instance_group in icmp 3/4  from lb_group`
	)
	f.run(
		step{
			config: config(dns, monitoring),
			writes: "AuthorizeSecurityGroupIngress 1\nAuthorizeSecurityGroupEgress 3\nAuthorizeSecurityGroupIngress 4",
			world: rows + `
				lb_group out udp 53 to 10.0.0.0/16
				instance_group in tcp 9100 from 10.0.9.0/24`,
		},
		step{
			config: config("", moved),
			plan: `
				update clb_load_balancer_rules.web
				- egress dns
				update clb_instance_ingress_rules.web
				~ ingress monitoring`,
			writes: "RevokeSecurityGroupEgress 1\nAuthorizeSecurityGroupIngress 1\nRevokeSecurityGroupIngress 1",
			world:  rows + "\ninstance_group in tcp 9200 from 10.0.9.0/24",
		},
		step{
			config: config("egress = {}\n"+dns, moved),
			fails:  "additional_egress adds to the recommended rules, and egress is written out … Put the rules of additional_egress into egress",
		},
		step{
			config: config(again, moved),
			fails:  `additional_egress["app"] and the recommended rule "tcp 8080 to {instance_group}" are the same rule twice`,
		},
		step{
			// Written out, the additional rule stays under its key.
			config: config("", with(moved, "additional_ingress", "ingress")),
			writes: "RevokeSecurityGroupIngress 3",
			world:  recommendedRows + "\ninstance_group in tcp 9200 from 10.0.9.0/24",
		},
		step{config: config("", ""), writes: "AuthorizeSecurityGroupIngress 3\nRevokeSecurityGroupIngress 1", world: rows},
	)
}

// TestWrittenRulesKnownAtApply writes rules of a group, a network and a port
// that are not known at the first plan.
func TestWrittenRulesKnownAtApply(t *testing.T) {
	t.Parallel()
	f := newFixture(t, world.Plan{Listeners: [][2]int32{{80, 8080}}})
	const made = `
		resource "terraform_data" "group" { input = local.instance_group }
		resource "terraform_data" "cidr" { input = "203.0.113.0/24" }
		resource "terraform_data" "port" { input = 9100 }`
	config := func(port, egress string) string {
		return with(made, "9100", port) + writtenLB(`
			ingress = {
			  office = { ip_protocol = "tcp", from_port = 80, to_port = 80, cidr_ipv4 = terraform_data.cidr.output }
			  known  = { ip_protocol = "tcp", from_port = 443, to_port = 443, cidr_ipv4 = "198.51.100.0/24" }
			}`+egress)
	}
	const (
		additional = `
			additional_egress = {
			  more = { ip_protocol = "tcp", from_port = terraform_data.port.output, to_port = terraform_data.port.output, referenced_security_group_id = terraform_data.group.output }
			}`
		computed = `
			egress = { for group in [terraform_data.group.output] : "to-app" => { ip_protocol = "tcp", from_port = 8080, to_port = 8080, referenced_security_group_id = group } }`
		unlisted = `
			egress = { for port in [terraform_data.port.output] : "port-${port}" => { ip_protocol = "tcp", from_port = port, to_port = port, referenced_security_group_id = local.instance_group } }`
		in = `
			lb_group in tcp 80 from 203.0.113.0/24
			lb_group in tcp 443 from 198.51.100.0/24`
	)
	f.run(
		step{
			config: config("9100", additional),
			plan:   "create clb_load_balancer_rules.web",
			writes: "AuthorizeSecurityGroupIngress 2\nAuthorizeSecurityGroupEgress 3",
			world: in + `
				lb_group out tcp 8080 to instance_group
				lb_group out tcp 8081 to instance_group
				lb_group out tcp 9100 to instance_group`,
		},
		step{
			config: config("9200", additional),
			writes: "AuthorizeSecurityGroupEgress 1\nRevokeSecurityGroupEgress 1",
			world: in + `
				lb_group out tcp 8080 to instance_group
				lb_group out tcp 8081 to instance_group
				lb_group out tcp 9200 to instance_group`,
		},
		step{
			config: config("9200", computed),
			writes: "RevokeSecurityGroupEgress 2",
			world:  in + "\nlb_group out tcp 8080 to instance_group",
		},
		step{
			// Not even the keys are known.
			config: config("9300", unlisted),
			plan:   "update clb_load_balancer_rules.web\n? egress",
			writes: "AuthorizeSecurityGroupEgress 1\nRevokeSecurityGroupEgress 1",
			world:  in + "\nlb_group out tcp 9300 to instance_group",
		},
	)
}

// TestWrittenRuleChangedBehind puts a written rule right that was changed, and
// one that was removed, behind Terraform's back.
func TestWrittenRuleChangedBehind(t *testing.T) {
	t.Parallel()
	f := newFixture(t, world.Plan{Listeners: [][2]int32{{80, 8080}}})
	config := writtenLB(`
		ingress = {
		  office = { ip_protocol = "TCP", from_port = 80, to_port = 80, cidr_ipv4 = "203.0.113.0/24", description = "office" }
		  vpn    = { ip_protocol = "6", from_port = 80, to_port = 80, cidr_ipv4 = "198.51.100.0/24" }
		}`)
	const rows = `
		lb_group in tcp 80 from 203.0.113.0/24
		lb_group in tcp 80 from 198.51.100.0/24
		lb_group out tcp 8080 to instance_group
		lb_group out tcp 8081 to instance_group`
	f.run(
		step{config: config, world: rows},
		step{
			before: func() {
				_, err := f.ec2().ModifySecurityGroupRules(context.Background(), &ec2.ModifySecurityGroupRulesInput{
					GroupId: &f.LoadBalancerGroup, SecurityGroupRules: []types.SecurityGroupRuleUpdate{{
						SecurityGroupRuleId: f.rule("lb_group in tcp 80 from 203.0.113.0/24").SecurityGroupRuleId,
						SecurityGroupRule:   &types.SecurityGroupRuleRequest{IpProtocol: aws.String("-1"), CidrIpv4: aws.String("0.0.0.0/0"), Description: aws.String("open")},
					}},
				})
				f.must(err)
				_, err = f.ec2().RevokeSecurityGroupIngress(context.Background(), &ec2.RevokeSecurityGroupIngressInput{
					GroupId: &f.LoadBalancerGroup, SecurityGroupRuleIds: []string{*f.rule("lb_group in tcp 80 from 198.51.100.0/24").SecurityGroupRuleId},
				})
				f.must(err)
			},
			config: config,
			plan:   "update clb_load_balancer_rules.web\n~ ingress office\n+ ingress vpn",
			writes: "AuthorizeSecurityGroupIngress 2\nRevokeSecurityGroupIngress 1",
			world:  rows,
			check:  func() error { return f.describedAs("203.0.113.0/24", "office") },
		},
	)
}
