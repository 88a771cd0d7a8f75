// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package packet

import (
	"fmt"
	"strconv"
)

// The IP protocols that have ports, or types and codes. Source: "Protocol
// Numbers", IANA.
const (
	icmp   uint8 = 1
	tcp    uint8 = 6
	udp    uint8 = 17
	icmpv6 uint8 = 58
)

// The last of each kind; all of them start at 0.
const (
	lastProtocol = 255
	lastPort     = 65535
	lastType     = 255
	lastCode     = 255
)

// Traffic is a set of packets by protocol and destination port.
type Traffic struct {
	// FirstProtocol and LastProtocol are IP protocol numbers.
	FirstProtocol, LastProtocol uint8
	// First and Last are the destination ports of TCP and UDP. Of ICMP and
	// ICMPv6 they are type*256+code, so that one type with all its codes is an
	// interval. Every other protocol, and several protocols together, have
	// 0 and 65535.
	First, Last uint16
}

// TCP is the TCP traffic to the ports first to last.
func TCP(first, last uint16) Traffic {
	return Traffic{FirstProtocol: tcp, LastProtocol: tcp, First: first, Last: last}
}

// UDP is the UDP traffic to the ports first to last.
func UDP(first, last uint16) Traffic {
	return Traffic{FirstProtocol: udp, LastProtocol: udp, First: first, Last: last}
}

// ICMP is the ICMP messages of one type and code.
func ICMP(icmpType, code uint8) Traffic {
	message := uint16(icmpType)<<8 | uint16(code)
	return Traffic{FirstProtocol: icmp, LastProtocol: icmp, First: message, Last: message}
}

// AllTraffic is every protocol with all its ports.
func AllTraffic() Traffic { return Traffic{LastProtocol: lastProtocol, Last: lastPort} }

// ParseTraffic reads protocol, from and to as EC2 writes them in a security group
// rule or a network ACL entry. The protocol is "tcp", "udp", "icmp", "icmpv6", a
// number from 0 to 255, or "-1" for all. Ports are those of TCP and UDP, and must
// be a range; of ICMP and ICMPv6 they are a type and a code, -1 for all; of any
// other protocol they are ignored.
func ParseTraffic(protocol string, from, to int) (Traffic, error) {
	number, err := protocolNumber(protocol)
	if err != nil {
		return Traffic{}, err
	}
	if number == -1 {
		return AllTraffic(), nil
	}
	all := allPorts(uint8(number))
	switch uint8(number) {
	case tcp, udp:
		return portRange(all, from, to)
	case icmp, icmpv6:
		return messages(all, from, to)
	default:
		return all, nil
	}
}

// allPorts is a protocol with all its ports.
func allPorts(protocol uint8) Traffic {
	return Traffic{FirstProtocol: protocol, LastProtocol: protocol, Last: lastPort}
}

// protocolNumber is the number of a protocol, or -1 for all.
func protocolNumber(protocol string) (int, error) {
	switch protocol {
	case "tcp":
		return int(tcp), nil
	case "udp":
		return int(udp), nil
	case "icmp":
		return int(icmp), nil
	case "icmpv6":
		return int(icmpv6), nil
	}
	number, err := strconv.Atoi(protocol)
	if err != nil || number < -1 || number > lastProtocol {
		return 0, fmt.Errorf("protocol %q: write tcp, udp, icmp, icmpv6, a protocol number from 0 to 255, or -1 for all", protocol)
	}
	return number, nil
}

func portRange(t Traffic, from, to int) (Traffic, error) {
	if from < 0 || to > lastPort || from > to {
		return Traffic{}, fmt.Errorf("ports %d to %d of %s: ports go from 0 to 65535, the lower one first", from, to, protocolName(t.FirstProtocol))
	}
	t.First, t.Last = uint16(from), uint16(to)
	return t, nil
}

