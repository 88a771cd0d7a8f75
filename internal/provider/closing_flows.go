// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/terraform-clb/terraform-provider-clb/internal/cloud"
)

// foretellClosedByRules says which flows of live load balancers close when all
// rules of a state are destroyed: those that pass the group now and will not then.
func (d *providerData) foretellClosedByRules(ctx context.Context, gone groupCheck, before hop) diag.Diagnostics {
	needs, diags := d.needsAtDestroy(ctx, gone.region, before)
	if len(needs) == 0 || gone.owned.Empty() {
		return diags
	}
	live, known := d.seen.groups.known(gone.region, gone.group)
	if !known {
		var err error
		live, err = d.connection.In(gone.region).SecurityGroup(ctx, gone.group)
		if err != nil {
			return append(diags, closingUnread("security_group_id", "security group "+gone.group, err)...)
		}
	}
	addClosing(&diags, "security_group_id", "security group "+gone.group, cloud.ClosedByRevoking(live.Rules, gone.owned, needs))
	return diags
}

// foretellClosedByEntries says the same of the entries of a network ACL.
func (d *providerData) foretellClosedByEntries(ctx context.Context, state networkACLEntriesModel, owned cloud.ACLEntries) diag.Diagnostics {
	region, id := state.Region.ValueString(), state.NetworkACLID.ValueString()
	live, known := d.seen.acls.known(region, id)
	if owned.Empty() || len(state.hop(nil).names(hop{})) == 0 {
		return nil
	}
	if !known {
		var err error
		if live, err = d.connection.In(region).NetworkACL(ctx, id); err != nil {
			return closingUnread("network_acl_id", "network ACL "+id, err)
		}
	}
	needs, diags := d.needsAtDestroy(ctx, region, state.hop(live.Subnets))
	addClosing(&diags, "network_acl_id", "network ACL "+id, live.ClosedByDeleting(owned, needs))
	return diags
}

// needsAtDestroy are what the live load balancers of a state need of its hop.
func (d *providerData) needsAtDestroy(ctx context.Context, region string, before hop) ([]cloud.Need, diag.Diagnostics) {
	var diags diag.Diagnostics
	needs, unread, why := before.liveNeeds(hop{}, d.lookOnce(ctx, region))
	if len(unread) > 0 {
		diags = closingUnread("load_balancers", fmt.Sprintf("load balancer %q", unread[0]), why)
	}
	return needs, diags
}

// addClosing says which flows close.
func addClosing(diags *diag.Diagnostics, attribute, where string, flows []string) {
	if len(flows) == 0 {
		return
	}
	diags.AddAttributeWarning(path.Root(attribute), flowsClosed, fmt.Sprintf(
		"Without the rules that this plan destroys, packets are refused that pass %s now, and that a live load balancer needs: %s. "+
			"If the load balancer is to go on working, let another resource create its rules before these go; if it goes too, nothing is to be done.", where, strings.Join(flows, ", ")))
}

// closingUnread says in few words that nothing can be foretold; who is gone has no
// flows.
func closingUnread(attribute, what string, err error) diag.Diagnostics {
	var diags diag.Diagnostics
	if !cloud.IsNotFound(err) {
		diags.AddAttributeWarning(path.Root(attribute), "Unable to check against AWS",
			fmt.Sprintf("The plan does not tell which flows close, because %s could not be read. %s", what, asSentence(err)))
	}
	return diags
}
