// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"maps"
	"slices"

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
	"github.com/terraform-clb/terraform-provider-clb/internal/verify"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

var (
	_ resource.ResourceWithConfigure      = (*networkACLEntriesResource)(nil)
	_ resource.ResourceWithValidateConfig = (*networkACLEntriesResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*networkACLEntriesResource)(nil)
	_ resource.ResourceWithImportState    = (*networkACLEntriesResource)(nil)
)

// networkACLEntriesResource manages entries of a custom network ACL.
type networkACLEntriesResource struct {
	data *providerData
}

func newNetworkACLEntriesResource() resource.Resource { return &networkACLEntriesResource{} }

type networkACLEntriesModel struct {
	wiringModel
	NetworkACLID      types.String `tfsdk:"network_acl_id"`
	SubnetRoles       types.Set    `tfsdk:"subnet_roles"`
	FirstRuleNumber   types.Int64  `tfsdk:"first_rule_number"`
	RuleNumberStep    types.Int64  `tfsdk:"rule_number_step"`
	PathMTUDiscovery  types.Bool   `tfsdk:"path_mtu_discovery"`
	Compact           types.Bool   `tfsdk:"compact"`
	Ingress           types.Map    `tfsdk:"ingress"`
	Egress            types.Map    `tfsdk:"egress"`
	AdditionalIngress types.Map    `tfsdk:"additional_ingress"`
	AdditionalEgress  types.Map    `tfsdk:"additional_egress"`
	AdoptedEntries    types.Set    `tfsdk:"adopted_entries"`
	UnmanagedEntries  types.String `tfsdk:"unmanaged_entries"`
	RevokedEntries    types.Map    `tfsdk:"revoked_entries"`
	RetiringEntries   types.Map    `tfsdk:"retiring_entries"`
}

func (r *networkACLEntriesResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_network_acl_entries"
}

func (r *networkACLEntriesResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	attributes := wiringAttributes("whose nodes or instances are in the subnets of this network ACL.")
	attributes["network_acl_id"] = schema.StringAttribute{
		Required:            true,
		MarkdownDescription: "The id of the custom network ACL. The default network ACL of a VPC admits everything and needs no entries. Changing it replaces the resource.",
		PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
		Validators:          []validator.String{textValidator{"a network ACL id", wiring.CheckNetworkACLID}},
	}
	attributes["subnet_roles"] = schema.SetAttribute{
		ElementType: types.StringType,
		Required:    true,
		MarkdownDescription: "What the subnets of this network ACL hold: `load_balancer` (the load balancer's nodes), `private_instance` (instances in private subnets), `public_instance` (instances in subnets with a route to an internet gateway). " +
			"A network ACL that serves several roles names all of them and gets the union of their entries.",
	}
	attributes["first_rule_number"] = schema.Int64Attribute{
		Optional: true,
		MarkdownDescription: "The rule number of the first entry in each direction, 1-32766. Defaults to `100` with the role `load_balancer`, else `1000` with `private_instance`, else `2000`. " +
			"Changing it gives all entries new numbers.",
	}
	attributes["rule_number_step"] = schema.Int64Attribute{
		Optional:            true,
		MarkdownDescription: "The distance between the rule numbers of new entries. Default `10`. Changing it gives all entries new numbers.",
	}
	attributes["path_mtu_discovery"] = schema.BoolAttribute{
		Optional:            true,
		Computed:            true,
		Default:             booldefault.StaticBool(false),
		MarkdownDescription: "Whether to admit ICMP \"fragmentation needed\" (type 3, code 4) in both directions, which Path MTU Discovery needs and the AWS tables leave out. Default `false`.",
	}
	attributes["compact"] = schema.BoolAttribute{
		Optional: true,
		Computed: true,
		Default:  booldefault.StaticBool(false),
		MarkdownDescription: "Whether to derive the fewest entries that admit exactly the same packets, instead of one for each row of the AWS tables. Default `false`. " +
			"Use it when a network ACL is about to exceed its quota of entries. Written and additional entries stay as they are.",
	}
	attributes["adopted_entries"] = schema.SetAttribute{
		ElementType: types.StringType,
		Computed:    true,
		MarkdownDescription: "The places, such as `ingress/100`, of those entries in `ingress` and `egress` that stood in the network ACL before this resource wanted them: " +
			"an identical entry under the planned number is adopted. `adopt` says what becomes of them.",
	}
	attributes["retiring_entries"] = retiringEntriesAttribute()
	attributes["ingress"] = entriesAttribute(wiring.Ingress, "source")
	attributes["egress"] = entriesAttribute(wiring.Egress, "destination")
	attributes["additional_ingress"] = additionalEntriesAttribute(wiring.Ingress, "source")
	attributes["additional_egress"] = additionalEntriesAttribute(wiring.Egress, "destination")
	maps.Copy(attributes, unmanagedEntriesAttributes())
	resp.Schema = schema.Schema{
		MarkdownDescription: "The entries that AWS recommends for the custom network ACL of a Classic Load Balancer's subnets or its instances' subnets, derived from its listeners and its health check.\n\n" +
			"Entries that this resource did not create stay as they are, unless `unmanaged_entries` says otherwise. Source: [Network ACLs for your Classic Load Balancer]" +
			"(https://docs.aws.amazon.com/elasticloadbalancing/latest/classic/elb-vpc-network-acls.html).",
		Attributes: typed(attributes),
	}
}

