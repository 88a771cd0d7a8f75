// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package fakeaws_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/terraform-clb/terraform-provider-clb/internal/fakeaws"
)

func TestVPCs(t *testing.T) {
	t.Parallel()
	a := start(t, fakeaws.Config{})
	ctx := t.Context()
	for _, cidr := range []string{"10.0.0.0/15", "10.0.0.0/29"} {
		_, err := a.ec2.CreateVpc(ctx, &ec2.CreateVpcInput{CidrBlock: &cidr})
		refused(t, err, "InvalidVpc.Range")
	}
	_, err := a.ec2.CreateVpc(ctx, &ec2.CreateVpcInput{CidrBlock: aws.String("10.0.0.0")})
	refused(t, err, "InvalidParameterValue")
	vpcID := a.vpc("10.0.7.7/16")
	associate := func(cidr string) (*ec2.AssociateVpcCidrBlockOutput, error) {
		return a.ec2.AssociateVpcCidrBlock(ctx, &ec2.AssociateVpcCidrBlockInput{VpcId: &vpcID, CidrBlock: &cidr})
	}
	_, err = associate("10.0.128.0/17")
	refused(t, err, "InvalidVpc.Range")
	var last string
	for _, cidr := range []string{"10.1.0.0/16", "10.2.0.0/16", "10.3.0.0/16", "10.4.0.0/16"} {
		out := must(associate(cidr))(t).CidrBlockAssociation
		if out.CidrBlockState.State != "associating" {
			t.Errorf("state %s", out.CidrBlockState.State)
		}
		last = *out.AssociationId
	}
	_, err = associate("10.5.0.0/16")
	refused(t, err, "CidrLimitExceeded")

	subnet := func(cidr, zone string) error {
		_, err := a.ec2.CreateSubnet(ctx, &ec2.CreateSubnetInput{VpcId: &vpcID, CidrBlock: &cidr, AvailabilityZone: &zone})
		return err
	}
	refused(t, subnet("10.9.0.0/24", "us-east-1a"), "InvalidSubnet.Range")
	refused(t, subnet("10.0.0.0/29", "us-east-1a"), "InvalidSubnet.Range")
	refused(t, subnet("10.0.0.0/24", "eu-west-1a"), "InvalidParameterValue")
	inLast := a.subnet(vpcID, "10.4.0.0/24", "us-east-1a")
	refused(t, subnet("10.4.0.128/25", "us-east-1b"), "InvalidSubnet.Conflict")

	disassociate := func(id string) error {
		_, err := a.ec2.DisassociateVpcCidrBlock(ctx, &ec2.DisassociateVpcCidrBlockInput{AssociationId: &id})
		return err
	}
	vpc := func() ec2types.Vpc {
		return must(a.ec2.DescribeVpcs(ctx, &ec2.DescribeVpcsInput{VpcIds: []string{vpcID}}))(t).Vpcs[0]
	}
	refused(t, disassociate(*vpc().CidrBlockAssociationSet[0].AssociationId), "OperationNotPermitted")
	refused(t, disassociate(last), "InvalidCidrBlock.InUse")
	refused(t, disassociate("vpc-cidr-assoc-00000000000000000"), "InvalidVpcCidrBlockAssociationID.NotFound")
	_, err = a.ec2.DeleteVpc(ctx, &ec2.DeleteVpcInput{VpcId: &vpcID})
	refused(t, err, "DependencyViolation")
	must(a.ec2.DeleteSubnet(ctx, &ec2.DeleteSubnetInput{SubnetId: &inLast}))(t)
	if err := disassociate(last); err != nil {
		t.Fatal(err)
	}
	// The block stays in the answer, in another state.
	blocks := vpc().CidrBlockAssociationSet
	if len(blocks) != 5 || blocks[4].CidrBlockState.State != "disassociated" {
		t.Errorf("blocks: %+v", blocks)
	}
	_, err = a.ec2.DescribeVpcs(ctx, &ec2.DescribeVpcsInput{VpcIds: []string{vpcID, "vpc-00000000000000000"}})
	refused(t, err, "InvalidVpcID.NotFound")
	_, err = a.ec2.DescribeSubnets(ctx, &ec2.DescribeSubnetsInput{SubnetIds: []string{inLast}})
	refused(t, err, "InvalidSubnetID.NotFound")

	gateway := a.open(vpcID)
	_, err = a.ec2.DeleteVpc(ctx, &ec2.DeleteVpcInput{VpcId: &vpcID})
	refused(t, err, "DependencyViolation")
	must(a.ec2.DetachInternetGateway(ctx, &ec2.DetachInternetGatewayInput{InternetGatewayId: &gateway, VpcId: &vpcID}))(t)
	must(a.ec2.DeleteInternetGateway(ctx, &ec2.DeleteInternetGatewayInput{InternetGatewayId: &gateway}))(t)
	must(a.ec2.DeleteVpc(ctx, &ec2.DeleteVpcInput{VpcId: &vpcID}))(t)
	if left := a.server.Snapshot(); left != "" {
		t.Errorf("the deleted VPC left\n%s", left)
	}
}

