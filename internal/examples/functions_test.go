// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package examples_test

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
)

// functionExamples are the directories of examples that call functions and touch
// nothing in AWS, with the outputs that they show.
func functionExamples() map[string]map[string]string {
	return map[string]map[string]string{
		"functions/parse_health_check_target": {"health_check": `"listen on 8081 and answer /healthz over HTTP"`},
		"functions/recommended_rules": {"instance_ingress": `{
			"icmp 3/4 from sg-0123456789abcdef0": {"cidr_ipv4": null, "description": "Allow ICMP fragmentation needed for Path MTU Discovery", "from_port": 3, "ip_protocol": "icmp",
				"prefix_list_id": null, "referenced_security_group_id": "sg-0123456789abcdef0", "to_port": 4},
			"tcp 8081 from sg-0123456789abcdef0": {"cidr_ipv4": null, "description": "Allow traffic from the load balancer on the health check port", "from_port": 8081, "ip_protocol": "tcp",
				"prefix_list_id": null, "referenced_security_group_id": "sg-0123456789abcdef0", "to_port": 8081},
			"tcp 8443 from sg-0123456789abcdef0": {"cidr_ipv4": null, "description": "Allow traffic from the load balancer on the instance listener port", "from_port": 8443, "ip_protocol": "tcp",
				"prefix_list_id": null, "referenced_security_group_id": "sg-0123456789abcdef0", "to_port": 8443}}`},
		"beside-hashicorp-aws": {"rules": `[
			"network ACL, rule 100: tcp 80 from 0.0.0.0/0", "network ACL, rule 100: tcp 8080 to 10.0.0.0/16",
			"network ACL, rule 110: tcp 443 from 0.0.0.0/0", "network ACL, rule 110: tcp 8080 to 10.1.0.0/16",
			"network ACL, rule 120: tcp 1024-65535 from 10.0.0.0/16", "network ACL, rule 120: tcp 8443 to 10.0.0.0/16",
			"network ACL, rule 130: tcp 1024-65535 from 10.1.0.0/16", "network ACL, rule 130: tcp 8443 to 10.1.0.0/16",
			"network ACL, rule 140: tcp 8081 to 10.0.0.0/16", "network ACL, rule 150: tcp 8081 to 10.1.0.0/16",
			"network ACL, rule 160: tcp 1024-65535 to 0.0.0.0/0",
			"security group, inbound: tcp 443 from 0.0.0.0/0", "security group, inbound: tcp 80 from 0.0.0.0/0"]`},
	}
}

func TestFunctionExamples(t *testing.T) {
	t.Parallel()
	for dir, outputs := range functionExamples() {
		t.Run(dir, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			baseline := s.Server.Snapshot()
			files := exampleFiles(t, filepath.Join(root, dir))
			for name, text := range files {
				writeFile(t, s, name, text)
			}
			if _, whole := files["main.tf"]; !whole {
				writeFile(t, s, "terraform.tf", requiredProviders)
			}
			if _, err := s.Plan(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := s.Apply(t.Context()); err != nil {
				t.Fatal(err)
			}
			wantChanges(t, s)
			given, err := s.Terraform.Output(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for name, want := range outputs {
				if got := inOneForm(t, given[name].Value); got != inOneForm(t, json.RawMessage(want)) {
					t.Errorf("output %s is\n%s", name, got)
				}
			}
			if calls := s.Server.Calls(); len(calls) > 0 {
				t.Errorf("the functions call AWS: %v", calls)
			}
			destroy(t, s, baseline)
		})
	}
}

// TestRulesOfHashiCorpAWS renames aws.tf.example, as the example says: hashicorp/aws
// writes the recommended rules, and nothing is left to do then, or after a destroy.
func TestRulesOfHashiCorpAWS(t *testing.T) {
	t.Parallel()
	s := open(t)
	baseline := s.Server.Snapshot()
	files := exampleFiles(t, filepath.Join(root, "beside-hashicorp-aws"))
	files["aws.tf"] = files["aws.tf.example"]
	delete(files, "aws.tf.example")
	write(t, s, files)
	// The example itself, and 20 rules.
	apply(t, s, 13+20)
	ids := strings.NewReplacer(documentedIDs(s)...)
	for _, rule := range []string{
		"sg-0123456789abcdef0 ingress tcp 443-443 from 0.0.0.0/0", "sg-0123456789abcdef0 egress tcp 8081-8081 to 123456789012/sg-0fedcba9876543210",
		"sg-0fedcba9876543210 ingress icmp 3-4 from 123456789012/sg-0123456789abcdef0", "acl-0123456789abcdef0",
	} {
		if !strings.Contains(difference(baseline, s.Server.Snapshot()), ids.Replace(rule)) {
			t.Errorf("%s was not written:\n%s", rule, difference(baseline, s.Server.Snapshot()))
		}
	}
	destroy(t, s, baseline)
}

// inOneForm is JSON with sorted keys and without blanks.
func inOneForm(t *testing.T, text json.RawMessage) string {
	t.Helper()
	var value any
	if err := json.Unmarshal(text, &value); err != nil {
		t.Fatal(err)
	}
	out, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}
