// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-clb/terraform-provider-clb/internal/cloud"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

var _ function.Function = recommendedRulesFunction{}

// recommendedRulesFunction gives the tables as maps for the resources of
// hashicorp/aws.
type recommendedRulesFunction struct{}

func newRecommendedRulesFunction() function.Function { return recommendedRulesFunction{} }

func (recommendedRulesFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "recommended_rules"
}

func (recommendedRulesFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "The rules that AWS recommends for a load balancer",
		MarkdownDescription: "Returns the security group rules and the network ACL entries that AWS recommends for a Classic Load Balancer, for `for_each` over the resources of hashicorp/aws. " +
			"The result is an object of maps, each keyed by what its rules admit, for example `\"tcp 80 from 0.0.0.0/0\"`, with the keys of the resources of this provider.\n\n" +
			"The elements of `load_balancer_ingress`, `load_balancer_egress` and `instance_ingress` have the attributes of `aws_vpc_security_group_ingress_rule`: " +
			"`cidr_ipv4`, `prefix_list_id` and `referenced_security_group_id` (one is set, the others are null), `ip_protocol`, `from_port`, `to_port` and `description`. " +
			"`instance_ingress` includes ICMP \"fragmentation needed\" for Path MTU Discovery.\n\n" +
			"The elements of `load_balancer_subnet_ingress`, `load_balancer_subnet_egress`, `private_instance_subnet_ingress`, `private_instance_subnet_egress`, " +
			"`public_instance_subnet_ingress` and `public_instance_subnet_egress` have the attributes of `aws_network_acl_rule`: " +
			"`rule_number` (from 100, 1000 and 2000 on, in steps of 10), `egress`, `rule_action`, `protocol`, `cidr_block`, `from_port` and `to_port`.\n\n" +
			"A map whose rules depend on something that is not known yet is unknown. `load_balancer_egress` is null when `instance_security_group_ids` of the load balancer is not set, " +
			"and `instance_ingress` when `security_groups` is not set: their rules name those groups.",
		Parameters: []function.Parameter{
			function.DynamicParameter{
				Name:               "load_balancer",
				AllowUnknownValues: true,
				MarkdownDescription: "The load balancer, an object shaped like `aws_elb`, such as `aws_elb.web`, `data.clb_load_balancer.web` or a literal: `name`, `internal`, `listener`, `health_check`, `security_groups` " +
					"and, which `aws_elb` does not have, `instance_security_group_ids` and `clients`: `merge(aws_elb.web, { instance_security_group_ids = [aws_security_group.web.id] })`. " +
					"Only `listener` is required. Other attributes are ignored.",
			},
			function.ListParameter{
				Name:                "vpc_cidr_blocks",
				ElementType:         types.StringType,
				AllowUnknownValues:  true,
				MarkdownDescription: "All IPv4 CIDR blocks of the VPC, such as `[aws_vpc.main.cidr_block]`.",
			},
		},
		Return: function.ObjectReturn{AttributeTypes: recommendedRulesType().AttrTypes},
	}
}

// recommendedRulesModel is what the function returns.
type recommendedRulesModel struct {
	LoadBalancerIngress          types.Map `tfsdk:"load_balancer_ingress"`
	LoadBalancerEgress           types.Map `tfsdk:"load_balancer_egress"`
	InstanceIngress              types.Map `tfsdk:"instance_ingress"`
	LoadBalancerSubnetIngress    types.Map `tfsdk:"load_balancer_subnet_ingress"`
	LoadBalancerSubnetEgress     types.Map `tfsdk:"load_balancer_subnet_egress"`
	PrivateInstanceSubnetIngress types.Map `tfsdk:"private_instance_subnet_ingress"`
	PrivateInstanceSubnetEgress  types.Map `tfsdk:"private_instance_subnet_egress"`
	PublicInstanceSubnetIngress  types.Map `tfsdk:"public_instance_subnet_ingress"`
	PublicInstanceSubnetEgress   types.Map `tfsdk:"public_instance_subnet_egress"`
}

