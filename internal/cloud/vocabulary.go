// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import "github.com/terraform-clb/terraform-provider-clb/internal/wiring"

// SecurityGroup is a security group as it stands in AWS.
type SecurityGroup struct {
	ID, Name, VPCID string
	// OwnerID is the account of the group, empty where the endpoint does not say.
	OwnerID string
	Tags    map[string]string
	// Rules are the rules of both directions, one peer each. They have no id and
	// no tags: those come from [Region.SecurityGroupRules].
	Rules []SecurityGroupRule
}

// SecurityGroupRule is a rule as it stands in a security group. Its Protocol is
// a name where EC2 has one ("tcp", "udp", "icmp", "icmpv6"), "-1" for all, or
// else a number; its CIDR may be IPv6; its Comment is the description. A peer
// group of the group's own account has no account in front.
type SecurityGroupRule struct {
	wiring.Rule
	// ID is "sgr-…". Rules of EC2-Classic have no id in AWS: here it is their key.
	ID   string
	Tags map[string]string
}

// NetworkACL is a network ACL as it stands in AWS.
type NetworkACL struct {
	ID, VPCID string
	// Default tells whether it is the default network ACL of its VPC.
	Default bool
	// Entries are those that users can change, ordered by direction and number:
	// the final deny entries 32767 and 32768 are left out.
	Entries []NetworkACLEntry
	// Subnets are the ids of the subnets that use the network ACL.
	Subnets []string
	Tags    map[string]string
}

// NetworkACLEntry is an entry as it stands in a network ACL. Its Protocol is
// spelled as in [SecurityGroupRule] and its CIDR may be IPv6.
type NetworkACLEntry struct {
	wiring.Entry
	// Deny tells whether the entry denies instead of allowing.
	Deny bool
}

// Listener is a listener as it stands in AWS, with its protocols in upper case.
type Listener struct {
	wiring.Listener
	Protocol, InstanceProtocol, CertificateID string
}

// LoadBalancer is a Classic Load Balancer as it stands in AWS.
type LoadBalancer struct {
	Name, DNSName string
	// VPCID is empty for a load balancer in EC2-Classic.
	VPCID     string
	Internal  bool
	Listeners []Listener
	// HealthCheckTarget is as AWS has it, "HTTP:8081/healthz"; empty where none is told.
	HealthCheckTarget string
	SecurityGroups    []string
	Subnets           []string
	AvailabilityZones []string
	// Instances are the ids of the registered instances.
	Instances           []string
	SourceSecurityGroup SourceSecurityGroup
}

// SourceSecurityGroup is the group by whose name and owner instances outside a
// VPC admit the load balancer.
type SourceSecurityGroup struct {
	OwnerAlias, GroupName string
}

// Instance is what a load balancer sees of an instance: its primary network
// interface, which alone receives the load balancer's traffic. Source:
// "Register or deregister EC2 instances", Elastic Load Balancing user guide.
type Instance struct {
	ID, SubnetID, VPCID string
	// PrivateIP is the primary private address of the primary interface.
	PrivateIP string
	// State is "running", "stopped" and so on.
	State          string
	SecurityGroups []string
}

// Subnet is a subnet as it stands in AWS.
type Subnet struct {
	ID, VPCID, CIDRBlock, AvailabilityZone string
}

// VPC is a VPC as it stands in AWS.
type VPC struct {
	ID string
	// CIDRBlocks are its associated IPv4 networks, the primary one first.
	CIDRBlocks []string
	Default    bool
}
