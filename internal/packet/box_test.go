// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package packet

import (
	"slices"
	"testing"
)

func TestRegionWithout(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		region, other Region
		want          []string
	}{
		"nothing":                {Region{box(TCP(80, 80), "10.0.0.0/8")}, nil, []string{"tcp 80 of 10.0.0.0/8"}},
		"all":                    {Region{box(TCP(80, 80), "10.0.0.0/8")}, Region{box(TCP(0, 100), "0.0.0.0/0")}, nil},
		"a hole":                 {Region{box(TCP(80, 80), "10.0.0.0/8")}, Region{box(TCP(0, 100), "10.1.0.0/16")}, []string{"tcp 80 of 10.0.0.0/16", "tcp 80 of 10.2.0.0-10.255.255.255"}},
		"members of less":        {Region{box(TCP(80, 80), "10.0.0.0/8", "sg-a", "sg-b")}, Region{box(TCP(80, 80), "10.0.0.0/8", "sg-b")}, nil},
		"members of more":        {Region{box(TCP(80, 80), "10.0.0.0/8", "sg-a")}, Region{box(TCP(80, 80), "10.0.0.0/8", "sg-a", "sg-b")}, []string{"tcp 80 of members of sg-a at 10.0.0.0/8"}},
		"unknown takes none":     {Region{box(TCP(80, 80), "10.0.0.0/8")}, Region{{Traffic: TCP(80, 80)}}, []string{"tcp 80 of 10.0.0.0/8"}},
		"upside down takes none": {Region{box(TCP(0, 100), "10.0.0.0/8")}, Region{box(TCP(80, 79), "10.0.0.0/8")}, []string{"tcp 0-100 of 10.0.0.0/8"}},
		"the end of all IPv6":    {Region{box(TCP(80, 80), "::/0")}, Region{box(TCP(80, 80), "8000::/1")}, []string{"tcp 80 of ::/1"}},
		"where families meet":    {Region{{Traffic: TCP(80, 80), Addresses: Anywhere()}}, Region{box(TCP(80, 80), "255.0.0.0/8"), box(TCP(80, 80), "::/8")}, []string{"tcp 80 of 0.0.0.0-254.255.255.255", "tcp 80 of 100::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, b := range test.region.Without(test.other) {
				got = append(got, b.String())
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
