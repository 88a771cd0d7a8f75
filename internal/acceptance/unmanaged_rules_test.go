// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package acceptance

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	tfjson "github.com/hashicorp/terraform-json"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/terraform-clb/terraform-provider-clb/internal/acceptance/world"
)

// lockingDown are the inbound rules of the instances with more arguments.
const lockingDown = `
	resource "clb_instance_ingress_rules" "instances" {
	  security_group_id  = local.instance_group
	  load_balancers     = [local.web]
	  path_mtu_discovery = false
	  ARGUMENTS
	}`

const (
	fromLBGroup = `
		instance_group in tcp 8080 from lb_group
		instance_group in tcp 8081 from lb_group`
	open8080   = "instance_group in tcp 8080 from 0.0.0.0/0"
	sshToAll   = "instance_group in tcp 22 from 0.0.0.0/0"
	everyPort  = "instance_group in tcp 0-65535 from 10.0.0.0/8"
	monitoring = "instance_group in udp 8080 from 0.0.0.0/0"
)

// removes wants a plan to show exactly these under an attribute, one a line: an id
// or place, as the expectation names it, and what it says.
func (f *fixture) removes(address, attribute string, want func() map[string]string) func(*resource.TestStep) {
	return func(s *resource.TestStep) {
		s.ConfigPlanChecks.PreApply = append(s.ConfigPlanChecks.PreApply, planCheck(func(plan *tfjson.Plan) error {
			for _, r := range plan.ResourceChanges {
				if r.Address != address {
					continue
				}
				var got, wanted []string
				for id, words := range object(object(r.Change.After)[attribute]) {
					got = append(got, fmt.Sprintf("%s %s", id, words))
				}
				for id, words := range want() {
					wanted = append(wanted, fmt.Sprintf("%s %s", id, words))
				}
				if diff := difference(wanted, got); diff != "" {
					return fmt.Errorf("%s of %s differs from what is expected (- is missing, + is too much):\n%s", attribute, address, diff)
				}
				return nil
			}
			return fmt.Errorf("%s is not in the plan", address)
		}))
	}
}

// removesRules wants a plan to show exactly these rows in revoked_rules.
func (f *fixture) removesRules(address string, rows ...string) func(*resource.TestStep) {
	return f.removes(address, "revoked_rules", func() map[string]string {
		want := map[string]string{}
		for _, row := range rows {
			fields := strings.Fields(row)
			words := strings.NewReplacer("in ", "inbound ", "out ", "outbound ").Replace(strings.Join(fields[1:], " "))
			want[*f.rule(row).SecurityGroupRuleId] = words
		}
		return want
	})
}

// inOrder wants the first call of an operation to come before that of another one.
func (f *fixture) inOrder(first, second string) func() error {
	return func() error {
		at := func(action string) int {
			last := -1
			for i, call := range f.calls {
				if call.Action == action && (last < 0 || action == first) {
					last = i
				}
			}
			return last
		}
		if f.double != nil && (at(first) < 0 || at(second) < at(first)) {
			return fmt.Errorf("%s is call %d, and %s call %d", first, at(first), second, at(second))
		}
		return nil
	}
}

func adjusting(adjustments ...func(*resource.TestStep)) func(*resource.TestStep) {
	return func(s *resource.TestStep) {
		for _, adjust := range adjustments {
			adjust(s)
		}
	}
}

func nonEmptyAfterwards(s *resource.TestStep) { s.ExpectNonEmptyPlan = true }