func TestDefaultVPC(t *testing.T) {
	t.Parallel()
	a := start(t, fakeaws.Config{})
	ctx := t.Context()
	v := must(a.ec2.CreateDefaultVpc(ctx, &ec2.CreateDefaultVpcInput{}))(t).Vpc
	if !*v.IsDefault || *v.CidrBlock != "172.31.0.0/16" {
		t.Errorf("default VPC: %+v", v)
	}
	_, err := a.ec2.CreateDefaultVpc(ctx, &ec2.CreateDefaultVpcInput{})
	refused(t, err, "DefaultVpcAlreadyExists")
	subnets := must(a.ec2.DescribeSubnets(ctx, &ec2.DescribeSubnetsInput{Filters: by("default-for-az", "true")}))(t).Subnets
	if len(subnets) != 4 {
		t.Errorf("%d default subnets, want 4", len(subnets))
	}
	group := *must(a.ec2.CreateSecurityGroup(ctx, &ec2.CreateSecurityGroupInput{GroupName: aws.String("web"), Description: aws.String("d")}))(t).GroupId
	byName := must(a.ec2.DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{GroupNames: []string{"web"}}))(t).SecurityGroups
	if len(byName) != 1 || *byName[0].GroupId != group || *byName[0].VpcId != *v.VpcId {
		t.Errorf("by name: %+v", byName)
	}
	_, err = a.ec2.DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{GroupNames: []string{"db"}})
	refused(t, err, "InvalidGroup.NotFound")
	tables := must(a.ec2.DescribeRouteTables(ctx, &ec2.DescribeRouteTablesInput{Filters: by("vpc-id", *v.VpcId)}))(t).RouteTables
	if len(tables) != 1 || len(tables[0].Routes) != 2 || *tables[0].Routes[0].GatewayId != "local" || tables[0].Routes[1].State != "active" {
		t.Errorf("route tables: %+v", tables)
	}
}

func TestRouteTables(t *testing.T) {
	t.Parallel()
	a := start(t, fakeaws.Config{})
	ctx := t.Context()
	vpcID, other := a.vpc("10.0.0.0/16"), a.vpc("10.1.0.0/16")
	subnetID, foreign := a.subnet(vpcID, "10.0.0.0/24", "us-east-1a"), a.subnet(other, "10.1.0.0/24", "us-east-1a")
	gateway := a.open(vpcID)
	table := must(a.ec2.CreateRouteTable(ctx, &ec2.CreateRouteTableInput{VpcId: &vpcID}))(t).RouteTable.RouteTableId
	route := func(gateway string) error {
		_, err := a.ec2.CreateRoute(ctx, &ec2.CreateRouteInput{RouteTableId: table, DestinationCidrBlock: aws.String("0.0.0.0/0"), GatewayId: &gateway})
		return err
	}
	refused(t, route("igw-00000000000000000"), "InvalidInternetGatewayID.NotFound")
	refused(t, route(a.open(other)), "InvalidParameterValue")
	if err := route(gateway); err != nil {
		t.Fatal(err)
	}
	refused(t, route(gateway), "RouteAlreadyExists")
	_, err := a.ec2.AssociateRouteTable(ctx, &ec2.AssociateRouteTableInput{RouteTableId: table, SubnetId: &foreign})
	refused(t, err, "InvalidParameterValue")
	association := must(a.ec2.AssociateRouteTable(ctx, &ec2.AssociateRouteTableInput{RouteTableId: table, SubnetId: &subnetID}))(t).AssociationId
	found := must(a.ec2.DescribeRouteTables(ctx, &ec2.DescribeRouteTablesInput{Filters: by("association.subnet-id", subnetID)}))(t).RouteTables
	if len(found) != 1 || *found[0].RouteTableId != *table || *found[0].Associations[0].SubnetId != subnetID {
		t.Errorf("found: %+v", found)
	}
	_, err = a.ec2.DeleteRouteTable(ctx, &ec2.DeleteRouteTableInput{RouteTableId: table})
	refused(t, err, "DependencyViolation")
	must(a.ec2.DisassociateRouteTable(ctx, &ec2.DisassociateRouteTableInput{AssociationId: association}))(t)
	must(a.ec2.DeleteRoute(ctx, &ec2.DeleteRouteInput{RouteTableId: table, DestinationCidrBlock: aws.String("0.0.0.0/0")}))(t)
	must(a.ec2.DeleteRouteTable(ctx, &ec2.DeleteRouteTableInput{RouteTableId: table}))(t)
	_, err = a.ec2.AttachInternetGateway(ctx, &ec2.AttachInternetGatewayInput{InternetGatewayId: &gateway, VpcId: &vpcID})
	refused(t, err, "Resource.AlreadyAssociated")
}

