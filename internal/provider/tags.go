// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-clb/terraform-provider-clb/internal/cloud"
)

func tagsAttribute() schema.MapAttribute {
	return schema.MapAttribute{
		ElementType:         types.StringType,
		Optional:            true,
		MarkdownDescription: "Tags of the security group rules that this resource creates. They are sent with the rule, so that tag policies hold from the start. A tag with the key of a `default_tags` tag of the provider replaces it.",
	}
}

func tagsAllAttribute() schema.MapAttribute {
	return schema.MapAttribute{
		ElementType:         types.StringType,
		Computed:            true,
		MarkdownDescription: "All tags of the rules: `tags` and the provider's `default_tags`.",
	}
}

// The limits of a tag. Source: "Tag your Amazon EC2 resources", Amazon EC2 user guide.
const (
	longestTagKey   = 128
	longestTagValue = 256
)

// checkTags refuses tags that EC2 would refuse.
func checkTags(tags types.Map) diag.Diagnostics {
	var diags diag.Diagnostics
	bad := func(format string, args ...any) {
		diags.AddAttributeError(path.Root("tags"), "Invalid tag", fmt.Sprintf(format, args...))
	}
	for _, key := range slices.Sorted(maps.Keys(tags.Elements())) {
		value, _ := tags.Elements()[key].(types.String)
		switch {
		case key == "":
			bad("A tag has an empty key. Remove it, or give it a key of 1 to %d characters.", longestTagKey)
		case strings.HasPrefix(strings.ToLower(key), "aws:"):
			bad("The tag key %q starts with \"aws:\", which AWS keeps for itself. Choose another key.", key)
		case len([]rune(key)) > longestTagKey:
			bad("The tag key %q has %d characters: AWS takes at most %d.", key, len([]rune(key)), longestTagKey)
		case value.IsNull():
			bad("The tag %q is null. Leave it out, or set it to \"\".", key)
		case len([]rune(value.ValueString())) > longestTagValue:
			bad("The value of the tag %q has %d characters: AWS takes at most %d.", key, len([]rune(value.ValueString())), longestTagValue)
		}
	}
	return diags
}

// allTags are the tags of the configuration over the provider's default tags;
// unknown while a value of either is unknown.
func (d *providerData) allTags(ctx context.Context, tags types.Map) (types.Map, diag.Diagnostics) {
	if tags.IsUnknown() || d == nil || d.defaultTagsUnknown {
		return types.MapUnknown(types.StringType), nil
	}
	all := maps.Clone(d.defaultTags)
	for key, element := range tags.Elements() {
		value, _ := element.(types.String)
		if value.IsUnknown() {
			return types.MapUnknown(types.StringType), nil
		}
		all[key] = value.ValueString()
	}
	return types.MapValueFrom(ctx, types.StringType, all)
}

// seenTags are the tags of owned rules as they stand in AWS, without those that
// are AWS's own or ignored. While all rules have the tags of the state, those
// are returned; otherwise the tags of the first rule that differs, so that the
// plan shows the drift.
func (d *providerData) seenTags(owned cloud.GroupRules, live []cloud.SecurityGroupRule, state map[string]string) map[string]string {
	for _, tags := range d.tagsOfEach(owned, live) {
		if !maps.Equal(tags, state) {
			return tags
		}
	}
	return state
}

// commonTags are the tags that all owned rules have, without those that are AWS's own
// or ignored.
func (d *providerData) commonTags(owned cloud.GroupRules, live []cloud.SecurityGroupRule) map[string]string {
	var common map[string]string
	for i, tags := range d.tagsOfEach(owned, live) {
		if i == 0 {
			common = tags
		}
		maps.DeleteFunc(common, func(key, value string) bool {
			other, there := tags[key]
			return !there || other != value
		})
	}
	return common
}

// tagsOfEach are the tags of each owned rule that is not adopted, in the order of the
// live ones, without those that are AWS's own or ignored.
func (d *providerData) tagsOfEach(owned cloud.GroupRules, live []cloud.SecurityGroupRule) []map[string]string {
	ours := map[string]bool{}
	for _, rules := range []cloud.OwnedRules{owned.Ingress, owned.Egress} {
		for _, rule := range rules {
			ours[rule.ID] = !rule.Adopted
		}
	}
	var each []map[string]string
	for _, rule := range live {
		if ours[rule.ID] {
			each = append(each, d.ignoreTags.filter(rule.Tags))
		}
	}
	return each
}

// filter leaves out the tags that are AWS's own or ignored.
func (i ignoreTags) filter(tags map[string]string) map[string]string {
	kept := map[string]string{}
	for key, value := range tags {
		ignored := strings.HasPrefix(key, "aws:") || slices.Contains(i.keys, key) ||
			slices.ContainsFunc(i.keyPrefixes, func(prefix string) bool { return strings.HasPrefix(key, prefix) })
		if !ignored {
			kept[key] = value
		}
	}
	return kept
}

// ownTags are the tags of a resource when its rules have all: without those
// that come from the provider's default tags.
func (d *providerData) ownTags(all map[string]string, state types.Map) map[string]string {
	own := map[string]string{}
	for key, value := range all {
		_, stated := state.Elements()[key]
		if byDefault, ok := d.defaultTags[key]; !ok || byDefault != value || stated {
			own[key] = value
		}
	}
	return own
}

// stringMap reads a map of strings, all of them known.
func stringMap(ctx context.Context, value types.Map) (map[string]string, diag.Diagnostics) {
	texts := map[string]string{}
	if value.IsNull() || value.IsUnknown() {
		return texts, nil
	}
	diags := value.ElementsAs(ctx, &texts, false)
	return texts, diags
}
