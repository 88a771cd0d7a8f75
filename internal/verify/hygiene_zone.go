// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package verify

import (
	"fmt"
	"slices"
)

// zonesWithoutSubnet are the zones of instances in which the load balancer has no
// subnet. Its instances there are out of service, with cross-zone load balancing
// and without. Source: "Add or remove subnets", Elastic Load Balancing user guide.
func (p Path) zonesWithoutSubnet() []Finding {
	var zones []string
	for _, subnet := range p.Subnets {
		if subnet.Zone == "" {
			return nil
		}
		zones = append(zones, subnet.Zone)
	}
	if len(zones) == 0 {
		return nil
	}
	slices.Sort(zones)
	missing := map[string][]string{}
	var order []string
	for _, instance := range p.Instances {
		zone := p.InstanceSubnets[instance.Subnet].Zone
		if zone == "" || slices.Contains(zones, zone) {
			continue
		}
		name := instance.ID
		if name == "" {
			name = "those in " + instance.Subnet
		}
		if missing[zone] == nil {
			order = append(order, zone)
		}
		if !slices.Contains(missing[zone], name) {
			missing[zone] = append(missing[zone], name)
		}
	}
	if len(order) == 0 {
		return nil
	}
	slices.Sort(order)
	finding := Finding{ID: ZoneWithoutSubnet, Nature: Hygiene}
	for _, zone := range order {
		if finding.Sentence != "" {
			finding.Sentence += " "
		}
		finding.Sentence += fmt.Sprintf("%s has no subnet in availability zone %s, so AWS keeps its instances there out of service: %s.",
			capital(p.LoadBalancer.Label()), zone, someOf(missing[zone]))
	}
	finding.Fix = fmt.Sprintf("Add a subnet of %s to subnets of aws_elb, or keep the instances in %s.", zoneWords(order), zoneWords(slices.Compact(zones)))
	return []Finding{finding}
}

func zoneWords(zones []string) string {
	if len(zones) == 1 {
		return "availability zone " + zones[0]
	}
	return "availability zones " + and(zones)
}

// someOf lists the first few of many words.
func someOf(words []string) string {
	const few = 5
	if len(words) <= few {
		return and(words)
	}
	return and(append(slices.Clone(words[:few]), fmt.Sprintf("%d more", len(words)-few)))
}
