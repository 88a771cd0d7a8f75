// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package packet

import (
	"math/bits"
	"math/rand/v2"
	"net/netip"
	"testing"
)

// picture is a set of cells of a small grid: addresses across, ports down.
type picture struct {
	columns, rows int
	cells         uint64
}

func (p picture) shapes() []shape {
	var all []shape
	for i := range p.columns * p.rows {
		if p.cells>>i&1 == 1 {
			all = append(all, p.cell(i%p.columns, i/p.columns))
		}
	}
	return all
}

func (p picture) cell(column, row int) shape {
	address := netip.AddrFrom4([4]byte{10, 0, 0, byte(column)})
	return shape{TCP(uint16(row), uint16(row)), Addresses{First: address, Last: address}}
}

// fewest is the number of rectangles in the smallest tiling, found by trying
// each rectangle over the first cell.
func (p picture) fewest(known map[uint64]int) int {
	if p.cells == 0 {
		return 0
	}
	if n, ok := known[p.cells]; ok {
		return n
	}
	first := bits.TrailingZeros64(p.cells)
	column, row := first%p.columns, first/p.columns
	best := p.columns * p.rows
	for width := 1; column+width <= p.columns; width++ {
		var rectangle uint64
		for height := 1; row+height <= p.rows; height++ {
			line := (uint64(1)<<width - 1) << ((row+height-1)*p.columns + column)
			if p.cells&line != line {
				break
			}
			rectangle |= line
			rest := p
			rest.cells &^= rectangle
			best = min(best, 1+rest.fewest(known))
		}
	}
	known[p.cells] = best
	return best
}

// TestMergeEveryPicture merges every set of cells of a grid and compares with the
// smallest tiling.
func TestMergeEveryPicture(t *testing.T) {
	t.Parallel()
	known := map[uint64]int{}
	pictures, more, mostMore := 0, 0, 0
	for cells := range uint64(1 << 12) {
		p := picture{4, 3, cells}
		got := merge(p.shapes())
		var covered uint64
		for _, s := range got {
			for i := range 12 {
				if s.contains(p.cell(i%4, i/4)) {
					if covered>>i&1 == 1 {
						t.Fatalf("picture %012b: %v overlaps another", cells, s)
					}
					covered |= 1 << i
				}
			}
		}
		if covered != cells {
			t.Fatalf("picture %012b is merged to %012b", cells, covered)
		}
		pictures++
		if extra := len(got) - p.fewest(known); extra > 0 {
			more++
			mostMore = max(mostMore, extra)
		}
	}
	if more > 0 {
		t.Errorf("%d of %d pictures need more boxes than the smallest tiling, up to %d", more, pictures, mostMore)
	}
}

// TestMergeRestsOfRules does so for what a few rules leave over of a region.
func TestMergeRestsOfRules(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(9, 9))
	known := map[uint64]int{}
	const pictures = 600
	more := 0
	for range pictures {
		p := picture{6, 6, 1<<36 - 1}
		for range 2 + random.IntN(4) {
			column, row := random.IntN(6), random.IntN(6)
			width, height := 1+random.IntN(6-column), 1+random.IntN(6-row)
			switch random.IntN(4) {
			case 0:
				column, width, height = 0, 6, 1
			case 1:
				row, height, width = 0, 6, 1
			}
			for i := range width * height {
				p.cells &^= 1 << ((row+i/width)*6 + column + i%width)
			}
		}
		if len(merge(p.shapes())) > p.fewest(known) {
			more++
		}
	}
	if more > pictures/200 {
		t.Errorf("%d of %d pictures need more boxes than the smallest tiling", more, pictures)
	}
}

// TestMergeIsStable merges the same packets, cut differently and in another order.
func TestMergeIsStable(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(5, 6))
	for range 2000 {
		p := picture{5, 5, random.Uint64() & random.Uint64() & (1<<25 - 1)}
		shapes := p.shapes()
		once := merge(shapes)
		mixed := append(append([]shape{}, once...), shapes...)
		random.Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
		twice := merge(mixed)
		if len(once) != len(twice) {
			t.Fatalf("%v, merged again %v", once, twice)
		}
		for i := range once {
			if once[i] != twice[i] {
				t.Fatalf("%v, merged again %v", once, twice)
			}
		}
	}
}

