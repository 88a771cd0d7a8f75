// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/terraform-clb/terraform-provider-clb/internal/cloud"
)

// Quotas of a new account:
// https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html
const (
	defaultRulesPerSecurityGroup      = 60
	defaultEntriesPerNetworkACL       = 20
	defaultSecurityGroupsPerInterface = 5
)

// ValidateConfig judges arguments that depend on each other, without AWS.
func (p *clbProvider) ValidateConfig(ctx context.Context, req provider.ValidateConfigRequest, resp *provider.ValidateConfigResponse) {
	var m providerModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	invalid := func(attribute, detail string) {
		resp.Diagnostics.AddAttributeError(path.Root(attribute), "Invalid provider argument", attribute+": "+detail)
	}

	checkRegion := !m.SkipRegionValidation.IsUnknown() && !m.SkipRegionValidation.ValueBool()
	if region := m.Region.ValueString(); checkRegion && region != "" {
		if err := cloud.CheckRegion(region); err != nil {
			addConnectError(&resp.Diagnostics, err)
		}
	}

	if isSet(m.AccessKey) && isEmpty(m.SecretKey) {
		invalid("access_key", "secret_key is missing. Set both, or neither to use the environment's credentials.")
	}
	if isSet(m.SecretKey) && isEmpty(m.AccessKey) {
		invalid("secret_key", "access_key is missing. Set both, or neither to use the environment's credentials.")
	}
	if isSet(m.Token) && isEmpty(m.AccessKey) && isEmpty(m.SecretKey) {
		invalid("token", "a session token belongs to temporary keys. Set access_key and secret_key too, or none of the three.")
	}

	allowed, forbidden := len(m.AllowedAccountIDs.Elements()) > 0, len(m.ForbiddenAccountIDs.Elements()) > 0
	if allowed && forbidden {
		invalid("allowed_account_ids", "conflicts with forbidden_account_ids. Keep one of them.")
	}
	for attribute, set := range map[string]bool{"allowed_account_ids": allowed, "forbidden_account_ids": forbidden} {
		if set && m.SkipRequestingAccountID.ValueBool() {
			invalid(attribute, "cannot be checked, as skip_requesting_account_id is true. Remove one of the two.")
		}
	}

	for _, element := range m.WebIdentity.Elements() {
		object, ok := element.(types.Object)
		if !ok || object.IsUnknown() {
			continue
		}
		var w webIdentityModel
		resp.Diagnostics.Append(object.As(ctx, &w, basetypes.ObjectAsOptions{})...)
		if isSet(w.Token) && isSet(w.TokenFile) || isEmpty(w.Token) && isEmpty(w.TokenFile) {
			invalid("assume_role_with_web_identity", "set either web_identity_token or web_identity_token_file.")
		}
	}
}

// isSet and isEmpty are both false of a value that is not known yet.
func isSet(v types.String) bool   { return v.ValueString() != "" }
func isEmpty(v types.String) bool { return !v.IsUnknown() && v.ValueString() == "" }

// Configure reads the block and connects to AWS.
func (p *clbProvider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	if unknown := unknownArguments(req.Config.Raw); len(unknown) > 0 {
		if req.ClientCapabilities.DeferralAllowed {
			resp.Deferred = &provider.Deferred{Reason: provider.DeferredReasonProviderConfigUnknown}
			return
		}
		for _, argument := range unknown {
			resp.Diagnostics.AddAttributeError(argument.root, "Provider argument not known yet",
				"The provider argument "+argument.name+" depends on something that is known only after apply, "+
					"but the provider reaches AWS already to plan. "+
					"Apply what it depends on first (terraform apply -target=…), or move that into a root module of its own.")
		}
		return
	}

	var model providerModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	data, settings := providerData{claims: newClaims(), locks: newLocks(), seen: newSeen(), handovers: newHandovers(), now: p.now}, cloud.Settings{}
	resp.Diagnostics.Append(model.settings(ctx, &settings)...)
	resp.Diagnostics.Append(model.data(ctx, p.environment, &data)...)
	resp.Diagnostics.Append(data.setEnforcement(model.Enforcement, p.environment.value(enforcementVariable))...)
	if resp.Diagnostics.HasError() {
		return
	}
	settings.Version = p.version
	settings.TerraformVersion = req.TerraformVersion
	for _, adjust := range p.adjustSettings {
		adjust(&settings)
	}

	connection, warnings, err := cloud.Connect(ctx, settings)
	for _, w := range warnings {
		resp.Diagnostics.AddWarning(w.Summary, w.Detail)
	}
	if err != nil {
		addConnectError(&resp.Diagnostics, err)
		return
	}
	data.connection = connection
	resp.ResourceData = &data
	resp.DataSourceData = &data
	resp.ListResourceData = &data
}

