// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-clb/terraform-provider-clb/internal/cloud"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

var (
	_ resource.ResourceWithConfigure      = (*instanceIngressRulesResource)(nil)
	_ resource.ResourceWithValidateConfig = (*instanceIngressRulesResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*instanceIngressRulesResource)(nil)
	_ resource.ResourceWithImportState    = (*instanceIngressRulesResource)(nil)
)

// instanceIngressRulesResource manages the inbound rules of the security group
// of a load balancer's instances.
type instanceIngressRulesResource struct {
	data *providerData
}

func newInstanceIngressRulesResource() resource.Resource { return &instanceIngressRulesResource{} }

type instanceIngressRulesModel struct {
	groupRulesModel
	classicModel
	LoadBalancerSecurityGroupIDs types.Set  `tfsdk:"load_balancer_security_group_ids"`
	PathMTUDiscovery             types.Bool `tfsdk:"path_mtu_discovery"`
	PathMTUDiscoveryCIDRBlocks   types.Set  `tfsdk:"path_mtu_discovery_cidr_blocks"`
}

func (r *instanceIngressRulesResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_instance_ingress_rules"
}

func (r *instanceIngressRulesResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	attributes := groupRulesAttributes("whose instances carry this security group.", "The id of the instances' security group.")
	attributes["clients"] = computed(clientsAttribute("The rules of instances do not depend on the clients: accepted here so that all rule resources can be given the same arguments."))
	id := schema.StringAttribute{
		Optional:            true,
		MarkdownDescription: "The id of the instances' security group. Either this or, in EC2-Classic, `security_group_name` is needed. Changing it replaces the resource.",
		PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
		Validators:          []validator.String{textValidator{"a security group id", wiring.CheckSecurityGroupID}},
	}
	attributes["security_group_id"] = id
	maps.Copy(attributes, classicAttributes())
	attributes["load_balancer_security_group_ids"] = schema.SetAttribute{
		ElementType: types.StringType,
		Optional:    true,
		MarkdownDescription: "The security groups of the load balancers that are the sources of the rules. Chooses among the `security_groups` of each load balancer's value, " +
			"and stands in for them where the value has none. Left out: all `security_groups` of each value. A group never becomes a source for the ports of a load balancer that does not carry it.",
	}
	attributes["path_mtu_discovery"] = schema.BoolAttribute{
		Optional:            true,
		Computed:            true,
		Default:             booldefault.StaticBool(true),
		MarkdownDescription: "Whether to admit ICMP \"fragmentation needed\" (type 3, code 4), as AWS recommends for Path MTU Discovery. Default `true`. In EC2-Classic, where AWS does not recommend it, from `path_mtu_discovery_cidr_blocks` alone.",
	}
	attributes["path_mtu_discovery_cidr_blocks"] = schema.SetAttribute{
		ElementType:         types.StringType,
		Optional:            true,
		MarkdownDescription: "The IPv4 networks from which ICMP \"fragmentation needed\" is admitted. Left out: the load balancers' security groups.",
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "The inbound rules that AWS recommends for the security group of a Classic Load Balancer's instances, derived from its listeners and its health check: " +
			"from the load balancer's security groups on each instance port and the health check port, and ICMP for Path MTU Discovery. AWS recommends no outbound rules here.\n\n" +
			"The rules can be written out instead, in `ingress`, or added to, in `additional_ingress`. " +
			"Rules that this resource did not create stay as they are, unless `unmanaged_rules` says otherwise.\n\n" +
			"For instances in EC2-Classic, which AWS retired on 2022-08-15, `security_group_name` addresses their security group, and `source_security_group` locks it down to the load balancers. Source: [Security groups for instances in a VPC]" +
			"(https://docs.aws.amazon.com/elasticloadbalancing/latest/classic/elb-instances-security-groups.html).",
		Attributes: typed(attributes),
	}
}

func (r *instanceIngressRulesResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.data = configuredData(req.ProviderData, &resp.Diagnostics)
}

// instanceIngressRulesInputs is the configuration as far as it is known. The
// SecurityGroups of its load balancers are the sources of their rules.
type instanceIngressRulesInputs struct {
	wiringInputs
	pathMTU        bool
	pathMTUSources []netip.Prefix
	unknownPathMTU bool
	classic        classicInputs
}

