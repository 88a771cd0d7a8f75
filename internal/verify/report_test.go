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

	"github.com/terraform-clb/terraform-provider-clb/internal/packet"
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
		"| health check on tcp 8081 | proved | proved | proved | proved | proved |\n",
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

// What an undecided verdict depends on is the first that its reader looks for.
func TestReportExplainsAnUndecidedVerdictFirst(t *testing.T) {
	t.Parallel()
	p := goodPath(t)
	p.Instances = nil
	got := p.Report(judged(t, p, Options{}), Recommended)
	want := `## Load balancer "web": undecided

Of the 5 flows that this internet-facing load balancer needs, 2 get through with every packet and 3 cannot be decided.

### Undecided

#### Undecided until a value is known (CLB401)

The flows of load balancer "web" to its instances cannot be judged: no instance is registered, and none is stated.

- Fix: Set instance_security_group_ids and instance_subnet_ids to the security groups and subnets that the instances will have.

### Flows

| Flow |`
	if !strings.HasPrefix(got, want) {
		t.Errorf("the report does not begin with\n%s\nbut is\n%s", want, got)
	}
	if strings.Count(got, "(CLB401)") != 1 {
		t.Errorf("the reason is not told once:\n%s", got)
	}
	p = goodPath(t)
	p.Instances = nil
	p.ACLs["acl-lb"] = aclOf(t, "acl-lb")
	if got := p.Report(judged(t, p, Options{}), Recommended); !strings.Contains(got, "2 do not get through with every packet and 3 cannot be decided") || strings.Contains(got, "\n### Undecided\n") {
		t.Errorf("a refuted verdict is not explained by what cannot be decided:\n%s", got)
	}
}

func TestReportSummary(t *testing.T) {
	t.Parallel()
	flow := func(v packet.Verdict) FlowVerdict { return FlowVerdict{Flow: Flow{Kind: HealthCheck}, Verdict: v} }
	for want, verdicts := range map[string][]packet.Verdict{
		"The load balancer has no listener and no health check, so it needs nothing.":                                                         nil,
		"The one flow that this internet-facing load balancer needs gets through, with every packet.":                                         {packet.Proved},
		"Of the 1 flow that this internet-facing load balancer needs, none gets through with every packet.":                                   {packet.Refuted},
		"Of the 2 flows that this internet-facing load balancer needs, all get through, with every packet.":                                   {packet.Proved, packet.Proved},
		"Of the 2 flows that this internet-facing load balancer needs, 1 gets through with every packet and 1 does not.":                      {packet.Proved, packet.Refuted},
		"Of the 2 flows that this internet-facing load balancer needs, none can be decided.":                                                  {packet.Undecided, packet.Undecided},
		"Of the 3 flows that this internet-facing load balancer needs, 2 do not get through with every packet and 1 cannot be decided.":       {packet.Refuted, packet.Refuted, packet.Undecided},
		"Of the 3 flows that this internet-facing load balancer needs, 1 gets through with every packet, 1 does not and 1 cannot be decided.": {packet.Refuted, packet.Proved, packet.Undecided},
	} {
		var a Answer
		for _, v := range verdicts {
			a.Flows = append(a.Flows, flow(v))
		}
		if got := (Path{}).summary(a); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

// Findings of one kind are told apart in the headings, and what is to be copied
// out of a report is code.
func TestReportHeadingsAndSnippets(t *testing.T) {
	t.Parallel()
	p := goodPath(t)
	p.Groups["sg-app"] = groupOf(t, "sg-app", withoutRules(goodAppGroup, "8081")...)
	setACL(t, &p, "acl-app", []string{"90 deny in tcp 8081 from 10.0.0.0/8"}, goodAppACL)
	p.Groups["sg-lb"] = groupOf(t, "sg-lb", append([]string{"in tcp 22-443 from 10.0.0.0/8"}, goodLBGroup...)...)
	got := p.Report(judged(t, p, Options{}), Recommended)
	for _, want := range []string{
		"#### Health check cannot reach the instances: acl-app (CLB103)\n",
		"#### Health check cannot reach the instances: sg-app (CLB103)\n",
		"#### Load balancer group admits more than recommended (CLB201)\n",
		"**refuted** by acl-app inbound rule 90 | **refuted** by sg-app for want of an inbound rule |",
		"declare them: `clients = [{ lb_ports = [80], cidr_blocks = [\"10.0.0.0/8\"] }]`. To live with it, say why: `accept = [{ finding = \"CLB201\", reason = \"…\" }]`.\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("there is no %q in:\n%s", want, got)
		}
	}
}

func TestWithCode(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"a * b":                         `a \* b`,
		"set x = true, or *":            "set `x = true`, or \\*",
		"a = [{ b = [1] }], c = [{ }].": "`a = [{ b = [1] }]`, `c = [{ }]`.",
		"a = [{ `|` }]":                 "`a = [{ '/' }]`",
		"":                              "",
	} {
		if got := withCode(text); got != want {
			t.Errorf("%q is written as %q, want %q", text, got, want)
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
