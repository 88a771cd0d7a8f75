// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"slices"

	"github.com/terraform-clb/terraform-provider-clb/internal/cloud"
	"github.com/terraform-clb/terraform-provider-clb/internal/packet"
	"github.com/terraform-clb/terraform-provider-clb/internal/verify"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// A load balancer and the rules of its flows change one after the other, in either
// order. What is open must therefore be judged by the load balancer as it stands:
// its listeners, its health check and the groups that it carries. Everything else
// that makes a flow, the clients, the groups of the instances, the networks of the
// VPC, the roles of the subnets, only a configuration can tell.

// hop is the security group or network ACL of a resource as flows meet it.
type hop struct {
	loadBalancers []loadBalancer
	// needs are what the flows of a load balancer need of it; none if those of the
	// live one do not meet it.
	needs func(lb wiring.LoadBalancer, live cloud.LoadBalancer) []verify.Need
	// classic tells that the load balancers are in EC2-Classic, where they carry no
	// groups that could be told.
	classic bool
}

func (h hop) named(name string) (lb loadBalancer, there bool) {
	i := slices.IndexFunc(h.loadBalancers, func(lb loadBalancer) bool { return lb.Name == name })
	if i < 0 {
		return lb, false
	}
	return h.loadBalancers[i], true
}

// names are the names of the load balancers of both; who has none cannot be
// looked up.
func (h hop) names(other hop) []string {
	var names []string
	for _, lb := range slices.Concat(h.loadBalancers, other.loadBalancers) {
		if lb.Name != "" {
			names = append(names, lb.Name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// with is a load balancer with the facts of another one that AWS could tell.
func (lb loadBalancer) with(facts wiring.LoadBalancer, groups []string) wiring.LoadBalancer {
	one := lb.LoadBalancer
	one.Internal, one.Listeners, one.HealthCheck, one.SecurityGroups = facts.Internal, facts.Listeners, facts.HealthCheck, groups
	return one
}

// carries are the groups that the load balancer carries, chosen or not.
func (lb loadBalancer) carries() []string {
	if len(lb.carried) > 0 {
		return lb.carried
	}
	return lb.SecurityGroups
}

// needsOf are what the flows of a live load balancer need of the hop, but for those
// that a plan declares too: what becomes of these, the configuration says, and the
// verification tells. The clients and all else that AWS does not tell are those of
// the prior state, which made the rules that stand.
func (h hop) needsOf(live cloud.LoadBalancer, planned hop) []cloud.Need {
	prior, there := h.named(live.Name)
	if !there {
		h.needs, h.classic = planned.needs, planned.classic
		prior, _ = planned.named(live.Name)
	}
	declared := map[wiring.Direction]packet.Region{}
	for _, lb := range planned.loadBalancers {
		if lb.Name != live.Name {
			continue
		}
		for _, need := range h.needs(prior.with(lb.LoadBalancer, lb.carries()), live) {
			d := need.Hop.Direction()
			declared[d] = append(declared[d], need.Region...)
		}
	}
	groups := live.SecurityGroups
	if h.classic {
		groups = prior.carries()
	}
	var needs []cloud.Need
	for _, need := range h.needs(prior.with(asDeclared(live), groups), live) {
		d := need.Hop.Direction()
		if region := need.Region.Without(declared[d]); len(region) > 0 {
			needs = append(needs, cloud.Need{Direction: d, Region: region, What: need.Flow.String()})
		}
	}
	return needs
}

// liveNeeds are what the live load balancers need of a hop, see [hop.needsOf].
// Those that do not exist need nothing. unread are the names of those that could
// not be read, and why is the reason for the last of them.
func (h hop) liveNeeds(planned hop, read func(name string) (cloud.LoadBalancer, error)) (needs []cloud.Need, unread []string, why error) {
	for _, name := range h.names(planned) {
		live, err := read(name)
		switch {
		case cloud.IsNotFound(err):
		case err != nil:
			unread, why = append(unread, name), err
		default:
			needs = append(needs, h.needsOf(live, planned)...)
		}
	}
	return needs, unread, why
}

// lookAgain reads a load balancer anew: another resource of this run may have
// changed it since the plan.
func (d *providerData) lookAgain(ctx context.Context, region string) func(name string) (cloud.LoadBalancer, error) {
	return func(name string) (cloud.LoadBalancer, error) {
		live, err := d.connection.In(region).Fresh().LoadBalancer(ctx, name)
		if err == nil {
			d.seen.loadBalancers.note(region, name, live)
		}
		return live, err
	}
}

// lookOnce reads a load balancer unless this run has read it already.
func (d *providerData) lookOnce(ctx context.Context, region string) func(name string) (cloud.LoadBalancer, error) {
	return func(name string) (cloud.LoadBalancer, error) {
		return d.seen.loadBalancers.read(region, name, func() (cloud.LoadBalancer, error) { return d.connection.In(region).LoadBalancer(ctx, name) })
	}
}

// hop is the security group as the flows of the load balancers that carry it meet it.
func (m *loadBalancerRulesModel) hop(_ context.Context, account string) hop {
	in, _ := m.decode(account)
	group := m.SecurityGroupID.ValueString()
	return hop{loadBalancers: in.loadBalancers, needs: func(lb wiring.LoadBalancer, live cloud.LoadBalancer) []verify.Need {
		if !slices.Contains(live.SecurityGroups, group) {
			return nil
		}
		return verify.LoadBalancerGroup{LoadBalancers: []wiring.LoadBalancer{lb}, VPC: in.vpc}.Needs()
	}}
}

// hop is the security group as the flows to the instances meet it.
func (m *instanceIngressRulesModel) hop(ctx context.Context, account string) hop {
	in, _ := m.decode(ctx, account)
	return hop{loadBalancers: in.loadBalancers, classic: in.classic.named, needs: func(lb wiring.LoadBalancer, _ cloud.LoadBalancer) []verify.Need {
		return verify.InstanceGroup{LoadBalancers: []wiring.LoadBalancer{lb}, VPC: in.vpc, Classic: in.classic.named}.Needs()
	}}
}

// hop is the network ACL of some subnets as the flows of the load balancers meet
// it. Those of one that has no node there need nothing of it as the network ACL of
// a load balancer.
func (m networkACLEntriesModel) hop(subnets []string) hop {
	in, _ := m.decode("")
	return hop{loadBalancers: in.loadBalancers, needs: func(lb wiring.LoadBalancer, live cloud.LoadBalancer) []verify.Need {
		question := verify.SubnetACL{LoadBalancers: []wiring.LoadBalancer{lb}, VPC: in.vpc}
		there := slices.ContainsFunc(live.Subnets, func(subnet string) bool { return slices.Contains(subnets, subnet) })
		for _, role := range in.roles {
			if role != roleLoadBalancer || there {
				question.Roles = append(question.Roles, verify.SubnetRole(role))
			}
		}
		return question.Needs()
	}}
}
