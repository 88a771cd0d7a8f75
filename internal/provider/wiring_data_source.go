// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-clb/terraform-provider-clb/internal/cloud"
	"github.com/terraform-clb/terraform-provider-clb/internal/verify"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

var (
	_ datasource.DataSourceWithConfigure      = (*wiringDataSource)(nil)
	_ datasource.DataSourceWithValidateConfig = (*wiringDataSource)(nil)
)

// wiringDataSource proves or refutes that the traffic of a live load balancer
// gets through.
type wiringDataSource struct {
	data *providerData
}

func newWiringDataSource() datasource.DataSource { return &wiringDataSource{} }

// wiringDataSourceModel is the data source clb_wiring.
type wiringDataSourceModel struct {
	LoadBalancerName         types.String `tfsdk:"load_balancer_name"`
	Region                   types.String `tfsdk:"region"`
	Clients                  types.List   `tfsdk:"clients"`
	Accept                   types.List   `tfsdk:"accept"`
	Enforcement              types.String `tfsdk:"enforcement"`
	InstanceSecurityGroupIDs types.Set    `tfsdk:"instance_security_group_ids"`
	InstanceSubnetIDs        types.Set    `tfsdk:"instance_subnet_ids"`
	PlannedRules             types.Object `tfsdk:"planned_rules"`
	FailOn                   types.String `tfsdk:"fail_on"`
	Verdict                  types.String `tfsdk:"verdict"`
	Flows                    types.List   `tfsdk:"flows"`
	Findings                 types.List   `tfsdk:"findings"`
	Report                   types.String `tfsdk:"report"`
	Diagram                  types.String `tfsdk:"diagram"`
}

// The values of fail_on.
const (
	failOnNever   = "never"
	failOnError   = "error"
	failOnWarning = "warning"
)

func checkFailOn(text string) error {
	if text == failOnNever || text == failOnError || text == failOnWarning {
		return nil
	}
	return fmt.Errorf("%q is not never, error or warning", text)
}

func (d *wiringDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_wiring"
}

func (d *wiringDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: description}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: wiringText,
		Attributes: map[string]schema.Attribute{
			"load_balancer_name": schema.StringAttribute{
				Required: true,
				MarkdownDescription: "The name of the load balancer. If this configuration creates it, take the name from its resource, `aws_elb.web.name`. " +
					"To judge rules that this configuration writes as they stand after the apply, add `depends_on` with those resources; to judge them before, name them in `planned_rules`.",
				Validators: []validator.String{textValidator{"a load balancer name", wiring.CheckLoadBalancerName}},
			},
			"region":  dataSourceRegionAttribute(),
			"clients": dataSourceClientsAttribute(),
			"accept":  dataSourceAcceptAttribute(),
			"enforcement": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "How severe findings are: `advisory`, `recommended` or `strict`. It decides the `severity` of `findings`, their place in `report`, and what `fail_on` stops. " +
					"Defaults to `enforcement` of the provider; the environment variable `CLB_ENFORCEMENT` overrides both for one run.",
				Validators: []validator.String{textValidator{"a degree of enforcement", checkEnforcement}},
			},
			"instance_security_group_ids": schema.SetAttribute{
				ElementType: types.StringType,
				Optional:    true,
				MarkdownDescription: "The ids of the security groups that instances will carry, all of them together on each: for instances that do not run yet, such as an Auto Scaling group that starts from zero. " +
					"They are judged besides the registered instances. Left out: the groups of the registered instances.",
			},
			"instance_subnet_ids": schema.SetAttribute{
				ElementType: types.StringType,
				Optional:    true,
				MarkdownDescription: "The ids of the subnets in which instances will run. They are judged besides the subnets of the registered instances, and are guarded by the security groups in `instance_security_group_ids`. " +
					"Left out: the subnets of the registered instances.",
			},
			"planned_rules": plannedRulesAttribute(),
			"fail_on": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Which findings are errors of this data source: `never` (the default: a `check` block, a postcondition or a test decides), `error` (findings whose severity is `error`) or `warning` (those of severity `warning` too). " +
					"Use `error` and `warning` in a root module of its own, for example a nightly run: beside the rules, a refuted flow would block the very apply that mends it. " +
					"What is undecided is never of severity `error`; where that matters, ask for `verdict == \"proved\"`.",
				Validators: []validator.String{textValidator{"a value of fail_on", checkFailOn}},
			},
			"verdict": text("`proved`: every packet of every recommended flow gets through. `refuted`: at least one packet does not, and `findings` shows it with the rule that refuses it. " +
				"`undecided`: something that decides cannot be seen, or there is neither a registered instance nor a stated one. Path MTU Discovery does not count."),
			"flows":    flowsAttribute(),
			"findings": findingsAttribute(),
			"report":   text("The verdict, the flows and the findings with their fixes in Markdown, for a pull request or a build log."),
			"diagram":  text("The path of the traffic as a Mermaid diagram: clients, network ACLs, security groups, load balancer and instances, with what refuses marked."),
		},
	}
}

