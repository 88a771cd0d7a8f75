// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package acceptance

import (
	"testing"

	"github.com/terraform-clb/terraform-provider-clb/internal/acceptance/world"
)

// writtenEntries is the network ACL of the load balancer's subnets with more
// arguments.
const writtenEntries = `
	resource "clb_network_acl_entries" "lb" {
	  network_acl_id  = local.lb_acl
	  load_balancers  = [local.web]
	  subnet_roles    = ["load_balancer"]
	  vpc_cidr_blocks = local.vpc
	  ARGUMENTS
	}`

// egressOfHTTP are the outbound entries beside those that a test writes.
const egressOfHTTP = `
	lb_acl out 100 allow tcp 8080       to 10.0.0.0/16
	lb_acl out 110 allow tcp 8081       to 10.0.0.0/16
	lb_acl out 120 allow tcp 1024-65535 to 0.0.0.0/0`

// TestWrittenEntries writes the entries out, with a deny entry, renumbers and
// renames them, and goes back to the recommended ones.
func TestWrittenEntries(t *testing.T) {
	t.Parallel()
	f := newFixture(t, world.Plan{Listeners: [][2]int32{{80, 8080}}})
	const (
		web     = `web = { rule_number = 100, protocol = "tcp", cidr_block = "0.0.0.0/0", from_port = 80, to_port = 80 }`
		replies = `replies = { rule_number = 110, protocol = "6", rule_action = "allow", cidr_block = "10.0.0.0/16", from_port = 1024, to_port = 65535 }`
		bad     = `bad = { rule_number = 50, protocol = "-1", rule_action = "deny", cidr_block = "192.0.2.0/24" }`
		v6      = `v6 = { rule_number = 300, protocol = "icmpv6", rule_action = "deny", ipv6_cidr_block = "2001:db8::/32", icmp_type = 2, icmp_code = -1 }`
		dns     = `dns = { rule_number = 310, protocol = "udp", rule_action = "deny", cidr_block = "0.0.0.0/0", from_port = 53, to_port = 53 }`
	)
	config := func(entries string) string {
		return with(writtenEntries, "ARGUMENTS", "ingress = {\n"+entries+"\n}")
	}
	const both = `
		lb_acl in 100 allow tcp 80         from 0.0.0.0/0
		lb_acl in 110 allow tcp 1024-65535 from 10.0.0.0/16` + egressOfHTTP
	f.run(
		step{
			config: config(web + "\n" + replies),
			plan:   "create clb_network_acl_entries.lb",
			world:  both,
		},
		step{
			config: config(web + "\n" + replies + "\n" + v6 + "\n" + dns),
			plan: `
				update clb_network_acl_entries.lb
				+ ingress v6
				+ ingress dns`,
			writes: `
				CreateNetworkAclEntry in 300
				CreateNetworkAclEntry in 310`,
			world: both + `
				lb_acl in 300 deny 58 all from 2001:db8::/32
				lb_acl in 310 deny udp 53 from 0.0.0.0/0`,
		},
		step{
			// New names for the same entries.
			config: config(with(web, "web =", `"the web" =`) + "\n" + with(replies, "replies =", "answers =")),
			plan: `
				update clb_network_acl_entries.lb
				- ingress web
				- ingress replies
				- ingress v6
				- ingress dns
				+ ingress the web
				+ ingress answers`,
			writes: `
				DeleteNetworkAclEntry in 300
				DeleteNetworkAclEntry in 310`,
			world: both,
		},
		step{
			config: config(web + "\n" + replies),
			writes: nothing,
			world:  both,
		},
		step{
			config: config(with(web, "100", "105") + "\n" + replies),
			plan: `
				update clb_network_acl_entries.lb
				~ ingress web`,
			writes: `
				CreateNetworkAclEntry in 105
				DeleteNetworkAclEntry in 100`,
			world: with(both, "in 100", "in 105"),
		},
		step{
			// Back to what is recommended: the entries that are there keep their numbers.
			config: with(writtenEntries, "ARGUMENTS", ""),
			writes: nothing,
			world:  with(both, "in 100", "in 105"),
		},
		step{
			config: config(web + "\n" + replies + "\n" + bad),
			// What is denied is missing from what is recommended.
			provider: "enforcement = \"advisory\"\n",
			writes: `
				CreateNetworkAclEntry in 50
				CreateNetworkAclEntry in 100
				DeleteNetworkAclEntry in 105`,
			world: both + `
				lb_acl in 50 deny -1 all from 192.0.2.0/24`,
		},
		step{
			config:   with(writtenEntries, "ARGUMENTS", "ingress = {}"),
			provider: "enforcement = \"advisory\"\n",
			writes: `
				DeleteNetworkAclEntry in 100
				DeleteNetworkAclEntry in 110
				DeleteNetworkAclEntry in 50`,
			world: egressOfHTTP,
		},
	)
}

