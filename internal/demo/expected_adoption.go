// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package main

// rulesMadeByHand are what the chapter begins with.
func rulesMadeByHand() []string {
	return []string{
		"lb-group             in  tcp 80 from 0.0.0.0/0",
		"lb-group             in  tcp 443 from 0.0.0.0/0",
		"lb-group             out tcp 8080 to instance-group",
		"lb-group             out tcp 8081 to instance-group",
		"lb-group             out tcp 8443 to instance-group",
		"instance-group       in  tcp 22 from 10.0.0.0/8",
		"instance-group       in  tcp 8080 from lb-group",
		"instance-group       in  tcp 8081 from 0.0.0.0/0",
		"instance-group       in  tcp 8443 from 0.0.0.0/0",
	}
}

// rulesMissing are those that AWS recommends besides.
func rulesMissing() []string {
	return []string{
		"instance-group       in  icmp 3/4 from lb-group",
		"instance-group       in  tcp 8081 from lb-group",
		"instance-group       in  tcp 8443 from lb-group",
	}
}

// rulesLockedDown are what is left in the end: what is recommended, and SSH, which
// is nobody's business here.
func rulesLockedDown() []string {
	return []string{
		"lb-group             in  tcp 80 from 0.0.0.0/0",
		"lb-group             in  tcp 443 from 0.0.0.0/0",
		"lb-group             out tcp 8080 to instance-group",
		"lb-group             out tcp 8081 to instance-group",
		"lb-group             out tcp 8443 to instance-group",
		"instance-group       in  icmp 3/4 from lb-group",
		"instance-group       in  tcp 22 from 10.0.0.0/8",
		"instance-group       in  tcp 8080 from lb-group",
		"instance-group       in  tcp 8081 from lb-group",
		"instance-group       in  tcp 8443 from lb-group",
	}
}

// adoptionWarnings are what the first plan says, as far as the first paragraph of
// each.
func adoptionWarnings() []string {
	return append([]string{
		`Warning: Existing rules are adopted

Security group lb-group has already, and this resource adopts:
inbound "tcp 443 from 0.0.0.0/0" (sgr-lb-in-443), inbound "tcp 80
from 0.0.0.0/0" (sgr-lb-in-80), outbound "tcp 8080 to
instance-group" (sgr-lb-out-8080), outbound "tcp 8081 to
instance-group" (sgr-lb-out-8081), outbound "tcp 8443 to
instance-group" (sgr-lb-out-8443). adopt is "keep", so they stay
when they are no longer wanted or this resource is destroyed. If the same
plan destroys another resource that manages one of them
(aws_vpc_security_group_ingress_rule, aws_vpc_security_group_egress_rule,
aws_security_group_rule or an inline rule of aws_security_group), it will be
gone afterwards: take that resource out of the state instead, with removed {
from = ADDRESS, lifecycle { destroy = false } }.`,
	}, stillOpenWarnings()...)
}

// stillOpenWarnings are what plans say while the ports are open.
func stillOpenWarnings() []string {
	return []string{
		`Warning: Instance group admits more than recommended (CLB203)

Security group instance-group admits tcp 8081 from 0.0.0.0/0, although
only the load balancer's security group has to reach the instances there. One
more of its rules is broader than recommended.`,
	}
}

// lockDownWarnings are what the plan says that closes them.
func lockDownWarnings() []string {
	return []string{
		`Warning: Unmanaged rules are removed

unmanaged_rules is "revoke_broader", so this plan removes rules of security
group instance-group that no resource of this provider owns, after its
own are in place: inbound "tcp 8443 from 0.0.0.0/0" (sgr-instance-8443),
inbound "tcp 8081 from 0.0.0.0/0" (sgr-instance-8081). They do not come
back when this resource is destroyed or unmanaged_rules is changed. To keep
one, write it into additional_ingress (an outbound one into
additional_egress); to keep all, set unmanaged_rules = "keep".`,
	}
}

// lockDownChanges are what the plan shows that closes the ports.
func lockDownChanges() []string {
	return []string{
		`clb_instance_ingress_rules.web unmanaged_rules ~ "keep" -> "revoke_broader"`,
		`clb_instance_ingress_rules.web revoked_rules + "sgr-instance-8081"`,
		`clb_instance_ingress_rules.web revoked_rules + "sgr-instance-8443"`,
	}
}
