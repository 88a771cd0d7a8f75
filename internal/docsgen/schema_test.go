// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// stubServer answers the two questions that the command asks. Any other
// question is a nil dereference, so the test notices it.
type stubServer struct {
	tfprotov6.ProviderServer
	schema     tfprotov6.GetProviderSchemaResponse
	identities tfprotov6.GetResourceIdentitySchemasResponse
}

func (s stubServer) GetProviderSchema(context.Context, *tfprotov6.GetProviderSchemaRequest) (*tfprotov6.GetProviderSchemaResponse, error) {
	return &s.schema, nil
}

func (s stubServer) GetResourceIdentitySchemas(context.Context, *tfprotov6.GetResourceIdentitySchemasRequest) (*tfprotov6.GetResourceIdentitySchemasResponse, error) {
	return &s.identities, nil
}

func TestWriteSchemaConvertsEveryKind(t *testing.T) {
	t.Parallel()
	server := stubServer{
		schema: tfprotov6.GetProviderSchemaResponse{
			Provider: &tfprotov6.Schema{Block: &tfprotov6.SchemaBlock{
				Description:     "Wires load balancers.",
				DescriptionKind: tfprotov6.StringKindMarkdown,
				Attributes: []*tfprotov6.SchemaAttribute{
					{Name: "secret_key", Type: tftypes.String, Optional: true, Sensitive: true, WriteOnly: true},
				},
				BlockTypes: []*tfprotov6.SchemaNestedBlock{{
					TypeName: "assume_role",
					Nesting:  tfprotov6.SchemaNestedBlockNestingModeList,
					MinItems: 1,
					MaxItems: 2,
					Block: &tfprotov6.SchemaBlock{Attributes: []*tfprotov6.SchemaAttribute{
						{Name: "role_arn", Type: tftypes.String, Required: true},
					}},
				}},
			}},
			ResourceSchemas: map[string]*tfprotov6.Schema{
				"clb_rules": {Version: 3, Block: &tfprotov6.SchemaBlock{
					Deprecated: true,
					Attributes: []*tfprotov6.SchemaAttribute{
						{
							Name: "ingress", Optional: true, Computed: true,
							Description: "Rules <in>.", DescriptionKind: tfprotov6.StringKindMarkdown,
							NestedType: &tfprotov6.SchemaObject{
								Nesting: tfprotov6.SchemaObjectNestingModeMap,
								Attributes: []*tfprotov6.SchemaAttribute{
									{Name: "from_port", Type: tftypes.Number, Required: true, Deprecated: true},
								},
							},
						},
						{Name: "ports", Type: tftypes.Set{ElementType: tftypes.Number}, Computed: true},
					},
				}},
			},
			DataSourceSchemas: map[string]*tfprotov6.Schema{"clb_load_balancer": {}},
			Functions: map[string]*tfprotov6.Function{
				"recommended_rules": {
					Summary:            "The rules",
					Description:        "All of them.",
					DeprecationMessage: "Use the other one.",
					Parameters: []*tfprotov6.FunctionParameter{
						{Name: "load_balancer", Description: "Which.", AllowNullValue: true, Type: tftypes.DynamicPseudoType},
					},
					VariadicParameter: &tfprotov6.FunctionParameter{Name: "cidr_blocks", Type: tftypes.String},
					Return: &tfprotov6.FunctionReturn{Type: tftypes.Object{AttributeTypes: map[string]tftypes.Type{
						"port": tftypes.Number,
					}}},
				},
			},
			Diagnostics: []*tfprotov6.Diagnostic{{Severity: tfprotov6.DiagnosticSeverityWarning, Summary: "ignored"}},
		},
		identities: tfprotov6.GetResourceIdentitySchemasResponse{
			IdentitySchemas: map[string]*tfprotov6.ResourceIdentitySchema{
				"clb_rules": {Version: 1, IdentityAttributes: []*tfprotov6.ResourceIdentitySchemaAttribute{
					{Name: "id", Type: tftypes.String, Description: "The id.", RequiredForImport: true},
					{Name: "region", Type: tftypes.String, OptionalForImport: true},
				}},
			},
		},
	}

	const want = `{
  "format_version": "1.0",
  "provider_schemas": {
    "clb": {
      "provider": {
        "version": 0,
        "block": {
          "attributes": {
            "secret_key": {
              "type": "string",
              "description_kind": "plain",
              "optional": true,
              "sensitive": true,
              "write_only": true
            }
          },
          "block_types": {
            "assume_role": {
              "nesting_mode": "list",
              "block": {
                "attributes": {
                  "role_arn": {
                    "type": "string",
                    "description_kind": "plain",
                    "required": true
                  }
                },
                "description_kind": "plain"
              },
              "min_items": 1,
              "max_items": 2
            }
          },
          "description": "Wires load balancers.",
          "description_kind": "markdown"
        }
      },
      "resource_schemas": {
        "clb_rules": {
          "version": 3,
          "block": {
            "attributes": {
              "ingress": {
                "nested_type": {
                  "attributes": {
                    "from_port": {
                      "type": "number",
                      "description_kind": "plain",
                      "deprecated": true,
                      "required": true
                    }
                  },
                  "nesting_mode": "map"
                },
                "description": "Rules <in>.",
                "description_kind": "markdown",
                "optional": true,
                "computed": true
              },
              "ports": {
                "type": [
                  "set",
                  "number"
                ],
                "description_kind": "plain",
                "computed": true
              }
            },
            "description_kind": "plain",
            "deprecated": true
          }
        }
      },
      "data_source_schemas": {
        "clb_load_balancer": {
          "version": 0,
          "block": {}
        }
      },
      "resource_identity_schemas": {
        "clb_rules": {
          "version": 1,
          "attributes": {
            "id": {
              "type": "string",
              "description": "The id.",
              "required_for_import": true
            },
            "region": {
              "type": "string",
              "optional_for_import": true
            }
          }
        }
      },
      "functions": {
        "recommended_rules": {
          "description": "All of them.",
          "summary": "The rules",
          "deprecation_message": "Use the other one.",
          "return_type": [
            "object",
            {
              "port": "number"
            }
          ],
          "parameters": [
            {
              "name": "load_balancer",
              "description": "Which.",
              "is_nullable": true,
              "type": "dynamic"
            }
          ],
          "variadic_parameter": {
            "name": "cidr_blocks",
            "type": "string"
          }
        }
      }
    }
  }
}
`
	var got bytes.Buffer
	if err := writeSchema(t.Context(), &got, server); err != nil {
		t.Fatalf("writeSchema: %v", err)
	}
	if got.String() != want {
		t.Errorf("schema differs from the expected document, got:\n%s", got.String())
	}
}

