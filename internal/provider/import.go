// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-clb/terraform-provider-clb/internal/cloud"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// importedLoadBalancers are live load balancers as the arguments that would
// have stated them.
type importedLoadBalancers struct {
	region         string
	model          wiringModel
	instanceGroups types.Set
	// live are the rules that stand in the group or network ACL of the import.
	live []wiring.Rule
}

// importID is the id with which a resource is imported: the id of its group or
// network ACL and the names of its load balancers.
func importID(owner string, lbs []wiring.LoadBalancer) string {
	var names []string
	for _, lb := range lbs {
		name := lb.Name
		if name == "" {
			name = "LOAD-BALANCER-NAME"
		}
		names = append(names, name)
	}
	return owner + "/" + strings.Join(names, ",")
}

// splitRegion takes the region off an import id: "…@us-west-2", as in
// hashicorp/aws 6.
func (d *providerData) splitRegion(id string) (rest, region string, err error) {
	rest, region, found := strings.Cut(id, "@")
	if !found {
		return id, d.connection.Region(), nil
	}
	return rest, region, d.connection.CheckRegion(region)
}

// lookUpImport reads an import id "sg-…/name,name" and looks the load balancers up.
func (d *providerData) lookUpImport(ctx context.Context, id string) (group string, imported importedLoadBalancers, err error) {
	id, region, err := d.splitRegion(id)
	if err != nil {
		return "", imported, err
	}
	group, names, found := strings.Cut(id, "/")
	if !found || names == "" {
		return "", imported, fmt.Errorf("the import id %q does not have the form \"sg-0123456789abcdef0/my-loadbalancer\": "+
			"write the id of the security group, a slash, and the names of the load balancers joined by commas", id)
	}
	if err := wiring.CheckSecurityGroupID(group); err != nil {
		return "", imported, err
	}
	if imported, err = d.importLoadBalancers(ctx, region, strings.Split(names, ",")); err != nil {
		return "", imported, err
	}
	live, err := d.connection.In(region).ExistingRules(ctx, group)
	for _, rule := range live {
		imported.live = append(imported.live, rule.Rule)
	}
	return group, imported, err
}

// importNetwork is where the load balancers of an import are.
type importNetwork int

const (
	vpcNetwork importNetwork = iota
	classicNetwork
)

// importLoadBalancers looks load balancers in a VPC up by name.
func (d *providerData) importLoadBalancers(ctx context.Context, region string, names []string) (importedLoadBalancers, error) {
	return d.importLoadBalancersIn(ctx, region, names, vpcNetwork)
}

func (d *providerData) importLoadBalancersIn(ctx context.Context, region string, names []string, in importNetwork) (importedLoadBalancers, error) {
	aws := d.connection.In(region)
	var imported importedLoadBalancers
	var found []cloud.LoadBalancer
	for _, name := range names {
		if err := wiring.CheckLoadBalancerName(name); err != nil {
			return imported, err
		}
		lb, err := aws.LoadBalancer(ctx, name)
		if err != nil {
			return imported, err
		}
		if lb.VPCID == "" && in == vpcNetwork {
			return imported, fmt.Errorf("load balancer %q is not in a VPC", name)
		}
		if lb.VPCID != "" && in == classicNetwork {
			return imported, fmt.Errorf("load balancer %q is in VPC %s: write the id of its instances' security group in the import id, as in \"sg-0123456789abcdef0/%s\"", name, lb.VPCID, name)
		}
		if len(found) > 0 && found[0].VPCID != lb.VPCID {
			return imported, fmt.Errorf("the load balancers %s are in different VPCs (%s and %s): import one resource for each VPC", strings.Join(names, ", "), found[0].VPCID, lb.VPCID)
		}
		found = append(found, lb)
	}
	all, err := withSurroundings(ctx, aws, found)
	if err != nil {
		return imported, err
	}
	return importedFrom(ctx, region, all)
}

// importedFrom states live load balancers of one VPC.
func importedFrom(ctx context.Context, region string, all []liveLoadBalancer) (importedLoadBalancers, error) {
	imported := importedLoadBalancers{region: region, instanceGroups: types.SetNull(types.StringType)}
	var (
		models []loadBalancerModel
		groups [][]string
	)
	for _, live := range all {
		model, diags := newLoadBalancerModel(ctx, live.LoadBalancer)
		if diags.HasError() {
			return imported, fmt.Errorf("load balancer %q: %s", live.Name, diags.Errors()[0].Detail())
		}
		models, groups = append(models, model), append(groups, securityGroupsOf(live.instances))
	}
	var diags diag.Diagnostics
	add := func(bad diag.Diagnostics) { diags.Append(bad...) }
	alike := !slices.ContainsFunc(groups, func(g []string) bool { return !slices.Equal(g, groups[0]) })
	for i := range models {
		if len(groups[i]) == 0 {
			continue
		}
		value, bad := types.SetValueFrom(ctx, types.StringType, groups[i])
		add(bad)
		if alike {
			imported.instanceGroups = value
		} else {
			models[i].InstanceSecurityGroupIDs = value
		}
	}
	objects := make([]attr.Value, 0, len(models))
	for _, model := range models {
		objects = append(objects, model.fields().object(loadBalancerType()))
	}
	list, bad := types.ListValue(loadBalancerType(), objects)
	add(bad)
	cidrs, bad := types.ListValueFrom(ctx, types.StringType, all[0].vpcCIDRBlocks)
	add(bad)
	if diags.HasError() {
		return imported, fmt.Errorf("%s", diags.Errors()[0].Detail())
	}
	imported.model = wiringModel{
		Region:        types.StringValue(region),
		LoadBalancers: list,
		VPCCIDRBlocks: cidrs,
		LBPorts:       types.SetNull(types.Int64Type),
		Clients:       types.ListNull(clientsType()),
		Accept:        types.ListNull(acceptType()),
	}
	return imported, nil
}

