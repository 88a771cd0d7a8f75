// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"maps"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-clb/terraform-provider-clb/internal/cloud"
)

// providerModel is the provider block.
type providerModel struct {
	Region                    types.String `tfsdk:"region"`
	Profile                   types.String `tfsdk:"profile"`
	AccessKey                 types.String `tfsdk:"access_key"`
	SecretKey                 types.String `tfsdk:"secret_key"`
	Token                     types.String `tfsdk:"token"`
	SharedConfigFiles         types.List   `tfsdk:"shared_config_files"`
	SharedCredentialsFiles    types.List   `tfsdk:"shared_credentials_files"`
	MaxRetries                types.Int64  `tfsdk:"max_retries"`
	RetryMode                 types.String `tfsdk:"retry_mode"`
	AllowedAccountIDs         types.Set    `tfsdk:"allowed_account_ids"`
	ForbiddenAccountIDs       types.Set    `tfsdk:"forbidden_account_ids"`
	SkipCredentialsValidation types.Bool   `tfsdk:"skip_credentials_validation"`
	SkipRequestingAccountID   types.Bool   `tfsdk:"skip_requesting_account_id"`
	SkipRegionValidation      types.Bool   `tfsdk:"skip_region_validation"`
	SkipMetadataAPICheck      types.String `tfsdk:"skip_metadata_api_check"`
	CustomCABundle            types.String `tfsdk:"custom_ca_bundle"`
	HTTPProxy                 types.String `tfsdk:"http_proxy"`
	HTTPSProxy                types.String `tfsdk:"https_proxy"`
	NoProxy                   types.String `tfsdk:"no_proxy"`
	Insecure                  types.Bool   `tfsdk:"insecure"`
	UseFIPSEndpoint           types.Bool   `tfsdk:"use_fips_endpoint"`
	UseDualStackEndpoint      types.Bool   `tfsdk:"use_dualstack_endpoint"`
	AssumeRole                types.List   `tfsdk:"assume_role"`
	WebIdentity               types.List   `tfsdk:"assume_role_with_web_identity"`
	Endpoints                 types.Object `tfsdk:"endpoints"`
	DefaultTags               types.Object `tfsdk:"default_tags"`
	IgnoreTags                types.Object `tfsdk:"ignore_tags"`
	Limits                    types.Object `tfsdk:"limits"`
	Enforcement               types.String `tfsdk:"enforcement"`
	Accept                    types.List   `tfsdk:"accept"`
}

type assumeRoleModel struct {
	RoleARN           types.String `tfsdk:"role_arn"`
	SessionName       types.String `tfsdk:"session_name"`
	ExternalID        types.String `tfsdk:"external_id"`
	Duration          types.String `tfsdk:"duration"`
	Policy            types.String `tfsdk:"policy"`
	PolicyARNs        types.Set    `tfsdk:"policy_arns"`
	SourceIdentity    types.String `tfsdk:"source_identity"`
	Tags              types.Map    `tfsdk:"tags"`
	TransitiveTagKeys types.Set    `tfsdk:"transitive_tag_keys"`
}

type webIdentityModel struct {
	RoleARN     types.String `tfsdk:"role_arn"`
	SessionName types.String `tfsdk:"session_name"`
	Duration    types.String `tfsdk:"duration"`
	Policy      types.String `tfsdk:"policy"`
	PolicyARNs  types.Set    `tfsdk:"policy_arns"`
	Token       types.String `tfsdk:"web_identity_token"`
	TokenFile   types.String `tfsdk:"web_identity_token_file"`
}

type endpointsModel struct {
	EC2 types.String `tfsdk:"ec2"`
	ELB types.String `tfsdk:"elb"`
	STS types.String `tfsdk:"sts"`
}

type defaultTagsModel struct {
	Tags types.Map `tfsdk:"tags"`
}

type ignoreTagsModel struct {
	Keys        types.Set `tfsdk:"keys"`
	KeyPrefixes types.Set `tfsdk:"key_prefixes"`
}

type limitsModel struct {
	RulesPerSecurityGroup      types.Int64 `tfsdk:"rules_per_security_group"`
	EntriesPerNetworkACL       types.Int64 `tfsdk:"entries_per_network_acl"`
	SecurityGroupsPerInterface types.Int64 `tfsdk:"security_groups_per_interface"`
}

