// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing/types"

	"github.com/terraform-clb/terraform-provider-clb/internal/acceptance/world"
	"github.com/terraform-clb/terraform-provider-clb/internal/cloud"
	"github.com/terraform-clb/terraform-provider-clb/internal/fakeaws"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// startWiring makes a world in which the load balancer "web" has exactly the
// rules that AWS recommends.
func startWiring(t *testing.T) (*dataSourceDouble, *world.World) {
	t.Helper()
	d := startDataSourceDouble(t, fakeaws.Config{})
	d.options = []Option{
		WithEnvironment(),
		WithClock(func() time.Time { return time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC) }),
	}
	w := d.furnish()
	target := made(wiring.ParseHealthCheckTarget("HTTP:8081/healthz"))(t)
	lb := wiring.LoadBalancer{
		Name: "web", Listeners: []wiring.Listener{{LBPort: 80, InstancePort: 8080}, {LBPort: 443, InstancePort: 8443}}, HealthCheck: &target,
		SecurityGroups: []string{w.LoadBalancerGroup}, InstanceSecurityGroups: []string{w.InstanceGroup},
	}
	vpc := liveNetworks(w.CIDRBlocks...)
	d.authorize(w.LoadBalancerGroup, wiring.InternetFacingLoadBalancerGroup(lb))
	d.authorize(w.InstanceGroup, wiring.InstanceGroup(lb, lb.SecurityGroups))
	d.authorize(w.InstanceGroup, wiring.InstancePathMTUDiscovery([]wiring.Peer{wiring.GroupPeer(w.LoadBalancerGroup)}))
	d.enter(w.LoadBalancerACL, slices.Concat(wiring.InternetFacingLoadBalancerSubnet(lb, vpc), wiring.LoadBalancerSubnetPathMTUDiscovery(lb, vpc)))
	d.enter(w.InstanceACL, slices.Concat(wiring.PrivateInstanceSubnet(lb, vpc), wiring.InstanceSubnetPathMTUDiscovery(vpc)))
	return d, w
}

func (d *dataSourceDouble) region() *cloud.Region { return cloud.NewRegion(d.ec2, d.elb) }

func (d *dataSourceDouble) authorize(group string, rules []wiring.Rule) {
	d.t.Helper()
	for _, direction := range wiring.Directions() {
		if some := wiring.InDirection(rules, direction); len(some) > 0 {
			made(d.region().Authorize(d.t.Context(), group, direction, some, nil))(d.t)
		}
	}
}

func (d *dataSourceDouble) enter(acl string, rules []wiring.Rule) {
	d.t.Helper()
	for _, direction := range wiring.Directions() {
		for _, entry := range made(wiring.Number(wiring.InDirection(rules, direction), nil, 100, 10))(d.t) {
			made(0, d.region().CreateEntry(d.t.Context(), acl, cloud.NetworkACLEntry{Entry: entry}))(d.t)
		}
	}
}

// deny writes an entry that denies TCP to a port.
func (d *dataSourceDouble) deny(acl string, egress bool, number, port int32, cidr string) {
	d.t.Helper()
	made(d.ec2.CreateNetworkAclEntry(d.t.Context(), &ec2.CreateNetworkAclEntryInput{
		NetworkAclId: &acl, Egress: &egress, RuleNumber: &number, RuleAction: ec2types.RuleActionDeny, Protocol: aws.String("6"),
		PortRange: &ec2types.PortRange{From: &port, To: &port}, CidrBlock: &cidr,
	}))(d.t)
}

// admit writes an inbound rule of a security group.
func (d *dataSourceDouble) admit(group string, permission ec2types.IpPermission) (ruleID string) {
	d.t.Helper()
	out := made(d.ec2.AuthorizeSecurityGroupIngress(d.t.Context(), &ec2.AuthorizeSecurityGroupIngressInput{GroupId: &group, IpPermissions: []ec2types.IpPermission{permission}}))(d.t)
	return *out.SecurityGroupRules[0].SecurityGroupRuleId
}

func tcpFrom(port int32, cidr string) ec2types.IpPermission {
	return ec2types.IpPermission{IpProtocol: aws.String("tcp"), FromPort: &port, ToPort: &port, IpRanges: []ec2types.IpRange{{CidrIp: &cidr}}}
}

// revoke takes the inbound TCP rules of a port out of a group.
func (d *dataSourceDouble) revoke(group string, port int) {
	d.t.Helper()
	rules := made(d.region().SecurityGroupRules(d.t.Context(), group))(d.t)
	for _, rule := range rules {
		if rule.Direction == wiring.Ingress && rule.Protocol == wiring.TCP && rule.From == port {
			made(0, d.region().Revoke(d.t.Context(), group, wiring.Ingress, []string{rule.ID}))(d.t)
		}
	}
}

