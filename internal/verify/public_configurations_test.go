// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package verify

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/terraform-clb/terraform-provider-clb/internal/packet"
)

var publicToday = time.Date(2026, 1, 15, 0, 0, 0, 0, time.UTC)

// publicRuleID is the id of a rule, which says nothing but where it is in its file.
var publicRuleID = regexp.MustCompile(` rule sgr-[0-9a-z]+`)

// publicRefused are the refused steps of the flows that a load balancer cannot do
// without: what is refused where, with its packet and the rule.
func publicRefused(a Answer) []string {
	lines := []string{}
	for _, flow := range a.Flows {
		for _, hop := range flow.Hops {
			if flow.Flow.Kind != PathMTUDiscovery && hop.Verdict == packet.Refuted {
				decided := publicRuleID.ReplaceAllString(strings.Join(hop.DecidedBy, "; "), "")
				lines = append(lines, fmt.Sprintf("%s %d: %s: %s", flow.Flow.Kind, flow.Flow.Port, hop.Witness, decided))
			}
		}
	}
	return lines
}

// publicFound are the findings, each with its rules, besides those about Path MTU
// Discovery.
func publicFound(a Answer) []string {
	lines := []string{}
	for _, f := range a.Findings {
		if f.ID == PathMTURefused {
			continue
		}
		rules := slices.Sorted(slices.Values(f.Blockers))
		lines = append(lines, fmt.Sprintf("%s %s: %s", f.ID, f.About, publicRuleID.ReplaceAllString(strings.Join(rules, "; "), "")))
	}
	return lines
}

func publicPathMTU(a Answer) packet.Verdict {
	for _, flow := range a.Flows {
		if flow.Flow.Kind == PathMTUDiscovery {
			return flow.Verdict
		}
	}
	return packet.Proved
}

// TestPublicConfigurations: what public configurations, written by people who
// know nothing of this provider, get to hear. Each entry says why.
func TestPublicConfigurations(t *testing.T) {
	t.Parallel()
	for _, test := range publicConfigurations() {
		t.Run(test.file+"/"+test.lb, func(t *testing.T) {
			t.Parallel()
			w := readPublicWorld(t, test.file+".txt")
			answer, err := w.path(t, test.lb).Judge(Options{Today: publicToday})
			if err != nil {
				t.Fatal(err)
			}
			if got := answer.Verdict(); got != test.verdict {
				t.Errorf("verdict %s, want %s", got, test.verdict)
			}
			if got := publicPathMTU(answer); got != test.pathMTU {
				t.Errorf("Path MTU Discovery %s, want %s", got, test.pathMTU)
			}
			publicSame(t, "refused", publicRefused(answer), test.refused)
			publicSame(t, "found", publicFound(answer), test.found)
		})
	}
}

// TestPublicFiles: every file is judged by some test.
func TestPublicFiles(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join("testdata", "public", "*.txt"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	judged := map[string][]string{publicEstate: nil}
	for _, test := range publicConfigurations() {
		judged[test.file+".txt"] = append(judged[test.file+".txt"], test.lb)
	}
	for _, file := range files {
		name := filepath.Base(file)
		lbs, ok := judged[name]
		if !ok {
			t.Errorf("no test judges %s", name)
		}
		if w := readPublicWorld(t, name); name != publicEstate && len(lbs) != len(w.lbs) {
			t.Errorf("%s has %d load balancers, %d are judged", name, len(w.lbs), len(lbs))
		}
	}
}

func publicSame(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) && len(got)+len(want) > 0 {
		t.Errorf("%s\n%s\nwant\n%s", what, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestPublicConfigurationsDeclared: declared clients, as the owners mean them, are
// no finding, and do not change what is proved.
func TestPublicConfigurationsDeclared(t *testing.T) {
	t.Parallel()
	for _, test := range publicConfigurations() {
		t.Run(test.file+"/"+test.lb, func(t *testing.T) {
			t.Parallel()
			w := readPublicWorld(t, test.file+".txt")
			before, err := w.path(t, test.lb).Judge(Options{Today: publicToday})
			if err != nil {
				t.Fatal(err)
			}
			w.declareAdmitted()
			answer, err := w.path(t, test.lb).Judge(Options{Today: publicToday})
			if err != nil {
				t.Fatal(err)
			}
			if got := answer.Verdict(); got != before.Verdict() {
				t.Errorf("verdict %s, undeclared %s", got, before.Verdict())
			}
			for _, f := range answer.Findings {
				if f.ID == FewerClientsAdmitted && len(w.find(test.lb).Clients) == len(w.find(test.lb).LBPorts()) {
					t.Errorf("clients are declared, and yet: %s", f.Sentence)
				}
			}
			// Nothing is found that was not found before, but for the rules that a
			// narrower declaration makes broader.
			for _, f := range answer.Findings {
				if !slices.ContainsFunc(before.Findings, func(b Finding) bool { return b.ID == f.ID && b.About == f.About }) {
					t.Errorf("new with declared clients: %s %s", f.ID, f.Sentence)
				}
			}
		})
	}
}
