// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package cloud_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/terraform-clb/terraform-provider-clb/internal/cloud"
	"github.com/terraform-clb/terraform-provider-clb/internal/fakeaws"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

func TestCreateRules(t *testing.T) {
	t.Parallel()
	d := startGroup(t, 1, fakeaws.Config{})
	want := cloud.RulesOf([]wiring.Rule{in(80, "0.0.0.0/0"), in(443, "0.0.0.0/0"), d.out(8080), d.out(8081)})
	created := must(d.CreateRules(t.Context(), d.group, want, nil, map[string]string{"Team": "edge"}))(t)
	compare(t, d.calls(), []string{"AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress"})
	d.wantOwned(created)
	d.wantLive("ingress tcp 80 from 0.0.0.0/0", "ingress tcp 443 from 0.0.0.0/0", "egress tcp 8080 to "+d.app, "egress tcp 8081 to "+d.app)
	for _, rule := range must(d.SecurityGroupRules(t.Context(), d.group))(t) {
		if ours := rule.Ports() != "22"; ours != (rule.Tags["Team"] == "edge") || ours != (rule.Comment == "in" || rule.Comment == "out") {
			t.Errorf("%s has the tags %v and the comment %q", rule.Key(), rule.Tags, rule.Comment)
		}
	}
}

// TestCreateRulesNothing: without rules there is no call.
func TestCreateRulesNothing(t *testing.T) {
	t.Parallel()
	d := startGroup(t, 1, fakeaws.Config{})
	created := must(d.CreateRules(t.Context(), d.group, cloud.RulesOf(nil), nil, nil))(t)
	if !created.Empty() || len(d.calls()) > 0 {
		t.Errorf("created %v", created)
	}
}

// TestCreateRulesRollsBack: when one direction fails, nothing stays.
func TestCreateRulesRollsBack(t *testing.T) {
	t.Parallel()
	for k := range 2 {
		d := startGroup(t, 1, fakeaws.Config{})
		want := cloud.RulesOf([]wiring.Rule{in(80, "0.0.0.0/0"), d.out(8080)})
		d.failWrite(k, fakeaws.Fault{Kind: fakeaws.Fail, Code: "RulesPerSecurityGroupLimitExceeded", Message: "The maximum number of rules per security group has been reached."})
		remain, err := d.CreateRules(t.Context(), d.group, want, nil, nil)
		if err == nil || !strings.Contains(err.Error(), "RulesPerSecurityGroupLimitExceeded") || strings.Contains(err.Error(), "could not be taken back") || !remain.Empty() {
			t.Errorf("%d: %v remain after %v", k, remain, err)
		}
		d.wantLive()
		d.calls()
		d.wantOwned(must(d.CreateRules(t.Context(), d.group, want, nil, nil))(t))
	}
}

// TestCreateRulesAdopts: a rule that is there already is adopted, whether it was
// seen before or appears at the last moment. It is neither authorized again nor
// removed by a roll-back, and it is left when it is no longer wanted, if it is to be.
func TestCreateRulesAdopts(t *testing.T) {
	t.Parallel()
	for _, seen := range []bool{true, false} {
		d := startGroup(t, 1, fakeaws.Config{})
		taken := d.out(8080)
		standing := must(d.Authorize(t.Context(), d.group, wiring.Egress, []wiring.Rule{taken}, nil))(t)
		want := cloud.RulesOf([]wiring.Rule{in(80, "0.0.0.0/0"), taken, d.out(8081)})
		hint := []cloud.SecurityGroupRule{{Rule: taken}}
		if !seen {
			hint = nil
		}
		d.calls()
		owned := must(d.CreateRules(t.Context(), d.group, want, hint, map[string]string{"Team": "edge"}))(t)
		d.wantOwned(owned)
		if got := owned.AdoptedIDs(); len(got) != 1 || got[0] != standing[0].ID {
			t.Errorf("adopted %v, it was there: %s", got, standing[0].ID)
		}
		authorized := 0
		for _, call := range d.calls() {
			if strings.HasPrefix(call, "Authorize") {
				authorized++
			}
		}
		if want := map[bool]int{true: 2, false: 3}[seen]; authorized != want {
			t.Errorf("%d calls to authorize, want %d", authorized, want)
		}
		left := owned.WithAdopted(owned.AdoptedIDs(), true)
		must(d.UpdateRules(t.Context(), d.group, left, cloud.RulesOf([]wiring.Rule{in(80, "0.0.0.0/0")}), nil, nil))(t)
		d.wantLive("egress tcp 8080 to "+d.app, "ingress tcp 80 from 0.0.0.0/0")
		must(d.DeleteRules(t.Context(), d.group, left))(t)
		d.wantLive("egress tcp 8080 to " + d.app)
		must(d.DeleteRules(t.Context(), d.group, owned.WithAdopted(owned.AdoptedIDs(), false)))(t)
		d.wantLive()
	}
}

