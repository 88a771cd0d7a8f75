// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package wiring

import "strings"

// The comments of the AWS tables. They are the descriptions of the security
// group rules that are created, so they stay within the characters and the 255
// bytes that EC2 takes in a description.
const (
	commentAllOnListener        = "Allow all inbound traffic on the load balancer listener port"
	commentVPCOnListener        = "Allow inbound traffic from the VPC CIDR on the load balancer listener port"
	commentClientOnListener     = "Allow inbound traffic from a declared client on the load balancer listener port"
	commentToInstance           = "Allow outbound traffic to instances on the instance listener port"
	commentToHealthCheck        = "Allow outbound traffic to instances on the health check port"
	commentFromLBInstance       = "Allow traffic from the load balancer on the instance listener port"
	commentFromLBHealthCheck    = "Allow traffic from the load balancer on the health check port"
	commentPathMTU              = "Allow ICMP fragmentation needed for Path MTU Discovery"
	commentPing                 = "Allow ping requests to the load balancer"
	commentEphemeralIn          = "Allow inbound traffic on the ephemeral ports"
	commentEphemeralOut         = "Allow outbound traffic on the ephemeral ports"
	commentInstanceSubnetIn     = "Allow inbound traffic on the instance listener port"
	commentInstanceSubnetHealth = "Allow inbound traffic on the health check port"
)

// joinComments puts the comments of two coinciding rows into one description:
// "… on the instance listener port and … on the health check port". A comment
// that is already there is not repeated.
func joinComments(a, b string) string {
	if b == "" || strings.Contains(a, b) {
		return a
	}
	if a == "" {
		return b
	}
	const limit = 255
	if joined := a + "; " + b; len(joined) <= limit {
		return joined
	}
	return a
}
