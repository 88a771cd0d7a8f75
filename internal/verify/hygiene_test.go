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

// untidy is a question that finds what breaks nothing today.
type untidy interface {
	hygiene(*acceptances) []Finding
}

func hygieneOf(q untidy, accept ...Acceptance) []Finding {
	for i := range accept {
		accept[i].Reason = "known"
	}
	return q.hygiene(newAcceptances(Options{Accept: accept}))
}

func wantHygiene(t *testing.T, got []Finding, want ...wantFinding) {
	t.Helper()
	wantFindings(t, got, want...)
	for _, f := range got {
		if f.Fix == "" || f.Nature != Hygiene && f.Nature != LiveDiffers && f.Nature != FewerClients {
			t.Errorf("nature %d, fix %q", f.Nature, f.Fix)
		}
		if strings.Contains(f.Sentence, "  ") || !strings.HasSuffix(f.Sentence, ".") || strings.HasSuffix(f.Sentence, "..") {
			t.Errorf("no sentence: %s", f.Sentence)
		}
	}
}

func ownedBy(acl ACL, origin Origin, numbers ...int) ACL {
	for i, entry := range acl.Entries {
		for _, number := range numbers {
			if entry.Number == number {
				acl.Entries[i].Origin = origin
			}
		}
	}
	return acl
}

func TestShadowedEntries(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		entries []string
		origin  Origin
		own     []int
		want    []wantFinding
	}{
		"by a foreign deny": {
			entries: []string{"90 deny in tcp 0-65535 from 10.0.0.0/8", "100 allow in tcp 8080 from 10.0.0.0/16"}, origin: Derived, own: []int{100},
			want: []wantFinding{{
				id:       ShadowedEntry,
				sentence: "Network ACL acl-1 inbound rule 100 (allow tcp 8080 from 10.0.0.0/16) can never match: rule 90 (deny) comes before it and decides all that it is about.",
				blockers: []string{"network ACL acl-1 inbound rule 90 (deny tcp 0-65535 from 10.0.0.0/8)"},
				fix:      "Give rule 100 a number below 90, or remove what comes before it.",
			}},
		},
		"by two together, and not by a third": {
			entries: []string{"70 deny in udp 53 from 0.0.0.0/0", "80 deny in tcp 0-8080 from 10.0.0.0/16", "90 allow in tcp 8081-9000 from 10.0.0.0/8", "100 allow in tcp 8080-8081 from 10.0.0.0/16"},
			origin:  Written, own: []int{100},
			want: []wantFinding{{
				id:       ShadowedEntry,
				sentence: "Network ACL acl-1 inbound rule 100 (allow tcp 8080-8081 from 10.0.0.0/16) can never match: rules 80 (deny) and 90 come before it and together decide all that it is about.",
				blockers: []string{"network ACL acl-1 inbound rule 80 (deny tcp 0-8080 from 10.0.0.0/16)", "network ACL acl-1 inbound rule 90 (allow tcp 8081-9000 from 10.0.0.0/8)"},
			}},
		},
		"by a foreign allow": {
			entries: []string{"90 allow in all from 0.0.0.0/0", "100 allow in tcp 8080 from 10.0.0.0/16"}, origin: Derived, own: []int{100},
			want: []wantFinding{{id: ShadowedEntry}},
		},
		"recommended for the ephemeral ports": {
			entries: []string{"100 allow in tcp 1024-65535 from 10.0.0.0/16", "110 allow in tcp 8080 from 10.0.0.0/16"}, origin: Derived, own: []int{100, 110},
		},
		"written twice": {
			entries: []string{"100 allow in tcp 1024-65535 from 10.0.0.0/16", "110 allow in tcp 8080 from 10.0.0.0/16"}, origin: Written, own: []int{100, 110},
			want: []wantFinding{{id: ShadowedEntry}},
		},
		"partly":    {entries: []string{"90 deny in tcp 8080 from 10.0.0.0/17", "100 allow in tcp 8080 from 10.0.0.0/16"}, origin: Derived, own: []int{100}},
		"of others": {entries: []string{"90 deny in all from 0.0.0.0/0", "100 allow in tcp 8080 from 10.0.0.0/16"}},
		"other direction": {
			entries: []string{"90 deny out all to 0.0.0.0/0", "100 allow in tcp 8080 from 10.0.0.0/16"}, origin: Derived, own: []int{100},
		},
		"two of ours in one finding": {
			entries: []string{"90 deny in all from 0.0.0.0/0", "90 deny out all to 0.0.0.0/0", "100 allow in tcp 8080 from 10.0.0.0/16", "100 allow out tcp 1024-65535 to 10.0.0.0/16"},
			origin:  Planned, own: []int{100},
			want: []wantFinding{{id: ShadowedEntry, blockers: []string{
				"network ACL acl-1 inbound rule 90 (deny all traffic from 0.0.0.0/0)", "network ACL acl-1 outbound rule 90 (deny all traffic to 0.0.0.0/0)",
			}}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q := subnetACL(t, web(), PrivateInstanceSubnet, test.entries...)
			q.ACL = ownedBy(q.ACL, test.origin, test.own...)
			wantHygiene(t, hygieneOf(q), test.want...)
			wantHygiene(t, hygieneOf(q, Acceptance{Finding: ShadowedEntry}))
			q.ACL.Unseen = "denied"
			wantHygiene(t, hygieneOf(q))
			q.ACL.Unseen, q.Directions = "", nil
			wantHygiene(t, hygieneOf(q))
		})
	}
}

