data "clb_load_balancer" "web" {
  name = "my-loadbalancer"
}

resource "clb_network_acl_entries" "web" {
  network_acl_id  = "acl-0123456789abcdef0"
  subnet_roles    = ["load_balancer"]
  load_balancers  = [data.clb_load_balancer.web]
  vpc_cidr_blocks = data.clb_load_balancer.web.vpc_cidr_blocks

  additional_ingress = {
    abuse = { rule_number = 50, rule_action = "deny", protocol = "tcp", from_port = 443, to_port = 443, cidr_block = "203.0.113.0/24" }
  }

  accept = [{
    finding = "client-listener"
    cidr    = "203.0.113.0/24"
    reason  = "abusive network, blocked on purpose"
  }]
}
