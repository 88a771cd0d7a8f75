// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package cloud_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing/types"

	"github.com/terraform-clb/terraform-provider-clb/internal/cloud"
	"github.com/terraform-clb/terraform-provider-clb/internal/fakeaws"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// fleet is load balancers, each with a group and a network ACL of its own.
type fleet struct {
	*double
	names, groups, acls []string
}

func startFleet(t *testing.T, n int) *fleet {
	t.Helper()
	f := &fleet{double: start(t, 1, fakeaws.Config{Latency: 5 * time.Millisecond, Quotas: fakeaws.Quotas{LoadBalancers: n, ACLsPerVPC: n + 1}})}
	vpc := f.vpc("10.0.0.0/16")
	subnet := f.subnet(vpc, "10.0.1.0/24", "eu-west-1a")
	for i := range n {
		f.names = append(f.names, fmt.Sprintf("lb-%03d", i))
		f.groups = append(f.groups, f.group(vpc, f.names[i]))
		f.acls = append(f.acls, f.acl(vpc))
		must(f.elb.CreateLoadBalancer(t.Context(), &elb.CreateLoadBalancerInput{
			LoadBalancerName: &f.names[i], Scheme: aws.String("internal"), Subnets: []string{subnet}, SecurityGroups: f.groups[i:],
			Listeners: []elbtypes.Listener{{Protocol: aws.String("HTTP"), LoadBalancerPort: 80, InstancePort: aws.Int32(8080)}},
		}))(t)
	}
	f.calls()
	return f
}

// each runs work for every load balancer, so many at a time.
func (f *fleet) each(parallel int, work func(i int)) {
	next := make(chan int)
	var workers sync.WaitGroup
	for range parallel {
		workers.Go(func() {
			for i := range next {
				work(i)
			}
		})
	}
	for i := range f.names {
		next <- i
	}
	close(next)
	workers.Wait()
}

// TestFleetReads: every resource of a fleet gets what is its own, with few calls,
// however many ask at a time.
func TestFleetReads(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ parallel, most int }{{1, 63}, {10, 45}, {50, 45}} {
		t.Run(fmt.Sprint(test.parallel, " at a time"), func(t *testing.T) {
			t.Parallel()
			f := startFleet(t, 60)
			f.each(test.parallel, func(i int) {
				lb, err := f.LoadBalancer(t.Context(), f.names[i])
				if err != nil || lb.Name != f.names[i] || len(lb.Listeners) != 1 {
					t.Errorf("load balancer %s: got %+v, %v", f.names[i], lb, err)
				}
				rules, err := f.SecurityGroupRules(t.Context(), f.groups[i])
				if err != nil || len(rules) != 1 || rules[0].Direction != wiring.Egress {
					t.Errorf("rules of %s: got %+v, %v", f.groups[i], rules, err)
				}
				acl, err := f.NetworkACL(t.Context(), f.acls[i])
				if err != nil || acl.ID != f.acls[i] {
					t.Errorf("network ACL %s: got %+v, %v", f.acls[i], acl, err)
				}
			})
			if calls := f.calls(); len(calls) > test.most {
				t.Errorf("made %d calls, at most %d are needed: %s", len(calls), test.most, strings.Join(calls, " "))
			}
		})
	}
}

