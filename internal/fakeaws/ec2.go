// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package fakeaws

import "maps"

// ec2Operations gathers the EC2 operations of all nouns.
func ec2Operations() map[string]operation {
	all := map[string]operation{}
	for _, noun := range []map[string]operation{
		vpcOperations(),
		subnetOperations(),
		routeTableOperations(),
		securityGroupOperations(),
		securityGroupRuleOperations(),
		networkACLOperations(),
		instanceOperations(),
		networkInterfaceOperations(),
		prefixListOperations(),
		tagOperations(),
	} {
		maps.Copy(all, noun)
	}
	return all
}
