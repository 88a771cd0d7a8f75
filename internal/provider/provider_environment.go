// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/terraform-clb/terraform-provider-clb/internal/cloud"
)

// environment are the variables of the process, NAME=value, for what the provider
// itself reads in them. The AWS SDK reads others on its own.
type environment []string

// enforcementVariable is the way past a finding for one run.
const enforcementVariable = "CLB_ENFORCEMENT"

// The variables from which hashicorp/aws takes tags: those of the first kind end in
// the key of a default tag, the others are lists, separated by commas. Source:
// "Provider: AWS", section default_tags and ignore_tags.
const (
	defaultTagsVariables    = "TF_AWS_DEFAULT_TAGS_"
	ignoredTagsVariable     = "TF_AWS_IGNORE_TAGS_KEYS"
	ignoredPrefixesVariable = "TF_AWS_IGNORE_TAGS_KEY_PREFIXES"
)

// value is that of a variable, "" if it is not set.
func (e environment) value(name string) string {
	for _, variable := range e {
		if key, value, _ := strings.Cut(variable, "="); key == name {
			return value
		}
	}
	return ""
}

// list are the elements of a variable that is separated by commas.
func (e environment) list(name string) []string {
	var elements []string
	for element := range strings.SplitSeq(e.value(name), ",") {
		if element = strings.TrimSpace(element); element != "" {
			elements = append(elements, element)
		}
	}
	return elements
}

// defaultTags are the default tags that the variables set.
func (e environment) defaultTags() (map[string]string, diag.Diagnostics) {
	var diags diag.Diagnostics
	tags := map[string]string{}
	for _, variable := range e {
		name, value, _ := strings.Cut(variable, "=")
		if key, ours := strings.CutPrefix(name, defaultTagsVariables); ours && key != "" {
			tags[key] = value
		}
	}
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		if err := cloud.CheckTagKey(key); err != nil {
			diags.AddError("Invalid environment variable", fmt.Sprintf("%s%s: %s, or unset it.", defaultTagsVariables, key, strings.TrimSuffix(err.Error(), ".")))
		}
	}
	return tags, diags
}
