// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package verify

import (
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
}

// Detail is the finding as the text of a diagnostic. Hint is a last sentence,
// for example about the way past it; it may be empty.
func (f Finding) Detail(hint string) string {
	var b strings.Builder
	b.WriteString(f.Sentence)
	decided, regions := "Decided by", "All that is refused"
	if f.ID.broader() {
		decided, regions = "Opened by", "Open beyond what is recommended"
	}
	list(&b, decided, f.Blockers)
	list(&b, regions, f.Regions)
	if f.Nearest != "" {
		b.WriteString("\n\nNearest rule: " + f.Nearest)
	}
	if f.Fix != "" {
		b.WriteString("\n\nFix: " + f.Fix)
	}
	if f.Row != "" {
		b.WriteString("\n\nAWS recommends: " + f.Row + ".")
	}
	if hint != "" {
		b.WriteString("\n\n" + hint)
	}
	return b.String()
}

// list writes one item on the line of its title and several below it.
func list(b *strings.Builder, title string, items []string) {
	switch len(items) {
	case 0:
	case 1:
		b.WriteString("\n\n" + title + ": " + items[0] + ".")
	default:
		b.WriteString("\n\n" + title + ":")
		for _, item := range items {
			b.WriteString("\n  - " + item)
		}
	}
}
