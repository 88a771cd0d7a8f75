// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package fakeaws

import (
	"fmt"
	"slices"
	"strings"
)

// EC2-Classic is the network outside of any VPC, with [Config.Classic]. Its
// security groups have inbound rules only, are addressed by name as well as by
// id, and their rules have neither ids nor tags ("Security group rule IDs are
// available for VPC security groups rules", AWS News Blog, 2021-07-07).

// The security group by which Elastic Load Balancing reaches instances in
// EC2-Classic. It belongs to AWS: nobody can list or change it. Source:
// "Security groups for instances in EC2-Classic", Elastic Load Balancing user
// guide, from where the id is too.
const (
	elbOwner     = "amazon-elb"
	elbGroupName = "amazon-elb-sg"
	elbGroupID   = "sg-5a9c116a"
)

// classic tells whether the group is outside of any VPC.
func (g *securityGroup) classic() bool { return g.vpcID == "" }

// classic tells whether the load balancer is outside of any VPC.
func (lb *loadBalancer) classic() bool { return lb.vpcID == "" }

// classic tells whether the instance is outside of any VPC.
func (i *instance) classic() bool { return i.vpcID == "" }

// addClassicGroup makes a security group without rules.
func (w *world) addClassicGroup(name, description string) *securityGroup {
	g := &securityGroup{id: w.newID("sg"), name: name, description: description}
	w.groups[g.id] = g
	return g
}

// addDefaultClassicGroup makes the group that instances get without naming one.
func (w *world) addDefaultClassicGroup() {
	g := w.addClassicGroup("default", "default group")
	peer := ruleKey{group: g.id, userID: w.account}
	for _, key := range w.wholePeer(peer) {
		g.rules = append(g.rules, &groupRule{id: w.newID("sgr"), ruleKey: key})
	}
}

// wholePeer is full ICMP, TCP and UDP access of a peer, as the user guide shows
// it to be listed in EC2-Classic.
func (w *world) wholePeer(peer ruleKey) []ruleKey {
	icmp, tcp, udp := peer, peer, peer
	icmp.protocol, icmp.from, icmp.to = "icmp", -1, -1
	tcp.protocol, tcp.from, tcp.to = "tcp", 1, 65535
	udp.protocol, udp.from, udp.to = "udp", 1, 65535
	return []ruleKey{icmp, tcp, udp}
}

// classicGroup finds a group by its name.
func (w *world) classicGroup(name string) (*securityGroup, error) {
	if g := w.groupByName("", name); g != nil {
		return g, nil
	}
	return nil, fail("InvalidGroup.NotFound", "The security group '%s' does not exist", name)
}

// peerName is the name of a referenced group; only groups in EC2-Classic are
// shown with it.
func (w *world) peerName(r *groupRule) string {
	if r.userID == elbOwner {
		return elbGroupName
	}
	for _, other := range w.server.worlds {
		if g := other.groups[r.group]; g != nil && other.region == w.region {
			return g.name
		}
	}
	return ""
}

// parseClassicPair resolves the group that a rule in EC2-Classic refers to.
func (w *world) parseClassicPair(f form) (id, userID string, err error) {
	id, name, owner := f.str("GroupId"), f.str("GroupName"), f.str("UserId")
	missing := fail("InvalidGroup.NotFound", "Unable to find group '%s'", id+name)
	switch {
	case id == "" && name == "":
		return "", "", fail("MissingParameter", "Source group ID missing.")
	case id != "" && name != "":
		return "", "", fail("InvalidParameterCombination", "The parameter groupName cannot be used with the parameter groupId")
	case owner == elbOwner && (id == elbGroupID || name == elbGroupName):
		return elbGroupID, elbOwner, nil
	case owner == elbOwner:
		return "", "", missing
	case owner == "":
		owner = w.account
	}
	other, known := w.server.worlds[scope{owner, w.region}]
	if !known {
		return "", "", missing
	}
	if name != "" {
		if g := other.groupByName("", name); g != nil {
			return g.id, owner, nil
		}
		return "", "", missing
	}
	g, err := find(other.groups, "sg", id)
	if err == nil && !g.classic() {
		err = fail("InvalidGroup.NotFound", "You have specified two resources that belong to different networks.")
	}
	return id, owner, err
}

