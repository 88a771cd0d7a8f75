// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package fakeaws

import (
	"fmt"
	"net/netip"
	"slices"
)

// networkInterface is a network interface of an instance or a load balancer.
type networkInterface struct {
	id, vpcID, subnetID string
	address             netip.Addr
	groups              []string
	description         string
	// instanceID is empty for the nodes of a load balancer.
	instanceID  string
	deviceIndex int
}

func networkInterfaceOperations() map[string]operation {
	return map[string]operation{
		"DescribeNetworkInterfaces":       op((*world).describeInterfaces, `NetworkInterfaceId.# DryRun:bool`+filterParams+pageParams),
		"ModifyNetworkInterfaceAttribute": op((*world).modifyInterface, `NetworkInterfaceId! SecurityGroupId.# DryRun:bool`),
	}
}

// addInterface makes a network interface in a subnet.
func (w *world) addInterface(s *subnet, groups []string, description string) (*networkInterface, error) {
	eni := &networkInterface{id: w.newID("eni"), vpcID: s.vpcID, subnetID: s.id, groups: slices.Clone(groups), description: description}
	address, err := s.allocate(eni.id)
	if err != nil {
		return nil, err
	}
	eni.address = address
	w.interfaces[eni.id] = eni
	return eni, nil
}

func (w *world) dropInterface(eni *networkInterface) {
	delete(w.subnets[eni.subnetID].addresses, eni.address)
	delete(w.interfaces, eni.id)
	delete(w.tags, eni.id)
}

// checkInterfaceGroups tells whether a network interface of the VPC may carry
// the groups.
func (w *world) checkInterfaceGroups(vpcID string, groups []string) error {
	for i, id := range groups {
		g, err := find(w.groups, "sg", id)
		if err != nil {
			return err
		}
		if g.vpcID != vpcID {
			return fail("InvalidGroup.NotFound", "You have specified two resources that belong to different networks.")
		}
		if slices.Contains(groups[:i], id) {
			return fail("InvalidParameterValue", "The security group '%s' is given more than once", id)
		}
	}
	if len(groups) > w.server.quotas.GroupsPerInterface {
		return fail("SecurityGroupsPerInterfaceLimitExceeded", "The maximum number of security groups per interface has been reached.")
	}
	return nil
}

func (w *world) modifyInterface(f form) (any, error) {
	eni, err := find(w.interfaces, "eni", f.str("NetworkInterfaceId"))
	if err != nil {
		return nil, err
	}
	groups := f.list("SecurityGroupId")
	if len(groups) == 0 {
		return nil, missingParameter(ServiceEC2, "SecurityGroupId")
	}
	if eni.instanceID == "" {
		return nil, fail("OperationNotPermitted", "You do not have permission to modify the network interface '%s' of a load balancer.", eni.id)
	}
	if err := w.checkInterfaceGroups(eni.vpcID, groups); err != nil {
		return nil, err
	}
	eni.groups = slices.Clone(groups)
	return nil, nil
}

type groupIdentifierXML struct {
	ID   string `xml:"groupId"`
	Name string `xml:"groupName"`
}

func (w *world) groupIdentifiers(ids []string) []groupIdentifierXML {
	var out []groupIdentifierXML
	for _, id := range ids {
		out = append(out, groupIdentifierXML{id, w.groups[id].name})
	}
	return out
}

type interfaceXML struct {
	ID               string               `xml:"networkInterfaceId"`
	SubnetID         string               `xml:"subnetId"`
	VpcID            string               `xml:"vpcId"`
	AvailabilityZone string               `xml:"availabilityZone"`
	Description      string               `xml:"description"`
	OwnerID          string               `xml:"ownerId"`
	RequesterID      string               `xml:"requesterId,omitempty"`
	RequesterManaged bool                 `xml:"requesterManaged"`
	Status           string               `xml:"status"`
	MacAddress       string               `xml:"macAddress"`
	PrivateIPAddress string               `xml:"privateIpAddress"`
	SourceDestCheck  bool                 `xml:"sourceDestCheck"`
	InterfaceType    string               `xml:"interfaceType"`
	Groups           []groupIdentifierXML `xml:"groupSet>item"`
	Attachment       attachmentXML        `xml:"attachment"`
	Addresses        []addressXML         `xml:"privateIpAddressesSet>item"`
	Tags             []tagXML             `xml:"tagSet>item"`
}

type attachmentXML struct {
	ID                  string `xml:"attachmentId"`
	InstanceID          string `xml:"instanceId,omitempty"`
	InstanceOwnerID     string `xml:"instanceOwnerId,omitempty"`
	DeviceIndex         int    `xml:"deviceIndex"`
	Status              string `xml:"status"`
	AttachTime          string `xml:"attachTime"`
	DeleteOnTermination bool   `xml:"deleteOnTermination"`
}

type addressXML struct {
	PrivateIPAddress string `xml:"privateIpAddress"`
	Primary          bool   `xml:"primary"`
}

