// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package cloud_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing"

	"github.com/terraform-clb/terraform-provider-clb/internal/cloud"
	"github.com/terraform-clb/terraform-provider-clb/internal/fakeaws"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

const (
	groupID = "sg-1a2b3c4d"
	// What IAM puts behind its sentence, and what no reader can use.
	blob = "4pR8-Qk3_v" + "9ZtYw0AbCdEfGhIjKlMnOpQrStUvWxYz0123456789AbCdEfGhIjKlMnOpQrStUvWxYz0123456789AbCdEfGhIjKlMnOpQrStUvWxYz0123456789"
)

// TestErrorTexts: a refusal of AWS becomes a sentence that names the IAM action,
// says AWS's code and message once, and what to do.
func TestErrorTexts(t *testing.T) {
	t.Parallel()
	const (
		authorize = "ec2:AuthorizeSecurityGroupIngress on security group " + groupID
		create    = "ec2:CreateNetworkAclEntry on ingress rule number 100 of network ACL acl-1a2b3c4d"
		describe  = "elasticloadbalancing:DescribeLoadBalancers on load balancer \"web\""
	)
	tests := []struct {
		call          func(context.Context, *cloud.Region) error
		status        int
		code, message string
		want          string
	}{
		{callAuthorize, 403, "UnauthorizedOperation",
			"You are not authorized to perform this operation. User: arn:aws:sts::123456789012:assumed-role/terraform/ci is not authorized to perform: ec2:AuthorizeSecurityGroupIngress because no identity-based policy allows it. Encoded authorization failure message: " + blob,
			authorize + " was denied. AWS answered UnauthorizedOperation: You are not authorized to perform this operation. User: arn:aws:sts::123456789012:assumed-role/terraform/ci is not authorized to perform: ec2:AuthorizeSecurityGroupIngress because no identity-based policy allows it. Allow the action ec2:AuthorizeSecurityGroupIngress in the policies of the identity that the provider uses, or use another identity."},
		{callAuthorize, 403, "UnauthorizedOperation", "No: " + blob,
			authorize + " was denied. AWS answered UnauthorizedOperation: No: …. Allow the action ec2:AuthorizeSecurityGroupIngress in the policies of the identity that the provider uses, or use another identity."},
		{callDescribe, 403, "AccessDenied", "User is not authorized",
			describe + " was denied. AWS answered AccessDenied: User is not authorized. Allow the action elasticloadbalancing:DescribeLoadBalancers in the policies of the identity that the provider uses, or use another identity."},
		{callAuthorize, 503, "RequestLimitExceeded", "Request limit exceeded.",
			authorize + " failed. AWS answered RequestLimitExceeded: Request limit exceeded. AWS throttles this account and region: run Terraform again, with a lower -parallelism or a higher max_retries of the provider."},
		{callDescribe, 400, "Throttling", "Rate exceeded",
			describe + " failed. AWS answered Throttling: Rate exceeded. AWS throttles this account and region: run Terraform again, with a lower -parallelism or a higher max_retries of the provider."},
		{callDescribe, 400, "ThrottlingException", "Rate exceeded",
			describe + " failed. AWS answered ThrottlingException: Rate exceeded. AWS throttles this account and region: run Terraform again, with a lower -parallelism or a higher max_retries of the provider."},
		{callDescribe, 400, "DependencyThrottle", "Rate exceeded",
			describe + " failed. AWS answered DependencyThrottle: Rate exceeded. AWS throttles this account and region: run Terraform again, with a lower -parallelism or a higher max_retries of the provider."},
		{callAuthorize, 400, "RulesPerSecurityGroupLimitExceeded", "The maximum number of rules per security group has been reached.",
			authorize + " failed. AWS answered RulesPerSecurityGroupLimitExceeded: The maximum number of rules per security group has been reached. The security group has no room for these rules: remove rules, name fewer peers, or ask AWS to raise the quota \"Inbound or outbound rules per security group\" (L-0EA8095F). A rule for a prefix list counts as many times as the list can have entries."},
		{callCreate, 400, "NetworkAclEntryLimitExceeded", "The maximum number of network acl entries has been reached.",
			create + " failed. AWS answered NetworkAclEntryLimitExceeded: The maximum number of network acl entries has been reached. The network ACL has no room for this entry: remove entries, or ask AWS to raise the quota \"Rules per network ACL\" (L-2AEEBF1A)."},
		{callAuthorize, 400, "RequestExpired", "Request has expired.",
			authorize + " failed. AWS answered RequestExpired: Request has expired. The clock of this machine differs from AWS's, or the credentials have expired: check both."},
		{callDescribe, 403, "ExpiredToken", "The security token included in the request is expired",
			describe + " failed. AWS answered ExpiredToken: The security token included in the request is expired. The credentials have expired: get new ones and run Terraform again."},
		{callAuthorize, 401, "AuthFailure", "AWS was not able to validate the provided access credentials",
			authorize + " failed. AWS answered AuthFailure: AWS was not able to validate the provided access credentials. AWS does not know these credentials: check the profile, the keys or the role that the provider uses, and that the region is one that the account has enabled."},
		{callDescribe, 403, "InvalidClientTokenId", "The security token included in the request is invalid.",
			describe + " failed. AWS answered InvalidClientTokenId: The security token included in the request is invalid. AWS does not know these credentials: check the profile, the keys or the role that the provider uses, and that the region is one that the account has enabled."},
		{callDescribe, 403, "SignatureDoesNotMatch", "The request signature we calculated does not match. The Canonical String should have been 'POST x-amz-security-token:SECRETTOKEN'",
			describe + " failed. AWS answered SignatureDoesNotMatch: the signature of the request is wrong. The secret key does not belong to the access key, or the clock of this machine is wrong: check both."},
		{callAuthorize, 400, "OptInRequired", "You are not subscribed to this service.",
			authorize + " failed. AWS answered OptInRequired: You are not subscribed to this service. The account cannot use this service or region yet: enable it in the account's settings."},
		{callAuthorize, 400, "InvalidPrefixListID.NotFound", "The prefix list ID 'pl-1' does not exist",
			authorize + " failed. AWS answered InvalidPrefixListID.NotFound: The prefix list ID 'pl-1' does not exist. A prefix list does not exist in this account and region: check the prefix list ids."},
		{callAuthorize, 400, "InvalidPrefixListId.NotFound", "The prefix list ID 'pl-1' does not exist",
			authorize + " failed. AWS answered InvalidPrefixListId.NotFound: The prefix list ID 'pl-1' does not exist. A prefix list does not exist in this account and region: check the prefix list ids."},
		{callAuthorize, 400, "InvalidPermission.Malformed", "Invalid CIDR\n  for\tthis rule",
			authorize + " failed. AWS answered InvalidPermission.Malformed: Invalid CIDR for this rule."},
		{callCreate, 400, "TagLimitExceeded", "Too many tags",
			create + " failed. AWS answered TagLimitExceeded: Too many tags. A rule takes at most 50 tags: remove some of tags or default_tags."},
		{callCreate, 400, "SecurityGroupsPerInterfaceLimitExceeded", "Too many",
			create + " failed. AWS answered SecurityGroupsPerInterfaceLimitExceeded: Too many. Remove a security group, or ask AWS to raise the quota \"Security groups per network interface\" (L-2AFB9258)."},
		{callDescribe, 500, "InternalFailure", "An internal error has occurred",
			describe + " failed. AWS answered InternalFailure: An internal error has occurred. This is a fault on the side of AWS: run Terraform again."},
		{callDescribe, 400, "NeverHeardOf", "Something new",
			describe + " failed. AWS answered NeverHeardOf: Something new."},
	}
	for _, test := range tests {
		t.Run(test.code, func(t *testing.T) {
			t.Parallel()
			d := start(t, 1, fakeaws.Config{})
			d.server.Inject(fakeaws.Fault{Kind: fakeaws.Fail, Status: test.status, Code: test.code, Message: test.message})
			wantError(t, test.call(t.Context(), d.Region), test.want)
		})
	}
}

