// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-clb/terraform-provider-clb/internal/cloud"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

var _ datasource.DataSourceWithConfigure = (*loadBalancerDataSource)(nil)

// loadBalancerDataSource shows one load balancer and what its traffic meets.
type loadBalancerDataSource struct {
	data *providerData
}

func newLoadBalancerDataSource() datasource.DataSource { return &loadBalancerDataSource{} }

type loadBalancerDataSourceModel struct {
	liveLoadBalancerModel
	Region                  types.String                   `tfsdk:"region"`
	CrossZoneLoadBalancing  types.Bool                     `tfsdk:"cross_zone_load_balancing"`
	SubnetDetails           map[string]subnetDetails       `tfsdk:"subnet_details"`
	InstanceDetails         map[string]instanceDetails     `tfsdk:"instance_details"`
	NetworkACLIDs           []string                       `tfsdk:"network_acl_ids"`
	InstanceNetworkACLIDs   []string                       `tfsdk:"instance_network_acl_ids"`
	NetworkACLs             map[string]networkACLOfSubnets `tfsdk:"network_acls"`
	SourceSecurityGroup     *sourceSecurityGroupModel      `tfsdk:"source_security_group"`
	SourceSecurityGroupID   types.String                   `tfsdk:"source_security_group_id"`
	DefaultSecurityGroup    types.Bool                     `tfsdk:"default_security_group"`
	DefaultELBSecurityGroup types.Bool                     `tfsdk:"default_elb_security_group"`
}

type subnetDetails struct {
	AvailabilityZone string       `tfsdk:"availability_zone"`
	CIDRBlock        string       `tfsdk:"cidr_block"`
	NetworkACLID     types.String `tfsdk:"network_acl_id"`
}

type instanceDetails struct {
	VPCSecurityGroupIDs []string     `tfsdk:"vpc_security_group_ids"`
	SubnetID            types.String `tfsdk:"subnet_id"`
	AvailabilityZone    types.String `tfsdk:"availability_zone"`
	PrivateIP           types.String `tfsdk:"private_ip"`
	InstanceState       string       `tfsdk:"instance_state"`
}

type networkACLOfSubnets struct {
	Default               bool     `tfsdk:"default"`
	LoadBalancerSubnetIDs []string `tfsdk:"load_balancer_subnet_ids"`
	InstanceSubnetIDs     []string `tfsdk:"instance_subnet_ids"`
}

type sourceSecurityGroupModel struct {
	OwnerAlias string `tfsdk:"owner_alias"`
	GroupName  string `tfsdk:"group_name"`
}

func (d *loadBalancerDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_load_balancer"
}

func (d *loadBalancerDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := liveLoadBalancerAttributes()
	maps.Copy(attributes, loadBalancerDetailAttributes())
	attributes["region"] = dataSourceRegionAttribute()
	attributes["name"] = schema.StringAttribute{
		Required:            true,
		MarkdownDescription: "The name of the load balancer.",
		Validators:          []validator.String{textValidator{"a load balancer name", wiring.CheckLoadBalancerName}},
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "A Classic Load Balancer as it stands in AWS, with everything that decides whether its traffic gets through: its VPC, subnets, network ACLs, security groups and instances. " +
			"It fits the resources as it is: `load_balancers = [data.clb_load_balancer.web]`, `vpc_cidr_blocks = data.clb_load_balancer.web.vpc_cidr_blocks`.\n\n" +
			"It needs `elasticloadbalancing:DescribeLoadBalancers`, `ec2:DescribeVpcs` and `ec2:DescribeInstances`. " +
			"Where the identity may not call `elasticloadbalancing:DescribeTags`, `elasticloadbalancing:DescribeLoadBalancerAttributes`, `ec2:DescribeSubnets`, `ec2:DescribeNetworkAcls` or `ec2:DescribeSecurityGroups`, " +
			"the attributes that come from there are null, and a warning names them. At most eight calls are made, whatever the number of subnets and up to 200 instances.",
		Attributes: attributes,
	}
}

