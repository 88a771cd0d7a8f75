// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/feature/ec2/imds"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	awsbase "github.com/hashicorp/aws-sdk-go-base/v2"
	"github.com/hashicorp/aws-sdk-go-base/v2/diag"
)

// defaultMaxAttempts is how often a call is tried when neither the provider
// block nor the environment says it, as in the hashicorp/aws provider.
const defaultMaxAttempts = 25

// Settings says how to reach AWS. What is left empty is taken from the
// environment and the shared AWS files, the way every AWS tool does it:
// https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html
type Settings struct {
	Region  string
	Profile string

	AccessKey, SecretKey, Token string

	SharedConfigFiles, SharedCredentialsFiles []string

	// AssumeRoles are assumed in this order, each with the credentials of the
	// one before.
	AssumeRoles []AssumeRole
	// WebIdentity gives the credentials to begin with, nil for none.
	WebIdentity *WebIdentity

	Endpoints Endpoints

	// MaxRetries counts the attempts of one call, the first one included. 0
	// stands for AWS_MAX_ATTEMPTS, max_attempts of the profile, or else 25.
	MaxRetries int
	// RetryMode is "standard", "adaptive", or empty for the environment's.
	RetryMode string
	// Backoff gives the pause after an attempt (counted from 1) that failed;
	// nil for the SDK's, which grows exponentially up to 20 seconds.
	Backoff func(attempt int, err error) (time.Duration, error)
	// Clock measures out the calls to the rates that AWS takes, and the pauses until
	// AWS shows what was created; nil for the one on the wall.
	Clock Clock

	AllowedAccountIDs, ForbiddenAccountIDs []string

	// ValidateCredentials asks STS at once who the credentials belong to.
	ValidateCredentials bool
	// SkipRequestingAccountID never asks STS for the account id.
	SkipRequestingAccountID bool
	// SkipRegionValidation admits regions that this version does not know.
	SkipRegionValidation bool
	// UseMetadataAPI switches the metadata service of EC2 instances on or off
	// as a source of credentials; nil for the environment's choice.
	UseMetadataAPI *bool

	// CustomCABundle is the path of a PEM file.
	CustomCABundle string
	// HTTPProxy and HTTPSProxy are URLs. Empty means no proxy, nil the
	// environment's.
	HTTPProxy, HTTPSProxy *string
	// NoProxy lists hosts as the environment variable NO_PROXY does.
	NoProxy string
	// Insecure trusts every server certificate.
	Insecure bool

	UseFIPS, UseDualStack bool

	// Version and TerraformVersion are reported in the user agent.
	Version, TerraformVersion string
}

// Endpoints are URLs that replace those of AWS, in every region. A service
// that has one is reached there even if FIPS or dual-stack endpoints are asked
// for.
type Endpoints struct {
	EC2, ELB, STS string
}

// AssumeRole is one call of sts:AssumeRole:
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
type AssumeRole struct {
	RoleARN           string
	SessionName       string
	ExternalID        string
	Duration          time.Duration
	Policy            string
	PolicyARNs        []string
	SourceIdentity    string
	Tags              map[string]string
	TransitiveTagKeys []string
}

// WebIdentity is a call of sts:AssumeRoleWithWebIdentity:
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
type WebIdentity struct {
	RoleARN     string
	SessionName string
	Duration    time.Duration
	Policy      string
	PolicyARNs  []string
	// Token is the token itself, TokenFile the path of a file that holds it.
	Token, TokenFile string
}

// Warning is something about the settings that the user should know.
type Warning struct {
	Summary, Detail string
}

// Connection reaches AWS with one set of credentials. It is safe for
// concurrent use.
type Connection struct {
	settings Settings
	config   aws.Config
	secrets  redactor

	mu      sync.Mutex
	regions map[string]clients

	account   sync.Mutex
	accountID string
}