func TestInstances(t *testing.T) {
	t.Parallel()
	a := start(t, fakeaws.Config{})
	ctx := t.Context()
	vpcID, other := a.vpc("10.0.0.0/16"), a.vpc("10.1.0.0/16")
	subnetID, second := a.subnet(vpcID, "10.0.0.0/24", "us-east-1a"), a.subnet(vpcID, "10.0.1.0/24", "us-east-1a")
	otherZone := a.subnet(vpcID, "10.0.2.0/24", "us-east-1b")
	tiny := a.subnet(vpcID, "10.0.3.0/28", "us-east-1a")
	group, extra, foreign := a.group(vpcID, "web"), a.group(vpcID, "extra"), a.group(other, "foreign")
	var six []string
	for i := range 6 {
		six = append(six, a.group(vpcID, "g"+itoa(i)))
	}
	type input = ec2.RunInstancesInput
	face := func(index int32, subnetID string, groups ...string) ec2types.InstanceNetworkInterfaceSpecification {
		return ec2types.InstanceNetworkInterfaceSpecification{DeviceIndex: &index, SubnetId: &subnetID, Groups: groups}
	}
	run := func(change func(*input)) (*ec2.RunInstancesOutput, error) {
		in := &input{ImageId: aws.String("ami-12345678"), MinCount: aws.Int32(1), MaxCount: aws.Int32(1), SubnetId: &subnetID}
		change(in)
		return a.ec2.RunInstances(ctx, in)
	}
	faces := func(all ...ec2types.InstanceNetworkInterfaceSpecification) func(*input) {
		return func(in *input) { in.SubnetId, in.NetworkInterfaces = nil, all }
	}
	for name, test := range map[string]struct {
		change func(*input)
		code   string
	}{
		"image":               {func(in *input) { in.ImageId = aws.String("ubuntu") }, "InvalidAMIID.Malformed"},
		"counts":              {func(in *input) { in.MinCount = aws.Int32(2) }, "InvalidParameterValue"},
		"unknown subnet":      {func(in *input) { in.SubnetId = aws.String("subnet-00000000000000000") }, "InvalidSubnetID.NotFound"},
		"no default VPC":      {func(in *input) { in.SubnetId = nil }, "MissingInput"},
		"unknown group":       {func(in *input) { in.SecurityGroupIds = []string{"sg-00000000000000000"} }, "InvalidGroup.NotFound"},
		"group elsewhere":     {func(in *input) { in.SecurityGroupIds = []string{foreign} }, "InvalidGroup.NotFound"},
		"six groups":          {func(in *input) { in.SecurityGroupIds = six }, "SecurityGroupsPerInterfaceLimitExceeded"},
		"subnet is full":      {func(in *input) { in.SubnetId, in.MaxCount = &tiny, aws.Int32(12) }, "InsufficientFreeAddressesInSubnet"},
		"interfaces and more": {func(in *input) { in.NetworkInterfaces = append(in.NetworkInterfaces, face(0, subnetID)) }, "InvalidParameterCombination"},
		"gap in indexes":      {faces(face(0, subnetID), face(2, second)), "InvalidParameterValue"},
		"two zones":           {faces(face(0, subnetID), face(1, otherZone)), "InvalidParameterCombination"},
		"tag of another type": {func(in *input) {
			in.TagSpecifications = []ec2types.TagSpecification{{ResourceType: "vpc", Tags: []ec2types.Tag{{Key: aws.String("a")}}}}
		}, "InvalidParameterValue"},
	} {
		before := a.server.Snapshot()
		_, err := run(test.change)
		t.Log(name)
		refused(t, err, test.code)
		if a.server.Snapshot() != before {
			t.Errorf("%s: the refused call changed the world", name)
		}
	}

	plain := must(run(func(in *input) { in.SecurityGroupIds = []string{group} }))(t).Instances[0]
	if plain.State.Name != "pending" {
		t.Errorf("state %s", plain.State.Name)
	}
	double := must(run(faces(face(1, second, extra), face(0, subnetID, group))))(t).Instances[0]
	described := func(id string) ec2types.Instance {
		return must(a.ec2.DescribeInstances(ctx, &ec2.DescribeInstancesInput{InstanceIds: []string{id}}))(t).Reservations[0].Instances[0]
	}
	got := described(*double.InstanceId)
	if got.State.Name != "running" || len(got.NetworkInterfaces) != 2 || *got.NetworkInterfaces[0].Attachment.DeviceIndex != 0 ||
		*got.SecurityGroups[0].GroupId != group || *got.NetworkInterfaces[1].Groups[0].GroupId != extra || *got.NetworkInterfaces[1].SubnetId != second {
		t.Errorf("two interfaces: %+v", got)
	}
	change := func(id *string, groups ...string) error {
		_, err := a.ec2.ModifyInstanceAttribute(ctx, &ec2.ModifyInstanceAttributeInput{InstanceId: id, Groups: groups})
		return err
	}
	refused(t, change(double.InstanceId, extra), "InvalidInstanceID")
	refused(t, change(plain.InstanceId, foreign), "InvalidGroup.NotFound")
	refused(t, change(plain.InstanceId, six...), "SecurityGroupsPerInterfaceLimitExceeded")
	refused(t, change(aws.String("i-00000000000000000"), extra), "InvalidInstanceID.NotFound")
	if err := change(plain.InstanceId, extra, group); err != nil {
		t.Fatal(err)
	}
	must(a.ec2.ModifyNetworkInterfaceAttribute(ctx, &ec2.ModifyNetworkInterfaceAttributeInput{
		NetworkInterfaceId: got.NetworkInterfaces[0].NetworkInterfaceId, Groups: []string{extra},
	}))(t)
	if got := described(*double.InstanceId); *got.SecurityGroups[0].GroupId != extra {
		t.Errorf("primary interface after the change: %+v", got.SecurityGroups)
	}

	out := must(a.ec2.TerminateInstances(ctx, &ec2.TerminateInstancesInput{InstanceIds: []string{*plain.InstanceId}}))(t)
	if out.TerminatingInstances[0].CurrentState.Name != "shutting-down" {
		t.Errorf("state %s", out.TerminatingInstances[0].CurrentState.Name)
	}
	if got := described(*plain.InstanceId); got.State.Name != "terminated" || got.VpcId != nil || len(got.NetworkInterfaces) != 0 {
		t.Errorf("terminated: %+v", got)
	}
	refused(t, change(plain.InstanceId, group), "IncorrectInstanceState")
	_, err := a.ec2.DescribeInstances(ctx, &ec2.DescribeInstancesInput{InstanceIds: []string{*plain.InstanceId, "i-00000000000000000"}})
	refused(t, err, "InvalidInstanceID.NotFound")
	_, err = a.ec2.DescribeInstances(ctx, &ec2.DescribeInstancesInput{InstanceIds: []string{"web"}})
	refused(t, err, "InvalidInstanceID.Malformed")
}

