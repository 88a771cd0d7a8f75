// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/terraform-clb/terraform-provider-clb/internal/cloud"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// privateMap is private data as Terraform keeps it.
type privateMap map[string][]byte

func (p privateMap) GetKey(_ context.Context, key string) ([]byte, diag.Diagnostics) {
	return p[key], nil
}

func (p privateMap) SetKey(_ context.Context, key string, value []byte) diag.Diagnostics {
	var diags diag.Diagnostics
	if !json.Valid(value) {
		diags.AddError("Invalid JSON", string(value))
	}
	p[key] = value
	return diags
}

func goneTestEntry(number, port int, cidr string) cloud.NetworkACLEntry {
	network, _ := wiring.ParseCIDR(cidr)
	return cloud.NetworkACLEntry{Entry: wiring.Entry{Number: number, Rule: wiring.Rule{
		Direction: wiring.Ingress, Protocol: wiring.TCP, From: port, To: port, Peer: wiring.CIDRPeer(network),
	}}}
}

// TestEntriesThatHaveGone: what has gone from the network ACL holds its number until
// a change has been carried out, over as many reads as there are, and no longer when
// it is back.
func TestEntriesThatHaveGone(t *testing.T) {
	t.Parallel()
	ctx, private := t.Context(), privateMap{}
	owned := cloud.NewACLEntries()
	owned.Ingress["a"], owned.Ingress["b"] = goneTestEntry(100, 80, "192.0.2.0/24"), goneTestEntry(110, 443, "0.0.0.0/0")
	now := cloud.NewACLEntries()
	now.Ingress["b"] = owned.Ingress["b"]
	quiet := func(diags diag.Diagnostics) {
		t.Helper()
		if diags.HasError() {
			t.Fatal(diags)
		}
	}
	held := func(owned cloud.ACLEntries) map[string]int {
		t.Helper()
		gone, diags := goneEntries(ctx, private)
		quiet(diags)
		return withGone(owned, gone).Ingress.Numbers()
	}

	quiet(noteGone(ctx, private, owned, owned))
	if len(private) > 0 {
		t.Errorf("nothing has gone, and noted is %s", private)
	}
	quiet(noteGone(ctx, private, owned, now))
	// The next read knows of the rest only.
	quiet(noteGone(ctx, private, now, now))
	if got := held(now); !maps.Equal(got, map[string]int{"a": 100, "b": 110}) {
		t.Errorf("held are %v", got)
	}
	gone, diags := goneEntries(ctx, private)
	quiet(diags)
	if got := slices.Collect(maps.Values(gone.Ingress)); len(got) != 1 || !got[0].Same(owned.Ingress["a"]) {
		t.Errorf("%v comes back as %v", owned.Ingress["a"], got)
	}
	quiet(noteGone(ctx, private, owned, owned))
	if got := held(cloud.NewACLEntries()); len(got) > 0 {
		t.Errorf("it is back, and held are %v", got)
	}
	quiet(noteGone(ctx, private, owned, now))
	quiet(forgetGone(ctx, private))
	if got := held(now); !maps.Equal(got, map[string]int{"b": 110}) {
		t.Errorf("after the change, held are %v", got)
	}
	private[goneKey] = []byte(`[1]`)
	if got := held(now); !maps.Equal(got, map[string]int{"b": 110}) {
		t.Errorf("what cannot be read counts: %v", got)
	}
}