func TestMergeInThreeAxes(t *testing.T) {
	t.Parallel()
	ten, all := CIDR(prefix("10.0.0.0/8")), CIDR(prefix("0.0.0.0/0"))
	ports := func(protocol uint8, first, last uint16) Traffic {
		return Traffic{FirstProtocol: protocol, LastProtocol: protocol, First: first, Last: last}
	}
	for name, test := range map[string]struct {
		shapes []shape
		want   int
	}{
		"protocols in a row":    {[]shape{{allPorts(47), ten}, {allPorts(48), ten}, {allPorts(46), ten}}, 1},
		"tcp and udp are apart": {[]shape{{ports(tcp, 80, 80), ten}, {ports(udp, 80, 80), ten}}, 2},
		"all but one port":      {[]shape{{ports(tcp, 0, 79), all}, {ports(tcp, 81, 65535), all}, {Traffic{LastProtocol: 5, Last: 65535}, all}, {Traffic{FirstProtocol: 7, LastProtocol: 255, Last: 65535}, all}}, 4},
		"one within another":    {[]shape{{ports(tcp, 80, 80), ten}, {AllTraffic(), all}}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := merge(test.shapes); len(got) != test.want {
				t.Errorf("got %v, want %d", got, test.want)
			}
		})
	}
}

func TestTrafficString(t *testing.T) {
	t.Parallel()
	message := func(first, last uint16) Traffic {
		return Traffic{FirstProtocol: icmp, LastProtocol: icmp, First: first, Last: last}
	}
	for _, test := range []struct {
		traffic Traffic
		want    string
	}{
		{AllTraffic(), "all protocols"},
		{TCP(0, 65535), "tcp"},
		{TCP(80, 80), "tcp 80"},
		{UDP(53, 54), "udp 53-54"},
		{allPorts(50), "protocol 50"},
		{Traffic{FirstProtocol: 7, LastProtocol: 255, Last: 65535}, "protocols 7-255"},
		{allPorts(icmp), "icmp"},
		{ICMP(3, 4), "icmp 3/4"},
		{message(0x0800, 0x08ff), "icmp 8"},
		{message(0x0800, 0x0aff), "icmp 8-10"},
		{message(0x0805, 0x0807), "icmp 8/5-7"},
		{message(0x0805, 0x08ff), "icmp 8/5-255"},
		{message(0x0305, 0x0b00), "icmp 3/5-255, 4-10, 11/0"},
		{message(0x03ff, 0x0405), "icmp 3/255, 4/0-5"},
		{message(0xff00, 0xffff), "icmp 255"},
		{message(0x0001, 0xffff), "icmp 0/1-255, 1-255"},
	} {
		if got := test.traffic.String(); got != test.want {
			t.Errorf("%+v is %q, want %q", test.traffic, got, test.want)
		}
	}
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		first, last, want string
	}{
		{"10.0.0.0", "10.255.255.255", "10.0.0.0/8"},
		{"10.0.0.1", "10.255.255.255", "10.0.0.1-10.255.255.255"},
		{"10.0.0.7", "10.0.0.7", "10.0.0.7"},
		{"0.0.0.0", "255.255.255.255", "0.0.0.0/0"},
		{"2001:db8::", "2001:db8::ffff", "2001:db8::/112"},
		{"0.0.0.0", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "any address"},
		{"10.0.0.0", "::1", "10.0.0.0-255.255.255.255 and ::/127"},
		{"10.0.0.1", "10.0.0.0", "no address"},
	} {
		a := Addresses{First: netip.MustParseAddr(test.first), Last: netip.MustParseAddr(test.last)}
		if got := a.String(); got != test.want {
			t.Errorf("%s to %s is %q, want %q", test.first, test.last, got, test.want)
		}
	}
	if got := CIDR(prefix("10.1.2.3/12")); got.String() != "10.0.0.0/12" {
		t.Errorf("10.1.2.3/12 is %v", got)
	}
	if got := CIDR(netip.Prefix{}); got.valid() {
		t.Errorf("no network is %v", got)
	}
	if _, ok := (Addresses{First: netip.MustParseAddr("fe80::1%eth0"), Last: netip.MustParseAddr("fe80::2")}).Network(); ok {
		t.Error("addresses with a zone are a network")
	}
}
