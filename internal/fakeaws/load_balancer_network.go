// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package fakeaws

import "slices"

// chooseSubnets reads the subnets of a new load balancer, given directly or as
// zones of the default VPC.
func (w *world) chooseSubnets(f form, scheme string) ([]*subnet, error) {
	ids, zones := f.list("Subnets.member"), f.list("AvailabilityZones.member")
	switch {
	case len(ids) > 0 && len(zones) > 0:
		return nil, invalidELB("Only one of SubnetIds or AvailabilityZones may be specified")
	case len(ids) == 0 && len(zones) == 0:
		return nil, invalidELB("Either AvailabilityZones or SubnetIds must be specified")
	}
	for _, zone := range zones {
		var found *subnet
		for _, s := range w.subnets {
			if s.defaultForAZ && s.zone == zone {
				found = s
			}
		}
		if found == nil {
			return nil, invalidELB("Invalid Availability Zone: %s has no default subnet", zone)
		}
		ids = append(ids, found.id)
	}
	return w.checkSubnets(ids, nil, scheme)
}

// checkSubnets tells whether nodes of a load balancer can live in the subnets,
// beside those that it has already.
func (w *world) checkSubnets(ids []string, present []string, scheme string) ([]*subnet, error) {
	var out []*subnet
	all := map[string]*subnet{}
	for _, id := range present {
		all[id] = w.subnets[id]
	}
	for _, id := range ids {
		s, ok := w.subnets[id]
		if !ok {
			return nil, fail("SubnetNotFound", "The subnet ID '%s' does not exist", id)
		}
		if slices.Contains(present, id) {
			continue
		}
		for _, other := range all {
			if other.vpcID != s.vpcID {
				return nil, fail("InvalidConfigurationRequest", "The subnets %s and %s belong to different VPCs.", other.id, s.id)
			}
			if other.zone == s.zone {
				return nil, fail("InvalidConfigurationRequest", "ELB cannot be attached to multiple subnets in the same AZ.")
			}
		}
		if s.size() < minLBSubnetSize || s.free() < minLBSubnetFree {
			return nil, fail("InvalidSubnet", "Not enough IP space available in %s. ELB requires at least %d free IP addresses in each subnet.", s.id, minLBSubnetFree)
		}
		if scheme == internetFacing && w.gatewayOf(s.vpcID) == nil {
			return nil, fail("InvalidSubnet", "VPC %s has no internet gateway", s.vpcID)
		}
		all[id] = s
		out = append(out, s)
	}
	return out, nil
}

// addNode makes the network interface of a load balancer in a subnet.
func (w *world) addNode(lb *loadBalancer, s *subnet) error {
	node, err := w.addInterface(s, lb.groups, "ELB "+lb.name)
	if err != nil {
		return err
	}
	lb.nodes[s.id] = node
	return nil
}

// checkLBGroups tells whether a load balancer in the VPC may carry the groups.
func (w *world) checkLBGroups(vpcID string, groups []string) error {
	if vpcID == "" {
		return fail("InvalidConfigurationRequest", "Security groups can be applied to only ELBs in VPC.")
	}
	if len(groups) == 0 {
		return invalidELB("At least one security group must be specified")
	}
	if len(groups) > w.server.quotas.GroupsPerInterface {
		return fail("InvalidConfigurationRequest", "The maximum number of security groups per load balancer has been reached.")
	}
	for i, id := range groups {
		g, ok := w.groups[id]
		if !ok {
			return fail("InvalidSecurityGroup", "One or more security groups are invalid: '%s' does not exist", id)
		}
		if g.vpcID != vpcID {
			return fail("InvalidConfigurationRequest", "Security group \"%s\" does not belong to VPC \"%s\"", id, vpcID)
		}
		// What AWS does with a repeated group is not documented.
		if slices.Contains(groups[:i], id) {
			return invalidELB("The security group '%s' is given more than once", id)
		}
	}
	return nil
}

type applyGroupsResult struct {
	SecurityGroups []string `xml:"SecurityGroups>member"`
}

// applyGroups replaces all groups of a load balancer.
func (w *world) applyGroups(f form) (any, error) {
	lb, err := w.findLB(f.str("LoadBalancerName"))
	if err != nil {
		return nil, err
	}
	groups := f.list("SecurityGroups.member")
	if err := w.checkLBGroups(lb.vpcID, groups); err != nil {
		return nil, err
	}
	lb.groups = groups
	for _, node := range lb.nodes {
		node.groups = slices.Clone(groups)
	}
	return applyGroupsResult{groups}, nil
}

type lbSubnetsResult struct {
	Subnets []string `xml:"Subnets>member"`
}

