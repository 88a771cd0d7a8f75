import {
  to = clb_instance_ingress_rules.instances
  identity = {
    security_group_id = "sg-0fedcba9876543210"
  }
}