func recommendedRulesType() types.ObjectType {
	rules, entries := types.MapType{ElemType: recommendedRuleType()}, types.MapType{ElemType: recommendedEntryType()}
	return types.ObjectType{AttrTypes: map[string]attr.Type{
		"load_balancer_ingress":           rules,
		"load_balancer_egress":            rules,
		"instance_ingress":                rules,
		"load_balancer_subnet_ingress":    entries,
		"load_balancer_subnet_egress":     entries,
		"private_instance_subnet_ingress": entries,
		"private_instance_subnet_egress":  entries,
		"public_instance_subnet_ingress":  entries,
		"public_instance_subnet_egress":   entries,
	}}
}

// recommendedRuleType has the attributes of aws_vpc_security_group_ingress_rule.
func recommendedRuleType() types.ObjectType {
	return types.ObjectType{AttrTypes: map[string]attr.Type{
		"cidr_ipv4":                    types.StringType,
		"prefix_list_id":               types.StringType,
		"referenced_security_group_id": types.StringType,
		"ip_protocol":                  types.StringType,
		"from_port":                    types.Int64Type,
		"to_port":                      types.Int64Type,
		"description":                  types.StringType,
	}}
}

// recommendedEntryType has the attributes of aws_network_acl_rule.
func recommendedEntryType() types.ObjectType {
	return types.ObjectType{AttrTypes: map[string]attr.Type{
		"rule_number": types.Int64Type,
		"egress":      types.BoolType,
		"rule_action": types.StringType,
		"protocol":    types.StringType,
		"cidr_block":  types.StringType,
		"from_port":   types.Int64Type,
		"to_port":     types.Int64Type,
	}}
}

func (recommendedRulesFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var (
		value types.Dynamic
		vpc   types.List
	)
	if resp.Error = req.Arguments.Get(ctx, &value, &vpc); resp.Error != nil {
		return
	}
	in, known, funcErr := recommendedRulesInputs(ctx, value, vpc)
	if resp.Error = funcErr; funcErr != nil {
		return
	}
	if !known {
		resp.Error = resp.Result.Set(ctx, types.ObjectUnknown(recommendedRulesType().AttrTypes))
		return
	}
	result, err := recommendedRules(ctx, in)
	if err != nil {
		resp.Error = argumentError(0, []string{err.Error()})
		return
	}
	resp.Error = resp.Result.Set(ctx, result)
}

// recommendedRulesInputs reads the arguments. known is false while nothing is
// known of the load balancer.
func recommendedRulesInputs(ctx context.Context, value types.Dynamic, vpc types.List) (in wiringInputs, known bool, funcErr *function.FuncError) {
	in.counted = true
	var problems []string
	in.vpc, in.unknownVPC, problems = decodeVPC(vpc)
	if in.lacksVPC() {
		problems = append(problems, "vpc_cidr_blocks is empty: AWS recommends entries from and to the VPC CIDR, so give all IPv4 CIDR blocks of the VPC")
	}
	if funcErr = argumentError(1, problems); funcErr != nil || value.IsUnknown() || value.IsUnderlyingValueUnknown() {
		return in, false, funcErr
	}
	raw, err := value.ToTerraformValue(ctx)
	if err != nil {
		return in, false, argumentError(0, []string{"load_balancer cannot be read: " + err.Error()})
	}
	shaped, err := converted(raw, loadBalancerType().TerraformType(ctx), "load_balancer")
	if err != nil {
		return in, false, argumentError(0, []string{err.Error() + `: give an object shaped like aws_elb, such as { listener = [{ lb_port = 80, instance_port = 8080 }] }`})
	}
	object, err := loadBalancerType().ValueFromTerraform(ctx, shaped)
	if err != nil {
		return in, false, argumentError(0, []string{"load_balancer cannot be read: " + err.Error()})
	}
	one, _ := object.(types.Object)
	var model loadBalancerModel
	model.fields().read(one)
	lb, problems := model.decode("")
	in.loadBalancers = []loadBalancer{lb}
	return in, true, argumentError(0, problems)
}

// argumentError tells all problems of an argument; nil if there is none. Terraform
// puts a full stop after it.
func argumentError(argument int64, problems []string) *function.FuncError {
	if len(problems) == 0 {
		return nil
	}
	texts := make([]string, 0, len(problems))
	for _, problem := range problems {
		texts = append(texts, strings.TrimRight(problem, ".?"))
	}
	return function.NewArgumentFuncError(argument, strings.Join(texts, "; "))
}

