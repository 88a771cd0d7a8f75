// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package fakeaws_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing/types"

	"github.com/terraform-clb/terraform-provider-clb/internal/fakeaws"
)

const certificate = "arn:aws:acm:us-east-1:123456789012:certificate/0d1e2f"

// site is a VPC in which load balancers can be made.
type site struct {
	*account
	vpcID, front, lbGroup string
}

func newSite(t *testing.T, config fakeaws.Config) site {
	t.Helper()
	a := start(t, config)
	s := site{account: a, vpcID: a.vpc("10.0.0.0/16")}
	a.open(s.vpcID)
	s.front = a.subnet(s.vpcID, "10.0.0.0/24", "us-east-1a")
	s.lbGroup = a.group(s.vpcID, "lb")
	return s
}

func TestCreateLoadBalancerRefusals(t *testing.T) {
	t.Parallel()
	s := newSite(t, fakeaws.Config{})
	ctx := t.Context()
	sameZone := s.subnet(s.vpcID, "10.0.1.0/24", "us-east-1a")
	small := s.subnet(s.vpcID, "10.0.2.0/28", "us-east-1b")
	closed := s.vpc("10.1.0.0/16")
	inClosed := s.subnet(closed, "10.1.0.0/24", "us-east-1b")
	foreign := s.group(closed, "foreign")
	var six []string
	for i := range 6 {
		six = append(six, s.group(s.vpcID, fmt.Sprintf("g%d", i)))
	}
	s.loadBalancer("taken", "internal", []string{s.front}, []string{s.lbGroup}, listener(80, 80))
	type input = elasticloadbalancing.CreateLoadBalancerInput
	with := func(l elbtypes.Listener) func(*input) {
		return func(in *input) { in.Listeners = []elbtypes.Listener{l} }
	}
	for name, test := range map[string]struct {
		change func(*input)
		code   string
		status int
	}{
		"name too long":           {func(in *input) { in.LoadBalancerName = aws.String(strings.Repeat("a", 33)) }, "ValidationError", 400},
		"name with a dot":         {func(in *input) { in.LoadBalancerName = aws.String("a.b") }, "ValidationError", 400},
		"name ends with a hyphen": {func(in *input) { in.LoadBalancerName = aws.String("a-") }, "ValidationError", 400},
		"name taken":              {func(in *input) { in.LoadBalancerName = aws.String("taken") }, "DuplicateLoadBalancerName", 400},
		"scheme":                  {func(in *input) { in.Scheme = aws.String("public") }, "InvalidScheme", 400},
		"no subnet":               {func(in *input) { in.Subnets = nil }, "ValidationError", 400},
		"subnets and zones":       {func(in *input) { in.AvailabilityZones = []string{"us-east-1a"} }, "ValidationError", 400},
		"zone without default":    {func(in *input) { in.Subnets, in.AvailabilityZones = nil, []string{"us-east-1a"} }, "ValidationError", 400},
		"unknown subnet":          {func(in *input) { in.Subnets = []string{"subnet-00000000000000000"} }, "SubnetNotFound", 400},
		"two subnets of a zone":   {func(in *input) { in.Subnets = append(in.Subnets, sameZone) }, "InvalidConfigurationRequest", 409},
		"two VPCs":                {func(in *input) { in.Subnets = append(in.Subnets, inClosed) }, "InvalidConfigurationRequest", 409},
		"small subnet":            {func(in *input) { in.Subnets = []string{small} }, "InvalidSubnet", 400},
		"no internet gateway":     {func(in *input) { in.Subnets, in.SecurityGroups = []string{inClosed}, []string{foreign} }, "InvalidSubnet", 400},
		"unknown group":           {func(in *input) { in.SecurityGroups = []string{"sg-00000000000000000"} }, "InvalidSecurityGroup", 400},
		"group of another VPC":    {func(in *input) { in.SecurityGroups = []string{foreign} }, "InvalidConfigurationRequest", 409},
		"six groups":              {func(in *input) { in.SecurityGroups = six }, "InvalidConfigurationRequest", 409},
		"no listener":             {func(in *input) { in.Listeners = []elbtypes.Listener{} }, "ValidationError", 400},
		"two on a port":           {func(in *input) { in.Listeners = append(in.Listeners, listener(80, 80)) }, "InvalidConfigurationRequest", 409},
		"port 0":                  {with(listener(0, 80)), "ValidationError", 400},
		"port 65536":              {with(listener(65536, 80)), "ValidationError", 400},
		"instance port 0":         {with(listener(80, 0)), "ValidationError", 400},
		"UDP":                     {with(elbtypes.Listener{Protocol: aws.String("UDP"), LoadBalancerPort: 80, InstancePort: aws.Int32(80)}), "UnsupportedProtocol", 400},
		"HTTP to TCP":             {with(elbtypes.Listener{Protocol: aws.String("HTTP"), InstanceProtocol: aws.String("TCP"), LoadBalancerPort: 80, InstancePort: aws.Int32(80)}), "InvalidConfigurationRequest", 409},
		"HTTPS without cert":      {with(elbtypes.Listener{Protocol: aws.String("HTTPS"), LoadBalancerPort: 443, InstancePort: aws.Int32(80)}), "ValidationError", 400},
		"HTTPS with a bad cert":   {with(elbtypes.Listener{Protocol: aws.String("HTTPS"), LoadBalancerPort: 443, InstancePort: aws.Int32(80), SSLCertificateId: aws.String("cert")}), "CertificateNotFound", 400},
		"reserved tag":            {func(in *input) { in.Tags = []elbtypes.Tag{{Key: aws.String("aws:x"), Value: aws.String("")}} }, "ValidationError", 400},
		"tag twice":               {func(in *input) { in.Tags = []elbtypes.Tag{{Key: aws.String("a")}, {Key: aws.String("a")}} }, "DuplicateTagKeys", 400},
	} {
		t.Run(name, func(t *testing.T) {
			in := &input{
				LoadBalancerName: aws.String("web"), Subnets: []string{s.front}, SecurityGroups: []string{s.lbGroup},
				Listeners: []elbtypes.Listener{listener(80, 8080)},
			}
			test.change(in)
			before := s.server.Snapshot()
			_, err := s.elb.CreateLoadBalancer(ctx, in)
			refused(t, err, test.code, test.status)
			if s.server.Snapshot() != before {
				t.Error("the refused call changed the world")
			}
		})
	}
}