// TestCreateRulesThatFailLeaveWhatWasAdopted: the roll-back takes back what was
// written and no more.
func TestCreateRulesThatFailLeaveWhatWasAdopted(t *testing.T) {
	t.Parallel()
	d := startGroup(t, 1, fakeaws.Config{})
	taken := in(443, "0.0.0.0/0")
	must(d.Authorize(t.Context(), d.group, wiring.Ingress, []wiring.Rule{taken}, nil))(t)
	d.server.Inject(fakeaws.Fault{Kind: fakeaws.Fail, Code: "UnauthorizedOperation", Match: func(c fakeaws.Call) bool { return c.Action == "AuthorizeSecurityGroupEgress" }})
	remain, err := d.CreateRules(t.Context(), d.group, cloud.RulesOf([]wiring.Rule{in(80, "0.0.0.0/0"), taken, d.out(8081)}), []cloud.SecurityGroupRule{{Rule: taken}}, nil)
	if err == nil || !remain.Empty() {
		t.Errorf("%v remain after %v", remain, err)
	}
	d.wantLive("ingress tcp 443 from 0.0.0.0/0")
}

// TestCreateRulesThatCannotRollBack: what remains is told and can be finished.
func TestCreateRulesThatCannotRollBack(t *testing.T) {
	t.Parallel()
	d := startGroup(t, 1, fakeaws.Config{})
	want := cloud.RulesOf([]wiring.Rule{in(80, "0.0.0.0/0"), d.out(8080)})
	d.fault("AuthorizeSecurityGroupEgress", 1, fakeaws.Fault{Kind: fakeaws.Fail, Code: "InvalidParameterValue", Message: "No."})
	d.fault("RevokeSecurityGroupIngress", 1, fakeaws.Fault{Kind: fakeaws.Fail, Code: "UnauthorizedOperation", Message: "You are not authorized."})
	remain, err := d.CreateRules(t.Context(), d.group, want, nil, nil)
	d.wantOwned(remain)
	id := remain.Ingress["tcp 80 from 0.0.0.0/0"].ID
	t.Log(err)
	for _, words := range []string{"InvalidParameterValue", "could not be taken back", "ec2:RevokeSecurityGroupIngress", d.group, `ingress "tcp 80 from 0.0.0.0/0" (` + id + ")", "stay in the state"} {
		if err == nil || id == "" || !strings.Contains(err.Error(), words) {
			t.Errorf("no word of %q: %v", words, err)
		}
	}
	d.wantOwned(must(d.UpdateRules(t.Context(), d.group, remain, want, nil, nil))(t))
	d.wantLive("ingress tcp 80 from 0.0.0.0/0", "egress tcp 8080 to "+d.app)
}

// changeOfRules is a change of the rules of both directions.
type changeOfRules struct {
	name          string
	before, after func(*groupDouble) []wiring.Rule
	wantWrites    []string
}

