// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"encoding/json"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// A resource that is replaced on the same group or network ACL, because it is
// tainted or the user says -replace, must not close what its successor keeps. The
// plan of the successor leaves a mark in the private data, which Terraform hands
// to the deletion of the old object: it leaves what is marked, and notes it here
// for the creation that follows. With create_before_destroy the creation comes
// first and the deletion gets no mark: then it leaves what the creation has noted.

// handoverKey is the key of the mark in the private data.
const handoverKey = "handover"

// handoverMark is what a successor is planned to keep.
type handoverMark struct {
	Region string   `json:"region"`
	ID     string   `json:"id"`
	Keep   []string `json:"keep"`
}

// privateState is the private data of a resource.
type privateState interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

func (m handoverMark) leave(ctx context.Context, private privateState) diag.Diagnostics {
	text, err := json.Marshal(m)
	if err != nil {
		var diags diag.Diagnostics
		diags.AddError("Unable to plan the handover", "The rules that a successor keeps cannot be written down. "+asSentence(err))
		return diags
	}
	return private.SetKey(ctx, handoverKey, text)
}

// markedFor is what a successor on the same group or network ACL is planned to
// keep; nothing without a successor.
func markedFor(ctx context.Context, private privateState, region, id string) (map[string]bool, diag.Diagnostics) {
	text, diags := private.GetKey(ctx, handoverKey)
	var mark handoverMark
	if diags.HasError() || len(text) == 0 || json.Unmarshal(text, &mark) != nil || mark.Region != region || mark.ID != id {
		return nil, diags
	}
	keep := map[string]bool{}
	for _, what := range mark.Keep {
		keep[what] = true
	}
	return keep, diags
}

// handovers remembers, for one run, what deletions have left to a successor and
// what creations hold.
type handovers struct {
	mu sync.Mutex
	// left are those that were left, and whether they had been adopted.
	left map[claim]bool
	held map[claim]bool
}

func newHandovers() *handovers {
	return &handovers{left: map[claim]bool{}, held: map[claim]bool{}}
}

// leave notes that a deletion has left a place to its successor.
func (h *handovers) leave(place claim, adopted bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.left[place] = adopted
}

// take tells whether a place was left by a predecessor, and whether that had
// adopted it.
func (h *handovers) take(place claim) (left, adopted bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	adopted, left = h.left[place]
	return left, adopted
}

// isLeft tells whether a predecessor has left a place to its successor.
func (h *handovers) isLeft(place claim) bool {
	left, _ := h.take(place)
	return left
}

// hold notes that a creation of this run holds a place.
func (h *handovers) hold(place claim) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.held[place] = true
}

// isHeld tells whether a creation of this run holds a place.
func (h *handovers) isHeld(place claim) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.held[place]
}
