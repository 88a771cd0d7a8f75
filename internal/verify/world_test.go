// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package verify

import (
	"net/netip"
	"strconv"
	"strings"
	"testing"

	"github.com/terraform-clb/terraform-provider-clb/internal/packet"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// Rules of the tests are written as a reader would say them: "in tcp 80 from
// 10.0.0.0/8", "out all to sg-1", "90 deny out tcp 8081 to 0.0.0.0/0".

func groupRulesOf(t *testing.T, texts ...string) []GroupRule {
	t.Helper()
	var rules []GroupRule
	for i, text := range texts {
		rules = append(rules, GroupRule{Rule: ruleOf(t, strings.Fields(text)), ID: "sgr-" + strconv.Itoa(i+1)})
	}
	return rules
}

func groupOf(t *testing.T, id string, rules ...string) Group {
	t.Helper()
	return Group{ID: id, Rules: groupRulesOf(t, rules...)}
}

func aclOf(t *testing.T, id string, entries ...string) ACL {
	t.Helper()
	acl := ACL{ID: id}
	for _, text := range entries {
		words := strings.Fields(text)
		number, err := strconv.Atoi(words[0])
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		acl.Entries = append(acl.Entries, ACLEntry{
			Entry: wiring.Entry{Number: number, Rule: ruleOf(t, words[2:])},
			Deny:  words[1] == "deny",
		})
	}
	return acl
}

func ruleOf(t *testing.T, words []string) wiring.Rule {
	t.Helper()
	rule := wiring.Rule{Direction: wiring.Ingress, Protocol: wiring.Protocol(words[1])}
	if words[0] == "out" {
		rule.Direction = wiring.Egress
	}
	if words[1] == "all" {
		rule.Protocol, rule.From, rule.To = wiring.AllProtocols, -1, -1
	} else {
		separator := "-"
		if strings.HasPrefix(words[1], "icmp") {
			separator = "/"
		}
		from, to, ranged := strings.Cut(words[2], separator)
		if !ranged {
			to = from
		}
		var err error
		if rule.From, err = strconv.Atoi(from); err != nil {
			t.Fatalf("%q: %v", words, err)
		}
		if rule.To, err = strconv.Atoi(to); err != nil {
			t.Fatalf("%q: %v", words, err)
		}
	}
	switch peer := words[len(words)-1]; {
	case strings.Contains(peer, "sg-"):
		rule.Peer = wiring.GroupPeer(peer)
	case strings.HasPrefix(peer, "pl-"):
		rule.Peer = wiring.PrefixListPeer(peer)
	default:
		rule.Peer = wiring.CIDRPeer(netip.MustParsePrefix(peer))
	}
	return rule
}

func networksOf(texts ...string) []netip.Prefix {
	var networks []netip.Prefix
	for _, text := range texts {
		networks = append(networks, netip.MustParsePrefix(text))
	}
	return networks
}

// web is an internet-facing load balancer with one listener, 80 to 8080, and its
// health check on 8081.
func web() wiring.LoadBalancer {
	return wiring.LoadBalancer{
		Name:                   "web",
		Listeners:              []wiring.Listener{{LBPort: 80, InstancePort: 8080}},
		HealthCheck:            &wiring.HealthCheckTarget{Protocol: "HTTP", Port: 8081, Path: "/"},
		SecurityGroups:         []string{"sg-lb"},
		InstanceSecurityGroups: []string{"sg-app"},
	}
}

func internalWeb() wiring.LoadBalancer {
	lb := web()
	lb.Internal = true
	return lb
}

func bothDirections() []wiring.Direction { return []wiring.Direction{wiring.Ingress, wiring.Egress} }

// loadBalancerGroup asks about group sg-lb of web in the VPC 10.0.0.0/16.
func loadBalancerGroup(t *testing.T, lb wiring.LoadBalancer, rules ...string) LoadBalancerGroup {
	t.Helper()
	return LoadBalancerGroup{
		LoadBalancers: []wiring.LoadBalancer{lb}, VPC: networksOf("10.0.0.0/16"),
		Group: groupOf(t, "sg-lb", rules...), Directions: bothDirections(),
	}
}

// instanceGroup asks about group sg-app of the instances of web.
func instanceGroup(t *testing.T, rules ...string) InstanceGroup {
	t.Helper()
	return InstanceGroup{
		LoadBalancers: []wiring.LoadBalancer{web()}, VPC: networksOf("10.0.0.0/16"),
		Group: groupOf(t, "sg-app", rules...),
	}
}

// subnetACL asks about network ACL acl-1.
func subnetACL(t *testing.T, lb wiring.LoadBalancer, role SubnetRole, entries ...string) SubnetACL {
	t.Helper()
	return SubnetACL{
		LoadBalancers: []wiring.LoadBalancer{lb}, VPC: networksOf("10.0.0.0/16"), Roles: []SubnetRole{role},
		ACL: aclOf(t, "acl-1", entries...), Directions: bothDirections(),
	}
}

// judger is a question.
type judger interface {
	Judge(Options) (Answer, error)
}

func judged(t *testing.T, q judger, o Options) Answer {
	t.Helper()
	answer, err := q.Judge(o)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

// flowFindings are the findings about flows: those that refute, or cannot decide.
func flowFindings(a Answer) []Finding {
	var findings []Finding
	for _, finding := range a.Findings {
		if strings.HasPrefix(string(finding.ID), "CLB1") || strings.HasPrefix(string(finding.ID), "CLB4") {
			findings = append(findings, finding)
		}
	}
	return findings
}

// theFinding is the only finding about flows.
func theFinding(t *testing.T, a Answer) Finding {
	t.Helper()
	findings := flowFindings(a)
	if len(findings) != 1 {
		t.Fatalf("%d findings about flows, want one: %+v", len(findings), findings)
	}
	return findings[0]
}

// wantProved fails unless every flow is proved, and there are some.
func wantProved(t *testing.T, a Answer) {
	t.Helper()
	if len(a.Flows) == 0 {
		t.Fatal("no flow was judged")
	}
	if a.Verdict() != packet.Proved || len(flowFindings(a)) > 0 {
		t.Fatalf("%s: %+v", a.Verdict(), flowFindings(a))
	}
}
