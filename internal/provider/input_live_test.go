// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/terraform-clb/terraform-provider-clb/internal/acceptance/world"
	"github.com/terraform-clb/terraform-provider-clb/internal/fakeaws"
	"github.com/terraform-clb/terraform-provider-clb/internal/verify"
)

// liveWorld is a world in the double and a provider that is configured for it.
type liveWorld struct {
	*dataSourceDouble
	*world.World
	provider blockValues
	server   *testServer
}

func startLiveWorld(t testing.TB, provider blockValues) *liveWorld {
	t.Helper()
	d := startDataSourceDouble(t, fakeaws.Config{})
	w := &liveWorld{dataSourceDouble: d, World: d.furnish(), provider: provider}
	w.nextRun()
	return w
}

// nextRun starts the provider anew, as each run of Terraform does, with an empty
// record of calls.
func (w *liveWorld) nextRun() {
	w.t.Helper()
	w.server = startServer(w.t).configure(w.block(w.provider))
	w.ResetCalls()
}

// config is a sound configuration for this world, with changes.
func (w *liveWorld) config(resource string, changes blockValues) blockValues {
	value := webValue(blockValues{"security_groups": []any{w.LoadBalancerGroup}})
	config := map[string]blockValues{
		lbRules:       {"security_group_id": w.LoadBalancerGroup, "instance_security_group_ids": []any{w.InstanceGroup}, "load_balancers": []any{value}},
		instanceRules: {"security_group_id": w.InstanceGroup, "load_balancers": []any{value}},
		aclEntries:    {"network_acl_id": w.LoadBalancerACL, "subnet_roles": []any{"load_balancer"}, "vpc_cidr_blocks": []any{"10.0.0.0/16", "10.7.0.0/16"}, "load_balancers": []any{value}},
		lbGroups:      {"load_balancer_name": "web", "security_groups": []any{w.LoadBalancerGroup}},
	}[resource]
	return with(config, changes)
}

// planNew plans a new resource.
func (w *liveWorld) planNew(t *testing.T, resource string, config blockValues) planned {
	t.Helper()
	p := w.server.plan(resource, tftypes.Value{}, w.server.value(resource, config))
	wantNoWrite(t, w.Calls())
	return p
}

func wantNoWrite(t testing.TB, calls []fakeaws.Call) {
	t.Helper()
	for _, call := range calls {
		if call.Write() {
			t.Errorf("written: %s %v", call.Action, call.Params)
		}
	}
}

// admit puts an inbound rule for a port and everyone into a group.
func (w *liveWorld) admit(t *testing.T, group string, ports ...int) {
	t.Helper()
	var permissions []ec2types.IpPermission
	for _, port := range ports {
		permissions = append(permissions, ec2types.IpPermission{
			IpProtocol: aws.String("tcp"), FromPort: aws.Int32(int32(port)), ToPort: aws.Int32(int32(port)), IpRanges: []ec2types.IpRange{{CidrIp: aws.String("0.0.0.0/0")}},
		})
	}
	made(w.EC2.AuthorizeSecurityGroupIngress(t.Context(), &ec2.AuthorizeSecurityGroupIngressInput{GroupId: &group, IpPermissions: permissions}))(t)
}

// enter puts an inbound TCP entry into a network ACL.
func (w *liveWorld) enter(t *testing.T, acl string, number, port int, cidr string, action ec2types.RuleAction) {
	t.Helper()
	made(w.EC2.CreateNetworkAclEntry(t.Context(), &ec2.CreateNetworkAclEntryInput{
		NetworkAclId: &acl, RuleNumber: aws.Int32(int32(number)), Protocol: aws.String("6"), RuleAction: action, Egress: aws.Bool(false), CidrBlock: &cidr,
		PortRange: &ec2types.PortRange{From: aws.Int32(int32(port)), To: aws.Int32(int32(port))},
	}))(t)
}

// upTo are so many ports from the first one on.
func upTo(first, count int) (ports []int) {
	for i := range count {
		ports = append(ports, first+i)
	}
	return ports
}

