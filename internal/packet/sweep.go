// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package packet

import (
	"cmp"
	"net/netip"
	"slices"
)

// The axes of a shape.
const (
	protocolAxis = iota
	portAxis
	addressAxis
	axes
)

// grid numbers the places where shapes begin and end along each axis, so that
// cutting them is a matter of small integers.
type grid struct {
	frame shape
	// Where a stretch begins. The last one ends with the frame.
	protocols, ports []uint32
	addresses        []netip.Addr
}

// cell is a shape in a grid: on each axis the stretches from lo up to, not
// including, hi.
type cell struct {
	lo, hi [axes]int32
	// class tells what was found out about the cell.
	class int32
}

// newGrid puts a grid over the shapes, which lie within the frame.
func newGrid(frame shape, shapes []shape) *grid {
	g := &grid{
		frame:     frame,
		protocols: append(make([]uint32, 0, 2*len(shapes)+1), uint32(frame.FirstProtocol)),
		ports:     append(make([]uint32, 0, 2*len(shapes)+1), uint32(frame.Traffic.First)),
		addresses: append(make([]netip.Addr, 0, 2*len(shapes)+1), frame.Addresses.First),
	}
	for _, s := range shapes {
		g.protocols = append(g.protocols, uint32(s.FirstProtocol))
		if s.LastProtocol != frame.LastProtocol {
			g.protocols = append(g.protocols, uint32(s.LastProtocol)+1)
		}
		g.ports = append(g.ports, uint32(s.Traffic.First))
		if s.Traffic.Last != frame.Traffic.Last {
			g.ports = append(g.ports, uint32(s.Traffic.Last)+1)
		}
		g.addresses = append(g.addresses, s.Addresses.First)
		if s.Addresses.Last != frame.Addresses.Last {
			g.addresses = append(g.addresses, next(s.Addresses.Last))
		}
	}
	slices.Sort(g.protocols)
	slices.Sort(g.ports)
	slices.SortFunc(g.addresses, netip.Addr.Compare)
	g.protocols = slices.Compact(g.protocols)
	g.ports = slices.Compact(g.ports)
	g.addresses = slices.Compact(g.addresses)
	return g
}

// cell is a shape within the frame, whose edges the grid has.
func (g *grid) cell(s shape) cell {
	var c cell
	c.lo[protocolAxis], c.hi[protocolAxis] = stretch(g.protocols, uint32(s.FirstProtocol), uint32(s.LastProtocol))
	c.lo[portAxis], c.hi[portAxis] = stretch(g.ports, uint32(s.Traffic.First), uint32(s.Traffic.Last))
	lo, _ := slices.BinarySearchFunc(g.addresses, s.Addresses.First, netip.Addr.Compare)
	hi := len(g.addresses)
	if s.Addresses.Last != g.frame.Addresses.Last {
		hi, _ = slices.BinarySearchFunc(g.addresses, next(s.Addresses.Last), netip.Addr.Compare)
	}
	c.lo[addressAxis], c.hi[addressAxis] = int32(lo), int32(hi)
	return c
}

func stretch(begins []uint32, first, last uint32) (lo, hi int32) {
	from, _ := slices.BinarySearch(begins, first)
	to, _ := slices.BinarySearch(begins, last+1)
	return int32(from), int32(to)
}

// shape is a cell as a shape again.
func (g *grid) shape(c cell) shape {
	s := g.frame
	s.FirstProtocol = uint8(g.protocols[c.lo[protocolAxis]])
	if hi := int(c.hi[protocolAxis]); hi < len(g.protocols) {
		s.LastProtocol = uint8(g.protocols[hi] - 1)
	}
	s.Traffic.First = uint16(g.ports[c.lo[portAxis]])
	if hi := int(c.hi[portAxis]); hi < len(g.ports) {
		s.Traffic.Last = uint16(g.ports[hi] - 1)
	}
	s.Addresses.First = g.addresses[c.lo[addressAxis]]
	if hi := int(c.hi[addressAxis]); hi < len(g.addresses) {
		s.Addresses.Last = previous(g.addresses[hi])
	}
	return s
}

