data "clb_load_balancer" "web" {
  name = "my-loadbalancer"
}

resource "clb_load_balancer_security_groups" "web" {
  load_balancer_name = data.clb_load_balancer.web.name
  security_groups    = ["sg-0123456789abcdef0"]
}

resource "clb_load_balancer_rules" "web" {
  security_group_id = "sg-0123456789abcdef0"
  load_balancers    = [merge(data.clb_load_balancer.web, { security_groups = ["sg-0123456789abcdef0"] })]
}
