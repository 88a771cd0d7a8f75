// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package wiring

import (
	"net/netip"
	"strings"
	"testing"
)

func TestParseCIDR(t *testing.T) {
	t.Parallel()
	for _, good := range []string{"0.0.0.0/0", "10.0.0.0/16", "192.0.2.1/32", "128.0.0.0/1"} {
		if got, err := ParseCIDR(good); err != nil || got.String() != good {
			t.Errorf("%q: got %v, %v", good, got, err)
		}
	}
	tests := []struct{ text, want string }{
		{"", "\"\" is not a CIDR block: write an IPv4 network such as \"10.0.0.0/16\""},
		{"ten", "\"ten\" is not a CIDR block: write an IPv4 network such as \"10.0.0.0/16\""},
		{"10.0.0.0", "\"10.0.0.0\" is an address, not a CIDR block: did you mean \"10.0.0.0/32\"?"},
		{"10.0.0.0/33", "\"10.0.0.0/33\" is not a CIDR block: write an IPv4 network such as \"10.0.0.0/16\""},
		{"10.0.0/16", "\"10.0.0/16\" is not a CIDR block: write an IPv4 network such as \"10.0.0.0/16\""},
		{"10.00.0.0/16", "\"10.00.0.0/16\" is not a CIDR block: write an IPv4 network such as \"10.0.0.0/16\""},
		{"10.0.0.0/016", "\"10.0.0.0/016\" is not a CIDR block: write an IPv4 network such as \"10.0.0.0/16\""},
		{" 10.0.0.0/16", "\" 10.0.0.0/16\" is not a CIDR block: write an IPv4 network such as \"10.0.0.0/16\""},
		{"10.0.1.4/16", "\"10.0.1.4/16\" has host bits set, which EC2 would drop: did you mean \"10.0.0.0/16\"?"},
		{"10.0.0.0/0", "\"10.0.0.0/0\" has host bits set, which EC2 would drop: did you mean \"0.0.0.0/0\"?"},
		{"2001:db8::/32", "\"2001:db8::/32\" is an IPv6 CIDR block: a Classic Load Balancer in a VPC carries IPv4 only, write an IPv4 network such as \"10.0.0.0/16\""},
		{"::/0", "\"::/0\" is an IPv6 CIDR block: a Classic Load Balancer in a VPC carries IPv4 only, write an IPv4 network such as \"10.0.0.0/16\""},
		{"::ffff:10.0.0.0/112", "\"::ffff:10.0.0.0/112\" is an IPv6 CIDR block: a Classic Load Balancer in a VPC carries IPv4 only, write an IPv4 network such as \"10.0.0.0/16\""},
	}
	for _, test := range tests {
		got, err := ParseCIDR(test.text)
		if err == nil {
			t.Errorf("%q: got %v, want an error", test.text, got)
			continue
		}
		if err.Error() != test.want {
			t.Errorf("%q:\ngot  %s\nwant %s", test.text, err, test.want)
		}
	}
}

func TestFormatCIDRs(t *testing.T) {
	t.Parallel()
	if got := FormatCIDRs(cidrs("10.0.0.0/16", "10.1.0.0/16")); got != "10.0.0.0/16, 10.1.0.0/16" {
		t.Errorf("got %q", got)
	}
	if got := Everyone().String(); got != "0.0.0.0/0" {
		t.Errorf("everyone is %q", got)
	}
}

// FuzzParseCIDR: what is accepted is exactly an IPv4 network as it is written,
// and what is refused says so about the text.
func FuzzParseCIDR(f *testing.F) {
	for _, text := range []string{"10.0.0.0/16", "0.0.0.0/0", "10.0.0.1/16", "::/0", "10.0.0.0", "", "10.0.0.0/-1", "fe80::1%eth0/64"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		prefix, err := ParseCIDR(text)
		if err != nil {
			if prefix.IsValid() || err.Error() == "" {
				t.Errorf("%q: got %v beside %v", text, prefix, err)
			}
			return
		}
		if prefix.String() != text || !prefix.Addr().Is4() || prefix.Masked() != prefix {
			t.Errorf("%q was read as %v", text, prefix)
		}
		if again, err := netip.ParsePrefix(text); err != nil || again != prefix {
			t.Errorf("%q was read as %v, which is not %v (%v)", text, prefix, again, err)
		}
		if strings.TrimSpace(text) != text {
			t.Errorf("%q has space around it", text)
		}
	})
}
