// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package packet

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
)

// world makes random filters, regions and packets of real size, whose edges meet
// often: few distinct networks, ports and messages of both families.
type world struct {
	random *rand.Rand
}

func (w world) pick(of []int) int { return of[w.random.IntN(len(of))] }

func (w world) network() netip.Prefix {
	six := w.random.IntN(5) == 0
	if six {
		bytes := [16]byte{0x20, 0x01, 0x0d, 0xb8, byte(w.pick([]int{0, 1, 0x80, 0xff}))}
		bytes[15] = byte(w.random.IntN(4))
		return netip.PrefixFrom(netip.AddrFrom16(bytes), w.pick([]int{0, 1, 32, 33, 40, 64, 127, 128})).Masked()
	}
	bytes := [4]byte{byte(w.pick([]int{0, 10, 10, 10, 127, 128, 192, 255})), byte(w.pick([]int{0, 1, 128, 255})), byte(w.pick([]int{0, 127, 128})), byte(w.random.IntN(4))}
	return netip.PrefixFrom(netip.AddrFrom4(bytes), w.pick([]int{0, 1, 2, 7, 8, 8, 9, 16, 16, 17, 24, 25, 31, 32})).Masked()
}

func (w world) ports() (first, last int) {
	places := []int{0, 1, 22, 79, 80, 81, 443, 1023, 1024, 5000, 32767, 32768, 65534, 65535}
	first, last = w.pick(places), w.pick(places)
	return min(first, last), max(first, last)
}

func (w world) message() (icmpType, code int) {
	icmpType, code = w.pick([]int{-1, 0, 3, 8, 255}), w.pick([]int{-1, 0, 4, 255})
	if icmpType == -1 {
		code = -1
	}
	return icmpType, code
}

func (w world) rule() Rule {
	rule := Rule{Protocol: []string{"tcp", "tcp", "6", "udp", "17", "icmp", "1", "icmpv6", "58", "-1", "47"}[w.random.IntN(11)], Peer: Peer{CIDR: w.network()}}
	switch rule.Protocol {
	case "icmp", "1", "icmpv6", "58":
		rule.From, rule.To = w.message()
	default:
		rule.From, rule.To = w.ports()
	}
	if w.random.IntN(15) == 0 {
		rule.Unknown = []Field{ProtocolField, PortsField, PeerField}[w.random.IntN(3)]
	}
	return rule
}

func (w world) rules(n int) []Rule {
	rules := make([]Rule, n)
	for i := range rules {
		rules[i] = w.rule()
		switch w.random.IntN(10) {
		case 0:
			rules[i].Peer = group([]string{"sg-a", "sg-b", "sg-c"}[w.random.IntN(3)])
		case 1:
			rules[i].Peer = Peer{PrefixList: "pl-a", Networks: []netip.Prefix{w.network(), w.network(), w.network()}}
		case 2:
			if w.random.IntN(4) == 0 {
				rules[i].Peer = Peer{PrefixList: "pl-a"}
				rules[i].Unknown |= NetworksField
			}
		}
	}
	return rules
}

func (w world) entries(n int) []Entry {
	entries := make([]Entry, n)
	for i, number := range w.random.Perm(n) {
		entries[i] = Entry{Number: 10 + 10*number, Action: []Action{Allow, Allow, Deny}[w.random.IntN(3)], Rule: w.rule()}
		if w.random.IntN(30) == 0 {
			entries[i].Unknown |= ActionField
		}
	}
	return entries
}

func (w world) box(memberOf []string) Box {
	b := Box{Addresses: CIDR(w.network()), MemberOf: memberOf}
	first, last := w.ports()
	switch w.random.IntN(8) {
	case 0:
		b.Traffic = AllTraffic()
	case 1:
		b.Traffic = ICMP(uint8(w.pick([]int{0, 3, 8, 255})), uint8(w.pick([]int{0, 4, 255})))
	case 2:
		b.Traffic = allPorts([]uint8{icmp, icmpv6, 47}[w.random.IntN(3)])
	case 3:
		b.Traffic = UDP(uint16(first), uint16(last))
	default:
		b.Traffic = TCP(uint16(first), uint16(last))
	}
	return b
}

// packet is a packet of a box, mostly near an edge.
func (w world) packet(b Box) Packet {
	p := Packet{MemberOf: b.MemberOf, Peer: b.Addresses.First}
	for range 4 {
		network := CIDR(w.network())
		candidates := []netip.Addr{network.First, network.Last, network.First.Prev(), network.Last.Next(), b.Addresses.Last}
		if c := candidates[w.random.IntN(len(candidates))]; c.IsValid() && b.Addresses.Contains(c) {
			p.Peer = c
			break
		}
	}
	p.Protocol = int(b.Traffic.FirstProtocol)
	if c := w.pick([]int{1, 6, 6, 6, 17, 47, 58, 200}); int(b.Traffic.FirstProtocol) <= c && c <= int(b.Traffic.LastProtocol) {
		p.Protocol = c
	}
	within := func(number int) int { return min(max(number, int(b.Traffic.First)), int(b.Traffic.Last)) }
	switch p.Protocol {
	case 6, 17:
		first, last := w.ports()
		p.Port = within(w.pick([]int{first, last, first - 1, last + 1}))
	case 1, 58:
		message := within(w.pick([]int{0, 3, 4, 8, 255})*256 + w.pick([]int{0, 3, 4, 5, 255}))
		p.Type, p.Code = message/256, message%256
	}
	return p
}

