// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package verify

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
)

func TestPathOfWhatIsNotSeen(t *testing.T) {
	t.Parallel()
	checkPaths(t, []pathCase{
		{
			name: "a network ACL",
			change: func(_ *testing.T, p *Path) {
				p.ACLs["acl-app"] = ACL{ID: "acl-app", Default: true, Unseen: "access denied"}
			},
			verdicts: []string{
				"load balancer to instance port on tcp 8080: undecided by acl-app",
				"health check on tcp 8081: undecided by acl-app",
				"reply of instances: undecided by acl-app",
				"Path MTU Discovery: undecided by acl-app",
			},
			told: []string{`CLB402 whether traffic tcp/8080 from "web" to its instances gets through network ACL acl-app cannot be told: ` +
				`network ACL acl-app cannot be seen: access denied. The same goes for the health check tcp/8081, replies of the instances and Path MTU Discovery.`},
		},
		{
			name: "which network ACL the nodes have",
			change: func(_ *testing.T, p *Path) {
				p.Subnets[0].ACL, p.Subnets[1].ACL = "", "acl-lb"
				p.CrossZone = false
			},
			verdicts: []string{
				"client to listener on tcp 80: undecided by ",
				"reply to clients: undecided by ",
				"load balancer to instance port on tcp 8080: undecided by ",
				"health check on tcp 8081: undecided by ",
				"reply of instances: undecided by ",
				"Path MTU Discovery: undecided by ",
			},
			told: []string{`CLB402 whether client traffic tcp/80 to "web" gets through the network ACL cannot be told: ` +
				`ec2:DescribeNetworkAcls does not show which network ACL subnet-lb-a has. The same goes for replies to the clients, traffic tcp/8080 to the instances, ` +
				`the health check tcp/8081, replies of the instances and Path MTU Discovery.`},
		},
		{
			name:     "the group of the load balancer",
			change:   func(_ *testing.T, p *Path) { delete(p.Groups, "sg-lb") },
			verdicts: []string{"client to listener on tcp 80: undecided by sg-lb", "load balancer to instance port on tcp 8080: undecided by sg-lb", "health check on tcp 8081: undecided by sg-lb"},
			told: []string{`CLB402 whether client traffic tcp/80 to "web" gets through security group sg-lb cannot be told: security group sg-lb cannot be seen: ` +
				`its rules were not read. The same goes for traffic tcp/8080 to the instances and the health check tcp/8081.`},
		},
		{
			name:     "instances",
			change:   func(_ *testing.T, p *Path) { p.Instances = nil },
			verdicts: []string{"load balancer to instance port on tcp 8080: undecided by sg-lb, acl-lb, ", "health check on tcp 8081: undecided by sg-lb, acl-lb, ", "reply of instances: undecided by , acl-lb"},
			told:     []string{`CLB401 the flows of load balancer "web" to its instances cannot be judged: no instance is registered, and none is stated.`},
		},
	})
}

