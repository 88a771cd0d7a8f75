// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"

	"github.com/terraform-clb/terraform-provider-clb/internal/cloud"
	"github.com/terraform-clb/terraform-provider-clb/internal/verify"
)

// seeSettings notes with which settings AWS would be reached.
func seeSettings(seen *cloud.Settings) Option {
	return WithSettings(func(s *cloud.Settings) { *seen = *s })
}

func configureProvider(t *testing.T, req provider.ConfigureRequest, options ...Option) provider.ConfigureResponse {
	t.Helper()
	var resp provider.ConfigureResponse
	quiet := WithEnvironment()
	New("1.2.3", append([]Option{quiet}, options...)...)().Configure(t.Context(), req, &resp)
	return resp
}

// TestEveryArgument follows each argument of the block to the settings with
// which AWS is reached, or to the data of the resources.
func TestEveryArgument(t *testing.T) {
	noAWSEnvironment(t)
	text := func(s string) *string { return &s }
	yes, no := true, false
	tests := []struct {
		name   string
		block  blockValues
		env    []string
		adjust func(*cloud.Settings)
		data   func(*providerData)
	}{
		{name: "region", block: blockValues{"region": "eu-west-1"}, adjust: func(s *cloud.Settings) { s.Region = "eu-west-1" }},
		{
			name: "profile and shared files", adjust: func(s *cloud.Settings) {
				s.Profile, s.SharedConfigFiles, s.SharedCredentialsFiles = "p", []string{"/a", "/b"}, []string{"/c"}
			},
			block: blockValues{"profile": "p", "shared_config_files": []any{"/a", "/b"}, "shared_credentials_files": []any{"/c"}},
		},
		{name: "enforcement", block: blockValues{"enforcement": "strict"}, data: func(d *providerData) { d.enforcement = verify.Strict }},
		{name: "token", block: blockValues{"token": "t"}, adjust: func(s *cloud.Settings) { s.Token = "t" }},
		{
			name: "max_retries and retry_mode", block: blockValues{"max_retries": 3, "retry_mode": "adaptive"},
			adjust: func(s *cloud.Settings) { s.MaxRetries, s.RetryMode = 3, "adaptive" },
		},
		{
			name: "skip_requesting_account_id", block: blockValues{"skip_requesting_account_id": true},
			adjust: func(s *cloud.Settings) { s.SkipRequestingAccountID = true },
		},
		{name: "skip_credentials_validation = true", block: blockValues{"skip_credentials_validation": true}},
		{
			name: "skip_credentials_validation = false", block: blockValues{"skip_credentials_validation": false},
			adjust: func(s *cloud.Settings) { s.ValidateCredentials = true },
		},
		{
			name: "skip_region_validation", block: blockValues{"region": "mars-1", "skip_region_validation": true},
			adjust: func(s *cloud.Settings) { s.Region, s.SkipRegionValidation = "mars-1", true },
		},
		{
			name: "skip_metadata_api_check = true", block: blockValues{"skip_metadata_api_check": "true"},
			adjust: func(s *cloud.Settings) { s.UseMetadataAPI = &no },
		},
		{
			name: "skip_metadata_api_check = false", block: blockValues{"skip_metadata_api_check": "false"},
			adjust: func(s *cloud.Settings) { s.UseMetadataAPI = &yes },
		},
		{name: "skip_metadata_api_check empty", block: blockValues{"skip_metadata_api_check": ""}},
		{
			name: "allowed_account_ids", block: blockValues{"allowed_account_ids": []any{"111111111111"}},
			adjust: func(s *cloud.Settings) { s.AllowedAccountIDs = []string{"111111111111"} },
		},
		{
			name: "forbidden_account_ids", block: blockValues{"forbidden_account_ids": []any{"111111111111"}},
			adjust: func(s *cloud.Settings) { s.ForbiddenAccountIDs = []string{"111111111111"} },
		},
		{
			name: "certificates", block: blockValues{"custom_ca_bundle": "/ca.pem", "insecure": true},
			adjust: func(s *cloud.Settings) { s.CustomCABundle, s.Insecure = "/ca.pem", true },
		},
		{
			name: "proxies", block: blockValues{"http_proxy": "http://p:1", "https_proxy": "", "no_proxy": "a,b"},
			adjust: func(s *cloud.Settings) { s.HTTPProxy, s.HTTPSProxy, s.NoProxy = text("http://p:1"), text(""), "a,b" },
		},
		{
			name: "use_fips_endpoint and use_dualstack_endpoint", block: blockValues{"use_fips_endpoint": true, "use_dualstack_endpoint": true},
			adjust: func(s *cloud.Settings) { s.UseFIPS, s.UseDualStack = true, true },
		},
		{
			name: "endpoints", block: blockValues{"endpoints": blockValues{"ec2": "http://1", "elb": "http://2", "sts": "http://3"}},
			adjust: func(s *cloud.Settings) {
				s.Endpoints = cloud.Endpoints{EC2: "http://1", ELB: "http://2", STS: "http://3"}
			},
		},
		{
			name: "assume_role",
			block: blockValues{"assume_role": []any{
				blockValues{"role_arn": "arn:1"},
				blockValues{
					"role_arn": "arn:2", "session_name": "s", "external_id": "e", "duration": "1h30m", "policy": "{}", "policy_arns": []any{"arn:p"},
					"source_identity": "i", "tags": blockValues{"a": "b", "c": nil}, "transitive_tag_keys": []any{"a"},
				},
			}},
			adjust: func(s *cloud.Settings) {
				s.AssumeRoles = []cloud.AssumeRole{
					{RoleARN: "arn:1", Tags: map[string]string{}},
					{
						RoleARN: "arn:2", SessionName: "s", ExternalID: "e", Duration: 90 * time.Minute, Policy: "{}", PolicyARNs: []string{"arn:p"},
						SourceIdentity: "i", Tags: map[string]string{"a": "b"}, TransitiveTagKeys: []string{"a"},
					},
				}
			},
		},
		{
			name: "assume_role_with_web_identity",
			block: blockValues{"assume_role_with_web_identity": []any{blockValues{
				"role_arn": "arn:1", "session_name": "s", "duration": "20m", "policy": "{}", "policy_arns": []any{"arn:p"},
				"web_identity_token": "jwt", "web_identity_token_file": "/jwt",
			}}},
			adjust: func(s *cloud.Settings) {
				s.WebIdentity = &cloud.WebIdentity{
					RoleARN: "arn:1", SessionName: "s", Duration: 20 * time.Minute, Policy: "{}", PolicyARNs: []string{"arn:p"}, Token: "jwt", TokenFile: "/jwt",
				}
			},
		},
		{
			name: "default_tags", block: blockValues{"default_tags": blockValues{"tags": blockValues{"Team": "net", "None": nil}}},
			data: func(d *providerData) { d.defaultTags = map[string]string{"Team": "net"} },
		},
		{
			name: "default_tags with an unknown value", block: blockValues{"default_tags": blockValues{"tags": blockValues{"Team": "net", "Run": unknownValue{}}}},
			data: func(d *providerData) { d.defaultTags, d.defaultTagsUnknown = map[string]string{"Team": "net"}, true },
		},
		{
			name: "default_tags wholly unknown", block: blockValues{"default_tags": blockValues{"tags": unknownValue{}}},
			data: func(d *providerData) { d.defaultTags, d.defaultTagsUnknown = map[string]string{}, true },
		},
		{
			name: "default_tags of an unknown dynamic block", block: blockValues{"default_tags": unknownValue{}},
			data: func(d *providerData) { d.defaultTagsUnknown = true },
		},
		{name: "default_tags empty", block: blockValues{"default_tags": blockValues{}}, data: func(d *providerData) { d.defaultTags = map[string]string{} }},
		{
			name: "ignore_tags", block: blockValues{"ignore_tags": blockValues{"keys": []any{"a"}, "key_prefixes": []any{"b/"}}},
			data: func(d *providerData) { d.ignoreTags = ignoreTags{keys: []string{"a"}, keyPrefixes: []string{"b/"}} },
		},
		{
			name: "tags of the environment", env: []string{"TF_AWS_DEFAULT_TAGS_Team=net", "TF_AWS_DEFAULT_TAGS_=", "TF_AWS_IGNORE_TAGS_KEYS=a, b,", "TF_AWS_IGNORE_TAGS_KEY_PREFIXES=c/"},
			data: func(d *providerData) {
				d.defaultTags, d.ignoreTags = map[string]string{"Team": "net"}, ignoreTags{keys: []string{"a", "b"}, keyPrefixes: []string{"c/"}}
			},
		},
		{
			name: "tags of the environment besides those of the block", env: []string{"TF_AWS_DEFAULT_TAGS_Team=net", "TF_AWS_DEFAULT_TAGS_Stage=a=b", "TF_AWS_IGNORE_TAGS_KEYS=a"},
			block: blockValues{"default_tags": blockValues{"tags": blockValues{"Team": "web"}}, "ignore_tags": blockValues{"keys": []any{"b"}}},
			data: func(d *providerData) {
				d.defaultTags, d.ignoreTags = map[string]string{"Team": "web", "Stage": "a=b"}, ignoreTags{keys: []string{"b", "a"}}
			},
		},
		{
			name: "limits", block: blockValues{"limits": blockValues{"rules_per_security_group": 60, "entries_per_network_acl": 40}},
			data: func(d *providerData) {
				d.limits.rulesPerSecurityGroup = limit{value: 60, configured: true}
				d.limits.entriesPerNetworkACL = limit{value: 40, configured: true}
			},
		},
		{
			name: "limits: security_groups_per_interface", block: blockValues{"limits": blockValues{"security_groups_per_interface": 8}},
			data: func(d *providerData) { d.limits.securityGroupsPerInterface = limit{value: 8, configured: true} },
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			want := cloud.Settings{Region: "us-east-1", AccessKey: "a", SecretKey: "s", Version: "1.2.3", TerraformVersion: "1.11.4"}
			block := blockValues{"region": want.Region, "access_key": want.AccessKey, "secret_key": want.SecretKey}
			for name, value := range tt.block {
				block[name] = value
			}
			if tt.adjust != nil {
				tt.adjust(&want)
			}
			var got cloud.Settings
			resp := configureProvider(t, provider.ConfigureRequest{Config: providerBlock(t, block), TerraformVersion: "1.11.4"}, seeSettings(&got), WithEnvironment(tt.env...),
				// Roles, files and accounts are package cloud's matter.
				WithSettings(func(s *cloud.Settings) {
					*s = cloud.Settings{Region: "us-east-1", AccessKey: "a", SecretKey: "s"}
				}))
			if resp.Diagnostics.HasError() {
				t.Fatal(resp.Diagnostics)
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("settings\n%+v, want\n%+v", got, want)
			}

			data, ok := resp.ResourceData.(*providerData)
			if !ok || resp.DataSourceData != resp.ResourceData || data.connection == nil || data.claims == nil || data.locks == nil || data.seen == nil || data.now == nil {
				t.Fatalf("data of the resources: %+v", resp.ResourceData)
			}
			// Functions cannot be compared.
			data.now = nil
			wantData := *data
			wantData.enforcement, wantData.enforcementForced, wantData.accept = verify.Recommended, false, nil
			wantData.defaultTags, wantData.defaultTagsUnknown, wantData.ignoreTags = map[string]string{}, false, ignoreTags{}
			wantData.limits = limits{
				rulesPerSecurityGroup:      limit{value: 60},
				entriesPerNetworkACL:       limit{value: 20},
				securityGroupsPerInterface: limit{value: 5},
			}
			if tt.data != nil {
				tt.data(&wantData)
			}
			if !reflect.DeepEqual(*data, wantData) {
				t.Errorf("data\n%+v, want\n%+v", *data, wantData)
			}
		})
	}
}

