// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

const (
	lbRules        = "clb_load_balancer_rules"
	instanceRules  = "clb_instance_ingress_rules"
	aclEntries     = "clb_network_acl_entries"
	lbGroups       = "clb_load_balancer_security_groups"
	lbGroupID      = "sg-0aaaaaaaaaaaaaaaa"
	instanceID     = "sg-0bbbbbbbbbbbbbbbb"
	clientID       = "sg-0cccccccccccccccc"
	foreignAccount = "999999999999"
	testACLID      = "acl-0123456789abcdef0"
)

// listeners are pairs of lb_port and instance_port.
func listeners(ports ...[2]any) []any {
	all := []any{}
	for _, p := range ports {
		all = append(all, blockValues{"lb_port": p[0], "instance_port": p[1]})
	}
	return all
}

// webValue is an internet-facing load balancer.
func webValue(changes blockValues) blockValues {
	return with(blockValues{
		"name": "web", "internal": false, "listener": listeners([2]any{80, 8080}, [2]any{443, 8443}),
		"health_check": []any{blockValues{"target": "HTTP:8081/healthz"}}, "security_groups": []any{lbGroupID},
	}, changes)
}

func checkedBy(target any) blockValues {
	return blockValues{"health_check": []any{blockValues{"target": target}}}
}

// soundConfig is a configuration without any mistake, with changes.
func soundConfig(resource string, changes blockValues) blockValues {
	config := map[string]blockValues{
		lbRules: {
			"security_group_id": lbGroupID, "instance_security_group_ids": []any{instanceID}, "load_balancers": []any{webValue(nil)},
		},
		instanceRules: {"security_group_id": instanceID, "load_balancers": []any{webValue(nil)}},
		aclEntries: {
			"network_acl_id": testACLID, "subnet_roles": []any{"load_balancer"}, "vpc_cidr_blocks": []any{"10.0.0.0/16"}, "load_balancers": []any{webValue(nil)},
		},
		lbGroups: {"load_balancer_name": "web", "security_groups": []any{lbGroupID}},
	}[resource]
	return with(config, changes)
}

// inputTest is one mistake and what is said about it.
type inputTest struct {
	name     string
	resource string
	config   blockValues
	want     []said
	// onlyValidated is a mistake that only the validation reports: Terraform
	// validates before it plans, and again before it applies.
	onlyValidated bool
}

// run validates and plans offline: the provider is not configured.
func (test inputTest) run(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	config := s.value(test.resource, test.config)
	wantSaid(t, s.validate(test.resource, config), test.want...)
	if test.onlyValidated {
		return
	}
	planned := s.plan(test.resource, tftypes.Value{}, config)
	wantSaid(t, planned.diags, test.want...)
}

