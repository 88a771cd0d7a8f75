// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/terraform-clb/terraform-provider-clb/internal/cloud"
	"github.com/terraform-clb/terraform-provider-clb/internal/verify"
)

// judgeACL decides the flows that a network ACL has to let pass, and finds what
// is open beyond them: the live network ACL with the plan of the resource laid
// over it. Directions of which a fact or a rule number is not known yet are
// judged at apply, before anything is written.
func (d *providerData) judgeACL(check aclCheck, live cloud.NetworkACL, in networkACLEntriesInputs, facts liveFacts, v verification) diag.Diagnostics {
	var diags diag.Diagnostics
	if !in.known() || len(check.directions) == 0 || len(in.loadBalancers) == 0 {
		return diags
	}
	question := verify.SubnetACL{
		LoadBalancers: in.plain(), LBPorts: in.lbPorts, VPC: in.judgedVPC(facts), PathMTU: in.pathMTU,
		ACL: d.aclAsPlanned(check, live), Directions: check.directions,
	}
	for _, role := range in.roles {
		question.Roles = append(question.Roles, verify.SubnetRole(role))
	}
	answer, err := question.Judge(v.options)
	if err != nil {
		addVerificationBug(&diags, "network_acl_id", "Network ACL "+check.acl, err)
		return diags
	}
	return v.say(answer.Findings)
}

// aclAsPlanned is a live network ACL with the plan of a resource laid over it:
// without the entries that the resource owns, with those that it plans.
func (d *providerData) aclAsPlanned(check aclCheck, live cloud.NetworkACL) verify.ACL {
	acl := verify.ACL{ID: check.acl, VPCID: live.VPCID, Default: live.Default}
	if !live.Default {
		acl.RemovedBy = check.removedBy
	}
	for _, direction := range check.directions {
		replaced := map[int]bool{}
		for _, entry := range check.owned.In(direction) {
			replaced[entry.Number] = true
		}
		planned := check.planned[direction]
		for _, key := range slices.Sorted(maps.Keys(planned)) {
			entry := planned[key]
			replaced[entry.Number] = true
			one := verify.ACLEntry{Entry: entry.Entry, Deny: entry.Deny, Origin: verify.Derived, Name: entry.name, Unknown: entry.unknown}
			if entry.name != "" {
				one.Origin = verify.Written
			}
			acl.Entries = append(acl.Entries, one)
		}
		for _, entry := range live.Entries {
			if entry.Direction != direction || replaced[entry.Number] || check.goes(entry) {
				continue
			}
			one := verify.ACLEntry{Entry: entry.Entry, Deny: entry.Deny}
			if d.claims.isOwned(numberPlace(check, direction, entry.Number)) {
				one.Origin = verify.Managed
			}
			acl.Entries = append(acl.Entries, one)
		}
	}
	return acl
}
