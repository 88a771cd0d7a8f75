// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package verify

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/terraform-clb/terraform-provider-clb/internal/packet"
)

// The rules of goodPath, as AWS recommends them and with what Path MTU Discovery needs.
var (
	goodLBGroup = []string{
		"in tcp 80 from 0.0.0.0/0",
		"out tcp 8080 to sg-app",
		"out tcp 8081 to sg-app",
	}
	goodAppGroup = []string{
		"in tcp 8080 from sg-lb",
		"in tcp 8081 from sg-lb",
		"in icmp 3/4 from sg-lb",
	}
	goodLBACL = []string{
		"100 allow in tcp 80 from 0.0.0.0/0",
		"110 allow in tcp 1024-65535 from 10.0.0.0/16",
		"120 allow in icmp 3/4 from 0.0.0.0/0",
		"100 allow out tcp 8080 to 10.0.0.0/16",
		"110 allow out tcp 8081 to 10.0.0.0/16",
		"120 allow out tcp 1024-65535 to 0.0.0.0/0",
		"130 allow out icmp 3/4 to 0.0.0.0/0",
	}
	goodAppACL = []string{
		"100 allow in tcp 8080 from 10.0.0.0/16",
		"110 allow in tcp 8081 from 10.0.0.0/16",
		"120 allow in icmp 3/4 from 10.0.0.0/16",
		"100 allow out tcp 1024-65535 to 10.0.0.0/16",
		"110 allow out icmp 3/4 to 10.0.0.0/16",
	}
)

// goodPath is the path of web in two zones, each with a subnet of the load
// balancer and one of the instances.
func goodPath(t *testing.T) Path {
	t.Helper()
	subnet := func(id, cidr, zone, acl string) Subnet {
		return Subnet{ID: id, CIDR: netip.MustParsePrefix(cidr), Zone: zone, ACL: acl}
	}
	return Path{
		LoadBalancer: web(), VPCID: "vpc-1", VPC: networksOf("10.0.0.0/16"), CrossZone: true,
		Subnets: []Subnet{subnet("subnet-lb-a", "10.0.1.0/24", "a", "acl-lb"), subnet("subnet-lb-b", "10.0.2.0/24", "b", "acl-lb")},
		Instances: []Instance{
			{ID: "i-1", Groups: []string{"sg-app"}, Subnet: "subnet-app-a"},
			{ID: "i-2", Groups: []string{"sg-app"}, Subnet: "subnet-app-b"},
		},
		InstanceSubnets: map[string]Subnet{
			"subnet-app-a": subnet("subnet-app-a", "10.0.11.0/24", "a", "acl-app"),
			"subnet-app-b": subnet("subnet-app-b", "10.0.12.0/24", "b", "acl-app"),
		},
		Groups: map[string]Group{
			"sg-lb": groupOf(t, "sg-lb", goodLBGroup...), "sg-app": groupOf(t, "sg-app", goodAppGroup...),
		},
		ACLs: map[string]ACL{"acl-lb": aclOf(t, "acl-lb", goodLBACL...), "acl-app": aclOf(t, "acl-app", goodAppACL...)},
	}
}

// withoutRules leaves out the rules that contain a text.
func withoutRules(rules []string, text string) []string {
	return slices.DeleteFunc(slices.Clone(rules), func(rule string) bool { return strings.Contains(rule, text) })
}

// told are the findings about flows in short: id and sentence.
func told(a Answer) []string {
	var all []string
	for _, f := range flowFindings(a) {
		all = append(all, string(f.ID)+" "+f.Sentence)
	}
	return all
}

// verdictsOf are the flows that are not proved, with what decides that, in short: "health check on tcp
// 8081: refuted by acl-lb".
func verdictsOf(a Answer) []string {
	var all []string
	for _, flow := range a.Flows {
		if flow.Verdict == packet.Proved {
			continue
		}
		text := flow.Flow.short() + ": " + string(flow.Verdict)
		var by []string
		for _, h := range flow.Hops {
			if h.Verdict == flow.Verdict {
				by = withAll(by, []string{h.Filter})
			}
		}
		if len(by) > 0 {
			text += " by " + strings.Join(by, ", ")
		}
		all = append(all, text)
	}
	return all
}

// pathCase is a change of goodPath and what becomes of it.
type pathCase struct {
	name     string
	change   func(t *testing.T, p *Path)
	verdicts []string
	told     []string
}

