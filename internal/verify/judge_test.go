// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package verify

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/terraform-clb/terraform-provider-clb/internal/packet"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

func TestRecommendedRulesOfWebAreProved(t *testing.T) {
	t.Parallel()
	for name, q := range map[string]judger{
		"load balancer group": loadBalancerGroup(t, web(), groupRows...),
		"instance group":      instanceGroup(t, "in tcp 8080 from sg-lb", "in tcp 8081 from sg-lb"),
		"nodes":               subnetACL(t, web(), LoadBalancerSubnet, nodeRows...),
		"instances":           subnetACL(t, web(), PrivateInstanceSubnet, instanceRows...),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			answer := judged(t, q, Options{})
			wantProved(t, answer)
			for _, flow := range answer.Flows {
				for _, hop := range flow.Hops {
					if hop.Witness != "" || len(hop.DecidedBy) > 0 || hop.Filter == "" {
						t.Errorf("%s: %+v", flow.Flow, hop)
					}
				}
			}
		})
	}
}

func TestFlowIsAsBadAsItsWorstHop(t *testing.T) {
	t.Parallel()
	q := subnetACL(t, web(), LoadBalancerSubnet, but(nodeRows, nil, "90 deny out tcp 8081 to 10.0.0.0/16")...)
	q.Roles = append(q.Roles, PrivateInstanceSubnet)
	answer := judged(t, q, Options{})
	for _, flow := range answer.Flows {
		if flow.Flow.Kind != HealthCheck {
			continue
		}
		var hops []string
		for _, hop := range flow.Hops {
			hops = append(hops, strings.Join([]string{string(hop.Hop), hop.Filter, string(hop.Verdict), hop.Witness}, " | "))
		}
		want := []string{
			`network ACL of the load balancer's subnet, outbound | acl-1 | refuted | load balancer "web" -> 10.0.0.4:8081`,
			"network ACL of the instances' subnet, inbound | acl-1 | proved | ",
		}
		if flow.Verdict != packet.Refuted || !slices.Equal(hops, want) {
			t.Errorf("%s: %q, want %q", flow.Verdict, hops, want)
		}
		return
	}
	t.Error("no health check was judged")
}

func TestDirectionsThatAreNotKnownAreNotJudged(t *testing.T) {
	t.Parallel()
	q := loadBalancerGroup(t, web())
	q.Directions = []wiring.Direction{wiring.Ingress}
	answer := judged(t, q, Options{})
	if len(answer.Flows) != 1 || answer.Flows[0].Flow.Kind != ClientToListener {
		t.Errorf("judged %+v", answer.Flows)
	}
	q.Directions = nil
	if answer := judged(t, q, Options{}); len(answer.Flows) > 0 {
		t.Errorf("judged %+v", answer.Flows)
	}
}

func TestVerdictLeavesPathMTUDiscoveryAside(t *testing.T) {
	t.Parallel()
	q := instanceGroup(t, "in tcp 8080-8081 from sg-lb")
	q.PathMTUSources = []wiring.Peer{wiring.GroupPeer("sg-lb")}
	answer := judged(t, q, Options{})
	if answer.Verdict() != packet.Proved {
		t.Errorf("%s", answer.Verdict())
	}
	if got := theFinding(t, answer); got.ID != PathMTURefused {
		t.Errorf("%s", got.Sentence)
	}
	for want, verdicts := range map[packet.Verdict][]packet.Verdict{
		packet.Proved:    {packet.Proved, packet.Proved},
		packet.Undecided: {packet.Proved, packet.Undecided},
		packet.Refuted:   {packet.Undecided, packet.Refuted, packet.Proved},
	} {
		var a Answer
		for _, verdict := range verdicts {
			a.Flows = append(a.Flows, FlowVerdict{Verdict: verdict})
		}
		if got := a.Verdict(); got != want {
			t.Errorf("%v: %s, want %s", verdicts, got, want)
		}
	}
}

func TestGroupIsJudgedWithTheOthersOfEachLoadBalancer(t *testing.T) {
	t.Parallel()
	alone, together, hidden := web(), web(), web()
	alone.Name, together.Name, hidden.Name = "alone", "together", "hidden"
	together.SecurityGroups = []string{"sg-lb", "sg-egress"}
	hidden.SecurityGroups = []string{"sg-lb", "sg-unseen"}
	q := loadBalancerGroup(t, web(), "in tcp 80 from 0.0.0.0/0")
	q.LoadBalancers = []wiring.LoadBalancer{alone, together, hidden}
	q.Others = map[string]Group{"sg-egress": groupOf(t, "sg-egress", "out all to 0.0.0.0/0")}
	verdicts := map[string]packet.Verdict{}
	for _, flow := range judged(t, q, Options{}).Flows {
		if flow.Flow.Kind == HealthCheck {
			verdicts[flow.Flow.LoadBalancer] = flow.Verdict
		}
	}
	for label, want := range map[string]packet.Verdict{
		`load balancer "alone"`: packet.Refuted, `load balancer "together"`: packet.Proved, `load balancer "hidden"`: packet.Undecided,
	} {
		if verdicts[label] != want {
			t.Errorf("%s: %s, want %s", label, verdicts[label], want)
		}
	}
}

