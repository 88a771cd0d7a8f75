// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package verify

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/terraform-clb/terraform-provider-clb/internal/packet"
	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// excess is what rules of a filter open beyond what is recommended.
type excess struct {
	id ID
	f  *filter
	// lbs are the load balancers that the filter is recommended for.
	lbs []wiring.LoadBalancer
	// rows are the recommended rules.
	rows []wiring.Rule
	// pieces are what is open, by rule.
	pieces []packet.Piece
	// why ends the sentence "security group sg-1 admits tcp 22 from 0.0.0.0/0, which …".
	why string
	// clientPorts are the listener ports on which clients, who can be declared, come in.
	clientPorts []int
	row         string
	// open are the ports whose recommended peers are not known, and openPeers who
	// they are in words.
	open      []int
	openPeers string
	// removedBy is what to write so that an unmanaged rule goes. It may be nil.
	removedBy func(wiring.Rule) string
}

// findings are one finding for what is written in the configuration and one for
// what is not, since one stops a plan and the other does not.
func (e excess) findings(acc *acceptances) []Finding {
	var left []packet.Piece
	for _, piece := range e.pieces {
		if e.f.origin(piece.Rule) == Derived {
			continue
		}
		for _, box := range acc.narrow(e.id, labels(e.lbs), packet.Region{piece.Box}) {
			left = append(left, packet.Piece{Box: box, Rule: piece.Rule})
		}
	}
	var findings []Finding
	for _, nature := range []Nature{BroaderWritten, BroaderUnmanaged} {
		ours := slices.DeleteFunc(slices.Clone(left), func(p packet.Piece) bool {
			return (e.f.origin(p.Rule) == Unmanaged) != (nature == BroaderUnmanaged)
		})
		if len(ours) > 0 {
			findings = append(findings, e.finding(nature, ours))
		}
	}
	return findings
}

func (e excess) finding(nature Nature, pieces []packet.Piece) Finding {
	rules := worstFirst(pieces)
	worst := rules[0]
	opens := "admits"
	if e.f.direction == wiring.Egress {
		opens = "lets out"
	}
	sentence := fmt.Sprintf("%s %s %s, %s.", capital(e.f.name()), opens, e.f.content(worst), e.why)
	switch others := len(rules) - 1; others {
	case 0:
	case 1:
		sentence += " One more of its rules is broader than recommended."
	default:
		sentence += fmt.Sprintf(" %d more of its rules are broader than recommended.", others)
	}
	finding := Finding{ID: e.id, Nature: nature, About: e.f.about(), Sentence: sentence, Row: e.row, Fix: e.fix(nature, rules)}
	if nature == BroaderWritten {
		finding.Written = e.f.sources[worst].name()
	}
	for _, rule := range rules {
		finding.Blockers = append(finding.Blockers, e.f.describe(rule))
	}
	for _, box := range packet.Boxes(pieces).Without(nil) {
		finding.Regions = append(finding.Regions, openWords(e.f.direction, box))
	}
	return finding
}

// fix says what to do about the worst rule.
func (e excess) fix(nature Nature, rules []int) string {
	worst := rules[0]
	traffic, peer := e.f.extent(worst)
	var narrow []string
	var ports []string
	for _, row := range e.rows {
		box, ok := rowBox(row)
		if !ok || !touch(box.Traffic, traffic) {
			continue
		}
		narrow = append(narrow, row.Key())
		if port := fmt.Sprint(row.From); row.From == row.To && slices.Contains(e.clientPorts, row.From) && !slices.Contains(ports, port) {
			ports = append(ports, port)
		}
	}
	for _, port := range e.open {
		if touch(tcpPort(port), traffic) {
			narrow = append(narrow, fmt.Sprintf("tcp %d %s %s", port, fromTo(e.f.direction), e.openPeers))
		}
	}
	text := "Remove " + e.f.handle(worst)
	const few = 4
	switch {
	case len(narrow) > few:
		text = fmt.Sprintf("Narrow %s to the %d recommended rules that it covers, such as %s", e.f.handle(worst), len(narrow), and(narrow[:few-1]))
	case len(narrow) > 0:
		text = fmt.Sprintf("Narrow %s to %s", e.f.handle(worst), and(narrow))
	}
	if len(rules) > 1 {
		text += ", and so on with the others"
	}
	text += "."
	if nature == BroaderUnmanaged {
		text += e.removal(rules)
	}
	if len(ports) > 0 {
		text += fmt.Sprintf(" If clients come from there, declare them: clients = [{ lb_ports = [%s], %s }].", strings.Join(ports, ", "), peer)
	}
	return text + fmt.Sprintf(` To live with it, say why: accept = [{ finding = %q, reason = "…" }].`, e.id)
}

