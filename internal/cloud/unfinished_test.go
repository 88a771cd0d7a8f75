// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package cloud_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/terraform-clb/terraform-provider-clb/internal/cloud"
	"github.com/terraform-clb/terraform-provider-clb/internal/fakeaws"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// expire lets the credentials expire before the k-th write, counted from 0, for
// good. They are renewed with what is returned.
func (d *double) expire(k int) (renew func()) {
	writes := 0
	return d.server.Inject(fakeaws.Fault{Kind: fakeaws.Fail, Code: "RequestExpired", Status: 400, Message: "Request has expired.", Match: func(c fakeaws.Call) bool {
		if c.Write() {
			writes++
		}
		return writes > k
	}})
}

const expired = " failed. AWS answered RequestExpired: Request has expired. The clock of this machine differs from AWS's, or the credentials have expired: check both."

// wantText compares an error with a text in which {group}, {acl} and {app} are ids.
func wantText(t *testing.T, err error, want string, ids ...string) {
	t.Helper()
	if err == nil {
		t.Error("there is no error")
	} else if want = strings.NewReplacer(ids...).Replace(want); err.Error() != want {
		t.Errorf("got\n%s\nwant\n%s", err, want)
	}
}

// TestUnfinishedRules: credentials expire in the middle of a change. The error
// says what happened, what stands in AWS now and how to go on, and going on works.
func TestUnfinishedRules(t *testing.T) {
	t.Parallel()
	d := startGroup(t, 1, fakeaws.Config{})
	ids := []string{"{group}", d.group, "{app}", d.app}
	before := cloud.RulesOf([]wiring.Rule{in(80, "0.0.0.0/0"), d.out(8080)})
	after := cloud.RulesOf([]wiring.Rule{in(80, "0.0.0.0/0"), in(443, "0.0.0.0/0"), d.out(9090)})

	// The second write and taking back the first one fail.
	renew := d.expire(1)
	left, err := d.CreateRules(t.Context(), d.group, before, nil, nil)
	d.wantOwned(left)
	id := left.Ingress["tcp 80 from 0.0.0.0/0"].ID
	wantText(t, err, "ec2:AuthorizeSecurityGroupEgress on security group {group}"+expired+
		"\n\nThe rules that were written before could not be taken back: ec2:RevokeSecurityGroupIngress on security group {group}"+expired+
		"\n\nThey are still in security group {group} and stay in the state, so that the next apply can replace them: ingress \"tcp 80 from 0.0.0.0/0\" ("+id+")", ids...)
	renew()

	owned := must(d.UpdateRules(t.Context(), d.group, left, before, nil, nil))(t)
	for _, tt := range []struct {
		k    int
		want string
	}{
		{0, "ec2:AuthorizeSecurityGroupIngress on security group {group}" + expired +
			"\n\nNow security group {group} has 2 rules of this resource. Still to be created: ingress \"tcp 443 from 0.0.0.0/0\", egress \"tcp 9090 to {app}\"." +
			" Still to be revoked: egress \"tcp 8080 to {app}\" (ID). The state holds what is there now, and the next apply goes on from there"},
		{1, "ec2:AuthorizeSecurityGroupEgress on security group {group}" + expired +
			"\n\nNow security group {group} has 3 rules of this resource. Still to be created: egress \"tcp 9090 to {app}\"." +
			" Still to be revoked: egress \"tcp 8080 to {app}\" (ID). The state holds what is there now, and the next apply goes on from there"},
		{1, "ec2:RevokeSecurityGroupEgress on security group {group}" + expired +
			"\n\nNow security group {group} has 4 rules of this resource." +
			" Still to be revoked: egress \"tcp 8080 to {app}\" (ID). The state holds what is there now, and the next apply goes on from there"},
	} {
		renew := d.expire(tt.k)
		owned, err = d.UpdateRules(t.Context(), d.group, owned, after, nil, nil)
		renew()
		d.wantOwned(owned)
		wantText(t, err, tt.want, append(ids, "ID", owned.Egress["tcp 8080 to "+d.app].ID)...)
	}
	owned = must(d.UpdateRules(t.Context(), d.group, owned, after, nil, nil))(t)
	d.wantOwned(owned)

	renew = d.expire(1)
	remain, err := d.DeleteRules(t.Context(), d.group, owned)
	renew()
	d.wantOwned(remain)
	wantText(t, err, "ec2:RevokeSecurityGroupEgress on security group {group}"+expired+
		"\n\nNow security group {group} has 1 rule of this resource. Still to be revoked: egress \"tcp 9090 to {app}\" (ID)."+
		" The state holds what is there now, and the next apply goes on from there", append(ids, "ID", remain.Egress["tcp 9090 to "+d.app].ID)...)
	must(d.DeleteRules(t.Context(), d.group, remain))(t)
	d.wantLive()

	d.failWrite(1, fakeaws.Fault{Kind: fakeaws.Fail, Times: 1, Code: "RequestExpired", Status: 400, Message: "Request has expired."})
	left, err = d.CreateRules(t.Context(), d.group, before, nil, nil)
	wantText(t, err, "ec2:AuthorizeSecurityGroupEgress on security group {group}"+expired+
		"\n\nNothing of this resource remains in security group {group}, and the next apply begins anew", ids...)
	d.wantOwned(left)
}

