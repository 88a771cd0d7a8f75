data "clb_load_balancer" "web" {
  name = "my-loadbalancer"
}

resource "clb_load_balancer_rules" "web" {
  security_group_id = "sg-0123456789abcdef0"
  load_balancers    = [data.clb_load_balancer.web]

  additional_ingress = {
    ssh = { ip_protocol = "tcp", from_port = 22, to_port = 22, cidr_ipv4 = "192.0.2.0/24" }
  }

  accept = [{
    finding = "load-balancer-group-ingress"
    cidr    = "192.0.2.0/24"
    reason  = "SSH for the migration"
    expires = "2026-02-28"
  }]
}
