// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package fakeaws

import (
	"cmp"
	"slices"
)

// Numbers of the default deny entries, which are in every network ACL and
// cannot be changed.
const (
	lastRuleNumber    = 32766
	defaultDenyNumber = 32767
	defaultDenyIPv6   = 32768
)

// networkACL is a network ACL; associations maps association ids to subnets.
type networkACL struct {
	id, vpcID    string
	isDefault    bool
	entries      []*aclEntry
	associations map[string]string
	lag          int
}

type aclEntry struct {
	Entry
	lag int
}

func (a *networkACL) entry(egress bool, number int) *aclEntry {
	for _, e := range a.entries {
		if e.Egress == egress && e.RuleNumber == number {
			return e
		}
	}
	return nil
}

func (a *networkACL) add(lag int, entries ...Entry) {
	for _, e := range entries {
		a.entries = append(a.entries, &aclEntry{e, lag})
	}
	// Egress before ingress, by rule number, as the console and CLI show them.
	slices.SortFunc(a.entries, func(x, y *aclEntry) int {
		if x.Egress != y.Egress {
			if x.Egress {
				return -1
			}
			return 1
		}
		return cmp.Compare(x.RuleNumber, y.RuleNumber)
	})
}

// untouched tells whether the default ACL still has its first entries.
func (a *networkACL) untouched() bool {
	for _, egress := range []bool{false, true} {
		first := a.entry(egress, 100)
		if first == nil || first.Entry != (Entry{RuleNumber: 100, Egress: egress, Protocol: "-1", Action: "allow", CIDRBlock: "0.0.0.0/0"}) {
			return false
		}
	}
	return len(a.entries) == 4
}

// addIPv6Defaults adds what an IPv6 block brings: the deny entry always, the
// allow entry only to a default ACL that nobody has edited.
func (a *networkACL) addIPv6Defaults() {
	if a.entry(true, defaultDenyIPv6) != nil {
		return
	}
	allow := a.isDefault && a.untouched()
	for _, egress := range []bool{false, true} {
		if allow {
			a.add(0, Entry{RuleNumber: 101, Egress: egress, Protocol: "-1", Action: "allow", IPv6CIDRBlock: "::/0"})
		}
		a.add(0, Entry{RuleNumber: defaultDenyIPv6, Egress: egress, Protocol: "-1", Action: "deny", IPv6CIDRBlock: "::/0"})
	}
}

// addACL makes a network ACL: the default one allows all, another denies all.
func (w *world) addACL(v *vpc, isDefault bool) *networkACL {
	a := &networkACL{id: w.newID("acl"), vpcID: v.id, isDefault: isDefault, associations: map[string]string{}}
	for _, egress := range []bool{false, true} {
		if isDefault {
			a.add(0, Entry{RuleNumber: 100, Egress: egress, Protocol: "-1", Action: "allow", CIDRBlock: "0.0.0.0/0"})
		}
		a.add(0, Entry{RuleNumber: defaultDenyNumber, Egress: egress, Protocol: "-1", Action: "deny", CIDRBlock: "0.0.0.0/0"})
	}
	if v.hasIPv6() {
		a.addIPv6Defaults()
	}
	w.acls[a.id] = a
	return a
}

func (w *world) defaultACL(vpcID string) *networkACL {
	for _, a := range w.acls {
		if a.vpcID == vpcID && a.isDefault {
			return a
		}
	}
	return nil
}

func networkACLOperations() map[string]operation {
	const entry = ` NetworkAclId! RuleNumber:int! Protocol! RuleAction! Egress:bool! CidrBlock Ipv6CidrBlock
		Icmp.Code:int Icmp.Type:int PortRange.From:int PortRange.To:int DryRun:bool `
	return map[string]operation{
		"CreateNetworkAcl":             op((*world).createNetworkACL, `VpcId! ClientToken DryRun:bool`+tagSpecParams),
		"DeleteNetworkAcl":             op((*world).deleteNetworkACL, `NetworkAclId! DryRun:bool`),
		"DescribeNetworkAcls":          op((*world).describeNetworkACLs, `NetworkAclId.# DryRun:bool`+filterParams+pageParams),
		"ReplaceNetworkAclAssociation": op((*world).replaceACLAssociation, `AssociationId! NetworkAclId! DryRun:bool`),
		"CreateNetworkAclEntry":        op((*world).createACLEntry, entry),
		"ReplaceNetworkAclEntry":       op((*world).replaceACLEntry, entry),
		"DeleteNetworkAclEntry":        op((*world).deleteACLEntry, `NetworkAclId! RuleNumber:int! Egress:bool! DryRun:bool`),
	}
}

