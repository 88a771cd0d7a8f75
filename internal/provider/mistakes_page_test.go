// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// mistake is a deliberate mistake with a resource.
type mistake struct {
	resource string
	changes  blockValues
	// live: it takes a plan and a look at AWS to find it.
	live bool
}

// mistakes are deliberate mistakes by the names that they have on the page
// "Mistakes caught at plan".
func mistakes() map[string]mistake {
	all := map[string]mistake{}
	ingress := func(rule any) blockValues { return blockValues{"ingress": blockValues{"office": rule}} }
	for name, changes := range map[string]blockValues{
		"`ip_protocol = \"tpc\"`":         {"ip_protocol": "tpc"},
		"`from_port` above `to_port`":     {"from_port": 443},
		"tcp without ports":               {"from_port": nil, "to_port": nil},
		"protocol -1 with ports":          {"ip_protocol": "-1"},
		"ICMP type 300":                   {"ip_protocol": "icmp", "from_port": 300, "to_port": -1},
		"umlaut in the description":       {"description": "büro"},
		"malformed group id":              {"cidr_ipv4": nil, "referenced_security_group_id": "sg-nope"},
		"host bits in the CIDR of a rule": {"cidr_ipv4": "203.0.113.7/24"},
		"port 70000 in a rule":            {"to_port": 70000},
		"no source":                       {"cidr_ipv4": nil},
	} {
		all[name] = mistake{resource: lbRules, changes: ingress(httpFrom("203.0.113.0/24", changes))}
	}
	all["two identical rules"] = mistake{resource: lbRules, changes: blockValues{"ingress": blockValues{
		"office": httpFrom("203.0.113.0/24", nil), "again": httpFrom("203.0.113.0/24", nil),
	}}}
	all["SSH open to the world"] = mistake{resource: lbRules, live: true, changes: blockValues{
		"additional_ingress": blockValues{"ssh": httpFrom("0.0.0.0/0", blockValues{"from_port": 22, "to_port": 22})},
	}}
	offices := blockValues{}
	for i := range 61 {
		offices[fmt.Sprintf("office-%d", i)] = httpFrom(fmt.Sprintf("10.0.%d.0/24", i), nil)
	}
	all["61 rules"] = mistake{resource: lbRules, live: true, changes: blockValues{"ingress": offices}}

	for name, changes := range map[string]blockValues{
		"`rule_number = 0`":                       {"rule_number": 0},
		"`rule_number = 40000`":                   {"rule_number": 40000},
		"`cidr_block = \"not-a-cidr\"`":           {"cidr_block": "not-a-cidr"},
		"host bits in the CIDR of an entry":       {"cidr_block": "10.0.1.5/16"},
		"port 70000 in an entry":                  {"to_port": 70000},
		"`from_port` above `to_port` in an entry": {"from_port": 443},
		"tcp without ports in an entry":           {"from_port": nil, "to_port": nil},
		"icmp without a type":                     {"protocol": "icmp", "from_port": nil, "to_port": nil},
		"unknown protocol in an entry":            {"protocol": "tpc"},
	} {
		all[name] = mistake{resource: aclEntries, changes: blockValues{"additional_ingress": blockValues{"office": sshEntry(changes)}}}
	}
	entries := func(attribute string, entries ...blockValues) blockValues {
		return blockValues{attribute: keyed(entries...)}
	}
	deny, allow := sshEntry(blockValues{"rule_action": "deny"}), sshEntry(blockValues{"rule_number": 95, "cidr_block": "10.7.0.0/16"})
	many := blockValues{}
	for i := range 21 {
		many[fmt.Sprintf("office-%d", i)] = sshEntry(blockValues{"rule_number": 200 + i, "cidr_block": fmt.Sprintf("10.7.%d.0/24", i)})
	}
	all["one rule number twice"] = mistake{resource: aclEntries, changes: entries("additional_ingress", sshEntry(nil), sshEntry(blockValues{"to_port": 23}))}
	all["an allow shadowed by a deny"] = mistake{resource: aclEntries, live: true, changes: entries("additional_ingress", deny, allow)}
	all["21 entries"] = mistake{resource: aclEntries, live: true, changes: blockValues{"additional_ingress": many}}

	all["host bits in the CIDR, written out"] = mistake{resource: aclEntries, changes: entries("ingress", sshEntry(blockValues{"cidr_block": "10.0.1.5/16"}))}
	all["`rule_number = 40000`, written out"] = mistake{resource: aclEntries, changes: entries("ingress", sshEntry(blockValues{"rule_number": 40000}))}
	all["one rule number twice, written out"] = mistake{resource: aclEntries, changes: entries("ingress", sshEntry(nil), sshEntry(blockValues{"to_port": 23}))}
	all["`from_port` above `to_port`, written out"] = mistake{resource: aclEntries, changes: entries("ingress", sshEntry(blockValues{"from_port": 443}))}
	all["an allow of a listener shadowed by a deny, written out"] = mistake{resource: aclEntries, live: true, changes: entries("ingress",
		sshEntry(blockValues{"rule_action": "deny", "cidr_block": "0.0.0.0/0", "from_port": 80, "to_port": 80}),
		sshEntry(blockValues{"rule_number": 100, "cidr_block": "0.0.0.0/0", "from_port": 80, "to_port": 80}),
	)}
	all["21 entries, written out"] = mistake{resource: aclEntries, live: true, changes: blockValues{"ingress": many}}

	all["two listeners on one port"] = mistake{resource: lbRules, changes: blockValues{
		"load_balancers": []any{webValue(blockValues{"listener": listeners([2]any{80, 8080}, [2]any{80, 8081})})},
	}}
	all["health check target without a path"] = mistake{resource: lbRules, changes: blockValues{"load_balancers": []any{webValue(checkedBy("HTTP:8081"))}}}
	all["load balancer without security groups"] = mistake{resource: instanceRules, changes: blockValues{
		"load_balancers": []any{webValue(blockValues{"security_groups": nil})},
	}}
	return all
}