func addConnectError(diags *diag.Diagnostics, err error) {
	var connect *cloud.ConnectError
	switch {
	case !errors.As(err, &connect):
		diags.AddError("Unable to configure AWS access", err.Error())
	case connect.Attribute != "":
		diags.AddAttributeError(path.Root(connect.Attribute), connect.Summary, connect.Detail)
	default:
		diags.AddError(connect.Summary, connect.Detail)
	}
}

// unknownArgument is an argument whose value is known only after apply.
type unknownArgument struct {
	root path.Path
	name string
}

// unknownArguments finds what has to be known to reach AWS. Default tags need
// not: they are only ever written.
func unknownArguments(config tftypes.Value) []unknownArgument {
	var found []unknownArgument
	_ = tftypes.Walk(config, func(at *tftypes.AttributePath, value tftypes.Value) (bool, error) {
		root, name := argumentName(at)
		if root == "default_tags" {
			return false, nil
		}
		if !value.IsKnown() {
			found = append(found, unknownArgument{root: path.Root(root), name: name})
			return false, nil
		}
		return true, nil
	})
	return found
}

// argumentName writes a path as users know it, "assume_role[0].role_arn".
// Elements of sets have no name.
func argumentName(at *tftypes.AttributePath) (root, name string) {
	var b strings.Builder
	for _, step := range at.Steps() {
		switch s := step.(type) {
		case tftypes.AttributeName:
			if root == "" {
				root = string(s)
			} else {
				b.WriteByte('.')
			}
			b.WriteString(string(s))
		case tftypes.ElementKeyInt:
			b.WriteString("[" + strconv.FormatInt(int64(s), 10) + "]")
		case tftypes.ElementKeyString:
			b.WriteString("[" + strconv.Quote(string(s)) + "]")
		}
	}
	return root, b.String()
}

// settings translates the block into how to reach AWS. All values are known.
func (m providerModel) settings(ctx context.Context, s *cloud.Settings) diag.Diagnostics {
	var diags diag.Diagnostics
	*s = cloud.Settings{
		Region:                  m.Region.ValueString(),
		Profile:                 m.Profile.ValueString(),
		AccessKey:               m.AccessKey.ValueString(),
		SecretKey:               m.SecretKey.ValueString(),
		Token:                   m.Token.ValueString(),
		SharedConfigFiles:       texts(m.SharedConfigFiles),
		SharedCredentialsFiles:  texts(m.SharedCredentialsFiles),
		MaxRetries:              int(m.MaxRetries.ValueInt64()),
		RetryMode:               m.RetryMode.ValueString(),
		AllowedAccountIDs:       texts(m.AllowedAccountIDs),
		ForbiddenAccountIDs:     texts(m.ForbiddenAccountIDs),
		ValidateCredentials:     !m.SkipCredentialsValidation.IsNull() && !m.SkipCredentialsValidation.ValueBool(),
		SkipRequestingAccountID: m.SkipRequestingAccountID.ValueBool(),
		SkipRegionValidation:    m.SkipRegionValidation.ValueBool(),
		CustomCABundle:          m.CustomCABundle.ValueString(),
		HTTPProxy:               m.HTTPProxy.ValueStringPointer(),
		HTTPSProxy:              m.HTTPSProxy.ValueStringPointer(),
		NoProxy:                 m.NoProxy.ValueString(),
		Insecure:                m.Insecure.ValueBool(),
		UseFIPS:                 m.UseFIPSEndpoint.ValueBool(),
		UseDualStack:            m.UseDualStackEndpoint.ValueBool(),
	}
	if skip, err := strconv.ParseBool(m.SkipMetadataAPICheck.ValueString()); err == nil {
		use := !skip
		s.UseMetadataAPI = &use
	}

	if !m.Endpoints.IsNull() {
		var endpoints endpointsModel
		diags.Append(m.Endpoints.As(ctx, &endpoints, basetypes.ObjectAsOptions{})...)
		s.Endpoints = cloud.Endpoints{
			EC2: endpoints.EC2.ValueString(),
			ELB: endpoints.ELB.ValueString(),
			STS: endpoints.STS.ValueString(),
		}
	}

	var roles []assumeRoleModel
	diags.Append(m.AssumeRole.ElementsAs(ctx, &roles, false)...)
	for _, r := range roles {
		s.AssumeRoles = append(s.AssumeRoles, cloud.AssumeRole{
			RoleARN:           r.RoleARN.ValueString(),
			SessionName:       r.SessionName.ValueString(),
			ExternalID:        r.ExternalID.ValueString(),
			Duration:          duration(r.Duration),
			Policy:            r.Policy.ValueString(),
			PolicyARNs:        texts(r.PolicyARNs),
			SourceIdentity:    r.SourceIdentity.ValueString(),
			Tags:              textMap(r.Tags),
			TransitiveTagKeys: texts(r.TransitiveTagKeys),
		})
	}

	var identities []webIdentityModel
	diags.Append(m.WebIdentity.ElementsAs(ctx, &identities, false)...)
	for _, w := range identities {
		s.WebIdentity = &cloud.WebIdentity{
			RoleARN:     w.RoleARN.ValueString(),
			SessionName: w.SessionName.ValueString(),
			Duration:    duration(w.Duration),
			Policy:      w.Policy.ValueString(),
			PolicyARNs:  texts(w.PolicyARNs),
			Token:       w.Token.ValueString(),
			TokenFile:   w.TokenFile.ValueString(),
		}
	}
	return diags
}

