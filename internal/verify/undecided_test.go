// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package verify

import (
	"strings"
	"testing"

	"github.com/terraform-clb/terraform-provider-clb/internal/packet"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

func TestUndecidedSaysWhatWouldDecide(t *testing.T) {
	t.Parallel()
	withoutVPC := func(rules ...string) InstanceGroup {
		q := instanceGroup(t, rules...)
		q.VPC = nil
		return q
	}
	unknown := func(field packet.Field, name string, rules ...string) InstanceGroup {
		q := instanceGroup(t, rules...)
		last := &q.Group.Rules[len(rules)-1]
		last.Unknown, last.Name, last.ID = field, name, ""
		return q
	}
	withoutGroups := instanceGroup(t, "in tcp 8080 from 0.0.0.0/0", "in tcp 8081 from sg-lb")
	withoutGroups.LoadBalancers = []wiring.LoadBalancer{web()}
	withoutGroups.LoadBalancers[0].SecurityGroups = nil
	unseen := instanceGroup(t, "in tcp 8080 from sg-lb")
	unseen.Group.Unseen = "ec2:DescribeSecurityGroupRules is denied."
	unseenACL := subnetACL(t, web(), PrivateInstanceSubnet, instanceRows...)
	unseenACL.Directions, unseenACL.ACL.Unseen = []wiring.Direction{wiring.Egress}, "ec2:DescribeNetworkAcls is denied"
	clients := web()
	clients.Clients = []wiring.Clients{{PrefixLists: []string{"pl-1"}}}
	hidden := instanceGroup(t, "in tcp 8080-8081 from sg-lb")
	hidden.Group.Unseen, hidden.PathMTUSources = "it is denied", []wiring.Peer{wiring.GroupPeer("sg-lb")}
	action := subnetACL(t, web(), PrivateInstanceSubnet, but(instanceRows, nil, "50 deny in tcp 8081 from 0.0.0.0/0")...)
	action.ACL.Entries[3].Unknown = packet.ActionField
	for name, test := range map[string]struct {
		question judger
		id       ID
		nature   Nature
		sentence string
		fix      string
	}{
		"networks of the VPC": {
			withoutVPC("in tcp 8080 from sg-lb", "in tcp 8081 from 10.0.0.0/16"), ValueUnknown, NotKnown,
			`whether health check tcp/8081 from "web" gets through security group sg-app cannot be told yet: it depends on vpc_cidr_blocks, which is not known.`,
			"Set vpc_cidr_blocks. If its value becomes known when the plan is applied, this is then decided before anything is written.",
		},
		"groups of the load balancer": {
			withoutGroups, ValueUnknown, NotKnown,
			`whether traffic tcp/8080 from "web" to its instances gets through security group sg-app cannot be told yet: it depends on security_groups, which is not known. The same goes for the health check tcp/8081 of load balancer "web".`,
			"Set security_groups. If its value becomes known when the plan is applied, this is then decided before anything is written.",
		},
		"peer of a rule": {
			unknown(packet.PeerField, `ingress["health"]`, "in tcp 8080 from sg-lb", "in tcp 8081 from sg-lb"), ValueUnknown, NotKnown,
			`whether health check tcp/8081 from "web" gets through security group sg-app cannot be told yet: it depends on security group sg-app inbound rule ingress["health"] of the configuration, of which the peer is not known yet.`,
			"Nothing, if this becomes known when the plan is applied: it is then decided before anything is written.",
		},
		"action of an entry": {
			action, ValueUnknown, NotKnown,
			`whether health check tcp/8081 from "web" gets through network ACL acl-1 cannot be told yet: it depends on network ACL acl-1 inbound rule 50, of which the action is not known yet.`,
			"Nothing, if this becomes known when the plan is applied: it is then decided before anything is written.",
		},
		"networks of a prefix list": {
			unknown(packet.NetworksField, "", "in tcp 8080 from sg-lb", "in tcp 8081 from pl-1"), NotVisible, ReadDenied,
			`whether health check tcp/8081 from "web" gets through security group sg-app cannot be told: the networks of the prefix list of security group sg-app inbound rule (tcp 8081 from pl-1) cannot be seen (ec2:GetManagedPrefixListEntries).`,
			"Allow ec2:GetManagedPrefixListEntries to the identity that the provider runs as, then plan again.",
		},
		"group that cannot be seen": {
			unseen, NotVisible, ReadDenied,
			`whether health check tcp/8081 from "web" gets through security group sg-app cannot be told: security group sg-app cannot be seen: ec2:DescribeSecurityGroupRules is denied.`,
			"Allow ec2:DescribeSecurityGroupRules to the identity that the provider runs as, then plan again.",
		},
		"network ACL that cannot be seen": {
			unseenACL, NotVisible, ReadDenied,
			`whether replies tcp/1024-65535 from the instances to "web" get through network ACL acl-1 cannot be told: network ACL acl-1 cannot be seen: ec2:DescribeNetworkAcls is denied.`,
			"Allow ec2:DescribeNetworkAcls to the identity that the provider runs as, then plan again.",
		},
		"Path MTU Discovery is only recommended": {
			hidden, NotVisible, PathMTU,
			`whether Path MTU Discovery (icmp 3/4) of "web" gets through security group sg-app cannot be told: security group sg-app cannot be seen: it is denied.`,
			"Let the provider read what it cannot see, then plan again.",
		},
		"members of a prefix list": {
			loadBalancerGroup(t, clients, but(groupRows, []int{0}, "in tcp 80 from 198.51.100.0/24")...), ValueUnknown, NotKnown,
			`whether client traffic tcp/80 to "web" gets through security group sg-lb cannot be told yet: it depends on the addresses of the members of pl-1.`,
			"Admit pl-1 by name in a rule of security group sg-lb: it then holds for all members, whatever their addresses.",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			answer := judged(t, test.question, Options{})
			findings := flowFindings(answer)
			if answer.Verdict() != packet.Undecided && test.nature != PathMTU || len(findings) == 0 {
				t.Fatalf("%s: %+v", answer.Verdict(), findings)
			}
			got := findings[0]
			if got.ID != test.id || got.Nature != test.nature || got.Sentence != test.sentence || got.Fix != test.fix {
				t.Errorf("%s %d\n%s\n%s\nwant %s %d\n%s\n%s", got.ID, got.Nature, got.Sentence, got.Fix, test.id, test.nature, test.sentence, test.fix)
			}
		})
	}
}

