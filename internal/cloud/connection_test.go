// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"errors"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// TestEndpoints tells where calls go for everything that decides it.
func TestEndpoints(t *testing.T) {
	const double = "http://127.0.0.1:4566"
	tests := []struct {
		name               string
		env                map[string]string
		adjust             func(*Settings)
		region             string
		wantEC2, wantELB   string
		wantProviderRegion string
	}{
		{
			name:    "AWS's own",
			wantEC2: "https://ec2.us-east-1.amazonaws.com", wantELB: "https://elasticloadbalancing.us-east-1.amazonaws.com",
		},
		{
			name:    "another region for one resource",
			region:  "eu-west-1",
			wantEC2: "https://ec2.eu-west-1.amazonaws.com", wantELB: "https://elasticloadbalancing.eu-west-1.amazonaws.com",
		},
		{
			name: "region of AWS_REGION", adjust: func(s *Settings) { s.Region = "" },
			env:     map[string]string{"AWS_REGION": "eu-central-1"},
			wantEC2: "https://ec2.eu-central-1.amazonaws.com", wantELB: "https://elasticloadbalancing.eu-central-1.amazonaws.com", wantProviderRegion: "eu-central-1",
		},
		{
			name: "region of AWS_DEFAULT_REGION", adjust: func(s *Settings) { s.Region = "" },
			env:     map[string]string{"AWS_DEFAULT_REGION": "cn-north-1"},
			wantEC2: "https://ec2.cn-north-1.amazonaws.com.cn", wantELB: "https://elasticloadbalancing.cn-north-1.amazonaws.com.cn", wantProviderRegion: "cn-north-1",
		},
		{
			name: "region of the block beats AWS_REGION", env: map[string]string{"AWS_REGION": "eu-central-1"},
			wantEC2: "https://ec2.us-east-1.amazonaws.com", wantELB: "https://elasticloadbalancing.us-east-1.amazonaws.com",
		},
		{
			name: "skip_region_validation", adjust: func(s *Settings) { s.Region, s.SkipRegionValidation = "mars-east-1", true },
			wantEC2: "https://ec2.mars-east-1.amazonaws.com", wantELB: "https://elasticloadbalancing.mars-east-1.amazonaws.com", wantProviderRegion: "mars-east-1",
		},
		{
			name: "endpoints.ec2", adjust: func(s *Settings) { s.Endpoints.EC2 = double },
			wantEC2: double, wantELB: "https://elasticloadbalancing.us-east-1.amazonaws.com",
		},
		{
			name: "endpoints.elb", adjust: func(s *Settings) { s.Endpoints.ELB = double },
			wantEC2: "https://ec2.us-east-1.amazonaws.com", wantELB: double,
		},
		{
			name: "endpoints hold in every region", region: "eu-west-1", adjust: func(s *Settings) { s.Endpoints = Endpoints{EC2: double, ELB: double} },
			wantEC2: double, wantELB: double,
		},
		{
			name: "AWS_ENDPOINT_URL", env: map[string]string{"AWS_ENDPOINT_URL": double},
			wantEC2: double, wantELB: double,
		},
		{
			name: "AWS_ENDPOINT_URL_EC2", env: map[string]string{"AWS_ENDPOINT_URL_EC2": double},
			wantEC2: double, wantELB: "https://elasticloadbalancing.us-east-1.amazonaws.com",
		},
		{
			name: "AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING", env: map[string]string{"AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING": double},
			wantEC2: "https://ec2.us-east-1.amazonaws.com", wantELB: double,
		},
		{
			name: "endpoints beat the environment", adjust: func(s *Settings) { s.Endpoints = Endpoints{EC2: double, ELB: double} },
			env:     map[string]string{"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_ENDPOINT_URL_EC2": "http://127.0.0.1:2"},
			wantEC2: double, wantELB: double,
		},
		{
			name: "use_fips_endpoint", adjust: func(s *Settings) { s.UseFIPS = true },
			wantEC2: "https://ec2-fips.us-east-1.amazonaws.com", wantELB: "https://elasticloadbalancing-fips.us-east-1.amazonaws.com",
		},
		{
			name: "AWS_USE_FIPS_ENDPOINT", env: map[string]string{"AWS_USE_FIPS_ENDPOINT": "true"},
			wantEC2: "https://ec2-fips.us-east-1.amazonaws.com", wantELB: "https://elasticloadbalancing-fips.us-east-1.amazonaws.com",
		},
		{
			name: "use_dualstack_endpoint", adjust: func(s *Settings) { s.UseDualStack = true },
			wantEC2: "https://ec2.us-east-1.api.aws", wantELB: "https://elasticloadbalancing.us-east-1.api.aws",
		},
		{
			name: "FIPS and dual-stack", adjust: func(s *Settings) { s.UseFIPS, s.UseDualStack = true, true },
			wantEC2: "https://ec2-fips.us-east-1.api.aws", wantELB: "https://elasticloadbalancing-fips.us-east-1.api.aws",
		},
		{
			name: "an endpoint of its own goes without FIPS and dual-stack", adjust: func(s *Settings) { s.UseFIPS, s.UseDualStack, s.Endpoints.EC2 = true, true, double },
			wantEC2: double, wantELB: "https://elasticloadbalancing-fips.us-east-1.api.aws",
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
				tt.adjust(&s)
			}
			c := connect(t, s)
			toEC2, toELB := whereTo(t, c, tt.region)
			if toEC2 != tt.wantEC2 || toELB != tt.wantELB {
				t.Errorf("calls go to %s and %s, want %s and %s", toEC2, toELB, tt.wantEC2, tt.wantELB)
			}
			if want := cmpOr(tt.wantProviderRegion, "us-east-1"); c.Region() != want {
				t.Errorf("the provider's region is %s, want %s", c.Region(), want)
			}
		})
	}
}

