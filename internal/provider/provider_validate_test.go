// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// validateProvider asks the provider's server, as `terraform validate` does.
func validateProvider(t *testing.T, block blockValues) []*tfprotov6.Diagnostic {
	t.Helper()
	config := providerBlock(t, block)
	value, err := tfprotov6.NewDynamicValue(config.Raw.Type(), config.Raw)
	if err != nil {
		t.Fatal(err)
	}
	server := providerserver.NewProtocol6(New("test")())()
	resp, err := server.ValidateProviderConfig(context.Background(), &tfprotov6.ValidateProviderConfigRequest{Config: &value})
	if err != nil {
		t.Fatal(err)
	}
	return resp.Diagnostics
}

func TestValidate(t *testing.T) {
	t.Parallel()
	const role = "arn:aws:iam::123456789012:role/deploy"
	web := func(more blockValues) blockValues {
		more["role_arn"] = role
		return blockValues{"assume_role_with_web_identity": []any{more}}
	}
	as := func(more blockValues) blockValues {
		if _, ok := more["role_arn"]; !ok {
			more["role_arn"] = role
		}
		return blockValues{"assume_role": []any{more}}
	}
	tests := []struct {
		name  string
		block blockValues
		want  []string // empty: valid
	}{
		{name: "nothing", block: blockValues{}},
		{name: "everything unknown", block: blockValues{
			"region": unknownValue{}, "access_key": unknownValue{}, "secret_key": unknownValue{}, "allowed_account_ids": unknownValue{}, "skip_region_validation": unknownValue{},
			"assume_role": unknownValue{}, "assume_role_with_web_identity": unknownValue{}, "endpoints": unknownValue{}, "default_tags": unknownValue{}, "ignore_tags": unknownValue{}, "limits": unknownValue{},
		}},
		{name: "empty strings", block: blockValues{"region": "", "access_key": "", "secret_key": "", "token": "", "http_proxy": "", "skip_metadata_api_check": ""}},
		{name: "region", block: blockValues{"region": "eu-west1"}, want: []string{`"eu-west1"`, "skip_region_validation"}},
		{name: "region, not checked", block: blockValues{"region": "eu-west1", "skip_region_validation": true}},
		{name: "region, not known whether checked", block: blockValues{"region": "eu-west1", "skip_region_validation": unknownValue{}}},
		{name: "access_key alone", block: blockValues{"access_key": "AKIASECRET"}, want: []string{"access_key: secret_key is missing"}},
		{name: "secret_key alone", block: blockValues{"secret_key": "hunter2"}, want: []string{"secret_key: access_key is missing"}},
		{name: "access_key with an unknown secret_key", block: blockValues{"access_key": "a", "secret_key": unknownValue{}}},
		{name: "token alone", block: blockValues{"token": "hunter2"}, want: []string{"token:", "Set access_key and secret_key"}},
		{name: "account", block: blockValues{"allowed_account_ids": []any{"123456789012", "1234"}}, want: []string{`allowed_account_ids: "1234"`, "12 digits"}},
		{name: "forbidden account", block: blockValues{"forbidden_account_ids": []any{"x"}}, want: []string{`forbidden_account_ids: "x"`}},
		{
			name: "both account lists", block: blockValues{"allowed_account_ids": []any{"123456789012"}, "forbidden_account_ids": []any{"123456789012"}},
			want: []string{"allowed_account_ids: conflicts with forbidden_account_ids"},
		},
		{
			name: "accounts nobody can check", block: blockValues{"forbidden_account_ids": []any{"123456789012"}, "skip_requesting_account_id": true},
			want: []string{"forbidden_account_ids: cannot be checked", "skip_requesting_account_id"},
		},
		{name: "max_retries", block: blockValues{"max_retries": 0}, want: []string{"max_retries", "at least 1"}},
		{name: "retry_mode", block: blockValues{"retry_mode": "legacy"}, want: []string{"retry_mode", `"standard" "adaptive"`}},
		{name: "skip_metadata_api_check", block: blockValues{"skip_metadata_api_check": "maybe"}, want: []string{"skip_metadata_api_check", `"maybe"`}},
		{name: "endpoint", block: blockValues{"endpoints": blockValues{"elb": "localhost:5000"}}, want: []string{`endpoints.elb: "localhost:5000"`, "http://localhost:5000"}},
		{name: "http_proxy", block: blockValues{"http_proxy": "me:hunter2@proxy:3128"}, want: []string{"http_proxy:", "with its scheme"}},
		{name: "https_proxy", block: blockValues{"https_proxy": "proxy"}, want: []string{"https_proxy:", "with its scheme"}},
		{name: "role", block: as(blockValues{"role_arn": "deploy"}), want: []string{`assume_role[0].role_arn: "deploy"`, role[:13]}},
		{name: "role of the second block", block: blockValues{"assume_role": []any{blockValues{"role_arn": role}, blockValues{"role_arn": ""}}}, want: []string{`assume_role[1].role_arn: ""`}},
		{name: "no role", block: blockValues{"assume_role": []any{blockValues{}}}, want: []string{"assume_role[0].role_arn", "required"}},
		{name: "session name", block: as(blockValues{"session_name": "a b"}), want: []string{`assume_role[0].session_name: "a b"`, "2 to 64"}},
		{name: "source identity", block: as(blockValues{"source_identity": "x"}), want: []string{`assume_role[0].source_identity: "x"`}},
		{name: "external id", block: as(blockValues{"external_id": "a b"}), want: []string{`assume_role[0].external_id: "a b"`}},
		{name: "duration", block: as(blockValues{"duration": "3600"}), want: []string{`assume_role[0].duration: "3600"`, "1h30m"}},
		{name: "duration too long", block: as(blockValues{"duration": "13h"}), want: []string{"assume_role[0].duration: a session cannot last 13h", "15m to 12h"}},
		{name: "policy", block: as(blockValues{"policy": "{"}), want: []string{"assume_role[0].policy:", "jsonencode"}},
		{name: "policy ARN", block: as(blockValues{"policy_arns": []any{"x"}}), want: []string{`assume_role[0].policy_arns: "x"`}},
		{name: "web identity", block: web(blockValues{"web_identity_token_file": "/jwt"})},
		{name: "web identity with an unknown token", block: web(blockValues{"web_identity_token": unknownValue{}})},
		{name: "web identity without a token", block: web(blockValues{}), want: []string{"assume_role_with_web_identity: set either web_identity_token or web_identity_token_file"}},
		{
			name: "web identity with two tokens", block: web(blockValues{"web_identity_token": "hunter2", "web_identity_token_file": "/jwt"}),
			want: []string{"assume_role_with_web_identity: set either web_identity_token or web_identity_token_file"},
		},
		{
			name: "two web identities", want: []string{"assume_role_with_web_identity", "at most 1"},
			block: blockValues{"assume_role_with_web_identity": []any{
				blockValues{"role_arn": role, "web_identity_token": "a"}, blockValues{"role_arn": role, "web_identity_token": "b"},
			}},
		},
		{name: "tag", block: blockValues{"default_tags": blockValues{"tags": blockValues{"aws:x": "y"}}}, want: []string{"default_tags.tags:", `"aws:x"`}},
		{name: "limit", block: blockValues{"limits": blockValues{"entries_per_network_acl": 0}}, want: []string{"limits.entries_per_network_acl", "at least 1"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			diags := validateProvider(t, tt.block)
			said := ""
			for _, d := range diags {
				said += d.Summary + ": " + d.Detail + "\n"
			}
			t.Log(said)
			if len(tt.want) == 0 && len(diags) > 0 || len(tt.want) > 0 && len(diags) != 1 {
				t.Fatalf("%d diagnostics", len(diags))
			}
			for _, want := range tt.want {
				if !strings.Contains(said, want) {
					t.Errorf("no word of %q", want)
				}
			}
			if strings.Contains(said, "hunter2") || strings.Contains(said, "AKIASECRET") {
				t.Error("a credential is in the message")
			}
		})
	}
}