const wiringText = "Proves that the traffic of a live Classic Load Balancer gets through, or shows one packet that does not together with the rule that refuses it, and finds what is open beyond what AWS recommends. " +
	"It judges the whole path: the security groups of both sides and the network ACLs of all subnets, in both directions, for the listeners, the instance ports, the health check and the replies. " +
	"It changes nothing, and does not ask who manages the rules: it is the way in for teams that keep their rules in `hashicorp/aws` and want the proof.\n\n" +
	"It needs `elasticloadbalancing:DescribeLoadBalancers`. Where the identity may not call `elasticloadbalancing:DescribeLoadBalancerAttributes`, `ec2:DescribeVpcs`, `ec2:DescribeInstances`, `ec2:DescribeSubnets`, " +
	"`ec2:DescribeNetworkAcls`, `ec2:DescribeSecurityGroups`, `ec2:DescribeSecurityGroupRules` (the ids of rules that a finding names) or `ec2:GetManagedPrefixListEntries`, " +
	"it judges without the answer, which may leave flows undecided, and a warning says so. Seven calls are made, and one more for each prefix list that a rule names and for each security group with findings.\n\n" +
	"Other load balancers are not looked up: what a security group admits for another load balancer that carries it is reported as broader than recommended. " +
	"Name such traffic in `accept`, or give each load balancer a group of its own."

// dataSourceClientsAttribute is the argument clients of a data source. Its type
// is clientsType.
func dataSourceClientsAttribute() schema.ListNestedAttribute {
	set := func(element attr.Type, description string) schema.SetAttribute {
		return schema.SetAttribute{ElementType: element, Optional: true, MarkdownDescription: description}
	}
	return schema.ListNestedAttribute{
		Optional: true,
		MarkdownDescription: "The clients of the listeners. A listener with declared clients is refuted unless all of them get through, and proved although others do not; whoever else is admitted is broader than recommended. " +
			"Without any, a listener is refuted only if it admits nobody, and `report` says who is admitted.",
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"lb_ports":           set(types.Int64Type, "The `lb_port`s of the listeners that these clients use. Left out or empty: all listeners."),
			"cidr_blocks":        set(types.StringType, "The IPv4 networks of the clients."),
			"security_group_ids": set(types.StringType, "The security groups of the clients, `account/sg-…` for a group of another account."),
			"prefix_list_ids":    set(types.StringType, "The managed prefix lists of the clients."),
		}},
	}
}

func (d *wiringDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.data = configuredData(req.ProviderData, &resp.Diagnostics)
}

func (d *wiringDataSource) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	var model wiringDataSourceModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if !resp.Diagnostics.HasError() {
		_, diags := model.decode(ctx, "")
		resp.Diagnostics.Append(diags...)
	}
}

// wiringQuestion is what the configuration asks.
type wiringQuestion struct {
	clients                         []wiring.Clients
	accept                          []verify.Acceptance
	instanceGroups, instanceSubnets []string
	planned                         plannedRules
}

