// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package acceptance

import (
	"context"
	"errors"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/aws/smithy-go"

	"github.com/terraform-clb/terraform-provider-clb/internal/acceptance/world"
	"github.com/terraform-clb/terraform-provider-clb/internal/fakeaws"
)

// TestDoubleAgainstMoto sends the same calls in the same order to the double and
// to moto, which know nothing of each other, and compares success, error code,
// answer and what stands in the world then. A difference is an error unless
// tolerated explains it; an explanation of what does not differ is one too.
func TestDoubleAgainstMoto(t *testing.T) {
	t.Parallel()
	if onAWS() {
		t.Skip("compares the two backends that are not AWS")
	}
	url := motoURL
	if url == "" {
		if _, err := exec.LookPath("moto_server"); err != nil {
			t.Skip("moto_server is not installed: pip install 'moto[server]'")
		}
		started, stop, err := runMoto()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(stop)
		url = started
	}
	explained := tolerated()
	for _, trials := range [][]trial{groupTrials(), entryTrials(), loadBalancerTrials()} {
		strict, moto := differentialFixture(t, newDouble(t, fakeaws.Quotas{})), differentialFixture(t, newMoto(t, url))
		for _, trial := range trials {
			got := answers{double: outcome(strict, trial), moto: outcome(moto, trial)}
			want, known := explained[trial.name]
			if known && (want.why == "" || !strings.HasPrefix(want.source, "https://docs.aws.amazon.com/")) {
				t.Errorf("%q is tolerated without a reason and the document that decides it", trial.name)
			}
			delete(explained, trial.name)
			switch {
			case got.double == got.moto && known:
				t.Errorf("%q no longer differs: both answer\n%s", trial.name, got.double)
			case got.double != got.moto && !known:
				t.Errorf("%q differs, and nothing explains it:\ndouble %s\nmoto   %s", trial.name, got.double, got.moto)
			case known && (got.double != want.double || got.moto != want.moto):
				t.Errorf("%q differs in another way than explained:\ndouble %s\nmoto   %s", trial.name, got.double, got.moto)
			}
			// What comes next must not depend on what came out differently.
			strict.baseline, moto.baseline = strict.rows(), moto.rows()
		}
	}
	for name := range explained {
		t.Errorf("%q is explained and is no trial", name)
	}
}

// answers are what the double and moto make of a call: "ok", the answer and
// the rows that changed, or the error code and the rows that changed all the same.
type answers struct {
	double, moto string
	// why says who is right, and source is the AWS document that decides it.
	why, source string
}

func differentialFixture(t *testing.T, b *backend) *fixture {
	t.Helper()
	b.sdk.RetryMaxAttempts = 1
	f := newFixtureWith(t, world.Plan{Listeners: [][2]int32{{80, 8080}}}, b)
	foreign := newFixtureWith(t, world.Plan{}, b)
	f.names[foreign.LoadBalancerGroup] = "foreign_group"
	f.group("spare_group")
	return f
}

// outcome makes a call and describes what came of it.
func outcome(f *fixture, trial trial) string {
	f.Helper()
	answer, err := trial.call(context.Background(), f)
	parts := []string{"ok"}
	var refused smithy.APIError
	switch {
	case errors.As(err, &refused):
		parts = []string{refused.ErrorCode()}
	case err != nil:
		parts = []string{"no error code"}
	}
	if answer != "" {
		parts = append(parts, answer)
	}
	now := f.rows()
	changed := append(prefixed("+ ", minus(now, f.baseline)), prefixed("- ", minus(f.baseline, now))...)
	slices.Sort(changed)
	return strings.Join(append(parts, changed...), " | ")
}
