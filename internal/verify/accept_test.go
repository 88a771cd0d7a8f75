// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package verify

import (
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/terraform-clb/terraform-provider-clb/internal/packet"
)

func TestAcceptanceCheck(t *testing.T) {
	t.Parallel()
	good := Acceptance{Name: "accept[0]", Finding: BroadGroupIn, Reason: "office VPN"}
	for name, test := range map[string]struct {
		change func(*Acceptance)
		want   []string
	}{
		"nothing wrong":      {func(*Acceptance) {}, nil},
		"slug":               {func(a *Acceptance) { a.Finding = "load-balancer-group-ingress" }, nil},
		"lower case":         {func(a *Acceptance) { a.Finding = "clb201" }, nil},
		"icmp type and code": {func(a *Acceptance) { a.Protocol, a.Ports, a.FromPort, a.ToPort = "icmp", true, 8, 0 }, nil},
		"protocol alone":     {func(a *Acceptance) { a.Protocol = "tcp" }, nil},
		"all protocols":      {func(a *Acceptance) { a.Protocol = "-1" }, nil},
		"group of another account": {func(a *Acceptance) {
			a.SecurityGroup = "123456789012/sg-0123456789abcdef0"
		}, nil},
		"digit wrong": {func(a *Acceptance) { a.Finding = "CLB209" }, []string{
			`accept[0]: finding "CLB209" is no kind of finding: did you mean CLB201 (load-balancer-group-ingress), CLB202 (load-balancer-group-egress), CLB203 (instance-group), CLB204 (network-acl-ingress), CLB205 (network-acl-egress), CLB309 (overrides-deny)?`,
		}},
		"slug with a typing mistake": {func(a *Acceptance) { a.Finding = "helth-check" }, []string{
			`accept[0]: finding "helth-check" is no kind of finding: did you mean CLB103 (health-check)?`,
		}},
		"a word of the title": {func(a *Acceptance) { a.Finding = "broader" }, []string{
			`accept[0]: finding "broader" is no kind of finding: write an id such as CLB201 or its name such as load-balancer-group-ingress, as the finding itself shows it`,
		}},
		"empty finding": {func(a *Acceptance) { a.Finding = "" }, []string{
			`accept[0]: finding "" is no kind of finding: write an id`,
		}},
		"undecided": {func(a *Acceptance) { a.Finding = NotVisible }, []string{
			`accept[0]: finding CLB402 (not-visible) cannot be accepted: it says that something is not known`,
		}},
		"acceptance of acceptances": {func(a *Acceptance) { a.Finding = AcceptanceExpired }, []string{
			`accept[0]: finding CLB902 (acceptance-expired) cannot be accepted`,
		}},
		"no reason": {func(a *Acceptance) { a.Reason = " " }, []string{
			`accept[0]: reason is empty: say why this is acceptable`,
		}},
		"pattern": {func(a *Acceptance) { a.LoadBalancer = "web-[ab]" }, []string{
			`accept[0]: the load balancer name pattern "web-[ab]" has characters that no name has`,
		}},
		"ports alone": {func(a *Acceptance) { a.Ports, a.FromPort, a.ToPort = true, 22, 22 }, []string{
			`accept[0]: from_port 22 and to_port 22 need a protocol: set protocol to tcp, udp, icmp or icmpv6`,
		}},
		"ports of all protocols": {func(a *Acceptance) { a.Protocol, a.Ports, a.FromPort, a.ToPort = "-1", true, 22, 22 }, []string{
			`accept[0]: from_port 22 and to_port 22 do not go with protocol "-1", which has no ports: remove them, or set protocol to tcp or udp`,
		}},
		"ports turned round": {func(a *Acceptance) { a.Protocol, a.Ports, a.FromPort, a.ToPort = "tcp", true, 443, 80 }, []string{
			`accept[0]: from_port 443 is above to_port 80: write the lower one first`,
		}},
		"port too high": {func(a *Acceptance) { a.Protocol, a.Ports, a.FromPort, a.ToPort = "tcp", true, 80, 70000 }, []string{
			`accept[0]: ports 80 to 70000 of tcp: ports go from 0 to 65535`,
		}},
		"icmp written as a range": {func(a *Acceptance) { a.Protocol, a.Ports, a.FromPort, a.ToPort = "icmp", true, 0, 65535 }, []string{
			`types and codes go from 0 to 255, or are -1 for all; of icmp, from_port is the type and to_port the code`,
		}},
		"unknown protocol": {func(a *Acceptance) { a.Protocol = "https" }, []string{`accept[0]: protocol "https": write tcp`}},
		"unknown protocol with ports": {func(a *Acceptance) { a.Protocol, a.Ports, a.FromPort, a.ToPort = "https", true, 1, 2 }, []string{
			`accept[0]: protocol "https": write tcp`,
		}},
		"host bits": {func(a *Acceptance) { a.CIDR = netip.MustParsePrefix("10.0.0.1/8") }, []string{
			`accept[0]: cidr 10.0.0.1/8 has host bits: write 10.0.0.0/8`,
		}},
		"group": {func(a *Acceptance) { a.SecurityGroup = "web" }, []string{`accept[0]: security_group_id `}},
		"list":  {func(a *Acceptance) { a.PrefixList = "sg-01234567" }, []string{`accept[0]: prefix_list_id `}},
		"two peers": {func(a *Acceptance) {
			a.CIDR, a.SecurityGroup = netip.MustParsePrefix("10.0.0.0/8"), "sg-01234567"
		}, []string{
			`accept[0]: cidr, security_group_id are set together: an acceptance is about one of them, write one acceptance for each`,
		}},
		"traffic of what has none": {func(a *Acceptance) { a.Finding, a.Protocol = DefaultGroup, "tcp" }, []string{
			`accept[0]: CLB303 (default-security-group) is not about single packets: remove cidr`,
		}},
		"two at once": {func(a *Acceptance) { a.Finding, a.Reason = "x", "" }, []string{"is no kind of finding", "reason is empty"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := good
			test.change(&a)
			got := a.Check()
			if len(got) != len(test.want) {
				t.Fatalf("%d problems, want %d: %q", len(got), len(test.want), got)
			}
			for i := range got {
				if !strings.Contains(got[i], test.want[i]) {
					t.Errorf("got  %s\nwant %s", got[i], test.want[i])
				}
			}
		})
	}
}

