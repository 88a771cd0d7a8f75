// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package fakeaws

import (
	"cmp"
	"slices"
)

// instance is an EC2 instance. It keeps its interfaces while it runs.
type instance struct {
	id, reservation, vpcID, subnetID string
	imageID, kind                    string
	state                            instanceState
	launchIndex                      int
	// groups, zone and address are those of an instance in EC2-Classic, which has
	// no interface.
	groups        []string
	zone, address string
}

// instanceState is the code of a state, as the API gives it.
type instanceState int

const (
	statePending      instanceState = 0
	stateRunning      instanceState = 16
	stateShuttingDown instanceState = 32
	stateTerminated   instanceState = 48
)

// String is the name of the state, as the API gives it.
func (s instanceState) String() string {
	switch s {
	case statePending:
		return "pending"
	case stateRunning:
		return "running"
	case stateShuttingDown:
		return "shutting-down"
	}
	return "terminated"
}

type stateXML struct {
	Code int    `xml:"code"`
	Name string `xml:"name"`
}

func (s instanceState) xml() stateXML { return stateXML{int(s), s.String()} }

func (i *instance) gone() bool { return i.state == stateShuttingDown || i.state == stateTerminated }

func instanceOperations() map[string]operation {
	return map[string]operation{
		"RunInstances": op((*world).runInstances, `ImageId! InstanceType MinCount:int! MaxCount:int! SubnetId SecurityGroupId.# SecurityGroup.#
			ClientToken DryRun:bool NetworkInterface.#.DeviceIndex:int NetworkInterface.#.SubnetId NetworkInterface.#.SecurityGroupId.#
			NetworkInterface.#.Description NetworkInterface.#.DeleteOnTermination:bool NetworkInterface.#.AssociatePublicIpAddress:bool`+tagSpecParams),
		"TerminateInstances":      op((*world).terminateInstances, `InstanceId.#! DryRun:bool`),
		"ModifyInstanceAttribute": op((*world).modifyInstance, `InstanceId! GroupId.# DryRun:bool`),
		"DescribeInstances":       op((*world).describeInstances, `InstanceId.# DryRun:bool`+filterParams+pageParams),
	}
}

// interfacesOf lists the interfaces of an instance by device index.
func (w *world) interfacesOf(instanceID string) []*networkInterface {
	var out []*networkInterface
	for _, eni := range w.interfaces {
		if eni.instanceID == instanceID {
			out = append(out, eni)
		}
	}
	slices.SortFunc(out, func(a, b *networkInterface) int { return cmp.Compare(a.deviceIndex, b.deviceIndex) })
	return out
}

type reservationXML struct {
	ReservationID string        `xml:"reservationId"`
	OwnerID       string        `xml:"ownerId"`
	Instances     []instanceXML `xml:"instancesSet>item"`
}

type instanceXML struct {
	InstanceID       string                 `xml:"instanceId"`
	ImageID          string                 `xml:"imageId"`
	State            stateXML               `xml:"instanceState"`
	InstanceType     string                 `xml:"instanceType"`
	LaunchIndex      int                    `xml:"amiLaunchIndex"`
	LaunchTime       string                 `xml:"launchTime"`
	AvailabilityZone string                 `xml:"placement>availabilityZone,omitempty"`
	SubnetID         string                 `xml:"subnetId,omitempty"`
	VpcID            string                 `xml:"vpcId,omitempty"`
	PrivateIPAddress string                 `xml:"privateIpAddress,omitempty"`
	Groups           []groupIdentifierXML   `xml:"groupSet>item"`
	Interfaces       []instanceInterfaceXML `xml:"networkInterfaceSet>item"`
	Tags             []tagXML               `xml:"tagSet>item"`
}

type instanceInterfaceXML struct {
	ID               string               `xml:"networkInterfaceId"`
	SubnetID         string               `xml:"subnetId"`
	VpcID            string               `xml:"vpcId"`
	Description      string               `xml:"description"`
	OwnerID          string               `xml:"ownerId"`
	Status           string               `xml:"status"`
	MacAddress       string               `xml:"macAddress"`
	PrivateIPAddress string               `xml:"privateIpAddress"`
	SourceDestCheck  bool                 `xml:"sourceDestCheck"`
	InterfaceType    string               `xml:"interfaceType"`
	Groups           []groupIdentifierXML `xml:"groupSet>item"`
	Attachment       attachmentXML        `xml:"attachment"`
	Addresses        []addressXML         `xml:"privateIpAddressesSet>item"`
}

