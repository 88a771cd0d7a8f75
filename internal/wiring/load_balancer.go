// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package wiring

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// LoadBalancer is what the recommended rules follow from.
type LoadBalancer struct {
	// Name is for messages only: no rule depends on it.
	Name string
	// Internal is the scheme: true for an internal load balancer, false for an
	// internet-facing one.
	Internal  bool
	Listeners []Listener
	// HealthCheck is nil when no health check is declared.
	HealthCheck *HealthCheckTarget
	// SecurityGroups are the groups that the load balancer carries.
	SecurityGroups []string
	// InstanceSecurityGroups are the groups of its instances.
	InstanceSecurityGroups []string
	// Clients are the declared clients; without any, the table's source stands.
	Clients []Clients
}

// Listener is the pair of ports of a listener.
type Listener struct {
	LBPort, InstancePort int
}

// Clients declares who the clients of some listeners are.
type Clients struct {
	// LBPorts are the listeners that they use; empty means all.
	LBPorts        []int
	CIDRBlocks     []netip.Prefix
	SecurityGroups []string
	PrefixLists    []string
}

// Label names the load balancer in a message.
func (lb LoadBalancer) Label() string {
	if lb.Name == "" {
		return "the load balancer"
	}
	return fmt.Sprintf("load balancer %q", lb.Name)
}

// Only is the load balancer with the given listeners alone, its health check
// kept. No ports means all listeners.
func (lb LoadBalancer) Only(lbPorts []int) LoadBalancer {
	if len(lbPorts) == 0 {
		return lb
	}
	lb.Listeners = slices.DeleteFunc(slices.Clone(lb.Listeners), func(l Listener) bool {
		return !slices.Contains(lbPorts, l.LBPort)
	})
	return lb
}

// LBPorts are the ports of the listeners, ascending.
func (lb LoadBalancer) LBPorts() []int {
	var ports []int
	for _, l := range lb.Listeners {
		ports = append(ports, l.LBPort)
	}
	slices.Sort(ports)
	return slices.Compact(ports)
}

// InstancePorts are the ports on the instances that the listeners forward to,
// ascending. The health check port is not among them unless it is one of them.
func (lb LoadBalancer) InstancePorts() []int {
	var ports []int
	for _, l := range lb.Listeners {
		ports = append(ports, l.InstancePort)
	}
	slices.Sort(ports)
	return slices.Compact(ports)
}

// healthCheckPorts is the port of the health check, or nothing.
func (lb LoadBalancer) healthCheckPorts() []int {
	if lb.HealthCheck == nil {
		return nil
	}
	return []int{lb.HealthCheck.Port}
}

// HasListener tells whether a listener has this load balancer port.
func (lb LoadBalancer) HasListener(lbPort int) bool {
	return slices.ContainsFunc(lb.Listeners, func(l Listener) bool { return l.LBPort == lbPort })
}

// covers tells whether the declaration speaks of a listener.
func (c Clients) covers(lbPort int) bool {
	return len(c.LBPorts) == 0 || slices.Contains(c.LBPorts, lbPort)
}

// peers are the declared clients as rule peers.
func (c Clients) peers() []Peer {
	peers := CIDRPeers(c.CIDRBlocks)
	for _, group := range c.SecurityGroups {
		peers = append(peers, GroupPeer(group))
	}
	for _, list := range c.PrefixLists {
		peers = append(peers, PrefixListPeer(list))
	}
	return peers
}

// Empty tells whether the declaration names no client at all.
func (c Clients) Empty() bool {
	return len(c.CIDRBlocks)+len(c.SecurityGroups)+len(c.PrefixLists) == 0
}

// clientsOf are the peers that may reach a listener: the declared clients of
// that listener, or the table's source where none is declared.
func (lb LoadBalancer) clientsOf(lbPort int, table []netip.Prefix) (peers []Peer, declared bool) {
	for _, c := range lb.Clients {
		if c.covers(lbPort) {
			declared = true
			peers = append(peers, c.peers()...)
		}
	}
	if !declared {
		return CIDRPeers(table), false
	}
	return peers, true
}

// ClientsOf are the peers that may reach a listener: the declared clients of that
// listener, or the source that the table of the scheme names where none is
// declared, which are the networks of the VPC for an internal load balancer.
func (lb LoadBalancer) ClientsOf(lbPort int, vpc []netip.Prefix) (peers []Peer, declared bool) {
	return lb.clientsOf(lbPort, lb.tableSource(vpc))
}

// DeclaresEveryClient tells whether each listener has declared clients, so that
// no client row needs the table's source.
func (lb LoadBalancer) DeclaresEveryClient() bool {
	for _, port := range lb.LBPorts() {
		if _, declared := lb.clientsOf(port, nil); !declared {
			return false
		}
	}
	return true
}

