// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package wiring

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
)

// soundEntry is "90 allow tcp 80-81 10.0.0.0/8" without any mistake.
func soundEntry() WrittenEntry {
	return WrittenEntry{
		Direction: Ingress, RuleNumber: number(90), RuleAction: stated("allow"), Protocol: stated("tcp"), CIDRBlock: stated("10.0.0.0/8"),
		FromPort: number(80), ToPort: number(81),
	}
}

// withoutPorts is an entry of a protocol with neither ports nor types.
func withoutPorts(protocol string) WrittenEntry {
	e := soundEntry()
	e.Protocol, e.FromPort, e.ToPort = stated(protocol), WrittenNumber{}, WrittenNumber{}
	return e
}

func icmpEntry(typ, code int) WrittenEntry {
	e := withoutPorts("icmp")
	e.ICMPType, e.ICMPCode = number(typ), number(code)
	return e
}

func TestWrittenEntryProblems(t *testing.T) {
	t.Parallel()
	with := func(e WrittenEntry, change func(*WrittenEntry)) WrittenEntry {
		change(&e)
		return e
	}
	sound := func(change func(*WrittenEntry)) WrittenEntry { return with(soundEntry(), change) }
	for _, test := range []struct {
		name  string
		entry WrittenEntry
		want  []string
	}{
		{"none", soundEntry(), nil},
		{"deny", sound(func(e *WrittenEntry) { e.RuleAction = stated("deny") }), nil},
		{"no action", sound(func(e *WrittenEntry) { e.RuleAction = WrittenText{} }), nil},
		{"all traffic", withoutPorts("-1"), nil},
		{"all traffic by name", withoutPorts("all"), nil},
		{"ESP", withoutPorts("50"), nil},
		{"GRE by name", withoutPorts("gre"), nil},
		{"ping", icmpEntry(8, -1), nil},
		{"all ICMP", icmpEntry(-1, -1), nil},
		{"IPv6", sound(func(e *WrittenEntry) { e.CIDRBlock, e.IPv6CIDRBlock = WrittenText{}, stated("2001:db8::/32") }), nil},
		{"nothing known", UnknownWrittenEntry(Egress), nil},
		{"numberless, where it may be", sound(func(e *WrittenEntry) { e.RuleNumber, e.NumberOptional = WrittenNumber{}, true }), nil},
		{"ports to come", sound(func(e *WrittenEntry) { e.FromPort = WrittenNumber{Unknown: true} }), nil},
		{"a network to come", sound(func(e *WrittenEntry) { e.CIDRBlock = WrittenText{Unknown: true} }), nil},

		{"no number", sound(func(e *WrittenEntry) { e.RuleNumber = WrittenNumber{} }), []string{`ingress["x"] has no rule_number: write a number from 1 to 32766`}},
		{"number 0", sound(func(e *WrittenEntry) { e.RuleNumber = number(0) }), []string{`ingress["x"].rule_number is 0: the rule number of a network ACL entry goes from 1 to 32766`}},
		{"number 32767", sound(func(e *WrittenEntry) { e.RuleNumber = number(32767) }), []string{"rule_number is 32767: the rule number"}},
		{"number 40000", sound(func(e *WrittenEntry) { e.RuleNumber, e.NumberOptional = number(40000), true }), []string{"rule_number is 40000"}},
		{"permit", sound(func(e *WrittenEntry) { e.RuleAction = stated("permit") }), []string{`ingress["x"].rule_action: "permit" is neither "allow" nor "deny": did you mean "allow"?`}},
		{"ALLOW", sound(func(e *WrittenEntry) { e.RuleAction = stated("ALLOW") }), []string{`did you mean "allow"?`}},
		{"drop", sound(func(e *WrittenEntry) { e.RuleAction = stated("Drop") }), []string{`did you mean "deny"?`}},
		{"an action from nowhere", sound(func(e *WrittenEntry) { e.RuleAction = stated("") }), []string{`"" is neither "allow" nor "deny"`}},
		{"no protocol", withoutPorts(""), []string{`ingress["x"].protocol: "" is not a protocol that is known here: write "tcp"`}},
		{"protocol left out", with(withoutPorts(""), func(e *WrittenEntry) { e.Protocol = WrittenText{} }), []string{`ingress["x"] has no protocol: write "tcp"`}},
		{"tpc", withoutPorts("tpc"), []string{`"tpc" is not a protocol: did you mean "tcp"?`}},
		{"TCP", withoutPorts("TCP"), []string{`did you mean "tcp"?`}},
		{"http", withoutPorts("http"), []string{`"http" is not a protocol`}},
		{"protocol 256", withoutPorts("256"), []string{`"256" is not a protocol: protocol numbers go from 0 to 255`}},
		{"protocol 06", withoutPorts("06"), []string{`"06" is not in the form that AWS knows: did you mean "6"?`}},
		{"tcp without ports", withoutPorts("tcp"), []string{`ingress["x"] has no from_port and to_port: for tcp write from_port and to_port, 0 and 65535 for all ports`}},
		{"udp without a last port", with(withoutPorts("17"), func(e *WrittenEntry) { e.FromPort = number(53) }), []string{"has no to_port: for udp"}},
		{"from above to", sound(func(e *WrittenEntry) { e.FromPort = number(443) }), []string{"from_port is 443, above to_port 81: did you mean from_port 81 and to_port 443?"}},
		{"port 70000", sound(func(e *WrittenEntry) { e.ToPort = number(70000) }), []string{"to_port is 70000: ports go from 0 to 65535"}},
		{"port -1", sound(func(e *WrittenEntry) { e.FromPort, e.ToPort = number(-1), number(-1) }), []string{"from_port is -1: ports go", "to_port is -1: ports go"}},
		{"ports of all protocols", sound(func(e *WrittenEntry) { e.Protocol = stated("-1") }), []string{"has from_port and to_port, and AWS ignores ports with protocol -1 (all protocols)"}},
		{"ports of ESP", sound(func(e *WrittenEntry) { e.Protocol = stated("esp") }), []string{"AWS ignores ports with protocol 50"}},
		{"types of all protocols", with(icmpEntry(3, 4), func(e *WrittenEntry) { e.Protocol = stated("all") }), []string{"has icmp_type and icmp_code, and AWS ignores ICMP types"}},
		{"types of tcp", with(icmpEntry(3, 4), func(e *WrittenEntry) { e.Protocol = stated("tcp") }), []string{"has icmp_type and icmp_code, which only icmp has: for tcp write from_port", "has no from_port and to_port"}},
		{"icmp as ports", sound(func(e *WrittenEntry) { e.Protocol = stated("icmp") }), []string{"has from_port and to_port, which icmp does not have: write icmp_type and icmp_code, for example 3 and 4", "has no icmp_type and icmp_code"}},
		{"icmp without type", withoutPorts("1"), []string{"has no icmp_type and icmp_code: for icmp write icmp_type and icmp_code, -1 for all"}},
		{"icmp without code", with(icmpEntry(3, 4), func(e *WrittenEntry) { e.ICMPCode = WrittenNumber{} }), []string{"has no icmp_code"}},
		{"type 300", icmpEntry(300, 0), []string{"icmp_type is 300: it goes from 0 to 255, or is -1 for all"}},
		{"code -2", icmpEntry(3, -2), []string{"icmp_code is -2"}},
		{"one code of all types", icmpEntry(-1, 4), []string{"icmp_code is 4 with icmp_type -1"}},
		{"host bits", sound(func(e *WrittenEntry) { e.CIDRBlock = stated("10.0.1.5/16") }), []string{`ingress["x"].cidr_block: "10.0.1.5/16" has host bits set, which EC2 would drop: did you mean "10.0.0.0/16"?`}},
		{"no CIDR", sound(func(e *WrittenEntry) { e.CIDRBlock = stated("not-a-cidr") }), []string{`cidr_block: "not-a-cidr" is not a CIDR block`}},
		{"IPv6 in cidr_block", sound(func(e *WrittenEntry) { e.CIDRBlock = stated("::/0") }), []string{`"::/0" is an IPv6 network: write it as ipv6_cidr_block`}},
		{"IPv4 in ipv6_cidr_block", sound(func(e *WrittenEntry) { e.CIDRBlock, e.IPv6CIDRBlock = WrittenText{}, stated("10.0.0.0/8") }), []string{`"10.0.0.0/8" is an IPv4 network: write it as cidr_block`}},
		{"IPv6 host bits", sound(func(e *WrittenEntry) { e.CIDRBlock, e.IPv6CIDRBlock = WrittenText{}, stated("2001:db8::1/32") }), []string{`did you mean "2001:db8::/32"?`}},
		{"IPv6 address", sound(func(e *WrittenEntry) { e.CIDRBlock, e.IPv6CIDRBlock = WrittenText{}, stated("2001:db8::1") }), []string{`did you mean "2001:db8::1/128"?`}},
		{"IPv6 in another form", sound(func(e *WrittenEntry) { e.CIDRBlock, e.IPv6CIDRBlock = WrittenText{}, stated("2001:DB8::/32") }), []string{`did you mean "2001:db8::/32"?`}},
		{"no IPv6", sound(func(e *WrittenEntry) { e.CIDRBlock, e.IPv6CIDRBlock = WrittenText{}, stated("x") }), []string{`"x" is not a CIDR block: write an IPv6 network`}},
		{"no network", sound(func(e *WrittenEntry) { e.CIDRBlock = WrittenText{} }), []string{`ingress["x"] names no network: write cidr_block or ipv6_cidr_block`}},
		{"two networks", sound(func(e *WrittenEntry) { e.IPv6CIDRBlock = stated("::/0") }), []string{"has cidr_block and ipv6_cidr_block: write two entries"}},
		{"icmpv6 of IPv4", with(icmpEntry(2, 0), func(e *WrittenEntry) { e.Protocol = stated("58") }), []string{"has cidr_block with protocol icmpv6, which only IPv6 packets have"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := test.entry.Problems(`ingress["x"]`)
			if len(got) != len(test.want) {
				t.Fatalf("got %q, want %q", got, test.want)
			}
			for i, words := range test.want {
				if !strings.Contains(got[i], words) || !strings.HasPrefix(got[i], `ingress["x"]`) {
					t.Errorf("got %q, want %q", got[i], words)
				}
			}
		})
	}
}