// judged is what clb_wiring says, without a diagnostic and without a change of the world.
func (d *dataSourceDouble) judged(config blockValues) object {
	d.t.Helper()
	before := d.Snapshot()
	got := d.readClean("clb_wiring", with(blockValues{"load_balancer_name": "web"}, config))
	if d.Snapshot() != before {
		d.t.Error("judging changed the world")
	}
	return got
}

// findingsOf are the findings of an answer as "CLB103 error".
func findingsOf(t *testing.T, answer object) []string {
	t.Helper()
	var ids []string
	for _, finding := range listOf(t, answer["findings"]) {
		ids = append(ids, fmt.Sprintf("%s %s", finding["id"], finding["severity"]))
	}
	return ids
}

func listOf(t *testing.T, value any) []object {
	t.Helper()
	list, ok := value.([]any)
	if !ok {
		t.Fatalf("%v is not a list", value)
	}
	var objects []object
	for _, element := range list {
		o, ok := element.(object)
		if !ok {
			t.Fatalf("%v is not an object", element)
		}
		objects = append(objects, o)
	}
	return objects
}

func wantVerdict(t *testing.T, answer object, verdict string, findings ...string) {
	t.Helper()
	t.Log(answer["report"])
	if answer["verdict"] != verdict {
		t.Errorf("verdict %v, want %s", answer["verdict"], verdict)
	}
	if got := findingsOf(t, answer); !slices.Equal(got, findings) {
		t.Errorf("findings %q, want %q", got, findings)
	}
}

func TestWiringProved(t *testing.T) {
	d, _ := startWiring(t)
	got := d.judged(nil)
	wantVerdict(t, got, "proved")
	wantAttributes(t, got, object{"load_balancer_name": "web", "region": "us-east-1", "clients": nil, "planned_rules": nil, "fail_on": nil})
	verdicts := map[string]string{}
	for _, flow := range listOf(t, got["flows"]) {
		verdicts[fmt.Sprint(flow["flow"])] = fmt.Sprint(flow["verdict"])
		for _, hop := range listOf(t, flow["hops"]) {
			if hop["witness"] != nil || hop["filter"] == "" {
				t.Errorf("%v: hop %v", flow["flow"], hop)
			}
		}
	}
	for _, flow := range []string{"client to listener on tcp 80", "client to listener on tcp 443", "load balancer to instance port on tcp 8080", "health check on tcp 8081", "reply to clients", "reply of instances"} {
		if name := flow + ` of load balancer "web"`; verdicts[name] != "proved" {
			t.Errorf("%s is %q, among %v", name, verdicts[name], slices.Sorted(maps.Keys(verdicts)))
		}
	}
	for _, text := range []string{"report", "diagram"} {
		if s, ok := got[text].(string); !ok || !strings.Contains(s, "web") {
			t.Errorf("%s: %v", text, got[text])
		}
	}
	want := map[string]int{
		"DescribeLoadBalancers": 1, "DescribeLoadBalancerAttributes": 1, "DescribeVpcs": 1,
		"DescribeInstances": 1, "DescribeSubnets": 1, "DescribeNetworkAcls": 1, "DescribeSecurityGroups": 1,
	}
	if counts := d.counts(); !maps.Equal(counts, want) {
		t.Errorf("calls: %v, want %v", counts, want)
	}
}