func changesOfRules() []changeOfRules {
	const authorizeIn, authorizeOut = "AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress"
	const revokeIn, revokeOut = "RevokeSecurityGroupIngress", "RevokeSecurityGroupEgress"
	two := func(d *groupDouble) []wiring.Rule {
		return []wiring.Rule{in(80, "0.0.0.0/0"), in(443, "0.0.0.0/0"), d.out(8080), d.out(8443)}
	}
	none := func(*groupDouble) []wiring.Rule { return nil }
	return []changeOfRules{
		{"nothing", two, two, nil},
		{"one more", two, func(d *groupDouble) []wiring.Rule { return append(two(d), in(8000, "0.0.0.0/0")) }, []string{authorizeIn}},
		{"one less", two, func(d *groupDouble) []wiring.Rule { return two(d)[1:] }, []string{revokeIn}},
		{"other ports", two, func(d *groupDouble) []wiring.Rule {
			return []wiring.Rule{in(80, "0.0.0.0/0"), in(8443, "0.0.0.0/0"), d.out(8080), d.out(9443)}
		}, []string{authorizeIn, authorizeOut, revokeIn, revokeOut}},
		{"narrower clients", two, func(d *groupDouble) []wiring.Rule {
			return []wiring.Rule{in(80, "10.0.0.0/8"), in(443, "192.168.0.0/16"), d.out(8080), d.out(8443)}
		}, []string{authorizeIn, revokeIn}},
		{"all away", two, none, []string{revokeIn, revokeOut}},
		{"all new", none, two, []string{authorizeIn, authorizeOut}},
	}
}

// TestUpdateRules: only the difference is written, all that is new before all
// that goes away, and nothing that was wanted before and after is ever closed.
func TestUpdateRules(t *testing.T) {
	t.Parallel()
	for _, change := range changesOfRules() {
		t.Run(change.name, func(t *testing.T) {
			t.Parallel()
			d := startGroup(t, 1, fakeaws.Config{})
			owned := must(d.CreateRules(t.Context(), d.group, cloud.RulesOf(change.before(d)), nil, nil))(t)
			before := d.live()
			var between []map[string]string
			d.beforeEachWrite(func(fakeaws.Call) { between = append(between, d.live()) })
			d.calls()
			now := must(d.UpdateRules(t.Context(), d.group, owned, cloud.RulesOf(change.after(d)), nil, nil))(t)
			compare(t, d.writes(), change.wantWrites)
			d.wantOwned(now)
			for key := range cloud.RulesOf(change.after(d)).Ingress {
				if now.Ingress[key].ID == "" {
					t.Errorf("%q is not owned under its key", key)
				}
			}
			wantAlwaysOpen(t, before, between, d.live())
		})
	}
}

// wantAlwaysOpen checks that what a group admits before and after it admits all
// the time. A group is the union of its rules: TCP port and peer decide.
func wantAlwaysOpen(t *testing.T, before map[string]string, between []map[string]string, after map[string]string) {
	t.Helper()
	admits := func(rules map[string]string, direction string, port int, addr string) bool {
		for _, text := range rules {
			f := strings.Fields(text)
			peer := f[4] == addr
			if prefix, ok := strings.CutPrefix(addr, "ip "); ok && strings.Contains(f[4], "/") {
				peer = network(f[4]).CIDR.Contains(network(prefix + "/32").CIDR.Addr())
			}
			if f[0] == direction && f[2] == fmt.Sprint(port) && peer {
				return true
			}
		}
		return false
	}
	for _, direction := range []string{"ingress", "egress"} {
		for _, port := range []int{22, 80, 443, 8000, 8080, 8081, 8443, 9443} {
			peers := []string{"ip 10.0.0.1", "ip 192.168.1.1", "ip 203.0.113.9"}
			for _, text := range before {
				peers = append(peers, strings.Fields(text)[4])
			}
			for _, peer := range peers {
				if !admits(before, direction, port, peer) || !admits(after, direction, port, peer) {
					continue
				}
				for step, rules := range between {
					if !admits(rules, direction, port, peer) {
						t.Errorf("before write %d, %s tcp %d of %s is closed: %q", step, direction, port, peer, texts(rules))
					}
				}
			}
		}
	}
}

