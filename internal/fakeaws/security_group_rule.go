// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package fakeaws

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
)

// Rule is a security group rule in the canonical form that AWS returns.
type Rule struct {
	ID, GroupID string
	Egress      bool
	// Protocol is tcp, udp, icmp, icmpv6, another protocol's number, or "-1" for all.
	Protocol string
	// FromPort and ToPort are the port range, or the ICMP type and code; -1 means all.
	FromPort, ToPort int
	// Exactly one of the four peers is set.
	CIDRIPv4, CIDRIPv6, PrefixListID, ReferencedGroupID string
	// ReferencedUserID is the account of the referenced group.
	ReferencedUserID string
	Description      string
	Tags             map[string]string
}

// groupRule is a rule of a security group.
type groupRule struct {
	id string
	ruleKey
	description string
	lag         int
}

func (w *world) ruleByID(id string) *groupRule {
	for _, g := range w.groups {
		if r := g.ruleByID(id); r != nil {
			return r
		}
	}
	return nil
}

func (w *world) exported(g *securityGroup, r *groupRule) Rule {
	return Rule{
		ID: r.id, GroupID: g.id, Egress: r.egress, Protocol: r.protocol, FromPort: r.from, ToPort: r.to,
		CIDRIPv4: r.cidr4, CIDRIPv6: r.cidr6, PrefixListID: r.prefixList, ReferencedGroupID: r.group,
		ReferencedUserID: r.userID, Description: r.description, Tags: maps.Clone(w.tags[r.id]),
	}
}

func securityGroupRuleOperations() map[string]operation {
	const inbound = ` GroupId GroupName DryRun:bool ` + permissionParams + flatPermissionParams
	const outbound = ` GroupId! DryRun:bool ` + permissionParams + flatPermissionParams
	const described = ` GroupId GroupName DryRun:bool SecurityGroupRuleDescription.#.SecurityGroupRuleId SecurityGroupRuleDescription.#.Description ` + permissionParams
	return map[string]operation{
		"AuthorizeSecurityGroupIngress": op((*world).authorizeIngress, inbound+tagSpecParams),
		"AuthorizeSecurityGroupEgress":  op((*world).authorizeEgress, outbound+tagSpecParams),
		"RevokeSecurityGroupIngress":    op((*world).revokeIngress, inbound+` SecurityGroupRuleId.#`),
		"RevokeSecurityGroupEgress":     op((*world).revokeEgress, outbound+` SecurityGroupRuleId.#`),
		"ModifySecurityGroupRules": op((*world).modifyRules, `GroupId! DryRun:bool SecurityGroupRule.#.SecurityGroupRuleId!
			SecurityGroupRule.#.SecurityGroupRule.IpProtocol SecurityGroupRule.#.SecurityGroupRule.FromPort:int
			SecurityGroupRule.#.SecurityGroupRule.ToPort:int SecurityGroupRule.#.SecurityGroupRule.CidrIpv4
			SecurityGroupRule.#.SecurityGroupRule.CidrIpv6 SecurityGroupRule.#.SecurityGroupRule.PrefixListId
			SecurityGroupRule.#.SecurityGroupRule.ReferencedGroupId SecurityGroupRule.#.SecurityGroupRule.Description`),
		"UpdateSecurityGroupRuleDescriptionsIngress": op((*world).describeRulesIngress, described),
		"UpdateSecurityGroupRuleDescriptionsEgress":  op((*world).describeRulesEgress, described),
		"DescribeSecurityGroupRules":                 op((*world).describeRules, `SecurityGroupRuleId.# DryRun:bool`+filterParams+pageParams),
	}
}

type ruleXML struct {
	ID                string        `xml:"securityGroupRuleId"`
	Arn               string        `xml:"securityGroupRuleArn,omitempty"`
	GroupID           string        `xml:"groupId"`
	GroupOwnerID      string        `xml:"groupOwnerId,omitempty"`
	IsEgress          bool          `xml:"isEgress"`
	Protocol          string        `xml:"ipProtocol"`
	FromPort          int           `xml:"fromPort"`
	ToPort            int           `xml:"toPort"`
	CIDRIPv4          string        `xml:"cidrIpv4,omitempty"`
	CIDRIPv6          string        `xml:"cidrIpv6,omitempty"`
	PrefixListID      string        `xml:"prefixListId,omitempty"`
	ReferencedGroup   *groupPairXML `xml:"referencedGroupInfo"`
	ReferencedGroupID string        `xml:"referencedGroupId,omitempty"`
	Description       string        `xml:"description,omitempty"`
	Tags              []tagXML      `xml:"tagSet>item"`
}