// manyListeners has so many listeners, all to one instance port.
func manyListeners(count int) []any {
	var pairs [][2]any
	for _, port := range upTo(1000, count) {
		pairs = append(pairs, [2]any{port, 8080})
	}
	return listeners(pairs...)
}

// TestLiveMistakes: what AWS would refuse is found at plan.
func TestLiveMistakes(t *testing.T) {
	const gone = "0123456789abcdef0"
	tests := []struct {
		name     string
		resource string
		provider blockValues
		setup    func(*testing.T, *liveWorld)
		changes  func(*liveWorld) blockValues
		want     func(*liveWorld) []said
	}{
		{
			name: "nothing", resource: lbRules,
		},
		{
			name: "nothing for instances", resource: instanceRules,
		},
		{
			name: "nothing for a network ACL", resource: aclEntries,
		},
		{
			name: "nothing for the groups of a load balancer", resource: lbGroups,
		},
		{
			name: "group does not exist", resource: lbRules,
			changes: func(*liveWorld) blockValues { return blockValues{"security_group_id": "sg-" + gone} },
			want: func(*liveWorld) []said {
				return oneError("security_group_id", "Security group not found", "Security group sg-"+gone+" does not exist in region us-east-1", "Check the id and the region", "account")
			},
		},
		{
			name: "group of instances does not exist", resource: instanceRules,
			changes: func(*liveWorld) blockValues { return blockValues{"security_group_id": "sg-" + gone} },
			want: func(*liveWorld) []said {
				return oneError("security_group_id", "Security group not found", "Security group sg-"+gone)
			},
		},
		{
			name: "network ACL does not exist", resource: aclEntries,
			changes: func(*liveWorld) blockValues { return blockValues{"network_acl_id": "acl-" + gone} },
			want: func(*liveWorld) []said {
				return oneError("network_acl_id", "Network ACL not found", "Network ACL acl-"+gone+" does not exist in region us-east-1", "Check the id and the region")
			},
		},
		{
			name: "load balancer does not exist", resource: lbGroups,
			changes: func(*liveWorld) blockValues { return blockValues{"load_balancer_name": "wbe"} },
			want: func(*liveWorld) []said {
				return oneError("load_balancer_name", "Load balancer not found", `Load balancer "wbe" does not exist in region us-east-1`, "Check the name and the region")
			},
		},
		{
			name: "load balancer is in another region", resource: lbGroups,
			changes: func(*liveWorld) blockValues { return blockValues{"region": "eu-west-1"} },
			want: func(*liveWorld) []said {
				return oneError("load_balancer_name", "Load balancer not found", `Load balancer "web" does not exist in region eu-west-1`)
			},
		},
		{
			name: "one group of a load balancer does not exist", resource: lbGroups,
			changes: func(w *liveWorld) blockValues {
				return blockValues{"security_groups": []any{w.LoadBalancerGroup, "sg-" + gone}}
			},
			want: func(*liveWorld) []said {
				return oneError("security_groups", "Security group not found", "Security group sg-"+gone+" does not exist in region us-east-1")
			},
		},
		{
			name: "group of another VPC", resource: lbGroups,
			changes: func(w *liveWorld) blockValues { return blockValues{"security_groups": []any{w.foreignGroup()}} },
			want: func(w *liveWorld) []said {
				return oneError("security_groups", "Security group of another VPC", "belongs to VPC vpc-", `load balancer "web" is in VPC `+w.VPC, "name a group of "+w.VPC)
			},
		},
		{
			name: "six groups", resource: lbGroups,
			changes: func(w *liveWorld) blockValues { return blockValues{"security_groups": w.groups(6)} },
			want: func(*liveWorld) []said {
				return oneError("security_groups", "Too many security groups", `Load balancer "web" would carry 6 security groups, and the quota is 5`, "limits.security_groups_per_interface")
			},
		},
		{
			name: "five groups", resource: lbGroups,
			changes: func(w *liveWorld) blockValues { return blockValues{"security_groups": w.groups(5)} },
		},
		{
			name: "six groups with a higher quota", resource: lbGroups, provider: blockValues{"limits": blockValues{"security_groups_per_interface": 6}},
			changes: func(w *liveWorld) blockValues { return blockValues{"security_groups": w.groups(6)} },
		},
		{
			name: "seven groups with a higher quota", resource: lbGroups, provider: blockValues{"limits": blockValues{"security_groups_per_interface": 6}},
			changes: func(w *liveWorld) blockValues { return blockValues{"security_groups": w.groups(7)} },
			want: func(*liveWorld) []said {
				return oneError("security_groups", "Too many security groups", "7 security groups, and the quota is 6")
			},
		},
		{
			name: "region that is none", resource: lbRules,
			changes: func(*liveWorld) blockValues { return blockValues{"region": "eu-west1"} },
			want: func(*liveWorld) []said {
				return oneError("region", "Invalid AWS region", `"eu-west1"`, "eu-west-1", "skip_region_validation")
			},
		},
		{
			name: "region that is none, network ACL", resource: aclEntries,
			changes: func(*liveWorld) blockValues { return blockValues{"region": ""} },
			want:    func(*liveWorld) []said { return oneError("region", "Invalid AWS region", `""`) },
		},
		{
			name: "region that is none, groups", resource: lbGroups,
			changes: func(*liveWorld) blockValues { return blockValues{"region": "mars"} },
			want:    func(*liveWorld) []said { return oneError("region", "Invalid AWS region", `"mars"`) },
		},
		{
			name: "a rule exists already", resource: lbRules,
			setup: func(t *testing.T, w *liveWorld) { w.admit(t, w.LoadBalancerGroup, 80) },
			want: func(w *liveWorld) []said {
				return []said{{warning: true, at: "security_group_id", summary: "Existing rules are adopted", detail: []string{
					"Security group " + w.LoadBalancerGroup, `inbound "tcp 80 from 0.0.0.0/0" (sgr-`, `adopt is "keep"`, "removed { from = ADDRESS, lifecycle { destroy = false } }",
				}}}
			},
		},
		{
			name: "an entry exists already", resource: aclEntries,
			setup: func(t *testing.T, w *liveWorld) { w.enter(t, w.LoadBalancerACL, 100, 80, "0.0.0.0/0", "allow") },
			want: func(w *liveWorld) []said {
				return []said{{warning: true, at: "network_acl_id", summary: "Existing entries are adopted", detail: []string{
					"Network ACL " + w.LoadBalancerACL, "inbound rule 100 (allow tcp 80 from 0.0.0.0/0)", `adopt is "keep"`, "aws_network_acl_rule",
				}}}
			},
		},
		{
			name: "an entry stands under another number", resource: aclEntries,
			setup: func(t *testing.T, w *liveWorld) { w.enter(t, w.LoadBalancerACL, 50, 80, "0.0.0.0/0", "allow") },
			want: func(w *liveWorld) []said {
				return []said{{warning: true, at: "network_acl_id", summary: "Entry stands under another number", detail: []string{
					"Network ACL " + w.LoadBalancerACL, "inbound rule 50 (allow tcp 80 from 0.0.0.0/0)", "as rule 100", "terraform import ADDRESS " + w.LoadBalancerACL + "/load_balancer/web",
				}}, {warning: true, at: "network_acl_id", summary: verify.ShadowedEntry.Summary(), detail: []string{"rule 100", "can never match", "rule 50"}}}
			},
		},
		{
			name: "a rule number is taken", resource: aclEntries,
			setup: func(t *testing.T, w *liveWorld) { w.enter(t, w.LoadBalancerACL, 110, 22, "10.0.0.0/8", "deny") },
			want: func(w *liveWorld) []said {
				return oneError("first_rule_number", verify.NumberTaken.Summary(), `The inbound entry "tcp 443 from 0.0.0.0/0" of network ACL `+w.LoadBalancerACL+" would get rule number 110",
					"deny tcp 22 from 10.0.0.0/8", "Set first_rule_number")
			},
		},
		{
			name: "a rule number is taken for other addresses alone", resource: aclEntries,
			setup: func(t *testing.T, w *liveWorld) { w.enter(t, w.LoadBalancerACL, 100, 80, "0.0.0.0/0", "deny") },
			want: func(*liveWorld) []said {
				return oneError("first_rule_number", verify.NumberTaken.Summary(), `"tcp 80 from 0.0.0.0/0"`, "rule number 100", "deny tcp 80 from 0.0.0.0/0")
			},
		},
		{
			name: "61 rules", resource: lbRules,
			changes: func(*liveWorld) blockValues {
				return blockValues{"load_balancers": []any{webValue(blockValues{"name": nil, "listener": manyListeners(61)})}}
			},
			want: func(w *liveWorld) []said {
				return []said{{warning: true, at: "security_group_id", summary: "Quota exceeded", detail: []string{
					"Security group " + w.LoadBalancerGroup + " would have 61 inbound rules (0 there now, 61 new), and the quota is 60 for each direction", "AWS's default", "limits.rules_per_security_group of the provider",
				}}}
			},
		},
		{
			name: "60 rules", resource: lbRules,
			changes: func(*liveWorld) blockValues {
				return blockValues{"load_balancers": []any{webValue(blockValues{"name": nil, "listener": manyListeners(60)})}}
			},
			want: func(w *liveWorld) []said {
				return []said{{warning: true, at: "security_group_id", summary: verify.QuotaNear.Summary(), detail: []string{
					w.LoadBalancerGroup + " has 60 inbound rules of the 60", "there is room for none more",
				}}}
			},
		},
		{
			name: "more than 60 rules with those of others", resource: lbRules,
			setup: func(t *testing.T, w *liveWorld) { w.admit(t, w.LoadBalancerGroup, upTo(2000, 59)...) },
			want: func(w *liveWorld) []said {
				return []said{
					{warning: true, at: "security_group_id", summary: "Quota exceeded", detail: []string{"61 inbound rules (59 there now, 2 new)"}},
					{warning: true, at: "security_group_id", summary: verify.BroadGroupIn.Summary(), detail: []string{
						w.LoadBalancerGroup, "admits tcp 2000 from 0.0.0.0/0", "58 more", "tcp 2000-2058 from 0.0.0.0/0",
					}},
				}
			},
		},
		{
			name: "61 rules with a stated quota", resource: lbRules, provider: blockValues{"limits": blockValues{"rules_per_security_group": 60}},
			changes: func(*liveWorld) blockValues {
				return blockValues{"load_balancers": []any{webValue(blockValues{"name": nil, "listener": manyListeners(61)})}}
			},
			want: func(*liveWorld) []said {
				return oneError("security_group_id", "Quota exceeded", "61 inbound rules", "the quota is 60", "limits.rules_per_security_group of the provider")
			},
		},
		{
			name: "61 rules with a stated quota, advisory", resource: lbRules,
			provider: blockValues{"limits": blockValues{"rules_per_security_group": 60}, "enforcement": "advisory"},
			changes: func(*liveWorld) blockValues {
				return blockValues{"load_balancers": []any{webValue(blockValues{"name": nil, "listener": manyListeners(61)})}}
			},
			want: func(*liveWorld) []said {
				return []said{{warning: true, at: "security_group_id", summary: "Quota exceeded", detail: []string{"61 inbound rules", "limits.rules_per_security_group of the provider"}}}
			},
		},
		{
			name: "61 rules, strict", resource: lbRules, provider: blockValues{"enforcement": "strict"},
			changes: func(*liveWorld) blockValues {
				return blockValues{"load_balancers": []any{webValue(blockValues{"name": nil, "listener": manyListeners(61)})}}
			},
			want: func(*liveWorld) []said {
				return oneError("security_group_id", "Quota exceeded", "61 inbound rules", "AWS's default")
			},
		},
		{
			name: "61 rules with a higher quota", resource: lbRules, provider: blockValues{"limits": blockValues{"rules_per_security_group": 100}},
			changes: func(*liveWorld) blockValues {
				return blockValues{"load_balancers": []any{webValue(blockValues{"name": nil, "listener": manyListeners(61)})}}
			},
		},
		{
			name: "more than 20 entries", resource: aclEntries,
			changes: func(*liveWorld) blockValues {
				return blockValues{"load_balancers": []any{webValue(blockValues{"name": nil, "listener": manyListeners(19)})}}
			},
			want: func(w *liveWorld) []said {
				return []said{{warning: true, at: "network_acl_id", summary: "Quota exceeded", detail: []string{
					"Network ACL " + w.LoadBalancerACL + " would have 21 inbound entries (0 that stay, 21 new)", "the quota is 20", "limits.entries_per_network_acl of the provider",
				}}}
			},
		},
		{
			name: "more than 20 entries with a stated quota", resource: aclEntries, provider: blockValues{"limits": blockValues{"entries_per_network_acl": 20}},
			changes: func(*liveWorld) blockValues {
				return blockValues{"load_balancers": []any{webValue(blockValues{"name": nil, "listener": manyListeners(19)})}}
			},
			want: func(*liveWorld) []said {
				return oneError("network_acl_id", "Quota exceeded", "21 inbound entries", "limits.entries_per_network_acl of the provider")
			},
		},
		{
			name: "more than 20 entries with a higher quota", resource: aclEntries, provider: blockValues{"limits": blockValues{"entries_per_network_acl": 40}},
			changes: func(*liveWorld) blockValues {
				return blockValues{"load_balancers": []any{webValue(blockValues{"name": nil, "listener": manyListeners(19)})}}
			},
		},
		{
			name: "clients that a network ACL cannot name", resource: aclEntries,
			changes: func(w *liveWorld) blockValues {
				return blockValues{"clients": []any{blockValues{"security_group_ids": []any{w.InternalGroup}}}}
			},
			want: func(w *liveWorld) []said {
				return []said{{warning: true, at: "clients", summary: "Clients that a network ACL cannot name", detail: []string{w.InternalGroup, `load balancer "web"`, "0.0.0.0/0", "security group"}}}
			},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := startLiveWorld(t, test.provider)
			if test.setup != nil {
				test.setup(t, w)
			}
			var changes blockValues
			if test.changes != nil {
				changes = test.changes(w)
			}
			config := w.config(test.resource, changes)
			w.ResetCalls()
			var want []said
			if test.want != nil {
				want = test.want(w)
			}
			wantNothingSaid(t, w.server.validate(test.resource, w.server.value(test.resource, config)))
			wantSaid(t, w.planNew(t, test.resource, config).diags, want...)
		})
	}
}

