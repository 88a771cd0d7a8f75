import {
  to = clb_network_acl_entries.load_balancer_subnets
  id = "acl-0123456789abcdef0/load_balancer/my-loadbalancer"
}
