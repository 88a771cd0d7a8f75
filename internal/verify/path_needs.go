// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package verify

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/terraform-clb/terraform-provider-clb/internal/packet"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// end is one side of the flows between a load balancer and its instances: a
// subnet, and what the interfaces there carry. Whole subnets count and not the
// addresses that are in use, because nodes and instances come and go.
type end struct {
	// subnet has no ID if it is not known which network ACL it is.
	subnet Subnet
	// side is the addresses of the subnet, or any if they are not known.
	side
	acl    ACL
	groups []string
}

// host is an address of the end that a reader can picture, invalid if none is known.
func (e end) host() netip.Addr {
	if e.misses != "" || len(e.peers) == 0 {
		return netip.Addr{}
	}
	return e.peers[0]
}

// end is an end in a subnet, which may not be known. Unseen says why its network
// ACL is not known, if it is not, and misses what would tell its addresses.
func (p Path) end(subnet Subnet, groups []string, unseen, misses string) end {
	e := end{subnet: subnet, groups: groupIDs(groups)}
	slices.Sort(e.groups)
	if subnet.CIDR.IsValid() {
		e.side = addressesOf([]netip.Prefix{subnet.CIDR})
	} else {
		e.side = side{boxes: packet.Region{{Addresses: onlyIPv4()}}, misses: misses}
	}
	switch acl, seen := p.ACLs[subnet.ACL]; {
	case subnet.ACL == "":
		e.acl = ACL{Unseen: unseen}
	case !seen:
		e.acl = ACL{ID: subnet.ACL, Unseen: "its entries were not read"}
	default:
		e.acl = acl
	}
	return e
}

// loadBalancerEnds has an end for each subnet of the load balancer.
func (p Path) loadBalancerEnds() []end {
	var ends []end
	unseen := p.unseenACLs()
	for _, subnet := range p.Subnets {
		if !slices.ContainsFunc(ends, func(e end) bool { return e.subnet.ID == subnet.ID }) {
			ends = append(ends, p.end(subnet, p.LoadBalancer.SecurityGroups, unseen, "the network of "+subnet.ID))
		}
	}
	if len(ends) == 0 {
		ends = append(ends, p.end(Subnet{}, p.LoadBalancer.SecurityGroups, "it is not known which network ACL the load balancer has", "the subnets of the load balancer"))
	}
	return ends
}

// instanceEnds has an end for each subnet and set of groups: instances that have
// both in common are alike.
func (p Path) instanceEnds() []end {
	var ends []end
	unseen := p.unseenACLs()
	for _, instance := range p.Instances {
		subnet := p.InstanceSubnets[instance.Subnet]
		subnet.ID = instance.Subnet
		why := unseen
		switch {
		case subnet.ID == "" && instance.ID == "":
			why = "instance_subnet_ids does not say in which subnet the instances are, and so not behind which network ACL"
		case subnet.ID == "":
			why = "neither ec2:DescribeInstances nor instance_subnet_ids tells in which subnet the instances are, and so not behind which network ACL"
		}
		e := p.end(subnet, instance.Groups, why, missesInstanceSubnets)
		if !slices.ContainsFunc(ends, func(o end) bool {
			return o.subnet.ID == e.subnet.ID && o.misses == e.misses && slices.Equal(o.groups, e.groups)
		}) {
			ends = append(ends, e)
		}
	}
	return ends
}

// unseenACLs says why the network ACLs of some subnets are not known: in the same
// words for all of them, so that it is told once.
func (p Path) unseenACLs() string {
	var ids []string
	for _, subnet := range p.Subnets {
		if subnet.ACL == "" {
			ids = append(ids, subnet.ID)
		}
	}
	for _, instance := range p.Instances {
		if p.InstanceSubnets[instance.Subnet].ACL == "" && instance.Subnet != "" {
			ids = append(ids, instance.Subnet)
		}
	}
	slices.Sort(ids)
	verb := "has"
	if ids = slices.Compact(ids); len(ids) > 1 {
		verb = "have"
	}
	return fmt.Sprintf("ec2:DescribeNetworkAcls does not show which network ACL %s %s", someOf(ids), verb)
}

// pair is a node and an instance that talk to each other.
type pair struct {
	loadBalancer, instance int
	// doubt says why it is not sure that they do.
	doubt string
}

