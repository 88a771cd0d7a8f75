// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// strangersWorld is a live world in which others write too.
type strangersWorld struct {
	*liveWorld
	random *rand.Rand
	// strangers are the rules and entries that the provider has not created, with
	// all that AWS tells of them, by what AWS knows them by.
	strangers map[string]string
}

func startStrangersWorld(t *testing.T, seed uint64) *strangersWorld {
	w := &strangersWorld{liveWorld: startLiveWorld(t, nil), random: rand.New(rand.NewPCG(seed, 2))}
	w.strangers = w.standing()
	return w
}

// standing are all rules and entries of the groups and network ACLs of the world.
func (w *strangersWorld) standing() map[string]string {
	all := map[string]string{}
	for _, group := range []string{w.LoadBalancerGroup, w.InstanceGroup} {
		for _, rule := range w.SecurityGroupRules("us-east-1", group) {
			all[rule.ID] = fmt.Sprintf("%+v", rule)
		}
	}
	for _, acl := range []string{w.LoadBalancerACL, w.InstanceACL} {
		for _, entry := range w.NetworkACLEntries("us-east-1", acl) {
			all[fmt.Sprintf("%s egress %t %d", acl, entry.Egress, entry.RuleNumber)] = fmt.Sprintf("%+v", entry)
		}
	}
	return all
}

// write lets others write rules and entries: such as the provider recommends,
// broader and narrower ones, IPv6, denials, references to other groups. What AWS
// refuses, because it is there already, is not written.
//
// Once a resource is there, nobody but the provider writes at a spare number what one
// of its entries says: a plan warns that it takes that for what a run which was killed
// has left. What stood there before stays, see [strangersWorld.copyToSpareNumbers].
func (w *strangersWorld) write(most int) {
	before := w.standing()
	for range w.random.IntN(most + 1) {
		if w.random.IntN(2) == 0 {
			w.writeRule()
		} else {
			w.writeEntry()
		}
	}
	for id, content := range w.standing() {
		if _, there := before[id]; !there {
			w.strangers[id] = content
		}
	}
}

func (w *strangersWorld) writeRule() {
	group, port := pick(w.random, w.LoadBalancerGroup, w.InstanceGroup), int32(pick(w.random, 80, 443, 8000, 8080, 8443, 8081, 9000, 22))
	permission := ec2types.IpPermission{IpProtocol: aws.String("tcp"), FromPort: &port, ToPort: &port}
	if w.random.IntN(6) == 0 {
		permission.FromPort, permission.ToPort = aws.Int32(0), aws.Int32(65535)
	}
	switch w.random.IntN(5) {
	case 0:
		permission.Ipv6Ranges = []ec2types.Ipv6Range{{CidrIpv6: aws.String("::/0")}}
	case 1, 2:
		peer := pick(w.random, w.LoadBalancerGroup, w.InstanceGroup, w.InternalGroup)
		permission.UserIdGroupPairs = []ec2types.UserIdGroupPair{{GroupId: &peer}}
	default:
		permission.IpRanges = []ec2types.IpRange{{CidrIp: aws.String(pick(w.random, "0.0.0.0/0", "10.0.0.0/16", "10.0.0.0/8", "198.51.100.0/24")), Description: aws.String(pick(w.random, "", "by hand"))}}
	}
	permissions := []ec2types.IpPermission{permission}
	if w.random.IntN(2) == 0 {
		_, _ = w.EC2.AuthorizeSecurityGroupIngress(w.t.Context(), &ec2.AuthorizeSecurityGroupIngressInput{GroupId: &group, IpPermissions: permissions})
	} else {
		_, _ = w.EC2.AuthorizeSecurityGroupEgress(w.t.Context(), &ec2.AuthorizeSecurityGroupEgressInput{GroupId: &group, IpPermissions: permissions})
	}
}

func (w *strangersWorld) writeEntry() {
	acl, first := w.LoadBalancerACL, 90
	if w.random.IntN(2) == 0 {
		acl, first = w.InstanceACL, 990
	}
	from := pick(w.random, 80, 443, 8080, 8443, 8081, 1024)
	to := from
	if from == 1024 {
		to = 65535
	}
	number, action := pick(w.random, first, first+10, first+20, first+30, first+47, 3, 251, 997), pick(w.random, ec2types.RuleActionAllow, ec2types.RuleActionAllow, ec2types.RuleActionDeny)
	if number < 90 || number == 251 || number == 997 {
		from, to = 25, 25
	}
	in := &ec2.CreateNetworkAclEntryInput{
		NetworkAclId: &acl, RuleNumber: aws.Int32(int32(number)), Protocol: aws.String("6"), Egress: aws.Bool(w.random.IntN(2) == 0),
		RuleAction: action, PortRange: &ec2types.PortRange{From: aws.Int32(int32(from)), To: aws.Int32(int32(to))},
	}
	if w.random.IntN(5) == 0 {
		in.Ipv6CidrBlock = aws.String("::/0")
	} else {
		in.CidrBlock = aws.String(pick(w.random, "0.0.0.0/0", "10.0.0.0/16", "10.7.0.0/16", "10.0.0.0/8"))
	}
	_, _ = w.EC2.CreateNetworkAclEntry(w.t.Context(), in)
}

