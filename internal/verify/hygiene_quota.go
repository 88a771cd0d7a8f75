// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package verify

import (
	"fmt"

	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// QuotaClose tells that a direction of a group or network ACL has nearly as many
// rules as it may have: within a tenth of the limit, or two rules. Known tells
// whether the limit was configured or read, or is AWS's default. More rules than
// the limit are no matter of this function.
func QuotaClose(about string, d wiring.Direction, count, limit int, known bool) []Finding {
	const tenth, two = 10, 2
	left := limit - count
	if left < 0 || left > max(two, limit/tenth) {
		return nil
	}
	whose := "AWS's default"
	fix := "Split the rules, or have the quota raised before it is needed; if the account has more, set limits of the provider."
	if known {
		whose = "the number of this account"
		fix = "Split the rules, or have the quota raised before it is needed."
	}
	room := fmt.Sprintf("%d more", left)
	if left == 0 {
		room = "none more"
	}
	return []Finding{{
		ID: QuotaNear, Nature: Hygiene, About: about,
		Sentence: fmt.Sprintf("%s has %d %s rules of the %d that it may have (%s): there is room for %s.", about, count, InOut(d), limit, whose, room),
		Fix:      fix,
	}}
}
