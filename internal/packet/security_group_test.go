// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package packet

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
)

func TestSecurityGroupJudge(t *testing.T) {
	t.Parallel()
	web := Region{box(TCP(80, 80), "0.0.0.0/0")}
	for name, test := range map[string]struct {
		rules  []Rule
		region Region
		want   []string
	}{
		"two halves are everyone": {
			[]Rule{tcpRule(80, 80, from("0.0.0.0/1")), tcpRule(80, 80, from("128.0.0.0/1"))},
			web, []string{"proved"},
		},
		"one half is not": {
			[]Rule{tcpRule(80, 80, from("0.0.0.0/1"))},
			web, []string{"refuted", "refused tcp 80 of 128.0.0.0/1"},
		},
		"four quarters in any order, one with host bits": {
			[]Rule{tcpRule(80, 80, from("192.0.0.0/2")), tcpRule(80, 80, from("0.0.0.0/2")), tcpRule(80, 80, from("128.1.2.3/2")), tcpRule(80, 80, from("64.0.0.0/2"))},
			web, []string{"proved"},
		},
		"no rule lets nothing in": {
			nil, web, []string{"refuted", "refused tcp 80 of 0.0.0.0/0"},
		},
		"ports add up": {
			[]Rule{tcpRule(1024, 5000, from("10.0.0.0/8")), tcpRule(5001, 65535, from("10.0.0.0/8"))},
			Region{box(TCP(1024, 65535), "10.0.0.0/8")}, []string{"proved"},
		},
		"a port between two ranges": {
			[]Rule{tcpRule(1024, 5000, from("10.0.0.0/8")), tcpRule(5002, 65535, from("10.0.0.0/8"))},
			Region{box(TCP(1024, 65535), "10.0.0.0/8")}, []string{"refuted", "refused tcp 5001 of 10.0.0.0/8"},
		},
		"udp does not help tcp": {
			[]Rule{{Protocol: "udp", From: 0, To: 65535, Peer: from("0.0.0.0/0")}},
			web, []string{"refuted", "refused tcp 80 of 0.0.0.0/0"},
		},
		"protocol 6 is tcp": {
			[]Rule{{Protocol: "6", From: 80, To: 80, Peer: from("0.0.0.0/0")}}, web, []string{"proved"},
		},
		"protocol -1 is about all ports, whatever is written": {
			[]Rule{{Protocol: "-1", From: 443, To: 443, Peer: from("0.0.0.0/0")}}, web, []string{"proved"},
		},
		"another protocol ignores ports": {
			[]Rule{{Protocol: "47", From: 22, To: 22, Peer: from("0.0.0.0/0")}},
			Region{box(Traffic{FirstProtocol: 47, LastProtocol: 47, Last: 65535}, "10.0.0.0/8")}, []string{"proved"},
		},
		"ping is type 8 code 0, not ports 0 to 8": {
			[]Rule{icmpRule(8, 0, from("0.0.0.0/0"))},
			Region{box(ICMP(8, 0), "10.0.0.0/8"), box(ICMP(3, 4), "10.0.0.0/8")},
			[]string{"refuted", "refused icmp 3/4 of 10.0.0.0/8"},
		},
		"type 3 code 4 is no range": {
			[]Rule{icmpRule(3, 4, from("0.0.0.0/0"))},
			Region{box(ICMP(3, 3), "10.0.0.0/8"), box(ICMP(3, 4), "10.0.0.0/8"), box(ICMP(4, 0), "10.0.0.0/8")},
			[]string{"refuted", "refused icmp 3/3 of 10.0.0.0/8", "refused icmp 4/0 of 10.0.0.0/8"},
		},
		"all codes of a type": {
			[]Rule{icmpRule(3, -1, from("0.0.0.0/0"))},
			Region{box(ICMP(3, 4), "10.0.0.0/8")}, []string{"proved"},
		},
		"all messages but one": {
			[]Rule{icmpRule(3, 4, from("10.0.0.0/8"))},
			Region{box(allPorts(icmp), "10.0.0.0/8")},
			[]string{"refuted", "refused icmp 0-2, 3/0-3 of 10.0.0.0/8", "refused icmp 3/5-255, 4-255 of 10.0.0.0/8"},
		},
		"one of the groups that the peer carries is named": {
			[]Rule{tcpRule(8080, 8080, group("sg-b"))},
			Region{box(TCP(8080, 8080), "10.0.0.0/16", "sg-a", "sg-b")}, []string{"proved"},
		},
		"another group is named": {
			[]Rule{tcpRule(8080, 8080, group("sg-c"))},
			Region{box(TCP(8080, 8080), "10.0.0.0/16", "sg-a", "sg-b")},
			[]string{"refuted", "refused tcp 8080 of members of sg-a, sg-b at 10.0.0.0/16"},
		},
		"a group is never its addresses": {
			[]Rule{tcpRule(80, 80, group("sg-a"))},
			Region{box(TCP(80, 80), "10.0.0.0/16")}, []string{"refuted", "refused tcp 80 of 10.0.0.0/16"},
		},
		"members are admitted by their addresses too": {
			[]Rule{tcpRule(80, 80, from("10.0.0.0/9"))},
			Region{box(TCP(80, 80), "10.0.0.0/8", "sg-a")},
			[]string{"refuted", "refused tcp 80 of members of sg-a at 10.128.0.0/9"},
		},
		"a prefix list is its networks": {
			[]Rule{tcpRule(80, 80, Peer{PrefixList: "pl-1", Networks: []netip.Prefix{prefix("10.0.0.0/9"), prefix("10.128.0.0/9")}})},
			Region{box(TCP(80, 80), "10.0.0.0/8")}, []string{"proved"},
		},
		"an empty prefix list admits nobody": {
			[]Rule{tcpRule(80, 80, Peer{PrefixList: "pl-1"})},
			Region{box(TCP(80, 80), "10.0.0.0/8")}, []string{"refuted", "refused tcp 80 of 10.0.0.0/8"},
		},
		"an unknown prefix list admits its members": {
			[]Rule{{Protocol: "tcp", From: 80, To: 80, Peer: Peer{PrefixList: "pl-1"}, Unknown: NetworksField}},
			Region{{Traffic: TCP(80, 80), Addresses: Anywhere(), MemberOf: []string{"pl-1"}}}, []string{"proved"},
		},
		"an unknown prefix list may admit others": {
			[]Rule{{Protocol: "tcp", From: 80, To: 80, Peer: Peer{PrefixList: "pl-1"}, Unknown: NetworksField}, tcpRule(80, 80, from("10.0.0.0/9"))},
			Region{box(TCP(80, 81), "10.0.0.0/8")},
			[]string{"refuted", "refused tcp 81 of 10.0.0.0/8", "undecided tcp 80 of 10.128.0.0/9 unless networks of the prefix list of 0"},
		},
		"IPv6 rules never help IPv4": {
			[]Rule{tcpRule(80, 80, from("::/0")), tcpRule(80, 80, from("::ffff:0:0/96"))},
			web, []string{"refuted", "refused tcp 80 of 0.0.0.0/0"},
		},
		"IPv4 rules never help IPv6": {
			[]Rule{tcpRule(80, 80, from("0.0.0.0/0"))},
			Region{{Traffic: TCP(80, 80), Addresses: Anywhere()}}, []string{"refuted", "refused tcp 80 of ::/0"},
		},
		"an unknown peer": {
			[]Rule{{Protocol: "tcp", From: 80, To: 80, Unknown: PeerField}},
			web, []string{"undecided", "undecided tcp 80 of 0.0.0.0/0 unless peer of 0"},
		},
		"an unknown group is nobody without groups": {
			[]Rule{{Protocol: "tcp", From: 80, To: 80, Unknown: GroupField}},
			web, []string{"refuted", "refused tcp 80 of 0.0.0.0/0"},
		},
		"an unknown group may be a group of the peer": {
			[]Rule{{Protocol: "tcp", From: 80, To: 80, Unknown: GroupField}},
			Region{box(TCP(80, 80), "10.0.0.0/16", "sg-a")},
			[]string{"undecided", "undecided tcp 80 of members of sg-a at 10.0.0.0/16 unless peer security group of 0"},
		},
		"unknown ports of the wrong protocol": {
			[]Rule{{Protocol: "udp", Peer: from("0.0.0.0/0"), Unknown: PortsField}},
			web, []string{"refuted", "refused tcp 80 of 0.0.0.0/0"},
		},
		"unknown ports of protocol -1 do not matter": {
			[]Rule{{Protocol: "-1", Peer: from("0.0.0.0/0"), Unknown: PortsField}},
			web, []string{"proved"},
		},
		"an unknown does not matter where another rule admits": {
			[]Rule{{Unknown: ProtocolField | PortsField | PeerField}, tcpRule(0, 65535, from("0.0.0.0/0"))},
			web, []string{"proved"},
		},
		"a region whose peer is not known": {
			[]Rule{tcpRule(80, 80, from("0.0.0.0/0"))},
			Region{{Traffic: TCP(80, 80)}}, []string{"undecided", "undecided tcp 80 of no address unless peer"},
		},
		"a region whose ports are upside down": {
			[]Rule{tcpRule(80, 80, from("0.0.0.0/0"))},
			Region{box(TCP(80, 79), "10.0.0.0/8")}, []string{"undecided", "undecided tcp 80-79 of 10.0.0.0/8 unless ports"},
		},
		"boxes that overlap are told once": {
			nil, Region{box(TCP(80, 90), "10.0.0.0/8"), box(TCP(85, 95), "10.0.0.0/8")},
			[]string{"refuted", "refused tcp 80-95 of 10.0.0.0/8"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			expect(t, describe(mustGroup(t, test.rules...).Judge(test.region)), test.want...)
		})
	}
}