// TestWiringDenyAt90: an entry that somebody else wrote shadows ours.
func TestWiringDenyAt90(t *testing.T) {
	d, w := startWiring(t)
	d.deny(w.InstanceACL, false, 90, 8081, "10.0.0.0/8")
	got := d.judged(nil)
	if got["verdict"] != "refuted" {
		t.Fatalf("verdict %v: %v", got["verdict"], got["report"])
	}
	finding := listOf(t, got["findings"])[0]
	wantAttributes(t, finding, object{"id": "CLB103", "slug": "health-check", "severity": "error", "page": "https://registry.terraform.io/providers/terraform-clb/clb/latest/docs/guides/finding-clb103-health-check"})
	for attribute, words := range map[string]string{"sentence": "10.0.3.4:8081", "blockers": "rule 90 (deny tcp 8081 from 10.0.0.0/8)"} {
		if !strings.Contains(fmt.Sprint(finding[attribute]), words) {
			t.Errorf("%s has no word of %q: %v", attribute, words, finding[attribute])
		}
	}
	for _, flow := range listOf(t, got["flows"]) {
		refuted := strings.HasPrefix(fmt.Sprint(flow["flow"]), "health check")
		if (flow["verdict"] == "refuted") != refuted {
			t.Errorf("%v is %v", flow["flow"], flow["verdict"])
		}
		for _, hop := range listOf(t, flow["hops"]) {
			if (hop["verdict"] == "refuted") != (hop["witness"] != nil) {
				t.Errorf("%v: %v", flow["flow"], hop)
			}
		}
	}
	t.Run("fail_on", func(t *testing.T) {
		for _, tt := range []struct {
			name   string
			config blockValues
			fails  bool
		}{
			{"never", blockValues{"fail_on": "never"}, false},
			{"error", blockValues{"fail_on": "error"}, true},
			{"warning", blockValues{"fail_on": "warning"}, true},
			{"error, advisory", blockValues{"fail_on": "error", "enforcement": "advisory"}, false},
			{"warning, advisory", blockValues{"fail_on": "warning", "enforcement": "advisory"}, true},
		} {
			t.Run(tt.name, func(t *testing.T) {
				_, diags := d.read("clb_wiring", d.block(nil), with(blockValues{"load_balancer_name": "web"}, tt.config))
				if !tt.fails {
					wantNothingSaid(t, diags)
					return
				}
				want := said{at: "load_balancer_name", summary: "Health check cannot reach the instances (CLB103)", detail: []string{"10.0.3.4:8081", "rule 90", "fail_on", "CLB_ENFORCEMENT=advisory"}}
				if !slices.ContainsFunc(diags, want.matches) || len(errorsIn(diags)) != len(diags) {
					t.Errorf("got %s", saidBy(diags))
				}
			})
		}
	})
	t.Run("the environment overrides enforcement", func(t *testing.T) {
		d.options = append(d.options, WithEnvironment("CLB_ENFORCEMENT=advisory"))
		got := d.judged(blockValues{"fail_on": "error", "enforcement": "strict"})
		if severity := listOf(t, got["findings"])[0]["severity"]; severity != "warning" {
			t.Errorf("severity %v", severity)
		}
	})
}

// TestWiringNamesRules: a finding names the rule by its id, for which one more
// call is made.
func TestWiringNamesRules(t *testing.T) {
	d, w := startWiring(t)
	id := d.admit(w.LoadBalancerGroup, tcpFrom(22, "0.0.0.0/0"))
	got := d.judged(nil)
	wantVerdict(t, got, "proved", "CLB201 warning")
	if blockers := fmt.Sprint(listOf(t, got["findings"])[0]["blockers"]); !strings.Contains(blockers, id) {
		t.Errorf("the blockers do not name %s: %s", id, blockers)
	}
	if counts := d.counts(); counts["DescribeSecurityGroupRules"] != 1 || len(d.Calls()) != 8 {
		t.Errorf("calls: %v", counts)
	}
	t.Cleanup(d.Inject(fakeaws.Fault{Kind: fakeaws.Fail, Code: "UnauthorizedOperation", Match: func(c fakeaws.Call) bool { return c.Action == "DescribeSecurityGroupRules" }}))
	got, diags := d.read("clb_wiring", d.block(nil), blockValues{"load_balancer_name": "web"})
	wantSaid(t, diags, said{warning: true, at: "load_balancer_name", summary: "Wiring read in part", detail: []string{w.LoadBalancerGroup, "messages describe them only", "ec2:DescribeSecurityGroupRules"}})
	wantVerdict(t, got, "proved", "CLB201 warning")
}

func TestWiringAccept(t *testing.T) {
	d, w := startWiring(t)
	d.admit(w.LoadBalancerGroup, tcpFrom(22, "0.0.0.0/0"))
	ssh := blockValues{"finding": "load-balancer-group-ingress", "reason": "bastion", "protocol": "tcp", "from_port": 22, "to_port": 22, "expires": "2027-01-01"}
	wantVerdict(t, d.judged(blockValues{"accept": []any{ssh}}), "proved")
	wantVerdict(t, d.judged(blockValues{"accept": []any{with(ssh, blockValues{"from_port": 23, "to_port": 23})}}), "proved", "CLB201 warning", "CLB903 warning")
	wantVerdict(t, d.judged(blockValues{"accept": []any{with(ssh, blockValues{"expires": "2026-06-30"})}}), "proved", "CLB201 warning", "CLB902 warning")
	wantVerdict(t, d.judged(blockValues{"accept": []any{with(ssh, blockValues{"expires": "2026-07-02"})}}), "proved", "CLB901 warning")
}