// copyToSpareNumbers lets others write what a resource may be going to recommend at
// the numbers that the provider uses while entries trade theirs.
func (w *strangersWorld) copyToSpareNumbers() {
	before := w.standing()
	for range 8 {
		port := int32(pick(w.random, 80, 443, 8080, 8443, 8081))
		_, _ = w.EC2.CreateNetworkAclEntry(w.t.Context(), &ec2.CreateNetworkAclEntryInput{
			NetworkAclId: aws.String(pick(w.random, w.LoadBalancerACL, w.InstanceACL)), RuleNumber: aws.Int32(pick[int32](w.random, 32749, 31729, 127)),
			Protocol: aws.String("6"), Egress: aws.Bool(w.random.IntN(2) == 0), RuleAction: ec2types.RuleActionAllow,
			CidrBlock: aws.String(pick(w.random, "0.0.0.0/0", "10.0.0.0/16")), PortRange: &ec2types.PortRange{From: &port, To: &port},
		})
	}
	for id, content := range w.standing() {
		if _, there := before[id]; !there {
			w.strangers[id] = content
		}
	}
}

// missed are the strangers that have gone or changed.
func (w *strangersWorld) missed() []string {
	var missed []string
	now := w.standing()
	for _, id := range slices.Sorted(maps.Keys(w.strangers)) {
		if now[id] != w.strangers[id] {
			missed = append(missed, fmt.Sprintf("%s was %s and is %q", id, w.strangers[id], now[id]))
		}
	}
	return missed
}

// keepingRun is what one resource goes through.
type keepingRun struct {
	created, updated, adopted, retired int
}

// run creates, updates and destroys one resource, with others writing in between,
// and checks after each step that all is there that it did not create, and at last
// that nothing else is.
func (w *strangersWorld) run(name string) (r keepingRun) {
	t := w.t
	still := func(step string) {
		t.Helper()
		if missed := w.missed(); len(missed) > 0 {
			t.Fatalf("%s, %s: %q", name, step, missed)
		}
	}
	fleet := newNocutFleet(false, w.random.IntN(3) == 0)
	for range w.random.IntN(3) {
		fleet.mutate(w.random)
	}
	fleet.number(w.random)
	each := pick(w.random, nocutResources()...)
	config := func() tftypes.Value {
		return w.server.value(each[0], fleet.config(w.liveWorld, w.LoadBalancerGroup, "web", each[0], each[1]))
	}
	w.write(6)
	w.nextRun()
	if w.random.IntN(2) == 0 {
		w.copyToSpareNumbers()
	}
	var state tftypes.Value
	var private []byte
	for step := range 3 {
		if step > 0 {
			w.write(2)
			for range 1 + w.random.IntN(2) {
				fleet.mutate(w.random)
			}
			fleet.number(w.random)
			w.nextRun()
			state, private = w.server.refresh(each[0], state, private)
		}
		// A plan that is refused is left alone, and the next change tried.
		planned := w.server.planFrom(each[0], state, config(), private)
		if len(errorsIn(planned.diags)) == 0 {
			done := w.server.carryOut(each[0], state, config(), planned)
			state, private = done.state, done.private
			if step == 0 {
				r.created++
			} else {
				r.updated++
			}
		}
		still(fmt.Sprintf("step %d", step))
		if state.Type() == nil || state.IsNull() {
			break
		}
		for _, attribute := range []string{"adopted_rule_ids", "adopted_entries"} {
			var adopted []tftypes.Value
			if value, has := attributesOf(t, state)[attribute]; has && value.IsKnown() && value.As(&adopted) == nil {
				r.adopted += len(adopted)
			}
		}
		r.retired += len(keysOf(t, state, retiringOf(each[0])))
	}
	if state.Type() != nil && !state.IsNull() {
		w.nextRun()
		gone := tftypes.NewValue(state.Type(), nil)
		state, private = w.server.refresh(each[0], state, private)
		planned := w.server.planFrom(each[0], state, gone, private)
		wantNoError(t, planned.diags)
		wantNoError(t, w.server.carryOut(each[0], state, gone, planned).diags)
	}
	still("destroyed")
	for id, content := range w.standing() {
		if _, stranger := w.strangers[id]; !stranger {
			t.Fatalf("%s leaves behind %s", name, content)
		}
	}
	return r
}

// TestKeepTouchesNothingOfOthers: whatever the configuration and the world, with
// adopt and unmanaged_rules left out nothing is removed or changed that the provider
// did not create.
func TestKeepTouchesNothingOfOthers(t *testing.T) {
	worlds, runs := 17, 12
	if testing.Short() {
		worlds = 3
	}
	var total keepingRun
	for world := range worlds {
		seed := uint64(1000 + world)
		w := startStrangersWorld(t, seed)
		for run := range runs {
			r := w.run(fmt.Sprintf("seed %d, run %d", seed, run))
			total = keepingRun{total.created + r.created, total.updated + r.updated, total.adopted + r.adopted, total.retired + r.retired}
		}
		w.Close()
	}
	t.Logf("seeds 1000 to %d, %d runs: %d creations, %d updates, adopted rules and entries seen %d times, retiring ones %d times", 999+worlds, worlds*runs, total.created, total.updated, total.adopted, total.retired)
	if least := worlds * runs / 3; total.created < least || total.updated < least || total.adopted < least/2 || total.retired == 0 {
		t.Errorf("too little has happened: %+v", total)
	}
}
