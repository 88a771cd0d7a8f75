// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package verify

import (
	"net/netip"
	"slices"

	"github.com/terraform-clb/terraform-provider-clb/internal/packet"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// Which values are missed, where the addresses or members of a side are not known.
const (
	missesVPC             = "vpc_cidr_blocks"
	missesLBGroups        = "security_groups"
	missesInstanceGroups  = "instance_security_group_ids"
	missesInstanceSubnets = "instance_subnet_ids"
)

// side is one side of a flow, the peers of the hops on the other side.
type side struct {
	boxes packet.Region
	// peers are addresses that a reader can picture.
	peers []netip.Addr
	// misses is the value that would tell the addresses, empty if they are known.
	misses string
}

// addressesOf is the side that has all addresses of some networks.
func addressesOf(networks []netip.Prefix) side {
	var s side
	for _, network := range networks {
		s.boxes = append(s.boxes, packet.Box{Addresses: packet.CIDR(network)})
		s.peers = append(s.peers, sampleAddresses(network)...)
	}
	return s
}

// addressesOfVPC is the side that has all addresses of the VPC, or any address
// while its networks are not known.
func addressesOfVPC(vpc []netip.Prefix) side {
	if len(vpc) > 0 {
		return addressesOf(vpc)
	}
	return side{
		boxes:  packet.Region{{Addresses: onlyIPv4()}},
		peers:  sampleAddresses(netip.PrefixFrom(netip.AddrFrom4([4]byte{10}), 8)),
		misses: missesVPC,
	}
}

// membersOf narrows a side to members of all of the groups. No groups are groups
// that are not known.
func (s side) membersOf(misses string, groups ...string) side {
	members := side{misses: s.misses}
	ids := groupIDs(groups)
	if len(ids) == 0 {
		return side{boxes: packet.Region{{}}, misses: misses}
	}
	for _, box := range s.boxes {
		box.MemberOf = ids
		members.boxes = append(members.boxes, box)
	}
	return members
}

// and is both sides together.
func (s side) and(other side) side {
	misses := s.misses
	if misses == "" {
		misses = other.misses
	}
	return side{
		boxes:  slices.Concat(s.boxes, other.boxes),
		peers:  slices.Concat(s.peers, other.peers),
		misses: misses,
	}
}

// need is what a flow needs of a hop whose peers are a side.
func (s side) need(flow Flow, hop Hop, traffic packet.Traffic, row string) Need {
	region := make(packet.Region, 0, len(s.boxes))
	for _, box := range s.boxes {
		box.Traffic = traffic
		region = append(region, box)
	}
	return Need{Flow: flow, Hop: hop, Region: region, Row: row, Peers: s.peers, PeersUnknown: s.misses}
}

// clientsSide is the clients of a listener as a security group can name them.
func clientsSide(lb wiring.LoadBalancer, port int, vpc []netip.Prefix) (clients side, declared bool) {
	peers, declared := lb.ClientsOf(port, vpc)
	if !declared {
		return undeclaredClients(lb, vpc), false
	}
	return peersSide(peers), true
}

// peersSide is the peers of rules as they are. Members have any address.
func peersSide(peers []wiring.Peer) side {
	var s side
	for _, peer := range peers {
		switch {
		case peer.SecurityGroup != "":
			s.boxes = append(s.boxes, packet.Box{Addresses: onlyIPv4(), MemberOf: []string{wiring.GroupID(peer.SecurityGroup)}})
		case peer.PrefixList != "":
			s.boxes = append(s.boxes, packet.Box{Addresses: onlyIPv4(), MemberOf: []string{peer.PrefixList}})
		default:
			s.boxes = append(s.boxes, packet.Box{Addresses: packet.CIDR(peer.CIDR)})
			s.peers = append(s.peers, sampleAddresses(peer.CIDR)...)
		}
	}
	return s
}

// undeclaredClients are everyone, or the VPC if the load balancer is internal.
func undeclaredClients(lb wiring.LoadBalancer, vpc []netip.Prefix) side {
	if lb.Internal {
		return addressesOfVPC(vpc)
	}
	return addressesOf([]netip.Prefix{wiring.Everyone()})
}

// clientAddresses is the clients of some listeners as a network ACL can name
// them. Members of a group or prefix list may have any of the addresses that the
// table gives to clients that nobody declares.
func clientAddresses(lb wiring.LoadBalancer, ports []int, vpc []netip.Prefix) side {
	var networks []netip.Prefix
	undeclared := false
	for _, port := range ports {
		peers, declared := lb.ClientsOf(port, vpc)
		if !declared {
			undeclared = true
			continue
		}
		for _, peer := range peers {
			if peer.CIDR.IsValid() {
				networks = append(networks, peer.CIDR)
			} else {
				undeclared = true
			}
		}
	}
	slices.SortFunc(networks, netip.Prefix.Compare)
	clients := addressesOf(slices.Compact(networks))
	if undeclared {
		clients = undeclaredClients(lb, vpc).and(clients)
	}
	return clients
}

// flowsToInstances are the flows from a load balancer to its instances. A port
// that is both an instance port and the health check port is both.
func flowsToInstances(lb wiring.LoadBalancer) []Flow {
	var flows []Flow
	for _, port := range lb.InstancePorts() {
		flows = append(flows, Flow{Kind: ToInstance, LoadBalancer: lb.Label(), Port: port})
	}
	if lb.HealthCheck != nil {
		flows = append(flows, Flow{Kind: HealthCheck, LoadBalancer: lb.Label(), Port: lb.HealthCheck.Port})
	}
	return flows
}

// onPort is the traffic to the port of a flow.
func (f Flow) onPort() packet.Traffic {
	port := uint16(max(0, min(f.Port, lastPort)))
	return packet.TCP(port, port)
}

const lastPort = 65535

func ephemeral() packet.Traffic {
	return packet.TCP(wiring.FirstEphemeralPort, wiring.LastEphemeralPort)
}

// fragmentationNeeded is the ICMP message of Path MTU Discovery.
func fragmentationNeeded() packet.Traffic { return packet.ICMP(3, 4) }

// sampleAddresses are addresses that stand for a network in a message: of
// everyone those that are reserved for documentation (RFC 5737), of any other
// network the first that AWS gives to a host.
func sampleAddresses(network netip.Prefix) []netip.Addr {
	if network.Bits() == 0 {
		return []netip.Addr{
			netip.AddrFrom4([4]byte{203, 0, 113, 10}),
			netip.AddrFrom4([4]byte{198, 51, 100, 10}),
			netip.AddrFrom4([4]byte{192, 0, 2, 10}),
		}
	}
	const reserved = 4
	address := network.Masked().Addr()
	for range reserved {
		if next := address.Next(); network.Contains(next) {
			address = next
		}
	}
	return []netip.Addr{address}
}

// groupIDs are the distinct ids of groups, in their order, without accounts.
func groupIDs(groups []string) []string {
	var ids []string
	for _, group := range groups {
		if id := wiring.GroupID(group); id != "" && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}

// scheme is the word of the AWS tables for what a load balancer is.
func scheme(lb wiring.LoadBalancer) string {
	if lb.Internal {
		return "an internal load balancer"
	}
	return "an internet-facing load balancer"
}

// tableSource is the source of client rows in the table of the scheme.
func tableSource(lb wiring.LoadBalancer) string {
	if lb.Internal {
		return "the VPC CIDR"
	}
	return "0.0.0.0/0"
}

// clientWords is the source of a client row with what the user declares.
func clientWords(lb wiring.LoadBalancer, declared bool) string {
	if declared {
		return "the declared clients"
	}
	return tableSource(lb)
}

// portWords is the port column of the row of a flow to instances.
func (f Flow) portWords() string {
	if f.Kind == HealthCheck {
		return "the health check port"
	}
	return "the instance listener port"
}