func (w *world) ruleXML(g *securityGroup, r *groupRule) ruleXML {
	out := ruleXML{
		ID: r.id, Arn: w.arn("security-group-rule", r.id), GroupID: g.id, GroupOwnerID: w.account, IsEgress: r.egress,
		Protocol: r.protocol, FromPort: r.from, ToPort: r.to, CIDRIPv4: r.cidr4, CIDRIPv6: r.cidr6,
		PrefixListID: r.prefixList, Description: r.description, Tags: tagsXML(w.tags[r.id]),
	}
	if r.group != "" {
		pair := groupPairXML{GroupID: r.group, UserID: r.userID}
		pair.VpcID, pair.PeeringID, pair.PeeringStatus = w.peerInfo(g, r.group)
		out.ReferencedGroup = &pair
	}
	return out
}

// revokedXML is the shorter form in which Revoke lists what it removed.
func revokedXML(g *securityGroup, r *groupRule) ruleXML {
	return ruleXML{
		ID: r.id, GroupID: g.id, IsEgress: r.egress, Protocol: r.protocol, FromPort: r.from, ToPort: r.to, CIDRIPv4: r.cidr4,
		CIDRIPv6: r.cidr6, PrefixListID: r.prefixList, ReferencedGroupID: r.group, Description: r.description,
	}
}

func (g *securityGroup) keys(egress bool) []ruleKey {
	var out []ruleKey
	for _, r := range g.rules {
		if r.egress == egress {
			out = append(out, r.ruleKey)
		}
	}
	return out
}

// String is how EC2 names a rule that exists already.
func (k ruleKey) String() string {
	peer := k.cidr4 + k.cidr6 + k.prefixList + k.group
	switch k.protocol {
	case "-1":
		return fmt.Sprintf("peer: %s, ALL, ALLOW", peer)
	case "tcp", "udp":
		return fmt.Sprintf("peer: %s, %s, from port: %d, to port: %d, ALLOW", peer, strings.ToUpper(k.protocol), k.from, k.to)
	case "icmp", "icmpv6":
		return fmt.Sprintf("peer: %s, %s, type: %d, code: %d, ALLOW", peer, strings.ToUpper(k.protocol), k.from, k.to)
	}
	return fmt.Sprintf("peer: %s, %s, ALLOW", peer, k.protocol)
}

type authorizeResult struct {
	Return bool      `xml:"return"`
	Rules  []ruleXML `xml:"securityGroupRuleSet>item"`
}

func (w *world) authorizeIngress(f form) (any, error) { return w.authorize(f, false) }
func (w *world) authorizeEgress(f form) (any, error)  { return w.authorize(f, true) }

// authorize adds all rules of the request or none.
func (w *world) authorize(f form, egress bool) (any, error) {
	tags, err := parseTagSpecification(f, "security-group-rule")
	if err != nil {
		return nil, err
	}
	g, err := w.groupOf(f)
	if err != nil {
		return nil, err
	}
	if egress || len(tags) > 0 {
		if err := refuseClassic(g); err != nil {
			return nil, err
		}
	}
	drafts, err := w.parsePermissions(g, egress, f)
	if err != nil {
		return nil, err
	}
	keys := g.keys(egress)
	for _, d := range drafts {
		if err := checkDescription(d); err != nil {
			return nil, err
		}
		if g.rule(d.ruleKey) != nil {
			return nil, fail("InvalidPermission.Duplicate", "the specified rule \"%s\" already exists", d.ruleKey)
		}
		keys = append(keys, d.ruleKey)
	}
	if err := w.checkRuleQuota(g, keys); err != nil {
		return nil, err
	}
	out := authorizeResult{Return: true}
	for _, d := range drafts {
		r := &groupRule{id: w.newID("sgr"), ruleKey: d.ruleKey, description: d.description, lag: w.server.config.VisibilityLag}
		g.rules = append(g.rules, r)
		w.setTags(r.id, tags["security-group-rule"])
		if !g.classic() {
			out.Rules = append(out.Rules, w.ruleXML(g, r))
		}
	}
	return out, nil
}

type revokeResult struct {
	Return  bool            `xml:"return"`
	Unknown []permissionXML `xml:"unknownIpPermissionSet>item"`
	Revoked []ruleXML       `xml:"revokedSecurityGroupRuleSet>item"`
}

func (w *world) revokeIngress(f form) (any, error) { return w.revoke(f, false) }
func (w *world) revokeEgress(f form) (any, error)  { return w.revoke(f, true) }

