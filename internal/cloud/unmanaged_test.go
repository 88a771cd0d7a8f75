// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package cloud_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/terraform-clb/terraform-provider-clb/internal/cloud"
	"github.com/terraform-clb/terraform-provider-clb/internal/fakeaws"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// idOf is the id of a rule in the double.
func (d *groupDouble) idOf(text string) string {
	for id, rule := range d.live() {
		if rule == text {
			return id
		}
	}
	d.t.Fatalf("there is no rule %q", text)
	return ""
}

// TestRevokeUnmanaged: what is named goes, one call a direction; what is no longer
// what was named is left, and what has gone needs nothing.
func TestRevokeUnmanaged(t *testing.T) {
	t.Parallel()
	d := startGroup(t, 3, fakeaws.Config{})
	must(d.Authorize(t.Context(), d.group, wiring.Ingress, []wiring.Rule{in(80, "0.0.0.0/0"), in(81, "0.0.0.0/0")}, nil))(t)
	must(d.Authorize(t.Context(), d.group, wiring.Egress, []wiring.Rule{d.out(8080)}, nil))(t)
	named := []string{d.idOf("ingress tcp 80 from 0.0.0.0/0"), d.idOf("ingress tcp 81 from 0.0.0.0/0"), d.idOf("egress tcp 8080 to " + d.app), "sgr-0123456789abcdef0"}
	done, err := d.RevokeUnmanaged(t.Context(), d.group, named, func(rule cloud.SecurityGroupRule) bool { return rule.From != 81 })
	if err != nil || !slices.Equal(done.Removed, []string{named[0], named[2]}) || !slices.Equal(done.Changed, named[1:2]) || len(done.Standing) > 0 {
		t.Errorf("%+v, %v", done, err)
	}
	d.wantLive("ingress tcp 81 from 0.0.0.0/0")
}

// TestRevokeUnmanagedThatFails tells how far it came, also when the answer is lost.
func TestRevokeUnmanagedThatFails(t *testing.T) {
	t.Parallel()
	d := startGroup(t, 1, fakeaws.Config{})
	must(d.Authorize(t.Context(), d.group, wiring.Ingress, []wiring.Rule{in(80, "0.0.0.0/0")}, nil))(t)
	must(d.Authorize(t.Context(), d.group, wiring.Egress, []wiring.Rule{d.out(8080)}, nil))(t)
	inbound, outbound := d.idOf("ingress tcp 80 from 0.0.0.0/0"), d.idOf("egress tcp 8080 to "+d.app)
	every := func(cloud.SecurityGroupRule) bool { return true }
	d.fault("RevokeSecurityGroupIngress", 1, fakeaws.Fault{Kind: fakeaws.Fail, Code: "UnauthorizedOperation", Message: "You are not authorized to perform this operation."})
	done, err := d.RevokeUnmanaged(t.Context(), d.group, []string{inbound, outbound}, every)
	slices.Sort(done.Standing)
	if err == nil || len(done.Removed) > 0 || len(done.Standing) != 2 {
		t.Errorf("the first direction is refused: %+v, %v", done, err)
	}
	d.fault("RevokeSecurityGroupEgress", 1, fakeaws.Fault{Kind: fakeaws.Fail, Code: "UnauthorizedOperation", Message: "You are not authorized to perform this operation."})
	done, err = d.RevokeUnmanaged(t.Context(), d.group, []string{inbound, outbound}, every)
	if err == nil || !slices.Equal(done.Removed, []string{inbound}) || !slices.Equal(done.Standing, []string{outbound}) {
		t.Errorf("the second direction is refused: %+v, %v", done, err)
	}
	d.fault("RevokeSecurityGroupEgress", 1, fakeaws.Fault{Kind: fakeaws.CutAfter})
	done, err = d.RevokeUnmanaged(t.Context(), d.group, []string{outbound}, every)
	if err != nil || !slices.Equal(done.Removed, []string{outbound}) {
		t.Errorf("the answer is lost: %+v, %v", done, err)
	}
	d.wantLive()
}

// TestDeleteUnmanaged never deletes an entry that denies, whatever is named.
func TestDeleteUnmanaged(t *testing.T) {
	t.Parallel()
	d := startACL(t, 3, fakeaws.Config{})
	allow := func(number, port int, deny bool) cloud.NetworkACLEntry {
		return cloud.NetworkACLEntry{Entry: wiring.Entry{Rule: in(port, "10.0.0.0/8"), Number: number}, Deny: deny}
	}
	before := d.live()
	for _, entry := range []cloud.NetworkACLEntry{allow(501, 80, false), allow(502, 81, true), allow(503, 82, false), allow(504, 83, false)} {
		if err := d.CreateEntry(t.Context(), d.acl, entry); err != nil {
			t.Fatal(err)
		}
	}
	named := func(entry cloud.NetworkACLEntry) bool { return entry.From != 82 }
	places := []string{"ingress/501", "ingress/502", "ingress/503", "ingress/505"}
	done, err := d.DeleteUnmanaged(t.Context(), d.acl, places, named)
	if err != nil || !slices.Equal(done.Removed, places[:1]) || !slices.Equal(done.Changed, places[1:3]) {
		t.Errorf("%+v, %v", done, err)
	}
	d.fault("DeleteNetworkAclEntry", 1, fakeaws.Fault{Kind: fakeaws.Fail, Code: "UnauthorizedOperation", Message: "You are not authorized to perform this operation."})
	done, err = d.DeleteUnmanaged(t.Context(), d.acl, []string{"ingress/503", "ingress/504"}, func(cloud.NetworkACLEntry) bool { return true })
	if err == nil || len(done.Removed) > 0 || len(done.Standing) != 2 {
		t.Errorf("refused: %+v, %v", done, err)
	}
	left := slices.DeleteFunc(d.live(), func(line string) bool { return slices.Contains(before, line) })
	if len(left) != 3 {
		t.Errorf("left are\n%s", strings.Join(left, "\n"))
	}
}
