// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"regexp"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/terraform-clb/terraform-provider-clb/internal/acceptance/world"
	"github.com/terraform-clb/terraform-provider-clb/internal/fakeaws"
)

// standing are the rules and entries of the world but for those that AWS makes,
// with what takes each of them away.
func (w *liveWorld) standing(t *testing.T) (names []string, remove map[string]func()) {
	t.Helper()
	remove = map[string]func(){}
	for _, group := range []string{w.LoadBalancerGroup, w.InstanceGroup} {
		for _, rule := range w.SecurityGroupRules("us-east-1", group) {
			id := rule.ID
			egress := rule.Egress
			rule.ID = ""
			remove[fmt.Sprintf("%s %+v", group, rule)] = func() {
				if egress {
					made(w.EC2.RevokeSecurityGroupEgress(t.Context(), &ec2.RevokeSecurityGroupEgressInput{GroupId: &group, SecurityGroupRuleIds: []string{id}}))(t)
				} else {
					made(w.EC2.RevokeSecurityGroupIngress(t.Context(), &ec2.RevokeSecurityGroupIngressInput{GroupId: &group, SecurityGroupRuleIds: []string{id}}))(t)
				}
			}
		}
	}
	for _, entry := range w.NetworkACLEntries("us-east-1", w.LoadBalancerACL) {
		if entry.RuleNumber < 32767 {
			remove[fmt.Sprintf("%+v", entry)] = func() {
				made(w.EC2.DeleteNetworkAclEntry(t.Context(), &ec2.DeleteNetworkAclEntryInput{
					NetworkAclId: &w.LoadBalancerACL, RuleNumber: aws.Int32(int32(entry.RuleNumber)), Egress: aws.Bool(entry.Egress),
				}))(t)
			}
		}
	}
	for name := range remove {
		names = append(names, name)
	}
	slices.Sort(names)
	return names, remove
}

// TestTwoRunsAtOnce: two runs, each with a state of its own, create the same, and
// the second begins and ends before any write of the first. Each succeeds, and
// what stands is what one of them alone would have made.
func TestTwoRunsAtOnce(t *testing.T) {
	for _, resource := range []string{lbRules, instanceRules, aclEntries} {
		t.Run(resource, func(t *testing.T) {
			alone := startLiveWorld(t, nil)
			alone.made(resource, tftypes.Value{}, nil)
			want, _ := alone.standing(t)
			for k := range alone.writesOf() {
				w := startLiveWorld(t, nil)
				config := w.server.value(resource, w.config(resource, advisory(nil)))
				first := w.planQuietly(resource, tftypes.Value{}, nil)
				second := startServer(t).configure(w.block(w.provider))
				plan := second.plan(resource, tftypes.Value{}, config)
				wantNoError(t, plan.diags)
				var meanwhile applied
				writes := 0
				w.Inject(fakeaws.Fault{Kind: fakeaws.Delay, Times: 1, Hook: func(fakeaws.Call) { meanwhile = second.apply(resource, tftypes.Value{}, config, plan.state) }, Match: func(c fakeaws.Call) bool {
					if c.Write() {
						writes++
					}
					return c.Write() && writes == k+1
				}})
				done := w.server.apply(resource, tftypes.Value{}, config, first)
				wantNoError(t, meanwhile.diags)
				wantNoError(t, done.diags)
				if got, _ := w.standing(t); !slices.Equal(got, want) {
					t.Errorf("before write %d: there is\n%q\nwant\n%q", k, got, want)
				}
				// Both states are true, so that neither run has anything to do.
				for i, state := range []tftypes.Value{done.state, meanwhile.state} {
					w.nextRun()
					if seen := w.server.refreshed(resource, state); !seen.Equal(state) {
						t.Errorf("before write %d: the state of run %d is not true", k, i)
					}
					if next := w.server.plan(resource, state, config); !next.state.Equal(state) {
						t.Errorf("before write %d: the next plan of run %d is not empty: %s", k, i, saidBy(next.diags))
					}
				}
			}
		})
	}
}

// unnumbered are entries without their numbers: TestEntriesThatHaveGone is about
// those.
func unnumbered(names []string) []string {
	var texts []string
	for _, name := range names {
		texts = append(texts, regexp.MustCompile(`RuleNumber:\d+`).ReplaceAllString(name, ""))
	}
	slices.Sort(texts)
	return texts
}

// TestVanishesBeforeTheApply: somebody takes a rule or an entry away between the
// plan and the apply, be it one that stays, changes or goes. The apply succeeds,
// and the next one makes what is wanted.
func TestVanishesBeforeTheApply(t *testing.T) {
	for _, resource := range []string{lbRules, instanceRules, aclEntries} {
		t.Run(resource, func(t *testing.T) {
			change := func(w *liveWorld) blockValues {
				return blockValues{"load_balancers": []any{w.changed(blockValues{"listener": listeners([2]any{80, 8080}, [2]any{8443, 9443})})}}
			}
			// What the live load balancer still needs would stay.
			move := func(w *liveWorld) {
				name := "web"
				made(w.ELB.DeleteLoadBalancerListeners(t.Context(), &elb.DeleteLoadBalancerListenersInput{LoadBalancerName: &name, LoadBalancerPorts: []int32{443}}))(t)
				made(w.ELB.CreateLoadBalancerListeners(t.Context(), &elb.CreateLoadBalancerListenersInput{
					LoadBalancerName: &name, Listeners: []elbtypes.Listener{world.Listener([2]int32{8443, 9443})},
				}))(t)
			}
			undisturbed := startLiveWorld(t, nil)
			strange, _ := undisturbed.standing(t)
			state := undisturbed.made(resource, tftypes.Value{}, nil)
			before, _ := undisturbed.standing(t)
			move(undisturbed)
			undisturbed.made(resource, state, change(undisturbed))
			want, _ := undisturbed.standing(t)
			for _, gone := range before {
				if slices.Contains(strange, gone) {
					continue
				}
				w := startLiveWorld(t, nil)
				state := w.made(resource, tftypes.Value{}, nil)
				move(w)
				plan := w.planQuietly(resource, state, change(w))
				_, remove := w.standing(t)
				remove[gone]()
				done := w.server.apply(resource, state, w.server.value(resource, w.config(resource, advisory(change(w)))), plan)
				wantNoError(t, done.diags)
				w.nextRun()
				w.made(resource, w.server.refreshed(resource, done.state), change(w))
				if got, _ := w.standing(t); !slices.Equal(unnumbered(got), unnumbered(want)) {
					t.Errorf("without %s there is\n%q\nwant\n%q", gone, got, want)
				}
			}
		})
	}
}
