// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package fakeaws

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Listener is a listener of a load balancer; protocols are upper case.
type Listener struct {
	Protocol         string
	LoadBalancerPort int
	InstanceProtocol string
	InstancePort     int
	SSLCertificateID string `xml:"SSLCertificateId,omitempty"`
}

var certificateARN = regexp.MustCompile(`^arn:aws[a-z-]*:(iam|acm):[a-z0-9-]*:\d{12}:(server-certificate|certificate)/.+$`)

func secure(protocol string) bool { return protocol == "HTTPS" || protocol == "SSL" }

func applicationLayer(protocol string) bool { return protocol == "HTTP" || protocol == "HTTPS" }

func parseListener(f form) (Listener, error) {
	l := Listener{
		Protocol: strings.ToUpper(f.str("Protocol")), LoadBalancerPort: f.num("LoadBalancerPort"),
		InstanceProtocol: strings.ToUpper(f.str("InstanceProtocol")), InstancePort: f.num("InstancePort"),
		SSLCertificateID: f.str("SSLCertificateId"),
	}
	if l.InstanceProtocol == "" {
		l.InstanceProtocol = "TCP"
		if applicationLayer(l.Protocol) {
			l.InstanceProtocol = "HTTP"
		}
	}
	for _, protocol := range []string{l.Protocol, l.InstanceProtocol} {
		if !slices.Contains([]string{"HTTP", "HTTPS", "TCP", "SSL"}, protocol) {
			return l, fail("UnsupportedProtocol", "The protocol '%s' is not supported.", protocol)
		}
	}
	if l.LoadBalancerPort < 1 || l.LoadBalancerPort > 65535 {
		return l, invalidELB("Invalid LoadBalancerPort %d: must be between 1 and 65535", l.LoadBalancerPort)
	}
	if l.InstancePort < 1 || l.InstancePort > 65535 {
		return l, invalidELB("1 validation error detected: Value '%d' at 'listeners.instancePort' failed to satisfy constraint: Member must have value between 1 and 65535", l.InstancePort)
	}
	if applicationLayer(l.Protocol) != applicationLayer(l.InstanceProtocol) {
		return l, fail("InvalidConfigurationRequest", "Cannot use the protocol %s with the instance protocol %s: both must be of one layer.", l.Protocol, l.InstanceProtocol)
	}
	if secure(l.Protocol) && l.SSLCertificateID == "" {
		return l, invalidELB("SSLCertificateId is mandatory for the listener protocol %s", l.Protocol)
	}
	if secure(l.Protocol) && !certificateARN.MatchString(l.SSLCertificateID) {
		return l, fail("CertificateNotFound", "Server Certificate not found for the key: %s", l.SSLCertificateID)
	}
	if !secure(l.Protocol) && l.SSLCertificateID != "" {
		return l, invalidELB("SSLCertificateId cannot be given for the listener protocol %s", l.Protocol)
	}
	return l, nil
}

// addListeners returns the listeners with new ones. An identical listener is
// passed over; a different one on the same port is refused.
func (w *world) addListeners(there []Listener, members []form) ([]Listener, error) {
	out := slices.Clone(there)
	for _, member := range members {
		l, err := parseListener(member)
		if err != nil {
			return nil, err
		}
		if slices.Contains(out, l) {
			continue
		}
		for _, other := range out {
			if other.LoadBalancerPort == l.LoadBalancerPort {
				return nil, fail("DuplicateListener", "A listener already exists on the load balancer port %d with another configuration.", l.LoadBalancerPort)
			}
			if other.InstancePort == l.InstancePort && secure(other.InstanceProtocol) != secure(l.InstanceProtocol) {
				return nil, fail("InvalidConfigurationRequest", "Listeners with the instance port %d must all have secure or all have plain instance protocols.", l.InstancePort)
			}
		}
		out = append(out, l)
	}
	if len(out) > w.server.quotas.ListenersPerLoadBalancer {
		// The API reference has no error of its own for this quota.
		return nil, fail("InvalidConfigurationRequest", "The maximum number of listeners per load balancer has been reached.")
	}
	slices.SortFunc(out, func(a, b Listener) int { return a.LoadBalancerPort - b.LoadBalancerPort })
	return out, nil
}