func checkPaths(t *testing.T, cases []pathCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := goodPath(t)
			c.change(t, &p)
			a := judged(t, p, Options{})
			if got := verdictsOf(a); !slices.Equal(got, c.verdicts) {
				t.Errorf("verdicts:\n got %s\nwant %s", strings.Join(got, "\n     "), strings.Join(c.verdicts, "\n     "))
			}
			if got := told(a); !slices.Equal(got, c.told) {
				t.Errorf("findings:\n got %s\nwant %s", strings.Join(got, "\n     "), strings.Join(c.told, "\n     "))
			}
		})
	}
}

func setACL(t *testing.T, p *Path, id string, more []string, entries []string) {
	t.Helper()
	p.ACLs[id] = aclOf(t, id, append(slices.Clone(more), entries...)...)
}

// setSubnet changes an instance subnet.
func (p *Path) setSubnet(id string, change func(*Subnet)) {
	s := p.InstanceSubnets[id]
	change(&s)
	p.InstanceSubnets[id] = s
}

func TestPathProved(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(p *Path){
		"cross-zone":        func(*Path) {},
		"zone by zone":      func(p *Path) { p.CrossZone = false },
		"cross-zone unseen": func(p *Path) { p.CrossZone, p.CrossZoneUnseen = false, "access denied" },
		"no VPC networks":   func(p *Path) { p.VPC = nil },
		"another group beside": func(p *Path) {
			p.Instances[0].Groups = []string{"sg-base", "sg-app"}
			p.Groups["sg-base"] = Group{ID: "sg-base"}
		},
		"same group stated by owner": func(p *Path) { p.LoadBalancer.SecurityGroups = []string{"123456789012/sg-lb"} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := goodPath(t)
			change(&p)
			a := judged(t, p, Options{})
			wantProved(t, a)
			if got, want := len(a.Flows), 6; got != want {
				t.Errorf("%d flows, want %d", got, want)
			}
		})
	}
}

func TestPathZones(t *testing.T) {
	t.Parallel()
	// Only traffic from zone a to zone b is refused.
	acrossZones := []string{"90 deny in tcp 8080 from 10.0.1.0/24"}
	deny := func(t *testing.T, p *Path) {
		s := p.InstanceSubnets["subnet-app-b"]
		s.ACL = "acl-b"
		p.InstanceSubnets["subnet-app-b"] = s
		setACL(t, p, "acl-b", acrossZones, goodAppACL)
	}
	checkPaths(t, []pathCase{
		{
			name:     "cross-zone",
			change:   deny,
			verdicts: []string{"load balancer to instance port on tcp 8080: refuted by acl-b"},
			told: []string{`CLB102 traffic tcp/8080 from "web" to its instances is refused by network ACL acl-b inbound rule 90 (deny tcp 8080 from 10.0.1.0/24): ` +
				`e.g. 10.0.1.4 -> 10.0.12.4:8080. This is the traffic from subnet-lb-a to subnet-app-b.`},
		},
		{name: "zone by zone", change: func(t *testing.T, p *Path) { deny(t, p); p.CrossZone = false }},
		{
			name: "unseen",
			change: func(t *testing.T, p *Path) {
				deny(t, p)
				p.CrossZone, p.CrossZoneUnseen = false, "access denied."
			},
			verdicts: []string{"load balancer to instance port on tcp 8080: undecided by acl-b"},
			told: []string{`CLB402 whether traffic tcp/8080 from "web" to its instances gets through cannot be told: ` +
				`it is not known whether cross-zone load balancing is on: access denied. 10.0.1.4 -> 10.0.12.4:8080 would be refused by network ACL acl-b inbound rule 90 (deny tcp 8080 from 10.0.1.0/24). This is the traffic from subnet-lb-a to subnet-app-b.`},
		},
		{
			name: "unseen, but refused within the zone as well",
			change: func(t *testing.T, p *Path) {
				p.CrossZone, p.CrossZoneUnseen = false, "access denied"
				setACL(t, p, "acl-app", nil, withoutRules(goodAppACL, "8081"))
			},
			verdicts: []string{"health check on tcp 8081: refuted by acl-app"},
			told: []string{`CLB103 health check tcp/8081 from "web" is refused by the final inbound rule * of network ACL acl-app: e.g. 10.0.1.4 -> 10.0.11.4:8081. ` +
				`This is the traffic from subnet-lb-a to subnet-app-a and from subnet-lb-b to subnet-app-b.`},
		},
		{
			name: "a zone is not known",
			change: func(t *testing.T, p *Path) {
				deny(t, p)
				p.CrossZone = false
				p.setSubnet("subnet-app-b", func(s *Subnet) { s.Zone = "" })
			},
			verdicts: []string{"load balancer to instance port on tcp 8080: undecided by acl-b"},
			told: []string{`CLB402 whether traffic tcp/8080 from "web" to its instances gets through cannot be told: ` +
				`cross-zone load balancing is off, and it is not known whether both are in one availability zone. 10.0.1.4 -> 10.0.12.4:8080 would be refused by network ACL acl-b inbound rule 90 (deny tcp 8080 from 10.0.1.0/24). This is the traffic from subnet-lb-a to subnet-app-b.`},
		},
		{
			name: "no instance in a zone of the load balancer",
			change: func(_ *testing.T, p *Path) {
				p.CrossZone = false
				p.Instances = p.Instances[:1]
				p.Subnets = p.Subnets[1:]
			},
			verdicts: []string{
				"load balancer to instance port on tcp 8080: undecided by sg-lb, acl-lb, acl-app, sg-app",
				"health check on tcp 8081: undecided by sg-lb, acl-lb, acl-app, sg-app",
				"reply of instances: undecided by acl-app, acl-lb",
			},
			told: []string{`CLB401 the flows of load balancer "web" to its instances cannot be judged: cross-zone load balancing is off, and no instance is in an availability zone in which the load balancer has a subnet.`},
		},
	})
}

