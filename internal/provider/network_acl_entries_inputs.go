// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// networkACLEntriesInputs is the configuration as far as it is known.
type networkACLEntriesInputs struct {
	wiringInputs
	roles              []subnetRole
	unknownRoles       bool
	pathMTU            bool
	unknownPathMTU     bool
	firstNumber, step  int
	unknownRuleNumbers bool
	// compact: the fewest entries instead of one for each row.
	compact        bool
	unknownCompact bool
	// written are the entries that the configuration writes out.
	written map[wiring.Direction]writtenEntries
}

// subnetRole is what a subnet holds.
type subnetRole string

const (
	roleLoadBalancer    subnetRole = "load_balancer"
	rolePrivateInstance subnetRole = "private_instance"
	rolePublicInstance  subnetRole = "public_instance"
)

// subnetRoles are all roles, in the order in which their entries get numbers.
func subnetRoles() []subnetRole {
	return []subnetRole{roleLoadBalancer, rolePrivateInstance, rolePublicInstance}
}

// firstRuleNumber is where the entries of a role start unless the user says otherwise.
func (role subnetRole) firstRuleNumber() int {
	switch role {
	case roleLoadBalancer:
		return 100
	case rolePrivateInstance:
		return 1000
	default:
		return 2000
	}
}

const defaultRuleNumberStep = 10

func parseSubnetRole(text string) (subnetRole, error) {
	if role := subnetRole(text); slices.Contains(subnetRoles(), role) {
		return role, nil
	}
	return "", fmt.Errorf("%q is not a role of a subnet: write load_balancer, private_instance or public_instance", text)
}

func (m networkACLEntriesModel) decode(ownAccount string) (networkACLEntriesInputs, diag.Diagnostics) {
	common, diags := m.wiringModel.decode(ownAccount)
	in := networkACLEntriesInputs{
		wiringInputs: common, pathMTU: m.PathMTUDiscovery.ValueBool(), unknownPathMTU: m.PathMTUDiscovery.IsUnknown(),
		compact: m.Compact.ValueBool(), unknownCompact: m.Compact.IsUnknown(), step: defaultRuleNumberStep,
	}
	named, known, problems := decodeStrings(m.SubnetRoles, "subnet_roles", parseSubnetRole)
	if known && len(problems) == 0 && len(named) == 0 {
		problems = append(problems, "subnet_roles is empty: name what the subnets of the network ACL hold, load_balancer, private_instance or public_instance")
	}
	report(&diags, "subnet_roles", "Invalid subnet role", problems)
	in.unknownRoles = !known
	for _, role := range subnetRoles() {
		if slices.Contains(named, role) {
			in.roles = append(in.roles, role)
		}
	}
	diags.Append(in.decodeNumbers(m)...)
	in.checkVPC(&diags)
	return in, diags
}

func (in *networkACLEntriesInputs) decodeNumbers(m networkACLEntriesModel) diag.Diagnostics {
	var diags diag.Diagnostics
	in.unknownRuleNumbers = m.FirstRuleNumber.IsUnknown() || m.RuleNumberStep.IsUnknown() || m.FirstRuleNumber.IsNull() && in.unknownRoles
	switch {
	case !m.FirstRuleNumber.IsNull() && !m.FirstRuleNumber.IsUnknown():
		in.firstNumber = int(m.FirstRuleNumber.ValueInt64())
		if err := wiring.CheckRuleNumber(in.firstNumber); err != nil {
			diags.AddAttributeError(path.Root("first_rule_number"), "Invalid rule number", fmt.Sprintf("first_rule_number is %s.", err))
		}
	case len(in.roles) > 0:
		in.firstNumber = in.roles[0].firstRuleNumber()
	}
	if !m.RuleNumberStep.IsNull() && !m.RuleNumberStep.IsUnknown() {
		in.step = int(m.RuleNumberStep.ValueInt64())
		if in.step < 1 || in.step > wiring.HighestRuleNumber {
			diags.AddAttributeError(path.Root("rule_number_step"), "Invalid rule number step",
				fmt.Sprintf("rule_number_step is %d: the distance between two rule numbers is 1 to %d.", in.step, wiring.HighestRuleNumber))
		}
	}
	return diags
}

// checkVPC demands the VPC CIDRs only where an entry names them.
func (in *networkACLEntriesInputs) checkVPC(diags *diag.Diagnostics) {
	if !in.lacksVPC() || !slices.ContainsFunc(in.loadBalancers, func(lb loadBalancer) bool { return !lb.idle() }) {
		return
	}
	for _, role := range in.roles {
		switch role {
		case roleLoadBalancer:
			addVPCNeeded(diags, "AWS recommends entries between the load balancer's subnets and the VPC CIDR for the subnet role load_balancer")
			return
		case rolePrivateInstance:
			addVPCNeeded(diags, "AWS recommends entries to and from the VPC CIDR for the subnet role private_instance")
			return
		case rolePublicInstance:
		}
	}
}

// known tells whether all derived entries of both directions are known.
func (in networkACLEntriesInputs) known() bool {
	if in.unknownCompact || in.unknownRoles || in.unknownPathMTU || in.unknownRuleNumbers || !in.instanceRowsKnown() {
		return false
	}
	for _, role := range in.roles {
		switch role {
		case roleLoadBalancer:
			pathMTUScheme := in.pathMTU && slices.ContainsFunc(in.loadBalancers, func(lb loadBalancer) bool { return lb.unknown.scheme })
			if in.unknownVPC || pathMTUScheme || !in.clientEntriesKnown() {
				return false
			}
		case rolePrivateInstance:
			if in.unknownVPC {
				return false
			}
		case rolePublicInstance:
		}
	}
	return true
}

// clientEntriesKnown is clientRowsKnown for a network ACL: clients without an
// address keep the table's source, and with it depend on the scheme.
func (in networkACLEntriesInputs) clientEntriesKnown() bool {
	return in.clientRowsKnown() && !slices.ContainsFunc(in.loadBalancers, func(lb loadBalancer) bool {
		return lb.unknown.scheme && len(lb.ClientsWithoutAddress()) > 0
	})
}

// derive applies the tables of all roles, and compacts them if that is asked for.
func (in networkACLEntriesInputs) derive() []wiring.Rule {
	if in.compact {
		return wiring.Compact(in.tables())
	}
	return in.tables()
}

// tables are the rows of all roles.
func (in networkACLEntriesInputs) tables() []wiring.Rule {
	var rows []wiring.Rule
	add := func(more []wiring.Rule) { rows = append(rows, more...) }
	for _, role := range in.roles {
		for _, lb := range in.managed() {
			switch role {
			case roleLoadBalancer:
				if lb.Internal {
					add(wiring.InternalLoadBalancerSubnet(lb, in.vpc))
				} else {
					add(wiring.InternetFacingLoadBalancerSubnet(lb, in.vpc))
				}
				if in.pathMTU {
					add(wiring.LoadBalancerSubnetPathMTUDiscovery(lb, in.vpc))
				}
			case rolePrivateInstance:
				add(wiring.PrivateInstanceSubnet(lb, in.vpc))
				if in.pathMTU {
					add(wiring.InstanceSubnetPathMTUDiscovery(in.vpc))
				}
			case rolePublicInstance:
				add(wiring.PublicInstanceSubnet(lb))
				if in.pathMTU {
					add(wiring.InstanceSubnetPathMTUDiscovery([]netip.Prefix{wiring.Everyone()}))
				}
			}
		}
	}
	return wiring.Collapse(rows)
}
