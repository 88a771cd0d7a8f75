// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/terraform-clb/terraform-provider-clb/internal/cloud"
)

// While entries trade their numbers, one stands at a spare number for a few writes. A
// run that is killed meanwhile leaves it there, where nothing but its number and what
// it says tells it from an entry of somebody else: AWS lets nobody mark an entry, and
// Terraform saves nothing of a run that is killed. So what stands at those numbers
// when a resource is created or imported, and what comes to stand there that says
// something else, is noted as that of others and stays for ever. The rest is deleted
// by a change that moves entries, and the plan says so.

// othersKey is the key of what others have at spare numbers in the private data.
const othersKey = "others"

// othersNote is what is known of the spare numbers of a network ACL.
type othersNote struct {
	// First is set by an import until the Read that follows: all that stands there
	// then is of others.
	First bool `json:"first,omitempty"`
	// Places are those at which others have entries.
	Places []string `json:"places"`
}

func (n othersNote) leave(ctx context.Context, private privateState) diag.Diagnostics {
	text, err := json.Marshal(n)
	if err != nil {
		var diags diag.Diagnostics
		diags.AddError("Unable to note the entries of others", asSentence(err))
		return diags
	}
	return private.SetKey(ctx, othersKey, text)
}

// notedOthers is what has been noted; it is not known after a run that was killed,
// of which Terraform keeps no private data, or of a state of an earlier version.
func notedOthers(ctx context.Context, private privateState) (note othersNote, known bool, diags diag.Diagnostics) {
	text, diags := private.GetKey(ctx, othersKey)
	if len(text) == 0 || json.Unmarshal(text, &note) != nil {
		return othersNote{}, false, diags
	}
	return note, true, diags
}

// places are those at which an entry is of others, whatever it says.
func (n othersNote) places() map[string]bool {
	others := map[string]bool{}
	places := n.Places
	if n.First {
		places = cloud.SparePlaces()
	}
	for _, place := range places {
		others[place] = true
	}
	return others
}

// withOthers adds to the owned entries where others are known to have theirs.
func withOthers(ctx context.Context, private privateState, owned cloud.ACLEntries) (cloud.ACLEntries, diag.Diagnostics) {
	note, _, diags := notedOthers(ctx, private)
	owned.Others = note.places()
	return owned, diags
}

// noteOthers notes where others have entries, as a network ACL stands now. An entry
// that has come since and says what an owned one says may be a copy of that.
func noteOthers(ctx context.Context, private privateState, owned cloud.ACLEntries, acl cloud.NetworkACL) (cloud.ACLEntries, diag.Diagnostics) {
	before, _, diags := notedOthers(ctx, private)
	known, now := before.places(), othersNote{Places: []string{}}
	others := acl.AtSparePlaces(owned)
	for _, entry := range acl.Entries {
		if place := placeOf(entry); others[place] && !known[place] && owned.Says(entry) {
			delete(others, place)
		}
	}
	now.Places = slices.AppendSeq(now.Places, maps.Keys(others))
	slices.Sort(now.Places)
	owned.Others = others
	return owned, append(diags, now.leave(ctx, private)...)
}

// foretellLeftBehind says which entries a change deletes because a run that was
// killed has left them.
func foretellLeftBehind(check aclCheck, live cloud.NetworkACL) diag.Diagnostics {
	var diags diag.Diagnostics
	if check.fresh {
		return diags
	}
	var names []string
	for _, entry := range live.LeftBehind(check.owned, check.want) {
		names = append(names, entryName(entry))
	}
	if len(names) > 0 {
		diags.AddAttributeWarning(path.Root("network_acl_id"), "Network ACL entries of an interrupted run are deleted", fmt.Sprintf(
			"This change deletes %s of network ACL %s. Each says what an entry of this resource says and has a number that the provider uses only while entries trade their numbers, "+
				"so a run that was killed has left it; deleting it closes nothing. If it is somebody else's, give it another number before you apply.",
			strings.Join(names, ", "), check.acl))
	}
	return diags
}
