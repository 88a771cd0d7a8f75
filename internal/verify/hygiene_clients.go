// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package verify

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/terraform-clb/terraform-provider-clb/internal/packet"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// fewerClients tells who is admitted to a listener, where nobody has declared who
// its clients are and not all of those are admitted whom the table names.
func (p Path) fewerClients(refused []int) []Finding {
	carried := groupIDs(p.LoadBalancer.SecurityGroups)
	groups := p.seen(carried)
	if len(groups) < len(carried) || len(groups) == 0 {
		return nil
	}
	f, err := newGroupFilter(wiring.Ingress, groups)
	if err != nil || f.unseen() != "" {
		return nil
	}
	filters := []*filter{f}
	roles := p.roles()
	for _, id := range slices.Sorted(maps.Keys(roles)) {
		acl, seen := p.ACLs[id]
		if !seen || acl.Unseen != "" || !slices.Contains(roles[id], LoadBalancerSubnet) {
			continue
		}
		if f, err := newACLFilter(wiring.Ingress, acl); err == nil {
			filters = append(filters, f)
		}
	}
	var sentences []string
	for _, port := range p.LoadBalancer.LBPorts() {
		if slices.Contains(refused, port) {
			continue
		}
		if p.ClientsDeclared && p.LoadBalancer.Only([]int{port}).DeclaresEveryClient() {
			continue
		}
		for _, f := range filters {
			if who := p.admitted(f, port); who != "" {
				sentences = append(sentences, fmt.Sprintf("%s admits to tcp %d of %s only %s.", capital(f.name()), port, p.LoadBalancer.Label(), who))
			}
		}
	}
	if len(sentences) == 0 {
		return nil
	}
	source := "0.0.0.0/0"
	if p.LoadBalancer.Internal {
		source = "the networks of the VPC (" + wiring.FormatCIDRs(p.VPC) + ")"
	}
	return []Finding{{
		ID: FewerClientsAdmitted, Nature: FewerClients, About: f.about(),
		Sentence: strings.Join(sentences, " ") + " AWS recommends " + source + " where no clients are declared.",
		Fix:      "If these are all clients, declare them in clients, so that they are proved and nobody else is admitted unnoticed.",
	}}
}

// admitted says whom a filter admits to a listener, if that is somebody but not
// all whom the table names. Nobody is a finding of its own.
func (p Path) admitted(f *filter, port int) string {
	table := packet.Region{{Addresses: onlyIPv4()}}
	if p.LoadBalancer.Internal {
		table = cidrRegion(p.VPC)
	}
	for i := range table {
		table[i].Traffic = tcpPort(port)
	}
	if f.judge(table).Verdict != packet.Refuted {
		return ""
	}
	var who []string
	within := packet.Region{{Traffic: tcpPort(port), Addresses: packet.Anywhere()}}
	for _, box := range packet.Boxes(f.permits(within, nil)).Without(nil) {
		if box.Addresses.First.Is6() {
			continue
		}
		words := strings.TrimPrefix(openWords(f.direction, box), fmt.Sprintf("tcp %d from ", port))
		if !slices.Contains(who, words) {
			who = append(who, words)
		}
	}
	return someOf(who)
}
