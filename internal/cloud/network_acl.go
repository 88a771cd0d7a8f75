// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// NetworkACL reads a network ACL. The error is a [NotFoundError] when it does
// not exist.
func (r *Region) NetworkACL(ctx context.Context, id string) (NetworkACL, error) {
	notFound := &NotFoundError{Kind: "network ACL", ID: id}
	if id == "" {
		// AWS would take no id for all network ACLs.
		return NetworkACL{}, notFound
	}
	live, err := r.reads.acls.look(ctx, []string{id}, r.fresh)
	if err != nil {
		return NetworkACL{}, explain("ec2:DescribeNetworkAcls", "network ACL "+id, err)
	}
	acl, there := live[id]
	if !there {
		return NetworkACL{}, notFound
	}
	return networkACLOf(acl), nil
}

// aclPages asks by ids, of which one that does not exist fails the whole call: then
// the others are looked for in ever smaller calls.
func aclPages(api EC2API) pageOf[types.NetworkAcl] {
	var pages pageOf[types.NetworkAcl]
	pages = func(ctx context.Context, ids []string, next *string, found map[string]types.NetworkAcl) (*string, error) {
		in := &ec2.DescribeNetworkAclsInput{NetworkAclIds: ids, NextToken: next}
		if ids == nil {
			in.MaxResults = aws.Int32(pageSize)
		}
		page, err := api.DescribeNetworkAcls(ctx, in)
		missing := ids != nil && isAnyNotFound(err)
		switch {
		case missing && len(ids) > 1:
			half := len(ids) / 2
			if err := pages.each(ctx, ids[:half], found); err != nil {
				return nil, err
			}
			return nil, pages.each(ctx, ids[half:], found)
		case missing:
			return nil, nil
		case err != nil:
			return nil, err
		}
		for _, acl := range page.NetworkAcls {
			found[idOf(acl.NetworkAclId, ids)] = acl
		}
		return token(page.NextToken), nil
	}
	return pages
}

// NetworkACLsOfSubnets reads the network ACL that guards each subnet, by subnet
// id. For a subnet that nobody associated, AWS lists the default network ACL of
// the VPC. A subnet that does not exist is not in the result.
func (r *Region) NetworkACLsOfSubnets(ctx context.Context, subnetIDs []string) (map[string]NetworkACL, error) {
	live, err := r.reads.aclsOfSubnet.look(ctx, subnetIDs, r.fresh)
	if err != nil {
		return nil, explain("ec2:DescribeNetworkAcls", "", err)
	}
	found := make(map[string]NetworkACL, len(live))
	for subnet, acl := range live {
		found[subnet] = networkACLOf(acl)
	}
	return found, nil
}

func aclPagesOfSubnets(api EC2API) pageOf[types.NetworkAcl] {
	return func(ctx context.Context, ids []string, next *string, found map[string]types.NetworkAcl) (*string, error) {
		page, err := api.DescribeNetworkAcls(ctx, &ec2.DescribeNetworkAclsInput{Filters: filter("association.subnet-id", ids), MaxResults: aws.Int32(pageSize), NextToken: next})
		if err != nil {
			return nil, err
		}
		for _, acl := range page.NetworkAcls {
			for _, association := range acl.Associations {
				found[aws.ToString(association.SubnetId)] = acl
			}
		}
		return token(page.NextToken), nil
	}
}

// isAnyNotFound tells whether AWS answered that an id does not exist, whatever
// it took the id for.
func isAnyNotFound(err error) bool {
	api, answered := apiError(err)
	return answered && strings.HasSuffix(strings.ToLower(api.ErrorCode()), ".notfound")
}

func networkACLOf(a types.NetworkAcl) NetworkACL {
	acl := NetworkACL{
		ID:      aws.ToString(a.NetworkAclId),
		VPCID:   aws.ToString(a.VpcId),
		Default: aws.ToBool(a.IsDefault),
		Tags:    tagMap(a.Tags),
	}
	for _, association := range a.Associations {
		acl.Subnets = append(acl.Subnets, aws.ToString(association.SubnetId))
	}
	acl.Subnets = distinct(acl.Subnets)
	for _, e := range a.Entries {
		if entry := networkACLEntryOf(e); entry.Number <= wiring.HighestRuleNumber {
			acl.Entries = append(acl.Entries, entry)
		}
	}
	slices.SortFunc(acl.Entries, func(a, b NetworkACLEntry) int {
		return cmp.Or(compareDirections(a.Direction, b.Direction), cmp.Compare(a.Number, b.Number))
	})
	return acl
}

