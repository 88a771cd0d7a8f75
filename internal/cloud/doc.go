// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

// Package cloud is AWS as the provider uses it: the connection, the reads, and
// the writes in an order that closes nothing that stays wanted.
//
// It speaks in the words of package wiring and knows nothing of Terraform.
// Every error that it returns is a sentence for the user.
package cloud
