// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package acceptance

import (
	"context"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/terraform-clb/terraform-provider-clb/internal/acceptance/world"
)

// lockingDownEntries are the entries of the load balancer's subnets with more arguments.
const lockingDownEntries = `
	resource "clb_network_acl_entries" "lb" {
	  network_acl_id  = local.lb_acl
	  load_balancers  = [local.web]
	  subnet_roles    = ["load_balancer"]
	  vpc_cidr_blocks = local.vpc
	  ARGUMENTS
	}`

// removesEntries wants a plan to show exactly these entries in revoked_entries.
func (f *fixture) removesEntries(want map[string]string) func(*resource.TestStep) {
	return f.removes("clb_network_acl_entries.lb", "revoked_entries", func() map[string]string { return want })
}

// TestRevokeEntries locks a network ACL down: the less restrictive entries go, whatever
// the load balancer's ports are, and then all others that allow. Deny entries stay.
func TestRevokeEntries(t *testing.T) {
	t.Parallel()
	f := newFixture(t, world.Plan{Listeners: [][2]int32{{80, 8080}}})
	const (
		outTo    = "lb_acl out 50 allow tcp 8080-8081 to 0.0.0.0/0"
		inFrom   = "lb_acl in 900 allow tcp 80 from 203.0.112.0/22"
		ssh      = "lb_acl in 910 allow tcp 22 from 0.0.0.0/0"
		replies  = "lb_acl in 920 allow tcp 1024-65535 from 0.0.0.0/0"
		denied   = "lb_acl in 40 deny tcp 22 from 192.0.2.0/24"
		clients  = "clients = [{ cidr_blocks = [\"203.0.113.0/24\"] }]\nunmanaged_entries = "
		recorded = `
			lb_acl in  100 allow tcp 80         from 203.0.113.0/24
			lb_acl in  110 allow tcp 1024-65535 from 10.0.0.0/16
			lb_acl out 100 allow tcp 8080       to 10.0.0.0/16
			lb_acl out 110 allow tcp 8081       to 10.0.0.0/16
			lb_acl out 120 allow tcp 1024-65535 to 203.0.113.0/24`
	)
	strangers := strings.Join([]string{outTo, inFrom, ssh, replies, denied}, "\n")
	f.make(strangers)
	f.settle()
	const broader = "\n- " + outTo + "\n- " + inFrom
	f.run(
		step{
			config: with(lockingDownEntries, "ARGUMENTS", clients+`"revoke_broader"`),
			adjust: f.removesEntries(map[string]string{"egress/50": "allow tcp 8080-8081 to 0.0.0.0/0", "ingress/900": "allow tcp 80 from 203.0.112.0/22"}),
			world:  recorded + broader,
			check:  f.inOrder("CreateNetworkAclEntry", "DeleteNetworkAclEntry"),
		},
		step{
			// The same entry at the same place is another one.
			before: func() { f.make(outTo) },
			config: with(lockingDownEntries, "ARGUMENTS", clients+`"revoke_broader"`),
			plan:   "update clb_network_acl_entries.lb",
			adjust: f.removesEntries(map[string]string{"egress/50": "allow tcp 8080-8081 to 0.0.0.0/0"}),
			writes: "DeleteNetworkAclEntry out 50",
			world:  recorded + broader,
		},
		step{
			config: with(lockingDownEntries, "ARGUMENTS", clients+`"revoke"`),
			plan:   "update clb_network_acl_entries.lb",
			adjust: f.removesEntries(map[string]string{"ingress/910": "allow tcp 22 from 0.0.0.0/0", "ingress/920": "allow tcp 1024-65535 from 0.0.0.0/0"}),
			writes: "DeleteNetworkAclEntry in 910\nDeleteNetworkAclEntry in 920",
			world:  recorded + broader + "\n- " + ssh + "\n- " + replies,
		},
		step{config: "# nothing", world: broader + "\n- " + ssh + "\n- " + replies},
		step{before: func() { f.make(strings.Join([]string{outTo, inFrom, ssh, replies}, "\n")) }, config: "# still nothing", world: nothing},
	)
}

