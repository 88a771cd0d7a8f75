import {
  to = clb_network_acl_entries.load_balancer_subnets
  identity = {
    network_acl_id = "acl-0123456789abcdef0"
  }
}