func (r *networkACLEntriesResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.data = configuredData(req.ProviderData, &resp.Diagnostics)
}

func (r *networkACLEntriesResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config networkACLEntriesModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	in, diags := config.decode("")
	resp.Diagnostics.Append(diags...)
	_, bad := config.decodeWritten()
	resp.Diagnostics.Append(bad...)
	if diags.HasError() || !in.known() {
		return
	}
	// Whether the numbers of written entries are free depends on the prior state.
	_, diags = in.plan(cloud.NewACLEntries(), false)
	resp.Diagnostics.Append(diags...)
}

func addNumberingError(diags *diag.Diagnostics, err error) {
	diags.AddAttributeError(path.Root("first_rule_number"), "Rule numbers out of range", fmt.Sprintf("The entries do not fit: %s.", err))
}

func (r *networkACLEntriesResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() {
		if r.data != nil {
			resp.Diagnostics.Append(r.data.planEntriesDestroy(ctx, req.State)...)
		}
		return
	}
	change, ok := r.data.reconcileACL(ctx, req, resp)
	if !ok || r.data == nil || change.plan.NetworkACLID.IsUnknown() || change.plan.Region.IsUnknown() {
		return
	}
	if change.replaces() {
		// Terraform plans the replacement once more, without the prior state.
		resp.Diagnostics.Append(r.data.planEntriesDestroy(ctx, req.State)...)
		return
	}
	check := change.check(req.Config)
	if change.fresh {
		resp.Diagnostics.Append(check.mark().leave(ctx, resp.Private)...)
	}
	resp.Diagnostics.Append(r.data.claimNumbers(check)...)
	resp.Diagnostics.Append(r.data.checkDoomedEntries(check)...)
	live, known := r.data.seen.acls.known(check.region, check.acl)
	changes := change.changes()
	v := r.data.verification(change.plan.wiringModel, "network_acl_id", changes)
	check.enforcement = v.enforcement
	if changes {
		var nearly []verify.Finding
		var diags diag.Diagnostics
		live, known, nearly, diags = r.data.checkACL(ctx, check)
		if known {
			r.data.seen.acls.note(check.region, check.acl, live)
		}
		resp.Diagnostics.Append(change.in.clientNotes()...)
		resp.Diagnostics.Append(diags...)
		resp.Diagnostics.Append(r.data.checkRevokedEntries(check, live, known, change.plan.UnmanagedEntries.ValueString())...)
		resp.Diagnostics.Append(v.say(v.options.Unaccepted(nearly, change.in.labels()...))...)
	}
	if known && !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(r.data.foretellInterruptions(check, live)...)
		resp.Diagnostics.Append(foretellLeftBehind(check, live)...)
		facts, diags := r.data.factsFor(ctx, check.region, change.in.wiringInputs, live.VPCID, occasionOf(changes, change.fresh), v.options)
		resp.Diagnostics.Append(diags...)
		resp.Diagnostics.Append(v.say(facts.differences)...)
		resp.Diagnostics.Append(r.data.judgeACL(check, live, change.in, facts, v)...)
	}
}

