// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

// Package acceptance runs the provider under the real terraform: plans, applies,
// imports and destroys, against one of three backends that the environment
// variable CLB_TEST_BACKEND names. Unset, each test has a strict double of AWS
// of its own (internal/fakeaws); "moto" is a moto_server, with an account for
// each test; "aws" is AWS, and needs TF_ACC and credentials. CLB_TEST_CLI names
// the terraform or tofu to start.
package acceptance

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/terraform-clb/terraform-provider-clb/internal/demo/stage"
)

func TestMain(m *testing.M) {
	if err := prepareEnvironment(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	stop, err := startBackend()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := 1
	// The deferred stop must run before the process exits.
	func() {
		defer stop()
		addSweepers()
		code = checkPermissions(runTests(m))
	}()
	os.Exit(code)
}

// runTests runs the sweepers when the flag -sweep is given, and the tests
// otherwise. resource.TestMain would end the process under the backend.
func runTests(m *testing.M) int {
	if onAWS() {
		resource.TestMain(m)
	}
	return m.Run()
}

// prepareEnvironment keeps out what a developer's environment would change: the
// configuration of the terraform command and, except on AWS, everything that
// the SDK reads. Terraform is one that is here, so that nothing is downloaded.
func prepareEnvironment() error {
	for _, variable := range os.Environ() {
		name, _, _ := strings.Cut(variable, "=")
		terraform := strings.HasPrefix(name, "TF_") && name != "TF_ACC"
		if terraform || strings.HasPrefix(name, "AWS_") && !onAWS() {
			if err := os.Unsetenv(name); err != nil {
				return err
			}
		}
	}
	path, err := stage.FindTerraform()
	if err != nil {
		return err
	}
	settings := map[string]string{
		"TF_ACC_TERRAFORM_PATH": path,
		"TF_CLI_CONFIG_FILE":    os.DevNull,
		"CHECKPOINT_DISABLE":    "1",
	}
	if !onAWS() {
		settings["AWS_CONFIG_FILE"] = os.DevNull
		settings["AWS_SHARED_CREDENTIALS_FILE"] = os.DevNull
		settings["AWS_EC2_METADATA_DISABLED"] = "true"
	}
	for name, value := range settings {
		if err := os.Setenv(name, value); err != nil {
			return err
		}
	}
	return nameProviderHost(path)
}

// nameProviderHost tells the test framework where the command looks for a
// provider whose source the configuration does not give.
func nameProviderHost(path string) error {
	version, err := exec.Command(path, "version").Output()
	if err != nil {
		return fmt.Errorf("%s version: %w", path, err)
	}
	if !strings.HasPrefix(string(version), "OpenTofu") {
		return nil
	}
	return os.Setenv("TF_ACC_PROVIDER_HOST", "registry.opentofu.org")
}