// TestUpdateRulesThatFails: wherever a change fails, the rules that are returned
// are those that are there, and going on from them finishes.
func TestUpdateRulesThatFails(t *testing.T) {
	t.Parallel()
	faults := map[string]fakeaws.Fault{
		"refused":         {Kind: fakeaws.Fail, Code: "InvalidParameterValue", Message: "No."},
		"fault of AWS":    {Kind: fakeaws.Fail, Code: "InternalError", Message: "Sorry."},
		"late fault":      {Kind: fakeaws.FailAfter, Code: "InternalError", Message: "Sorry."},
		"not sent":        {Kind: fakeaws.CutBefore},
		"answer lost":     {Kind: fakeaws.CutAfter},
		"not authorized":  {Kind: fakeaws.Fail, Code: "UnauthorizedOperation", Message: "You are not authorized."},
		"everything gone": {Kind: fakeaws.Fail, Code: "RequestLimitExceeded", Message: "Request limit exceeded."},
	}
	for _, change := range changesOfRules() {
		for name, fault := range faults {
			for k := range change.wantWrites {
				t.Run(fmt.Sprintf("%s, %s at write %d", change.name, name, k), func(t *testing.T) {
					t.Parallel()
					d := startGroup(t, 1, fakeaws.Config{})
					owned := must(d.CreateRules(t.Context(), d.group, cloud.RulesOf(change.before(d)), nil, nil))(t)
					want, before := cloud.RulesOf(change.after(d)), d.live()
					d.calls()
					d.failWrite(k, fault)
					now, err := d.UpdateRules(t.Context(), d.group, owned, want, nil, nil)
					if settled := fault.Kind == fakeaws.FailAfter || fault.Kind == fakeaws.CutAfter; (err == nil) != settled {
						t.Errorf("the error is %v", err)
					}
					d.wantOwned(now)
					failed := d.live()
					d.wantOwned(must(d.UpdateRules(t.Context(), d.group, now, want, nil, nil))(t))
					wantKeys(t, change.after(d), d)
					wantAlwaysOpen(t, before, []map[string]string{failed}, d.live())
				})
			}
		}
	}
}

// wantKeys compares the group with wanted rules.
func wantKeys(t *testing.T, want []wiring.Rule, d *groupDouble) {
	t.Helper()
	var lines []string
	for _, rule := range want {
		lines = append(lines, string(rule.Direction)+" "+rule.Key())
	}
	d.wantLive(lines...)
}

// interruptions cancel a run before a call takes effect and after it has.
func interruptions() []fakeaws.FaultKind {
	return []fakeaws.FaultKind{fakeaws.StopBefore, fakeaws.StopAfter}
}

// TestUpdateRulesInterrupted: an interruption at any write leaves the true rules
// in the state.
func TestUpdateRulesInterrupted(t *testing.T) {
	t.Parallel()
	for _, kind := range interruptions() {
		for k := range 4 {
			d := startGroup(t, 1, fakeaws.Config{})
			change := changesOfRules()[3]
			owned := must(d.CreateRules(t.Context(), d.group, cloud.RulesOf(change.before(d)), nil, nil))(t)
			d.calls()
			ctx, cancel := context.WithCancel(t.Context())
			d.failWrite(k, fakeaws.Fault{Kind: kind, Hook: func(fakeaws.Call) { cancel() }})
			now, err := d.UpdateRules(ctx, d.group, owned, cloud.RulesOf(change.after(d)), nil, nil)
			done := kind == fakeaws.StopAfter && k == 3
			if (err == nil) != done || !done && !strings.Contains(err.Error(), "interrupted") {
				t.Errorf("%d: %v", k, err)
			}
			d.wantOwned(now)
			d.wantOwned(must(d.UpdateRules(t.Context(), d.group, now, cloud.RulesOf(change.after(d)), nil, nil))(t))
			wantKeys(t, change.after(d), d)
		}
	}
}

