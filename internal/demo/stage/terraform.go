// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package stage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/hashicorp/terraform-exec/tfexec"
	tfjson "github.com/hashicorp/terraform-json"
)

const (
	cliConfigFile = "terraform.rc"
	planFile      = "plan.tfplan"
)

// FindTerraform returns the path of the command that the environment variable
// CLB_TEST_CLI names, or else of terraform, or else of tofu. The error says what
// to install.
func FindTerraform() (string, error) {
	names := []string{"terraform", "tofu"}
	if name := os.Getenv("CLB_TEST_CLI"); name != "" {
		names = []string{name}
	}
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return filepath.Abs(path)
		}
	}
	if len(names) == 1 {
		return "", fmt.Errorf("CLB_TEST_CLI names %q, which cannot be started: name a terraform or tofu, or leave it unset", names[0])
	}
	return "", errors.New("neither terraform nor tofu is on the PATH: install Terraform 1.8 or later from https://developer.hashicorp.com/terraform/install, or OpenTofu 1.8 or later")
}

// prepare gives the stage a Terraform with an environment of its own: of the
// user's AWS environment and CLI configuration nothing reaches it or the provider.
func (s *Stage) prepare() error {
	config := s.config
	overrides := ""
	for _, source := range append([]string{"terraform-clb/clb"}, config.Sources...) {
		overrides += fmt.Sprintf("    %q = %q\n", source, config.ProviderDir)
	}
	cliConfig := "disable_checkpoint = true\nprovider_installation {\n  dev_overrides {\n" + overrides + "  }\n}\n"
	cliConfigPath := filepath.Join(config.Dir, cliConfigFile)
	if err := os.WriteFile(cliConfigPath, []byte(cliConfig), 0o600); err != nil {
		return err
	}
	terraform, err := tfexec.NewTerraform(config.Dir, config.Terraform)
	if err != nil {
		return err
	}
	s.Terraform, s.environment = terraform, map[string]string{
		"HOME":                        config.Dir,
		"TMPDIR":                      os.TempDir(),
		"TF_CLI_CONFIG_FILE":          cliConfigPath,
		"CHECKPOINT_DISABLE":          "1",
		"AWS_ENDPOINT_URL":            s.endpoint,
		"AWS_ACCESS_KEY_ID":           accessKey,
		"AWS_SECRET_ACCESS_KEY":       secretKey,
		"AWS_REGION":                  Region,
		"AWS_CONFIG_FILE":             os.DevNull,
		"AWS_SHARED_CREDENTIALS_FILE": os.DevNull,
		"AWS_EC2_METADATA_DISABLED":   "true",
		// Tests may run a provider with the race detector in it: a race ends it,
		// so that Terraform fails, and it does not linger a second at each exit.
		"GORACE": "halt_on_error=1 atexit_sleep_ms=0",
	}
	return terraform.SetEnv(s.environment)
}

// Command is a run of Terraform that is the caller's own process, to be killed
// or interrupted.
func (s *Stage) Command(ctx context.Context, arguments ...string) *exec.Cmd {
	command := exec.CommandContext(ctx, s.Terraform.ExecPath(), arguments...)
	command.Dir = s.Dir
	for name, value := range s.environment {
		command.Env = append(command.Env, name+"="+value)
	}
	return command
}

// Plan makes a plan, which Apply carries out, and returns what it holds. What it
// says is in Messages afterwards, also when it fails.
func (s *Stage) Plan(ctx context.Context, options ...tfexec.PlanOption) (*tfjson.Plan, error) {
	var stdout, stderr bytes.Buffer
	s.Terraform.SetStdout(&stdout)
	s.Terraform.SetStderr(&stderr)
	_, err := s.Terraform.Plan(ctx, append(options, tfexec.Out(planFile))...)
	s.Terraform.SetStdout(io.Discard)
	s.Terraform.SetStderr(io.Discard)
	s.Messages = append(messages(stderr.String()), messages(stdout.String())...)
	if err != nil {
		return nil, fmt.Errorf("terraform plan: %w", err)
	}
	plan, err := s.Terraform.ShowPlanFile(ctx, planFile)
	if err != nil {
		return nil, fmt.Errorf("terraform show: %w", err)
	}
	return plan, nil
}

// Apply carries the last plan out.
func (s *Stage) Apply(ctx context.Context) error {
	if err := s.Terraform.Apply(ctx, tfexec.DirOrPlan(planFile)); err != nil {
		return fmt.Errorf("terraform apply: %w", err)
	}
	return nil
}
