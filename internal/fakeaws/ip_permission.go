// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package fakeaws

import (
	"net/netip"
	"regexp"
	"strconv"
	"strings"
)

const permissionParams = ` IpPermissions.#.IpProtocol IpPermissions.#.FromPort:int IpPermissions.#.ToPort:int
	IpPermissions.#.IpRanges.#.CidrIp IpPermissions.#.IpRanges.#.Description
	IpPermissions.#.Ipv6Ranges.#.CidrIpv6 IpPermissions.#.Ipv6Ranges.#.Description
	IpPermissions.#.PrefixListIds.#.PrefixListId IpPermissions.#.PrefixListIds.#.Description
	IpPermissions.#.Groups.#.GroupId IpPermissions.#.Groups.#.GroupName IpPermissions.#.Groups.#.UserId
	IpPermissions.#.Groups.#.VpcId IpPermissions.#.Groups.#.VpcPeeringConnectionId
	IpPermissions.#.Groups.#.PeeringStatus IpPermissions.#.Groups.#.Description `

const flatPermissionParams = ` CidrIp FromPort:int ToPort:int IpProtocol SourceSecurityGroupName SourceSecurityGroupOwnerId `

// ruleKey is what makes a rule the same rule: neither its description nor its
// tags belong to it. Exactly one peer is set.
type ruleKey struct {
	egress     bool
	protocol   string
	from, to   int
	cidr4      string
	cidr6      string
	prefixList string
	group      string
	// userID is the account of the referenced group.
	userID string
}

// draft is a rule as a request describes it.
type draft struct {
	ruleKey
	description string
}

// protocolName gives the canonical form of a protocol that the API returns: a
// name for the four that have one, else the number.
func protocolName(s string) string {
	switch s {
	case "6":
		return "tcp"
	case "17":
		return "udp"
	case "1":
		return "icmp"
	case "58":
		return "icmpv6"
	}
	return s
}

func protocolNumber(s string) string {
	switch s {
	case "tcp":
		return "6"
	case "udp":
		return "17"
	case "icmp":
		return "1"
	case "icmpv6":
		return "58"
	}
	return s
}

// hasPortFields tells whether rules of a protocol say ports, or ICMP type and code.
func hasPortFields(protocol string) bool { return protocolNumber(protocol) != protocol }

func parseProtocol(s string) (string, error) {
	if s == "" {
		return "", fail("MissingParameter", "The request must contain the parameter ipProtocol")
	}
	name := protocolName(s)
	if hasPortFields(name) {
		return name, nil
	}
	number, err := strconv.Atoi(s)
	if err != nil || number < -1 || number > 255 || strconv.Itoa(number) != s {
		return "", fail("InvalidParameterValue", "Invalid value '%s' for IP protocol. Unknown protocol.", s)
	}
	return s, nil
}

// parsePortFields reads FromPort and ToPort: a range for TCP and UDP, type and
// code for ICMP, ignored for every other protocol.
func parsePortFields(protocol string, f form) (from, to int, err error) {
	given := f.has("FromPort") && f.has("ToPort")
	from, to = f.num("FromPort"), f.num("ToPort")
	switch protocol {
	case "tcp", "udp":
		if !given {
			return 0, 0, fail("InvalidParameterValue", "Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange.")
		}
		for _, port := range []int{from, to} {
			if port < 0 || port > 65535 {
				return 0, 0, fail("InvalidPermission.Malformed", "TCP/UDP port (%d) out of range", port)
			}
		}
		if from > to {
			return 0, 0, fail("InvalidParameterValue", "Invalid TCP/UDP port range (%d:%d)", from, to)
		}
		return from, to, nil
	case "icmp", "icmpv6":
		if !given && protocol == "icmpv6" && !f.has("FromPort") && !f.has("ToPort") {
			return -1, -1, nil
		}
		if !given {
			return 0, 0, fail("InvalidParameterValue", "Invalid value 'Must specify both from and to ports with ICMP.' for portRange.")
		}
		if from < -1 || from > 255 {
			return 0, 0, fail("InvalidPermission.Malformed", "ICMP type (%d) out of range", from)
		}
		if to < -1 || to > 255 || from == -1 && to != -1 {
			return 0, 0, fail("InvalidPermission.Malformed", "ICMP code (%d) out of range", to)
		}
		return from, to, nil
	}
	return -1, -1, nil
}