// aclChange is a change as it is planned.
type aclChange struct {
	// plan is what the plan shows, before what the prior state does.
	plan, before networkACLEntriesModel
	in           networkACLEntriesInputs
	// fresh tells whether there is no prior state.
	fresh bool
	// owned are the entries of the prior state.
	owned   cloud.ACLEntries
	planned aclPlan
	// going are entries that nobody owns and that go, by their places. revokes tells
	// whether there are any, or whether what becomes of them is decided anew.
	going   map[string]cloud.NetworkACLEntry
	revokes bool
}

// replaces tells whether the prior object goes and another one comes.
func (c aclChange) replaces() bool {
	return !c.fresh && (replacedRegion(c.before.Region, c.plan.Region) || !c.before.NetworkACLID.Equal(c.plan.NetworkACLID))
}

// changes tells whether entries are created or changed.
func (c aclChange) changes() bool {
	return c.fresh || c.revokes || !c.before.Ingress.Equal(c.plan.Ingress) || !c.before.Egress.Equal(c.plan.Egress)
}

// check is what is held against the live network ACL.
func (c aclChange) check(config tfsdk.Config) aclCheck {
	acl := c.plan.NetworkACLID.ValueString()
	return aclCheck{
		region: c.plan.Region.ValueString(), acl: acl, configuration: sumOf(config), importID: importID(acl+"/"+c.in.roleList(), c.in.plain()),
		fresh: c.fresh, owned: c.owned, want: c.planned.want(), planned: c.planned, directions: c.planned.numbered(), keepsAdopted: c.plan.keepsAdopted(),
		going: c.going, removedBy: c.broaderRemoval(),
	}
}

// reconcileACL completes a plan from the configuration and the prior state, and
// from nothing else. It is not ok when there is nothing to check.
func (d *providerData) reconcileACL(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) (change aclChange, ok bool) {
	var config, plan, before networkACLEntriesModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	account := d.ownAccount(ctx, req.Config, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return change, false
	}
	config.PathMTUDiscovery, config.Compact = plan.PathMTUDiscovery, plan.Compact
	in, diags := config.decode(account)
	resp.Diagnostics.Append(diags...)
	in.written, diags = config.decodeWritten()
	resp.Diagnostics.Append(diags...)
	plan.Region, plan.VPCCIDRBlocks, plan.Clients = d.planRegion(config.Region), config.VPCCIDRBlocks, config.Clients
	d.checkRegion(plan.Region, &resp.Diagnostics)
	fresh, owned, moved := req.State.Raw.IsNull(), cloud.NewACLEntries(), false
	if !fresh && !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(req.State.Get(ctx, &before)...)
		owned, diags = withOthers(ctx, req.Private, before.ownedAll())
		resp.Diagnostics.Append(diags...)
		owned.Left = plan.keepsAdopted()
		was, diags := before.decode(account)
		moved = was.firstNumber != in.firstNumber || was.step != in.step
		if !diags.HasError() && sameFacts(was.wiringInputs, in.wiringInputs, in.pickFacts) {
			plan.LoadBalancers, plan.Clients = before.LoadBalancers, keptClients(config.Clients, before.Clients)
			if config.VPCCIDRBlocks.IsNull() {
				plan.VPCCIDRBlocks = before.VPCCIDRBlocks
			}
		}
		if replacedRegion(before.Region, plan.Region) {
			resp.RequiresReplace.Append(path.Root("region"))
		}
	}
	if resp.Diagnostics.HasError() {
		return change, false
	}
	held := owned
	if !fresh {
		gone, diags := goneEntries(ctx, req.Private)
		resp.Diagnostics.Append(diags...)
		held = withGone(owned, gone)
	}
	planned, diags := in.plan(held, moved)
	resp.Diagnostics.Append(diags...)
	plan.Ingress, plan.Egress = planned.shown(wiring.Ingress, &resp.Diagnostics), planned.shown(wiring.Egress, &resp.Diagnostics)
	resp.Diagnostics.Append(plan.planAdopted(ctx, planned, owned)...)
	retiring := noRetiring(retiringEntryType())
	if !fresh {
		retiring = before.RetiringEntries
	}
	resp.Diagnostics.Append(plan.planRetiring(retiring, planned, owned)...)
	change = aclChange{plan: plan, before: before, in: in, fresh: fresh, owned: owned, planned: planned}
	resp.Diagnostics.Append(d.planRevokedEntries(ctx, req, &change)...)
	if resp.Diagnostics.HasError() {
		return change, false
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, &change.plan)...)
	return change, len(planned) > 0 || change.revokes
}

