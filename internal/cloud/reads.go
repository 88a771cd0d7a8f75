// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing/types"
)

// reads are the look-ups of a region. Their answers are those of the SDK, shared and
// never changed: each reader makes its own of them.
type reads struct {
	// writes counts what this process changes in the region.
	writes *writes

	groups             *lookups[types.SecurityGroup]
	rules              *lookups[[]types.SecurityGroupRule]
	acls, aclsOfSubnet *lookups[types.NetworkAcl]
	instances          *lookups[types.Instance]
	subnets            *lookups[types.Subnet]
	vpcs               *lookups[types.Vpc]
	prefixLists        *lookups[types.ManagedPrefixList]
	prefixListEntries  *lookups[[]types.PrefixListEntry]
	loadBalancers      *lookups[elbtypes.LoadBalancerDescription]
	loadBalancerTags   *lookups[[]elbtypes.Tag]
}

// newReads reads through the two clients. Listed are the kinds of which every load
// balancer of a fleet has its own.
func newReads(ec2 EC2API, elb ELBAPI, w *writes, now func() time.Time) *reads {
	return &reads{
		writes:            w,
		groups:            newLookups(w, now, groupPages(ec2), filterValues, true),
		rules:             newLookups(w, now, rulePages(ec2), filterValues, true),
		acls:              newLookups(w, now, aclPages(ec2), filterValues, true),
		aclsOfSubnet:      newLookups(w, now, aclPagesOfSubnets(ec2), filterValues, false),
		instances:         newLookups(w, now, instancePages(ec2), filterValues, false),
		subnets:           newLookups(w, now, subnetPages(ec2), filterValues, false),
		vpcs:              newLookups(w, now, vpcPages(ec2), filterValues, false),
		prefixLists:       newLookups(w, now, prefixListPages(ec2), filterValues, false),
		prefixListEntries: newLookups(w, now, prefixListEntryPages(ec2), 1, false),
		loadBalancers:     newLookups(w, now, loadBalancerPages(elb), namesPerCall, true),
		loadBalancerTags:  newLookups(w, now, tagPages(elb), namesPerTagCall, false),
	}
}

func newLookups[V any](w *writes, now func() time.Time, page pageOf[V], most int, lists bool) *lookups[V] {
	return &lookups[V]{page: page, most: most, lists: lists, writes: w, now: now}
}

// filter selects things by their ids, and all of them when ids is nil: what is not to
// be listed never gets here without ids.
func filter(name string, ids []string) []types.Filter {
	if ids == nil {
		return nil
	}
	return []types.Filter{{Name: aws.String(name), Values: ids}}
}

// idOf is the id in an answer, or the one that was asked for: some endpoints leave it
// out.
func idOf(id *string, asked []string) string {
	if id == nil && len(asked) == 1 {
		return asked[0]
	}
	return aws.ToString(id)
}

// token is that of a next page; some endpoints write an empty one where there is none.
func token(next *string) *string {
	if aws.ToString(next) == "" {
		return nil
	}
	return next
}
