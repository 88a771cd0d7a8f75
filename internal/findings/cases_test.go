// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package findings_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing/types"

	"github.com/terraform-clb/terraform-provider-clb/internal/acceptance/world"
	"github.com/terraform-clb/terraform-provider-clb/internal/fakeaws"
	"github.com/terraform-clb/terraform-provider-clb/internal/verify"
)

// otherGroup is the id of the documentation for a further security group.
const otherGroup = "sg-0aaaabbbbccccdddd"

// finding is how the example of a kind of finding is brought about.
type finding struct {
	// world changes what AWS has at the beginning: one internet-facing load
	// balancer, my-loadbalancer, with a listener 443 -> 8443 and the health check
	// HTTP:8081/healthz.
	world func(*world.Plan)
	// stands is a configuration that somebody has applied.
	stands string
	// before is what somebody else does before the example is planned.
	before func(*testing.T, *scene)
	// besides are kinds of findings that the plan may also be about.
	besides []verify.ID
	// mend is what somebody does to the world as the fix, or as a part of it.
	mend func(*testing.T, *scene)
}

func findings(t *testing.T) map[verify.ID]finding {
	t.Helper()
	recommended := read(t, "../../examples/provider/provider.tf")
	entry := func(acl func(*scene) string, e ec2.CreateNetworkAclEntryInput) func(*testing.T, *scene) {
		return func(t *testing.T, s *scene) {
			e.NetworkAclId = aws.String(acl(s))
			_, err := s.EC2.CreateNetworkAclEntry(t.Context(), &e)
			must(t, err)
		}
	}
	remove := func(acl func(*scene) string, number int32, egress bool) func(*testing.T, *scene) {
		return func(t *testing.T, s *scene) {
			_, err := s.EC2.DeleteNetworkAclEntry(t.Context(), &ec2.DeleteNetworkAclEntryInput{NetworkAclId: aws.String(acl(s)), RuleNumber: &number, Egress: &egress})
			must(t, err)
		}
	}
	loadBalancerACL := func(s *scene) string { return s.LoadBalancerACL }
	instanceACL := func(s *scene) string { return s.InstanceACL }

	return map[verify.ID]finding{
		verify.ClientListener: {world: func(p *world.Plan) { p.Listeners = [][2]int32{{80, 8080}, {443, 8443}} }},
		verify.InstancePort:   {},
		verify.HealthCheckRefused: {
			before: entry(instanceACL, denyEntry(90, false, 8081, "10.0.0.0/8")),
			mend:   remove(instanceACL, 90, false),
		},
		verify.ClientReply: {
			before: entry(loadBalancerACL, denyEntry(80, true, 3389, "0.0.0.0/0")),
			mend:   remove(loadBalancerACL, 80, true),
		},
		verify.InstanceReply:      {},
		verify.PathMTURefused:     {},
		verify.BroadGroupIn:       {},
		verify.BroadGroupOut:      {},
		verify.BroadInstanceGroup: {},
		verify.BroadACLIn:         {},
		verify.BroadACLOut:        {world: func(p *world.Plan) { p.Listeners = [][2]int32{{443, 443}} }},
		verify.ShadowedEntry:      {},
		verify.QuotaNear:          {},
		verify.DefaultGroup: {
			before:  carryDefaultGroup,
			besides: []verify.ID{verify.BroadGroupIn, verify.BroadGroupOut},
		},
		verify.OtherVPC:    {before: groupOfOtherVPC},
		verify.SecondOwner: {},
		verify.NumberTaken: {
			before: entry(instanceACL, allowEntry(1000, false, 22, "10.0.0.0/16")),
		},
		verify.NoHealthCheck:       {},
		verify.LoadBalancerDiffers: {},
		verify.OverridesDeny: {
			before: entry(loadBalancerACL, denyEntry(200, false, 443, "203.0.113.0/24")),
			mend:   remove(loadBalancerACL, 200, false),
		},
		verify.ZoneWithoutSubnet:    {stands: recommended, before: instanceInThirdZone, mend: subnetInThirdZone},
		verify.ControllerGroup:      {before: ownGroupOfController},
		verify.VPCCIDRMissing:       {world: func(p *world.Plan) { p.CIDRBlocks = append(p.CIDRBlocks, "10.1.0.0/16") }},
		verify.FewerClientsAdmitted: {stands: recommended, before: admitOneNetwork},
		verify.ValueUnknown:         {stands: recommended, before: deregisterInstances},
		verify.NotVisible:           {stands: recommended, before: hideNetworkACLs, mend: func(_ *testing.T, s *scene) { s.unhide() }},
		verify.AcceptanceExpiring:   {},
		verify.AcceptanceExpired:    {besides: []verify.ID{verify.BroadGroupIn}},
		verify.AcceptanceUnused:     {},
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func denyEntry(number int32, egress bool, port int32, cidr string) ec2.CreateNetworkAclEntryInput {
	e := allowEntry(number, egress, port, cidr)
	e.RuleAction = types.RuleActionDeny
	return e
}

func allowEntry(number int32, egress bool, port int32, cidr string) ec2.CreateNetworkAclEntryInput {
	return ec2.CreateNetworkAclEntryInput{
		RuleNumber: &number, Egress: &egress, RuleAction: types.RuleActionAllow, Protocol: aws.String("6"),
		PortRange: &types.PortRange{From: &port, To: &port}, CidrBlock: &cidr,
	}
}

// carryDefaultGroup gives the load balancer what it carries when it is made
// without naming a group.
func carryDefaultGroup(t *testing.T, s *scene) {
	must(t, s.CarryDefaultGroup(t.Context(), s.LoadBalancer))
	lb, _ := s.Server.LoadBalancer("us-east-1", s.LoadBalancer)
	s.documented[lb.SecurityGroups[0]] = otherGroup
}

// groupOfOtherVPC makes a group in another VPC.
func groupOfOtherVPC(t *testing.T, s *scene) {
	vpc, err := s.EC2.CreateVpc(t.Context(), &ec2.CreateVpcInput{CidrBlock: aws.String("10.9.0.0/16")})
	must(t, err)
	s.documented[*vpc.Vpc.VpcId] = "vpc-0fedcba9876543210"
	group, err := s.EC2.CreateSecurityGroup(t.Context(), &ec2.CreateSecurityGroupInput{
		VpcId: vpc.Vpc.VpcId, GroupName: aws.String("my-loadbalancer-lb"), Description: aws.String("load balancer"),
	})
	must(t, err)
	s.documented[*group.GroupId] = otherGroup
	_, err = s.EC2.RevokeSecurityGroupEgress(t.Context(), &ec2.RevokeSecurityGroupEgressInput{GroupId: group.GroupId, IpPermissions: []types.IpPermission{
		{IpProtocol: aws.String("-1"), IpRanges: []types.IpRange{{CidrIp: aws.String("0.0.0.0/0")}}},
	}})
	must(t, err)
}

// thirdZone is an availability zone in which the world has no subnet, and a new
// subnet in it with a network ACL of the world.
func (s *scene) thirdZone(t *testing.T, cidr, acl, documented string) string {
	t.Helper()
	zones, err := s.EC2.DescribeAvailabilityZones(t.Context(), &ec2.DescribeAvailabilityZonesInput{})
	must(t, err)
	made, err := s.EC2.CreateSubnet(t.Context(), &ec2.CreateSubnetInput{VpcId: &s.VPC, CidrBlock: &cidr, AvailabilityZone: zones.AvailabilityZones[2].ZoneName})
	must(t, err)
	subnet := *made.Subnet.SubnetId
	s.documented[subnet] = documented
	acls, err := s.EC2.DescribeNetworkAcls(t.Context(), &ec2.DescribeNetworkAclsInput{Filters: []types.Filter{{Name: aws.String("association.subnet-id"), Values: []string{subnet}}}})
	must(t, err)
	for _, association := range acls.NetworkAcls[0].Associations {
		if aws.ToString(association.SubnetId) == subnet {
			_, err := s.EC2.ReplaceNetworkAclAssociation(t.Context(), &ec2.ReplaceNetworkAclAssociationInput{AssociationId: association.NetworkAclAssociationId, NetworkAclId: &acl})
			must(t, err)
		}
	}
	return subnet
}

func instanceInThirdZone(t *testing.T, s *scene) {
	subnet := s.thirdZone(t, "10.0.5.0/24", s.InstanceACL, "subnet-0fedcba9876543212")
	made, err := s.EC2.RunInstances(t.Context(), &ec2.RunInstancesInput{
		ImageId: aws.String("ami-0123456789abcdef0"), InstanceType: types.InstanceTypeT3Micro, MinCount: aws.Int32(1), MaxCount: aws.Int32(1),
		SubnetId: &subnet, SecurityGroupIds: []string{s.InstanceGroup},
	})
	must(t, err)
	instance := made.Instances[0].InstanceId
	s.documented[*instance] = "i-0123456789abcdef2"
	_, err = s.ELB.RegisterInstancesWithLoadBalancer(t.Context(), &elb.RegisterInstancesWithLoadBalancerInput{
		LoadBalancerName: &s.LoadBalancer, Instances: []elbtypes.Instance{{InstanceId: instance}},
	})
	must(t, err)
}

func subnetInThirdZone(t *testing.T, s *scene) {
	subnet := s.thirdZone(t, "10.0.6.0/24", s.LoadBalancerACL, "subnet-0123456789abcdef2")
	_, err := s.ELB.AttachLoadBalancerToSubnets(t.Context(), &elb.AttachLoadBalancerToSubnetsInput{LoadBalancerName: &s.LoadBalancer, Subnets: []string{subnet}})
	must(t, err)
}

// ownGroupOfController marks the group of the instances as a controller's, and
// makes another.
func ownGroupOfController(t *testing.T, s *scene) {
	_, err := s.EC2.CreateTags(t.Context(), &ec2.CreateTagsInput{
		Resources: []string{s.InstanceGroup}, Tags: []types.Tag{{Key: aws.String("kubernetes.io/cluster/production"), Value: aws.String("owned")}},
	})
	must(t, err)
	group, err := s.MakeGroup(t.Context(), "my-instances")
	must(t, err)
	s.documented[group] = otherGroup
}

// admitOneNetwork leaves the listener open to one network alone.
func admitOneNetwork(t *testing.T, s *scene) {
	https := func(cidr string) []types.IpPermission {
		return []types.IpPermission{{IpProtocol: aws.String("tcp"), FromPort: aws.Int32(443), ToPort: aws.Int32(443), IpRanges: []types.IpRange{{CidrIp: &cidr}}}}
	}
	_, err := s.EC2.RevokeSecurityGroupIngress(t.Context(), &ec2.RevokeSecurityGroupIngressInput{GroupId: &s.LoadBalancerGroup, IpPermissions: https("0.0.0.0/0")})
	must(t, err)
	_, err = s.EC2.AuthorizeSecurityGroupIngress(t.Context(), &ec2.AuthorizeSecurityGroupIngressInput{GroupId: &s.LoadBalancerGroup, IpPermissions: https("198.51.100.0/24")})
	must(t, err)
}

// deregisterInstances leaves the load balancer without instances, like an Auto
// Scaling group that starts from zero.
func deregisterInstances(t *testing.T, s *scene) {
	var registered []elbtypes.Instance
	for _, id := range s.Instances {
		registered = append(registered, elbtypes.Instance{InstanceId: &id})
	}
	_, err := s.ELB.DeregisterInstancesFromLoadBalancer(t.Context(), &elb.DeregisterInstancesFromLoadBalancerInput{LoadBalancerName: &s.LoadBalancer, Instances: registered})
	must(t, err)
}

// hideNetworkACLs is a policy that does not allow to read network ACLs.
func hideNetworkACLs(_ *testing.T, s *scene) {
	s.unhide = s.Server.Inject(fakeaws.Fault{
		Match: func(c fakeaws.Call) bool { return c.Action == "DescribeNetworkAcls" },
		Kind:  fakeaws.Fail, Code: "UnauthorizedOperation", Message: "You are not authorized to perform this operation.",
	})
}

// TestEveryKindHasAnExample holds the examples to the catalogue, and the
// directories to both: one that is of no kind would never be planned.
func TestEveryKindHasAnExample(t *testing.T) {
	t.Parallel()
	cases := findings(t)
	slugs := map[string]bool{}
	for _, entry := range verify.Catalogue() {
		slugs[entry.Slug] = true
		if _, there := cases[entry.ID]; !there {
			t.Errorf("%s (%s) has no example", entry.ID, entry.Slug)
		}
		delete(cases, entry.ID)
	}
	for id := range cases {
		t.Errorf("%s is not in the catalogue", id)
	}
	found, err := os.ReadDir(root)
	must(t, err)
	for _, file := range found {
		if !file.IsDir() || !slugs[file.Name()] {
			t.Errorf("%s is of no kind of finding: it has to have the name of one", filepath.Join(root, file.Name()))
		}
	}
}
