// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package examples_test

import (
	"fmt"
	"maps"
	"math/big"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/terraform-clb/terraform-provider-clb/internal/demo/stage"
	"github.com/terraform-clb/terraform-provider-clb/internal/provider"
)

// query is what `terraform query -generate-config-out` does, for versions of
// Terraform that have no such command: it asks the provider for every list block
// of a file, and writes what it answers as import blocks and configuration.
type query struct {
	tfprotov6.ProviderServer
	schemas *tfprotov6.GetProviderSchemaResponse
	ids     *tfprotov6.GetResourceIdentitySchemasResponse
	// byIdentity tells whether the import blocks have an identity, or an id.
	byIdentity bool
}

func newQuery(t *testing.T, s *stage.Stage) query {
	t.Helper()
	q := query{ProviderServer: providerserver.NewProtocol6(provider.New("test")())()}
	var err error
	if q.schemas, err = q.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{}); err != nil {
		t.Fatal(err)
	}
	if q.ids, err = q.GetResourceIdentitySchemas(t.Context(), &tfprotov6.GetResourceIdentitySchemasRequest{}); err != nil {
		t.Fatal(err)
	}
	environment := map[string]string{}
	for _, variable := range s.Command(t.Context()).Env {
		name, value, _ := strings.Cut(variable, "=")
		environment[name] = value
	}
	text := func(name string) tftypes.Value { return tftypes.NewValue(tftypes.String, environment[name]) }
	block, isObject := q.schemas.Provider.ValueType().(tftypes.Object)
	if !isObject {
		t.Fatal("the provider block is no object")
	}
	settings := map[string]tftypes.Value{}
	for name, typ := range block.AttributeTypes {
		settings[name] = tftypes.NewValue(typ, nil)
	}
	settings["region"], settings["access_key"], settings["secret_key"] = text("AWS_REGION"), text("AWS_ACCESS_KEY_ID"), text("AWS_SECRET_ACCESS_KEY")
	endpoints := block.AttributeTypes["endpoints"]
	settings["endpoints"] = tftypes.NewValue(endpoints, map[string]tftypes.Value{"ec2": text("AWS_ENDPOINT_URL"), "elb": text("AWS_ENDPOINT_URL"), "sts": text("AWS_ENDPOINT_URL")})
	config, err := tfprotov6.NewDynamicValue(block, tftypes.NewValue(block, settings))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := q.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{Config: &config})
	if err != nil {
		t.Fatal(err)
	}
	wantNoDiagnostics(t, resp.Diagnostics)
	return q
}

func wantNoDiagnostics(t *testing.T, diags []*tfprotov6.Diagnostic) {
	t.Helper()
	for _, d := range diags {
		t.Errorf("%s: %s", d.Summary, d.Detail)
	}
}

// generate answers a file of list blocks without arguments.
func (q query) generate(t *testing.T, file string) string {
	t.Helper()
	lists, can := q.ProviderServer.(tfprotov6.ListResourceServer)
	if !can {
		t.Fatal("the provider lists nothing")
	}
	var out strings.Builder
	names := map[string]bool{}
	for _, block := range regexp.MustCompile(`(?m)^list "(\w+)" "(\w+)" \{\n  provider         = clb\n  include_resource = true\n\n  config \{\}\n\}$`).FindAllStringSubmatch(file, -1) {
		typ, name := block[1], block[2]
		if names[name] {
			t.Errorf("Terraform refuses a second list block of the name %s, also of another type", name)
		}
		names[name] = true
		object, is := q.schemas.ListResourceSchemas[typ].ValueType().(tftypes.Object)
		if !is {
			t.Fatalf("the provider does not list %s", typ)
		}
		arguments := map[string]tftypes.Value{}
		for name, typ := range object.AttributeTypes {
			arguments[name] = tftypes.NewValue(typ, nil)
		}
		config, err := tfprotov6.NewDynamicValue(object, tftypes.NewValue(object, arguments))
		if err != nil {
			t.Fatal(err)
		}
		listed, err := lists.ListResource(t.Context(), &tfprotov6.ListResourceRequest{TypeName: typ, Config: &config, IncludeResource: true, Limit: 100})
		if err != nil {
			t.Fatal(err)
		}
		at := 0
		for result := range listed.Results {
			wantNoDiagnostics(t, result.Diagnostics)
			q.write(t, &out, typ, fmt.Sprintf("%s_%d", name, at), result)
			at++
		}
	}
	return out.String()
}

