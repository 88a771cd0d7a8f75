// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package wiring

import (
	"net/netip"
	"slices"
)

// The first and last port that a load balancer, and a client, may use as the
// source port of a connection, and so the destination ports of the replies.
// Source: "Network ACLs for your Classic Load Balancer", Elastic Load Balancing
// user guide; "Ephemeral ports", Amazon VPC user guide.
const (
	FirstEphemeralPort = 1024
	LastEphemeralPort  = 65535
)

// InternetFacingLoadBalancerGroup is the table of the security group of an
// internet-facing load balancer. Source: "Recommended rules for load balancer
// security groups", internet-facing.
func InternetFacingLoadBalancerGroup(lb LoadBalancer) []Rule {
	return table(
		lb.clientRows(everyone(), commentAllOnListener),
		lb.instanceRows(GroupPeers(lb.InstanceSecurityGroups), Egress, commentToInstance, commentToHealthCheck),
	)
}

// InternalLoadBalancerGroup is the table of the security group of an internal
// load balancer. Source: "Recommended rules for load balancer security groups",
// internal.
func InternalLoadBalancerGroup(lb LoadBalancer, vpc []netip.Prefix) []Rule {
	return table(
		lb.clientRows(vpc, commentVPCOnListener),
		lb.instanceRows(GroupPeers(lb.InstanceSecurityGroups), Egress, commentToInstance, commentToHealthCheck),
	)
}

// InstanceGroup is the table of the security group of the instances, for the
// groups of the load balancer that they may be reached from. It has inbound
// rows only. Source: "Recommended rules for instance security groups".
func InstanceGroup(lb LoadBalancer, loadBalancerGroups []string) []Rule {
	return table(
		lb.instanceRows(GroupPeers(loadBalancerGroups), Ingress, commentFromLBInstance, commentFromLBHealthCheck),
	)
}

// InternetFacingLoadBalancerSubnet is the table of the network ACL of the
// subnets of an internet-facing load balancer. Source: "Network ACLs for your
// Classic Load Balancer", internet-facing.
func InternetFacingLoadBalancerSubnet(lb LoadBalancer, vpc []netip.Prefix) []Rule {
	return lb.loadBalancerSubnet(everyone(), commentAllOnListener, vpc)
}

// InternalLoadBalancerSubnet is the table of the network ACL of the subnets of
// an internal load balancer. Source: "Network ACLs for your Classic Load
// Balancer", internal.
func InternalLoadBalancerSubnet(lb LoadBalancer, vpc []netip.Prefix) []Rule {
	return lb.loadBalancerSubnet(vpc, commentVPCOnListener, vpc)
}

// PrivateInstanceSubnet is the table of the network ACL of the instances'
// private subnets. Source: "Network ACLs for your Classic Load Balancer",
// recommended rules for a private subnet.
func PrivateInstanceSubnet(lb LoadBalancer, vpc []netip.Prefix) []Rule {
	return lb.instanceSubnet(vpc)
}

// PublicInstanceSubnet is the table of the network ACL of the instances' public
// subnets: the private table with every VPC CIDR replaced by 0.0.0.0/0.
// Source: "Network ACLs for your Classic Load Balancer", the sentence on public
// subnets.
func PublicInstanceSubnet(lb LoadBalancer) []Rule {
	return lb.instanceSubnet(everyone())
}

// InstancePathMTUDiscovery admits the ICMP messages "fragmentation needed" to
// the instances. Source: "Security groups for your instances" recommends
// inbound ICMP type 3 code 4; it does not name the sources.
func InstancePathMTUDiscovery(sources []Peer) []Rule {
	return pathMTURows(sources, Ingress)
}

// LoadBalancerSubnetPathMTUDiscovery admits "fragmentation needed" through the
// network ACL of the load balancer's subnets, both ways. The AWS tables have no
// such row, so an ACL built from them alone drops it. Any router between a
// client on the internet and the load balancer may send it, so the addresses
// are those of the scheme and not the declared clients alone. Source: "Path MTU
// Discovery", Amazon VPC user guide.
func LoadBalancerSubnetPathMTUDiscovery(lb LoadBalancer, vpc []netip.Prefix) []Rule {
	peers := CIDRPeers(everyone())
	if lb.Internal {
		peers = append(CIDRPeers(vpc), lb.clientCIDRs(vpc)...)
	}
	return table(pathMTURows(peers, Ingress), pathMTURows(peers, Egress))
}

// InstanceSubnetPathMTUDiscovery admits "fragmentation needed" through the
// network ACL of the instances' subnets, both ways, with the addresses of the
// subnet's table: the VPC CIDRs, or 0.0.0.0/0 for public subnets.
func InstanceSubnetPathMTUDiscovery(cidrs []netip.Prefix) []Rule {
	peers := CIDRPeers(cidrs)
	return table(pathMTURows(peers, Ingress), pathMTURows(peers, Egress))
}

// RespondToPing admits ICMP echo requests of the load balancer's clients, as
// the AWS page gives for an example. AWS does not forward them to instances.
func RespondToPing(lb LoadBalancer, vpc []netip.Prefix) []Rule {
	var rows []Rule
	for _, port := range lb.LBPorts() {
		peers, _ := lb.clientsOf(port, lb.tableSource(vpc))
		for _, peer := range peers {
			rows = append(rows, Rule{Direction: Ingress, Protocol: ICMP, From: 8, To: -1, Peer: peer, Comment: commentPing})
		}
	}
	return Collapse(rows)
}

