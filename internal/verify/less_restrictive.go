// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package verify

import (
	"net/netip"

	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// LessRestrictive tells whether an allowing rule does nothing but what recommended
// rules of its direction do, only for a wider source (or destination): it is for
// TCP, each of its ports is the port of a recommended rule, and there its network
// strictly contains the peer of one and lies within the peer of none. With the
// recommended rules in place, to revoke it closes nothing that is recommended, and
// no port that is not the load balancer's.
//
// The members of a security group may be anywhere in the networks of the VPC; where
// these are not known, or the group may be in another VPC, only a rule for everyone
// certainly contains them, as it does the networks of a prefix list. Rows for a
// range of ports, such as those for replies, make no port the load balancer's.
func LessRestrictive(rule wiring.Rule, rows []wiring.Rule, vpc []netip.Prefix) bool {
	network := rule.Peer.CIDR
	if rule.Protocol != wiring.TCP || !network.IsValid() || !network.Addr().Is4() || rule.From < 0 || rule.To-rule.From >= len(rows) {
		return false
	}
	for port := rule.From; port <= rule.To; port++ {
		wider := false
		for _, row := range rows {
			if row.Direction != rule.Direction || row.Protocol != wiring.TCP || port < row.From || port > row.To {
				continue
			}
			if row.Peer.CIDR.IsValid() && containsNetwork(row.Peer.CIDR, network) {
				return false
			}
			wider = wider || row.From == row.To && strictlyContains(network, row.Peer, vpc)
		}
		if !wider {
			return false
		}
	}
	return rule.From <= rule.To
}

// strictlyContains tells whether whoever a peer stands for is in a network, which
// has others besides.
func strictlyContains(network netip.Prefix, peer wiring.Peer, vpc []netip.Prefix) bool {
	switch {
	case network == wiring.Everyone() && !peer.CIDR.IsValid():
		return true
	case peer.CIDR.IsValid():
		return network.Bits() < peer.CIDR.Bits() && containsNetwork(network, peer.CIDR)
	case peer.SecurityGroup == "" || peer.SecurityGroup != wiring.GroupID(peer.SecurityGroup) || len(vpc) == 0:
		return false
	}
	for _, part := range vpc {
		if !containsNetwork(network, part) {
			return false
		}
	}
	return true
}

func containsNetwork(network, other netip.Prefix) bool {
	return network.Bits() <= other.Bits() && network.Contains(other.Addr())
}

// Covers tells whether rules admit everything that recommended rows do.
func Covers(rules, rows []wiring.Rule) bool {
	return len(rowRegion(rows).Without(rowRegion(rules))) == 0
}
