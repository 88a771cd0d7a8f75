// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package acceptance

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	tfjson "github.com/hashicorp/terraform-json"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/terraform-clb/terraform-provider-clb/internal/cloud"
	"github.com/terraform-clb/terraform-provider-clb/internal/fakeaws"
	"github.com/terraform-clb/terraform-provider-clb/internal/provider"
)

// step is one apply (or plan, or failure) of a test. After each apply a plan
// must be empty, with and without a refresh. Empty fields are not looked at.
type step struct {
	// before changes the world behind Terraform's back.
	before func()
	config string
	// provider are further arguments of the provider block.
	provider string
	// plan is what the plan shows, see planned.
	plan string
	// writes are the calls that the apply sends to change something, see
	// writes. Only the double records calls.
	writes string
	// world are the rows that stand then, see checkWorld. After a step that
	// fails they are compared too.
	world string
	// fails is the error, see message.
	fails string
	// check looks at anything else after the apply.
	check func() error
	// adjust changes the step as the framework knows it.
	adjust func(*resource.TestStep)
}

// nothing as a world or plan or list of writes is for no rows at all.
const nothing = "\n"

// run runs the steps, destroys everything and compares the world with its baseline.
func (f *fixture) run(steps ...step) {
	f.Helper()
	c := resource.TestCase{
		IsUnitTest:               !onAWS(),
		ProtoV6ProviderFactories: f.factories(),
		CheckDestroy:             func(*terraform.State) error { return f.checkWorld(nothing) },
	}
	for i, s := range steps {
		made := resource.TestStep{Config: f.config(s.provider, s.config)}
		made.PreConfig = func() {
			// A step that was to fail has no check of its own.
			if i > 0 && steps[i-1].fails != "" && steps[i-1].world != "" {
				if err := f.checkWorld(steps[i-1].world); err != nil {
					f.Fatalf("after the failure of step %d: %v", i, err)
				}
			}
			if s.before != nil {
				s.before()
			}
			if f.double != nil {
				f.double.ResetCalls()
			}
		}
		if s.plan != "" {
			made.ConfigPlanChecks.PreApply = append(made.ConfigPlanChecks.PreApply, f.shows(s.plan))
		}
		if s.fails != "" {
			made.ExpectError = f.message(s.fails)
		} else {
			made.Check = func(*terraform.State) error { return f.checkStep(s) }
		}
		if s.adjust != nil {
			s.adjust(&made)
		}
		c.Steps = append(c.Steps, made)
	}
	if last := steps[len(steps)-1]; last.fails != "" && last.world != "" {
		f.Fatal("the world after the failure of the last step is never compared: add a step")
	}
	resource.Test(frameworkT(f.TB), c)
}

func (f *fixture) checkStep(s step) error {
	f.Helper()
	if f.double != nil {
		// Before this step looks at the world itself.
		f.calls = f.double.Calls()
		if diff := difference(lines(s.writes), writes(f.calls)); s.writes != "" && diff != "" {
			return fmt.Errorf("the writes differ from what is expected (- is missing, + is too much):\n%s", diff)
		}
	}
	if s.world != "" {
		if err := f.checkWorld(s.world); err != nil {
			return err
		}
	}
	if s.check != nil {
		return s.check()
	}
	return nil
}

// frameworkT lets a benchmark run what is meant for tests.
func frameworkT(t testing.TB) interface {
	testing.TB
	Parallel()
} {
	if test, ok := t.(*testing.T); ok {
		return test
	}
	return sequential{t}
}

type sequential struct{ testing.TB }

func (sequential) Parallel() {}

// factories serve the provider without pauses between attempts.
func (f *fixture) factories() map[string]func() (tfprotov6.ProviderServer, error) {
	hurried := provider.WithSettings(func(s *cloud.Settings) {
		if !onAWS() {
			s.Backoff = func(int, error) (time.Duration, error) { return 0, nil }
			s.Clock = hastyClock{}
		}
	})
	return map[string]func() (tfprotov6.ProviderServer, error){
		"clb": f.watched(providerserver.NewProtocol6WithError(provider.New("test", hurried)())),
	}
}

// hastyClock waits for nothing.
type hastyClock struct{}

func (hastyClock) Now() time.Time                                   { return time.Now() }
func (hastyClock) Sleep(ctx context.Context, _ time.Duration) error { return ctx.Err() }

// message is the pattern for an error: blanks also match line breaks, " … "
// anything, and {name} the id of that name.
func (f *fixture) message(text string) *regexp.Regexp {
	for id, name := range f.names {
		text = strings.ReplaceAll(text, "{"+name+"}", id)
	}
	parts := strings.Split(text, " … ")
	for i, part := range parts {
		words := strings.Fields(part)
		for j, word := range words {
			words[j] = regexp.QuoteMeta(word)
		}
		parts[i] = strings.Join(words, `\s+`)
	}
	return regexp.MustCompile(strings.Join(parts, `[\s\S]*`))
}

// planCheck is a plan check that is a function.
type planCheck func(*tfjson.Plan) error

func (c planCheck) CheckPlan(_ context.Context, req plancheck.CheckPlanRequest, resp *plancheck.CheckPlanResponse) {
	resp.Error = c(req.Plan)
}

// shows compares all that a plan does to resources of this provider.
func (f *fixture) shows(want string) plancheck.PlanCheck {
	return planCheck(func(plan *tfjson.Plan) error {
		if diff := difference(lines(want), f.planned(plan)); diff != "" {
			return fmt.Errorf("the plan differs from what is expected (- is missing, + is too much):\n%s", diff)
		}
		return nil
	})
}