func networkACLEntryOf(e types.NetworkAclEntry) NetworkACLEntry {
	entry := NetworkACLEntry{
		Entry: wiring.Entry{Number: int(aws.ToInt32(e.RuleNumber))},
		Deny:  e.RuleAction == types.RuleActionDeny,
	}
	entry.Direction = wiring.Ingress
	if aws.ToBool(e.Egress) {
		entry.Direction = wiring.Egress
	}
	entry.Protocol = protocolNamed(aws.ToString(e.Protocol))
	var from, to *int32
	switch {
	case hasPorts(entry.Protocol) && e.PortRange != nil:
		from, to = e.PortRange.From, e.PortRange.To
	case hasTypes(entry.Protocol) && e.IcmpTypeCode != nil:
		from, to = e.IcmpTypeCode.Type, e.IcmpTypeCode.Code
	}
	entry.From, entry.To = portsOf(entry.Protocol, from, to)
	entry.Peer = wiring.CIDRPeer(parseCIDR(cmp.Or(aws.ToString(e.CidrBlock), aws.ToString(e.Ipv6CidrBlock))))
	return entry
}

// CreateEntry creates an entry of a network ACL. AWS says nothing when an
// identical entry exists already: callers look first. The error is an
// [EntryTakenError] when another entry has the number, and a [NotFoundError]
// when the network ACL does not exist.
func (r *Region) CreateEntry(ctx context.Context, aclID string, e NetworkACLEntry) error {
	w, err := wireEntryOf(e)
	if err != nil {
		return err
	}
	return r.writeEntry(ctx, "ec2:CreateNetworkAclEntry", aclID, e, func(call *attempts) error {
		_, err := r.ec2.CreateNetworkAclEntry(ctx, &ec2.CreateNetworkAclEntryInput{
			NetworkAclId: aws.String(aclID), Egress: aws.Bool(e.Direction == wiring.Egress), RuleNumber: aws.Int32(int32(e.Number)),
			RuleAction: w.action, Protocol: w.protocol, PortRange: w.ports, IcmpTypeCode: w.types,
			CidrBlock: w.cidr, Ipv6CidrBlock: w.ipv6CIDR,
		}, call.ec2)
		return err
	})
}

// ReplaceEntry puts an entry in the place of the entry with its direction
// and number, in one step, or creates it when there is none. The error is a
// [NotFoundError] when the network ACL does not exist.
func (r *Region) ReplaceEntry(ctx context.Context, aclID string, e NetworkACLEntry) error {
	w, err := wireEntryOf(e)
	if err != nil {
		return err
	}
	err = r.writeEntry(ctx, "ec2:ReplaceNetworkAclEntry", aclID, e, func(call *attempts) error {
		_, err := r.ec2.ReplaceNetworkAclEntry(ctx, &ec2.ReplaceNetworkAclEntryInput{
			NetworkAclId: aws.String(aclID), Egress: aws.Bool(e.Direction == wiring.Egress), RuleNumber: aws.Int32(int32(e.Number)),
			RuleAction: w.action, Protocol: w.protocol, PortRange: w.ports, IcmpTypeCode: w.types,
			CidrBlock: w.cidr, Ipv6CidrBlock: w.ipv6CIDR,
		}, call.ec2)
		return err
	})
	if isEntryNotFound(err) {
		return r.CreateEntry(ctx, aclID, e)
	}
	return err
}

