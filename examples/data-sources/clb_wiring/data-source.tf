# Is the load balancer wired as AWS recommends? Who manages the rules does not matter.
data "clb_wiring" "web" {
  load_balancer_name = "my-loadbalancer"

  # Who is meant to reach it.
  clients = [
    { lb_ports = [80], cidr_blocks = ["0.0.0.0/0"] },
    { lb_ports = [443], cidr_blocks = ["198.51.100.0/24", "203.0.113.0/24"] },
  ]

  # What is known and stays.
  accept = [
    { finding = "path-mtu-discovery", reason = "no jumbo frames between load balancer and instances" },
  ]

  # Rules that hashicorp/aws is about to write. With resources:
  # network_acl_rules = [aws_network_acl_rule.web]
  planned_rules = {
    network_acl_rules = [
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
}

# "proved", "refuted" or "undecided".
output "verdict" {
  value = data.clb_wiring.web.verdict
}

# Markdown for a pull request.
output "report" {
  value = data.clb_wiring.web.report
}
