// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-clb/terraform-provider-clb/internal/cloud"
	"github.com/terraform-clb/terraform-provider-clb/internal/verify"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// unmanagedEntriesAttributes are the schema of unmanaged_entries and revoked_entries.
func unmanagedEntriesAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"unmanaged_entries": unmanagedAttribute("What becomes of the allow entries of the network ACL that no resource of this provider owns; deny entries always stay. " +
			"`keep` (the default) leaves them. `revoke_broader` deletes the less restrictive entries that the recommended ones make needless: TCP entries for nothing but this load balancer's listener, instance and health check ports, whose network strictly contains the recommended one; " +
			"wider port ranges, those for replies and entries for all protocols stay, because they carry other traffic too. `revoke` deletes every other allow entry in both directions. " +
			"The plan shows what goes in `revoked_entries`, and the entries of this resource are created first. Deleted entries do not come back when the resource is destroyed. " +
			"Refused for the default network ACL of a VPC. If other resources of this provider have entries in the network ACL, name them in `depends_on`, so that these are known and stay."),
		"revoked_entries": revokedAttribute("The entries that `unmanaged_entries` has deleted last, or in a plan those that it deletes: what they do, for example `allow tcp 8080 from 0.0.0.0/0`, by their places, such as `ingress/90`."),
	}
}

func (m networkACLEntriesModel) unmanaged() unmanagedArguments {
	return unmanagedArguments{m.UnmanagedEntries, m.RevokedEntries}
}

func (m *networkACLEntriesModel) setUnmanaged(a unmanagedArguments) {
	m.UnmanagedEntries, m.RevokedEntries = a.mode, a.revoked
}

func entryUnmanagedWords(acl string) unmanagedWords {
	return unmanagedWords{
		attribute: "unmanaged_entries", root: "network_acl_id", what: "entries", where: "network ACL " + acl,
	}
}

// planRevokedEntries plans revoked_entries. The entries that go are noted in the
// change by their places, and whether the network ACL has to be looked at because
// of them.
func (d *providerData) planRevokedEntries(ctx context.Context, req resource.ModifyPlanRequest, c *aclChange) diag.Diagnostics {
	var diags diag.Diagnostics
	before := noUnmanaged()
	if !c.fresh {
		before = c.before.unmanaged().completed()
	}
	c.plan.RevokedEntries = before.revoked
	mode, words := c.plan.UnmanagedEntries.ValueString(), entryUnmanagedWords(c.plan.NetworkACLID.ValueString())
	if c.plan.UnmanagedEntries.IsUnknown() {
		words.addUnknownMode(&diags)
		return diags
	}
	c.revokes = !before.mode.Equal(c.plan.UnmanagedEntries)
	if d == nil || c.replaces() || mode == unmanagedKeep || c.plan.NetworkACLID.IsUnknown() || c.plan.Region.IsUnknown() {
		c.revokes = false
		return diags
	}
	standing := map[string]cloud.NetworkACLEntry{}
	if c.fresh {
		acl, err := d.connection.In(c.plan.Region.ValueString()).NetworkACL(ctx, c.plan.NetworkACLID.ValueString())
		if err != nil && !cloud.IsNotFound(err) {
			words.addUnseen(&diags, mode, "the entries of the network ACL cannot be read. "+strings.TrimSuffix(asSentence(err), "."))
			return diags
		}
		for _, entry := range acl.Entries {
			standing[placeOf(entry)] = entry
		}
		if undecided := c.undecidedEntry(mode, standing); undecided != "" {
			words.addUnseen(&diags, mode, fmt.Sprintf("what this resource recommends is not all known yet, and the entry %s stands in the network ACL and may be one that goes", undecided))
			return diags
		}
	} else {
		note, bad := notedUnmanaged[cloud.NetworkACLEntry](ctx, req.Private)
		diags.Append(bad...)
		standing = note.mine()
	}
	c.going = c.goingEntries(mode, standing)
	if len(c.going) > 0 {
		c.revokes = true
		shown := make(map[string]string, len(c.going))
		for place, entry := range c.going {
			shown[place] = entry.Describe()
		}
		c.plan.RevokedEntries = revokedValue(shown)
	}
	return diags
}

