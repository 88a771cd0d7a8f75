// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-clb/terraform-provider-clb/internal/cloud"
)

var _ datasource.DataSourceWithConfigure = (*loadBalancersDataSource)(nil)

// loadBalancersDataSource shows the load balancers of a region.
type loadBalancersDataSource struct {
	data *providerData
}

func newLoadBalancersDataSource() datasource.DataSource { return &loadBalancersDataSource{} }

// loadBalancersArguments are the filters; all that are set must be met.
type loadBalancersArguments struct {
	VPCID       types.String `tfsdk:"vpc_id"`
	NamePattern types.String `tfsdk:"name_pattern"`
	Tags        types.Map    `tfsdk:"tags"`
}

type loadBalancersDataSourceModel struct {
	loadBalancersArguments
	Region        types.String                     `tfsdk:"region"`
	LoadBalancers map[string]liveLoadBalancerModel `tfsdk:"load_balancers"`
	Names         []string                         `tfsdk:"names"`
}

func (d *loadBalancersDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_load_balancers"
}

func (d *loadBalancersDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	element := liveLoadBalancerAttributes()
	element["tags"] = schema.MapAttribute{
		ElementType: types.StringType,
		Computed:    true,
		MarkdownDescription: "The tags of the load balancer, without those that `ignore_tags` of the provider names. Null unless the argument `tags` is set: " +
			"AWS tells tags for 20 load balancers a call only.",
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "The Classic Load Balancers of a region, all or those that meet every filter, as a map by name that is ready for `for_each`. " +
			"Each element fits the resources as it is: `load_balancers = [each.value]`, `vpc_cidr_blocks = each.value.vpc_cidr_blocks`. No load balancer found is no error: the map is empty.\n\n" +
			"It needs `elasticloadbalancing:DescribeLoadBalancers` (one call for 400 load balancers), `ec2:DescribeVpcs` and `ec2:DescribeInstances` (one for 200 VPCs or instances), " +
			"and when `tags` is set `elasticloadbalancing:DescribeTags` (one for 20 load balancers that meet the other filters).",
		Attributes: map[string]schema.Attribute{
			"region": dataSourceRegionAttribute(),
			"vpc_id": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Only load balancers in this VPC.",
				Validators:          []validator.String{textValidator{"a VPC id", checkVPCID}},
			},
			"name_pattern": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Only load balancers whose name matches, upper and lower case told apart: `*` stands for any number of characters and `?` for one, as in the filters of AWS. " +
					"`web-*` matches `web-blue` and not `my-web-blue`.",
				Validators: []validator.String{textValidator{"a name pattern", checkNamePattern}},
			},
			"tags": schema.MapAttribute{
				ElementType: types.StringType,
				Optional:    true,
				MarkdownDescription: "Only load balancers that have all these tags. A value may hold `*` and `?` as in `name_pattern`; a backslash takes the meaning from the character after it. " +
					"An empty map selects all load balancers and reads their tags.",
			},
			"load_balancers": schema.MapNestedAttribute{
				Computed:            true,
				MarkdownDescription: "The load balancers by name.",
				NestedObject:        schema.NestedAttributeObject{Attributes: element},
			},
			"names": schema.SetAttribute{
				ElementType:         types.StringType,
				Computed:            true,
				MarkdownDescription: "The names of the load balancers.",
			},
		},
	}
}

func (d *loadBalancersDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.data = configuredData(req.ProviderData, &resp.Diagnostics)
}

func checkVPCID(id string) error {
	digits, ok := strings.CutPrefix(id, "vpc-")
	if ok && (len(digits) == 8 || len(digits) == 17) && strings.Trim(digits, "0123456789abcdef") == "" {
		return nil
	}
	return fmt.Errorf("%q is not a VPC id: it has the form \"vpc-0123456789abcdef0\"", id)
}

func checkNamePattern(pattern string) error {
	if strings.Trim(strings.ToLower(pattern), "abcdefghijklmnopqrstuvwxyz0123456789-*?") == "" && pattern != "" {
		return nil
	}
	return fmt.Errorf("%q matches no load balancer name: names consist of letters, digits and hyphens, and in a pattern also * and ? as wildcards. "+
		"Leave name_pattern out to get every name", pattern)
}