// Check finds what AWS would refuse in the value or what would make its rules
// ambiguous. Each problem is a sentence that names the attribute and the fix.
func (lb LoadBalancer) Check() []string {
	var problems []string
	report := func(format string, args ...any) {
		problems = append(problems, fmt.Sprintf(format, args...))
	}
	seen := map[int]Listener{}
	for _, l := range lb.Listeners {
		if err := CheckPort(l.LBPort); err != nil {
			report("%s has a listener whose lb_port is %s", lb.Label(), err)
		}
		if err := CheckPort(l.InstancePort); err != nil {
			report("%s has a listener on lb_port %d whose instance_port is %s", lb.Label(), l.LBPort, err)
		}
		if other, double := seen[l.LBPort]; double {
			report("%s has two listeners on lb_port %d (to instance_port %d and %d): AWS allows one listener on a port, remove one of them",
				lb.Label(), l.LBPort, min(other.InstancePort, l.InstancePort), max(other.InstancePort, l.InstancePort))
		}
		seen[l.LBPort] = l
	}
	for i, c := range lb.Clients {
		problems = append(problems, c.check(fmt.Sprintf("clients[%d] of %s", i, lb.Label()), []LoadBalancer{lb})...)
	}
	return problems
}

// CheckClients finds what is wrong with clients that are declared for several
// load balancers at once.
func CheckClients(clients []Clients, lbs []LoadBalancer) []string {
	var problems []string
	for i, c := range clients {
		problems = append(problems, c.check(fmt.Sprintf("clients[%d]", i), lbs)...)
	}
	return problems
}

func (c Clients) check(where string, lbs []LoadBalancer) []string {
	var problems []string
	if c.Empty() {
		problems = append(problems, where+" names no client: set cidr_blocks, security_group_ids or prefix_list_ids, or remove the block")
	}
	for _, port := range c.LBPorts {
		if !slices.ContainsFunc(lbs, func(lb LoadBalancer) bool { return lb.HasListener(port) }) {
			problems = append(problems, fmt.Sprintf("%s has lb_ports %d, which is no listener: %s", where, port, listenerList(lbs)))
		}
	}
	return problems
}

// CheckLBPorts finds ports of lb_ports that are no listener of any load balancer.
func CheckLBPorts(lbPorts []int, lbs []LoadBalancer) []string {
	var problems []string
	for _, port := range lbPorts {
		if !slices.ContainsFunc(lbs, func(lb LoadBalancer) bool { return lb.HasListener(port) }) {
			problems = append(problems, fmt.Sprintf("lb_ports has %d, which is no listener: %s", port, listenerList(lbs)))
		}
	}
	return problems
}

// listenerList says which lb_ports there are: "the listeners are 80, 443".
func listenerList(lbs []LoadBalancer) string {
	var ports []int
	for _, lb := range lbs {
		ports = append(ports, lb.LBPorts()...)
	}
	slices.Sort(ports)
	ports = slices.Compact(ports)
	if len(ports) == 0 {
		return "there is no listener"
	}
	texts := make([]string, 0, len(ports))
	for _, port := range ports {
		texts = append(texts, fmt.Sprint(port))
	}
	return "the listeners are " + strings.Join(texts, ", ")
}

// Facts is a text of all that matters to the rules and the health check: two
// load balancers with equal facts have the same rules. The name, the order of
// sets, the letter case of the health check target and the way in which clients
// are grouped are not in it.
func (lb LoadBalancer) Facts() string {
	listeners := slices.SortedFunc(slices.Values(lb.Listeners), func(a, b Listener) int {
		return cmp.Or(a.LBPort-b.LBPort, a.InstancePort-b.InstancePort)
	})
	var clients []string
	for _, port := range lb.LBPorts() {
		if peers, declared := lb.clientsOf(port, nil); declared {
			clients = append(clients, fmt.Sprint(port, sortedPeers(peers)))
		}
	}
	healthCheck := "none"
	if lb.HealthCheck != nil {
		healthCheck = lb.HealthCheck.String()
	}
	return fmt.Sprintln("internal", lb.Internal, "listeners", listeners, "health check", healthCheck,
		"groups", sorted(lb.SecurityGroups), "instance groups", sorted(lb.InstanceSecurityGroups), "clients", clients)
}

func sorted[T cmp.Ordered](values []T) []T {
	return slices.Compact(slices.Sorted(slices.Values(values)))
}

func sortedPeers(peers []Peer) []string {
	var texts []string
	for _, peer := range peers {
		texts = append(texts, peer.String())
	}
	return sorted(texts)
}
