// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

const project = "terraform-provider-clb"

// platform is what a release has an archive for.
type platform struct{ os, arch string }

// platforms are written down here and not read from the release configuration,
// so that one that falls out of it is missed.
func platforms() []platform {
	return []platform{
		{"darwin", "amd64"}, {"darwin", "arm64"},
		{"freebsd", "386"}, {"freebsd", "amd64"}, {"freebsd", "arm"}, {"freebsd", "arm64"},
		{"linux", "386"}, {"linux", "amd64"}, {"linux", "arm"}, {"linux", "arm64"},
		{"windows", "386"}, {"windows", "amd64"}, {"windows", "arm64"},
	}
}

// check looks at the release in a directory and returns its version and what
// is wrong with it.
func check(dir, manifest string, binary binaryCheck) (version string, problems []string) {
	version, err := findVersion(dir)
	if err != nil {
		return "", []string{err.Error()}
	}
	prefix := project + "_" + version + "_"
	files := map[string]string{prefix + "manifest.json": manifest}
	for _, p := range platforms() {
		name := prefix + p.os + "_" + p.arch
		archive := filepath.Join(dir, name+".zip")
		files[name+".zip"] = archive
		problems = append(problems, checkArchive(archive, version, p, binary)...)
		problems = append(problems, checkSBOM(filepath.Join(dir, name+".cdx.json"), version)...)
	}
	problems = append(problems, checkSums(filepath.Join(dir, prefix+"SHA256SUMS"), files)...)
	problems = append(problems, checkSignature(filepath.Join(dir, prefix+"SHA256SUMS.sig"))...)
	problems = append(problems, checkManifest(manifest)...)
	archives, err := filepath.Glob(filepath.Join(dir, "*.zip"))
	if err != nil {
		return version, append(problems, err.Error())
	}
	for _, path := range archives {
		if files[filepath.Base(path)] == "" {
			problems = append(problems, fmt.Sprintf("%s: an archive of no platform that we release for, or of another version than %s", path, version))
		}
	}
	return version, problems
}

// findVersion reads the version from the name of the checksums, of which a
// release has one.
func findVersion(dir string) (string, error) {
	found, err := filepath.Glob(filepath.Join(dir, project+"_*_SHA256SUMS"))
	if err != nil {
		return "", err
	}
	if len(found) != 1 {
		return "", fmt.Errorf("%s: %d files are named %s_VERSION_SHA256SUMS, want 1", dir, len(found), project)
	}
	version := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(found[0]), project+"_"), "_SHA256SUMS")
	if !regexp.MustCompile(`^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$`).MatchString(version) {
		return "", fmt.Errorf("%s: %q is no semantic version", found[0], version)
	}
	return version, nil
}

// checkSums demands that the checksums name the given files, by path, and no
// others: the registry refuses a release whose checksums name more.
func checkSums(path string, files map[string]string) (problems []string) {
	text, err := os.ReadFile(path)
	if err != nil {
		return []string{err.Error()}
	}
	sums := map[string]string{}
	for line := range strings.Lines(string(text)) {
		sum, name, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "  ")
		if !ok || sums[name] != "" {
			problems = append(problems, fmt.Sprintf("%s: line %q is not the only \"SUM  NAME\" of its file", path, line))
		}
		if files[name] == "" {
			problems = append(problems, fmt.Sprintf("%s: names %q, which is neither an archive of a platform nor the manifest", path, name))
		}
		sums[name] = sum
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		content, err := os.ReadFile(files[name])
		if err != nil {
			problems = append(problems, err.Error())
			continue
		}
		sum := sha256.Sum256(content)
		if want := hex.EncodeToString(sum[:]); sums[name] != want {
			problems = append(problems, fmt.Sprintf("%s: the sum of %s is %q, want %s", path, name, sums[name], want))
		}
	}
	return problems
}

// checkSignature demands a detached binary signature. Whether it is a good one
// is for gpg to say.
func checkSignature(path string) []string {
	content, err := os.ReadFile(path)
	switch {
	case err != nil:
		return []string{err.Error()}
	case len(content) == 0 || bytes.HasPrefix(content, []byte("-----BEGIN")):
		return []string{path + ": is empty or ASCII-armored, and the registry wants a binary signature"}
	}
	return nil
}

func checkManifest(path string) []string {
	var manifest struct {
		Version  int `json:"version"`
		Metadata struct {
			ProtocolVersions []string `json:"protocol_versions"`
		} `json:"metadata"`
	}
	if err := readJSON(path, &manifest); err != nil {
		return []string{err.Error()}
	}
	// main.go serves protocol 6.
	if manifest.Version != 1 || !slices.Equal(manifest.Metadata.ProtocolVersions, []string{"6.0"}) {
		return []string{fmt.Sprintf("%s: has version %d and protocol versions %q, want 1 and 6.0", path, manifest.Version, manifest.Metadata.ProtocolVersions)}
	}
	return nil
}

// checkSBOM demands a list of the modules and the Go version of a binary that
// is the same whenever and wherever it is made.
func checkSBOM(path, version string) (problems []string) {
	type component struct {
		Name    string `json:"name"`
		Version string `json:"version"`
	}
	var bom struct {
		Format       string `json:"bomFormat"`
		SerialNumber string `json:"serialNumber"`
		Metadata     struct {
			Timestamp string    `json:"timestamp"`
			Component component `json:"component"`
		} `json:"metadata"`
		Components []component `json:"components"`
	}
	if err := readJSON(path, &bom); err != nil {
		return []string{err.Error()}
	}
	if bom.Format != "CycloneDX" {
		problems = append(problems, fmt.Sprintf("%s: the format is %q, want CycloneDX", path, bom.Format))
	}
	if about := bom.Metadata.Component; about != (component{module, "v" + version}) {
		problems = append(problems, fmt.Sprintf("%s: is about %s %s, want %s v%s", path, about.Name, about.Version, module, version))
	}
	if bom.SerialNumber != "" || bom.Metadata.Timestamp != "" {
		problems = append(problems, path+": has a serial number or a time, and is not reproducible")
	}
	for _, want := range []string{"std", "github.com/hashicorp/terraform-plugin-framework"} {
		if !slices.ContainsFunc(bom.Components, func(c component) bool { return c.Name == want }) {
			problems = append(problems, fmt.Sprintf("%s: does not name %s, which every binary holds", path, want))
		}
	}
	return problems
}

func readJSON(path string, value any) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(content, value); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}
