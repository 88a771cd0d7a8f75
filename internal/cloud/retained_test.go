// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package cloud_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/terraform-clb/terraform-provider-clb/internal/cloud"
	packets "github.com/terraform-clb/terraform-provider-clb/internal/packet"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// needOf is that all addresses of a network, members of some groups, get through to
// a port.
func needOf(port int, cidr string, groups ...string) cloud.Need {
	return cloud.Need{Direction: wiring.Ingress, What: fmt.Sprintf("tcp %d", port), Region: packets.Region{{
		Traffic: packets.TCP(uint16(port), uint16(port)), Addresses: packets.CIDR(netip.MustParsePrefix(cidr)), MemberOf: groups,
	}}}
}

// groupRule is an inbound rule by its peer and ports.
func groupRule(peer string, from, to int) wiring.Rule {
	rule := wiring.Rule{Direction: wiring.Ingress, Protocol: wiring.TCP, From: from, To: to}
	switch {
	case strings.HasPrefix(peer, "sg-"):
		rule.Peer = wiring.GroupPeer(peer)
	case strings.HasPrefix(peer, "pl-"):
		rule.Peer = wiring.PrefixListPeer(peer)
	default:
		rule.Peer = wiring.CIDRPeer(netip.MustParsePrefix(peer))
	}
	return rule
}

// TestRetainedRules: of the rules that go, those stay without which a needed packet
// would be refused that passes now, and no others.
func TestRetainedRules(t *testing.T) {
	t.Parallel()
	rules := func(rules ...wiring.Rule) []wiring.Rule { return rules }
	const all, net = "0.0.0.0/0", "10.0.0.0/8"
	for _, test := range []struct {
		name string
		// going are owned and not wanted, want is wanted, others are a stranger's.
		going, want, others []wiring.Rule
		needs               []cloud.Need
		left                bool
		retained            []string
	}{
		{name: "needed", going: rules(groupRule(all, 80, 80)), needs: []cloud.Need{needOf(80, all)}, retained: []string{"tcp 80 from 0.0.0.0/0: tcp 80"}},
		{name: "not needed", going: rules(groupRule(all, 80, 80)), needs: []cloud.Need{needOf(443, all)}},
		{name: "needed in part", going: rules(groupRule(net, 80, 80)), needs: []cloud.Need{needOf(80, all)}, retained: []string{"tcp 80 from 10.0.0.0/8: tcp 80"}},
		{name: "of a family that is not needed", going: rules(groupRule("::/0", 80, 80)), needs: []cloud.Need{needOf(80, all)}},
		{name: "wanted admits it", going: rules(groupRule(net, 80, 80)), want: rules(groupRule(all, 0, 100)), needs: []cloud.Need{needOf(80, net)}},
		{name: "wanted admits a half", going: rules(groupRule(net, 80, 80)), want: rules(groupRule("10.0.0.0/9", 80, 80)), needs: []cloud.Need{needOf(80, net)}, retained: []string{"tcp 80 from 10.0.0.0/8: tcp 80"}},
		{name: "two halves that are wanted", going: rules(groupRule(net, 80, 80)), want: rules(groupRule("10.0.0.0/9", 80, 80), groupRule("10.128.0.0/9", 80, 80)), needs: []cloud.Need{needOf(80, net)}},
		{name: "others admit it", going: rules(groupRule(all, 80, 80)), others: rules(groupRule("0.0.0.0/1", 80, 80), groupRule("128.0.0.0/1", 0, 65535)), needs: []cloud.Need{needOf(80, all)}},
		{
			name: "one of two that admit it", going: rules(groupRule(all, 80, 80), groupRule(net, 80, 80)), needs: []cloud.Need{needOf(80, net)},
			retained: []string{"tcp 80 from 10.0.0.0/8: tcp 80"},
		},
		{
			name: "members", going: rules(groupRule("sg-1", 8080, 8080), groupRule("sg-2", 8080, 8080)), needs: []cloud.Need{needOf(8080, all, "sg-1")},
			retained: []string{"tcp 8080 from sg-1: tcp 8080"},
		},
		{name: "members of both", going: rules(groupRule("sg-1", 8080, 8080)), want: rules(groupRule("sg-2", 8080, 8080)), needs: []cloud.Need{needOf(8080, all, "sg-1", "sg-2")}},
		{
			name: "a prefix list may admit it", going: rules(groupRule(all, 80, 80)), want: rules(groupRule("pl-1", 80, 80)), needs: []cloud.Need{needOf(80, net)},
			retained: []string{"tcp 80 from 0.0.0.0/0: tcp 80"},
		},
		{name: "a prefix list goes that may admit it", going: rules(groupRule("pl-1", 80, 80)), needs: []cloud.Need{needOf(80, net)}, retained: []string{"tcp 80 from pl-1: tcp 80"}},
		{name: "adopted ones are not revoked", going: rules(groupRule(all, 80, 80)), left: true, needs: []cloud.Need{needOf(80, all)}},
		{
			name: "two flows need it", going: rules(groupRule(all, 0, 65535)), needs: []cloud.Need{needOf(80, all), needOf(443, net)},
			retained: []string{"tcp 0-65535 from 0.0.0.0/0: tcp 80, tcp 443"},
		},
	} {
		owned, want := cloud.RulesOf(slices.Concat(test.going, test.want)), cloud.RulesOf(test.want)
		var live []cloud.SecurityGroupRule
		for key, rule := range owned.Ingress {
			rule.ID, rule.Left = "sgr-"+key, test.left
			owned.Ingress[key] = rule
			if slices.ContainsFunc(test.going, rule.Is) {
				live = append(live, cloud.SecurityGroupRule{Rule: rule.Rule})
			} else {
				delete(owned.Ingress, key)
			}
		}
		for _, rule := range test.others {
			live = append(live, cloud.SecurityGroupRule{Rule: rule})
		}
		var got []string
		for _, rule := range cloud.RetainedRules(live, owned, want, test.needs) {
			got = append(got, rule.Key()+": "+strings.Join(rule.NeededBy, ", "))
		}
		if !slices.Equal(got, test.retained) {
			t.Errorf("%s: retained %q, want %q", test.name, got, test.retained)
		}
	}
}

