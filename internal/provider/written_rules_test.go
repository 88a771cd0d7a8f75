// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/terraform-clb/terraform-provider-clb/internal/cloud"
	"github.com/terraform-clb/terraform-provider-clb/internal/fakeaws"
	"github.com/terraform-clb/terraform-provider-clb/internal/packet"
	"github.com/terraform-clb/terraform-provider-clb/internal/verify"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// httpFrom is a written rule for a listener on port 80, with changes.
func httpFrom(cidr any, changes blockValues) blockValues {
	return with(blockValues{"ip_protocol": "tcp", "from_port": 80, "to_port": 80, "cidr_ipv4": cidr}, changes)
}

// office is a configuration with one written inbound rule.
func office(rule any) blockValues { return blockValues{"ingress": blockValues{"office": rule}} }

// TestWrittenRuleMistakes: every mistake is found offline, in each place where a
// rule can be written, and told at the root attribute with the rule's key.
func TestWrittenRuleMistakes(t *testing.T) {
	t.Parallel()
	none := blockValues{"cidr_ipv4": nil}
	mistakes := map[string]struct {
		changes blockValues
		detail  []string
	}{
		"unknown protocol":    {blockValues{"ip_protocol": "tpc"}, []string{`.ip_protocol: "tpc" is not a protocol`, `did you mean "tcp"?`}},
		"no protocol":         {blockValues{"ip_protocol": nil}, []string{`.ip_protocol: the protocol is missing`, `ip_protocol = "tcp"`}},
		"ports upside down":   {blockValues{"from_port": 90}, []string{`: from_port 90 is above to_port 80`, "from_port = 80 and to_port = 90"}},
		"port 70000":          {blockValues{"to_port": 70000}, []string{".to_port: 70000 is not a port", "0 to 65535"}},
		"negative port":       {blockValues{"from_port": -2}, []string{".from_port: -2 is not a port"}},
		"no last port":        {blockValues{"to_port": nil}, []string{".to_port: a tcp rule needs from_port and to_port"}},
		"a port of all":       {blockValues{"ip_protocol": "-1", "to_port": nil}, []string{".from_port: 80 has no effect", "leave from_port and to_port out"}},
		"a port of ESP":       {blockValues{"ip_protocol": "50", "from_port": nil}, []string{".to_port: 80 has no effect", "protocol 50 has no ports"}},
		"ICMP type 300":       {blockValues{"ip_protocol": "icmp", "from_port": 300, "to_port": -1}, []string{".from_port: 300 is not an ICMP type"}},
		"ICMP as ports":       {blockValues{"ip_protocol": "icmp", "from_port": 0, "to_port": 255}, []string{".to_port: ICMP type 0 has the code 0 only, not 255", "no range of ports", "to_port = -1"}},
		"every type":          {blockValues{"ip_protocol": "icmp", "from_port": -1, "to_port": 3}, []string{".to_port: 3 is a code, and from_port = -1 is every ICMP type"}},
		"ICMP without type":   {blockValues{"ip_protocol": "icmp", "from_port": nil, "to_port": nil}, []string{".from_port: an icmp rule needs the ICMP type"}},
		"no source":           {none, []string{": the rule has no ", "set one of cidr_ipv4, cidr_ipv6, prefix_list_id and referenced_security_group_id"}},
		"two sources":         {blockValues{"prefix_list_id": "pl-12345678"}, []string{": the rule has 2 ", "cidr_ipv4 and prefix_list_id", "one rule for each"}},
		"host bits":           {blockValues{"cidr_ipv4": "10.0.1.5/16"}, []string{`.cidr_ipv4: "10.0.1.5/16" has host bits set`, `did you mean "10.0.0.0/16"?`}},
		"not a CIDR":          {blockValues{"cidr_ipv4": "not-a-cidr"}, []string{`.cidr_ipv4: "not-a-cidr" is not a CIDR block`}},
		"IPv6 for IPv4":       {blockValues{"cidr_ipv4": "2001:db8::/32"}, []string{`.cidr_ipv4: "2001:db8::/32" is an IPv6 network: write it as cidr_ipv6`}},
		"malformed group":     {with(none, blockValues{"referenced_security_group_id": "sg-xyz"}), []string{`.referenced_security_group_id: "sg-xyz" is not a security group id`}},
		"malformed list":      {with(none, blockValues{"prefix_list_id": "list"}), []string{`.prefix_list_id: "list" is not a prefix list id`}},
		"description":         {blockValues{"description": "a & b"}, []string{".description: the character '&'", "EC2 takes"}},
		"long description":    {blockValues{"description": strings.Repeat("a", 256)}, []string{".description: the description has 256 characters", "shorten it"}},
		"wrong, rest unknown": {blockValues{"ip_protocol": "tpc", "from_port": unknownValue{}, "cidr_ipv4": unknownValue{}}, []string{`.ip_protocol: "tpc"`}},
	}
	for _, place := range []struct{ resource, attribute string }{
		{lbRules, "ingress"}, {lbRules, "egress"}, {lbRules, "additional_ingress"}, {lbRules, "additional_egress"},
		{instanceRules, "ingress"}, {instanceRules, "additional_ingress"},
	} {
		for name, mistake := range mistakes {
			t.Run(place.resource+" "+place.attribute+" "+name, inputTest{
				resource: place.resource,
				config: soundConfig(place.resource, blockValues{place.attribute: blockValues{
					"office": httpFrom("203.0.113.0/24", mistake.changes), "sound": httpFrom("198.51.100.0/24", nil),
				}}),
				want: oneError(place.attribute, invalidRule, append([]string{place.attribute + `["office"]` + mistake.detail[0]}, mistake.detail[1:]...)...),
			}.run)
		}
	}
}

