// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"maps"
	"math/big"
	"net/netip"
	"slices"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/terraform-clb/terraform-provider-clb/internal/packet"
	"github.com/terraform-clb/terraform-provider-clb/internal/verify"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// plannedAttributes are the attributes of an object in planned_rules, converted
// to the types that hashicorp/aws gives them.
type plannedAttributes map[string]tftypes.Value

// attributes reads the given attributes of an object; those that it does not
// have are null. known is false when one of them, other than the id of a rule, is
// unknown.
func (o plannedObject) attributes(attributes map[string]tftypes.Type) (read plannedAttributes, known bool, problems []string) {
	value, err := converted(o.value, tftypes.Object{AttributeTypes: attributes}, o.where)
	if err == nil && value.IsKnown() && !value.IsNull() {
		err = value.As((*map[string]tftypes.Value)(&read))
	}
	if err != nil {
		return nil, false, []string{err.Error()}
	}
	for name, attribute := range read {
		if name != "security_group_rule_id" && !attribute.IsFullyKnown() {
			return nil, false, nil
		}
	}
	return read, read != nil, nil
}

func isPrimitive(value tftypes.Value) bool {
	typ := value.Type()
	return typ.Is(tftypes.String) || typ.Is(tftypes.Number) || typ.Is(tftypes.Bool)
}

// text is empty for an attribute that is null, unknown or no text.
func (a plannedAttributes) text(name string) string {
	var text string
	if value := a[name]; value.IsKnown() && value.Type().Is(tftypes.String) && !value.IsNull() && value.As(&text) == nil {
		return text
	}
	return ""
}

func (a plannedAttributes) truth(name string) bool {
	var truth bool
	return !a[name].IsNull() && a[name].As(&truth) == nil && truth
}

// number tells whether an attribute is set besides its value.
func (a plannedAttributes) number(name string) (number int, set bool) {
	if a[name].IsNull() {
		return 0, false
	}
	var value big.Float
	if a[name].As(&value) != nil {
		return 0, false
	}
	whole, _ := value.Int64()
	return int(whole), true
}

func (a plannedAttributes) texts(name string) []string {
	var values []tftypes.Value
	if a[name].IsNull() || a[name].As(&values) != nil {
		return nil
	}
	var texts []string
	for _, value := range values {
		var text string
		if value.As(&text) == nil {
			texts = append(texts, text)
		}
	}
	return texts
}

// traffic reads the protocol with its ports, or its ICMP type and code: nothing
// means all of them.
func (a plannedAttributes) traffic(protocol, from, to string) (wiring.Rule, error) {
	if a.text(protocol) == "" {
		return wiring.Rule{}, fmt.Errorf("it has no %s", protocol)
	}
	p, err := wiring.ParseProtocol(a.text(protocol))
	if err != nil {
		return wiring.Rule{}, fmt.Errorf("%s %w", protocol, err)
	}
	rule := wiring.Rule{Protocol: p, From: -1, To: -1}
	if p != wiring.TCP && p != wiring.UDP && p != wiring.ICMP && p != wiring.ICMPv6 {
		return rule, nil
	}
	first, hasFirst := a.number(from)
	last, hasLast := a.number(to)
	switch {
	case hasFirst && hasLast:
		rule.From, rule.To = first, last
	case hasFirst && isICMP(p):
		rule.From = first
	case !hasFirst && !hasLast && !isICMP(p):
		rule.From, rule.To = 0, 65535
	case hasFirst != hasLast:
		return rule, fmt.Errorf("it has only one of %s and %s", from, to)
	}
	if _, err := packet.ParseTraffic(string(p), rule.From, rule.To); err != nil {
		return rule, err
	}
	return rule, nil
}

// network reads a network of either family, as AWS keeps it.
func network(text string) (netip.Prefix, error) {
	prefix, err := netip.ParsePrefix(text)
	if err != nil {
		return netip.Prefix{}, fmt.Errorf("%q is not a CIDR block", text)
	}
	return prefix.Masked(), nil
}

