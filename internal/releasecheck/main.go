// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

// Command releasecheck holds the files of a release to the rules of the
// Terraform Registry and to what we promise of them. The registry says little
// when it refuses a release, so we look before it does:
// https://developer.hashicorp.com/terraform/registry/providers/publishing
package main

import (
	"fmt"
	"os"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: releasecheck DIRECTORY MANIFEST\nDIRECTORY holds the files of one release, MANIFEST is terraform-registry-manifest.json.")
		os.Exit(2)
	}
	version, problems := check(os.Args[1], os.Args[2], checkBinary)
	for _, problem := range problems {
		fmt.Fprintln(os.Stderr, "releasecheck:", problem)
	}
	if len(problems) > 0 {
		os.Exit(1)
	}
	fmt.Fprintf(os.Stdout, "Version %s: %d archives, each with its SBOM, are as the registry wants them.\n", version, len(platforms()))
}
