// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/terraform-clb/terraform-provider-clb/internal/cloud"
	"github.com/terraform-clb/terraform-provider-clb/internal/packet"
	"github.com/terraform-clb/terraform-provider-clb/internal/verify"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// wiringWorld reads the path of a live load balancer and lays the planned rules
// over it.
type wiringWorld struct {
	aws     *cloud.Region
	planned plannedRules

	live  cloud.LoadBalancer
	path  verify.Path
	diags diag.Diagnostics
}

// judge reads the path and judges it. judged is false when the load balancer
// itself cannot be read, or a read fails otherwise than by being denied.
func (w *wiringWorld) judge(ctx context.Context, name, region string, q wiringQuestion, options verify.Options) (answer verify.Answer, judged bool) {
	var err error
	if w.live, err = w.aws.LoadBalancer(ctx, name); err != nil {
		w.addUnreadable(name, region, err)
		return verify.Answer{}, false
	}
	if w.live.VPCID == "" {
		w.diags.AddAttributeError(path.Root("load_balancer_name"), "Unable to judge the load balancer",
			fmt.Sprintf("Load balancer %q is not in a VPC, so there is no security group and no network ACL of its own to judge.", name))
		return verify.Answer{}, false
	}
	w.setLoadBalancer(q.clients)
	for _, read := range []func(context.Context) error{
		w.readVPC, w.readCrossZone,
		func(ctx context.Context) error { return w.readInstances(ctx, q.instanceGroups, q.instanceSubnets) },
		w.readSubnets, w.readACLs, w.readGroups, w.readPrefixLists,
	} {
		if err := read(ctx); err != nil {
			w.addUnreadable(name, region, err)
			return verify.Answer{}, false
		}
	}
	report(&w.diags, "clients", "Invalid clients", wiring.CheckClients(q.clients, []wiring.LoadBalancer{w.path.LoadBalancer}))
	if w.diags.HasError() {
		return verify.Answer{}, false
	}
	if answer, err = w.path.Judge(options); err == nil {
		if err := w.nameRules(ctx, answer); err != nil {
			w.addUnreadable(name, region, err)
			return verify.Answer{}, false
		}
		answer, err = w.path.Judge(options)
	}
	if err != nil {
		w.diags.AddAttributeError(path.Root("load_balancer_name"), "Unable to judge the load balancer", asSentence(err))
	}
	return answer, err == nil && !w.diags.HasError()
}

// unseen makes a denied read a warning and returns the reason for what depends
// on it. Any other failure is returned.
func (w *wiringWorld) unseen(err error, what string) (reason string, failure error) {
	var denied *cloud.DeniedError
	if !errors.As(err, &denied) {
		return "", err
	}
	w.diags.AddAttributeWarning(path.Root("load_balancer_name"), "Wiring read in part",
		fmt.Sprintf("Of load balancer %q, %s cannot be seen. It is judged without, which may leave flows undecided. %s", w.live.Name, what, sentence(err)))
	return denied.Operation + " was denied", nil
}

func (w *wiringWorld) setLoadBalancer(clients []wiring.Clients) {
	w.path.LoadBalancer = asDeclared(w.live)
	w.path.LoadBalancer.Clients = clients
	w.path.ClientsDeclared = len(clients) > 0
	w.path.VPCID = w.live.VPCID
}

func (w *wiringWorld) readVPC(ctx context.Context) error {
	vpcs, err := w.aws.VPCs(ctx, []string{w.live.VPCID})
	if err != nil {
		_, failure := w.unseen(err, "the networks of its VPC")
		return failure
	}
	w.path.VPC = liveNetworks(vpcs[w.live.VPCID].CIDRBlocks...)
	return nil
}

func (w *wiringWorld) readCrossZone(ctx context.Context) error {
	var err error
	if w.path.CrossZone, err = w.aws.CrossZone(ctx, w.live.Name); err != nil {
		w.path.CrossZoneUnseen, err = w.unseen(err, "whether cross-zone load balancing is on")
	}
	return err
}

// readInstances adds the registered instances that exist, and the stated ones.
func (w *wiringWorld) readInstances(ctx context.Context, groups, subnets []string) error {
	found, err := w.aws.Instances(ctx, w.live.Instances)
	if err != nil {
		if _, failure := w.unseen(err, "the security groups and subnets of its instances"); failure != nil {
			return failure
		}
		for _, id := range w.live.Instances {
			w.path.Instances = append(w.path.Instances, verify.Instance{ID: id})
		}
	}
	for _, id := range slices.Sorted(maps.Keys(found)) {
		w.path.Instances = append(w.path.Instances, verify.Instance{ID: id, Groups: found[id].SecurityGroups, Subnet: found[id].SubnetID})
	}
	w.path.Instances = append(w.path.Instances, statedInstances(found, groups, subnets)...)
	for _, instance := range w.path.Instances {
		w.path.LoadBalancer.InstanceSecurityGroups = append(w.path.LoadBalancer.InstanceSecurityGroups, instance.Groups...)
	}
	slices.Sort(w.path.LoadBalancer.InstanceSecurityGroups)
	w.path.LoadBalancer.InstanceSecurityGroups = slices.Compact(w.path.LoadBalancer.InstanceSecurityGroups)
	return nil
}

