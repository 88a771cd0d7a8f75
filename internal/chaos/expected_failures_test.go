// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package chaos_test

import (
	"strings"

	"github.com/terraform-clb/terraform-provider-clb/internal/fakeaws"
)

// adoption tells whether the provider adopts what stands there already. Until it
// does, nobody can take up what a killed run has created. When it does, this file
// goes.
const adoption = false

// expectedFailure tells whether a cell is known to fail: Terraform was told
// nothing of what had been created by then. A cell that is expected to fail and
// does not is a failure too.
func (c *course) expectedFailure(one cell) bool {
	if adoption || !one.kills {
		return false
	}
	first, last := -1, -1
	for i, call := range c.calls {
		if creates(call) {
			last = i
			if first < 0 {
				first = i
			}
		}
	}
	created := first >= 0 && (one.index > first || one.index == first && strings.HasSuffix(one.disturbance.name, "after"))
	// Of a replacement that is created first Terraform has a state before it
	// destroys what it replaces.
	told := c.operation == opCreateBeforeDestroy && one.index > last
	return created && !told
}

func creates(call fakeaws.Call) bool {
	return strings.HasPrefix(call.Action, "Authorize") || call.Action == "CreateNetworkAclEntry"
}
