// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package verify

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/terraform-clb/terraform-provider-clb/internal/packet"
)

// Diagram is the path as a Mermaid flowchart: the clients, the filters, the load
// balancer and the instances, with what each filter says of the flows that reach
// it. Replies are dotted. What is refused is red, what is undecided grey. All ids
// are ours, and labels are quoted with everything escaped that could end them.
func (p Path) Diagram(a Answer) string {
	d := diagram{answer: a}
	clients := d.node("clients", `(["%s"])`, p.clientWords())
	clientACL := d.node("client_acl", `["%s"]`, d.filters("network ACL", LoadBalancerSubnetIn, p.loadBalancerACLs())+", load balancer subnets")
	groups := groupIDs(p.LoadBalancer.SecurityGroups)
	groupIn := d.node("group_in", `["%s"]`, d.filters("security group", LoadBalancerGroupIn, groups)+", inbound")
	lb := d.node("load_balancer", `(["%s"])`, p.LoadBalancer.Label())
	groupOut := d.node("group_out", `["%s"]`, d.filters("security group", LoadBalancerGroupOut, groups)+", outbound")
	lbACL := d.node("load_balancer_acl", `["%s"]`, d.filters("network ACL", LoadBalancerSubnetOut, p.loadBalancerACLs())+", load balancer subnets")
	instanceACL := d.node("instance_acl", `["%s"]`, d.filters("network ACL", InstanceSubnetIn, nil)+", instance subnets")
	instanceGroup := d.node("instance_group", `["%s"]`, d.filters("security group", InstanceGroupIn, nil)+", inbound")
	instances := d.node("instances", `[["%s"]]`, p.instanceWords())

	listeners, ports := []Kind{ClientToListener}, []Kind{ToInstance, HealthCheck}
	d.edges(clients, clientACL, solid, LoadBalancerSubnetIn, listeners)
	d.edges(clientACL, groupIn, solid, LoadBalancerGroupIn, listeners)
	d.edge(groupIn, lb, solid, "", "")
	d.edges(lb, groupOut, solid, LoadBalancerGroupOut, ports)
	d.edges(groupOut, lbACL, solid, LoadBalancerSubnetOut, ports)
	d.edges(lbACL, instanceACL, solid, InstanceSubnetIn, ports)
	d.edges(instanceACL, instanceGroup, solid, InstanceGroupIn, ports)
	d.edge(instanceGroup, instances, solid, "", "")
	d.edges(instances, instanceACL, dotted, InstanceSubnetOut, []Kind{ReplyToLB})
	d.edges(instanceACL, lbACL, dotted, LoadBalancerSubnetIn, []Kind{ReplyToLB})
	d.edge(lbACL, lb, dotted, "", "")
	d.edges(lb, clientACL, dotted, LoadBalancerSubnetOut, []Kind{ReplyToClient})
	d.edge(clientACL, clients, dotted, "", "")
	return d.text()
}

const (
	solid  = "-->"
	dotted = "-.->"
)

// diagram is a flowchart in the making.
type diagram struct {
	answer       Answer
	nodes, links []string
	// refusedNodes and the others are what is marked, nodes by id and links by number.
	refusedNodes, undecidedNodes []string
	refusedLinks, undecidedLinks []string
}

// node adds a node and returns its id. Form has a place for the label.
func (d *diagram) node(id, form, label string) string {
	d.nodes = append(d.nodes, id+fmt.Sprintf(form, mermaid(label)))
	return id
}

// edge adds an edge. The verdict marks it and the filter to which it leads.
func (d *diagram) edge(from, to, arrow, label string, v packet.Verdict) {
	number := fmt.Sprint(len(d.links))
	switch v {
	case packet.Refuted:
		d.refusedLinks = append(d.refusedLinks, number)
		d.refusedNodes = withAll(d.refusedNodes, []string{to})
	case packet.Undecided:
		d.undecidedLinks = append(d.undecidedLinks, number)
		d.undecidedNodes = withAll(d.undecidedNodes, []string{to})
	}
	if label != "" {
		arrow += `|"` + mermaid(label) + `"|`
	}
	d.links = append(d.links, from+" "+arrow+" "+to)
}

