// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package chaos_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
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
	// calls are those of the undisturbed run.
	calls []fakeaws.Call
	// followed is what was found wrong after each outcome, by its identity.
	followed map[string][]string
	// left is how many adopted rules and entries remained after a destroy.
	left int
}

// cell is one run of the matrix: a disturbance at one call.
type cell struct {
	disturbance
	index int
}

func (c cell) name(calls []fakeaws.Call) string {
	return fmt.Sprintf("%s call %d %s", c.disturbance.name, c.index, calls[c.index].Action)
}

// tally counts what was run.
type tally struct {
	mu                                        sync.Mutex
	resources                                 map[string]bool
	scenarios, indices, cells, outcomes, left int
	failed                                    []string
}

// TestMatrix disturbs every call of every scenario in every way, or some of them.
func TestMatrix(t *testing.T) {
	t.Parallel()
	total := tally{resources: map[string]bool{}}
	t.Run("scenarios", func(t *testing.T) {
		for _, s := range scenarios() {
			if !*all && !sampled(s) {
				continue
			}
			t.Run(strings.ReplaceAll(s.name(), " ", "-"), func(t *testing.T) {
				t.Parallel()
				total.run(t, s)
			})
		}
	})
	t.Logf("%d resources, %d scenarios, %d calls, %d ways to disturb one: %d cells with %d different outcomes, after which %d adopted rules and entries were left; %d failures",
		len(total.resources), total.scenarios, total.indices, len(disturbances()), total.cells, total.outcomes, total.left, len(total.failed))
	for _, name := range total.failed {
		t.Logf("failed: %s", name)
	}
}

func (total *tally) run(t *testing.T, s scenario) {
	c := undisturbed(t, s)
	cells := c.cells()
	var failed []string
	for _, one := range cells {
		if problems := c.disturb(t, one); len(problems) > 0 {
			name := one.name(c.calls)
			failed = append(failed, s.name()+": "+name)
			t.Errorf("%s: %s", name, strings.Join(problems, "\n"))
		}
	}
	t.Logf("%d calls, %d cells, %d outcomes, %d failures", len(c.calls), len(cells), len(c.followed), len(failed))
	total.mu.Lock()
	defer total.mu.Unlock()
	total.resources[s.resource] = true
	total.scenarios++
	total.indices += len(c.calls)
	total.cells += len(cells)
	total.outcomes += len(c.followed)
	total.failed = append(total.failed, failed...)
	total.left += c.left
}

// undisturbed prepares a scenario and carries it out.
func undisturbed(t *testing.T, sc scenario) *course {
	t.Helper()
	s, c := newStand(t), &course{scenario: sc, followed: map[string][]string{}}
	c.baseline = s.facts()
	s.configure(sc.before)
	if sc.before != "" {
		s.apply()
		c.made, c.state = s.Server.Calls(), s.state()
	}
	c.before = s.facts()
	s.Server.ResetCalls()
	s.configure(sc.after)
	s.apply()
	c.calls, c.after = s.Server.Calls(), s.facts()
	if c.after.snapshot == c.before.snapshot {
		t.Fatalf("the change of %s changes nothing", sc.name())
	}
	return c
}

// apply applies what is configured. It must succeed.
func (s *stand) apply() {
	s.t.Helper()
	if r := s.terraform("apply", "-auto-approve", "-input=false"); r.code != 0 {
		s.t.Fatalf("terraform apply: %s", r)
	}
}

// cells are the disturbances of a scenario, in the order of the calls.
func (c *course) cells() []cell {
	var writes []int
	for i, call := range c.calls {
		if call.Write() {
			writes = append(writes, i)
		}
	}
	first, last := writes[0], writes[len(writes)-1]
	var cells []cell
	for i, call := range c.calls {
		for _, d := range disturbances() {
			switch {
			case d.writes && !call.Write(), d.some && i != first && i != last, c.owns && !d.owns:
			case *all, d.sample == "first" && i == first, d.sample == "last" && i == last:
				cells = append(cells, cell{d, i})
			}
		}
	}
	return cells
}

// sampled tells whether a scenario is in the sample.
func sampled(s scenario) bool {
	return slices.Contains([]string{
		"clb_load_balancer_security_groups groups changed", "clb_load_balancer_rules listener removed",
		"clb_instance_ingress_rules delete", "clb_network_acl_entries clients changed, adopted rules owned",
	}, s.name())
}

