// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing/types"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/terraform-clb/terraform-provider-clb/internal/acceptance/world"
	"github.com/terraform-clb/terraform-provider-clb/internal/fakeaws"
)

func (d *dataSourceDouble) tag(name string, tags map[string]string) {
	d.t.Helper()
	in := &elb.AddTagsInput{LoadBalancerNames: []string{name}}
	for key, value := range tags {
		in.Tags = append(in.Tags, elbtypes.Tag{Key: &key, Value: &value})
	}
	made(d.elb.AddTags(d.t.Context(), in))(d.t)
}

// furnishOther makes a load balancer of another VPC, shop.
func (d *dataSourceDouble) furnishOther() *world.World {
	d.t.Helper()
	return made(world.Make(d.t.Context(), d.ec2, d.elb, world.Plan{
		Name: "shop", CIDRBlocks: []string{"10.1.0.0/16"}, HealthCheckTarget: "TCP:25", Listeners: [][2]int32{{25, 25}},
	}))(d.t)
}

func TestLoadBalancersDataSource(t *testing.T) {
	d := startDataSourceDouble(t, fakeaws.Config{})
	w := d.furnish()
	other := d.furnishOther()
	d.tag("web", map[string]string{"team": "shop"})

	got := d.readClean("clb_load_balancers", blockValues{})
	wantAttributes(t, got, object{"region": "us-east-1", "names": setOf("shop", "web", "web-internal"), "vpc_id": nil, "name_pattern": nil, "tags": nil})
	lbs, ok := got["load_balancers"].(object)
	if !ok || len(lbs) != 3 {
		t.Fatalf("load_balancers: %v", got["load_balancers"])
	}
	dnsName := func(name string) string {
		out := made(d.elb.DescribeLoadBalancers(t.Context(), &elb.DescribeLoadBalancersInput{LoadBalancerNames: []string{name}}))(t)
		return *out.LoadBalancerDescriptions[0].DNSName
	}
	listener := func(port, instancePort string) object {
		return object{"lb_port": port, "lb_protocol": "tcp", "instance_port": instancePort, "instance_protocol": "tcp"}
	}
	wantAttributes(t, lbs, object{
		"shop": object{
			"name": "shop", "internal": false, "listener": []any{listener("25", "25")}, "health_check": []any{object{"target": "TCP:25"}},
			"security_groups": setOf(other.LoadBalancerGroup), "instance_security_group_ids": setOf(), "dns_name": dnsName("shop"),
			"vpc_id": other.VPC, "vpc_cidr_blocks": []any{"10.1.0.0/16"}, "subnets": setOf(other.LoadBalancerSubnets...),
			"instances": setOf(), "instance_subnet_ids": setOf(), "tags": nil,
		},
		"web-internal": object{
			"name": "web-internal", "internal": true, "listener": []any{listener("9000", "9000")}, "health_check": []any{object{"target": "HTTP:8081/healthz"}},
			"security_groups": setOf(w.InternalGroup), "instance_security_group_ids": setOf(w.InstanceGroup), "dns_name": dnsName("web-internal"),
			"vpc_id": w.VPC, "vpc_cidr_blocks": []any{"10.0.0.0/16", "10.7.0.0/16"}, "subnets": setOf(w.LoadBalancerSubnets...),
			"instances": setOf(w.Instances...), "instance_subnet_ids": setOf(w.InstanceSubnets...), "tags": nil,
		},
	})
	wantCalls := map[string]int{"DescribeLoadBalancers": 3, "DescribeVpcs": 1, "DescribeInstances": 1} // two of them by this test
	if counts := d.counts(); !maps.Equal(counts, wantCalls) {
		t.Errorf("calls: %v, want %v", counts, wantCalls)
	}
}

