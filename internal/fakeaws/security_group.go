// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package fakeaws

import (
	"regexp"
	"slices"
	"strings"
)

// securityGroup is a security group with its rules of both directions.
type securityGroup struct {
	id, vpcID, name, description string
	rules                        []*groupRule
	lag                          int
}

// rule finds a rule by what it says.
func (g *securityGroup) rule(key ruleKey) *groupRule {
	for _, r := range g.rules {
		if r.ruleKey == key {
			return r
		}
	}
	return nil
}

func (g *securityGroup) ruleByID(id string) *groupRule {
	for _, r := range g.rules {
		if r.id == id {
			return r
		}
	}
	return nil
}

// addDefaultGroup makes the group that a VPC is born with: its members reach
// each other, and everything is open outbound.
func (w *world) addDefaultGroup(v *vpc) {
	g := w.addGroup(v, "default", "default VPC security group")
	g.rules = append(g.rules, &groupRule{
		id:      w.newID("sgr"),
		ruleKey: ruleKey{protocol: "-1", from: -1, to: -1, group: g.id, userID: w.account},
	})
}

// addGroup makes a group with the default outbound rules.
func (w *world) addGroup(v *vpc, name, description string) *securityGroup {
	g := &securityGroup{id: w.newID("sg"), vpcID: v.id, name: name, description: description}
	g.rules = []*groupRule{{
		id:      w.newID("sgr"),
		ruleKey: ruleKey{egress: true, protocol: "-1", from: -1, to: -1, cidr4: "0.0.0.0/0"},
	}}
	if v.hasIPv6() {
		g.rules = append(g.rules, &groupRule{
			id:      w.newID("sgr"),
			ruleKey: ruleKey{egress: true, protocol: "-1", from: -1, to: -1, cidr6: "::/0"},
		})
	}
	w.groups[g.id] = g
	return g
}

func (w *world) dropGroup(g *securityGroup) {
	for _, r := range g.rules {
		delete(w.tags, r.id)
	}
	delete(w.tags, g.id)
	delete(w.groups, g.id)
	if w.defaultELBGroup == g.id {
		w.defaultELBGroup = ""
	}
}

func (w *world) groupByName(vpcID, name string) *securityGroup {
	for _, g := range w.groups {
		if g.vpcID == vpcID && g.name == name {
			return g
		}
	}
	return nil
}

// namedGroup finds a group by the name that EC2 accepts for groups of EC2-Classic
// and of the default VPC only.
func (w *world) namedGroup(name string) (*securityGroup, error) {
	if w.server.config.Classic {
		return w.classicGroup(name)
	}
	v := w.defaultVPC()
	if v == nil {
		return nil, fail("VPCIdNotSpecified", "No default VPC for this user. GroupName is only supported for EC2-Classic and default VPC.")
	}
	if g := w.groupByName(v.id, name); g != nil {
		return g, nil
	}
	return nil, fail("InvalidGroup.NotFound", "The security group '%s' does not exist in default VPC '%s'", name, v.id)
}

func securityGroupOperations() map[string]operation {
	return map[string]operation{
		"CreateSecurityGroup":    op((*world).createGroup, `GroupDescription! GroupName! VpcId DryRun:bool`+tagSpecParams),
		"DeleteSecurityGroup":    op((*world).deleteGroup, `GroupId GroupName DryRun:bool`),
		"DescribeSecurityGroups": op((*world).describeGroups, `GroupId.# GroupName.# DryRun:bool`+filterParams+pageParams),
	}
}

var groupText = regexp.MustCompile(`^[a-zA-Z0-9. _\-:/()#,@\[\]+=&;{}!$*]{1,255}$`)

type createGroupResult struct {
	GroupID string   `xml:"groupId"`
	Arn     string   `xml:"securityGroupArn"`
	Tags    []tagXML `xml:"tagSet>item"`
}

func (w *world) createGroup(f form) (any, error) {
	tags, err := parseTagSpecification(f, "security-group")
	if err != nil {
		return nil, err
	}
	name := strings.TrimRight(f.str("GroupName"), " ")
	switch {
	case strings.HasPrefix(strings.ToLower(name), "sg-"):
		return nil, fail("InvalidParameterValue", "Value (%s) for parameter GroupName is invalid. Group names may not be in the format sg-*", name)
	case !groupText.MatchString(name):
		return nil, fail("InvalidParameterValue", "Value (%s) for parameter GroupName is invalid.", name)
	case !groupText.MatchString(f.str("GroupDescription")):
		return nil, fail("InvalidParameterValue", "Value (%s) for parameter GroupDescription is invalid. Character sets beyond ASCII are not supported.", f.str("GroupDescription"))
	case strings.EqualFold(name, "default"):
		return nil, fail("InvalidGroup.Reserved", "The name 'default' is reserved, and cannot be used to create a new security group.")
	}
	v, vpcID := w.defaultVPC(), ""
	if f.has("VpcId") {
		if v, err = find(w.vpcs, "vpc", f.str("VpcId")); err != nil {
			return nil, err
		}
	}
	switch {
	case v != nil:
		vpcID = v.id
	case !w.server.config.Classic:
		return nil, fail("VPCIdNotSpecified", "No default VPC for this user")
	}
	for _, g := range w.groups {
		if g.vpcID == vpcID && strings.EqualFold(g.name, name) {
			return nil, fail("InvalidGroup.Duplicate", "The security group '%s' already exists for VPC '%s'", name, vpcID)
		}
	}
	if len(w.groups) >= w.server.quotas.GroupsPerRegion {
		return nil, fail("SecurityGroupLimitExceeded", "The maximum number of security groups has been reached.")
	}
	var g *securityGroup
	if v == nil {
		g = w.addClassicGroup(name, f.str("GroupDescription"))
	} else {
		g = w.addGroup(v, name, f.str("GroupDescription"))
	}
	g.lag = w.server.config.VisibilityLag
	w.setTags(g.id, tags["security-group"])
	return createGroupResult{g.id, w.arn("security-group", g.id), tagsXML(w.tags[g.id])}, nil
}

