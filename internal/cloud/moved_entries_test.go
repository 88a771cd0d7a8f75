// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package cloud_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/terraform-clb/terraform-provider-clb/internal/cloud"
	"github.com/terraform-clb/terraform-provider-clb/internal/fakeaws"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// movesOfEntries are changes in which entries trade their numbers.
func movesOfEntries() []changeOfEntries {
	const net, everyone = "10.0.0.0/8", "0.0.0.0/0"
	ports := func(first int, ports ...int) cloud.ACLEntries {
		var rows []row
		for i, port := range ports {
			rows = append(rows, row{first + 10*i, port, port, net})
		}
		return inbound(rows...)
	}
	return []changeOfEntries{
		{"swapped", ports(100, 80, 443), ports(100, 443, 80), []string{"+32749", "=100", "=110", "-32749"}},
		{"a circle of three", ports(100, 80, 443, 22), ports(100, 443, 22, 80), []string{"+32749", "=100", "=110", "=120", "-32749"}},
		{"two swaps", ports(100, 80, 443, 22, 25), ports(100, 443, 80, 25, 22), []string{"+32749", "=100", "=110", "=32749", "=120", "=130", "-32749"}},
		// The number that goes away is known to the state.
		{"swapped, one goes", ports(100, 80, 443, 22), ports(100, 443, 80), []string{"=120", "=100", "=110", "-120"}},
		// What 120 lets pass, 130 does too.
		{
			"swapped, one is not needed", inbound(row{100, 80, 80, net}, row{110, 443, 443, net}, row{120, 8080, 8080, net}, row{130, 1024, 65535, net}),
			inbound(row{100, 443, 443, net}, row{110, 80, 80, net}, row{120, 8080, 8080, net}, row{130, 1024, 65535, net}), []string{"=120", "=100", "=110", "=120"},
		},
		{"renumbered in another order", ports(100, 80, 443, 22), ports(110, 22, 443, 80), []string{"+130", "=100", "=110", "=120", "-100"}},
		{
			"swapped in front of a deny entry", mixed(row{100, 80, 80, net}, row{110, 443, 443, net}, denyRow{120, 0, 1000, everyone}, row{130, 0, 65535, everyone}),
			mixed(row{100, 443, 443, net}, row{110, 80, 80, net}, denyRow{120, 0, 1000, everyone}, row{130, 0, 65535, everyone}), []string{"+61", "=100", "=110", "-61"},
		},
		// The last deny entry denies nothing that is not denied without it.
		{
			"swapped in front of an idle deny entry", mixed(row{100, 80, 80, net}, row{110, 443, 443, net}, denyRow{120, 0, 65535, everyone}),
			mixed(row{100, 443, 443, net}, row{110, 80, 80, net}, denyRow{120, 0, 65535, everyone}), []string{"=120", "=100", "=110", "=120"},
		},
	}
}

// TestUpdateEntriesThatMove: entries trade their numbers, and nothing is closed.
func TestUpdateEntriesThatMove(t *testing.T) {
	t.Parallel()
	const net, everyone = "10.0.0.0/8", "0.0.0.0/0"
	// No spare number is between the deny entries: a run that is killed leaves 101.
	narrow := func(first, second int) cloud.ACLEntries {
		return mixed(denyRow{99, 80, 443, "10.1.0.0/16"}, row{100, first, first, net}, row{110, second, second, net}, denyRow{120, 0, 1000, net}, row{130, 0, 65535, everyone})
	}
	between := changeOfEntries{"swapped between deny entries", narrow(80, 443), narrow(443, 80), []string{"+101", "=100", "=110", "-101"}}
	for _, change := range append(movesOfEntries(), between) {
		t.Run(change.name, func(t *testing.T) {
			t.Parallel()
			change.run(t)
		})
	}
}

