// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestConnectErrors: what goes wrong is said in the user's words, with the
// argument to look at.
func TestConnectErrors(t *testing.T) {
	refuse := func(stubCall) (int, string, string) {
		return http.StatusForbidden, "AccessDenied", "User: arn:aws:iam::123456789012:user/me is not authorized to perform: sts:AssumeRole"
	}
	role := AssumeRole{RoleARN: "arn:aws:iam::123456789012:role/deploy", SessionName: "run"}
	tests := []struct {
		name          string
		env           map[string]string
		adjust        func(t *testing.T, s *Settings, aws *stub)
		wantAttribute string
		wantSummary   string
		wantDetail    []string
	}{
		{
			name: "no region", adjust: func(_ *testing.T, s *Settings, _ *stub) { s.Region = "" },
			wantAttribute: "region", wantSummary: "Missing AWS region", wantDetail: []string{"Set region", "AWS_REGION"},
		},
		{
			name:          "no region to assume a role in",
			adjust:        func(_ *testing.T, s *Settings, _ *stub) { s.Region, s.AssumeRoles = "", []AssumeRole{role} },
			wantAttribute: "region", wantSummary: "Missing AWS region", wantDetail: []string{"Set region", "AWS_REGION"},
		},
		{
			name: "mistyped region", adjust: func(_ *testing.T, s *Settings, _ *stub) { s.Region = "eu-west1" },
			wantAttribute: "region", wantSummary: "Invalid AWS region", wantDetail: []string{`"eu-west1"`, "skip_region_validation"},
		},
		{
			name: "mistyped region in the environment", env: map[string]string{"AWS_REGION": "eu-west1"},
			adjust:        func(_ *testing.T, s *Settings, _ *stub) { s.Region = "" },
			wantAttribute: "region", wantSummary: "Invalid AWS region", wantDetail: []string{`"eu-west1"`},
		},
		{
			name: "no credentials", adjust: func(_ *testing.T, s *Settings, _ *stub) { s.AccessKey, s.SecretKey = "", "" },
			wantSummary: "No valid AWS credentials", wantDetail: []string{"access_key", "profile", "AWS_PROFILE"},
		},
		{
			name:          "unknown profile",
			adjust:        func(_ *testing.T, s *Settings, _ *stub) { s.AccessKey, s.SecretKey, s.Profile = "", "", "prod" },
			wantAttribute: "profile", wantSummary: "Unknown AWS profile", wantDetail: []string{`"prod"`, "shared_config_files"},
		},
		{
			name: "unknown profile in the environment", env: map[string]string{"AWS_PROFILE": "prod"},
			adjust:        func(_ *testing.T, s *Settings, _ *stub) { s.AccessKey, s.SecretKey = "", "" },
			wantAttribute: "profile", wantSummary: "Unknown AWS profile", wantDetail: []string{`"prod"`, "AWS_PROFILE"},
		},
		{
			name:          "missing CA bundle",
			adjust:        func(_ *testing.T, s *Settings, _ *stub) { s.CustomCABundle = "/nowhere/ca.pem" },
			wantAttribute: "custom_ca_bundle", wantSummary: "Invalid CA bundle", wantDetail: []string{`"/nowhere/ca.pem"`, "PEM"},
		},
		{
			name:          "CA bundle without a certificate",
			adjust:        func(t *testing.T, s *Settings, _ *stub) { s.CustomCABundle = writeFile(t, "nothing") },
			wantAttribute: "custom_ca_bundle", wantSummary: "Invalid CA bundle", wantDetail: []string{"no certificate"},
		},
		{
			name: "missing CA bundle in the environment", env: map[string]string{"AWS_CA_BUNDLE": "/nowhere/ca.pem"},
			adjust:      func(*testing.T, *Settings, *stub) {},
			wantSummary: "Unable to configure AWS access", wantDetail: []string{"/nowhere/ca.pem", "environment"},
		},
		{
			name: "role refused",
			adjust: func(_ *testing.T, s *Settings, aws *stub) {
				aws.fail, s.Endpoints.STS = refuse, aws.URL
				s.AssumeRoles = []AssumeRole{role}
			},
			wantAttribute: "assume_role", wantSummary: "Unable to assume IAM role",
			wantDetail: []string{"The role arn:aws:iam::123456789012:role/deploy", "AccessDenied: User: arn", "trust policy"},
		},
		{
			name: "second role refused",
			adjust: func(_ *testing.T, s *Settings, aws *stub) {
				aws.fail = func(c stubCall) (int, string, string) {
					if c.AccessKey == testAccessKey {
						return 0, "", ""
					}
					return refuse(c)
				}
				s.Endpoints.STS = aws.URL
				s.AssumeRoles = []AssumeRole{{RoleARN: "arn:aws:iam::123456789012:role/hub", SessionName: "run"}, role}
			},
			wantAttribute: "assume_role", wantSummary: "Unable to assume IAM role",
			wantDetail: []string{"One of the roles arn:aws:iam::123456789012:role/hub, then arn:aws:iam::123456789012:role/deploy"},
		},
		{
			name: "web identity refused",
			adjust: func(_ *testing.T, s *Settings, aws *stub) {
				aws.fail = func(stubCall) (int, string, string) {
					return http.StatusBadRequest, "ExpiredTokenException", "Token expired"
				}
				s.AccessKey, s.SecretKey, s.Endpoints.STS = "", "", aws.URL
				s.WebIdentity = &WebIdentity{RoleARN: role.RoleARN, SessionName: "run", Token: "jwt"}
			},
			wantAttribute: "assume_role_with_web_identity", wantSummary: "Unable to assume IAM role",
			wantDetail: []string{role.RoleARN, "ExpiredTokenException: Token expired."},
		},
		{
			name: "web identity token file missing",
			adjust: func(_ *testing.T, s *Settings, aws *stub) {
				s.AccessKey, s.SecretKey, s.Endpoints.STS = "", "", aws.URL
				s.WebIdentity = &WebIdentity{RoleARN: role.RoleARN, SessionName: "run", TokenFile: "/nowhere/jwt"}
			},
			wantAttribute: "assume_role_with_web_identity", wantSummary: "Unable to assume IAM role",
			wantDetail: []string{"/nowhere/jwt"},
		},
		{
			name: "somebody else answers",
			adjust: func(t *testing.T, s *Settings, _ *stub) {
				server := httptest.NewServer(http.NotFoundHandler())
				t.Cleanup(server.Close)
				s.Endpoints.STS, s.ValidateCredentials = server.URL, true
			},
			wantSummary: "Unable to read the AWS account id", wantDetail: []string{"(HTTP status 404)", "endpoints.sts"},
		},
		{
			name: "validation of wrong keys",
			adjust: func(_ *testing.T, s *Settings, aws *stub) {
				aws.fail = func(stubCall) (int, string, string) {
					return http.StatusForbidden, "InvalidClientTokenId", "The security token included in the request is invalid."
				}
				s.Endpoints.STS, s.ValidateCredentials = aws.URL, true
			},
			wantSummary: "Unable to read the AWS account id",
			wantDetail:  []string{"InvalidClientTokenId: The security token included in the request is invalid.\n", "credentials"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			hermetic(t)
			for name, value := range tt.env {
				t.Setenv(name, value)
			}
			s := testSettings()
			tt.adjust(t, &s, newStub(t))
			c, _, err := Connect(t.Context(), s)
			var connect *ConnectError
			if !errors.As(err, &connect) || c != nil {
				t.Fatalf("connection %v and error %v, want a ConnectError", c, err)
			}
			t.Log(connect.Detail)
			if connect.Attribute != tt.wantAttribute || connect.Summary != tt.wantSummary {
				t.Errorf("%s: %s, want %s: %s", connect.Attribute, connect.Summary, tt.wantAttribute, tt.wantSummary)
			}
			for _, want := range tt.wantDetail {
				if !strings.Contains(connect.Detail, want) {
					t.Errorf("the detail lacks %q:\n%s", want, connect.Detail)
				}
			}
			for _, raw := range []string{"operation error", "https response error", "RequestID", "StatusCode", "%!"} {
				if strings.Contains(connect.Detail, raw) {
					t.Errorf("the detail holds the SDK's %q:\n%s", raw, connect.Detail)
				}
			}
		})
	}
}