// planEntriesDestroy gives all entries of a state up.
func (d *providerData) planEntriesDestroy(ctx context.Context, prior tfsdk.State) diag.Diagnostics {
	var state networkACLEntriesModel
	diags := prior.Get(ctx, &state)
	if diags.HasError() {
		return diags
	}
	all, owned := wiring.Directions(), state.ownedAll()
	diags.Append(d.settleNumbers(aclCheck{region: state.Region.ValueString(), acl: state.NetworkACLID.ValueString(), owned: owned, directions: all[:]})...)
	return append(diags, d.foretellClosedByEntries(ctx, state, owned)...)
}

// pickFacts keeps the facts from which the entries of a network ACL follow.
func (in networkACLEntriesInputs) pickFacts(lb loadBalancer) (wiring.LoadBalancer, bool) {
	facts := lb.AsAddresses(in.vpc)
	facts.SecurityGroups, facts.InstanceSecurityGroups = nil, nil
	u := lb.unknown
	return facts, !u.listeners && !u.healthCheck && !u.scheme && !u.clients && !in.unknownVPC
}

// owned are the entries of a state, or of a plan as far as they are known.
func (m networkACLEntriesModel) owned() cloud.ACLEntries {
	owned := cloud.NewACLEntries()
	owned.Ingress, owned.Egress = ownedEntries(m.Ingress, wiring.Ingress), ownedEntries(m.Egress, wiring.Egress)
	owned.Left = m.keepsAdopted()
	for _, place := range m.AdoptedEntries.Elements() {
		if text, is := place.(types.String); is {
			owned.Adopted[text.ValueString()] = true
		}
	}
	return owned
}

// show puts entries into the model. Those that it has already, or that one of the
// others has, keep their spelling.
func (m *networkACLEntriesModel) show(ctx context.Context, entries cloud.ACLEntries, others ...networkACLEntriesModel) diag.Diagnostics {
	ingress, egress := []types.Map{m.Ingress}, []types.Map{m.Egress}
	for _, other := range others {
		ingress, egress = append(ingress, other.Ingress), append(egress, other.Egress)
	}
	entries, diags := m.showRetiring(entries)
	var bad diag.Diagnostics
	m.Ingress, bad = entriesValue(entries.Ingress, wiring.Ingress, ingress...)
	diags.Append(bad...)
	m.Egress, bad = entriesValue(entries.Egress, wiring.Egress, egress...)
	diags.Append(bad...)
	diags.Append(m.showAdopted(ctx, entries)...)
	return diags
}

