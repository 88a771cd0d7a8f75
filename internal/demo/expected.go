// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package main

// recommendedRules are the rules that AWS recommends for both load balancers,
// written out by hand. Sources: "Configure security groups for your Classic
// Load Balancer", "Configure network ACLs for your Classic Load Balancer" and
// the same for instances, Elastic Load Balancing user guide.
func recommendedRules() []string {
	return []string{
		"lb-group             in  tcp 80 from 0.0.0.0/0",
		"lb-group             in  tcp 443 from 0.0.0.0/0",
		"lb-group             out tcp 8080 to instance-group",
		"lb-group             out tcp 8081 to instance-group",
		"lb-group             out tcp 8443 to instance-group",
		"internal-lb-group    in  tcp 3000 from 10.0.0.0/16",
		"internal-lb-group    in  tcp 3000 from 10.1.0.0/16",
		"internal-lb-group    out tcp 3000 to instance-group",
		"internal-lb-group    out tcp 8081 to instance-group",
		"instance-group       in  icmp 3/4 from internal-lb-group",
		"instance-group       in  icmp 3/4 from lb-group",
		"instance-group       in  tcp 3000 from internal-lb-group",
		"instance-group       in  tcp 8080 from lb-group",
		"instance-group       in  tcp 8081 from internal-lb-group",
		"instance-group       in  tcp 8081 from lb-group",
		"instance-group       in  tcp 8443 from lb-group",
		"lb-subnets-acl       in  100  allow tcp 80 from 0.0.0.0/0",
		"lb-subnets-acl       in  110  allow tcp 443 from 0.0.0.0/0",
		"lb-subnets-acl       in  120  allow tcp 1024-65535 from 10.0.0.0/16",
		"lb-subnets-acl       in  130  allow tcp 1024-65535 from 10.1.0.0/16",
		"lb-subnets-acl       in  140  allow tcp 3000 from 10.0.0.0/16",
		"lb-subnets-acl       in  150  allow tcp 3000 from 10.1.0.0/16",
		"lb-subnets-acl       out 100  allow tcp 8080 to 10.0.0.0/16",
		"lb-subnets-acl       out 110  allow tcp 8080 to 10.1.0.0/16",
		"lb-subnets-acl       out 120  allow tcp 8443 to 10.0.0.0/16",
		"lb-subnets-acl       out 130  allow tcp 8443 to 10.1.0.0/16",
		"lb-subnets-acl       out 140  allow tcp 8081 to 10.0.0.0/16",
		"lb-subnets-acl       out 150  allow tcp 8081 to 10.1.0.0/16",
		"lb-subnets-acl       out 160  allow tcp 1024-65535 to 0.0.0.0/0",
		"lb-subnets-acl       out 170  allow tcp 3000 to 10.0.0.0/16",
		"lb-subnets-acl       out 180  allow tcp 3000 to 10.1.0.0/16",
		"lb-subnets-acl       out 190  allow tcp 1024-65535 to 10.0.0.0/16",
		"lb-subnets-acl       out 200  allow tcp 1024-65535 to 10.1.0.0/16",
		"instance-subnets-acl in  1000 allow tcp 8080 from 10.0.0.0/16",
		"instance-subnets-acl in  1010 allow tcp 8080 from 10.1.0.0/16",
		"instance-subnets-acl in  1020 allow tcp 8443 from 10.0.0.0/16",
		"instance-subnets-acl in  1030 allow tcp 8443 from 10.1.0.0/16",
		"instance-subnets-acl in  1040 allow tcp 8081 from 10.0.0.0/16",
		"instance-subnets-acl in  1050 allow tcp 8081 from 10.1.0.0/16",
		"instance-subnets-acl in  1060 allow tcp 3000 from 10.0.0.0/16",
		"instance-subnets-acl in  1070 allow tcp 3000 from 10.1.0.0/16",
		"instance-subnets-acl out 1000 allow tcp 1024-65535 to 10.0.0.0/16",
		"instance-subnets-acl out 1010 allow tcp 1024-65535 to 10.1.0.0/16",
	}
}

// newListenerRules are the rules that AWS recommends in addition for a listener
// 8088 -> 8090 of the internet-facing load balancer. The entries take the next
// free numbers.
func newListenerRules() []string {
	return []string{
		"lb-group             in  tcp 8088 from 0.0.0.0/0",
		"lb-group             out tcp 8090 to instance-group",
		"instance-group       in  tcp 8090 from lb-group",
		"lb-subnets-acl       in  160  allow tcp 8088 from 0.0.0.0/0",
		"lb-subnets-acl       out 210  allow tcp 8090 to 10.0.0.0/16",
		"lb-subnets-acl       out 220  allow tcp 8090 to 10.1.0.0/16",
		"instance-subnets-acl in  1080 allow tcp 8090 from 10.0.0.0/16",
		"instance-subnets-acl in  1090 allow tcp 8090 from 10.1.0.0/16",
	}
}

// newListenerChanges are the changes of a plan that follows the new listener.
func newListenerChanges() []string {
	const listener = ` load_balancers[0].listener + {"instance_port":8090,"lb_port":8088}`
	return []string{
		"clb_load_balancer_rules.web" + listener,
		`clb_load_balancer_rules.web ingress + "tcp 8088 from 0.0.0.0/0"`,
		`clb_load_balancer_rules.web egress + "tcp 8090 to instance-group"`,
		"clb_instance_ingress_rules.instances" + listener,
		`clb_instance_ingress_rules.instances ingress + "tcp 8090 from lb-group"`,
		"clb_network_acl_entries.load_balancer_subnets" + listener,
		`clb_network_acl_entries.load_balancer_subnets ingress + "tcp 8088 from 0.0.0.0/0"`,
		`clb_network_acl_entries.load_balancer_subnets egress + "tcp 8090 to 10.0.0.0/16"`,
		`clb_network_acl_entries.load_balancer_subnets egress + "tcp 8090 to 10.1.0.0/16"`,
		"clb_network_acl_entries.instance_subnets" + listener,
		`clb_network_acl_entries.instance_subnets ingress + "tcp 8090 from 10.0.0.0/16"`,
		`clb_network_acl_entries.instance_subnets ingress + "tcp 8090 from 10.1.0.0/16"`,
		"output network_acl_entries",
		"output security_group_rules",
	}
}
