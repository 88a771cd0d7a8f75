// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	datasourceschema "github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	providerschema "github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-clb/terraform-provider-clb/internal/verify"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

const acceptText = "Findings to live with. What an acceptance does not name is still found. " +
	"An acceptance that expires within 14 days, has expired, or accepts nothing that is found is a warning."

// acceptLoadBalancer is the attribute that only the provider's accept has.
const acceptLoadBalancer = "load_balancer"

// acceptField is an attribute of an element of accept.
type acceptField struct {
	name   string
	number bool
	text   string
}

// acceptFields are the attributes of an element of accept. All of them are
// Optional, and what must be set is required by our own checks: an element that
// is wholly unknown would otherwise count as one without them.
func acceptFields() []acceptField {
	return []acceptField{
		{name: "finding", text: "The kind of finding, by its id such as `CLB201` or its name such as `load-balancer-group-ingress`. Must be set."},
		{name: "reason", text: "Why it is acceptable, for whoever reads the configuration later. Must be set."},
		{name: "expires", text: "The last day on which it is accepted, such as `\"2026-12-31\"`; on the day after, the finding returns. Left out: it never expires."},
		{name: "cidr", text: "Accept only traffic with the addresses of this network, for example `\"10.20.0.0/16\"`. At most one of `cidr`, `security_group_id` and `prefix_list_id`."},
		{name: "from_port", number: true, text: "The first accepted port, or the ICMP type. Needs `protocol` and `to_port`."},
		{name: "to_port", number: true, text: "The last accepted port, or the ICMP code; `-1` is any code."},
		{name: "protocol", text: "Accept only this protocol: `tcp`, `udp`, `icmp`, `icmpv6` or a protocol number. Left out: all."},
		{name: "security_group_id", text: "Accept only traffic with the members of this security group; for a finding that is about a group and not about traffic, that group."},
		{name: "prefix_list_id", text: "Accept only traffic with the networks of this managed prefix list."},
	}
}

// acceptAttribute is the argument accept of a resource.
func acceptAttribute() schema.ListNestedAttribute {
	attributes := map[string]schema.Attribute{}
	for _, f := range acceptFields() {
		if f.number {
			attributes[f.name] = schema.Int64Attribute{Optional: true, MarkdownDescription: f.text}
			continue
		}
		attributes[f.name] = schema.StringAttribute{Optional: true, MarkdownDescription: f.text}
	}
	return schema.ListNestedAttribute{
		Optional:            true,
		MarkdownDescription: acceptText,
		NestedObject:        schema.NestedAttributeObject{Attributes: attributes},
	}
}

// dataSourceAcceptAttribute is the argument accept of a data source.
func dataSourceAcceptAttribute() datasourceschema.ListNestedAttribute {
	attributes := map[string]datasourceschema.Attribute{}
	for _, f := range acceptFields() {
		if f.number {
			attributes[f.name] = datasourceschema.Int64Attribute{Optional: true, MarkdownDescription: f.text}
			continue
		}
		attributes[f.name] = datasourceschema.StringAttribute{Optional: true, MarkdownDescription: f.text}
	}
	return datasourceschema.ListNestedAttribute{
		Optional:            true,
		MarkdownDescription: acceptText,
		NestedObject:        datasourceschema.NestedAttributeObject{Attributes: attributes},
	}
}

// providerAcceptAttribute is the argument accept of the provider block. Its
// elements name load balancers besides.
func providerAcceptAttribute() providerschema.ListNestedAttribute {
	attributes := map[string]providerschema.Attribute{
		acceptLoadBalancer: providerschema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "Accept it only for load balancers whose name is of this pattern, in which `*` stands for any characters and `?` for one. Left out: for all.",
		},
	}
	for _, f := range acceptFields() {
		if f.number {
			attributes[f.name] = providerschema.Int64Attribute{Optional: true, MarkdownDescription: f.text}
			continue
		}
		attributes[f.name] = providerschema.StringAttribute{Optional: true, MarkdownDescription: f.text}
	}
	return providerschema.ListNestedAttribute{
		Optional:            true,
		MarkdownDescription: acceptText + " These hold for all resources and data sources, besides their own `accept`.",
		NestedObject:        providerschema.NestedAttributeObject{Attributes: attributes},
	}
}

