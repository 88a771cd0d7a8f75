// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/terraform-clb/terraform-provider-clb/internal/cloud"
)

// testServer is the provider behind its protocol, as Terraform drives it.
type testServer struct {
	tfprotov6.ProviderServer
	t       testing.TB
	schemas map[string]*tfprotov6.Schema
}

// startServer serves the provider; it is not configured, as while Terraform validates.
func startServer(t testing.TB) *testServer {
	t.Helper()
	hasty := WithSettings(func(s *cloud.Settings) { s.Clock = hastyClock{} })
	s := &testServer{ProviderServer: newServer(New("test", hasty)()), t: t}
	s.schemas = made(s.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{}))(t).ResourceSchemas
	return s
}

// hastyClock waits for nothing.
type hastyClock struct{}

func (hastyClock) Now() time.Time                                   { return time.Now() }
func (hastyClock) Sleep(ctx context.Context, _ time.Duration) error { return ctx.Err() }

// configure gives the server a provider block.
func (s *testServer) configure(block blockValues) *testServer {
	s.t.Helper()
	resp := made(s.ConfigureProvider(s.t.Context(), &tfprotov6.ConfigureProviderRequest{Config: s.dynamic(providerBlock(s.t, block).Raw)}))(s.t)
	if len(resp.Diagnostics) > 0 {
		s.t.Fatal(saidBy(resp.Diagnostics))
	}
	return s
}

func (s *testServer) dynamic(value tftypes.Value) *tfprotov6.DynamicValue {
	s.t.Helper()
	out := made(tfprotov6.NewDynamicValue(value.Type(), value))(s.t)
	return &out
}

func (s *testServer) typeOf(resource string) tftypes.Type { return s.schemas[resource].ValueType() }

func (s *testServer) value(resource string, attributes blockValues) tftypes.Value {
	s.t.Helper()
	return terraformValue(s.t, s.typeOf(resource), attributes)
}

// validate does what `terraform validate` does with a resource.
func (s *testServer) validate(resource string, config tftypes.Value) []*tfprotov6.Diagnostic {
	s.t.Helper()
	return made(s.ValidateResourceConfig(s.t.Context(), &tfprotov6.ValidateResourceConfigRequest{TypeName: resource, Config: s.dynamic(config)}))(s.t).Diagnostics
}

// planned is what the provider answered to a request to plan.
type planned struct {
	state tftypes.Value
	// replace are the attributes that make it a replacement.
	replace []string
	private []byte
	diags   []*tfprotov6.Diagnostic
}

// plan plans a resource as Terraform does. The prior state of a new one is the
// zero value.
func (s *testServer) plan(resource string, prior, config tftypes.Value) planned {
	s.t.Helper()
	return s.planFrom(resource, prior, config, nil)
}

// planFrom plans with the private data of the prior state.
func (s *testServer) planFrom(resource string, prior, config tftypes.Value, private []byte) planned {
	s.t.Helper()
	typ := s.typeOf(resource)
	if prior.Type() == nil {
		prior = tftypes.NewValue(typ, nil)
	}
	resp := made(s.PlanResourceChange(s.t.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: resource, PriorState: s.dynamic(prior), Config: s.dynamic(config), ProposedNewState: s.dynamic(s.proposed(resource, prior, config)), PriorPrivate: private,
	}))(s.t)
	p := planned{private: resp.PlannedPrivate, diags: resp.Diagnostics}
	for _, at := range resp.RequiresReplace {
		p.replace = append(p.replace, at.String())
	}
	if resp.PlannedState != nil {
		p.state = made(resp.PlannedState.Unmarshal(typ))(s.t)
	}
	return p
}

// proposed is the new state that Terraform proposes: the configuration, and the
// prior values of computed attributes that it leaves out. It also proposes the
// prior ids of rules that are written out, which the provider looks up itself.
func (s *testServer) proposed(resource string, prior, config tftypes.Value) tftypes.Value {
	s.t.Helper()
	if config.IsNull() {
		return config
	}
	attributes, before := attributesOf(s.t, config), map[string]tftypes.Value{}
	if !prior.IsNull() {
		before = attributesOf(s.t, prior)
	}
	for _, attribute := range s.schemas[resource].Block.Attributes {
		value, there := before[attribute.Name]
		if attribute.Computed && attributes[attribute.Name].IsNull() && there {
			attributes[attribute.Name] = value
		}
	}
	return tftypes.NewValue(config.Type(), attributes)
}

// applied is a change that was carried out.
type applied struct {
	state   tftypes.Value
	private []byte
	diags   []*tfprotov6.Diagnostic
}

// apply carries a plan out, without what it says in the private data.
func (s *testServer) apply(resource string, prior, config, plan tftypes.Value) applied {
	s.t.Helper()
	return s.carryOut(resource, prior, config, planned{state: plan})
}