// loadBalancerDetailAttributes are the attributes that only the data source of
// one load balancer has.
func loadBalancerDetailAttributes() map[string]schema.Attribute {
	ids := func(description string) schema.SetAttribute {
		return schema.SetAttribute{ElementType: types.StringType, Computed: true, MarkdownDescription: description}
	}
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: description}
	}
	flag := func(description string) schema.BoolAttribute {
		return schema.BoolAttribute{Computed: true, MarkdownDescription: description}
	}
	return map[string]schema.Attribute{
		"tags": schema.MapAttribute{
			ElementType:         types.StringType,
			Computed:            true,
			MarkdownDescription: "The tags of the load balancer, without those that `ignore_tags` of the provider names.",
		},
		"cross_zone_load_balancing": flag("Whether each node of the load balancer sends to the instances of all Availability Zones, and not of its own zone alone."),
		"subnet_details": schema.MapNestedAttribute{
			Computed:            true,
			MarkdownDescription: "The subnets of the load balancer and of its instances, by subnet id.",
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"availability_zone": text("The Availability Zone of the subnet."),
				"cidr_block":        text("The IPv4 CIDR block of the subnet."),
				"network_acl_id":    text("The id of the network ACL that guards the subnet. Null when it cannot be seen."),
			}},
		},
		"instance_details": schema.MapNestedAttribute{
			Computed: true,
			MarkdownDescription: "The registered instances by id, each as the load balancer meets it: by the primary private address of its primary network interface (device index 0). " +
				"Instances that are registered and do not exist any more are in `instances` and not here.",
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"vpc_security_group_ids": ids("The security groups of the primary network interface."),
				"subnet_id":              text("The subnet of the primary network interface."),
				"availability_zone":      text("The Availability Zone of that subnet."),
				"private_ip":             text("The primary private IPv4 address of the primary network interface."),
				"instance_state":         text("The state of the instance: `pending`, `running`, `stopping`, `stopped` or `shutting-down`."),
			}},
		},
		"network_acl_ids":          ids("The ids of the network ACLs that guard the load balancer's subnets."),
		"instance_network_acl_ids": ids("The ids of the network ACLs that guard the instances' subnets."),
		"network_acls": schema.MapNestedAttribute{
			Computed: true,
			MarkdownDescription: "The network ACLs of the load balancer's and the instances' subnets, by network ACL id. Those that need entries of their own are the custom ones: " +
				"`{ for id, acl in data.clb_load_balancer.web.network_acls : id => acl if !acl.default }`.",
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"default":                  flag("`true` for the default network ACL of the VPC, which admits everything unless it was changed; `false` for a custom one, which admits what its entries say."),
				"load_balancer_subnet_ids": ids("The load balancer's subnets that this network ACL guards."),
				"instance_subnet_ids":      ids("The instances' subnets that this network ACL guards. A subnet that holds both is in both sets."),
			}},
		},
		"source_security_group": schema.SingleNestedAttribute{
			Computed:            true,
			MarkdownDescription: "The security group by whose owner and name the instances' rules can name the load balancer: in EC2-Classic `amazon-elb` and `amazon-elb-sg`, in a VPC the account and the name of one of its own groups.",
			Attributes: map[string]schema.Attribute{
				"owner_alias": text("The owner of the group."),
				"group_name":  text("The name of the group."),
			},
		},
		"source_security_group_id": text("The id of `source_security_group`: the group of that name among `security_groups`. Null when none of them has it, as in EC2-Classic."),
		"default_security_group": flag("Whether the load balancer carries the default security group of the VPC, as one that was created without naming a group does. " +
			"That group admits its own members only, so clients do not get through, and everything else that carries it is affected by its rules."),
		"default_elb_security_group": flag("Whether the load balancer carries a `default_elb_…` group, which Elastic Load Balancing makes in the default VPC and shares among load balancers. " +
			"It is open for the listeners of the first of them only."),
	}
}

func (d *loadBalancerDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.data = configuredData(req.ProviderData, &resp.Diagnostics)
}

