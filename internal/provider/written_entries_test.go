// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"maps"
	"math/big"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/terraform-clb/terraform-provider-clb/internal/verify"
)

// elementsOf are the elements of a map attribute; nil if it is not known.
func elementsOf(t *testing.T, state tftypes.Value, attribute string) map[string]tftypes.Value {
	t.Helper()
	value := attributesOf(t, state)[attribute]
	if !value.IsKnown() {
		return nil
	}
	var elements map[string]tftypes.Value
	made(0, value.As(&elements))(t)
	return elements
}

// entrySaid is an entry of a state in one word for each of its attributes: "90
// deny tcp 22-22 10.0.0.0/8", with "?" for what is unknown and nothing for null.
func entrySaid(t *testing.T, entry tftypes.Value) string {
	t.Helper()
	if !entry.IsKnown() {
		return "?"
	}
	attributes, text := attributesOf(t, entry), ""
	for _, name := range []string{"rule_number", "rule_action", "protocol", "cidr_block", "ipv6_cidr_block", "from_port", "to_port", "icmp_type", "icmp_code"} {
		switch value := attributes[name]; {
		case value.IsNull():
			text += " -"
		case !value.IsKnown():
			text += " ?"
		case value.Type().Is(tftypes.String):
			var word string
			made(0, value.As(&word))(t)
			text += " " + word
		default:
			text += " " + numberText(t, value)
		}
	}
	return text[1:]
}

// entriesSaid are the entries of an attribute as entrySaid has them.
func entriesSaid(t *testing.T, state tftypes.Value, attribute string) map[string]string {
	t.Helper()
	said := map[string]string{}
	for key, entry := range elementsOf(t, state, attribute) {
		said[key] = entrySaid(t, entry)
	}
	return said
}

// completes tells whether a later plan has everything that is known of an
// earlier one, as Terraform demands between plan and apply.
func completes(t *testing.T, earlier, later tftypes.Value) bool {
	t.Helper()
	switch {
	case !earlier.IsKnown():
		return true
	case earlier.IsFullyKnown() || earlier.IsNull() || later.IsNull() || !later.IsKnown():
		return earlier.Equal(later)
	}
	switch earlier.Type().(type) {
	case tftypes.Object, tftypes.Map:
		a, b := attributesOf(t, earlier), attributesOf(t, later)
		for name := range a {
			if other, there := b[name]; !there || !completes(t, a[name], other) {
				return false
			}
		}
		return len(a) == len(b)
	}
	return earlier.Equal(later)
}

