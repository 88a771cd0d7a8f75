// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package wiring

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
)

// TestExpansion counts the rows of each table for load balancers of every size:
// with L listener ports, p instance and health check ports, C networks, G
// instance groups and B load balancer groups, the tables have exactly so many.
func TestExpansion(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		lb, vpc := randomLoadBalancer(random)
		groups := randomGroups(random, "sg-0d")
		L, C, G, B := len(lb.LBPorts()), len(vpc), len(lb.InstanceSecurityGroups), len(groups)
		ports := lb.InstancePorts()
		if lb.HealthCheck != nil && !slices.Contains(ports, lb.HealthCheck.Port) {
			ports = append(ports, lb.HealthCheck.Port)
		}
		p := len(ports)
		for _, table := range []struct {
			name    string
			rules   []Rule
			in, out int
		}{
			{"internet-facing group", InternetFacingLoadBalancerGroup(lb), L, p * G},
			{"internal group", InternalLoadBalancerGroup(lb, vpc), L * C, p * G},
			{"instance group", InstanceGroup(lb, groups), p * B, 0},
			{"internet-facing subnet", InternetFacingLoadBalancerSubnet(lb, vpc), L + C, p*C + 1},
			{"internal subnet", InternalLoadBalancerSubnet(lb, vpc), L*C + C, p*C + C},
			{"private subnet", PrivateInstanceSubnet(lb, vpc), p * C, C},
			{"public subnet", PublicInstanceSubnet(lb), p, 1},
		} {
			in, out := len(InDirection(table.rules, Ingress)), len(InDirection(table.rules, Egress))
			if in != table.in || out != table.out {
				t.Fatalf("%s of %+v, VPC %s: %d inbound and %d outbound rows, want %d and %d:\n%q",
					table.name, lb, FormatCIDRs(vpc), in, out, table.in, table.out, keys(table.rules))
			}
			seen := keys(table.rules)
			slices.Sort(seen)
			if len(slices.Compact(seen)) != in+out {
				t.Fatalf("%s of %+v has a row twice, which EC2 refuses: %q", table.name, lb, keys(table.rules))
			}
			for _, rule := range table.rules {
				if rule.Comment == "" || len(rule.Comment) > 255 {
					t.Fatalf("%s: %q has a comment of %d bytes; a description has at most 255", table.name, rule.Key(), len(rule.Comment))
				}
			}
		}
	}
}

// TestExpansionIgnoresOrder: listeners are a set, so their order changes nothing.
func TestExpansionIgnoresOrder(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	for range 300 {
		lb, vpc := randomLoadBalancer(random)
		shuffled := lb
		shuffled.Listeners = slices.Clone(lb.Listeners)
		random.Shuffle(len(shuffled.Listeners), func(i, j int) {
			shuffled.Listeners[i], shuffled.Listeners[j] = shuffled.Listeners[j], shuffled.Listeners[i]
		})
		if got, want := InternalLoadBalancerSubnet(shuffled, vpc), InternalLoadBalancerSubnet(lb, vpc); !slices.Equal(got, want) {
			t.Fatalf("%+v: %q is not %q", lb, keys(got), keys(want))
		}
		if got, want := InternetFacingLoadBalancerGroup(shuffled), InternetFacingLoadBalancerGroup(lb); !slices.Equal(got, want) {
			t.Fatalf("%+v: %q is not %q", lb, keys(got), keys(want))
		}
	}
}

// randomLoadBalancer draws from few ports, so that rows coincide often.
func randomLoadBalancer(random *rand.Rand) (LoadBalancer, []netip.Prefix) {
	lb := LoadBalancer{Internal: random.IntN(2) == 0, InstanceSecurityGroups: randomGroups(random, "sg-0e")}
	for _, port := range random.Perm(6)[:1+random.IntN(6)] {
		lb.Listeners = append(lb.Listeners, Listener{LBPort: 80 + port, InstancePort: 8080 + random.IntN(4)})
	}
	if random.IntN(4) > 0 {
		lb.HealthCheck = &HealthCheckTarget{Protocol: "TCP", Port: 8080 + random.IntN(6)}
	}
	var vpc []netip.Prefix
	for i := range 1 + random.IntN(5) {
		vpc = append(vpc, netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(i), 0, 0}), 16))
	}
	return lb, vpc
}

func randomGroups(random *rand.Rand, prefix string) []string {
	var groups []string
	for i := range 1 + random.IntN(3) {
		groups = append(groups, fmt.Sprintf("%s%015d", prefix, i))
	}
	return groups
}
