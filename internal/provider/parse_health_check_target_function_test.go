// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"reflect"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// call calls a function of the provider, which is not configured, as Terraform
// does.
func (s *testServer) call(name string, arguments ...tftypes.Value) (tftypes.Value, *tfprotov6.FunctionError) {
	s.t.Helper()
	declared := made(s.GetProviderSchema(s.t.Context(), &tfprotov6.GetProviderSchemaRequest{}))(s.t).Functions[name]
	if declared == nil {
		s.t.Fatalf("there is no function %s", name)
	}
	req := &tfprotov6.CallFunctionRequest{Name: name}
	for i, argument := range arguments {
		dynamic := made(tfprotov6.NewDynamicValue(declared.Parameters[i].Type, argument))(s.t)
		req.Arguments = append(req.Arguments, &dynamic)
	}
	resp := made(s.CallFunction(s.t.Context(), req))(s.t)
	if resp.Error != nil {
		return tftypes.Value{}, resp.Error
	}
	return made(resp.Result.Unmarshal(declared.Return.Type))(s.t), nil
}

// wantArgumentError compares an error with the argument that it is about and
// words of its text.
func wantArgumentError(t *testing.T, err *tfprotov6.FunctionError, argument int64, words ...string) {
	t.Helper()
	if err == nil {
		t.Fatal("there is no error")
	}
	t.Log(err.Text)
	if err.FunctionArgument == nil || *err.FunctionArgument != argument {
		t.Errorf("the error is not about argument %d: %+v", argument, err)
	}
	for _, word := range words {
		if !strings.Contains(err.Text, word) {
			t.Errorf("%q is not in: %s", word, err.Text)
		}
	}
	// Terraform adds the full stop.
	wantReadable(t, &tfprotov6.Diagnostic{Summary: "-", Detail: err.Text + "."})
}

func TestParseHealthCheckTargetFunction(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	for target, want := range map[string]map[string]any{
		"HTTP:8080/ping":     {"protocol": "HTTP", "port": "8080", "path": "/ping"},
		"https:443/":         {"protocol": "HTTPS", "port": "443", "path": "/"},
		"Tcp:22":             {"protocol": "TCP", "port": "22", "path": nil},
		"SSL:65535":          {"protocol": "SSL", "port": "65535", "path": nil},
		"HTTP:80/a/b?c=d:80": {"protocol": "HTTP", "port": "80", "path": "/a/b?c=d:80"},
	} {
		result, err := s.call("parse_health_check_target", tftypes.NewValue(tftypes.String, target))
		if err != nil {
			t.Errorf("%s: %s", target, err.Text)
			continue
		}
		if got := plainTerraform(t, result); !reflect.DeepEqual(got, any(want)) {
			t.Errorf("%s is %v, want %v", target, got, want)
		}
	}
}

func TestParseHealthCheckTargetFunctionErrors(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	for target, words := range map[string][]string{
		"":              {"no colon"},
		"8080":          {`"8080"`, "no colon"},
		"HTTP:8080":     {"ping path", `did you mean "HTTP:8080/"`},
		"TCP:8080/ping": {"ping path", `did you mean "TCP:8080"`},
		"UDP:53":        {`"UDP"`},
		"HTTP:0/":       {"1 to 65535"},
		"HTTP:x/":       {`"x"`},
	} {
		_, err := s.call("parse_health_check_target", tftypes.NewValue(tftypes.String, target))
		wantArgumentError(t, err, 0, words...)
	}
}
