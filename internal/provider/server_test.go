// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"weak"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// TestRequestIsForgotten: what a request has brought with it is free once it is answered.
func TestRequestIsForgotten(t *testing.T) {
	w := startLiveWorld(t, nil)
	stated := w.config(lbRules, nil)
	created := w.server.create(lbRules, stated)
	w.nextRun()
	state, private := w.server.refresh(lbRules, created, nil)
	prior, config := w.server.dynamic(state), w.server.dynamic(w.server.value(lbRules, stated))
	for name, ask := range map[string]func(ctx context.Context) error{
		"validate": func(ctx context.Context) error {
			_, err := w.server.ValidateResourceConfig(ctx, &tfprotov6.ValidateResourceConfigRequest{TypeName: lbRules, Config: config})
			return err
		},
		"upgrade": func(ctx context.Context) error {
			_, err := w.server.UpgradeResourceState(ctx, &tfprotov6.UpgradeResourceStateRequest{TypeName: lbRules, RawState: &tfprotov6.RawState{JSON: []byte(`{}`)}})
			return err
		},
		"upgrade identity": func(ctx context.Context) error {
			_, err := w.server.UpgradeResourceIdentity(ctx, &tfprotov6.UpgradeResourceIdentityRequest{TypeName: lbRules, RawIdentity: &tfprotov6.RawState{JSON: []byte(`{}`)}})
			return err
		},
		"read": func(ctx context.Context) error {
			_, err := w.server.ReadResource(ctx, &tfprotov6.ReadResourceRequest{TypeName: lbRules, CurrentState: prior, Private: private})
			return err
		},
		"plan": func(ctx context.Context) error {
			_, err := w.server.PlanResourceChange(ctx, &tfprotov6.PlanResourceChangeRequest{
				TypeName: lbRules, PriorState: prior, Config: config, ProposedNewState: prior, PriorPrivate: private,
			})
			return err
		},
		"apply": func(ctx context.Context) error {
			_, err := w.server.ApplyResourceChange(ctx, &tfprotov6.ApplyResourceChangeRequest{
				TypeName: lbRules, PriorState: prior, Config: config, PlannedState: prior, PlannedPrivate: private,
			})
			return err
		},
		"import": func(ctx context.Context) error {
			_, err := w.server.ImportResourceState(ctx, &tfprotov6.ImportResourceStateRequest{TypeName: lbRules, ID: w.LoadBalancerGroup + "/" + w.LoadBalancer})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			brought := broughtBy(t, ask)
			runtime.GC()
			if brought.Value() != nil {
				t.Error("the request is still in memory")
			}
		})
	}
}

// luggage is what the context of a request holds.
type luggage [1 << 10]byte

type luggageKey struct{}

// broughtBy sends a request, and points to what its context held.
func broughtBy(t *testing.T, ask func(context.Context) error) weak.Pointer[luggage] {
	t.Helper()
	l := &luggage{}
	ctx, cancel := context.WithCancel(context.WithValue(t.Context(), luggageKey{}, l))
	// As for every request of Terraform once it is answered.
	defer cancel()
	if err := ask(ctx); err != nil {
		t.Fatal(err)
	}
	return weak.Make(l)
}

// TestLoanedContext: it is the context of the request, until that is answered.
func TestLoanedContext(t *testing.T) {
	ended, end := context.WithCancel(t.Context())
	end()
	request, cancel := context.WithCancel(context.WithValue(t.Context(), luggageKey{}, "here"))
	defer cancel()
	kept := made(onLoan(request, ended, "?", func(ctx context.Context, _ string) (context.Context, error) {
		if ctx.Value(luggageKey{}) != "here" || ctx.Err() != nil {
			t.Errorf("during the request: %v, %v", ctx.Value(luggageKey{}), ctx.Err())
		}
		child, cancelChild := context.WithCancel(ctx)
		defer cancelChild()
		cancel()
		<-child.Done()
		return ctx, nil
	}))(t)
	<-kept.Done()
	if kept.Value(luggageKey{}) != nil || !errors.Is(kept.Err(), context.Canceled) {
		t.Errorf("after the request: %v, %v", kept.Value(luggageKey{}), kept.Err())
	}
}
