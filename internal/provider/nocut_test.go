// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"maps"
	"math/rand/v2"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/terraform-clb/terraform-provider-clb/internal/acceptance/world"
	"github.com/terraform-clb/terraform-provider-clb/internal/fakeaws"
)

// nocutChain is a world that is updated again and again.
type nocutChain struct {
	*liveWorld
	nocutPlaces
	random *rand.Rand
	group  string
	fleet  nocutFleet
	// configs and states are those of each resource.
	configs, states map[string]tftypes.Value
	// writes are all calls that changed the double, from the first on.
	writes []fakeaws.Call
	// between are the moments before each write since the update began.
	between []moment
	// batches are the writes of the update, a list for each resource and for the load balancer.
	batches [][]fakeaws.Call
}

func startNocutChain(t *testing.T, internal, written bool, seed uint64) *nocutChain {
	t.Helper()
	c := &nocutChain{random: rand.New(rand.NewPCG(seed, 1)), fleet: newNocutFleet(internal, written), configs: map[string]tftypes.Value{}, states: map[string]tftypes.Value{}}
	d := startDataSourceDouble(t, fakeaws.Config{})
	d.Inject(fakeaws.Fault{Kind: fakeaws.Delay, Match: fakeaws.Call.Write, Hook: func(call fakeaws.Call) {
		c.writes = append(c.writes, call)
		if c.balancerACL != "" {
			c.between = append(c.between, c.moment(d.Server, "before "+describeCall(call)))
		}
	}})
	w := made(world.Make(t.Context(), d.ec2, d.elb, world.Plan{Name: "web", CIDRBlocks: []string{"10.0.0.0/16", "10.7.0.0/16"}, HealthCheckTarget: c.fleet.target()}))(t)
	c.liveWorld = &liveWorld{dataSourceDouble: d, World: w}
	scheme := "internet-facing"
	if c.group = w.LoadBalancerGroup; internal {
		scheme, c.group = "internal", w.InternalGroup
	}
	if err := w.MakeLoadBalancer(t.Context(), "web", scheme, c.group, c.fleet.target(), portPairs(c.fleet.pairs())); err != nil {
		t.Fatal(err)
	}
	c.nocutPlaces = nocutPlaces{
		region: "us-east-1", loadBalancer: "web", balancerGroup: c.group, instanceGroup: w.InstanceGroup, balancerACL: w.LoadBalancerACL, instanceACL: w.InstanceACL,
		balancerNetworks: prefixes("10.0.1.0/24", "10.0.2.0/24"), instanceNetworks: prefixes("10.0.3.0/24", "10.0.4.0/24"), cidrs: prefixes("10.0.0.0/16", "10.7.0.0/16", "10.8.0.0/16"),
	}
	c.fleet.number(c.random)
	c.applyRules(c.fleet)
	return c
}

func prefixes(texts ...string) (all []netip.Prefix) {
	for _, text := range texts {
		all = append(all, netip.MustParsePrefix(text))
	}
	return all
}

func portPairs(pairs [][2]any) (ports [][2]int32) {
	for _, pair := range pairs {
		lbPort, _ := pair[0].(int)
		instancePort, _ := pair[1].(int)
		ports = append(ports, [2]int32{int32(lbPort), int32(instancePort)})
	}
	return ports
}

func describeCall(call fakeaws.Call) string {
	text := call.Action
	for _, name := range []string{"RuleNumber", "Egress", "GroupId"} {
		if value := call.Params.Get(name); value != "" {
			text += " " + name + "=" + value
		}
	}
	return text
}

// retiringOf are the attributes in which resources list what retires.
func retiringOf(resource string) string {
	if resource == aclEntries {
		return "retiring_entries"
	}
	return "retiring_rules"
}

// settle lets the provider plan and apply again what retires, after the load
// balancer has moved. It counts the rules and entries that go then.
func (c *nocutChain) settle() (gone int) {
	c.t.Helper()
	c.server = startServer(c.t).configure(c.block(nil))
	for _, each := range nocutResources() {
		resource, key := each[0], each[0]+each[1]
		attribute := retiringOf(resource)
		retiring := len(keysOf(c.t, c.states[key], attribute))
		if retiring == 0 {
			continue
		}
		gone += retiring
		prior := c.server.refreshed(resource, c.states[key])
		planned := c.server.plan(resource, prior, c.configs[key])
		if planned.state.Equal(prior) {
			c.t.Errorf("%s: %q can go, and nothing is planned: %s", key, keysOf(c.t, prior, attribute), saidBy(planned.diags))
			continue
		}
		c.batch(func() { c.apply(resource, key, prior, planned.state) })
		if left := keysOf(c.t, c.states[key], attribute); len(left) > 0 {
			c.t.Errorf("%s: %q retires still", key, left)
		}
	}
	return gone
}

