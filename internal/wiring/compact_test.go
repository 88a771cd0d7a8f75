// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package wiring_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/terraform-clb/terraform-provider-clb/internal/packet"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// compactRow is an inbound row: "tcp 80-90 10.0.0.0/8" or "icmp 3/4 10.0.0.0/8".
func compactRow(t *testing.T, text string) wiring.Rule {
	t.Helper()
	fields := strings.Fields(text)
	row := wiring.Rule{Direction: wiring.Ingress, Protocol: wiring.Protocol(fields[0]), From: -1, To: -1}
	for _, form := range []string{"%d-%d", "%d/%d"} {
		if n, _ := fmt.Sscanf(fields[1], form, &row.From, &row.To); n == 2 {
			break
		}
		row.To = row.From
	}
	if peer := fields[len(fields)-1]; strings.HasPrefix(peer, "sg-") {
		row.Peer = wiring.GroupPeer(peer)
	} else {
		row.Peer = wiring.CIDRPeer(netip.MustParsePrefix(peer))
	}
	return row
}

func keysOf(rows []wiring.Rule) []string {
	keys := []string{}
	for _, row := range rows {
		keys = append(keys, string(row.Direction[:1])+" "+row.Key())
	}
	return keys
}

func TestCompact(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name       string
		rows, want []string
	}{
		{"nothing", nil, nil},
		{"one row", []string{"tcp 80 0.0.0.0/0"}, []string{"tcp 80 from 0.0.0.0/0"}},
		{
			"ephemeral ports cover listeners above 1023 of the same peers",
			[]string{"tcp 80 10.0.0.0/16", "tcp 8080 10.0.0.0/16", "tcp 8443 0.0.0.0/0", "tcp 1024-65535 10.0.0.0/16"},
			[]string{"tcp 80 from 10.0.0.0/16", "tcp 8443 from 0.0.0.0/0", "tcp 1024-65535 from 10.0.0.0/16"},
		},
		{"adjacent ports", []string{"tcp 8080 10.0.0.0/16", "tcp 8081 10.0.0.0/16", "tcp 8083 10.0.0.0/16"}, []string{"tcp 8080-8081 from 10.0.0.0/16", "tcp 8083 from 10.0.0.0/16"}},
		{"adjacent to the ephemeral ports", []string{"tcp 1023 10.0.0.0/16", "tcp 1024-65535 10.0.0.0/16"}, []string{"tcp 1023-65535 from 10.0.0.0/16"}},
		{"sibling networks", []string{"tcp 80 10.0.0.0/17", "tcp 80 10.0.128.0/17"}, []string{"tcp 80 from 10.0.0.0/16"}},
		{"networks that are no siblings", []string{"tcp 80 10.1.0.0/16", "tcp 80 10.2.0.0/16"}, []string{"tcp 80 from 10.1.0.0/16", "tcp 80 from 10.2.0.0/16"}},
		{"four siblings", []string{"tcp 80 10.0.0.0/18", "tcp 80 10.0.64.0/18", "tcp 80 10.0.128.0/18", "tcp 80 10.0.192.0/18"}, []string{"tcp 80 from 10.0.0.0/16"}},
		{"siblings with different ports", []string{"tcp 80 10.0.0.0/17", "tcp 81 10.0.128.0/17"}, []string{"tcp 80 from 10.0.0.0/17", "tcp 81 from 10.0.128.0/17"}},
		{
			// 80-81 from all and 81-82 from one half need two rows, whichever way.
			"a row is not enlarged without need", []string{"tcp 80 10.0.0.0/16", "tcp 81 10.0.0.0/17"}, []string{"tcp 80 from 10.0.0.0/16", "tcp 81 from 10.0.0.0/17"},
		},
		{
			"a row in the middle that two others make up", []string{"tcp 80-81 10.0.0.0/17", "tcp 81-82 10.0.128.0/17", "tcp 81 10.0.0.0/16"},
			[]string{"tcp 80-81 from 10.0.0.0/17", "tcp 81-82 from 10.0.128.0/17"},
		},
		{"types are no range", []string{"icmp 3/4 10.0.0.0/16", "icmp 3/5 10.0.0.0/16"}, []string{"icmp 3/4 from 10.0.0.0/16", "icmp 3/5 from 10.0.0.0/16"}},
		{"all codes", []string{"icmp 3/4 10.0.0.0/16", "icmp 3/-1 10.0.0.0/8", "icmp 4/0 10.0.0.0/8"}, []string{"icmp 3/-1 from 10.0.0.0/8", "icmp 4/0 from 10.0.0.0/8"}},
		{"all types", []string{"icmp 3/4 10.0.0.0/16", "icmp -1/-1 10.0.0.0/16"}, []string{"icmp -1/-1 from 10.0.0.0/16"}},
		{"protocols apart", []string{"udp 80 10.0.0.0/16", "tcp 81 10.0.0.0/16", "-1 -1 10.0.0.0/17", "-1 -1 10.0.128.0/17"}, []string{"udp 80 from 10.0.0.0/16", "tcp 81 from 10.0.0.0/16", "all traffic from 10.0.0.0/16"}},
		{"groups are not looked into", []string{"tcp 80 sg-1", "tcp 81 sg-1", "tcp 80 sg-1"}, []string{"tcp 80 from sg-1", "tcp 81 from sg-1"}},
		{"IPv6", []string{"tcp 80 ::/1", "tcp 80 8000::/1", "tcp 80 0.0.0.0/0"}, []string{"tcp 80 from 0.0.0.0/0", "tcp 80 from ::/0"}},
		{"the last port and the last address", []string{"tcp 65535 255.255.255.255/32", "tcp 65534 255.255.255.254/31", "tcp 65535 255.255.255.254/32"}, []string{"tcp 65534-65535 from 255.255.255.254/31"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var rows []wiring.Rule
			for _, text := range test.rows {
				rows = append(rows, compactRow(t, text))
			}
			var got []string
			for _, row := range wiring.Compact(rows) {
				got = append(got, row.Key())
			}
			slices.Sort(got)
			want := slices.Sorted(slices.Values(test.want))
			if !slices.Equal(got, want) {
				t.Errorf("got\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
			}
		})
	}
}