// TestCreateRulesInterrupted: the roll-back survives the interruption, and takes
// back also what AWS has done without a chance to tell. What was complete stays.
func TestCreateRulesInterrupted(t *testing.T) {
	t.Parallel()
	for _, kind := range interruptions() {
		for k := range 2 {
			d := startGroup(t, 1, fakeaws.Config{})
			ctx, cancel := context.WithCancel(t.Context())
			d.failWrite(k, fakeaws.Fault{Kind: kind, Hook: func(fakeaws.Call) { cancel() }})
			now, err := d.CreateRules(ctx, d.group, cloud.RulesOf([]wiring.Rule{in(80, "0.0.0.0/0"), d.out(8080)}), nil, nil)
			if done := kind == fakeaws.StopAfter && k == 1; (err == nil) != done || now.Empty() == done {
				t.Errorf("%d: %v remain after %v", k, now, err)
			}
			d.wantOwned(now)
		}
	}
}

func TestDeleteRules(t *testing.T) {
	t.Parallel()
	d := startGroup(t, 1, fakeaws.Config{})
	owned := must(d.CreateRules(t.Context(), d.group, cloud.RulesOf(changesOfRules()[0].before(d)), nil, nil))(t)
	d.calls()
	remain := must(d.DeleteRules(t.Context(), d.group, owned))(t)
	compare(t, d.calls(), []string{"RevokeSecurityGroupIngress", "RevokeSecurityGroupEgress"})
	if !remain.Empty() {
		t.Errorf("%v remain", remain)
	}
	d.wantLive()
	// What is gone already is no error.
	if remain := must(d.DeleteRules(t.Context(), d.group, owned))(t); !remain.Empty() {
		t.Errorf("%v remain", remain)
	}
}

// TestDeleteRulesThatFails: one direction that fails does not keep the other.
func TestDeleteRulesThatFails(t *testing.T) {
	t.Parallel()
	for k, want := range []string{"ingress", "egress"} {
		d := startGroup(t, 1, fakeaws.Config{})
		owned := must(d.CreateRules(t.Context(), d.group, cloud.RulesOf(changesOfRules()[0].before(d)), nil, nil))(t)
		d.calls()
		d.failWrite(k, fakeaws.Fault{Kind: fakeaws.Fail, Code: "UnauthorizedOperation", Message: "You are not authorized."})
		remain, err := d.DeleteRules(t.Context(), d.group, owned)
		var denied *cloud.DeniedError
		if !errors.As(err, &denied) || len(remain.In(wiring.Direction(want))) != 2 || len(remain.Ingress)+len(remain.Egress) != 2 {
			t.Errorf("%v remain after %v", remain, err)
		}
		d.wantOwned(remain)
		if remain := must(d.DeleteRules(t.Context(), d.group, remain))(t); !remain.Empty() {
			t.Errorf("%v remain", remain)
		}
		d.wantLive()
	}
}

// modify changes a rule behind the provider's back.
func (d *groupDouble) modify(rule cloud.OwnedRule, port int32, cidr string) {
	d.t.Helper()
	must(d.ec2.ModifySecurityGroupRules(d.t.Context(), &ec2.ModifySecurityGroupRulesInput{GroupId: &d.group, SecurityGroupRules: []types.SecurityGroupRuleUpdate{{
		SecurityGroupRuleId: aws.String(rule.ID),
		SecurityGroupRule:   &types.SecurityGroupRuleRequest{IpProtocol: aws.String("tcp"), FromPort: &port, ToPort: &port, CidrIpv4: &cidr},
	}}}))(d.t)
}

