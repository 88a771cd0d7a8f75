// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	tfjson "github.com/hashicorp/terraform-json"

	"github.com/terraform-clb/terraform-provider-clb/internal/demo/stage"
)

// scene is a stage that tells what happens on it.
type scene struct {
	*stage.Stage
	out io.Writer
	// names turns the ids of the stage into words; words are its pairs.
	names *strings.Replacer
	words []string
	steps int
}

func newScene(out io.Writer, s *stage.Stage) *scene {
	named := &scene{Stage: s, out: out}
	named.name(
		s.LoadBalancerGroup, "lb-group",
		s.InternalGroup, "internal-lb-group",
		s.InstanceGroup, "instance-group",
		s.LoadBalancerACL, "lb-subnets-acl",
		s.InstanceACL, "instance-subnets-acl",
		s.LoadBalancerSubnets[0], "lb-subnet-a",
		s.LoadBalancerSubnets[1], "lb-subnet-b",
		s.InstanceSubnets[0], "instance-subnet-a",
		s.InstanceSubnets[1], "instance-subnet-b",
	)
	return named
}

// name gives words to ids, in pairs of id and word.
func (s *scene) name(pairs ...string) {
	s.words = append(s.words, pairs...)
	s.names = strings.NewReplacer(s.words...)
}

func (s *scene) say(format string, args ...any) { fmt.Fprintf(s.out, format+"\n", args...) }

// heading begins a step.
func (s *scene) heading(format string, args ...any) {
	s.steps++
	s.say("\n%d. "+format, append([]any{s.steps}, args...)...)
}

// variables are given to the configuration.
func (s *scene) variables(values map[string]string) error {
	text, err := json.MarshalIndent(values, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(s.Dir, "demo.auto.tfvars.json"), text, 0o600)
}

// edit replaces texts of the configuration, given in pairs of old and new.
func (s *scene) edit(pairs ...string) error {
	files, err := filepath.Glob(filepath.Join(s.Dir, "*.tf"))
	if err != nil {
		return err
	}
	before := ""
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		before += string(text)
		if err := os.WriteFile(file, []byte(strings.NewReplacer(pairs...).Replace(string(text))), 0o600); err != nil {
			return err
		}
	}
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(before, pairs[i]) {
			return fmt.Errorf("the configuration has no %q", pairs[i])
		}
	}
	return nil
}

// plan shows what Terraform plans, and fails unless it is what is wanted, without
// a warning. The lines of both are those of stage.Changes, with words instead of
// ids, and with the number of rules behind a resource that is created.
func (s *scene) plan(ctx context.Context, want ...string) error {
	plan, err := s.Plan(ctx)
	if err != nil {
		return err
	}
	if err := s.wantMessages(nil, s.Messages); err != nil {
		return err
	}
	return s.wantPlan(plan, want)
}

func (s *scene) wantPlan(plan *tfjson.Plan, want []string) error {
	// Whether one of the new rules stands there already is known when it is written:
	// a warning would have told, so the list of adopted ones is left out.
	got := slices.DeleteFunc(stage.Changes(plan), func(line string) bool {
		return strings.HasSuffix(line, " adopted_rule_ids ~ (known after apply)") || strings.HasSuffix(line, " adopted_entries ~ (known after apply)")
	})
	counts := ruleCounts(plan)
	for i := range got {
		got[i] = s.names.Replace(got[i]) + counts[strings.TrimPrefix(got[i], "create ")]
	}
	if !slices.Equal(slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(want))) {
		return surprise("the plan", want, got)
	}
	// What is wanted is in the order in which a person would tell it.
	s.show(want)
	s.calls()
	return nil
}

// ruleCounts tell by address how many rules the resources that a plan creates
// are planned to have.
func ruleCounts(plan *tfjson.Plan) map[string]string {
	counts := map[string]string{}
	for _, change := range plan.ResourceChanges {
		after, _ := change.Change.After.(map[string]any)
		if !change.Change.Actions.Create() {
			continue
		}
		var parts []string
		for _, direction := range []struct{ attribute, word string }{{"ingress", "inbound"}, {"egress", "outbound"}} {
			if rules, known := after[direction.attribute].(map[string]any); known {
				parts = append(parts, fmt.Sprintf("%d %s", len(rules), direction.word))
			}
		}
		if len(parts) > 0 {
			counts[change.Address] = " (" + strings.Join(parts, ", ") + ")"
		}
	}
	return counts
}

// show prints the changes of a plan, a resource once above its differences.
func (s *scene) show(changes []string) {
	if len(changes) == 0 {
		s.say("   No changes.")
	}
	above := ""
	for _, change := range changes {
		first, rest, _ := strings.Cut(change, " ")
		switch {
		case first == "create":
			s.say("   + %s", rest)
		case first == "output":
		case first != above:
			s.say("   ~ %s", first)
			above = first
			fallthrough
		default:
			attribute, value, _ := strings.Cut(rest, " ")
			sign, value, _ := strings.Cut(value, " ")
			s.say("       %s %-26s %s", sign, attribute, value)
		}
	}
}

// apply carries the plan out.
func (s *scene) apply(ctx context.Context) error {
	if err := s.Apply(ctx); err != nil {
		return err
	}
	s.calls()
	return nil
}

// destroy removes everything that Terraform made.
func (s *scene) destroy(ctx context.Context) error {
	if err := s.Terraform.Destroy(ctx); err != nil {
		return fmt.Errorf("terraform destroy: %w", err)
	}
	s.calls()
	return nil
}

// calls tells how many calls since the last time have changed AWS. How many have
// read it depends on which look-ups have come together.
func (s *scene) calls() {
	writes := 0
	for _, call := range s.Server.Calls() {
		if call.Write() {
			writes++
		}
	}
	s.Server.ResetCalls()
	s.say("   AWS calls that write: %d", writes)
}

// wantBaseline fails unless the world is as it was.
func (s *scene) wantBaseline(baseline string) error {
	if now := s.Server.Snapshot(); now != baseline {
		return surprise("the world", strings.Split(baseline, "\n"), strings.Split(now, "\n"))
	}
	return nil
}

// wantGroups fails unless the load balancers carry these groups, and no others.
func (s *scene) wantGroups(group, internalGroup string) error {
	for name, want := range map[string]string{s.LoadBalancer: group, s.InternalLoadBalancer: internalGroup} {
		lb, _ := s.Server.LoadBalancer(stage.Region, name)
		if !slices.Equal(lb.SecurityGroups, []string{want}) {
			return surprise("what "+name+" carries", []string{want}, lb.SecurityGroups)
		}
	}
	return nil
}

// surprise is the error for something that came out otherwise. It shows the
// lines that only one of both has.
func surprise(what string, want, got []string) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s is not as expected", what)
	tell := func(title string, lines, others []string) {
		lines = slices.DeleteFunc(slices.Clone(lines), func(line string) bool { return slices.Contains(others, line) })
		if len(lines) > 0 {
			fmt.Fprintf(&b, "\n%s:\n  %s", title, strings.Join(lines, "\n  "))
		}
	}
	tell("expected, and did not come", want, got)
	tell("came, and was not expected", got, want)
	return errors.New(b.String())
}
