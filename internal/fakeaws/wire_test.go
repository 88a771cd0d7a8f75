// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package fakeaws_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/terraform-clb/terraform-provider-clb/internal/fakeaws"
)

// request is one that the SDK would not send.
func request(ctx context.Context, scope, body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body)).WithContext(ctx)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if scope != "" {
		r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE/20240101/"+scope+"/aws4_request, SignedHeaders=host, Signature=0")
	}
	return r
}

func TestRawRequests(t *testing.T) {
	t.Parallel()
	const ec2Scope, elbScope = "us-east-1/ec2", "us-east-1/elasticloadbalancing"
	const ec2Version, elbVersion = "&Version=2016-11-15", "&Version=2012-06-01"
	for name, test := range map[string]struct {
		scope, body string
		status      int
		want        string
	}{
		"unknown action":        {ec2Scope, "Action=DescribeEverything" + ec2Version, 400, "<Response><Errors><Error><Code>InvalidAction</Code>"},
		"unknown ELB action":    {elbScope, "Action=DescribeEverything" + elbVersion, 400, "<Code>InvalidAction</Code>"},
		"unknown version":       {ec2Scope, "Action=DescribeVpcs&Version=2010-01-01", 400, "<Code>InvalidAction</Code>"},
		"no action":             {ec2Scope, "Version=2016-11-15", 400, "<Code>MissingAction</Code>"},
		"misspelt parameter":    {ec2Scope, "Action=DescribeVpcs&VpcID.1=x" + ec2Version, 400, "<Code>UnknownParameter</Code><Message>The parameter VpcID.1 is not recognized</Message>"},
		"misspelt member":       {ec2Scope, "Action=DescribeVpcs&Filter.1.Label=x" + ec2Version, 400, "<Code>UnknownParameter</Code>"},
		"list without index":    {ec2Scope, "Action=DescribeVpcs&VpcId=x" + ec2Version, 400, "<Code>UnknownParameter</Code>"},
		"ELB list without type": {elbScope, "Action=DescribeLoadBalancers&LoadBalancerNames.1=x" + elbVersion, 400, "<Code>UnknownParameter</Code>"},
		"not a number":          {ec2Scope, "Action=DescribeVpcs&MaxResults=many" + ec2Version, 400, "<Code>InvalidParameterValue</Code>"},
		"not a boolean":         {ec2Scope, "Action=DescribeVpcs&DryRun=yes" + ec2Version, 400, "<Code>InvalidParameterValue</Code>"},
		"ELB, not a number":     {elbScope, "Action=DescribeLoadBalancers&PageSize=many" + elbVersion, 400, "<Code>MalformedInput</Code>"},
		"missing parameter":     {ec2Scope, "Action=DeleteVpc" + ec2Version, 400, "The request must contain the parameter vpcId"},
		"empty parameter":       {ec2Scope, "Action=DeleteVpc&VpcId=" + ec2Version, 400, "<Code>MissingParameter</Code>"},
		"ELB missing parameter": {elbScope, "Action=DeleteLoadBalancer" + elbVersion, 400, "<Type>Sender</Type><Code>ValidationError</Code>"},
		"parameter twice":       {ec2Scope, "Action=DeleteVpc&VpcId=a&VpcId=b" + ec2Version, 400, "<Code>InvalidParameterCombination</Code>"},
		"wrong service":         {elbScope, "Action=DescribeVpcs" + ec2Version, 403, "<Code>SignatureDoesNotMatch</Code>"},
		"not a region":          {"nowhere/ec2", "Action=DescribeVpcs" + ec2Version, 403, "<Code>SignatureDoesNotMatch</Code>"},
		"unsigned":              {"", "Action=DescribeVpcs" + ec2Version, 401, "<Code>AuthFailure</Code>"},
		"ELB unsigned":          {"", "Action=DescribeLoadBalancers" + elbVersion, 403, "<Code>MissingAuthenticationToken</Code>"},
		"malformed body":        {ec2Scope, "Action=DescribeVpcs&a=%zz" + ec2Version, 400, "<Code>MalformedQueryString</Code>"},
		"message is escaped":    {ec2Scope, "Action=" + url.QueryEscape("<b>") + ec2Version, 400, "&lt;b&gt;"},
		"dry run":               {ec2Scope, "Action=CreateVpc&CidrBlock=10.0.0.0/16&DryRun=true" + ec2Version, 412, "<Code>DryRunOperation</Code>"},
		"no result":             {ec2Scope, "Action=CreateVpc&CidrBlock=10.0.0.0/16" + ec2Version, 200, `<CreateVpcResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>00000000-`},
		"ELB result":            {elbScope, "Action=DescribeAccountLimits" + elbVersion, 200, "<DescribeAccountLimitsResponse xmlns=\"http://elasticloadbalancing.amazonaws.com/doc/2012-06-01/\"><DescribeAccountLimitsResult><Limits><member><Name>"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := fakeaws.New(fakeaws.Config{})
			answer := httptest.NewRecorder()
			server.ServeHTTP(answer, request(t.Context(), test.scope, test.body))
			body, _ := io.ReadAll(answer.Body)
			if answer.Code != test.status || !strings.Contains(string(body), test.want) {
				t.Errorf("got %d %s, want %d with %s", answer.Code, body, test.status, test.want)
			}
			if calls := server.Calls(); len(calls) != 1 || calls[0].Status != test.status {
				t.Errorf("record: %+v", calls)
			}
			if test.status != 200 && server.Snapshot() != "" {
				t.Errorf("the refused call left a world:\n%s", server.Snapshot())
			}
		})
	}
}