// TestWrittenRulesTogether: mistakes that rules make together.
func TestWrittenRulesTogether(t *testing.T) {
	t.Parallel()
	unknown := unknownValue{}
	two := func(a, b any) blockValues { return blockValues{"a": a, "b": b} }
	group := func(id any, changes blockValues) blockValues {
		return with(blockValues{"ip_protocol": "tcp", "from_port": 8080, "to_port": 8080, "referenced_security_group_id": id}, changes)
	}
	twice := func(attribute string, detail ...string) []said { return oneError(attribute, ruleTwice, detail...) }
	icmp := blockValues{"ip_protocol": "icmp", "from_port": 8, "to_port": -1}
	tests := []inputTest{
		{name: "sound", resource: lbRules, config: office(httpFrom("203.0.113.0/24", nil))},
		{name: "no rules", resource: lbRules, config: blockValues{"ingress": blockValues{}, "egress": blockValues{}}},
		{name: "no additional rules", resource: instanceRules, config: blockValues{"additional_ingress": blockValues{}}},
		{name: "twice", resource: lbRules, config: blockValues{"ingress": two(httpFrom("10.0.0.0/8", nil), httpFrom("10.0.0.0/8", blockValues{"description": "other"}))},
			want: twice("ingress", `ingress["a"] and ingress["b"] are the same rule twice`, `"tcp 80 from 10.0.0.0/8"`, "remove one of them")},
		{name: "twice by number", resource: lbRules, config: blockValues{"egress": two(httpFrom("10.0.0.0/8", nil), httpFrom("10.0.0.0/8", blockValues{"ip_protocol": "6"}))},
			want: twice("egress", `egress["a"] and egress["b"] are the same rule twice`)},
		{name: "twice by letter case", resource: instanceRules, config: blockValues{"additional_ingress": two(httpFrom("10.0.0.0/8", nil), httpFrom("10.0.0.0/8", blockValues{"ip_protocol": "TCP"}))},
			want: twice("additional_ingress", `additional_ingress["a"] and additional_ingress["b"]`)},
		{name: "ICMP twice", resource: lbRules, config: blockValues{"ingress": two(httpFrom("10.0.0.0/8", icmp), httpFrom("10.0.0.0/8", with(icmp, blockValues{"ip_protocol": "1"})))},
			want: twice("ingress", `"icmp 8/-1 from 10.0.0.0/8"`)},
		{name: "all twice", resource: lbRules, config: blockValues{"ingress": two(
			httpFrom("10.0.0.0/8", blockValues{"ip_protocol": "-1", "from_port": nil, "to_port": nil}),
			httpFrom("10.0.0.0/8", blockValues{"ip_protocol": "-1", "from_port": -1, "to_port": -1}))}, want: twice("ingress", `"all traffic from 10.0.0.0/8"`)},
		{name: "a group twice, once with an account", resource: lbRules, config: blockValues{"egress": two(group(instanceID, nil), group("123456789012/"+instanceID, nil))},
			want: twice("egress", `egress["a"] and egress["b"] are the same rule twice`)},
		{name: "overlapping", resource: lbRules, config: blockValues{"ingress": two(httpFrom("10.0.0.0/8", nil), httpFrom("10.0.0.0/8", blockValues{"to_port": 81}))}},
		{name: "one of the two unknown", resource: lbRules, config: blockValues{"ingress": two(httpFrom("10.0.0.0/8", nil), httpFrom(unknown, nil))}},
		{name: "a null rule", resource: lbRules, config: office(nil), want: oneError("ingress", invalidRule, `ingress["office"] is null: leave it out`)},
		{name: "an unknown rule", resource: lbRules, config: office(unknown)},
		{name: "unknown rules", resource: lbRules, config: blockValues{"ingress": unknown, "additional_egress": unknown}},

		{name: "written and additional", resource: lbRules, config: blockValues{"ingress": blockValues{}, "additional_ingress": blockValues{"a": httpFrom("10.0.0.0/8", nil)}},
			want: oneError("additional_ingress", "Conflicting arguments", "additional_ingress adds to the recommended rules, and ingress is written out", "Put the rules of additional_ingress into ingress")},
		{name: "written outbound and additional", resource: lbRules, config: blockValues{"egress": blockValues{}, "additional_egress": blockValues{}},
			want: oneError("additional_egress", "Conflicting arguments", "into egress, or remove egress")},
		{name: "written in one direction, additional in the other", resource: lbRules, config: blockValues{"egress": blockValues{}, "additional_ingress": blockValues{"a": httpFrom("10.0.0.0/8", nil)}}},
		{name: "written unknown and additional", resource: instanceRules, config: blockValues{"ingress": unknown, "additional_ingress": blockValues{}}},
		{name: "additional and recommended", resource: lbRules, config: blockValues{"additional_ingress": blockValues{"everyone": httpFrom("0.0.0.0/0", blockValues{"ip_protocol": "6"})}},
			want: twice("additional_ingress", `additional_ingress["everyone"] and the recommended rule "tcp 80 from 0.0.0.0/0" are the same rule twice`, `remove additional_ingress["everyone"]`)},
		{name: "additional and recommended outbound", resource: lbRules, config: blockValues{"additional_egress": blockValues{"app": group(instanceID, nil)}},
			want: twice("additional_egress", `additional_egress["app"] and the recommended rule "tcp 8080 to `+instanceID+`"`)},
		{name: "additional and recommended for instances", resource: instanceRules, config: blockValues{"additional_ingress": blockValues{"lb": group(lbGroupID, nil)}},
			want: twice("additional_ingress", `additional_ingress["lb"] and the recommended rule "tcp 8080 from `+lbGroupID+`"`)},
		{name: "additional, recommended unknown", resource: lbRules, config: blockValues{
			"load_balancers": []any{webValue(blockValues{"listener": unknown})}, "additional_ingress": blockValues{"everyone": httpFrom("0.0.0.0/0", nil)}}},
		{name: "the key of a recommended rule", resource: lbRules, config: blockValues{"additional_ingress": blockValues{"tcp 80 from 0.0.0.0/0": httpFrom("10.0.0.0/8", nil)}},
			want: twice("additional_ingress", `additional_ingress["tcp 80 from 0.0.0.0/0"] has the key of the recommended rule`, "choose another key")},
		{name: "all at once", resource: lbRules, config: blockValues{"ingress": two(httpFrom("x", blockValues{"ip_protocol": "tpc"}), httpFrom("10.0.0.0/8", blockValues{"from_port": 99}))}, want: []said{
			{at: "ingress", summary: invalidRule, detail: []string{`ingress["a"].cidr_ipv4`}},
			{at: "ingress", summary: invalidRule, detail: []string{`ingress["a"].ip_protocol`}},
			{at: "ingress", summary: invalidRule, detail: []string{`ingress["b"]: from_port 99`}},
		}},
	}
	for _, test := range tests {
		test.config = soundConfig(test.resource, test.config)
		t.Run(test.resource+" "+test.name, test.run)
	}
}

