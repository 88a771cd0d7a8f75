// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/terraform-clb/terraform-provider-clb/internal/fakeaws"
)

// phase is what one run of Terraform, or of the replay, took.
type phase struct {
	Name string
	// Calls are the calls of AWS by operation, those that were throttled included.
	Calls map[string]int
	// Throttled is how many of them were refused because of their rate.
	Throttled int
	// Seconds have passed on the clock of AWS, which ran Speed times faster than the one
	// on the wall. The CPU time of this machine counts that much more.
	Seconds, Speed float64
	// MiB is the largest size of a provider process.
	MiB float64
	// ProviderCPU and TerraformCPU are seconds on the wall.
	ProviderCPU, TerraformCPU float64
}

// The names of the phases.
const (
	create      = "create"
	noChange    = "plan without a change"
	instantPlan = "the same with instant answers"
	change      = "change a listener of each"
	destroy     = "destroy"
)

// total is how many calls were made.
func (p phase) total() int {
	n := 0
	for _, calls := range p.Calls {
		n += calls
	}
	return n
}

// speeds are so fast that a fleet takes about a minute; reads run in real time.
func (f *fleet) speed() float64 {
	switch {
	case f.n <= 10:
		return 1
	case f.n <= 100:
		return 5
	default:
		return 20
	}
}

// measureAll runs all phases of a fleet.
func (f *fleet) measureAll(ctx context.Context) (size, error) {
	s := size{N: f.n}
	ours := func(name string, speed float64, arguments ...string) error {
		p, err := f.terraform(ctx, name, speed, arguments...)
		s.Provider = append(s.Provider, p)
		fmt.Printf("%4d load balancers, %s: %d calls, %d throttled, %.1f s (clock x %.0f), %.0f MiB, CPU %.1f s of the provider and %.1f s of Terraform\n",
			f.n, name, p.total(), p.Throttled, p.Seconds, p.Speed, p.MiB, p.ProviderCPU, p.TerraformCPU)
		return err
	}
	apply := []string{"apply", "-auto-approve"}
	if f.planOnly {
		// Nothing but the plan is measured: the rules come about at once.
		if err := ours(create, 0, apply...); err != nil {
			return s, err
		}
	} else if err := ours(create, f.speed(), apply...); err != nil {
		return s, err
	}
	s.Rules, s.Entries = count(f.standing())
	if err := ours(noChange, 1, "plan", "-detailed-exitcode"); err != nil {
		return s, err
	}
	created := f.standing()
	f.instant()
	if err := ours(instantPlan, 0, "plan", "-detailed-exitcode"); err != nil || f.planOnly {
		return s, err
	}
	f.instant = f.Server.Inject(fakeaws.Fault{Kind: fakeaws.Delay, Hook: f.clock.answerLate})
	if err := f.changeListeners(ctx); err != nil {
		return s, err
	}
	if err := ours(change, f.speed(), apply...); err != nil {
		return s, err
	}
	changed := f.standing()
	if err := ours(destroy, f.speed(), "destroy", "-auto-approve"); err != nil {
		return s, err
	}
	if rules, entries := count(f.standing()); rules+entries > 0 {
		return s, fmt.Errorf("%d rules and %d entries are left", rules, entries)
	}
	var err error
	s.Replay, err = f.replay(ctx, created, changed)
	return s, err
}

func count(all []wires) (rules, entries int) {
	for _, w := range all {
		rules, entries = rules+len(w.rules), entries+len(w.entries)
	}
	return rules, entries
}

// terraform runs a command of Terraform on the clock of AWS, at a speed.
func (f *fleet) terraform(ctx context.Context, name string, speed float64, arguments ...string) (phase, error) {
	p := phase{Name: name, Speed: max(speed, 1)}
	if err := f.installProvider(name, p.Speed); err != nil {
		return p, err
	}
	command := f.Command(ctx, append(arguments, "-input=false", "-no-color", fmt.Sprint("-parallelism=", f.parallelism))...)
	var printed bytes.Buffer
	command.Stdout, command.Stderr = &printed, &printed
	f.Server.ResetCalls()
	f.clock.run(speed)
	begun := time.Now()
	err := command.Run()
	p.Seconds = time.Since(begun).Seconds() * p.Speed
	p.count(f.Server.Calls())
	if err != nil {
		return p, fmt.Errorf("terraform %s: %w\n%s", strings.Join(arguments, " "), err, printed.String())
	}
	providers, err := measured(f.notes)
	all := usageOf(command.ProcessState)
	p.MiB, p.ProviderCPU, p.TerraformCPU = providers.MiB, providers.CPU.Seconds(), (all.CPU - providers.CPU).Seconds()
	return p, err
}

func (p *phase) count(calls []fakeaws.Call) {
	p.Calls = map[string]int{}
	for _, call := range calls {
		p.Calls[call.Action]++
		if call.ErrorCode == "RequestLimitExceeded" || call.ErrorCode == "Throttling" {
			p.Throttled++
		}
	}
}

// installProvider chooses what Terraform starts: the provider as it is built for a
// release, or where the clock runs faster, or a profile is wanted, the one in this
// program.
func (f *fleet) installProvider(name string, speed float64) error {
	start := fmt.Sprintf("%q", f.provider)
	if profiled := f.profile != "" && name == noChange; speed != 1 || profiled || f.serveAlways {
		start = fmt.Sprintf("%q -serve %g", f.self, speed)
		if profiled {
			start += fmt.Sprintf(" -profile-to %q", f.profile)
		}
	}
	script := fmt.Sprintf("#!/bin/sh\nexec %q -measure %q -- %s\n", f.self, f.notes, start)
	return os.WriteFile(filepath.Join(f.Dir, "provider", "terraform-provider-clb"), []byte(script), 0o700)
}