// TestRevokeBroader locks a group down: the plan shows the less restrictive rule,
// and nothing else goes, whatever else is open. What comes back is shown and goes
// again. Once everything else is to go too, the plan shows that.
func TestRevokeBroader(t *testing.T) {
	t.Parallel()
	f := newFixture(t, world.Plan{Listeners: [][2]int32{{80, 8080}}})
	strangers := strings.Join([]string{open8080, sshToAll, everyPort, monitoring}, "\n")
	f.make(strangers)
	f.settle()
	const address = "clb_instance_ingress_rules.instances"
	broader := with(lockingDown, "ARGUMENTS", `unmanaged_rules = "revoke_broader"`)
	f.run(
		step{
			config: broader,
			adjust: f.removesRules(address, open8080),
			writes: "AuthorizeSecurityGroupIngress 2\nRevokeSecurityGroupIngress 1",
			world:  fromLBGroup + "\n- " + open8080,
			check:  f.inOrder("AuthorizeSecurityGroupIngress", "RevokeSecurityGroupIngress"),
		},
		step{
			before: func() { f.make(open8080) },
			config: broader,
			plan:   "update " + address,
			adjust: f.removesRules(address, open8080),
			writes: "RevokeSecurityGroupIngress 1",
			world:  fromLBGroup + "\n- " + open8080,
		},
		step{
			// What has gone stays in the state, and is in no plan of other things.
			config: with(lockingDown, "ARGUMENTS", "unmanaged_rules = \"revoke_broader\"\ntags = { Team = \"edge\" }"),
			plan:   "update " + address + "\n~ tags\n~ tags_all",
			writes: "CreateTags 2",
			world:  fromLBGroup + "\n- " + open8080,
		},
		step{
			before: func() { f.make(open8080) },
			config: with(lockingDown, "ARGUMENTS", ""),
			writes: "DeleteTags 2",
			world:  fromLBGroup,
		},
		step{
			config: with(lockingDown, "ARGUMENTS", `unmanaged_rules = "revoke"`),
			plan:   "update " + address,
			adjust: f.removesRules(address, open8080, sshToAll, everyPort, monitoring),
			writes: "RevokeSecurityGroupIngress 4",
			world:  fromLBGroup + "\n" + strings.Join(prefixed("- ", lines(strangers)), "\n"),
		},
		step{config: "# nothing", world: strings.Join(prefixed("- ", lines(strangers)), "\n")},
		step{before: func() { f.make(strangers) }, config: "# still nothing", world: nothing},
	)
}

// TestRevokeBroaderClients locks the load balancer's own group down to its clients,
// and its outbound rules to its instances. An identical rule is adopted, not revoked.
func TestRevokeBroaderClients(t *testing.T) {
	t.Parallel()
	f := newFixture(t, world.Plan{Listeners: [][2]int32{{80, 8080}}})
	const wide, out, adopted = "lb_group in tcp 80 from 203.0.112.0/22", "lb_group out tcp 8080-8081 to 10.0.0.0/8", "lb_group in tcp 80 from 203.0.113.0/24"
	const all = wide + "\n" + out
	f.make(all + "\n" + adopted + "\nlb_group in tcp 80 from 198.51.100.0/24\nlb_group out udp 53 to 0.0.0.0/0")
	f.settle()
	f.run(
		step{
			config: with(adoptingRules, "VALUE", "local.web", "ARGUMENTS", `unmanaged_rules = "revoke_broader"
				vpc_cidr_blocks = local.vpc
				clients = [{ cidr_blocks = ["203.0.113.0/24"] }]`),
			adjust: f.removesRules("clb_load_balancer_rules.web", wide, out),
			writes: "AuthorizeSecurityGroupEgress 2\nRevokeSecurityGroupIngress 1\nRevokeSecurityGroupEgress 1",
			world: `
				lb_group out tcp 8080 to instance_group
				lb_group out tcp 8081 to instance_group
				- ` + wide + "\n- " + out,
		},
		step{config: "# nothing", world: "- " + wide + "\n- " + out},
		step{before: func() { f.make(all) }, config: "# still nothing", world: nothing},
	)
}