func TestWriteSchemaRefusals(t *testing.T) {
	t.Parallel()
	broken := []*tfprotov6.Diagnostic{{
		Severity: tfprotov6.DiagnosticSeverityError,
		Summary:  "Invalid schema",
		Detail:   "Attribute \"x\" has no type.",
	}}
	tests := map[string]struct {
		server stubServer
		want   string
	}{
		"schema diagnostic": {
			server: stubServer{schema: tfprotov6.GetProviderSchemaResponse{Diagnostics: broken}},
			want:   `Invalid schema: Attribute "x" has no type.`,
		},
		"identity diagnostic": {
			server: stubServer{identities: tfprotov6.GetResourceIdentitySchemasResponse{Diagnostics: broken}},
			want:   `Invalid schema: Attribute "x" has no type.`,
		},
		"a kind that would be left out of the documentation": {
			server: stubServer{schema: tfprotov6.GetProviderSchemaResponse{
				ActionSchemas: map[string]*tfprotov6.ActionSchema{"clb_action": {}},
			}},
			want: "add them to providerSchema",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			err := writeSchema(t.Context(), &out, test.server)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("writeSchema error = %v, want one that says %q", err, test.want)
			}
			if out.Len() > 0 {
				t.Errorf("writeSchema wrote %q beside its error", out.String())
			}
		})
	}
}