// edges adds an edge for each verdict of a hop on flows of these kinds.
func (d *diagram) edges(from, to, arrow string, hop Hop, kinds []Kind) {
	some := false
	for _, v := range []struct {
		verdict packet.Verdict
		word    string
	}{{packet.Proved, "ok"}, {packet.Refuted, "refused"}, {packet.Undecided, "undecided"}} {
		var flows, by []string
		for _, flow := range d.answer.Flows {
			if !slices.Contains(kinds, flow.Flow.Kind) {
				continue
			}
			if verdict, filters := flow.at(hop); verdict == v.verdict {
				flows = withAll(flows, []string{edgeWords(flow.Flow)})
				by = withAll(by, filters)
			}
		}
		if len(flows) == 0 {
			continue
		}
		label := strings.Join(flows, ", ") + " " + v.word
		if v.verdict == packet.Refuted && len(by) > 0 {
			label += " by " + someOf(by)
		}
		d.edge(from, to, arrow, label, v.verdict)
		some = true
	}
	if !some {
		// No flow asks this filter: ACLs within one subnet, for example.
		d.edge(from, to, arrow, "", "")
	}
}

// at is the verdict on a flow at a hop, and the filters that it is from.
func (f FlowVerdict) at(hop Hop) (verdict packet.Verdict, filters []string) {
	for _, h := range f.Hops {
		if h.Hop != hop {
			continue
		}
		if verdict == "" {
			verdict = packet.Proved
		}
		switch worst := worse(verdict, h.Verdict); {
		case worst != verdict:
			verdict, filters = worst, nil
			fallthrough
		case h.Verdict == verdict:
			if h.Filter != "" {
				filters = withAll(filters, []string{h.Filter})
			}
		}
	}
	return verdict, filters
}

func edgeWords(f Flow) string {
	switch f.Kind {
	case HealthCheck:
		return fmt.Sprintf("health check tcp %d", f.Port)
	case ReplyToClient, ReplyToLB:
		return "replies"
	default:
		return fmt.Sprintf("tcp %d", f.Port)
	}
}

// filters names the filters of a hop: those that a flow has met, or else others.
func (d *diagram) filters(kind string, hop Hop, others []string) string {
	var ids []string
	for _, flow := range d.answer.Flows {
		for _, h := range flow.Hops {
			if h.Hop == hop && h.Filter != "" {
				ids = withAll(ids, []string{h.Filter})
			}
		}
	}
	if len(ids) == 0 {
		ids = others
	}
	switch {
	case len(ids) == 0:
		return kind
	case len(ids) == 1 && !strings.Contains(ids[0], " "):
		return kind + " " + ids[0]
	default:
		return kind + "s " + someOf(ids)
	}
}

// loadBalancerACLs are the ids of the network ACLs of the load balancer's subnets.
func (p Path) loadBalancerACLs() []string {
	var ids []string
	for _, subnet := range p.Subnets {
		if subnet.ACL != "" {
			ids = withAll(ids, []string{subnet.ACL})
		}
	}
	return ids
}

func (p Path) instanceWords() string {
	var ids, subnets []string
	for _, instance := range p.Instances {
		ids = append(ids, cmp.Or(instance.ID, "instances to come"))
		if instance.Subnet != "" {
			subnets = withAll(subnets, []string{instance.Subnet})
		}
	}
	if len(ids) == 0 {
		return "no instances"
	}
	words := someOf(withAll(nil, ids))
	if len(subnets) > 0 {
		words += " in " + someOf(subnets)
	}
	return words
}

func (p Path) clientWords() string {
	if !p.ClientsDeclared {
		return "clients, not declared"
	}
	var names []string
	for _, clients := range p.LoadBalancer.Clients {
		for _, network := range clients.CIDRBlocks {
			names = withAll(names, []string{network.String()})
		}
		names = withAll(names, slices.Concat(clients.SecurityGroups, clients.PrefixLists))
	}
	return "clients: " + someOf(names)
}

// text is the flowchart. It goes downwards: from left to right the nine places shrink
// on a page until nobody can read them.
func (d *diagram) text() string {
	var b strings.Builder
	b.WriteString("flowchart TB\n")
	for _, line := range slices.Concat(d.nodes, d.links) {
		b.WriteString("  " + line + "\n")
	}
	for _, mark := range []struct {
		class, style string
		nodes, links []string
	}{
		{"refused", "stroke:#c00,stroke-width:3px", d.refusedNodes, d.refusedLinks},
		{"undecided", "stroke:#888,stroke-dasharray:4", d.undecidedNodes, d.undecidedLinks},
	} {
		if len(mark.links) > 0 {
			fmt.Fprintf(&b, "  classDef %s %s\n  class %s %s\n  linkStyle %s %s\n",
				mark.class, mark.style, strings.Join(mark.nodes, ","), mark.class, strings.Join(mark.links, ","), mark.style)
		}
	}
	return b.String()
}

// mermaid is a text as it stands in a quoted label: whatever is no plain
// character is written as its number.
func mermaid(text string) string {
	var b strings.Builder
	for _, c := range strings.Join(strings.Fields(text), " ") {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune(" .,:/-", c) {
			b.WriteRune(c)
		} else {
			fmt.Fprintf(&b, "#%d;", c)
		}
	}
	return b.String()
}
