// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/terraform-clb/terraform-provider-clb/internal/acceptance/world"
	"github.com/terraform-clb/terraform-provider-clb/internal/fakeaws"
)

func TestLoadBalancerDataSource(t *testing.T) {
	d := startDataSourceDouble(t, fakeaws.Config{})
	w := d.furnish()
	// An instance with two interfaces, in a subnet that nobody gave a network ACL.
	plain := d.subnet(w.VPC, "10.7.1.0/24", "us-east-1a")
	appliances := made(w.MakeGroup(t.Context(), "appliances"))(t)
	two := d.run([2]string{plain, appliances}, [2]string{w.InstanceSubnets[0], w.InternalGroup})
	// An instance in a subnet of the load balancer.
	shared := d.run([2]string{w.LoadBalancerSubnets[0], w.InstanceGroup})
	d.register("web", *two.InstanceId, *shared.InstanceId)
	made(d.elb.AddTags(t.Context(), &elb.AddTagsInput{LoadBalancerNames: []string{"web"}, Tags: []elbtypes.Tag{{Key: aws.String("team"), Value: aws.String("shop")}}}))(t)
	made(d.elb.ModifyLoadBalancerAttributes(t.Context(), &elb.ModifyLoadBalancerAttributesInput{
		LoadBalancerName: aws.String("web"), LoadBalancerAttributes: &elbtypes.LoadBalancerAttributes{CrossZoneLoadBalancing: &elbtypes.CrossZoneLoadBalancing{Enabled: true}},
	}))(t)
	baseline := d.Snapshot()

	got := d.readClean("clb_load_balancer", blockValues{"name": "web"})

	described := made(d.elb.DescribeLoadBalancers(t.Context(), &elb.DescribeLoadBalancersInput{LoadBalancerNames: []string{"web"}}))(t).LoadBalancerDescriptions[0]
	listener := func(port, instancePort string) object {
		return object{"lb_port": port, "lb_protocol": "tcp", "instance_port": instancePort, "instance_protocol": "tcp"}
	}
	instance := func(i ec2types.Instance, subnet, zone, group string) object {
		return object{
			"vpc_security_group_ids": setOf(group), "subnet_id": subnet, "availability_zone": zone,
			"private_ip": *i.PrivateIpAddress, "instance_state": "running",
		}
	}
	existing := made(d.ec2.DescribeInstances(t.Context(), &ec2.DescribeInstancesInput{InstanceIds: w.Instances}))(t)
	byID := map[string]ec2types.Instance{}
	for _, reservation := range existing.Reservations {
		byID[*reservation.Instances[0].InstanceId] = reservation.Instances[0]
	}
	subnet := func(zone, cidr, acl string) object {
		return object{"availability_zone": zone, "cidr_block": cidr, "network_acl_id": acl}
	}
	standard := d.defaultACL(w.VPC)
	want := object{
		"region": "us-east-1", "name": "web", "internal": false,
		"listener":                    []any{listener("80", "8080"), listener("443", "8443")},
		"health_check":                []any{object{"target": "HTTP:8081/healthz"}},
		"security_groups":             setOf(w.LoadBalancerGroup),
		"instance_security_group_ids": setOf(w.InstanceGroup, appliances),
		"dns_name":                    *described.DNSName,
		"vpc_id":                      w.VPC,
		"vpc_cidr_blocks":             []any{"10.0.0.0/16", "10.7.0.0/16"},
		"subnets":                     setOf(w.LoadBalancerSubnets...),
		"instances":                   setOf(w.Instances[0], w.Instances[1], *two.InstanceId, *shared.InstanceId),
		"instance_subnet_ids":         setOf(w.InstanceSubnets[0], w.InstanceSubnets[1], plain, w.LoadBalancerSubnets[0]),
		"tags":                        object{"team": "shop"},
		"cross_zone_load_balancing":   true,
		"subnet_details": object{
			w.LoadBalancerSubnets[0]: subnet("us-east-1a", "10.0.1.0/24", w.LoadBalancerACL),
			w.LoadBalancerSubnets[1]: subnet("us-east-1b", "10.0.2.0/24", w.LoadBalancerACL),
			w.InstanceSubnets[0]:     subnet("us-east-1a", "10.0.3.0/24", w.InstanceACL),
			w.InstanceSubnets[1]:     subnet("us-east-1b", "10.0.4.0/24", w.InstanceACL),
			plain:                    subnet("us-east-1a", "10.7.1.0/24", standard),
		},
		"instance_details": object{
			w.Instances[0]:     instance(byID[w.Instances[0]], w.InstanceSubnets[0], "us-east-1a", w.InstanceGroup),
			w.Instances[1]:     instance(byID[w.Instances[1]], w.InstanceSubnets[1], "us-east-1b", w.InstanceGroup),
			*two.InstanceId:    instance(two, plain, "us-east-1a", appliances),
			*shared.InstanceId: instance(shared, w.LoadBalancerSubnets[0], "us-east-1a", w.InstanceGroup),
		},
		"network_acl_ids":          setOf(w.LoadBalancerACL),
		"instance_network_acl_ids": setOf(w.LoadBalancerACL, w.InstanceACL, standard),
		"network_acls": object{
			w.LoadBalancerACL: object{"default": false, "load_balancer_subnet_ids": setOf(w.LoadBalancerSubnets...), "instance_subnet_ids": setOf(w.LoadBalancerSubnets[0])},
			w.InstanceACL:     object{"default": false, "load_balancer_subnet_ids": setOf(), "instance_subnet_ids": setOf(w.InstanceSubnets...)},
			standard:          object{"default": true, "load_balancer_subnet_ids": setOf(), "instance_subnet_ids": setOf(plain)},
		},
		"source_security_group":      object{"owner_alias": "123456789012", "group_name": "web-lb"},
		"source_security_group_id":   w.LoadBalancerGroup,
		"default_security_group":     false,
		"default_elb_security_group": false,
	}
	wantAttributes(t, got, want)
	if len(got) != len(want) {
		t.Errorf("%d attributes, and only %d are tested", len(got), len(want))
	}
	if d.Snapshot() != baseline {
		t.Error("reading changed the world")
	}
}

