// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package verify_test

import (
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/terraform-clb/terraform-provider-clb/internal/packet"
	"github.com/terraform-clb/terraform-provider-clb/internal/verify"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// wild breaks values here and there: what is empty, zero, unknown, of the other
// family, too large or twice there.
type wild struct {
	generator
	// invalid: networks and ids may be zero values, which the provider never passes on. They
	// may lead to an answer without sense, but never to a panic.
	invalid bool
	// rare is how rarely a field is broken.
	rare int
}

func newWild(seed uint64) wild {
	g := newGenerator(seed)
	return wild{g, seed%4 == 0, []int{10, 50, 200, 1000}[g.IntN(4)]}
}

func (w wild) text(good string) string {
	if w.oneIn(w.rare) {
		return some(w.generator, 1, "", " ", "sg-", "/", "a/b/c", "*", "%s%d", "\x00", strings.Repeat("x", 300))[0]
	}
	return good
}

func (w wild) port(good int) int {
	if w.oneIn(w.rare) {
		return some(w.generator, 1, -1, -2, 0, 65535, 65536, 1<<31, -1<<31)[0]
	}
	return good
}

func (w wild) network(good netip.Prefix) netip.Prefix {
	if w.invalid && w.oneIn(w.rare) {
		return some(w.generator, 1, netip.Prefix{}, netip.PrefixFrom(netip.MustParseAddr("10.0.0.0"), 99))[0]
	}
	if w.oneIn(w.rare) {
		return some(w.generator, 1, netip.MustParsePrefix("::/0"), netip.MustParsePrefix("2001:db8::1/128"), netip.MustParsePrefix("::ffff:10.0.0.0/104"),
			netip.MustParsePrefix("10.0.0.7/8"), netip.MustParsePrefix("255.255.255.255/32"))[0]
	}
	return good
}

func (w wild) networks(good []netip.Prefix) []netip.Prefix {
	if w.oneIn(w.rare) {
		return nil
	}
	good = slices.Clone(good)
	for i := range good {
		good[i] = w.network(good[i])
	}
	return good
}

func (w wild) rule(rule wiring.Rule) wiring.Rule {
	rule.Direction = wiring.Direction(w.text(string(rule.Direction)))
	rule.Protocol = wiring.Protocol(w.text(string(rule.Protocol)))
	if w.oneIn(w.rare) {
		rule.Protocol = some[wiring.Protocol](w.generator, 1, "6", "1", "58", "icmpv6", "47", "256", "-1", "-2", "TCP")[0]
	}
	rule.From, rule.To = w.port(rule.From), w.port(rule.To)
	rule.Peer.CIDR = w.network(rule.Peer.CIDR)
	rule.Peer.SecurityGroup = w.text(rule.Peer.SecurityGroup)
	rule.Peer.PrefixList = w.text(rule.Peer.PrefixList)
	return rule
}

func (w wild) unknown() packet.Field {
	if w.oneIn(w.rare) {
		return packet.Field(w.IntN(64))
	}
	return 0
}

func (w wild) groupRules(rules []verify.GroupRule) []verify.GroupRule {
	if w.oneIn(w.rare) {
		return nil
	}
	for range w.IntN(4) {
		rules = append(rules, w.groupRule(w.direction()))
	}
	for i := range rules {
		rules[i].Rule, rules[i].Networks, rules[i].Unknown = w.rule(rules[i].Rule), w.networks(rules[i].Networks), w.unknown()
		rules[i].ID, rules[i].Name = w.text("sgr-1"), w.text("")
	}
	return rules
}

func (w wild) group(group verify.Group) verify.Group {
	group.ID, group.Name, group.VPCID = w.text(group.ID), w.text("default"), w.text(group.VPCID)
	group.Rules, group.Unseen, group.Controller = w.groupRules(group.Rules), w.text(""), w.text("")
	return group
}

func (w wild) acl(acl verify.ACL) verify.ACL {
	acl.ID, acl.Default, acl.Unseen = w.text(acl.ID), w.oneIn(3), w.text("")
	for i := range w.IntN(5) {
		acl.Entries = append(acl.Entries, w.entry(w.port(55+30*i)))
	}
	for i := range acl.Entries {
		e := &acl.Entries[i]
		e.Rule, e.Unknown, e.Number, e.Name = w.rule(e.Rule), w.unknown(), w.port(e.Number), w.text("")
	}
	return acl
}

func (w wild) loadBalancers(lbs []wiring.LoadBalancer) []wiring.LoadBalancer {
	if w.oneIn(w.rare) {
		return nil
	}
	for i := range lbs {
		lb := &lbs[i]
		lb.Name = w.text(lb.Name)
		for k := range lb.Listeners {
			lb.Listeners[k] = wiring.Listener{LBPort: w.port(lb.Listeners[k].LBPort), InstancePort: w.port(lb.Listeners[k].InstancePort)}
		}
		for _, groups := range [][]string{lb.SecurityGroups, lb.InstanceSecurityGroups} {
			for k := range groups {
				if text := w.text(groups[k]); text != "" || w.invalid {
					groups[k] = text
				}
			}
		}
		for k := range lb.Clients {
			lb.Clients[k].CIDRBlocks = w.networks(lb.Clients[k].CIDRBlocks)
		}
		if w.oneIn(w.rare) {
			lb.Listeners, lb.SecurityGroups, lb.InstanceSecurityGroups = nil, nil, nil
		}
	}
	return lbs
}

func (w wild) accept() []verify.Acceptance {
	var all []verify.Acceptance
	for range w.IntN(3) {
		all = append(all, verify.Acceptance{
			Finding: verify.Catalogue()[w.IntN(len(verify.Catalogue()))].ID, Reason: "for a test", LoadBalancer: w.text("w*"), CIDR: w.network(netip.Prefix{}), Protocol: w.text("tcp"),
			Ports: w.oneIn(2), FromPort: w.port(80), ToPort: w.port(443), SecurityGroup: w.text(""), PrefixList: w.text(""), Shared: w.oneIn(2), Name: "accept[0]",
		})
	}
	return all
}

// question is any question with broken values.
func (w wild) question(t testing.TB) question {
	t.Helper()
	switch w.IntN(4) {
	case 0:
		q, _ := w.loadBalancerGroup().question.(verify.LoadBalancerGroup)
		q.LoadBalancers, q.VPC, q.Group, q.LBPorts = w.loadBalancers(q.LoadBalancers), w.networks(q.VPC), w.group(q.Group), []int{w.port(80)}[:w.IntN(2)]
		for id, group := range q.Others {
			q.Others[id] = w.group(group)
		}
		q.Directions = q.Directions[:w.IntN(3)]
		return q
	case 1:
		q, _ := w.instanceGroup().question.(verify.InstanceGroup)
		q.LoadBalancers, q.VPC, q.Group, q.LBPorts = w.loadBalancers(q.LoadBalancers), w.networks(q.VPC), w.group(q.Group), []int{w.port(80)}[:w.IntN(2)]
		for i := range q.PathMTUSources {
			q.PathMTUSources[i].CIDR = w.network(q.PathMTUSources[i].CIDR)
		}
		return q
	case 2:
		q, _ := w.subnetACL(t).question.(verify.SubnetACL)
		q.LoadBalancers, q.VPC, q.ACL, q.LBPorts = w.loadBalancers(q.LoadBalancers), w.networks(q.VPC), w.acl(q.ACL), []int{w.port(80)}[:w.IntN(2)]
		q.Roles = append(q.Roles, verify.SubnetRole(w.text("load_balancer")))[w.IntN(2):]
		q.Directions = q.Directions[:w.IntN(3)]
		return q
	}
	p := w.path(t)
	p.LoadBalancer = append(w.loadBalancers([]wiring.LoadBalancer{p.LoadBalancer}), wiring.LoadBalancer{})[0]
	p.VPC, p.VPCID, p.CrossZoneUnseen, p.ClientsDeclared = w.networks(p.VPC), w.text(p.VPCID), w.text(""), w.oneIn(2)
	for i := range p.Subnets {
		p.Subnets[i] = w.subnet(p.Subnets[i])
	}
	p.Subnets = p.Subnets[:w.IntN(len(p.Subnets)+1)]
	for id, subnet := range p.InstanceSubnets {
		p.InstanceSubnets[id] = w.subnet(subnet)
	}
	for i := range p.Instances {
		instance := &p.Instances[i]
		instance.ID, instance.Subnet = w.text(instance.ID), w.text(instance.Subnet)
		instance.Groups = instance.Groups[:w.IntN(len(instance.Groups)+1)]
	}
	p.Instances = p.Instances[:w.IntN(len(p.Instances)+1)]
	for id, group := range p.Groups {
		if p.Groups[id] = w.group(group); w.oneIn(w.rare) {
			delete(p.Groups, id)
		}
	}
	for id, acl := range p.ACLs {
		if p.ACLs[id] = w.acl(acl); w.oneIn(w.rare) {
			delete(p.ACLs, id)
		}
	}
	if w.oneIn(3) {
		p.SharedBy = map[string][]wiring.LoadBalancer{"sg-lb1": w.loadBalancers([]wiring.LoadBalancer{w.loadBalancer("api")})}
	}
	return p
}

func (w wild) subnet(subnet verify.Subnet) verify.Subnet {
	return verify.Subnet{ID: w.text(subnet.ID), CIDR: w.network(subnet.CIDR), Zone: w.text(subnet.Zone), ACL: w.text(subnet.ACL)}
}

// wantReadable holds whatever an answer says against what a reader may expect.
func wantReadable(t testing.TB, q question, answer verify.Answer) {
	t.Helper()
	for i, f := range answer.Findings {
		if _, known := verify.ParseID(string(f.ID)); !known || f.Sentence == "" || i > 0 && answer.Findings[i-1].ID > f.ID {
			t.Errorf("finding %+v, after %d others", f, i)
		}
		for _, bad := range []string{"%!", "<nil>", "invalid IP", "invalid Prefix", "invalid AddrPort", "[]", "map[", "0x", "panic"} {
			if strings.Contains(f.Detail(""), bad) {
				t.Errorf("%q in: %s\nof %+v", bad, f.Detail(""), q)
			}
		}
	}
	for _, flow := range answer.Flows {
		for _, hop := range flow.Hops {
			if (hop.Verdict == packet.Refuted) != (hop.Witness != "") || hop.Verdict != packet.Proved && len(hop.DecidedBy) == 0 {
				t.Errorf("%s: %+v\nof %+v", flow.Flow, hop, q)
			}
			if rank[hop.Verdict] == 0 || rank[flow.Verdict] > rank[hop.Verdict] {
				t.Errorf("%s is %q with a hop that is %q\nof %+v", flow.Flow, flow.Verdict, hop.Verdict, q)
			}
		}
		if flow.Verdict == packet.Refuted && !slices.ContainsFunc(answer.Findings, func(f verify.Finding) bool { return f.ID == refusedID(flow.Flow.Kind) }) {
			t.Errorf("no finding says that %s is refused\nof %+v", flow.Flow, q)
		}
	}
	if p, ok := q.(verify.Path); ok && (p.Report(answer, verify.Recommended) == "" || p.Diagram(answer) == "") {
		t.Errorf("no report or no diagram\nof %+v", q)
	}
}

// judgeWild asks a question with broken values. An error is about the values and
// never that the provider has a bug.
func judgeWild(t testing.TB, seed uint64) (wasError bool) {
	t.Helper()
	w := newWild(seed)
	q, accept := w.question(t), w.accept()
	defer func() {
		if r := recover(); r != nil {
			t.Fatalf("panic: %v\nof %+v\nseed %d", r, q, seed)
		}
	}()
	answer, err := q.Judge(verify.Options{Accept: accept})
	if err != nil {
		if text := err.Error(); w.invalid {
			return true
		} else if text == "" || strings.Contains(text, "bug of the provider") || strings.Contains(text, "%!") {
			t.Errorf("%v\nof %+v\nseed %d", err, q, seed)
		}
		return true
	}
	if !w.invalid {
		wantReadable(t, q, answer)
	}
	return false
}

// No values, however broken, bring the judging down or make it say nonsense.
func TestBrokenValues(t *testing.T) {
	t.Parallel()
	const questions = 1000
	wrong := 0
	for seed := range uint64(questions) {
		if judgeWild(t, seed<<32+seed) {
			wrong++
		}
		if t.Failed() {
			t.FailNow()
		}
	}
	t.Logf("%d of %d questions are refused", wrong, questions)
	if wrong > questions*9/10 {
		t.Error("hardly a question is judged")
	}
}

// FuzzJudge does the same with questions from anywhere.
func FuzzJudge(f *testing.F) {
	f.Add(uint64(0))
	f.Add(rand.New(rand.NewPCG(1, 1)).Uint64())
	f.Fuzz(func(t *testing.T, seed uint64) { judgeWild(t, seed) })
}