func TestApplySecurityGroups(t *testing.T) {
	t.Parallel()
	s := newSite(t, fakeaws.Config{})
	ctx := t.Context()
	var groups []string
	for i := range 6 {
		groups = append(groups, s.group(s.vpcID, fmt.Sprintf("g%d", i)))
	}
	foreign := s.group(s.vpc("10.1.0.0/16"), "foreign")
	s.loadBalancer("web", "", []string{s.front}, []string{s.lbGroup}, listener(80, 8080))
	apply := func(name string, groups ...string) (*elasticloadbalancing.ApplySecurityGroupsToLoadBalancerOutput, error) {
		return s.elb.ApplySecurityGroupsToLoadBalancer(ctx, &elasticloadbalancing.ApplySecurityGroupsToLoadBalancerInput{LoadBalancerName: &name, SecurityGroups: groups})
	}
	for name, test := range map[string]struct {
		lb     string
		groups []string
		code   string
		status int
		text   string
	}{
		"unknown load balancer": {"gone", groups[:1], "LoadBalancerNotFound", 400, "There is no ACTIVE Load Balancer named 'gone'"},
		"no group":              {"web", []string{}, "ValidationError", 400, ""},
		"six groups":            {"web", groups, "InvalidConfigurationRequest", 409, "The maximum number of security groups per load balancer has been reached."},
		"unknown group":         {"web", []string{groups[0], "sg-00000000000000000"}, "InvalidSecurityGroup", 400, ""},
		"not an id":             {"web", []string{"lb"}, "InvalidSecurityGroup", 400, ""},
		"group of another VPC":  {"web", []string{foreign}, "InvalidConfigurationRequest", 409, "does not belong to VPC"},
		"same twice":            {"web", []string{groups[0], groups[0]}, "ValidationError", 400, ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := apply(test.lb, test.groups...)
			refused(t, err, test.code, test.status)
			if !strings.Contains(err.Error(), test.text) {
				t.Errorf("message %q lacks %q", err, test.text)
			}
			lb, _ := s.server.LoadBalancer(region, "web")
			if fmt.Sprint(lb.SecurityGroups) != fmt.Sprint([]string{s.lbGroup}) {
				t.Errorf("the refused call left %v", lb.SecurityGroups)
			}
		})
	}
	out := must(apply("web", groups[:5]...))(t)
	if fmt.Sprint(out.SecurityGroups) != fmt.Sprint(groups[:5]) {
		t.Errorf("got %v", out.SecurityGroups)
	}
	// The nodes carry the new groups, so that only they are in use.
	must(s.ec2.DeleteSecurityGroup(ctx, &ec2.DeleteSecurityGroupInput{GroupId: &s.lbGroup}))(t)
	_, err := s.ec2.DeleteSecurityGroup(ctx, &ec2.DeleteSecurityGroupInput{GroupId: &groups[0]})
	refused(t, err, "DependencyViolation")
}

