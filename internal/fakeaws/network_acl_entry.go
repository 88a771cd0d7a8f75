// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package fakeaws

import (
	"net/netip"
	"strconv"
)

// Entry is an entry of a network ACL in the canonical form that AWS returns.
type Entry struct {
	// RuleNumber is the position; 32767 and 32768 are the default deny entries.
	RuleNumber int
	Egress     bool
	// Protocol is a protocol number as text, "-1" for all.
	Protocol string
	// Action is allow or deny.
	Action string
	// CIDRBlock or IPv6CIDRBlock is set, the other one is empty.
	CIDRBlock, IPv6CIDRBlock string
	// FromPort and ToPort count for the protocols 6 and 17, else they are 0.
	FromPort, ToPort int
	// ICMPType and ICMPCode count for protocol 1, and for 58 with an IPv6 block;
	// -1 means all. Else they are 0.
	ICMPType, ICMPCode int
}

func (e Entry) hasPorts() bool { return e.Protocol == "6" || e.Protocol == "17" }

// hasICMP leaves protocol 58 with an IPv4 block out: there AWS applies the
// entry to all types and codes whatever the request says.
func (e Entry) hasICMP() bool {
	return e.Protocol == "1" || e.Protocol == "58" && e.IPv6CIDRBlock != ""
}

func (e Entry) defaultDeny() bool { return e.RuleNumber > lastRuleNumber }

func parseRuleNumber(f form) (int, error) {
	number := f.num("RuleNumber")
	if number < 1 || number > lastRuleNumber {
		return 0, fail("InvalidParameterValue", "Invalid value '%d' for ruleNumber. Must be between 1 and %d.", number, lastRuleNumber)
	}
	return number, nil
}

// parseACLEntry reads the parameters that Create and Replace share.
func parseACLEntry(f form) (Entry, error) {
	e := Entry{Egress: f.flag("Egress"), Action: f.str("RuleAction")}
	var err error
	if e.RuleNumber, err = parseRuleNumber(f); err != nil {
		return e, err
	}
	if e.Action != "allow" && e.Action != "deny" {
		return e, fail("InvalidParameterValue", "Invalid value '%s' for ruleAction. Must be allow or deny.", e.Action)
	}
	// The API reference wants the protocol number; names are a courtesy of the
	// command line tool.
	protocol, err := strconv.Atoi(f.str("Protocol"))
	if err != nil || protocol < -1 || protocol > 255 {
		return e, fail("InvalidParameterValue", "Invalid value '%s' for IP protocol. Unknown protocol.", f.str("Protocol"))
	}
	e.Protocol = formatInt(protocol)
	if e.CIDRBlock, e.IPv6CIDRBlock, err = parseEntryBlock(f); err != nil {
		return e, err
	}
	switch {
	case e.hasPorts():
		err = e.parsePorts(f)
	case e.hasICMP():
		err = e.parseICMP(f)
	}
	return e, err
}

func parseEntryBlock(f form) (v4, v6 string, err error) {
	v4, v6 = f.str("CidrBlock"), f.str("Ipv6CidrBlock")
	switch {
	case v4 == "" && v6 == "":
		return "", "", fail("MissingParameter", "The request must contain the parameter cidrBlock or ipv6CidrBlock")
	case v4 != "" && v6 != "":
		return "", "", fail("InvalidParameterCombination", "The parameter cidrBlock cannot be used with the parameter ipv6CidrBlock")
	}
	prefix, err := netip.ParsePrefix(v4 + v6)
	if err != nil || prefix.Addr().Is4() != (v4 != "") || prefix.Addr().Is4In6() {
		return "", "", fail("InvalidParameterValue", "CIDR block %s is malformed", v4+v6)
	}
	if v4 != "" {
		return prefix.Masked().String(), "", nil
	}
	return "", prefix.Masked().String(), nil
}

func (e *Entry) parsePorts(f form) error {
	if !f.has("PortRange.From") || !f.has("PortRange.To") {
		return fail("MissingParameter", "The request must contain the parameter portRange")
	}
	e.FromPort, e.ToPort = f.num("PortRange.From"), f.num("PortRange.To")
	if e.FromPort < 0 || e.FromPort > 65535 || e.ToPort < 0 || e.ToPort > 65535 || e.FromPort > e.ToPort {
		return fail("InvalidParameterValue", "Invalid value '%d-%d' for portRange.", e.FromPort, e.ToPort)
	}
	return nil
}

