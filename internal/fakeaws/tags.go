// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package fakeaws

import (
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

const (
	maxTags        = 50
	maxTagKey      = 128
	maxTagValue    = 256
	tagSpecParams  = " TagSpecification.#.ResourceType TagSpecification.#.Tag.#.Key TagSpecification.#.Tag.#.Value "
	resourceTagged = " ResourceId.#! Tag.#.Key Tag.#.Value DryRun:bool "
)

type tagXML struct {
	Key   string `xml:"key"`
	Value string `xml:"value"`
}

// tagsXML lists tags in the order of their keys.
func tagsXML(tags map[string]string) []tagXML {
	var out []tagXML
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		out = append(out, tagXML{key, tags[key]})
	}
	return out
}

func tagOperations() map[string]operation {
	return map[string]operation{
		"CreateTags": op((*world).createTags, resourceTagged),
		"DeleteTags": op((*world).deleteTags, resourceTagged),
	}
}

// parseTags reads the members Key and Value of a list of tags.
func parseTags(members []form) (map[string]string, error) {
	out := map[string]string{}
	for _, member := range members {
		key := member.str("Key")
		if _, twice := out[key]; twice {
			return nil, fail("InvalidParameterValue", "Duplicate tag key '%s' specified.", key)
		}
		switch {
		case key == "":
			return nil, fail("InvalidParameterValue", "Tag key cannot be empty.")
		case utf8.RuneCountInString(key) > maxTagKey:
			return nil, fail("InvalidParameterValue", "Tag key exceeds the maximum length of %d characters", maxTagKey)
		case utf8.RuneCountInString(member.str("Value")) > maxTagValue:
			return nil, fail("InvalidParameterValue", "Tag value exceeds the maximum length of %d characters", maxTagValue)
		case strings.HasPrefix(strings.ToLower(key), "aws:"):
			return nil, fail("InvalidParameterValue", "Tag keys starting with 'aws:' are reserved for internal use")
		}
		out[key] = member.str("Value")
	}
	if len(out) > maxTags {
		return nil, fail("TagLimitExceeded", "The maximum number of Tags for a resource has been reached.")
	}
	return out, nil
}

// parseTagSpecification reads the tags for the resource types that an operation
// creates.
func parseTagSpecification(f form, kinds ...string) (map[string]map[string]string, error) {
	out := map[string]map[string]string{}
	for _, specification := range f.structs("TagSpecification") {
		kind := specification.str("ResourceType")
		if !slices.Contains(kinds, kind) {
			return nil, fail("InvalidParameterValue", "'%s' is not a valid taggable resource type for this operation.", kind)
		}
		if out[kind] != nil {
			return nil, fail("InvalidParameterValue", "More than one tag specification for the resource type '%s'.", kind)
		}
		tags, err := parseTags(specification.structs("Tag"))
		if err != nil {
			return nil, err
		}
		if len(tags) == 0 {
			return nil, fail("InvalidParameterValue", "Tag specification must have at least one tag")
		}
		out[kind] = tags
	}
	return out, nil
}

func (w *world) setTags(id string, tags map[string]string) {
	if len(tags) > 0 {
		w.tags[id] = maps.Clone(tags)
	}
}

// taggable finds the resource of an identifier among all EC2 resources.
func (w *world) taggable(id string) error {
	var err error
	prefix, _, _ := strings.Cut(id, "-")
	switch prefix {
	case "vpc":
		_, err = find(w.vpcs, prefix, id)
	case "subnet":
		_, err = find(w.subnets, prefix, id)
	case "sg":
		_, err = find(w.groups, prefix, id)
	case "sgr":
		if w.ruleByID(id) == nil {
			err = missingID(prefix, id)
		}
	case "acl":
		_, err = find(w.acls, prefix, id)
	case "i":
		_, err = find(w.instances, prefix, id)
	case "eni":
		_, err = find(w.interfaces, prefix, id)
	case "pl":
		_, err = find(w.prefixLists, prefix, id)
	case "rtb":
		_, err = find(w.routeTables, prefix, id)
	case "igw":
		_, err = find(w.gateways, prefix, id)
	default:
		err = fail("InvalidID", "The ID '%s' is not valid", id)
	}
	return err
}

func (w *world) createTags(f form) (any, error) {
	added, err := parseTags(f.structs("Tag"))
	if err != nil {
		return nil, err
	}
	if len(added) == 0 {
		return nil, missingParameter(ServiceEC2, "Tag")
	}
	ids := f.list("ResourceId")
	for _, id := range ids {
		if err := w.taggable(id); err != nil {
			return nil, err
		}
		all := maps.Clone(added)
		maps.Copy(all, w.tags[id])
		if len(all) > maxTags {
			return nil, fail("TagLimitExceeded", "The maximum number of Tags for a resource has been reached.")
		}
	}
	for _, id := range ids {
		if w.tags[id] == nil {
			w.tags[id] = map[string]string{}
		}
		maps.Copy(w.tags[id], added)
	}
	return nil, nil
}

// deleteTags removes tags by key, or by key and value when a value is given; a
// tag that is not there is no error. Without tags it removes all of them.
func (w *world) deleteTags(f form) (any, error) {
	ids := f.list("ResourceId")
	for _, id := range ids {
		if err := w.taggable(id); err != nil {
			return nil, err
		}
	}
	wanted := f.structs("Tag")
	for _, tag := range wanted {
		if tag.str("Key") == "" {
			return nil, fail("InvalidParameterValue", "Tag key cannot be empty.")
		}
	}
	for _, id := range ids {
		if len(wanted) == 0 {
			delete(w.tags, id)
		}
		for _, tag := range wanted {
			value, there := w.tags[id][tag.str("Key")]
			if there && (!tag.has("Value") || tag.str("Value") == value) {
				delete(w.tags[id], tag.str("Key"))
			}
		}
		if len(w.tags[id]) == 0 {
			delete(w.tags, id)
		}
	}
	return nil, nil
}