// goingEntries are those of the standing entries that go.
func (c aclChange) goingEntries(mode string, standing map[string]cloud.NetworkACLEntry) map[string]cloud.NetworkACLEntry {
	going := map[string]cloud.NetworkACLEntry{}
	for _, direction := range wiring.Directions() {
		rows, inPlace := c.recommended(direction)
		for place, entry := range standing {
			if entry.Direction != direction || entry.Deny || c.planned.want().In(direction).At(entry.Number) {
				continue
			}
			if mode == unmanagedRevoke || inPlace && verify.LessRestrictive(entry.Rule, rows, nil) {
				going[place] = entry
			}
		}
	}
	return going
}

// entriesKnown tells whether the recommended entries of a direction and those that
// are planned are known.
func (c aclChange) entriesKnown(direction wiring.Direction) bool {
	planned, listed := c.planned[direction]
	return c.in.known() && listed && !planned.undecided()
}

// recommended are the rows of the tables for a direction, those of the prior state
// while the new ones are not known, and whether what is planned, or stands, covers
// them all.
func (c aclChange) recommended(direction wiring.Direction) (rows []wiring.Rule, inPlace bool) {
	in, standing := c.in, c.planned.want()
	if !c.entriesKnown(direction) {
		standing = c.owned
		// What was wrong with the prior arguments was told when they were planned.
		in, _ = c.before.decode("")
	}
	var allowed []wiring.Rule
	for _, entry := range standing.In(direction) {
		if !entry.Deny {
			allowed = append(allowed, entry.Rule)
		}
	}
	rows = wiring.InDirection(in.tables(), direction)
	return rows, verify.Covers(allowed, rows)
}

// broaderRemoval is what to write so that an entry goes that nobody owns; empty if it
// stays, or if the configuration says already what becomes of it.
func (c aclChange) broaderRemoval() func(wiring.Rule) string {
	if c.plan.UnmanagedEntries.ValueString() != unmanagedKeep {
		return nil
	}
	return func(rule wiring.Rule) string {
		rows, inPlace := c.recommended(rule.Direction)
		if !c.entriesKnown(rule.Direction) || !inPlace || !verify.LessRestrictive(rule, rows, nil) {
			return ""
		}
		return entryUnmanagedWords(c.plan.NetworkACLID.ValueString()).broaderRemoval()
	}
}

// undecidedEntry is a standing entry that may go once everything is known; empty
// if there is none.
func (c aclChange) undecidedEntry(mode string, standing map[string]cloud.NetworkACLEntry) string {
	for _, place := range slices.Sorted(maps.Keys(standing)) {
		entry := standing[place]
		if entry.Deny || c.entriesKnown(entry.Direction) {
			continue
		}
		if mode == unmanagedRevoke || mayBeLessRestrictive(entry.Rule, portsOf(c.in.wiringInputs), c.in.instanceRowsKnown()) {
			return entryName(entry)
		}
	}
	return ""
}

func entryName(entry cloud.NetworkACLEntry) string {
	return fmt.Sprintf("%s rule %d (%s)", inOut(entry.Direction), entry.Number, entry.Describe())
}

// checkRevokedEntries refuses to delete what must stay, and warns of what goes.
func (d *providerData) checkRevokedEntries(check aclCheck, live cloud.NetworkACL, seen bool, mode string) diag.Diagnostics {
	var diags diag.Diagnostics
	words := entryUnmanagedWords(check.acl)
	if mode == unmanagedKeep {
		return diags
	}
	if !seen && len(check.going) > 0 {
		words.addRefused(&diags, mode, "Unable to show what is removed", "the network ACL cannot be read, so that nobody can tell whether it is the default one of its VPC")
		return diags
	}
	if live.Default {
		words.addRefused(&diags, mode, "Network ACL is the default one", words.where+" is the default network ACL of "+live.VPCID+", which guards every subnet that nobody has given another one")
		return diags
	}
	var names, elsewhere []string
	for _, place := range slices.Sorted(maps.Keys(check.going)) {
		entry := check.going[place]
		if at := numberPlace(check, entry.Direction, entry.Number); d.claims.isOthers(at, check.configuration) {
			elsewhere = append(elsewhere, entryName(entry))
		} else {
			d.claims.doom(at, check.configuration)
			names = append(names, entryName(entry))
		}
	}
	words.addElsewhere(&diags, mode, elsewhere, check.fresh)
	words.addRevoked(&diags, mode, names, check.fresh)
	return diags
}

// goes tells whether the plan deletes an entry that nobody owns.
func (check aclCheck) goes(entry cloud.NetworkACLEntry) bool {
	going, goes := check.going[placeOf(entry)]
	return goes && going.Same(entry)
}

