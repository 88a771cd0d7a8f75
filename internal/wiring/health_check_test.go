// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package wiring

import (
	"strings"
	"testing"
)

func TestParseHealthCheckTarget(t *testing.T) {
	t.Parallel()
	longest := "/" + strings.Repeat("p", 1023)
	tests := []struct {
		text string
		want HealthCheckTarget
	}{
		{"TCP:80", HealthCheckTarget{"TCP", 80, ""}},
		{"SSL:443", HealthCheckTarget{"SSL", 443, ""}},
		{"HTTP:8080/ping", HealthCheckTarget{"HTTP", 8080, "/ping"}},
		{"HTTPS:8443/", HealthCheckTarget{"HTTPS", 8443, "/"}},
		{"HTTP:80/weather/us/wa/seattle", HealthCheckTarget{"HTTP", 80, "/weather/us/wa/seattle"}},
		{"HTTP:80/a:b?c=d/e", HealthCheckTarget{"HTTP", 80, "/a:b?c=d/e"}},
		{"HTTP:80//", HealthCheckTarget{"HTTP", 80, "//"}},
		{"http:8080/Ping", HealthCheckTarget{"HTTP", 8080, "/Ping"}},
		{"tcp:1", HealthCheckTarget{"TCP", 1, ""}},
		{"Ssl:65535", HealthCheckTarget{"SSL", 65535, ""}},
		{"HTTP:80" + longest, HealthCheckTarget{"HTTP", 80, longest}},
	}
	for _, test := range tests {
		got, err := ParseHealthCheckTarget(test.text)
		if err != nil || got != test.want {
			t.Errorf("%q: got %+v, %v; want %+v", test.text, got, err, test.want)
		}
	}
}

func TestParseHealthCheckTargetRefuses(t *testing.T) {
	t.Parallel()
	const forms = "write \"TCP:port\", \"SSL:port\", \"HTTP:port/path\" or \"HTTPS:port/path\""
	long := "HTTP:80/" + strings.Repeat("p", 1024)
	tests := []struct{ text, want string }{
		{"", "health check target \"\" has no colon after the protocol: " + forms},
		{"HTTP", "health check target \"HTTP\" has no colon after the protocol: " + forms},
		{"8080/ping", "health check target \"8080/ping\" has no colon after the protocol: " + forms},
		{"UDP:53", "health check target \"UDP:53\" has the protocol \"UDP\": " + forms},
		{":80", "health check target \":80\" has the protocol \"\": " + forms},
		{"HTTP:8080", "health check target \"HTTP:8080\" has no ping path, which HTTP needs: did you mean \"HTTP:8080/\"?"},
		{"HTTPS:8443", "health check target \"HTTPS:8443\" has no ping path, which HTTPS needs: did you mean \"HTTPS:8443/\"?"},
		{"TCP:8080/ping", "health check target \"TCP:8080/ping\" has a ping path, which TCP does not take: did you mean \"TCP:8080\"?"},
		{"ssl:443/", "health check target \"ssl:443/\" has a ping path, which SSL does not take: did you mean \"ssl:443\"?"},
		{"TCP:", "health check target \"TCP:\" has \"\" where the port belongs: " + forms},
		{"TCP:http", "health check target \"TCP:http\" has \"http\" where the port belongs: " + forms},
		{"TCP:+80", "health check target \"TCP:+80\" has \"+80\" where the port belongs: " + forms},
		{"TCP: 80", "health check target \"TCP: 80\" has \" 80\" where the port belongs: " + forms},
		{"TCP:-1", "health check target \"TCP:-1\" has \"-1\" where the port belongs: " + forms},
		{"TCP:99999999999999999999", "health check target \"TCP:99999999999999999999\" has \"99999999999999999999\" where the port belongs: " + forms},
		{"HTTP:80:81/", "health check target \"HTTP:80:81/\" has \"80:81\" where the port belongs: " + forms},
		{"TCP:0", "health check target \"TCP:0\" has port 0: ports go from 1 to 65535"},
		{"HTTP:65536/", "health check target \"HTTP:65536/\" has port 65536: ports go from 1 to 65535"},
		{long, "health check target \"" + long + "\" has a ping path of 1025 characters: AWS takes at most 1024"},
	}
	for _, test := range tests {
		got, err := ParseHealthCheckTarget(test.text)
		if err == nil {
			t.Errorf("%q: got %+v, want an error", test.text, got)
			continue
		}
		if err.Error() != test.want {
			t.Errorf("%q:\ngot  %s\nwant %s", test.text, err, test.want)
		}
	}
}

func TestCheckPort(t *testing.T) {
	t.Parallel()
	for _, good := range []int{1, 80, 65535} {
		if err := CheckPort(good); err != nil {
			t.Errorf("%d: %v", good, err)
		}
	}
	for bad, want := range map[int]string{
		-1:    "-1: ports go from 1 to 65535",
		0:     "0: ports go from 1 to 65535",
		65536: "65536: ports go from 1 to 65535",
		70000: "70000: ports go from 1 to 65535",
	} {
		if err := CheckPort(bad); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// FuzzParseHealthCheckTarget: a target that is accepted is written back as one
// that is read as the same target, and it has what its protocol needs.
func FuzzParseHealthCheckTarget(f *testing.F) {
	for _, text := range []string{"TCP:80", "ssl:443", "HTTP:8080/ping", "https:8443/", "TCP:080", "HTTP:80/\xff", "", "HTTP:0/", "TCP:65536"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		target, err := ParseHealthCheckTarget(text)
		if err != nil {
			if target != (HealthCheckTarget{}) {
				t.Errorf("%q: got %+v beside %v", text, target, err)
			}
			return
		}
		again, err := ParseHealthCheckTarget(target.String())
		if err != nil || again != target {
			t.Errorf("%q was read as %+v, and its %q as %+v (%v)", text, target, target.String(), again, err)
		}
		if target.Port < 1 || target.Port > 65535 {
			t.Errorf("%q was read with port %d", text, target.Port)
		}
		needsPath := target.Protocol == "HTTP" || target.Protocol == "HTTPS"
		if strings.HasPrefix(target.Path, "/") != needsPath {
			t.Errorf("%q was read with protocol %s and path %q", text, target.Protocol, target.Path)
		}
	})
}
