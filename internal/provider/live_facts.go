// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"net/netip"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/terraform-clb/terraform-provider-clb/internal/cloud"
	"github.com/terraform-clb/terraform-provider-clb/internal/verify"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// liveFacts are what AWS says about the load balancers that a resource declares,
// as far as it was read.
type liveFacts struct {
	// vpcID is the VPC of the load balancers, empty if it is not known.
	vpcID string
	// networks are those of the VPC, nil if they are not known.
	networks []netip.Prefix
	// differences are where AWS has something else than what is declared.
	differences []verify.Finding
}

// occasion is when a plan looks at AWS: at a resource that stays as it is, that
// changes, or that is new.
type occasion int

const (
	unchanged occasion = iota
	updated
	created
)

func occasionOf(changes, fresh bool) occasion {
	switch {
	case fresh:
		return created
	case changes:
		return updated
	default:
		return unchanged
	}
}

// factsFor holds what is declared about load balancers against AWS. ownVPC is the
// VPC of the group or network ACL. A plan that changes nothing asks AWS nothing:
// then only what this run has read already counts. A resource that follows a
// change of its load balancers differs from them until that change is made, and
// this is not told.
func (d *providerData) factsFor(ctx context.Context, region string, in wiringInputs, ownVPC string, when occasion, options verify.Options) (liveFacts, diag.Diagnostics) {
	var facts liveFacts
	var diags diag.Diagnostics
	for _, lb := range in.loadBalancers {
		if lb.Name == "" {
			continue
		}
		live, known, err := d.liveLoadBalancer(ctx, region, lb.Name, when == created)
		if err != nil {
			addFactUnread(&diags, "load_balancers", lb.Label(), err)
		}
		if !known {
			continue
		}
		if facts.vpcID == "" {
			facts.vpcID = live.VPCID
		}
		if u := lb.unknown; when != updated && !u.listeners && !u.scheme && !u.healthCheck {
			facts.differences = append(facts.differences, options.Unaccepted(verify.Differs(lb.LoadBalancer, asDeclared(live)), lb.Label())...)
		}
	}
	vpc := facts.vpcID
	if vpc == "" {
		vpc = ownVPC
	}
	// Without vpc_cidr_blocks, only what was read anyway helps.
	stated := in.vpcStated && !in.unknownVPC
	live, known, err := d.liveVPC(ctx, region, vpc, when != unchanged && stated)
	if err != nil {
		addFactUnread(&diags, "vpc_cidr_blocks", "VPC "+vpc, err)
	}
	if !known {
		return facts, diags
	}
	facts.networks = liveNetworks(live.CIDRBlocks...)
	if stated {
		facts.differences = append(facts.differences, options.Unaccepted(verify.VPCNotDeclared(in.vpc, facts.networks, vpc), in.labels()...)...)
	}
	return facts, diags
}

// liveLoadBalancer is a load balancer as AWS has it. It is not known when it does
// not exist (yet).
func (d *providerData) liveLoadBalancer(ctx context.Context, region, name string, ask bool) (lb cloud.LoadBalancer, known bool, err error) {
	if !ask {
		lb, known = d.seen.loadBalancers.known(region, name)
		return lb, known, nil
	}
	lb, err = d.seen.loadBalancers.read(region, name, func() (cloud.LoadBalancer, error) {
		return d.connection.In(region).LoadBalancer(ctx, name)
	})
	if cloud.IsNotFound(err) {
		return lb, false, nil
	}
	return lb, err == nil, err
}

func (d *providerData) liveVPC(ctx context.Context, region, id string, ask bool) (vpc cloud.VPC, known bool, err error) {
	if !ask || id == "" {
		vpc, known = d.seen.vpcs.known(region, id)
		return vpc, known, nil
	}
	vpc, err = d.seen.vpcs.read(region, id, func() (cloud.VPC, error) { return d.connection.In(region).VPC(ctx, id) })
	if cloud.IsNotFound(err) {
		return vpc, false, nil
	}
	return vpc, err == nil, err
}

// noteLoadBalancers remembers what a data source has read.
func (d *providerData) noteLoadBalancers(region string, lbs []liveLoadBalancer) {
	for _, lb := range lbs {
		d.seen.loadBalancers.note(region, lb.Name, lb.LoadBalancer)
		if lb.VPCID != "" {
			d.seen.vpcs.note(region, lb.VPCID, cloud.VPC{ID: lb.VPCID, CIDRBlocks: lb.vpcCIDRBlocks})
		}
	}
}

// asDeclared is a live load balancer as a configuration would declare it.
func asDeclared(live cloud.LoadBalancer) wiring.LoadBalancer {
	lb := wiring.LoadBalancer{Name: live.Name, Internal: live.Internal, SecurityGroups: live.SecurityGroups}
	for _, listener := range live.Listeners {
		lb.Listeners = append(lb.Listeners, listener.Listener)
	}
	if target, err := wiring.ParseHealthCheckTarget(live.HealthCheckTarget); err == nil {
		lb.HealthCheck = &target
	}
	return lb
}

// labels are the load balancers as messages name them.
func (in wiringInputs) labels() []string {
	var labels []string
	for _, lb := range in.loadBalancers {
		labels = append(labels, lb.Label())
	}
	slices.Sort(labels)
	return slices.Compact(labels)
}

// addFactUnread warns that something declared was not compared with AWS: the
// group or network ACL itself was read, so the plan goes on.
func addFactUnread(diags *diag.Diagnostics, attribute, what string, err error) {
	diags.AddAttributeWarning(path.Root(attribute), "Unable to check against AWS",
		fmt.Sprintf("The plan was not checked against the live %s. %s", what, asSentence(err)))
}
