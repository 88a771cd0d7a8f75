// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// TestGroupMistakes lists, by name, deliberate mistakes with security group rules
// that a plan with general-purpose resources lets through or catches, and what
// our resources say to each.
func TestGroupMistakes(t *testing.T) {
	rule := func(changes blockValues) blockValues { return office(httpFrom("203.0.113.0/24", changes)) }
	many := blockValues{}
	for i := range 61 {
		many[fmt.Sprintf("office-%d", i)] = httpFrom(fmt.Sprintf("10.0.%d.0/24", i), nil)
	}
	tests := []struct {
		name   string
		config blockValues
		// warning: the plan is told, and goes on.
		warning     bool
		at, summary string
		detail      []string
		// inPlan: found with a look at AWS.
		inPlan bool
	}{
		{name: "ip_protocol tpc", config: rule(blockValues{"ip_protocol": "tpc"}), at: "ingress", summary: invalidRule, detail: []string{`ingress["office"].ip_protocol: "tpc"`, `did you mean "tcp"?`}},
		{name: "from_port above to_port", config: rule(blockValues{"from_port": 443}), at: "ingress", summary: invalidRule, detail: []string{`ingress["office"]: from_port 443 is above to_port 80`}},
		{name: "tcp without ports", config: rule(blockValues{"from_port": nil, "to_port": 80}), at: "ingress", summary: invalidRule, detail: []string{`ingress["office"].from_port: a tcp rule needs`}},
		{name: "-1 with ports", config: rule(blockValues{"ip_protocol": "-1", "to_port": nil}), at: "ingress", summary: invalidRule, detail: []string{`ingress["office"].from_port: 80 has no effect`}},
		{name: "icmp type 300", config: rule(blockValues{"ip_protocol": "icmp", "from_port": 300, "to_port": -1}), at: "ingress", summary: invalidRule, detail: []string{`ingress["office"].from_port: 300 is not an ICMP type`}},
		{
			name: "two identical rules", config: blockValues{"ingress": blockValues{"one": httpFrom("203.0.113.0/24", nil), "two": httpFrom("203.0.113.0/24", nil)}},
			at: "ingress", summary: ruleTwice, detail: []string{`ingress["one"] and ingress["two"] are the same rule twice`},
		},
		{name: "bad description charset", config: rule(blockValues{"description": "büro & co"}), at: "ingress", summary: invalidRule, detail: []string{`ingress["office"].description: the character 'ü'`}},
		{name: "malformed sg id", config: rule(blockValues{"cidr_ipv4": nil, "referenced_security_group_id": "sg-nope"}), at: "ingress", summary: invalidRule, detail: []string{`ingress["office"].referenced_security_group_id: "sg-nope"`}},
		{name: "61 inline rules", config: blockValues{"ingress": many}, inPlan: true, warning: true, at: "security_group_id", summary: "Quota exceeded", detail: []string{"would have 61 inbound rules", "the quota is 60"}},
		{name: "CIDR with host bits", config: rule(blockValues{"cidr_ipv4": "203.0.113.7/24"}), at: "ingress", summary: invalidRule, detail: []string{`ingress["office"].cidr_ipv4: "203.0.113.7/24" has host bits set`, `did you mean "203.0.113.0/24"?`}},
		{name: "port 70000", config: rule(blockValues{"to_port": 70000}), at: "ingress", summary: invalidRule, detail: []string{`ingress["office"].to_port: 70000 is not a port`}},
		{name: "no source", config: rule(blockValues{"cidr_ipv4": nil}), at: "ingress", summary: invalidRule, detail: []string{`ingress["office"]: the rule has no source`}},
		{
			name: "two listeners on one port", config: blockValues{"load_balancers": []any{webValue(blockValues{"listener": listeners([2]any{80, 8080}, [2]any{80, 8081})})}},
			at: "load_balancers", summary: "Invalid load balancer", detail: []string{"two listeners on lb_port 80"},
		},
		{
			name: "health check target without path", config: blockValues{"load_balancers": []any{webValue(checkedBy("HTTP:8081"))}},
			at: "load_balancers", summary: "Invalid load balancer", detail: []string{`"HTTP:8081"`},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			want := said{warning: test.warning, at: test.at, summary: test.summary, detail: test.detail}
			if !test.inPlan {
				s := startServer(t)
				wantSaid(t, s.validate(lbRules, s.value(lbRules, soundConfig(lbRules, test.config))), want)
				return
			}
			w := startLiveWorld(t, nil)
			planned := w.server.plan(lbRules, tftypes.Value{}, w.server.value(lbRules, w.config(lbRules, advisory(test.config))))
			wantAmong(t, planned.diags, want)
		})
	}
}

// wantAmong wants one diagnostic among others.
func wantAmong(t *testing.T, diags []*tfprotov6.Diagnostic, want said) {
	t.Helper()
	for _, d := range diags {
		if want.matches(d) {
			return
		}
	}
	t.Errorf("nothing says %+v in\n%s", want, saidBy(diags))
}
