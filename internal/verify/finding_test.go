// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package verify

import "testing"

// A rule is described in full once: where the sentence does so, no list repeats it,
// and the rest calls it by its number.
func TestDetailDescribesEachRuleOnce(t *testing.T) {
	t.Parallel()
	one := theFinding(t, judged(t, subnetACL(t, web(), PrivateInstanceSubnet, but(instanceRows, nil, "90 deny in tcp 8081 from 10.0.0.0/8")...), Options{}))
	want := `health check tcp/8081 from "web" is refused by network ACL acl-1 inbound rule 90 (deny tcp 8081 from 10.0.0.0/8): e.g. 10.0.0.4 -> an instance, tcp 8081.

All that is refused: tcp 8081 from 10.0.0.0/16.

Nearest rule: network ACL acl-1 inbound rule 110 (allow tcp 8081 from 10.0.0.0/16) would admit it, but rule 90 goes before it.

Fix: Remove or narrow inbound rule 90 of acl-1, or admit tcp 8081 from 10.0.0.0/16 with a rule number below 90.

AWS recommends: network ACL of the instances' private subnets: inbound from the VPC CIDR on the health check port.

A hint.`
	if got := one.Detail("A hint."); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
	several := theFinding(t, judged(t, subnetACL(t, web(), PrivateInstanceSubnet, but(instanceRows, []int{1},
		"50 deny in tcp 8081 from 10.0.4.0/24", "60 deny in tcp 8081 from 10.0.0.0/24")...), Options{}))
	want = `health check tcp/8081 from "web" is refused by network ACL acl-1 inbound rule 60 (deny tcp 8081 from 10.0.0.0/24): e.g. 10.0.0.4 -> an instance, tcp 8081.

Also refused by:
  - the final inbound rule * of network ACL acl-1
  - network ACL acl-1 inbound rule 50 (deny tcp 8081 from 10.0.4.0/24)

All that is refused: tcp 8081 from 10.0.0.0/16.

Nearest rule: network ACL acl-1 inbound rule 100 (allow tcp 8080 from 10.0.0.0/16) has the source, but not port 8081.

Fix: Remove or narrow inbound rule 60 of acl-1 and inbound rule 50 of acl-1, or admit tcp 8081 from 10.0.0.0/16 with a rule number below 50.

AWS recommends: network ACL of the instances' private subnets: inbound from the VPC CIDR on the health check port.`
	if got := several.Detail(""); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

// What the configuration calls a rule is what its reader looks for.
func TestFixCallsAWrittenRuleByItsName(t *testing.T) {
	t.Parallel()
	q := loadBalancerGroup(t, web(), "in tcp 22 from 0.0.0.0/0")
	q.Group.Rules[0].Origin, q.Group.Rules[0].Name, q.Group.Rules[0].ID = Written, `additional_ingress["office"]`, ""
	findings := broaderOf(t, q)
	wantFindings(t, findings, wantFinding{
		id: BroadGroupIn, fix: `Remove additional_ingress["office"]. To live with it, say why: accept = [{ finding = "CLB201", reason = "…" }].`,
	})
}
