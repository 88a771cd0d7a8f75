// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// TestReadAfterWriteOfAnother: once a run has read so much that reads are answered from
// a listing, what another resource of the run writes is visible to the next read.
func TestReadAfterWriteOfAnother(t *testing.T) {
	for _, resource := range []string{lbRules, aclEntries} {
		t.Run(resource, func(t *testing.T) {
			w := startLiveWorld(t, nil)
			state := w.server.create(resource, w.config(resource, nil))
			w.nextRun()
			// As many reads as a fleet makes.
			for range 30 {
				w.server.refreshed(resource, state)
			}
			w.ResetCalls()
			if read := w.server.refreshed(resource, state); !read.Equal(state) || len(w.Calls()) > 0 {
				t.Fatalf("the listing does not answer: %d calls, read\n%s", len(w.Calls()), read)
			}
			// The same rules in the state of another resource, which is destroyed.
			gone := tftypes.NewValue(state.Type(), nil)
			wantNothingSaid(t, w.server.apply(resource, state, gone, gone).diags)
			ingress := attributesOf(t, w.server.refreshed(resource, state))["ingress"]
			if left := attributesOf(t, ingress); len(left) > 0 {
				t.Errorf("read after the write: %s", ingress)
			}
		})
	}
}
