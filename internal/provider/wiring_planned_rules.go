// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/terraform-clb/terraform-provider-clb/internal/verify"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// plannedRulesAttribute is the argument planned_rules. Its members are dynamic:
// the objects in them come from other providers and have attributes that are
// none of our business, and a tuple may hold objects of several types.
func plannedRulesAttribute() schema.SingleNestedAttribute {
	members := map[string]schema.Attribute{}
	for _, kind := range plannedKinds() {
		members[kind.member] = schema.DynamicAttribute{Optional: true, MarkdownDescription: kind.text}
	}
	return schema.SingleNestedAttribute{
		Optional: true,
		MarkdownDescription: "Rules that will stand after the apply. They are laid over the live ones: a rule that stands already counts once, a network ACL entry replaces the live one of its direction and number, " +
			"and a security group rule with the `security_group_rule_id` of a live one replaces that. Rules of security groups and network ACLs that the load balancer's traffic does not meet are ignored. " +
			"Rules that the apply removes still count.\n\n" +
			"Each member is one object or any nesting of lists and maps of them, so resources with `count` or `for_each` fit as they are:\n\n" +
			"```terraform\nplanned_rules = {\n  resources                        = [clb_load_balancer_rules.web, clb_network_acl_entries.web]\n" +
			"  vpc_security_group_ingress_rules = [aws_vpc_security_group_ingress_rule.web]\n}\n```\n\n" +
			"While any value in it is unknown, Terraform puts the whole data source off until the apply. A resource that is still to be created has unknown values, such as the ids of its rules. " +
			"To have the verdict at plan, name only the attributes that are known: " +
			"`[for r in aws_vpc_security_group_ingress_rule.web : { security_group_id = r.security_group_id, cidr_ipv4 = r.cidr_ipv4, ip_protocol = r.ip_protocol, from_port = r.from_port, to_port = r.to_port }]`.",
		Attributes: members,
	}
}

// plannedKind is a kind of objects in planned_rules.
type plannedKind struct {
	member, text string
	// like is what such an object is like.
	like string
	// markers are the attributes of which an object of this kind has one.
	markers []string
	read    func(o plannedObject, into plannedRules) []string
}

func plannedKinds() []plannedKind {
	group, acl := []string{"security_group_id"}, []string{"network_acl_id"}
	return []plannedKind{
		{
			"resources", "Resources of this provider, `clb_load_balancer_rules`, `clb_instance_ingress_rules` and `clb_network_acl_entries`, or objects with `security_group_id` or `network_acl_id` and the maps `ingress` and `egress`.",
			"a resource of this provider with rules", slices.Concat(group, acl), plannedObject.resource,
		},
		{
			"vpc_security_group_ingress_rules", "Objects shaped like `aws_vpc_security_group_ingress_rule`.",
			"aws_vpc_security_group_ingress_rule", group, func(o plannedObject, into plannedRules) []string { return o.groupRule(wiring.Ingress, into) },
		},
		{
			"vpc_security_group_egress_rules", "Objects shaped like `aws_vpc_security_group_egress_rule`.",
			"aws_vpc_security_group_egress_rule", group, func(o plannedObject, into plannedRules) []string { return o.groupRule(wiring.Egress, into) },
		},
		{"security_group_rules", "Objects shaped like `aws_security_group_rule`.", "aws_security_group_rule", group, plannedObject.groupRules},
		{"network_acl_rules", "Objects shaped like `aws_network_acl_rule`.", "aws_network_acl_rule", acl, plannedObject.entry},
	}
}

func plannedRulesType() types.ObjectType {
	members := types.ObjectType{AttrTypes: map[string]attr.Type{}}
	for _, kind := range plannedKinds() {
		members.AttrTypes[kind.member] = types.DynamicType
	}
	return members
}

// plannedRules are rules by the id of their security group or network ACL.
type plannedRules struct {
	groups map[string][]verify.GroupRule
	acls   map[string][]verify.ACLEntry
}

// decodePlannedRules reads planned_rules. What is not known is left out: while
// anything is unknown Terraform does not read the data source, so that matters
// to the validation alone. Each problem is a sentence that names its object.
func decodePlannedRules(ctx context.Context, value types.Object, ownAccount string) (plannedRules, []string) {
	planned := plannedRules{groups: map[string][]verify.GroupRule{}, acls: map[string][]verify.ACLEntry{}}
	if value.IsNull() || value.IsUnknown() {
		return planned, nil
	}
	var problems []string
	for _, kind := range plannedKinds() {
		where := "planned_rules." + kind.member
		member, isDynamic := value.Attributes()[kind.member].(basetypes.DynamicValue)
		if !isDynamic || member.IsNull() || member.IsUnknown() || member.IsUnderlyingValueNull() || member.IsUnderlyingValueUnknown() {
			continue
		}
		raw, err := member.UnderlyingValue().ToTerraformValue(ctx)
		if err != nil {
			problems = append(problems, fmt.Sprintf("%s cannot be read: %s", where, err))
			continue
		}
		objects, bad := plannedObjects(raw, kind, where)
		problems = append(problems, bad...)
		for _, object := range objects {
			object.ownAccount = ownAccount
			problems = append(problems, kind.read(object, planned)...)
		}
	}
	return planned, problems
}

// plannedObject is an object in planned_rules.
type plannedObject struct {
	value tftypes.Value
	// where names it: planned_rules.resources[0].
	where      string
	ownAccount string
}

// plannedObjects finds the objects of a kind in any nesting of lists and maps,
// which is what count and for_each make of a resource.
func plannedObjects(value tftypes.Value, kind plannedKind, where string) (objects []plannedObject, problems []string) {
	if !value.IsKnown() || value.IsNull() {
		return nil, nil
	}
	switch typ := value.Type(); {
	case typ.Is(tftypes.Object{}), typ.Is(tftypes.Map{}):
		var attributes map[string]tftypes.Value
		if err := value.As(&attributes); err != nil {
			return nil, []string{fmt.Sprintf("%s cannot be read: %s", where, err)}
		}
		for _, marker := range kind.markers {
			if attribute, there := attributes[marker]; there && !attribute.IsNull() {
				return []plannedObject{{value: value, where: where}}, nil
			}
		}
		for _, key := range slices.Sorted(maps.Keys(attributes)) {
			if isPrimitive(attributes[key]) {
				return nil, []string{fmt.Sprintf("%s has no %s: write an object shaped like %s", where, strings.Join(kind.markers, " or "), kind.like)}
			}
			more, bad := plannedObjects(attributes[key], kind, fmt.Sprintf("%s[%q]", where, key))
			objects, problems = append(objects, more...), append(problems, bad...)
		}
		return objects, problems
	case isPrimitive(value):
		return nil, []string{fmt.Sprintf("%s is %s: write an object shaped like %s", where, kindOf(value), kind.like)}
	default:
		var elements []tftypes.Value
		if err := value.As(&elements); err != nil {
			return nil, []string{fmt.Sprintf("%s cannot be read: %s", where, err)}
		}
		for i, element := range elements {
			more, bad := plannedObjects(element, kind, fmt.Sprintf("%s[%d]", where, i))
			objects, problems = append(objects, more...), append(problems, bad...)
		}
		return objects, problems
	}
}