// decode reads the configuration and pairs each load balancer with its source groups.
func (m *instanceIngressRulesModel) decode(ctx context.Context, ownAccount string) (instanceIngressRulesInputs, diag.Diagnostics) {
	common, diags := m.wiringModel.decode(ownAccount)
	in := instanceIngressRulesInputs{wiringInputs: common, pathMTU: m.PathMTUDiscovery.IsNull() || m.PathMTUDiscovery.ValueBool()}
	sources, known, problems := decodeStrings(m.PathMTUDiscoveryCIDRBlocks, "path_mtu_discovery_cidr_blocks", wiring.ParseCIDR)
	report(&diags, "path_mtu_discovery_cidr_blocks", "Invalid CIDR block", problems)
	in.pathMTUSources, in.unknownPathMTU = sources, !known || m.PathMTUDiscovery.IsUnknown()

	chosen, known, problems := decodeGroups(m.LoadBalancerSecurityGroupIDs, "load_balancer_security_group_ids", ownAccount)
	report(&diags, "load_balancer_security_group_ids", "Invalid security group id", problems)
	diags.Append(checkTags(m.Tags)...)
	var bad diag.Diagnostics
	in.classic, bad = m.classicInputs(ctx)
	diags.Append(bad...)
	if in.classic.named {
		diags.Append(in.placeInClassic()...)
		return in, diags
	}
	for i := range in.loadBalancers {
		lb := &in.loadBalancers[i]
		if lb.unknown.securityGroups || !known || len(problems) > 0 || bad.HasError() {
			lb.unknown.securityGroups = true
			continue
		}
		var problem string
		lb.carried = lb.SecurityGroups
		lb.SecurityGroups, problem = pairedGroups(lb.LoadBalancer, chosen)
		if len(lb.carried) == 0 {
			lb.carried = lb.SecurityGroups
		}
		if problem != "" && !lb.idle() {
			diags.AddAttributeError(path.Root("load_balancer_security_group_ids"), "Missing load balancer security groups", problem)
		}
	}
	return in, diags
}

// pairedGroups are the groups from which a load balancer reaches its instances:
// those that it carries, narrowed by the chosen ones.
func pairedGroups(lb wiring.LoadBalancer, chosen []string) (groups []string, problem string) {
	switch {
	case len(lb.SecurityGroups) == 0 && len(chosen) == 0:
		return nil, fmt.Sprintf("The rules admit %s by its security groups, and none is stated. Set security_groups in its value, "+
			"or load_balancer_security_group_ids, for example load_balancer_security_group_ids = [aws_security_group.lb.id].", lb.Label())
	case len(lb.SecurityGroups) == 0:
		return chosen, ""
	case len(chosen) == 0:
		return lb.SecurityGroups, ""
	}
	for _, group := range lb.SecurityGroups {
		// The own account is not known offline, and then it may stand in front of one of the two.
		if slices.ContainsFunc(chosen, func(c string) bool { return wiring.GroupID(c) == wiring.GroupID(group) }) {
			groups = append(groups, group)
		}
	}
	if len(groups) == 0 {
		return nil, fmt.Sprintf("None of the security groups that %s carries (%s) is in load_balancer_security_group_ids (%s), "+
			"so its traffic would not be admitted. Add one of its groups, or remove the load balancer from load_balancers.", lb.Label(), joinSorted(lb.SecurityGroups), joinSorted(chosen))
	}
	return groups, ""
}

// joinSorted lists the ids of a set for a message.
func joinSorted(ids []string) string {
	return strings.Join(slices.Sorted(slices.Values(ids)), ", ")
}