func (e *Entry) parseICMP(f form) error {
	if !f.has("Icmp.Type") {
		return fail("MissingParameter", "The request must contain the parameter icmpTypeCode.type")
	}
	if !f.has("Icmp.Code") {
		return fail("MissingParameter", "The request must contain the parameter icmpTypeCode.code")
	}
	e.ICMPType, e.ICMPCode = f.num("Icmp.Type"), f.num("Icmp.Code")
	if e.ICMPType < -1 || e.ICMPType > 255 || e.ICMPCode < -1 || e.ICMPCode > 255 {
		return fail("InvalidParameterValue", "Invalid value '%d/%d' for icmpTypeCode.", e.ICMPType, e.ICMPCode)
	}
	// "All types" with one code has no meaning; security groups refuse it.
	if e.ICMPType == -1 && e.ICMPCode != -1 {
		return fail("InvalidParameterValue", "Invalid value '%d' for icmpTypeCode.code: type -1 requires code -1.", e.ICMPCode)
	}
	return nil
}

// createACLEntry succeeds silently when the very same entry is there already.
func (w *world) createACLEntry(f form) (any, error) {
	a, err := find(w.acls, "acl", f.str("NetworkAclId"))
	if err != nil {
		return nil, err
	}
	e, err := parseACLEntry(f)
	if err != nil {
		return nil, err
	}
	if there := a.entry(e.Egress, e.RuleNumber); there != nil {
		if there.Entry == e {
			return nil, nil
		}
		return nil, fail("NetworkAclEntryAlreadyExists", "The network acl entry identified by %d already exists.", e.RuleNumber)
	}
	if err := w.checkEntryQuota(a, e); err != nil {
		return nil, err
	}
	a.add(w.server.config.VisibilityLag, e)
	return nil, nil
}

// checkEntryQuota tells whether the ACL has room for an entry in the place of
// the one with its number, if there is one.
//
// The Amazon VPC guide of 2023 says that the quota is enforced separately for
// IPv4 and IPv6 and includes the default deny entry, which leaves 19 of 20.
// Later editions say neither; this is the strictest reading that a later one
// did not withdraw (that of 2018 pooled the families).
func (w *world) checkEntryQuota(a *networkACL, e Entry) error {
	used := 1
	for _, other := range a.entries {
		sameFamily := (other.CIDRBlock == "") == (e.CIDRBlock == "")
		if other.Egress == e.Egress && sameFamily && other.RuleNumber != e.RuleNumber && !other.defaultDeny() {
			used++
		}
	}
	if used >= w.server.quotas.EntriesPerACL {
		return fail("NetworkAclEntryLimitExceeded", "The maximum number of network acl entries has been reached.")
	}
	return nil
}

func (w *world) replaceACLEntry(f form) (any, error) {
	a, err := find(w.acls, "acl", f.str("NetworkAclId"))
	if err != nil {
		return nil, err
	}
	e, err := parseACLEntry(f)
	if err != nil {
		return nil, err
	}
	there := a.entry(e.Egress, e.RuleNumber)
	if there == nil {
		return nil, missingACLEntry(e.Egress, e.RuleNumber)
	}
	// An entry that stays in its family needs no room, however full the ACL is.
	if (there.CIDRBlock == "") != (e.CIDRBlock == "") {
		if err := w.checkEntryQuota(a, e); err != nil {
			return nil, err
		}
	}
	there.Entry = e
	return nil, nil
}

func (w *world) deleteACLEntry(f form) (any, error) {
	a, err := find(w.acls, "acl", f.str("NetworkAclId"))
	if err != nil {
		return nil, err
	}
	number, err := parseRuleNumber(f)
	if err != nil {
		return nil, err
	}
	there := a.entry(f.flag("Egress"), number)
	if there == nil {
		return nil, missingACLEntry(f.flag("Egress"), number)
	}
	for i, e := range a.entries {
		if e == there {
			a.entries = append(a.entries[:i:i], a.entries[i+1:]...)
			break
		}
	}
	return nil, nil
}

func missingACLEntry(egress bool, number int) error {
	direction := "ingress"
	if egress {
		direction = "egress"
	}
	return fail("InvalidNetworkAclEntry.NotFound", "no %s entry with number %d", direction, number)
}
