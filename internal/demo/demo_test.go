// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"context"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/terraform-clb/terraform-provider-clb/internal/demo/stage"
	"github.com/terraform-clb/terraform-provider-clb/internal/provider"
)

var update = flag.Bool("update", false, "write testdata/output.txt instead of comparing with it")

const golden = "testdata/output.txt"

// TestMain lets this test binary be the provider that Terraform starts: go-plugin
// marks the processes that it starts with this variable.
func TestMain(m *testing.M) {
	if os.Getenv("TF_PLUGIN_MAGIC_COOKIE") == "" {
		os.Exit(m.Run())
	}
	if err := provider.Serve(provider.New("test"), false); err != nil {
		os.Exit(1)
	}
}

func newTheater(t *testing.T, out io.Writer) theater {
	t.Helper()
	terraform, err := stage.FindTerraform()
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.Symlink(self, filepath.Join(dir, "terraform-provider-clb")); err != nil {
		t.Fatal(err)
	}
	return theater{out: out, terraform: terraform, providerDir: dir, examples: "../../examples", dir: t.TempDir()}
}

func TestDemo(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := newTheater(t, &out).playAll(t.Context()); err != nil {
		t.Fatalf("%v\nafter\n%s", err, &out)
	}
	if *update {
		if err := os.WriteFile(golden, out.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if out.String() != string(want) {
		t.Errorf("the demonstration says\n%s\nand %s says\n%s\nIf the change is meant: go test ./internal/demo -update", &out, golden, want)
	}
}

// TestDemoNotices breaks what the demonstration is about to see, and expects it
// to say so.
func TestDemoNotices(t *testing.T) {
	t.Parallel()
	steps := map[string]struct {
		chapter chapter
		play    func(context.Context, *scene) error
		want    []string
	}{
		"a listener too many at the first plan": {
			wiringChapter(),
			func(ctx context.Context, s *scene) error {
				if err := addNewListener(ctx, s); err != nil {
					return err
				}
				return playWiring(ctx, s)
			},
			[]string{"the plan is not as expected", "came, and was not expected:\n", "\n  create clb_load_balancer_rules.web (3 inbound, 4 outbound)"},
		},
		"an association that AWS did not keep": {
			wiringChapter(),
			func(_ context.Context, s *scene) error { return s.wantGroups(s.InternalGroup, s.InternalGroup) },
			[]string{"what my-loadbalancer carries is not as expected"},
		},
		"rules that did not come": {
			wiringChapter(),
			func(_ context.Context, s *scene) error { return s.wantRules(recommendedRules()) },
			[]string{"what stands in AWS is not as expected", "expected, and did not come:\n  lb-group             in  tcp 80 from 0.0.0.0/0"},
		},
		"a world that is not left as it was": {
			wiringChapter(),
			func(ctx context.Context, s *scene) error {
				baseline := s.Server.Snapshot()
				if err := addNewListener(ctx, s); err != nil {
					return err
				}
				return s.wantBaseline(baseline)
			},
			[]string{"the world is not as expected", "listener 8088 TCP to 8090 TCP"},
		},
		"a warning that was not expected": {
			proofChapter(),
			func(ctx context.Context, s *scene) error {
				const group = `"sg-0123456789abcdef0"`
				if err := s.edit(group, group+"\n  accept = [{ finding = \"health-check\", reason = \"an example\" }]"); err != nil {
					return err
				}
				return playProof(ctx, s)
			},
			[]string{"what Terraform says is not as expected", "came, and was not expected:\n  Warning: "},
		},
		"a plan that gets through": {
			proofChapter(),
			func(ctx context.Context, s *scene) error {
				if err := nameThings(s); err != nil {
					return err
				}
				return s.planRefused(ctx, refusal)
			},
			[]string{"terraform plan got through, and was expected to fail"},
		},
		"another error": {
			proofChapter(),
			func(ctx context.Context, s *scene) error { return s.planRefused(ctx, refusal) },
			[]string{"what Terraform says is not as expected", "expected, and did not come:\n  Error: Health check", "came, and was not expected:\n  Error: "},
		},
		"another report": {
			proofChapter(),
			func(ctx context.Context, s *scene) error { return s.report(ctx, provedReport, "Notes") },
			[]string{"the report is not as expected", "expected, and did not come:\n  ## Load balancer \"my-loadbalancer\": proved"},
		},
		"a configuration that is not the one to edit": {
			proofChapter(),
			func(_ context.Context, s *scene) error { return s.edit("sg-0123456789abcdef1", s.LoadBalancerGroup) },
			[]string{`the configuration has no "sg-0123456789abcdef1"`},
		},
	}
	for name, step := range steps {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := step.chapter
			c.play = step.play
			err := newTheater(t, io.Discard).play(t.Context(), c)
			if err == nil {
				t.Fatal("the demonstration noticed nothing")
			}
			for _, want := range step.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("the demonstration says\n%v\nwithout\n%s", err, want)
				}
			}
		})
	}
}
