// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package packet

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The way the tests write rules, regions and answers.

func prefix(text string) netip.Prefix { return netip.MustParsePrefix(text) }

func from(cidr string) Peer { return Peer{CIDR: prefix(cidr)} }

func group(id string) Peer { return Peer{SecurityGroup: id} }

func tcpRule(first, last int, peer Peer) Rule {
	return Rule{Protocol: "tcp", From: first, To: last, Peer: peer}
}

func icmpRule(icmpType, code int, peer Peer) Rule {
	return Rule{Protocol: "icmp", From: icmpType, To: code, Peer: peer}
}

func everything(peer Peer) Rule { return Rule{Protocol: "-1", From: -1, To: -1, Peer: peer} }

func allow(number int, rule Rule) Entry { return Entry{Number: number, Action: Allow, Rule: rule} }

func deny(number int, rule Rule) Entry { return Entry{Number: number, Action: Deny, Rule: rule} }

func box(traffic Traffic, cidr string, memberOf ...string) Box {
	return Box{Traffic: traffic, Addresses: CIDR(prefix(cidr)), MemberOf: memberOf}
}

func mustGroup(t testing.TB, rules ...Rule) *SecurityGroup {
	t.Helper()
	g, err := NewSecurityGroup(rules)
	if err != nil {
		t.Fatalf("NewSecurityGroup: %v", err)
	}
	return g
}

func mustACL(t testing.TB, entries ...Entry) *NetworkACL {
	t.Helper()
	acl, err := NewNetworkACL(entries)
	if err != nil {
		t.Fatalf("NewNetworkACL: %v", err)
	}
	return acl
}

// describe writes a judgment in lines: the verdict, then a line for each piece.
func describe(j Judgment) string {
	return strings.Join(slices.Concat([]string{string(j.Verdict)}, lines("refused", j.Refused), lines("undecided", j.Undecided)), "\n")
}

func lines(word string, pieces []Piece) []string {
	out := make([]string, 0, len(pieces))
	for _, p := range pieces {
		line := word + " " + p.Box.String()
		if p.Rule != NoRule {
			line += " by " + strconv.Itoa(p.Rule)
		}
		for _, u := range p.Unknowns {
			line += " unless " + u.Field.String()
			if u.Rule != NoRule {
				line += " of " + strconv.Itoa(u.Rule)
			}
		}
		out = append(out, line)
	}
	return out
}

// expect compares an answer with the lines of a table.
func expect(t *testing.T, got string, want ...string) {
	t.Helper()
	if w := strings.Join(want, "\n"); got != w {
		t.Errorf("got:\n%s\nwant:\n%s", got, w)
	}
}
