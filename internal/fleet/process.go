// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"syscall"
	"time"

	"github.com/terraform-clb/terraform-provider-clb/internal/cloud"
	"github.com/terraform-clb/terraform-provider-clb/internal/provider"
	"github.com/terraform-clb/terraform-provider-clb/internal/scaled"
)

// usage is what a process has taken.
type usage struct {
	// MiB is its largest resident size.
	MiB float64
	CPU time.Duration
}

func usageOf(state *os.ProcessState) usage {
	used := usage{CPU: state.UserTime() + state.SystemTime()}
	if r, ok := state.SysUsage().(*syscall.Rusage); ok {
		kib := float64(r.Maxrss)
		if runtime.GOOS == "darwin" {
			kib /= 1024
		}
		used.MiB = kib / 1024
	}
	return used
}

// measure runs a provider in the place of this process, and notes what it took in a
// line of a file. It returns the exit status.
func measure(file string, command []string) int {
	child := exec.Command(command[0], command[1:]...)
	child.Stdin, child.Stdout, child.Stderr = os.Stdin, os.Stdout, os.Stderr
	err := child.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	line, err := json.Marshal(usageOf(child.ProcessState))
	if err != nil {
		return 1
	}
	notes, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return 1
	}
	_, err = notes.Write(append(line, '\n'))
	if errors.Join(err, notes.Close()) != nil {
		return 1
	}
	return child.ProcessState.ExitCode()
}

// measured is what the providers of one run of Terraform took: the largest size and
// all CPU time.
func measured(file string) (total usage, err error) {
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return total, errors.New("no provider was started")
	}
	if err != nil {
		return total, err
	}
	for line := range bytes.Lines(text) {
		var one usage
		if err := json.Unmarshal(line, &one); err != nil {
			return total, err
		}
		total.MiB, total.CPU = max(total.MiB, one.MiB), total.CPU+one.CPU
	}
	return total, os.Remove(file)
}

// profile begins a CPU profile of this process; the result ends it, and writes down what
// is in memory then.
func profile(dir string) (end func(), err error) {
	create := func(kind string) (*os.File, error) {
		return os.Create(filepath.Join(dir, fmt.Sprintf("%s-%d.pprof", kind, os.Getpid())))
	}
	cpu, err := create("cpu")
	if err != nil {
		return nil, err
	}
	heap, err := create("heap")
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(cpu); err != nil {
		return nil, err
	}
	return func() {
		pprof.StopCPUProfile()
		// The profile is of the last collection but one.
		runtime.GC()
		runtime.GC()
		if err := pprof.WriteHeapProfile(heap); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}, nil
}

// serve is the provider as it is released, but that it waits on the clock of the
// double: for the pace of its calls, and between retries.
func serve(speed float64, profileTo string) error {
	if profileTo != "" {
		end, err := profile(profileTo)
		if err != nil {
			return err
		}
		defer end()
	}
	provider.TuneMemory(os.Environ())
	if err := provider.MuteUnreadLog(os.Environ()); err != nil {
		return err
	}
	clock := scaled.NewClock(speed)
	return provider.Serve(provider.New("fleet", provider.WithSettings(func(s *cloud.Settings) { s.Backoff, s.Clock = clock.Backoff(), clock })), false)
}
