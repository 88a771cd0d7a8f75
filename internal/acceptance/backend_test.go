// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package acceptance

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/terraform-clb/terraform-provider-clb/internal/fakeaws"
)

// The regions of the tests on the double and on moto.
const (
	testRegion  = "us-east-1"
	otherRegion = "us-west-2"
)

// backend is AWS, or what stands in for it, as one test reaches it.
type backend struct {
	// double is nil on the other backends.
	double   *fakeaws.Server
	sdk      aws.Config
	account  string
	provider string
	// changes counts the changes that the provider is carrying out; on the double only.
	changes *atomic.Int32
}

func onAWS() bool  { return os.Getenv("CLB_TEST_BACKEND") == "aws" }
func onMoto() bool { return os.Getenv("CLB_TEST_BACKEND") == "moto" }

// startBackend starts what all tests share.
func startBackend() (stop func(), err error) {
	switch name := os.Getenv("CLB_TEST_BACKEND"); name {
	case "":
		return func() {}, nil
	case "moto":
		return startMoto()
	case "aws":
		if os.Getenv("TF_ACC") == "" {
			return nil, errors.New("CLB_TEST_BACKEND=aws creates resources in AWS: set TF_ACC=1 too if that is meant")
		}
		return func() {}, nil
	default:
		return nil, fmt.Errorf("CLB_TEST_BACKEND is %q: leave it unset, or set it to moto or aws", name)
	}
}

// newBackend gives a test an account of its own, except on AWS. It skips the
// test where it cannot run; the quotas are those of the double.
func newBackend(t testing.TB, quotas fakeaws.Quotas) *backend {
	t.Helper()
	skip(t)
	switch {
	case onAWS():
		return newAWS(t)
	case onMoto():
		return newMoto(t, motoURL)
	default:
		return newDouble(t, quotas)
	}
}

func newDouble(t testing.TB, quotas fakeaws.Quotas) *backend {
	t.Helper()
	return newDoubleWith(t, fakeaws.Config{Quotas: quotas})
}

func newDoubleWith(t testing.TB, config fakeaws.Config) *backend {
	t.Helper()
	server := fakeaws.New(config)
	url, err := server.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	b := &backend{double: server, account: "123456789012"}
	b.watch()
	b.reach(url, aws.Credentials{AccessKeyID: "AKIAIOSFODNN7EXAMPLE", SecretAccessKey: "secret"})
	return b
}

// motoURL is where the shared moto_server listens; TestMain sets it before any test.
var motoURL string

// motoAccounts counts the accounts that were given to tests.
var motoAccounts atomic.Int64

// newMoto assumes a role in an account that no other test uses.
func newMoto(t testing.TB, url string) *backend {
	t.Helper()
	b := &backend{account: fmt.Sprintf("%012d", 100000000000+motoAccounts.Add(1))}
	b.reach(url, aws.Credentials{AccessKeyID: "AKIAIOSFODNN7EXAMPLE", SecretAccessKey: "secret"})
	assumed, err := sts.NewFromConfig(b.sdk).AssumeRole(context.Background(), &sts.AssumeRoleInput{
		RoleArn: aws.String("arn:aws:iam::" + b.account + ":role/acceptance"), RoleSessionName: aws.String("acceptance"),
	})
	if err != nil {
		t.Fatal(err)
	}
	b.reach(url, aws.Credentials{
		AccessKeyID: *assumed.Credentials.AccessKeyId, SecretAccessKey: *assumed.Credentials.SecretAccessKey, SessionToken: *assumed.Credentials.SessionToken,
	})
	return b
}

// reach directs the SDK and the provider to a server on this machine.
func (b *backend) reach(url string, keys aws.Credentials) {
	b.sdk = aws.Config{
		Region:       testRegion,
		BaseEndpoint: &url,
		Credentials:  credentials.NewStaticCredentialsProvider(keys.AccessKeyID, keys.SecretAccessKey, keys.SessionToken),
		HTTPClient:   fakeaws.HTTPClient(),
	}
	token := ""
	if keys.SessionToken != "" {
		token = fmt.Sprintf("token      = %q\n", keys.SessionToken)
	}
	b.provider = fmt.Sprintf("region     = %q\naccess_key = %q\nsecret_key = %q\n%sendpoints {\n  ec2 = %q\n  elb = %[5]q\n  sts = %[5]q\n}\n",
		testRegion, keys.AccessKeyID, keys.SecretAccessKey, token, url)
}

// newAWS reaches AWS in the region of the environment. Load balancers and
// instances release their network interfaces some time after they are gone, so
// what AWS refuses because of them is tried again.
func newAWS(t testing.TB) *backend {
	t.Helper()
	sdk, err := loadAWS(context.Background(), "")
	if err != nil {
		t.Fatal(err)
	}
	who, err := sts.NewFromConfig(sdk).GetCallerIdentity(context.Background(), &sts.GetCallerIdentityInput{})
	if err != nil {
		t.Fatal(err)
	}
	return &backend{sdk: sdk, account: *who.Account, provider: "region = " + strconv.Quote(sdk.Region) + "\n"}
}

func loadAWS(ctx context.Context, region string) (aws.Config, error) {
	return config.LoadDefaultConfig(ctx,
		config.WithRegion(cmp.Or(region, os.Getenv("AWS_REGION"), os.Getenv("AWS_DEFAULT_REGION"), testRegion)),
		config.WithRetryer(func() aws.Retryer {
			patient := retry.NewStandard(func(o *retry.StandardOptions) {
				o.MaxAttempts = 40
				o.MaxBackoff = 15 * time.Second
				o.RateLimiter = ratelimit.None
			})
			return retry.AddWithErrorCodes(patient, "DependencyViolation", "InvalidGroup.InUse")
		}),
	)
}

// image is a machine image for the instances of a world.
func (b *backend) image(t testing.TB) string {
	t.Helper()
	if !onAWS() {
		return "ami-12345678"
	}
	found, err := ec2.NewFromConfig(b.sdk).DescribeImages(context.Background(), &ec2.DescribeImagesInput{
		Owners: []string{"amazon"},
		Filters: []types.Filter{
			{Name: aws.String("name"), Values: []string{"al2023-ami-2023.*-x86_64"}},
			{Name: aws.String("state"), Values: []string{"available"}},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(found.Images) == 0 {
		t.Fatal("AWS lists no Amazon Linux image")
	}
	newest := slices.MaxFunc(found.Images, func(a, b types.Image) int {
		return cmp.Compare(aws.ToString(a.CreationDate), aws.ToString(b.CreationDate))
	})
	return *newest.ImageId
}

func (b *backend) ec2() *ec2.Client { return ec2.NewFromConfig(b.sdk) }
func (b *backend) elb() *elb.Client { return elb.NewFromConfig(b.sdk) }

// in is the backend in another region.
func (b *backend) in(region string) *backend {
	other := *b
	other.sdk = b.sdk.Copy()
	other.sdk.Region = region
	return &other
}
