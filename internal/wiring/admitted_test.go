// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package wiring

import (
	"net/netip"
	"slices"
	"testing"
)

// TestDeclareAdmitted: whom the live rules admit is declared for a listener,
// unless it is the table's source, or nobody.
func TestDeclareAdmitted(t *testing.T) {
	t.Parallel()
	vpc := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/16"), netip.MustParsePrefix("10.1.0.0/16")}
	office, all := CIDRPeer(netip.MustParsePrefix("203.0.113.0/24")), CIDRPeer(Everyone())
	tcp := func(from, to int, peer Peer) Rule { return tcpRow(Ingress, from, to, peer, "live") }
	tests := map[string]struct {
		internal bool
		live     []Rule
		// want are the rules of the group that follow from what was declared.
		want []string
	}{
		"nobody":               {want: []string{"tcp 80 from 0.0.0.0/0"}},
		"everyone":             {live: []Rule{tcp(80, 80, all)}, want: []string{"tcp 80 from 0.0.0.0/0"}},
		"everyone and others":  {live: []Rule{tcp(80, 80, office), tcp(80, 80, all)}, want: []string{"tcp 80 from 0.0.0.0/0"}},
		"an office":            {live: []Rule{tcp(80, 80, office)}, want: []string{"tcp 80 from 203.0.113.0/24"}},
		"a group and a list":   {live: []Rule{tcp(80, 80, GroupPeer("sg-1")), tcp(80, 80, PrefixListPeer("pl-1"))}, want: []string{"tcp 80 from pl-1", "tcp 80 from sg-1"}},
		"another port":         {live: []Rule{tcp(81, 81, office)}, want: []string{"tcp 80 from 0.0.0.0/0"}},
		"a wider range":        {live: []Rule{tcp(0, 65535, office)}, want: []string{"tcp 80 from 0.0.0.0/0"}},
		"outbound":             {live: []Rule{tcpRow(Egress, 80, 80, office, "")}, want: []string{"tcp 80 from 0.0.0.0/0"}},
		"IPv6":                 {live: []Rule{tcp(80, 80, CIDRPeer(netip.MustParsePrefix("2001:db8::/32")))}, want: []string{"tcp 80 from 0.0.0.0/0"}},
		"part of the VPC":      {internal: true, live: []Rule{tcp(80, 80, CIDRPeer(vpc[1]))}, want: []string{"tcp 80 from 10.0.0.0/16", "tcp 80 from 10.1.0.0/16"}},
		"an office, internal":  {internal: true, live: []Rule{tcp(80, 80, office)}, want: []string{"tcp 80 from 203.0.113.0/24"}},
		"everyone, internally": {internal: true, live: []Rule{tcp(80, 80, all)}, want: []string{"tcp 80 from 0.0.0.0/0"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			lb := LoadBalancer{Internal: test.internal, Listeners: []Listener{{80, 8080}}}
			lb.Clients = lb.DeclareAdmitted(test.live, vpc)
			var got []string
			for _, rule := range lb.clientRows(lb.tableSource(vpc), "") {
				got = append(got, rule.Key())
			}
			if slices.Sort(got); !slices.Equal(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// TestFactsOfClients: how clients are grouped, and what a network ACL cannot
// name, does not change the facts; whom they admit does.
func TestFactsOfClients(t *testing.T) {
	t.Parallel()
	lb := func(clients ...Clients) LoadBalancer {
		return LoadBalancer{Listeners: []Listener{{80, 8080}, {443, 8443}}, Clients: clients}
	}
	office, home := []netip.Prefix{netip.MustParsePrefix("203.0.113.0/24")}, []netip.Prefix{netip.MustParsePrefix("198.51.100.0/24")}
	for _, same := range [][2]LoadBalancer{
		{lb(Clients{CIDRBlocks: office}), lb(Clients{LBPorts: []int{443}, CIDRBlocks: office}, Clients{LBPorts: []int{80}, CIDRBlocks: office})},
		{lb(Clients{CIDRBlocks: office}, Clients{CIDRBlocks: home}), lb(Clients{CIDRBlocks: slices.Concat(home, office)})},
		{lb(Clients{SecurityGroups: []string{"sg-1"}}).AsAddresses(nil), lb().AsAddresses(nil)},
	} {
		if a, b := same[0].Facts(), same[1].Facts(); a != b {
			t.Errorf("differ:\n%s%s", a, b)
		}
	}
	for _, different := range [][2]LoadBalancer{
		{lb(Clients{CIDRBlocks: office}), lb(Clients{CIDRBlocks: home})},
		{lb(Clients{CIDRBlocks: office}), lb(Clients{LBPorts: []int{80}, CIDRBlocks: office})},
		{lb(Clients{CIDRBlocks: office}), lb()},
		{lb(Clients{SecurityGroups: []string{"sg-1"}}), lb()},
		{lb(Clients{CIDRBlocks: office}).AsAddresses(nil), lb().AsAddresses(nil)},
	} {
		if a, b := different[0].Facts(), different[1].Facts(); a == b {
			t.Errorf("equal: %s", a)
		}
	}
}