func TestOverriddenDeny(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		entries []string
		want    []wantFinding
	}{
		"an attacker": {
			entries: []string{"100 allow in tcp 80 from 0.0.0.0/0", "200 deny in all from 203.0.113.0/24"},
			want: []wantFinding{{
				id:       OverridesDeny,
				sentence: "Network ACL acl-1 inbound rule 100 (allow tcp 80 from 0.0.0.0/0) lets pass what rule 200 (deny) was to stop: tcp 80 from 203.0.113.0/24.",
				blockers: []string{"network ACL acl-1 inbound rule 200 (deny all traffic from 203.0.113.0/24)"},
				fix: `If the deny is meant, give it a number below 100. If it is not, remove it, or say why it is there: ` +
					`accept = [{ finding = "CLB309", reason = "…" }].`,
			}},
		},
		"the deny comes first":            {entries: []string{"90 deny in all from 203.0.113.0/24", "100 allow in tcp 80 from 0.0.0.0/0"}},
		"what the final rule says anyway": {entries: []string{"100 allow in tcp 80 from 0.0.0.0/0", "200 deny in all from 0.0.0.0/0"}},
		"about other packets":             {entries: []string{"100 allow in tcp 80 from 0.0.0.0/0", "200 deny in tcp 22 from 0.0.0.0/0"}},
		"let pass by someone else":        {entries: []string{"50 allow in tcp 80 from 203.0.113.0/24", "100 allow in tcp 80 from 0.0.0.0/0", "200 deny in tcp 80 from 203.0.113.0/24"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q := subnetACL(t, web(), LoadBalancerSubnet, test.entries...)
			q.ACL = ownedBy(q.ACL, Derived, 100)
			wantHygiene(t, hygieneOf(q), test.want...)
			// Our own deny is no one else's.
			q.ACL = ownedBy(q.ACL, Derived, 200)
			wantHygiene(t, hygieneOf(q, Acceptance{Finding: ShadowedEntry}))
		})
	}
}

