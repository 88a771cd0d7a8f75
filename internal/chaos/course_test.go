// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package chaos_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/terraform-clb/terraform-provider-clb/internal/fakeaws"
)

// course is a scenario and its undisturbed run.
type course struct {
	scenario
	// baseline is what others have, before and after what stands around the change.
	baseline, before, after facts
	// made are the calls that lead to before, and state is the state then.
	made  []fakeaws.Call
	state []byte
	// calls are those of the undisturbed run. The first of them, planned many, make
	// the plan, and plan is its file.
	calls   []fakeaws.Call
	planned int
	plan    []byte
	// spared is how many disturbances are no cells, and why.
	spared map[string]int
	// revoked are the names of what others have and the plan removes, and standing is
	// what others have without some of it.
	revoked  []string
	standing map[string]facts

	aftermath
}

// planFile is where a plan is in the directory of Terraform.
const planFile = "plan.tfplan"

// undisturbed prepares a scenario and carries it out.
func undisturbed(t *testing.T, sc scenario) *course {
	t.Helper()
	s, c := newStand(t, sc.surroundings), &course{scenario: sc, aftermath: newAftermath(), standing: map[string]facts{}}
	defer s.Close()
	c.baseline = c.without(t, nil)
	s.configure(sc.before)
	if sc.before != "" {
		s.must("apply", "-auto-approve", "-input=false")
	}
	if sc.moves {
		s.configure(sc.after)
		s.must("apply", "-auto-approve", "-input=false")
		s.moveLoadBalancer()
	}
	c.made, c.state = s.Server.Calls(), s.state()
	c.before = s.facts()
	s.Server.ResetCalls()
	s.configure(sc.after)
	s.must("plan", "-input=false", "-out="+planFile)
	c.planned = len(s.Server.Calls())
	plan, err := os.ReadFile(filepath.Join(s.Dir, planFile))
	if err != nil {
		t.Fatal(err)
	}
	c.plan = plan
	if slices.ContainsFunc(s.Server.Calls(), fakeaws.Call.Write) || !bytes.Equal(s.state(), c.state) || s.facts().difference(c.before) != "" {
		t.Fatal("something was written while it was planned")
	}
	if sc.goes > 0 {
		c.revoked = s.planned()
	}
	if len(c.revoked) != sc.goes {
		t.Fatalf("the plan of %s removes %v of others, and %d things were expected", sc.name(), c.revoked, sc.goes)
	}
	remains := c.without(t, c.revoked)
	before := c.key(s, applyAgain, remains.snapshot)
	s.must("apply", "-input=false", planFile)
	c.calls, c.after = s.Server.Calls(), s.facts()
	if c.after.snapshot == c.before.snapshot {
		t.Fatalf("the change of %s changes nothing", sc.name())
	}
	if gone := c.after.lacks(c.baseline); !slices.Equal(gone, c.revoked) {
		t.Errorf("the plan removes %v of others, and the apply has removed %v", c.revoked, gone)
	}
	problems := c.finish(s, remains)
	// To apply again where nothing has happened is what was done just now.
	c.found[before] = problems
	if len(problems) > 0 {
		t.Errorf("without any disturbance: %s", strings.Join(problems, "\n"))
	}
	return c
}

// without is what others have when nothing stands of the scenario, and some of the
// names that its plan removes have gone.
func (c *course) without(t *testing.T, gone []string) facts {
	t.Helper()
	key := strings.Join(gone, "\n")
	if known, ok := c.standing[key]; ok {
		return known
	}
	s := newStand(t, c.surroundings)
	defer s.Close()
	if c.moves {
		s.moveLoadBalancer()
	}
	for _, name := range gone {
		s.remove(name)
	}
	c.standing[key] = s.facts()
	return c.standing[key]
}

