// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// explain turns an error of the SDK into a sentence for the user. The operation
// is the call as an IAM action.
func explain(operation, on string, err error) error {
	api, answered := apiError(err)
	switch {
	case errors.Is(err, context.Canceled):
		return &CallError{Operation: operation, On: on, err: err,
			Reason: "It was interrupted before AWS answered.", Advice: "Run Terraform again to continue."}
	case errors.Is(err, context.DeadlineExceeded):
		return &CallError{Operation: operation, On: on, err: err,
			Reason: "AWS did not answer in time.", Advice: "Run Terraform again to continue."}
	case !answered:
		reason, advice := transportReason(err)
		return &CallError{Operation: operation, On: on, err: err, Reason: reason, Advice: advice}
	}
	code := api.ErrorCode()
	answer := fmt.Sprintf("AWS answered %s: %s", code, cleanMessage(code, api.ErrorMessage()))
	if denied(code) {
		return &DeniedError{Operation: operation, On: on, Answer: answer, err: err}
	}
	return &CallError{Operation: operation, On: on, Code: code, Reason: answer, Advice: adviceFor(code), err: err}
}

// explainTags explains why rules could not be tagged.
func explainTags(operation string, ruleIDs []string, err error) error {
	on := "security group rules " + strings.Join(ruleIDs, ", ")
	if isRuleNotFound(err) {
		return &NotFoundError{Kind: "security group rule", ID: strings.Join(ruleIDs, ", ")}
	}
	return explain(operation, on, err)
}

// explainLeft explains why rules are still there after they were revoked. There
// is no error when AWS took the call and revoked nothing.
func explainLeft(operation, groupID string, left []string, err error) error {
	on := fmt.Sprintf("rules %s of security group %s", strings.Join(left, ", "), groupID)
	if err == nil {
		return &CallError{Operation: operation, On: on, Reason: "AWS took the call and the rules are still there.", Advice: "Run Terraform again."}
	}
	return explain(operation, on, err)
}

// cleanMessage makes a message of AWS fit to be shown: one line, a full stop,
// and neither secrets nor blobs.
func cleanMessage(code, message string) string {
	if slices.ContainsFunc([]string{"SignatureDoesNotMatch", "IncompleteSignature"}, equalTo(code)) {
		// The message repeats the signed request, a session token included.
		return "the signature of the request is wrong."
	}
	// An encoded authorization message tells nothing to a reader.
	message, _, _ = strings.Cut(message, "Encoded authorization failure message:")
	words := strings.Fields(message)
	for i, word := range words {
		const longest = 100
		if len(word) > longest && !strings.HasPrefix(word, "arn:") {
			words[i] = "…"
		}
	}
	message = strings.Join(words, " ")
	if message == "" {
		return "no message."
	}
	if !strings.HasSuffix(message, ".") {
		message += "."
	}
	return message
}

// transportReason says why there is no answer of AWS to a call.
func transportReason(err error) (reason, advice string) {
	var (
		dns      *net.DNSError
		request  *url.Error
		response *smithyhttp.ResponseError
		decode   *smithy.DeserializationError
		op       *smithy.OperationError
		last     *retry.MaxAttemptsError
	)
	tried := ""
	if errors.As(err, &last) && last.Attempt > 1 {
		tried = fmt.Sprintf(" (tried %d times)", last.Attempt)
	}
	switch {
	case errors.As(err, &dns):
		return fmt.Sprintf("The host name %q cannot be looked up%s: %s.", dns.Name, tried, dns.Err),
			"Check the region, the endpoints and the network."
	case errors.As(err, &request):
		return fmt.Sprintf("There was no answer from %s%s: %v.", host(request.URL), tried, request.Err),
			"Check the endpoints, the proxy and the network."
	case errors.As(err, &response) && response.HTTPStatusCode() >= http.StatusMultipleChoices:
		return fmt.Sprintf("The answer was HTTP status %d without an error code of AWS%s.", response.HTTPStatusCode(), tried),
			"Check that the endpoint belongs to AWS, and run Terraform again."
	case errors.As(err, &decode), errors.As(err, &response):
		return fmt.Sprintf("The answer was cut off or is no answer of AWS%s.", tried),
			"Check the endpoints, the proxy and the network, and run Terraform again."
	case errors.As(err, &op) && op.Err != nil:
		// Nothing was sent: mostly, there are no credentials.
		return fmt.Sprintf("The request could not be made%s: %s.", tried, strings.TrimSuffix(op.Err.Error(), ".")), ""
	default:
		return strings.TrimSuffix(err.Error(), ".") + ".", ""
	}
}