// TestRevokedRulesAndAMovingWorld: what the plan has not shown stays, and so does a
// rule that is no longer what it showed; one that has gone already is no error. The
// plan of a creation is made anew: Terraform stops before anything is written.
func TestRevokedRulesAndAMovingWorld(t *testing.T) {
	t.Parallel()
	f := newFixture(t, world.Plan{Listeners: [][2]int32{{80, 8080}}})
	const also = "instance_group in tcp 8081 from 0.0.0.0/0"
	const range8080 = "instance_group in tcp 8080-8081 from 0.0.0.0/0"
	const changed = "instance_group in tcp 9090 from 192.0.2.0/24"
	const address = "clb_instance_ingress_rules.instances"
	f.make(open8080 + "\n" + also)
	f.settle()
	broader := with(lockingDown, "ARGUMENTS", `unmanaged_rules = "revoke_broader"`)
	f.run(
		step{
			config: broader,
			adjust: afterPlan(func() error { f.make(range8080); return nil }),
			fails:  "inconsistent final plan",
			world:  range8080,
		},
		step{config: with(lockingDown, "ARGUMENTS", ""), world: fromLBGroup + "\n" + range8080},
		step{
			before: func() { f.revoke(range8080) },
			config: broader,
			adjust: adjusting(f.removesRules(address, open8080, also), nonEmptyAfterwards, afterPlan(func() error {
				f.modify(also, 9090, 9090, "192.0.2.0/24")
				f.revoke(open8080)
				f.make(range8080)
				return nil
			})),
			// The calls of others between plan and apply, and no further one.
			writes: "ModifySecurityGroupRules\nRevokeSecurityGroupIngress 1\nAuthorizeSecurityGroupIngress 1",
			world:  fromLBGroup + "\n" + range8080 + "\n" + changed + "\n- " + open8080 + "\n- " + also,
		},
		step{
			config: broader,
			adjust: f.removesRules(address, range8080),
			writes: "RevokeSecurityGroupIngress 1",
			world:  fromLBGroup + "\n" + changed + "\n- " + open8080 + "\n- " + also,
		},
		step{config: "# nothing", world: changed + "\n- " + open8080 + "\n- " + also},
		step{before: func() { f.revoke(changed); f.make(open8080 + "\n" + also) }, config: "# still nothing", world: nothing},
	)
}

// TestRevokeNothingOfOthers: what other resources own stays, once these are read first.
func TestRevokeNothingOfOthers(t *testing.T) {
	t.Parallel()
	f := newFixture(t, world.Plan{Listeners: [][2]int32{{80, 8080}}, InternalListeners: [][2]int32{{9000, 9000}}})
	f.make(open8080)
	f.settle()
	others := `
	resource "clb_instance_ingress_rules" "other" {
	  security_group_id  = local.instance_group
	  load_balancers     = [merge(local.internal, { health_check = [{ target = "TCP:9000" }] })]
	  path_mtu_discovery = false
	  additional_ingress = { office = { ip_protocol = "tcp", from_port = 8081, to_port = 8081, cidr_ipv4 = "0.0.0.0/0" } }
	}`
	const rowsOfOthers = "\ninstance_group in tcp 9000 from internal_group\ninstance_group in tcp 8081 from 0.0.0.0/0"
	const depends = "\ndepends_on = [clb_instance_ingress_rules.other]"
	const provider = "enforcement = \"advisory\""
	f.run(
		step{config: with(lockingDown, "ARGUMENTS", depends) + others, provider: provider, world: fromLBGroup + rowsOfOthers},
		step{
			config: with(lockingDown, "ARGUMENTS", `unmanaged_rules = "revoke"`+depends) + others, provider: provider,
			adjust: f.removesRules("clb_instance_ingress_rules.instances", open8080),
			writes: "RevokeSecurityGroupIngress 1",
			world:  fromLBGroup + rowsOfOthers + "\n- " + open8080,
		},
		step{config: "# nothing", world: "- " + open8080},
		step{before: func() { f.make(open8080) }, config: "# still nothing", world: nothing},
	)
}

