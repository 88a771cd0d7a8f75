// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package wiring

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// WrittenRule is a security group rule as a user writes it, with the fields of
// the EC2 API.
type WrittenRule struct {
	CIDRIPv4, CIDRIPv6, PrefixListID, ReferencedSecurityGroupID WrittenText
	IPProtocol                                                  WrittenText
	FromPort, ToPort                                            WrittenNumber
	Description                                                 WrittenText
}

// Check refuses what EC2 would refuse, and what it would take and do something
// else with than what is written. It says of each problem which attribute has
// it, beginning with name: `ingress["office"].cidr_ipv4: …`. What is not known
// yet is not judged.
func (w WrittenRule) Check(d Direction, name string) (problems []string) {
	say := func(attribute, format string, args ...any) {
		if attribute != "" {
			attribute = "." + attribute
		}
		problems = append(problems, name+attribute+": "+fmt.Sprintf(format, args...))
	}
	w.checkPeer(d, say)
	if w.Description.Stated {
		if err := CheckDescription(w.Description.Text); err != nil {
			say("description", "%s", err)
		}
	}
	switch {
	case w.IPProtocol.absent():
		say("ip_protocol", `the protocol is missing: write ip_protocol = "tcp", or "-1" for all protocols`)
	case w.IPProtocol.Stated:
		protocol, err := ParseGroupProtocol(w.IPProtocol.Text)
		if err != nil {
			say("ip_protocol", "%s", err)
			break
		}
		w.checkPorts(protocol, say)
	}
	return problems
}

// say reports a problem of an attribute, or of the whole rule.
type say func(attribute, format string, args ...any)

func (w WrittenRule) checkPeer(d Direction, say say) {
	peer := "source"
	if d == Egress {
		peer = "destination"
	}
	open := false
	var stated []string
	for _, attribute := range []struct {
		name  string
		text  WrittenText
		check func(string) error
	}{
		{"cidr_ipv4", w.CIDRIPv4, func(text string) error { _, err := parseNetwork(text, false); return err }},
		{"cidr_ipv6", w.CIDRIPv6, func(text string) error { _, err := parseNetwork(text, true); return err }},
		{"prefix_list_id", w.PrefixListID, CheckPrefixListID},
		{"referenced_security_group_id", w.ReferencedSecurityGroupID, CheckGroupPeer},
	} {
		switch {
		case attribute.text.Unknown:
			open = true
		case attribute.text.Stated:
			stated = append(stated, attribute.name)
			if err := attribute.check(attribute.text.Text); err != nil {
				say(attribute.name, "%s", err)
			}
		}
	}
	switch {
	case len(stated) == 0 && !open:
		say("", "the rule has no %s: set one of cidr_ipv4, cidr_ipv6, prefix_list_id and referenced_security_group_id", peer)
	case len(stated) > 1:
		say("", "the rule has %d %ss, %s: a rule has exactly one, so write one rule for each", len(stated), peer, joinAnd(stated))
	}
}

func (w WrittenRule) checkPorts(p Protocol, say say) {
	ports := [2]WrittenNumber{w.FromPort, w.ToPort}
	names := [2]string{"from_port", "to_port"}
	switch p {
	case TCP, UDP:
		sound := true
		for i, port := range ports {
			switch {
			case port.absent():
				say(names[i], "a %s rule needs from_port and to_port: write the first and the last port, or 0 and 65535 for all ports", p)
				sound = false
			case port.Stated && (port.Number < 0 || port.Number > 65535):
				fix := ""
				if port.Number == -1 {
					fix = ", and all ports are from_port = 0 and to_port = 65535"
				}
				say(names[i], "%d is not a port: ports go from 0 to 65535%s", port.Number, fix)
				sound = false
			}
		}
		if from, to := w.FromPort, w.ToPort; sound && from.Stated && to.Stated && from.Number > to.Number {
			say("", "from_port %d is above to_port %d: did you mean from_port = %d and to_port = %d?", from.Number, to.Number, to.Number, from.Number)
		}
	case ICMP, ICMPv6:
		w.checkICMP(p, say)
	default:
		for i, port := range ports {
			if port.Stated && port.Number != -1 {
				what := "protocol " + string(p) + " has no ports"
				if p == AllProtocols {
					what = `ip_protocol "-1" is every protocol on every port`
				}
				say(names[i], `%d has no effect, because %s: leave from_port and to_port out, or name the protocol that has the port, such as "tcp"`, port.Number, what)
			}
		}
	}
}