// peers are the other sides of a rule.
func (o plannedObject) peers(cidrs, groups, lists []string) ([]wiring.Peer, error) {
	var peers []wiring.Peer
	for _, text := range cidrs {
		if text == "" {
			continue
		}
		cidr, err := network(text)
		if err != nil {
			return nil, err
		}
		peers = append(peers, wiring.CIDRPeer(cidr))
	}
	for _, group := range groups {
		if group == "" {
			continue
		}
		if err := wiring.CheckGroupPeer(group); err != nil {
			return nil, err
		}
		peers = append(peers, wiring.GroupPeer(wiring.WithoutAccount(group, o.ownAccount)))
	}
	for _, list := range lists {
		if list != "" {
			peers = append(peers, wiring.PrefixListPeer(list))
		}
	}
	if len(peers) == 0 {
		return nil, fmt.Errorf("it names neither a network nor a security group nor a prefix list")
	}
	return peers, nil
}

// problem is a problem with the object.
func (o plannedObject) problem(err error) []string { return []string{o.where + ": " + err.Error()} }

// add puts rules of one object, which differ in their peers, among the planned ones.
func (o plannedObject) add(into plannedRules, group, id string, rule wiring.Rule, peers []wiring.Peer) {
	for _, peer := range peers {
		rule.Peer = peer
		into.groups[group] = append(into.groups[group], verify.GroupRule{Rule: rule, ID: id, Origin: verify.Planned, Name: o.where})
	}
}

// groupRule reads an object shaped like aws_vpc_security_group_ingress_rule.
func (o plannedObject) groupRule(d wiring.Direction, into plannedRules) []string {
	return o.groupRuleOf("", d, into)
}

// groupRuleOf reads a rule of a group, which the object names if none is given.
func (o plannedObject) groupRuleOf(group string, d wiring.Direction, into plannedRules) []string {
	a, known, problems := o.attributes(map[string]tftypes.Type{
		"security_group_id": tftypes.String, "security_group_rule_id": tftypes.String,
		"cidr_ipv4": tftypes.String, "cidr_ipv6": tftypes.String, "prefix_list_id": tftypes.String, "referenced_security_group_id": tftypes.String,
		"ip_protocol": tftypes.String, "from_port": tftypes.Number, "to_port": tftypes.Number,
	})
	if !known {
		return problems
	}
	if group == "" {
		group = a.text("security_group_id")
	}
	rule, err := a.traffic("ip_protocol", "from_port", "to_port")
	if err != nil {
		return o.problem(err)
	}
	peers, err := o.peers([]string{a.text("cidr_ipv4"), a.text("cidr_ipv6")}, []string{a.text("referenced_security_group_id")}, []string{a.text("prefix_list_id")})
	if err != nil {
		return o.problem(err)
	}
	if len(peers) > 1 {
		return o.problem(fmt.Errorf("it names %d of cidr_ipv4, cidr_ipv6, prefix_list_id and referenced_security_group_id: a rule has one", len(peers)))
	}
	rule.Direction = d
	o.add(into, group, a.text("security_group_rule_id"), rule, peers)
	return nil
}

// groupRules reads an object shaped like aws_security_group_rule, which stands
// for a rule with each of its peers.
func (o plannedObject) groupRules(into plannedRules) []string {
	texts := tftypes.List{ElementType: tftypes.String}
	a, known, problems := o.attributes(map[string]tftypes.Type{
		"security_group_id": tftypes.String, "type": tftypes.String,
		"cidr_blocks": texts, "ipv6_cidr_blocks": texts, "prefix_list_ids": texts, "source_security_group_id": tftypes.String, "self": tftypes.Bool,
		"protocol": tftypes.String, "from_port": tftypes.Number, "to_port": tftypes.Number,
	})
	if !known {
		return problems
	}
	group, direction := a.text("security_group_id"), wiring.Direction(a.text("type"))
	if direction != wiring.Ingress && direction != wiring.Egress {
		return o.problem(fmt.Errorf("type is %q: write \"ingress\" or \"egress\"", direction))
	}
	rule, err := a.traffic("protocol", "from_port", "to_port")
	if err != nil {
		return o.problem(err)
	}
	groups := []string{a.text("source_security_group_id")}
	if a.truth("self") {
		groups = append(groups, group)
	}
	peers, err := o.peers(slices.Concat(a.texts("cidr_blocks"), a.texts("ipv6_cidr_blocks")), groups, a.texts("prefix_list_ids"))
	if err != nil {
		return o.problem(err)
	}
	rule.Direction = direction
	o.add(into, group, "", rule, peers)
	return nil
}