// TestStandardGroups is about load balancers that were made without a group.
func TestStandardGroups(t *testing.T) {
	t.Parallel()
	s := newSite(t, fakeaws.Config{})
	ctx := t.Context()
	groupOf := func(name string) fakeaws.SecurityGroup {
		lb, _ := s.server.LoadBalancer(region, name)
		for _, g := range s.server.SecurityGroups(region) {
			if g.ID == lb.SecurityGroups[0] {
				return g
			}
		}
		t.Fatalf("no group of %s", name)
		return fakeaws.SecurityGroup{}
	}
	s.loadBalancer("plain", "", []string{s.front}, nil, listener(80, 8080))
	if g := groupOf("plain"); g.Name != "default" || g.VPCID != s.vpcID {
		t.Errorf("nondefault VPC: %+v", g)
	}
	must(s.ec2.CreateDefaultVpc(ctx, &ec2.CreateDefaultVpcInput{}))(t)
	for _, lb := range []struct {
		name, zone string
		port       int32
	}{{"first", "us-east-1a", 80}, {"second", "us-east-1b", 443}} {
		must(s.elb.CreateLoadBalancer(ctx, &elasticloadbalancing.CreateLoadBalancerInput{
			LoadBalancerName: &lb.name, AvailabilityZones: []string{lb.zone}, Listeners: []elbtypes.Listener{listener(lb.port, 8080)},
		}))(t)
	}
	first, second := groupOf("first"), groupOf("second")
	if !strings.HasPrefix(first.Name, "default_elb_") || first.ID != second.ID {
		t.Errorf("default VPC: %+v and %+v", first, second)
	}
	// The shared group was opened for the first load balancer only.
	if rules := s.ingress(first.ID); len(rules) != 1 || rules[0].FromPort != 80 {
		t.Errorf("rules of the shared group: %+v", rules)
	}
	lb := must(s.elb.DescribeLoadBalancers(ctx, &elasticloadbalancing.DescribeLoadBalancersInput{LoadBalancerNames: []string{"second"}}))(t).LoadBalancerDescriptions[0]
	if *lb.SourceSecurityGroup.GroupName != first.Name || *lb.HealthCheck.Target != "TCP:80" {
		t.Errorf("second: %+v", lb)
	}
}