// host is the part of an address that may be shown.
func host(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return "AWS"
	}
	return u.Host
}

// adviceFor says what to do about an error code.
func adviceFor(code string) string {
	is := func(codes ...string) bool { return slices.ContainsFunc(codes, equalTo(code)) }
	switch {
	case throttled(code):
		return "AWS throttles this account and region: run Terraform again, with a lower -parallelism or a higher max_retries of the provider."
	case is("ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired"):
		return "The credentials have expired: get new ones and run Terraform again."
	case is("RequestExpired", "RequestTimeTooSkewed"):
		return "The clock of this machine differs from AWS's, or the credentials have expired: check both."
	case is("AuthFailure", "InvalidClientTokenId", "UnrecognizedClientException", "MissingAuthenticationToken"):
		return "AWS does not know these credentials: check the profile, the keys or the role that the provider uses, and that the region is one that the account has enabled."
	case is("SignatureDoesNotMatch", "IncompleteSignature"):
		return "The secret key does not belong to the access key, or the clock of this machine is wrong: check both."
	case is("OptInRequired", "PendingVerification", "Blocked"):
		return "The account cannot use this service or region yet: enable it in the account's settings."
	case is("RulesPerSecurityGroupLimitExceeded"):
		return "The security group has no room for these rules: remove rules, name fewer peers, or ask AWS to raise the quota \"Inbound or outbound rules per security group\" (L-0EA8095F). A rule for a prefix list counts as many times as the list can have entries."
	case is("SecurityGroupsPerInterfaceLimitExceeded"):
		return "Remove a security group, or ask AWS to raise the quota \"Security groups per network interface\" (L-2AFB9258)."
	case is("NetworkAclEntryLimitExceeded"):
		return "The network ACL has no room for this entry: remove entries, or ask AWS to raise the quota \"Rules per network ACL\" (L-2AEEBF1A)."
	case is("TagLimitExceeded", "TooManyTags"):
		return "A rule takes at most 50 tags: remove some of tags or default_tags."
	case is("InvalidPrefixListID.NotFound", "InvalidPrefixListId.NotFound"):
		return "A prefix list does not exist in this account and region: check the prefix list ids."
	case is("InternalError", "InternalFailure", "Unavailable", "ServiceUnavailable", "ServiceUnavailableException"):
		return "This is a fault on the side of AWS: run Terraform again."
	default:
		return ""
	}
}

// apiError is AWS's answer in an error, if AWS has answered. The SDK makes up
// the code UnknownError for an answer without a code, which AWS never gives.
func apiError(err error) (smithy.APIError, bool) {
	var api smithy.APIError
	if !errors.As(err, &api) || api.ErrorCode() == "UnknownError" {
		return nil, false
	}
	return api, true
}

// hasCode tells whether AWS answered with one of the error codes. EC2 spells
// some of them in two ways, InvalidGroupId and InvalidGroupID, so case does not
// count. The message is never looked at: AWS changes it freely.
func hasCode(err error, codes ...string) bool {
	api, answered := apiError(err)
	return answered && slices.ContainsFunc(codes, equalTo(api.ErrorCode()))
}

func equalTo(code string) func(string) bool {
	return func(other string) bool { return strings.EqualFold(code, other) }
}

func denied(code string) bool {
	return slices.ContainsFunc([]string{"UnauthorizedOperation", "AccessDenied", "AccessDeniedException"}, equalTo(code))
}

func throttled(code string) bool {
	return slices.ContainsFunc([]string{
		"RequestLimitExceeded", "EC2ThrottledException", "Throttling", "ThrottlingException",
		"DependencyThrottle", "RequestThrottled", "RequestThrottledException", "TooManyRequestsException",
	}, equalTo(code))
}

func isGroupNotFound(err error) bool {
	return hasCode(err, "InvalidGroup.NotFound", "InvalidGroupId.NotFound",
		"InvalidSecurityGroup.NotFound", "InvalidSecurityGroupId.NotFound")
}

func isRuleNotFound(err error) bool {
	return hasCode(err, "InvalidSecurityGroupRuleId.NotFound", "InvalidPermission.NotFound")
}

func isACLNotFound(err error) bool { return hasCode(err, "InvalidNetworkAclId.NotFound") }

func isEntryNotFound(err error) bool { return hasCode(err, "InvalidNetworkAclEntry.NotFound") }

func isLoadBalancerNotFound(err error) bool { return hasCode(err, "LoadBalancerNotFound") }

func isInvalidSecurityGroup(err error) bool { return hasCode(err, "InvalidSecurityGroup") }