// TestManyPacketsAgree compares random filters of real size with the per-packet
// evaluator on more than a million packets.
func TestManyPacketsAgree(t *testing.T) {
	t.Parallel()
	const filters, packetsEach, parts = 600, 900, 4
	for part := range uint64(parts) {
		t.Run(fmt.Sprint(part), func(t *testing.T) {
			t.Parallel()
			w := world{rand.New(rand.NewPCG(part, 7))}
			seen := map[Verdict]int{}
			for range filters / parts {
				w.compare(t, seen, packetsEach)
			}
			t.Logf("%d of %d packets agree: %v", seen[Proved]+seen[Refuted]+seen[Undecided], 2*packetsEach*filters, seen)
			for _, verdict := range []Verdict{Proved, Refuted, Undecided} {
				if seen[verdict] < 2*packetsEach*filters/parts/50 {
					t.Errorf("only %d packets were %s", seen[verdict], verdict)
				}
			}
		})
	}
}

// compare judges a random region by a random group and a random ACL and checks
// that each packet has the verdict of the per-packet evaluator.
func (w world) compare(t testing.TB, seen map[Verdict]int, packets int) {
	t.Helper()
	memberOf := [][]string{nil, {"sg-a"}, {"sg-a", "sg-b"}, {"pl-a"}}[w.random.IntN(4)]
	region := make(Region, 1+w.random.IntN(3))
	for i := range region {
		region[i] = w.box(memberOf)
	}
	rules, entries := w.rules(w.random.IntN(30)), w.entries(w.random.IntN(30))
	byGroup, byACL := mustGroup(t, rules...).Judge(region), mustACL(t, entries...).Judge(region)
	checkPieces(t, byGroup)
	checkPieces(t, byACL)
	for range packets {
		p := w.packet(region[w.random.IntN(len(region))])
		verdict, _ := ScanGroup(rules, p)
		agreesOn(t, byGroup, p, verdict, NoRule)
		seen[verdict]++
		verdict, entry := ScanACL(entries, p)
		agreesOn(t, byACL, p, verdict, entry)
		seen[verdict]++
	}
	checkWitness(t, byGroup, func(p Packet) Verdict { verdict, _ := ScanGroup(rules, p); return verdict })
	checkWitness(t, byACL, func(p Packet) Verdict { verdict, _ := ScanACL(entries, p); return verdict })
}

// agreesOn checks that a packet is in the piece that it belongs to.
func agreesOn(t testing.TB, j Judgment, p Packet, verdict Verdict, rule int) {
	t.Helper()
	refused, undecided := in(j.Refused, p), in(j.Undecided, p)
	ok := false
	switch verdict {
	case Proved:
		ok = len(refused)+len(undecided) == 0
	case Refuted:
		ok = len(refused) == 1 && len(undecided) == 0 && refused[0].Rule == rule && j.Verdict == Refuted
	case Undecided:
		ok = len(undecided) == 1 && len(refused) == 0 && j.Verdict != Proved
	}
	if !ok {
		t.Fatalf("packet %v is %s by %d, but the judgment is\n%s", p, verdict, rule, describe(j))
	}
}

// checkPieces checks that pieces are in order and apart, and that the verdict fits.
func checkPieces(t testing.TB, j Judgment) {
	t.Helper()
	pieces := slices.Concat(j.Refused, j.Undecided)
	for i, a := range pieces {
		for _, b := range pieces[:i] {
			if a.Box.shape().overlaps(b.Box.shape()) {
				t.Fatalf("%v and %v overlap", a.Box, b.Box)
			}
		}
	}
	if !slices.IsSortedFunc(j.Refused, comparePieces) || !slices.IsSortedFunc(j.Undecided, comparePieces) {
		t.Fatalf("not in order:\n%s", describe(j))
	}
	if (j.Verdict == Proved) != (len(pieces) == 0) || (len(j.Unknowns) == 0) != (len(j.Undecided) == 0) {
		t.Fatalf("verdict, pieces and unknowns %v do not fit:\n%s", j.Unknowns, describe(j))
	}
}

// checkWitness checks that the witness of a refutation is refused.
func checkWitness(t testing.TB, j Judgment, scan func(Packet) Verdict) {
	t.Helper()
	p, piece, found := Witness(j.Refused, []netip.Addr{netip.MustParseAddr("203.0.113.10")})
	if found != (j.Verdict == Refuted) {
		t.Fatalf("witness found: %v, of\n%s", found, describe(j))
	}
	if found && (scan(p) != Refuted || !holds(piece.Box, p)) {
		t.Fatalf("witness %v of %v is %s", p, piece.Box, scan(p))
	}
}

// FuzzJudge compares the two evaluators on filters, regions and packets made from
// two numbers.
func FuzzJudge(f *testing.F) {
	f.Add(uint64(1), uint64(1))
	f.Add(uint64(2), uint64(20260101))
	f.Fuzz(func(t *testing.T, a, b uint64) {
		world{rand.New(rand.NewPCG(a, b))}.compare(t, map[Verdict]int{}, 200)
	})
}

// FuzzParseTraffic checks that no text and no numbers bring it down, and that
// what it takes is in order.
func FuzzParseTraffic(f *testing.F) {
	f.Add("tcp", 80, 80)
	f.Add("icmp", 8, -1)
	f.Add("-1", 0, 0)
	f.Add("58", 300, -1)
	f.Fuzz(func(t *testing.T, protocol string, from, to int) {
		traffic, err := ParseTraffic(protocol, from, to)
		if err == nil && (!traffic.valid() || traffic.String() == "") {
			t.Errorf("ParseTraffic(%q, %d, %d) = %+v", protocol, from, to, traffic)
		}
	})
}