func callAuthorize(ctx context.Context, r *cloud.Region) error {
	_, err := r.Authorize(ctx, groupID, wiring.Ingress, []wiring.Rule{tcp(wiring.Ingress, 80, network("0.0.0.0/0"), "")}, nil)
	return err
}

func callCreate(ctx context.Context, r *cloud.Region) error {
	return r.CreateEntry(ctx, "acl-1a2b3c4d", entry(100, tcp(wiring.Ingress, 80, network("0.0.0.0/0"), "")))
}

func callDescribe(ctx context.Context, r *cloud.Region) error {
	_, err := r.LoadBalancer(ctx, "web")
	return err
}

// reads are all reads, by IAM action.
func reads() map[string]func(context.Context, *cloud.Region) error {
	return map[string]func(context.Context, *cloud.Region) error{
		"ec2:DescribeSecurityGroups": func(ctx context.Context, r *cloud.Region) error {
			_, err := r.SecurityGroups(ctx, []string{groupID})
			return err
		},
		"ec2:DescribeSecurityGroupRules": func(ctx context.Context, r *cloud.Region) error {
			_, err := r.SecurityGroupRules(ctx, groupID)
			return err
		},
		"ec2:DescribeNetworkAcls": func(ctx context.Context, r *cloud.Region) error {
			_, err := r.NetworkACL(ctx, "acl-1a2b3c4d")
			return err
		},
		"ec2:DescribeInstances": func(ctx context.Context, r *cloud.Region) error {
			_, err := r.Instances(ctx, []string{"i-1a2b3c4d"})
			return err
		},
		"ec2:DescribeSubnets": func(ctx context.Context, r *cloud.Region) error {
			_, err := r.Subnets(ctx, []string{"subnet-1a2b3c4d"})
			return err
		},
		"ec2:DescribeVpcs": func(ctx context.Context, r *cloud.Region) error {
			_, err := r.VPC(ctx, "vpc-1a2b3c4d")
			return err
		},
		"elasticloadbalancing:DescribeLoadBalancers": func(ctx context.Context, r *cloud.Region) error {
			_, err := r.LoadBalancers(ctx)
			return err
		},
		"elasticloadbalancing:DescribeTags": func(ctx context.Context, r *cloud.Region) error {
			_, err := r.LoadBalancerTags(ctx, []string{"web"})
			return err
		},
		"elasticloadbalancing:DescribeLoadBalancerAttributes": func(ctx context.Context, r *cloud.Region) error {
			_, err := r.CrossZone(ctx, "web")
			return err
		},
	}
}

