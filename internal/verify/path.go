// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package verify

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/terraform-clb/terraform-provider-clb/internal/packet"
)

// Judge decides every flow of the load balancer over its subnets and those of its
// instances, and finds what is open besides. The error names a rule that EC2
// could not have.
func (p Path) Judge(o Options) (Answer, error) {
	j := &pathJudge{
		path: p, label: p.LoadBalancer.Label(), accepted: newAcceptances(o), filters: map[string]*filter{},
		loadBalancers: p.loadBalancerEnds(), instances: p.instanceEnds(),
	}
	j.pairs = p.pairs(j.loadBalancers, j.instances)
	if err := j.clientFlows(); err != nil {
		return Answer{}, err
	}
	if err := j.instanceFlows(); err != nil {
		return Answer{}, err
	}
	broader, err := p.broader(j.accepted)
	if err != nil {
		return Answer{}, err
	}
	answer := Answer{Flows: j.flows, Findings: merged(j.findings)}
	answer.Findings = append(answer.Findings, broader...)
	answer.Findings = append(answer.Findings, p.hygiene(j.accepted)...)
	answer.Findings = append(answer.Findings, j.accepted.keep(p.fewerClients(j.refused()), []string{j.label})...)
	answer.Accepted = j.accepted.inUse()
	answer.Findings = append(answer.Findings, j.accepted.findings(answer.Verdict() != packet.Undecided)...)
	answer.Findings = inOrder(answer.Findings)
	return answer, nil
}

// refused are the listeners that no client reaches, or not all of the declared ones.
func (j *pathJudge) refused() []int {
	var ports []int
	for _, f := range j.flows {
		if f.Flow.Kind == ClientToListener && f.Verdict == packet.Refuted {
			ports = append(ports, f.Flow.Port)
		}
	}
	return ports
}

// inUse are the acceptances that have left something out.
func (a *acceptances) inUse() []Acceptance {
	var all []Acceptance
	for _, one := range a.all {
		if one.used && !one.expired(a.today) {
			all = append(all, one.Acceptance)
		}
	}
	return all
}

// pathJudge is one judging of a path.
type pathJudge struct {
	path     Path
	label    string
	accepted *acceptances
	filters  map[string]*filter

	loadBalancers, instances []end
	pairs                    []pair

	flows    []FlowVerdict
	findings []flowFinding
}

// flowFinding is a finding with what it is about.
type flowFinding struct {
	Finding
	flow Flow
	// pairs are the subnets between which it is, where that matters.
	pairs []subnetPair
}

// instanceHops are the hops on the way from a node to an instance, in its order.
func instanceHops() []Hop {
	return []Hop{LoadBalancerGroupOut, LoadBalancerSubnetOut, InstanceSubnetIn, InstanceGroupIn}
}

// instanceFlows judges the flows between the nodes and the instances: for each
// pair of them what leaves, what arrives, and the replies.
func (j *pathJudge) instanceFlows() error {
	to := flowsToInstances(j.path.LoadBalancer)
	if len(to) == 0 {
		return nil
	}
	if len(j.pairs) == 0 {
		return j.noInstances(to)
	}
	legs := map[Hop][]leg{}
	for _, hop := range append(instanceHops(), InstanceSubnetOut, LoadBalancerSubnetIn) {
		var err error
		if legs[hop], err = j.legs(hop); err != nil {
			return err
		}
	}
	judge := func(flow Flow, traffic packet.Traffic, hops ...Hop) error {
		j.begin(flow)
		for _, hop := range hops {
			for _, l := range legs[hop] {
				if err := j.decide(l.needOf(flow, traffic, j.row(flow, l)), l.filter, l); err != nil {
					return err
				}
			}
		}
		return nil
	}
	for _, flow := range to {
		if err := judge(flow, flow.onPort(), instanceHops()...); err != nil {
			return err
		}
	}
	if err := judge(Flow{Kind: ReplyToLB, LoadBalancer: j.label}, ephemeral(), InstanceSubnetOut, LoadBalancerSubnetIn); err != nil {
		return err
	}
	return judge(Flow{Kind: PathMTUDiscovery, LoadBalancer: j.label}, fragmentationNeeded(),
		LoadBalancerSubnetOut, InstanceSubnetIn, InstanceGroupIn, InstanceSubnetOut, LoadBalancerSubnetIn)
}

