// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package verify

import (
	"fmt"
	"net/netip"

	"github.com/terraform-clb/terraform-provider-clb/internal/packet"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// Origin tells where a rule comes from, and so who can mend it.
type Origin int

// The origins of a rule.
const (
	// Unmanaged stands in AWS, and the resource that asks does not own it.
	Unmanaged Origin = iota
	// Derived is recommended and planned by the resource that asks.
	Derived
	// Written is written in the configuration of the resource that asks.
	Written
	// Managed stands in AWS and belongs to another resource of this provider,
	// which answers for it: it lets packets through and is never found broader.
	Managed
	// Planned is one of the planned_rules of data.clb_wiring.
	Planned
)

// GroupRule is a security group rule as it stands in AWS, or as it will stand
// after the plan.
type GroupRule struct {
	wiring.Rule
	// ID is "sgr-…", empty while it is not known.
	ID     string
	Origin Origin
	// Name is what the configuration calls a written or planned rule, such as
	// ingress["office"].
	Name string
	// Networks are the networks of the prefix list that is the peer. They count
	// unless Unknown has packet.NetworksField.
	Networks []netip.Prefix
	// Unknown is the fields that are not known yet.
	Unknown packet.Field
}

// Group is a security group with its rules of both directions.
type Group struct {
	ID, Name, VPCID string
	// Controller names the Kubernetes cluster whose controller owns the group.
	Controller string
	Rules      []GroupRule
	// RemovedBy is what to write in the configuration so that a rule goes which
	// nobody manages; empty if nothing makes it go. It may be nil.
	RemovedBy func(wiring.Rule) string
	// Unseen says why the rules are not known, for example that a read was
	// denied. Rules may then hold those that the plan adds.
	Unseen string
}

// ACLEntry is a network ACL entry as it stands in AWS, or as it will stand after
// the plan.
type ACLEntry struct {
	wiring.Entry
	Deny   bool
	Origin Origin
	// Name is what the configuration calls a written or planned entry.
	Name string
	// Unknown is the fields that are not known yet.
	Unknown packet.Field
}

// ACL is a network ACL with its entries of both directions, without the final "*".
type ACL struct {
	ID, VPCID string
	Default   bool
	Entries   []ACLEntry
	// RemovedBy is what to write in the configuration so that an entry goes which
	// nobody manages; empty if nothing makes it go. It may be nil.
	RemovedBy func(wiring.Rule) string
	// Unseen says why the entries are not known.
	Unseen string
}

// Subnet is a subnet in which a load balancer has a node, or an instance its
// primary interface.
type Subnet struct {
	ID   string
	CIDR netip.Prefix
	// Zone is the availability zone, empty if it is not known.
	Zone string
	// ACL is the id of the network ACL, empty if it cannot be seen.
	ACL string
}

// Instance is one side of the flows to instances: what the primary interface of
// a registered instance carries and where it is, or what the user states for
// instances that do not run yet.
type Instance struct {
	// ID is empty for a stated one.
	ID     string
	Groups []string
	// Subnet is the id of the subnet, empty if it is not known.
	Subnet string
}

// Describe names a rule in a sentence: `inbound rule sgr-… (tcp 80 from 0.0.0.0/0)`,
// or by its name in the configuration.
func (r GroupRule) Describe() string {
	return describe(r.Direction, r.Name, r.ID, r.Key())
}

// Describe names an entry in a sentence: "outbound rule 90 (deny tcp 8081 to 10.0.0.0/8)".
func (e ACLEntry) Describe() string {
	action := "allow"
	if e.Deny {
		action = "deny"
	}
	return describe(e.Direction, e.Name, fmt.Sprint(e.Number), action+" "+e.Key())
}

func describe(d wiring.Direction, name, id, content string) string {
	words := InOut(d) + " rule"
	// Rules of EC2-Classic have no id but what they say.
	if id != "" && id != content {
		words += " " + id
	}
	words += " (" + content + ")"
	if name != "" {
		words += ", " + name + " of the configuration"
	}
	return words
}

// InOut is the word of the AWS tables for a direction: "inbound" or "outbound".
func InOut(d wiring.Direction) string {
	if d == wiring.Egress {
		return "outbound"
	}
	return "inbound"
}
