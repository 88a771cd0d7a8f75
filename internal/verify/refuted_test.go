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

// The rules that AWS recommends for web, row by row.
var (
	groupRows = []string{"in tcp 80 from 0.0.0.0/0", "out tcp 8080 to sg-app", "out tcp 8081 to sg-app"}
	nodeRows  = []string{
		"100 allow in tcp 80 from 0.0.0.0/0", "110 allow in tcp 1024-65535 from 10.0.0.0/16",
		"100 allow out tcp 8080 to 10.0.0.0/16", "110 allow out tcp 8081 to 10.0.0.0/16", "120 allow out tcp 1024-65535 to 0.0.0.0/0",
	}
	instanceRows = []string{
		"100 allow in tcp 8080 from 10.0.0.0/16", "110 allow in tcp 8081 from 10.0.0.0/16", "100 allow out tcp 1024-65535 to 10.0.0.0/16",
	}
)

// but is a list without some of its places, and with more at its end.
func but(rows []string, without []int, more ...string) []string {
	var kept []string
	for i, row := range rows {
		if !slices.Contains(without, i) {
			kept = append(kept, row)
		}
	}
	return append(kept, more...)
}

func TestRefutedFlowIsOneFindingWithPacketRuleAndFix(t *testing.T) {
	t.Parallel()
	declared := web()
	declared.Clients = []wiring.Clients{{CIDRBlocks: networksOf("198.51.100.0/24"), SecurityGroups: []string{"sg-office"}}}
	lowPort := web()
	lowPort.HealthCheck.Port = 81
	two := web()
	two.SecurityGroups = []string{"sg-lb", "sg-other"}
	twoGroups := loadBalancerGroup(t, two, but(groupRows, []int{2})...)
	twoGroups.Others = map[string]Group{"sg-other": groupOf(t, "sg-other", "in tcp 22 from 10.0.0.0/8")}
	pathMTU := instanceGroup(t, "in tcp 8080 from sg-lb", "in tcp 8081 from sg-lb", "in icmp 3/3 from sg-lb")
	pathMTU.PathMTUSources = []wiring.Peer{wiring.GroupPeer("sg-lb")}
	aclPathMTU := subnetACL(t, web(), PrivateInstanceSubnet, but(instanceRows, nil, "120 allow in icmp 3/4 from 10.0.0.0/16")...)
	aclPathMTU.PathMTU = true
	for name, test := range map[string]struct {
		question judger
		want     Finding
	}{
		"health check, group out": {
			loadBalancerGroup(t, web(), but(groupRows, []int{2})...),
			Finding{
				ID: HealthCheckRefused, Nature: RefutedByWorld, About: "sg-lb",
				Sentence: `health check tcp/8081 from "web" is refused by security group sg-lb, which has no outbound rule that admits it: e.g. load balancer "web" -> a member of sg-app, tcp 8081.`,
				Blockers: []string{"security group sg-lb, which has no outbound rule that admits it"},
				Regions:  []string{"tcp 8081 to members of sg-app in 10.0.0.0/16"},
				Nearest:  "security group sg-lb outbound rule sgr-2 (tcp 8080 to sg-app) has the destination, but not port 8081.",
				Fix:      "Add to security group sg-lb the outbound rule tcp 8081 to sg-app.",
				Row:      "security group of an internet-facing load balancer: outbound to the instance security group on the health check port",
			},
		},
		"instance port, group in": {
			instanceGroup(t, "in tcp 8080 from sg-old", "in tcp 8081 from sg-lb"),
			Finding{
				ID: InstancePort, Nature: RefutedByWorld, About: "sg-app",
				Sentence: `traffic tcp/8080 from "web" to its instances is refused by security group sg-app, which has no inbound rule that admits it: e.g. a member of sg-lb -> an instance, tcp 8080.`,
				Blockers: []string{"security group sg-app, which has no inbound rule that admits it"},
				Regions:  []string{"tcp 8080 from members of sg-lb in 10.0.0.0/16"},
				Nearest:  "security group sg-app inbound rule sgr-1 (tcp 8080 from sg-old) has the port, but a member of sg-lb is not in its source.",
				Fix:      "Add to security group sg-app the inbound rule tcp 8080 from sg-lb.",
				Row:      "security group of the instances: inbound from the load balancer security group on the instance listener port",
			},
		},
		"listener, group in": {
			loadBalancerGroup(t, web(), but(groupRows, []int{0}, "in tcp 80 from 0.0.0.0/1")...),
			Finding{
				ID: ClientListener, Nature: RefutedByWorld, About: "sg-lb",
				Sentence: `client traffic tcp/80 to "web" is refused by security group sg-lb, which has no inbound rule that admits it: e.g. 203.0.113.10 -> load balancer "web", tcp 80.`,
				Blockers: []string{"security group sg-lb, which has no inbound rule that admits it"},
				Regions:  []string{"tcp 80 from 128.0.0.0/1"},
				Nearest:  "security group sg-lb inbound rule sgr-3 (tcp 80 from 0.0.0.0/1) has the port, but 203.0.113.10 is not in its source.",
				Fix:      "Add to security group sg-lb the inbound rule tcp 80 from 128.0.0.0/1.",
				Row:      "security group of an internet-facing load balancer: inbound from 0.0.0.0/0 on the listener port",
			},
		},
		"listener, declared clients of two kinds": {
			loadBalancerGroup(t, declared, but(groupRows, []int{0}, "in tcp 443 from 198.51.100.0/24")...),
			Finding{
				ID: ClientListener, Nature: RefutedByWorld, About: "sg-lb",
				Sentence: `client traffic tcp/80 to "web" is refused by security group sg-lb, which has no inbound rule that admits it: e.g. 198.51.100.4 -> load balancer "web", tcp 80.`,
				Blockers: []string{"security group sg-lb, which has no inbound rule that admits it"},
				Regions:  []string{"tcp 80 from members of sg-office", "tcp 80 from 198.51.100.0/24"},
				Nearest:  "security group sg-lb inbound rule sgr-3 (tcp 443 from 198.51.100.0/24) has the source, but not port 80.",
				Fix:      "Add to security group sg-lb the inbound rules tcp 80 from 198.51.100.0/24 and tcp 80 from sg-office.",
				Row:      "security group of an internet-facing load balancer: inbound from the declared clients on the listener port",
			},
		},
		"several groups are one filter": {
			twoGroups,
			Finding{
				ID: HealthCheckRefused, Nature: RefutedByWorld, About: "sg-lb",
				Sentence: `health check tcp/8081 from "web" is refused by security groups sg-lb and sg-other, which have no outbound rule that admits it: e.g. load balancer "web" -> a member of sg-app, tcp 8081.`,
				Blockers: []string{"security groups sg-lb and sg-other, which have no outbound rule that admits it"},
				Regions:  []string{"tcp 8081 to members of sg-app in 10.0.0.0/16"},
				Nearest:  "security group sg-lb outbound rule sgr-2 (tcp 8080 to sg-app) has the destination, but not port 8081.",
				Fix:      "Add to one of security groups sg-lb and sg-other the outbound rule tcp 8081 to sg-app.",
				Row:      "security group of an internet-facing load balancer: outbound to the instance security group on the health check port",
			},
		},
		"listener, ACL in": {
			subnetACL(t, web(), LoadBalancerSubnet, but(nodeRows, []int{0})...),
			Finding{
				ID: ClientListener, Nature: RefutedByWorld, About: "acl-1",
				Sentence: `client traffic tcp/80 to "web" is refused by the final inbound rule * of network ACL acl-1: e.g. 203.0.113.10 -> load balancer "web", tcp 80.`,
				Blockers: []string{"the final inbound rule * of network ACL acl-1"},
				Regions:  []string{"tcp 80 from 0.0.0.0/0"},
				Fix:      "Add to network ACL acl-1 the inbound rule tcp 80 from 0.0.0.0/0.",
				Row:      "network ACL of the subnets of an internet-facing load balancer: inbound from 0.0.0.0/0 on the listener port",
			},
		},
		"health check, ACL out, deny before allow": {
			subnetACL(t, lowPort, LoadBalancerSubnet, but(nodeRows, []int{3}, "90 deny out tcp 81 to 10.0.11.0/24", "110 allow out tcp 81 to 10.0.0.0/16")...),
			Finding{
				ID: HealthCheckRefused, Nature: RefutedByWorld, About: "acl-1",
				Sentence: `health check tcp/81 from "web" is refused by network ACL acl-1 outbound rule 90 (deny tcp 81 to 10.0.11.0/24): e.g. load balancer "web" -> 10.0.11.4:81.`,
				Blockers: []string{"network ACL acl-1 outbound rule 90 (deny tcp 81 to 10.0.11.0/24)"},
				Regions:  []string{"tcp 81 to 10.0.11.0/24"},
				Nearest:  "network ACL acl-1 outbound rule 110 (allow tcp 81 to 10.0.0.0/16) would admit it, but rule 90 goes before it.",
				Fix:      "Remove or narrow outbound rule 90 of acl-1, or admit tcp 81 to 10.0.11.0/24 with a rule number below 90.",
				Row:      "network ACL of the subnets of an internet-facing load balancer: outbound to the VPC CIDR on the health check port",
			},
		},
		"replies to clients, partial ephemeral ports": {
			subnetACL(t, web(), LoadBalancerSubnet, but(nodeRows, []int{2, 3, 4}, "100 allow out tcp 8080-8081 to 0.0.0.0/0", "120 allow out tcp 32768-65535 to 0.0.0.0/0")...),
			Finding{
				ID: ClientReply, Nature: RefutedByWorld, About: "acl-1",
				Sentence: `replies tcp/1024-8079, 8082-32767 from "web" to its clients are refused by the final outbound rule * of network ACL acl-1: e.g. load balancer "web" -> 203.0.113.10:1024.`,
				Blockers: []string{"the final outbound rule * of network ACL acl-1"},
				Regions:  []string{"tcp 1024-8079 to 0.0.0.0/0", "tcp 8082-32767 to 0.0.0.0/0"},
				Nearest:  "network ACL acl-1 outbound rule 100 (allow tcp 8080-8081 to 0.0.0.0/0) has the destination, but not port 1024.",
				Fix:      "Add to network ACL acl-1 the outbound rule tcp 1024-32767 to 0.0.0.0/0.",
				Row:      "network ACL of the subnets of an internet-facing load balancer: outbound to 0.0.0.0/0 on the ephemeral ports 1024-65535",
			},
		},
		"replies to the load balancer, partial ephemeral ports": {
			subnetACL(t, web(), PrivateInstanceSubnet, but(instanceRows, []int{2}, "100 allow out tcp 32768-65535 to 0.0.0.0/0")...),
			Finding{
				ID: InstanceReply, Nature: RefutedByWorld, About: "acl-1",
				Sentence: `replies tcp/1024-32767 from the instances to "web" are refused by the final outbound rule * of network ACL acl-1: e.g. an instance -> 10.0.0.4:1024.`,
				Blockers: []string{"the final outbound rule * of network ACL acl-1"},
				Regions:  []string{"tcp 1024-32767 to 10.0.0.0/16"},
				Nearest:  "network ACL acl-1 outbound rule 100 (allow tcp 32768-65535 to 0.0.0.0/0) has the destination, but not port 1024.",
				Fix:      "Add to network ACL acl-1 the outbound rule tcp 1024-32767 to 10.0.0.0/16.",
				Row:      "network ACL of the instances' private subnets: outbound to the VPC CIDR on the ephemeral ports 1024-65535",
			},
		},
		"replies from instances, the nearest rule is the one about them": {
			subnetACL(t, web(), LoadBalancerSubnet, but(nodeRows, []int{1}, "110 allow in tcp 32768-65535 from 10.0.0.0/16")...),
			Finding{
				ID: InstanceReply, Nature: RefutedByWorld, About: "acl-1",
				Sentence: `replies tcp/1024-32767 from the instances to "web" are refused by the final inbound rule * of network ACL acl-1: e.g. 10.0.0.4 -> load balancer "web", tcp 1024.`,
				Blockers: []string{"the final inbound rule * of network ACL acl-1"},
				Regions:  []string{"tcp 1024-32767 from 10.0.0.0/16"},
				Nearest:  "network ACL acl-1 inbound rule 110 (allow tcp 32768-65535 from 10.0.0.0/16) has the source, but not port 1024.",
				Fix:      "Add to network ACL acl-1 the inbound rule tcp 1024-32767 from 10.0.0.0/16.",
				Row:      "network ACL of the subnets of an internet-facing load balancer: inbound from the VPC CIDR on the ephemeral ports 1024-65535",
			},
		},
		"public instance subnet, judged over the VPC": {
			subnetACL(t, web(), PublicInstanceSubnet, but(instanceRows, []int{1})...),
			Finding{
				ID: HealthCheckRefused, Nature: RefutedByWorld, About: "acl-1",
				Sentence: `health check tcp/8081 from "web" is refused by the final inbound rule * of network ACL acl-1: e.g. 10.0.0.4 -> an instance, tcp 8081.`,
				Blockers: []string{"the final inbound rule * of network ACL acl-1"},
				Regions:  []string{"tcp 8081 from 10.0.0.0/16"},
				Nearest:  "network ACL acl-1 inbound rule 100 (allow tcp 8080 from 10.0.0.0/16) has the source, but not port 8081.",
				Fix:      "Add to network ACL acl-1 the inbound rule tcp 8081 from 10.0.0.0/16.",
				Row:      "network ACL of the instances' public subnets: inbound from 0.0.0.0/0 on the health check port",
			},
		},
		"Path MTU Discovery, group in": {
			pathMTU,
			Finding{
				ID: PathMTURefused, Nature: PathMTU, About: "sg-app",
				Sentence: `Path MTU Discovery (icmp 3/4) of "web" is refused by security group sg-app, which has no inbound rule that admits it: e.g. a member of sg-lb -> an instance, icmp 3/4.`,
				Blockers: []string{"security group sg-app, which has no inbound rule that admits it"},
				Regions:  []string{"icmp 3/4 from members of sg-lb"},
				Fix:      "Add to security group sg-app the inbound rule icmp 3/4 from sg-lb.",
				Row:      "security group of the instances: inbound ICMP type 3 code 4, for Path MTU Discovery",
			},
		},
		"Path MTU Discovery, ACL out": {
			aclPathMTU,
			Finding{
				ID: PathMTURefused, Nature: PathMTU, About: "acl-1",
				Sentence: `Path MTU Discovery (icmp 3/4) of "web" is refused by the final outbound rule * of network ACL acl-1: e.g. an instance -> 10.0.0.4, icmp 3/4.`,
				Blockers: []string{"the final outbound rule * of network ACL acl-1"},
				Regions:  []string{"icmp 3/4 to 10.0.0.0/16"},
				Nearest:  "network ACL acl-1 inbound rule 120 (allow icmp 3/4 from 10.0.0.0/16) has the port and the peer, but it is no outbound rule.",
				Fix:      "Add to network ACL acl-1 the outbound rule icmp 3/4 to 10.0.0.0/16.",
				Row:      "network ACLs: outbound ICMP type 3 code 4, for Path MTU Discovery",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantExactly(t, theFinding(t, judged(t, test.question, Options{})), test.want)
		})
	}
}

