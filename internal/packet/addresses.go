// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package packet

import (
	"net/netip"
)

// Addresses is an interval of addresses, both ends included. IPv4 addresses come
// before IPv6 addresses and are no part of them.
type Addresses struct {
	First, Last netip.Addr
}

// CIDR is the addresses of a network. Host bits are ignored, as EC2 does.
func CIDR(network netip.Prefix) Addresses {
	if !network.IsValid() {
		return Addresses{}
	}
	first := network.Masked().Addr()
	if first.Is4() {
		bytes := first.As4()
		fill(bytes[:], network.Bits())
		return Addresses{First: first, Last: netip.AddrFrom4(bytes)}
	}
	bytes := first.As16()
	fill(bytes[:], network.Bits())
	return Addresses{First: first, Last: netip.AddrFrom16(bytes)}
}

// fill sets all bits from one on.
func fill(bytes []byte, from int) {
	for i := from / 8; i < len(bytes); i++ {
		bytes[i] |= 0xff >> max(0, from-8*i)
	}
}

// Anywhere is every IPv4 and every IPv6 address.
func Anywhere() Addresses {
	return Addresses{First: netip.IPv4Unspecified(), Last: lastIPv6()}
}

func lastIPv4() netip.Addr { return netip.AddrFrom4([4]byte{255, 255, 255, 255}) }

func lastIPv6() netip.Addr {
	return netip.AddrFrom16([16]byte{255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255})
}

// Contains tells whether an address lies within.
func (a Addresses) Contains(address netip.Addr) bool {
	return a.First.Compare(address) <= 0 && address.Compare(a.Last) <= 0
}

// Network is the addresses as a network, if they are one.
func (a Addresses) Network() (netip.Prefix, bool) {
	if !a.valid() {
		return netip.Prefix{}, false
	}
	for bits := range a.First.BitLen() + 1 {
		network := netip.PrefixFrom(a.First, bits)
		if CIDR(network) == a {
			return network, true
		}
	}
	return netip.Prefix{}, false
}

// String is "10.0.0.0/8", "10.0.0.4-10.0.0.9", "203.0.113.7" or "any address".
func (a Addresses) String() string {
	switch {
	case !a.valid():
		return "no address"
	case a == Anywhere():
		return "any address"
	case a.First == a.Last:
		return a.First.String()
	case a.First.Is4() && a.Last.Is6():
		four := Addresses{First: a.First, Last: lastIPv4()}
		six := Addresses{First: netip.IPv6Unspecified(), Last: a.Last}
		return four.String() + " and " + six.String()
	}
	if network, ok := a.Network(); ok {
		return network.String()
	}
	return a.First.String() + "-" + a.Last.String()
}

// valid tells whether there is an address within.
func (a Addresses) valid() bool {
	return a.First.IsValid() && a.First.Zone() == "" && a.Last.Zone() == "" && a.First.Compare(a.Last) <= 0
}

func (a Addresses) overlaps(o Addresses) bool {
	return a.First.Compare(o.Last) <= 0 && o.First.Compare(a.Last) <= 0
}

func (a Addresses) contains(o Addresses) bool {
	return a.First.Compare(o.First) <= 0 && o.Last.Compare(a.Last) <= 0
}

// intersect is what is in both; they overlap.
func (a Addresses) intersect(o Addresses) Addresses {
	if o.First.Compare(a.First) > 0 {
		a.First = o.First
	}
	if o.Last.Compare(a.Last) < 0 {
		a.Last = o.Last
	}
	return a
}

// next is the address after one that is not the last of all.
func next(a netip.Addr) netip.Addr {
	if n := a.Next(); n.IsValid() || a.Is6() {
		return n
	}
	return netip.IPv6Unspecified()
}

// previous is the address before one that is not the first of all.
func previous(a netip.Addr) netip.Addr {
	if p := a.Prev(); p.IsValid() || a.Is4() {
		return p
	}
	return lastIPv4()
}
