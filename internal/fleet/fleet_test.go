// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/terraform-clb/terraform-provider-clb/internal/demo/stage"
)

// TestMain lets this test binary be the provider that Terraform starts.
func TestMain(m *testing.M) {
	for i, argument := range os.Args {
		switch argument {
		case "-measure":
			os.Exit(measure(os.Args[i+1], os.Args[i+3:]))
		case "-serve":
			if err := serve(1, ""); err != nil {
				os.Exit(1)
			}
			os.Exit(0)
		}
	}
	os.Exit(m.Run())
}

// TestFleetAtAnyParallelism creates, plans, changes and destroys the rules of a fleet.
// What stands in AWS does not depend on how much is done at a time.
func TestFleetAtAnyParallelism(t *testing.T) {
	t.Parallel()
	const loadBalancers = 12
	var first string
	for _, parallelism := range []int{1, 10, 50} {
		f := openFleet(t, loadBalancers, parallelism)
		run := func(name string, most int, arguments ...string) {
			t.Helper()
			p, err := f.terraform(t.Context(), name, 0, arguments...)
			if err != nil {
				t.Fatalf("%d at a time, %s: %v", parallelism, name, err)
			}
			if p.total() > most {
				t.Errorf("%d at a time, %s: %d calls, at most %d are needed: %s", parallelism, name, p.total(), most, kinds(p.Calls))
			}
		}
		run(create, 300, "apply", "-auto-approve")
		// Without a listing each resource would ask for itself, and the data source besides.
		run(noChange, 51, "plan", "-detailed-exitcode")
		created := f.contents()
		if err := f.changeListeners(t.Context()); err != nil {
			t.Fatal(err)
		}
		run(change, 300, "apply", "-auto-approve")
		changed := f.contents()
		if changed == created || strings.Count(changed, "8090") < 3*loadBalancers || strings.Contains(changed, "8080") {
			t.Errorf("%d at a time: the change is not in\n%s", parallelism, changed)
		}
		run(noChange, 51, "plan", "-detailed-exitcode")
		if first == "" {
			first = created + changed
		}
		if created+changed != first {
			t.Errorf("%d at a time, there is\n%s\nand otherwise\n%s", parallelism, created+changed, first)
		}
		run(destroy, 300, "destroy", "-auto-approve")
		if left := f.contents(); strings.Contains(left, "tcp") || strings.Contains(left, "allow") {
			t.Errorf("%d at a time, this is left:\n%s", parallelism, left)
		}
	}
}

// openFleet is a fleet whose provider is this test binary, with the race detector if
// the test has it.
func openFleet(t *testing.T, n, parallelism int) *fleet {
	t.Helper()
	terraform, err := stage.FindTerraform()
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	f, err := open(t.Context(), t.TempDir(), n, options{parallelism: parallelism, terraform: terraform, self: self, provider: self, serveAlways: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	return f
}

// contents are the rules and entries of the fleet, without their ids.
func (f *fleet) contents() string {
	var b strings.Builder
	for _, w := range f.standing() {
		for _, rule := range w.rules {
			c := contentOf(rule)
			fmt.Fprintf(&b, "%s egress %t %s %d-%d %s\n", w.member.name, c.egress, c.protocol, c.from, c.to, strings.NewReplacer(w.member.group, "group", w.member.instances, "instances").Replace(c.peer))
		}
		for _, entry := range w.entries {
			fmt.Fprintf(&b, "%s entry %+v\n", w.member.name, entry)
		}
	}
	return b.String()
}

// TestReadmeShowsTheResult: the table in README.md is that of the last measurement that
// was kept, and the full one is its own.
func TestReadmeShowsTheResult(t *testing.T) {
	t.Parallel()
	read := func(name string) string {
		t.Helper()
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	var kept result
	if err := json.Unmarshal([]byte(read("result.json")), &kept); err != nil {
		t.Fatal(err)
	}
	if len(kept.Sizes) < 3 {
		t.Errorf("only %d sizes are measured", len(kept.Sizes))
	}
	if !strings.Contains(read("../../README.md"), "\n\n"+kept.summary()+"\n") {
		t.Errorf("README.md does not show\n%s", kept.summary())
	}
	if full := read("result.md"); full != kept.markdown() {
		t.Errorf("result.md is not what result.json says:\n%s", full)
	}
}

// TestResultAsTable: ratios say how many times more the replay took, and what was not
// replayed has none.
func TestResultAsTable(t *testing.T) {
	t.Parallel()
	text := result{Parallelism: 10, Sizes: []size{{
		N: 100,
		Provider: []phase{
			{Name: noChange, Calls: map[string]int{"DescribeVpcs": 1, "DescribeNetworkAcls": 9}, Seconds: 4, Speed: 1, MiB: 70, ProviderCPU: 1.25, TerraformCPU: 3},
			{Name: instantPlan, Calls: map[string]int{"DescribeVpcs": 1}, Seconds: 3, Speed: 1},
		},
		Replay: []phase{{Name: noChange, Calls: map[string]int{"DescribeNetworkAcls": 1100}, Seconds: 50, Speed: 5}},
	}}}.markdown()
	for _, line := range []string{
		"| 100 | 400 | plan without a change | 10 | 1100 | 110.0 | 4.0 | 50.0 | 12.5 | × 1 | 70 MiB | 1.2 s / 3.0 s |\n",
		"| 100 | 400 | the same with instant answers | 1 |  |  | 3.0 |  |  | × 1 | 0 MiB | 0.0 s / 0.0 s |\n",
		"| 100 | plan without a change | DescribeNetworkAcls 9, DescribeVpcs 1 |\n",
		"| 100 | replay: plan without a change | DescribeNetworkAcls 1100 |\n",
	} {
		if !strings.Contains(text, line) {
			t.Errorf("%q is not in\n%s", line, text)
		}
	}
}
