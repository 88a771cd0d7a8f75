// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// loadBalancersAttribute is the attribute that states the load balancers. The
// attributes of its objects are a subset of those of aws_elb, so that
// Terraform converts an aws_elb (or its data source, or ours) to it. All of
// them are Optional, and required by our own checks: while Terraform
// validates, the elements of a set in another resource are unknown as a whole,
// and a Required attribute in them would count as missing.
func loadBalancersAttribute(use string) schema.ListNestedAttribute {
	return schema.ListNestedAttribute{
		Required: true,
		MarkdownDescription: "The load balancers " + use + " " +
			"Each is an object shaped like `aws_elb`, so all of these work: `[aws_elb.web]`, `[data.aws_elb.web]`, `[data.clb_load_balancer.web]`, a literal, or " +
			"`[merge(aws_elb.web, { clients = [...] })]`; attributes that are not listed here are ignored. An empty list means no rules. " +
			"With `aws_elb`, write `internal = false` in it instead of leaving it out: otherwise the scheme, and so the client rules, are only known after the first apply.",
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"name": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "The name of the load balancer. It is used in messages only; no rule depends on it.",
			},
			"internal": schema.BoolAttribute{
				Optional:            true,
				MarkdownDescription: "`true` for an internal load balancer, `false` or left out for an internet-facing one. Decides the source of the client rules: the VPC CIDRs or `0.0.0.0/0`.",
			},
			"listener": schema.SetNestedAttribute{
				Optional:            true,
				MarkdownDescription: "The listeners. Must be set; may be empty.",
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"lb_port": schema.Int64Attribute{
						Optional:            true,
						MarkdownDescription: "The port on which the load balancer listens, 1-65535.",
					},
					"instance_port": schema.Int64Attribute{
						Optional:            true,
						MarkdownDescription: "The port on the instances to which the listener forwards, 1-65535.",
					},
				}},
			},
			"health_check": schema.ListNestedAttribute{
				Optional:            true,
				MarkdownDescription: "The health check, at most one. Left out: no health check rule.",
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"target": schema.StringAttribute{
						Optional:            true,
						MarkdownDescription: "The health check target: `TCP:port`, `SSL:port`, `HTTP:port/path` or `HTTPS:port/path`. Only its port matters to the rules.",
					},
				}},
			},
			"security_groups": schema.SetAttribute{
				ElementType:         types.StringType,
				Optional:            true,
				MarkdownDescription: "The ids of the security groups that the load balancer carries. They are the sources of the instance rules for this load balancer.",
			},
			"instance_security_group_ids": schema.SetAttribute{
				ElementType:         types.StringType,
				Optional:            true,
				MarkdownDescription: "The ids of the security groups of this load balancer's instances, `account/sg-…` for a group of another account. They are the destinations of the outbound rules of the load balancer's security group.",
			},
			"clients": clientsAttribute("The clients of this load balancer. Replaces the `clients` of the resource for this load balancer."),
		}},
	}
}

// loadBalancerModel is an element of load_balancers.
type loadBalancerModel struct {
	Name                     types.String
	Internal                 types.Bool
	Listener                 types.Set
	HealthCheck              types.List
	SecurityGroups           types.Set
	InstanceSecurityGroupIDs types.Set
	Clients                  types.List
}

func (m *loadBalancerModel) fields() fields {
	return fields{
		"name": &m.Name, "internal": &m.Internal, "listener": &m.Listener, "health_check": &m.HealthCheck, "security_groups": &m.SecurityGroups,
		"instance_security_group_ids": &m.InstanceSecurityGroupIDs, "clients": &m.Clients,
	}
}

type listenerModel struct{ LBPort, InstancePort types.Int64 }

func (m *listenerModel) fields() fields {
	return fields{"lb_port": &m.LBPort, "instance_port": &m.InstancePort}
}

type healthCheckModel struct {
	Target types.String `tfsdk:"target"`
}

func listenerType() types.ObjectType {
	return types.ObjectType{AttrTypes: map[string]attr.Type{"lb_port": types.Int64Type, "instance_port": types.Int64Type}}
}

