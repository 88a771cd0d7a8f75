// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package fakeaws

import (
	"maps"
	"net/netip"
	"slices"
)

// routeTable is a route table; associations maps association ids to subnets.
type routeTable struct {
	id, vpcID    string
	main         bool
	mainID       string
	associations map[string]string
	routes       []route
}

// route sends a destination to a gateway.
type route struct {
	destination netip.Prefix
	gatewayID   string
}

// internetGateway is an internet gateway; vpcID is empty while it is detached.
type internetGateway struct{ id, vpcID string }

func routeTableOperations() map[string]operation {
	return map[string]operation{
		"CreateRouteTable":         op((*world).createRouteTable, `VpcId! ClientToken DryRun:bool`+tagSpecParams),
		"DeleteRouteTable":         op((*world).deleteRouteTable, `RouteTableId! DryRun:bool`),
		"DescribeRouteTables":      op((*world).describeRouteTables, `RouteTableId.# DryRun:bool`+filterParams+pageParams),
		"CreateRoute":              op((*world).createRoute, `RouteTableId! DestinationCidrBlock! GatewayId! DryRun:bool`),
		"DeleteRoute":              op((*world).deleteRoute, `RouteTableId! DestinationCidrBlock! DryRun:bool`),
		"AssociateRouteTable":      op((*world).associateRouteTable, `RouteTableId! SubnetId! DryRun:bool`),
		"DisassociateRouteTable":   op((*world).disassociateRouteTable, `AssociationId! DryRun:bool`),
		"CreateInternetGateway":    op((*world).createGateway, `DryRun:bool`+tagSpecParams),
		"DeleteInternetGateway":    op((*world).deleteGateway, `InternetGatewayId! DryRun:bool`),
		"AttachInternetGateway":    op((*world).attachGateway, `InternetGatewayId! VpcId! DryRun:bool`),
		"DetachInternetGateway":    op((*world).detachGateway, `InternetGatewayId! VpcId! DryRun:bool`),
		"DescribeInternetGateways": op((*world).describeGateways, `InternetGatewayId.# DryRun:bool`+filterParams+pageParams),
	}
}

type routeTableXML struct {
	RouteTableID string                `xml:"routeTableId"`
	VpcID        string                `xml:"vpcId"`
	OwnerID      string                `xml:"ownerId"`
	Routes       []routeXML            `xml:"routeSet>item"`
	Associations []routeAssociationXML `xml:"associationSet>item"`
	Tags         []tagXML              `xml:"tagSet>item"`
}

type routeXML struct {
	Destination     string `xml:"destinationCidrBlock,omitempty"`
	IPv6Destination string `xml:"destinationIpv6CidrBlock,omitempty"`
	GatewayID       string `xml:"gatewayId"`
	State           string `xml:"state"`
	Origin          string `xml:"origin"`
}

type routeAssociationXML struct {
	ID           string `xml:"routeTableAssociationId"`
	RouteTableID string `xml:"routeTableId"`
	SubnetID     string `xml:"subnetId,omitempty"`
	Main         bool   `xml:"main"`
	State        string `xml:"associationState>state"`
}

func (w *world) routeTableXML(t *routeTable) routeTableXML {
	out := routeTableXML{RouteTableID: t.id, VpcID: t.vpcID, OwnerID: w.account, Tags: tagsXML(w.tags[t.id])}
	for _, b := range w.vpcs[t.vpcID].blocks {
		if !b.associated() {
			continue
		}
		local := routeXML{GatewayID: "local", State: "active", Origin: "CreateRouteTable"}
		if b.cidr.Addr().Is6() {
			local.IPv6Destination = b.cidr.String()
		} else {
			local.Destination = b.cidr.String()
		}
		out.Routes = append(out.Routes, local)
	}
	for _, r := range t.routes {
		state := "active"
		if w.gateways[r.gatewayID] == nil || w.gateways[r.gatewayID].vpcID != t.vpcID {
			state = "blackhole"
		}
		out.Routes = append(out.Routes, routeXML{Destination: r.destination.String(), GatewayID: r.gatewayID, State: state, Origin: "CreateRoute"})
	}
	if t.main {
		out.Associations = append(out.Associations, routeAssociationXML{t.mainID, t.id, "", true, "associated"})
	}
	for _, id := range sortedKeys(t.associations) {
		out.Associations = append(out.Associations, routeAssociationXML{id, t.id, t.associations[id], false, "associated"})
	}
	return out
}

