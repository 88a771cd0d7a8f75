// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// Instances reads instances by their ids. What does not exist is not in the
// result; nor is what is terminated, which EC2 still shows for about an hour.
func (r *Region) Instances(ctx context.Context, ids []string) (map[string]Instance, error) {
	live, err := r.reads.instances.look(ctx, ids, r.fresh)
	if err != nil {
		return nil, explain("ec2:DescribeInstances", "", err)
	}
	found := make(map[string]Instance, len(live))
	for id, i := range live {
		if instance := instanceOf(i); instance.State != string(types.InstanceStateNameTerminated) {
			found[id] = instance
		}
	}
	return found, nil
}

func instancePages(api EC2API) pageOf[types.Instance] {
	return func(ctx context.Context, ids []string, next *string, found map[string]types.Instance) (*string, error) {
		page, err := api.DescribeInstances(ctx, &ec2.DescribeInstancesInput{Filters: filter("instance-id", ids), MaxResults: aws.Int32(pageSize), NextToken: next})
		if err != nil {
			return nil, err
		}
		for _, reservation := range page.Reservations {
			for _, instance := range reservation.Instances {
				found[idOf(instance.InstanceId, ids)] = instance
			}
		}
		return token(page.NextToken), nil
	}
}

func instanceOf(i types.Instance) Instance {
	instance := Instance{
		ID:       aws.ToString(i.InstanceId),
		SubnetID: aws.ToString(i.SubnetId),
		VPCID:    aws.ToString(i.VpcId),
		// What is told of the instance itself is about its primary interface too.
		PrivateIP:      aws.ToString(i.PrivateIpAddress),
		SecurityGroups: groupIDs(i.SecurityGroups),
	}
	if i.State != nil {
		instance.State = string(i.State.Name)
	}
	for _, nic := range i.NetworkInterfaces {
		if !primary(nic) {
			continue
		}
		if id := aws.ToString(nic.SubnetId); id != "" {
			instance.SubnetID = id
		}
		if ip := aws.ToString(nic.PrivateIpAddress); ip != "" {
			instance.PrivateIP = ip
		}
		instance.SecurityGroups = groupIDs(nic.Groups)
	}
	return instance
}

// primary tells whether a network interface is the instance's first one.
func primary(nic types.InstanceNetworkInterface) bool {
	a := nic.Attachment
	return a != nil && a.DeviceIndex != nil && *a.DeviceIndex == 0 && aws.ToInt32(a.NetworkCardIndex) == 0
}

func groupIDs(groups []types.GroupIdentifier) []string {
	ids := make([]string, 0, len(groups))
	for _, group := range groups {
		ids = append(ids, aws.ToString(group.GroupId))
	}
	slices.Sort(ids)
	return ids
}
