// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"cmp"
	"context"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing"
	"github.com/aws/smithy-go/middleware"
	"github.com/hashicorp/aws-sdk-go-base/v2/logging"
	"github.com/hashicorp/terraform-plugin-log/tflog"
)

// redactor blots out the credentials of the settings, and session tokens where
// AWS repeats a signed request: it does when the signature is wrong.
type redactor struct {
	replacer *strings.Replacer
	token    *regexp.Regexp
}

// shortestIdentifier is the length of the shortest access key id that IAM
// issues. Shorter ones are made up, and common words.
const shortestIdentifier = 16

func newRedactor(s Settings) redactor {
	secrets := []string{s.SecretKey, s.Token}
	if len(s.AccessKey) >= shortestIdentifier {
		secrets = append(secrets, s.AccessKey)
	}
	if s.WebIdentity != nil {
		secrets = append(secrets, s.WebIdentity.Token)
	}
	for _, proxy := range []*string{s.HTTPProxy, s.HTTPSProxy} {
		if proxy == nil {
			continue
		}
		if u, err := url.Parse(*proxy); err == nil && u.User != nil {
			password, _ := u.User.Password()
			// As written, which may be escaped in another way than Go's.
			_, written, _ := strings.Cut(u.User.String(), ":")
			secrets = append(secrets, password, written)
		}
	}
	// A secret that holds another one must go first.
	slices.SortFunc(secrets, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	var pairs []string
	for _, secret := range secrets {
		if secret != "" {
			pairs = append(pairs, secret, "***", url.QueryEscape(secret), "***")
		}
	}
	return redactor{
		replacer: strings.NewReplacer(pairs...),
		token:    regexp.MustCompile(`(?i)(x-amz-security-token[:=])[\w+/=%.-]+`),
	}
}

func (r redactor) redact(text string) string {
	return r.token.ReplaceAllString(r.replacer.Replace(text), "${1}***")
}

// discreetLogger hands the reports of the SDK to Terraform's log, without
// credentials: requests and answers are shown for the services that we manage
// things in. Of all others (STS, SSO, the metadata service) headers and bodies
// stay away, as tokens and keys are what they carry.
type discreetLogger struct {
	logging.Logger
	secrets redactor
}

func newDiscreetLogger(secrets redactor) logging.Logger {
	return discreetLogger{Logger: logging.TfLogger(""), secrets: secrets}
}

func (l discreetLogger) Warn(ctx context.Context, msg string, fields ...map[string]any) {
	l.Logger.Warn(ctx, l.secrets.redact(msg), l.clean(ctx, fields)...)
}

func (l discreetLogger) Info(ctx context.Context, msg string, fields ...map[string]any) {
	l.Logger.Info(ctx, l.secrets.redact(msg), l.clean(ctx, fields)...)
}

func (l discreetLogger) Debug(ctx context.Context, msg string, fields ...map[string]any) {
	l.Logger.Debug(ctx, l.secrets.redact(msg), l.clean(ctx, fields)...)
}

func (l discreetLogger) Trace(ctx context.Context, msg string, fields ...map[string]any) {
	l.Logger.Trace(ctx, l.secrets.redact(msg), l.clean(ctx, fields)...)
}

func (l discreetLogger) SubLogger(ctx context.Context, name string) (context.Context, logging.Logger) {
	ctx, logger := l.Logger.SubLogger(ctx, name)
	return ctx, discreetLogger{Logger: logger, secrets: l.secrets}
}

func (l discreetLogger) clean(ctx context.Context, fields []map[string]any) []map[string]any {
	service := awsmiddleware.GetServiceID(ctx)
	ours := service == ec2.ServiceID || service == elb.ServiceID
	cleaned := make([]map[string]any, len(fields))
	for i, f := range fields {
		cleaned[i] = maps.Clone(f)
		for name, value := range f {
			switch v := value.(type) {
			case string:
				cleaned[i][name] = l.secrets.redact(v)
			case error:
				cleaned[i][name] = l.secrets.redact(v.Error())
			}
			if !ours && isPayload(name) {
				delete(cleaned[i], name)
			}
		}
	}
	return cleaned
}

// isPayload tells whether a field is part of an HTTP message as it was sent.
func isPayload(field string) bool {
	for _, prefix := range []string{"http.request.header.", "http.response.header.", "http.request.body", "http.response.body"} {
		if strings.HasPrefix(field, prefix) {
			return true
		}
	}
	return false
}

// logWith makes the SDK's logging, which takes its logger from the context,
// work in contexts that are not those of Connect.
func logWith(logger logging.Logger) func(*middleware.Stack) error {
	register := middleware.InitializeMiddlewareFunc("RegisterLogger",
		func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
			ctx = logging.RegisterLogger(ctx, logger)
			ctx = tflog.MaskAllFieldValuesRegexes(ctx, logging.UniqueIDRegex)
			return next.HandleInitialize(ctx, in)
		})
	return func(stack *middleware.Stack) error {
		return stack.Initialize.Add(register, middleware.Before)
	}
}