func cmpOr(a, b string) string {
	if a == "" {
		return b
	}
	return a
}

func TestRetries(t *testing.T) {
	tests := []struct {
		name         string
		env          map[string]string
		adjust       func(t *testing.T, s *Settings)
		wantAttempts int
		wantMode     aws.RetryMode
	}{
		{name: "default", wantAttempts: 25},
		{name: "max_retries", adjust: func(_ *testing.T, s *Settings) { s.MaxRetries = 7 }, wantAttempts: 7},
		{name: "AWS_MAX_ATTEMPTS", env: map[string]string{"AWS_MAX_ATTEMPTS": "4"}, wantAttempts: 4},
		{
			name: "max_attempts of the profile", wantAttempts: 6,
			adjust: func(t *testing.T, s *Settings) {
				s.SharedConfigFiles = []string{writeFile(t, "[default]\nmax_attempts = 6\n")}
			},
		},
		{
			name: "max_retries beats AWS_MAX_ATTEMPTS", env: map[string]string{"AWS_MAX_ATTEMPTS": "4"},
			adjust: func(_ *testing.T, s *Settings) { s.MaxRetries = 30 }, wantAttempts: 30,
		},
		{name: "retry_mode", adjust: func(_ *testing.T, s *Settings) { s.RetryMode = "adaptive" }, wantAttempts: 25, wantMode: aws.RetryModeAdaptive},
		{name: "AWS_RETRY_MODE", env: map[string]string{"AWS_RETRY_MODE": "adaptive"}, wantAttempts: 25, wantMode: aws.RetryModeAdaptive},
		{
			name: "retry_mode beats AWS_RETRY_MODE", env: map[string]string{"AWS_RETRY_MODE": "adaptive"},
			adjust: func(_ *testing.T, s *Settings) { s.RetryMode = "standard" }, wantAttempts: 25, wantMode: aws.RetryModeStandard,
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
			for name, retryer := range map[string]aws.Retryer{"EC2": c.newEC2("us-east-1").Options().Retryer, "ELB": c.newELB("eu-west-1").Options().Retryer} {
				if got := retryer.MaxAttempts(); got != tt.wantAttempts {
					t.Errorf("%s: %d attempts, want %d", name, got, tt.wantAttempts)
				}
			}
			if c.config.RetryMode != tt.wantMode {
				t.Errorf("mode %q, want %q", c.config.RetryMode, tt.wantMode)
			}
		})
	}
}