// recommendedRules applies the tables as the resources do.
func recommendedRules(_ context.Context, in wiringInputs) (recommendedRulesModel, error) {
	lb := in.loadBalancers[0]
	var result recommendedRulesModel
	group := loadBalancerRulesInputs{wiringInputs: in}.derive()
	instances := instanceIngressRulesInputs{wiringInputs: in, pathMTU: true}.derive()
	result.LoadBalancerIngress = rulesTable(group, wiring.Ingress)
	result.LoadBalancerEgress = rulesTable(group, wiring.Egress)
	result.InstanceIngress = rulesTable(instances, wiring.Ingress)
	if !lb.idle() && !lb.unknown.instanceGroups && len(lb.InstanceSecurityGroups) == 0 {
		result.LoadBalancerEgress = types.MapNull(recommendedRuleType())
	}
	if !lb.idle() && !lb.unknown.securityGroups && len(lb.SecurityGroups) == 0 {
		result.InstanceIngress = types.MapNull(recommendedRuleType())
	}
	for _, table := range []struct {
		role            subnetRole
		ingress, egress *types.Map
	}{
		{roleLoadBalancer, &result.LoadBalancerSubnetIngress, &result.LoadBalancerSubnetEgress},
		{rolePrivateInstance, &result.PrivateInstanceSubnetIngress, &result.PrivateInstanceSubnetEgress},
		{rolePublicInstance, &result.PublicInstanceSubnetIngress, &result.PublicInstanceSubnetEgress},
	} {
		inputs := networkACLEntriesInputs{wiringInputs: in, roles: []subnetRole{table.role}, firstNumber: table.role.firstRuleNumber(), step: defaultRuleNumberStep}
		if !inputs.known() {
			*table.ingress, *table.egress = types.MapUnknown(recommendedEntryType()), types.MapUnknown(recommendedEntryType())
			continue
		}
		entries, err := inputs.number(cloud.NewACLEntries(), false)
		if err != nil {
			return result, fmt.Errorf("the network ACL entries of %s cannot be numbered: %w", lb.Label(), err)
		}
		*table.ingress, *table.egress = entriesTable(entries.Ingress), entriesTable(entries.Egress)
	}
	return result, nil
}

func rulesTable(derived derivedRules, d wiring.Direction) types.Map {
	if !derived.known(d) {
		return types.MapUnknown(recommendedRuleType())
	}
	rows := map[string]attr.Value{}
	for _, rule := range wiring.InDirection(derived.rules, d) {
		var cidr, list, group = types.StringNull(), types.StringNull(), types.StringNull()
		switch peer := types.StringValue(rule.Peer.String()); {
		case rule.Peer.SecurityGroup != "":
			group = peer
		case rule.Peer.PrefixList != "":
			list = peer
		default:
			cidr = peer
		}
		rows[rule.Key()] = types.ObjectValueMust(recommendedRuleType().AttrTypes, map[string]attr.Value{
			"cidr_ipv4":                    cidr,
			"prefix_list_id":               list,
			"referenced_security_group_id": group,
			"ip_protocol":                  types.StringValue(string(rule.Protocol)),
			"from_port":                    types.Int64Value(int64(rule.From)),
			"to_port":                      types.Int64Value(int64(rule.To)),
			"description":                  types.StringValue(rule.Comment),
		})
	}
	return types.MapValueMust(recommendedRuleType(), rows)
}

func entriesTable(entries cloud.OwnedEntries) types.Map {
	rows := map[string]attr.Value{}
	for key, entry := range entries {
		rows[key] = types.ObjectValueMust(recommendedEntryType().AttrTypes, map[string]attr.Value{
			"rule_number": types.Int64Value(int64(entry.Number)),
			"egress":      types.BoolValue(entry.Direction == wiring.Egress),
			"rule_action": types.StringValue(actionAllow),
			"protocol":    types.StringValue(string(entry.Protocol)),
			"cidr_block":  types.StringValue(entry.Peer.CIDR.String()),
			"from_port":   types.Int64Value(int64(entry.From)),
			"to_port":     types.Int64Value(int64(entry.To)),
		})
	}
	return types.MapValueMust(recommendedEntryType(), rows)
}
