// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
)

// VPCs reads VPCs by their ids, each with the IPv4 networks that are associated
// with it now. What does not exist is not in the result.
func (r *Region) VPCs(ctx context.Context, ids []string) (map[string]VPC, error) {
	found := map[string]VPC{}
	for _, filter := range filters("vpc-id", ids) {
		pages := ec2.NewDescribeVpcsPaginator(r.ec2, &ec2.DescribeVpcsInput{Filters: filter, MaxResults: aws.Int32(pageSize)})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return nil, explain("ec2:DescribeVpcs", "", err)
			}
			for _, vpc := range page.Vpcs {
				id := aws.ToString(vpc.VpcId)
				found[id] = VPC{ID: id, CIDRBlocks: associatedCIDRs(vpc), Default: aws.ToBool(vpc.IsDefault)}
			}
		}
	}
	return found, nil
}
