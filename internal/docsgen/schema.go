// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// providerName is the key under which the documentation generator looks the
// schema up.
const providerName = "clb"

// The types below are the document that `terraform providers schema -json`
// prints, see https://developer.hashicorp.com/terraform/cli/commands/providers/schema.
// A tftypes.Type encodes itself in that document's notation.
type (
	document struct {
		FormatVersion string                    `json:"format_version"`
		Schemas       map[string]providerSchema `json:"provider_schemas"`
	}

	providerSchema struct {
		Provider           schema              `json:"provider"`
		Resources          map[string]schema   `json:"resource_schemas,omitempty"`
		DataSources        map[string]schema   `json:"data_source_schemas,omitempty"`
		EphemeralResources map[string]schema   `json:"ephemeral_resource_schemas,omitempty"`
		ListResources      map[string]schema   `json:"list_resource_schemas,omitempty"`
		Identities         map[string]identity `json:"resource_identity_schemas,omitempty"`
		Functions          map[string]function `json:"functions,omitempty"`
	}

	schema struct {
		Version int64 `json:"version"`
		Block   block `json:"block"`
	}

	block struct {
		Attributes      map[string]attribute   `json:"attributes,omitempty"`
		Blocks          map[string]nestedBlock `json:"block_types,omitempty"`
		Description     string                 `json:"description,omitempty"`
		DescriptionKind string                 `json:"description_kind,omitempty"`
		Deprecated      bool                   `json:"deprecated,omitempty"`
	}

	nestedBlock struct {
		Nesting  string `json:"nesting_mode"`
		Block    block  `json:"block"`
		MinItems int64  `json:"min_items,omitempty"`
		MaxItems int64  `json:"max_items,omitempty"`
	}

	attribute struct {
		Type            tftypes.Type      `json:"type,omitempty"`
		NestedType      *nestedAttributes `json:"nested_type,omitempty"`
		Description     string            `json:"description,omitempty"`
		DescriptionKind string            `json:"description_kind,omitempty"`
		Deprecated      bool              `json:"deprecated,omitempty"`
		Required        bool              `json:"required,omitempty"`
		Optional        bool              `json:"optional,omitempty"`
		Computed        bool              `json:"computed,omitempty"`
		Sensitive       bool              `json:"sensitive,omitempty"`
		WriteOnly       bool              `json:"write_only,omitempty"`
	}

	nestedAttributes struct {
		Attributes map[string]attribute `json:"attributes,omitempty"`
		Nesting    string               `json:"nesting_mode"`
	}

	identity struct {
		Version    int64                        `json:"version"`
		Attributes map[string]identityAttribute `json:"attributes,omitempty"`
	}

	identityAttribute struct {
		Type              tftypes.Type `json:"type"`
		Description       string       `json:"description,omitempty"`
		RequiredForImport bool         `json:"required_for_import,omitempty"`
		OptionalForImport bool         `json:"optional_for_import,omitempty"`
	}

	function struct {
		Description        string       `json:"description,omitempty"`
		Summary            string       `json:"summary,omitempty"`
		DeprecationMessage string       `json:"deprecation_message,omitempty"`
		ReturnType         tftypes.Type `json:"return_type"`
		Parameters         []parameter  `json:"parameters,omitempty"`
		VariadicParameter  *parameter   `json:"variadic_parameter,omitempty"`
	}

	parameter struct {
		Name        string       `json:"name"`
		Description string       `json:"description,omitempty"`
		Nullable    bool         `json:"is_nullable,omitempty"`
		Type        tftypes.Type `json:"type"`
	}
)

// writeSchema writes the schema that server declares to w, as JSON. The same
// schema always gives the same bytes. An error diagnostic of the server is an
// error: a schema that Terraform would refuse has no documentation.
func writeSchema(ctx context.Context, w io.Writer, server tfprotov6.ProviderServer) error {
	declared, err := server.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		return fmt.Errorf("reading the provider's schema: %w", err)
	}
	if err := firstError(declared.Diagnostics); err != nil {
		return fmt.Errorf("the provider refuses to give its schema: %w", err)
	}
	if n := len(declared.ActionSchemas) + len(declared.StateStoreSchemas); n > 0 {
		return errors.New("the provider declares actions or state stores, which this command does not convert yet: add them to providerSchema")
	}
	identities, err := server.GetResourceIdentitySchemas(ctx, &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		return fmt.Errorf("reading the provider's resource identities: %w", err)
	}
	if err := firstError(identities.Diagnostics); err != nil {
		return fmt.Errorf("the provider refuses to give its resource identities: %w", err)
	}

	out := providerSchema{
		Provider:           convertSchema(declared.Provider),
		Resources:          convertSchemas(declared.ResourceSchemas),
		DataSources:        convertSchemas(declared.DataSourceSchemas),
		EphemeralResources: convertSchemas(declared.EphemeralResourceSchemas),
		ListResources:      convertSchemas(declared.ListResourceSchemas),
		Identities:         make(map[string]identity),
		Functions:          make(map[string]function),
	}
	for name, declared := range identities.IdentitySchemas {
		out.Identities[name] = convertIdentity(declared)
	}
	for name, declared := range declared.Functions {
		out.Functions[name] = convertFunction(declared)
	}

	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(document{
		FormatVersion: "1.0",
		Schemas:       map[string]providerSchema{providerName: out},
	})
}