// parseCIDR reads a block of one family and cuts its host bits off, as
// Authorize and Revoke do.
func parseCIDR(s string, v6 bool) (string, error) {
	prefix, err := netip.ParsePrefix(s)
	if err != nil || prefix.Addr().Is6() != v6 || prefix.Addr().Is4In6() {
		return "", fail("InvalidParameterValue", "CIDR block %s is malformed", s)
	}
	return prefix.Masked().String(), nil
}

var ruleDescription = regexp.MustCompile(`^[a-zA-Z0-9. _\-:/()#,@\[\]+=&;{}!$*]*$`)

// checkDescription refuses what the API reference does not list. It lists "&"
// for address ranges only.
func checkDescription(d draft) error {
	ranged := d.cidr4 != "" || d.cidr6 != ""
	if len(d.description) > 255 || !ruleDescription.MatchString(d.description) || !ranged && strings.Contains(d.description, "&") {
		return fail("InvalidParameterValue", "Invalid rule description. Valid descriptions are strings less than 256 characters from the following set:  a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*")
	}
	return nil
}

// parsePermissions reads the permissions of a request for a group, in either of
// their two forms, one draft for each peer.
func (w *world) parsePermissions(g *securityGroup, egress bool, f form) ([]draft, error) {
	members := f.structs("IpPermissions")
	flat := f.has("CidrIp") || f.has("FromPort") || f.has("ToPort") || f.has("IpProtocol") ||
		f.has("SourceSecurityGroupName") || f.has("SourceSecurityGroupOwnerId")
	switch {
	case flat && egress:
		return nil, fail("InvalidParameterCombination", "The single-rule parameters are not supported for outbound rules: use ipPermissions.")
	case flat && len(members) > 0:
		return nil, fail("InvalidParameterCombination", "The parameter ipPermissions cannot be used with single-rule parameters")
	case flat:
		return w.parseFlatPermission(g, f)
	case len(members) == 0:
		return nil, fail("MissingParameter", "The request must contain the parameter ipPermissions")
	}
	var out []draft
	for _, member := range members {
		drafts, err := w.parsePermission(g, egress, member)
		if err != nil {
			return nil, err
		}
		out = append(out, drafts...)
	}
	return out, refuseRepeated(out)
}

func refuseRepeated(drafts []draft) error {
	seen := map[ruleKey]bool{}
	for _, d := range drafts {
		if seen[d.ruleKey] {
			return fail("InvalidParameterValue", "The same permission must not appear multiple times")
		}
		seen[d.ruleKey] = true
	}
	return nil
}

func (w *world) parsePermission(g *securityGroup, egress bool, f form) ([]draft, error) {
	protocol, err := parseProtocol(f.str("IpProtocol"))
	if err != nil {
		return nil, err
	}
	from, to, err := parsePortFields(protocol, f)
	if err != nil {
		return nil, err
	}
	if g.classic() {
		if err := checkClassicPermission(protocol, f); err != nil {
			return nil, err
		}
	}
	base := ruleKey{egress: egress, protocol: protocol, from: from, to: to}
	var out []draft
	for _, peer := range f.structs("IpRanges") {
		d := draft{base, peer.str("Description")}
		if d.cidr4, err = parseCIDR(peer.str("CidrIp"), false); err != nil {
			return nil, err
		}
		out = append(out, d)
	}
	for _, peer := range f.structs("Ipv6Ranges") {
		d := draft{base, peer.str("Description")}
		if d.cidr6, err = parseCIDR(peer.str("CidrIpv6"), true); err != nil {
			return nil, err
		}
		out = append(out, d)
	}
	for _, peer := range f.structs("PrefixListIds") {
		d := draft{base, peer.str("Description")}
		list, err := find(w.prefixLists, "pl", peer.str("PrefixListId"))
		if err != nil {
			return nil, err
		}
		d.prefixList = list.id
		out = append(out, d)
	}
	for _, peer := range f.structs("Groups") {
		d := draft{base, peer.str("Description")}
		if d.group, d.userID, err = w.parseGroupPair(g, peer); err != nil {
			return nil, err
		}
		out = append(out, d)
	}
	if len(out) == 0 {
		return nil, fail("MissingParameter", "Missing source specification: include source security group or CIDR information")
	}
	return out, nil
}