func TestRecord(t *testing.T) {
	t.Parallel()
	a := start(t, fakeaws.Config{})
	ctx := t.Context()
	a.vpc("10.0.0.0/16")
	a.server.ResetCalls()
	must(a.in("eu-west-1").ec2.DescribeVpcs(ctx, &ec2.DescribeVpcsInput{Filters: []ec2types.Filter{{Name: aws.String("vpc-id"), Values: []string{"x"}}}}))(t)
	_, err := a.ec2.DeleteVpc(ctx, &ec2.DeleteVpcInput{VpcId: aws.String("vpc-00000000000000000")})
	refused(t, err, "InvalidVpcID.NotFound")
	must(a.elb.DescribeLoadBalancers(ctx, &elasticloadbalancing.DescribeLoadBalancersInput{}))(t)
	must(a.sts.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{}))(t)
	must(a.elb.DeleteLoadBalancer(ctx, &elasticloadbalancing.DeleteLoadBalancerInput{LoadBalancerName: aws.String("web")}))(t)
	want := []struct {
		service, action, region string
		status                  int
		code                    string
		write                   bool
	}{
		{fakeaws.ServiceEC2, "DescribeVpcs", "eu-west-1", 200, "", false},
		{fakeaws.ServiceEC2, "DeleteVpc", region, 400, "InvalidVpcID.NotFound", true},
		{fakeaws.ServiceELB, "DescribeLoadBalancers", region, 200, "", false},
		{fakeaws.ServiceSTS, "GetCallerIdentity", region, 200, "", false},
		{fakeaws.ServiceELB, "DeleteLoadBalancer", region, 200, "", true},
	}
	calls := a.server.Calls()
	if len(calls) != len(want) {
		t.Fatalf("%d calls recorded, want %d", len(calls), len(want))
	}
	for i, w := range want {
		c := calls[i]
		if c.Index != i || c.Service != w.service || c.Action != w.action || c.Region != w.region || c.Status != w.status || c.ErrorCode != w.code || c.Write() != w.write {
			t.Errorf("call %d: %+v, want %+v", i, c, w)
		}
	}
	if got := calls[0].Params.Get("Filter.1.Value.1"); got != "x" {
		t.Errorf("recorded parameter %q", got)
	}
}

// TestClientToken repeats creations, as a client does that lost an answer.
func TestClientToken(t *testing.T) {
	t.Parallel()
	a := start(t, fakeaws.Config{})
	vpcID := a.vpc("10.0.0.0/16")
	create := func(token, vpcID string) (*ec2.CreateNetworkAclOutput, error) {
		return a.ec2.CreateNetworkAcl(t.Context(), &ec2.CreateNetworkAclInput{VpcId: &vpcID, ClientToken: &token})
	}
	first, second := must(create("a", vpcID))(t), must(create("a", vpcID))(t)
	if *first.NetworkAcl.NetworkAclId != *second.NetworkAcl.NetworkAclId {
		t.Error("the same token made two network ACLs")
	}
	if third := must(create("b", vpcID))(t); *third.NetworkAcl.NetworkAclId == *first.NetworkAcl.NetworkAclId {
		t.Error("another token made no network ACL")
	}
	_, err := create("a", a.vpc("10.1.0.0/16"))
	refused(t, err, "IdempotentParameterMismatch")
}

func TestStartAndClose(t *testing.T) {
	t.Parallel()
	server := fakeaws.New(fakeaws.Config{})
	first, err := server.Start()
	if err != nil || !strings.HasPrefix(first, "http://127.0.0.1:") {
		t.Fatalf("started at %q: %v", first, err)
	}
	if _, err := server.Start(); err == nil {
		t.Error("a second Start succeeded")
	}
	server.Close()
	server.Close()
	if _, err := http.Get(first); err == nil {
		t.Error("a closed server answers")
	}
	if _, err := server.Start(); err != nil {
		t.Errorf("starting again: %v", err)
	}
	server.Close()
}