// advisory keeps the verdict on written rules out of what is tested here.
func advisory(changes blockValues) blockValues {
	return with(blockValues{"enforcement": "advisory"}, changes)
}

// planQuietly plans a change without any error, in a run of its own.
func (w *liveWorld) planQuietly(resource string, prior tftypes.Value, config blockValues) tftypes.Value {
	w.t.Helper()
	w.nextRun()
	planned := w.server.plan(resource, prior, w.server.value(resource, w.config(resource, advisory(config))))
	if bad := errorsIn(planned.diags); len(bad) > 0 {
		w.t.Fatal(saidBy(bad))
	}
	return planned.state
}

// made plans and applies, without any error, in a run of its own.
func (w *liveWorld) made(resource string, prior tftypes.Value, config blockValues) tftypes.Value {
	w.t.Helper()
	plan := w.planQuietly(resource, prior, config)
	value := w.server.value(resource, w.config(resource, advisory(config)))
	done := w.server.apply(resource, prior, value, plan)
	if bad := errorsIn(done.diags); len(bad) > 0 {
		w.t.Fatal(saidBy(bad))
	}
	return done.state
}

// writesOf are the calls of the current run that change something.
func (w *liveWorld) writesOf() (actions []string) {
	for _, call := range w.Calls() {
		if call.Write() {
			actions = append(actions, call.Action)
		}
	}
	return actions
}

