// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/terraform-clb/terraform-provider-clb/internal/fakeaws"
)

// TestQuotaCountsPrefixLists: a prefix list counts with the most entries that it
// may have; what cannot be known is said.
func TestQuotaCountsPrefixLists(t *testing.T) {
	w := startLiveWorld(t, nil)
	made, err := w.ec2.CreateManagedPrefixList(t.Context(), &ec2.CreateManagedPrefixListInput{
		PrefixListName: aws.String("offices"), AddressFamily: aws.String("IPv4"), MaxEntries: aws.Int32(40),
		Entries: []types.AddPrefixListEntry{{Cidr: aws.String("203.0.113.0/24")}},
	})
	if err != nil {
		t.Fatal(err)
	}
	offices := *made.PrefixList.PrefixListId
	found, err := w.ec2.DescribeManagedPrefixLists(t.Context(), &ec2.DescribeManagedPrefixListsInput{
		Filters: []types.Filter{{Name: aws.String("prefix-list-name"), Values: []string{"com.amazonaws.global.cloudfront.origin-facing"}}},
	})
	if err != nil || len(found.PrefixLists) != 1 {
		t.Fatalf("CloudFront's list: %v %v", found, err)
	}
	cloudFront := *found.PrefixLists[0].PrefixListId

	plan := func(lists ...any) []*tfprotov6.Diagnostic {
		w.nextRun()
		return w.planNew(t, lbRules, w.config(lbRules, blockValues{"clients": []any{blockValues{"prefix_list_ids": lists}}})).diags
	}
	wantNothingSaid(t, plan(cloudFront))
	wantSaid(t, plan(offices), said{warning: true, at: "security_group_id", summary: "Quota exceeded", detail: []string{
		"would have 80 inbound rules (0 there now, 80 new)", "A prefix list counts with the most entries that it may have.",
	}})
	wantSaid(t, plan(offices, cloudFront), said{warning: true, at: "security_group_id", summary: "Quota exceeded", detail: []string{
		"would have 82 inbound rules", "AWS does not tell the weight of its own prefix list " + cloudFront + ", which is counted as one rule.",
	}})
	defer w.Inject(fakeaws.Fault{
		Match: func(c fakeaws.Call) bool { return c.Action == "DescribeManagedPrefixLists" },
		Kind:  fakeaws.Fail, Status: 403, Code: "UnauthorizedOperation", Message: "You are not authorized to perform this operation.",
	})()
	// A list whose size may not be read counts as one rule.
	wantNothingSaid(t, plan(offices))
}
