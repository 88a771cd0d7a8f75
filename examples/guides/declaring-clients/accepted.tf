data "clb_load_balancer" "web" {
  name = "my-loadbalancer"
}

resource "clb_load_balancer_rules" "web" {
  security_group_id = "sg-0123456789abcdef0"
  load_balancers    = [data.clb_load_balancer.web]

  clients = [{ cidr_blocks = ["198.51.100.0/24"] }]

  accept = [{
    finding   = "load-balancer-group-ingress"
    cidr      = "192.0.2.0/24"
    protocol  = "tcp"
    from_port = 443
    to_port   = 443
    reason    = "the old monitoring, which another team manages until it moves"
  }]
}
