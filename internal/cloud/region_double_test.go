// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package cloud_test

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing"

	"github.com/terraform-clb/terraform-provider-clb/internal/cloud"
	"github.com/terraform-clb/terraform-provider-clb/internal/fakeaws"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

const (
	testRegion  = "eu-west-1"
	testAccount = "123456789012"
)

// double is a region on the double of AWS, through the unmodified SDK.
type double struct {
	*cloud.Region
	t      *testing.T
	server *fakeaws.Server
	ec2    *ec2.Client
	elb    *elb.Client
	// waits are the attempts after which the region waited.
	waits []int
}

// start begins with an empty region; the SDK sends a call up to so many times.
func start(t *testing.T, attempts int, config fakeaws.Config) *double {
	t.Helper()
	server := fakeaws.New(config)
	url, err := server.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	client := fakeaws.HTTPClient()
	t.Cleanup(client.CloseIdleConnections)
	sdk := aws.Config{
		Region:       testRegion,
		BaseEndpoint: aws.String(url),
		HTTPClient:   client,
		Retryer: func() aws.Retryer {
			return retry.NewStandard(func(o *retry.StandardOptions) {
				o.MaxAttempts = attempts
				o.Backoff = retry.BackoffDelayerFunc(noDelay)
			})
		},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "AKIAEXAMPLE", SecretAccessKey: "secret"}, nil
		}),
	}
	d := &double{t: t, server: server, ec2: ec2.NewFromConfig(sdk), elb: elb.NewFromConfig(sdk)}
	d.Region = cloud.NewRegion(d.ec2, d.elb, cloud.WithWait(func(ctx context.Context, attempt int) error {
		d.waits = append(d.waits, attempt)
		return ctx.Err()
	}))
	return d
}

func noDelay(int, error) (time.Duration, error) { return 0, nil }

func must[T any](out T, err error) func(t *testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
}

func (d *double) vpc(cidr string) string {
	d.t.Helper()
	return *must(d.ec2.CreateVpc(d.t.Context(), &ec2.CreateVpcInput{CidrBlock: &cidr}))(d.t).Vpc.VpcId
}

func (d *double) group(vpc, name string) string {
	d.t.Helper()
	return *must(d.ec2.CreateSecurityGroup(d.t.Context(), &ec2.CreateSecurityGroupInput{
		VpcId: &vpc, GroupName: &name, Description: &name,
	}))(d.t).GroupId
}

// bareGroup is a group without the outbound rule that AWS gives a new one.
func (d *double) bareGroup(vpc, name string) string {
	d.t.Helper()
	id := d.group(vpc, name)
	must(d.ec2.RevokeSecurityGroupEgress(d.t.Context(), &ec2.RevokeSecurityGroupEgressInput{
		GroupId: &id, IpPermissions: []types.IpPermission{{IpProtocol: aws.String("-1"), IpRanges: []types.IpRange{{CidrIp: aws.String("0.0.0.0/0")}}}},
	}))(d.t)
	return id
}

func (d *double) acl(vpc string) string {
	d.t.Helper()
	return *must(d.ec2.CreateNetworkAcl(d.t.Context(), &ec2.CreateNetworkAclInput{VpcId: &vpc}))(d.t).NetworkAcl.NetworkAclId
}

func (d *double) subnet(vpc, cidr, zone string) string {
	d.t.Helper()
	return *must(d.ec2.CreateSubnet(d.t.Context(), &ec2.CreateSubnetInput{VpcId: &vpc, CidrBlock: &cidr, AvailabilityZone: &zone}))(d.t).Subnet.SubnetId
}

// calls are the actions that AWS has seen since the last time.
func (d *double) calls() []string {
	var actions []string
	for _, call := range d.server.Calls() {
		actions = append(actions, call.Action)
	}
	d.server.ResetCalls()
	return actions
}

// fault disturbs so many calls of one action.
func (d *double) fault(action string, times int, f fakeaws.Fault) {
	f.Match = func(c fakeaws.Call) bool { return c.Action == action }
	f.Times = times
	d.server.Inject(f)
}

// rules writes rules for comparison: "ingress tcp 80 from 0.0.0.0/0 | comment".
func rules(all []cloud.SecurityGroupRule) []string {
	var out []string
	for _, r := range all {
		out = append(out, fmt.Sprintf("%s %s | %s", r.Direction, r.Key(), r.Comment))
	}
	return out
}

// entries writes entries for comparison: "ingress 100 allow tcp 80 from 0.0.0.0/0".
func entries(acl cloud.NetworkACL) []string {
	var out []string
	for _, e := range acl.Entries {
		action := "allow"
		if e.Deny {
			action = "deny"
		}
		out = append(out, fmt.Sprintf("%s %d %s %s", e.Direction, e.Number, action, e.Key()))
	}
	return out
}

func compare(t *testing.T, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

func wantError(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil {
		t.Fatalf("got no error, want: %s", want)
	}
	if err.Error() != want {
		t.Errorf("got  %s\nwant %s", err, want)
	}
}

func tcp(d wiring.Direction, port int, peer wiring.Peer, comment string) wiring.Rule {
	return wiring.Rule{Direction: d, Protocol: wiring.TCP, From: port, To: port, Peer: peer, Comment: comment}
}

func network(cidr string) wiring.Peer { return wiring.CIDRPeer(netip.MustParsePrefix(cidr)) }
