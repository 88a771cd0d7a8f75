// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package fakeaws

// attributesXML are the attributes of a load balancer.
type attributesXML struct {
	CrossZone  enabledXML      `xml:"CrossZoneLoadBalancing"`
	AccessLog  accessLogXML    `xml:"AccessLog"`
	Draining   drainingXML     `xml:"ConnectionDraining"`
	Settings   idleXML         `xml:"ConnectionSettings"`
	Additional []additionalXML `xml:"AdditionalAttributes>member"`
}

type enabledXML struct{ Enabled bool }

type accessLogXML struct {
	Enabled        bool
	S3BucketName   string `xml:",omitempty"`
	EmitInterval   int    `xml:",omitempty"`
	S3BucketPrefix string `xml:",omitempty"`
}

type drainingXML struct {
	Enabled bool
	Timeout int
}

type idleXML struct{ IdleTimeout int }

type additionalXML struct{ Key, Value string }

const desyncMode = "elb.http.desyncmitigationmode"

// defaultAttributes are those of a load balancer made through the API:
// cross-zone load balancing is off, unlike in the console.
func defaultAttributes() attributesXML {
	return attributesXML{
		Draining:   drainingXML{false, 300},
		Settings:   idleXML{60},
		Additional: []additionalXML{{desyncMode, "defensive"}},
	}
}

type attributesResult struct {
	Name       string        `xml:"LoadBalancerName,omitempty"`
	Attributes attributesXML `xml:"LoadBalancerAttributes"`
}

func (w *world) describeAttributes(f form) (any, error) {
	lb, err := w.findLB(f.str("LoadBalancerName"))
	if err != nil {
		return nil, err
	}
	return attributesResult{Attributes: lb.attributes}, nil
}

func (w *world) modifyAttributes(f form) (any, error) {
	lb, err := w.findLB(f.str("LoadBalancerName"))
	if err != nil {
		return nil, err
	}
	const prefix = "LoadBalancerAttributes."
	next := lb.attributes
	if f.has(prefix + "CrossZoneLoadBalancing.Enabled") {
		next.CrossZone.Enabled = f.flag(prefix + "CrossZoneLoadBalancing.Enabled")
	}
	if f.has(prefix + "AccessLog.Enabled") {
		next.AccessLog = accessLogXML{
			f.flag(prefix + "AccessLog.Enabled"), f.str(prefix + "AccessLog.S3BucketName"),
			f.num(prefix + "AccessLog.EmitInterval"), f.str(prefix + "AccessLog.S3BucketPrefix"),
		}
		if next.AccessLog.Enabled && next.AccessLog.S3BucketName == "" {
			return nil, fail("InvalidConfigurationRequest", "S3BucketName is required when access logs are enabled.")
		}
	}
	if f.has(prefix + "ConnectionDraining.Enabled") {
		next.Draining.Enabled = f.flag(prefix + "ConnectionDraining.Enabled")
		if f.has(prefix + "ConnectionDraining.Timeout") {
			next.Draining.Timeout = f.num(prefix + "ConnectionDraining.Timeout")
		}
	}
	if f.has(prefix + "ConnectionSettings.IdleTimeout") {
		next.Settings.IdleTimeout = f.num(prefix + "ConnectionSettings.IdleTimeout")
		if next.Settings.IdleTimeout < 1 || next.Settings.IdleTimeout > 3600 {
			return nil, invalidELB("IdleTimeout must be between 1 and 3600 seconds")
		}
	}
	for _, member := range f.structs(prefix + "AdditionalAttributes.member") {
		if member.str("Key") != desyncMode {
			return nil, fail("LoadBalancerAttributeNotFound", "The attribute '%s' does not exist.", member.str("Key"))
		}
		next.Additional = []additionalXML{{desyncMode, member.str("Value")}}
	}
	lb.attributes = next
	return attributesResult{lb.name, next}, nil
}
