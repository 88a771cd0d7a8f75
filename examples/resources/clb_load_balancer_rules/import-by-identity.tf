import {
  to = clb_load_balancer_rules.web
  identity = {
    security_group_id = "sg-0123456789abcdef0"
  }
}