func (w *world) attachSubnets(f form) (any, error) {
	lb, err := w.findLB(f.str("LoadBalancerName"))
	if err != nil {
		return nil, err
	}
	if lb.classic() {
		return nil, fail("InvalidConfigurationRequest", "Subnets can be attached to only ELBs in VPC.")
	}
	added, err := w.checkSubnets(f.list("Subnets.member"), lb.subnets(), lb.scheme)
	if err != nil {
		return nil, err
	}
	for _, s := range added {
		if err := w.addNode(lb, s); err != nil {
			return nil, err
		}
	}
	return lbSubnetsResult{lb.subnets()}, nil
}

// detachSubnets refuses to take the last subnet away.
func (w *world) detachSubnets(f form) (any, error) {
	lb, err := w.findLB(f.str("LoadBalancerName"))
	if err != nil {
		return nil, err
	}
	left := len(lb.nodes)
	ids := f.list("Subnets.member")
	for i, id := range ids {
		if lb.nodes[id] == nil {
			return nil, fail("InvalidConfigurationRequest", "The load balancer is not attached to the subnet '%s'.", id)
		}
		if !slices.Contains(ids[:i], id) {
			left--
		}
	}
	if left == 0 {
		return nil, fail("InvalidConfigurationRequest", "The load balancer must keep at least one subnet.")
	}
	for _, id := range ids {
		if node := lb.nodes[id]; node != nil {
			w.dropInterface(node)
			delete(lb.nodes, id)
		}
	}
	return lbSubnetsResult{lb.subnets()}, nil
}

type lbInstancesResult struct {
	Instances []lbInstanceXML `xml:"Instances>member"`
}

func instanceIDs(f form) []string {
	var out []string
	for _, member := range f.structs("Instances.member") {
		out = append(out, member.str("InstanceId"))
	}
	return out
}

func invalidInstance(id string) error {
	return fail("InvalidInstance", "Could not find EC2 instance %s.", id)
}

// registerInstances adds instances of the load balancer's VPC; one that is
// registered already stays as it is.
func (w *world) registerInstances(f form) (any, error) {
	lb, err := w.findLB(f.str("LoadBalancerName"))
	if err != nil {
		return nil, err
	}
	next := slices.Clone(lb.instances)
	for _, id := range instanceIDs(f) {
		i, ok := w.instances[id]
		if !ok || i.gone() {
			return nil, invalidInstance(id)
		}
		if i.vpcID != lb.vpcID {
			return nil, fail("InvalidInstance", "EC2 instance %s is not in the same VPC as ELB.", id)
		}
		if !slices.Contains(next, id) {
			next = append(next, id)
		}
	}
	if len(next) > w.server.quotas.InstancesPerLoadBalancer {
		return nil, invalidELB("The maximum number of registered instances per load balancer has been reached.")
	}
	lb.instances = next
	return lbInstancesResult{instancesXML(next)}, nil
}

// deregisterInstances passes over instances that are not registered, but not
// over identifiers that never were instances.
func (w *world) deregisterInstances(f form) (any, error) {
	lb, err := w.findLB(f.str("LoadBalancerName"))
	if err != nil {
		return nil, err
	}
	ids := instanceIDs(f)
	for _, id := range ids {
		if _, ok := w.instances[id]; !ok {
			return nil, invalidInstance(id)
		}
	}
	lb.instances = slices.DeleteFunc(slices.Clone(lb.instances), func(id string) bool { return slices.Contains(ids, id) })
	return lbInstancesResult{instancesXML(lb.instances)}, nil
}

type instanceStateXML struct {
	InstanceID  string `xml:"InstanceId"`
	State       string
	ReasonCode  string
	Description string
}

type describeHealthResult struct {
	States []instanceStateXML `xml:"InstanceStates>member"`
}

// describeHealth calls every running instance healthy whose zone has a node:
// the double carries no traffic and does not judge rules.
func (w *world) describeHealth(f form) (any, error) {
	lb, err := w.findLB(f.str("LoadBalancerName"))
	if err != nil {
		return nil, err
	}
	ids := instanceIDs(f)
	if len(ids) == 0 {
		ids = lb.instances
	}
	var out describeHealthResult
	for _, id := range ids {
		if !slices.Contains(lb.instances, id) {
			return nil, invalidInstance(id)
		}
		i := w.instances[id]
		state := instanceStateXML{id, "InService", "N/A", "N/A"}
		switch {
		case i.gone():
			state = instanceStateXML{id, "OutOfService", "Instance", "Instance is in terminated state."}
		case !slices.Contains(w.zonesOf(lb), w.zoneOf(i)):
			state = instanceStateXML{id, "OutOfService", "ELB", "The Availability Zone of this instance is not enabled for the load balancer."}
		}
		out.States = append(out.States, state)
	}
	return out, nil
}
