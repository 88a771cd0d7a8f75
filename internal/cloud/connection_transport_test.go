// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
)

func TestCertificates(t *testing.T) {
	server := httptest.NewUnstartedServer(&stub{})
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // of handshakes that are to fail
	server.StartTLS()
	t.Cleanup(server.Close)
	bundle := writeFile(t, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})))
	tests := []struct {
		name   string
		env    map[string]string
		adjust func(*Settings)
		trusts bool
	}{
		{name: "nothing set"},
		{name: "custom_ca_bundle", adjust: func(s *Settings) { s.CustomCABundle = bundle }, trusts: true},
		{name: "AWS_CA_BUNDLE", env: map[string]string{"AWS_CA_BUNDLE": bundle}, trusts: true},
		{name: "insecure", adjust: func(s *Settings) { s.Insecure = true }, trusts: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			hermetic(t)
			for name, value := range tt.env {
				t.Setenv(name, value)
			}
			s := testSettings()
			s.Endpoints.EC2, s.MaxRetries = server.URL, 1
			if tt.adjust != nil {
				tt.adjust(&s)
			}
			err := describeGroups(t.Context(), connect(t, s), "")
			if tt.trusts && err != nil || !tt.trusts && (err == nil || !strings.Contains(err.Error(), "certificate")) {
				t.Errorf("error %v, want trust: %t", err, tt.trusts)
			}
		})
	}
}

func TestProxies(t *testing.T) {
	const one, two, none = "http://one.example:3128", "http://two.example:3128", ""
	of := func(s string) *string { return &s }
	tests := []struct {
		name                string
		env                 map[string]string
		adjust              func(*Settings)
		wantHTTP, wantHTTPS string
		wantWarning         string
	}{
		{name: "nothing set"},
		{name: "HTTP_PROXY and HTTPS_PROXY", env: map[string]string{"HTTP_PROXY": one, "HTTPS_PROXY": two}, wantHTTP: one, wantHTTPS: two},
		{name: "both set", adjust: func(s *Settings) { s.HTTPProxy, s.HTTPSProxy = of(one), of(two) }, wantHTTP: one, wantHTTPS: two},
		{
			name: "http_proxy alone is used for HTTPS too", adjust: func(s *Settings) { s.HTTPProxy = of(one) },
			wantHTTP: one, wantHTTPS: one, wantWarning: "Missing HTTPS Proxy",
		},
		{name: "https_proxy alone", adjust: func(s *Settings) { s.HTTPSProxy = of(two) }, wantHTTPS: two},
		{
			name: "the block beats the environment", env: map[string]string{"HTTP_PROXY": one, "HTTPS_PROXY": one},
			adjust: func(s *Settings) { s.HTTPProxy, s.HTTPSProxy = of(two), of(two) }, wantHTTP: two, wantHTTPS: two,
		},
		{
			name: "empty means none", env: map[string]string{"HTTP_PROXY": one, "HTTPS_PROXY": one},
			adjust: func(s *Settings) { s.HTTPProxy, s.HTTPSProxy = of(none), of(none) },
		},
		{name: "no_proxy", adjust: func(s *Settings) { s.HTTPProxy, s.HTTPSProxy, s.NoProxy = of(one), of(two), "aws.example" }},
		{name: "NO_PROXY", env: map[string]string{"HTTP_PROXY": one, "HTTPS_PROXY": two, "NO_PROXY": "aws.example"}},
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
			c, warnings, err := Connect(t.Context(), s)
			if err != nil {
				t.Fatal(err)
			}
			outer, ok := c.newEC2("us-east-1").Options().HTTPClient.(wholeBody)
			if !ok {
				t.Fatalf("HTTP client %T", c.config.HTTPClient)
			}
			client, ok := outer.next.(*awshttp.BuildableClient)
			if !ok {
				t.Fatalf("HTTP client %T", outer.next)
			}
			for scheme, want := range map[string]string{"http": tt.wantHTTP, "https": tt.wantHTTPS} {
				req := httptest.NewRequest(http.MethodPost, scheme+"://ec2.aws.example/", nil)
				proxy, err := client.GetTransport().Proxy(req)
				if err != nil {
					t.Fatal(err)
				}
				got := ""
				if proxy != nil {
					got = proxy.String()
				}
				if got != want {
					t.Errorf("%s goes through %q, want %q", scheme, got, want)
				}
			}
			if got := fmt.Sprint(warnings); (tt.wantWarning == "") != (len(warnings) == 0) || !strings.Contains(got, tt.wantWarning) {
				t.Errorf("warnings %s, want %q", got, tt.wantWarning)
			}
		})
	}
}