func (p *clbProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	attributes := credentialAttributes()
	maps.Copy(attributes, transportAttributes())
	attributes["accept"] = providerAcceptAttribute()
	attributes["enforcement"] = schema.StringAttribute{
		Optional:            true,
		MarkdownDescription: enforcementText,
		Validators:          []validator.String{argumentCheck{checkEnforcement}},
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Derives the security group rules and network ACL entries that AWS recommends for Classic Load Balancers " +
			"from their listeners and health checks. AWS is reached exactly as the hashicorp/aws provider reaches it: " +
			"copy the arguments of its provider block.\n\n" +
			"Except for `default_tags`, every argument must be known when Terraform plans: " +
			"a region or role that is created in the same run needs a root module of its own, or `-target`.",
		Attributes: attributes,
		Blocks: map[string]schema.Block{
			"assume_role":                   assumeRoleBlock(),
			"assume_role_with_web_identity": webIdentityBlock(),
			"endpoints":                     endpointsBlock(),
			"default_tags": schema.SingleNestedBlock{
				MarkdownDescription: "Tags of everything that this provider creates and AWS can tag.",
				Attributes: map[string]schema.Attribute{
					"tags": schema.MapAttribute{
						ElementType: types.StringType,
						Optional:    true,
						Validators:  []validator.Map{argumentCheck{cloud.CheckTagKey}},
						MarkdownDescription: "The tags. A resource's own `tags` override equal keys. Environment variables such as `TF_AWS_DEFAULT_TAGS_Team` add tags, here `Team`, that are not written here. " +
							"A value that is known only after apply makes `tags_all` of every resource known only after apply.",
					},
				},
			},
			"ignore_tags": schema.SingleNestedBlock{
				MarkdownDescription: "Tags that something else puts on our objects: they are neither shown as a difference nor removed.",
				Attributes: map[string]schema.Attribute{
					"keys": schema.SetAttribute{
						ElementType:         types.StringType,
						Optional:            true,
						MarkdownDescription: "Keys to ignore, such as `CostCenter`, besides those in `TF_AWS_IGNORE_TAGS_KEYS`, separated by commas.",
					},
					"key_prefixes": schema.SetAttribute{
						ElementType:         types.StringType,
						Optional:            true,
						MarkdownDescription: "Beginnings of keys to ignore, such as `kubernetes.io/`, besides those in `TF_AWS_IGNORE_TAGS_KEY_PREFIXES`, separated by commas.",
					},
				},
			},
			"limits": limitsBlock(),
		},
	}
}

func credentialAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"region": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "The AWS region, such as `eu-west-1`. " +
				"Defaults to `AWS_REGION`, `AWS_DEFAULT_REGION`, or the region of the profile. Resources can name another one.",
		},
		"profile": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "The profile of the shared AWS files to use. Defaults to `AWS_PROFILE`.",
		},
		"access_key": schema.StringAttribute{
			Optional:            true,
			Sensitive:           true,
			MarkdownDescription: "The access key id. Needs `secret_key`. Defaults to `AWS_ACCESS_KEY_ID`, which keeps it out of the configuration.",
		},
		"secret_key": schema.StringAttribute{
			Optional:            true,
			Sensitive:           true,
			MarkdownDescription: "The secret access key. Needs `access_key`. Defaults to `AWS_SECRET_ACCESS_KEY`, which keeps it out of the configuration.",
		},
		"token": schema.StringAttribute{
			Optional:            true,
			Sensitive:           true,
			MarkdownDescription: "The session token that belongs to temporary keys. Needs `access_key` and `secret_key`. Defaults to `AWS_SESSION_TOKEN`.",
		},
		"shared_config_files": schema.ListAttribute{
			ElementType:         types.StringType,
			Optional:            true,
			MarkdownDescription: "Paths of shared AWS configuration files. Defaults to `AWS_CONFIG_FILE` or `~/.aws/config`.",
		},
		"shared_credentials_files": schema.ListAttribute{
			ElementType:         types.StringType,
			Optional:            true,
			MarkdownDescription: "Paths of shared AWS credentials files. Defaults to `AWS_SHARED_CREDENTIALS_FILE` or `~/.aws/credentials`.",
		},
		"allowed_account_ids": schema.SetAttribute{
			ElementType: types.StringType,
			Optional:    true,
			Validators:  []validator.Set{argumentCheck{cloud.CheckAccountID}},
			MarkdownDescription: "The only AWS accounts (12 digits) to work in; with credentials of any other nothing is planned. " +
				"Conflicts with `forbidden_account_ids`. Costs one call of `sts:GetCallerIdentity`.",
		},
		"forbidden_account_ids": schema.SetAttribute{
			ElementType: types.StringType,
			Optional:    true,
			Validators:  []validator.Set{argumentCheck{cloud.CheckAccountID}},
			MarkdownDescription: "AWS accounts (12 digits) to keep out of; with their credentials nothing is planned. " +
				"Conflicts with `allowed_account_ids`. Costs one call of `sts:GetCallerIdentity`.",
		},
		"skip_credentials_validation": schema.BoolAttribute{
			Optional: true,
			MarkdownDescription: "Set to `false` to check the credentials with `sts:GetCallerIdentity` before anything else. " +
				"Left out or `true`, wrong credentials are reported by the first call that needs them.",
		},
		"skip_requesting_account_id": schema.BoolAttribute{
			Optional: true,
			MarkdownDescription: "Set to `true` where there is no STS to ask. Group references of the form `account/sg-…` " +
				"are then never recognized as being of the own account. Conflicts with `allowed_account_ids` and `forbidden_account_ids`.",
		},
		"skip_region_validation": schema.BoolAttribute{
			Optional:            true,
			MarkdownDescription: "Set to `true` to use a region that is newer than this version of the provider, or not AWS's.",
		},
		"skip_metadata_api_check": schema.StringAttribute{
			Optional:   true,
			Validators: []validator.String{argumentCheck{checkBool}},
			MarkdownDescription: "Whether to leave out the metadata service of EC2 instances as a source of credentials: `true`, `false`, " +
				"or left out for what `AWS_EC2_METADATA_DISABLED` says. `true` spares the wait for it outside of EC2.",
		},
	}
}

func transportAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"max_retries": schema.Int64Attribute{
			Optional:   true,
			Validators: []validator.Int64{int64validator.AtLeast(1)},
			MarkdownDescription: "How often one call is tried in all when AWS throttles it or fails temporarily, with growing pauses. " +
				"Defaults to `AWS_MAX_ATTEMPTS` or `max_attempts` of the profile, or else 25. " +
				"Unknown host names and refused connections are given up earlier.",
		},
		"retry_mode": schema.StringAttribute{
			Optional:   true,
			Validators: []validator.String{stringvalidator.OneOf("standard", "adaptive")},
			MarkdownDescription: "`standard`, or `adaptive` to also slow down when AWS throttles. " +
				"Defaults to `AWS_RETRY_MODE` or `retry_mode` of the profile, or else `standard`.",
		},
		"custom_ca_bundle": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "Path of a PEM file with the certificate authorities to trust. Defaults to `AWS_CA_BUNDLE`.",
		},
		"http_proxy": schema.StringAttribute{
			Optional:   true,
			Validators: []validator.String{argumentCheck{cloud.CheckProxy}},
			MarkdownDescription: "URL of the proxy for HTTP, and for HTTPS too if neither `https_proxy` nor `HTTPS_PROXY` is set. " +
				"`\"\"` for none. Defaults to `HTTP_PROXY`.",
		},
		"https_proxy": schema.StringAttribute{
			Optional:            true,
			Validators:          []validator.String{argumentCheck{cloud.CheckProxy}},
			MarkdownDescription: "URL of the proxy for HTTPS. `\"\"` for none. Defaults to `HTTPS_PROXY`.",
		},
		"no_proxy": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "Hosts to reach without a proxy, separated by commas. Defaults to `NO_PROXY`.",
		},
		"insecure": schema.BoolAttribute{
			Optional:            true,
			MarkdownDescription: "Set to `true` to accept every server certificate. For tests only: whoever is in between reads and changes everything.",
		},
		"use_fips_endpoint": schema.BoolAttribute{
			Optional:            true,
			MarkdownDescription: "Set to `true` to use the FIPS endpoints of AWS. Defaults to `AWS_USE_FIPS_ENDPOINT`. A service with an endpoint of its own keeps that.",
		},
		"use_dualstack_endpoint": schema.BoolAttribute{
			Optional:            true,
			MarkdownDescription: "Set to `true` to use the endpoints of AWS that speak IPv4 and IPv6. Defaults to `AWS_USE_DUALSTACK_ENDPOINT`. A service with an endpoint of its own keeps that.",
		},
	}
}

