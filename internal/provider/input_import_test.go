// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"testing"

	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

func applyInput(name string, groups ...string) *elb.ApplySecurityGroupsToLoadBalancerInput {
	return &elb.ApplySecurityGroupsToLoadBalancerInput{LoadBalancerName: &name, SecurityGroups: groups}
}

// TestImportMistakes: an import id that cannot be right, or whose things do not
// exist, is an error that says what to write.
func TestImportMistakes(t *testing.T) {
	const rules, entries, groups = "Unable to import the security group rules", "Unable to import the network ACL entries", "Unable to import the load balancer's security groups"
	w := startLiveWorld(t, nil)
	tests := []struct {
		resource, id, summary string
		detail                []string
	}{
		{lbRules, "", rules, []string{`import id "" does not have the form "sg-0123456789abcdef0/my-loadbalancer"`}},
		{lbRules, w.LoadBalancerGroup, rules, []string{"does not have the form", "the names of the load balancers joined by commas"}},
		{lbRules, w.LoadBalancerGroup + "/", rules, []string{"does not have the form"}},
		{lbRules, "web/" + w.LoadBalancerGroup, rules, []string{`"web" is not a security group id`}},
		{instanceRules, "sg-0ABCDEF0123456789/web", rules, []string{`did you mean "sg-0abcdef0123456789"?`}},
		{lbRules, "sg-0123456789abcdef0/web", rules, []string{`Security group "sg-0123456789abcdef0" does not exist`}},
		{lbRules, w.LoadBalancerGroup + "/wbe", rules, []string{`Load balancer "wbe" does not exist`}},
		{lbRules, w.LoadBalancerGroup + "/web,", rules, []string{`"" is not the name of a load balancer`}},
		{lbRules, w.LoadBalancerGroup + "/web, web-internal", rules, []string{`" web-internal" is not the name of a load balancer`}},
		{instanceRules, w.InstanceGroup + "/web@mars", rules, []string{`"mars" is not a region of AWS`}},
		{aclEntries, w.LoadBalancerACL + "/web", entries, []string{"does not have the form", `"acl-0123456789abcdef0/load_balancer/my-loadbalancer"`}},
		{aclEntries, w.LoadBalancerACL + "/nodes/web", entries, []string{`"nodes" is not a role of a subnet`, "write load_balancer, private_instance or public_instance"}},
		{aclEntries, w.LoadBalancerACL + "/load_balancer/wbe", entries, []string{`Load balancer "wbe" does not exist`}},
		{aclEntries, "sg-0123456789abcdef0/load_balancer/web", entries, []string{"is not a network ACL id"}},
		{aclEntries, "acl-0123456789abcdef0/load_balancer/web", entries, []string{`Network ACL "acl-0123456789abcdef0" does not exist`}},
		{lbGroups, "wbe", groups, []string{`The import id is the name of the load balancer, "wbe".`, `Load balancer "wbe" does not exist`}},
		{lbGroups, "web@mars", groups, []string{`"mars" is not a region of AWS`}},
	}
	for _, test := range tests {
		t.Run(test.resource+" "+test.id, func(t *testing.T) {
			resp := made(w.server.ImportResourceState(t.Context(), &tfprotov6.ImportResourceStateRequest{TypeName: test.resource, ID: test.id}))(t)
			wantSaid(t, resp.Diagnostics, said{summary: test.summary, detail: test.detail})
			if len(resp.ImportedResources) > 0 && len(errorsIn(resp.Diagnostics)) == 0 {
				t.Error("something is imported")
			}
		})
	}
	wantNoWrite(t, w.Calls())
}
