// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// classicModel are the arguments for instances in EC2-Classic, outside of any VPC.
type classicModel struct {
	SecurityGroupName   types.String `tfsdk:"security_group_name"`
	SourceSecurityGroup types.Object `tfsdk:"source_security_group"`
	AllProtocols        types.Bool   `tfsdk:"all_protocols"`
}

// sourceSecurityGroupValue is the value of source_security_group.
type sourceSecurityGroupValue struct {
	OwnerAlias types.String `tfsdk:"owner_alias"`
	GroupName  types.String `tfsdk:"group_name"`
}

func sourceSecurityGroupType() types.ObjectType {
	return types.ObjectType{AttrTypes: map[string]attr.Type{"owner_alias": types.StringType, "group_name": types.StringType}}
}

func newSourceSecurityGroup(source wiring.SourceGroup) types.Object {
	return types.ObjectValueMust(sourceSecurityGroupType().AttrTypes, map[string]attr.Value{
		"owner_alias": types.StringValue(source.OwnerAlias), "group_name": types.StringValue(source.GroupName),
	})
}

// classicAttributes are the schema of classicModel.
func classicAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"security_group_name": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "The name of the instances' security group in EC2-Classic, the network outside of any VPC, which AWS retired on 2022-08-15. " +
				"Either this or `security_group_id` is needed; for a group in a VPC, only `security_group_id` will do. The rules of such a group have no id in AWS, so their `security_group_rule_id` is null, and they take no tags. Changing it replaces the resource.",
			PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
			Validators:    []validator.String{textValidator{"a security group name", wiring.CheckSecurityGroupName}},
		},
		"source_security_group": schema.SingleNestedAttribute{
			Optional: true,
			MarkdownDescription: "In EC2-Classic, the security group that Elastic Load Balancing provides as the source of the load balancers' traffic: `data.clb_load_balancer.web.source_security_group`, or written out `{ owner_alias = \"amazon-elb\", group_name = \"amazon-elb-sg\" }`. " +
				"With it, the rules admit the load balancers alone. Left out beside `security_group_name`: the rules admit all IP addresses, `0.0.0.0/0`, which is the other way that AWS describes, and open to everyone. " +
				"In a VPC it is an error: there `security_groups` of the load balancers' values, or `load_balancer_security_group_ids`, are the sources.",
			Attributes: map[string]schema.Attribute{
				"owner_alias": schema.StringAttribute{Optional: true, MarkdownDescription: "The owner of the group: `amazon-elb`. Needed."},
				"group_name":  schema.StringAttribute{Optional: true, MarkdownDescription: "The name of the group: `amazon-elb-sg`. Needed."},
			},
		},
		"all_protocols": schema.BoolAttribute{
			Optional: true,
			Computed: true,
			Default:  booldefault.StaticBool(false),
			MarkdownDescription: "Whether `source_security_group` is admitted on every port of TCP, UDP and ICMP, as `aws ec2 authorize-security-group-ingress --source-security-group-name` does, " +
				"instead of on the instance ports and the health check port alone, as the console does. Default `false`.",
		},
	}
}

// classicInputs are the arguments for EC2-Classic as far as they are known.
type classicInputs struct {
	// named: the security group is addressed by its name, so it is in EC2-Classic.
	named bool
	// source is the group that the rules admit; if nil, they admit everyone.
	source *wiring.SourceGroup
	// whole: the source is admitted on every port of every protocol.
	whole   bool
	unknown bool
}

// peer is whom the rules admit.
func (in classicInputs) peer() wiring.Peer {
	if in.source == nil {
		return wiring.CIDRPeer(wiring.Everyone())
	}
	return in.source.Peer()
}

// rules are the rules that AWS recommends in EC2-Classic. Its page has none for
// Path MTU Discovery there.
func (in classicInputs) rules(lb wiring.LoadBalancer) []wiring.Rule {
	rules := wiring.ClassicInstanceGroup(lb, in.peer())
	if in.whole && len(rules) > 0 {
		return wiring.ClassicAllProtocols(in.peer())
	}
	return rules
}

