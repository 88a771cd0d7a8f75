// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package cloud_test

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/terraform-clb/terraform-provider-clb/internal/cloud"
	"github.com/terraform-clb/terraform-provider-clb/internal/fakeaws"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// groupDouble is a group in the double with a rule that somebody else made, and
// a group that rules can name.
type groupDouble struct {
	*double
	vpc, group, app string
}

func startGroup(t *testing.T, attempts int, config fakeaws.Config) *groupDouble {
	t.Helper()
	d := &groupDouble{double: start(t, attempts, config)}
	d.vpc = d.double.vpc("10.0.0.0/16")
	d.group, d.app = d.bareGroup(d.vpc, "lb"), d.bareGroup(d.vpc, "app")
	must(d.ec2.AuthorizeSecurityGroupIngress(t.Context(), &ec2.AuthorizeSecurityGroupIngressInput{GroupId: &d.group, IpPermissions: []types.IpPermission{
		{IpProtocol: aws.String("tcp"), FromPort: aws.Int32(22), ToPort: aws.Int32(22), IpRanges: []types.IpRange{{CidrIp: aws.String("10.0.0.0/8")}}},
	}}))(t)
	d.server.ResetCalls()
	return d
}

const strangersRule = "ingress tcp 22 from 10.0.0.0/8"

// in and out are wanted rules.
func in(port int, cidr string) wiring.Rule { return tcp(wiring.Ingress, port, network(cidr), "in") }

func (d *groupDouble) out(port int) wiring.Rule {
	return tcp(wiring.Egress, port, wiring.GroupPeer(d.app), "out")
}

// live are the rules in the double by id.
func (d *groupDouble) live() map[string]string {
	all := map[string]string{}
	for _, r := range d.server.SecurityGroupRules(testRegion, d.group) {
		direction, word := "ingress", "from"
		if r.Egress {
			direction, word = "egress", "to"
		}
		all[r.ID] = fmt.Sprintf("%s %s %d %s %s", direction, r.Protocol, r.FromPort, word, r.CIDRIPv4+r.CIDRIPv6+r.PrefixListID+r.ReferencedGroupID)
	}
	return all
}

// texts are rules for comparison, sorted.
func texts(rules map[string]string) []string { return slices.Sorted(maps.Values(rules)) }

// wantOwned compares owned rules with what stands in the double: all of it but
// the stranger's rule, id by id.
func (d *groupDouble) wantOwned(got cloud.GroupRules) {
	d.t.Helper()
	owned := map[string]string{}
	for _, direction := range []wiring.Direction{wiring.Ingress, wiring.Egress} {
		for key, rule := range got.In(direction) {
			if rule.Direction != direction {
				d.t.Errorf("%q is an %s rule among the %s ones", key, rule.Direction, direction)
			}
			owned[rule.ID] = string(direction) + " " + rule.Key()
		}
	}
	if live := maps.Collect(without(d.live(), strangersRule)); !maps.Equal(owned, live) {
		d.t.Errorf("owned\n  %s\nthere\n  %s", strings.Join(texts(owned), "\n  "), strings.Join(texts(live), "\n  "))
	}
}

func without(all map[string]string, text string) func(func(string, string) bool) {
	return func(yield func(string, string) bool) {
		for id, each := range all {
			if each != text && !yield(id, each) {
				return
			}
		}
	}
}

// wantLive compares all rules but the stranger's, which has to be there.
func (d *groupDouble) wantLive(want ...string) {
	d.t.Helper()
	compare(d.t, texts(d.live()), slices.Sorted(slices.Values(append(want, strangersRule))))
}

// failWrite disturbs the k-th write from now on, counted from 0.
func (d *double) failWrite(k int, fault fakeaws.Fault) {
	writes := 0
	fault.Match = func(c fakeaws.Call) bool {
		if !c.Write() {
			return false
		}
		writes++
		return writes-1 == k
	}
	d.server.Inject(fault)
}

// beforeEachWrite calls look before each write takes effect.
func (d *double) beforeEachWrite(look func(fakeaws.Call)) {
	d.server.Inject(fakeaws.Fault{Kind: fakeaws.Delay, Match: fakeaws.Call.Write, Hook: look})
}

// writes are the calls that change something.
func (d *double) writes() []string {
	var actions []string
	for _, call := range d.server.Calls() {
		if call.Write() {
			actions = append(actions, call.Action)
		}
	}
	return actions
}

// aclDouble is a network ACL in the double with an entry that somebody else made.
type aclDouble struct {
	*double
	acl string
}

const strangersEntry = "ingress 50 deny 6 22-22 192.168.0.0/16"

func startACL(t *testing.T, attempts int, config fakeaws.Config) *aclDouble {
	t.Helper()
	d := &aclDouble{double: start(t, attempts, config)}
	d.acl = d.double.acl(d.vpc("10.0.0.0/16"))
	must(d.ec2.CreateNetworkAclEntry(t.Context(), &ec2.CreateNetworkAclEntryInput{
		NetworkAclId: &d.acl, Egress: aws.Bool(false), RuleNumber: aws.Int32(50), RuleAction: types.RuleActionDeny, Protocol: aws.String("6"),
		PortRange: &types.PortRange{From: aws.Int32(22), To: aws.Int32(22)}, CidrBlock: aws.String("192.168.0.0/16"),
	}))(t)
	d.server.ResetCalls()
	return d
}

// row is a wanted entry: its number and the first and last port for a network.
type row struct {
	number, from, to int
	cidr             string
}