// TestRetainedEntries: the same of the entries of a network ACL, whose order counts.
func TestRetainedEntries(t *testing.T) {
	t.Parallel()
	const all, net = "0.0.0.0/0", "10.0.0.0/8"
	for _, test := range []struct {
		name                string
		owned, want, others cloud.ACLEntries
		needs               []cloud.Need
		retained, lost      []string
	}{
		{name: "needed", owned: inbound(row{100, 80, 80, all}), want: inbound(), needs: []cloud.Need{needOf(80, net)}, retained: []string{"100 allow tcp 80 from 0.0.0.0/0"}},
		{name: "not needed", owned: inbound(row{100, 80, 80, all}), want: inbound(), needs: []cloud.Need{needOf(443, net)}},
		{name: "moved", owned: inbound(row{100, 80, 80, all}), want: inbound(row{200, 80, 80, all}), needs: []cloud.Need{needOf(80, all)}},
		{
			name: "another takes its number", owned: inbound(row{100, 80, 80, all}), want: inbound(row{100, 443, 443, all}), needs: []cloud.Need{needOf(80, all)},
			retained: []string{"32749 allow tcp 80 from 0.0.0.0/0"},
		},
		{
			name: "another takes its number, in front of a denial", owned: inbound(row{100, 80, 80, net}), want: inbound(row{100, 443, 443, net}), others: mixed(denyRow{200, 0, 1000, all}),
			needs: []cloud.Need{needOf(80, all)}, retained: []string{"127 allow tcp 80 from 10.0.0.0/8"},
		},
		{name: "denied now", owned: inbound(row{100, 80, 80, all}), want: inbound(), others: mixed(denyRow{50, 80, 80, all}), needs: []cloud.Need{needOf(80, all)}},
		{
			name: "denied in part now", owned: inbound(row{100, 80, 80, all}), want: inbound(row{300, 80, 80, "128.0.0.0/1"}), others: mixed(denyRow{50, 80, 80, "0.0.0.0/1"}),
			needs: []cloud.Need{needOf(80, all)},
		},
		{
			name: "denied as it is wanted", owned: inbound(row{100, 80, 80, all}), want: mixed(denyRow{90, 80, 80, all}), needs: []cloud.Need{needOf(80, net)},
			lost: []string{"tcp 80"},
		},
		{name: "others admit it", owned: inbound(row{100, 80, 80, all}), want: inbound(), others: inbound(row{200, 0, 1000, all}), needs: []cloud.Need{needOf(80, all)}},
		{
			name: "two that go", owned: inbound(row{100, 80, 80, all}, row{110, 80, 443, net}), want: inbound(), needs: []cloud.Need{needOf(80, net), needOf(443, net)},
			retained: []string{"110 allow tcp 80-443 from 10.0.0.0/8"},
		},
	} {
		acl := cloud.NetworkACL{}
		for _, set := range []cloud.ACLEntries{test.owned, test.others} {
			for _, entry := range set.Ingress {
				acl.Entries = append(acl.Entries, entry)
			}
		}
		retained, lost := acl.RetainedEntries(test.owned, test.want, test.needs)
		var got []string
		for _, entry := range retained {
			got = append(got, fmt.Sprintf("%d %s", entry.Number, entry.Describe()))
		}
		if !slices.Equal(got, test.retained) || !slices.Equal(lost, test.lost) {
			t.Errorf("%s: retained %q, lost %q, want %q and %q", test.name, got, lost, test.retained, test.lost)
		}
	}
}

// TestLeftCopies: what a run which was killed has put aside is known again by what
// it says and where it stands, once another entry stands in its place.
func TestLeftCopies(t *testing.T) {
	t.Parallel()
	const all = "0.0.0.0/0"
	owned := inbound(row{100, 80, 80, all})
	for name, test := range map[string]struct {
		live   cloud.ACLEntries
		others map[string]bool
		want   int
	}{
		"another stands in its place": {inbound(row{100, 443, 443, all}, row{32749, 80, 80, all}), nil, 1},
		"others have one elsewhere":   {inbound(row{100, 443, 443, all}, row{32749, 80, 80, all}), map[string]bool{"egress/32749": true, "ingress/127": true}, 1},
		"others have it":              {inbound(row{100, 443, 443, all}, row{32749, 80, 80, all}), map[string]bool{"ingress/32749": true}, 0},
		"it stands":                   {mergedEntries(owned, row{32749, 80, 80, all}), nil, 0},
		"at any number":               {inbound(row{100, 443, 443, all}, row{32000, 80, 80, all}), nil, 0},
		"it says something else":      {inbound(row{100, 443, 443, all}, row{32749, 80, 81, all}), nil, 0},
	} {
		owned.Others = test.others
		acl := cloud.NetworkACL{}
		for _, entry := range test.live.Ingress {
			acl.Entries = append(acl.Entries, entry)
		}
		for _, entry := range owned.Egress {
			acl.Entries = append(acl.Entries, entry)
		}
		if got := acl.LeftCopies(owned); len(got) != test.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// mergedEntries are entries and one more, which may say what one of them says.
func mergedEntries(entries cloud.ACLEntries, more row) cloud.ACLEntries {
	all := entries.Clone()
	for _, entry := range rowsIn(wiring.Ingress, more).Ingress {
		all.Ingress["more"] = entry
	}
	return all
}
