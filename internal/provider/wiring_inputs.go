// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// wiringModel are the arguments that all rule resources have in common.
type wiringModel struct {
	Region        types.String `tfsdk:"region"`
	LoadBalancers types.List   `tfsdk:"load_balancers"`
	VPCCIDRBlocks types.List   `tfsdk:"vpc_cidr_blocks"`
	LBPorts       types.Set    `tfsdk:"lb_ports"`
	Clients       types.List   `tfsdk:"clients"`
	Accept        types.List   `tfsdk:"accept"`
	Enforcement   types.String `tfsdk:"enforcement"`
	Adopt         types.String `tfsdk:"adopt"`
}

// wiringAttributes are the schema of wiringModel.
func wiringAttributes(use string) map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"region":         regionAttribute(),
		"load_balancers": loadBalancersAttribute(use),
		"vpc_cidr_blocks": schema.ListAttribute{
			ElementType: types.StringType,
			Optional:    true,
			Computed:    true,
			MarkdownDescription: "All IPv4 CIDR blocks of the VPC, such as `[aws_vpc.main.cidr_block]` or `data.clb_load_balancer.web.vpc_cidr_blocks`. " +
				"Needed only when a recommended rule that is used names the VPC CIDR.",
		},
		"lb_ports": schema.SetAttribute{
			ElementType: types.Int64Type,
			Optional:    true,
			MarkdownDescription: "Manage the rules of these listeners only, named by their `lb_port`; the health check is always included. " +
				"Left out: all listeners. Use it to give each listener a security group of its own.",
		},
		"accept": acceptAttribute(),
		"adopt":  adoptAttribute(),
		"enforcement": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: enforcementText + " Left out: that of the provider.",
			Validators:          []validator.String{textValidator{"a degree of enforcement", checkEnforcement}},
		},
		"clients": computed(clientsAttribute("The clients of all load balancers that do not declare their own.")),
	}
}

// computed lets a resource keep clients that an import has found while the
// configuration declares the same ones in the values of the load balancers.
func computed(attribute schema.ListNestedAttribute) schema.ListNestedAttribute {
	attribute.Computed = true
	return attribute
}

// wiringInputs are the common arguments as far as they are known.
type wiringInputs struct {
	loadBalancers []loadBalancer
	// counted is false while the number of load balancers is unknown.
	counted bool
	vpc     []netip.Prefix
	lbPorts []int
	// unknown arguments
	unknownVPC, unknownLBPorts bool
	// vpcStated tells whether vpc_cidr_blocks is in the configuration at all.
	vpcStated bool
}

// decode reads the common arguments and resolves the clients of each load
// balancer. All problems with what is known are reported.
func (m wiringModel) decode(ownAccount string) (wiringInputs, diag.Diagnostics) {
	lbs, counted, diags := decodeLoadBalancers(m.LoadBalancers, ownAccount)
	in := wiringInputs{loadBalancers: lbs, counted: counted, vpcStated: !m.VPCCIDRBlocks.IsNull()}

	var problems []string
	in.vpc, in.unknownVPC, problems = decodeVPC(m.VPCCIDRBlocks)
	report(&diags, "vpc_cidr_blocks", "Invalid VPC CIDR block", problems)

	var known bool
	in.lbPorts, known, problems = decodePorts(m.LBPorts, "lb_ports")
	in.unknownLBPorts = !known
	if known && in.listenersKnown() && len(lbs) > 0 {
		problems = append(problems, wiring.CheckLBPorts(in.lbPorts, in.plain())...)
	}
	report(&diags, "lb_ports", "Invalid listener port", problems)

	clients, known, problems := decodeClients(m.Clients, ownAccount)
	if len(problems) == 0 && known && in.listenersKnown() && len(lbs) > 0 {
		problems = wiring.CheckClients(clients, in.plain())
	}
	report(&diags, "clients", "Invalid clients", problems)
	_, problems = decodeAccept(m.Accept, "accept")
	report(&diags, "accept", "Invalid acceptance", problems)
	for i := range in.loadBalancers {
		lb := &in.loadBalancers[i]
		if !lb.unknown.clients && len(lb.Clients) == 0 {
			lb.Clients, lb.unknown.clients = clientsFor(clients, lb.LoadBalancer), !known || len(problems) > 0
		}
	}
	return in, diags
}

// clientsFor leaves out the clients of listeners that this load balancer does
// not have: clients on the resource speak of several load balancers.
func clientsFor(clients []wiring.Clients, lb wiring.LoadBalancer) []wiring.Clients {
	return slices.DeleteFunc(slices.Clone(clients), func(c wiring.Clients) bool {
		return len(c.LBPorts) > 0 && !slices.ContainsFunc(c.LBPorts, lb.HasListener)
	})
}

