// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
)

// PrefixListSizes reads for how many rules a managed prefix list counts against
// the quota of a security group: the most entries that it may have, not those
// that it has. Of its own lists AWS does not tell the number; they, and lists
// that do not exist, are not in the result. Source: "Amazon VPC quotas",
// Amazon VPC user guide.
func (r *Region) PrefixListSizes(ctx context.Context, ids []string) (map[string]int, error) {
	// AWS pages this operation by at most 100.
	const pageSize = 100
	sizes := map[string]int{}
	for _, filter := range filters("prefix-list-id", ids) {
		pages := ec2.NewDescribeManagedPrefixListsPaginator(r.ec2, &ec2.DescribeManagedPrefixListsInput{Filters: filter, MaxResults: aws.Int32(pageSize)})
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