func (w *world) addRouteTable(v *vpc, main bool) *routeTable {
	t := &routeTable{id: w.newID("rtb"), vpcID: v.id, main: main, associations: map[string]string{}}
	if main {
		t.mainID = w.newID("rtbassoc")
	}
	w.routeTables[t.id] = t
	return t
}

func (w *world) mainRouteTable(vpcID string) *routeTable {
	for _, t := range w.routeTables {
		if t.vpcID == vpcID && t.main {
			return t
		}
	}
	return nil
}

type routeTableResult struct {
	RouteTable routeTableXML `xml:"routeTable"`
}

func (w *world) createRouteTable(f form) (any, error) {
	tags, err := parseTagSpecification(f, "route-table")
	if err != nil {
		return nil, err
	}
	v, err := find(w.vpcs, "vpc", f.str("VpcId"))
	if err != nil {
		return nil, err
	}
	t := w.addRouteTable(v, false)
	w.setTags(t.id, tags["route-table"])
	return routeTableResult{w.routeTableXML(t)}, nil
}

func (w *world) deleteRouteTable(f form) (any, error) {
	t, err := find(w.routeTables, "rtb", f.str("RouteTableId"))
	if err != nil {
		return nil, err
	}
	if t.main || len(t.associations) > 0 {
		return nil, fail("DependencyViolation", "The routeTable '%s' has dependencies and cannot be deleted.", t.id)
	}
	delete(w.routeTables, t.id)
	delete(w.tags, t.id)
	return nil, nil
}

func (w *world) createRoute(f form) (any, error) {
	t, err := find(w.routeTables, "rtb", f.str("RouteTableId"))
	if err != nil {
		return nil, err
	}
	destination, err := parseBlock(f.str("DestinationCidrBlock"))
	if err != nil {
		return nil, err
	}
	gateway, err := find(w.gateways, "igw", f.str("GatewayId"))
	if err != nil {
		return nil, err
	}
	if gateway.vpcID != t.vpcID {
		return nil, fail("InvalidParameterValue", "route table %s and network gateway %s belong to different networks", t.id, gateway.id)
	}
	for _, r := range t.routes {
		if r.destination == destination {
			return nil, fail("RouteAlreadyExists", "The route identified by %s already exists.", destination)
		}
	}
	t.routes = append(t.routes, route{destination, gateway.id})
	return nil, nil
}

func (w *world) deleteRoute(f form) (any, error) {
	t, err := find(w.routeTables, "rtb", f.str("RouteTableId"))
	if err != nil {
		return nil, err
	}
	destination, err := parseBlock(f.str("DestinationCidrBlock"))
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(t.routes, func(r route) bool { return r.destination == destination })
	if at < 0 {
		return nil, fail("InvalidRoute.NotFound", "no route with destination-cidr-block %s in route table %s", destination, t.id)
	}
	t.routes = slices.Delete(t.routes, at, at+1)
	return nil, nil
}

type associateRouteTableResult struct {
	ID    string `xml:"associationId"`
	State string `xml:"associationState>state"`
}

