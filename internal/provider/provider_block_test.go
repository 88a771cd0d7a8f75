// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"os"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// blockValues is a provider block, or a block or map in it.
type blockValues map[string]any

// unknownValue is one that is known only after apply.
type unknownValue struct{}

// noAWSEnvironment takes away what the SDK would read from this machine.
func noAWSEnvironment(t testing.TB) {
	t.Helper()
	for _, variable := range os.Environ() {
		name, _, _ := strings.Cut(variable, "=")
		if strings.HasPrefix(name, "AWS_") || strings.HasSuffix(strings.ToUpper(name), "_PROXY") {
			t.Setenv(name, "")
			if err := os.Unsetenv(name); err != nil {
				t.Fatal(err)
			}
		}
	}
	t.Setenv("AWS_CONFIG_FILE", os.DevNull)
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", os.DevNull)
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
}

// providerBlock is the block as Terraform sends it.
func providerBlock(t testing.TB, block blockValues) tfsdk.Config {
	t.Helper()
	var resp provider.SchemaResponse
	New("test")().Schema(t.Context(), provider.SchemaRequest{}, &resp)
	for _, name := range []string{"assume_role", "assume_role_with_web_identity"} {
		if _, ok := block[name]; !ok {
			block[name] = []any{}
		}
	}
	return tfsdk.Config{Schema: resp.Schema, Raw: terraformValue(t, resp.Schema.Type().TerraformType(t.Context()), block)}
}

func terraformValue(t testing.TB, typ tftypes.Type, v any) tftypes.Value {
	t.Helper()
	if _, ok := v.(unknownValue); ok {
		return tftypes.NewValue(typ, tftypes.UnknownValue)
	}
	if v == nil {
		return tftypes.NewValue(typ, nil)
	}
	if value, ok := v.(tftypes.Value); ok {
		// For attributes of any type.
		return value
	}
	elements := func(element tftypes.Type) []tftypes.Value {
		list, ok := v.([]any)
		if !ok {
			t.Fatalf("%v is not a list", v)
		}
		all := []tftypes.Value{}
		for _, e := range list {
			all = append(all, terraformValue(t, element, e))
		}
		return all
	}
	switch typ := typ.(type) {
	case tftypes.List:
		return tftypes.NewValue(typ, elements(typ.ElementType))
	case tftypes.Set:
		return tftypes.NewValue(typ, elements(typ.ElementType))
	case tftypes.Map:
		entries, ok := v.(blockValues)
		if !ok {
			t.Fatalf("%v is not a map", v)
		}
		all := map[string]tftypes.Value{}
		for name, e := range entries {
			all[name] = terraformValue(t, typ.ElementType, e)
		}
		return tftypes.NewValue(typ, all)
	case tftypes.Object:
		given, ok := v.(blockValues)
		if !ok {
			t.Fatalf("%v is not a block", v)
		}
		all := map[string]tftypes.Value{}
		for name, attribute := range typ.AttributeTypes {
			all[name] = terraformValue(t, attribute, given[name])
		}
		for name := range given {
			if _, ok := typ.AttributeTypes[name]; !ok {
				t.Fatalf("there is no argument %s", name)
			}
		}
		return tftypes.NewValue(typ, all)
	default:
		return tftypes.NewValue(typ, v)
	}
}
