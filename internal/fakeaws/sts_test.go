// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package fakeaws_test

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"

	"github.com/terraform-clb/terraform-provider-clb/internal/fakeaws"
)

// with is the same endpoint with other credentials.
func (a *account) with(c *ststypes.Credentials, token string) *account {
	config := a.config
	config.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: *c.AccessKeyId, SecretAccessKey: *c.SecretAccessKey, SessionToken: token}, nil
	})
	return connect(a.t, a.server, config)
}

// assume is the same endpoint in the account of a role.
func (a *account) assume(role string) *account {
	a.t.Helper()
	c := must(a.sts.AssumeRole(a.t.Context(), &sts.AssumeRoleInput{RoleArn: &role, RoleSessionName: aws.String("session")}))(a.t).Credentials
	return a.with(c, *c.SessionToken)
}

func TestAccounts(t *testing.T) {
	t.Parallel()
	a := start(t, fakeaws.Config{AccountID: "111111111111"})
	ctx := t.Context()
	me := must(a.sts.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{}))(t)
	if *me.Account != "111111111111" {
		t.Errorf("identity: %+v", me)
	}
	role := "arn:aws:iam::222222222222:role/path/deploy"
	c := must(a.sts.AssumeRole(ctx, &sts.AssumeRoleInput{RoleArn: &role, RoleSessionName: aws.String("me")}))(t)
	if *c.AssumedRoleUser.Arn != "arn:aws:sts::222222222222:assumed-role/deploy/me" {
		t.Errorf("assumed role: %+v", c.AssumedRoleUser)
	}
	other := a.with(c.Credentials, *c.Credentials.SessionToken)
	if got := must(other.sts.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{}))(t); *got.Account != "222222222222" || *got.Arn != *c.AssumedRoleUser.Arn {
		t.Errorf("identity in the role: %+v", got)
	}
	a.vpc("10.0.0.0/16")
	a.in("eu-west-1").vpc("10.0.0.0/16")
	other.vpc("10.0.0.0/16")
	other.vpc("10.1.0.0/16")
	for _, test := range []struct {
		who  *account
		want int
	}{{a, 1}, {a.in("eu-west-1"), 1}, {a.in("us-west-2"), 0}, {other, 2}, {other.in("eu-west-1"), 0}} {
		if vpcs := must(test.who.ec2.DescribeVpcs(ctx, &ec2.DescribeVpcsInput{}))(t).Vpcs; len(vpcs) != test.want {
			t.Errorf("%d VPCs in %s, want %d", len(vpcs), test.who.config.Region, test.want)
		}
	}
	// A role can assume the next role.
	third := other.assume("arn:aws:iam::333333333333:role/next")
	if got := must(third.sts.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{}))(t); *got.Account != "333333333333" {
		t.Errorf("identity at the end of the chain: %+v", got)
	}
	web := must(a.sts.AssumeRoleWithWebIdentity(ctx, &sts.AssumeRoleWithWebIdentityInput{
		RoleArn: &role, RoleSessionName: aws.String("me"), WebIdentityToken: aws.String("token"),
	}))(t)
	federated := a.with(web.Credentials, *web.Credentials.SessionToken)
	if got := must(federated.sts.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{}))(t); *got.Account != "222222222222" {
		t.Errorf("identity by web identity: %+v", got)
	}

	stolen := a.with(c.Credentials, "")
	_, err := stolen.sts.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	refused(t, err, "InvalidClientTokenId", 403)
	_, err = stolen.ec2.DescribeVpcs(ctx, &ec2.DescribeVpcsInput{})
	refused(t, err, "AuthFailure", 401)
	for name, in := range map[string]sts.AssumeRoleInput{
		"not a role":   {RoleArn: aws.String("arn:aws:iam::222222222222:user/somebody"), RoleSessionName: aws.String("me")},
		"session name": {RoleArn: &role, RoleSessionName: aws.String("not a name")},
		"too long":     {RoleArn: &role, RoleSessionName: aws.String("me"), DurationSeconds: aws.Int32(50000)},
	} {
		_, err := a.sts.AssumeRole(ctx, &in)
		t.Log(name)
		refused(t, err, "ValidationError")
	}
}