func TestUnknownPeersAreRefusedOnlyIfAllOfThemAre(t *testing.T) {
	t.Parallel()
	ask := func(entries ...string) Answer {
		q := subnetACL(t, web(), PrivateInstanceSubnet, entries...)
		q.VPC, q.Directions = nil, []wiring.Direction{wiring.Egress}
		return judged(t, q, Options{})
	}
	for name, test := range map[string]struct {
		answer Answer
		want   packet.Verdict
	}{
		"all admitted":              {ask("100 allow out tcp 1024-65535 to 0.0.0.0/0"), packet.Proved},
		"some addresses":            {ask("100 allow out tcp 1024-65535 to 10.0.0.0/8"), packet.Undecided},
		"some ports of no address":  {ask("100 allow out tcp 32768-65535 to 0.0.0.0/0"), packet.Refuted},
		"some of both":              {ask("100 allow out tcp 32768-65535 to 10.0.0.0/8"), packet.Refuted},
		"a deny of some":            {ask("90 deny out all to 192.168.0.0/16", "100 allow out tcp 1024-65535 to 0.0.0.0/0"), packet.Undecided},
		"the same ports everywhere": {ask("90 deny out tcp 2000 to 0.0.0.0/1", "91 deny out tcp 2000 to 128.0.0.0/1", "100 allow out all to 0.0.0.0/0"), packet.Refuted},
	} {
		if got := test.answer.Verdict(); got != test.want {
			t.Errorf("%s: %s, want %s: %+v", name, got, test.want, test.answer.Findings)
		}
	}
	got := theFinding(t, ask("100 allow out tcp 32768-65535 to 10.0.0.0/8"))
	if len(got.Regions) != 1 || got.Regions[0] != "tcp 1024-32767 to 0.0.0.0/0" {
		t.Errorf("regions %q: only what is refused whoever the peers are is refused", got.Regions)
	}
	if want := "e.g. an instance -> 10.0.0.4:1024."; !strings.HasSuffix(got.Sentence, want) {
		t.Errorf("got %s, want %s", got.Sentence, want)
	}
	if want := "Add to network ACL acl-1 the outbound rule tcp 1024-32767 to the networks of the VPC."; got.Fix != want {
		t.Errorf("got %s, want %s", got.Fix, want)
	}
}