// destinations are the instance groups that the rules of a load balancer's
// group are about. An instance may carry groups that have nothing to do with
// its load balancer: where the live outbound rules name some of the instance
// groups, those are the ones.
func (lbs importedLoadBalancers) destinations() types.Set {
	var named []attr.Value
	for _, element := range lbs.instanceGroups.Elements() {
		id, _ := element.(types.String)
		if slices.ContainsFunc(lbs.live, func(rule wiring.Rule) bool {
			return rule.Direction == wiring.Egress && rule.Peer.SecurityGroup == id.ValueString()
		}) {
			named = append(named, element)
		}
	}
	if len(named) == 0 {
		return lbs.instanceGroups
	}
	return types.SetValueMust(types.StringType, named)
}

// stands tells whether there are wanted rules and all of them are live.
func (lbs importedLoadBalancers) stands(wanted []wiring.Rule) bool {
	return len(wanted) > 0 && !slices.ContainsFunc(wanted, func(rule wiring.Rule) bool {
		return !slices.ContainsFunc(lbs.live, rule.Same)
	})
}

// declareClients declares those whom the live rules admit instead of the
// recommended source: on the resource where all load balancers agree, else in
// their values.
func (lbs *importedLoadBalancers) declareClients(ctx context.Context) diag.Diagnostics {
	in, diags := lbs.model.decode("")
	if diags.HasError() {
		return diags
	}
	byPort, alike := map[int]wiring.Clients{}, true
	admitted := make([][]wiring.Clients, len(in.loadBalancers))
	for i, lb := range in.loadBalancers {
		admitted[i] = lb.DeclareAdmitted(lbs.live, in.vpc)
		for _, port := range lb.LBPorts() {
			var clients wiring.Clients
			if at := slices.IndexFunc(admitted[i], func(c wiring.Clients) bool { return slices.Contains(c.LBPorts, port) }); at >= 0 {
				clients = admitted[i][at]
			}
			// The live rules are the same for all load balancers: they can only differ
			// in whether the recommended source is among them.
			other, seen := byPort[port]
			alike = alike && (!seen || other.Empty() == clients.Empty())
			byPort[port] = clients
		}
	}
	if alike {
		var common []wiring.Clients
		for _, port := range slices.Sorted(maps.Keys(byPort)) {
			if clients := byPort[port]; !clients.Empty() {
				common = append(common, clients)
			}
		}
		value, bad := clientsValue(ctx, common)
		lbs.model.Clients = value
		return append(diags, bad...)
	}
	elements := lbs.model.LoadBalancers.Elements()
	for i, element := range elements {
		value, bad := clientsValue(ctx, admitted[i])
		diags.Append(bad...)
		var model loadBalancerModel
		object, _ := element.(types.Object)
		model.fields().read(object)
		model.Clients = value
		elements[i] = model.fields().object(loadBalancerType())
	}
	list, bad := types.ListValue(loadBalancerType(), elements)
	lbs.model.LoadBalancers = list
	return append(diags, bad...)
}

// newLoadBalancerModel is a live load balancer as the value that states it.
func newLoadBalancerModel(ctx context.Context, live cloud.LoadBalancer) (loadBalancerModel, diag.Diagnostics) {
	var diags diag.Diagnostics
	listeners := []attr.Value{}
	for _, l := range live.Listeners {
		listener := listenerModel{LBPort: types.Int64Value(int64(l.LBPort)), InstancePort: types.Int64Value(int64(l.InstancePort))}
		listeners = append(listeners, listener.fields().object(listenerType()))
	}
	model := loadBalancerModel{
		Name:                     types.StringValue(live.Name),
		Internal:                 types.BoolValue(live.Internal),
		InstanceSecurityGroupIDs: types.SetNull(types.StringType),
		Clients:                  types.ListNull(clientsType()),
	}
	var bad diag.Diagnostics
	model.Listener, bad = types.SetValue(listenerType(), listeners)
	diags.Append(bad...)
	model.HealthCheck, bad = types.ListValueFrom(ctx, healthCheckType(), healthChecksOf(live))
	diags.Append(bad...)
	model.SecurityGroups, bad = types.SetValueFrom(ctx, types.StringType, live.SecurityGroups)
	diags.Append(bad...)
	return model, diags
}
