// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package verify

import (
	"slices"
	"testing"

	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// pathOfWeb is a whole path: sg-lb and sg-app, and two network ACLs.
func pathOfWeb(t *testing.T) Path {
	t.Helper()
	return Path{
		LoadBalancer: web(), VPCID: "vpc-1", VPC: networksOf("10.0.0.0/16"), CrossZone: true,
		Subnets: []Subnet{{ID: "subnet-a", CIDR: networksOf("10.0.1.0/24")[0], Zone: "eu-west-1a", ACL: "acl-lb"}},
		Instances: []Instance{
			{ID: "i-1", Groups: []string{"sg-app"}, Subnet: "subnet-b"},
			{ID: "i-2", Groups: []string{"sg-app", "sg-ssh"}, Subnet: "subnet-b"},
		},
		InstanceSubnets: map[string]Subnet{"subnet-b": {ID: "subnet-b", CIDR: networksOf("10.0.11.0/24")[0], Zone: "eu-west-1a", ACL: "acl-app"}},
		Groups: map[string]Group{
			"sg-lb":  groupOf(t, "sg-lb", "in tcp 80 from 0.0.0.0/0", "out tcp 8080-8081 to sg-app"),
			"sg-app": groupOf(t, "sg-app", "in tcp 8080-8081 from sg-lb"),
			"sg-ssh": groupOf(t, "sg-ssh", "in tcp 22 from 10.0.0.0/8"),
		},
		ACLs: map[string]ACL{
			"acl-lb": aclOf(t, "acl-lb", "100 allow in tcp 80 from 0.0.0.0/0", "110 allow in tcp 1024-65535 from 10.0.0.0/16",
				"100 allow out tcp 8080-8081 to 10.0.0.0/16", "110 allow out tcp 1024-65535 to 0.0.0.0/0"),
			"acl-app": aclOf(t, "acl-app", "100 allow in tcp 8080-8081 from 10.0.0.0/16", "100 allow out tcp 1024-65535 to 10.0.0.0/16"),
		},
	}
}

func TestPathIsBroader(t *testing.T) {
	t.Parallel()
	wantFindings(t, broaderOf(t, pathOfWeb(t)))

	p := pathOfWeb(t)
	p.Groups["sg-lb"] = groupOf(t, "sg-lb", "in tcp 0-443 from 0.0.0.0/0", "out all to 0.0.0.0/0")
	p.Groups["sg-ssh"] = groupOf(t, "sg-ssh", "in all from 10.0.0.0/8")
	p.ACLs["acl-app"] = aclOf(t, "acl-app", "100 allow in all from 0.0.0.0/0", "100 allow out all to 0.0.0.0/0")
	findings := broaderOf(t, p)
	wantFindings(t, findings, wantFinding{id: BroadGroupIn}, wantFinding{id: BroadGroupOut}, wantFinding{id: BroadInstanceGroup}, wantFinding{id: BroadACLIn})
	for i, about := range []string{"sg-lb", "sg-lb", "sg-ssh", "acl-app"} {
		if findings[i].About != about {
			t.Errorf("%s is about %s, want %s", findings[i].ID, findings[i].About, about)
		}
	}
	// A subnet with a public route may be open to everyone on these ports.
	p.PublicInstanceSubnets = []string{"subnet-b"}
	wantFindings(t, broaderOf(t, p), wantFinding{id: BroadGroupIn}, wantFinding{id: BroadGroupOut}, wantFinding{id: BroadInstanceGroup})
	// What another load balancer with the group needs is not broader.
	p.SharedBy = map[string][]wiring.LoadBalancer{"sg-lb": {{Name: "api", Listeners: []wiring.Listener{{LBPort: 443, InstancePort: 443}}}}}
	findings = broaderOf(t, p)
	if want := []string{"tcp 0-79 from 0.0.0.0/0", "tcp 81-442 from 0.0.0.0/0"}; !slices.Equal(findings[0].Regions, want) {
		t.Errorf("open: %q, want %q", findings[0].Regions, want)
	}
	// Nor what it needs of a group that the instances of this one wear.
	shared := pathOfWeb(t)
	shared.Groups["sg-app"] = groupOf(t, "sg-app", "in tcp 8080 from 0.0.0.0/0")
	wantFindings(t, broaderOf(t, shared), wantFinding{id: BroadInstanceGroup})
	shared.SharedBy = map[string][]wiring.LoadBalancer{"sg-app": {{
		Name: "api", SecurityGroups: []string{"sg-app"}, Listeners: []wiring.Listener{{LBPort: 8080, InstancePort: 1}},
	}}}
	wantFindings(t, broaderOf(t, shared))
	// What cannot be seen is no finding.
	p.Groups, p.ACLs = nil, nil
	wantFindings(t, broaderOf(t, p))
}
