// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/terraform-clb/terraform-provider-clb/internal/cloud"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// use is a security group or network ACL with the load balancers whose traffic it
// filters.
type use struct {
	// owner is its id, or in EC2-Classic its name.
	owner string
	// roles are what the subnets of a network ACL hold.
	roles []subnetRole
	lbs   []liveLoadBalancer
	// live are the rules that admit something in it.
	live []wiring.Rule
	acl  cloud.NetworkACL
}

// importID is the id with which the use is imported.
func (u use) importID(region string) string {
	var names, roles []string
	for _, lb := range u.lbs {
		names = append(names, lb.Name)
	}
	for _, role := range u.roles {
		roles = append(roles, string(role))
	}
	parts := []string{u.owner, strings.Join(names, ",")}
	if len(roles) > 0 {
		parts = slices.Insert(parts, 1, strings.Join(roles, ","))
	}
	return strings.Join(parts, "/") + "@" + region
}

// title names the use for the user.
func (u use) title() string {
	var names []string
	for _, lb := range u.lbs {
		if lb.Name != u.owner {
			names = append(names, lb.Name)
		}
	}
	if len(names) == 0 {
		return u.owner
	}
	return fmt.Sprintf("%s (%s)", u.owner, strings.Join(names, ", "))
}

// findUses finds what filters the traffic of load balancers, sorted by owner.
type findUses func(ctx context.Context, aws *cloud.Region, lbs []liveLoadBalancer) ([]use, error)

// in finds what filters the traffic of all load balancers of a region.
func (find findUses) in(ctx context.Context, aws *cloud.Region) ([]use, error) {
	lbs, err := aws.LoadBalancers(ctx)
	if err != nil {
		return nil, err
	}
	surrounded, err := withSurroundings(ctx, aws, lbs)
	if err != nil {
		return nil, err
	}
	return find(ctx, aws, surrounded)
}

// usesOfLoadBalancers are the load balancers in a VPC themselves.
func usesOfLoadBalancers(_ context.Context, _ *cloud.Region, lbs []liveLoadBalancer) ([]use, error) {
	var uses []use
	for _, lb := range lbs {
		if lb.VPCID != "" {
			uses = append(uses, use{owner: lb.Name, lbs: []liveLoadBalancer{lb}})
		}
	}
	return sortedUses(uses), nil
}

// usesOfGroups are the security groups that load balancers carry.
func usesOfGroups(ctx context.Context, aws *cloud.Region, lbs []liveLoadBalancer) ([]use, error) {
	return groupUses(ctx, aws, lbs, func(lb liveLoadBalancer) []string { return lb.SecurityGroups })
}

// usesOfInstanceGroups are the security groups of the registered instances. An
// instance may carry groups that have nothing to do with its load balancer: where
// some of a load balancer's groups admit its traffic, only those are its own.
func usesOfInstanceGroups(ctx context.Context, aws *cloud.Region, lbs []liveLoadBalancer) ([]use, error) {
	uses, err := groupUses(ctx, aws, lbs, func(lb liveLoadBalancer) []string { return securityGroupsOf(lb.instances) })
	if err != nil {
		return nil, err
	}
	serving := map[string]bool{}
	for _, u := range uses {
		for _, lb := range u.lbs {
			serving[lb.Name] = serving[lb.Name] || u.serves(lb)
		}
	}
	for i, u := range uses {
		uses[i].lbs = slices.DeleteFunc(slices.Clone(u.lbs), func(lb liveLoadBalancer) bool { return serving[lb.Name] && !u.serves(lb) })
	}
	return slices.DeleteFunc(uses, func(u use) bool { return len(u.lbs) == 0 }), nil
}

// serves tells whether one of the inbound rules is there for the load balancer: it
// names a port to which the load balancer sends, and nothing wider.
func (u use) serves(lb liveLoadBalancer) bool {
	ports := asDeclared(lb.LoadBalancer).InstancePorts()
	return slices.ContainsFunc(u.live, func(rule wiring.Rule) bool {
		return rule.Direction == wiring.Ingress && rule.Protocol == wiring.TCP && rule.From == rule.To && slices.Contains(ports, rule.From)
	})
}