func TestListeners(t *testing.T) {
	t.Parallel()
	s := newSite(t, fakeaws.Config{Quotas: fakeaws.Quotas{ListenersPerLoadBalancer: 3}})
	ctx := t.Context()
	s.loadBalancer("web", "", []string{s.front}, []string{s.lbGroup}, listener(80, 8080))
	create := func(listeners ...elbtypes.Listener) error {
		_, err := s.elb.CreateLoadBalancerListeners(ctx, &elasticloadbalancing.CreateLoadBalancerListenersInput{LoadBalancerName: aws.String("web"), Listeners: listeners})
		return err
	}
	secured := elbtypes.Listener{
		Protocol: aws.String("HTTPS"), LoadBalancerPort: 443, InstancePort: aws.Int32(8080), InstanceProtocol: aws.String("HTTPS"), SSLCertificateId: aws.String(certificate),
	}
	if err := create(listener(80, 8080)); err != nil {
		t.Errorf("repeating a listener: %v", err)
	}
	refused(t, create(listener(443, 8443), listener(80, 9090)), "DuplicateListener")
	refused(t, create(secured), "InvalidConfigurationRequest", 409)
	if lb, _ := s.server.LoadBalancer(region, "web"); len(lb.Listeners) != 1 {
		t.Errorf("refused calls left %v", lb.Listeners)
	}
	if err := create(listener(81, 8080), listener(82, 8081)); err != nil {
		t.Fatal(err)
	}
	refused(t, create(listener(83, 8080)), "InvalidConfigurationRequest", 409)
	_, err := s.elb.DeleteLoadBalancerListeners(ctx, &elasticloadbalancing.DeleteLoadBalancerListenersInput{LoadBalancerName: aws.String("web"), LoadBalancerPorts: []int32{80, 82, 9999}})
	if err != nil {
		t.Fatal(err)
	}
	want := []fakeaws.Listener{{Protocol: "HTTP", LoadBalancerPort: 81, InstanceProtocol: "HTTP", InstancePort: 8080}}
	if lb, _ := s.server.LoadBalancer(region, "web"); fmt.Sprint(lb.Listeners) != fmt.Sprint(want) {
		t.Errorf("listeners: %v", lb.Listeners)
	}
}

func TestConfigureHealthCheck(t *testing.T) {
	t.Parallel()
	s := newSite(t, fakeaws.Config{})
	s.loadBalancer("web", "", []string{s.front}, []string{s.lbGroup}, listener(80, 8080))
	configure := func(target string, numbers ...int32) error {
		if len(numbers) == 0 {
			numbers = []int32{30, 5, 2, 10}
		}
		_, err := s.elb.ConfigureHealthCheck(t.Context(), &elasticloadbalancing.ConfigureHealthCheckInput{
			LoadBalancerName: aws.String("web"),
			HealthCheck: &elbtypes.HealthCheck{
				Target: &target, Interval: &numbers[0], Timeout: &numbers[1], UnhealthyThreshold: &numbers[2], HealthyThreshold: &numbers[3],
			},
		})
		return err
	}
	for _, target := range []string{
		"HTTP:80", "HTTPS:80", "TCP:80/path", "SSL:80/", "TCP:0", "TCP:65536", "TCP:http", "UDP:80", "80", "HTTP:80;/path", "",
		"HTTP:80/" + strings.Repeat("x", 1024),
	} {
		refused(t, configure(target), "ValidationError")
	}
	for _, numbers := range [][]int32{
		{4, 2, 2, 10}, {301, 5, 2, 10}, {30, 1, 2, 10}, {300, 61, 2, 10}, {30, 5, 1, 10}, {30, 5, 11, 10}, {30, 5, 2, 1}, {30, 5, 2, 11}, {5, 5, 2, 10},
	} {
		refused(t, configure("TCP:80", numbers...), "ValidationError")
	}
	if lb, _ := s.server.LoadBalancer(region, "web"); lb.HealthCheck.Target != "TCP:80" || lb.HealthCheck.Interval != 30 {
		t.Errorf("refused calls left %+v", lb.HealthCheck)
	}
	if err := configure("https:8443/weather/us", 300, 60, 10, 2); err != nil {
		t.Fatal(err)
	}
	want := fakeaws.HealthCheck{Target: "HTTPS:8443/weather/us", Interval: 300, Timeout: 60, UnhealthyThreshold: 10, HealthyThreshold: 2}
	if lb, _ := s.server.LoadBalancer(region, "web"); lb.HealthCheck != want {
		t.Errorf("health check: %+v", lb.HealthCheck)
	}
}

