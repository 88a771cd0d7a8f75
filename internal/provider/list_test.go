// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"reflect"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// list lists resources of a type, as `terraform query` does.
func (s *testServer) list(resource string, req tfprotov6.ListResourceRequest, config blockValues) []tfprotov6.ListResourceResult {
	s.t.Helper()
	lists, can := s.ProviderServer.(tfprotov6.ListResourceServer)
	if !can {
		s.t.Fatal("the provider lists nothing")
	}
	schema := made(s.GetProviderSchema(s.t.Context(), &tfprotov6.GetProviderSchemaRequest{}))(s.t).ListResourceSchemas[resource]
	req.TypeName, req.Config = resource, s.dynamic(terraformValue(s.t, schema.ValueType(), config))
	checked := made(lists.ValidateListResourceConfig(s.t.Context(), &tfprotov6.ValidateListResourceConfigRequest{TypeName: resource, Config: req.Config}))(s.t)
	if len(checked.Diagnostics) > 0 {
		return []tfprotov6.ListResourceResult{{Diagnostics: checked.Diagnostics}}
	}
	return slices.Collect(made(lists.ListResource(s.t.Context(), &req))(s.t).Results)
}

// TestList: each type lists what the load balancers of the region have to do with,
// and a listed resource is what an import by its identity gives, without its rules:
// written into a configuration, they would take the place of the recommended ones.
func TestList(t *testing.T) {
	w := startLiveWorld(t, nil)
	other := w.furnishOther()
	w.server.create(lbRules, w.config(lbRules, nil))
	w.server.create(instanceRules, w.config(instanceRules, nil))
	w.server.create(aclEntries, w.config(aclEntries, nil))
	want := map[string][]string{
		lbGroups:      {"shop", "web", "web-internal"},
		lbRules:       sorted(other.LoadBalancerGroup+" (shop)", w.LoadBalancerGroup+" (web)", w.InternalGroup+" (web-internal)"),
		instanceRules: {w.InstanceGroup + " (web, web-internal)"},
		aclEntries:    sorted(other.LoadBalancerACL+" (shop)", w.LoadBalancerACL+" (web, web-internal)", w.InstanceACL+" (web, web-internal)"),
	}
	for resource, names := range want {
		t.Run(resource, func(t *testing.T) {
			results := w.server.list(resource, tfprotov6.ListResourceRequest{IncludeResource: true}, nil)
			var listed []string
			for _, result := range results {
				wantNothingSaid(t, result.Diagnostics)
				listed = append(listed, result.DisplayName)
				stated := made(result.Resource.Unmarshal(w.server.typeOf(resource)))(t)
				imported, _ := w.server.importBy(resource, &tfprotov6.ImportResourceStateRequest{Identity: result.Identity})
				imported = withoutRules(t, imported)
				if !imported.Equal(stated) {
					t.Errorf("%s is listed as\n%s\nand imported as\n%s", result.DisplayName, stated, imported)
				}
			}
			wantEqual(t, listed, names)
			if got := w.server.list(resource, tfprotov6.ListResourceRequest{Limit: 1}, nil); len(got) != 1 || got[0].DisplayName != names[0] || got[0].Resource != nil {
				t.Errorf("with a limit of one: %+v", got)
			}
		})
	}
}

// TestListTags: listed are the tags that all rules have, but for those of everything.
func TestListTags(t *testing.T) {
	w := startLiveWorld(t, blockValues{"default_tags": blockValues{"tags": blockValues{"Team": "net"}}, "ignore_tags": blockValues{"keys": []any{"Cost"}}})
	listed := func(resource string) map[string]string {
		t.Helper()
		w.nextRun()
		results := w.server.list(resource, tfprotov6.ListResourceRequest{IncludeResource: true}, blockValues{"name_pattern": "web"})
		if len(results) != 1 {
			t.Fatalf("%d are listed, want 1", len(results))
		}
		wantNothingSaid(t, results[0].Diagnostics)
		var elements map[string]tftypes.Value
		made(0, attributesOf(t, made(results[0].Resource.Unmarshal(w.server.typeOf(resource)))(t))["tags"].As(&elements))(t)
		tags := map[string]string{}
		for key, element := range elements {
			var value string
			made(0, element.As(&value))(t)
			tags[key] = value
		}
		return tags
	}
	for resource, group := range map[string]string{lbRules: w.LoadBalancerGroup, instanceRules: w.InstanceGroup} {
		w.server.create(resource, w.config(resource, blockValues{"tags": blockValues{"Name": "web", "Stage": "test"}}))
		wantEqual(t, listed(resource), map[string]string{"Name": "web", "Stage": "test"})
		rule := w.SecurityGroupRules("us-east-1", group)[0].ID
		tag := func(key, value string) {
			made(w.ec2.CreateTags(t.Context(), &ec2.CreateTagsInput{Resources: []string{rule}, Tags: []ec2types.Tag{{Key: &key, Value: &value}}}))(t)
		}
		tag("Cost", "1")
		tag("Of", "one")
		tag("Stage", "prod")
		wantEqual(t, listed(resource), map[string]string{"Name": "web"})
		tag("Name", "other")
		wantEqual(t, listed(resource), map[string]string{})
	}
}

// withoutRules is a state of which only that is left which a configuration states.
func withoutRules(t *testing.T, state tftypes.Value) tftypes.Value {
	t.Helper()
	attributes := attributesOf(t, state)
	for _, name := range []string{"ingress", "egress", "adopted_rule_ids"} {
		if value, there := attributes[name]; there {
			attributes[name] = tftypes.NewValue(value.Type(), nil)
		}
	}
	return tftypes.NewValue(state.Type(), attributes)
}

// wantEqual compares values as they print.
func wantEqual(t *testing.T, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func sorted(texts ...string) []string { return slices.Sorted(slices.Values(texts)) }

// TestListFilters: what belongs to one of the selected load balancers is listed
// with all its load balancers.
func TestListFilters(t *testing.T) {
	w := startLiveWorld(t, nil)
	other := w.furnishOther()
	w.ResetCalls()
	titles := func(resource string, config blockValues) []string {
		names := []string{}
		for _, result := range w.server.list(resource, tfprotov6.ListResourceRequest{}, config) {
			wantNothingSaid(t, result.Diagnostics)
			names = append(names, result.DisplayName)
		}
		return names
	}
	wantEqual(t, titles(lbGroups, blockValues{"name_pattern": "web*"}), []string{"web", "web-internal"})
	wantEqual(t, titles(lbGroups, blockValues{"vpc_id": other.VPC}), []string{"shop"})
	wantEqual(t, titles(lbGroups, blockValues{"vpc_id": other.VPC, "name_pattern": "web*"}), []string{})
	wantEqual(t, titles(lbGroups, blockValues{"region": "eu-west-1"}), []string{})
	wantEqual(t, titles(aclEntries, blockValues{"name_pattern": "web-internal"}), sorted(w.LoadBalancerACL+" (web, web-internal)", w.InstanceACL+" (web, web-internal)"))

	bad := w.server.list(lbRules, tfprotov6.ListResourceRequest{}, blockValues{"region": "mars"})
	wantSaid(t, bad[0].Diagnostics, said{summary: "Invalid AWS region", at: "region", detail: []string{`"mars" is not a region of AWS`}})
	bad = w.server.list(lbRules, tfprotov6.ListResourceRequest{}, blockValues{"name_pattern": "my_lb"})
	wantSaid(t, bad[0].Diagnostics, said{summary: "Invalid name pattern", at: "name_pattern", detail: []string{`"my_lb" matches no load balancer name`}})
	wantNoWrite(t, w.Calls())
}
