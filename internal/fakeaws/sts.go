// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package fakeaws

import (
	"fmt"
	"regexp"
	"time"
)

// session is who a request comes from.
type session struct {
	account, arn, userID string
	// token is the session token that must accompany the access key.
	token string
}

var roleARN = regexp.MustCompile(`^arn:aws[a-z-]*:iam::(\d{12}):role/(?:[\w+=,.@/-]*/)?([\w+=,.@-]+)$`)

func stsOperations() map[string]operation {
	return map[string]operation{
		"GetCallerIdentity": op((*world).getCallerIdentity, ""),
		"AssumeRole": op((*world).assumeRole, `RoleArn! RoleSessionName! PolicyArns.member.#.arn Policy DurationSeconds:int
			Tags.member.#.Key Tags.member.#.Value TransitiveTagKeys.member.# ExternalId SerialNumber TokenCode SourceIdentity
			ProvidedContexts.member.#.ProviderArn ProvidedContexts.member.#.ContextAssertion`),
		"AssumeRoleWithWebIdentity": op((*world).assumeRole, `RoleArn! RoleSessionName! WebIdentityToken! ProviderId
			PolicyArns.member.#.arn Policy DurationSeconds:int`),
	}
}

// account gives the account of an access key: that of the role which handed it
// out, else the server's own. Any other key is accepted.
func (s *Server) account(accessKey string) string {
	if who, ok := s.sessions[accessKey]; ok {
		return who.account
	}
	return s.config.AccountID
}

// caller identifies who signed the request. Signatures are not verified, but
// keys that a role handed out need their session token.
func (s *Server) caller(q query) (session, error) {
	if !q.signed {
		if q.action == "AssumeRoleWithWebIdentity" {
			return session{account: s.config.AccountID}, nil
		}
		if q.service == ServiceEC2 {
			return session{}, fail("AuthFailure", "AWS was not able to validate the provided access credentials")
		}
		return session{}, fail("MissingAuthenticationToken", "Missing Authentication Token")
	}
	who, ok := s.sessions[q.accessKey]
	if !ok {
		return session{
			account: s.config.AccountID,
			arn:     fmt.Sprintf("arn:aws:iam::%s:user/user", s.config.AccountID),
			userID:  "AIDA0000000000000USER",
		}, nil
	}
	if who.token != q.sessionToken {
		if q.service == ServiceEC2 {
			return session{}, fail("AuthFailure", "AWS was not able to validate the provided access credentials")
		}
		return session{}, fail("InvalidClientTokenId", "The security token included in the request is invalid.")
	}
	return who, nil
}

type callerIdentityXML struct {
	UserID  string `xml:"UserId"`
	Account string
	Arn     string
}

func (w *world) getCallerIdentity(form) (any, error) {
	return callerIdentityXML{w.caller.userID, w.caller.account, w.caller.arn}, nil
}

type credentialsXML struct {
	AccessKeyID     string `xml:"AccessKeyId"`
	SecretAccessKey string
	SessionToken    string
	Expiration      string
}

type assumedRoleXML struct {
	Credentials     credentialsXML
	AssumedRoleUser assumedRoleUserXML
	Subject         string `xml:"SubjectFromWebIdentityToken,omitempty"`
	Provider        string `xml:",omitempty"`
}

type assumedRoleUserXML struct {
	AssumedRoleID string `xml:"AssumedRoleId"`
	Arn           string
}

// assumeRole hands out credentials for any well-formed role of any account.
func (w *world) assumeRole(f form) (any, error) {
	match := roleARN.FindStringSubmatch(f.str("RoleArn"))
	if match == nil {
		return nil, fail("ValidationError", "%s is invalid", f.str("RoleArn"))
	}
	name := f.str("RoleSessionName")
	if ok, _ := regexp.MatchString(`^[\w+=,.@-]{2,64}$`, name); !ok {
		return nil, fail("ValidationError", "1 validation error detected: Value '%s' at 'roleSessionName' failed to satisfy constraint", name)
	}
	seconds := 3600
	if f.has("DurationSeconds") {
		seconds = f.num("DurationSeconds")
	}
	if seconds < 900 || seconds > 43200 {
		return nil, fail("ValidationError", "1 validation error detected: Value '%d' at 'durationSeconds' failed to satisfy constraint: Member must have value between 900 and 43200", seconds)
	}
	account, role := match[1], match[2]
	s := w.server
	s.counters["session"]++
	n := mix(s.counters["session"])
	who := session{
		account: account,
		arn:     fmt.Sprintf("arn:aws:sts::%s:assumed-role/%s/%s", account, role, name),
		userID:  fmt.Sprintf("AROA%016X:%s", mix(n), name),
		token:   fmt.Sprintf("token-%016x", n),
	}
	key := fmt.Sprintf("ASIA%016X", n)
	s.sessions[key] = who
	out := assumedRoleXML{
		Credentials: credentialsXML{
			AccessKeyID:     key,
			SecretAccessKey: fmt.Sprintf("secret-%016x", n),
			SessionToken:    who.token,
			// The client compares this with its own clock.
			Expiration: time.Now().Add(time.Duration(seconds) * time.Second).UTC().Format(time.RFC3339),
		},
		AssumedRoleUser: assumedRoleUserXML{who.userID, who.arn},
	}
	if f.has("WebIdentityToken") {
		out.Subject, out.Provider = "subject", "provider"
	}
	return out, nil
}