// rowsIn are wanted entries of one direction.
func rowsIn(d wiring.Direction, rows ...row) cloud.ACLEntries {
	entries := cloud.NewACLEntries()
	for _, r := range rows {
		rule := wiring.Rule{Direction: d, Protocol: wiring.TCP, From: r.from, To: r.to, Peer: network(r.cidr)}
		entries.In(d)[rule.Key()] = cloud.NetworkACLEntry{Entry: wiring.Entry{Rule: rule, Number: r.number}}
	}
	return entries
}

// inbound are wanted inbound entries, and one outbound one that never changes.
func inbound(rows ...row) cloud.ACLEntries {
	entries := rowsIn(wiring.Ingress, rows...)
	entries.Egress = rowsIn(wiring.Egress, row{100, 1024, 65535, "0.0.0.0/0"}).Egress
	return entries
}

// live are the entries in the double but for the final ones, for comparison.
func (d *aclDouble) live() []string {
	var lines []string
	for _, e := range d.server.NetworkACLEntries(testRegion, d.acl) {
		if e.RuleNumber > wiring.HighestRuleNumber {
			continue
		}
		direction := "ingress"
		if e.Egress {
			direction = "egress"
		}
		lines = append(lines, fmt.Sprintf("%s %d %s %s %d-%d %s", direction, e.RuleNumber, e.Action, e.Protocol, e.FromPort, e.ToPort, e.CIDRBlock+e.IPv6CIDRBlock))
	}
	slices.Sort(lines)
	return lines
}

// lines are entries as live writes them, the stranger's among them.
func lines(entries cloud.ACLEntries) []string {
	all := []string{strangersEntry}
	for _, d := range []wiring.Direction{wiring.Ingress, wiring.Egress} {
		for _, e := range entries.In(d) {
			action := "allow"
			if e.Deny {
				action = "deny"
			}
			all = append(all, fmt.Sprintf("%s %d %s 6 %d-%d %s", e.Direction, e.Number, action, e.From, e.To, e.Peer))
		}
	}
	slices.Sort(all)
	return all
}

// wantOwned compares owned entries with all that is there but the stranger's.
func (d *aclDouble) wantOwned(owned cloud.ACLEntries) {
	d.t.Helper()
	compare(d.t, d.live(), lines(owned))
}

// wantKeyed checks that each wanted entry is owned under its key.
func wantKeyed(t *testing.T, owned, want cloud.ACLEntries) {
	t.Helper()
	for _, direction := range []wiring.Direction{wiring.Ingress, wiring.Egress} {
		if got, wanted := owned.In(direction).Numbers(), want.In(direction).Numbers(); !maps.Equal(got, wanted) {
			t.Errorf("%s: owned %v, want %v", direction, got, wanted)
		}
	}
}

// packet is one that a network ACL has to decide.
type packet struct {
	direction string
	port      int
	addr      netip.Addr
}

// readEntry is an entry as live writes it, taken apart.
type readEntry struct {
	direction        string
	number, from, to int
	allows           bool
	network          netip.Prefix
}

// read takes entries apart.
func read(lines []string) (entries []readEntry) {
	for _, line := range lines {
		var e readEntry
		var does, protocol, cidr string
		if _, err := fmt.Sscanf(line, "%s %d %s %s %d-%d %s", &e.direction, &e.number, &does, &protocol, &e.from, &e.to, &cidr); err != nil {
			panic(err)
		}
		e.allows, e.network = does == "allow", netip.MustParsePrefix(cidr)
		entries = append(entries, e)
	}
	return entries
}

// admits decides a packet: the entry with the lowest number that matches it.
func admits(entries []readEntry, p packet) bool {
	lowest, allows := wiring.HighestRuleNumber+1, false
	for _, e := range entries {
		if e.direction == p.direction && e.from <= p.port && p.port <= e.to && e.network.Contains(p.addr) && e.number < lowest {
			lowest, allows = e.number, e.allows
		}
	}
	return allows
}

// packetsOf are packets at the edges of all entries.
func packetsOf(states ...[]string) []packet {
	ports, addrs := map[int]bool{}, map[netip.Addr]bool{}
	for _, line := range slices.Concat(states...) {
		fields := strings.Fields(line)
		var from, to int
		if _, err := fmt.Sscanf(fields[4], "%d-%d", &from, &to); err != nil {
			panic(err)
		}
		for _, port := range []int{from - 1, from, to, to + 1} {
			ports[port] = true
		}
		addr := netip.MustParsePrefix(fields[5]).Addr()
		addrs[addr], addrs[addr.Next()] = true, true
	}
	var all []packet
	for _, direction := range []string{"ingress", "egress"} {
		for port := range ports {
			for addr := range addrs {
				all = append(all, packet{direction, port, addr})
			}
		}
	}
	return all
}

// closed finds a packet that passes before and after, and not always in between.
func closed(before []string, between [][]string, after []string) string {
	return disturbed(before, between, after, true)
}

// disturbed finds a packet that has one fate before and after, and not always in between.
func disturbed(before []string, between [][]string, after []string, passes bool) string {
	was, is := read(before), read(after)
	var packets []packet
	for _, p := range packetsOf(before, after) {
		if admits(was, p) == passes && admits(is, p) == passes {
			packets = append(packets, p)
		}
	}
	for step, state := range between {
		entries := read(state)
		for _, p := range packets {
			if admits(entries, p) != passes {
				return fmt.Sprintf("before write %d, it is %t that %v passes:\n  %s", step, !passes, p, strings.Join(state, "\n  "))
			}
		}
	}
	return ""
}
