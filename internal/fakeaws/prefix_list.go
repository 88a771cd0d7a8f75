// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package fakeaws

import (
	"fmt"
	"hash/fnv"
	"net/netip"
	"slices"
	"strings"
)

// prefixList is a managed prefix list. A list that AWS manages has a weight
// instead of a maximum of entries and a version.
type prefixList struct {
	id, name, family string
	maxEntries       int
	version          int
	// versions holds the entries of every version, by version number.
	versions map[int][]prefixEntry
	weight   int
}

type prefixEntry struct {
	CIDR        string `xml:"cidr"`
	Description string `xml:"description,omitempty"`
}

func (p *prefixList) byAWS() bool { return p.weight > 0 }

// addManagedPrefixLists adds two of the lists that AWS manages in each region,
// with the weights of the Amazon VPC guide: S3 counts as 1 rule, CloudFront as 55.
func (w *world) addManagedPrefixLists() {
	for _, p := range []*prefixList{
		{name: "com.amazonaws." + w.region + ".s3", weight: 1, versions: map[int][]prefixEntry{0: {{CIDR: "198.51.100.0/24"}}}},
		{name: "com.amazonaws.global.cloudfront.origin-facing", weight: 55, versions: map[int][]prefixEntry{0: {{CIDR: "203.0.113.0/25"}, {CIDR: "203.0.113.128/25"}}}},
	} {
		// Lists of AWS have short identifiers that are the same in every account.
		hash := fnv.New32a()
		_, _ = hash.Write([]byte(w.region + p.name))
		p.id, p.family = fmt.Sprintf("pl-%08x", hash.Sum32()), "IPv4"
		w.prefixLists[p.id] = p
	}
}

func prefixListOperations() map[string]operation {
	return map[string]operation{
		"CreateManagedPrefixList": op((*world).createPrefixList, `PrefixListName! MaxEntries:int! AddressFamily! Entry.#.Cidr Entry.#.Description
			ClientToken DryRun:bool`+tagSpecParams),
		"ModifyManagedPrefixList": op((*world).modifyPrefixList, `PrefixListId! CurrentVersion:int PrefixListName MaxEntries:int
			AddEntry.#.Cidr AddEntry.#.Description RemoveEntry.#.Cidr DryRun:bool`),
		"DeleteManagedPrefixList":     op((*world).deletePrefixList, `PrefixListId! DryRun:bool`),
		"DescribeManagedPrefixLists":  op((*world).describePrefixLists, `PrefixListId.# DryRun:bool`+filterParams+pageParams),
		"GetManagedPrefixListEntries": op((*world).getPrefixListEntries, `PrefixListId! TargetVersion:int DryRun:bool`+pageParams),
	}
}

type prefixListXML struct {
	ID            string   `xml:"prefixListId"`
	Arn           string   `xml:"prefixListArn"`
	Name          string   `xml:"prefixListName"`
	AddressFamily string   `xml:"addressFamily"`
	State         string   `xml:"state"`
	MaxEntries    *int     `xml:"maxEntries"`
	Version       *int     `xml:"version"`
	OwnerID       string   `xml:"ownerId"`
	Tags          []tagXML `xml:"tagSet>item"`
}

func (w *world) prefixListXML(p *prefixList, state string) prefixListXML {
	out := prefixListXML{
		ID: p.id, Arn: w.arn("prefix-list", p.id), Name: p.name, AddressFamily: p.family, State: state,
		OwnerID: w.account, Tags: tagsXML(w.tags[p.id]),
	}
	if p.byAWS() {
		out.OwnerID, out.Arn = "AWS", "arn:aws:ec2:"+w.region+":aws:prefix-list/"+p.id
		return out
	}
	maxEntries, version := p.maxEntries, p.version
	out.MaxEntries, out.Version = &maxEntries, &version
	return out
}

type prefixListResult struct {
	PrefixList prefixListXML `xml:"prefixList"`
}

