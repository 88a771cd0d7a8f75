// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// result is what was measured.
type result struct {
	Parallelism int
	Sizes       []size
}

// size is what was measured of a fleet of one size.
type size struct {
	N int
	// Rules and Entries stand in AWS after the creation.
	Rules, Entries int
	// Provider is what this provider took, Replay what the calls of hashicorp/aws for
	// the same rules took.
	Provider, Replay []phase
}

// phaseOf is the phase of a name, if it was measured.
func phaseOf(phases []phase, name string) (phase, bool) {
	i := slices.IndexFunc(phases, func(p phase) bool { return p.Name == name })
	if i < 0 {
		return phase{}, false
	}
	return phases[i], true
}

// markdown is the table.
func (r result) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, `# Fleets of load balancers

Made by `+"`make bench-fleet`"+`: the real Terraform at -parallelism=%d, on a double of AWS that answers after 20 ms and refuses calls beyond the rates that AWS documents.
Its clock runs faster than the one on the wall where the column "clock" says so; there the CPU time of the machine counts that much more. Throttled calls are counted.
The replay makes the calls that hashicorp/aws is documented to make for the same rules, at the same parallelism, against the same double. It takes none of that provider's own
CPU time, and leaves out what it reads of the load balancers, security groups and network ACLs themselves.

| load balancers | resources | | calls | replay | ratio | seconds | replay | ratio | clock | peak memory | CPU, provider / Terraform |
|---:|---:|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|
`, r.Parallelism)
	for _, s := range r.Sizes {
		for _, p := range s.Provider {
			calls, callRatio, seconds, secondRatio := "", "", "", ""
			if peer, there := phaseOf(s.Replay, p.Name); there {
				calls, seconds = fmt.Sprint(peer.total()), fmt.Sprintf("%.1f", peer.Seconds)
				callRatio, secondRatio = ratio(float64(peer.total()), float64(p.total())), ratio(peer.Seconds, p.Seconds)
			}
			fmt.Fprintf(&b, "| %d | %d | %s | %d | %s | %s | %.1f | %s | %s | × %.0f | %.0f MiB | %.1f s / %.1f s |\n",
				s.N, 4*s.N, p.Name, p.total(), calls, callRatio, p.Seconds, seconds, secondRatio, p.Speed, p.MiB, p.ProviderCPU, p.TerraformCPU)
		}
	}
	b.WriteString("\n## Calls by kind\n\n| load balancers | | calls |\n|---:|---|---|\n")
	for _, s := range r.Sizes {
		for _, p := range s.Provider {
			fmt.Fprintf(&b, "| %d | %s | %s |\n", s.N, p.Name, kinds(p.Calls))
		}
		for _, p := range s.Replay {
			fmt.Fprintf(&b, "| %d | replay: %s | %s |\n", s.N, p.Name, kinds(p.Calls))
		}
	}
	return b.String()
}

// summary is a shorter table, for README.md: calls and seconds beside those of the
// replay, and what a plan takes with instant answers.
func (r result) summary() string {
	var b strings.Builder
	b.WriteString("| load balancers | | calls | replay | seconds | replay |\n|---:|---|---:|---:|---:|---:|\n")
	for _, s := range r.Sizes {
		for _, p := range s.Provider {
			calls, seconds := "", ""
			if peer, there := phaseOf(s.Replay, p.Name); there {
				calls = fmt.Sprintf("%d (× %s)", peer.total(), ratio(float64(peer.total()), float64(p.total())))
				seconds = fmt.Sprintf("%.1f (× %s)", peer.Seconds, ratio(peer.Seconds, p.Seconds))
			}
			fmt.Fprintf(&b, "| %d | %s | %d | %s | %.1f | %s |\n", s.N, p.Name, p.total(), calls, p.Seconds, seconds)
		}
	}
	return b.String()
}

// ratio is how many times more one takes than another.
func ratio(more, less float64) string {
	if less == 0 {
		return ""
	}
	return fmt.Sprintf("%.1f", more/less)
}

func kinds(calls map[string]int) string {
	var parts []string
	for _, action := range slices.Sorted(maps.Keys(calls)) {
		parts = append(parts, fmt.Sprintf("%s %d", action, calls[action]))
	}
	return strings.Join(parts, ", ")
}