func healthCheckType() types.ObjectType {
	return types.ObjectType{AttrTypes: map[string]attr.Type{"target": types.StringType}}
}

func loadBalancerType() types.ObjectType {
	return types.ObjectType{AttrTypes: map[string]attr.Type{
		"name":                        types.StringType,
		"internal":                    types.BoolType,
		"listener":                    types.SetType{ElemType: listenerType()},
		"health_check":                types.ListType{ElemType: healthCheckType()},
		"security_groups":             types.SetType{ElemType: types.StringType},
		"instance_security_group_ids": types.SetType{ElemType: types.StringType},
		"clients":                     types.ListType{ElemType: clientsType()},
	}}
}

// loadBalancer is a load balancer value as far as it is known.
type loadBalancer struct {
	wiring.LoadBalancer
	// unknown are the facts that Terraform does not know yet.
	unknown unknownFacts
	// carried are the groups that an instance's load balancer carries, of which
	// SecurityGroups are those that the resource chose.
	carried []string
}

// unknownFacts tells which facts of a load balancer value are unknown.
type unknownFacts struct {
	listeners, scheme, healthCheck, securityGroups, instanceGroups, clients bool
}

// idle tells whether nothing leads from the load balancer to instances, so that
// no rule needs their groups.
func (lb loadBalancer) idle() bool {
	return !lb.unknown.listeners && !lb.unknown.healthCheck && len(lb.Listeners) == 0 && lb.HealthCheck == nil
}

// decodeLoadBalancers reads the attribute load_balancers. known is false when
// even the number of load balancers is unknown. Problems with what is known are
// reported on the attribute, since Terraform shows no exact line for deeper paths.
func decodeLoadBalancers(list types.List, ownAccount string) (lbs []loadBalancer, known bool, diags diag.Diagnostics) {
	if list.IsUnknown() {
		return nil, false, nil
	}
	at := path.Root("load_balancers")
	known = true
	for i, element := range list.Elements() {
		object, isObject := element.(types.Object)
		if !isObject || object.IsNull() {
			diags.AddAttributeError(at, "Invalid load balancer",
				fmt.Sprintf("load_balancers[%d] is null. Leave the element out: an empty list means no rules.", i))
			continue
		}
		if object.IsUnknown() {
			known = false
			continue
		}
		var model loadBalancerModel
		model.fields().read(object)
		lb, problems := model.decode(ownAccount)
		for _, problem := range problems {
			diags.AddAttributeError(at, "Invalid load balancer", withFullStop(fmt.Sprintf("load_balancers[%d]: %s", i, problem)))
		}
		lbs = append(lbs, lb)
	}
	return lbs, known, diags
}

func (m loadBalancerModel) decode(ownAccount string) (loadBalancer, []string) {
	lb := loadBalancer{LoadBalancer: wiring.LoadBalancer{Name: m.Name.ValueString(), Internal: m.Internal.ValueBool()}}
	lb.unknown.scheme = m.Internal.IsUnknown()
	var problems []string

	// What is wrong counts as unknown, so that nothing else is found amiss because of it.
	listeners, known, bad := decodeListeners(m.Listener, lb.Label())
	problems = append(problems, bad...)
	lb.Listeners, lb.unknown.listeners = listeners, !known || len(bad) > 0

	target, known, bad := decodeHealthCheck(m.HealthCheck, lb.Label())
	problems = append(problems, bad...)
	lb.HealthCheck, lb.unknown.healthCheck = target, !known || len(bad) > 0

	lb.SecurityGroups, known, bad = decodeGroups(m.SecurityGroups, "security_groups", ownAccount)
	problems = append(problems, bad...)
	lb.unknown.securityGroups = !known || len(bad) > 0

	lb.InstanceSecurityGroups, known, bad = decodeGroups(m.InstanceSecurityGroupIDs, "instance_security_group_ids", ownAccount)
	problems = append(problems, bad...)
	lb.unknown.instanceGroups = !known || len(bad) > 0

	lb.Clients, known, bad = decodeClients(m.Clients, ownAccount)
	problems = append(problems, bad...)
	lb.unknown.clients = !known || len(bad) > 0

	checked := lb.LoadBalancer
	if lb.unknown.listeners {
		// A port that is no listener cannot be told yet.
		checked.Clients = nil
	}
	return lb, append(problems, checked.Check()...)
}

