// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

// Package packet is about exact sets of packets and about the two filters that
// a packet meets in a VPC: the security groups of a network interface and the
// network ACL of a subnet. It knows nothing of load balancers, and it talks
// neither to AWS nor to Terraform.
//
// # Packets and regions
//
// A filter of one direction sees four things of a packet: the address of the
// peer (the source of an inbound packet, the destination of an outbound one),
// what the peer is a member of (security groups, prefix lists), the protocol,
// and the destination port or the ICMP type and code. It never sees the source
// port. A [Box] is a product of intervals of these, a [Region] is a union of
// boxes, and a region is always judged whole: no packet of it is left out and
// none is sampled.
//
// # The filters
//
// A [SecurityGroup] is a union of allows: no order, no deny, and what no rule
// allows is refused. The rules of all groups of one interface are put together.
// A rule that names a security group or a prefix list stands for its members;
// a group is never resolved to addresses. Source: "Security group rules" and
// "Control traffic to your AWS resources using security groups", Amazon VPC
// user guide.
//
// A [NetworkACL] is a list of entries in the order of their rule numbers: the
// first entry that matches decides, and what none matches is refused by the
// final entry "*". An IPv6 entry never matches an IPv4 packet, nor the other
// way round. Source: "Network ACL rules", Amazon VPC user guide.
//
// In both, protocol -1 and every protocol besides TCP, UDP, ICMP and ICMPv6 are
// about all ports, whatever ports are written beside them. The two numbers of
// an ICMP rule are a type and a code, -1 for all, and no range. Source:
// IpPermission and NetworkAclEntry, Amazon EC2 API reference.
//
// # What is not known
//
// A rule may have a peer, ports or an action that are not known yet. A region is
// then [Proved] if each of its packets passes whatever the unknown turns out to
// be, [Refuted] if one of them is refused whatever it turns out to be, and
// otherwise [Undecided], with the unknown named. Everything else is decided
// exactly.
//
// # Two evaluators
//
// Regions are decided by cutting them along the edges of the rules. [ScanGroup]
// and [ScanACL] decide a single packet by reading the rules one by one; they
// share no code with the first, so that one can check what the other found.
package packet
