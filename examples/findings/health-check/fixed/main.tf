data "clb_load_balancer" "web" {
  name = "my-loadbalancer"
}

resource "clb_instance_ingress_rules" "web" {
  security_group_id = "sg-0fedcba9876543210"
  load_balancers    = [data.clb_load_balancer.web]

  ingress = {
    web      = { ip_protocol = "tcp", from_port = 8443, to_port = 8443, referenced_security_group_id = "sg-0123456789abcdef0" }
    health   = { ip_protocol = "tcp", from_port = 8081, to_port = 8081, referenced_security_group_id = "sg-0123456789abcdef0" }
    path_mtu = { ip_protocol = "icmp", from_port = 3, to_port = 4, referenced_security_group_id = "sg-0123456789abcdef0" }
  }
}

resource "clb_network_acl_entries" "web" {
  network_acl_id  = "acl-0fedcba9876543210"
  subnet_roles    = ["private_instance"]
  load_balancers  = [data.clb_load_balancer.web]
  vpc_cidr_blocks = data.clb_load_balancer.web.vpc_cidr_blocks
}
