// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package fakeaws

import (
	"fmt"
	"net/netip"
	"slices"
)

// vpc is a virtual private cloud with its CIDR blocks.
type vpc struct {
	id        string
	isDefault bool
	// blocks holds the IPv4 blocks, the primary one first, and the IPv6 blocks.
	// A block that was taken away stays in the list in state disassociated, as
	// EC2 goes on to show it.
	blocks []vpcBlock
}

type vpcBlock struct {
	association string
	cidr        netip.Prefix
	state       string
}

func (b vpcBlock) associated() bool { return b.state == "associated" }

func (v *vpc) hasIPv6() bool {
	return slices.ContainsFunc(v.blocks, func(b vpcBlock) bool { return b.associated() && b.cidr.Addr().Is6() })
}

type vpcXML struct {
	VpcID           string         `xml:"vpcId"`
	OwnerID         string         `xml:"ownerId"`
	State           string         `xml:"state"`
	CidrBlock       string         `xml:"cidrBlock"`
	DhcpOptionsID   string         `xml:"dhcpOptionsId"`
	InstanceTenancy string         `xml:"instanceTenancy"`
	IsDefault       bool           `xml:"isDefault"`
	Blocks          []vpcBlockXML  `xml:"cidrBlockAssociationSet>item"`
	IPv6Blocks      []ipv6BlockXML `xml:"ipv6CidrBlockAssociationSet>item"`
	Tags            []tagXML       `xml:"tagSet>item"`
}

type vpcBlockXML struct {
	AssociationID string `xml:"associationId"`
	CidrBlock     string `xml:"cidrBlock"`
	State         string `xml:"cidrBlockState>state"`
}

type ipv6BlockXML struct {
	AssociationID string `xml:"associationId"`
	CidrBlock     string `xml:"ipv6CidrBlock"`
	State         string `xml:"ipv6CidrBlockState>state"`
}

func (w *world) vpcXML(v *vpc) vpcXML {
	out := vpcXML{
		VpcID: v.id, OwnerID: w.account, State: "available", CidrBlock: v.blocks[0].cidr.String(),
		DhcpOptionsID: "dopt-00000000000000000", InstanceTenancy: "default", IsDefault: v.isDefault,
		Tags: tagsXML(w.tags[v.id]),
	}
	for _, b := range v.blocks {
		if b.cidr.Addr().Is4() {
			out.Blocks = append(out.Blocks, vpcBlockXML{b.association, b.cidr.String(), b.state})
		} else {
			out.IPv6Blocks = append(out.IPv6Blocks, ipv6BlockXML{b.association, b.cidr.String(), b.state})
		}
	}
	return out
}

func vpcOperations() map[string]operation {
	return map[string]operation{
		"CreateVpc":        op((*world).createVPC, `CidrBlock! AmazonProvidedIpv6CidrBlock:bool InstanceTenancy DryRun:bool`+tagSpecParams),
		"CreateDefaultVpc": op((*world).createDefaultVPC, `DryRun:bool`),
		"DeleteVpc":        op((*world).deleteVPC, `VpcId! DryRun:bool`),
		"DescribeVpcs":     op((*world).describeVPCs, `VpcId.# DryRun:bool`+filterParams+pageParams),
		"AssociateVpcCidrBlock": op((*world).associateVPCBlock,
			`VpcId! CidrBlock AmazonProvidedIpv6CidrBlock:bool`),
		"DisassociateVpcCidrBlock": op((*world).disassociateVPCBlock, `AssociationId!`),
	}
}

// parseBlock reads the CIDR block of a VPC or a subnet; host bits are cut off.
func parseBlock(s string) (netip.Prefix, error) {
	prefix, err := netip.ParsePrefix(s)
	if err != nil || !prefix.Addr().Is4() {
		return prefix, fail("InvalidParameterValue", "Value (%s) for parameter cidrBlock is invalid. This is not a valid CIDR block.", s)
	}
	return prefix.Masked(), nil
}

type vpcResult struct {
	Vpc vpcXML `xml:"vpc"`
}

func (w *world) createVPC(f form) (any, error) {
	tags, err := parseTagSpecification(f, "vpc")
	if err != nil {
		return nil, err
	}
	block, err := parseBlock(f.str("CidrBlock"))
	if err != nil {
		return nil, err
	}
	if block.Bits() < 16 || block.Bits() > 28 {
		return nil, fail("InvalidVpc.Range", "The CIDR '%s' is invalid.", block)
	}
	v := w.addVPC(block)
	if f.flag("AmazonProvidedIpv6CidrBlock") {
		w.addIPv6(v)
	}
	w.setTags(v.id, tags["vpc"])
	out := w.vpcXML(v)
	out.State = "pending"
	return vpcResult{out}, nil
}

