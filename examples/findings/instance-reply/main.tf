data "clb_load_balancer" "web" {
  name = "my-loadbalancer"
}

resource "clb_network_acl_entries" "web" {
  network_acl_id  = "acl-0fedcba9876543210"
  subnet_roles    = ["private_instance"]
  load_balancers  = [data.clb_load_balancer.web]
  vpc_cidr_blocks = data.clb_load_balancer.web.vpc_cidr_blocks

  egress = {
    replies = { rule_number = 100, rule_action = "allow", protocol = "tcp", from_port = 32768, to_port = 65535, cidr_block = "10.0.0.0/16" }
  }
}