func wantExactly(t *testing.T, got, want Finding) {
	t.Helper()
	if got.ID != want.ID || got.Nature != want.Nature || got.About != want.About {
		t.Errorf("id, nature, about: got %s %d %q, want %s %d %q", got.ID, got.Nature, got.About, want.ID, want.Nature, want.About)
	}
	for _, text := range []struct{ what, got, want string }{
		{"sentence", got.Sentence, want.Sentence},
		{"blockers", strings.Join(got.Blockers, "\n"), strings.Join(want.Blockers, "\n")},
		{"regions", strings.Join(got.Regions, "\n"), strings.Join(want.Regions, "\n")},
		{"nearest", got.Nearest, want.Nearest},
		{"fix", got.Fix, want.Fix},
		{"row", got.Row, want.Row},
	} {
		if text.got != text.want {
			t.Errorf("%s:\n got %s\nwant %s", text.what, text.got, text.want)
		}
	}
}

func TestWhatSemanticsOfRulesProveOrRefute(t *testing.T) {
	t.Parallel()
	shared := web()
	shared.SecurityGroups = []string{"sg-lb", "sg-other"}
	ofShared := func(rules ...string) InstanceGroup {
		q := instanceGroup(t, rules...)
		q.LoadBalancers = []wiring.LoadBalancer{shared}
		return q
	}
	same := web()
	same.HealthCheck.Port = 8080
	for name, test := range map[string]struct {
		question judger
		// want are the ids of the findings about flows.
		want []ID
	}{
		"two halves are everyone":          {loadBalancerGroup(t, web(), but(groupRows, []int{0}, "in tcp 80 from 0.0.0.0/1", "in tcp 80 from 128.0.0.0/1")...), nil},
		"one half is not":                  {loadBalancerGroup(t, web(), but(groupRows, []int{0}, "in tcp 80 from 0.0.0.0/1", "in tcp 80 from 192.0.0.0/2")...), []ID{ClientListener}},
		"port ranges add up":               {subnetACL(t, web(), PrivateInstanceSubnet, but(instanceRows, []int{2}, "10 allow out tcp 1024-40000 to 10.0.0.0/16", "20 allow out tcp 40001-65535 to 10.0.0.0/16")...), nil},
		"port ranges with a hole":          {subnetACL(t, web(), PrivateInstanceSubnet, but(instanceRows, []int{2}, "10 allow out tcp 1024-40000 to 10.0.0.0/16", "20 allow out tcp 40002-65535 to 10.0.0.0/16")...), []ID{InstanceReply}},
		"protocol -1 is every port":        {instanceGroup(t, "in all from sg-lb"), nil},
		"protocol -1 ignores ports":        {loadBalancerGroup(t, web(), "in all from 0.0.0.0/0", "out all to 0.0.0.0/0"), nil},
		"deny before allow":                {subnetACL(t, web(), PrivateInstanceSubnet, but(instanceRows, nil, "50 deny in all from 10.0.4.0/24")...), []ID{InstancePort, HealthCheckRefused}},
		"deny after allow":                 {subnetACL(t, web(), PrivateInstanceSubnet, but(instanceRows, nil, "500 deny in all from 10.0.4.0/24")...), nil},
		"allow before deny":                {subnetACL(t, web(), PrivateInstanceSubnet, but(instanceRows, nil, "50 deny in all from 10.0.4.0/24", "40 allow in tcp 8000-9000 from 10.0.0.0/8")...), nil},
		"icmp 8/8081 is no port range":     {instanceGroup(t, "in tcp 8080 from sg-lb", "in icmp 8/0 from sg-lb"), []ID{HealthCheckRefused}},
		"one of the groups is enough":      {ofShared("in tcp 8080 from sg-lb", "in tcp 8081 from sg-other"), nil},
		"another group is not":             {ofShared("in tcp 8080 from sg-lb", "in tcp 8081 from sg-third"), []ID{HealthCheckRefused}},
		"group of another account":         {instanceGroup(t, "in tcp 8080 from 123456789012/sg-lb", "in tcp 8081 from sg-lb"), nil},
		"IPv6 never helps a group":         {loadBalancerGroup(t, web(), but(groupRows, []int{0}, "in tcp 80 from ::/0", "in all from ::/0")...), []ID{ClientListener}},
		"IPv6 never helps an ACL":          {subnetACL(t, web(), PrivateInstanceSubnet, but(instanceRows, []int{2}, "90 allow out all to ::/0")...), []ID{InstanceReply}},
		"IPv6 never hurts an ACL":          {subnetACL(t, web(), PrivateInstanceSubnet, but(instanceRows, nil, "90 deny out all to ::/0")...), nil},
		"networks admit members":           {instanceGroup(t, "in tcp 8080-8081 from 10.0.0.0/8"), nil},
		"a smaller network does not":       {instanceGroup(t, "in tcp 8080-8081 from 10.0.0.0/17"), []ID{InstancePort, HealthCheckRefused}},
		"one port for both is two flows":   {InstanceGroup{LoadBalancers: []wiring.LoadBalancer{same}, VPC: networksOf("10.0.0.0/16"), Group: groupOf(t, "sg-app")}, []ID{InstancePort, HealthCheckRefused}},
		"the other direction does not":     {instanceGroup(t, "out tcp 8080 to sg-lb", "in tcp 8081 from sg-lb"), []ID{InstancePort}},
		"udp is not tcp":                   {loadBalancerGroup(t, web(), but(groupRows, []int{0}, "in udp 80 from 0.0.0.0/0")...), []ID{ClientListener}},
		"the default ACL lets all through": {subnetACL(t, web(), LoadBalancerSubnet, "100 allow in all from 0.0.0.0/0", "100 allow out all to 0.0.0.0/0"), nil},
		"an ACL without entries":           {subnetACL(t, web(), LoadBalancerSubnet), []ID{ClientListener, InstancePort, HealthCheckRefused, ClientReply, InstanceReply}},
		"deny of the own subnet, as the Amazon VPC user guide warns of": {subnetACL(t, web(), PrivateInstanceSubnet, "100 deny in all from 10.0.1.0/24", "110 allow in all from 0.0.0.0/0", "100 allow out all to 0.0.0.0/0"), []ID{InstancePort, HealthCheckRefused}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			answer := judged(t, test.question, Options{})
			if len(test.want) == 0 {
				wantProved(t, answer)
				return
			}
			var got []ID
			for _, finding := range flowFindings(answer) {
				got = append(got, finding.ID)
			}
			if !slices.Equal(got, test.want) || answer.Verdict() != packet.Refuted {
				t.Errorf("%s %v, want refuted %v", answer.Verdict(), got, test.want)
			}
		})
	}
}