// TestPlanOfWrittenEntries: what is written is planned under its keys as it is.
func TestPlanOfWrittenEntries(t *testing.T) {
	t.Parallel()
	const web, tls, replies = "100 allow tcp 0.0.0.0/0 - 80 80 - -", "110 allow tcp 0.0.0.0/0 - 443 443 - -", "120 allow tcp 10.0.0.0/16 - 1024 65535 - -"
	derived := map[string]string{"tcp 80 from 0.0.0.0/0": web, "tcp 443 from 0.0.0.0/0": tls, "tcp 1024-65535 from 10.0.0.0/16": replies}
	beside := func(more map[string]string) map[string]string {
		all := maps.Clone(derived)
		maps.Copy(all, more)
		return all
	}
	noPorts := blockValues{"from_port": nil, "to_port": nil}
	for _, test := range []struct {
		name    string
		changes blockValues
		want    map[string]string
	}{
		{"nothing", nil, derived},
		{"written", blockValues{"ingress": blockValues{"ssh": sshEntry(nil), "no": sshEntry(blockValues{"rule_number": 80, "rule_action": "deny", "protocol": "17"})}}, map[string]string{
			"ssh": "90 allow tcp 10.0.0.0/8 - 22 22 - -", "no": "80 deny 17 10.0.0.0/8 - 22 22 - -",
		}},
		{"every kind", blockValues{"ingress": blockValues{
			"all": sshEntry(with(noPorts, blockValues{"protocol": "all"})), "ping": sshEntry(with(noPorts, blockValues{"rule_number": 91, "protocol": "icmp", "icmp_type": 8, "icmp_code": -1})),
			"v6": sshEntry(with(noPorts, blockValues{"rule_number": 92, "protocol": "58", "icmp_type": 2, "icmp_code": 0, "cidr_block": nil, "ipv6_cidr_block": "::/0"})),
		}}, map[string]string{"all": "90 allow all 10.0.0.0/8 - - - - -", "ping": "91 allow icmp 10.0.0.0/8 - - - 8 -1", "v6": "92 allow 58 - ::/0 - - 2 0"}},
		{"none", blockValues{"ingress": blockValues{}}, map[string]string{}},
		{"additional", blockValues{"additional_ingress": blockValues{"ssh": sshEntry(nil)}}, beside(map[string]string{"ssh": "90 allow tcp 10.0.0.0/8 - 22 22 - -"})},
		{"additional without numbers", blockValues{"additional_ingress": blockValues{
			"b": sshEntry(blockValues{"rule_number": nil}), "a": sshEntry(blockValues{"rule_number": nil, "to_port": 23}), "c": sshEntry(blockValues{"rule_number": 130, "to_port": 24}),
		}}, beside(map[string]string{"a": "140 allow tcp 10.0.0.0/8 - 22 23 - -", "b": "150 allow tcp 10.0.0.0/8 - 22 22 - -", "c": "130 allow tcp 10.0.0.0/8 - 22 24 - -"})},
		{"no additional", blockValues{"additional_ingress": blockValues{}}, derived},
		{"unknown network", blockValues{"ingress": blockValues{"ssh": unknownAttributes("cidr_block")}}, map[string]string{"ssh": "90 allow tcp ? - 22 22 - -"}},
		{"unknown action", blockValues{"ingress": blockValues{"ssh": unknownAttributes("rule_action")}}, map[string]string{"ssh": "90 ? tcp 10.0.0.0/8 - 22 22 - -"}},
		{"unknown entry", blockValues{"ingress": blockValues{"ssh": unknownValue{}, "more": sshEntry(nil)}}, map[string]string{"ssh": "?", "more": "90 allow tcp 10.0.0.0/8 - 22 22 - -"}},
		{"unknown number beside an open one", blockValues{"additional_ingress": blockValues{"a": unknownAttributes("rule_number"), "b": sshEntry(blockValues{"rule_number": nil, "to_port": 23})}},
			beside(map[string]string{"a": "? allow tcp 10.0.0.0/8 - 22 22 - -", "b": "? allow tcp 10.0.0.0/8 - 22 23 - -"})},
		{"load balancer unknown, written", blockValues{"load_balancers": unknownValue{}, "ingress": blockValues{"ssh": sshEntry(nil)}}, map[string]string{"ssh": "90 allow tcp 10.0.0.0/8 - 22 22 - -"}},
		{"load balancer unknown, additional", blockValues{"load_balancers": unknownValue{}, "additional_ingress": blockValues{"ssh": sshEntry(nil)}}, nil},
		{"all unknown", blockValues{"ingress": unknownValue{}}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := startServer(t)
			planned := s.plan(aclEntries, tftypes.Value{}, s.value(aclEntries, soundConfig(aclEntries, test.changes)))
			wantNothingSaid(t, planned.diags)
			if known := elementsOf(t, planned.state, "ingress") != nil; known != (test.want != nil) {
				t.Fatalf("ingress is known: %t", known)
			}
			if got := entriesSaid(t, planned.state, "ingress"); test.want != nil && !maps.Equal(got, test.want) {
				t.Errorf("planned %v\nwant %v", got, test.want)
			}
		})
	}
}

