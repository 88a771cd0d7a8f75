// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package verify

import (
	"fmt"
	"strings"

	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// defaultGroups are the groups of load balancers that AWS made for everything:
// a VPC's default group, which admits its own members alone until someone opens it
// for something else, and default_elb_…, which all load balancers share that were
// made without groups of their own. Source: "Security groups for your Classic
// Load Balancer", Elastic Load Balancing user guide.
func defaultGroups(groups []Group) []Finding {
	var sentences []string
	about := ""
	for _, group := range groups {
		var what string
		switch {
		case group.Name == "default":
			what = "is the default group of its VPC, which whatever starts there without a group carries as well"
		case strings.HasPrefix(group.Name, "default_elb_"):
			what = "is the group that AWS shares among all load balancers made without a group, and is open for the ports of them all"
		default:
			continue
		}
		if about == "" {
			about = group.ID
		}
		sentences = append(sentences, fmt.Sprintf("The load balancer carries %s (%s), which %s.", group.ID, group.Name, what))
	}
	if len(sentences) == 0 {
		return nil
	}
	return []Finding{{
		ID: DefaultGroup, Nature: Hygiene, About: about, Sentence: strings.Join(sentences, " "),
		Fix: "Give the load balancer a group of its own, with security_groups of aws_elb or with clb_load_balancer_security_groups.",
	}}
}

// otherVPC are groups of another VPC than the load balancer's, which AWS refuses to
// attach. Without a VPC the groups are held against the first that is known.
func otherVPC(groups []Group, vpc, whose string) []Finding {
	var sentences []string
	about, first := "", ""
	for _, group := range groups {
		switch {
		case group.VPCID == "" || group.VPCID == vpc:
			continue
		case vpc == "":
			vpc, first = group.VPCID, group.ID
			continue
		}
		if about == "" {
			about = group.ID
		}
		if first != "" {
			whose = "that of " + first
		} else if len(sentences) == 0 {
			whose = "that of " + whose
		}
		sentences = append(sentences, fmt.Sprintf("Security group %s is of %s, and not of %s, %s.", group.ID, group.VPCID, vpc, whose))
	}
	if len(sentences) == 0 {
		return nil
	}
	return []Finding{{
		ID: OtherVPC, Nature: Hygiene, About: about,
		Sentence: strings.Join(sentences, " ") + " A load balancer and its instances carry groups of one VPC only.",
		Fix:      "Take a group of the load balancer's VPC, or make one there. A group that was looked up by its name may be that of another VPC: look it up by id.",
	}}
}

// loadBalancersWords names one load balancer, or several without their names.
func loadBalancersWords(lbs []wiring.LoadBalancer) string {
	if len(lbs) == 1 {
		return lbs[0].Label()
	}
	return "the load balancers"
}

// controllerGroups are groups whose rules a Kubernetes controller writes.
func controllerGroups(groups []Group) []Finding {
	var sentences []string
	about := ""
	for _, group := range groups {
		if group.Controller == "" {
			continue
		}
		if about == "" {
			about = group.ID
		}
		sentences = append(sentences, fmt.Sprintf("Security group %s is owned by the controller of the Kubernetes cluster %q, which adds and removes rules as it sees fit.", group.ID, group.Controller))
	}
	if len(sentences) == 0 {
		return nil
	}
	return []Finding{{
		ID: ControllerGroup, Nature: Hygiene, About: about, Sentence: strings.Join(sentences, " "),
		Fix: "Keep the rules in a group of your own: in Kubernetes, annotate the service with service.beta.kubernetes.io/aws-load-balancer-extra-security-groups.",
	}}
}