// noInstances leaves the flows to instances undecided: there is nobody to send to.
func (j *pathJudge) noInstances(to []Flow) error {
	sentence := fmt.Sprintf("the flows of %s to its instances cannot be judged: no instance is registered, and none is stated.", j.label)
	missing := "instance_security_group_ids and instance_subnet_ids"
	fix := "Set instance_security_group_ids and instance_subnet_ids to the security groups and subnets that the instances will have."
	if len(j.instances) > 0 {
		sentence = fmt.Sprintf("the flows of %s to its instances cannot be judged: cross-zone load balancing is off, and no instance is in an availability zone in which the load balancer has a subnet.", j.label)
		missing = "an instance in an availability zone of the load balancer"
		fix = "Add a subnet of the instances' availability zone to the load balancer, or switch cross-zone load balancing on."
	}
	flows := append(slices.Clone(to), Flow{Kind: ReplyToLB, LoadBalancer: j.label})
	for _, flow := range flows {
		j.begin(flow)
		hops := instanceHops()
		if flow.Kind == ReplyToLB {
			hops = []Hop{InstanceSubnetOut, LoadBalancerSubnetIn}
		}
		for _, hop := range hops {
			v := HopVerdict{Hop: hop, Verdict: packet.Undecided, DecidedBy: []string{missing}}
			if own := j.own(hop); len(own) > 0 {
				f, err := j.filterAt(hop, own[0])
				if err != nil {
					return err
				}
				v.Filter = and(f.known())
			}
			j.note(v, nil, nil)
		}
	}
	j.findings = append(j.findings, flowFinding{flow: to[0], Finding: Finding{ID: ValueUnknown, Nature: NotKnown, Sentence: sentence, Fix: fix}})
	return nil
}

// row is the row of the AWS tables for a flow at a leg.
func (j *pathJudge) row(flow Flow, l leg) string {
	lb := j.path.LoadBalancer
	instances, vpc := "network ACL of the instances' private subnets", "the VPC CIDR"
	if l.public {
		instances, vpc = "network ACL of the instances' public subnets", "0.0.0.0/0"
	}
	subnets := "network ACL of the subnets of " + scheme(lb)
	switch {
	case flow.Kind == PathMTUDiscovery && l.hop == InstanceGroupIn:
		return "security group of the instances: inbound ICMP type 3 code 4, for Path MTU Discovery"
	case flow.Kind == PathMTUDiscovery:
		return fmt.Sprintf("network ACLs: %s ICMP type 3 code 4, for Path MTU Discovery", InOut(l.hop.Direction()))
	case l.hop == LoadBalancerGroupOut:
		return fmt.Sprintf("security group of %s: outbound to the instance security group on %s", scheme(lb), flow.portWords())
	case l.hop == LoadBalancerSubnetOut:
		return fmt.Sprintf("%s: outbound to the VPC CIDR on %s", subnets, flow.portWords())
	case l.hop == LoadBalancerSubnetIn:
		return subnets + ": inbound from the VPC CIDR on the ephemeral ports 1024-65535"
	case l.hop == InstanceSubnetIn:
		return fmt.Sprintf("%s: inbound from %s on %s", instances, vpc, flow.portWords())
	case l.hop == InstanceSubnetOut:
		return fmt.Sprintf("%s: outbound to %s on the ephemeral ports 1024-65535", instances, vpc)
	default:
		return "security group of the instances: inbound from the load balancer security group on " + flow.portWords()
	}
}

// begin starts a flow: what is decided next is about it.
func (j *pathJudge) begin(flow Flow) {
	j.flows = append(j.flows, FlowVerdict{Flow: flow, Verdict: packet.Proved})
}

// decide judges a need of the flow at hand. A leg says how sure it is that there
// is such traffic at all, and between which subnets: with a doubt, what is refused
// is undecided.
func (j *pathJudge) decide(n Need, f *filter, l leg) error {
	if narrow, open := j.path.private(n); open && f.judge(narrow).Verdict == packet.Proved {
		j.pass(n.Hop, f)
		return nil
	}
	v, findings, err := decide(n, f, j.accepted)
	if err != nil {
		return err
	}
	var refused []packet.Piece
	var pairs []subnetPair
	if v.Verdict == packet.Refuted {
		refused = f.judge(n.Region).Refused
		pairs = l.pairsOf(refused)
	}
	if l.doubt != "" && v.Verdict == packet.Refuted {
		findings = []Finding{{
			ID: NotVisible, Nature: NotKnown, About: f.about(), Blockers: v.DecidedBy,
			Sentence: fmt.Sprintf("whether %s through cannot be told: %s. %s would be refused by %s.",
				n.Flow.gets(refused), l.doubt, capital(v.Witness), v.DecidedBy[0]),
			Fix: letRead(l.doubt) + ". To admit the traffic all the same does no harm.",
		}}
		if n.Flow.Kind == PathMTUDiscovery {
			findings[0].Nature = PathMTU
		}
		v = HopVerdict{Hop: v.Hop, Filter: v.Filter, Verdict: packet.Undecided, DecidedBy: []string{l.doubt}}
	}
	j.note(v, findings, pairs)
	return nil
}