func TestWrittenEntryEntry(t *testing.T) {
	t.Parallel()
	six := withoutPorts("58")
	six.CIDRBlock, six.IPv6CIDRBlock, six.ICMPType, six.ICMPCode, six.RuleAction = WrittenText{}, stated("::/0"), number(2), number(0), stated("deny")
	for _, test := range []struct {
		written WrittenEntry
		want    string
		deny    bool
	}{
		{soundEntry(), "tcp 80-81 from 10.0.0.0/8", false},
		{withoutPorts("all"), "all traffic from 10.0.0.0/8", false},
		{withoutPorts("ah"), "protocol 51 from 10.0.0.0/8", false},
		{icmpEntry(3, 4), "icmp 3/4 from 10.0.0.0/8", false},
		{six, "icmpv6 2/0 from ::/0", true},
	} {
		entry, deny := test.written.Entry()
		if entry.Key() != test.want || deny != test.deny || entry.Number != 90 || !test.written.ContentKnown() {
			t.Errorf("got %q %t %+v, want %q", entry.Key(), deny, entry, test.want)
		}
	}
	if entry, _ := UnknownWrittenEntry(Egress).Entry(); entry.Direction != Egress || entry.Peer.CIDR != (netip.Prefix{}) || UnknownWrittenEntry(Egress).ContentKnown() {
		t.Errorf("got %+v", entry)
	}
}