// groupUses turns the groups of load balancers around.
func groupUses(ctx context.Context, aws *cloud.Region, lbs []liveLoadBalancer, groupsOf func(liveLoadBalancer) []string) ([]use, error) {
	byGroup := map[string][]liveLoadBalancer{}
	var ids []string
	for _, lb := range lbs {
		for _, id := range groupsOf(lb) {
			byGroup[id] = append(byGroup[id], lb)
			ids = append(ids, id)
		}
	}
	groups, err := aws.SecurityGroups(ctx, ids)
	if err != nil {
		return nil, err
	}
	var uses []use
	for id, group := range groups {
		u := use{owner: id, lbs: byGroup[id]}
		if group.VPCID == "" {
			u.owner = group.Name
		}
		for _, rule := range group.Rules {
			u.live = append(u.live, rule.Rule)
		}
		uses = append(uses, u)
	}
	return sortedUses(uses), nil
}

// usesOfNetworkACLs are the network ACLs of the load balancers' and of the
// instances' subnets, but for default ones.
func usesOfNetworkACLs(ctx context.Context, aws *cloud.Region, lbs []liveLoadBalancer) ([]use, error) {
	var subnets []string
	for _, lb := range lbs {
		subnets = append(append(subnets, lb.Subnets...), subnetsOf(lb.instances)...)
	}
	guards, err := aws.NetworkACLsOfSubnets(ctx, subnets)
	if err != nil {
		return nil, err
	}
	acls := map[string]*use{}
	note := func(lb liveLoadBalancer, subnets []string, role subnetRole) {
		for _, subnet := range subnets {
			acl, there := guards[subnet]
			if !there || acl.Default {
				continue
			}
			if acls[acl.ID] == nil {
				acls[acl.ID] = &use{owner: acl.ID, acl: acl, live: admitted(acl)}
			}
			u := acls[acl.ID]
			if !slices.Contains(u.roles, role) {
				u.roles = append(u.roles, role)
			}
			if !slices.ContainsFunc(u.lbs, func(other liveLoadBalancer) bool { return other.Name == lb.Name }) {
				u.lbs = append(u.lbs, lb)
			}
		}
	}
	for _, lb := range lbs {
		note(lb, lb.Subnets, roleLoadBalancer)
		note(lb, subnetsOf(lb.instances), rolePrivateInstance)
	}
	var uses []use
	for _, u := range acls {
		for i, role := range u.roles {
			if role == rolePrivateInstance && u.isOpen() {
				u.roles[i] = rolePublicInstance
			}
		}
		slices.SortFunc(u.roles, func(a, b subnetRole) int {
			return cmp.Compare(slices.Index(subnetRoles(), a), slices.Index(subnetRoles(), b))
		})
		uses = append(uses, *u)
	}
	return sortedUses(uses), nil
}

// isOpen tells whether the entries are those of a subnet with public instances:
// all that AWS recommends for it are there.
func (u use) isOpen() bool {
	var rows []wiring.Rule
	for _, lb := range u.lbs {
		rows = append(rows, wiring.PublicInstanceSubnet(asDeclared(lb.LoadBalancer))...)
	}
	return importedLoadBalancers{live: u.live}.stands(rows)
}

func sortedUses(uses []use) []use {
	slices.SortFunc(uses, func(a, b use) int { return cmp.Compare(a.owner, b.owner) })
	return uses
}

// importIDOf is the import id of a request: as it is written, or made of an
// identity and the load balancers that AWS shows.
func (d *providerData) importIDOf(ctx context.Context, i identity, req resource.ImportStateRequest, find findUses) (string, diag.Diagnostics) {
	if !importsByIdentity(req) {
		return req.ID, nil
	}
	stated, diags := i.stated(ctx, d, req.Identity)
	if diags.HasError() {
		return "", diags
	}
	uses, err := find.in(ctx, d.connection.In(stated.region))
	if err != nil {
		diags.AddError("Unable to find the load balancers", fmt.Sprintf("The load balancers of %s cannot be read. %s", stated.owner, asSentence(err)))
		return "", diags
	}
	at := slices.IndexFunc(uses, func(u use) bool { return u.owner == stated.owner })
	if at < 0 {
		diags.AddError("Unable to find the load balancers",
			fmt.Sprintf("No load balancer of region %s has to do with %s: none carries it, or has nodes or instances there. Check the id and the region, or name the load balancers in an import id, such as %q.",
				stated.region, stated.owner, use{owner: stated.owner, lbs: []liveLoadBalancer{{LoadBalancer: cloud.LoadBalancer{Name: "my-loadbalancer"}}}}.importID(stated.region)))
		return "", diags
	}
	return uses[at].importID(stated.region), diags
}