func TestFindingsAreOrderedAndSaidOnce(t *testing.T) {
	t.Parallel()
	q := instanceGroup(t)
	q.LoadBalancers = append(q.LoadBalancers, q.LoadBalancers[0])
	q.PathMTUSources = []wiring.Peer{wiring.CIDRPeer(wiring.Everyone())}
	var ids []ID
	for _, finding := range flowFindings(judged(t, q, Options{})) {
		ids = append(ids, finding.ID)
	}
	if want := []ID{InstancePort, HealthCheckRefused, PathMTURefused}; !slices.Equal(ids, want) {
		t.Errorf("%v, want %v", ids, want)
	}
}

func TestWhatCannotBeSeenIsToldOnce(t *testing.T) {
	t.Parallel()
	q := instanceGroup(t)
	q.Group.Unseen = "ec2:DescribeSecurityGroupRules is denied"
	q.PathMTUSources = []wiring.Peer{wiring.GroupPeer("sg-lb")}
	q.LoadBalancers = append(q.LoadBalancers, q.LoadBalancers[0])
	got := theFinding(t, judged(t, q, Options{}))
	want := `whether traffic tcp/8080 from "web" to its instances gets through security group sg-app cannot be told: security group sg-app cannot be seen: ec2:DescribeSecurityGroupRules is denied. ` +
		`The same goes for the health check tcp/8081 of load balancer "web" and Path MTU Discovery of load balancer "web".`
	if got.Sentence != want || got.Nature != ReadDenied {
		t.Errorf("%d\n got %s\nwant %s", got.Nature, got.Sentence, want)
	}
}

func TestUnusedAcceptanceIsToldOnlyWhenAllIsDecided(t *testing.T) {
	t.Parallel()
	unused := Options{Accept: []Acceptance{{Finding: HealthCheckRefused, Reason: "none listens", Name: "accept[0]"}}}
	told := func(q judger) bool {
		return slices.ContainsFunc(judged(t, q, unused).Findings, func(f Finding) bool { return f.ID == AcceptanceUnused })
	}
	fine := instanceGroup(t, "in tcp 8080-8081 from sg-lb")
	if !told(fine) {
		t.Error("decided, and not told")
	}
	used := instanceGroup(t, "in tcp 8080 from sg-lb")
	if told(used) {
		t.Error("used, and told as unused")
	}
	undecided := used
	undecided.Group.Unseen = "access was denied"
	if told(undecided) {
		t.Error("undecided, and told")
	}
	oneDirection := loadBalancerGroup(t, web(), groupRows...)
	oneDirection.Directions = []wiring.Direction{wiring.Ingress}
	if told(oneDirection) {
		t.Error("one direction is not known, and told")
	}
}

