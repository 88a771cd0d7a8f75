data "clb_load_balancer" "web" {
  name = "my-loadbalancer"
}

resource "clb_instance_ingress_rules" "web" {
  security_group_id = "sg-0aaaabbbbccccdddd"
  load_balancers    = [data.clb_load_balancer.web]
}
