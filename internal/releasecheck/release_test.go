// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

const (
	testVersion = "1.2.3"
	testSBOM    = `{"bomFormat": "CycloneDX", "metadata": {"component": {"name": "github.com/terraform-clb/terraform-provider-clb", "version": "v1.2.3"}},
		"components": [{"name": "std"}, {"name": "github.com/hashicorp/terraform-plugin-framework"}]}`
	testManifest = `{"version": 1, "metadata": {"protocol_versions": ["6.0"]}}`
	sumsName     = "terraform-provider-clb_1.2.3_SHA256SUMS"
	manifestName = "terraform-provider-clb_1.2.3_manifest.json"
	linuxZip     = "terraform-provider-clb_1.2.3_linux_amd64.zip"
)

// entry is a file in an archive.
type entry struct {
	name string
	mode fs.FileMode
	time time.Time
}

func archive(t *testing.T, entries ...entry) string {
	t.Helper()
	var out bytes.Buffer
	writer := zip.NewWriter(&out)
	for _, e := range entries {
		header := &zip.FileHeader{Name: e.name, Modified: e.time}
		header.SetMode(e.mode)
		file, err := writer.CreateHeader(header)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := file.Write([]byte(e.name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// goodFiles are a release without fault, by name; the checksums come last.
func goodFiles(t *testing.T) map[string]string {
	t.Helper()
	commit := time.Date(2026, 1, 2, 3, 4, 6, 0, time.UTC)
	files := map[string]string{sumsName + ".sig": "\x89signature", manifestName: testManifest}
	for _, name := range []string{"darwin_amd64", "darwin_arm64", "freebsd_386", "freebsd_amd64", "freebsd_arm", "freebsd_arm64", "linux_386",
		"linux_amd64", "linux_arm", "linux_arm64", "windows_386", "windows_amd64", "windows_arm64"} {
		binary := "terraform-provider-clb_v1.2.3"
		if strings.HasPrefix(name, "windows") {
			binary += ".exe"
		}
		files["terraform-provider-clb_1.2.3_"+name+".zip"] = archive(t, entry{binary, 0o755, commit}, entry{"LICENSE", 0o644, commit})
		files["terraform-provider-clb_1.2.3_"+name+".cdx.json"] = testSBOM
	}
	return files
}

// checkFiles adds the checksums of the archives and the manifest, unless there
// are some, writes the files and checks them.
func checkFiles(t *testing.T, files map[string]string, binary binaryCheck) (version string, problems []string) {
	t.Helper()
	if _, given := files[sumsName]; !given {
		files[sumsName] = sumsOf(files)
	}
	dir := t.TempDir()
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return check(dir, filepath.Join(dir, manifestName), binary)
}

func sumsOf(files map[string]string) string {
	sums := ""
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if strings.HasSuffix(name, ".zip") || name == manifestName {
			sums += fmt.Sprintf("%x  %s\n", sha256.Sum256([]byte(files[name])), name)
		}
	}
	return sums
}

func anyBinary([]byte, string, platform) []string { return nil }

func TestCheckAcceptsAGoodRelease(t *testing.T) {
	t.Parallel()
	var seen []string
	version, problems := checkFiles(t, goodFiles(t), func(content []byte, version string, p platform) []string {
		seen = append(seen, fmt.Sprintf("%s %s %s/%s", content, version, p.os, p.arch))
		return nil
	})
	if version != testVersion || len(problems) > 0 {
		t.Errorf("version %q, problems %q", version, problems)
	}
	if len(seen) != 13 || !slices.Contains(seen, "terraform-provider-clb_v1.2.3.exe 1.2.3 windows/arm64") {
		t.Errorf("the binaries looked at are %q", seen)
	}
}

func TestCheckRefuses(t *testing.T) {
	t.Parallel()
	commit := time.Date(2026, 1, 2, 3, 4, 6, 0, time.UTC)
	binary := entry{"terraform-provider-clb_v1.2.3", 0o755, commit}
	license := entry{"LICENSE", 0o644, commit}
	tests := map[string]struct {
		spoil func(t *testing.T, files map[string]string)
		want  string
	}{
		"a platform that is missing": {
			func(_ *testing.T, files map[string]string) { delete(files, linuxZip) }, linuxZip + ": open",
		},
		"an archive of another platform": {
			func(_ *testing.T, files map[string]string) {
				files["terraform-provider-clb_1.2.3_plan9_amd64.zip"] = files[linuxZip]
			}, "of no platform that we release for",
		},
		"a binary of another name": {
			func(t *testing.T, files map[string]string) {
				files[linuxZip] = archive(t, entry{"terraform-provider-clb", 0o755, commit}, license)
			}, `holds ["LICENSE" "terraform-provider-clb"]`,
		},
		"a file too many": {
			func(t *testing.T, files map[string]string) {
				files[linuxZip] = archive(t, binary, license, entry{"README.md", 0, commit})
			}, `holds ["LICENSE" "README.md"`,
		},
		"a binary that cannot be started": {
			func(t *testing.T, files map[string]string) {
				files[linuxZip] = archive(t, entry{binary.name, 0o644, commit}, license)
			}, "has mode -rw-r--r--, want -rwxr-xr-x",
		},
		"a file of another time": {
			func(t *testing.T, files map[string]string) {
				files[linuxZip] = archive(t, binary, entry{"LICENSE", 0o644, commit.Add(time.Hour)})
			}, "want the time of the commit for both",
		},
		"a sum that is wrong": {
			func(t *testing.T, files map[string]string) {
				files[sumsName] = sumsOf(files)
				files[linuxZip] = archive(t, binary, license, license)
			}, "the sum of " + linuxZip + " is",
		},
		"a manifest without a sum": {
			func(_ *testing.T, files map[string]string) {
				manifest := files[manifestName]
				delete(files, manifestName)
				files[sumsName] = sumsOf(files)
				files[manifestName] = manifest
			}, "the sum of " + manifestName + ` is ""`,
		},
		"checksums that name an SBOM": {
			func(_ *testing.T, files map[string]string) {
				files[sumsName] = sumsOf(files) + strings.Repeat("0", 64) + "  terraform-provider-clb_1.2.3_linux_amd64.cdx.json\n"
			}, "neither an archive of a platform nor the manifest",
		},
		"checksums that name the signature": {
			func(_ *testing.T, files map[string]string) {
				files[sumsName] = sumsOf(files) + strings.Repeat("0", 64) + "  " + sumsName + ".sig\n"
			}, "neither an archive of a platform nor the manifest",
		},
		"no signature": {
			func(_ *testing.T, files map[string]string) { delete(files, sumsName+".sig") }, sumsName + ".sig: no such file",
		},
		"a signature in ASCII armor": {
			func(_ *testing.T, files map[string]string) {
				files[sumsName+".sig"] = "-----BEGIN PGP SIGNATURE-----\n"
			}, "the registry wants a binary signature",
		},
		"a manifest of another protocol": {
			func(_ *testing.T, files map[string]string) {
				files[manifestName] = strings.ReplaceAll(testManifest, "6.0", "5.0")
			}, `protocol versions ["5.0"], want 1 and 6.0`,
		},
		"an SBOM of another version": {
			func(_ *testing.T, files map[string]string) {
				files["terraform-provider-clb_1.2.3_linux_arm.cdx.json"] = strings.ReplaceAll(testSBOM, "1.2.3", "1.2.2")
			}, "terraform-provider-clb v1.2.2, want",
		},
		"an SBOM without modules": {
			func(_ *testing.T, files map[string]string) {
				files["terraform-provider-clb_1.2.3_linux_arm.cdx.json"] = strings.ReplaceAll(testSBOM, "terraform-plugin-framework", "other")
			}, "does not name github.com/hashicorp/terraform-plugin-framework",
		},
		"an SBOM with a serial number": {
			func(_ *testing.T, files map[string]string) {
				files["terraform-provider-clb_1.2.3_linux_arm.cdx.json"] = strings.Replace(testSBOM, "{", `{"serialNumber": "urn:uuid:0", `, 1)
			}, "is not reproducible",
		},
		"two versions": {
			func(_ *testing.T, files map[string]string) { files["terraform-provider-clb_1.2.4_SHA256SUMS"] = "" }, "2 files are named",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files := goodFiles(t)
			test.spoil(t, files)
			_, problems := checkFiles(t, files, anyBinary)
			if !slices.ContainsFunc(problems, func(p string) bool { return strings.Contains(p, test.want) }) {
				t.Errorf("problems %q, want one with %q", problems, test.want)
			}
		})
	}
}
