// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// typed states the types of nested attributes, which follow from their attributes: the
// framework makes the type of a nested attribute anew for every value that it looks at,
// a seventh of all that a plan allocates, unless the attribute states it.
func typed(attributes map[string]schema.Attribute) map[string]schema.Attribute {
	for name, attribute := range attributes {
		switch a := attribute.(type) {
		case schema.ListNestedAttribute:
			object := typedObject(&a.NestedObject)
			a.CustomType = types.ListType{ElemType: object}
			attributes[name] = a
		case schema.SetNestedAttribute:
			object := typedObject(&a.NestedObject)
			a.CustomType = types.SetType{ElemType: object}
			attributes[name] = a
		case schema.MapNestedAttribute:
			object := typedObject(&a.NestedObject)
			a.CustomType = types.MapType{ElemType: object}
			attributes[name] = a
		case schema.SingleNestedAttribute:
			object := schema.NestedAttributeObject{Attributes: a.Attributes}
			a.CustomType = typedObject(&object)
			attributes[name] = a
		}
	}
	return attributes
}

func typedObject(object *schema.NestedAttributeObject) types.ObjectType {
	made := types.ObjectType{AttrTypes: make(map[string]attr.Type, len(object.Attributes))}
	for name, attribute := range typed(object.Attributes) {
		made.AttrTypes[name] = attribute.GetType()
	}
	object.CustomType = made
	return made
}
