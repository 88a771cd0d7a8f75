// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package fakeaws

import (
	"slices"
	"strconv"
	"strings"
)

const filterParams = " Filter.#.Name Filter.#.Value.# "

// Limits of filters, from "List and filter your resources" in the EC2 guide.
const (
	maxFilters      = 50
	maxFilterValues = 200
	maxFilterLength = 255
)

// filter is one filter of a request: its values are alternatives. Values without
// wildcards are kept apart, because clients send hundreds of identifiers.
type filter struct {
	name     string
	exact    map[string]bool
	patterns []string
}

func newFilter(name string, values []string) filter {
	f := filter{name: name, exact: map[string]bool{}}
	for _, value := range values {
		if strings.ContainsAny(value, `*?\`) {
			f.patterns = append(f.patterns, value)
		} else {
			f.exact[value] = true
		}
	}
	return f
}

func (f filter) accepts(value string) bool {
	return f.exact[value] || slices.ContainsFunc(f.patterns, func(pattern string) bool { return wildcard(pattern, value) })
}

func parseFilters(f form) ([]filter, error) {
	var out []filter
	values := 0
	for _, member := range f.structs("Filter") {
		name, given := member.str("Name"), member.list("Value")
		if name == "" {
			return nil, fail("InvalidParameterValue", "The filter 'null' is invalid")
		}
		// What EC2 does with a filter without values is not documented; a
		// client that sends one would either see all or nothing.
		if len(given) == 0 {
			return nil, fail("InvalidParameterValue", "The filter '%s' has no values", name)
		}
		for _, value := range given {
			if len(value) > maxFilterLength {
				return nil, fail("InvalidParameterValue", "A value of the filter '%s' is longer than %d characters", name, maxFilterLength)
			}
		}
		// Nor is it documented whether two filters of one name both apply.
		if slices.ContainsFunc(out, func(o filter) bool { return o.name == name }) {
			return nil, fail("InvalidParameterValue", "The filter '%s' is given more than once", name)
		}
		values = max(values, len(given))
		out = append(out, newFilter(name, given))
	}
	if len(out) > maxFilters || values > maxFilterValues {
		return nil, fail("FilterLimitExceeded", "The request has too many filters or filter values: at most %d filters with %d values each.", maxFilters, maxFilterValues)
	}
	return out, nil
}

// filterSet names the filters of a describe operation and the values that an
// item shows to each of them.
type filterSet[T any] struct {
	fields map[string]func(T) []string
	// tags is nil where the operation has no tag filters.
	tags func(T) map[string]string
	// noTagKey is for operations that have tag:<key> but not tag-key.
	noTagKey bool
}

// check refuses a filter that the operation does not have.
func (s filterSet[T]) check(filters []filter) error {
	for _, f := range filters {
		_, known := s.fields[f.name]
		switch {
		case known:
		case s.tags != nil && strings.HasPrefix(f.name, "tag:"):
		case s.tags != nil && !s.noTagKey && f.name == "tag-key":
		default:
			return fail("InvalidParameterValue", "The filter '%s' is invalid", f.name)
		}
	}
	return nil
}

// match tells whether an item satisfies every filter.
func (s filterSet[T]) match(item T, filters []filter) bool {
	for _, f := range filters {
		if !slices.ContainsFunc(s.shown(item, f.name), f.accepts) {
			return false
		}
	}
	return true
}

func (s filterSet[T]) shown(item T, name string) []string {
	if field, ok := s.fields[name]; ok {
		return field(item)
	}
	var out []string
	for key, value := range s.tags(item) {
		switch name {
		case "tag-key":
			out = append(out, key)
		case "tag:" + key:
			out = append(out, value)
		}
	}
	return out
}

// wildcard matches * and ?, which a backslash makes literal. It is case-sensitive.
func wildcard(pattern, value string) bool {
	if pattern == "" {
		return value == ""
	}
	switch pattern[0] {
	case '*':
		rest := strings.TrimLeft(pattern, "*")
		for i := 0; i <= len(value); i++ {
			if wildcard(rest, value[i:]) {
				return true
			}
		}
		return false
	case '?':
		return value != "" && wildcard(pattern[1:], value[1:])
	case '\\':
		if len(pattern) > 1 {
			pattern = pattern[1:]
		}
	}
	return value != "" && value[0] == pattern[0] && wildcard(pattern[1:], value[1:])
}

// one is a filter field with a single value.
func one[T any](value func(T) string) func(T) []string {
	return func(item T) []string { return []string{value(item)} }
}

func formatBool(b bool) string {
	if b {
		return "true"
	}
	return "false"
}

func formatInt(n int) string { return strconv.Itoa(n) }