// derive applies the table.
func (in instanceIngressRulesInputs) derive() derivedRules {
	d := derivedRules{ingressKnown: in.instanceRowsKnown() && !in.unknownPathMTU && !in.classic.unknown, egressKnown: true}
	for i, lb := range in.managed() {
		d.ingressKnown = d.ingressKnown && !in.loadBalancers[i].unknown.securityGroups
		if in.classic.named {
			d.rules = append(d.rules, in.classic.rules(lb)...)
			d.byPort = append(d.byPort, wiring.ClassicInstanceGroup(lb, in.classic.peer())...)
			continue
		}
		d.rules = append(d.rules, wiring.InstanceGroup(lb, lb.SecurityGroups)...)
		if in.pathMTU && len(in.pathMTUSources) == 0 {
			d.rules = append(d.rules, wiring.InstancePathMTUDiscovery(wiring.GroupPeers(lb.SecurityGroups))...)
		}
	}
	if in.pathMTU && len(in.loadBalancers) > 0 {
		d.rules = append(d.rules, wiring.InstancePathMTUDiscovery(wiring.CIDRPeers(in.pathMTUSources))...)
	}
	d.rules = wiring.Collapse(d.rules)
	return d
}

// rules are the rules that follow from a configuration and those written in it.
func (m *instanceIngressRulesModel) rules(in instanceIngressRulesInputs, account string) (derivedRules, diag.Diagnostics) {
	derived := in.derive()
	ingress, diags := decodeWritten(wiring.Ingress, m.Ingress, m.AdditionalIngress, account)
	derived.written = map[wiring.Direction]writtenRules{wiring.Ingress: ingress}
	derived.asks = in.asks(derived)
	return derived, append(diags, derived.clashes()...)
}

// pickInstanceGroupFacts keeps the facts from which the rules of an instance
// group follow.
func pickInstanceGroupFacts(lb loadBalancer) (wiring.LoadBalancer, bool) {
	facts := wiring.LoadBalancer{Listeners: lb.Listeners, HealthCheck: lb.HealthCheck, SecurityGroups: lb.SecurityGroups}
	return facts, !lb.unknown.listeners && !lb.unknown.healthCheck && !lb.unknown.securityGroups
}

func (r *instanceIngressRulesResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config instanceIngressRulesModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	in, diags := config.decode(ctx, "")
	resp.Diagnostics.Append(diags...)
	_, diags = config.rules(in, "")
	resp.Diagnostics.Append(diags...)
}

func (r *instanceIngressRulesResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	r.data.planClassic(ctx, req, resp)
	if resp.Diagnostics.HasError() {
		return
	}
	plan := &instanceIngressRulesModel{}
	r.data.planGroup(ctx, req, resp, plan)
	if !plan.SecurityGroupName.IsNull() {
		resp.Diagnostics = aboutName(resp.Diagnostics)
	}
}

// reconcile derives the rules from the configuration and keeps the prior values
// of arguments that say the same in other words.
func (m *instanceIngressRulesModel) reconcile(ctx context.Context, config tfsdk.Config, prior *tfsdk.State, account string) (derivedRules, wiringInputs, diag.Diagnostics) {
	var stated, before instanceIngressRulesModel
	diags := config.Get(ctx, &stated)
	stated.PathMTUDiscovery, stated.AllProtocols = m.PathMTUDiscovery, m.AllProtocols
	in, bad := stated.decode(ctx, account)
	diags.Append(bad...)
	derived, bad := stated.rules(in, account)
	diags.Append(bad...)
	m.VPCCIDRBlocks, m.Clients = stated.VPCCIDRBlocks, stated.Clients
	if prior == nil || diags.HasError() {
		return derived, in.wiringInputs, diags
	}
	diags.Append(prior.Get(ctx, &before)...)
	was, bad := before.decode(ctx, account)
	if bad.HasError() || !sameFacts(was.wiringInputs, in.wiringInputs, pickInstanceGroupFacts) {
		return derived, in.wiringInputs, diags
	}
	m.LoadBalancers = before.LoadBalancers
	if stated.VPCCIDRBlocks.IsNull() {
		m.VPCCIDRBlocks = before.VPCCIDRBlocks
	}
	return derived, in.wiringInputs, diags
}

// owned are the rules of a state.
func (m *instanceIngressRulesModel) owned(account string) cloud.GroupRules {
	ingress := ownedRules(m.Ingress, wiring.Ingress, account)
	if !m.SecurityGroupName.IsNull() {
		ingress = ingress.WithKeysAsIDs()
	}
	return cloud.GroupRules{Ingress: ingress, Egress: cloud.OwnedRules{}}
}

