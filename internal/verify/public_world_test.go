// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package verify

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/terraform-clb/terraform-provider-clb/internal/packet"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// publicWorld is a public configuration, read from a file of testdata/public.
// Its README says what the lines mean.
type publicWorld struct {
	vpc     []netip.Prefix
	nets    map[string][]netip.Prefix
	subnets map[string]Subnet
	groups  map[string]Group
	acls    map[string]ACL
	lbs     []*publicLoadBalancer
}

type publicLoadBalancer struct {
	wiring.LoadBalancer
	subnets, instanceGroups, instanceSubnets []string
	crossZone                                bool
}

const publicVPC = "vpc-0a000000000000001"

func readPublicWorld(t *testing.T, name string) *publicWorld {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "public", name))
	if err != nil {
		t.Fatal(err)
	}
	w := &publicWorld{nets: map[string][]netip.Prefix{}, subnets: map[string]Subnet{}, groups: map[string]Group{}, acls: map[string]ACL{}}
	w.acls["acl-default"] = ACL{ID: "acl-default", VPCID: publicVPC, Default: true}
	for _, line := range []string{"in 100 allow -1 0.0.0.0/0", "out 100 allow -1 0.0.0.0/0"} {
		if err := w.within("acl-default", line, 0); err != nil {
			t.Fatal(err)
		}
	}
	var head string
	for i, line := range strings.Split(string(text), "\n") {
		line, _, _ = strings.Cut(line, "#")
		if strings.TrimSpace(line) == "" {
			continue
		}
		if err := w.line(&head, line, i+1); err != nil {
			t.Fatalf("%s:%d: %v: %s", name, i+1, err, line)
		}
	}
	for _, lb := range w.lbs {
		if problems := lb.Check(); len(problems) > 0 {
			t.Fatalf("%s: %s: %s", name, lb.Name, problems)
		}
	}
	return w
}

func (w *publicWorld) line(head *string, line string, number int) (err error) {
	if strings.HasPrefix(line, " ") {
		return w.within(*head, line, number)
	}
	words := strings.Fields(line)
	switch kind := words[0]; kind {
	case "vpc":
		w.vpc, err = publicNetworks(words[1:])
	case "net":
		w.nets[words[1]], err = publicNetworks(words[2:])
	case "subnet":
		subnet := Subnet{ID: "subnet-" + words[1], Zone: words[4], ACL: "acl-" + words[6]}
		subnet.CIDR, err = netip.ParsePrefix(words[2])
		w.subnets[subnet.ID] = subnet
	case "acl":
		*head = "acl-" + words[1]
		w.acls[*head] = ACL{ID: *head, VPCID: publicVPC}
	case "group":
		*head = "sg-" + words[1]
		group := Group{ID: *head, Name: words[1], VPCID: publicVPC}
		if len(words) > 2 {
			group.Unseen = "its rules are not in the source"
		}
		w.groups[*head] = group
	case "lb":
		*head = words[1]
		lb := &publicLoadBalancer{crossZone: slices.Contains(words, "cross-zone")}
		lb.Name, lb.Internal = words[1], words[2] == "internal"
		lb.SecurityGroups = publicList(words, "groups", "sg-")
		lb.subnets = publicList(words, "subnets", "subnet-")
		w.lbs = append(w.lbs, lb)
	default:
		err = fmt.Errorf("a line about %q", kind)
	}
	return err
}

// within reads a line that belongs to the acl, group or lb above it.
func (w *publicWorld) within(head, line string, number int) error {
	words := strings.Fields(line)
	if lb := w.find(head); lb != nil {
		switch words[0] {
		case "listen":
			for _, word := range words[1:] {
				var l wiring.Listener
				if _, err := fmt.Sscanf(word, "%d:%d", &l.LBPort, &l.InstancePort); err != nil {
					return err
				}
				lb.Listeners = append(lb.Listeners, l)
			}
		case "health":
			target, err := wiring.ParseHealthCheckTarget(words[1])
			lb.HealthCheck = &target
			return err
		case "instances":
			lb.instanceGroups = publicList(words, "groups", "sg-")
			lb.instanceSubnets = publicList(words, "subnets", "subnet-")
			lb.InstanceSecurityGroups = lb.instanceGroups
		default:
			return fmt.Errorf("a line about %q", words[0])
		}
		return nil
	}
	direction, known := map[string]wiring.Direction{"in": wiring.Ingress, "out": wiring.Egress}[words[0]]
	if !known {
		return fmt.Errorf("direction %q", words[0])
	}
	words = words[1:]
	entry := ACLEntry{}
	if acl, ok := w.acls[head]; ok {
		var err error
		if entry.Number, err = strconv.Atoi(words[0]); err != nil {
			return err
		}
		entry.Deny = words[1] == "deny"
		rules, err := w.rules(direction, words[2:])
		if err != nil {
			return err
		}
		for _, entry.Rule = range rules {
			acl.Entries = append(acl.Entries, entry)
		}
		w.acls[head] = acl
		return nil
	}
	group, ok := w.groups[head]
	if !ok {
		return fmt.Errorf("nothing is called %q", head)
	}
	rules, err := w.rules(direction, words)
	for i, rule := range rules {
		group.Rules = append(group.Rules, GroupRule{Rule: rule, ID: fmt.Sprintf("sgr-%d%c", number, 'a'+i)})
	}
	w.groups[head] = group
	return err
}

