// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing"
)

const (
	testAccessKey = "AKIAIOSFODNN7EXAMPLE"
	testSecretKey = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
)

// hermetic takes everything away that the SDK would read from this machine.
func hermetic(t *testing.T) {
	t.Helper()
	for _, variable := range os.Environ() {
		name, _, _ := strings.Cut(variable, "=")
		upper := strings.ToUpper(name)
		if strings.HasPrefix(upper, "AWS_") || strings.HasSuffix(upper, "_PROXY") || upper == "TF_APPEND_USER_AGENT" {
			unsetenv(t, name)
		}
	}
	t.Setenv("HOME", t.TempDir())
	t.Setenv("AWS_CONFIG_FILE", os.DevNull)
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", os.DevNull)
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
}

func unsetenv(t *testing.T, name string) {
	t.Helper()
	t.Setenv(name, "") // restores it after the test
	if err := os.Unsetenv(name); err != nil {
		t.Fatal(err)
	}
}

func writeFile(t *testing.T, content string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// testSettings are enough to connect, with retries that do not wait.
func testSettings() Settings {
	return Settings{
		Region:           "us-east-1",
		AccessKey:        testAccessKey,
		SecretKey:        testSecretKey,
		Version:          "1.2.3",
		TerraformVersion: "1.11.4",
		Backoff:          func(int, error) (time.Duration, error) { return 0, nil },
	}
}

func connect(t *testing.T, s Settings) *Connection {
	t.Helper()
	c, warnings, err := Connect(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	if len(warnings) > 0 {
		t.Fatalf("unexpected warnings: %v", warnings)
	}
	return c
}

// stubCall is one call as the stub received it.
type stubCall struct {
	Action    string
	AccessKey string
	// Scope is "region/service" of the signature.
	Scope string
	// Token is the session token.
	Token     string
	UserAgent string
	Form      url.Values
}

// stub answers as STS, EC2, ELB and the metadata service do, on loopback.
type stub struct {
	*httptest.Server
	// fail, if set, may answer a call with an error code.
	fail func(stubCall) (status int, code, message string)

	mu    sync.Mutex
	calls []stubCall
}

var credentialScope = regexp.MustCompile(`Credential=([^/]+)/\d+/([^/]+/[^/]+)/`)

func newStub(t *testing.T) *stub {
	t.Helper()
	s := &stub{}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

func (s *stub) actions() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var actions []string
	for _, c := range s.calls {
		actions = append(actions, c.Action)
	}
	return actions
}

func (s *stub) first(t *testing.T, action string) stubCall {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.calls {
		if c.Action == action {
			return c
		}
	}
	t.Fatalf("no call of %s was received", action)
	return stubCall{}
}

func (s *stub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, "/latest/") {
		s.serveMetadata(w, r)
		return
	}
	_ = r.ParseForm()
	call := stubCall{Action: r.Form.Get("Action"), UserAgent: r.UserAgent(), Token: r.Header.Get("X-Amz-Security-Token"), Form: r.Form}
	if m := credentialScope.FindStringSubmatch(r.Header.Get("Authorization")); m != nil {
		call.AccessKey, call.Scope = m[1], m[2]
	}
	s.mu.Lock()
	s.calls = append(s.calls, call)
	s.mu.Unlock()

	if s.fail != nil {
		if status, code, message := s.fail(call); status != 0 {
			w.WriteHeader(status)
			if strings.HasSuffix(call.Scope, "/ec2") {
				fmt.Fprintf(w, `<Response><Errors><Error><Code>%s</Code><Message>%s</Message></Error></Errors><RequestID>1</RequestID></Response>`, code, message)
			} else {
				fmt.Fprintf(w, `<ErrorResponse><Error><Type>Sender</Type><Code>%s</Code><Message>%s</Message></Error><RequestId>1</RequestId></ErrorResponse>`, code, message)
			}
			return
		}
	}
	switch call.Action {
	case "AssumeRole", "AssumeRoleWithWebIdentity":
		// Role arn:aws:iam::123456789012:role/one gives the keys ASIA…ONE.
		_, name, _ := strings.Cut(call.Form.Get("RoleArn"), "role/")
		fmt.Fprintf(w, `<%[1]sResponse><%[1]sResult><Credentials><AccessKeyId>%[2]s</AccessKeyId><SecretAccessKey>%[3]s</SecretAccessKey>`+
			`<SessionToken>%[4]s</SessionToken><Expiration>2999-01-01T00:00:00Z</Expiration></Credentials></%[1]sResult></%[1]sResponse>`,
			call.Action, roleAccessKey(name), roleSecretKey(name), roleToken(name))
	case "GetCallerIdentity":
		fmt.Fprint(w, `<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/me</Arn><UserId>AIDA</UserId>`+
			`<Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`)
	case "DescribeSecurityGroups":
		fmt.Fprint(w, `<DescribeSecurityGroupsResponse><requestId>1</requestId><securityGroupInfo/></DescribeSecurityGroupsResponse>`)
	case "DescribeLoadBalancers":
		fmt.Fprint(w, `<DescribeLoadBalancersResponse><DescribeLoadBalancersResult><LoadBalancerDescriptions/></DescribeLoadBalancersResult></DescribeLoadBalancersResponse>`)
	default:
		w.WriteHeader(http.StatusBadRequest)
	}
}

// serveMetadata gives the credentials of an instance profile.
func (s *stub) serveMetadata(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.calls = append(s.calls, stubCall{Action: "metadata"})
	s.mu.Unlock()
	w.Header().Set("X-Aws-Ec2-Metadata-Token-Ttl-Seconds", "21600")
	switch {
	case strings.HasSuffix(r.URL.Path, "/api/token"):
		fmt.Fprint(w, "metadata-session-token")
	case strings.HasSuffix(r.URL.Path, "/security-credentials/"):
		fmt.Fprint(w, "instance")
	default:
		fmt.Fprintf(w, `{"Code":"Success","AccessKeyId":%q,"SecretAccessKey":%q,"Token":%q,"Expiration":"2999-01-01T00:00:00Z"}`,
			roleAccessKey("instance"), roleSecretKey("instance"), roleToken("instance"))
	}
}

func roleAccessKey(role string) string { return fmt.Sprintf("ASIA%016s", strings.ToUpper(role)) }
func roleSecretKey(role string) string { return fmt.Sprintf("%040s", "SecretOf"+role) }
func roleToken(role string) string     { return "TokenOf" + role + "/abc+def==" }

// describeGroups makes one EC2 call.
func describeGroups(ctx context.Context, c *Connection, region string, options ...func(*ec2.Options)) error {
	_, err := c.EC2(region).DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{}, options...)
	return err
}

// describeLoadBalancers makes one ELB call.
func describeLoadBalancers(ctx context.Context, c *Connection, region string, options ...func(*elb.Options)) error {
	_, err := c.ELB(region).DescribeLoadBalancers(ctx, &elb.DescribeLoadBalancersInput{}, options...)
	return err
}

// errNotSent ends the calls of whereTo.
var errNotSent = fmt.Errorf("the call is not sent")

// recordHost is an HTTP client that notes where a call would go.
type recordHost struct{ url string }

func (r *recordHost) Do(req *http.Request) (*http.Response, error) {
	r.url = req.URL.Scheme + "://" + req.URL.Host
	return nil, errNotSent
}

// whereTo tells where calls of EC2 and ELB go.
func whereTo(t *testing.T, c *Connection, region string) (toEC2, toELB string) {
	t.Helper()
	var r recordHost
	_ = describeGroups(t.Context(), c, region, func(o *ec2.Options) { o.HTTPClient = &r })
	toEC2 = r.url
	r.url = ""
	_ = describeLoadBalancers(t.Context(), c, region, func(o *elb.Options) { o.HTTPClient = &r })
	return toEC2, r.url
}
