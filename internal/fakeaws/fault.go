// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package fakeaws

import "net/http"

// FaultKind says what a [Fault] does to a call.
type FaultKind int

const (
	// Fail answers with Code without any effect.
	Fail FaultKind = iota
	// FailAfter lets the effect happen and then answers with Code all the same.
	FailAfter
	// Delay calls Hook if there is one, blocks until Wait is closed if there is
	// one (or the client goes away: then nothing happens) and then goes on.
	Delay
	// DelayAfter lets the effect happen and then holds the answer as Delay holds
	// the call.
	DelayAfter
	// CutBefore drops the connection without any effect.
	CutBefore
	// CutAfter lets the effect happen and drops the connection before the answer.
	CutAfter
	// StopBefore calls Hook and drops the connection without any effect, as if
	// the client had died before it sent the call.
	StopBefore
	// StopAfter lets the effect happen, calls Hook and drops the connection, as
	// if the client had died before it read the answer.
	StopAfter
)

// Fault disturbs calls. Hook and Match must not call methods of the server
// other than [Server.Calls] and the accessors; Match must call none.
type Fault struct {
	// Match chooses the calls; nil means every call. It sees the call before it
	// is served: Status is 0.
	Match func(Call) bool
	// Times bounds how many calls are disturbed; 0 means all of them.
	Times int
	// Kind is what happens.
	Kind FaultKind
	// Status is the HTTP status of Fail and FailAfter; 0 means the usual one of Code.
	Status int
	// Code and Message are the error of Fail and FailAfter. An empty Code means
	// InternalError (EC2) or InternalFailure.
	Code, Message string
	// Wait holds a Delay or DelayAfter until it is closed.
	Wait <-chan struct{}
	// Hook is called by StopBefore, StopAfter, Delay and DelayAfter.
	Hook func(Call)
}

type injectedFault struct {
	Fault
	left int
}

// Inject adds a fault and returns a function that takes it away again. Faults
// apply in the order of their injection; several may meet on one call, but none
// is used up behind one that ends the call without an effect.
func (s *Server) Inject(f Fault) (remove func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	injected := &injectedFault{f, f.Times}
	s.faults = append(s.faults, injected)
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		for i, other := range s.faults {
			if other == injected {
				s.faults = append(s.faults[:i:i], s.faults[i+1:]...)
				return
			}
		}
	}
}

// takeFaults collects the faults of a call and counts them. The server is locked.
func (s *Server) takeFaults(call Call) []Fault {
	var out []Fault
	for _, f := range s.faults {
		if f.Times > 0 && f.left == 0 || f.Match != nil && !f.Match(call) {
			continue
		}
		f.left--
		out = append(out, f.Fault)
		if f.Kind == Fail || f.Kind == CutBefore || f.Kind == StopBefore {
			break
		}
	}
	return out
}

// before runs the part of a fault that precedes the effect; done means that
// there is to be no effect.
func (f Fault) before(r *http.Request, call Call) (answer reply, done bool) {
	switch f.Kind {
	case Fail:
		return f.reply(call), true
	case CutBefore:
		return reply{cut: true}, true
	case StopBefore:
		f.hook(call)
		return reply{cut: true}, true
	case Delay:
		if f.hold(r, call) {
			return reply{cut: true}, true
		}
	}
	return reply{}, false
}

// hold blocks until the call may go on; left tells that its client has gone.
func (f Fault) hold(r *http.Request, call Call) (left bool) {
	f.hook(call)
	if f.Wait == nil {
		return false
	}
	select {
	case <-f.Wait:
		return false
	case <-r.Context().Done():
		return true
	}
}

// after runs the part of a fault that follows the effect.
func (f Fault) after(r *http.Request, call Call, result reply) reply {
	switch f.Kind {
	case DelayAfter:
		if f.hold(r, call) {
			return reply{cut: true}
		}
	case FailAfter:
		return f.reply(call)
	case CutAfter:
		return reply{cut: true}
	case StopAfter:
		f.hook(call)
		return reply{cut: true}
	}
	return result
}

func (f Fault) hook(call Call) {
	if f.Hook != nil {
		f.Hook(call)
	}
}

func (f Fault) reply(call Call) reply {
	answer := reply{status: f.Status, code: f.Code, message: f.Message}
	if answer.code == "" {
		answer.code = "InternalFailure"
		if call.Service == ServiceEC2 {
			answer.code = "InternalError"
		}
	}
	if answer.message == "" {
		answer.message = "An injected fault."
	}
	if answer.status == 0 {
		answer.status = statusOf(answer.code)
	}
	return answer
}
