// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"runtime/debug"
	"strings"
)

// How a provider process uses memory. A plan makes many short-lived values, megabytes
// for each resource, around little that stays: collected whenever the heap has doubled,
// that took a third of the time of a plan of a hundred load balancers. So the heap may
// grow to the threefold, up to a limit below 150 MiB with the program itself: there it is
// collected as often as it needs, but takes at most half of the time for it.
// Source: https://go.dev/doc/gc-guide
const (
	// heapGrowthPercent is how much the heap grows between two collections.
	heapGrowthPercent = 200
	// memoryLimit is in bytes.
	memoryLimit = 128 << 20
)

// TuneMemory has this process use memory like that, unless its environment says how.
func TuneMemory(environment []string) {
	if memoryUntuned(environment) {
		debug.SetGCPercent(heapGrowthPercent)
		debug.SetMemoryLimit(memoryLimit)
	}
}

// memoryUntuned tells whether the environment leaves the use of memory to the program.
func memoryUntuned(environment []string) bool {
	for _, variable := range environment {
		if name, value, _ := strings.Cut(variable, "="); (name == "GOGC" || name == "GOMEMLIMIT") && value != "" {
			return false
		}
	}
	return true
}
