// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package wiring

import (
	"slices"
	"testing"
)

func TestLoadBalancerCheck(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func(*LoadBalancer)
		want   []string
	}{
		{"nothing wrong", func(*LoadBalancer) {}, nil},
		{"one instance port for two listeners", func(lb *LoadBalancer) { lb.Listeners = []Listener{{80, 8080}, {443, 8080}} }, nil},
		{"ports out of range", func(lb *LoadBalancer) { lb.Listeners = []Listener{{0, 8080}, {70000, 8080}, {443, 0}} }, []string{
			"load balancer \"my-loadbalancer\" has a listener whose lb_port is 0: ports go from 1 to 65535",
			"load balancer \"my-loadbalancer\" has a listener whose lb_port is 70000: ports go from 1 to 65535",
			"load balancer \"my-loadbalancer\" has a listener on lb_port 443 whose instance_port is 0: ports go from 1 to 65535",
		}},
		{"two listeners on one port", func(lb *LoadBalancer) { lb.Listeners = []Listener{{80, 9090}, {80, 8080}} }, []string{
			"load balancer \"my-loadbalancer\" has two listeners on lb_port 80 (to instance_port 8080 and 9090): AWS allows one listener on a port, remove one of them",
		}},
		{"a load balancer without a name", func(lb *LoadBalancer) { lb.Name, lb.Listeners = "", []Listener{{0, 1}} }, []string{
			"the load balancer has a listener whose lb_port is 0: ports go from 1 to 65535",
		}},
		{"clients without a client", func(lb *LoadBalancer) { lb.Clients = []Clients{{LBPorts: []int{80}}} }, []string{
			"clients[0] of load balancer \"my-loadbalancer\" names no client: set cidr_blocks, security_group_ids or prefix_list_ids, or remove the block",
		}},
		{"clients at no listener", func(lb *LoadBalancer) {
			lb.Clients = []Clients{{CIDRBlocks: cidrs("192.0.2.0/24")}, {LBPorts: []int{443, 8080}, PrefixLists: []string{clientList}}}
		}, []string{
			"clients[1] of load balancer \"my-loadbalancer\" has lb_ports 8080, which is no listener: the listeners are 80, 443",
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			lb := threePorts()
			test.change(&lb)
			compare(t, lb.Check(), test.want)
		})
	}
}

// TestCheckSeveral: what is declared for several load balancers must fit one of them.
func TestCheckSeveral(t *testing.T) {
	t.Parallel()
	lbs := []LoadBalancer{threePorts(), {Listeners: []Listener{{8443, 9443}}}}
	compare(t, CheckClients([]Clients{
		{LBPorts: []int{8443}, SecurityGroups: []string{clientGroup}},
		{LBPorts: []int{8080}},
	}, lbs), []string{
		"clients[1] names no client: set cidr_blocks, security_group_ids or prefix_list_ids, or remove the block",
		"clients[1] has lb_ports 8080, which is no listener: the listeners are 80, 443, 8443",
	})
	compare(t, CheckLBPorts([]int{80, 8443, 81}, lbs), []string{"lb_ports has 81, which is no listener: the listeners are 80, 443, 8443"})
	compare(t, CheckLBPorts([]int{80}, nil), []string{"lb_ports has 80, which is no listener: there is no listener"})
}

func TestLoadBalancerOnly(t *testing.T) {
	t.Parallel()
	lb := threePorts()
	compare(t, keys(InternetFacingLoadBalancerGroup(lb.Only([]int{443}))), []string{
		"ingress tcp 443 from 0.0.0.0/0",
		"egress tcp 8443 to " + app,
		"egress tcp 8081 to " + app,
	})
	if got := lb.Only(nil).LBPorts(); !slices.Equal(got, []int{80, 443}) {
		t.Errorf("no ports: got %d, want all", got)
	}
	if got := lb.LBPorts(); !slices.Equal(got, []int{80, 443}) {
		t.Errorf("the load balancer itself has changed: %d", got)
	}
}

// TestFacts: two values have the same facts exactly when the same rules follow.
func TestFacts(t *testing.T) {
	t.Parallel()
	base := func() LoadBalancer {
		lb := threePorts()
		lb.SecurityGroups, lb.InstanceSecurityGroups = []string{web, web2}, []string{app, app2}
		lb.Clients = []Clients{{LBPorts: []int{80, 443}, CIDRBlocks: cidrs("192.0.2.0/24", "198.51.100.0/24"), SecurityGroups: []string{clientGroup}, PrefixLists: []string{clientList}}}
		return lb
	}
	for name, test := range map[string]struct {
		change func(*LoadBalancer)
		same   bool
	}{
		"name":               {func(lb *LoadBalancer) { lb.Name = "other" }, true},
		"order of listeners": {func(lb *LoadBalancer) { slices.Reverse(lb.Listeners) }, true},
		"order of groups":    {func(lb *LoadBalancer) { slices.Reverse(lb.SecurityGroups) }, true},
		"order of clients": {func(lb *LoadBalancer) {
			slices.Reverse(lb.Clients[0].CIDRBlocks)
			slices.Reverse(lb.Clients[0].LBPorts)
		}, true},
		"scheme":                 {func(lb *LoadBalancer) { lb.Internal = true }, false},
		"listener port":          {func(lb *LoadBalancer) { lb.Listeners[0].LBPort++ }, false},
		"instance port":          {func(lb *LoadBalancer) { lb.Listeners[0].InstancePort++ }, false},
		"listener gone":          {func(lb *LoadBalancer) { lb.Listeners = lb.Listeners[:1] }, false},
		"health check port":      {func(lb *LoadBalancer) { lb.HealthCheck.Port++ }, false},
		"no health check":        {func(lb *LoadBalancer) { lb.HealthCheck = nil }, false},
		"group":                  {func(lb *LoadBalancer) { lb.SecurityGroups[0] = app }, false},
		"instance group":         {func(lb *LoadBalancer) { lb.InstanceSecurityGroups[0] = web }, false},
		"client network":         {func(lb *LoadBalancer) { lb.Clients[0].CIDRBlocks[0] = Everyone() }, false},
		"client group":           {func(lb *LoadBalancer) { lb.Clients[0].SecurityGroups = nil }, false},
		"client list":            {func(lb *LoadBalancer) { lb.Clients[0].PrefixLists = nil }, false},
		"client's listeners":     {func(lb *LoadBalancer) { lb.Clients[0].LBPorts = []int{80} }, false},
		"no clients":             {func(lb *LoadBalancer) { lb.Clients = nil }, false},
		"further clients":        {func(lb *LoadBalancer) { lb.Clients = append(lb.Clients, Clients{CIDRBlocks: cidrs("203.0.113.0/24")}) }, false},
		"group on both sides":    {func(lb *LoadBalancer) { lb.InstanceSecurityGroups = append(lb.InstanceSecurityGroups, web) }, false},
		"listener of the health": {func(lb *LoadBalancer) { lb.Listeners = append(lb.Listeners, Listener{8081, 8081}) }, false},
	} {
		lb := base()
		test.change(&lb)
		if got := lb.Facts() == base().Facts(); got != test.same {
			t.Errorf("%s: same facts is %t, want %t:\n%s%s", name, got, test.same, base().Facts(), lb.Facts())
		}
	}
}
