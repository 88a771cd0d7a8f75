// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"bytes"
	"fmt"
	"html"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-log/tflogtest"
	"github.com/hashicorp/terraform-plugin-log/tfsdklogtest"
)

// TestNoCredentialsInProviderLogs: neither the provider nor the framework
// below it logs what is in the block, whether AWS lets us in or not.
func TestNoCredentialsInProviderLogs(t *testing.T) {
	secrets := []string{"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "session-token-of-the-block", "eyJhbGciOi.eyJzdWIiOiJjaSJ9.c2ln"}
	aws := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// Repeats whatever was sent.
		body, _ := io.ReadAll(r.Body)
		w.WriteHeader(http.StatusForbidden)
		_, _ = fmt.Fprintf(w, "<ErrorResponse><Error><Code>AccessDenied</Code><Message>%s %s</Message></Error></ErrorResponse>",
			html.EscapeString(string(body)), r.Header.Get("X-Amz-Security-Token"))
	}))
	t.Cleanup(aws.Close)
	keys := blockValues{"region": "us-east-1", "endpoints": blockValues{"sts": aws.URL}, "access_key": "AKIAIOSFODNN7EXAMPLE", "secret_key": secrets[0], "token": secrets[1]}
	with := func(more blockValues) blockValues {
		block := maps.Clone(keys)
		maps.Copy(block, more)
		return block
	}
	tests := []struct {
		name    string
		block   blockValues
		refused bool
	}{
		{name: "accepted", block: with(nil)},
		{name: "keys refused", block: with(blockValues{"skip_credentials_validation": false}), refused: true},
		{name: "role refused", block: with(blockValues{"assume_role": []any{blockValues{"role_arn": "arn:aws:iam::123456789012:role/a"}}}), refused: true},
		{
			name: "web identity refused", refused: true,
			block: with(blockValues{
				"access_key": nil, "secret_key": nil, "token": nil,
				"assume_role_with_web_identity": []any{blockValues{"role_arn": "arn:aws:iam::123456789012:role/a", "web_identity_token": secrets[2]}},
			}),
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			noAWSEnvironment(t)
			t.Setenv("TF_LOG", "TRACE")
			var sink bytes.Buffer
			ctx := tfsdklogtest.RootLogger(tflogtest.RootLogger(t.Context(), &sink), &sink)
			config := providerBlock(t, tt.block)
			value, err := tfprotov6.NewDynamicValue(config.Raw.Type(), config.Raw)
			if err != nil {
				t.Fatal(err)
			}
			resp, err := providerserver.NewProtocol6(New("test")())().ConfigureProvider(ctx, &tfprotov6.ConfigureProviderRequest{Config: &value})
			if err != nil {
				t.Fatal(err)
			}
			said := ""
			for _, d := range resp.Diagnostics {
				said += d.Summary + d.Detail
			}
			if tt.refused != strings.Contains(said, "AccessDenied") {
				t.Errorf("refused: %t, but the provider says %q", tt.refused, said)
			}
			logged := sink.String()
			if !strings.Contains(logged, "Resolving AWS configuration") {
				t.Error("nothing is logged")
			}
			for _, secret := range secrets {
				if strings.Contains(logged, secret) || strings.Contains(said, secret) {
					t.Errorf("%q is in the log or in the message", secret)
				}
			}
		})
	}
}