func TestMatchName(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		pattern, name string
		want          bool
	}{
		{"web", "web", true}, {"web", "webs", false}, {"web", "we", false}, {"web", "", false},
		{"web-*", "web-", true}, {"web-*", "web-1", true}, {"web-*", "web", false}, {"*", "", true}, {"*", "x", true},
		{"*-web", "a-web-web", true}, {"*-web", "a-web-x", false}, {"a*b*c", "a-b-b-c", true}, {"a*b*c", "a-c-b", false},
		{"web-?", "web-1", true}, {"web-?", "web-", false}, {"web-?", "web-12", false}, {"?*", "", false}, {"**", "x", true},
		{strings.Repeat("*a", 30) + "b", strings.Repeat("a", 60), false},
	} {
		if got := matchName(test.pattern, test.name); got != test.want {
			t.Errorf("%q of %q: %t", test.name, test.pattern, got)
		}
	}
}

// TestAcceptedRegionNarrowsExactly holds what is left of random findings against
// each packet of a small universe.
func TestAcceptedRegionNarrowsExactly(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	members := [][]string{nil, {"sg-01234567"}, {"pl-01234567"}}
	lbs := []string{`load balancer "web-1"`, `load balancer "api-1"`}
	patterns := []string{"", "web-*", "*-1", "api-?", "other"}
	narrowed := 0
	for range 3000 {
		var found packet.Region
		for range 1 + random.IntN(3) {
			first := uint16(78 + random.IntN(6))
			found = append(found, packet.Box{
				Traffic:   packet.TCP(first, first+uint16(random.IntN(4))),
				Addresses: packet.CIDR(smallNetwork(random)),
				MemberOf:  members[random.IntN(len(members))],
			})
		}
		var o Options
		for range 1 + random.IntN(3) {
			a := Acceptance{Finding: BroadGroupIn, Reason: "r", LoadBalancer: patterns[random.IntN(len(patterns))]}
			switch random.IntN(4) {
			case 0:
				a.CIDR = smallNetwork(random)
			case 1:
				a.SecurityGroup = "123456789012/sg-01234567"
			case 2:
				a.PrefixList = "pl-01234567"
			}
			if random.IntN(2) == 0 {
				a.Protocol, a.Ports, a.FromPort = "tcp", true, 78+random.IntN(6)
				a.ToPort = a.FromPort + random.IntN(3)
			}
			if random.IntN(8) == 0 {
				a.Finding = BroadGroupOut
			}
			if problems := a.Check(); len(problems) > 0 {
				t.Fatal(problems)
			}
			o.Accept = append(o.Accept, a)
		}
		acc := newAcceptances(o)
		left := acc.narrow(BroadGroupIn, lbs, found)
		for _, memberOf := range members {
			for port := uint16(76); port < 90; port++ {
				for host := range 8 {
					address := netip.AddrFrom4([4]byte{10, 0, 0, byte(host)})
					want := inBoxes(found, memberOf, port, address) && !acceptedForAll(o.Accept, lbs, memberOf, port, address)
					if got := inBoxes(left, memberOf, port, address); got != want {
						t.Fatalf("tcp %d of %s, %v: left %t, want %t\nfound %v\nleft %v\naccepted %+v", port, address, memberOf, got, want, found, left, o.Accept)
					}
					if !want && inBoxes(found, memberOf, port, address) {
						narrowed++
					}
				}
			}
		}
	}
	if narrowed == 0 {
		t.Error("nothing was ever accepted")
	}
}