// TestFleetWrites: a write is visible to the next read of whoever has made it, while
// others read and write.
func TestFleetWrites(t *testing.T) {
	t.Parallel()
	for _, parallel := range []int{1, 10, 50} {
		t.Run(fmt.Sprint(parallel, " at a time"), func(t *testing.T) {
			t.Parallel()
			f := startFleet(t, 50)
			// Before the first write, everything is listed.
			f.each(parallel, func(i int) { _, _ = f.SecurityGroupRules(t.Context(), f.groups[i]) })
			f.each(parallel, func(i int) {
				ctx, rule := t.Context(), tcp(wiring.Ingress, 80, wiring.CIDRPeer(wiring.Everyone()), "")
				if _, err := f.Authorize(ctx, f.groups[i], wiring.Ingress, []wiring.Rule{rule}, nil); err != nil {
					t.Error(err)
				}
				rules, err := f.SecurityGroupRules(ctx, f.groups[i])
				if err != nil || !slices.ContainsFunc(rules, func(r cloud.SecurityGroupRule) bool { return r.Same(rule) }) {
					t.Errorf("%s does not have the rule: got %+v, %v", f.groups[i], rules, err)
				}
				entry := cloud.NetworkACLEntry{Entry: wiring.Entry{Rule: rule, Number: 100}}
				if err := f.CreateEntry(ctx, f.acls[i], entry); err != nil {
					t.Error(err)
				}
				if acl, err := f.NetworkACL(ctx, f.acls[i]); err != nil || len(acl.Entries) != 1 {
					t.Errorf("%s does not have the entry: got %+v, %v", f.acls[i], acl, err)
				}
				other := f.groups[(i+1)%len(f.groups)]
				if err := f.ApplySecurityGroups(ctx, f.names[i], []string{other}); err != nil {
					t.Error(err)
				}
				if lb, err := f.LoadBalancer(ctx, f.names[i]); err != nil || !slices.Equal(lb.SecurityGroups, []string{other}) {
					t.Errorf("%s does not carry %s: got %v, %v", f.names[i], other, lb.SecurityGroups, err)
				}
			})
		})
	}
}

// TestOneOfManyGroups: for one load balancer nothing is asked but what it needs, and
// every call names what it asks for.
func TestOneOfManyGroups(t *testing.T) {
	t.Parallel()
	f := startFleet(t, 30)
	must(f.LoadBalancer(t.Context(), f.names[3]))(t)
	must(f.SecurityGroupRules(t.Context(), f.groups[3]))(t)
	must(f.SecurityGroup(t.Context(), f.groups[3]))(t)
	must(f.NetworkACL(t.Context(), f.acls[3]))(t)
	for _, call := range f.server.Calls() {
		named := 0
		for _, name := range []string{"Filter.1.Value", "NetworkAclId", "LoadBalancerNames.member"} {
			named += len(call.Params[name+".1"]) + len(call.Params[name+".2"])
		}
		if named != 1 {
			t.Errorf("%s asks for %v", call.Action, call.Params)
		}
	}
	compare(t, f.calls(), []string{"DescribeLoadBalancers", "DescribeSecurityGroupRules", "DescribeSecurityGroups", "DescribeNetworkAcls"})
}

// TestOtherWriters: a listing is never the answer once this process writes, for then
// others do too: what they have done is seen.
func TestOtherWriters(t *testing.T) {
	t.Parallel()
	f := startFleet(t, 40)
	f.each(1, func(i int) { must(f.SecurityGroupRules(t.Context(), f.groups[i]))(t) })
	permission := []types.IpPermission{{IpProtocol: aws.String("tcp"), FromPort: aws.Int32(22), ToPort: aws.Int32(22), IpRanges: []types.IpRange{{CidrIp: aws.String("10.0.0.0/8")}}}}
	must(f.ec2.AuthorizeSecurityGroupIngress(t.Context(), &ec2.AuthorizeSecurityGroupIngressInput{GroupId: &f.groups[5], IpPermissions: permission}))(t)
	if rules := must(f.SecurityGroupRules(t.Context(), f.groups[5]))(t); len(rules) != 1 {
		t.Fatalf("the listing does not answer: got %+v", rules)
	}
	if rules := must(f.Fresh().SecurityGroupRules(t.Context(), f.groups[5]))(t); len(rules) != 2 {
		t.Errorf("a fresh read got %+v", rules)
	}
	if err := f.Revoke(t.Context(), f.groups[6], wiring.Egress, []string{"sgr-00000000000000000"}); err != nil {
		t.Fatal(err)
	}
	if rules := must(f.SecurityGroupRules(t.Context(), f.groups[5]))(t); len(rules) != 2 {
		t.Errorf("after a write, got %+v", rules)
	}
}
