// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package acceptance

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/terraform-clb/terraform-provider-clb/internal/fakeaws"
)

// The policies that the guide shows: what a plan needs, and what an apply needs
// besides.
const (
	planPolicy  = "../../examples/iam/plan.json"
	applyPolicy = "../../examples/iam/apply.json"
	policyGuide = "../../templates/guides/least-privilege-iam.md.tmpl"
)

// callerIdentity is a call that AWS allows to everybody, so that no policy names it.
const callerIdentity = "sts:GetCallerIdentity"

// actionSet are actions of IAM, such as "ec2:DescribeVpcs".
type actionSet map[string]bool

func (a actionSet) without(others ...actionSet) []string {
	rest := maps.Clone(a)
	for _, other := range others {
		for action := range other {
			delete(rest, action)
		}
	}
	return slices.Sorted(maps.Keys(rest))
}

// oneOrMore is a value that JSON policies write as a string or as a list.
type oneOrMore []string

func (o *oneOrMore) UnmarshalJSON(text []byte) error {
	var one string
	if json.Unmarshal(text, &one) == nil {
		*o = oneOrMore{one}
		return nil
	}
	return json.Unmarshal(text, (*[]string)(o))
}

// allowedBy are the actions that a policy allows.
func allowedBy(path string) (actionSet, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var policy struct {
		Statement []struct {
			Effect string
			Action oneOrMore
		}
	}
	if err := json.Unmarshal(text, &policy); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	allowed := actionSet{}
	for _, statement := range policy.Statement {
		if statement.Effect != "Allow" {
			return nil, fmt.Errorf("%s: a statement with the effect %q, which is not weighed here", path, statement.Effect)
		}
		for _, action := range statement.Action {
			allowed[action] = true
		}
	}
	return allowed, nil
}

// operations are the actions that the provider has asked for in all tests: in
// the course of a change, and otherwise.
type operations struct {
	mu                  sync.Mutex
	applying, otherwise actionSet
}

// asked records them. Tests run at the same time, so they share it.
var asked = operations{applying: actionSet{}, otherwise: actionSet{}}

func (o *operations) note(call fakeaws.Call, applying bool) {
	action := call.Service + ":" + call.Action
	if !strings.Contains(call.UserAgent, "terraform-provider-clb/") || action == callerIdentity {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if applying {
		o.applying[action] = true
	} else {
		o.otherwise[action] = true
	}
}

// beyond says what was asked for that the policies do not allow, and with whole
// also what they allow in vain.
func (o *operations) beyond(whole bool) ([]string, error) {
	plan, err := allowedBy(planPolicy)
	if err != nil {
		return nil, err
	}
	apply, err := allowedBy(applyPolicy)
	if err != nil {
		return nil, err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	var wrong []string
	say := func(words string, actions []string) {
		if len(actions) > 0 {
			wrong = append(wrong, words+" "+strings.Join(actions, ", "))
		}
	}
	say(planPolicy+" lacks what is called outside of changes:", o.otherwise.without(plan))
	say(applyPolicy+" lacks what is called in changes:", o.applying.without(plan, apply))
	if whole {
		say(planPolicy+" allows what nothing calls outside of changes:", plan.without(o.otherwise))
		say(applyPolicy+" allows what no change calls:", apply.without(o.applying))
	}
	return wrong, nil
}

// checkPermissions compares the policies with the calls of the tests that ran.
// Only the whole suite, on the double, tells what they allow in vain.
func checkPermissions(code int) int {
	if code != 0 || onMoto() || onAWS() {
		return code
	}
	whole := true
	for name, all := range map[string]string{"test.run": ".", "test.skip": "", "test.list": ""} {
		value := flag.Lookup(name).Value.String()
		whole = whole && (value == "" || value == all)
	}
	wrong, err := asked.beyond(whole)
	if err != nil {
		wrong = append(wrong, err.Error())
	}
	for _, line := range wrong {
		fmt.Fprintln(os.Stderr, line)
		code = 1
	}
	return code
}

// watch records the operations of a double.
func (b *backend) watch() {
	b.changes = new(atomic.Int32)
	// Whether it matches is asked about every call.
	b.double.Inject(fakeaws.Fault{Match: func(call fakeaws.Call) bool {
		asked.note(call, b.changes.Load() > 0)
		return false
	}})
}

// wholeServer is a provider with all that Terraform may ask for.
type wholeServer interface {
	tfprotov6.ProviderServer
	tfprotov6.ListResourceServer
}

// watchedServer is a provider of which it is known whether it carries out a change.
type watchedServer struct {
	wholeServer
	changes *atomic.Int32
}

func (s watchedServer) ApplyResourceChange(ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	s.changes.Add(1)
	defer s.changes.Add(-1)
	return s.wholeServer.ApplyResourceChange(ctx, req)
}

// watched serves a provider whose changes are known.
func (b *backend) watched(serve func() (tfprotov6.ProviderServer, error)) func() (tfprotov6.ProviderServer, error) {
	if b.changes == nil {
		return serve
	}
	return func() (tfprotov6.ProviderServer, error) {
		server, err := serve()
		if err != nil {
			return nil, err
		}
		whole, ok := server.(wholeServer)
		if !ok {
			return nil, fmt.Errorf("%T is no server of all that Terraform may ask for", server)
		}
		return watchedServer{whole, b.changes}, nil
	}
}

// TestPoliciesNameEveryOperation holds the policies to the operations of AWS that
// the provider is able to call.
func TestPoliciesNameEveryOperation(t *testing.T) {
	t.Parallel()
	file, err := parser.ParseFile(token.NewFileSet(), "../cloud/api.go", nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	callable := actionSet{}
	for name, service := range map[string]string{"EC2API": fakeaws.ServiceEC2, "ELBAPI": fakeaws.ServiceELB} {
		found := false
		ast.Inspect(file, func(node ast.Node) bool {
			spec, isType := node.(*ast.TypeSpec)
			if !isType || spec.Name.Name != name {
				return true
			}
			api, isInterface := spec.Type.(*ast.InterfaceType)
			if !isInterface {
				t.Fatalf("%s is no interface", name)
			}
			for _, method := range api.Methods.List {
				for _, operation := range method.Names {
					callable[service+":"+operation.Name], found = true, true
				}
			}
			return false
		})
		if !found {
			t.Errorf("%s has no operations", name)
		}
	}
	plan, err := allowedBy(planPolicy)
	if err != nil {
		t.Fatal(err)
	}
	apply, err := allowedBy(applyPolicy)
	if err != nil {
		t.Fatal(err)
	}
	if missing := callable.without(plan, apply); len(missing) > 0 {
		t.Errorf("no policy allows %v", missing)
	}
	for path, allowed := range map[string]actionSet{planPolicy: plan, applyPolicy: apply} {
		if vain := allowed.without(callable); len(vain) > 0 {
			t.Errorf("%s allows %v, which the provider never calls", path, vain)
		}
	}
	guide, err := os.ReadFile(policyGuide)
	if err != nil {
		t.Fatal(err)
	}
	for _, action := range append(callable.without(), callerIdentity) {
		if !strings.Contains(string(guide), "`"+action+"`") {
			t.Errorf("%s does not say what %s is for", policyGuide, action)
		}
	}
	for action := range plan {
		if apply[action] {
			t.Errorf("both policies allow %s", action)
		}
		if _, operation, _ := strings.Cut(action, ":"); (fakeaws.Call{Action: operation}).Write() {
			t.Errorf("%s allows %s, which changes something", planPolicy, action)
		}
	}
}
