// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"io"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// wholeBody hides the WriterTo of request bodies. The SDK closes a request body
// as soon as the headers of the answer arrive; a closed body that is still
// being written by its WriterTo looks to net/http like a failed write, and it
// closes the connection under the reader of the answer. What looks like a lost
// answer is retried, and a retried Authorize ends in InvalidPermission.Duplicate.
// See https://github.com/aws/aws-sdk-go-v2/issues/1825.
type wholeBody struct{ next aws.HTTPClient }

// Do sends a request.
func (c wholeBody) Do(r *http.Request) (*http.Response, error) {
	if r.Body != nil && r.Body != http.NoBody {
		r.Body = struct{ io.ReadCloser }{r.Body}
	}
	return c.next.Do(r)
}
