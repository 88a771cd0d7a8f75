// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package verify

import (
	"slices"
	"strings"
	"testing"

	"github.com/terraform-clb/terraform-provider-clb/internal/packet"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// asked is a question that finds what is broader than recommended.
type asked interface {
	broader(*acceptances) ([]Finding, error)
}

func broaderOf(t *testing.T, q asked, accept ...Acceptance) []Finding {
	t.Helper()
	for i := range accept {
		accept[i].Reason = "known"
	}
	findings, err := q.broader(newAcceptances(Options{Accept: accept}))
	if err != nil {
		t.Fatal(err)
	}
	return findings
}

// wantFinding is what a test expects of the only finding; what is empty or nil is
// not looked at.
type wantFinding struct {
	id       ID
	sentence string
	regions  []string
	blockers []string
	fix      string
}

func wantFindings(t *testing.T, got []Finding, want ...wantFinding) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d findings, want %d: %+v", len(got), len(want), got)
	}
	for i, w := range want {
		f := got[i]
		if f.ID != w.id {
			t.Errorf("%s, want %s", f.ID, w.id)
		}
		if w.sentence != "" && f.Sentence != w.sentence {
			t.Errorf("got  %s\nwant %s", f.Sentence, w.sentence)
		}
		if w.regions != nil && !slices.Equal(f.Regions, w.regions) {
			t.Errorf("open: %q, want %q", f.Regions, w.regions)
		}
		if w.blockers != nil && !slices.Equal(f.Blockers, w.blockers) {
			t.Errorf("opened by %q, want %q", f.Blockers, w.blockers)
		}
		if w.fix != "" && f.Fix != w.fix {
			t.Errorf("got fix  %s\nwant fix %s", f.Fix, w.fix)
		}
		if f.ID.broader() && (f.Row == "" || !strings.Contains(f.Fix, `accept = [{ finding = "`+string(f.ID)+`", reason = "…" }]`)) {
			t.Errorf("no row, or no way past it: %+v", f)
		}
	}
}

