// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package stage

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	tfjson "github.com/hashicorp/terraform-json"
)

// Changes are what a plan does, in lines: "create clb_load_balancer_rules.web"
// and for an update every difference, such as
//
//	clb_load_balancer_rules.web ingress + "tcp 80 from 0.0.0.0/0"
//
// with + for what comes, - for what goes and ~ for what becomes something else.
// What changed outside of Terraform ("drift …") and outputs ("output …") are
// told as well. A plan without changes has no lines.
func Changes(plan *tfjson.Plan) []string {
	var lines []string
	for _, change := range plan.ResourceDrift {
		lines = append(lines, "drift "+change.Address)
	}
	for _, change := range plan.ResourceChanges {
		switch actions := change.Change.Actions; {
		case actions.NoOp() || change.Mode == tfjson.DataResourceMode:
		case actions.Update():
			lines = append(lines, updates(change)...)
		case actions.Replace():
			lines = append(lines, "replace "+change.Address)
		default:
			lines = append(lines, fmt.Sprintf("%s %s", actions[0], change.Address))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(plan.OutputChanges)) {
		if !plan.OutputChanges[name].Actions.NoOp() {
			lines = append(lines, "output "+name)
		}
	}
	return lines
}

// updates are the differences that an update makes. An attribute that is not
// known before the apply is a difference.
func updates(change *tfjson.ResourceChange) []string {
	before, _ := change.Change.Before.(map[string]any)
	after, _ := change.Change.After.(map[string]any)
	unknown, _ := change.Change.AfterUnknown.(map[string]any)
	var lines []string
	for _, name := range sortedKeys(before, after, unknown) {
		if unknown[name] == true {
			lines = append(lines, change.Address+" "+name+" ~ (known after apply)")
			continue
		}
		lines = append(lines, differences(change.Address+" "+name, before[name], after[name])...)
	}
	return lines
}

func differences(at string, before, after any) []string {
	switch was := before.(type) {
	case map[string]any:
		if is, ok := after.(map[string]any); ok {
			return keyDifferences(at, was, is)
		}
	case []any:
		if is, ok := after.([]any); ok {
			return elementDifferences(at, was, is)
		}
	}
	if reflect.DeepEqual(before, after) {
		return nil
	}
	return []string{fmt.Sprintf("%s ~ %s -> %s", at, encoded(before), encoded(after))}
}

func keyDifferences(at string, was, is map[string]any) []string {
	var lines []string
	for _, key := range sortedKeys(was, is) {
		before, there := was[key]
		after, stays := is[key]
		switch {
		case !there:
			lines = append(lines, fmt.Sprintf("%s + %q", at, key))
		case !stays:
			lines = append(lines, fmt.Sprintf("%s - %q", at, key))
		case strings.Contains(key, " "):
			lines = append(lines, differences(fmt.Sprintf("%s[%q]", at, key), before, after)...)
		default:
			lines = append(lines, differences(at+"."+key, before, after)...)
		}
	}
	return lines
}

// elementDifferences lays lists of one length side by side; of others it tells
// which elements only one of them has.
func elementDifferences(at string, was, is []any) []string {
	var lines []string
	if len(was) == len(is) {
		for i := range was {
			lines = append(lines, differences(fmt.Sprintf("%s[%d]", at, i), was[i], is[i])...)
		}
		return lines
	}
	only := func(sign string, elements, others []any) {
		for _, element := range elements {
			if !slices.ContainsFunc(others, func(other any) bool { return reflect.DeepEqual(element, other) }) {
				lines = append(lines, at+" "+sign+" "+encoded(element))
			}
		}
	}
	only("-", was, is)
	only("+", is, was)
	return lines
}

func encoded(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	return string(text)
}

func sortedKeys(all ...map[string]any) []string {
	union := map[string]bool{}
	for _, m := range all {
		for key := range m {
			union[key] = true
		}
	}
	return slices.Sorted(maps.Keys(union))
}
