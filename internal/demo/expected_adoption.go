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

func adoptionWarnings() []string { return nil }

func stillOpenWarnings() []string { return nil }

func lockDownWarnings() []string { return nil }

// lockDownChanges are what the plan shows that closes the ports.
func lockDownChanges() []string {
	return []string{
		`clb_instance_ingress_rules.web unmanaged_rules ~ "keep" -> "revoke_broader"`,
		`clb_instance_ingress_rules.web revoked_rules + "sgr-port-8081"`,
		`clb_instance_ingress_rules.web revoked_rules + "sgr-port-8443"`,
	}
}
