// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package wiring

import (
	"cmp"
	"maps"
	"math/bits"
	"net/netip"
	"slices"

	"go4.org/netipx"
)

// Compact gives the fewest rows that admit exactly the same packets. A row that
// others contain goes, as listener port 8080 does beside the ephemeral ports of
// the same peers; adjacent ports become a range; two halves of a network that
// have the same ports become the network. Rows that stay as they are keep their
// key. Rows without a network stay, and each protocol is compacted for itself.
//
// The packets of one protocol and direction form a plane of addresses × ports,
// in which a row is a rectangle. Some fewest rectangles are all as large as they
// can be, because enlarging one never uncovers anything: so the largest ones are
// listed (for each interval of ports, the largest networks that are admitted on
// all of them), and the fewest of them that cover the plane are searched for
// exactly, by branching over the part of the plane that the fewest of them
// cover. The recommended rows leave next to nothing to branch over. Should an
// input need more than searchSteps, the best found until then is taken; it never
// has more rows than the input.
func Compact(rows []Rule) []Rule {
	type plane struct {
		direction Direction
		protocol  Protocol
	}
	groups, order := map[plane][]Rule{}, []plane{}
	var out []Rule
	for _, row := range Collapse(rows) {
		if !row.Peer.CIDR.IsValid() {
			out = append(out, row)
			continue
		}
		p := plane{row.Direction, row.Protocol}
		if groups[p] == nil {
			order = append(order, p)
		}
		groups[p] = append(groups[p], row)
	}
	for _, p := range order {
		out = append(out, compactPlane(groups[p])...)
	}
	return inOrderOf(rows, out)
}

// searchSteps bounds the search for the fewest rectangles.
const searchSteps = 200_000

// interval is a row's second dimension, both ends included: its ports, or
// type*256+code of an ICMP row.
type interval struct{ first, last int }

func (i interval) contains(other interval) bool {
	return i.first <= other.first && other.last <= i.last
}

// span is the second dimension of a row.
func (r Rule) span() interval {
	switch {
	case r.Protocol == ICMP || r.Protocol == ICMPv6:
		switch {
		case r.From < 0:
			return interval{0, 65535}
		case r.To < 0:
			return interval{r.From << 8, r.From<<8 | 255}
		default:
			return interval{r.From<<8 | r.To, r.From<<8 | r.To}
		}
	case hasPorts(r.Protocol):
		return interval{r.From, r.To}
	default:
		return interval{0, 0}
	}
}

// spanning is the row with another second dimension, if a row can have it.
func (r Rule) spanning(i interval) (Rule, bool) {
	switch {
	case hasPorts(r.Protocol):
		r.From, r.To = i.first, i.last
		return r, true
	case r.Protocol != ICMP && r.Protocol != ICMPv6:
		return r, true
	case i.first == i.last:
		r.From, r.To = i.first>>8, i.first&255
	case i.first&255 == 0 && i.last == i.first+255:
		r.From, r.To = i.first>>8, -1
	case i == interval{0, 65535}:
		r.From, r.To = -1, -1
	default:
		return r, false
	}
	return r, true
}

// contains tells whether a row of the same plane admits all that another does.
func (r Rule) contains(other Rule) bool {
	a, b := r.Peer.CIDR, other.Peer.CIDR
	return a.Bits() <= b.Bits() && a.Contains(b.Addr()) && r.span().contains(other.span())
}

// Contains tells whether the rule admits everything that another one does. Both
// name networks.
func (r Rule) Contains(other Rule) bool {
	return r.Direction == other.Direction && r.Protocol == other.Protocol && r.Peer.CIDR.IsValid() && other.Peer.CIDR.IsValid() && r.contains(other)
}

// compactPlane compacts rows of one direction and protocol.
func compactPlane(rows []Rule) []Rule {
	largest := largestRows(rows)
	cells := cellsOf(rows, largest)
	covers := make([]cellSet, len(largest))
	for i, row := range largest {
		covers[i] = newCellSet(len(cells))
		for c, cell := range cells {
			if row.contains(cell) {
				covers[i].add(c)
			}
		}
	}
	var out []Rule
	for _, which := range fewest(covers, len(cells)) {
		out = append(out, largest[which])
	}
	// Where a given row does as well as a largest one, it stays as it is.
	cells = cellsOf(rows, slices.Concat(rows, largest))
	for i := range out {
		others := slices.Concat(out[:i], out[i+1:])
		needed := slices.DeleteFunc(slices.Clone(cells), func(cell Rule) bool {
			return !out[i].contains(cell) || slices.ContainsFunc(others, func(other Rule) bool { return other.contains(cell) })
		})
		for _, row := range rows {
			if !slices.ContainsFunc(needed, func(cell Rule) bool { return !row.contains(cell) }) {
				out[i] = row
				break
			}
		}
		out[i].Comment = ""
		for _, row := range rows {
			if out[i].contains(row) {
				out[i].Comment = joinComments(out[i].Comment, row.Comment)
			}
		}
	}
	if len(out) > len(rows) {
		return rows
	}
	return out
}