func TestLoadBalancerDataSourceCalls(t *testing.T) {
	d := startDataSourceDouble(t, fakeaws.Config{})
	w := d.furnish()
	d.readClean("clb_load_balancer", blockValues{"name": "web-internal"})
	want := map[string]int{
		"DescribeLoadBalancers": 1, "DescribeTags": 1, "DescribeLoadBalancerAttributes": 1, "DescribeVpcs": 1,
		"DescribeInstances": 1, "DescribeSubnets": 1, "DescribeNetworkAcls": 1, "DescribeSecurityGroups": 1,
	}
	if got := d.counts(); !maps.Equal(got, want) {
		t.Errorf("calls: %v, want %v", got, want)
	}
	for _, call := range d.Calls() {
		if call.Service == fakeaws.ServiceEC2 && (!call.Params.Has("Filter.1.Value.1") || call.Params.Get("MaxResults") != "1000") {
			t.Errorf("%s is not filtered and paginated: %v", call.Action, call.Params)
		}
	}
	made(d.elb.DeregisterInstancesFromLoadBalancer(t.Context(), &elb.DeregisterInstancesFromLoadBalancerInput{
		LoadBalancerName: aws.String("web-internal"), Instances: []elbtypes.Instance{{InstanceId: &w.Instances[0]}, {InstanceId: &w.Instances[1]}},
	}))(t)
	got := d.readClean("clb_load_balancer", blockValues{"name": "web-internal"})
	delete(want, "DescribeInstances")
	if got := d.counts(); !maps.Equal(got, want) {
		t.Errorf("calls without instances: %v, want %v", got, want)
	}
	wantAttributes(t, got, object{
		"internal": true, "instances": setOf(), "instance_security_group_ids": setOf(), "instance_subnet_ids": setOf(), "instance_details": object{},
		"instance_network_acl_ids": setOf(), "network_acl_ids": setOf(w.LoadBalancerACL), "cross_zone_load_balancing": false, "tags": object{},
	})
}