// revoke removes all rules of the request or none, except that in EC2-Classic and
// in a default VPC permissions without a rule are not an error but are listed in the answer. The
// API reference says so of inbound rules in other VPCs and is silent about
// outbound ones, which are refused here alike.
func (w *world) revoke(f form, egress bool) (any, error) {
	g, err := w.groupOf(f)
	if err != nil {
		return nil, err
	}
	if egress || f.has("SecurityGroupRuleId.1") {
		if err := refuseClassic(g); err != nil {
			return nil, err
		}
	}
	var doomed, unknown []*groupRule
	if ids := f.list("SecurityGroupRuleId"); len(ids) > 0 {
		if len(f.structs("IpPermissions")) > 0 || f.has("CidrIp") || f.has("SourceSecurityGroupName") {
			return nil, fail("InvalidParameterCombination", "The parameter securityGroupRuleIds cannot be used with permissions")
		}
		for _, id := range ids {
			r := g.ruleByID(id)
			if r == nil || r.egress != egress {
				return nil, missingID("sgr", id)
			}
			doomed = append(doomed, r)
		}
	} else {
		drafts, err := w.parsePermissions(g, egress, f)
		if err != nil {
			return nil, err
		}
		for _, d := range drafts {
			switch r := g.rule(d.ruleKey); {
			case r != nil:
				doomed = append(doomed, r)
			case g.classic() || w.vpcs[g.vpcID].isDefault:
				unknown = append(unknown, &groupRule{ruleKey: d.ruleKey})
			default:
				return nil, fail("InvalidPermission.NotFound", "The specified rule does not exist in this security group.")
			}
		}
	}
	out := revokeResult{Return: true, Unknown: w.permissionsXML(g, unknown)}
	for _, r := range doomed {
		if g.ruleByID(r.id) == nil {
			continue
		}
		g.rules = slices.DeleteFunc(g.rules, func(other *groupRule) bool { return other == r })
		delete(w.tags, r.id)
		if !g.classic() {
			out.Revoked = append(out.Revoked, revokedXML(g, r))
		}
	}
	return out, nil
}

// modifyRules replaces rules wholly, an omitted description included, and all
// of them or none. The kind of a rule's peer is fixed.
func (w *world) modifyRules(f form) (any, error) {
	g, err := find(w.groups, "sg", f.str("GroupId"))
	if err != nil {
		return nil, err
	}
	if err := refuseClassic(g); err != nil {
		return nil, err
	}
	changes := map[string]draft{}
	for _, member := range f.structs("SecurityGroupRule") {
		id := member.str("SecurityGroupRuleId")
		r := g.ruleByID(id)
		if r == nil {
			return nil, missingID("sgr", id)
		}
		if _, twice := changes[id]; twice {
			return nil, fail("InvalidParameterValue", "The same security group rule ID must not appear multiple times")
		}
		d, err := w.parseRuleRequest(g, r, member)
		if err != nil {
			return nil, err
		}
		changes[id] = d
	}
	var keys []ruleKey
	seen := map[ruleKey]bool{}
	for _, r := range g.rules {
		key := r.ruleKey
		if d, ok := changes[r.id]; ok {
			key = d.ruleKey
		}
		if seen[key] {
			return nil, fail("InvalidPermission.Duplicate", "the specified rule \"%s\" already exists", key)
		}
		seen[key] = true
		keys = append(keys, key)
	}
	if err := w.checkRuleQuota(g, keys); err != nil {
		return nil, err
	}
	for id, d := range changes {
		r := g.ruleByID(id)
		r.ruleKey, r.description = d.ruleKey, d.description
	}
	return nil, nil
}

func (w *world) parseRuleRequest(g *securityGroup, r *groupRule, f form) (draft, error) {
	const prefix = "SecurityGroupRule."
	inner := form{map[string][]string{}}
	for name, values := range f.values {
		if rest, ok := strings.CutPrefix(name, prefix); ok {
			inner.values[rest] = values
		}
	}
	peers := 0
	for _, peer := range []string{"CidrIpv4", "CidrIpv6", "PrefixListId", "ReferencedGroupId"} {
		if inner.str(peer) != "" {
			peers++
		}
	}
	if peers == 0 {
		return draft{}, fail("MissingParameter", "Missing source specification: include source security group or CIDR information")
	}
	if peers > 1 {
		return draft{}, fail("InvalidParameterCombination", "Exactly one of cidrIpv4, cidrIpv6, prefixListId and referencedGroupId must be specified.")
	}
	d := draft{ruleKey{egress: r.egress}, inner.str("Description")}
	var err error
	if d.protocol, err = parseProtocol(inner.str("IpProtocol")); err != nil {
		return d, err
	}
	if d.from, d.to, err = parsePortFields(d.protocol, inner); err != nil {
		return d, err
	}
	// Unlike Authorize, this operation has been seen to refuse host bits.
	if d.cidr4, err = canonicalCIDR(inner.str("CidrIpv4"), false); err != nil {
		return d, err
	}
	if d.cidr6, err = canonicalCIDR(inner.str("CidrIpv6"), true); err != nil {
		return d, err
	}
	if id := inner.str("PrefixListId"); id != "" {
		if _, err := find(w.prefixLists, "pl", id); err != nil {
			return d, err
		}
		d.prefixList = id
	}
	if id := inner.str("ReferencedGroupId"); id != "" {
		pair := form{map[string][]string{"GroupId": {id}}}
		if id == r.group {
			pair.values.Set("UserId", r.userID)
		}
		if d.group, d.userID, err = w.parseGroupPair(g, pair); err != nil {
			return d, err
		}
	}
	if (d.cidr4 != "") != (r.cidr4 != "") || (d.cidr6 != "") != (r.cidr6 != "") || (d.prefixList != "") != (r.prefixList != "") {
		return d, fail("InvalidParameterValue", "You may not change the source or destination type of security group rule %s.", r.id)
	}
	return d, checkDescription(d)
}