// groupOf finds the group of a request by GroupId or, in EC2-Classic and the
// default VPC, by GroupName.
func (w *world) groupOf(f form) (*securityGroup, error) {
	id, name := f.str("GroupId"), f.str("GroupName")
	switch {
	case id != "" && name != "":
		return nil, fail("InvalidParameterCombination", "The parameter groupName cannot be used with the parameter groupId")
	case id != "":
		return find(w.groups, "sg", id)
	case name != "":
		return w.namedGroup(name)
	}
	return nil, fail("MissingParameter", "The request must contain the parameter groupName or groupId")
}

type deleteGroupResult struct {
	Return  bool   `xml:"return"`
	GroupID string `xml:"groupId"`
}

func (w *world) deleteGroup(f form) (any, error) {
	g, err := w.groupOf(f)
	if err != nil {
		return nil, err
	}
	if g.name == "default" {
		return nil, fail("CannotDelete", "the specified group: \"%s\" name: \"%s\" cannot be deleted by a user", g.id, g.name)
	}
	for _, eni := range w.interfaces {
		if slices.Contains(eni.groups, g.id) {
			return nil, fail("DependencyViolation", "resource %s has a dependent object", g.id)
		}
	}
	for _, i := range w.instances {
		if slices.Contains(i.groups, g.id) && !i.gone() {
			return nil, fail("InvalidGroup.InUse", "There are active instances using security group '%s'", g.name)
		}
	}
	for _, other := range w.server.worlds {
		for _, user := range other.groups {
			// Through a peering a group may be deleted; the rule goes stale.
			if user.vpcID != g.vpcID || user.id == g.id {
				continue
			}
			for _, r := range user.rules {
				if r.group != g.id {
					continue
				}
				if g.classic() {
					return nil, fail("InvalidGroup.InUse", "There are active rules that refer to group '%s'", g.name)
				}
				return nil, fail("DependencyViolation", "resource %s has a dependent object", g.id)
			}
		}
	}
	w.dropGroup(g)
	return deleteGroupResult{true, g.id}, nil
}

type groupXML struct {
	OwnerID     string          `xml:"ownerId"`
	GroupID     string          `xml:"groupId"`
	Arn         string          `xml:"securityGroupArn"`
	Name        string          `xml:"groupName"`
	Description string          `xml:"groupDescription"`
	VpcID       string          `xml:"vpcId,omitempty"`
	Ingress     []permissionXML `xml:"ipPermissions>item"`
	Egress      []permissionXML `xml:"ipPermissionsEgress>item"`
	Tags        []tagXML        `xml:"tagSet>item"`
}

type permissionXML struct {
	Protocol    string          `xml:"ipProtocol"`
	FromPort    *int            `xml:"fromPort"`
	ToPort      *int            `xml:"toPort"`
	Groups      []groupPairXML  `xml:"groups>item"`
	Ranges      []rangeXML      `xml:"ipRanges>item"`
	IPv6Ranges  []ipv6RangeXML  `xml:"ipv6Ranges>item"`
	PrefixLists []prefixPeerXML `xml:"prefixListIds>item"`
}

type groupPairXML struct {
	UserID        string `xml:"userId"`
	GroupID       string `xml:"groupId"`
	GroupName     string `xml:"groupName,omitempty"`
	VpcID         string `xml:"vpcId,omitempty"`
	PeeringID     string `xml:"vpcPeeringConnectionId,omitempty"`
	PeeringStatus string `xml:"peeringStatus,omitempty"`
	Description   string `xml:"description,omitempty"`
}

type rangeXML struct {
	CIDR        string `xml:"cidrIp"`
	Description string `xml:"description,omitempty"`
}

type ipv6RangeXML struct {
	CIDR        string `xml:"cidrIpv6"`
	Description string `xml:"description,omitempty"`
}

type prefixPeerXML struct {
	ID          string `xml:"prefixListId"`
	Description string `xml:"description,omitempty"`
}

