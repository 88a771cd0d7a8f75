// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package packet

import (
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
)

// Laws that hold between the answers to two questions.

// halves is a network as its two halves, or as it is if it has none.
func halves(network netip.Prefix) []netip.Prefix {
	if network.IsSingleIP() {
		return []netip.Prefix{network}
	}
	a := CIDR(network)
	lower := netip.PrefixFrom(a.First, network.Bits()+1)
	upper := netip.PrefixFrom(next(CIDR(lower).Last), network.Bits()+1)
	return []netip.Prefix{lower, upper}
}

// eachWorld runs a check on many random filters and regions.
func eachWorld(t *testing.T, seed uint64, check func(w world, rules []Rule, entries []Entry, region Region)) {
	t.Helper()
	w := world{rand.New(rand.NewPCG(seed, 11))}
	for range 800 {
		memberOf := [][]string{nil, {"sg-a"}, {"pl-a"}}[w.random.IntN(3)]
		region := Region{w.box(memberOf), w.box(memberOf)}
		check(w, w.rules(1+w.random.IntN(20)), w.entries(1+w.random.IntN(20)), region)
	}
}

// same compares two judgments. The places of rules in the first have moved; to
// tells where they are in the second.
func same(t *testing.T, law string, got, want Judgment, to func(rule int) int) {
	t.Helper()
	translate := func(pieces []Piece) []Piece {
		out := slices.Clone(pieces)
		for i := range out {
			if out[i].Rule != NoRule {
				out[i].Rule = to(out[i].Rule)
			}
			out[i].Unknowns = slices.Clone(out[i].Unknowns)
			for k := range out[i].Unknowns {
				out[i].Unknowns[k].Rule = to(out[i].Unknowns[k].Rule)
			}
			slices.SortFunc(out[i].Unknowns, compareUnknowns)
		}
		return mergePieces(out)
	}
	equal := func(a, b []Piece) bool {
		return slices.EqualFunc(a, b, func(a, b Piece) bool { return comparePieces(a, b) == 0 })
	}
	// Merging anew: an entry and its other half are one entry there.
	if got.Verdict != want.Verdict || !equal(translate(got.Refused), mergePieces(want.Refused)) || !equal(translate(got.Undecided), mergePieces(want.Undecided)) {
		t.Fatalf("%s changes the answer from\n%s\nto\n%s", law, describe(want), describe(got))
	}
}

func unmoved(rule int) int { return rule }

func TestPermutingGroupRulesChangesNothing(t *testing.T) {
	t.Parallel()
	eachWorld(t, 1, func(w world, rules []Rule, _ []Entry, region Region) {
		want := mustGroup(t, rules...).Judge(region)
		permuted, place := make([]Rule, len(rules)), w.random.Perm(len(rules))
		for i, p := range place {
			permuted[i] = rules[p]
		}
		same(t, "permuting", mustGroup(t, permuted...).Judge(region), want, func(rule int) int { return place[rule] })
	})
}

func TestSplittingACIDRChangesNothing(t *testing.T) {
	t.Parallel()
	eachWorld(t, 2, func(w world, rules []Rule, entries []Entry, region Region) {
		if k := w.random.IntN(len(rules)); rules[k].Peer.CIDR.IsValid() && rules[k].Unknown == 0 {
			split := slices.Clone(rules)
			two := halves(rules[k].Peer.CIDR)
			split[k].Peer.CIDR = two[0]
			if len(two) == 2 {
				other := rules[k]
				other.Peer.CIDR = two[1]
				split = append(split, other)
			}
			same(t, "splitting a rule", mustGroup(t, split...).Judge(region), mustGroup(t, rules...).Judge(region), unmoved)
		}
		if k := w.random.IntN(len(entries)); entries[k].Unknown == 0 {
			split := slices.Clone(entries)
			two := halves(entries[k].Peer.CIDR)
			split[k].Peer.CIDR = two[0]
			if len(two) == 2 {
				other := entries[k]
				other.Peer.CIDR = two[1]
				other.Number++
				split = append(split, other)
			}
			same(t, "splitting an entry", mustACL(t, split...).Judge(region), mustACL(t, entries...).Judge(region), func(rule int) int {
				if rule == len(entries) {
					return k
				}
				return rule
			})
		}
	})
}

func TestSplittingTheRegionChangesNothing(t *testing.T) {
	t.Parallel()
	eachWorld(t, 3, func(_ world, rules []Rule, entries []Entry, region Region) {
		var split Region
		for _, b := range region {
			network, ok := b.Addresses.Network()
			if !ok {
				t.Fatalf("%v is no network", b.Addresses)
			}
			for _, half := range halves(network) {
				part := b
				part.Addresses = CIDR(half)
				split = append(split, part)
			}
		}
		slices.Reverse(split)
		same(t, "splitting the region", mustGroup(t, rules...).Judge(split), mustGroup(t, rules...).Judge(region), unmoved)
		same(t, "splitting the region", mustACL(t, entries...).Judge(split), mustACL(t, entries...).Judge(region), unmoved)
	})
}

