// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package acceptance

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Why a test runs on the double alone.
const (
	faults  = "only the double can make a call fail"
	records = "only the double records the calls"
	quotas  = "needs a quota that the double can be given"
	sweeps  = "sweeping would take the worlds of other tests"
	classic = "AWS has retired EC2-Classic, and moto never had it"
	regions = "the double and moto have every region empty; the sweepers of AWS go through one"
)

// onDoubleOnly are the tests that run on the double alone.
func onDoubleOnly() map[string]string {
	return map[string]string{
		"TestCreateThatFailsRollsBack":        faults,
		"TestRollBackThatFails":               faults,
		"TestRollBackMessageNamesWhatRemains": faults,
		"TestUpdateThatFails":                 faults,
		"TestDeleteThatFails":                 faults,
		"TestAnswersThatAreLost":              faults,
		"TestTagsThatCannotBeSet":             faults,
		"TestWiringReadsDenied":               faults,
		"TestRevokeThatFails":                 faults,
		"TestRevokeEntriesThatFails":          faults,
		"TestRevokeInPart":                    faults,
		"TestMoveThatFails":                   faults,
		"TestCostOfTheScenario":               records,
		"BenchmarkScenario":                   records,
		"TestQuotaWarningDoesNotStop":         quotas,
		"TestSweepersLeaveNothing":            sweeps,
		"TestClassicLockDown":                 classic,
		"TestClassicSteps":                    classic,
		"TestClassicImport":                   classic,
		"TestClassicCreateThatFails":          classic,
		"TestClassicInAVPC":                   classic,
		"TestClassicRevokeBroader":            classic,
	}
}

// motoCannot are the tests of what moto does not do.
func motoCannot() map[string]string {
	return map[string]string{
		"TestImportPathMTUDiscovery":           "moto loses the ICMP type and code of network ACL entries",
		"TestPathMTUDiscoveryEntries":          "moto loses the ICMP type and code of network ACL entries",
		"TestWrittenEntries":                   "moto loses the ICMP type and code of network ACL entries",
		"TestRefutedByTheLiveWorld":            "moto loses the ICMP type and code of network ACL entries",
		"TestWrittenRules":                     "moto does not tell the description of a rule whose peer is a security group",
		"TestWrittenRulesOfEveryKind":          "moto takes rules of one protocol and different kinds of peers for duplicates",
		"TestWrittenRuleChangedBehind":         "moto demands ports of every protocol when a rule is modified",
		"TestRestoreOfALoadBalancerThatIsGone": "moto answers 500 to ApplySecurityGroupsToLoadBalancer when the load balancer does not exist",
	}
}

// notOnAWS are the tests that AWS itself is not for.
func notOnAWS() map[string]string {
	return map[string]string{"TestAnotherRegion": regions}
}

// skip skips a test that cannot run on the backend, by its name and with the reason.
func skip(t testing.TB) {
	t.Helper()
	if reason, only := onDoubleOnly()[t.Name()]; only && (onMoto() || onAWS()) {
		t.Skip("on the double only: " + reason)
	}
	if reason, cannot := motoCannot()[t.Name()]; cannot && onMoto() {
		t.Skip("not on moto: " + reason)
	}
	if reason, cannot := notOnAWS()[t.Name()]; cannot && onAWS() {
		t.Skip("not on AWS: " + reason)
	}
}

// TestSkippedTestsExist keeps the names above true.
func TestSkippedTestsExist(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	var sources strings.Builder
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		sources.Write(source)
	}
	for _, names := range []map[string]string{onDoubleOnly(), motoCannot(), notOnAWS()} {
		for name := range names {
			if !strings.Contains(sources.String(), "\nfunc "+name+"(") {
				t.Errorf("there is no test %s to skip", name)
			}
		}
	}
}