// Connect resolves credentials and region. It calls AWS only for what cannot
// be had without: roles to assume, credentials from SSO or the metadata
// service, and the account id if settings restrict or validate it. Errors are
// of type [*ConnectError].
func Connect(ctx context.Context, s Settings) (*Connection, []Warning, error) {
	secrets := newRedactor(s)
	base := s.base()
	base.Logger = newDiscreetLogger(secrets)
	if err := checkCABundle(base); err != nil {
		return nil, nil, err
	}

	_, config, diags := awsbase.GetAwsConfig(ctx, &base)
	var warnings []Warning
	for _, d := range diags {
		if d.Severity() == diag.SeverityError {
			return nil, nil, newConnectError(d, s, secrets)
		}
		warnings = append(warnings, Warning{Summary: d.Summary(), Detail: secrets.redact(d.Detail())})
	}

	if config.Region == "" {
		return nil, nil, errNoRegion()
	}
	c := &Connection{
		settings: s,
		config:   config,
		secrets:  secrets,
		regions:  map[string]clients{},
	}
	if err := c.CheckRegion(config.Region); err != nil {
		return nil, nil, err
	}
	if s.MaxRetries != 0 {
		c.config.RetryMaxAttempts = s.MaxRetries
	} else if config.RetryMaxAttempts == 0 {
		c.config.RetryMaxAttempts = defaultMaxAttempts
	}
	c.config.APIOptions = append(slices.Clone(config.APIOptions), logWith(base.Logger))
	c.config.HTTPClient = wholeBody{config.HTTPClient}

	if err := c.checkAccount(ctx); err != nil {
		return nil, nil, err
	}
	return c, warnings, nil
}

func (s Settings) clock() Clock {
	if s.Clock == nil {
		return wallClock{}
	}
	return s.Clock
}

// base is the settings in the words of the library that all Terraform
// providers of AWS share.
func (s Settings) base() awsbase.Config {
	c := awsbase.Config{
		CallerName:             "Terraform CLB provider",
		CallerDocumentationURL: "https://registry.terraform.io/providers/terraform-clb/clb",
		Region:                 s.Region,
		Profile:                s.Profile,
		AccessKey:              s.AccessKey,
		SecretKey:              s.SecretKey,
		Token:                  s.Token,
		SharedConfigFiles:      s.SharedConfigFiles,
		SharedCredentialsFiles: s.SharedCredentialsFiles,
		StsEndpoint:            s.Endpoints.STS,
		RetryMode:              aws.RetryMode(s.RetryMode),
		CustomCABundle:         s.CustomCABundle,
		HTTPProxy:              s.HTTPProxy,
		HTTPSProxy:             s.HTTPSProxy,
		HTTPProxyMode:          awsbase.HTTPProxyModeLegacy,
		NoProxy:                s.NoProxy,
		Insecure:               s.Insecure,
		UseFIPSEndpoint:        s.UseFIPS,
		UseDualStackEndpoint:   s.UseDualStack,
		// Only what needs the account id asks for it, see AccountID.
		SkipCredsValidation: true,
		UserAgent: awsbase.UserAgentProducts{
			{Name: "Terraform", Version: s.TerraformVersion, Comment: "+https://www.terraform.io"},
			{Name: "terraform-provider-clb", Version: s.Version},
		},
		// MaxRetries is left out: it would also hold for sts:AssumeRole, where
		// 25 attempts at a mistyped endpoint take minutes.
	}
	if s.Backoff != nil {
		c.Backoff = retry.BackoffDelayerFunc(s.Backoff)
	}
	if s.UseMetadataAPI != nil {
		c.EC2MetadataServiceEnableState = imds.ClientDisabled
		if *s.UseMetadataAPI {
			c.EC2MetadataServiceEnableState = imds.ClientEnabled
		}
	}
	for _, r := range s.AssumeRoles {
		c.AssumeRole = append(c.AssumeRole, awsbase.AssumeRole{
			RoleARN:           r.RoleARN,
			SessionName:       r.SessionName,
			ExternalID:        r.ExternalID,
			Duration:          r.Duration,
			Policy:            r.Policy,
			PolicyARNs:        r.PolicyARNs,
			SourceIdentity:    r.SourceIdentity,
			Tags:              r.Tags,
			TransitiveTagKeys: r.TransitiveTagKeys,
		})
	}
	if w := s.WebIdentity; w != nil {
		c.AssumeRoleWithWebIdentity = &awsbase.AssumeRoleWithWebIdentity{
			RoleARN:              w.RoleARN,
			SessionName:          w.SessionName,
			Duration:             w.Duration,
			Policy:               w.Policy,
			PolicyARNs:           w.PolicyARNs,
			WebIdentityToken:     w.Token,
			WebIdentityTokenFile: w.TokenFile,
		}
	}
	return c
}

// Region is the region of the provider, such as "eu-west-1". It is never empty.
func (c *Connection) Region() string { return c.config.Region }

// CheckRegion is [CheckRegion] unless the settings skip it.
func (c *Connection) CheckRegion(region string) error {
	if c.settings.SkipRegionValidation {
		return nil
	}
	return CheckRegion(region)
}