// decodeVPC reads vpc_cidr_blocks. What is wrong counts as unknown, so that
// nothing else is found amiss because of it.
func decodeVPC(list types.List) (cidrs []netip.Prefix, unknown bool, problems []string) {
	if list.IsUnknown() {
		return nil, true, nil
	}
	for i, element := range list.Elements() {
		text, isString := element.(types.String)
		switch {
		case !isString || text.IsNull():
			problems = append(problems, fmt.Sprintf("vpc_cidr_blocks[%d] is null: leave it out", i))
		case text.IsUnknown():
			unknown = true
		default:
			cidr, err := wiring.ParseCIDR(text.ValueString())
			if err != nil {
				problems = append(problems, fmt.Sprintf("vpc_cidr_blocks[%d]: %s", i, err))
				continue
			}
			cidrs = append(cidrs, cidr)
		}
	}
	return cidrs, unknown || len(problems) > 0, problems
}

// report attaches problems to a root attribute, one diagnostic each.
func report(diags *diag.Diagnostics, attribute, summary string, problems []string) {
	for _, problem := range problems {
		diags.AddAttributeError(path.Root(attribute), summary, withFullStop(problem))
	}
}

// withFullStop ends a text that may end with a question, "did you mean …?".
func withFullStop(text string) string {
	if strings.HasSuffix(text, "?") || strings.HasSuffix(text, ".") {
		return text
	}
	return text + "."
}

// asSentence makes a sentence of an error that may begin with a small letter. A
// call of AWS at its beginning, "ec2:DescribeVpcs", stays as it is.
func asSentence(err error) string {
	text := withFullStop(err.Error())
	first, _, _ := strings.Cut(text, " ")
	if strings.Contains(first, ":") {
		return text
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

// plain are the values without what is unknown about them.
func (in wiringInputs) plain() []wiring.LoadBalancer {
	var lbs []wiring.LoadBalancer
	for _, lb := range in.loadBalancers {
		lbs = append(lbs, lb.LoadBalancer)
	}
	return lbs
}

// managed are the load balancers restricted to the listeners in lb_ports.
func (in wiringInputs) managed() []wiring.LoadBalancer {
	var lbs []wiring.LoadBalancer
	for _, lb := range in.loadBalancers {
		lbs = append(lbs, lb.Only(in.lbPorts))
	}
	return lbs
}

// listenersKnown tells whether all listeners are known.
func (in wiringInputs) listenersKnown() bool {
	return in.counted && !in.unknownLBPorts &&
		!slices.ContainsFunc(in.loadBalancers, func(lb loadBalancer) bool { return lb.unknown.listeners })
}

// instanceRowsKnown tells whether the rows between load balancer and instances
// are known but for their peers.
func (in wiringInputs) instanceRowsKnown() bool {
	return in.listenersKnown() &&
		!slices.ContainsFunc(in.loadBalancers, func(lb loadBalancer) bool { return lb.unknown.healthCheck })
}

// clientRowsKnown tells whether the rows that admit clients are known. The
// scheme and the VPC CIDRs count only where a listener without declared
// clients takes its source from them.
func (in wiringInputs) clientRowsKnown() bool {
	return in.listenersKnown() && !slices.ContainsFunc(in.loadBalancers, func(lb loadBalancer) bool {
		if lb.unknown.clients {
			return true
		}
		return !lb.Only(in.lbPorts).DeclaresEveryClient() && (lb.unknown.scheme || lb.Internal && in.unknownVPC)
	})
}

// clientRowsNeedVPC names a load balancer whose client rows name the VPC CIDR.
func (in wiringInputs) clientRowsNeedVPC() (label string, need bool) {
	if in.unknownLBPorts {
		return "", false
	}
	for _, lb := range in.loadBalancers {
		if !lb.unknown.clients && !lb.unknown.scheme && lb.Internal && !lb.Only(in.lbPorts).DeclaresEveryClient() {
			return lb.Label(), true
		}
	}
	return "", false
}

// lacksVPC tells whether the VPC CIDRs are known to be missing.
func (in wiringInputs) lacksVPC() bool { return !in.unknownVPC && len(in.vpc) == 0 }

// addVPCNeeded reports that vpc_cidr_blocks is missing, with the row that names it.
func addVPCNeeded(diags *diag.Diagnostics, row string) {
	diags.AddAttributeError(path.Root("vpc_cidr_blocks"), "Missing VPC CIDR blocks",
		"vpc_cidr_blocks is needed: "+row+". Set it to all IPv4 CIDR blocks of the VPC, for example vpc_cidr_blocks = [aws_vpc.main.cidr_block].")
}

// sameFacts tells whether two sets of inputs are fully known and lead to the
// same rules. pick keeps the facts of a load balancer that matter to the resource.
func sameFacts(a, b wiringInputs, pick func(loadBalancer) (wiring.LoadBalancer, bool)) bool {
	if !a.counted || !b.counted || len(a.loadBalancers) != len(b.loadBalancers) {
		return false
	}
	one, known := sortedFacts(a.loadBalancers, pick)
	other, otherKnown := sortedFacts(b.loadBalancers, pick)
	return known && otherKnown && slices.Equal(one, other)
}

// sortedFacts are the facts of all load balancers, whose order leads to no rule.
func sortedFacts(lbs []loadBalancer, pick func(loadBalancer) (wiring.LoadBalancer, bool)) (facts []string, known bool) {
	for _, lb := range lbs {
		picked, known := pick(lb)
		if !known {
			return nil, false
		}
		facts = append(facts, picked.Facts())
	}
	slices.Sort(facts)
	return facts, true
}
