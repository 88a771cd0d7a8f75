// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package verify

import (
	"fmt"

	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// noHealthCheck tells that a load balancer has no declared health check. AWS then
// checks a target that it chooses. Source: "Configure health checks for your
// Classic Load Balancer", Elastic Load Balancing user guide.
func noHealthCheck(lbs []wiring.LoadBalancer) []Finding {
	var names []string
	for _, lb := range lbs {
		if lb.HealthCheck == nil && len(lb.Listeners) > 0 {
			names = append(names, lb.Label())
		}
	}
	if len(names) == 0 {
		return nil
	}
	no, their := "has no health check", "its"
	if len(names) > 1 {
		no, their = "have no health check", "their"
	}
	return []Finding{{
		ID: NoHealthCheck, Nature: Hygiene,
		Sentence: fmt.Sprintf("%s %s here, so AWS chooses a target (TCP:80, or the port of the first listener) and no rule is made for %s port.", capital(and(names)), no, their),
		Fix:      `Declare it as in aws_elb: health_check = [{ target = "HTTP:8080/ping" }].`,
	}}
}