// TestReadRules: what was changed behind our back is read as it is, what is
// gone is left out, and what others made is not read.
func TestReadRules(t *testing.T) {
	t.Parallel()
	d := startGroup(t, 1, fakeaws.Config{})
	want := []wiring.Rule{in(80, "0.0.0.0/0"), in(443, "0.0.0.0/0"), d.out(8080), d.out(8443)}
	owned := must(d.CreateRules(t.Context(), d.group, cloud.RulesOf(want), nil, nil))(t)
	const web = "tcp 80 from 0.0.0.0/0"
	d.modify(owned.Ingress[web], 81, "10.0.0.0/8")
	gone := owned.Egress["tcp 8443 to "+d.app]
	if err := d.Revoke(t.Context(), d.group, wiring.Egress, []string{gone.ID}); err != nil {
		t.Fatal(err)
	}
	now, live, err := d.ReadRules(t.Context(), d.group, owned)
	if err != nil || len(live) != 4 {
		t.Fatalf("%d live rules, %v", len(live), err)
	}
	d.wantOwned(now)
	if drifted := now.Ingress[web]; drifted.Key() != "tcp 81 from 10.0.0.0/8" || drifted.ID != owned.Ingress[web].ID || len(owned.Ingress) != 2 || owned.Ingress[web].Key() != web {
		t.Errorf("drifted to %+v", drifted)
	}
	// The update brings exactly these two back.
	d.calls()
	now = must(d.UpdateRules(t.Context(), d.group, now, cloud.RulesOf(want), nil, nil))(t)
	compare(t, d.writes(), []string{"AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress", "RevokeSecurityGroupIngress"})
	d.wantOwned(now)
	wantKeys(t, want, d)
}

// TestUpdateRulesAfterDriftToAWantedRule: a rule that was changed into one that
// is wanted next is kept, not written twice.
func TestUpdateRulesAfterDriftToAWantedRule(t *testing.T) {
	t.Parallel()
	d := startGroup(t, 1, fakeaws.Config{})
	owned := must(d.CreateRules(t.Context(), d.group, cloud.RulesOf([]wiring.Rule{in(80, "0.0.0.0/0")}), nil, nil))(t)
	d.modify(owned.Ingress["tcp 80 from 0.0.0.0/0"], 81, "0.0.0.0/0")
	now, _, err := d.ReadRules(t.Context(), d.group, owned)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range [][]wiring.Rule{{in(81, "0.0.0.0/0")}, {in(80, "0.0.0.0/0"), in(81, "0.0.0.0/0")}} {
		if now, err = d.UpdateRules(t.Context(), d.group, now, cloud.RulesOf(want), nil, nil); err != nil {
			t.Fatal(err)
		}
		d.wantOwned(now)
		wantKeys(t, want, d)
	}
	if now.Ingress["tcp 81 from 0.0.0.0/0"].ID != owned.Ingress["tcp 80 from 0.0.0.0/0"].ID {
		t.Error("the rule was replaced")
	}
}

// TestReadRulesOfNothing: a group that is gone is told from one without rules.
func TestReadRulesOfNothing(t *testing.T) {
	t.Parallel()
	d := startGroup(t, 1, fakeaws.Config{})
	empty := d.bareGroup(d.vpc, "empty")
	owned := cloud.RulesOf([]wiring.Rule{in(80, "0.0.0.0/0")})
	now, live, err := d.ReadRules(t.Context(), empty, owned)
	if err != nil || !now.Empty() || len(live) > 0 {
		t.Errorf("got %v, %v, %v", now, live, err)
	}
	_, _, err = d.ReadRules(t.Context(), "sg-00000000000000000", owned)
	if !cloud.IsNotFound(err) {
		t.Errorf("got %v", err)
	}
	if _, err = d.MatchRules(t.Context(), "sg-00000000000000000", owned); !cloud.IsNotFound(err) {
		t.Errorf("got %v", err)
	}
	if remain := must(d.DeleteRules(t.Context(), "sg-00000000000000000", cloud.GroupRules{Ingress: cloud.OwnedRules{"x": {ID: "sgr-00000000000000000"}}}))(t); !remain.Empty() {
		t.Errorf("%v remain", remain)
	}
}