func TestRegisteredInstances(t *testing.T) {
	t.Parallel()
	s := newSite(t, fakeaws.Config{})
	ctx := t.Context()
	s.loadBalancer("web", "", []string{s.front}, []string{s.lbGroup}, listener(80, 8080))
	other := s.vpc("10.1.0.0/16")
	foreign := s.instance(s.subnet(other, "10.1.0.0/24", "us-east-1a"))
	inside := s.instance(s.front, s.lbGroup)
	elsewhere := s.instance(s.subnet(s.vpcID, "10.0.5.0/24", "us-east-1b"), s.lbGroup)
	register := func(ids ...string) (*elasticloadbalancing.RegisterInstancesWithLoadBalancerOutput, error) {
		in := &elasticloadbalancing.RegisterInstancesWithLoadBalancerInput{LoadBalancerName: aws.String("web")}
		for _, id := range ids {
			in.Instances = append(in.Instances, elbtypes.Instance{InstanceId: aws.String(id)})
		}
		return s.elb.RegisterInstancesWithLoadBalancer(ctx, in)
	}
	_, err := register(inside, "i-00000000000000000")
	refused(t, err, "InvalidInstance")
	_, err = register(inside, foreign)
	refused(t, err, "InvalidInstance")
	if lb, _ := s.server.LoadBalancer(region, "web"); len(lb.Instances) != 0 {
		t.Errorf("refused calls left %v", lb.Instances)
	}
	if out := must(register(inside, elsewhere, inside))(t); len(out.Instances) != 2 {
		t.Errorf("registered: %v", out.Instances)
	}
	must(s.ec2.TerminateInstances(ctx, &ec2.TerminateInstancesInput{InstanceIds: []string{inside}}))(t)
	health := map[string]string{}
	for _, state := range must(s.elb.DescribeInstanceHealth(ctx, &elasticloadbalancing.DescribeInstanceHealthInput{LoadBalancerName: aws.String("web")}))(t).InstanceStates {
		health[*state.InstanceId] = *state.State + " " + *state.ReasonCode
	}
	if health[inside] != "OutOfService Instance" || health[elsewhere] != "OutOfService ELB" {
		t.Errorf("health: %v", health)
	}
	_, err = s.elb.DescribeInstanceHealth(ctx, &elasticloadbalancing.DescribeInstanceHealthInput{LoadBalancerName: aws.String("web"), Instances: []elbtypes.Instance{{InstanceId: &foreign}}})
	refused(t, err, "InvalidInstance")
	_, err = register(inside)
	refused(t, err, "InvalidInstance")
	out := must(s.elb.DeregisterInstancesFromLoadBalancer(ctx, &elasticloadbalancing.DeregisterInstancesFromLoadBalancerInput{
		LoadBalancerName: aws.String("web"), Instances: []elbtypes.Instance{{InstanceId: &inside}},
	}))(t)
	if len(out.Instances) != 1 {
		t.Errorf("left: %v", out.Instances)
	}
}