func (w *world) associateRouteTable(f form) (any, error) {
	t, err := find(w.routeTables, "rtb", f.str("RouteTableId"))
	if err != nil {
		return nil, err
	}
	s, err := find(w.subnets, "subnet", f.str("SubnetId"))
	if err != nil {
		return nil, err
	}
	if s.vpcID != t.vpcID {
		return nil, fail("InvalidParameterValue", "route table %s and subnet %s belong to different networks", t.id, s.id)
	}
	for _, other := range w.routeTables {
		for id, subnetID := range other.associations {
			if subnetID != s.id {
				continue
			}
			if other != t {
				return nil, fail("Resource.AlreadyAssociated", "the specified association for route table %s conflicts with an existing association", t.id)
			}
			return associateRouteTableResult{id, "associated"}, nil
		}
	}
	id := w.newID("rtbassoc")
	t.associations[id] = s.id
	return associateRouteTableResult{id, "associated"}, nil
}

func (w *world) disassociateRouteTable(f form) (any, error) {
	id := f.str("AssociationId")
	for _, t := range w.routeTables {
		if _, ok := t.associations[id]; ok {
			delete(t.associations, id)
			return nil, nil
		}
	}
	return nil, missingID("rtbassoc", id)
}

type describeRouteTablesResult struct {
	RouteTables []routeTableXML `xml:"routeTableSet>item"`
	NextToken   string          `xml:"nextToken,omitempty"`
}

func (w *world) describeRouteTables(f form) (any, error) {
	l, err := w.listing("DescribeRouteTables", f, routeTablePages())
	if err != nil {
		return nil, err
	}
	association := func(shown func(routeAssociationXML) string) func(*routeTable) []string {
		return func(t *routeTable) []string {
			var out []string
			for _, a := range w.routeTableXML(t).Associations {
				out = append(out, shown(a))
			}
			return out
		}
	}
	routes := func(shown func(routeXML) string) func(*routeTable) []string {
		return func(t *routeTable) []string {
			var out []string
			for _, r := range w.routeTableXML(t).Routes {
				out = append(out, shown(r))
			}
			return out
		}
	}
	filters := filterSet[*routeTable]{
		fields: map[string]func(*routeTable) []string{
			"association.main":                       association(func(a routeAssociationXML) string { return formatBool(a.Main) }),
			"association.route-table-association-id": association(func(a routeAssociationXML) string { return a.ID }),
			"association.route-table-id":             association(func(a routeAssociationXML) string { return a.RouteTableID }),
			"association.subnet-id":                  association(func(a routeAssociationXML) string { return a.SubnetID }),
			"owner-id":                               one(func(*routeTable) string { return w.account }),
			"route-table-id":                         one(func(t *routeTable) string { return t.id }),
			"route.destination-cidr-block":           routes(func(r routeXML) string { return r.Destination }),
			"route.gateway-id":                       routes(func(r routeXML) string { return r.GatewayID }),
			"route.state":                            routes(func(r routeXML) string { return r.State }),
			"vpc-id":                                 one(func(t *routeTable) string { return t.vpcID }),
		},
		tags: func(t *routeTable) map[string]string { return w.tags[t.id] },
	}
	all, err := choose(l, w.routeTables, "rtb", f.list("RouteTableId"), filters, func(*routeTable) *int { return nil })
	if err != nil {
		return nil, err
	}
	found, token := cut(l, all, func(t *routeTable) string { return t.id })
	out := describeRouteTablesResult{NextToken: token}
	for _, t := range found {
		out.RouteTables = append(out.RouteTables, w.routeTableXML(t))
	}
	return out, nil
}

type gatewayXML struct {
	ID          string                 `xml:"internetGatewayId"`
	OwnerID     string                 `xml:"ownerId"`
	Attachments []gatewayAttachmentXML `xml:"attachmentSet>item"`
	Tags        []tagXML               `xml:"tagSet>item"`
}

type gatewayAttachmentXML struct {
	VpcID string `xml:"vpcId"`
	State string `xml:"state"`
}

func (w *world) gatewayXML(g *internetGateway) gatewayXML {
	out := gatewayXML{ID: g.id, OwnerID: w.account, Tags: tagsXML(w.tags[g.id])}
	if g.vpcID != "" {
		out.Attachments = []gatewayAttachmentXML{{g.vpcID, "available"}}
	}
	return out
}

type gatewayResult struct {
	Gateway gatewayXML `xml:"internetGateway"`
}