func TestPrefixLists(t *testing.T) {
	t.Parallel()
	a := start(t, fakeaws.Config{})
	ctx := t.Context()
	create := func(name, family string, size int32, cidrs ...string) error {
		in := &ec2.CreateManagedPrefixListInput{PrefixListName: &name, AddressFamily: &family, MaxEntries: &size}
		for _, cidr := range cidrs {
			in.Entries = append(in.Entries, ec2types.AddPrefixListEntry{Cidr: aws.String(cidr)})
		}
		_, err := a.ec2.CreateManagedPrefixList(ctx, in)
		return err
	}
	refused(t, create("l", "IPv5", 1), "InvalidParameterValue")
	refused(t, create("l", "IPv4", 0), "InvalidParameterValue")
	refused(t, create("l", "IPv4", 1, "10.0.0.0/8", "11.0.0.0/8"), "PrefixListMaxEntriesExceeded")
	refused(t, create("l", "IPv4", 2, "10.0.0.0/8", "10.0.0.0/8"), "InvalidParameterValue")
	refused(t, create("l", "IPv4", 1, "2001:db8::/32"), "InvalidParameterValue")
	refused(t, create("com.amazonaws.mine", "IPv4", 1), "InvalidParameterValue")

	list := a.prefixList("clients", "IPv4", 2, "10.0.0.0/8")
	group := a.group(a.vpc("10.0.0.0/16"), "web")
	must(a.authorize(group, fromPrefixList(80, list)))(t)
	modify := func(in ec2.ModifyManagedPrefixListInput) error {
		in.PrefixListId = &list
		_, err := a.ec2.ModifyManagedPrefixList(ctx, &in)
		return err
	}
	add := []ec2types.AddPrefixListEntry{{Cidr: aws.String("11.0.0.0/8")}}
	refused(t, modify(ec2.ModifyManagedPrefixListInput{AddEntries: add}), "MissingParameter")
	refused(t, modify(ec2.ModifyManagedPrefixListInput{AddEntries: add, CurrentVersion: aws.Int64(2)}), "PrefixListVersionMismatch")
	refused(t, modify(ec2.ModifyManagedPrefixListInput{MaxEntries: aws.Int32(61)}), "RulesPerSecurityGroupLimitExceeded")
	if err := modify(ec2.ModifyManagedPrefixListInput{AddEntries: add, CurrentVersion: aws.Int64(1)}); err != nil {
		t.Fatal(err)
	}
	if err := modify(ec2.ModifyManagedPrefixListInput{MaxEntries: aws.Int32(3)}); err != nil {
		t.Fatal(err)
	}
	refused(t, modify(ec2.ModifyManagedPrefixListInput{RemoveEntries: []ec2types.RemovePrefixListEntry{{Cidr: aws.String("12.0.0.0/8")}}, CurrentVersion: aws.Int64(2)}), "InvalidPrefixListEntry.NotFound")
	for version, want := range map[int64]int{1: 1, 2: 2} {
		out := must(a.ec2.GetManagedPrefixListEntries(ctx, &ec2.GetManagedPrefixListEntriesInput{PrefixListId: &list, TargetVersion: &version}))(t)
		if len(out.Entries) != want {
			t.Errorf("version %d has %d entries, want %d", version, len(out.Entries), want)
		}
	}
	_, err := a.ec2.GetManagedPrefixListEntries(ctx, &ec2.GetManagedPrefixListEntriesInput{PrefixListId: aws.String("pl-00000000000000000")})
	refused(t, err, "InvalidPrefixListID.NotFound")
	described := must(a.ec2.DescribeManagedPrefixLists(ctx, &ec2.DescribeManagedPrefixListsInput{PrefixListIds: []string{list}}))(t).PrefixLists[0]
	if *described.Version != 2 || *described.MaxEntries != 3 || *described.OwnerId != "123456789012" {
		t.Errorf("described: %+v", described)
	}
	remove := func(id string) error {
		_, err := a.ec2.DeleteManagedPrefixList(ctx, &ec2.DeleteManagedPrefixListInput{PrefixListId: &id})
		return err
	}
	refused(t, remove(list), "DependencyViolation")
	managed := must(a.ec2.DescribeManagedPrefixLists(ctx, &ec2.DescribeManagedPrefixListsInput{Filters: by("owner-id", "AWS")}))(t).PrefixLists
	refused(t, remove(*managed[0].PrefixListId), "OperationNotPermitted")
	must(a.ec2.RevokeSecurityGroupIngress(ctx, &ec2.RevokeSecurityGroupIngressInput{GroupId: &group, IpPermissions: []ec2types.IpPermission{fromPrefixList(80, list)}}))(t)
	if err := remove(list); err != nil {
		t.Error(err)
	}
}
