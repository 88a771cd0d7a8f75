// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package verify

import (
	"net/netip"
	"time"

	"github.com/terraform-clb/terraform-provider-clb/internal/packet"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// Options are what every question takes into account besides the rules.
type Options struct {
	Accept []Acceptance
	// Today is the day on which acceptances expire or not.
	Today time.Time
}

// Answer is what a question has found: every flow with its hops, and the
// findings in the order of their ids.
type Answer struct {
	Flows    []FlowVerdict
	Findings []Finding
	// Accepted are the acceptances that leave something out of Findings. Only the
	// answer of a Path has them.
	Accepted []Acceptance
}

// FlowVerdict is the verdict on a flow: proved if every hop is proved, refuted if
// one is refuted.
type FlowVerdict struct {
	Flow    Flow
	Verdict packet.Verdict
	Hops    []HopVerdict
}

// HopVerdict is the verdict on a flow at one hop.
type HopVerdict struct {
	Hop Hop
	// Filter names the groups or the network ACL: "sg-1 and sg-2", "acl-1".
	Filter  string
	Verdict packet.Verdict
	// Witness is one refused packet in words, "10.0.1.4 -> 10.0.11.4:8081";
	// empty unless refuted.
	Witness string
	// DecidedBy are the rules that refuse, or what an undecided verdict depends on.
	DecidedBy []string
	// briefly is the rules that refuse in few words, "inbound rule 90".
	briefly []string
}

// LoadBalancerGroup asks about the security group of load balancers: the hop of
// clb_load_balancer_rules.
type LoadBalancerGroup struct {
	// LoadBalancers are those that carry the group, with their clients resolved.
	LoadBalancers []wiring.LoadBalancer
	// LBPorts are the listeners whose flows are judged; empty means all. Whatever
	// any listener needs is never broader than recommended.
	LBPorts []int
	// VPCID is the VPC of the load balancers, empty if it is not known.
	VPCID string
	// VPC are the networks of the VPC, nil if they are not known.
	VPC []netip.Prefix
	// RespondToPing: echo requests are recommended. They never count as broader.
	RespondToPing bool
	// Group is the group as it will stand.
	Group Group
	// Others are the other groups that the load balancers carry, by id, as far as
	// they could be seen. One that a load balancer carries and that is not here
	// counts as unseen.
	Others map[string]Group
	// Directions are those that are known; the others are not judged.
	Directions []wiring.Direction
}

// InstanceGroup asks about the security group of instances: the hop of
// clb_instance_ingress_rules.
type InstanceGroup struct {
	// LoadBalancers have in SecurityGroups all groups that they carry.
	LoadBalancers []wiring.LoadBalancer
	LBPorts       []int
	// VPCID is the VPC of the load balancers, empty if it is not known.
	VPCID string
	VPC   []netip.Prefix
	// PathMTUSources are the peers from which "fragmentation needed" is
	// recommended; nil if Path MTU Discovery is switched off.
	PathMTUSources []wiring.Peer
	Group          Group
	// Classic tells that load balancers and instances are in EC2-Classic, outside
	// of any VPC: SecurityGroups is then the source group alone, and Everyone tells
	// whether all IP addresses are recommended in its place.
	Classic, Everyone bool
}

// SubnetRole is what the subnets of a network ACL hold.
type SubnetRole string

// The roles of subnets.
const (
	LoadBalancerSubnet    SubnetRole = "load_balancer"
	PrivateInstanceSubnet SubnetRole = "private_instance"
	PublicInstanceSubnet  SubnetRole = "public_instance"
)

// SubnetACL asks about the network ACL of subnets: the hops of
// clb_network_acl_entries.
type SubnetACL struct {
	LoadBalancers []wiring.LoadBalancer
	LBPorts       []int
	VPC           []netip.Prefix
	Roles         []SubnetRole
	// PathMTU: "fragmentation needed" is asked for in both directions.
	PathMTU bool
	ACL     ACL
	// Directions are those that are known; the others are not judged.
	Directions []wiring.Direction
}

// Path asks about the whole path of a live load balancer: data.clb_wiring.
type Path struct {
	// LoadBalancer is as it stands in AWS, with the declared clients. Its
	// SecurityGroups are those that it carries.
	LoadBalancer wiring.LoadBalancer
	// ClientsDeclared tells whether clients are declared at all. Without, a
	// listener is refuted only if it admits nobody.
	ClientsDeclared bool
	VPCID           string
	VPC             []netip.Prefix
	// CrossZone tells whether a node sends to the instances of every zone.
	CrossZone bool
	// CrossZoneUnseen says why CrossZone is not known; every pair then counts.
	CrossZoneUnseen string
	// Subnets are those of the load balancer.
	Subnets []Subnet
	// Instances are the registered or stated instances, InstanceSubnets their
	// subnets by id.
	Instances       []Instance
	InstanceSubnets map[string]Subnet
	// PublicInstanceSubnets are the ids of instance subnets for which 0.0.0.0/0
	// is recommended.
	PublicInstanceSubnets []string
	// Groups are all security groups of both sides by id, ACLs all network ACLs.
	// What is not there counts as unseen.
	Groups map[string]Group
	ACLs   map[string]ACL
	// SharedBy are the other load balancers that carry a group, by the group's
	// id, as far as they are known: what they need is not broader.
	SharedBy map[string][]wiring.LoadBalancer
	// DefaultELBGroup and the like are told by the names of Groups.
}
