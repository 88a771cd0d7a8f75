// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package verify

import "testing"

func TestSeverity(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name                          string
		nature                        Nature
		changes                       []bool
		advisory, recommended, strict Severity
	}{
		{"refuted by the configuration", RefutedByConfiguration, bothWays, Warning, Error, Error},
		{"refuted by the live world, the resource changes", RefutedByWorld, []bool{true}, Warning, Error, Error},
		{"refuted by the live world, the resource stays", RefutedByWorld, []bool{false}, Warning, Warning, Error},
		{"written rule is broader", BroaderWritten, bothWays, Warning, Error, Error},
		{"unmanaged rule is broader", BroaderUnmanaged, bothWays, Warning, Warning, Error},
		{"fewer clients", FewerClients, bothWays, ReportOnly, ReportOnly, Warning},
		{"hygiene", Hygiene, bothWays, Warning, Warning, Error},
		{"quota exceeded, limit known", QuotaKnown, bothWays, Warning, Error, Error},
		{"quota exceeded, AWS's default", QuotaDefault, bothWays, Warning, Warning, Error},
		{"path MTU discovery", PathMTU, bothWays, ReportOnly, ReportOnly, Warning},
		{"undecided, value unknown", NotKnown, bothWays, ReportOnly, ReportOnly, Warning},
		{"undecided, read denied", ReadDenied, bothWays, Warning, Warning, Warning},
		{"acceptance expiring, expired or unused", AcceptanceNotice, bothWays, Warning, Warning, Warning},
	} {
		for _, changes := range row.changes {
			for e, want := range map[Enforcement]Severity{Advisory: row.advisory, Recommended: row.recommended, Strict: row.strict} {
				if got := row.nature.Severity(e, changes); got != want {
					t.Errorf("%s, %s, changes %t: %s, want %s", row.name, e, changes, got, want)
				}
			}
		}
	}
}

var bothWays = []bool{false, true}

func TestParseEnforcement(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"advisory", "recommended", "strict"} {
		if got, err := ParseEnforcement(text); err != nil || string(got) != text {
			t.Errorf("%s: %s, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "Strict", "off"} {
		if got, err := ParseEnforcement(text); err == nil || got != "" {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
	for severity, want := range map[Severity]string{ReportOnly: "report", Warning: "warning", Error: "error"} {
		if severity.String() != want {
			t.Errorf("%d: %s", severity, severity)
		}
	}
}
