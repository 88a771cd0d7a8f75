// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package verify

import (
	"fmt"
	"slices"
	"strings"

	"github.com/terraform-clb/terraform-provider-clb/internal/packet"
)

// withOnePathMTU makes one finding of those about Path MTU Discovery: one setting
// mends it at all filters.
func withOnePathMTU(findings []Finding) []Finding {
	var others []Finding
	var one Finding
	places := 0
	for _, f := range findings {
		switch {
		case f.ID != PathMTURefused:
			others = append(others, f)
			continue
		case places == 0:
			one = f
		case places == 1:
			one.Regions = one.placed()
			fallthrough
		default:
			one.Blockers = withAll(one.Blockers, f.Blockers)
			one.Regions = withAll(one.Regions, f.placed())
			one.refusals = slices.Concat(one.refusals, f.refusals)
		}
		places++
	}
	if places == 0 {
		return others
	}
	one.Fix = pathMTUFix(one.refusals)
	if places > 1 {
		first := one.refusals[0]
		subject, is := first.need.Flow.subject(nil)
		one.Sentence = fmt.Sprintf("%s %s refused at %d places: e.g. %s.", subject, is, places, first.need.packetWords(first.witness, first.decider.Box))
		one.Nearest = ""
		one.Row = "ICMP type 3 code 4 into the security group of the instances, and both ways through the network ACLs, for Path MTU Discovery"
	}
	return append(others, one)
}

// placed are the regions of a finding, with the filter that refuses them.
func (f Finding) placed() []string {
	return []string{and(f.refusals[0].filter.known()) + ": " + and(f.Regions)}
}

// pathMTUFix says what to do where Path MTU Discovery does not pass some filters.
func pathMTUFix(refusals []refutal) string {
	var steps, acls, groups []string
	var byHand refutal
	for _, r := range refusals {
		switch {
		case slices.ContainsFunc(r.deciders(), func(rule int) bool { return rule != packet.NoRule }):
			steps = withAll(steps, []string{r.fix()})
			continue
		case r.filter.isACL():
			acls = withAll(acls, r.filter.known())
		default:
			groups = withAll(groups, []string{oneOf(r.filter.known())})
		}
		byHand = r
	}
	var where []string
	if len(acls) > 0 {
		where = append(where, "in clb_network_acl_entries for "+and(acls))
	}
	if len(groups) > 0 {
		where = append(where, "in clb_instance_ingress_rules for "+and(groups))
	}
	if len(where) > 0 {
		step := fmt.Sprintf("Set path_mtu_discovery = true %s. Where other resources keep the rules, ", and(where))
		if len(refusals) == 1 {
			fix := byHand.fix()
			step += strings.ToLower(fix[:1]) + fix[1:]
		} else {
			step += "admit there what is refused."
		}
		steps = append(steps, step)
	}
	return strings.Join(steps, " ")
}

func oneOf(ids []string) string {
	if len(ids) > 1 {
		return "one of " + and(ids)
	}
	return and(ids)
}