// compileGlob reads a pattern of AWS's filters. Source: "List and filter using
// the CLI and API", Amazon EC2 user guide.
func compileGlob(pattern string) *regexp.Regexp {
	var expression strings.Builder
	expression.WriteString(`(?s)\A`)
	literal := false
	for _, r := range pattern {
		switch {
		case literal:
			expression.WriteString(regexp.QuoteMeta(string(r)))
			literal = false
		case r == '\\':
			literal = true
		case r == '*':
			expression.WriteString(`.*`)
		case r == '?':
			expression.WriteString(`.`)
		default:
			expression.WriteString(regexp.QuoteMeta(string(r)))
		}
	}
	if literal {
		expression.WriteString(`\\`)
	}
	expression.WriteString(`\z`)
	return regexp.MustCompile(expression.String())
}

func (d *loadBalancersDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model loadBalancersDataSourceModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	region := d.data.dataSourceRegion(ctx, req.Config, &resp.Diagnostics)
	wantedTags := model.wantedTags(&resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	aws := d.data.connection.In(region)
	found, tags, err := model.find(ctx, aws, wantedTags)
	var surrounded []liveLoadBalancer
	if err == nil {
		surrounded, err = withSurroundings(ctx, aws, found)
	}
	if err != nil {
		resp.Diagnostics.AddError("Unable to read the load balancers", fmt.Sprintf("The load balancers of region %s cannot be read. %s", region, sentence(err)))
		return
	}
	d.data.noteLoadBalancers(region, surrounded)
	model.Region = types.StringValue(region)
	model.LoadBalancers = map[string]liveLoadBalancerModel{}
	for _, live := range surrounded {
		element := live.model()
		if !model.Tags.IsNull() {
			element.Tags = d.data.ignoreTags.filter(tags[live.Name])
		}
		model.LoadBalancers[live.Name] = element
	}
	model.Names = orEmpty(slices.Sorted(maps.Keys(model.LoadBalancers)))
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}

// wantedTags are the patterns of the tags by key.
func (a loadBalancersArguments) wantedTags(diags *diag.Diagnostics) map[string]*regexp.Regexp {
	wanted := map[string]*regexp.Regexp{}
	for key, element := range a.Tags.Elements() {
		value, isString := element.(types.String)
		if !isString || value.IsNull() {
			diags.AddAttributeError(path.Root("tags"), "Invalid tag",
				fmt.Sprintf("The tag %q is null. Leave it out, or set it to \"*\" to get all load balancers that have it.", key))
			continue
		}
		wanted[key] = compileGlob(value.ValueString())
	}
	return wanted
}

// find reads the load balancers that meet the filters, and their tags if they
// are asked for.
func (a loadBalancersArguments) find(ctx context.Context, aws *cloud.Region, wantedTags map[string]*regexp.Regexp) ([]cloud.LoadBalancer, map[string]map[string]string, error) {
	lbs, err := aws.LoadBalancers(ctx)
	if err != nil {
		return nil, nil, err
	}
	lbs = slices.DeleteFunc(lbs, func(lb cloud.LoadBalancer) bool { return !a.admits(lb) })
	if a.Tags.IsNull() {
		return lbs, nil, nil
	}
	var names []string
	for _, lb := range lbs {
		names = append(names, lb.Name)
	}
	tags, err := aws.LoadBalancerTags(ctx, names)
	if err != nil {
		return nil, nil, err
	}
	return slices.DeleteFunc(lbs, func(lb cloud.LoadBalancer) bool { return !hasTags(tags[lb.Name], wantedTags) }), tags, nil
}

// admits tells whether a load balancer meets the filters of its name and VPC.
func (a loadBalancersArguments) admits(lb cloud.LoadBalancer) bool {
	return (a.NamePattern.IsNull() || compileGlob(a.NamePattern.ValueString()).MatchString(lb.Name)) && (a.VPCID.IsNull() || lb.VPCID == a.VPCID.ValueString())
}

func hasTags(tags map[string]string, wanted map[string]*regexp.Regexp) bool {
	for key, pattern := range wanted {
		if value, there := tags[key]; !there || !pattern.MatchString(value) {
			return false
		}
	}
	return true
}