// TestCompactKeepsOrderAndComments: rows come in the order of those that they
// contain, whose comments they get.
func TestCompactKeepsOrderAndComments(t *testing.T) {
	t.Parallel()
	rows := []wiring.Rule{compactRow(t, "tcp 443 0.0.0.0/0"), compactRow(t, "tcp 9001 10.0.0.0/8"), compactRow(t, "tcp 80 0.0.0.0/0"), compactRow(t, "tcp 9000 10.0.0.0/8")}
	rows[1].Comment, rows[3].Comment, rows[2].Comment = "one", "two", "web"
	out := wiring.Compact(rows)
	if got := keysOf(out); !slices.Equal(got, []string{"i tcp 443 from 0.0.0.0/0", "i tcp 9000-9001 from 10.0.0.0/8", "i tcp 80 from 0.0.0.0/0"}) || out[1].Comment != "one; two" || out[2].Comment != "web" {
		t.Errorf("got %+v", out)
	}
}

// smallUniverse are the addresses 10.0.0.0-10.0.0.7 and the ports 1-6, in which
// every set of packets can be written down.
const (
	smallAddresses = 8
	smallPorts     = 6
)

// packetsIn is the set of packets of a row of the small universe.
func packetsIn(row wiring.Rule) (set uint64) {
	for a := range smallAddresses {
		if !row.Peer.CIDR.Contains(netip.AddrFrom4([4]byte{10, 0, 0, byte(a)})) {
			continue
		}
		for p := range smallPorts {
			if row.From <= p+1 && p+1 <= row.To {
				set |= 1 << (a*smallPorts + p)
			}
		}
	}
	return set
}