// TestRevokeEntriesOfOthers: the entries of another resource stay, once it is read first.
func TestRevokeEntriesOfOthers(t *testing.T) {
	t.Parallel()
	f := newFixture(t, world.Plan{Listeners: [][2]int32{{80, 8080}}})
	const ssh = "lb_acl in 910 allow tcp 22 from 0.0.0.0/0"
	f.make(ssh)
	f.settle()
	const others = `
	resource "clb_network_acl_entries" "instances" {
	  network_acl_id  = local.lb_acl
	  load_balancers  = [local.web]
	  subnet_roles    = ["private_instance"]
	  vpc_cidr_blocks = local.vpc
	}`
	const rows = aclRowsOfHTTP + `
		lb_acl in  1000 allow tcp 8080       from 10.0.0.0/16
		lb_acl in  1010 allow tcp 8081       from 10.0.0.0/16
		lb_acl out 1000 allow tcp 1024-65535 to 10.0.0.0/16`
	const depends = "\ndepends_on = [clb_network_acl_entries.instances]"
	f.run(
		step{config: with(lockingDownEntries, "ARGUMENTS", depends) + others, world: rows},
		step{
			config: with(lockingDownEntries, "ARGUMENTS", `unmanaged_entries = "revoke"`+depends) + others,
			adjust: f.removesEntries(map[string]string{"ingress/910": "allow tcp 22 from 0.0.0.0/0"}),
			writes: "DeleteNetworkAclEntry in 910",
			world:  rows + "\n- " + ssh,
		},
		step{config: "# nothing", world: "- " + ssh},
		step{before: func() { f.make(ssh) }, config: "# still nothing", world: nothing},
	)
}

// TestRevokeEntriesThatFails: what has gone is in the state, what stays is in the next plan.
func TestRevokeEntriesThatFails(t *testing.T) {
	t.Parallel()
	f := newFixture(t, world.Plan{Listeners: [][2]int32{{80, 8080}}})
	const first, second = "lb_acl in 910 allow tcp 22 from 0.0.0.0/0", "lb_acl in 920 allow tcp 23 from 0.0.0.0/0"
	f.make(first + "\n" + second)
	f.settle()
	exclusive := with(lockingDownEntries, "ARGUMENTS", `unmanaged_entries = "revoke"`)
	stop := func() {}
	refuse := func(operation string, nth, times int) func() {
		return func() { stop(); stop = f.refuse(operation, nth, times) }
	}
	f.run(
		step{before: refuse("CreateNetworkAclEntry", 5, 0), config: exclusive, fails: "Unable to create the network ACL entries", world: nothing},
		step{before: refuse("DeleteNetworkAclEntry", 1, 1), config: exclusive, fails: "Unable to remove the unmanaged entries … The entries of this resource itself were taken back.", world: nothing},
		step{before: func() { stop() }, config: with(lockingDownEntries, "ARGUMENTS", ""), world: aclRowsOfHTTP},
		step{
			before: refuse("DeleteNetworkAclEntry", 2, 0), config: exclusive,
			fails: "Unable to remove the unmanaged entries … next plan shows them again: allow tcp 23 from 0.0.0.0/0 (ingress/920)", world: aclRowsOfHTTP + "\n- " + first,
		},
		step{
			before: func() { stop() }, config: exclusive, writes: "DeleteNetworkAclEntry in 920",
			adjust: f.removesEntries(map[string]string{"ingress/920": "allow tcp 23 from 0.0.0.0/0"}),
			world:  aclRowsOfHTTP + "\n- " + first + "\n- " + second,
		},
		step{config: "# nothing", world: "- " + first + "\n- " + second},
		step{before: func() { f.make(first + "\n" + second) }, config: "# still nothing", world: nothing},
	)
}

// TestRevokeEntriesOfTheDefaultACL is refused.
func TestRevokeEntriesOfTheDefaultACL(t *testing.T) {
	t.Parallel()
	f := newFixture(t, world.Plan{Listeners: [][2]int32{{80, 8080}}})
	found, err := f.ec2().DescribeNetworkAcls(context.Background(), &ec2.DescribeNetworkAclsInput{Filters: []types.Filter{
		{Name: aws.String("vpc-id"), Values: []string{f.VPC}}, {Name: aws.String("default"), Values: []string{"true"}},
	}})
	f.must(err)
	f.names[*found.NetworkAcls[0].NetworkAclId] = "default_acl"
	f.settle()
	config := with(lockingDownEntries, "local.lb_acl", "local.default_acl", "ARGUMENTS", "first_rule_number = 200\nunmanaged_entries = \"revoke\"")
	f.run(
		step{config: config, fails: `Network ACL is the default one … network ACL {default_acl} is the default network ACL of`, world: nothing},
		step{config: "# nothing", world: nothing},
	)
}