// TestLoadBalancerMistakes puts each mistake into all resources that take the value.
func TestLoadBalancerMistakes(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		values []any
		detail []string
	}{
		{"lb_port 0", []any{webValue(blockValues{"listener": listeners([2]any{0, 8080})})}, []string{`load_balancers[0]: load balancer "web"`, "lb_port is 0: ports go from 1 to 65535"}},
		{"lb_port 70000", []any{webValue(blockValues{"listener": listeners([2]any{70000, 8080})})}, []string{"lb_port is 70000: ports go from 1 to 65535"}},
		{"lb_port -1", []any{webValue(blockValues{"listener": listeners([2]any{-1, 8080})})}, []string{"lb_port is -1"}},
		{"instance_port 0", []any{webValue(blockValues{"listener": listeners([2]any{80, 0})})}, []string{"a listener on lb_port 80 whose instance_port is 0: ports go from 1 to 65535"}},
		{"instance_port 70000", []any{webValue(blockValues{"listener": listeners([2]any{80, 70000})})}, []string{"a listener on lb_port 80 whose instance_port is 70000"}},
		{"the second load balancer", []any{webValue(nil), webValue(blockValues{"listener": listeners([2]any{0, 1})})}, []string{"load_balancers[1]:", "lb_port is 0"}},
		{"no name", []any{webValue(blockValues{"name": nil, "listener": listeners([2]any{0, 1})})}, []string{"load_balancers[0]: the load balancer has a listener"}},
		{
			"two listeners on one port", []any{webValue(blockValues{"listener": listeners([2]any{80, 8080}, [2]any{80, 8081})})},
			[]string{`load balancer "web" has two listeners on lb_port 80 (to instance_port 8080 and 8081)`, "remove one of them"},
		},
		{"no listener attribute", []any{webValue(blockValues{"listener": nil})}, []string{"has no listener attribute", "or an empty set for none"}},
		{"null listener", []any{webValue(blockValues{"listener": []any{nil}})}, []string{"a listener that is null: leave it out"}},
		{"listener without lb_port", []any{webValue(blockValues{"listener": listeners([2]any{nil, 8080})})}, []string{"a listener without lb_port"}},
		{"listener without ports", []any{webValue(blockValues{"listener": listeners([2]any{nil, nil})})}, []string{"a listener without lb_port"}},
		{"listener without instance_port", []any{webValue(blockValues{"listener": listeners([2]any{80, nil})})}, []string{"a listener on lb_port 80 without instance_port"}},
		{"unknown lb_port without instance_port", []any{webValue(blockValues{"listener": listeners([2]any{unknownValue{}, nil})})}, []string{"a listener without instance_port"}},
		{"null load balancer", []any{nil}, []string{"load_balancers[0] is null", "an empty list means no rules"}},
		{"HTTP without a path", []any{webValue(checkedBy("HTTP:8081"))}, []string{`"HTTP:8081" has no ping path, which HTTP needs: did you mean "HTTP:8081/"?`}},
		{"https without a path", []any{webValue(checkedBy("https:8081"))}, []string{`"https:8081" has no ping path, which HTTPS needs: did you mean "https:8081/"?`}},
		{"TCP with a path", []any{webValue(checkedBy("TCP:8081/healthz"))}, []string{`"TCP:8081/healthz" has a ping path, which TCP does not take: did you mean "TCP:8081"?`}},
		{"SSL with a path", []any{webValue(checkedBy("SSL:8081/"))}, []string{`which SSL does not take: did you mean "SSL:8081"?`}},
		{"target port 0", []any{webValue(checkedBy("HTTP:0/"))}, []string{`health check target "HTTP:0/" has port 0: ports go from 1 to 65535`}},
		{"target port 70000", []any{webValue(checkedBy("TCP:70000"))}, []string{`"TCP:70000" has port 70000`}},
		{"target port no number", []any{webValue(checkedBy("TCP:http"))}, []string{`has "http" where the port belongs`, `write "TCP:port"`}},
		{"target protocol", []any{webValue(checkedBy("UDP:53"))}, []string{`has the protocol "UDP"`, `write "TCP:port"`}},
		{"target without a colon", []any{webValue(checkedBy("8081"))}, []string{`"8081" has no colon`, `write "TCP:port"`}},
		{"empty target", []any{webValue(checkedBy(""))}, []string{`health check target ""`, `write "TCP:port"`}},
		{"target too long", []any{webValue(checkedBy("HTTP:80/" + strings.Repeat("x", 1024)))}, []string{"a ping path of 1025 characters: AWS takes at most 1024"}},
		{"null target", []any{webValue(checkedBy(nil))}, []string{"a health check without a target: state one"}},
		{"null health check", []any{webValue(blockValues{"health_check": []any{nil}})}, []string{"a health check without a target: state one"}},
		{
			"two health checks", []any{webValue(blockValues{"health_check": []any{blockValues{"target": "TCP:1"}, blockValues{"target": "TCP:2"}}})},
			[]string{`load balancer "web" has 2 health checks: AWS allows one`},
		},
		{"security group id", []any{webValue(blockValues{"security_groups": []any{"sg-123"}})}, []string{`security_groups: "sg-123" is not a security group id`, `"sg-0123456789abcdef0"`}},
		{"null security group", []any{webValue(blockValues{"security_groups": []any{nil}})}, []string{"security_groups has an element that is null: leave it out"}},
		{
			"instance security group id", []any{webValue(blockValues{"instance_security_group_ids": []any{"web"}})},
			[]string{`instance_security_group_ids: "web" is not a security group id`},
		},
		{
			"account of an instance security group", []any{webValue(blockValues{"instance_security_group_ids": []any{"1234/" + instanceID}})},
			[]string{`"1234/` + instanceID + `" does not start with a 12-digit account id`},
		},
		{
			"id in upper case", []any{webValue(blockValues{"security_groups": []any{"sg-0AAAAAAAAAAAAAAAA"}})},
			[]string{`ids are written in lower case, did you mean "` + lbGroupID + `"?`},
		},
		{"null client", []any{webValue(blockValues{"clients": []any{nil}})}, []string{"clients[0] is null: leave it out"}},
		{"empty client", []any{webValue(blockValues{"clients": []any{blockValues{}}})}, []string{`clients[0] of load balancer "web" names no client: set cidr_blocks, security_group_ids or prefix_list_ids`}},
		{
			"client of a port that is no listener", []any{webValue(blockValues{"clients": []any{blockValues{"lb_ports": []any{8080}, "cidr_blocks": []any{"10.0.0.0/8"}}}})},
			[]string{`clients[0] of load balancer "web" has lb_ports 8080, which is no listener: the listeners are 80, 443`},
		},
		{
			"client of no listener at all", []any{webValue(blockValues{"listener": []any{}, "clients": []any{blockValues{"lb_ports": []any{80}, "cidr_blocks": []any{"10.0.0.0/8"}}}})},
			[]string{"has lb_ports 80, which is no listener: there is no listener"},
		},
		{
			"client CIDR", []any{webValue(blockValues{"clients": []any{blockValues{"cidr_blocks": []any{"10.0.1.5/16"}}}})},
			[]string{`load_balancers[0]: clients[0].cidr_blocks: "10.0.1.5/16" has host bits set`, `did you mean "10.0.0.0/16"?`},
		},
	}
	for _, test := range tests {
		for _, resource := range []string{lbRules, instanceRules, aclEntries} {
			t.Run(test.name+" in "+resource, inputTest{
				resource: resource, config: soundConfig(resource, blockValues{"load_balancers": test.values}),
				want: []said{{at: "load_balancers", summary: "Invalid load balancer", detail: test.detail}},
			}.run)
		}
	}
}

