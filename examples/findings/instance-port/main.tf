data "clb_load_balancer" "web" {
  name = "my-loadbalancer"
}

resource "clb_instance_ingress_rules" "web" {
  security_group_id = "sg-0fedcba9876543210"
  load_balancers    = [data.clb_load_balancer.web]

  ingress = {
    web      = { ip_protocol = "tcp", from_port = 443, to_port = 443, referenced_security_group_id = "sg-0123456789abcdef0" }
    health   = { ip_protocol = "tcp", from_port = 8081, to_port = 8081, referenced_security_group_id = "sg-0123456789abcdef0" }
    path_mtu = { ip_protocol = "icmp", from_port = 3, to_port = 4, referenced_security_group_id = "sg-0123456789abcdef0" }
  }
}
