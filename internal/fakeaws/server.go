// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

// Package fakeaws is a strict in-memory double of the parts of Amazon EC2,
// Classic Elastic Load Balancing and AWS STS that a Classic Load Balancer is
// wired with. It speaks the real query protocols over HTTP, so the unmodified
// AWS SDK is its client, and it refuses what AWS refuses: where AWS documents
// two readings, or none, it takes the stricter one and a comment says so.
//
// One endpoint serves all services. State is kept per account and region, both
// taken from the request's credential scope; every identifier comes from a
// counter of the server, so that equal runs see equal identifiers.
package fakeaws

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// Names of the services in [Call], as in the SigV4 credential scope.
const (
	ServiceEC2 = "ec2"
	ServiceELB = "elasticloadbalancing"
	ServiceSTS = "sts"
)

const defaultAccountID = "123456789012"

// Config sets up a [Server]. The zero value is a strict account with the
// default quotas, without throttling, in which everything is visible at once.
type Config struct {
	// AccountID owns what is made with credentials that no role handed out.
	// Twelve digits; empty means 123456789012.
	AccountID string
	// Quotas of every account and region; a zero field means its default.
	Quotas Quotas
	// VisibilityLag hides a new security group, security group rule, network
	// ACL or network ACL entry from the next VisibilityLag describe calls that
	// would have shown it. It counts calls, never time.
	VisibilityLag int
	// Classic gives every account EC2-Classic, the network outside of any VPC, as
	// accounts of before December 2013 had it until AWS retired it. There is no
	// default VPC then.
	Classic bool
	// Throttle limits the rate of calls; nil means no limit.
	Throttle *Throttle
	// Latency is how long every call takes before anything happens.
	Latency time.Duration
	// Speed is how many seconds pass in the double, for Latency and Throttle, in
	// a second; 0 means one.
	Speed float64
}

// Quotas are the limits of an account in a region. A zero field means the
// default that AWS documents.
type Quotas struct {
	// RulesPerGroup bounds the rules of a security group for each direction and
	// address family (default 60). A group reference counts in both families
	// and a prefix list as much as its MaxEntries.
	RulesPerGroup int
	// RulesPerClassicGroup bounds the rules of a security group in EC2-Classic
	// (default 100).
	RulesPerClassicGroup int
	// GroupsPerInterface bounds the security groups of a network interface and
	// of a load balancer (default 5).
	GroupsPerInterface int
	// GroupsPerRegion bounds the security groups of a region (default 2500).
	GroupsPerRegion int
	// EntriesPerACL bounds the entries of a network ACL for each direction and
	// address family (default 20), the default deny entry included.
	EntriesPerACL int
	// ACLsPerVPC bounds the network ACLs of a VPC (default 200).
	ACLsPerVPC int
	// CIDRBlocksPerVPC bounds the IPv4 CIDR blocks of a VPC (default 5).
	CIDRBlocksPerVPC int
	// LoadBalancers bounds the Classic Load Balancers of a region (default 20).
	LoadBalancers int
	// ListenersPerLoadBalancer bounds the listeners of a load balancer (default 100).
	ListenersPerLoadBalancer int
	// InstancesPerLoadBalancer bounds the registered instances (default 1000).
	InstancesPerLoadBalancer int
}

func (q Quotas) withDefaults() Quotas {
	for _, d := range []struct {
		field *int
		value int
	}{
		{&q.RulesPerGroup, 60},
		{&q.RulesPerClassicGroup, 100},
		{&q.GroupsPerInterface, 5},
		{&q.GroupsPerRegion, 2500},
		{&q.EntriesPerACL, 20},
		{&q.ACLsPerVPC, 200},
		{&q.CIDRBlocksPerVPC, 5},
		{&q.LoadBalancers, 20},
		{&q.ListenersPerLoadBalancer, 100},
		{&q.InstancesPerLoadBalancer, 1000},
	} {
		if *d.field == 0 {
			*d.field = d.value
		}
	}
	return q
}

// Call is one request that reached the server.
type Call struct {
	// Index counts from 0 since the start or the last [Server.ResetCalls].
	Index int
	// Service is one of the Service constants, empty when it was not recognised.
	Service string
	// Action is the API operation, e.g. AuthorizeSecurityGroupIngress.
	Action string
	// Region is the region of the credential scope.
	Region string
	// UserAgent is what the client says of itself.
	UserAgent string
	// Params are the decoded parameters of the request, Action and Version included.
	Params url.Values
	// Status is the HTTP status of the answer; 0 means that none was sent (yet).
	Status int
	// ErrorCode is the AWS error code of the answer, empty for a success.
	ErrorCode string
}

// Write says whether the operation changes the state of an account. STS
// operations hand out credentials but change nothing.
func (c Call) Write() bool {
	if c.Service == ServiceSTS {
		return false
	}
	return !strings.HasPrefix(c.Action, "Describe") && !strings.HasPrefix(c.Action, "Get")
}