// TestWrittenEntriesThatAreNotKnown: entries that are known after apply only do
// not change between plan and apply.
func TestWrittenEntriesThatAreNotKnown(t *testing.T) {
	t.Parallel()
	f := newFixture(t, world.Plan{Listeners: [][2]int32{{80, 8080}}})
	const later = `
	resource "terraform_data" "later" {
	  input = { cidr = "CIDR", number = NUMBER, port = 80, action = null }
	}`
	const entries = `ingress = {
		web     = { rule_number = terraform_data.later.output.number, protocol = "tcp", rule_action = terraform_data.later.output.action, cidr_block = terraform_data.later.output.cidr, from_port = 80, to_port = 80 }
		replies = { rule_number = 200, protocol = "tcp", cidr_block = "10.0.0.0/16", from_port = 1024, to_port = 65535 }
	}
	additional_egress = {
		dns = { protocol = "udp", cidr_block = terraform_data.later.output.cidr, from_port = 53, to_port = 53 }
		ntp = { protocol = "udp", cidr_block = "10.0.0.0/16", from_port = 123, to_port = 123 }
	}`
	const rows = `
		lb_acl in 100 allow tcp 80         from 0.0.0.0/0
		lb_acl in 200 allow tcp 1024-65535 from 10.0.0.0/16
		lb_acl out 130 allow udp 53  to 0.0.0.0/0
		lb_acl out 140 allow udp 123 to 10.0.0.0/16` + egressOfHTTP
	f.run(
		step{config: with(later+with(writtenEntries, "ARGUMENTS", entries), "CIDR", "0.0.0.0/0", "NUMBER", "100"), world: rows},
		step{config: with(later+with(writtenEntries, "ARGUMENTS", entries), "CIDR", "0.0.0.0/0", "NUMBER", "90"), world: with(rows, "in 100", "in 90")},
	)
}

// TestAdditionalEntries adds entries to the recommended ones.
func TestAdditionalEntries(t *testing.T) {
	t.Parallel()
	f := newFixture(t, world.Plan{Listeners: [][2]int32{{80, 8080}}})
	config := func(entries string) string {
		return with(writtenEntries, "ARGUMENTS", "additional_ingress = {\n"+entries+"\n}")
	}
	const (
		ssh       = `ssh = { protocol = "tcp", cidr_block = "10.9.0.0/16", from_port = 22, to_port = 22 }`
		telnet    = `telnet = { rule_number = 50, protocol = "tcp", rule_action = "deny", cidr_block = "0.0.0.0/0", from_port = 23, to_port = 23 }`
		recommend = `
			lb_acl in 100 allow tcp 80         from 0.0.0.0/0
			lb_acl in 110 allow tcp 1024-65535 from 10.0.0.0/16` + egressOfHTTP
	)
	f.run(
		step{
			config: config(ssh + "\n" + telnet),
			world: recommend + `
				lb_acl in 120 allow tcp 22 from 10.9.0.0/16
				lb_acl in 50  deny  tcp 23 from 0.0.0.0/0`,
		},
		step{
			config: config(with(ssh, "ssh =", "my_ssh =") + "\n" + telnet),
			plan: `
				update clb_network_acl_entries.lb
				- ingress ssh
				+ ingress my_ssh`,
			writes: nothing,
		},
		step{
			// Written out, the entry with the equal content still writes nothing.
			config: config(with(ssh, "protocol", "rule_number = 120, protocol") + "\n" + telnet),
			writes: nothing,
		},
		step{
			config: config(with(ssh, "protocol", "rule_number = 100, protocol")),
			fails:  `additional_ingress["ssh"] has rule number 100, and so has the recommended entry "tcp 80 from 0.0.0.0/0"`,
		},
		step{
			config: with(writtenEntries, "ARGUMENTS", ""),
			plan: `
				update clb_network_acl_entries.lb
				- ingress ssh
				- ingress telnet`,
			writes: `
				DeleteNetworkAclEntry in 120
				DeleteNetworkAclEntry in 50`,
			world: recommend,
		},
	)
}

