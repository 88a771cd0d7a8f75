// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package wiring

import (
	"strings"
	"testing"
)

func TestRuleKey(t *testing.T) {
	t.Parallel()
	network := CIDRPeer(Everyone())
	tests := []struct {
		rule Rule
		want string
	}{
		{Rule{Direction: Ingress, Protocol: TCP, From: 80, To: 80, Peer: network}, "tcp 80 from 0.0.0.0/0"},
		{Rule{Direction: Egress, Protocol: TCP, From: 1024, To: 65535, Peer: network}, "tcp 1024-65535 to 0.0.0.0/0"},
		{Rule{Direction: Egress, Protocol: TCP, From: 8080, To: 8080, Peer: GroupPeer(app)}, "tcp 8080 to " + app},
		{Rule{Direction: Ingress, Protocol: TCP, From: 443, To: 443, Peer: GroupPeer("123456789012/" + app)}, "tcp 443 from 123456789012/" + app},
		{Rule{Direction: Ingress, Protocol: TCP, From: 443, To: 443, Peer: PrefixListPeer(clientList)}, "tcp 443 from " + clientList},
		{Rule{Direction: Ingress, Protocol: ICMP, From: 3, To: 4, Peer: network}, "icmp 3/4 from 0.0.0.0/0"},
		{Rule{Direction: Ingress, Protocol: ICMP, From: 8, To: -1, Peer: network, Comment: "ping"}, "icmp 8/-1 from 0.0.0.0/0"},
		{Rule{Direction: Ingress, Protocol: ICMP, From: 3, To: 3, Peer: network}, "icmp 3/3 from 0.0.0.0/0"},
		{Rule{Direction: Egress, Protocol: ICMPv6, From: 2, To: 0, Peer: network}, "icmpv6 2/0 to 0.0.0.0/0"},
		{Rule{Direction: Egress, Protocol: AllProtocols, From: -1, To: -1, Peer: network}, "all traffic to 0.0.0.0/0"},
		{Rule{Direction: Ingress, Protocol: "50", From: -1, To: -1, Peer: network}, "protocol 50 from 0.0.0.0/0"},
	}
	for _, test := range tests {
		if got := test.rule.Key(); got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
}

// TestRuleSame: every field but the comment makes a rule another one.
func TestRuleSame(t *testing.T) {
	t.Parallel()
	rule := Rule{Direction: Ingress, Protocol: TCP, From: 80, To: 81, Peer: CIDRPeer(Everyone()), Comment: "a"}
	for name, test := range map[string]struct {
		change func(*Rule)
		same   bool
	}{
		"nothing":   {func(*Rule) {}, true},
		"comment":   {func(r *Rule) { r.Comment = "b" }, true},
		"direction": {func(r *Rule) { r.Direction = Egress }, false},
		"protocol":  {func(r *Rule) { r.Protocol = ICMP }, false},
		"from":      {func(r *Rule) { r.From = 79 }, false},
		"to":        {func(r *Rule) { r.To = 82 }, false},
		"peer":      {func(r *Rule) { r.Peer = GroupPeer(app) }, false},
	} {
		other := rule
		test.change(&other)
		if got := rule.Same(other); got != test.same {
			t.Errorf("%s: got %t, want %t", name, got, test.same)
		}
	}
}

func TestCollapse(t *testing.T) {
	t.Parallel()
	row := func(d Direction, port int, comment string) Rule {
		return Rule{Direction: d, Protocol: TCP, From: port, To: port, Peer: CIDRPeer(Everyone()), Comment: comment}
	}
	rows := []Rule{
		row(Ingress, 443, "a"), row(Ingress, 80, "b"), row(Egress, 443, "c"), row(Ingress, 443, "d"), row(Ingress, 443, "a"), row(Ingress, 80, ""),
	}
	compare(t, lines(Collapse(rows)), []string{
		"ingress tcp 443 from 0.0.0.0/0 | a; d",
		"ingress tcp 80 from 0.0.0.0/0 | b",
		"egress tcp 443 to 0.0.0.0/0 | c",
	})
	if rows[0].Comment != "a" {
		t.Errorf("the rows that were given have changed: %q", rows[0].Comment)
	}
}

// TestCollapseKeepsDescriptionsShort: a description has at most 255 bytes.
func TestCollapseKeepsDescriptionsShort(t *testing.T) {
	t.Parallel()
	a, b := threePorts(), threePorts()
	rules := Collapse([]Rule{
		tcpRow(Ingress, 80, 80, CIDRPeer(Everyone()), strings.Repeat("a", 250)),
		tcpRow(Ingress, 80, 80, CIDRPeer(Everyone()), strings.Repeat("b", 4)),
		tcpRow(Ingress, 80, 80, CIDRPeer(Everyone()), "c"),
	})
	if got, want := rules[0].Comment, strings.Repeat("a", 250)+"; c"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	// The tables of equal load balancers do not make a comment longer.
	compare(t, lines(Collapse(append(InstanceGroup(a, []string{web}), InstanceGroup(b, []string{web})...))), lines(InstanceGroup(a, []string{web})))
}
