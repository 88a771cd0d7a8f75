// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package wiring

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
)

const (
	web  = "sg-0a000000000000001" // of the load balancer
	web2 = "sg-0a000000000000002" // a second one of the load balancer
	app  = "sg-0b000000000000001" // of the instances
	app2 = "sg-0b000000000000002" // a second one of the instances
)

// wordings of the AWS tables, as they become descriptions.
const (
	allOnListener     = "Allow all inbound traffic on the load balancer listener port"
	vpcOnListener     = "Allow inbound traffic from the VPC CIDR on the load balancer listener port"
	toInstances       = "Allow outbound traffic to instances on the instance listener port"
	toHealthCheck     = "Allow outbound traffic to instances on the health check port"
	fromLB            = "Allow traffic from the load balancer on the instance listener port"
	fromLBHealth      = "Allow traffic from the load balancer on the health check port"
	ephemeralIn       = "Allow inbound traffic on the ephemeral ports"
	ephemeralOut      = "Allow outbound traffic on the ephemeral ports"
	instanceListener  = "Allow inbound traffic on the instance listener port"
	instanceHealth    = "Allow inbound traffic on the health check port"
	declaredClient    = "Allow inbound traffic from a declared client on the load balancer listener port"
	fragmentation     = "Allow ICMP fragmentation needed for Path MTU Discovery"
	pingLoadBalancer  = "Allow ping requests to the load balancer"
	instanceAndHealth = instanceListener + "; " + instanceHealth
)

// threePorts is the load balancer of the examples: two listeners, and a health
// check on a port of its own.
func threePorts() LoadBalancer {
	return LoadBalancer{
		Name:                   "my-loadbalancer",
		Listeners:              []Listener{{80, 8080}, {443, 8443}},
		HealthCheck:            &HealthCheckTarget{"HTTP", 8081, "/healthz"},
		SecurityGroups:         []string{web},
		InstanceSecurityGroups: []string{app},
	}
}

func internal(lb LoadBalancer) LoadBalancer {
	lb.Internal = true
	return lb
}

func cidrs(texts ...string) []netip.Prefix {
	var out []netip.Prefix
	for _, text := range texts {
		out = append(out, netip.MustParsePrefix(text))
	}
	return out
}

// lines writes rules for comparison with a table: "ingress tcp 80 from
// 0.0.0.0/0 | comment".
func lines(rules []Rule) []string {
	var out []string
	for _, r := range rules {
		out = append(out, fmt.Sprintf("%s %s | %s", r.Direction, r.Key(), r.Comment))
	}
	return out
}

// keys is lines without the comments.
func keys(rules []Rule) []string {
	var out []string
	for _, r := range rules {
		out = append(out, string(r.Direction)+" "+r.Key())
	}
	return out
}

