// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package verify

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/terraform-clb/terraform-provider-clb/internal/packet"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

func groupFilter(t *testing.T, d wiring.Direction, groups ...Group) *filter {
	t.Helper()
	f, err := newGroupFilter(d, groups)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func aclFilter(t *testing.T, d wiring.Direction, acl ACL) *filter {
	t.Helper()
	f, err := newACLFilter(d, acl)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestFilterCallsItselfAndItsRulesByName(t *testing.T) {
	t.Parallel()
	written := groupOf(t, "sg-2", "in tcp 443 from 10.0.0.0/8", "in tcp 22 from pl-1", "in tcp 80 from sg-9")
	written.Rules[0].ID, written.Rules[0].Name, written.Rules[0].Origin = "", `ingress["office"]`, Written
	written.Rules[1].Unknown = packet.NetworksField
	written.Rules[2].ID, written.Rules[2].Name, written.Rules[2].Unknown = "", `ingress["new"]`, packet.PortsField|packet.PeerField
	hidden := Group{ID: "sg-3", Unseen: "access was denied."}
	groups := groupFilter(t, wiring.Ingress, groupOf(t, "sg-1", "out all to 0.0.0.0/0", "in tcp 80 from 0.0.0.0/0"), written, hidden)
	acl := aclOf(t, "acl-1", "100 allow in all from 0.0.0.0/0", "90 deny out tcp 0-65535 to 10.0.0.0/8", "95 allow out icmp 3/4 to 10.0.0.0/8")
	acl.Entries[2].Unknown = packet.ActionField
	entries := aclFilter(t, wiring.Egress, acl)
	for _, test := range []struct{ got, want string }{
		{groups.name(), "security groups sg-1, sg-2 and sg-3"},
		{groups.about(), "sg-1"},
		{groups.unseen(), "security group sg-3 cannot be seen: access was denied"},
		{groups.describe(0), "security group sg-1 inbound rule sgr-2 (tcp 80 from 0.0.0.0/0)"},
		{groups.describe(1), `security group sg-2 inbound rule (tcp 443 from 10.0.0.0/8), ingress["office"] of the configuration`},
		{groups.describe(2), "security group sg-2 inbound rule sgr-2 (tcp 22 from pl-1)"},
		{groups.describe(3), `security group sg-2 inbound rule ingress["new"] of the configuration, of which the ports and peer are not known yet`},
		{groups.describe(4), "security group sg-3 cannot be seen: access was denied"},
		{groups.describe(packet.NoRule), "security groups sg-1, sg-2 and sg-3, which have no inbound rule that admits it"},
		{groupFilter(t, wiring.Egress, Group{}).name(), "the security group"},
		{groupFilter(t, wiring.Egress, Group{}).about(), ""},
		{entries.name(), "network ACL acl-1"},
		{entries.unseen(), ""},
		{entries.describe(0), "network ACL acl-1 outbound rule 90 (deny tcp 0-65535 to 10.0.0.0/8)"},
		{entries.describe(1), "network ACL acl-1 outbound rule 95, of which the action is not known yet"},
		{entries.describe(packet.NoRule), "the final outbound rule * of network ACL acl-1"},
	} {
		if test.got != test.want {
			t.Errorf("got %s\nwant %s", test.got, test.want)
		}
	}
	if groups.rules() != 4 || entries.rules() != 2 {
		t.Errorf("%d and %d rules", groups.rules(), entries.rules())
	}
	for i, want := range []Origin{Unmanaged, Written, Unmanaged, Unmanaged, Unmanaged} {
		if got := groups.origin(i); got != want {
			t.Errorf("origin of rule %d is %d, want %d", i, got, want)
		}
	}
	if groups.origin(packet.NoRule) != Unmanaged {
		t.Error("what no rule decides belongs to somebody")
	}
}

func TestWhatIsUnseenCanOnlyAddToGroupsAndDecidesNothingOfACLs(t *testing.T) {
	t.Parallel()
	hidden := groupOf(t, "sg-2", "in tcp 443 from 0.0.0.0/0")
	hidden.Unseen = "access was denied"
	groups := groupFilter(t, wiring.Ingress, groupOf(t, "sg-1", "in tcp 80 from 0.0.0.0/0"), hidden)
	acl := aclOf(t, "acl-1", "1 allow in all from 0.0.0.0/0")
	acl.Unseen = "access was denied"
	entries := aclFilter(t, wiring.Ingress, acl)
	for _, test := range []struct {
		filter *filter
		port   uint16
		want   packet.Verdict
	}{
		{groups, 80, packet.Proved},
		{groups, 443, packet.Proved},
		{groups, 22, packet.Undecided},
		{entries, 80, packet.Undecided},
	} {
		region := packet.Region{{Traffic: packet.TCP(test.port, test.port), Addresses: onlyIPv4()}}
		if got := test.filter.judge(region).Verdict; got != test.want {
			t.Errorf("%s, port %d: %s, want %s", test.filter.name(), test.port, got, test.want)
		}
		p := packet.Packet{Peer: netip.MustParseAddr("203.0.113.10"), Protocol: protocolTCP, Port: int(test.port)}
		if got, _ := test.filter.scan(p); got != test.want {
			t.Errorf("%s, scan of port %d: %s, want %s", test.filter.name(), test.port, got, test.want)
		}
	}
	everything := packet.Region{{Traffic: packet.AllTraffic(), Addresses: packet.Anywhere()}}
	for _, f := range []*filter{groups, entries} {
		for _, piece := range f.permits(everything, nil) {
			if piece.Rule < 0 || piece.Rule >= f.rules() {
				t.Errorf("%s permits by rule %d, which nobody has seen", f.name(), piece.Rule)
			}
		}
	}
}

func TestFilterRefusesRulesThatEC2CouldNotHave(t *testing.T) {
	t.Parallel()
	group := groupOf(t, "sg-1", "in tcp 80 from 0.0.0.0/0", "in tcp 90 from 0.0.0.0/0")
	group.Rules[1].To = 80
	_, err := newGroupFilter(wiring.Ingress, []Group{group})
	if want := "security group sg-1 inbound rule sgr-2 (tcp 90-80 from 0.0.0.0/0): ports 90 to 80 of tcp: ports go from 0 to 65535, the lower one first"; err == nil || err.Error() != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
	_, err = newACLFilter(wiring.Ingress, aclOf(t, "acl-1", "100 allow in tcp 80 from 10.0.0.0/8", "100 deny in tcp 80 from 10.0.0.0/8"))
	if want := "network ACL acl-1 cannot be judged, inbound: entry 100: the rule number is there twice"; err == nil || err.Error() != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
	if _, err := newACLFilter(wiring.Egress, aclOf(t, "acl-1", "100 allow in tcp 80 from 10.0.0.0/8", "100 allow out tcp 80 to 10.0.0.0/8")); err != nil {
		t.Errorf("one number in both directions: %v", err)
	}
}

func TestGroupHasOneSpellingWithAndWithoutItsAccount(t *testing.T) {
	t.Parallel()
	f := groupFilter(t, wiring.Ingress, groupOf(t, "sg-1", "in tcp 80 from 123456789012/sg-2"))
	region := packet.Region{{Traffic: packet.TCP(80, 80), Addresses: onlyIPv4(), MemberOf: groupIDs([]string{"123456789012/sg-2", "sg-2"})}}
	if got := f.judge(region).Verdict; got != packet.Proved {
		t.Errorf("%s: %v", got, region)
	}
	if got := groupIDs([]string{"", "sg-1", "1/sg-1", "sg-2"}); !slices.Equal(got, []string{"sg-1", "sg-2"}) {
		t.Errorf("group ids are %q", got)
	}
}

func TestWordsAreListed(t *testing.T) {
	t.Parallel()
	for want, words := range map[string]string{"": "", "a": "a", "a and b": "a b", "a, b and c": "a b c"} {
		if got := and(strings.Fields(words)); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
