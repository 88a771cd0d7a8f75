// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package wiring

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
)

// HealthCheckTarget is where a load balancer checks the health of its
// instances. Source: HealthCheck.Target in the Elastic Load Balancing API
// reference, version 2012-06-01.
type HealthCheckTarget struct {
	// Protocol is "HTTP", "HTTPS", "TCP" or "SSL".
	Protocol string
	// Port is the port on the instance, 1-65535.
	Port int
	// Path is the ping path with its leading slash; empty for TCP and SSL.
	Path string
}

// String is the target as the API writes it: "HTTP:8080/ping".
func (t HealthCheckTarget) String() string {
	return fmt.Sprintf("%s:%d%s", t.Protocol, t.Port, t.Path)
}

// ParseHealthCheckTarget reads a health check target: "TCP:port", "SSL:port",
// "HTTP:port/path" or "HTTPS:port/path". The protocol's letter case does not matter.
func ParseHealthCheckTarget(text string) (HealthCheckTarget, error) {
	const forms = `write "TCP:port", "SSL:port", "HTTP:port/path" or "HTTPS:port/path"`
	bad := func(format string, args ...any) (HealthCheckTarget, error) {
		return HealthCheckTarget{}, fmt.Errorf("health check target %q %s", text, fmt.Sprintf(format, args...))
	}
	protocol, rest, ok := strings.Cut(text, ":")
	if !ok {
		return bad("has no colon after the protocol: %s", forms)
	}
	target := HealthCheckTarget{Protocol: strings.ToUpper(protocol)}
	portText, path, hasPath := strings.Cut(rest, "/")
	switch target.Protocol {
	case "HTTP", "HTTPS":
		if !hasPath {
			return bad("has no ping path, which %s needs: did you mean %q?", target.Protocol, text+"/")
		}
		target.Path = "/" + path
	case "TCP", "SSL":
		if hasPath {
			return bad("has a ping path, which %s does not take: did you mean %q?", target.Protocol, protocol+":"+portText)
		}
	default:
		return bad("has the protocol %q: %s", protocol, forms)
	}
	port, err := strconv.Atoi(portText)
	if err != nil || strings.Trim(portText, "0123456789") != "" {
		return bad("has %q where the port belongs: %s", portText, forms)
	}
	if err := CheckPort(port); err != nil {
		return bad("has port %s", err)
	}
	target.Port = port
	const longest = 1024
	if n := len(utf16.Encode([]rune(target.Path))); n > longest {
		return bad("has a ping path of %d characters: AWS takes at most %d", n, longest)
	}
	return target, nil
}

// CheckPort refuses what is not a TCP port, 1-65535.
func CheckPort(port int) error {
	if port < 1 || port > 65535 {
		return fmt.Errorf("%d: ports go from 1 to 65535", port)
	}
	return nil
}