func assumeRoleBlock() schema.Block {
	return schema.ListNestedBlock{
		MarkdownDescription: "An IAM role to assume. Several blocks are assumed one after the other, each with the credentials of the one before.",
		NestedObject: schema.NestedBlockObject{
			Attributes: map[string]schema.Attribute{
				"role_arn":     roleARNAttribute(),
				"session_name": sessionNameAttribute(),
				"duration":     durationAttribute(),
				"policy":       policyAttribute(),
				"policy_arns":  policyARNsAttribute(),
				"external_id": schema.StringAttribute{
					Optional:            true,
					Validators:          []validator.String{argumentCheck{cloud.CheckExternalID}},
					MarkdownDescription: "The external id that the role's trust policy asks for.",
				},
				"source_identity": schema.StringAttribute{
					Optional:            true,
					Validators:          []validator.String{argumentCheck{cloud.CheckSessionName}},
					MarkdownDescription: "Who is behind the session, for CloudTrail: 2 to 64 letters, digits and any of `_+=,.@-`.",
				},
				"tags": schema.MapAttribute{
					ElementType:         types.StringType,
					Optional:            true,
					MarkdownDescription: "Session tags.",
				},
				"transitive_tag_keys": schema.SetAttribute{
					ElementType:         types.StringType,
					Optional:            true,
					MarkdownDescription: "Keys of session tags that are passed on to roles assumed from this session.",
				},
			},
		},
	}
}

func webIdentityBlock() schema.Block {
	return schema.ListNestedBlock{
		Validators:          []validator.List{listvalidator.SizeAtMost(1)},
		MarkdownDescription: "An IAM role to assume with a web identity (OpenID Connect) token, as continuous integration services issue them. Roles of `assume_role` follow it.",
		NestedObject: schema.NestedBlockObject{
			Attributes: map[string]schema.Attribute{
				"role_arn":     roleARNAttribute(),
				"session_name": sessionNameAttribute(),
				"duration":     durationAttribute(),
				"policy":       policyAttribute(),
				"policy_arns":  policyARNsAttribute(),
				"web_identity_token": schema.StringAttribute{
					Optional:            true,
					Sensitive:           true,
					MarkdownDescription: "The token itself. Either this or `web_identity_token_file`.",
				},
				"web_identity_token_file": schema.StringAttribute{
					Optional:            true,
					MarkdownDescription: "Path of the file that holds the token. Either this or `web_identity_token`.",
				},
			},
		},
	}
}

func roleARNAttribute() schema.Attribute {
	return schema.StringAttribute{
		Required:            true,
		Validators:          []validator.String{argumentCheck{cloud.CheckRoleARN}},
		MarkdownDescription: "ARN of the IAM role, such as `arn:aws:iam::123456789012:role/Terraform`.",
	}
}

func sessionNameAttribute() schema.Attribute {
	return schema.StringAttribute{
		Optional:            true,
		Validators:          []validator.String{argumentCheck{cloud.CheckSessionName}},
		MarkdownDescription: "Name of the session, for CloudTrail: 2 to 64 letters, digits and any of `_+=,.@-`. Made up by default.",
	}
}

func durationAttribute() schema.Attribute {
	return schema.StringAttribute{
		Optional:            true,
		Validators:          []validator.String{argumentCheck{cloud.CheckDuration}},
		MarkdownDescription: "How long the session lasts before it is renewed, from `15m` to `12h`, such as `1h30m`. Defaults to 15 minutes.",
	}
}

func policyAttribute() schema.Attribute {
	return schema.StringAttribute{
		Optional:            true,
		Validators:          []validator.String{argumentCheck{cloud.CheckPolicy}},
		MarkdownDescription: "An IAM policy (JSON) that narrows the permissions of the session.",
	}
}

