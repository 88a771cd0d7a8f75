// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package wiring

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// WrittenText is a text that a configuration states, leaves out (neither field
// is set) or does not know yet.
type WrittenText struct {
	Text            string
	Stated, Unknown bool
}

// WrittenNumber is a number that a configuration states, leaves out (neither
// field is set) or does not know yet.
type WrittenNumber struct {
	Number          int
	Stated, Unknown bool
}

func (n WrittenNumber) absent() bool { return !n.Stated && !n.Unknown }

func (t WrittenText) absent() bool { return !t.Stated && !t.Unknown }

// WrittenEntry is a network ACL entry as a configuration writes it, attribute by
// attribute.
type WrittenEntry struct {
	Direction                Direction
	RuleNumber               WrittenNumber
	RuleAction, Protocol     WrittenText
	CIDRBlock, IPv6CIDRBlock WrittenText
	FromPort, ToPort         WrittenNumber
	ICMPType, ICMPCode       WrittenNumber
	// NumberOptional: the rule number may be left out, the next free one is taken.
	NumberOptional bool
}

// UnknownWrittenEntry is an entry of which nothing is known yet.
func UnknownWrittenEntry(d Direction) WrittenEntry {
	text, number := WrittenText{Unknown: true}, WrittenNumber{Unknown: true}
	return WrittenEntry{
		Direction: d, RuleNumber: number, RuleAction: text, Protocol: text, CIDRBlock: text, IPv6CIDRBlock: text,
		FromPort: number, ToPort: number, ICMPType: number, ICMPCode: number,
	}
}

// Problems says what EC2 would refuse, or take for something else than what is
// written, as far as the attributes are known. Each problem begins with the name
// that the configuration has for the entry: `ingress["ssh"].rule_number is 0: …`,
// `ingress["ssh"] has no protocol: …`.
func (w WrittenEntry) Problems(name string) []string {
	problems := w.problems()
	for i, problem := range problems {
		dot := "."
		if strings.HasPrefix(problem, "has ") || strings.HasPrefix(problem, "names ") {
			dot = " "
		}
		problems[i] = name + dot + problem
	}
	return problems
}

// problems begin with the name of the attribute, or with "has" or "names".
func (w WrittenEntry) problems() []string {
	var problems []string
	add := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	switch {
	case w.RuleNumber.Stated:
		if err := CheckRuleNumber(w.RuleNumber.Number); err != nil {
			add("rule_number is %s", err)
		}
	case w.RuleNumber.absent() && !w.NumberOptional:
		add("has no rule_number: write a number from %d to %d, since the entry with the lowest number that matches a packet decides", LowestRuleNumber, HighestRuleNumber)
	}
	if w.RuleAction.Stated {
		if _, err := ParseRuleAction(w.RuleAction.Text); err != nil {
			add("rule_action: %s", err)
		}
	}
	switch protocol, err := ParseProtocol(w.Protocol.Text); {
	case w.Protocol.Unknown:
	case w.Protocol.absent():
		add("has no protocol: write \"tcp\", another name or number, or \"-1\" for all protocols")
	case err != nil:
		add("protocol: %s", err)
	default:
		problems = append(problems, w.portProblems(protocol)...)
	}
	return append(problems, w.networkProblems()...)
}

