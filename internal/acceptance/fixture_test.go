// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package acceptance

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing"

	"github.com/terraform-clb/terraform-provider-clb/internal/acceptance/world"
	"github.com/terraform-clb/terraform-provider-clb/internal/fakeaws"
)

// namePrefix starts the name of everything that a test makes: the sweepers go by it.
const namePrefix = "clbacc-"

// fixture is a world for one test. Its things have short names, which are the
// locals of the configuration and stand for the ids in expectations:
// lb_group, internal_group, instance_group, lb_acl, instance_acl.
type fixture struct {
	testing.TB
	*backend
	*world.World
	target    string
	listeners [][2]int32
	internals [][2]int32
	// names by id.
	names map[string]string
	// baseline are the rows that the test did not have the provider make.
	baseline []string
	snapshot string
	// calls are those of the plan and apply of the step that is checked; on the
	// double only.
	calls []fakeaws.Call
}

// newFixture makes a world of its own for a test: a VPC with the networks
// 10.0.0.0/16 and further ones, the load balancers "web" (internet-facing) and
// "internal" with the listeners of the plan.
func newFixture(t testing.TB, plan world.Plan) *fixture {
	t.Helper()
	return newFixtureWith(t, plan, newBackend(t, fakeaws.Quotas{}))
}

func newFixtureWith(t testing.TB, plan world.Plan, b *backend) *fixture {
	t.Helper()
	suffix := make([]byte, 4)
	if _, err := rand.Read(suffix); err != nil {
		t.Fatal(err)
	}
	plan.Name = namePrefix + hex.EncodeToString(suffix)
	plan.CIDRBlocks = append([]string{"10.0.0.0/16"}, plan.CIDRBlocks...)
	if plan.HealthCheckTarget == "" {
		plan.HealthCheckTarget = "HTTP:8081/healthz"
	}
	if plan.Image != "" {
		plan.Image = b.image(t)
	}
	w, err := world.Make(context.Background(), b.ec2(), b.elb(), plan)
	if err != nil {
		t.Fatal(err)
	}
	if onAWS() {
		t.Cleanup(func() {
			if err := w.Destroy(context.Background()); err != nil {
				t.Logf("left to the sweepers: %v", err)
			}
		})
	}
	f := &fixture{TB: t, backend: b, World: w, target: plan.HealthCheckTarget, listeners: plan.Listeners, internals: plan.InternalListeners, names: map[string]string{
		w.LoadBalancerGroup: "lb_group", w.InternalGroup: "internal_group", w.InstanceGroup: "instance_group",
		w.LoadBalancerACL: "lb_acl", w.InstanceACL: "instance_acl",
	}}
	f.settle()
	return f
}

// settle makes the world as it stands the one that is to be there at the end.
func (f *fixture) settle() {
	f.Helper()
	f.baseline = f.rows()
	if f.double != nil {
		f.snapshot = f.double.Snapshot()
	}
}

// group makes one more security group, without rules.
func (f *fixture) group(name string) string {
	f.Helper()
	id, err := f.MakeGroup(context.Background(), strings.TrimSuffix(namePrefix, "-")+"-"+name)
	f.must(err)
	f.names[id] = name
	f.settle()
	return id
}

// acl makes one more network ACL, without entries and subnets.
func (f *fixture) acl(name string) string {
	f.Helper()
	id, err := f.MakeACL(context.Background(), namePrefix+name, nil)
	f.must(err)
	f.names[id] = name
	f.settle()
	return id
}

// prefixList makes a managed prefix list of one network.
func (f *fixture) prefixList(name, cidr string) string {
	f.Helper()
	made, err := f.ec2().CreateManagedPrefixList(context.Background(), &ec2.CreateManagedPrefixListInput{
		PrefixListName: aws.String(namePrefix + name), AddressFamily: aws.String("IPv4"), MaxEntries: aws.Int32(1),
		Entries: []types.AddPrefixListEntry{{Cidr: &cidr}},
	})
	f.must(err)
	id := *made.PrefixList.PrefixListId
	if onAWS() {
		f.Cleanup(func() {
			_, err := f.ec2().DeleteManagedPrefixList(context.Background(), &ec2.DeleteManagedPrefixListInput{PrefixListId: &id})
			if err != nil {
				f.Logf("prefix list %s is left: %v", id, err)
			}
		})
	}
	f.names[id] = name
	f.settle()
	return id
}

func (f *fixture) must(err error) {
	f.Helper()
	if err != nil {
		f.Fatal(err)
	}
}

// id is the id behind a short name.
func (f *fixture) id(name string) string {
	f.Helper()
	for id, known := range f.names {
		if known == name {
			return id
		}
	}
	f.Fatalf("nothing is named %s", name)
	return ""
}

