import {
  to = clb_load_balancer_rules.web
  id = "sg-0123456789abcdef0/my-loadbalancer"
}
