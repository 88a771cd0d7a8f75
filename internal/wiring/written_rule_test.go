// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package wiring

import (
	"net/netip"
	"strings"
	"testing"
)

func stated(text string) WrittenText { return WrittenText{Text: text, Stated: true} }

func number(n int) WrittenNumber { return WrittenNumber{Number: n, Stated: true} }

// soundRule is a rule without a mistake, with changes.
func soundRule(changes ...func(*WrittenRule)) WrittenRule {
	w := WrittenRule{CIDRIPv4: stated("10.0.0.0/8"), IPProtocol: stated("tcp"), FromPort: number(80), ToPort: number(80)}
	for _, change := range changes {
		change(&w)
	}
	return w
}

// traffic changes the protocol and the ports; nil ports are left out.
func traffic(protocol string, ports ...int) func(*WrittenRule) {
	return func(w *WrittenRule) {
		w.IPProtocol, w.FromPort, w.ToPort = stated(protocol), WrittenNumber{}, WrittenNumber{}
		if len(ports) > 0 {
			w.FromPort = number(ports[0])
		}
		if len(ports) > 1 {
			w.ToPort = number(ports[1])
		}
	}
}

func ipv4(text string) func(*WrittenRule) {
	return func(w *WrittenRule) { w.CIDRIPv4 = stated(text) }
}

func ipv6(text string) func(*WrittenRule) {
	return func(w *WrittenRule) { w.CIDRIPv4, w.CIDRIPv6 = WrittenText{}, stated(text) }
}

func described(text string) func(*WrittenRule) {
	return func(w *WrittenRule) { w.Description = stated(text) }
}