func TestLoadBalancerGroupAdmitsMore(t *testing.T) {
	t.Parallel()
	withClients := func(lb wiring.LoadBalancer, clients ...wiring.Clients) wiring.LoadBalancer {
		lb.Clients = clients
		return lb
	}
	office := wiring.Clients{CIDRBlocks: networksOf("203.0.113.0/24")}
	for name, test := range map[string]struct {
		lb    wiring.LoadBalancer
		rules []string
		noVPC bool
		want  []wantFinding
	}{
		"recommended":                   {lb: web(), rules: []string{"in tcp 80 from 0.0.0.0/0"}},
		"nothing":                       {lb: web()},
		"fewer":                         {lb: web(), rules: []string{"in tcp 80 from 10.0.0.0/8", "in tcp 80 from sg-a"}},
		"recommended, internal":         {lb: internalWeb(), rules: []string{"in tcp 80 from 10.0.0.0/16"}},
		"a group, internal, undeclared": {lb: internalWeb(), rules: []string{"in tcp 80 from sg-a", "in tcp 80 from 10.0.3.0/24"}},
		"ping and path MTU discovery":   {lb: internalWeb(), rules: []string{"in icmp 8/-1 from 0.0.0.0/0", "in icmp 3/4 from 0.0.0.0/0", "in icmp 8/0 from sg-a"}},
		"IPv6 does not reach it":        {lb: web(), rules: []string{"in tcp 22 from ::/0", "in all from 2001:db8::/32"}},
		"two halves of everyone":        {lb: web(), rules: []string{"in tcp 80 from 0.0.0.0/1", "in tcp 80 from 128.0.0.0/1"}},
		"ssh": {lb: web(), rules: []string{"in tcp 80 from 0.0.0.0/0", "in tcp 22 from 0.0.0.0/0"}, want: []wantFinding{{
			id:       BroadGroupIn,
			sentence: "Security group sg-lb admits tcp 22 from 0.0.0.0/0, which no load balancer that carries it needs.",
			regions:  []string{"tcp 22 from 0.0.0.0/0"},
			blockers: []string{"security group sg-lb inbound rule sgr-2 (tcp 22 from 0.0.0.0/0)"},
			fix: `Remove rule sgr-2. ` +
				`To live with it, say why: accept = [{ finding = "CLB201", reason = "…" }].`,
		}}},
		"the worst of four is named": {lb: web(), rules: []string{
			"in tcp 443 from sg-a", "in tcp 22 from 10.0.0.0/8", "in tcp 8000-9000 from 0.0.0.0/0", "in udp 53 from 0.0.0.0/0",
		}, want: []wantFinding{{
			id: BroadGroupIn,
			sentence: "Security group sg-lb admits tcp 8000-9000 from 0.0.0.0/0, which no load balancer that carries it needs. " +
				"3 more of its rules are broader than recommended.",
			regions: []string{"tcp 22 from 10.0.0.0/8", "tcp 443 from members of sg-a", "tcp 8000-9000 from 0.0.0.0/0", "udp 53 from 0.0.0.0/0"},
		}}},
		"everyone is worse than many ports": {lb: web(), rules: []string{"in tcp 8000-9000 from 10.0.0.0/8", "in tcp 22 from 0.0.0.0/0"}, want: []wantFinding{{
			id: BroadGroupIn,
			sentence: "Security group sg-lb admits tcp 22 from 0.0.0.0/0, which no load balancer that carries it needs. " +
				"One more of its rules is broader than recommended.",
		}}},
		"the range around the listener": {lb: web(), rules: []string{"in tcp 0-443 from 0.0.0.0/0"}, want: []wantFinding{{
			id:       BroadGroupIn,
			sentence: "Security group sg-lb admits tcp 0-443 from 0.0.0.0/0, which no load balancer that carries it needs.",
			regions:  []string{"tcp 0-79 from 0.0.0.0/0", "tcp 81-443 from 0.0.0.0/0"},
			fix: `Narrow rule sgr-1 to tcp 80 from 0.0.0.0/0. ` +
				`If clients come from there, declare them: clients = [{ lb_ports = [80], cidr_blocks = ["0.0.0.0/0"] }]. ` +
				`To live with it, say why: accept = [{ finding = "CLB201", reason = "…" }].`,
		}}},
		"all traffic": {lb: web(), rules: []string{"in all from 0.0.0.0/0"}, want: []wantFinding{{
			id: BroadGroupIn, sentence: "Security group sg-lb admits all protocols from 0.0.0.0/0, which no load balancer that carries it needs.",
		}}},
		"its own default group rule": {lb: web(), rules: []string{"in all from sg-lb"}, want: []wantFinding{{
			id: BroadGroupIn, sentence: "Security group sg-lb admits all protocols from sg-lb, which no load balancer that carries it needs.",
		}}},
		"an internal one open to everyone": {lb: internalWeb(), rules: []string{"in tcp 80 from 0.0.0.0/0"}, want: []wantFinding{{
			id: BroadGroupIn, regions: []string{"tcp 80 from 0.0.0.0-9.255.255.255", "tcp 80 from 10.1.0.0-255.255.255.255"},
			fix: `Narrow rule sgr-1 to tcp 80 from 10.0.0.0/16. ` +
				`If clients come from there, declare them: clients = [{ lb_ports = [80], cidr_blocks = ["0.0.0.0/0"] }]. ` +
				`To live with it, say why: accept = [{ finding = "CLB201", reason = "…" }].`,
		}}},
		"declared clients": {lb: withClients(web(), office), rules: []string{"in tcp 80 from 203.0.113.0/24"}},
		"declared for everyone": {
			lb: withClients(internalWeb(), wiring.Clients{CIDRBlocks: networksOf("0.0.0.0/0")}), rules: []string{"in tcp 80 from 0.0.0.0/0"},
		},
		"beside the declared clients": {lb: withClients(web(), office), rules: []string{"in tcp 80 from 203.0.113.0/24", "in tcp 80 from 198.51.100.0/24"}, want: []wantFinding{{
			id: BroadGroupIn, regions: []string{"tcp 80 from 198.51.100.0/24"},
		}}},
		"a group that is not declared": {lb: withClients(internalWeb(), wiring.Clients{SecurityGroups: []string{"sg-a"}}), rules: []string{"in tcp 80 from sg-a", "in tcp 80 from sg-b"}, want: []wantFinding{{
			id: BroadGroupIn, sentence: "Security group sg-lb admits tcp 80 from sg-b, which no load balancer that carries it needs.",
			fix: `Narrow rule sgr-2 to tcp 80 from sg-a. ` +
				`If clients come from there, declare them: clients = [{ lb_ports = [80], security_group_ids = ["sg-b"] }]. ` +
				`To live with it, say why: accept = [{ finding = "CLB201", reason = "…" }].`,
		}}},
		"a network in place of the declared group": {lb: withClients(internalWeb(), wiring.Clients{SecurityGroups: []string{"sg-a"}}), rules: []string{"in tcp 80 from 10.0.0.0/16"}, want: []wantFinding{{
			id: BroadGroupIn, regions: []string{"tcp 80 from 10.0.0.0/16"},
		}}},
		"a group of another account": {lb: withClients(internalWeb(), wiring.Clients{SecurityGroups: []string{"123456789012/sg-a"}}), rules: []string{"in tcp 80 from sg-a", "in tcp 80 from 123456789012/sg-a"}},
		"everyone, the VPC not known": {lb: internalWeb(), noVPC: true, rules: []string{"in tcp 80 from 0.0.0.0/0", "in tcp 80 from 10.0.0.0/8"}, want: []wantFinding{{
			id: BroadGroupIn, regions: []string{"tcp 80 from 0.0.0.0/0"}, blockers: []string{"security group sg-lb inbound rule sgr-1 (tcp 80 from 0.0.0.0/0)"},
			fix: `Narrow rule sgr-1 to tcp 80 from the networks of the VPC. ` +
				`To live with it, say why: accept = [{ finding = "CLB201", reason = "…" }].`,
		}}},
		"everyone in two halves, the VPC not known": {lb: internalWeb(), noVPC: true, rules: []string{"in tcp 80 from 0.0.0.0/1", "in tcp 80 from 10.0.0.0/8", "in tcp 80 from 128.0.0.0/1"}, want: []wantFinding{{
			id: BroadGroupIn, regions: []string{"tcp 80 from 0.0.0.0/0"},
			blockers: []string{"security group sg-lb inbound rule sgr-1 (tcp 80 from 0.0.0.0/1)", "security group sg-lb inbound rule sgr-3 (tcp 80 from 128.0.0.0/1)"},
		}}},
		"some network, the VPC not known": {lb: internalWeb(), noVPC: true, rules: []string{"in tcp 80 from 10.0.0.0/8", "in tcp 80 from 0.0.0.0/1", "in tcp 80 from sg-a"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q := loadBalancerGroup(t, test.lb, test.rules...)
			q.LBPorts = []int{80}
			if test.noVPC {
				q.VPC = nil
			}
			wantFindings(t, broaderOf(t, q), test.want...)
		})
	}
}