const notARange = "from_port is the ICMP type and to_port its code, they are no range of ports"

func (w WrittenRule) checkICMP(p Protocol, say say) {
	typ, code := w.FromPort, w.ToPort
	if p == ICMPv6 && typ.absent() && code.absent() {
		return
	}
	sound := true
	if typ.absent() {
		say("from_port", "an %s rule needs the ICMP type in from_port and its code in to_port: write -1 and -1 for all of them", p)
		sound = false
	} else if code.absent() {
		say("to_port", "an %s rule needs the ICMP code in to_port: write to_port = -1 for every code of the type", p)
		sound = false
	}
	for i, number := range []WrittenNumber{typ, code} {
		name, what := "from_port", "type"
		if i == 1 {
			name, what = "to_port", "code"
		}
		if number.Stated && (number.Number < -1 || number.Number > 255) {
			say(name, "%d is not an ICMP %s: %ss go from 0 to 255, -1 is all of them; %s", number.Number, what, what, notARange)
			sound = false
		}
	}
	if !sound || !typ.Stated || !code.Stated {
		return
	}
	if typ.Number == -1 {
		if code.Number != -1 {
			say("to_port", "%d is a code, and from_port = -1 is every ICMP type: write to_port = -1 too, or the type that has this code", code.Number)
		}
		return
	}
	if last, known := lastCode(p, typ.Number); known && code.Number > last {
		has := "has the code 0 only"
		if last > 0 {
			has = fmt.Sprintf("has the codes 0 to %d", last)
		}
		say("to_port", "%s type %d %s, not %d: %s. Write to_port = -1 for every code of the type, or from_port = -1 and to_port = -1 for all of %s",
			strings.ToUpper(string(p[:4]))+string(p[4:]), typ.Number, has, code.Number, notARange, p)
	}
}

// lastCode is the highest code of an ICMP type in use. Sources: the IANA
// registries "ICMP Parameters" and "ICMPv6 Parameters".
func lastCode(p Protocol, typ int) (code int, known bool) {
	codes := map[int]int{0: 0, 3: 15, 4: 0, 5: 3, 8: 0, 9: 16, 10: 0, 11: 1, 12: 2, 13: 0, 14: 0}
	if p == ICMPv6 {
		codes = map[int]int{1: 9, 2: 0, 3: 1, 4: 11, 128: 0, 129: 0, 133: 0, 134: 0, 135: 0, 136: 0}
	}
	code, known = codes[typ]
	return code, known
}

// Known tells whether all fields are known, the description aside.
func (w WrittenRule) Known() bool {
	for _, text := range []WrittenText{w.CIDRIPv4, w.CIDRIPv6, w.PrefixListID, w.ReferencedSecurityGroupID, w.IPProtocol} {
		if text.Unknown {
			return false
		}
	}
	return !w.FromPort.Unknown && !w.ToPort.Unknown
}

// Rule is the written rule in the form that AWS stores. It is whole when all of
// it is known and [WrittenRule.Check] finds nothing.
func (w WrittenRule) Rule(d Direction) Rule {
	rule := Rule{Direction: d, From: -1, To: -1, Protocol: Protocol(w.IPProtocol.Text), Comment: w.Description.Text}
	if protocol, err := ParseGroupProtocol(w.IPProtocol.Text); err == nil {
		rule.Protocol = protocol
	}
	switch rule.Protocol {
	case TCP, UDP, ICMP, ICMPv6:
		if w.FromPort.Stated {
			rule.From = w.FromPort.Number
		}
		if w.ToPort.Stated {
			rule.To = w.ToPort.Number
		}
	}
	rule.Peer = Peer{SecurityGroup: w.ReferencedSecurityGroupID.Text, PrefixList: w.PrefixListID.Text}
	for _, text := range []WrittenText{w.CIDRIPv4, w.CIDRIPv6} {
		if cidr, err := netip.ParsePrefix(text.Text); text.Stated && err == nil {
			rule.Peer.CIDR = cidr
		}
	}
	return rule
}

