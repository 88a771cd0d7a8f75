// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"maps"
	"math/big"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing/types"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/terraform-clb/terraform-provider-clb/internal/acceptance/world"
	"github.com/terraform-clb/terraform-provider-clb/internal/fakeaws"
)

// dataSourceDouble is the test double and the SDK clients that furnish it.
type dataSourceDouble struct {
	*fakeaws.Server
	t   testing.TB
	url string
	ec2 *ec2.Client
	elb *elb.Client
	// options are those of the providers that read.
	options []Option
}

// startDataSourceDouble starts a double and takes away what this machine knows
// of AWS.
func startDataSourceDouble(t testing.TB, config fakeaws.Config) *dataSourceDouble {
	t.Helper()
	noAWSEnvironment(t)
	server := fakeaws.New(config)
	url, err := server.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	d := &dataSourceDouble{Server: server, t: t, url: url}
	d.ec2, d.elb = d.clients("us-east-1")
	return d
}

func (d *dataSourceDouble) clients(region string) (*ec2.Client, *elb.Client) {
	sdk := aws.Config{
		Region: region, BaseEndpoint: aws.String(d.url), HTTPClient: fakeaws.HTTPClient(),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "AKIAEXAMPLE", SecretAccessKey: "secret"}, nil
		}),
	}
	return ec2.NewFromConfig(sdk), elb.NewFromConfig(sdk)
}

// made is for calls that have to succeed.
func made[T any](out T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
}

// block is the provider block that reaches the double.
func (d *dataSourceDouble) block(more blockValues) blockValues {
	block := blockValues{
		"region": "us-east-1", "access_key": "AKIAEXAMPLE", "secret_key": "secret", "max_retries": 1,
		"endpoints": blockValues{"ec2": d.url, "elb": d.url, "sts": d.url},
	}
	maps.Copy(block, more)
	return block
}

// read reads a data source as Terraform does, with an empty record of calls to
// begin with.
func (d *dataSourceDouble) read(typeName string, block, config blockValues) (map[string]any, []*tfprotov6.Diagnostic) {
	d.t.Helper()
	d.ResetCalls()
	ctx := d.t.Context()
	server := providerserver.NewProtocol6(New("test", d.options...)())()
	dynamic := func(value tftypes.Value) *tfprotov6.DynamicValue {
		d.t.Helper()
		out := made(tfprotov6.NewDynamicValue(value.Type(), value))(d.t)
		return &out
	}
	configured := made(server.ConfigureProvider(ctx, &tfprotov6.ConfigureProviderRequest{Config: dynamic(providerBlock(d.t, block).Raw)}))(d.t)
	schemas := made(server.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{}))(d.t)
	typ := schemas.DataSourceSchemas[typeName].ValueType()
	value := dynamic(terraformValue(d.t, typ, config))
	valid := made(server.ValidateDataResourceConfig(ctx, &tfprotov6.ValidateDataResourceConfigRequest{TypeName: typeName, Config: value}))(d.t)
	diags := slices.Concat(schemas.Diagnostics, configured.Diagnostics, valid.Diagnostics)
	if len(diags) > 0 {
		return nil, diags
	}
	resp := made(server.ReadDataSource(ctx, &tfprotov6.ReadDataSourceRequest{TypeName: typeName, Config: value}))(d.t)
	if slices.ContainsFunc(resp.Diagnostics, func(d *tfprotov6.Diagnostic) bool { return d.Severity == tfprotov6.DiagnosticSeverityError }) {
		return nil, resp.Diagnostics
	}
	state, ok := plainTerraform(d.t, made(resp.State.Unmarshal(typ))(d.t)).(map[string]any)
	if !ok {
		d.t.Fatal("there is no state")
	}
	return state, resp.Diagnostics
}

// readClean is read without any diagnostic.
func (d *dataSourceDouble) readClean(typeName string, config blockValues) map[string]any {
	d.t.Helper()
	state, diags := d.read(typeName, d.block(nil), config)
	if len(diags) > 0 {
		d.t.Fatal(saidBy(diags))
	}
	return state
}

// counts are the calls of the record by action.
func (d *dataSourceDouble) counts() map[string]int {
	counts := map[string]int{}
	for _, call := range d.Calls() {
		counts[call.Action]++
	}
	return counts
}

func saidBy(diags []*tfprotov6.Diagnostic) string {
	said := ""
	for _, d := range diags {
		said += fmt.Sprintf("%s at %v: %s: %s\n", d.Severity, d.Attribute, d.Summary, d.Detail)
	}
	return said
}

