// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"errors"
	"fmt"

	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// NotFoundError says that something does not exist in AWS (any more).
type NotFoundError struct {
	// Kind is "security group", "security group rule", "network ACL", "prefix
	// list", "load balancer" or "VPC".
	Kind string
	// ID is the id, or the name of a load balancer.
	ID string
}

func (e *NotFoundError) Error() string {
	return fmt.Sprintf("%s %q does not exist in this account and region", e.Kind, e.ID)
}

// IsNotFound tells whether an error says that something does not exist.
func IsNotFound(err error) bool {
	var notFound *NotFoundError
	return errors.As(err, &notFound)
}

// DeniedError says that the credentials lack a permission.
type DeniedError struct {
	// Operation is the IAM action to allow: "ec2:DescribeSecurityGroupRules".
	Operation string
	// On is what it was to be done to, "security group sg-…"; it may be empty.
	On string
	// Answer is AWS's code and message.
	Answer string
	err    error
}

func (e *DeniedError) Error() string {
	return fmt.Sprintf("%s was denied. %s Allow the action %s in the policies of the identity that the provider uses, or use another identity.",
		operationOn(e.Operation, e.On), e.Answer, e.Operation)
}

// Unwrap is the error of the SDK.
func (e *DeniedError) Unwrap() error { return e.err }

// CallError says that a call of AWS failed, and why.
type CallError struct {
	// Operation is the call as an IAM action: "ec2:DescribeSecurityGroupRules".
	Operation string
	// On is what it was to be done to, "security group sg-…"; it may be empty.
	On string
	// Code is AWS's error code; it is empty where AWS did not answer with one.
	Code string
	// Reason is AWS's code and message, or what went wrong on the way to AWS, as
	// a sentence.
	Reason string
	// Advice says what to do, as a sentence; it is empty where nothing is known.
	Advice string
	err    error
}

func (e *CallError) Error() string {
	text := operationOn(e.Operation, e.On) + " failed. " + e.Reason
	if e.Advice != "" {
		text += " " + e.Advice
	}
	return text
}

// Unwrap is the error of the SDK.
func (e *CallError) Unwrap() error { return e.err }

// DuplicateRuleError says that a rule that was to be created exists already.
type DuplicateRuleError struct {
	// Group is the id of the security group.
	Group string
	// Rule is the rule as it stands in AWS, with its id.
	Rule SecurityGroupRule
}

func (e *DuplicateRuleError) Error() string {
	return fmt.Sprintf("security group %s already has the %s rule %q: it is %s. No rule was created: import that rule, or remove it where it is managed now",
		e.Group, e.Rule.Direction, e.Rule.Key(), e.Rule.ID)
}

// EntryTakenError says that the number of an entry is taken by another entry.
type EntryTakenError struct {
	// ACL is the id of the network ACL.
	ACL string
	// Entry is the entry as it stands in AWS.
	Entry NetworkACLEntry
}

func (e *EntryTakenError) Error() string {
	verb := "allow"
	if e.Entry.Deny {
		verb = "deny"
	}
	return fmt.Sprintf("%s rule number %d of network ACL %s is taken by the entry %q: choose another number, import that entry, or remove it where it is managed now",
		e.Entry.Direction, e.Entry.Number, e.ACL, verb+" "+e.Entry.Key())
}

// AdoptedEntryError says that an entry that is to be left as it is would have to
// be changed.
type AdoptedEntryError struct {
	// ACL is the id of the network ACL.
	ACL string
	// Entry is the entry as it stands in AWS, Wanted what it would become.
	Entry, Wanted NetworkACLEntry
}

func (e *AdoptedEntryError) Error() string {
	return fmt.Sprintf("%s rule number %d of network ACL %s (%s) was adopted and is left as it is, so it cannot become %q: choose another number, or set adopt = \"own\"",
		e.Entry.Direction, e.Entry.Number, e.ACL, e.Entry.Describe(), e.Wanted.Describe())
}

func operationOn(operation, on string) string {
	if on == "" {
		return operation
	}
	return operation + " on " + on
}

// advise puts the advice for a call that failed in the place of the general one.
func advise(err error, format string, args ...any) error {
	var call *CallError
	if errors.As(err, &call) {
		call.Advice = fmt.Sprintf(format, args...)
	}
	return err
}

// checkDirection refuses rules of the other direction.
func checkDirection(rule wiring.Rule, d wiring.Direction) error {
	if rule.Direction != d {
		return fmt.Errorf("the rule %q is an %s rule and cannot be written as an %s rule", rule.Key(), rule.Direction, d)
	}
	return nil
}
