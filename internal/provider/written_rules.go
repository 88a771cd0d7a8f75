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
	"github.com/terraform-clb/terraform-provider-clb/internal/verify"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

const (
	invalidRule = "Invalid security group rule"
	ruleTwice   = "Security group rule written twice"
)

// writtenRules are the rules of one direction that a configuration writes out.
// The zero value is none: everything is derived.
type writtenRules struct {
	// attribute is where they are written: "ingress" or "additional_ingress".
	attribute string
	// instead tells whether they stand in the place of the recommended rules;
	// otherwise they are added.
	instead bool
	// unlisted: not even the keys are known yet.
	unlisted bool
	rules    map[string]writtenRule
}

// writtenRule is one of them.
type writtenRule struct {
	// value is what is written.
	value types.Object
	// rule is known if no field is unknown.
	rule      wiring.Rule
	described bool
	unknown   packet.Field
}

// name is what a message calls the rule: ingress["office"].
func (w writtenRules) name(key string) string { return fmt.Sprintf("%s[%q]", w.attribute, key) }

// decodeWritten reads the rules that a configuration writes for one direction,
// and checks them as far as they are known.
func decodeWritten(d wiring.Direction, rules, additional types.Map, account string) (writtenRules, diag.Diagnostics) {
	var diags diag.Diagnostics
	name, further := string(d), "additional_"+string(d)
	known := func(m types.Map) bool { return !m.IsNull() && !m.IsUnknown() }
	if known(rules) && known(additional) {
		diags.AddAttributeError(path.Root(further), "Conflicting arguments",
			fmt.Sprintf("%s adds to the recommended rules, and %s is written out, so there are none to add to. Put the rules of %s into %s, or remove %s.", further, name, further, name, name))
		return writtenRules{}, diags
	}
	w := writtenRules{attribute: name, instead: true}
	value := rules
	switch {
	case rules.IsNull() && additional.IsNull():
		return writtenRules{}, nil
	case rules.IsNull():
		w, value = writtenRules{attribute: further}, additional
	}
	if value.IsUnknown() {
		w.unlisted = true
		return w, nil
	}
	w.rules = make(map[string]writtenRule, len(value.Elements()))
	var problems []string
	for _, key := range slices.Sorted(maps.Keys(value.Elements())) {
		object, _ := value.Elements()[key].(types.Object)
		if object.IsNull() {
			problems = append(problems, w.name(key)+" is null: leave it out")
			continue
		}
		rule, bad := decodeWrittenRule(object, d, w.name(key), account)
		problems = append(problems, bad...)
		if len(bad) == 0 {
			w.rules[key] = rule
		}
	}
	report(&diags, w.attribute, invalidRule, problems)
	report(&diags, w.attribute, ruleTwice, w.repeated())
	return w, diags
}

// decodeWrittenRule reads and checks one rule.
func decodeWrittenRule(object types.Object, d wiring.Direction, name, account string) (writtenRule, []string) {
	rule := writtenRule{value: object}
	if object.IsUnknown() {
		rule.unknown = packet.ProtocolField | packet.PortsField | packet.PeerField
		return rule, nil
	}
	var model writtenRuleModel
	model.fields().read(object)
	written := model.written()
	if problems := written.Check(d, name); len(problems) > 0 {
		return rule, problems
	}
	rule.rule, rule.unknown = written.Rule(d), unknownFields(written)
	rule.rule.Peer.SecurityGroup = wiring.WithoutAccount(rule.rule.Peer.SecurityGroup, account)
	rule.described = written.Description.Stated
	return rule, nil
}

// unknownFields are the fields of a written rule that are not known yet.
func unknownFields(w wiring.WrittenRule) (unknown packet.Field) {
	if w.IPProtocol.Unknown {
		unknown |= packet.ProtocolField
	}
	if w.FromPort.Unknown || w.ToPort.Unknown {
		unknown |= packet.PortsField
	}
	switch other := w.CIDRIPv4.Unknown || w.CIDRIPv6.Unknown || w.PrefixListID.Unknown; {
	case other:
		unknown |= packet.PeerField
	case w.ReferencedSecurityGroupID.Unknown:
		unknown |= packet.GroupField
	}
	return unknown
}

// known are the keys of the rules that are wholly known, in their order.
func (w writtenRules) known() []string {
	var keys []string
	for _, key := range slices.Sorted(maps.Keys(w.rules)) {
		if w.rules[key].unknown == 0 {
			keys = append(keys, key)
		}
	}
	return keys
}

// repeated says which rules are written more than once.
func (w writtenRules) repeated() (problems []string) {
	first := map[string]string{}
	for _, key := range w.known() {
		rule := w.rules[key].rule
		content := contentOf(rule)
		if other, seen := first[content]; seen {
			problems = append(problems, fmt.Sprintf("%s and %s are the same rule twice, %q, which AWS refuses even if their descriptions differ: remove one of them",
				w.name(other), w.name(key), rule.Key()))
			continue
		}
		first[content] = key
	}
	return problems
}

// contentOf is what makes a rule the same rule to AWS, whether or not the account
// of its group is written.
func contentOf(rule wiring.Rule) string {
	rule.Peer.SecurityGroup = wiring.GroupID(rule.Peer.SecurityGroup)
	return rule.Key()
}

// clashes says which additional rules are recommended anyway, or have the key of
// a recommended rule.
func (w writtenRules) clashes(derived []wiring.Rule, d wiring.Direction) (problems []string) {
	if w.instead {
		return nil
	}
	for _, rule := range wiring.InDirection(derived, d) {
		for _, key := range slices.Sorted(maps.Keys(w.rules)) {
			switch one := w.rules[key]; {
			case one.unknown == 0 && contentOf(one.rule) == contentOf(rule):
				problems = append(problems, fmt.Sprintf("%s and the recommended rule %q are the same rule twice: remove %s, the rule is there without it", w.name(key), rule.Key(), w.name(key)))
			case key == rule.Key():
				problems = append(problems, fmt.Sprintf("%s has the key of the recommended rule %q, beside which it would stand in %s: choose another key", w.name(key), rule.Key(), d))
			}
		}
	}
	return problems
}

// owned are the rules that are wholly known, none of them created yet.
func (w writtenRules) owned() cloud.OwnedRules {
	rules := cloud.OwnedRules{}
	for _, key := range w.known() {
		rules[key] = cloud.OwnedRule{Rule: w.rules[key].rule, Described: w.rules[key].described, Name: w.name(key)}
	}
	return rules
}

// planned are the planned rules as package verify judges them: want is the
// result of plan. A written rule that is not wholly known yet is among them with
// its unknown fields. Rules of an unknown direction are left out.
func (d derivedRules) planned(want cloud.GroupRules) []verify.GroupRule {
	var rules []verify.GroupRule
	for _, direction := range wiring.Directions() {
		for _, key := range slices.Sorted(maps.Keys(want.In(direction))) {
			rule := want.In(direction)[key]
			origin := verify.Derived
			if rule.Name != "" {
				origin = verify.Written
			}
			rules = append(rules, verify.GroupRule{Rule: rule.Rule, ID: rule.ID, Origin: origin, Name: rule.Name})
		}
		if !d.known(direction) {
			continue
		}
		written := d.written[direction]
		for _, key := range slices.Sorted(maps.Keys(written.rules)) {
			if rule := written.rules[key]; rule.unknown != 0 {
				rule.rule.Direction = direction
				rules = append(rules, verify.GroupRule{Rule: rule.rule, Origin: verify.Written, Name: written.name(key), Unknown: rule.unknown})
			}
		}
	}
	return rules
}
