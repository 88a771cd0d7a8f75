// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package verify

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/terraform-clb/terraform-provider-clb/internal/packet"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// filter is one direction of the security groups of an interface, or of a
// network ACL. It judges regions and knows what its rules are called.
type filter struct {
	direction wiring.Direction
	// kind is "security group" or "network ACL".
	kind string
	ids  []string
	// sources are the rules of the direction, in the order that packet counts them.
	sources []source
	// invisible are the reasons why something cannot be seen. Each stands as a
	// rule of which nothing is known, behind the sources in packet's count.
	invisible []string
	// reverse is the filter of the other direction.
	reverse func() (*filter, error)

	judges interface {
		Judge(packet.Region) packet.Judgment
		Permits(within, besides packet.Region) []packet.Piece
	}
	// groupRules or entries are what judges was made of.
	groupRules []packet.Rule
	entries    []packet.Entry
}

// source is a rule of a filter and where it comes from: either a rule of a
// security group or an entry of a network ACL.
type source struct {
	origin Origin
	// owner is the id of the group or network ACL.
	owner     string
	groupRule *GroupRule
	aclEntry  *ACLEntry
	entry     *packet.Entry
}

// name is what the configuration calls the rule, empty if it is not written there.
func (s source) name() string {
	if s.groupRule != nil {
		return s.groupRule.Name
	}
	return s.aclEntry.Name
}

// rule is what the rule admits or refuses.
func (s source) rule() wiring.Rule {
	if s.groupRule != nil {
		return s.groupRule.Rule
	}
	return s.aclEntry.Rule
}

const (
	securityGroup = "security group"
	networkACL    = "network ACL"
)

// isACL tells whether the filter is a network ACL.
func (f *filter) isACL() bool { return f.kind == networkACL }

// newGroupFilter is one direction of all the security groups that an interface
// carries. A group that cannot be seen can only add to what the others admit. The
// error names the rule that EC2 could not have.
func newGroupFilter(d wiring.Direction, groups []Group) (*filter, error) {
	f := &filter{direction: d, kind: securityGroup}
	f.reverse = func() (*filter, error) { return newGroupFilter(opposite(d), groups) }
	count := 0
	for _, group := range groups {
		for i := range group.Rules {
			if group.Rules[i].Direction == d {
				count++
			}
		}
	}
	entries := make([]packet.Entry, 0, count)
	f.sources = make([]source, 0, count)
	f.groupRules = make([]packet.Rule, 0, count+len(groups))
	for _, group := range groups {
		f.ids = append(f.ids, group.ID)
		for i := range group.Rules {
			rule := &group.Rules[i]
			if rule.Direction != d {
				continue
			}
			entries = append(entries, packet.Entry{Action: packet.Allow, Rule: packetRule(&rule.Rule, rule.Networks, rule.Unknown)})
			entry := &entries[len(entries)-1]
			f.sources = append(f.sources, source{origin: rule.Origin, owner: group.ID, groupRule: rule, entry: entry})
			f.groupRules = append(f.groupRules, entry.Rule)
		}
	}
	for _, group := range groups {
		if group.Unseen != "" {
			f.invisible = append(f.invisible, unseenWords(securityGroup, group.ID, group.Unseen))
			f.groupRules = append(f.groupRules, packet.Rule{Unknown: packet.ProtocolField | packet.PortsField | packet.PeerField})
		}
	}
	judges, err := packet.NewSecurityGroup(f.groupRules)
	if err != nil {
		return nil, f.explain(err)
	}
	f.judges = judges
	return f, nil
}

