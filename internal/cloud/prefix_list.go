// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"context"
	"net/netip"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
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
	sizes := map[string]int{}
	for _, filter := range filters("prefix-list-id", ids) {
		pages := ec2.NewDescribeManagedPrefixListsPaginator(r.ec2, &ec2.DescribeManagedPrefixListsInput{Filters: filter, MaxResults: aws.Int32(prefixListsPerPage)})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return nil, explain("ec2:DescribeManagedPrefixLists", "", err)
			}
			for _, list := range page.PrefixLists {
				if list.MaxEntries != nil {
					sizes[aws.ToString(list.PrefixListId)] = int(*list.MaxEntries)
				}
			}
		}
	}
	return sizes, nil
}

// PrefixListNetworks reads the networks that a managed prefix list has now, IPv6
// ones too. AWS tells them of its own lists as well. The error is a
// [NotFoundError] when the list does not exist.
func (r *Region) PrefixListNetworks(ctx context.Context, id string) ([]netip.Prefix, error) {
	const operation = "ec2:GetManagedPrefixListEntries"
	var networks []netip.Prefix
	pages := ec2.NewGetManagedPrefixListEntriesPaginator(r.ec2, &ec2.GetManagedPrefixListEntriesInput{
		PrefixListId: aws.String(id), MaxResults: aws.Int32(prefixListsPerPage),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if isAnyNotFound(err) {
			return nil, &NotFoundError{Kind: "prefix list", ID: id}
		}
		if err != nil {
			return nil, explain(operation, "prefix list "+id, err)
		}
		for _, entry := range page.Entries {
			network := parseCIDR(aws.ToString(entry.Cidr))
			if !network.IsValid() {
				// Networks that are left out would make the list look smaller than it is.
				return nil, &CallError{Operation: operation, On: "prefix list " + id,
					Reason: "An entry of the list is no network.", Advice: "Check that the endpoint belongs to AWS."}
			}
			networks = append(networks, network)
		}
	}
	return networks, nil
}
