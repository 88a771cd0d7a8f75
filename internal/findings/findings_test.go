// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

// Package findings_test plans the configuration on the page of each kind of
// finding with the real Terraform, on the double of AWS: the message on the page
// is what Terraform prints, and with the fix it is gone.
package findings_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-exec/tfexec"

	"github.com/terraform-clb/terraform-provider-clb/internal/acceptance/world"
	"github.com/terraform-clb/terraform-provider-clb/internal/demo/stage"
	"github.com/terraform-clb/terraform-provider-clb/internal/provider"
	"github.com/terraform-clb/terraform-provider-clb/internal/verify"
)

var update = flag.Bool("update", false, "write the output.txt of each example instead of comparing with it")

const root = "../../examples/findings"

// The files of an example: the configuration with the finding, what Terraform
// says about it, and the configuration without.
const (
	mainFile   = "main.tf"
	outputFile = "output.txt"
	fixedFile  = "fixed/main.tf"
)

// today is the day on which acceptances expire or not.
func today() time.Time { return time.Date(2026, time.March, 2, 12, 0, 0, 0, time.UTC) }

// TestMain lets this test binary be the provider that Terraform starts: go-plugin
// marks the processes that it starts with this variable.
func TestMain(m *testing.M) {
	if os.Getenv("TF_PLUGIN_MAGIC_COOKIE") == "" {
		os.Exit(m.Run())
	}
	if err := provider.Serve(provider.New("test", provider.WithClock(today)), false); err != nil {
		os.Exit(1)
	}
}

// scene is a stage with a case on it.
type scene struct {
	*stage.Stage
	// documented are the ids of the documentation, by those of this world.
	documented map[string]string
	// unhide lets everything be read again.
	unhide func()
}

func open(t *testing.T, c finding) *scene {
	t.Helper()
	terraform, err := stage.FindTerraform()
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	providerDir := t.TempDir()
	if err := os.Symlink(self, filepath.Join(providerDir, "terraform-provider-clb")); err != nil {
		t.Fatal(err)
	}
	plan := world.Plan{
		Name: "my-loadbalancer", CIDRBlocks: []string{"10.0.0.0/16"}, Image: "ami-0123456789abcdef0",
		HealthCheckTarget: "HTTP:8081/healthz", Listeners: [][2]int32{{443, 8443}},
	}
	if c.world != nil {
		c.world(&plan)
	}
	s, err := stage.Open(t.Context(), stage.Config{Terraform: terraform, ProviderDir: providerDir, Dir: t.TempDir(), World: plan})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	documented := map[string]string{
		s.VPC:               "vpc-0123456789abcdef0",
		s.LoadBalancerGroup: "sg-0123456789abcdef0",
		s.InstanceGroup:     "sg-0fedcba9876543210",
		s.LoadBalancerACL:   "acl-0123456789abcdef0",
		s.InstanceACL:       "acl-0fedcba9876543210",
	}
	for i := range s.LoadBalancerSubnets {
		documented[s.LoadBalancerSubnets[i]] = fmt.Sprintf("subnet-0123456789abcdef%d", i)
		documented[s.InstanceSubnets[i]] = fmt.Sprintf("subnet-0fedcba987654321%d", i)
	}
	for i, instance := range s.Instances {
		documented[instance] = fmt.Sprintf("i-0123456789abcdef%d", i)
	}
	return &scene{Stage: s, documented: documented}
}

// configure puts a configuration where Terraform works. The ids in it become
// those of the world.
func (s *scene) configure(t *testing.T, text string) {
	t.Helper()
	for real, documented := range s.documented {
		text = strings.ReplaceAll(text, documented, real)
	}
	if !strings.Contains(text, "required_providers") {
		s.write(t, "terraform.tf", "terraform {\n  required_providers {\n    clb = { source = \"terraform-clb/clb\" }\n  }\n}\n")
	}
	s.write(t, mainFile, text)
}

