// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

// Command terraform-provider-clb is a Terraform provider for the rules that
// Classic Load Balancers need. Terraform starts it, nobody runs it by hand.
package main

import (
	"context"
	"flag"
	"log"
	"os"
	"runtime/debug"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/terraform-clb/terraform-provider-clb/internal/provider"
)

// version is set by the linker when a release is built.
var version = "dev"

func main() {
	debugged := flag.Bool("debug", false, "wait for a debugger instead of Terraform's handshake")
	flag.Parse()
	if provider.MemoryUntuned(os.Environ()) {
		debug.SetGCPercent(provider.HeapGrowthPercent)
		debug.SetMemoryLimit(provider.MemoryLimit)
	}
	if !*debugged && provider.LogUnread(os.Environ()) {
		if err := os.Setenv(provider.FrameworkLogLevel, "off"); err != nil {
			log.Fatal(err)
		}
	}

	err := providerserver.Serve(context.Background(), provider.New(version), providerserver.ServeOpts{
		Address: "registry.terraform.io/terraform-clb/clb",
		Debug:   *debugged,
	})
	if err != nil {
		log.Fatal(err)
	}
}
