data "clb_load_balancer" "web" {
  name = "my-loadbalancer"
}

resource "clb_load_balancer_rules" "web" {
  security_group_id = "sg-0123456789abcdef0"
  load_balancers    = [data.clb_load_balancer.web]

  ingress = {
    http  = { ip_protocol = "tcp", from_port = 80, to_port = 80, cidr_ipv4 = "0.0.0.0/0" }
    https = { ip_protocol = "tcp", from_port = 443, to_port = 443, cidr_ipv4 = "0.0.0.0/0" }
  }
}