func (r *networkACLEntriesResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan networkACLEntriesModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	want := plan.owned()
	want.Adopted = nil
	region, acl := plan.Region.ValueString(), plan.NetworkACLID.ValueString()
	defer r.data.locks.hold(region, acl)()
	// The plan has looked a moment ago, and whoever writes makes it forgotten.
	var live *cloud.NetworkACL
	if seen, known := r.data.seen.acls.known(region, acl); known {
		live = &seen
	}
	r.data.seen.acls.forget(region, acl)
	created, err := r.data.connection.In(region).CreateEntries(ctx, acl, live, want)
	if err != nil {
		resp.Diagnostics.AddError("Unable to create the network ACL entries", asSentence(err))
		if created.Empty() {
			return
		}
	}
	if err == nil {
		var diags diag.Diagnostics
		created, diags = r.data.deleteAfterCreation(ctx, &plan, created)
		if resp.Diagnostics.Append(diags...); created.Empty() && diags.HasError() {
			return
		}
	} else {
		plan.RevokedEntries = revokedValue(nil)
	}
	others := othersNote{Places: slices.Sorted(maps.Keys(created.Others))}
	resp.Diagnostics.Append(others.leave(ctx, resp.Private)...)
	created = r.data.succeedEntries(region, acl, created)
	resp.Diagnostics.Append(plan.show(ctx, created)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	resp.Diagnostics.Append(networkACLIdentity().copyFrom(ctx, resp.Identity, resp.State)...)
}

func (r *networkACLEntriesResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	// Also what has gone has an identity.
	resp.Diagnostics.Append(networkACLIdentity().copyFrom(ctx, resp.Identity, req.State)...)
	var state networkACLEntriesModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	owned := state.ownedAll()
	acl, err := r.data.connection.In(state.Region.ValueString()).NetworkACL(ctx, state.NetworkACLID.ValueString())
	if cloud.IsNotFound(err) {
		resp.State.RemoveResource(ctx)
		return
	}
	if err != nil {
		resp.Diagnostics.AddError("Unable to read the network ACL entries", asSentence(err))
		return
	}
	r.data.seen.acls.note(state.Region.ValueString(), acl.ID, acl)
	owned, diags := noteOthers(ctx, resp.Private, owned, acl)
	resp.Diagnostics.Append(diags...)
	now := acl.Owned(owned)
	resp.Diagnostics.Append(noteGone(ctx, resp.Private, owned, now)...)
	for _, direction := range wiring.Directions() {
		for _, entry := range now.In(direction) {
			r.data.claims.own(numberPlace(aclCheck{region: state.Region.ValueString(), acl: state.NetworkACLID.ValueString()}, direction, entry.Number))
		}
	}
	resp.Diagnostics.Append(r.data.noteUnmanagedEntries(ctx, resp.Private, &state, acl, now)...)
	resp.Diagnostics.Append(state.show(ctx, now)...)
	resp.Diagnostics.Append(r.data.refreshRetiringEntries(ctx, &state, owned, acl)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
}

func (r *networkACLEntriesResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state networkACLEntriesModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	want := plan.owned()
	owned, diags := withOthers(ctx, req.Private, state.ownedAll())
	resp.Diagnostics.Append(diags...)
	owned.Left = plan.keepsAdopted()
	region, acl := plan.Region.ValueString(), plan.NetworkACLID.ValueString()
	defer r.data.locks.hold(region, acl)()
	stay, diags := r.data.retainEntries(ctx, plan, state, owned, want)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	r.data.seen.acls.forget(region, acl)
	now, diags := r.data.changeEntries(ctx, region, acl, owned, want, &stay)
	if resp.Diagnostics.Append(diags...); diags.HasError() {
		// Entries keep their numbers unless these change: the next plan is to see
		// that they do.
		plan.SubnetRoles, plan.FirstRuleNumber, plan.RuleNumberStep = state.SubnetRoles, state.FirstRuleNumber, state.RuleNumberStep
		plan.RevokedEntries = state.RevokedEntries
	} else {
		resp.Diagnostics.Append(forgetGone(ctx, resp.Private)...)
		resp.Diagnostics.Append(r.data.deleteAfterUpdate(ctx, resp.Private, &plan, state.RevokedEntries, now)...)
	}
	resp.Diagnostics.Append(plan.showStaying(state, stay)...)
	resp.Diagnostics.Append(plan.show(ctx, now, state)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	resp.Diagnostics.Append(networkACLIdentity().copyFrom(ctx, resp.Identity, resp.State)...)
}

func (r *networkACLEntriesResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state networkACLEntriesModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	region, acl := state.Region.ValueString(), state.NetworkACLID.ValueString()
	owned, diags := r.data.leaveEntries(ctx, req.Private, region, acl, state.ownedAll())
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	defer r.data.locks.hold(region, acl)()
	r.data.seen.acls.forget(region, acl)
	remain, err := r.data.connection.In(region).DeleteEntries(ctx, acl, owned)
	if err != nil {
		resp.Diagnostics.AddError("Unable to delete the network ACL entries", asSentence(err))
		resp.Diagnostics.Append(state.show(ctx, remain)...)
		resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
	}
}

func (r *networkACLEntriesResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	id, diags := r.data.importIDOf(ctx, networkACLIdentity(), req, usesOfNetworkACLs)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	state, diags, err := r.data.importACL(ctx, id)
	if err != nil {
		resp.Diagnostics.AddError("Unable to import the network ACL entries", asSentence(err))
		return
	}
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(othersNote{First: true}.leave(ctx, resp.Private)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
	resp.Diagnostics.Append(networkACLIdentity().copyFrom(ctx, resp.Identity, resp.State)...)
}
