// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package chaos_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/terraform-clb/terraform-provider-clb/internal/fakeaws"
)

// ran is what came of a run of Terraform.
type ran struct {
	// code is the exit code, -1 for a process that was killed.
	code   int
	output string
}

// String tells the errors, or else what was planned.
func (r ran) String() string {
	said := r.output
	for _, begins := range []string{"Error: ", "Terraform detected ", "Terraform will perform "} {
		if at := strings.Index(said, begins); at >= 0 {
			said = said[at:]
			break
		}
	}
	return fmt.Sprintf("exit code %d: %s", r.code, said)
}

// victim is a run of Terraform that can be killed from outside.
type victim struct {
	command *exec.Cmd
	started chan struct{}
	mu      sync.Mutex
	failure error
}

func (v *victim) fail(err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.failure = errors.Join(v.failure, err)
}

// terraform runs Terraform to its end.
func (s *stand) terraform(arguments ...string) ran {
	s.t.Helper()
	return s.disturbed(nil, arguments...)
}

// disturbed runs Terraform with a fault in the double, which may act on it.
func (s *stand) disturbed(fault func(*victim) fakeaws.Fault, arguments ...string) ran {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), deadline)
	defer cancel()
	v := &victim{command: s.Command(ctx, append(arguments, "-no-color")...), started: make(chan struct{})}
	// Most of what a run costs is that Terraform and, several times, the provider
	// start. So little is allocated that no garbage need be collected, and what is
	// disturbed is one call after the other, whatever the number of threads. What the
	// two say to each other need not be encrypted here: a quarter of the time would be
	// spent on the keys for it.
	v.command.Env = append(v.command.Env, fmt.Sprintf("%s=%g", speedVariable, s.speed), "GOGC=off", "GOMAXPROCS=1", "TF_DISABLE_PLUGIN_TLS=1")
	var output bytes.Buffer
	v.command.Stdout, v.command.Stderr = &output, &output
	// Whoever holds the output open after the end was not killed.
	v.command.WaitDelay = 10 * time.Second
	if fault != nil {
		defer s.Server.Inject(fault(v))()
	}
	if err := v.command.Start(); err != nil {
		s.t.Fatal(err)
	}
	close(v.started)
	err := v.command.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) || ctx.Err() != nil {
		s.t.Fatalf("terraform %v: %v\n%s", arguments, err, &output)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.failure != nil {
		s.t.Fatalf("terraform %v: %v\n%s", arguments, v.failure, &output)
	}
	return ran{v.command.ProcessState.ExitCode(), strings.TrimSpace(output.String())}
}

var callerPID = regexp.MustCompile(`\bpid/(\d+)\b`)

// killProvider kills the provider that makes the call. It waits for an answer,
// so its process id is its own.
func (v *victim) killProvider(call fakeaws.Call) {
	match := callerPID.FindStringSubmatch(call.UserAgent)
	if match == nil {
		v.fail(fmt.Errorf("the call %s of %q does not tell its process", call.Action, call.UserAgent))
		return
	}
	pid, err := strconv.Atoi(match[1])
	if err != nil {
		v.fail(err)
		return
	}
	provider, err := os.FindProcess(pid)
	if err != nil {
		v.fail(err)
		return
	}
	v.fail(provider.Kill())
}

// killAll kills Terraform and then the provider, which is held by the call.
func (v *victim) killAll(call fakeaws.Call) {
	<-v.started
	v.fail(v.command.Process.Kill())
	v.killProvider(call)
}

// patience is how long a call is held for a provider that is told of Ctrl-C. While
// it plans, Terraform does not tell it, and the call goes on after that.
const patience = 5 * time.Second

// interrupted holds a call, presses Ctrl-C once and waits until the provider
// gives the call up.
func (v *victim) interrupted(kind fakeaws.FaultKind) fakeaws.Fault {
	held := make(chan struct{})
	return fakeaws.Fault{Kind: kind, Wait: held, Hook: func(fakeaws.Call) {
		<-v.started
		v.fail(v.command.Process.Signal(os.Interrupt))
		time.AfterFunc(patience, func() { close(held) })
	}}
}
