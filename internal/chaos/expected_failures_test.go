// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package chaos_test

import (
	"strings"

	"github.com/terraform-clb/terraform-provider-clb/internal/fakeaws"
)

// adoption tells whether the provider adopts what stands there already. Until it
// does, nobody can take up what a killed run has created. When it does, this
// becomes true, and what then still fails is a fault.
const adoption = false

// expectedFailure tells whether a cell is known to fail. One that is and does not
// fail is a failure too.
func (c *course) expectedFailure(one cell) bool {
	if adoption {
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
	created := first >= 0 && (one.index > first || one.index == first && one.after())
	createdFirst := c.operation == opCreateBeforeDestroy
	switch {
	case one.kills:
		// Terraform was told nothing of what had been created by then, but of a
		// replacement that was complete before it destroys what it replaces.
		return created && !(createdFirst && one.index > last)
	case one.lasts:
		// What could not be taken back is tainted, and is created anew before it is
		// destroyed.
		return created && createdFirst && one.index <= last
	default:
		return false
	}
}

func creates(call fakeaws.Call) bool {
	return strings.HasPrefix(call.Action, "Authorize") || call.Action == "CreateNetworkAclEntry"
}