func TestLoadBalancersDataSourceFilters(t *testing.T) {
	d := startDataSourceDouble(t, fakeaws.Config{})
	w := d.furnish()
	d.furnishOther()
	d.tag("web", map[string]string{"team": "shop", "stage": "live-1", "path": "a*b"})
	d.tag("web-internal", map[string]string{"team": "shop", "stage": "test", "owner": "us"})
	tests := []struct {
		name   string
		config blockValues
		want   []string
		tags   bool // DescribeTags is called
	}{
		{name: "VPC", config: blockValues{"vpc_id": w.VPC}, want: []string{"web", "web-internal"}},
		{name: "VPC without any", config: blockValues{"vpc_id": "vpc-00000000000000000"}},
		{name: "prefix", config: blockValues{"name_pattern": "web*"}, want: []string{"web", "web-internal"}},
		{name: "whole name", config: blockValues{"name_pattern": "web"}, want: []string{"web"}},
		{name: "suffix", config: blockValues{"name_pattern": "*nal"}, want: []string{"web-internal"}},
		{name: "not a part", config: blockValues{"name_pattern": "internal"}},
		{name: "one character", config: blockValues{"name_pattern": "w?b"}, want: []string{"web"}},
		{name: "not no character", config: blockValues{"name_pattern": "web?"}},
		{name: "case", config: blockValues{"name_pattern": "WEB"}},
		{name: "all of VPC and name", config: blockValues{"vpc_id": w.VPC, "name_pattern": "s*"}},
		{name: "tag", config: blockValues{"tags": blockValues{"team": "shop"}}, want: []string{"web", "web-internal"}, tags: true},
		{name: "all tags", config: blockValues{"tags": blockValues{"team": "shop", "stage": "test"}}, want: []string{"web-internal"}, tags: true},
		{name: "tag value pattern", config: blockValues{"tags": blockValues{"stage": "live-?"}}, want: []string{"web"}, tags: true},
		{name: "tag key", config: blockValues{"tags": blockValues{"owner": "*"}}, want: []string{"web-internal"}, tags: true},
		{name: "literal character", config: blockValues{"tags": blockValues{"path": `a\*b`}}, want: []string{"web"}, tags: true},
		{name: "other value", config: blockValues{"tags": blockValues{"team": "sho"}}, tags: true},
		{name: "no tags", config: blockValues{"tags": blockValues{}}, want: []string{"shop", "web", "web-internal"}, tags: true},
		{name: "nothing left to tag", config: blockValues{"tags": blockValues{}, "name_pattern": "x"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := d.readClean("clb_load_balancers", tt.config)
			wantAttributes(t, got, object{"names": setOf(tt.want...)})
			lbs, ok := got["load_balancers"].(object)
			if names := slices.Sorted(maps.Keys(lbs)); !ok || !slices.Equal(names, slices.Sorted(slices.Values(tt.want))) {
				t.Errorf("load_balancers of %v, want %v", names, tt.want)
			}
			if calls := d.counts()["DescribeTags"]; calls != map[bool]int{true: 1}[tt.tags] {
				t.Errorf("%d calls of DescribeTags", calls)
			}
		})
	}
	t.Run("the tags are shown without ignored ones", func(t *testing.T) {
		got, diags := d.read("clb_load_balancers", d.block(blockValues{"ignore_tags": blockValues{"keys": []any{"owner"}}}),
			blockValues{"tags": blockValues{"owner": "us"}})
		if len(diags) > 0 {
			t.Fatal(saidBy(diags))
		}
		lbs, _ := got["load_balancers"].(object)
		lb, _ := lbs["web-internal"].(object)
		wantAttributes(t, lb, object{"tags": object{"team": "shop", "stage": "test"}})
	})
}

// TestDataSourcesOfAnotherRegion: the argument region decides, and is shown.
func TestDataSourcesOfAnotherRegion(t *testing.T) {
	d := startDataSourceDouble(t, fakeaws.Config{})
	d.furnish()
	d.ec2, d.elb = d.clients("eu-west-1")
	d.furnishOther()
	wantAttributes(t, d.readClean("clb_load_balancers", blockValues{"region": "eu-west-1"}), object{"region": "eu-west-1", "names": setOf("shop")})
	wantAttributes(t, d.readClean("clb_load_balancer", blockValues{"region": "eu-west-1", "name": "shop"}), object{"region": "eu-west-1", "name": "shop", "vpc_cidr_blocks": []any{"10.1.0.0/16"}})
}

