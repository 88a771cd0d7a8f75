// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package verify_test

import (
	"maps"
	"net/netip"
	"slices"
	"testing"

	"github.com/terraform-clb/terraform-provider-clb/internal/packet"
	"github.com/terraform-clb/terraform-provider-clb/internal/verify"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// Laws that hold between the answers to two questions.

// rank orders verdicts from bad to good.
var rank = map[packet.Verdict]int{packet.Refuted: 1, packet.Undecided: 2, packet.Proved: 3}

// groupRule is any rule of a security group, mostly near the edges of what load
// balancers need.
func (g generator) groupRule(d wiring.Direction) verify.GroupRule {
	rule := verify.GroupRule{Rule: g.rule(d), Origin: verify.Origin(g.IntN(4))}
	switch g.IntN(6) {
	case 0, 1:
		rule.Peer = wiring.GroupPeer(some(g, 1, "sg-lb1", "sg-lb2", "123456789012/sg-lb3", "sg-i1", "sg-i2", "sg-c1", "sg-other")[0])
	case 2:
		rule.Peer, rule.Networks = wiring.PrefixListPeer("pl-c1"), some(g, 2, cidrs("192.0.2.0/25", "10.0.0.0/9", "2001:db8::/32")...)
	}
	return rule
}

func (g generator) rule(d wiring.Direction) wiring.Rule {
	rule := wiring.Rule{Direction: d, Protocol: wiring.TCP, Peer: wiring.CIDRPeer(some(g, 1, cidrs(
		"0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1", "10.0.0.0/8", "10.0.0.0/15", "10.0.0.0/16", "10.0.128.0/17", "10.1.0.0/16", "10.0.8.0/24", "172.16.0.0/13", "100.64.0.0/10",
		"192.0.2.0/24", "192.0.2.64/26", "203.0.113.7/32", "203.0.113.6/31", "::/0", "2001:db8::/32")...)[0])}
	ports := []int{0, 21, 22, 25, 79, 80, 81, 443, 444, 1022, 1023, 1024, 1025, 8079, 8080, 8081, 8443, 10256, 32768, 65534, 65535}
	rule.From, rule.To = ports[g.IntN(len(ports))], ports[g.IntN(len(ports))]
	rule.From, rule.To = min(rule.From, rule.To), max(rule.From, rule.To)
	switch g.IntN(12) {
	case 0:
		rule.Protocol, rule.From, rule.To = wiring.AllProtocols, -1, -1
	case 1:
		rule.Protocol, rule.From, rule.To = wiring.ICMP, []int{-1, 3, 8}[g.IntN(3)], -1
	case 2:
		rule.Protocol, rule.From, rule.To = wiring.ICMP, 3, 4
	case 3:
		rule.Protocol = "udp"
	case 4:
		rule.To = rule.From
	}
	return rule
}

func (g generator) direction() wiring.Direction { return wiring.Directions()[g.IntN(2)] }

// entry is any entry of a network ACL; most of them deny.
func (g generator) entry(number int) verify.ACLEntry {
	return verify.ACLEntry{Entry: wiring.Entry{Rule: g.rule(g.direction()), Number: number}, Deny: !g.oneIn(3), Origin: verify.Origin(g.IntN(4))}
}

// changed is a question with other rules: those of a group are changed by one
// function, the entries of a network ACL by the other.
func (a asked) changed(rules func([]verify.GroupRule) []verify.GroupRule, entries func([]verify.ACLEntry) []verify.ACLEntry) asked {
	switch q := a.question.(type) {
	case verify.LoadBalancerGroup:
		q.Group.Rules = rules(slices.Clone(q.Group.Rules))
		return loadBalancerGroupAsked(q)
	case verify.InstanceGroup:
		q.Group.Rules = rules(slices.Clone(q.Group.Rules))
		return instanceGroupAsked(q)
	case verify.SubnetACL:
		q.ACL.Entries = entries(slices.Clone(q.ACL.Entries))
		return subnetACLAsked(q)
	}
	return a
}

// disturbed is a question about rules of which some are missing and others are
// there that nobody asked for.
func (g generator) disturbed(a asked) asked {
	return a.changed(func(rules []verify.GroupRule) []verify.GroupRule {
		rules = slices.DeleteFunc(rules, func(verify.GroupRule) bool { return g.oneIn(4) })
		for range g.IntN(8) {
			rules = append(rules, g.groupRule(g.direction()))
		}
		return rules
	}, func(entries []verify.ACLEntry) []verify.ACLEntry {
		entries = slices.DeleteFunc(entries, func(verify.ACLEntry) bool { return g.oneIn(4) })
		for i := range g.IntN(6) {
			entries = append(entries, g.entry(55+30*i))
		}
		return entries
	})
}

// each runs a check on questions about recommended and about disturbed rules.
func each(t *testing.T, seed uint64, check func(g generator, kind string, a asked)) {
	t.Helper()
	for i := range uint64(40) {
		g := newGenerator(seed<<32 + i)
		questions := g.questions(t)
		for _, kind := range slices.Sorted(maps.Keys(questions)) {
			check(g, kind, questions[kind])
			check(g, kind, g.disturbed(questions[kind]))
		}
	}
}

// sameVerdicts fails if a change that means nothing changes a verdict.
func sameVerdicts(t *testing.T, law, kind string, before, after asked) {
	t.Helper()
	was, is := verdicts(judged(t, before.question)), verdicts(judged(t, after.question))
	if !maps.Equal(was, is) {
		t.Fatalf("%s of a %s changes\n%v to\n%v\nof %+v", law, kind, was, is, before.question)
	}
}

// neverWorse fails if a change that only helps makes a verdict worse.
func neverWorse(t *testing.T, law, kind string, before, after asked) {
	t.Helper()
	was, is := verdicts(judged(t, before.question)), verdicts(judged(t, after.question))
	for flow, verdict := range is {
		if then, there := was[flow]; there && rank[verdict] < rank[then] {
			t.Fatalf("%s of a %s turns %s from %s to %s\nof %+v", law, kind, flow, then, verdict, before.question)
		}
	}
}

// Whatever the rules are, each flow has the verdict of the scan.
func TestAnyRulesAgreeWithTheScan(t *testing.T) {
	t.Parallel()
	seen := map[packet.Verdict]int{}
	for seed := range uint64(200) {
		g := newGenerator(seed<<32 + 1)
		for kind, a := range g.questions(t) {
			a = g.disturbed(a)
			answer := judged(t, a.question)
			want, refused := a.decide()
			got := verdicts(answer)
			for flow, verdict := range want {
				if seen[verdict]++; got[flow] != verdict {
					t.Fatalf("%s: %s is %s, by the scan %s: %v\nof %+v\n%s", kind, flow, got[flow], verdict, refused[flow], a.question, sentences(answer))
				}
			}
			if len(got) != len(want) {
				t.Fatalf("%s: the flows are %v, want %v", kind, got, want)
			}
			for _, flow := range answer.Flows {
				for _, hop := range flow.Hops {
					if hop.Verdict == packet.Refuted && !slices.ContainsFunc(a.shownPackets(t, hop), a.filters[hop.Hop].stop) {
						t.Fatalf("%s: %s shows %q, which passes\nof %+v", kind, flow.Flow, hop.Witness, a.question)
					}
				}
			}
		}
	}
	t.Log(seen)
	for _, verdict := range []packet.Verdict{packet.Proved, packet.Refuted, packet.Undecided} {
		if seen[verdict] < 15 {
			t.Errorf("only %d flows are %s", seen[verdict], verdict)
		}
	}
}

func halves(network netip.Prefix) []netip.Prefix {
	if network.IsSingleIP() {
		return []netip.Prefix{network}
	}
	lower := netip.PrefixFrom(network.Addr(), network.Bits()+1)
	bytes := network.Addr().AsSlice()
	bytes[network.Bits()/8] |= 0x80 >> (network.Bits() % 8)
	upper, _ := netip.AddrFromSlice(bytes)
	return []netip.Prefix{lower, netip.PrefixFrom(upper, network.Bits()+1)}
}

func TestSplittingACIDRChangesNoVerdict(t *testing.T) {
	t.Parallel()
	each(t, 1, func(_ generator, kind string, a asked) {
		split := a.changed(func(rules []verify.GroupRule) []verify.GroupRule {
			var all []verify.GroupRule
			for _, rule := range rules {
				if !rule.Peer.CIDR.IsValid() {
					all = append(all, rule)
					continue
				}
				for _, half := range halves(rule.Peer.CIDR) {
					rule.Peer.CIDR = half
					all = append(all, rule)
				}
			}
			return all
		}, func(entries []verify.ACLEntry) []verify.ACLEntry {
			var all []verify.ACLEntry
			for _, entry := range entries {
				for i, half := range halves(entry.Peer.CIDR) {
					entry.Peer.CIDR, entry.Number = half, entry.Number+i
					all = append(all, entry)
				}
			}
			return all
		})
		sameVerdicts(t, "splitting every CIDR", kind, a, split)
	})
}

func TestOrderAndNumbersChangeNoVerdict(t *testing.T) {
	t.Parallel()
	each(t, 2, func(g generator, kind string, a asked) {
		first, step := 1+g.IntN(50), 1+g.IntN(7)
		sameVerdicts(t, "permuting and renumbering", kind, a, a.changed(func(rules []verify.GroupRule) []verify.GroupRule {
			g.Shuffle(len(rules), func(i, k int) { rules[i], rules[k] = rules[k], rules[i] })
			return rules
		}, func(entries []verify.ACLEntry) []verify.ACLEntry {
			for i := range entries {
				entries[i].Number = first + entries[i].Number*step
			}
			g.Shuffle(len(entries), func(i, k int) { entries[i], entries[k] = entries[k], entries[i] })
			return entries
		}))
	})
}

func TestAnUnrelatedRuleChangesNoVerdict(t *testing.T) {
	t.Parallel()
	each(t, 3, func(g generator, kind string, a asked) {
		unrelated := some(g, 1,
			wiring.Rule{Protocol: "udp", From: 0, To: 65535, Peer: wiring.CIDRPeer(wiring.Everyone())},
			wiring.Rule{Protocol: wiring.TCP, From: 0, To: 65535, Peer: wiring.CIDRPeer(netip.MustParsePrefix("::/0"))},
			wiring.Rule{Protocol: wiring.TCP, From: 2, To: 20, Peer: wiring.CIDRPeer(wiring.Everyone())},
			wiring.Rule{Protocol: wiring.ICMP, From: 3, To: 3, Peer: wiring.CIDRPeer(wiring.Everyone())},
		)[0]
		unrelated.Direction = g.direction()
		sameVerdicts(t, "adding an unrelated rule", kind, a, a.changed(func(rules []verify.GroupRule) []verify.GroupRule {
			return append(rules, verify.GroupRule{Rule: unrelated})
		}, func(entries []verify.ACLEntry) []verify.ACLEntry {
			return append(entries, verify.ACLEntry{Entry: wiring.Entry{Rule: unrelated, Number: 1 + g.IntN(40)}, Deny: g.oneIn(2)})
		}))
	})
}

func TestAddingAnAllowNeverRefutes(t *testing.T) {
	t.Parallel()
	each(t, 4, func(g generator, kind string, a asked) {
		neverWorse(t, "adding an allow", kind, a, a.changed(func(rules []verify.GroupRule) []verify.GroupRule {
			return append(rules, g.groupRule(g.direction()))
		}, func(entries []verify.ACLEntry) []verify.ACLEntry {
			entry := g.entry(1 + g.IntN(40))
			entry.Deny = false
			return append(entries, entry)
		}))
	})
}

// Fewer clients, or fewer of their addresses, need less.
func TestNarrowingTheClientsNeverRefutes(t *testing.T) {
	t.Parallel()
	narrowed := 0
	each(t, 5, func(g generator, kind string, a asked) {
		narrow := func(lbs []wiring.LoadBalancer) []wiring.LoadBalancer {
			lbs = slices.Clone(lbs)
			for i := range lbs {
				clients := slices.Clone(lbs[i].Clients)
				for k := range clients {
					c := &clients[k]
					for n, network := range c.CIDRBlocks {
						c.CIDRBlocks = slices.Clone(c.CIDRBlocks)
						c.CIDRBlocks[n] = halves(network)[0]
						narrowed++
					}
					if len(c.CIDRBlocks) > 0 && g.oneIn(2) {
						c.SecurityGroups, c.PrefixLists = nil, nil
					}
				}
				lbs[i].Clients = clients
			}
			return lbs
		}
		var after asked
		switch q := a.question.(type) {
		case verify.LoadBalancerGroup:
			q.LoadBalancers = narrow(q.LoadBalancers)
			after = loadBalancerGroupAsked(q)
		case verify.SubnetACL:
			q.LoadBalancers = narrow(q.LoadBalancers)
			after = subnetACLAsked(q)
		default:
			return
		}
		neverWorse(t, "narrowing the clients", kind, a, after)
	})
	if narrowed < 50 {
		t.Errorf("only %d networks were narrowed", narrowed)
	}
}

// What is not known yet can only make a verdict undecided, never turn it round:
// whatever an unknown field turns out to be, the verdict may only become decided.
func TestAnUnknownFieldNeverTurnsAVerdictRound(t *testing.T) {
	t.Parallel()
	undecided := 0
	each(t, 6, func(g generator, kind string, a asked) {
		unknown := a.changed(func(rules []verify.GroupRule) []verify.GroupRule {
			for i := range rules {
				if g.oneIn(4) {
					rules[i].Unknown = some(g, 1, packet.ProtocolField, packet.PortsField, packet.PeerField, packet.PortsField|packet.PeerField)[0]
				}
			}
			return rules
		}, func(entries []verify.ACLEntry) []verify.ACLEntry {
			for i := range entries {
				if g.oneIn(6) {
					entries[i].Unknown = some(g, 1, packet.ProtocolField, packet.PortsField, packet.PeerField, packet.ActionField)[0]
				}
			}
			return entries
		})
		was, is := verdicts(judged(t, a.question)), verdicts(judged(t, unknown.question))
		for flow, verdict := range is {
			if verdict == packet.Undecided {
				undecided++
			} else if was[flow] != verdict {
				t.Fatalf("%s: %s is %s with unknown fields, and %s when they are known\nof %+v", kind, flow, verdict, was[flow], unknown.question)
			}
		}
	})
	if undecided < 50 {
		t.Errorf("only %d flows were undecided", undecided)
	}
}
