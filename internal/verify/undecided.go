// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package verify

import (
	"fmt"
	"slices"
	"strings"

	"github.com/terraform-clb/terraform-provider-clb/internal/packet"
)

// undecided says what would tell whether pieces of the need pass.
func (n Need) undecided(f *filter, pieces []packet.Piece) Finding {
	var reasons, members []string
	unseen := false
	note := func(reason string) {
		if !slices.Contains(reasons, reason) {
			reasons = append(reasons, reason)
		}
	}
	for _, piece := range pieces {
		if len(piece.Unknowns) == 0 {
			members = groupIDs(append(members, piece.Box.MemberOf...))
			note(n.peersWords(piece.Box))
		}
		for _, unknown := range piece.Unknowns {
			switch {
			case unknown.Rule == packet.NoRule:
				note(n.peersWords(piece.Box))
			case unknown.Rule >= f.rules():
				unseen = true
				note(f.describe(unknown.Rule))
			case unknown.Field == packet.NetworksField:
				unseen = true
				note("the networks of the prefix list of " + f.describe(unknown.Rule) + " cannot be seen")
			default:
				note(f.describe(unknown.Rule))
			}
		}
	}
	subject, are := n.Flow.subject(pieces)
	subject += " gets"
	if are == "are" {
		subject = strings.TrimSuffix(subject, "s")
	}
	finding := Finding{
		ID:       ValueUnknown,
		Nature:   NotKnown,
		About:    f.about(),
		Sentence: fmt.Sprintf("whether %s through %s cannot be told yet: it depends on %s.", subject, f.name(), and(reasons)),
		Blockers: reasons,
		Fix:      "Nothing, if this becomes known when the plan is applied: it is then decided before anything is written.",
		Row:      n.Row,
	}
	switch {
	case unseen:
		finding.ID, finding.Nature = NotVisible, ReadDenied
		finding.Sentence = fmt.Sprintf("whether %s through %s cannot be told: %s.", subject, f.name(), and(reasons))
		finding.Fix = "Let the provider read what it cannot see, then plan again."
	case n.PeersUnknown == "" && len(members) > 0:
		finding.Fix = fmt.Sprintf("Admit %s by name in a rule of %s: it then holds for all members, whatever their addresses.", and(members), f.name())
	case n.PeersUnknown != "":
		finding.Fix = fmt.Sprintf("Set %s. If its value becomes known when the plan is applied, this is then decided before anything is written.", n.PeersUnknown)
	}
	if n.Flow.Kind == PathMTUDiscovery {
		finding.Nature = PathMTU
	}
	return finding
}

// peersWords is what would tell who the peers of a part of the need are.
func (n Need) peersWords(part packet.Box) string {
	if n.PeersUnknown == "" {
		return "the addresses of the members of " + and(part.MemberOf)
	}
	return n.PeersUnknown + ", which is not known"
}