// epoch is the time of everything that the double dates.
const epoch = "2024-01-01T00:00:00.000Z"

func (eni *networkInterface) owner(w *world) string {
	if eni.instanceID == "" {
		return "amazon-elb"
	}
	return w.account
}

func (w *world) attachmentXML(eni *networkInterface) attachmentXML {
	return attachmentXML{
		ID: "eni-attach-" + eni.id[len("eni-"):], InstanceID: eni.instanceID, InstanceOwnerID: eni.owner(w),
		DeviceIndex: eni.deviceIndex, Status: "attached", AttachTime: epoch, DeleteOnTermination: eni.instanceID != "",
	}
}

func (eni *networkInterface) mac() string {
	b := eni.address.As4()
	return fmt.Sprintf("02:00:%02x:%02x:%02x:%02x", b[0], b[1], b[2], b[3])
}

func (w *world) interfaceXML(eni *networkInterface) interfaceXML {
	out := interfaceXML{
		ID: eni.id, SubnetID: eni.subnetID, VpcID: eni.vpcID, AvailabilityZone: w.subnets[eni.subnetID].zone,
		Description: eni.description, OwnerID: w.account, Status: "in-use", MacAddress: eni.mac(),
		PrivateIPAddress: eni.address.String(), SourceDestCheck: true, InterfaceType: "interface",
		Groups: w.groupIdentifiers(eni.groups), Attachment: w.attachmentXML(eni),
		Addresses: []addressXML{{eni.address.String(), true}}, Tags: tagsXML(w.tags[eni.id]),
	}
	if eni.instanceID == "" {
		out.RequesterID, out.RequesterManaged = "amazon-elb", true
	}
	return out
}

func (w *world) interfaceFilters() filterSet[*networkInterface] {
	fields := w.interfaceFields()
	fields["availability-zone"] = one(func(e *networkInterface) string { return w.subnets[e.subnetID].zone })
	fields["interface-type"] = one(func(*networkInterface) string { return "interface" })
	return filterSet[*networkInterface]{fields: fields, tags: func(e *networkInterface) map[string]string { return w.tags[e.id] }}
}

// interfaceFields are the filters that DescribeInstances offers as well, after
// the prefix "network-interface.".
func (w *world) interfaceFields() map[string]func(*networkInterface) []string {
	address := one(func(e *networkInterface) string { return e.address.String() })
	return map[string]func(*networkInterface) []string{
		"addresses.private-ip-address": address,
		"private-ip-address":           address,
		"attachment.attachment-id":     one(func(e *networkInterface) string { return w.attachmentXML(e).ID }),
		"attachment.device-index":      one(func(e *networkInterface) string { return formatInt(e.deviceIndex) }),
		"attachment.instance-id":       one(func(e *networkInterface) string { return e.instanceID }),
		"attachment.instance-owner-id": one(func(e *networkInterface) string { return e.owner(w) }),
		"attachment.status":            one(func(*networkInterface) string { return "attached" }),
		"description":                  one(func(e *networkInterface) string { return e.description }),
		"group-id":                     func(e *networkInterface) []string { return e.groups },
		"group-name": func(e *networkInterface) []string {
			var out []string
			for _, g := range w.groupIdentifiers(e.groups) {
				out = append(out, g.Name)
			}
			return out
		},
		"mac-address":          one(func(e *networkInterface) string { return e.mac() }),
		"network-interface-id": one(func(e *networkInterface) string { return e.id }),
		"owner-id":             one(func(*networkInterface) string { return w.account }),
		"requester-id":         one(func(e *networkInterface) string { return w.interfaceXML(e).RequesterID }),
		"requester-managed":    one(func(e *networkInterface) string { return formatBool(e.instanceID == "") }),
		"status":               one(func(*networkInterface) string { return "in-use" }),
		"subnet-id":            one(func(e *networkInterface) string { return e.subnetID }),
		"vpc-id":               one(func(e *networkInterface) string { return e.vpcID }),
	}
}

type describeInterfacesResult struct {
	Interfaces []interfaceXML `xml:"networkInterfaceSet>item"`
	NextToken  string         `xml:"nextToken,omitempty"`
}

func (w *world) describeInterfaces(f form) (any, error) {
	l, err := w.listing("DescribeNetworkInterfaces", f, pagesOfThousand())
	if err != nil {
		return nil, err
	}
	ids := f.list("NetworkInterfaceId")
	if err := l.refuseWithIDs(ids, "networkInterfaceIdSet"); err != nil {
		return nil, err
	}
	all, err := choose(l, w.interfaces, "eni", ids, w.interfaceFilters(), func(*networkInterface) *int { return nil })
	if err != nil {
		return nil, err
	}
	found, token := cut(l, all, func(e *networkInterface) string { return e.id })
	out := describeInterfacesResult{NextToken: token}
	for _, e := range found {
		out.Interfaces = append(out.Interfaces, w.interfaceXML(e))
	}
	return out, nil
}
