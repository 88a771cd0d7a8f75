// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package fakeaws

// peering is an active VPC peering connection; a and b are VPCs, of whatever
// accounts.
type peering struct{ id, a, b string }

// PeerVPCs connects two VPCs of one region with an active peering connection,
// so that their security groups may reference each other, and returns the
// connection's identifier. The VPCs may belong to different accounts.
func (s *Server) PeerVPCs(a, b string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := peering{s.newID("pcx"), a, b}
	s.peerings = append(s.peerings, p)
	return p.id
}

func (s *Server) peeringOf(a, b string) *peering {
	for i, p := range s.peerings {
		if p.a == a && p.b == b || p.a == b && p.b == a {
			return &s.peerings[i]
		}
	}
	return nil
}

// peerInfo gives what a reference to a group of a peered VPC shows besides the
// group: nothing for a group of the same VPC.
func (w *world) peerInfo(g *securityGroup, id string) (vpcID, peeringID, status string) {
	for _, other := range w.server.worlds {
		peer, ok := other.groups[id]
		if !ok || peer.vpcID == g.vpcID {
			continue
		}
		if p := w.server.peeringOf(peer.vpcID, g.vpcID); p != nil {
			return peer.vpcID, p.id, "active"
		}
	}
	return "", "", ""
}
