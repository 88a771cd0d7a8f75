// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// protocolNamed is the protocol by its name where EC2 has one. Security groups
// speak of "tcp" and network ACLs of "6"; either may be met on both. Source:
// IpPermission and NetworkAclEntry, Amazon EC2 API reference.
func protocolNamed(text string) wiring.Protocol {
	switch text {
	case "6":
		return wiring.TCP
	case "17":
		return wiring.UDP
	case "1":
		return wiring.ICMP
	case "58":
		return wiring.ICMPv6
	case "":
		return "-1"
	default:
		return wiring.Protocol(text)
	}
}

// protocolNumber is the protocol as network ACLs have it.
func protocolNumber(p wiring.Protocol) string {
	switch p {
	case wiring.TCP:
		return "6"
	case wiring.UDP:
		return "17"
	case wiring.ICMP:
		return "1"
	case wiring.ICMPv6:
		return "58"
	default:
		return string(p)
	}
}

// hasPorts tells whether From and To of a rule are ports.
func hasPorts(p wiring.Protocol) bool { return p == wiring.TCP || p == wiring.UDP }

// hasTypes tells whether From and To of a rule are an ICMP type and code.
func hasTypes(p wiring.Protocol) bool { return p == wiring.ICMP || p == wiring.ICMPv6 }

// portsOf gives From and To of a rule one form: those that are not told, or told
// as -1, are all of them, and a protocol that has none gets -1, whatever was told
// with it. AWS ignores ports there too.
func portsOf(p wiring.Protocol, from, to *int32) (int, int) {
	first, last := -1, -1
	if (hasPorts(p) || hasTypes(p)) && from != nil {
		first = int(*from)
	}
	if (hasPorts(p) || hasTypes(p)) && to != nil {
		last = int(*to)
	}
	if hasPorts(p) && first == -1 && last == -1 {
		return 0, 65535
	}
	return first, last
}