func TestLoadBalancerGroupLetsOutMore(t *testing.T) {
	t.Parallel()
	unknownInstances := web()
	unknownInstances.InstanceSecurityGroups = nil
	noHealthCheck := web()
	noHealthCheck.HealthCheck = nil
	for name, test := range map[string]struct {
		lb    wiring.LoadBalancer
		rules []string
		want  []wantFinding
	}{
		"recommended":                       {lb: web(), rules: []string{"out tcp 8080 to sg-app", "out tcp 8081 to sg-app"}},
		"both in one":                       {lb: web(), rules: []string{"out tcp 8080-8081 to sg-app"}},
		"the default target":                {lb: noHealthCheck, rules: []string{"out tcp 80 to sg-app"}},
		"instances not known":               {lb: unknownInstances, rules: []string{"out tcp 8080 to sg-x", "out tcp 8081 to 10.0.0.0/8"}},
		"path MTU discovery":                {lb: web(), rules: []string{"out icmp 3/4 to 0.0.0.0/0"}},
		"the default rule of a group, IPv6": {lb: web(), rules: []string{"out all to ::/0"}},
		"the default rule of a group": {lb: web(), rules: []string{"out all to 0.0.0.0/0"}, want: []wantFinding{{
			id: BroadGroupOut, sentence: "Security group sg-lb lets out all protocols to 0.0.0.0/0, which no load balancer that carries it needs.",
			fix: `Narrow rule sgr-1 to tcp 8080 to sg-app and tcp 8081 to sg-app. ` +
				`To live with it, say why: accept = [{ finding = "CLB202", reason = "…" }].`,
		}}},
		"a network in place of the group": {lb: web(), rules: []string{"out tcp 8080 to 10.0.0.0/16"}, want: []wantFinding{{
			id: BroadGroupOut, regions: []string{"tcp 8080 to 10.0.0.0/16"},
		}}},
		"more ports to the group": {lb: web(), rules: []string{"out tcp 8080-9000 to sg-app"}, want: []wantFinding{{
			id: BroadGroupOut, regions: []string{"tcp 8082-9000 to members of sg-app"},
		}}},
		"another group": {lb: web(), rules: []string{"out tcp 8080 to sg-x"}, want: []wantFinding{{
			id: BroadGroupOut, regions: []string{"tcp 8080 to members of sg-x"},
		}}},
		"everyone, instances not known": {lb: unknownInstances, rules: []string{"out tcp 8080 to 0.0.0.0/0", "out tcp 8080 to 10.0.0.0/8"}, want: []wantFinding{{
			id: BroadGroupOut, regions: []string{"tcp 8080 to 0.0.0.0/0"},
			fix: `Narrow rule sgr-1 to tcp 8080 to the security group of the instances. ` +
				`To live with it, say why: accept = [{ finding = "CLB202", reason = "…" }].`,
		}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantFindings(t, broaderOf(t, loadBalancerGroup(t, test.lb, test.rules...)), test.want...)
		})
	}
}

