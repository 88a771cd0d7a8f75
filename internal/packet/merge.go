// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package packet

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// mergePieces puts the boxes of equal pieces (same rule, same unknowns, same
// membership) together in few boxes and orders them: protocol, port, address.
func mergePieces(pieces []Piece) []Piece {
	if len(pieces) < 2 {
		return pieces
	}
	type kind struct {
		rule               int
		unknowns, memberOf string
	}
	// The first piece of each kind, and the further shapes of those that have any.
	merged := make([]Piece, 0, len(pieces))
	at := make(map[kind]int, len(pieces))
	further := map[int][]shape{}
	for _, p := range pieces {
		k := kind{p.Rule, unknownsKey(p.Unknowns), strings.Join(p.Box.MemberOf, "\n")}
		i, seen := at[k]
		if !seen {
			at[k] = len(merged)
			merged = append(merged, p)
			continue
		}
		further[i] = append(further[i], p.Box.shape())
	}
	for _, i := range slices.Sorted(maps.Keys(further)) {
		for j, s := range merge(append([]shape{merged[i].Box.shape()}, further[i]...)) {
			p := merged[i]
			p.Box.Traffic, p.Box.Addresses = s.Traffic, s.Addresses
			if j == 0 {
				merged[i] = p
			} else {
				merged = append(merged, p)
			}
		}
	}
	slices.SortStableFunc(merged, comparePieces)
	return merged
}

func comparePieces(a, b Piece) int {
	return cmp.Or(
		compareShapes(a.Box.shape(), b.Box.shape()),
		slices.Compare(a.Box.MemberOf, b.Box.MemberOf),
		cmp.Compare(a.Rule, b.Rule),
		cmp.Compare(unknownsKey(a.Unknowns), unknownsKey(b.Unknowns)),
	)
}

// merge is the union of the shapes in few shapes that do not overlap: as few as
// there can be for what rules usually leave over, and seldom more than that. (The
// fewest of all cannot be found in reasonable time in three dimensions.)
func merge(shapes []shape) []shape {
	if len(shapes) < 2 {
		return shapes
	}
	frame := shapes[0]
	for _, s := range shapes[1:] {
		frame = frame.hull(s)
	}
	g := newGrid(frame, shapes)
	cells := make([]cell, 0, len(shapes))
	for _, s := range shapes {
		cells = append(cells, g.cell(s))
	}
	var merged []shape
	for _, c := range g.tile(cells) {
		merged = append(merged, g.shape(c))
	}
	return merged
}

// tile is the union of the cells in few cells that do not overlap: the best of
// cutting all of it along one axis after the other, and of doing so on both sides
// of one cut through all of it.
func (g *grid) tile(cells []cell) []cell {
	if parts := allApart(cells); len(parts) > 1 {
		var tiles []cell
		for _, part := range parts {
			tiles = append(tiles, g.tile(part)...)
		}
		return tiles
	}
	best := g.bestSweep(cells)
	// More is too much to read anyway.
	const few = 24
	if len(best) < 4 || len(best) > few {
		return best
	}
	whole := best
	for axis := range axes {
		edges := (&sweep{cells: whole, frame: whole[0]}).edges(axis, numbers(len(whole)))
		for _, edge := range edges[1 : len(edges)-1] {
			below, above := split(whole, axis, edge)
			if tiles := append(g.sweepApart(below), g.sweepApart(above)...); len(tiles) < len(best) {
				best = tiles
			}
		}
	}
	return best
}

// sweepApart sweeps each part of the cells that is apart from the others.
func (g *grid) sweepApart(cells []cell) []cell {
	var tiles []cell
	for _, part := range allApart(cells) {
		tiles = append(tiles, g.bestSweep(part)...)
	}
	return tiles
}

// bestSweep is the union of the cells in the cells of the best order of axes.
func (g *grid) bestSweep(cells []cell) []cell {
	if len(cells) < 2 {
		return cells
	}
	// With thousands of edges on an axis the second order can take far longer than
	// it is worth.
	const patience = 1 << 15
	quick, work := bands(cells)
	orders := quick[:1]
	if work[1] < patience {
		orders = quick[:]
	}
	if len(g.protocols) > 1 && work[1] < patience {
		orders = append(orders, [axes]int{addressAxis, protocolAxis, portAxis})
	}
	// Of equally good orders the one by port wins, whichever is tried first, so
	// that the answer depends on the union alone.
	var best []cell
	for _, order := range orders {
		limit := len(best)
		if best != nil && order[1] == portAxis {
			limit++
		}
		s := sweep{
			cells: cells, order: order, frame: g.cell(g.frame), limit: limit,
			class: func(over []int32) int32 { return int32(min(len(over), 1)) },
		}
		if tiles := s.run(); !s.tooMany && (best == nil || len(tiles) < limit) {
			best = tiles
		}
	}
	return best
}

// split cuts the cells at an edge of an axis.
func split(cells []cell, axis int, edge int32) (below, above []cell) {
	for _, c := range cells {
		if c.lo[axis] < edge {
			part := c
			part.hi[axis] = min(c.hi[axis], edge)
			below = append(below, part)
		}
		if c.hi[axis] > edge {
			part := c
			part.lo[axis] = max(c.lo[axis], edge)
			above = append(above, part)
		}
	}
	return below, above
}

// allApart splits cells where there is a gap on any axis.
func allApart(cells []cell) [][]cell {
	for axis := range axes {
		if parts := apart(cells, axis); len(parts) > 1 {
			var all [][]cell
			for _, part := range parts {
				all = append(all, allApart(part)...)
			}
			return all
		}
	}
	return [][]cell{cells}
}

// apart splits cells where there is a gap on an axis.
func apart(cells []cell, axis int) [][]cell {
	sorted := slices.Clone(cells)
	slices.SortStableFunc(sorted, func(a, b cell) int { return cmp.Compare(a.lo[axis], b.lo[axis]) })
	var parts [][]cell
	begin, end := 0, sorted[0].hi[axis]
	for i, c := range sorted {
		if c.lo[axis] > end {
			parts = append(parts, sorted[begin:i])
			begin = i
		}
		end = max(end, c.hi[axis])
	}
	return append(parts, sorted[begin:])
}

// hull is the smallest shape around both.
func (s shape) hull(o shape) shape {
	s.FirstProtocol, s.LastProtocol = min(s.FirstProtocol, o.FirstProtocol), max(s.LastProtocol, o.LastProtocol)
	s.Traffic.First, s.Traffic.Last = min(s.Traffic.First, o.Traffic.First), max(s.Traffic.Last, o.Traffic.Last)
	if o.Addresses.First.Compare(s.Addresses.First) < 0 {
		s.Addresses.First = o.Addresses.First
	}
	if o.Addresses.Last.Compare(s.Addresses.Last) > 0 {
		s.Addresses.Last = o.Addresses.Last
	}
	return s
}
