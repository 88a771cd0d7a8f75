// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package wiring

import (
	"errors"
	"fmt"
	"strings"
)

// The security group that Elastic Load Balancing provides in EC2-Classic, the
// network outside of any VPC. Source: "Security groups for instances in
// EC2-Classic", Elastic Load Balancing user guide.
const (
	ClassicOwnerAlias = "amazon-elb"
	ClassicGroupName  = "amazon-elb-sg"
)

// SourceGroup is the group by whose owner and name rules in EC2-Classic admit a
// load balancer. Nobody can list it, so it has no id and no members to be told:
// it is a name that the load balancer is a member of.
type SourceGroup struct {
	OwnerAlias, GroupName string
}

// Peer is the group as the peer of a rule, as the console writes it:
// "amazon-elb/amazon-elb-sg".
func (s SourceGroup) Peer() Peer { return GroupPeer(s.OwnerAlias + "/" + s.GroupName) }

// Check refuses what is no source group of EC2-Classic, and says what to use
// where it is the group of a load balancer in a VPC.
func (s SourceGroup) Check() error {
	switch {
	case s.OwnerAlias == ClassicOwnerAlias && s.GroupName == ClassicGroupName:
		return nil
	case s.OwnerAlias == ClassicOwnerAlias:
		return fmt.Errorf("group_name %q is not the group of %s in EC2-Classic: it is %q", s.GroupName, ClassicOwnerAlias, ClassicGroupName)
	case len(s.OwnerAlias) == 12 && strings.Trim(s.OwnerAlias, "0123456789") == "":
		return fmt.Errorf("owner_alias %q is an account, so the load balancer is in a VPC, where rules name its security groups by their ids: "+
			"remove source_security_group, and set security_groups in the load balancer's value or load_balancer_security_group_ids", s.OwnerAlias)
	}
	return fmt.Errorf("owner_alias %q is not the owner of the source security group in EC2-Classic: it is %q", s.OwnerAlias, ClassicOwnerAlias)
}

// NamedGroup takes a peer apart that is a group by its owner and its name.
func NamedGroup(peer string) (owner, name string, named bool) {
	owner, name, named = strings.Cut(peer, "/")
	if !named || strings.HasPrefix(name, "sg-") {
		return "", "", false
	}
	return owner, name, true
}

// IsGroupName tells whether a security group is addressed by its name and not by
// its id. No name begins like an id. Source: CreateSecurityGroup, Amazon EC2 API
// reference.
func IsGroupName(group string) bool { return group != "" && !strings.HasPrefix(group, "sg-") }

// CheckSecurityGroupName refuses what cannot be the name of a security group in
// EC2-Classic.
func CheckSecurityGroupName(name string) error {
	const longest = 255
	switch {
	case name == "":
		return errors.New("the name of a security group is empty")
	case !IsGroupName(name):
		return fmt.Errorf("%q is the id of a security group, not a name: set it as security_group_id", name)
	case strings.TrimSpace(name) != name:
		return fmt.Errorf("%q begins or ends with a blank, which EC2 drops: remove it", name)
	case len(name) > longest:
		return fmt.Errorf("the name %q… has %d characters, and EC2 takes at most %d", name[:20], len(name), longest)
	case strings.ContainsFunc(name, func(letter rune) bool { return letter < ' ' || letter > '~' }):
		return fmt.Errorf("%q has a character that is not ASCII: EC2 takes none in the name of a security group", name)
	}
	return nil
}

// ClassicInstanceGroup admits load balancers to the security group of their
// instances in EC2-Classic, on each instance port and health check port: from
// the source group alone, or from all IP addresses. Source: "Security groups for
// instances in EC2-Classic", the steps for the console.
func ClassicInstanceGroup(lb LoadBalancer, source Peer) []Rule {
	return table(lb.instanceRows([]Peer{source}, Ingress, commentFromLBInstance, commentFromLBHealthCheck))
}

// ClassicAllProtocols admits the source group on every port of every protocol
// that EC2-Classic has. AWS makes these rules without descriptions. Source:
// "Security groups for instances in EC2-Classic", the steps for the AWS CLI.
func ClassicAllProtocols(source Peer) []Rule {
	return []Rule{
		{Direction: Ingress, Protocol: ICMP, From: -1, To: -1, Peer: source},
		{Direction: Ingress, Protocol: TCP, From: 1, To: 65535, Peer: source},
		{Direction: Ingress, Protocol: UDP, From: 1, To: 65535, Peer: source},
	}
}
