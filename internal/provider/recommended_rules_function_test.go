// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// literal is a value as Terraform types a literal of the configuration.
func literal(v any) tftypes.Value {
	switch v := v.(type) {
	case tftypes.Value:
		return v
	case nil:
		return tftypes.NewValue(tftypes.DynamicPseudoType, nil)
	case unknownValue:
		return tftypes.NewValue(tftypes.DynamicPseudoType, tftypes.UnknownValue)
	case string:
		return tftypes.NewValue(tftypes.String, v)
	case int:
		return tftypes.NewValue(tftypes.Number, v)
	case float64:
		return tftypes.NewValue(tftypes.Number, v)
	case bool:
		return tftypes.NewValue(tftypes.Bool, v)
	case []any:
		var values []tftypes.Value
		var typ tftypes.Tuple
		for _, e := range v {
			one := literal(e)
			values, typ.ElementTypes = append(values, one), append(typ.ElementTypes, one.Type())
		}
		return tftypes.NewValue(typ, values)
	case blockValues:
		values, typ := map[string]tftypes.Value{}, tftypes.Object{AttributeTypes: map[string]tftypes.Type{}}
		for name, e := range v {
			values[name] = literal(e)
			typ.AttributeTypes[name] = values[name].Type()
		}
		return tftypes.NewValue(typ, values)
	default:
		panic(fmt.Sprintf("no literal: %v", v))
	}
}

// awsELB is a value as aws_elb has it, whose computed attributes are not known yet.
func awsELB(changes blockValues) blockValues {
	listener := tftypes.Object{AttributeTypes: map[string]tftypes.Type{
		"instance_port": tftypes.Number, "instance_protocol": tftypes.String, "lb_port": tftypes.Number, "lb_protocol": tftypes.String, "ssl_certificate_id": tftypes.String,
	}}
	listen := func(lbPort, instancePort int) tftypes.Value {
		return tftypes.NewValue(listener, map[string]tftypes.Value{
			"instance_port": tftypes.NewValue(tftypes.Number, instancePort), "lb_port": tftypes.NewValue(tftypes.Number, lbPort),
			"instance_protocol": tftypes.NewValue(tftypes.String, "http"), "lb_protocol": tftypes.NewValue(tftypes.String, "https"),
			"ssl_certificate_id": tftypes.NewValue(tftypes.String, tftypes.UnknownValue),
		})
	}
	check := tftypes.Object{AttributeTypes: map[string]tftypes.Type{"target": tftypes.String, "interval": tftypes.Number}}
	values := blockValues{
		"name": "web", "internal": false, "arn": tftypes.NewValue(tftypes.String, tftypes.UnknownValue), "dns_name": tftypes.NewValue(tftypes.String, tftypes.UnknownValue),
		"listener": tftypes.NewValue(tftypes.Set{ElementType: listener}, []tftypes.Value{listen(443, 8443), listen(80, 8080)}),
		"health_check": tftypes.NewValue(tftypes.List{ElementType: check}, []tftypes.Value{tftypes.NewValue(check, map[string]tftypes.Value{
			"target": tftypes.NewValue(tftypes.String, "HTTP:8081/healthz"), "interval": tftypes.NewValue(tftypes.Number, 30),
		})}),
		"security_groups":             tftypes.NewValue(tftypes.Set{ElementType: tftypes.String}, []tftypes.Value{tftypes.NewValue(tftypes.String, "sg-0123456789abcdef0")}),
		"instance_security_group_ids": []any{"sg-0fedcba9876543210"},
	}
	maps.Copy(values, changes)
	return values
}

func networks(cidrs ...any) tftypes.Value {
	var all []tftypes.Value
	for _, cidr := range cidrs {
		if _, unknown := cidr.(unknownValue); unknown {
			cidr = tftypes.UnknownValue
		}
		all = append(all, tftypes.NewValue(tftypes.String, cidr))
	}
	return tftypes.NewValue(tftypes.List{ElementType: tftypes.String}, all)
}

