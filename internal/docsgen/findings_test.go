// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/terraform-clb/terraform-provider-clb/internal/verify"
)

const guides = "../../templates/guides"

// severityRow is a row of the table of severities.
type severityRow struct {
	words string
	// nature and changes decide; without natures it is an error always.
	natures []verify.Nature
	changes bool
}

// The rows of the table of severities, as the pages have them.
var (
	byConfiguration = severityRow{"The configuration refuses a recommended flow", []verify.Nature{verify.RefutedByConfiguration}, true}
	byWorld         = severityRow{"AWS as it stands refuses it, and this plan creates or changes the resource", []verify.Nature{verify.RefutedByWorld}, true}
	byWorldBefore   = severityRow{"AWS as it stands refuses it, and the resource does not change", []verify.Nature{verify.RefutedByWorld}, false}
	written         = severityRow{"The configuration writes the broader rule", []verify.Nature{verify.BroaderWritten}, true}
	unmanaged       = severityRow{"The broader rule stands in AWS, and the configuration does not write it", []verify.Nature{verify.BroaderUnmanaged}, true}
	hygiene         = severityRow{"Hygiene: no recommended flow is refused by it", []verify.Nature{verify.Hygiene}, true}
	differs         = severityRow{"AWS has something else than what is declared, and this plan creates or changes the resource", []verify.Nature{verify.LiveDiffers}, true}
	differsBefore   = severityRow{"AWS has something else than what is declared, and the resource does not change", []verify.Nature{verify.LiveDiffers}, false}
	onePlace        = severityRow{"Two entries or rules claim one place", nil, true}
	fewerClients    = severityRow{"A listener admits fewer clients than recommended, and none are declared", []verify.Nature{verify.FewerClients}, true}
	pathMTU         = severityRow{"Path MTU Discovery is refused or undecided", []verify.Nature{verify.PathMTU}, true}
	notKnown        = severityRow{"It depends on a value that is not known yet", []verify.Nature{verify.NotKnown}, true}
	readDenied      = severityRow{"It depends on something that could not be read", []verify.Nature{verify.ReadDenied}, true}
	notice          = severityRow{"An acceptance expires soon, has expired or is not used", []verify.Nature{verify.AcceptanceNotice}, true}
)

// String is the row in Markdown.
func (r severityRow) String() string {
	row := "| " + r.words
	for _, enforcement := range []verify.Enforcement{verify.Advisory, verify.Recommended, verify.Strict} {
		severity := verify.Error
		for _, nature := range r.natures {
			severity = nature.Severity(enforcement, r.changes)
		}
		text := severity.String()
		if severity == verify.Error {
			text = "**error**"
		}
		row += " | " + text
	}
	return row + " |"
}

func allRows() []severityRow {
	return []severityRow{
		byConfiguration, byWorld, byWorldBefore, written, unmanaged, hygiene, differs, differsBefore, onePlace, fewerClients, pathMTU,
		notKnown, readDenied, notice,
	}
}

// rowsOf are the rows that apply to a kind of finding.
func rowsOf(id verify.ID) []severityRow {
	switch id {
	case verify.PathMTURefused:
		return []severityRow{pathMTU}
	case verify.SecondOwner, verify.NumberTaken:
		return []severityRow{onePlace}
	case verify.LoadBalancerDiffers:
		return []severityRow{differs, differsBefore}
	case verify.FewerClientsAdmitted:
		return []severityRow{fewerClients}
	case verify.ValueUnknown:
		return []severityRow{notKnown, pathMTU}
	case verify.NotVisible:
		return []severityRow{readDenied, notKnown, pathMTU}
	}
	switch id[:len("CLB1")] {
	case "CLB1":
		return []severityRow{byConfiguration, byWorld, byWorldBefore}
	case "CLB2":
		return []severityRow{written, unmanaged}
	case "CLB3":
		return []severityRow{hygiene}
	default:
		return []severityRow{notice}
	}
}

// tableRows are the rows of the table of severities on a page.
func tableRows(page string) []string {
	_, table, _ := strings.Cut(page, "| What it rests on | `advisory` | `recommended` | `strict` |\n|---|---|---|---|\n")
	table, _, _ = strings.Cut(table, "\n\n")
	return strings.Split(strings.TrimSpace(table), "\n")
}

