// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/smithy-go"
	awsbase "github.com/hashicorp/aws-sdk-go-base/v2"
	"github.com/hashicorp/aws-sdk-go-base/v2/diag"
)

// ConnectError says why AWS cannot be reached with the settings, in sentences
// for the user and without credentials.
type ConnectError struct {
	// Attribute is the argument of the provider block to look at, such as
	// "assume_role"; empty if there is none.
	Attribute       string
	Summary, Detail string

	err error
}

func (e *ConnectError) Error() string { return e.Summary + ": " + e.Detail }
func (e *ConnectError) Unwrap() error { return e.err }

func errNoRegion() error {
	return &ConnectError{
		Attribute: "region",
		Summary:   "Missing AWS region",
		Detail: "No AWS region is configured. Set region in the provider block, the environment variable AWS_REGION, " +
			"or region in the profile of the shared AWS configuration file.",
	}
}

func errUnknownRegion(region string) error {
	return &ConnectError{
		Attribute: "region",
		Summary:   "Invalid AWS region",
		Detail: fmt.Sprintf("The region %q is not a region of AWS, e.g. eu-west-1. "+
			"If it is newer than this version of the provider, set skip_region_validation = true in the provider block.", region),
	}
}

func errWrongAccount(attribute, id, does string) error {
	return &ConnectError{
		Attribute: attribute,
		Summary:   "Wrong AWS account",
		Detail: fmt.Sprintf("The credentials belong to account %s, which %s %s. "+
			"Use credentials of the intended account, or change %[3]s in the provider block.", id, attribute, does),
	}
}

func errNoAccountID(reason string, err error) error {
	return &ConnectError{
		Summary: "Unable to read the AWS account id",
		Detail: "AWS Security Token Service did not say to which account the credentials belong: " + reason + "\n\n" +
			"Check the credentials (sts:GetCallerIdentity needs no permission) and endpoints.sts in the provider block.",
		err: err,
	}
}

// newConnectError is the user's version of what the shared library reports.
func newConnectError(d diag.Diagnostic, s Settings, secrets redactor) error {
	var err error
	if with, ok := d.(diag.DiagnosticWithErr); ok {
		err = with.Err()
	}
	reason := secrets.redact(d.Summary() + ": " + d.Detail())
	if err != nil {
		reason = secrets.describe(err)
	}
	var noProfile config.SharedConfigProfileNotExistError
	switch {
	case strings.Contains(reason, "Missing Region"):
		return errNoRegion()
	case errors.As(err, &noProfile):
		return &ConnectError{
			Attribute: "profile",
			Summary:   "Unknown AWS profile",
			Detail: fmt.Sprintf("The profile %q is in none of the shared AWS configuration and credentials files. "+
				"Correct profile in the provider block or the environment variable AWS_PROFILE, "+
				"or point shared_config_files and shared_credentials_files at the right files.", noProfile.Profile),
			err: err,
		}
	case awsbase.IsCannotAssumeRoleError(d):
		return &ConnectError{
			Attribute: "assume_role",
			Summary:   "Unable to assume IAM role",
			Detail: fmt.Sprintf("%s could not be assumed: %s\n\n"+
				"Check that the role exists, that its trust policy admits the credentials in use, and that these may call sts:AssumeRole on it.",
				rolesInWords(s.AssumeRoles), reason),
			err: err,
		}
	case s.WebIdentity != nil && strings.Contains(d.Summary(), "web identity"):
		return &ConnectError{
			Attribute: "assume_role_with_web_identity",
			Summary:   "Unable to assume IAM role",
			Detail: fmt.Sprintf("The role %s could not be assumed with the web identity token: %s\n\n"+
				"Check that the role exists, that its trust policy admits the token's issuer and subject, and that the token has not expired.",
				s.WebIdentity.RoleARN, reason),
			err: err,
		}
	case awsbase.IsNoValidCredentialSourcesError(d):
		if strings.Contains(reason, "IMDS") {
			// The last source in line has nothing to say about the others.
			reason = "none is set, and the metadata service of EC2 instances has none either."
		}
		return &ConnectError{
			Summary: "No valid AWS credentials",
			Detail: "Neither the provider block nor the environment gives valid AWS credentials: " + reason + "\n\n" +
				"Set access_key and secret_key, profile, assume_role or assume_role_with_web_identity in the provider block, " +
				"or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE in the environment.",
			err: err,
		}
	default:
		return &ConnectError{
			Summary: "Unable to configure AWS access",
			Detail: "The AWS settings of the provider block, the environment and the shared AWS files cannot be used: " + reason + "\n\n" +
				"Correct the setting that this names.",
			err: err,
		}
	}
}

// rolesInWords names the roles of a chain. The library does not say which one
// was refused, AWS's own message does.
func rolesInWords(roles []AssumeRole) string {
	if len(roles) == 1 {
		return "The role " + roles[0].RoleARN
	}
	arns := make([]string, len(roles))
	for i, r := range roles {
		arns[i] = r.RoleARN
	}
	return "One of the roles " + strings.Join(arns, ", then ")
}

// describe puts an error of the SDK into one sentence.
func (r redactor) describe(err error) string {
	var api smithy.APIError
	var dns *net.DNSError
	var op *net.OpError
	var answer *awshttp.ResponseError
	var text string
	switch {
	case errors.As(err, &api) && api.ErrorCode() != "UnknownError":
		text = api.ErrorCode() + ": " + cleanMessage(api.ErrorCode(), api.ErrorMessage())
	case errors.As(err, &dns):
		text = fmt.Sprintf("the host name %s cannot be resolved", dns.Name)
	case errors.As(err, &op):
		text = op.Error()
	case errors.As(err, &answer) && answer.HTTPStatusCode() != 0:
		text = fmt.Sprintf("the answer (HTTP status %d) is not one of AWS: check the endpoint and the proxy", answer.HTTPStatusCode())
	default:
		text = err.Error()
	}
	text = strings.TrimSpace(r.redact(text))
	if !strings.HasSuffix(text, ".") {
		text += "."
	}
	return text
}

// checkCABundle finds out before the SDK whether the bundle can be used, as the
// SDK's message does not say where the setting is.
func checkCABundle(c awsbase.Config) error {
	reader, err := c.CustomCABundleReader()
	if reader == nil && err == nil {
		return nil
	}
	if err == nil {
		var pem []byte
		if pem, err = io.ReadAll(reader); err == nil && x509.NewCertPool().AppendCertsFromPEM(pem) {
			return nil
		}
	}
	reason := "it holds no certificate in PEM form."
	if err != nil {
		reason = err.Error() + "."
	}
	return &ConnectError{
		Attribute: "custom_ca_bundle",
		Summary:   "Invalid CA bundle",
		Detail: fmt.Sprintf("The file %q that custom_ca_bundle names cannot be used: %s "+
			"Give the path of a readable file of PEM certificates.", c.CustomCABundle, reason),
		err: err,
	}
}