func TestSecurityGroupPermits(t *testing.T) {
	t.Parallel()
	everywhere := Region{{Traffic: AllTraffic(), Addresses: Anywhere()}}
	for name, test := range map[string]struct {
		rules           []Rule
		within, besides Region
		want            []string
	}{
		"just what is recommended": {
			[]Rule{tcpRule(80, 80, from("0.0.0.0/1")), tcpRule(80, 80, from("128.0.0.0/1"))},
			everywhere, Region{box(TCP(80, 80), "0.0.0.0/0")}, nil,
		},
		"more ports, and every rule that opens them": {
			[]Rule{tcpRule(0, 65535, from("10.0.0.0/8")), tcpRule(79, 80, from("10.0.0.0/16"))},
			everywhere, Region{box(TCP(80, 80), "0.0.0.0/0")},
			[]string{"permitted tcp 0-79 of 10.0.0.0/8 by 0", "permitted tcp 79 of 10.0.0.0/16 by 1", "permitted tcp 81-65535 of 10.0.0.0/8 by 0"},
		},
		"more addresses, within a port": {
			[]Rule{tcpRule(0, 65535, from("10.0.0.0/8"))},
			Region{box(TCP(80, 80), "0.0.0.0/0")}, Region{box(TCP(80, 80), "10.0.0.0/9")},
			[]string{"permitted tcp 80 of 10.128.0.0/9 by 0"},
		},
		"all protocols": {
			[]Rule{everything(from("10.0.0.0/8"))},
			everywhere, Region{box(TCP(80, 80), "10.0.0.0/8")},
			[]string{
				"permitted protocols 0-5 of 10.0.0.0/8 by 0", "permitted tcp 0-79 of 10.0.0.0/8 by 0",
				"permitted tcp 81-65535 of 10.0.0.0/8 by 0", "permitted protocols 7-255 of 10.0.0.0/8 by 0",
			},
		},
		"a group that nobody named": {
			[]Rule{tcpRule(80, 80, group("sg-a")), tcpRule(80, 80, group("sg-b"))},
			everywhere, Region{{Traffic: TCP(80, 80), Addresses: Anywhere(), MemberOf: []string{"sg-b"}}, box(TCP(80, 80), "10.0.0.0/8")},
			[]string{"permitted tcp 80 of members of sg-a at 0.0.0.0-9.255.255.255 by 0", "permitted tcp 80 of members of sg-a at 11.0.0.0-255.255.255.255 and ::/0 by 0"},
		},
		"members are within everyone": {
			[]Rule{tcpRule(80, 80, group("sg-a"))},
			Region{box(TCP(80, 80), "0.0.0.0/0")}, Region{box(TCP(80, 80), "0.0.0.0/0")}, nil,
		},
		"members of both are members of one": {
			[]Rule{tcpRule(80, 80, group("sg-a"))},
			Region{box(TCP(80, 80), "10.0.0.0/8", "sg-b")}, Region{box(TCP(80, 80), "10.0.0.0/8", "sg-b")}, nil,
		},
		"a prefix list by its networks": {
			[]Rule{tcpRule(80, 80, Peer{PrefixList: "pl-1", Networks: []netip.Prefix{prefix("10.0.0.0/9"), prefix("192.0.2.0/24")}})},
			everywhere, Region{box(TCP(80, 80), "10.0.0.0/8")},
			[]string{"permitted tcp 80 of members of pl-1 at 192.0.2.0/24 by 0"},
		},
		"a prefix list by its name": {
			[]Rule{tcpRule(80, 80, Peer{PrefixList: "pl-1", Networks: []netip.Prefix{prefix("10.0.0.0/9")}})},
			everywhere, Region{{Traffic: TCP(80, 80), Addresses: Anywhere(), MemberOf: []string{"pl-1"}}}, nil,
		},
		"an unknown prefix list": {
			[]Rule{{Protocol: "tcp", From: 80, To: 80, Peer: Peer{PrefixList: "pl-1"}, Unknown: NetworksField}},
			everywhere, nil,
			[]string{"permitted tcp 80 of members of pl-1 unless networks of the prefix list of 0"},
		},
		"an unknown peer": {
			[]Rule{{Protocol: "tcp", From: 80, To: 81, Unknown: PeerField}},
			Region{box(TCP(80, 80), "0.0.0.0/0")}, Region{box(TCP(80, 80), "0.0.0.0/1")},
			[]string{"permitted tcp 80 of 128.0.0.0/1 unless peer of 0"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := lines("permitted", mustGroup(t, test.rules...).Permits(test.within, test.besides))
			for i := range got {
				// An uncertain piece names its rule as the unknown.
				if before, after, uncertain := strings.Cut(got[i], " by 0 unless"); uncertain {
					got[i] = before + " unless" + after
				}
			}
			expect(t, strings.Join(got, "\n"), test.want...)
		})
	}
}