// plainTerraform turns a value into maps, lists, flags and texts. Sets are
// lists in the order of their texts, numbers are texts.
func plainTerraform(t testing.TB, value tftypes.Value) any {
	t.Helper()
	if value.IsNull() {
		return nil
	}
	elements := func() []any {
		var values []tftypes.Value
		made(0, value.As(&values))(t)
		all := []any{}
		for _, v := range values {
			all = append(all, plainTerraform(t, v))
		}
		return all
	}
	switch typ := value.Type(); {
	case typ.Is(tftypes.Object{}), typ.Is(tftypes.Map{}):
		var values map[string]tftypes.Value
		made(0, value.As(&values))(t)
		all := map[string]any{}
		for name, v := range values {
			all[name] = plainTerraform(t, v)
		}
		return all
	case typ.Is(tftypes.Set{}):
		all := elements()
		slices.SortFunc(all, func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
		return all
	case typ.Is(tftypes.List{}), typ.Is(tftypes.Tuple{}):
		return elements()
	case typ.Is(tftypes.Bool):
		var b bool
		made(0, value.As(&b))(t)
		return b
	case typ.Is(tftypes.Number):
		var n big.Float
		made(0, value.As(&n))(t)
		return n.String()
	default:
		var text string
		made(0, value.As(&text))(t)
		return text
	}
}

// setOf is a set of strings as plainTerraform shows it.
func setOf(values ...string) []any {
	all := []any{}
	for _, v := range slices.Sorted(slices.Values(values)) {
		all = append(all, v)
	}
	return all
}

type object = map[string]any

// wantAttributes compares some attributes.
func wantAttributes(t *testing.T, got map[string]any, want object) {
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if _, there := got[name]; !there {
			t.Errorf("there is no attribute %s", name)
		}
		if !reflect.DeepEqual(got[name], want[name]) {
			t.Errorf("%s:\n got %v\nwant %v", name, got[name], want[name])
		}
	}
}

// furnish makes a world with two load balancers, web and web-internal.
func (d *dataSourceDouble) furnish() *world.World {
	d.t.Helper()
	return made(world.Make(d.t.Context(), d.ec2, d.elb, world.Plan{
		Name: "web", CIDRBlocks: []string{"10.0.0.0/16", "10.7.0.0/16"}, Image: "ami-0123456789abcdef0", HealthCheckTarget: "HTTP:8081/healthz",
		Listeners: [][2]int32{{80, 8080}, {443, 8443}}, InternalListeners: [][2]int32{{9000, 9000}},
	}))(d.t)
}

func (d *dataSourceDouble) subnet(vpc, cidr, zone string) string {
	d.t.Helper()
	return *made(d.ec2.CreateSubnet(d.t.Context(), &ec2.CreateSubnetInput{VpcId: &vpc, CidrBlock: &cidr, AvailabilityZone: &zone}))(d.t).Subnet.SubnetId
}

// run starts an instance with one network interface for each pair of subnet and group.
func (d *dataSourceDouble) run(interfaces ...[2]string) ec2types.Instance {
	d.t.Helper()
	in := &ec2.RunInstancesInput{ImageId: aws.String("ami-0123456789abcdef0"), MinCount: aws.Int32(1), MaxCount: aws.Int32(1)}
	for i, at := range interfaces {
		in.NetworkInterfaces = append(in.NetworkInterfaces, ec2types.InstanceNetworkInterfaceSpecification{
			DeviceIndex: aws.Int32(int32(i)), SubnetId: &at[0], Groups: []string{at[1]},
		})
	}
	return made(d.ec2.RunInstances(d.t.Context(), in))(d.t).Instances[0]
}

func (d *dataSourceDouble) register(name string, ids ...string) {
	d.t.Helper()
	in := &elb.RegisterInstancesWithLoadBalancerInput{LoadBalancerName: &name}
	for _, id := range ids {
		in.Instances = append(in.Instances, elbtypes.Instance{InstanceId: &id})
	}
	made(d.elb.RegisterInstancesWithLoadBalancer(d.t.Context(), in))(d.t)
}

func (d *dataSourceDouble) defaultACL(vpc string) string {
	d.t.Helper()
	for _, acl := range d.NetworkACLs("us-east-1") {
		if acl.VPCID == vpc && acl.Default {
			return acl.ID
		}
	}
	d.t.Fatal("the VPC has no default network ACL")
	return ""
}