func (w WrittenEntry) portProblems(protocol Protocol) []string {
	ports := []namedNumber{{"from_port", w.FromPort}, {"to_port", w.ToPort}}
	types := []namedNumber{{"icmp_type", w.ICMPType}, {"icmp_code", w.ICMPCode}}
	switch protocol {
	case TCP, UDP:
		return slices.Concat(
			foreign(types, fmt.Sprintf("has %%s, which only icmp has: for %s write from_port and to_port", protocol)),
			lacking(ports, fmt.Sprintf("has no %%s: for %s write from_port and to_port, 0 and 65535 for all ports", protocol)),
			w.rangeProblems(),
		)
	case ICMP, ICMPv6:
		return slices.Concat(
			foreign(ports, fmt.Sprintf("has %%s, which %s does not have: write icmp_type and icmp_code, for example 3 and 4, or -1 for all", protocol)),
			lacking(types, fmt.Sprintf("has no %%s: for %s write icmp_type and icmp_code, -1 for all", protocol)),
			w.typeProblems(),
		)
	default:
		name := "protocol " + string(protocol)
		if protocol == AllProtocols {
			name = "protocol -1 (all protocols)"
		}
		return slices.Concat(
			foreign(ports, "has %s, and AWS ignores ports with "+name+": leave it out, or write the protocol that the ports are of"),
			foreign(types, "has %s, and AWS ignores ICMP types with "+name+": leave it out, or write protocol \"icmp\""),
		)
	}
}

type namedNumber struct {
	name string
	WrittenNumber
}

// foreign reports those numbers that are there.
func foreign(numbers []namedNumber, format string) []string {
	return reportNumbers(numbers, format, func(n WrittenNumber) bool { return n.Stated })
}

// lacking reports those numbers that are not there.
func lacking(numbers []namedNumber, format string) []string {
	return reportNumbers(numbers, format, WrittenNumber.absent)
}

// reportNumbers puts the names of the numbers into one problem.
func reportNumbers(numbers []namedNumber, format string, is func(WrittenNumber) bool) []string {
	var names []string
	for _, n := range numbers {
		if is(n.WrittenNumber) {
			names = append(names, n.name)
		}
	}
	if len(names) == 0 {
		return nil
	}
	return []string{fmt.Sprintf(format, strings.Join(names, " and "))}
}

func (w WrittenEntry) rangeProblems() []string {
	var problems []string
	for _, n := range []namedNumber{{"from_port", w.FromPort}, {"to_port", w.ToPort}} {
		if n.Stated && (n.Number < 0 || n.Number > LastEphemeralPort) {
			problems = append(problems, fmt.Sprintf("%s is %d: ports go from 0 to 65535", n.name, n.Number))
		}
	}
	if w.FromPort.Stated && w.ToPort.Stated && w.FromPort.Number > w.ToPort.Number && len(problems) == 0 {
		problems = append(problems, fmt.Sprintf("from_port is %d, above to_port %d: did you mean from_port %d and to_port %d?",
			w.FromPort.Number, w.ToPort.Number, w.ToPort.Number, w.FromPort.Number))
	}
	return problems
}

func (w WrittenEntry) typeProblems() []string {
	var problems []string
	for _, n := range []namedNumber{{"icmp_type", w.ICMPType}, {"icmp_code", w.ICMPCode}} {
		if n.Stated && (n.Number < -1 || n.Number > 255) {
			problems = append(problems, fmt.Sprintf("%s is %d: it goes from 0 to 255, or is -1 for all", n.name, n.Number))
		}
	}
	if w.ICMPType.Stated && w.ICMPType.Number == -1 && w.ICMPCode.Stated && w.ICMPCode.Number != -1 && len(problems) == 0 {
		problems = append(problems, fmt.Sprintf("icmp_code is %d with icmp_type -1: all types go with all codes, write icmp_code = -1", w.ICMPCode.Number))
	}
	return problems
}

