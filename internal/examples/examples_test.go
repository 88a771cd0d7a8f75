// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

// Package examples_test plans, applies and destroys every example with the real
// Terraform, on the double of AWS.
package examples_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-exec/tfexec"
	tfjson "github.com/hashicorp/terraform-json"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/terraform-clb/terraform-provider-clb/internal/acceptance/world"
	"github.com/terraform-clb/terraform-provider-clb/internal/demo/stage"
	"github.com/terraform-clb/terraform-provider-clb/internal/provider"
	"github.com/terraform-clb/terraform-provider-clb/internal/standin"
)

const (
	root              = "../../examples"
	requiredProviders = "terraform {\n  required_providers {\n    clb = { source = \"terraform-clb/clb\" }\n  }\n}\n"
	importBlock       = "import-by-string-id.tf"
	// identityBlock is for Terraform 1.12 and later; internal/provider imports by
	// identity through the protocol.
	identityBlock = "import-by-identity.tf"
)

// TestMain lets this test binary be the provider that Terraform starts: go-plugin
// marks the processes that it starts with this variable.
func TestMain(m *testing.M) {
	if os.Getenv("TF_PLUGIN_MAGIC_COOKIE") == "" {
		os.Exit(m.Run())
	}
	serve := func() error { return provider.Serve(provider.New("test"), false) }
	if filepath.Base(os.Args[0]) == "terraform-provider-aws" {
		serve = func() error {
			return providerserver.Serve(context.Background(), standin.New, providerserver.ServeOpts{Address: "registry.terraform.io/" + standin.Source})
		}
	}
	if err := serve(); err != nil {
		os.Exit(1)
	}
}

