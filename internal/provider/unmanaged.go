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

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-clb/terraform-provider-clb/internal/cloud"
)

// A plan has to show every rule that goes although no resource owns it, and the
// apply may remove no other. Terraform plans once more before it applies, so the
// planned value has to come out the same then, whatever has happened to the group
// meanwhile: it follows from what Read has noted in the private data. Only a
// resource that is still to be created has none, and its plan looks at AWS; if that
// has changed by the time of the apply, Terraform stops before anything is written.

// What becomes of rules and entries that no resource of this provider owns.
const (
	unmanagedKeep          = "keep"
	unmanagedRevokeBroader = "revoke_broader"
	unmanagedRevoke        = "revoke"
)

func unmanagedAttribute(text string) schema.StringAttribute {
	return schema.StringAttribute{
		Optional: true, Computed: true, Default: stringdefault.StaticString(unmanagedKeep),
		MarkdownDescription: text,
		Validators:          []validator.String{textValidator{"a way to treat what is not managed", oneOf(unmanagedKeep, unmanagedRevokeBroader, unmanagedRevoke)}},
	}
}

func revokedAttribute(text string) schema.MapAttribute {
	return schema.MapAttribute{ElementType: types.StringType, Computed: true, MarkdownDescription: text}
}

// unmanagedArguments are unmanaged_rules and revoked_rules, or unmanaged_entries
// and revoked_entries.
type unmanagedArguments struct {
	mode    types.String
	revoked types.Map
}

func noUnmanaged() unmanagedArguments {
	return unmanagedArguments{types.StringValue(unmanagedKeep), revokedValue(nil)}
}

// completed are the arguments of a state that an earlier version may have written.
func (a unmanagedArguments) completed() unmanagedArguments {
	if a.mode.IsNull() {
		a.mode = types.StringValue(unmanagedKeep)
	}
	if a.revoked.IsNull() {
		a.revoked = revokedValue(nil)
	}
	return a
}

// without leaves out what was revoked and stands again: it is another one, and a
// plan has to show that it goes too.
func (a unmanagedArguments) without(ctx context.Context, stands func(string) bool) (unmanagedArguments, diag.Diagnostics) {
	revoked, diags := stringMap(ctx, a.revoked)
	count := len(revoked)
	maps.DeleteFunc(revoked, func(id, _ string) bool { return stands(id) })
	if len(revoked) < count {
		a.revoked = revokedValue(revoked)
	}
	return a, diags
}

// doomed is what a plan says will go and the prior state does not say has gone.
func (a unmanagedArguments) doomed(ctx context.Context, before types.Map) (map[string]string, diag.Diagnostics) {
	planned, diags := stringMap(ctx, a.revoked)
	gone, bad := stringMap(ctx, before)
	maps.DeleteFunc(planned, func(id, words string) bool { return gone[id] == words })
	return planned, append(diags, bad...)
}

func revokedValue(words map[string]string) types.Map {
	values := make(map[string]attr.Value, len(words))
	for id, text := range words {
		values[id] = types.StringValue(text)
	}
	return types.MapValueMust(types.StringType, values)
}

// unmanagedKey is the key of what Read has seen in the private data.
const unmanagedKey = "unmanaged"

// unmanagedNote is what stands in a group or network ACL and the resource does not
// own, by id or place.
type unmanagedNote[T any] struct {
	Standing map[string]T `json:"standing"`
	// Others are those that belong to another resource of this provider, as far as
	// this run had read it then.
	Others []string `json:"others,omitempty"`
}

func (n unmanagedNote[T]) leave(ctx context.Context, private privateState) diag.Diagnostics {
	before, diags := private.GetKey(ctx, unmanagedKey)
	if len(n.Standing) == 0 && len(before) == 0 {
		return diags
	}
	slices.Sort(n.Others)
	text, err := json.Marshal(n)
	if err != nil {
		diags.AddError("Unable to note what is not managed", asSentence(err))
		return diags
	}
	return append(diags, private.SetKey(ctx, unmanagedKey, text)...)
}

// notedUnmanaged is what Read has noted; nothing if it has not.
func notedUnmanaged[T any](ctx context.Context, private privateState) (unmanagedNote[T], diag.Diagnostics) {
	var note unmanagedNote[T]
	text, diags := private.GetKey(ctx, unmanagedKey)
	if len(text) > 0 && json.Unmarshal(text, &note) != nil {
		// What cannot be read was not written by this version.
		note = unmanagedNote[T]{}
	}
	return note, diags
}

// mine are those that no other resource owns.
func (n unmanagedNote[T]) mine() map[string]T {
	mine := maps.Clone(n.Standing)
	for _, id := range n.Others {
		delete(mine, id)
	}
	return mine
}

// unmanagedWords are the words in which messages about rules and about entries differ.
type unmanagedWords struct {
	// attribute is unmanaged_rules, root the attribute that names the group.
	attribute, root string
	// what are "rules", where is "security group sg-…".
	what, where string
}

// broaderRemoval is what to write so that what is less restrictive goes.
func (w unmanagedWords) broaderRemoval() string {
	return fmt.Sprintf("%s = %q", w.attribute, unmanagedRevokeBroader)
}

