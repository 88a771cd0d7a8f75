// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package packet

import (
	"net/netip"
	"strconv"
)

// This file decides single packets by reading the rules one by one, as the
// Amazon VPC user guide tells it. It shares no code with the rest of the package,
// which it serves to check, and so it neither parses nor cuts anything with the
// functions of other files.

// ScanGroup tells whether the rules of security groups let a packet pass: Proved,
// Refuted, or Undecided if that depends on what is unknown. The rule is the first
// that lets it pass, by its place in the list, or NoRule.
func ScanGroup(rules []Rule, p Packet) (verdict Verdict, rule int) {
	verdict, rule = Refuted, NoRule
	for i, r := range rules {
		switch scanRule(r, p) {
		case scanYes:
			return Proved, i
		case scanMaybe:
			verdict = Undecided
		}
	}
	return verdict, rule
}

// ScanACL tells whether the entries of a network ACL let a packet pass: Proved,
// Refuted, or Undecided if that depends on what is unknown. The entry is the one
// that certainly decides if none before it does, by its place in the list, or
// NoRule for the final "*".
func ScanACL(entries []Entry, p Packet) (verdict Verdict, entry int) {
	mayPass, mayStop := false, false
	last := -1 << 62
	for {
		// The entry with the lowest number that has not had its turn.
		entry = NoRule
		for i := range entries {
			if n := entries[i].Number; n > last && (entry == NoRule || n < entries[entry].Number) {
				entry = i
			}
		}
		if entry == NoRule {
			mayStop = true
			break
		}
		last = entries[entry].Number
		match := scanRule(entries[entry].Rule, p)
		if match == scanNo {
			continue
		}
		switch unknown := entries[entry].Unknown&ActionField != 0; {
		case unknown:
			mayPass, mayStop = true, true
		case entries[entry].Action == Allow:
			mayPass = true
		default:
			mayStop = true
		}
		if match == scanYes {
			break
		}
	}
	switch {
	case mayPass && mayStop:
		return Undecided, entry
	case mayPass:
		return Proved, entry
	default:
		return Refuted, entry
	}
}

// The answers to "does this rule match?", the least sure of several winning over
// yes, and no over all.
const (
	scanNo = iota
	scanMaybe
	scanYes
)

func scanRule(r Rule, p Packet) int {
	return min(scanTraffic(r, p), scanPeer(r, p))
}

func scanTraffic(r Rule, p Packet) int {
	if r.Unknown&ProtocolField != 0 {
		return scanMaybe
	}
	if r.Protocol == "-1" {
		return scanYes
	}
	number := 0
	switch r.Protocol {
	case "tcp":
		number = 6
	case "udp":
		number = 17
	case "icmp":
		number = 1
	case "icmpv6":
		number = 58
	default:
		n, err := strconv.Atoi(r.Protocol)
		if err != nil {
			return scanNo
		}
		number = n
	}
	if number != p.Protocol {
		return scanNo
	}
	var matches bool
	switch number {
	case 6, 17:
		matches = r.From <= p.Port && p.Port <= r.To
	case 1, 58:
		matches = (r.From == -1 || r.From == p.Type) && (r.To == -1 || r.To == p.Code)
		// An ICMPv6 rule about an IPv4 network is about every message.
		if number == 58 && scanIPv4(r, p) {
			return scanYes
		}
		if number == 58 && !matches && r.Unknown&(PeerField|NetworksField) != 0 {
			return scanMaybe
		}
	default:
		return scanYes
	}
	switch {
	case r.Unknown&PortsField != 0:
		return scanMaybe
	case matches:
		return scanYes
	default:
		return scanNo
	}
}

// scanIPv4 tells whether the rule is known to reach the packet by an IPv4 network.
func scanIPv4(r Rule, p Packet) bool {
	if r.Unknown&(PeerField|GroupField|NetworksField) != 0 || !p.Peer.Is4() {
		return false
	}
	return r.Peer.CIDR.IsValid() && r.Peer.CIDR.Contains(p.Peer) || scanNetworks(r.Peer.Networks, p.Peer)
}

func scanPeer(r Rule, p Packet) int {
	switch {
	case r.Unknown&GroupField != 0:
		if len(p.MemberOf) == 0 {
			return scanNo
		}
		return scanMaybe
	case r.Unknown&PeerField != 0:
		return scanMaybe
	case r.Peer.SecurityGroup != "" || r.Peer.PrefixList != "":
		for _, name := range p.MemberOf {
			if name != "" && (name == r.Peer.SecurityGroup || name == r.Peer.PrefixList) {
				return scanYes
			}
		}
		if r.Peer.PrefixList == "" {
			return scanNo
		}
		if r.Unknown&NetworksField != 0 {
			return scanMaybe
		}
		if scanNetworks(r.Peer.Networks, p.Peer) {
			return scanYes
		}
		return scanNo
	case r.Peer.CIDR.Contains(p.Peer):
		return scanYes
	default:
		return scanNo
	}
}

func scanNetworks(networks []netip.Prefix, address netip.Addr) bool {
	for _, network := range networks {
		if network.Contains(address) {
			return true
		}
	}
	return false
}
