// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

// Command docsgen writes the schema of the provider to standard output, in the
// form of `terraform providers schema -json`, for the documentation generator
// to read. It asks the provider server in its own process: no Terraform is
// needed, and what this Terraform would not know yet is not lost.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/terraform-clb/terraform-provider-clb/internal/provider"
)

func main() {
	server := providerserver.NewProtocol6(provider.New("dev")())()
	if err := writeSchema(context.Background(), os.Stdout, server); err != nil {
		fmt.Fprintln(os.Stderr, "docsgen:", err)
		os.Exit(1)
	}
}
