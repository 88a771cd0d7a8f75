// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// identityData makes the identity of a resource; what is left out is null.
func (s *testServer) identityData(resource string, attributes blockValues) *tfprotov6.ResourceIdentityData {
	s.t.Helper()
	schemas := made(s.GetResourceIdentitySchemas(s.t.Context(), &tfprotov6.GetResourceIdentitySchemasRequest{}))(s.t)
	return &tfprotov6.ResourceIdentityData{IdentityData: s.dynamic(terraformValue(s.t, schemas.IdentitySchemas[resource].ValueType(), attributes))}
}

// identityOf is what an identity says, as attributes that are not null.
func (s *testServer) identityOf(resource string, data *tfprotov6.ResourceIdentityData) map[string]string {
	s.t.Helper()
	schemas := made(s.GetResourceIdentitySchemas(s.t.Context(), &tfprotov6.GetResourceIdentitySchemasRequest{}))(s.t)
	if data == nil || data.IdentityData == nil {
		s.t.Fatal("there is no identity")
	}
	said := map[string]string{}
	for name, value := range attributesOf(s.t, made(data.IdentityData.Unmarshal(schemas.IdentitySchemas[resource].ValueType()))(s.t)) {
		if !value.IsNull() {
			var text string
			made(0, value.As(&text))(s.t)
			said[name] = text
		}
	}
	return said
}

// importBy imports a resource and reads it, as Terraform does. The state is that
// of the import, the identity that of the read.
func (s *testServer) importBy(resource string, req *tfprotov6.ImportResourceStateRequest) (state tftypes.Value, identity map[string]string) {
	s.t.Helper()
	req.TypeName = resource
	resp := made(s.ImportResourceState(s.t.Context(), req))(s.t)
	wantNothingSaid(s.t, resp.Diagnostics)
	if len(resp.ImportedResources) != 1 {
		s.t.Fatalf("%d resources are imported", len(resp.ImportedResources))
	}
	imported := resp.ImportedResources[0]
	read := made(s.ReadResource(s.t.Context(), &tfprotov6.ReadResourceRequest{
		TypeName: resource, CurrentState: imported.State, Private: imported.Private, CurrentIdentity: imported.Identity,
	}))(s.t)
	wantNothingSaid(s.t, read.Diagnostics)
	return made(imported.State.Unmarshal(s.typeOf(resource)))(s.t), s.identityOf(resource, read.NewIdentity)
}

// ownerOf is the attribute of each resource's identity that names what it belongs
// to, and its value in this world.
func (w *liveWorld) ownerOf(resource string) (attribute, value string) {
	switch resource {
	case lbGroups:
		return "load_balancer_name", "web"
	case lbRules:
		return "security_group_id", w.LoadBalancerGroup
	case instanceRules:
		return "security_group_id", w.InstanceGroup
	default:
		return "network_acl_id", w.LoadBalancerACL
	}
}

