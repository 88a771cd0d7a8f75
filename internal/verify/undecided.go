// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package verify

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

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
				note("the networks of the prefix list of " + f.describe(unknown.Rule) + " cannot be seen (ec2:GetManagedPrefixListEntries)")
			default:
				note(f.describe(unknown.Rule))
			}
		}
	}
	subject := n.Flow.gets(pieces)
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
		finding.Fix = letRead(reasons...) + ", then plan again."
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

// gets is what of a flow is judged, as the subject of "gets through".
func (f Flow) gets(pieces []packet.Piece) string {
	subject, are := f.subject(pieces)
	if are == "are" {
		return subject + " get"
	}
	return subject + " gets"
}

// letRead says what has to be allowed or set, as far as the reasons why something
// cannot be seen name it.
func letRead(reasons ...string) string {
	var operations, ways []string
	separates := func(c rune) bool { return unicode.IsSpace(c) || strings.ContainsRune(",;()", c) }
	for _, word := range strings.FieldsFunc(strings.Join(reasons, " "), separates) {
		switch {
		case strings.HasPrefix(word, "ec2:"), strings.HasPrefix(word, "elasticloadbalancing:"):
			operations = withAll(operations, []string{strings.TrimSuffix(word, ".")})
		case word == missesInstanceSubnets, word == missesInstanceGroups:
			ways = withAll(ways, []string{"set " + word})
		}
	}
	if len(operations) > 0 {
		ways = append([]string{"allow " + and(operations) + " to the identity that the provider runs as"}, ways...)
	}
	if len(ways) == 0 {
		return "Let the provider read what it cannot see"
	}
	return capital(strings.Join(ways, ", or "))
}

// peersWords is what would tell who the peers of a part of the need are.
func (n Need) peersWords(part packet.Box) string {
	if n.PeersUnknown == "" {
		return "the addresses of the members of " + and(part.MemberOf)
	}
	return n.PeersUnknown + ", which is not known"
}