// TestLoadBalancersDataSourceCalls: the calls grow with pages, not with load
// balancers.
func TestLoadBalancersDataSourceCalls(t *testing.T) {
	const many, instances = 410, 250
	d := startDataSourceDouble(t, fakeaws.Config{Quotas: fakeaws.Quotas{LoadBalancers: 1000}})
	w := d.furnish()
	// Room for a node of each.
	subnet := d.subnet(w.VPC, "10.7.16.0/20", "us-east-1c")
	for i := range many {
		made(d.elb.CreateLoadBalancer(t.Context(), &elb.CreateLoadBalancerInput{
			LoadBalancerName: aws.String(fmt.Sprintf("fleet-%03d", i)), Subnets: []string{subnet}, SecurityGroups: []string{w.LoadBalancerGroup},
			Listeners: []elbtypes.Listener{world.Listener([2]int32{80, 8080})},
		}))(t)
	}
	run := made(d.ec2.RunInstances(t.Context(), &ec2.RunInstancesInput{
		ImageId: aws.String("ami-0123456789abcdef0"), MinCount: aws.Int32(instances), MaxCount: aws.Int32(instances), SubnetId: &subnet, SecurityGroupIds: []string{w.InstanceGroup},
	}))(t)
	for i, instance := range run.Instances {
		d.register(fmt.Sprintf("fleet-%03d", i), *instance.InstanceId)
	}

	got := d.readClean("clb_load_balancers", blockValues{"name_pattern": "fleet-*"})
	if lbs, _ := got["load_balancers"].(object); len(lbs) != many {
		t.Errorf("%d load balancers, want %d", len(lbs), many)
	}
	want := map[string]int{"DescribeLoadBalancers": 2, "DescribeVpcs": 1, "DescribeInstances": 2}
	if counts := d.counts(); !maps.Equal(counts, want) {
		t.Errorf("calls: %v, want %v", counts, want)
	}
	d.readClean("clb_load_balancers", blockValues{"name_pattern": "fleet-0*", "tags": blockValues{}})
	if calls := d.counts()["DescribeTags"]; calls != 5 { // 100 load balancers
		t.Errorf("%d calls of DescribeTags, want 5", calls)
	}
}

func TestLoadBalancersDataSourceRefusals(t *testing.T) {
	d := startDataSourceDouble(t, fakeaws.Config{})
	d.furnish()
	tests := []struct {
		name      string
		config    blockValues
		deny      string
		attribute string
		want      []string
	}{
		{name: "not a VPC id", config: blockValues{"vpc_id": "main"}, attribute: "vpc_id", want: []string{`"main"`, "vpc-0123456789abcdef0"}},
		{name: "empty pattern", config: blockValues{"name_pattern": ""}, attribute: "name_pattern", want: []string{"Leave name_pattern out"}},
		{name: "regular expression", config: blockValues{"name_pattern": "^web"}, attribute: "name_pattern", want: []string{`"^web"`, "* and ?"}},
		{name: "null tag", config: blockValues{"tags": blockValues{"team": nil}}, attribute: "tags", want: []string{`"team"`, `"*"`}},
		{name: "not a region", config: blockValues{"region": "eu-west1"}, attribute: "region", want: []string{`"eu-west1"`}},
		{name: "tags denied", config: blockValues{"tags": blockValues{}}, deny: "DescribeTags", want: []string{"us-east-1", "elasticloadbalancing:DescribeTags"}},
		{name: "instances denied", deny: "DescribeInstances", want: []string{"ec2:DescribeInstances"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Cleanup(d.Inject(fakeaws.Fault{Kind: fakeaws.Fail, Code: "AccessDenied", Match: func(c fakeaws.Call) bool { return c.Action == tt.deny }}))
			_, diags := d.read("clb_load_balancers", d.block(nil), tt.config)
			said := saidBy(diags)
			t.Log(said)
			if len(diags) != 1 || diags[0].Severity != tfprotov6.DiagnosticSeverityError {
				t.Fatal("not one error")
			}
			if at := diags[0].Attribute; tt.attribute != "" && !strings.HasSuffix(at.String(), strconv.Quote(tt.attribute)+")") {
				t.Errorf("the error is at %v", at)
			}
			for _, want := range tt.want {
				if !strings.Contains(said, want) {
					t.Errorf("no word of %q", want)
				}
			}
		})
	}
}

