// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package fakeaws

import (
	"strings"
	"time"
)

// Throttle limits the rate of calls with the token buckets that AWS documents
// in "Request throttling for the Amazon EC2 API" and "Request throttling for
// the Elastic Load Balancing API", for each account and region.
type Throttle struct {
	// Now is the clock of the buckets; nil means the wall clock at Config.Speed.
	Now func() time.Time
}

// bucketSize is the capacity of a bucket and its refill for each second.
type bucketSize struct{ capacity, refill float64 }

type bucketKey struct {
	scope
	name string
}

type bucket struct {
	tokens float64
	at     time.Time
}

// throttled takes a token for the call or refuses it. The server is locked.
func (s *Server) throttled(q query) error {
	if s.config.Throttle == nil || q.service == ServiceSTS {
		return nil
	}
	at := scope{s.account(q.accessKey), q.region}
	if q.service == ServiceEC2 {
		name, size := ec2Bucket(q)
		if !s.take(bucketKey{at, name}, size) {
			return fail("RequestLimitExceeded", "Request limit exceeded.")
		}
		return nil
	}
	name, size := elbBucket(q.action)
	account := bucketKey{at, elbAccountBucket}
	// The bucket of the action and the one of all actions both have to give.
	if !s.full(account, elbAccountSize()) || !s.take(bucketKey{at, name}, size) {
		return fail("Throttling", "Rate exceeded")
	}
	s.take(account, elbAccountSize())
	return nil
}

// LeastTime is how long calls of one account and region take at least with full
// buckets at the beginning. Calls that were refused because of their rate do not
// count.
func LeastTime(calls []Call) time.Duration {
	taken, sizes := map[string]float64{}, map[string]bucketSize{}
	for _, call := range calls {
		if call.Service == ServiceSTS || call.ErrorCode == "RequestLimitExceeded" || call.ErrorCode == "Throttling" {
			continue
		}
		name, size := ec2Bucket(query{action: call.Action, params: call.Params})
		if call.Service == ServiceELB {
			name, size = elbBucket(call.Action)
			taken[elbAccountBucket]++
			sizes[elbAccountBucket] = elbAccountSize()
		}
		taken[name]++
		sizes[name] = size
	}
	least := 0.0
	for name, size := range sizes {
		least = max(least, (taken[name]-size.capacity)/size.refill)
	}
	return time.Duration(least * float64(time.Second))
}

// elbAccountBucket is the bucket of all actions of Elastic Load Balancing.
const elbAccountBucket = "elb"

func elbAccountSize() bucketSize { return bucketSize{40, 10} }

// ec2Bucket chooses the bucket of an EC2 request: each API has its own. Calls
// by identifiers alone count as unfiltered, because the documentation does not
// say that they do not.
func ec2Bucket(q query) (string, bucketSize) {
	switch q.action {
	case "DescribeInstances", "DescribeNetworkInterfaces", "DescribeSecurityGroups":
		filtered := q.params.Has("MaxResults") || q.params.Has("Filter.1.Name")
		if !filtered {
			return q.action + " unfiltered", bucketSize{50, 10}
		}
	case "CreateTags", "DeleteTags":
		return q.action, bucketSize{100, 10}
	case "DescribeSecurityGroupReferences", "DescribeStaleSecurityGroups":
		return q.action, bucketSize{20, 5}
	case "AuthorizeSecurityGroupIngress", "RevokeSecurityGroupIngress":
		return q.action, bucketSize{50, 5}
	}
	if strings.HasPrefix(q.action, "Describe") || strings.HasPrefix(q.action, "Get") {
		return q.action, bucketSize{100, 20}
	}
	return q.action, bucketSize{50, 5}
}

// elbBucket chooses the bucket of a Classic Load Balancer request: the actions
// of a category share one.
func elbBucket(action string) (string, bucketSize) {
	switch action {
	case "RegisterInstancesWithLoadBalancer", "DeregisterInstancesFromLoadBalancer":
		return "elb registration", bucketSize{20, 4}
	case "CreateLoadBalancer", "AttachLoadBalancerToSubnets", "DetachLoadBalancerFromSubnets":
		return "elb resource-intensive", bucketSize{10, 0.2}
	}
	if strings.HasPrefix(action, "Describe") {
		return "elb describe", bucketSize{40, 10}
	}
	return "elb mutating", bucketSize{20, 3}
}

func (s *Server) now() time.Time {
	if s.config.Throttle.Now == nil {
		return s.clock.now()
	}
	return s.config.Throttle.Now()
}

// full tells whether a bucket has a token, without taking it.
func (s *Server) full(key bucketKey, size bucketSize) bool {
	now := s.now()
	b := s.buckets[key]
	if b == nil {
		b = &bucket{tokens: size.capacity, at: now}
		s.buckets[key] = b
	}
	b.tokens = min(size.capacity, b.tokens+now.Sub(b.at).Seconds()*size.refill)
	b.at = now
	return b.tokens >= 1
}

func (s *Server) take(key bucketKey, size bucketSize) bool {
	if !s.full(key, size) {
		return false
	}
	s.buckets[key].tokens--
	return true
}