func TestImpossibleRulesAreErrors(t *testing.T) {
	t.Parallel()
	bad := GroupRule{ID: "sgr-9", Rule: wiring.Rule{Direction: wiring.Ingress, Protocol: "tcp", From: 90, To: 80, Peer: wiring.CIDRPeer(wiring.Everyone())}}
	group := loadBalancerGroup(t, web())
	group.Group.Rules = append(group.Group.Rules, bad)
	instances := instanceGroup(t)
	instances.Group.Rules = append(instances.Group.Rules, bad)
	acl := subnetACL(t, web(), LoadBalancerSubnet)
	acl.ACL.Entries = append(acl.ACL.Entries, ACLEntry{Entry: wiring.Entry{Number: 90, Rule: bad.Rule}})
	for name, q := range map[string]judger{"sgr-9": group, "security group sg-app inbound rule sgr-9": instances, "entry 90": acl} {
		if _, err := q.Judge(Options{}); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWitnessThatDoesNotStandItsCheckIsNeverShown(t *testing.T) {
	t.Parallel()
	need := instanceGroup(t).Needs()[0]
	f := groupFilter(t, wiring.Ingress, groupOf(t, "sg-app"))
	// The second evaluator reads other rules than the first.
	f.groupRules = groupFilter(t, wiring.Ingress, groupOf(t, "sg-app", "in all from sg-lb")).groupRules
	_, findings, err := decide(need, f, newAcceptances(Options{}))
	if err == nil || !strings.Contains(err.Error(), "this is a bug of the provider, please report it with the rules of security group sg-app") {
		t.Errorf("error: %v", err)
	}
	if len(findings) > 0 {
		t.Errorf("shown: %+v", findings)
	}
	f.groupRules = []packet.Rule{{Unknown: packet.ProtocolField | packet.PeerField}}
	if _, _, err := decide(need, f, newAcceptances(Options{})); err == nil {
		t.Error("one refuses, the other cannot tell, and nobody notices")
	}
	acl := aclFilter(t, wiring.Ingress, aclOf(t, "acl-1", "90 deny in all from 0.0.0.0/0"))
	acl.entries = nil
	need = subnetACL(t, web(), PrivateInstanceSubnet).Needs()[0]
	if _, _, err := decide(need, acl, newAcceptances(Options{})); err == nil {
		t.Error("both refuse, but by different rules, and nobody notices")
	}
}

func TestNeedKnowsItsPackets(t *testing.T) {
	t.Parallel()
	need := Need{Region: packet.Region{
		{Traffic: packet.TCP(8080, 8081), Addresses: packet.CIDR(netip.MustParsePrefix("10.0.0.0/16")), MemberOf: []string{"sg-1"}},
		{Traffic: packet.ICMP(3, 4), Addresses: packet.CIDR(netip.MustParsePrefix("10.0.0.0/16"))},
	}}
	inside, outside := netip.MustParseAddr("10.0.1.4"), netip.MustParseAddr("10.1.0.4")
	for _, test := range []struct {
		packet packet.Packet
		want   bool
	}{
		{packet.Packet{Peer: inside, MemberOf: []string{"sg-1"}, Protocol: protocolTCP, Port: 8081}, true},
		{packet.Packet{Peer: inside, MemberOf: []string{"sg-1"}, Protocol: protocolTCP, Port: 8082}, false},
		{packet.Packet{Peer: outside, MemberOf: []string{"sg-1"}, Protocol: protocolTCP, Port: 8081}, false},
		{packet.Packet{Peer: inside, Protocol: protocolTCP, Port: 8081}, false},
		{packet.Packet{Peer: inside, MemberOf: []string{"sg-1"}, Protocol: 17, Port: 8081}, false},
		{packet.Packet{Peer: inside, Protocol: protocolICMP, Type: 3, Code: 4}, true},
		{packet.Packet{Peer: inside, Protocol: protocolICMP, Type: 3, Code: 3}, false},
	} {
		if got := need.has(test.packet); got != test.want {
			t.Errorf("%s: %t, want %t", test.packet, got, test.want)
		}
	}
}

func TestPacketIsWrittenWithWhatIsKnownOfBothSides(t *testing.T) {
	t.Parallel()
	node, instance := netip.MustParseAddr("10.0.1.4"), netip.MustParseAddr("10.0.11.4")
	tcp := func(peer netip.Addr, members ...string) packet.Packet {
		return packet.Packet{Peer: peer, MemberOf: members, Protocol: protocolTCP, Port: 8081}
	}
	icmp := packet.Packet{Peer: node, Protocol: protocolICMP, Type: 3, Code: 4}
	flow := Flow{Kind: HealthCheck, LoadBalancer: `load balancer "web"`, Port: 8081}
	for want, test := range map[string]struct {
		need   Need
		packet packet.Packet
	}{
		"10.0.1.4 -> 10.0.11.4:8081":                             {Need{Flow: flow, Hop: LoadBalancerSubnetOut, Here: node}, tcp(instance)},
		"10.0.1.4 -> an instance, tcp 8081":                      {Need{Flow: flow, Hop: InstanceSubnetIn}, tcp(node)},
		`load balancer "web" -> 10.0.11.4:8081`:                  {Need{Flow: flow, Hop: LoadBalancerSubnetOut}, tcp(instance)},
		"10.0.1.4 (a member of sg-1 and sg-2) -> 10.0.11.4:8081": {Need{Flow: flow, Hop: InstanceGroupIn, Here: instance, Peers: []netip.Addr{node}}, tcp(node, "sg-1", "sg-2")},
		"10.0.1.4 -> 10.0.11.4:8081 (a member of sg-3)":          {Need{Flow: flow, Hop: LoadBalancerGroupOut, Here: node, Peers: []netip.Addr{instance}}, tcp(instance, "sg-3")},
		"10.0.1.4 -> 10.0.11.4, icmp 3/4":                        {Need{Flow: flow, Hop: InstanceSubnetIn, Here: instance}, icmp},
		"10.0.1.4 -> an instance, icmp 3/4":                      {Need{Flow: flow, Hop: InstanceSubnetIn}, icmp},
	} {
		if got := test.need.packetWords(test.packet, packet.Box{Addresses: packet.Anywhere()}); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// TestShadowedByWhatRefuses: an entry in front of ours that refuses a flow is told
// once, and one that refuses nothing is told as what shadows ours.
func TestShadowedByWhatRefuses(t *testing.T) {
	t.Parallel()
	for deny, want := range map[string][]ID{
		"90 deny in tcp 8081 from 10.0.0.0/16": {HealthCheckRefused},
		"90 deny in tcp 22 from 0.0.0.0/0":     {ShadowedEntry},
	} {
		q := subnetACL(t, web(), PrivateInstanceSubnet, deny, "100 allow in tcp 8080 from 10.0.0.0/16", "110 allow in tcp 8081 from 10.0.0.0/16",
			"120 allow in tcp 22 from 10.0.3.0/24", "100 allow out tcp 1024-65535 to 10.0.0.0/16")
		for i := range q.ACL.Entries[1:] {
			q.ACL.Entries[i+1].Origin = Written
		}
		answer, err := q.Judge(Options{})
		if err != nil {
			t.Fatal(err)
		}
		var got []ID
		for _, f := range answer.Findings {
			got = append(got, f.ID)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", deny, got, want)
		}
	}
}
