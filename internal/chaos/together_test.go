// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package chaos_test

import (
	"flag"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/terraform-clb/terraform-provider-clb/internal/fakeaws"
)

var walks = flag.String("chaos.walks", "10", "how many resources Terraform walks at a time when all change together, comma-separated")

// together are changes of all resources with rules or entries at once, so that their
// look-ups share calls while one of them writes.
func together() []scenario {
	all := strings.ReplaceAll(rulesResource, `"web"`, `"balancer"`) + strings.ReplaceAll(instanceResource, "GROUP", `"instance_group"`) + entriesResource +
		strings.NewReplacer(`"web"`, `"instances"`, "ACL", `"instance_acl"`, `["load_balancer"]`, `["private_instance"]`).Replace(entriesResource)
	before := owning(with(all, "VALUE", value("HTTP:9090/healthz", listener80, listener443)))
	return []scenario{
		{resource: "all rules and entries", operation: opCreate, after: owning(with(all)), owns: true},
		{resource: "all rules and entries", operation: "changed", before: before, after: owning(with(all)), owns: true},
	}
}

// TestTogether kills the provider after each write of a change of many resources. In
// which order these write is not the same in every run: the one that is killed is
// known by its number.
func TestTogether(t *testing.T) {
	t.Parallel()
	for _, s := range together() {
		if !*all && s.operation == opCreate {
			continue
		}
		t.Run(s.operation, func(t *testing.T) {
			t.Parallel()
			c := undisturbed(t, s)
			writes, kills, late := len(c.writes()), 0, 0
			for width := range strings.SplitSeq(*walks, ",") {
				if n, err := strconv.Atoi(width); err != nil || n < 1 {
					t.Fatalf("-chaos.walks has to be numbers from 1 on, such as 1,10,50: %q is none", width)
				}
				for k := range writes {
					if !*all && k != writes/2 {
						continue
					}
					killed, problems := c.killAtWrite(t, k, width)
					if len(problems) > 0 {
						t.Errorf("killed after write %d, %s at a time: %s", k, width, strings.Join(problems, "\n"))
					}
					if killed {
						kills++
					} else {
						late++
					}
				}
			}
			t.Logf("%d writes, %s resources at a time: %d kills, %d runs that had fewer writes; applied again %d times, destroyed %d times", writes, *walks, kills, late, c.ran[applyAgain], c.ran[destroy])
			if kills == 0 {
				t.Error("nothing was killed")
			}
		})
	}
}

// killAtWrite carries the change out, kills the provider after the effect of a write,
// and returns what is wrong once the same was applied again.
func (c *course) killAtWrite(t *testing.T, number int, width string) (killed bool, problems []string) {
	t.Helper()
	s := c.again(t)
	defer s.Close()
	seen := 0
	r := s.disturbed(func(v *victim) fakeaws.Fault {
		return fakeaws.Fault{Kind: fakeaws.StopAfter, Times: 1, Hook: v.killProvider, Match: func(call fakeaws.Call) bool {
			if !call.Write() {
				return false
			}
			seen++
			return seen == number+1
		}}
	}, "apply", "-auto-approve", "-input=false", "-parallelism="+width)
	if gone := s.facts().lacks(c.baseline); len(gone) > 0 {
		problems = append(problems, fmt.Sprintf("what others have was touched: %v", gone))
	}
	return r.code != 0, append(problems, c.follow(s, cell{disturbance: disturbance{kills: true}}, r)...)
}
