// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package fakeaws_test

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"github.com/terraform-clb/terraform-provider-clb/internal/fakeaws"
)

const region = "us-east-1"

// account is one caller in one region, seen through the unmodified SDK.
type account struct {
	t      *testing.T
	server *fakeaws.Server
	config aws.Config
	ec2    *ec2.Client
	elb    *elasticloadbalancing.Client
	sts    *sts.Client
}

func start(t *testing.T, config fakeaws.Config) *account {
	t.Helper()
	server := fakeaws.New(config)
	url, err := server.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	client := fakeaws.HTTPClient()
	t.Cleanup(client.CloseIdleConnections)
	return connect(t, server, aws.Config{
		Region:       region,
		BaseEndpoint: aws.String(url),
		HTTPClient:   client,
		Retryer:      func() aws.Retryer { return aws.NopRetryer{} },
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "AKIAEXAMPLE", SecretAccessKey: "secret"}, nil
		}),
	})
}

func connect(t *testing.T, server *fakeaws.Server, config aws.Config) *account {
	return &account{t, server, config, ec2.NewFromConfig(config), elasticloadbalancing.NewFromConfig(config), sts.NewFromConfig(config)}
}

// in is the same caller in another region.
func (a *account) in(region string) *account {
	config := a.config
	config.Region = region
	return connect(a.t, a.server, config)
}

// must is for calls that have to succeed.
func must[T any](out T, err error) func(t *testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
}

// refused asserts the error code and, unless it is 400, the HTTP status.
func refused(t *testing.T, err error, code string, status ...int) {
	t.Helper()
	want := http.StatusBadRequest
	if len(status) > 0 {
		want = status[0]
	}
	var api smithy.APIError
	if !errors.As(err, &api) {
		t.Fatalf("got %v, want the error code %s", err, code)
	}
	if api.ErrorCode() != code {
		t.Errorf("got the error code %s (%s), want %s", api.ErrorCode(), api.ErrorMessage(), code)
	}
	var response *awshttp.ResponseError
	if !errors.As(err, &response) || response.HTTPStatusCode() != want {
		t.Errorf("got %v, want HTTP status %d", err, want)
	}
}

// refusedText asserts the code and a part of the message.
func refusedText(t *testing.T, err error, code, text string) {
	t.Helper()
	refused(t, err, code)
	if err != nil && !strings.Contains(err.Error(), text) {
		t.Errorf("got the message %q, want it to contain %q", err, text)
	}
}

func (a *account) vpc(cidr string) string {
	a.t.Helper()
	return *must(a.ec2.CreateVpc(a.t.Context(), &ec2.CreateVpcInput{CidrBlock: &cidr}))(a.t).Vpc.VpcId
}

// open attaches an internet gateway to a VPC.
func (a *account) open(vpcID string) string {
	a.t.Helper()
	id := must(a.ec2.CreateInternetGateway(a.t.Context(), &ec2.CreateInternetGatewayInput{}))(a.t).InternetGateway.InternetGatewayId
	must(a.ec2.AttachInternetGateway(a.t.Context(), &ec2.AttachInternetGatewayInput{InternetGatewayId: id, VpcId: &vpcID}))(a.t)
	return *id
}

func (a *account) subnet(vpcID, cidr, zone string) string {
	a.t.Helper()
	return *must(a.ec2.CreateSubnet(a.t.Context(), &ec2.CreateSubnetInput{VpcId: &vpcID, CidrBlock: &cidr, AvailabilityZone: &zone}))(a.t).Subnet.SubnetId
}

func (a *account) group(vpcID, name string) string {
	a.t.Helper()
	return *must(a.ec2.CreateSecurityGroup(a.t.Context(), &ec2.CreateSecurityGroupInput{
		VpcId: &vpcID, GroupName: &name, Description: aws.String("group " + name),
	}))(a.t).GroupId
}

func (a *account) acl(vpcID string) string {
	a.t.Helper()
	return *must(a.ec2.CreateNetworkAcl(a.t.Context(), &ec2.CreateNetworkAclInput{VpcId: &vpcID}))(a.t).NetworkAcl.NetworkAclId
}

func (a *account) prefixList(name, family string, maxEntries int32, cidrs ...string) string {
	a.t.Helper()
	in := &ec2.CreateManagedPrefixListInput{PrefixListName: &name, AddressFamily: &family, MaxEntries: &maxEntries}
	for _, cidr := range cidrs {
		in.Entries = append(in.Entries, ec2types.AddPrefixListEntry{Cidr: aws.String(cidr)})
	}
	return *must(a.ec2.CreateManagedPrefixList(a.t.Context(), in))(a.t).PrefixList.PrefixListId
}

func (a *account) instance(subnetID string, groups ...string) string {
	a.t.Helper()
	out := must(a.ec2.RunInstances(a.t.Context(), &ec2.RunInstancesInput{
		ImageId: aws.String("ami-12345678"), MinCount: aws.Int32(1), MaxCount: aws.Int32(1),
		SubnetId: &subnetID, SecurityGroupIds: groups,
	}))(a.t)
	return *out.Instances[0].InstanceId
}

func listener(port, instancePort int32) elbtypes.Listener {
	return elbtypes.Listener{Protocol: aws.String("HTTP"), LoadBalancerPort: port, InstancePort: &instancePort}
}

func (a *account) loadBalancer(name, scheme string, subnets, groups []string, listeners ...elbtypes.Listener) {
	a.t.Helper()
	in := &elasticloadbalancing.CreateLoadBalancerInput{
		LoadBalancerName: &name, Subnets: subnets, SecurityGroups: groups, Listeners: listeners,
	}
	if scheme != "" {
		in.Scheme = &scheme
	}
	must(a.elb.CreateLoadBalancer(a.t.Context(), in))(a.t)
}

// fromCIDR is a permission for one TCP port from an IPv4 block.
func fromCIDR(port int32, cidr string) ec2types.IpPermission {
	return ec2types.IpPermission{
		IpProtocol: aws.String("tcp"), FromPort: &port, ToPort: &port,
		IpRanges: []ec2types.IpRange{{CidrIp: &cidr}},
	}
}

func fromGroup(port int32, group string) ec2types.IpPermission {
	return ec2types.IpPermission{
		IpProtocol: aws.String("tcp"), FromPort: &port, ToPort: &port,
		UserIdGroupPairs: []ec2types.UserIdGroupPair{{GroupId: &group}},
	}
}

func fromPrefixList(port int32, list string) ec2types.IpPermission {
	return ec2types.IpPermission{
		IpProtocol: aws.String("tcp"), FromPort: &port, ToPort: &port,
		PrefixListIds: []ec2types.PrefixListId{{PrefixListId: &list}},
	}
}

func (a *account) authorize(group string, permissions ...ec2types.IpPermission) (*ec2.AuthorizeSecurityGroupIngressOutput, error) {
	return a.ec2.AuthorizeSecurityGroupIngress(a.t.Context(), &ec2.AuthorizeSecurityGroupIngressInput{GroupId: &group, IpPermissions: permissions})
}

// ingress returns the inbound rules of a group.
func (a *account) ingress(group string) []fakeaws.Rule {
	a.t.Helper()
	var out []fakeaws.Rule
	for _, r := range a.server.SecurityGroupRules(region, group) {
		if !r.Egress {
			out = append(out, r)
		}
	}
	return out
}

func itoa(n int) string { return strconv.Itoa(n) }