// pairs are the ends that talk to each other: all, or with cross-zone load
// balancing switched off those of one zone. Source: "Configure cross-zone load
// balancing", Elastic Load Balancing user guide.
func (p Path) pairs(loadBalancers, instances []end) []pair {
	var all []pair
	for i, lb := range loadBalancers {
		for k, instance := range instances {
			a, b := lb.subnet.Zone, instance.subnet.Zone
			one := pair{loadBalancer: i, instance: k}
			switch {
			case p.CrossZoneUnseen == "" && p.CrossZone, a != "" && a == b, lb.subnet.ID != "" && lb.subnet.ID == instance.subnet.ID:
			case a != "" && b != "" && p.CrossZoneUnseen == "":
				continue
			case p.CrossZoneUnseen != "":
				one.doubt = "it is not known whether cross-zone load balancing is on: " + strings.TrimSuffix(p.CrossZoneUnseen, ".")
			default:
				one.doubt = "cross-zone load balancing is off, and it is not known whether both are in one availability zone"
			}
			all = append(all, one)
		}
	}
	return all
}

// leg is what the flows between load balancer and instances need of one filter:
// that their traffic passes to or from these boxes.
type leg struct {
	hop    Hop
	filter *filter
	// side is the other side: its boxes have no traffic, as each flow has its own.
	side
	here netip.Addr
	// doubt says why it is not sure that the traffic takes this way. What is
	// refused is undecided then.
	doubt string
	// public: the instances' subnet is a public one.
	public bool
	// at are the subnets of the hop, to those of the other side, by the boxes.
	at []string
	to []string
}

// legs are those of one hop. Ends with the same filter and the same other sides
// make one leg, and so one finding. The way between two ends is judged for the
// pairs that there are, never for a node and an instance that do not talk.
//
// Each hop is judged by itself, which decides the whole path: the flow is a union
// of products, one for each pair, and the lemma of the package's documentation
// holds for each. A union over the pairs of one filter is no more than their
// regions together, as long as ends with different partners keep legs of their own.
func (j *pathJudge) legs(hop Hop) ([]leg, error) {
	var legs []leg
	for own, e := range j.own(hop) {
		f, err := j.filterAt(hop, e)
		if err != nil {
			return nil, err
		}
		for _, one := range j.sides(hop, own) {
			one.hop, one.filter, one.here = hop, f, e.host()
			one.public = slices.Contains(j.path.PublicInstanceSubnets, e.subnet.ID) && e.subnet.ID != ""
			one.at = []string{e.subnet.ID}
			if at := slices.IndexFunc(legs, one.same); at >= 0 {
				legs[at].at = withAll(legs[at].at, one.at)
			} else {
				legs = append(legs, one)
			}
		}
	}
	return withoutCertain(legs), nil
}

func (l leg) same(o leg) bool {
	return l.filter == o.filter && l.doubt == o.doubt && l.misses == o.misses && l.public == o.public &&
		slices.EqualFunc(l.boxes, o.boxes, equalBoxes)
}

func equalBoxes(a, b packet.Box) bool {
	return a.Traffic == b.Traffic && a.Addresses == b.Addresses && slices.Equal(a.MemberOf, b.MemberOf)
}

// withoutCertain takes out of doubtful legs what is certain of the same filter.
func withoutCertain(legs []leg) []leg {
	var out []leg
	for _, l := range legs {
		if l.doubt != "" {
			boxes, to := l.boxes, l.to
			l.boxes, l.to = nil, nil
			for i, box := range boxes {
				if !slices.ContainsFunc(legs, func(o leg) bool {
					return o.doubt == "" && o.filter == l.filter && o.misses == "" &&
						slices.ContainsFunc(o.boxes, func(b packet.Box) bool { return equalBoxes(b, box) })
				}) {
					l.boxes, l.to = append(l.boxes, box), append(l.to, to[i])
				}
			}
		}
		if len(l.boxes) > 0 {
			out = append(out, l)
		}
	}
	return out
}

// own are the ends at which a hop is.
func (j *pathJudge) own(hop Hop) []end {
	switch hop {
	case InstanceGroupIn, InstanceSubnetIn, InstanceSubnetOut:
		return j.instances
	default:
		return j.loadBalancers
	}
}

