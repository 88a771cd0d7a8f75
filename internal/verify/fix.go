// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package verify

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/terraform-clb/terraform-provider-clb/internal/packet"
)

// fix says what to do about all deciders.
func (r refutal) fix() string {
	var steps []string
	lowest, nobody := 0, false
	var denies []string
	for _, rule := range r.deciders() {
		if rule == packet.NoRule {
			nobody = true
			continue
		}
		denies = append(denies, r.filter.handle(rule))
		if n := r.filter.sources[rule].entry.Number; lowest == 0 || n < lowest {
			lowest = n
		}
	}
	rules := r.rulesToAdd()
	what, number, plural := and(rules), "a rule number", ""
	if len(rules) > 1 {
		number, plural = "rule numbers", "s"
	}
	switch {
	case len(denies) > 0 && lowest > 1:
		steps = append(steps, fmt.Sprintf("remove or narrow %s, or admit %s with %s below %d", and(denies), what, number, lowest))
	case len(denies) > 0:
		steps = append(steps, fmt.Sprintf("remove, narrow or renumber %s", and(denies)))
	}
	if nobody && (len(denies) == 0 || lowest <= 1) {
		attribute := string(r.filter.direction)
		where := r.filter.name()
		if len(r.filter.known()) > 1 {
			where = "one of " + where
		}
		step := fmt.Sprintf("add to %s the %s rule%s %s", where, InOut(r.filter.direction), plural, what)
		if r.filter.hasWritten() {
			step += fmt.Sprintf(": write it in %s, or leave %s out to get the recommended rules", attribute, attribute)
		}
		steps = append(steps, step)
	}
	text := strings.Join(steps, "; then ")
	return strings.ToUpper(text[:1]) + text[1:] + "."
}

// rulesToAdd are rules that would admit what is refused. Each can be entered as it
// is: it names a network, and no other range of addresses.
func (r refutal) rulesToAdd() []string {
	boxes := packet.Boxes(r.pieces).Without(nil)
	if _, network := boxes[0].Addresses.Network(); len(boxes) > 1 || !network {
		boxes = r.wider(boxes)
	}
	for i := range boxes {
		boxes[i].Addresses = around(boxes[i].Addresses)
	}
	var words []string
	for i, box := range boxes {
		covered := func(o packet.Box) bool {
			return !equalBoxes(o, box) && slices.Equal(o.MemberOf, box.MemberOf) && contains(o, box)
		}
		if !slices.ContainsFunc(boxes[:i], covered) && !slices.ContainsFunc(boxes[i+1:], covered) {
			words = append(words, r.ruleToAdd(box))
		}
	}
	slices.Sort(words)
	return slices.Compact(words)
}

// around is the smallest network that contains all of some addresses.
func around(a packet.Addresses) packet.Addresses {
	if !a.First.Is4() || !a.Last.Is4() {
		return a
	}
	for bits := a.First.BitLen(); bits > 0; bits-- {
		if network := netip.PrefixFrom(a.First, bits).Masked(); network.Contains(a.Last) {
			return packet.CIDR(network)
		}
	}
	return onlyIPv4()
}

// wider is, for every box of the need of which something is refused, that box on
// all ports from the first to the last refused one.
func (r refutal) wider(refused packet.Region) packet.Region {
	var boxes packet.Region
	for _, box := range slices.Concat(r.need.Uncut, r.need.Region) {
		inside := (packet.Region{box}).Without((packet.Region{box}).Without(refused))
		if len(inside) == 0 {
			continue
		}
		first, last := inside[0].Traffic.First, inside[0].Traffic.Last
		for _, part := range inside {
			first, last = min(first, part.Traffic.First), max(last, part.Traffic.Last)
		}
		box.Traffic.First, box.Traffic.Last = first, last
		boxes = append(boxes, box)
	}
	return boxes
}

// ruleToAdd is a rule that would admit a box: a security group names one of the
// groups of the peers rather than their addresses.
func (r refutal) ruleToAdd(box packet.Box) string {
	peer := box.Addresses.String()
	if len(box.MemberOf) > 0 && !r.filter.isACL() {
		peer = strings.Join(box.MemberOf, " or ")
	} else if r.need.PeersUnknown != "" && box.Addresses == onlyIPv4() {
		peer = "the networks of the VPC"
	}
	return fmt.Sprintf("%s %s %s", box.Traffic, toFrom(r.filter.direction), peer)
}
