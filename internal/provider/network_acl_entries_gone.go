// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"encoding/json"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/terraform-clb/terraform-provider-clb/internal/cloud"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// An entry of the state that has gone from the network ACL still counts when rule
// numbers are given: a run that was killed after it deleted the entry has created
// the new ones under numbers that left the old one its own, and the next run finds
// them there only if it gives the same numbers. So Read keeps what has gone in the
// private data, until a change has been carried out.

// goneKey is the key of the entries that have gone in the private data.
const goneKey = "gone"

// noteGone adds the owned entries that do not stand any more to those that had
// gone before, and drops those that are back.
func noteGone(ctx context.Context, private privateState, owned, now cloud.ACLEntries) diag.Diagnostics {
	before, diags := goneEntries(ctx, private)
	gone := cloud.NewACLEntries()
	for _, d := range wiring.Directions() {
		maps.Copy(gone.In(d), before.In(d))
		maps.Copy(gone.In(d), owned.In(d))
		for key := range now.In(d) {
			delete(gone.In(d), key)
		}
	}
	if gone.Empty() && before.Empty() {
		return diags
	}
	return append(diags, setGone(ctx, private, gone)...)
}

// forgetGone is for when a change has been carried out.
func forgetGone(ctx context.Context, private privateState) diag.Diagnostics {
	if before, diags := goneEntries(ctx, private); before.Empty() {
		return diags
	}
	return setGone(ctx, private, cloud.NewACLEntries())
}

func setGone(ctx context.Context, private privateState, gone cloud.ACLEntries) diag.Diagnostics {
	text, err := json.Marshal(gone)
	if err != nil {
		var diags diag.Diagnostics
		diags.AddError("Unable to note the network ACL entries that have gone", asSentence(err))
		return diags
	}
	return private.SetKey(ctx, goneKey, text)
}

func goneEntries(ctx context.Context, private privateState) (cloud.ACLEntries, diag.Diagnostics) {
	gone := cloud.NewACLEntries()
	text, diags := private.GetKey(ctx, goneKey)
	if len(text) > 0 && json.Unmarshal(text, &gone) != nil {
		// What cannot be read was not written by this version.
		gone = cloud.NewACLEntries()
	}
	return gone, diags
}

// withGone are entries with those that have gone, for giving numbers.
func withGone(owned, gone cloud.ACLEntries) cloud.ACLEntries {
	all := owned.Clone()
	for _, d := range wiring.Directions() {
		for key, entry := range gone.In(d) {
			if _, there := all.In(d)[key]; !there {
				all.In(d)[key] = entry
			}
		}
	}
	return all
}
