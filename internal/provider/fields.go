// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// fields are pointers to what a model has of an object, by the names of its attributes.
// What a plan reads and shows many times of each resource goes this way: with struct
// tags, the framework looks at all tags again for every object, which took a tenth of
// the provider's time.
type fields map[string]any

// read fills the model with the attributes of an object, which has them all: its type
// is that of the schema.
func (f fields) read(object types.Object) {
	attributes := object.Attributes()
	for name, at := range f {
		switch at := at.(type) {
		case *types.Bool:
			*at, _ = attributes[name].(types.Bool)
		case *types.Int64:
			*at, _ = attributes[name].(types.Int64)
		case *types.List:
			*at, _ = attributes[name].(types.List)
		case *types.Set:
			*at, _ = attributes[name].(types.Set)
		case *types.String:
			*at, _ = attributes[name].(types.String)
		}
	}
}

// object is the object that the model shows.
func (f fields) object(typ types.ObjectType) types.Object {
	attributes := make(map[string]attr.Value, len(f))
	for name, at := range f {
		switch at := at.(type) {
		case *types.Bool:
			attributes[name] = *at
		case *types.Int64:
			attributes[name] = *at
		case *types.List:
			attributes[name] = *at
		case *types.Set:
			attributes[name] = *at
		case *types.String:
			attributes[name] = *at
		}
	}
	return types.ObjectValueMust(typ.AttrTypes, attributes)
}
