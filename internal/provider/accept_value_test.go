// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-clb/terraform-provider-clb/internal/verify"
)

// acceptList is a list of one acceptance with some attributes.
func acceptList(t *testing.T, some map[string]attr.Value) types.List {
	t.Helper()
	attributes := map[string]attr.Value{}
	for name, typ := range acceptType().AttrTypes {
		attributes[name] = types.StringNull()
		if typ == types.Int64Type {
			attributes[name] = types.Int64Null()
		}
	}
	for name, value := range some {
		attributes[name] = value
	}
	object, diags := types.ObjectValue(acceptType().AttrTypes, attributes)
	if diags.HasError() {
		t.Fatal(diags)
	}
	return types.ListValueMust(acceptType(), []attr.Value{object})
}

func TestDecodeAccept(t *testing.T) {
	t.Parallel()
	text, number := types.StringValue, types.Int64Value
	tests := []struct {
		name     string
		some     map[string]attr.Value
		accepted *verify.Acceptance
		problems []string // words of the problems, in their order
	}{
		{
			name: "the least", some: map[string]attr.Value{"finding": text("Path-MTU-Discovery"), "reason": text("no jumbo frames")},
			accepted: &verify.Acceptance{Name: "accept[0]", Finding: verify.PathMTURefused, Reason: "no jumbo frames"},
		},
		{
			name: "everything", some: map[string]attr.Value{
				"finding": text("CLB201"), "reason": text("office"), "expires": text("2026-12-31"), "cidr": text("10.1.0.0/16"),
				"protocol": text("tcp"), "from_port": number(0), "to_port": number(22),
			},
			accepted: &verify.Acceptance{
				Name: "accept[0]", Finding: verify.BroadGroupIn, Reason: "office", Expires: time.Date(2026, 12, 31, 0, 0, 0, 0, time.UTC), CIDR: netip.MustParsePrefix("10.1.0.0/16"),
				Protocol: "tcp", Ports: true, ToPort: 22,
			},
		},
		{
			name: "a group", some: map[string]attr.Value{"finding": text("CLB203"), "reason": text("r"), "security_group_id": text("sg-12345678")},
			accepted: &verify.Acceptance{Name: "accept[0]", Finding: verify.BroadInstanceGroup, Reason: "r", SecurityGroup: "sg-12345678"},
		},
		{
			name: "a prefix list", some: map[string]attr.Value{"finding": text("CLB203"), "reason": text("r"), "prefix_list_id": text("pl-12345678")},
			accepted: &verify.Acceptance{Name: "accept[0]", Finding: verify.BroadInstanceGroup, Reason: "r", PrefixList: "pl-12345678"},
		},
		{name: "unknown", some: map[string]attr.Value{"finding": text("nonsense"), "reason": types.StringUnknown()}},
		{name: "no finding", some: map[string]attr.Value{"reason": text("r")}, problems: []string{"accept[0] has no finding"}},
		{name: "no reason", some: map[string]attr.Value{"finding": text("CLB201")}, problems: []string{"accept[0]: reason is empty"}},
		{name: "no such finding", some: map[string]attr.Value{"finding": text("CLB210"), "reason": text("r")}, problems: []string{`"CLB210" is no kind of finding`}},
		{name: "no day", some: map[string]attr.Value{"finding": text("CLB201"), "reason": text("r"), "expires": text("31.12.2026")}, problems: []string{`accept[0]: expires "31.12.2026" is no day`}},
		{name: "no network", some: map[string]attr.Value{"finding": text("CLB201"), "reason": text("r"), "cidr": text("10.1.0.1/16")}, problems: []string{`accept[0]: cidr "10.1.0.1/16" has host bits set`}},
		{
			name: "one port", some: map[string]attr.Value{"finding": text("CLB201"), "reason": text("r"), "protocol": text("tcp"), "to_port": number(22)},
			problems: []string{"accept[0] has only one of from_port and to_port"},
		},
		{
			name:     "two things",
			some:     map[string]attr.Value{"finding": text("CLB201"), "expires": text("soon")},
			problems: []string{"expires", "reason is empty"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			list := acceptList(t, tt.some)
			accepted, problems := decodeAccept(list, "accept")
			if len(problems) != len(tt.problems) {
				t.Fatalf("problems %q, want those with %q", problems, tt.problems)
			}
			for i, words := range tt.problems {
				if !strings.Contains(problems[i], words) {
					t.Errorf("problem %q, want one with %q", problems[i], words)
				}
			}
			var want []verify.Acceptance
			if tt.accepted != nil {
				want = append(want, *tt.accepted)
			}
			if !reflect.DeepEqual(accepted, want) {
				t.Errorf("got %+v, want %+v", accepted, want)
			}
			if known := acceptKnown(list); known != (tt.name != "unknown") {
				t.Errorf("known: %v", known)
			}
		})
	}
	accepted, problems := decodeAccept(types.ListValueMust(acceptType(), []attr.Value{types.ObjectNull(acceptType().AttrTypes), types.ObjectUnknown(acceptType().AttrTypes)}), "accept")
	if len(accepted) != 0 || len(problems) != 1 || problems[0] != "accept[0] is null: leave it out" {
		t.Errorf("null: %v, %q", accepted, problems)
	}
	for _, list := range []types.List{types.ListNull(acceptType()), types.ListUnknown(acceptType())} {
		if accepted, problems := decodeAccept(list, "accept"); len(accepted)+len(problems) > 0 || acceptKnown(list) == list.IsUnknown() {
			t.Errorf("%s: %v, %q", list, accepted, problems)
		}
	}
}

// TestAcceptOfTheProvider: its elements name load balancers besides.
func TestAcceptOfTheProvider(t *testing.T) {
	t.Parallel()
	typ := types.ObjectType{AttrTypes: map[string]attr.Type{"load_balancer": types.StringType}}
	values := map[string]attr.Value{"load_balancer": types.StringValue("web-*")}
	for name, attributeType := range acceptType().AttrTypes {
		typ.AttrTypes[name] = attributeType
		values[name] = types.StringNull()
		if attributeType == types.Int64Type {
			values[name] = types.Int64Null()
		}
	}
	values["finding"], values["reason"] = types.StringValue("CLB201"), types.StringValue("r")
	accepted, problems := decodeAccept(types.ListValueMust(typ, []attr.Value{types.ObjectValueMust(typ.AttrTypes, values)}), "accept of the provider")
	if len(problems) > 0 || len(accepted) != 1 || accepted[0].LoadBalancer != "web-*" || accepted[0].Name != "accept of the provider[0]" {
		t.Errorf("got %+v, %q", accepted, problems)
	}
	if attributes := providerAcceptAttribute().NestedObject.Attributes; len(attributes) != len(typ.AttrTypes) {
		t.Errorf("the provider has %d attributes, %d are tested", len(attributes), len(typ.AttrTypes))
	}
}
