// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package verify_test

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/terraform-clb/terraform-provider-clb/internal/packet"
	"github.com/terraform-clb/terraform-provider-clb/internal/verify"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// onlyNoHealthCheck fails if an answer has a finding besides that no health check
// is declared.
func onlyNoHealthCheck(t *testing.T, kind string, q question, answer verify.Answer) {
	t.Helper()
	for _, finding := range answer.Findings {
		if finding.ID != verify.NoHealthCheck {
			t.Fatalf("%s: the recommended rules have the finding %s: %s\nof %+v", kind, finding.ID, finding.Detail(""), q)
		}
	}
}

func TestRecommendedRulesProve(t *testing.T) {
	t.Parallel()
	asked := 0
	for seed := range uint64(200) {
		for kind, a := range newGenerator(seed).questions(t) {
			answer := judged(t, a.question)
			onlyNoHealthCheck(t, kind, a.question, answer)
			want, _ := a.decide()
			if got := verdicts(answer); len(got) != len(want) {
				t.Fatalf("%s: the flows are %v, want %v\nof %+v", kind, got, want, a.question)
			}
			for flow, verdict := range verdicts(answer) {
				if verdict != packet.Proved || want[flow] != packet.Proved {
					t.Fatalf("%s: %s is %s, by the scan %q\nof %+v", kind, flow, verdict, want[flow], a.question)
				}
			}
			asked++
		}
	}
	t.Logf("%d recommended sets are proved without a finding", asked)
}

// Deleting one recommended row refutes exactly the flows that no other row lets
// through, each with a packet that the deleted row admits.
func TestDeletingARecommendedRow(t *testing.T) {
	t.Parallel()
	rows, covered, refutedFlows := 0, 0, 0
	for seed := range uint64(25) {
		for kind, a := range newGenerator(seed).questions(t) {
			for row := range a.rows {
				less, gone := a.without(row)
				rows++
				n := wantRefuted(t, fmt.Sprintf("%s without %s", kind, gone.words), less, gone)
				if n == 0 {
					covered++
				}
				refutedFlows += n
			}
		}
	}
	t.Logf("%d rows deleted: %d flows refuted, %d rows that others cover or no flow needs", rows, refutedFlows, covered)
	if covered < rows/50 || covered > rows*3/4 {
		t.Errorf("%d of %d rows are covered: the test sees only one of the cases", covered, rows)
	}
}

// wantRefuted holds the answer without a row against the scan, and tells how many
// flows are refuted.
func wantRefuted(t *testing.T, what string, less asked, gone deleted) int {
	t.Helper()
	answer := judged(t, less.question)
	want, refused := less.decide()
	got := verdicts(answer)
	count := 0
	for flow, verdict := range want {
		if got[flow] != verdict {
			t.Fatalf("%s: %s is %s, by the scan %s (%v)\nof %+v", what, flow, got[flow], verdict, refused[flow], less.question)
		}
		if verdict == packet.Proved {
			continue
		}
		for _, p := range refused[flow] {
			if !gone.admits.pass(p) {
				t.Fatalf("%s: %s is refused to %s, which the row never admitted", what, p, flow)
			}
		}
		if verdict == packet.Refuted {
			count++
		}
	}
	for _, flow := range answer.Flows {
		for _, hop := range flow.Hops {
			if hop.Verdict != packet.Refuted {
				if hop.Witness != "" {
					t.Errorf("%s: a hop that is %s has the packet %s", what, hop.Verdict, hop.Witness)
				}
				continue
			}
			packets := less.shownPackets(t, hop)
			if hop.Hop.Direction() != gone.direction || !slices.ContainsFunc(packets, gone.admits.pass) {
				t.Errorf("%s: %s shows %q, which the row does not admit", what, flow.Flow, hop.Witness)
			}
			if !slices.ContainsFunc(packets, less.filters[hop.Hop].stop) {
				t.Errorf("%s: %s shows %q, which passes", what, flow.Flow, hop.Witness)
			}
			if len(hop.DecidedBy) == 0 {
				t.Errorf("%s: %s does not say what refuses", what, flow.Flow)
			}
		}
	}
	for flow, verdict := range want {
		about := slices.ContainsFunc(answer.Findings, func(f verify.Finding) bool { return speaksOf(f, flow) })
		if about != (verdict == packet.Refuted) {
			t.Fatalf("%s: %s is %s, and among the findings: %v\n%s", what, flow, verdict, about, sentences(answer))
		}
	}
	return count
}

var (
	shownAddress = regexp.MustCompile(`\d+\.\d+\.\d+\.\d+`)
	shownMember  = regexp.MustCompile(`\b(sg|pl)-\w+`)
	shownPort    = regexp.MustCompile(`(?:tcp |:)(\d+)( \(a member of [^)]*\))?$`)
)

// shownPackets reads the packet that a hop shows. A member without an address may
// be in any network of the VPC.
func (a asked) shownPackets(t *testing.T, hop verify.HopVerdict) []packet.Packet {
	t.Helper()
	from, to, found := strings.Cut(hop.Witness, " -> ")
	if !found {
		t.Fatalf("%q is no packet", hop.Witness)
	}
	peer := from
	if hop.Hop.Direction() == wiring.Egress {
		peer = to
	}
	p := packet.Packet{MemberOf: shownMember.FindAllString(peer, -1), Protocol: 6}
	if strings.Contains(to, "icmp 3/4") {
		p.Protocol, p.Type, p.Code = 1, 3, 4
	} else {
		match := shownPort.FindStringSubmatch(to)
		if match == nil {
			t.Fatalf("%q has no port", hop.Witness)
		}
		p.Port, _ = strconv.Atoi(match[1])
	}
	if address := shownAddress.FindString(peer); address != "" {
		p.Peer = netip.MustParseAddr(address)
		return []packet.Packet{p}
	}
	if len(p.MemberOf) == 0 {
		t.Fatalf("%q names no peer", hop.Witness)
	}
	var packets []packet.Packet
	for _, network := range a.vpc {
		p.Peer = network.Addr()
		packets = append(packets, p)
	}
	return packets
}

// refusedID is the kind of finding about a flow that is refused.
func refusedID(kind verify.Kind) verify.ID {
	return map[verify.Kind]verify.ID{
		verify.ClientToListener: verify.ClientListener, verify.ToInstance: verify.InstancePort, verify.HealthCheck: verify.HealthCheckRefused,
		verify.ReplyToClient: verify.ClientReply, verify.ReplyToLB: verify.InstanceReply, verify.PathMTUDiscovery: verify.PathMTURefused,
	}[kind]
}

// speaksOf tells whether a finding says that a flow is refused.
func speaksOf(f verify.Finding, flow verify.Flow) bool {
	name := strings.TrimPrefix(flow.LoadBalancer, "load balancer ")
	port := ""
	if flow.Port != 0 {
		port = fmt.Sprintf("tcp/%d ", flow.Port)
	}
	return f.ID == refusedID(flow.Kind) && strings.Contains(f.Sentence, name) && strings.Contains(f.Sentence, port)
}

func sentences(answer verify.Answer) string {
	var all []string
	for _, f := range answer.Findings {
		all = append(all, string(f.ID)+" "+f.Sentence)
	}
	return strings.Join(all, "\n")
}