// EC2 is Amazon EC2 in a region, "" for the provider's own. The same region
// gives the same client.
func (c *Connection) EC2(region string) EC2API { return c.in(region).ec2 }

// ELB is Elastic Load Balancing (Classic Load Balancers) in a region, "" for
// the provider's own. The same region gives the same client.
func (c *Connection) ELB(region string) ELBAPI { return c.in(region).elb }

// clients are those of one region.
type clients struct {
	ec2    EC2API
	elb    ELBAPI
	region *Region
}

func (c *Connection) in(region string) clients {
	if region == "" {
		region = c.config.Region
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	made, ok := c.regions[region]
	if !ok {
		paced := newPace(c.settings.clock())
		made = clients{
			ec2: newEC2Calls(c.newEC2(region, func(o *ec2.Options) { o.APIOptions = append(o.APIOptions, paced.watch) })),
			elb: newELBCalls(c.newELB(region, func(o *elb.Options) { o.APIOptions = append(o.APIOptions, paced.watch) })),
		}
		made.region = NewRegion(made.ec2, made.elb, WithWait(pauseOn(c.settings.clock())), WithClock(c.settings.clock().Now))
		c.regions[region] = made
	}
	return made
}

func (c *Connection) newEC2(region string, options ...func(*ec2.Options)) *ec2.Client {
	return ec2.NewFromConfig(c.config, append(options, func(o *ec2.Options) {
		o.Region = region
		setEndpoint(&o.BaseEndpoint, c.settings.Endpoints.EC2,
			&o.EndpointOptions.UseFIPSEndpoint, &o.EndpointOptions.UseDualStackEndpoint)
	})...)
}

func (c *Connection) newELB(region string, options ...func(*elb.Options)) *elb.Client {
	return elb.NewFromConfig(c.config, append(options, func(o *elb.Options) {
		o.Region = region
		setEndpoint(&o.BaseEndpoint, c.settings.Endpoints.ELB,
			&o.EndpointOptions.UseFIPSEndpoint, &o.EndpointOptions.UseDualStackEndpoint)
	})...)
}

// setEndpoint directs a client to a URL. base may already hold the one of the
// environment. The SDK refuses FIPS and dual-stack together with a URL.
func setEndpoint(base **string, url string, fips *aws.FIPSEndpointState, dualStack *aws.DualStackEndpointState) {
	if url != "" {
		*base = &url
	}
	if *base != nil {
		*fips = aws.FIPSEndpointStateDisabled
		*dualStack = aws.DualStackEndpointStateDisabled
	}
}

// AccountID is the account of the credentials, 12 digits. The first caller
// waits for sts:GetCallerIdentity, later ones get the same answer. It is empty
// when the settings forbid to ask for it.
func (c *Connection) AccountID(ctx context.Context) (string, error) {
	if c.settings.SkipRequestingAccountID {
		return "", nil
	}
	return c.askAccountID(ctx)
}

func (c *Connection) askAccountID(ctx context.Context) (string, error) {
	c.account.Lock()
	defer c.account.Unlock()
	if c.accountID != "" {
		return c.accountID, nil
	}
	client := sts.NewFromConfig(c.config, func(o *sts.Options) {
		setEndpoint(&o.BaseEndpoint, c.settings.Endpoints.STS,
			&o.EndpointOptions.UseFIPSEndpoint, &o.EndpointOptions.UseDualStackEndpoint)
	})
	identity, err := client.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return "", errNoAccountID(c.secrets.describe(err), err)
	}
	if aws.ToString(identity.Account) == "" {
		return "", errNoAccountID("the answer of sts:GetCallerIdentity holds no account id.", nil)
	}
	c.accountID = *identity.Account
	return c.accountID, nil
}

// checkAccount asks for the account id if the settings need it.
func (c *Connection) checkAccount(ctx context.Context) error {
	s := c.settings
	restricted := len(s.AllowedAccountIDs) > 0 || len(s.ForbiddenAccountIDs) > 0
	if !restricted && !s.ValidateCredentials {
		return nil
	}
	id, err := c.askAccountID(ctx)
	if err != nil {
		return err
	}
	if slices.Contains(s.ForbiddenAccountIDs, id) {
		return errWrongAccount("forbidden_account_ids", id, "lists")
	}
	if len(s.AllowedAccountIDs) > 0 && !slices.Contains(s.AllowedAccountIDs, id) {
		return errWrongAccount("allowed_account_ids", id, "does not list")
	}
	return nil
}
