// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package wiring

import (
	"fmt"
	"net/netip"
	"strings"
)

// Everyone is 0.0.0.0/0. A Classic Load Balancer in a VPC speaks IPv4 only.
func Everyone() netip.Prefix { return netip.PrefixFrom(netip.IPv4Unspecified(), 0) }

// ParseCIDR reads an IPv4 network in CIDR notation. It refuses host bits,
// because EC2 would silently store another network than the one written, and
// IPv6, which a Classic Load Balancer never carries.
func ParseCIDR(text string) (netip.Prefix, error) {
	prefix, err := netip.ParsePrefix(text)
	if err != nil {
		switch addr, addrErr := netip.ParseAddr(text); {
		case addrErr == nil && addr.Is4():
			return netip.Prefix{}, fmt.Errorf("%q is an address, not a CIDR block: did you mean %q?", text, text+"/32")
		case addrErr == nil:
			return netip.Prefix{}, fmt.Errorf("%q is an IPv6 address: a Classic Load Balancer in a VPC carries IPv4 only, write an IPv4 network such as \"10.0.0.0/16\"", text)
		}
		return netip.Prefix{}, fmt.Errorf("%q is not a CIDR block: write an IPv4 network such as \"10.0.0.0/16\"", text)
	}
	if !prefix.Addr().Is4() {
		return netip.Prefix{}, fmt.Errorf("%q is an IPv6 CIDR block: a Classic Load Balancer in a VPC carries IPv4 only, write an IPv4 network such as \"10.0.0.0/16\"", text)
	}
	if masked := prefix.Masked(); masked != prefix {
		return netip.Prefix{}, fmt.Errorf("%q has host bits set, which EC2 would drop: did you mean %q?", text, masked)
	}
	if canonical := prefix.String(); canonical != text {
		return netip.Prefix{}, fmt.Errorf("%q is not in the form that EC2 stores: did you mean %q?", text, canonical)
	}
	return prefix, nil
}

// CIDRPeers turns networks into peers, in their order.
func CIDRPeers(cidrs []netip.Prefix) []Peer {
	peers := make([]Peer, 0, len(cidrs))
	for _, cidr := range cidrs {
		peers = append(peers, CIDRPeer(cidr))
	}
	return peers
}

// FormatCIDRs lists networks for a message: "10.0.0.0/16, 10.1.0.0/16".
func FormatCIDRs(cidrs []netip.Prefix) string {
	texts := make([]string, 0, len(cidrs))
	for _, cidr := range cidrs {
		texts = append(texts, cidr.String())
	}
	return strings.Join(texts, ", ")
}