// newACLFilter is one direction of a network ACL. One that cannot be seen decides
// nothing. The error names the entry that EC2 could not have.
func newACLFilter(d wiring.Direction, acl ACL) (*filter, error) {
	f := &filter{direction: d, kind: networkACL, ids: []string{acl.ID}}
	f.reverse = func() (*filter, error) { return newACLFilter(opposite(d), acl) }
	count := 0
	for i := range acl.Entries {
		if acl.Entries[i].Direction == d {
			count++
		}
	}
	f.sources = make([]source, 0, count)
	f.entries = make([]packet.Entry, 0, count+1)
	for i := range acl.Entries {
		from := &acl.Entries[i]
		if from.Direction != d {
			continue
		}
		f.entries = append(f.entries, packet.Entry{Number: from.Number, Action: packet.Allow, Rule: packetRule(&from.Rule, nil, from.Unknown)})
		entry := &f.entries[len(f.entries)-1]
		if from.Deny {
			entry.Action = packet.Deny
		}
		f.sources = append(f.sources, source{origin: from.Origin, owner: acl.ID, aclEntry: from, entry: entry})
	}
	if acl.Unseen != "" {
		f.invisible = append(f.invisible, unseenWords(networkACL, acl.ID, acl.Unseen))
		f.entries = append(f.entries, packet.Entry{
			Number: wiring.LowestRuleNumber - 1,
			Rule:   packet.Rule{Unknown: packet.ProtocolField | packet.PortsField | packet.PeerField | packet.ActionField},
		})
	}
	judges, err := packet.NewNetworkACL(f.entries)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be judged, %s: %w", f.name(), InOut(d), err)
	}
	f.judges = judges
	return f, nil
}

func opposite(d wiring.Direction) wiring.Direction {
	if d == wiring.Egress {
		return wiring.Ingress
	}
	return wiring.Egress
}

// words name the rule with its group or network ACL.
func (s source) words() string {
	if s.aclEntry != nil {
		return idWords(networkACL, s.owner) + " " +
			ruleWords(s.aclEntry.Describe, s.aclEntry.Direction, s.aclEntry.Name, strconv.Itoa(s.aclEntry.Number), s.aclEntry.Unknown)
	}
	r := s.groupRule
	return idWords(securityGroup, s.owner) + " " + ruleWords(r.Describe, r.Direction, r.Name, r.ID, r.Unknown)
}

// packetRule is a rule as package packet reads it. A group has one spelling there,
// with or without its account.
func packetRule(r *wiring.Rule, networks []netip.Prefix, unknown packet.Field) packet.Rule {
	return packet.Rule{
		Protocol: string(r.Protocol),
		From:     r.From,
		To:       r.To,
		Peer: packet.Peer{
			CIDR:          r.Peer.CIDR,
			SecurityGroup: wiring.GroupID(r.Peer.SecurityGroup),
			PrefixList:    r.Peer.PrefixList,
			Networks:      networks,
		},
		Unknown: unknown,
	}
}

// explain finds the rule that packet could not read.
func (f *filter) explain(err error) error {
	for i, s := range f.sources {
		if _, own := packet.NewSecurityGroup([]packet.Rule{s.entry.Rule}); own != nil {
			return fmt.Errorf("%s: %s", f.describe(i), strings.TrimPrefix(own.Error(), "rule 0: "))
		}
	}
	return fmt.Errorf("%s cannot be judged: %w", f.name(), err)
}

// name is "security group sg-1", "security groups sg-1 and sg-2" or "network ACL acl-1".
func (f *filter) name() string {
	switch ids := f.known(); len(ids) {
	case 0:
		return "the " + f.kind
	case 1:
		return f.kind + " " + ids[0]
	default:
		return f.kind + "s " + and(ids)
	}
}

func (f *filter) known() []string {
	return slices.DeleteFunc(slices.Clone(f.ids), func(id string) bool { return id == "" })
}

// about is the first id, empty if none is known.
func (f *filter) about() string {
	if ids := f.known(); len(ids) > 0 {
		return ids[0]
	}
	return ""
}

// unseen is why the filter cannot be seen as a whole, empty if it can.
func (f *filter) unseen() string { return strings.Join(f.invisible, "; ") }

// rules is the number of rules that are seen.
func (f *filter) rules() int { return len(f.sources) }

