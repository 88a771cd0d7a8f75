// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// configuredData is what Configure of a resource or data source got. It is nil
// while Terraform only validates.
func configuredData(value any, diags *diag.Diagnostics) *providerData {
	if value == nil {
		return nil
	}
	data, ok := value.(*providerData)
	if !ok {
		diags.AddError("Unable to configure", fmt.Sprintf("The provider handed over a %T. This is a bug of the provider: please report it.", value))
	}
	return data
}

// mentions tells whether a text in a value has these letters.
func mentions(value tftypes.Value, letters string) (found bool) {
	// The walk has no error of its own, and the function none.
	_ = tftypes.Walk(value, func(_ *tftypes.AttributePath, one tftypes.Value) (bool, error) {
		var text string
		if one.IsKnown() && one.Type().Is(tftypes.String) && one.As(&text) == nil && strings.Contains(text, letters) {
			found = true
		}
		return !found, nil
	})
	return found
}

// ownAccount is the id of the account, with which "account/sg-…" of the own
// account becomes "sg-…". It asks AWS only when the configuration names a group
// with an account, and is empty otherwise.
func (d *providerData) ownAccount(ctx context.Context, config tfsdk.Config, diags *diag.Diagnostics) string {
	if d == nil || !mentions(config.Raw, "/sg-") {
		return ""
	}
	account, err := d.connection.AccountID(ctx)
	if err != nil {
		diags.AddError("Unable to determine the account",
			"The configuration names a security group as account/sg-…, and the id of the own account is needed to tell whether that is another one. "+err.Error())
	}
	return account
}
