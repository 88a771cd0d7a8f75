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
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-clb/terraform-provider-clb/internal/cloud"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// Entries retire as rules of security groups do. One whose number another entry is
// to have stands at a spare number meanwhile, which the plan need not know.

// ownedAll are the entries of a state with those that retire.
func (m networkACLEntriesModel) ownedAll() cloud.ACLEntries {
	owned := m.owned()
	for _, entry := range decodeRetiringEntries(m.RetiringEntries).entries {
		owned.In(entry.Direction)[retiringKey+placeOf(entry)] = entry
	}
	return owned
}

// planRetiring plans retiring_entries: not known if an allow entry goes, because
// only the apply can tell whether it may.
func (m *networkACLEntriesModel) planRetiring(prior types.Map, planned aclPlan, owned cloud.ACLEntries) diag.Diagnostics {
	var diags diag.Diagnostics
	m.RetiringEntries = prior
	before := decodeRetiringEntries(prior)
	held, changes, numbered := 0, false, planned.numbered()
	for _, direction := range wiring.Directions() {
		changes = changes || !slices.Contains(numbered, direction)
	}
	want := planned.want()
	for _, entry := range cloud.GoingEntries(owned, want) {
		if before.neededBy[placeOf(entry)].ValueString() == "" || want.In(entry.Direction).At(entry.Number) {
			changes = true
		} else {
			held++
		}
	}
	if changes || held < len(before.entries) {
		m.RetiringEntries = types.MapUnknown(retiringEntryType())
	} else {
		addStay(&diags, "network_acl_id", entriesStay, before.words())
	}
	return diags
}

// words name the entries that stay and what needs them.
func (r retiringEntries) words() []string {
	var words []string
	for _, entry := range r.entries {
		if needed := r.neededBy[placeOf(entry)].ValueString(); needed != "" {
			words = append(words, fmt.Sprintf("%s rule %d (%s), for the %s", inOut(entry.Direction), entry.Number, entry.Describe(), needed))
		}
	}
	return words
}

func (r *retiringEntries) keep(entry cloud.NetworkACLEntry, neededBy types.String) {
	r.entries = append(r.entries, entry)
	r.neededBy[placeOf(entry)] = neededBy
}

// with are wanted entries with those that stay.
func (r retiringEntries) with(want cloud.ACLEntries) cloud.ACLEntries {
	all := want.Clone()
	for _, entry := range r.entries {
		all.In(entry.Direction)[retiringKey+placeOf(entry)] = entry
	}
	return all
}

// retainEntries tells which of the entries that are not wanted any more stay.
func (d *providerData) retainEntries(ctx context.Context, plan, state networkACLEntriesModel, owned, want cloud.ACLEntries) (retiringEntries, diag.Diagnostics) {
	var diags diag.Diagnostics
	going, before := cloud.GoingEntries(owned, want), decodeRetiringEntries(state.RetiringEntries)
	stay := retiringEntries{neededBy: map[string]types.String{}}
	if !plan.RetiringEntries.IsUnknown() {
		for _, entry := range before.entries {
			stay.keep(entry, before.neededBy[placeOf(entry)])
		}
		return stay, diags
	}
	if len(going) == 0 {
		return stay, diags
	}
	region, id := state.Region.ValueString(), state.NetworkACLID.ValueString()
	live, known := d.seen.acls.known(region, id)
	if !known {
		var err error
		if live, err = d.connection.In(region).NetworkACL(ctx, id); err != nil {
			diags.AddError("Unable to update the network ACL entries", asSentence(err))
			return stay, diags
		}
	}
	prior, planned := state.hop(live.Subnets), plan.hop(live.Subnets)
	needs, unread, why := prior.liveNeeds(planned, d.lookAgain(ctx, region))
	if len(unread) > 0 {
		addKeptUnread(&diags, "entries", unread, why)
		needs = cloud.Everything(fmt.Sprintf(neededUnread, unread[0]))
	}
	retained, lost := live.RetainedEntries(owned, want, needs)
	for _, entry := range retained {
		stay.keep(entry.NetworkACLEntry, neededByValue(entry.NeededBy))
	}
	if len(unread) == 0 {
		addStay(&diags, "network_acl_id", entriesStay, stay.words())
		addLost(&diags, id, lost, "an entry of the configuration denies them, or no rule number is free at which a copy of the entry that goes would let them pass")
	}
	return stay, diags
}

// addLost says what a change of a network ACL closes although the live load
// balancer needs it.
func addLost(diags *diag.Diagnostics, acl string, flows []string, why string) {
	if len(flows) > 0 {
		diags.AddAttributeWarning(path.Root("network_acl_id"), flowsClosed, fmt.Sprintf(
			"With this change of network ACL %s, packets are refused that passed, and that the live load balancer needs until it has moved: %s. The reason: %s.", acl, strings.Join(flows, ", "), why))
	}
}