// TestPlansThatComplete: what was planned while something was unknown is part of
// what is planned once it is known, whatever it turns out to be, for a new
// resource and for one that is there; and the apply finds nothing else.
func TestPlansThatComplete(t *testing.T) {
	open := func(changes blockValues) blockValues {
		return with(sshEntry(blockValues{"rule_number": nil}), changes)
	}
	for _, test := range []struct {
		name         string
		first, final blockValues
	}{
		{"network", blockValues{"ingress": keyed(unknownAttributes("cidr_block"))}, blockValues{"ingress": keyed(sshEntry(nil))}},
		{"action left out", blockValues{"ingress": keyed(sshEntry(blockValues{"rule_action": unknownValue{}}))}, blockValues{"ingress": keyed(sshEntry(nil))}},
		{"number", blockValues{"ingress": keyed(unknownAttributes("rule_number"))}, blockValues{"ingress": keyed(sshEntry(blockValues{"rule_number": 77}))}},
		{"entry", blockValues{"ingress": keyed(blockValues{"b": 1})}, nil},
		{"all entries are none", blockValues{"ingress": unknownValue{}}, blockValues{"ingress": nil}},
		{"all entries are empty", blockValues{"ingress": unknownValue{}}, blockValues{"ingress": blockValues{}}},
		{"additional are none", blockValues{"additional_ingress": unknownValue{}}, blockValues{"additional_ingress": nil}},
		{"additional network of the old entry", blockValues{"additional_ingress": blockValues{"new": open(blockValues{"cidr_block": unknownValue{}})}}, blockValues{"additional_ingress": blockValues{"new": open(nil)}}},
		{"additional network of a new entry", blockValues{"additional_ingress": blockValues{"new": open(blockValues{"cidr_block": unknownValue{}})}}, blockValues{"additional_ingress": blockValues{"new": open(blockValues{"cidr_block": "10.9.0.0/16"})}}},
		{"additional network of the same key", blockValues{"additional_ingress": blockValues{"old": open(blockValues{"cidr_block": unknownValue{}})}}, blockValues{"additional_ingress": blockValues{"old": open(blockValues{"cidr_block": "10.9.0.0/16"})}}},
		{
			"additional number that takes the next free one", blockValues{"additional_ingress": blockValues{"a": unknownAttributes("rule_number"), "b": open(blockValues{"to_port": 23})}},
			blockValues{"additional_ingress": blockValues{"a": sshEntry(blockValues{"rule_number": 140}), "b": open(blockValues{"to_port": 23})}},
		},
		{
			"additional entry among others", blockValues{"additional_ingress": blockValues{"a": unknownValue{}, "b": open(blockValues{"to_port": 23})}},
			blockValues{"additional_ingress": blockValues{"a": open(nil), "b": open(blockValues{"to_port": 23})}},
		},
		{"compact", blockValues{"compact": unknownValue{}}, blockValues{"compact": true}},
	} {
		if test.final == nil {
			test.first, test.final = blockValues{"ingress": blockValues{"a": unknownValue{}}}, blockValues{"ingress": keyed(sshEntry(nil))}
		}
		for _, there := range []bool{false, true} {
			name := test.name
			if there {
				name += ", there already"
			}
			t.Run(name, func(t *testing.T) {
				w := startLiveWorld(t, adviseOnly())
				state := tftypes.Value{}
				if there {
					state = w.createAdvised(t, w.config(aclEntries, blockValues{"additional_ingress": blockValues{"old": open(nil)}}))
					w.nextRun()
				}
				first := w.server.plan(aclEntries, state, w.server.value(aclEntries, w.config(aclEntries, test.first)))
				wantNoError(t, first.diags)
				w.nextRun()
				config := w.server.value(aclEntries, w.config(aclEntries, test.final))
				final := w.server.plan(aclEntries, state, config)
				wantNoError(t, final.diags)
				for name, value := range attributesOf(t, final.state) {
					// Whether something is adopted or has to stay is seen when it is written.
					if name != "adopted_entries" && name != "retiring_entries" && !value.IsFullyKnown() {
						t.Errorf("%s is not known: %v", name, entriesSaid(t, final.state, "ingress"))
					}
				}
				if !completes(t, first.state, final.state) {
					t.Errorf("planned %v, then %v", entriesSaid(t, first.state, "ingress"), entriesSaid(t, final.state, "ingress"))
				}
				done := w.server.apply(aclEntries, state, config, final.state)
				wantNoError(t, done.diags)
				if !completes(t, final.state, done.state) {
					t.Errorf("planned %v, done %v", entriesSaid(t, final.state, "ingress"), entriesSaid(t, done.state, "ingress"))
				}
				w.nextRun()
				again := w.server.plan(aclEntries, done.state, config)
				wantNoError(t, again.diags)
				if !again.state.Equal(done.state) {
					t.Errorf("the next plan is not empty: %v", entriesSaid(t, again.state, "ingress"))
				}
			})
		}
	}
}