// tableSource is the source of the client rows in the table of the scheme.
func (lb LoadBalancer) tableSource(vpc []netip.Prefix) []netip.Prefix {
	if lb.Internal {
		return vpc
	}
	return everyone()
}

// clientRows are the rows "listener port, from the clients".
func (lb LoadBalancer) clientRows(source []netip.Prefix, comment string) []Rule {
	var rows []Rule
	for _, port := range lb.LBPorts() {
		peers, declared := lb.clientsOf(port, source)
		rowComment := comment
		if declared {
			rowComment = commentClientOnListener
		}
		for _, peer := range peers {
			rows = append(rows, tcpRow(Ingress, port, port, peer, rowComment))
		}
	}
	return rows
}

// instanceRows are the rows "instance listener port" and "health check port".
func (lb LoadBalancer) instanceRows(peers []Peer, d Direction, onInstance, onHealthCheck string) []Rule {
	var rows []Rule
	for _, port := range lb.InstancePorts() {
		for _, peer := range peers {
			rows = append(rows, tcpRow(d, port, port, peer, onInstance))
		}
	}
	for _, port := range lb.healthCheckPorts() {
		for _, peer := range peers {
			rows = append(rows, tcpRow(d, port, port, peer, onHealthCheck))
		}
	}
	return rows
}

func (lb LoadBalancer) loadBalancerSubnet(source []netip.Prefix, comment string, vpc []netip.Prefix) []Rule {
	if len(lb.Listeners) == 0 && lb.HealthCheck == nil {
		return nil
	}
	var listeners []Rule
	for _, port := range lb.LBPorts() {
		peers, declared := lb.clientCIDRsOf(port, source)
		rowComment := comment
		if declared {
			rowComment = commentClientOnListener
		}
		for _, peer := range peers {
			listeners = append(listeners, tcpRow(Ingress, port, port, peer, rowComment))
		}
	}
	return table(
		listeners,
		ephemeralRows(Ingress, CIDRPeers(vpc), commentEphemeralIn),
		lb.instanceRows(CIDRPeers(vpc), Egress, commentToInstance, commentToHealthCheck),
		ephemeralRows(Egress, lb.clientCIDRs(source), commentEphemeralOut),
	)
}

func (lb LoadBalancer) instanceSubnet(cidrs []netip.Prefix) []Rule {
	if len(lb.Listeners) == 0 && lb.HealthCheck == nil {
		return nil
	}
	return table(
		lb.instanceRows(CIDRPeers(cidrs), Ingress, commentInstanceSubnetIn, commentInstanceSubnetHealth),
		ephemeralRows(Egress, CIDRPeers(cidrs), commentEphemeralOut),
	)
}

// clientCIDRsOf are the clients of a listener as a network ACL can name them. A
// network ACL knows neither groups nor prefix lists: where such a client is
// declared, the table's source stays in the row beside the declared networks.
func (lb LoadBalancer) clientCIDRsOf(lbPort int, source []netip.Prefix) (peers []Peer, declared bool) {
	named, declared := lb.clientsOf(lbPort, source)
	if !declared {
		return named, false
	}
	for _, peer := range named {
		if !peer.CIDR.IsValid() {
			return append(CIDRPeers(source), outside(named, source)...), false
		}
	}
	return named, true
}

// outside keeps the networks among the peers that no network of source contains.
func outside(peers []Peer, source []netip.Prefix) []Peer {
	return slices.DeleteFunc(slices.Clone(peers), func(peer Peer) bool {
		return !peer.CIDR.IsValid() || slices.ContainsFunc(source, func(s netip.Prefix) bool {
			return s.Bits() <= peer.CIDR.Bits() && s.Contains(peer.CIDR.Addr())
		})
	})
}

// clientCIDRs are the clients of all listeners as a network ACL can name them.
func (lb LoadBalancer) clientCIDRs(source []netip.Prefix) []Peer {
	var all []Peer
	for _, port := range lb.LBPorts() {
		peers, _ := lb.clientCIDRsOf(port, source)
		all = append(all, peers...)
	}
	return all
}

// ClientsWithoutAddress are the declared groups and prefix lists, for which a
// network ACL keeps the table's source because it can name networks only.
func (lb LoadBalancer) ClientsWithoutAddress() []string {
	var names []string
	for _, c := range lb.Clients {
		names = append(names, c.SecurityGroups...)
		names = append(names, c.PrefixLists...)
	}
	return names
}

func ephemeralRows(d Direction, peers []Peer, comment string) []Rule {
	var rows []Rule
	for _, peer := range peers {
		rows = append(rows, tcpRow(d, FirstEphemeralPort, LastEphemeralPort, peer, comment))
	}
	return rows
}

func pathMTURows(peers []Peer, d Direction) []Rule {
	var rows []Rule
	for _, peer := range peers {
		rows = append(rows, Rule{Direction: d, Protocol: ICMP, From: 3, To: 4, Peer: peer, Comment: commentPathMTU})
	}
	return Collapse(rows)
}

func tcpRow(d Direction, from, to int, peer Peer, comment string) Rule {
	return Rule{Direction: d, Protocol: TCP, From: from, To: to, Peer: peer, Comment: comment}
}

func table(parts ...[]Rule) []Rule {
	var rows []Rule
	for _, part := range parts {
		rows = append(rows, part...)
	}
	return Collapse(rows)
}

// GroupPeers turns security groups into peers, in their order.
func GroupPeers(groups []string) []Peer {
	peers := make([]Peer, 0, len(groups))
	for _, group := range groups {
		peers = append(peers, GroupPeer(group))
	}
	return peers
}

func everyone() []netip.Prefix { return []netip.Prefix{Everyone()} }