// A group that several load balancers carry is held against what all of them need.
func TestSharedLoadBalancerGroup(t *testing.T) {
	t.Parallel()
	api := wiring.LoadBalancer{
		Name: "api", Internal: true, Listeners: []wiring.Listener{{LBPort: 443, InstancePort: 8443}, {LBPort: 22, InstancePort: 2222}},
		HealthCheck:    &wiring.HealthCheckTarget{Protocol: "TCP", Port: 8443},
		SecurityGroups: []string{"sg-lb"}, InstanceSecurityGroups: []string{"sg-api"},
		Clients: []wiring.Clients{{LBPorts: []int{22}, PrefixLists: []string{"pl-office"}}},
	}
	q := loadBalancerGroup(t, web(),
		"in tcp 80 from 0.0.0.0/0", "in tcp 443 from 10.0.0.0/16", "in tcp 22 from pl-office", "in tcp 22 from 198.51.100.0/24",
		"out tcp 8080-8081 to sg-app", "out tcp 8443 to sg-api", "out tcp 2222 to sg-api", "out tcp 8080 to sg-api")
	q.LoadBalancers = append(q.LoadBalancers, api)
	q.LBPorts = []int{80}
	q.Group.Rules[2].Networks = networksOf("198.51.100.0/24")
	wantFindings(t, broaderOf(t, q), wantFinding{id: BroadGroupOut, regions: []string{"tcp 8080 to members of sg-api"}})

	q.Group.Rules[2].Unknown = packet.NetworksField
	wantFindings(t, broaderOf(t, q),
		wantFinding{id: BroadGroupIn, regions: []string{"tcp 22 from 198.51.100.0/24"}},
		wantFinding{id: BroadGroupOut})

	q.Directions = []wiring.Direction{wiring.Egress}
	wantFindings(t, broaderOf(t, q), wantFinding{id: BroadGroupOut})
	q.LoadBalancers, q.Directions = nil, bothDirections()
	wantFindings(t, broaderOf(t, q))
}

