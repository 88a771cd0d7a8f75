// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package verify

import (
	"cmp"
	"slices"

	"github.com/terraform-clb/terraform-provider-clb/internal/packet"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// Judge answers the question. An error names a rule that EC2 could not have, or
// says that it is a bug of the provider.
func (q LoadBalancerGroup) Judge(o Options) (Answer, error) {
	j := newJudging(o)
	for _, lb := range q.LoadBalancers {
		if err := j.hops(q.needsOf(lb), q.Directions, func(d wiring.Direction) (*filter, error) {
			return newGroupFilter(d, q.groupsOf(lb))
		}); err != nil {
			return Answer{}, err
		}
	}
	broader, err := q.broader(j.accepted)
	if err != nil {
		return Answer{}, err
	}
	return j.answer(q.Directions, wiring.Directions(), broader, q.hygiene(j.accepted)), nil
}

// groupsOf are all groups that a load balancer carries, the one that is asked
// about as if it were attached already.
func (q LoadBalancerGroup) groupsOf(lb wiring.LoadBalancer) []Group {
	groups := []Group{q.Group}
	for _, id := range groupIDs(lb.SecurityGroups) {
		if id == q.Group.ID {
			continue
		}
		other, seen := q.Others[id]
		if !seen {
			other = Group{ID: id, Unseen: "it could not be read"}
		}
		groups = append(groups, other)
	}
	return groups
}

// Judge answers the question. An error names a rule that EC2 could not have, or
// says that it is a bug of the provider.
func (q InstanceGroup) Judge(o Options) (Answer, error) {
	j := newJudging(o)
	inbound := []wiring.Direction{wiring.Ingress}
	if err := j.hops(q.Needs(), inbound, func(d wiring.Direction) (*filter, error) {
		return newGroupFilter(d, []Group{q.Group})
	}); err != nil {
		return Answer{}, err
	}
	broader, err := q.broader(j.accepted)
	if err != nil {
		return Answer{}, err
	}
	return j.answer(inbound, [2]wiring.Direction{wiring.Ingress, wiring.Ingress}, broader, q.hygiene(j.accepted)), nil
}

// Judge answers the question. An error names an entry that EC2 could not have, or
// says that it is a bug of the provider.
func (q SubnetACL) Judge(o Options) (Answer, error) {
	j := newJudging(o)
	if err := j.hops(q.Needs(), q.Directions, func(d wiring.Direction) (*filter, error) {
		return newACLFilter(d, q.ACL)
	}); err != nil {
		return Answer{}, err
	}
	broader, err := q.broader(j.accepted)
	if err != nil {
		return Answer{}, err
	}
	return j.answer(q.Directions, wiring.Directions(), broader, q.hygiene(j.accepted)), nil
}

// Verdict is proved if every flow is proved, and refuted if one is refuted. Path
// MTU Discovery does not count: AWS recommends it and no load balancer stands
// still without it.
func (a Answer) Verdict() packet.Verdict {
	verdict := packet.Proved
	for _, flow := range a.Flows {
		if flow.Flow.Kind != PathMTUDiscovery {
			verdict = worse(verdict, flow.Verdict)
		}
	}
	return verdict
}

// worse is the verdict on two things together.
func worse(a, b packet.Verdict) packet.Verdict {
	for _, v := range []packet.Verdict{packet.Refuted, packet.Undecided} {
		if a == v || b == v {
			return v
		}
	}
	return packet.Proved
}

// judging gathers what is found on the way to an answer.
type judging struct {
	accepted *acceptances
	flows    []FlowVerdict
	at       map[Flow]int
	findings []Finding
	// also are the other flows that a finding, by its place, is about.
	also map[int][]string
}

func newJudging(o Options) *judging {
	return &judging{accepted: newAcceptances(o), at: map[Flow]int{}, also: map[int][]string{}}
}

// hops decides needs of some directions, each by the filter of its direction.
func (j *judging) hops(needs []Need, directions []wiring.Direction, filterOf func(wiring.Direction) (*filter, error)) error {
	filters := map[wiring.Direction]*filter{}
	for _, d := range directions {
		f, err := filterOf(d)
		if err != nil {
			return err
		}
		filters[d] = f
	}
	for _, need := range needs {
		if f := filters[need.Hop.Direction()]; f != nil {
			if err := j.hop(need, f); err != nil {
				return err
			}
		}
	}
	return nil
}

// hop decides one need.
func (j *judging) hop(n Need, f *filter) error {
	hop, findings, err := decide(n, f, j.accepted)
	if err != nil {
		return err
	}
	at, known := j.at[n.Flow]
	if !known {
		at = len(j.flows)
		j.at[n.Flow] = at
		j.flows = append(j.flows, FlowVerdict{Flow: n.Flow, Verdict: packet.Proved})
	}
	flow := &j.flows[at]
	flow.Verdict = worse(flow.Verdict, hop.Verdict)
	flow.Hops = append(flow.Hops, hop)
	for _, finding := range findings {
		j.found(n.Flow, finding)
	}
	return nil
}

// found adds a finding about a flow. What cannot be decided for one reason is
// told once, whatever the flows.
func (j *judging) found(flow Flow, finding Finding) {
	at := -1
	if finding.ID == ValueUnknown || finding.ID == NotVisible {
		at = slices.IndexFunc(j.findings, func(f Finding) bool {
			return f.ID == finding.ID && f.About == finding.About && slices.Equal(f.Blockers, finding.Blockers)
		})
	}
	if at < 0 {
		j.findings = append(j.findings, finding)
		return
	}
	first := &j.findings[at]
	if first.Nature == PathMTU {
		first.Nature = finding.Nature
	}
	if first.Sentence != finding.Sentence && !slices.Contains(j.also[at], flow.among()+" of "+flow.LoadBalancer) {
		j.also[at] = append(j.also[at], flow.among()+" of "+flow.LoadBalancer)
	}
}

// answer is what was gathered, with further findings and those about acceptances.
func (j *judging) answer(judged []wiring.Direction, all [2]wiring.Direction, more ...[]Finding) Answer {
	decided := slices.Contains(judged, all[0]) && slices.Contains(judged, all[1]) &&
		!slices.ContainsFunc(j.flows, func(f FlowVerdict) bool { return f.Verdict == packet.Undecided })
	for at, flows := range j.also {
		j.findings[at].Sentence += " The same goes for " + and(flows) + "."
	}
	findings := slices.Concat(j.findings, withoutEchoes(slices.Concat(more...), j.findings), j.accepted.findings(decided))
	return Answer{Flows: j.flows, Findings: inOrder(findings)}
}

// withoutEchoes leaves out shadowed entries where the entries before them are told
// already, as those that refuse a flow: mending the one mends the other.
func withoutEchoes(findings, told []Finding) []Finding {
	return slices.DeleteFunc(findings, func(f Finding) bool {
		return f.ID == ShadowedEntry && !slices.ContainsFunc(f.Blockers, func(culprit string) bool {
			return !slices.ContainsFunc(told, func(t Finding) bool { return slices.Contains(t.Blockers, culprit) })
		})
	})
}

// inOrder orders findings by their ids, those of one id as they were found, and
// drops those that say the same as another.
func inOrder(findings []Finding) []Finding {
	type sentence struct {
		id   ID
		text string
	}
	said := map[sentence]bool{}
	var distinct []Finding
	for _, finding := range findings {
		if s := (sentence{finding.ID, finding.Sentence}); !said[s] {
			said[s] = true
			distinct = append(distinct, finding)
		}
	}
	slices.SortStableFunc(distinct, func(a, b Finding) int { return cmp.Compare(a.ID, b.ID) })
	return distinct
}
