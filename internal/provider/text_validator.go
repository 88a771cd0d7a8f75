// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// textValidator checks a known text argument with a function of the domain, so
// that no rule is stated twice.
type textValidator struct {
	// what names the kind of text: "a security group id".
	what  string
	check func(string) error
}

var _ validator.String = textValidator{}

// Description says what the argument must be.
func (v textValidator) Description(context.Context) string { return "must be " + v.what }

// MarkdownDescription says what the argument must be.
func (v textValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateString reports a known text that the check refuses.
func (v textValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if err := v.check(req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid "+withoutArticle(v.what), withFullStop(fmt.Sprintf("%s: %s", req.Path, err)))
	}
}

// oneOf checks that a text is one of two or more.
func oneOf(values ...string) func(string) error {
	return func(text string) error {
		if slices.Contains(values, text) {
			return nil
		}
		var quoted []string
		for _, value := range values {
			quoted = append(quoted, strconv.Quote(value))
		}
		last := len(quoted) - 1
		return fmt.Errorf("%q is neither %s nor %s", text, strings.Join(quoted[:last], ", "), quoted[last])
	}
}

func withoutArticle(what string) string {
	if len(what) > 2 && what[:2] == "a " {
		return what[2:]
	}
	return what
}