func smallNetwork(random *rand.Rand) netip.Prefix {
	bits := 29 + random.IntN(4)
	return netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 0, 0, byte(random.IntN(8))}), bits).Masked()
}

// inBoxes tells whether a packet of a peer with exactly this membership is in a
// region.
func inBoxes(region packet.Region, memberOf []string, port uint16, address netip.Addr) bool {
	return slices.ContainsFunc(region, func(b packet.Box) bool {
		return slices.Equal(b.MemberOf, memberOf) && b.Traffic.First <= port && port <= b.Traffic.Last && b.Addresses.Contains(address)
	})
}

func acceptedForAll(all []Acceptance, lbs []string, memberOf []string, port uint16, address netip.Addr) bool {
	for _, lb := range lbs {
		name := strings.Trim(strings.TrimPrefix(lb, "load balancer "), `"`)
		if !slices.ContainsFunc(all, func(a Acceptance) bool {
			matches := map[string]bool{"": true, "web-*": name == "web-1", "*-1": true, "api-?": name == "api-1"}
			return a.Finding == BroadGroupIn && matches[a.LoadBalancer] &&
				(!a.CIDR.IsValid() || a.CIDR.Contains(address)) &&
				(a.SecurityGroup == "" || slices.Contains(memberOf, "sg-01234567")) &&
				(a.PrefixList == "" || slices.Contains(memberOf, "pl-01234567")) &&
				(!a.Ports || a.FromPort <= int(port) && int(port) <= a.ToPort)
		}) {
			return false
		}
	}
	return true
}

