// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package chaos_test

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
)

// step is one of the things that are done after a disturbance.
type step string

const (
	refreshAgain step = "refresh"
	applyAgain   step = "apply again"
	planAgain    step = "plan"
	destroy      step = "destroy"
)

func steps() []step { return []step{refreshAgain, applyAgain, planAgain, destroy} }

// aftermath is what is known of the steps of one scenario.
//
// A step is run only once from one state and one world, and what it has shown
// holds for every other cell that comes to them, because nothing else decides
// what a step does. Its configuration, the provider and Terraform are the same
// throughout a scenario. Of the state file, lineage and serial number only count
// writes; all resources with all of their attributes and private data are
// compared. Of AWS, everything that the double has to tell is compared. The clock
// does not matter, as nothing in the scenarios expires, and neither do the process
// before, which is dead, and the other files of the directory, which Terraform
// does not read. Ids of security group rules are names: the double counts them,
// and it, Terraform and the provider ask for nothing but whether two are equal.
// So they may be exchanged for others throughout state and world.
type aftermath struct {
	found map[string][]string
	// ran is how often a step was run, and known how often what comes of it was.
	ran, known map[step]int
	// left is how many adopted rules and entries the destroys have left.
	left int
}

func newAftermath() aftermath {
	return aftermath{found: map[string][]string{}, ran: map[step]int{}, known: map[step]int{}}
}

// once does a step, unless it is known what it shows at this moment. The words
// are whatever else the judgement of the step depends on.
func (a *aftermath) once(s *stand, one step, do func() []string, words ...string) []string {
	s.t.Helper()
	key := a.key(s, one, words...)
	problems, known := a.found[key]
	if known {
		a.known[one]++
		return problems
	}
	a.ran[one]++
	problems = do()
	a.found[key] = problems
	return problems
}

// key is under what is found what a step shows now.
func (a *aftermath) key(s *stand, one step, words ...string) string {
	s.t.Helper()
	return fmt.Sprint(one, words, s.moment())
}

// moment tells this state and this world from all others that are not the same
// but for the ids of rules.
func (s *stand) moment() string {
	s.t.Helper()
	f := s.facts()
	exchange := f.exchange()
	return fmt.Sprintf("%x", sha256.Sum256([]byte(exchange.Replace(s.held().content+"\n"+f.snapshot+"\n")+f.named(exchange))))
}

// exchange puts names in the place of the ids of rules. A rule's name is its place
// among all rules as their content orders them; no two rules have the same.
func (f facts) exchange() *strings.Replacer {
	var ids []string
	for id := range f.things {
		if strings.HasPrefix(id, "sgr-") {
			ids = append(ids, id)
		}
	}
	content := func(id string) string { return strings.ReplaceAll(f.things[id], id, "") }
	slices.SortFunc(ids, func(a, b string) int { return strings.Compare(content(a), content(b)) })
	var words []string
	for i, id := range ids {
		words = append(words, id, fmt.Sprintf("rule-%d", i))
	}
	return strings.NewReplacer(words...)
}

// named are all things, in the order of their names.
func (f facts) named(exchange *strings.Replacer) string {
	var lines []string
	for name, thing := range f.things {
		lines = append(lines, exchange.Replace(name+" "+thing))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// follow goes on after a disturbance: the same configuration is applied again,
// planned once more, and destroyed.
func (c *course) follow(s *stand, one cell, r ran) []string {
	want := c.without(s.t, c.revoked)
	if c.forgets(one, r) {
		want = c.after
	}
	// Rules that may still be needed wait for an apply that can read the load balancer.
	// So they do where a run that could not read it has found nothing to change.
	waits := strings.Contains(s.held().content, "which could not be read") || c.moves && s.facts().difference(c.before) == ""
	if r.code == 0 && !waits {
		return c.finish(s, want)
	}
	var problems []string
	// What the state says of the load balancer that has moved since was true before.
	if !one.kills && !waits && !c.moves {
		problems = c.once(s, refreshAgain, func() []string {
			if refresh := s.terraform("plan", "-refresh-only", "-input=false"); refresh.code != 0 || !strings.Contains(refresh.output, "No changes.") {
				return []string{fmt.Sprintf("the state is not true: %s", refresh)}
			}
			return nil
		})
	}
	return append(problems, c.once(s, applyAgain, func() []string {
		if again := s.terraform("apply", "-auto-approve", "-input=false"); again.code != 0 {
			return []string{fmt.Sprintf("the next apply fails: %s", again)}
		}
		return c.finish(s, want)
	}, want.snapshot)...)
}

// finish looks at what was applied, plans once more and destroys it, after which
// is to stand what is wanted, and what was adopted.
func (c *course) finish(s *stand, want facts) []string {
	var problems []string
	if difference := s.facts().difference(c.after); difference != "" {
		problems = append(problems, "the apply makes another world:\n"+difference)
	}
	problems = append(problems, c.once(s, planAgain, func() []string {
		if plan := s.terraform("plan", "-detailed-exitcode", "-input=false"); plan.code != 0 {
			return []string{fmt.Sprintf("the next plan is not empty: %s", plan)}
		}
		return nil
	})...)
	return append(problems, c.once(s, destroy, func() []string { return c.destroy(s, want) }, want.snapshot)...)
}

func (c *course) destroy(s *stand, want facts) []string {
	var adopted []string
	if !c.owns {
		adopted = s.held().adopted
	}
	if r := s.terraform("apply", "-destroy", "-auto-approve", "-input=false"); r.code != 0 {
		return []string{fmt.Sprintf("the destroy fails: %s", r)}
	}
	left := s.facts()
	remains := left.others(c.baseline)
	if !slices.Equal(remains, adopted) {
		return []string{fmt.Sprintf("after the destroy remain %v, and adopted were %v", remains, adopted)}
	}
	c.left += len(remains)
	if difference := left.difference(want); len(remains) == 0 && difference != "" {
		return []string{"the destroy leaves another world:\n" + difference}
	}
	return nil
}

// forgets tells whether a killed run has replaced the groups of a load balancer:
// then nobody knows any more which ones it carried before, and on_destroy =
// "restore" brings back those that the killed run has left.
func (c *course) forgets(one cell, r ran) bool {
	return one.kills && one.after() && r.code != 0 && c.resource == carriesGroups && c.creates()
}
