// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-clb/terraform-provider-clb/internal/cloud"
	"github.com/terraform-clb/terraform-provider-clb/internal/packet"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// plannedEntry is an entry that the resource plans.
type plannedEntry struct {
	// NetworkACLEntry is what is known of it.
	cloud.NetworkACLEntry
	// name is what the configuration calls a written entry, ingress["ssh"] or
	// additional_ingress["ssh"]; it is empty for a derived one.
	name string
	// unknown are the fields that are not known yet, besides the rule number.
	unknown       packet.Field
	unknownNumber bool
	// value is how the plan shows it.
	value types.Object
}

// plannedEntries are the entries of one direction by key.
type plannedEntries map[string]plannedEntry

// aclPlan is what a resource plans for its network ACL. A direction of which not
// even the keys are known is not in it.
type aclPlan map[wiring.Direction]plannedEntries

// plan gives all entries of both directions their rule numbers. Those that are
// owned keep theirs, unless the user moved the block of numbers.
func (in networkACLEntriesInputs) plan(owned cloud.ACLEntries, moved bool) (aclPlan, diag.Diagnostics) {
	var diags diag.Diagnostics
	planned := aclPlan{}
	for _, d := range wiring.Directions() {
		w := in.written[d]
		if w.unlisted || !w.instead && !in.known() {
			continue
		}
		planned[d] = plannedEntries{}
		if w.instead {
			for _, key := range w.keys() {
				planned[d].write(w, key)
			}
			continue
		}
		if diags.Append(in.planDerived(planned[d], wiring.InDirection(in.derive(), d), owned.In(d), moved, w)...); diags.HasError() {
			return planned, diags
		}
	}
	return planned, diags
}

// write plans an entry as it is written.
func (p plannedEntries) write(w writtenEntries, key string) {
	entry := w.entries[key]
	p[key] = plannedEntry{NetworkACLEntry: entry.entry(), name: w.name(key), unknown: entry.unknown(), unknownNumber: entry.RuleNumber.Unknown, value: entry.value}
}

// planDerived plans the derived entries of a direction and those that are added
// to them. The numbers of the derived ones depend on nothing that is added, so
// that they can be planned while that is not known yet.
func (in networkACLEntriesInputs) planDerived(p plannedEntries, rows []wiring.Rule, owned cloud.OwnedEntries, moved bool, w writtenEntries) diag.Diagnostics {
	var diags diag.Diagnostics
	held := map[string]int{}
	if !moved {
		held = in.heldNumbers(rows, owned, w)
	}
	derived, err := wiring.Number(rows, held, in.firstNumber, in.step)
	if err != nil {
		addNumberingError(&diags, err)
		return diags
	}
	for _, entry := range derived {
		one := cloud.NetworkACLEntry{Entry: entry}
		p[entry.Key()] = plannedEntry{NetworkACLEntry: one, value: newEntryModel(one).value()}
		held[entry.Key()] = entry.Number
	}
	report(&diags, w.attribute, invalidEntry, w.clashes(derived))
	// As long as a number is not known, or an entry that may have a number already,
	// the next free number is not known either.
	var open []string
	undetermined := false
	for _, key := range w.keys() {
		entry := w.entries[key]
		_, keeps := held[key]
		switch {
		case entry.RuleNumber.Stated:
			delete(held, key)
		case entry.RuleNumber.Unknown:
			undetermined = true
		default:
			open = append(open, key)
			undetermined = undetermined || !keeps && !entry.ContentKnown()
		}
	}
	for _, key := range w.keys() {
		p.write(w, key)
		if number := w.entries[key].RuleNumber; number.Stated {
			// Under a name that no entry has: the number is taken, and not the key's.
			held[w.name(key)] = number.Number
		}
	}
	for key, entry := range owned {
		if _, kept := held[key]; !kept && !moved {
			held[w.attribute+" gives up "+key] = entry.Number
		}
	}
	numbers, err := wiring.NumberKeys(open, held, in.firstNumber, in.step)
	if err != nil {
		addNumberingError(&diags, err)
		return diags
	}
	for i, key := range open {
		entry := p[key]
		number := types.Int64Value(int64(numbers[i]))
		if _, keeps := held[key]; undetermined && !keeps {
			entry.unknownNumber, number = true, types.Int64Unknown()
		} else {
			entry.Number = numbers[i]
		}
		entry.value = withRuleNumber(entry.value, number, &diags)
		p[key] = entry
	}
	return diags
}

