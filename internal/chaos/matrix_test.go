// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package chaos_test

import (
	"fmt"
	"maps"
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
	revoking, revoked               int
	spared                          map[string]int
	ran, known                      map[step]int
	failed                          []string
}

// TestMatrix disturbs every call of every scenario in every way, or some of them.
func TestMatrix(t *testing.T) {
	t.Parallel()
	total := tally{resources: map[string]bool{}, spared: map[string]int{}, ran: map[step]int{}, known: map[step]int{}}
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
	for _, why := range slices.Sorted(maps.Keys(total.spared)) {
		t.Logf("not run, as they leave what a cell leaves: %d %s", total.spared[why], why)
	}
	for _, one := range steps() {
		t.Logf("afterwards, %s: run %d times, and %d times not again from an equal state and an equal world", one, total.ran[one], total.known[one])
	}
	t.Logf("%d adopted rules and entries were left by these destroys; %d rules and entries of others were removed because a plan had named them, in %d scenarios",
		total.left, total.revoked, total.revoking)
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
	for why, n := range c.spared {
		total.spared[why] += n
	}
	if total.revoked += len(c.revoked); len(c.revoked) > 0 {
		total.revoking++
	}
	for _, one := range steps() {
		total.ran[one] += c.ran[one]
		total.known[one] += c.known[one]
	}
	total.failed = append(total.failed, failed...)
	total.left += c.left
}

// Why a disturbance is no cell.
const (
	planKill  = "kills of runs that plan: until the last call of a plan there are only reads and no state, as the undisturbed run shows, and a cell kills there"
	gapKill   = "kills between two writes: what was written is what the kill after the first of them leaves, or the one before any"
	planCtrlC = "times Ctrl-C while it plans: Terraform stops after its plan, which writes nothing, and a cell does so at its last call"
	planDeny  = "refused reads of plans of create and delete: without a plan nothing is done, and one without what was refused plans the same; a cell refuses the last one"
)

// cells are the disturbances of a scenario, in the order of the calls, without
// those that leave what another one leaves: they are counted.
func (c *course) cells() []cell {
	writes := c.writes()
	first, last := writes[0], writes[len(writes)-1]
	c.spared = map[string]int{}
	var cells []cell
	for i, call := range c.calls {
		for _, d := range disturbances() {
			elsewhere := map[string]bool{"": false, "first": i != first, "last": i != last, "ends": i != first && i != last}[d.at]
			if elsewhere || c.owns && !d.owns || d.writes && !call.Write() || d.repeats && !call.Write() && !c.creates() {
				continue
			}
			if why := c.spares(d, i, first); why != "" {
				c.spared[why]++
				continue
			}
			if *all || d.sample == "first" && i == first || d.sample == "last" && i == last {
				cells = append(cells, cell{d, i})
			}
		}
	}
	return cells
}

// spares tells why a disturbance of a call leaves what a cell leaves.
//
// A killed run leaves what it has written until then: AWS knows the calls, and
// Terraform gets no answer. When an object is replaced it gets the one about the
// first half, at a moment that the calls do not show, so that all kills are cells.
func (c *course) spares(d disturbance, i, first int) string {
	plans, ends := i < c.planned, i == c.planned-1
	switch {
	case plans && ends:
	case plans && d.kills && !d.after():
		return planKill
	case plans && d.interrupts:
		return planCtrlC
	// What a plan removes of others follows from what it reads.
	case plans && d.denies && c.goes == 0 && (c.creates() || c.deletes()):
		return planDeny
	case !plans && d.kills && !d.after() && d.at == "" && i != first && !c.replaces():
		return gapKill
	}
	return ""
}

// sampled tells whether a scenario is in the sample.
func sampled(s scenario) bool {
	return slices.Contains([]string{
		"clb_load_balancer_security_groups groups changed", "clb_load_balancer_rules back-end port moved",
		"clb_instance_ingress_rules delete", "clb_network_acl_entries clients changed, adopted rules owned",
	}, s.name())
}