// describe names a rule with its group or network ACL:
// "security group sg-1 inbound rule sgr-1 (tcp 80 from 0.0.0.0/0)".
func (f *filter) describe(i int) string {
	switch {
	case i >= 0 && i < len(f.sources):
		return f.sources[i].words()
	case i >= len(f.sources) && i-len(f.sources) < len(f.invisible):
		return f.invisible[i-len(f.sources)]
	case f.isACL():
		return fmt.Sprintf("the final %s rule * of %s", InOut(f.direction), f.name())
	case len(f.known()) > 1:
		return fmt.Sprintf("%s, which have no %s rule that admits it", f.name(), InOut(f.direction))
	default:
		return fmt.Sprintf("%s, which has no %s rule that admits it", f.name(), InOut(f.direction))
	}
}

// brief names what refuses in a few words, behind the name of the filter: "inbound
// rule 90". No rule of a security group refuses.
func (f *filter) brief(i int) string {
	switch {
	case i >= 0 && i < len(f.sources):
		return fmt.Sprintf("%s rule %d", InOut(f.direction), f.sources[i].entry.Number)
	case f.isACL():
		return InOut(f.direction) + " rule *"
	default:
		return fmt.Sprintf("for want of an %s rule", InOut(f.direction))
	}
}

// handle is what one looks for to change a rule: what the configuration calls it,
// or its number or id.
func (f *filter) handle(i int) string {
	s := f.sources[i]
	switch {
	case s.name() != "":
		return s.name()
	case s.aclEntry != nil && s.owner == "":
		return fmt.Sprintf("%s rule %d", InOut(f.direction), s.entry.Number)
	case s.aclEntry != nil:
		return fmt.Sprintf("%s rule %d of %s", InOut(f.direction), s.entry.Number, s.owner)
	case s.groupRule.ID != "":
		return "rule " + s.groupRule.ID
	default:
		return s.words()
	}
}

// origin is the origin of a rule. What no rule decides is nobody's.
func (f *filter) origin(i int) Origin {
	if i >= 0 && i < len(f.sources) {
		return f.sources[i].origin
	}
	return Unmanaged
}

// judge tells whether every packet of a region passes.
func (f *filter) judge(r packet.Region) packet.Judgment { return f.judges.Judge(r) }

// permits is what the seen rules let pass within a region, besides another.
func (f *filter) permits(within, besides packet.Region) []packet.Piece {
	pieces := f.judges.Permits(within, besides)
	return slices.DeleteFunc(pieces, func(p packet.Piece) bool { return p.Rule >= len(f.sources) })
}

// scan judges one packet by reading the rules one by one. It is there to check
// what judge has found.
func (f *filter) scan(p packet.Packet) (packet.Verdict, int) {
	if f.isACL() {
		return packet.ScanACL(f.entries, p)
	}
	return packet.ScanGroup(f.groupRules, p)
}

// ruleWords is what Describe says of a rule, unless that would show fields that
// are not known yet.
func ruleWords(describe func() string, d wiring.Direction, name, id string, unknown packet.Field) string {
	unknown &^= packet.NetworksField
	if unknown == 0 {
		return describe()
	}
	words := InOut(d) + " rule"
	if name != "" {
		words += " " + name + " of the configuration"
	} else if id != "" {
		words += " " + id
	}
	are := "is"
	if unknown&(unknown-1) != 0 || unknown == packet.PortsField {
		are = "are"
	}
	return words + ", of which the " + unknown.String() + " " + are + " not known yet"
}

func idWords(kind, id string) string {
	if id == "" {
		return "the " + kind
	}
	return kind + " " + id
}

// unseenWords say why something cannot be seen. Where it is not even known which
// one it is, that is why.
func unseenWords(kind, id, why string) string {
	if id == "" {
		return strings.TrimSuffix(why, ".")
	}
	return fmt.Sprintf("%s cannot be seen: %s", idWords(kind, id), strings.TrimSuffix(why, "."))
}

// and lists words: "a", "a and b", "a, b and c".
func and(words []string) string {
	switch len(words) {
	case 0:
		return ""
	case 1:
		return words[0]
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " and " + words[last]
}
