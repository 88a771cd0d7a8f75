// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package verify

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// Differs tells in what the live load balancer is not as it is declared: scheme,
// listener ports and health check port, as far as rules depend on them.
func Differs(declared, live wiring.LoadBalancer) []Finding {
	var differences []string
	add := func(format string, args ...any) { differences = append(differences, fmt.Sprintf(format, args...)) }
	if declared.Internal != live.Internal {
		add("it is %s, declared is %s", schemeWords(live), schemeWords(declared))
	}
	var missing, undeclared []string
	for _, port := range declared.LBPorts() {
		switch there, here := instancePort(live, port), instancePort(declared, port); {
		case there == 0:
			missing = append(missing, fmt.Sprint(port))
		case there != here:
			add("its listener on tcp %d forwards to instance port %d, declared is %d", port, there, here)
		}
	}
	for _, port := range live.LBPorts() {
		if !declared.HasListener(port) {
			undeclared = append(undeclared, fmt.Sprint(port))
		}
	}
	if len(missing) > 0 {
		add("it has no listener on tcp %s", someOf(missing))
	}
	if len(undeclared) > 0 {
		add("its listener on tcp %s is not declared", someOf(undeclared))
	}
	if declared.HealthCheck != nil && live.HealthCheck != nil && declared.HealthCheck.Port != live.HealthCheck.Port {
		add("it checks health on tcp %d, declared is %d", live.HealthCheck.Port, declared.HealthCheck.Port)
	}
	if len(differences) == 0 {
		return nil
	}
	return []Finding{{
		ID: LoadBalancerDiffers, Nature: LiveDiffers,
		Sentence: fmt.Sprintf("The live %s is not as it is declared: %s.", declared.Label(), strings.Join(differences, "; ")),
		Fix:      "Rules are made and judged for what is declared. Take the value from aws_elb, or from data.clb_load_balancer, so that there is one source; if this run changes the load balancer, nothing is to be done.",
	}}
}

func instancePort(lb wiring.LoadBalancer, lbPort int) int {
	for _, l := range lb.Listeners {
		if l.LBPort == lbPort {
			return l.InstancePort
		}
	}
	return 0
}

func schemeWords(lb wiring.LoadBalancer) string {
	if lb.Internal {
		return "internal"
	}
	return "internet-facing"
}

// VPCNotDeclared tells which networks of the live VPC no declared network contains.
func VPCNotDeclared(declared, live []netip.Prefix, vpcID string) []Finding {
	known := cidrRegion(declared)
	var missing []netip.Prefix
	for _, network := range live {
		if len(cidrRegion([]netip.Prefix{network}).Without(known)) > 0 {
			missing = append(missing, network)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	verb := "is"
	if len(missing) > 1 {
		verb = "are"
	}
	return []Finding{{
		ID: VPCCIDRMissing, Nature: Hygiene, About: vpcID,
		Sentence: fmt.Sprintf("%s has %s, which %s not in vpc_cidr_blocks: no rule is made and nothing is proved for what is there.", capital(vpcWords(vpcID)), wiring.FormatCIDRs(missing), verb),
		Fix:      fmt.Sprintf("Add %s to vpc_cidr_blocks, or take vpc_cidr_blocks from data.clb_load_balancer.", wiring.FormatCIDRs(missing)),
	}}
}

func vpcWords(id string) string {
	if id == "" {
		return "the VPC"
	}
	return "VPC " + id
}
