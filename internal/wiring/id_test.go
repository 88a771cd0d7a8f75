// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package wiring

import "testing"

func TestIDs(t *testing.T) {
	t.Parallel()
	const (
		badGroup = " is not a security group id: it has the form \"sg-0123456789abcdef0\""
		badACL   = " is not a network ACL id: it has the form \"acl-0123456789abcdef0\""
		badList  = " is not a prefix list id: it has the form \"pl-0123456789abcdef0\""
		badOwner = " does not start with a 12-digit account id: write a group of another account as \"123456789012/sg-0123456789abcdef0\""
	)
	const badName = " is not the name of a load balancer: it has 1 to 32 letters, digits and hyphens, and no hyphen at either end"
	tests := []struct {
		name  string
		check func(string) error
		id    string
		want  string // empty where the id is fine
	}{
		{"group", CheckSecurityGroupID, "sg-0123456789abcdef0", ""},
		{"group, short", CheckSecurityGroupID, "sg-1a2b3c4d", ""},
		{"group, empty", CheckSecurityGroupID, "", "\"\"" + badGroup},
		{"group, a name", CheckSecurityGroupID, "web", "\"web\"" + badGroup},
		{"group, too short", CheckSecurityGroupID, "sg-123", "\"sg-123\"" + badGroup},
		{"group, too long", CheckSecurityGroupID, "sg-0123456789abcdef01", "\"sg-0123456789abcdef01\"" + badGroup},
		{"group, not hexadecimal", CheckSecurityGroupID, "sg-0123456z", "\"sg-0123456z\"" + badGroup},
		{"group, a rule", CheckSecurityGroupID, "sgr-0123456789abcdef0", "\"sgr-0123456789abcdef0\"" + badGroup},
		{"group, an ACL", CheckSecurityGroupID, "acl-1a2b3c4d", "\"acl-1a2b3c4d\"" + badGroup},
		{"group, upper case", CheckSecurityGroupID, "sg-0123456789ABCDEF0", "\"sg-0123456789ABCDEF0\" is not a security group id: ids are written in lower case, did you mean \"sg-0123456789abcdef0\"?"},
		{"group, of another account", CheckSecurityGroupID, "123456789012/sg-1a2b3c4d", "\"123456789012/sg-1a2b3c4d\"" + badGroup},
		{"ACL", CheckNetworkACLID, "acl-0123456789abcdef0", ""},
		{"ACL, short", CheckNetworkACLID, "acl-1a2b3c4d", ""},
		{"ACL, a group", CheckNetworkACLID, "sg-1a2b3c4d", "\"sg-1a2b3c4d\"" + badACL},
		{"ACL, nine digits", CheckNetworkACLID, "acl-1a2b3c4d5", "\"acl-1a2b3c4d5\"" + badACL},
		{"list", CheckPrefixListID, "pl-0123456789abcdef0", ""},
		{"list, short", CheckPrefixListID, "pl-1a2b3c4d", ""},
		{"list, a name", CheckPrefixListID, "com.amazonaws.global.cloudfront.origin-facing", "\"com.amazonaws.global.cloudfront.origin-facing\"" + badList},
		{"peer", CheckGroupPeer, "sg-1a2b3c4d", ""},
		{"peer of another account", CheckGroupPeer, "123456789012/sg-1a2b3c4d", ""},
		{"peer, short account", CheckGroupPeer, "12345678901/sg-1a2b3c4d", "\"12345678901/sg-1a2b3c4d\"" + badOwner},
		{"peer, account that is no number", CheckGroupPeer, "amazon-elb/sg-1a2b3c4d", "\"amazon-elb/sg-1a2b3c4d\"" + badOwner},
		{"peer, group that is none", CheckGroupPeer, "123456789012/web", "\"web\"" + badGroup},
		{"peer, two accounts", CheckGroupPeer, "123456789012/123456789012/sg-1a2b3c4d", "\"123456789012/sg-1a2b3c4d\"" + badGroup},
		{"name", CheckLoadBalancerName, "my-LoadBalancer-1", ""},
		{"name, longest", CheckLoadBalancerName, "abcdefghijklmnopqrstuvwxyz012345", ""},
		{"name, empty", CheckLoadBalancerName, "", "\"\"" + badName},
		{"name, too long", CheckLoadBalancerName, "abcdefghijklmnopqrstuvwxyz0123456", "\"abcdefghijklmnopqrstuvwxyz0123456\"" + badName},
		{"name, underscore", CheckLoadBalancerName, "my_lb", "\"my_lb\"" + badName},
		{"name, hyphen first", CheckLoadBalancerName, "-lb", "\"-lb\"" + badName},
		{"name, hyphen last", CheckLoadBalancerName, "lb-", "\"lb-\"" + badName},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			err := test.check(test.id)
			switch {
			case err == nil && test.want != "":
				t.Errorf("%q was accepted, want: %s", test.id, test.want)
			case err != nil && err.Error() != test.want:
				t.Errorf("got  %s\nwant %s", err, test.want)
			}
		})
	}
}

func TestWithoutAccount(t *testing.T) {
	t.Parallel()
	tests := []struct{ peer, account, want string }{
		{"sg-1a2b3c4d", "123456789012", "sg-1a2b3c4d"},
		{"123456789012/sg-1a2b3c4d", "123456789012", "sg-1a2b3c4d"},
		{"210987654321/sg-1a2b3c4d", "123456789012", "210987654321/sg-1a2b3c4d"},
		{"123456789012/sg-1a2b3c4d", "", "123456789012/sg-1a2b3c4d"},
	}
	for _, test := range tests {
		if got := WithoutAccount(test.peer, test.account); got != test.want {
			t.Errorf("%q in account %q: got %q, want %q", test.peer, test.account, got, test.want)
		}
	}
}

func TestGroupID(t *testing.T) {
	t.Parallel()
	for peer, want := range map[string]string{"sg-1a2b3c4d": "sg-1a2b3c4d", "123456789012/sg-1a2b3c4d": "sg-1a2b3c4d", "": ""} {
		if got := GroupID(peer); got != want {
			t.Errorf("%q: got %q, want %q", peer, got, want)
		}
	}
}