// sides are the other sides of an end, those apart of which something is not known.
func (j *pathJudge) sides(hop Hop, own int) []leg {
	var legs []leg
	for _, pair := range j.pairs {
		mine, other := pair.loadBalancer, j.instances[pair.instance]
		e := j.loadBalancers[pair.loadBalancer]
		if hop == InstanceGroupIn || hop == InstanceSubnetIn || hop == InstanceSubnetOut {
			mine, e, other = pair.instance, j.instances[pair.instance], j.loadBalancers[pair.loadBalancer]
		}
		if mine != own {
			continue
		}
		one := leg{doubt: pair.doubt, side: side{misses: other.misses}}
		var members []string
		switch {
		case hop.onGroup():
			members = other.groups
			if len(members) == 0 && one.doubt == "" {
				one.doubt = groupsUnknown(hop != InstanceGroupIn)
			}
		case e.subnet.ID != "" && e.subnet.ID == other.subnet.ID:
			// Within a subnet there is no network ACL to pass. Source: "Network ACL
			// basics", Amazon VPC user guide.
			continue
		case (e.subnet.ID == "" || other.subnet.ID == "") && one.doubt == "":
			one.doubt = "load balancer and instances may be in one subnet, and within a subnet network ACLs do not apply"
		}
		at := slices.IndexFunc(legs, func(l leg) bool { return l.doubt == one.doubt && l.misses == one.misses })
		if at < 0 {
			at = len(legs)
			legs = append(legs, one)
		}
		for _, box := range other.boxes {
			box.MemberOf = members
			if !slices.ContainsFunc(legs[at].boxes, func(b packet.Box) bool { return equalBoxes(b, box) }) {
				legs[at].boxes = append(legs[at].boxes, box)
				legs[at].to = append(legs[at].to, other.subnet.ID)
			}
		}
		legs[at].peers = append(legs[at].peers, other.peers...)
	}
	return legs
}

// onGroup tells whether security groups decide at a hop.
func (h Hop) onGroup() bool {
	return h == LoadBalancerGroupIn || h == LoadBalancerGroupOut || h == InstanceGroupIn
}

// needOf is what a flow needs of a leg.
func (l leg) needOf(flow Flow, traffic packet.Traffic, row string) Need {
	n := l.need(flow, l.hop, traffic, row)
	n.Here = l.here
	return n
}

// filterAt is the filter of a hop at an end. Each is made once.
func (j *pathJudge) filterAt(hop Hop, e end) (*filter, error) {
	d := hop.Direction()
	if !hop.onGroup() {
		key := string(d) + " " + e.acl.ID + " " + e.acl.Unseen
		return j.filter(key, func() (*filter, error) { return newACLFilter(d, e.acl) })
	}
	key := string(d) + " " + strings.Join(e.groups, " ")
	return j.filter(key, func() (*filter, error) {
		groups := make([]Group, 0, len(e.groups))
		for _, id := range e.groups {
			group, seen := j.path.Groups[id]
			if !seen {
				group = Group{ID: id, Unseen: "its rules were not read"}
			}
			groups = append(groups, group)
		}
		if len(groups) == 0 {
			groups = append(groups, Group{Unseen: groupsUnknown(hop == InstanceGroupIn)})
		}
		return newGroupFilter(d, groups)
	})
}

// groupsUnknown says why the groups of one side are not known.
func groupsUnknown(ofInstances bool) string {
	if ofInstances {
		return "neither ec2:DescribeInstances nor instance_security_group_ids tells which security groups the instances carry"
	}
	return "it is not known which security groups the load balancer carries"
}

func (j *pathJudge) filter(key string, build func() (*filter, error)) (*filter, error) {
	if f, made := j.filters[key]; made {
		return f, nil
	}
	f, err := build()
	if err != nil {
		return nil, err
	}
	j.filters[key] = f
	return f, nil
}

// subnetPair is the ids of two subnets between which there is traffic.
type subnetPair struct{ from, to string }

// pairsOf are the pairs of subnets whose traffic is refused. To security groups
// the subnet does not matter.
func (l leg) pairsOf(refused []packet.Piece) []subnetPair {
	if l.hop.onGroup() {
		return nil
	}
	var pairs []subnetPair
	for i, box := range l.boxes {
		if l.to[i] == "" || !slices.ContainsFunc(refused, func(p packet.Piece) bool { return meet(p.Box.Addresses, box.Addresses) }) {
			continue
		}
		for _, at := range l.at {
			pair := subnetPair{from: at, to: l.to[i]}
			if l.hop.Direction() == wiring.Ingress {
				pair = subnetPair{from: pair.to, to: pair.from}
			}
			if at != "" {
				pairs = withAll(pairs, []subnetPair{pair})
			}
		}
	}
	return pairs
}

// pairWords names pairs briefly: "from subnet-1 and subnet-2 to subnet-3 and from
// subnet-4 to subnet-5".
func pairWords(pairs []subnetPair) string {
	var sources, targets []string
	to := map[string][]string{}
	for _, pair := range pairs {
		sources = withAll(sources, []string{pair.from})
		to[pair.from] = withAll(to[pair.from], []string{pair.to})
	}
	from := map[string][]string{}
	for _, source := range sources {
		slices.Sort(to[source])
		target := someOf(to[source])
		targets = withAll(targets, []string{target})
		from[target] = append(from[target], source)
	}
	var words []string
	for _, target := range targets {
		words = append(words, "from "+someOf(from[target])+" to "+target)
	}
	return and(words)
}

func meet(a, b packet.Addresses) bool {
	return !a.Last.Less(b.First) && !b.Last.Less(a.First)
}
