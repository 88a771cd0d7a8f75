// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-clb/terraform-provider-clb/internal/cloud"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

var (
	_ resource.ResourceWithConfigure      = (*loadBalancerRulesResource)(nil)
	_ resource.ResourceWithValidateConfig = (*loadBalancerRulesResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*loadBalancerRulesResource)(nil)
	_ resource.ResourceWithImportState    = (*loadBalancerRulesResource)(nil)
)

// loadBalancerRulesResource manages the rules of a load balancer's security group.
type loadBalancerRulesResource struct {
	data *providerData
}

func newLoadBalancerRulesResource() resource.Resource { return &loadBalancerRulesResource{} }

type loadBalancerRulesModel struct {
	groupRulesModel
	InstanceSecurityGroupIDs types.Set  `tfsdk:"instance_security_group_ids"`
	RespondToPing            types.Bool `tfsdk:"respond_to_ping"`
	Egress                   types.Map  `tfsdk:"egress"`
	AdditionalEgress         types.Map  `tfsdk:"additional_egress"`
}

func (r *loadBalancerRulesResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_load_balancer_rules"
}

func (r *loadBalancerRulesResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	attributes := groupRulesAttributes("whose security group this is.", "The id of the load balancer's security group.")
	attributes["instance_security_group_ids"] = schema.SetAttribute{
		ElementType: types.StringType,
		Optional:    true,
		Computed:    true,
		MarkdownDescription: "The security groups of the instances, the destinations of the outbound rules, `account/sg-…` for a group of another account. " +
			"Used for the load balancers whose value has no `instance_security_group_ids` of its own, as `aws_elb` never has.",
	}
	attributes["respond_to_ping"] = schema.BoolAttribute{
		Optional:            true,
		Computed:            true,
		Default:             booldefault.StaticBool(false),
		MarkdownDescription: "Whether clients may ping the load balancer: admits ICMP echo requests (type 8) from the clients of its listeners. AWS does not forward them to the instances. Default `false`.",
	}
	attributes["egress"] = rulesAttribute(wiring.Egress)
	attributes["additional_egress"] = additionalRulesAttribute(wiring.Egress)
	resp.Schema = schema.Schema{
		MarkdownDescription: "The rules that AWS recommends for the security group of a Classic Load Balancer, derived from its listeners and its health check: " +
			"inbound on each listener port from the clients, outbound to the instances on each instance port and the health check port.\n\n" +
			"The rules of a direction can be written out instead, in `ingress` and `egress`, or added to, in `additional_ingress` and `additional_egress`. " +
			"Rules that this resource did not create stay as they are, unless `unmanaged_rules` says otherwise. Source: [Security groups for your Classic Load Balancer]" +
			"(https://docs.aws.amazon.com/elasticloadbalancing/latest/classic/elb-vpc-security-groups.html).",
		Attributes: typed(attributes),
	}
}

func (r *loadBalancerRulesResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.data = configuredData(req.ProviderData, &resp.Diagnostics)
}

// loadBalancerRulesInputs is the configuration as far as it is known.
type loadBalancerRulesInputs struct {
	wiringInputs
	respondToPing        bool
	unknownRespondToPing bool
}

// decode reads the configuration and gives each load balancer its instance groups.
func (m *loadBalancerRulesModel) decode(ownAccount string) (loadBalancerRulesInputs, diag.Diagnostics) {
	common, diags := m.wiringModel.decode(ownAccount)
	in := loadBalancerRulesInputs{wiringInputs: common, respondToPing: m.RespondToPing.ValueBool(), unknownRespondToPing: m.RespondToPing.IsUnknown()}
	groups, known, problems := decodeGroups(m.InstanceSecurityGroupIDs, "instance_security_group_ids", ownAccount)
	report(&diags, "instance_security_group_ids", "Invalid security group id", problems)
	diags.Append(checkTags(m.Tags)...)
	for i := range in.loadBalancers {
		lb := &in.loadBalancers[i]
		if !lb.unknown.instanceGroups && len(lb.InstanceSecurityGroups) == 0 {
			lb.InstanceSecurityGroups, lb.unknown.instanceGroups = groups, !known || len(problems) > 0
		}
	}
	if label, need := in.clientRowsNeedVPC(); need && in.lacksVPC() {
		addVPCNeeded(&diags, label+" is internal, and AWS recommends the VPC CIDR as the source of its listeners' inbound rules")
	}
	return in, diags
}