func TestLoadBalancerSubnets(t *testing.T) {
	t.Parallel()
	s := newSite(t, fakeaws.Config{})
	ctx := t.Context()
	s.loadBalancer("web", "", []string{s.front}, []string{s.lbGroup}, listener(80, 8080))
	sameZone, next := s.subnet(s.vpcID, "10.0.1.0/24", "us-east-1a"), s.subnet(s.vpcID, "10.0.2.0/24", "us-east-1b")
	attach := func(ids ...string) error {
		_, err := s.elb.AttachLoadBalancerToSubnets(ctx, &elasticloadbalancing.AttachLoadBalancerToSubnetsInput{LoadBalancerName: aws.String("web"), Subnets: ids})
		return err
	}
	detach := func(ids ...string) error {
		_, err := s.elb.DetachLoadBalancerFromSubnets(ctx, &elasticloadbalancing.DetachLoadBalancerFromSubnetsInput{LoadBalancerName: aws.String("web"), Subnets: ids})
		return err
	}
	refused(t, attach(sameZone), "InvalidConfigurationRequest", 409)
	refused(t, attach("subnet-00000000000000000"), "SubnetNotFound")
	refused(t, detach(s.front), "InvalidConfigurationRequest", 409)
	if err := attach(next); err != nil {
		t.Fatal(err)
	}
	_, err := s.ec2.DeleteSubnet(ctx, &ec2.DeleteSubnetInput{SubnetId: &next})
	refused(t, err, "DependencyViolation")
	if err := detach(s.front); err != nil {
		t.Fatal(err)
	}
	if lb, _ := s.server.LoadBalancer(region, "web"); fmt.Sprint(lb.Subnets) != fmt.Sprint([]string{next}) {
		t.Errorf("subnets: %v", lb.Subnets)
	}
	must(s.elb.DeleteLoadBalancer(ctx, &elasticloadbalancing.DeleteLoadBalancerInput{LoadBalancerName: aws.String("web")}))(t)
	must(s.elb.DeleteLoadBalancer(ctx, &elasticloadbalancing.DeleteLoadBalancerInput{LoadBalancerName: aws.String("web")}))(t)
	must(s.ec2.DeleteSubnet(ctx, &ec2.DeleteSubnetInput{SubnetId: &next}))(t)
}

func TestLoadBalancerTagsAndAttributes(t *testing.T) {
	t.Parallel()
	s := newSite(t, fakeaws.Config{})
	ctx := t.Context()
	s.loadBalancer("web", "", []string{s.front}, []string{s.lbGroup}, listener(80, 8080))
	tags := func(n int) []elbtypes.Tag {
		var out []elbtypes.Tag
		for i := range n {
			out = append(out, elbtypes.Tag{Key: aws.String(fmt.Sprintf("k%d", i)), Value: aws.String("v")})
		}
		return out
	}
	add := func(name string, tags []elbtypes.Tag) error {
		_, err := s.elb.AddTags(ctx, &elasticloadbalancing.AddTagsInput{LoadBalancerNames: []string{name}, Tags: tags})
		return err
	}
	refused(t, add("gone", tags(1)), "LoadBalancerNotFound")
	refused(t, add("web", tags(51)), "TooManyTags")
	if err := add("web", tags(50)); err != nil {
		t.Fatal(err)
	}
	refused(t, add("web", []elbtypes.Tag{{Key: aws.String("more"), Value: aws.String("")}}), "TooManyTags")
	must(s.elb.RemoveTags(ctx, &elasticloadbalancing.RemoveTagsInput{LoadBalancerNames: []string{"web"}, Tags: []elbtypes.TagKeyOnly{{Key: aws.String("k0")}}}))(t)
	described := must(s.elb.DescribeTags(ctx, &elasticloadbalancing.DescribeTagsInput{LoadBalancerNames: []string{"web"}}))(t)
	if len(described.TagDescriptions[0].Tags) != 49 {
		t.Errorf("%d tags, want 49", len(described.TagDescriptions[0].Tags))
	}
	_, err := s.elb.DescribeTags(ctx, &elasticloadbalancing.DescribeTagsInput{LoadBalancerNames: make([]string, 21)})
	refused(t, err, "ValidationError")

	must(s.elb.ModifyLoadBalancerAttributes(ctx, &elasticloadbalancing.ModifyLoadBalancerAttributesInput{
		LoadBalancerName:       aws.String("web"),
		LoadBalancerAttributes: &elbtypes.LoadBalancerAttributes{CrossZoneLoadBalancing: &elbtypes.CrossZoneLoadBalancing{Enabled: true}},
	}))(t)
	got := must(s.elb.DescribeLoadBalancerAttributes(ctx, &elasticloadbalancing.DescribeLoadBalancerAttributesInput{LoadBalancerName: aws.String("web")}))(t).LoadBalancerAttributes
	if !got.CrossZoneLoadBalancing.Enabled || *got.ConnectionSettings.IdleTimeout != 60 || got.ConnectionDraining.Enabled {
		t.Errorf("attributes: %+v", got)
	}
	_, err = s.elb.ModifyLoadBalancerAttributes(ctx, &elasticloadbalancing.ModifyLoadBalancerAttributesInput{
		LoadBalancerName:       aws.String("web"),
		LoadBalancerAttributes: &elbtypes.LoadBalancerAttributes{ConnectionSettings: &elbtypes.ConnectionSettings{IdleTimeout: aws.Int32(4001)}},
	})
	refused(t, err, "ValidationError")
	_, err = s.elb.DescribeLoadBalancerAttributes(ctx, &elasticloadbalancing.DescribeLoadBalancerAttributesInput{LoadBalancerName: aws.String("gone")})
	refused(t, err, "LoadBalancerNotFound")
	limits := must(s.elb.DescribeAccountLimits(ctx, &elasticloadbalancing.DescribeAccountLimitsInput{}))(t).Limits
	if len(limits) != 3 || *limits[1].Name != "classic-listeners" || *limits[1].Max != "100" {
		t.Errorf("limits: %+v", limits)
	}
}

