// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

// Package wiring is the vocabulary of a Classic Load Balancer's security
// wiring and the rules that AWS recommends for it.
//
// The recommended rules are the tables of "Configure security groups for your
// Classic Load Balancer" and "Network ACLs for your Classic Load Balancer" in
// the Elastic Load Balancing user guide; each table is one function in
// tables.go. The package is pure: it talks neither to AWS nor to Terraform.
package wiring