// instanceXML shows an instance; a terminated one has lost its network.
func (w *world) instanceXML(i *instance) instanceXML {
	out := instanceXML{
		InstanceID: i.id, ImageID: i.imageID, State: i.state.xml(), InstanceType: i.kind, LaunchIndex: i.launchIndex,
		LaunchTime: epoch, Tags: tagsXML(w.tags[i.id]),
	}
	out.AvailabilityZone = w.zoneOf(i)
	if i.gone() {
		return out
	}
	out.SubnetID, out.VpcID = i.subnetID, i.vpcID
	out.PrivateIPAddress, out.Groups = i.address, w.groupIdentifiers(i.groups)
	for _, eni := range w.interfacesOf(i.id) {
		attachment := w.attachmentXML(eni)
		attachment.InstanceID, attachment.InstanceOwnerID = "", ""
		out.Interfaces = append(out.Interfaces, instanceInterfaceXML{
			ID: eni.id, SubnetID: eni.subnetID, VpcID: eni.vpcID, Description: eni.description, OwnerID: w.account, Status: "in-use",
			MacAddress: eni.mac(), PrivateIPAddress: eni.address.String(), SourceDestCheck: true, InterfaceType: "interface",
			Groups: w.groupIdentifiers(eni.groups), Attachment: attachment, Addresses: []addressXML{{eni.address.String(), true}},
		})
		if eni.deviceIndex == 0 {
			out.PrivateIPAddress = eni.address.String()
			out.Groups = w.groupIdentifiers(eni.groups)
		}
	}
	return out
}

// zoneOf is the zone of an instance; it may have lost its subnet.
func (w *world) zoneOf(i *instance) string {
	if s := w.subnets[i.subnetID]; s != nil {
		return s.zone
	}
	return i.zone
}

// interfacePlan is a network interface that a launch asks for.
type interfacePlan struct {
	index       int
	subnet      *subnet
	groups      []string
	description string
}

func (w *world) runInstances(f form) (any, error) {
	tags, err := parseTagSpecification(f, "instance", "network-interface", "volume")
	if err != nil {
		return nil, err
	}
	if !validID("ami", f.str("ImageId")) {
		return nil, fail("InvalidAMIID.Malformed", "Invalid id: \"%s\" (expecting \"ami-...\")", f.str("ImageId"))
	}
	count := f.num("MaxCount")
	if f.num("MinCount") < 1 || count < f.num("MinCount") {
		return nil, fail("InvalidParameterValue", "Value (%d) for parameter maxCount is invalid.", count)
	}
	if w.server.config.Classic && !f.has("SubnetId") && !f.has("NetworkInterface.1.DeviceIndex") {
		return w.runClassic(f, tags["instance"])
	}
	plans, err := w.parseInterfaces(f)
	if err != nil {
		return nil, err
	}
	needed := map[*subnet]int{}
	for _, plan := range plans {
		needed[plan.subnet] += count
		if plan.subnet.free() < needed[plan.subnet] {
			return nil, fail("InsufficientFreeAddressesInSubnet", "There are not enough free addresses in subnet '%s' to satisfy the requested number of instances.", plan.subnet.id)
		}
	}
	kind := f.str("InstanceType")
	if kind == "" {
		kind = "m1.small"
	}
	reservation := reservationXML{ReservationID: w.newID("r"), OwnerID: w.account}
	for n := range count {
		i := &instance{
			id: w.newID("i"), reservation: reservation.ReservationID, vpcID: plans[0].subnet.vpcID, subnetID: plans[0].subnet.id,
			imageID: f.str("ImageId"), kind: kind, state: statePending, launchIndex: n,
		}
		w.instances[i.id] = i
		w.setTags(i.id, tags["instance"])
		for _, plan := range plans {
			eni, err := w.addInterface(plan.subnet, plan.groups, plan.description)
			if err != nil {
				return nil, err
			}
			eni.instanceID, eni.deviceIndex = i.id, plan.index
			w.setTags(eni.id, tags["network-interface"])
		}
		reservation.Instances = append(reservation.Instances, w.instanceXML(i))
	}
	return reservation, nil
}

