// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/terraform-clb/terraform-provider-clb/internal/acceptance/world"
	"github.com/terraform-clb/terraform-provider-clb/internal/demo/stage"
)

// theater is where chapters are played.
type theater struct {
	out io.Writer
	// terraform is the path of terraform or tofu.
	terraform string
	// providerDir holds the provider that is shown.
	providerDir string
	// examples is the directory of the examples.
	examples string
	// dir is a scratch directory that somebody else removes.
	dir string
}

// chapter is a part of the demonstration with a world of its own.
type chapter struct {
	name string
	// title says what it shows.
	title string
	// example is the directory of the example that Terraform runs on.
	example string
	world   world.Plan
	play    func(context.Context, *scene) error
}

// chapters are all parts, in the order in which they are played.
func chapters() []chapter {
	return []chapter{wiringChapter(), proofChapter(), adoptionChapter()}
}

func (t theater) playAll(ctx context.Context) error {
	for i, c := range chapters() {
		fmt.Fprintf(t.out, "\nChapter %d: %s\n", i+1, c.title)
		if err := t.play(ctx, c); err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
	}
	return nil
}

func (t theater) play(ctx context.Context, c chapter) error {
	dir := filepath.Join(t.dir, c.name)
	if err := os.CopyFS(dir, os.DirFS(filepath.Join(t.examples, c.example))); err != nil {
		return fmt.Errorf("copying the example: %w", err)
	}
	s, err := stage.Open(ctx, stage.Config{Terraform: t.terraform, ProviderDir: t.providerDir, Dir: dir, World: c.world})
	if err != nil {
		return err
	}
	defer s.Close()
	return c.play(ctx, newScene(t.out, s))
}
