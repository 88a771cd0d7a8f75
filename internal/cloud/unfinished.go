// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// unfinishedRules says of a change of rules that failed what stands now, and what
// is still to be done.
func unfinishedRules(err error, group string, now, want GroupRules) error {
	var create, revoke, describe []string
	owned := 0
	for _, d := range wiring.Directions() {
		have := now.In(d)
		owned += len(have)
		for _, key := range slices.Sorted(maps.Keys(want.In(d))) {
			if !have.Holds(want.In(d)[key].Rule) {
				create = append(create, fmt.Sprintf("%s %q", d, key))
			}
		}
		for _, key := range slices.Sorted(maps.Keys(have)) {
			if !want.In(d).wants(have[key]) && !have[key].Left {
				revoke = append(revoke, fmt.Sprintf("%s %q (%s)", d, key, have[key].ID))
			}
		}
		for _, key := range want.In(d).Keep(have).redescribed(have) {
			describe = append(describe, fmt.Sprintf("%s %q", d, key))
		}
	}
	return unfinished(err, fmt.Sprintf("security group %s has %s of this resource", group, count(owned, "rule", "rules")),
		todo{"created", create}, todo{"revoked", revoke}, todo{"described anew", describe})
}

// wants tells whether a rule is among the wanted ones.
func (o OwnedRules) wants(rule OwnedRule) bool {
	for _, want := range o {
		if want.Is(rule.Rule) {
			return true
		}
	}
	return false
}

// unfinishedEntries says of a change of entries that failed what stands now, and
// what is still to be done.
func unfinishedEntries(err error, acl string, now, want ACLEntries) error {
	var create, remove []string
	owned := 0
	for _, d := range wiring.Directions() {
		owned += len(now.In(d))
		same := func(entries OwnedEntries, entry NetworkACLEntry) bool {
			found, there := entries.entryAt(entry.Number)
			return there && found.Same(entry)
		}
		for _, key := range want.In(d).byNumber() {
			if entry := want.In(d)[key]; !same(now.In(d), entry) {
				create = append(create, fmt.Sprintf("%s rule %d (%s)", d, entry.Number, entry.Describe()))
			}
		}
		for _, key := range now.In(d).byNumber() {
			if entry := now.In(d)[key]; !same(want.In(d), entry) && !want.In(d).At(entry.Number) {
				remove = append(remove, fmt.Sprintf("%s rule %d (%s)", d, entry.Number, entry.Describe()))
			}
		}
	}
	return unfinished(err, fmt.Sprintf("network ACL %s has %s of this resource", acl, count(owned, "entry", "entries")),
		todo{"written", create}, todo{"deleted", remove})
}

// todo is a kind of work and what it is to be done to.
type todo struct {
	done  string
	names []string
}

// listed is how many names a message lists.
const listed = 10

// unfinished says nothing of what has gone as a whole.
func unfinished(err error, now string, work ...todo) error {
	if err == nil || IsNotFound(err) {
		return err
	}
	text := "Now " + now + "."
	for _, one := range work {
		switch n := len(one.names); {
		case n > listed:
			text += fmt.Sprintf(" Still to be %s: %s and %d more.", one.done, strings.Join(one.names[:listed], ", "), n-listed)
		case n > 0:
			text += fmt.Sprintf(" Still to be %s: %s.", one.done, strings.Join(one.names, ", "))
		}
	}
	return fmt.Errorf("%w\n\n%s The state holds what is there now, and the next apply goes on from there", err, text)
}

// takenBack says of a creation that failed that nothing of it remains.
func takenBack(err error, where string) error {
	return fmt.Errorf("%w\n\nNothing of this resource remains in %s, and the next apply begins anew", err, where)
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
