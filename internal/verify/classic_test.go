// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package verify

import (
	"strings"
	"testing"

	"github.com/terraform-clb/terraform-provider-clb/internal/packet"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// TestClassicInstanceGroup: in EC2-Classic the load balancer is a member of one
// group that nobody can list, so a rule that names it proves its flows, one that
// names a network does so only if that has every address, and a group of another
// owner or name is another group.
func TestClassicInstanceGroup(t *testing.T) {
	t.Parallel()
	const source = "amazon-elb/amazon-elb-sg"
	for name, test := range map[string]struct {
		everyone bool
		rules    []string
		verdict  packet.Verdict
		// broader are the rules that are found broader than recommended.
		broader string
	}{
		"port by port":               {rules: []string{"tcp 8080 " + source, "tcp 8081 " + source}, verdict: packet.Proved},
		"every port":                 {rules: []string{"tcp 1-65535 " + source, "udp 1-65535 " + source, "icmp -1/-1 " + source}, verdict: packet.Proved},
		"no health check":            {rules: []string{"tcp 8080 " + source}, verdict: packet.Refuted},
		"nothing":                    {verdict: packet.Refuted},
		"another owner":              {rules: []string{"tcp 1-65535 123456789012/amazon-elb-sg"}, verdict: packet.Refuted},
		"another name":               {rules: []string{"tcp 1-65535 amazon-elb/my-elb-sg"}, verdict: packet.Refuted},
		"a network":                  {rules: []string{"tcp 1-65535 10.0.0.0/8"}, verdict: packet.Undecided},
		"everyone":                   {rules: []string{"tcp 8080 0.0.0.0/0", "tcp 8081 0.0.0.0/0"}, verdict: packet.Proved, broader: "tcp 8080-8081 from 0.0.0.0/0"},
		"everyone beside the source": {rules: []string{"tcp 8080 " + source, "tcp 8081 " + source, "tcp 8080 0.0.0.0/0"}, verdict: packet.Proved, broader: "tcp 8080 from 0.0.0.0/0"},
		"everyone recommended":       {everyone: true, rules: []string{"tcp 8080 0.0.0.0/0", "tcp 8081 0.0.0.0/0"}, verdict: packet.Proved},
		"the source, where everyone is recommended": {everyone: true, rules: []string{"tcp 8080 " + source, "tcp 8081 " + source}, verdict: packet.Proved},
		"another port of everyone":                  {everyone: true, rules: []string{"tcp 22 0.0.0.0/0", "tcp 8080-8081 " + source}, verdict: packet.Proved},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			lb := web()
			lb.SecurityGroups = []string{source}
			q := InstanceGroup{LoadBalancers: []wiring.LoadBalancer{lb}, Group: Group{ID: "my-security-group"}, Classic: true, Everyone: test.everyone}
			for _, text := range test.rules {
				words := strings.Fields(text)
				rule := ruleOf(t, []string{"in", words[0], words[1], "0.0.0.0/0"})
				if _, _, named := wiring.NamedGroup(words[2]); named && strings.Contains(words[2], "sg") {
					rule.Peer = wiring.GroupPeer(words[2])
				} else {
					rule.Peer = wiring.CIDRPeer(networksOf(words[2])[0])
				}
				q.Group.Rules = append(q.Group.Rules, GroupRule{Rule: rule, ID: rule.Key()})
			}
			answer := judged(t, q, Options{})
			if got := answer.Verdict(); got != test.verdict {
				t.Errorf("%s, want %s: %+v", got, test.verdict, answer.Findings)
			}
			broader := ""
			for _, finding := range answer.Findings {
				if strings.Contains(finding.Sentence+finding.Fix, "vpc_cidr_blocks") {
					t.Errorf("there is no VPC: %s %s", finding.Sentence, finding.Fix)
				}
				if finding.ID == BroadInstanceGroup {
					broader = strings.Join(finding.Regions, ", ")
				}
			}
			if broader != test.broader {
				t.Errorf("broader: %q, want %q", broader, test.broader)
			}
		})
	}
}