func TestGroupsOfLoadBalancers(t *testing.T) {
	t.Parallel()
	named := func(id, name, vpc string) Group { return Group{ID: id, Name: name, VPCID: vpc} }
	carries := func(ids ...string) wiring.LoadBalancer {
		lb := web()
		lb.SecurityGroups = ids
		return lb
	}
	q := LoadBalancerGroup{LoadBalancers: []wiring.LoadBalancer{carries("sg-lb", "sg-1")}, Group: named("sg-lb", "lb", "vpc-1")}
	q.Others = map[string]Group{"sg-1": named("sg-1", "default", "vpc-1"), "sg-2": named("sg-2", "default_elb_1", "vpc-2")}
	wantHygiene(t, hygieneOf(q), wantFinding{
		id:       DefaultGroup,
		sentence: "The load balancer carries sg-1 (default), which is the default group of its VPC, which whatever starts there without a group carries as well.",
	})
	q.LoadBalancers = append(q.LoadBalancers, carries("sg-2"))
	wantHygiene(t, hygieneOf(q), wantFinding{
		id: DefaultGroup,
		sentence: "The load balancer carries sg-1 (default), which is the default group of its VPC, which whatever starts there without a group carries as well. " +
			"The load balancer carries sg-2 (default_elb_1), which is the group that AWS shares among all load balancers made without a group, and is open for the ports of them all.",
	}, wantFinding{
		id:       OtherVPC,
		sentence: "Security group sg-2 is of vpc-2, and not of vpc-1, that of sg-lb. A load balancer and its instances carry groups of one VPC only.",
	})
	q.Others = map[string]Group{"sg-1": named("sg-1", "x", "")}
	wantHygiene(t, hygieneOf(q))
	q.Group.Controller = "blue"
	want := wantFinding{
		id:       ControllerGroup,
		sentence: `Security group sg-lb is owned by the controller of the Kubernetes cluster "blue", which adds and removes rules as it sees fit.`,
	}
	wantHygiene(t, hygieneOf(q), want)
	wantHygiene(t, hygieneOf(InstanceGroup{LoadBalancers: q.LoadBalancers, Group: q.Group}), want)
	wantHygiene(t, hygieneOf(q, Acceptance{Finding: ControllerGroup, SecurityGroup: "sg-01234567"}), want)
	wantHygiene(t, hygieneOf(q, Acceptance{Finding: ControllerGroup}))
}

func TestNoHealthCheck(t *testing.T) {
	t.Parallel()
	lb := web()
	lb.HealthCheck = nil
	one := wantFinding{
		id:       NoHealthCheck,
		sentence: `Load balancer "web" has no health check here, so AWS chooses a target (TCP:80, or the port of the first listener) and no rule is made for its port.`,
		fix:      `Declare it as in aws_elb: health_check = [{ target = "HTTP:8080/ping" }].`,
	}
	lbs := []wiring.LoadBalancer{lb, web()}
	wantHygiene(t, hygieneOf(LoadBalancerGroup{LoadBalancers: lbs}), one)
	wantHygiene(t, hygieneOf(InstanceGroup{LoadBalancers: lbs}), one)
	wantHygiene(t, hygieneOf(SubnetACL{LoadBalancers: lbs}), one)
	lbs[1].HealthCheck, lbs[1].Name = nil, ""
	wantHygiene(t, hygieneOf(InstanceGroup{LoadBalancers: lbs}), wantFinding{
		id:       NoHealthCheck,
		sentence: `Load balancer "web" and the load balancer have no health check here, so AWS chooses a target (TCP:80, or the port of the first listener) and no rule is made for their port.`,
	})
	lbs[0].Listeners, lbs[1].Listeners = nil, nil
	wantHygiene(t, hygieneOf(InstanceGroup{LoadBalancers: lbs}))
}