func messages(t Traffic, icmpType, code int) (Traffic, error) {
	name := protocolName(t.FirstProtocol)
	switch {
	case icmpType < -1 || icmpType > lastType || code < -1 || code > lastCode:
		return Traffic{}, fmt.Errorf("%s type %d code %d: types and codes go from 0 to 255, or are -1 for all", name, icmpType, code)
	case icmpType == -1 && code != -1:
		return Traffic{}, fmt.Errorf("%s type -1 code %d: type -1 is all types and needs code -1", name, code)
	case icmpType == -1:
		return t, nil
	case code == -1:
		t.First, t.Last = uint16(icmpType)<<8, uint16(icmpType)<<8|lastCode
	default:
		t.First = uint16(icmpType)<<8 | uint16(code)
		t.Last = t.First
	}
	return t, nil
}

// valid tells whether the fields describe some packets.
func (t Traffic) valid() bool { return t.FirstProtocol <= t.LastProtocol && t.First <= t.Last }

func (t Traffic) overlaps(o Traffic) bool {
	return t.First <= o.Last && o.First <= t.Last &&
		t.FirstProtocol <= o.LastProtocol && o.FirstProtocol <= t.LastProtocol
}

func (t Traffic) contains(o Traffic) bool {
	return t.First <= o.First && o.Last <= t.Last &&
		t.FirstProtocol <= o.FirstProtocol && o.LastProtocol <= t.LastProtocol
}

// intersect is what is in both; they overlap.
func (t Traffic) intersect(o Traffic) Traffic {
	return Traffic{
		FirstProtocol: max(t.FirstProtocol, o.FirstProtocol), LastProtocol: min(t.LastProtocol, o.LastProtocol),
		First: max(t.First, o.First), Last: min(t.Last, o.Last),
	}
}

// String is the traffic in a reader's words: "tcp 80", "tcp 1024-65535",
// "icmp 3/4", "icmp 8" (all codes), "udp", "protocols 7-255", "all protocols".
func (t Traffic) String() string {
	if t.FirstProtocol != t.LastProtocol {
		if t == AllTraffic() {
			return "all protocols"
		}
		return fmt.Sprintf("protocols %d-%d", t.FirstProtocol, t.LastProtocol)
	}
	name := protocolName(t.FirstProtocol)
	switch {
	case t.First == 0 && t.Last == lastPort:
		return name
	case t.FirstProtocol == icmp || t.FirstProtocol == icmpv6:
		return name + " " + messageText(t.First, t.Last)
	case t.First == t.Last:
		return fmt.Sprintf("%s %d", name, t.First)
	default:
		return fmt.Sprintf("%s %d-%d", name, t.First, t.Last)
	}
}

func protocolName(number uint8) string {
	switch number {
	case icmp:
		return "icmp"
	case tcp:
		return "tcp"
	case udp:
		return "udp"
	case icmpv6:
		return "icmpv6"
	default:
		return fmt.Sprintf("protocol %d", number)
	}
}

// messageText writes an interval of ICMP messages: the end of a type, whole
// types, the start of a type, such as "3/5-255, 4-10, 11/0".
func messageText(first, last uint16) string {
	text := ""
	for at := uint32(first); at <= uint32(last); {
		icmpType := at >> 8
		end := min(icmpType<<8|lastCode, uint32(last))
		if text != "" {
			text += ", "
		}
		switch code, lastOf := at&lastCode, end&lastCode; {
		case code == 0 && lastOf == lastCode:
			if whole := (uint32(last) + 1) >> 8; whole > icmpType+1 {
				text += fmt.Sprintf("%d-%d", icmpType, whole-1)
				end = whole<<8 - 1
			} else {
				text += strconv.Itoa(int(icmpType))
			}
		case code == lastOf:
			text += fmt.Sprintf("%d/%d", icmpType, code)
		default:
			text += fmt.Sprintf("%d/%d-%d", icmpType, code, lastOf)
		}
		at = end + 1
	}
	return text
}
