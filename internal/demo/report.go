// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// reportConfiguration asks for the report of a load balancer, whoever manages its rules.
const reportConfiguration = `data "clb_wiring" "web" {
  load_balancer_name = "my-loadbalancer"
}

output "report" {
  value = data.clb_wiring.web.report
}
`

const requirement = `terraform {
  required_providers {
    clb = { source = "terraform-clb/clb" }
  }
}
`

// report shows what the data source reports, without the sections of these titles,
// and fails unless the rest is what is wanted.
func (s *scene) report(ctx context.Context, want string, leftOut ...string) error {
	whole, err := s.reported(ctx)
	if err != nil {
		return err
	}
	var shown, others []string
	for _, section := range strings.Split(s.names.Replace(whole), "\n### ") {
		title, _, _ := strings.Cut(section, "\n")
		if slices.Contains(leftOut, title) {
			others = append(others, title)
		} else {
			shown = append(shown, section)
		}
	}
	got := strings.Join(shown, "\n### ")
	if !sameWords(want, got) {
		return surprise("the report", strings.Split(want, "\n"), strings.Split(got, "\n"))
	}
	if !slices.Equal(leftOut, others) {
		return surprise("what the report has besides", leftOut, others)
	}
	s.quote(fold(got))
	s.say("")
	s.calls()
	return nil
}

// reported is the whole report: what a configuration that only reads has for output.
func (s *scene) reported(ctx context.Context) (string, error) {
	dir := filepath.Join(s.Dir, "report")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	if err := os.WriteFile(filepath.Join(dir, "report.tf"), []byte(requirement+reportConfiguration), 0o600); err != nil {
		return "", err
	}
	beside, err := s.Beside(dir)
	if err != nil {
		return "", err
	}
	if err := beside.Terraform.Apply(ctx); err != nil {
		return "", fmt.Errorf("terraform apply: %w", err)
	}
	outputs, err := beside.Terraform.Output(ctx)
	if err != nil {
		return "", fmt.Errorf("terraform output: %w", err)
	}
	var text string
	err = json.Unmarshal(outputs["report"].Value, &text)
	return text, err
}

// fold breaks the long lines of a Markdown text, which means the same. Rows of
// tables stay as they are.
func fold(text string) string {
	const width = 105
	var b strings.Builder
	for line := range strings.Lines(text) {
		indent := "\n"
		if strings.HasPrefix(line, "- ") {
			indent = "\n  "
		}
		for len(line) > width && !strings.HasPrefix(line, "|") {
			at := strings.LastIndex(line[:width], " ")
			if at <= len(indent) {
				break
			}
			b.WriteString(line[:at] + indent)
			line = line[at+1:]
		}
		b.WriteString(line)
	}
	return b.String()
}