// statedInstances are those that will run with the stated groups in the stated
// subnets. What is not stated is taken from the registered instances.
func statedInstances(registered map[string]cloud.Instance, groups, subnets []string) []verify.Instance {
	if len(groups) == 0 && len(subnets) == 0 {
		return nil
	}
	carried := [][]string{groups}
	if len(groups) == 0 {
		carried = nil
		for _, id := range slices.Sorted(maps.Keys(registered)) {
			carried = append(carried, registered[id].SecurityGroups)
		}
		slices.SortFunc(carried, slices.Compare)
		carried = slices.CompactFunc(carried, slices.Equal)
	}
	if len(carried) == 0 {
		carried = [][]string{nil}
	}
	if len(subnets) == 0 {
		subnets = subnetsOf(registered)
	}
	if len(subnets) == 0 {
		subnets = []string{""}
	}
	var stated []verify.Instance
	for _, subnet := range subnets {
		for _, groups := range carried {
			stated = append(stated, verify.Instance{Groups: groups, Subnet: subnet})
		}
	}
	return stated
}

// instanceSubnets are the ids of the subnets of all instances.
func (w *wiringWorld) instanceSubnets() []string {
	var ids []string
	for _, instance := range w.path.Instances {
		if instance.Subnet != "" && !slices.Contains(ids, instance.Subnet) {
			ids = append(ids, instance.Subnet)
		}
	}
	return ids
}

func (w *wiringWorld) readSubnets(ctx context.Context) error {
	instances := w.instanceSubnets()
	found, err := w.aws.Subnets(ctx, slices.Concat(w.live.Subnets, instances))
	if err != nil {
		if _, failure := w.unseen(err, "the networks and zones of its subnets and of those of its instances"); failure != nil {
			return failure
		}
	}
	subnet := func(id string) verify.Subnet {
		s := verify.Subnet{ID: id, Zone: found[id].AvailabilityZone}
		for _, cidr := range liveNetworks(found[id].CIDRBlock) {
			s.CIDR = cidr
		}
		return s
	}
	for _, id := range w.live.Subnets {
		w.path.Subnets = append(w.path.Subnets, subnet(id))
	}
	w.path.InstanceSubnets = map[string]verify.Subnet{}
	for _, id := range instances {
		if _, there := found[id]; !there && err == nil {
			w.diags.AddAttributeWarning(path.Root("load_balancer_name"), "Wiring read in part",
				fmt.Sprintf("Subnet %s does not exist in this account and region. It is judged without, which may leave flows undecided. Check instance_subnet_ids.", id))
		}
		w.path.InstanceSubnets[id] = subnet(id)
		// The subnets of an internet-facing load balancer are public ones, and so
		// are the instances in them.
		if !w.live.Internal && slices.Contains(w.live.Subnets, id) {
			w.path.PublicInstanceSubnets = append(w.path.PublicInstanceSubnets, id)
		}
	}
	return nil
}

func (w *wiringWorld) readACLs(ctx context.Context) error {
	w.path.ACLs = map[string]verify.ACL{}
	of, err := w.aws.NetworkACLsOfSubnets(ctx, slices.Concat(w.live.Subnets, w.instanceSubnets()))
	if err != nil {
		if _, failure := w.unseen(err, "the network ACLs of all subnets"); failure != nil {
			return failure
		}
	}
	for i, subnet := range w.path.Subnets {
		w.path.Subnets[i].ACL = of[subnet.ID].ID
	}
	for id, subnet := range w.path.InstanceSubnets {
		subnet.ACL = of[id].ID
		w.path.InstanceSubnets[id] = subnet
	}
	for _, acl := range of {
		var entries []verify.ACLEntry
		for _, entry := range acl.Entries {
			entries = append(entries, verify.ACLEntry{Entry: entry.Entry, Deny: entry.Deny})
		}
		w.path.ACLs[acl.ID] = verify.ACL{ID: acl.ID, VPCID: acl.VPCID, Default: acl.Default, Entries: overACL(entries, w.planned.acls[acl.ID])}
	}
	return nil
}

