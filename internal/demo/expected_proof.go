// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package main

// The entry of somebody else, at first and after the fix, and what it goes before.
const (
	denyEverybody     = "instance-subnets-acl in  90   deny tcp 8081 from 0.0.0.0/0"
	denyPeeredNetwork = "instance-subnets-acl in  90   deny tcp 8081 from 172.16.0.0/16"
	allowHealthCheck  = "instance-subnets-acl in  1020 allow tcp 8081 from 10.0.0.0/16"
)

// proofRules are an entry of somebody else and the rules that AWS recommends for
// the load balancer, written out by hand from the sources of recommendedRules.
func proofRules(others string) []string {
	return []string{
		"lb-group             in  tcp 80 from 0.0.0.0/0",
		"lb-group             in  tcp 443 from 0.0.0.0/0",
		"lb-group             out tcp 8080 to instance-group",
		"lb-group             out tcp 8081 to instance-group",
		"lb-group             out tcp 8443 to instance-group",
		"instance-group       in  icmp 3/4 from lb-group",
		"instance-group       in  tcp 8080 from lb-group",
		"instance-group       in  tcp 8081 from lb-group",
		"instance-group       in  tcp 8443 from lb-group",
		"lb-subnets-acl       in  100  allow tcp 80 from 0.0.0.0/0",
		"lb-subnets-acl       in  110  allow tcp 443 from 0.0.0.0/0",
		"lb-subnets-acl       in  120  allow tcp 1024-65535 from 10.0.0.0/16",
		"lb-subnets-acl       out 100  allow tcp 8080 to 10.0.0.0/16",
		"lb-subnets-acl       out 110  allow tcp 8443 to 10.0.0.0/16",
		"lb-subnets-acl       out 120  allow tcp 8081 to 10.0.0.0/16",
		"lb-subnets-acl       out 130  allow tcp 1024-65535 to 0.0.0.0/0",
		others,
		"instance-subnets-acl in  1000 allow tcp 8080 from 10.0.0.0/16",
		"instance-subnets-acl in  1010 allow tcp 8443 from 10.0.0.0/16",
		allowHealthCheck,
		"instance-subnets-acl out 1000 allow tcp 1024-65535 to 10.0.0.0/16",
	}
}

// pathMTURules are the entries that AWS recommends for Path MTU Discovery.
func pathMTURules() []string {
	return []string{
		"lb-subnets-acl       in  130  allow icmp 3/4 from 0.0.0.0/0",
		"lb-subnets-acl       out 140  allow icmp 3/4 to 0.0.0.0/0",
		"instance-subnets-acl in  1030 allow icmp 3/4 from 10.0.0.0/16",
		"instance-subnets-acl out 1010 allow icmp 3/4 to 10.0.0.0/16",
	}
}

// pathMTUChanges are the changes of a plan that adds them.
func pathMTUChanges() []string {
	return []string{
		"clb_network_acl_entries.load_balancer_subnets path_mtu_discovery ~ false -> true",
		`clb_network_acl_entries.load_balancer_subnets ingress + "icmp 3/4 from 0.0.0.0/0"`,
		`clb_network_acl_entries.load_balancer_subnets egress + "icmp 3/4 to 0.0.0.0/0"`,
		"clb_network_acl_entries.instance_subnets path_mtu_discovery ~ false -> true",
		`clb_network_acl_entries.instance_subnets ingress + "icmp 3/4 from 10.0.0.0/16"`,
		`clb_network_acl_entries.instance_subnets egress + "icmp 3/4 to 10.0.0.0/16"`,
	}
}

// refusal is the error of the plan that changes the network ACL.
const refusal = `Error: Health check cannot reach the instances (CLB103)

  with clb_network_acl_entries.instance_subnets,
  on provider.tf line 36, in resource "clb_network_acl_entries" "instance_subnets":
  36:   network_acl_id  = "instance-subnets-acl"

health check tcp/8081 from "my-loadbalancer" is refused by network ACL
instance-subnets-acl inbound rule 90 (deny tcp 8081 from 0.0.0.0/0): e.g.
10.0.0.4 -> an instance, tcp 8081.

All that is refused: tcp 8081 from 10.0.0.0/16.

Nearest rule: network ACL instance-subnets-acl inbound rule 1020 (allow tcp
8081 from 10.0.0.0/16) would admit it, but rule 90 goes before it.

Fix: Remove or narrow inbound rule 90 of instance-subnets-acl, or admit tcp
8081 from 10.0.0.0/16 with a rule number below 90.

AWS recommends: network ACL of the instances' private subnets: inbound from
the VPC CIDR on the health check port.

To get past this error once, run with CLB_ENFORCEMENT=advisory in the
environment, or plan everything else with -target.`

