// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"sync"

	"github.com/terraform-clb/terraform-provider-clb/internal/cloud"
)

// seen remembers what Read saw, so that the plan that follows it in the same
// walk judges a resource that does not change without asking AWS again. A plan
// that changes something reads anew.
type seen struct {
	mu     sync.Mutex
	groups map[string]cloud.SecurityGroup
	acls   map[string]cloud.NetworkACL
}

func newSeen() *seen {
	return &seen{groups: map[string]cloud.SecurityGroup{}, acls: map[string]cloud.NetworkACL{}}
}

func (s *seen) noteGroup(region, group string, rules []cloud.SecurityGroupRule) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.groups[region+"/"+group] = cloud.SecurityGroup{ID: group, Rules: rules}
}

// group is a group with its rules and their ids. Its name, VPC and tags are empty:
// Read did not look at them.
func (s *seen) group(region, group string) (live cloud.SecurityGroup, known bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	live, known = s.groups[region+"/"+group]
	return live, known
}

func (s *seen) noteACL(region string, acl cloud.NetworkACL) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.acls[region+"/"+acl.ID] = acl
}

func (s *seen) acl(region, id string) (acl cloud.NetworkACL, known bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	acl, known = s.acls[region+"/"+id]
	return acl, known
}
