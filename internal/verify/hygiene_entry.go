// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package verify

import (
	"fmt"
	"slices"
	"strings"

	"github.com/terraform-clb/terraform-provider-clb/internal/packet"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// entryFindings are about the order of the entries of one direction: entries of
// ours that never match, and entries of ours that come before a deny of someone
// else.
func entryFindings(d wiring.Direction, acl ACL) []Finding {
	ours := slices.ContainsFunc(acl.Entries, func(e ACLEntry) bool { return e.Direction == d && e.Origin != Unmanaged })
	if !ours || acl.Unseen != "" {
		return nil
	}
	f, err := newACLFilter(d, acl)
	if err != nil {
		return nil
	}
	return append(f.shadowedEntries(), f.overriddenDenies()...)
}

func (f *filter) shadowedEntries() []Finding {
	acl, isACL := f.judges.(*packet.NetworkACL)
	if !isACL {
		return nil
	}
	var findings []Finding
	for i, s := range f.sources {
		if s.origin == Unmanaged || s.entry.Unknown != 0 {
			continue
		}
		by, shadowed := acl.Shadowed(i)
		if !shadowed || s.origin == Derived && f.allOurAllows(by) {
			continue
		}
		come := "comes"
		if len(by) > 1 {
			come = "come"
		}
		finding := Finding{
			ID: ShadowedEntry, Nature: Hygiene, About: f.about(),
			Sentence: fmt.Sprintf("%s can never match: %s %s before it and decides all that it is about.", capital(f.describe(i)), f.numbers(by), come),
			Fix:      fmt.Sprintf("Give rule %d a number below %d, or remove what comes before it.", s.entry.Number, f.sources[by[0]].entry.Number),
		}
		if len(by) > 1 {
			finding.Sentence = strings.Replace(finding.Sentence, "and decides", "and together decide", 1)
		}
		for _, culprit := range by {
			finding.Blockers = append(finding.Blockers, f.describe(culprit))
		}
		findings = append(findings, finding)
	}
	return oneOfEach(findings)
}

// allOurAllows tells whether the entries are ours and allow. The recommended entry
// for the ephemeral ports covers others that are recommended as well.
func (f *filter) allOurAllows(entries []int) bool {
	return !slices.ContainsFunc(entries, func(i int) bool {
		return f.sources[i].origin == Unmanaged || f.sources[i].entry.Action != packet.Allow
	})
}

// numbers are entries by their numbers: "rule 90", "rules 80 and 90".
func (f *filter) numbers(entries []int) string {
	var texts []string
	for _, i := range entries {
		text := fmt.Sprint(f.sources[i].entry.Number)
		if f.sources[i].entry.Action == packet.Deny {
			text += " (deny)"
		}
		texts = append(texts, text)
	}
	if len(texts) == 1 {
		return "rule " + texts[0]
	}
	return "rules " + and(texts)
}

// overriddenDenies are the denies of someone else whose packets get through by an
// earlier entry of ours. A deny of everything says no more than the final "*".
func (f *filter) overriddenDenies() []Finding {
	var findings []Finding
	for i, deny := range f.sources {
		entry := deny.entry
		traffic, _ := f.extent(i)
		everyone := traffic == packet.AllTraffic() && entry.Peer.CIDR.Bits() == 0
		if deny.origin != Unmanaged || entry.Action != packet.Deny || entry.Unknown != 0 || everyone {
			continue
		}
		var ours []packet.Piece
		for _, piece := range f.permits(packet.Region{{Traffic: traffic, Addresses: packet.CIDR(entry.Peer.CIDR)}}, nil) {
			before := f.sources[piece.Rule].entry.Number < entry.Number
			if before && len(piece.Unknowns) == 0 && f.origin(piece.Rule) != Unmanaged {
				ours = append(ours, piece)
			}
		}
		if len(ours) == 0 {
			continue
		}
		rules := rulesOf(ours)
		finding := Finding{
			ID: OverridesDeny, Nature: Hygiene, About: f.about(),
			Sentence: fmt.Sprintf("%s lets pass what %s was to stop: %s.", capital(f.describe(rules[0])), f.numbers([]int{i}), f.regionWords(ours)),
			Blockers: []string{f.describe(i)},
			Fix: fmt.Sprintf("If the deny is meant, give it a number below %d. If it is not, remove it, or say why it is there: "+
				`accept = [{ finding = %q, reason = "…" }].`, f.sources[rules[0]].entry.Number, OverridesDeny),
		}
		findings = append(findings, finding)
	}
	return oneOfEach(findings)
}

// regionWords are the first few parts of what pieces are about.
func (f *filter) regionWords(pieces []packet.Piece) string {
	const few = 3
	var texts []string
	boxes := packet.Boxes(pieces).Without(nil)
	for _, box := range boxes[:min(few, len(boxes))] {
		texts = append(texts, openWords(f.direction, box))
	}
	if more := len(boxes) - few; more > 0 {
		texts = append(texts, fmt.Sprintf("%d more", more))
	}
	return and(texts)
}