func TestPathOfStatedInstances(t *testing.T) {
	t.Parallel()
	stated := func(_ *testing.T, p *Path) { p.Instances = []Instance{{Groups: []string{"sg-app"}}} }
	const noACL = `CLB402 whether traffic tcp/8080 from "web" to its instances gets through the network ACL cannot be told: ` +
		`instance_subnet_ids does not say in which subnet the instances are, and so not behind which network ACL. The same goes for the health check tcp/8081, replies of the instances and Path MTU Discovery.`
	checkPaths(t, []pathCase{
		{
			// The load balancer's network ACL lets everything of the VPC pass: proved.
			name:   "groups without subnets",
			change: stated,
			verdicts: []string{
				"load balancer to instance port on tcp 8080: undecided by ",
				"health check on tcp 8081: undecided by ",
				"reply of instances: undecided by ",
				"Path MTU Discovery: undecided by ",
			},
			told: []string{noACL},
		},
		{
			name: "the groups are decided without subnets",
			change: func(t *testing.T, p *Path) {
				stated(t, p)
				p.Groups["sg-app"] = groupOf(t, "sg-app", withoutRules(goodAppGroup, "8081")...)
			},
			verdicts: []string{
				"load balancer to instance port on tcp 8080: undecided by ",
				"health check on tcp 8081: refuted by sg-app",
				"reply of instances: undecided by ",
				"Path MTU Discovery: undecided by ",
			},
			told: []string{
				`CLB103 health check tcp/8081 from "web" is refused by security group sg-app, which has no inbound rule that admits it: e.g. 10.0.1.4 (a member of sg-lb) -> an instance, tcp 8081.`,
				noACL,
			},
		},
		{
			name: "addresses would decide",
			change: func(t *testing.T, p *Path) {
				stated(t, p)
				p.Groups["sg-lb"] = groupOf(t, "sg-lb", "in tcp 80 from 0.0.0.0/0", "out tcp 8080-8081 to 10.0.11.0/24")
				setACL(t, p, "acl-lb", []string{"90 deny out tcp 8080 to 10.0.0.0/8"}, goodLBACL)
				p.ClientsDeclared = true
				p.LoadBalancer.Clients = declaredClients("198.51.100.0/24")
			},
			verdicts: []string{
				"load balancer to instance port on tcp 8080: undecided by sg-lb, acl-lb, ",
				"health check on tcp 8081: undecided by sg-lb, ",
				"reply of instances: undecided by ",
				"Path MTU Discovery: undecided by ",
			},
			told: []string{
				`CLB401 whether traffic tcp/8080 from "web" to its instances gets through security group sg-lb cannot be told yet: it depends on instance_subnet_ids, which is not known. ` +
					`The same goes for the health check tcp/8081.`,
				`CLB401 whether traffic tcp/8080 from "web" to its instances gets through network ACL acl-lb cannot be told yet: it depends on instance_subnet_ids, which is not known.`,
				noACL,
			},
		},
		{
			name: "perhaps in the subnet of the load balancer",
			change: func(t *testing.T, p *Path) {
				stated(t, p)
				setACL(t, p, "acl-lb", []string{"90 deny in tcp 1024-65535 from 0.0.0.0/0"}, goodLBACL)
			},
			verdicts: []string{
				"load balancer to instance port on tcp 8080: undecided by ",
				"health check on tcp 8081: undecided by ",
				"reply of instances: undecided by , acl-lb",
				"Path MTU Discovery: undecided by ",
			},
			told: []string{
				noACL,
				`CLB402 whether replies tcp/1024-65535 from the instances to "web" get through cannot be told: ` +
					`load balancer and instances may be in one subnet, and within a subnet network ACLs do not apply. ` +
					`1.0.0.4 -> 10.0.1.4:1024 would be refused by network ACL acl-lb inbound rule 90 (deny tcp 1024-65535 from 0.0.0.0/0).`,
			},
		},
		{
			name: "subnets without groups",
			change: func(_ *testing.T, p *Path) {
				p.Instances = []Instance{{Subnet: "subnet-app-a"}}
			},
			verdicts: []string{
				"load balancer to instance port on tcp 8080: undecided by sg-lb, ",
				"health check on tcp 8081: undecided by sg-lb, ",
				"Path MTU Discovery: undecided by ",
			},
			told: []string{
				`CLB402 whether traffic tcp/8080 from "web" to its instances gets through cannot be told: neither ec2:DescribeInstances nor instance_security_group_ids tells which security groups the instances carry. ` +
					`10.0.1.4 -> 10.0.11.4:8080 would be refused by security group sg-lb, which has no outbound rule that admits it. The same goes for the health check tcp/8081.`,
				`CLB402 whether traffic tcp/8080 from "web" to its instances gets through the security group cannot be told: ` +
					`neither ec2:DescribeInstances nor instance_security_group_ids tells which security groups the instances carry. The same goes for the health check tcp/8081 and Path MTU Discovery.`,
			},
		},
	})
}