func TestWiringClients(t *testing.T) {
	d, w := startWiring(t)
	office := blockValues{"cidr_blocks": []any{"198.51.100.0/24"}}
	wantVerdict(t, d.judged(blockValues{"clients": []any{office}}), "proved", "CLB201 warning", "CLB204 warning")
	d.revoke(w.LoadBalancerGroup, 443)
	d.admit(w.LoadBalancerGroup, tcpFrom(443, "198.51.100.0/25"))
	got := d.judged(blockValues{"clients": []any{with(office, blockValues{"lb_ports": []any{443}})}})
	if finding := listOf(t, got["findings"])[0]; got["verdict"] != "refuted" || finding["id"] != "CLB101" || !strings.Contains(fmt.Sprint(finding["sentence"]), "198.51.100.132") {
		t.Errorf("got %v, %v", got["verdict"], finding)
	}
	// Undeclared, a listener that admits somebody is not refuted.
	if got := d.judged(nil); got["verdict"] != "proved" {
		t.Errorf("undeclared: %v", got["report"])
	}
	_, diags := d.read("clb_wiring", d.block(nil), blockValues{"load_balancer_name": "web", "clients": []any{with(office, blockValues{"lb_ports": []any{444}})}})
	wantSaid(t, diags, said{at: "clients", summary: "Invalid clients", detail: []string{"444", "no listener", "80, 443"}})
}

// TestWiringPrefixLists: a client in a prefix list is admitted by its networks.
func TestWiringPrefixLists(t *testing.T) {
	d, w := startWiring(t)
	list := made(d.ec2.CreateManagedPrefixList(t.Context(), &ec2.CreateManagedPrefixListInput{
		PrefixListName: aws.String("offices"), AddressFamily: aws.String("IPv4"), MaxEntries: aws.Int32(2),
		Entries: []ec2types.AddPrefixListEntry{{Cidr: aws.String("198.51.100.0/25")}, {Cidr: aws.String("198.51.100.128/25")}},
	}))(t).PrefixList.PrefixListId
	d.revoke(w.LoadBalancerGroup, 443)
	d.admit(w.LoadBalancerGroup, ec2types.IpPermission{IpProtocol: aws.String("tcp"), FromPort: aws.Int32(443), ToPort: aws.Int32(443), PrefixListIds: []ec2types.PrefixListId{{PrefixListId: list}}})
	clients := func(cidr string) blockValues {
		return blockValues{"clients": []any{blockValues{"lb_ports": []any{443}, "cidr_blocks": []any{cidr}}}}
	}
	if got := d.judged(clients("198.51.100.0/24")); got["verdict"] != "proved" || d.counts()["GetManagedPrefixListEntries"] != 1 {
		t.Errorf("%v after %v", got["report"], d.counts())
	}
	if got := d.judged(clients("198.51.0.0/16")); got["verdict"] != "refuted" {
		t.Errorf("clients outside: %v", got["report"])
	}
	t.Cleanup(d.Inject(fakeaws.Fault{Kind: fakeaws.Fail, Code: "UnauthorizedOperation", Match: func(c fakeaws.Call) bool { return c.Action == "GetManagedPrefixListEntries" }}))
	got, diags := d.read("clb_wiring", d.block(nil), with(blockValues{"load_balancer_name": "web"}, clients("198.51.100.0/24")))
	wantSaid(t, diags, said{warning: true, at: "load_balancer_name", summary: "Wiring read in part", detail: []string{*list, "undecided", "ec2:GetManagedPrefixListEntries"}})
	if got["verdict"] != "undecided" {
		t.Errorf("denied: %v", got["report"])
	}
}