// foreignGroup is a group of another VPC.
func (w *liveWorld) foreignGroup() string {
	vpc := *made(w.EC2.CreateVpc(w.t.Context(), &ec2.CreateVpcInput{CidrBlock: aws.String("192.168.0.0/16")}))(w.t).Vpc.VpcId
	return *made(w.EC2.CreateSecurityGroup(w.t.Context(), &ec2.CreateSecurityGroupInput{VpcId: &vpc, GroupName: aws.String("foreign"), Description: aws.String("foreign")}))(w.t).GroupId
}

// groups are so many groups of the load balancer's VPC.
func (w *liveWorld) groups(count int) []any {
	all := []any{}
	for i := range count {
		all = append(all, made(w.MakeGroup(w.t.Context(), fmt.Sprintf("more-%d", i)))(w.t))
	}
	return all
}

// TestPlannedTwice: two resources of one run that plan one rule or one rule
// number are told before either writes it.
func TestPlannedTwice(t *testing.T) {
	w := startLiveWorld(t, nil)
	other := []any{webValue(blockValues{"name": "other", "listener": listeners([2]any{80, 9090}), "health_check": []any{blockValues{"target": "TCP:9090"}}})}
	for _, resource := range []string{lbRules, aclEntries} {
		wantNothingSaid(t, w.planNew(t, resource, w.config(resource, nil)).diags)
	}
	// A copy of a resource is a second owner like any other.
	for resource, summary := range map[string]string{lbRules: verify.SecondOwner.Summary(), aclEntries: verify.NumberTaken.Summary()} {
		if said := saidBy(w.planNew(t, resource, w.config(resource, nil)).diags); !strings.Contains(said, summary) {
			t.Errorf("nothing says %q: %s", summary, said)
		}
	}
	wantSaid(t, w.planNew(t, lbRules, w.config(lbRules, blockValues{"load_balancers": other})).diags, oneError(
		"security_group_id", verify.SecondOwner.Summary(), "Two resources plan the same rules of security group "+w.LoadBalancerGroup+`: inbound "tcp 80 from 0.0.0.0/0".`,
		"put the load balancers of both into the load_balancers of one resource")...)
	wantSaid(t, w.planNew(t, aclEntries, w.config(aclEntries, blockValues{"load_balancers": other})).diags, oneError(
		"first_rule_number", verify.NumberTaken.Summary(), "Two resources plan entries with the same rule numbers in network ACL "+w.LoadBalancerACL+
			": inbound 100, inbound 110, inbound 120, outbound 100, outbound 110, outbound 120.", "Set first_rule_number on one of them")...)
	wantNothingSaid(t, w.planNew(t, aclEntries, w.config(aclEntries, blockValues{"load_balancers": other, "first_rule_number": 500})).diags)
}