func TestHygieneOfPath(t *testing.T) {
	t.Parallel()
	wantHygiene(t, hygieneOf(pathOfWeb(t)))

	p := pathOfWeb(t)
	p.InstanceSubnets["subnet-b"] = Subnet{ID: "subnet-b", Zone: "eu-west-1c", ACL: "acl-app"}
	p.Instances = append(p.Instances, Instance{Groups: []string{"sg-app"}, Subnet: "subnet-b"})
	zone := wantFinding{
		id:       ZoneWithoutSubnet,
		sentence: `Load balancer "web" has no subnet in availability zone eu-west-1c, so AWS keeps its instances there out of service: i-1, i-2 and those in subnet-b.`,
		fix:      "Add a subnet of availability zone eu-west-1c to subnets of aws_elb, or keep the instances in availability zone eu-west-1a.",
	}
	wantHygiene(t, hygieneOf(p), zone)
	wantHygiene(t, hygieneOf(p, Acceptance{Finding: ZoneWithoutSubnet, LoadBalancer: "web"}))
	p.Subnets = append(p.Subnets, Subnet{ID: "subnet-c"})
	wantHygiene(t, hygieneOf(p))

	p = pathOfWeb(t)
	lb, app := p.Groups["sg-lb"], p.Groups["sg-app"]
	lb.VPCID, lb.Name, app.Controller = "vpc-2", "default_elb_1", "blue"
	p.Groups["sg-lb"], p.Groups["sg-app"] = lb, app
	p.ACLs["acl-app"] = ownedBy(aclOf(t, "acl-app", "90 deny in all from 0.0.0.0/0", "100 allow in tcp 8080 from 10.0.0.0/16"), Planned, 100)
	wantHygiene(t, hygieneOf(p), wantFinding{id: DefaultGroup}, wantFinding{
		id:       OtherVPC,
		sentence: `Security group sg-lb is of vpc-2, and not of vpc-1, that of load balancer "web". A load balancer and its instances carry groups of one VPC only.`,
	}, wantFinding{id: ControllerGroup}, wantFinding{id: ShadowedEntry})
}

func TestFewerClients(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		rules    []string
		internal bool
		change   func(*Path)
		want     []wantFinding
	}{
		"all":             {rules: []string{"in tcp 80 from 0.0.0.0/1", "in tcp 80 from 128.0.0.0/1"}},
		"nobody":          {rules: []string{"in tcp 443 from 0.0.0.0/0"}},
		"the VPC":         {rules: []string{"in tcp 80 from 10.0.0.0/8"}, internal: true},
		"declared":        {rules: []string{"in tcp 80 from 10.0.0.0/8"}, change: declareOffice},
		"VPC not known":   {rules: []string{"in tcp 80 from sg-a"}, internal: true, change: func(p *Path) { p.VPC = nil }},
		"group not seen":  {rules: []string{"in tcp 80 from sg-a"}, change: func(p *Path) { p.LoadBalancer.SecurityGroups = []string{"sg-lb", "sg-x"} }},
		"partly not seen": {rules: []string{"in tcp 80 from sg-a"}, change: func(p *Path) { g := p.Groups["sg-lb"]; g.Unseen = "denied"; p.Groups["sg-lb"] = g }},
		"some": {rules: []string{"in tcp 80 from 203.0.113.0/24", "in tcp 80 from sg-a", "in tcp 80 from ::/0"}, want: []wantFinding{{
			id: FewerClientsAdmitted,
			sentence: `Security group sg-lb admits to tcp 80 of load balancer "web" only members of sg-a and 203.0.113.0/24. ` +
				"AWS recommends 0.0.0.0/0 where no clients are declared.",
		}}},
		"a group, internal": {rules: []string{"in all from sg-a"}, internal: true, want: []wantFinding{{
			id: FewerClientsAdmitted,
			sentence: `Security group sg-lb admits to tcp 80 of load balancer "web" only members of sg-a. ` +
				"AWS recommends the networks of the VPC (10.0.0.0/16) where no clients are declared.",
		}}},
		"by a network ACL": {rules: []string{"in tcp 80 from 0.0.0.0/0"}, change: func(p *Path) {
			p.ACLs["acl-lb"] = ACL{ID: "acl-lb", Entries: []ACLEntry{{Entry: wiring.Entry{Number: 100, Rule: wiring.Rule{
				Direction: wiring.Ingress, Protocol: wiring.TCP, From: 0, To: 1023, Peer: wiring.CIDRPeer(networksOf("10.0.0.0/8")[0]),
			}}}}}
		}, want: []wantFinding{{
			id: FewerClientsAdmitted, sentence: `Network ACL acl-lb admits to tcp 80 of load balancer "web" only 10.0.0.0/8. AWS recommends 0.0.0.0/0 where no clients are declared.`,
		}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := pathOfWeb(t)
			p.LoadBalancer.Internal = test.internal
			p.Groups["sg-lb"] = groupOf(t, "sg-lb", test.rules...)
			if test.change != nil {
				test.change(&p)
			}
			wantHygiene(t, fewerOf(t, p), test.want...)
			p.ClientsDeclared = true
			wantHygiene(t, fewerOf(t, p), test.want...)
		})
	}
}

