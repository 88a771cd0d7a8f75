// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package acceptance

const (
	ec2API = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/"
	elbAPI = "https://docs.aws.amazon.com/elasticloadbalancing/2012-06-01/APIReference/"
	vpc    = "https://docs.aws.amazon.com/vpc/latest/userguide/"
)

// tolerated are the differences between the double and moto, by trial. In all of
// them the double does what the document says, or what is harder for a client
// where no document says anything, which the reason then admits.
func tolerated() map[string]answers {
	return map[string]answers{
		"authorize several permissions": {
			double: `ok | lb_group in tcp 8080 from 10.0.0.0/8 "" Name=tagged; lb_group in tcp 8081 from 10.0.0.0/8 "" Name=tagged | + lb_group in tcp 8080 from 10.0.0.0/8 | + lb_group in tcp 8081 from 10.0.0.0/8`,
			moto:   `ok | lb_group in tcp 8081 from 10.0.0.0/8 "" Name=tagged | + lb_group in tcp 8080 from 10.0.0.0/8 | + lb_group in tcp 8081 from 10.0.0.0/8`,
			why:    "the answer holds the rules that were added; moto gives those of the last permission",
			source: ec2API + "API_AuthorizeSecurityGroupIngress.html",
		},
		"authorize a group": {
			double: `ok | instance_group in tcp 8080 from lb_group "described" Name=tagged | + instance_group in tcp 8080 from lb_group`,
			moto:   `ok | instance_group in tcp 8080 from lb_group "" Name=tagged | + instance_group in tcp 8080 from lb_group`,
			why:    "a rule has its description; moto loses that of a reference to a group",
			source: ec2API + "API_SecurityGroupRule.html",
		},
		"authorize one that exists and one that does not": {
			double: "InvalidPermission.Duplicate",
			moto:   "InvalidPermission.Duplicate | + lb_group in tcp 9000 from 0.0.0.0/0",
			why:    "an error means that the request was not carried out; moto keeps what came before the duplicate",
			source: ec2API + "errors-overview.html",
		},
		"authorize a rule twice in one call": {
			double: "InvalidParameterValue",
			moto:   "InvalidPermission.Duplicate | + lb_group in tcp 9001 from 0.0.0.0/0",
			why:    "a value of a parameter is not valid; Duplicate is for rules that the group has already",
			source: ec2API + "errors-overview.html",
		},
		"authorize a network with host bits": {
			double: `ok | lb_group in tcp 9002 from 10.1.0.0/16 "" Name=tagged | + lb_group in tcp 9002 from 10.1.0.0/16`,
			moto:   `ok | lb_group in tcp 9002 from 10.1.2.3/16 "" Name=tagged | + lb_group in tcp 9002 from 10.1.2.3/16`,
			why:    "AWS brings networks into their canonical form; moto keeps them as they were sent",
			source: ec2API + "API_IpRange.html",
		},
		"authorize ports in the wrong order": {
			double: "InvalidParameterValue",
			moto:   `ok | lb_group in tcp 9005-9004 from 10.0.0.0/8 "" Name=tagged | + lb_group in tcp 9005-9004 from 10.0.0.0/8`,
			why:    "FromPort is the start and ToPort the end of the range",
			source: ec2API + "API_IpPermission.html",
		},
		"authorize port 70000": {
			double: "InvalidPermission.Malformed",
			moto:   `ok | lb_group in tcp 70000 from 10.0.0.0/8 "" Name=tagged | + lb_group in tcp 70000 from 10.0.0.0/8`,
			why:    "the rule is not well-formed: a TCP port has 16 bits",
			source: ec2API + "errors-overview.html",
		},
		"authorize without a source": {
			double: "MissingParameter",
			moto:   "ok",
			why:    "a rule names a source",
			source: ec2API + "API_AuthorizeSecurityGroupIngress.html",
		},
		"describe rules": {
			double: `ok | instance_group in icmp 3/4 from 10.0.0.0/8 "" Name=tagged; instance_group in tcp 8080 from lb_group "described" Name=tagged`,
			moto:   `ok | instance_group in icmp 3/4 from 10.0.0.0/8 "" Name=tagged; instance_group in tcp 8080 from lb_group "" Name=tagged`,
			why:    "a rule has its description; moto loses that of a reference to a group",
			source: ec2API + "API_SecurityGroupRule.html",
		},
		"describe rules with a token that AWS never gave": {
			double: "InvalidNextToken",
			moto:   "ok",
			why:    "the token comes from the answer before; moto ignores it",
			source: ec2API + "API_DescribeSecurityGroupRules.html",
		},
		"describe rules by pages": {
			double: "ok | full page true, more true",
			moto:   "ok | full page false, more false",
			why:    "MaxResults bounds the answer; moto ignores it",
			source: ec2API + "API_DescribeSecurityGroupRules.html",
		},
		"describe a malformed group": {
			double: "InvalidGroupId.Malformed",
			moto:   "InvalidGroup.NotFound",
			why:    "an id without the form of one is malformed",
			source: ec2API + "errors-overview.html",
		},
		"revoke an id that does not exist": {
			double: "InvalidSecurityGroupRuleId.NotFound",
			moto:   "InvalidPermission.NotFound",
			why:    "the error list has a code for the id of a rule that does not exist",
			source: ec2API + "errors-overview.html",
		},
		"delete a group that another one names": {
			double: "DependencyViolation | + instance_group in tcp 9 from spare_group",
			moto:   "ok | + instance_group in tcp 9 from spare_group",
			why:    "a group that another group of the VPC references cannot be deleted",
			source: ec2API + "API_DeleteSecurityGroup.html",
		},
		"create an identical entry": {
			double: "ok",
			moto:   "NetworkAclEntryAlreadyExists",
			why:    "no document says which; a client that looks before it writes is right with both, so the double takes the one that goes unnoticed",
			source: ec2API + "API_CreateNetworkAclEntry.html",
		},
		"create an ICMP entry": {
			double: "ok | + lb_acl in 110 allow icmp 3/4 from 0.0.0.0/0",
			moto:   "ok | + lb_acl in 110 allow icmp all from 0.0.0.0/0",
			why:    "an ICMP entry has its type and code; moto loses them",
			source: ec2API + "API_NetworkAclEntry.html",
		},
		"create an entry with host bits": {
			double: "ok | + lb_acl in 120 allow tcp 80 from 10.1.0.0/16",
			moto:   "ok | + lb_acl in 120 allow tcp 80 from 10.1.2.3/16",
			why:    "AWS brings networks into their canonical form; moto keeps them as they were sent",
			source: ec2API + "API_CreateNetworkAclEntry.html",
		},
		"create an entry with number 0": {
			double: "InvalidParameterValue",
			moto:   "ok | + lb_acl in 0 allow tcp 80 from 10.0.0.0/16",
			why:    "rule numbers go from 1 to 32766",
			source: ec2API + "API_CreateNetworkAclEntry.html",
		},
		"create an entry with number 32767": {
			double: "InvalidParameterValue",
			moto:   "ok",
			why:    "rule numbers go from 1 to 32766",
			source: ec2API + "API_CreateNetworkAclEntry.html",
		},
		"create an entry with ports in the wrong order": {
			double: "InvalidParameterValue",
			moto:   "ok | + lb_acl in 130 allow tcp 81-80 from 10.0.0.0/16",
			why:    "From is the first port of the range and To the last",
			source: ec2API + "API_PortRange.html",
		},
		"replace an entry that does not exist": {
			double: "InvalidNetworkAclEntry.NotFound",
			moto:   "no error code",
			why:    "the error list has a code for an entry that does not exist; moto answers 500",
			source: ec2API + "errors-overview.html",
		},
		"delete an entry that does not exist": {
			double: "InvalidNetworkAclEntry.NotFound",
			moto:   "no error code",
			why:    "the error list has a code for an entry that does not exist; moto answers 500",
			source: ec2API + "errors-overview.html",
		},
		"describe a network ACL that does not exist": {
			double: "InvalidNetworkAclID.NotFound",
			moto:   "InvalidRouteTableID.NotFound",
			why:    "the error list has a code for a network ACL that does not exist",
			source: ec2API + "errors-overview.html",
		},
		"describe the deny entries that AWS keeps": {
			double: "ok | 2 entries",
			moto:   "ok | 0 entries",
			why:    "each network ACL has an entry in each direction whose number is an asterisk, and which cannot be removed",
			source: vpc + "nacl-rules.html",
		},
		"create more entries than the quota": {
			double: "NetworkAclEntryLimitExceeded | 19 fit",
			moto:   "ok | 21 fit",
			why:    "20 entries for each direction; whether AWS's own counts is not said any more, so the double counts it",
			source: vpc + "amazon-vpc-limits.html",
		},
		"carry a group that does not exist": {
			double: "InvalidSecurityGroup",
			moto:   "ValidationError",
			why:    "the operation has an error for a group that does not exist",
			source: elbAPI + "API_ApplySecurityGroupsToLoadBalancer.html",
		},
		"carry a group of another VPC": {
			double: "InvalidConfigurationRequest",
			moto:   "ok | 1 groups",
			why:    "the groups belong to the VPC of the load balancer",
			source: elbAPI + "API_ApplySecurityGroupsToLoadBalancer.html",
		},
		"carry no group": {
			double: "ValidationError",
			moto:   "ok | 0 groups",
			why:    "the list of groups is required",
			source: elbAPI + "API_ApplySecurityGroupsToLoadBalancer.html",
		},
		"carry groups on a load balancer that does not exist": {
			double: "LoadBalancerNotFound",
			moto:   "no error code",
			why:    "the operation has an error for a load balancer that does not exist; moto answers 500",
			source: elbAPI + "API_ApplySecurityGroupsToLoadBalancer.html",
		},
		"check with HTTP without a path": {
			double: "ValidationError",
			moto:   "ok | HTTP:8080",
			why:    "the target of HTTP and HTTPS includes a ping path",
			source: elbAPI + "API_HealthCheck.html",
		},
	}
}
