// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// oddValues are values of a type that a configuration can hold and hardly ever does.
func oddValues(typ tftypes.Type) []tftypes.Value {
	odd := []tftypes.Value{tftypes.NewValue(typ, nil), tftypes.NewValue(typ, tftypes.UnknownValue)}
	add := func(values ...any) {
		for _, v := range values {
			odd = append(odd, tftypes.NewValue(typ, v))
		}
	}
	lists := func(element tftypes.Type) {
		null, unknown := tftypes.NewValue(element, nil), tftypes.NewValue(element, tftypes.UnknownValue)
		add([]tftypes.Value{}, []tftypes.Value{null}, []tftypes.Value{unknown}, []tftypes.Value{null, unknown})
	}
	switch typ := typ.(type) {
	case tftypes.List:
		lists(typ.ElementType)
	case tftypes.Set:
		lists(typ.ElementType)
	case tftypes.Map:
		add(map[string]tftypes.Value{}, map[string]tftypes.Value{"": tftypes.NewValue(typ.ElementType, nil), "k": tftypes.NewValue(typ.ElementType, tftypes.UnknownValue)})
	case tftypes.Object:
		for _, content := range []any{nil, tftypes.UnknownValue} {
			attributes := map[string]tftypes.Value{}
			for name, attribute := range typ.AttributeTypes {
				attributes[name] = tftypes.NewValue(attribute, content)
			}
			add(attributes)
		}
	default:
		switch {
		case typ.Is(tftypes.Bool):
			add(true, false)
		case typ.Is(tftypes.Number):
			add(0, -1, 65536, 1.5, new(big.Float).SetInt(new(big.Int).Lsh(big.NewInt(1), 200)))
		case typ.Is(tftypes.String):
			add("", "/", "/sg-", "0.0.0.0/0", "HTTP:", "TCP:99999999999999999999", "\x00∞%d%!s", strings.Repeat("9", 5000))
		}
	}
	return odd
}

// mutants are all values that differ from a value in one place by an odd value.
func mutants(t *testing.T, value tftypes.Value) []tftypes.Value {
	t.Helper()
	all := oddValues(value.Type())
	switch typ := value.Type().(type) {
	case tftypes.List:
		all = append(all, elementMutants(t, value, typ.ElementType)...)
	case tftypes.Set:
		all = append(all, elementMutants(t, value, typ.ElementType)...)
	case tftypes.Object:
		attributes := map[string]tftypes.Value{}
		if !value.IsNull() {
			attributes = attributesOf(t, value)
		} else {
			for name, attribute := range typ.AttributeTypes {
				attributes[name] = tftypes.NewValue(attribute, nil)
			}
		}
		for name, attribute := range attributes {
			for _, mutant := range mutants(t, attribute) {
				all = append(all, tftypes.NewValue(typ, merged(attributes, name, mutant)))
			}
		}
	}
	return all
}

// elementMutants change the last element of a list or set; one without elements
// gets one.
func elementMutants(t *testing.T, value tftypes.Value, element tftypes.Type) (all []tftypes.Value) {
	t.Helper()
	elements := []tftypes.Value{tftypes.NewValue(element, nil)}
	if !value.IsNull() {
		var have []tftypes.Value
		made(0, value.As(&have))(t)
		if len(have) > 0 {
			elements = have
		}
	}
	last := len(elements) - 1
	for _, mutant := range mutants(t, elements[last]) {
		all = append(all, tftypes.NewValue(value.Type(), append(elements[:last:last], mutant)))
	}
	return all
}

func merged(attributes map[string]tftypes.Value, name string, value tftypes.Value) map[string]tftypes.Value {
	changed := map[string]tftypes.Value{}
	for other, v := range attributes {
		changed[other] = v
	}
	changed[name] = value
	return changed
}

// withoutComputed is a configuration: Terraform lets nobody configure what is
// computed only.
func (s *testServer) withoutComputed(resource string, value tftypes.Value) tftypes.Value {
	if value.IsNull() || !value.IsKnown() {
		return s.value(resource, blockValues{})
	}
	attributes := attributesOf(s.t, value)
	for _, attribute := range s.schemas[resource].Block.Attributes {
		if attribute.Computed && !attribute.Optional {
			attributes[attribute.Name] = tftypes.NewValue(attributes[attribute.Name].Type(), nil)
		}
	}
	return tftypes.NewValue(value.Type(), attributes)
}

// TestOddValues puts every odd value into every place of every resource: there
// is no panic, no failure of the protocol and no write to AWS, and where the
// provider has something against a value it says so in its own words.
func TestOddValues(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, resource := range []string{lbRules, instanceRules, aclEntries, lbGroups} {
		t.Run(resource, func(t *testing.T) {
			w := startLiveWorld(t, nil)
			offline := startServer(t)
			sound := w.server.value(resource, w.config(resource, nil))
			state := w.server.create(resource, w.config(resource, nil))
			w.ResetCalls()
			singles := mutants(t, sound)
			if len(singles) < 40 {
				t.Fatalf("only %d odd configurations", len(singles))
			}
			tried := 0
			try := func(config tftypes.Value) {
				config = w.server.withoutComputed(resource, config)
				diags := offline.validate(resource, config)
				switch tried++; {
				case len(errorsIn(diags)) > 0:
					// Terraform does not plan with AWS what it has found invalid.
					diags = append(diags, offline.plan(resource, tftypes.Value{}, config).diags...)
				case tried%2 == 0:
					diags = append(diags, w.server.plan(resource, tftypes.Value{}, config).diags...)
				default:
					diags = append(diags, w.server.plan(resource, state, config).diags...)
				}
				wantOwnWords(t, config, diags)
			}
			for _, config := range singles {
				try(config)
			}
			// Several places at a time.
			for range 40 {
				config := sound
				for range 3 {
					attributes := attributesOf(t, config)
					from := attributesOf(t, w.server.withoutComputed(resource, singles[random.IntN(len(singles))]))
					for name := range attributes {
						if !from[name].Equal(attributesOf(t, sound)[name]) {
							attributes[name] = from[name]
						}
					}
					config = tftypes.NewValue(config.Type(), attributes)
				}
				try(config)
			}
			t.Logf("%d odd configurations", tried)
			wantNoWrite(t, w.Calls())
		})
	}
}

// wantOwnWords refuses messages that a library wrote for the developers of the
// provider. Numbers that are no integers are refused by the framework alone, and
// Terraform itself finds required arguments missing.
func wantOwnWords(t *testing.T, config tftypes.Value, diags []*tfprotov6.Diagnostic) {
	t.Helper()
	for _, d := range diags {
		if strings.Contains(d.Detail, "provider developer") && !strings.Contains(d.Detail, "integer") && !strings.HasPrefix(d.Summary, "Missing Configuration") {
			t.Errorf("%s: %s\nfor %s", d.Summary, d.Detail, config)
		}
	}
}