// TestMatchRules: an import owns what is wanted and there.
func TestMatchRules(t *testing.T) {
	t.Parallel()
	d := startGroup(t, 1, fakeaws.Config{})
	must(d.CreateRules(t.Context(), d.group, cloud.RulesOf([]wiring.Rule{in(80, "0.0.0.0/0"), d.out(8080)}), nil, nil))(t)
	want := cloud.RulesOf([]wiring.Rule{in(80, "0.0.0.0/0"), in(443, "0.0.0.0/0"), tcp(wiring.Egress, 8080, wiring.GroupPeer(testAccount+"/"+d.app), ""), d.out(8443)})
	matched := must(d.MatchRules(t.Context(), d.group, want))(t)
	if len(matched.Ingress) != 1 || len(matched.Egress) != 1 {
		t.Fatalf("matched %+v", matched)
	}
	live := d.live()
	if id := matched.Ingress["tcp 80 from 0.0.0.0/0"].ID; live[id] != "ingress tcp 80 from 0.0.0.0/0" {
		t.Errorf("%q is %q", id, live[id])
	}
	// It keeps the spelling of the configuration.
	ours := matched.Egress["tcp 8080 to "+testAccount+"/"+d.app]
	if live[ours.ID] != "egress tcp 8080 to "+d.app || ours.Peer.SecurityGroup != testAccount+"/"+d.app {
		t.Errorf("matched %+v", ours)
	}
	now, _, err := d.ReadRules(t.Context(), d.group, matched)
	if err != nil || now.Egress["tcp 8080 to "+testAccount+"/"+d.app].Rule != ours.Rule {
		t.Errorf("read %+v, %v", now.Egress, err)
	}
}

func TestKeepAndSettled(t *testing.T) {
	t.Parallel()
	rule := func(port int, id string) cloud.OwnedRules {
		r := in(port, "0.0.0.0/0")
		return cloud.OwnedRules{r.Key(): {Rule: r, ID: id}}
	}
	owned := cloud.GroupRules{Ingress: rule(80, "sgr-1"), Egress: cloud.OwnedRules{}}
	for _, test := range []struct {
		name    string
		want    cloud.OwnedRules
		settled bool
	}{
		{"the same", rule(80, ""), true}, {"another", rule(81, ""), false}, {"none", cloud.OwnedRules{}, false},
	} {
		kept := cloud.GroupRules{Ingress: test.want.Keep(owned.Ingress), Egress: cloud.OwnedRules{}}
		if kept.Settled(owned) != test.settled {
			t.Errorf("%s: settled is %t", test.name, !test.settled)
		}
	}
	if !owned.Ingress.Holds(in(80, "0.0.0.0/0")) || owned.Ingress.Holds(in(81, "0.0.0.0/0")) || rule(80, "").Holds(in(80, "0.0.0.0/0")) {
		t.Error("Holds is wrong")
	}
}