// TestTagKeyOfTheEnvironment: AWS would refuse each rule with this tag.
func TestTagKeyOfTheEnvironment(t *testing.T) {
	noAWSEnvironment(t)
	resp := configureProvider(t, provider.ConfigureRequest{Config: providerBlock(t, blockValues{"region": "us-east-1", "access_key": "a", "secret_key": "s"})}, WithEnvironment("TF_AWS_DEFAULT_TAGS_aws:x=y"))
	if len(resp.Diagnostics) != 1 || !strings.Contains(resp.Diagnostics[0].Detail(), `TF_AWS_DEFAULT_TAGS_aws:x: the tag key "aws:x" begins with aws:`) {
		t.Errorf("got %v", resp.Diagnostics)
	}
}

// TestNoCallAtStart: with keys in the block nobody is asked anything.
func TestNoCallAtStart(t *testing.T) {
	noAWSEnvironment(t)
	// A port where nobody listens: any call would be an error.
	nowhere := blockValues{"ec2": "http://127.0.0.1:1", "elb": "http://127.0.0.1:1", "sts": "http://127.0.0.1:1"}
	resp := configureProvider(t, provider.ConfigureRequest{Config: providerBlock(t, blockValues{
		"region": "us-east-1", "access_key": "a", "secret_key": "s", "endpoints": nowhere, "skip_credentials_validation": true,
	})})
	if len(resp.Diagnostics) > 0 {
		t.Error(resp.Diagnostics)
	}
}