// TestDeniedRead: what may not be looked at does not fail the plan.
func TestDeniedRead(t *testing.T) {
	tests := map[string]struct{ at, action, words string }{
		lbRules:       {"security_group_id", "ec2:DescribeSecurityGroups", "was not checked against the live security group "},
		instanceRules: {"security_group_id", "ec2:DescribeSecurityGroups", "was not checked against the live security group "},
		aclEntries:    {"network_acl_id", "ec2:DescribeNetworkAcls", "was not checked against the live network ACL "},
		lbGroups:      {"load_balancer_name", "elasticloadbalancing:DescribeLoadBalancers", `was not checked against the live load balancer "web"`},
	}
	for resource, test := range tests {
		t.Run(resource, func(t *testing.T) {
			w := startLiveWorld(t, nil)
			w.Inject(fakeaws.Fault{Kind: fakeaws.Fail, Code: "UnauthorizedOperation", Message: "You are not authorized to perform this operation.",
				Match: func(c fakeaws.Call) bool { return strings.HasPrefix(c.Action, "Describe") }})
			planned := w.planNew(t, resource, w.config(resource, nil))
			wantSaid(t, planned.diags, said{warning: true, at: test.at, summary: "Unable to check against AWS", detail: []string{
				test.words, test.action, "was denied", "Allow the action " + test.action,
			}})
			if !planned.state.IsKnown() || planned.state.IsNull() {
				t.Error("there is no plan")
			}
		})
	}
	t.Run("groups of a load balancer", func(t *testing.T) {
		w := startLiveWorld(t, nil)
		w.Inject(fakeaws.Fault{Kind: fakeaws.Fail, Code: "UnauthorizedOperation", Match: func(c fakeaws.Call) bool { return c.Action == "DescribeSecurityGroups" }})
		wantSaid(t, w.planNew(t, lbGroups, w.config(lbGroups, nil)).diags, said{
			warning: true, at: "security_groups", summary: "Unable to check against AWS", detail: []string{"security groups " + w.LoadBalancerGroup, "ec2:DescribeSecurityGroups"},
		})
	})
	t.Run("a fault of AWS is an error", func(t *testing.T) {
		w := startLiveWorld(t, nil)
		w.Inject(fakeaws.Fault{Kind: fakeaws.Fail, Code: "RequestLimitExceeded", Message: "Request limit exceeded."})
		wantSaid(t, w.planNew(t, aclEntries, w.config(aclEntries, nil)).diags, oneError(
			"network_acl_id", "Unable to read from AWS", "network ACL "+w.LoadBalancerACL, "RequestLimitExceeded", "throttles")...)
	})
}

