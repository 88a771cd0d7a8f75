// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package cloud_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/terraform-clb/terraform-provider-clb/internal/cloud"
	"github.com/terraform-clb/terraform-provider-clb/internal/fakeaws"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// TestAdmits holds the small evaluator of these tests against the rules of AWS.
func TestAdmits(t *testing.T) {
	t.Parallel()
	state := []string{"ingress 100 allow 6 80-80 10.0.0.0/8", "ingress 90 deny 6 80-80 10.1.0.0/16", "ingress 110 allow 6 80-80 10.1.0.0/16", "egress 100 allow 6 1024-65535 0.0.0.0/0"}
	for _, test := range []struct {
		direction string
		port      int
		addr      string
		want      bool
	}{
		{"ingress", 80, "10.0.0.1", true}, {"ingress", 80, "10.1.0.1", false}, {"ingress", 81, "10.0.0.1", false}, {"egress", 80, "10.0.0.1", false}, {"egress", 65535, "8.8.8.8", true},
	} {
		if got := admits(read(state), packet{test.direction, test.port, netip.MustParseAddr(test.addr)}); got != test.want {
			t.Errorf("%+v: %t", test, got)
		}
	}
	if closed(state, [][]string{state[1:]}, state) == "" || closed(state, [][]string{state}, state) != "" || closed(state, [][]string{state[1:]}, state[1:]) != "" {
		t.Error("a closed packet is not found, or one is found that is not closed")
	}
}

func web() cloud.ACLEntries {
	return inbound(row{100, 80, 80, "0.0.0.0/0"}, row{110, 443, 443, "0.0.0.0/0"}, row{120, 1024, 65535, "10.0.0.0/16"})
}

func TestCreateEntries(t *testing.T) {
	t.Parallel()
	d := startACL(t, 1, fakeaws.Config{})
	created := must(d.CreateEntries(t.Context(), d.acl, nil, web()))(t)
	compare(t, d.calls(), []string{"DescribeNetworkAcls", "CreateNetworkAclEntry", "CreateNetworkAclEntry", "CreateNetworkAclEntry", "CreateNetworkAclEntry"})
	d.wantOwned(created)
	wantKeyed(t, created, web())
}

// TestCreateEntriesRollsBack: wherever it fails, nothing stays, and the next
// time it works.
func TestCreateEntriesRollsBack(t *testing.T) {
	t.Parallel()
	for k := range 4 {
		d := startACL(t, 1, fakeaws.Config{})
		d.failWrite(k, fakeaws.Fault{Kind: fakeaws.Fail, Code: "NetworkAclEntryLimitExceeded", Message: "No room."})
		remain, err := d.CreateEntries(t.Context(), d.acl, nil, web())
		if err == nil || !strings.Contains(err.Error(), "NetworkAclEntryLimitExceeded") || strings.Contains(err.Error(), "taken back") || !remain.Empty() {
			t.Errorf("%d: %v remain after %v", k, remain, err)
		}
		compare(t, d.live(), []string{strangersEntry})
		d.wantOwned(must(d.CreateEntries(t.Context(), d.acl, nil, web()))(t))
	}
}

// TestCreateEntriesThatCannotRollBack: what remains is told and can be finished.
func TestCreateEntriesThatCannotRollBack(t *testing.T) {
	t.Parallel()
	for k := range 4 {
		d := startACL(t, 1, fakeaws.Config{})
		d.failWrite(k, fakeaws.Fault{Kind: fakeaws.Fail, Code: "InvalidParameterValue", Message: "No."})
		d.fault("DeleteNetworkAclEntry", 1, fakeaws.Fault{Kind: fakeaws.Fail, Code: "UnauthorizedOperation", Message: "You are not authorized."})
		remain, err := d.CreateEntries(t.Context(), d.acl, nil, web())
		d.wantOwned(remain)
		if err == nil || (k > 0) != strings.Contains(err.Error(), "could not be taken back") || (k > 0) != strings.Contains(err.Error(), "ingress rule 100 (tcp 80 from 0.0.0.0/0)") {
			t.Errorf("%d: %v", k, err)
		}
		t.Log(err)
		finished := must(d.UpdateEntries(t.Context(), d.acl, remain, web()))(t)
		d.wantOwned(finished)
		wantKeyed(t, finished, web())
	}
}

