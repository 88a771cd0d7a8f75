// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/hashicorp/aws-sdk-go-base/v2/validation"
)

// CheckRegion says with an error of type [*ConnectError] that AWS has no region
// of this name, as far as this version knows. It calls nobody.
func CheckRegion(region string) error {
	if validation.SupportedRegion(region) == nil {
		return nil
	}
	return errUnknownRegion(region)
}

// CheckAccountID says what is wrong with the id of an AWS account.
func CheckAccountID(id string) error {
	if isAccountID(id) {
		return nil
	}
	return fmt.Errorf("%q is not the id of an AWS account: write 12 digits in quotes, leading zeros included, e.g. \"012345678901\"", id)
}

func isAccountID(id string) bool {
	return len(id) == 12 && strings.Trim(id, "0123456789") == ""
}

// CheckRoleARN says what is wrong with the ARN of an IAM role.
func CheckRoleARN(v string) error {
	if a, err := arn.Parse(v); err == nil && a.Service == "iam" && isAccountID(a.AccountID) && isNamed(a.Resource, "role/") {
		return nil
	}
	return fmt.Errorf("%q is not the ARN of an IAM role, e.g. arn:aws:iam::123456789012:role/Terraform", v)
}

// CheckPolicyARN says what is wrong with the ARN of an IAM policy. The account
// of AWS's own policies is called "aws".
func CheckPolicyARN(v string) error {
	if a, err := arn.Parse(v); err == nil && a.Service == "iam" &&
		(a.AccountID == "aws" || isAccountID(a.AccountID)) && isNamed(a.Resource, "policy/") {
		return nil
	}
	return fmt.Errorf("%q is not the ARN of an IAM policy, e.g. arn:aws:iam::123456789012:policy/Network", v)
}

func isNamed(resource, kind string) bool {
	name, ok := strings.CutPrefix(resource, kind)
	return ok && name != ""
}

// CheckSessionName says what is wrong with the name of a role session or with a
// source identity. Empty stands for none.
func CheckSessionName(v string) error {
	return checkPattern(v, 64, `^[\w+=,.@-]*$`, "letters, digits and any of _+=,.@-")
}

// CheckExternalID says what is wrong with the external id of a role. Empty
// stands for none.
func CheckExternalID(v string) error {
	return checkPattern(v, 1224, `^[\w+=,.@:/-]*$`, "letters, digits and any of _+=,.@:/-")
}

func checkPattern(v string, longest int, pattern, words string) error {
	if v == "" || len(v) >= 2 && len(v) <= longest && regexp.MustCompile(pattern).MatchString(v) {
		return nil
	}
	return fmt.Errorf("%q cannot be used: write 2 to %d %s", v, longest, words)
}

// Sessions of sts:AssumeRole last this long:
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
const (
	shortestSession = 15 * time.Minute
	longestSession  = 12 * time.Hour
)

// CheckDuration says what is wrong with the duration of a role session. Empty
// stands for AWS's default.
func CheckDuration(v string) error {
	if v == "" {
		return nil
	}
	d, err := time.ParseDuration(v)
	if err != nil {
		return fmt.Errorf("%q is not a duration: write hours, minutes and seconds with their units, e.g. 1h30m", v)
	}
	if d < shortestSession || d > longestSession {
		return fmt.Errorf("a session cannot last %s: write a duration from 15m to 12h", v)
	}
	return nil
}

// CheckPolicy says that a session policy is no JSON object. Empty stands for
// none.
func CheckPolicy(v string) error {
	var object map[string]any
	if v == "" || json.Unmarshal([]byte(v), &object) == nil {
		return nil
	}
	return errors.New("the policy is not a JSON object: write it with jsonencode, or use an aws_iam_policy_document data source")
}

// CheckEndpoint says what is wrong with the URL of a service. Empty stands for
// AWS's own.
func CheckEndpoint(v string) error {
	if v == "" {
		return nil
	}
	u, err := url.Parse(v)
	if err == nil && u.User != nil {
		return errors.New("an endpoint has no user name or password: remove them, calls are signed with the credentials")
	}
	if err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != "" {
		return nil
	}
	return fmt.Errorf("%q is not the URL of an endpoint: write it with its scheme, e.g. http://localhost:5000", v)
}

// CheckProxy says what is wrong with the URL of a proxy. Empty stands for no
// proxy. The URL may hold a password and is not repeated.
func CheckProxy(v string) error {
	if v == "" {
		return nil
	}
	u, err := url.Parse(v)
	if err == nil && u.Hostname() != "" {
		switch u.Scheme {
		case "http", "https", "socks5", "socks5h":
			return nil
		}
	}
	return errors.New("this is not the URL of a proxy: write it with its scheme (http, https or socks5), e.g. http://proxy.example.com:3128")
}

// CheckTagKey says what is wrong with the key of a tag:
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html
func CheckTagKey(key string) error {
	switch {
	case key == "" || len([]rune(key)) > 128:
		return fmt.Errorf("the tag key %q must have 1 to 128 characters", key)
	case strings.HasPrefix(strings.ToLower(key), "aws:"):
		return fmt.Errorf("the tag key %q begins with aws:, which AWS keeps to itself: choose another key", key)
	}
	return nil
}