// classicInputs reads the arguments for EC2-Classic and refuses what can only be
// used in a VPC, or outside of one.
func (m *instanceIngressRulesModel) classicInputs(ctx context.Context) (classicInputs, diag.Diagnostics) {
	var diags diag.Diagnostics
	refuse := func(attribute, summary, format string, args ...any) {
		diags.AddAttributeError(path.Root(attribute), summary, fmt.Sprintf(format, args...))
	}
	in := classicInputs{named: !m.SecurityGroupName.IsNull(), whole: m.AllProtocols.ValueBool()}
	in.unknown = m.AllProtocols.IsUnknown()
	byID := !m.SecurityGroupID.IsNull() && !m.SecurityGroupID.IsUnknown()
	switch {
	case in.named && byID && !m.SecurityGroupName.IsUnknown():
		refuse("security_group_name", "Conflicting arguments", "Both security_group_id (%s) and security_group_name (%q) are set, and the rules go into one security group. "+
			"Remove security_group_name: EC2-Classic, where groups are addressed by name, was retired by AWS.", m.SecurityGroupID.ValueString(), m.SecurityGroupName.ValueString())
	case !in.named && m.SecurityGroupID.IsNull():
		refuse("security_group_id", "Missing security group", "The rules need a security group: set security_group_id, for example security_group_id = aws_security_group.instances.id.")
	}
	source, problem := decodeSourceGroup(ctx, m.SourceSecurityGroup)
	if problem != "" {
		refuse("source_security_group", "Invalid source security group", "%s", withFullStop("source_security_group: "+problem))
	}
	in.source, in.unknown = source, in.unknown || source == nil && !m.SourceSecurityGroup.IsNull()
	if !in.named {
		if !m.SourceSecurityGroup.IsNull() && !m.SecurityGroupID.IsNull() && problem == "" {
			refuse("source_security_group", "EC2-Classic source in a VPC", "source_security_group names the source of load balancers in EC2-Classic, %s/%s, which does not exist in a VPC, and security_group_id addresses a group of a VPC. "+
				"Remove source_security_group, and name the load balancer's own security groups instead: security_groups in its value, as aws_elb and data.clb_load_balancer have them, or load_balancer_security_group_ids = data.clb_load_balancer.web.security_groups.",
				wiring.ClassicOwnerAlias, wiring.ClassicGroupName)
		}
		if in.whole {
			refuse("all_protocols", "Conflicting arguments", "all_protocols admits source_security_group in EC2-Classic, and this resource is for a security group in a VPC. Remove all_protocols.")
		}
		return in, diags
	}
	if in.whole && m.SourceSecurityGroup.IsNull() {
		refuse("all_protocols", "Missing source security group", "all_protocols opens every port, and without source_security_group it would do so for all IP addresses. "+
			"Set source_security_group = { owner_alias = %q, group_name = %q }, or remove all_protocols.", wiring.ClassicOwnerAlias, wiring.ClassicGroupName)
	}
	if len(m.LoadBalancerSecurityGroupIDs.Elements()) > 0 {
		refuse("load_balancer_security_group_ids", "Conflicting arguments", "Load balancers in EC2-Classic carry no security groups, and security_group_name addresses a group in EC2-Classic. "+
			"If this is a VPC, set security_group_id instead of security_group_name; otherwise set source_security_group instead of load_balancer_security_group_ids.")
	}
	if len(m.Tags.Elements()) > 0 {
		refuse("tags", "Invalid tag", "AWS takes no tags for the rules of security groups in EC2-Classic, and security_group_name addresses one. Remove tags.")
	}
	return in, diags
}

// decodeSourceGroup reads source_security_group; it is nil while it is unknown.
func decodeSourceGroup(ctx context.Context, object types.Object) (*wiring.SourceGroup, string) {
	if object.IsNull() || object.IsUnknown() {
		return nil, ""
	}
	var value sourceSecurityGroupValue
	if diags := object.As(ctx, &value, basetypes.ObjectAsOptions{}); diags.HasError() {
		return nil, diags.Errors()[0].Detail()
	}
	switch {
	case value.OwnerAlias.IsNull():
		return nil, fmt.Sprintf("owner_alias is missing: it is %q", wiring.ClassicOwnerAlias)
	case value.GroupName.IsNull():
		return nil, fmt.Sprintf("group_name is missing: it is %q", wiring.ClassicGroupName)
	case value.OwnerAlias.IsUnknown() || value.GroupName.IsUnknown():
		return nil, ""
	}
	source := wiring.SourceGroup{OwnerAlias: value.OwnerAlias.ValueString(), GroupName: value.GroupName.ValueString()}
	if err := source.Check(); err != nil {
		return nil, err.Error()
	}
	return &source, ""
}

// placeInClassic makes the load balancers those of EC2-Classic, which all have
// the one source group, and refuses those that carry groups of a VPC.
func (in *instanceIngressRulesInputs) placeInClassic() diag.Diagnostics {
	var diags diag.Diagnostics
	member := wiring.SourceGroup{OwnerAlias: wiring.ClassicOwnerAlias, GroupName: wiring.ClassicGroupName}.Peer().SecurityGroup
	for i := range in.loadBalancers {
		lb := &in.loadBalancers[i]
		if groups := lb.SecurityGroups; len(groups) > 0 {
			diags.AddAttributeError(path.Root("load_balancers"), "Load balancer is in a VPC",
				fmt.Sprintf("%s carries security groups (%s), as load balancers in a VPC do, and security_group_name addresses a group in EC2-Classic. "+
					"Set security_group_id instead of security_group_name, and remove source_security_group: the security groups of the load balancer are the source.", upperFirst(lb.Label()), joinSorted(groups)))
			continue
		}
		lb.SecurityGroups, lb.carried = []string{member}, []string{member}
	}
	return diags
}

// upperFirst begins a sentence.
func upperFirst(text string) string { return strings.ToUpper(text[:1]) + text[1:] }

// group is what the security group is addressed by.
func (m *instanceIngressRulesModel) group() types.String {
	if m.SecurityGroupName.IsNull() {
		return m.SecurityGroupID
	}
	return m.SecurityGroupName
}

// allTags are the tags of the rules: in EC2-Classic, rules have none.
func (m *instanceIngressRulesModel) allTags(ctx context.Context, d *providerData) (types.Map, diag.Diagnostics) {
	if m.SecurityGroupName.IsNull() {
		return m.groupRulesModel.allTags(ctx, d)
	}
	return types.MapValueMust(types.StringType, map[string]attr.Value{}), nil
}

// withoutRuleIDs shows rules of EC2-Classic, which have no ids.
func withoutRuleIDs(rules types.Map) types.Map {
	if rules.IsNull() || rules.IsUnknown() {
		return rules
	}
	elements := rules.Elements()
	for key, element := range elements {
		if object, is := element.(types.Object); is && !object.IsUnknown() {
			elements[key] = withRuleID(object, types.StringNull())
		}
	}
	return types.MapValueMust(ruleType(), elements)
}

// noClassic are the arguments of a resource in a VPC.
func noClassic() classicModel {
	return classicModel{SourceSecurityGroup: types.ObjectNull(sourceSecurityGroupType().AttrTypes), AllProtocols: types.BoolValue(false)}
}
