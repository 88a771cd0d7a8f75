// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package verify

import (
	"strings"
	"testing"

	"github.com/terraform-clb/terraform-provider-clb/internal/packet"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// declaredClients are clients of all listeners: networks, sg-… and pl-….
func declaredClients(names ...string) []wiring.Clients {
	var c wiring.Clients
	for _, name := range names {
		switch {
		case strings.HasPrefix(name, "sg-"):
			c.SecurityGroups = append(c.SecurityGroups, name)
		case strings.HasPrefix(name, "pl-"):
			c.PrefixLists = append(c.PrefixLists, name)
		default:
			c.CIDRBlocks = append(c.CIDRBlocks, networksOf(name)...)
		}
	}
	return []wiring.Clients{c}
}

// narrowACL admits clients of some networks, and answers them on all ports.
func narrowACL(t *testing.T, p *Path, in, out string) {
	t.Helper()
	rules := withoutRules(withoutRules(goodLBACL, "tcp 80 "), "out tcp 1024")
	setACL(t, p, "acl-lb", []string{"50 allow in tcp 80 from " + in, "50 allow out tcp 1024-65535 to " + out}, rules)
}

func setClientGroup(t *testing.T, p *Path, rules ...string) {
	t.Helper()
	p.Groups["sg-lb"] = groupOf(t, "sg-lb", append(rules, withoutRules(goodLBGroup, "in ")...)...)
}

func TestPathUndeclaredClients(t *testing.T) {
	t.Parallel()
	checkPaths(t, []pathCase{
		{name: "a network is somebody", change: func(t *testing.T, p *Path) { setClientGroup(t, p, "in tcp 80 from 198.51.100.0/24") }},
		{name: "a group is somebody", change: func(t *testing.T, p *Path) { setClientGroup(t, p, "in tcp 80 from sg-office") }},
		{
			name: "a prefix list is somebody",
			change: func(t *testing.T, p *Path) {
				setClientGroup(t, p, "in tcp 80 from pl-1")
				p.Groups["sg-lb"].Rules[0].Networks = networksOf("198.51.100.0/24")
			},
		},
		{
			name: "a prefix list that cannot be read is somebody",
			change: func(t *testing.T, p *Path) {
				setClientGroup(t, p, "in tcp 80 from pl-1")
				p.Groups["sg-lb"].Rules[0].Unknown = packet.NetworksField
			},
		},
		{
			name:     "nobody by the group",
			change:   func(t *testing.T, p *Path) { setClientGroup(t, p, "in tcp 443 from 0.0.0.0/0") },
			verdicts: []string{"client to listener on tcp 80: refuted by sg-lb"},
			told:     []string{`CLB101 client traffic tcp/80 to "web" is refused by security group sg-lb, which has no inbound rule that admits it: e.g. 203.0.113.10 -> 10.0.1.4:80.`},
		},
		{
			name:     "IPv6 is nobody",
			change:   func(t *testing.T, p *Path) { setClientGroup(t, p, "in tcp 80 from ::/0") },
			verdicts: []string{"client to listener on tcp 80: refuted by sg-lb"},
			told:     []string{`CLB101 client traffic tcp/80 to "web" is refused by security group sg-lb, which has no inbound rule that admits it: e.g. 203.0.113.10 -> 10.0.1.4:80.`},
		},
		{
			// Each admits somebody, but nobody whom the other admits.
			name: "nobody by both together",
			change: func(t *testing.T, p *Path) {
				setClientGroup(t, p, "in tcp 80 from 198.51.100.0/24", "in tcp 80 from 192.0.2.0/24")
				narrowACL(t, p, "203.0.113.0/24", "0.0.0.0/0")
			},
			verdicts: []string{"client to listener on tcp 80: refuted by acl-lb"},
			told:     []string{`CLB101 client traffic tcp/80 to "web" is refused by the final inbound rule * of network ACL acl-lb: e.g. 198.51.100.10 -> 10.0.1.4:80.`},
		},
		{
			name: "both together admit a part",
			change: func(t *testing.T, p *Path) {
				setClientGroup(t, p, "in tcp 80 from 198.51.100.0/24", "in tcp 80 from 192.0.2.0/24")
				narrowACL(t, p, "192.0.2.128/25", "192.0.2.128/25")
			},
		},
		{
			name: "nobody at one of the nodes",
			change: func(t *testing.T, p *Path) {
				p.Subnets[1].ACL = "acl-b"
				setACL(t, p, "acl-b", nil, withoutRules(goodLBACL, "tcp 80 "))
			},
			verdicts: []string{"client to listener on tcp 80: refuted by acl-b"},
			told:     []string{`CLB101 client traffic tcp/80 to "web" is refused by the final inbound rule * of network ACL acl-b: e.g. 203.0.113.10 -> 10.0.2.4:80.`},
		},
		{
			name:     "replies to those who are admitted",
			change:   func(t *testing.T, p *Path) { narrowACL(t, p, "198.51.100.0/24", "198.51.100.0/25") },
			verdicts: []string{"reply to clients: refuted by acl-lb"},
			told: []string{`CLB104 replies tcp/1024-65535 from "web" to its clients are refused by the final outbound rule * of network ACL acl-lb: ` +
				`e.g. 10.0.1.4 -> 198.51.100.132:1024.`},
		},
		{
			name: "replies to members of a group in the VPC",
			change: func(t *testing.T, p *Path) {
				setClientGroup(t, p, "in tcp 80 from sg-office")
				narrowACL(t, p, "10.0.0.0/8", "10.0.0.0/16")
			},
		},
		{
			name: "replies to members of a group somewhere",
			change: func(t *testing.T, p *Path) {
				setClientGroup(t, p, "in tcp 80 from sg-office")
				narrowACL(t, p, "0.0.0.0/0", "10.0.0.0/20")
			},
			verdicts: []string{"reply to clients: undecided by acl-lb"},
			told: []string{`CLB401 whether replies tcp/1024-65535 from "web" to its clients get through network ACL acl-lb cannot be told yet: ` +
				`it depends on the addresses of the members of sg-office.`},
		},
		{
			name: "an unknown rule",
			change: func(t *testing.T, p *Path) {
				setClientGroup(t, p, "in tcp 80 from 198.51.100.0/24")
				g := p.Groups["sg-lb"]
				g.Rules[0].Unknown = packet.PortsField
				p.Groups["sg-lb"] = g
			},
			verdicts: []string{"client to listener on tcp 80: undecided by sg-lb"},
			told: []string{`CLB401 whether client traffic tcp/80 to "web" gets through security group sg-lb cannot be told yet: ` +
				`it depends on security group sg-lb inbound rule sgr-1, of which the ports are not known yet.`},
		},
	})
}

func TestPathDeclaredClients(t *testing.T) {
	t.Parallel()
	declare := func(p *Path, names ...string) {
		p.ClientsDeclared = true
		p.LoadBalancer.Clients = declaredClients(names...)
	}
	checkPaths(t, []pathCase{
		{
			name: "exactly they are admitted",
			change: func(t *testing.T, p *Path) {
				declare(p, "198.51.100.0/24")
				setClientGroup(t, p, "in tcp 80 from 198.51.100.0/24")
				narrowACL(t, p, "198.51.100.0/24", "198.51.100.0/24")
			},
		},
		{
			name: "one of them is not",
			change: func(t *testing.T, p *Path) {
				declare(p, "198.51.100.0/24", "192.0.2.0/24")
				setClientGroup(t, p, "in tcp 80 from 198.51.100.0/24")
			},
			verdicts: []string{"client to listener on tcp 80: refuted by sg-lb"},
			told:     []string{`CLB101 client traffic tcp/80 to "web" is refused by security group sg-lb, which has no inbound rule that admits it: e.g. 192.0.2.4 -> 10.0.1.4:80.`},
		},
		{
			name: "members of a group, admitted by the networks of the VPC",
			change: func(t *testing.T, p *Path) {
				declare(p, "sg-office")
				setClientGroup(t, p, "in tcp 80 from 10.0.0.0/16")
			},
		},
		{
			name: "members of a group of another VPC",
			change: func(t *testing.T, p *Path) {
				declare(p, "sg-office")
				setClientGroup(t, p, "in tcp 80 from 10.0.0.0/16")
				p.Groups["sg-office"] = Group{ID: "sg-office", VPCID: "vpc-2"}
			},
			verdicts: []string{"client to listener on tcp 80: undecided by sg-lb"},
			told: []string{`CLB401 whether client traffic tcp/80 to "web" gets through security group sg-lb cannot be told yet: ` +
				`it depends on the addresses of the members of sg-office.`},
		},
		{
			name:     "members of a group who are not admitted",
			change:   func(t *testing.T, p *Path) { declare(p, "sg-office"); setClientGroup(t, p, "in tcp 80 from sg-other") },
			verdicts: []string{"client to listener on tcp 80: refuted by sg-lb"},
			told:     []string{`CLB101 client traffic tcp/80 to "web" is refused by security group sg-lb, which has no inbound rule that admits it: e.g. a member of sg-office -> 10.0.1.4:80.`},
		},
		{
			name: "a prefix list whose networks are known",
			change: func(t *testing.T, p *Path) {
				declare(p, "pl-1")
				setClientGroup(t, p, "in tcp 80 from pl-1")
				p.Groups["sg-lb"].Rules[0].Networks = networksOf("198.51.100.0/24", "2001:db8::/32")
				narrowACL(t, p, "198.51.100.0/25", "0.0.0.0/0")
			},
			verdicts: []string{"client to listener on tcp 80: refuted by acl-lb"},
			told:     []string{`CLB101 client traffic tcp/80 to "web" is refused by the final inbound rule * of network ACL acl-lb: e.g. 198.51.100.132 (a member of pl-1) -> 10.0.1.4:80.`},
		},
		{
			name: "a listener without any of them is judged as undeclared",
			change: func(t *testing.T, p *Path) {
				declare(p, "198.51.100.0/24")
				p.LoadBalancer.Clients[0].LBPorts = []int{443}
				setClientGroup(t, p, "in tcp 80 from 192.0.2.0/24")
			},
		},
	})
}