// checkDoomedEntries reports planned entries that another resource would delete.
func (d *providerData) checkDoomedEntries(check aclCheck) diag.Diagnostics {
	var diags diag.Diagnostics
	var names []string
	for _, direction := range check.directions {
		for _, entry := range check.want.In(direction) {
			if d.claims.isDoomed(numberPlace(check, direction, entry.Number), check.configuration) {
				names = append(names, entryName(entry))
			}
		}
	}
	slices.Sort(names)
	entryUnmanagedWords(check.acl).addDoomed(&diags, names)
	return diags
}

// noteUnmanagedEntries notes the entries of a network ACL that the resource does not own.
func (d *providerData) noteUnmanagedEntries(ctx context.Context, private privateState, state *networkACLEntriesModel, acl cloud.NetworkACL, owned cloud.ACLEntries) diag.Diagnostics {
	note := unmanagedNote[cloud.NetworkACLEntry]{Standing: map[string]cloud.NetworkACLEntry{}}
	for _, entry := range acl.Entries {
		if owned.In(entry.Direction).At(entry.Number) {
			continue
		}
		place := placeOf(entry)
		note.Standing[place] = entry
		if d.claims.isElsewhere(numberPlace(aclCheck{region: state.Region.ValueString(), acl: acl.ID}, entry.Direction, entry.Number)) {
			note.Others = append(note.Others, place)
		}
	}
	arguments, diags := state.unmanaged().completed().without(ctx, func(place string) bool { _, stands := note.Standing[place]; return stands })
	state.setUnmanaged(arguments)
	return append(diags, note.leave(ctx, private)...)
}

// deleteUnmanaged deletes what the plan has shown, after the entries of the resource
// are in place. What it did not show stays, and so does what is owned by now. The
// network ACL is held already.
func (d *providerData) deleteUnmanaged(ctx context.Context, model *networkACLEntriesModel, before types.Map, owned cloud.ACLEntries) (removal, diag.Diagnostics) {
	doomed, diags := model.unmanaged().doomed(ctx, before)
	for _, direction := range wiring.Directions() {
		for _, entry := range owned.In(direction) {
			delete(doomed, cloud.PlaceName(direction, entry.Number))
		}
	}
	r := removal{doomed: doomed}
	if len(doomed) == 0 {
		return r, diags
	}
	r.Removal, r.err = d.connection.In(model.Region.ValueString()).DeleteUnmanaged(ctx, model.NetworkACLID.ValueString(), slices.Sorted(maps.Keys(doomed)), func(entry cloud.NetworkACLEntry) bool {
		return entry.Describe() == doomed[placeOf(entry)]
	})
	entryUnmanagedWords(model.NetworkACLID.ValueString()).addChanged(&diags, r)
	model.RevokedEntries = r.shown(model.RevokedEntries, before)
	return r, diags
}

// deleteAfterCreation deletes what goes with a creation. If that fails before
// anything has gone, the creation is taken back, because nobody depends on it yet.
// The result are the entries that remain.
func (d *providerData) deleteAfterCreation(ctx context.Context, model *networkACLEntriesModel, created cloud.ACLEntries) (cloud.ACLEntries, diag.Diagnostics) {
	r, diags := d.deleteUnmanaged(ctx, model, revokedValue(nil), created)
	if r.err == nil {
		return created, diags
	}
	own := "are in place and in the state"
	if len(r.Removed) == 0 {
		created.Left = true
		remain, err := d.connection.In(model.Region.ValueString()).DeleteEntries(context.WithoutCancel(ctx), model.NetworkACLID.ValueString(), created)
		if created, own = remain, "were taken back"; err != nil {
			own = "could not all be taken back, and those that are left are in the state"
		}
	}
	entryUnmanagedWords(model.NetworkACLID.ValueString()).addFailed(&diags, r, own)
	return created, diags
}

// deleteAfterUpdate deletes what goes with an update.
func (d *providerData) deleteAfterUpdate(ctx context.Context, private privateState, model *networkACLEntriesModel, before types.Map, owned cloud.ACLEntries) diag.Diagnostics {
	r, diags := d.deleteUnmanaged(ctx, model, before, owned)
	if r.err != nil {
		entryUnmanagedWords(model.NetworkACLID.ValueString()).addFailed(&diags, r, "are in place")
	}
	return append(diags, unmanagedNote[cloud.NetworkACLEntry]{}.leave(ctx, private)...)
}
