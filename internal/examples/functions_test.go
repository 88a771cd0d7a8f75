// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package examples_test

import (
	"encoding/json"
	"path/filepath"
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