func (d *loadBalancerDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var name types.String
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("name"), &name)...)
	region := d.data.dataSourceRegion(ctx, req.Config, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	aws := d.data.connection.In(region)
	lb, err := aws.LoadBalancer(ctx, name.ValueString())
	if cloud.IsNotFound(err) {
		addNoSuchLoadBalancer(&resp.Diagnostics, name.ValueString(), region)
		return
	}
	var surrounded []liveLoadBalancer
	if err == nil {
		surrounded, err = withSurroundings(ctx, aws, []cloud.LoadBalancer{lb})
	}
	if err != nil {
		addUnreadable(&resp.Diagnostics, name.ValueString(), err)
		return
	}
	d.data.noteLoadBalancers(region, surrounded)
	model := loadBalancerDataSourceModel{Region: types.StringValue(region), liveLoadBalancerModel: surrounded[0].model()}
	if g := lb.SourceSecurityGroup; g != (cloud.SourceSecurityGroup{}) {
		model.SourceSecurityGroup = &sourceSecurityGroupModel{OwnerAlias: g.OwnerAlias, GroupName: g.GroupName}
	}
	resp.Diagnostics.Append(model.addDetails(ctx, aws, d.data, surrounded[0])...)
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
	}
}

func addNoSuchLoadBalancer(diags *diag.Diagnostics, name, region string) {
	diags.AddAttributeError(path.Root("name"), "Load balancer not found",
		fmt.Sprintf("There is no Classic Load Balancer named %q in region %s of this account. Check the name and the region, and the account of the provider's credentials; "+
			"Application, Network and Gateway Load Balancers are not looked up. "+
			"If this configuration creates the load balancer, take the name from its resource, name = aws_elb.web.name, so that it is read afterwards.", name, region))
}

func addUnreadable(diags *diag.Diagnostics, name string, err error) {
	diags.AddAttributeError(path.Root("name"), "Unable to read the load balancer", fmt.Sprintf("Load balancer %q cannot be read. %s", name, sentence(err)))
}

// sentence ends an error with a full stop.
func sentence(err error) string { return strings.TrimSuffix(err.Error(), ".") + "." }

// addDetails reads what is not needed to derive rules. A read that is denied
// leaves its attributes null; after any other failure nothing more is read.
func (m *loadBalancerDataSourceModel) addDetails(ctx context.Context, aws *cloud.Region, data *providerData, live liveLoadBalancer) diag.Diagnostics {
	var diags diag.Diagnostics
	reads := []struct {
		attributes string
		read       func() error
	}{
		{"tags", func() error { return m.addTags(ctx, aws, data) }},
		{"cross_zone_load_balancing", func() error { return m.addCrossZone(ctx, aws) }},
		{"network_acls, network_acl_ids, instance_network_acl_ids and network_acl_id of subnet_details", func() error { return m.addNetworkACLs(ctx, aws) }},
		{"subnet_details and availability_zone of instance_details", func() error { return m.addSubnets(ctx, aws, live) }},
		{"default_security_group, default_elb_security_group and source_security_group_id", func() error { return m.addSecurityGroups(ctx, aws, live) }},
	}
	for _, step := range reads {
		var denied *cloud.DeniedError
		switch err := step.read(); {
		case errors.As(err, &denied):
			diags.AddAttributeWarning(path.Root("name"), "Load balancer read in part",
				fmt.Sprintf("Of load balancer %q, these are null: %s. %s", live.Name, step.attributes, sentence(err)))
		case err != nil:
			addUnreadable(&diags, live.Name, err)
			return diags
		}
	}
	return diags
}

func (m *loadBalancerDataSourceModel) addTags(ctx context.Context, aws *cloud.Region, data *providerData) error {
	tags, err := aws.LoadBalancerTags(ctx, []string{m.Name})
	if err == nil {
		m.Tags = data.ignoreTags.filter(tags[m.Name])
	}
	return err
}

func (m *loadBalancerDataSourceModel) addCrossZone(ctx context.Context, aws *cloud.Region) error {
	on, err := aws.CrossZone(ctx, m.Name)
	if err == nil {
		m.CrossZoneLoadBalancing = types.BoolValue(on)
	}
	return err
}