// TestLoadBalancerDataSourceDefaultGroups: load balancers that were created
// without naming a group.
func TestLoadBalancerDataSourceDefaultGroups(t *testing.T) {
	d := startDataSourceDouble(t, fakeaws.Config{})
	w := d.furnish()
	made(d.ec2.CreateDefaultVpc(t.Context(), &ec2.CreateDefaultVpcInput{}))(t)
	create := func(name string, in elb.CreateLoadBalancerInput) string {
		in.LoadBalancerName = &name
		in.Listeners = []elbtypes.Listener{world.Listener([2]int32{80, 80})}
		made(d.elb.CreateLoadBalancer(t.Context(), &in))(t)
		lb, _ := d.LoadBalancer("us-east-1", name)
		return lb.SecurityGroups[0]
	}
	byDefault := create("by-default", elb.CreateLoadBalancerInput{Subnets: w.LoadBalancerSubnets[:1]})
	shared := create("by-zone", elb.CreateLoadBalancerInput{AvailabilityZones: []string{"us-east-1a"}})

	wantAttributes(t, d.readClean("clb_load_balancer", blockValues{"name": "by-default"}), object{
		"security_groups": setOf(byDefault), "default_security_group": true, "default_elb_security_group": false, "source_security_group_id": byDefault,
	})
	wantAttributes(t, d.readClean("clb_load_balancer", blockValues{"name": "by-zone"}), object{
		"security_groups": setOf(shared), "default_security_group": false, "default_elb_security_group": true, "source_security_group_id": shared,
	})
	// The default group beside another one.
	made(d.elb.ApplySecurityGroupsToLoadBalancer(t.Context(), &elb.ApplySecurityGroupsToLoadBalancerInput{
		LoadBalancerName: aws.String("by-default"), SecurityGroups: []string{w.LoadBalancerGroup, byDefault},
	}))(t)
	wantAttributes(t, d.readClean("clb_load_balancer", blockValues{"name": "by-default"}), object{
		"default_security_group": true, "source_security_group_id": w.LoadBalancerGroup,
	})
}

// TestLoadBalancerDataSourceTerminatedInstance: a terminated instance stays
// registered and has no place in the network any more.
func TestLoadBalancerDataSourceTerminatedInstance(t *testing.T) {
	d := startDataSourceDouble(t, fakeaws.Config{})
	w := d.furnish()
	made(d.ec2.TerminateInstances(t.Context(), &ec2.TerminateInstancesInput{InstanceIds: w.Instances[:1]}))(t)
	got := d.readClean("clb_load_balancer", blockValues{"name": "web"})
	details, ok := got["instance_details"].(object)
	if _, there := details[w.Instances[0]]; !ok || there || len(details) != 1 {
		t.Errorf("instance_details: %v", got["instance_details"])
	}
	wantAttributes(t, got, object{"instances": setOf(w.Instances...), "instance_subnet_ids": setOf(w.InstanceSubnets[1])})
}

func TestLoadBalancerDataSourceRefusals(t *testing.T) {
	d := startDataSourceDouble(t, fakeaws.Config{})
	d.furnish()
	tests := []struct {
		name      string
		config    blockValues
		attribute string
		want      []string
	}{
		{name: "missing", config: blockValues{"name": "wbe"}, attribute: "name", want: []string{`"wbe"`, "us-east-1", "aws_elb.web.name"}},
		{name: "in another region", config: blockValues{"name": "web", "region": "eu-west-1"}, attribute: "name", want: []string{`"web"`, "eu-west-1"}},
		{name: "no name", config: blockValues{"name": ""}, attribute: "name", want: []string{"1 to 32 letters"}},
		{name: "not a name", config: blockValues{"name": "arn:aws:x"}, attribute: "name", want: []string{`"arn:aws:x"`}},
		{name: "not a region", config: blockValues{"name": "web", "region": "eu-west1"}, attribute: "region", want: []string{`"eu-west1"`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, diags := d.read("clb_load_balancer", d.block(nil), tt.config)
			said := saidBy(diags)
			t.Log(said)
			if len(diags) != 1 || diags[0].Severity != tfprotov6.DiagnosticSeverityError || !strings.HasSuffix(diags[0].Attribute.String(), `"`+tt.attribute+`")`) {
				t.Fatal("not one error at " + tt.attribute)
			}
			for _, want := range tt.want {
				if !strings.Contains(said, want) {
					t.Errorf("no word of %q", want)
				}
			}
		})
	}
}