// TestWiringDenied: what cannot be read is undecided, and nothing fails.
func TestWiringDenied(t *testing.T) {
	d, _ := startWiring(t)
	for action, verdict := range map[string]string{
		"DescribeLoadBalancers":          "", // the read fails
		"DescribeLoadBalancerAttributes": "proved",
		"DescribeVpcs":                   "proved",
		"DescribeInstances":              "undecided",
		"DescribeSubnets":                "proved", /* by the networks of the VPC */
		"DescribeNetworkAcls":            "undecided",
		"DescribeSecurityGroups":         "undecided",
	} {
		t.Run(action, func(t *testing.T) {
			t.Cleanup(d.Inject(fakeaws.Fault{Kind: fakeaws.Fail, Code: "UnauthorizedOperation", Message: "You are not authorized to perform this operation.",
				Match: func(c fakeaws.Call) bool { return c.Action == action }}))
			got, diags := d.read("clb_wiring", d.block(nil), blockValues{"load_balancer_name": "web", "fail_on": "error"})
			if verdict == "" {
				wantSaid(t, diags, said{at: "load_balancer_name", summary: "Unable to read the load balancer", detail: []string{`"web"`, ":" + action}})
				return
			}
			wantSaid(t, diags, said{warning: true, at: "load_balancer_name", summary: "Wiring read in part", detail: []string{`"web"`, "cannot be seen", ":" + action}})
			if got["verdict"] != verdict {
				t.Errorf("verdict %v, want %s: %v", got["verdict"], verdict, got["report"])
			}
		})
	}
	t.Run("a failure", func(t *testing.T) {
		t.Cleanup(d.Inject(fakeaws.Fault{Kind: fakeaws.Fail, Code: "InternalError", Match: func(c fakeaws.Call) bool { return c.Action == "DescribeNetworkAcls" }}))
		_, diags := d.read("clb_wiring", d.block(nil), blockValues{"load_balancer_name": "web"})
		wantSaid(t, diags, said{at: "load_balancer_name", summary: "Unable to read the load balancer", detail: []string{"ec2:DescribeNetworkAcls failed"}})
	})
}

// TestWiringStatedInstances: instances that do not run yet are judged by what is
// stated about them.
func TestWiringStatedInstances(t *testing.T) {
	d, w := startWiring(t)
	other := made(w.MakeGroup(t.Context(), "other"))(t)
	open := d.subnet(w.VPC, "10.0.9.0/24", "us-east-1a")
	groups := func(ids ...any) blockValues { return blockValues{"instance_security_group_ids": ids} }
	if got := d.judged(groups(other)); got["verdict"] != "refuted" {
		t.Errorf("a group without rules, beside the registered instances: %v", got["report"])
	}
	if got := d.judged(groups(other, w.InstanceGroup)); got["verdict"] != "proved" {
		t.Errorf("a group without rules beside the right one: %v", got["report"])
	}
	if got := d.judged(blockValues{"instance_subnet_ids": []any{open}}); got["verdict"] != "proved" || !strings.Contains(fmt.Sprint(got["flows"]), d.defaultACL(w.VPC)) {
		t.Errorf("a subnet with the default network ACL: %v", got["report"])
	}
	_, diags := d.read("clb_wiring", d.block(nil), blockValues{"load_balancer_name": "web", "instance_subnet_ids": []any{"subnet-00000000000000000"}})
	wantSaid(t, diags, said{warning: true, at: "load_balancer_name", summary: "Wiring read in part", detail: []string{"subnet-00000000000000000", "does not exist", "instance_subnet_ids"}})

	made(d.elb.DeregisterInstancesFromLoadBalancer(t.Context(), &elb.DeregisterInstancesFromLoadBalancerInput{
		LoadBalancerName: aws.String("web"), Instances: []elbtypes.Instance{{InstanceId: &w.Instances[0]}, {InstanceId: &w.Instances[1]}},
	}))(t)
	if got := d.judged(nil); got["verdict"] != "undecided" {
		t.Errorf("no instance: %v", got["report"])
	}
	stated := with(groups(w.InstanceGroup), blockValues{"instance_subnet_ids": []any{w.InstanceSubnets[0], w.InstanceSubnets[1]}})
	wantVerdict(t, d.judged(stated), "proved")
	if got := d.judged(groups(w.InstanceGroup)); got["verdict"] != "undecided" {
		t.Errorf("groups without subnets: %v", got["report"])
	}
}

func TestWiringNotFound(t *testing.T) {
	d, _ := startWiring(t)
	_, diags := d.read("clb_wiring", d.block(nil), blockValues{"load_balancer_name": "wbe"})
	wantSaid(t, diags, said{at: "load_balancer_name", summary: "Load balancer not found", detail: []string{`"wbe"`, "us-east-1", "aws_elb.web.name"}})
	_, diags = d.read("clb_wiring", d.block(nil), blockValues{"load_balancer_name": "web", "region": "eu-west1"})
	wantSaid(t, diags, said{at: "region", summary: "Invalid AWS region", detail: []string{`"eu-west1"`}})
}

// TestWiringController: groups that a Kubernetes controller owns are told.
func TestWiringController(t *testing.T) {
	for _, tt := range []struct {
		tags map[string]string
		want string
	}{
		{nil, ""},
		{map[string]string{"kubernetes.io/cluster/prod": "owned"}, "prod"},
		{map[string]string{"kubernetes.io/cluster/prod": "shared", "Name": "owned"}, ""},
	} {
		if got := controllerOf(tt.tags); got != tt.want {
			t.Errorf("%v: %q, want %q", tt.tags, got, tt.want)
		}
	}
}