// strips are the intervals between the edges of the rows' second dimension,
// without those that no row covers.
func strips(rows []Rule) []interval {
	edges := map[int]bool{}
	for _, row := range rows {
		edges[row.span().first], edges[row.span().last+1] = true, true
	}
	sorted := slices.Sorted(maps.Keys(edges))
	var out []interval
	for i := 1; i < len(sorted); i++ {
		if strip := (interval{sorted[i-1], sorted[i] - 1}); len(networksOn(rows, strip)) > 0 {
			out = append(out, strip)
		}
	}
	return out
}

// wideStrips joins neighbours that the same networks may pass, since a largest
// row has both or neither; but not for ICMP, where no row has just two types.
func wideStrips(rows []Rule) []interval {
	all := strips(rows)
	if !hasPorts(rows[0].Protocol) {
		return all
	}
	var out []interval
	for _, strip := range all {
		if last := len(out) - 1; last >= 0 && out[last].last+1 == strip.first && slices.Equal(networksOn(rows, out[last]), networksOn(rows, strip)) {
			out[last].last = strip.last
			continue
		}
		out = append(out, strip)
	}
	return out
}

// networksOn are the largest networks that may pass a strip, which are those that
// may pass its first port.
func networksOn(rows []Rule, strip interval) []netip.Prefix {
	var b netipx.IPSetBuilder
	for _, row := range rows {
		if row.span().contains(interval{strip.first, strip.first}) {
			b.AddPrefix(row.Peer.CIDR)
		}
	}
	return prefixesOf(&b)
}

// prefixesOf are the largest networks of a set of addresses.
func prefixesOf(b *netipx.IPSetBuilder) []netip.Prefix {
	set, err := b.IPSet()
	if err != nil {
		return nil
	}
	return set.Prefixes()
}

// largestRows are the rows within what the given rows admit that cannot be
// enlarged, in a fixed order.
func largestRows(rows []Rule) []Rule {
	strips := wideStrips(rows)
	var all []Rule
	for i := range strips {
		var common netipx.IPSetBuilder
		for _, network := range networksOn(rows, strips[i]) {
			common.AddPrefix(network)
		}
		for j := i; ; j++ {
			networks := prefixesOf(&common)
			if len(networks) == 0 {
				break
			}
			adjacent := j+1 < len(strips) && strips[j+1].first == strips[j].last+1
			if adjacent {
				var next netipx.IPSetBuilder
				for _, network := range networksOn(rows, strips[j+1]) {
					next.AddPrefix(network)
				}
				if set, err := next.IPSet(); err == nil {
					common.Intersect(set)
				}
			}
			if row, possible := rows[0].spanning(interval{strips[i].first, strips[j].last}); possible {
				enlarged, further := prefixesOf(&common), adjacent && hasPorts(row.Protocol)
				for _, network := range networks {
					if !further || !slices.Contains(enlarged, network) {
						row.Peer = CIDRPeer(network)
						all = append(all, row)
					}
				}
			}
			if !adjacent {
				break
			}
		}
	}
	return slices.DeleteFunc(slices.Clone(all), func(row Rule) bool {
		return slices.ContainsFunc(all, func(other Rule) bool { return other.contains(row) && !row.contains(other) })
	})
}

func hasPorts(p Protocol) bool { return p == TCP || p == UDP }

// cellsOf cut the plane along all edges. A cell is written as a row: one address
// and one port that stand for all around them that no row tells apart. Of the
// cells that the same of some rows cover, there is one.
func cellsOf(rows, toldApart []Rule) []Rule {
	var cells []Rule
	known := map[string]bool{}
	points := pointsOf(slices.Concat(rows, toldApart))
	for _, strip := range strips(rows) {
		// ICMP strips begin where a type and code do, so this is a row of its own.
		cell, _ := rows[0].spanning(interval{strip.first, strip.first})
		for _, point := range points {
			cell.Peer = CIDRPeer(point)
			if !slices.ContainsFunc(rows, func(row Rule) bool { return row.contains(cell) }) {
				continue
			}
			covering := make([]byte, len(toldApart))
			for i, row := range toldApart {
				if row.contains(cell) {
					covering[i] = 1
				}
			}
			if !known[string(covering)] {
				known[string(covering)] = true
				cells = append(cells, cell)
			}
		}
	}
	return cells
}

