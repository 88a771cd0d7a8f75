// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package verify

import (
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// reportedPath has something of everything: refused flows, a broader rule that is
// accepted, one that is not, and an instance beside a node.
func reportedPath(t *testing.T) (Path, Options) {
	t.Helper()
	p := goodPath(t)
	p.Subnets = p.Subnets[:1]
	p.Instances = append(p.Instances, Instance{ID: "i-3", Groups: []string{"sg-app"}, Subnet: "subnet-lb-a"})
	p.InstanceSubnets["subnet-lb-a"] = p.Subnets[0]
	setACL(t, &p, "acl-app", []string{"90 deny in tcp 8081 from 10.0.0.0/8"}, goodAppACL)
	setACL(t, &p, "acl-lb", []string{"90 deny out tcp 8081 to 10.0.1.0/24"}, goodLBACL)
	p.Groups["sg-app"] = groupOf(t, "sg-app", append([]string{"in tcp 8080 from 198.51.100.0/24", "in tcp 8080 from 0.0.0.0/0"}, withoutRules(goodAppGroup, "icmp")...)...)
	return p, Options{
		Today: time.Date(2026, time.March, 1, 0, 0, 0, 0, time.UTC),
		Accept: []Acceptance{{
			Finding: BroadInstanceGroup, Reason: "probes of the *office*, see <wiki>", CIDR: netip.MustParsePrefix("198.51.100.0/24"),
			Expires: time.Date(2026, time.December, 31, 0, 0, 0, 0, time.UTC), Name: "accept[0]",
		}},
	}
}

func TestReport(t *testing.T) {
	t.Parallel()
	p, o := reportedPath(t)
	got := p.Report(judged(t, p, o), Recommended)
	golden := filepath.Join("testdata", "report.md")
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the report is not as in %s:\n%s", golden, got)
	}
}

func TestReportOfWhatIsProved(t *testing.T) {
	t.Parallel()
	p := goodPath(t)
	got := p.Report(judged(t, p, Options{}), Strict)
	for _, want := range []string{
		"## Load balancer \"web\": proved\n",
		"Of the 5 flows that this internet-facing load balancer needs, all get through, with every packet.",
		"| health check on tcp 8081 | proved | proved | proved | proved | proved |  |",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("there is no %q in:\n%s", want, got)
		}
	}
	if strings.Contains(got, "CLB") {
		t.Errorf("there is a finding in:\n%s", got)
	}
}

func TestReportFollowsEnforcement(t *testing.T) {
	t.Parallel()
	p, o := reportedPath(t)
	a := judged(t, p, o)
	for enforcement, want := range map[Enforcement][2]string{
		Advisory:    {"### Warnings", "Health check cannot reach"},
		Recommended: {"### Errors", "Health check cannot reach"},
		Strict:      {"### Errors", "Instance group admits more"},
	} {
		_, section, found := strings.Cut(p.Report(a, enforcement), want[0])
		section, _, _ = strings.Cut(section, "\n### ")
		if !found || !strings.Contains(section, want[1]) {
			t.Errorf("%s: %q is not in section %q", enforcement, want[1], want[0])
		}
	}
}

func TestMarkdown(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"tcp 80 from 0.0.0.0/0": "tcp 80 from 0.0.0.0/0",
		`ingress["office"]`:     `ingress\["office"\]`,
		"the final rule *":      `the final rule \*`,
		"a_b _c_":               `a_b \_c\_`,
		"<b>|`x`|":              "\\<b>\\|\\`x\\`\\|",
		"a\nb\r\n# c":           `a b \# c`,
		"- item":                `\- item`,
		"10.0.1.4 -> 10.0.2.4":  "10.0.1.4 -> 10.0.2.4",
		"1. first":              `1\. first`,
		"![i](http://x) &lt;":   `\!\[i\](http\://x) \&lt;`,
		"ask @alice\x00":        "ask \\@alice\uFFFD",
		`\`:                     `\\`,
	} {
		if got := markdown(text); got != want {
			t.Errorf("%q is written as %q, want %q", text, got, want)
		}
	}
}
