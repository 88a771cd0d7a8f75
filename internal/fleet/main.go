// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

// Command fleet measures the provider on fleets of load balancers: the real
// Terraform, on a double of AWS that takes calls at the rates that AWS documents and
// answers each after 20 milliseconds. It creates the rules of a fleet, plans without a
// change, changes a listener of each load balancer and destroys all, and counts calls,
// time and memory. The same rules are written and read once more in the pattern of
// calls of the hashicorp/aws provider.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/terraform-clb/terraform-provider-clb/internal/demo/stage"
)

func main() { os.Exit(run()) }

// run returns the exit status.
func run() int {
	sizes := flag.String("n", "1,10,100,500", "how many load balancers, comma-separated")
	parallelism := flag.Int("parallelism", 10, "operations at a time, as of Terraform")
	out := flag.String("out", "internal/fleet/result", "where the results go: this name with .md and .json")
	built := flag.String("provider", "bin/terraform-provider-clb", "the provider as make build makes it")
	only := flag.Bool("plan-only", false, "leave out the change, the destroy and the replay")
	profile := flag.String("profile", "", "directory for profiles of the CPU and the memory of the provider in the plan without changes")
	serveAt := flag.Float64("serve", 0, "be the provider, with pauses between retries that many times shorter")
	profileTo := flag.String("profile-to", "", "as the provider: where its profiles go")
	measureTo := flag.String("measure", "", "be a provider's parent, and note in this file what it takes")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var err error
	switch {
	case *measureTo != "":
		return measure(*measureTo, flag.Args())
	case *serveAt > 0:
		err = serve(*serveAt, *profileTo)
	default:
		err = benchmark(ctx, *sizes, options{parallelism: *parallelism, planOnly: *only, profile: *profile, provider: *built}, *out)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "fleet:", err)
		return 1
	}
	return 0
}

// options are the same for every size.
type options struct {
	parallelism int
	planOnly    bool
	// profile is the directory for profiles, empty for none.
	profile string
	// serveAlways has this program be the provider in every phase.
	serveAlways bool
	// terraform, self and provider are what is started: Terraform, this program, and
	// the provider as it is built for a release.
	terraform, self, provider string
}

// benchmark runs every size and writes the table.
func benchmark(ctx context.Context, sizes string, o options, out string) (err error) {
	var all []int
	for text := range strings.SplitSeq(sizes, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(text))
		if err != nil || n < 1 {
			return fmt.Errorf("-n has to be numbers from 1 on, such as 1,10,100: %q is none", text)
		}
		all = append(all, n)
	}
	if o.terraform, err = stage.FindTerraform(); err != nil {
		return err
	}
	if o.self, err = os.Executable(); err != nil {
		return err
	}
	if o.provider, err = exec.LookPath(o.provider); err != nil {
		return fmt.Errorf("run  make build  first: %w", err)
	}
	if o.provider, err = filepath.Abs(o.provider); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "clb-fleet-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	result := result{Parallelism: o.parallelism}
	for _, n := range all {
		at := filepath.Join(dir, strconv.Itoa(n))
		if err := os.Mkdir(at, 0o700); err != nil {
			return err
		}
		f, err := open(ctx, at, n, o)
		if err != nil {
			return err
		}
		one, err := f.measureAll(ctx)
		f.Close()
		if err != nil {
			return fmt.Errorf("%d load balancers: %w", n, err)
		}
		result.Sizes = append(result.Sizes, one)
	}
	text, err := json.MarshalIndent(result, "", "  ")
	if err != nil {
		return err
	}
	fmt.Print("\n", result.markdown())
	return errors.Join(os.WriteFile(out+".json", append(text, '\n'), 0o600), os.WriteFile(out+".md", []byte(result.markdown()), 0o600))
}