// sweep cuts a frame along the edges of cells, one axis after the other, and
// finds the class of every part from the cells that lie over it. A part of class
// 0 is left out. Neighbours that look the same are one part.
type sweep struct {
	cells []cell
	order [axes]int
	frame cell
	// class sees the numbers of the cells over a part, ascending.
	class func(over []int32) int32
	// limit is how many parts are too many, 0 if none is.
	limit int
	// tooMany tells that the limit was reached, and the parts are not all.
	tooMany bool
}

// bands are the two orders of axes that keep protocols apart, along ports first
// and along addresses first, with the work that each is: how many parts the cells
// are cut into. The lesser work comes first.
func bands(cells []cell) (orders [2][axes]int, work [2]int) {
	orders = [2][axes]int{{protocolAxis, portAxis, addressAxis}, {protocolAxis, addressAxis, portAxis}}
	for _, c := range cells {
		for i, order := range orders {
			work[i] += int(c.hi[order[1]] - c.lo[order[1]])
		}
	}
	if work[1] < work[0] {
		orders[0], orders[1] = orders[1], orders[0]
		work[0], work[1] = work[1], work[0]
	}
	return orders, work
}

func (s *sweep) run() []cell {
	return s.cut(0, numbers(len(s.cells)))
}

func numbers(n int) []int32 {
	all := make([]int32, n)
	for i := range all {
		all[i] = int32(i)
	}
	return all
}

// cut cuts along the axis at depth in the order, and then along the deeper ones.
func (s *sweep) cut(depth int, over []int32) []cell {
	axis := s.order[depth]
	begins := slices.Clone(over)
	slices.SortFunc(begins, func(a, b int32) int { return cmp.Compare(s.cells[a].lo[axis], s.cells[b].lo[axis]) })
	edges := s.edges(axis, over)
	current := make([]int32, 0, len(over))
	var parts []cell
	last := 0 // where the parts of the stretch before begin
	for i, from := range edges[:len(edges)-1] {
		if s.limit > 0 && len(parts) >= s.limit {
			s.tooMany = true
		}
		if s.tooMany {
			return parts
		}
		to := edges[i+1]
		current = slices.DeleteFunc(current, func(c int32) bool { return s.cells[c].hi[axis] <= from })
		for len(begins) > 0 && s.cells[begins[0]].lo[axis] == from {
			at, _ := slices.BinarySearch(current, begins[0])
			current = slices.Insert(current, at, begins[0])
			begins = begins[1:]
		}
		if depth == axes-1 {
			class := s.class(current)
			switch {
			case class == 0:
				last = len(parts)
			case last < len(parts) && parts[last].class == class:
				parts[last].hi[axis] = to
			default:
				last = len(parts)
				c := cell{class: class}
				c.lo[axis], c.hi[axis] = from, to
				parts = append(parts, c)
			}
			continue
		}
		deeper := s.cut(depth+1, current)
		if len(deeper) > 0 && s.alike(parts[last:], deeper, depth+1) {
			for k := range parts[last:] {
				parts[last+k].hi[axis] = to
			}
			continue
		}
		last = len(parts)
		for _, c := range deeper {
			c.lo[axis], c.hi[axis] = from, to
			parts = append(parts, c)
		}
	}
	return parts
}

// edges are the places on an axis where one of the cells begins or ends.
func (s *sweep) edges(axis int, over []int32) []int32 {
	edges := append(make([]int32, 0, 2*len(over)+2), s.frame.lo[axis], s.frame.hi[axis])
	for _, c := range over {
		edges = append(edges, s.cells[c].lo[axis], s.cells[c].hi[axis])
	}
	slices.Sort(edges)
	return slices.Compact(edges)
}

// alike tells whether two lists of parts agree on the axes from depth on.
func (s *sweep) alike(a, b []cell, depth int) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].class != b[i].class {
			return false
		}
		for _, axis := range s.order[depth:] {
			if a[i].lo[axis] != b[i].lo[axis] || a[i].hi[axis] != b[i].hi[axis] {
				return false
			}
		}
	}
	return true
}