// TestUpdateEntriesAtRandom changes random entries into others: nothing is ever
// closed.
func TestUpdateEntriesAtRandom(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	ports, cidrs := [][2]int{{80, 80}, {443, 443}, {1024, 65535}, {8080, 8080}, {8080, 8081}}, []string{"0.0.0.0/0", "10.0.0.0/8", "10.0.0.0/16", "192.168.0.0/16"}
	rules := func() (rules []wiring.Rule) {
		for range 1 + random.IntN(6) {
			p := ports[random.IntN(len(ports))]
			rules = append(rules, wiring.Rule{Direction: wiring.Ingress, Protocol: wiring.TCP, From: p[0], To: p[1], Peer: network(cidrs[random.IntN(len(cidrs))])})
		}
		return wiring.Collapse(rules)
	}
	numbered := func(rules []wiring.Rule, held map[string]int, first int) cloud.ACLEntries {
		entries := cloud.NewACLEntries()
		for _, e := range must(wiring.Number(rules, held, first, 10))(t) {
			entries.Ingress[e.Key()] = cloud.NetworkACLEntry{Entry: e}
		}
		return entries
	}
	d := startACL(t, 1, fakeaws.Config{})
	var between [][]string
	d.beforeEachWrite(func(fakeaws.Call) { between = append(between, d.live()) })
	owned, last := cloud.NewACLEntries(), []wiring.Rule{}
	first := 100
	for i := range 200 {
		held := owned.Ingress.Numbers()
		switch random.IntN(3) {
		case 0: // the numbers move, the rules stay
			first, held = 100+10*random.IntN(10), nil
		default:
			last = rules()
		}
		want := numbered(last, held, first)
		before := d.live()
		between = nil
		owned = must(d.UpdateEntries(t.Context(), d.acl, owned, want))(t)
		d.wantOwned(owned)
		wantKeyed(t, owned, want)
		if shut := closed(before, between, d.live()); shut != "" {
			t.Fatalf("%d: from\n  %s\nto\n  %s\n%s", i, strings.Join(before, "\n  "), strings.Join(d.live(), "\n  "), shut)
		}
	}
}

// TestUpdateEntriesKilled: a run that is killed at any write, so that the state
// stays as it was, is finished by the next one, and nothing of it is left. What
// it has created under a wanted number the next run adopts.
func TestUpdateEntriesKilled(t *testing.T) {
	t.Parallel()
	for _, change := range append(changesOfEntries(), movesOfEntries()...) {
		for k := range change.wantWrites {
			for _, kind := range []fakeaws.FaultKind{fakeaws.StopBefore, fakeaws.StopAfter} {
				t.Run(fmt.Sprintf("%s, at write %d, %v", change.name, k, kind == fakeaws.StopAfter), func(t *testing.T) {
					t.Parallel()
					d := startACL(t, 1, fakeaws.Config{})
					state := must(d.CreateEntries(t.Context(), d.acl, nil, change.before))(t)
					before := d.live()
					var between [][]string
					d.beforeEachWrite(func(fakeaws.Call) { between = append(between, d.live()) })
					ctx, kill := context.WithCancel(t.Context())
					d.failWrite(k, fakeaws.Fault{Kind: kind, Hook: func(fakeaws.Call) { kill() }})
					// A call that was on its way is looked up; a state that a killed run knows is lost.
					done := kind == fakeaws.StopAfter && k == len(change.wantWrites)-1
					if _, err := d.UpdateEntries(ctx, d.acl, state, change.after); (err == nil) != done {
						t.Fatalf("killed: %v", err)
					}
					state = must(d.NetworkACL(t.Context(), d.acl))(t).Owned(state)
					state = must(d.UpdateEntries(t.Context(), d.acl, state, change.after))(t)
					d.wantOwned(state)
					compare(t, d.live(), lines(change.after))
					if shut := closed(before, between, d.live()); shut != "" {
						t.Error(shut)
					}
				})
			}
		}
	}
}

// TestUpdateEntriesLeavesStrangersAtSpareNumbers: an entry of somebody else at a
// spare number stays unless it says what an entry says that is moved.
func TestUpdateEntriesLeavesStrangersAtSpareNumbers(t *testing.T) {
	t.Parallel()
	change := movesOfEntries()[0]
	for _, stranger := range []cloud.NetworkACLEntry{
		entry(32749, tcp(wiring.Ingress, 8443, network("10.0.0.0/8"), "")),
		denying(entry(32749, tcp(wiring.Ingress, 80, network("10.0.0.0/8"), ""))),
		entry(31000, tcp(wiring.Ingress, 80, network("10.0.0.0/8"), "")),
	} {
		d := startACL(t, 1, fakeaws.Config{})
		owned := must(d.CreateEntries(t.Context(), d.acl, nil, change.before))(t)
		if err := d.CreateEntry(t.Context(), d.acl, stranger); err != nil {
			t.Fatal(err)
		}
		must(d.UpdateEntries(t.Context(), d.acl, owned, change.after))(t)
		if live, there := must(d.NetworkACL(t.Context(), d.acl))(t).EntryAt(wiring.Ingress, stranger.Number); !there || !live.Same(stranger) {
			t.Errorf("%s is gone", stranger.Describe())
		}
	}
}