// refutedWarnings are what a plan says that changes nothing while the health
// check is refused, as far as the first paragraph of each.
func refutedWarnings() []string {
	return []string{
		`Warning: Health check cannot reach the instances (CLB103)

health check tcp/8081 from "my-loadbalancer" is refused by network ACL
instance-subnets-acl inbound rule 90 (deny tcp 8081 from 0.0.0.0/0): e.g.
10.0.0.4 -> an instance, tcp 8081.`,
	}
}

// refutedReport is the report while the health check is refused, with one line of
// the table for each flow. Its packet goes from and to the first address that AWS
// leaves free in a subnet.
const refutedReport = `## Load balancer "my-loadbalancer": refuted

Of the 7 flows that this internet-facing load balancer needs, 6 get through with every packet and 1 does not.

| Flow | Verdict | Load balancer group | ACL of its subnets | ACL of the instances' subnets | Instance group | Refused packet |
|---|---|---|---|---|---|---|
| client to listener on tcp 80 | proved | proved | proved | – | – |  |
| client to listener on tcp 443 | proved | proved | proved | – | – |  |
| reply to clients | proved | – | proved | – | – |  |
| load balancer to instance port on tcp 8080 | proved | proved | proved | proved | proved |  |
| load balancer to instance port on tcp 8443 | proved | proved | proved | proved | proved |  |
| health check on tcp 8081 | **refuted** | proved | proved | **refuted** by instance-subnets-acl inbound rule 90 | proved | ` + "`10.0.1.4 -> 10.0.3.4:8081`" + ` |
| reply of instances | proved | – | proved | proved | – |  |
| Path MTU Discovery | **refuted** | – | **refuted** by lb-subnets-acl outbound rule \* and inbound rule \* | **refuted** by instance-subnets-acl inbound rule \* and outbound rule \* | proved | ` + "`10.0.1.4 -> 10.0.3.4, icmp 3/4`" + ` |

### Errors

#### Health check cannot reach the instances (CLB103)

Health check tcp/8081 from "my-loadbalancer" is refused by network ACL instance-subnets-acl inbound rule 90 (deny tcp 8081 from 0.0.0.0/0): e.g. 10.0.1.4 -> 10.0.3.4:8081. This is the traffic from lb-subnet-a to instance-subnet-a and from lb-subnet-b to instance-subnet-b.

- All that is refused: tcp 8081 from 10.0.1.0/24; tcp 8081 from 10.0.2.0/24
- Nearest rule: network ACL instance-subnets-acl inbound rule 1020 (allow tcp 8081 from 10.0.0.0/16) would admit it, but rule 90 goes before it.
- Fix: Remove or narrow inbound rule 90 of instance-subnets-acl, or admit tcp 8081 from 10.0.1.0/24 and tcp 8081 from 10.0.2.0/24 with rule numbers below 90.
- AWS recommends: network ACL of the instances' private subnets: inbound from the VPC CIDR on the health check port
`

// provedReport is the report at the end.
const provedReport = `## Load balancer "my-loadbalancer": proved

Of the 7 flows that this internet-facing load balancer needs, all get through, with every packet.

| Flow | Verdict | Load balancer group | ACL of its subnets | ACL of the instances' subnets | Instance group |
|---|---|---|---|---|---|
| client to listener on tcp 80 | proved | proved | proved | – | – |
| client to listener on tcp 443 | proved | proved | proved | – | – |
| reply to clients | proved | – | proved | – | – |
| load balancer to instance port on tcp 8080 | proved | proved | proved | proved | proved |
| load balancer to instance port on tcp 8443 | proved | proved | proved | proved | proved |
| health check on tcp 8081 | proved | proved | proved | proved | proved |
| reply of instances | proved | – | proved | proved | – |
| Path MTU Discovery | proved | – | proved | proved | proved |
`