// planned are the changes of a plan, one a line:
//
//	create clb_load_balancer_rules.web
//	update clb_load_balancer_rules.web
//	+ ingress tcp 80 from 0.0.0.0/0
//	- egress tcp 8080 to instance_group
//	~ ingress tcp 443 from 0.0.0.0/0
//	~ tags_all
//	? egress
//
// The last line means that all of egress is known after apply only. A resource
// that does not change is not shown, and a new one only with what is unknown.
func (f *fixture) planned(plan *tfjson.Plan) []string {
	var out []string
	for _, r := range plan.ResourceChanges {
		if !strings.HasPrefix(r.Type, "clb_") {
			continue
		}
		action := ""
		switch a := r.Change.Actions; {
		case a.NoOp() && r.Change.Importing != nil:
			action = "import"
		case a.Update() && r.Change.Importing != nil:
			action = "import and update"
		case a.NoOp() && r.PreviousAddress != "":
			action = "move"
		case a.NoOp():
			continue
		case a.Replace():
			action = "replace"
		default:
			action = string(a[0])
		}
		out = append(out, action+" "+r.Address)
		before, _ := r.Change.Before.(map[string]any)
		after, _ := r.Change.After.(map[string]any)
		unknown, _ := r.Change.AfterUnknown.(map[string]any)
		if r.Change.Actions.Delete() {
			continue
		}
		for _, name := range slices.Sorted(maps.Keys(unknown)) {
			if wholly, _ := unknown[name].(bool); wholly && (name == "ingress" || name == "egress") {
				out = append(out, "? "+name)
			}
		}
		if !r.Change.Actions.Update() {
			continue
		}
		for _, name := range []string{"ingress", "egress"} {
			was, is := object(before[name]), object(after[name])
			for _, key := range slices.Sorted(maps.Keys(merged(was, is))) {
				a, had := was[key]
				b, has := is[key]
				switch {
				case !had:
					out = append(out, "+ "+name+" "+f.named(key))
				case !has && after[name] != nil:
					out = append(out, "- "+name+" "+f.named(key))
				case has && !reflect.DeepEqual(a, b):
					out = append(out, "~ "+name+" "+f.named(key))
				}
			}
		}
		for _, name := range []string{"tags", "tags_all", "security_groups"} {
			if !reflect.DeepEqual(before[name], after[name]) {
				out = append(out, "~ "+name)
			}
		}
	}
	return out
}

func object(value any) map[string]any {
	fields, _ := value.(map[string]any)
	return fields
}

func merged(a, b map[string]any) map[string]any {
	all := maps.Clone(a)
	if all == nil {
		all = map[string]any{}
	}
	maps.Copy(all, b)
	return all
}

// writes are the calls of a record that change something, one a line: the
// operation and how many rules, or which entry, it is about.
func writes(calls []fakeaws.Call) []string {
	var out []string
	for _, call := range calls {
		if !call.Write() {
			continue
		}
		count := func(format string) int {
			n := 0
			for call.Params.Has(fmt.Sprintf(format, n+1)) {
				n++
			}
			return n
		}
		switch {
		case call.Params.Has("SourceSecurityGroupName"):
			out = append(out, call.Action+" "+call.Params.Get("SourceSecurityGroupOwnerId")+"/"+call.Params.Get("SourceSecurityGroupName"))
		case strings.HasPrefix(call.Action, "Authorize"):
			out = append(out, fmt.Sprintf("%s %d", call.Action, count("IpPermissions.%d.IpProtocol")))
		case strings.HasPrefix(call.Action, "Revoke"):
			out = append(out, fmt.Sprintf("%s %d", call.Action, count("SecurityGroupRuleId.%d")+count("IpPermissions.%d.IpProtocol")))
		case strings.HasSuffix(call.Action, "NetworkAclEntry"):
			direction := "in"
			if call.Params.Get("Egress") == "true" {
				direction = "out"
			}
			out = append(out, call.Action+" "+direction+" "+call.Params.Get("RuleNumber"))
		case strings.HasSuffix(call.Action, "Tags"):
			out = append(out, fmt.Sprintf("%s %d", call.Action, count("ResourceId.%d")))
		default:
			out = append(out, call.Action)
		}
	}
	return out
}

// refuse makes calls of the double fail until the result is called: those of an
// operation, from the nth (counted from 1) on, so many times (0 is always).
func (f *fixture) refuse(operation string, nth, times int) (stop func()) {
	f.Helper()
	if f.double == nil {
		f.Fatal("calls can be made to fail on the double only")
	}
	seen := 0
	return f.double.Inject(fakeaws.Fault{
		Kind: fakeaws.Fail, Times: times, Code: "UnauthorizedOperation", Message: "You are not authorized to perform this operation.",
		Match: func(call fakeaws.Call) bool {
			if call.Action != operation {
				return false
			}
			seen++
			return seen >= nth
		},
	})
}

// with replaces words of a configuration: pairs of a word and its replacement.
func with(config string, pairs ...string) string {
	return strings.NewReplacer(pairs...).Replace(config)
}

// afterPlan does something between the plan and the apply.
func afterPlan(do func() error) func(*resource.TestStep) {
	return func(s *resource.TestStep) {
		s.ConfigPlanChecks.PreApply = append(s.ConfigPlanChecks.PreApply, planCheck(func(*tfjson.Plan) error { return do() }))
	}
}

// loseAnswer drops the connection after the effect of the next call of an operation.
func (f *fixture) loseAnswer(operation string) {
	f.double.Inject(fakeaws.Fault{
		Kind: fakeaws.CutAfter, Times: 1, Match: func(call fakeaws.Call) bool { return call.Action == operation },
	})
}
