// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"testing"

	"github.com/terraform-clb/terraform-provider-clb/internal/provider"
)

// TestLogUnread: whoever asks for a log gets it, in whatever way he asks.
func TestLogUnread(t *testing.T) {
	t.Parallel()
	for variable, unread := range map[string]bool{
		"HOME=/root": true, "TF_LOG=": true, "TF_CLI_ARGS=-no-color": true,
		"TF_LOG=DEBUG": false, "TF_LOG_PROVIDER=trace": false, "TF_LOG_PROVIDER_CLB=info": false, "TF_LOG_SDK=off": false,
		"TF_LOG_SDK_FRAMEWORK=warn": false, "TF_LOG_SDK_PROTO_DATA_DIR=/tmp": false,
	} {
		if got := provider.LogUnread([]string{"PATH=/bin", variable}); got != unread {
			t.Errorf("%s: got %t, want %t", variable, got, unread)
		}
	}
	if !provider.LogUnread(nil) {
		t.Error("without an environment somebody reads the log")
	}
}
