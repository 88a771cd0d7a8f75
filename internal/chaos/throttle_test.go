// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package chaos_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/terraform-clb/terraform-provider-clb/internal/acceptance/world"
	"github.com/terraform-clb/terraform-provider-clb/internal/demo/stage"
	"github.com/terraform-clb/terraform-provider-clb/internal/fakeaws"
)

// bucketClock is the clock of the token buckets. Until it is started an hour
// passes from call to call, so that there is always a token.
type bucketClock struct {
	mu      sync.Mutex
	at      time.Time
	started time.Time
	speed   float64
}

func (c *bucketClock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.started.IsZero() {
		c.at = c.at.Add(time.Hour)
		return c.at
	}
	return c.at.Add(time.Duration(float64(time.Since(c.started)) * c.speed))
}

func (c *bucketClock) start() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.started = time.Now()
}

// fleetConfiguration is all four resources of each load balancer.
const fleetConfiguration = `terraform {
  required_providers {
    clb = { source = "terraform-clb/clb" }
  }
}
locals {
  fleet = {
FLEET
  }
  values = { for name, f in local.fleet : name => {
    name                        = name
    internal                    = false
    listener                    = [{ lb_port = 80, instance_port = 8080 }]
    health_check                = [{ target = "HTTP:8081/healthz" }]
    security_groups             = [f.group]
    instance_security_group_ids = [f.instances]
  } }
}
resource "clb_load_balancer_security_groups" "fleet" {
  for_each           = local.fleet
  load_balancer_name = each.key
  security_groups    = [each.value.group]
}
resource "clb_load_balancer_rules" "fleet" {
  for_each          = local.fleet
  security_group_id = each.value.group
  load_balancers    = [local.values[each.key]]
}
resource "clb_instance_ingress_rules" "fleet" {
  for_each          = local.fleet
  security_group_id = each.value.instances
  load_balancers    = [local.values[each.key]]
}
resource "clb_network_acl_entries" "fleet" {
  for_each        = local.fleet
  network_acl_id  = each.value.acl
  load_balancers  = [local.values[each.key]]
  subnet_roles    = ["load_balancer"]
  vpc_cidr_blocks = ["10.0.0.0/16"]
}
`

// TestThrottled applies the rules of many load balancers to an AWS that refuses
// calls at the rates that it documents. No call is given up, few are refused, and
// all takes little more than the time that the rates allow at best. Terraform works
// on all resources at a time: on ten it begins with one kind of them, in an order of
// its own, and empties the bucket of that kind while the others stay full.
func TestThrottled(t *testing.T) {
	if !*all {
		t.Skip("it takes minutes: -chaos.all runs it")
	}
	t.Parallel()
	const (
		loadBalancers = 100
		// speed is how many seconds of the buckets, the latency, the pace of the
		// provider and its pauses between retries pass in a second. The time of
		// Terraform, the provider and the double is counted as well, but runs no
		// slower: so little of what is measured is that of this machine.
		speed   = 0.5
		latency = 40 * time.Millisecond
		// most is how often the best time may be taken, and refusals how many of a
		// hundred calls may be refused.
		most, refusals = 1.5, 5
	)
	clock := &bucketClock{at: time.Date(2026, time.March, 2, 12, 0, 0, 0, time.UTC), speed: speed}
	s := openStage(t, "", world.Plan{Name: "fleet", CIDRBlocks: []string{"10.0.0.0/16"}}, fakeaws.Config{
		Latency: latency, Speed: speed, Throttle: &fakeaws.Throttle{Now: clock.now},
		Quotas: fakeaws.Quotas{LoadBalancers: loadBalancers},
	})
	write(t, filepath.Join(s.Dir, "main.tf"), strings.ReplaceAll(fleetConfiguration, "FLEET", makeFleet(t, s, loadBalancers)))
	s.Server.ResetCalls()
	clock.start()

	run := &stand{Stage: s, t: t, speed: speed}
	if plan := run.terraform("plan", "-input=false", "-out=plan.tfplan"); plan.code != 0 {
		t.Fatalf("terraform plan: %s", plan)
	}
	s.Server.ResetCalls()
	begun := time.Now()
	if apply := run.terraform("apply", "-input=false", fmt.Sprintf("-parallelism=%d", 4*loadBalancers), "plan.tfplan"); apply.code != 0 {
		t.Fatalf("terraform apply: %s", apply)
	}
	took := time.Duration(float64(time.Since(begun)) * speed)
	calls, refused := s.Server.Calls(), 0
	for _, call := range calls {
		if call.ErrorCode == "RequestLimitExceeded" || call.ErrorCode == "Throttling" {
			refused++
		}
	}
	least := fakeaws.LeastTime(calls)
	factor := took.Seconds() / least.Seconds()
	t.Logf("%d load balancers: %d calls, %d more were refused because of their rate; the apply took %.0f s, and at best %.0f s are allowed: a factor of %.2f (clock x %g)",
		loadBalancers, len(calls)-refused, refused, took.Seconds(), least.Seconds(), factor, speed)
	if least < time.Minute {
		t.Error("the calls are so few that no rate matters")
	}
	if refused*100 > len(calls)*refusals {
		t.Errorf("%d of %d calls were refused, and %d %% may be", refused, len(calls), refusals)
	}
	if factor > most {
		t.Errorf("the factor is %.2f, and it may be %.1f", factor, most)
	}
}

// makeFleet makes load balancers, each with groups and a network ACL of its own,
// and returns them as the configuration wants them.
func makeFleet(t *testing.T, s *stage.Stage, n int) string {
	t.Helper()
	var lines []string
	for i := range n {
		name := fmt.Sprintf("fleet-%03d", i)
		group, err := s.MakeGroup(t.Context(), name+"-lb")
		if err != nil {
			t.Fatal(err)
		}
		instances, err := s.MakeGroup(t.Context(), name+"-instances")
		if err != nil {
			t.Fatal(err)
		}
		acl, err := s.MakeACL(t.Context(), name, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.MakeLoadBalancer(t.Context(), name, "internet-facing", s.InternalGroup, webCheck, [][2]int32{{80, 8080}}); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, fmt.Sprintf("    %q = { group = %q, instances = %q, acl = %q }", name, group, instances, acl))
	}
	return strings.Join(lines, "\n")
}