// TestNumbersOfEntriesStay: an entry keeps its number under a new key and on the
// way between written, additional and derived.
func TestNumbersOfEntriesStay(t *testing.T) {
	w := startLiveWorld(t, adviseOnly())
	vpc := blockValues{"vpc_cidr_blocks": []any{"10.0.0.0/16"}}
	const web, tls, replies = "tcp 80 from 0.0.0.0/0", "tcp 443 from 0.0.0.0/0", "tcp 1024-65535 from 10.0.0.0/16"
	ssh, dns := sshEntry(blockValues{"rule_number": nil}), sshEntry(blockValues{"rule_number": nil, "protocol": "udp", "from_port": 53, "to_port": 53})
	state := w.createAdvised(t, w.config(aclEntries, with(vpc, blockValues{"additional_ingress": blockValues{"ssh": ssh, "dns": dns}})))
	if got := numbersOf(t, state); !maps.Equal(got, map[string]int64{web: 100, tls: 110, replies: 120, "dns": 130, "ssh": 140}) {
		t.Fatalf("created %v", got)
	}
	everyone := sshEntry(blockValues{"rule_number": 300, "cidr_block": "0.0.0.0/0", "from_port": 80, "to_port": 80})
	late := blockValues{"load_balancers": []any{w.changed(blockValues{"listener": listeners([2]any{80, 8080}, [2]any{443, 8443}, [2]any{8000, 8080})})}}
	for _, test := range []struct {
		name    string
		changes blockValues
		want    map[string]int64
	}{
		{"renamed", blockValues{"additional_ingress": blockValues{"my_ssh": ssh, "dns": dns}}, map[string]int64{web: 100, tls: 110, replies: 120, "dns": 130, "my_ssh": 140}},
		{"names exchanged", blockValues{"additional_ingress": blockValues{"ssh": dns, "dns": ssh}}, map[string]int64{web: 100, tls: 110, replies: 120, "dns": 130, "ssh": 140}},
		{"one goes, a listener comes", with(late, blockValues{"additional_ingress": blockValues{"ssh": ssh}}), map[string]int64{web: 100, tls: 110, replies: 120, "ssh": 140, "tcp 8000 from 0.0.0.0/0": 150}},
		{"one comes", blockValues{"additional_ingress": blockValues{"ssh": ssh, "dns": dns, "a": sshEntry(blockValues{"rule_number": nil, "to_port": 23})}},
			map[string]int64{web: 100, tls: 110, replies: 120, "dns": 130, "ssh": 140, "a": 150}},
		{"the block moves", blockValues{"first_rule_number": 200, "additional_ingress": blockValues{"ssh": ssh, "dns": sshEntry(blockValues{"to_port": 53, "protocol": "udp"})}},
			map[string]int64{web: 200, tls: 210, replies: 220, "dns": 90, "ssh": 230}},
		{"back to the recommended ones", nil, map[string]int64{web: 100, tls: 110, replies: 120}},
	} {
		w.nextRun()
		planned := w.server.plan(aclEntries, state, w.server.value(aclEntries, w.config(aclEntries, with(vpc, test.changes))))
		wantNoError(t, planned.diags)
		if got := numbersOf(t, planned.state); !maps.Equal(got, test.want) {
			t.Errorf("%s: planned %v, want %v", test.name, got, test.want)
		}
	}
	w.nextRun()
	written := w.server.value(aclEntries, w.config(aclEntries, with(vpc, blockValues{"ingress": blockValues{"everyone": everyone}})))
	plan := w.server.plan(aclEntries, state, written)
	wantNoError(t, plan.diags)
	done := w.server.apply(aclEntries, state, written, plan.state)
	wantNoError(t, done.diags)
	w.nextRun()
	planned := w.server.plan(aclEntries, done.state, w.server.value(aclEntries, w.config(aclEntries, vpc)))
	wantNoError(t, planned.diags)
	if got := numbersOf(t, planned.state); !maps.Equal(got, map[string]int64{web: 300, tls: 100, replies: 110}) {
		t.Errorf("derived again: planned %v", got)
	}
}