func TestChecks(t *testing.T) {
	long := strings.Repeat("x", 129)
	tests := []struct {
		name      string
		check     func(string) error
		good, bad []string
		wantHint  string
	}{
		{"region", CheckRegion, []string{"eu-west-1", "us-gov-west-1", "cn-north-1"}, []string{"eu-west1", "EU-WEST-1", ""}, "skip_region_validation"},
		{"account", CheckAccountID, []string{"012345678901"}, []string{"", "12345678901", "1234567890123", "12345678901x", "1234-5678-901"}, "12 digits"},
		{
			"role", CheckRoleARN,
			[]string{"arn:aws:iam::123456789012:role/a", "arn:aws-cn:iam::123456789012:role/path/a"},
			[]string{"", "deploy", "arn:aws:iam::123456789012:role/", "arn:aws:iam::123456789012:user/a", "arn:aws:iam::1:role/a", "arn:aws:sts::123456789012:role/a"},
			"arn:aws:iam::",
		},
		{
			"policy ARN", CheckPolicyARN,
			[]string{"arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws:iam::123456789012:policy/a"},
			[]string{"", "ReadOnlyAccess", "arn:aws:iam::aws:role/a"},
			"arn:aws:iam::",
		},
		{"session name", CheckSessionName, []string{"", "ci", "a.b@c=d,e+f-g_h"}, []string{"x", "with space", strings.Repeat("x", 65)}, "2 to 64"},
		{"external id", CheckExternalID, []string{"", "a/b:c"}, []string{"x", "a b", strings.Repeat("x", 1225)}, "2 to 1224"},
		{"duration", CheckDuration, []string{"", "15m", "1h30m", "12h", "900s"}, []string{"3600", "14m59s", "12h0m1s", "-1h", "one hour", "1d"}, "1"},
		{"policy", CheckPolicy, []string{"", `{"Version":"2012-10-17"}`}, []string{"{", "[]", `"text"`}, "jsonencode"},
		{
			"endpoint", CheckEndpoint,
			[]string{"", "http://localhost:5000", "https://vpce-1.ec2.us-east-1.vpce.amazonaws.com"},
			[]string{"localhost:5000", "localhost", "ftp://host", "http://", "http://:80", "http://a b"}, "http://localhost:5000",
		},
		{"endpoint with a password", CheckEndpoint, nil, []string{"http://me:hunter2@localhost"}, "password"},
		{
			"proxy", CheckProxy,
			[]string{"", "http://proxy:3128", "https://me:pw@proxy:3128", "socks5://proxy:1080"},
			[]string{"proxy:3128", "10.0.0.1:3128", "me:hunter2@proxy:3128", "http://me:hunter2@", "ftp://proxy"}, "http://proxy.example.com:3128",
		},
		{"tag key", CheckTagKey, []string{"Team", "kubernetes.io/cluster/a", strings.Repeat("ü", 128)}, []string{"", "aws:cloudformation", "AWS:x", long}, "tag key"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, v := range tt.good {
				if err := tt.check(v); err != nil {
					t.Errorf("%q: %v", v, err)
				}
			}
			for _, v := range tt.bad {
				err := tt.check(v)
				if err == nil || !strings.Contains(err.Error(), tt.wantHint) {
					t.Errorf("%q: error %v, want one that says %q", v, err, tt.wantHint)
				} else if strings.Contains(err.Error(), "hunter2") {
					t.Errorf("the password is in %q", err)
				}
			}
		})
	}
}