func TestAllBlockersAreNamedAndTheFixIsAboutAllOfThem(t *testing.T) {
	t.Parallel()
	q := subnetACL(t, web(), PrivateInstanceSubnet,
		"50 deny in tcp 8081 from 10.0.4.0/24", "60 deny in all from 10.0.0.0/24", "100 allow in tcp 8080-8081 from 10.0.0.0/17", "100 allow out all to 0.0.0.0/0")
	findings := flowFindings(judged(t, q, Options{}))
	if len(findings) != 2 {
		t.Fatalf("want two findings: %+v", findings)
	}
	got := findings[1]
	wantExactly(t, got, Finding{
		ID: HealthCheckRefused, Nature: RefutedByWorld, About: "acl-1",
		Sentence: `health check tcp/8081 from "web" is refused by network ACL acl-1 inbound rule 60 (deny all traffic from 10.0.0.0/24): e.g. 10.0.0.4 -> an instance, tcp 8081.`,
		Blockers: []string{
			"network ACL acl-1 inbound rule 60 (deny all traffic from 10.0.0.0/24)",
			"network ACL acl-1 inbound rule 50 (deny tcp 8081 from 10.0.4.0/24)",
			"the final inbound rule * of network ACL acl-1",
		},
		Regions: []string{"tcp 8081 from 10.0.0.0/24", "tcp 8081 from 10.0.4.0/24", "tcp 8081 from 10.0.128.0/17"},
		Nearest: "network ACL acl-1 inbound rule 100 (allow tcp 8080-8081 from 10.0.0.0/17) would admit it, but rule 60 goes before it.",
		Fix: "Remove or narrow inbound rule 60 of acl-1 and inbound rule 50 of acl-1, " +
			"or admit tcp 8081 from 10.0.0.0/16 with a rule number below 50.",
		Row: "network ACL of the instances' private subnets: inbound from the VPC CIDR on the health check port",
	})
}

