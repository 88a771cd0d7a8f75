// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"errors"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing"
)

// offline lets no call out.
type offline struct{}

func (offline) Do(*http.Request) (*http.Response, error) { return nil, errors.New("offline") }

// TestEveryWriteIsCounted: of all operations that this package calls, those that only
// look count as no write, and every other one as a write that has begun and ended, or
// else reads would be answered from before it.
func TestEveryWriteIsCounted(t *testing.T) {
	t.Parallel()
	w := &writes{}
	counted := map[reflect.Type]reflect.Value{
		reflect.TypeFor[EC2API](): reflect.ValueOf(countedEC2{ec2.New(ec2.Options{Region: "eu-west-1", HTTPClient: offline{}, Retryer: aws.NopRetryer{}}), w}),
		reflect.TypeFor[ELBAPI](): reflect.ValueOf(countedELB{elb.New(elb.Options{Region: "eu-west-1", HTTPClient: offline{}, Retryer: aws.NopRetryer{}}), w}),
	}
	for api, client := range counted {
		for i := range api.NumMethod() {
			operation := api.Method(i)
			t.Run(operation.Name, func(t *testing.T) {
				want := uint64(2)
				if strings.HasPrefix(operation.Name, "Describe") || strings.HasPrefix(operation.Name, "Get") {
					want = 0
				}
				before := w.count.Load()
				in := reflect.New(operation.Type.In(1).Elem())
				answer := client.MethodByName(operation.Name).Call([]reflect.Value{reflect.ValueOf(t.Context()), in})
				if err, failed := answer[1].Interface().(error); !failed || err == nil {
					t.Fatal("a call went out")
				}
				if got := w.count.Load() - before; got != want {
					t.Errorf("counted %d, want %d: an operation that writes has to be in written.go", got, want)
				}
			})
		}
	}
}
