// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"errors"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestCredentials(t *testing.T) {
	profiles := "[default]\naws_access_key_id = AKIADEFAULT\naws_secret_access_key = s1\n[other]\naws_access_key_id = AKIAOTHER\naws_secret_access_key = s2\n"
	none := func(s *Settings) { s.AccessKey, s.SecretKey = "", "" }
	tests := []struct {
		name    string
		env     map[string]string
		adjust  func(t *testing.T, s *Settings)
		wantKey string
		// wantToken is the session token.
		wantToken, wantRegion string
	}{
		{name: "keys of the block", wantKey: testAccessKey},
		{name: "token of the block", adjust: func(_ *testing.T, s *Settings) { s.Token = "session" }, wantKey: testAccessKey, wantToken: "session"},
		{
			name:    "keys of the block beat the environment",
			env:     map[string]string{"AWS_ACCESS_KEY_ID": "AKIAENV", "AWS_SECRET_ACCESS_KEY": "x", "AWS_SESSION_TOKEN": "y"},
			wantKey: testAccessKey,
		},
		{
			name: "keys of the environment", adjust: func(_ *testing.T, s *Settings) { none(s) },
			env:     map[string]string{"AWS_ACCESS_KEY_ID": "AKIAENV", "AWS_SECRET_ACCESS_KEY": "x", "AWS_SESSION_TOKEN": "y"},
			wantKey: "AKIAENV", wantToken: "y",
		},
		{
			name:    "shared_credentials_files",
			adjust:  func(t *testing.T, s *Settings) { none(s); s.SharedCredentialsFiles = []string{writeFile(t, profiles)} },
			wantKey: "AKIADEFAULT",
		},
		{
			name: "profile",
			adjust: func(t *testing.T, s *Settings) {
				none(s)
				s.SharedCredentialsFiles, s.Profile = []string{writeFile(t, profiles)}, "other"
			},
			wantKey: "AKIAOTHER",
		},
		{
			name: "AWS_PROFILE", env: map[string]string{"AWS_PROFILE": "other"},
			adjust:  func(t *testing.T, s *Settings) { none(s); s.SharedCredentialsFiles = []string{writeFile(t, profiles)} },
			wantKey: "AKIAOTHER",
		},
		{
			name: "shared_config_files",
			adjust: func(t *testing.T, s *Settings) {
				none(s)
				s.Region = ""
				s.Profile = "here"
				s.SharedConfigFiles = []string{writeFile(t, "[profile here]\nregion = eu-north-1\naws_access_key_id = AKIACONFIG\naws_secret_access_key = s3\n")}
			},
			wantKey: "AKIACONFIG", wantRegion: "eu-north-1",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			hermetic(t)
			for name, value := range tt.env {
				t.Setenv(name, value)
			}
			s := testSettings()
			if tt.adjust != nil {
				tt.adjust(t, &s)
			}
			c := connect(t, s)
			got, err := c.config.Credentials.Retrieve(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if got.AccessKeyID != tt.wantKey || got.SessionToken != tt.wantToken {
				t.Errorf("access key %q with token %q, want %q with %q", got.AccessKeyID, got.SessionToken, tt.wantKey, tt.wantToken)
			}
			if want := cmpOr(tt.wantRegion, "us-east-1"); c.Region() != want {
				t.Errorf("region %q, want %q", c.Region(), want)
			}
		})
	}
}