type networkACLXML struct {
	ID           string              `xml:"networkAclId"`
	VpcID        string              `xml:"vpcId"`
	OwnerID      string              `xml:"ownerId"`
	Default      bool                `xml:"default"`
	Entries      []aclEntryXML       `xml:"entrySet>item"`
	Associations []aclAssociationXML `xml:"associationSet>item"`
	Tags         []tagXML            `xml:"tagSet>item"`
}

type aclAssociationXML struct {
	ID       string `xml:"networkAclAssociationId"`
	ACLID    string `xml:"networkAclId"`
	SubnetID string `xml:"subnetId"`
}

type aclEntryXML struct {
	RuleNumber    int           `xml:"ruleNumber"`
	Protocol      string        `xml:"protocol"`
	RuleAction    string        `xml:"ruleAction"`
	Egress        bool          `xml:"egress"`
	CIDRBlock     string        `xml:"cidrBlock,omitempty"`
	IPv6CIDRBlock string        `xml:"ipv6CidrBlock,omitempty"`
	ICMP          *icmpXML      `xml:"icmpTypeCode"`
	PortRange     *portRangeXML `xml:"portRange"`
}

type icmpXML struct {
	Code int `xml:"code"`
	Type int `xml:"type"`
}

type portRangeXML struct {
	From int `xml:"from"`
	To   int `xml:"to"`
}

func (e Entry) xml() aclEntryXML {
	out := aclEntryXML{
		RuleNumber: e.RuleNumber, Protocol: e.Protocol, RuleAction: e.Action, Egress: e.Egress,
		CIDRBlock: e.CIDRBlock, IPv6CIDRBlock: e.IPv6CIDRBlock,
	}
	switch {
	case e.hasPorts():
		out.PortRange = &portRangeXML{e.FromPort, e.ToPort}
	case e.hasICMP():
		out.ICMP = &icmpXML{e.ICMPCode, e.ICMPType}
	}
	return out
}

func (w *world) networkACLXML(a *networkACL, l *listing) networkACLXML {
	out := networkACLXML{ID: a.id, VpcID: a.vpcID, OwnerID: w.account, Default: a.isDefault, Tags: tagsXML(w.tags[a.id])}
	for _, e := range a.entries {
		if l == nil || l.visible(&e.lag) {
			out.Entries = append(out.Entries, e.xml())
		}
	}
	for _, id := range sortedKeys(a.associations) {
		out.Associations = append(out.Associations, aclAssociationXML{id, a.id, a.associations[id]})
	}
	return out
}

type createNetworkACLResult struct {
	ACL         networkACLXML `xml:"networkAcl"`
	ClientToken string        `xml:"clientToken,omitempty"`
}

func (w *world) createNetworkACL(f form) (any, error) {
	tags, err := parseTagSpecification(f, "network-acl")
	if err != nil {
		return nil, err
	}
	v, err := find(w.vpcs, "vpc", f.str("VpcId"))
	if err != nil {
		return nil, err
	}
	count := 0
	for _, a := range w.acls {
		if a.vpcID == v.id {
			count++
		}
	}
	if count >= w.server.quotas.ACLsPerVPC {
		return nil, fail("NetworkAclLimitExceeded", "The maximum number of network ACLs has been reached.")
	}
	a := w.addACL(v, false)
	a.lag = w.server.config.VisibilityLag
	w.setTags(a.id, tags["network-acl"])
	return createNetworkACLResult{w.networkACLXML(a, nil), f.str("ClientToken")}, nil
}

func (w *world) deleteNetworkACL(f form) (any, error) {
	a, err := find(w.acls, "acl", f.str("NetworkAclId"))
	if err != nil {
		return nil, err
	}
	if a.isDefault {
		return nil, fail("InvalidParameterValue", "The default network ACL '%s' cannot be deleted.", a.id)
	}
	if len(a.associations) > 0 {
		return nil, fail("DependencyViolation", "The networkAcl '%s' has dependencies and cannot be deleted.", a.id)
	}
	delete(w.acls, a.id)
	delete(w.tags, a.id)
	return nil, nil
}

