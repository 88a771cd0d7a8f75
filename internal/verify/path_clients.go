// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package verify

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/terraform-clb/terraform-provider-clb/internal/packet"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// declared are the declared clients of a listener. Those whose addresses are known
// are a side of their own: of members of groups nothing but that is known.
func (p Path) declared(port int) (sides []side, declared bool) {
	if !p.ClientsDeclared {
		return nil, false
	}
	peers, declared := p.LoadBalancer.ClientsOf(port, nil)
	if !declared {
		return nil, false
	}
	var known, members side
	for _, peer := range peers {
		networks, seen := p.networksOf(peer.PrefixList)
		switch {
		case peer.PrefixList != "" && seen:
			for _, box := range addressesOf(networks).boxes {
				box.MemberOf = []string{peer.PrefixList}
				known.boxes = append(known.boxes, box)
			}
		case peer.CIDR.IsValid() && !peer.CIDR.Addr().Is4():
			// A Classic Load Balancer has no IPv6 clients.
		case peer.CIDR.IsValid():
			known = known.and(addressesOf([]netip.Prefix{peer.CIDR}))
		default:
			members = members.and(peersSide([]wiring.Peer{peer}))
		}
	}
	for _, one := range []side{known, members} {
		if len(one.boxes) > 0 {
			sides = append(sides, one)
		}
	}
	return sides, true
}

// networksOf are the networks of a prefix list, as far as a rule that names it
// has told them.
func (p Path) networksOf(list string) (networks []netip.Prefix, seen bool) {
	for _, group := range p.Groups {
		for _, rule := range group.Rules {
			if rule.Peer.PrefixList == list && rule.Unknown&packet.NetworksField == 0 {
				return slices.DeleteFunc(slices.Clone(rule.Networks), func(n netip.Prefix) bool { return !n.Addr().Is4() }), true
			}
		}
	}
	return nil, false
}

// clientFlows judges the listeners and the replies to their clients.
func (j *pathJudge) clientFlows() error {
	lb := j.path.LoadBalancer
	if len(lb.Listeners) == 0 {
		return nil
	}
	group, err := j.filterAt(LoadBalancerGroupIn, j.loadBalancers[0])
	if err != nil {
		return err
	}
	// Who gets replies, by the node's end.
	replies := make([][]side, len(j.loadBalancers))
	for _, port := range lb.LBPorts() {
		if err := j.listener(port, group, replies); err != nil {
			return err
		}
	}
	return j.replies(replies)
}

// listener judges one listener and notes who gets replies.
func (j *pathJudge) listener(port int, group *filter, replies [][]side) error {
	flow := Flow{Kind: ClientToListener, LoadBalancer: j.label, Port: port}
	j.begin(flow)
	sides, declared := j.path.declared(port)
	if !declared {
		return j.undeclared(flow, group, replies)
	}
	for _, clients := range sides {
		need := clients.need(flow, LoadBalancerGroupIn, flow.onPort(), j.groupInRow(true))
		need.Here = j.loadBalancers[0].host()
		if err := j.decide(need, group, leg{}); err != nil {
			return err
		}
	}
	for i, e := range j.loadBalancers {
		acl, err := j.filterAt(LoadBalancerSubnetIn, e)
		if err != nil {
			return err
		}
		replies[i] = append(replies[i], sides...)
		for _, clients := range sides {
			if err := j.atNode(j.aclInNeed(flow, clients, e), acl, e); err != nil {
				return err
			}
		}
	}
	return nil
}

func (j *pathJudge) groupInRow(declared bool) string {
	lb := j.path.LoadBalancer
	return fmt.Sprintf("security group of %s: inbound from %s on the listener port", scheme(lb), clientWords(lb, declared))
}

func (j *pathJudge) aclInNeed(flow Flow, clients side, e end) Need {
	lb := j.path.LoadBalancer
	need := clients.need(flow, LoadBalancerSubnetIn, flow.onPort(),
		fmt.Sprintf("network ACL of the subnets of %s: inbound from %s on the listener port", scheme(lb), aclClientWords(lb, []int{flow.Port}, j.path.VPC)))
	need.Here = e.host()
	return need
}

// atNode decides a need of clients at the network ACL of a node. Clients in the
// node's own subnet do not meet it.
func (j *pathJudge) atNode(n Need, acl *filter, e end) error {
	if acl.judge(n.Region).Verdict == packet.Proved {
		j.pass(n.Hop, acl)
		return nil
	}
	if e.misses == "" && n.PeersUnknown == "" && !unknownAddresses(n.Region) {
		own := e.boxes[0]
		own.Traffic = packet.AllTraffic()
		n.Uncut, n.Region = n.Region, n.Region.Without(packet.Region{own})
	}
	return j.decide(n, acl, leg{})
}

// firstWith tells whether no node before this one has the same network ACL.
func (j *pathJudge) firstWith(i int, acl *filter) bool {
	for _, e := range j.loadBalancers[:i] {
		if f, err := j.filterAt(LoadBalancerSubnetIn, e); err == nil && f == acl {
			return false
		}
	}
	return true
}