// TestProtocolNames: each name has the number of the IANA list and each number
// its one form.
func TestProtocolNames(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Protocol{
		"tcp": TCP, "6": TCP, "udp": UDP, "17": UDP, "icmp": ICMP, "1": ICMP, "icmpv6": ICMPv6, "ipv6-icmp": ICMPv6, "58": ICMPv6,
		"all": AllProtocols, "-1": AllProtocols, "0": "0", "255": "255", "esp": "50", "ah": "51", "gre": "47", "sctp": "132", "ospf": "89",
	} {
		if got, err := ParseProtocol(text); err != nil || got != want {
			t.Errorf("%q: got %q, %v", text, got, err)
		}
	}
	for name, n := range protocolNumbers() {
		protocol, err := ParseProtocol(name)
		again, errAgain := ParseProtocol(string(protocol))
		if err != nil || errAgain != nil || again != protocol || n < -1 || n > 255 {
			t.Errorf("%q: %q, %q", name, protocol, again)
		}
	}
}

func TestOneLetterApart(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		a, b string
		want bool
	}{{"tcp", "tc", true}, {"tcp", "tcpp", true}, {"tcp", "tap", true}, {"tcp", "tcp", false}, {"tcp", "t", false}, {"tcp", "xxp", false}, {"", "a", true}, {"", "", false}} {
		if oneLetterApart(test.a, test.b) != test.want || oneLetterApart(test.b, test.a) != test.want {
			t.Errorf("%q, %q: want %t", test.a, test.b, test.want)
		}
	}
}

func TestNumberKeys(t *testing.T) {
	t.Parallel()
	got, err := NumberKeys([]string{"b", "a", "c"}, map[string]int{"a": 5, "gone": 100}, 100, 10)
	if err != nil || !slices.Equal(got, []int{110, 5, 120}) {
		t.Errorf("got %d, %v", got, err)
	}
	if _, err := NumberKeys([]string{"mine"}, nil, 32767, 1); err == nil || !strings.Contains(err.Error(), `the entry "mine" would get rule number 32767`) {
		t.Errorf("got %v", err)
	}
}