type replaceACLAssociationResult struct {
	ID string `xml:"newAssociationId"`
}

func (w *world) replaceACLAssociation(f form) (any, error) {
	id := f.str("AssociationId")
	var from *networkACL
	for _, a := range w.acls {
		if a.associations[id] != "" {
			from = a
		}
	}
	if from == nil {
		return nil, missingID("aclassoc", id)
	}
	to, err := find(w.acls, "acl", f.str("NetworkAclId"))
	if err != nil {
		return nil, err
	}
	if to.vpcID != from.vpcID {
		return nil, fail("InvalidParameterValue", "You have specified two resources that belong to different networks.")
	}
	subnetID := from.associations[id]
	delete(from.associations, id)
	next := w.newID("aclassoc")
	to.associations[next] = subnetID
	return replaceACLAssociationResult{next}, nil
}

func (w *world) aclFilters() filterSet[*networkACL] {
	entries := func(shown func(Entry) string) func(*networkACL) []string {
		return func(a *networkACL) []string {
			var out []string
			for _, e := range a.entries {
				if value := shown(e.Entry); value != "" && e.lag == 0 {
					out = append(out, value)
				}
			}
			return out
		}
	}
	when := func(relevant bool, n int) string {
		if !relevant {
			return ""
		}
		return formatInt(n)
	}
	return filterSet[*networkACL]{
		fields: map[string]func(*networkACL) []string{
			"association.association-id": func(a *networkACL) []string { return sortedKeys(a.associations) },
			"association.network-acl-id": func(a *networkACL) []string {
				if len(a.associations) == 0 {
					return nil
				}
				return []string{a.id}
			},
			"association.subnet-id": func(a *networkACL) []string { return sorted(a.associations) },
			"default":               one(func(a *networkACL) string { return formatBool(a.isDefault) }),
			"entry.cidr":            entries(func(e Entry) string { return e.CIDRBlock }),
			"entry.ipv6-cidr":       entries(func(e Entry) string { return e.IPv6CIDRBlock }),
			"entry.icmp.code":       entries(func(e Entry) string { return when(e.hasICMP(), e.ICMPCode) }),
			"entry.icmp.type":       entries(func(e Entry) string { return when(e.hasICMP(), e.ICMPType) }),
			"entry.port-range.from": entries(func(e Entry) string { return when(e.hasPorts(), e.FromPort) }),
			"entry.port-range.to":   entries(func(e Entry) string { return when(e.hasPorts(), e.ToPort) }),
			"entry.protocol": func(a *networkACL) []string {
				var out []string
				for _, e := range a.entries {
					// The filter takes numbers and names alike.
					if e.lag == 0 {
						out = append(out, e.Protocol, protocolName(e.Protocol))
					}
				}
				return out
			},
			"entry.rule-action": entries(func(e Entry) string { return e.Action }),
			"entry.egress":      entries(func(e Entry) string { return formatBool(e.Egress) }),
			"entry.rule-number": entries(func(e Entry) string { return formatInt(e.RuleNumber) }),
			"network-acl-id":    one(func(a *networkACL) string { return a.id }),
			"owner-id":          one(func(*networkACL) string { return w.account }),
			"vpc-id":            one(func(a *networkACL) string { return a.vpcID }),
		},
		tags: func(a *networkACL) map[string]string { return w.tags[a.id] },
	}
}

type describeNetworkACLsResult struct {
	ACLs      []networkACLXML `xml:"networkAclSet>item"`
	NextToken string          `xml:"nextToken,omitempty"`
}

func (w *world) describeNetworkACLs(f form) (any, error) {
	l, err := w.listing("DescribeNetworkAcls", f, pagesOfThousand())
	if err != nil {
		return nil, err
	}
	all, err := choose(l, w.acls, "acl", f.list("NetworkAclId"), w.aclFilters(), func(a *networkACL) *int { return &a.lag })
	if err != nil {
		return nil, err
	}
	found, token := cut(l, all, func(a *networkACL) string { return a.id })
	out := describeNetworkACLsResult{NextToken: token}
	for _, a := range found {
		out.ACLs = append(out.ACLs, w.networkACLXML(a, l))
	}
	return out, nil
}
