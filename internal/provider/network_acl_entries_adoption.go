// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-clb/terraform-provider-clb/internal/cloud"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// showAdopted puts the places of the adopted entries into the model.
func (m *networkACLEntriesModel) showAdopted(ctx context.Context, entries cloud.ACLEntries) diag.Diagnostics {
	var diags diag.Diagnostics
	m.AdoptedEntries, diags = types.SetValueFrom(ctx, types.StringType, orEmpty(slices.Sorted(maps.Keys(entries.Adopted))))
	return diags
}

// planAdopted plans the places of the adopted entries: not known as long as an
// entry is to be created, because it may turn out to stand there already.
func (m *networkACLEntriesModel) planAdopted(ctx context.Context, planned aclPlan, owned cloud.ACLEntries) diag.Diagnostics {
	stays := cloud.NewACLEntries()
	for _, d := range wiring.Directions() {
		entries, listed := planned[d]
		if !listed || entries.undecided() {
			m.AdoptedEntries = types.SetUnknown(types.StringType)
			return nil
		}
		for _, entry := range entries {
			place := cloud.PlaceName(d, entry.Number)
			if !owned.In(d).At(entry.Number) {
				m.AdoptedEntries = types.SetUnknown(types.StringType)
				return nil
			}
			if owned.Adopted[place] {
				stays.Adopted[place] = true
			}
		}
	}
	return m.showAdopted(ctx, stays)
}

// entryMark names an entry for the handover: where it stands and what it does.
func entryMark(d wiring.Direction, entry cloud.NetworkACLEntry) string {
	return cloud.PlaceName(d, entry.Number) + " " + entry.Describe()
}

// mark is what a predecessor on the same network ACL is to leave.
func (check aclCheck) mark() handoverMark {
	mark := handoverMark{Region: check.region, ID: check.acl}
	for _, d := range wiring.Directions() {
		for _, entry := range check.want.In(d) {
			mark.Keep = append(mark.Keep, entryMark(d, entry))
		}
	}
	slices.Sort(mark.Keep)
	return mark
}

// succeedEntries notes what a creation holds. What a predecessor has left is no
// adoption, unless it had adopted it.
func (d *providerData) succeedEntries(region, acl string, created cloud.ACLEntries) cloud.ACLEntries {
	created = created.Clone()
	for _, direction := range wiring.Directions() {
		for _, entry := range created.In(direction) {
			place := numberPlace(aclCheck{region: region, acl: acl}, direction, entry.Number)
			if left, adopted := d.handovers.take(place); left && !adopted {
				delete(created.Adopted, cloud.PlaceName(direction, entry.Number))
			}
			d.handovers.hold(place)
		}
	}
	return created
}

// leaveEntries leaves out what a deletion leaves, because a successor on the same
// network ACL keeps it.
func (d *providerData) leaveEntries(ctx context.Context, private privateState, region, acl string, owned cloud.ACLEntries) (cloud.ACLEntries, diag.Diagnostics) {
	keep, diags := markedFor(ctx, private, region, acl)
	owned = owned.Clone()
	for _, direction := range wiring.Directions() {
		for key, entry := range owned.In(direction) {
			place := numberPlace(aclCheck{region: region, acl: acl}, direction, entry.Number)
			marked := keep[entryMark(direction, entry)]
			if marked {
				d.handovers.leave(place, owned.Adopted[cloud.PlaceName(direction, entry.Number)])
			}
			if marked || d.handovers.isHeld(place) {
				delete(owned.In(direction), key)
			}
		}
	}
	return owned, diags
}
