// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// attempts watches the attempts that the SDK makes of one call. The SDK repeats
// a call whose answer was lost, and AWS then refuses the repetition because the
// first attempt has done the work: "exists already", or "does not exist" for
// what is to be removed. Only the caller can tell that this refusal is a success.
type attempts struct {
	// lost tells whether an attempt was sent and AWS may have carried it out
	// without telling.
	lost bool
}

// ec2 watches a call of EC2.
func (a *attempts) ec2(o *ec2.Options) { o.APIOptions = append(o.APIOptions, a.watch) }

// elb watches a call of Elastic Load Balancing.
func (a *attempts) elb(o *elb.Options) { o.APIOptions = append(o.APIOptions, a.watch) }

// settling bounds how long a run that was cancelled goes on asking AWS what
// became of its last call.
const settling = 10 * time.Second

// aftermath is the context in which to find out what became of a call. A run
// that was cancelled while AWS carried the call out has to know it all the same:
// what nobody knows of is never removed.
func aftermath(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), settling)
}

// watch puts itself behind the SDK's retries and signing, so that it sees every
// single attempt that is sent.
func (a *attempts) watch(stack *middleware.Stack) error {
	return stack.Finalize.Add(middleware.FinalizeMiddlewareFunc("WatchAttempts",
		func(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (middleware.FinalizeOutput, middleware.Metadata, error) {
			out, metadata, err := next.HandleFinalize(ctx, in)
			if err != nil && !refused(err) {
				a.lost = true
			}
			return out, metadata, err
		}), middleware.After)
}

// refused tells whether AWS has answered that it did not do what was asked. No
// answer, and a fault of AWS itself, leave that open; throttling does not.
func refused(err error) bool {
	api, answered := apiError(err)
	if !answered {
		return false
	}
	var response *smithyhttp.ResponseError
	faulty := errors.As(err, &response) && response.HTTPStatusCode() >= http.StatusInternalServerError
	return !faulty || throttled(api.ErrorCode())
}