// write writes one resource and its import block.
func (q query) write(t *testing.T, out *strings.Builder, typ, name string, result tfprotov6.ListResourceResult) {
	t.Helper()
	schema := q.schemas.ResourceSchemas[typ]
	state, err := result.Resource.Unmarshal(schema.ValueType())
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(out, "resource %q %q {\n  provider = clb\n", typ, name)
	writeAttributes(t, out, "  ", schema.Block.Attributes, attributesOf(t, state))
	fmt.Fprintf(out, "}\n\nimport {\n  to       = %s.%s\n  provider = clb\n", typ, name)
	identity, err := result.Identity.IdentityData.Unmarshal(q.ids.IdentitySchemas[typ].ValueType())
	if err != nil {
		t.Fatal(err)
	}
	if q.byIdentity {
		fmt.Fprintf(out, "  identity = %s\n", expression(t, "  ", identity))
	} else {
		fmt.Fprintf(out, "  id       = %q\n", importID(t, attributesOf(t, state)))
	}
	out.WriteString("}\n\n")
}

// importID is the import id of a resource, as its page describes it.
func importID(t *testing.T, state map[string]tftypes.Value) string {
	t.Helper()
	var parts []string
	for _, name := range []string{"load_balancer_name", "security_group_id", "network_acl_id"} {
		if value, there := state[name]; there {
			parts = append(parts, textOf(t, value))
		}
	}
	if roles, there := state["subnet_roles"]; there {
		var names []string
		for _, role := range elementsOf(t, roles) {
			names = append(names, textOf(t, role))
		}
		parts = append(parts, strings.Join(names, ","))
	}
	if lbs, there := state["load_balancers"]; there {
		var names []string
		for _, lb := range elementsOf(t, lbs) {
			names = append(names, textOf(t, attributesOf(t, lb)["name"]))
		}
		parts = append(parts, strings.Join(names, ","))
	}
	return strings.Join(parts, "/")
}

// writeAttributes writes the attributes that can be configured, in the order of
// their names and with null for those that are not set, as Terraform does.
func writeAttributes(t *testing.T, out *strings.Builder, indent string, schema []*tfprotov6.SchemaAttribute, values map[string]tftypes.Value) {
	t.Helper()
	for _, attribute := range slices.SortedFunc(slices.Values(schema), func(a, b *tfprotov6.SchemaAttribute) int { return strings.Compare(a.Name, b.Name) }) {
		value := values[attribute.Name]
		if !attribute.Optional && !attribute.Required {
			continue
		}
		switch nested := attribute.NestedType; {
		case nested == nil || value.IsNull():
			fmt.Fprintf(out, "%s%s = %s\n", indent, attribute.Name, expression(t, indent, value))
		case nested.Nesting == tfprotov6.SchemaObjectNestingModeMap:
			fmt.Fprintf(out, "%s%s = {\n", indent, attribute.Name)
			elements := attributesOf(t, value)
			for _, key := range slices.Sorted(maps.Keys(elements)) {
				fmt.Fprintf(out, "%s  %q = {\n", indent, key)
				writeAttributes(t, out, indent+"    ", nested.Attributes, attributesOf(t, elements[key]))
				fmt.Fprintf(out, "%s  }\n", indent)
			}
			fmt.Fprintf(out, "%s}\n", indent)
		default:
			fmt.Fprintf(out, "%s%s = [\n", indent, attribute.Name)
			for _, element := range elementsOf(t, value) {
				fmt.Fprintf(out, "%s  {\n", indent)
				writeAttributes(t, out, indent+"    ", nested.Attributes, attributesOf(t, element))
				fmt.Fprintf(out, "%s  },\n", indent)
			}
			fmt.Fprintf(out, "%s]\n", indent)
		}
	}
}

// expression is a value in the language of Terraform.
func expression(t *testing.T, indent string, value tftypes.Value) string {
	t.Helper()
	switch {
	case value.IsNull():
		return "null"
	case value.Type().Is(tftypes.String):
		return fmt.Sprintf("%q", textOf(t, value))
	case value.Type().Is(tftypes.Bool):
		var is bool
		must(t, value.As(&is))
		return fmt.Sprint(is)
	case value.Type().Is(tftypes.Number):
		number := new(big.Float)
		must(t, value.As(&number))
		return number.Text('f', -1)
	}
	if typ := value.Type(); typ.Is(tftypes.List{}) || typ.Is(tftypes.Set{}) {
		var parts []string
		for _, element := range elementsOf(t, value) {
			parts = append(parts, expression(t, indent, element))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	var out strings.Builder
	out.WriteString("{\n")
	attributes := attributesOf(t, value)
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		fmt.Fprintf(&out, "%s  %s = %s\n", indent, name, expression(t, indent+"  ", attributes[name]))
	}
	return out.String() + indent + "}"
}

func textOf(t *testing.T, value tftypes.Value) (text string) {
	t.Helper()
	must(t, value.As(&text))
	return text
}

func elementsOf(t *testing.T, value tftypes.Value) (elements []tftypes.Value) {
	t.Helper()
	must(t, value.As(&elements))
	return elements
}

func attributesOf(t *testing.T, value tftypes.Value) (attributes map[string]tftypes.Value) {
	t.Helper()
	must(t, value.As(&attributes))
	return attributes
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