// TestDeniedReads: each denied read names the IAM action that is missing, which
// is the call that was made.
func TestDeniedReads(t *testing.T) {
	t.Parallel()
	for operation, read := range reads() {
		t.Run(operation, func(t *testing.T) {
			t.Parallel()
			d := start(t, 1, fakeaws.Config{})
			for _, code := range []string{"UnauthorizedOperation", "AccessDenied", "AccessDeniedException"} {
				remove := d.server.Inject(fakeaws.Fault{Kind: fakeaws.Fail, Status: 403, Code: code, Message: "No."})
				err := read(t.Context(), d.Region)
				remove()
				var denied *cloud.DeniedError
				if !errors.As(err, &denied) || denied.Operation != operation {
					t.Errorf("%s: got %v", code, err)
				}
				compare(t, d.calls(), []string{operation[strings.Index(operation, ":")+1:]})
			}
		})
	}
}

// TestNoAnswer: what goes wrong on the way to AWS is told without a dump.
func TestNoAnswer(t *testing.T) {
	t.Parallel()
	const read = "ec2:DescribeSecurityGroupRules on security group " + groupID + " failed. "
	tests := []struct {
		name     string
		attempts int
		answer   http.RoundTripper
		want     string
	}{
		{"unknown host", 1, failing{&net.DNSError{Err: "no such host", Name: "ec2.nowhere-1.amazonaws.com", IsNotFound: true}},
			read + "The host name \"ec2.nowhere-1.amazonaws.com\" cannot be looked up: no such host. Check the region, the endpoints and the network."},
		{"refused", 3, failing{&net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}},
			read + "There was no answer from aws.example (tried 3 times): dial tcp: connection refused. Check the endpoints, the proxy and the network."},
		{"a web page", 1, answering{status: 502, body: "<html>Bad gateway</html>"},
			read + "The answer was HTTP status 502 without an error code of AWS. Check that the endpoint belongs to AWS, and run Terraform again."},
		{"a web page, repeatedly", 3, answering{status: 500, body: "<!DOCTYPE html><h1>Oops<br>"},
			read + "The answer was HTTP status 500 without an error code of AWS (tried 3 times). Check that the endpoint belongs to AWS, and run Terraform again."},
		{"half an answer", 1, answering{status: 200, body: "<DescribeSecurityGroupRulesResponse><securityGroupRuleSet><item><cidrIpv4>10.0"},
			read + "The answer was cut off or is no answer of AWS. Check the endpoints, the proxy and the network, and run Terraform again."},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			region := cloud.NewRegion(clientWith(test.attempts, test.answer, nil), nil)
			_, err := region.SecurityGroupRules(t.Context(), groupID)
			wantError(t, err, test.want)
		})
	}
	t.Run("no credentials", func(t *testing.T) {
		t.Parallel()
		region := cloud.NewRegion(clientWith(1, answering{}, errors.New("the SSO session has expired")), nil)
		_, err := region.SecurityGroupRules(t.Context(), groupID)
		wantError(t, err, read+"The request could not be made: get identity: get credentials: the SSO session has expired.")
	})
}