// TestWrittenRuleProblems: each mistake is told by its attribute, with the value,
// the reason and the way out, and nothing else is told.
func TestWrittenRuleProblems(t *testing.T) {
	t.Parallel()
	unknown := WrittenText{Unknown: true}
	for name, test := range map[string]struct {
		rule WrittenRule
		want []string
	}{
		"sound":                    {soundRule(), nil},
		"a letter swapped":         {soundRule(traffic("tpc", 80, 80)), []string{`r.ip_protocol: "tpc" is not a protocol: did you mean "tcp"?`}},
		"a letter missing":         {soundRule(traffic("upd", 80, 80)), []string{`did you mean "udp"?`}},
		"a letter too many":        {soundRule(traffic("icmp6", 8, 0)), []string{`did you mean "icmp`}},
		"all":                      {soundRule(traffic("all")), []string{`did you mean "-1", which is all protocols?`}},
		"an application protocol":  {soundRule(traffic("HTTPS", 443, 443)), []string{`"HTTPS" is not an IP protocol: it runs over TCP, did you mean "tcp"?`}},
		"a protocol by its number": {soundRule(traffic("esp")), []string{`did you mean "50"?`}},
		"no such protocol":         {soundRule(traffic("carrier pigeon")), []string{`write "tcp", "udp", "icmp", "icmpv6"`}},
		"empty protocol":           {soundRule(traffic("")), []string{`r.ip_protocol: "" is not a protocol`}},
		"protocol 256":             {soundRule(traffic("256")), []string{"protocol numbers go from 0 to 255"}},
		"protocol -2":              {soundRule(traffic("-2")), []string{"protocol numbers go from 0 to 255"}},
		"protocol 06":              {soundRule(traffic("06", 1, 1)), []string{`did you mean "6"?`}},
		"no protocol":              {soundRule(func(w *WrittenRule) { w.IPProtocol = WrittenText{} }), []string{"r.ip_protocol: the protocol is missing"}},

		"ports upside down":     {soundRule(traffic("tcp", 90, 80)), []string{"r: from_port 90 is above to_port 80: did you mean from_port = 80 and to_port = 90?"}},
		"port 70000":            {soundRule(traffic("tcp", 80, 70000)), []string{"r.to_port: 70000 is not a port: ports go from 0 to 65535"}},
		"negative port":         {soundRule(traffic("udp", -5, 80)), []string{"r.from_port: -5 is not a port"}},
		"port -1":               {soundRule(traffic("tcp", -1, -1)), []string{"r.from_port: -1 is not a port: ports go from 0 to 65535, and all ports are from_port = 0 and to_port = 65535", "r.to_port: -1"}},
		"no ports":              {soundRule(traffic("tcp")), []string{"r.from_port: a tcp rule needs from_port and to_port", "r.to_port: a tcp rule"}},
		"no last port":          {soundRule(traffic("17", 53)), []string{"r.to_port: a udp rule needs"}},
		"ports of all":          {soundRule(traffic("-1", 80, 80)), []string{`r.from_port: 80 has no effect, because ip_protocol "-1" is every protocol on every port`, "r.to_port: 80"}},
		"port 0 of all":         {soundRule(traffic("-1", 0, 0)), []string{"r.from_port: 0 has no effect", "r.to_port: 0"}},
		"-1 as ports of all":    {soundRule(traffic("-1", -1, -1)), nil},
		"ports of protocol 50":  {soundRule(traffic("50", 80)), []string{"r.from_port: 80 has no effect, because protocol 50 has no ports"}},
		"port 0":                {soundRule(traffic("tcp", 0, 65535)), nil},
		"no ports, protocol 50": {soundRule(traffic("50")), nil},

		"ICMP type 300":          {soundRule(traffic("icmp", 300, -1)), []string{"r.from_port: 300 is not an ICMP type: types go from 0 to 255, -1 is all of them; from_port is the ICMP type"}},
		"ICMP code 256":          {soundRule(traffic("icmp", 3, 256)), []string{"r.to_port: 256 is not an ICMP code"}},
		"ICMP as all ports":      {soundRule(traffic("icmp", 0, 65535)), []string{"r.to_port: 65535 is not an ICMP code"}},
		"ICMP as a range":        {soundRule(traffic("icmp", 0, 255)), []string{"r.to_port: ICMP type 0 has the code 0 only, not 255: from_port is the ICMP type and to_port its code, they are no range of ports. Write to_port = -1"}},
		"ICMP as one port":       {soundRule(traffic("icmp", 8, 8)), []string{"r.to_port: ICMP type 8 has the code 0 only, not 8"}},
		"ICMP as a longer range": {soundRule(traffic("icmp", 3, 255)), []string{"ICMP type 3 has the codes 0 to 15, not 255"}},
		"ICMPv6 as a range":      {soundRule(traffic("icmpv6", 128, 129)), []string{"ICMPv6 type 128 has the code 0 only, not 129"}},
		"every type, one code":   {soundRule(traffic("icmp", -1, 4)), []string{"r.to_port: 4 is a code, and from_port = -1 is every ICMP type"}},
		"ICMP without type":      {soundRule(traffic("1")), []string{"r.from_port: an icmp rule needs the ICMP type in from_port"}},
		"ICMP without code":      {soundRule(traffic("icmp", 8)), []string{"r.to_port: an icmp rule needs the ICMP code in to_port: write to_port = -1"}},
		"fragmentation needed":   {soundRule(traffic("icmp", 3, 4)), nil},
		"echo request":           {soundRule(traffic("icmp", 8, 0)), nil},
		"all of a type":          {soundRule(traffic("icmp", 8, -1)), nil},
		"all ICMP":               {soundRule(traffic("icmp", -1, -1)), nil},
		"a type nobody uses":     {soundRule(traffic("icmp", 200, 7)), nil},
		"all ICMPv6":             {soundRule(traffic("icmpv6")), nil},
		"packet too big":         {soundRule(traffic("58", 2, 0)), nil},
		"ICMPv6 without code":    {soundRule(traffic("icmpv6", 2)), []string{"r.to_port: an icmpv6 rule needs"}},
		"ICMPv6 without type":    {soundRule(func(w *WrittenRule) { w.IPProtocol, w.FromPort = stated("icmpv6"), WrittenNumber{} }), []string{"r.from_port: an icmpv6 rule needs"}},

		"no source":             {soundRule(func(w *WrittenRule) { w.CIDRIPv4 = WrittenText{} }), []string{"r: the rule has no source: set one of cidr_ipv4"}},
		"two sources":           {soundRule(func(w *WrittenRule) { w.PrefixListID = stated("pl-12345678") }), []string{"r: the rule has 2 sources, cidr_ipv4 and prefix_list_id: a rule has exactly one"}},
		"host bits":             {soundRule(ipv4("10.0.1.5/16")), []string{`r.cidr_ipv4: "10.0.1.5/16" has host bits set, which EC2 would drop: did you mean "10.0.0.0/16"?`}},
		"host bits of IPv6":     {soundRule(ipv6("2001:db8::1/32")), []string{`r.cidr_ipv6: "2001:db8::1/32" has host bits set, which EC2 would drop: did you mean "2001:db8::/32"?`}},
		"an address":            {soundRule(ipv4("10.0.0.1")), []string{`"10.0.0.1" is an address, not a CIDR block: did you mean "10.0.0.1/32"?`}},
		"no CIDR":               {soundRule(ipv4("not-a-cidr")), []string{`r.cidr_ipv4: "not-a-cidr" is not a CIDR block: write a network such as "10.0.0.0/16"`}},
		"IPv6 in cidr_ipv4":     {soundRule(ipv4("2001:db8::/32")), []string{`r.cidr_ipv4: "2001:db8::/32" is an IPv6 network: write it as cidr_ipv6 instead of cidr_ipv4`}},
		"IPv4 in cidr_ipv6":     {soundRule(ipv6("10.0.0.0/8")), []string{`r.cidr_ipv6: "10.0.0.0/8" is an IPv4 network: write it as cidr_ipv4 instead of cidr_ipv6`}},
		"IPv4 mapped":           {soundRule(ipv6("::ffff:10.0.0.0/104")), []string{"write it as cidr_ipv4"}},
		"another spelling":      {soundRule(ipv6("2001:DB8::/32")), []string{`did you mean "2001:db8::/32"?`}},
		"group id":              {soundRule(peered("sg-xyz")), []string{`r.referenced_security_group_id: "sg-xyz" is not a security group id`}},
		"group of no account":   {soundRule(peered("12/sg-12345678")), []string{"12-digit account id"}},
		"group of an account":   {soundRule(peered("123456789012/sg-12345678")), nil},
		"prefix list id":        {soundRule(func(w *WrittenRule) { w.CIDRIPv4, w.PrefixListID = WrittenText{}, stated("sg-12345678") }), []string{`r.prefix_list_id: "sg-12345678" is not a prefix list id`}},
		"source not known":      {soundRule(func(w *WrittenRule) { w.CIDRIPv4 = unknown }), nil},
		"another may come":      {soundRule(func(w *WrittenRule) { w.CIDRIPv6 = unknown }), nil},
		"protocol not known":    {soundRule(traffic("", 80), func(w *WrittenRule) { w.IPProtocol = unknown }), nil},
		"last port not known":   {soundRule(traffic("tcp", 90), func(w *WrittenRule) { w.ToPort = WrittenNumber{Unknown: true} }), nil},
		"one port wrong anyway": {soundRule(traffic("tcp", 70000), func(w *WrittenRule) { w.ToPort = WrittenNumber{Unknown: true} }), []string{"r.from_port: 70000"}},

		"ampersand":            {soundRule(described("a & b")), []string{"r.description: the character '&' is not one that EC2 takes in every description"}},
		"umlaut":               {soundRule(described("Büro")), []string{"the character 'ü'"}},
		"line break":           {soundRule(described("a\nb")), []string{`the character '\n'`}},
		"256 characters":       {soundRule(described(strings.Repeat("a", 256))), []string{"r.description: the description has 256 characters, and EC2 takes at most 255"}},
		"255 characters":       {soundRule(described(strings.Repeat("a", 255))), nil},
		"all characters":       {soundRule(described("aZ09 ._-:/()#,@[]+=;{}!$*")), nil},
		"three things at once": {soundRule(traffic("tpc"), ipv4("x"), described("é")), []string{"r.cidr_ipv4", "r.description", "r.ip_protocol"}},
	} {
		got := test.rule.Check(Ingress, "r")
		if len(got) != len(test.want) {
			t.Errorf("%s: got %q", name, got)
			continue
		}
		for i, want := range test.want {
			if !strings.Contains(got[i], want) {
				t.Errorf("%s: got %q, want %q", name, got[i], want)
			}
		}
	}
	if got := soundRule(ipv4("x"), func(w *WrittenRule) { w.CIDRIPv4 = WrittenText{} }).Check(Egress, "r"); !strings.Contains(strings.Join(got, ""), "no destination") {
		t.Errorf("outbound: %q", got)
	}
}

