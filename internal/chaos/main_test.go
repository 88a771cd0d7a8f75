// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

// Package chaos_test disturbs the provider at every single call of AWS that an
// apply of the real Terraform makes: it kills the provider or Terraform, lets
// AWS refuse, loses answers and presses Ctrl-C. Then the same configuration is
// applied again, and everything has to come out as if nothing had happened.
package chaos_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/terraform-clb/terraform-provider-clb/internal/acceptance/world"
	"github.com/terraform-clb/terraform-provider-clb/internal/cloud"
	"github.com/terraform-clb/terraform-provider-clb/internal/demo/stage"
	"github.com/terraform-clb/terraform-provider-clb/internal/fakeaws"
	"github.com/terraform-clb/terraform-provider-clb/internal/provider"
	"github.com/terraform-clb/terraform-provider-clb/internal/scaled"
)

var (
	all   = flag.Bool("chaos.all", false, "run everything instead of a sample")
	built = flag.String("chaos.provider", "", "path of the built provider; the test binary is the provider when it is empty")
)

// speedVariable tells the provider how many seconds pass in the double in a second.
const speedVariable = "CLB_CHAOS_SPEED"

// TestMain lets this test binary be the provider that Terraform starts: go-plugin
// marks the processes that it starts with this variable.
func TestMain(m *testing.M) {
	if os.Getenv("TF_PLUGIN_MAGIC_COOKIE") == "" {
		os.Exit(m.Run())
	}
	if err := serve(); err != nil {
		os.Exit(1)
	}
}

// serve is the provider as it is released, but that it waits on the clock of the
// double: for the pace of its calls, and between retries.
func serve() error {
	speed, err := strconv.ParseFloat(os.Getenv(speedVariable), 64)
	if err != nil {
		return err
	}
	settings := provider.WithSettings(func(s *cloud.Settings) {
		clock := scaled.NewClock(speed)
		s.Backoff, s.Clock = clock.Backoff(), clock
	})
	return provider.Serve(provider.New("test", settings), false)
}

// openStage makes a double with a load balancer and a Terraform with the
// provider. The provider says in every call which process makes it, so that this
// one can be killed.
func openStage(t *testing.T, executable string, plan world.Plan, config fakeaws.Config) *stage.Stage {
	t.Helper()
	terraform, err := stage.FindTerraform()
	if err != nil {
		t.Fatal(err)
	}
	if executable == "" {
		if executable, err = os.Executable(); err != nil {
			t.Fatal(err)
		}
	}
	dir, providerDir := t.TempDir(), t.TempDir()
	// A provider with the race detector dies of the first race, so that the run fails.
	start := fmt.Sprintf("#!/bin/sh\nGORACE=halt_on_error=1 TF_APPEND_USER_AGENT=pid/$$ exec %q\n", executable)
	if err := os.WriteFile(filepath.Join(providerDir, "terraform-provider-clb"), []byte(start), 0o700); err != nil {
		t.Fatal(err)
	}
	s, err := stage.Open(t.Context(), stage.Config{Terraform: terraform, ProviderDir: providerDir, Dir: dir, World: plan, AWS: config})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// deadline bounds one run of Terraform.
const deadline = 10 * time.Minute