// TestCreateEntriesNumberTaken: neither an identical entry nor another one at a
// planned number is taken over, and nothing is written.
func TestCreateEntriesNumberTaken(t *testing.T) {
	t.Parallel()
	for _, port := range []int{8080, 8443} {
		d := startACL(t, 1, fakeaws.Config{})
		if err := d.CreateEntry(t.Context(), d.acl, entry(110, tcp(wiring.Ingress, port, network("0.0.0.0/0"), ""))); err != nil {
			t.Fatal(err)
		}
		before := d.live()
		d.calls()
		for _, write := range []func() (cloud.ACLEntries, error){
			func() (cloud.ACLEntries, error) { return d.CreateEntries(t.Context(), d.acl, nil, web()) },
			func() (cloud.ACLEntries, error) {
				return d.UpdateEntries(t.Context(), d.acl, cloud.NewACLEntries(), web())
			},
		} {
			got, err := write()
			var taken *cloud.EntryTakenError
			if !errors.As(err, &taken) || taken.Entry.Number != 110 || taken.Entry.From != port || !got.Empty() {
				t.Errorf("got %v, %v", got, err)
			}
		}
		if writes := d.writes(); len(writes) > 0 {
			t.Errorf("written: %s", writes)
		}
		compare(t, d.live(), before)
	}
}

// changeOfEntries is a change of entries, and the writes that it takes: "+" is
// Create, "=" Replace, "-" Delete, each with its number.
type changeOfEntries struct {
	name          string
	before, after cloud.ACLEntries
	wantWrites    []string
}

func changesOfEntries() []changeOfEntries {
	all := func(cidr string, numbers ...int) cloud.ACLEntries {
		var rows []row
		for i, port := range []int{80, 443, 8080} {
			rows = append(rows, row{numbers[i], port, port, cidr})
		}
		return inbound(rows...)
	}
	const net = "10.0.0.0/8"
	return []changeOfEntries{
		{"nothing", web(), web(), nil},
		{"one more", web(), inbound(row{100, 80, 80, "0.0.0.0/0"}, row{110, 443, 443, "0.0.0.0/0"}, row{120, 1024, 65535, "10.0.0.0/16"}, row{130, 22, 22, net}), []string{"+130"}},
		{"one less", web(), inbound(row{100, 80, 80, "0.0.0.0/0"}, row{120, 1024, 65535, "10.0.0.0/16"}), []string{"-110"}},
		{"another content in place", web(), inbound(row{100, 80, 80, "10.0.0.0/8"}, row{110, 443, 443, "0.0.0.0/0"}, row{120, 1024, 65535, "10.0.0.0/16"}), []string{"=100"}},
		{"one in another's stead", web(), inbound(row{130, 8000, 8000, "0.0.0.0/0"}, row{110, 443, 443, "0.0.0.0/0"}, row{120, 1024, 65535, "10.0.0.0/16"}), []string{"+130", "-100"}},
		{"all moved up", all(net, 100, 110, 120), all(net, 200, 210, 220), []string{"+200", "+210", "+220", "-100", "-110", "-120"}},
		{"all moved by one step up", all(net, 100, 110, 120), all(net, 110, 120, 130), []string{"+130", "=120", "=110", "-100"}},
		{"all moved by one step down", all(net, 100, 110, 120), all(net, 90, 100, 110), []string{"+90", "=100", "=110", "-120"}},
		{"a wider step", all(net, 100, 110, 120), all(net, 100, 120, 140), []string{"+140", "=120", "-110"}},
		{"moved to a number that goes away", all(net, 100, 110, 120), inbound(row{120, 80, 80, net}), []string{"=120", "-100", "-110"}},
		{
			"replaced by a wider one at a new number", inbound(row{100, 80, 80, "10.0.0.0/8"}),
			inbound(row{100, 9000, 9000, net}, row{110, 80, 80, "0.0.0.0/0"}), []string{"+110", "=100"},
		},
		{
			"replaced by a wider one at the number of one that goes away", inbound(row{100, 80, 80, "10.0.0.0/8"}, row{110, 22, 22, net}),
			inbound(row{100, 9000, 9000, net}, row{110, 80, 80, "0.0.0.0/0"}), []string{"=110", "=100"},
		},
		{"all away", web(), cloud.NewACLEntries(), []string{"-100", "-110", "-120", "-100"}},
		{"all new", cloud.NewACLEntries(), web(), []string{"+100", "+110", "+120", "+100"}},
	}
}