// show puts owned rules into the model.
func (m *instanceIngressRulesModel) show(rules cloud.GroupRules) diag.Diagnostics {
	var diags diag.Diagnostics
	m.Ingress, diags = rulesValue(rules.Ingress, m.Ingress)
	if !m.SecurityGroupName.IsNull() {
		m.Ingress = withoutRuleIDs(m.Ingress)
	}
	return diags
}

// showPlan shows the inbound rules: AWS recommends no outbound ones here.
func (m *instanceIngressRulesModel) showPlan(ingress, _ types.Map) {
	m.Ingress = ingress
	if !m.SecurityGroupName.IsNull() {
		m.Ingress = withoutRuleIDs(m.Ingress)
	}
}

// want are the rules that a known plan asks for.
func (m *instanceIngressRulesModel) want(ctx context.Context, config *tfsdk.Config, account string) (cloud.GroupRules, diag.Diagnostics) {
	in, diags := m.decode(ctx, account)
	var stated instanceIngressRulesModel
	if config != nil {
		diags.Append(config.Get(ctx, &stated)...)
	}
	derived, bad := stated.rules(in, account)
	return derived.want(), append(diags, bad...)
}

func (r *instanceIngressRulesResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	r.data.createGroup(ctx, req, resp, &instanceIngressRulesModel{})
	resp.Diagnostics.Append(instanceGroupIdentity().copyFrom(ctx, resp.Identity, resp.State)...)
}

func (r *instanceIngressRulesResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	// Also what has gone has an identity.
	resp.Diagnostics.Append(instanceGroupIdentity().copyFrom(ctx, resp.Identity, req.State)...)
	r.data.readGroup(ctx, req, resp, &instanceIngressRulesModel{})
}

func (r *instanceIngressRulesResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	r.data.updateGroup(ctx, req, resp, &instanceIngressRulesModel{}, &instanceIngressRulesModel{})
	resp.Diagnostics.Append(instanceGroupIdentity().copyFrom(ctx, resp.Identity, resp.State)...)
}

func (r *instanceIngressRulesResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	r.data.deleteGroup(ctx, req, resp, &instanceIngressRulesModel{})
}

func (r *instanceIngressRulesResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	id, diags := r.data.importIDOf(ctx, instanceGroupIdentity(), req, usesOfInstanceGroups)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	group, lbs, err := r.data.lookUpInstanceImport(ctx, id)
	if err != nil {
		resp.Diagnostics.AddError("Unable to import the security group rules", asSentence(err))
		return
	}
	r.data.importGroup(ctx, resp, importedInstanceIngressRules(group, lbs))
	resp.Diagnostics.Append(instanceGroupIdentity().copyFrom(ctx, resp.Identity, resp.State)...)
}

// importedInstanceIngressRules are the arguments with which a resource would have
// made the rules that stand in the group.
func importedInstanceIngressRules(group string, lbs importedLoadBalancers) *instanceIngressRulesModel {
	model := &instanceIngressRulesModel{
		groupRulesModel:              newGroupRulesModel(group, lbs.model),
		classicModel:                 noClassic(),
		LoadBalancerSecurityGroupIDs: types.SetNull(types.StringType),
		PathMTUDiscovery:             types.BoolValue(true),
		PathMTUDiscoveryCIDRBlocks:   lbs.pathMTUSources(),
	}
	if wiring.IsGroupName(group) {
		model.SecurityGroupID, model.classicModel = types.StringNull(), lbs.classic(group)
	}
	return model
}

// pathMTUSources are the networks from which the live rules admit "fragmentation
// needed", where they admit it from no security group; null otherwise.
func (lbs importedLoadBalancers) pathMTUSources() types.Set {
	var sources []attr.Value
	for _, rule := range lbs.live {
		if rule.Direction != wiring.Ingress || rule.Protocol != wiring.ICMP || rule.From != 3 || rule.To != 4 {
			continue
		}
		if rule.Peer.SecurityGroup != "" {
			return types.SetNull(types.StringType)
		}
		if rule.Peer.CIDR.Addr().Is4() {
			sources = append(sources, types.StringValue(rule.Peer.CIDR.String()))
		}
	}
	if len(sources) == 0 {
		return types.SetNull(types.StringType)
	}
	return types.SetValueMust(types.StringType, sources)
}