// private is a region whose peers may have any address, with those of the VPC
// only: unless their group is of another VPC, they have one of them.
func (p Path) private(n Need) (narrow packet.Region, open bool) {
	if len(p.VPC) == 0 {
		return nil, false
	}
	for _, box := range n.Region {
		if box.Addresses != onlyIPv4() || n.PeersUnknown == "" && len(box.MemberOf) == 0 {
			narrow = append(narrow, box)
			continue
		}
		for _, id := range box.MemberOf {
			if group, seen := p.Groups[id]; strings.HasPrefix(id, "pl-") || seen && group.VPCID != "" && group.VPCID != p.VPCID {
				return nil, false
			}
		}
		open = true
		for _, network := range p.VPC {
			box.Addresses = packet.CIDR(network)
			narrow = append(narrow, box)
		}
	}
	return narrow, open
}

func capital(text string) string {
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

// pass notes that a filter lets the flow at hand through.
func (j *pathJudge) pass(hop Hop, f *filter) {
	j.note(HopVerdict{Hop: hop, Filter: and(f.known()), Verdict: packet.Proved}, nil, nil)
}

// note adds a verdict to the flow at hand, together with what the same filter has
// said of it for other ends.
func (j *pathJudge) note(v HopVerdict, findings []Finding, pairs []subnetPair) {
	flow := &j.flows[len(j.flows)-1]
	for _, f := range findings {
		j.findings = append(j.findings, flowFinding{f, flow.Flow, pairs})
	}
	flow.Verdict = worse(flow.Verdict, v.Verdict)
	at := slices.IndexFunc(flow.Hops, func(h HopVerdict) bool { return h.Hop == v.Hop && h.Filter == v.Filter })
	if at < 0 {
		flow.Hops = append(flow.Hops, v)
		return
	}
	h := &flow.Hops[at]
	h.Verdict = worse(h.Verdict, v.Verdict)
	h.Witness = cmp.Or(h.Witness, v.Witness)
	h.DecidedBy = withAll(h.DecidedBy, v.DecidedBy)
	h.briefly = withAll(h.briefly, v.briefly)
}

// merged makes one finding of those of one kind that the same rules of the same
// filter decide: about several pairs of subnets, or several ports.
func merged(findings []flowFinding) []Finding {
	var out []flowFinding
	also := map[int][]string{}
	for _, f := range findings {
		at := slices.IndexFunc(out, func(o flowFinding) bool {
			// What is undecided is told once, with Path MTU Discovery and without.
			return o.ID == f.ID && (o.Nature == f.Nature || o.ID.undecided()) && o.About == f.About &&
				(o.Sentence == f.Sentence || len(f.Blockers) > 0 && slices.Equal(o.Blockers, f.Blockers))
		})
		if at < 0 {
			out = append(out, f)
			continue
		}
		o := &out[at]
		if o.Sentence != f.Sentence && o.flow != f.flow && !slices.Contains(also[at], f.flow.among()) {
			also[at] = append(also[at], f.flow.among())
		}
		o.pairs = withAll(o.pairs, f.pairs)
		if len(o.refusals) > 0 && len(f.refusals) > 0 {
			all := o.refusals[0].and(f.refusals[0])
			o.refusals, o.Regions, o.Fix = []refutal{all}, all.regions(), all.fix()
			continue
		}
		o.Regions = withAll(o.Regions, f.Regions)
		if !strings.Contains(o.Fix, f.Fix) {
			o.Fix += " " + f.Fix
		}
	}
	all := make([]Finding, 0, len(out))
	for i, f := range out {
		if len(f.pairs) > 0 {
			f.Sentence += " This is the traffic " + pairWords(f.pairs) + "."
		}
		if len(also[i]) > 0 {
			f.Sentence += " The same goes for " + and(also[i]) + "."
		}
		all = append(all, f.Finding)
	}
	return withOnePathMTU(all)
}

// short is the flow without its load balancer: "health check on tcp 8081".
func (f Flow) short() string {
	if f.Port == 0 {
		return string(f.Kind)
	}
	return fmt.Sprintf("%s on tcp %d", f.Kind, f.Port)
}

// withAll adds what is not there yet.
func withAll[T comparable](all, more []T) []T {
	for _, one := range more {
		if !slices.Contains(all, one) {
			all = append(slices.Clip(all), one)
		}
	}
	return all
}