func idOf(t *testing.T, state tftypes.Value, attribute, key string) tftypes.Value {
	t.Helper()
	return elementOf(t, state, attribute, key, "security_group_rule_id")
}

// TestWrittenRulesPlan: written rules are planned as they are written, ids are
// unknown until AWS gives them, and a rule that stays keeps its id under whatever
// key.
func TestWrittenRulesPlan(t *testing.T) {
	w := startLiveWorld(t, nil)
	one := blockValues{"ingress": blockValues{
		"office": httpFrom("203.0.113.0/24", blockValues{"ip_protocol": "6", "description": "office"}), "vpn": httpFrom("198.51.100.0/24", nil),
	}}
	planned := w.planQuietly(lbRules, tftypes.Value{}, one)
	if got := keysOf(t, planned, "ingress"); !slices.Equal(got, []string{"office", "vpn"}) {
		t.Fatalf("keys %q", got)
	}
	for name, want := range map[string]any{"ip_protocol": "6", "description": "office", "cidr_ipv4": "203.0.113.0/24", "from_port": 80, "cidr_ipv6": nil} {
		value := elementOf(t, planned, "ingress", "office", name)
		if !value.Equal(tftypes.NewValue(value.Type(), want)) {
			t.Errorf("%s is planned as %s", name, value)
		}
	}
	if idOf(t, planned, "ingress", "office").IsKnown() {
		t.Error("the id of a new rule is known")
	}
	if got := keysOf(t, planned, "egress"); len(got) != 3 || got[0] != "tcp 8080 to "+w.InstanceGroup {
		t.Errorf("egress is not the recommended one: %q", got)
	}

	state := w.made(lbRules, tftypes.Value{}, one)
	office, vpn := idOf(t, state, "ingress", "office"), idOf(t, state, "ingress", "vpn")
	if again := w.planQuietly(lbRules, state, one); !again.Equal(state) {
		t.Error("the plan is not empty")
	}
	renamed := blockValues{"ingress": blockValues{"head": httpFrom("203.0.113.0/24", nil), "vpn": httpFrom("198.51.100.0/24", blockValues{"to_port": 81})}}
	planned = w.planQuietly(lbRules, state, renamed)
	if id := idOf(t, planned, "ingress", "head"); !id.Equal(office) || !id.IsFullyKnown() {
		t.Error("a rule with another key does not keep its id")
	}
	if idOf(t, planned, "ingress", "vpn").IsKnown() {
		t.Error("the id of a rule that changes is known")
	}
	state = w.made(lbRules, state, renamed)
	if got := w.writesOf(); !slices.Equal(got, []string{"AuthorizeSecurityGroupIngress", "RevokeSecurityGroupIngress"}) {
		t.Errorf("written: %q", got)
	}
	if idOf(t, state, "ingress", "vpn").Equal(vpn) {
		t.Error("the id of a changed rule is that of the old one")
	}
	if none := w.planQuietly(lbRules, state, blockValues{"ingress": blockValues{}}); !attributesOf(t, none)["ingress"].IsKnown() || len(keysOf(t, none, "ingress")) > 0 {
		t.Error("rules are planned where none is written")
	}
	if back := w.planQuietly(lbRules, state, nil); !slices.Equal(keysOf(t, back, "ingress"), []string{"tcp 443 from 0.0.0.0/0", "tcp 80 from 0.0.0.0/0"}) {
		t.Errorf("without a written value the plan has %q", keysOf(t, back, "ingress"))
	}
}

