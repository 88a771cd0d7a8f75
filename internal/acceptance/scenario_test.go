// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package acceptance

import (
	"os"
	"strings"
	"testing"

	tfjson "github.com/hashicorp/terraform-json"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/terraform-clb/terraform-provider-clb/internal/acceptance/world"
)

// The scenario is what one load balancer costs: internet-facing, two listeners,
// a health check on its own port, one VPC network, custom network ACLs.
const scenarioFile = "testdata/scenario/main.tf"

const scenarioRows = `
	- web carries internal_group
	web carries lb_group

	lb_group in  tcp 80   from 0.0.0.0/0
	lb_group in  tcp 443  from 0.0.0.0/0
	lb_group out tcp 8080 to instance_group
	lb_group out tcp 8443 to instance_group
	lb_group out tcp 8081 to instance_group

	instance_group in tcp  8080 from lb_group
	instance_group in tcp  8443 from lb_group
	instance_group in tcp  8081 from lb_group
	instance_group in icmp 3/4  from lb_group

	lb_acl in  100 allow tcp 80         from 0.0.0.0/0
	lb_acl in  110 allow tcp 443        from 0.0.0.0/0
	lb_acl in  120 allow tcp 1024-65535 from 10.0.0.0/16
	lb_acl out 100 allow tcp 8080       to 10.0.0.0/16
	lb_acl out 110 allow tcp 8443       to 10.0.0.0/16
	lb_acl out 120 allow tcp 8081       to 10.0.0.0/16
	lb_acl out 130 allow tcp 1024-65535 to 0.0.0.0/0

	instance_acl in  1000 allow tcp 8080       from 10.0.0.0/16
	instance_acl in  1010 allow tcp 8443       from 10.0.0.0/16
	instance_acl in  1020 allow tcp 8081       from 10.0.0.0/16
	instance_acl out 1000 allow tcp 1024-65535 to 10.0.0.0/16`

// cost is what a run of the scenario takes.
type cost struct {
	lines, resources int
	// calls and writes are those of the first plan and apply together, planCalls
	// those of a plan without changes.
	calls, writes, planCalls int
	record                   []string
}

// runScenario runs the scenario on the double: an apply, a plan without changes
// and a destroy. The load balancer carries another group at first.
func runScenario(t testing.TB) cost {
	t.Helper()
	source, err := os.ReadFile(scenarioFile)
	if err != nil {
		t.Fatal(err)
	}
	c := cost{resources: strings.Count("\n"+string(source), "\nresource ")}
	for line := range strings.Lines(string(source)) {
		if strings.TrimSpace(line) != "" {
			c.lines++
		}
	}
	f := newFixture(t, world.Plan{Listeners: [][2]int32{{80, 8080}, {443, 8443}}})
	f.carry(f.LoadBalancer, f.InternalGroup)
	f.settle()
	f.run(
		step{
			config: string(source),
			world:  scenarioRows,
			check: func() error {
				for _, call := range f.calls {
					c.calls++
					if call.Write() {
						c.writes++
					}
					c.record = append(c.record, call.Action)
				}
				return nil
			},
			adjust: func(s *resource.TestStep) {
				s.ConfigPlanChecks.PostApplyPreRefresh = append(s.ConfigPlanChecks.PostApplyPreRefresh, planCheck(func(*tfjson.Plan) error {
					f.double.ResetCalls()
					return nil
				}))
				s.ConfigPlanChecks.PostApplyPostRefresh = append(s.ConfigPlanChecks.PostApplyPostRefresh, planCheck(func(*tfjson.Plan) error {
					c.planCalls = len(f.double.Calls())
					return nil
				}))
			},
		},
		step{
			// What was there before stays: the load balancer gets its first group back.
			before: func() { f.carry(f.LoadBalancer, f.InternalGroup) },
			config: "# nothing", world: nothing,
		},
	)
	return c
}

// TestCostOfTheScenario keeps one load balancer short to write and cheap to run.
func TestCostOfTheScenario(t *testing.T) {
	t.Parallel()
	c := runScenario(t)
	for _, limit := range []struct {
		what      string
		got, most int
	}{
		{"lines of configuration", c.lines, 40},
		{"resources", c.resources, 5},
		{"writes", c.writes, 15},
		{"calls of plan and apply", c.calls, 30},
		{"calls of a plan without changes", c.planCalls, 6},
	} {
		t.Logf("%d %s", limit.got, limit.what)
		if limit.got > limit.most {
			t.Errorf("%d %s, at most %d: %s", limit.got, limit.what, limit.most, strings.Join(c.record, " "))
		}
		if limit.got == 0 {
			t.Errorf("no %s: the count is broken", limit.what)
		}
	}
}

// BenchmarkScenario reports the cost of the scenario.
func BenchmarkScenario(b *testing.B) {
	var c cost
	for b.Loop() {
		c = runScenario(b)
	}
	b.ReportMetric(float64(c.lines), "lines")
	b.ReportMetric(float64(c.resources), "resources")
	b.ReportMetric(float64(c.calls), "calls/op")
	b.ReportMetric(float64(c.writes), "writes/op")
	b.ReportMetric(float64(c.planCalls), "plan-calls/op")
}
