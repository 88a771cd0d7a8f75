// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package verify

import (
	"regexp"
	"testing"
)

// The titles are the summaries of diagnostics, by which Terraform groups warnings
// and people search. They do not change by accident.
func TestCatalogue(t *testing.T) {
	t.Parallel()
	want := []Entry{
		{"CLB101", "client-listener", "Clients cannot reach a listener", "ENI_SG_RULES_MISMATCH or SUBNET_ACL_RESTRICTION"},
		{"CLB102", "instance-port", "Load balancer cannot reach an instance port", "ENI_SG_RULES_MISMATCH or SUBNET_ACL_RESTRICTION"},
		{"CLB103", "health-check", "Health check cannot reach the instances", "ENI_SG_RULES_MISMATCH or SUBNET_ACL_RESTRICTION"},
		{"CLB104", "client-reply", "Replies cannot reach the clients", "SUBNET_ACL_RESTRICTION"},
		{"CLB105", "instance-reply", "Replies of instances cannot reach the load balancer", "SUBNET_ACL_RESTRICTION"},
		{"CLB106", "path-mtu-discovery", "Path MTU Discovery is not possible", "ENI_SG_RULES_MISMATCH or SUBNET_ACL_RESTRICTION"},
		{"CLB201", "load-balancer-group-ingress", "Load balancer group admits more than recommended", ""},
		{"CLB202", "load-balancer-group-egress", "Load balancer group lets out more than recommended", ""},
		{"CLB203", "instance-group", "Instance group admits more than recommended", ""},
		{"CLB204", "network-acl-ingress", "Network ACL admits more than recommended", ""},
		{"CLB205", "network-acl-egress", "Network ACL lets out more than recommended", ""},
		{"CLB301", "shadowed-entry", "Network ACL entry can never match", ""},
		{"CLB302", "quota", "Quota nearly used up", ""},
		{"CLB303", "default-security-group", "Load balancer carries a default group", ""},
		{"CLB304", "other-vpc", "Security group of another VPC", ""},
		{"CLB305", "second-owner", "Rule has a second owner", ""},
		{"CLB306", "rule-number-taken", "Rule number taken", ""},
		{"CLB307", "no-health-check", "Health check not declared", ""},
		{"CLB308", "load-balancer-differs", "Live load balancer differs", ""},
		{"CLB309", "overrides-deny", "Entry overrides a later deny", ""},
		{"CLB310", "zone-without-subnet", "Instance in a zone without a load balancer subnet", "ELB_INSTALLED_AZ_RESTRICTION"},
		{"CLB311", "controller-group", "Security group owned by a controller", ""},
		{"CLB312", "vpc-cidr-missing", "VPC has a network that is not declared", ""},
		{"CLB313", "fewer-clients", "Listener admits fewer clients than recommended", ""},
		{"CLB401", "value-unknown", "Undecided until a value is known", ""},
		{"CLB402", "not-visible", "Undecided because something cannot be seen", "UNKNOWN_RESOURCE"},
		{"CLB901", "acceptance-expiring", "Acceptance expires soon", ""},
		{"CLB902", "acceptance-expired", "Acceptance has expired", ""},
		{"CLB903", "acceptance-unused", "Acceptance is not used", ""},
	}
	got := Catalogue()
	if len(got) != len(want) {
		t.Fatalf("%d kinds of findings, want %d", len(got), len(want))
	}
	seen := map[string]bool{}
	id, slug := regexp.MustCompile(`^CLB[12349]\d\d$`), regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`)
	for i, entry := range got {
		if entry != want[i] {
			t.Errorf("got %q\nwant %q", entry, want[i])
		}
		if !id.MatchString(string(entry.ID)) || !slug.MatchString(entry.Slug) {
			t.Errorf("%s, %q: malformed", entry.ID, entry.Slug)
		}
		for _, name := range []string{string(entry.ID), entry.Slug, entry.Title} {
			if seen[name] {
				t.Errorf("%q is there twice", name)
			}
			seen[name] = true
		}
		if i > 0 && entry.ID <= got[i-1].ID {
			t.Errorf("%s comes after %s", entry.ID, got[i-1].ID)
		}
	}
}

func TestParseID(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]ID{
		"CLB103": HealthCheckRefused, "clb103": HealthCheckRefused, "health-check": HealthCheckRefused, "Health-Check": HealthCheckRefused,
		"": "", "CLB": "", "CLB999": "", "Health check cannot reach the instances": "",
	} {
		if got, ok := ParseID(text); got != want || ok != (want != "") {
			t.Errorf("%q: %q, %t", text, got, ok)
		}
	}
	if got := HealthCheckRefused.Summary(); got != "Health check cannot reach the instances (CLB103)" {
		t.Errorf("summary: %s", got)
	}
	if got := ID("CLB999").Summary(); got != "CLB999 (CLB999)" {
		t.Errorf("summary of an unknown id: %s", got)
	}
}
