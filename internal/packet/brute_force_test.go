// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package packet

import (
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
)

// A universe that is small enough to try each of its packets: 2^bits addresses
// from 10.0.0.0 on, the first ports, TCP and UDP and a protocol without ports.
type universe struct {
	bits, ports int
}

func (u universe) network() netip.Prefix {
	return netip.PrefixFrom(netip.MustParseAddr("10.0.0.0"), 32-u.bits)
}

func (u universe) address(n int) netip.Addr { return netip.AddrFrom4([4]byte{10, 0, 0, byte(n)}) }

// networks are all networks within.
func (u universe) networks() []netip.Prefix {
	var all []netip.Prefix
	for length := 32 - u.bits; length <= 32; length++ {
		for n := 0; n < 1<<u.bits; n += 1 << (32 - length) {
			all = append(all, netip.PrefixFrom(u.address(n), length))
		}
	}
	return all
}

// region is every packet of the universe.
func (u universe) region(memberOf ...string) Region {
	var all Region
	for _, traffic := range []Traffic{TCP(0, uint16(u.ports-1)), UDP(0, uint16(u.ports-1)), allPorts(50)} {
		all = append(all, Box{Traffic: traffic, Addresses: CIDR(u.network()), MemberOf: memberOf})
	}
	return all
}

func (u universe) packets(memberOf ...string) []Packet {
	var all []Packet
	for n := range 1 << u.bits {
		for port := range u.ports {
			for _, protocol := range []int{int(tcp), int(udp)} {
				all = append(all, Packet{Peer: u.address(n), MemberOf: memberOf, Protocol: protocol, Port: port})
			}
		}
		all = append(all, Packet{Peer: u.address(n), MemberOf: memberOf, Protocol: 50})
	}
	return all
}

// rules are all rules with a network: each protocol, port range and network.
func (u universe) rules() []Rule {
	var all []Rule
	for _, network := range u.networks() {
		peer := Peer{CIDR: network}
		for first := range u.ports {
			for last := first; last < u.ports; last++ {
				all = append(all, tcpRule(first, last, peer), Rule{Protocol: "17", From: first, To: last, Peer: peer})
			}
		}
		all = append(all, everything(peer), Rule{Protocol: "50", Peer: peer})
	}
	return all
}

// holds tells whether a box holds a packet, field by field.
func holds(b Box, p Packet) bool {
	port := p.Port
	if p.Protocol == 1 || p.Protocol == 58 {
		port = p.Type*256 + p.Code
	}
	return b.Addresses.First.Compare(p.Peer) <= 0 && p.Peer.Compare(b.Addresses.Last) <= 0 &&
		int(b.Traffic.FirstProtocol) <= p.Protocol && p.Protocol <= int(b.Traffic.LastProtocol) &&
		int(b.Traffic.First) <= port && port <= int(b.Traffic.Last) && slices.Equal(b.MemberOf, p.MemberOf)
}

// in finds the pieces that hold a packet.
func in(pieces []Piece, p Packet) []Piece {
	var found []Piece
	for _, piece := range pieces {
		if holds(piece.Box, p) {
			found = append(found, piece)
		}
	}
	return found
}

// agrees compares a judgment with the verdict on each packet of its region.
func agrees(t testing.TB, j Judgment, packets []Packet, scan func(Packet) (Verdict, int)) {
	t.Helper()
	worst := Proved
	for _, p := range packets {
		verdict, rule := scan(p)
		refused, undecided := in(j.Refused, p), in(j.Undecided, p)
		switch {
		case verdict == Proved && len(refused)+len(undecided) == 0:
		case verdict == Refuted && len(refused) == 1 && len(undecided) == 0 && refused[0].Rule == rule && refused[0].Unknowns == nil:
			worst = Refuted
		case verdict == Undecided && len(undecided) == 1 && len(refused) == 0 && len(undecided[0].Unknowns) > 0:
			if worst != Refuted {
				worst = Undecided
			}
		default:
			t.Fatalf("packet %v is %s by %d, but the judgment is\n%s", p, verdict, rule, describe(j))
		}
	}
	if j.Verdict != worst {
		t.Fatalf("the packets make it %s, but the judgment is\n%s", worst, describe(j))
	}
}

// TestEveryPairOfEntries tries each network ACL of two entries in a universe of
// four addresses, three ports and three protocols, packet by packet.
func TestEveryPairOfEntries(t *testing.T) {
	t.Parallel()
	u := universe{bits: 2, ports: 2}
	region, packets, rules := u.region(), u.packets(), u.rules()
	tried := 0
	for _, first := range rules {
		for _, second := range rules {
			for _, actions := range [][2]Action{{Allow, Allow}, {Allow, Deny}, {Deny, Allow}} {
				entries := []Entry{{Number: 20, Action: actions[1], Rule: second}, {Number: 10, Action: actions[0], Rule: first}}
				agrees(t, mustACL(t, entries...).Judge(region), packets, func(p Packet) (Verdict, int) { return ScanACL(entries, p) })
				tried++
			}
		}
	}
	if tried != 3*len(rules)*len(rules) || len(rules) != 7*(2*3+2) {
		t.Fatalf("tried %d network ACLs of %d rules", tried, len(rules))
	}
}