func canonicalCIDR(s string, v6 bool) (string, error) {
	if s == "" {
		return "", nil
	}
	canonical, err := parseCIDR(s, v6)
	if err != nil {
		return "", err
	}
	if given := netip.MustParsePrefix(s); given != given.Masked() {
		return "", fail("InvalidParameterValue", "CIDR block %s is not canonical: expecting %s", s, canonical)
	}
	return canonical, nil
}

func (w *world) describeRulesIngress(f form) (any, error) { return w.redescribe(f, false) }
func (w *world) describeRulesEgress(f form) (any, error)  { return w.redescribe(f, true) }

// redescribe sets descriptions, by permissions or by rule ids; a description
// that is left out is cleared.
func (w *world) redescribe(f form, egress bool) (any, error) {
	g, err := w.groupOf(f)
	if err != nil {
		return nil, err
	}
	changes := map[*groupRule]string{}
	members := f.structs("SecurityGroupRuleDescription")
	if egress || len(members) > 0 {
		if err := refuseClassic(g); err != nil {
			return nil, err
		}
	}
	if len(members) > 0 && len(f.structs("IpPermissions")) > 0 {
		return nil, fail("InvalidParameterCombination", "The parameter securityGroupRuleDescriptions cannot be used with the parameter ipPermissions")
	}
	for _, member := range members {
		id := member.str("SecurityGroupRuleId")
		r := g.ruleByID(id)
		if r == nil || r.egress != egress {
			return nil, missingID("sgr", id)
		}
		changes[r] = member.str("Description")
	}
	if len(members) == 0 {
		drafts, err := w.parsePermissions(g, egress, f)
		if err != nil {
			return nil, err
		}
		for _, d := range drafts {
			r := g.rule(d.ruleKey)
			if r == nil {
				return nil, fail("InvalidPermission.NotFound", "The specified rule does not exist in this security group.")
			}
			changes[r] = d.description
		}
	}
	for r, description := range changes {
		if err := checkDescription(draft{r.ruleKey, description}); err != nil {
			return nil, err
		}
	}
	for r, description := range changes {
		r.description = description
	}
	return nil, nil
}

type describeRulesResult struct {
	Rules     []ruleXML `xml:"securityGroupRuleSet>item"`
	NextToken string    `xml:"nextToken,omitempty"`
}

// groupedRule is a rule with its group.
type groupedRule struct {
	*groupRule
	of *securityGroup
}

func (w *world) describeRules(f form) (any, error) {
	l, err := w.listing("DescribeSecurityGroupRules", f, pagesOfThousand())
	if err != nil {
		return nil, err
	}
	for _, wanted := range f.structs("Filter") {
		for _, id := range wanted.list("Value") {
			if wanted.str("Name") == "group-id" && !validID("sg", id) && !strings.ContainsAny(id, "*?") {
				return nil, missingID("sg", id)
			}
		}
	}
	filters := filterSet[groupedRule]{
		fields: map[string]func(groupedRule) []string{
			"group-id":               one(func(r groupedRule) string { return r.of.id }),
			"security-group-rule-id": one(func(r groupedRule) string { return r.id }),
		},
		tags:     func(r groupedRule) map[string]string { return w.tags[r.id] },
		noTagKey: true,
	}
	rules := map[string]groupedRule{}
	for _, g := range w.groups {
		if g.classic() {
			continue
		}
		for _, r := range g.rules {
			rules[r.id] = groupedRule{r, g}
		}
	}
	all, err := choose(l, rules, "sgr", f.list("SecurityGroupRuleId"), filters, func(r groupedRule) *int { return &r.lag })
	if err != nil {
		return nil, err
	}
	found, token := cut(l, all, func(r groupedRule) string { return r.id })
	out := describeRulesResult{NextToken: token}
	for _, r := range found {
		out.Rules = append(out.Rules, w.ruleXML(r.of, r.groupRule))
	}
	return out, nil
}
