data "clb_load_balancer" "web" {
  name = "my-loadbalancer"
}

resource "clb_load_balancer_rules" "web" {
  security_group_id = "sg-0123456789abcdef0"
  load_balancers    = [data.clb_load_balancer.web]
}