// TestAllMistakesAtOnce: every mistake is told, not the first alone.
func TestAllMistakesAtOnce(t *testing.T) {
	inputTest{
		resource: lbRules, config: soundConfig(lbRules, blockValues{
			"load_balancers": []any{
				webValue(blockValues{"listener": listeners([2]any{0, 70000}), "health_check": []any{blockValues{"target": "TCP:0"}}}),
				nil,
			},
			"vpc_cidr_blocks": []any{"10.0.0.1/16", nil}, "lb_ports": []any{0}, "clients": []any{blockValues{"cidr_blocks": []any{"::/0"}}},
			"instance_security_group_ids": []any{"sg-1"}, "tags": blockValues{"aws:x": "y"},
		}),
		want: []said{
			{at: "load_balancers", summary: "Invalid load balancer", detail: []string{"lb_port is 0"}},
			{at: "load_balancers", summary: "Invalid load balancer", detail: []string{"on lb_port 0 whose instance_port is 70000"}},
			{at: "load_balancers", summary: "Invalid load balancer", detail: []string{`"TCP:0" has port 0`}},
			{at: "load_balancers", summary: "Invalid load balancer", detail: []string{"load_balancers[1] is null"}},
			{at: "vpc_cidr_blocks", summary: "Invalid VPC CIDR block", detail: []string{`vpc_cidr_blocks[0]: "10.0.0.1/16"`}},
			{at: "vpc_cidr_blocks", summary: "Invalid VPC CIDR block", detail: []string{"vpc_cidr_blocks[1] is null"}},
			{at: "lb_ports", summary: "Invalid listener port", detail: []string{"lb_ports has port 0"}},
			{at: "clients", summary: "Invalid clients", detail: []string{`"::/0" is an IPv6 CIDR block`}},
			{at: "instance_security_group_ids", summary: "Invalid security group id", detail: []string{`"sg-1"`}},
			{at: "tags", summary: "Invalid tag", detail: []string{`"aws:x"`}},
		},
	}.run(t)
}