func TestMetadataService(t *testing.T) {
	yes, no := true, false
	tests := []struct {
		name     string
		disabled string
		use      *bool
		want     bool
	}{
		{name: "left to the environment, which forbids it", disabled: "true"},
		{name: "left to the environment, which allows it", disabled: "false", want: true},
		{name: "skip_metadata_api_check is true", disabled: "false", use: &no},
		{name: "skip_metadata_api_check is false", disabled: "true", use: &yes, want: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			hermetic(t)
			aws := newStub(t)
			t.Setenv("AWS_EC2_METADATA_DISABLED", tt.disabled)
			t.Setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", aws.URL)
			s := testSettings()
			s.AccessKey, s.SecretKey, s.UseMetadataAPI = "", "", tt.use
			c, _, err := Connect(t.Context(), s)
			if tt.want != slices.Contains(aws.actions(), "metadata") {
				t.Errorf("calls of the metadata service: %v, want some: %t", aws.actions(), tt.want)
			}
			if !tt.want {
				if err == nil || !strings.Contains(err.Error(), "access_key") {
					t.Errorf("error %v, want one that names access_key", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got, _ := c.config.Credentials.Retrieve(t.Context()); got.AccessKeyID != roleAccessKey("instance") {
				t.Errorf("access key %q", got.AccessKeyID)
			}
		})
	}
}

func TestRoleChain(t *testing.T) {
	hermetic(t)
	aws := newStub(t)
	s := testSettings()
	s.Endpoints = Endpoints{EC2: aws.URL, ELB: aws.URL, STS: aws.URL}
	s.AssumeRoles = []AssumeRole{
		{RoleARN: "arn:aws:iam::111111111111:role/hub", SessionName: "first"},
		{
			RoleARN: "arn:aws:iam::222222222222:role/spoke", SessionName: "second", ExternalID: "ext", Duration: 30 * time.Minute,
			Policy: `{"Version":"2012-10-17"}`, PolicyARNs: []string{"arn:aws:iam::aws:policy/ReadOnlyAccess"}, SourceIdentity: "me",
			Tags: map[string]string{"Team": "net"}, TransitiveTagKeys: []string{"Team"},
		},
	}
	c := connect(t, s)
	if err := describeGroups(t.Context(), c, "eu-west-1"); err != nil {
		t.Fatal(err)
	}
	if err := describeLoadBalancers(t.Context(), c, ""); err != nil {
		t.Fatal(err)
	}

	var hub, spoke stubCall
	for _, call := range aws.calls {
		switch call.Form.Get("RoleArn") {
		case "arn:aws:iam::111111111111:role/hub":
			hub = call
		case "arn:aws:iam::222222222222:role/spoke":
			spoke = call
		}
	}
	if hub.AccessKey != testAccessKey || spoke.AccessKey != roleAccessKey("hub") {
		t.Errorf("the roles were assumed with %q and %q, want the block's key and the first role's", hub.AccessKey, spoke.AccessKey)
	}
	if hub.Form.Get("RoleSessionName") != "first" {
		t.Errorf("session name %q", hub.Form.Get("RoleSessionName"))
	}
	want := map[string]string{
		"RoleSessionName": "second", "ExternalId": "ext", "DurationSeconds": "1800", "Policy": `{"Version":"2012-10-17"}`,
		"PolicyArns.member.1.arn": "arn:aws:iam::aws:policy/ReadOnlyAccess", "SourceIdentity": "me",
		"Tags.member.1.Key": "Team", "Tags.member.1.Value": "net", "TransitiveTagKeys.member.1": "Team",
	}
	for name, value := range want {
		if got := spoke.Form.Get(name); got != value {
			t.Errorf("%s of sts:AssumeRole is %q, want %q", name, got, value)
		}
	}
	groups, balancers := aws.first(t, "DescribeSecurityGroups"), aws.first(t, "DescribeLoadBalancers")
	if groups.AccessKey != roleAccessKey("spoke") || balancers.AccessKey != roleAccessKey("spoke") {
		t.Errorf("calls are signed with %q and %q, want the last role's key", groups.AccessKey, balancers.AccessKey)
	}
	if groups.Scope != "eu-west-1/ec2" || balancers.Scope != "us-east-1/elasticloadbalancing" {
		t.Errorf("calls are signed for %q and %q", groups.Scope, balancers.Scope)
	}
}

func TestWebIdentity(t *testing.T) {
	for _, from := range []string{"token", "file", "environment"} {
		t.Run(from, func(t *testing.T) {
			hermetic(t)
			aws := newStub(t)
			s := testSettings()
			s.AccessKey, s.SecretKey = "", ""
			s.Endpoints = Endpoints{EC2: aws.URL, STS: aws.URL}
			identity := &WebIdentity{RoleARN: "arn:aws:iam::123456789012:role/ci", SessionName: "run", Duration: time.Hour}
			switch from {
			case "token":
				identity.Token = "jwt"
				s.WebIdentity = identity
			case "file":
				identity.TokenFile = writeFile(t, "jwt")
				s.WebIdentity = identity
			case "environment":
				t.Setenv("AWS_ROLE_ARN", identity.RoleARN)
				t.Setenv("AWS_ROLE_SESSION_NAME", "run")
				t.Setenv("AWS_WEB_IDENTITY_TOKEN_FILE", writeFile(t, "jwt"))
			}
			s.AssumeRoles = []AssumeRole{{RoleARN: "arn:aws:iam::123456789012:role/deploy", SessionName: "run"}}
			c := connect(t, s)
			if err := describeGroups(t.Context(), c, ""); err != nil {
				t.Fatal(err)
			}
			got := aws.first(t, "AssumeRoleWithWebIdentity").Form
			if got.Get("WebIdentityToken") != "jwt" || got.Get("RoleArn") != identity.RoleARN || got.Get("RoleSessionName") != "run" {
				t.Errorf("sts:AssumeRoleWithWebIdentity with %v", got)
			}
			if from != "environment" && got.Get("DurationSeconds") != "3600" {
				t.Errorf("DurationSeconds %q", got.Get("DurationSeconds"))
			}
			if key := aws.first(t, "AssumeRole").AccessKey; key != roleAccessKey("ci") {
				t.Errorf("assume_role starts from %q, want the web identity's role", key)
			}
			if key := aws.first(t, "DescribeSecurityGroups").AccessKey; key != roleAccessKey("deploy") {
				t.Errorf("calls are signed with %q", key)
			}
		})
	}
}

// TestSTSEndpointOfEnvironment: roles are assumed where the environment says.
func TestSTSEndpointOfEnvironment(t *testing.T) {
	for _, variable := range []string{"AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL"} {
		for _, keys := range []string{"block", "environment"} {
			t.Run(variable+" with keys of the "+keys, func(t *testing.T) {
				hermetic(t)
				aws := newStub(t)
				t.Setenv(variable, aws.URL)
				s := testSettings()
				if keys == "environment" {
					t.Setenv("AWS_ACCESS_KEY_ID", s.AccessKey)
					t.Setenv("AWS_SECRET_ACCESS_KEY", s.SecretKey)
					s.AccessKey, s.SecretKey = "", ""
				}
				s.AssumeRoles = []AssumeRole{{RoleARN: "arn:aws:iam::123456789012:role/deploy", SessionName: "run"}}
				c := connect(t, s)
				if id, err := c.AccountID(t.Context()); err != nil || id != "123456789012" {
					t.Errorf("account %q, error %v", id, err)
				}
				if key := aws.first(t, "GetCallerIdentity").AccessKey; key != roleAccessKey("deploy") {
					t.Errorf("sts:GetCallerIdentity is signed with %q", key)
				}
			})
		}
	}
}

func TestAccountID(t *testing.T) {
	tests := []struct {
		name      string
		adjust    func(*Settings)
		wantCalls int // at Connect
		wantError string
	}{
		{name: "nobody asks at the start"},
		{name: "validation asked for", adjust: func(s *Settings) { s.ValidateCredentials = true }, wantCalls: 1},
		{name: "allowed", adjust: func(s *Settings) { s.AllowedAccountIDs = []string{"111111111111", "123456789012"} }, wantCalls: 1},
		{name: "not allowed", adjust: func(s *Settings) { s.AllowedAccountIDs = []string{"111111111111"} }, wantCalls: 1, wantError: "allowed_account_ids"},
		{name: "not forbidden", adjust: func(s *Settings) { s.ForbiddenAccountIDs = []string{"111111111111"} }, wantCalls: 1},
		{name: "forbidden", adjust: func(s *Settings) { s.ForbiddenAccountIDs = []string{"123456789012"} }, wantCalls: 1, wantError: "forbidden_account_ids"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			hermetic(t)
			aws := newStub(t)
			s := testSettings()
			s.Endpoints.STS = aws.URL
			if tt.adjust != nil {
				tt.adjust(&s)
			}
			c, _, err := Connect(t.Context(), s)
			if got := len(aws.actions()); got != tt.wantCalls {
				t.Errorf("%d calls at the start, want %d", got, tt.wantCalls)
			}
			if tt.wantError != "" {
				var connect *ConnectError
				if !errors.As(err, &connect) || connect.Attribute != tt.wantError || !strings.Contains(connect.Detail, "123456789012") {
					t.Errorf("error %v, want one about %s and the account", err, tt.wantError)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			var all sync.WaitGroup
			for range 10 {
				all.Go(func() {
					if id, err := c.AccountID(t.Context()); id != "123456789012" || err != nil {
						t.Errorf("account %q, error %v", id, err)
					}
				})
			}
			all.Wait()
			if got := aws.actions(); !reflect.DeepEqual(got, []string{"GetCallerIdentity"}) {
				t.Errorf("calls %v, want one", got)
			}
		})
	}

	t.Run("skip_requesting_account_id", func(t *testing.T) {
		hermetic(t)
		aws := newStub(t)
		s := testSettings()
		s.Endpoints.STS, s.SkipRequestingAccountID = aws.URL, true
		if id, err := connect(t, s).AccountID(t.Context()); id != "" || err != nil {
			t.Errorf("account %q, error %v, want none", id, err)
		}
		if len(aws.actions()) > 0 {
			t.Errorf("calls %v", aws.actions())
		}
	})

	t.Run("a failure is not remembered", func(t *testing.T) {
		hermetic(t)
		aws := newStub(t)
		aws.fail = func(stubCall) (int, string, string) { return http.StatusForbidden, "ExpiredToken", "expired" }
		s := testSettings()
		s.Endpoints.STS = aws.URL
		c := connect(t, s)
		if _, err := c.AccountID(t.Context()); err == nil || !strings.Contains(err.Error(), "ExpiredToken: expired") {
			t.Errorf("error %v", err)
		}
		aws.fail = nil
		if id, err := c.AccountID(t.Context()); id != "123456789012" || err != nil {
			t.Errorf("account %q, error %v", id, err)
		}
	})
}
