// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package verify

import (
	"maps"
	"slices"

	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// broader asks about each group and each network ACL of the path what a resource
// for it would ask.
func (p Path) broader(acc *acceptances) ([]Finding, error) {
	lb := p.wired()
	var all []Finding
	add := func(findings []Finding, err error) error {
		all = append(all, findings...)
		return err
	}
	for _, id := range groupIDs(lb.SecurityGroups) {
		if group, seen := p.Groups[id]; seen {
			question := LoadBalancerGroup{
				LoadBalancers: append([]wiring.LoadBalancer{lb}, p.SharedBy[id]...), VPC: p.VPC,
				Group: group, Directions: both(),
			}
			if err := add(question.broader(acc)); err != nil {
				return nil, err
			}
		}
	}
	for _, id := range lb.InstanceSecurityGroups {
		if group, seen := p.Groups[id]; seen {
			question := InstanceGroup{LoadBalancers: []wiring.LoadBalancer{lb}, VPC: p.VPC, Group: group}
			if err := add(question.broaderBeside(append([]wiring.LoadBalancer{lb}, p.SharedBy[id]...), acc)); err != nil {
				return nil, err
			}
		}
	}
	roles := p.roles()
	for _, id := range slices.Sorted(maps.Keys(roles)) {
		if acl, seen := p.ACLs[id]; seen {
			question := SubnetACL{LoadBalancers: []wiring.LoadBalancer{lb}, VPC: p.VPC, Roles: roles[id], ACL: acl, Directions: both()}
			if err := add(question.broader(acc)); err != nil {
				return nil, err
			}
		}
	}
	return all, nil
}

func both() []wiring.Direction {
	directions := wiring.Directions()
	return directions[:]
}

// wired is the load balancer with the groups of its instances.
func (p Path) wired() wiring.LoadBalancer {
	lb := p.LoadBalancer
	groups := slices.Clone(lb.InstanceSecurityGroups)
	for _, instance := range p.Instances {
		groups = append(groups, instance.Groups...)
	}
	lb.InstanceSecurityGroups = groupIDs(groups)
	return lb
}

// roles are what the subnets of each network ACL hold.
func (p Path) roles() map[string][]SubnetRole {
	roles := map[string][]SubnetRole{}
	add := func(acl string, role SubnetRole) {
		if acl != "" && !slices.Contains(roles[acl], role) {
			roles[acl] = append(roles[acl], role)
		}
	}
	for _, subnet := range p.Subnets {
		add(subnet.ACL, LoadBalancerSubnet)
	}
	for _, instance := range p.Instances {
		subnet := p.InstanceSubnets[instance.Subnet]
		if slices.Contains(p.PublicInstanceSubnets, instance.Subnet) {
			add(subnet.ACL, PublicInstanceSubnet)
		} else {
			add(subnet.ACL, PrivateInstanceSubnet)
		}
	}
	return roles
}
