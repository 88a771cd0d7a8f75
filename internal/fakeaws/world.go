// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package fakeaws

import (
	"fmt"
	"hash/fnv"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// scope names the account and region that a state belongs to.
type scope struct{ account, region string }

// world is the state of one account in one region.
type world struct {
	server *Server
	scope
	caller session

	vpcs          map[string]*vpc
	subnets       map[string]*subnet
	groups        map[string]*securityGroup
	acls          map[string]*networkACL
	instances     map[string]*instance
	interfaces    map[string]*networkInterface
	prefixLists   map[string]*prefixList
	routeTables   map[string]*routeTable
	gateways      map[string]*internetGateway
	loadBalancers map[string]*loadBalancer
	tags          map[string]map[string]string
	pages         map[string]page
	tokens        map[string]idempotent
	// defaultELBGroup is the id of the default_elb_* group, made at most once.
	defaultELBGroup string
}

// world returns the state of a scope and makes an empty one at first use.
func (s *Server) world(at scope) *world {
	if w, ok := s.worlds[at]; ok {
		return w
	}
	w := &world{
		server:        s,
		scope:         at,
		vpcs:          map[string]*vpc{},
		subnets:       map[string]*subnet{},
		groups:        map[string]*securityGroup{},
		acls:          map[string]*networkACL{},
		instances:     map[string]*instance{},
		interfaces:    map[string]*networkInterface{},
		prefixLists:   map[string]*prefixList{},
		routeTables:   map[string]*routeTable{},
		gateways:      map[string]*internetGateway{},
		loadBalancers: map[string]*loadBalancer{},
		tags:          map[string]map[string]string{},
		pages:         map[string]page{},
		tokens:        map[string]idempotent{},
	}
	s.worlds[at] = w
	w.addManagedPrefixLists()
	if s.config.Classic {
		w.addDefaultClassicGroup()
	}
	return w
}

// view returns the state for the Go accessors: the server's own account.
func (s *Server) view(region string) *world {
	return s.world(scope{s.config.AccountID, region})
}

// newID makes an identifier with the shape of a real one: prefix, dash, 17 hex
// digits. Each prefix has its own counter, so that the identifiers of one kind
// do not depend on how many others were made.
func (s *Server) newID(prefix string) string {
	s.counters[prefix]++
	hash := fnv.New64a()
	_, _ = hash.Write([]byte(prefix))
	return fmt.Sprintf("%s-0%016x", prefix, mix(hash.Sum64()+s.counters[prefix]))
}

// mix scatters a counter over 64 bits without collisions (the finaliser of
// splitmix64), so that the order of identifiers is not the order of creation.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

func (w *world) newID(prefix string) string { return w.server.newID(prefix) }

func (w *world) arn(kind, id string) string {
	return fmt.Sprintf("arn:aws:ec2:%s:%s:%s/%s", w.region, w.account, kind, id)
}

// sorted returns the values in the order of their keys: deterministic, and for
// generated identifiers unrelated to the order of creation.
func sorted[T any](all map[string]T) []T {
	out := make([]T, 0, len(all))
	for _, key := range sortedKeys(all) {
		out = append(out, all[key])
	}
	return out
}

func sortedKeys[T any](all map[string]T) []string { return slices.Sorted(maps.Keys(all)) }

// validID accepts both the long and the short form of an identifier.
func validID(prefix, id string) bool {
	digits, ok := strings.CutPrefix(id, prefix+"-")
	return ok && (len(digits) == 8 || len(digits) == 17) && strings.Trim(digits, "0123456789abcdef") == ""
}

// idKind holds how EC2 refuses identifiers of one kind.
type idKind struct {
	prefix, malformed, notFound, text string
}

// idKinds gives the error codes by kind of resource; the spelling differs from
// kind to kind in the EC2 list of error codes.
func idKinds() []idKind {
	return []idKind{
		{"vpc", "InvalidVpcId.Malformed", "InvalidVpcID.NotFound", "The vpc ID '%s' does not exist"},
		{"subnet", "InvalidSubnetId.Malformed", "InvalidSubnetID.NotFound", "The subnet ID '%s' does not exist"},
		{"sg", "InvalidGroupId.Malformed", "InvalidGroup.NotFound", "The security group '%s' does not exist"},
		{"sgr", "InvalidSecurityGroupRuleId.Malformed", "InvalidSecurityGroupRuleId.NotFound", "The security group rule ID '%s' does not exist"},
		{"acl", "InvalidNetworkAclId.Malformed", "InvalidNetworkAclID.NotFound", "The networkAcl ID '%s' does not exist"},
		{"aclassoc", "InvalidAssociationId.Malformed", "InvalidAssociationID.NotFound", "The association ID '%s' does not exist"},
		{"rtbassoc", "InvalidAssociationId.Malformed", "InvalidAssociationID.NotFound", "The association ID '%s' does not exist"},
		{"i", "InvalidInstanceID.Malformed", "InvalidInstanceID.NotFound", "The instance ID '%s' does not exist"},
		{"eni", "InvalidNetworkInterfaceId.Malformed", "InvalidNetworkInterfaceID.NotFound", "The networkInterface ID '%s' does not exist"},
		{"pl", "InvalidPrefixListId.Malformed", "InvalidPrefixListID.NotFound", "The prefix list ID '%s' does not exist"},
		{"rtb", "InvalidRouteTableId.Malformed", "InvalidRouteTableID.NotFound", "The routeTable ID '%s' does not exist"},
		{"igw", "InvalidInternetGatewayId.Malformed", "InvalidInternetGatewayID.NotFound", "The internetGateway ID '%s' does not exist"},
		{"vpc-cidr-assoc", "InvalidVpcCidrBlockAssociationID.Malformed", "InvalidVpcCidrBlockAssociationID.NotFound", "The vpc CIDR block with association ID %s does not exist"},
	}
}

// find looks an identifier of the given kind up, or says with the kind's own
// error codes that it is malformed or missing.
func find[T any](all map[string]T, prefix, id string) (T, error) {
	if found, ok := all[id]; ok {
		return found, nil
	}
	var none T
	return none, missingID(prefix, id)
}

// missingID is the refusal of an identifier of the given kind that does not exist.
func missingID(prefix, id string) error {
	for _, kind := range idKinds() {
		if kind.prefix != prefix {
			continue
		}
		if !validID(prefix, id) {
			return fail(kind.malformed, "Invalid id: \"%s\" (expecting \"%s-...\")", id, prefix)
		}
		return fail(kind.notFound, kind.text, id)
	}
	return fail("InternalError", "unknown kind of identifier %q", prefix)
}

// idempotent is the remembered answer to a request with a client token.
type idempotent struct {
	fingerprint string
	answer      any
}

// once runs the operation, or answers as before when the request repeats the
// client token of an earlier success.
func (w *world) once(q query, f form, run func() (any, error)) (any, error) {
	token := f.str("ClientToken")
	if token == "" {
		return run()
	}
	key := q.action + " " + token
	fingerprint := fingerprintOf(q.params)
	if earlier, ok := w.tokens[key]; ok {
		if earlier.fingerprint != fingerprint {
			return nil, fail("IdempotentParameterMismatch", "The client token %q was used with other parameters.", token)
		}
		return earlier.answer, nil
	}
	answer, err := run()
	if err == nil {
		w.tokens[key] = idempotent{fingerprint, answer}
	}
	return answer, err
}

// fingerprintOf condenses parameters, leaving out what may differ between the
// pages of one listing.
func fingerprintOf(params url.Values, except ...string) string {
	rest := maps.Clone(params)
	for _, name := range except {
		delete(rest, name)
	}
	return rest.Encode()
}
