// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package fakeaws

// weight is how much a rule counts against the quota of each address family. A
// prefix list counts as its MaxEntries. A group reference, and the weight of a
// list that AWS manages, count in both families: the Amazon VPC guide said so
// until 2021 and has not said otherwise since.
func (w *world) weight(k ruleKey) (v4, v6 int) {
	switch {
	case k.cidr4 != "":
		return 1, 0
	case k.cidr6 != "":
		return 0, 1
	case k.group != "":
		return 1, 1
	}
	list := w.prefixLists[k.prefixList]
	switch {
	case list == nil:
		return 1, 1
	case list.weight > 0:
		return list.weight, list.weight
	case list.family == "IPv6":
		return 0, list.maxEntries
	}
	return list.maxEntries, 0
}

// checkRuleQuota counts the rules that a group would have. In EC2-Classic each
// counts once.
func (w *world) checkRuleQuota(g *securityGroup, keys []ruleKey) error {
	exceeded := fail("RulesPerSecurityGroupLimitExceeded", "The maximum number of rules per security group has been reached.")
	if g.classic() {
		if len(keys) > w.server.quotas.RulesPerClassicGroup {
			return exceeded
		}
		return nil
	}
	for _, egress := range []bool{false, true} {
		v4, v6 := 0, 0
		for _, k := range keys {
			if k.egress == egress {
				a, b := w.weight(k)
				v4, v6 = v4+a, v6+b
			}
		}
		if max(v4, v6) > w.server.quotas.RulesPerGroup {
			return exceeded
		}
	}
	return nil
}
