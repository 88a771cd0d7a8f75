// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package fakeaws

import (
	"io"
	"net/http"
)

// HTTPClient is an HTTP client with which an AWS SDK loses no answers of the
// double on a busy machine. The SDK closes a request body as soon as the headers
// of the answer arrive; net/http takes a body that is still being written by its
// WriterTo for broken then and closes the connection, and the SDK sends the call
// once more. See https://github.com/aws/aws-sdk-go-v2/issues/1825.
func HTTPClient() *http.Client {
	return &http.Client{Transport: plainBody{&http.Transport{}}}
}

// plainBody hides the WriterTo of request bodies.
type plainBody struct{ next http.RoundTripper }

func (p plainBody) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil && r.Body != http.NoBody {
		r = r.Clone(r.Context())
		r.Body = struct{ io.ReadCloser }{r.Body}
	}
	return p.next.RoundTrip(r)
}
