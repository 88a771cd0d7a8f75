// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/terraform-clb/terraform-provider-clb/internal/cloud"
	"github.com/terraform-clb/terraform-provider-clb/internal/verify"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// checkGroupQuota counts the rules that a direction of a group will have while
// the change is made: new rules are added before old ones are removed. It finds
// too that the quota is nearly used up afterwards.
func (d *providerData) checkGroupQuota(ctx context.Context, check groupCheck, live cloud.SecurityGroup, direction wiring.Direction) ([]verify.Finding, diag.Diagnostics) {
	var diags diag.Diagnostics
	var fresh, present, going []wiring.Rule
	want, owned := check.want.In(direction), check.owned.In(direction)
	for _, rule := range want {
		if rule.ID == "" {
			fresh = append(fresh, rule.Rule)
		}
	}
	for _, rule := range live.Rules {
		// A wanted rule that is there already is counted once.
		again := want[rule.Key()].ID == "" && want[rule.Key()].Same(rule.Rule)
		if rule.Direction == direction && countsAsIPv4(rule.Rule) && !again {
			present = append(present, rule.Rule)
			if owned.Holds(rule.Rule) && !want.Holds(rule.Rule) {
				going = append(going, rule.Rule)
			}
		}
	}
	if len(fresh) == 0 {
		return nil, diags
	}
	if wiring.IsGroupName(check.group) {
		addClassicQuota(&diags, check.group, len(present), len(fresh))
		return nil, diags
	}
	sizes, note := d.prefixListSizes(ctx, check.region, append(present, fresh...))
	there, added := weigh(present, sizes), weigh(fresh, sizes)
	limit := d.limits.rulesPerSecurityGroup
	after := there - weigh(going, sizes) + added
	if there+added <= limit.value {
		return verify.QuotaClose("Security group "+check.group, direction, after, limit.value, limit.configured), diags
	}
	fix := "Split the rules over several groups with lb_ports, declare fewer clients, or have the quota \"Inbound or outbound rules per security group\" raised"
	if after <= limit.value {
		note += fmt.Sprintf(" Only while the change is made: the new rules are authorized before those that go are revoked, so that nothing closes in between, and then there are %d.", after)
		fix = "Make the change in several applies with fewer new rules each, or have the quota \"Inbound or outbound rules per security group\" raised"
	}
	addQuota(&diags, "security_group_id", check.enforcement, limit, fmt.Sprintf(
		"Security group %s would have %d %s rules (%d there now, %d new), and the quota is %d for each direction.%s ",
		check.group, there+added, inOut(direction), there, added, limit.value, note),
		"rules_per_security_group", fix)
	return nil, diags
}

// prefixListSizes looks up how much each prefix list among the rules counts.
func (d *providerData) prefixListSizes(ctx context.Context, region string, rules []wiring.Rule) (sizes map[string]int, note string) {
	var lists []string
	for _, rule := range rules {
		if rule.Peer.PrefixList != "" {
			lists = append(lists, rule.Peer.PrefixList)
		}
	}
	if len(lists) == 0 {
		return nil, ""
	}
	sizes, err := d.connection.In(region).PrefixListSizes(ctx, lists)
	if err != nil {
		return nil, " Each prefix list is counted as one rule, because its size could not be read: " + err.Error()
	}
	for _, list := range lists {
		if _, known := sizes[list]; !known {
			return sizes, fmt.Sprintf(" AWS does not tell the weight of its own prefix list %s, which is counted as one rule.", list)
		}
	}
	return sizes, " A prefix list counts with the most entries that it may have."
}

// weigh counts rules as the quota does.
func weigh(rules []wiring.Rule, sizes map[string]int) int {
	total := 0
	for _, rule := range rules {
		total += max(1, sizes[rule.Peer.PrefixList])
	}
	return total
}

// countsAsIPv4 tells whether a rule counts against the IPv4 quota. A reference
// to a group counts in both families by the stricter of AWS's statements.
func countsAsIPv4(rule wiring.Rule) bool {
	return !rule.Peer.CIDR.IsValid() || rule.Peer.CIDR.Addr().Is4()
}

// addQuota reports an exceeded quota, with the severity that the enforcement gives
// it: it differs while the number is AWS's default, which the account may have raised.
func addQuota(diags *diag.Diagnostics, attribute string, enforcement verify.Enforcement, limit limit, what, argument, fix string) {
	nature, detail := verify.QuotaDefault, fmt.Sprintf("%sThe number is AWS's default. %s; if the account has more, set limits.%s of the provider.", what, fix, argument)
	if limit.configured {
		nature, detail = verify.QuotaKnown, fmt.Sprintf("%sThe number comes from limits.%s of the provider. %s.", what, argument, fix)
	}
	if nature.Severity(enforcement, true) == verify.Error {
		diags.AddAttributeError(path.Root(attribute), "Quota exceeded", detail)
		return
	}
	diags.AddAttributeWarning(path.Root(attribute), "Quota exceeded", detail)
}
