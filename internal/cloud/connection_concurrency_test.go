// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/hashicorp/terraform-plugin-log/tflogtest"
)

// TestConcurrentRequestsStayApart: at the most talkative log level, each of
// many requests at once arrives as it was sent and gets its own answer. A
// request logger that hands a shared buffer on too early fails this.
func TestConcurrentRequestsStayApart(t *testing.T) {
	hermetic(t)
	var mu sync.Mutex
	arrived := map[string]int{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		form, parseErr := url.ParseQuery(string(body))
		asked := form.Get("Filter.1.Value.1")
		mu.Lock()
		arrived[asked]++
		mu.Unlock()
		if err != nil || parseErr != nil || form.Get("Action") != "DescribeSecurityGroups" {
			http.Error(w, "not the request that was sent", http.StatusBadRequest)
			return
		}
		_, _ = fmt.Fprintf(w, `<DescribeSecurityGroupsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><securityGroupInfo><item><groupId>%s</groupId></item></securityGroupInfo></DescribeSecurityGroupsResponse>`, asked)
	}))
	defer server.Close()
	s := testSettings()
	s.Endpoints.EC2 = server.URL
	s.MaxRetries = 1
	client := connect(t, s).EC2("")

	const parallel, rounds = 8, 25
	var work sync.WaitGroup
	for worker := range parallel {
		work.Go(func() {
			ctx := tflogtest.RootLogger(t.Context(), &bytes.Buffer{})
			for round := range rounds {
				id, name := fmt.Sprintf("sg-%08x", worker*rounds+round), "group-id"
				answer, err := client.DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{Filters: []types.Filter{{Name: &name, Values: []string{id}}}})
				if err != nil {
					t.Errorf("%s: %s", id, err)
					return
				}
				if len(answer.SecurityGroups) != 1 || *answer.SecurityGroups[0].GroupId != id {
					t.Errorf("asked for %s, got %v", id, answer.SecurityGroups)
				}
			}
		})
	}
	work.Wait()
	if len(arrived) != parallel*rounds {
		t.Errorf("%d different requests arrived, want %d", len(arrived), parallel*rounds)
	}
}