// TestInterruptions: what is foretold is what happens, to the write, in a network
// ACL that has hardly room for anything; and nothing is closed where there is room.
func TestInterruptions(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(11, 12))
	ports := [][2]int{{80, 80}, {443, 443}, {8080, 8080}, {22, 22}, {25, 25}}
	const most = 5
	some := func() cloud.ACLEntries {
		var rows []any
		chosen := random.Perm(len(ports))
		// Often all numbers are taken before and after: entries trade them.
		numbers := random.Perm(most)
		if random.IntN(2) == 0 {
			numbers = random.Perm(most + 1)[:most-random.IntN(2)]
		}
		for i, number := range numbers {
			r := row{100 + 10*number, ports[chosen[i]][0], ports[chosen[i]][1], "10.0.0.0/8"}
			if random.IntN(12) == 0 {
				rows = append(rows, denyRow(r))
			} else {
				rows = append(rows, r)
			}
		}
		return mixed(rows...)
	}
	interrupted, kept := 0, 0
	for room, changes := range []int{70, 15} {
		// With the entry that is there, the final one and those that are changed, AWS's
		// quota is reached.
		d := startACL(t, 1, fakeaws.Config{Quotas: fakeaws.Quotas{EntriesPerACL: 20 + room}})
		filler := cloud.NewACLEntries()
		for i := range 18 - most {
			maps.Copy(filler.Ingress, rowsIn(wiring.Ingress, row{1000 + i, 3000 + i, 3000 + i, "10.0.0.0/8"}).Ingress)
		}
		must(d.CreateEntries(t.Context(), d.acl, nil, filler))(t)
		var between [][]string
		d.beforeEachWrite(func(fakeaws.Call) { between = append(between, d.live()) })
		owned := cloud.NewACLEntries()
		for i := range changes {
			want := some()
			foretold := must(d.NetworkACL(t.Context(), d.acl))(t).Interruptions(wiring.Ingress, owned, want, 19+room)
			before := d.live()
			between = nil
			owned = must(d.UpdateEntries(t.Context(), d.acl, owned, want))(t)
			shut := 0
			states := slices.Concat(between, [][]string{d.live()})
			for k, state := range states {
				if (k == 0 || !slices.Equal(state, states[k-1])) && closed(before, [][]string{state}, d.live()) != "" {
					shut++
				}
			}
			longest, total := 0, 0
			for _, one := range foretold {
				longest, total = max(longest, one.Writes), total+one.Writes
				if !one.NoRoom {
					t.Errorf("%d: there is a number, and it is said that there is none: %+v", i, one)
				}
			}
			if shut < longest || shut > total {
				t.Errorf("room for %d more, change %d: something was closed after %d writes, foretold %+v, from\n  %s\nto\n  %s", room, i, shut, foretold, strings.Join(before, "\n  "), strings.Join(d.live(), "\n  "))
			}
			if shut > 0 {
				interrupted++
			} else {
				kept++
			}
		}
	}
	if interrupted < 8 || kept < 30 {
		t.Errorf("%d changes were interrupted, %d not", interrupted, kept)
	}
	t.Logf("%d changes were interrupted, %d not", interrupted, kept)
}

// BenchmarkInterruptions foretells the worst: every number of a full network ACL
// changes.
func BenchmarkInterruptions(b *testing.B) {
	var before, after []row
	for i := range 19 {
		before, after = append(before, row{100 + 10*i, 3000 + i, 3000 + i, "10.0.0.0/8"}), append(after, row{500 + 10*i, 3000 + i, 3000 + i, "10.0.0.0/8"})
	}
	owned, want := inbound(before...), inbound(after...)
	acl := cloud.NetworkACL{Entries: slices.Collect(maps.Values(owned.Ingress))}
	for b.Loop() {
		if found := acl.Interruptions(wiring.Ingress, owned, want, 19); len(found) != 19 {
			b.Fatalf("%d entries are interrupted", len(found))
		}
	}
}