// decode reads the arguments and reports what is wrong with what is known.
func (m wiringDataSourceModel) decode(ctx context.Context, ownAccount string) (wiringQuestion, diag.Diagnostics) {
	var q wiringQuestion
	var diags diag.Diagnostics
	var problems []string
	q.clients, _, problems = decodeClients(m.Clients, ownAccount)
	for i, c := range q.clients {
		if c.Empty() {
			problems = append(problems, fmt.Sprintf("clients[%d] names no client: set cidr_blocks, security_group_ids or prefix_list_ids, or remove the element", i))
		}
	}
	report(&diags, "clients", "Invalid clients", problems)
	q.accept, problems = decodeAccept(m.Accept, "accept")
	report(&diags, "accept", "Invalid acceptance", problems)
	own := func(check func(string) error) func(string) (string, error) {
		return func(text string) (string, error) { return text, check(text) }
	}
	q.instanceGroups, _, problems = decodeStrings(m.InstanceSecurityGroupIDs, "instance_security_group_ids", own(wiring.CheckSecurityGroupID))
	report(&diags, "instance_security_group_ids", "Invalid security group id", problems)
	q.instanceSubnets, _, problems = decodeStrings(m.InstanceSubnetIDs, "instance_subnet_ids", own(notEmpty))
	report(&diags, "instance_subnet_ids", "Invalid subnet id", problems)
	q.planned, problems = decodePlannedRules(ctx, m.PlannedRules, ownAccount)
	report(&diags, "planned_rules", "Invalid planned rules", problems)
	slices.Sort(q.instanceGroups)
	slices.Sort(q.instanceSubnets)
	return q, diags
}

func notEmpty(text string) error {
	if text == "" {
		return fmt.Errorf("an element is empty: write an id such as \"subnet-0123456789abcdef0\", or leave the element out")
	}
	return nil
}

func (d *wiringDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model wiringDataSourceModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	region := d.data.dataSourceRegion(ctx, req.Config, &resp.Diagnostics)
	account := d.data.ownAccount(ctx, req.Config, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	q, diags := model.decode(ctx, account)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	w := wiringWorld{aws: d.data.connection.In(region), planned: q.planned}
	answer, judged := w.judge(ctx, model.LoadBalancerName.ValueString(), region, q, verify.Options{
		Accept: slices.Concat(d.data.accept, q.accept), Today: d.data.now(),
	})
	resp.Diagnostics.Append(w.diags...)
	if !judged {
		return
	}
	enforcement := d.data.enforcementOf(model.Enforcement)
	resp.Diagnostics.Append(failures(answer, enforcement, model.FailOn.ValueString())...)
	model.Region = types.StringValue(region)
	resp.Diagnostics.Append(model.show(ctx, w.path, answer, enforcement)...)
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
	}
}

// failures are the findings that fail_on makes errors.
func failures(answer verify.Answer, enforcement verify.Enforcement, failOn string) diag.Diagnostics {
	least, wayPast := verify.Error, enforcementVariable+"="+string(verify.Advisory)
	switch failOn {
	case failOnError:
	case failOnWarning:
		least, wayPast = verify.Warning, wayPast+" and fail_on = \"error\""
	default:
		return nil
	}
	var diags diag.Diagnostics
	for _, finding := range answer.Findings {
		if severityOf(finding, enforcement) >= least {
			diags.AddAttributeError(path.Root("load_balancer_name"), finding.ID.Summary(), finding.Detail(
				fmt.Sprintf("It is an error because fail_on is %q. To let one run pass all the same, set %s.", failOn, wayPast)))
		}
	}
	return diags
}

// severityOf is what becomes of a finding. The data source changes nothing, and
// it is asked whether the live path is right: what the world refuses counts in full.
func severityOf(finding verify.Finding, enforcement verify.Enforcement) verify.Severity {
	return finding.Nature.Severity(enforcement, true)
}

// addUnreadable reports that the load balancer itself cannot be read.
func (w *wiringWorld) addUnreadable(name, region string, err error) {
	at := path.Root("load_balancer_name")
	if cloud.IsNotFound(err) {
		w.diags.AddAttributeError(at, "Load balancer not found",
			fmt.Sprintf("There is no Classic Load Balancer named %q in region %s of this account. Check the name and the region, and the account of the provider's credentials; "+
				"Application, Network and Gateway Load Balancers are not looked up. "+
				"If this configuration creates the load balancer, take the name from its resource, load_balancer_name = aws_elb.web.name, so that it is read afterwards.", name, region))
		return
	}
	w.diags.AddAttributeError(at, "Unable to read the load balancer", fmt.Sprintf("The wiring of load balancer %q cannot be read. %s", name, sentence(err)))
}