func TestDescribeLoadBalancersPages(t *testing.T) {
	t.Parallel()
	s := newSite(t, fakeaws.Config{Quotas: fakeaws.Quotas{LoadBalancers: 7}})
	ctx := t.Context()
	for i := range 7 {
		s.loadBalancer(fmt.Sprintf("lb%d", i), "internal", []string{s.front}, []string{s.lbGroup}, listener(80, 8080))
	}
	_, err := s.elb.CreateLoadBalancer(ctx, &elasticloadbalancing.CreateLoadBalancerInput{
		LoadBalancerName: aws.String("more"), Scheme: aws.String("internal"), Subnets: []string{s.front}, Listeners: []elbtypes.Listener{listener(80, 80)},
	})
	refused(t, err, "TooManyLoadBalancers")
	// Repeating a creation is no error.
	s.loadBalancer("lb0", "internal", []string{s.front}, []string{s.lbGroup}, listener(80, 8080))
	var sizes []int
	pages := elasticloadbalancing.NewDescribeLoadBalancersPaginator(s.elb, &elasticloadbalancing.DescribeLoadBalancersInput{PageSize: aws.Int32(3)})
	for pages.HasMorePages() {
		sizes = append(sizes, len(must(pages.NextPage(ctx))(t).LoadBalancerDescriptions))
	}
	if fmt.Sprint(sizes) != "[3 3 1]" {
		t.Errorf("pages of %v", sizes)
	}
	for _, size := range []int32{0, 401} {
		_, err := s.elb.DescribeLoadBalancers(ctx, &elasticloadbalancing.DescribeLoadBalancersInput{PageSize: &size})
		refused(t, err, "ValidationError")
	}
	_, err = s.elb.DescribeLoadBalancers(ctx, &elasticloadbalancing.DescribeLoadBalancersInput{Marker: aws.String("bogus")})
	refused(t, err, "ValidationError")
	_, err = s.elb.DescribeLoadBalancers(ctx, &elasticloadbalancing.DescribeLoadBalancersInput{LoadBalancerNames: []string{"lb0", "gone"}})
	refusedText(t, err, "LoadBalancerNotFound", "'gone'")
}