// TestWrittenNumbersThatAreTaken: a number that another entry of the live network
// ACL has is found at plan, under the name that the configuration has for it.
func TestWrittenNumbersThatAreTaken(t *testing.T) {
	w := startLiveWorld(t, adviseOnly())
	w.enter(t, w.LoadBalancerACL, 90, 3306, "10.0.0.0/8", "deny")
	w.nextRun()
	config := w.config(aclEntries, blockValues{"ingress": blockValues{"ssh": sshEntry(nil)}})
	wantSaid(t, errorsIn(w.planNew(t, aclEntries, config).diags), oneError("ingress", verify.NumberTaken.Summary(),
		`ingress["ssh"] has rule number 90`, w.LoadBalancerACL, "inbound number is taken by another entry: deny tcp 3306 from 10.0.0.0/8. Choose another rule_number")...)
	w.nextRun()
	same := sshEntry(blockValues{"rule_action": "deny", "from_port": 3306, "to_port": 3306})
	config = w.config(aclEntries, blockValues{"additional_ingress": blockValues{"db": same}})
	wantAmong(t, w.planNew(t, aclEntries, config).diags, said{warning: true, at: "network_acl_id", summary: "Existing entries are adopted", detail: []string{"inbound rule 90 (deny tcp 3306 from 10.0.0.0/8)"}})
}

// TestChangesOutsideOfWrittenEntries: an entry that somebody changed is shown as
// it stands and is mended; the spelling of the others stays.
func TestChangesOutsideOfWrittenEntries(t *testing.T) {
	w := startLiveWorld(t, adviseOnly())
	config := w.config(aclEntries, blockValues{"ingress": blockValues{"ssh": sshEntry(blockValues{"protocol": "6"}), "web": sshEntry(blockValues{"rule_number": 95, "protocol": "6", "from_port": 80, "to_port": 80})}})
	state := w.createAdvised(t, config)
	w.replaceEntry(t, w.LoadBalancerACL, 95, 81, "10.0.0.0/8", "deny")
	w.nextRun()
	now := w.server.refreshed(aclEntries, state)
	want := map[string]string{"ssh": "90 allow 6 10.0.0.0/8 - 22 22 - -", "web": "95 deny tcp 10.0.0.0/8 - 81 81 - -"}
	if got := entriesSaid(t, now, "ingress"); !maps.Equal(got, want) {
		t.Fatalf("read %v, want %v", got, want)
	}
	value := w.server.value(aclEntries, config)
	plan := w.server.plan(aclEntries, now, value)
	wantNoError(t, plan.diags)
	done := w.server.apply(aclEntries, now, value, plan.state)
	wantNoError(t, done.diags)
	if !done.state.Equal(state) || !w.server.refreshed(aclEntries, state).Equal(state) {
		t.Errorf("mended %v", entriesSaid(t, done.state, "ingress"))
	}
}