// checkClassicPermission refuses what only security groups in a VPC know.
func checkClassicPermission(protocol string, f form) error {
	switch {
	case !slices.Contains([]string{"tcp", "udp", "icmp"}, protocol):
		return fail("InvalidPermission.Malformed", "Unsupported IP protocol \"%s\"  - supported: [tcp, udp, icmp]", protocol)
	case len(f.structs("Ipv6Ranges")) > 0:
		return fail("InvalidParameterValue", "IPv6 CIDR blocks may be used with Amazon VPC security groups only.")
	case len(f.structs("PrefixListIds")) > 0:
		return fail("InvalidParameterValue", "Prefix lists may be used with Amazon VPC security groups only.")
	}
	return nil
}

// refuseClassic refuses a group in EC2-Classic where AWS takes none.
func refuseClassic(g *securityGroup) error {
	if g.classic() {
		return fail("InvalidParameterValue", "Only Amazon VPC security groups may be used with this operation.")
	}
	return nil
}

// placeClassic reads the zones of a new load balancer in EC2-Classic.
func (w *world) placeClassic(lb *loadBalancer, f form) error {
	for _, zone := range f.list("AvailabilityZones.member") {
		if !slices.Contains(w.zones(), zone) {
			return invalidELB("Invalid Availability Zone: %s", zone)
		}
		if !slices.Contains(lb.zones, zone) {
			lb.zones = append(lb.zones, zone)
		}
	}
	slices.Sort(lb.zones)
	if lb.scheme == internalScheme {
		return fail("InvalidScheme", "Internal load balancers can be created in a VPC only.")
	}
	return checkClassicPorts(lb.listeners)
}

// checkClassicPorts refuses the load balancer ports that EC2-Classic does not
// have. Source: Listener, Elastic Load Balancing API reference.
func checkClassicPorts(listeners []Listener) error {
	for _, l := range listeners {
		if l.LoadBalancerPort < 1024 && !slices.Contains([]int{25, 80, 443, 465, 587}, l.LoadBalancerPort) {
			return fail("InvalidConfigurationRequest", "Load Balancer port must be either 25, 80, 443, 465, 587 or 1024~65535 inclusive")
		}
	}
	return nil
}

// runClassic launches instances outside of any VPC, whose groups can never be
// changed.
func (w *world) runClassic(f form, tags map[string]string) (any, error) {
	var groups []string
	for _, name := range f.list("SecurityGroup") {
		g, err := w.classicGroup(name)
		if err != nil {
			return nil, err
		}
		groups = append(groups, g.id)
	}
	groups = append(groups, f.list("SecurityGroupId")...)
	if len(groups) == 0 {
		groups = []string{w.groupByName("", "default").id}
	}
	if err := w.checkInterfaceGroups("", groups); err != nil {
		return nil, err
	}
	kind := f.str("InstanceType")
	if kind == "" {
		kind = "m1.small"
	}
	reservation := reservationXML{ReservationID: w.newID("r"), OwnerID: w.account}
	for n := range f.num("MaxCount") {
		w.server.counters["classic address"]++
		i := &instance{
			id: w.newID("i"), reservation: reservation.ReservationID, imageID: f.str("ImageId"), kind: kind, state: statePending, launchIndex: n,
			groups: groups, zone: w.zones()[0], address: fmt.Sprintf("10.255.0.%d", w.server.counters["classic address"]),
		}
		w.instances[i.id] = i
		w.setTags(i.id, tags)
		reservation.Instances = append(reservation.Instances, w.instanceXML(i))
	}
	return reservation, nil
}

// classicFacts are what a snapshot tells of an instance.
func (i *instance) classicFacts(l *factList) {
	if i.classic() {
		l.add("classic zone=%s groups=%s", i.zone, strings.Join(i.groups, ","))
	}
}
