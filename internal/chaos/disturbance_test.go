// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package chaos_test

import (
	"strings"

	"github.com/terraform-clb/terraform-provider-clb/internal/fakeaws"
)

// disturbance is what happens at a call.
type disturbance struct {
	name string
	// fault is what the double does at the call with an index.
	fault func(v *victim, index int, call fakeaws.Call) fakeaws.Fault
	// kills: nobody had the time to write a state.
	kills bool
	// lasts: no later call succeeds, so that nothing can be taken back.
	lasts bool
	// interrupts: Terraform was asked to stop.
	interrupts bool
	// absorbed: the provider is to get over it.
	absorbed bool
	// writes: of reads it is not different from another disturbance, as they have
	// no effect.
	writes bool
	// repeats: the SDK makes the call again, below the provider, which cannot know.
	// Of reads, which have no effect, those of creates show that as well as all.
	repeats bool
	// at is the write at which alone it happens: "first", "last", or "ends" for both;
	// empty for every call.
	at string
	// owns: what remains of a killed run can be taken up in two ways, and this
	// disturbance is enough to try both.
	owns bool
	// denies: AWS refuses the call.
	denies bool
	// sample is the write of a sample at which it happens, "first" or "last".
	sample string
}

// after tells whether the effect of the call comes first.
func (d disturbance) after() bool { return strings.HasSuffix(d.name, " after") }

func disturbances() []disturbance {
	at := func(index int, f fakeaws.Fault) fakeaws.Fault {
		f.Match, f.Times = func(c fakeaws.Call) bool { return c.Index == index }, 1
		return f
	}
	return []disturbance{
		{name: "provider killed before", kills: true, fault: func(v *victim, index int, _ fakeaws.Call) fakeaws.Fault {
			return at(index, fakeaws.Fault{Kind: fakeaws.StopBefore, Hook: v.killProvider})
		}},
		{name: "provider killed after", kills: true, writes: true, owns: true, sample: "first", fault: func(v *victim, index int, _ fakeaws.Call) fakeaws.Fault {
			return at(index, fakeaws.Fault{Kind: fakeaws.StopAfter, Hook: v.killProvider})
		}},
		// Before the first write there is nothing yet, and after the last one all is
		// there: that is left by a killed provider as well.
		{name: "Terraform killed before", kills: true, at: "last", fault: func(v *victim, index int, _ fakeaws.Call) fakeaws.Fault {
			return at(index, fakeaws.Fault{Kind: fakeaws.StopBefore, Hook: v.killAll})
		}},
		{name: "Terraform killed after", kills: true, at: "first", writes: true, fault: func(v *victim, index int, _ fakeaws.Call) fakeaws.Fault {
			return at(index, fakeaws.Fault{Kind: fakeaws.StopAfter, Hook: v.killAll})
		}},
		{name: "denied", denies: true, sample: "last", fault: func(_ *victim, index int, call fakeaws.Call) fakeaws.Fault {
			return at(index, fakeaws.Fault{Kind: fakeaws.Fail, Code: codeOf(call, "UnauthorizedOperation", "AccessDenied"), Status: 403})
		}},
		{name: "credentials expired from", lasts: true, writes: true, fault: func(_ *victim, index int, call fakeaws.Call) fakeaws.Fault {
			return fakeaws.Fault{
				Match: func(c fakeaws.Call) bool { return c.Index >= index },
				Kind:  fakeaws.Fail, Code: codeOf(call, "RequestExpired", "ExpiredToken"), Status: 400,
			}
		}},
		// The SDK repeats the call as it does when the answer is lost.
		{name: "internal error after", absorbed: true, at: "ends", writes: true, fault: func(_ *victim, index int, _ fakeaws.Call) fakeaws.Fault {
			return at(index, fakeaws.Fault{Kind: fakeaws.FailAfter})
		}},
		{name: "answer lost", absorbed: true, repeats: true, fault: func(_ *victim, index int, _ fakeaws.Call) fakeaws.Fault {
			return at(index, fakeaws.Fault{Kind: fakeaws.CutAfter})
		}},
		{name: "Ctrl-C before", interrupts: true, fault: func(v *victim, index int, _ fakeaws.Call) fakeaws.Fault {
			return at(index, v.interrupted(fakeaws.Delay))
		}},
		{name: "Ctrl-C after", interrupts: true, writes: true, sample: "last", fault: func(v *victim, index int, _ fakeaws.Call) fakeaws.Fault {
			return at(index, v.interrupted(fakeaws.DelayAfter))
		}},
	}
}

func codeOf(call fakeaws.Call, ec2, elb string) string {
	if call.Service == fakeaws.ServiceELB {
		return elb
	}
	return ec2
}
