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
	mu                              sync.Mutex
	resources                       map[string]bool
	scenarios, indices, cells, left int
	planKills                       int
	ran, known                      map[step]int
	failed                          []string
}

// TestMatrix disturbs every call of every scenario in every way, or some of them.
func TestMatrix(t *testing.T) {
	t.Parallel()
	total := tally{resources: map[string]bool{}, ran: map[step]int{}, known: map[step]int{}}
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
	t.Logf("%d resources, %d scenarios, %d calls, %d ways to disturb one: %d runs of Terraform were disturbed, one for each cell of the matrix; %d failures",
		len(total.resources), total.scenarios, total.indices, len(disturbances()), total.cells, len(total.failed))
	t.Logf("%d more kills, of runs that plan, leave what the last of them leaves, as nothing is written until then: they were not run", total.planKills)
	for _, one := range steps() {
		t.Logf("afterwards, %s: run %d times, and %d times not again from an equal state and an equal world", one, total.ran[one], total.known[one])
	}
	t.Logf("%d adopted rules and entries were left by these destroys", total.left)
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
	t.Logf("%d calls, %d cells, %d applied again, %d destroyed, %d failures", len(c.calls), len(cells), c.ran[applyAgain], c.ran[destroy], len(failed))
	total.mu.Lock()
	defer total.mu.Unlock()
	total.resources[s.resource] = true
	total.scenarios++
	total.indices += len(c.calls)
	total.cells += len(cells)
	total.planKills += c.planKills
	for _, one := range steps() {
		total.ran[one] += c.ran[one]
		total.known[one] += c.known[one]
	}
	total.failed = append(total.failed, failed...)
	total.left += c.left
}

// cells are the disturbances of a scenario, in the order of the calls.
//
// While it plans, a run is killed at the last call only. What a killed run leaves
// is what it has done until then, and the undisturbed run shows that until the
// last call of its plan there is nothing: only reads, and no state was written.
// So all these kills leave the same, and the last one is run to see it.
func (c *course) cells() []cell {
	var writes []int
	for i, call := range c.calls {
		if call.Write() {
			writes = append(writes, i)
		}
	}
	first, last := writes[0], writes[len(writes)-1]
	c.planKills = 0
	var cells []cell
	for i, call := range c.calls {
		for _, d := range disturbances() {
			switch {
			case d.kills && !d.some && !d.writes && i < c.planned-1 && !c.owns:
				c.planKills++
			case d.writes && !call.Write(), d.repeats && !call.Write() && c.operation != opCreate, d.some && i != first && i != last, c.owns && !d.owns:
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
