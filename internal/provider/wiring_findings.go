// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-clb/terraform-provider-clb/internal/verify"
)

// findingPages is where the documentation has a page for each kind of finding,
// see [verify.Entry.Page].
const findingPages = "https://registry.terraform.io/providers/terraform-clb/clb/latest/docs/guides/"

// flowsAttribute shows the flows with their hops.
func flowsAttribute() schema.ListNestedAttribute {
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: description}
	}
	return schema.ListNestedAttribute{
		Computed:            true,
		MarkdownDescription: "Everything that the load balancer needs, and whether it gets through.",
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"flow":    text("What it is, for example `health check on tcp 8081 of load balancer \"web\"`."),
			"verdict": text("`proved`, `refuted` or `undecided`: refuted if one of the hops is refuted, proved if all are proved."),
			"hops": schema.ListNestedAttribute{
				Computed:            true,
				MarkdownDescription: "The security groups and network ACLs that it has to pass, in their order.",
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"hop":     text("Where it is, for example `instance security group, inbound`."),
					"filter":  text("The security groups or the network ACL that decide there."),
					"verdict": text("`proved`, `refuted` or `undecided`."),
					"witness": text("One packet that is refused, for example `10.0.1.4 -> 10.0.11.4:8081`. Null unless the verdict is `refuted`."),
					"decided_by": schema.ListAttribute{
						ElementType:         types.StringType,
						Computed:            true,
						MarkdownDescription: "The rules that refuse, or what an undecided verdict depends on.",
					},
				}},
			},
		}},
	}
}

type flowModel struct {
	Flow    string     `tfsdk:"flow"`
	Verdict string     `tfsdk:"verdict"`
	Hops    []hopModel `tfsdk:"hops"`
}

type hopModel struct {
	Hop       string       `tfsdk:"hop"`
	Filter    string       `tfsdk:"filter"`
	Verdict   string       `tfsdk:"verdict"`
	Witness   types.String `tfsdk:"witness"`
	DecidedBy []string     `tfsdk:"decided_by"`
}

func flowType() types.ObjectType {
	hop := types.ObjectType{AttrTypes: map[string]attr.Type{
		"hop": types.StringType, "filter": types.StringType, "verdict": types.StringType, "witness": types.StringType,
		"decided_by": types.ListType{ElemType: types.StringType},
	}}
	return types.ObjectType{AttrTypes: map[string]attr.Type{
		"flow": types.StringType, "verdict": types.StringType, "hops": types.ListType{ElemType: hop},
	}}
}

// findingsAttribute shows the findings.
func findingsAttribute() schema.ListNestedAttribute {
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: description}
	}
	texts := func(description string) schema.ListAttribute {
		return schema.ListAttribute{ElementType: types.StringType, Computed: true, MarkdownDescription: description}
	}
	return schema.ListNestedAttribute{
		Computed:            true,
		MarkdownDescription: "What is wrong, broader than recommended or cannot be told, in the order of the ids.",
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"id":       text("The id of the kind of finding, such as `CLB103`. It never changes its meaning."),
			"slug":     text("The kind of finding as a name, such as `health-check`."),
			"severity": text("`error`, `warning` or `report`, by `enforcement`."),
			"summary":  text("The kind of finding in a few words."),
			"sentence": text("What is wrong here, with one packet."),
			"blockers": texts("All rules that refuse, or that are broader than recommended."),
			"regions":  texts("All that is refused, or open beyond what is recommended."),
			"nearest":  text("The rule that almost admitted what is refused, and what it lacks. Null if there is none."),
			"fix":      text("What to do. Null if nothing is to be done."),
			"row":      text("The row of the AWS table that recommends it. Null if the finding is not about one."),
			"page":     text("The page of the documentation about this kind of finding."),
		}},
	}
}

type findingModel struct {
	ID       string       `tfsdk:"id"`
	Slug     string       `tfsdk:"slug"`
	Severity string       `tfsdk:"severity"`
	Summary  string       `tfsdk:"summary"`
	Sentence string       `tfsdk:"sentence"`
	Blockers []string     `tfsdk:"blockers"`
	Regions  []string     `tfsdk:"regions"`
	Nearest  types.String `tfsdk:"nearest"`
	Fix      types.String `tfsdk:"fix"`
	Row      types.String `tfsdk:"row"`
	Page     string       `tfsdk:"page"`
}

func findingType() types.ObjectType {
	texts := types.ListType{ElemType: types.StringType}
	return types.ObjectType{AttrTypes: map[string]attr.Type{
		"id": types.StringType, "slug": types.StringType, "severity": types.StringType, "summary": types.StringType,
		"sentence": types.StringType, "blockers": texts, "regions": texts, "nearest": types.StringType,
		"fix": types.StringType, "row": types.StringType, "page": types.StringType,
	}}
}

// show fills in what is computed.
func (m *wiringDataSourceModel) show(ctx context.Context, path verify.Path, answer verify.Answer, enforcement verify.Enforcement) diag.Diagnostics {
	var diags, bad diag.Diagnostics
	flows := []flowModel{}
	for _, flow := range answer.Flows {
		hops := []hopModel{}
		for _, hop := range flow.Hops {
			hops = append(hops, hopModel{
				Hop: string(hop.Hop), Filter: hop.Filter, Verdict: string(hop.Verdict), Witness: textOrNull(hop.Witness), DecidedBy: orEmpty(hop.DecidedBy),
			})
		}
		flows = append(flows, flowModel{Flow: flow.Flow.String(), Verdict: string(flow.Verdict), Hops: hops})
	}
	findings := []findingModel{}
	for _, f := range answer.Findings {
		entry := f.ID.Entry()
		findings = append(findings, findingModel{
			ID: string(f.ID), Slug: entry.Slug, Severity: severityOf(f, enforcement).String(), Summary: entry.Title, Sentence: f.Sentence,
			Blockers: orEmpty(f.Blockers), Regions: orEmpty(f.Regions), Nearest: textOrNull(f.Nearest), Fix: textOrNull(f.Fix), Row: textOrNull(f.Row),
			Page: findingPages + entry.Page(),
		})
	}
	m.Flows, diags = types.ListValueFrom(ctx, flowType(), flows)
	m.Findings, bad = types.ListValueFrom(ctx, findingType(), findings)
	m.Verdict = types.StringValue(string(answer.Verdict()))
	m.Report = types.StringValue(path.Report(answer, enforcement))
	m.Diagram = types.StringValue(path.Diagram(answer))
	return append(diags, bad...)
}
