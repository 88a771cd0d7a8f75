// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package verify

import "strings"

// ID is the stable id of a kind of finding, such as "CLB103".
type ID string

// The ids of findings.
const (
	ClientListener       ID = "CLB101"
	InstancePort         ID = "CLB102"
	HealthCheckRefused   ID = "CLB103"
	ClientReply          ID = "CLB104"
	InstanceReply        ID = "CLB105"
	PathMTURefused       ID = "CLB106"
	BroadGroupIn         ID = "CLB201"
	BroadGroupOut        ID = "CLB202"
	BroadInstanceGroup   ID = "CLB203"
	BroadACLIn           ID = "CLB204"
	BroadACLOut          ID = "CLB205"
	ShadowedEntry        ID = "CLB301"
	QuotaNear            ID = "CLB302"
	DefaultGroup         ID = "CLB303"
	OtherVPC             ID = "CLB304"
	SecondOwner          ID = "CLB305"
	NumberTaken          ID = "CLB306"
	NoHealthCheck        ID = "CLB307"
	LoadBalancerDiffers  ID = "CLB308"
	OverridesDeny        ID = "CLB309"
	ZoneWithoutSubnet    ID = "CLB310"
	ControllerGroup      ID = "CLB311"
	VPCCIDRMissing       ID = "CLB312"
	FewerClientsAdmitted ID = "CLB313"
	ValueUnknown         ID = "CLB401"
	NotVisible           ID = "CLB402"
	AcceptanceExpiring   ID = "CLB901"
	AcceptanceExpired    ID = "CLB902"
	AcceptanceUnused     ID = "CLB903"
)

// Entry describes a kind of finding.
type Entry struct {
	ID ID
	// Slug is the name in words, such as "health-check".
	Slug string
	// Title is the constant summary of its diagnostics.
	Title string
	// Analyzer is the explanation code of AWS Reachability Analyzer that is
	// closest, or two with "or" between them; empty if there is none. Source:
	// "Reachability Analyzer explanation codes", Reachability Analyzer guide.
	Analyzer string
}

// Page names the page of the documentation, "finding-clb103-health-check".
func (e Entry) Page() string { return "finding-" + strings.ToLower(string(e.ID)) + "-" + e.Slug }

// groupOrACL is what Reachability Analyzer says when no rule of a security group
// applies, or when a network ACL refuses.
const groupOrACL = "ENI_SG_RULES_MISMATCH or SUBNET_ACL_RESTRICTION"

// Catalogue is every kind of finding, by id.
func Catalogue() []Entry {
	return []Entry{
		{ClientListener, "client-listener", "Clients cannot reach a listener", groupOrACL},
		{InstancePort, "instance-port", "Load balancer cannot reach an instance port", groupOrACL},
		{HealthCheckRefused, "health-check", "Health check cannot reach the instances", groupOrACL},
		{ClientReply, "client-reply", "Replies cannot reach the clients", "SUBNET_ACL_RESTRICTION"},
		{InstanceReply, "instance-reply", "Replies of instances cannot reach the load balancer", "SUBNET_ACL_RESTRICTION"},
		{PathMTURefused, "path-mtu-discovery", "Path MTU Discovery is not possible", groupOrACL},
		{BroadGroupIn, "load-balancer-group-ingress", "Load balancer group admits more than recommended", ""},
		{BroadGroupOut, "load-balancer-group-egress", "Load balancer group lets out more than recommended", ""},
		{BroadInstanceGroup, "instance-group", "Instance group admits more than recommended", ""},
		{BroadACLIn, "network-acl-ingress", "Network ACL admits more than recommended", ""},
		{BroadACLOut, "network-acl-egress", "Network ACL lets out more than recommended", ""},
		{ShadowedEntry, "shadowed-entry", "Network ACL entry can never match", ""},
		{QuotaNear, "quota", "Quota nearly used up", ""},
		{DefaultGroup, "default-security-group", "Load balancer carries a default group", ""},
		{OtherVPC, "other-vpc", "Security group of another VPC", ""},
		{SecondOwner, "second-owner", "Rule has a second owner", ""},
		{NumberTaken, "rule-number-taken", "Rule number taken", ""},
		{NoHealthCheck, "no-health-check", "Health check not declared", ""},
		{LoadBalancerDiffers, "load-balancer-differs", "Live load balancer differs", ""},
		{OverridesDeny, "overrides-deny", "Entry overrides a later deny", ""},
		{ZoneWithoutSubnet, "zone-without-subnet", "Instance in a zone without a load balancer subnet", "ELB_INSTALLED_AZ_RESTRICTION"},
		{ControllerGroup, "controller-group", "Security group owned by a controller", ""},
		{VPCCIDRMissing, "vpc-cidr-missing", "VPC has a network that is not declared", ""},
		{FewerClientsAdmitted, "fewer-clients", "Listener admits fewer clients than recommended", ""},
		{ValueUnknown, "value-unknown", "Undecided until a value is known", ""},
		{NotVisible, "not-visible", "Undecided because something cannot be seen", "UNKNOWN_RESOURCE"},
		{AcceptanceExpiring, "acceptance-expiring", "Acceptance expires soon", ""},
		{AcceptanceExpired, "acceptance-expired", "Acceptance has expired", ""},
		{AcceptanceUnused, "acceptance-unused", "Acceptance is not used", ""},
	}
}

// Entry looks a kind of finding up.
func (id ID) Entry() Entry {
	for _, entry := range Catalogue() {
		if entry.ID == id {
			return entry
		}
	}
	return Entry{ID: id, Title: string(id)}
}

// Summary is the constant summary of the diagnostics of this kind:
// "Health check cannot reach the instances (CLB103)".
func (id ID) Summary() string { return id.Entry().Title + " (" + string(id) + ")" }

// ParseID reads an id or a slug; letter case does not matter.
func ParseID(text string) (ID, bool) {
	for _, entry := range Catalogue() {
		if strings.EqualFold(text, string(entry.ID)) || strings.EqualFold(text, entry.Slug) {
			return entry.ID, true
		}
	}
	return "", false
}

func (id ID) broader() bool { return strings.HasPrefix(string(id), "CLB2") }

// refuted tells whether findings of this kind are about flows that are refused.
func (id ID) refuted() bool { return strings.HasPrefix(string(id), "CLB1") }

// undecided tells whether findings of this kind say that something cannot be told.
func (id ID) undecided() bool { return strings.HasPrefix(string(id), "CLB4") }
