// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/terraform-clb/terraform-provider-clb/internal/cloud"
	"github.com/terraform-clb/terraform-provider-clb/internal/verify"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// aclCheck is what is held against the live network ACL at plan.
type aclCheck struct {
	region, acl string
	// configuration identifies the resource in this run.
	configuration configurationSum
	importID      string
	// fresh tells whether there is no prior state.
	fresh bool
	// owned are the entries of the prior state, want the planned ones whose numbers
	// are known.
	owned, want cloud.ACLEntries
	// planned are all planned entries, with their names in the configuration.
	planned aclPlan
	// directions are those whose rule numbers are all known; the others are not checked.
	directions []wiring.Direction
	// keepsAdopted tells whether adopted entries are left as they are.
	keepsAdopted bool
	// enforcement is how strictly what is found stops the plan.
	enforcement verify.Enforcement
	// going are entries that nobody owns and that the plan deletes, by their places.
	going map[string]cloud.NetworkACLEntry
	// removedBy is what to write so that an entry goes that nobody owns. It may be nil.
	removedBy func(wiring.Rule) string
}

// checkACL finds at plan what would stop the apply: the network ACL does not
// exist, a rule number is taken, a quota is exceeded. It warns of entries that are
// adopted.
// It also finds quotas that are nearly used up.
func (d *providerData) checkACL(ctx context.Context, check aclCheck) (live cloud.NetworkACL, seen bool, nearly []verify.Finding, diags diag.Diagnostics) {
	aws := d.connection.In(check.region)
	err := aws.UntilVisible(ctx, func(aws *cloud.Region) (err error) { live, err = aws.NetworkACL(ctx, check.acl); return err })
	if cloud.IsNotFound(err) {
		diags.AddAttributeError(path.Root("network_acl_id"), "Network ACL not found",
			fmt.Sprintf("Network ACL %s does not exist in region %s. Check the id and the region: network ACLs are looked up in the account of the provider's credentials.", check.acl, check.region))
		return live, false, nil, diags
	}
	if err != nil {
		addLiveReadWarning(&diags, "network_acl_id", "network ACL "+check.acl, err)
		return live, false, nil, diags
	}
	var adopted, elsewhere, givenUp []string
	for _, direction := range check.directions {
		fresh := 0
		for _, key := range slices.Sorted(maps.Keys(check.want.In(direction))) {
			entry := check.want.In(direction)[key]
			if check.owned.In(direction).At(entry.Number) {
				continue
			}
			taken, there := live.EntryAt(direction, entry.Number)
			place, name := numberPlace(check, direction, entry.Number), fmt.Sprintf("%s rule %d (%s)", inOut(direction), entry.Number, entry.Describe())
			switch {
			case !there:
				fresh++
				addElsewhere(&diags, check, live, entry)
			case check.fresh && (d.claims.succeed(place) || d.handovers.isLeft(place)):
			case !taken.Same(entry):
				addNumberTaken(&diags, check, key, entry, taken)
			case d.claims.isGivenUp(place):
				givenUp = append(givenUp, name)
			case d.claims.isOwned(place):
				elsewhere = append(elsewhere, name)
			default:
				adopted = append(adopted, name)
			}
		}
		nearly = append(nearly, d.checkEntryQuota(&diags, check, live, direction, fresh)...)
	}
	where := "network ACL " + check.acl
	addOwnedElsewhere(&diags, "network_acl_id", verify.SecondOwner, where, elsewhere, false)
	addOwnedElsewhere(&diags, "network_acl_id", verify.SecondOwner, where, givenUp, true)
	if len(adopted) > 0 {
		addAdopted(&diags, "network_acl_id", "Network ACL "+check.acl, "entries", adopted, check.keepsAdopted, "aws_network_acl_rule or an inline rule of aws_network_acl")
	}
	return live, true, nearly, diags
}

// addElsewhere warns that a derived entry that is to be created stands under
// another number already, where nobody here owns it: only an import owns it there.
func addElsewhere(diags *diag.Diagnostics, check aclCheck, live cloud.NetworkACL, entry cloud.NetworkACLEntry) {
	if check.importID == "" || entry.Deny || !check.fresh {
		return
	}
	for _, other := range live.Entries {
		if other.Direction == entry.Direction && !other.Deny && other.Rule.Same(entry.Rule) && other.Number != entry.Number {
			diags.AddAttributeWarning(path.Root("network_acl_id"), "Entry stands under another number", fmt.Sprintf(
				"Network ACL %s has the %s rule %d (%s) already, and this resource creates the same as rule %d. Both do no harm together. "+
					"To own the one that stands there instead, import it: terraform import ADDRESS %s.",
				check.acl, inOut(entry.Direction), other.Number, other.Describe(), entry.Number, check.importID))
			return
		}
	}
}

