// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// markdownFiles are the texts that people read: those beside main.go, and docs/.
func markdownFiles(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("../../*.md")
	if err != nil {
		t.Fatal(err)
	}
	err = filepath.WalkDir("../../docs", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && filepath.Ext(path) == ".md" {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// withoutCode is a page without its blocks of code, in which nothing is a link.
func withoutCode(page string) string {
	return regexp.MustCompile("(?ms)^```.*?\n```$").ReplaceAllString(page, "")
}

// anchors are what links may go to within a page: its headings, in the way of
// GitHub and of the Terraform Registry, and the ids in it.
func anchors(page string) map[string]bool {
	found := map[string]bool{}
	for _, id := range regexp.MustCompile(`<a id="([^"]+)">`).FindAllStringSubmatch(page, -1) {
		found[id[1]] = true
	}
	for _, heading := range regexp.MustCompile(`(?m)^#+ (.+)$`).FindAllStringSubmatch(withoutCode(page), -1) {
		text := regexp.MustCompile(`[^a-z0-9 _-]`).ReplaceAllString(strings.ToLower(heading[1]), "")
		found[strings.ReplaceAll(text, " ", "-")] = true
	}
	return found
}

// deadLinks are the relative links of a page that lead nowhere.
func deadLinks(path, page string, read func(string) (string, error)) []string {
	var dead []string
	for _, link := range regexp.MustCompile(`\]\(([^)\s]+)\)`).FindAllStringSubmatch(withoutCode(page), -1) {
		if strings.Contains(link[1], "://") || strings.HasPrefix(link[1], "mailto:") {
			continue
		}
		file, anchor, hasAnchor := strings.Cut(link[1], "#")
		target := page
		if file != "" {
			text, err := read(filepath.Join(filepath.Dir(path), file))
			if err != nil {
				dead = append(dead, link[1])
				continue
			}
			target = text
		}
		if hasAnchor && !anchors(target)[anchor] {
			dead = append(dead, link[1])
		}
	}
	return dead
}

// readOrList reads a file; a directory is as good as an empty one.
func readOrList(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil || info.IsDir() {
		return "", err
	}
	text, err := os.ReadFile(path)
	return string(text), err
}

func TestRelativeLinks(t *testing.T) {
	t.Parallel()
	files := markdownFiles(t)
	if len(files) < 40 {
		t.Errorf("only %d pages were found", len(files))
	}
	for _, path := range files {
		for _, link := range deadLinks(path, readText(t, path), readOrList) {
			t.Errorf("%s: the link %s leads nowhere", path, link)
		}
	}
}

func TestDeadLinksAreFound(t *testing.T) {
	t.Parallel()
	pages := map[string]string{"docs/guides/b.md": "# Two words, `code`\n\n<a id=\"x\"></a>\n"}
	read := func(path string) (string, error) {
		if page, there := pages[path]; there {
			return page, nil
		}
		return "", fs.ErrNotExist
	}
	for link, dead := range map[string]bool{
		"b.md": false, "../guides/b.md": false, "b.md#two-words-code": false, "b.md#x": false, "#here": false, "https://example.com/nothing": false,
		"c.md": true, "../b.md": true, "b.md#three": true, "#there": true,
	} {
		page := "# Here\n\nSee [it](" + link + ").\n\n```text\n[no](link.md)\n```\n"
		if got := len(deadLinks("docs/guides/a.md", page, read)) > 0; got != dead {
			t.Errorf("%s is dead: %v, want %v", link, got, dead)
		}
	}
}
