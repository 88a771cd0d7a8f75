// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

// Command demo shows the provider at work: the real Terraform, on a double of
// AWS on loopback. It needs no account and leaves nothing behind. It ends with
// status 1 when anything is not as expected.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/terraform-clb/terraform-provider-clb/internal/demo/stage"
)

const module = "github.com/terraform-clb/terraform-provider-clb"

func main() { os.Exit(run()) }

// run returns the exit status.
func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := demonstrate(ctx, os.Stdout)
	switch {
	case ctx.Err() != nil:
		fmt.Fprintln(os.Stderr, "\ndemo: interrupted, everything it made is gone")
		return 130
	case err != nil:
		fmt.Fprintln(os.Stderr, "\ndemo:", err)
		return 1
	}
	return 0
}

// demonstrate builds the provider and plays every chapter, in a directory that
// is removed at the end.
func demonstrate(ctx context.Context, out io.Writer) (err error) {
	terraform, err := stage.FindTerraform()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "clb-demo-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	checkout, err := moduleDir(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "Building the provider. The first time this takes a minute or two.")
	build := exec.CommandContext(ctx, "go", "build", "-o", filepath.Join(dir, "terraform-provider-clb"), module)
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		return fmt.Errorf("building the provider: %w", err)
	}
	start := time.Now()
	t := theater{out: out, terraform: terraform, providerDir: dir, examples: filepath.Join(checkout, "examples"), dir: dir}
	if err := t.playAll(ctx); err != nil {
		return err
	}
	fmt.Fprintf(out, "\nAll as expected, in %.0f s.\n", time.Since(start).Seconds())
	return nil
}

// moduleDir is the checkout that the demonstration is run in.
func moduleDir(ctx context.Context) (string, error) {
	found, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", module).Output()
	if err != nil {
		return "", fmt.Errorf("run  make demo  in a checkout of %s: %w", module, err)
	}
	return strings.TrimSpace(string(found)), nil
}
