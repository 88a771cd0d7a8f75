// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"sync"

	"github.com/terraform-clb/terraform-provider-clb/internal/cloud"
)

// seen remembers what one run of the provider has read, so that the plan that
// follows a Read in the same walk judges a resource that does not change without
// asking AWS again. A plan that changes something reads groups and network ACLs
// anew. What this run has written to is forgotten.
type seen struct {
	groups memory[cloud.SecurityGroup]
	acls   memory[cloud.NetworkACL]
	// Of loadBalancers and vpcs nothing counts that a run of this provider writes:
	// they are read once.
	loadBalancers memory[cloud.LoadBalancer]
	vpcs          memory[cloud.VPC]
}

func newSeen() *seen {
	return &seen{
		groups: newMemory[cloud.SecurityGroup](), acls: newMemory[cloud.NetworkACL](),
		loadBalancers: newMemory[cloud.LoadBalancer](), vpcs: newMemory[cloud.VPC](),
	}
}

// noteGroup notes the rules of a group with their ids. The name, VPC and tags of
// the group are empty: Read does not look at them.
func (s *seen) noteGroup(region, group string, rules []cloud.SecurityGroupRule) {
	s.groups.note(region, group, cloud.SecurityGroup{ID: group, Rules: rules})
}

// memory is what was read of one kind of thing, by region and id.
type memory[T any] struct {
	mu     *sync.Mutex
	values map[string]*memorized[T]
}

// memorized is a value that is there once done is closed.
type memorized[T any] struct {
	done  chan struct{}
	value T
	err   error
}

func newMemory[T any]() memory[T] {
	return memory[T]{mu: &sync.Mutex{}, values: map[string]*memorized[T]{}}
}

func (m memory[T]) note(region, id string, value T) {
	m.mu.Lock()
	defer m.mu.Unlock()
	done := make(chan struct{})
	close(done)
	m.values[region+"/"+id] = &memorized[T]{done: done, value: value}
}

func (m memory[T]) forget(region, id string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.values, region+"/"+id)
}

// known is what was read before, without asking.
func (m memory[T]) known(region, id string) (value T, known bool) {
	m.mu.Lock()
	one, there := m.values[region+"/"+id]
	m.mu.Unlock()
	if !there {
		return value, false
	}
	select {
	case <-one.done:
		return one.value, one.err == nil
	default:
		return value, false
	}
}

// read is what was read before, or else what ask says. Whoever asks at the same
// time shares one answer; an error is not remembered.
func (m memory[T]) read(region, id string, ask func() (T, error)) (T, error) {
	key := region + "/" + id
	m.mu.Lock()
	one, there := m.values[key]
	if !there {
		one = &memorized[T]{done: make(chan struct{})}
		m.values[key] = one
	}
	m.mu.Unlock()
	if there {
		<-one.done
		return one.value, one.err
	}
	one.value, one.err = ask()
	if one.err != nil {
		m.mu.Lock()
		if m.values[key] == one {
			delete(m.values, key)
		}
		m.mu.Unlock()
	}
	close(one.done)
	return one.value, one.err
}