// ParseGroupProtocol reads a protocol as EC2 takes it for security groups: "tcp",
// "udp", "icmp", "icmpv6" in any case, "-1" for all, or a number from 0 to 255.
// A protocol that has a name is returned by its name. Unlike network ACL entries
// in hashicorp/aws, rules take no other names.
func ParseGroupProtocol(text string) (Protocol, error) {
	lower := strings.ToLower(text)
	switch protocol := Protocol(lower); protocol {
	case TCP, UDP, ICMP, ICMPv6:
		return protocol, nil
	}
	number, named := protocolNumbers()[lower]
	_, err := strconv.Atoi(text)
	switch {
	case err == nil:
		return ParseProtocol(text)
	case lower == "all", lower == "any", lower == "*":
		return "", fmt.Errorf(`%q is not a protocol of security group rules: did you mean "-1", which is all protocols?`, text)
	case lower == "http", lower == "https", lower == "ssl", lower == "tls":
		return "", fmt.Errorf(`%q is not an IP protocol: it runs over TCP, did you mean "tcp"?`, text)
	case named:
		return "", fmt.Errorf("%q is a protocol that security group rules take by its number only: did you mean \"%d\"?", text, number)
	}
	if meant := closestProtocol(lower); meant != "" && meant != "all" {
		return "", fmt.Errorf("%q is not a protocol: did you mean %q?", text, meant)
	}
	return "", fmt.Errorf(`%q is not a protocol: write "tcp", "udp", "icmp", "icmpv6", the number of another protocol, or "-1" for all`, text)
}

// CheckDescription refuses what cannot be the description of a security group
// rule: at most 255 characters of those that EC2 takes for every kind of peer.
// Source: IpRange and UserIdGroupPair, Amazon EC2 API reference.
func CheckDescription(text string) error {
	const longest = 255
	for _, letter := range text {
		ascii := letter >= 'a' && letter <= 'z' || letter >= 'A' && letter <= 'Z' || letter >= '0' && letter <= '9'
		if !ascii && !strings.ContainsRune(" ._-:/()#,@[]+=;{}!$*", letter) {
			return fmt.Errorf("the character %q is not one that EC2 takes in every description: write letters without accents, digits, spaces and !#$()*+,-./:;=@[_]{} only", letter)
		}
	}
	if len(text) > longest {
		return fmt.Errorf("the description has %d characters, and EC2 takes at most %d: shorten it", len(text), longest)
	}
	return nil
}

// parseNetwork reads the network of a written rule, which has the family of the
// attribute and no host bits, because EC2 would store another one than is
// written.
func parseNetwork(text string, six bool) (netip.Prefix, error) {
	example, attribute, other := "10.0.0.0/16", "cidr_ipv4", "cidr_ipv6"
	if six {
		example, attribute, other = "2001:db8::/32", other, attribute
	}
	prefix, err := netip.ParsePrefix(text)
	if err != nil {
		if addr, addrErr := netip.ParseAddr(text); addrErr == nil && addr.Zone() == "" {
			return netip.Prefix{}, fmt.Errorf("%q is an address, not a CIDR block: did you mean %q?", text, netip.PrefixFrom(addr, addr.BitLen()))
		}
		return netip.Prefix{}, fmt.Errorf("%q is not a CIDR block: write a network such as %q", text, example)
	}
	switch masked := prefix.Masked(); {
	case prefix.Addr().Is4In6():
		return netip.Prefix{}, fmt.Errorf("%q is an IPv4 network in the clothes of IPv6: write it as cidr_ipv4", text)
	case prefix.Addr().Is6() != six:
		family := map[bool]string{true: "IPv6", false: "IPv4"}[prefix.Addr().Is6()]
		return netip.Prefix{}, fmt.Errorf("%q is an %s network: write it as %s instead of %s", text, family, other, attribute)
	case masked != prefix:
		return netip.Prefix{}, fmt.Errorf("%q has host bits set, which EC2 would drop: did you mean %q?", text, masked)
	case prefix.String() != text:
		return netip.Prefix{}, fmt.Errorf("%q is not in the form that EC2 stores: did you mean %q?", text, prefix)
	}
	return prefix, nil
}

// joinAnd lists words: "a, b and c".
func joinAnd(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}