// TestEveryPairOfRules tries each security group of two rules likewise.
func TestEveryPairOfRules(t *testing.T) {
	t.Parallel()
	u := universe{bits: 2, ports: 3}
	region, packets, all := u.region(), u.packets(), u.rules()
	for i, first := range all {
		for _, second := range all[i:] {
			rules := []Rule{first, second}
			agrees(t, mustGroup(t, rules...).Judge(region), packets, func(p Packet) (Verdict, int) {
				verdict, _ := ScanGroup(rules, p)
				return verdict, NoRule
			})
		}
	}
}

// TestManyRulesSmallUniverse compares random filters of up to eight rules, some
// with unknowns, groups and prefix lists, with each packet of a universe of 16
// addresses, four ports and three protocols: the judgment, what is permitted
// besides, what is shadowed.
func TestManyRulesSmallUniverse(t *testing.T) {
	t.Parallel()
	u := universe{bits: 4, ports: 4}
	random := rand.New(rand.NewPCG(1, 2))
	networks := u.networks()
	checked := 0
	for range 2600 {
		var memberOf []string
		if random.IntN(2) == 0 {
			memberOf = []string{"sg-a", "pl-a"}[:1+random.IntN(2)]
		}
		region, packets := u.region(memberOf...), u.packets(memberOf...)

		rules := make([]Rule, random.IntN(9))
		for i := range rules {
			rules[i] = u.randomRule(random, networks, true)
		}
		agrees(t, mustGroup(t, rules...).Judge(region), packets, func(p Packet) (Verdict, int) {
			verdict, _ := ScanGroup(rules, p)
			return verdict, NoRule
		})

		entries := make([]Entry, random.IntN(9))
		for i, number := range random.Perm(len(entries)) {
			entries[i] = Entry{Number: number, Action: []Action{Allow, Deny}[random.IntN(2)], Rule: u.randomRule(random, networks, false)}
			if random.IntN(12) == 0 {
				entries[i].Unknown |= ActionField
			}
		}
		acl := mustACL(t, entries...)
		agrees(t, acl.Judge(region), packets, func(p Packet) (Verdict, int) { return ScanACL(entries, p) })
		besides := Region{{Traffic: TCP(uint16(random.IntN(4)), 3), Addresses: CIDR(networks[random.IntN(len(networks))])}}
		agreesPermits(t, entries, acl.Permits(region, besides), besides, packets)
		agreesShadowed(t, entries, acl, u.packets())
		checked += 3 * len(packets)
	}
	if checked < 1_000_000 {
		t.Errorf("only %d packets were checked", checked)
	}
}

func (u universe) randomRule(random *rand.Rand, networks []netip.Prefix, group bool) Rule {
	first := random.IntN(u.ports)
	rule := Rule{
		Protocol: []string{"tcp", "tcp", "tcp", "udp", "-1", "50"}[random.IntN(6)],
		From:     first, To: first + random.IntN(u.ports-first),
		Peer: Peer{CIDR: networks[random.IntN(len(networks))]},
	}
	if random.IntN(8) == 0 {
		rule.Unknown = []Field{ProtocolField, PortsField, PeerField, PortsField | PeerField}[random.IntN(4)]
	}
	if !group {
		return rule
	}
	switch random.IntN(8) {
	case 0:
		rule.Peer = Peer{SecurityGroup: []string{"sg-a", "sg-b"}[random.IntN(2)]}
	case 1:
		rule.Peer = Peer{PrefixList: "pl-a", Networks: []netip.Prefix{networks[random.IntN(len(networks))], networks[random.IntN(len(networks))]}}
	case 2:
		rule.Peer = Peer{PrefixList: "pl-a"}
		rule.Unknown |= NetworksField
	case 3:
		rule.Unknown |= GroupField
	}
	return rule
}