// providerDir is a directory that holds this test binary as this provider and as
// the one that stands in for hashicorp/aws.
func providerDir(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, name := range []string{"terraform-provider-clb", "terraform-provider-aws"} {
		if err := os.Symlink(self, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// open sets a stage up whose load balancers are those that the examples name.
func open(t *testing.T) *stage.Stage {
	t.Helper()
	return openWith(t, world.Plan{
		Name: "my-loadbalancer", CIDRBlocks: []string{"10.0.0.0/16", "10.1.0.0/16"}, Image: "ami-0123456789abcdef0",
		HealthCheckTarget: "HTTP:8081/healthz", Listeners: [][2]int32{{80, 8080}, {443, 8443}}, InternalListeners: [][2]int32{{3000, 3000}},
	})
}

// openClassic sets a stage up whose load balancer is in EC2-Classic, with the
// names of the AWS page.
func openClassic(t *testing.T) *stage.Stage {
	t.Helper()
	return openWith(t, world.Plan{
		Name: "my-loadbalancer", CIDRBlocks: []string{"10.0.0.0/16"}, Image: "ami-0123456789abcdef0",
		HealthCheckTarget: "HTTP:8081/healthz", Listeners: [][2]int32{{80, 8080}}, ClassicGroup: "my-security-group",
	})
}

func openWith(t *testing.T, plan world.Plan) *stage.Stage {
	t.Helper()
	terraform, err := stage.FindTerraform()
	if err != nil {
		t.Fatal(err)
	}
	s, err := stage.Open(t.Context(), stage.Config{
		Terraform: terraform, ProviderDir: providerDir(t), Sources: []string{standin.Source}, Dir: t.TempDir(), World: plan,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// exampleFiles are the files of an example, by name.
func exampleFiles(t *testing.T, dir string) map[string]string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("%s: no files: %v", dir, err)
	}
	files := map[string]string{}
	for _, path := range paths {
		if info, err := os.Stat(path); err == nil && info.IsDir() {
			// The fix of a finding is an example of its own.
			continue
		}
		if filepath.Base(path) == identityBlock {
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		files[filepath.Base(path)] = string(text)
	}
	return files
}

// write puts the configuration of an example where Terraform works. The ids in
// it become those of the world.
func write(t *testing.T, s *stage.Stage, files map[string]string) {
	t.Helper()
	ids := strings.NewReplacer(documentedIDs(s)...)
	all := ""
	for name, text := range files {
		if strings.HasSuffix(name, ".tf") {
			all += text
		}
		writeFile(t, s, name, ids.Replace(text))
	}
	if !strings.Contains(all, "required_providers") {
		writeFile(t, s, "terraform.tf", requiredProviders)
	}
}

// documentedIDs are pairs of the id that the documentation has and that of this world.
func documentedIDs(s *stage.Stage) []string {
	pairs := []string{
		"vpc-0123456789abcdef0", s.VPC,
		"sg-0123456789abcdef0", s.LoadBalancerGroup,
		"sg-0fedcba9876543210", s.InstanceGroup,
		"sg-0aaaabbbbccccdddd", s.InternalGroup,
		"acl-0123456789abcdef0", s.LoadBalancerACL,
		"acl-0fedcba9876543210", s.InstanceACL,
	}
	for i := range s.LoadBalancerSubnets {
		pairs = append(pairs, fmt.Sprintf("subnet-0123456789abcdef%d", i), s.LoadBalancerSubnets[i], fmt.Sprintf("subnet-0fedcba987654321%d", i), s.InstanceSubnets[i])
	}
	for i, instance := range s.Instances {
		pairs = append(pairs, fmt.Sprintf("i-0123456789abcdef%d", i), instance)
	}
	return pairs
}

func writeFile(t *testing.T, s *stage.Stage, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(s.Dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// apply makes a plan that is as expected, and carries it out; after that
// nothing is left to do.
func apply(t *testing.T, s *stage.Stage, created int) {
	t.Helper()
	plan, err := s.Plan(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	lines := slices.DeleteFunc(stage.Changes(plan), func(line string) bool { return strings.HasPrefix(line, "output ") })
	for _, line := range lines {
		if !strings.HasPrefix(line, "create ") {
			t.Errorf("first plan: %s", line)
		}
	}
	if len(lines) != created {
		t.Errorf("the first plan creates %d resources, want %d: %q", len(lines), created, lines)
	}
	if err := s.Apply(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantChanges(t, s)
}

func wantChanges(t *testing.T, s *stage.Stage, want ...string) {
	t.Helper()
	plan, err := s.Plan(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if lines := stage.Changes(plan); !slices.Equal(lines, want) {
		t.Errorf("the next plan has the changes %q, want %q", lines, want)
	}
}

func destroy(t *testing.T, s *stage.Stage, baseline string) {
	t.Helper()
	if err := s.Terraform.Destroy(t.Context()); err != nil {
		t.Fatal(err)
	}
	if now := s.Server.Snapshot(); now != baseline {
		t.Errorf("after the destroy the world differs from before:\n%s", difference(baseline, now))
	}
}

// difference are the lines that only one of two texts has.
func difference(before, after string) string {
	var out []string
	was, is := strings.Split(before, "\n"), strings.Split(after, "\n")
	for _, line := range was {
		if !slices.Contains(is, line) {
			out = append(out, "- "+line)
		}
	}
	for _, line := range is {
		if !slices.Contains(was, line) {
			out = append(out, "+ "+line)
		}
	}
	return strings.Join(out, "\n")
}

// examples are the directories of examples with literal ids, and how many
// resources each creates; none where a data source or a function is all there is.
func examples() map[string]int {
	return map[string]int{
		"provider": 4,
		"resources/clb_load_balancer_security_groups": 1,
		"resources/clb_load_balancer_rules":           2,
		"resources/clb_instance_ingress_rules":        1,
		"resources/clb_network_acl_entries":           2,
		"data-sources/clb_load_balancer":              1,
		"data-sources/clb_load_balancers":             2,
		"data-sources/clb_wiring":                     0,
		"checks":                                      4,
		"postcondition":                               4,
		"terraform-test":                              4,
		"functions/parse_health_check_target":         0,
		"functions/recommended_rules":                 0,
		"beside-hashicorp-aws":                        13,
		"ec2-classic":                                 1,
		"running-load-balancer":                       2,
		"lock-down":                                   3,
	}
}

func TestExamples(t *testing.T) {
	t.Parallel()
	for dir, creates := range examples() {
		t.Run(dir, func(t *testing.T) {
			t.Parallel()
			onStage := open
			if dir == "ec2-classic" {
				onStage = openClassic
			}
			s := onStage(t)
			// The association has something to change, and to bring back.
			if dir == "resources/clb_load_balancer_security_groups" {
				if err := s.CarryDefaultGroup(t.Context(), s.LoadBalancer); err != nil {
					t.Fatal(err)
				}
			}
			baseline := s.Server.Snapshot()
			files := exampleFiles(t, filepath.Join(root, dir))
			delete(files, importBlock)
			write(t, s, files)
			apply(t, s, creates)
			writes := false
			for _, text := range files {
				writes = writes || strings.Contains(text, `resource "clb_`)
			}
			if changed := s.Server.Snapshot() != baseline; changed != writes {
				t.Errorf("with resources of this provider: %v, and the world differs from before:\n%s", writes, difference(baseline, s.Server.Snapshot()))
			}
			destroy(t, s, baseline)
		})
	}
}

func TestCompleteExample(t *testing.T) {
	t.Parallel()
	s := open(t)
	if err := s.CarryDefaultGroup(t.Context(), s.LoadBalancer, s.InternalLoadBalancer); err != nil {
		t.Fatal(err)
	}
	baseline := s.Server.Snapshot()
	files := exampleFiles(t, filepath.Join(root, "complete"))
	variables, err := json.Marshal(map[string]string{
		"load_balancer_name":                       s.LoadBalancer,
		"internal_load_balancer_name":              s.InternalLoadBalancer,
		"load_balancer_security_group_id":          s.LoadBalancerGroup,
		"internal_load_balancer_security_group_id": s.InternalGroup,
		"instance_security_group_id":               s.InstanceGroup,
		"load_balancer_network_acl_id":             s.LoadBalancerACL,
		"instance_network_acl_id":                  s.InstanceACL,
	})
	if err != nil {
		t.Fatal(err)
	}
	files["terraform.tfvars.json"] = string(variables)
	write(t, s, files)
	apply(t, s, 7)
	if lb, _ := s.Server.LoadBalancer(stage.Region, s.LoadBalancer); !slices.Equal(lb.SecurityGroups, []string{s.LoadBalancerGroup}) {
		t.Errorf("the load balancer carries %v", lb.SecurityGroups)
	}
	destroy(t, s, baseline)
}

// TestImport imports what the example of each resource created, once with the
// command and once with the block that its page shows.
func TestImport(t *testing.T) {
	t.Parallel()
	// Arguments that AWS does not know are set by the first apply.
	changes := map[string][]string{"resources/clb_load_balancer_security_groups": {`clb_load_balancer_security_groups.web on_destroy ~ "keep" -> "restore"`}}
	for dir, creates := range examples() {
		if !strings.HasPrefix(dir, "resources/") {
			continue
		}
		t.Run(dir, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			files := exampleFiles(t, filepath.Join(root, dir))
			block := files[importBlock]
			delete(files, importBlock)
			write(t, s, files)
			apply(t, s, creates)
			baseline := s.Server.Snapshot()

			address, id := importCommand(t, s)
			forget(t, s, address)
			if err := s.Terraform.Import(t.Context(), address, id); err != nil {
				t.Fatal(err)
			}
			wantChanges(t, s, changes[dir]...)

			forget(t, s, address)
			files[importBlock] = block
			write(t, s, files)
			plan, err := s.Plan(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if lines := stage.Changes(plan); !slices.Equal(lines, changes[dir]) {
				t.Errorf("the plan that imports has the changes %q, want %q", lines, changes[dir])
			}
			if !slices.ContainsFunc(plan.ResourceChanges, func(c *tfjson.ResourceChange) bool { return c.Address == address && c.Change.Importing != nil }) {
				t.Errorf("the plan does not import %s", address)
			}
			if err := s.Apply(t.Context()); err != nil {
				t.Fatal(err)
			}
			wantChanges(t, s)
			if now := s.Server.Snapshot(); now != baseline {
				t.Errorf("importing changed the world:\n%s", difference(baseline, now))
			}
			if !importsByIdentity(t, s) {
				return
			}

			// By identity every load balancer on the group or network ACL is taken over:
			// what the example does not name is given up again, and that changes nothing.
			forget(t, s, address)
			files[importBlock] = readFile(t, filepath.Join(root, dir, identityBlock))
			write(t, s, files)
			if plan, err = s.Plan(t.Context()); err != nil {
				t.Fatal(err)
			}
			if !slices.ContainsFunc(plan.ResourceChanges, func(c *tfjson.ResourceChange) bool { return c.Address == address && c.Change.Importing != nil }) {
				t.Errorf("the plan does not import %s by its identity", address)
			}
			if err := s.Apply(t.Context()); err != nil {
				t.Fatal(err)
			}
			wantChanges(t, s)
			if now := s.Server.Snapshot(); now != baseline {
				t.Errorf("importing by identity changed the world:\n%s", difference(baseline, now))
			}
		})
	}
}

// importCommand reads the command at the end of import.sh.
func importCommand(t *testing.T, s *stage.Stage) (address, id string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(s.Dir, "import.sh"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	words := strings.Fields(lines[len(lines)-1])
	if len(words) != 4 || words[0] != "terraform" || words[1] != "import" {
		t.Fatalf("import.sh ends with %q", words)
	}
	return words[2], words[3]
}

func forget(t *testing.T, s *stage.Stage, address string) {
	t.Helper()
	if err := s.Terraform.StateRm(t.Context(), address); err != nil {
		t.Fatal(err)
	}
}

// TestEveryExampleIsTestedAndFormatted: TestGuides runs those of guides, package
// findings those of findings, and package acceptance holds iam to what is called.
func TestEveryExampleIsTestedAndFormatted(t *testing.T) {
	t.Parallel()
	terraform, err := stage.FindTerraform()
	if err != nil {
		t.Fatal(err)
	}
	cli, err := tfexec.NewTerraform(t.TempDir(), terraform)
	if err != nil {
		t.Fatal(err)
	}
	if err := cli.SetEnv(map[string]string{"TF_CLI_CONFIG_FILE": os.DevNull, "CHECKPOINT_DISABLE": "1"}); err != nil {
		t.Fatal(err)
	}
	dir, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	formatted, wrong, err := cli.FormatCheck(t.Context(), tfexec.Recursive(true), tfexec.Dir(dir))
	if err != nil {
		t.Fatal(err)
	}
	if !formatted {
		t.Errorf("run  terraform fmt  on %v", wrong)
	}
	err = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		dir, err := filepath.Rel(root, filepath.Dir(path))
		dir = filepath.ToSlash(dir)
		known := slices.Contains([]string{"complete", "adopting", "moving-a-port", "iam"}, dir)
		for _, of := range []string{"findings/", "guides/", "list-resources/"} {
			known = known || strings.HasPrefix(dir, of)
		}
		if _, listed := examples()[dir]; err == nil && !known && !listed {
			t.Errorf("%s is in a directory that no test applies", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestReadme holds the README to what is run: its example is an example, and
// the output that it shows is output of the demonstration.
func TestReadme(t *testing.T) {
	t.Parallel()
	readme := readFile(t, "../../README.md")
	example := filepath.Join(root, "provider", "provider.tf")
	if shown := blocks(t, readme, "terraform"); len(shown) != 1 || shown[0] != readFile(t, example) {
		t.Errorf("the example in README.md is not %s", example)
	}
	const output = "../demo/testdata/output.txt"
	shown := blocks(t, readme, "text")
	if len(shown) != 2 {
		t.Errorf("README.md shows %d excerpts of the demonstration, not 2", len(shown))
	}
	for _, excerpt := range shown {
		rest := readFile(t, output)
		for part := range strings.SplitSeq(excerpt, "     [...]\n") {
			_, after, found := strings.Cut(rest, part)
			if !found || part == "" {
				t.Errorf("README.md shows output that is not in %s, or not there:\n%s", output, part)
			}
			rest = after
		}
	}
}

// blocks are the code blocks of a language in a Markdown text.
func blocks(t *testing.T, markdown, language string) []string {
	t.Helper()
	var found []string
	for _, rest := range strings.Split(markdown, "```"+language+"\n")[1:] {
		block, _, closed := strings.Cut(rest, "```\n")
		if !closed {
			t.Fatalf("a block of %s is not closed", language)
		}
		found = append(found, block)
	}
	return found
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