// addVPC makes a VPC with what every VPC has: a default security group, a
// default network ACL and a main route table.
func (w *world) addVPC(block netip.Prefix) *vpc {
	v := &vpc{id: w.newID("vpc")}
	v.blocks = []vpcBlock{{w.newID("vpc-cidr-assoc"), block, "associated"}}
	w.vpcs[v.id] = v
	w.addDefaultGroup(v)
	w.addACL(v, true)
	w.addRouteTable(v, true)
	return v
}

// addIPv6 gives the VPC an Amazon-provided block and its network ACLs the
// entries that come with it. It does not restore an edited default ACL.
func (w *world) addIPv6(v *vpc) vpcBlock {
	w.server.counters["ipv6"]++
	n := w.server.counters["ipv6"]
	block := vpcBlock{w.newID("vpc-cidr-assoc"), netip.MustParsePrefix(fmt.Sprintf("2600:1f13:%x:%x00::/56", n>>8, n&0xff)), "associated"}
	v.blocks = append(v.blocks, block)
	for _, acl := range w.acls {
		if acl.vpcID == v.id {
			acl.addIPv6Defaults()
		}
	}
	return block
}

// createDefaultVPC makes the default VPC as EC2 does: 172.31.0.0/16 with a /20
// subnet in each zone and an internet gateway.
func (w *world) createDefaultVPC(form) (any, error) {
	if w.server.config.Classic {
		return nil, fail("OperationNotPermitted", "A default VPC cannot be created in a region in which the account has EC2-Classic.")
	}
	if w.defaultVPC() != nil {
		return nil, fail("DefaultVpcAlreadyExists", "A Default VPC already exists for this account in this region.")
	}
	v := w.addVPC(netip.MustParsePrefix("172.31.0.0/16"))
	v.isDefault = true
	for i, zone := range w.zones() {
		sub := w.addSubnet(v, netip.MustParsePrefix(fmt.Sprintf("172.31.%d.0/20", 16*i)), zone)
		sub.defaultForAZ, sub.publicIPs = true, true
	}
	gateway := w.addGateway()
	gateway.vpcID = v.id
	w.mainRouteTable(v.id).routes = append(w.mainRouteTable(v.id).routes, route{netip.MustParsePrefix("0.0.0.0/0"), gateway.id})
	return vpcResult{w.vpcXML(v)}, nil
}

// defaultVPC returns nil when the region has none.
func (w *world) defaultVPC() *vpc {
	for _, v := range w.vpcs {
		if v.isDefault {
			return v
		}
	}
	return nil
}

func (w *world) deleteVPC(f form) (any, error) {
	v, err := find(w.vpcs, "vpc", f.str("VpcId"))
	if err != nil {
		return nil, err
	}
	used := false
	for _, s := range w.subnets {
		used = used || s.vpcID == v.id
	}
	for _, g := range w.groups {
		used = used || g.vpcID == v.id && g.name != "default"
	}
	for _, a := range w.acls {
		used = used || a.vpcID == v.id && !a.isDefault
	}
	for _, t := range w.routeTables {
		used = used || t.vpcID == v.id && !t.main
	}
	for _, g := range w.gateways {
		used = used || g.vpcID == v.id
	}
	if used {
		return nil, fail("DependencyViolation", "The vpc '%s' has dependencies and cannot be deleted.", v.id)
	}
	for _, g := range w.groups {
		if g.vpcID == v.id {
			w.dropGroup(g)
		}
	}
	for _, a := range w.acls {
		if a.vpcID == v.id {
			delete(w.acls, a.id)
			delete(w.tags, a.id)
		}
	}
	for _, t := range w.routeTables {
		if t.vpcID == v.id {
			delete(w.routeTables, t.id)
			delete(w.tags, t.id)
		}
	}
	delete(w.vpcs, v.id)
	delete(w.tags, v.id)
	return nil, nil
}

func (w *world) vpcFilters() filterSet[*vpc] {
	blocks := func(v6 bool, shown func(vpcBlock) string) func(*vpc) []string {
		return func(v *vpc) []string {
			var out []string
			for _, b := range v.blocks {
				if b.cidr.Addr().Is6() == v6 {
					out = append(out, shown(b))
				}
			}
			return out
		}
	}
	cidr := func(b vpcBlock) string { return b.cidr.String() }
	association := func(b vpcBlock) string { return b.association }
	state := func(b vpcBlock) string { return b.state }
	return filterSet[*vpc]{
		fields: map[string]func(*vpc) []string{
			"cidr":                                        one(func(v *vpc) string { return v.blocks[0].cidr.String() }),
			"cidr-block-association.cidr-block":           blocks(false, cidr),
			"cidr-block-association.association-id":       blocks(false, association),
			"cidr-block-association.state":                blocks(false, state),
			"ipv6-cidr-block-association.ipv6-cidr-block": blocks(true, cidr),
			"ipv6-cidr-block-association.association-id":  blocks(true, association),
			"ipv6-cidr-block-association.state":           blocks(true, state),
			"dhcp-options-id":                             one(func(*vpc) string { return "dopt-00000000000000000" }),
			"is-default":                                  one(func(v *vpc) string { return formatBool(v.isDefault) }),
			"isDefault":                                   one(func(v *vpc) string { return formatBool(v.isDefault) }),
			"owner-id":                                    one(func(*vpc) string { return w.account }),
			"state":                                       one(func(*vpc) string { return "available" }),
			"vpc-id":                                      one(func(v *vpc) string { return v.id }),
		},
		tags: func(v *vpc) map[string]string { return w.tags[v.id] },
	}
}

