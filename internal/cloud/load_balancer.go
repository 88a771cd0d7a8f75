// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing/types"

	"github.com/terraform-clb/terraform-provider-clb/internal/wiring"
)

// The most load balancers in a page of DescribeLoadBalancers, and the most names
// in a call of DescribeTags. Source: Elastic Load Balancing API reference,
// version 2012-06-01.
const (
	loadBalancersPerPage = 400
	namesPerTagCall      = 20
	// namesPerCall is how many names go into a call of DescribeLoadBalancers. How many
	// it takes AWS says of the other kinds of load balancers only.
	namesPerCall = 20
)

// LoadBalancer reads a load balancer by its name. The error is a [NotFoundError]
// when it does not exist.
func (r *Region) LoadBalancer(ctx context.Context, name string) (LoadBalancer, error) {
	notFound := &NotFoundError{Kind: "load balancer", ID: name}
	if name == "" {
		// AWS would take no name for all load balancers.
		return LoadBalancer{}, notFound
	}
	live, err := r.reads.loadBalancers.look(ctx, []string{name}, r.fresh)
	if err != nil {
		return LoadBalancer{}, explain("elasticloadbalancing:DescribeLoadBalancers", fmt.Sprintf("load balancer %q", name), err)
	}
	lb, there := live[name]
	if !there {
		return LoadBalancer{}, notFound
	}
	return loadBalancerOf(lb), nil
}

// LoadBalancers reads all load balancers of the region, by name.
func (r *Region) LoadBalancers(ctx context.Context) ([]LoadBalancer, error) {
	live, err := r.reads.loadBalancers.all(ctx)
	if err != nil {
		return nil, explain("elasticloadbalancing:DescribeLoadBalancers", "", err)
	}
	var lbs []LoadBalancer
	for _, name := range slices.Sorted(maps.Keys(live)) {
		lbs = append(lbs, loadBalancerOf(live[name]))
	}
	return lbs, nil
}

// loadBalancerPages asks by names, of which one that does not exist, or is no name,
// fails the whole call: then the others are looked for in ever smaller calls.
func loadBalancerPages(api ELBAPI) pageOf[types.LoadBalancerDescription] {
	var pages pageOf[types.LoadBalancerDescription]
	pages = func(ctx context.Context, names []string, next *string, found map[string]types.LoadBalancerDescription) (*string, error) {
		in := &elb.DescribeLoadBalancersInput{LoadBalancerNames: names, Marker: next}
		if names == nil {
			in.PageSize = aws.Int32(loadBalancersPerPage)
		}
		page, err := api.DescribeLoadBalancers(ctx, in)
		missing := isLoadBalancerNotFound(err) || names != nil && hasCode(err, "ValidationError")
		switch {
		case missing && len(names) > 1:
			half := len(names) / 2
			if err := pages.each(ctx, names[:half], found); err != nil {
				return nil, err
			}
			return nil, pages.each(ctx, names[half:], found)
		case missing:
			return nil, nil
		case err != nil:
			return nil, err
		}
		for _, lb := range page.LoadBalancerDescriptions {
			found[idOf(lb.LoadBalancerName, names)] = lb
		}
		return token(page.NextMarker), nil
	}
	return pages
}