// TestDataSourcesFitResources: Terraform converts what the data sources show to
// what the resources take.
func TestDataSourcesFitResources(t *testing.T) {
	t.Setenv("TF_CLI_CONFIG_FILE", os.DevNull)
	d := startDataSourceDouble(t, fakeaws.Config{})
	w := d.furnish()
	baseline := d.Snapshot()
	reading := fmt.Sprintf(`
provider "clb" {
  region     = "us-east-1"
  access_key = "AKIAEXAMPLE"
  secret_key = "secret"
  endpoints {
    ec2 = %[1]q
    elb = %[1]q
    sts = %[1]q
  }
}

data "clb_load_balancer" "web" {
  name = "web"
}

data "clb_load_balancers" "internal" {
  name_pattern = "*-internal"
}
`, d.url)
	const wired = `
resource "clb_load_balancer_rules" "web" {
  security_group_id = one(data.clb_load_balancer.web.security_groups)
  load_balancers    = [data.clb_load_balancer.web]
}

resource "clb_load_balancer_rules" "internal" {
  for_each          = data.clb_load_balancers.internal.load_balancers
  security_group_id = one(each.value.security_groups)
  load_balancers    = [each.value]
  vpc_cidr_blocks   = each.value.vpc_cidr_blocks
}

resource "clb_network_acl_entries" "web" {
  for_each        = { for id, acl in data.clb_load_balancer.web.network_acls : id => acl if !acl.default }
  network_acl_id  = each.key
  subnet_roles    = length(each.value.instance_subnet_ids) > 0 ? ["private_instance"] : ["load_balancer"]
  load_balancers  = [data.clb_load_balancer.web]
  vpc_cidr_blocks = data.clb_load_balancer.web.vpc_cidr_blocks
}
`
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: map[string]func() (tfprotov6.ProviderServer, error){"clb": providerserver.NewProtocol6WithError(New("test")())},
		Steps: []resource.TestStep{{
			Config: reading + wired,
			ConfigStateChecks: []statecheck.StateCheck{stateCheckFunc(func() error {
				for group, want := range map[string][]string{
					w.LoadBalancerGroup: {"in 443 0.0.0.0/0", "in 80 0.0.0.0/0", "out 8080 " + w.InstanceGroup, "out 8081 " + w.InstanceGroup, "out 8443 " + w.InstanceGroup},
					w.InternalGroup:     {"in 9000 10.0.0.0/16", "in 9000 10.7.0.0/16", "out 8081 " + w.InstanceGroup, "out 9000 " + w.InstanceGroup},
				} {
					if got := d.rules(group); !slices.Equal(got, want) {
						return fmt.Errorf("rules of %s: %v, want %v", group, got, want)
					}
				}
				// Two CIDR blocks: the tables of AWS, and the default deny of both directions.
				for acl, want := range map[string]int{w.LoadBalancerACL: 2 + 2 + 3*2 + 1 + 2, w.InstanceACL: 3*2 + 2 + 2} {
					if got := len(d.NetworkACLEntries("us-east-1", acl)); got != want {
						return fmt.Errorf("%d entries in %s, want %d", got, acl, want)
					}
				}
				return nil
			})},
		}, {
			// The test framework cannot end with a state of for_each.
			Config: reading,
			ConfigStateChecks: []statecheck.StateCheck{stateCheckFunc(func() error {
				if d.Snapshot() != baseline {
					return errors.New("something is left in the world")
				}
				return nil
			})},
		}},
	})
}

// stateCheckFunc looks at the world after an apply.
type stateCheckFunc func() error

func (f stateCheckFunc) CheckState(_ context.Context, _ statecheck.CheckStateRequest, resp *statecheck.CheckStateResponse) {
	resp.Error = f()
}

// rules are the rules of a group as short texts, sorted.
func (d *dataSourceDouble) rules(group string) []string {
	var all []string
	for _, rule := range d.SecurityGroupRules("us-east-1", group) {
		direction := "in"
		if rule.Egress {
			direction = "out"
		}
		all = append(all, fmt.Sprintf("%s %d %s%s", direction, rule.FromPort, rule.CIDRIPv4, rule.ReferencedGroupID))
	}
	slices.Sort(all)
	return all
}
