// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

// Command terraform-provider-clb is a Terraform provider for the rules that
// Classic Load Balancers need. Terraform starts it, nobody runs it by hand.
package main

import (
	"flag"
	"log"
	"os"

	"github.com/terraform-clb/terraform-provider-clb/internal/provider"
)

// version is set by the linker when a release is built.
var version = "dev"

func main() {
	debug := flag.Bool("debug", false, "wait for a debugger instead of Terraform's handshake")
	flag.Parse()
	provider.TuneMemory(os.Environ())
	if !*debug {
		if err := provider.MuteUnreadLog(os.Environ()); err != nil {
			log.Fatal(err)
		}
	}

	if err := provider.Serve(provider.New(version), *debug); err != nil {
		log.Fatal(err)
	}
}
