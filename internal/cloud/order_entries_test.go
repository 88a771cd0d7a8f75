// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package cloud_test

import (
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/terraform-clb/terraform-provider-clb/internal/cloud"
	"github.com/terraform-clb/terraform-provider-clb/internal/fakeaws"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// denyRow is a wanted entry that denies.
type denyRow row

// mixed are wanted inbound entries that allow and deny.
func mixed(rows ...any) cloud.ACLEntries {
	entries := inbound()
	for _, r := range rows {
		one, allow := r.(row)
		denied, deny := r.(denyRow)
		if !allow {
			one = row(denied)
		}
		for _, e := range rowsIn(wiring.Ingress, one).Ingress {
			e.Deny = deny
			entries.Ingress[e.Describe()] = e
		}
	}
	return entries
}

// opened finds a packet that passes neither before nor after, but in between.
func opened(before []string, between [][]string, after []string) string {
	return disturbed(before, between, after, false)
}

// TestUpdateEntriesThatDeny: a deny entry neither closes what is open before and
// after, nor is it late.
func TestUpdateEntriesThatDeny(t *testing.T) {
	t.Parallel()
	const net, all = "10.0.0.0/8", "0.0.0.0/0"
	for _, change := range []changeOfEntries{
		{"both new", mixed(), mixed(denyRow{90, 22, 22, net}, row{100, 0, 1000, net}), []string{"+90", "+100"}},
		{"both new, the allow entry first", mixed(), mixed(row{90, 22, 22, net}, denyRow{100, 0, 1000, net}, row{110, 0, 65535, all}), []string{"+90", "+100", "+110"}},
		{"both away", mixed(denyRow{90, 22, 22, net}, row{100, 0, 1000, net}), mixed(), []string{"-100", "-90"}},
		{"both up", mixed(denyRow{90, 22, 22, net}, row{100, 0, 1000, net}), mixed(denyRow{190, 22, 22, net}, row{200, 0, 1000, net}), []string{"+190", "+200", "-100", "-90"}},
		{"both down", mixed(denyRow{190, 22, 22, net}, row{200, 0, 1000, net}), mixed(denyRow{90, 22, 22, net}, row{100, 0, 1000, net}), []string{"+90", "+100", "-190", "-200"}},
		{"a deny entry comes", mixed(row{100, 0, 1000, net}), mixed(denyRow{90, 22, 22, net}, row{100, 0, 1000, net}), []string{"+90"}},
		{"a deny entry goes", mixed(denyRow{90, 22, 22, net}, row{100, 0, 1000, net}), mixed(row{100, 0, 1000, net}), []string{"-90"}},
		{"deny becomes allow", mixed(denyRow{90, 22, 22, net}), mixed(row{90, 22, 22, net}), []string{"=90"}},
		{"allow becomes deny, moved behind another", mixed(row{90, 22, 22, net}), mixed(denyRow{90, 22, 22, all}, row{80, 22, 22, net}), []string{"+80", "=90"}},
		// The deny entry stands between the old and the new place.
		{"an allow entry passes by a deny entry that goes", mixed(row{40, 80, 80, net}, denyRow{60, 80, 80, all}), mixed(row{70, 80, 80, net}), []string{"+70", "-60", "-40"}},
		{"a deny entry is moved in front of an exception", mixed(row{100, 80, 80, net}), mixed(denyRow{90, 80, 80, all}, row{80, 80, 80, net}), []string{"+80", "+90", "-100"}},
		// 90 may deny only when 95 allows, and 95 is overwritten only when 96 denies.
		{"a chain", mixed(row{90, 80, 80, net}, denyRow{95, 22, 22, net}, row{99, 0, 1000, net}), mixed(denyRow{90, 22, 22, net}, row{95, 80, 80, net}, row{99, 0, 1000, net}), []string{"=90", "=95"}},
		// Somebody else denies tcp 22 from 192.168.0.0/16 at number 50.
		{"past a stranger's deny entry", mixed(row{40, 22, 22, "192.168.0.0/16"}, row{45, 80, 80, net}, row{60, 0, 1000, all}),
			mixed(row{40, 443, 443, net}, row{45, 22, 22, "192.168.0.0/16"}, row{60, 0, 1000, all}), []string{"=45", "=40"}},
	} {
		t.Run(change.name, func(t *testing.T) {
			t.Parallel()
			d := startACL(t, 1, fakeaws.Config{})
			owned := must(d.CreateEntries(t.Context(), d.acl, nil, change.before))(t)
			d.wantOwned(owned)
			before := d.live()
			var between [][]string
			d.beforeEachWrite(func(fakeaws.Call) { between = append(between, d.live()) })
			d.calls()
			now := must(d.UpdateEntries(t.Context(), d.acl, owned, change.after))(t)
			compare(t, d.numberedWrites(), change.wantWrites)
			d.wantOwned(now)
			wantKeyed(t, now, change.after)
			if wrong := closed(before, between, d.live()) + opened(before, between, d.live()); wrong != "" {
				t.Error(wrong)
			}
			before, between = d.live(), nil
			must(d.DeleteEntries(t.Context(), d.acl, now))(t)
			compare(t, d.live(), []string{strangersEntry})
			if wrong := closed(before, between, d.live()) + opened(before, between, d.live()); wrong != "" {
				t.Error(wrong)
			}
		})
	}
}

// TestUpdateEntriesUnderOtherKeys: new keys for the same entries write nothing.
func TestUpdateEntriesUnderOtherKeys(t *testing.T) {
	t.Parallel()
	d := startACL(t, 1, fakeaws.Config{})
	owned := must(d.CreateEntries(t.Context(), d.acl, nil, web()))(t)
	renamed := cloud.NewACLEntries()
	for _, direction := range wiring.Directions() {
		for key, entry := range owned.In(direction) {
			renamed.In(direction)["my "+key] = entry
		}
	}
	d.calls()
	now := must(d.UpdateEntries(t.Context(), d.acl, owned, renamed))(t)
	compare(t, d.calls(), nil)
	wantKeyed(t, now, renamed)
	d.wantOwned(now)
}

// TestReplaceEntryLostAnswer: the answer is lost, and the number has the entry
// with the other action.
func TestReplaceEntryLostAnswer(t *testing.T) {
	t.Parallel()
	for _, kind := range []fakeaws.FaultKind{fakeaws.CutAfter, fakeaws.CutBefore} {
		d := start(t, 1, fakeaws.Config{})
		acl := d.acl(d.vpc("10.0.0.0/16"))
		http := entry(100, tcp(wiring.Ingress, 80, network("0.0.0.0/0"), ""))
		if err := d.CreateEntry(t.Context(), acl, http); err != nil {
			t.Fatal(err)
		}
		d.fault("ReplaceNetworkAclEntry", 1, fakeaws.Fault{Kind: kind})
		if err := d.ReplaceEntry(t.Context(), acl, denying(http)); (err == nil) != (kind == fakeaws.CutAfter) {
			t.Errorf("%v: %v", kind, err)
		}
	}
}

// orders calls try with every order of so many writes until one is good.
func orders(count int, try func([]int) bool) bool {
	var extend func(taken []int) bool
	extend = func(taken []int) bool {
		if len(taken) == count {
			return try(taken)
		}
		for i := range count {
			if !slices.Contains(taken, i) && extend(append(taken, i)) {
				return true
			}
		}
		return false
	}
	return extend(nil)
}

// statesOf are the states before each write of an order, or nil if one of the
// writes is not needed. A write puts the line after[place] in the stead of
// before[place].
func statesOf(before, after map[string]string, places []string, order []int) (between [][]string) {
	now := maps.Clone(before)
	for _, i := range order {
		between = append(between, slices.Sorted(maps.Values(now)))
		if line, there := after[places[i]]; there {
			now[places[i]] = line
		} else {
			delete(now, places[i])
		}
	}
	return between
}

// byPlace are lines by direction and number.
func byPlace(lines []string) map[string]string {
	places := map[string]string{}
	for _, line := range lines {
		f := strings.Fields(line)
		places[f[0]+f[1]] = line
	}
	return places
}

// TestUpdateEntriesThatDenyAtRandom changes random entries, deny entries among
// them, into others: where any order closes nothing, the one that is taken does.
func TestUpdateEntriesThatDenyAtRandom(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(7, 8))
	ports, cidrs := [][2]int{{80, 80}, {443, 443}, {80, 443}, {0, 65535}}, []string{"0.0.0.0/0", "10.0.0.0/8", "10.0.0.0/16"}
	some := func() cloud.ACLEntries {
		var rows []any
		for _, number := range random.Perm(6)[:random.IntN(5)] {
			p := ports[random.IntN(len(ports))]
			r := row{100 + 10*number, p[0], p[1], cidrs[random.IntN(len(cidrs))]}
			if random.IntN(3) == 0 {
				rows = append(rows, denyRow(r))
			} else {
				rows = append(rows, r)
			}
		}
		return mixed(rows...)
	}
	d := startACL(t, 1, fakeaws.Config{})
	var between [][]string
	d.beforeEachWrite(func(fakeaws.Call) { between = append(between, d.live()) })
	owned, possible, impossible := cloud.NewACLEntries(), 0, 0
	for i := range 400 {
		want := some()
		before := d.live()
		between = nil
		d.calls()
		owned = must(d.UpdateEntries(t.Context(), d.acl, owned, want))(t)
		d.wantOwned(owned)
		after := d.live()
		shut := closed(before, between, after)
		if shut == "" {
			possible++
			continue
		}
		was, is := byPlace(before), byPlace(after)
		var places []string
		for _, place := range slices.Sorted(maps.Keys(was)) {
			if is[place] != was[place] {
				places = append(places, place)
			}
		}
		for _, place := range slices.Sorted(maps.Keys(is)) {
			if was[place] == "" {
				places = append(places, place)
			}
		}
		if orders(len(places), func(order []int) bool { return closed(before, statesOf(was, is, places, order), after) == "" }) {
			t.Errorf("%d: there is an order that closes nothing, from\n  %s\nto\n  %s\n%s", i, strings.Join(before, "\n  "), strings.Join(after, "\n  "), shut)
		}
		impossible++
	}
	if possible < 300 {
		t.Errorf("only %d changes closed nothing, %d could not", possible, impossible)
	}
	t.Logf("%d changes closed nothing, %d could not", possible, impossible)
}
