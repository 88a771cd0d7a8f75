// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

var _ function.Function = parseHealthCheckTargetFunction{}

// parseHealthCheckTargetFunction takes the target of a health check apart.
type parseHealthCheckTargetFunction struct{}

func newParseHealthCheckTargetFunction() function.Function { return parseHealthCheckTargetFunction{} }

func (parseHealthCheckTargetFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "parse_health_check_target"
}

func (parseHealthCheckTargetFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Take the target of a health check apart",
		MarkdownDescription: "Returns the protocol, the port and the path of the health check target of a Classic Load Balancer, such as `HTTP:8080/ping`, as an object:\n\n" +
			"- `protocol`: `HTTP`, `HTTPS`, `TCP` or `SSL`, in capital letters whatever the letter case of the target.\n" +
			"- `port`: the port on the instances, a number.\n" +
			"- `path`: the ping path with its leading slash, null for `TCP` and `SSL`.\n\n" +
			"A target that AWS would refuse is an error that says why.",
		Parameters: []function.Parameter{
			function.StringParameter{
				Name:                "target",
				MarkdownDescription: "The health check target: `TCP:port`, `SSL:port`, `HTTP:port/path` or `HTTPS:port/path`.",
			},
		},
		Return: function.ObjectReturn{AttributeTypes: map[string]attr.Type{
			"protocol": types.StringType, "port": types.Int64Type, "path": types.StringType,
		}},
	}
}

func (parseHealthCheckTargetFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var text string
	if resp.Error = req.Arguments.Get(ctx, &text); resp.Error != nil {
		return
	}
	target, err := wiring.ParseHealthCheckTarget(text)
	if err != nil {
		resp.Error = argumentError(0, []string{err.Error()})
		return
	}
	path := types.StringNull()
	if target.Path != "" {
		path = types.StringValue(target.Path)
	}
	resp.Error = resp.Result.Set(ctx, struct {
		Protocol types.String `tfsdk:"protocol"`
		Port     types.Int64  `tfsdk:"port"`
		Path     types.String `tfsdk:"path"`
	}{types.StringValue(target.Protocol), types.Int64Value(int64(target.Port)), path})
}