// numberedWrites are the writes as changeOfEntries spells them.
func (d *aclDouble) numberedWrites() []string {
	var all []string
	for _, call := range d.server.Calls() {
		if sign, ok := map[string]string{"CreateNetworkAclEntry": "+", "ReplaceNetworkAclEntry": "=", "DeleteNetworkAclEntry": "-"}[call.Action]; ok {
			all = append(all, sign+call.Params.Get("RuleNumber"))
		}
	}
	return all
}

// TestUpdateEntries: only the difference is written, in an order that closes
// nothing that is open before and after.
func TestUpdateEntries(t *testing.T) {
	t.Parallel()
	for _, change := range changesOfEntries() {
		t.Run(change.name, func(t *testing.T) {
			t.Parallel()
			change.run(t)
		})
	}
}

// run carries the change out.
func (change changeOfEntries) run(t *testing.T) {
	d := startACL(t, 1, fakeaws.Config{})
	owned := must(d.CreateEntries(t.Context(), d.acl, nil, change.before))(t)
	before := d.live()
	var between [][]string
	d.beforeEachWrite(func(fakeaws.Call) { between = append(between, d.live()) })
	d.calls()
	now := must(d.UpdateEntries(t.Context(), d.acl, owned, change.after))(t)
	compare(t, d.numberedWrites(), change.wantWrites)
	d.wantOwned(now)
	wantKeyed(t, now, change.after)
	if shut := closed(before, between, d.live()); shut != "" {
		t.Error(shut)
	}
}

// TestUpdateEntriesThatFails: wherever a change fails, the entries that are
// returned are those that are there, and going on from them finishes.
func TestUpdateEntriesThatFails(t *testing.T) {
	t.Parallel()
	faults := map[string]fakeaws.Fault{
		"refused":      {Kind: fakeaws.Fail, Code: "InvalidParameterValue", Message: "No."},
		"fault of AWS": {Kind: fakeaws.Fail, Code: "InternalError", Message: "Sorry."},
		"late fault":   {Kind: fakeaws.FailAfter, Code: "InternalError", Message: "Sorry."},
		"not sent":     {Kind: fakeaws.CutBefore},
		"answer lost":  {Kind: fakeaws.CutAfter},
	}
	for _, change := range append(changesOfEntries(), movesOfEntries()...) {
		for name, fault := range faults {
			for k := range change.wantWrites {
				t.Run(fmt.Sprintf("%s, %s at write %d", change.name, name, k), func(t *testing.T) {
					t.Parallel()
					d := startACL(t, 1, fakeaws.Config{})
					owned := must(d.CreateEntries(t.Context(), d.acl, nil, change.before))(t)
					before := d.live()
					d.calls()
					d.failWrite(k, fault)
					now, err := d.UpdateEntries(t.Context(), d.acl, owned, change.after)
					if settled := fault.Kind == fakeaws.FailAfter || fault.Kind == fakeaws.CutAfter; (err == nil) != settled {
						t.Errorf("the error is %v", err)
					}
					d.wantOwned(now)
					var between [][]string
					between = append(between, d.live())
					d.beforeEachWrite(func(fakeaws.Call) { between = append(between, d.live()) })
					now = must(d.UpdateEntries(t.Context(), d.acl, now, change.after))(t)
					d.wantOwned(now)
					wantKeyed(t, now, change.after)
					if shut := closed(before, between, d.live()); shut != "" {
						t.Error(shut)
					}
				})
			}
		}
	}
}