func TestNewSecurityGroupRefuses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		rule Rule
		want string
	}{
		"protocol":             {Rule{Protocol: "tpc", Peer: from("10.0.0.0/8")}, `rule 1: protocol "tpc": write tcp, udp, icmp, icmpv6, a protocol number from 0 to 255, or -1 for all`},
		"protocol number":      {Rule{Protocol: "256", Peer: from("10.0.0.0/8")}, `rule 1: protocol "256": write tcp,`},
		"unknown ports":        {Rule{Protocol: "?", Peer: from("10.0.0.0/8"), Unknown: PortsField}, `rule 1: protocol "?"`},
		"ports upside down":    {tcpRule(90, 80, from("10.0.0.0/8")), "rule 1: ports 90 to 80 of tcp: ports go from 0 to 65535, the lower one first"},
		"no ports":             {tcpRule(-1, -1, from("10.0.0.0/8")), "rule 1: ports -1 to -1 of tcp"},
		"port 65536":           {tcpRule(80, 65536, from("10.0.0.0/8")), "rule 1: ports 80 to 65536 of tcp"},
		"ICMP type 300":        {icmpRule(300, 0, from("10.0.0.0/8")), "rule 1: icmp type 300 code 0: types and codes go from 0 to 255, or are -1 for all"},
		"ICMP code 256":        {icmpRule(3, 256, from("10.0.0.0/8")), "rule 1: icmp type 3 code 256"},
		"a code of all types":  {icmpRule(-1, 4, from("10.0.0.0/8")), "rule 1: icmp type -1 code 4: type -1 is all types and needs code -1"},
		"no peer":              {tcpRule(80, 80, Peer{}), "rule 1: a rule has exactly one peer"},
		"two peers":            {tcpRule(80, 80, Peer{CIDR: prefix("10.0.0.0/8"), SecurityGroup: "sg-a"}), "rule 1: a rule has exactly one peer"},
		"an action":            {Rule{Protocol: "-1", Peer: from("10.0.0.0/8"), Unknown: ActionField}, "rule 1: a security group rule has no action"},
		"a network that isn't": {tcpRule(80, 80, Peer{PrefixList: "pl-1", Networks: make([]netip.Prefix, 1)}), "rule 1: prefix list pl-1 has a network that is none"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := NewSecurityGroup([]Rule{everything(from("0.0.0.0/0")), test.rule})
			if err == nil || !strings.HasPrefix(err.Error(), test.want) {
				t.Errorf("got error %v, want %s", err, test.want)
			}
		})
	}
}