// parseInterfaces reads the network of a launch: either one subnet with groups
// or a list of network interfaces, of which one has device index 0.
func (w *world) parseInterfaces(f form) ([]interfacePlan, error) {
	members := f.structs("NetworkInterface")
	groups := f.list("SecurityGroupId")
	for _, name := range f.list("SecurityGroup") {
		if f.has("SubnetId") {
			return nil, fail("InvalidParameterCombination", "The parameter groupName cannot be used with the parameter subnet")
		}
		g, err := w.namedGroup(name)
		if err != nil {
			return nil, err
		}
		groups = append(groups, g.id)
	}
	var plans []interfacePlan
	if len(members) == 0 {
		s, err := w.launchSubnet(f.str("SubnetId"))
		if err != nil {
			return nil, err
		}
		plans = []interfacePlan{{subnet: s, groups: groups}}
	} else if len(groups) > 0 || f.has("SubnetId") {
		return nil, fail("InvalidParameterCombination", "Network interfaces and an instance-level subnet ID or security groups may not be specified on the same request")
	}
	for _, member := range members {
		if !member.has("DeviceIndex") {
			return nil, fail("InvalidParameterValue", "Each network interface requires a device index.")
		}
		s, err := w.launchSubnet(member.str("SubnetId"))
		if err != nil {
			return nil, err
		}
		plans = append(plans, interfacePlan{member.num("DeviceIndex"), s, member.list("SecurityGroupId"), member.str("Description")})
	}
	slices.SortFunc(plans, func(a, b interfacePlan) int { return cmp.Compare(a.index, b.index) })
	for n, plan := range plans {
		if plan.index != n {
			return nil, fail("InvalidParameterValue", "The device indexes of the network interfaces must run from 0 without a gap.")
		}
		if plan.subnet.zone != plans[0].subnet.zone || plan.subnet.vpcID != plans[0].subnet.vpcID {
			return nil, fail("InvalidParameterCombination", "The network interfaces of an instance must be in one Availability Zone of one VPC.")
		}
		if len(plan.groups) == 0 {
			plans[n].groups = []string{w.groupByName(plan.subnet.vpcID, "default").id}
		}
		if err := w.checkInterfaceGroups(plan.subnet.vpcID, plans[n].groups); err != nil {
			return nil, err
		}
	}
	return plans, nil
}

// launchSubnet finds a subnet, or without an identifier a default one.
func (w *world) launchSubnet(id string) (*subnet, error) {
	if id != "" {
		return find(w.subnets, "subnet", id)
	}
	for _, s := range sorted(w.subnets) {
		if s.defaultForAZ {
			return s, nil
		}
	}
	return nil, fail("MissingInput", "No subnets found for the default VPC. Please specify a subnet.")
}

type stateChangeXML struct {
	InstanceID string   `xml:"instanceId"`
	Current    stateXML `xml:"currentState"`
	Previous   stateXML `xml:"previousState"`
}

type terminateResult struct {
	Instances []stateChangeXML `xml:"instancesSet>item"`
}

// terminateInstances frees the network at once. A load balancer goes on to list
// the instance until it is deregistered, as InstanceState's documented
// description "Instance is in terminated state" shows.
func (w *world) terminateInstances(f form) (any, error) {
	ids := f.list("InstanceId")
	for _, id := range ids {
		if _, err := find(w.instances, "i", id); err != nil {
			return nil, err
		}
	}
	var out terminateResult
	for _, id := range ids {
		i := w.instances[id]
		previous := i.state
		if !i.gone() {
			i.state = stateShuttingDown
		}
		for _, eni := range w.interfacesOf(id) {
			w.dropInterface(eni)
		}
		out.Instances = append(out.Instances, stateChangeXML{id, i.state.xml(), previous.xml()})
	}
	return out, nil
}