func TestDenyThatNothingCanGoBefore(t *testing.T) {
	t.Parallel()
	q := subnetACL(t, web(), PrivateInstanceSubnet, but(instanceRows, nil, "1 deny out tcp 5000 to 10.0.0.0/16")...)
	got := theFinding(t, judged(t, q, Options{}))
	if want := "Remove, narrow or renumber outbound rule 1 of acl-1."; got.Fix != want {
		t.Errorf("got %s\nwant %s", got.Fix, want)
	}
	if want := `replies tcp/5000 from the instances to "web" are refused by network ACL acl-1 outbound rule 1 (deny tcp 5000 to 10.0.0.0/16): e.g. an instance -> 10.0.0.4:5000.`; got.Sentence != want {
		t.Errorf("got %s\nwant %s", got.Sentence, want)
	}
}

func TestNatureIsWhoseRuleDecides(t *testing.T) {
	t.Parallel()
	acl := func(deny Origin) judger {
		q := subnetACL(t, web(), PrivateInstanceSubnet, but(instanceRows, nil, "50 deny in tcp 8081 from 10.0.4.0/24")...)
		q.ACL.Entries[3].Origin = deny
		return q
	}
	group := func(rules Origin) judger {
		q := instanceGroup(t, "in tcp 8080 from sg-lb")
		q.Group.Rules[0].Origin = rules
		return q
	}
	outbound := func() judger {
		q := instanceGroup(t, "in tcp 8080 from sg-lb", "out all to 0.0.0.0/0")
		q.Group.Rules[1].Origin = Written
		return q
	}
	for name, test := range map[string]struct {
		question judger
		want     Nature
	}{
		"deny of someone else":                {acl(Unmanaged), RefutedByWorld},
		"deny of another resource":            {acl(Managed), RefutedByWorld},
		"written deny":                        {acl(Written), RefutedByConfiguration},
		"planned deny":                        {acl(Planned), RefutedByConfiguration},
		"derived deny":                        {acl(Derived), RefutedByConfiguration},
		"no rule, none written":               {group(Unmanaged), RefutedByWorld},
		"no rule, derived ones":               {group(Derived), RefutedByWorld},
		"no rule, written ones":               {group(Written), RefutedByConfiguration},
		"no rule, written ones the other way": {outbound(), RefutedByWorld},
	} {
		if got := theFinding(t, judged(t, test.question, Options{})).Nature; got != test.want {
			t.Errorf("%s: %d, want %d", name, got, test.want)
		}
	}
	got := theFinding(t, judged(t, group(Written), Options{})).Fix
	if want := "Add to security group sg-app the inbound rule tcp 8081 from sg-lb: write it in ingress, or leave ingress out to get the recommended rules."; got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

func TestAcceptedPartIsCutBeforeTheFindingIsMade(t *testing.T) {
	t.Parallel()
	q := subnetACL(t, web(), LoadBalancerSubnet, but(nodeRows, nil, "50 deny in tcp 80 from 198.51.100.0/24", "60 deny in tcp 80 from 203.0.113.0/24")...)
	block := func(cidr string) Acceptance {
		return Acceptance{Finding: ClientListener, Reason: "they attack us", CIDR: netip.MustParsePrefix(cidr), Name: "accept[0]"}
	}
	part := theFinding(t, judged(t, q, Options{Accept: []Acceptance{block("203.0.113.0/24")}}))
	if want := []string{"tcp 80 from 198.51.100.0/24"}; !slices.Equal(part.Regions, want) || strings.Contains(strings.Join(part.Blockers, ""), "rule 60") {
		t.Errorf("regions %q, blockers %q", part.Regions, part.Blockers)
	}
	if !strings.Contains(part.Sentence, "198.51.100.10 ->") {
		t.Errorf("the witness is accepted: %s", part.Sentence)
	}
	all := judged(t, q, Options{Accept: []Acceptance{block("203.0.113.0/24"), block("198.51.100.0/24")}})
	wantProved(t, all)
	for _, finding := range all.Findings {
		t.Errorf("unexpected: %s", finding.Detail(""))
	}
	var decided []string
	for _, flow := range all.Flows {
		for _, hop := range flow.Hops {
			decided = append(decided, hop.DecidedBy...)
		}
	}
	if want := []string{
		"network ACL acl-1 inbound rule 50 (deny tcp 80 from 198.51.100.0/24) (accepted)",
		"network ACL acl-1 inbound rule 60 (deny tcp 80 from 203.0.113.0/24) (accepted)",
	}; !slices.Equal(decided, want) {
		t.Errorf("decided by %q, want %q", decided, want)
	}
	other := judged(t, q, Options{Accept: []Acceptance{{Finding: HealthCheckRefused, Reason: "x"}}})
	if other.Verdict() != packet.Refuted {
		t.Error("an acceptance of another kind was taken")
	}
}