func TestGroupOfBothSides(t *testing.T) {
	t.Parallel()
	lb := web()
	lb.SecurityGroups, lb.InstanceSecurityGroups = []string{"sg-both"}, []string{"sg-both"}
	rules := []string{"in tcp 80 from 0.0.0.0/0", "in tcp 8080 from sg-both", "in tcp 8081 from sg-both", "out tcp 8080-8081 to sg-both"}
	q := loadBalancerGroup(t, lb, rules...)
	q.Group.ID = "sg-both"
	wantFindings(t, broaderOf(t, q))
	// Clients may reach the listener, though its port is the instance port as well.
	lb.Listeners = []wiring.Listener{{LBPort: 8080, InstancePort: 8080}}
	i := InstanceGroup{LoadBalancers: []wiring.LoadBalancer{lb}, Group: groupOf(t, "sg-both", "in tcp 8080 from 0.0.0.0/0")}
	wantFindings(t, broaderOf(t, i))
	i.Group.ID = "sg-other"
	wantFindings(t, broaderOf(t, i), wantFinding{id: BroadInstanceGroup})
}

// Nothing is claimed of what is not known, unless it is so in any case.
func TestBroaderWithUnknowns(t *testing.T) {
	t.Parallel()
	one := func(text string, unknown packet.Field, networks ...string) []GroupRule {
		rules := groupRulesOf(t, text)
		rules[0].Unknown, rules[0].Networks = unknown, networksOf(networks...)
		return rules
	}
	for name, test := range map[string]struct {
		rules []GroupRule
		want  []string
	}{
		"peer":                                 {rules: one("in tcp 22 from 0.0.0.0/0", packet.PeerField)},
		"group":                                {rules: one("in tcp 22 from sg-x", packet.GroupField)},
		"ports":                                {rules: one("in tcp 22 from 0.0.0.0/0", packet.PortsField)},
		"protocol":                             {rules: one("in tcp 22 from 0.0.0.0/0", packet.ProtocolField)},
		"list for a listener":                  {rules: one("in tcp 80 from pl-x", packet.NetworksField)},
		"list for what no listener needs":      {rules: one("in tcp 22 from pl-x", packet.NetworksField), want: []string{"tcp 22 from members of pl-x"}},
		"list for a range around the listener": {rules: one("in tcp 79-81 from pl-x", packet.NetworksField), want: []string{"tcp 79 from members of pl-x", "tcp 81 from members of pl-x"}},
		"list with its networks":               {rules: one("in tcp 22 from pl-x", 0, "198.51.100.0/24", "2001:db8::/32"), want: []string{"tcp 22 from members of pl-x at 198.51.100.0/24"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q := loadBalancerGroup(t, internalWeb())
			q.Group.Rules = test.rules
			findings := broaderOf(t, q)
			if len(test.want) == 0 {
				wantFindings(t, findings)
				return
			}
			wantFindings(t, findings, wantFinding{id: BroadGroupIn, regions: test.want})
		})
	}
}

// What is written and what stands in AWS are told apart, since one of them stops
// a plan. What is derived is never broader.
func TestNatureOfBroader(t *testing.T) {
	t.Parallel()
	q := loadBalancerGroup(t, web(), "in tcp 22 from 0.0.0.0/0", "in tcp 23 from 0.0.0.0/0", "in tcp 24 from 0.0.0.0/0", "in tcp 25 from 0.0.0.0/0")
	for i, origin := range []Origin{Unmanaged, Written, Planned, Derived} {
		q.Group.Rules[i].Origin = origin
	}
	q.Group.Rules[1].ID, q.Group.Rules[1].Name = "", `ingress["telnet"]`
	findings := broaderOf(t, q)
	wantFindings(t, findings,
		wantFinding{id: BroadGroupIn, blockers: []string{
			`security group sg-lb inbound rule (tcp 23 from 0.0.0.0/0), ingress["telnet"] of the configuration`,
			"security group sg-lb inbound rule sgr-3 (tcp 24 from 0.0.0.0/0)",
		}, regions: []string{"tcp 23-24 from 0.0.0.0/0"}},
		wantFinding{id: BroadGroupIn, regions: []string{"tcp 22 from 0.0.0.0/0"}})
	if findings[0].Nature != BroaderWritten || findings[1].Nature != BroaderUnmanaged {
		t.Errorf("natures %v and %v", findings[0].Nature, findings[1].Nature)
	}
	for _, f := range findings {
		if f.About != "sg-lb" {
			t.Errorf("about %s", f.About)
		}
	}
}