func (w WrittenEntry) networkProblems() []string {
	var problems []string
	switch {
	case w.CIDRBlock.absent() && w.IPv6CIDRBlock.absent():
		return []string{"names no network: write cidr_block or ipv6_cidr_block, for example cidr_block = \"0.0.0.0/0\""}
	case w.CIDRBlock.Stated && w.IPv6CIDRBlock.Stated:
		problems = append(problems, "has cidr_block and ipv6_cidr_block: write two entries, one for each")
	}
	if w.CIDRBlock.Stated {
		if _, err := parseEntryNetwork(w.CIDRBlock.Text, true); err != nil {
			problems = append(problems, fmt.Sprintf("cidr_block: %s", err))
		}
	}
	if w.IPv6CIDRBlock.Stated {
		if _, err := parseEntryNetwork(w.IPv6CIDRBlock.Text, false); err != nil {
			problems = append(problems, fmt.Sprintf("ipv6_cidr_block: %s", err))
		}
	}
	if protocol, err := ParseProtocol(w.Protocol.Text); w.Protocol.Stated && err == nil && protocol == ICMPv6 && w.CIDRBlock.Stated && !w.IPv6CIDRBlock.Stated {
		problems = append(problems, "has cidr_block with protocol icmpv6, which only IPv6 packets have: write ipv6_cidr_block, or protocol \"icmp\"")
	}
	return problems
}

// parseEntryNetwork reads a network of one family without host bits.
func parseEntryNetwork(text string, v4 bool) (netip.Prefix, error) {
	prefix, err := netip.ParsePrefix(text)
	if v4 {
		if err == nil && !prefix.Addr().Is4() {
			return prefix, fmt.Errorf("%q is an IPv6 network: write it as ipv6_cidr_block", text)
		}
		return ParseCIDR(text)
	}
	switch {
	case err != nil:
		if addr, addrErr := netip.ParseAddr(text); addrErr == nil && addr.Is6() {
			return prefix, fmt.Errorf("%q is an address, not a CIDR block: did you mean %q?", text, text+"/128")
		}
		return prefix, fmt.Errorf("%q is not a CIDR block: write an IPv6 network such as \"2001:db8::/32\"", text)
	case prefix.Addr().Is4() || prefix.Addr().Is4In6():
		return prefix, fmt.Errorf("%q is an IPv4 network: write it as cidr_block", text)
	case prefix.Masked() != prefix:
		return prefix, fmt.Errorf("%q has host bits set, which EC2 would drop: did you mean %q?", text, prefix.Masked())
	case prefix.String() != text:
		return prefix, fmt.Errorf("%q is not in the form that EC2 stores: did you mean %q?", text, prefix)
	}
	return prefix, nil
}

// ContentKnown tells whether all attributes but the rule number are known.
func (w WrittenEntry) ContentKnown() bool {
	for _, t := range []WrittenText{w.RuleAction, w.Protocol, w.CIDRBlock, w.IPv6CIDRBlock} {
		if t.Unknown {
			return false
		}
	}
	for _, n := range []WrittenNumber{w.FromPort, w.ToPort, w.ICMPType, w.ICMPCode} {
		if n.Unknown {
			return false
		}
	}
	return true
}

// Entry is what is known of the entry, and whether it denies. It is whole when
// there are no [WrittenEntry.Problems] and the entry is known; a number that is
// left out is 0.
func (w WrittenEntry) Entry() (entry Entry, deny bool) {
	entry.Number, entry.Direction = w.RuleNumber.Number, w.Direction
	if protocol, err := ParseProtocol(w.Protocol.Text); err == nil {
		entry.Protocol = protocol
	}
	switch entry.Protocol {
	case TCP, UDP:
		entry.From, entry.To = w.FromPort.Number, w.ToPort.Number
	case ICMP, ICMPv6:
		entry.From, entry.To = w.ICMPType.Number, w.ICMPCode.Number
	default:
		entry.From, entry.To = -1, -1
	}
	for _, text := range []WrittenText{w.CIDRBlock, w.IPv6CIDRBlock} {
		if prefix, err := netip.ParsePrefix(text.Text); err == nil {
			entry.Peer = CIDRPeer(prefix)
		}
	}
	return entry, w.RuleAction.Text == "deny"
}