func TestLoadBalancerDataSourceDenied(t *testing.T) {
	d := startDataSourceDouble(t, fakeaws.Config{})
	w := d.furnish()
	tests := []struct {
		action string
		null   []string // nothing: the read fails
	}{
		{action: "DescribeLoadBalancers"},
		{action: "DescribeVpcs"},
		{action: "DescribeInstances"},
		{action: "DescribeTags", null: []string{"tags"}},
		{action: "DescribeLoadBalancerAttributes", null: []string{"cross_zone_load_balancing"}},
		{action: "DescribeSubnets", null: []string{"subnet_details"}},
		{action: "DescribeNetworkAcls", null: []string{"network_acls", "network_acl_ids", "instance_network_acl_ids"}},
		{action: "DescribeSecurityGroups", null: []string{"default_security_group", "default_elb_security_group", "source_security_group_id"}},
	}
	for _, tt := range tests {
		t.Run(tt.action, func(t *testing.T) {
			t.Cleanup(d.Inject(fakeaws.Fault{Kind: fakeaws.Fail, Code: "UnauthorizedOperation", Message: "You are not authorized to perform this operation.",
				Match: func(c fakeaws.Call) bool { return c.Action == tt.action }}))
			got, diags := d.read("clb_load_balancer", d.block(nil), blockValues{"name": "web"})
			said := saidBy(diags)
			t.Log(said)
			if len(diags) != 1 || !strings.Contains(said, ":"+tt.action) || (diags[0].Severity == tfprotov6.DiagnosticSeverityWarning) != (len(tt.null) > 0) {
				t.Fatal("not one diagnostic of the right kind that names the action")
			}
			if tt.null == nil {
				return
			}
			for _, name := range slices.Sorted(maps.Keys(got)) {
				if null := slices.Contains(tt.null, name); null != (got[name] == nil) {
					t.Errorf("%s is %v", name, got[name])
				} else if null && !strings.Contains(said, name) {
					t.Errorf("no word of %s", name)
				}
			}
			wantAttributes(t, got, object{"security_groups": setOf(w.LoadBalancerGroup), "instance_security_group_ids": setOf(w.InstanceGroup)})
		})
	}
	t.Run("a failure of an optional read", func(t *testing.T) {
		t.Cleanup(d.Inject(fakeaws.Fault{Kind: fakeaws.Fail, Code: "InternalError", Match: func(c fakeaws.Call) bool { return c.Action == "DescribeNetworkAcls" }}))
		_, diags := d.read("clb_load_balancer", d.block(nil), blockValues{"name": "web"})
		if len(diags) != 1 || diags[0].Severity != tfprotov6.DiagnosticSeverityError {
			t.Fatalf("not one error: %s", saidBy(diags))
		}
	})
}

// TestLoadBalancerDataSourceClassic: EC2-Classic is retired, but the API still
// has its form.
func TestLoadBalancerDataSourceClassic(t *testing.T) {
	d := startDataSourceDouble(t, fakeaws.Config{Classic: true})
	made(world.Make(t.Context(), d.ec2, d.elb, world.Plan{
		Name: "web", CIDRBlocks: []string{"10.0.0.0/16"}, HealthCheckTarget: "TCP:80", Listeners: [][2]int32{{80, 80}}, Image: "ami-0123456789abcdef0", ClassicGroup: "instances",
	}))(t)
	d.ResetCalls()
	got, diags := d.read("clb_load_balancer", d.block(nil), blockValues{"name": "web"})
	if len(diags) > 0 {
		t.Fatal(saidBy(diags))
	}
	wantAttributes(t, got, object{
		"vpc_id": nil, "vpc_cidr_blocks": nil, "subnets": setOf(), "security_groups": setOf(), "network_acls": object{}, "subnet_details": object{}, "internal": false,
		"source_security_group": object{"owner_alias": "amazon-elb", "group_name": "amazon-elb-sg"}, "source_security_group_id": nil,
		"default_security_group": false, "default_elb_security_group": false,
	})
	if counts := d.counts(); counts["DescribeVpcs"]+counts["DescribeSubnets"]+counts["DescribeNetworkAcls"]+counts["DescribeSecurityGroups"] > 0 {
		t.Errorf("calls about a VPC: %v", counts)
	}
}