func fewerOf(t *testing.T, p Path) []Finding {
	t.Helper()
	return slices.DeleteFunc(judged(t, p, Options{}).Findings, func(f Finding) bool { return f.ID != FewerClientsAdmitted })
}

// A listener that nobody reaches admits fewer clients than recommended as well,
// but to say so beside leads to the wrong rule: here to that of the replies.
func TestFewerClientsIsNotToldOfARefutedListener(t *testing.T) {
	t.Parallel()
	p := goodPath(t)
	p.LoadBalancer.Listeners = append(p.LoadBalancer.Listeners, wiring.Listener{LBPort: 8443, InstancePort: 8080})
	a := judged(t, p, Options{})
	if got := fewerOf(t, p); len(got) > 0 || a.Verdict() != "refuted" {
		t.Errorf("%s, and yet: %+v", a.Verdict(), got)
	}
	setClientGroup(t, &p, "in tcp 80 from 0.0.0.0/0", "in tcp 8443 from 0.0.0.0/0")
	if got := fewerOf(t, p); len(got) != 1 || judged(t, p, Options{}).Verdict() != "proved" {
		t.Errorf("the listener is reached from the VPC alone: %+v", got)
	}
}

func declareOffice(p *Path) {
	p.ClientsDeclared = true
	p.LoadBalancer.Clients = []wiring.Clients{{CIDRBlocks: networksOf("203.0.113.0/24")}}
}

func TestDiffers(t *testing.T) {
	t.Parallel()
	live := web()
	live.SecurityGroups, live.HealthCheck = nil, &wiring.HealthCheckTarget{Protocol: "TCP", Port: 8081}
	wantHygiene(t, Differs(web(), live))
	live.HealthCheck = nil
	wantHygiene(t, Differs(web(), live))
	live = internalWeb()
	live.HealthCheck = &wiring.HealthCheckTarget{Protocol: "TCP", Port: 9000}
	live.Listeners = []wiring.Listener{{LBPort: 443, InstancePort: 8080}, {LBPort: 80, InstancePort: 80}}
	declared := web()
	declared.Listeners = append(declared.Listeners, wiring.Listener{LBPort: 25, InstancePort: 25})
	wantHygiene(t, Differs(declared, live), wantFinding{
		id: LoadBalancerDiffers,
		sentence: `The live load balancer "web" is not as it is declared: it is internal, declared is internet-facing; ` +
			"its listener on tcp 80 forwards to instance port 80, declared is 8080; it has no listener on tcp 25; its listener on tcp 443 is not declared; it checks health on tcp 9000, declared is 8081.",
	})
}