// ParseRuleAction reads "allow" or "deny".
func ParseRuleAction(text string) (deny bool, err error) {
	switch text {
	case "allow":
		return false, nil
	case "deny":
		return true, nil
	}
	for meant, spellings := range map[string][]string{"allow": {"allow", "permit", "accept"}, "deny": {"deny", "drop", "reject", "block"}} {
		if slices.Contains(spellings, strings.ToLower(text)) {
			return false, fmt.Errorf("%q is neither \"allow\" nor \"deny\": did you mean %q?", text, meant)
		}
	}
	return false, fmt.Errorf("%q is neither \"allow\" nor \"deny\"", text)
}

// ParseProtocol reads a protocol as hashicorp/aws takes it: a name of the IANA
// list, a number from 0 to 255, or "all" or "-1". The result has the form that
// rules have: a name for TCP, UDP, ICMP and ICMPv6, "-1" for all, else a number.
func ParseProtocol(text string) (Protocol, error) {
	if number, known := protocolNumbers()[text]; known {
		return protocolOf(number), nil
	}
	number, err := strconv.Atoi(text)
	switch {
	case err == nil && strconv.Itoa(number) != text:
		return "", fmt.Errorf("%q is not in the form that AWS knows: did you mean %q?", text, strconv.Itoa(number))
	case err == nil && number >= -1 && number <= 255:
		return protocolOf(number), nil
	case err == nil:
		return "", fmt.Errorf("%q is not a protocol: protocol numbers go from 0 to 255, and -1 is all protocols", text)
	}
	if meant := closestProtocol(strings.ToLower(text)); meant != "" {
		return "", fmt.Errorf("%q is not a protocol: did you mean %q?", text, meant)
	}
	return "", fmt.Errorf("%q is not a protocol that is known here: write \"tcp\", \"udp\", \"icmp\", \"icmpv6\", the number of another protocol, or \"-1\" for all", text)
}

func protocolOf(number int) Protocol {
	switch number {
	case 6:
		return TCP
	case 17:
		return UDP
	case 1:
		return ICMP
	case 58:
		return ICMPv6
	default:
		return Protocol(strconv.Itoa(number))
	}
}

// protocolNumbers are the names of the protocols that are in use, as the IANA
// list "Assigned Internet Protocol Numbers" spells them.
func protocolNumbers() map[string]int {
	return map[string]int{
		"all": -1, "-1": -1, "hopopt": 0, "icmp": 1, "igmp": 2, "ggp": 3, "ipv4": 4, "st": 5, "tcp": 6, "cbt": 7, "egp": 8, "igp": 9,
		"pup": 12, "udp": 17, "hmp": 20, "xns-idp": 22, "rdp": 27, "dccp": 33, "ipv6": 41, "ipv6-route": 43, "ipv6-frag": 44, "idrp": 45,
		"rsvp": 46, "gre": 47, "esp": 50, "ah": 51, "ipv6-icmp": 58, "icmpv6": 58, "ipv6-nonxt": 59, "ipv6-opts": 60, "eigrp": 88,
		"ospfigp": 89, "ospf": 89, "ipip": 94, "etherip": 97, "encap": 98, "pim": 103, "ipcomp": 108, "vrrp": 112, "pgm": 113, "l2tp": 115,
		"isis": 124, "sctp": 132, "fc": 133, "udplite": 136, "mpls-in-ip": 137, "manet": 138, "shim6": 140, "wesp": 141, "rohc": 142,
	}
}

// closestProtocol is the one of the usual protocols that a misspelt name is
// closest to: the same letters in another order or case, or one letter apart.
func closestProtocol(text string) string {
	letters := func(s string) string { return string(slices.Sorted(slices.Values([]byte(s)))) }
	for _, name := range []string{"tcp", "udp", "icmp", "icmpv6", "all"} {
		if letters(name) == letters(text) || oneLetterApart(name, text) {
			return name
		}
	}
	return ""
}

// oneLetterApart tells whether two words differ by one letter too many, too few
// or wrong.
func oneLetterApart(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > 1 {
		return false
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	if len(a) == len(b) {
		return i < len(a) && a[i+1:] == b[i+1:]
	}
	return a[i:] == b[i+1:]
}
