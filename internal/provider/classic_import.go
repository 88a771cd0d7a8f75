// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-clb/terraform-provider-clb/internal/cloud"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// lookUpInstanceImport reads an import id "sg-…/name,name", or in EC2-Classic
// "group-name/name,name", and looks the load balancers up.
func (d *providerData) lookUpInstanceImport(ctx context.Context, id string) (group string, imported importedLoadBalancers, err error) {
	// Names of groups may have any character, those of load balancers no slash.
	slash := strings.LastIndex(id, "/")
	if slash < 1 || slash == len(id)-1 || !wiring.IsGroupName(id) {
		return d.lookUpImport(ctx, id)
	}
	names, region, err := d.splitRegion(id[slash+1:])
	if err != nil {
		return "", imported, err
	}
	group = id[:slash]
	live, err := d.connection.In(region).ExistingRules(ctx, group)
	if cloud.IsNotFound(err) {
		return "", imported, fmt.Errorf("there is no security group %q outside of a VPC in region %s. An import id has the form \"sg-0123456789abcdef0/my-loadbalancer\"; "+
			"only in EC2-Classic the name of the security group stands in the place of its id", group, region)
	}
	if err != nil {
		return "", imported, err
	}
	if imported, err = d.importLoadBalancersIn(ctx, region, strings.Split(names, ","), classicNetwork); err != nil {
		return "", imported, err
	}
	for _, rule := range live {
		imported.live = append(imported.live, rule.Rule)
	}
	return group, imported, nil
}

// classic are the arguments with which a resource would have made the
// rules that stand in a group in EC2-Classic.
func (lbs importedLoadBalancers) classic(name string) classicModel {
	source := wiring.SourceGroup{OwnerAlias: wiring.ClassicOwnerAlias, GroupName: wiring.ClassicGroupName}
	model := classicModel{
		SecurityGroupName: types.StringValue(name), SourceSecurityGroup: newSourceSecurityGroup(source), AllProtocols: types.BoolValue(lbs.stands(wiring.ClassicAllProtocols(source.Peer()))),
	}
	admitsSource := slices.ContainsFunc(lbs.live, func(rule wiring.Rule) bool { return rule.Peer == source.Peer() })
	admitsEveryone := slices.ContainsFunc(lbs.live, func(rule wiring.Rule) bool { return rule.Peer == wiring.CIDRPeer(wiring.Everyone()) })
	if admitsEveryone && !admitsSource {
		model.SourceSecurityGroup = types.ObjectNull(sourceSecurityGroupType().AttrTypes)
	}
	return model
}
