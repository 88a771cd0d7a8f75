// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import "testing"

// TestMemoryUntuned: who sets one of Go's own variables has the last word.
func TestMemoryUntuned(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		environment []string
		want        bool
	}{
		{nil, true},
		{[]string{"HOME=/root", "GOGC=", "GOGCX=1"}, true},
		{[]string{"GOGC=off"}, false},
		{[]string{"HOME=/root", "GOMEMLIMIT=1GiB"}, false},
	} {
		if got := memoryUntuned(test.environment); got != test.want {
			t.Errorf("%v: got %v", test.environment, got)
		}
	}
}
