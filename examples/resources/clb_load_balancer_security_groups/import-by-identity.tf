import {
  to = clb_load_balancer_security_groups.web
  identity = {
    load_balancer_name = "my-loadbalancer"
  }
}
