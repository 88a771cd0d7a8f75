// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package verify

import (
	"testing"

	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

func TestACLAdmitsMore(t *testing.T) {
	t.Parallel()
	declared := web()
	declared.Clients = []wiring.Clients{{CIDRBlocks: networksOf("203.0.113.0/24", "198.51.100.0/24")}}
	byGroup := internalWeb()
	byGroup.Clients = []wiring.Clients{{SecurityGroups: []string{"sg-a"}}}
	high := internalWeb()
	high.Listeners = []wiring.Listener{{LBPort: 8443, InstancePort: 8080}}
	for name, test := range map[string]struct {
		lb      wiring.LoadBalancer
		role    SubnetRole
		entries []string
		noVPC   bool
		isOwn   bool
		want    []wantFinding
	}{
		"recommended": {lb: web(), role: LoadBalancerSubnet, entries: []string{
			"100 allow in tcp 80 from 0.0.0.0/0", "110 allow in tcp 1024-65535 from 10.0.0.0/16", "100 allow out tcp 8080 to 10.0.0.0/16", "110 allow out tcp 1024-65535 to 0.0.0.0/0",
		}},
		"internet-facing, open to all": {lb: web(), role: LoadBalancerSubnet, entries: []string{"100 allow in all from 0.0.0.0/0", "100 allow out tcp 1024-65535 to 0.0.0.0/0"}},
		"public instances":             {lb: web(), role: PublicInstanceSubnet, entries: []string{"100 allow in all from 0.0.0.0/0", "100 allow out all to 0.0.0.0/0"}},
		"ssh":                          {lb: internalWeb(), role: LoadBalancerSubnet, entries: []string{"100 allow in tcp 22 from 0.0.0.0/0", "100 allow out udp 53 to 0.0.0.0/0"}},
		"NAT replies":                  {lb: high, role: LoadBalancerSubnet, entries: []string{"100 allow in tcp 1024-65535 from 0.0.0.0/0", "110 allow in tcp 32768-60999 from 0.0.0.0/0"}},
		"peered network":               {lb: internalWeb(), role: LoadBalancerSubnet, entries: []string{"100 allow in tcp 80 from 172.16.0.0/12", "110 allow in tcp 80 from 10.0.0.0/17"}},
		"denied before":                {lb: internalWeb(), role: LoadBalancerSubnet, entries: []string{"90 deny in tcp 0-1023 from 0.0.0.0/0", "100 allow in tcp 80 from 0.0.0.0/0"}},
		"a group as client":            {lb: byGroup, role: LoadBalancerSubnet, entries: []string{"100 allow in tcp 80 from 10.0.0.0/16"}},
		"declared networks":            {lb: declared, role: LoadBalancerSubnet, entries: []string{"100 allow in tcp 80 from 203.0.113.0/24", "110 allow in tcp 80 from 198.51.100.0/24"}},
		"beside the declared networks": {lb: declared, role: LoadBalancerSubnet, entries: []string{"100 allow in tcp 80 from 192.0.2.0/24"}},
		"AWS's own entry": {lb: internalWeb(), role: PrivateInstanceSubnet, isOwn: true, entries: []string{
			"100 allow in all from 0.0.0.0/0", "100 allow out all to 0.0.0.0/0",
		}},
		"another entry of a default network ACL": {lb: internalWeb(), role: LoadBalancerSubnet, isOwn: true, entries: []string{"110 allow in all from 0.0.0.0/0"}, want: []wantFinding{{id: BroadACLIn}}},
		"an internal one open to everyone": {lb: internalWeb(), role: LoadBalancerSubnet, entries: []string{"100 allow in tcp 80 from 10.0.0.0/16", "200 allow in tcp 0-1023 from 0.0.0.0/0"}, want: []wantFinding{{
			id:       BroadACLIn,
			sentence: "Network ACL acl-1 admits tcp 0-1023 from 0.0.0.0/0, a wider network than is recommended there.",
			regions:  []string{"tcp 80 from 0.0.0.0-9.255.255.255", "tcp 80 from 10.1.0.0-255.255.255.255"},
			blockers: []string{"network ACL acl-1 inbound rule 200 (allow tcp 0-1023 from 0.0.0.0/0)"},
			fix: `Narrow inbound rule 200 of acl-1 to tcp 80 from 10.0.0.0/16. ` +
				`If clients come from there, declare them: clients = [{ lb_ports = [80], cidr_blocks = ["0.0.0.0/0"] }]. ` +
				`To live with it, say why: accept = [{ finding = "CLB204", reason = "…" }].`,
		}}},
		"more than the declared networks": {lb: declared, role: LoadBalancerSubnet, entries: []string{"100 allow in tcp 80 from 203.0.112.0/23"}, want: []wantFinding{{
			id: BroadACLIn, regions: []string{"tcp 80 from 203.0.112.0/24"},
		}}},
		"in two halves": {lb: internalWeb(), role: LoadBalancerSubnet, noVPC: true, entries: []string{"100 allow in tcp 80 from 0.0.0.0/1", "110 allow in tcp 80 from 128.0.0.0/1", "120 allow in tcp 80 from 10.0.0.0/8"}, want: []wantFinding{{
			id: BroadACLIn, regions: []string{"tcp 80 from 0.0.0.0/0"},
			fix: `Narrow inbound rule 100 of acl-1 to tcp 80 from the networks of the VPC, and so on with the others. ` +
				`To live with it, say why: accept = [{ finding = "CLB204", reason = "…" }].`,
		}}},
		"a network, VPC not known": {lb: internalWeb(), role: LoadBalancerSubnet, noVPC: true, entries: []string{"100 allow in tcp 80 from 10.0.0.0/8"}},
		"private instances": {lb: web(), role: PrivateInstanceSubnet, entries: []string{"100 allow in tcp 8080-8081 from 10.0.0.0/8", "100 allow out all to 0.0.0.0/0"}, want: []wantFinding{{
			id: BroadACLIn, sentence: "Network ACL acl-1 admits tcp 8080-8081 from 10.0.0.0/8, a wider network than is recommended there.",
			fix: `Narrow inbound rule 100 of acl-1 to tcp 8080 from 10.0.0.0/16 and tcp 8081 from 10.0.0.0/16. ` +
				`To live with it, say why: accept = [{ finding = "CLB204", reason = "…" }].`,
		}}},
		"out to the instances": {lb: internalWeb(), role: LoadBalancerSubnet, entries: []string{"100 allow out all to 0.0.0.0/0"}, want: []wantFinding{{
			id: BroadACLOut, sentence: "Network ACL acl-1 lets out all protocols to 0.0.0.0/0, a wider network than is recommended there.",
			regions: []string{"tcp 8080-8081 to 0.0.0.0-9.255.255.255", "tcp 8080-8081 to 10.1.0.0-255.255.255.255"},
		}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q := subnetACL(t, test.lb, test.role, test.entries...)
			q.ACL.Default = test.isOwn
			if test.noVPC {
				q.VPC = nil
			}
			wantFindings(t, broaderOf(t, q), test.want...)
		})
	}
}

func TestSharedSubnetACL(t *testing.T) {
	t.Parallel()
	// What is recommended for one role or load balancer is no excess for another.
	q := subnetACL(t, internalWeb(), LoadBalancerSubnet, "100 allow in tcp 80 from 0.0.0.0/0", "110 allow in tcp 8080 from 0.0.0.0/0")
	wantFindings(t, broaderOf(t, q), wantFinding{id: BroadACLIn, regions: []string{"tcp 80 from 0.0.0.0-9.255.255.255", "tcp 80 from 10.1.0.0-255.255.255.255"}})
	q.LoadBalancers = append(q.LoadBalancers, web())
	wantFindings(t, broaderOf(t, q))
	q.Roles = []SubnetRole{LoadBalancerSubnet, PrivateInstanceSubnet}
	wantFindings(t, broaderOf(t, q), wantFinding{id: BroadACLIn, regions: []string{"tcp 8080 from 0.0.0.0-9.255.255.255", "tcp 8080 from 10.1.0.0-255.255.255.255"}})
	q.Roles = []SubnetRole{LoadBalancerSubnet, PublicInstanceSubnet}
	wantFindings(t, broaderOf(t, q))
	q.Roles, q.Directions = []SubnetRole{PrivateInstanceSubnet}, []wiring.Direction{wiring.Egress}
	wantFindings(t, broaderOf(t, q))
	q.Directions = bothDirections()
	q.ACL.Unseen = "ec2:DescribeNetworkAcls was denied"
	wantFindings(t, broaderOf(t, q))
}