// TestCompactEntries compacts the entries of several listeners and takes it back.
func TestCompactEntries(t *testing.T) {
	t.Parallel()
	f := newFixture(t, world.Plan{Listeners: [][2]int32{{80, 8080}, {81, 8081}, {443, 8443}}})
	const full = `
		lb_acl in 100 allow tcp 80         from 0.0.0.0/0
		lb_acl in 110 allow tcp 81         from 0.0.0.0/0
		lb_acl in 120 allow tcp 443        from 0.0.0.0/0
		lb_acl in 130 allow tcp 1024-65535 from 10.0.0.0/16
		lb_acl out 100 allow tcp 8080       to 10.0.0.0/16
		lb_acl out 110 allow tcp 8081       to 10.0.0.0/16
		lb_acl out 120 allow tcp 8443       to 10.0.0.0/16
		lb_acl out 130 allow tcp 1024-65535 to 0.0.0.0/0`
	const compact = `
		lb_acl in 100 allow tcp 80-81      from 0.0.0.0/0
		lb_acl in 120 allow tcp 443        from 0.0.0.0/0
		lb_acl in 130 allow tcp 1024-65535 from 10.0.0.0/16
		lb_acl out 130 allow tcp 1024-65535 to 0.0.0.0/0`
	f.run(
		step{config: with(writtenEntries, "ARGUMENTS", ""), world: full},
		step{
			config: with(writtenEntries, "ARGUMENTS", "compact = true"),
			plan: `
				update clb_network_acl_entries.lb
				- ingress tcp 80 from 0.0.0.0/0
				- ingress tcp 81 from 0.0.0.0/0
				+ ingress tcp 80-81 from 0.0.0.0/0
				- egress tcp 8080 to 10.0.0.0/16
				- egress tcp 8081 to 10.0.0.0/16
				- egress tcp 8443 to 10.0.0.0/16`,
			writes: `
				ReplaceNetworkAclEntry in 100
				DeleteNetworkAclEntry in 110
				DeleteNetworkAclEntry out 100
				DeleteNetworkAclEntry out 110
				DeleteNetworkAclEntry out 120`,
			world: compact,
		},
		step{
			config: with(writtenEntries, "ARGUMENTS", "compact = true\nadditional_ingress = { ssh = { protocol = \"tcp\", cidr_block = \"10.9.0.0/16\", from_port = 22, to_port = 22 } }"),
			world: compact + `
				lb_acl in 110 allow tcp 22 from 10.9.0.0/16`,
		},
		step{
			config: with(writtenEntries, "ARGUMENTS", "compact = false"),
			// The old entry stands until both halves do.
			world: with(full, "in 100 allow tcp 80 ", "in 140 allow tcp 80 ", "in 110 allow tcp 81 ", "in 150 allow tcp 81 "),
		},
	)
}

// TestImportCompactEntries: an import finds out that the entries are compact.
func TestImportCompactEntries(t *testing.T) {
	t.Parallel()
	f := newFixture(t, world.Plan{Listeners: [][2]int32{{80, 8080}, {81, 8081}}})
	for _, entry := range []string{"in 7 allow 80-81 0.0.0.0/0", "in 8 allow 1024-65535 10.0.0.0/16", "out 9 allow 1024-65535 0.0.0.0/0"} {
		f.putEntry(f.LoadBalancerACL, entry)
	}
	f.run(step{
		config: `
			import {
			  to = clb_network_acl_entries.lb
			  id = "${local.lb_acl}/load_balancer/${local.web_name}"
			}` + with(writtenEntries, "ARGUMENTS", "compact = true"),
		plan:   "import clb_network_acl_entries.lb",
		writes: nothing,
	})
}
