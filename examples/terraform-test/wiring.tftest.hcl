# Run with: terraform test

run "everything_gets_through" {
  assert {
    condition     = data.clb_wiring.web.verdict == "proved"
    error_message = data.clb_wiring.web.report
  }

  assert {
    condition     = length([for finding in data.clb_wiring.web.findings : finding if finding.severity != "report"]) == 0
    error_message = data.clb_wiring.web.report
  }
}

run "a_deny_of_the_health_check_would_be_found" {
  command = plan

  variables {
    planned_entries = [
      {
        network_acl_id = "acl-0fedcba9876543210"
        rule_number    = 90
        egress         = false
        protocol       = "tcp"
        rule_action    = "deny"
        cidr_block     = "10.0.0.0/8"
        from_port      = 8081
        to_port        = 8081
      },
    ]
  }

  assert {
    condition     = data.clb_wiring.web.findings[0].id == "CLB103"
    error_message = data.clb_wiring.web.report
  }
}