// said are the diagnostics of a mistake.
func (m mistake) said(t *testing.T) []*tfprotov6.Diagnostic {
	t.Helper()
	if !m.live {
		s := startServer(t)
		return s.validate(m.resource, s.value(m.resource, soundConfig(m.resource, m.changes)))
	}
	w := startLiveWorld(t, nil)
	return w.planNew(t, m.resource, w.config(m.resource, m.changes)).diags
}

// row is a row of the page.
type row struct {
	live    bool
	summary string
	warning bool
	words   string
}

// pageRows are the rows of the page, by the mistake.
func pageRows(t *testing.T, page string) map[string]row {
	t.Helper()
	rows := map[string]row{}
	for _, cells := range regexp.MustCompile("(?m)^\\| (.+?) \\| (validate|plan) \\| (Error|Warning): (.+?) \\| `(.+)` \\|$").FindAllStringSubmatch(page, -1) {
		if _, twice := rows[cells[1]]; twice {
			t.Errorf("the page has %q twice", cells[1])
		}
		rows[cells[1]] = row{live: cells[2] == "plan", warning: cells[3] == "Warning", summary: cells[4], words: cells[5]}
	}
	return rows
}

// says tells whether a diagnostic is what the page says.
func (r row) says(d *tfprotov6.Diagnostic) bool {
	warning := d.Severity == tfprotov6.DiagnosticSeverityWarning
	return warning == r.warning && d.Summary == r.summary && strings.Contains(d.Detail, r.words)
}

// TestMistakesCaughtAtPlan holds the page of that name to what is really said.
func TestMistakesCaughtAtPlan(t *testing.T) {
	text, err := os.ReadFile("../../templates/guides/mistakes-caught-at-plan.md.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	page, all := string(text), mistakes()
	rows := pageRows(t, page)
	// One more is on the page, which no value of ours can show.
	if total := fmt.Sprintf("%d deliberate mistakes", len(all)+1); !strings.Contains(page, total) {
		t.Errorf("the page does not speak of %s", total)
	}
	for name := range rows {
		if _, there := all[name]; !there {
			t.Errorf("the page has %q, which is not tried", name)
		}
	}
	for name, m := range all {
		t.Run(name, func(t *testing.T) {
			want, there := rows[name]
			if !there || want.live != m.live {
				t.Fatalf("the page has no row for %q that is found by a plan: %v", name, m.live)
			}
			if diags := m.said(t); !slices.ContainsFunc(diags, want.says) {
				t.Errorf("the page says %+v, and the provider\n%s", want, saidBy(diags))
			}
		})
	}
}