func parsePrefixEntries(family string, members []form) ([]prefixEntry, error) {
	var out []prefixEntry
	for _, member := range members {
		prefix, err := netip.ParsePrefix(member.str("Cidr"))
		if err != nil || prefix.Addr().Is6() != (family == "IPv6") || prefix != prefix.Masked() {
			return nil, fail("InvalidParameterValue", "The CIDR '%s' is not a valid %s CIDR block.", member.str("Cidr"), family)
		}
		if slices.ContainsFunc(out, func(e prefixEntry) bool { return e.CIDR == prefix.String() }) {
			return nil, fail("InvalidParameterValue", "The CIDR '%s' is given more than once.", prefix)
		}
		out = append(out, prefixEntry{prefix.String(), member.str("Description")})
	}
	return out, nil
}

func (w *world) createPrefixList(f form) (any, error) {
	tags, err := parseTagSpecification(f, "prefix-list")
	if err != nil {
		return nil, err
	}
	family := f.str("AddressFamily")
	switch {
	case family != "IPv4" && family != "IPv6":
		return nil, fail("InvalidParameterValue", "Value (%s) for parameter AddressFamily is invalid. Expecting IPv4 or IPv6.", family)
	case strings.HasPrefix(f.str("PrefixListName"), "com.amazonaws"):
		return nil, fail("InvalidParameterValue", "The prefix list name cannot start with com.amazonaws.")
	case f.num("MaxEntries") < 1 || f.num("MaxEntries") > 1000:
		return nil, fail("InvalidParameterValue", "Value (%d) for parameter MaxEntries is invalid.", f.num("MaxEntries"))
	}
	entries, err := parsePrefixEntries(family, f.structs("Entry"))
	if err != nil {
		return nil, err
	}
	if len(entries) > f.num("MaxEntries") {
		return nil, fail("PrefixListMaxEntriesExceeded", "The number of entries exceeds the maximum of %d.", f.num("MaxEntries"))
	}
	p := &prefixList{
		id: w.newID("pl"), name: f.str("PrefixListName"), family: family, maxEntries: f.num("MaxEntries"), version: 1,
		versions: map[int][]prefixEntry{1: entries},
	}
	w.prefixLists[p.id] = p
	w.setTags(p.id, tags["prefix-list"])
	return prefixListResult{w.prefixListXML(p, "create-in-progress")}, nil
}

// ownPrefixList finds a list that the account may change.
func (w *world) ownPrefixList(id string) (*prefixList, error) {
	p, err := find(w.prefixLists, "pl", id)
	if err == nil && p.byAWS() {
		return nil, fail("OperationNotPermitted", "The prefix list '%s' is managed by AWS.", id)
	}
	return p, err
}

func (w *world) modifyPrefixList(f form) (any, error) {
	p, err := w.ownPrefixList(f.str("PrefixListId"))
	if err != nil {
		return nil, err
	}
	added, err := parsePrefixEntries(p.family, f.structs("AddEntry"))
	if err != nil {
		return nil, err
	}
	removed, err := parsePrefixEntries(p.family, f.structs("RemoveEntry"))
	if err != nil {
		return nil, err
	}
	changed := len(added)+len(removed) > 0
	switch {
	case changed && !f.has("CurrentVersion"):
		return nil, missingParameter(ServiceEC2, "CurrentVersion")
	case changed && f.has("MaxEntries"):
		return nil, fail("InvalidParameterCombination", "The parameter maxEntries cannot be used with changes of entries")
	case f.has("CurrentVersion") && f.num("CurrentVersion") != p.version:
		return nil, fail("PrefixListVersionMismatch", "The prefix list has the version %d.", p.version)
	}
	entries := slices.Clone(p.versions[p.version])
	for _, r := range removed {
		at := slices.IndexFunc(entries, func(e prefixEntry) bool { return e.CIDR == r.CIDR })
		if at < 0 {
			return nil, fail("InvalidPrefixListEntry.NotFound", "The prefix list has no entry %s.", r.CIDR)
		}
		entries = slices.Delete(entries, at, at+1)
	}
	for _, a := range added {
		// Adding a CIDR that is there changes its description.
		entries = slices.DeleteFunc(entries, func(e prefixEntry) bool { return e.CIDR == a.CIDR })
		entries = append(entries, a)
	}
	size := p.maxEntries
	if f.has("MaxEntries") {
		size = f.num("MaxEntries")
	}
	if len(entries) > size {
		return nil, fail("PrefixListMaxEntriesExceeded", "The number of entries exceeds the maximum of %d.", size)
	}
	if err := w.resizePrefixList(p, size); err != nil {
		return nil, err
	}
	if f.has("PrefixListName") {
		p.name = f.str("PrefixListName")
	}
	if changed {
		p.version++
		p.versions[p.version] = entries
	}
	return prefixListResult{w.prefixListXML(p, "modify-in-progress")}, nil
}

