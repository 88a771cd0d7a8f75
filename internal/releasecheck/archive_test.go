// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// TestCheckBinary builds a small program the way a release is built, and in
// ways that a release must not be.
func TestCheckBinary(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod":  "module " + module + "\n",
		"main.go": "package main\n\nvar version = \"dev\"\n\nfunc main() { println(version) }\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	stripped := []string{"-trimpath", "-ldflags=-s -w -X main.version=1.2.3"}
	here := platform{runtime.GOOS, runtime.GOARCH}
	type test struct {
		flags    []string
		version  string
		platform platform
		want     []string
	}
	tests := map[string]test{
		"as released":      {stripped, testVersion, here, nil},
		"another version":  {stripped, "1.2.4", here, []string{"does not know its version 1.2.4"}},
		"another platform": {stripped, testVersion, platform{"plan9", here.arch}, []string{"was built with GOOS=" + here.os + ", want plan9"}},
		"its paths in it":  {stripped[1:], testVersion, here, []string{"was built with -trimpath=, want true"}},
	}
	if here == (platform{"linux", "amd64"}) {
		tests["not stripped"] = test{[]string{"-trimpath", "-ldflags=-X main.version=1.2.3"}, testVersion, here, []string{"is not stripped"}}
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			binary := filepath.Join(t.TempDir(), "binary")
			build := exec.CommandContext(t.Context(), "go", append([]string{"build", "-o", binary}, append(test.flags, ".")...)...)
			build.Dir = dir
			build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-buildvcs=false", "GOWORK=off")
			if out, err := build.CombinedOutput(); err != nil {
				t.Fatalf("go build: %v\n%s", err, out)
			}
			content, err := os.ReadFile(binary)
			if err != nil {
				t.Fatal(err)
			}
			if problems := checkBinary(content, test.version, test.platform); !slices.Equal(problems, test.want) {
				t.Errorf("problems %q, want %q", problems, test.want)
			}
		})
	}
	t.Run("no binary", func(t *testing.T) {
		t.Parallel()
		problems := checkBinary([]byte("#!/bin/sh\n"), testVersion, here)
		if len(problems) != 1 || !strings.HasPrefix(problems[0], "is no binary that Go built") {
			t.Errorf("problems %q", problems)
		}
	})
}

func TestCheckSize(t *testing.T) {
	t.Parallel()
	if problems := checkSize(make([]byte, maxSize+1)); len(problems) == 0 || !strings.Contains(problems[0], "has 32000001 bytes, want at most 32000000") {
		t.Errorf("one byte more than allowed: problems %q", problems)
	}
	if problems := checkSize(make([]byte, maxSize)); len(problems) != 1 || !strings.HasPrefix(problems[0], "is no ELF file") {
		t.Errorf("as large as allowed: problems %q", problems)
	}
}
