// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package chaos_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/terraform-clb/terraform-provider-clb/internal/acceptance/world"
	"github.com/terraform-clb/terraform-provider-clb/internal/demo/stage"
	"github.com/terraform-clb/terraform-provider-clb/internal/fakeaws"
)

// stand is a stage at some moment of a scenario. Equal stands have equal ids.
type stand struct {
	*stage.Stage
	t *testing.T
	// speed is how many seconds pass for the provider's pauses in a second.
	speed float64
	// ids are the words of a configuration with the ids that they mean.
	ids *strings.Replacer
}

// newStand is an AWS with a load balancer and with rules and entries of others.
func newStand(t *testing.T, around surroundings) *stand {
	t.Helper()
	plan := world.Plan{Name: "my-loadbalancer", CIDRBlocks: []string{"10.0.0.0/16"}, HealthCheckTarget: webCheck, Listeners: [][2]int32{{80, 8080}}}
	if around.classic {
		plan.ClassicGroup, plan.Image = classicName, "ami-0123456789abcdef0"
	}
	s := &stand{t: t, speed: 1000, Stage: openStage(t, *built, plan, fakeaws.Config{})}
	extra, err := s.MakeGroup(t.Context(), "extra")
	if err != nil {
		t.Fatal(err)
	}
	s.ids = strings.NewReplacer(
		`"lb_group"`, quoted(s.LoadBalancerGroup), `"internal_group"`, quoted(s.InternalGroup), `"extra_group"`, quoted(extra),
		`"instance_group"`, quoted(s.InstanceGroup), `"lb_acl"`, quoted(s.LoadBalancerACL), `"instance_acl"`, quoted(s.InstanceACL))
	s.makeStrangers(extra, around)
	s.Server.ResetCalls()
	return s
}

func quoted(id string) string { return `"` + id + `"` }

// replay sends the writes of an earlier run again. As every id comes from a
// counter of the double, the same things come to stand there.
func (s *stand) replay(calls []fakeaws.Call) {
	s.t.Helper()
	for _, call := range calls {
		if !call.Write() {
			continue
		}
		request := httptest.NewRequestWithContext(s.t.Context(), http.MethodPost, "/", strings.NewReader(call.Params.Encode()))
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		request.Header.Set("Authorization", fmt.Sprintf("AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260302/%s/%s/aws4_request, SignedHeaders=host, Signature=0", call.Region, call.Service))
		answer := httptest.NewRecorder()
		s.Server.ServeHTTP(answer, request)
		if answer.Code != call.Status {
			s.t.Fatalf("%s is answered with %d, and was answered with %d: %s", call.Action, answer.Code, call.Status, answer.Body)
		}
	}
	s.Server.ResetCalls()
}

// configure puts a configuration where Terraform works.
func (s *stand) configure(text string) {
	s.t.Helper()
	write(s.t, filepath.Join(s.Dir, "main.tf"), "terraform {\n  required_providers {\n    clb = { source = \"terraform-clb/clb\" }\n  }\n}\n"+s.ids.Replace(text))
}

// state is the state of Terraform, nil if there is none. Terraform makes the file
// before it has something to write into it.
func (s *stand) state() []byte {
	s.t.Helper()
	text, err := os.ReadFile(filepath.Join(s.Dir, "terraform.tfstate"))
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(text) == 0 {
		return nil
	}
	if err != nil {
		s.t.Fatal(err)
	}
	return text
}

func (s *stand) setState(text []byte) {
	s.t.Helper()
	if text != nil {
		write(s.t, filepath.Join(s.Dir, "terraform.tfstate"), string(text))
	}
}

// facts are what stands in AWS: the rules and entries by their identity, the
// rest as the snapshot tells it.
type facts struct {
	snapshot string
	things   map[string]string
}

func (s *stand) facts() facts {
	f := facts{s.Server.Snapshot(), map[string]string{}}
	for _, group := range s.Server.SecurityGroups(stage.Region) {
		for _, rule := range s.Server.SecurityGroupRules(stage.Region, group.ID) {
			name := rule.ID
			if group.VPCID == "" {
				// In EC2-Classic rules have no ids.
				name, rule.ID = classicRuleName(rule), ""
			}
			f.things[name] = fmt.Sprintf("rule of %s %+v", group.Name, rule)
		}
	}
	for _, acl := range s.Server.NetworkACLs(stage.Region) {
		for _, entry := range s.Server.NetworkACLEntries(stage.Region, acl.ID) {
			f.things[entryName(acl.ID, entry.Egress, entry.RuleNumber)] = fmt.Sprintf("entry of %s %+v", acl.ID, entry)
		}
	}
	return f
}

