// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package cloud_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing/types"
	"github.com/aws/smithy-go"

	"github.com/terraform-clb/terraform-provider-clb/internal/cloud"
	"github.com/terraform-clb/terraform-provider-clb/internal/fakeaws"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// loadBalancer makes an internal load balancer with two listeners.
func (d *double) loadBalancer(name string, subnets, groups []string) {
	d.t.Helper()
	must(d.elb.CreateLoadBalancer(d.t.Context(), &elb.CreateLoadBalancerInput{
		LoadBalancerName: &name, Scheme: aws.String("internal"), Subnets: subnets, SecurityGroups: groups,
		Listeners: []types.Listener{
			{Protocol: aws.String("tcp"), InstanceProtocol: aws.String("TCP"), LoadBalancerPort: 443, InstancePort: aws.Int32(8443)},
			{Protocol: aws.String("HTTP"), LoadBalancerPort: 80, InstancePort: aws.Int32(8080)},
		},
		Tags: []types.Tag{{Key: aws.String("Name"), Value: &name}},
	}))(d.t)
}

func TestReadLoadBalancer(t *testing.T) {
	t.Parallel()
	d := start(t, 1, fakeaws.Config{})
	ctx := t.Context()
	vpc := d.vpc("10.0.0.0/16")
	subnet, group, second := d.subnet(vpc, "10.0.1.0/24", testRegion+"a"), d.group(vpc, "web"), d.group(vpc, "web2")
	d.loadBalancer("web", []string{subnet}, []string{group, second})
	d.loadBalancer("api", []string{subnet}, []string{group})
	must(d.elb.ConfigureHealthCheck(ctx, &elb.ConfigureHealthCheckInput{LoadBalancerName: aws.String("web"), HealthCheck: &types.HealthCheck{
		Target: aws.String("HTTP:8081/healthz"), Interval: aws.Int32(30), Timeout: aws.Int32(5), HealthyThreshold: aws.Int32(2), UnhealthyThreshold: aws.Int32(2),
	}}))(t)

	lb := must(d.LoadBalancer(ctx, "web"))(t)
	if lb.Name != "web" || lb.VPCID != vpc || !lb.Internal || lb.HealthCheckTarget != "HTTP:8081/healthz" || lb.DNSName == "" {
		t.Errorf("got %+v", lb)
	}
	compare(t, lb.SecurityGroups, []string{min(group, second), max(group, second)})
	compare(t, lb.Subnets, []string{subnet})
	compare(t, lb.AvailabilityZones, []string{testRegion + "a"})
	want := []cloud.Listener{
		{Listener: wiring.Listener{LBPort: 80, InstancePort: 8080}, Protocol: "HTTP", InstanceProtocol: "HTTP"},
		{Listener: wiring.Listener{LBPort: 443, InstancePort: 8443}, Protocol: "TCP", InstanceProtocol: "TCP"},
	}
	if !slices.Equal(lb.Listeners, want) {
		t.Errorf("got %+v, want %+v", lb.Listeners, want)
	}
	if lb.SourceSecurityGroup.OwnerAlias != testAccount {
		t.Errorf("got %+v", lb.SourceSecurityGroup)
	}

	d.calls()
	_, err := d.LoadBalancer(ctx, "gone")
	wantError(t, err, "load balancer \"gone\" does not exist in this account and region")
	if !cloud.IsNotFound(err) {
		t.Errorf("got %T", err)
	}
	// No name at all would be every load balancer.
	if _, err := d.LoadBalancer(ctx, ""); !cloud.IsNotFound(err) {
		t.Errorf("got %v", err)
	}
	compare(t, d.calls(), []string{"DescribeLoadBalancers"})

	all := must(d.LoadBalancers(ctx))(t)
	if len(all) != 2 || all[0].Name != "api" || all[1].Name != "web" {
		t.Errorf("got %+v", all)
	}

	if on := must(d.CrossZone(ctx, "web"))(t); on {
		t.Error("cross-zone load balancing is on, want off")
	}
	must(d.elb.ModifyLoadBalancerAttributes(ctx, &elb.ModifyLoadBalancerAttributesInput{LoadBalancerName: aws.String("web"),
		LoadBalancerAttributes: &types.LoadBalancerAttributes{CrossZoneLoadBalancing: &types.CrossZoneLoadBalancing{Enabled: true}}}))(t)
	if on := must(d.CrossZone(ctx, "web"))(t); !on {
		t.Error("cross-zone load balancing is off, want on")
	}
	if _, err := d.CrossZone(ctx, "gone"); !cloud.IsNotFound(err) {
		t.Errorf("got %v", err)
	}

	d.calls()
	tags := must(d.LoadBalancerTags(ctx, []string{"web", "gone", "api", "web"}))(t)
	if len(tags) != 2 || tags["web"]["Name"] != "web" || tags["api"]["Name"] != "api" {
		t.Errorf("got %v", tags)
	}
	compare(t, d.calls(), []string{"DescribeTags", "DescribeTags", "DescribeTags", "DescribeTags"})
}