// tables shows a result in lines, a table each: its state if it is not a map, or its
// keys; rows with "full", or the keys alone.
func tables(t *testing.T, result tftypes.Value, full bool) string {
	t.Helper()
	var lines []string
	all := attributesOf(t, result)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		switch table := all[name]; {
		case !table.IsKnown():
			lines = append(lines, name+" unknown")
		case table.IsNull():
			lines = append(lines, name+" null")
		default:
			rows := attributesOf(t, table)
			lines = append(lines, fmt.Sprintf("%s %d", name, len(rows)))
			for _, key := range slices.Sorted(maps.Keys(rows)) {
				line := "  " + key
				if full {
					row := attributesOf(t, rows[key])
					for _, attribute := range slices.Sorted(maps.Keys(row)) {
						line += fmt.Sprintf(" | %s=%v", attribute, plainTerraform(t, row[attribute]))
					}
				}
				lines = append(lines, line)
			}
		}
	}
	return strings.Join(lines, "\n")
}

func wantTables(t *testing.T, got, want string) {
	t.Helper()
	if want = strings.TrimSpace(want); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

func (s *testServer) recommended(value any, vpc tftypes.Value) (tftypes.Value, *tfprotov6.FunctionError) {
	s.t.Helper()
	return s.call("recommended_rules", literal(value), vpc)
}

func TestRecommendedRulesFunction(t *testing.T) {
	t.Parallel()
	result, err := startServer(t).recommended(awsELB(nil), networks("10.0.0.0/16"))
	if err != nil {
		t.Fatal(err.Text)
	}
	wantTables(t, tables(t, result, false), `
instance_ingress 4
  icmp 3/4 from sg-0123456789abcdef0
  tcp 8080 from sg-0123456789abcdef0
  tcp 8081 from sg-0123456789abcdef0
  tcp 8443 from sg-0123456789abcdef0
load_balancer_egress 3
  tcp 8080 to sg-0fedcba9876543210
  tcp 8081 to sg-0fedcba9876543210
  tcp 8443 to sg-0fedcba9876543210
load_balancer_ingress 2
  tcp 443 from 0.0.0.0/0
  tcp 80 from 0.0.0.0/0
load_balancer_subnet_egress 4
  tcp 1024-65535 to 0.0.0.0/0
  tcp 8080 to 10.0.0.0/16
  tcp 8081 to 10.0.0.0/16
  tcp 8443 to 10.0.0.0/16
load_balancer_subnet_ingress 3
  tcp 1024-65535 from 10.0.0.0/16
  tcp 443 from 0.0.0.0/0
  tcp 80 from 0.0.0.0/0
private_instance_subnet_egress 1
  tcp 1024-65535 to 10.0.0.0/16
private_instance_subnet_ingress 3
  tcp 8080 from 10.0.0.0/16
  tcp 8081 from 10.0.0.0/16
  tcp 8443 from 10.0.0.0/16
public_instance_subnet_egress 1
  tcp 1024-65535 to 0.0.0.0/0
public_instance_subnet_ingress 3
  tcp 8080 from 0.0.0.0/0
  tcp 8081 from 0.0.0.0/0
  tcp 8443 from 0.0.0.0/0`)
}

func TestRecommendedRulesFunctionAttributes(t *testing.T) {
	t.Parallel()
	result, err := startServer(t).recommended(blockValues{
		"internal": true, "listener": []any{blockValues{"lb_port": "53", "instance_port": 53}}, "security_groups": []any{"sg-0123456789abcdef0"},
		"clients": []any{blockValues{"cidr_blocks": []any{"192.0.2.0/24"}, "prefix_list_ids": []any{"pl-0123456789abcdef0"}}},
	}, networks("10.0.0.0/16"))
	if err != nil {
		t.Fatal(err.Text)
	}
	const toInstances, fromClients = "Allow traffic from the load balancer on the instance listener port", "Allow inbound traffic from a declared client on the load balancer listener port"
	wantTables(t, tables(t, result, true), `
instance_ingress 2
  icmp 3/4 from sg-0123456789abcdef0 | cidr_ipv4=<nil> | description=Allow ICMP fragmentation needed for Path MTU Discovery | from_port=3 | ip_protocol=icmp | prefix_list_id=<nil> | referenced_security_group_id=sg-0123456789abcdef0 | to_port=4
  tcp 53 from sg-0123456789abcdef0 | cidr_ipv4=<nil> | description=`+toInstances+` | from_port=53 | ip_protocol=tcp | prefix_list_id=<nil> | referenced_security_group_id=sg-0123456789abcdef0 | to_port=53
load_balancer_egress null
load_balancer_ingress 2
  tcp 53 from 192.0.2.0/24 | cidr_ipv4=192.0.2.0/24 | description=`+fromClients+` | from_port=53 | ip_protocol=tcp | prefix_list_id=<nil> | referenced_security_group_id=<nil> | to_port=53
  tcp 53 from pl-0123456789abcdef0 | cidr_ipv4=<nil> | description=`+fromClients+` | from_port=53 | ip_protocol=tcp | prefix_list_id=pl-0123456789abcdef0 | referenced_security_group_id=<nil> | to_port=53
load_balancer_subnet_egress 3
  tcp 1024-65535 to 10.0.0.0/16 | cidr_block=10.0.0.0/16 | egress=true | from_port=1024 | protocol=tcp | rule_action=allow | rule_number=110 | to_port=65535
  tcp 1024-65535 to 192.0.2.0/24 | cidr_block=192.0.2.0/24 | egress=true | from_port=1024 | protocol=tcp | rule_action=allow | rule_number=120 | to_port=65535
  tcp 53 to 10.0.0.0/16 | cidr_block=10.0.0.0/16 | egress=true | from_port=53 | protocol=tcp | rule_action=allow | rule_number=100 | to_port=53
load_balancer_subnet_ingress 3
  tcp 1024-65535 from 10.0.0.0/16 | cidr_block=10.0.0.0/16 | egress=false | from_port=1024 | protocol=tcp | rule_action=allow | rule_number=120 | to_port=65535
  tcp 53 from 10.0.0.0/16 | cidr_block=10.0.0.0/16 | egress=false | from_port=53 | protocol=tcp | rule_action=allow | rule_number=100 | to_port=53
  tcp 53 from 192.0.2.0/24 | cidr_block=192.0.2.0/24 | egress=false | from_port=53 | protocol=tcp | rule_action=allow | rule_number=110 | to_port=53
private_instance_subnet_egress 1
  tcp 1024-65535 to 10.0.0.0/16 | cidr_block=10.0.0.0/16 | egress=true | from_port=1024 | protocol=tcp | rule_action=allow | rule_number=1000 | to_port=65535
private_instance_subnet_ingress 1
  tcp 53 from 10.0.0.0/16 | cidr_block=10.0.0.0/16 | egress=false | from_port=53 | protocol=tcp | rule_action=allow | rule_number=1000 | to_port=53
public_instance_subnet_egress 1
  tcp 1024-65535 to 0.0.0.0/0 | cidr_block=0.0.0.0/0 | egress=true | from_port=1024 | protocol=tcp | rule_action=allow | rule_number=2000 | to_port=65535
public_instance_subnet_ingress 1
  tcp 53 from 0.0.0.0/0 | cidr_block=0.0.0.0/0 | egress=false | from_port=53 | protocol=tcp | rule_action=allow | rule_number=2000 | to_port=53`)
}

// The function and the resources give the same rules under the same keys.
func TestRecommendedRulesFunctionAgreesWithTheResources(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	for name, lb := range map[string]blockValues{
		"internet-facing": {"listener": []any{blockValues{"lb_port": 80, "instance_port": 8080}, blockValues{"lb_port": 443, "instance_port": 8080}}, "health_check": []any{blockValues{"target": "TCP:8080"}}},
		"internal":        {"internal": true, "listener": []any{blockValues{"lb_port": 5432, "instance_port": 5432}}, "health_check": []any{blockValues{"target": "HTTP:9000/"}}},
		"declared clients": {"internal": true, "listener": []any{blockValues{"lb_port": 80, "instance_port": 80}}, "clients": []any{
			blockValues{"cidr_blocks": []any{"198.51.100.0/24"}, "security_group_ids": []any{"sg-0aaaabbbbccccdddd"}}}},
		"health check alone": {"listener": []any{}, "health_check": []any{blockValues{"target": "SSL:22"}}},
		"nothing":            {"listener": []any{}},
	} {
		t.Run(name, func(t *testing.T) {
			lb["security_groups"], lb["instance_security_group_ids"] = []any{"sg-0123456789abcdef0"}, []any{"sg-0fedcba9876543210"}
			result, funcErr := s.recommended(lb, networks("10.0.0.0/16", "10.1.0.0/16"))
			if funcErr != nil {
				t.Fatal(funcErr.Text)
			}
			all := attributesOf(t, result)
			common := blockValues{"load_balancers": []any{lb}, "vpc_cidr_blocks": []any{"10.0.0.0/16", "10.1.0.0/16"}}
			agree := func(resource string, more blockValues, ofAttribute map[string]string) {
				p := s.plan(resource, tftypes.Value{}, s.value(resource, with(common, more)))
				wantNothingSaid(t, errorsIn(p.diags))
				for attribute, table := range ofAttribute {
					planned, given := attributesOf(t, attributesOf(t, p.state)[attribute]), attributesOf(t, all[table])
					if a, b := slices.Sorted(maps.Keys(planned)), slices.Sorted(maps.Keys(given)); !slices.Equal(a, b) {
						t.Errorf("%s plans %q, the function gives %q", resource, a, b)
						continue
					}
					for key := range planned {
						one, other := attributesOf(t, planned[key]), attributesOf(t, given[key])
						for name := range other {
							// Derived rules show no description in the resources: it is never compared.
							if here, there := one[name]; there && name != "description" && !here.Equal(other[name]) {
								t.Errorf("%s of %q: %s plans %v, the function gives %v", name, key, resource, here, other[name])
							}
						}
					}
				}
			}
			agree("clb_load_balancer_rules", blockValues{"security_group_id": "sg-0123456789abcdef0"}, map[string]string{"ingress": "load_balancer_ingress", "egress": "load_balancer_egress"})
			agree("clb_instance_ingress_rules", blockValues{"security_group_id": "sg-0fedcba9876543210"}, map[string]string{"ingress": "instance_ingress"})
			for _, role := range []string{"load_balancer", "private_instance", "public_instance"} {
				agree("clb_network_acl_entries", blockValues{"network_acl_id": "acl-0123456789abcdef0", "subnet_roles": []any{role}},
					map[string]string{"ingress": role + "_subnet_ingress", "egress": role + "_subnet_egress"})
			}
		})
	}
}

func TestRecommendedRulesFunctionUnknown(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	// Without this, Terraform would not call the function while the arn of an aws_elb is unknown.
	for _, parameter := range made(s.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{}))(t).Functions["recommended_rules"].Parameters {
		if !parameter.AllowUnknownValues {
			t.Errorf("%s must be wholly known", parameter.Name)
		}
	}
	everyTable := "instance_ingress unknown load_balancer_egress unknown load_balancer_ingress unknown load_balancer_subnet_egress unknown load_balancer_subnet_ingress unknown " +
		"private_instance_subnet_egress unknown private_instance_subnet_ingress unknown public_instance_subnet_egress unknown public_instance_subnet_ingress unknown"
	for name, test := range map[string]struct {
		value   any
		vpc     tftypes.Value
		unknown string
	}{
		"nothing of the load balancer":         {unknownValue{}, networks("10.0.0.0/16"), everyTable},
		"listeners":                            {awsELB(blockValues{"listener": unknownValue{}}), networks("10.0.0.0/16"), everyTable},
		"a port":                               {awsELB(blockValues{"listener": []any{blockValues{"lb_port": unknownValue{}, "instance_port": 80}}}), networks("10.0.0.0/16"), everyTable},
		"computed attributes of aws_elb alone": {awsELB(nil), networks("10.0.0.0/16"), ""},
		"groups": {awsELB(blockValues{"security_groups": unknownValue{}, "instance_security_group_ids": []any{unknownValue{}}}), networks("10.0.0.0/16"),
			"instance_ingress unknown load_balancer_egress unknown"},
		"scheme": {awsELB(blockValues{"internal": unknownValue{}}), networks("10.0.0.0/16"),
			"load_balancer_ingress unknown load_balancer_subnet_egress unknown load_balancer_subnet_ingress unknown"},
		"health check": {awsELB(blockValues{"health_check": []any{blockValues{"target": unknownValue{}}}}), networks("10.0.0.0/16"),
			strings.ReplaceAll(everyTable, "load_balancer_ingress unknown ", "")},
		"a VPC CIDR": {awsELB(nil), networks("10.0.0.0/16", unknownValue{}),
			"load_balancer_subnet_egress unknown load_balancer_subnet_ingress unknown private_instance_subnet_egress unknown private_instance_subnet_ingress unknown"},
		"VPC CIDRs": {awsELB(blockValues{"internal": true}), tftypes.NewValue(tftypes.List{ElementType: tftypes.String}, tftypes.UnknownValue),
			"load_balancer_ingress unknown load_balancer_subnet_egress unknown load_balancer_subnet_ingress unknown private_instance_subnet_egress unknown private_instance_subnet_ingress unknown"},
	} {
		result, err := s.recommended(test.value, test.vpc)
		if err != nil {
			t.Errorf("%s: %s", name, err.Text)
			continue
		}
		got := everyTable
		if result.IsKnown() {
			lines := slices.DeleteFunc(strings.Split(tables(t, result, false), "\n"), func(line string) bool { return !strings.HasSuffix(line, " unknown") })
			got = strings.Join(lines, " ")
		}
		if got != test.unknown {
			t.Errorf("%s: %s, want %s", name, got, test.unknown)
		}
	}
}

