// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package verify

import (
	"fmt"
	"slices"
	"strings"

	"github.com/terraform-clb/terraform-provider-clb/internal/packet"
)

// decide tells whether a filter lets everything pass that a flow needs of it, and
// if not, what is wrong. What is accepted counts as passing. The error is a bug
// of this package or of package packet: a witness did not stand its check.
func decide(n Need, f *filter, accepted *acceptances) (HopVerdict, []Finding, error) {
	hop := HopVerdict{Hop: n.Hop, Filter: and(f.known()), Verdict: packet.Proved}
	judgment := f.judge(n.Region)
	if judgment.Verdict == packet.Proved {
		return hop, nil, nil
	}
	id, lb := n.Flow.Kind.refused(), n.Flow.LoadBalancer
	refused, partly := n.whateverPeers(judgment.Refused)
	undecided := slices.Concat(judgment.Undecided, partly)
	accepted.used(id, lb, packet.Boxes(slices.Concat(refused, undecided)))
	fine := accepted.region(id, lb)
	switch left, open := without(refused, fine), without(undecided, fine); {
	case len(left) > 0:
		r := refutal{need: n, filter: f, pieces: left}
		var err error
		if r.witness, r.decider, err = r.pick(); err != nil {
			return hop, nil, err
		}
		hop.Verdict = packet.Refuted
		hop.Witness = n.packetWords(r.witness, r.decider.Box)
		hop.DecidedBy = r.blockers()
		return hop, []Finding{r.finding(id, hop)}, nil
	case len(open) > 0:
		finding := n.undecided(f, open)
		hop.Verdict = packet.Undecided
		hop.DecidedBy = finding.Blockers
		return hop, []Finding{finding}, nil
	}
	for _, blocker := range (refutal{need: n, filter: f, pieces: slices.Concat(refused, undecided)}).blockers() {
		hop.DecidedBy = append(hop.DecidedBy, blocker+" (accepted)")
	}
	return hop, nil, nil
}

// whateverPeers divides what is refused. Where the addresses of the peers are not
// known, only traffic that is refused for every address is refused for certain;
// of the rest it cannot be told whether it belongs to the flow.
func (n Need) whateverPeers(refused []packet.Piece) (certain, partly []packet.Piece) {
	everywhere := packet.Boxes(refused)
	for _, piece := range refused {
		if !n.open(piece.Box) {
			certain = append(certain, piece)
			continue
		}
		var passes packet.Region
		for _, box := range n.Region {
			if !slices.Equal(box.MemberOf, piece.Box.MemberOf) {
				continue
			}
			for _, rest := range (packet.Region{box}).Without(everywhere) {
				rest.Addresses = box.Addresses
				passes = append(passes, rest)
			}
		}
		inside := without([]packet.Piece{piece}, passes)
		certain = append(certain, inside...)
		partly = append(partly, without([]packet.Piece{piece}, packet.Boxes(inside))...)
	}
	return certain, partly
}

// open tells whether a part of the need's region is about peers whose addresses
// are not known.
func (n Need) open(part packet.Box) bool {
	if n.PeersUnknown == "" && len(part.MemberOf) == 0 {
		return false
	}
	return slices.ContainsFunc(n.Region, func(box packet.Box) bool {
		return (box.Addresses == onlyIPv4() || box.Addresses == packet.Anywhere()) &&
			slices.Equal(box.MemberOf, part.MemberOf) && contains(box, part)
	})
}

// contains tells whether a box contains a part of a region.
func contains(box, part packet.Box) bool {
	return len((packet.Region{part}).Without(packet.Region{box})) == 0
}

// without is what is left of pieces outside a region.
func without(pieces []packet.Piece, region packet.Region) []packet.Piece {
	if len(region) == 0 {
		return pieces
	}
	var left []packet.Piece
	for _, piece := range pieces {
		if !piece.Box.Addresses.First.IsValid() {
			left = append(left, piece)
			continue
		}
		for _, box := range (packet.Region{piece.Box}).Without(region) {
			rest := piece
			rest.Box = box
			left = append(left, rest)
		}
	}
	return left
}