// must runs Terraform, which has to succeed.
func (s *stand) must(arguments ...string) {
	s.t.Helper()
	if r := s.terraform(arguments...); r.code != 0 {
		s.t.Fatalf("terraform %v: %s", arguments, r)
	}
}

// again is a stand at which the change is about to be made.
func (c *course) again(t *testing.T) *stand {
	t.Helper()
	s := newStand(t, c.surroundings)
	s.replay(c.made)
	s.setState(c.state)
	s.configure(c.scenario.after)
	if difference := s.facts().difference(c.before); difference != "" {
		t.Fatalf("the stand was not set up again:\n%s", difference)
	}
	return s
}

// writes are the places of the writes among the calls.
func (c *course) writes() []int {
	var writes []int
	for i, call := range c.calls {
		if call.Write() {
			writes = append(writes, i)
		}
	}
	return writes
}

// disturb carries the change out with a disturbance, follows what comes of it,
// and returns what is wrong. A call that the plan makes is disturbed in an apply
// that plans itself. A later one is disturbed in an apply of the plan that the
// undisturbed run has made: it does what the former would do after its plan, in a
// provider that either starts for it.
func (c *course) disturb(t *testing.T, one cell) []string {
	t.Helper()
	s := c.again(t)
	defer s.Close()
	call, index, arguments := c.calls[one.index], one.index, []string{"apply", "-auto-approve", "-input=false"}
	if index >= c.planned {
		write(t, filepath.Join(s.Dir, planFile), string(c.plan))
		index, arguments = index-c.planned, []string{"apply", "-input=false", planFile}
	}
	r := s.disturbed(func(v *victim) fakeaws.Fault { return one.fault(v, index, call) }, arguments...)
	calls := s.Server.Calls()
	if len(calls) <= index || calls[index].Action != call.Action {
		t.Fatalf("the run does not make call %d %s again: %s", one.index, call.Action, r)
	}
	return append(c.judge(one, r, calls[index:], s.facts(), s.held()), c.follow(s, one, r)...)
}

// judge looks at what stands right after the disturbance. The calls begin with the
// disturbed one.
func (c *course) judge(one cell, r ran, calls []fakeaws.Call, now facts, state held) []string {
	var problems []string
	say := func(format string, arguments ...any) { problems = append(problems, fmt.Sprintf(format, arguments...)) }
	var gone []string
	for _, name := range now.lacks(c.baseline) {
		if _, there := now.things[name]; there || !slices.Contains(c.revoked, name) {
			say("what others have was touched: %s", c.baseline.things[name])
			return problems
		}
		gone = append(gone, name)
	}
	if one.kills {
		if r.code == 0 {
			say("nothing was killed")
		}
		for _, later := range calls[1:] {
			if later.UserAgent == calls[0].UserAgent {
				say("the killed provider has called %s", later.Action)
			}
		}
		return problems
	}
	if one.absorbed && r.code != 0 {
		say("the provider does not get over it: %s", r)
	}
	if made := now.others(c.baseline); !slices.Equal(made, state.things) {
		say("the state is not true: there are %v, and in the state %v, after %s", made, state.things, r)
	}
	if r.code == 0 {
		return problems
	}
	// After Ctrl-C the provider may have been done already, and then says so.
	done := one.interrupts && now.difference(c.after) == "" && state.objects == 1 && state.tainted == 0
	// Once rules of others have gone, the new ones stay, because only they admit what
	// those did.
	if c.creates() && len(gone) == 0 && !one.lasts && !done {
		if difference := now.difference(c.baseline); difference != "" {
			say("something is left behind:\n%s\nafter %s", difference, r)
		}
		if state.objects > 0 {
			say("a create that failed leaves a state, after %s", r)
		}
	}
	if len(gone) > 0 && state.objects == 0 {
		say("rules of others have gone, and those in their place too, after %s", r)
	}
	if !c.creates() && state.tainted > 0 && !c.replaces() {
		say("the object is tainted, after %s", r)
	}
	return problems
}