// entry reads an object shaped like aws_network_acl_rule.
func (o plannedObject) entry(into plannedRules) []string {
	a, known, problems := o.attributes(map[string]tftypes.Type{"network_acl_id": tftypes.String, "egress": tftypes.Bool})
	if !known {
		return problems
	}
	d := wiring.Ingress
	if a.truth("egress") {
		d = wiring.Egress
	}
	return o.entryOf(a.text("network_acl_id"), d, into)
}

// entryOf reads an entry of a network ACL.
func (o plannedObject) entryOf(acl string, d wiring.Direction, into plannedRules) []string {
	a, known, problems := o.attributes(map[string]tftypes.Type{
		"rule_number": tftypes.Number, "rule_action": tftypes.String, "protocol": tftypes.String,
		"cidr_block": tftypes.String, "ipv6_cidr_block": tftypes.String,
		"from_port": tftypes.Number, "to_port": tftypes.Number, "icmp_type": tftypes.Number, "icmp_code": tftypes.Number,
	})
	if !known {
		return problems
	}
	number, _ := a.number("rule_number")
	if err := wiring.CheckRuleNumber(number); err != nil {
		return o.problem(fmt.Errorf("rule_number %w", err))
	}
	action := a.text("rule_action")
	if action != actionAllow && action != actionDeny {
		return o.problem(fmt.Errorf("rule_action is %q: write \"allow\" or \"deny\"", action))
	}
	from, to := "from_port", "to_port"
	if p, err := wiring.ParseProtocol(a.text("protocol")); err == nil && isICMP(p) {
		from, to = "icmp_type", "icmp_code"
	}
	rule, err := a.traffic("protocol", from, to)
	if err != nil {
		return o.problem(err)
	}
	peers, err := o.peers([]string{a.text("cidr_block"), a.text("ipv6_cidr_block")}, nil, nil)
	switch {
	case err != nil:
		return o.problem(fmt.Errorf("it has neither cidr_block nor ipv6_cidr_block: %w", err))
	case len(peers) > 1:
		return o.problem(fmt.Errorf("it has cidr_block and ipv6_cidr_block: an entry has one of them"))
	}
	rule.Direction, rule.Peer = d, peers[0]
	into.acls[acl] = append(into.acls[acl], verify.ACLEntry{
		Entry: wiring.Entry{Number: number, Rule: rule}, Deny: action == actionDeny, Origin: verify.Planned, Name: o.where,
	})
	return nil
}

// resource reads a resource of this provider: the maps ingress and egress of a
// group or a network ACL.
func (o plannedObject) resource(into plannedRules) []string {
	a, known, problems := o.attributes(map[string]tftypes.Type{"security_group_id": tftypes.String, "network_acl_id": tftypes.String})
	if !known {
		return problems
	}
	var attributes map[string]tftypes.Value
	if err := o.value.As(&attributes); err != nil {
		return o.problem(err)
	}
	found := false
	for _, d := range wiring.Directions() {
		member, there := attributes[string(d)]
		found = found || there
		if !there || member.IsNull() || !member.IsKnown() {
			continue
		}
		var rules map[string]tftypes.Value
		if err := member.As(&rules); err != nil {
			problems = append(problems, fmt.Sprintf("%s.%s is %s, and a map of rules is needed", o.where, d, kindOf(member)))
			continue
		}
		for _, key := range slices.Sorted(maps.Keys(rules)) {
			rule := plannedObject{value: rules[key], where: fmt.Sprintf("%s.%s[%q]", o.where, d, key), ownAccount: o.ownAccount}
			if acl := a.text("network_acl_id"); acl != "" {
				problems = append(problems, rule.entryOf(acl, d, into)...)
			} else {
				problems = append(problems, rule.groupRuleOf(a.text("security_group_id"), d, into)...)
			}
		}
	}
	if !found {
		problems = append(problems, o.where+" has neither ingress nor egress: write a resource of this provider with rules, or an object with the maps ingress and egress")
	}
	return problems
}