type failing struct{ err error }

func (f failing) RoundTrip(*http.Request) (*http.Response, error) { return nil, f.err }

type answering struct {
	status int
	body   string
}

func (a answering) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: a.status, Body: readCloser{strings.NewReader(a.body)}, Header: http.Header{}, Request: r}, nil
}

type readCloser struct{ *strings.Reader }

func (readCloser) Close() error { return nil }

func clientWith(attempts int, transport http.RoundTripper, credentials error) *ec2.Client {
	return ec2.New(ec2.Options{
		Region: testRegion, BaseEndpoint: aws.String("https://user:password@aws.example/path"),
		HTTPClient: &http.Client{Transport: transport},
		Retryer: retry.NewStandard(func(o *retry.StandardOptions) {
			o.MaxAttempts, o.Backoff = attempts, retry.BackoffDelayerFunc(noDelay)
		}),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "AKIAEXAMPLE", SecretAccessKey: "secret"}, credentials
		}),
	})
}

// TestCancel: an interrupted call returns at once, however long AWS takes.
func TestCancel(t *testing.T) {
	t.Parallel()
	calls := reads()
	calls["ec2:AuthorizeSecurityGroupIngress"] = callAuthorize
	calls["ec2:CreateNetworkAclEntry"] = callCreate
	calls["ec2:RevokeSecurityGroupEgress"] = func(ctx context.Context, r *cloud.Region) error {
		return r.Revoke(ctx, groupID, wiring.Egress, []string{"sgr-1a2b3c4d"})
	}
	calls["ec2:DeleteNetworkAclEntry"] = func(ctx context.Context, r *cloud.Region) error {
		return r.DeleteEntry(ctx, "acl-1a2b3c4d", wiring.Ingress, 100)
	}
	calls["elasticloadbalancing:ApplySecurityGroupsToLoadBalancer"] = func(ctx context.Context, r *cloud.Region) error {
		return r.ApplySecurityGroups(ctx, "web", []string{groupID})
	}
	for operation, call := range calls {
		t.Run(operation, func(t *testing.T) {
			t.Parallel()
			d := start(t, 3, fakeaws.Config{})
			ctx, cancel := context.WithCancel(t.Context())
			never := make(chan struct{})
			d.server.Inject(fakeaws.Fault{Kind: fakeaws.Delay, Times: 1, Wait: never, Hook: func(fakeaws.Call) { cancel() }})
			// What became of the call cannot be read either.
			d.server.Inject(fakeaws.Fault{Kind: fakeaws.Fail, Code: "UnauthorizedOperation"})
			err := call(ctx, d.Region)
			if !errors.Is(err, context.Canceled) || !strings.HasSuffix(err.Error(), " failed. It was interrupted before AWS answered. Run Terraform again to continue.") || !strings.HasPrefix(err.Error(), operation) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// TestErrorsKeepTheSDKError: whoever needs more than the sentence can have it.
func TestErrorsKeepTheSDKError(t *testing.T) {
	t.Parallel()
	d := start(t, 1, fakeaws.Config{})
	d.server.Inject(fakeaws.Fault{Kind: fakeaws.Fail, Code: "InvalidParameterValue"})
	var operation interface{ Operation() string }
	for name, err := range map[string]error{"AuthorizeSecurityGroupIngress": callAuthorize(t.Context(), d.Region), "DescribeLoadBalancers": callDescribe(t.Context(), d.Region)} {
		if !errors.As(err, &operation) || operation.Operation() != name {
			t.Errorf("got %v", err)
		}
		if strings.Contains(err.Error(), "operation error") || strings.Contains(err.Error(), "StatusCode") {
			t.Errorf("dump: %v", err)
		}
	}
}

// A client of the SDK is what this package asks for.
var (
	_ cloud.EC2API = (*ec2.Client)(nil)
	_ cloud.ELBAPI = (*elb.Client)(nil)
)
