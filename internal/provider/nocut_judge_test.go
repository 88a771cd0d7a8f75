// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/terraform-clb/terraform-provider-clb/internal/fakeaws"
)

// The judge of the no-cut proof decides packets one by one, by reading the rules
// and entries of the double from the first to the last. It shares no code with
// what orders the writes, and none with package packet.

// moment is what counts of a world at one moment.
type moment struct {
	// write is the call that led here.
	write string
	// ports are the listeners' ports of the live load balancer, backends the
	// instance ports and the health check port.
	ports, backends []int
	// filters are the rules and entries in the order in which they decide.
	filters map[filterName][]judgedRule
}

// filterName is a security group or network ACL in one direction.
type filterName struct {
	id     string
	egress bool
}

// judgedRule is a rule or an entry for TCP.
type judgedRule struct {
	number, from, to int
	network          netip.Prefix
	group            string
	allows           bool
}

func (r judgedRule) matches(p judgedPacket) bool {
	if p.port < r.from || p.port > r.to {
		return false
	}
	if r.group != "" {
		return r.group == p.member
	}
	return r.network.Contains(p.peer)
}

// judgedPacket is a TCP packet at one filter.
type judgedPacket struct {
	filter filterName
	peer   netip.Addr
	// member is the security group of the peer.
	member string
	port   int
}

func (p judgedPacket) String() string {
	direction := "inbound"
	if p.filter.egress {
		direction = "outbound"
	}
	return fmt.Sprintf("tcp %d, peer %s %s, %s in %s", p.port, p.peer, p.member, direction, p.filter.id)
}

// passes decides a packet: the first rule that matches.
func (m moment) passes(p judgedPacket) bool {
	for _, rule := range m.filters[p.filter] {
		if rule.matches(p) {
			return rule.allows
		}
	}
	return false
}

// nocutPlaces are the ids of what is judged.
type nocutPlaces struct {
	region, loadBalancer                      string
	balancerGroup, instanceGroup              string
	balancerACL, instanceACL                  string
	balancerNetworks, instanceNetworks, cidrs []netip.Prefix
	// clients and vpc are what the configuration declares before an update: whose
	// packets a listener needs that retires, and where its instances are.
	clients, vpc []netip.Prefix
}

// moment looks at the double.
func (n nocutPlaces) moment(server *fakeaws.Server, write string) moment {
	m := moment{write: write, filters: map[filterName][]judgedRule{}}
	if lb, there := server.LoadBalancer(n.region, n.loadBalancer); there {
		for _, listener := range lb.Listeners {
			m.ports, m.backends = append(m.ports, listener.LoadBalancerPort), append(m.backends, listener.InstancePort)
		}
		var port int
		if _, err := fmt.Sscanf(lb.HealthCheck.Target, "TCP:%d", &port); err != nil {
			panic(err)
		}
		m.backends = append(m.backends, port)
	}
	for _, group := range []string{n.balancerGroup, n.instanceGroup} {
		for _, rule := range server.SecurityGroupRules(n.region, group) {
			if rule.Protocol != "tcp" {
				continue
			}
			judged := judgedRule{from: rule.FromPort, to: rule.ToPort, group: rule.ReferencedGroupID, allows: true}
			if rule.CIDRIPv4 != "" {
				judged.network = netip.MustParsePrefix(rule.CIDRIPv4)
			}
			m.add(filterName{group, rule.Egress}, judged)
		}
	}
	for _, acl := range []string{n.balancerACL, n.instanceACL} {
		for _, entry := range server.NetworkACLEntries(n.region, acl) {
			if entry.CIDRBlock == "" {
				continue
			}
			judged := judgedRule{number: entry.RuleNumber, from: entry.FromPort, to: entry.ToPort, network: netip.MustParsePrefix(entry.CIDRBlock), allows: entry.Action == "allow"}
			switch entry.Protocol {
			case "-1":
				judged.to = 65535
			case "6":
			default:
				continue
			}
			m.add(filterName{acl, entry.Egress}, judged)
		}
	}
	for _, rules := range m.filters {
		slices.SortFunc(rules, func(a, b judgedRule) int { return a.number - b.number })
	}
	return m
}

func (m moment) add(name filterName, rule judgedRule) {
	m.filters[name] = append(m.filters[name], rule)
}