// Server is the double. It is an [http.Handler] with state and is safe for
// concurrent use.
type Server struct {
	config Config
	quotas Quotas
	clock  clock
	ec2    map[string]operation
	elb    map[string]operation
	sts    map[string]operation

	mu       sync.Mutex
	worlds   map[scope]*world
	sessions map[string]session
	counters map[string]uint64
	peerings []peering
	calls    []Call
	epoch    int
	faults   []*injectedFault
	buckets  map[bucketKey]*bucket
	requests uint64

	listening sync.Mutex
	listener  net.Listener
	http      *http.Server
}

// New returns a server with no resources in any account.
func New(cfg Config) *Server {
	if cfg.AccountID == "" {
		cfg.AccountID = defaultAccountID
	}
	return &Server{
		config:   cfg,
		quotas:   cfg.Quotas.withDefaults(),
		clock:    newClock(cfg.Speed),
		ec2:      ec2Operations(),
		elb:      elbOperations(),
		sts:      stsOperations(),
		worlds:   map[scope]*world{},
		sessions: map[string]session{},
		counters: map[string]uint64{},
		buckets:  map[bucketKey]*bucket{},
	}
}

// Start serves the double on a free loopback port and returns its base URL.
// A second Start without a Close in between is an error.
func (s *Server) Start() (string, error) {
	s.listening.Lock()
	defer s.listening.Unlock()
	if s.listener != nil {
		return "", errors.New("the server is started already")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("listening on loopback: %w", err)
	}
	s.listener = listener
	s.http = &http.Server{Handler: s, ReadHeaderTimeout: time.Minute}
	go func(server *http.Server) { _ = server.Serve(listener) }(s.http)
	return "http://" + listener.Addr().String(), nil
}

// Close stops what Start began and drops open connections. The state stays.
func (s *Server) Close() {
	s.listening.Lock()
	defer s.listening.Unlock()
	if s.http != nil {
		_ = s.http.Close()
	}
	s.http, s.listener = nil, nil
}

// Calls returns the record of all calls in their order of arrival.
func (s *Server) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.calls)
}

// ResetCalls empties the record. A call that is being served at this moment is
// not recorded.
func (s *Server) ResetCalls() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = nil
	s.epoch++
}

// ServeHTTP answers one AWS request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	query, refusal := parseRequest(r)
	s.mu.Lock()
	call := Call{Service: query.service, Action: query.action, Region: query.region, UserAgent: r.UserAgent(), Params: query.params}
	call.Index = len(s.calls)
	epoch := s.epoch
	s.calls = append(s.calls, call)
	s.requests++
	requestID := fmt.Sprintf("00000000-0000-4000-8000-%012x", s.requests)
	faults := s.takeFaults(call)
	s.mu.Unlock()

	reply := s.serve(r, query, refusal, call, faults)
	if reply.cut {
		// The handler's abort closes the connection without an answer.
		panic(http.ErrAbortHandler)
	}
	s.mu.Lock()
	if s.epoch == epoch {
		s.calls[call.Index].Status = reply.status
		s.calls[call.Index].ErrorCode = reply.code
	}
	s.mu.Unlock()
	w.Header().Set("Content-Type", "text/xml;charset=UTF-8")
	w.Header().Set("X-Amzn-Requestid", requestID)
	w.WriteHeader(reply.status)
	_, _ = w.Write(reply.body(query, requestID))
}

// serve runs the faults that were taken for this call around its effect.
func (s *Server) serve(r *http.Request, query query, refusal error, call Call, faults []Fault) reply {
	if left := s.clock.wait(r.Context(), s.config.Latency); left {
		return reply{cut: true}
	}
	for _, fault := range faults {
		if before, done := fault.before(r, call); done {
			return before
		}
	}
	result := reply{status: http.StatusOK}
	err := refusal
	if err == nil {
		s.mu.Lock()
		err = s.throttled(query)
		if err == nil {
			result.result, err = s.execute(query)
		}
		if err == nil {
			// Encoded under the lock: results may share memory with the state.
			result.payload, err = encode(result.result)
		}
		s.mu.Unlock()
	}
	if err != nil {
		result = replyError(err)
	}
	for _, fault := range faults {
		result = fault.after(r, call, result)
	}
	return result
}

// execute validates the parameters and runs the operation. The server is locked.
func (s *Server) execute(q query) (any, error) {
	operations := s.ec2
	switch q.service {
	case ServiceELB:
		operations = s.elb
	case ServiceSTS:
		operations = s.sts
	}
	op, ok := operations[q.action]
	if !ok {
		return nil, fail("InvalidAction", "The action %s is not valid for this web service.", q.action)
	}
	if err := op.check(q); err != nil {
		return nil, err
	}
	caller, err := s.caller(q)
	if err != nil {
		return nil, err
	}
	w := s.world(scope{caller.account, q.region})
	w.caller = caller
	f := form{q.params}
	if q.service == ServiceEC2 && f.flag("DryRun") {
		return nil, fail("DryRunOperation", "Request would have succeeded, but DryRun flag is set.")
	}
	return w.once(q, f, func() (any, error) { return op.run(w, f) })
}