func TestPathWithinOneSubnet(t *testing.T) {
	t.Parallel()
	share := func(t *testing.T, p *Path) {
		p.Instances = []Instance{{ID: "i-1", Groups: []string{"sg-app"}, Subnet: "subnet-lb-a"}}
		p.InstanceSubnets = map[string]Subnet{"subnet-lb-a": p.Subnets[0]}
		setACL(t, p, "acl-lb", []string{"90 deny out tcp 8080 to 10.0.0.0/16"}, goodLBACL)
	}
	checkPaths(t, []pathCase{
		{
			// Replies to clients in the VPC are refused on that one port.
			name:     "no network ACL in the way",
			change:   func(t *testing.T, p *Path) { share(t, p); p.Subnets = p.Subnets[:1] },
			verdicts: []string{"reply to clients: refuted by acl-lb"},
			told: []string{`CLB104 replies tcp/8080 from "web" to its clients are refused by network ACL acl-lb outbound rule 90 (deny tcp 8080 to 10.0.0.0/16): ` +
				`e.g. 10.0.1.4 -> 10.0.0.4:8080.`},
		},
		{
			name:   "the other node has one",
			change: share,
			verdicts: []string{
				"reply to clients: refuted by acl-lb",
				"load balancer to instance port on tcp 8080: refuted by acl-lb",
				"reply of instances: refuted by acl-lb",
			},
			told: []string{
				`CLB102 traffic tcp/8080 from "web" to its instances is refused by network ACL acl-lb outbound rule 90 (deny tcp 8080 to 10.0.0.0/16): ` +
					`e.g. 10.0.2.4 -> 10.0.1.4:8080. This is the traffic from subnet-lb-b to subnet-lb-a.`,
				`CLB104 replies tcp/8080 from "web" to its clients are refused by network ACL acl-lb outbound rule 90 (deny tcp 8080 to 10.0.0.0/16): ` +
					`e.g. 10.0.1.4 -> 10.0.0.4:8080.`,
				`CLB105 replies tcp/8080 from the instances to "web" are refused by network ACL acl-lb outbound rule 90 (deny tcp 8080 to 10.0.0.0/16): ` +
					`e.g. 10.0.1.4 -> 10.0.2.4:8080. This is the traffic from subnet-lb-a to subnet-lb-b.`,
			},
		},
		{
			name: "groups count all the same",
			change: func(t *testing.T, p *Path) {
				share(t, p)
				setACL(t, p, "acl-lb", nil, goodLBACL)
				p.Subnets = p.Subnets[:1]
				p.Groups["sg-app"] = groupOf(t, "sg-app", withoutRules(goodAppGroup, "8081")...)
			},
			verdicts: []string{"health check on tcp 8081: refuted by sg-app"},
			told:     []string{`CLB103 health check tcp/8081 from "web" is refused by security group sg-app, which has no inbound rule that admits it: e.g. 10.0.1.4 (a member of sg-lb) -> 10.0.1.4:8081.`},
		},
	})
}