// rules reads "tcp 80-81 10.0.0.0/16 @group $net" as one rule for each network
// and group.
func (w *publicWorld) rules(d wiring.Direction, words []string) ([]wiring.Rule, error) {
	base := wiring.Rule{Direction: d, Protocol: wiring.Protocol(words[0]), From: -1, To: -1}
	words = words[1:]
	if base.Protocol != wiring.AllProtocols {
		format := "%d-%d"
		if strings.Contains(words[0], "/") {
			format = "%d/%d"
		}
		if _, err := fmt.Sscanf(words[0], format, &base.From, &base.To); err != nil {
			if base.From, err = strconv.Atoi(words[0]); err != nil {
				return nil, err
			}
			base.To = base.From
		}
		words = words[1:]
	}
	var peers []wiring.Peer
	for _, word := range words {
		switch {
		case strings.HasPrefix(word, "@"):
			peers = append(peers, wiring.GroupPeer("sg-"+word[1:]))
		case strings.HasPrefix(word, "$"):
			if len(w.nets[word[1:]]) == 0 {
				return nil, fmt.Errorf("no net is called %s", word)
			}
			peers = append(peers, wiring.CIDRPeers(w.nets[word[1:]])...)
		default:
			cidr, err := netip.ParsePrefix(word)
			if err != nil {
				return nil, err
			}
			peers = append(peers, wiring.CIDRPeer(cidr))
		}
	}
	if len(peers) == 0 {
		return nil, fmt.Errorf("no peer")
	}
	var rules []wiring.Rule
	for _, base.Peer = range peers {
		rules = append(rules, base)
	}
	return rules, nil
}

func (w *publicWorld) find(name string) *publicLoadBalancer {
	for _, lb := range w.lbs {
		if lb.Name == name {
			return lb
		}
	}
	return nil
}

func publicNetworks(words []string) (networks []netip.Prefix, err error) {
	for _, word := range words {
		network, err := netip.ParsePrefix(word)
		if err != nil {
			return nil, err
		}
		networks = append(networks, network)
	}
	return networks, nil
}

// publicList are the words between title and the next title, with a prefix.
func publicList(words []string, title, prefix string) (list []string) {
	for _, word := range words[slices.Index(words, title)+1:] {
		if slices.Contains([]string{"groups", "subnets", "cross-zone"}, word) {
			break
		}
		list = append(list, prefix+word)
	}
	return list
}

// declareAdmitted declares for each load balancer the clients that its owner
// means: at each listener those that a rule of a carried group admits there.
func (w *publicWorld) declareAdmitted() {
	for _, lb := range w.lbs {
		lb.Clients = nil
		for _, port := range lb.LBPorts() {
			clients := wiring.Clients{LBPorts: []int{port}}
			for _, id := range lb.SecurityGroups {
				for _, rule := range w.groups[id].Rules {
					traffic, err := packet.ParseTraffic(string(rule.Protocol), rule.From, rule.To)
					if err != nil || rule.Direction != wiring.Ingress || !touch(traffic, tcpPort(port)) {
						continue
					}
					if rule.Peer.SecurityGroup != "" {
						clients.SecurityGroups = append(clients.SecurityGroups, rule.Peer.SecurityGroup)
					} else {
						clients.CIDRBlocks = append(clients.CIDRBlocks, rule.Peer.CIDR)
					}
				}
			}
			if !clients.Empty() {
				lb.Clients = append(lb.Clients, clients)
			}
		}
	}
}

// path asks about one load balancer of the world.
func (w *publicWorld) path(t *testing.T, name string) Path {
	t.Helper()
	lb := w.find(name)
	if lb == nil {
		t.Fatalf("no load balancer is called %q", name)
	}
	p := Path{
		LoadBalancer: lb.LoadBalancer, ClientsDeclared: len(lb.Clients) > 0,
		VPCID: publicVPC, VPC: w.vpc, CrossZone: lb.crossZone,
		InstanceSubnets: map[string]Subnet{}, Groups: w.groups, ACLs: w.acls,
		SharedBy: map[string][]wiring.LoadBalancer{},
	}
	for _, id := range lb.subnets {
		p.Subnets = append(p.Subnets, w.subnet(t, id))
	}
	for _, id := range lb.instanceSubnets {
		p.Instances = append(p.Instances, Instance{Groups: lb.instanceGroups, Subnet: id})
		p.InstanceSubnets[id] = w.subnet(t, id)
	}
	for _, other := range w.lbs {
		for _, id := range other.SecurityGroups {
			if other != lb && slices.Contains(lb.SecurityGroups, id) {
				p.SharedBy[id] = append(p.SharedBy[id], other.LoadBalancer)
			}
		}
	}
	return p
}

func (w *publicWorld) subnet(t *testing.T, id string) Subnet {
	t.Helper()
	subnet, ok := w.subnets[id]
	if !ok {
		t.Fatalf("no subnet is called %q", id)
	}
	return subnet
}