func TestPathUnions(t *testing.T) {
	t.Parallel()
	checkPaths(t, []pathCase{
		{
			// One instance needs both of its groups, the other has one of them only.
			name: "groups of each instance",
			change: func(t *testing.T, p *Path) {
				p.Groups["sg-app"] = groupOf(t, "sg-app", withoutRules(goodAppGroup, "8081")...)
				p.Groups["sg-health"] = groupOf(t, "sg-health", "in tcp 8081 from sg-lb")
				p.Instances[0].Groups = []string{"sg-health", "sg-app"}
				p.Instances[1].Subnet = "subnet-app-a"
			},
			verdicts: []string{"health check on tcp 8081: refuted by sg-app"},
			told: []string{`CLB103 health check tcp/8081 from "web" is refused by security group sg-app, which has no inbound rule that admits it: ` +
				`e.g. 10.0.1.4 (a member of sg-lb) -> 10.0.11.4:8081.`},
		},
		{
			name: "the load balancer's groups, out",
			change: func(t *testing.T, p *Path) {
				p.LoadBalancer.SecurityGroups = []string{"sg-lb", "sg-more"}
				p.Groups["sg-lb"] = groupOf(t, "sg-lb", withoutRules(goodLBGroup, "8081")...)
				p.Groups["sg-more"] = groupOf(t, "sg-more", "out tcp 8081 to 10.0.0.0/20")
			},
		},
		{
			name: "an instance group names the other group of the load balancer",
			change: func(t *testing.T, p *Path) {
				p.LoadBalancer.SecurityGroups = []string{"sg-lb", "sg-more"}
				p.Groups["sg-more"] = Group{ID: "sg-more"}
				p.Groups["sg-app"] = groupOf(t, "sg-app", "in tcp 8080-8081 from sg-more", "in icmp 3/4 from sg-more")
			},
		},
		{
			name: "one group on both sides",
			change: func(t *testing.T, p *Path) {
				p.LoadBalancer.SecurityGroups = []string{"sg-all"}
				p.Instances[0].Groups, p.Instances[1].Groups = []string{"sg-all"}, []string{"sg-all"}
				p.Groups["sg-all"] = groupOf(t, "sg-all", "in tcp 80 from 0.0.0.0/0", "in all from sg-all", "out tcp 8080 to sg-all")
			},
			verdicts: []string{"health check on tcp 8081: refuted by sg-all"},
			told: []string{`CLB103 health check tcp/8081 from "web" is refused by security group sg-all, which has no outbound rule that admits it: ` +
				`e.g. 10.0.1.4 -> 10.0.11.4:8081 (a member of sg-all).`},
		},
		{
			name: "one finding for all instances and pairs",
			change: func(t *testing.T, p *Path) {
				for range 40 {
					p.Instances = append(p.Instances, p.Instances...)
					if len(p.Instances) > 100 {
						break
					}
				}
				p.LoadBalancer.Listeners = append(p.LoadBalancer.Listeners, p.LoadBalancer.Listeners[0])
				p.LoadBalancer.Listeners[1].LBPort, p.LoadBalancer.Listeners[1].InstancePort = 80, 8082
				p.Groups["sg-lb"] = groupOf(t, "sg-lb", "in tcp 80 from 0.0.0.0/0", "out all to 0.0.0.0/0")
				p.Groups["sg-app"] = groupOf(t, "sg-app", "in all from sg-lb")
				setACL(t, p, "acl-app", []string{"90 deny in tcp 8080-8082 from 10.0.2.0/24"}, goodAppACL)
			},
			verdicts: []string{
				"load balancer to instance port on tcp 8080: refuted by acl-app",
				"load balancer to instance port on tcp 8082: refuted by acl-app",
				"health check on tcp 8081: refuted by acl-app",
			},
			told: []string{
				`CLB102 traffic tcp/8080 from "web" to its instances is refused by network ACL acl-app inbound rule 90 (deny tcp 8080-8082 from 10.0.2.0/24): ` +
					`e.g. 10.0.2.4 -> 10.0.11.4:8080. This is the traffic from subnet-lb-b to subnet-app-a and subnet-app-b.`,
				`CLB102 traffic tcp/8082 from "web" to its instances is refused by the final inbound rule * of network ACL acl-app: ` +
					`e.g. 10.0.1.4 -> 10.0.11.4:8082. This is the traffic from subnet-lb-a and subnet-lb-b to subnet-app-a and subnet-app-b.`,
				`CLB103 health check tcp/8081 from "web" is refused by network ACL acl-app inbound rule 90 (deny tcp 8080-8082 from 10.0.2.0/24): ` +
					`e.g. 10.0.2.4 -> 10.0.11.4:8081. This is the traffic from subnet-lb-b to subnet-app-a and subnet-app-b.`,
			},
		},
		{
			name: "Path MTU Discovery does not count",
			change: func(t *testing.T, p *Path) {
				p.Groups["sg-app"] = groupOf(t, "sg-app", withoutRules(goodAppGroup, "icmp")...)
			},
			verdicts: []string{"Path MTU Discovery: refuted by sg-app"},
			told: []string{`CLB106 Path MTU Discovery (icmp 3/4) of "web" is refused by security group sg-app, which has no inbound rule that admits it: ` +
				`e.g. 10.0.1.4 (a member of sg-lb) -> 10.0.11.4, icmp 3/4.`},
		},
	})
}