// named puts short names in the place of ids.
func (f *fixture) named(text string) string {
	pairs := []string{}
	for id, name := range f.names {
		pairs = append(pairs, id, name)
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// config is a whole configuration: the provider block with further arguments,
// and locals for all names. local.web and local.internal are the values of the
// two load balancers.
func (f *fixture) config(providerArguments, body string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "provider \"clb\" {\n%s%s\n}\n\nlocals {\n", f.provider, providerArguments)
	for _, id := range slices.Sorted(maps.Keys(f.names)) {
		fmt.Fprintf(&b, "  %s = %q\n", f.names[id], id)
	}
	fmt.Fprintf(&b, "  web_name = %q\n  internal_name = %q\n", f.LoadBalancer, f.InternalLoadBalancer)
	fmt.Fprintf(&b, "  vpc = [\"%s\"]\n", strings.Join(f.CIDRBlocks, `", "`))
	fmt.Fprintf(&b, "  web = %s\n  internal = %s\n}\n\n%s\n",
		f.value(f.LoadBalancer, false, f.listeners, "lb_group"), f.value(f.InternalLoadBalancer, true, f.internals, "internal_group"), body)
	return b.String()
}

func (f *fixture) value(name string, internal bool, listeners [][2]int32, group string) string {
	var ports []string
	for _, l := range listeners {
		ports = append(ports, fmt.Sprintf("{ lb_port = %d, instance_port = %d }", l[0], l[1]))
	}
	return fmt.Sprintf("{\n    name = %q\n    internal = %t\n    listener = [%s]\n    health_check = [{ target = %q }]\n    security_groups = [local.%s]\n  }",
		name, internal, strings.Join(ports, ", "), f.target, group)
}

// rows are all rules of the groups of the VPC, all entries of its network ACLs
// and the groups of its load balancers, one a row, sorted, with short names:
//
//	lb_group in tcp 80 from 0.0.0.0/0
//	lb_acl out 100 allow tcp 1024-65535 to 0.0.0.0/0
//	web carries lb_group
func (f *fixture) rows() []string {
	f.Helper()
	var rows []string
	rows = append(rows, f.groupRows()...)
	rows = append(rows, f.classicRows()...)
	rows = append(rows, f.aclRows()...)
	found, err := f.elb().DescribeLoadBalancers(context.Background(), &elb.DescribeLoadBalancersInput{})
	f.must(err)
	for _, lb := range found.LoadBalancerDescriptions {
		if aws.ToString(lb.VPCId) != f.VPC {
			continue
		}
		name := strings.TrimPrefix(strings.TrimPrefix(*lb.LoadBalancerName, f.LoadBalancer), "-")
		if name == "" {
			name = "web"
		}
		for _, group := range lb.SecurityGroups {
			rows = append(rows, name+" carries "+f.named(group))
		}
	}
	slices.Sort(rows)
	return rows
}

func (f *fixture) groupRows() []string {
	f.Helper()
	groups, err := f.ec2().DescribeSecurityGroups(context.Background(), &ec2.DescribeSecurityGroupsInput{
		MaxResults: aws.Int32(1000), Filters: []types.Filter{{Name: aws.String("vpc-id"), Values: []string{f.VPC}}},
	})
	f.must(err)
	var ids []string
	for _, group := range groups.SecurityGroups {
		ids = append(ids, *group.GroupId)
	}
	var rows []string
	for _, rule := range f.rules(ids...) {
		rows = append(rows, f.row(rule))
	}
	return rows
}

// rules are the rules of security groups.
func (f *fixture) rules(groups ...string) []types.SecurityGroupRule {
	f.Helper()
	found, err := f.ec2().DescribeSecurityGroupRules(context.Background(), &ec2.DescribeSecurityGroupRulesInput{
		MaxResults: aws.Int32(1000), Filters: []types.Filter{{Name: aws.String("group-id"), Values: groups}},
	})
	f.must(err)
	return found.SecurityGroupRules
}

// row is a security group rule as rows shows it.
func (f *fixture) row(rule types.SecurityGroupRule) string {
	direction, word := "in", "from"
	if aws.ToBool(rule.IsEgress) {
		direction, word = "out", "to"
	}
	peer := aws.ToString(rule.CidrIpv4) + aws.ToString(rule.CidrIpv6) + aws.ToString(rule.PrefixListId)
	if rule.ReferencedGroupInfo != nil {
		peer = aws.ToString(rule.ReferencedGroupInfo.GroupId)
		if owner := aws.ToString(rule.ReferencedGroupInfo.UserId); owner != "" && owner != f.account {
			peer = owner + "/" + peer
		}
	}
	from, to := aws.ToInt32(rule.FromPort), aws.ToInt32(rule.ToPort)
	return fmt.Sprintf("%s %s %s %s %s %s", f.named(*rule.GroupId), direction, *rule.IpProtocol, ports(*rule.IpProtocol, from, to), word, f.named(peer))
}

func ports(protocol string, from, to int32) string {
	switch {
	case protocol == "icmp":
		return fmt.Sprintf("%d/%d", from, to)
	case from == to:
		return fmt.Sprint(from)
	default:
		return fmt.Sprintf("%d-%d", from, to)
	}
}

func (f *fixture) aclRows() []string {
	f.Helper()
	found, err := f.ec2().DescribeNetworkAcls(context.Background(), &ec2.DescribeNetworkAclsInput{
		MaxResults: aws.Int32(1000), Filters: []types.Filter{{Name: aws.String("vpc-id"), Values: []string{f.VPC}}},
	})
	f.must(err)
	protocols := map[string]string{"6": "tcp", "17": "udp", "1": "icmp"}
	var rows []string
	for _, acl := range found.NetworkAcls {
		for _, e := range acl.Entries {
			const firstOfAWS = 32767
			if *e.RuleNumber >= firstOfAWS {
				continue
			}
			direction, word := "in", "from"
			if aws.ToBool(e.Egress) {
				direction, word = "out", "to"
			}
			protocol, span := protocols[*e.Protocol], "all"
			switch {
			case protocol == "":
				protocol = *e.Protocol
			case e.IcmpTypeCode != nil:
				span = ports("icmp", aws.ToInt32(e.IcmpTypeCode.Type), aws.ToInt32(e.IcmpTypeCode.Code))
			case e.PortRange != nil:
				span = ports(protocol, aws.ToInt32(e.PortRange.From), aws.ToInt32(e.PortRange.To))
			}
			rows = append(rows, fmt.Sprintf("%s %s %d %s %s %s %s %s", f.named(*acl.NetworkAclId), direction, *e.RuleNumber,
				e.RuleAction, protocol, span, word, aws.ToString(e.CidrBlock)+aws.ToString(e.Ipv6CidrBlock)))
		}
	}
	return rows
}

// checkWorld compares the world with its baseline: it must have the rows of want
// besides, lack those with a minus in front, and be the same otherwise.
func (f *fixture) checkWorld(want string) error {
	f.Helper()
	now := f.rows()
	got := append(minus(now, f.baseline), prefixed("- ", minus(f.baseline, now))...)
	if diff := difference(lines(want), got); diff != "" {
		return fmt.Errorf("the world differs from what is expected (- is missing, + is too much):\n%s", diff)
	}
	if f.double == nil {
		return nil
	}
	// The double knows more than the rows show: nothing else may have changed.
	before, after := facts(f.snapshot), facts(f.double.Snapshot())
	changed := append(prefixed("+ ", minus(after, before)), prefixed("- ", minus(before, after))...)
	if len(changed) != len(got) {
		return fmt.Errorf("expected %d changed facts in the world, got:\n%s", len(got), f.named(strings.Join(changed, "\n")))
	}
	return nil
}

// facts are the lines of a snapshot without the tags, which tests of tags compare.
func facts(snapshot string) []string {
	return slices.DeleteFunc(strings.Split(snapshot, "\n"), func(line string) bool { return strings.Contains(line, " tag ") })
}

// meanwhile does something that stays: the baseline follows it.
func (f *fixture) meanwhile(do func()) {
	f.Helper()
	before, snapshot := f.rows(), ""
	if f.double != nil {
		snapshot = f.double.Snapshot()
	}
	do()
	after := f.rows()
	f.baseline = append(minus(f.baseline, minus(before, after)), minus(after, before)...)
	if f.double != nil {
		was, is := strings.Split(snapshot, "\n"), strings.Split(f.double.Snapshot(), "\n")
		f.snapshot = strings.Join(append(minus(strings.Split(f.snapshot, "\n"), minus(was, is)), minus(is, was)...), "\n")
	}
}

// minus are the lines of a that are not in b; a line counts as often as it stands there.
func minus(a, b []string) []string {
	count := map[string]int{}
	for _, line := range b {
		count[line]++
	}
	var rest []string
	for _, line := range a {
		if count[line]--; count[line] < 0 {
			rest = append(rest, line)
		}
	}
	return rest
}

// lines are the lines of an expectation, without indentation, empty lines and
// repeated blanks.
func lines(text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		if fields := strings.Fields(line); len(fields) > 0 {
			out = append(out, strings.Join(fields, " "))
		}
	}
	return out
}

func prefixed(prefix string, lines []string) []string {
	var out []string
	for _, line := range lines {
		out = append(out, prefix+line)
	}
	return out
}

// difference shows how two lists of lines differ, whatever their order; empty
// when they do not.
func difference(want, got []string) string {
	rows := append(prefixed("  - ", minus(want, got)), prefixed("  + ", minus(got, want))...)
	slices.Sort(rows)
	return strings.Join(rows, "\n")
}