func compare(t *testing.T, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

// TestTables restates the tables of "Configure security groups for your Classic
// Load Balancer" and "Network ACLs for your Classic Load Balancer" row by row.
func TestTables(t *testing.T) {
	t.Parallel()
	vpc := cidrs("10.0.0.0/16")
	tests := []struct {
		name string
		got  []Rule
		want []string
	}{
		{
			"security group of an internet-facing load balancer",
			InternetFacingLoadBalancerGroup(threePorts()),
			[]string{
				"ingress tcp 80 from 0.0.0.0/0 | " + allOnListener,
				"ingress tcp 443 from 0.0.0.0/0 | " + allOnListener,
				"egress tcp 8080 to " + app + " | " + toInstances,
				"egress tcp 8443 to " + app + " | " + toInstances,
				"egress tcp 8081 to " + app + " | " + toHealthCheck,
			},
		},
		{
			"security group of an internal load balancer",
			InternalLoadBalancerGroup(internal(threePorts()), vpc),
			[]string{
				"ingress tcp 80 from 10.0.0.0/16 | " + vpcOnListener,
				"ingress tcp 443 from 10.0.0.0/16 | " + vpcOnListener,
				"egress tcp 8080 to " + app + " | " + toInstances,
				"egress tcp 8443 to " + app + " | " + toInstances,
				"egress tcp 8081 to " + app + " | " + toHealthCheck,
			},
		},
		{
			"security group of the instances",
			InstanceGroup(threePorts(), []string{web}),
			[]string{
				"ingress tcp 8080 from " + web + " | " + fromLB,
				"ingress tcp 8443 from " + web + " | " + fromLB,
				"ingress tcp 8081 from " + web + " | " + fromLBHealth,
			},
		},
		{
			"network ACL of the subnets of an internet-facing load balancer",
			InternetFacingLoadBalancerSubnet(threePorts(), vpc),
			[]string{
				"ingress tcp 80 from 0.0.0.0/0 | " + allOnListener,
				"ingress tcp 443 from 0.0.0.0/0 | " + allOnListener,
				"ingress tcp 1024-65535 from 10.0.0.0/16 | " + ephemeralIn,
				"egress tcp 8080 to 10.0.0.0/16 | " + toInstances,
				"egress tcp 8443 to 10.0.0.0/16 | " + toInstances,
				"egress tcp 8081 to 10.0.0.0/16 | " + toHealthCheck,
				"egress tcp 1024-65535 to 0.0.0.0/0 | " + ephemeralOut,
			},
		},
		{
			"network ACL of the subnets of an internal load balancer",
			InternalLoadBalancerSubnet(internal(threePorts()), vpc),
			[]string{
				"ingress tcp 80 from 10.0.0.0/16 | " + vpcOnListener,
				"ingress tcp 443 from 10.0.0.0/16 | " + vpcOnListener,
				"ingress tcp 1024-65535 from 10.0.0.0/16 | " + ephemeralIn,
				"egress tcp 8080 to 10.0.0.0/16 | " + toInstances,
				"egress tcp 8443 to 10.0.0.0/16 | " + toInstances,
				"egress tcp 8081 to 10.0.0.0/16 | " + toHealthCheck,
				"egress tcp 1024-65535 to 10.0.0.0/16 | " + ephemeralOut,
			},
		},
		{
			"network ACL of private instance subnets",
			PrivateInstanceSubnet(threePorts(), vpc),
			[]string{
				"ingress tcp 8080 from 10.0.0.0/16 | " + instanceListener,
				"ingress tcp 8443 from 10.0.0.0/16 | " + instanceListener,
				"ingress tcp 8081 from 10.0.0.0/16 | " + instanceHealth,
				"egress tcp 1024-65535 to 10.0.0.0/16 | " + ephemeralOut,
			},
		},
		{
			"network ACL of public instance subnets",
			PublicInstanceSubnet(threePorts()),
			[]string{
				"ingress tcp 8080 from 0.0.0.0/0 | " + instanceListener,
				"ingress tcp 8443 from 0.0.0.0/0 | " + instanceListener,
				"ingress tcp 8081 from 0.0.0.0/0 | " + instanceHealth,
				"egress tcp 1024-65535 to 0.0.0.0/0 | " + ephemeralOut,
			},
		},
		{
			"path MTU discovery to the instances",
			InstancePathMTUDiscovery([]Peer{GroupPeer(web), CIDRPeer(netip.MustParsePrefix("10.0.0.0/16"))}),
			[]string{
				"ingress icmp 3/4 from " + web + " | " + fragmentation,
				"ingress icmp 3/4 from 10.0.0.0/16 | " + fragmentation,
			},
		},
		{
			"path MTU discovery of an internet-facing load balancer's subnets",
			LoadBalancerSubnetPathMTUDiscovery(threePorts(), vpc),
			[]string{
				"ingress icmp 3/4 from 0.0.0.0/0 | " + fragmentation,
				"egress icmp 3/4 to 0.0.0.0/0 | " + fragmentation,
			},
		},
		{
			"path MTU discovery of an internal load balancer's subnets",
			LoadBalancerSubnetPathMTUDiscovery(internal(threePorts()), vpc),
			[]string{
				"ingress icmp 3/4 from 10.0.0.0/16 | " + fragmentation,
				"egress icmp 3/4 to 10.0.0.0/16 | " + fragmentation,
			},
		},
		{
			"path MTU discovery of instance subnets",
			InstanceSubnetPathMTUDiscovery(vpc),
			[]string{
				"ingress icmp 3/4 from 10.0.0.0/16 | " + fragmentation,
				"egress icmp 3/4 to 10.0.0.0/16 | " + fragmentation,
			},
		},
		{
			"ping of an internet-facing load balancer",
			RespondToPing(threePorts(), nil),
			[]string{"ingress icmp 8/-1 from 0.0.0.0/0 | " + pingLoadBalancer},
		},
		{
			"ping of an internal load balancer",
			RespondToPing(internal(threePorts()), vpc),
			[]string{"ingress icmp 8/-1 from 10.0.0.0/16 | " + pingLoadBalancer},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			compare(t, lines(test.got), test.want)
		})
	}
}