// The fix names the setting that removes a rule which nobody manages, for those
// rules alone that it removes.
func TestFixOfUnmanaged(t *testing.T) {
	t.Parallel()
	const (
		setting = `unmanaged_rules = "revoke_broader"`
		accept  = ` To live with it, say why: accept = [{ finding = "CLB203", reason = "…" }].`
	)
	for name, test := range map[string]struct {
		rules  []string
		goes   []int
		origin Origin
		want   string
	}{
		"one":  {rules: []string{"in tcp 8080 from 0.0.0.0/0"}, goes: []int{8080}, want: "Narrow rule sgr-1 to tcp 8080 from sg-lb. If nobody else manages it, " + setting + " removes it." + accept},
		"none": {rules: []string{"in tcp 8080 from 0.0.0.0/0"}, want: "Narrow rule sgr-1 to tcp 8080 from sg-lb." + accept},
		"all": {rules: []string{"in tcp 8080 from 0.0.0.0/0", "in tcp 8081 from 0.0.0.0/0"}, goes: []int{8080, 8081},
			want: "Narrow rule sgr-1 to tcp 8080 from sg-lb, and so on with the others. If nobody else manages them, " + setting + " removes them." + accept},
		"one of two": {rules: []string{"in tcp 8080 from 0.0.0.0/0", "in tcp 8081 from 0.0.0.0/0"}, goes: []int{8081},
			want: "Narrow rule sgr-1 to tcp 8080 from sg-lb, and so on with the others. If nobody else manages rule sgr-2, " + setting + " removes it." + accept},
		"written": {rules: []string{"in tcp 8080 from 0.0.0.0/0"}, goes: []int{8080}, origin: Written, want: "Narrow rule sgr-1 to tcp 8080 from sg-lb." + accept},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q := instanceGroup(t, test.rules...)
			for i := range q.Group.Rules {
				q.Group.Rules[i].Origin = test.origin
			}
			q.Group.RemovedBy = func(rule wiring.Rule) string {
				if slices.Contains(test.goes, rule.From) {
					return setting
				}
				return ""
			}
			wantFindings(t, broaderOf(t, q), wantFinding{id: BroadInstanceGroup, fix: test.want})
		})
	}
}

func TestBroaderAccepted(t *testing.T) {
	t.Parallel()
	q := loadBalancerGroup(t, web(), "in tcp 22-23 from 0.0.0.0/0", "in udp 53 from sg-a")
	wantFindings(t, broaderOf(t, q, Acceptance{Finding: BroadGroupIn}))
	wantFindings(t, broaderOf(t, q, Acceptance{Finding: BroadGroupIn, Protocol: "tcp"}),
		wantFinding{id: BroadGroupIn, regions: []string{"udp 53 from members of sg-a"}})
	wantFindings(t, broaderOf(t, q, Acceptance{Finding: BroadGroupIn, Protocol: "tcp", Ports: true, FromPort: 22, ToPort: 22}, Acceptance{Finding: BroadGroupIn, Protocol: "udp"}),
		wantFinding{id: BroadGroupIn, regions: []string{"tcp 23 from 0.0.0.0/0"}})
	wantFindings(t, broaderOf(t, q, Acceptance{Finding: BroadGroupOut}, Acceptance{Finding: BroadGroupIn, LoadBalancer: "api"}),
		wantFinding{id: BroadGroupIn})
}