func packetsInAll(rows []wiring.Rule) (set uint64) {
	for _, row := range rows {
		set |= packetsIn(row)
	}
	return set
}

// allSmallRows are all rows of the small universe.
func allSmallRows() (rows []wiring.Rule) {
	for bits := 29; bits <= 32; bits++ {
		for a := 0; a < smallAddresses; a += 1 << (32 - bits) {
			for from := 1; from <= smallPorts; from++ {
				for to := from; to <= smallPorts; to++ {
					rows = append(rows, wiring.Rule{Direction: wiring.Ingress, Protocol: wiring.TCP, From: from, To: to,
						Peer: wiring.CIDRPeer(netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 0, 0, byte(a)}), bits))})
				}
			}
		}
	}
	return rows
}

// coverable tells by trying everything whether so many of the sets make up a set.
func coverable(set uint64, sets []uint64, count int) bool {
	if set == 0 {
		return true
	}
	if count == 0 {
		return false
	}
	lowest := set & -set
	return slices.ContainsFunc(sets, func(s uint64) bool { return s&lowest != 0 && coverable(set&^s, sets, count-1) })
}

// TestCompactIsExactAndFewest compacts random rows of a small universe: the
// packets are the same, and fewer rows cannot do.
func TestCompactIsExactAndFewest(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(11, 12))
	all := allSmallRows()
	shrunk := 0
	for range 1000 {
		var rows []wiring.Rule
		for range 1 + random.IntN(9) {
			rows = append(rows, all[random.IntN(len(all))])
		}
		set := packetsInAll(rows)
		out := wiring.Compact(rows)
		if got := packetsInAll(out); got != set {
			t.Fatalf("%q became %q: packets %x became %x", keysOf(rows), keysOf(out), set, got)
		}
		var within []uint64
		for _, row := range all {
			if s := packetsIn(row); s&^set == 0 {
				within = append(within, s)
			}
		}
		if coverable(set, within, len(out)-1) {
			t.Fatalf("%q became %q, and fewer would do", keysOf(rows), keysOf(out))
		}
		if len(out) < len(wiring.Collapse(rows)) {
			shrunk++
		}
		if again := wiring.Compact(out); len(again) != len(out) {
			t.Fatalf("%q became %q and then %q", keysOf(rows), keysOf(out), keysOf(again))
		}
	}
	if shrunk < 300 {
		t.Errorf("only %d inputs have become smaller", shrunk)
	}
}

// network is the region that rows of one direction admit.
func network(t *testing.T, rows []wiring.Rule) *packet.NetworkACL {
	t.Helper()
	var entries []packet.Entry
	for i, row := range rows {
		entries = append(entries, packet.Entry{Number: i + 1, Action: packet.Allow, Rule: packet.Rule{
			Protocol: string(row.Protocol), From: row.From, To: row.To, Peer: packet.Peer{CIDR: row.Peer.CIDR},
		}})
	}
	acl, err := packet.NewNetworkACL(entries)
	if err != nil {
		t.Fatal(err)
	}
	return acl
}

// samePackets holds what two lists of rows of one direction admit against each
// other, exactly.
func samePackets(t *testing.T, a, b []wiring.Rule) {
	t.Helper()
	everything := packet.Region{{Traffic: packet.AllTraffic(), Addresses: packet.Anywhere()}}
	one, other := network(t, a), network(t, b)
	for _, pair := range [][2]*packet.NetworkACL{{one, other}, {other, one}} {
		if j := pair[0].Judge(packet.Boxes(pair[1].Permits(everything, nil))); j.Verdict != packet.Proved {
			t.Fatalf("%q became %q: %v", keysOf(a), keysOf(b), j.Refused)
		}
	}
}