// checkInstanceGroups demands the destinations of the outbound rules. It is no
// part of decode: an import of a load balancer without instances finds none.
func (in loadBalancerRulesInputs) checkInstanceGroups() diag.Diagnostics {
	var diags diag.Diagnostics
	for _, lb := range in.loadBalancers {
		if !lb.unknown.instanceGroups && len(lb.InstanceSecurityGroups) == 0 && !lb.idle() {
			diags.AddAttributeError(path.Root("instance_security_group_ids"), "Missing instance security groups",
				fmt.Sprintf("The outbound rules of %s go to the security groups of its instances, and none is stated. "+
					"Set instance_security_group_ids, for example instance_security_group_ids = [aws_security_group.web.id].", lb.Label()))
		}
	}
	return diags
}

// derive applies the tables.
func (in loadBalancerRulesInputs) derive() derivedRules {
	d := derivedRules{ingressKnown: in.clientRowsKnown() && !in.unknownRespondToPing, egressKnown: in.instanceRowsKnown()}
	for i, lb := range in.managed() {
		d.egressKnown = d.egressKnown && !in.loadBalancers[i].unknown.instanceGroups
		if lb.Internal {
			d.rules = append(d.rules, wiring.InternalLoadBalancerGroup(lb, in.vpc)...)
		} else {
			d.rules = append(d.rules, wiring.InternetFacingLoadBalancerGroup(lb)...)
		}
		if in.respondToPing {
			d.rules = append(d.rules, wiring.RespondToPing(lb, in.vpc)...)
		}
	}
	d.rules = wiring.Collapse(d.rules)
	return d
}

// written are the rules that a configuration writes out.
func (m *loadBalancerRulesModel) written(account string) (map[wiring.Direction]writtenRules, diag.Diagnostics) {
	ingress, diags := decodeWritten(wiring.Ingress, m.Ingress, m.AdditionalIngress, account)
	egress, bad := decodeWritten(wiring.Egress, m.Egress, m.AdditionalEgress, account)
	return map[wiring.Direction]writtenRules{wiring.Ingress: ingress, wiring.Egress: egress}, append(diags, bad...)
}

// pickLoadBalancerGroupFacts keeps the facts from which the rules of a load
// balancer's group follow.
func pickLoadBalancerGroupFacts(lb loadBalancer) (wiring.LoadBalancer, bool) {
	facts := lb.LoadBalancer
	facts.SecurityGroups = nil
	u := lb.unknown
	return facts, !u.listeners && !u.scheme && !u.healthCheck && !u.instanceGroups && !u.clients
}

func (r *loadBalancerRulesResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config loadBalancerRulesModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	in, diags := config.decode("")
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(in.checkInstanceGroups()...)
	_, diags = config.rules(in, "")
	resp.Diagnostics.Append(diags...)
}

// rules are the rules that follow from a configuration and those written in it.
func (m *loadBalancerRulesModel) rules(in loadBalancerRulesInputs, account string) (derivedRules, diag.Diagnostics) {
	derived := in.derive()
	var diags diag.Diagnostics
	derived.written, diags = m.written(account)
	derived.asks, derived.carried = in.asks(derived), in.carried()
	return derived, append(diags, derived.clashes()...)
}

func (r *loadBalancerRulesResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	r.data.planGroup(ctx, req, resp, &loadBalancerRulesModel{})
}

// reconcile derives the rules from the configuration and keeps the prior values
// of arguments that say the same in other words, so that an import or a
// difference in letter case plans no change.
func (m *loadBalancerRulesModel) reconcile(ctx context.Context, config tfsdk.Config, prior *tfsdk.State, account string) (derivedRules, wiringInputs, diag.Diagnostics) {
	var stated, before loadBalancerRulesModel
	diags := config.Get(ctx, &stated)
	stated.RespondToPing = m.RespondToPing
	in, bad := stated.decode(account)
	diags.Append(bad...)
	diags.Append(in.checkInstanceGroups()...)
	derived, bad := stated.rules(in, account)
	diags.Append(bad...)
	m.VPCCIDRBlocks, m.InstanceSecurityGroupIDs, m.Clients = stated.VPCCIDRBlocks, stated.InstanceSecurityGroupIDs, stated.Clients
	if prior == nil || diags.HasError() {
		return derived, in.wiringInputs, diags
	}
	diags.Append(prior.Get(ctx, &before)...)
	was, bad := before.decode(account)
	if bad.HasError() || !sameFacts(was.wiringInputs, in.wiringInputs, pickLoadBalancerGroupFacts) {
		return derived, in.wiringInputs, diags
	}
	m.LoadBalancers, m.Clients = before.LoadBalancers, keptClients(stated.Clients, before.Clients)
	if stated.InstanceSecurityGroupIDs.IsNull() {
		m.InstanceSecurityGroupIDs = before.InstanceSecurityGroupIDs
	}
	if _, need := in.clientRowsNeedVPC(); !need && stated.VPCCIDRBlocks.IsNull() {
		m.VPCCIDRBlocks = before.VPCCIDRBlocks
	}
	return derived, in.wiringInputs, diags
}