func (c *nocutChain) apply(resource, key string, prior, plan tftypes.Value) {
	c.t.Helper()
	done := c.server.apply(resource, prior, c.configs[key], plan)
	if bad := errorsIn(done.diags); len(bad) > 0 {
		c.t.Fatalf("%s: %s", key, saidBy(bad))
	}
	c.states[key] = done.state
}

func nocutResources() [][2]string {
	return [][2]string{{lbRules, ""}, {instanceRules, ""}, {aclEntries, "lb"}, {aclEntries, "instances"}}
}

// batch notes the writes of a part of the update together.
func (c *nocutChain) batch(part func()) {
	from := len(c.writes)
	part()
	c.batches = append(c.batches, slices.Clone(c.writes[from:]))
}

// applyRules lets the provider plan and apply all four resources.
func (c *nocutChain) applyRules(to nocutFleet) {
	c.t.Helper()
	c.server = startServer(c.t).configure(c.block(nil))
	for _, each := range nocutResources() {
		resource, key := each[0], each[0]+each[1]
		config := c.server.value(resource, to.config(c.liveWorld, c.group, c.loadBalancer, resource, each[1]))
		prior := c.states[key]
		if prior.Type() != nil && config.Equal(c.configs[key]) {
			// Nothing has changed: the plan would be empty, and takes its time.
			continue
		}
		c.configs[key] = config
		planned := c.server.plan(resource, prior, config)
		if bad := errorsIn(planned.diags); len(bad) > 0 {
			c.t.Fatalf("%s: %s", key, saidBy(bad))
		}
		if said := saidBy(planned.diags); strings.Contains(said, entriesInterrupted) {
			c.t.Errorf("%s: there is room, and yet: %s", key, said)
		}
		if prior.Type() != nil && planned.state.Equal(prior) {
			continue
		}
		c.batch(func() { c.apply(resource, key, prior, planned.state) })
	}
}

// applyLoadBalancer makes the live load balancer what the configuration says, as
// hashicorp/aws does: listeners that differ go, and come anew.
func (c *nocutChain) applyLoadBalancer(from, to nocutFleet) {
	c.t.Helper()
	c.batch(func() {
		for _, port := range slices.Sorted(maps.Keys(from.listeners)) {
			if to.listeners[port] != from.listeners[port] {
				made(c.ELB.DeleteLoadBalancerListeners(c.t.Context(), &elb.DeleteLoadBalancerListenersInput{LoadBalancerName: &c.loadBalancer, LoadBalancerPorts: []int32{int32(port)}}))(c.t)
			}
		}
		for _, port := range slices.Sorted(maps.Keys(to.listeners)) {
			if to.listeners[port] != from.listeners[port] {
				made(c.ELB.CreateLoadBalancerListeners(c.t.Context(), &elb.CreateLoadBalancerListenersInput{LoadBalancerName: &c.loadBalancer, Listeners: []elbtypes.Listener{world.Listener([2]int32{int32(port), int32(to.listeners[port])})}}))(c.t)
			}
		}
		if to.health != from.health {
			made(c.ELB.ConfigureHealthCheck(c.t.Context(), &elb.ConfigureHealthCheckInput{LoadBalancerName: &c.loadBalancer, HealthCheck: &elbtypes.HealthCheck{
				Target: aws.String(to.target()), Interval: aws.Int32(30), Timeout: aws.Int32(5), HealthyThreshold: aws.Int32(10), UnhealthyThreshold: aws.Int32(2),
			}}))(c.t)
		}
	})
}

// update carries one update out and judges it, and then the same writes the
// other way round.
func (c *nocutChain) update() (kinds []string, forward, reversed verdict, steps, gone int) {
	c.t.Helper()
	c.vpc = prefixes(c.fleet.vpc...)
	switch {
	case c.fleet.clients != nil:
		c.clients = prefixes(c.fleet.clients...)
	case c.fleet.internal:
		c.clients = c.vpc
	default:
		c.clients = prefixes("0.0.0.0/0")
	}
	to, kinds := c.fleet.change(c.random)
	to.number(c.random)
	earlier, first, before := len(c.writes), c.moment(c.Server, "at first"), c.Snapshot()
	c.between, c.batches = nil, nil
	if !to.rulesFirst {
		c.applyLoadBalancer(c.fleet, to)
	}
	c.applyRules(to)
	if to.rulesFirst {
		c.applyLoadBalancer(c.fleet, to)
	}
	c.fleet = to
	gone = c.settle()
	last := c.moment(c.Server, "at last")
	forward = c.judge(first, last, append(c.between, last))
	return kinds, forward, c.reversed(c.writes[:earlier], before, first, last), len(c.between), gone
}