func (w *wiringWorld) readGroups(ctx context.Context) error {
	w.path.Groups = map[string]verify.Group{}
	ids := slices.Concat(w.live.SecurityGroups, w.path.LoadBalancer.InstanceSecurityGroups)
	found, err := w.aws.SecurityGroups(ctx, ids)
	reason := ""
	if err != nil {
		var failure error
		if reason, failure = w.unseen(err, "the rules of the security groups of both sides"); failure != nil {
			return failure
		}
	}
	for _, id := range ids {
		if _, done := w.path.Groups[id]; done {
			continue
		}
		live, there := found[id]
		group := verify.Group{ID: id, Name: live.Name, VPCID: live.VPCID, Controller: controllerOf(live.Tags), Unseen: reason}
		if !there && reason == "" {
			group.Unseen = "it does not exist in this account and region"
		}
		for _, rule := range live.Rules {
			group.Rules = append(group.Rules, verify.GroupRule{Rule: rule.Rule})
		}
		planned := w.planned.groups[id]
		if slices.ContainsFunc(planned, func(p verify.GroupRule) bool { return p.ID != "" }) && there {
			// Which live rules they replace is told by their ids.
			if err := w.identify(ctx, &group, "so rules of planned_rules count besides the live ones that they replace"); err != nil {
				return err
			}
		}
		group.Rules = overGroup(group.Rules, planned)
		w.path.Groups[id] = group
	}
	return nil
}

// controllerOf is the Kubernetes cluster whose controller owns a group. Source:
// "Amazon EKS security group requirements", Amazon EKS user guide.
func controllerOf(tags map[string]string) string {
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		if cluster, is := strings.CutPrefix(key, "kubernetes.io/cluster/"); is && tags[key] == "owned" {
			return cluster
		}
	}
	return ""
}

// identify gives the rules of a group their ids. Where these cannot be read, a
// warning says so with the consequence.
func (w *wiringWorld) identify(ctx context.Context, group *verify.Group, consequence string) error {
	live, err := w.aws.SecurityGroupRules(ctx, group.ID)
	var denied *cloud.DeniedError
	if errors.As(err, &denied) {
		w.diags.AddAttributeWarning(path.Root("load_balancer_name"), "Wiring read in part",
			fmt.Sprintf("The ids of the rules of security group %s cannot be seen, %s. %s", group.ID, consequence, sentence(err)))
		return nil
	}
	group.Rules = withIDs(group.Rules, live)
	return err
}

// nameRules gives the rules of the groups that findings are about their ids, so
// that messages can name them.
func (w *wiringWorld) nameRules(ctx context.Context, answer verify.Answer) error {
	var asked []string
	for _, finding := range answer.Findings {
		group, is := w.path.Groups[finding.About]
		if !is || slices.Contains(asked, group.ID) || group.Unseen != "" ||
			!slices.ContainsFunc(group.Rules, func(r verify.GroupRule) bool { return r.ID == "" && r.Origin == verify.Unmanaged }) {
			continue
		}
		asked = append(asked, group.ID)
		if err := w.identify(ctx, &group, "so messages describe them only"); err != nil {
			return err
		}
		w.path.Groups[group.ID] = group
	}
	return nil
}

// readPrefixLists fills in the networks of the prefix lists that rules name.
func (w *wiringWorld) readPrefixLists(ctx context.Context) error {
	type list struct {
		networks []netip.Prefix
		unknown  packet.Field
	}
	lists := map[string]list{}
	for _, id := range slices.Sorted(maps.Keys(w.path.Groups)) {
		for i, rule := range w.path.Groups[id].Rules {
			prefixList := rule.Peer.PrefixList
			if prefixList == "" {
				continue
			}
			one, read := lists[prefixList]
			if !read {
				var err error
				if one.networks, err = w.aws.PrefixListNetworks(ctx, prefixList); err != nil {
					one.unknown = packet.NetworksField
				}
				if cloud.IsNotFound(err) {
					err = nil
				}
				if err != nil {
					if _, failure := w.unseen(err, "the networks of prefix list "+prefixList); failure != nil {
						return failure
					}
				}
				lists[prefixList] = one
			}
			w.path.Groups[id].Rules[i].Networks, w.path.Groups[id].Rules[i].Unknown = one.networks, one.unknown
		}
	}
	return nil
}

// liveNetworks are CIDR blocks as AWS tells them; what is none is left out.
func liveNetworks(cidrs ...string) []netip.Prefix {
	var all []netip.Prefix
	for _, text := range cidrs {
		if cidr, err := netip.ParsePrefix(text); err == nil {
			all = append(all, cidr)
		}
	}
	return all
}