// TestConnectErrorsNameTheArgument: what package cloud says reaches the user
// whole, at the argument.
func TestConnectErrorsNameTheArgument(t *testing.T) {
	noAWSEnvironment(t)
	resp := configureProvider(t, provider.ConfigureRequest{Config: providerBlock(t, blockValues{"access_key": "a", "secret_key": "s"})})
	errs := resp.Diagnostics.Errors()
	if len(errs) != 1 || errs[0].Summary() != "Missing AWS region" || !strings.Contains(errs[0].Detail(), "AWS_REGION") {
		t.Fatal(resp.Diagnostics)
	}
	if at, ok := errs[0].(interface{ Path() path.Path }); !ok || at.Path().String() != "region" {
		t.Errorf("the error is not at region: %v", errs[0])
	}
	if resp.ResourceData != nil || resp.DataSourceData != nil {
		t.Error("resources get data of a provider that is not configured")
	}

	resp = configureProvider(t, provider.ConfigureRequest{Config: providerBlock(t, blockValues{"region": "us-east-1"})})
	if errs := resp.Diagnostics.Errors(); len(errs) != 1 || errs[0].Summary() != "No valid AWS credentials" {
		t.Error(resp.Diagnostics)
	}
}

func TestUnknownArguments(t *testing.T) {
	noAWSEnvironment(t)
	tests := []struct {
		name  string
		block blockValues
		want  []string
	}{
		{"region", blockValues{"region": unknownValue{}}, []string{"region"}},
		{"keys", blockValues{"access_key": unknownValue{}, "secret_key": unknownValue{}}, []string{"access_key", "secret_key"}},
		{"role", blockValues{"assume_role": []any{blockValues{"role_arn": "arn:aws:iam::123456789012:role/a"}, blockValues{"role_arn": unknownValue{}}}}, []string{"assume_role[1].role_arn"}},
		{"all roles", blockValues{"assume_role": unknownValue{}}, []string{"assume_role"}},
		{"session tag", blockValues{"assume_role": []any{blockValues{"role_arn": "arn", "tags": blockValues{"a": unknownValue{}}}}}, []string{`assume_role[0].tags["a"]`}},
		{"endpoint", blockValues{"endpoints": blockValues{"ec2": unknownValue{}}}, []string{"endpoints.ec2"}},
		{"account of a set", blockValues{"allowed_account_ids": []any{unknownValue{}}}, []string{"allowed_account_ids"}},
		{"limit", blockValues{"limits": blockValues{"rules_per_security_group": unknownValue{}}}, []string{"limits.rules_per_security_group"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			config := providerBlock(t, tt.block)
			resp := configureProvider(t, provider.ConfigureRequest{Config: config}, WithSettings(func(*cloud.Settings) {
				t.Error("AWS is reached with half of a configuration")
			}))
			errs := resp.Diagnostics.Errors()
			if len(errs) != len(tt.want) {
				t.Fatalf("%d errors, want %d: %v", len(errs), len(tt.want), errs)
			}
			said := ""
			for _, e := range errs {
				said += e.Detail() + "\n"
			}
			for _, want := range tt.want {
				if !strings.Contains(said, "argument "+want+" depends") || !strings.Contains(said, "-target") {
					t.Errorf("errors do not name %s or what to do:\n%s", want, said)
				}
			}

			deferred := configureProvider(t, provider.ConfigureRequest{
				Config: config, ClientCapabilities: provider.ConfigureProviderClientCapabilities{DeferralAllowed: true},
			})
			if deferred.Deferred == nil || len(deferred.Diagnostics) > 0 {
				t.Errorf("a Terraform that can defer is not asked to: %+v", deferred)
			}
		})
	}
}

// TestForeignErrors: an error without an argument is still shown.
func TestForeignErrors(t *testing.T) {
	t.Parallel()
	var resp provider.ConfigureResponse
	addConnectError(&resp.Diagnostics, errors.New("the sky fell"))
	if got := resp.Diagnostics.Errors(); len(got) != 1 || got[0].Detail() != "the sky fell" {
		t.Error(got)
	}
}