// TestUpdateEntriesInterrupted: an interruption at any write leaves the true
// entries in the state.
func TestUpdateEntriesInterrupted(t *testing.T) {
	t.Parallel()
	for _, kind := range interruptions() {
		for _, change := range append(changesOfEntries(), movesOfEntries()...) {
			for k := range change.wantWrites {
				d := startACL(t, 1, fakeaws.Config{})
				owned := must(d.CreateEntries(t.Context(), d.acl, nil, change.before))(t)
				ctx, cancel := context.WithCancel(t.Context())
				d.failWrite(k, fakeaws.Fault{Kind: kind, Hook: func(fakeaws.Call) { cancel() }})
				now, err := d.UpdateEntries(ctx, d.acl, owned, change.after)
				done := kind == fakeaws.StopAfter && k == len(change.wantWrites)-1
				if (err == nil) != done || !done && !strings.Contains(err.Error(), "interrupted") {
					t.Errorf("%s, write %d: %v", change.name, k, err)
				}
				d.wantOwned(now)
				now = must(d.UpdateEntries(t.Context(), d.acl, now, change.after))(t)
				d.wantOwned(now)
				wantKeyed(t, now, change.after)
			}
		}
	}
}

// TestCreateEntriesInterrupted: the roll-back survives the interruption, and
// takes back also what AWS has done without a chance to tell. What was complete
// stays.
func TestCreateEntriesInterrupted(t *testing.T) {
	t.Parallel()
	for _, kind := range interruptions() {
		for k := range 4 {
			d := startACL(t, 1, fakeaws.Config{})
			ctx, cancel := context.WithCancel(t.Context())
			d.failWrite(k, fakeaws.Fault{Kind: kind, Hook: func(fakeaws.Call) { cancel() }})
			now, err := d.CreateEntries(ctx, d.acl, nil, web())
			if done := kind == fakeaws.StopAfter && k == 3; (err == nil) != done || now.Empty() == done {
				t.Errorf("%d: %v remain after %v", k, now, err)
			}
			d.wantOwned(now)
		}
	}
}

func TestDeleteEntries(t *testing.T) {
	t.Parallel()
	for k := range 4 {
		d := startACL(t, 1, fakeaws.Config{})
		owned := must(d.CreateEntries(t.Context(), d.acl, nil, web()))(t)
		d.calls()
		d.failWrite(k, fakeaws.Fault{Kind: fakeaws.Fail, Code: "UnauthorizedOperation", Message: "You are not authorized."})
		remain, err := d.DeleteEntries(t.Context(), d.acl, owned)
		var denied *cloud.DeniedError
		if !errors.As(err, &denied) {
			t.Errorf("%d: %v", k, err)
		}
		d.wantOwned(remain)
		if again := must(d.DeleteEntries(t.Context(), d.acl, remain))(t); !again.Empty() {
			t.Errorf("%v remain", again)
		}
		compare(t, d.live(), []string{strangersEntry})
		// What is gone already is no error.
		must(d.DeleteEntries(t.Context(), d.acl, owned))(t)
	}
	d := startACL(t, 1, fakeaws.Config{})
	if remain := must(d.DeleteEntries(t.Context(), goneACL, web()))(t); !remain.Empty() {
		t.Errorf("%v remain", remain)
	}
}

// TestReadEntries: what was changed behind our back is read as it is, what is
// gone is left out, what others made is not read, and the update brings exactly
// that back.
func TestReadEntries(t *testing.T) {
	t.Parallel()
	d := startACL(t, 1, fakeaws.Config{})
	owned := must(d.CreateEntries(t.Context(), d.acl, nil, web()))(t)
	must(d.ec2.ReplaceNetworkAclEntry(t.Context(), &ec2.ReplaceNetworkAclEntryInput{
		NetworkAclId: &d.acl, Egress: aws.Bool(false), RuleNumber: aws.Int32(100), RuleAction: types.RuleActionDeny, Protocol: aws.String("6"),
		PortRange: &types.PortRange{From: aws.Int32(80), To: aws.Int32(80)}, CidrBlock: aws.String("0.0.0.0/0"),
	}))(t)
	if err := d.DeleteEntry(t.Context(), d.acl, wiring.Ingress, 110); err != nil {
		t.Fatal(err)
	}
	now := must(d.ReadEntries(t.Context(), d.acl, owned))(t)
	d.wantOwned(now)
	if drifted := now.Ingress["tcp 80 from 0.0.0.0/0"]; !drifted.Deny || len(owned.Ingress) != 3 {
		t.Errorf("read %+v", drifted)
	}
	d.calls()
	now = must(d.UpdateEntries(t.Context(), d.acl, now, web()))(t)
	compare(t, d.numberedWrites(), []string{"+110", "=100"})
	d.wantOwned(now)
	wantKeyed(t, now, web())
	if _, err := d.ReadEntries(t.Context(), goneACL, owned); !cloud.IsNotFound(err) {
		t.Errorf("got %v", err)
	}
}