// pointsOf are the first address of each stretch that no network tells apart: a
// stretch begins where a network does, or behind its last address.
func pointsOf(rows []Rule) []netip.Prefix {
	var points []netip.Prefix
	seen := map[netip.Addr]bool{}
	for _, row := range rows {
		for _, addr := range []netip.Addr{row.Peer.CIDR.Addr(), netipx.PrefixLastIP(row.Peer.CIDR).Next()} {
			if addr.IsValid() && !seen[addr] {
				seen[addr] = true
				points = append(points, netip.PrefixFrom(addr, addr.BitLen()))
			}
		}
	}
	return points
}

// cellSet is a set of cells.
type cellSet []uint64

func newCellSet(size int) cellSet { return make(cellSet, (size+63)/64) }

func (s cellSet) add(c int)      { s[c/64] |= 1 << (c % 64) }
func (s cellSet) has(c int) bool { return s[c/64]&(1<<(c%64)) != 0 }

func (s cellSet) with(other cellSet) cellSet {
	out := slices.Clone(s)
	for i := range other {
		out[i] |= other[i]
	}
	return out
}

// beyond counts what the set has besides another one.
func (s cellSet) beyond(other cellSet) int {
	count := 0
	for i := range s {
		count += bits.OnesCount64(s[i] &^ other[i])
	}
	return count
}

// fewest are the places of the fewest sets that cover all cells, in their order.
func fewest(covers []cellSet, cells int) []int {
	search := coverSearch{covers: covers, cells: cells, best: greedyCover(covers, cells), steps: searchSteps}
	search.extend(newCellSet(cells), nil)
	slices.Sort(search.best)
	return search.best
}

// greedyCover takes the set that covers most of what is left, again and again.
func greedyCover(covers []cellSet, cells int) []int {
	var chosen []int
	covered := newCellSet(cells)
	for {
		next, most := -1, 0
		for i, set := range covers {
			if gain := set.beyond(covered); gain > most {
				next, most = i, gain
			}
		}
		if next < 0 {
			return chosen
		}
		chosen, covered = append(chosen, next), covered.with(covers[next])
	}
}

// coverSearch looks for a cover with fewer sets than the best one.
type coverSearch struct {
	covers []cellSet
	cells  int
	best   []int
	steps  int
}

func (s *coverSearch) extend(covered cellSet, chosen []int) {
	if s.steps--; s.steps < 0 {
		return
	}
	// The cell that the fewest sets can cover is covered next.
	var hardest []int
	apart, needed := newCellSet(len(s.covers)), 0
	for cell := range s.cells {
		if covered.has(cell) {
			continue
		}
		var by []int
		free := true
		for i, set := range s.covers {
			if set.has(cell) {
				by = append(by, i)
				free = free && !apart.has(i)
			}
		}
		// Cells that no set covers together need one set each.
		if free {
			needed++
			for _, i := range by {
				apart.add(i)
			}
		}
		if hardest == nil || len(by) < len(hardest) {
			hardest = by
		}
	}
	if hardest == nil {
		if len(chosen) < len(s.best) {
			s.best = slices.Clone(chosen)
		}
		return
	}
	if len(chosen)+needed >= len(s.best) {
		return
	}
	slices.SortStableFunc(hardest, func(a, b int) int {
		return cmp.Compare(s.covers[b].beyond(covered), s.covers[a].beyond(covered))
	})
	for _, i := range hardest {
		s.extend(covered.with(s.covers[i]), append(chosen, i))
	}
}

// inOrderOf puts compacted rows in the order of the first given row that each
// contains.
func inOrderOf(given, compacted []Rule) []Rule {
	first := func(row Rule) int {
		return slices.IndexFunc(given, func(r Rule) bool { return r.Same(row) || row.Contains(r) })
	}
	slices.SortStableFunc(compacted, func(a, b Rule) int {
		return cmp.Or(cmp.Compare(first(a), first(b)), cmp.Compare(b.Peer.CIDR.Bits(), a.Peer.CIDR.Bits()), cmp.Compare(a.Key(), b.Key()))
	})
	return compacted
}
