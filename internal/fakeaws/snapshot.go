// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package fakeaws

import (
	"fmt"
	"slices"
	"strings"
)

// Snapshot returns every fact about every account and region as text, one fact
// a line, sorted. Two snapshots are equal if and only if the worlds are:
// identifiers that change when a thing is made anew (of rules, associations and
// load balancer nodes), the order of creation and what settles by itself
// (pending instances, hidden new resources) are left out.
func (s *Server) Snapshot() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var facts []string
	for at, w := range s.worlds {
		for _, fact := range w.facts() {
			facts = append(facts, at.account+" "+at.region+" "+fact)
		}
	}
	for _, p := range s.peerings {
		facts = append(facts, fmt.Sprintf("peering %s %s", min(p.a, p.b), max(p.a, p.b)))
	}
	slices.Sort(facts)
	if len(facts) == 0 {
		return ""
	}
	return strings.Join(facts, "\n") + "\n"
}

// factList collects the facts about one resource.
type factList struct {
	subject string
	lines   []string
}

func (l *factList) add(format string, args ...any) {
	l.lines = append(l.lines, l.subject+" "+fmt.Sprintf(format, args...))
}

func (l *factList) tags(tags map[string]string) {
	for key, value := range tags {
		l.add("tag %q = %q", key, value)
	}
}

func (w *world) facts() []string {
	var out []string
	collect := func(kind, id string, tell func(l *factList)) {
		l := &factList{subject: kind + " " + id}
		tell(l)
		l.tags(w.tags[id])
		out = append(out, l.lines...)
	}
	for id, v := range w.vpcs {
		collect("vpc", id, v.facts)
	}
	for id, s := range w.subnets {
		collect("subnet", id, func(l *factList) {
			l.add("vpc=%s cidr=%s zone=%s default=%t public=%t", s.vpcID, s.cidr, s.zone, s.defaultForAZ, s.publicIPs)
		})
	}
	for id, t := range w.routeTables {
		collect("route-table", id, t.facts)
	}
	for id, g := range w.gateways {
		collect("internet-gateway", id, func(l *factList) { l.add("vpc=%s", g.vpcID) })
	}
	for id, g := range w.groups {
		collect("security-group", id, func(l *factList) { w.groupFacts(g, l) })
	}
	for id, a := range w.acls {
		collect("network-acl", id, a.facts)
	}
	for id, p := range w.prefixLists {
		if !p.byAWS() {
			collect("prefix-list", id, p.facts)
		}
	}
	for id, i := range w.instances {
		collect("instance", id, func(l *factList) { w.instanceFacts(i, l) })
	}
	for name, lb := range w.loadBalancers {
		collect("load-balancer", name, lb.facts)
	}
	return out
}

func (v *vpc) facts(l *factList) {
	l.add("default=%t", v.isDefault)
	for _, b := range v.blocks {
		if b.associated() {
			l.add("cidr %s", b.cidr)
		}
	}
}

func (t *routeTable) facts(l *factList) {
	l.add("vpc=%s main=%t", t.vpcID, t.main)
	for _, r := range t.routes {
		l.add("route %s to %s", r.destination, r.gatewayID)
	}
	for _, subnetID := range t.associations {
		l.add("subnet %s", subnetID)
	}
}

// sortKey orders rules by their content.
func (r *groupRule) sortKey() string {
	direction := "inbound"
	if r.egress {
		direction = "outbound"
	}
	return fmt.Sprintf("%s %s %05d %05d %s", direction, r.protocol, r.from+1, r.to+1, r.peer())
}

func (k ruleKey) peer() string {
	if k.group != "" {
		return k.userID + "/" + k.group
	}
	return k.cidr4 + k.cidr6 + k.prefixList
}

func (w *world) groupFacts(g *securityGroup, l *factList) {
	l.add("vpc=%s name=%q description=%q", g.vpcID, g.name, g.description)
	for _, r := range g.rules {
		rule := fmt.Sprintf("ingress %s %d-%d from %s", r.protocol, r.from, r.to, r.peer())
		if r.egress {
			rule = fmt.Sprintf("egress %s %d-%d to %s", r.protocol, r.from, r.to, r.peer())
		}
		l.add("%s description=%q", rule, r.description)
		for key, value := range w.tags[r.id] {
			l.add("%s tag %q = %q", rule, key, value)
		}
	}
}

func (a *networkACL) facts(l *factList) {
	l.add("vpc=%s default=%t", a.vpcID, a.isDefault)
	for _, e := range a.entries {
		direction := "ingress"
		if e.Egress {
			direction = "egress"
		}
		detail := ""
		switch {
		case e.hasPorts():
			detail = fmt.Sprintf(" ports %d-%d", e.FromPort, e.ToPort)
		case e.hasICMP():
			detail = fmt.Sprintf(" icmp type %d code %d", e.ICMPType, e.ICMPCode)
		}
		l.add("%s %05d %s protocol %s %s%s%s", direction, e.RuleNumber, e.Action, e.Protocol, e.CIDRBlock, e.IPv6CIDRBlock, detail)
	}
	for _, subnetID := range a.associations {
		l.add("subnet %s", subnetID)
	}
}

func (p *prefixList) facts(l *factList) {
	l.add("name=%q family=%s max=%d", p.name, p.family, p.maxEntries)
	for _, e := range p.versions[p.version] {
		l.add("entry %s description=%q", e.CIDR, e.Description)
	}
}

func (w *world) instanceFacts(i *instance, l *factList) {
	state := "running"
	if i.gone() {
		state = "terminated"
	}
	l.add("state=%s image=%s type=%s", state, i.imageID, i.kind)
	i.classicFacts(l)
	for _, eni := range w.interfacesOf(i.id) {
		l.add("interface %d %s subnet=%s address=%s description=%q", eni.deviceIndex, eni.id, eni.subnetID, eni.address, eni.description)
		for _, group := range eni.groups {
			l.add("interface %d group %s", eni.deviceIndex, group)
		}
		for key, value := range w.tags[eni.id] {
			l.add("interface %d tag %q = %q", eni.deviceIndex, key, value)
		}
	}
}

func (lb *loadBalancer) facts(l *factList) {
	l.add("scheme=%s vpc=%s", lb.scheme, lb.vpcID)
	for _, x := range lb.listeners {
		l.add("listener %d %s to %d %s certificate=%q", x.LoadBalancerPort, x.Protocol, x.InstancePort, x.InstanceProtocol, x.SSLCertificateID)
	}
	h := lb.healthCheck
	l.add("health check %q interval=%d timeout=%d unhealthy=%d healthy=%d", h.Target, h.Interval, h.Timeout, h.UnhealthyThreshold, h.HealthyThreshold)
	for _, zone := range lb.zones {
		l.add("zone %s", zone)
	}
	for _, id := range lb.groups {
		l.add("security group %s", id)
	}
	for _, id := range lb.subnets() {
		l.add("subnet %s", id)
	}
	for _, id := range lb.instances {
		l.add("instance %s", id)
	}
	a := lb.attributes
	l.add("cross-zone=%t draining=%t/%d idle=%d", a.CrossZone.Enabled, a.Draining.Enabled, a.Draining.Timeout, a.Settings.IdleTimeout)
	l.add("access-log=%t bucket=%q prefix=%q interval=%d", a.AccessLog.Enabled, a.AccessLog.S3BucketName, a.AccessLog.S3BucketPrefix, a.AccessLog.EmitInterval)
	for _, x := range a.Additional {
		l.add("attribute %s=%s", x.Key, x.Value)
	}
	l.tags(lb.tags)
}