func TestRecommendedRulesFunctionErrors(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	good := networks("10.0.0.0/16")
	for name, test := range map[string]struct {
		value    any
		vpc      tftypes.Value
		argument int64
		words    []string
	}{
		"no object":            {"web", good, 0, []string{`"web"`, "object", "lb_port = 80"}},
		"no listener":          {blockValues{"name": "web"}, good, 0, []string{"no listener attribute"}},
		"listeners a text":     {blockValues{"listener": "80:8080"}, good, 0, []string{"load_balancer.listener", `"80:8080"`, "list"}},
		"listener a number":    {blockValues{"listener": []any{80}}, good, 0, []string{"load_balancer.listener[0]", "80", "object"}},
		"port a text":          {blockValues{"listener": []any{blockValues{"lb_port": "http", "instance_port": 80}}}, good, 0, []string{"load_balancer.listener[0].lb_port", `"http"`, "whole number"}},
		"port a fraction":      {blockValues{"listener": []any{blockValues{"lb_port": 80.5, "instance_port": 80}}}, good, 0, []string{"80.5", "whole number"}},
		"port an object":       {blockValues{"listener": []any{blockValues{"lb_port": blockValues{}, "instance_port": 80}}}, good, 0, []string{"lb_port is an object"}},
		"port a list":          {blockValues{"listener": []any{blockValues{"lb_port": []any{}, "instance_port": 80}}}, good, 0, []string{"lb_port is a list"}},
		"port too high":        {blockValues{"listener": []any{blockValues{"lb_port": 70000, "instance_port": 80}}}, good, 0, []string{"70000", "1 to 65535"}},
		"port huge":            {blockValues{"listener": []any{blockValues{"lb_port": 1e30, "instance_port": 80}}}, good, 0, []string{"whole number"}},
		"scheme a text":        {blockValues{"internal": "internet-facing", "listener": []any{}}, good, 0, []string{"load_balancer.internal", "true or false"}},
		"health check":         {blockValues{"listener": []any{}, "health_check": []any{blockValues{"target": "HTTP:80"}}}, good, 0, []string{"HTTP:80", "did you mean"}},
		"two problems":         {blockValues{"listener": []any{blockValues{"lb_port": 0, "instance_port": 0}}}, good, 0, []string{"lb_port is 0", "instance_port is 0"}},
		"group":                {blockValues{"listener": []any{}, "security_groups": []any{"web"}}, good, 0, []string{"security_groups", `"web"`}},
		"no VPC CIDR":          {awsELB(nil), networks(), 1, []string{"vpc_cidr_blocks is empty"}},
		"VPC CIDR with a host": {awsELB(nil), networks("10.0.0.1/16"), 1, []string{"10.0.0.1/16", "10.0.0.0/16"}},
		"VPC CIDR null":        {awsELB(nil), networks(nil), 1, []string{"vpc_cidr_blocks[0] is null"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := s.recommended(test.value, test.vpc)
			wantArgumentError(t, err, test.argument, test.words...)
		})
	}
}
