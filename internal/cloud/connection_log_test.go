// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"bytes"
	"context"
	"log"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-log/tflogtest"
)

// TestNoCredentialsInLogs: at the most talkative level neither keys and tokens
// of the settings nor those that AWS hands out are logged, whether calls
// succeed or fail. What helps to find a fault is.
func TestNoCredentialsInLogs(t *testing.T) {
	const jwt, password = "eyJhbGciOi.eyJzdWIiOiJjaSJ9.c2lnbmF0dXJl", "p@ss/w0rd"
	proxy := "http://me:" + url.QueryEscape(password) + "@proxy.example:3128"
	secrets := []string{
		testAccessKey, testSecretKey, "session-token-of-the-block", jwt, url.QueryEscape(jwt), password, url.QueryEscape(password),
		"metadata-session-token",
	}
	for _, role := range []string{"hub", "ci", "instance"} {
		secrets = append(secrets, roleAccessKey(role), roleSecretKey(role), roleToken(role), url.QueryEscape(roleToken(role)))
	}
	// echo repeats in an error what was sent and what is configured.
	echo := func(s Settings) func(stubCall) (int, string, string) {
		return func(c stubCall) (int, string, string) {
			return http.StatusForbidden, "SignatureDoesNotMatch", "The Canonical String for this request should have been 'POST\n/\n\nhost:aws\n" +
				"x-amz-security-token:" + c.Token + "\n\nhost;x-amz-security-token\n' " + s.SecretKey + " " + s.Token + " " + c.Form.Get("WebIdentityToken")
		}
	}
	tests := []struct {
		name   string
		adjust func(t *testing.T, s *Settings, aws *stub)
		// fails tells that Connect does.
		fails    bool
		wantLog  []string
		wantCall string
	}{
		{
			name:     "keys",
			adjust:   func(_ *testing.T, s *Settings, _ *stub) { s.Token = "session-token-of-the-block" },
			wantLog:  []string{"Action=DescribeSecurityGroups", "securityGroupInfo", "DescribeLoadBalancers", "GetCallerIdentity"},
			wantCall: "GetCallerIdentity",
		},
		{
			name: "role",
			adjust: func(_ *testing.T, s *Settings, _ *stub) {
				s.AssumeRoles = []AssumeRole{{RoleARN: "arn:aws:iam::123456789012:role/hub"}}
			},
			wantLog:  []string{"arn:aws:iam::123456789012:role/hub", "Action=DescribeSecurityGroups"},
			wantCall: "AssumeRole",
		},
		{
			name: "web identity",
			adjust: func(_ *testing.T, s *Settings, _ *stub) {
				s.AccessKey, s.SecretKey = "", ""
				s.WebIdentity = &WebIdentity{RoleARN: "arn:aws:iam::123456789012:role/ci", Token: jwt}
			},
			wantLog: []string{"AssumeRoleWithWebIdentity"}, wantCall: "AssumeRoleWithWebIdentity",
		},
		{
			name: "metadata service",
			adjust: func(t *testing.T, s *Settings, aws *stub) {
				t.Setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", aws.URL)
				use := true
				s.AccessKey, s.SecretKey, s.UseMetadataAPI = "", "", &use
			},
			wantLog: []string{"Action=DescribeSecurityGroups"}, wantCall: "metadata",
		},
		{
			name: "proxy with a password",
			adjust: func(_ *testing.T, s *Settings, _ *stub) {
				s.HTTPProxy, s.NoProxy = &proxy, "127.0.0.1"
			},
			wantLog: []string{"Action=DescribeSecurityGroups"}, wantCall: "DescribeSecurityGroups",
		},
		{
			name: "keys refused", fails: true,
			adjust: func(_ *testing.T, s *Settings, aws *stub) {
				s.Token, s.ValidateCredentials = "session-token-of-the-block", true
				aws.fail = echo(*s)
			},
			wantLog: []string{"GetCallerIdentity"}, wantCall: "GetCallerIdentity",
		},
		{
			name: "role refused", fails: true,
			adjust: func(_ *testing.T, s *Settings, aws *stub) {
				s.AssumeRoles = []AssumeRole{{RoleARN: "arn:aws:iam::123456789012:role/hub"}}
				aws.fail = echo(*s)
			},
			wantLog: []string{"AssumeRole"}, wantCall: "AssumeRole",
		},
		{
			name: "web identity refused", fails: true,
			adjust: func(_ *testing.T, s *Settings, aws *stub) {
				s.AccessKey, s.SecretKey = "", ""
				s.WebIdentity = &WebIdentity{RoleARN: "arn:aws:iam::123456789012:role/ci", Token: jwt}
				aws.fail = echo(*s)
			},
			wantLog: []string{"AssumeRoleWithWebIdentity"}, wantCall: "AssumeRoleWithWebIdentity",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			hermetic(t)
			t.Setenv("TF_LOG", "TRACE")
			var sink bytes.Buffer
			ctx := tflogtest.RootLogger(context.Background(), &sink)
			log.SetOutput(&sink)
			t.Cleanup(func() { log.SetOutput(os.Stderr) })

			aws := newStub(t)
			s := testSettings()
			s.Endpoints = Endpoints{EC2: aws.URL, ELB: aws.URL, STS: aws.URL}
			tt.adjust(t, &s, aws)
			c, warnings, err := Connect(ctx, s)
			said := ""
			for _, w := range warnings {
				said += w.Summary + w.Detail
			}
			if tt.fails {
				if err == nil {
					t.Fatal("no error")
				}
				said += err.Error()
			} else {
				if err != nil {
					t.Fatal(err)
				}
				// A resource's calls come with a context of their own.
				if err := describeGroups(ctx, c, ""); err != nil {
					t.Fatal(err)
				}
				if err := describeLoadBalancers(ctx, c, ""); err != nil {
					t.Fatal(err)
				}
				if _, err := c.AccountID(ctx); err != nil {
					t.Fatal(err)
				}
				aws.fail = echo(s)
				for _, err := range []error{describeGroups(ctx, c, ""), describeLoadBalancers(ctx, c, "")} {
					if err == nil {
						t.Error("no error")
					}
				}
			}
			aws.first(t, tt.wantCall)

			logged := sink.String()
			for _, want := range tt.wantLog {
				if !strings.Contains(logged, want) {
					t.Errorf("the log lacks %q", want)
				}
			}
			for _, secret := range secrets {
				for place, text := range map[string]string{"log": logged, "message": said} {
					if i := strings.Index(text, secret); i >= 0 {
						t.Errorf("%q is in the %s: …%s…", secret, place, text[max(0, i-300):min(len(text), i+len(secret)+100)])
					}
				}
			}
		})
	}
}