// parseGroupPair resolves a referenced group to its identifier and account.
func (w *world) parseGroupPair(g *securityGroup, f form) (id, userID string, err error) {
	if g.classic() {
		return w.parseClassicPair(f)
	}
	id, name, userID := f.str("GroupId"), f.str("GroupName"), f.str("UserId")
	switch {
	case userID == elbOwner && id+name != "":
		return "", "", fail("InvalidGroup.NotFound", "Unable to find group '%s'", id+name)
	case id == "" && name == "":
		return "", "", fail("MissingParameter", "Source group ID missing.")
	case id == "":
		if v := w.vpcs[g.vpcID]; !v.isDefault {
			return "", "", fail("InvalidParameterValue", "Invalid value '%s' for groupName. You may not reference Amazon VPC security groups by name. Please use the corresponding id for this operation.", name)
		}
		other := w.groupByName(g.vpcID, name)
		if other == nil || userID != "" && userID != w.account {
			return "", "", fail("InvalidGroup.NotFound", "Unable to find group '%s'", name)
		}
		return other.id, w.account, nil
	}
	if !validID("sg", id) {
		return "", "", missingID("sg", id)
	}
	for at, other := range w.server.worlds {
		peer, ok := other.groups[id]
		if !ok || at.region != w.region || userID != "" && userID != at.account {
			continue
		}
		if at.account != w.account && userID == "" {
			break
		}
		if peer.vpcID != g.vpcID && w.server.peeringOf(peer.vpcID, g.vpcID) == nil {
			return "", "", fail("InvalidGroup.NotFound", "You have specified two resources that belong to different networks.")
		}
		return id, at.account, nil
	}
	return "", "", missingID("sg", id)
}

// parseFlatPermission reads the single-rule form of an inbound request. A named
// source group is granted all TCP, UDP and ICMP; the group that Elastic Load
// Balancing had in EC2-Classic cannot be found in any VPC.
func (w *world) parseFlatPermission(g *securityGroup, f form) ([]draft, error) {
	name := f.str("SourceSecurityGroupName")
	if name == "" {
		if f.has("SourceSecurityGroupOwnerId") {
			return nil, fail("MissingParameter", "The request must contain the parameter sourceSecurityGroupName")
		}
		protocol, err := parseProtocol(f.str("IpProtocol"))
		if err != nil {
			return nil, err
		}
		if g.classic() {
			if err := checkClassicPermission(protocol, f); err != nil {
				return nil, err
			}
		}
		from, to, err := parsePortFields(protocol, f)
		if err != nil {
			return nil, err
		}
		if !f.has("CidrIp") {
			return nil, fail("MissingParameter", "Missing source specification: include source security group or CIDR information")
		}
		cidr, err := parseCIDR(f.str("CidrIp"), false)
		if err != nil {
			return nil, err
		}
		return []draft{{ruleKey: ruleKey{protocol: protocol, from: from, to: to, cidr4: cidr}}}, nil
	}
	if f.has("CidrIp") || f.has("IpProtocol") || f.has("FromPort") || f.has("ToPort") {
		return nil, fail("InvalidParameterCombination", "The parameter sourceSecurityGroupName cannot be used with a CIDR block, protocol or ports")
	}
	if g.classic() {
		group, owner, err := w.parseClassicPair(form{map[string][]string{"GroupName": {name}, "UserId": {f.str("SourceSecurityGroupOwnerId")}}})
		if err != nil {
			return nil, err
		}
		var out []draft
		for _, key := range w.wholePeer(ruleKey{group: group, userID: owner}) {
			out = append(out, draft{ruleKey: key})
		}
		return out, nil
	}
	if !w.vpcs[g.vpcID].isDefault {
		return nil, fail("InvalidGroup.NotFound", "Unable to find group '%s'", name)
	}
	other := w.groupByName(g.vpcID, name)
	if owner := f.str("SourceSecurityGroupOwnerId"); other == nil || owner != "" && owner != w.account {
		return nil, fail("InvalidGroup.NotFound", "Unable to find group '%s'", name)
	}
	peer := ruleKey{group: other.id, userID: w.account}
	tcp, udp, icmp := peer, peer, peer
	tcp.protocol, tcp.from, tcp.to = "tcp", 0, 65535
	udp.protocol, udp.from, udp.to = "udp", 0, 65535
	icmp.protocol, icmp.from, icmp.to = "icmp", -1, -1
	return []draft{{ruleKey: tcp}, {ruleKey: udp}, {ruleKey: icmp}}, nil
}
