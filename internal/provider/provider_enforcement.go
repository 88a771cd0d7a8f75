// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-clb/terraform-provider-clb/internal/verify"
)

// enforcementText describes the argument wherever it stands.
const enforcementText = "How strictly findings stop a plan: `advisory` (never), `recommended` (the default: what the configuration itself breaks is an error, what others have opened is a warning) or `strict` (everything is an error). " +
	"The environment variable `CLB_ENFORCEMENT` overrides it for one run."

// checkEnforcement is for the argument enforcement.
func checkEnforcement(text string) error {
	_, err := verify.ParseEnforcement(text)
	return err
}

// setEnforcement takes the enforcement of the provider block, and over it that
// of the environment.
func (d *providerData) setEnforcement(configured types.String, environment string) diag.Diagnostics {
	var diags diag.Diagnostics
	d.enforcement = verify.Recommended
	if text := configured.ValueString(); text != "" {
		e, err := verify.ParseEnforcement(text)
		if err != nil {
			diags.AddAttributeError(path.Root("enforcement"), "Invalid provider argument", fmt.Sprintf("enforcement: %s.", err))
		}
		d.enforcement = e
	}
	if environment == "" {
		return diags
	}
	e, err := verify.ParseEnforcement(environment)
	if err != nil {
		diags.AddError("Invalid environment variable", fmt.Sprintf("%s: %s, or unset it.", enforcementVariable, err))
		return diags
	}
	d.enforcement, d.enforcementForced = e, true
	return diags
}

// enforcementOf is how strictly the findings of a resource stop a plan.
func (d *providerData) enforcementOf(resource types.String) verify.Enforcement {
	e, err := verify.ParseEnforcement(resource.ValueString())
	if d.enforcementForced || err != nil {
		return d.enforcement
	}
	return e
}