func TestApplySecurityGroups(t *testing.T) {
	t.Parallel()
	d := start(t, 1, fakeaws.Config{})
	ctx := t.Context()
	vpc := d.vpc("10.0.0.0/16")
	subnet, group, second := d.subnet(vpc, "10.0.1.0/24", testRegion+"a"), d.group(vpc, "web"), d.group(vpc, "web2")
	stranger := d.group(d.vpc("172.16.0.0/16"), "elsewhere")
	d.loadBalancer("web", []string{subnet}, []string{group})
	if err := d.ApplySecurityGroups(ctx, "web", []string{second, second, group}); err != nil {
		t.Fatal(err)
	}
	both := []string{min(group, second), max(group, second)}
	compare(t, must(d.LoadBalancer(ctx, "web"))(t).SecurityGroups, both)

	if err := d.ApplySecurityGroups(ctx, "gone", []string{group}); !cloud.IsNotFound(err) {
		t.Errorf("got %v, want a NotFoundError", err)
	}
	wantError(t, d.ApplySecurityGroups(ctx, "web", []string{""}), "load balancer \"web\" cannot be left without a security group: name at least one")
	if len(d.waits) > 0 {
		t.Errorf("waited after %d", d.waits)
	}
	const gone = "sg-00000000000000000"
	for _, bad := range []struct{ id, code string }{{stranger, "InvalidConfigurationRequest"}, {gone, "InvalidSecurityGroup"}} {
		err := d.ApplySecurityGroups(ctx, "web", []string{bad.id})
		var call *cloud.CallError
		if !errors.As(err, &call) || call.Code != bad.code || call.Operation != "elasticloadbalancing:ApplySecurityGroupsToLoadBalancer" || call.On != "load balancer \"web\"" ||
			call.Advice != "A load balancer carries one to five security groups, and each must exist in the load balancer's own VPC: check "+bad.id+"." {
			t.Errorf("got %v", err)
		}
	}
	if len(d.waits) != 5 {
		t.Errorf("waited after %d; only a missing group may still appear", d.waits)
	}
	compare(t, must(d.LoadBalancer(ctx, "web"))(t).SecurityGroups, both)
}

// TestLoadBalancerTagsChunks: AWS takes twenty names in a call.
func TestLoadBalancerTagsChunks(t *testing.T) {
	t.Parallel()
	stub := &tagStub{}
	var names []string
	for i := range 45 {
		names = append(names, fmt.Sprintf("lb-%02d", i))
	}
	tags := must(cloud.NewRegion(nil, stub).LoadBalancerTags(t.Context(), names))(t)
	if len(tags) != 45 || tags["lb-44"]["Name"] != "lb-44" {
		t.Errorf("got %v", tags)
	}
	if !slices.Equal(stub.sizes, []int{20, 20, 5}) {
		t.Errorf("calls with %d names", stub.sizes)
	}
	// A refusal of one by one is told too.
	stub = &tagStub{fail: "lb-21"}
	_, err := cloud.NewRegion(nil, stub).LoadBalancerTags(t.Context(), names)
	wantError(t, err, "elasticloadbalancing:DescribeTags was denied. AWS answered AccessDenied: No. Allow the action elasticloadbalancing:DescribeTags in the policies of the identity that the provider uses, or use another identity.")
}

// tagStub tags each load balancer with its name.
type tagStub struct {
	cloud.ELBAPI
	sizes []int
	fail  string
}

func (s *tagStub) DescribeTags(_ context.Context, in *elb.DescribeTagsInput, _ ...func(*elb.Options)) (*elb.DescribeTagsOutput, error) {
	s.sizes = append(s.sizes, len(in.LoadBalancerNames))
	out := &elb.DescribeTagsOutput{}
	for _, name := range in.LoadBalancerNames {
		switch {
		case name == s.fail && len(in.LoadBalancerNames) > 1:
			return nil, &types.AccessPointNotFoundException{Message: aws.String("There is no ACTIVE Load Balancer named '" + name + "'")}
		case name == s.fail:
			return nil, &smithy.GenericAPIError{Code: "AccessDenied", Message: "No."}
		}
		out.TagDescriptions = append(out.TagDescriptions, types.TagDescription{LoadBalancerName: &name, Tags: []types.Tag{{Key: aws.String("Name"), Value: &name}}})
	}
	return out, nil
}

// TestLoadBalancersPages: AWS gives at most 400 load balancers at once.
func TestLoadBalancersPages(t *testing.T) {
	t.Parallel()
	stub := &pagedLoadBalancers{total: 950}
	all := must(cloud.NewRegion(nil, stub).LoadBalancers(t.Context()))(t)
	if len(all) != 950 || !slices.IsSortedFunc(all, func(a, b cloud.LoadBalancer) int { return strings.Compare(a.Name, b.Name) }) {
		t.Errorf("got %d load balancers", len(all))
	}
	if stub.calls != 3 {
		t.Errorf("made %d calls, want 3", stub.calls)
	}
}

// pagedLoadBalancers lists load balancers from the last to the first.
type pagedLoadBalancers struct {
	cloud.ELBAPI
	total, calls int
}

func (s *pagedLoadBalancers) DescribeLoadBalancers(_ context.Context, in *elb.DescribeLoadBalancersInput, _ ...func(*elb.Options)) (*elb.DescribeLoadBalancersOutput, error) {
	s.calls++
	from := s.total
	if in.Marker != nil {
		if _, err := fmt.Sscan(*in.Marker, &from); err != nil {
			return nil, err
		}
	}
	to := max(0, from-int(aws.ToInt32(in.PageSize)))
	out := &elb.DescribeLoadBalancersOutput{}
	for i := from; i > to; i-- {
		out.LoadBalancerDescriptions = append(out.LoadBalancerDescriptions, types.LoadBalancerDescription{LoadBalancerName: aws.String(fmt.Sprintf("lb-%04d", i))})
	}
	if to > 0 {
		out.NextMarker = aws.String(fmt.Sprint(to))
	}
	return out, nil
}