func addNumberTaken(diags *diag.Diagnostics, check aclCheck, key string, entry, taken cloud.NetworkACLEntry) {
	name := check.planned[entry.Direction][key].name
	if name != "" {
		attribute, _, _ := strings.Cut(name, "[")
		diags.AddAttributeError(path.Root(attribute), verify.NumberTaken.Summary(),
			fmt.Sprintf("%s has rule number %d, and in network ACL %s that %s number is taken by another entry: %s. Choose another rule_number.",
				name, entry.Number, check.acl, inOut(entry.Direction), taken.Describe()))
		return
	}
	diags.AddAttributeError(path.Root("first_rule_number"), verify.NumberTaken.Summary(),
		fmt.Sprintf("The %s entry %q of network ACL %s would get rule number %d, and that number is taken by another entry: %s. "+
			"Set first_rule_number (or rule_number_step) so that the numbers are free.",
			inOut(entry.Direction), entry.Key(), check.acl, entry.Number, taken.Describe()))
}

func (d *providerData) checkEntryQuota(diags *diag.Diagnostics, check aclCheck, live cloud.NetworkACL, direction wiring.Direction, fresh int) []verify.Finding {
	present := 0
	for _, entry := range live.Entries {
		if entry.Direction == direction {
			present++
		}
	}
	present -= check.goingEntries(live, direction)
	total, limit := present+fresh, d.limits.entriesPerNetworkACL
	if fresh == 0 {
		return nil
	}
	if total > limit.value {
		addQuota(diags, "network_acl_id", check.enforcement, limit, fmt.Sprintf(
			"Network ACL %s would have %d %s entries (%d that stay, %d new), and the quota is %d for each direction. ",
			check.acl, total, inOut(direction), present, fresh, limit.value),
			"entries_per_network_acl", "Declare fewer clients or listeners for this network ACL, or have the quota \"Rules per network ACL\" raised (AWS allows up to 40)")
		return nil
	}
	return verify.QuotaClose("Network ACL "+check.acl, direction, total, limit.value, limit.configured)
}

// claimNumbers claims the planned rule numbers for this resource in this run
// and reports those that another resource has planned too.
func (d *providerData) claimNumbers(check aclCheck) diag.Diagnostics {
	diags := d.settleNumbers(check)
	var twice []string
	for _, direction := range check.directions {
		var numbers []int
		for _, entry := range check.want.In(direction) {
			if d.claims.take(numberPlace(check, direction, entry.Number), check.configuration, check.fresh, !check.owned.In(direction).At(entry.Number)) {
				numbers = append(numbers, entry.Number)
			}
		}
		slices.Sort(numbers)
		for _, number := range numbers {
			twice = append(twice, fmt.Sprintf("%s %d", inOut(direction), number))
		}
	}
	if len(twice) > 0 {
		diags.AddAttributeError(path.Root("first_rule_number"), verify.NumberTaken.Summary(),
			fmt.Sprintf("Two resources plan entries with the same rule numbers in network ACL %s: %s. "+
				"Set first_rule_number on one of them, or put the subnet_roles and load_balancers of both into one resource.",
				check.acl, strings.Join(twice, ", ")))
	}
	return diags
}

// settleNumbers notes which of the owned rule numbers this resource goes on to
// plan and which it gives up, and reports those that another resource takes over.
func (d *providerData) settleNumbers(check aclCheck) diag.Diagnostics {
	var diags diag.Diagnostics
	for _, direction := range check.directions {
		for _, key := range slices.Sorted(maps.Keys(check.owned.In(direction))) {
			number := check.owned.In(direction)[key].Number
			place := numberPlace(check, direction, number)
			if check.want.In(direction).At(number) {
				d.claims.own(place)
			} else if d.claims.giveUp(place) && !d.handovers.isHeld(place) {
				diags.AddAttributeError(path.Root("network_acl_id"), verify.NumberTaken.Summary(),
					fmt.Sprintf("This resource gives up the %s rule number %d (%s) of network ACL %s, and another resource plans it. "+
						"Apply one after the other; if the resource was renamed, a moved block keeps its entries.", inOut(direction), number, key, check.acl))
			}
		}
	}
	return diags
}

func numberPlace(check aclCheck, direction wiring.Direction, number int) claim {
	return claim{region: check.region, owner: check.acl, direction: string(direction), what: strconv.Itoa(number)}
}

// clientNotes says for which clients an entry admits more than was declared.
func (in networkACLEntriesInputs) clientNotes() diag.Diagnostics {
	var diags diag.Diagnostics
	if !slices.Contains(in.roles, roleLoadBalancer) {
		return diags
	}
	for _, lb := range in.managed() {
		names := lb.ClientsWithoutAddress()
		if len(names) == 0 {
			continue
		}
		source := "0.0.0.0/0"
		if lb.Internal {
			source = "the VPC CIDRs " + wiring.FormatCIDRs(in.vpc)
		}
		diags.AddAttributeWarning(path.Root("clients"), "Clients that a network ACL cannot name",
			fmt.Sprintf("A network ACL entry names networks only, so for the declared clients %s of %s the entries admit %s. The security group of the load balancer still admits the declared clients alone.",
				strings.Join(names, ", "), lb.Label(), source))
	}
	return diags
}

// roleList are the roles as an import id spells them.
func (in networkACLEntriesInputs) roleList() string {
	var names []string
	for _, role := range in.roles {
		names = append(names, string(role))
	}
	return strings.Join(names, ",")
}