func TestVPCNotDeclared(t *testing.T) {
	t.Parallel()
	live := networksOf("10.0.0.0/16", "100.64.0.0/16", "192.168.0.0/24")
	wantHygiene(t, VPCNotDeclared(live, live, "vpc-1"))
	wantHygiene(t, VPCNotDeclared(networksOf("10.0.0.0/17", "10.0.128.0/17", "100.64.0.0/10", "192.168.0.0/24"), live, "vpc-1"))
	wantHygiene(t, VPCNotDeclared(networksOf("10.0.0.0/16", "192.168.0.0/24"), live, "vpc-1"), wantFinding{
		id: VPCCIDRMissing, sentence: "VPC vpc-1 has 100.64.0.0/16, which is not in vpc_cidr_blocks: no rule is made and nothing is proved for what is there.",
		fix: "Add 100.64.0.0/16 to vpc_cidr_blocks, or take vpc_cidr_blocks from data.clb_load_balancer.",
	})
	wantHygiene(t, VPCNotDeclared(networksOf("10.0.0.0/17"), live, ""), wantFinding{
		id: VPCCIDRMissing, sentence: "The VPC has 10.0.0.0/16, 100.64.0.0/16, 192.168.0.0/24, which are not in vpc_cidr_blocks: no rule is made and nothing is proved for what is there.",
	})
}

func TestQuotaClose(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		count, limit int
		close        bool
	}{
		{17, 20, false}, {18, 20, true}, {20, 20, true}, {21, 20, false}, {53, 60, false}, {54, 60, true}, {60, 60, true}, {61, 60, false}, {0, 2, true}, {179, 200, false}, {180, 200, true},
	} {
		if got := QuotaClose("sg-1", wiring.Ingress, test.count, test.limit, true); (len(got) == 1) != test.close {
			t.Errorf("%d of %d: %+v", test.count, test.limit, got)
		}
	}
	wantHygiene(t, QuotaClose("sg-1", wiring.Ingress, 58, 60, false), wantFinding{
		id: QuotaNear, sentence: "sg-1 has 58 inbound rules of the 60 that it may have (AWS's default): there is room for 2 more.",
		fix: "Split the rules, or have the quota raised before it is needed; if the account has more, set limits of the provider.",
	})
	wantHygiene(t, QuotaClose("acl-1", wiring.Egress, 20, 20, true), wantFinding{
		id: QuotaNear, sentence: "acl-1 has 20 outbound rules of the 20 that it may have (the number of this account): there is room for none more.",
	})
}

func TestDetailOfBroader(t *testing.T) {
	t.Parallel()
	findings := broaderOf(t, loadBalancerGroup(t, web(), "in tcp 22 from 0.0.0.0/0"))
	wantFindings(t, findings, wantFinding{id: BroadGroupIn})
	want := `Security group sg-lb admits tcp 22 from 0.0.0.0/0, which no load balancer that carries it needs.

Opened by: security group sg-lb inbound rule sgr-1 (tcp 22 from 0.0.0.0/0).

Open beyond what is recommended: tcp 22 from 0.0.0.0/0.

Fix: Remove rule sgr-1. To live with it, say why: accept = [{ finding = "CLB201", reason = "…" }].

AWS recommends: security group of an internet-facing load balancer: inbound from 0.0.0.0/0 on the listener ports, and nothing else.

A hint.`
	if got := findings[0].Detail("A hint."); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

// Entries with fields that are not known yet are no culprits, nor is anything said
// of them.
func TestHygieneWithUnknowns(t *testing.T) {
	t.Parallel()
	for _, unknown := range []packet.Field{packet.PeerField, packet.PortsField, packet.ActionField} {
		q := subnetACL(t, web(), PrivateInstanceSubnet, "90 deny in all from 0.0.0.0/0", "100 allow in tcp 8080 from 10.0.0.0/16", "110 deny in tcp 8080 from 10.0.3.0/24")
		q.ACL.Entries[0].Unknown = packet.PeerField
		q.ACL.Entries[1].Origin, q.ACL.Entries[1].Unknown = Written, unknown
		wantHygiene(t, hygieneOf(q))
	}
}
