// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package verify_test

import (
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"

	"github.com/terraform-clb/terraform-provider-clb/internal/packet"
	"github.com/terraform-clb/terraform-provider-clb/internal/verify"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// generator makes load balancers whose ports, networks and groups coincide often.
type generator struct{ *rand.Rand }

func newGenerator(seed uint64) generator { return generator{rand.New(rand.NewPCG(seed, 3))} }

func (g generator) oneIn(n int) bool { return g.IntN(n) == 0 }

// some is 1 to most elements, in any order.
func some[T any](g generator, most int, of ...T) []T {
	g.Shuffle(len(of), func(i, k int) { of[i], of[k] = of[k], of[i] })
	return of[:1+g.IntN(min(most, len(of)))]
}

func cidrs(texts ...string) []netip.Prefix {
	var networks []netip.Prefix
	for _, text := range texts {
		networks = append(networks, netip.MustParsePrefix(text))
	}
	return networks
}

// vpc is 1 to 3 networks, two of which lie side by side.
func (g generator) vpc() []netip.Prefix {
	return some(g, 3, cidrs("10.0.0.0/16", "10.1.0.0/16", "172.16.0.0/12", "100.64.0.0/10")...)
}

func (g generator) loadBalancer(name string) wiring.LoadBalancer {
	lb := wiring.LoadBalancer{Name: name, Internal: g.oneIn(2)}
	instancePorts := some(g, 4, 80, 443, 1023, 1024, 8080, 8443, 65535)
	for _, port := range some(g, 5, 25, 80, 443, 1023, 1024, 8080, 65535) {
		lb.Listeners = append(lb.Listeners, wiring.Listener{LBPort: port, InstancePort: instancePorts[g.IntN(len(instancePorts))]})
	}
	switch ports := lb.InstancePorts(); g.IntN(5) {
	case 0:
	case 1, 2:
		lb.HealthCheck = &wiring.HealthCheckTarget{Protocol: "TCP", Port: ports[g.IntN(len(ports))]}
	default:
		lb.HealthCheck = &wiring.HealthCheckTarget{Protocol: "HTTP", Port: []int{22, 80, 8081, 10256}[g.IntN(4)], Path: "/"}
	}
	lb.SecurityGroups = some(g, 3, "sg-lb1", "sg-lb2", "sg-lb3")
	lb.InstanceSecurityGroups = some(g, 3, "sg-i1", "sg-i2", "123456789012/sg-i3")
	if g.oneIn(2) {
		lb.Clients = g.clients(lb.LBPorts())
	}
	return lb
}

func (g generator) clients(ports []int) []wiring.Clients {
	var all []wiring.Clients
	for range 1 + g.IntN(3) {
		var c wiring.Clients
		if g.oneIn(2) {
			c.LBPorts = some(g, 2, slices.Clone(ports)...)
		}
		kind := g.IntN(5)
		if kind == 0 || kind > 2 {
			c.CIDRBlocks = some(g, 3, cidrs("192.0.2.0/24", "192.0.2.128/25", "198.51.100.0/24", "10.0.8.0/24", "203.0.113.7/32", "0.0.0.0/0")...)
		}
		if kind == 1 || kind == 3 {
			c.SecurityGroups = some(g, 2, "sg-c1", "123456789012/sg-c2", "sg-lb1")
		}
		if kind == 2 || kind == 4 {
			c.PrefixLists = []string{"pl-c1"}
		}
		all = append(all, c)
	}
	return all
}

func (g generator) loadBalancers() []wiring.LoadBalancer {
	lbs := []wiring.LoadBalancer{g.loadBalancer("web")}
	if g.oneIn(3) {
		lbs = append(lbs, g.loadBalancer("api"))
	}
	return lbs
}

// table of the load balancer's group, by its scheme.
func groupTable(lb wiring.LoadBalancer, vpc []netip.Prefix) []wiring.Rule {
	if lb.Internal {
		return wiring.InternalLoadBalancerGroup(lb, vpc)
	}
	return wiring.InternetFacingLoadBalancerGroup(lb)
}

func subnetTable(lb wiring.LoadBalancer, role verify.SubnetRole, vpc []netip.Prefix, pathMTU bool) []wiring.Rule {
	var rows, icmp []wiring.Rule
	switch {
	case role == verify.PrivateInstanceSubnet:
		rows, icmp = wiring.PrivateInstanceSubnet(lb, vpc), wiring.InstanceSubnetPathMTUDiscovery(vpc)
	case role == verify.PublicInstanceSubnet:
		rows, icmp = wiring.PublicInstanceSubnet(lb), wiring.InstanceSubnetPathMTUDiscovery([]netip.Prefix{wiring.Everyone()})
	case lb.Internal:
		rows, icmp = wiring.InternalLoadBalancerSubnet(lb, vpc), wiring.LoadBalancerSubnetPathMTUDiscovery(lb, vpc)
	default:
		rows, icmp = wiring.InternetFacingLoadBalancerSubnet(lb, vpc), wiring.LoadBalancerSubnetPathMTUDiscovery(lb, vpc)
	}
	if pathMTU {
		rows = append(rows, icmp...)
	}
	return rows
}

// groupRules are rows as rules of a group, in any order.
func (g generator) groupRules(rows []wiring.Rule) []verify.GroupRule {
	var rules []verify.GroupRule
	for _, row := range wiring.Collapse(rows) {
		rule := verify.GroupRule{Rule: row, Origin: verify.Origin(g.IntN(4))}
		if row.Peer.PrefixList != "" {
			rule.Networks = cidrs("192.0.2.0/25", "10.0.9.0/24")
		}
		rules = append(rules, rule)
	}
	g.Shuffle(len(rules), func(i, k int) { rules[i], rules[k] = rules[k], rules[i] })
	return rules
}

// entries are rows as entries of a network ACL, in any order of their numbers.
func (g generator) entries(t testing.TB, rows []wiring.Rule) []verify.ACLEntry {
	t.Helper()
	var all []verify.ACLEntry
	for _, d := range wiring.Directions() {
		own := wiring.InDirection(wiring.Collapse(rows), d)
		g.Shuffle(len(own), func(i, k int) { own[i], own[k] = own[k], own[i] })
		numbered, err := wiring.Number(own, nil, 100, 10)
		if err != nil {
			t.Fatal(err)
		}
		for _, entry := range numbered {
			all = append(all, verify.ACLEntry{Entry: entry, Origin: verify.Derived})
		}
	}
	return all
}

// question is any of the questions about one resource.
type question interface {
	Judge(verify.Options) (verify.Answer, error)
}

// asked is a question together with what the tests know of it.
type asked struct {
	question
	vpc []netip.Prefix
	// needs are what the flows need, as the tests state it.
	needs []flowNeed
	// filters judge single packets, by the hop.
	filters map[verify.Hop]scanner
	// without is the same question without one of the recommended rows.
	rows    int
	without func(row int) (asked, deleted)
}

// deleted is a row that was taken away.
type deleted struct {
	words     string
	direction wiring.Direction
	admits    scanner
}

// questions are a question of each kind about recommended rules.
func (g generator) questions(t testing.TB) map[string]asked {
	t.Helper()
	return map[string]asked{"load balancer group": g.loadBalancerGroup(), "instance group": g.instanceGroup(), "network ACL": g.subnetACL(t)}
}

func (g generator) loadBalancerGroup() asked {
	q := verify.LoadBalancerGroup{
		LoadBalancers: g.loadBalancers(), VPC: g.vpc(), RespondToPing: g.oneIn(2),
		Group: verify.Group{ID: "sg-lb1", Name: "web", VPCID: "vpc-1"}, Directions: both(),
		Others: map[string]verify.Group{"sg-lb2": {ID: "sg-lb2", VPCID: "vpc-1"}, "sg-lb3": {ID: "sg-lb3", VPCID: "vpc-1"}},
	}
	var rows []wiring.Rule
	for _, lb := range q.LoadBalancers {
		rows = append(rows, groupTable(lb, q.VPC)...)
		if q.RespondToPing {
			rows = append(rows, wiring.RespondToPing(lb, q.VPC)...)
		}
	}
	// A listener may have its rules in another group that the load balancer carries.
	q.Group.Rules = g.groupRules(rows)
	return loadBalancerGroupAsked(q)
}

func loadBalancerGroupAsked(q verify.LoadBalancerGroup) asked {
	return asked{
		question: q, vpc: q.VPC,
		needs:   loadBalancerGroupNeeds(q.LoadBalancers, q.VPC),
		filters: map[verify.Hop]scanner{verify.LoadBalancerGroupIn: groupScan(wiring.Ingress, q.Group), verify.LoadBalancerGroupOut: groupScan(wiring.Egress, q.Group)},
		rows:    len(q.Group.Rules),
		without: func(row int) (asked, deleted) {
			gone := q.Group.Rules[row]
			q := q
			q.Group.Rules = slices.Delete(slices.Clone(q.Group.Rules), row, row+1)
			return loadBalancerGroupAsked(q), ruleDeleted(gone)
		},
	}
}

func (g generator) instanceGroup() asked {
	q := verify.InstanceGroup{LoadBalancers: g.loadBalancers(), VPC: g.vpc(), Group: verify.Group{ID: "sg-i1", VPCID: "vpc-1"}}
	var rows []wiring.Rule
	switch g.IntN(3) {
	case 0:
	case 1:
		q.PathMTUSources = wiring.CIDRPeers(q.VPC)
	default:
		for _, lb := range q.LoadBalancers {
			q.PathMTUSources = append(q.PathMTUSources, wiring.GroupPeers(lb.SecurityGroups)...)
		}
	}
	for _, lb := range q.LoadBalancers {
		rows = append(rows, wiring.InstanceGroup(lb, lb.SecurityGroups)...)
	}
	q.Group.Rules = g.groupRules(append(rows, wiring.InstancePathMTUDiscovery(q.PathMTUSources)...))
	return instanceGroupAsked(q)
}

func instanceGroupAsked(q verify.InstanceGroup) asked {
	return asked{
		question: q, vpc: q.VPC,
		needs:   instanceGroupNeeds(q.LoadBalancers, q.VPC, q.PathMTUSources),
		filters: map[verify.Hop]scanner{verify.InstanceGroupIn: groupScan(wiring.Ingress, q.Group)},
		rows:    len(q.Group.Rules),
		without: func(row int) (asked, deleted) {
			gone := q.Group.Rules[row]
			q := q
			q.Group.Rules = slices.Delete(slices.Clone(q.Group.Rules), row, row+1)
			return instanceGroupAsked(q), ruleDeleted(gone)
		},
	}
}

func (g generator) subnetACL(t testing.TB) asked {
	t.Helper()
	q := verify.SubnetACL{
		LoadBalancers: g.loadBalancers(), VPC: g.vpc(), PathMTU: g.oneIn(2), ACL: verify.ACL{ID: "acl-1", VPCID: "vpc-1"}, Directions: both(),
		Roles: some(g, 3, verify.LoadBalancerSubnet, verify.PrivateInstanceSubnet, verify.PublicInstanceSubnet),
	}
	var rows []wiring.Rule
	for _, role := range q.Roles {
		for _, lb := range q.LoadBalancers {
			rows = append(rows, subnetTable(lb, role, q.VPC, q.PathMTU)...)
		}
	}
	q.ACL.Entries = g.entries(t, rows)
	return subnetACLAsked(q)
}

func subnetACLAsked(q verify.SubnetACL) asked {
	in, out := aclScan(wiring.Ingress, q.ACL), aclScan(wiring.Egress, q.ACL)
	return asked{
		question: q, vpc: q.VPC,
		needs:   subnetACLNeeds(q.LoadBalancers, q.VPC, q.Roles, q.PathMTU),
		filters: map[verify.Hop]scanner{verify.LoadBalancerSubnetIn: in, verify.LoadBalancerSubnetOut: out, verify.InstanceSubnetIn: in, verify.InstanceSubnetOut: out},
		rows:    len(q.ACL.Entries),
		without: func(row int) (asked, deleted) {
			gone := q.ACL.Entries[row]
			q := q
			q.ACL.Entries = slices.Delete(slices.Clone(q.ACL.Entries), row, row+1)
			return subnetACLAsked(q), deleted{gone.Describe(), gone.Direction, aclScan(gone.Direction, verify.ACL{Entries: []verify.ACLEntry{gone}})}
		},
	}
}

func ruleDeleted(gone verify.GroupRule) deleted {
	return deleted{gone.Describe(), gone.Direction, groupScan(gone.Direction, verify.Group{Rules: []verify.GroupRule{gone}})}
}

func both() []wiring.Direction {
	directions := wiring.Directions()
	return directions[:]
}

// judged asks and fails on an error.
func judged(t testing.TB, q question) verify.Answer {
	t.Helper()
	answer, err := q.Judge(verify.Options{})
	if err != nil {
		t.Fatalf("%v of %+v", err, q)
	}
	return answer
}

// verdicts are the verdicts by flow.
func verdicts(answer verify.Answer) map[verify.Flow]packet.Verdict {
	all := map[verify.Flow]packet.Verdict{}
	for _, flow := range answer.Flows {
		all[flow.Flow] = flow.Verdict
	}
	return all
}
