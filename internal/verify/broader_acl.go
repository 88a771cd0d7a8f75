// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package verify

import (
	"net/netip"
	"slices"

	"github.com/terraform-clb/terraform-provider-clb/internal/packet"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// broader finds the entries that open a port of the load balancers wider than a
// recommended entry does. Replies are not judged, nor what else is in the subnets.
func (q SubnetACL) broader(acc *acceptances) ([]Finding, error) {
	var findings []Finding
	for _, d := range wiring.Directions() {
		if !slices.Contains(q.Directions, d) {
			continue
		}
		f, err := newACLFilter(d, q.ACL)
		if err != nil {
			return nil, err
		}
		e := excess{
			id: BroadACLIn, f: f, lbs: q.LoadBalancers, rows: q.portRows(q.VPC, d), removedBy: q.ACL.RemovedBy,
			why: "a wider network than is recommended there",
			row: "network ACL: inbound from the clients on the listener ports, and from the VPC CIDR on the instance listener and health check ports",
		}
		if slices.Contains(q.Roles, LoadBalancerSubnet) {
			e.clientPorts = listenerPorts(q.LoadBalancers)
		}
		if d == wiring.Egress {
			e.id, e.clientPorts = BroadACLOut, nil
			e.row = "network ACL of the load balancer's subnet: outbound to the VPC CIDR on the instance listener and health check ports"
		}
		if len(q.VPC) == 0 {
			e.openPeers = "the networks of the VPC"
			for _, row := range q.portRows(q.around(), d) {
				if !slices.ContainsFunc(e.rows, func(known wiring.Rule) bool { return known.From == row.From }) {
					e.open = append(e.open, row.From)
				}
			}
		}
		e.pieces = q.wider(f, d)
		findings = append(findings, e.findings(acc)...)
	}
	return findings, nil
}

// wider are the parts of entries that open a port wider than its row.
func (q SubnetACL) wider(f *filter, d wiring.Direction) []packet.Piece {
	needed := rowRegion(q.rows(q.LoadBalancers, q.VPC, d))
	byPort := map[int][]wiring.Rule{}
	var ports []int
	for _, row := range q.portRows(q.around(), d) {
		if byPort[row.From] == nil {
			ports = append(ports, row.From)
		}
		byPort[row.From] = append(byPort[row.From], row)
	}
	var all []packet.Piece
	for _, port := range ports {
		within := packet.Region{{Traffic: tcpPort(port), Addresses: onlyIPv4()}}
		pieces := surelyOpen(f.permits(within, needed), within)
		candidates := slices.DeleteFunc(rulesOf(pieces), func(rule int) bool { return q.notJudged(f, rule) })
		var culprits []int
		for _, row := range byPort[port] {
			culprits = append(culprits, containing([]netip.Prefix{row.Peer.CIDR}, candidates, f.networks)...)
		}
		all = append(all, slices.DeleteFunc(pieces, func(p packet.Piece) bool { return !slices.Contains(culprits, p.Rule) })...)
	}
	return all
}

// around is the networks that stand for "VPC CIDR": everyone, if they are not
// known, because then only an entry for everyone is certainly wider.
func (q SubnetACL) around() []netip.Prefix {
	if len(q.VPC) == 0 {
		return []netip.Prefix{wiring.Everyone()}
	}
	return q.VPC
}

// portRows are the recommended entries on listener, instance and health check
// ports.
func (q SubnetACL) portRows(vpc []netip.Prefix, d wiring.Direction) []wiring.Rule {
	var lbs []wiring.LoadBalancer
	for _, lb := range q.LoadBalancers {
		lbs = append(lbs, lb.Only(q.LBPorts))
	}
	return slices.DeleteFunc(q.rows(lbs, vpc, d), func(row wiring.Rule) bool { return row.From != row.To })
}

// rows are all recommended entries of the roles.
func (q SubnetACL) rows(lbs []wiring.LoadBalancer, vpc []netip.Prefix, d wiring.Direction) []wiring.Rule {
	var rows []wiring.Rule
	for _, lb := range lbs {
		for _, role := range q.Roles {
			switch {
			case role == PublicInstanceSubnet:
				rows = append(rows, wiring.PublicInstanceSubnet(lb)...)
			case role == PrivateInstanceSubnet:
				rows = append(rows, wiring.PrivateInstanceSubnet(lb, vpc)...)
			case lb.Internal:
				rows = append(rows, wiring.InternalLoadBalancerSubnet(lb, vpc)...)
			default:
				rows = append(rows, wiring.InternetFacingLoadBalancerSubnet(lb, vpc)...)
			}
		}
	}
	return wiring.InDirection(wiring.Collapse(rows), d)
}

// notJudged tells of two kinds of entries that they are no deviation: one for the
// ephemeral ports, which lets replies through whatever the network, as "Ephemeral
// ports" of the Amazon VPC user guide advises; and the entry that AWS itself puts
// into a default network ACL, for which the tables are not meant.
func (q SubnetACL) notJudged(f *filter, rule int) bool {
	// The last ephemeral port of the Linux kernels that use the smallest range.
	const lastOfLinux = 60999
	const awsOwn = 100
	entry := f.sources[rule].entry
	traffic, _ := f.extent(rule)
	if traffic.FirstProtocol == traffic.LastProtocol && traffic.First >= wiring.FirstEphemeralPort && traffic.Last >= lastOfLinux {
		return true
	}
	return q.ACL.Default && f.origin(rule) == Unmanaged && entry.Number == awsOwn &&
		traffic == packet.AllTraffic() && entry.Peer.CIDR == wiring.Everyone()
}
