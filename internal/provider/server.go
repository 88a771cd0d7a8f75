// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"
)

// address is where the registry has this provider.
const address = "registry.terraform.io/terraform-clb/clb"

// Serve serves providers to Terraform until it has had enough, or to a debugger, which
// is told how to attach. The error is that of a server that cannot be started.
func Serve(newProvider func() provider.Provider, debug bool) error {
	var options []tf6server.ServeOpt
	if debug {
		options = append(options, tf6server.WithManagedDebug())
	}
	return tf6server.Serve(address, func() tfprotov6.ProviderServer { return newServer(newProvider()) }, options...)
}

// server is the framework's, without what that keeps of every request until Terraform
// ends: it registers how to cancel a request and never forgets it, and with it the
// request's context, its loggers and its connection. That is a hundred megabytes and
// more in a plan of 2,000 resources. Here a request gets its context on loan.
type server struct {
	framework
	// ended is the context of requests that are over.
	ended context.Context
}

// framework is what the framework's server can do for this provider.
type framework interface {
	tfprotov6.ProviderServer
	tfprotov6.ListResourceServer
}

// newServer serves one provider.
func newServer(p provider.Provider) tfprotov6.ProviderServer {
	made := providerserver.NewProtocol6(p)()
	full, ok := made.(framework)
	if !ok {
		return made
	}
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	return server{full, ended}
}

// ValidateResourceConfig is asked for every resource.
func (s server) ValidateResourceConfig(ctx context.Context, req *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return onLoan(ctx, s.ended, req, s.framework.ValidateResourceConfig)
}

// UpgradeResourceState is asked for every resource that has a state.
func (s server) UpgradeResourceState(ctx context.Context, req *tfprotov6.UpgradeResourceStateRequest) (*tfprotov6.UpgradeResourceStateResponse, error) {
	return onLoan(ctx, s.ended, req, s.framework.UpgradeResourceState)
}

// UpgradeResourceIdentity is asked for every resource that has an identity.
func (s server) UpgradeResourceIdentity(ctx context.Context, req *tfprotov6.UpgradeResourceIdentityRequest) (*tfprotov6.UpgradeResourceIdentityResponse, error) {
	return onLoan(ctx, s.ended, req, s.framework.UpgradeResourceIdentity)
}

// ReadResource is asked for every resource that has a state.
func (s server) ReadResource(ctx context.Context, req *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	return onLoan(ctx, s.ended, req, s.framework.ReadResource)
}

// PlanResourceChange is asked for every resource.
func (s server) PlanResourceChange(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	return onLoan(ctx, s.ended, req, s.framework.PlanResourceChange)
}

// ApplyResourceChange is asked for every resource that changes.
func (s server) ApplyResourceChange(ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	return onLoan(ctx, s.ended, req, s.framework.ApplyResourceChange)
}

// ImportResourceState is asked for every resource that is imported.
func (s server) ImportResourceState(ctx context.Context, req *tfprotov6.ImportResourceStateRequest) (*tfprotov6.ImportResourceStateResponse, error) {
	return onLoan(ctx, s.ended, req, s.framework.ImportResourceState)
}

// onLoan answers a request that gets its context on loan.
func onLoan[Request, Response any](ctx, ended context.Context, req Request, answer func(context.Context, Request) (Response, error)) (Response, error) {
	loan := &loanedContext{}
	loan.of.Store(&ctx)
	defer loan.of.Store(&ended)
	return answer(loan, req)
}

// loanedContext is a context until it is replaced by another, so that whoever keeps it
// does not keep the first.
type loanedContext struct {
	of atomic.Pointer[context.Context]
}

func (l *loanedContext) Deadline() (deadline time.Time, ok bool) { return (*l.of.Load()).Deadline() }
func (l *loanedContext) Done() <-chan struct{}                   { return (*l.of.Load()).Done() }
func (l *loanedContext) Err() error                              { return (*l.of.Load()).Err() }
func (l *loanedContext) Value(key any) any                       { return (*l.of.Load()).Value(key) }