// TestCompactRecommendedRows compacts the tables of generated load balancers:
// exactly the same packets pass.
func TestCompactRecommendedRows(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(13, 14))
	networks := []netip.Prefix{
		netip.MustParsePrefix("10.0.0.0/17"), netip.MustParsePrefix("10.0.128.0/17"), netip.MustParsePrefix("10.1.0.0/16"),
		netip.MustParsePrefix("100.64.0.0/16"), netip.MustParsePrefix("100.65.0.0/16"),
	}
	ports := []int{80, 81, 443, 1023, 1024, 8080, 8081, 8082, 8443, 65535}
	for range 300 {
		lb := wiring.LoadBalancer{Internal: random.IntN(2) == 0}
		used := map[int]bool{}
		for range 1 + random.IntN(8) {
			port := ports[random.IntN(len(ports))]
			if !used[port] {
				used[port] = true
				lb.Listeners = append(lb.Listeners, wiring.Listener{LBPort: port, InstancePort: ports[random.IntN(len(ports))]})
			}
		}
		if random.IntN(3) > 0 {
			lb.Clients = []wiring.Clients{{CIDRBlocks: networks[random.IntN(3):4]}}
		}
		vpc := networks[:1+random.IntN(len(networks))]
		rows := slices.Concat(wiring.PrivateInstanceSubnet(lb, vpc), wiring.InstanceSubnetPathMTUDiscovery(vpc))
		if lb.Internal {
			rows = append(rows, wiring.InternalLoadBalancerSubnet(lb, vpc)...)
		} else {
			rows = append(rows, wiring.InternetFacingLoadBalancerSubnet(lb, vpc)...)
		}
		out := wiring.Compact(rows)
		if len(out) > len(wiring.Collapse(rows)) {
			t.Fatalf("%d rows became %d", len(rows), len(out))
		}
		for _, direction := range wiring.Directions() {
			samePackets(t, wiring.InDirection(rows, direction), wiring.InDirection(out, direction))
		}
	}
}

// TestCompactRandomRows does the same with protocols, types and both families.
func TestCompactRandomRows(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(15, 16))
	networks := []string{"0.0.0.0/0", "10.0.0.0/8", "10.0.0.0/9", "10.128.0.0/9", "10.0.0.0/16", "192.168.1.1/32", "::/0", "2001:db8::/32", "2001:db8::/33", "2001:db8:8000::/33"}
	for range 500 {
		var rows []wiring.Rule
		for range 1 + random.IntN(12) {
			row := wiring.Rule{Direction: wiring.Egress, From: -1, To: -1, Peer: wiring.CIDRPeer(netip.MustParsePrefix(networks[random.IntN(len(networks))]))}
			switch random.IntN(5) {
			case 0:
				row.Protocol, row.From = wiring.ICMP, random.IntN(3)-1
				if row.From >= 0 {
					row.To = random.IntN(3) - 1
				}
			case 1:
				row.Protocol = []wiring.Protocol{wiring.AllProtocols, "50"}[random.IntN(2)]
			default:
				row.Protocol, row.From = []wiring.Protocol{wiring.TCP, wiring.UDP}[random.IntN(2)], random.IntN(6)
				row.To = row.From + random.IntN(4)
			}
			rows = append(rows, row)
		}
		samePackets(t, rows, wiring.Compact(rows))
	}
}

func BenchmarkCompact(b *testing.B) {
	var lb wiring.LoadBalancer
	for i := range 100 {
		lb.Listeners = append(lb.Listeners, wiring.Listener{LBPort: 1000 + 2*i, InstancePort: 8000 + 3*i})
	}
	lb.Clients = []wiring.Clients{{CIDRBlocks: []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16"), netip.MustParsePrefix("10.2.0.0/16"), netip.MustParsePrefix("192.168.0.0/24")}}}
	rows := wiring.InternetFacingLoadBalancerSubnet(lb, []netip.Prefix{netip.MustParsePrefix("10.0.0.0/16")})
	b.ReportMetric(float64(len(rows)), "rows")
	for b.Loop() {
		wiring.Compact(rows)
	}
}