// acceptType is the type of an element of accept of a resource or data source.
func acceptType() types.ObjectType {
	attributes := map[string]attr.Type{}
	for _, f := range acceptFields() {
		attributes[f.name] = types.StringType
		if f.number {
			attributes[f.name] = types.Int64Type
		}
	}
	return types.ObjectType{AttrTypes: attributes}
}

// decodeAccept reads accept of a resource, a data source or the provider. Name
// is what the configuration calls the list; an element is then name[0]. Elements
// that are not known are left out, see [acceptKnown]. Each problem is a sentence
// that names its element. Of the provider, the caller sets Shared.
func decodeAccept(list types.List, name string) (accepted []verify.Acceptance, problems []string) {
	for i, element := range list.Elements() {
		object, isObject := element.(types.Object)
		where := fmt.Sprintf("%s[%d]", name, i)
		switch {
		case !isObject || object.IsNull():
			problems = append(problems, where+" is null: leave it out")
		case wholeKnown(object):
			acceptance, bad := acceptanceOf(object, where)
			if problems = append(problems, bad...); len(bad) == 0 {
				accepted = append(accepted, acceptance)
			}
		}
	}
	return accepted, problems
}

// acceptKnown tells whether all of accept is known.
func acceptKnown(list types.List) bool {
	if list.IsUnknown() {
		return false
	}
	for _, element := range list.Elements() {
		if object, isObject := element.(types.Object); isObject && !wholeKnown(object) {
			return false
		}
	}
	return true
}

// wholeKnown tells whether an object and all its attributes are known.
func wholeKnown(object types.Object) bool {
	if object.IsUnknown() {
		return false
	}
	for _, value := range object.Attributes() {
		if value.IsUnknown() {
			return false
		}
	}
	return true
}

func acceptanceOf(object types.Object, where string) (verify.Acceptance, []string) {
	text := func(attribute string) string {
		value, _ := object.Attributes()[attribute].(types.String)
		return value.ValueString()
	}
	from, _ := object.Attributes()["from_port"].(types.Int64)
	to, _ := object.Attributes()["to_port"].(types.Int64)
	a := verify.Acceptance{
		Name:          where,
		Finding:       verify.ID(text("finding")),
		Reason:        text("reason"),
		LoadBalancer:  text(acceptLoadBalancer),
		Protocol:      text("protocol"),
		Ports:         !from.IsNull() && !to.IsNull(),
		FromPort:      int(from.ValueInt64()),
		ToPort:        int(to.ValueInt64()),
		SecurityGroup: text("security_group_id"),
		PrefixList:    text("prefix_list_id"),
	}
	var problems []string
	if a.Finding == "" {
		// The check of an empty id would only say that there is none of that name.
		return a, []string{where + " has no finding: name the kind of finding, by its id such as CLB201 or its name, as the finding itself shows it"}
	}
	if id, is := verify.ParseID(string(a.Finding)); is {
		a.Finding = id
	}
	if from.IsNull() != to.IsNull() {
		problems = append(problems, where+" has only one of from_port and to_port: set both, to the same port for a single one")
	}
	if expires := text("expires"); expires != "" {
		day, err := time.Parse(time.DateOnly, expires)
		if err != nil {
			problems = append(problems, fmt.Sprintf("%s: expires %q is no day: write it like \"2026-12-31\"", where, expires))
		}
		a.Expires = day
	}
	if cidr := text("cidr"); cidr != "" {
		prefix, err := wiring.ParseCIDR(cidr)
		if err != nil {
			problems = append(problems, fmt.Sprintf("%s: cidr %s", where, err))
		}
		a.CIDR = prefix
	}
	return a, append(problems, a.Check()...)
}
