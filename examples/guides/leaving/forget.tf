removed {
  from = clb_load_balancer_rules.web
  lifecycle {
    destroy = false
  }
}

removed {
  from = clb_instance_ingress_rules.web
  lifecycle {
    destroy = false
  }
}

removed {
  from = clb_network_acl_entries.load_balancer_subnets
  lifecycle {
    destroy = false
  }
}

removed {
  from = clb_network_acl_entries.instance_subnets
  lifecycle {
    destroy = false
  }
}