// TestWrittenRulesPartlyKnown: what is known is planned and checked, and the rest
// is unknown; it never contradicts what is planned when all is known.
func TestWrittenRulesPartlyKnown(t *testing.T) {
	t.Parallel()
	unknown := unknownValue{}
	for _, test := range []struct {
		name, resource, attribute string
		config                    blockValues
		// keys are those that are planned; nil if the whole map is unknown.
		keys []string
		// open are the attributes of "office" that are unknown.
		open []string
	}{
		{"network", lbRules, "ingress", office(httpFrom(unknown, nil)), []string{"office"}, []string{"cidr_ipv4", "security_group_rule_id"}},
		{"port", lbRules, "ingress", office(httpFrom("10.0.0.0/8", blockValues{"from_port": unknown})), []string{"office"}, []string{"from_port", "security_group_rule_id"}},
		{"description", lbRules, "ingress", office(httpFrom("10.0.0.0/8", blockValues{"description": unknown})), []string{"office"}, []string{"description", "security_group_rule_id"}},
		{"a rule", lbRules, "ingress", office(unknown), []string{"office"}, []string{"cidr_ipv4", "cidr_ipv6", "description", "from_port", "ip_protocol", "prefix_list_id", "referenced_security_group_id", "security_group_rule_id", "to_port"}},
		{"all rules", lbRules, "ingress", blockValues{"ingress": unknown}, nil, nil},
		{"written out, load balancers unknown", lbRules, "ingress", with(office(httpFrom("10.0.0.0/8", nil)), blockValues{"load_balancers": unknown}), []string{"office"}, []string{"security_group_rule_id"}},
		{"additional group", instanceRules, "ingress", blockValues{"additional_ingress": blockValues{"office": with(httpFrom(nil, nil), blockValues{"referenced_security_group_id": unknown})}},
			[]string{"icmp 3/4 from " + lbGroupID, "office", "tcp 8080 from " + lbGroupID, "tcp 8081 from " + lbGroupID, "tcp 8443 from " + lbGroupID}, []string{"referenced_security_group_id", "security_group_rule_id"}},
		{"additional rules", instanceRules, "ingress", blockValues{"additional_ingress": unknown}, nil, nil},
		{"additional, recommended unknown", lbRules, "egress", blockValues{"instance_security_group_ids": unknown, "additional_egress": blockValues{"office": httpFrom("10.0.0.0/8", nil)}}, nil, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := startServer(t)
			config := s.value(test.resource, soundConfig(test.resource, test.config))
			wantNothingSaid(t, s.validate(test.resource, config))
			planned := s.plan(test.resource, tftypes.Value{}, config)
			wantNothingSaid(t, planned.diags)
			if got := keysOf(t, planned.state, test.attribute); !slices.Equal(got, test.keys) {
				t.Fatalf("keys %q", got)
			}
			if test.keys == nil {
				return
			}
			rules := attributesOf(t, attributesOf(t, planned.state)[test.attribute])
			open := []string{}
			if !rules["office"].IsKnown() {
				open = slices.Sorted(maps.Keys(ruleType().AttrTypes))
			} else {
				for name, value := range attributesOf(t, rules["office"]) {
					if !value.IsKnown() {
						open = append(open, name)
					}
				}
			}
			if slices.Sort(open); !slices.Equal(open, test.open) {
				t.Errorf("unknown are %q", open)
			}
		})
	}
}