func entryName(acl string, egress bool, number int) string {
	direction := "ingress"
	if egress {
		direction = "egress"
	}
	return fmt.Sprintf("%s %s %d", acl, direction, number)
}

// lacks are the names of the things of an earlier time that are gone or have changed.
func (f facts) lacks(earlier facts) []string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(earlier.things)) {
		if f.things[name] != earlier.things[name] {
			names = append(names, name)
		}
	}
	return names
}

// others are the names of the things that were not there at an earlier time.
func (f facts) others(earlier facts) []string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(f.things)) {
		if _, there := earlier.things[name]; !there {
			names = append(names, name)
		}
	}
	return names
}

// difference tells how the content of two worlds differs; empty if it does not.
func (f facts) difference(want facts) string {
	var lines []string
	tell := func(sign string, text, other string) {
		others := strings.Split(other, "\n")
		for line := range strings.SplitSeq(text, "\n") {
			if !slices.Contains(others, line) {
				lines = append(lines, sign+line)
			}
		}
	}
	tell("  missing    ", want.snapshot, f.snapshot)
	tell("  unexpected ", f.snapshot, want.snapshot)
	return strings.Join(lines, "\n")
}

// held is what a state says.
type held struct {
	// content are the resources, without what counts the writes of the state.
	content string
	// objects is how many there are, tainted how many of them Terraform would replace.
	objects, tainted int
	// things are the names of the rules and entries in it, adopted those that were
	// there before.
	things, adopted []string
}

type stateFile struct {
	Resources []struct {
		Type      string `json:"type"`
		Instances []struct {
			Status     string         `json:"status"`
			Attributes map[string]any `json:"attributes"`
		} `json:"instances"`
	} `json:"resources"`
}

func (s *stand) held() held {
	s.t.Helper()
	var h held
	text := s.state()
	if text == nil {
		return h
	}
	var file stateFile
	var raw struct {
		Resources json.RawMessage `json:"resources"`
	}
	if err := errors.Join(json.Unmarshal(text, &file), json.Unmarshal(text, &raw)); err != nil {
		s.t.Fatalf("the state is broken: %v\n%s", err, text)
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, raw.Resources); err != nil {
		s.t.Fatal(err)
	}
	h.content = compact.String()
	for _, resource := range file.Resources {
		for _, instance := range resource.Instances {
			h.objects++
			if instance.Status == "tainted" {
				h.tainted++
			}
			h.things = append(h.things, thingsOf(instance.Attributes)...)
			h.adopted = append(h.adopted, adoptedOf(instance.Attributes)...)
		}
	}
	slices.Sort(h.things)
	slices.Sort(h.adopted)
	return h
}

// thingsOf are the names of the rules and entries of one object.
func thingsOf(attributes map[string]any) []string {
	var names []string
	for _, where := range []string{"ingress", "egress", "retiring_rules", "retiring_entries"} {
		elements, _ := attributes[where].(map[string]any)
		for key, element := range elements {
			rule, _ := element.(map[string]any)
			direction, _, retires := strings.Cut(key, "/")
			if !retires || where != "retiring_entries" {
				direction = where
			}
			if id, ok := rule["security_group_rule_id"].(string); ok {
				names = append(names, id)
			}
			if name, ok := attributes["security_group_name"].(string); ok && name == classicName {
				names = append(names, strings.TrimPrefix(key, "ingress "))
			}
			acl, _ := attributes["network_acl_id"].(string)
			if number, ok := rule["rule_number"].(float64); ok {
				names = append(names, entryName(acl, direction == "egress", int(number)))
			}
		}
	}
	return names
}

// adoptedOf are the names of the rules and entries that an object has adopted.
func adoptedOf(attributes map[string]any) []string {
	var names []string
	ids, _ := attributes["adopted_rule_ids"].([]any)
	for _, id := range ids {
		if name, ok := id.(string); ok {
			names = append(names, name)
		}
	}
	acl, _ := attributes["network_acl_id"].(string)
	places, _ := attributes["adopted_entries"].([]any)
	for _, place := range places {
		if text, ok := place.(string); ok {
			names = append(names, placeName(acl, text))
		}
	}
	return names
}

// placeName is the name of the entry at a place such as "ingress/100".
func placeName(acl, place string) string {
	direction, digits, _ := strings.Cut(place, "/")
	number, err := strconv.Atoi(digits)
	if err != nil {
		return place
	}
	return entryName(acl, direction == "egress", number)
}
