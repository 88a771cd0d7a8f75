// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/terraform-clb/terraform-provider-clb/internal/verify"
)

// verification is how a resource wants to be judged.
type verification struct {
	enforcement verify.Enforcement
	options     verify.Options
	// changes tells whether the plan creates or changes the resource.
	changes bool
	// attribute is the root attribute that names the group or network ACL.
	attribute string
}

// verification reads the arguments that say how to judge. What is wrong with
// them was said when they were decoded.
func (d *providerData) verification(m wiringModel, attribute string, changes bool) verification {
	accept, _ := decodeAccept(m.Accept, "accept")
	return verification{
		enforcement: d.enforcementOf(m.Enforcement),
		options:     verify.Options{Accept: slices.Concat(accept, d.accept), Today: d.now()},
		changes:     changes, attribute: attribute,
	}
}

// say turns what was found into diagnostics.
func (v verification) say(findings []verify.Finding) diag.Diagnostics {
	var diags diag.Diagnostics
	for _, finding := range findings {
		at := path.Root(v.attribute)
		if attribute, _, written := strings.Cut(finding.Written, "["); written {
			at = path.Root(attribute)
		}
		switch finding.Nature.Severity(v.enforcement, v.changes) {
		case verify.Error:
			diags.AddAttributeError(at, finding.ID.Summary(), finding.Detail(wayPast(finding)))
		case verify.Warning:
			diags.AddAttributeWarning(at, finding.ID.Summary(), finding.Detail(""))
		case verify.ReportOnly:
		}
	}
	return diags
}

// told tells whether something of an answer reaches the user.
func (v verification) told(answer verify.Answer) bool {
	return slices.ContainsFunc(answer.Findings, func(f verify.Finding) bool {
		return f.Nature.Severity(v.enforcement, v.changes) != verify.ReportOnly
	})
}

// wayPast says how to get past an error without mending it.
func wayPast(finding verify.Finding) string {
	words := "To get past this error once, run with CLB_ENFORCEMENT=advisory in the environment"
	if finding.Nature == verify.RefutedByWorld {
		words += ", or plan everything else with -target"
	}
	return words + "."
}

// addVerificationBug reports what must not happen: the two evaluators disagree,
// or AWS shows a rule that it could not have.
func addVerificationBug(diags *diag.Diagnostics, attribute, what string, err error) {
	diags.AddAttributeWarning(path.Root(attribute), "Unable to verify",
		fmt.Sprintf("%s was not verified. %s", what, withFullStop(strings.TrimSuffix(err.Error(), "."))))
}