func (m *loadBalancerDataSourceModel) addNetworkACLs(ctx context.Context, aws *cloud.Region) error {
	acls, err := aws.NetworkACLsOfSubnets(ctx, slices.Concat(m.Subnets, m.InstanceSubnetIDs))
	if err != nil {
		return err
	}
	m.NetworkACLs = map[string]networkACLOfSubnets{}
	add := func(subnets []string, to func(*networkACLOfSubnets) *[]string) []string {
		used := map[string]bool{}
		for _, subnet := range subnets {
			acl, visible := acls[subnet]
			if !visible {
				continue
			}
			used[acl.ID] = true
			guarding, there := m.NetworkACLs[acl.ID]
			if !there {
				guarding = networkACLOfSubnets{Default: acl.Default, LoadBalancerSubnetIDs: []string{}, InstanceSubnetIDs: []string{}}
			}
			ids := to(&guarding)
			*ids = append(*ids, subnet)
			m.NetworkACLs[acl.ID] = guarding
		}
		return orEmpty(slices.Sorted(maps.Keys(used)))
	}
	m.NetworkACLIDs = add(m.Subnets, func(acl *networkACLOfSubnets) *[]string { return &acl.LoadBalancerSubnetIDs })
	m.InstanceNetworkACLIDs = add(m.InstanceSubnetIDs, func(acl *networkACLOfSubnets) *[]string { return &acl.InstanceSubnetIDs })
	return nil
}

// addSubnets shows the subnets, and the instances, whose zones come from there.
// It comes after addNetworkACLs.
func (m *loadBalancerDataSourceModel) addSubnets(ctx context.Context, aws *cloud.Region, live liveLoadBalancer) error {
	subnets, err := aws.Subnets(ctx, slices.Concat(m.Subnets, m.InstanceSubnetIDs))
	m.InstanceDetails = map[string]instanceDetails{}
	for id, instance := range live.instances {
		m.InstanceDetails[id] = instanceDetails{
			VPCSecurityGroupIDs: orEmpty(instance.SecurityGroups),
			SubnetID:            textOrNull(instance.SubnetID),
			AvailabilityZone:    textOrNull(subnets[instance.SubnetID].AvailabilityZone),
			PrivateIP:           textOrNull(instance.PrivateIP),
			InstanceState:       instance.State,
		}
	}
	if err != nil {
		return err
	}
	m.SubnetDetails = map[string]subnetDetails{}
	for id, subnet := range subnets {
		details := subnetDetails{AvailabilityZone: subnet.AvailabilityZone, CIDRBlock: subnet.CIDRBlock, NetworkACLID: types.StringNull()}
		for aclID, acl := range m.NetworkACLs {
			if slices.Contains(acl.LoadBalancerSubnetIDs, id) || slices.Contains(acl.InstanceSubnetIDs, id) {
				details.NetworkACLID = types.StringValue(aclID)
			}
		}
		m.SubnetDetails[id] = details
	}
	return nil
}

// addSecurityGroups finds out by their names what the load balancer's groups
// are. The name "default" is reserved for the group that every VPC has. Source:
// "CreateSecurityGroup", Amazon EC2 API reference. The other one is told in
// "Configure security groups for your Classic Load Balancer".
func (m *loadBalancerDataSourceModel) addSecurityGroups(ctx context.Context, aws *cloud.Region, live liveLoadBalancer) error {
	groups, err := aws.SecurityGroups(ctx, live.SecurityGroups)
	if err != nil {
		return err
	}
	isDefault, isDefaultELB := false, false
	for id, group := range groups {
		isDefault = isDefault || group.Name == "default"
		isDefaultELB = isDefaultELB || strings.HasPrefix(group.Name, "default_elb_")
		if group.Name == live.SourceSecurityGroup.GroupName {
			m.SourceSecurityGroupID = types.StringValue(id)
		}
	}
	m.DefaultSecurityGroup, m.DefaultELBSecurityGroup = types.BoolValue(isDefault), types.BoolValue(isDefaultELB)
	return nil
}
