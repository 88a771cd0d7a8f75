// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"crypto/sha256"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
)

// claims remembers, for one run of the provider, which resource has planned
// which rule, so that two resources that plan one rule are told before either
// writes it. It only ever leads to diagnostics: a planned value that depended
// on it would depend on the order in which Terraform plans.
type claims struct {
	mu      sync.Mutex
	holders map[claim]holder
	owned   map[claim]ownership
	// doomed are the places of what nobody owns and a resource, which is known by its
	// configuration, plans to remove.
	doomed map[claim]configurationSum
}

// configurationSum stands for the configuration of a resource: every place that one of
// a large fleet claims would keep tens of kilobytes otherwise.
type configurationSum [sha256.Size]byte

func sumOf(config tfsdk.Config) configurationSum {
	return sha256.Sum256([]byte(config.Raw.String()))
}

// holder is who has claimed a place.
type holder struct {
	configuration configurationSum
	// fresh: it has been planned without prior state.
	fresh bool
	// gains: its own prior state does not have the place.
	gains bool
}

// ownership is what is planned for a place that the state of a resource has.
type ownership struct {
	// givenUp: its owner does not plan it any more.
	givenUp bool
	// succeeded: it is planned by a resource without prior state.
	succeeded bool
}

// claim is a place in AWS that one resource alone may own.
type claim struct {
	region string
	// owner is a security group or network ACL.
	owner     string
	direction string
	// what is a rule's key or an entry's number.
	what string
}

func newClaims() *claims {
	return &claims{holders: map[claim]holder{}, owned: map[claim]ownership{}, doomed: map[claim]configurationSum{}}
}

// take claims a place for a resource, which is known by its configuration:
// Terraform does not tell its address, and plans a resource that is to be
// replaced twice, the second time without its prior state: planned so twice, it
// is two resources with one configuration. gains tells whether its prior state does
// not have the place. It reports whether another resource holds the place.
func (c *claims) take(place claim, configuration configurationSum, fresh, gains bool) (taken bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	first, held := c.holders[place]
	if !held {
		c.holders[place] = holder{configuration, fresh, gains}
		return false
	}
	if first.configuration != configuration {
		return true
	}
	c.holders[place] = holder{configuration, first.fresh || fresh, gains}
	return first.fresh && fresh
}

// own notes that the state of a resource has the place.
func (c *claims) own(place claim) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, known := c.owned[place]; !known {
		c.owned[place] = ownership{}
	}
}

// isOwned tells whether the state of a resource has the place, as far as this run
// has seen.
func (c *claims) isOwned(place claim) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	o, known := c.owned[place]
	return known && !o.givenUp
}

// isGivenUp tells whether the state of a resource has the place and its owner does
// not plan it any more.
func (c *claims) isGivenUp(place claim) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.owned[place].givenUp
}

// giveUp notes that the owner of a place does not plan it any more. It reports
// whether another resource has been planned to succeed it, or plans to gain the place:
// then that one was planned before this run has read the state of the owner.
func (c *claims) giveUp(place claim) (succeeded bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	o := c.owned[place]
	o.givenUp = true
	c.owned[place] = o
	return o.succeeded || c.holders[place].gains
}

// succeed tells whether a resource without prior state may plan what stands at a
// place already, because it is its own: Terraform does not show the prior state
// to the plan of what is to be replaced, and of a resource whose creation has
// failed not even once, but it reads the resource before.
func (c *claims) succeed(place claim) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	o, owned := c.owned[place]
	if !owned || o.givenUp {
		return false
	}
	o.succeeded = true
	c.owned[place] = o
	return true
}

// doom notes that a resource plans to remove what stands at a place.
func (c *claims) doom(place claim, configuration configurationSum) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.doomed[place] = configuration
}

// isDoomed tells whether another resource plans to remove what stands at a place.
func (c *claims) isDoomed(place claim, configuration configurationSum) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	by, doomed := c.doomed[place]
	return doomed && by != configuration
}

// isOthers tells whether the state or the plan of another resource has the place,
// as far as this run has seen.
func (c *claims) isOthers(place claim, configuration configurationSum) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, owned := c.owned[place]
	first, held := c.holders[place]
	return owned || held && first.configuration != configuration
}

// isElsewhere tells whether the state of a resource has the place, whether or not
// it goes on to plan it.
func (c *claims) isElsewhere(place claim) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, owned := c.owned[place]
	return owned
}

// locks serialises the changes of this run to one security group or network
// ACL. Between the look at a network ACL and the write of an entry no other
// resource may write, because AWS takes an entry that is there already without
// a word.
type locks struct {
	mu   sync.Mutex
	held map[string]*sync.Mutex
}

func newLocks() *locks { return &locks{held: map[string]*sync.Mutex{}} }

// hold waits until the group or network ACL is free; the result frees it.
func (l *locks) hold(region, id string) (free func()) {
	l.mu.Lock()
	one, there := l.held[region+"/"+id]
	if !there {
		one = &sync.Mutex{}
		l.held[region+"/"+id] = one
	}
	l.mu.Unlock()
	one.Lock()
	return one.Unlock
}
