// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package fakeaws

import (
	"fmt"
	"slices"
)

// page is where a listing goes on: the token of a page is bound to the request
// that it was handed out for.
type page struct {
	action, fingerprint string
	after               string
}

// pageLimits are the bounds of MaxResults; a page without it has the upper one.
type pageLimits struct{ min, max int }

// Page limits of most operations, of those of prefix lists and of
// DescribeRouteTables. Where the API reference leaves the size of a page open,
// the largest one is taken, so that a client that never follows NextToken is
// caught.
func pagesOfThousand() pageLimits { return pageLimits{5, 1000} }
func prefixListPages() pageLimits { return pageLimits{1, 100} }
func routeTablePages() pageLimits { return pageLimits{5, 100} }

// listing is one page of a paginated EC2 request.
type listing struct {
	w      *world
	action string
	form   form
	size   int
	after  string
	first  bool
}

const pageParams = " NextToken MaxResults:int "

// listing reads and checks MaxResults and NextToken.
func (w *world) listing(action string, f form, limits pageLimits) (*listing, error) {
	l := &listing{w: w, action: action, form: f, size: limits.max, first: true}
	if f.has("MaxResults") {
		l.size = f.num("MaxResults")
		if l.size < limits.min {
			return nil, fail("InvalidParameterValue", "Value ( %d ) for parameter maxResults is invalid. Expecting a value greater than or equal to %d.", l.size, limits.min)
		}
		if l.size > limits.max {
			return nil, fail("InvalidParameterValue", "Value ( %d ) for parameter maxResults is invalid. Expecting a value less than or equal to %d.", l.size, limits.max)
		}
	}
	if token := f.str("NextToken"); token != "" {
		from, ok := w.pages[token]
		if !ok || from.action != action || from.fingerprint != l.fingerprint() {
			return nil, fail("InvalidNextToken", "The token '%s' is invalid.", token)
		}
		l.after, l.first = from.after, false
	}
	return l, nil
}

func (l *listing) fingerprint() string {
	return fingerprintOf(l.form.values, "NextToken", "MaxResults")
}

// refuseWithIDs refuses MaxResults beside a list of identifiers, as
// DescribeInstances and DescribeNetworkInterfaces do.
func (l *listing) refuseWithIDs(ids []string, set string) error {
	if len(ids) > 0 && (l.form.has("MaxResults") || l.form.has("NextToken")) {
		return fail("InvalidParameterCombination", "The parameter %s cannot be used with the parameter maxResults", set)
	}
	return nil
}

// cut returns one page of items, which must be sorted by key, and the token of
// the next page.
func cut[T any](l *listing, items []T, key func(T) string) ([]T, string) {
	from := 0
	for from < len(items) && l.after != "" && key(items[from]) <= l.after {
		from++
	}
	items = items[from:]
	if len(items) <= l.size {
		return items, ""
	}
	items = items[:l.size]
	l.w.server.counters["page"]++
	token := fmt.Sprintf("%016x", mix(l.w.server.counters["page"]))
	l.w.pages[token] = page{l.action, l.fingerprint(), key(items[len(items)-1])}
	return items, token
}

// visible tells whether a new object can be seen already and counts this look
// at it. Later pages of a listing count as one look with the first.
func (l *listing) visible(lag *int) bool {
	if *lag <= 0 {
		return true
	}
	if l.first {
		*lag--
	}
	return false
}

// choose selects by identifiers, all of which must exist, and by filters; lag
// gives the counter of an item that may be invisible still, or nil.
func choose[T any](l *listing, all map[string]T, prefix string, ids []string, filters filterSet[T], lag func(T) *int) ([]T, error) {
	wanted, err := parseFilters(l.form)
	if err != nil {
		return nil, err
	}
	if err := filters.check(wanted); err != nil {
		return nil, err
	}
	for _, id := range ids {
		if _, err := find(all, prefix, id); err != nil {
			return nil, err
		}
	}
	var matching []string
	for id, item := range all {
		if (len(ids) == 0 || slices.Contains(ids, id)) && filters.match(item, wanted) {
			matching = append(matching, id)
		}
	}
	slices.Sort(matching)
	var out []T
	var hidden error
	for _, id := range matching {
		item := all[id]
		if n := lag(item); n != nil && !l.visible(n) {
			if len(ids) > 0 {
				hidden = missingID(prefix, id)
			}
			continue
		}
		out = append(out, item)
	}
	return out, hidden
}