// TestDescriptionsInPlace: a description is created with its rule, changed alone
// without another write, and no longer compared once it is removed.
func TestDescriptionsInPlace(t *testing.T) {
	w := startLiveWorld(t, nil)
	rule := func(description any) blockValues {
		return office(httpFrom("203.0.113.0/24", blockValues{"description": description}))
	}
	live := func() string {
		for _, r := range w.SecurityGroupRules("us-east-1", w.LoadBalancerGroup) {
			if r.CIDRIPv4 == "203.0.113.0/24" {
				return r.Description
			}
		}
		return "no rule"
	}
	state := tftypes.Value{}
	var id tftypes.Value
	for i, step := range []struct {
		description any
		writes      []string
		live        string
	}{
		{"one", []string{"AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress"}, "one"},
		{"two", []string{"ModifySecurityGroupRules"}, "two"},
		{"", []string{"ModifySecurityGroupRules"}, ""},
		{"three", []string{"ModifySecurityGroupRules"}, "three"},
		{nil, nil, "three"},
		{"three", []string{"ModifySecurityGroupRules"}, "three"},
	} {
		state = w.made(lbRules, state, rule(step.description))
		if got := w.writesOf(); !slices.Equal(got, step.writes) {
			t.Errorf("%v: written %q", step.description, got)
		}
		if got := live(); got != step.live {
			t.Errorf("%v: described as %q", step.description, got)
		}
		if i == 0 {
			id = idOf(t, state, "ingress", "office")
		}
		if got := idOf(t, state, "ingress", "office"); !got.Equal(id) {
			t.Errorf("%v: the rule is another one", step.description)
		}
	}
	plan := w.planQuietly(lbRules, state, rule("four"))
	w.Inject(fakeaws.Fault{Kind: fakeaws.Fail, Code: "UnauthorizedOperation", Message: "You are not authorized to perform this operation.", Match: writing("ModifySecurityGroupRules")})
	config := w.server.value(lbRules, w.config(lbRules, advisory(rule("four"))))
	done := w.server.apply(lbRules, state, config, plan)
	wantSaid(t, errorsIn(done.diags), said{summary: "Unable to update the security group rules", detail: []string{"ec2:ModifySecurityGroupRules", "was denied", "Allow the action ec2:ModifySecurityGroupRules"}})
	if got := elementOf(t, done.state, "ingress", "office", "description"); !got.Equal(tftypes.NewValue(tftypes.String, "three")) {
		t.Errorf("the state has the description %s", got)
	}
}