func peered(group string) func(*WrittenRule) {
	return func(w *WrittenRule) { w.CIDRIPv4, w.ReferencedSecurityGroupID = WrittenText{}, stated(group) }
}

// TestWrittenRuleInOneForm: whatever the spelling, a rule is the rule that AWS stores.
func TestWrittenRuleInOneForm(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		rule WrittenRule
		want string
	}{
		{soundRule(traffic("6", 80, 81)), "tcp 80-81 from 10.0.0.0/8"},
		{soundRule(traffic("TCP", 80, 80)), "tcp 80 from 10.0.0.0/8"},
		{soundRule(traffic("17", 53, 53)), "udp 53 from 10.0.0.0/8"},
		{soundRule(traffic("1", 3, 4)), "icmp 3/4 from 10.0.0.0/8"},
		{soundRule(traffic("58")), "icmpv6 -1/-1 from 10.0.0.0/8"},
		{soundRule(traffic("-1")), "all traffic from 10.0.0.0/8"},
		{soundRule(traffic("-1", -1, -1)), "all traffic from 10.0.0.0/8"},
		{soundRule(traffic("50")), "protocol 50 from 10.0.0.0/8"},
		{soundRule(ipv6("2001:db8::/32")), "tcp 80 from 2001:db8::/32"},
		{soundRule(peered("sg-12345678")), "tcp 80 from sg-12345678"},
		{soundRule(func(w *WrittenRule) { w.CIDRIPv4, w.PrefixListID = WrittenText{}, stated("pl-12345678") }), "tcp 80 from pl-12345678"},
	} {
		if got := test.rule.Rule(Ingress); got.Key() != test.want || !test.rule.Known() {
			t.Errorf("got %q, want %q", got.Key(), test.want)
		}
	}
	all, spelled := soundRule(traffic("-1")).Rule(Egress), soundRule(traffic("-1", -1, -1)).Rule(Egress)
	if !all.Same(spelled) || all.Peer.CIDR != netip.MustParsePrefix("10.0.0.0/8") {
		t.Errorf("%+v and %+v", all, spelled)
	}
	for name, change := range map[string]func(*WrittenRule){
		"peer":     func(w *WrittenRule) { w.CIDRIPv6.Unknown = true },
		"protocol": func(w *WrittenRule) { w.IPProtocol = WrittenText{Unknown: true} },
		"port":     func(w *WrittenRule) { w.ToPort = WrittenNumber{Unknown: true} },
	} {
		if soundRule(change).Known() {
			t.Errorf("%s: known", name)
		}
	}
	if !soundRule(func(w *WrittenRule) { w.Description.Unknown = true }).Known() {
		t.Error("the description counts")
	}
}
