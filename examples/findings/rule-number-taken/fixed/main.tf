data "clb_load_balancer" "web" {
  name = "my-loadbalancer"
}

resource "clb_network_acl_entries" "web" {
  network_acl_id    = "acl-0fedcba9876543210"
  subnet_roles      = ["private_instance"]
  load_balancers    = [data.clb_load_balancer.web]
  vpc_cidr_blocks   = data.clb_load_balancer.web.vpc_cidr_blocks
  first_rule_number = 1100
}
