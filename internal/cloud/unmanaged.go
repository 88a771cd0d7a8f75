// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"context"
	"maps"
	"slices"

	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// Removal is what became of rules or entries that no resource owns and that a plan
// has named for removal.
type Removal struct {
	// Removed are those that this run has removed.
	Removed []string
	// Changed are those that stand and are no longer what the plan named: they are left.
	Changed []string
	// Standing are those that could not be removed.
	Standing []string
}

// RevokeUnmanaged revokes rules of a security group by their ids, one call a
// direction, if they still are what isNamed takes them for. One that has gone
// already needs nothing. With an error, it tells how far it came.
func (r *Region) RevokeUnmanaged(ctx context.Context, group string, ids []string, isNamed func(SecurityGroupRule) bool) (Removal, error) {
	var done Removal
	live, err := r.SecurityGroupRules(ctx, group)
	if err != nil {
		done.Standing = slices.Clone(ids)
		return done, err
	}
	going := map[wiring.Direction][]string{}
	for _, rule := range live {
		switch {
		case !slices.Contains(ids, rule.ID):
		case isNamed(rule):
			going[rule.Direction] = append(going[rule.Direction], rule.ID)
		default:
			done.Changed = append(done.Changed, rule.ID)
		}
	}
	for _, d := range wiring.Directions() {
		if len(going[d]) == 0 {
			continue
		}
		if err := r.Revoke(ctx, group, d, going[d]); err != nil {
			// Whether AWS has done a part of it shows in the group.
			now, readErr := r.rulesAfter(ctx, group)
			for _, one := range slices.Concat(slices.Collect(maps.Values(going))...) {
				stands := slices.ContainsFunc(now, func(rule SecurityGroupRule) bool { return rule.ID == one })
				switch {
				case slices.Contains(done.Removed, one):
				case readErr != nil || stands:
					done.Standing = append(done.Standing, one)
				default:
					done.Removed = append(done.Removed, one)
				}
			}
			return done, err
		}
		done.Removed = append(done.Removed, going[d]...)
	}
	return done, nil
}

// DeleteUnmanaged deletes entries of a network ACL by their places, see
// [PlaceName], if they still are what isNamed takes them for. One that has gone
// already needs nothing. With an error, it tells how far it came.
//
// The entries allow, so their order does not matter: a packet that passes before
// and after is decided in between by one of them, or by the entry that decides it
// afterwards.
func (r *Region) DeleteUnmanaged(ctx context.Context, aclID string, places []string, isNamed func(NetworkACLEntry) bool) (Removal, error) {
	var done Removal
	acl, err := r.NetworkACL(ctx, aclID)
	if err != nil {
		done.Standing = slices.Clone(places)
		return done, err
	}
	var failure error
	for _, entry := range acl.Entries {
		place := PlaceName(entry.Direction, entry.Number)
		switch {
		case !slices.Contains(places, place):
		case entry.Deny || !isNamed(entry):
			done.Changed = append(done.Changed, place)
		case failure != nil:
			done.Standing = append(done.Standing, place)
		default:
			if failure = r.DeleteEntry(ctx, aclID, entry.Direction, entry.Number); failure != nil {
				done.Standing = append(done.Standing, place)
				continue
			}
			done.Removed = append(done.Removed, place)
		}
	}
	return done, failure
}
