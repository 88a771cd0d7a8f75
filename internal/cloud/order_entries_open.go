// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"maps"
	"math/big"
	"slices"

	"github.com/terraform-clb/terraform-provider-clb/internal/packet"
)

// closedRegion is what does not pass. Its boxes do not overlap.
type closedRegion packet.Region

// size counts the packets, to compare one region with another.
func (r closedRegion) size() float64 {
	total := 0.0
	for _, box := range r {
		first, last := new(big.Int).SetBytes(box.Addresses.First.AsSlice()), new(big.Int).SetBytes(box.Addresses.Last.AsSlice())
		addresses, _ := new(big.Float).SetInt(last.Sub(last, first)).Float64()
		ports := 1 + float64(box.Traffic.Last) - float64(box.Traffic.First)
		protocols := 1 + float64(box.Traffic.LastProtocol) - float64(box.Traffic.FirstProtocol)
		total += protocols * ports * (1 + addresses)
	}
	return total
}

func everyPacket() packet.Region {
	return packet.Region{{Traffic: packet.AllTraffic(), Addresses: packet.Anywhere()}}
}

// openOf is what entries of one direction let pass; it is not sound if there is
// one that AWS could not have.
func openOf(entries map[int]NetworkACLEntry) (open packet.Region, sound bool) {
	acl, err := filterOf(entries)
	if err != nil {
		return nil, false
	}
	return packet.Boxes(acl.Permits(everyPacket(), nil)), true
}

func filterOf(entries map[int]NetworkACLEntry) (*packet.NetworkACL, error) {
	var list []packet.Entry
	for _, number := range slices.Sorted(maps.Keys(entries)) {
		entry := entries[number]
		action := packet.Allow
		if entry.Deny {
			action = packet.Deny
		}
		list = append(list, packet.Entry{Number: number, Action: action, Rule: packet.Rule{
			Protocol: string(entry.Protocol), From: entry.From, To: entry.To, Peer: packet.Peer{CIDR: entry.Peer.CIDR},
		}})
	}
	return packet.NewNetworkACL(list)
}
