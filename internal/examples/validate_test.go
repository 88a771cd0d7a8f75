// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package examples_test

import (
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// TestExamplesValidate runs terraform validate on every directory of examples,
// with its import block and its tests. Files that end in .example need
// hashicorp/aws, which would have to be downloaded, and are no configuration
// until they are renamed. The files of a guide are steps, one in place of the
// other: TestGuides plans them.
func TestExamplesValidate(t *testing.T) {
	t.Parallel()
	dirs := map[string]bool{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() && path == filepath.Join(root, "guides") {
			return filepath.SkipDir
		}
		if err == nil && !entry.IsDir() && strings.HasSuffix(path, ".tf") {
			dirs[filepath.Dir(path)] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(dirs) < len(examples()) {
		t.Errorf("%d directories of examples hold a configuration, want at least the %d that are applied", len(dirs), len(examples()))
	}
	for dir := range dirs {
		t.Run(strings.TrimPrefix(dir, root+"/"), func(t *testing.T) {
			t.Parallel()
			s := open(t)
			write(t, s, exampleFiles(t, dir))
			result, err := s.Terraform.Validate(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range result.Diagnostics {
				// Terraform says so of every provider that it is told to take from a directory.
				if d.Summary != "Provider development overrides are in effect" {
					t.Errorf("%s: %s: %s", d.Severity, d.Summary, d.Detail)
				}
			}
		})
	}
}
