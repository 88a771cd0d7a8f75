// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-clb/terraform-provider-clb/internal/cloud"
	"github.com/terraform-clb/terraform-provider-clb/internal/packet"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

const (
	invalidEntry    = "Invalid network ACL entry"
	entryTwice      = "Network ACL entry written twice"
	ruleNumberTwice = "Rule number written twice"
)

// writtenEntries are the entries of one direction that a configuration writes
// out. The zero value is none: everything is derived.
type writtenEntries struct {
	// attribute is where they are written: "ingress" or "additional_ingress".
	attribute string
	// instead tells whether they stand in the place of the recommended entries;
	// otherwise they are added.
	instead bool
	// unlisted: not even the keys are known yet.
	unlisted bool
	entries  map[string]writtenEntry
}

// writtenEntry is one of them.
type writtenEntry struct {
	wiring.WrittenEntry
	// value is what the plan shows in ingress or egress.
	value types.Object
}

// name is what a message calls the entry: ingress["ssh"].
func (w writtenEntries) name(key string) string { return fmt.Sprintf("%s[%q]", w.attribute, key) }

// keys are the keys in their order.
func (w writtenEntries) keys() []string { return slices.Sorted(maps.Keys(w.entries)) }

// entry is what is known of an entry.
func (e writtenEntry) entry() cloud.NetworkACLEntry {
	entry, deny := e.Entry()
	return cloud.NetworkACLEntry{Entry: entry, Deny: deny}
}

// unknown are the fields of an entry that are not known yet, besides its number.
func (e writtenEntry) unknown() (fields packet.Field) {
	if e.Protocol.Unknown {
		fields |= packet.ProtocolField
	}
	if e.FromPort.Unknown || e.ToPort.Unknown || e.ICMPType.Unknown || e.ICMPCode.Unknown {
		fields |= packet.PortsField
	}
	if e.CIDRBlock.Unknown || e.IPv6CIDRBlock.Unknown {
		fields |= packet.PeerField
	}
	if e.RuleAction.Unknown {
		fields |= packet.ActionField
	}
	return fields
}

// decodeWritten reads the entries that a configuration writes for both
// directions and checks them as far as they are known.
func (m networkACLEntriesModel) decodeWritten() (map[wiring.Direction]writtenEntries, diag.Diagnostics) {
	ingress, diags := decodeWrittenEntries(wiring.Ingress, m.Ingress, m.AdditionalIngress)
	egress, bad := decodeWrittenEntries(wiring.Egress, m.Egress, m.AdditionalEgress)
	diags.Append(bad...)
	return map[wiring.Direction]writtenEntries{wiring.Ingress: ingress, wiring.Egress: egress}, diags
}

func decodeWrittenEntries(d wiring.Direction, entries, additional types.Map) (writtenEntries, diag.Diagnostics) {
	var diags diag.Diagnostics
	name, further := string(d), "additional_"+string(d)
	known := func(m types.Map) bool { return !m.IsNull() && !m.IsUnknown() }
	if known(entries) && known(additional) {
		diags.AddAttributeError(path.Root(further), "Conflicting arguments",
			fmt.Sprintf("%s adds to the recommended entries, and %s is written out, so there are none to add to. Put the entries of %s into %s, or remove %s.", further, name, further, name, name))
		return writtenEntries{}, diags
	}
	w, value := writtenEntries{attribute: name, instead: true, entries: map[string]writtenEntry{}}, entries
	switch {
	case entries.IsNull() && additional.IsNull():
		return writtenEntries{}, nil
	case entries.IsNull():
		w.attribute, w.instead, value = further, false, additional
	}
	if value.IsUnknown() {
		w.unlisted = true
		return w, nil
	}
	var problems []string
	for _, key := range slices.Sorted(maps.Keys(value.Elements())) {
		object, _ := value.Elements()[key].(types.Object)
		if object.IsNull() {
			problems = append(problems, w.name(key)+" is null: leave it out")
			continue
		}
		entry, bad := decodeWrittenEntry(object, d, w.name(key), !w.instead)
		problems = append(problems, bad...)
		if len(bad) == 0 {
			w.entries[key] = entry
		}
	}
	report(&diags, w.attribute, invalidEntry, problems)
	report(&diags, w.attribute, ruleNumberTwice, w.numbersTwice())
	report(&diags, w.attribute, entryTwice, w.contentsTwice())
	return w, diags
}

// decodeWrittenEntry reads and checks one entry.
func decodeWrittenEntry(object types.Object, d wiring.Direction, name string, numberOptional bool) (writtenEntry, []string) {
	if object.IsUnknown() {
		return writtenEntry{WrittenEntry: wiring.UnknownWrittenEntry(d), value: object}, nil
	}
	var model entryModel
	model.fields().read(object)
	written := model.written(d)
	written.NumberOptional = numberOptional
	if problems := written.Problems(name); len(problems) > 0 {
		return writtenEntry{}, problems
	}
	if model.RuleAction.IsNull() {
		model.RuleAction = types.StringValue(actionAllow)
	}
	return writtenEntry{written, model.value()}, nil
}

// numbersTwice says which entries have the same rule number.
func (w writtenEntries) numbersTwice() (problems []string) {
	first := map[int]string{}
	for _, key := range w.keys() {
		number := w.entries[key].RuleNumber
		if !number.Stated {
			continue
		}
		if other, seen := first[number.Number]; seen {
			problems = append(problems, fmt.Sprintf("%s and %s both have rule number %d: within a direction each entry needs a number of its own", w.name(other), w.name(key), number.Number))
			continue
		}
		first[number.Number] = key
	}
	return problems
}

// contentsTwice says which entries do the same at two numbers.
func (w writtenEntries) contentsTwice() (problems []string) {
	first := map[string]string{}
	for _, key := range w.keys() {
		if !w.entries[key].ContentKnown() {
			continue
		}
		content := w.entries[key].entry().Describe()
		if other, seen := first[content]; seen {
			problems = append(problems, fmt.Sprintf("%s and %s are the same entry twice, %q, and the one with the higher number never decides: remove one of them", w.name(other), w.name(key), content))
			continue
		}
		first[content] = key
	}
	return problems
}

// clashes says which additional entries the recommended ones leave no place for.
func (w writtenEntries) clashes(derived []wiring.Entry) (problems []string) {
	for _, row := range derived {
		for _, key := range w.keys() {
			entry := w.entries[key]
			switch content := entry.entry(); {
			case key == row.Key():
				problems = append(problems, fmt.Sprintf("%s has the key of the recommended entry %q, beside which it would stand in %s: choose another key", w.name(key), row.Key(), row.Direction))
			case entry.ContentKnown() && !content.Deny && content.Rule.Same(row.Rule):
				problems = append(problems, fmt.Sprintf("%s and the recommended entry %q are the same entry twice: remove %s, the entry is there without it", w.name(key), row.Key(), w.name(key)))
			case entry.RuleNumber.Stated && content.Number == row.Number:
				problems = append(problems, fmt.Sprintf("%s has rule number %d, and so has the recommended entry %q: choose another number, leave it out to take the next free one, or set first_rule_number", w.name(key), row.Number, row.Key()))
			}
		}
	}
	return problems
}