type describeVPCsResult struct {
	Vpcs      []vpcXML `xml:"vpcSet>item"`
	NextToken string   `xml:"nextToken,omitempty"`
}

func (w *world) describeVPCs(f form) (any, error) {
	l, err := w.listing("DescribeVpcs", f, pagesOfThousand())
	if err != nil {
		return nil, err
	}
	all, err := choose(l, w.vpcs, "vpc", f.list("VpcId"), w.vpcFilters(), func(*vpc) *int { return nil })
	if err != nil {
		return nil, err
	}
	found, token := cut(l, all, func(v *vpc) string { return v.id })
	out := describeVPCsResult{NextToken: token}
	for _, v := range found {
		out.Vpcs = append(out.Vpcs, w.vpcXML(v))
	}
	return out, nil
}

type vpcBlockResult struct {
	VpcID     string        `xml:"vpcId"`
	Block     *vpcBlockXML  `xml:"cidrBlockAssociation"`
	IPv6Block *ipv6BlockXML `xml:"ipv6CidrBlockAssociation"`
}

func (b vpcBlock) result(vpcID, state string) vpcBlockResult {
	if b.cidr.Addr().Is6() {
		return vpcBlockResult{VpcID: vpcID, IPv6Block: &ipv6BlockXML{b.association, b.cidr.String(), state}}
	}
	return vpcBlockResult{VpcID: vpcID, Block: &vpcBlockXML{b.association, b.cidr.String(), state}}
}

func (w *world) associateVPCBlock(f form) (any, error) {
	v, err := find(w.vpcs, "vpc", f.str("VpcId"))
	if err != nil {
		return nil, err
	}
	if f.flag("AmazonProvidedIpv6CidrBlock") == f.has("CidrBlock") {
		return nil, fail("InvalidParameterCombination", "Exactly one of CidrBlock and AmazonProvidedIpv6CidrBlock must be specified.")
	}
	if f.flag("AmazonProvidedIpv6CidrBlock") {
		if v.hasIPv6() {
			return nil, fail("CidrLimitExceeded", "This network '%s' has met its maximum number of allowed CIDRs.", v.id)
		}
		return w.addIPv6(v).result(v.id, "associating"), nil
	}
	block, err := parseBlock(f.str("CidrBlock"))
	if err != nil {
		return nil, err
	}
	if block.Bits() < 16 || block.Bits() > 28 {
		return nil, fail("InvalidVpc.Range", "The CIDR '%s' is invalid.", block)
	}
	used := 0
	for _, other := range v.blocks {
		if other.associated() && other.cidr.Addr().Is4() {
			used++
			if other.cidr.Overlaps(block) {
				return nil, fail("InvalidVpc.Range", "The CIDR '%s' conflicts with another.", block)
			}
		}
	}
	if used >= w.server.quotas.CIDRBlocksPerVPC {
		return nil, fail("CidrLimitExceeded", "This network '%s' has met its maximum number of allowed CIDRs: %d", v.id, used)
	}
	added := vpcBlock{w.newID("vpc-cidr-assoc"), block, "associated"}
	v.blocks = append(v.blocks, added)
	return added.result(v.id, "associating"), nil
}

func (w *world) disassociateVPCBlock(f form) (any, error) {
	id := f.str("AssociationId")
	for _, v := range sorted(w.vpcs) {
		for i, b := range v.blocks {
			if b.association != id || !b.associated() {
				continue
			}
			if i == 0 {
				return nil, fail("OperationNotPermitted", "The vpc CIDR block with association ID %s may not be disassociated. It is the primary IPv4 CIDR block of the VPC", id)
			}
			for _, s := range w.subnets {
				if s.vpcID == v.id && s.cidr.Overlaps(b.cidr) {
					return nil, fail("InvalidCidrBlock.InUse", "The vpc currently has a subnet within CIDR block %s", b.cidr)
				}
			}
			v.blocks[i].state = "disassociated"
			return b.result(v.id, "disassociating"), nil
		}
	}
	return nil, missingID("vpc-cidr-assoc", id)
}