// TestUnfinishedDescriptions: what is still to be described is named as well.
func TestUnfinishedDescriptions(t *testing.T) {
	t.Parallel()
	d := startGroup(t, 1, fakeaws.Config{})
	written := func(comment string) cloud.GroupRules {
		rule := in(80, "0.0.0.0/0")
		rule.Comment = comment
		return cloud.GroupRules{Ingress: cloud.OwnedRules{"everybody": {Rule: rule, Described: true}}}
	}
	owned := must(d.CreateRules(t.Context(), d.group, written("before"), nil, nil))(t)
	d.expire(0)
	_, err := d.UpdateRules(t.Context(), d.group, owned, written("after"), nil, nil)
	wantText(t, err, "ec2:ModifySecurityGroupRules on security group {group}"+expired+
		"\n\nNow security group {group} has 1 rule of this resource. Still to be described anew: ingress \"everybody\"."+
		" The state holds what is there now, and the next apply goes on from there", "{group}", d.group)
}

// TestUnfinishedEntries is the same for a network ACL.
func TestUnfinishedEntries(t *testing.T) {
	t.Parallel()
	d := startACL(t, 1, fakeaws.Config{})
	before := rowsIn(wiring.Ingress, row{100, 80, 80, "0.0.0.0/0"}, row{110, 443, 443, "0.0.0.0/0"})
	after := rowsIn(wiring.Ingress, row{100, 80, 80, "10.0.0.0/8"}, row{120, 8443, 8443, "0.0.0.0/0"})
	owned := must(d.CreateEntries(t.Context(), d.acl, nil, before))(t)
	const goesOn = " The state holds what is there now, and the next apply goes on from there"
	renew := d.expire(0)
	owned, err := d.UpdateEntries(t.Context(), d.acl, owned, after)
	renew()
	d.wantOwned(owned)
	wantText(t, err, "ec2:CreateNetworkAclEntry on ingress rule number 120 of network ACL {acl}"+expired+
		"\n\nNow network ACL {acl} has 2 entries of this resource. Still to be written: ingress rule 100 (allow tcp 80 from 10.0.0.0/8), ingress rule 120 (allow tcp 8443 from 0.0.0.0/0)."+
		" Still to be deleted: ingress rule 110 (allow tcp 443 from 0.0.0.0/0)."+goesOn, "{acl}", d.acl)
	owned = must(d.UpdateEntries(t.Context(), d.acl, owned, after))(t)
	d.wantOwned(owned)

	renew = d.expire(1)
	remain, err := d.DeleteEntries(t.Context(), d.acl, owned)
	renew()
	d.wantOwned(remain)
	wantText(t, err, "ec2:DeleteNetworkAclEntry on ingress rule number 120 of network ACL {acl}"+expired+
		"\n\nNow network ACL {acl} has 1 entry of this resource. Still to be deleted: ingress rule 120 (allow tcp 8443 from 0.0.0.0/0)."+goesOn, "{acl}", d.acl)
	must(d.DeleteEntries(t.Context(), d.acl, remain))(t)

	d.failWrite(1, fakeaws.Fault{Kind: fakeaws.Fail, Times: 1, Code: "RequestExpired", Status: 400, Message: "Request has expired."})
	_, err = d.CreateEntries(t.Context(), d.acl, nil, before)
	wantText(t, err, "ec2:CreateNetworkAclEntry on ingress rule number 110 of network ACL {acl}"+expired+
		"\n\nNothing of this resource remains in network ACL {acl}, and the next apply begins anew", "{acl}", d.acl)
}

// TestUnfinishedLongList: a message lists ten and counts the rest.
func TestUnfinishedLongList(t *testing.T) {
	t.Parallel()
	d := startGroup(t, 1, fakeaws.Config{})
	var rules []wiring.Rule
	for i := range 12 {
		rules = append(rules, in(1000+i, "0.0.0.0/0"))
	}
	d.expire(0)
	_, err := d.UpdateRules(t.Context(), d.group, cloud.RulesOf(nil), cloud.RulesOf(rules), nil, nil)
	if err == nil || strings.Count(err.Error(), fmt.Sprintf("%q", "tcp 1009 from 0.0.0.0/0")) != 1 || !strings.Contains(err.Error(), " and 2 more. ") {
		t.Errorf("got %v", err)
	}
}
