// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package wiring

import (
	"strings"
	"testing"
)

// TestClassicTables restates "Security groups for instances in EC2-Classic":
// the console asks for each port, the AWS CLI grants everything, and either the
// source group or all IP addresses are the source.
func TestClassicTables(t *testing.T) {
	t.Parallel()
	source := SourceGroup{"amazon-elb", "amazon-elb-sg"}.Peer()
	for name, test := range map[string]struct {
		rules []Rule
		want  string
	}{
		"console, source group": {ClassicInstanceGroup(threePorts(), source), `
			ingress tcp 8080 from amazon-elb/amazon-elb-sg | ` + fromLB + `
			ingress tcp 8443 from amazon-elb/amazon-elb-sg | ` + fromLB + `
			ingress tcp 8081 from amazon-elb/amazon-elb-sg | ` + fromLBHealth},
		"console, all IP addresses": {ClassicInstanceGroup(threePorts(), CIDRPeer(Everyone())), `
			ingress tcp 8080 from 0.0.0.0/0 | ` + fromLB + `
			ingress tcp 8443 from 0.0.0.0/0 | ` + fromLB + `
			ingress tcp 8081 from 0.0.0.0/0 | ` + fromLBHealth},
		"CLI": {ClassicAllProtocols(source), `
			ingress icmp -1/-1 from amazon-elb/amazon-elb-sg |
			ingress tcp 1-65535 from amazon-elb/amazon-elb-sg |
			ingress udp 1-65535 from amazon-elb/amazon-elb-sg |`},
		"no listener": {ClassicInstanceGroup(LoadBalancer{}, source), ""},
	} {
		var want, got []string
		for line := range strings.Lines(strings.TrimSpace(test.want)) {
			want = append(want, strings.TrimSpace(line))
		}
		for _, line := range lines(test.rules) {
			got = append(got, strings.TrimSpace(line))
		}
		if strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("%s: got\n%s\nwant\n%s", name, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}

func TestSourceGroupCheck(t *testing.T) {
	t.Parallel()
	for source, want := range map[SourceGroup]string{
		{"amazon-elb", "amazon-elb-sg"}: "",
		{"amazon-elb", "my-elb-sg"}:     `group_name "my-elb-sg" is not the group of amazon-elb in EC2-Classic: it is "amazon-elb-sg"`,
		{"123456789012", "my-elb-sg"}:   "remove source_security_group, and set security_groups in the load balancer's value or load_balancer_security_group_ids",
		{"somebody", "amazon-elb-sg"}:   `owner_alias "somebody" is not the owner of the source security group in EC2-Classic: it is "amazon-elb"`,
		{}:                              `owner_alias ""`,
	} {
		err := source.Check()
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%+v: got %v, want %q", source, err, want)
		}
	}
}

// TestNamedGroups: a group that is known by its owner and name is not one whose
// id has an account in front.
func TestNamedGroups(t *testing.T) {
	t.Parallel()
	for peer, want := range map[string]string{
		"amazon-elb/amazon-elb-sg":          "amazon-elb/amazon-elb-sg",
		"123456789012/sg-0a000000000000001": "sg-0a000000000000001",
		"sg-0a000000000000001":              "sg-0a000000000000001",
	} {
		if got := GroupID(peer); got != want {
			t.Errorf("GroupID(%q) = %q, want %q", peer, got, want)
		}
		owner, name, named := NamedGroup(peer)
		if named != (peer == "amazon-elb/amazon-elb-sg") || named && (owner != "amazon-elb" || name != "amazon-elb-sg") {
			t.Errorf("NamedGroup(%q) = %q, %q, %v", peer, owner, name, named)
		}
	}
	if err := CheckGroupPeer("amazon-elb/amazon-elb-sg"); err == nil || !strings.Contains(err.Error(), "set source_security_group") {
		t.Errorf("as a written peer: got %v", err)
	}
}

func TestCheckSecurityGroupName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"my-security-group":      "",
		"default":                "",
		"web (blue) @ 1/2":       "",
		"":                       "is empty",
		"sg-0a000000000000001":   "set it as security_group_id",
		" web":                   "begins or ends with a blank",
		"größe":                  "not ASCII",
		strings.Repeat("w", 256): "256 characters",
		"a\x00b":                 "not ASCII",
	} {
		err := CheckSecurityGroupName(name)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%q: got %v, want %q", name, err, want)
		}
	}
}