// writeEntry sends a call that makes an entry stand, and finds out what became
// of it when its answer was lost.
func (r *Region) writeEntry(ctx context.Context, operation, aclID string, e NetworkACLEntry, send func(*attempts) error) error {
	var call attempts
	err := r.untilVisible(ctx, isACLNotFound, func() error { return send(&call) })
	taken := hasCode(err, "NetworkAclEntryAlreadyExists")
	switch {
	case err == nil:
		return nil
	case isACLNotFound(err):
		return &NotFoundError{Kind: "network ACL", ID: aclID}
	case !taken && !call.lost:
		return explain(operation, entryOf(aclID, e.Direction, e.Number), err)
	}
	failure := explain(operation, entryOf(aclID, e.Direction, e.Number), err)
	live, there, readErr := r.entryAfter(ctx, aclID, e.Direction, e.Number)
	switch {
	case readErr != nil || !there:
		return failure
	case call.lost && live.Same(e):
		// The attempt without an answer has written it.
		return nil
	case taken:
		return &EntryTakenError{ACL: aclID, Entry: live}
	default:
		return failure
	}
}

// DeleteEntry deletes the entry with a direction and number. One that is gone
// already, or whose network ACL is gone, counts as deleted.
func (r *Region) DeleteEntry(ctx context.Context, aclID string, d wiring.Direction, number int) error {
	var call attempts
	_, err := r.ec2.DeleteNetworkAclEntry(ctx, &ec2.DeleteNetworkAclEntryInput{
		NetworkAclId: aws.String(aclID), Egress: aws.Bool(d == wiring.Egress), RuleNumber: aws.Int32(int32(number)),
	}, call.ec2)
	if err == nil || isEntryNotFound(err) || isACLNotFound(err) {
		return nil
	}
	if call.lost {
		if _, there, readErr := r.entryAfter(ctx, aclID, d, number); readErr == nil && !there {
			return nil
		}
	}
	return explain("ec2:DeleteNetworkAclEntry", entryOf(aclID, d, number), err)
}

// entryAfter reads one entry to find out what became of a call; that of a network
// ACL that is gone is not there.
func (r *Region) entryAfter(ctx context.Context, aclID string, d wiring.Direction, number int) (entry NetworkACLEntry, there bool, err error) {
	ctx, end := aftermath(ctx)
	defer end()
	acl, err := r.NetworkACL(ctx, aclID)
	if IsNotFound(err) {
		return NetworkACLEntry{}, false, nil
	}
	i := slices.IndexFunc(acl.Entries, func(e NetworkACLEntry) bool { return e.Direction == d && e.Number == number })
	if i < 0 {
		return NetworkACLEntry{}, false, err
	}
	return acl.Entries[i], true, nil
}

func entryOf(aclID string, d wiring.Direction, number int) string {
	return fmt.Sprintf("%s rule number %d of network ACL %s", d, number, aclID)
}

// wireEntry is what an entry matches, and does, as EC2 takes it.
type wireEntry struct {
	action         types.RuleAction
	protocol       *string
	ports          *types.PortRange
	types          *types.IcmpTypeCode
	cidr, ipv6CIDR *string
}

func wireEntryOf(e NetworkACLEntry) (wireEntry, error) {
	if err := wiring.CheckRuleNumber(e.Number); err != nil {
		return wireEntry{}, fmt.Errorf("the entry %q cannot have rule number %w", e.Key(), err)
	}
	w := wireEntry{action: types.RuleActionAllow, protocol: aws.String(protocolNumber(e.Protocol))}
	if e.Deny {
		w.action = types.RuleActionDeny
	}
	from, to := aws.Int32(int32(e.From)), aws.Int32(int32(e.To))
	switch {
	case hasPorts(e.Protocol):
		w.ports = &types.PortRange{From: from, To: to}
	case hasTypes(e.Protocol):
		w.types = &types.IcmpTypeCode{Type: from, Code: to}
	}
	switch addr := e.Peer.CIDR.Addr(); {
	case addr.Is4():
		w.cidr = aws.String(e.Peer.CIDR.String())
	case addr.Is6():
		w.ipv6CIDR = aws.String(e.Peer.CIDR.String())
	default:
		return wireEntry{}, fmt.Errorf("the entry \"%s %s\" at rule number %d names no network: a network ACL knows neither security groups nor prefix lists", e.Protocol, e.Ports(), e.Number)
	}
	return w, nil
}