// removal says what to write so that those of the unmanaged rules go that can.
func (e excess) removal(rules []int) string {
	if e.removedBy == nil {
		return ""
	}
	var removed []string
	setting, pronoun := "", "it"
	for _, rule := range rules {
		if by := e.removedBy(e.f.sources[rule].rule()); by != "" {
			setting, removed = by, append(removed, e.f.handle(rule))
		}
	}
	if len(removed) == 0 {
		return ""
	}
	if len(removed) > 1 {
		pronoun = "them"
	}
	which := and(removed)
	if len(removed) == len(rules) {
		which = pronoun
	}
	return fmt.Sprintf(" If nobody else manages %s, %s removes %s.", which, setting, pronoun)
}

// extent is the traffic of a rule, and its peer as clients declare it.
func (f *filter) extent(rule int) (packet.Traffic, string) {
	r := f.sources[rule].entry.Rule
	traffic, err := packet.ParseTraffic(r.Protocol, r.From, r.To)
	if err != nil || r.Unknown&(packet.ProtocolField|packet.PortsField) != 0 {
		traffic = packet.AllTraffic()
	}
	switch {
	case r.Peer.SecurityGroup != "":
		return traffic, fmt.Sprintf("security_group_ids = [%q]", r.Peer.SecurityGroup)
	case r.Peer.PrefixList != "":
		return traffic, fmt.Sprintf("prefix_list_ids = [%q]", r.Peer.PrefixList)
	default:
		return traffic, fmt.Sprintf("cidr_blocks = [%q]", r.Peer.CIDR)
	}
}

// content is what a rule is about, in words: "tcp 22 from 0.0.0.0/0".
func (f *filter) content(rule int) string {
	traffic, _ := f.extent(rule)
	peer := f.sources[rule].entry.Peer
	who := wiring.Peer{CIDR: peer.CIDR, SecurityGroup: peer.SecurityGroup, PrefixList: peer.PrefixList}
	return fmt.Sprintf("%s %s %s", traffic, fromTo(f.direction), who)
}

// networks are the networks that a rule names, nil if it names none.
func (f *filter) networks(rule int) []netip.Prefix {
	switch peer := f.sources[rule].entry.Peer; {
	case f.sources[rule].entry.Unknown&(packet.PeerField|packet.GroupField|packet.NetworksField) != 0:
		return nil
	case peer.PrefixList != "":
		return peer.Networks
	case peer.CIDR.IsValid():
		return []netip.Prefix{peer.CIDR}
	}
	return nil
}

// surelyOpen is what of the pieces is open whatever is unknown, and can be reached
// by a Classic Load Balancer at all: it speaks IPv4 only. A prefix list has some
// network, so what nobody needs, given as traffic, is open to it in any case.
func surelyOpen(pieces []packet.Piece, needed packet.Region) []packet.Piece {
	var anyone packet.Region
	for _, box := range needed {
		anyone = append(anyone, packet.Box{Traffic: box.Traffic, Addresses: packet.Anywhere()})
	}
	var kept []packet.Piece
	for _, piece := range pieces {
		region := packet.Region{piece.Box}
		if slices.ContainsFunc(piece.Unknowns, func(u packet.Unknown) bool { return u.Field != packet.NetworksField }) {
			continue
		}
		if len(piece.Unknowns) > 0 {
			region = region.Without(anyone)
		}
		for _, box := range region {
			if !box.Addresses.First.Is6() {
				kept = append(kept, packet.Piece{Box: box, Rule: piece.Rule})
			}
		}
	}
	return kept
}