// TestUpdateDescriptions: rules of every kind that stay get new descriptions in
// one call and keep everything else; whoever states none does not care.
func TestUpdateDescriptions(t *testing.T) {
	t.Parallel()
	d := startGroup(t, 1, fakeaws.Config{})
	list := must(d.ec2.CreateManagedPrefixList(t.Context(), &ec2.CreateManagedPrefixListInput{
		PrefixListName: aws.String("sites"), AddressFamily: aws.String("IPv4"), MaxEntries: aws.Int32(1),
	}))(t)
	rules := map[string]wiring.Rule{
		"network": in(80, "10.0.0.0/8"), "six": in(80, "2001:db8::/32"), "group": d.out(8080),
		"list": tcp(wiring.Ingress, 80, wiring.PrefixListPeer(*list.PrefixList.PrefixListId), ""),
		"all":  {Direction: wiring.Ingress, Protocol: wiring.AllProtocols, From: -1, To: -1, Peer: network("10.1.0.0/16")},
		"ping": {Direction: wiring.Ingress, Protocol: wiring.ICMPv6, From: -1, To: -1, Peer: network("2001:db8::/32")},
		"esp":  {Direction: wiring.Egress, Protocol: "50", From: -1, To: -1, Peer: network("10.1.0.0/16")},
	}
	described := func(description string) cloud.GroupRules {
		want := cloud.RulesOf(nil)
		for name, rule := range rules {
			rule.Comment = description
			want.In(rule.Direction)[name] = cloud.OwnedRule{Rule: rule, Described: description != ""}
		}
		return want
	}
	descriptions := func() (all []string) {
		for _, rule := range d.server.SecurityGroupRules(testRegion, d.group) {
			if rule.FromPort != 22 {
				all = append(all, rule.Description)
			}
		}
		return slices.Compact(all)
	}
	owned := must(d.CreateRules(t.Context(), d.group, described("one"), nil, nil))(t)
	before := d.live()
	d.server.ResetCalls()
	now := must(d.UpdateRules(t.Context(), d.group, owned, described("two"), nil, nil))(t)
	compare(t, d.writes(), []string{"ModifySecurityGroupRules"})
	compare(t, descriptions(), []string{"two"})
	if after := d.live(); !maps.Equal(before, after) {
		t.Errorf("more than the descriptions has changed: %v", after)
	}
	if want := described("two"); want.Settled(owned) {
		t.Error("another description is nothing to do")
	}
	now = must(d.UpdateRules(t.Context(), d.group, now, described(""), nil, nil))(t)
	compare(t, d.writes(), []string{"ModifySecurityGroupRules"})
	compare(t, descriptions(), []string{"two"})
	read, _, err := d.ReadRules(t.Context(), d.group, now)
	if err != nil || read.Ingress["list"].Described {
		t.Errorf("read %+v, %v", read.Ingress["list"], err)
	}
	described3 := must(d.UpdateRules(t.Context(), d.group, now, described("three"), nil, nil))(t)
	must(d.ec2.UpdateSecurityGroupRuleDescriptionsIngress(t.Context(), &ec2.UpdateSecurityGroupRuleDescriptionsIngressInput{
		GroupId: &d.group, SecurityGroupRuleDescriptions: []types.SecurityGroupRuleDescription{{SecurityGroupRuleId: aws.String(described3.Ingress["list"].ID), Description: aws.String("mine")}},
	}))(t)
	read, _, err = d.ReadRules(t.Context(), d.group, described3)
	if err != nil || read.Ingress["list"].Comment != "mine" || read.Ingress["six"].Comment != "three" {
		t.Errorf("read %+v and %+v, %v", read.Ingress["list"], read.Ingress["six"], err)
	}
}

// TestUpdateRulesUnderOddKeys: a rule that goes is not lost when another one has
// the key that says what it admits.
func TestUpdateRulesUnderOddKeys(t *testing.T) {
	t.Parallel()
	d := startGroup(t, 1, fakeaws.Config{})
	want := func(key string, rule wiring.Rule) cloud.GroupRules {
		all := cloud.RulesOf(nil)
		all.Ingress[key] = cloud.OwnedRule{Rule: rule}
		return all
	}
	owned := must(d.CreateRules(t.Context(), d.group, want("a", in(80, "10.0.0.0/8")), nil, nil))(t)
	d.failWrite(1, fakeaws.Fault{Kind: fakeaws.Fail, Code: "UnauthorizedOperation", Times: 1})
	next := want("tcp 80 from 10.0.0.0/8", in(443, "10.0.0.0/8"))
	now, err := d.UpdateRules(t.Context(), d.group, owned, next, nil, nil)
	if err == nil {
		t.Fatal("no error")
	}
	d.wantOwned(now)
	d.wantOwned(must(d.UpdateRules(t.Context(), d.group, now, next, nil, nil))(t))
	d.wantLive("ingress tcp 443 from 10.0.0.0/8")
}