// undeclared judges a listener of which nobody has said who its clients are: it
// is refuted only at a node that admits nobody at all. A packet must pass the
// groups and the network ACL, so what counts is what passes both.
func (j *pathJudge) undeclared(flow Flow, group *filter, replies [][]side) error {
	table := undeclaredClients(j.path.LoadBalancer, j.path.VPC)
	everybody := table
	anyone := packet.Region{{Traffic: flow.onPort(), Addresses: onlyIPv4()}}
	passing := group.permits(anyone, nil)
	admitted := packet.Boxes(certain(passing))
	if len(admitted) == 0 {
		if len(passing) > 0 {
			// Whoever may turn out to be admitted decides it.
			table.boxes = withoutTraffic(passing)
		}
		need := table.need(flow, LoadBalancerGroupIn, flow.onPort(), j.groupInRow(false))
		need.Here = j.loadBalancers[0].host()
		if err := j.decide(need, group, leg{}); err != nil {
			return err
		}
	} else {
		j.pass(LoadBalancerGroupIn, group)
	}
	asked := admitted
	if len(asked) == 0 {
		asked = anyone
	}
	seen := map[*filter][]side{}
	for i, e := range j.loadBalancers {
		acl, err := j.filterAt(LoadBalancerSubnetIn, e)
		if err != nil {
			return err
		}
		// Every node with this network ACL admits the same.
		if !j.firstWith(i, acl) {
			if len(admitted) > 0 {
				replies[i] = append(replies[i], seen[acl]...)
			}
			continue
		}
		both := asked
		if acl.judge(asked).Verdict != packet.Proved {
			passing := acl.permits(asked, nil)
			both = packet.Boxes(certain(passing))
			if len(both) == 0 {
				clients := everybody
				switch {
				case len(passing) > 0:
					clients.boxes = withoutTraffic(passing)
				case len(admitted) > 0:
					clients.boxes = admitted
				}
				if err := j.decide(j.aclInNeed(flow, clients, e), acl, leg{}); err != nil {
					return err
				}
			}
		}
		if len(both) > 0 {
			j.pass(LoadBalancerSubnetIn, acl)
		}
		if acl.unseen() != "" {
			both = asked
		}
		if len(admitted) > 0 {
			seen[acl] = admittedSides(both)
			replies[i] = append(replies[i], seen[acl]...)
		}
	}
	return nil
}

func withoutTraffic(pieces []packet.Piece) packet.Region {
	boxes := packet.Boxes(pieces)
	for i := range boxes {
		boxes[i].Traffic = packet.Traffic{}
	}
	return boxes
}

// certain are the pieces that hang on nothing unknown.
func certain(pieces []packet.Piece) []packet.Piece {
	return slices.DeleteFunc(slices.Clone(pieces), func(p packet.Piece) bool { return len(p.Unknowns) > 0 })
}

// admittedSides are admitted clients by what is known of their addresses: the
// members of groups may have any.
func admittedSides(admitted packet.Region) []side {
	known := side{peers: sampleAddresses(wiring.Everyone())}
	var members side
	for _, box := range admitted {
		if len(box.MemberOf) == 0 {
			known.boxes = append(known.boxes, packet.Box{Addresses: box.Addresses})
		} else {
			members.boxes = append(members.boxes, packet.Box{Addresses: onlyIPv4(), MemberOf: box.MemberOf})
		}
	}
	var sides []side
	for _, one := range []side{known, members} {
		if len(one.boxes) > 0 {
			sides = append(sides, one)
		}
	}
	return sides
}

// replies judges that replies get to the clients, node by node. Where no client
// is admitted at all, it is judged for those that the table names.
func (j *pathJudge) replies(clients [][]side) error {
	lb := j.path.LoadBalancer
	flow := Flow{Kind: ReplyToClient, LoadBalancer: j.label}
	j.begin(flow)
	row := fmt.Sprintf("network ACL of the subnets of %s: outbound to %s on the ephemeral ports 1024-65535",
		scheme(lb), aclClientWords(lb, lb.LBPorts(), j.path.VPC))
	var proved []leg
	for i, e := range j.loadBalancers {
		acl, err := j.filterAt(LoadBalancerSubnetOut, e)
		if err != nil {
			return err
		}
		sides := clients[i]
		if len(sides) == 0 {
			sides = []side{undeclaredClients(lb, j.path.VPC)}
		}
		for _, one := range joined(sides) {
			l := leg{hop: LoadBalancerSubnetOut, filter: acl, here: e.host(), side: one}
			if slices.ContainsFunc(proved, l.same) {
				continue
			}
			if err := j.atNode(l.needOf(flow, ephemeral(), row), acl, e); err != nil {
				return err
			}
			if j.flows[len(j.flows)-1].Verdict == packet.Proved {
				proved = append(proved, l)
			}
		}
	}
	return nil
}

// joined puts sides together whose addresses are known, and those whose are not.
func joined(sides []side) []side {
	var all []side
	for _, one := range sides {
		open := func(s side) bool {
			return s.misses == one.misses && unknownAddresses(s.boxes) == unknownAddresses(one.boxes)
		}
		at := slices.IndexFunc(all, open)
		if at < 0 {
			at = len(all)
			all = append(all, side{misses: one.misses})
		}
		for _, box := range one.boxes {
			if !slices.ContainsFunc(all[at].boxes, func(b packet.Box) bool { return equalBoxes(b, box) }) {
				all[at].boxes = append(all[at].boxes, box)
			}
		}
		all[at].peers = append(all[at].peers, one.peers...)
	}
	return all
}

// unknownAddresses tells whether boxes are of members that may be anywhere.
func unknownAddresses(boxes packet.Region) bool {
	return slices.ContainsFunc(boxes, func(b packet.Box) bool { return len(b.MemberOf) > 0 && b.Addresses == onlyIPv4() })
}
