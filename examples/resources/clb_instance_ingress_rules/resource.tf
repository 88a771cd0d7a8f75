data "clb_load_balancer" "web" {
  name = "my-loadbalancer"
}

data "clb_load_balancer" "internal" {
  name = "my-loadbalancer-internal"
}

# Two load balancers send to the instances that carry this group. Each is admitted on its own ports only.
resource "clb_instance_ingress_rules" "instances" {
  security_group_id = "sg-0fedcba9876543210"
  load_balancers    = [data.clb_load_balancer.web, data.clb_load_balancer.internal]
}
