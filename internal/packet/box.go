// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package packet

import (
	"cmp"
	"slices"
	"strings"
)

// Box is a set of packets that is a product: traffic × addresses of the peer.
type Box struct {
	Traffic   Traffic
	Addresses Addresses
	// MemberOf names the security groups and prefix lists that the peer of each
	// packet is a member of, and no other counts: an interface carries all of
	// them at once. Members may have any of Addresses.
	MemberOf []string
}

// Region is a union of boxes, which may overlap.
type Region []Box

// Boxes is the region that pieces make up.
func Boxes(pieces []Piece) Region {
	region := make(Region, 0, len(pieces))
	for _, piece := range pieces {
		region = append(region, piece.Box)
	}
	return region
}

// Without is the region less another, in few boxes. Packets whose peer is a
// member of A are in a box of members of B only if A names all that B names.
func (r Region) Without(other Region) Region {
	var left []Piece
	for _, box := range r {
		for _, rest := range remainder(box, other) {
			left = append(left, Piece{Box: rest})
		}
	}
	return Boxes(mergePieces(left))
}

// String is the box in a reader's words: "tcp 80 of 10.0.0.0/8",
// "tcp 80 of members of sg-1". A filter's direction tells whether that is the
// source or the destination.
func (b Box) String() string {
	if len(b.MemberOf) == 0 {
		return b.Traffic.String() + " of " + b.Addresses.String()
	}
	text := b.Traffic.String() + " of members of " + strings.Join(b.MemberOf, ", ")
	if b.Addresses == Anywhere() {
		return text
	}
	return text + " at " + b.Addresses.String()
}

// valid tells whether there is a packet in the box.
func (b Box) valid() bool { return b.Traffic.valid() && b.Addresses.valid() }

func (b Box) shape() shape { return shape{b.Traffic, b.Addresses} }

// remainder is what of a box is in no box of a region.
func remainder(box Box, region Region) []Box {
	if !box.valid() {
		return nil
	}
	covers := filter{}
	for i, other := range region {
		if !other.shape().overlaps(box.shape()) || !other.valid() || !containsAll(box.MemberOf, other.MemberOf) {
			continue
		}
		if other.shape().contains(box.shape()) {
			return nil
		}
		covers.matchers = append(covers.matchers, matcher{shape: other.shape(), rule: i})
	}
	if len(covers.matchers) == 0 {
		return []Box{box}
	}
	var left []Box
	for _, piece := range covers.decide(box) {
		left = append(left, piece.Box)
	}
	return left
}

// exactBoxes are the boxes of a region by their shape, to find without a search what
// is in it to the letter, as most rules are.
type exactBoxes map[shape][]Box

func exactly(region Region) exactBoxes {
	boxes := make(exactBoxes, len(region))
	for _, box := range region {
		if box.valid() {
			boxes[box.shape()] = append(boxes[box.shape()], box)
		}
	}
	return boxes
}

// cover tells whether a box of the same shape takes all members of a box.
func (e exactBoxes) cover(box Box) bool {
	return slices.ContainsFunc(e[box.shape()], func(other Box) bool { return containsAll(box.MemberOf, other.MemberOf) })
}

// containsAll tells whether all names are among the members' names.
func containsAll(members, names []string) bool {
	for _, name := range names {
		if !slices.Contains(members, name) {
			return false
		}
	}
	return true
}

// shape is a box without the membership: what can be cut.
type shape struct {
	Traffic
	Addresses
}

func (s shape) overlaps(o shape) bool {
	return s.Traffic.overlaps(o.Traffic) && s.Addresses.overlaps(o.Addresses)
}

func (s shape) contains(o shape) bool {
	return s.Traffic.contains(o.Traffic) && s.Addresses.contains(o.Addresses)
}

// intersect is what is in both; they overlap.
func (s shape) intersect(o shape) shape {
	return shape{s.Traffic.intersect(o.Traffic), s.Addresses.intersect(o.Addresses)}
}

func compareShapes(a, b shape) int {
	return cmp.Or(
		cmp.Compare(a.FirstProtocol, b.FirstProtocol),
		cmp.Compare(a.Traffic.First, b.Traffic.First),
		a.Addresses.First.Compare(b.Addresses.First),
		cmp.Compare(a.LastProtocol, b.LastProtocol),
		cmp.Compare(a.Traffic.Last, b.Traffic.Last),
		a.Addresses.Last.Compare(b.Addresses.Last),
	)
}
