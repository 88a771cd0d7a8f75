// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"math/big"
	"slices"
	"strconv"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// converted is a value of any type as a value of the wanted type, by the rules
// by which Terraform converts the value of an attribute: attributes that the
// wanted type does not have are left out, missing ones are null, tuples, lists
// and sets become each other, and texts become numbers and booleans. Arguments
// of functions need it where their type is dynamic, because Terraform does not
// convert those. where names the value in an error; what is null or unknown
// stays so.
func converted(value tftypes.Value, want tftypes.Type, where string) (tftypes.Value, error) {
	if !value.IsKnown() {
		return tftypes.NewValue(want, tftypes.UnknownValue), nil
	}
	if value.IsNull() {
		return tftypes.NewValue(want, nil), nil
	}
	switch wanted := want.(type) {
	case tftypes.Object:
		return convertedObject(value, wanted, where)
	case tftypes.List:
		return convertedElements(value, wanted, wanted.ElementType, where)
	case tftypes.Set:
		return convertedElements(value, wanted, wanted.ElementType, where)
	default:
		return convertedPrimitive(value, want, where)
	}
}

func convertedObject(value tftypes.Value, want tftypes.Object, where string) (tftypes.Value, error) {
	if !value.Type().Is(tftypes.Object{}) && !value.Type().Is(tftypes.Map{}) {
		return tftypes.Value{}, fmt.Errorf("%s is %s, and an object is needed", where, kindOf(value))
	}
	given, out := map[string]tftypes.Value{}, map[string]tftypes.Value{}
	if err := value.As(&given); err != nil {
		return tftypes.Value{}, fmt.Errorf("%s cannot be read: %w", where, err)
	}
	for name, attribute := range want.AttributeTypes {
		out[name] = tftypes.NewValue(attribute, nil)
		if inner, there := given[name]; there {
			var err error
			if out[name], err = converted(inner, attribute, where+"."+name); err != nil {
				return tftypes.Value{}, err
			}
		}
	}
	return tftypes.NewValue(want, out), nil
}

func convertedElements(value tftypes.Value, want, element tftypes.Type, where string) (tftypes.Value, error) {
	typ := value.Type()
	if !typ.Is(tftypes.List{}) && !typ.Is(tftypes.Set{}) && !typ.Is(tftypes.Tuple{}) {
		return tftypes.Value{}, fmt.Errorf("%s is %s, and a list is needed", where, kindOf(value))
	}
	var given []tftypes.Value
	if err := value.As(&given); err != nil {
		return tftypes.Value{}, fmt.Errorf("%s cannot be read: %w", where, err)
	}
	out := make([]tftypes.Value, 0, len(given))
	for i, inner := range given {
		one, err := converted(inner, element, fmt.Sprintf("%s[%d]", where, i))
		if err != nil {
			return tftypes.Value{}, err
		}
		if !want.Is(tftypes.Set{}) || !slices.ContainsFunc(out, one.Equal) {
			out = append(out, one)
		}
	}
	return tftypes.NewValue(want, out), nil
}

func convertedPrimitive(value tftypes.Value, want tftypes.Type, where string) (tftypes.Value, error) {
	bad := func() (tftypes.Value, error) {
		name := map[string]string{tftypes.String.String(): "a text", tftypes.Number.String(): "a whole number", tftypes.Bool.String(): "true or false"}[want.String()]
		return tftypes.Value{}, fmt.Errorf("%s is %s, and %s is needed", where, kindOf(value), name)
	}
	var (
		text    string
		number  big.Float
		boolean bool
	)
	switch {
	case value.Type().Is(tftypes.String) && value.As(&text) == nil:
	case value.Type().Is(tftypes.Number) && value.As(&number) == nil:
		text = number.Text('f', -1)
	case value.Type().Is(tftypes.Bool) && value.As(&boolean) == nil:
		text = strconv.FormatBool(boolean)
	default:
		return bad()
	}
	switch {
	case want.Is(tftypes.String):
		return tftypes.NewValue(want, text), nil
	case want.Is(tftypes.Number):
		whole, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return bad()
		}
		return tftypes.NewValue(want, whole), nil
	case text == "true" || text == "false":
		return tftypes.NewValue(want, text == "true"), nil
	default:
		return bad()
	}
}

// kindOf says in a reader's words what a value is.
func kindOf(value tftypes.Value) string {
	var (
		text   string
		number big.Float
		truth  bool
	)
	switch typ := value.Type(); {
	case typ.Is(tftypes.String) && value.As(&text) == nil:
		return strconv.Quote(text)
	case typ.Is(tftypes.Number) && value.As(&number) == nil:
		return number.Text('f', -1)
	case typ.Is(tftypes.Bool) && value.As(&truth) == nil:
		return strconv.FormatBool(truth)
	case typ.Is(tftypes.Object{}):
		return "an object"
	case typ.Is(tftypes.Map{}):
		return "a map"
	default:
		return "a list"
	}
}
