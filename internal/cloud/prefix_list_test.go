// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package cloud_test

import (
	"context"
	"fmt"
	"net/netip"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/terraform-clb/terraform-provider-clb/internal/cloud"
	"github.com/terraform-clb/terraform-provider-clb/internal/fakeaws"
)

func TestPrefixListNetworks(t *testing.T) {
	t.Parallel()
	d := start(t, 1, fakeaws.Config{})
	in := &ec2.CreateManagedPrefixListInput{PrefixListName: aws.String("many"), AddressFamily: aws.String("IPv4"), MaxEntries: aws.Int32(130)}
	var want []netip.Prefix
	for i := range 100 {
		want = append(want, netip.MustParsePrefix(fmt.Sprintf("10.0.%d.0/24", i)))
		in.Entries = append(in.Entries, types.AddPrefixListEntry{Cidr: aws.String(want[i].String())})
	}
	list := must(d.ec2.CreateManagedPrefixList(t.Context(), in))(t).PrefixList
	more := &ec2.ModifyManagedPrefixListInput{PrefixListId: list.PrefixListId, CurrentVersion: list.Version}
	for i := range 30 {
		want = append(want, netip.MustParsePrefix(fmt.Sprintf("10.1.%d.0/24", i)))
		more.AddEntries = append(more.AddEntries, types.AddPrefixListEntry{Cidr: aws.String(want[100+i].String())})
	}
	must(d.ec2.ModifyManagedPrefixList(t.Context(), more))(t)
	d.server.ResetCalls()
	got := map[netip.Prefix]bool{}
	for _, network := range must(d.PrefixListNetworks(t.Context(), *list.PrefixListId))(t) {
		got[network] = true
	}
	for _, network := range want {
		if !got[network] {
			t.Errorf("%s is missing", network)
		}
	}
	if calls := len(d.server.Calls()); calls != 2 || len(got) != len(want) {
		t.Errorf("%d networks in %d calls, want %d in 2", len(got), calls, len(want))
	}

	// A list of AWS.
	for _, found := range must(d.ec2.DescribeManagedPrefixLists(t.Context(), &ec2.DescribeManagedPrefixListsInput{}))(t).PrefixLists {
		if aws.ToString(found.OwnerId) == "AWS" && len(must(d.PrefixListNetworks(t.Context(), *found.PrefixListId))(t)) == 0 {
			t.Errorf("%s has no networks", *found.PrefixListName)
		}
	}

	_, err := d.PrefixListNetworks(t.Context(), "pl-00000000000000000")
	if !cloud.IsNotFound(err) {
		t.Errorf("got %v, want a NotFoundError", err)
	}
	wantError(t, err, `prefix list "pl-00000000000000000" does not exist in this account and region`)
}

// oddEntries answers with an entry that is no network.
type oddEntries struct{ cloud.EC2API }

func (oddEntries) GetManagedPrefixListEntries(context.Context, *ec2.GetManagedPrefixListEntriesInput, ...func(*ec2.Options)) (*ec2.GetManagedPrefixListEntriesOutput, error) {
	return &ec2.GetManagedPrefixListEntriesOutput{Entries: []types.PrefixListEntry{{Cidr: aws.String("10.0.0.0/16")}, {}}}, nil
}

// TestPrefixListNetworksOdd: a network that cannot be read must not make the
// list look smaller.
func TestPrefixListNetworksOdd(t *testing.T) {
	t.Parallel()
	_, err := cloud.NewRegion(oddEntries{}, emptyELB{}).PrefixListNetworks(t.Context(), "pl-1")
	wantError(t, err, "ec2:GetManagedPrefixListEntries on prefix list pl-1 failed. An entry of the list is no network. Check that the endpoint belongs to AWS.")
}
