// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package examples_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/terraform-clb/terraform-provider-clb/internal/acceptance/world"
	"github.com/terraform-clb/terraform-provider-clb/internal/demo/stage"
)

const guides = "../../templates/guides"

// guide is how a reader follows a guide. What the guide quotes is what Terraform
// prints then.
type guide struct {
	// cidrs and listeners are those of the VPC and of my-loadbalancer at the
	// beginning; without, they are 10.0.0.0/16 and 443 to 8443.
	cidrs                        []string
	listeners, internalListeners [][2]int32
	follow                       func(*testing.T, *reading)
}

func allGuides() map[string]guide {
	two := [][2]int32{{80, 8080}, {443, 8443}}
	return map[string]guide{
		"getting-started":      {follow: followGettingStarted},
		"enforcing-in-ci":      {follow: followEnforcing},
		"declaring-clients":    {listeners: two, internalListeners: [][2]int32{{3000, 3000}}, follow: followClients},
		"shared-groups":        {internalListeners: [][2]int32{{3000, 3000}}, follow: followSharedGroups},
		"network-acl-entries":  {cidrs: []string{"10.0.0.0/16", "10.1.0.0/16"}, listeners: two, follow: followNumbering},
		"beside-hashicorp-aws": {follow: followBeside},
		"leaving":              {follow: followLeaving},
		"from-ec2-classic":     {follow: followFromClassic},
		"whole-account":        {listeners: two, internalListeners: [][2]int32{{3000, 3000}}, follow: followWholeAccount},
	}
}

// reading is a stage on which a guide is followed, and all that Terraform has
// printed, with the ids of the documentation.
type reading struct {
	*stage.Stage
	// documented are pairs of an id of the documentation and one of this world.
	documented []string
	// environment is what the commands have besides that of the stage.
	environment []string
	// used are the examples that were run.
	used    map[string]bool
	printed *strings.Builder
}

// TestGuides follows each guide with the real Terraform, on the double of AWS.
func TestGuides(t *testing.T) {
	t.Parallel()
	for name, g := range allGuides() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			plan := world.Plan{
				Name: "my-loadbalancer", CIDRBlocks: g.cidrs, Image: "ami-0123456789abcdef0", HealthCheckTarget: "HTTP:8081/healthz",
				Listeners: g.listeners, InternalListeners: g.internalListeners,
			}
			if plan.CIDRBlocks == nil {
				plan.CIDRBlocks = []string{"10.0.0.0/16"}
			}
			if plan.Listeners == nil {
				plan.Listeners = [][2]int32{{443, 8443}}
			}
			s := openWith(t, plan)
			r := &reading{Stage: s, documented: documentedIDs(s), used: map[string]bool{}, printed: &strings.Builder{}}
			g.follow(t, r)
			page := readFile(t, filepath.Join(guides, name+".md.tmpl"))
			r.checkQuotes(t, page)
			for _, example := range shownIn(page) {
				if !r.used[example] {
					t.Errorf("%s is shown, and not run", example)
				}
			}
		})
	}
}

// shownIn are the examples of guides on a page.
func shownIn(page string) []string {
	var paths []string
	for _, example := range regexp.MustCompile(`"examples/guides/([^"]+)"`).FindAllStringSubmatch(page, -1) {
		paths = append(paths, example[1])
	}
	return paths
}

// TestEveryExampleOfGuidesIsShown: TestGuides runs what is shown.
func TestEveryExampleOfGuidesIsShown(t *testing.T) {
	t.Parallel()
	var shown []string
	for name := range allGuides() {
		shown = append(shown, shownIn(readFile(t, filepath.Join(guides, name+".md.tmpl")))...)
	}
	dir := filepath.Join(root, "guides")
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		if file, err := filepath.Rel(dir, path); err != nil || !slices.Contains(shown, filepath.ToSlash(file)) {
			t.Errorf("%s is shown by no guide", path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// terraform runs a command that has to go well, and returns what it printed.
func (r *reading) terraform(t *testing.T, arguments ...string) string {
	t.Helper()
	printed, err := r.run(t, arguments...)
	if err != nil {
		t.Fatalf("terraform %s: %v\n%s", strings.Join(arguments, " "), err, printed)
	}
	return printed
}

// refused runs a command that has to fail.
func (r *reading) refused(t *testing.T, arguments ...string) string {
	t.Helper()
	printed, err := r.run(t, arguments...)
	if err == nil {
		t.Errorf("terraform %s went through:\n%s", strings.Join(arguments, " "), printed)
	}
	return printed
}

func (r *reading) run(t *testing.T, arguments ...string) (string, error) {
	t.Helper()
	command := r.Command(t.Context(), append(arguments, "-no-color")...)
	command.Env = append(command.Env, r.environment...)
	output, err := command.CombinedOutput()
	printed := r.asDocumented(string(output))
	r.printed.WriteString(printed)
	return printed, err
}

// asDocumented is a text with the ids of the documentation. Rules get theirs in
// the order in which they are named.
func (r *reading) asDocumented(text string) string {
	pairs := slices.Clone(r.documented)
	slices.Reverse(pairs)
	text = strings.NewReplacer(pairs...).Replace(text)
	rules := map[string]string{}
	return regexp.MustCompile(`sgr-[0-9a-f]{17}`).ReplaceAllStringFunc(text, func(id string) string {
		if rules[id] == "" {
			rules[id] = "sgr-0123456789abcde" + string("0123456789abcdef"[len(rules)/16%16]) + string("0123456789abcdef"[len(rules)%16])
		}
		return rules[id]
	})
}

// example is an example of a guide, with the ids of this world.
func (r *reading) example(t *testing.T, path string) string {
	t.Helper()
	r.used[path] = true
	return strings.NewReplacer(r.documented...).Replace(readFile(t, filepath.Join(root, "guides", path)))
}

// configure puts examples of a guide where Terraform works, in place of the
// configuration that is there.
func (r *reading) configure(t *testing.T, paths ...string) {
	t.Helper()
	files := map[string]string{}
	for _, path := range paths {
		files[filepath.Base(path)] = r.example(t, path)
	}
	r.write(t, files)
}

func (r *reading) write(t *testing.T, files map[string]string) {
	t.Helper()
	old, err := filepath.Glob(filepath.Join(r.Dir, "*.tf"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range old {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
	all := ""
	for name, text := range files {
		writeFile(t, r.Stage, name, text)
		all += text
	}
	if !strings.Contains(all, "required_providers") {
		writeFile(t, r.Stage, "terraform.tf", requiredProviders)
	}
}

// beside is the same world with a Terraform that works in another directory.
func (r *reading) beside(t *testing.T) *reading {
	t.Helper()
	s, err := r.Beside(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	other := *r
	other.Stage = s
	return &other
}

// checkQuotes: each quote on a page is a part of what was printed. "[...]" stands
// for lines that are left out.
func (r *reading) checkQuotes(t *testing.T, page string) {
	t.Helper()
	for _, quote := range blocks(t, page, "text") {
		rest := r.printed.String()
		for _, part := range regexp.MustCompile(`(?m)^ *\[\.\.\.\]\n`).Split(quote, -1) {
			_, after, found := strings.Cut(rest, part)
			if !found {
				t.Errorf("Terraform does not print, or not there:\n%s", part)
			}
			rest = after
		}
	}
}
