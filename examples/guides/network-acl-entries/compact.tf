data "clb_load_balancer" "web" {
  name = "my-loadbalancer"
}

resource "clb_network_acl_entries" "load_balancer_subnets" {
  network_acl_id  = "acl-0123456789abcdef0"
  subnet_roles    = ["load_balancer"]
  load_balancers  = [data.clb_load_balancer.web]
  vpc_cidr_blocks = data.clb_load_balancer.web.vpc_cidr_blocks

  compact = true
}