// TestIdentity: a created resource has an identity of what it belongs to and of
// the region alone, keeps it when the load balancers change, and imports by it to
// the state to which an import by id leads.
func TestIdentity(t *testing.T) {
	ids := map[string]func(w *liveWorld) string{
		lbGroups:      func(*liveWorld) string { return "web" },
		lbRules:       func(w *liveWorld) string { return w.LoadBalancerGroup + "/web" },
		instanceRules: func(w *liveWorld) string { return w.InstanceGroup + "/web,web-internal" },
		aclEntries:    func(w *liveWorld) string { return w.LoadBalancerACL + "/load_balancer/web,web-internal" },
	}
	for resource, id := range ids {
		t.Run(resource, func(t *testing.T) {
			w := startLiveWorld(t, nil)
			attribute, owner := w.ownerOf(resource)
			want := map[string]string{"region": "us-east-1", attribute: owner}
			config := w.server.value(resource, w.config(resource, nil))
			plan := w.server.plan(resource, tftypes.Value{}, config)
			done := made(w.server.ApplyResourceChange(t.Context(), &tfprotov6.ApplyResourceChangeRequest{
				TypeName: resource, PriorState: w.server.dynamic(tftypes.NewValue(w.server.typeOf(resource), nil)), Config: w.server.dynamic(config), PlannedState: w.server.dynamic(plan.state),
			}))(t)
			wantNothingSaid(t, errorsIn(done.Diagnostics))
			wantEqual(t, w.server.identityOf(resource, done.NewIdentity), want)

			byID, identity := w.server.importBy(resource, &tfprotov6.ImportResourceStateRequest{ID: id(w)})
			wantEqual(t, identity, want)
			for _, stated := range []blockValues{
				{attribute: owner},
				{attribute: owner, "region": "us-east-1", "account_id": "123456789012"},
			} {
				byIdentity, identity := w.server.importBy(resource, &tfprotov6.ImportResourceStateRequest{Identity: w.server.identityData(resource, stated)})
				if !byIdentity.Equal(byID) {
					t.Errorf("by identity %v:\n%s\nby id:\n%s", stated, byIdentity, byID)
				}
				wanted := map[string]string{"region": "us-east-1", attribute: owner}
				if account, named := stated["account_id"]; named {
					wanted["account_id"], _ = account.(string)
				}
				wantEqual(t, identity, wanted)
			}
		})
	}
}

// TestIdentityMistakes: an identity that names nothing that is there, or that is
// another account's, is an error that says what to write, and nothing is asked in
// vain.
func TestIdentityMistakes(t *testing.T) {
	w := startLiveWorld(t, nil)
	tests := []struct {
		resource string
		identity blockValues
		want     said
	}{
		{lbRules, blockValues{"security_group_id": "sg-0ABCDEF0123456789"}, said{summary: "Invalid import identity", detail: []string{"security_group_id of the identity", `did you mean "sg-0abcdef0123456789"?`}}},
		{lbRules, blockValues{"security_group_id": "sg-0123456789abcdef0"}, said{summary: "Unable to find the load balancers", detail: []string{"No load balancer of region us-east-1", `"sg-0123456789abcdef0/my-loadbalancer@us-east-1"`}}},
		{lbRules, blockValues{"security_group_id": w.LoadBalancerGroup, "account_id": "999999999999"}, said{summary: "Import from another account", detail: []string{`account "999999999999"`, "belong to account 123456789012"}}},
		{lbRules, blockValues{"security_group_id": w.LoadBalancerGroup, "region": "mars"}, said{summary: "Invalid AWS region", at: "region", detail: []string{`"mars" is not a region of AWS`}}},
		{instanceRules, blockValues{"region": "us-east-1"}, said{summary: "Invalid import identity", detail: []string{"either security_group_id or, in EC2-Classic, security_group_name"}}},
		{instanceRules, blockValues{"security_group_id": w.InstanceGroup, "security_group_name": "web"}, said{summary: "Invalid import identity", detail: []string{"write one of them"}}},
		{instanceRules, blockValues{"security_group_name": "web"}, said{summary: "Unable to find the load balancers", detail: []string{"has to do with web"}}},
		{aclEntries, blockValues{"network_acl_id": "acl-0123456789abcdef0"}, said{summary: "Unable to find the load balancers", detail: []string{"acl-0123456789abcdef0"}}},
		{lbGroups, blockValues{"load_balancer_name": "wbe"}, said{summary: "Unable to import the load balancer's security groups", detail: []string{`"wbe"`}}},
		{lbGroups, blockValues{"load_balancer_name": "my_lb"}, said{summary: "Invalid import identity", detail: []string{"load_balancer_name of the identity"}}},
	}
	for _, test := range tests {
		resp := made(w.server.ImportResourceState(t.Context(), &tfprotov6.ImportResourceStateRequest{TypeName: test.resource, Identity: w.server.identityData(test.resource, test.identity)}))(t)
		wantSaid(t, resp.Diagnostics, test.want)
	}
	wantNoWrite(t, w.Calls())
}