// TestThrottling: 24 refusals of every one of eight calls are survived. The
// SDK's own quota of retries would be used up long before.
func TestThrottling(t *testing.T) {
	hermetic(t)
	aws := newStub(t)
	var refused int
	aws.fail = func(stubCall) (int, string, string) {
		if refused++; refused%25 == 0 {
			return 0, "", ""
		}
		return http.StatusServiceUnavailable, "RequestLimitExceeded", "Request limit exceeded."
	}
	s := testSettings()
	s.Endpoints.EC2 = aws.URL
	s.Clock = &handClock{}
	c := connect(t, s)
	for i := range 8 {
		if err := describeGroups(t.Context(), c, ""); err != nil {
			t.Fatalf("call %d: %v", i+1, err)
		}
	}
	if got := len(aws.actions()); got != 8*25 {
		t.Errorf("%d attempts, want 200", got)
	}
}

// TestHopelessHost: nobody waits through 25 attempts at a host that is not
// there.
func TestHopelessHost(t *testing.T) {
	hermetic(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := "http://" + listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	s := testSettings()
	s.Endpoints.EC2 = closed
	var pauses int
	s.Backoff = func(int, error) (time.Duration, error) { pauses++; return 0, nil }
	c := connect(t, s)
	if err := describeGroups(t.Context(), c, ""); err == nil || !strings.Contains(err.Error(), "connection refused") {
		t.Errorf("error %v, want a refused connection", err)
	}
	if pauses == 0 || pauses > 9 {
		t.Errorf("%d pauses, want 1 to 9", pauses)
	}

	unknownHost := &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: "ec2.example.invalid", IsNotFound: true}}
	if _, err := c.newEC2("us-east-1").Options().Retryer.RetryDelay(9, unknownHost); err == nil {
		t.Error("an unknown host is tried a tenth time")
	}
	if _, err := c.newEC2("us-east-1").Options().Retryer.RetryDelay(9, errors.New("throttled")); err != nil {
		t.Errorf("anything else is not: %v", err)
	}
}

func TestUserAgent(t *testing.T) {
	hermetic(t)
	t.Setenv("TF_APPEND_USER_AGENT", "our-ci/42")
	aws := newStub(t)
	s := testSettings()
	s.Endpoints = Endpoints{EC2: aws.URL, ELB: aws.URL, STS: aws.URL}
	c := connect(t, s)
	if err := describeGroups(t.Context(), c, ""); err != nil {
		t.Fatal(err)
	}
	if err := describeLoadBalancers(t.Context(), c, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := c.AccountID(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, call := range aws.calls {
		want := []string{"Terraform/1.11.4", "terraform-provider-clb/1.2.3", "our-ci/42"}
		for _, part := range want {
			if !slices.Contains(strings.Fields(call.UserAgent), part) {
				t.Errorf("%s: user agent %q lacks %s", call.Action, call.UserAgent, part)
			}
		}
	}
}

func TestClientsAreKept(t *testing.T) {
	hermetic(t)
	c := connect(t, testSettings())
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			region := []string{"", "us-east-1", "eu-west-1"}[i%3]
			c.EC2(region)
			c.ELB(region)
		})
	}
	all.Wait()
	if len(c.regions) != 2 {
		t.Errorf("clients of %d regions, want 2", len(c.regions))
	}
	if c.EC2("") != c.EC2("us-east-1") || c.ELB("") != c.ELB("us-east-1") || c.EC2("") == c.EC2("eu-west-1") {
		t.Error("the same region gives another client, or another region the same")
	}
}