// TestCompactNumbers: turning compact on and off renumbers nothing that stays,
// and a compact entry takes the place of one that it contains.
func TestCompactNumbers(t *testing.T) {
	w := startLiveWorld(t, adviseOnly())
	changes := blockValues{"vpc_cidr_blocks": []any{"10.0.0.0/17", "10.0.128.0/17"}, "load_balancers": []any{w.changed(blockValues{"listener": listeners([2]any{80, 8080}, [2]any{81, 8081})})}}
	state := w.createAdvised(t, w.config(aclEntries, changes))
	ingress, egress := entriesSaid(t, state, "ingress"), entriesSaid(t, state, "egress")
	config := w.server.value(aclEntries, w.config(aclEntries, with(changes, blockValues{"compact": true})))
	w.nextRun()
	plan := w.server.plan(aclEntries, state, config)
	wantNoError(t, plan.diags)
	if got, want := numbersOf(t, plan.state), (map[string]int64{"tcp 80-81 from 0.0.0.0/0": 100, "tcp 1024-65535 from 10.0.0.0/16": 120}); !maps.Equal(got, want) {
		t.Errorf("planned %v, want %v, from %v", got, want, ingress)
	}
	done := w.server.apply(aclEntries, state, config, plan.state)
	wantNoError(t, done.diags)
	for _, call := range w.Calls() {
		if call.Action == "CreateNetworkAclEntry" {
			t.Errorf("created %s: a compact entry has room in the place of another", call.Params.Get("RuleNumber"))
		}
	}
	if got := slices.Sorted(maps.Values(entriesSaid(t, done.state, "egress"))); len(got) >= len(egress) {
		t.Errorf("%d entries became %d: %q", len(egress), len(got), got)
	}
}

// numberText is a whole number as text.
func numberText(t *testing.T, value tftypes.Value) string {
	t.Helper()
	var number big.Float
	made(0, value.As(&number))(t)
	return number.Text('f', 0)
}

// refreshed is a state as Read returns it.
func (s *testServer) refreshed(resource string, state tftypes.Value) tftypes.Value {
	s.t.Helper()
	resp := made(s.ReadResource(s.t.Context(), &tfprotov6.ReadResourceRequest{TypeName: resource, CurrentState: s.dynamic(state)}))(s.t)
	wantNothingSaid(s.t, resp.Diagnostics)
	return made(resp.NewState.Unmarshal(s.typeOf(resource)))(s.t)
}

// makeEntry makes an inbound TCP entry that allows a port.
func (w *liveWorld) makeEntry(t *testing.T, acl string, number, port int, cidr string) {
	t.Helper()
	made(w.EC2.CreateNetworkAclEntry(t.Context(), &ec2.CreateNetworkAclEntryInput{
		NetworkAclId: &acl, RuleNumber: aws.Int32(int32(number)), Protocol: aws.String("6"), RuleAction: ec2types.RuleActionAllow, Egress: aws.Bool(false), CidrBlock: &cidr,
		PortRange: &ec2types.PortRange{From: aws.Int32(int32(port)), To: aws.Int32(int32(port))},
	}))(t)
}

// replaceEntry puts an inbound TCP entry in the place of another.
func (w *liveWorld) replaceEntry(t *testing.T, acl string, number, port int, cidr string, action ec2types.RuleAction) {
	t.Helper()
	made(w.EC2.ReplaceNetworkAclEntry(t.Context(), &ec2.ReplaceNetworkAclEntryInput{
		NetworkAclId: &acl, RuleNumber: aws.Int32(int32(number)), Protocol: aws.String("6"), RuleAction: action, Egress: aws.Bool(false), CidrBlock: &cidr,
		PortRange: &ec2types.PortRange{From: aws.Int32(int32(port)), To: aws.Int32(int32(port))},
	}))(t)
}

// adviseOnly makes warnings of what is found in the entries themselves: the tests
// of plans are about entries that need not be the recommended ones.
func adviseOnly() blockValues { return blockValues{"enforcement": "advisory"} }

func wantNoError(t testing.TB, diags []*tfprotov6.Diagnostic) {
	t.Helper()
	wantNothingSaid(t, errorsIn(diags))
}

// createAdvised creates entries whatever is found in them.
func (w *liveWorld) createAdvised(t *testing.T, config blockValues) (state tftypes.Value) {
	t.Helper()
	value := w.server.value(aclEntries, config)
	plan := w.server.plan(aclEntries, tftypes.Value{}, value)
	wantNoError(t, plan.diags)
	done := w.server.apply(aclEntries, tftypes.Value{}, value, plan.state)
	wantNoError(t, done.diags)
	return done.state
}