// containing are the candidates whose networks contain all the others: each that
// does so alone, or else few that do so together and of which none can be left out.
func containing(all []netip.Prefix, candidates []int, networks func(int) []netip.Prefix) []int {
	target := cidrRegion(all)
	covers := func(rules ...int) bool {
		var cover packet.Region
		for _, rule := range rules {
			cover = append(cover, cidrRegion(networks(rule))...)
		}
		return len(target) > 0 && len(target.Without(cover)) == 0
	}
	var alone []int
	for _, rule := range candidates {
		if covers(rule) {
			alone = append(alone, rule)
		}
	}
	if len(alone) > 0 || !covers(candidates...) {
		return alone
	}
	few := slices.Clone(candidates)
	for i := len(few) - 1; i >= 0; i-- {
		if fewer := slices.Delete(slices.Clone(few), i, i+1); covers(fewer...) {
			few = fewer
		}
	}
	return few
}

func cidrRegion(networks []netip.Prefix) packet.Region {
	var region packet.Region
	for _, network := range networks {
		region = append(region, packet.Box{Traffic: packet.AllTraffic(), Addresses: packet.CIDR(network)})
	}
	return region
}

// rowBox is the packets of a recommended rule.
func rowBox(row wiring.Rule) (packet.Box, bool) {
	traffic, err := packet.ParseTraffic(string(row.Protocol), row.From, row.To)
	box := packet.Box{Traffic: traffic, Addresses: packet.Anywhere()}
	switch {
	case row.Peer.SecurityGroup != "":
		box.MemberOf = []string{wiring.GroupID(row.Peer.SecurityGroup)}
	case row.Peer.PrefixList != "":
		box.MemberOf = []string{row.Peer.PrefixList}
	default:
		box.Addresses = packet.CIDR(row.Peer.CIDR)
	}
	return box, err == nil
}

func rowRegion(rows []wiring.Rule) packet.Region {
	var region packet.Region
	for _, row := range rows {
		if box, ok := rowBox(row); ok {
			region = append(region, box)
		}
	}
	return region
}

func rulesOf(pieces []packet.Piece) []int {
	var rules []int
	for _, piece := range pieces {
		if !slices.Contains(rules, piece.Rule) {
			rules = append(rules, piece.Rule)
		}
	}
	slices.Sort(rules)
	return rules
}

// worstFirst are the rules of the pieces: those that open the most addresses
// first, then those that open the most traffic.
func worstFirst(pieces []packet.Piece) []int {
	addresses, traffic := map[int]uint64{}, map[int]uint64{}
	for _, piece := range pieces {
		box := piece.Box
		if len(box.MemberOf) == 0 || box.Addresses != packet.Anywhere() {
			addresses[piece.Rule] = max(addresses[piece.Rule], countIPv4(box.Addresses))
		}
		traffic[piece.Rule] += (uint64(box.Traffic.LastProtocol-box.Traffic.FirstProtocol) + 1) * (uint64(box.Traffic.Last-box.Traffic.First) + 1)
	}
	rules := rulesOf(pieces)
	slices.SortStableFunc(rules, func(a, b int) int {
		return cmp.Or(cmp.Compare(addresses[b], addresses[a]), cmp.Compare(traffic[b], traffic[a]))
	})
	return rules
}

func countIPv4(a packet.Addresses) uint64 {
	if !a.First.Is4() {
		return 0
	}
	last := a.Last
	if !last.Is4() {
		last = onlyIPv4().Last
	}
	return addressNumber(last) - addressNumber(a.First) + 1
}

func addressNumber(address netip.Addr) uint64 {
	var n uint64
	for _, b := range address.AsSlice() {
		n = n<<8 | uint64(b)
	}
	return n
}

func tcpPort(port int) packet.Traffic { return packet.TCP(uint16(port), uint16(port)) }

// touch tells whether some packet is of both.
func touch(a, b packet.Traffic) bool {
	return a.FirstProtocol <= b.LastProtocol && b.FirstProtocol <= a.LastProtocol && a.First <= b.Last && b.First <= a.Last
}

// openWords is a box in words: "tcp 22 from 0.0.0.0/0", "tcp 80 to members of sg-1".
func openWords(d wiring.Direction, box packet.Box) string {
	who := box.Addresses.String()
	if len(box.MemberOf) > 0 {
		who = "members of " + and(box.MemberOf)
		if box.Addresses != packet.Anywhere() && box.Addresses != onlyIPv4() {
			who += " at " + box.Addresses.String()
		}
	}
	return fmt.Sprintf("%s %s %s", box.Traffic, fromTo(d), who)
}

func fromTo(d wiring.Direction) string {
	if d == wiring.Egress {
		return "to"
	}
	return "from"
}
