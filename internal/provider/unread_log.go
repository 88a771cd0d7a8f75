// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"os"
	"strings"
)

// FrameworkLogLevel is the environment variable with the level of the log that the
// framework writes about every attribute that it looks at. Unset, it writes all.
const FrameworkLogLevel = "TF_LOG_SDK"

// MuteUnreadLog has this process write no log of the framework if nobody reads it.
func MuteUnreadLog(environment []string) error {
	if !LogUnread(environment) {
		return nil
	}
	return os.Setenv(FrameworkLogLevel, "off")
}

// LogUnread tells whether Terraform throws the provider's log away: it does unless one
// of its variables for logging is set. To write it all the same costs a fifth of the
// time of a plan here, and Terraform's time to read it.
// Source: https://developer.hashicorp.com/terraform/plugin/log/managing
func LogUnread(environment []string) bool {
	for _, variable := range environment {
		if name, value, _ := strings.Cut(variable, "="); strings.HasPrefix(name, "TF_LOG") && value != "" {
			return false
		}
	}
	return true
}