func (w *world) createGateway(f form) (any, error) {
	tags, err := parseTagSpecification(f, "internet-gateway")
	if err != nil {
		return nil, err
	}
	g := w.addGateway()
	w.setTags(g.id, tags["internet-gateway"])
	return gatewayResult{w.gatewayXML(g)}, nil
}

func (w *world) addGateway() *internetGateway {
	g := &internetGateway{id: w.newID("igw")}
	w.gateways[g.id] = g
	return g
}

// gatewayOf returns the internet gateway of a VPC, or nil.
func (w *world) gatewayOf(vpcID string) *internetGateway {
	for g := range maps.Values(w.gateways) {
		if g.vpcID == vpcID {
			return g
		}
	}
	return nil
}

func (w *world) deleteGateway(f form) (any, error) {
	g, err := find(w.gateways, "igw", f.str("InternetGatewayId"))
	if err != nil {
		return nil, err
	}
	if g.vpcID != "" {
		return nil, fail("DependencyViolation", "The internetGateway '%s' has dependencies and cannot be deleted.", g.id)
	}
	delete(w.gateways, g.id)
	delete(w.tags, g.id)
	return nil, nil
}

func (w *world) attachGateway(f form) (any, error) {
	g, err := find(w.gateways, "igw", f.str("InternetGatewayId"))
	if err != nil {
		return nil, err
	}
	v, err := find(w.vpcs, "vpc", f.str("VpcId"))
	if err != nil {
		return nil, err
	}
	if g.vpcID != "" {
		return nil, fail("Resource.AlreadyAssociated", "resource %s is already attached to network %s", g.id, g.vpcID)
	}
	if w.gatewayOf(v.id) != nil {
		return nil, fail("InvalidParameterValue", "Network %s already has an internet gateway attached", v.id)
	}
	g.vpcID = v.id
	return nil, nil
}

func (w *world) detachGateway(f form) (any, error) {
	g, err := find(w.gateways, "igw", f.str("InternetGatewayId"))
	if err != nil {
		return nil, err
	}
	v, err := find(w.vpcs, "vpc", f.str("VpcId"))
	if err != nil {
		return nil, err
	}
	if g.vpcID != v.id {
		return nil, fail("Gateway.NotAttached", "resource %s is not attached to network %s", g.id, v.id)
	}
	// Nodes of an internet-facing load balancer hold public addresses.
	for _, lb := range w.loadBalancers {
		if lb.vpcID == v.id && lb.scheme == internetFacing {
			return nil, fail("DependencyViolation", "Network %s has some mapped public address(es). Please unmap those public address(es) before detaching the gateway.", v.id)
		}
	}
	g.vpcID = ""
	return nil, nil
}

type describeGatewaysResult struct {
	Gateways  []gatewayXML `xml:"internetGatewaySet>item"`
	NextToken string       `xml:"nextToken,omitempty"`
}

func (w *world) describeGateways(f form) (any, error) {
	l, err := w.listing("DescribeInternetGateways", f, pagesOfThousand())
	if err != nil {
		return nil, err
	}
	filters := filterSet[*internetGateway]{
		fields: map[string]func(*internetGateway) []string{
			"attachment.vpc-id":   one(func(g *internetGateway) string { return g.vpcID }),
			"internet-gateway-id": one(func(g *internetGateway) string { return g.id }),
			"owner-id":            one(func(*internetGateway) string { return w.account }),
		},
		tags: func(g *internetGateway) map[string]string { return w.tags[g.id] },
	}
	all, err := choose(l, w.gateways, "igw", f.list("InternetGatewayId"), filters, func(*internetGateway) *int { return nil })
	if err != nil {
		return nil, err
	}
	found, token := cut(l, all, func(g *internetGateway) string { return g.id })
	out := describeGatewaysResult{NextToken: token}
	for _, g := range found {
		out.Gateways = append(out.Gateways, w.gatewayXML(g))
	}
	return out, nil
}
