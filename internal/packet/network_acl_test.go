// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package packet

import (
	"slices"
	"strings"
	"testing"
)

func TestNetworkACLJudge(t *testing.T) {
	t.Parallel()
	ephemeral := Region{box(TCP(1024, 65535), "10.0.0.0/16")}
	for name, test := range map[string]struct {
		entries []Entry
		region  Region
		want    []string
	}{
		"the final deny": {
			nil, ephemeral, []string{"refuted", "refused tcp 1024-65535 of 10.0.0.0/16"},
		},
		"allow all": {
			[]Entry{allow(100, everything(from("0.0.0.0/0")))}, ephemeral, []string{"proved"},
		},
		"the ephemeral ports of Linux are not all": {
			[]Entry{allow(140, tcpRule(32768, 65535, from("0.0.0.0/0")))},
			ephemeral, []string{"refuted", "refused tcp 1024-32767 of 10.0.0.0/16"},
		},
		"deny before allow": {
			[]Entry{allow(100, everything(from("0.0.0.0/0"))), deny(90, tcpRule(3389, 3389, from("10.0.0.0/8")))},
			ephemeral, []string{"refuted", "refused tcp 3389 of 10.0.0.0/16 by 1"},
		},
		"deny after allow": {
			[]Entry{allow(100, everything(from("0.0.0.0/0"))), deny(110, tcpRule(3389, 3389, from("10.0.0.0/8")))},
			ephemeral, []string{"proved"},
		},
		"each piece has its entry": {
			[]Entry{
				deny(10, tcpRule(2000, 2999, from("10.0.128.0/17"))), deny(20, tcpRule(2500, 3500, from("10.0.0.0/16"))),
				allow(30, tcpRule(1024, 4999, from("10.0.0.0/16"))),
			},
			ephemeral,
			[]string{
				"refuted", "refused tcp 2000-2999 of 10.0.128.0/17 by 0", "refused tcp 2500-2999 of 10.0.0.0/17 by 1",
				"refused tcp 3000-3500 of 10.0.0.0/16 by 1", "refused tcp 5000-65535 of 10.0.0.0/16",
			},
		},
		"a deny in the middle of two allows": {
			[]Entry{
				allow(10, tcpRule(1024, 65535, from("10.0.0.0/17"))), deny(20, tcpRule(5000, 5000, from("0.0.0.0/0"))),
				allow(30, everything(from("0.0.0.0/0"))),
			},
			ephemeral, []string{"refuted", "refused tcp 5000 of 10.0.128.0/17 by 1"},
		},
		"protocol -1 denies every port, whatever is written": {
			[]Entry{{Number: 10, Action: Deny, Rule: Rule{Protocol: "-1", From: 22, To: 22, Peer: from("10.0.0.0/17")}}, allow(20, everything(from("0.0.0.0/0")))},
			ephemeral, []string{"refuted", "refused tcp 1024-65535 of 10.0.0.0/17 by 0"},
		},
		"a deny of protocol 50 is not about tcp": {
			[]Entry{{Number: 10, Action: Deny, Rule: Rule{Protocol: "50", Peer: from("0.0.0.0/0")}}, allow(20, everything(from("0.0.0.0/0")))},
			ephemeral, []string{"proved"},
		},
		"IPv6 entries never touch IPv4": {
			[]Entry{deny(10, everything(from("::/0"))), allow(20, everything(from("0.0.0.0/0")))},
			ephemeral, []string{"proved"},
		},
		"IPv6 entries never help IPv4": {
			[]Entry{allow(101, everything(from("::/0")))},
			ephemeral, []string{"refuted", "refused tcp 1024-65535 of 10.0.0.0/16"},
		},
		"path MTU discovery": {
			[]Entry{{Number: 10, Action: Allow, Rule: Rule{Protocol: "1", From: 8, To: 0, Peer: from("0.0.0.0/0")}}},
			Region{box(ICMP(3, 4), "10.0.0.0/16")}, []string{"refuted", "refused icmp 3/4 of 10.0.0.0/16"},
		},
		"ICMPv6 with an IPv4 network is about all messages": {
			[]Entry{{Number: 10, Action: Allow, Rule: Rule{Protocol: "58", From: 1, To: 0, Peer: from("0.0.0.0/0")}}},
			Region{box(allPorts(icmpv6), "10.0.0.0/16")}, []string{"proved"},
		},
		"ICMPv6 with an IPv6 network is about its message": {
			[]Entry{{Number: 10, Action: Allow, Rule: Rule{Protocol: "58", From: 1, To: -1, Peer: from("::/0")}}},
			Region{box(allPorts(icmpv6), "2001:db8::/32")},
			[]string{"refuted", "refused icmpv6 0 of 2001:db8::/32", "refused icmpv6 2-255 of 2001:db8::/32"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			expect(t, describe(mustACL(t, test.entries...).Judge(test.region)), test.want...)
		})
	}
}

