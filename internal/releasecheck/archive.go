// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"archive/zip"
	"bytes"
	"debug/buildinfo"
	"debug/elf"
	"fmt"
	"io"
	"io/fs"
	"slices"
)

const (
	module = "github.com/terraform-clb/terraform-provider-clb"
	// maxSize is what we allow the binary for linux/amd64, in bytes.
	maxSize = 32_000_000
)

// binaryCheck returns what is wrong with the binary of a platform.
type binaryCheck func(content []byte, version string, p platform) []string

// checkArchive demands the licence and the binary, which Terraform finds by its
// name and starts, and nothing that differs from one build to the next.
func checkArchive(path, version string, p platform, binary binaryCheck) (problems []string) {
	reader, err := zip.OpenReader(path)
	if err != nil {
		return []string{fmt.Sprintf("%s: %v", path, err)}
	}
	defer func() {
		if err := reader.Close(); err != nil {
			problems = append(problems, fmt.Sprintf("%s: %v", path, err))
		}
	}()
	name := project + "_v" + version
	if p.os == "windows" {
		name += ".exe"
	}
	modes := map[string]fs.FileMode{"LICENSE": 0o644, name: 0o755}
	var names []string
	for _, file := range reader.File {
		names = append(names, file.Name)
		if mode := file.Mode(); mode != modes[file.Name] {
			problems = append(problems, fmt.Sprintf("%s: %s has mode %v, want %v", path, file.Name, mode, modes[file.Name]))
		}
		if first := reader.File[0]; !file.Modified.Equal(first.Modified) {
			problems = append(problems, fmt.Sprintf("%s: %s is of %v and %s of %v, want the time of the commit for both", path, file.Name, file.Modified, first.Name, first.Modified))
		}
		content, err := readEntry(file)
		switch {
		case err != nil:
			problems = append(problems, fmt.Sprintf("%s: %s: %v", path, file.Name, err))
		case file.Name == name:
			for _, problem := range binary(content, version, p) {
				problems = append(problems, fmt.Sprintf("%s: %s %s", path, name, problem))
			}
		}
	}
	slices.Sort(names)
	if want := []string{"LICENSE", name}; !slices.Equal(names, want) {
		problems = append(problems, fmt.Sprintf("%s: holds %q, want %q", path, names, want))
	}
	return problems
}

func readEntry(file *zip.File) ([]byte, error) {
	reader, err := file.Open()
	if err != nil {
		return nil, err
	}
	content, err := io.ReadAll(reader)
	if closeErr := reader.Close(); err == nil {
		err = closeErr
	}
	return content, err
}

// checkBinary demands a static, trimmed and stripped binary of this module.
func checkBinary(content []byte, version string, p platform) (problems []string) {
	info, err := buildinfo.Read(bytes.NewReader(content))
	if err != nil {
		return []string{fmt.Sprintf("is no binary that Go built: %v", err)}
	}
	if info.Main.Path != module {
		problems = append(problems, fmt.Sprintf("is of module %s, want %s", info.Main.Path, module))
	}
	for _, want := range []struct{ key, value string }{{"GOOS", p.os}, {"GOARCH", p.arch}, {"CGO_ENABLED", "0"}, {"-trimpath", "true"}} {
		got := ""
		for _, setting := range info.Settings {
			if setting.Key == want.key {
				got = setting.Value
			}
		}
		if got != want.value {
			problems = append(problems, fmt.Sprintf("was built with %s=%s, want %s", want.key, got, want.value))
		}
	}
	if !bytes.Contains(content, []byte(version)) {
		problems = append(problems, "does not know its version "+version)
	}
	if p == (platform{"linux", "amd64"}) {
		problems = append(problems, checkSize(content)...)
	}
	return problems
}

func checkSize(content []byte) (problems []string) {
	if len(content) > maxSize {
		problems = append(problems, fmt.Sprintf("has %d bytes, want at most %d: look for a dependency that is new", len(content), maxSize))
	}
	file, err := elf.NewFile(bytes.NewReader(content))
	if err != nil {
		return append(problems, fmt.Sprintf("is no ELF file: %v", err))
	}
	if file.Section(".symtab") != nil || file.Section(".debug_info") != nil {
		problems = append(problems, "is not stripped")
	}
	return problems
}