// permissionsXML folds rules into permissions: one for each protocol and range.
func (w *world) permissionsXML(g *securityGroup, rules []*groupRule) []permissionXML {
	var out []permissionXML
	at := map[ruleKey]int{}
	for _, r := range rules {
		family := ruleKey{protocol: r.protocol, from: r.from, to: r.to}
		i, ok := at[family]
		if !ok {
			i = len(out)
			at[family] = i
			p := permissionXML{Protocol: r.protocol}
			if hasPortFields(r.protocol) {
				p.FromPort, p.ToPort = &r.from, &r.to
			}
			out = append(out, p)
		}
		p := &out[i]
		switch {
		case r.cidr4 != "":
			p.Ranges = append(p.Ranges, rangeXML{r.cidr4, r.description})
		case r.cidr6 != "":
			p.IPv6Ranges = append(p.IPv6Ranges, ipv6RangeXML{r.cidr6, r.description})
		case r.prefixList != "":
			p.PrefixLists = append(p.PrefixLists, prefixPeerXML{r.prefixList, r.description})
		default:
			pair := groupPairXML{UserID: r.userID, GroupID: r.group, Description: r.description}
			pair.VpcID, pair.PeeringID, pair.PeeringStatus = w.peerInfo(g, r.group)
			if g.classic() {
				pair.GroupName = w.peerName(r)
			}
			p.Groups = append(p.Groups, pair)
		}
	}
	return out
}

func (w *world) groupXML(g *securityGroup, l *listing) groupXML {
	var in, out []*groupRule
	for _, r := range g.rules {
		if !l.visible(&r.lag) {
			continue
		}
		if r.egress {
			out = append(out, r)
		} else {
			in = append(in, r)
		}
	}
	return groupXML{
		OwnerID: w.account, GroupID: g.id, Arn: w.arn("security-group", g.id), Name: g.name, Description: g.description,
		VpcID: g.vpcID, Ingress: w.permissionsXML(g, in), Egress: w.permissionsXML(g, out), Tags: tagsXML(w.tags[g.id]),
	}
}

func (w *world) groupFilters() filterSet[*securityGroup] {
	fields := map[string]func(*securityGroup) []string{
		"description": one(func(g *securityGroup) string { return g.description }),
		"group-id":    one(func(g *securityGroup) string { return g.id }),
		"group-name":  one(func(g *securityGroup) string { return g.name }),
		"owner-id":    one(func(*securityGroup) string { return w.account }),
		"vpc-id":      one(func(g *securityGroup) string { return g.vpcID }),
	}
	for _, egress := range []bool{false, true} {
		prefix := "ip-permission."
		if egress {
			prefix = "egress.ip-permission."
		}
		rules := func(shown func(*groupRule) []string) func(*securityGroup) []string {
			return func(g *securityGroup) []string {
				var out []string
				for _, r := range g.rules {
					if r.egress == egress && r.lag == 0 {
						out = append(out, shown(r)...)
					}
				}
				return out
			}
		}
		notEmpty := func(value string) []string {
			if value == "" {
				return nil
			}
			return []string{value}
		}
		fields[prefix+"cidr"] = rules(func(r *groupRule) []string { return notEmpty(r.cidr4) })
		fields[prefix+"ipv6-cidr"] = rules(func(r *groupRule) []string { return notEmpty(r.cidr6) })
		fields[prefix+"prefix-list-id"] = rules(func(r *groupRule) []string { return notEmpty(r.prefixList) })
		fields[prefix+"group-id"] = rules(func(r *groupRule) []string { return notEmpty(r.group) })
		fields[prefix+"user-id"] = rules(func(r *groupRule) []string { return notEmpty(r.userID) })
		fields[prefix+"from-port"] = rules(func(r *groupRule) []string { return []string{formatInt(r.from)} })
		fields[prefix+"to-port"] = rules(func(r *groupRule) []string { return []string{formatInt(r.to)} })
		fields[prefix+"protocol"] = rules(func(r *groupRule) []string { return []string{r.protocol, protocolNumber(r.protocol)} })
		fields[prefix+"group-name"] = rules(func(r *groupRule) []string {
			return notEmpty(w.peerName(r))
		})
	}
	return filterSet[*securityGroup]{fields: fields, tags: func(g *securityGroup) map[string]string { return w.tags[g.id] }}
}

type describeGroupsResult struct {
	Groups    []groupXML `xml:"securityGroupInfo>item"`
	NextToken string     `xml:"nextToken,omitempty"`
}

func (w *world) describeGroups(f form) (any, error) {
	l, err := w.listing("DescribeSecurityGroups", f, pagesOfThousand())
	if err != nil {
		return nil, err
	}
	ids := f.list("GroupId")
	for _, name := range f.list("GroupName") {
		g, err := w.namedGroup(name)
		if err != nil {
			return nil, err
		}
		ids = append(ids, g.id)
	}
	all, err := choose(l, w.groups, "sg", ids, w.groupFilters(), func(g *securityGroup) *int { return &g.lag })
	if err != nil {
		return nil, err
	}
	found, token := cut(l, all, func(g *securityGroup) string { return g.id })
	out := describeGroupsResult{NextToken: token}
	for _, g := range found {
		out.Groups = append(out.Groups, w.groupXML(g, l))
	}
	return out, nil
}