func unknown(entry Entry, fields Field) Entry {
	entry.Unknown = fields
	return entry
}

func TestNetworkACLJudgeUnknown(t *testing.T) {
	t.Parallel()
	ephemeral := Region{box(TCP(1024, 65535), "10.0.0.0/16")}
	for name, test := range map[string]struct {
		entries []Entry
		want    []string
	}{
		"an action before an allow": {
			[]Entry{unknown(allow(10, tcpRule(5000, 5000, from("10.0.0.0/17"))), ActionField), allow(20, everything(from("0.0.0.0/0")))},
			[]string{"undecided", "undecided tcp 5000 of 10.0.0.0/17 unless action of 0"},
		},
		"an action after an allow": {
			[]Entry{allow(10, everything(from("0.0.0.0/0"))), unknown(allow(20, everything(from("0.0.0.0/0"))), ActionField)},
			[]string{"proved"},
		},
		"a peer of a deny": {
			[]Entry{unknown(deny(10, tcpRule(5000, 5000, Peer{})), PeerField), allow(20, everything(from("0.0.0.0/0")))},
			[]string{"undecided", "undecided tcp 5000 of 10.0.0.0/16 unless peer of 0"},
		},
		"ports of a deny that a deny follows": {
			[]Entry{unknown(deny(10, tcpRule(0, 0, from("10.0.0.0/17"))), PortsField), deny(20, tcpRule(2000, 2000, from("0.0.0.0/0"))), allow(30, tcpRule(2000, 65535, from("0.0.0.0/0")))},
			[]string{
				"refuted", "refused tcp 1024-1999 of 10.0.0.0/16", "refused tcp 2000 of 10.0.0.0/16 by 1",
				"undecided tcp 2001-65535 of 10.0.0.0/17 unless ports of 0",
			},
		},
		"a peer of an allow before the final deny": {
			[]Entry{allow(10, tcpRule(1024, 4999, from("10.0.0.0/8"))), unknown(allow(20, tcpRule(5000, 65535, Peer{})), PeerField)},
			[]string{"undecided", "undecided tcp 5000-65535 of 10.0.0.0/16 unless peer of 1"},
		},
		"several": {
			[]Entry{unknown(allow(10, Rule{}), ProtocolField|PeerField), unknown(deny(20, tcpRule(1024, 65535, from("10.0.0.0/8"))), ActionField)},
			[]string{"undecided", "undecided tcp 1024-65535 of 10.0.0.0/16 unless protocol and peer of 0 unless action of 1"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			expect(t, describe(mustACL(t, test.entries...).Judge(ephemeral)), test.want...)
		})
	}
}

func TestJudgmentNamesUnknowns(t *testing.T) {
	t.Parallel()
	j := mustACL(t,
		unknown(deny(20, tcpRule(5000, 5000, Peer{})), PeerField),
		unknown(deny(10, tcpRule(6000, 6000, Peer{})), PeerField),
		allow(30, everything(from("0.0.0.0/0"))),
	).Judge(Region{box(TCP(1024, 65535), "10.0.0.0/16")})
	want := []Unknown{{0, PeerField}, {1, PeerField}}
	if !slices.Equal(j.Unknowns, want) {
		t.Errorf("got unknowns %v, want %v", j.Unknowns, want)
	}
}

func TestNetworkACLPermits(t *testing.T) {
	t.Parallel()
	acl := mustACL(t,
		deny(10, tcpRule(22, 22, from("0.0.0.0/0"))),
		allow(20, tcpRule(0, 100, from("10.0.0.0/8"))),
		unknown(deny(30, tcpRule(443, 443, Peer{})), PeerField),
		allow(40, tcpRule(80, 443, from("10.0.0.0/7"))),
	)
	within := Region{box(TCP(20, 23), "0.0.0.0/0"), box(TCP(80, 80), "0.0.0.0/0"), box(TCP(443, 443), "0.0.0.0/0")}
	got := lines("permitted", acl.Permits(within, Region{box(TCP(80, 80), "10.0.0.0/9")}))
	expect(t, strings.Join(got, "\n"),
		"permitted tcp 20-21 of 10.0.0.0/8 by 1",
		"permitted tcp 23 of 10.0.0.0/8 by 1",
		"permitted tcp 80 of 10.128.0.0/9 by 1",
		"permitted tcp 80 of 11.0.0.0/8 by 3",
		"permitted tcp 443 of 10.0.0.0/7 by 3 unless peer of 2",
	)
}

