// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"maps"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// sshEntry is a written entry without any mistake, with changes.
func sshEntry(changes blockValues) blockValues {
	return with(blockValues{"rule_number": 90, "protocol": "tcp", "cidr_block": "10.0.0.0/8", "from_port": 22, "to_port": 22}, changes)
}

func keyed(entries ...blockValues) blockValues {
	all := blockValues{}
	for i, entry := range entries {
		all[string(rune('a'+i))] = entry
	}
	return all
}

// TestMistakesInNetworkACLEntries lists common mistakes in network ACL entries by
// name, and what is said to each by `terraform validate` already.
func TestMistakesInNetworkACLEntries(t *testing.T) {
	t.Parallel()
	noPorts := blockValues{"from_port": nil, "to_port": nil}
	for _, test := range []struct {
		name    string
		entry   blockValues
		summary string
		detail  []string
	}{
		{"unknown protocol", sshEntry(blockValues{"protocol": "tpc"}), invalidEntry, []string{`ingress["a"].protocol: "tpc" is not a protocol: did you mean "tcp"?`}},
		{"from above to", sshEntry(blockValues{"from_port": 443}), invalidEntry, []string{`ingress["a"].from_port is 443, above to_port 22`}},
		{"tcp without ports", sshEntry(noPorts), invalidEntry, []string{`ingress["a"] has no from_port and to_port: for tcp write`}},
		{"-1 with ports", sshEntry(blockValues{"protocol": "-1"}), invalidEntry, []string{`ingress["a"] has from_port and to_port, and AWS ignores ports with protocol -1`}},
		{"icmp without type", sshEntry(with(noPorts, blockValues{"protocol": "icmp"})), invalidEntry, []string{`ingress["a"] has no icmp_type and icmp_code`}},
		{"icmp type 300", sshEntry(with(noPorts, blockValues{"protocol": "icmp", "icmp_type": 300, "icmp_code": 0})), invalidEntry, []string{`ingress["a"].icmp_type is 300`}},
		{"port 70000", sshEntry(blockValues{"to_port": 70000}), invalidEntry, []string{`ingress["a"].to_port is 70000: ports go from 0 to 65535`}},
		{"CIDR host bits", sshEntry(blockValues{"cidr_block": "10.0.1.5/16"}), invalidEntry, []string{`ingress["a"].cidr_block: "10.0.1.5/16" has host bits set`, `did you mean "10.0.0.0/16"?`}},
		{"not-a-cidr", sshEntry(blockValues{"cidr_block": "not-a-cidr"}), invalidEntry, []string{`ingress["a"].cidr_block: "not-a-cidr" is not a CIDR block`}},
		{"no network", sshEntry(blockValues{"cidr_block": nil}), invalidEntry, []string{`ingress["a"] names no network`}},
		{"two networks", sshEntry(blockValues{"ipv6_cidr_block": "::/0"}), invalidEntry, []string{`ingress["a"] has cidr_block and ipv6_cidr_block`}},
		{"rule number 0", sshEntry(blockValues{"rule_number": 0}), invalidEntry, []string{`ingress["a"].rule_number is 0: the rule number of a network ACL entry goes from 1 to 32766`}},
		{"rule number 32767", sshEntry(blockValues{"rule_number": 32767}), invalidEntry, []string{`ingress["a"].rule_number is 32767`}},
		{"rule number 40000", sshEntry(blockValues{"rule_number": 40000}), invalidEntry, []string{`ingress["a"].rule_number is 40000`}},
		{"rule_action permit", sshEntry(blockValues{"rule_action": "permit"}), invalidEntry, []string{`ingress["a"].rule_action: "permit" is neither "allow" nor "deny": did you mean "allow"?`}},
	} {
		for _, attribute := range []string{"ingress", "egress", "additional_ingress", "additional_egress"} {
			detail := []string{}
			for _, words := range test.detail {
				if i := len(`ingress["a"]`); len(words) > i && words[:i] == `ingress["a"]` {
					words = attribute + words[len("ingress"):]
				}
				detail = append(detail, words)
			}
			t.Run(test.name+" in "+attribute, inputTest{
				resource: aclEntries, config: soundConfig(aclEntries, blockValues{attribute: keyed(test.entry)}), want: oneError(attribute, test.summary, detail...),
			}.run)
		}
	}
	for _, test := range []inputTest{
		{name: "ICMP written as ports", config: blockValues{"ingress": keyed(sshEntry(blockValues{"protocol": "icmp"}))}, want: []said{
			{at: "ingress", summary: invalidEntry, detail: []string{`ingress["a"] has from_port and to_port, which icmp does not have: write icmp_type and icmp_code`}},
			{at: "ingress", summary: invalidEntry, detail: []string{`ingress["a"] has no icmp_type and icmp_code`}},
		}},
		{name: "the same rule number twice", config: blockValues{"ingress": keyed(sshEntry(nil), sshEntry(blockValues{"to_port": 23}))}, want: oneError(
			"ingress", ruleNumberTwice, `ingress["a"] and ingress["b"] both have rule number 90`, "a number of its own")},
		{name: "the same rule number in both directions", config: blockValues{"ingress": keyed(sshEntry(nil)), "egress": keyed(sshEntry(nil))}},
		{name: "the same entry twice", config: blockValues{"egress": keyed(sshEntry(nil), sshEntry(blockValues{"rule_number": 91, "rule_action": "allow", "protocol": "6"}))}, want: oneError(
			"egress", entryTwice, `egress["a"] and egress["b"] are the same entry twice, "allow tcp 22 to 10.0.0.0/8"`, "remove one of them")},
		{name: "allow and deny of the same", config: blockValues{"ingress": keyed(sshEntry(nil), sshEntry(blockValues{"rule_number": 91, "rule_action": "deny"}))}},
		{name: "no rule number", config: blockValues{"ingress": keyed(sshEntry(blockValues{"rule_number": nil}))}, want: oneError("ingress", invalidEntry, `ingress["a"] has no rule_number: write a number from 1 to 32766`)},
		{name: "no rule number in an additional entry", config: blockValues{"additional_ingress": keyed(sshEntry(blockValues{"rule_number": nil}))}},
		{name: "no protocol", config: blockValues{"ingress": keyed(sshEntry(blockValues{"protocol": nil}))}, want: oneError("ingress", invalidEntry, `ingress["a"] has no protocol`)},
		{name: "a null entry", config: blockValues{"additional_egress": blockValues{"a": nil}}, want: oneError("additional_egress", invalidEntry, `additional_egress["a"] is null: leave it out`)},
		{name: "written and additional", config: blockValues{"ingress": keyed(sshEntry(nil)), "additional_ingress": keyed(sshEntry(blockValues{"rule_number": 91}))}, want: oneError(
			"additional_ingress", "Conflicting arguments", "additional_ingress adds to the recommended entries, and ingress is written out", "Put the entries of additional_ingress into ingress, or remove ingress")},
		{name: "written in one direction, additional in the other", config: blockValues{"ingress": keyed(sshEntry(nil)), "additional_egress": keyed(sshEntry(nil))}},
		{name: "no entry at all", config: blockValues{"ingress": blockValues{}, "egress": blockValues{}}},
		{name: "everything unknown", config: blockValues{"ingress": unknownValue{}, "additional_egress": unknownValue{}, "compact": unknownValue{}}},
		{name: "an unknown entry", config: blockValues{"ingress": blockValues{"a": unknownValue{}}, "additional_egress": blockValues{"a": unknownValue{}}}},
		{name: "unknown attributes", config: blockValues{"ingress": keyed(unknownAttributes("rule_number", "rule_action", "protocol", "cidr_block", "from_port")), "additional_egress": keyed(unknownAttributes("rule_number"))}},
		{name: "what is known of an unknown entry", config: blockValues{"ingress": keyed(with(unknownAttributes("cidr_block"), blockValues{"from_port": 30}))}, want: oneError("ingress", invalidEntry, "from_port is 30, above to_port 22")},
	} {
		test.resource, test.config = aclEntries, soundConfig(aclEntries, test.config)
		t.Run(test.name, test.run)
	}
}

