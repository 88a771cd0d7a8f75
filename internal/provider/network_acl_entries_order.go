// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/terraform-clb/terraform-provider-clb/internal/cloud"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

const entriesInterrupted = "Network ACL entries interrupted"

// foretellInterruptions says which entries of a live network ACL the change
// closes for some writes, because no order of the writes keeps them open.
func (d *providerData) foretellInterruptions(check aclCheck, live cloud.NetworkACL) diag.Diagnostics {
	var diags diag.Diagnostics
	limit := d.limits.entriesPerNetworkACL
	most := limit.value
	if !limit.configured {
		// The editions of the VPC guide differ in whether the final entry counts.
		most--
	}
	for _, direction := range check.directions {
		if check.fresh || check.planned[direction].undecided() {
			continue
		}
		interrupted := live.Interruptions(direction, check.owned, check.want, most)
		if len(interrupted) == 0 {
			continue
		}
		var entries []string
		for _, one := range interrupted {
			entries = append(entries, fmt.Sprintf("rule %d (%s) for %s", one.Entry.Number, one.Entry.Describe(), countOf(one.Writes, "write")))
		}
		diags.AddAttributeWarning(path.Root("network_acl_id"), entriesInterrupted, fmt.Sprintf(
			"While the %s entries of network ACL %s are changed, packets that pass before and after do not pass in between: %s. %s",
			inOut(direction), check.acl, strings.Join(entries, ", "), wayOut(limit, interrupted[0].NoRoom)))
	}
	return diags
}

// wayOut says why there is no order without an interruption, and what to do.
func wayOut(limit limit, noRoom bool) string {
	if !noRoom {
		return "No rule number is free at which a copy of the entry would let them pass meanwhile. " +
			"Leave a number free in front of the deny entries that follow, with first_rule_number, rule_number_step or rule_number, and plan again."
	}
	counted := fmt.Sprintf("the quota is %d for each direction, as stated in limits.entries_per_network_acl of the provider", limit.value)
	if !limit.configured {
		counted = fmt.Sprintf("AWS's default quota is %d for each direction, in which the final entry * may count", limit.value)
	}
	return "The network ACL has no room for one more entry meanwhile: " + counted + ". " +
		"Have the quota \"Rules per network ACL\" raised (AWS allows up to 40) and set limits.entries_per_network_acl, remove an entry that is not needed, derive fewer with compact = true, or leave the rule numbers as they are."
}

// undecided tells whether a number or the content of an entry is not known yet.
func (p plannedEntries) undecided() bool {
	for _, entry := range p {
		if entry.unknownNumber || entry.unknown != 0 {
			return true
		}
	}
	return false
}

// goingEntries counts the live entries of a direction that the resource owns and
// does not plan any more.
func (check aclCheck) goingEntries(live cloud.NetworkACL, direction wiring.Direction) int {
	going := 0
	for _, entry := range check.owned.In(direction) {
		if _, there := live.EntryAt(direction, entry.Number); there && !check.want.In(direction).At(entry.Number) {
			going++
		}
	}
	return going
}

func countOf(count int, word string) string {
	if count == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", count, word)
}
