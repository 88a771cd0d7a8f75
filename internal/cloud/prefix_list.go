// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"context"
	"net/netip"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// AWS pages what is about managed prefix lists by at most 100. Source:
// DescribeManagedPrefixLists and GetManagedPrefixListEntries, Amazon EC2 API reference.
const prefixListsPerPage = 100

// PrefixListSizes reads for how many rules a managed prefix list counts against
// the quota of a security group: the most entries that it may have, not those
// that it has. Of its own lists AWS does not tell the number; they, and lists
// that do not exist, are not in the result. Source: "Amazon VPC quotas",
// Amazon VPC user guide.
func (r *Region) PrefixListSizes(ctx context.Context, ids []string) (map[string]int, error) {
	live, err := r.reads.prefixLists.look(ctx, ids, r.fresh)
	if err != nil {
		return nil, explain("ec2:DescribeManagedPrefixLists", "", err)
	}
	sizes := make(map[string]int, len(live))
	for id, list := range live {
		if list.MaxEntries != nil {
			sizes[id] = int(*list.MaxEntries)
		}
	}
	return sizes, nil
}

func prefixListPages(api EC2API) pageOf[types.ManagedPrefixList] {
	return func(ctx context.Context, ids []string, next *string, found map[string]types.ManagedPrefixList) (*string, error) {
		page, err := api.DescribeManagedPrefixLists(ctx, &ec2.DescribeManagedPrefixListsInput{Filters: filter("prefix-list-id", ids), MaxResults: aws.Int32(prefixListsPerPage), NextToken: next})
		if err != nil {
			return nil, err
		}
		for _, list := range page.PrefixLists {
			found[aws.ToString(list.PrefixListId)] = list
		}
		return token(page.NextToken), nil
	}
}

// PrefixListNetworks reads the networks that a managed prefix list has now, IPv6
// ones too. AWS tells them of its own lists as well. The error is a
// [NotFoundError] when the list does not exist.
func (r *Region) PrefixListNetworks(ctx context.Context, id string) ([]netip.Prefix, error) {
	const operation = "ec2:GetManagedPrefixListEntries"
	live, err := r.reads.prefixListEntries.look(ctx, []string{id}, r.fresh)
	if err != nil {
		return nil, explain(operation, "prefix list "+id, err)
	}
	entries, there := live[id]
	if !there {
		return nil, &NotFoundError{Kind: "prefix list", ID: id}
	}
	networks := make([]netip.Prefix, 0, len(entries))
	for _, entry := range entries {
		network := parseCIDR(aws.ToString(entry.Cidr))
		if !network.IsValid() {
			// Networks that are left out would make the list look smaller than it is.
			return nil, &CallError{Operation: operation, On: "prefix list " + id,
				Reason: "An entry of the list is no network.", Advice: "Check that the endpoint belongs to AWS."}
		}
		networks = append(networks, network)
	}
	return networks, nil
}

// prefixListEntryPages asks for one list at a time: AWS takes no more.
func prefixListEntryPages(api EC2API) pageOf[[]types.PrefixListEntry] {
	return func(ctx context.Context, ids []string, next *string, found map[string][]types.PrefixListEntry) (*string, error) {
		page, err := api.GetManagedPrefixListEntries(ctx, &ec2.GetManagedPrefixListEntriesInput{PrefixListId: &ids[0], MaxResults: aws.Int32(prefixListsPerPage), NextToken: next})
		if isAnyNotFound(err) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		found[ids[0]] = append(found[ids[0]], page.Entries...)
		return token(page.NextToken), nil
	}
}
