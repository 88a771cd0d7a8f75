// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"strings"
	"testing"
)

func oneError(at, summary string, detail ...string) []said {
	return []said{{at: at, summary: summary, detail: detail}}
}

func TestArgumentMistakes(t *testing.T) {
	t.Parallel()
	internal := []any{webValue(blockValues{"internal": true})}
	client := func(values blockValues) blockValues { return blockValues{"clients": []any{values}} }
	office := blockValues{"cidr_blocks": []any{"203.0.113.0/24"}}
	many := []any{}
	for port := range 40 {
		many = append(many, blockValues{"lb_port": 1000 + port, "instance_port": 2000 + port})
	}
	const vpcSummary, missingVPC = "Invalid VPC CIDR block", "Missing VPC CIDR blocks"
	tests := []inputTest{
		// CIDR blocks
		{name: "host bits", resource: aclEntries, config: blockValues{"vpc_cidr_blocks": []any{"10.0.1.5/16"}}, want: oneError(
			"vpc_cidr_blocks", vpcSummary, `vpc_cidr_blocks[0]: "10.0.1.5/16" has host bits set`, `did you mean "10.0.0.0/16"?`)},
		{name: "an address", resource: aclEntries, config: blockValues{"vpc_cidr_blocks": []any{"10.0.0.0/16", "10.0.0.1"}}, want: oneError(
			"vpc_cidr_blocks", vpcSummary, `vpc_cidr_blocks[1]: "10.0.0.1" is an address, not a CIDR block: did you mean "10.0.0.1/32"?`)},
		{name: "no CIDR", resource: aclEntries, config: blockValues{"vpc_cidr_blocks": []any{"vpc-12345678"}}, want: oneError(
			"vpc_cidr_blocks", vpcSummary, `"vpc-12345678" is not a CIDR block`, `such as "10.0.0.0/16"`)},
		{name: "empty CIDR", resource: aclEntries, config: blockValues{"vpc_cidr_blocks": []any{""}}, want: oneError("vpc_cidr_blocks", vpcSummary, `"" is not a CIDR block`)},
		{name: "prefix too long", resource: aclEntries, config: blockValues{"vpc_cidr_blocks": []any{"10.0.0.0/33"}}, want: oneError("vpc_cidr_blocks", vpcSummary, `"10.0.0.0/33" is not a CIDR block`)},
		{name: "IPv6", resource: aclEntries, config: blockValues{"vpc_cidr_blocks": []any{"2001:db8::/32"}}, want: oneError(
			"vpc_cidr_blocks", vpcSummary, `"2001:db8::/32" is an IPv6 CIDR block`, "IPv4 only", `such as "10.0.0.0/16"`)},
		{name: "IPv6 address", resource: aclEntries, config: blockValues{"vpc_cidr_blocks": []any{"2001:db8::1"}}, want: oneError(
			"vpc_cidr_blocks", vpcSummary, `"2001:db8::1" is an IPv6 address`, "IPv4 only", `such as "10.0.0.0/16"`)},
		{name: "null CIDR", resource: lbRules, config: blockValues{"vpc_cidr_blocks": []any{nil}}, want: oneError("vpc_cidr_blocks", vpcSummary, "vpc_cidr_blocks[0] is null: leave it out")},
		{name: "CIDR twice", resource: aclEntries, config: blockValues{"vpc_cidr_blocks": []any{"10.0.0.0/16", "10.0.0.0/16"}}},
		{name: "path MTU discovery CIDR", resource: instanceRules, config: blockValues{"path_mtu_discovery_cidr_blocks": []any{"10.0.0.1/8"}}, want: oneError(
			"path_mtu_discovery_cidr_blocks", "Invalid CIDR block", `path_mtu_discovery_cidr_blocks: "10.0.0.1/8"`, `did you mean "10.0.0.0/8"?`)},
		{name: "null path MTU discovery CIDR", resource: instanceRules, config: blockValues{"path_mtu_discovery_cidr_blocks": []any{nil}}, want: oneError(
			"path_mtu_discovery_cidr_blocks", "Invalid CIDR block", "path_mtu_discovery_cidr_blocks has an element that is null: leave it out")},

		// vpc_cidr_blocks where a row needs them
		{name: "internal load balancer's group", resource: lbRules, config: blockValues{"load_balancers": internal}, want: oneError(
			"vpc_cidr_blocks", missingVPC, `load balancer "web" is internal`, "vpc_cidr_blocks = [aws_vpc.main.cidr_block]")},
		{name: "internal, empty list", resource: lbRules, config: blockValues{"load_balancers": internal, "vpc_cidr_blocks": []any{}}, want: oneError("vpc_cidr_blocks", missingVPC, "is internal")},
		{name: "internal, clients of one listener", resource: lbRules, config: with(blockValues{"load_balancers": internal}, client(with(office, blockValues{"lb_ports": []any{80}}))), want: oneError(
			"vpc_cidr_blocks", missingVPC, "is internal")},
		{name: "internal, clients of all listeners", resource: lbRules, config: with(blockValues{"load_balancers": internal}, client(office))},
		{name: "internal, clients of the managed listener", resource: lbRules, config: with(blockValues{"load_balancers": internal, "lb_ports": []any{80}}, client(with(office, blockValues{"lb_ports": []any{80}})))},
		{name: "internal, managed listeners unknown", resource: lbRules, config: with(blockValues{"load_balancers": internal, "lb_ports": unknownValue{}}, client(with(office, blockValues{"lb_ports": []any{80}})))},
		{name: "internal, unknown", resource: lbRules, config: blockValues{"load_balancers": internal, "vpc_cidr_blocks": unknownValue{}}},
		{name: "internal, an element unknown", resource: lbRules, config: blockValues{"load_balancers": internal, "vpc_cidr_blocks": []any{unknownValue{}}}},
		{name: "scheme unknown", resource: lbRules, config: blockValues{"load_balancers": []any{webValue(blockValues{"internal": unknownValue{}})}}},
		{name: "internet-facing", resource: lbRules, config: blockValues{"vpc_cidr_blocks": nil}},
		{name: "instances never name it", resource: instanceRules, config: blockValues{"load_balancers": internal}},
		{name: "load balancer's subnet", resource: aclEntries, config: blockValues{"vpc_cidr_blocks": nil}, want: oneError(
			"vpc_cidr_blocks", missingVPC, "between the load balancer's subnets and the VPC CIDR for the subnet role load_balancer", "for example")},
		{name: "private instances", resource: aclEntries, config: blockValues{"vpc_cidr_blocks": nil, "subnet_roles": []any{"private_instance", "public_instance"}}, want: oneError(
			"vpc_cidr_blocks", missingVPC, "for the subnet role private_instance")},
		{name: "public instances", resource: aclEntries, config: blockValues{"vpc_cidr_blocks": nil, "subnet_roles": []any{"public_instance"}}},
		{name: "no load balancer", resource: aclEntries, config: blockValues{"vpc_cidr_blocks": nil, "load_balancers": []any{}}},
		{name: "idle load balancer", resource: aclEntries, config: blockValues{"vpc_cidr_blocks": nil, "load_balancers": []any{webValue(blockValues{"listener": []any{}, "health_check": nil})}}},

		// clients
		{name: "clients without a client", resource: lbRules, config: client(blockValues{"lb_ports": []any{80}}), want: oneError(
			"clients", "Invalid clients", "clients[0] names no client", "set cidr_blocks, security_group_ids or prefix_list_ids, or remove the block")},
		{name: "clients with empty sets", resource: lbRules, config: client(blockValues{"cidr_blocks": []any{}, "security_group_ids": []any{}, "prefix_list_ids": []any{}}), want: oneError(
			"clients", "Invalid clients", "clients[0] names no client")},
		{name: "clients of a port that is no listener", resource: lbRules, config: client(with(office, blockValues{"lb_ports": []any{8080}})), want: oneError(
			"clients", "Invalid clients", "clients[0] has lb_ports 8080, which is no listener: the listeners are 80, 443")},
		{name: "clients of port 0", resource: lbRules, config: client(with(office, blockValues{"lb_ports": []any{0}})), want: oneError(
			"clients", "Invalid clients", "clients[0].lb_ports has port 0: ports go from 1 to 65535")},
		{name: "clients of a null port", resource: lbRules, config: client(with(office, blockValues{"lb_ports": []any{nil}})), want: oneError(
			"clients", "Invalid clients", "clients[0].lb_ports has an element that is null")},
		{name: "client CIDR", resource: lbRules, config: client(blockValues{"cidr_blocks": []any{"10.0.0.0/8", "10.1.2.3/8"}}), want: oneError(
			"clients", "Invalid clients", `clients[0].cidr_blocks: "10.1.2.3/8" has host bits set`, `did you mean "10.0.0.0/8"?`)},
		{name: "client IPv6", resource: lbRules, config: client(blockValues{"cidr_blocks": []any{"::/0"}}), want: oneError("clients", "Invalid clients", `"::/0" is an IPv6 CIDR block`)},
		{name: "client group", resource: lbRules, config: client(blockValues{"security_group_ids": []any{"office"}}), want: oneError(
			"clients", "Invalid clients", `clients[0].security_group_ids: "office" is not a security group id`)},
		{name: "client prefix list", resource: lbRules, config: client(blockValues{"prefix_list_ids": []any{"pl-xyz"}}), want: oneError(
			"clients", "Invalid clients", `clients[0].prefix_list_ids: "pl-xyz" is not a prefix list id`, `"pl-0123456789abcdef0"`)},
		{name: "client group of an account", resource: lbRules, config: client(blockValues{"security_group_ids": []any{foreignAccount + "/" + clientID}})},
		{name: "client prefix list, well-formed", resource: lbRules, config: client(blockValues{"prefix_list_ids": []any{"pl-12345678"}})},
		{name: "null clients element", resource: lbRules, config: blockValues{"clients": []any{nil}}, want: oneError("clients", "Invalid clients", "clients[0] is null: leave it out")},
		{name: "the second clients", resource: aclEntries, config: blockValues{"clients": []any{office, blockValues{}}}, want: oneError("clients", "Invalid clients", "clients[1] names no client")},
		{name: "clients, listeners unknown", resource: lbRules, config: with(
			blockValues{"load_balancers": []any{webValue(blockValues{"listener": unknownValue{}})}}, client(with(office, blockValues{"lb_ports": []any{8080}})))},
		{name: "clients twice", resource: lbRules, config: blockValues{"clients": []any{office, office}}},

		// lb_ports
		{name: "lb_ports that is no listener", resource: lbRules, config: blockValues{"lb_ports": []any{80, 8080}}, want: oneError(
			"lb_ports", "Invalid listener port", "lb_ports has 8080, which is no listener: the listeners are 80, 443")},
		{name: "lb_ports 70000", resource: aclEntries, config: blockValues{"lb_ports": []any{70000}}, want: oneError(
			"lb_ports", "Invalid listener port", "lb_ports has port 70000: ports go from 1 to 65535")},
		{name: "null lb_ports", resource: instanceRules, config: blockValues{"lb_ports": []any{nil}}, want: oneError("lb_ports", "Invalid listener port", "lb_ports has an element that is null")},
		{name: "lb_ports of one of two load balancers", resource: lbRules, config: blockValues{
			"lb_ports": []any{80, 9000}, "load_balancers": []any{webValue(nil), webValue(blockValues{"listener": listeners([2]any{9000, 9000})})}}},
		{name: "lb_ports without any load balancer", resource: lbRules, config: blockValues{"lb_ports": []any{80}, "load_balancers": []any{}}},

		// ids and names
		{name: "group id", resource: lbRules, config: blockValues{"security_group_id": "sg-12"}, onlyValidated: true, want: oneError(
			"security_group_id", "Invalid security group id", `security_group_id: "sg-12" is not a security group id: it has the form "sg-0123456789abcdef0"`)},
		{name: "group name", resource: instanceRules, config: blockValues{"security_group_id": "default"}, onlyValidated: true, want: oneError(
			"security_group_id", "Invalid security group id", `"default" is not a security group id`)},
		{name: "empty group id", resource: lbRules, config: blockValues{"security_group_id": ""}, onlyValidated: true, want: oneError("security_group_id", "Invalid security group id", `"" is not a security group id`)},
		{name: "own group with an account", resource: lbRules, config: blockValues{"security_group_id": "123456789012/" + lbGroupID}, onlyValidated: true, want: oneError(
			"security_group_id", "Invalid security group id", "is not a security group id")},
		{name: "group id in upper case", resource: lbRules, config: blockValues{"security_group_id": strings.ToUpper(lbGroupID)}, onlyValidated: true, want: oneError(
			"security_group_id", "Invalid security group id", "is not a security group id")},
		{name: "digits in upper case", resource: lbRules, config: blockValues{"security_group_id": "sg-0ABCDEF0123456789"}, onlyValidated: true, want: oneError(
			"security_group_id", "Invalid security group id", `did you mean "sg-0abcdef0123456789"?`)},
		{name: "short group id", resource: lbRules, config: blockValues{"security_group_id": "sg-1a2b3c4d"}},
		{name: "network ACL id", resource: aclEntries, config: blockValues{"network_acl_id": "acl-xyz"}, onlyValidated: true, want: oneError(
			"network_acl_id", "Invalid network ACL id", `network_acl_id: "acl-xyz" is not a network ACL id: it has the form "acl-0123456789abcdef0"`)},
		{name: "a group for a network ACL", resource: aclEntries, config: blockValues{"network_acl_id": lbGroupID}, onlyValidated: true, want: oneError(
			"network_acl_id", "Invalid network ACL id", "is not a network ACL id")},
		{name: "load balancer name", resource: lbGroups, config: blockValues{"load_balancer_name": "my_lb"}, onlyValidated: true, want: oneError(
			"load_balancer_name", "Invalid load balancer name", `load_balancer_name: "my_lb" is not the name of a load balancer: it has 1 to 32 letters, digits and hyphens`)},
		{name: "load balancer name too long", resource: lbGroups, config: blockValues{"load_balancer_name": strings.Repeat("a", 33)}, onlyValidated: true, want: oneError(
			"load_balancer_name", "Invalid load balancer name", "1 to 32")},
		{name: "load balancer name with a hyphen at its end", resource: lbGroups, config: blockValues{"load_balancer_name": "web-"}, onlyValidated: true, want: oneError(
			"load_balancer_name", "Invalid load balancer name", "no hyphen at either end")},
		{name: "empty load balancer name", resource: lbGroups, config: blockValues{"load_balancer_name": ""}, onlyValidated: true, want: oneError("load_balancer_name", "Invalid load balancer name", `""`)},

		// the groups that a load balancer carries
		{name: "no groups", resource: lbGroups, config: blockValues{"security_groups": []any{}}, want: oneError(
			"security_groups", "Invalid security groups", "security_groups is empty", "at least one security group")},
		{name: "malformed groups", resource: lbGroups, config: blockValues{"security_groups": []any{"sg-1", lbGroupID}}, want: oneError(
			"security_groups", "Invalid security groups", `security_groups: "sg-1" is not a security group id`)},
		{name: "null group", resource: lbGroups, config: blockValues{"security_groups": []any{nil}}, want: oneError("security_groups", "Invalid security groups", "security_groups has an element that is null")},
		{name: "a group with an account", resource: lbGroups, config: blockValues{"security_groups": []any{foreignAccount + "/" + lbGroupID}}, want: oneError(
			"security_groups", "Invalid security groups", "is not a security group id")},
		{name: "on_destroy", resource: lbGroups, config: blockValues{"on_destroy": "delete"}, onlyValidated: true, want: oneError(
			"on_destroy", "Invalid value of on_destroy", `on_destroy: "delete" is neither "keep" nor "restore"`)},
		{name: "on_destroy keep", resource: lbGroups, config: blockValues{"on_destroy": "keep"}},
		{name: "on_destroy restore", resource: lbGroups, config: blockValues{"on_destroy": "restore"}},

		// peers
		{name: "no instance groups", resource: lbRules, config: blockValues{"instance_security_group_ids": nil}, want: oneError(
			"instance_security_group_ids", "Missing instance security groups", `The outbound rules of load balancer "web" go to`, "instance_security_group_ids = [aws_security_group.web.id]")},
		{name: "empty instance groups", resource: lbRules, config: blockValues{"instance_security_group_ids": []any{}}, want: oneError(
			"instance_security_group_ids", "Missing instance security groups", "none is stated")},
		{name: "no instance groups, none needed", resource: lbRules, config: blockValues{
			"instance_security_group_ids": nil, "load_balancers": []any{webValue(blockValues{"listener": []any{}, "health_check": []any{}})}}},
		{name: "instance groups in the value", resource: lbRules, config: blockValues{
			"instance_security_group_ids": nil, "load_balancers": []any{webValue(blockValues{"instance_security_group_ids": []any{instanceID}})}}},
		{name: "instance groups unknown", resource: lbRules, config: blockValues{"instance_security_group_ids": unknownValue{}}},
		{name: "instance group id", resource: lbRules, config: blockValues{"instance_security_group_ids": []any{"web"}}, want: oneError(
			"instance_security_group_ids", "Invalid security group id", `instance_security_group_ids: "web" is not a security group id`)},
		{name: "instance group of an account", resource: lbRules, config: blockValues{"instance_security_group_ids": []any{foreignAccount + "/" + instanceID}}},
		{name: "instance group of a malformed account", resource: lbRules, config: blockValues{"instance_security_group_ids": []any{"my-account/" + instanceID}}, want: oneError(
			"instance_security_group_ids", "Invalid security group id", `"my-account/`+instanceID+`" does not start with a 12-digit account id`, `"123456789012/sg-0123456789abcdef0"`)},
		{name: "null instance group", resource: lbRules, config: blockValues{"instance_security_group_ids": []any{nil}}, want: oneError(
			"instance_security_group_ids", "Invalid security group id", "instance_security_group_ids has an element that is null")},
		{name: "no load balancer groups", resource: instanceRules, config: blockValues{"load_balancers": []any{webValue(blockValues{"security_groups": nil})}}, want: oneError(
			"load_balancer_security_group_ids", "Missing load balancer security groups", `The rules admit load balancer "web" by its security groups, and none is stated`,
			"load_balancer_security_group_ids = [aws_security_group.lb.id]")},
		{name: "no load balancer groups, none needed", resource: instanceRules, config: blockValues{
			"load_balancers": []any{webValue(blockValues{"security_groups": nil, "listener": []any{}, "health_check": nil})}}},
		{name: "load balancer groups of the resource", resource: instanceRules, config: blockValues{
			"load_balancers": []any{webValue(blockValues{"security_groups": nil})}, "load_balancer_security_group_ids": []any{lbGroupID}}},
		{name: "chosen groups that the load balancer does not carry", resource: instanceRules, config: blockValues{"load_balancer_security_group_ids": []any{clientID, instanceID}}, want: oneError(
			"load_balancer_security_group_ids", "Missing load balancer security groups", `None of the security groups that load balancer "web" carries (`+lbGroupID+`)`,
			"("+instanceID+", "+clientID+")", "would not be admitted", "Add one of its groups")},
		{name: "chosen group with the own account", resource: instanceRules, config: blockValues{"load_balancer_security_group_ids": []any{"123456789012/" + lbGroupID}}},
		{name: "load balancer group id", resource: instanceRules, config: blockValues{"load_balancer_security_group_ids": []any{"lb"}}, want: oneError(
			"load_balancer_security_group_ids", "Invalid security group id", `load_balancer_security_group_ids: "lb" is not a security group id`)},

		// subnet roles
		{name: "unknown role", resource: aclEntries, config: blockValues{"subnet_roles": []any{"instance"}}, want: oneError(
			"subnet_roles", "Invalid subnet role", `subnet_roles: "instance" is not a role of a subnet: write load_balancer, private_instance or public_instance`)},
		{name: "no role", resource: aclEntries, config: blockValues{"subnet_roles": []any{}}, want: oneError(
			"subnet_roles", "Invalid subnet role", "subnet_roles is empty: name what the subnets", "load_balancer, private_instance or public_instance")},
		{name: "null role", resource: aclEntries, config: blockValues{"subnet_roles": []any{nil}}, want: oneError("subnet_roles", "Invalid subnet role", "subnet_roles has an element that is null")},

		// rule numbers
		{name: "first_rule_number 0", resource: aclEntries, config: blockValues{"first_rule_number": 0}, want: oneError(
			"first_rule_number", "Invalid rule number", "first_rule_number is 0: the rule number of a network ACL entry goes from 1 to 32766")},
		{name: "first_rule_number 32767", resource: aclEntries, config: blockValues{"first_rule_number": 32767}, want: oneError(
			"first_rule_number", "Invalid rule number", "first_rule_number is 32767", "AWS keeps 32767 and above for itself")},
		{name: "first_rule_number 40000", resource: aclEntries, config: blockValues{"first_rule_number": 40000}, want: oneError("first_rule_number", "Invalid rule number", "first_rule_number is 40000")},
		{name: "first_rule_number -5", resource: aclEntries, config: blockValues{"first_rule_number": -5}, want: oneError("first_rule_number", "Invalid rule number", "first_rule_number is -5")},
		{name: "entries past 32766", resource: aclEntries, config: blockValues{"first_rule_number": 32750}, want: oneError(
			"first_rule_number", "Rule numbers out of range", `"tcp 1024-65535 from 10.0.0.0/16" would get rule number 32770`, "lower first_rule_number (32750) or rule_number_step (10)")},
		{name: "entries up to 32766", resource: aclEntries, config: blockValues{"first_rule_number": 32763, "rule_number_step": 1}},
		{name: "many entries with a long step", resource: aclEntries, config: blockValues{
			"rule_number_step": 1000, "load_balancers": []any{webValue(blockValues{"listener": many})}}, want: oneError("first_rule_number", "Rule numbers out of range", "would get rule number 33100")},
		{name: "rule_number_step 0", resource: aclEntries, config: blockValues{"rule_number_step": 0}, want: oneError(
			"rule_number_step", "Invalid rule number step", "rule_number_step is 0: the distance between two rule numbers is 1 to 32766")},
		{name: "rule_number_step -10", resource: aclEntries, config: blockValues{"rule_number_step": -10}, want: oneError("rule_number_step", "Invalid rule number step", "rule_number_step is -10")},
		{name: "rule_number_step 40000", resource: aclEntries, config: blockValues{"rule_number_step": 40000}, want: oneError("rule_number_step", "Invalid rule number step", "rule_number_step is 40000")},
		{name: "rule numbers unknown", resource: aclEntries, config: blockValues{"first_rule_number": unknownValue{}, "rule_number_step": unknownValue{}}},

		// tags
		{name: "AWS's own tag", resource: lbRules, config: blockValues{"tags": blockValues{"AWS:team": "x"}}, want: oneError(
			"tags", "Invalid tag", `The tag key "AWS:team" starts with "aws:"`, "Choose another key")},
		{name: "empty tag key", resource: lbRules, config: blockValues{"tags": blockValues{"": "x"}}, want: oneError("tags", "Invalid tag", "empty key", "1 to 128 characters")},
		{name: "long tag key", resource: lbRules, config: blockValues{"tags": blockValues{strings.Repeat("k", 129): "x"}}, want: oneError("tags", "Invalid tag", "has 129 characters: AWS takes at most 128")},
		{name: "long tag value", resource: instanceRules, config: blockValues{"tags": blockValues{"Team": strings.Repeat("é", 257)}}, want: oneError(
			"tags", "Invalid tag", `The value of the tag "Team" has 257 characters: AWS takes at most 256`)},
		{name: "null tag", resource: lbRules, config: blockValues{"tags": blockValues{"Team": nil}}, want: oneError("tags", "Invalid tag", `The tag "Team" is null`, "Leave it out")},
		{name: "tags at their limits", resource: lbRules, config: blockValues{"tags": blockValues{strings.Repeat("k", 128): strings.Repeat("é", 256), "Empty": ""}}},
		{name: "unknown tag", resource: lbRules, config: blockValues{"tags": blockValues{"Run": unknownValue{}}}},
	}
	for _, test := range tests {
		test.config = soundConfig(test.resource, test.config)
		t.Run(test.resource+" "+test.name, test.run)
	}
}

// TestSoundConfigurations: the configurations that all mistakes are put into
// have none, also when all of their values are unknown.
func TestSoundConfigurations(t *testing.T) {
	t.Parallel()
	for _, resource := range []string{lbRules, instanceRules, aclEntries, lbGroups} {
		t.Run(resource, inputTest{resource: resource, config: soundConfig(resource, nil)}.run)
		unknown := blockValues{}
		for name := range soundConfig(resource, nil) {
			unknown[name] = unknownValue{}
		}
		t.Run(resource+" unknown", inputTest{resource: resource, config: unknown}.run)
	}
}
