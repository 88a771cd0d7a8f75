// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package wiring

import "fmt"

// The numbers that a network ACL entry can have; 32767 and above are AWS's own.
const (
	LowestRuleNumber  = 1
	HighestRuleNumber = 32766
)

// Entry is an allow entry of a network ACL: a rule with its number.
type Entry struct {
	Rule
	Number int
}

// CheckRuleNumber refuses what cannot be the number of a network ACL entry.
func CheckRuleNumber(number int) error {
	if number < LowestRuleNumber || number > HighestRuleNumber {
		return fmt.Errorf("%d: the rule number of a network ACL entry goes from %d to %d (AWS keeps 32767 and above for itself)",
			number, LowestRuleNumber, HighestRuleNumber)
	}
	return nil
}

// Number gives each row of one direction its rule number, as [NumberKeys] does.
// All recommended entries allow, so their order among each other does not matter.
func Number(rows []Rule, held map[string]int, first, step int) ([]Entry, error) {
	keys := make([]string, 0, len(rows))
	for _, row := range rows {
		keys = append(keys, row.Key())
	}
	numbers, err := NumberKeys(keys, held, first, step)
	if err != nil {
		return nil, err
	}
	entries := make([]Entry, 0, len(rows))
	for i, row := range rows {
		entries = append(entries, Entry{Rule: row, Number: numbers[i]})
	}
	return entries, nil
}

// NumberKeys gives each key of one direction a rule number. A key that is held
// keeps its number. A new one takes the lowest free number of first,
// first+step, …, where a held number counts as taken even if its key goes away:
// the new entry can then be written before the old one is deleted.
//
// The result depends on the arguments only, so it is the same at plan and at
// apply whatever others do to the network ACL meanwhile.
func NumberKeys(keys []string, held map[string]int, first, step int) ([]int, error) {
	if step < 1 {
		return nil, fmt.Errorf("rule_number_step is %d: it must be at least 1", step)
	}
	taken := make(map[int]bool, len(held))
	for _, number := range held {
		taken[number] = true
	}
	numbers := make([]int, 0, len(keys))
	next := first
	for _, key := range keys {
		if number, ok := held[key]; ok {
			numbers = append(numbers, number)
			continue
		}
		for taken[next] {
			next += step
		}
		if err := CheckRuleNumber(next); err != nil {
			return nil, fmt.Errorf("the entry %q would get rule number %w; lower first_rule_number (%d) or rule_number_step (%d)", key, err, first, step)
		}
		taken[next] = true
		numbers = append(numbers, next)
	}
	return numbers, nil
}