// TestTablesSeveralNetworksAndGroups restates the tables for a VPC with two
// networks, two groups of the load balancer and two of the instances.
func TestTablesSeveralNetworksAndGroups(t *testing.T) {
	t.Parallel()
	vpc := cidrs("10.0.0.0/16", "10.1.0.0/16")
	lb := threePorts()
	lb.InstanceSecurityGroups = []string{app, app2}
	tests := []struct {
		name string
		got  []Rule
		want []string
	}{
		{
			"security group of an internet-facing load balancer",
			InternetFacingLoadBalancerGroup(lb),
			[]string{
				"ingress tcp 80 from 0.0.0.0/0",
				"ingress tcp 443 from 0.0.0.0/0",
				"egress tcp 8080 to " + app,
				"egress tcp 8080 to " + app2,
				"egress tcp 8443 to " + app,
				"egress tcp 8443 to " + app2,
				"egress tcp 8081 to " + app,
				"egress tcp 8081 to " + app2,
			},
		},
		{
			"security group of an internal load balancer",
			InternalLoadBalancerGroup(internal(lb), vpc),
			[]string{
				"ingress tcp 80 from 10.0.0.0/16",
				"ingress tcp 80 from 10.1.0.0/16",
				"ingress tcp 443 from 10.0.0.0/16",
				"ingress tcp 443 from 10.1.0.0/16",
				"egress tcp 8080 to " + app,
				"egress tcp 8080 to " + app2,
				"egress tcp 8443 to " + app,
				"egress tcp 8443 to " + app2,
				"egress tcp 8081 to " + app,
				"egress tcp 8081 to " + app2,
			},
		},
		{
			"security group of the instances",
			InstanceGroup(lb, []string{web, web2}),
			[]string{
				"ingress tcp 8080 from " + web,
				"ingress tcp 8080 from " + web2,
				"ingress tcp 8443 from " + web,
				"ingress tcp 8443 from " + web2,
				"ingress tcp 8081 from " + web,
				"ingress tcp 8081 from " + web2,
			},
		},
		{
			"network ACL of the subnets of an internet-facing load balancer",
			InternetFacingLoadBalancerSubnet(lb, vpc),
			[]string{
				"ingress tcp 80 from 0.0.0.0/0",
				"ingress tcp 443 from 0.0.0.0/0",
				"ingress tcp 1024-65535 from 10.0.0.0/16",
				"ingress tcp 1024-65535 from 10.1.0.0/16",
				"egress tcp 8080 to 10.0.0.0/16",
				"egress tcp 8080 to 10.1.0.0/16",
				"egress tcp 8443 to 10.0.0.0/16",
				"egress tcp 8443 to 10.1.0.0/16",
				"egress tcp 8081 to 10.0.0.0/16",
				"egress tcp 8081 to 10.1.0.0/16",
				"egress tcp 1024-65535 to 0.0.0.0/0",
			},
		},
		{
			"network ACL of the subnets of an internal load balancer",
			InternalLoadBalancerSubnet(internal(lb), vpc),
			[]string{
				"ingress tcp 80 from 10.0.0.0/16",
				"ingress tcp 80 from 10.1.0.0/16",
				"ingress tcp 443 from 10.0.0.0/16",
				"ingress tcp 443 from 10.1.0.0/16",
				"ingress tcp 1024-65535 from 10.0.0.0/16",
				"ingress tcp 1024-65535 from 10.1.0.0/16",
				"egress tcp 8080 to 10.0.0.0/16",
				"egress tcp 8080 to 10.1.0.0/16",
				"egress tcp 8443 to 10.0.0.0/16",
				"egress tcp 8443 to 10.1.0.0/16",
				"egress tcp 8081 to 10.0.0.0/16",
				"egress tcp 8081 to 10.1.0.0/16",
				"egress tcp 1024-65535 to 10.0.0.0/16",
				"egress tcp 1024-65535 to 10.1.0.0/16",
			},
		},
		{
			"network ACL of private instance subnets",
			PrivateInstanceSubnet(lb, vpc),
			[]string{
				"ingress tcp 8080 from 10.0.0.0/16",
				"ingress tcp 8080 from 10.1.0.0/16",
				"ingress tcp 8443 from 10.0.0.0/16",
				"ingress tcp 8443 from 10.1.0.0/16",
				"ingress tcp 8081 from 10.0.0.0/16",
				"ingress tcp 8081 from 10.1.0.0/16",
				"egress tcp 1024-65535 to 10.0.0.0/16",
				"egress tcp 1024-65535 to 10.1.0.0/16",
			},
		},
		{
			"network ACL of public instance subnets",
			PublicInstanceSubnet(lb),
			[]string{
				"ingress tcp 8080 from 0.0.0.0/0",
				"ingress tcp 8443 from 0.0.0.0/0",
				"ingress tcp 8081 from 0.0.0.0/0",
				"egress tcp 1024-65535 to 0.0.0.0/0",
			},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			compare(t, keys(test.got), test.want)
		})
	}
}