// agreesPermits checks what a network ACL permits besides a region, packet by packet.
func agreesPermits(t *testing.T, entries []Entry, pieces []Piece, besides Region, packets []Packet) {
	t.Helper()
	for _, p := range packets {
		var certain, uncertain []Piece
		for _, piece := range in(pieces, p) {
			if len(piece.Unknowns) == 0 {
				certain = append(certain, piece)
			} else {
				uncertain = append(uncertain, piece)
			}
		}
		verdict, entry := ScanACL(entries, p)
		p.MemberOf = nil
		excepted := slices.ContainsFunc(besides, func(b Box) bool { return holds(b, p) })
		ok := false
		switch {
		case excepted, verdict == Refuted:
			ok = len(certain)+len(uncertain) == 0
		case verdict == Undecided:
			ok = len(certain) == 0 && len(uncertain) > 0
		case len(certain) == 1:
			ok = certain[0].Rule == entry && len(uncertain) == 0
		default:
			// Which of several entries lets it pass depends on an unknown.
			ok = len(uncertain) > 1
		}
		if !ok {
			t.Fatalf("packet %v (%s by %d, excepted %v) is in the permitted pieces %v and %v of %+v", p, verdict, entry, excepted, certain, uncertain, entries)
		}
	}
}

// agreesShadowed checks each entry against the entries before it, packet by packet.
func agreesShadowed(t *testing.T, entries []Entry, acl *NetworkACL, packets []Packet) {
	t.Helper()
	// hidden tells whether all that an entry may match is certainly matched by others.
	hidden := func(entry int, by []int) bool {
		return !slices.ContainsFunc(packets, func(p Packet) bool {
			if scanRule(entries[entry].Rule, p) == scanNo {
				return false
			}
			return !slices.ContainsFunc(by, func(i int) bool { return scanRule(entries[i].Rule, p) == scanYes })
		})
	}
	for i := range entries {
		if entries[i].Unknown&^ActionField != 0 || entries[i].Protocol == "-1" {
			// It reaches beyond the universe.
			continue
		}
		var earlier []int
		for k := range entries {
			if entries[k].Number < entries[i].Number {
				earlier = append(earlier, k)
			}
		}
		by, shadowed := acl.Shadowed(i)
		if want := hidden(i, earlier); shadowed != want {
			t.Fatalf("entry %d of %+v: shadowed is %v, want %v", i, entries, shadowed, want)
		}
		if !shadowed {
			continue
		}
		if !hidden(i, by) {
			t.Fatalf("entry %d of %+v is not shadowed by %v", i, entries, by)
		}
		for k := range by {
			if hidden(i, slices.Delete(slices.Clone(by), k, k+1)) {
				t.Fatalf("entry %d of %+v is shadowed by fewer than %v", i, entries, by)
			}
		}
	}
}

// TestScanTriesEveryCompletion checks the per-packet evaluator's answers for
// unknowns against all values that they can take.
func TestScanTriesEveryCompletion(t *testing.T) {
	t.Parallel()
	u := universe{bits: 2, ports: 2}
	random := rand.New(rand.NewPCG(3, 4))
	networks := append(u.networks(), prefix("10.9.0.0/16"))
	packets := u.packets()
	undecided := 0
	for range 300 {
		entries := make([]Entry, 1+random.IntN(3))
		for i := range entries {
			entries[i] = Entry{Number: i, Action: []Action{Allow, Deny}[random.IntN(2)], Rule: u.randomRule(random, networks, false)}
			entries[i].Unknown = []Field{0, 0, PortsField, PeerField, ActionField}[random.IntN(5)]
		}
		worlds := u.complete(entries, networks)
		for _, p := range packets {
			passes := 0
			for _, world := range worlds {
				if verdict, _ := ScanACL(world, p); verdict == Proved {
					passes++
				}
			}
			want := Undecided
			switch passes {
			case 0:
				want = Refuted
			case len(worlds):
				want = Proved
			default:
				undecided++
			}
			if got, _ := ScanACL(entries, p); got != want {
				t.Fatalf("packet %v passes in %d of %d completions of %+v, but is %s", p, passes, len(worlds), entries, got)
			}
		}
	}
	if undecided == 0 {
		t.Error("no packet was undecided")
	}
}

// complete is all network ACLs that entries may turn out to be.
func (u universe) complete(entries []Entry, networks []netip.Prefix) [][]Entry {
	worlds := [][]Entry{nil}
	for _, entry := range entries {
		known := entry
		known.Unknown = 0
		values := []Entry{known}
		switch {
		case entry.Unknown == PortsField && (entry.Protocol == "tcp" || entry.Protocol == "udp"):
			values = nil
			for first := range u.ports + 1 {
				for last := first; last <= u.ports; last++ {
					known.From, known.To = first, last
					values = append(values, known)
				}
			}
		case entry.Unknown == PeerField:
			values = nil
			for _, network := range networks {
				known.Peer = Peer{CIDR: network}
				values = append(values, known)
			}
		case entry.Unknown == ActionField:
			allowed, denied := known, known
			allowed.Action, denied.Action = Allow, Deny
			values = []Entry{allowed, denied}
		}
		var more [][]Entry
		for _, world := range worlds {
			for _, value := range values {
				more = append(more, append(slices.Clone(world), value))
			}
		}
		worlds = more
	}
	return worlds
}
