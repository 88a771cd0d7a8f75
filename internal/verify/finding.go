// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package verify

import (
	"slices"
	"strings"
)

// Finding is one thing that is wrong, or cannot be told, in words for its reader.
type Finding struct {
	ID     ID
	Nature Nature
	// About is the id of the group or network ACL that it is about, empty if
	// there is none.
	About string
	// Written is what the configuration calls the first of the broader rules that
	// are written in it, such as additional_ingress["office"].
	Written string
	// Sentence says what is wrong, with the user's values and one packet.
	Sentence string
	// Blockers are the rules that refuse, or that are broader; all of them.
	Blockers []string
	// Regions is the whole region that is refused, or open beyond what is
	// recommended, in the fewest boxes.
	Regions []string
	// Nearest is the rule that almost admitted what is refused, with what it lacks.
	Nearest string
	// Fix says what to do.
	Fix string
	// Row is the row of the AWS table.
	Row string

	// refusals are what a finding about a refused flow was made of.
	refusals []refutal
}

// Detail is the finding as the text of a diagnostic. Hint is a last sentence,
// for example about the way past it; it may be empty.
func (f Finding) Detail(hint string) string {
	var b strings.Builder
	b.WriteString(f.Sentence)
	for _, p := range f.parts() {
		b.WriteString("\n\n" + p.title + ":")
		if len(p.items) == 1 {
			b.WriteString(" " + strings.TrimSuffix(p.items[0], ".") + ".")
			continue
		}
		for _, item := range p.items {
			b.WriteString("\n  - " + item)
		}
	}
	if hint != "" {
		b.WriteString("\n\n" + hint)
	}
	return b.String()
}

// part is what a finding says besides its sentence: one text under a title, or several.
type part struct {
	title string
	items []string
}

const fixTitle = "Fix"

// parts are what the finding says besides its sentence, in the order of reading.
func (f Finding) parts() []part {
	deciders, regions := "Decided by", "All that is refused"
	// What the sentence names is not repeated.
	blockers := slices.DeleteFunc(slices.Clone(f.Blockers), func(b string) bool { return strings.Contains(f.Sentence, b) })
	switch {
	case f.ID.broader():
		deciders, regions = "Opened by", "Open beyond what is recommended"
	case f.ID.undecided():
		deciders = "Depends on"
	case f.ID == OverridesDeny:
		deciders = "Overridden"
	case f.ID.refuted() && len(blockers) < len(f.Blockers):
		deciders = "Also refused by"
	case f.ID.refuted():
		deciders = "Refused by"
	}
	var parts []part
	for _, p := range []part{
		{deciders, blockers}, {regions, f.Regions}, {"Nearest rule", []string{f.Nearest}}, {fixTitle, []string{f.Fix}}, {"AWS recommends", []string{f.Row}},
	} {
		if len(p.items) > 1 || len(p.items) == 1 && p.items[0] != "" {
			parts = append(parts, p)
		}
	}
	return parts
}