// changeEntries makes the owned entries the wanted ones and those that stay. If the
// network ACL has no room for both, the wanted ones count.
func (d *providerData) changeEntries(ctx context.Context, region, acl string, owned, want cloud.ACLEntries, stay *retiringEntries) (cloud.ACLEntries, diag.Diagnostics) {
	var diags diag.Diagnostics
	now, err := d.connection.In(region).UpdateEntries(ctx, acl, owned, stay.with(want))
	if cloud.IsEntryLimit(err) && len(stay.entries) > 0 {
		var flows []string
		for _, neededBy := range stay.neededBy {
			flows = append(flows, neededBy.ValueString())
		}
		slices.Sort(flows)
		addLost(&diags, acl, slices.Compact(flows), "the network ACL has no room for the entries that would stay, see the quota \"Rules per network ACL\"")
		*stay = retiringEntries{neededBy: map[string]types.String{}}
		now, err = d.connection.In(region).UpdateEntries(ctx, acl, now, want)
	}
	if err != nil {
		diags.AddError("Unable to update the network ACL entries", asSentence(err))
	}
	return now, diags
}

// showRetiring leaves in the model those of the retiring entries that are still
// owned, and returns the others that are.
func (m *networkACLEntriesModel) showRetiring(owned cloud.ACLEntries) (cloud.ACLEntries, diag.Diagnostics) {
	retiring := decodeRetiringEntries(m.RetiringEntries)
	if len(retiring.entries) == 0 {
		return owned, nil
	}
	rest, now := owned.Clone(), retiringEntries{neededBy: retiring.neededBy}
	for _, d := range wiring.Directions() {
		for _, key := range slices.Sorted(maps.Keys(owned.In(d))) {
			entry := owned.In(d)[key]
			if !strings.HasPrefix(key, retiringKey) {
				continue
			}
			delete(rest.In(d), key)
			delete(rest.Adopted, placeOf(entry))
			// Somebody who has put another entry in its place owns that.
			if slices.ContainsFunc(retiring.entries, entry.Same) {
				now.entries = append(now.entries, entry)
			}
		}
	}
	var diags diag.Diagnostics
	m.RetiringEntries, diags = now.value()
	return rest, diags
}

// refreshRetiringEntries looks whether the load balancers still need the entries that
// retire. What a run that was killed has put aside retires too.
func (d *providerData) refreshRetiringEntries(ctx context.Context, state *networkACLEntriesModel, owned cloud.ACLEntries, acl cloud.NetworkACL) diag.Diagnostics {
	var diags diag.Diagnostics
	retiring := decodeRetiringEntries(state.RetiringEntries)
	for _, entry := range acl.LeftCopies(owned) {
		retiring.keep(entry, types.StringNull())
	}
	if len(retiring.entries) == 0 {
		return diags
	}
	h, now := state.hop(acl.Subnets), acl.Owned(owned)
	want := now.Clone()
	for _, entry := range retiring.entries {
		now.In(entry.Direction)[retiringKey+placeOf(entry)] = entry
		delete(want.In(entry.Direction), retiringKey+placeOf(entry))
	}
	needs, unread, why := h.liveNeeds(h, d.lookOnce(ctx, state.Region.ValueString()))
	if len(unread) > 0 {
		addFactUnread(&diags, "load_balancers", fmt.Sprintf("load balancer %q", unread[0]), why)
	} else {
		for place := range retiring.neededBy {
			retiring.neededBy[place] = types.StringNull()
		}
		retained, _ := acl.RetainedEntries(now, want, needs)
		for _, entry := range retained {
			retiring.neededBy[placeOf(entry.NetworkACLEntry)] = neededByValue(entry.NeededBy)
		}
	}
	var bad diag.Diagnostics
	state.RetiringEntries, bad = retiring.value()
	return append(diags, bad...)
}

// showStaying puts into the model which entries retire after an update: those that
// stay, and, in case the update has failed, those of before.
func (m *networkACLEntriesModel) showStaying(before networkACLEntriesModel, stay retiringEntries) diag.Diagnostics {
	if !m.RetiringEntries.IsUnknown() {
		return nil
	}
	for _, entry := range decodeRetiringEntries(before.RetiringEntries).entries {
		if _, stays := stay.neededBy[placeOf(entry)]; !stays {
			stay.keep(entry, types.StringNull())
		}
	}
	var diags diag.Diagnostics
	m.RetiringEntries, diags = stay.value()
	return diags
}
