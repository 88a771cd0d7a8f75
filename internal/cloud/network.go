// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"context"
	"net/netip"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// Subnets reads subnets by their ids. What does not exist is not in the result.
func (r *Region) Subnets(ctx context.Context, ids []string) (map[string]Subnet, error) {
	live, err := r.reads.subnets.look(ctx, ids, r.fresh)
	if err != nil {
		return nil, explain("ec2:DescribeSubnets", "", err)
	}
	found := make(map[string]Subnet, len(live))
	for id, s := range live {
		found[id] = Subnet{
			ID:               id,
			VPCID:            aws.ToString(s.VpcId),
			CIDRBlock:        canonicalCIDR(aws.ToString(s.CidrBlock)),
			AvailabilityZone: aws.ToString(s.AvailabilityZone),
		}
	}
	return found, nil
}

func subnetPages(api EC2API) pageOf[types.Subnet] {
	return func(ctx context.Context, ids []string, next *string, found map[string]types.Subnet) (*string, error) {
		page, err := api.DescribeSubnets(ctx, &ec2.DescribeSubnetsInput{Filters: filter("subnet-id", ids), MaxResults: aws.Int32(pageSize), NextToken: next})
		if err != nil {
			return nil, err
		}
		for _, subnet := range page.Subnets {
			found[aws.ToString(subnet.SubnetId)] = subnet
		}
		return token(page.NextToken), nil
	}
}

// VPC reads a VPC with the IPv4 networks that are associated with it now. The
// error is a [NotFoundError] when it does not exist.
func (r *Region) VPC(ctx context.Context, id string) (VPC, error) {
	found, err := r.VPCs(ctx, []string{id})
	if err != nil {
		return VPC{}, err
	}
	vpc, there := found[id]
	if !there {
		return VPC{}, &NotFoundError{Kind: "VPC", ID: id}
	}
	return vpc, nil
}

// VPCs reads VPCs by their ids, each with the IPv4 networks that are associated
// with it now. What does not exist is not in the result.
func (r *Region) VPCs(ctx context.Context, ids []string) (map[string]VPC, error) {
	live, err := r.reads.vpcs.look(ctx, ids, r.fresh)
	if err != nil {
		return nil, explain("ec2:DescribeVpcs", "", err)
	}
	found := make(map[string]VPC, len(live))
	for id, vpc := range live {
		found[id] = VPC{ID: id, CIDRBlocks: associatedCIDRs(vpc), Default: aws.ToBool(vpc.IsDefault)}
	}
	return found, nil
}

func vpcPages(api EC2API) pageOf[types.Vpc] {
	return func(ctx context.Context, ids []string, next *string, found map[string]types.Vpc) (*string, error) {
		page, err := api.DescribeVpcs(ctx, &ec2.DescribeVpcsInput{Filters: filter("vpc-id", ids), MaxResults: aws.Int32(pageSize), NextToken: next})
		if err != nil {
			return nil, err
		}
		for _, vpc := range page.Vpcs {
			found[aws.ToString(vpc.VpcId)] = vpc
		}
		return token(page.NextToken), nil
	}
}

// associatedCIDRs are the networks of a VPC, the primary one first and the
// others by address: AWS promises no order.
func associatedCIDRs(vpc types.Vpc) []string {
	primary := canonicalCIDR(aws.ToString(vpc.CidrBlock))
	var others []netip.Prefix
	for _, association := range vpc.CidrBlockAssociationSet {
		state, cidr := association.CidrBlockState, parseCIDR(aws.ToString(association.CidrBlock))
		if state != nil && state.State == types.VpcCidrBlockStateCodeAssociated && cidr.IsValid() && cidr.String() != primary {
			others = append(others, cidr)
		}
	}
	slices.SortFunc(others, netip.Prefix.Compare)
	var cidrs []string
	if primary != "" {
		cidrs = append(cidrs, primary)
	}
	for _, cidr := range others {
		cidrs = append(cidrs, cidr.String())
	}
	return cidrs
}

// parseCIDR reads a network as an endpoint has it. EC2 drops host bits itself,
// other endpoints keep them. What is no network is the zero prefix.
func parseCIDR(text string) netip.Prefix {
	prefix, err := netip.ParsePrefix(text)
	if err != nil {
		return netip.Prefix{}
	}
	return prefix.Masked()
}

// canonicalCIDR spells a network as EC2 does, and leaves alone what is none.
func canonicalCIDR(text string) string {
	if prefix := parseCIDR(text); prefix.IsValid() {
		return prefix.String()
	}
	return text
}
