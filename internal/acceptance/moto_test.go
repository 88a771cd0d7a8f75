// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package acceptance

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
)

var motoAddress = regexp.MustCompile(`Running on (http://127\.0\.0\.1:\d+)`)

// startMoto starts a moto_server on a free loopback port.
func startMoto() (stop func(), err error) {
	url, stop, err := runMoto()
	motoURL = url
	return stop, err
}

func runMoto() (url string, stop func(), err error) {
	path, err := exec.LookPath("moto_server")
	if err != nil {
		return "", nil, errors.New("moto_server is missing: install it with  pip install 'moto[server]'")
	}
	command := exec.Command(path, "-H", "127.0.0.1", "-p", "0")
	command.Env = append(os.Environ(), "PYTHONUNBUFFERED=1", "MOTO_EC2_LOAD_DEFAULT_AMIS=false")
	output, err := command.StderrPipe()
	if err != nil {
		return "", nil, err
	}
	command.Stdout = command.Stderr
	if err := command.Start(); err != nil {
		return "", nil, fmt.Errorf("starting moto_server: %w", err)
	}
	stop = func() {
		_ = command.Process.Kill()
		_ = command.Wait()
	}
	var seen strings.Builder
	for lines := bufio.NewScanner(output); lines.Scan(); {
		seen.WriteString(lines.Text() + "\n")
		if match := motoAddress.FindStringSubmatch(lines.Text()); match != nil {
			go func() { _, _ = io.Copy(io.Discard, output) }()
			return match[1], stop, nil
		}
	}
	stop()
	return "", nil, fmt.Errorf("moto_server ended before it served:\n%s", seen.String())
}