// TestManyBoxesToTheLetter: where there are many boxes, those that a rule admits to
// the letter are told apart first. Members of another group, and rules of which
// something is not known, are not among them.
func TestManyBoxesToTheLetter(t *testing.T) {
	t.Parallel()
	var rules []Rule
	var region Region
	for port := range 40 {
		rules = append(rules, tcpRule(1000+port, 1000+port, Peer{SecurityGroup: "sg-1"}))
		region = append(region, Box{Traffic: TCP(uint16(1000+port), uint16(1000+port)), Addresses: Anywhere(), MemberOf: []string{"sg-1"}})
	}
	judge := func(rules []Rule, region Region) Judgment {
		t.Helper()
		group, err := NewSecurityGroup(rules)
		if err != nil {
			t.Fatal(err)
		}
		return group.Judge(region)
	}
	if got := judge(rules, region); got.Verdict != Proved {
		t.Errorf("all to the letter: %s", got.Verdict)
	}
	for name, test := range map[string]struct {
		change func([]Rule, Region)
		want   Verdict
	}{
		"a member of another group": {func(_ []Rule, region Region) { region[3].MemberOf = []string{"sg-2"} }, Refuted},
		"a member of nothing":       {func(_ []Rule, region Region) { region[3].MemberOf = nil }, Refuted},
		"another port":              {func(_ []Rule, region Region) { region[3].Traffic = TCP(80, 80) }, Refuted},
		"a group that is not known": {func(rules []Rule, _ Region) { rules[3].Peer, rules[3].Unknown = Peer{}, GroupField }, Undecided},
		"ports that are not known":  {func(rules []Rule, _ Region) { rules[3].Unknown = PortsField }, Undecided},
	} {
		changedRules, changedRegion := slices.Clone(rules), slices.Clone(region)
		test.change(changedRules, changedRegion)
		got := judge(changedRules, changedRegion)
		left := len(got.Refused) + len(got.Undecided)
		if got.Verdict != test.want || left != 1 {
			t.Errorf("%s: %s, %+v %+v", name, got.Verdict, got.Refused, got.Undecided)
		}
	}
}