// refused is the kind of finding for a flow of this kind that is refused.
func (k Kind) refused() ID {
	switch k {
	case ClientToListener:
		return ClientListener
	case ToInstance:
		return InstancePort
	case HealthCheck:
		return HealthCheckRefused
	case ReplyToClient:
		return ClientReply
	case ReplyToLB:
		return InstanceReply
	default:
		return PathMTURefused
	}
}

// refutal is a need that a filter refuses, or a part of it.
type refutal struct {
	need   Need
	filter *filter
	pieces []packet.Piece
	// witness is one refused packet, decider the piece that it is from.
	witness packet.Packet
	decider packet.Piece
}

func (r refutal) finding(id ID, hop HopVerdict) Finding {
	subject, are := r.need.Flow.subject(r.pieces)
	return Finding{
		ID:       id,
		Nature:   r.nature(),
		About:    r.filter.about(),
		Sentence: fmt.Sprintf("%s %s refused by %s: e.g. %s.", subject, are, r.refuser(), hop.Witness),
		Blockers: hop.DecidedBy,
		Regions:  r.regions(),
		Nearest:  r.nearest(),
		Fix:      r.fix(),
		Row:      r.need.Row,
	}
}

// refuser is what refuses the witness.
func (r refutal) refuser() string {
	if r.decider.Rule == packet.NoRule && !r.filter.isACL() {
		which := "which has"
		if len(r.filter.known()) > 1 {
			which = "which have"
		}
		return fmt.Sprintf("%s, %s no %s rule that admits it", r.filter.name(), which, InOut(r.filter.direction))
	}
	return r.filter.describe(r.decider.Rule)
}

// deciders are the distinct rules that refuse, the witness's first.
func (r refutal) deciders() []int {
	var rules []int
	if r.decider.Box.Addresses.First.IsValid() {
		rules = append(rules, r.decider.Rule)
	}
	for _, piece := range r.pieces {
		if !slices.Contains(rules, piece.Rule) {
			rules = append(rules, piece.Rule)
		}
	}
	return rules
}

func (r refutal) blockers() []string {
	var words []string
	for _, rule := range r.deciders() {
		words = append(words, r.filter.describe(rule))
	}
	return words
}

func (r refutal) regions() []string {
	var words []string
	for _, box := range packet.Boxes(r.pieces).Without(nil) {
		words = append(words, boxWords(box, r.filter.direction))
	}
	return words
}

// nature: the configuration is at fault where a rule of it refuses, and where none
// decides although the configuration writes the rules of this direction out. A
// rule of another resource counts as the live world: this very run may remove it.
func (r refutal) nature() Nature {
	if r.need.Flow.Kind == PathMTUDiscovery {
		return PathMTU
	}
	for _, rule := range r.deciders() {
		origin := r.filter.origin(rule)
		if rule == packet.NoRule && r.filter.hasWritten() || origin != Unmanaged && origin != Managed {
			return RefutedByConfiguration
		}
	}
	return RefutedByWorld
}

// hasWritten tells whether rules of the direction are written in the configuration.
func (f *filter) hasWritten() bool {
	return slices.ContainsFunc(f.sources, func(s source) bool { return s.origin == Written })
}

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
		denies = append(denies, r.filter.describe(rule))
		if number := r.filter.sources[rule].entry.Number; lowest == 0 || number < lowest {
			lowest = number
		}
	}
	rules := r.rulesToAdd()
	what, plural := and(rules), ""
	if len(rules) > 1 {
		plural = "s"
	}
	switch {
	case len(denies) > 0 && lowest > 1:
		steps = append(steps, fmt.Sprintf("remove or narrow %s, or admit %s with a rule number below %d", and(denies), what, lowest))
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

// rulesToAdd are rules that would admit what is refused, and nothing that the
// flow does not need.
func (r refutal) rulesToAdd() []string {
	boxes := packet.Boxes(r.pieces).Without(nil)
	if _, network := boxes[0].Addresses.Network(); len(boxes) > 1 || !network {
		boxes = r.wider(boxes)
	}
	var words []string
	for _, box := range boxes {
		words = append(words, r.ruleToAdd(box))
	}
	slices.Sort(words)
	return slices.Compact(words)
}

// wider is, for every box of the need of which something is refused, that box on
// all ports from the first to the last refused one.
func (r refutal) wider(refused packet.Region) packet.Region {
	var boxes packet.Region
	for _, box := range r.need.Region {
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