// TestTablesCoincidingRows restates the tables for two listeners on one instance
// port whose health check is on that port too: each admits it once, and says
// what for.
func TestTablesCoincidingRows(t *testing.T) {
	t.Parallel()
	vpc := cidrs("10.0.0.0/16")
	lb := threePorts()
	lb.Listeners = []Listener{{443, 8080}, {80, 8080}}
	lb.HealthCheck = &HealthCheckTarget{Protocol: "TCP", Port: 8080}
	tests := []struct {
		name string
		got  []Rule
		want []string
	}{
		{
			"security group of an internet-facing load balancer",
			InternetFacingLoadBalancerGroup(lb),
			[]string{
				"ingress tcp 80 from 0.0.0.0/0 | " + allOnListener,
				"ingress tcp 443 from 0.0.0.0/0 | " + allOnListener,
				"egress tcp 8080 to " + app + " | " + toInstances + "; " + toHealthCheck,
			},
		},
		{
			"security group of an internal load balancer",
			InternalLoadBalancerGroup(internal(lb), vpc),
			[]string{
				"ingress tcp 80 from 10.0.0.0/16 | " + vpcOnListener,
				"ingress tcp 443 from 10.0.0.0/16 | " + vpcOnListener,
				"egress tcp 8080 to " + app + " | " + toInstances + "; " + toHealthCheck,
			},
		},
		{
			"security group of the instances",
			InstanceGroup(lb, []string{web}),
			[]string{"ingress tcp 8080 from " + web + " | " + fromLB + "; " + fromLBHealth},
		},
		{
			"network ACL of the subnets of an internet-facing load balancer",
			InternetFacingLoadBalancerSubnet(lb, vpc),
			[]string{
				"ingress tcp 80 from 0.0.0.0/0 | " + allOnListener,
				"ingress tcp 443 from 0.0.0.0/0 | " + allOnListener,
				"ingress tcp 1024-65535 from 10.0.0.0/16 | " + ephemeralIn,
				"egress tcp 8080 to 10.0.0.0/16 | " + toInstances + "; " + toHealthCheck,
				"egress tcp 1024-65535 to 0.0.0.0/0 | " + ephemeralOut,
			},
		},
		{
			"network ACL of the subnets of an internal load balancer",
			InternalLoadBalancerSubnet(internal(lb), vpc),
			[]string{
				"ingress tcp 80 from 10.0.0.0/16 | " + vpcOnListener,
				"ingress tcp 443 from 10.0.0.0/16 | " + vpcOnListener,
				"ingress tcp 1024-65535 from 10.0.0.0/16 | " + ephemeralIn,
				"egress tcp 8080 to 10.0.0.0/16 | " + toInstances + "; " + toHealthCheck,
				"egress tcp 1024-65535 to 10.0.0.0/16 | " + ephemeralOut,
			},
		},
		{
			"network ACL of private instance subnets",
			PrivateInstanceSubnet(lb, vpc),
			[]string{
				"ingress tcp 8080 from 10.0.0.0/16 | " + instanceAndHealth,
				"egress tcp 1024-65535 to 10.0.0.0/16 | " + ephemeralOut,
			},
		},
		{
			"network ACL of public instance subnets",
			PublicInstanceSubnet(lb),
			[]string{
				"ingress tcp 8080 from 0.0.0.0/0 | " + instanceAndHealth,
				"egress tcp 1024-65535 to 0.0.0.0/0 | " + ephemeralOut,
			},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			compare(t, lines(test.got), test.want)
		})
	}
}

