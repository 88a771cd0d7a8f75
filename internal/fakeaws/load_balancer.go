// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package fakeaws

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

const (
	internetFacing   = "internet-facing"
	internalScheme   = "internal"
	largestELBPage   = 400
	minLBSubnetSize  = 32
	minLBSubnetFree  = 8
	hostedZone       = "Z35SXDOTRQ7X7K"
	maxLBNameLength  = 32
	maxTagsPerLookup = 20
)

// loadBalancer is a Classic Load Balancer. Its nodes are the network interfaces
// by subnet.
type loadBalancer struct {
	name, scheme, vpcID string
	listeners           []Listener
	healthCheck         HealthCheck
	groups              []string
	// zones are those of a load balancer in EC2-Classic.
	zones      []string
	instances  []string
	nodes      map[string]*networkInterface
	attributes attributesXML
	tags       map[string]string
}

func (lb *loadBalancer) subnets() []string { return sortedKeys(lb.nodes) }

func (lb *loadBalancer) dnsName(w *world) string {
	name := fmt.Sprintf("%s-%010d.%s.elb.amazonaws.com", lb.name, mix(uint64(len(lb.name)))%1e10, w.region)
	if lb.scheme == internalScheme {
		return "internal-" + name
	}
	return name
}

const listenerParams = ` Listeners.member.#.Protocol! Listeners.member.#.LoadBalancerPort:int! Listeners.member.#.InstanceProtocol
	Listeners.member.#.InstancePort:int! Listeners.member.#.SSLCertificateId `

func elbOperations() map[string]operation {
	return map[string]operation{
		"CreateLoadBalancer": op((*world).createLoadBalancer, `LoadBalancerName! AvailabilityZones.member.# Subnets.member.#
			SecurityGroups.member.# Scheme Tags.member.#.Key Tags.member.#.Value`+listenerParams),
		"DeleteLoadBalancer":                  op((*world).deleteLoadBalancer, `LoadBalancerName!`),
		"DescribeLoadBalancers":               op((*world).describeLoadBalancers, `LoadBalancerNames.member.# Marker PageSize:int`),
		"ApplySecurityGroupsToLoadBalancer":   op((*world).applyGroups, `LoadBalancerName! SecurityGroups.member.#`),
		"AttachLoadBalancerToSubnets":         op((*world).attachSubnets, `LoadBalancerName! Subnets.member.#!`),
		"DetachLoadBalancerFromSubnets":       op((*world).detachSubnets, `LoadBalancerName! Subnets.member.#!`),
		"CreateLoadBalancerListeners":         op((*world).createListeners, `LoadBalancerName!`+listenerParams),
		"DeleteLoadBalancerListeners":         op((*world).deleteListeners, `LoadBalancerName! LoadBalancerPorts.member.#:int!`),
		"ConfigureHealthCheck":                op((*world).configureHealthCheck, `LoadBalancerName! HealthCheck.Target! HealthCheck.Interval:int! HealthCheck.Timeout:int! HealthCheck.UnhealthyThreshold:int! HealthCheck.HealthyThreshold:int!`),
		"RegisterInstancesWithLoadBalancer":   op((*world).registerInstances, `LoadBalancerName! Instances.member.#.InstanceId!`),
		"DeregisterInstancesFromLoadBalancer": op((*world).deregisterInstances, `LoadBalancerName! Instances.member.#.InstanceId!`),
		"DescribeInstanceHealth":              op((*world).describeHealth, `LoadBalancerName! Instances.member.#.InstanceId`),
		"DescribeLoadBalancerAttributes":      op((*world).describeAttributes, `LoadBalancerName!`),
		"ModifyLoadBalancerAttributes": op((*world).modifyAttributes, `LoadBalancerName!
			LoadBalancerAttributes.CrossZoneLoadBalancing.Enabled:bool LoadBalancerAttributes.AccessLog.Enabled:bool
			LoadBalancerAttributes.AccessLog.S3BucketName LoadBalancerAttributes.AccessLog.EmitInterval:int
			LoadBalancerAttributes.AccessLog.S3BucketPrefix LoadBalancerAttributes.ConnectionDraining.Enabled:bool
			LoadBalancerAttributes.ConnectionDraining.Timeout:int LoadBalancerAttributes.ConnectionSettings.IdleTimeout:int
			LoadBalancerAttributes.AdditionalAttributes.member.#.Key LoadBalancerAttributes.AdditionalAttributes.member.#.Value`),
		"DescribeTags":          op((*world).describeLBTags, `LoadBalancerNames.member.#!`),
		"AddTags":               op((*world).addLBTags, `LoadBalancerNames.member.#! Tags.member.#.Key! Tags.member.#.Value`),
		"RemoveTags":            op((*world).removeLBTags, `LoadBalancerNames.member.#! Tags.member.#.Key!`),
		"DescribeAccountLimits": op((*world).describeAccountLimits, `Marker PageSize:int`),
	}
}