func wantRows(t *testing.T, page string, rows []severityRow) {
	t.Helper()
	var want []string
	for _, row := range rows {
		want = append(want, row.String())
	}
	if got := tableRows(page); !slices.Equal(got, want) {
		t.Errorf("the table of severities is\n%s\nand it should be\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func readText(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestEveryFindingHasAPage holds the pages to the catalogue of findings.
func TestEveryFindingHasAPage(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob(filepath.Join(guides, "finding-*"))
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]bool{}
	for _, entry := range verify.Catalogue() {
		path := filepath.Join(guides, entry.Page()+".md.tmpl")
		kinds[path] = true
		t.Run(string(entry.ID), func(t *testing.T) {
			t.Parallel()
			checkFindingPage(t, entry, readText(t, path))
		})
	}
	for _, path := range paths {
		if !kinds[path] {
			t.Errorf("%s is about no kind of finding", path)
		}
	}
}

func checkFindingPage(t *testing.T, entry verify.Entry, page string) {
	t.Helper()
	title := fmt.Sprintf("%s %s: %s", entry.ID, entry.Slug, entry.Title)
	example := "examples/findings/" + entry.Slug
	want := []string{
		"---\npage_title: \"" + title + "\"\nsubcategory: \"Findings\"\ndescription: |-\n  ",
		"\n# " + title + "\n",
		"\n## Example\n", `{{ tffile "` + example + `/main.tf" }}`, `" "` + example + `/output.txt" }}`,
		"\n## Why\n", "\n## How to fix\n",
	}
	if _, err := os.Stat(filepath.Join("..", "..", example, "fixed", "main.tf")); err == nil {
		want = append(want, `{{ tffile "`+example+`/fixed/main.tf" }}`)
	}
	want = append(want, "\n## Error, warning or report\n")
	const analyzer = "\n## In AWS Reachability Analyzer\n"
	if entry.Analyzer != "" {
		want = append(want, analyzer)
		for code := range strings.SplitSeq(entry.Analyzer, " or ") {
			want = append(want, "`"+code+"`")
		}
	} else if strings.Contains(page, analyzer) {
		t.Errorf("AWS Reachability Analyzer has no code for it")
	}
	rest := page
	for _, words := range want {
		_, after, there := strings.Cut(rest, words)
		if !there {
			t.Fatalf("the page has no %q, or not in its place", words)
		}
		rest = after
	}
	wantRows(t, page, rowsOf(entry.ID))
}

// TestFindingsPage: the page about all findings names each of them once, in the
// order of the ids, and has the whole table of severities.
func TestFindingsPage(t *testing.T) {
	t.Parallel()
	page := readText(t, filepath.Join(guides, "findings.md.tmpl"))
	var got, want []string
	for line := range strings.Lines(page) {
		if strings.HasPrefix(line, "| [CLB") {
			name, _, _ := strings.Cut(strings.TrimPrefix(line, "| "), " |")
			got = append(got, name)
		}
	}
	for _, entry := range verify.Catalogue() {
		want = append(want, fmt.Sprintf("[%s %s](%s.md)", entry.ID, entry.Slug, entry.Page()))
	}
	if !slices.Equal(got, want) {
		t.Errorf("the page lists\n%s\nand the findings are\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	wantRows(t, page, allRows())
}

// TestQuotedMessages: the guide quotes what Terraform really prints, which is on
// the page of the finding.
func TestQuotedMessages(t *testing.T) {
	t.Parallel()
	printed := readText(t, "../../docs/guides/"+verify.HealthCheckRefused.Entry().Page()+".md")
	quotes := strings.Split(readText(t, filepath.Join(guides, "reading-a-refuted-plan.md.tmpl")), "```text\n")[1:]
	if len(quotes) < 10 {
		t.Errorf("only %d quotes were found", len(quotes))
	}
	for _, quote := range quotes {
		quote, _, _ = strings.Cut(quote, "\n```")
		if !strings.Contains(printed, quote) {
			t.Errorf("Terraform does not print\n%s", quote)
		}
	}
}
