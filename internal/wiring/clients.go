// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package wiring

import (
	"net/netip"
	"slices"
)

// DeclareAdmitted declares as clients whom the live inbound rules admit to a
// listener, where they admit somebody and not the source that the table names.
// Only rules of exactly the listener's port count: wider ones are about more
// than this load balancer. IPv6 networks are no clients of a Classic Load Balancer.
func (lb LoadBalancer) DeclareAdmitted(live []Rule, vpc []netip.Prefix) []Clients {
	var declared []Clients
	for _, port := range lb.LBPorts() {
		var admitted []Peer
		for _, rule := range live {
			if rule.Direction == Ingress && rule.Protocol == TCP && rule.From == port && rule.To == port && !rule.Peer.CIDR.Addr().Is6() {
				admitted = append(admitted, rule.Peer)
			}
		}
		recommended := slices.ContainsFunc(lb.tableSource(vpc), func(cidr netip.Prefix) bool {
			return slices.Contains(admitted, CIDRPeer(cidr))
		})
		if len(admitted) > 0 && !recommended {
			declared = append(declared, clientsFrom(port, admitted))
		}
	}
	return declared
}

// AsAddresses is the load balancer with its clients as a network ACL can name
// them: two load balancers with the same entries have the same Facts then.
func (lb LoadBalancer) AsAddresses(vpc []netip.Prefix) LoadBalancer {
	var clients []Clients
	source := lb.tableSource(vpc)
	for _, port := range lb.LBPorts() {
		peers, _ := lb.clientCIDRsOf(port, source)
		if !slices.Equal(sortedPeers(peers), sortedPeers(CIDRPeers(source))) {
			clients = append(clients, clientsFrom(port, peers))
		}
	}
	lb.Clients = clients
	return lb
}

func clientsFrom(lbPort int, peers []Peer) Clients {
	clients := Clients{LBPorts: []int{lbPort}}
	for _, peer := range peers {
		switch {
		case peer.SecurityGroup != "":
			clients.SecurityGroups = append(clients.SecurityGroups, peer.SecurityGroup)
		case peer.PrefixList != "":
			clients.PrefixLists = append(clients.PrefixLists, peer.PrefixList)
		default:
			clients.CIDRBlocks = append(clients.CIDRBlocks, peer.CIDR)
		}
	}
	return clients
}
