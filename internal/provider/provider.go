// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

// Package provider is the Terraform side of the provider: schemas, plans and
// messages. What is recommended is in package wiring, AWS is in package cloud.
package provider

import (
	"context"
	"os"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/terraform-clb/terraform-provider-clb/internal/cloud"
	"github.com/terraform-clb/terraform-provider-clb/internal/verify"
)

var (
	_ provider.Provider                   = (*clbProvider)(nil)
	_ provider.ProviderWithValidateConfig = (*clbProvider)(nil)
	_ provider.ProviderWithFunctions      = (*clbProvider)(nil)
	_ provider.ProviderWithListResources  = (*clbProvider)(nil)
)

type clbProvider struct {
	version        string
	adjustSettings []func(*cloud.Settings)
	environment    environment
	now            func() time.Time
}

// Option changes a provider for tests.
type Option func(*clbProvider)

// WithSettings lets adjust change how AWS is reached after the provider block
// was read, for instance to direct all calls to a server on this machine or to
// take the pauses out of retries.
func WithSettings(adjust func(*cloud.Settings)) Option {
	return func(p *clbProvider) { p.adjustSettings = append(p.adjustSettings, adjust) }
}

// WithEnvironment replaces the environment, variables such as "NAME=value", in which
// the provider looks for CLB_ENFORCEMENT and for tags. It has no influence on what the
// AWS SDK reads.
func WithEnvironment(variables ...string) Option {
	return func(p *clbProvider) { p.environment = variables }
}

// WithClock replaces the clock that tells whether an acceptance has expired.
func WithClock(now func() time.Time) Option {
	return func(p *clbProvider) { p.now = now }
}

// New makes providers of a version, such as "1.2.3", for Terraform to serve.
func New(version string, options ...Option) func() provider.Provider {
	return func() provider.Provider {
		p := &clbProvider{version: version, environment: os.Environ(), now: time.Now}
		for _, option := range options {
			option(p)
		}
		return p
	}
}

// providerData is what every resource and data source gets, as a pointer, when
// the provider is configured.
type providerData struct {
	connection *cloud.Connection

	// defaultTags are the tags that every taggable resource gets. Values that
	// are not known yet are left out; then defaultTagsUnknown is set and
	// tags_all cannot be planned.
	defaultTags        map[string]string
	defaultTagsUnknown bool
	ignoreTags         ignoreTags

	limits limits
	claims *claims
	locks  *locks
	seen   *seen
	// handovers are between the deletion and the creation of one replacement.
	handovers *handovers

	// enforcement is how strictly findings stop a plan; forced tells whether the
	// environment says so, over what any resource says.
	enforcement       verify.Enforcement
	enforcementForced bool
	// accept are the findings that are accepted for all resources.
	accept []verify.Acceptance
	// now tells whether an acceptance has expired.
	now func() time.Time
}

// ignoreTags are the tags that others keep: they are neither shown nor removed.
type ignoreTags struct {
	keys, keyPrefixes []string
}

// limits are the quotas of the account.
type limits struct {
	rulesPerSecurityGroup      limit
	entriesPerNetworkACL       limit
	securityGroupsPerInterface limit
}

// limit is one quota, AWS's default unless the user configured it.
type limit struct {
	value      int
	configured bool
}

func (p *clbProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "clb"
	resp.Version = p.version
}

func (p *clbProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{
		newLoadBalancerSecurityGroupsResource,
		newLoadBalancerRulesResource,
		newInstanceIngressRulesResource,
		newNetworkACLEntriesResource,
	}
}

func (p *clbProvider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{
		newLoadBalancerDataSource,
		newLoadBalancersDataSource,
		newWiringDataSource,
	}
}

// ListResources is asked for by Terraform 1.14 and later.
func (p *clbProvider) ListResources(context.Context) []func() list.ListResource {
	return []func() list.ListResource{
		func() list.ListResource { return &loadBalancerSecurityGroupsResource{} },
		func() list.ListResource { return &loadBalancerRulesResource{} },
		func() list.ListResource { return &instanceIngressRulesResource{} },
		func() list.ListResource { return &networkACLEntriesResource{} },
	}
}

func (p *clbProvider) Functions(context.Context) []func() function.Function {
	return []func() function.Function{
		newRecommendedRulesFunction,
		newParseHealthCheckTargetFunction,
	}
}
