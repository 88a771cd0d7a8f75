data "clb_load_balancer" "web" {
  name = "my-loadbalancer"
}

resource "clb_network_acl_entries" "load_balancer_subnets" {
  network_acl_id  = "acl-0123456789abcdef0"
  subnet_roles    = ["load_balancer"]
  load_balancers  = [data.clb_load_balancer.web]
  vpc_cidr_blocks = data.clb_load_balancer.web.vpc_cidr_blocks

  additional_ingress = {
    # Without rule_number: the next free number of the block.
    ssh = { protocol = "tcp", from_port = 22, to_port = 22, cidr_block = "10.0.200.0/24" }

    # A deny works only in front of what it cuts.
    abuse = { rule_number = 90, rule_action = "deny", protocol = "tcp", from_port = 443, to_port = 443, cidr_block = "203.0.113.0/24" }
  }

  accept = [{
    finding = "client-listener"
    cidr    = "203.0.113.0/24"
    reason  = "abusive network, blocked on purpose"
  }]
}