// TestRevokeThatFails: nothing goes unless the resource's own rules are in place. A
// creation that cannot revoke is taken back, an update goes on with the next apply.
func TestRevokeThatFails(t *testing.T) {
	t.Parallel()
	f := newFixture(t, world.Plan{Listeners: [][2]int32{{80, 8080}}})
	f.make(open8080)
	f.settle()
	const address = "clb_instance_ingress_rules.instances"
	broader := with(lockingDown, "ARGUMENTS", `unmanaged_rules = "revoke_broader"`)
	stop := func() {}
	refuse := func(operation string, times int) func() {
		return func() { stop(); stop = f.refuse(operation, 1, times) }
	}
	f.run(
		step{before: refuse("AuthorizeSecurityGroupIngress", 0), config: broader, fails: "Unable to create the security group rules", world: nothing},
		step{
			before: refuse("RevokeSecurityGroupIngress", 1), config: broader,
			fails: "Unable to remove the unmanaged rules … inbound tcp 8080 from 0.0.0.0/0 … The rules of this resource itself were taken back.", world: nothing,
		},
		step{before: func() { stop() }, config: with(lockingDown, "ARGUMENTS", ""), world: fromLBGroup},
		step{
			before: refuse("AuthorizeSecurityGroupIngress", 0),
			config: with(lockingDown, "ARGUMENTS", "unmanaged_rules = \"revoke_broader\"\nlb_ports = [80]\npath_mtu_discovery_cidr_blocks = [\"192.0.2.0/24\"]\nadditional_ingress = { a = { ip_protocol = \"tcp\", from_port = 7, to_port = 7, cidr_ipv4 = \"192.0.2.0/24\" } }"),
			fails:  "Unable to update the security group rules", world: fromLBGroup,
		},
		step{
			before: refuse("RevokeSecurityGroupIngress", 0), config: broader,
			fails: "Unable to remove the unmanaged rules … The rules of this resource itself are in place.", world: fromLBGroup,
		},
		step{
			before: func() { stop() }, config: broader,
			adjust: f.removesRules(address, open8080), writes: "RevokeSecurityGroupIngress 1", world: fromLBGroup + "\n- " + open8080,
		},
		step{config: "# nothing", world: "- " + open8080},
		step{before: func() { f.make(open8080) }, config: "# still nothing", world: nothing},
	)
}

// TestRevokeRefused: a group that a Kubernetes controller owns, and whatever cannot
// be shown.
func TestRevokeRefused(t *testing.T) {
	t.Parallel()
	f := newFixture(t, world.Plan{Listeners: [][2]int32{{80, 8080}}})
	f.make(open8080)
	key, value := "kubernetes.io/cluster/prod", "owned"
	_, err := f.ec2().CreateTags(context.Background(), &ec2.CreateTagsInput{Resources: []string{f.InstanceGroup}, Tags: []types.Tag{{Key: &key, Value: &value}}})
	f.must(err)
	f.settle()
	broader := with(lockingDown, "ARGUMENTS", `unmanaged_rules = "revoke_broader"`)
	f.run(
		step{config: broader, fails: `Security group is owned by a controller … unmanaged_rules is "revoke_broader", and security group {instance_group} is owned by the controller of the Kubernetes cluster "prod"`, world: nothing},
		step{config: with(lockingDown, "ARGUMENTS", ""), world: fromLBGroup},
		step{config: with(lockingDown, "ARGUMENTS", `unmanaged_rules = "revoke"`), fails: "Security group is owned by a controller", world: fromLBGroup},
		step{config: with(lockingDown, "ARGUMENTS", `unmanaged_rules = "drop"`), fails: `"drop" is neither "keep", "revoke_broader" nor "revoke"`, world: fromLBGroup},
		step{
			config: with(lockingDown, "ARGUMENTS", `unmanaged_rules = terraform_data.mode.output`) + `
				resource "terraform_data" "mode" { input = "revoke" }`,
			fails: "Unable to show what is removed … unmanaged_rules is not known yet", world: fromLBGroup,
		},
		step{config: "# nothing", world: nothing},
	)
}

