// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/terraform-clb/terraform-provider-clb/internal/demo/stage"
	"github.com/terraform-clb/terraform-provider-clb/internal/fakeaws"
)

// rules are all security group rules and network ACL entries on the stage, a
// line each, by the thing that they stand in. The default deny entries of
// network ACLs are left out.
func (s *scene) rules() []string {
	var lines []string
	for _, group := range []string{s.LoadBalancerGroup, s.InternalGroup, s.InstanceGroup} {
		var rules []string
		for _, rule := range s.Server.SecurityGroupRules(stage.Region, group) {
			rules = append(rules, s.line(group, rule.Egress, groupRule(rule)))
		}
		slices.SortStableFunc(rules, inboundFirst)
		lines = append(lines, rules...)
	}
	for _, acl := range []string{s.LoadBalancerACL, s.InstanceACL} {
		var entries []string
		for _, entry := range s.Server.NetworkACLEntries(stage.Region, acl) {
			if entry.RuleNumber < 32767 {
				entries = append(entries, s.line(acl, entry.Egress, aclEntry(entry)))
			}
		}
		slices.SortStableFunc(entries, inboundFirst)
		lines = append(lines, entries...)
	}
	return lines
}

const outward = " out "

func (s *scene) line(owner string, egress bool, text string) string {
	direction := " in  "
	if egress {
		direction = outward
	}
	return s.names.Replace(fmt.Sprintf("%-20s", s.names.Replace(owner)) + direction + text)
}

func inboundFirst(a, b string) int {
	switch out, otherOut := strings.Contains(a, outward), strings.Contains(b, outward); {
	case out == otherOut:
		return 0
	case otherOut:
		return -1
	default:
		return 1
	}
}

func groupRule(r fakeaws.Rule) string {
	return r.Protocol + " " + ports(r.Protocol == "icmp", r.FromPort, r.ToPort) + peer(r.Egress, r.CIDRIPv4+r.CIDRIPv6+r.PrefixListID+r.ReferencedGroupID)
}

func aclEntry(e fakeaws.Entry) string {
	protocol, from, to := e.Protocol, e.FromPort, e.ToPort
	switch protocol {
	case "1":
		protocol, from, to = "icmp", e.ICMPType, e.ICMPCode
	case "6":
		protocol = "tcp"
	}
	return fmt.Sprintf("%-4d %s %s %s%s", e.RuleNumber, e.Action, protocol, ports(protocol == "icmp", from, to), peer(e.Egress, e.CIDRBlock+e.IPv6CIDRBlock))
}

func ports(icmp bool, from, to int) string {
	switch {
	case icmp:
		return fmt.Sprintf("%d/%d", from, to)
	case from == to:
		return fmt.Sprint(from)
	default:
		return fmt.Sprintf("%d-%d", from, to)
	}
}

func peer(egress bool, name string) string {
	if egress {
		return " to " + name
	}
	return " from " + name
}

// wantRules fails unless the rules in AWS are those that are wanted. It shows
// them, or only the new ones if any are named.
func (s *scene) wantRules(want []string, added ...string) error {
	want = slices.Concat(want, added)
	if err := s.wantStanding(want); err != nil {
		return err
	}
	if len(added) == 0 {
		s.say("   What stands in AWS now:\n\n     %s", strings.Join(want, "\n     "))
		return nil
	}
	s.say("   What stands in AWS in addition:\n\n     %s", strings.Join(added, "\n     "))
	return nil
}

// wantStanding fails unless the rules in AWS are those that are wanted.
func (s *scene) wantStanding(want []string) error {
	got := s.rules()
	if !slices.Equal(slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(want))) {
		return surprise("what stands in AWS", want, got)
	}
	return nil
}
