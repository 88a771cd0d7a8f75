// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package fakeaws

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// subnet is a subnet; addresses maps its used private addresses to the network
// interfaces that hold them.
type subnet struct {
	id, vpcID, zone string
	cidr            netip.Prefix
	defaultForAZ    bool
	publicIPs       bool
	addresses       map[netip.Addr]string
}

// reservedAddresses are the addresses that AWS keeps in every subnet: the first
// four and the last one.
const reservedAddresses = 5

func (s *subnet) size() int { return 1 << (32 - s.cidr.Bits()) }

func (s *subnet) free() int { return s.size() - reservedAddresses - len(s.addresses) }

// allocate takes the lowest free address for a network interface.
func (s *subnet) allocate(interfaceID string) (netip.Addr, error) {
	address := s.cidr.Addr()
	for i := 0; i < s.size()-1; i++ {
		if _, used := s.addresses[address]; !used && i >= reservedAddresses-1 {
			s.addresses[address] = interfaceID
			return address, nil
		}
		address = address.Next()
	}
	return netip.Addr{}, fail("InsufficientFreeAddressesInSubnet", "There are not enough free addresses in subnet '%s' to satisfy the requested number of instances.", s.id)
}

type subnetXML struct {
	SubnetID                string   `xml:"subnetId"`
	SubnetArn               string   `xml:"subnetArn"`
	State                   string   `xml:"state"`
	OwnerID                 string   `xml:"ownerId"`
	VpcID                   string   `xml:"vpcId"`
	CidrBlock               string   `xml:"cidrBlock"`
	AvailableIPAddressCount int      `xml:"availableIpAddressCount"`
	AvailabilityZone        string   `xml:"availabilityZone"`
	AvailabilityZoneID      string   `xml:"availabilityZoneId"`
	DefaultForAz            bool     `xml:"defaultForAz"`
	MapPublicIPOnLaunch     bool     `xml:"mapPublicIpOnLaunch"`
	Tags                    []tagXML `xml:"tagSet>item"`
}

func (w *world) subnetXML(s *subnet) subnetXML {
	return subnetXML{
		SubnetID: s.id, SubnetArn: w.arn("subnet", s.id), State: "available", OwnerID: w.account, VpcID: s.vpcID,
		CidrBlock: s.cidr.String(), AvailableIPAddressCount: s.free(), AvailabilityZone: s.zone,
		AvailabilityZoneID: zoneID(s.zone), DefaultForAz: s.defaultForAZ, MapPublicIPOnLaunch: s.publicIPs,
		Tags: tagsXML(w.tags[s.id]),
	}
}

func subnetOperations() map[string]operation {
	return map[string]operation{
		"CreateSubnet":              op((*world).createSubnet, `VpcId! CidrBlock! AvailabilityZone AvailabilityZoneId DryRun:bool`+tagSpecParams),
		"DeleteSubnet":              op((*world).deleteSubnet, `SubnetId! DryRun:bool`),
		"DescribeSubnets":           op((*world).describeSubnets, `SubnetId.# DryRun:bool`+filterParams+pageParams),
		"ModifySubnetAttribute":     op((*world).modifySubnet, `SubnetId! MapPublicIpOnLaunch.Value:bool!`),
		"DescribeAvailabilityZones": op((*world).describeZones, `ZoneName.# ZoneId.# AllAvailabilityZones:bool DryRun:bool`+filterParams),
	}
}

type subnetResult struct {
	Subnet subnetXML `xml:"subnet"`
}