// TestTablesWithoutHealthCheck: without a health check there is no row for it.
func TestTablesWithoutHealthCheck(t *testing.T) {
	t.Parallel()
	lb := threePorts()
	lb.HealthCheck = nil
	compare(t, keys(InstanceGroup(lb, []string{web})), []string{
		"ingress tcp 8080 from " + web,
		"ingress tcp 8443 from " + web,
	})
	compare(t, keys(PrivateInstanceSubnet(lb, cidrs("10.0.0.0/16"))), []string{
		"ingress tcp 8080 from 10.0.0.0/16",
		"ingress tcp 8443 from 10.0.0.0/16",
		"egress tcp 1024-65535 to 10.0.0.0/16",
	})
}

// TestTablesNothingDeclared: without listeners and health check there is
// nothing to reply to either.
func TestTablesNothingDeclared(t *testing.T) {
	t.Parallel()
	lb, vpc := LoadBalancer{InstanceSecurityGroups: []string{app}}, cidrs("10.0.0.0/16")
	for name, got := range map[string][]Rule{
		"internet-facing group":  InternetFacingLoadBalancerGroup(lb),
		"internal group":         InternalLoadBalancerGroup(internal(lb), vpc),
		"instance group":         InstanceGroup(lb, []string{web}),
		"internet-facing subnet": InternetFacingLoadBalancerSubnet(lb, vpc),
		"internal subnet":        InternalLoadBalancerSubnet(internal(lb), vpc),
		"private subnet":         PrivateInstanceSubnet(lb, vpc),
		"public subnet":          PublicInstanceSubnet(lb),
		"ping":                   RespondToPing(lb, vpc),
	} {
		if len(got) > 0 {
			t.Errorf("%s: got %q, want no rule", name, keys(got))
		}
	}
}

// TestTablesSharedSubnet: one network ACL for the subnets of an internet-facing
// load balancer and of private instances gets both tables.
func TestTablesSharedSubnet(t *testing.T) {
	t.Parallel()
	vpc := cidrs("10.0.0.0/16")
	both := slices.Concat(InternetFacingLoadBalancerSubnet(threePorts(), vpc), PrivateInstanceSubnet(threePorts(), vpc))
	compare(t, keys(Collapse(both)), []string{
		"ingress tcp 80 from 0.0.0.0/0",
		"ingress tcp 443 from 0.0.0.0/0",
		"ingress tcp 1024-65535 from 10.0.0.0/16",
		"egress tcp 8080 to 10.0.0.0/16",
		"egress tcp 8443 to 10.0.0.0/16",
		"egress tcp 8081 to 10.0.0.0/16",
		"egress tcp 1024-65535 to 0.0.0.0/0",
		"ingress tcp 8080 from 10.0.0.0/16",
		"ingress tcp 8443 from 10.0.0.0/16",
		"ingress tcp 8081 from 10.0.0.0/16",
		"egress tcp 1024-65535 to 10.0.0.0/16",
	})
}

// TestTablesSeveralLoadBalancers: two load balancers in one group share what
// coincides, and an internal one beside an internet-facing one keeps its own source.
func TestTablesSeveralLoadBalancers(t *testing.T) {
	t.Parallel()
	vpc := cidrs("10.0.0.0/16")
	other := LoadBalancer{
		Name: "other", Internal: true,
		Listeners:              []Listener{{80, 8080}, {8443, 9443}},
		HealthCheck:            &HealthCheckTarget{"HTTP", 8081, "/"},
		InstanceSecurityGroups: []string{app},
	}
	groups := slices.Concat(InternetFacingLoadBalancerGroup(threePorts()), InternalLoadBalancerGroup(other, vpc))
	compare(t, lines(Collapse(groups)), []string{
		"ingress tcp 80 from 0.0.0.0/0 | " + allOnListener,
		"ingress tcp 443 from 0.0.0.0/0 | " + allOnListener,
		"egress tcp 8080 to " + app + " | " + toInstances,
		"egress tcp 8443 to " + app + " | " + toInstances,
		"egress tcp 8081 to " + app + " | " + toHealthCheck,
		"ingress tcp 80 from 10.0.0.0/16 | " + vpcOnListener,
		"ingress tcp 8443 from 10.0.0.0/16 | " + vpcOnListener,
		"egress tcp 9443 to " + app + " | " + toInstances,
	})
	instances := slices.Concat(InstanceGroup(threePorts(), []string{web}), InstanceGroup(other, []string{web2}))
	compare(t, keys(Collapse(instances)), []string{
		"ingress tcp 8080 from " + web,
		"ingress tcp 8443 from " + web,
		"ingress tcp 8081 from " + web,
		"ingress tcp 8080 from " + web2,
		"ingress tcp 9443 from " + web2,
		"ingress tcp 8081 from " + web2,
	})
}