// An entry whose action is unknown decides all that it matches: what comes after
// it permits nothing of that.
func TestNetworkACLPermitsBehindAnUnknownAction(t *testing.T) {
	t.Parallel()
	acl := mustACL(t,
		unknown(allow(10, tcpRule(80, 80, from("10.0.0.0/9"))), ActionField),
		allow(20, tcpRule(80, 80, from("10.0.0.0/8"))),
	)
	got := lines("permitted", acl.Permits(Region{box(TCP(80, 80), "0.0.0.0/0")}, nil))
	expect(t, strings.Join(got, "\n"),
		"permitted tcp 80 of 10.0.0.0/9 by 0 unless action of 0",
		"permitted tcp 80 of 10.128.0.0/9 by 1",
	)
}

func TestNetworkACLShadowed(t *testing.T) {
	t.Parallel()
	web := tcpRule(80, 80, from("10.0.0.0/16"))
	for name, test := range map[string]struct {
		earlier []Entry
		entry   Entry
		want    []int
	}{
		"nothing before":             {nil, allow(100, web), nil},
		"the same":                   {[]Entry{deny(90, web)}, allow(100, web), []int{0}},
		"later does not count":       {[]Entry{deny(110, web)}, allow(100, web), nil},
		"a wider one":                {[]Entry{allow(90, everything(from("0.0.0.0/0")))}, allow(100, web), []int{0}},
		"the other family":           {[]Entry{deny(90, everything(from("::/0")))}, allow(100, web), nil},
		"one that is enough":         {[]Entry{deny(10, tcpRule(80, 80, from("10.0.0.0/17"))), allow(20, tcpRule(80, 80, from("10.0.128.0/17"))), deny(30, web)}, allow(100, web), []int{2}},
		"two halves":                 {[]Entry{deny(20, tcpRule(80, 80, from("10.0.0.0/17"))), allow(10, tcpRule(80, 80, from("10.0.128.0/17")))}, allow(100, web), []int{1, 0}},
		"half":                       {[]Entry{deny(20, tcpRule(80, 80, from("10.0.0.0/17")))}, allow(100, web), nil},
		"only those that are needed": {[]Entry{deny(10, tcpRule(0, 79, from("10.0.0.0/16"))), deny(20, tcpRule(50, 80, from("10.0.0.0/17"))), deny(30, tcpRule(80, 80, from("10.0.0.0/18"))), deny(40, tcpRule(70, 90, from("10.0.128.0/17")))}, allow(100, web), []int{1, 3}},
		"an unknown action shadows":  {[]Entry{unknown(deny(90, web), ActionField)}, allow(100, web), []int{0}},
		"an unknown peer does not":   {[]Entry{unknown(deny(90, tcpRule(80, 80, Peer{})), PeerField)}, allow(100, web), nil},
		"unknown ports, all covered": {[]Entry{deny(90, everything(from("10.0.0.0/8")))}, unknown(allow(100, web), PortsField), []int{0}},
		"unknown ports, not covered": {[]Entry{deny(90, web)}, unknown(allow(100, web), PortsField), nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			acl := mustACL(t, append(slices.Clone(test.earlier), test.entry)...)
			by, shadowed := acl.Shadowed(len(test.earlier))
			if shadowed != (test.want != nil) || !slices.Equal(by, test.want) {
				t.Errorf("got %v by %v, want by %v", shadowed, by, test.want)
			}
		})
	}
	if by, shadowed := mustACL(t).Shadowed(7); shadowed || by != nil {
		t.Errorf("an entry that is not there is shadowed by %v", by)
	}
}

func TestNewNetworkACLRefuses(t *testing.T) {
	t.Parallel()
	web := tcpRule(80, 80, from("10.0.0.0/8"))
	for name, test := range map[string]struct {
		entry Entry
		want  string
	}{
		"number twice":  {allow(100, web), "entry 100: the rule number is there twice"},
		"action":        {Entry{Number: 110, Action: "drop", Rule: web}, `entry 110: the action is "drop": it must be allow or deny`},
		"no peer":       {allow(110, tcpRule(80, 80, Peer{})), "entry 110: a network ACL entry has a CIDR"},
		"a group":       {allow(110, tcpRule(80, 80, group("sg-a"))), "entry 110: a network ACL entry has a CIDR"},
		"some group":    {unknown(allow(110, web), GroupField), "entry 110: a network ACL entry has a CIDR"},
		"a prefix list": {allow(110, tcpRule(80, 80, Peer{PrefixList: "pl-1"})), "entry 110: a network ACL entry has a CIDR"},
		"ports":         {allow(110, tcpRule(90, 80, from("10.0.0.0/8"))), "entry 110: ports 90 to 80 of tcp"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := NewNetworkACL([]Entry{allow(100, web), test.entry})
			if err == nil || !strings.HasPrefix(err.Error(), test.want) {
				t.Errorf("got error %v, want %s", err, test.want)
			}
		})
	}
}