func (s *scene) write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(s.Dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// stand applies a configuration and forgets it: what it made stands as if
// somebody else had made it.
func (s *scene) stand(t *testing.T, text string) {
	t.Helper()
	s.configure(t, text)
	if err := s.Terraform.Apply(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(s.Dir, "terraform.tfstate")); err != nil {
		t.Fatal(err)
	}
}

// said is what came of a plan.
type said struct {
	// messages are the errors and warnings that have the id of a finding.
	messages []string
	// report is the output of this name.
	report string
	err    error
}

// plan makes a plan and gathers what it says.
func (s *scene) plan(t *testing.T) said {
	t.Helper()
	const planFile = "plan.tfplan"
	var stdout, stderr bytes.Buffer
	s.Terraform.SetStdout(&stdout)
	s.Terraform.SetStderr(&stderr)
	_, err := s.Terraform.Plan(t.Context(), tfexec.Out(planFile))
	s.Terraform.SetStdout(nil)
	s.Terraform.SetStderr(nil)
	out := said{messages: messages(s.asDocumented(stdout.String() + "\n" + stderr.String())), err: err}
	if err != nil {
		return out
	}
	plan, err := s.Terraform.ShowPlanFile(t.Context(), planFile)
	if err != nil {
		t.Fatal(err)
	}
	if output, there := plan.PlannedValues.Outputs["report"]; there {
		out.report = s.asDocumented(fmt.Sprint(output.Value))
	}
	return out
}

// asDocumented is a text with the ids of the documentation in place of those of
// this world. Rules get theirs in the order in which they are named.
func (s *scene) asDocumented(text string) string {
	for real, documented := range s.documented {
		text = strings.ReplaceAll(text, real, documented)
	}
	rules := map[string]string{}
	return regexp.MustCompile(`sgr-[0-9a-f]{17}`).ReplaceAllStringFunc(text, func(id string) string {
		if rules[id] == "" {
			rules[id] = fmt.Sprintf("sgr-0123456789abcde%02x", 0xf0+len(rules))
		}
		return rules[id]
	})
}

// messages are the errors and warnings about findings in what Terraform prints.
// One ends where the next begins, or where Terraform goes on with something else.
func messages(text string) []string {
	begins := regexp.MustCompile(`(?m)^(Error|Warning): .*$`)
	elsewhere := regexp.MustCompile(`(?m)^(─|Plan: |Terraform used |No changes\.|Changes to Outputs:|(data\.|clb_)\S+: )`)
	var found []string
	at := begins.FindAllStringIndex(text, -1)
	for i, begin := range at {
		if !regexp.MustCompile(`\(CLB\d{3}\)$`).MatchString(text[begin[0]:begin[1]]) {
			continue
		}
		end := len(text)
		if i+1 < len(at) {
			end = at[i+1][0]
		}
		message := text[begin[0]:end]
		if other := elsewhere.FindStringIndex(message); other != nil {
			message = message[:other[0]]
		}
		found = append(found, strings.TrimSpace(regexp.MustCompile(`(?m)[ \t]+$`).ReplaceAllString(message, ""))+"\n")
	}
	slices.Sort(found)
	return found
}

// of are the parts that are about a kind of finding: errors and warnings, or what
// the report has of it.
func (s said) of(id verify.ID) []string {
	heading := "(" + string(id) + ")\n"
	parts := slices.DeleteFunc(slices.Clone(s.messages), func(message string) bool { return !strings.Contains(message, heading) })
	for _, section := range regexp.MustCompile(`(?m)^#### `).Split(s.report, -1)[1:] {
		section, _, _ = strings.Cut(section, "\n### ")
		if strings.Contains(section, heading) {
			parts = append(parts, "#### "+strings.TrimRight(section, "\n")+"\n")
		}
	}
	return parts
}

// others are the errors and warnings about findings of other kinds.
func (s said) others(ids ...verify.ID) []string {
	return slices.DeleteFunc(slices.Clone(s.messages), func(message string) bool {
		return slices.ContainsFunc(ids, func(id verify.ID) bool { return strings.Contains(message, "("+string(id)+")\n") })
	})
}

func (s said) errorText() string {
	if s.err == nil {
		return "no error"
	}
	return s.err.Error()
}

// TestFindings plans each example, compares what Terraform says with the page,
// and then plans the fix.
func TestFindings(t *testing.T) {
	t.Parallel()
	for id, c := range findings(t) {
		slug := id.Entry().Slug
		t.Run(slug, func(t *testing.T) {
			t.Parallel()
			s := open(t, c)
			if c.stands != "" {
				s.stand(t, c.stands)
			}
			if c.before != nil {
				c.before(t, s)
			}
			s.configure(t, read(t, filepath.Join(root, slug, mainFile)))
			got := s.plan(t)
			parts := got.of(id)
			if len(parts) == 0 {
				t.Fatalf("the plan does not say %s: %s\n%s\n%s", id, got.errorText(), strings.Join(got.messages, "\n"), got.report)
			}
			if more := got.others(append(c.besides, id)...); len(more) > 0 {
				t.Errorf("the plan says more than %s:\n%s", id, strings.Join(more, "\n"))
			}
			compare(t, filepath.Join(root, slug, outputFile), strings.Join(parts, "\n"))

			if c.mend == nil && !exists(filepath.Join(root, slug, fixedFile)) {
				t.Fatalf("%s has no fix", slug)
			}
			if c.mend != nil {
				c.mend(t, s)
			}
			if exists(filepath.Join(root, slug, fixedFile)) {
				s.configure(t, read(t, filepath.Join(root, slug, fixedFile)))
			}
			fixed := s.plan(t)
			if fixed.err != nil {
				t.Errorf("the plan of the fix fails: %v", fixed.err)
			}
			if left := append(fixed.of(id), fixed.others(append(c.besides, id)...)...); len(left) > 0 {
				t.Errorf("with the fix Terraform still says\n%s", strings.Join(left, "\n"))
			}
		})
	}
}

func compare(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if want := read(t, path); got != want {
		t.Errorf("Terraform says\n%s\nand %s says\n%s\nIf the change is meant: go test ./internal/findings -update", got, path, want)
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
