// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

// Package verify tells whether the packets that a Classic Load Balancer lives on
// get through, and what gets through besides. It is pure: it is asked about
// rules as they are or as they will be, and talks neither to AWS nor to Terraform.
//
// A question ([LoadBalancerGroup], [InstanceGroup], [SubnetACL], [Path]) is judged
// into an [Answer]: the verdict on every [Flow] and the findings, each with one
// packet, the rule that decides it, and what to do.
//
// # Why every hop can be judged alone
//
// A flow is a set of connections: every source address of a set S, every
// destination address of a set D, one protocol, and every destination port of a
// set P. It is a product, S × D × P: no address of the flow goes with some ports
// only, nor with some addresses of the other side only. On its way a packet of
// the flow meets hops, each of them one direction of a security group or of a
// network ACL. A hop looks at the address and the membership of the peer, the
// protocol and the destination port (or the ICMP type and code), and at nothing
// else of the packet. It keeps no count and does not see what other hops have
// decided. The peer is the source at an inbound hop and the destination at an
// outbound one. So the region of a flow at a hop, which is what a [Need] states,
// is S × P or D × P with the memberships of that side.
//
// Lemma. Every packet of a flow passes the whole path exactly if each hop of the
// path admits the whole region of the flow at this hop.
//
// Proof. Suppose each hop admits its region. Take any packet (s, d, p) of the
// flow. An inbound hop sees (s, p), which is in S × P, and lets it pass; an
// outbound hop sees (d, p), which is in D × P, and lets it pass. So it passes all
// of them. Conversely, suppose some hop refuses a point of its region, say an
// inbound hop the point (s, p) of S × P. D has an address d, or the flow would be
// empty. Since the flow is a product, (s, d, p) is a packet of it. The hop sees
// (s, p) of it and refuses it, so not every packet passes the path. For an
// outbound hop the same holds with s and d exchanged. ∎
//
// The same argument holds for memberships, as they belong to one side like its
// addresses, and for flows that are a union of products, such as the pairs of
// subnets of each availability zone: the packets of a union pass exactly if the
// packets of each member pass.
//
// It follows that each resource can prove its own hops, over the region that its
// table of AWS names, and that the proofs together are a proof of the path. It
// also follows that a region of a hop that is larger than the flow (all networks
// of the VPC in place of the subnets of the load balancer) proves more than the
// path needs and never less. No search over packets is needed, neither here nor
// across hops: [Need] and decide rest on this.
//
// Replies are flows of their own. A security group tracks connections and lets
// replies pass, so that they meet network ACLs only, and there with the ephemeral
// ports as destination ports. Source: "Network ACLs for your Classic Load
// Balancer", Elastic Load Balancing user guide; "Security group connection
// tracking", Amazon EC2 user guide.
package verify