// data translates what is not about reaching AWS.
func (m providerModel) data(ctx context.Context, variables environment, data *providerData) diag.Diagnostics {
	var diags diag.Diagnostics

	data.defaultTags, diags = variables.defaultTags()
	switch {
	case m.DefaultTags.IsUnknown():
		data.defaultTagsUnknown = true
	case !m.DefaultTags.IsNull():
		var tags defaultTagsModel
		diags.Append(m.DefaultTags.As(ctx, &tags, basetypes.ObjectAsOptions{})...)
		maps.Copy(data.defaultTags, textMap(tags.Tags))
		data.defaultTagsUnknown = tags.Tags.IsUnknown()
		for _, value := range tags.Tags.Elements() {
			data.defaultTagsUnknown = data.defaultTagsUnknown || value.IsUnknown()
		}
	}

	if !m.IgnoreTags.IsNull() {
		var ignore ignoreTagsModel
		diags.Append(m.IgnoreTags.As(ctx, &ignore, basetypes.ObjectAsOptions{})...)
		data.ignoreTags = ignoreTags{keys: texts(ignore.Keys), keyPrefixes: texts(ignore.KeyPrefixes)}
	}
	data.ignoreTags.keys = append(data.ignoreTags.keys, variables.list(ignoredTagsVariable)...)
	data.ignoreTags.keyPrefixes = append(data.ignoreTags.keyPrefixes, variables.list(ignoredPrefixesVariable)...)

	var problems []string
	data.accept, problems = decodeAccept(m.Accept, "accept")
	for i := range data.accept {
		data.accept[i].Shared = true
	}
	for _, problem := range problems {
		diags.AddAttributeError(path.Root("accept"), "Invalid acceptance", withFullStop(problem))
	}

	var quotas limitsModel
	if !m.Limits.IsNull() {
		diags.Append(m.Limits.As(ctx, &quotas, basetypes.ObjectAsOptions{})...)
	}
	data.limits = limits{
		rulesPerSecurityGroup:      newLimit(quotas.RulesPerSecurityGroup, defaultRulesPerSecurityGroup),
		entriesPerNetworkACL:       newLimit(quotas.EntriesPerNetworkACL, defaultEntriesPerNetworkACL),
		securityGroupsPerInterface: newLimit(quotas.SecurityGroupsPerInterface, defaultSecurityGroupsPerInterface),
	}
	return diags
}

func newLimit(configured types.Int64, standard int) limit {
	if configured.IsNull() {
		return limit{value: standard}
	}
	return limit{value: int(configured.ValueInt64()), configured: true}
}

// duration is a duration that ValidateConfig has seen.
func duration(v types.String) time.Duration {
	d, err := time.ParseDuration(v.ValueString())
	if err != nil {
		return 0
	}
	return d
}

// texts is a list or set of strings without what is null.
func texts(collection interface{ Elements() []attr.Value }) []string {
	var all []string
	for _, element := range collection.Elements() {
		if s, ok := element.(types.String); ok && !s.IsNull() {
			all = append(all, s.ValueString())
		}
	}
	return all
}

// textMap is a map of strings without what is null or unknown.
func textMap(m types.Map) map[string]string {
	all := map[string]string{}
	for key, element := range m.Elements() {
		if s, ok := element.(types.String); ok && !s.IsNull() && !s.IsUnknown() {
			all[key] = s.ValueString()
		}
	}
	return all
}