// TestChangesThatAreNone: a plan that changes nothing asks AWS nothing.
func TestChangesThatAreNone(t *testing.T) {
	w := startLiveWorld(t, nil)
	for _, resource := range []string{lbGroups, lbRules, instanceRules, aclEntries} {
		config := w.config(resource, nil)
		state := w.server.create(resource, config)
		w.ResetCalls()
		again := w.server.plan(resource, state, w.server.value(resource, config))
		wantNothingSaid(t, again.diags)
		if !again.state.Equal(state) {
			t.Errorf("%s: a second plan changes something", resource)
		}
		if calls := w.Calls(); len(calls) > 0 {
			t.Errorf("%s: a plan without changes calls %s", resource, calls[0].Action)
		}
		destroy := w.server.plan(resource, state, tftypes.NewValue(w.server.typeOf(resource), nil))
		closing := map[string][]said{
			lbRules: {{warning: true, at: "security_group_id", summary: flowsClosed}}, instanceRules: {{warning: true, at: "security_group_id", summary: flowsClosed}},
			aclEntries: {{warning: true, at: "network_acl_id", summary: flowsClosed}},
		}
		wantSaid(t, destroy.diags, closing[resource]...)
		// What goes is read, unless this run has read it already.
		if calls := w.Calls(); len(calls) > 1 || len(calls) == 1 && resource == lbGroups {
			t.Errorf("%s: a plan to destroy calls %s, and so on", resource, calls[0].Action)
		}
	}
}

