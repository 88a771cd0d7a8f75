import {
  to = clb_load_balancer_security_groups.web
  id = "my-loadbalancer"
}
