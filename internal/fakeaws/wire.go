// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package fakeaws

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// API versions select the service: all of them post to the same path.
const (
	versionEC2 = "2016-11-15"
	versionELB = "2012-06-01"
	versionSTS = "2011-06-15"
)

// query is a decoded request of any of the three query protocols.
type query struct {
	service, action, region string
	accessKey, sessionToken string
	signed                  bool
	params                  url.Values
}

var (
	credentialScope = regexp.MustCompile(`Credential=([^/]+)/\d{8}/([^/]*)/([^/]*)/aws4_request`)
	regionName      = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-\d$`)
)

// parseRequest decodes what it can, so that even a refused request is recorded
// under its service and action.
func parseRequest(r *http.Request) (query, error) {
	q := query{region: "us-east-1", sessionToken: r.Header.Get("X-Amz-Security-Token")}
	parseErr := r.ParseForm()
	q.params = r.Form
	q.action = q.params.Get("Action")
	switch q.params.Get("Version") {
	case versionEC2:
		q.service = ServiceEC2
	case versionELB:
		q.service = ServiceELB
	case versionSTS:
		q.service = ServiceSTS
	}
	match := credentialScope.FindStringSubmatch(r.Header.Get("Authorization"))
	if match != nil {
		q.signed = true
		q.accessKey, q.region = match[1], match[2]
	}
	switch {
	case parseErr != nil:
		return q, fail("MalformedQueryString", "The query string is malformed: %s", parseErr)
	case q.action == "":
		return q, fail("MissingAction", "The request is missing an Action parameter.")
	case q.service == "":
		return q, fail("InvalidAction", "The action %s is not valid for version %q.", q.action, q.params.Get("Version"))
	case q.signed && match[3] != q.service:
		return q, fail("SignatureDoesNotMatch", "Credential should be scoped to correct service: '%s'.", q.service)
	case q.signed && !regionName.MatchString(q.region):
		return q, fail("SignatureDoesNotMatch", "Credential should be scoped to a valid region, not %q.", q.region)
	}
	return q, nil
}

// operation is one API operation: the parameters it knows and what it does.
type operation struct {
	params []parameter
	run    func(w *world, f form) (any, error)
}

// parameter is the name of a wire parameter, with # for the index of a list.
type parameter struct {
	name     string
	kind     string // "", "int" or "bool"
	required bool
}

// op declares an operation. The specification lists the parameters separated by
// blanks: a name, optionally ":int" or ":bool", and "!" when it is required.
// What is not listed is refused, so that a misspelt parameter is never ignored.
func op(run func(w *world, f form) (any, error), specification string) operation {
	var out operation
	out.run = run
	for _, word := range strings.Fields(specification) {
		var p parameter
		word, p.required = strings.CutSuffix(word, "!")
		p.name, p.kind, _ = strings.Cut(word, ":")
		out.params = append(out.params, p)
	}
	return out
}

var listIndex = regexp.MustCompile(`\.[0-9]+(\.|$)`)

// generic replaces the indexes of a parameter name by #.
func generic(name string) string {
	for {
		next := listIndex.ReplaceAllString(name, ".#$1")
		if next == name {
			return name
		}
		name = next
	}
}

// check refuses unknown, missing and unreadable parameters.
func (o operation) check(q query) error {
	seen := map[string]bool{}
	for _, name := range sortedKeys(q.params) {
		if name == "Action" || name == "Version" {
			continue
		}
		values := q.params[name]
		if len(values) != 1 {
			return fail("InvalidParameterCombination", "The parameter %s is given %d times.", name, len(values))
		}
		at := slices.IndexFunc(o.params, func(p parameter) bool { return p.name == generic(name) })
		if at < 0 {
			// The SDK writes an empty list as the bare name of the list.
			if values[0] == "" && slices.ContainsFunc(o.params, func(p parameter) bool {
				return strings.HasPrefix(p.name, name+".member.#") || strings.HasPrefix(p.name, name+".#")
			}) {
				continue
			}
			return fail("UnknownParameter", "The parameter %s is not recognized", name)
		}
		p := o.params[at]
		if err := p.readable(q.service, name, values[0]); err != nil {
			return err
		}
		if values[0] != "" {
			seen[p.name] = true
		}
	}
	for _, p := range o.params {
		if p.required && !seen[p.name] {
			return missingParameter(q.service, p.name)
		}
	}
	return nil
}

func (p parameter) readable(service, name, value string) error {
	var err error
	switch p.kind {
	case "int":
		_, err = strconv.ParseInt(value, 10, 64)
	case "bool":
		if value != "true" && value != "false" {
			err = errors.New("not a boolean")
		}
	}
	if err == nil {
		return nil
	}
	if service == ServiceEC2 {
		return fail("InvalidParameterValue", "Invalid value '%s' for %s: expecting %s.", value, name, p.kind)
	}
	return fail("MalformedInput", "Invalid value '%s' for %s: expecting %s.", value, name, p.kind)
}

func missingParameter(service, name string) error {
	name, _, _ = strings.Cut(name, ".#")
	name = strings.TrimSuffix(name, ".member")
	if service == ServiceEC2 {
		return fail("MissingParameter", "The request must contain the parameter %s", lowerFirst(name))
	}
	return invalidELB("1 validation error detected: Value null at '%s' failed to satisfy constraint: Member must not be null", lowerFirst(name))
}

func lowerFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}

// form reads parameters. Their types were checked before the operation runs.
type form struct{ values url.Values }

func (f form) str(name string) string { return f.values.Get(name) }

func (f form) has(name string) bool { return f.values.Has(name) }

func (f form) flag(name string) bool { return f.values.Get(name) == "true" }

func (f form) num(name string) int {
	n, _ := strconv.Atoi(f.values.Get(name))
	return n
}

// list returns the values name.1, name.2, … in the order of their indexes.
func (f form) list(name string) []string {
	var out []string
	for _, element := range f.structs(name) {
		out = append(out, element.str(""))
	}
	return out
}

// structs returns the members of name.1.…, name.2.… as forms of their own, in
// the order of their indexes; the value of a plain element has the name "".
func (f form) structs(name string) []form {
	byIndex := map[int]url.Values{}
	for key, values := range f.values {
		rest, ok := strings.CutPrefix(key, name+".")
		if !ok {
			continue
		}
		number, member, _ := strings.Cut(rest, ".")
		index, err := strconv.Atoi(number)
		if err != nil {
			continue
		}
		if byIndex[index] == nil {
			byIndex[index] = url.Values{}
		}
		byIndex[index][member] = values
	}
	indexes := make([]int, 0, len(byIndex))
	for index := range byIndex {
		indexes = append(indexes, index)
	}
	slices.Sort(indexes)
	out := make([]form, 0, len(indexes))
	for _, index := range indexes {
		out = append(out, form{byIndex[index]})
	}
	return out
}

// apiError is a refusal with an AWS error code.
type apiError struct {
	status        int
	code, message string
}

func (e *apiError) Error() string { return e.code + ": " + e.message }

// fail makes a refusal; the HTTP status follows from the code.
func fail(code, format string, args ...any) error {
	return &apiError{statusOf(code), code, fmt.Sprintf(format, args...)}
}

// invalidELB is how Elastic Load Balancing refuses a value that no more
// specific error code covers.
func invalidELB(format string, args ...any) error { return fail("ValidationError", format, args...) }

// statusOf gives the HTTP status of an error code: 400 for nearly everything.
func statusOf(code string) int {
	switch code {
	case "AuthFailure":
		return http.StatusUnauthorized
	case "AccessDenied", "UnauthorizedOperation", "InvalidClientTokenId", "MissingAuthenticationToken", "SignatureDoesNotMatch", "ExpiredToken":
		return http.StatusForbidden
	case "InvalidConfigurationRequest":
		return http.StatusConflict
	case "DryRunOperation":
		return http.StatusPreconditionFailed
	case "InternalError", "InternalFailure":
		return http.StatusInternalServerError
	case "RequestLimitExceeded", "Unavailable", "ServiceUnavailable":
		return http.StatusServiceUnavailable
	}
	return http.StatusBadRequest
}

// reply is an answer before it is written.
type reply struct {
	status        int
	code, message string
	result        any
	payload       []byte
	cut           bool
}

func replyError(err error) reply {
	var refused *apiError
	if !errors.As(err, &refused) {
		refused = &apiError{http.StatusInternalServerError, "InternalError", err.Error()}
	}
	return reply{status: refused.status, code: refused.code, message: refused.message}
}

// encode gives the members of a result without the element round them.
func encode(result any) ([]byte, error) {
	if result == nil {
		return nil, nil
	}
	var out bytes.Buffer
	if err := xml.NewEncoder(&out).EncodeElement(result, xml.StartElement{Name: xml.Name{Local: "r"}}); err != nil {
		return nil, fmt.Errorf("encoding the answer: %w", err)
	}
	return bytes.TrimSuffix(bytes.TrimPrefix(out.Bytes(), []byte("<r>")), []byte("</r>")), nil
}

// body puts the answer into the envelope of its service.
func (a reply) body(q query, requestID string) []byte {
	if a.code != "" {
		return a.errorBody(q.service, requestID)
	}
	var out bytes.Buffer
	if q.service == ServiceEC2 {
		payload := a.payload
		if a.result == nil {
			payload = []byte("<return>true</return>")
		}
		fmt.Fprintf(&out, `<%[1]sResponse xmlns="http://ec2.amazonaws.com/doc/%[2]s/"><requestId>%[3]s</requestId>%[4]s</%[1]sResponse>`,
			q.action, versionEC2, requestID, payload)
		return out.Bytes()
	}
	namespace := "http://elasticloadbalancing.amazonaws.com/doc/" + versionELB + "/"
	if q.service == ServiceSTS {
		namespace = "https://sts.amazonaws.com/doc/" + versionSTS + "/"
	}
	fmt.Fprintf(&out, `<%[1]sResponse xmlns="%[2]s"><%[1]sResult>%[3]s</%[1]sResult><ResponseMetadata><RequestId>%[4]s</RequestId></ResponseMetadata></%[1]sResponse>`,
		q.action, namespace, a.payload, requestID)
	return out.Bytes()
}

func (a reply) errorBody(service, requestID string) []byte {
	var out bytes.Buffer
	var message bytes.Buffer
	_ = xml.EscapeText(&message, []byte(a.message))
	if service == ServiceELB || service == ServiceSTS {
		kind := "Sender"
		if a.status >= http.StatusInternalServerError {
			kind = "Receiver"
		}
		fmt.Fprintf(&out, `<ErrorResponse><Error><Type>%s</Type><Code>%s</Code><Message>%s</Message></Error><RequestId>%s</RequestId></ErrorResponse>`,
			kind, a.code, message.Bytes(), requestID)
		return out.Bytes()
	}
	fmt.Fprintf(&out, `<Response><Errors><Error><Code>%s</Code><Message>%s</Message></Error></Errors><RequestID>%s</RequestID></Response>`,
		a.code, message.Bytes(), requestID)
	return out.Bytes()
}
