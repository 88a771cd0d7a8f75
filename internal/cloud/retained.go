// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"slices"

	"github.com/terraform-clb/terraform-provider-clb/internal/packet"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// Need is packets that have to pass one direction of a security group or network
// ACL, and what for.
type Need struct {
	Direction wiring.Direction
	Region    packet.Region
	// What is the flow in words.
	What string
}

// judge tells which packets of a region a filter refuses.
type judge interface {
	Judge(packet.Region) packet.Judgment
}

// openNeeds are the needs of a direction, cut down to what passes now. What may
// pass, since a rule is not known as a whole, counts.
func openNeeds(needs []Need, d wiring.Direction, now judge) []Need {
	var open []Need
	for _, need := range needs {
		if need.Direction != d {
			continue
		}
		need.Region = need.Region.Without(packet.Boxes(now.Judge(need.Region).Refused))
		if len(need.Region) > 0 {
			open = append(open, need)
		}
	}
	return open
}

// shut is what of a need does not pass: surely is what is refused, perhaps is
// that together with what may be refused.
type shut struct {
	surely, perhaps packet.Region
}

func shutBy(filter judge, need Need) shut {
	judged := filter.Judge(need.Region)
	return shut{surely: packet.Boxes(judged.Refused), perhaps: packet.Boxes(append(judged.Refused, judged.Undecided...))}
}

// exceeds tells whether more is shut than in another case.
func (s shut) exceeds(other shut) bool {
	return len(s.surely.Without(other.surely)) > 0 || len(s.perhaps.Without(other.perhaps)) > 0
}

// fewest chooses of so many candidates some without which nothing more is shut
// than when all of them stay, and none of which can be left out. filter is what
// packets meet when some stay. neededBy says for each that stays what would be shut
// without it, and lost what is shut in any case.
func fewest(candidates int, needs []Need, filter func(stays []bool) judge) (neededBy [][]string, lost []string) {
	stays := slices.Repeat([]bool{true}, candidates)
	shutWhile := func() []shut {
		var all []shut
		met := filter(stays)
		for _, need := range needs {
			all = append(all, shutBy(met, need))
		}
		return all
	}
	least := shutWhile()
	for i, need := range needs {
		if len(least[i].surely) > 0 {
			lost = append(lost, need.What)
		}
	}
	without := func(i int) (whats []string) {
		stays[i] = false
		for k, now := range shutWhile() {
			if now.exceeds(least[k]) && !slices.Contains(whats, needs[k].What) {
				whats = append(whats, needs[k].What)
			}
		}
		return whats
	}
	for i := range stays {
		stays[i] = len(without(i)) > 0
	}
	neededBy = make([][]string, candidates)
	for i := range stays {
		if stays[i] {
			neededBy[i] = without(i)
			stays[i] = true
		}
	}
	return neededBy, lost
}

// closedOf says which needs pass less through one filter than through another.
func closedOf(needs []Need, d wiring.Direction, now, then judge) []string {
	var whats []string
	for _, need := range openNeeds(needs, d, now) {
		if shutBy(then, need).exceeds(shutBy(now, need)) && !slices.Contains(whats, need.What) {
			whats = append(whats, need.What)
		}
	}
	return whats
}