func TestRenumberingAnACLChangesNothing(t *testing.T) {
	t.Parallel()
	eachWorld(t, 4, func(w world, _ []Rule, entries []Entry, region Region) {
		want := mustACL(t, entries...).Judge(region)
		renumbered, first := slices.Clone(entries), w.random.IntN(9)
		for i := range renumbered {
			renumbered[i].Number = first + entries[i].Number*3
		}
		same(t, "renumbering", mustACL(t, renumbered...).Judge(region), want, unmoved)
		place := w.random.Perm(len(entries))
		shuffled := make([]Entry, len(entries))
		for i, p := range place {
			shuffled[i] = renumbered[p]
		}
		same(t, "listing in another order", mustACL(t, shuffled...).Judge(region), want, func(rule int) int { return place[rule] })
	})
}

func TestAnUnrelatedRuleChangesNothing(t *testing.T) {
	t.Parallel()
	eachWorld(t, 5, func(w world, rules []Rule, entries []Entry, region Region) {
		unrelated := w.rule()
		unrelated.Unknown = 0
		g := mustGroup(t, unrelated)
		for _, b := range region {
			if g.matchers[0].overlaps(b.shape()) {
				return
			}
		}
		at := w.random.IntN(len(entries))
		added := append(slices.Clone(entries), Entry{Number: entries[at].Number + 1, Action: []Action{Allow, Deny}[w.random.IntN(2)], Rule: unrelated})
		same(t, "an unrelated entry", mustACL(t, added...).Judge(region), mustACL(t, entries...).Judge(region), unmoved)
		same(t, "an unrelated rule", mustGroup(t, append(slices.Clone(rules), unrelated)...).Judge(region), mustGroup(t, rules...).Judge(region), unmoved)
	})
}

func TestMoreAllowsNeverRefute(t *testing.T) {
	t.Parallel()
	rank := map[Verdict]int{Refuted: 0, Undecided: 1, Proved: 2}
	eachWorld(t, 6, func(w world, rules []Rule, _ []Entry, region Region) {
		before := mustGroup(t, rules...).Judge(region)
		after := mustGroup(t, append(slices.Clone(rules), w.rule())...).Judge(region)
		if rank[after.Verdict] < rank[before.Verdict] {
			t.Fatalf("one more rule turns %s into %s", before.Verdict, after.Verdict)
		}
		if rest := Boxes(after.Refused).Without(Boxes(before.Refused)); len(rest) > 0 {
			t.Fatalf("one more rule refuses %v", rest)
		}
	})
}

func TestNarrowingTheRegionNeverRefutes(t *testing.T) {
	t.Parallel()
	eachWorld(t, 7, func(w world, rules []Rule, entries []Entry, region Region) {
		narrow := region.Without(Region{w.box(region[0].MemberOf)})
		for _, judge := range []func(Region) Judgment{mustGroup(t, rules...).Judge, mustACL(t, entries...).Judge} {
			whole, part := judge(region), judge(narrow)
			if whole.Verdict == Proved && part.Verdict != Proved || whole.Verdict == Undecided && part.Verdict == Refuted {
				t.Fatalf("narrowing %v to %v turns %s into %s", region, narrow, whole.Verdict, part.Verdict)
			}
			if rest := Boxes(part.Refused).Without(Boxes(whole.Refused)); len(rest) > 0 {
				t.Fatalf("narrowing %v to %v refuses %v", region, narrow, rest)
			}
		}
	})
}

func TestPermittedAndRefusedMakeTheRegion(t *testing.T) {
	t.Parallel()
	eachWorld(t, 8, func(_ world, rules []Rule, entries []Entry, region Region) {
		for i := range rules {
			rules[i].Unknown = 0
			rules[i].Peer.SecurityGroup = ""
			if rules[i].Peer.PrefixList == "" && !rules[i].Peer.CIDR.IsValid() {
				rules[i].Peer.CIDR = prefix("10.0.0.0/8")
			}
		}
		for i := range entries {
			entries[i].Unknown = 0
		}
		for i := range region {
			region[i].MemberOf = nil
		}
		g, acl := mustGroup(t, rules...), mustACL(t, entries...)
		for _, answer := range []struct {
			refused, permitted []Piece
		}{
			{g.Judge(region).Refused, g.Permits(region, nil)},
			{acl.Judge(region).Refused, acl.Permits(region, nil)},
		} {
			refused, permitted := Boxes(answer.refused), Boxes(answer.permitted)
			for i := range permitted {
				permitted[i].MemberOf = nil
			}
			for _, r := range refused {
				for _, p := range permitted {
					if r.shape().overlaps(p.shape()) {
						t.Fatalf("%v is refused, %v is permitted", r, p)
					}
				}
			}
			if rest := region.Without(append(refused, permitted...)); len(rest) > 0 {
				t.Fatalf("neither refused nor permitted: %v", rest)
			}
		}
	})
}