func (w *world) createListeners(f form) (any, error) {
	lb, err := w.findLB(f.str("LoadBalancerName"))
	if err != nil {
		return nil, err
	}
	next, err := w.addListeners(lb.listeners, f.structs("Listeners.member"))
	if err == nil && lb.classic() {
		err = checkClassicPorts(next)
	}
	if err != nil {
		return nil, err
	}
	lb.listeners = next
	return nil, nil
}

// deleteListeners passes over ports without a listener: the API reference lists
// ListenerNotFound for other operations only.
func (w *world) deleteListeners(f form) (any, error) {
	lb, err := w.findLB(f.str("LoadBalancerName"))
	if err != nil {
		return nil, err
	}
	for _, port := range f.list("LoadBalancerPorts.member") {
		lb.listeners = slices.DeleteFunc(lb.listeners, func(l Listener) bool { return strconv.Itoa(l.LoadBalancerPort) == port })
	}
	return nil, nil
}

// HealthCheck is the health check of a load balancer; times are in seconds.
type HealthCheck struct {
	Target             string
	Interval           int
	Timeout            int
	UnhealthyThreshold int
	HealthyThreshold   int
}

// standardHealthCheck is what a load balancer has before ConfigureHealthCheck.
// The guide documents TCP:80 for the API; there is a report that AWS uses the
// first listener's instance port. Clients must read it, not assume it.
func standardHealthCheck() HealthCheck {
	return HealthCheck{Target: "TCP:80", Interval: 30, Timeout: 5, UnhealthyThreshold: 2, HealthyThreshold: 10}
}

var healthCheckTarget = regexp.MustCompile(`^(?i:(TCP|SSL|HTTP|HTTPS)):([0-9]{1,5})(/.*)?$`)

// maxPingPath is the longest HTTP ping target in characters.
const maxPingPath = 1024

func checkTarget(target string) error {
	match := healthCheckTarget.FindStringSubmatch(target)
	if match == nil {
		return invalidELB("HealthCheck Target '%s' must be of the form PROTOCOL:port or PROTOCOL:port/path, with the protocol HTTP, HTTPS, TCP or SSL", target)
	}
	if port, _ := strconv.Atoi(match[2]); port < 1 || port > 65535 {
		return invalidELB("HealthCheck Target '%s' has a port that is not between 1 and 65535", target)
	}
	if applicationLayer(strings.ToUpper(match[1])) != (match[3] != "") {
		return invalidELB("HealthCheck Target '%s': HTTP and HTTPS targets must have a ping path, TCP and SSL targets must not", target)
	}
	if utf8.RuneCountInString(match[3]) > maxPingPath {
		return invalidELB("HealthCheck Target has a ping path longer than %d characters", maxPingPath)
	}
	return nil
}

type healthCheckResult struct {
	HealthCheck HealthCheck
}

func (w *world) configureHealthCheck(f form) (any, error) {
	lb, err := w.findLB(f.str("LoadBalancerName"))
	if err != nil {
		return nil, err
	}
	check := HealthCheck{
		f.str("HealthCheck.Target"), f.num("HealthCheck.Interval"), f.num("HealthCheck.Timeout"),
		f.num("HealthCheck.UnhealthyThreshold"), f.num("HealthCheck.HealthyThreshold"),
	}
	for _, bound := range []struct {
		name    string
		value   int
		atLeast int
		atMost  int
	}{
		{"interval", check.Interval, 5, 300},
		{"timeout", check.Timeout, 2, 60},
		{"unhealthyThreshold", check.UnhealthyThreshold, 2, 10},
		{"healthyThreshold", check.HealthyThreshold, 2, 10},
	} {
		if bound.value < bound.atLeast || bound.value > bound.atMost {
			return nil, invalidELB("1 validation error detected: Value '%d' at 'healthCheck.%s' failed to satisfy constraint: Member must have value between %d and %d", bound.value, bound.name, bound.atLeast, bound.atMost)
		}
	}
	if check.Timeout >= check.Interval {
		return nil, invalidELB("HealthCheck timeout must be less than interval")
	}
	if err := checkTarget(check.Target); err != nil {
		return nil, err
	}
	// AWS returns the protocol in upper case.
	protocol, rest, _ := strings.Cut(check.Target, ":")
	check.Target = strings.ToUpper(protocol) + ":" + rest
	lb.healthCheck = check
	return healthCheckResult{check}, nil
}