// unknownAttributes is sshEntry with attributes that are not known.
func unknownAttributes(names ...string) blockValues {
	entry := maps.Clone(sshEntry(nil))
	for _, name := range names {
		entry[name] = unknownValue{}
	}
	return entry
}

// TestAdditionalEntriesThatClash: what stands in the way of the recommended
// entries is found when their numbers are planned.
func TestAdditionalEntriesThatClash(t *testing.T) {
	t.Parallel()
	web := sshEntry(blockValues{"rule_number": 100})
	for _, test := range []struct {
		name   string
		config blockValues
		detail []string
	}{
		{"number", keyed(web), []string{`additional_ingress["a"] has rule number 100, and so has the recommended entry "tcp 80 from 0.0.0.0/0"`, "first_rule_number"}},
		{"content", keyed(sshEntry(blockValues{"cidr_block": "0.0.0.0/0", "from_port": 80, "to_port": 80})), []string{`additional_ingress["a"] and the recommended entry "tcp 80 from 0.0.0.0/0" are the same entry twice: remove additional_ingress["a"]`}},
		{"key", blockValues{"tcp 80 from 0.0.0.0/0": sshEntry(nil)}, []string{`additional_ingress["tcp 80 from 0.0.0.0/0"] has the key of the recommended entry "tcp 80 from 0.0.0.0/0"`, "choose another key"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := startServer(t)
			config := s.value(aclEntries, soundConfig(aclEntries, blockValues{"additional_ingress": test.config}))
			wantSaid(t, errorsIn(s.plan(aclEntries, tftypes.Value{}, config).diags), oneError("additional_ingress", invalidEntry, test.detail...)...)
		})
	}
}