// TestOwnAccountInFront: a group of the own account is one group, with or
// without the account.
func TestOwnAccountInFront(t *testing.T) {
	w := startLiveWorld(t, nil)
	rule := func(group string) blockValues {
		return blockValues{"egress": blockValues{"app": httpFrom(nil, blockValues{"referenced_security_group_id": group})}}
	}
	const with = "123456789012/"
	state := w.made(lbRules, tftypes.Value{}, rule(with+w.InstanceGroup))
	if got := elementOf(t, state, "egress", "app", "referenced_security_group_id"); !got.Equal(tftypes.NewValue(tftypes.String, with+w.InstanceGroup)) {
		t.Errorf("the state has %s", got)
	}
	if again := w.planQuietly(lbRules, state, rule(with+w.InstanceGroup)); !again.Equal(state) {
		t.Error("the plan is not empty")
	}
	w.made(lbRules, state, rule(w.InstanceGroup))
	if got := w.writesOf(); len(got) > 0 {
		t.Errorf("written: %q", got)
	}
	// Without the state, the rule is found to be there already.
	w.nextRun()
	planned := w.planNew(t, lbRules, w.config(lbRules, advisory(rule(with+w.InstanceGroup))))
	wantAmong(t, planned.diags, said{warning: true, at: "security_group_id", summary: "Existing rules are adopted", detail: []string{`"tcp 80 to ` + w.InstanceGroup + `"`}})
}

// TestPlannedRules: what is handed to the verification tells written rules from
// recommended ones, by name, with what is not known yet of them.
func TestPlannedRules(t *testing.T) {
	t.Parallel()
	open := types.ObjectUnknown(writtenRuleType().AttrTypes)
	derived := derivedRules{
		ingressKnown: true, egressKnown: true,
		rules: []wiring.Rule{
			{Direction: wiring.Ingress, Protocol: wiring.TCP, From: 80, To: 80, Peer: wiring.CIDRPeer(wiring.Everyone())},
			{Direction: wiring.Egress, Protocol: wiring.TCP, From: 8080, To: 8080, Peer: wiring.GroupPeer(instanceID)},
		},
		written: map[wiring.Direction]writtenRules{
			wiring.Ingress: {attribute: "additional_ingress", rules: map[string]writtenRule{
				"vpn": {value: open, rule: wiring.Rule{Direction: wiring.Ingress, Protocol: wiring.TCP, From: 443, To: 443, Peer: wiring.GroupPeer(clientID)}},
			}},
			wiring.Egress: {attribute: "egress", instead: true, rules: map[string]writtenRule{
				"app": {value: open, unknown: packet.GroupField, rule: wiring.Rule{Direction: wiring.Egress, Protocol: wiring.TCP, From: 8080, To: 8080}},
			}},
		},
	}
	want, _, _, diags := derived.plan(cloud.RulesOf(nil))
	if diags.HasError() {
		t.Fatal(diags)
	}
	got := []string{}
	for _, rule := range derived.planned(want) {
		text := map[verify.Origin]string{verify.Derived: "derived", verify.Written: "written"}[rule.Origin] + " " + rule.Name
		if rule.Unknown != 0 {
			text += " with unknown " + rule.Unknown.String()
		} else {
			text += " " + rule.Key()
		}
		got = append(got, string(rule.Direction)+" "+text)
	}
	expected := []string{
		"ingress derived  tcp 80 from 0.0.0.0/0",
		`ingress written additional_ingress["vpn"] tcp 443 from ` + clientID,
		`egress written egress["app"] with unknown peer security group`,
	}
	if !slices.Equal(got, expected) {
		t.Errorf("got %q", got)
	}
}
