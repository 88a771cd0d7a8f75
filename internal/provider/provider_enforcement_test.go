// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-clb/terraform-provider-clb/internal/verify"
)

// TestEnforcement: a resource goes before the provider block, and the
// environment before both.
func TestEnforcement(t *testing.T) {
	t.Parallel()
	tests := []struct {
		block, environment, resource string
		want                         verify.Enforcement
	}{
		{"", "", "", verify.Recommended},
		{"strict", "", "", verify.Strict},
		{"strict", "", "advisory", verify.Advisory},
		{"strict", "advisory", "", verify.Advisory},
		{"", "advisory", "strict", verify.Advisory},
		{"advisory", "recommended", "strict", verify.Recommended},
	}
	for _, tt := range tests {
		var d providerData
		if diags := d.setEnforcement(types.StringValue(tt.block), tt.environment); diags.HasError() {
			t.Fatal(diags)
		}
		if got := d.enforcementOf(types.StringValue(tt.resource)); got != tt.want {
			t.Errorf("block %q, environment %q, resource %q: %s, want %s", tt.block, tt.environment, tt.resource, got, tt.want)
		}
	}
}

// TestWrongEnforcement: a slip of the pen does not silently enforce less.
func TestWrongEnforcement(t *testing.T) {
	t.Parallel()
	var d providerData
	diags := d.setEnforcement(types.StringNull(), "Advisory")
	if len(diags.Errors()) != 1 || !strings.Contains(diags.Errors()[0].Detail(), `CLB_ENFORCEMENT: "Advisory" is no degree of enforcement: write advisory, recommended or strict`) {
		t.Error(diags)
	}
}