// findLB finds the load balancer of a request.
func (w *world) findLB(name string) (*loadBalancer, error) {
	if lb, ok := w.loadBalancers[name]; ok {
		return lb, nil
	}
	return nil, fail("LoadBalancerNotFound", "There is no ACTIVE Load Balancer named '%s'", name)
}

var lbName = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?$`)

type createLoadBalancerResult struct {
	DNSName string
}

func (w *world) createLoadBalancer(f form) (any, error) {
	name := f.str("LoadBalancerName")
	if len(name) > maxLBNameLength || !lbName.MatchString(name) {
		return nil, invalidELB("LoadBalancerName cannot be longer than %d characters, may contain only letters, digits and hyphens, and must neither begin nor end with a hyphen", maxLBNameLength)
	}
	lb := &loadBalancer{name: name, scheme: internetFacing, nodes: map[string]*networkInterface{}, attributes: defaultAttributes()}
	if f.has("Scheme") {
		lb.scheme = f.str("Scheme")
	}
	if lb.scheme != internetFacing && lb.scheme != internalScheme {
		return nil, fail("InvalidScheme", "The scheme '%s' is not valid.", lb.scheme)
	}
	var err error
	if lb.tags, err = parseLBTags(f.structs("Tags.member")); err != nil {
		return nil, err
	}
	ports := map[string]bool{}
	for _, member := range f.structs("Listeners.member") {
		// The API reference lists no DuplicateListener for this operation.
		if port := member.str("LoadBalancerPort"); ports[port] {
			return nil, fail("InvalidConfigurationRequest", "Each listener must have its own load balancer port: %s is given twice.", port)
		}
		ports[member.str("LoadBalancerPort")] = true
	}
	if lb.listeners, err = w.addListeners(nil, f.structs("Listeners.member")); err != nil {
		return nil, err
	}
	var chosen []*subnet
	if w.server.config.Classic && f.has("AvailabilityZones.member.1") && !f.has("Subnets.member.1") {
		err = w.placeClassic(lb, f)
	} else if chosen, err = w.chooseSubnets(f, lb.scheme); err == nil {
		lb.vpcID = chosen[0].vpcID
	}
	if err != nil {
		return nil, err
	}
	if groups := f.list("SecurityGroups.member"); len(groups) > 0 {
		if err := w.checkLBGroups(lb.vpcID, groups); err != nil {
			return nil, err
		}
		lb.groups = groups
	}
	if there, ok := w.loadBalancers[name]; ok {
		if w.sameLB(there, lb, chosen) {
			return createLoadBalancerResult{there.dnsName(w)}, nil
		}
		return nil, fail("DuplicateLoadBalancerName", "Load Balancer named '%s' already exists and it is configured with different parameters.", name)
	}
	if len(w.loadBalancers) >= w.server.quotas.LoadBalancers {
		return nil, fail("TooManyLoadBalancers", "Exceeded quota of account %s", w.account)
	}
	if len(lb.groups) == 0 && !lb.classic() {
		lb.groups = []string{w.standardGroup(lb).id}
	}
	lb.healthCheck = standardHealthCheck()
	for _, s := range chosen {
		if err := w.addNode(lb, s); err != nil {
			return nil, err
		}
	}
	w.loadBalancers[name] = lb
	return createLoadBalancerResult{lb.dnsName(w)}, nil
}

// sameLB tells whether a request repeats what exists, which is no error.
func (w *world) sameLB(there, asked *loadBalancer, chosen []*subnet) bool {
	subnets := map[string]bool{}
	for _, s := range chosen {
		subnets[s.id] = true
	}
	if len(asked.groups) > 0 && !slices.Equal(slices.Sorted(slices.Values(asked.groups)), slices.Sorted(slices.Values(there.groups))) {
		return false
	}
	return there.scheme == asked.scheme && slices.Equal(there.zones, asked.zones) && slices.Equal(there.listeners, asked.listeners) &&
		slices.Equal(there.subnets(), sortedKeys(subnets))
}

// standardGroup is the group of a load balancer that was created without one:
// the default group of a nondefault VPC; in the default VPC a group that Elastic
// Load Balancing makes once, open for the listeners of the load balancer at
// hand, and uses again for later ones as it is.
func (w *world) standardGroup(lb *loadBalancer) *securityGroup {
	v := w.vpcs[lb.vpcID]
	if !v.isDefault {
		return w.groupByName(v.id, "default")
	}
	if g, ok := w.groups[w.defaultELBGroup]; ok {
		return g
	}
	w.server.counters["default_elb"]++
	id := mix(w.server.counters["default_elb"])
	name := fmt.Sprintf("default_elb_%08x-%04x-3%03x-8%03x-%012x", id>>32, id>>16&0xffff, id&0xfff, id>>12&0xfff, id&0xffffffffffff)
	g := w.addGroup(v, name, "ELB created security group used when no security group is specified during ELB creation - modifications could impact traffic to future ELBs")
	for _, l := range lb.listeners {
		g.rules = append(g.rules, &groupRule{
			id:      w.newID("sgr"),
			ruleKey: ruleKey{protocol: "tcp", from: l.LoadBalancerPort, to: l.LoadBalancerPort, cidr4: "0.0.0.0/0"},
		})
	}
	w.defaultELBGroup = g.id
	return g
}

// deleteLoadBalancer succeeds for a load balancer that does not exist.
func (w *world) deleteLoadBalancer(f form) (any, error) {
	if lb, ok := w.loadBalancers[f.str("LoadBalancerName")]; ok {
		for _, node := range lb.nodes {
			w.dropInterface(node)
		}
		delete(w.loadBalancers, lb.name)
	}
	return nil, nil
}

type loadBalancerXML struct {
	Name              string                   `xml:"LoadBalancerName"`
	DNSName           string                   `xml:"DNSName"`
	HostedZoneName    string                   `xml:"CanonicalHostedZoneName,omitempty"`
	HostedZoneID      string                   `xml:"CanonicalHostedZoneNameID"`
	Listeners         []listenerDescriptionXML `xml:"ListenerDescriptions>member"`
	AvailabilityZones []string                 `xml:"AvailabilityZones>member"`
	Subnets           []string                 `xml:"Subnets>member"`
	VPCID             string                   `xml:"VPCId,omitempty"`
	Instances         []lbInstanceXML          `xml:"Instances>member"`
	HealthCheck       HealthCheck              `xml:"HealthCheck"`
	SourceOwner       string                   `xml:"SourceSecurityGroup>OwnerAlias"`
	SourceGroup       string                   `xml:"SourceSecurityGroup>GroupName"`
	SecurityGroups    []string                 `xml:"SecurityGroups>member"`
	CreatedTime       string                   `xml:"CreatedTime"`
	Scheme            string                   `xml:"Scheme,omitempty"`
}

type listenerDescriptionXML struct {
	Listener Listener `xml:"Listener"`
}

type lbInstanceXML struct {
	ID string `xml:"InstanceId"`
}

func instancesXML(ids []string) []lbInstanceXML {
	var out []lbInstanceXML
	for _, id := range ids {
		out = append(out, lbInstanceXML{id})
	}
	return out
}

func (w *world) loadBalancerXML(lb *loadBalancer) loadBalancerXML {
	out := loadBalancerXML{
		Name: lb.name, DNSName: lb.dnsName(w), HostedZoneID: hostedZone, AvailabilityZones: w.zonesOf(lb), Subnets: lb.subnets(),
		VPCID: lb.vpcID, Instances: instancesXML(lb.instances), HealthCheck: lb.healthCheck, SourceOwner: elbOwner,
		SourceGroup: elbGroupName, SecurityGroups: lb.groups, CreatedTime: epoch,
	}
	if !lb.classic() {
		out.SourceOwner, out.SourceGroup, out.Scheme = w.account, w.groups[lb.groups[0]].name, lb.scheme
	}
	if lb.scheme == internetFacing {
		out.HostedZoneName = out.DNSName
	}
	for _, l := range lb.listeners {
		out.Listeners = append(out.Listeners, listenerDescriptionXML{l})
	}
	return out
}

func (w *world) zonesOf(lb *loadBalancer) []string {
	if lb.classic() {
		return lb.zones
	}
	zones := map[string]bool{}
	for id := range lb.nodes {
		zones[w.subnets[id].zone] = true
	}
	return sortedKeys(zones)
}

type describeLoadBalancersResult struct {
	LoadBalancers []loadBalancerXML `xml:"LoadBalancerDescriptions>member"`
	NextMarker    string            `xml:"NextMarker,omitempty"`
}

func (w *world) describeLoadBalancers(f form) (any, error) {
	size, err := pageSize(f)
	if err != nil {
		return nil, err
	}
	names := f.list("LoadBalancerNames.member")
	for _, name := range names {
		if _, err := w.findLB(name); err != nil {
			return nil, err
		}
	}
	marker := f.str("Marker")
	from := ""
	if marker != "" {
		known, ok := w.pages[marker]
		if !ok || known.action != "DescribeLoadBalancers" || known.fingerprint != fingerprintOf(f.values, "Marker", "PageSize") {
			return nil, invalidELB("The marker '%s' is not valid.", marker)
		}
		from = known.after
	}
	var out describeLoadBalancersResult
	for _, lb := range sorted(w.loadBalancers) {
		if len(names) > 0 && !slices.Contains(names, lb.name) || lb.name <= from {
			continue
		}
		if len(out.LoadBalancers) == size {
			w.server.counters["page"]++
			out.NextMarker = fmt.Sprintf("%016x", mix(w.server.counters["page"]))
			last := out.LoadBalancers[size-1].Name
			w.pages[out.NextMarker] = page{"DescribeLoadBalancers", fingerprintOf(f.values, "Marker", "PageSize"), last}
			break
		}
		out.LoadBalancers = append(out.LoadBalancers, w.loadBalancerXML(lb))
	}
	return out, nil
}

func pageSize(f form) (int, error) {
	if !f.has("PageSize") {
		return largestELBPage, nil
	}
	size := f.num("PageSize")
	if size < 1 || size > largestELBPage {
		return 0, invalidELB("1 validation error detected: Value '%d' at 'pageSize' failed to satisfy constraint: Member must have value between 1 and %d", size, largestELBPage)
	}
	return size, nil
}

type accountLimitXML struct {
	Name, Max string
}

type accountLimitsResult struct {
	Limits []accountLimitXML `xml:"Limits>member"`
}

func (w *world) describeAccountLimits(f form) (any, error) {
	if _, err := pageSize(f); err != nil {
		return nil, err
	}
	if f.has("Marker") {
		return nil, invalidELB("The marker '%s' is not valid.", f.str("Marker"))
	}
	q := w.server.quotas
	return accountLimitsResult{[]accountLimitXML{
		{"classic-load-balancers", formatInt(q.LoadBalancers)},
		{"classic-listeners", formatInt(q.ListenersPerLoadBalancer)},
		{"classic-registered-instances", formatInt(q.InstancesPerLoadBalancer)},
	}}, nil
}

type describeLBTagsResult struct {
	Descriptions []lbTagsXML `xml:"TagDescriptions>member"`
}

type lbTagsXML struct {
	Name string     `xml:"LoadBalancerName"`
	Tags []lbTagXML `xml:"Tags>member"`
}

type lbTagXML struct {
	Key, Value string
}

// parseLBTags reads tags with the limits of Elastic Load Balancing.
func parseLBTags(members []form) (map[string]string, error) {
	out := map[string]string{}
	for _, member := range members {
		if _, twice := out[member.str("Key")]; twice {
			return nil, fail("DuplicateTagKeys", "Tag keys must be unique: '%s'.", member.str("Key"))
		}
		if _, err := parseTags([]form{member}); err != nil {
			return nil, invalidELB("The tag '%s' is not valid: %s", member.str("Key"), strings.TrimPrefix(err.Error(), "InvalidParameterValue: "))
		}
		out[member.str("Key")] = member.str("Value")
	}
	if len(out) > maxTags {
		return nil, fail("TooManyTags", "The quota for the number of tags that can be assigned to a load balancer has been reached.")
	}
	return out, nil
}

func (w *world) namedLBs(f form) ([]*loadBalancer, error) {
	var out []*loadBalancer
	names := f.list("LoadBalancerNames.member")
	if len(names) > maxTagsPerLookup {
		return nil, invalidELB("1 validation error detected: Value at 'loadBalancerNames' failed to satisfy constraint: Member must have length less than or equal to %d", maxTagsPerLookup)
	}
	for _, name := range names {
		lb, err := w.findLB(name)
		if err != nil {
			return nil, err
		}
		out = append(out, lb)
	}
	return out, nil
}

func (w *world) describeLBTags(f form) (any, error) {
	named, err := w.namedLBs(f)
	if err != nil {
		return nil, err
	}
	var out describeLBTagsResult
	for _, lb := range named {
		described := lbTagsXML{Name: lb.name}
		for _, key := range sortedKeys(lb.tags) {
			described.Tags = append(described.Tags, lbTagXML{key, lb.tags[key]})
		}
		out.Descriptions = append(out.Descriptions, described)
	}
	return out, nil
}

func (w *world) addLBTags(f form) (any, error) {
	named, err := w.namedLBs(f)
	if err != nil {
		return nil, err
	}
	added, err := parseLBTags(f.structs("Tags.member"))
	if err != nil {
		return nil, err
	}
	for _, lb := range named {
		all := map[string]bool{}
		for _, key := range append(sortedKeys(lb.tags), sortedKeys(added)...) {
			all[key] = true
		}
		if len(all) > maxTags {
			return nil, fail("TooManyTags", "The quota for the number of tags that can be assigned to a load balancer has been reached.")
		}
	}
	for _, lb := range named {
		for key, value := range added {
			lb.tags[key] = value
		}
	}
	return nil, nil
}

func (w *world) removeLBTags(f form) (any, error) {
	named, err := w.namedLBs(f)
	if err != nil {
		return nil, err
	}
	for _, lb := range named {
		for _, tag := range f.structs("Tags.member") {
			delete(lb.tags, tag.str("Key"))
		}
	}
	return nil, nil
}