// TestMatchEntries: an import owns what is wanted and there, at its own number;
// of two equal entries the first, and none that denies.
func TestMatchEntries(t *testing.T) {
	t.Parallel()
	d := startACL(t, 1, fakeaws.Config{})
	there := inbound(row{300, 80, 80, "0.0.0.0/0"}, row{310, 443, 443, "10.0.0.0/8"})
	must(d.CreateEntries(t.Context(), d.acl, nil, there))(t)
	if err := d.CreateEntry(t.Context(), d.acl, entry(320, tcp(wiring.Ingress, 80, network("0.0.0.0/0"), ""))); err != nil {
		t.Fatal(err)
	}
	rows := []wiring.Rule{
		tcp(wiring.Ingress, 80, network("0.0.0.0/0"), "in"), tcp(wiring.Ingress, 443, network("0.0.0.0/0"), "in"), tcp(wiring.Ingress, 22, network("192.168.0.0/16"), ""),
		{Direction: wiring.Egress, Protocol: wiring.TCP, From: 1024, To: 65535, Peer: network("0.0.0.0/0")},
	}
	matched := must(d.NetworkACL(t.Context(), d.acl))(t).Match(rows)
	wantKeyed(t, matched, inbound(row{300, 80, 80, "0.0.0.0/0"}))
}

// TestEntriesThatAreAdopted: an entry that stands under its number already is
// adopted without a write. It stays when a roll-back takes the others back, and
// when it is no longer wanted, if it is to be left; then it is not changed either.
func TestEntriesThatAreAdopted(t *testing.T) {
	t.Parallel()
	d := startACL(t, 1, fakeaws.Config{})
	if err := d.CreateEntry(t.Context(), d.acl, entry(110, tcp(wiring.Ingress, 443, network("0.0.0.0/0"), ""))); err != nil {
		t.Fatal(err)
	}
	before := d.live()
	const adopted = "ingress/110"

	forget := d.server.Inject(fakeaws.Fault{Kind: fakeaws.Fail, Code: "UnauthorizedOperation", Match: func(c fakeaws.Call) bool {
		return c.Action == "CreateNetworkAclEntry" && c.Params.Get("Egress") == "true"
	}})
	if remain, err := d.CreateEntries(t.Context(), d.acl, nil, web()); err == nil || !remain.Empty() {
		t.Errorf("%v remain after %v", remain, err)
	}
	compare(t, d.live(), before)
	forget()

	d.calls()
	owned := must(d.CreateEntries(t.Context(), d.acl, nil, web()))(t)
	if writes := d.writes(); len(writes) != 3 || len(owned.Adopted) != 1 || !owned.Adopted[adopted] {
		t.Errorf("written %v, adopted %v", writes, owned.Adopted)
	}
	wantKeyed(t, owned, web())

	owned.Left = true
	changed := inbound(row{100, 80, 80, "0.0.0.0/0"}, row{110, 8443, 8443, "0.0.0.0/0"})
	var left *cloud.AdoptedEntryError
	if now, err := d.UpdateEntries(t.Context(), d.acl, owned, changed); !errors.As(err, &left) || left.Entry.Number != 110 || len(now.Ingress) != len(owned.Ingress) {
		t.Errorf("got %v, %v", now, err)
	}
	now := must(d.UpdateEntries(t.Context(), d.acl, owned, inbound(row{100, 80, 80, "0.0.0.0/0"})))(t)
	if len(now.Ingress) != 1 || len(now.Adopted) != 0 {
		t.Errorf("owned %v", now)
	}
	must(d.DeleteEntries(t.Context(), d.acl, now))(t)
	compare(t, d.live(), before)

	// With adopt = "own" it goes like the others.
	owned = must(d.CreateEntries(t.Context(), d.acl, nil, web()))(t)
	must(d.DeleteEntries(t.Context(), d.acl, owned))(t)
	compare(t, d.live(), []string{strangersEntry})
}