// reversed plays the update in a twin of the double, each batch from its last
// write to its first.
func (c *nocutChain) reversed(earlier []fakeaws.Call, before string, first, last moment) verdict {
	c.t.Helper()
	twin := fakeaws.New(fakeaws.Config{})
	for _, call := range earlier {
		replay(twin, call.Params)
	}
	if twin.Snapshot() != before {
		c.t.Fatal("the twin is another world")
	}
	var between []moment
	for _, batch := range c.batches {
		ofLoadBalancer := len(batch) > 0 && batch[0].Service == fakeaws.ServiceELB
		for i := range batch {
			call := batch[len(batch)-1-i]
			if ofLoadBalancer {
				call = batch[i]
			}
			replay(twin, call.Params)
			between = append(between, c.moment(twin, "after "+describeCall(call)))
		}
	}
	return c.judge(first, last, between)
}

func replay(server *fakeaws.Server, params url.Values) {
	request := httptest.NewRequest("POST", "/", strings.NewReader(params.Encode()))
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE/20260101/us-east-1/"+serviceOf(params)+"/aws4_request, SignedHeaders=host, Signature=0")
	server.ServeHTTP(httptest.NewRecorder(), request)
}

func serviceOf(params url.Values) string {
	if params.Get("Version") == "2012-06-01" {
		return fakeaws.ServiceELB
	}
	return fakeaws.ServiceEC2
}

// TestUpdatesCutNothing is the no-cut proof: whatever an update changes, and
// whether the rules or the load balancer change first, no packet that passed is
// refused after any single write while the live load balancer needs it. The same
// writes the other way round cut.
func TestUpdatesCutNothing(t *testing.T) {
	chains, updates := 2, 26
	if testing.Short() {
		chains, updates = 1, 6
	}
	scenarios, steps, judged, cuts, cutsReversed, retired, scenariosReversed, kept := 0, 0, 0, 0, 0, 0, 0, 0
	byKind := map[string]int{}
	for _, internal := range []bool{false, true} {
		for _, written := range []bool{false, true} {
			for chain := range chains {
				c := startNocutChain(t, internal, written, uint64(100+chain))
				for update := range updates {
					kinds, forward, reversed, writes, gone := c.update()
					for _, kind := range kinds {
						byKind[kind]++
					}
					scenarios, steps, judged = scenarios+1, steps+writes, judged+forward.judged
					cuts, cutsReversed, retired, kept = cuts+len(forward.cuts), cutsReversed+len(reversed.cuts), retired+forward.retired, kept+gone
					if len(reversed.cuts) > 0 {
						scenariosReversed++
					}
					if len(forward.cuts) > 0 {
						t.Errorf("internal %t, written %t, chain %d, update %d (%s): %d cuts, such as\n  %s", internal, written, chain, update, strings.Join(kinds, ", "), len(forward.cuts), forward.cuts[0])
					}
				}
				c.Close()
			}
		}
	}
	for _, kind := range slices.Sorted(maps.Keys(byKind)) {
		t.Logf("%4d updates: %s", byKind[kind], kind)
	}
	t.Logf("scenarios: %d, steps checked: %d, packets judged: %d, of which %d are closed at last, cuts: %d; rules that stayed until the load balancer had moved: %d", scenarios, steps, judged, retired, cuts, kept)
	t.Logf("the same writes reversed: %d cuts in %d scenarios", cutsReversed, scenariosReversed)
	if least := scenarios / 4; scenariosReversed < least {
		t.Errorf("only %d scenarios cut when they are reversed, want %d: the judge sees nothing", scenariosReversed, least)
	}
	if !testing.Short() && (scenarios < 200 || len(byKind) < 12) {
		t.Errorf("%d scenarios of %d kinds", scenarios, len(byKind))
	}
	if (retired == 0 || kept == 0) && !testing.Short() {
		t.Error("no listener has retired")
	}
}
