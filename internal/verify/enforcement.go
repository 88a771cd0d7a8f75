// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package verify

import "fmt"

// Enforcement is how strictly findings stop a plan.
type Enforcement string

// The three degrees of enforcement.
const (
	// Advisory never stops a plan because of a finding.
	Advisory Enforcement = "advisory"
	// Recommended stops what the configuration itself breaks. It is the default.
	Recommended Enforcement = "recommended"
	// Strict stops everything that is found.
	Strict Enforcement = "strict"
)

// ParseEnforcement reads a degree of enforcement.
func ParseEnforcement(text string) (Enforcement, error) {
	switch e := Enforcement(text); e {
	case Advisory, Recommended, Strict:
		return e, nil
	}
	return "", fmt.Errorf("%q is no degree of enforcement: write advisory, recommended or strict", text)
}

// Severity is what becomes of a finding.
type Severity int

// The severities, the mildest first.
const (
	// ReportOnly is told in a report and nowhere else.
	ReportOnly Severity = iota
	// Warning is shown and stops nothing.
	Warning
	// Error stops the plan or apply.
	Error
)

// String is "report", "warning" or "error".
func (s Severity) String() string { return [...]string{"report", "warning", "error"}[s] }

// Nature is what a finding rests on; it decides the severity.
type Nature int

// The natures of findings.
const (
	// RefutedByConfiguration is a recommended flow that is refused by what the
	// configuration says.
	RefutedByConfiguration Nature = iota
	// RefutedByWorld is a recommended flow that is refused by the live world.
	RefutedByWorld
	// BroaderWritten is a rule written in the configuration that is broader than
	// recommended.
	BroaderWritten
	// BroaderUnmanaged is a live rule that nobody here manages and that is
	// broader than recommended.
	BroaderUnmanaged
	// FewerClients is a live listener that admits fewer clients than the table
	// says, while no clients are declared.
	FewerClients
	// Hygiene is anything that breaks nothing today.
	Hygiene
	// LiveDiffers is that AWS has something else than what is declared. A plan that
	// changes the resource may be the one that follows the change.
	LiveDiffers
	// QuotaDefault is a quota exceeded that may have been raised for the account.
	QuotaDefault
	// QuotaKnown is a quota exceeded that was configured or read.
	QuotaKnown
	// PathMTU is that Path MTU Discovery is not possible.
	PathMTU
	// NotKnown is undecided because a value is not known yet.
	NotKnown
	// ReadDenied is undecided because a read was denied.
	ReadDenied
	// AcceptanceNotice is about an acceptance that ends or that nothing uses.
	AcceptanceNotice
)

// Severity is what becomes of a finding of this nature. changes tells whether
// the plan creates or changes the resource that asks: a plan for something else
// must get through while the live world refuses a flow.
func (n Nature) Severity(e Enforcement, changes bool) Severity {
	if n == AcceptanceNotice {
		return Warning
	}
	if e == Strict {
		if n == LiveDiffers && changes || n == FewerClients || n == PathMTU || n == NotKnown || n == ReadDenied {
			return Warning
		}
		return Error
	}
	switch n {
	case RefutedByConfiguration, BroaderWritten, QuotaKnown:
		return stopIf(e == Recommended)
	case RefutedByWorld:
		return stopIf(e == Recommended && changes)
	case BroaderUnmanaged, Hygiene, LiveDiffers, QuotaDefault, ReadDenied:
		return Warning
	default:
		return ReportOnly
	}
}

func stopIf(stop bool) Severity {
	if stop {
		return Error
	}
	return Warning
}