func TestAcceptanceEnds(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("early", 14*60*60)
	expires := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	ssh := packet.Region{{Traffic: packet.TCP(22, 22), Addresses: packet.Anywhere()}}
	for name, test := range map[string]struct {
		today    time.Time
		change   func(*Acceptance)
		found    packet.Region
		decided  bool
		accepted bool
		want     []ID
		sentence string
	}{
		"15 days before": {today: expires.AddDate(0, 0, -15), found: ssh, decided: true, accepted: true},
		"14 days before": {
			today: expires.AddDate(0, 0, -14), found: ssh, decided: true, accepted: true, want: []ID{AcceptanceExpiring},
			sentence: `accept[0] (CLB201, "office VPN") expires in 14 days, on 2026-12-01. On the day after, what is accepted now is reported again.`,
		},
		"the day before": {
			today: expires.AddDate(0, 0, -1), found: ssh, accepted: true, want: []ID{AcceptanceExpiring},
			sentence: `accept[0] (CLB201, "office VPN") expires tomorrow, on 2026-12-01.`,
		},
		"the last minute of the last day": {
			today: expires.Add(24*time.Hour - time.Minute), found: ssh, accepted: true, want: []ID{AcceptanceExpiring},
			sentence: `accept[0] (CLB201, "office VPN") expires today, on 2026-12-01.`,
		},
		"the last day elsewhere": {today: time.Date(2026, 12, 1, 23, 0, 0, 0, zone), found: ssh, accepted: true, want: []ID{AcceptanceExpiring}},
		"the day after": {
			today: expires.AddDate(0, 0, 1), found: ssh, decided: true, want: []ID{AcceptanceExpired},
			sentence: `accept[0] (CLB201, "office VPN") expired on 2026-12-01. What was accepted is reported again.`,
		},
		"expired and unused": {today: expires.AddDate(1, 0, 0), decided: true, want: []ID{AcceptanceExpired}},
		"never":              {today: expires.AddDate(9, 0, 0), found: ssh, decided: true, accepted: true, change: func(a *Acceptance) { a.Expires = time.Time{} }},
		"unused": {
			today: expires.AddDate(0, -6, 0), decided: true, accepted: true, want: []ID{AcceptanceUnused},
			sentence: `accept[0] (CLB201, "office VPN") accepts nothing that is found.`,
		},
		"unused, as its scope misses": {
			today: expires.AddDate(0, -6, 0), decided: true, found: packet.Region{{Traffic: packet.TCP(23, 23), Addresses: packet.Anywhere()}},
			change: func(a *Acceptance) { a.Protocol, a.Ports, a.FromPort, a.ToPort = "tcp", true, 22, 22 }, accepted: true, want: []ID{AcceptanceUnused},
		},
		"undecided":                       {today: expires.AddDate(0, -6, 0), accepted: true},
		"shared and unused":               {today: expires.AddDate(0, -6, 0), decided: true, accepted: true, change: func(a *Acceptance) { a.Shared = true }},
		"shared, unused and expired":      {today: expires.AddDate(1, 0, 0), decided: true, change: func(a *Acceptance) { a.Shared = true }},
		"shared, expired and missed":      {today: expires.AddDate(1, 0, 0), found: ssh, change: func(a *Acceptance) { a.Shared = true }, want: []ID{AcceptanceExpired}},
		"of what is found elsewhere":      {today: expires.AddDate(0, -6, 0), decided: true, accepted: true, change: func(a *Acceptance) { a.Finding = LoadBalancerDiffers }},
		"malformed: it accepts nothing":   {today: expires, found: ssh, change: func(a *Acceptance) { a.Reason = "" }},
		"of another load balancer's name": {today: expires.AddDate(0, -6, 0), found: ssh, change: func(a *Acceptance) { a.LoadBalancer = "api" }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := Acceptance{Name: "accept[0]", Finding: BroadGroupIn, Reason: "office VPN", Expires: expires}
			if test.change != nil {
				test.change(&a)
			}
			acc := newAcceptances(Options{Accept: []Acceptance{a}, Today: test.today})
			const web = `load balancer "web"`
			left := acc.narrow(BroadGroupIn, []string{web}, test.found)
			if got := len(acc.region(a.Finding, web)) > 0; got != test.accepted {
				t.Errorf("accepted: %t", got)
			}
			if a.Finding == BroadGroupIn && len(test.found) > 0 && !slices.Contains(test.want, AcceptanceUnused) && (len(left) == 0) != test.accepted {
				t.Errorf("left: %v", left)
			}
			findings := acc.findings(test.decided)
			var got []ID
			for _, f := range findings {
				got = append(got, f.ID)
				if f.Nature.Severity(Strict, true) != Warning {
					t.Errorf("%s is %s", f.ID, f.Nature.Severity(Strict, true))
				}
				if f.Fix == "" {
					t.Errorf("%s has no fix", f.ID)
				}
			}
			if !slices.Equal(got, test.want) {
				t.Fatalf("findings %v, want %v", got, test.want)
			}
			if test.sentence != "" && !strings.HasPrefix(findings[0].Sentence, test.sentence) {
				t.Errorf("got  %s\nwant %s", findings[0].Sentence, test.sentence)
			}
		})
	}
}

func TestAcceptanceOfWhatIsNoTraffic(t *testing.T) {
	t.Parallel()
	found := []Finding{
		{ID: DefaultGroup, About: "sg-01234567"},
		{ID: NoHealthCheck},
		{ID: BroadGroupIn, About: "sg-01234567"},
	}
	web, api := `load balancer "web"`, `load balancer "api"`
	for name, test := range map[string]struct {
		accept Acceptance
		lbs    []string
		want   []ID
	}{
		"accepted":                      {Acceptance{Finding: DefaultGroup}, []string{web}, []ID{NoHealthCheck, BroadGroupIn}},
		"for the group":                 {Acceptance{Finding: DefaultGroup, SecurityGroup: "sg-01234567"}, []string{web}, []ID{NoHealthCheck, BroadGroupIn}},
		"for another group":             {Acceptance{Finding: DefaultGroup, SecurityGroup: "sg-76543210"}, []string{web}, []ID{DefaultGroup, NoHealthCheck, BroadGroupIn}},
		"for one of two":                {Acceptance{Finding: NoHealthCheck, LoadBalancer: "web"}, []string{web, api}, []ID{DefaultGroup, NoHealthCheck, BroadGroupIn}},
		"for both":                      {Acceptance{Finding: NoHealthCheck, LoadBalancer: "*"}, []string{web, api}, []ID{DefaultGroup, BroadGroupIn}},
		"for none":                      {Acceptance{Finding: NoHealthCheck}, nil, []ID{DefaultGroup, BroadGroupIn}},
		"what is traffic has been left": {Acceptance{Finding: BroadGroupIn}, []string{web}, []ID{DefaultGroup, NoHealthCheck, BroadGroupIn}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.accept.Reason = "known"
			var got []ID
			for _, f := range (Options{Accept: []Acceptance{test.accept}}).Unaccepted(found, test.lbs...) {
				got = append(got, f.ID)
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("%v, want %v", got, test.want)
			}
		})
	}
}
