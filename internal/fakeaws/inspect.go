// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package fakeaws

import (
	"maps"
	"slices"
	"strings"
)

// SecurityGroup is a security group without its rules.
type SecurityGroup struct {
	ID, VPCID, Name, Description string
	Tags                         map[string]string
}

// NetworkACL is a network ACL without its entries.
type NetworkACL struct {
	ID, VPCID string
	Default   bool
	// Subnets are the associated subnets.
	Subnets []string
	Tags    map[string]string
}

// LoadBalancer is a Classic Load Balancer. The lists of identifiers are sorted.
type LoadBalancer struct {
	Name, Scheme, VPCID string
	// Listeners are sorted by load balancer port.
	Listeners                          []Listener
	HealthCheck                        HealthCheck
	CrossZone                          bool
	SecurityGroups, Subnets, Instances []string
	Tags                               map[string]string
}

// SecurityGroups returns the security groups of the server's own account,
// sorted by identifier.
func (s *Server) SecurityGroups(region string) []SecurityGroup {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := s.view(region)
	var out []SecurityGroup
	for _, g := range sorted(w.groups) {
		out = append(out, SecurityGroup{g.id, g.vpcID, g.name, g.description, maps.Clone(w.tags[g.id])})
	}
	return out
}

// SecurityGroupRules returns the rules of a group of the server's own account,
// inbound ones first, in an order that depends on their content only. It is nil
// for a group that does not exist.
func (s *Server) SecurityGroupRules(region, groupID string) []Rule {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := s.view(region)
	g := w.groups[groupID]
	if g == nil {
		return nil
	}
	rules := slices.Clone(g.rules)
	slices.SortFunc(rules, func(a, b *groupRule) int { return strings.Compare(a.sortKey(), b.sortKey()) })
	out := []Rule{}
	for _, r := range rules {
		out = append(out, w.exported(g, r))
	}
	return out
}

// NetworkACLs returns the network ACLs of the server's own account, sorted by
// identifier.
func (s *Server) NetworkACLs(region string) []NetworkACL {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := s.view(region)
	var out []NetworkACL
	for _, a := range sorted(w.acls) {
		out = append(out, NetworkACL{a.id, a.vpcID, a.isDefault, slices.Sorted(maps.Values(a.associations)), maps.Clone(w.tags[a.id])})
	}
	return out
}

// NetworkACLEntries returns the entries of a network ACL of the server's own
// account, the default deny entries included: outbound ones first, by rule
// number. It is nil for a network ACL that does not exist.
func (s *Server) NetworkACLEntries(region, aclID string) []Entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.view(region).acls[aclID]
	if a == nil {
		return nil
	}
	out := []Entry{}
	for _, e := range a.entries {
		out = append(out, e.Entry)
	}
	return out
}

// LoadBalancer returns a load balancer of the server's own account; ok is false
// when there is none of that name.
func (s *Server) LoadBalancer(region, name string) (lb LoadBalancer, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found, ok := s.view(region).loadBalancers[name]
	if !ok {
		return LoadBalancer{}, false
	}
	return LoadBalancer{
		Name: found.name, Scheme: found.scheme, VPCID: found.vpcID, Listeners: slices.Clone(found.listeners),
		HealthCheck: found.healthCheck, CrossZone: found.attributes.CrossZone.Enabled,
		SecurityGroups: slices.Sorted(slices.Values(found.groups)), Subnets: found.subnets(),
		Instances: slices.Sorted(slices.Values(found.instances)), Tags: maps.Clone(found.tags),
	}, true
}
