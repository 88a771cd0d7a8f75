// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package wiring

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func numbers(entries []Entry) []int {
	var out []int
	for _, e := range entries {
		out = append(out, e.Number)
	}
	return out
}

func TestNumber(t *testing.T) {
	t.Parallel()
	rows := InDirection(InternetFacingLoadBalancerSubnet(threePorts(), cidrs("10.0.0.0/16")), Ingress)
	const http, https, replies = "tcp 80 from 0.0.0.0/0", "tcp 443 from 0.0.0.0/0", "tcp 1024-65535 from 10.0.0.0/16"
	tests := []struct {
		name        string
		held        map[string]int
		first, step int
		want        []int
	}{
		{"nothing held", nil, 100, 10, []int{100, 110, 120}},
		{"all held, in another order", map[string]int{http: 300, https: 7, replies: 100}, 100, 10, []int{300, 7, 100}},
		{"a new row takes the next free number", map[string]int{http: 100, replies: 110}, 100, 10, []int{100, 120, 110}},
		{"a row that goes away keeps its number taken", map[string]int{"tcp 8080 from 0.0.0.0/0": 100, replies: 120}, 100, 10, []int{110, 130, 120}},
		{"a gap is filled", map[string]int{http: 100, replies: 120}, 100, 10, []int{100, 110, 120}},
		{"held numbers of another block stay", map[string]int{http: 100}, 2000, 5, []int{100, 2000, 2005}},
		{"the last numbers", nil, 32764, 1, []int{32764, 32765, 32766}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			entries, err := Number(rows, test.held, test.first, test.step)
			if err != nil {
				t.Fatal(err)
			}
			if got := numbers(entries); !slices.Equal(got, test.want) {
				t.Errorf("got %d, want %d", got, test.want)
			}
			for i, entry := range entries {
				if entry.Rule != rows[i] {
					t.Errorf("entry %d is %q, want %q", i, entry.Key(), rows[i].Key())
				}
			}
		})
	}
}

func TestNumberRefuses(t *testing.T) {
	t.Parallel()
	rows := InDirection(InternetFacingLoadBalancerSubnet(threePorts(), cidrs("10.0.0.0/16")), Ingress)
	tests := []struct {
		name        string
		held        map[string]int
		first, step int
		want        string
	}{
		{"beyond the last number", nil, 32760, 5,
			"the entry \"tcp 1024-65535 from 10.0.0.0/16\" would get rule number 32770: the rule number of a network ACL entry goes from 1 to 32766 (AWS keeps 32767 and above for itself); lower first_rule_number (32760) or rule_number_step (5)"},
		{"first number 0", nil, 0, 10,
			"the entry \"tcp 80 from 0.0.0.0/0\" would get rule number 0: the rule number of a network ACL entry goes from 1 to 32766 (AWS keeps 32767 and above for itself); lower first_rule_number (0) or rule_number_step (10)"},
		{"no step", map[string]int{"tcp 80 from 0.0.0.0/0": 100}, 100, 0, "rule_number_step is 0: it must be at least 1"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			entries, err := Number(rows, test.held, test.first, test.step)
			if err == nil {
				t.Fatalf("got numbers %d, want an error", numbers(entries))
			}
			if err.Error() != test.want {
				t.Errorf("got  %s\nwant %s", err, test.want)
			}
		})
	}
}

// TestNumberIsStable changes a load balancer again and again: an entry never
// moves, no two have one number, and no new entry takes the number of one that
// was there before, even of one that goes away in the same change.
func TestNumberIsStable(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(5, 6))
	held := map[string]int{}
	for range 500 {
		lb, vpc := randomLoadBalancer(random)
		entries, err := Number(InDirection(InternalLoadBalancerSubnet(lb, vpc), Ingress), held, 100, 10)
		if err != nil {
			t.Fatal(err)
		}
		now, used := map[string]int{}, map[int]string{}
		for _, e := range entries {
			if before, there := held[e.Key()]; there && before != e.Number {
				t.Fatalf("%q moved from %d to %d", e.Key(), before, e.Number)
			}
			if other, twice := used[e.Number]; twice {
				t.Fatalf("%q and %q both have number %d", other, e.Key(), e.Number)
			}
			for key, before := range held {
				if before == e.Number && key != e.Key() {
					t.Fatalf("%q took number %d while %q still stands there", e.Key(), e.Number, key)
				}
			}
			now[e.Key()], used[e.Number] = e.Number, e.Key()
		}
		held = now
	}
}

func TestCheckRuleNumber(t *testing.T) {
	t.Parallel()
	for _, good := range []int{1, 100, 32766} {
		if err := CheckRuleNumber(good); err != nil {
			t.Errorf("%d: %v", good, err)
		}
	}
	for _, bad := range []int{-1, 0, 32767, 32768, 40000} {
		if err := CheckRuleNumber(bad); err == nil || !strings.Contains(err.Error(), "goes from 1 to 32766") {
			t.Errorf("%d: got %v, want the range", bad, err)
		}
	}
}