// Zone by zone, each zone has a need of its own: they are one finding.
func TestPathMergesPairs(t *testing.T) {
	t.Parallel()
	p := goodPath(t)
	p.CrossZone = false
	p.ACLs["acl-app"] = aclOf(t, "acl-app", append([]string{"90 deny in tcp 8081 from 10.0.0.0/8"}, goodAppACL...)...)
	f := theFinding(t, judged(t, p, Options{}))
	if want := []string{"tcp 8081 from 10.0.1.0/24", "tcp 8081 from 10.0.2.0/24"}; !slices.Equal(f.Regions, want) {
		t.Errorf("regions %q, want %q", f.Regions, want)
	}
	for _, want := range append(f.Regions, "rule numbers below 90") {
		if !strings.Contains(f.Fix, want) {
			t.Errorf("%q is not in the fix: %s", want, f.Fix)
		}
	}
}

// A path without anything must not make trouble.
func TestPathOfNothing(t *testing.T) {
	t.Parallel()
	for name, p := range map[string]Path{
		"nothing":              {},
		"a load balancer only": {LoadBalancer: web()},
		"no networks":          {LoadBalancer: web(), Subnets: []Subnet{{ID: "subnet-1"}}, Instances: []Instance{{ID: "i-1", Subnet: "subnet-2"}}},
		"IPv6 clients":         {LoadBalancer: web(), ClientsDeclared: true, VPC: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/16")}},
	} {
		a := judged(t, p, Options{})
		for _, flow := range a.Flows {
			if flow.Verdict != "undecided" {
				t.Errorf("%s: %s is %s", name, flow.Flow, flow.Verdict)
			}
		}
		if p.Report(a, Recommended) == "" || p.Diagram(a) == "" {
			t.Errorf("%s: no report or no diagram", name)
		}
	}
}

// Which network ACLs subnets have is one question to AWS, and so one finding.
func TestPathTellsUnseenNetworkACLsOnce(t *testing.T) {
	t.Parallel()
	p := goodPath(t)
	p.Subnets[0].ACL, p.Subnets[1].ACL = "", ""
	p.setSubnet("subnet-app-a", func(s *Subnet) { s.ACL = "" })
	p.setSubnet("subnet-app-b", func(s *Subnet) { s.ACL = "" })
	f := theFinding(t, judged(t, p, Options{}))
	if want := "ec2:DescribeNetworkAcls does not show which network ACL subnet-app-a, subnet-app-b, subnet-lb-a and subnet-lb-b have."; !strings.Contains(f.Sentence, want) {
		t.Errorf("%q is not in %s", want, f.Sentence)
	}
	if want := "Allow ec2:DescribeNetworkAcls to the identity that the provider runs as, then plan again."; f.Fix != want {
		t.Errorf("got %s\nwant %s", f.Fix, want)
	}
	p.Instances = []Instance{{ID: "i-1"}, {Groups: []string{"sg-app"}}}
	fixes := map[string]bool{}
	for _, f := range flowFindings(judged(t, p, Options{})) {
		fixes[f.Fix] = true
	}
	for _, want := range []string{
		"Allow ec2:DescribeInstances to the identity that the provider runs as, or set instance_subnet_ids, then plan again.",
		"Allow ec2:DescribeInstances to the identity that the provider runs as, or set instance_security_group_ids, then plan again.",
		"Set instance_subnet_ids, then plan again.",
	} {
		if !fixes[want] {
			t.Errorf("no finding says: %s\n%v", want, fixes)
		}
	}
}

// The reader enters networks, so a fix names nothing else: not the addresses that
// are left of everyone besides the node's own subnet.
func TestFixOfPathNamesNetworks(t *testing.T) {
	t.Parallel()
	p := goodPath(t)
	setACL(t, &p, "acl-lb", nil, withoutRules(goodLBACL, "out tcp 1024"))
	f := theFinding(t, judged(t, p, Options{}))
	// The rules for the instance port and the health check port let some replies out.
	if want := "Add to network ACL acl-lb the outbound rule tcp 1024-65535 to 0.0.0.0/0."; f.Fix != want {
		t.Errorf("got %s\nwant %s", f.Fix, want)
	}
	if want := []string{
		"tcp 1024-8079 to 0.0.0.0/0", "tcp 8080-8081 to 0.0.0.0-9.255.255.255", "tcp 8080-8081 to 10.1.0.0-255.255.255.255", "tcp 8082-65535 to 0.0.0.0/0",
	}; !slices.Equal(f.Regions, want) {
		t.Errorf("regions %q, want %q", f.Regions, want)
	}
	// Clients that nobody declares, without an attacker.
	narrowACL(t, &p, "0.0.0.0/0", "10.0.0.0/16")
	p.ACLs["acl-lb"].Entries[0].Number = 51
	acl := p.ACLs["acl-lb"]
	acl.Entries = append(acl.Entries, aclOf(t, "acl-lb", "40 deny in tcp 80 from 203.0.113.0/24").Entries...)
	p.ACLs["acl-lb"] = acl
	if f := theFinding(t, judged(t, p, Options{})); f.Fix != "Add to network ACL acl-lb the outbound rule tcp 1024-65535 to 0.0.0.0/0." {
		t.Errorf("got %s", f.Fix)
	}
	// With a declared network a hole in it is named alone.
	p = goodPath(t)
	setACL(t, &p, "acl-lb", []string{"90 deny out tcp 2000 to 198.51.100.0/24"}, goodLBACL)
	if f := theFinding(t, judged(t, p, Options{})); f.Fix != "Remove or narrow outbound rule 90 of acl-lb, or admit tcp 2000 to 198.51.100.0/24 with a rule number below 90." {
		t.Errorf("got %s", f.Fix)
	}
}

// One setting lets Path MTU Discovery pass, so it is one finding.
func TestPathMTUDiscoveryIsOneFinding(t *testing.T) {
	t.Parallel()
	p := goodPath(t)
	setACL(t, &p, "acl-lb", nil, withoutRules(goodLBACL, "icmp"))
	setACL(t, &p, "acl-app", nil, withoutRules(goodAppACL, "icmp"))
	p.Groups["sg-app"] = groupOf(t, "sg-app", withoutRules(goodAppGroup, "icmp")...)
	f := theFinding(t, judged(t, p, Options{}))
	want := `Path MTU Discovery (icmp 3/4) of "web" is refused at 5 places: e.g. 10.0.1.4 -> 10.0.11.4, icmp 3/4.

Refused by:
  - the final outbound rule * of network ACL acl-lb
  - the final inbound rule * of network ACL acl-app
  - security group sg-app, which has no inbound rule that admits it
  - the final outbound rule * of network ACL acl-app
  - the final inbound rule * of network ACL acl-lb

All that is refused:
  - acl-lb: icmp 3/4 to 10.0.11.0/24 and icmp 3/4 to 10.0.12.0/24
  - acl-app: icmp 3/4 from 10.0.1.0/24 and icmp 3/4 from 10.0.2.0/24
  - sg-app: icmp 3/4 from members of sg-lb in 10.0.1.0/24 and icmp 3/4 from members of sg-lb in 10.0.2.0/24
  - acl-app: icmp 3/4 to 10.0.1.0/24 and icmp 3/4 to 10.0.2.0/24
  - acl-lb: icmp 3/4 from 10.0.11.0/24 and icmp 3/4 from 10.0.12.0/24

Fix: Set path_mtu_discovery = true in clb_network_acl_entries for acl-lb and acl-app and in clb_instance_ingress_rules for sg-app. Where other resources keep the rules, admit there what is refused.

AWS recommends: ICMP type 3 code 4 into the security group of the instances, and both ways through the network ACLs, for Path MTU Discovery.`
	if got := f.Detail(""); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
	// A deny is mended where it stands.
	p = goodPath(t)
	setACL(t, &p, "acl-app", []string{"90 deny in icmp 3/4 from 0.0.0.0/0"}, goodAppACL)
	want = "Remove or narrow inbound rule 90 of acl-app, or admit icmp 3/4 from 10.0.1.0/24 and icmp 3/4 from 10.0.2.0/24 with rule numbers below 90."
	if f := theFinding(t, judged(t, p, Options{})); f.Fix != want {
		t.Errorf("got %s\nwant %s", f.Fix, want)
	}
}
