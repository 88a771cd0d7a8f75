// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/terraform-clb/terraform-provider-clb/internal/demo/stage"
)

// quote shows a text of several lines, with words instead of ids, between empty lines.
func (s *scene) quote(text string) {
	s.say("")
	for line := range strings.Lines(s.names.Replace(text)) {
		s.say("%s", strings.TrimRight("     "+line, " \n"))
	}
}

// planWarned is plan, with warnings: it shows the head of each, and fails unless
// these are the wanted ones.
func (s *scene) planWarned(ctx context.Context, warnings []string, want ...string) error {
	plan, err := s.Plan(ctx)
	if err != nil {
		return err
	}
	if err := s.wantPlan(plan, want); err != nil {
		return err
	}
	heads := make([]stage.Message, len(s.Messages))
	for i, message := range s.Messages {
		heads[i] = message.Head()
	}
	if err := s.wantMessages(warnings, heads); err != nil {
		return err
	}
	s.say("   It gets through, with warnings. This is how they begin:")
	for _, head := range heads {
		s.quote(string(head))
	}
	return nil
}

// planRefused shows with which error Terraform refuses to plan, and fails unless
// it is the wanted one and leaves the world as it is.
func (s *scene) planRefused(ctx context.Context, want string) error {
	baseline := s.Server.Snapshot()
	if _, err := s.Plan(ctx); err == nil {
		return errors.New("terraform plan got through, and was expected to fail")
	}
	if err := s.wantBaseline(baseline); err != nil {
		return err
	}
	refusals := slices.DeleteFunc(slices.Clone(s.Messages), func(m stage.Message) bool { return !m.Error() })
	if err := s.wantMessages([]string{want}, refusals); err != nil {
		return err
	}
	for _, refusal := range refusals {
		s.quote(string(refusal))
	}
	s.say("")
	s.calls()
	return nil
}

// wantMessages fails unless Terraform says what is wanted. How it breaks lines
// does not count: that depends on its version.
func (s *scene) wantMessages(want []string, got []stage.Message) error {
	texts := make([]string, len(got))
	for i, message := range got {
		texts[i] = s.names.Replace(string(message))
	}
	if !slices.EqualFunc(want, texts, sameWords) {
		return surprise("what Terraform says", want, texts)
	}
	return nil
}

func sameWords(a, b string) bool { return slices.Equal(strings.Fields(a), strings.Fields(b)) }