// LoadBalancerTags reads the tags of load balancers, by name. What does not
// exist is not in the result.
func (r *Region) LoadBalancerTags(ctx context.Context, names []string) (map[string]map[string]string, error) {
	live, err := r.reads.loadBalancerTags.look(ctx, names, r.fresh)
	if err != nil {
		return nil, explain("elasticloadbalancing:DescribeTags", "", err)
	}
	tags := make(map[string]map[string]string, len(live))
	for name, list := range live {
		own := make(map[string]string, len(list))
		for _, tag := range list {
			own[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
		}
		tags[name] = own
	}
	return tags, nil
}

// tagPages asks by names, of which one that is gone fails the whole call: then its
// neighbours are asked for one by one.
func tagPages(api ELBAPI) pageOf[[]types.Tag] {
	var pages pageOf[[]types.Tag]
	pages = func(ctx context.Context, names []string, _ *string, found map[string][]types.Tag) (*string, error) {
		out, err := api.DescribeTags(ctx, &elb.DescribeTagsInput{LoadBalancerNames: names})
		switch {
		case isLoadBalancerNotFound(err) && len(names) > 1:
			for _, name := range names {
				if err := pages.each(ctx, []string{name}, found); err != nil {
					return nil, err
				}
			}
			return nil, nil
		case isLoadBalancerNotFound(err):
			return nil, nil
		case err != nil:
			return nil, err
		}
		for _, description := range out.TagDescriptions {
			found[aws.ToString(description.LoadBalancerName)] = description.Tags
		}
		return nil, nil
	}
	return pages
}

// CrossZone tells whether the nodes of a load balancer send to the instances of
// every zone and not of their own zone alone.
func (r *Region) CrossZone(ctx context.Context, name string) (bool, error) {
	out, err := r.elb.DescribeLoadBalancerAttributes(ctx, &elb.DescribeLoadBalancerAttributesInput{LoadBalancerName: aws.String(name)})
	if isLoadBalancerNotFound(err) {
		return false, &NotFoundError{Kind: "load balancer", ID: name}
	}
	if err != nil {
		return false, explain("elasticloadbalancing:DescribeLoadBalancerAttributes", fmt.Sprintf("load balancer %q", name), err)
	}
	attributes := out.LoadBalancerAttributes
	return attributes != nil && attributes.CrossZoneLoadBalancing != nil && attributes.CrossZoneLoadBalancing.Enabled, nil
}

// ApplySecurityGroups makes these the groups that a load balancer carries, in
// place of those it carries now. The error is a [NotFoundError] when the load
// balancer does not exist.
func (r *Region) ApplySecurityGroups(ctx context.Context, loadBalancer string, groupIDs []string) error {
	const operation = "elasticloadbalancing:ApplySecurityGroupsToLoadBalancer"
	groups := distinct(groupIDs)
	if len(groups) == 0 {
		return fmt.Errorf("load balancer %q cannot be left without a security group: name at least one", loadBalancer)
	}
	var call attempts
	err := r.untilVisible(ctx, isInvalidSecurityGroup, func() error {
		_, err := r.elb.ApplySecurityGroupsToLoadBalancer(ctx, &elb.ApplySecurityGroupsToLoadBalancerInput{
			LoadBalancerName: aws.String(loadBalancer),
			SecurityGroups:   groups,
		}, call.elb)
		return err
	})
	if isLoadBalancerNotFound(err) {
		return &NotFoundError{Kind: "load balancer", ID: loadBalancer}
	}
	if err == nil || call.lost && r.carriesAfter(ctx, loadBalancer, groups) {
		return nil
	}
	failure := explain(operation, fmt.Sprintf("load balancer %q", loadBalancer), err)
	if isInvalidSecurityGroup(err) || hasCode(err, "InvalidConfigurationRequest", "ValidationError") {
		return advise(failure, "A load balancer carries one to five security groups, and each must exist in the load balancer's own VPC: check %s.", strings.Join(groups, ", "))
	}
	return failure
}

// carriesAfter tells, after a call whose answer was lost, whether a load balancer
// carries exactly these groups.
func (r *Region) carriesAfter(ctx context.Context, loadBalancer string, groups []string) bool {
	ctx, end := aftermath(ctx)
	defer end()
	live, err := r.LoadBalancer(ctx, loadBalancer)
	return err == nil && slices.Equal(live.SecurityGroups, groups)
}

func loadBalancerOf(d types.LoadBalancerDescription) LoadBalancer {
	lb := LoadBalancer{
		Name:              aws.ToString(d.LoadBalancerName),
		DNSName:           aws.ToString(d.DNSName),
		VPCID:             aws.ToString(d.VPCId),
		Internal:          aws.ToString(d.Scheme) == "internal",
		SecurityGroups:    distinct(d.SecurityGroups),
		Subnets:           distinct(d.Subnets),
		AvailabilityZones: distinct(d.AvailabilityZones),
	}
	for _, description := range d.ListenerDescriptions {
		l := description.Listener
		if l == nil {
			continue
		}
		lb.Listeners = append(lb.Listeners, Listener{
			Listener:         wiring.Listener{LBPort: int(l.LoadBalancerPort), InstancePort: int(aws.ToInt32(l.InstancePort))},
			Protocol:         strings.ToUpper(aws.ToString(l.Protocol)),
			InstanceProtocol: strings.ToUpper(aws.ToString(l.InstanceProtocol)),
			CertificateID:    aws.ToString(l.SSLCertificateId),
		})
	}
	slices.SortFunc(lb.Listeners, func(a, b Listener) int { return cmp.Compare(a.LBPort, b.LBPort) })
	if d.HealthCheck != nil {
		lb.HealthCheckTarget = aws.ToString(d.HealthCheck.Target)
	}
	for _, instance := range d.Instances {
		lb.Instances = append(lb.Instances, aws.ToString(instance.InstanceId))
	}
	lb.Instances = distinct(lb.Instances)
	if g := d.SourceSecurityGroup; g != nil {
		lb.SourceSecurityGroup = SourceSecurityGroup{OwnerAlias: aws.ToString(g.OwnerAlias), GroupName: aws.ToString(g.GroupName)}
	}
	return lb
}