// disturb carries the change out with a disturbance, follows what comes of it,
// and returns what is wrong.
func (c *course) disturb(t *testing.T, one cell) []string {
	t.Helper()
	s := newStand(t)
	defer s.Close()
	s.replay(c.made)
	s.setState(c.state)
	s.configure(c.scenario.after)
	if difference := s.facts().difference(c.before); difference != "" {
		t.Fatalf("the stand was not set up again:\n%s", difference)
	}
	call := c.calls[one.index]
	r := s.disturbed(func(v *victim) fakeaws.Fault { return one.fault(v, one.index, call) }, "apply", "-auto-approve", "-input=false")
	calls := s.Server.Calls()
	if len(calls) <= one.index || calls[one.index].Action != call.Action {
		t.Fatalf("the run does not make call %d %s again: %s", one.index, call.Action, r)
	}
	now, state := s.facts(), s.held()
	problems := c.judge(one, r, calls, now, state)
	identity := fmt.Sprint(r.code == 0, "\n", state.content, "\n", now.identity())
	rest, done := c.followed[identity]
	if !done {
		rest = c.follow(s, one, r)
		c.followed[identity] = rest
	}
	return append(problems, rest...)
}

// judge looks at what stands right after the disturbance.
func (c *course) judge(one cell, r ran, calls []fakeaws.Call, now facts, state held) []string {
	var problems []string
	say := func(format string, arguments ...any) { problems = append(problems, fmt.Sprintf(format, arguments...)) }
	if gone := now.lacks(c.baseline); len(gone) > 0 {
		say("what others have was touched: %s", strings.Join(gone, ", "))
	}
	if one.kills {
		if r.code == 0 {
			say("nothing was killed")
		}
		for _, later := range calls[one.index+1:] {
			if later.UserAgent == calls[one.index].UserAgent {
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
	if c.operation == opCreate && !one.lasts && !done {
		if difference := now.difference(c.before); difference != "" {
			say("something is left behind:\n%s\nafter %s", difference, r)
		}
		if state.objects > 0 {
			say("a create that failed leaves a state, after %s", r)
		}
	}
	if c.operation != opCreate && state.tainted > 0 && c.operation != opReplace && c.operation != opCreateBeforeDestroy {
		say("the object is tainted, after %s", r)
	}
	return problems
}

// follow goes on after a disturbance: the same configuration is applied again,
// planned once more, and destroyed.
func (c *course) follow(s *stand, one cell, r ran) []string {
	var problems []string
	say := func(format string, arguments ...any) { problems = append(problems, fmt.Sprintf(format, arguments...)) }
	if !one.kills && r.code != 0 {
		if refresh := s.terraform("plan", "-refresh-only", "-input=false"); refresh.code != 0 || !strings.Contains(refresh.output, "No changes.") {
			say("the state is not true: %s", refresh)
		}
	}
	if r.code != 0 {
		if again := s.terraform("apply", "-auto-approve", "-input=false"); again.code != 0 {
			say("the next apply fails: %s", again)
			return problems
		}
	}
	if difference := s.facts().difference(c.after); difference != "" {
		say("the next apply makes another world:\n%s", difference)
	}
	if plan := s.terraform("plan", "-detailed-exitcode", "-input=false"); plan.code != 0 {
		say("the plan after the next apply is not empty: %s", plan)
	}
	var adopted []string
	if !c.owns {
		adopted = s.held().adopted
	}
	if destroy := s.terraform("apply", "-destroy", "-auto-approve", "-input=false"); destroy.code != 0 {
		say("the destroy fails: %s", destroy)
		return problems
	}
	left, want := s.facts(), c.baseline
	if c.forgets(one, r) {
		want = c.after
	}
	if remains := left.others(c.baseline); !slices.Equal(remains, adopted) {
		say("after the destroy remain %v, and adopted were %v", remains, adopted)
	} else if c.left += len(remains); len(remains) > 0 {
		return problems
	} else if difference := left.difference(want); difference != "" {
		say("the destroy leaves another world:\n%s", difference)
	}
	return problems
}

// forgets tells whether a killed run has replaced the groups of a load balancer:
// then nobody knows any more which ones it carried before, and on_destroy =
// "restore" brings back those that the killed run has left.
func (c *course) forgets(one cell, r ran) bool {
	return one.kills && one.after() && r.code != 0 && c.resource == carriesGroups && c.operation == opCreate
}