func decodeListeners(set types.Set, label string) (listeners []wiring.Listener, known bool, problems []string) {
	if set.IsNull() {
		return nil, true, []string{label + " has no listener attribute: state its listeners, or an empty set for none"}
	}
	if set.IsUnknown() {
		return nil, false, nil
	}
	known = true
	for _, element := range set.Elements() {
		object, isObject := element.(types.Object)
		if !isObject || object.IsUnknown() {
			known = false
			continue
		}
		if object.IsNull() {
			problems = append(problems, label+" has a listener that is null: leave it out")
			continue
		}
		var model listenerModel
		model.fields().read(object)
		switch {
		case model.LBPort.IsNull():
			problems = append(problems, label+" has a listener without lb_port: state the port on which the load balancer listens")
		case model.InstancePort.IsNull() && model.LBPort.IsUnknown():
			problems = append(problems, label+" has a listener without instance_port: state the port on the instances")
		case model.InstancePort.IsNull():
			problems = append(problems, fmt.Sprintf("%s has a listener on lb_port %s without instance_port: state the port on the instances", label, model.LBPort))
		}
		if model.LBPort.IsUnknown() || model.InstancePort.IsUnknown() {
			known = false
			continue
		}
		if model.LBPort.IsNull() || model.InstancePort.IsNull() {
			continue
		}
		listeners = append(listeners, wiring.Listener{LBPort: int(model.LBPort.ValueInt64()), InstancePort: int(model.InstancePort.ValueInt64())})
	}
	return listeners, known, problems
}

func decodeHealthCheck(list types.List, label string) (target *wiring.HealthCheckTarget, known bool, problems []string) {
	if list.IsUnknown() {
		return nil, false, nil
	}
	elements := list.Elements()
	if len(elements) > 1 {
		return nil, true, []string{fmt.Sprintf("%s has %d health checks: AWS allows one", label, len(elements))}
	}
	if len(elements) == 0 {
		return nil, true, nil
	}
	object, isObject := elements[0].(types.Object)
	if !isObject || object.IsUnknown() {
		return nil, false, nil
	}
	text, _ := object.Attributes()["target"].(types.String)
	if text.IsNull() {
		return nil, true, []string{label + ` has a health check without a target: state one such as "HTTP:8080/ping"`}
	}
	if text.IsUnknown() {
		return nil, false, nil
	}
	parsed, err := wiring.ParseHealthCheckTarget(text.ValueString())
	if err != nil {
		return nil, true, []string{err.Error()}
	}
	return &parsed, true, nil
}

// decodeGroups reads a set of security groups that are peers of rules.
func decodeGroups(set types.Set, name, ownAccount string) (groups []string, known bool, problems []string) {
	return decodeStrings(set, name, func(text string) (string, error) {
		return wiring.WithoutAccount(text, ownAccount), wiring.CheckGroupPeer(text)
	})
}

// decodeStrings reads a set of strings, each through parse. known is false when
// an element, or the set, is unknown.
func decodeStrings[T any](set types.Set, name string, parse func(string) (T, error)) (values []T, known bool, problems []string) {
	if set.IsUnknown() {
		return nil, false, nil
	}
	known = true
	for _, element := range set.Elements() {
		text, isString := element.(types.String)
		switch {
		case !isString || text.IsNull():
			problems = append(problems, name+" has an element that is null: leave it out")
		case text.IsUnknown():
			known = false
		default:
			value, err := parse(text.ValueString())
			if err != nil {
				problems = append(problems, fmt.Sprintf("%s: %s", name, err))
				continue
			}
			values = append(values, value)
		}
	}
	return values, known, problems
}
