// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// BenchmarkPlanWithoutChanges is what the provider does for one resource in a plan in
// which nothing changes. What it asks AWS is answered by a listing, as in a fleet:
// `go test -bench PlanWithoutChanges -cpuprofile` tells where its own time goes.
func BenchmarkPlanWithoutChanges(b *testing.B) {
	b.Setenv(FrameworkLogLevel, "off")
	for _, resource := range []string{lbGroups, lbRules, instanceRules, aclEntries} {
		b.Run(resource, func(b *testing.B) {
			w := startLiveWorld(b, nil)
			stated := w.config(resource, nil)
			created := w.server.create(resource, stated)
			// The next run writes nothing.
			w.nextRun()
			state, private := w.server.refresh(resource, created, nil)
			value := w.server.value(resource, stated)
			prior, config := w.server.dynamic(state), w.server.dynamic(value)
			proposed := w.server.dynamic(w.server.proposed(resource, state, value))
			var planned *tfprotov6.DynamicValue
			b.ReportAllocs()
			for b.Loop() {
				checked := made(w.server.ValidateResourceConfig(b.Context(), &tfprotov6.ValidateResourceConfigRequest{TypeName: resource, Config: config}))(b)
				read := made(w.server.ReadResource(b.Context(), &tfprotov6.ReadResourceRequest{TypeName: resource, CurrentState: prior, Private: private}))(b)
				plan := made(w.server.PlanResourceChange(b.Context(), &tfprotov6.PlanResourceChangeRequest{
					TypeName: resource, PriorState: prior, Config: config, ProposedNewState: proposed, PriorPrivate: private,
				}))(b)
				for _, diags := range [][]*tfprotov6.Diagnostic{checked.Diagnostics, read.Diagnostics, plan.Diagnostics} {
					wantNothingSaid(b, diags)
				}
				planned = plan.PlannedState
			}
			if end := made(planned.Unmarshal(w.server.typeOf(resource)))(b); !end.Equal(state) {
				b.Errorf("planned\n%s\nfor\n%s", end, state)
			}
		})
	}
}
