// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package verify

import (
	"net/netip"
	"time"
)

// Acceptance is a finding that the user has decided to live with, as far as its
// scope goes. Scope fields that are not set do not narrow it.
type Acceptance struct {
	// Finding is the kind of finding.
	Finding ID
	// Reason says why; it is not empty.
	Reason string
	// Expires is the last day on which it holds, the zero time for never.
	Expires time.Time
	// LoadBalancer is a name pattern with * and ?; empty for all.
	LoadBalancer string
	// CIDR narrows it to addresses of a network.
	CIDR netip.Prefix
	// Protocol, FromPort and ToPort narrow it to traffic, spelled as in the EC2
	// API; Protocol is empty for all. FromPort and ToPort count when Ports is set.
	Protocol         string
	Ports            bool
	FromPort, ToPort int
	// SecurityGroup and PrefixList narrow it to their members.
	SecurityGroup, PrefixList string
	// Shared: it is declared for all resources at once, so one resource cannot tell
	// that nobody uses it.
	Shared bool
	// Name is what the configuration calls it, such as accept[0].
	Name string
}