func (w *world) createSubnet(f form) (any, error) {
	tags, err := parseTagSpecification(f, "subnet")
	if err != nil {
		return nil, err
	}
	v, err := find(w.vpcs, "vpc", f.str("VpcId"))
	if err != nil {
		return nil, err
	}
	block, err := parseBlock(f.str("CidrBlock"))
	if err != nil {
		return nil, err
	}
	inside := slices.ContainsFunc(v.blocks, func(b vpcBlock) bool {
		return b.associated() && b.cidr.Bits() <= block.Bits() && b.cidr.Overlaps(block)
	})
	if !inside || block.Bits() < 16 || block.Bits() > 28 {
		return nil, fail("InvalidSubnet.Range", "The CIDR '%s' is invalid.", block)
	}
	for _, other := range w.subnets {
		if other.vpcID == v.id && other.cidr.Overlaps(block) {
			return nil, fail("InvalidSubnet.Conflict", "The CIDR '%s' conflicts with another subnet", block)
		}
	}
	zones := w.zones()
	zone := f.str("AvailabilityZone")
	if id := f.str("AvailabilityZoneId"); id != "" {
		for _, candidate := range zones {
			if zone == "" && zoneID(candidate) == id {
				zone = candidate
			}
		}
	}
	if zone == "" {
		zone = zones[0]
	}
	if !slices.Contains(zones, zone) {
		return nil, fail("InvalidParameterValue", "Value (%s) for parameter availabilityZone is invalid. Subnets can currently only be created in the following availability zones: %s.", zone, strings.Join(zones, ", "))
	}
	s := w.addSubnet(v, block, zone)
	w.setTags(s.id, tags["subnet"])
	return subnetResult{w.subnetXML(s)}, nil
}

// addSubnet makes a subnet on the VPC's default network ACL.
func (w *world) addSubnet(v *vpc, block netip.Prefix, zone string) *subnet {
	s := &subnet{id: w.newID("subnet"), vpcID: v.id, zone: zone, cidr: block, addresses: map[netip.Addr]string{}}
	w.subnets[s.id] = s
	w.defaultACL(v.id).associations[w.newID("aclassoc")] = s.id
	return s
}

func (w *world) deleteSubnet(f form) (any, error) {
	s, err := find(w.subnets, "subnet", f.str("SubnetId"))
	if err != nil {
		return nil, err
	}
	if len(s.addresses) > 0 {
		return nil, fail("DependencyViolation", "The subnet '%s' has dependencies and cannot be deleted.", s.id)
	}
	for _, acl := range w.acls {
		for association, subnetID := range acl.associations {
			if subnetID == s.id {
				delete(acl.associations, association)
			}
		}
	}
	for _, table := range w.routeTables {
		for association, subnetID := range table.associations {
			if subnetID == s.id {
				delete(table.associations, association)
			}
		}
	}
	delete(w.subnets, s.id)
	delete(w.tags, s.id)
	return nil, nil
}

func (w *world) modifySubnet(f form) (any, error) {
	s, err := find(w.subnets, "subnet", f.str("SubnetId"))
	if err != nil {
		return nil, err
	}
	s.publicIPs = f.flag("MapPublicIpOnLaunch.Value")
	return nil, nil
}

func (w *world) subnetFilters() filterSet[*subnet] {
	zone := one(func(s *subnet) string { return s.zone })
	zoneNumber := one(func(s *subnet) string { return zoneID(s.zone) })
	block := one(func(s *subnet) string { return s.cidr.String() })
	byDefault := one(func(s *subnet) string { return formatBool(s.defaultForAZ) })
	return filterSet[*subnet]{
		fields: map[string]func(*subnet) []string{
			"availability-zone":          zone,
			"availabilityZone":           zone,
			"availability-zone-id":       zoneNumber,
			"availabilityZoneId":         zoneNumber,
			"available-ip-address-count": one(func(s *subnet) string { return formatInt(s.free()) }),
			"cidr-block":                 block,
			"cidr":                       block,
			"cidrBlock":                  block,
			"default-for-az":             byDefault,
			"defaultForAz":               byDefault,
			"map-public-ip-on-launch":    one(func(s *subnet) string { return formatBool(s.publicIPs) }),
			"owner-id":                   one(func(*subnet) string { return w.account }),
			"state":                      one(func(*subnet) string { return "available" }),
			"subnet-arn":                 one(func(s *subnet) string { return w.arn("subnet", s.id) }),
			"subnet-id":                  one(func(s *subnet) string { return s.id }),
			"vpc-id":                     one(func(s *subnet) string { return s.vpcID }),
		},
		tags: func(s *subnet) map[string]string { return w.tags[s.id] },
	}
}

