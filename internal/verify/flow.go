// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package verify

import (
	"fmt"
	"net/netip"

	"github.com/terraform-clb/terraform-provider-clb/internal/packet"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// Kind is what a flow is for.
type Kind string

// The flows of a load balancer.
const (
	ClientToListener Kind = "client to listener"
	ToInstance       Kind = "load balancer to instance port"
	HealthCheck      Kind = "health check"
	ReplyToClient    Kind = "reply to clients"
	ReplyToLB        Kind = "reply of instances"
	PathMTUDiscovery Kind = "Path MTU Discovery"
)

// Flow is a set of packets that must get through for a load balancer to work.
type Flow struct {
	Kind Kind
	// LoadBalancer is the label of the load balancer, see wiring.LoadBalancer.Label.
	LoadBalancer string
	// Port is the listener's port, the instance port or the health check port. 0
	// for replies and Path MTU Discovery.
	Port int
}

// String is `health check on tcp 8081 of load balancer "web"`.
func (f Flow) String() string {
	if f.Port == 0 {
		return fmt.Sprintf("%s of %s", f.Kind, f.LoadBalancer)
	}
	return fmt.Sprintf("%s on tcp %d of %s", f.Kind, f.Port, f.LoadBalancer)
}

// among is the flow in a list of flows of one load balancer: "the health check
// tcp/8081".
func (f Flow) among() string {
	switch f.Kind {
	case ClientToListener:
		return fmt.Sprintf("client traffic tcp/%d", f.Port)
	case ToInstance:
		return fmt.Sprintf("traffic tcp/%d to the instances", f.Port)
	case HealthCheck:
		return fmt.Sprintf("the health check tcp/%d", f.Port)
	case ReplyToClient:
		return "replies to the clients"
	case ReplyToLB:
		return "replies of the instances"
	default:
		return "Path MTU Discovery"
	}
}

// Hop is a filter that a flow has to pass.
type Hop string

// The hops.
const (
	LoadBalancerGroupIn   Hop = "load balancer security group, inbound"
	LoadBalancerGroupOut  Hop = "load balancer security group, outbound"
	InstanceGroupIn       Hop = "instance security group, inbound"
	LoadBalancerSubnetIn  Hop = "network ACL of the load balancer's subnet, inbound"
	LoadBalancerSubnetOut Hop = "network ACL of the load balancer's subnet, outbound"
	InstanceSubnetIn      Hop = "network ACL of the instances' subnet, inbound"
	InstanceSubnetOut     Hop = "network ACL of the instances' subnet, outbound"
)

// Need is what a flow needs of a hop: that a whole region passes.
type Need struct {
	Flow   Flow
	Hop    Hop
	Region packet.Region
	// Uncut is Region before what the hop does not filter was cut out of it, nil if
	// nothing was.
	Uncut packet.Region
	// Row is the row of the AWS table that recommends it, in words:
	// "security group of an internet-facing load balancer: inbound on the listener port".
	Row string
	// Peers are addresses of the other side that a reader can picture, the best first.
	Peers []netip.Addr
	// Here is an address on this side of the hop, invalid if none is known: the
	// load balancer's node or the instance.
	Here netip.Addr
	// PeersUnknown says which value would tell the addresses of the other side,
	// for example "vpc_cidr_blocks". The region is then about any address: what
	// is refused for some of them is undecided.
	PeersUnknown string
}

// Direction is the direction of a hop.
func (h Hop) Direction() wiring.Direction {
	switch h {
	case LoadBalancerGroupOut, LoadBalancerSubnetOut, InstanceSubnetOut:
		return wiring.Egress
	default:
		return wiring.Ingress
	}
}