func (w *world) modifyInstance(f form) (any, error) {
	i, err := find(w.instances, "i", f.str("InstanceId"))
	if err != nil {
		return nil, err
	}
	groups := f.list("GroupId")
	if len(groups) == 0 {
		return nil, missingParameter(ServiceEC2, "GroupId")
	}
	if i.classic() {
		return nil, fail("InvalidParameterCombination", "The security groups of an instance in EC2-Classic cannot be changed.")
	}
	if i.gone() {
		return nil, fail("IncorrectInstanceState", "The instance '%s' is not in a valid state for this operation.", i.id)
	}
	interfaces := w.interfacesOf(i.id)
	if len(interfaces) > 1 {
		return nil, fail("InvalidInstanceID", "There are multiple interfaces attached to instance '%s'. Please specify an interface ID for the operation instead.", i.id)
	}
	if err := w.checkInterfaceGroups(i.vpcID, groups); err != nil {
		return nil, err
	}
	interfaces[0].groups = slices.Clone(groups)
	return nil, nil
}

func (w *world) instanceFilters() filterSet[*instance] {
	fields := map[string]func(*instance) []string{
		"availability-zone":   one(func(i *instance) string { return w.instanceXML(i).AvailabilityZone }),
		"image-id":            one(func(i *instance) string { return i.imageID }),
		"instance-id":         one(func(i *instance) string { return i.id }),
		"instance-state-code": one(func(i *instance) string { return formatInt(int(i.state)) }),
		"instance-state-name": one(func(i *instance) string { return i.state.String() }),
		"instance-type":       one(func(i *instance) string { return i.kind }),
		"owner-id":            one(func(*instance) string { return w.account }),
		"private-ip-address":  one(func(i *instance) string { return w.instanceXML(i).PrivateIPAddress }),
		"reservation-id":      one(func(i *instance) string { return i.reservation }),
		"subnet-id":           one(func(i *instance) string { return w.instanceXML(i).SubnetID }),
		"vpc-id":              one(func(i *instance) string { return w.instanceXML(i).VpcID }),
	}
	perInterface := func(shown func(*networkInterface) []string, primaryOnly bool) func(*instance) []string {
		return func(i *instance) []string {
			var out []string
			for _, eni := range w.interfacesOf(i.id) {
				if !primaryOnly || eni.deviceIndex == 0 {
					out = append(out, shown(eni)...)
				}
			}
			return out
		}
	}
	for name, shown := range w.interfaceFields() {
		fields["network-interface."+name] = perInterface(shown, false)
	}
	fields["instance.group-id"] = perInterface(w.interfaceFields()["group-id"], true)
	fields["instance.group-name"] = perInterface(w.interfaceFields()["group-name"], true)
	return filterSet[*instance]{fields: fields, tags: func(i *instance) map[string]string { return w.tags[i.id] }}
}

type describeInstancesResult struct {
	Reservations []reservationXML `xml:"reservationSet>item"`
	NextToken    string           `xml:"nextToken,omitempty"`
}

// describeInstances shows instances, terminated ones included. A look at a
// pending or shutting-down instance finds it running or terminated.
func (w *world) describeInstances(f form) (any, error) {
	l, err := w.listing("DescribeInstances", f, pagesOfThousand())
	if err != nil {
		return nil, err
	}
	ids := f.list("InstanceId")
	if err := l.refuseWithIDs(ids, "instancesSet"); err != nil {
		return nil, err
	}
	for _, i := range w.instances {
		switch i.state {
		case statePending:
			i.state = stateRunning
		case stateShuttingDown:
			i.state = stateTerminated
		}
	}
	all, err := choose(l, w.instances, "i", ids, w.instanceFilters(), func(*instance) *int { return nil })
	if err != nil {
		return nil, err
	}
	found, token := cut(l, all, func(i *instance) string { return i.id })
	out := describeInstancesResult{NextToken: token}
	at := map[string]int{}
	for _, i := range found {
		n, ok := at[i.reservation]
		if !ok {
			n = len(out.Reservations)
			at[i.reservation] = n
			out.Reservations = append(out.Reservations, reservationXML{ReservationID: i.reservation, OwnerID: w.account})
		}
		out.Reservations[n].Instances = append(out.Reservations[n].Instances, w.instanceXML(i))
	}
	return out, nil
}