// addRevoked warns of what goes.
func (w unmanagedWords) addRevoked(diags *diag.Diagnostics, mode string, names []string, fresh bool) {
	if len(names) == 0 {
		return
	}
	late := ""
	if fresh {
		late = " If " + w.where + " is changed before this plan is applied, Terraform stops with \"inconsistent final plan\" before it writes anything here: plan again then."
	}
	diags.AddAttributeWarning(path.Root(w.attribute), "Unmanaged "+w.what+" are removed", fmt.Sprintf(
		"%s is %q, so this plan removes %s of %s that no resource of this provider owns, after its own are in place: %s. "+
			"They do not come back when this resource is destroyed or %s is changed. To keep one, write it into additional_ingress (an outbound one into additional_egress); to keep all, set %s = %q.%s",
		w.attribute, mode, w.what, w.where, strings.Join(names, ", "), w.attribute, w.attribute, unmanagedKeep, late))
}

// addRefused says why nothing may be removed.
func (w unmanagedWords) addRefused(diags *diag.Diagnostics, mode, summary, why string) {
	diags.AddAttributeError(path.Root(w.attribute), summary, fmt.Sprintf("%s is %q, and %s. Set %s = %q, or leave it out: then only the %s of this resource are managed.",
		w.attribute, mode, why, w.attribute, unmanagedKeep, w.what))
}

// addElsewhere says that what would go belongs to another resource.
func (w unmanagedWords) addElsewhere(diags *diag.Diagnostics, mode string, names []string, fresh bool) {
	if len(names) == 0 {
		return
	}
	fix := "Name that resource in depends_on of this one, so that it is read first: what it owns then stays. What it is only about to own has to be applied first."
	if fresh {
		// Terraform does not say whether the owner is the object that is replaced.
		fix = fmt.Sprintf("Create this resource with %s = %q, and change that in a later apply, with that resource in depends_on of this one. "+
			"If it is this very resource that is replaced, and the configuration no longer wants these %s, apply the change without -replace first, or run terraform untaint before it.", w.attribute, unmanagedKeep, w.what)
	}
	diags.AddAttributeError(path.Root(w.attribute), "Unmanaged "+w.what+" belong to another resource", fmt.Sprintf(
		"%s is %q, and another resource of this configuration owns or plans %s of %s that would go: %s. %s",
		w.attribute, mode, w.what, w.where, strings.Join(names, ", "), fix))
}

// addDoomed says that another resource removes what this one owns or plans.
func (w unmanagedWords) addDoomed(diags *diag.Diagnostics, names []string) {
	if len(names) == 0 {
		return
	}
	diags.AddAttributeError(path.Root(w.root), "Another resource removes what this one manages", fmt.Sprintf(
		"Another resource of this configuration with %s for %s would remove %s that this one owns or plans, because it was planned first: %s. "+
			"Name this resource in depends_on of that one, so that it is read first. One resource alone can remove what is not managed there: all others keep %s = %q.",
		w.attribute, w.where, w.what, strings.Join(names, ", "), w.attribute, unmanagedKeep))
}

// addUnseen says that a plan cannot show what would go.
func (w unmanagedWords) addUnseen(diags *diag.Diagnostics, mode, why string) {
	diags.AddAttributeError(path.Root(w.attribute), "Unable to show what is removed", fmt.Sprintf(
		"%s is %q, and a plan has to show what goes: %s. Leave %s out for this apply, or set it to %q, and change it in a later one.",
		w.attribute, mode, why, w.attribute, unmanagedKeep))
}

// addUnknownMode says that the argument has to be known.
func (w unmanagedWords) addUnknownMode(diags *diag.Diagnostics) {
	diags.AddAttributeError(path.Root(w.attribute), "Unable to show what is removed", fmt.Sprintf(
		"%s is not known yet, and a plan has to show what goes. Give it a value that does not depend on what this apply creates.", w.attribute))
}

// addChanged says what an apply has left because it is no longer what the plan showed.
func (w unmanagedWords) addChanged(diags *diag.Diagnostics, r removal) {
	if len(r.Changed) > 0 {
		diags.AddAttributeWarning(path.Root(w.attribute), "Unmanaged "+w.what+" have changed", fmt.Sprintf(
			"These %s of %s were to be removed, are no longer what the plan showed, and stay: %s. Plan again to see what they are now.", w.what, w.where, r.list(r.Changed)))
	}
}

// addFailed says what an apply could not remove, and what has become of its own.
func (w unmanagedWords) addFailed(diags *diag.Diagnostics, r removal, own string) {
	diags.AddError("Unable to remove the unmanaged "+w.what, fmt.Sprintf(
		"%s These stay in %s, and the next plan shows them again: %s. The %s of this resource itself %s.", asSentence(r.err), w.where, r.list(r.Standing), w.what, own))
}

// removal is what became of what a plan had doomed.
type removal struct {
	cloud.Removal
	doomed map[string]string
	err    error
}

func (r removal) list(ids []string) string {
	var names []string
	for _, id := range slices.Sorted(slices.Values(ids)) {
		names = append(names, r.doomed[id]+" ("+id+")")
	}
	return strings.Join(names, ", ")
}

// shown is revoked_rules after the removal: what has gone, or what had gone before
// if this one has removed nothing.
func (r removal) shown(planned, before types.Map) types.Map {
	if r.err == nil {
		return planned
	}
	gone := maps.Clone(r.doomed)
	maps.DeleteFunc(gone, func(id, _ string) bool { return !slices.Contains(r.Removed, id) })
	if len(gone) == 0 {
		return before
	}
	return revokedValue(gone)
}