func policyARNsAttribute() schema.Attribute {
	return schema.SetAttribute{
		ElementType:         types.StringType,
		Optional:            true,
		Validators:          []validator.Set{argumentCheck{cloud.CheckPolicyARN}},
		MarkdownDescription: "ARNs of IAM policies that narrow the permissions of the session.",
	}
}

func endpointsBlock() schema.Block {
	endpoint := func(service, variable string) schema.Attribute {
		return schema.StringAttribute{
			Optional:   true,
			Validators: []validator.String{argumentCheck{cloud.CheckEndpoint}},
			MarkdownDescription: "URL to reach " + service + " at, such as a VPC endpoint or a local double of AWS. " +
				"Defaults to `" + variable + "` or `AWS_ENDPOINT_URL`.",
		}
	}
	return schema.SingleNestedBlock{
		MarkdownDescription: "URLs that replace those of AWS.",
		Attributes: map[string]schema.Attribute{
			"ec2": endpoint("Amazon EC2", "AWS_ENDPOINT_URL_EC2"),
			"elb": endpoint("Elastic Load Balancing", "AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING"),
			"sts": endpoint("AWS Security Token Service", "AWS_ENDPOINT_URL_STS"),
		},
	}
}

func limitsBlock() schema.Block {
	quota := func(what, standard string) schema.Attribute {
		return schema.Int64Attribute{
			Optional:            true,
			Validators:          []validator.Int64{int64validator.AtLeast(1)},
			MarkdownDescription: what + " AWS's default is " + standard + ".",
		}
	}
	return schema.SingleNestedBlock{
		MarkdownDescription: "The account's quotas, as the Service Quotas console shows them under Amazon VPC. " +
			"A plan that exceeds a quota that is set here is an error; one that exceeds AWS's default is a warning, as the account may have been granted more.",
		Attributes: map[string]schema.Attribute{
			"rules_per_security_group":      quota("Inbound, and as many outbound, rules of a security group.", "60"),
			"entries_per_network_acl":       quota("Inbound, and as many outbound, entries of a network ACL.", "20"),
			"security_groups_per_interface": quota("Security groups of a network interface, and so of a load balancer.", "5"),
		},
	}
}

// argumentCheck lets a check of package cloud judge an argument: a string, each
// of a set of strings, or each key of a map. What is unknown or empty passes.
// The check's error is a sentence that quotes the value where that is no
// secret.
type argumentCheck struct{ check func(string) error }

var (
	_ validator.String = argumentCheck{}
	_ validator.Set    = argumentCheck{}
	_ validator.Map    = argumentCheck{}
)

func (argumentCheck) Description(context.Context) string { return "has the form that AWS asks for" }
func (argumentCheck) MarkdownDescription(context.Context) string {
	return "has the form that AWS asks for"
}

func (v argumentCheck) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	v.judge(req.Path, req.ConfigValue, &resp.Diagnostics)
}

func (v argumentCheck) ValidateSet(_ context.Context, req validator.SetRequest, resp *validator.SetResponse) {
	for _, element := range req.ConfigValue.Elements() {
		v.judge(req.Path, element, &resp.Diagnostics)
	}
}

func (v argumentCheck) ValidateMap(_ context.Context, req validator.MapRequest, resp *validator.MapResponse) {
	for key := range req.ConfigValue.Elements() {
		v.judge(req.Path, types.StringValue(key), &resp.Diagnostics)
	}
}

func (v argumentCheck) judge(at path.Path, value attr.Value, diags *diag.Diagnostics) {
	s, ok := value.(types.String)
	if !ok || s.IsUnknown() || s.IsNull() {
		return
	}
	if err := v.check(s.ValueString()); err != nil {
		diags.AddAttributeError(at, "Invalid provider argument", at.String()+": "+err.Error()+".")
	}
}

// checkBool is for arguments that hashicorp/aws made strings so that null, true
// and false can be told apart.
func checkBool(v string) error {
	if _, err := strconv.ParseBool(v); v != "" && err != nil {
		return fmt.Errorf("%q is neither true nor false", v)
	}
	return nil
}
