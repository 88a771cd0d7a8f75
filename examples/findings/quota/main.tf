provider "clb" {
  limits {
    rules_per_security_group = 6
  }
}

data "clb_load_balancer" "web" {
  name = "my-loadbalancer"
}

resource "clb_load_balancer_rules" "web" {
  security_group_id = "sg-0123456789abcdef0"
  load_balancers    = [data.clb_load_balancer.web]

  clients = [{
    cidr_blocks = ["192.0.2.0/26", "192.0.2.128/26", "198.51.100.0/25", "203.0.113.0/26", "203.0.113.128/26"]
  }]
}