type describeSubnetsResult struct {
	Subnets   []subnetXML `xml:"subnetSet>item"`
	NextToken string      `xml:"nextToken,omitempty"`
}

func (w *world) describeSubnets(f form) (any, error) {
	l, err := w.listing("DescribeSubnets", f, pagesOfThousand())
	if err != nil {
		return nil, err
	}
	all, err := choose(l, w.subnets, "subnet", f.list("SubnetId"), w.subnetFilters(), func(*subnet) *int { return nil })
	if err != nil {
		return nil, err
	}
	found, token := cut(l, all, func(s *subnet) string { return s.id })
	out := describeSubnetsResult{NextToken: token}
	for _, s := range found {
		out.Subnets = append(out.Subnets, w.subnetXML(s))
	}
	return out, nil
}

type zoneXML struct {
	ZoneName           string `xml:"zoneName"`
	ZoneID             string `xml:"zoneId"`
	ZoneState          string `xml:"zoneState"`
	ZoneType           string `xml:"zoneType"`
	RegionName         string `xml:"regionName"`
	GroupName          string `xml:"groupName"`
	NetworkBorderGroup string `xml:"networkBorderGroup"`
	OptInStatus        string `xml:"optInStatus"`
}

type describeZonesResult struct {
	Zones []zoneXML `xml:"availabilityZoneInfo>item"`
}

func (w *world) describeZones(f form) (any, error) {
	filters := filterSet[string]{fields: map[string]func(string) []string{
		"group-name":    one(func(string) string { return w.region + "-zg-1" }),
		"opt-in-status": one(func(string) string { return "opt-in-not-required" }),
		"region-name":   one(func(string) string { return w.region }),
		"state":         one(func(string) string { return "available" }),
		"zone-id":       one(zoneID),
		"zone-name":     one(func(zone string) string { return zone }),
		"zone-type":     one(func(string) string { return "availability-zone" }),
	}}
	wanted, err := parseFilters(f)
	if err != nil {
		return nil, err
	}
	if err := filters.check(wanted); err != nil {
		return nil, err
	}
	zones := w.zones()
	for _, name := range f.list("ZoneName") {
		if !slices.Contains(zones, name) {
			return nil, fail("InvalidParameterValue", "Invalid availability zone: [%s]", name)
		}
	}
	var out describeZonesResult
	for _, zone := range zones {
		names, ids := f.list("ZoneName"), f.list("ZoneId")
		if len(names) > 0 && !slices.Contains(names, zone) || len(ids) > 0 && !slices.Contains(ids, zoneID(zone)) || !filters.match(zone, wanted) {
			continue
		}
		out.Zones = append(out.Zones, zoneXML{zone, zoneID(zone), "available", "availability-zone", w.region, w.region + "-zg-1", w.region, "opt-in-not-required"})
	}
	return out, nil
}

// zones are the Availability Zones of the region.
func (w *world) zones() []string {
	var out []string
	for _, letter := range "abcd" {
		out = append(out, w.region+string(letter))
	}
	return out
}

// zoneID is the account-independent identifier of a zone, e.g. use1-az2 for us-east-1b.
func zoneID(zone string) string {
	parts := strings.Split(zone[:len(zone)-1], "-")
	short := parts[0]
	for _, part := range parts[1 : len(parts)-1] {
		short += part[:1]
	}
	return fmt.Sprintf("%s%s-az%d", short, parts[len(parts)-1], zone[len(zone)-1]-'a'+1)
}