func firstError(diagnostics []*tfprotov6.Diagnostic) error {
	for _, diagnostic := range diagnostics {
		if diagnostic.Severity == tfprotov6.DiagnosticSeverityError {
			return fmt.Errorf("%s: %s", diagnostic.Summary, diagnostic.Detail)
		}
	}
	return nil
}

func convertSchemas(declared map[string]*tfprotov6.Schema) map[string]schema {
	out := make(map[string]schema, len(declared))
	for name, one := range declared {
		out[name] = convertSchema(one)
	}
	return out
}

func convertSchema(declared *tfprotov6.Schema) schema {
	if declared == nil {
		return schema{}
	}
	return schema{Version: declared.Version, Block: convertBlock(declared.Block)}
}

func convertBlock(declared *tfprotov6.SchemaBlock) block {
	if declared == nil {
		return block{}
	}
	out := block{
		Attributes:      convertAttributes(declared.Attributes),
		Blocks:          make(map[string]nestedBlock, len(declared.BlockTypes)),
		Description:     declared.Description,
		DescriptionKind: descriptionKind(declared.DescriptionKind),
		Deprecated:      declared.Deprecated,
	}
	for _, nested := range declared.BlockTypes {
		out.Blocks[nested.TypeName] = nestedBlock{
			Nesting:  strings.ToLower(nested.Nesting.String()),
			Block:    convertBlock(nested.Block),
			MinItems: nested.MinItems,
			MaxItems: nested.MaxItems,
		}
	}
	return out
}

func convertAttributes(declared []*tfprotov6.SchemaAttribute) map[string]attribute {
	out := make(map[string]attribute, len(declared))
	for _, one := range declared {
		converted := attribute{
			Type:            one.Type,
			Description:     one.Description,
			DescriptionKind: descriptionKind(one.DescriptionKind),
			Deprecated:      one.Deprecated,
			Required:        one.Required,
			Optional:        one.Optional,
			Computed:        one.Computed,
			Sensitive:       one.Sensitive,
			WriteOnly:       one.WriteOnly,
		}
		if one.NestedType != nil {
			converted.NestedType = &nestedAttributes{
				Attributes: convertAttributes(one.NestedType.Attributes),
				Nesting:    strings.ToLower(one.NestedType.Nesting.String()),
			}
		}
		out[one.Name] = converted
	}
	return out
}

func convertIdentity(declared *tfprotov6.ResourceIdentitySchema) identity {
	out := identity{
		Version:    declared.Version,
		Attributes: make(map[string]identityAttribute, len(declared.IdentityAttributes)),
	}
	for _, one := range declared.IdentityAttributes {
		out.Attributes[one.Name] = identityAttribute{
			Type:              one.Type,
			Description:       one.Description,
			RequiredForImport: one.RequiredForImport,
			OptionalForImport: one.OptionalForImport,
		}
	}
	return out
}

func convertFunction(declared *tfprotov6.Function) function {
	out := function{
		Description:        declared.Description,
		Summary:            declared.Summary,
		DeprecationMessage: declared.DeprecationMessage,
		ReturnType:         declared.Return.Type,
	}
	for _, one := range declared.Parameters {
		out.Parameters = append(out.Parameters, convertParameter(one))
	}
	if declared.VariadicParameter != nil {
		variadic := convertParameter(declared.VariadicParameter)
		out.VariadicParameter = &variadic
	}
	return out
}

func convertParameter(declared *tfprotov6.FunctionParameter) parameter {
	return parameter{
		Name:        declared.Name,
		Description: declared.Description,
		Nullable:    declared.AllowNullValue,
		Type:        declared.Type,
	}
}

func descriptionKind(kind tfprotov6.StringKind) string {
	if kind == tfprotov6.StringKindMarkdown {
		return "markdown"
	}
	return "plain"
}