// owned are the rules of a state.
func (m *loadBalancerRulesModel) owned(account string) cloud.GroupRules {
	return cloud.GroupRules{Ingress: ownedRules(m.Ingress, wiring.Ingress, account), Egress: ownedRules(m.Egress, wiring.Egress, account)}
}

// show puts owned rules into the model.
func (m *loadBalancerRulesModel) show(rules cloud.GroupRules) diag.Diagnostics {
	var diags, bad diag.Diagnostics
	m.Ingress, diags = rulesValue(rules.Ingress, m.Ingress)
	m.Egress, bad = rulesValue(rules.Egress, m.Egress)
	diags.Append(bad...)
	return diags
}

func (m *loadBalancerRulesModel) showPlan(ingress, egress types.Map) {
	m.Ingress, m.Egress = ingress, egress
}

// want are the rules that a known plan asks for.
func (m *loadBalancerRulesModel) want(ctx context.Context, config *tfsdk.Config, account string) (cloud.GroupRules, diag.Diagnostics) {
	in, diags := m.decode(account)
	var stated loadBalancerRulesModel
	if config != nil {
		diags.Append(config.Get(ctx, &stated)...)
	}
	derived, bad := stated.rules(in, account)
	return derived.want(), append(diags, bad...)
}

func (r *loadBalancerRulesResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	r.data.createGroup(ctx, req, resp, &loadBalancerRulesModel{})
	resp.Diagnostics.Append(loadBalancerGroupIdentity().copyFrom(ctx, resp.Identity, resp.State)...)
}

func (r *loadBalancerRulesResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	// Also what has gone has an identity.
	resp.Diagnostics.Append(loadBalancerGroupIdentity().copyFrom(ctx, resp.Identity, req.State)...)
	r.data.readGroup(ctx, req, resp, &loadBalancerRulesModel{})
}

func (r *loadBalancerRulesResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	r.data.updateGroup(ctx, req, resp, &loadBalancerRulesModel{}, &loadBalancerRulesModel{})
	resp.Diagnostics.Append(loadBalancerGroupIdentity().copyFrom(ctx, resp.Identity, resp.State)...)
}

func (r *loadBalancerRulesResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	r.data.deleteGroup(ctx, req, resp, &loadBalancerRulesModel{})
}

func (r *loadBalancerRulesResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	id, diags := r.data.importIDOf(ctx, loadBalancerGroupIdentity(), req, usesOfGroups)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	group, lbs, err := r.data.lookUpImport(ctx, id)
	if err != nil {
		resp.Diagnostics.AddError("Unable to import the security group rules", asSentence(err))
		return
	}
	state, diags := importedLoadBalancerRules(ctx, group, lbs)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	r.data.importGroup(ctx, resp, state)
	resp.Diagnostics.Append(loadBalancerGroupIdentity().copyFrom(ctx, resp.Identity, resp.State)...)
}

// importedLoadBalancerRules are the arguments with which a resource would have
// made the rules that stand in the group.
func importedLoadBalancerRules(ctx context.Context, group string, lbs importedLoadBalancers) (*loadBalancerRulesModel, diag.Diagnostics) {
	diags := lbs.declareClients(ctx)
	state := &loadBalancerRulesModel{
		groupRulesModel:          newGroupRulesModel(group, lbs.model),
		InstanceSecurityGroupIDs: lbs.destinations(),
		RespondToPing:            types.BoolValue(true),
		AdditionalEgress:         types.MapNull(writtenRuleType()),
	}
	in, bad := state.decode("")
	diags.Append(bad...)
	if diags.HasError() {
		return state, diags
	}
	var pings []wiring.Rule
	for _, lb := range in.plain() {
		pings = append(pings, wiring.RespondToPing(lb, in.vpc)...)
	}
	state.RespondToPing = types.BoolValue(lbs.stands(pings))
	return state, diags
}
