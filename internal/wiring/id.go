// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package wiring

import (
	"fmt"
	"strings"
)

// CheckSecurityGroupID refuses what cannot be the id of a security group:
// "sg-" and 8 or 17 hexadecimal digits.
func CheckSecurityGroupID(id string) error {
	return checkID(id, "sg-", "a security group id", "sg-0123456789abcdef0")
}

// CheckNetworkACLID refuses what cannot be the id of a network ACL.
func CheckNetworkACLID(id string) error {
	return checkID(id, "acl-", "a network ACL id", "acl-0123456789abcdef0")
}

// CheckPrefixListID refuses what cannot be the id of a managed prefix list.
func CheckPrefixListID(id string) error {
	return checkID(id, "pl-", "a prefix list id", "pl-0123456789abcdef0")
}

// CheckGroupPeer refuses what cannot name a security group as the peer of a
// rule: a security group id, or "account/sg-…" with the 12 digits of the
// account that owns the group.
func CheckGroupPeer(peer string) error {
	account, id, foreign := strings.Cut(peer, "/")
	if !foreign {
		return CheckSecurityGroupID(peer)
	}
	if owner, _, named := NamedGroup(peer); named && owner == ClassicOwnerAlias {
		return fmt.Errorf("%q is the group of load balancers in EC2-Classic: set source_security_group of clb_instance_ingress_rules instead; in a VPC, name the load balancer's own security group by its id", peer)
	}
	if len(account) != 12 || strings.Trim(account, "0123456789") != "" {
		return fmt.Errorf("%q does not start with a 12-digit account id: write a group of another account as \"123456789012/sg-0123456789abcdef0\"", peer)
	}
	return CheckSecurityGroupID(id)
}

// WithoutAccount drops the account from a group peer when it is the given
// one, so that one group has one spelling.
func WithoutAccount(peer, account string) string {
	if owner, id, foreign := strings.Cut(peer, "/"); foreign && owner == account {
		return id
	}
	return peer
}

// GroupID is the id of a group peer, without the account that may stand in
// front of it. Ids of security groups are unique across accounts; a group that is
// named by its owner and name keeps both.
func GroupID(peer string) string {
	if _, id, foreign := strings.Cut(peer, "/"); foreign && strings.HasPrefix(id, "sg-") {
		return id
	}
	return peer
}

func checkID(id, prefix, what, example string) error {
	digits, ok := strings.CutPrefix(id, prefix)
	if ok && (len(digits) == 8 || len(digits) == 17) && strings.Trim(digits, "0123456789abcdef") == "" {
		return nil
	}
	if ok && strings.Trim(digits, "0123456789abcdefABCDEF") == "" && strings.ToLower(digits) != digits {
		return fmt.Errorf("%q is not %s: ids are written in lower case, did you mean %q?", id, what, strings.ToLower(id))
	}
	return fmt.Errorf("%q is not %s: it has the form %q", id, what, example)
}

// CheckLoadBalancerName refuses what cannot be the name of a Classic Load
// Balancer. Source: CreateLoadBalancer, Elastic Load Balancing API reference,
// version 2012-06-01.
func CheckLoadBalancerName(name string) error {
	const longest = 32
	allowed := strings.Trim(strings.ToLower(name), "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
	if name == "" || len(name) > longest || !allowed || strings.HasPrefix(name, "-") || strings.HasSuffix(name, "-") {
		return fmt.Errorf("%q is not the name of a load balancer: it has 1 to %d letters, digits and hyphens, and no hyphen at either end", name, longest)
	}
	return nil
}