// resizePrefixList refuses a size that a group which uses the list has no room
// for, as the Amazon VPC guide describes it.
func (w *world) resizePrefixList(p *prefixList, size int) error {
	before := p.maxEntries
	p.maxEntries = size
	for _, g := range w.groups {
		for _, egress := range []bool{false, true} {
			uses := slices.ContainsFunc(g.keys(egress), func(k ruleKey) bool { return k.prefixList == p.id })
			if err := w.checkRuleQuota(g, g.keys(egress)); uses && err != nil {
				p.maxEntries = before
				return err
			}
		}
	}
	return nil
}

func (w *world) deletePrefixList(f form) (any, error) {
	p, err := w.ownPrefixList(f.str("PrefixListId"))
	if err != nil {
		return nil, err
	}
	for _, g := range w.groups {
		for _, r := range g.rules {
			if r.prefixList == p.id {
				return nil, fail("DependencyViolation", "The prefix list '%s' has dependencies and cannot be deleted.", p.id)
			}
		}
	}
	out := w.prefixListXML(p, "delete-in-progress")
	delete(w.prefixLists, p.id)
	delete(w.tags, p.id)
	return prefixListResult{out}, nil
}

type describePrefixListsResult struct {
	PrefixLists []prefixListXML `xml:"prefixListSet>item"`
	NextToken   string          `xml:"nextToken,omitempty"`
}

func (w *world) describePrefixLists(f form) (any, error) {
	l, err := w.listing("DescribeManagedPrefixLists", f, prefixListPages())
	if err != nil {
		return nil, err
	}
	filters := filterSet[*prefixList]{fields: map[string]func(*prefixList) []string{
		"owner-id":         one(func(p *prefixList) string { return w.prefixListXML(p, "").OwnerID }),
		"prefix-list-id":   one(func(p *prefixList) string { return p.id }),
		"prefix-list-name": one(func(p *prefixList) string { return p.name }),
	}}
	all, err := choose(l, w.prefixLists, "pl", f.list("PrefixListId"), filters, func(*prefixList) *int { return nil })
	if err != nil {
		return nil, err
	}
	found, token := cut(l, all, func(p *prefixList) string { return p.id })
	out := describePrefixListsResult{NextToken: token}
	for _, p := range found {
		out.PrefixLists = append(out.PrefixLists, w.prefixListXML(p, "create-complete"))
	}
	return out, nil
}

type prefixListEntriesResult struct {
	Entries   []prefixEntry `xml:"entrySet>item"`
	NextToken string        `xml:"nextToken,omitempty"`
}

func (w *world) getPrefixListEntries(f form) (any, error) {
	l, err := w.listing("GetManagedPrefixListEntries", f, prefixListPages())
	if err != nil {
		return nil, err
	}
	p, err := find(w.prefixLists, "pl", f.str("PrefixListId"))
	if err != nil {
		return nil, err
	}
	version := p.version
	if f.has("TargetVersion") {
		version = f.num("TargetVersion")
	}
	entries, ok := p.versions[version]
	if !ok {
		return nil, fail("InvalidParameterValue", "The prefix list '%s' has no version %d.", p.id, version)
	}
	byCIDR := map[string]prefixEntry{}
	for _, e := range entries {
		byCIDR[e.CIDR] = e
	}
	found, token := cut(l, sorted(byCIDR), func(e prefixEntry) string { return e.CIDR })
	return prefixListEntriesResult{found, token}, nil
}