// carryOut carries a plan out.
func (s *testServer) carryOut(resource string, prior, config tftypes.Value, plan planned) applied {
	s.t.Helper()
	typ := s.typeOf(resource)
	if prior.Type() == nil {
		prior = tftypes.NewValue(typ, nil)
	}
	resp := made(s.ApplyResourceChange(s.t.Context(), &tfprotov6.ApplyResourceChangeRequest{
		TypeName: resource, PriorState: s.dynamic(prior), Config: s.dynamic(config), PlannedState: s.dynamic(plan.state), PlannedPrivate: plan.private,
	}))(s.t)
	a := applied{private: resp.Private, diags: resp.Diagnostics}
	if resp.NewState != nil {
		a.state = made(resp.NewState.Unmarshal(typ))(s.t)
	}
	return a
}

// create plans and applies a new resource, without any diagnostic.
func (s *testServer) create(resource string, config blockValues) (state tftypes.Value) {
	s.t.Helper()
	value := s.value(resource, config)
	plan := s.plan(resource, tftypes.Value{}, value)
	wantNothingSaid(s.t, plan.diags)
	done := s.apply(resource, tftypes.Value{}, value, plan.state)
	wantNothingSaid(s.t, done.diags)
	return done.state
}

// attributesOf takes an object apart.
func attributesOf(t testing.TB, object tftypes.Value) map[string]tftypes.Value {
	t.Helper()
	var attributes map[string]tftypes.Value
	made(0, object.As(&attributes))(t)
	// What As gives is the object's own map.
	return maps.Clone(attributes)
}

// with is a copy of values in which some are different.
func with(values, changes blockValues) blockValues {
	copied := maps.Clone(values)
	maps.Copy(copied, changes)
	return copied
}

// said is a diagnostic that is expected.
type said struct {
	warning bool
	// at is the root attribute, summary the whole summary.
	at, summary string
	// detail are words of the detail, in their order.
	detail []string
}

// wantSaid compares diagnostics with those expected, in any order, and logs what
// a user would read.
func wantSaid(t *testing.T, diags []*tfprotov6.Diagnostic, want ...said) {
	t.Helper()
	t.Log(saidBy(diags))
	for _, d := range diags {
		wantReadable(t, d)
	}
	rest := slices.Clone(diags)
	for _, w := range want {
		i := slices.IndexFunc(rest, w.matches)
		if i < 0 {
			t.Errorf("nothing says %+v", w)
			continue
		}
		rest = slices.Delete(rest, i, i+1)
	}
	if len(rest) > 0 {
		t.Errorf("not expected: %s", saidBy(rest))
	}
}

// wantAmong wants one diagnostic among others.
func wantAmong(t *testing.T, diags []*tfprotov6.Diagnostic, want said) {
	t.Helper()
	if !slices.ContainsFunc(diags, want.matches) {
		t.Errorf("nothing says %+v in\n%s", want, saidBy(diags))
	}
}

func wantNothingSaid(t testing.TB, diags []*tfprotov6.Diagnostic) {
	t.Helper()
	if len(diags) > 0 {
		t.Fatal(saidBy(diags))
	}
}

func (s said) matches(d *tfprotov6.Diagnostic) bool {
	severity := tfprotov6.DiagnosticSeverityError
	if s.warning {
		severity = tfprotov6.DiagnosticSeverityWarning
	}
	at := ""
	if d.Attribute != nil {
		at = strings.TrimSuffix(strings.TrimPrefix(d.Attribute.String(), `AttributeName("`), `")`)
	}
	rest := d.Detail
	for _, words := range s.detail {
		_, after, there := strings.Cut(rest, words)
		if !there {
			return false
		}
		rest = after
	}
	return d.Severity == severity && at == s.at && d.Summary == s.summary
}

// wantReadable holds a message against what every message has to be.
func wantReadable(t *testing.T, d *tfprotov6.Diagnostic) {
	t.Helper()
	for _, bad := range []string{"  ", "..", "?.", " .", ": :", "%!", "<nil>", "<null>", "<unknown>", "operation error", "RequestID", "https response error", "panic", "[]"} {
		// The items of a list stand two spaces in.
		if strings.Contains(strings.ReplaceAll(d.Detail, "\n  - ", "\n- "), bad) {
			t.Errorf("%q in: %s", bad, d.Detail)
		}
	}
	if d.Summary == "" || strings.HasSuffix(d.Summary, ".") {
		t.Errorf("summary %q", d.Summary)
	}
	if last := d.Detail[max(0, len(d.Detail)-1):]; last != "." && last != "?" {
		t.Errorf("no end: %s", d.Detail)
	}
}

func errorsIn(diags []*tfprotov6.Diagnostic) []*tfprotov6.Diagnostic {
	return slices.DeleteFunc(slices.Clone(diags), func(d *tfprotov6.Diagnostic) bool { return d.Severity != tfprotov6.DiagnosticSeverityError })
}
