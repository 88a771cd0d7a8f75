// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package cloud_test

import (
	"context"
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

const classicName = "my-security-group"

// source is the group of Elastic Load Balancing as a peer.
func source() wiring.Peer {
	return wiring.SourceGroup{OwnerAlias: "amazon-elb", GroupName: "amazon-elb-sg"}.Peer()
}

// startClassic begins with a group in EC2-Classic that has a rule of somebody
// else, and with groups in a VPC of the same name and of a similar one.
func startClassic(t *testing.T, attempts int, config fakeaws.Config) *double {
	t.Helper()
	config.Classic = true
	d := start(t, attempts, config)
	d.group(d.vpc("10.0.0.0/16"), classicName)
	for _, name := range []string{classicName, "my-other*group"} {
		must(d.ec2.CreateSecurityGroup(t.Context(), &ec2.CreateSecurityGroupInput{GroupName: &name, Description: &name}))(t)
	}
	must(d.ec2.AuthorizeSecurityGroupIngress(t.Context(), &ec2.AuthorizeSecurityGroupIngressInput{GroupName: aws.String(classicName), IpPermissions: []types.IpPermission{
		{IpProtocol: aws.String("tcp"), FromPort: aws.Int32(80), ToPort: aws.Int32(80), IpRanges: []types.IpRange{{CidrIp: aws.String("0.0.0.0/0")}}},
	}}))(t)
	d.server.ResetCalls()
	return d
}

// classicLive are the rules of the group, by their keys.
func (d *double) classicLive() []string {
	d.t.Helper()
	var keys []string
	for _, rule := range must(d.ExistingRules(d.t.Context(), classicName))(d.t) {
		if rule.ID != rule.Key() {
			d.t.Errorf("rule %q has the id %q: it has none but what it says", rule.Key(), rule.ID)
		}
		keys = append(keys, rule.Key())
	}
	return keys
}

// sent are the parameters of the only call of an operation.
func (d *double) sent(action string) map[string]string {
	d.t.Helper()
	var out map[string]string
	for _, call := range d.server.Calls() {
		if call.Action != action {
			continue
		}
		if out != nil {
			d.t.Errorf("%s is called more than once", action)
		}
		out = map[string]string{}
		for name := range call.Params {
			if name != "Action" && name != "Version" {
				out[name] = call.Params.Get(name)
			}
		}
	}
	return out
}

// TestClassicRequests compares the calls with those of the AWS page, in the
// words of the AWS CLI and of the console.
func TestClassicRequests(t *testing.T) {
	t.Parallel()
	port := wiring.Rule{Direction: wiring.Ingress, Protocol: wiring.TCP, From: 8080, To: 8080, Peer: source(), Comment: "from the load balancer"}
	for name, test := range map[string]struct {
		rules []wiring.Rule
		want  map[string]string
	}{
		"whole": {wiring.ClassicAllProtocols(source()), map[string]string{
			"GroupName": classicName, "SourceSecurityGroupName": "amazon-elb-sg", "SourceSecurityGroupOwnerId": "amazon-elb",
		}},
		"port": {[]wiring.Rule{port}, map[string]string{
			"GroupName": classicName, "IpPermissions.1.IpProtocol": "tcp", "IpPermissions.1.FromPort": "8080", "IpPermissions.1.ToPort": "8080",
			"IpPermissions.1.Groups.1.UserId": "amazon-elb", "IpPermissions.1.Groups.1.GroupName": "amazon-elb-sg", "IpPermissions.1.Groups.1.Description": "from the load balancer",
		}},
		// Two of the three are no whole: AWS would refuse the third as a duplicate.
		"part of the whole": {wiring.ClassicAllProtocols(source())[1:2], map[string]string{
			"GroupName": classicName, "IpPermissions.1.IpProtocol": "tcp", "IpPermissions.1.FromPort": "1", "IpPermissions.1.ToPort": "65535",
			"IpPermissions.1.Groups.1.UserId": "amazon-elb", "IpPermissions.1.Groups.1.GroupName": "amazon-elb-sg",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := startClassic(t, 1, fakeaws.Config{})
			created := must(d.Authorize(t.Context(), classicName, wiring.Ingress, test.rules, nil))(t)
			if len(created) != len(test.rules) {
				t.Errorf("created %+v", created)
			}
			if got := d.sent("AuthorizeSecurityGroupIngress"); !maps.Equal(got, test.want) {
				t.Errorf("sent %v\nwant %v", got, test.want)
			}
		})
	}
}

func TestClassicRules(t *testing.T) {
	t.Parallel()
	d := startClassic(t, 1, fakeaws.Config{VisibilityLag: 1})
	ctx := t.Context()
	ssh := wiring.Rule{Direction: wiring.Ingress, Protocol: wiring.TCP, From: 22, To: 22, Peer: network("10.0.0.0/8"), Comment: "office"}
	whole := append(wiring.ClassicAllProtocols(source()), ssh)
	owned, err := d.CreateRules(ctx, classicName, cloud.RulesOf(whole), nil, nil)
	if err != nil || len(owned.Ingress) != 4 {
		t.Fatalf("created %+v, %v", owned, err)
	}
	wholeKeys := []string{"icmp -1/-1 from amazon-elb/amazon-elb-sg", "tcp 1-65535 from amazon-elb/amazon-elb-sg", "tcp 22 from 10.0.0.0/8", "tcp 80 from 0.0.0.0/0", "udp 1-65535 from amazon-elb/amazon-elb-sg"}
	compare(t, d.classicLive(), wholeKeys)

	described := owned.Ingress["tcp 22 from 10.0.0.0/8"]
	described.Comment, described.Described = "the office", true
	port := wiring.Rule{Direction: wiring.Ingress, Protocol: wiring.TCP, From: 8080, To: 8080, Peer: source()}
	want := cloud.RulesOf([]wiring.Rule{port})
	want.Ingress["office"] = cloud.OwnedRule{Rule: described.Rule, Described: true}
	owned, err = d.UpdateRules(ctx, classicName, owned, want, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	compare(t, slices.Sorted(maps.Keys(owned.Ingress)), []string{"office", "tcp 8080 from amazon-elb/amazon-elb-sg"})
	compare(t, d.classicLive(), []string{"tcp 22 from 10.0.0.0/8", "tcp 80 from 0.0.0.0/0", "tcp 8080 from amazon-elb/amazon-elb-sg"})
	for _, rule := range must(d.ExistingRules(ctx, classicName))(t) {
		if rule.From == 22 && rule.Comment != "the office" {
			t.Errorf("the description is %q", rule.Comment)
		}
	}
	// Gone already is as good as removed.
	must(d.ec2.RevokeSecurityGroupIngress(ctx, &ec2.RevokeSecurityGroupIngressInput{GroupName: aws.String(classicName), IpProtocol: aws.String("tcp"), FromPort: aws.Int32(22), ToPort: aws.Int32(22), CidrIp: aws.String("10.0.0.0/8")}))(t)
	now, _, err := d.ReadRules(ctx, classicName, owned)
	if err != nil || len(now.Ingress) != 1 {
		t.Errorf("read %+v, %v", now, err)
	}
	if remain, err := d.DeleteRules(ctx, classicName, owned); err != nil || !remain.Empty() {
		t.Errorf("%+v remain: %v", remain, err)
	}
	compare(t, d.classicLive(), []string{"tcp 80 from 0.0.0.0/0"})
}

func TestClassicGroupsByName(t *testing.T) {
	t.Parallel()
	d := startClassic(t, 1, fakeaws.Config{})
	if group := must(d.SecurityGroup(t.Context(), classicName))(t); group.VPCID != "" || group.Name != classicName {
		t.Errorf("got %+v", group)
	}
	if named := must(d.SecurityGroupsNamed(t.Context(), classicName))(t); len(named) != 2 {
		t.Errorf("got %+v", named)
	}
	if group := must(d.SecurityGroup(t.Context(), "my-other*group"))(t); group.Name != "my-other*group" {
		t.Errorf("got %+v", group)
	}
	for _, name := range []string{"my-*", "none"} {
		if _, err := d.SecurityGroup(t.Context(), name); !cloud.IsNotFound(err) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	_, err := d.Authorize(t.Context(), "none", wiring.Ingress, wiring.ClassicAllProtocols(source()), nil)
	if !cloud.IsNotFound(err) || !strings.Contains(err.Error(), `security group "none"`) {
		t.Errorf("got %v", err)
	}
}

// TestClassicAnswersThatAreLost: the effect shows in the group, whether or not the
// SDK has asked again.
func TestClassicAnswersThatAreLost(t *testing.T) {
	t.Parallel()
	for _, attempts := range []int{1, 2} {
		d := startClassic(t, attempts, fakeaws.Config{})
		fault := func(kind fakeaws.FaultKind, action string) {
			d.server.Inject(fakeaws.Fault{Kind: kind, Times: attempts, Match: func(call fakeaws.Call) bool { return call.Action == action }})
		}
		fault(fakeaws.CutAfter, "AuthorizeSecurityGroupIngress")
		owned, err := d.CreateRules(t.Context(), classicName, cloud.RulesOf(wiring.ClassicAllProtocols(source())), nil, nil)
		if err != nil || len(owned.Ingress) != 3 {
			t.Fatalf("%d attempts: created %+v, %v", attempts, owned, err)
		}
		fault(fakeaws.CutBefore, "RevokeSecurityGroupIngress")
		remain, err := d.DeleteRules(t.Context(), classicName, owned)
		if err == nil || len(remain.Ingress) != 3 || !strings.Contains(err.Error(), `udp 1-65535 from amazon-elb/amazon-elb-sg`) {
			t.Errorf("%d attempts: %+v remain: %v", attempts, remain, err)
		}
		fault(fakeaws.CutAfter, "RevokeSecurityGroupIngress")
		if remain, err := d.DeleteRules(t.Context(), classicName, owned); err != nil || !remain.Empty() {
			t.Errorf("%d attempts: %+v remain: %v", attempts, remain, err)
		}
		compare(t, d.classicLive(), []string{"tcp 80 from 0.0.0.0/0"})
	}
}

// TestClassicRevokeThatIsDenied: a refusal is no lost answer.
func TestClassicRevokeThatIsDenied(t *testing.T) {
	t.Parallel()
	d := startClassic(t, 1, fakeaws.Config{})
	deny := func(action string) {
		d.server.Inject(fakeaws.Fault{Kind: fakeaws.Fail, Code: "UnauthorizedOperation", Message: "no", Match: func(call fakeaws.Call) bool { return call.Action == action }})
	}
	for _, action := range []string{"RevokeSecurityGroupIngress", "DescribeSecurityGroups"} {
		deny(action)
		err := d.Revoke(t.Context(), classicName, wiring.Ingress, []string{"tcp 80 from 0.0.0.0/0"})
		if err == nil || !strings.Contains(err.Error(), "ec2:"+action+" on security group "+classicName+" was denied") {
			t.Errorf("got %v", err)
		}
	}
}

// TestClassicRulesThatCannotBeRead: AWS answers without the rules, and when the
// group cannot be read after that, they are taken back all the same.
func TestClassicRulesThatCannotBeRead(t *testing.T) {
	t.Parallel()
	d := startClassic(t, 1, fakeaws.Config{})
	authorized := false
	d.server.Inject(fakeaws.Fault{Kind: fakeaws.Fail, Code: "UnauthorizedOperation", Times: 1, Match: func(call fakeaws.Call) bool {
		authorized = authorized || call.Action == "AuthorizeSecurityGroupIngress"
		return authorized && call.Action == "DescribeSecurityGroups"
	}})
	owned, err := d.CreateRules(t.Context(), classicName, cloud.RulesOf(wiring.ClassicAllProtocols(source())), nil, nil)
	if err == nil || !owned.Empty() {
		t.Errorf("%+v remain: %v", owned, err)
	}
	compare(t, d.classicLive(), []string{"tcp 80 from 0.0.0.0/0"})
}

// TestClassicRevokeThatIsInterrupted: AWS has done it when the run is cancelled,
// and so it is no failure.
func TestClassicRevokeThatIsInterrupted(t *testing.T) {
	t.Parallel()
	d := startClassic(t, 1, fakeaws.Config{})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	held := make(chan struct{})
	defer close(held)
	d.server.Inject(fakeaws.Fault{Kind: fakeaws.DelayAfter, Times: 1, Wait: held, Hook: func(fakeaws.Call) { cancel() }, Match: func(call fakeaws.Call) bool {
		return call.Action == "RevokeSecurityGroupIngress"
	}})
	if err := d.Revoke(ctx, classicName, wiring.Ingress, []string{"tcp 80 from 0.0.0.0/0"}); err != nil {
		t.Error(err)
	}
	compare(t, d.classicLive(), nil)
}