// TestRevokeWhatThePlanCannotShow: while the source of the recommended rules is not
// known, a creation is refused if something may go, and only then.
func TestRevokeWhatThePlanCannotShow(t *testing.T) {
	t.Parallel()
	f := newFixture(t, world.Plan{Listeners: [][2]int32{{80, 8080}}})
	f.make(open8080 + "\n" + sshToAll)
	f.settle()
	config := `
		resource "terraform_data" "group" { input = local.lb_group }
		resource "clb_instance_ingress_rules" "instances" {
		  security_group_id  = local.instance_group
		  load_balancers     = [merge(local.web, { security_groups = [terraform_data.group.output] })]
		  path_mtu_discovery = false
		  unmanaged_rules    = "revoke_broader"
		}`
	f.run(
		step{config: config, fails: `Unable to show what is removed … "tcp 8080 from 0.0.0.0/0" stands in the group`, world: nothing},
		step{before: func() { f.revoke(open8080) }, config: config, plan: "create clb_instance_ingress_rules.instances\n? ingress", world: fromLBGroup + "\n- " + open8080},
		step{config: "# nothing", world: "- " + open8080},
		step{before: func() { f.make(open8080) }, config: "# still nothing", world: nothing},
	)
}

// TestRevokeAfterImport: an imported resource keeps what it does not own until it is
// told otherwise.
func TestRevokeAfterImport(t *testing.T) {
	t.Parallel()
	f := newFixture(t, world.Plan{Listeners: [][2]int32{{80, 8080}}})
	f.make(fromLBGroup + "\n" + open8080)
	f.settle()
	config := with(lockingDown, "ARGUMENTS", `unmanaged_rules = "revoke_broader"`) + fmt.Sprintf(`
		import {
		  to = clb_instance_ingress_rules.instances
		  id = %q
		}`, f.InstanceGroup+"/"+f.LoadBalancer)
	var rows []string
	for _, row := range slices.Concat(lines(fromLBGroup), []string{open8080}) {
		rows = append(rows, "- "+row)
	}
	f.run(
		step{
			config: config, plan: "import and update clb_instance_ingress_rules.instances",
			adjust: f.removesRules("clb_instance_ingress_rules.instances", open8080),
			writes: "RevokeSecurityGroupIngress 1", world: "- " + open8080,
		},
		step{config: "# nothing", world: strings.Join(rows, "\n")},
		step{before: func() { f.make(fromLBGroup + "\n" + open8080) }, config: "# still nothing", world: nothing},
	)
}

// TestRevokeInPart: a creation that has revoked something already is not taken back,
// because its rules are needed now. The next apply revokes the rest.
func TestRevokeInPart(t *testing.T) {
	t.Parallel()
	f := newFixture(t, world.Plan{Listeners: [][2]int32{{80, 8080}}})
	const wide, out = "lb_group in tcp 80 from 203.0.112.0/22", "lb_group out tcp 8080 to 0.0.0.0/0"
	const recommended = `
		lb_group in  tcp 80   from 203.0.113.0/24
		lb_group out tcp 8080 to instance_group
		lb_group out tcp 8081 to instance_group
		- ` + wide
	f.make(wide + "\n" + out)
	f.settle()
	config := with(adoptingRules, "VALUE", "local.web", "ARGUMENTS", `unmanaged_rules = "revoke_broader"
		clients = [{ cidr_blocks = ["203.0.113.0/24"] }]`)
	var stop func()
	f.run(
		step{
			before: func() { stop = f.refuse("RevokeSecurityGroupEgress", 1, 0) }, config: config,
			fails: "outbound tcp 8080 to 0.0.0.0/0 … The rules of this resource itself are in place and in the state.", world: recommended,
		},
		step{
			before: func() { stop() }, config: config,
			plan:   "replace clb_load_balancer_rules.web",
			adjust: f.removesRules("clb_load_balancer_rules.web", out),
			writes: "RevokeSecurityGroupEgress 1",
			world:  recommended + "\n- " + out,
		},
		step{config: "# nothing", world: "- " + wide + "\n- " + out},
		step{before: func() { f.make(wide + "\n" + out) }, config: "# still nothing", world: nothing},
	)
}
