// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"cmp"
	"context"
	"fmt"
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
)

// LoadBalancer reads a load balancer by its name. The error is a [NotFoundError]
// when it does not exist.
func (r *Region) LoadBalancer(ctx context.Context, name string) (LoadBalancer, error) {
	notFound := &NotFoundError{Kind: "load balancer", ID: name}
	if name == "" {
		// AWS would take no name for all load balancers.
		return LoadBalancer{}, notFound
	}
	out, err := r.elb.DescribeLoadBalancers(ctx, &elb.DescribeLoadBalancersInput{LoadBalancerNames: []string{name}})
	switch {
	case isLoadBalancerNotFound(err):
		return LoadBalancer{}, notFound
	case err != nil:
		return LoadBalancer{}, explain("elasticloadbalancing:DescribeLoadBalancers", fmt.Sprintf("load balancer %q", name), err)
	case len(out.LoadBalancerDescriptions) == 0:
		return LoadBalancer{}, notFound
	}
	return loadBalancerOf(out.LoadBalancerDescriptions[0]), nil
}

// LoadBalancers reads all load balancers of the region, by name.
func (r *Region) LoadBalancers(ctx context.Context) ([]LoadBalancer, error) {
	var lbs []LoadBalancer
	pages := elb.NewDescribeLoadBalancersPaginator(r.elb, &elb.DescribeLoadBalancersInput{PageSize: aws.Int32(loadBalancersPerPage)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, explain("elasticloadbalancing:DescribeLoadBalancers", "", err)
		}
		for _, lb := range page.LoadBalancerDescriptions {
			lbs = append(lbs, loadBalancerOf(lb))
		}
	}
	slices.SortFunc(lbs, func(a, b LoadBalancer) int { return cmp.Compare(a.Name, b.Name) })
	return lbs, nil
}

// LoadBalancerTags reads the tags of load balancers, by name. What does not
// exist is not in the result.
func (r *Region) LoadBalancerTags(ctx context.Context, names []string) (map[string]map[string]string, error) {
	tags := map[string]map[string]string{}
	for chunk := range slices.Chunk(distinct(names), namesPerTagCall) {
		err := r.addTags(ctx, chunk, tags)
		if IsNotFound(err) && len(chunk) > 1 {
			// One name that is gone fails the whole call: its neighbours are asked for one by one.
			for _, name := range chunk {
				if err = r.addTags(ctx, []string{name}, tags); err != nil && !IsNotFound(err) {
					return nil, err
				}
			}
			continue
		}
		if err != nil && !IsNotFound(err) {
			return nil, err
		}
	}
	return tags, nil
}

func (r *Region) addTags(ctx context.Context, names []string, tags map[string]map[string]string) error {
	out, err := r.elb.DescribeTags(ctx, &elb.DescribeTagsInput{LoadBalancerNames: names})
	if isLoadBalancerNotFound(err) {
		return &NotFoundError{Kind: "load balancer", ID: strings.Join(names, ", ")}
	}
	if err != nil {
		return explain("elasticloadbalancing:DescribeTags", "", err)
	}
	for _, description := range out.TagDescriptions {
		own := make(map[string]string, len(description.Tags))
		for _, tag := range description.Tags {
			own[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
		}
		tags[aws.ToString(description.LoadBalancerName)] = own
	}
	return nil
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
