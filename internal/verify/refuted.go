// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package verify

import (
	"fmt"
	"slices"

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
		hop.DecidedBy, hop.briefly = r.blockers(), r.briefs()
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
		Sentence: fmt.Sprintf("%s %s refused by %s: e.g. %s.", subject, are, r.filter.describe(r.decider.Rule), hop.Witness),
		Blockers: hop.DecidedBy,
		Regions:  r.regions(),
		Nearest:  r.nearest(),
		Fix:      r.fix(),
		Row:      r.need.Row,
		refusals: []refutal{r},
	}
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

// briefs name the deciders in a few words.
func (r refutal) briefs() []string {
	var words []string
	for _, rule := range r.deciders() {
		words = append(words, r.filter.brief(rule))
	}
	return words
}

// regions are what is refused, in few boxes. Networks of the flow that are refused
// side by side are not run together: a reader knows them by themselves.
func (r refutal) regions() []string {
	var words []string
	for _, box := range packet.Boxes(r.pieces).Without(nil) {
		for _, part := range r.need.known(box) {
			words = append(words, boxWords(part, r.filter.direction))
		}
	}
	return words
}

// known is a box as the networks of the need that it consists of, if it does.
func (n Need) known(box packet.Box) packet.Region {
	if _, network := box.Addresses.Network(); network {
		return packet.Region{box}
	}
	var parts packet.Region
	for _, whole := range n.Region {
		whole.Traffic = box.Traffic
		if slices.Equal(whole.MemberOf, box.MemberOf) && contains(box, whole) && !slices.ContainsFunc(parts, func(p packet.Box) bool { return equalBoxes(p, whole) }) {
			parts = append(parts, whole)
		}
	}
	if len(parts) == 0 || len((packet.Region{box}).Without(parts)) > 0 {
		return packet.Region{box}
	}
	return parts
}

// and is two refutals by one filter together. The packet is that of the first.
func (r refutal) and(other refutal) refutal {
	r.need.Region = slices.Concat(r.need.Region, other.need.Region)
	r.need.Uncut = slices.Concat(r.need.Uncut, other.need.Uncut)
	r.pieces = slices.Concat(r.pieces, other.pieces)
	return r
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