// edges are the addresses and the ports at which any rule or flow begins or ends,
// and those beside them.
func (n nocutPlaces) edges(moments []moment) (peers []netip.Addr, ports []int) {
	networks := slices.Concat(n.balancerNetworks, n.instanceNetworks, n.cidrs)
	ports = []int{1, 1023, 1024, 32768, 65534, 65535}
	for _, m := range moments {
		for _, port := range slices.Concat(m.ports, m.backends) {
			ports = append(ports, port-1, port, port+1)
		}
		for _, rules := range m.filters {
			for _, rule := range rules {
				ports = append(ports, rule.from-1, rule.from, rule.to, rule.to+1)
				if rule.group == "" {
					networks = append(networks, rule.network)
				}
			}
		}
	}
	for _, network := range networks {
		first := network.Masked().Addr()
		last := lastAddress(network)
		peers = append(peers, first.Prev(), first, last, last.Next())
	}
	peers = slices.DeleteFunc(peers, func(a netip.Addr) bool { return !a.IsValid() })
	ports = slices.DeleteFunc(ports, func(port int) bool { return port < 1 || port > 65535 })
	slices.SortFunc(peers, netip.Addr.Compare)
	slices.Sort(ports)
	return slices.Compact(peers), slices.Compact(ports)
}

func lastAddress(network netip.Prefix) netip.Addr {
	bytes := network.Masked().Addr().As4()
	for bit := network.Bits(); bit < 32; bit++ {
		bytes[bit/8] |= 0x80 >> (bit % 8)
	}
	return netip.AddrFrom4(bytes)
}

// denies tells whether an entry of a network ACL that denies decides a packet, and
// not the final one.
func (m moment) denies(p judgedPacket) bool {
	for _, rule := range m.filters[p.filter] {
		if rule.matches(p) {
			return !rule.allows && rule.number < 32767
		}
	}
	return false
}

// needed are the packets of every flow that the live load balancer needs, if its
// clients are in some networks and its instances in others.
func (n nocutPlaces) needed(m moment, peers []netip.Addr, ports []int, clients, vpc []netip.Prefix) (packets []judgedPacket) {
	within := func(networks []netip.Prefix) []netip.Addr {
		return slices.DeleteFunc(slices.Clone(peers), func(a netip.Addr) bool {
			return !slices.ContainsFunc(networks, func(network netip.Prefix) bool { return network.Contains(a) })
		})
	}
	ephemeral := slices.DeleteFunc(slices.Clone(ports), func(port int) bool { return port < 1024 })
	in, out := func(id string) filterName { return filterName{id, false} }, func(id string) filterName { return filterName{id, true} }
	add := func(filter filterName, peers []netip.Addr, member string, ports ...int) {
		for _, peer := range peers {
			for _, port := range ports {
				packets = append(packets, judgedPacket{filter, peer, member, port})
			}
		}
	}
	// The whole VPC is on both sides: nodes and instances come and go.
	inside, outside := within(vpc), within(clients)
	add(in(n.balancerGroup), outside, "", m.ports...)
	add(in(n.balancerACL), outside, "", m.ports...)
	add(out(n.balancerACL), outside, "", ephemeral...)
	add(out(n.balancerGroup), inside, n.instanceGroup, m.backends...)
	add(out(n.balancerACL), inside, "", m.backends...)
	add(in(n.instanceACL), inside, "", m.backends...)
	add(in(n.instanceGroup), inside, n.balancerGroup, m.backends...)
	add(out(n.instanceACL), inside, "", ephemeral...)
	add(in(n.balancerACL), inside, "", ephemeral...)
	return packets
}

// verdict is what the judge has seen in an update.
type verdict struct {
	// judged counts the pairs of a packet and a moment.
	judged int
	// retired counts those of them that do not pass at last, because a listener or
	// the health check has moved.
	retired int
	// cuts are the packets that did not pass.
	cuts []string
}

// judge decides every packet at every moment: what passes at first has to pass as
// long as the live load balancer needs it. What does not pass at last, although the
// load balancer needs it then too or an entry of the configuration denies it, the
// configuration itself has closed.
func (n nocutPlaces) judge(first, last moment, between []moment) (v verdict) {
	peers, ports := n.edges(append([]moment{first, last}, between...))
	everyone := prefixes("0.0.0.0/0")
	inTheEnd := map[judgedPacket]bool{}
	for _, p := range n.needed(last, peers, ports, everyone, n.cidrs) {
		inTheEnd[p] = true
	}
	stay, retire := map[string][]judgedPacket{}, map[string][]judgedPacket{}
	for _, m := range between {
		key := fmt.Sprint(m.ports, m.backends)
		if _, known := stay[key]; !known {
			stay[key] = slices.DeleteFunc(n.needed(m, peers, ports, everyone, n.cidrs), func(p judgedPacket) bool { return !first.passes(p) || !last.passes(p) })
			retire[key] = slices.DeleteFunc(n.needed(m, peers, ports, n.clients, n.vpc), func(p judgedPacket) bool {
				return !first.passes(p) || last.passes(p) || inTheEnd[p] || last.denies(p)
			})
		}
		v.retired += len(retire[key])
		for _, p := range slices.Concat(stay[key], retire[key]) {
			v.judged++
			if !m.passes(p) {
				v.cuts = append(v.cuts, fmt.Sprintf("%s: %s", m.write, p))
			}
		}
	}
	return v
}