// withRuleNumber is the value of an entry with its number. Of an entry that is
// wholly unknown, nothing can be shown.
func withRuleNumber(value types.Object, number types.Int64, diags *diag.Diagnostics) types.Object {
	if value.IsUnknown() {
		return value
	}
	attributes := maps.Clone(value.Attributes())
	attributes["rule_number"] = number
	numbered, bad := types.ObjectValue(entryType().AttrTypes, attributes)
	diags.Append(bad...)
	return numbered
}

// heldNumbers are the numbers that stay: those of owned keys, and under a new key
// those of entries that say the same, so that a new name writes nothing. The
// number of a key that goes away is still taken.
func (in networkACLEntriesInputs) heldNumbers(rows []wiring.Rule, owned cloud.OwnedEntries, w writtenEntries) map[string]int {
	held := owned.Numbers()
	planned := map[string]bool{}
	for _, row := range rows {
		planned[row.Key()] = true
	}
	for key := range w.entries {
		planned[key] = true
	}
	inherit := func(key string, from func(cloud.NetworkACLEntry) bool) {
		if _, holds := held[key]; holds {
			return
		}
		for _, old := range slices.Sorted(maps.Keys(owned)) {
			if number, there := held[old]; there && !planned[old] && from(owned[old]) {
				delete(held, old)
				held[key] = number
				return
			}
		}
	}
	for _, row := range rows {
		inherit(row.Key(), func(old cloud.NetworkACLEntry) bool { return !old.Deny && old.Rule.Same(row) })
	}
	for _, key := range w.keys() {
		if entry := w.entries[key]; entry.ContentKnown() && !entry.RuleNumber.Stated && !entry.RuleNumber.Unknown {
			content := entry.entry()
			inherit(key, func(old cloud.NetworkACLEntry) bool { return old.Deny == content.Deny && old.Rule.Same(content.Rule) })
		}
	}
	if in.compact {
		// A row that takes the place of one that it contains needs no room beside it,
		// however full the network ACL is.
		for _, row := range rows {
			inherit(row.Key(), func(old cloud.NetworkACLEntry) bool { return !old.Deny && row.Contains(old.Rule) })
		}
	}
	return held
}

// number gives the derived entries alone their rule numbers.
func (in networkACLEntriesInputs) number(owned cloud.ACLEntries, moved bool) (cloud.ACLEntries, error) {
	all := cloud.NewACLEntries()
	for _, d := range wiring.Directions() {
		rows, held := wiring.InDirection(in.derive(), d), map[string]int{}
		if !moved {
			held = in.heldNumbers(rows, owned.In(d), writtenEntries{})
		}
		entries, err := wiring.Number(rows, held, in.firstNumber, in.step)
		if err != nil {
			return all, err
		}
		for _, entry := range entries {
			all.In(d)[entry.Key()] = cloud.NetworkACLEntry{Entry: entry}
		}
	}
	return all, nil
}

// want are the entries whose numbers are known.
func (p aclPlan) want() cloud.ACLEntries {
	want := cloud.NewACLEntries()
	for d, entries := range p {
		for key, entry := range entries {
			if !entry.unknownNumber {
				want.In(d)[key] = entry.NetworkACLEntry
			}
		}
	}
	return want
}

// numbered are the directions of which all rule numbers are known.
func (p aclPlan) numbered() []wiring.Direction {
	var known []wiring.Direction
	for _, d := range wiring.Directions() {
		entries, listed := p[d]
		if listed && !slices.ContainsFunc(slices.Collect(maps.Values(entries)), func(e plannedEntry) bool { return e.unknownNumber }) {
			known = append(known, d)
		}
	}
	return known
}

// shown is how a plan shows a direction.
func (p aclPlan) shown(d wiring.Direction, diags *diag.Diagnostics) types.Map {
	entries, listed := p[d]
	if !listed {
		return types.MapUnknown(entryType())
	}
	values := make(map[string]attr.Value, len(entries))
	for key, entry := range entries {
		values[key] = entry.value
	}
	shown, bad := types.MapValue(entryType(), values)
	diags.Append(bad...)
	return shown
}