// TestReplacement: the plan of a replacement holds the new group or network ACL
// against AWS as if the resource were new.
func TestReplacement(t *testing.T) {
	w := startLiveWorld(t, nil)
	for _, test := range []struct {
		resource, attribute, id string
		want                    []said
	}{
		{lbRules, "security_group_id", w.InternalGroup, []said{{
			warning: true, at: "security_group_id", summary: "Existing rules are adopted", detail: []string{w.InternalGroup, `"tcp 80 from 0.0.0.0/0"`},
		}}},
		{aclEntries, "network_acl_id", w.InstanceACL, []said{{
			warning: true, at: "network_acl_id", summary: "Existing entries are adopted", detail: []string{w.InstanceACL, "inbound rule 100"},
		}}},
	} {
		config := w.config(test.resource, nil)
		state := w.server.create(test.resource, config)
		w.nextRun()
		if test.resource == lbRules {
			w.admit(t, w.InternalGroup, 80)
		} else {
			w.enter(t, w.InstanceACL, 100, 80, "0.0.0.0/0", "allow")
		}
		moved := w.server.value(test.resource, with(config, blockValues{test.attribute: test.id}))
		first := w.server.plan(test.resource, state, moved)
		wantSaid(t, first.diags, said{warning: true, at: test.attribute, summary: flowsClosed, detail: []string{"client to listener on tcp 80"}})
		if !slices.Equal(first.replace, []string{`AttributeName("` + test.attribute + `")`}) {
			t.Errorf("%s: replaced because of %v", test.resource, first.replace)
		}
		wantSaid(t, w.server.plan(test.resource, tftypes.Value{}, moved).diags, test.want...)
	}
	// The same group and network ACL again, as for a tainted resource: what it
	// owns is its own.
	for _, resource := range []string{instanceRules} {
		config := w.config(resource, nil)
		state := w.server.create(resource, config)
		w.nextRun()
		w.server.refreshed(resource, state)
		wantNothingSaid(t, w.server.plan(resource, state, w.server.value(resource, config)).diags)
		wantNothingSaid(t, w.server.plan(resource, tftypes.Value{}, w.server.value(resource, config)).diags)
	}
}
